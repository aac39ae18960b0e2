//! What the answer to an update or a deletion means. Pure.
//!
//! ```text
//!   asked for --- carried out ----------> the owner with our contents | Deleted
//!            |--- no such contact ------> the list tells: Deleted | a Duplicate whose owner is gone
//!            |                            | what it was before, on an estate without changes
//!            |--- shown as it was ------> once more, then what it was before
//!            |--- refused --------------> what it was before, with the platform's words
//!            '--- limit, failure, unclear -> again: both may be sent twice
//! ```

use jiff::Timestamp;

use super::policy::{self, Settled};
use crate::{
    api::Reply,
    contact::{Contact, name::folded},
    submission::{
        Attempt, Change, Doubt, Failure, FailureKind, Outcome, Reason, Record, Status, Waiting,
    },
};

/// What is told of a change that was answered twice with the contact as it was.
const AS_BEFORE: &str = "its answers show the contact as it was";

/// Reads the answer to `change`, after which the contact is to be gone, or to be `contact`.
#[must_use]
pub fn outcome(
    contact: &Contact,
    change: &Change,
    answer: Result<Option<Record>, Reply>,
) -> Outcome {
    match answer {
        Ok(Some(record)) if record.id.as_ref() != Some(change.target()) => {
            Failure::from(Doubt::OtherContact).into()
        }
        Ok(Some(record)) if is_as_before(contact, change, &record) => {
            Failure::from(Doubt::AsBefore).into()
        }
        Ok(record) => {
            let asked = Record::of(contact, change.target().clone());
            Outcome::Changed(record.unwrap_or_else(|| asked.clone()).or(asked))
        }
        Err(Reply::Duplicate { owner, words, .. }) => Outcome::Duplicate { owner, words },
        Err(Reply::Created(_)) => Failure::from(Doubt::OtherRequest).into(),
        Err(Reply::Failure(failure)) => failure.into(),
    }
}

/// Whether the answer shows the contact as if nobody had asked for anything. Some platforms show
/// what they had until then; asked again they show what it has become.
fn is_as_before(contact: &Contact, change: &Change, record: &Record) -> bool {
    match change {
        Change::Delete(_) => record
            .answered
            .iter()
            .any(|(key, value)| key == "status" && value.eq_ignore_ascii_case("active")),
        Change::Update(_, before) => {
            let other_number =
                record.e164.as_ref().is_some_and(|number| *number != contact.phone.e164());
            let same = |one: &str, other: &str| folded(one) == folded(other);
            let old_name =
                record.name().zip(before.full_name.as_deref()).is_some_and(|(shown, before)| {
                    same(&shown, before) && !same(before, &contact.full_name())
                });
            other_number || old_name
        }
    }
}

/// The change was not made, for what the platform said.
#[must_use]
pub fn refused(change: &Change, words: &str) -> Status {
    let (verb, contact, words) = (change.verb(), change.contact(), words.to_owned());
    change.undone(Some(Reason::ChangeRefused { verb, contact, words }))
}

/// What the platform's list makes of a change that found no such contact; `None` while the
/// list does not tell. `shown` is how it lists the contact, `whole` whether it was read to its
/// end.
#[must_use]
pub fn settle_missing(
    change: &Change,
    words: &str,
    shown: Option<&Record>,
    whole: bool,
) -> Option<Status> {
    let gone = || match change {
        Change::Delete(id) => Status::Deleted { id: id.clone() },
        Change::Update(..) => {
            let (verb, contact) = (change.verb(), change.contact());
            change.undone(Some(Reason::ChangeTargetGone { verb, contact }))
        }
    };
    match shown {
        Some(record) if record.active => Some(refused(change, words)),
        Some(_) => Some(gone()),
        None => whole.then(gone),
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
    match (outcome, change) {
        (Outcome::Changed(record), Change::Update(..)) => {
            done(Status::Duplicate { owners: vec![record.owner()], remark: Some(Reason::Updated) })
        }
        (Outcome::Changed(_), Change::Delete(id)) => done(Status::Deleted { id: id.clone() }),
        // Gone, or nobody at that address changes anything: the list tells which.
        (Outcome::Failure(failure @ Failure { kind: FailureKind::Missing, .. }), _) => Settled {
            status: Status::Unclear(Waiting { until: None, because: Some(failure.clone().into()) }),
            look_up: true,
        },
        (Outcome::Failure(failure), _) if is_shown_as_before(failure) && was_before(earlier) => {
            done(refused(change, AS_BEFORE))
        }
        (
            Outcome::Failure(Failure {
                kind: FailureKind::Rejected | FailureKind::Unexplained | FailureKind::Conflict,
                words,
                ..
            })
            | Outcome::Duplicate { words, .. },
            _,
        ) => done(refused(change, words)),
        // Who may not change contacts may still create them: it waits by itself.
        (Outcome::Failure(failure), _) if failure.is_refusal() => {
            let status = policy::refused_alone(&of_verb(earlier, change), failure, at, jitter);
            done(of_a_change(status))
        }
        (Outcome::Created(_) | Outcome::Failure(_) | Outcome::Unsettled { .. }, _) => {
            let tried = of_verb(earlier, change);
            let settled = policy::settle(&tried, outcome, at, jitter);
            Settled { status: of_a_change(settled.status), ..settled }
        }
    }
}

/// What was tried of this kind of change.
fn of_verb(earlier: &[Attempt], change: &Change) -> Vec<Attempt> {
    earlier.iter().filter(|attempt| attempt.verb == change.verb()).cloned().collect()
}

fn is_shown_as_before(failure: &Failure) -> bool {
    failure.kind == FailureKind::Unclear { doubt: Doubt::AsBefore }
}

/// Whether the attempt before was answered with the contact as it was.
fn was_before(earlier: &[Attempt]) -> bool {
    let last = earlier.last().and_then(|attempt| attempt.outcome.as_ref());
    matches!(last, Some(Outcome::Failure(failure)) if is_shown_as_before(failure))
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
        contact::{E164, parts::samples::john},
        submission::{ContactId, Limit, Owner, Verb},
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
        settle(change, &[], &outcome(&contact(), change, answer), at(), 0.5).status
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
        let found = outcome(&contact(), &delete, missing());
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
    fn an_update_that_finds_no_contact_is_told_by_the_list() {
        let missing = || failed(FailureKind::Missing, "not found");
        let found = outcome(&contact(), &update(), missing());
        let asked = settle(&update(), &[], &found, at(), 0.5);
        assert!(asked.look_up && matches!(asked.status, Status::Unclear(_)), "{asked:?}");
        let listed = |active| Record { active, ..Record::of(&contact(), id()) };
        let told = |shown: Option<&Record>, whole| {
            let status = settle_missing(&update(), "404", shown, whole)?;
            let Status::Duplicate { owners, remark } = status else { panic!("{status:?}") };
            assert_eq!(owners[0].full_name.as_deref(), Some("Jane Roe"));
            remark
        };
        assert!(matches!(told(None, true), Some(Reason::ChangeTargetGone { .. })));
        assert!(matches!(told(Some(&listed(false)), false), Some(Reason::ChangeTargetGone { .. })));
        let refused = told(Some(&listed(true)), false);
        assert!(matches!(refused, Some(Reason::ChangeRefused { .. })), "it knows no updates");
        assert_eq!(told(None, false), None);
    }

    #[test]
    fn an_answer_that_shows_the_contact_as_it_was_is_asked_for_once_more_and_then_believed() {
        let deleted = Change::Delete(id());
        let status = |word: &str| vec![("status".to_owned(), word.to_owned())];
        let of = |full_name: &str, number: &str| Record {
            full_name: Some(full_name.into()),
            e164: E164::from_canonical(number),
            ..Record { first_name: None, last_name: None, ..Record::of(&contact(), id()) }
        };
        let active = Record { answered: status("ACTIVE"), ..Record::of(&contact(), id()) };
        for (change, shown) in [
            (&deleted, active),
            (&update(), of("Jane Roe", "+919876543210")),
            (&update(), of("John Doe", "+919876543211")),
        ] {
            let outcome = outcome(&contact(), change, Ok(Some(shown)));
            let first = settle(change, &[], &outcome, at(), 0.5);
            assert!(matches!(first.status, Status::Unclear(_)) && !first.look_up, "{first:?}");
            let attempt = Attempt {
                verb: change.verb(),
                started_at: at(),
                ended_at: Some(at()),
                outcome: Some(outcome.clone()),
            };
            let second = settle(change, &[attempt], &outcome, at(), 0.5);
            assert_eq!(second.status, refused(change, AS_BEFORE));
        }
        for word in ["INACTIVE", "DELETED"] {
            let gone = Record {
                answered: status(word),
                active: word != "INACTIVE",
                ..Record::of(&contact(), id())
            };
            assert_eq!(settled(&deleted, Ok(Some(gone))), Status::Deleted { id: id() });
        }
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
