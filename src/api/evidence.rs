//! What an answer says of its own success, whatever its shape. Answers to a create repeat what
//! was sent, with a row's number for an id, whether or not it was made: so a contact with an id
//! is only believed while nothing beside it speaks against it. The documented answers say
//! nothing at all; whatever else is said has to be said in words of success that are known
//! here. Anything else is doubt, which costs a look-up and claims nothing.
//!
//! A contact of which the platform tells when, or by whom, it was made is more than an echo: of
//! that only a plain complaint is doubt ([`refuses`]). A customer's own state, a reason for the
//! call or words of another language are none.

use serde_json::{Map, Value};

/// What keys of success are called, apart from [`FILLERS`].
const AFFIRMED: &[&str] = &[
    "success",
    "successes",
    "successful",
    "successfully",
    "succeeded",
    "ok",
    "valid",
    "created",
    "saved",
    "inserted",
    "stored",
    "added",
    "imported",
    "accepted",
    "processed",
    "completed",
    "done",
    "persisted",
    "passed",
    "acknowledged",
    "new",
];

/// Those that are rightly denied of a contact that was there before.
const OF_A_NEW_ONE: &[&str] = &["new", "valid", "created", "inserted", "added", "imported"];

/// What keys are called that tell of a contact that was there before.
const OLD_ONE: &[&str] = &[
    "already",
    "present",
    "found",
    "matched",
    "merged",
    "reused",
    "updated",
    "unchanged",
    "deleted",
    "archived",
    "known",
];

/// What may stand beside those in a key without another meaning: `isCreated`, `successCount`.
const FILLERS: &[&str] = &[
    "is",
    "was",
    "has",
    "been",
    "are",
    "were",
    "count",
    "counts",
    "counter",
    "total",
    "number",
    "num",
    "of",
    "record",
    "records",
    "contact",
    "contacts",
    "row",
    "rows",
    "item",
    "items",
    "document",
    "documents",
    "docs",
    "list",
    "ids",
];

/// Whose state tells how it went.
const STATUS_OF: [&str; 12] = [
    "http",
    "create",
    "creation",
    "contact",
    "record",
    "row",
    "item",
    "import",
    "save",
    "process",
    "processing",
    "response",
];

/// What keys and containers of the same things are called that were made or say nothing of it.
const NEUTRAL: &[&str] = &[
    "create",
    "insert",
    "save",
    "add",
    "import",
    "results",
    "result",
    "data",
    "response",
    "responses",
    "payload",
    "body",
    "content",
    "value",
    "values",
    "output",
    "entries",
    "entry",
    "customer",
    "customers",
    "person",
    "persons",
    "people",
    "user",
    "users",
    "lead",
    "leads",
    "bulk",
    "batch",
    "many",
    "all",
    "model",
    "models",
    "object",
    "objects",
    "resource",
    "resources",
    "elements",
    "nodes",
    "d",
];

/// Beginnings of words that tell of something that was not done.
const TROUBLES: &[&str] = &[
    "error",
    "errmsg",
    "fail",
    "reject",
    "invalid",
    "duplic",
    "exist",
    "conflict",
    "skipp",
    "deni",
    "deny",
    "refus",
    "ignor",
    "exception",
    "violat",
    "problem",
    "unsuccess",
    "declin",
    "fault",
];

/// Whole words that do, because others begin like them.
const WHOLE_TROUBLES: &[&str] = &["err", "dup", "dupe", "issue", "issues", "reason", "reasons"];

/// Beginnings of words that make good news of something else, or put it off.
const SPOILERS: &[&str] = &[
    "not",
    "cannot",
    "can",
    "couldn",
    "didn",
    "wasn",
    "isn",
    "could",
    "unable",
    "never",
    "nothing",
    "nobody",
    "false",
    "already",
    "exceed",
    "block",
    "forbid",
    "abort",
    "missing",
    "require",
    "must",
    "unchanged",
    "pending",
    "queue",
    "schedul",
    "later",
    "partial",
    "wrong",
    "bad",
    "illegal",
    "taken",
    "unprocess",
    "unsaved",
    "incomplete",
    "inprogress",
    "will",
    "waiting",
    "but",
    "except",
    "only",
    "please",
    "enter",
    "provid",
    "should",
    "expect",
    "need",
    "if",
    "before",
    "unless",
    "than",
];

/// What news of a contact that was made says.
const GOOD: &[&str] = &[
    "created",
    "success",
    "successful",
    "successfully",
    "succeeded",
    "ok",
    "okay",
    "saved",
    "inserted",
    "stored",
    "added",
    "imported",
    "completed",
    "done",
    "registered",
];

/// What the state of one that was made may be called, in so many words.
const GOOD_STATES: &[&str] = &[
    "create", "insert", "new", "valid", "passed", "complete", "active", "inactive", "enabled",
    "open", "true",
];

/// Beginnings of words in news of one that was there before.
const NOT_NEW: &[&str] = &["updat", "found", "retriev", "fetch", "match", "merg", "reus", "delet"];

/// What news of a change or a deletion says.
const GOOD_CHANGE: &[&str] = &[
    "updated", "update", "modified", "changed", "deleted", "delete", "removed", "remove",
    "archived", "gone",
];

/// Keys under which a contact itself has what sounds like news: an address has a `state`.
const PARTS: &[&str] = &["address", "addresses", "location", "geo", "tags"];

/// What the answer is to: a contact that was deleted was not created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    Create,
    Change,
}

/// Whether anything that an object says beside contacts speaks against what was asked for.
pub(super) fn speaks_against(fields: &Map<String, Value>, asked: Asked) -> bool {
    fields.iter().any(|(key, value)| is_against(key, value, asked))
}

/// What may stand beside a trouble in a key that tells of nothing else: `failureReason`.
const OF_A_TROUBLE: &[&str] =
    &["message", "messages", "msg", "code", "codes", "text", "detail", "details", "reason", "info"];

/// Whole words of a trouble, in a key or a state.
const PLAIN_TROUBLES: &[&str] = &[
    "err",
    "error",
    "errors",
    "errmsg",
    "fail",
    "fails",
    "failed",
    "failure",
    "failures",
    "reject",
    "rejected",
    "rejection",
    "invalid",
    "duplicate",
    "duplicated",
    "duplicates",
    "dup",
    "dupe",
    "conflict",
    "conflicts",
    "denied",
    "refused",
    "skipped",
    "ignored",
    "declined",
    "aborted",
    "unsuccessful",
    "violation",
    "violations",
];

/// Whether an object plainly says that what it shows was not made, whatever else it says of a
/// customer. What lies deeper has states of its own.
pub(super) fn refuses(fields: &Map<String, Value>, asked: Asked) -> bool {
    fields.iter().any(|(key, value)| is_plainly_against(key, value, asked))
}

fn is_plainly_against(key: &str, value: &Value, asked: Asked) -> bool {
    const SUCCESS: [&str; 5] = ["success", "successful", "succeeded", "ok", "created"];
    const STATES: [&str; 3] = ["status", "outcome", "verdict"];
    const FAILED: std::ops::Range<i64> = 400..600;
    let words = words(key);
    let telling: Vec<_> =
        words.iter().map(String::as_str).filter(|word| !FILLERS.contains(word)).collect();
    let is_trouble = telling.iter().any(|word| PLAIN_TROUBLES.contains(word))
        && telling.iter().all(|it| PLAIN_TROUBLES.contains(it) || OF_A_TROUBLE.contains(it));
    if is_trouble {
        return says_something(value);
    }
    match (telling.as_slice(), value) {
        ([one], Value::Bool(false) | Value::String(_)) if SUCCESS.contains(one) => {
            // Of a change it is right that nothing was created.
            denies(value) && !(asked == Asked::Change && *one == "created")
        }
        (["already", ..] | ["existing" | "exists"], _) => asked == Asked::Create && affirms(value),
        (["code" | "statuscode" | "httpstatus"] | ["status" | "http", "code" | "status"], _) => {
            code(value).is_some_and(|code| FAILED.contains(&code))
        }
        ([one], Value::String(text)) if STATES.contains(one) => names_a_trouble(text),
        ([first, "status"], Value::String(text)) if STATUS_OF.contains(first) => {
            names_a_trouble(text)
        }
        (["message" | "messages" | "msg"], Value::String(text)) => {
            let words = self::words(text);
            let words: Vec<_> = words.iter().map(String::as_str).collect();
            let left = without_denied_troubles(&words, |word| GOOD.contains(&word));
            let has = |wanted: &str| left.contains(&wanted);
            let is_denied = has("not") && left.iter().any(|word| GOOD.contains(word));
            let is_said = left.iter().any(|word| {
                PLAIN_TROUBLES.contains(word) || word.starts_with("exist") || *word == "already"
            });
            is_said || is_denied
        }
        _ => false,
    }
}

/// Whether a state is that of something that was not done: "REJECTED", `not_saved`.
fn names_a_trouble(state: &str) -> bool {
    let words = words(state);
    let is_trouble = |word: &String| {
        PLAIN_TROUBLES.contains(&word.as_str()) || word == "exists" || word == "already"
    };
    words.iter().any(is_trouble) || words.first().is_some_and(|word| word == "not")
}

/// Whether it plainly says that something failed, and not only leaves it open.
pub(super) fn complains(fields: &Map<String, Value>) -> bool {
    fields.iter().any(|(key, value)| match meaning(key) {
        Meaning::Complaint => says_something(value),
        // A count of none may be of something else.
        Meaning::Affirmation => (value.is_boolean() || value.is_string()) && denies(value),
        Meaning::OldOne
        | Meaning::Code
        | Meaning::Status
        | Meaning::Message
        | Meaning::Remark
        | Meaning::Part
        | Meaning::Other => false,
    })
}

/// Whether what is listed under this key may be what was made: its name says so, or nothing.
pub(super) fn may_hold_created(key: &str) -> bool {
    words(key)
        .iter()
        .all(|word| [AFFIRMED, FILLERS, NEUTRAL].iter().any(|known| known.contains(&word.as_str())))
}

/// Whether the key itself says that these were made.
pub(super) fn says_created(key: &str) -> bool {
    const NOT_YET: [&str; 4] = ["valid", "accepted", "processed", "new"];
    let words = words(key);
    let affirms = |word: &String| AFFIRMED.contains(&word.as_str());
    let is_filler = |word: &String| FILLERS.contains(&word.as_str());
    words.iter().any(affirms)
        && words.iter().all(|word| affirms(word) || is_filler(word))
        && !words.iter().any(|word| NOT_YET.contains(&word.as_str()))
}

/// What a key is for.
enum Meaning {
    Complaint,
    Affirmation,
    OldOne,
    Code,
    Status,
    /// What tells how it went.
    Message,
    /// What may be told beside a success as well.
    Remark,
    /// A part of the contact itself.
    Part,
    Other,
}

fn meaning(key: &str) -> Meaning {
    const STATUS: [&str; 9] = [
        "status",
        "state",
        "result",
        "outcome",
        "verdict",
        "disposition",
        "action",
        "operation",
        "validation",
    ];
    const CODE_OF: [&str; 6] = ["status", "result", "response", "return", "http", "sub"];
    const MESSAGES: [&str; 6] = ["message", "messages", "msg", "detail", "details", "validations"];
    const REMARKS: [&str; 8] =
        ["warning", "warnings", "remark", "remarks", "note", "notes", "hint", "description"];
    let words = words(key);
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    if words.iter().any(|word| PARTS.contains(word)) {
        return Meaning::Part;
    }
    if words.iter().any(|word| is_trouble(word)) {
        return Meaning::Complaint;
    }
    let telling: Vec<_> = words.iter().filter(|word| !FILLERS.contains(word)).collect();
    if !telling.is_empty() && telling.iter().all(|word| AFFIRMED.contains(word)) {
        return Meaning::Affirmation;
    }
    if !telling.is_empty() && telling.iter().all(|word| OLD_ONE.contains(word)) {
        return Meaning::OldOne;
    }
    match words.as_slice() {
        ["code" | "statuscode" | "httpstatus"] | ["http", "status", ..] => Meaning::Code,
        [first, "code"] if CODE_OF.contains(first) => Meaning::Code,
        [one] if STATUS.contains(one) => Meaning::Status,
        [first, last] if STATUS_OF.contains(first) && STATUS.contains(last) => Meaning::Status,
        [.., last] if MESSAGES.contains(last) => Meaning::Message,
        [.., last] if REMARKS.contains(last) => Meaning::Remark,
        _ => Meaning::Other,
    }
}

fn is_against(key: &str, value: &Value, asked: Asked) -> bool {
    let is_success = |code: i64| (200..300).contains(&code);
    match (meaning(key), value) {
        (Meaning::Part, _) | (_, Value::Null) => false,
        (Meaning::Complaint, _) => says_something(value),
        (Meaning::Affirmation, _) if denies(value) => {
            asked == Asked::Create || !words(key).iter().any(|word| OF_A_NEW_ONE.contains(&&**word))
        }
        (Meaning::OldOne, _) => asked == Asked::Create && affirms(value),
        // What has an id is a thing of its own, with a state of its own.
        (_, Value::Object(inner)) => {
            !inner.contains_key("id") && !inner.contains_key("_id") && speaks_against(inner, asked)
        }
        (Meaning::Code, Value::String(text)) if code(value).is_none() => {
            tone(text, asked) == Tone::Bad
        }
        (Meaning::Code, _) => !code(value).is_some_and(|code| (0..300).contains(&code)),
        (Meaning::Status, Value::Number(_)) => {
            !code(value).is_some_and(|code| code == 1 || is_success(code))
        }
        (Meaning::Status, Value::String(_)) if code(value).is_some_and(is_success) => false,
        (Meaning::Status | Meaning::Message, Value::Bool(said)) => !said,
        (Meaning::Status | Meaning::Message, Value::String(text)) => {
            match tone(text, asked) {
                Tone::Bad => true,
                // Nobody takes the state of a contact that is there for news of its change.
                Tone::Unknown => asked == Asked::Create,
                Tone::Silent | Tone::Good => false,
            }
        }
        (Meaning::Remark, Value::String(text)) => tone(text, asked) == Tone::Bad,
        (_, Value::Array(items)) => {
            let is_told = matches!(meaning(key), Meaning::Message | Meaning::Remark);
            let told = |item: &&Value| item.is_object() || is_told;
            items.iter().filter(told).any(|item| is_against(key, item, asked))
        }
        (
            Meaning::Affirmation | Meaning::Message | Meaning::Remark | Meaning::Other,
            Value::Bool(_) | Value::Number(_) | Value::String(_),
        ) => false,
    }
}

/// A whole number, or a text that is one.
fn code(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// Whether it says yes, or counts some; a number beyond all counts is a time.
fn affirms(value: &Value) -> bool {
    const MOST: f64 = 1e8;
    match value {
        Value::Bool(said) => *said,
        Value::Number(count) => count.as_f64().is_some_and(|it| it > 0.0 && it < MOST),
        Value::String(text) => ["true", "yes", "y"].contains(&&*text.trim().to_lowercase()),
        Value::Array(items) => !items.is_empty(),
        Value::Null | Value::Object(_) => false,
    }
}

/// Whether what stands where success is affirmed denies it: `false`, 0, "no", or a list of none.
fn denies(value: &Value) -> bool {
    match value {
        Value::Bool(said) => !said,
        Value::Number(count) => count.as_f64() == Some(0.0),
        Value::String(text) => {
            let text = text.trim().to_lowercase();
            let no = ["false", "no", "n", "off", "none", "nothing", "null"];
            no.contains(&text.as_str())
                || text.parse() == Ok(0.0)
                || tone(&text, Asked::Create) == Tone::Bad
        }
        Value::Array(items) => items.is_empty(),
        Value::Null | Value::Object(_) => false,
    }
}

/// Whether what stands where an error belongs is one: many write an empty text, a zero or "none"
/// there when all is well.
fn says_something(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Bool(true) => true,
        Value::Number(count) => count.as_f64() != Some(0.0),
        Value::String(text) => {
            let is_silent = matches!(tone(text, Asked::Create), Tone::Silent | Tone::Good);
            !is_silent && !text.trim().eq_ignore_ascii_case("false")
        }
        Value::Array(items) => items.iter().any(says_something),
        Value::Object(fields) => fields.values().any(says_something),
    }
}

/// How a text sounds to somebody who hopes for success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tone {
    /// It says nothing: empty, "none", "0 of 12", "no errors".
    Silent,
    Good,
    Bad,
    Unknown,
}

fn tone(text: &str, asked: Asked) -> Tone {
    const NOTHING: [&str; 7] = ["", "null", "nil", "none", "no", "n", "undefined"];
    /// A state is told in so many words; a sentence with one of them may say anything.
    const LONGEST_STATE: usize = 3;
    let lower = text.trim().to_lowercase();
    let is_count = |text: &str| text.parse::<f64>().is_ok();
    let is_none_of = lower.strip_prefix("0 of ").is_some_and(is_count);
    if NOTHING.contains(&lower.as_str()) || lower.parse() == Ok(0.0) || is_none_of {
        return Tone::Silent;
    }
    let is_state = words(text).len() <= LONGEST_STATE;
    let good = |word: &str| {
        GOOD.contains(&word)
            || (is_state && GOOD_STATES.contains(&word))
            || (asked == Asked::Change && GOOD_CHANGE.contains(&word))
    };
    let begins = |word: &str, beginnings: &[&str]| beginnings.iter().any(|it| word.starts_with(it));
    let bad = |word: &str| {
        is_trouble(word)
            || begins(word, SPOILERS)
            || (asked == Asked::Create && begins(word, NOT_NEW))
    };
    let (mut sounds_good, mut denies_trouble) = (false, false);
    for clause in text.split([',', ';', '(', ')', '.', '·', '|', '/', '!']) {
        let all = words(clause);
        let all: Vec<_> = all.iter().map(String::as_str).collect();
        let left = without_denied_troubles(&all, good);
        denies_trouble |= left.len() < all.len();
        let is_good = left.iter().any(|word| good(word));
        let is_none = left.iter().any(|word| matches!(*word, "0" | "no" | "zero" | "without"));
        if left.iter().any(|word| bad(word)) || (is_none && is_good) {
            return Tone::Bad;
        }
        sounds_good |= is_good;
    }
    match (sounds_good, denies_trouble) {
        (true, _) => Tone::Good,
        (false, true) => Tone::Silent,
        (false, false) => Tone::Unknown,
    }
}

/// The words without the troubles that they deny: "no errors", "without duplicates", and
/// "0 duplicates skipped" where nothing else is said.
fn without_denied_troubles<'a>(words: &[&'a str], good: impl Fn(&str) -> bool) -> Vec<&'a str> {
    let says_good = words.iter().any(|word| good(word));
    let denies = |word: &str| match word {
        "no" | "without" | "zero" => true,
        "0" => !says_good,
        _ => false,
    };
    let mut kept: Vec<&str> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let run = words[at..].iter().skip(1).take_while(|word| is_trouble(word)).count();
        if denies(words[at]) && run > 0 {
            at += 1 + run;
        } else if is_trouble(words[at]) && words.get(at + 1).is_some_and(|next| *next == "none") {
            at += 2;
        } else {
            kept.push(words[at]);
            at += 1;
        }
    }
    kept
}

fn is_trouble(word: &str) -> bool {
    WHOLE_TROUBLES.contains(&word) || TROUBLES.iter().any(|beginning| word.starts_with(beginning))
}

/// The words of a key or a sentence in lower case, whichever way they are run together.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for letter in text.chars() {
        let begins = letter.is_uppercase() && before.is_lowercase();
        if (begins || !letter.is_alphanumeric()) && words.last().is_some_and(|it| !it.is_empty()) {
            words.push(String::new());
        }
        if letter.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(letter.to_lowercase());
        }
        before = letter;
    }
    words.retain(|word| !word.is_empty());
    words
}
