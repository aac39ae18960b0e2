//! Files, environment and flags made into one [`Config`], checked once.
//!
//! ```text
//!   /etc/rolodesk/config.toml < $XDG_CONFIG_HOME/rolodesk/config.toml < environment < flags
//! ```
//!
//! A profile found in several places is put together key by key. What is typed and what
//! it means are two types: [`file::Profile`] and [`Config`]. Secrets are named by where
//! they are ([`secret::Source`]) and looked at only when they are needed.

pub mod environment;
pub mod file;
pub mod secret;

use std::{path::PathBuf, time::Duration};

pub use environment::Environment;
use file::{File, Profile};
use secret::Source;

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
        "there is no profile yet. Try it with `rolodesk --demo`, or write one into {path} (see \
         the README), or set ROLODESK_HOST, ROLODESK_STREAM_ID, ROLODESK_ACCOUNT_ID, \
         ROLODESK_CLIENT_ID and ROLODESK_CLIENT_SECRET"
    )]
    NoProfile {
        /// Where a profile would be read from.
        path: String,
    },
    /// The file cannot be read or understood.
    #[error("{0}")]
    File(String),
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
pub enum Algorithm {
    /// HMAC with SHA-256.
    Hs256,
    /// HMAC with SHA-384.
    Hs384,
    /// HMAC with SHA-512.
    Hs512,
}

/// Where the token comes from.
#[derive(Debug, Clone)]
pub enum Credential {
    /// Signed for every request.
    Signed {
        /// The app's Client ID.
        client_id: String,
        /// Where the app's secret is.
        secret: Source,
        /// How it signs.
        algorithm: Algorithm,
        /// The claim `sub`.
        subject: String,
        /// How long a token is good for; `None` leaves the times out.
        lifetime: Option<Duration>,
    },
    /// A ready-made token.
    Ready(Source),
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
    pub credential: Credential,
    /// The region numbers are read in until another is chosen.
    pub default_region: Option<Region>,
    /// The salutations offered, at least one.
    pub salutations: Vec<Salutation>,
    /// What the form's extension starts with.
    pub extension: Extension,
    /// The account's limit in any 60 seconds, at least 1.
    pub requests_per_minute: u32,
    /// The most contacts in one request, at least 1.
    pub max_batch: u32,
    /// A company's certificate authority.
    pub ca_file: Option<PathBuf>,
    /// Texts that mean "duplicate" beside the built-in ones.
    pub duplicate_phrases: Vec<String>,
    /// The folder of the store.
    pub data_dir: PathBuf,
    /// The folder of the configuration, which relative paths in it start from.
    pub folder: PathBuf,
}

impl Config {
    /// Puts the configuration together.
    ///
    /// # Errors
    /// A sentence that names the file and line, or the key, and what is allowed.
    pub fn load(environment: &Environment, overrides: &Overrides) -> Result<Self, ConfigError> {
        let file = read_files(environment, overrides)?;
        let from_environment = Profile::from_environment(environment).map_err(ConfigError::File)?;
        let wanted = overrides
            .profile
            .clone()
            .or_else(|| environment.get("ROLODESK_PROFILE"))
            .or(file.default_profile.clone());
        let name = match wanted {
            Some(name) => name,
            None if file.profiles.len() == 1 => {
                file.profiles.keys().next().cloned().unwrap_or_default()
            }
            None => "default".to_owned(),
        };
        let found = file.profiles.get(&name);
        if found.is_none() && !from_environment.is_enough() {
            return Err(no_such_profile(&name, &file, environment, overrides));
        }
        let profile = found.cloned().unwrap_or_default().overlaid(from_environment);
        let data_dir = overrides.data_dir.clone().unwrap_or_else(|| environment.data_dir());
        let folder = environment.config_folder(overrides.config.as_deref());
        build(&name, profile, data_dir, folder)
            .map_err(|problem| ConfigError::Profile { profile: name, problem })
    }

    /// The store's file.
    #[must_use]
    pub fn store_path(&self) -> PathBuf {
        self.data_dir.join("store.db")
    }
}

fn read_files(environment: &Environment, overrides: &Overrides) -> Result<File, ConfigError> {
    let named = overrides.config.clone().or_else(|| environment.path("ROLODESK_CONFIG"));
    let mut merged = match &named {
        // A file named on purpose stands alone.
        Some(_) => File::default(),
        None => File::read(&environment.system_config(), false).map_err(ConfigError::File)?,
    };
    let own = named.clone().unwrap_or_else(|| environment.user_config());
    merged.overlay(File::read(&own, named.is_some()).map_err(ConfigError::File)?);
    Ok(merged)
}

fn no_such_profile(
    name: &str,
    file: &File,
    environment: &Environment,
    overrides: &Overrides,
) -> ConfigError {
    if file.profiles.is_empty() {
        let path = overrides.config.clone().unwrap_or_else(|| environment.user_config());
        return ConfigError::NoProfile { path: path.display().to_string() };
    }
    let names: Vec<_> = file.profiles.keys().map(String::as_str).collect();
    let problem = format!("there is no such profile; there are {}", names.join(", "));
    ConfigError::Profile { profile: name.to_owned(), problem }
}

fn build(
    name: &str,
    profile: Profile,
    data_dir: PathBuf,
    folder: PathBuf,
) -> Result<Config, String> {
    let credential = credential(name, &profile)?;
    let default_region = match &profile.default_region {
        None => None,
        Some(text) => Some(Region::find(text).ok_or_else(|| {
            format!("`default_region` is `{text}`, which is no country; write a code such as IN")
        })?),
    };
    let salutations = profile.salutations.unwrap_or_else(|| vec!["Mr".into(), "Mrs".into()]);
    if salutations.is_empty() {
        return Err("`salutations` is empty; name at least one".into());
    }
    let salutations = salutations
        .iter()
        .map(|text| Salutation::parse(text).map_err(|why| format!("`salutations`: `{text}` {why}")))
        .collect::<Result<_, _>>()?;
    let extension = profile.extension.unwrap_or_default();
    Ok(Config {
        profile: name.to_owned(),
        host: required("host", profile.host)?,
        stream_id: required("stream_id", profile.stream_id)?,
        account_id: required("account_id", profile.account_id)?,
        credential,
        default_region,
        salutations,
        extension: Extension::parse(&extension).map_err(|why| format!("`extension` {why}"))?,
        requests_per_minute: count("requests_per_minute", profile.requests_per_minute, 60)?,
        max_batch: count("max_batch", profile.max_batch, 50)?,
        ca_file: profile.ca_file.map(|path| folder.join(path)),
        duplicate_phrases: profile.duplicate_phrases.unwrap_or_default(),
        data_dir,
        folder,
    })
}

fn credential(name: &str, profile: &Profile) -> Result<Credential, String> {
    if let Some(token) = &profile.token {
        return Ok(Credential::Ready(token.clone().of("token", name)?));
    }
    let algorithm = match profile.algorithm.as_deref().unwrap_or("HS256") {
        "HS256" => Algorithm::Hs256,
        "HS384" => Algorithm::Hs384,
        "HS512" => Algorithm::Hs512,
        other => return Err(format!("`algorithm` is `{other}`; it may be HS256, HS384 or HS512")),
    };
    let secret = profile.client_secret.clone().ok_or_else(|| {
        "`client_secret` is missing; say where it is, for example { env = \"KORE_SECRET\" }, or set \
         ROLODESK_CLIENT_SECRET"
            .to_owned()
    })?;
    Ok(Credential::Signed {
        client_id: required("client_id", profile.client_id.clone())?,
        secret: secret.of("client_secret", name)?,
        algorithm,
        subject: profile.subject.clone().unwrap_or_else(|| "1234567890".into()),
        lifetime: lifetime(profile.token_lifetime.as_deref().unwrap_or("5m"))?,
    })
}

fn required(key: &str, value: Option<String>) -> Result<String, String> {
    let value = value.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let variable = key.to_uppercase();
    value.ok_or_else(|| {
        format!("`{key}` is missing; write it into the profile or set ROLODESK_{variable}")
    })
}

fn count(key: &str, value: Option<i64>, default: u32) -> Result<u32, String> {
    match value {
        None => Ok(default),
        Some(value) => u32::try_from(value)
            .ok()
            .filter(|it| (1..=10_000).contains(it))
            .ok_or_else(|| format!("`{key}` is {value}; it may be 1 to 10000")),
    }
}

/// "5m", "30s", "1h" or "none".
fn lifetime(text: &str) -> Result<Option<Duration>, String> {
    if text == "none" {
        return Ok(None);
    }
    let wrong =
        || format!("`token_lifetime` is `{text}`; write a time such as 30s, 5m or 1h, or none");
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let number: u64 = number.trim().parse().ok().filter(|n| *n > 0).ok_or_else(wrong)?;
    let seconds = match unit {
        "s" => Some(number),
        "m" => number.checked_mul(60),
        "h" => number.checked_mul(3600),
        _ => None,
    };
    seconds
        .filter(|it| *it <= 86_400 * 365)
        .map(|it| Some(Duration::from_secs(it)))
        .ok_or_else(wrong)
}

#[cfg(test)]
mod tests;
