//! Between rows and the domain: what a column means, and what to do with one that
//! cannot be read. An undecodable row is shown as Attention and blocks nothing.

mod outcome;

use jiff::Timestamp;
use rusqlite::{
    Row, ToSql,
    types::{FromSql, FromSqlResult, ToSqlOutput, ValueRef},
};
use uuid::Uuid;

pub(super) use outcome::outcome_json;

use super::{BootId, Candidate, Slot};
use crate::{
    contact::{Contact, E164, Parts},
    submission::{
        Attempt, Change, ContactId, Entry, Origin, Owner, Reason, Record, Search, State, Status,
        Submission, SubmissionId, Task, Verb, Waiting,
    },
};

/// The columns that [`entry`] reads; a table may have more by then.
pub(super) const OUTBOX: &str = "outbox.id, outbox.origin, outbox.salutation, outbox.first_name, \
    outbox.last_name, outbox.region, outbox.calling_code, outbox.national, outbox.written, \
    outbox.extension, outbox.submitted_at, outbox.state, outbox.due_at, outbox.reason, \
    outbox.platform_id, outbox.owners, outbox.remark, outbox.array_cap, outbox.attempts, outbox.settled_at, \
    outbox.task, outbox.target, outbox.agent, outbox.corrects";
/// The columns that [`attempt`] reads.
pub(super) const ATTEMPT: &str = "started_at, ended_at, outcome, verb";
/// The columns that [`directory_record`] reads.
pub(super) const DIRECTORY: &str = "id, salutation, first_name, last_name, full_name, e164, \
    extension, active, created_at, created_by";

/// A row that could not be read, and why.
#[derive(Debug)]
pub(super) struct Damaged {
    pub(super) id: String,
    pub(super) state: String,
    pub(super) origin: String,
    pub(super) what: String,
}

pub(super) fn millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

pub(super) fn timestamp(ms: i64) -> Option<Timestamp> {
    Timestamp::from_millisecond(ms).ok()
}

pub(super) fn origin_word(origin: Origin) -> &'static str {
    match origin {
        Origin::Form => "form",
        Origin::Import => "import",
    }
}

/// The columns a status is kept in.
#[derive(Debug, Default)]
pub(super) struct StatusColumns {
    pub(super) state: &'static str,
    pub(super) due: Option<Timestamp>,
    pub(super) reason: Option<String>,
    pub(super) platform_id: Option<String>,
    pub(super) owners: Option<String>,
    pub(super) remark: Option<String>,
}

impl From<&Status> for StatusColumns {
    fn from(status: &Status) -> Self {
        let columns = Self { state: status.state().word(), ..Self::default() };
        match status {
            Status::Queued(waiting) | Status::Unclear(waiting) => Self {
                due: waiting.until,
                reason: waiting.because.as_ref().map(Reason::to_stored),
                ..columns
            },
            Status::Sending => columns,
            Status::Created { id, remark } => Self {
                platform_id: Some(id.0.clone()),
                remark: remark.as_ref().map(Reason::to_stored),
                ..columns
            },
            Status::Deleted { id } => Self { platform_id: Some(id.0.clone()), ..columns },
            Status::Duplicate { owners, remark } => Self {
                owners: serde_json::to_string(owners).ok(),
                remark: remark.as_ref().map(Reason::to_stored),
                ..columns
            },
            Status::Rejected { reason } | Status::Attention { reason } => {
                Self { reason: Some(reason.to_stored()), ..columns }
            }
        }
    }
}

/// Reads a row of `outbox` whole.
pub(super) fn entry(row: &Row<'_>) -> Result<Entry, Damaged> {
    let text = |column| row.get(column).unwrap_or_default();
    read_entry(row).map_err(|what| Damaged {
        id: text("id"),
        state: text("state"),
        origin: text("origin"),
        what,
    })
}

/// What is known of a row that is due, for choosing its company; `:estate` is bound. The plus
/// keeps the database from walking all active contacts.
pub(super) const CANDIDATE: &str = "id, state, origin, e164, suspect_of, array_cap, \
     CASE WHEN reason LIKE '%\"unauthorised\"%' OR reason LIKE '%\"misaddressed\"%' THEN \
       coalesce((SELECT max(started_at) FROM attempt WHERE attempt.submission = outbox.id), 0) \
       END AS refused_at, \
     EXISTS (SELECT 1 FROM directory WHERE directory.estate = :estate \
       AND directory.e164 = outbox.e164 AND +directory.active = 1) AS is_listed";

/// Reads a row of `outbox` as far as [`CANDIDATE`] names it.
pub(super) fn candidate(row: &Row<'_>) -> Result<Candidate, Damaged> {
    let text = |column| row.get(column).unwrap_or_default();
    read_candidate(row).map_err(|what| Damaged {
        id: text("id"),
        state: text("state"),
        origin: text("origin"),
        what,
    })
}

fn read_candidate(row: &Row<'_>) -> Result<Candidate, String> {
    let number: String = get(row, "e164")?;
    Ok(Candidate {
        id: submission_id(row)?,
        number: E164::from_canonical(&number).ok_or("e164: no number")?,
        suspect_of: get::<Option<i64>>(row, "suspect_of")?.map(Slot),
        array_cap: get(row, "array_cap")?,
        is_listed: get(row, "is_listed")?,
        refused_at: get(row, "refused_at")?,
    })
}

/// The rows that can be read. The others are logged; the delivery sets them aside.
pub(super) fn readable(rows: Vec<Result<Entry, Damaged>>) -> Vec<Entry> {
    let tell = |row: Result<Entry, Damaged>| {
        row.inspect_err(|Damaged { id, what, .. }| {
            tracing::error!(%id, %what, "a row of the outbox cannot be read");
        })
        .ok()
    };
    rows.into_iter().filter_map(tell).collect()
}

fn read_entry(row: &Row<'_>) -> Result<Entry, String> {
    let attempts: i64 = get(row, "attempts")?;
    let settled_at: Option<i64> = get(row, "settled_at")?;
    Ok(Entry {
        submission: submission(row)?,
        task: task(row)?,
        status: status(row)?,
        attempts: u32::try_from(attempts).map_err(|_| "a negative count of attempts")?,
        settled_at: settled_at.and_then(timestamp),
        agent: get(row, "agent")?,
    })
}

fn get<T: FromSql>(row: &Row<'_>, column: &str) -> Result<T, String> {
    row.get(column).map_err(|error| format!("{column}: {error}"))
}

fn submission(row: &Row<'_>) -> Result<Submission, String> {
    let origin: String = get(row, "origin")?;
    let submitted_at: i64 = get(row, "submitted_at")?;
    let corrects: Option<String> = get(row, "corrects")?;
    Ok(Submission {
        id: submission_id(row)?,
        contact: contact(row)?,
        origin: match origin.as_str() {
            "form" => Origin::Form,
            "import" => Origin::Import,
            other => return Err(format!("origin: {other}")),
        },
        submitted_at: timestamp(submitted_at).ok_or("submitted_at: out of range")?,
        corrects: corrects.and_then(|id| Uuid::parse_str(&id).ok()).map(SubmissionId),
    })
}

fn submission_id(row: &Row<'_>) -> Result<SubmissionId, String> {
    let id: String = get(row, "id")?;
    let read = SubmissionId(Uuid::parse_str(&id).map_err(|error| format!("id: {error}"))?);
    // One that is written otherwise is not found again by it.
    if read.to_string() == id { Ok(read) } else { Err(format!("id: {id}")) }
}

fn contact(row: &Row<'_>) -> Result<Contact, String> {
    let calling_code: i64 = get(row, "calling_code")?;
    let parts = Parts {
        salutation: get(row, "salutation")?,
        first_name: get(row, "first_name")?,
        last_name: get(row, "last_name")?,
        region: get(row, "region")?,
        calling_code: u16::try_from(calling_code).map_err(|_| "calling_code: out of range")?,
        national: get(row, "national")?,
        written: get(row, "written")?,
        extension: get(row, "extension")?,
    };
    parts.try_into()
}

fn platform_id(row: &Row<'_>) -> Result<ContactId, String> {
    let id: Option<String> = get(row, "platform_id")?;
    Ok(ContactId(id.ok_or("created, but without an id")?))
}

/// The columns a task is kept in.
pub(super) fn task_columns(task: &Task) -> (&'static str, Option<String>) {
    let target = task.change().map(Change::contact);
    (verb_word(task.verb()), target.and_then(|contact| serde_json::to_string(&contact).ok()))
}

pub(super) fn verb_word(verb: Verb) -> &'static str {
    match verb {
        Verb::Create => "create",
        Verb::Update => "update",
        Verb::Delete => "delete",
    }
}

fn verb(word: &str) -> Result<Verb, String> {
    [Verb::Create, Verb::Update, Verb::Delete]
        .into_iter()
        .find(|verb| verb_word(*verb) == word)
        .ok_or_else(|| format!("task: {word}"))
}

fn task(row: &Row<'_>) -> Result<Task, String> {
    let verb = verb(&get::<String>(row, "task")?)?;
    if verb == Verb::Create {
        return Ok(Task::Create);
    }
    let text: Option<String> = get(row, "target")?;
    let target: Owner = serde_json::from_str(text.as_deref().unwrap_or_default())
        .map_err(|error| format!("target: {error}"))?;
    let id = target.id.clone().ok_or("target: no id")?;
    Ok(Task::Change(match verb {
        Verb::Delete => Change::Delete(id),
        Verb::Create | Verb::Update => Change::Update(id, target),
    }))
}

fn status(row: &Row<'_>) -> Result<Status, String> {
    let state: String = get(row, "state")?;
    let reason = |column| -> Result<Option<Reason>, String> {
        Ok(get::<Option<String>>(row, column)?.as_deref().map(Reason::stored))
    };
    let because = reason("reason")?;
    let told = || because.clone().unwrap_or(Reason::Quoted { words: String::new() });
    let due_at: i64 = get(row, "due_at")?;
    let until = (due_at > 0).then(|| timestamp(due_at)).flatten();
    Ok(match State::from_word(&state).ok_or_else(|| format!("state: {state}"))? {
        State::Queued => Status::Queued(Waiting { until, because }),
        State::Unclear => Status::Unclear(Waiting { until, because }),
        State::Sending => Status::Sending,
        State::Created => Status::Created { id: platform_id(row)?, remark: reason("remark")? },
        State::Deleted => Status::Deleted { id: platform_id(row)? },
        State::Duplicate => {
            let owners: Option<String> = get(row, "owners")?;
            let owners = serde_json::from_str(owners.as_deref().unwrap_or("[]"))
                .map_err(|error| format!("owners: {error}"))?;
            Status::Duplicate { owners, remark: reason("remark")? }
        }
        State::Rejected => Status::Rejected { reason: told() },
        State::Attention => Status::Attention { reason: told() },
    })
}

/// Reads a row of `attempt`; one without a readable time is left out.
pub(super) fn attempt(row: &Row<'_>) -> Option<Attempt> {
    let started_at: i64 = row.get("started_at").ok()?;
    let ended_at: Option<i64> = row.get("ended_at").ok()?;
    // That a request was made counts, whatever can be read of what came of it.
    let text = row.get_ref("outcome").ok()?.as_bytes_or_null().ok()?;
    let text = text.map(String::from_utf8_lossy);
    let word: String = row.get("verb").ok()?;
    Some(Attempt {
        verb: verb(&word).ok()?,
        started_at: timestamp(started_at)?,
        ended_at: ended_at.and_then(timestamp),
        outcome: text.as_deref().map(outcome::outcome),
    })
}

/// Reads a row of `directory`.
pub(super) fn directory_record(row: &Row<'_>) -> Option<Record> {
    let text = |column| row.get::<_, Option<String>>(column).ok().flatten();
    let created_at: Option<i64> = row.get("created_at").ok()?;
    let active: i64 = row.get("active").ok()?;
    Some(Record {
        id: text("id").map(ContactId),
        salutation: text("salutation"),
        first_name: text("first_name"),
        last_name: text("last_name"),
        full_name: text("full_name"),
        e164: text("e164").as_deref().and_then(E164::from_canonical),
        extension: text("extension"),
        active: active != 0,
        created_at: created_at.and_then(timestamp),
        zoneless: false,
        created_by: text("created_by"),
        answered: Vec::new(),
    })
}

/// What to look for in names and in numbers; empty where the text cannot be one.
pub(super) fn search_patterns(text: &str) -> (String, String) {
    let Search { name, digits } = Search::parse(text);
    if name.is_empty() {
        return (String::new(), String::new());
    }
    let name = name.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    (format!("%{name}%"), digits.map_or_else(String::new, |digits| format!("%{digits}%")))
}

/// Kept as it is; one without a name is empty.
impl ToSql for BootId {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(match self {
            Self::Known(name) => name.to_string(),
            Self::Unknown => String::new(),
        }))
    }
}

/// What the first release kept is a number: a start that is over.
impl FromSql for BootId {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let ValueRef::Text(text) = value else { return Ok(Self::Known(Uuid::nil())) };
        let name = std::str::from_utf8(text).unwrap_or_default();
        Ok(match Uuid::parse_str(name) {
            Ok(name) => Self::Known(name),
            Err(_) if name.is_empty() => Self::Unknown,
            Err(_) => Self::Known(Uuid::nil()),
        })
    }
}
