//! Between rows and the domain: what a column means, and what to do with one that
//! cannot be read. An undecodable row is shown as Attention and blocks nothing.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::{Row as _, any::AnyRow};
use std::time::Duration;
use uuid::Uuid;

use crate::{
    contact::{Contact, E164, Extension, Name, Phone, Region, Salutation},
    submission::{
        Attempt, ContactId, Entry, Origin, Outcome, Owner, Record, Status, Submission,
        SubmissionId, Waiting,
    },
};

/// A row that could not be read, and why.
#[derive(Debug)]
pub(super) struct Damaged {
    pub(super) id: String,
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
        let waiting = |state, waiting: &Waiting| Self {
            state,
            due: waiting.until,
            reason: waiting.because.clone(),
            ..Self::default()
        };
        match status {
            Status::Queued(it) => waiting("queued", it),
            Status::Unclear(it) => waiting("unclear", it),
            Status::Sending => Self { state: "sending", ..Self::default() },
            Status::Created { id } => {
                Self { state: "created", platform_id: Some(id.0.clone()), ..Self::default() }
            }
            Status::Duplicate { owners, remark } => Self {
                state: "duplicate",
                owners: Some(owners_json(owners)),
                remark: remark.clone(),
                ..Self::default()
            },
            Status::Rejected { reason } => {
                Self { state: "rejected", reason: Some(reason.clone()), ..Self::default() }
            }
            Status::Attention { reason } => {
                Self { state: "attention", reason: Some(reason.clone()), ..Self::default() }
            }
        }
    }
}

#[derive(Serialize, Deserialize)]
struct OwnerRow {
    id: Option<String>,
    name: Option<String>,
}

fn owner_row(owner: &Owner) -> OwnerRow {
    OwnerRow { id: owner.id.as_ref().map(|id| id.0.clone()), name: owner.full_name.clone() }
}

fn owner(row: OwnerRow) -> Owner {
    Owner { id: row.id.map(ContactId), full_name: row.name }
}

fn owners_json(owners: &[Owner]) -> String {
    let rows: Vec<_> = owners.iter().map(owner_row).collect();
    serde_json::to_string(&rows).unwrap_or_default()
}

/// Reads a row of `outbox` whole.
pub(super) fn entry(row: &AnyRow) -> Result<Entry, Damaged> {
    let id: String = row.try_get("id").unwrap_or_default();
    read_entry(row).map_err(|what| Damaged { id, what })
}

fn read_entry(row: &AnyRow) -> Result<Entry, String> {
    let attempts: i64 = get(row, "attempts")?;
    let settled_at: Option<i64> = get(row, "settled_at")?;
    Ok(Entry {
        submission: submission(row)?,
        status: status(row)?,
        attempts: u32::try_from(attempts).map_err(|_| "a negative count of attempts")?,
        settled_at: settled_at.and_then(timestamp),
    })
}

fn get<'r, T>(row: &'r AnyRow, column: &str) -> Result<T, String>
where
    T: sqlx::Decode<'r, sqlx::Any> + sqlx::Type<sqlx::Any>,
{
    row.try_get(column).map_err(|error| format!("{column}: {error}"))
}

fn submission(row: &AnyRow) -> Result<Submission, String> {
    let id: String = get(row, "id")?;
    let origin: String = get(row, "origin")?;
    let submitted_at: i64 = get(row, "submitted_at")?;
    Ok(Submission {
        id: SubmissionId(Uuid::parse_str(&id).map_err(|error| format!("id: {error}"))?),
        contact: contact(row)?,
        origin: match origin.as_str() {
            "form" => Origin::Form,
            "import" => Origin::Import,
            other => return Err(format!("origin: {other}")),
        },
        submitted_at: timestamp(submitted_at).ok_or("submitted_at: out of range")?,
    })
}

fn contact(row: &AnyRow) -> Result<Contact, String> {
    let text = |column| get::<String>(row, column);
    let region: Option<String> = get(row, "region")?;
    let calling_code: i64 = get(row, "calling_code")?;
    let national = text("national")?;
    let phone = u16::try_from(calling_code).ok().and_then(|code| {
        Phone::from_parts(region.as_deref().and_then(Region::from_code), code, &national)
    });
    Ok(Contact {
        salutation: Salutation::parse(&text("salutation")?)?,
        first_name: Name::parse(&text("first_name")?)?,
        last_name: Name::parse(&text("last_name")?)?,
        phone: phone.ok_or("phone: not a number")?,
        extension: Extension::parse(&text("extension")?)?,
    })
}

fn status(row: &AnyRow) -> Result<Status, String> {
    let state: String = get(row, "state")?;
    let reason: Option<String> = get(row, "reason")?;
    let due_at: i64 = get(row, "due_at")?;
    let waiting =
        |because| Waiting { until: (due_at > 0).then(|| timestamp(due_at)).flatten(), because };
    Ok(match state.as_str() {
        "queued" => Status::Queued(waiting(reason)),
        "unclear" => Status::Unclear(waiting(reason)),
        "sending" => Status::Sending,
        "created" => {
            let id: Option<String> = get(row, "platform_id")?;
            Status::Created { id: ContactId(id.ok_or("created, but without an id")?) }
        }
        "duplicate" => {
            let owners: Option<String> = get(row, "owners")?;
            let rows: Vec<OwnerRow> = serde_json::from_str(owners.as_deref().unwrap_or("[]"))
                .map_err(|error| format!("owners: {error}"))?;
            let remark: Option<String> = get(row, "remark")?;
            Status::Duplicate { owners: rows.into_iter().map(owner).collect(), remark }
        }
        "rejected" => Status::Rejected { reason: reason.unwrap_or_default() },
        "attention" => Status::Attention { reason: reason.unwrap_or_default() },
        other => return Err(format!("state: {other}")),
    })
}

/// An outcome as it is kept: facts in plain words, readable without this program.
#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum OutcomeRow {
    Created { record: RecordRow },
    Duplicate { owner: Option<OwnerRow>, reason: String },
    Rejected { reason: String },
    Unauthorised { reason: String },
    Limited { retry_after_ms: Option<u64>, reason: String },
    Unreached { reason: String },
    Failed { retry_after_ms: Option<u64>, reason: String },
    Unclear { reason: String },
    Unsettled { omitted: bool, reason: String },
}

#[derive(Serialize, Deserialize)]
struct RecordRow {
    id: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    full_name: Option<String>,
    e164: Option<String>,
    active: bool,
    created_at: Option<i64>,
    created_by: Option<String>,
}

fn record_row(record: &Record) -> RecordRow {
    RecordRow {
        id: record.id.as_ref().map(|id| id.0.clone()),
        first_name: record.first_name.clone(),
        last_name: record.last_name.clone(),
        full_name: record.full_name.clone(),
        e164: record.e164.as_ref().map(ToString::to_string),
        active: record.active,
        created_at: record.created_at.map(millis),
        created_by: record.created_by.clone(),
    }
}

fn record(row: RecordRow) -> Record {
    Record {
        id: row.id.map(ContactId),
        first_name: row.first_name,
        last_name: row.last_name,
        full_name: row.full_name,
        e164: row.e164.as_deref().and_then(E164::from_canonical),
        active: row.active,
        created_at: row.created_at.and_then(timestamp),
        created_by: row.created_by,
    }
}

pub(super) fn outcome_json(outcome: &Outcome) -> String {
    let ms = |wait: &Option<Duration>| {
        wait.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX))
    };
    let row = match outcome.clone() {
        Outcome::Created(record) => OutcomeRow::Created { record: record_row(&record) },
        Outcome::Duplicate { owner, reason } => {
            OutcomeRow::Duplicate { owner: owner.as_ref().map(owner_row), reason }
        }
        Outcome::Rejected { reason } => OutcomeRow::Rejected { reason },
        Outcome::Unauthorised { reason } => OutcomeRow::Unauthorised { reason },
        Outcome::Limited { retry_after, reason } => {
            OutcomeRow::Limited { retry_after_ms: ms(&retry_after), reason }
        }
        Outcome::Unreached { reason } => OutcomeRow::Unreached { reason },
        Outcome::Failed { retry_after, reason } => {
            OutcomeRow::Failed { retry_after_ms: ms(&retry_after), reason }
        }
        Outcome::Unclear { reason } => OutcomeRow::Unclear { reason },
        Outcome::Unsettled { omitted, reason } => OutcomeRow::Unsettled { omitted, reason },
    };
    serde_json::to_string(&row).unwrap_or_default()
}

/// An outcome that cannot be read is an unclear one: the careful reading.
fn outcome(json: &str) -> Outcome {
    let unreadable =
        || OutcomeRow::Unclear { reason: "what came of it could not be read back".into() };
    match serde_json::from_str(json).unwrap_or_else(|_| unreadable()) {
        OutcomeRow::Created { record: row } => Outcome::Created(record(row)),
        OutcomeRow::Duplicate { owner: row, reason } => {
            Outcome::Duplicate { owner: row.map(owner), reason }
        }
        OutcomeRow::Rejected { reason } => Outcome::Rejected { reason },
        OutcomeRow::Unauthorised { reason } => Outcome::Unauthorised { reason },
        OutcomeRow::Limited { retry_after_ms, reason } => {
            Outcome::Limited { retry_after: retry_after_ms.map(Duration::from_millis), reason }
        }
        OutcomeRow::Unreached { reason } => Outcome::Unreached { reason },
        OutcomeRow::Failed { retry_after_ms, reason } => {
            Outcome::Failed { retry_after: retry_after_ms.map(Duration::from_millis), reason }
        }
        OutcomeRow::Unclear { reason } => Outcome::Unclear { reason },
        OutcomeRow::Unsettled { omitted, reason } => Outcome::Unsettled { omitted, reason },
    }
}

/// Reads a row of `attempt`; one without a readable time is left out.
pub(super) fn attempt(row: &AnyRow) -> Option<Attempt> {
    let started_at: i64 = row.try_get("started_at").ok()?;
    let ended_at: Option<i64> = row.try_get("ended_at").ok()?;
    let text: Option<String> = row.try_get("outcome").ok()?;
    Some(Attempt {
        started_at: timestamp(started_at)?,
        ended_at: ended_at.and_then(timestamp),
        outcome: text.as_deref().map(outcome),
    })
}

/// Reads a row of `directory`.
pub(super) fn directory_record(row: &AnyRow) -> Option<Record> {
    let text = |column| row.try_get::<Option<String>, _>(column).ok().flatten();
    let created_at: Option<i64> = row.try_get("created_at").ok()?;
    let active: i64 = row.try_get("active").ok()?;
    Some(Record {
        id: text("id").map(ContactId),
        first_name: text("first_name"),
        last_name: text("last_name"),
        full_name: text("full_name"),
        e164: text("e164").as_deref().and_then(E164::from_canonical),
        active: active != 0,
        created_at: created_at.and_then(timestamp),
        created_by: text("created_by"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_reads_back_as_it_was_written() {
        let reason = || "why".to_owned();
        let record = Record {
            id: Some(ContactId("63c7".into())),
            full_name: Some("Ngọc".into()),
            e164: E164::from_canonical("+84912345678"),
            active: true,
            created_at: timestamp(1_700_000_000_123),
            ..Record::default()
        };
        let retry_after = Some(Duration::from_millis(1_500));
        let owner = Some(Owner { id: None, full_name: Some("Jane Roe".into()) });
        for written in [
            Outcome::Created(record),
            Outcome::Duplicate { owner, reason: reason() },
            Outcome::Rejected { reason: reason() },
            Outcome::Unauthorised { reason: reason() },
            Outcome::Limited { retry_after, reason: reason() },
            Outcome::Unreached { reason: reason() },
            Outcome::Failed { retry_after: None, reason: reason() },
            Outcome::Unclear { reason: reason() },
            Outcome::Unsettled { omitted: true, reason: reason() },
        ] {
            assert_eq!(outcome(&outcome_json(&written)), written);
        }
    }

    #[test]
    fn an_unreadable_outcome_is_read_as_unclear() {
        assert!(matches!(outcome("{\"kind\":\"of the future\"}"), Outcome::Unclear { .. }));
    }
}
