//! How a profile comes about, without any terminal: each answer read and checked, the
//! whole tried on the platform, the secret kept and the profile written. `setup` asks for
//! the answers line by line, the first run's form all at once.
//!
//! ```text
//!   Question::read (text -> value) -> Answers -> try_out -> Trial -> save
//! ```

mod question;
mod secret_storage;

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use secrecy::{ExposeSecret as _, SecretString};

pub use question::{Question, stream_in};
pub use secret_storage::{SecretStorage, confirm};

use crate::{
    api::ListAnswer,
    audit::{AuditRecord, AuditTrail, AuditVerb},
    config::{
        Config, ConfigError, CredentialSource, Environment, Inspection, Overrides, PlainValue,
        file::Profile,
        secret::{SecretSetting, SecretSource},
        write::{NewProfile, write},
    },
    connect::{client, scope},
    contact::text::safe,
    delivery::{clock, probe},
    private::{file::refuse_other_than_file, user},
    store::Store,
};

/// Every answer, checked.
#[derive(Debug, Clone)]
pub struct Answers {
    /// The profile's name.
    pub profile: String,
    /// Each question's value, as [`Question::read`] gave it.
    pub values: Vec<(Question, String)>,
    /// The secret; `None` leaves it where it is.
    pub secret: Option<SecretString>,
    /// Further keys of the profile, as the environment may give them.
    pub beside: Profile,
}

impl Answers {
    fn value(&self, question: Question) -> Option<String> {
        let found = self.values.iter().find(|(asked, _)| *asked == question);
        found.map(|(_, value)| value.clone()).filter(|value| value != "none")
    }

    fn as_profile(&self) -> Profile {
        let given = |secret: &SecretString| SecretSetting::given(secret.expose_secret().to_owned());
        Profile {
            host: self.value(Question::Host),
            stream_id: self.value(Question::Stream),
            account_id: self.value(Question::Account),
            client_id: self.value(Question::Client),
            algorithm: self.value(Question::Algorithm),
            default_region: self.value(Question::Region),
            client_secret: self.secret.as_ref().map(given),
            ..self.beside.clone()
        }
    }

    /// What the configuration is with these answers, the secret as it was given.
    ///
    /// # Errors
    /// When a file or the environment spoils it.
    pub fn config(
        &self,
        environment: &Environment,
        overrides: &Overrides,
    ) -> Result<Config, ConfigError> {
        let named = Overrides { profile: Some(self.profile.clone()), ..overrides.clone() };
        Config::load_with(&self.as_profile(), environment, &named)
    }
}

/// What the platform says to the answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrialResult {
    /// It answers with its list: how many contacts it holds, if it says.
    Accepted(Option<u64>),
    /// It refuses the token.
    Refused(String),
    /// Nobody can say: it was not reached, or answered something else.
    Unknown(String),
}

impl TrialResult {
    /// What it comes to, and what to do about it.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Accepted(total) => {
                let total = total.map(|total| format!(" It holds {total} contacts."));
                format!("It accepts us.{}", total.unwrap_or_default())
            }
            Self::Refused(reason) => format!(
                "It refuses us: {}\nCheck the client id and secret; the app needs the scope \
                 \"Configuration\" and must be published after it was added.",
                safe(reason)
            ),
            Self::Unknown(reason) => format!("It could not be confirmed: {}", safe(reason)),
        }
    }
}

/// Where the profile's secret is now.
#[must_use]
pub fn present_source(found: &Inspection) -> Option<&SecretSource> {
    match &found.verdict.as_ref().ok()?.credential {
        CredentialSource::Signed { secret, .. } => Some(secret),
        CredentialSource::Ready(_) | CredentialSource::WithSender => None,
    }
}

/// Asks the platform for one contact, within the account's limit.
pub async fn try_out(
    answers: &Answers,
    environment: &Environment,
    overrides: &Overrides,
) -> TrialResult {
    match asked(answers, environment, overrides).await {
        Ok(ListAnswer { reply: Ok(page), .. }) => TrialResult::Accepted(page.total),
        Ok(ListAnswer { reply: Err(failure), .. }) if failure.refuses_us() => {
            TrialResult::Refused(failure.words)
        }
        Ok(ListAnswer { reply: Err(failure), .. }) => TrialResult::Unknown(failure.words),
        Err(error) => TrialResult::Unknown(format!("{error:#}")),
    }
}

async fn asked(
    answers: &Answers,
    environment: &Environment,
    overrides: &Overrides,
) -> Result<ListAnswer> {
    let config = answers.config(environment, overrides)?;
    let client = client(&config).await?;
    let store = Store::open_to_look(&config.store_path(), scope(&config), clock::now()).await?;
    probe(&store, &client).await?.map_err(|ms| {
        anyhow!("no request of the account's is left for {} s; wait that long", ms / 1000 + 1)
    })
}

/// The file `setup` writes, and relative paths in it start from.
///
/// # Errors
/// Without a home there is none.
pub fn target(environment: &Environment, overrides: &Overrides) -> Result<PathBuf, ConfigError> {
    let named = overrides.config.clone();
    named.or_else(|| environment.user_config()).ok_or(ConfigError::NoHome)
}

/// The keyring's entry of a profile.
#[must_use]
pub fn keyring(profile: &str) -> SecretSource {
    SecretSource::Keyring { user: format!("{profile}/client_secret") }
}

/// The place for a profile's secret, or one beside it where another's is kept already:
/// nobody's secret is written over.
#[must_use]
fn unshared(place: SecretSource, folder: &Path, profile: &str, found: &Inspection) -> SecretSource {
    let SecretSource::File(file) = &place else { return place };
    let is_free = |file: &Path| {
        let path = folder.join(file);
        let holders = found.secret_files.iter().filter(|(_, held)| is_same(held, &path));
        let mut names = holders.map(|(name, _)| name.as_str()).peekable();
        match names.peek() {
            Some(_) => names.all(|name| name == profile),
            // A file that no profile names is some other configuration's.
            None => !path.is_symlink() && !path.is_file(),
        }
    };
    let stem = file.file_stem().unwrap_or(file.as_os_str()).to_string_lossy().into_owned();
    let numbered = (2_u32..).map(|number| file.with_file_name(format!("{stem}-{number}.secret")));
    let free = [file.clone()].into_iter().chain(numbered).find(|file| is_free(file));
    free.map_or(place, SecretSource::File)
}

/// What is said of a keyring's secret that another configuration put there.
const ANOTHERS: &str = "The keyring holds another secret for a profile of this name, put there \
                        with another configuration; it was not written over. Choose another \
                        place, or another name for the profile.";

/// Whether the keyring has a secret under the profile's name that this configuration does not
/// know of.
async fn is_anothers(
    place: &SecretSource,
    secret: &SecretString,
    folder: &Path,
    found: &Inspection,
) -> bool {
    let is_keyring = |source: &SecretSource| matches!(source, SecretSource::Keyring { .. });
    if !is_keyring(place) || present_source(found).is_some_and(is_keyring) {
        return false;
    }
    let there = place.resolve(folder).await;
    there.is_ok_and(|there| there.expose_secret() != secret.expose_secret())
}

fn is_same(one: &Path, other: &Path) -> bool {
    let whole = |path: &Path| std::fs::canonicalize(path).ok();
    one == other || whole(one).is_some_and(|one| Some(one) == whole(other))
}

/// An error's words as a sentence of its own.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

/// Why a profile is not saved: a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsaved {
    /// The secret's place does not take it; nothing was written.
    Secret(String),
    /// The file cannot be written.
    File(String),
}

/// Keeps the secret in its place, then writes the profile into the file at `path`. It
/// becomes the default unless another one is, by name or by having been the only one.
///
/// What comes back is where the secret is now: beside a place that another profile has.
///
/// # Errors
/// When either cannot be done; the file is then as it was.
pub async fn save(
    path: &Path,
    answers: &Answers,
    place: Option<&SecretSource>,
    found: &Inspection,
) -> Result<Option<SecretSource>, Unsaved> {
    // Before the secret is put beside it.
    refuse_other_than_file(path).map_err(Unsaved::File)?;
    let folder = path.parent().unwrap_or(path);
    let place = place.map(|place| unshared(place.clone(), folder, &answers.profile, found));
    if let (Some(secret), Some(place)) = (&answers.secret, &place) {
        if is_anothers(place, secret, folder, found).await {
            return Err(Unsaved::Secret(ANOTHERS.into()));
        }
        let kept = place.keep(secret.clone(), folder).await;
        kept.map_err(|error| Unsaved::Secret(sentence(&error.to_string())))?;
    }
    let told = |question: Question| (question.key(), answers.value(question).map(PlainValue::Text));
    let beside = answers.beside.plain_values().into_iter();
    let beside = beside.map(|(key, value)| (key, Some(value)));
    // What is locked would be refused here, and be stale once it is changed there.
    let free = |(key, _): &(&'static str, _)| !found.policy.locks(key);
    let profile = NewProfile {
        name: answers.profile.clone(),
        keys: Question::ALL.map(told).into_iter().chain(beside).filter(free).collect(),
        secret: place.clone(),
        default: match (&found.default_profile, found.profiles.as_slice()) {
            (Some(_), _) => None,
            (None, [only]) => Some(only.clone()),
            (None, _) => Some(answers.profile.clone()),
        },
    };
    write(path, &profile).map_err(Unsaved::File)?;
    let trail = AuditTrail::open(found.audit_file.as_deref(), &user::name(), &answers.profile);
    trail.add(&[AuditRecord::of(AuditVerb::Settings, "written")]);
    Ok(place)
}
