//! What to do next, and what an outcome means: pure functions of stored facts and time.
//!
//! * [`next`] plans the worker's next step from [`Facts`] and the worker's own
//!   [`Situation`].
//! * [`settle`] turns one attempt's outcome, with those before it, into a status.
//! * [`backoff`] spaces retries: half a second doubled each time, capped, jittered.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::{
    store::{Class, Facts, RequestEnd, Wanted},
    submission::{Attempt, Doubt, Failure, FailureKind, Limit, Outcome, Reason, Status, Waiting},
};

/// Requests under way at once: enough that one slow answer does not hold up a form, few
/// enough to stay polite.
pub const MOST_IN_FLIGHT: usize = 4;

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
/// The longest the whole queue waits for a platform that does not answer.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// The longest between two checks whether the platform accepts us again.
const LONGEST_CHECK: Duration = Duration::from_mins(2);
/// The account's limit for the hour was hit and the answer named no time.
const HOURLY_LIMIT_WAIT: Duration = Duration::from_mins(5);

/// What the worker knows beyond the store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Situation {
    /// Requests under way.
    pub in_flight: usize,
    /// Whether one of them reads a list page; look-ups go one page at a time.
    pub looking_up: bool,
    /// Milliseconds the queue still waits because the platform did not answer.
    pub pause_ms: i64,
    /// How far the platform is to be trusted with requests.
    pub standing: Standing,
    /// The platform refuses us; milliseconds until the next check, and only a check.
    pub refused_for_ms: Option<i64>,
    /// Milliseconds before the next look-up may start.
    pub look_up_wait_ms: i64,
    /// Whether the last slot of bulk work went to a look-up: they take turns with imports.
    pub looked_up_last: bool,
    /// Whether the directory is to be read anew, page by page.
    pub refresh: Option<Refresh>,
    /// The most contacts one request may hold; 1 where arrays are off.
    pub most_per_request: u32,
}

/// How the platform has answered lately.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Standing {
    /// It does.
    #[default]
    Answers,
    /// Nothing came of any request yet: imports wait for what becomes of the first.
    Untried,
    /// Not, or it refused us, the last time: one request at a time, of one contact.
    Failing,
}

/// A wish to read the platform's whole list into the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refresh {
    /// Milliseconds before the next page may be asked for.
    pub wait_ms: i64,
    /// Somebody waits for it; otherwise it is done only while the budget is idle.
    pub asked_for: bool,
}

/// The worker's next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// Claim contacts and send them.
    Send(Wanted),
    /// Read the next page of the platform's list.
    LookUp,
    /// Read the next page of the platform's list into the directory.
    Refresh,
    /// Ask the platform, with a request that creates nothing, whether it accepts us.
    Check,
    /// Nothing can start for this long; `None` until something happens.
    Wait(Option<Duration>),
}

/// Plans the next step. Forms first, then look-ups that settle an unclear contact's
/// fate or name an owner, in turn with imports, and with nothing else to do the directory.
#[must_use]
pub fn next(facts: &Facts, situation: &Situation) -> Plan {
    let most_in_flight = match situation.standing {
        Standing::Answers | Standing::Untried => MOST_IN_FLIGHT,
        Standing::Failing => 1,
    };
    let room = most_in_flight.saturating_sub(situation.in_flight);
    if room == 0 {
        return Plan::Wait(None);
    }
    let room_for_imports = match situation.standing {
        Standing::Untried => 1_usize.saturating_sub(situation.in_flight),
        Standing::Answers | Standing::Failing => room,
    };
    let imports_may_go = facts.imports_due > 0 && room_for_imports > 0;
    let something_due = facts.forms_due + facts.imports_due + facts.lookups_due > 0;
    if let Some(wait) = situation.refused_for_ms {
        return match something_due {
            false => Plan::Wait(millis(facts.next_due_in_ms)),
            true if wait > 0 => Plan::Wait(millis(Some(wait))),
            true if facts.form_wait_ms > 0 => Plan::Wait(millis(Some(facts.form_wait_ms))),
            true => Plan::Check,
        };
    }
    if something_due && situation.pause_ms > 0 {
        return Plan::Wait(millis(Some(situation.pause_ms)));
    }
    let form_wait_ms = facts.form_wait_ms.max(facts.forms_gather_ms.unwrap_or(0));
    if facts.forms_due > 0 && form_wait_ms == 0 {
        let slots = facts.forms_gather_ms.map_or(facts.budget.left, |_| 1);
        return Plan::Send(Wanted {
            class: Class::Form,
            requests: if facts.forms_gather_ms.is_some() { 1 } else { room },
            contacts: per_request(facts.forms_due, slots, situation),
        });
    }
    // Somebody waits for the list: its pages take turns with bulk work.
    let asked = situation.refresh.filter(|wish| wish.asked_for && !situation.looking_up);
    if asked.is_some_and(|wish| refresh_wait(wish, facts, situation) == Some(0)) {
        return Plan::Refresh;
    }
    let look_up = facts.lookups_due > 0 && !situation.looking_up;
    let imports_turn = imports_may_go && situation.looked_up_last;
    if look_up && situation.look_up_wait_ms == 0 && facts.bulk_wait_ms == 0 && !imports_turn {
        return Plan::LookUp;
    }
    if imports_may_go && facts.bulk_wait_ms == 0 {
        return Plan::Send(Wanted {
            class: Class::Bulk,
            // Look-ups take turns with them.
            requests: if facts.lookups_due > 0 || asked.is_some() { 1 } else { room_for_imports },
            contacts: per_request(facts.imports_due, facts.bulk_left, situation),
        });
    }
    let refresh = situation
        .refresh
        .filter(|wish| !situation.looking_up && (wish.asked_for || !something_due));
    if refresh.is_some_and(|wish| refresh_wait(wish, facts, situation) == Some(0)) {
        return Plan::Refresh;
    }
    let waits = [
        refresh.and_then(|wish| refresh_wait(wish, facts, situation)),
        facts.next_due_in_ms,
        (facts.forms_due > 0).then_some(form_wait_ms),
        imports_may_go.then_some(facts.bulk_wait_ms),
        look_up.then_some(facts.bulk_wait_ms.max(situation.look_up_wait_ms)),
    ];
    Plan::Wait(millis(waits.into_iter().flatten().min()))
}

/// Milliseconds until the next page of a refresh; `None` while it must give way. One that
/// nobody waits for leaves half of the limit alone.
fn refresh_wait(wish: Refresh, facts: &Facts, situation: &Situation) -> Option<i64> {
    let idle = facts.budget.left > facts.budget.limit / 2 && !facts.budget.is_shared;
    let may = wish.asked_for || idle;
    may.then(|| wish.wait_ms.max(facts.bulk_wait_ms).max(situation.pause_ms))
}

/// One contact a request while slots are ample, arrays when more is due than slots and the
/// platform is known to answer.
fn per_request(due: u64, slots: u32, situation: &Situation) -> u32 {
    let together = due > u64::from(slots) && situation.standing != Standing::Failing;
    if together { situation.most_per_request.max(1) } else { 1 }
}

fn millis(wait: Option<i64>) -> Option<Duration> {
    wait.map(|ms| Duration::from_millis(u64::try_from(ms).unwrap_or(0).max(1)))
}

/// The wait before attempt `failures + 1`: 0.5 s doubled, capped; `jitter` in 0..1
/// spreads it over the upper half, so that many clients do not come back together.
#[must_use]
pub fn backoff(failures: usize, longest: Duration, jitter: f64) -> Duration {
    let doublings = u32::try_from(failures.saturating_sub(1)).unwrap_or(u32::MAX).min(20);
    let full = Duration::from_millis(500).saturating_mul(1 << doublings).min(longest);
    full.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0)
}

/// How long the whole queue pauses after this many failures in a row.
#[must_use]
pub fn pause(failures: usize, jitter: f64) -> Duration {
    backoff(failures, LONGEST_PAUSE, jitter)
}

/// How long until the next check after this many refusals (401/403) in a row.
#[must_use]
pub fn check_wait(refusals: usize, jitter: f64) -> Duration {
    backoff(refusals + 3, LONGEST_CHECK, jitter)
}

/// What a request that came to this tells of the account's limit.
#[must_use]
pub fn request_end(failure: Option<&Failure>) -> RequestEnd {
    let ms = |wait: Duration| i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
    let Some(failure) = failure else { return RequestEnd::Through };
    match failure.kind {
        FailureKind::Limited { limit: Limit::Hour } => {
            RequestEnd::RefusedForTheHour(ms(hourly_wait(failure.retry_after)))
        }
        FailureKind::Limited { limit: Limit::Minute | Limit::Unknown } => {
            RequestEnd::Refused(failure.retry_after.map(told_wait).map(ms))
        }
        FailureKind::Failed => {
            failure.retry_after.map_or(RequestEnd::Through, |wait| RequestEnd::Wait(ms(wait)))
        }
        FailureKind::Rejected
        | FailureKind::Unauthorised
        | FailureKind::Unreached
        | FailureKind::Unclear { .. }
        | FailureKind::Missing
        | FailureKind::Conflict
        | FailureKind::Misaddressed { .. } => RequestEnd::Through,
    }
}

/// The same of a request for the list: that this is not to be had for a while keeps nobody from
/// creating.
#[must_use]
pub fn list_end(failure: Option<&Failure>) -> RequestEnd {
    match request_end(failure) {
        RequestEnd::Wait(_) => RequestEnd::Through,
        end @ (RequestEnd::Through | RequestEnd::Refused(_) | RequestEnd::RefusedForTheHour(_)) => {
            end
        }
    }
}

fn hourly_wait(retry_after: Option<Duration>) -> Duration {
    retry_after.map_or(HOURLY_LIMIT_WAIT, told_wait)
}

/// A zero or a negative Retry-After must not become a storm of requests.
fn told_wait(retry_after: Duration) -> Duration {
    retry_after.max(Duration::from_secs(1))
}

/// How long a contact waits whose request met the limit; `None` until the limit lets it out,
/// which the store reckons for everybody on the account.
fn limit_wait(retry_after: Option<Duration>, limit: Limit) -> Option<Duration> {
    match limit {
        Limit::Hour => Some(hourly_wait(retry_after)),
        Limit::Minute | Limit::Unknown => retry_after.map(told_wait),
    }
}

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
        FailureKind::Conflict => true,
        FailureKind::Unclear { doubt } => match doubt {
            Doubt::OtherNumber | Doubt::OtherName | Doubt::OtherMaker => true,
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
    /// No page could be had.
    Not,
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
        (Some(_) | None, ListRead::Not) => Reason::ListUnreadable,
        (Some(_) | None, ListRead::Whole | ListRead::InPart) => Reason::CheckingOwner,
    };
    let refused =
        matches!(last, Some(Outcome::Failure(Failure { kind: FailureKind::Rejected, .. })));
    if whole && refused {
        return Status::Rejected { reason: in_the_light_of(attempts, why) };
    }
    if is_out_of_patience(attempts, at) {
        let nobody = if whole { Reason::NotListed } else { Reason::ListNotReadWhole };
        return Status::Attention { reason: nobody.although_it_may_exist() };
    }
    let wait = backoff(tries(attempts) + DOUBT_BEGINS, LONGEST_DOUBT, jitter);
    let because = Some(why.although_it_may_exist());
    Status::Unclear(Waiting { until: Some(later(at, wait)), because })
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
        | FailureKind::Unclear { .. } => again(earlier, failure, at, jitter),
    }
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
    let reason = Reason::from(failure.clone());
    let reason = if failure.may_be_done() { reason.although_it_may_exist() } else { reason };
    let because = Some(in_the_light_of(earlier, reason));
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
    let tries = tries(attempts) + 1;
    let enough = tries >= PATIENT_ATTEMPTS && tries.is_multiple_of(GIVES_UP_EVERY);
    enough && hours_tried(attempts, at) >= PATIENT_HOURS
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::submission::{AddressPart, Budget, ContactId, Counts, Owner, Record, Verb};

    fn facts() -> Facts {
        Facts {
            counts: Counts::default(),
            forms_due: 0,
            imports_due: 0,
            lookups_due: 0,
            next_due_in_ms: None,
            budget_in_ms: None,
            orphan_in_ms: None,
            budget: Budget { limit: 60, left: 60, ..Budget::default() },
            bulk_left: 50,
            bulk_wait_ms: 0,
            form_wait_ms: 0,
            forms_gather_ms: None,
        }
    }

    fn situation() -> Situation {
        Situation { most_per_request: 50, ..Situation::default() }
    }

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

    fn send(class: Class, contacts: u32, requests: usize) -> Plan {
        Plan::Send(Wanted { class, requests, contacts })
    }

    #[test]
    fn as_many_requests_begin_together_as_there_is_room_for() {
        let due = Facts { imports_due: 9, ..facts() };
        for (in_flight, requests) in [(0, 4), (1, 3), (3, 1)] {
            let busy = Situation { in_flight, ..situation() };
            assert_eq!(next(&due, &busy), send(Class::Bulk, 1, requests));
        }
        let probing = Situation { standing: Standing::Failing, ..situation() };
        assert_eq!(next(&due, &probing), send(Class::Bulk, 1, 1));
        let form = Facts { forms_due: 1, ..due };
        assert_eq!(next(&form, &probing), send(Class::Form, 1, 1));
        let full = Situation { in_flight: MOST_IN_FLIGHT, ..situation() };
        assert_eq!(next(&form, &full), Plan::Wait(None));
    }

    #[test]
    fn nothing_due_waits_without_a_time() {
        assert_eq!(next(&facts(), &situation()), Plan::Wait(None));
    }

    #[test]
    fn a_form_goes_before_an_import_and_alone() {
        let facts = Facts { forms_due: 1, imports_due: 400, ..facts() };
        assert_eq!(next(&facts, &situation()), send(Class::Form, 1, 4));
    }

    #[test]
    fn forms_that_come_faster_than_requests_may_go_together() {
        let gathered = Facts { forms_due: 3, forms_gather_ms: Some(0), ..facts() };
        let expected = send(Class::Form, 50, 1);
        assert_eq!(next(&gathered, &situation()), expected);
        let alone = Facts { forms_due: 1, ..gathered };
        assert_eq!(next(&alone, &situation()), send(Class::Form, 1, 1));
        let soon = Facts { forms_gather_ms: Some(700), ..gathered };
        assert_eq!(next(&soon, &situation()), Plan::Wait(Some(Duration::from_millis(700))));
        let imports = Facts { imports_due: 1, ..soon };
        assert_eq!(next(&imports, &situation()), send(Class::Bulk, 1, 4));
    }

    #[test]
    fn arrays_are_used_only_when_more_is_due_than_slots() {
        let few = Facts { imports_due: 50, ..facts() };
        assert_eq!(next(&few, &situation()), send(Class::Bulk, 1, 4));
        let many = Facts { imports_due: 51, ..facts() };
        assert_eq!(next(&many, &situation()), send(Class::Bulk, 50, 4));
        let off = Situation { most_per_request: 1, ..situation() };
        assert_eq!(next(&many, &off), send(Class::Bulk, 1, 4));
    }

    #[test]
    fn a_form_goes_out_while_an_import_has_to_wait_for_its_turn() {
        let facts = Facts { forms_due: 1, imports_due: 9, bulk_wait_ms: 800, ..facts() };
        assert_eq!(next(&facts, &situation()), send(Class::Form, 1, 4));
        let facts = Facts { forms_due: 0, ..facts };
        assert_eq!(next(&facts, &situation()), Plan::Wait(Some(Duration::from_millis(800))));
    }

    #[test]
    fn after_a_failure_one_request_at_a_time_finds_out() {
        let facts = Facts { forms_due: 3, ..facts() };
        let paused = Situation { standing: Standing::Failing, pause_ms: 400, ..situation() };
        assert_eq!(next(&facts, &paused), Plan::Wait(Some(Duration::from_millis(400))));
        let probing = Situation { standing: Standing::Failing, in_flight: 1, ..situation() };
        assert_eq!(next(&facts, &probing), Plan::Wait(None));
    }

    #[test]
    fn a_platform_that_may_be_down_is_asked_about_one_contact() {
        let many = Facts { imports_due: 400, ..facts() };
        let probing = Situation { standing: Standing::Failing, ..situation() };
        assert_eq!(next(&many, &probing), send(Class::Bulk, 1, 1));
        let forms = Facts { forms_due: 3, forms_gather_ms: Some(0), ..facts() };
        assert_eq!(next(&forms, &probing), send(Class::Form, 1, 1));
    }

    #[test]
    fn imports_wait_for_what_becomes_of_the_first_request_and_forms_do_not() {
        let many = Facts { imports_due: 400, ..facts() };
        let untried = Situation { standing: Standing::Untried, ..situation() };
        assert_eq!(next(&many, &untried), send(Class::Bulk, 50, 1));
        let first = Situation { in_flight: 1, ..untried };
        assert_eq!(next(&many, &first), Plan::Wait(None), "whatever ends it wakes the worker");
        let form = Facts { forms_due: 1, ..many };
        assert_eq!(next(&form, &first), send(Class::Form, 1, 3));
        let doubtful = Facts { lookups_due: 1, ..many };
        let looked_up = Situation { looked_up_last: true, ..first };
        assert_eq!(next(&doubtful, &looked_up), Plan::LookUp, "it is not an import's turn");
    }

    #[test]
    fn a_refused_queue_only_checks_and_only_when_something_is_due() {
        let refused = Situation { refused_for_ms: Some(0), ..situation() };
        assert_eq!(next(&facts(), &refused), Plan::Wait(None));
        let due = Facts { forms_due: 1, ..facts() };
        assert_eq!(next(&due, &refused), Plan::Check);
        let later = Situation { refused_for_ms: Some(900), ..situation() };
        assert_eq!(next(&due, &later), Plan::Wait(Some(Duration::from_millis(900))));
    }

    #[test]
    fn look_ups_go_one_page_at_a_time_and_before_imports() {
        let due = Facts { lookups_due: 2, imports_due: 9, ..facts() };
        assert_eq!(next(&due, &situation()), Plan::LookUp);
        let one_under_way = Situation { looking_up: true, in_flight: 1, ..situation() };
        assert_eq!(next(&due, &one_under_way), send(Class::Bulk, 1, 1));
    }

    #[test]
    fn the_directory_is_read_only_when_nothing_is_due_and_half_the_limit_is_free() {
        let wish = |asked_for| Some(Refresh { wait_ms: 0, asked_for });
        let idle = Situation { refresh: wish(false), ..situation() };
        assert_eq!(next(&facts(), &idle), Plan::Refresh);
        let due = Facts { imports_due: 1, ..facts() };
        assert_eq!(next(&due, &idle), send(Class::Bulk, 1, 4));
        let busy = Facts { budget: Budget { limit: 60, left: 30, ..Budget::default() }, ..facts() };
        assert_eq!(next(&busy, &idle), Plan::Wait(None));
        let asked = Situation { refresh: wish(true), ..situation() };
        assert_eq!(next(&busy, &asked), Plan::Refresh);
        assert_eq!(next(&due, &asked), Plan::Refresh, "in turn with imports");
        let form = Facts { forms_due: 1, ..facts() };
        assert_eq!(next(&form, &asked), send(Class::Form, 1, 4));
        let reading = Situation { looking_up: true, in_flight: 1, ..asked };
        assert_eq!(next(&busy, &reading), Plan::Wait(None));
        let refused = Situation { refused_for_ms: Some(0), ..asked };
        assert_eq!(next(&facts(), &refused), Plan::Wait(None));
    }

    #[test]
    fn the_first_retry_comes_within_a_second_and_waits_stay_capped() {
        for jitter in [0.0, 0.5, 1.0] {
            assert!(backoff(1, LONGEST_WAIT, jitter) <= Duration::from_millis(500));
            assert!(backoff(40, LONGEST_WAIT, jitter) <= LONGEST_WAIT);
            assert!(backoff(usize::MAX, LONGEST_WAIT, jitter) >= LONGEST_WAIT / 2);
        }
    }

    #[test]
    fn a_list_that_is_not_to_be_had_for_a_while_keeps_nobody_from_creating() {
        let wait = Some(Duration::from_secs(3_000));
        let failed = Failure::new(FailureKind::Failed, "503").after(wait);
        assert_eq!(request_end(Some(&failed)), RequestEnd::Wait(3_000_000));
        assert_eq!(list_end(Some(&failed)), RequestEnd::Through);
        let limit = FailureKind::Limited { limit: Limit::Minute };
        let limited = Failure::new(limit, "429").after(wait);
        assert_eq!(list_end(Some(&limited)), request_end(Some(&limited)), "the limit is everybody's");
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
        for read in [ListRead::Whole, ListRead::InPart, ListRead::Not] {
            let status = unsettled_by_list(&attempts, read, day, 0.5);
            let Status::Attention { reason } = status else { panic!("{status:?}") };
            assert!(reason.may_exist());
        }
    }

    #[test]
    fn a_list_that_cannot_be_read_is_what_a_taken_number_waits_for() {
        let attempts = [tried(0, Some(unclear())), tried(5, Some(duplicate()))];
        let status = unsettled_by_list(&attempts, ListRead::Not, at(9), 0.5);
        let Status::Unclear(Waiting { because, .. }) = status else { panic!("{status:?}") };
        assert_eq!(because, Some(Reason::ListUnreadable.although_it_may_exist()));
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
    fn look_ups_take_turns_with_imports() {
        let due = Facts { lookups_due: 2, imports_due: 9, ..facts() };
        let looked_up = Situation { looked_up_last: true, ..situation() };
        assert_eq!(next(&due, &looked_up), send(Class::Bulk, 1, 1));
        let alone = Facts { imports_due: 0, ..due };
        assert_eq!(next(&alone, &looked_up), Plan::LookUp);
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
