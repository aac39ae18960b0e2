//! The rate limit as arithmetic: which requests still count, and when the next may go.
//!
//! The platform counts a request when it arrives, which nobody here knows. It arrives
//! between being sent and being over, so a request counts from the moment it is taken
//! until 60 s after it is over: in any 60 s the platform then sees at most the limit.
//!
//! Time is the machine's uptime where the request was made since the same start, so no
//! clock setting moves it; else the wall clock, where a request that seems to lie in the
//! future counts as made just now: that can delay by a minute, never freeze or flood.

use super::{BootId, Moment};
use crate::submission::Budget;

/// The platform's window (Kore.ai: "the per-minute rate limit").
pub(super) const WINDOW_MS: i64 = 60_000;
/// A request that never ended (its process died) is surely over by then.
pub(super) const ABANDONED_MS: i64 = 60_000;
/// Bulk requests that may go out at once after a pause, before they are spread.
const BURST: i64 = 3;

/// One request of the account, as the store keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PastRequest {
    pub(super) bulk: bool,
    pub(super) boot: BootId,
    pub(super) taken_up: i64,
    pub(super) taken_at: i64,
    pub(super) over: Option<(i64, i64)>,
}

/// "Wait until then", as the platform last asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hold {
    pub(super) boot: BootId,
    pub(super) until_up: i64,
    pub(super) until_at: i64,
}

/// What the limit allows at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Allowance {
    pub(super) left: u32,
    pub(super) bulk_left: u32,
    pub(super) form_wait_ms: i64,
    pub(super) bulk_wait_ms: i64,
    /// Until any of this is different by itself.
    pub(super) changes_in_ms: Option<i64>,
    limit: u32,
}

impl Allowance {
    pub(super) fn at(requests: &[PastRequest], hold: Option<Hold>, limit: u32, at: Moment) -> Self {
        let limit = limit.max(1);
        let mut counts_for: Vec<i64> = requests
            .iter()
            .map(|request| counts_for_ms(request, at))
            .filter(|ms| *ms > 0)
            .collect();
        counts_for.sort_unstable();
        let paused = hold.map(|hold| held_for_ms(hold, at)).filter(|ms| *ms > 0);
        let pause = paused.unwrap_or(0);
        let form = wait_for_slot(&counts_for, limit);
        let bulk_limit = limit - reserve(limit);
        let bulk = wait_for_slot(&counts_for, bulk_limit).max(wait_for_turn(requests, limit, at));
        let used = u32::try_from(counts_for.len()).unwrap_or(u32::MAX);
        Self {
            left: if pause > 0 { 0 } else { limit.saturating_sub(used) },
            bulk_left: if pause > 0 { 0 } else { bulk_limit.saturating_sub(used) },
            form_wait_ms: form.max(pause),
            bulk_wait_ms: bulk.max(pause),
            changes_in_ms: counts_for.first().copied().into_iter().chain(paused).min(),
            limit,
        }
    }

    pub(super) fn budget(&self, at: Moment) -> Budget {
        let wait = jiff::SignedDuration::from_millis(self.form_wait_ms);
        let next_slot_at = (self.left == 0).then(|| at.wall.checked_add(wait).ok()).flatten();
        Budget { limit: self.limit, left: self.left, next_slot_at }
    }
}

/// Slots that bulk work leaves to forms: 10 of 60.
fn reserve(limit: u32) -> u32 {
    if limit > 1 { (limit / 6).max(1) } else { 0 }
}

/// Milliseconds since the request was taken and, if it is over, since then.
fn ages(request: &PastRequest, at: Moment) -> (i64, Option<i64>) {
    let wall = at.wall.as_millisecond();
    let age = |up: i64, was: i64| {
        // A later uptime than now is one of an earlier start that nobody named.
        let same = request.boot == at.boot && up <= at.uptime_ms;
        let age = if same { at.uptime_ms - up } else { wall - was };
        age.max(0)
    };
    let over = request.over.map(|(up, was)| age(up, was));
    (age(request.taken_up, request.taken_at), over)
}

/// How much longer the request counts; nothing or less when it no longer does.
fn counts_for_ms(request: &PastRequest, at: Moment) -> i64 {
    match ages(request, at) {
        (_, Some(over)) => WINDOW_MS - over,
        (taken, None) => ABANDONED_MS + WINDOW_MS - taken,
    }
}

/// Until fewer than `limit` requests count; `counts_for` is sorted.
fn wait_for_slot(counts_for: &[i64], limit: u32) -> i64 {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    counts_for.len().checked_sub(limit).map_or(0, |extra| counts_for[extra])
}

/// Until another bulk request keeps them evenly spread.
fn wait_for_turn(requests: &[PastRequest], limit: u32, at: Moment) -> i64 {
    let span = BURST * WINDOW_MS / i64::from(limit);
    let mut recent: Vec<i64> = requests
        .iter()
        .filter(|request| request.bulk)
        .map(|request| span - ages(request, at).0)
        .filter(|left| *left > 0)
        .collect();
    recent.sort_unstable();
    let burst = u32::try_from(BURST).unwrap_or(1);
    wait_for_slot(&recent, burst)
}

fn held_for_ms(hold: Hold, at: Moment) -> i64 {
    /// No wait is taken for longer than the client ever asks for.
    const LONGEST_HOLD_MS: i64 = 3_600_000;
    let left = if hold.boot == at.boot {
        hold.until_up - at.uptime_ms
    } else {
        hold.until_at - at.wall.as_millisecond()
    };
    if left > LONGEST_HOLD_MS { 0 } else { left.max(0) }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    fn start(number: u128) -> BootId {
        BootId::Known(uuid::Uuid::from_u128(number))
    }

    fn at(up: i64) -> Moment {
        with_wall(up, up)
    }

    fn with_wall(up: i64, wall: i64) -> Moment {
        let wall = Timestamp::from_millisecond(1_700_000_000_000 + wall).unwrap();
        Moment { wall, boot: start(1), uptime_ms: up }
    }

    fn done(taken: i64, over: i64) -> PastRequest {
        let wall = 1_700_000_000_000;
        PastRequest {
            bulk: false,
            boot: start(1),
            taken_up: taken,
            taken_at: wall + taken,
            over: Some((over, wall + over)),
        }
    }

    #[test]
    fn a_request_counts_until_a_minute_after_it_is_over() {
        let slow = [done(0, 20_000)];
        assert_eq!(Allowance::at(&slow, None, 1, at(79_999)).form_wait_ms, 1);
        assert_eq!(Allowance::at(&slow, None, 1, at(80_000)).left, 1);
    }

    #[test]
    fn a_request_whose_process_died_counts_for_two_minutes_and_no_longer() {
        let orphan = [PastRequest { over: None, ..done(0, 0) }];
        assert_eq!(Allowance::at(&orphan, None, 1, at(100_000)).form_wait_ms, 20_000);
        assert_eq!(Allowance::at(&orphan, None, 1, at(120_000)).left, 1);
    }

    #[test]
    fn a_wall_clock_set_an_hour_either_way_changes_nothing_since_the_same_start() {
        let full: Vec<_> = (0..60).map(|n| done(n, n)).collect();
        for step in [-3_600_000, 0, 3_600_000] {
            let allowed = Allowance::at(&full, None, 60, with_wall(30_000, 30_000 + step));
            assert_eq!((allowed.left, allowed.form_wait_ms), (0, 30_000), "step {step}");
        }
    }

    #[test]
    fn after_a_restart_the_last_minute_is_remembered_and_the_future_counts_as_now() {
        let before = [PastRequest { boot: start(7), ..done(0, 0) }];
        assert_eq!(Allowance::at(&before, None, 1, at(10_000)).form_wait_ms, 50_000);
        let stepped_back = with_wall(10_000, -3_600_000);
        assert_eq!(Allowance::at(&before, None, 1, stepped_back).form_wait_ms, 60_000);
    }

    #[test]
    fn where_no_start_has_a_name_the_future_is_an_earlier_start_and_freezes_nobody() {
        let before = [PastRequest { boot: BootId::Unknown, ..done(500_000, 500_000) }];
        let now = Moment { boot: BootId::Unknown, ..with_wall(10_000, 530_000) };
        assert_eq!(Allowance::at(&before, None, 1, now).form_wait_ms, 30_000);
    }

    #[test]
    fn bulk_leaves_a_reserve_to_forms() {
        let fifty: Vec<_> = (0..50).map(|n| done(n, n)).collect();
        let allowed = Allowance::at(&fifty, None, 60, at(1_000));
        assert_eq!((allowed.bulk_left, allowed.left), (0, 10));
        assert_eq!(allowed.form_wait_ms, 0);
        assert!(allowed.bulk_wait_ms > 0);
    }

    #[test]
    fn bulk_is_spread_after_a_small_burst() {
        let bulk = |taken| PastRequest { bulk: true, ..done(taken, taken) };
        assert_eq!(Allowance::at(&[bulk(0), bulk(1)], None, 60, at(2)).bulk_wait_ms, 0);
        let three = [bulk(0), bulk(1), bulk(2)];
        assert_eq!(Allowance::at(&three, None, 60, at(3)).bulk_wait_ms, 2_997);
        assert_eq!(Allowance::at(&three, None, 60, at(3)).form_wait_ms, 0);
    }

    #[test]
    fn a_hold_stops_everybody_and_an_absurd_one_nobody() {
        let hold = |left| Some(Hold { boot: start(1), until_up: 1_000 + left, until_at: 0 });
        let allowed = Allowance::at(&[], hold(7_000), 60, at(1_000));
        assert_eq!((allowed.left, allowed.form_wait_ms, allowed.bulk_wait_ms), (0, 7_000, 7_000));
        assert_eq!(Allowance::at(&[], hold(i64::MAX / 2), 60, at(1_000)).left, 60);
    }

    #[test]
    fn a_limit_of_one_still_lets_bulk_through() {
        assert_eq!(Allowance::at(&[], None, 1, at(0)).bulk_wait_ms, 0);
    }

    proptest! {
        /// However latencies fall and the wall clock steps, the platform, which sees a
        /// request at any time between its sending and its end, never sees more than the
        /// limit in any window.
        #[test]
        fn no_window_ever_holds_more_than_the_limit(
            limit in 1_u32..8,
            steps in prop::collection::vec((0_i64..30_000, 0_i64..30_000, -4_000_000_i64..4_000_000, 0_u8..=100), 1..80),
        ) {
            let (mut up, mut requests, mut arrivals) = (0, Vec::new(), Vec::new());
            for (pause, latency, step, seen) in steps {
                up += pause;
                let now = with_wall(up, up + step);
                // Requests still under way at this moment are not over yet.
                let known: Vec<_> = requests.iter().map(|request: &PastRequest| match request.over {
                    Some((over, _)) if over > up => PastRequest { over: None, ..*request },
                    _ => *request,
                }).collect();
                if Allowance::at(&known, None, limit, now).form_wait_ms > 0 {
                    continue;
                }
                let mut request = done(up, up + latency);
                request.taken_at += step;
                requests.push(request);
                arrivals.push(up + latency * i64::from(seen) / 100);
            }
            arrivals.sort_unstable();
            for window in arrivals.windows(usize::try_from(limit).unwrap() + 1) {
                prop_assert!(window[window.len() - 1] - window[0] >= WINDOW_MS, "{arrivals:?}");
            }
        }
    }
}
