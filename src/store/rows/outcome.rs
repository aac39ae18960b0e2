//! Outcomes as they are kept with an attempt: facts in plain words, readable without this
//! program, and as the first release wrote them.

use serde::{Deserialize, Serialize};

use crate::submission::{BatchAnswer, Doubt, Failure, Outcome, Owner, Record};

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum OutcomeRow {
    Created {
        record: Record,
    },
    Changed {
        record: Record,
    },
    Duplicate {
        owner: Option<Owner>,
        #[serde(alias = "reason")]
        words: String,
    },
    Unsettled {
        /// What the first release wrote instead of `batch`: the rest is in the words.
        #[serde(default, skip_serializing)]
        omitted: bool,
        batch: Option<BatchAnswer>,
        #[serde(alias = "reason")]
        words: String,
    },
    #[serde(untagged)]
    Failure(Failure),
}

pub(in crate::store) fn outcome_json(outcome: &Outcome) -> String {
    let row = match outcome.clone() {
        Outcome::Created(record) => OutcomeRow::Created { record },
        Outcome::Changed(record) => OutcomeRow::Changed { record },
        Outcome::Duplicate { owner, words } => OutcomeRow::Duplicate { owner, words },
        Outcome::Unsettled { batch, words } => {
            OutcomeRow::Unsettled { omitted: false, batch: Some(batch), words }
        }
        Outcome::Failure(failure) => OutcomeRow::Failure(failure),
    };
    serde_json::to_string(&row).unwrap_or_default()
}

/// An outcome that cannot be read is an unclear one: the careful reading.
pub(super) fn outcome(json: &str) -> Outcome {
    match serde_json::from_str(json) {
        Ok(OutcomeRow::Created { record }) => Outcome::Created(record),
        Ok(OutcomeRow::Changed { record }) => Outcome::Changed(record),
        Ok(OutcomeRow::Duplicate { owner, words }) => Outcome::Duplicate { owner, words },
        Ok(OutcomeRow::Unsettled { batch: Some(batch), words, .. }) => {
            Outcome::Unsettled { batch, words }
        }
        Ok(OutcomeRow::Unsettled { omitted: true, batch: None, .. }) => {
            Outcome::Unsettled { batch: BatchAnswer::LeftOut, words: String::new() }
        }
        Ok(OutcomeRow::Unsettled { omitted: false, batch: None, words }) => {
            Outcome::Unsettled { batch: BatchAnswer::Quoted, words }
        }
        Ok(OutcomeRow::Failure(failure)) => failure.into(),
        Err(_) => Failure::from(Doubt::Unreadable).into(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        contact::E164,
        store::rows::timestamp,
        submission::{ContactId, FailureKind, Limit},
    };

    fn failure(kind: FailureKind) -> Outcome {
        Failure::new(kind, "why").into()
    }

    fn record() -> Record {
        Record {
            id: Some(ContactId("63c7".into())),
            full_name: Some("Ngọc".into()),
            e164: E164::from_canonical("+84912345678"),
            active: true,
            created_at: timestamp(1_700_000_000_123),
            answered: vec![("status".into(), "ACTIVE".into())],
            ..Record::default()
        }
    }

    #[test]
    fn every_outcome_reads_back_as_it_was_written() {
        let words = || "why".to_owned();
        let retry_after = Some(Duration::from_millis(1_500));
        let limited = FailureKind::Limited { limit: Limit::Hour };
        let owner = Some(Owner { id: None, full_name: Some("Jane Roe".into()) });
        for written in [
            Outcome::Created(record()),
            Outcome::Changed(record()),
            failure(FailureKind::Missing),
            Outcome::Duplicate { owner, words: words() },
            failure(FailureKind::Rejected),
            failure(FailureKind::Unauthorised),
            Failure::new(limited, "why").after(retry_after).into(),
            failure(FailureKind::Unreached),
            failure(FailureKind::Failed),
            Failure::unclear("why").into(),
            Failure::from(Doubt::Stopped).into(),
            Outcome::Unsettled { batch: BatchAnswer::LeftOut, words: words() },
        ] {
            assert_eq!(outcome(&outcome_json(&written)), written);
        }
    }

    #[test]
    fn an_outcome_written_by_the_first_release_is_read() {
        let created = r#"{"kind":"created","record":{"id":"63c7","salutation":null,
            "first_name":null,"last_name":null,"full_name":"Ngọc","e164":"+84912345678",
            "extension":null,"active":true,"created_at":1700000000123,"created_by":null,
            "answered":[["status","ACTIVE"]]}}"#;
        assert_eq!(outcome(created), Outcome::Created(record()));
        let taken = r#"{"kind":"duplicate","owner":{"id":"a","name":"Jane Roe"},"reason":"why"}"#;
        let owner =
            Some(Owner { id: Some(ContactId("a".into())), full_name: Some("Jane Roe".into()) });
        assert_eq!(outcome(taken), Outcome::Duplicate { owner, words: "why".into() });
        let left_out = r#"{"kind":"unsettled","omitted":true,"reason":"not this one"}"#;
        assert!(matches!(
            outcome(left_out),
            Outcome::Unsettled { batch: BatchAnswer::LeftOut, .. }
        ));
        let told = r#"{"kind":"unsettled","omitted":false,"reason":"its batch was refused: x"}"#;
        let words = "its batch was refused: x".to_owned();
        assert_eq!(outcome(told), Outcome::Unsettled { batch: BatchAnswer::Quoted, words });
        assert_eq!(
            outcome(r#"{"kind":"rejected","reason":"why"}"#),
            failure(FailureKind::Rejected)
        );
    }

    #[test]
    fn an_unreadable_outcome_is_read_as_unclear() {
        for json in ["{\"kind\":\"of the future\"}", "", "[]"] {
            assert_eq!(outcome(json), Failure::from(Doubt::Unreadable).into(), "{json}");
        }
    }
}
