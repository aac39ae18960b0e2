//! Whom a refusal blames, by its words: the contact, the connection that it came over (account,
//! app, stream, host, a proxy), or nobody that could be told. A contact is refused for good only
//! where it is to blame; whoever is refused for what is wrong with all of them waits.

use serde_json::Value;

use super::spoken::{has_word, spoken};
use crate::submission::{AddressPart, FailureKind};

/// Fields of a contact that nobody else has.
const FIELDS: &[&str] = &[
    "first name",
    "firstname",
    "last name",
    "lastname",
    "full name",
    "fullname",
    "salutation",
    "country code",
    "countrycode",
];

/// Those of its number: what is said of them may be that somebody has it.
const NUMBER_FIELDS: &[&str] =
    &["phone number", "phonenumber", "mobile number", "cell phone", "cellphone"];

/// Those that a channel, an app or a server may have as well.
const SHARED_FIELDS: &[&str] = &["phone", "mobile", "extension", "email", "surname", "number"];

/// Keys whose text names the field that an error is about.
const POINTERS: &[&str] = &[
    "field",
    "fields",
    "fieldname",
    "param",
    "path",
    "property",
    "propertyname",
    "attribute",
    "pointer",
    "instancepath",
    "datapath",
    "loc",
    "key",
    "target",
];

/// Keys whose text repeats what was sent.
const ECHOES: &[&str] = &[
    "value",
    "rejectedvalue",
    "attemptedvalue",
    "actual",
    "input",
    "firstname",
    "lastname",
    "fullname",
];

/// Keys under which every key is a field with what is wrong about it.
const ERRORS: &[&str] = &["error", "errors", "validationerrors", "fielderrors", "violations"];

/// What is said of contents that are not as they should be, by the beginnings of words.
const NOT_AS_IT_SHOULD_BE: &[&str] = &[
    "invalid",
    "not valid",
    "not a valid",
    "valid value",
    "required",
    "must",
    "missing",
    "empty",
    "blank",
    "length",
    "format",
    "too long",
    "too short",
    "too many",
    "character",
    "malformed",
    "unsupported",
    "not supported",
    "not allowed",
    "unauthorized",
    "unauthorised",
    "expected",
    "unexpected",
    "should",
    "cannot be",
    "may not",
    "may only",
    "can only",
    "maximum",
    "minimum",
    "digits",
    "unknown",
    "not found",
    "out of range",
    "exceed",
    "do not call",
    "not a number",
    "not in the list",
    "one of",
    "at least",
    "at most",
];

/// Words of what passes.
const PASSING: &[&str] = &["maintenance", "try later", "try again", "temporar", "unavailable"];

/// Words of what the account, the app or the token lacks.
const OUR_RIGHTS: &[&str] = &[
    "authenticat",
    "scope",
    "license",
    "licence",
    "subscription",
    "suspended",
    "jti",
    "timestamp",
    "server time",
    "clock",
    "whitelist",
    "allowlist",
    "ip address",
    "certificate",
    "session",
    "log in",
    "login",
    "permission",
    "access denied",
    "api key",
    "credential",
    "header",
    "quota",
    "not published",
    "not enabled",
    "not activated",
    "not subscribed",
    "disabled",
    "deactivated",
    "feature",
];

/// Words of a server that is none of the platform's, or of one that is spoken to in a wrong way.
const ELSEWHERE: &[&str] =
    &["hostname", "host name", "host header", "https port", "plain http", "virtual host"];

const STREAMS: &[&str] = &["stream", "stream id", "streamid", "bot", "bot id", "botid"];
const ACCOUNTS: &[&str] = &["account", "account id", "accountid"];

/// What is said of an id that leads nowhere.
const NOWHERE: &[&str] = &[
    "not found",
    "not exist",
    "no such",
    "unknown",
    "invalid",
    "not a valid",
    "not valid",
    "not configured",
    "cannot be found",
    "not mapped",
    "not linked",
    "not associated",
    "undefined",
    "missing",
    "required",
];

/// What a refusal says of itself that is not an echo of the contact.
#[derive(Debug, Default)]
pub(super) struct Told {
    words: String,
    /// Whether it points at a field of the contact, by a key of its own.
    points_at_a_field: bool,
}

impl Told {
    pub(super) fn of(json: Option<&Value>, plain: &str) -> Self {
        let mut told = Self::default();
        match json {
            Some(value) => told.read(value, "", ""),
            None => plain.clone_into(&mut told.words),
        }
        told.words = spoken(&told.words);
        told
    }

    fn read(&mut self, value: &Value, key: &str, parent: &str) {
        let is_among = |keys: &[&str]| keys.contains(&key);
        // `{"errors": {"lastName": ["is too long"]}}`
        self.points_at_a_field |= ERRORS.contains(&parent) && !value.is_null() && is_field(key)
            || is_field(key) && value.get(0).is_some_and(Value::is_string);
        match value {
            Value::String(text) => {
                self.points_at_a_field |= is_among(POINTERS) && is_field(text);
                if !is_among(ECHOES) || ERRORS.contains(&parent) {
                    self.words.push_str(text);
                    self.words.push_str(" · ");
                }
            }
            Value::Array(items) => {
                // A list under a field's name is of what is wrong with it.
                let parent = if is_field(key) { ERRORS[0] } else { parent };
                for item in items {
                    self.read(item, key, parent);
                }
            }
            Value::Object(fields) => {
                for (name, value) in fields {
                    self.read(value, &name.to_lowercase().replace(['_', '-'], ""), key);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn any(&self, beginnings: &[&str]) -> bool {
        beginnings.iter().any(|beginning| has_word(&self.words, beginning))
    }

    fn has(&self, words: &[&str]) -> bool {
        words.iter().any(|word| is_said(&self.words, word))
    }

    /// Whether it is about a field of the contact, whatever else it mentions.
    pub(super) fn is_about_the_contact(&self) -> bool {
        self.names_a_field() || (self.any(SHARED_FIELDS) && self.any(NOT_AS_IT_SHOULD_BE))
    }

    /// Whether it names a field that only contacts have.
    pub(super) fn names_a_field(&self) -> bool {
        self.points_at_a_field || self.any(FIELDS) || self.any(NUMBER_FIELDS)
    }

    /// Whether it says what is wrong with what was typed, so that it cannot mean that somebody
    /// has the number.
    pub(super) fn says_what_is_wrong(&self) -> bool {
        let about_a_number = self.any(NUMBER_FIELDS) || self.any(SHARED_FIELDS);
        self.any(NOT_AS_IT_SHOULD_BE) || (self.any(FIELDS) && !about_a_number)
    }

    /// Whether it says of something that may have been made that it was.
    pub(super) fn speaks_of_a_success(&self) -> bool {
        self.any(&["created", "saved", "added", "stored", "success"])
    }

    /// Whether it says of a stream that it leads nowhere.
    pub(super) fn misses_the_stream(&self) -> bool {
        self.has(STREAMS) && self.any(NOWHERE)
    }

    /// Whether it says of the account that it leads nowhere, and not of the stream.
    pub(super) fn misses_the_account(&self) -> bool {
        self.has(ACCOUNTS) && self.any(NOWHERE) && !self.misses_the_stream()
    }

    /// What is wrong with the connection, if its words say that something is.
    pub(super) fn blames_the_connection(&self) -> Option<FailureKind> {
        let misaddressed = |part| Some(FailureKind::Misaddressed { part });
        if self.any(PASSING) {
            Some(FailureKind::Failed)
        } else if self.any(ELSEWHERE) {
            misaddressed(AddressPart::Host)
        } else if self.misses_the_stream() {
            misaddressed(AddressPart::StreamId)
        } else if self.misses_the_account() || self.has(&["auth"]) || self.any(OUR_RIGHTS) {
            Some(FailureKind::Unauthorised)
        } else {
            None
        }
    }
}

/// Whether a key or a path ends in a field of a contact: `contacts[0].cellPhone.phoneNumber`.
fn is_field(path: &str) -> bool {
    let path = spoken(path).replace(|letter: char| !letter.is_alphanumeric(), " ");
    let path = path.trim_end();
    [FIELDS, NUMBER_FIELDS, SHARED_FIELDS]
        .into_iter()
        .flatten()
        .filter(|field| **field != "number")
        .any(|field| path.strip_suffix(field).is_some_and(|it| it.is_empty() || it.ends_with(' ')))
}

/// Whether the text has this as whole words.
fn is_said(text: &str, words: &str) -> bool {
    let is_letter = |letter: char| letter.is_alphanumeric();
    text.match_indices(words).any(|(at, _)| {
        !text[..at].ends_with(is_letter) && !text[at + words.len()..].starts_with(is_letter)
    })
}
