//! What an HTTP answer means: a pure function of its status and body.
//!
//! The platform documents no error shapes. The rules, in order:
//!
//! 1. A 2xx list that holds contacts with ids is Created: they exist.
//! 2. The limit's texts mean Limited under any status; so does 429.
//! 3. 401, 403, and the SDK's "Invalid … credentials" (code 4002) mean Unauthorised,
//!    unless a 401 or 403 speaks of a duplicate and not of a token.
//! 4. A phrase of duplicates under any other status, and a 409 whose text does not speak
//!    of something else, mean Duplicate.
//! 5. Other 4xx are Rejected, 5xx (and 408, 425) Failed; 3xx never reached the platform.
//! 6. Any other 2xx is Unclear: never Created without an id.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{Reply, wire};
use crate::{
    contact::text::safe,
    submission::{ContactId, Owner},
};

/// The longest sentence taken from an answer, in characters.
const LONGEST_REASON: usize = 300;
/// No Retry-After is believed beyond this.
const LONGEST_RETRY: Duration = Duration::from_hours(1);

/// Texts that mean "somebody has this number", in lower case.
const DUPLICATE: &[&str] = &[
    "already exist",
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
    "is taken",
    "in use by",
    "belongs to another",
    "not unique",
    "must be unique",
    "should be unique",
    "unique constraint",
    "unique key",
    "unique violation",
    "contact exists",
    "number exists",
    "exists with",
];

/// Texts that hold one of those and mean something else.
const NOT_DUPLICATE: &[&str] = &[
    "duplicate request",
    "duplicate header",
    "duplicate parameter",
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
    "not already exist",
    "port already in use",
    "address already in use",
];

/// Texts of a 409 that is about something other than a number.
const OTHER_CONFLICT: &[&str] = &[
    "version",
    "etag",
    "modified",
    "publish",
    "in progress",
    "locked",
    "concurrent",
    "current state",
    "try again",
    "retry",
    "transaction",
    "deadlock",
    "jti",
    "token",
    "request",
];

const LIMIT: &[&str] =
    &["rate limit", "ratelimit", "rate-limit", "too many requests", "throttl", "quota exceeded"];

const REFUSED: &[&str] = &[
    "invalid sdk credential",
    "invalid credential",
    "invalid token",
    "invalid jwt",
    "token expired",
    "jwt expired",
    "token has expired",
    "invalid signature",
    "jwt malformed",
    "unauthorized",
    "unauthorised",
    "not authorized",
    "not authorised",
];

const ABOUT_US: &[&str] = &[
    "credential",
    "token",
    "jti",
    "jwt",
    "signature",
    "scope",
    "permission",
    "unauthori",
    "forbidden",
    "access denied",
];

/// An HTTP answer as far as its meaning goes.
#[derive(Debug, Clone, Copy)]
pub struct Raw<'a> {
    /// The status code.
    pub status: u16,
    /// The Retry-After header.
    pub retry_after: Option<&'a str>,
    /// When it came, for a Retry-After that is a date.
    pub now: Timestamp,
    /// The body, decoded.
    pub body: &'a [u8],
}

/// Reads the answer to a create or an update. `phrases` are texts that mean "duplicate"
/// beside the built-in ones; case does not matter.
#[must_use]
pub fn classify(raw: &Raw, phrases: &[String]) -> Reply {
    let said = Said::of(raw.body);
    let ok = (200..300).contains(&raw.status);
    if ok && let Some(created) = created(&said, phrases) {
        return created;
    }
    refusal(raw, &said, phrases).unwrap_or_else(|| {
        let reason = said.reason(raw.status);
        let retry_after = retry_after(raw);
        match raw.status {
            300..400 => Reply::Unreached { reason },
            408 | 425 | 500.. => Reply::Failed { retry_after, reason },
            400..500 => Reply::Rejected { reason },
            _ => Reply::Unclear { reason },
        }
    })
}

/// Reads an answer that is not a success, or not what was asked for, as a refusal we
/// know; `None` when it is none of them.
pub(super) fn known_refusal(raw: &Raw, phrases: &[String]) -> Option<Reply> {
    refusal(raw, &Said::of(raw.body), phrases)
}

fn created(said: &Said, phrases: &[String]) -> Option<Reply> {
    let body = said.json.as_ref()?;
    if let Some(records) = wire::listed(body).filter(|records| !records.is_empty()) {
        return Some(Reply::Created(records));
    }
    // A lone contact; one that comes with a complaint is the existing one.
    let fields = body.as_object()?;
    let lone = fields.get("contact").and_then(Value::as_object).unwrap_or(fields);
    let complains = fields.contains_key("error") || fields.contains_key("errors");
    if complains || said.is_duplicate(phrases) {
        return None;
    }
    wire::record(lone).map(|record| Reply::Created(vec![record]))
}

fn refusal(raw: &Raw, said: &Said, phrases: &[String]) -> Option<Reply> {
    let reason = || said.reason(raw.status);
    if raw.status == 429 || said.any(LIMIT) {
        return Some(Reply::Limited { retry_after: retry_after(raw), reason: reason() });
    }
    let duplicate = said.is_duplicate(phrases);
    let refused = match raw.status {
        401 | 403 => !duplicate || said.any(ABOUT_US),
        200..500 => said.any(REFUSED) || said.has_code(4002),
        _ => false,
    };
    if refused {
        return Some(Reply::Unauthorised { reason: reason() });
    }
    let conflict = raw.status == 409 && !said.any(OTHER_CONFLICT);
    let redirected = (300..400).contains(&raw.status);
    ((duplicate && !redirected) || conflict).then(|| Reply::Duplicate {
        numbers: said.numbers(),
        owner: said.owner(),
        reason: reason(),
    })
}

/// What a body says: its JSON if it is any, and its words.
struct Said {
    json: Option<Value>,
    words: String,
    lower: String,
}

impl Said {
    fn of(body: &[u8]) -> Self {
        /// Complaints come first; nobody buries one below this many bytes.
        const LONGEST: usize = 256 * 1024;
        let json: Option<Value> = serde_json::from_slice(body).ok();
        let words = match &json {
            Some(value) => {
                let mut words = Vec::new();
                strings(value, &mut words);
                words.join(" · ")
            }
            None => plain(&String::from_utf8_lossy(&body[..body.len().min(LONGEST)])),
        };
        let words = safe(&words);
        let lower = words.to_lowercase();
        Self { json, words, lower }
    }

    fn any(&self, phrases: &[&str]) -> bool {
        phrases.iter().any(|phrase| self.lower.contains(phrase))
    }

    fn is_duplicate(&self, phrases: &[String]) -> bool {
        let own = |phrase: &String| {
            let phrase = phrase.trim().to_lowercase();
            !phrase.is_empty() && self.lower.contains(&phrase)
        };
        if phrases.iter().any(own) {
            return true;
        }
        let mut lower = self.lower.clone();
        for phrase in NOT_DUPLICATE {
            lower = lower.replace(phrase, "");
        }
        DUPLICATE.iter().any(|phrase| lower.contains(phrase))
    }

    fn has_code(&self, wanted: i64) -> bool {
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

    /// One sentence for people, with the status where the answer has no words.
    fn reason(&self, status: u16) -> String {
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
    fn numbers(&self) -> Vec<String> {
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

    fn owner(&self) -> Option<Owner> {
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
                ["msg", "message", "error", "errors", "reason", "detail", "description", "title"]
                    .contains(&key)
            };
            for first in [true, false] {
                let wanted = fields.iter().filter(|(key, _)| complaint(key) == first);
                wanted.for_each(|(_, value)| strings(value, words));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Text without its mark-up, if it has any.
fn plain(text: &str) -> String {
    let start = text.trim_start().get(..64).unwrap_or(text).to_lowercase();
    if !["<html", "<!doctype", "<?xml", "<body", "<head", "<h1", "<p>", "<div"]
        .iter()
        .any(|mark| start.contains(mark))
    {
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
    match (other.or_else(|| wire::id(fields)), name) {
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

/// The header as a wait: seconds, or a date (RFC 9110, 10.2.3), within an hour.
fn retry_after(raw: &Raw) -> Option<Duration> {
    let text = raw.retry_after?.trim();
    let seconds = match text.parse::<f64>() {
        // An absolute time where a span belongs.
        Ok(epoch) if epoch >= 1e9 => epoch - raw.now.as_duration().as_secs_f64(),
        Ok(span) => span,
        Err(_) => {
            let date = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
            date.duration_since(raw.now).as_secs_f64()
        }
    };
    if seconds.is_nan() {
        return None;
    }
    Some(Duration::from_secs_f64(seconds.clamp(0.0, LONGEST_RETRY.as_secs_f64())))
}

#[cfg(test)]
mod tests;
