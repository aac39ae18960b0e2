//! Where a secret comes from. A source is read when the secret is needed, wiped from
//! memory when it is dropped, and never printed: its `Debug` names the place only.

mod keyring;

use std::{fmt, fs, io::Read as _, path::PathBuf, process::Stdio, time::Duration};

use secrecy::{ExposeSecret as _, SecretString, zeroize::Zeroizing};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};
use tokio::{process::Command, time::timeout};

use super::write::private_file;

/// How long a command may take: it may ask somebody for a password.
const COMMAND_TIME: Duration = Duration::from_secs(30);

/// A source as the configuration writes it.
#[derive(Debug, Clone)]
pub enum SecretSetting {
    /// Of several forms, one.
    SecretPlace(SecretPlace),
    /// The secret itself, which belongs elsewhere; or, from the environment, given.
    Plain(Plain),
}

/// The forms a source is written in.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretPlace {
    keyring: Option<bool>,
    env: Option<String>,
    file: Option<PathBuf>,
    command: Option<Vec<String>>,
}

/// A secret in clear text.
#[derive(Clone)]
pub struct Plain {
    value: SecretString,
    given: bool,
}

/// How a place is written.
const WAYS: &str =
    "{ keyring = true }, { env = \"NAME\" }, { file = \"PATH\" } or { command = [\"…\"] }";

/// By hand, because serde's untagged enums cannot say which key inside is wrong.
impl<'de> Deserialize<'de> for SecretSetting {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(SecretSettingVisitor)
    }
}

struct SecretSettingVisitor;

impl<'de> Visitor<'de> for SecretSettingVisitor {
    type Value = SecretSetting;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(WAYS)
    }

    fn visit_str<E>(self, text: &str) -> Result<SecretSetting, E> {
        Ok(SecretSetting::Plain(Plain { value: text.into(), given: false }))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<SecretSetting, A::Error> {
        SecretPlace::deserialize(MapAccessDeserializer::new(map)).map(SecretSetting::SecretPlace)
    }
}

impl fmt::Debug for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plain([REDACTED])")
    }
}

impl SecretSetting {
    /// A secret that the environment holds.
    #[must_use]
    pub fn given(value: String) -> Self {
        Self::Plain(Plain { value: value.into(), given: true })
    }

    /// Where the secret is, as far as what is written says it; never what it is.
    #[must_use]
    pub fn place(&self, key: &str, profile: &str) -> String {
        match self.clone().of(key, profile) {
            Ok(source) => source.place(),
            Err(_) => "not a place a secret can be in".into(),
        }
    }

    /// The source that was meant, for `key` of `profile`.
    ///
    /// # Errors
    /// A sentence that says how to name one.
    pub fn of(self, key: &str, profile: &str) -> Result<SecretSource, String> {
        match self {
            Self::Plain(Plain { value, given: true }) => Ok(SecretSource::Given(value)),
            Self::Plain(_) => Err(format!(
                "`{key}` holds the secret itself; name where it is instead, with {WAYS}"
            )),
            Self::SecretPlace(place) => match place {
                SecretPlace { keyring: Some(true), env: None, file: None, command: None } => {
                    Ok(SecretSource::Keyring { user: format!("{profile}/{key}") })
                }
                SecretPlace { keyring: None, env: Some(name), file: None, command: None } => {
                    Ok(SecretSource::Variable(name))
                }
                SecretPlace { keyring: None, env: None, file: Some(path), command: None } => {
                    Ok(SecretSource::File(path))
                }
                SecretPlace { keyring: None, env: None, file: None, command: Some(words) }
                    if !words.is_empty() =>
                {
                    Ok(SecretSource::Command(words))
                }
                _ => Err(format!("`{key}` must be exactly one of {WAYS}")),
            },
        }
    }
}

/// Where a secret is.
#[derive(Clone)]
pub enum SecretSource {
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

impl fmt::Debug for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place())
    }
}

/// Why a secret could not be had: a sentence for people.
#[derive(Debug, thiserror::Error)]
#[error("the secret cannot be {} {place}: {problem}", if *kept { "put into" } else { "had from" })]
pub struct SecretError {
    place: String,
    problem: String,
    kept: bool,
}

/// Whether there is a keyring to keep a secret in.
pub async fn has_keyring() -> bool {
    keyring::answers().await
}

impl SecretSource {
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
            Self::Keyring { user } => keyring::read(user.clone()).await,
        };
        let whole = found.and_then(|value| {
            if value.expose_secret().trim().is_empty() {
                Err("it is empty".to_owned())
            } else {
                Ok(value)
            }
        });
        whole.map_err(|problem| SecretError { place: self.place(), problem, kept: false })
    }

    /// Puts the secret where this says it is: into the keyring or a file; a relative file
    /// lies beside `folder`. Of a variable or a command nothing is written: whoever set it
    /// up keeps the secret there.
    ///
    /// # Errors
    /// A sentence that says why it was not kept.
    pub async fn keep(
        &self,
        secret: SecretString,
        folder: &std::path::Path,
    ) -> Result<(), SecretError> {
        let kept = match self {
            Self::Keyring { user } => keyring::keep(user.clone(), secret).await,
            Self::File(path) => private_file(&folder.join(path), secret.expose_secret().as_bytes()),
            Self::Variable(_) | Self::Command(_) | Self::Given(_) => Ok(()),
        };
        kept.map_err(|problem| SecretError { place: self.place(), problem, kept: true })
    }
}

fn read_private(path: &std::path::Path) -> Result<SecretString, String> {
    let told = |error: std::io::Error| error.to_string();
    // Asked of the open file, so that what is checked is what is read.
    let mut file = fs::File::open(path).map_err(told)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = file.metadata().map_err(told)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(format!(
                "others may read it (mode {mode:04o}); run: chmod 600 {}",
                path.display()
            ));
        }
    }
    let mut bytes = Zeroizing::new(Vec::new());
    file.read_to_end(&mut bytes).map_err(told)?;
    one_line(&bytes)
}

async fn run(words: &[String]) -> Result<SecretString, String> {
    let Some((program, arguments)) = words.split_first() else { return Err("it is empty".into()) };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    match timeout(COMMAND_TIME, command.output()).await {
        Err(_) => Err(format!("it did not end within {} s", COMMAND_TIME.as_secs())),
        Ok(Err(error)) => Err(format!("it cannot be run: {error}")),
        Ok(Ok(output)) if !output.status.success() => Err(format!("it failed ({})", output.status)),
        Ok(Ok(output)) => one_line(&Zeroizing::new(output.stdout)),
    }
}

/// Editors and password managers end what they write with a line end.
fn one_line(bytes: &[u8]) -> Result<SecretString, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "what it holds is not text".to_owned())?;
    Ok(SecretString::from(text.trim_end_matches(['\n', '\r'])))
}
