//! What to do next, and what an outcome means: pure functions of stored facts and time.
//!
//! * [`next`] plans the worker's next step from [`Facts`] and the worker's own
//!   [`Situation`].
//! * [`settle`] turns one attempt's outcome, with those before it, into a status.
//! * [`backoff`] spaces retries: half a second doubled each time, capped, jittered.

mod verdict;

use std::time::Duration;

pub use verdict::{
    ListRead, PATIENT_ATTEMPTS, PATIENT_HOURS, Settled, is_cut, is_only_cut, refused_alone, settle,
    unsettled_by_list, was_refused_before,
};

use crate::{
    store::{Class, Facts, RequestEnd, Wanted},
    submission::{Failure, FailureKind, Limit},
};

/// Requests under way at once: enough that one slow answer does not hold up a form, few
/// enough to stay polite.
pub const MOST_IN_FLIGHT: usize = 4;

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
    /// Whether the last request was refused: the next one is for somebody else.
    pub was_refused: bool,
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
    if situation.was_refused && imports_may_go && facts.bulk_wait_ms == 0 {
        // Of all that waits, forms among it: those that were refused come last.
        return Plan::Send(Wanted { class: Class::Bulk, requests: 1, contacts: 1 });
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
        | FailureKind::Unexplained
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::submission::{Budget, Counts};

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
            assert!(backoff(1, LONGEST_CHECK, jitter) <= Duration::from_millis(500));
            assert!(backoff(40, LONGEST_CHECK, jitter) <= LONGEST_CHECK);
            assert!(backoff(usize::MAX, LONGEST_CHECK, jitter) >= LONGEST_CHECK / 2);
        }
    }

    #[test]
    fn a_list_that_is_not_to_be_had_for_a_while_keeps_nobody_from_creating() {
        let wait = Some(Duration::from_mins(50));
        let failed = Failure::new(FailureKind::Failed, "503").after(wait);
        assert_eq!(request_end(Some(&failed)), RequestEnd::Wait(3_000_000));
        assert_eq!(list_end(Some(&failed)), RequestEnd::Through);
        let limit = FailureKind::Limited { limit: Limit::Minute };
        let limited = Failure::new(limit, "429").after(wait);
        assert_eq!(
            list_end(Some(&limited)),
            request_end(Some(&limited)),
            "the limit is everybody's"
        );
    }

    #[test]
    fn look_ups_take_turns_with_imports() {
        let due = Facts { lookups_due: 2, imports_due: 9, ..facts() };
        let looked_up = Situation { looked_up_last: true, ..situation() };
        assert_eq!(next(&due, &looked_up), send(Class::Bulk, 1, 1));
        let alone = Facts { imports_due: 0, ..due };
        assert_eq!(next(&alone, &looked_up), Plan::LookUp);
    }
}
