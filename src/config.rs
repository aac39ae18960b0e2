//! Files, environment and flags made into one [`Config`], checked once.
//!
//! ```text
//!   /etc/rolodesk/config.toml < $XDG_CONFIG_HOME/rolodesk/config.toml < environment < flags
//! ```
//!
//! A profile found in several places is put together key by key. What is typed and what
//! it means are two types: [`file::Profile`] and [`Config`]. Secrets are named by where
//! they are ([`secret::SecretSource`]) and looked at only when they are needed.

mod appearance;
mod check;
pub mod environment;
pub mod file;
mod inspect;
mod origin;
pub mod secret;
mod variables;
pub mod write;

use std::{path::PathBuf, time::Duration};

pub use appearance::{AppearanceSettings, Setting};
pub use environment::Environment;
use file::{File, Profile};
pub use inspect::{FileState, Inspection, Value};
pub use origin::ValueOrigin;
use secret::SecretSource;

use crate::contact::{Extension, Region, Salutation};

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
    /// A key is missing or cannot be what it is.
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
}

/// One profile, ready to use.
#[derive(Debug, Clone)]
pub struct Config {
    /// The profile's name.
    pub profile: String,
    /// The platform's URL.
    pub host: String,
    /// The stream the contacts belong to.
    pub stream_id: String,
    /// The account.
    pub account_id: String,
    /// Where the token comes from.
    pub credential: CredentialSource,
    /// The region numbers are read in until another is chosen.
    pub default_region: Option<Region>,
    /// The salutations offered, at least one.
    pub salutations: Vec<Salutation>,
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
    /// The folder of the store.
    pub data_dir: PathBuf,
    /// The folder of the user's configuration, which relative paths start from when no
    /// file named them.
    pub folder: PathBuf,
}

impl Config {
    /// Puts the configuration together.
    ///
    /// # Errors
    /// A sentence that names the file and line, or the key, and what is allowed.
    pub fn load(environment: &Environment, overrides: &Overrides) -> Result<Self, ConfigError> {
        let file = read_files(environment, overrides, true)?;
        Self::assemble(&file, Profile::default(), environment, overrides)
    }

    /// As [`Self::load`], with these values over everything else; a file that was named
    /// may be one that is about to be made.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn load_with(
        answers: Profile,
        environment: &Environment,
        overrides: &Overrides,
    ) -> Result<Self, ConfigError> {
        let file = read_files(environment, overrides, false)?;
        Self::assemble(&file, answers, environment, overrides)
    }

    fn assemble(
        file: &File,
        answers: Profile,
        environment: &Environment,
        overrides: &Overrides,
    ) -> Result<Self, ConfigError> {
        let from_environment = Profile::from_environment(environment).map_err(ConfigError::File)?;
        let from_environment = from_environment.overlaid(answers);
        let (name, chosen_by) = choose(file, environment, overrides);
        let found = file.profiles.get(&name);
        if found.is_none() && !from_environment.is_enough() {
            return Err(no_such_profile(&name, &chosen_by, file, environment, overrides));
        }
        let profile = found.cloned().unwrap_or_default().overlaid(from_environment);
        let data_dir = overrides.data_dir.clone().unwrap_or_else(|| environment.data_dir());
        let folder = environment.config_folder(overrides.config.as_deref());
        let origins = profile.origins.clone();
        let places = check::ProfileFolders { data_dir, folder, origins };
        check::build(&name, profile, places)
            .map_err(|problem| ConfigError::Profile { profile: name, problem })
    }

    /// The store's file.
    #[must_use]
    pub fn store_path(&self) -> PathBuf {
        self.data_dir.join("store.db")
    }
}

/// Which profile, and who says so. A lonely profile needs no naming.
fn choose(file: &File, environment: &Environment, overrides: &Overrides) -> (String, ValueOrigin) {
    let by_flag = overrides.profile.clone().map(|name| (name, ValueOrigin::Flag("--profile")));
    let by_variable = || {
        let name = environment.get("ROLODESK_PROFILE")?;
        Some((name, ValueOrigin::Variable("ROLODESK_PROFILE".into())))
    };
    let by_file = || Some((file.default_profile.clone()?, file.default_origin.clone()));
    let only = || match file.profiles.keys().collect::<Vec<_>>().as_slice() {
        [name] => (*name).clone(),
        _ => "default".to_owned(),
    };
    by_flag.or_else(by_variable).or_else(by_file).unwrap_or_else(|| (only(), ValueOrigin::Default))
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

fn read_files(
    environment: &Environment,
    overrides: &Overrides,
    must_exist: bool,
) -> Result<File, ConfigError> {
    let named = overrides.config.clone().or_else(|| environment.path("ROLODESK_CONFIG"));
    let mut merged = match &named {
        // A file named on purpose stands alone.
        Some(_) => File::default(),
        None => File::read(&environment.system_config(), false).map_err(ConfigError::File)?,
    };
    let own = named.clone().unwrap_or_else(|| environment.user_config());
    let must_exist = must_exist && named.is_some();
    merged.overlay(File::read(&own, must_exist).map_err(ConfigError::File)?);
    Ok(merged)
}

fn no_such_profile(
    name: &str,
    chosen_by: &ValueOrigin,
    file: &File,
    environment: &Environment,
    overrides: &Overrides,
) -> ConfigError {
    if file.profiles.is_empty() {
        let path = overrides.config.clone().unwrap_or_else(|| environment.user_config());
        return ConfigError::NoProfile { path: path.display().to_string() };
    }
    let names: Vec<_> = file.profiles.keys().map(String::as_str).collect();
    let whom = match chosen_by {
        ValueOrigin::Default => String::new(),
        origin => format!("{origin}: "),
    };
    let problem = format!("{whom}there is no such profile; there are {}", names.join(", "));
    ConfigError::Profile { profile: name.to_owned(), problem }
}

#[cfg(test)]
mod tests;
