//! What the answer to an update or a deletion means. Pure.
//!
//! ```text
//!   asked for --- carried out ----------> the owner with our contents | Deleted
//!            |--- no such contact ------> Deleted | a Duplicate whose owner is gone
//!            |--- refused --------------> what it was before, with the platform's words
//!            '--- limit, failure, unclear -> again: both may be sent twice
//! ```

use jiff::Timestamp;

use super::policy::{self, Settled};
use crate::{
    api::{NotChanged, Reply},
    contact::Contact,
    submission::{Attempt, Change, ContactId, Outcome, Record, Status},
};

/// Reads the answer about the contact `target`, which is to hold `contact` now.
#[must_use]
pub fn outcome(
    contact: &Contact,
    target: &ContactId,
    answer: Result<Option<Record>, NotChanged>,
) -> Outcome {
    match answer {
        Ok(Some(record)) if record.id.as_ref() != Some(target) => {
            Outcome::Unclear { reason: "the platform's answer speaks of another contact".into() }
        }
        Ok(record) => {
            let asked = Record::of(contact, target.clone());
            Outcome::Changed(record.unwrap_or_else(|| asked.clone()).or(asked))
        }
        Err(NotChanged::Missing { reason }) => Outcome::Missing { reason },
        Err(NotChanged::Other(reply)) => refused(reply),
    }
}

fn refused(reply: Reply) -> Outcome {
    match reply {
        Reply::Duplicate { owner, reason, .. } => Outcome::Duplicate { owner, reason },
        Reply::Rejected { reason } => Outcome::Rejected { reason },
        Reply::Unauthorised { reason } => Outcome::Unauthorised { reason },
        Reply::Limited { retry_after, reason } => Outcome::Limited { retry_after, reason },
        Reply::Unreached { reason } => Outcome::Unreached { reason },
        Reply::Failed { retry_after, reason } => Outcome::Failed { retry_after, reason },
        Reply::Unclear { reason } => Outcome::Unclear { reason },
        Reply::Created(_) => {
            Outcome::Unclear { reason: "the platform speaks of a new contact".into() }
        }
    }
}

/// What one outcome makes of a row that waits for `change`. `earlier` are all attempts
/// for the row; those of a create do not count here.
#[must_use]
pub fn settle(
    change: &Change,
    earlier: &[Attempt],
    outcome: &Outcome,
    at: Timestamp,
    jitter: f64,
) -> Settled {
    let done = |status| Settled { status, look_up: false };
    let undone = |what: String| done(change.undone(Some(what)));
    let what = change.describe();
    match (outcome, change) {
        (Outcome::Changed(record), Change::Update(..)) => done(Status::Duplicate {
            owners: vec![record.owner()],
            remark: Some("updated with what was typed".into()),
        }),
        (Outcome::Changed(_) | Outcome::Missing { .. }, Change::Delete(id)) => {
            done(Status::Deleted { id: id.clone() })
        }
        (Outcome::Missing { .. }, Change::Update(..)) => {
            undone(format!("{what} not made: the platform has no such contact any more"))
        }
        (Outcome::Rejected { reason } | Outcome::Duplicate { reason, .. }, _) => {
            undone(format!("{what} refused: {reason}"))
        }
        (
            Outcome::Created(_)
            | Outcome::Unauthorised { .. }
            | Outcome::Limited { .. }
            | Outcome::Unreached { .. }
            | Outcome::Failed { .. }
            | Outcome::Unclear { .. }
            | Outcome::Unsettled { .. },
            _,
        ) => {
            let tried: Vec<_> =
                earlier.iter().filter(|attempt| attempt.verb == change.verb()).cloned().collect();
            policy::settle(&tried, outcome, at, jitter)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        contact::{Extension, Name, Phone, Region, Salutation},
        submission::{Owner, Verb, Waiting},
    };

    fn contact() -> Contact {
        Contact {
            salutation: Salutation::parse("Mr").unwrap(),
            first_name: Name::parse("John").unwrap(),
            last_name: Name::parse("Doe").unwrap(),
            phone: Phone::from_parts(Region::from_code("IN"), 91, "9876543210").unwrap(),
            extension: Extension::parse("+").unwrap(),
        }
    }

    fn id() -> ContactId {
        ContactId("63c7".into())
    }

    fn update() -> Change {
        Change::Update(id(), Owner { id: Some(id()), full_name: Some("Jane Roe".into()) })
    }

    fn at() -> Timestamp {
        Timestamp::from_second(1_700_000_000).unwrap()
    }

    fn settled(change: &Change, answer: Result<Option<Record>, NotChanged>) -> Status {
        settle(change, &[], &outcome(&contact(), &id(), answer), at(), 0.5).status
    }

    fn other(reply: Reply) -> Result<Option<Record>, NotChanged> {
        Err(NotChanged::Other(reply))
    }

    #[test]
    fn an_update_makes_the_owner_what_was_typed_whether_the_answer_shows_it_or_not() {
        let shown = Record { full_name: Some("John Doe".into()), ..Record::of(&contact(), id()) };
        for answer in [None, Some(shown)] {
            let Status::Duplicate { owners, remark } = settled(&update(), Ok(answer)) else {
                panic!("not a duplicate")
            };
            assert_eq!(owners[0].full_name.as_deref(), Some("John Doe"));
            assert_eq!(remark.as_deref(), Some("updated with what was typed"));
        }
    }

    #[test]
    fn a_deletion_is_done_once_there_is_no_such_contact() {
        let missing = || Err(NotChanged::Missing { reason: "not found".into() });
        let gone = Record { active: false, ..Record::of(&contact(), id()) };
        for answer in [Ok(None), Ok(Some(gone)), missing()] {
            assert_eq!(settled(&Change::Delete(id()), answer), Status::Deleted { id: id() });
        }
    }

    #[test]
    fn an_update_of_a_contact_that_is_gone_leaves_the_duplicate_and_says_so() {
        let missing = Err(NotChanged::Missing { reason: "not found".into() });
        let Status::Duplicate { owners, remark } = settled(&update(), missing) else { panic!() };
        assert_eq!(owners[0].full_name.as_deref(), Some("Jane Roe"));
        assert!(remark.unwrap().contains("no such contact any more"));
    }

    #[test]
    fn a_refusal_puts_the_row_back_with_the_platforms_words() {
        let refusal = || other(Reply::Rejected { reason: "not yours".into() });
        let Status::Created { remark, .. } = settled(&Change::Delete(id()), refusal()) else {
            panic!("not created")
        };
        assert!(remark.unwrap().contains("refused: not yours"));
        assert!(matches!(settled(&update(), refusal()), Status::Duplicate { .. }));
    }

    #[test]
    fn a_failure_or_no_answer_is_tried_again() {
        for reply in [
            Reply::Unclear { reason: "cut short".into() },
            Reply::Failed { retry_after: None, reason: "503".into() },
            Reply::Unreached { reason: "refused".into() },
            Reply::Unauthorised { reason: "4002".into() },
            Reply::Limited { retry_after: None, reason: "rate limit".into() },
        ] {
            let status = settled(&update(), other(reply));
            assert!(matches!(status, Status::Queued(_) | Status::Unclear(_)), "{status:?}");
        }
    }

    #[test]
    fn an_answer_about_another_contact_proves_nothing() {
        let stranger = Record::of(&contact(), ContactId("other".into()));
        let status = settled(&update(), Ok(Some(stranger)));
        assert!(matches!(status, Status::Unclear(Waiting { .. })));
    }

    #[test]
    fn attempts_to_create_do_not_count_against_a_change() {
        let create = Attempt {
            verb: Verb::Create,
            started_at: Timestamp::UNIX_EPOCH,
            ended_at: None,
            outcome: None,
        };
        let failed = Outcome::Failed { retry_after: None, reason: "503".into() };
        let settled = settle(&update(), &vec![create; 40], &failed, at(), 0.5);
        assert!(matches!(settled.status, Status::Queued(_)), "{settled:?}");
    }
}
