//! What one attempt's outcome means for its contact, in the light of those before it.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{backoff, hourly_wait, told_wait};
use crate::submission::{
    Attempt, Doubt, Failure, FailureKind, Limit, Outcome, Reason, Status, Waiting,
};

/// Whoever sends again what was given up gets this many attempts more.
const GIVES_UP_EVERY: usize = 5;

/// A contact is given up on only after this many attempts …
pub const PATIENT_ATTEMPTS: usize = 20;
/// … that span at least this long.
pub const PATIENT_HOURS: i64 = 24;

/// The longest wait between two attempts for one contact.
const LONGEST_WAIT: Duration = Duration::from_mins(5);
/// The longest wait before a contact that no list shows is sent and looked up again; the first
/// such wait is a few doublings into it, because a list may lag and costs requests to read.
const LONGEST_DOUBT: Duration = Duration::from_mins(30);
const DOUBT_BEGINS: usize = 4;
/// One that is refused though others are not is tried again after some seconds at first.
const REFUSED_BEGINS: usize = 5;

/// What one outcome makes of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// What is true now.
    pub status: Status,
    /// Whether the platform's list must be asked before more can be said.
    pub look_up: bool,
}

/// Reads one outcome in the light of the attempts before it. `at` is when it became
/// known; `jitter` in 0..1 comes from outside.
#[must_use]
pub fn settle(earlier: &[Attempt], outcome: &Outcome, at: Timestamp, jitter: f64) -> Settled {
    let done = |status| Settled { status, look_up: false };
    let look_up = |because| Settled {
        status: Status::Unclear(Waiting { until: None, because: Some(because) }),
        look_up: true,
    };
    match outcome {
        Outcome::Created(record) => match &record.id {
            Some(id) => done(Status::Created { id: id.clone(), remark: None }),
            None => done(again(earlier, &Doubt::NoId.into(), at, jitter)),
        },
        Outcome::Duplicate { .. } if may_be_ours(earlier) => {
            look_up(Reason::CheckingOwner.although_it_may_exist())
        }
        Outcome::Duplicate { owner, .. } => {
            let owners: Vec<_> = owner.iter().cloned().collect();
            let look_up = owners.iter().all(|owner| owner.full_name.is_none());
            Settled { status: Status::Duplicate { owners, remark: None }, look_up }
        }
        Outcome::Changed(_) => done(again(earlier, &Doubt::OtherRequest.into(), at, jitter)),
        // Nothing failed; it goes again, in smaller company, as soon as there is a slot.
        Outcome::Unsettled { batch, words } => {
            let because = Reason::BatchUnsettled { batch: *batch, words: words.clone() };
            let because = because.although_it_may_exist();
            done(Status::Unclear(Waiting { until: None, because: Some(because) }))
        }
        // Whatever it says is believed only once nobody is found to hold the number.
        Outcome::Failure(failure) if is_looked_up(earlier, failure) => {
            look_up(Reason::from(failure.clone()).although_it_may_exist())
        }
        Outcome::Failure(failure) => done(failed(earlier, failure, at, jitter)),
    }
}

/// Whether only the platform's list can tell what the answer leaves open: a refusal after an
/// attempt that may have been carried out, a conflict, a success about somebody else.
fn is_looked_up(earlier: &[Attempt], failure: &Failure) -> bool {
    match failure.kind {
        FailureKind::Rejected => may_be_ours(earlier),
        FailureKind::Conflict | FailureKind::Unexplained => true,
        FailureKind::Unclear { doubt } => match doubt {
            Doubt::OtherNumber | Doubt::OtherName | Doubt::OtherMaker | Doubt::Verdict => true,
            Doubt::Answer
            | Doubt::Closed
            | Doubt::Stopped
            | Doubt::Defect
            | Doubt::OtherContact
            | Doubt::OtherRequest
            | Doubt::AsBefore
            | Doubt::NoId
            | Doubt::Unreadable => false,
        },
        FailureKind::Unauthorised
        | FailureKind::Limited { .. }
        | FailureKind::Unreached
        | FailureKind::Failed
        | FailureKind::Missing
        | FailureKind::Misaddressed { .. } => false,
    }
}

/// Whether a request was cut: nobody knows whether it was carried out.
#[must_use]
pub fn is_cut(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Failure(failure) => {
            matches!(failure.kind, FailureKind::Unclear { .. }) && !is_looked_up(&[], failure)
        }
        Outcome::Created(_)
        | Outcome::Changed(_)
        | Outcome::Duplicate { .. }
        | Outcome::Unsettled { .. } => false,
    }
}

/// Whether requests for the contact were cut, and no answer ever spoke of its number: then it
/// goes again, once the newest contacts do not show it.
#[must_use]
pub fn is_only_cut(attempts: &[Attempt]) -> bool {
    let speaks = |attempt: &Attempt| match &attempt.outcome {
        Some(Outcome::Duplicate { .. } | Outcome::Created(_) | Outcome::Changed(_)) => true,
        Some(Outcome::Failure(failure)) => {
            failure.kind == FailureKind::Rejected || is_looked_up(&[], failure)
        }
        Some(Outcome::Unsettled { .. }) | None => false,
    };
    may_be_ours(attempts) && !attempts.iter().any(speaks)
}

/// How far the platform's list was read that did not show a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListRead {
    /// To its end: no page of it shows the number.
    Whole,
    /// Not to its end.
    InPart,
    /// There is none.
    Absent,
    /// No page could be had for now: that says nothing of the contact, and passes.
    Failing,
}

/// What is true of a contact that may be ours when the platform's list does not tell. Only a
/// refusal that says so of the contact itself is final, and even then an earlier attempt may have
/// been carried out behind a list that lags.
#[must_use]
pub fn unsettled_by_list(
    attempts: &[Attempt],
    read: ListRead,
    at: Timestamp,
    jitter: f64,
) -> Status {
    let whole = read == ListRead::Whole;
    let last = attempts.iter().rev().find_map(|attempt| attempt.outcome.as_ref());
    let why = match (last, read) {
        (Some(Outcome::Failure(failure)), _) => Reason::from(failure.clone()),
        (Some(_) | None, ListRead::Absent | ListRead::Failing) => Reason::ListUnreadable,
        (Some(_) | None, ListRead::Whole | ListRead::InPart) => Reason::CheckingOwner,
    };
    let refused =
        matches!(last, Some(Outcome::Failure(Failure { kind: FailureKind::Rejected, .. })));
    if whole && refused {
        return Status::Rejected { reason: in_the_light_of(attempts, why) };
    }
    if let Some(refusal) = unexplained(last)
        && read != ListRead::Failing
        && (whole || !may_be_ours(attempts))
    {
        return Status::Rejected { reason: in_the_light_of(attempts, refusal.into()) };
    }
    if is_out_of_patience(attempts, at) {
        let nobody = if whole { Reason::NotListed } else { Reason::ListNotReadWhole };
        return Status::Attention { reason: nobody.although_it_may_exist() };
    }
    let longest = match read {
        ListRead::Failing => LONGEST_WAIT,
        ListRead::Whole | ListRead::InPart | ListRead::Absent => LONGEST_DOUBT,
    };
    let wait = backoff(tries(attempts) + DOUBT_BEGINS, longest, jitter);
    let because = Some(why.although_it_may_exist());
    Status::Unclear(Waiting { until: Some(later(at, wait)), because })
}

/// A refusal in words that are not understood, once it stands as one: nobody was found to have
/// the number, and it would be refused in the same words again.
fn unexplained(last: Option<&Outcome>) -> Option<Failure> {
    match last {
        Some(Outcome::Failure(failure)) if failure.kind == FailureKind::Unexplained => {
            Some(Failure { kind: FailureKind::Rejected, ..failure.clone() })
        }
        Some(_) | None => None,
    }
}

fn failed(earlier: &[Attempt], failure: &Failure, at: Timestamp, jitter: f64) -> Status {
    let wait = |until| {
        let because = Some(in_the_light_of(earlier, failure.clone().into()));
        waits(earlier, Waiting { until, because })
    };
    match failure.kind {
        FailureKind::Rejected => {
            Status::Rejected { reason: in_the_light_of(earlier, failure.clone().into()) }
        }
        FailureKind::Unauthorised | FailureKind::Misaddressed { .. } => wait(None),
        FailureKind::Limited { limit } => {
            wait(limit_wait(failure.retry_after, limit).map(|wait| later(at, wait)))
        }
        FailureKind::Missing => again(earlier, &Doubt::OtherRequest.into(), at, jitter),
        FailureKind::Unreached
        | FailureKind::Failed
        | FailureKind::Conflict
        | FailureKind::Unexplained
        | FailureKind::Unclear { .. } => again(earlier, failure, at, jitter),
    }
}

/// Whether a request for the contact was refused, as if the platform would have none of ours,
/// before that time.
#[must_use]
pub fn was_refused_before(earlier: &[Attempt], time: Timestamp) -> bool {
    let is_refusal = |attempt: &Attempt| match &attempt.outcome {
        Some(Outcome::Failure(failure)) => failure.is_refusal(),
        Some(_) | None => false,
    };
    earlier.iter().filter(|it| is_refusal(it)).any(|it| it.ended_at.is_some_and(|at| at < time))
}

/// What a refusal makes of a contact, or of a change, whose own matter it is: others went
/// through meanwhile. It is tried again ever more rarely, and given up on like any failure.
#[must_use]
pub fn refused_alone(earlier: &[Attempt], failure: &Failure, at: Timestamp, jitter: f64) -> Status {
    let tries = earlier.len() + 1;
    let since = earlier.first().map_or(at, |first| first.started_at);
    let hours = at.duration_since(since).as_hours();
    if is_enough(tries, hours) {
        let reason = Reason::GivenUp { attempts: tries, hours, last: failure.clone() };
        return Status::Attention { reason: in_the_light_of(earlier, reason) };
    }
    let wait = backoff(tries + REFUSED_BEGINS, LONGEST_WAIT, jitter);
    let because = Some(after_failure(earlier, failure));
    waits(earlier, Waiting { until: Some(later(at, wait)), because })
}

/// The failure as a reason, with what it and the attempts before it leave open.
fn after_failure(earlier: &[Attempt], failure: &Failure) -> Reason {
    let reason = Reason::from(failure.clone());
    let reason = if failure.may_be_done() { reason.although_it_may_exist() } else { reason };
    in_the_light_of(earlier, reason)
}

/// The reason, with what an earlier attempt leaves open.
fn in_the_light_of(earlier: &[Attempt], reason: Reason) -> Reason {
    if may_be_ours(earlier) { reason.although_it_may_exist() } else { reason }
}

/// Whether an earlier attempt may have created the contact: it ended without a
/// trustworthy answer, or never ended.
fn may_be_ours(earlier: &[Attempt]) -> bool {
    earlier.iter().any(Attempt::leaves_doubt)
}

/// Queued or Unclear again with a time, or Attention once patience is spent.
fn again(earlier: &[Attempt], failure: &Failure, at: Timestamp, jitter: f64) -> Status {
    let failures = 1 + earlier.iter().filter(|attempt| is_failure(attempt)).count();
    if is_out_of_patience(earlier, at) && failure.kind != FailureKind::Unreached {
        let (attempts, hours) = (1 + tries(earlier), hours_tried(earlier, at));
        let reason = Reason::GivenUp { attempts, hours, last: failure.clone() };
        return Status::Attention { reason: in_the_light_of(earlier, reason) };
    }
    let wait = backoff(failures, LONGEST_WAIT, jitter).max(failure.retry_after.unwrap_or_default());
    let because = Some(after_failure(earlier, failure));
    let waiting = Waiting { until: Some(later(at, wait)), because };
    match failure.kind {
        FailureKind::Unclear { .. } => Status::Unclear(waiting),
        FailureKind::Rejected
        | FailureKind::Unauthorised
        | FailureKind::Limited { .. }
        | FailureKind::Unreached
        | FailureKind::Failed
        | FailureKind::Missing
        | FailureKind::Conflict
        | FailureKind::Unexplained
        | FailureKind::Misaddressed { .. } => waits(earlier, waiting),
    }
}

/// Once an attempt is unclear the contact stays so until it is settled.
fn waits(earlier: &[Attempt], waiting: Waiting) -> Status {
    if earlier.iter().any(is_unclear) { Status::Unclear(waiting) } else { Status::Queued(waiting) }
}

/// Whether enough was tried, for long enough, with a platform that answered at all: hours
/// without a network are nothing the contact is to blame for.
fn is_out_of_patience(attempts: &[Attempt], at: Timestamp) -> bool {
    is_enough(tries(attempts) + 1, hours_tried(attempts, at))
}

fn is_enough(tries: usize, hours: i64) -> bool {
    let enough = tries >= PATIENT_ATTEMPTS && tries.is_multiple_of(GIVES_UP_EVERY);
    enough && hours >= PATIENT_HOURS
}

fn tries(attempts: &[Attempt]) -> usize {
    attempts.iter().filter(|attempt| is_try(attempt)).count()
}

fn hours_tried(attempts: &[Attempt], at: Timestamp) -> i64 {
    let since = attempts.iter().find(|attempt| is_try(attempt));
    since.map_or(0, |first| at.duration_since(first.started_at).as_hours())
}

/// Whether an attempt says something of the contact: it came through, and was not refused for
/// what is wrong with us.
fn is_try(attempt: &Attempt) -> bool {
    match &attempt.outcome {
        None | Some(Outcome::Created(_) | Outcome::Changed(_) | Outcome::Duplicate { .. }) => true,
        Some(Outcome::Unsettled { .. }) => false,
        Some(Outcome::Failure(failure)) => match failure.kind {
            FailureKind::Failed
            | FailureKind::Unclear { .. }
            | FailureKind::Conflict
            | FailureKind::Missing
            | FailureKind::Unexplained
            | FailureKind::Rejected => true,
            FailureKind::Unreached
            | FailureKind::Unauthorised
            | FailureKind::Limited { .. }
            | FailureKind::Misaddressed { .. } => false,
        },
    }
}

fn is_failure(attempt: &Attempt) -> bool {
    match &attempt.outcome {
        None => true,
        Some(Outcome::Failure(failure)) => match failure.kind {
            FailureKind::Unreached | FailureKind::Failed | FailureKind::Unclear { .. } => true,
            FailureKind::Rejected
            | FailureKind::Unauthorised
            | FailureKind::Limited { .. }
            | FailureKind::Missing
            | FailureKind::Conflict
            | FailureKind::Unexplained
            | FailureKind::Misaddressed { .. } => false,
        },
        Some(
            Outcome::Created(_)
            | Outcome::Changed(_)
            | Outcome::Duplicate { .. }
            | Outcome::Unsettled { .. },
        ) => false,
    }
}

fn is_unclear(attempt: &Attempt) -> bool {
    matches!(
        attempt.outcome,
        None | Some(
            Outcome::Unsettled { .. }
                | Outcome::Failure(Failure {
                    kind: FailureKind::Unclear { .. } | FailureKind::Conflict,
                    ..
                })
        )
    )
}

fn later(at: Timestamp, wait: Duration) -> Timestamp {
    let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
    at.checked_add(wait).unwrap_or(Timestamp::MAX)
}

/// How long a contact waits whose request met the limit; `None` until the limit lets it out,
/// which the store reckons for everybody on the account.
fn limit_wait(retry_after: Option<Duration>, limit: Limit) -> Option<Duration> {
    match limit {
        Limit::Hour => Some(hourly_wait(retry_after)),
        Limit::Minute | Limit::Unknown => retry_after.map(told_wait),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        delivery::policy::HOURLY_LIMIT_WAIT,
        submission::{AddressPart, ContactId, Owner, Record, Verb},
    };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).unwrap()
    }

    fn tried(second: i64, outcome: Option<Outcome>) -> Attempt {
        let verb = Verb::Create;
        Attempt { verb, started_at: at(second), ended_at: Some(at(second + 1)), outcome }
    }

    fn failure(kind: FailureKind, words: &str) -> Outcome {
        Failure::new(kind, words).into()
    }

    fn unclear() -> Outcome {
        Failure::unclear("no answer").into()
    }

    fn duplicate() -> Outcome {
        Outcome::Duplicate { owner: None, words: "already exists".into() }
    }

    #[test]
    fn a_limit_answer_waits_as_told_and_never_not_at_all() {
        let told = |seconds| limit_wait(Some(Duration::from_secs(seconds)), Limit::Minute);
        assert_eq!(told(7), Some(Duration::from_secs(7)));
        assert_eq!(told(0), Some(Duration::from_secs(1)));
        assert_eq!(limit_wait(None, Limit::Unknown), None, "the store reckons when");
        assert_eq!(limit_wait(None, Limit::Hour), Some(HOURLY_LIMIT_WAIT));
    }

    #[test]
    fn a_duplicate_is_believed_at_once_only_if_no_attempt_was_unclear() {
        let plain = settle(&[], &duplicate(), at(9), 0.5);
        assert!(matches!(plain.status, Status::Duplicate { .. }));
        assert!(plain.look_up, "nobody is named, so the owner is looked up");
        for earlier in [tried(0, Some(unclear())), tried(0, None)] {
            let settled = settle(&[earlier], &duplicate(), at(9), 0.5);
            assert!(matches!(settled.status, Status::Unclear(_)), "{settled:?}");
            assert!(settled.look_up);
        }
        let unreached = tried(0, Some(failure(FailureKind::Unreached, "refused")));
        let settled = settle(&[unreached], &duplicate(), at(9), 0.5);
        assert!(matches!(settled.status, Status::Duplicate { .. }));
    }

    #[test]
    fn a_duplicate_that_names_its_owner_needs_no_look_up() {
        let owner = Some(Owner { id: None, full_name: Some("Jane Roe".into()) });
        let outcome = Outcome::Duplicate { owner, words: String::new() };
        assert!(!settle(&[], &outcome, at(0), 0.5).look_up);
    }

    #[test]
    fn an_answer_without_an_id_is_never_created() {
        let outcome = Outcome::Created(Record::default());
        assert!(matches!(settle(&[], &outcome, at(0), 0.5).status, Status::Unclear(_)));
        let id = ContactId("63c7".into());
        let outcome = Outcome::Created(Record { id: Some(id.clone()), ..Record::default() });
        assert_eq!(settle(&[], &outcome, at(0), 0.5).status, Status::Created { id, remark: None });
    }

    #[test]
    fn once_unclear_a_contact_stays_so_until_it_is_settled() {
        let unreached = failure(FailureKind::Unreached, "refused");
        let earlier = [tried(0, Some(unclear()))];
        assert!(matches!(settle(&earlier, &unreached, at(9), 0.5).status, Status::Unclear(_)));
        assert!(matches!(settle(&[], &unreached, at(9), 0.5).status, Status::Queued(_)));
        let limited = failure(FailureKind::Limited { limit: Limit::Minute }, "rate limit");
        assert!(matches!(settle(&earlier, &limited, at(9), 0.5).status, Status::Unclear(_)));
        let refused = failure(FailureKind::Unauthorised, "4002");
        assert!(matches!(settle(&earlier, &refused, at(9), 0.5).status, Status::Unclear(_)));
    }

    #[test]
    fn patience_ends_only_after_many_attempts_over_a_day() {
        let failed = || failure(FailureKind::Failed, "503");
        let many: Vec<_> = (0..19).map(|n| tried(n, Some(failed()))).collect();
        let soon = settle(&many, &failed(), at(60), 0.5);
        assert!(matches!(soon.status, Status::Queued(_)));
        let hours_later = settle(&many, &failed(), at(PATIENT_HOURS * 3600), 0.5);
        assert!(matches!(hours_later.status, Status::Attention { .. }));
        let again: Vec<_> = (0..20).map(|n| tried(n, Some(failed()))).collect();
        let sent_again = settle(&again, &failed(), at(PATIENT_HOURS * 3600), 0.5);
        assert!(matches!(sent_again.status, Status::Queued(_)), "it gets some more tries");
    }

    #[test]
    fn what_provably_never_left_does_not_count_against_patience() {
        let offline = || failure(FailureKind::Unreached, "no route to host");
        let days: Vec<_> = (0..500).map(|n| tried(n * 600, Some(offline()))).collect();
        let back = at(500 * 600);
        for outcome in [offline(), failure(FailureKind::Failed, "503"), unclear()] {
            let settled = settle(&days, &outcome, back, 0.5);
            assert!(!matches!(settled.status, Status::Attention { .. }), "{settled:?}");
        }
    }

    #[test]
    fn after_an_unclear_attempt_no_refusal_is_final_before_the_number_was_looked_up() {
        let refused = failure(FailureKind::Rejected, "bad request");
        assert!(matches!(settle(&[], &refused, at(9), 0.5).status, Status::Rejected { .. }));
        for earlier in [unclear(), failure(FailureKind::Failed, "HTTP 500")] {
            let settled = settle(&[tried(0, Some(earlier))], &refused, at(9), 0.5);
            assert!(settled.look_up && matches!(settled.status, Status::Unclear(_)));
        }
    }

    #[test]
    fn a_conflict_is_looked_up_before_it_is_told_as_anything() {
        let settled = settle(&[], &failure(FailureKind::Conflict, ""), at(9), 0.5);
        assert!(settled.look_up && matches!(settled.status, Status::Unclear(_)));
    }

    #[test]
    fn a_refusal_that_is_not_understood_is_final_once_nobody_is_found_to_have_the_number() {
        let refused = failure(FailureKind::Unexplained, "schon vergeben");
        let settled = settle(&[], &refused, at(9), 0.5);
        assert!(settled.look_up && matches!(settled.status, Status::Unclear(_)));
        let attempts = [tried(0, Some(refused.clone()))];
        for read in [ListRead::Whole, ListRead::InPart, ListRead::Absent] {
            let Status::Rejected { reason } = unsettled_by_list(&attempts, read, at(9), 0.5) else {
                panic!("{read:?}")
            };
            assert!(!reason.may_exist(), "{reason:?}");
        }
        let status = unsettled_by_list(&attempts, ListRead::Failing, at(9), 0.5);
        assert!(matches!(status, Status::Unclear(_)), "{status:?}");
        let doubtful = [tried(0, Some(unclear())), tried(5, Some(refused))];
        let status = unsettled_by_list(&doubtful, ListRead::InPart, at(9), 0.5);
        assert!(matches!(status, Status::Unclear(_)), "{status:?}");
    }

    #[test]
    fn whatever_follows_a_conflict_may_exist_until_somebody_is_found() {
        let earlier = [tried(0, Some(failure(FailureKind::Conflict, "HTTP 409")))];
        let part = AddressPart::StreamId;
        for kind in [
            FailureKind::Misaddressed { part },
            FailureKind::Unauthorised,
            FailureKind::Unreached,
            FailureKind::Limited { limit: Limit::Minute },
        ] {
            let settled = settle(&earlier, &failure(kind, "no"), at(9), 0.5);
            let Status::Unclear(Waiting { because: Some(because), .. }) = settled.status else {
                panic!("{settled:?}")
            };
            assert!(because.may_exist(), "{because:?}");
        }
        let refused = settle(&earlier, &failure(FailureKind::Rejected, "no"), at(9), 0.5);
        assert!(refused.look_up, "{refused:?}");
    }

    #[test]
    fn a_list_that_does_not_tell_leaves_a_contact_unclear_and_after_a_day_to_somebody() {
        let taken = |second| tried(second, Some(duplicate()));
        let mut attempts = vec![tried(0, Some(unclear())), taken(5)];
        let mut waits = Vec::new();
        for n in 0..3 {
            for read in [ListRead::Whole, ListRead::InPart] {
                let status = unsettled_by_list(&attempts, read, at(10), 0.5);
                let Status::Unclear(Waiting { until: Some(until), because }) = status else {
                    panic!("{status:?}")
                };
                assert!(because.unwrap().may_exist());
                waits.push(until);
            }
            attempts.push(taken(20 + n));
        }
        assert!(waits.is_sorted() && waits[0] < waits[5], "at growing intervals");
        attempts.extend((0..19).map(|n| taken(100 + n)));
        let day = at(24 * 3600 + 1);
        for read in [ListRead::Whole, ListRead::InPart, ListRead::Absent, ListRead::Failing] {
            let status = unsettled_by_list(&attempts, read, day, 0.5);
            let Status::Attention { reason } = status else { panic!("{status:?}") };
            assert!(reason.may_exist());
        }
    }

    #[test]
    fn a_list_that_cannot_be_read_is_what_a_taken_number_waits_for() {
        let attempts = [tried(0, Some(unclear())), tried(5, Some(duplicate()))];
        for read in [ListRead::Absent, ListRead::Failing] {
            let status = unsettled_by_list(&attempts, read, at(9), 0.5);
            let Status::Unclear(Waiting { because, .. }) = status else { panic!("{status:?}") };
            assert_eq!(because, Some(Reason::ListUnreadable.although_it_may_exist()));
        }
        // A bad quarter of an hour does not cost half an hour more.
        let often: Vec<_> = (0..12).map(|n| tried(n, Some(duplicate()))).collect();
        let until = |read| match unsettled_by_list(&often, read, at(99), 1.0) {
            Status::Unclear(Waiting { until: Some(until), .. }) => until.duration_since(at(99)),
            other => panic!("{other:?}"),
        };
        assert_eq!(until(ListRead::Failing).as_secs(), 300);
        assert_eq!(until(ListRead::Absent).as_secs(), 1_800);
    }

    #[test]
    fn a_refusal_is_final_once_the_whole_list_shows_nobody_and_still_says_what_may_be() {
        let attempts =
            [tried(0, Some(unclear())), tried(5, Some(failure(FailureKind::Rejected, "no")))];
        let status = unsettled_by_list(&attempts, ListRead::Whole, at(9), 0.5);
        let Status::Rejected { reason } = status else { panic!("{status:?}") };
        assert!(reason.may_exist());
        let status = unsettled_by_list(&attempts, ListRead::InPart, at(9), 0.5);
        assert!(matches!(status, Status::Unclear(_)), "{status:?}");
    }

    #[test]
    fn what_may_have_arrived_says_so_whatever_its_next_step_is_called() {
        for outcome in [failure(FailureKind::Failed, "503"), unclear()] {
            let settled = settle(&[], &outcome, at(9), 0.5);
            let (Status::Queued(waiting) | Status::Unclear(waiting)) = settled.status else {
                panic!()
            };
            assert!(matches!(waiting.because, Some(Reason::MayExist { .. })), "{waiting:?}");
        }
    }

    #[test]
    fn a_refusal_or_a_limit_is_not_held_against_the_contact() {
        let refused = || failure(FailureKind::Unauthorised, "4002");
        let many: Vec<_> = (0..50).map(|n| tried(n, Some(refused()))).collect();
        let settled = settle(&many, &refused(), at(PATIENT_HOURS * 3600), 0.5);
        assert!(matches!(settled.status, Status::Queued(Waiting { until: None, .. })));
    }
}
