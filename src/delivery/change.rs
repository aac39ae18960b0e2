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
    api::Reply,
    contact::Contact,
    submission::{
        Attempt, Change, ContactId, Doubt, Failure, FailureKind, Outcome, Reason, Record, Status,
        Waiting,
    },
};

/// Reads the answer about the contact `target`, which is to hold `contact` now.
#[must_use]
pub fn outcome(
    contact: &Contact,
    target: &ContactId,
    answer: Result<Option<Record>, Reply>,
) -> Outcome {
    match answer {
        Ok(Some(record)) if record.id.as_ref() != Some(target) => {
            Failure::from(Doubt::OtherContact).into()
        }
        Ok(record) => {
            let asked = Record::of(contact, target.clone());
            Outcome::Changed(record.unwrap_or_else(|| asked.clone()).or(asked))
        }
        Err(Reply::Duplicate { owner, words, .. }) => Outcome::Duplicate { owner, words },
        Err(Reply::Created(_)) => Failure::from(Doubt::OtherRequest).into(),
        Err(Reply::Failure(failure)) => failure.into(),
    }
}

/// What the platform's list makes of a deletion that found no such contact; `None` while the
/// list does not tell. `shown` is how it lists the contact, `whole` whether it was read to its
/// end.
#[must_use]
pub fn settle_missing(
    change: &Change,
    words: &str,
    shown: Option<&Record>,
    whole: bool,
) -> Option<Status> {
    let (verb, contact) = (change.verb(), change.contact());
    match shown {
        Some(record) if record.active => {
            let words = words.to_owned();
            Some(change.undone(Some(Reason::ChangeRefused { verb, contact, words })))
        }
        Some(_) => Some(Status::Deleted { id: change.target().clone() }),
        None => whole.then(|| Status::Deleted { id: change.target().clone() }),
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
    let undone = |reason| done(change.undone(Some(reason)));
    let (verb, contact) = (change.verb(), change.contact());
    match (outcome, change) {
        (Outcome::Changed(record), Change::Update(..)) => {
            done(Status::Duplicate { owners: vec![record.owner()], remark: Some(Reason::Updated) })
        }
        (Outcome::Changed(_), Change::Delete(id)) => done(Status::Deleted { id: id.clone() }),
        // Gone, or nobody at that address deletes anything: the list tells which.
        (
            Outcome::Failure(failure @ Failure { kind: FailureKind::Missing, .. }),
            Change::Delete(_),
        ) => Settled {
            status: Status::Unclear(Waiting { until: None, because: Some(failure.clone().into()) }),
            look_up: true,
        },
        (Outcome::Failure(Failure { kind: FailureKind::Missing, .. }), Change::Update(..)) => {
            undone(Reason::ChangeTargetGone { verb, contact })
        }
        (
            Outcome::Failure(Failure {
                kind: FailureKind::Rejected | FailureKind::Conflict,
                words,
                ..
            })
            | Outcome::Duplicate { words, .. },
            _,
        ) => undone(Reason::ChangeRefused { verb, contact, words: words.clone() }),
        (Outcome::Created(_) | Outcome::Failure(_) | Outcome::Unsettled { .. }, _) => {
            let tried: Vec<_> =
                earlier.iter().filter(|attempt| attempt.verb == change.verb()).cloned().collect();
            let settled = policy::settle(&tried, outcome, at, jitter);
            Settled { status: of_a_change(settled.status), ..settled }
        }
    }
}

/// What waits is a change of a contact that is there, not one that may exist.
fn of_a_change(status: Status) -> Status {
    let plain = |waiting: Waiting| Waiting {
        because: waiting.because.map(Reason::without_doubt),
        ..waiting
    };
    match status {
        Status::Queued(waiting) => Status::Queued(plain(waiting)),
        Status::Unclear(waiting) => Status::Unclear(plain(waiting)),
        Status::Sending
        | Status::Created { .. }
        | Status::Deleted { .. }
        | Status::Duplicate { .. }
        | Status::Rejected { .. }
        | Status::Attention { .. } => status,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        contact::parts::samples::john,
        submission::{Limit, Owner, Verb},
    };

    fn contact() -> Contact {
        john("9876543210")
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

    fn settled(change: &Change, answer: Result<Option<Record>, Reply>) -> Status {
        settle(change, &[], &outcome(&contact(), &id(), answer), at(), 0.5).status
    }

    fn failed(kind: FailureKind, words: &str) -> Result<Option<Record>, Reply> {
        Err(Failure::new(kind, words).into())
    }

    #[test]
    fn an_update_makes_the_owner_what_was_typed_whether_the_answer_shows_it_or_not() {
        let shown = Record { full_name: Some("John Doe".into()), ..Record::of(&contact(), id()) };
        for answer in [None, Some(shown)] {
            let Status::Duplicate { owners, remark } = settled(&update(), Ok(answer)) else {
                panic!("not a duplicate")
            };
            assert_eq!(owners[0].full_name.as_deref(), Some("John Doe"));
            assert_eq!(remark, Some(Reason::Updated));
        }
    }

    #[test]
    fn a_deletion_is_done_once_there_is_no_such_contact() {
        let missing = || failed(FailureKind::Missing, "not found");
        let gone = Record { active: false, ..Record::of(&contact(), id()) };
        for answer in [Ok(None), Ok(Some(gone))] {
            assert_eq!(settled(&Change::Delete(id()), answer), Status::Deleted { id: id() });
        }
        let delete = Change::Delete(id());
        let found = outcome(&contact(), &id(), missing());
        let asked = settle(&delete, &[], &found, at(), 0.5);
        assert!(asked.look_up && matches!(asked.status, Status::Unclear(_)), "{asked:?}");
        let listed = |active| Record { active, ..Record::of(&contact(), id()) };
        let told = |shown: Option<&Record>, whole| settle_missing(&delete, "404", shown, whole);
        assert_eq!(told(Some(&listed(false)), false), Some(Status::Deleted { id: id() }));
        assert_eq!(told(None, true), Some(Status::Deleted { id: id() }));
        assert_eq!(told(None, false), None, "a list that was not read whole tells nothing");
        let still = told(Some(&listed(true)), false);
        assert!(matches!(still, Some(Status::Created { remark: Some(_), .. })), "{still:?}");
    }

    #[test]
    fn an_update_of_a_contact_that_is_gone_leaves_the_duplicate_and_says_so() {
        let missing = failed(FailureKind::Missing, "not found");
        let Status::Duplicate { owners, remark } = settled(&update(), missing) else { panic!() };
        assert_eq!(owners[0].full_name.as_deref(), Some("Jane Roe"));
        assert!(matches!(remark, Some(Reason::ChangeTargetGone { .. })));
    }

    #[test]
    fn a_refusal_puts_the_row_back_with_the_platforms_words() {
        let refusal = || failed(FailureKind::Rejected, "not yours");
        let Status::Created { remark, .. } = settled(&Change::Delete(id()), refusal()) else {
            panic!("not created")
        };
        let Some(Reason::ChangeRefused { words, .. }) = remark else { panic!() };
        assert_eq!(words, "not yours");
        assert!(matches!(settled(&update(), refusal()), Status::Duplicate { .. }));
    }

    #[test]
    fn a_failure_or_no_answer_is_tried_again() {
        for (kind, words) in [
            (FailureKind::Unclear { doubt: Doubt::Answer }, "cut short"),
            (FailureKind::Failed, "503"),
            (FailureKind::Unreached, "refused"),
            (FailureKind::Unauthorised, "4002"),
            (FailureKind::Limited { limit: Limit::Minute }, "rate limit"),
        ] {
            let status = settled(&update(), failed(kind, words));
            assert!(matches!(status, Status::Queued(_) | Status::Unclear(_)), "{status:?}");
        }
    }

    #[test]
    fn a_change_that_waits_is_not_said_to_be_a_contact_that_may_exist() {
        let earlier = Attempt {
            verb: Verb::Update,
            started_at: at(),
            ended_at: None,
            outcome: Some(Failure::unclear("cut short").into()),
        };
        for kind in [FailureKind::Failed, FailureKind::Unclear { doubt: Doubt::Answer }] {
            let failed = Failure::new(kind, "503").into();
            let status =
                settle(&update(), std::slice::from_ref(&earlier), &failed, at(), 0.5).status;
            let (Status::Queued(waiting) | Status::Unclear(waiting)) = status else {
                panic!("{status:?}")
            };
            let because = waiting.because.unwrap();
            assert!(!matches!(because, Reason::MayExist { .. }), "{because:?}");
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
        let failed = Failure::new(FailureKind::Failed, "503").into();
        let settled = settle(&update(), &vec![create; 40], &failed, at(), 0.5);
        assert!(matches!(settled.status, Status::Queued(_)), "{settled:?}");
    }
}
