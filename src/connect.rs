//! From a checked configuration to the two things a command works with: whose rows of
//! the store are ours, and the platform's client with its secret read.

use std::time::Duration;

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use tokio::{sync::mpsc::UnboundedSender, task::JoinHandle};

use crate::{
    api::{self, Client},
    audit::AuditTrail,
    config::{self, Config, ConfigError, DirectoryUse},
    delivery::{self, Inbox, WorkerSettings},
    store::{DirectoryStorage, Erasure, Estate, Limits, Moment, Scope, Store, StoreError},
    submission::Update,
    team::{
        self, Duty, Sending,
        floor::{FloorError, Standing},
        postgres,
    },
};

/// A platform further away than this is not there.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest anybody waits for one answer; well within a claim's life.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);

/// The same where a floor's lease must outlast it.
const FLOOR_CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// Whose rows and whose limit a profile's are, and who types where.
#[must_use]
pub fn scope(config: &Config) -> Scope {
    Scope {
        profile: config.profile.clone(),
        estate: match &config.team {
            // Only the floor knows whose account it is.
            Some(team) if config.host.is_empty() => {
                Estate::of_floor(&team.host, team.port, &team.database)
            }
            Some(_) | None => Estate::new(&config.host, &config.account_id, &config.stream_id),
        },
        limits: Limits { minute: config.requests_per_minute, hour: config.requests_per_hour },
        directory: match config.directory {
            DirectoryUse::OnDisk => DirectoryStorage::OnDisk,
            DirectoryUse::InMemory => DirectoryStorage::InMemory,
            DirectoryUse::Off => DirectoryStorage::Nowhere,
        },
        agent: config.agent.clone(),
        machine: machine(),
    }
}

/// What this machine calls itself.
#[must_use]
pub fn machine() -> String {
    #[cfg(unix)]
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    #[cfg(not(unix))]
    let name = std::env::var("COMPUTERNAME").unwrap_or_default();
    name
}

/// The profile's store, whose changes go into the audit trail.
///
/// # Errors
/// As [`Store::open`].
pub async fn store(config: &Config, at: Moment) -> Result<Store, StoreError> {
    let store = Store::open(&config.store_path(), scope(config), at).await?;
    let store = store.with_audit(audit(config));
    if let Some(days) = config.keep_days {
        forget_old(&store, days, at).await?;
    }
    Ok(store)
}

/// As [`store`], for what delivers nothing: no row changes hands, and nothing is forgotten.
///
/// # Errors
/// As [`Store::open_to_look`].
pub async fn store_to_look(config: &Config, at: Moment) -> Result<Store, StoreError> {
    let store = Store::open_to_look(&config.store_path(), scope(config), at).await?;
    Ok(store.with_audit(audit(config)))
}

/// How often a program that runs on forgets what has grown old meanwhile.
const FORGET_EVERY: Duration = Duration::from_hours(6);

/// From now on what grows older than the profile's `keep_days` is forgotten, until this is
/// aborted.
#[must_use]
pub fn keep_forgetting(
    config: &Config,
    store: &Store,
    now: fn() -> Moment,
) -> Option<JoinHandle<()>> {
    let (days, store) = (config.keep_days?, store.clone());
    Some(tokio::spawn(async move {
        loop {
            tokio::time::sleep(FORGET_EVERY).await;
            if let Err(error) = forget_old(&store, days, now()).await {
                tracing::error!(%error, "what is old was not forgotten");
            }
        }
    }))
}

async fn forget_old(store: &Store, days: u32, at: Moment) -> Result<(), StoreError> {
    let age = SignedDuration::from_hours(24 * i64::from(days));
    let before = at.wall.checked_sub(age).unwrap_or(Timestamp::UNIX_EPOCH);
    let erased = store.erase(Erasure::Before(before), false).await?;
    if erased.is_nothing() { Ok(()) } else { store.forget_erased(false).await }
}

/// The audit trail.
#[must_use]
pub fn audit(config: &Config) -> AuditTrail {
    AuditTrail::open(config.audit_file.as_deref(), &config.agent, &config.profile)
}

/// The way to the profile's platform, its secret read.
///
/// # Errors
/// When the secret cannot be had, or the profile names no usable platform.
pub async fn client(config: &Config) -> Result<Client> {
    let credential = credential(config).await?;
    let again = config.clone();
    let renewal = api::Renewal::new(move || {
        let config = again.clone();
        async move {
            let read = self::credential(&config).await;
            read.inspect_err(|error| tracing::warn!(%error, "the secret cannot be read again")).ok()
        }
    });
    Client::new(api::ClientSettings {
        host: config.host.clone(),
        stream_id: config.stream_id.clone(),
        account_id: config.account_id.clone(),
        credential,
        ca_file: config.ca_file.clone(),
        duplicate_phrases: config.duplicate_phrases.clone(),
        renewal: Some(renewal),
        connect_timeout: CONNECT_TIMEOUT,
        call_timeout: if config.team.is_some() { FLOOR_CALL_TIMEOUT } else { CALL_TIMEOUT },
    })
    .map_err(|error| {
        ConfigError::Profile { profile: config.profile.clone(), problem: error.to_string() }.into()
    })
}

/// Who sends what a profile's store holds.
#[derive(Debug)]
pub enum Deliverer {
    /// This process, by itself.
    Alone(Box<Client>),
    /// The floor, which this store is a seat of.
    Floor(Box<Duty>),
}

/// Who sends for the profile, the secrets read that this takes.
///
/// # Errors
/// As [`client`], and when the database's password cannot be had.
pub async fn deliverer(config: &Config) -> Result<Deliverer> {
    let (Some(team), Some(address)) = (&config.team, team_address(config).await?) else {
        return Ok(Deliverer::Alone(Box::new(client(config).await?)));
    };
    let sending = if team.send {
        let settings = WorkerSettings { max_batch: config.max_batch, ..WorkerSettings::default() };
        // Only while it sends does it know the platform's contacts.
        let scope = Scope { directory: DirectoryStorage::InMemory, ..scope(config) };
        let client = client(config).await?;
        Some(Sending { client, settings, scope, priority: team.priority })
    } else {
        None
    };
    Ok(Deliverer::Floor(Box::new(Duty {
        address,
        account: team_account(config).unwrap_or_default(),
        agent: config.agent.clone(),
        machine: machine(),
        sending,
    })))
}

impl Deliverer {
    /// Delivers until the last handle is dropped.
    pub async fn work(
        self,
        store: Store,
        settings: WorkerSettings,
        updates: UnboundedSender<Update>,
        inbox: Inbox,
    ) {
        match self {
            Self::Alone(client) => delivery::work(store, *client, settings, updates, inbox).await,
            Self::Floor(duty) => Box::pin(team::work(store, *duty, updates, inbox)).await,
        }
    }
}

/// Where the profile's floor has its database, the password read; none without a team.
///
/// # Errors
/// When the password cannot be had.
pub async fn team_address(config: &Config) -> Result<Option<postgres::Address>> {
    let Some(team) = &config.team else { return Ok(None) };
    let password = match &team.password {
        Some(source) => Some(source.resolve(&config.folder).await?),
        None => None,
    };
    Ok(Some(postgres::Address {
        host: team.host.clone(),
        port: team.port,
        database: team.database.clone(),
        user: team.user.clone(),
        password,
        ca_file: team.ca_file.clone(),
        is_encrypted: team.is_remote(),
    }))
}

/// How the floor of the profile stands, or what its database has against that; none without a
/// team.
///
/// # Errors
/// When the password cannot be had.
pub async fn team_standing(
    config: &Config,
    store: &Store,
) -> Result<Option<Result<Standing, FloorError>>> {
    let Some(address) = team_address(config).await? else { return Ok(None) };
    let account = team_account(config).unwrap_or_default();
    Ok(Some(team::standing(store, address, account).await))
}

/// What the floor's database knows the profile's account by; none where only whoever sends
/// knows it.
#[must_use]
pub fn team_account(config: &Config) -> Option<String> {
    let estate = || Estate::new(&config.host, &config.account_id, &config.stream_id);
    (!config.host.is_empty()).then(|| estate().floor_key())
}

/// What tokens are made of, the secret read.
async fn credential(config: &Config) -> Result<api::Credential> {
    Ok(match &config.credential {
        config::CredentialSource::WithSender => {
            let problem = "it has no secret of the platform (its `team` sends for it); name \
                           `client_id` and `client_secret` for what needs the platform itself";
            let profile = config.profile.clone();
            return Err(ConfigError::Incomplete { profile, problem: problem.into() }.into());
        }
        config::CredentialSource::Ready(source) => {
            api::Credential::Ready(source.resolve(&config.folder).await?)
        }
        config::CredentialSource::Signed { client_id, secret, algorithm, subject, lifetime } => {
            api::Credential::Signed {
                client_id: client_id.clone(),
                secret: secret.resolve(&config.folder).await?,
                algorithm: match algorithm {
                    config::TokenAlgorithm::Hs256 => api::Algorithm::Hs256,
                    config::TokenAlgorithm::Hs384 => api::Algorithm::Hs384,
                    config::TokenAlgorithm::Hs512 => api::Algorithm::Hs512,
                },
                subject: subject.replace("{user}", &config.agent),
                lifetime: *lifetime,
            }
        }
    })
}
