//! How a profile comes about, without any terminal: each answer read and checked, the
//! whole tried on the platform, the secret kept and the profile written. `setup` asks for
//! the answers line by line; a form can ask for them as well.
//!
//! ```text
//!   Question::read (text -> value) -> Answers -> try_out -> Trial -> save
//! ```

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use secrecy::{ExposeSecret as _, SecretString};

use super::{CONNECT_TIMEOUT, client, scope};
use crate::{
    api::{Address, ListAnswer, ListPage, Reply},
    config::{
        Config, ConfigError, Environment, Overrides,
        file::Profile,
        secret::{Source, Written},
        write::{NewProfile, write},
    },
    contact::Region,
    delivery::{ask, clock},
    store::Store,
};

/// What is asked for, beside the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// The environment's URL.
    Host,
    /// The stream (or bot) the contacts belong to.
    Stream,
    /// The account.
    Account,
    /// The app's Client ID.
    Client,
    /// How the app's tokens are signed.
    Algorithm,
    /// The country numbers are read in until another is chosen.
    Region,
}

impl Question {
    /// Every question, in the order they are asked.
    pub const ALL: [Self; 6] =
        [Self::Host, Self::Stream, Self::Account, Self::Client, Self::Algorithm, Self::Region];

    /// The key of the profile.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Stream => "stream_id",
            Self::Account => "account_id",
            Self::Client => "client_id",
            Self::Algorithm => "algorithm",
            Self::Region => "default_region",
        }
    }

    /// What people read.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Host => "Platform's URL",
            Self::Stream => "Stream (bot) id",
            Self::Account => "Account id",
            Self::Client => "Client id",
            Self::Algorithm => "Signing algorithm",
            Self::Region => "Default country",
        }
    }

    /// What it is when nobody has said anything.
    #[must_use]
    pub fn default(self) -> &'static str {
        match self {
            Self::Host => "https://platform.kore.ai",
            Self::Algorithm => "HS256",
            Self::Region => "none",
            Self::Stream | Self::Account | Self::Client => "",
        }
    }

    /// Reads an answer as people give it: with blanks from a copy, or a whole address of
    /// the console in place of what it holds.
    ///
    /// # Errors
    /// A sentence that says what is wrong and what is wanted.
    pub fn read(self, text: &str) -> Result<String, String> {
        match self {
            Self::Host => host(text),
            Self::Stream => id(text, "st-", "the stream id, such as st-2c7f48ca-…"),
            Self::Account => id(text, "", "the account id, as the console shows it"),
            Self::Client => id(text, "cs-", "the app's client id, such as cs-1f49d183-…"),
            Self::Algorithm => algorithm(text),
            Self::Region => region(text),
        }
    }
}

/// The URL without what a browser's address bar holds behind it.
fn host(text: &str) -> Result<String, String> {
    let text = unwrapped(text);
    if text.is_empty() {
        return Err("is needed, such as https://platform.kore.ai".into());
    }
    let whole = if text.contains("://") { text } else { format!("https://{text}") };
    let address = Address::new(&whole, None, CONNECT_TIMEOUT);
    let address = address.map_err(|error| error.to_string().replacen("`host` ", "", 1))?;
    Ok(address.origin())
}

/// An id that may stand inside other text when it begins with `mark`.
fn id(text: &str, mark: &str, wanted: &str) -> Result<String, String> {
    let text = unwrapped(text);
    let is_url = text.contains("://");
    let found = if mark.is_empty() { None } else { inside(&text, mark) };
    let id = found.unwrap_or(text);
    if id.is_empty() {
        return Err(format!("is needed: {wanted}"));
    }
    let strange = id.chars().find(|it| !it.is_ascii_alphanumeric() && !"-_".contains(*it));
    match strange {
        Some(_) if is_url => Err(format!("is an address without an id in it; give {wanted}")),
        Some(letter) => Err(format!("holds `{letter}`, which no id does; give {wanted}")),
        None if id.len() > 128 => Err(format!("is too long; give {wanted}")),
        None => Ok(id),
    }
}

/// `mark` and the UUID behind it.
fn inside(text: &str, mark: &str) -> Option<String> {
    const UUID: usize = 36;
    text.match_indices(mark).find_map(|(at, _)| {
        let found = text.get(at..at + mark.len() + UUID)?;
        uuid::Uuid::try_parse(&found[mark.len()..]).ok().map(|_| found.to_owned())
    })
}

/// Without blanks, line ends and the quotes of a configuration file.
fn unwrapped(text: &str) -> String {
    let kept = |letter: &char| !letter.is_whitespace() && !letter.is_control();
    let text: String = text.chars().filter(kept).collect();
    text.trim_matches(['"', '\'', '`', ',', ';', '<', '>']).to_owned()
}

fn algorithm(text: &str) -> Result<String, String> {
    let plain: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    let plain = plain.to_uppercase();
    match plain.strip_prefix("HS").unwrap_or(&plain) {
        digits @ ("256" | "384" | "512") => Ok(format!("HS{digits}")),
        _ => Err("must be HS256, HS384 or HS512, as the app was created".into()),
    }
}

fn region(text: &str) -> Result<String, String> {
    if text.trim().eq_ignore_ascii_case("none") {
        return Ok("none".into());
    }
    let wanted = "is no country; write a code such as IN, an English name, or none";
    Region::find(text.trim()).map(|region| region.code().to_owned()).ok_or_else(|| wanted.into())
}

/// The stream that an address of the console names, to be offered as the next answer.
#[must_use]
pub fn stream_in(text: &str) -> Option<String> {
    inside(&unwrapped(text), "st-")
}

/// Every answer, checked.
#[derive(Debug, Clone)]
pub struct Answers {
    /// The profile's name.
    pub profile: String,
    /// Each question's value, as [`Question::read`] gave it.
    pub values: Vec<(Question, String)>,
    /// The secret; `None` leaves it where it is.
    pub secret: Option<SecretString>,
}

impl Answers {
    fn value(&self, question: Question) -> Option<String> {
        let found = self.values.iter().find(|(asked, _)| *asked == question);
        found.map(|(_, value)| value.clone()).filter(|value| value != "none")
    }

    fn as_profile(&self) -> Profile {
        let given = |secret: &SecretString| Written::given(secret.expose_secret().to_owned());
        Profile {
            host: self.value(Question::Host),
            stream_id: self.value(Question::Stream),
            account_id: self.value(Question::Account),
            client_id: self.value(Question::Client),
            algorithm: self.value(Question::Algorithm),
            default_region: self.value(Question::Region),
            client_secret: self.secret.as_ref().map(given),
            ..Profile::default()
        }
    }

    /// What the configuration would be with these answers.
    fn config(
        &self,
        environment: &Environment,
        overrides: &Overrides,
    ) -> Result<Config, ConfigError> {
        let named = Overrides { profile: Some(self.profile.clone()), ..overrides.clone() };
        Config::load_with(self.as_profile(), environment, &named)
    }
}

/// What the platform says to the answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trial {
    /// It answers with its list: how many contacts it holds, if it says.
    Accepted(Option<u64>),
    /// It refuses the token.
    Refused(String),
    /// Nobody can say: it was not reached, or answered something else.
    Unknown(String),
}

/// Asks the platform for one contact, within the account's limit.
pub async fn try_out(answers: &Answers, environment: &Environment, overrides: &Overrides) -> Trial {
    match asked(answers, environment, overrides).await {
        Ok(answer) => judged(answer.reply),
        Err(error) => Trial::Unknown(format!("{error:#}")),
    }
}

async fn asked(
    answers: &Answers,
    environment: &Environment,
    overrides: &Overrides,
) -> Result<ListAnswer> {
    let config = answers.config(environment, overrides)?;
    let client = client(&config).await?;
    let store = Store::open(&config.store_path(), scope(&config), clock::now()).await?;
    ask(&store, &client).await?.map_err(|ms| {
        anyhow!("no request of the account's is left for {} s; wait that long", ms / 1000 + 1)
    })
}

fn judged(reply: Result<ListPage, Reply>) -> Trial {
    match reply {
        Ok(page) => Trial::Accepted(page.total),
        Err(Reply::Unauthorised { reason }) => Trial::Refused(reason),
        Err(
            Reply::Limited { reason, .. }
            | Reply::Rejected { reason }
            | Reply::Duplicate { reason, .. }
            | Reply::Failed { reason, .. }
            | Reply::Unreached { reason }
            | Reply::Unclear { reason },
        ) => Trial::Unknown(reason),
        Err(Reply::Created(_)) => Trial::Unknown("the list is not a list".into()),
    }
}

/// The file `setup` writes, and relative paths in it start from.
#[must_use]
pub fn target(environment: &Environment, overrides: &Overrides) -> PathBuf {
    overrides.config.clone().unwrap_or_else(|| environment.user_config())
}

/// The keyring's entry of a profile.
#[must_use]
pub fn keyring(profile: &str) -> Source {
    Source::Keyring { user: format!("{profile}/client_secret") }
}

/// Why a profile is not saved: a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsaved {
    /// The secret's place does not take it; nothing was written.
    Secret(String),
    /// The file cannot be written.
    File(String),
}

/// Keeps the secret in its place, then writes the profile into the file at `path`;
/// `default` makes it the default unless the file names another one.
///
/// # Errors
/// When either cannot be done; the file is then as it was.
pub async fn save(
    path: &Path,
    answers: &Answers,
    place: Option<&Source>,
    default: bool,
) -> Result<(), Unsaved> {
    let folder = path.parent().unwrap_or(path);
    if let (Some(secret), Some(place)) = (&answers.secret, place) {
        let kept = place.keep(secret.clone(), folder).await;
        kept.map_err(|error| Unsaved::Secret(error.to_string()))?;
    }
    let keys = Question::ALL.map(|question| (question.key(), answers.value(question)));
    let profile = NewProfile {
        name: answers.profile.clone(),
        keys: keys.to_vec(),
        secret: place.cloned(),
        default,
    };
    write(path, &profile).map_err(Unsaved::File)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = "st-2c7f48ca-fe7c-5778-a903-2854a94c0000";

    #[test]
    fn a_pasted_address_of_the_console_is_read_for_what_it_holds() {
        let address = format!(" https://platform.kore.ai/builder/app/{STREAM}/apps?x=1#y \r\n");
        assert_eq!(Question::Host.read(&address).unwrap(), "https://platform.kore.ai");
        assert_eq!(Question::Stream.read(&address).unwrap(), STREAM);
        assert_eq!(stream_in(&address).as_deref(), Some(STREAM));
        assert_eq!(Question::Host.read("platform.kore.ai").unwrap(), "https://platform.kore.ai");
        let local = Question::Host.read("http://127.0.0.1:8099/x").unwrap();
        assert_eq!(local, "http://127.0.0.1:8099");
    }

    #[test]
    fn ids_are_taken_with_the_blanks_and_quotes_of_a_copy() {
        assert_eq!(Question::Account.read(" \"5f3a 9b\"\t").unwrap(), "5f3a9b");
        let broken = "st-2c7f48ca-fe7c- 5778-a903-2854a94c0000,";
        assert_eq!(Question::Stream.read(broken).unwrap(), STREAM);
        assert_eq!(Question::Client.read("clientId: x").unwrap_err().split('`').nth(1), Some(":"));
    }

    #[test]
    fn a_wrong_answer_is_told_with_what_is_wanted() {
        for (question, text, part) in [
            (Question::Host, "http://platform.kore.ai", "https://"),
            (Question::Host, "https://u:p@platform.kore.ai", "user name"),
            (Question::Host, "", "is needed"),
            (Question::Stream, "", "st-2c7f"),
            (Question::Stream, "https://platform.kore.ai/x", "without an id"),
            (Question::Account, "a/b", "holds `/`"),
            (Question::Account, "konto-ü", "holds `ü`"),
            (Question::Algorithm, "RS256", "HS256, HS384 or HS512"),
            (Question::Region, "Atlantis", "no country"),
        ] {
            let error = question.read(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
            assert!(!error.contains("u:p"), "{error}");
        }
    }

    #[test]
    fn algorithms_and_countries_are_read_in_usual_spellings() {
        assert_eq!(Question::Algorithm.read("hs-512").unwrap(), "HS512");
        assert_eq!(Question::Algorithm.read("256").unwrap(), "HS256");
        assert_eq!(Question::Region.read("india").unwrap(), "IN");
        assert_eq!(Question::Region.read("None").unwrap(), "none");
    }
}
