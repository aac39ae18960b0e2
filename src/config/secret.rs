//! Where a secret comes from. A source is read when the secret is needed, wiped from
//! memory when it is dropped, and never printed: its `Debug` names the place only.

mod keyring;

use std::{
    fmt,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use secrecy::{ExposeSecret as _, SecretString, zeroize::Zeroizing};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};
use tokio::{io::AsyncReadExt as _, process::Command, time::timeout};

use crate::private::{self, file::Unread, ownership::Strictness};

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

    /// The file a secret is in, where it is in one.
    pub(super) fn file(&self) -> Option<&Path> {
        match self {
            Self::SecretPlace(place) => place.file.as_deref(),
            Self::Plain(_) => None,
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
    pub async fn resolve(&self, folder: &Path) -> Result<SecretString, SecretError> {
        let told = |problem| SecretError { place: self.place(), problem, kept: false };
        self.read(folder).await.map(|found| found.secret).map_err(told)
    }

    /// What was left out at the secret's ends, when it was anything but a line end.
    pub async fn remark(&self, folder: &Path) -> Option<&'static str> {
        self.read(folder).await.ok()?.left_out
    }

    async fn read(&self, folder: &Path) -> Result<Found, String> {
        match self {
            Self::Given(value) => given(value.expose_secret()),
            Self::Variable(name) => {
                let value = std::env::var(name).map_err(|_| "it is not set".to_owned())?;
                given(&Zeroizing::new(value))
            }
            Self::File(path) => read_private(&folder.join(path)),
            Self::Command(words) => run(words).await,
            Self::Keyring { user } => {
                let value = keyring::read(user.clone()).await?;
                given(value.expose_secret())
            }
        }
    }

    /// Puts the secret where this says it is: into the keyring or a file; a relative file
    /// lies beside `folder`. Of a variable or a command nothing is written: whoever set it
    /// up keeps the secret there.
    ///
    /// # Errors
    /// A sentence that says why it was not kept.
    pub async fn keep(&self, secret: SecretString, folder: &Path) -> Result<(), SecretError> {
        let kept = match self {
            Self::Keyring { user } => keyring::keep(user.clone(), secret).await,
            Self::File(path) => {
                private::file::write(&folder.join(path), secret.expose_secret().as_bytes())
            }
            Self::Variable(_) | Self::Command(_) | Self::Given(_) => Ok(()),
        };
        kept.map_err(|problem| SecretError { place: self.place(), problem, kept: true })
    }
}

/// A secret as it was found.
struct Found {
    secret: SecretString,
    left_out: Option<&'static str>,
}

/// No secret and no token is longer.
const LONGEST: usize = 16 * 1024;

fn read_private(path: &Path) -> Result<Found, String> {
    let longest = u64::try_from(LONGEST).unwrap_or(u64::MAX);
    match private::file::read(path, longest, Strictness::Private) {
        Ok(bytes) => one_line(&Zeroizing::new(bytes)),
        Err(Unread::Absent) => Err("No such file or directory".into()),
        Err(Unread::Refused(why)) => Err(why),
    }
}

async fn run(words: &[String]) -> Result<Found, String> {
    let Some((program, arguments)) = words.split_first() else { return Err("it is empty".into()) };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child =
        command.kill_on_drop(true).spawn().map_err(|error| format!("it cannot be run: {error}"))?;
    let mut printed = Zeroizing::new(Vec::new());
    let ended = timeout(COMMAND_TIME, async {
        if let Some(out) = child.stdout.take() {
            let longest = u64::try_from(LONGEST).unwrap_or(u64::MAX);
            out.take(longest + 1).read_to_end(&mut printed).await?;
        }
        if printed.len() > LONGEST {
            return Ok(None);
        }
        child.wait().await.map(Some)
    });
    match ended.await {
        Err(_) => Err(format!("it did not end within {} s", COMMAND_TIME.as_secs())),
        Ok(Err(error)) => Err(format!("it cannot be run: {error}")),
        Ok(Ok(None)) => Err(format!("it prints more than {LONGEST} bytes; a secret is one line")),
        Ok(Ok(Some(status))) if !status.success() => Err(format!("it failed ({status})")),
        Ok(Ok(Some(_))) => one_line(&printed),
    }
}

/// A secret that was typed or kept by a program is taken as it is.
fn given(value: &str) -> Result<Found, String> {
    if value.trim().is_empty() {
        return Err("it is empty".into());
    }
    Ok(Found { secret: SecretString::from(value), left_out: None })
}

/// Editors and password managers end what they write with a line end, and begin it with a
/// byte order mark: none of that is part of a secret, nor are blanks at its ends.
fn one_line(bytes: &[u8]) -> Result<Found, String> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err("it is text in UTF-16; save it as UTF-8".into());
    }
    let text = std::str::from_utf8(bytes).map_err(|_| "what it holds is not text".to_owned())?;
    let marked = text.strip_prefix('\u{feff}');
    let whole = marked.unwrap_or(text).trim_end_matches(['\n', '\r']);
    let secret = whole.trim();
    let left_out = match (marked.is_some(), secret.len() < whole.len()) {
        (true, true) => Some("the byte order mark and the blanks at its ends are left out"),
        (true, false) => Some("the byte order mark at its beginning is left out"),
        (false, true) => Some("the blanks at its ends are left out"),
        (false, false) => None,
    };
    let lines = secret.lines().count();
    if secret.is_empty() {
        Err("it is empty".into())
    } else if lines > 1 {
        Err(format!("it holds {lines} lines; a secret is one line"))
    } else if secret.contains(char::is_control) {
        Err("it holds control characters; a secret is one line of text".into())
    } else if secret.chars().count() == 1 {
        Err("it is one character long, which no secret is".into())
    } else {
        Ok(Found { secret: SecretString::from(secret), left_out })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<(String, bool), String> {
        let found = one_line(bytes)?;
        Ok((found.secret.expose_secret().to_owned(), found.left_out.is_some()))
    }

    #[test]
    fn what_editors_put_around_a_secret_is_no_part_of_it_and_told() {
        for (bytes, told) in [
            (&b"abcd1234"[..], false),
            (b"abcd1234\r\n", false),
            (b"abcd1234\n\n", false),
            (b"\xef\xbb\xbfabcd1234\r\n", true),
            (b"  abcd1234 \n\n", true),
            ("\u{a0}abcd1234\t".as_bytes(), true),
        ] {
            assert_eq!(read(bytes), Ok(("abcd1234".into(), told)), "{bytes:?}");
        }
    }

    #[test]
    fn what_is_no_secret_is_refused_without_being_repeated() {
        for (bytes, part) in [
            (&b"hunter2\nsecond\n"[..], "2 lines"),
            (b"a", "one character"),
            (b" \n", "empty"),
            (b"hunter2\0\0", "control characters"),
            (b"\xff\xfeh\0u\0", "UTF-16"),
            (b"hunter2\xff", "not text"),
        ] {
            let why = read(bytes).unwrap_err();
            assert!(why.contains(part) && !why.contains("hunter2"), "{why}");
        }
    }

    #[tokio::test]
    async fn a_command_that_never_stops_printing_is_given_up() {
        let endless = SecretSource::Command(vec!["yes".into()]);
        let why = endless.resolve(Path::new("/")).await.unwrap_err().to_string();
        assert!(why.contains("more than 16384 bytes"), "{why}");
    }
}
