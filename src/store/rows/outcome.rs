//! Outcomes as they are kept with an attempt: facts in plain words, readable without this
//! program.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{OwnerRow, millis, owner, owner_row, timestamp};
use crate::{
    contact::E164,
    submission::{ContactId, Outcome, Record},
};

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum OutcomeRow {
    Created { record: RecordRow },
    Changed { record: RecordRow },
    Missing { reason: String },
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
    #[serde(default)]
    salutation: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    full_name: Option<String>,
    e164: Option<String>,
    #[serde(default)]
    extension: Option<String>,
    active: bool,
    created_at: Option<i64>,
    created_by: Option<String>,
    #[serde(default)]
    answered: Vec<(String, String)>,
}

fn record_row(record: Record) -> RecordRow {
    RecordRow {
        id: record.id.map(|id| id.0),
        salutation: record.salutation,
        first_name: record.first_name,
        last_name: record.last_name,
        full_name: record.full_name,
        e164: record.e164.as_ref().map(ToString::to_string),
        extension: record.extension,
        active: record.active,
        created_at: record.created_at.map(millis),
        created_by: record.created_by,
        answered: record.answered,
    }
}

fn record(row: RecordRow) -> Record {
    Record {
        id: row.id.map(ContactId),
        salutation: row.salutation,
        first_name: row.first_name,
        last_name: row.last_name,
        full_name: row.full_name,
        e164: row.e164.as_deref().and_then(E164::from_canonical),
        extension: row.extension,
        active: row.active,
        created_at: row.created_at.and_then(timestamp),
        undated: false,
        created_by: row.created_by,
        answered: row.answered,
    }
}

pub(in crate::store) fn outcome_json(outcome: &Outcome) -> String {
    let ms = |wait: &Option<Duration>| {
        wait.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX))
    };
    let row = match outcome.clone() {
        Outcome::Created(record) => OutcomeRow::Created { record: record_row(record) },
        Outcome::Changed(record) => OutcomeRow::Changed { record: record_row(record) },
        Outcome::Missing { reason } => OutcomeRow::Missing { reason },
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
pub(super) fn outcome(json: &str) -> Outcome {
    let unreadable =
        || OutcomeRow::Unclear { reason: "what came of it could not be read back".into() };
    match serde_json::from_str(json).unwrap_or_else(|_| unreadable()) {
        OutcomeRow::Created { record: row } => Outcome::Created(record(row)),
        OutcomeRow::Changed { record: row } => Outcome::Changed(record(row)),
        OutcomeRow::Missing { reason } => Outcome::Missing { reason },
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::submission::Owner;

    #[test]
    fn every_outcome_reads_back_as_it_was_written() {
        let reason = || "why".to_owned();
        let record = Record {
            id: Some(ContactId("63c7".into())),
            full_name: Some("Ngọc".into()),
            e164: E164::from_canonical("+84912345678"),
            active: true,
            created_at: timestamp(1_700_000_000_123),
            answered: vec![("status".into(), "ACTIVE".into())],
            ..Record::default()
        };
        let retry_after = Some(Duration::from_millis(1_500));
        let owner = Some(Owner { id: None, full_name: Some("Jane Roe".into()) });
        for written in [
            Outcome::Created(record.clone()),
            Outcome::Changed(record),
            Outcome::Missing { reason: reason() },
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
