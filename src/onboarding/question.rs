//! What is asked for a profile, and how an answer is read: as people give it, told in one
//! sentence when it cannot be.

use crate::{api::Address, connect::CONNECT_TIMEOUT, contact::Region};

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
    /// Every question, in the order they are asked; the secret comes after the first
    /// [`Self::BEFORE_SECRET`], as the console and the sandbox list them.
    pub const ALL: [Self; 6] =
        [Self::Host, Self::Stream, Self::Account, Self::Client, Self::Algorithm, Self::Region];

    /// How many are asked before the secret.
    pub const BEFORE_SECRET: usize = 4;

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
