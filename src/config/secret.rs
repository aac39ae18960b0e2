//! Where a secret comes from. A source is read when the secret is needed, wiped from
//! memory when it is dropped, and never printed: its `Debug` names the place only.

use std::{fmt, fs, path::PathBuf, process::Stdio, time::Duration};

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use tokio::{process::Command, time::timeout};

/// How long a command may take: it may ask somebody for a password.
const COMMAND_TIME: Duration = Duration::from_secs(30);
/// How long the keyring may take: a locked or absent one can hang.
#[cfg(feature = "keyring")]
const KEYRING_TIME: Duration = Duration::from_secs(3);

/// A source as the configuration writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Written {
    /// Of several forms, one.
    Place(Place),
    /// The secret itself, which belongs elsewhere; or, from the environment, given.
    Plain(Plain),
}

/// The forms a source is written in.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    keyring: Option<bool>,
    env: Option<String>,
    file: Option<PathBuf>,
    command: Option<Vec<String>>,
}

/// A secret in clear text.
#[derive(Clone, Deserialize)]
#[serde(from = "String")]
pub struct Plain {
    value: SecretString,
    given: bool,
}

impl From<String> for Plain {
    fn from(value: String) -> Self {
        Self { value: value.into(), given: false }
    }
}

impl fmt::Debug for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plain([REDACTED])")
    }
}

impl Written {
    /// A secret that the environment holds.
    #[must_use]
    pub fn given(value: String) -> Self {
        Self::Plain(Plain { value: value.into(), given: true })
    }

    /// The source that was meant, for `key` of `profile`.
    ///
    /// # Errors
    /// A sentence that says how to name one.
    pub fn of(self, key: &str, profile: &str) -> Result<Source, String> {
        let ways =
            "{ keyring = true }, { env = \"NAME\" }, { file = \"PATH\" } or { command = [\"…\"] }";
        match self {
            Self::Plain(Plain { value, given: true }) => Ok(Source::Given(value)),
            Self::Plain(_) => Err(format!(
                "`{key}` holds the secret itself; name where it is instead, with {ways}"
            )),
            Self::Place(place) => match place {
                Place { keyring: Some(true), env: None, file: None, command: None } => {
                    Ok(Source::Keyring { user: format!("{profile}/{key}") })
                }
                Place { keyring: None, env: Some(name), file: None, command: None } => {
                    Ok(Source::Variable(name))
                }
                Place { keyring: None, env: None, file: Some(path), command: None } => {
                    Ok(Source::File(path))
                }
                Place { keyring: None, env: None, file: None, command: Some(words) }
                    if !words.is_empty() =>
                {
                    Ok(Source::Command(words))
                }
                _ => Err(format!("`{key}` must be exactly one of {ways}")),
            },
        }
    }
}

/// Where a secret is.
#[derive(Clone)]
pub enum Source {
    /// The desktop's secret service, under "rolodesk" and this user.
    Keyring {
        /// The profile and the key.
        user: String,
    },
    /// An environment variable.
    Variable(String),
    /// A file that only its owner may read.
    File(PathBuf),
    /// What a command prints.
    Command(Vec<String>),
    /// Given in the environment as it is.
    Given(SecretString),
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place())
    }
}

/// Why a secret could not be had: a sentence for people.
#[derive(Debug, thiserror::Error)]
#[error("the secret cannot be had from {place}: {problem}")]
pub struct SecretError {
    place: String,
    problem: String,
}

impl Source {
    /// Where it is, for people; never what it is.
    #[must_use]
    pub fn place(&self) -> String {
        match self {
            Self::Keyring { .. } => "the keyring".into(),
            Self::Variable(name) => format!("the environment variable {name}"),
            Self::File(path) => format!("the file {}", path.display()),
            Self::Command(words) => {
                format!("the command `{}`", words.first().map_or("", String::as_str))
            }
            Self::Given(_) => "the environment".into(),
        }
    }

    /// Reads the secret; a relative file is looked for beside `folder`.
    ///
    /// # Errors
    /// A sentence that says what is wrong with its place.
    pub async fn resolve(&self, folder: &std::path::Path) -> Result<SecretString, SecretError> {
        let found = match self {
            Self::Given(value) => Ok(value.clone()),
            Self::Variable(name) => {
                std::env::var(name).map(SecretString::from).map_err(|_| "it is not set".to_owned())
            }
            Self::File(path) => read_private(&folder.join(path)),
            Self::Command(words) => run(words).await,
            Self::Keyring { user } => keyring(user.clone()).await,
        };
        let whole = found.and_then(|value| {
            if value.expose_secret().trim().is_empty() {
                Err("it is empty".to_owned())
            } else {
                Ok(value)
            }
        });
        whole.map_err(|problem| SecretError { place: self.place(), problem })
    }
}

fn read_private(path: &std::path::Path) -> Result<SecretString, String> {
    let told = |error: std::io::Error| error.to_string();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(path).map_err(told)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(format!(
                "others may read it (mode {mode:04o}); run: chmod 600 {}",
                path.display()
            ));
        }
    }
    Ok(one_line(&fs::read_to_string(path).map_err(told)?))
}

async fn run(words: &[String]) -> Result<SecretString, String> {
    let Some((program, arguments)) = words.split_first() else { return Err("it is empty".into()) };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    match timeout(COMMAND_TIME, command.output()).await {
        Err(_) => Err(format!("it did not end within {} s", COMMAND_TIME.as_secs())),
        Ok(Err(error)) => Err(format!("it cannot be run: {error}")),
        Ok(Ok(output)) if !output.status.success() => Err(format!("it failed ({})", output.status)),
        Ok(Ok(output)) => String::from_utf8(output.stdout)
            .map(|text| one_line(&text))
            .map_err(|_| "it printed something that is not text".into()),
    }
}

/// Editors and password managers end what they write with a line end.
fn one_line(text: &str) -> SecretString {
    SecretString::from(text.trim_end_matches(['\n', '\r']))
}

#[cfg(feature = "keyring")]
async fn keyring(user: String) -> Result<SecretString, String> {
    // The store must not be used on an async thread.
    let asked = tokio::task::spawn_blocking(move || {
        let store = zbus_secret_service_keyring_store::Store::new()?;
        let store: std::sync::Arc<keyring_core::CredentialStore> = store;
        keyring_core::Entry::new_in_store(&store, "rolodesk", &user)?.get_password()
    });
    match timeout(KEYRING_TIME, asked).await {
        Err(_) => Err("it does not answer; is it locked? Use file or command instead".into()),
        Ok(Err(_)) => Err("it failed".into()),
        Ok(Ok(Err(keyring_core::Error::NoEntry))) => {
            Err("it holds no secret for this profile".into())
        }
        Ok(Ok(Err(error))) => Err(format!("{error}; use file or command instead")),
        Ok(Ok(Ok(secret))) => Ok(secret.into()),
    }
}

#[cfg(not(feature = "keyring"))]
async fn keyring(_user: String) -> Result<SecretString, String> {
    std::future::ready(Err("this rolodesk was built without it; use file or command".into())).await
}
