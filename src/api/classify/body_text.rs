//! What the body of an answer says: its JSON if it is any, and its words, whatever the
//! shape; and what can be read from words alone: phrases, numbers, an owner.

use serde_json::{Map, Value};

use super::{
    super::{
        evidence::{self, Asked},
        lenient_json, wire,
    },
    blame::Told,
    spoken::{has_word, spoken},
};
use crate::{
    contact::text::safe,
    submission::{ContactId, Owner},
};

/// The longest sentence taken from an answer, in characters.
pub(super) const LONGEST_REASON: usize = 300;
/// Texts that mean "somebody has this number", in lower case.
const DUPLICATE: &[&str] = &[
    "already exist",
    "already exits",
    "already associated",
    "already in use",
    "already been used",
    "already used",
    "already registered",
    "already been registered",
    "already taken",
    "already been taken",
    "already assigned",
    "already linked",
    "already belongs",
    "already present",
    "already added",
    "already have a contact",
    "already has a contact",
    "already a contact",
    "duplicate",
    "e11000",
    "number in use",
    "number is in use",
    "different contact",
    "different customer",
    "another customer",
    "associated with another",
    "assigned to another",
    "linked to another",
    "existing contact",
    "dup key",
    "23505",
    "not unique",
    "must be unique",
    "should be unique",
    "unique constraint",
    "unique index",
    "unique key",
    "unique violation",
    "violates unique",
    "uniqueness",
    "contact exists",
    "number exists",
    "exists with",
];

/// Texts that mean it where a number is what they are said of.
const DUPLICATE_NUMBER: &[&str] = &[
    "is taken",
    "been taken",
    "in use by",
    "used by another",
    "belongs to another",
    "registered to",
    "conflicts with",
];

/// What a number may be called: by the beginnings of words.
const NUMBERS: &[&str] = &["phone", "number", "mobile", "cell"];

/// Texts with such a word that are about no number anybody could call.
const NOT_NUMBERS: &[&str] = &["number of", "the number must", "maximum number", "version number"];

/// Texts that hold one of those and mean something else.
const NOT_DUPLICATE: &[&str] = &[
    "duplicate request",
    "duplicate header",
    "duplicate parameter",
    "duplicate field",
    "duplicate keys",
    "duplicate jti",
    "duplicate token",
    "jti already used",
    "jti has already been used",
    "token already used",
    "token has already been used",
    "token is already in use",
    "nonce already used",
    "not a duplicate",
    "no duplicate",
    "without duplicate",
    "zero duplicate",
    "duplicates: 0",
    "duplicates 0",
    "duplicates skipped: 0",
    "not already exist",
    "port already in use",
    "address already in use",
];

/// What a body says: its JSON if it is any, and its words.
pub(super) struct Said {
    pub(super) json: Option<Value>,
    words: String,
    lower: String,
    pub(super) told: Told,
    markup: bool,
}

impl Said {
    pub(super) fn of(body: &[u8]) -> Self {
        /// Complaints come first; nobody buries one below this many bytes.
        const LONGEST: usize = 256 * 1024;
        let json = lenient_json::read(body);
        let text = String::from_utf8_lossy(&body[..body.len().min(LONGEST)]);
        let words = match &json {
            Some(value) => {
                let mut words = Vec::new();
                strings(value, &mut words);
                words.join(" · ")
            }
            None => plain(&text),
        };
        let words = safe(&words);
        let lower = spoken(&words);
        let markup = json.is_none() && is_markup(&text);
        let told = Told::of(json.as_ref(), &words);
        Self { json, words, lower, told, markup }
    }

    pub(super) fn any(&self, phrases: &[&str]) -> bool {
        phrases.iter().any(|phrase| self.lower.contains(phrase))
    }

    pub(super) fn is_duplicate(&self, phrases: &[String]) -> bool {
        let own = |phrase: &String| {
            let phrase = spoken(phrase.trim());
            !phrase.is_empty() && self.lower.contains(&phrase)
        };
        if phrases.iter().any(own) {
            return true;
        }
        let lower = self.without_harmless_words();
        DUPLICATE.iter().any(|phrase| lower.contains(phrase))
    }

    /// Whether it says of a number what is said of one that somebody has.
    pub(super) fn says_a_number_is_had(&self) -> bool {
        let lower = self.without_harmless_words();
        self.calls_something_a_number()
            && DUPLICATE_NUMBER.iter().any(|phrase| has_word(&lower, phrase))
    }

    /// Whether something is "already" the matter with a number.
    pub(super) fn says_already_of_a_number(&self) -> bool {
        self.calls_something_a_number() && has_word(&self.lower, "already")
    }

    /// The words without those that seem to speak of duplicates and do not.
    fn without_harmless_words(&self) -> String {
        let mut lower = self.lower.clone();
        for phrase in NOT_DUPLICATE {
            lower = lower.replace(phrase, "");
        }
        // "0 duplicates", which "10 duplicates" are not.
        while let Some(at) = lower.find("0 duplicate") {
            let is_ten = lower[..at].ends_with(|letter: char| letter.is_ascii_digit());
            let end = at + if is_ten { 1 } else { "0 duplicate".len() };
            lower.replace_range(at..end, "");
        }
        lower
    }

    fn calls_something_a_number(&self) -> bool {
        let mut lower = self.lower.clone();
        for phrase in NOT_NUMBERS {
            lower = lower.replace(phrase, "");
        }
        NUMBERS.iter().any(|word| has_word(&lower, word))
    }

    pub(super) fn has_code(&self, wanted: i64) -> bool {
        fn has(value: &Value, wanted: i64) -> bool {
            match value {
                Value::Array(items) => items.iter().any(|item| has(item, wanted)),
                Value::Object(fields) => fields.iter().any(|(key, value)| {
                    let code = key == "code" || key == "errorCode";
                    let same = value.as_i64() == Some(wanted)
                        || value.as_str() == Some(wanted.to_string().as_str());
                    (code && same) || has(value, wanted)
                }),
                _ => false,
            }
        }
        self.json.as_ref().is_some_and(|value| has(value, wanted))
    }

    /// Whether it is an object that speaks of an error or a failure, whatever its status.
    pub(super) fn complains(&self) -> bool {
        self.json.as_ref().is_some_and(wire::complains)
    }

    /// Whether it counts the contacts that were found or deleted, and there was none; or is what
    /// a search that found none comes to.
    pub(super) fn counts_nobody(&self) -> bool {
        let counts = ["deletedCount", "matchedCount", "deleted", "removed", "affectedRows"];
        let nobody = ["0 contact", "no contact", "0 record", "0 row", "0 document"];
        let is_told = nobody.iter().any(|words| has_word(&self.lower, words));
        self.json == Some(Value::Null) || self.counts_none(&counts) || is_told
    }

    /// Whether it counts what was changed, and nothing was.
    pub(super) fn changes_nothing(&self) -> bool {
        self.counts_none(&["modifiedCount", "nModified", "updatedCount", "updated", "modified"])
    }

    fn counts_none(&self, keys: &[&str]) -> bool {
        let fields = self.json.as_ref().and_then(Value::as_object);
        let is_zero = |key: &&str| fields?.get(*key)?.as_u64().map(|count| count == 0);
        keys.iter().find_map(is_zero).unwrap_or(false)
    }

    /// Whether anything it says of itself speaks against what was asked for.
    pub(super) fn speaks_against(&self, asked: Asked) -> bool {
        let fields = self.json.as_ref().and_then(Value::as_object);
        fields.is_some_and(|fields| evidence::speaks_against(fields, asked))
    }

    /// Whether a contact that the platform says it made is among what it says.
    pub(super) fn shows_a_dated_contact(&self) -> bool {
        self.shows(&|fields| wire::record(fields).is_some_and(|it| it.created_at.is_some()))
    }

    /// Whether a contact with an id is among what it says, as it would be if one was made.
    pub(super) fn shows_a_contact(&self) -> bool {
        self.shows(&|fields| wire::record(fields).is_some())
    }

    fn shows(&self, wanted: &impl Fn(&Map<String, Value>) -> bool) -> bool {
        fn shown(value: &Value, wanted: &impl Fn(&Map<String, Value>) -> bool) -> bool {
            match value {
                Value::Array(items) => items.iter().any(|item| shown(item, wanted)),
                Value::Object(fields) => {
                    wanted(fields) || fields.values().any(|value| shown(value, wanted))
                }
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
            }
        }
        self.json.as_ref().is_some_and(|json| shown(json, wanted))
    }

    /// The key under which it lists contacts, unless that is one of what went wrong.
    pub(super) fn listed_under(&self) -> Option<String> {
        wire::done(self.json.as_ref()?, Asked::Create)?.key
    }

    /// What it says beside the contacts it lists under `key`.
    pub(super) fn beside(&self, key: &str) -> Self {
        let mut rest = self.json.clone().unwrap_or_default();
        if let Some(fields) = rest.as_object_mut() {
            fields.remove(key);
        }
        Self::of(rest.to_string().as_bytes())
    }

    /// The status that an object tells of itself or of its error, if it is one of failure.
    pub(super) fn status(&self) -> Option<u16> {
        let fields = self.json.as_ref()?.as_object()?;
        let inner = fields.get("error").and_then(Value::as_object);
        let told = ["statusCode", "status", "httpStatus", "code"]
            .into_iter()
            .flat_map(|key| [fields.get(key), inner.and_then(|inner| inner.get(key))])
            .flatten();
        told.filter_map(|value| match value {
            Value::Number(number) => number.as_u64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        })
        .filter_map(|status| u16::try_from(status).ok())
        .find(|status| (400..600).contains(status))
    }

    /// Whether it names a number, calls something one, or shows a contact.
    pub(super) fn speaks_of_a_number(&self) -> bool {
        self.calls_something_a_number() || !self.numbers().is_empty() || self.owner().is_some()
    }

    /// Whether it is a page for people and not an answer for programs.
    pub(super) fn is_markup(&self) -> bool {
        self.markup
    }

    /// One sentence for people, with the status where the answer has no words.
    pub(super) fn words(&self, status: u16) -> String {
        let words = self.words.split_whitespace().collect::<Vec<_>>().join(" ");
        if words.is_empty() {
            return match status {
                200..300 => format!("the answer (HTTP {status}) names no contact"),
                _ => format!("HTTP {status}"),
            };
        }
        let cut: String = words.chars().take(LONGEST_REASON).collect();
        let more = if cut.len() < words.len() { "…" } else { "" };
        match status {
            200..300 => format!("the answer names no contact: {cut}{more}"),
            500.. => format!("HTTP {status}: {cut}{more}"),
            _ => format!("{cut}{more}"),
        }
    }

    /// Runs of at least seven digits, read over the blanks and marks inside a number.
    pub(super) fn numbers(&self) -> Vec<String> {
        let mut numbers = Vec::new();
        let mut run = String::new();
        for letter in self.words.chars().chain(Some('·')) {
            match letter {
                '0'..='9' => run.push(letter),
                ' ' | '-' | '(' | ')' | '.' if !run.is_empty() => {}
                _ => {
                    if run.len() >= 7 && !numbers.contains(&run) {
                        numbers.push(run.clone());
                    }
                    run.clear();
                }
            }
        }
        numbers
    }

    pub(super) fn owner(&self) -> Option<Owner> {
        self.json.as_ref().and_then(owner_in).or_else(|| owner_in_words(&self.words))
    }
}

/// Every string and number of the answer, complaints before the rest.
fn strings(value: &Value, words: &mut Vec<String>) {
    match value {
        Value::String(text) => words.push(plain(text)),
        Value::Number(number) if number.as_u64().is_some_and(|it| it > 999_999) => {
            words.push(number.to_string());
        }
        Value::Array(items) => items.iter().for_each(|item| strings(item, words)),
        Value::Object(fields) => {
            let complaint = |key: &str| {
                let key = key.to_lowercase();
                ["msg", "message", "error", "reason", "detail", "description", "title"]
                    .iter()
                    .any(|part| key.contains(part))
            };
            for first in [true, false] {
                let wanted = fields.iter().filter(|(key, _)| complaint(key) == first);
                wanted.for_each(|(_, value)| strings(value, words));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn is_markup(text: &str) -> bool {
    let start = text.trim_start().get(..64).unwrap_or(text).to_lowercase();
    ["<html", "<!doctype", "<?xml", "<body", "<head", "<h1", "<p>", "<div"]
        .iter()
        .any(|mark| start.contains(mark))
}

/// Text without its mark-up, if it has any.
fn plain(text: &str) -> String {
    if !is_markup(text) {
        return text.to_owned();
    }
    let mut words = String::new();
    let mut rest = text;
    while let Some((before, tag)) = rest.split_once('<') {
        words.push_str(before);
        words.push(' ');
        let hidden = ["style", "script"]
            .iter()
            .find(|name| tag.get(..name.len()).is_some_and(|it| it.eq_ignore_ascii_case(name)));
        let end = hidden.and_then(|name| tag.find(&format!("</{name}"))).unwrap_or(0);
        rest = tag[end..].split_once('>').map_or("", |(_, after)| after);
    }
    words.push_str(rest);
    for (entity, letter) in [("&amp;", "&"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " ")] {
        words = words.replace(entity, letter);
    }
    words
}

/// The existing contact inside a complaint: an object with an id and a name, or with an
/// id under a key that says whose it is.
fn owner_in(value: &Value) -> Option<Owner> {
    match value {
        Value::Array(items) => items.iter().find_map(owner_in),
        Value::Object(fields) => owner_of(fields).or_else(|| fields.values().find_map(owner_in)),
        _ => None,
    }
}

fn owner_of(fields: &Map<String, Value>) -> Option<Owner> {
    let text = |key: &str| fields.get(key).and_then(Value::as_str).map(str::to_owned);
    let other = ["existingContactId", "existingId", "contactId", "duplicateId", "conflictingId"]
        .into_iter()
        .find_map(text)
        .map(ContactId);
    let joined = || Some(format!("{} {}", text("firstName")?, text("lastName")?));
    let name = ["fullName", "existingContactName", "contactName", "ownerName", "name"]
        .into_iter()
        .find_map(text)
        .or_else(joined)
        .filter(|name| !name.trim().is_empty());
    // An echo has the number of its row for an id.
    let id = wire::id(fields).filter(|id| !wire::may_be_row(id));
    match (other.or(id), name) {
        // A name alone may be an echo of what was sent.
        (Some(id), full_name @ Some(_)) => Some(Owner { id: Some(id), full_name }),
        (Some(id), None) if text("existingContactId").is_some() || text("existingId").is_some() => {
            Some(Owner { id: Some(id), full_name: None })
        }
        (None, _) | (Some(_), None) => None,
    }
}

/// "… contact John Doe (63c7…)": a name before an id of 24 hexadecimal characters.
fn owner_in_words(words: &str) -> Option<Owner> {
    let (before, rest) = words.split_once('(')?;
    let (id, _) = rest.split_once(')')?;
    let id = id.trim().trim_start_matches("id").trim_start_matches([':', ' ', '=']);
    if id.len() != 24 || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return owner_in_words(rest);
    }
    let name = ["contact ", "with ", "by ", "to ", "of "]
        .iter()
        .filter_map(|mark| before.rfind(mark).map(|at| &before[at + mark.len()..]))
        .min_by_key(|name| name.len())
        .map(|name| name.trim().trim_matches(['"', '\'', ':']).to_owned())
        .filter(|name| !name.is_empty() && !name.chars().any(|c| c.is_ascii_digit()));
    Some(Owner { id: Some(ContactId(id.to_owned())), full_name: name })
}
