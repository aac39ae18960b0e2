//! Files, environment and flags made into one [`Config`], checked once.
//!
//! ```text
//!   /etc/rolodesk/config.toml < $XDG_CONFIG_HOME/rolodesk/config.toml < environment < flags
//! ```
//!
//! A profile found in several places is put together key by key. What is typed and what
//! it means are two types: [`file::Profile`] and [`Config`]. Secrets are named by where
//! they are ([`secret::SecretSource`]) and looked at only when they are needed. What an
//! administrator's file locks ([`Policy`]) no other layer sets.

mod appearance;
mod check;
pub mod environment;
pub mod file;
mod inspect;
mod keys;
mod layers;
mod origin;
mod plain_value;
mod policy;
pub mod secret;
mod team;
mod values;
mod variables;
pub mod write;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

pub use appearance::{AppearanceSettings, NotifySetting, ReadBackSetting};
pub use environment::Environment;
use file::Profile;
pub use inspect::{Inspection, Value};
pub use layers::{FileState, system_file};
use layers::{Layers, choose};
pub use origin::{Setting, ValueOrigin};
pub use plain_value::PlainValue;
pub use policy::{Policy, Right};
use secret::SecretSource;
pub use team::{TeamConfig, TeamSection};

use crate::{
    contact::{Addressing, Extension, Region, Salutation},
    private::ownership::{Strictness, judge_path},
};

/// What flags may say; they win over everything else. No secrets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// Another configuration file.
    pub config: Option<PathBuf>,
    /// Which profile.
    pub profile: Option<String>,
    /// Another folder for the store.
    pub data_dir: Option<PathBuf>,
}

/// Why there is no configuration. `Display` is a sentence for people.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Nothing says which platform to use.
    #[error(
        "there is no profile yet. Run `rolodesk setup`, or try it with `rolodesk --demo`, or write \
         one into {path} (see the README), or set ROLODESK_HOST, ROLODESK_STREAM_ID, \
         ROLODESK_ACCOUNT_ID, ROLODESK_CLIENT_ID and ROLODESK_CLIENT_SECRET"
    )]
    NoProfile {
        /// Where a profile would be read from.
        path: String,
    },
    /// The file cannot be read or understood.
    #[error("{0}")]
    File(String),
    /// A flag, or what a command was asked for, cannot be.
    #[error("{0}")]
    Usage(String),
    /// An administrator's file does not let it be so.
    #[error("{0}")]
    Locked(String),
    /// There is no folder that could be anybody's.
    #[error(
        "there is no home folder to keep the store in; set HOME, or name a folder with --data-dir or \
         ROLODESK_DATA_DIR"
    )]
    NoHome,
    /// A key that is needed is not set.
    #[error("profile `{profile}`: {problem}")]
    Incomplete {
        /// The profile's name.
        profile: String,
        /// Which key, and how to set it.
        problem: String,
    },
    /// A key cannot be what it is.
    #[error("profile `{profile}`: {problem}")]
    Profile {
        /// The profile's name.
        profile: String,
        /// Which key, what is wrong, what is allowed.
        problem: String,
    },
}

/// How tokens are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenAlgorithm {
    /// HMAC with SHA-256.
    Hs256,
    /// HMAC with SHA-384.
    Hs384,
    /// HMAC with SHA-512.
    Hs512,
}

/// Whether the platform's contacts may be copied to this machine, to tell whose a number is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DirectoryUse {
    /// Into the store's file.
    #[default]
    OnDisk,
    /// Only into this process's memory, for as long as it runs.
    InMemory,
    /// Not at all: the list is read only to settle what waits.
    Off,
}

/// Where the token comes from.
#[derive(Debug, Clone)]
pub enum CredentialSource {
    /// Signed for every request.
    Signed {
        /// The app's Client ID.
        client_id: String,
        /// Where the app's secret is.
        secret: SecretSource,
        /// How it signs.
        algorithm: TokenAlgorithm,
        /// The claim `sub`.
        subject: String,
        /// How long a token is good for; `None` leaves the times out.
        lifetime: Option<Duration>,
    },
    /// A ready-made token.
    Ready(SecretSource),
    /// None here: whoever sends for the floor has it.
    WithSender,
}

/// What is asked for before a contact is submitted in the form.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Confirm {
    /// Nothing.
    #[default]
    Off,
    /// The number is shown alone.
    ReadBack,
    /// A number that was typed is typed a second time.
    Retype,
}

/// One profile, ready to use.
#[derive(Debug, Clone)]
pub struct Config {
    /// The profile's name.
    pub profile: String,
    /// The platform's URL; empty, as stream and account are, where only whoever sends for the
    /// floor knows it.
    pub host: String,
    /// The stream the contacts belong to.
    pub stream_id: String,
    /// The account.
    pub account_id: String,
    /// Where the token comes from.
    pub credential: CredentialSource,
    /// The database that the floor shares, where there is one.
    pub team: Option<TeamConfig>,
    /// The region numbers are read in until another is chosen.
    pub default_region: Option<Region>,
    /// The salutations offered, at least one.
    pub salutations: Vec<Salutation>,
    /// Other titles, and which of those offered they mean.
    pub salutation_map: BTreeMap<String, Salutation>,
    /// What an untouched salutation is; `None` makes it a thing to choose.
    pub default_salutation: Option<Salutation>,
    /// What the form's extension starts with.
    pub extension: Extension,
    /// The account's limit in any 60 seconds, at least 1.
    pub requests_per_minute: u32,
    /// The account's limit in any hour, where it has one.
    pub requests_per_hour: Option<u32>,
    /// The most contacts in one request, at least 1.
    pub max_batch: u32,
    /// A company's certificate authority.
    pub ca_file: Option<PathBuf>,
    /// Texts that mean "duplicate" beside the built-in ones.
    pub duplicate_phrases: Vec<String>,
    /// Whether the platform's contacts may be copied to this machine.
    pub directory: DirectoryUse,
    /// What is asked for before a contact is submitted in the form.
    pub confirm: Confirm,
    /// Whether anything may be put into the clipboard.
    pub clipboard: bool,
    /// Whether numbers are shown by their last digits only.
    pub mask_numbers: bool,
    /// After how many days what is settled is removed; `None` keeps it.
    pub keep_days: Option<u32>,
    /// Who works with it.
    pub agent: String,
    /// Where it is told who did what; none without a home.
    pub audit_file: Option<PathBuf>,
    /// The folder of the store.
    pub data_dir: PathBuf,
    /// The folder of the user's configuration, which relative paths start from when no
    /// file named them.
    pub folder: PathBuf,
    /// What an administrator's file says of everybody.
    pub policy: Policy,
}

impl ConfigError {
    /// Whether something is only not said yet.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        match self {
            Self::NoProfile { .. } | Self::Incomplete { .. } | Self::NoHome => true,
            Self::File(_) | Self::Usage(_) | Self::Locked(_) | Self::Profile { .. } => false,
        }
    }
}

impl Config {
    /// How titles are read, and what an untouched salutation is.
    #[must_use]
    pub fn addressing(&self) -> Addressing {
        let default = self.default_salutation.clone();
        Addressing::new(self.salutations.clone(), self.salutation_map.clone(), default)
    }

    /// Puts the configuration together.
    ///
    /// # Errors
    /// A sentence that names the file and line, or the key, and what is allowed.
    pub fn load(environment: &Environment, overrides: &Overrides) -> Result<Self, ConfigError> {
        let layers = Layers::read(environment, overrides, true)?;
        Self::assemble(&layers, &Profile::default(), environment, overrides)
    }

    /// As [`Self::load`], and how the form is to look: both from one reading of the files. The
    /// configuration may be wrong where the look is not.
    ///
    /// # Errors
    /// As [`Self::load`], for what is wrong in the files.
    pub fn load_with_look(
        environment: &Environment,
        overrides: &Overrides,
    ) -> Result<(Result<Self, ConfigError>, AppearanceSettings), ConfigError> {
        let layers = Layers::read(environment, overrides, true)?;
        let config = Self::assemble(&layers, &Profile::default(), environment, overrides);
        Ok((config, layers.merged.look))
    }

    /// As [`Self::load`], with these values over everything else; a file that was named
    /// may be one that is about to be made.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn load_with(
        answers: &Profile,
        environment: &Environment,
        overrides: &Overrides,
    ) -> Result<Self, ConfigError> {
        let layers = Layers::read(environment, overrides, false)?;
        Self::assemble(&layers, answers, environment, overrides)
    }

    fn assemble(
        layers: &Layers,
        answers: &Profile,
        environment: &Environment,
        overrides: &Overrides,
    ) -> Result<Self, ConfigError> {
        let from_environment = Profile::from_environment(environment).map_err(ConfigError::File)?;
        let over = from_environment.clone().overlaid(answers.clone());
        let (name, chosen_by) = choose(&layers.merged, environment, overrides);
        let found = layers.profile(&name);
        if found.is_none() && !over.is_enough() {
            return Err(no_such_profile(&name, &chosen_by, layers, environment, overrides));
        }
        let policy = layers.system.policy.clone();
        if layers.system.default_profile.as_ref() != Some(&name) {
            policy.check_key("default_profile", Some(&chosen_by))?;
        }
        let profile = found.unwrap_or_default().overlaid(over);
        layers.check(&name, &profile, &[&from_environment, answers])?;
        let data_dir = overrides.data_dir.clone().or_else(|| environment.data_dir());
        let data_dir = data_dir.ok_or(ConfigError::NoHome)?;
        trust(&data_dir)?;
        let origins = profile.origins.clone();
        let folder = environment.config_folder(overrides.config.as_deref());
        let places = check::ProfileFolders {
            data_dir,
            folder,
            audit_file: environment.audit_file(),
            agent: environment.agent(),
            origins: origins.clone(),
        };
        let config = check::build(&name, profile, places)?;
        policy.clone().limit(Self { policy, ..config }, &origins)
    }

    /// The store's file.
    #[must_use]
    pub fn store_path(&self) -> PathBuf {
        self.data_dir.join("store.db")
    }
}

/// Refuses a store that others may have a hand in: what they put there would be sent.
fn trust(data_dir: &Path) -> Result<(), ConfigError> {
    let files = ["store.db", "store.db-wal", "store.db-shm"].map(|name| data_dir.join(name));
    for path in [data_dir].into_iter().chain(files.iter().map(PathBuf::as_path)) {
        // What cannot be looked at cannot be opened either, which is told then.
        if let Ok(Err(distrust)) = judge_path(path, Strictness::Unwritable) {
            return Err(ConfigError::File(distrust.to_string()));
        }
    }
    Ok(())
}

fn data_dir_origin(environment: &Environment, overrides: &Overrides) -> ValueOrigin {
    if overrides.data_dir.is_some() {
        ValueOrigin::Flag("--data-dir")
    } else if environment.get("ROLODESK_DATA_DIR").is_some() {
        ValueOrigin::Variable("ROLODESK_DATA_DIR".into())
    } else {
        ValueOrigin::Default
    }
}

fn no_such_profile(
    name: &str,
    chosen_by: &ValueOrigin,
    layers: &Layers,
    environment: &Environment,
    overrides: &Overrides,
) -> ConfigError {
    let profiles = &layers.merged.profiles;
    if profiles.is_empty() {
        return match overrides.config.clone().or_else(|| environment.user_config()) {
            Some(path) => ConfigError::NoProfile { path: path.display().to_string() },
            None => ConfigError::NoHome,
        };
    }
    let names: Vec<_> = profiles.keys().map(String::as_str).collect();
    let whom = match chosen_by {
        ValueOrigin::Default => String::new(),
        origin => format!("{origin}: "),
    };
    let problem = format!("{whom}there is no such profile; there are {}", names.join(", "));
    ConfigError::Profile { profile: name.to_owned(), problem }
}

#[cfg(test)]
mod tests;
