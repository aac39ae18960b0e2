//! The rate limit as arithmetic: which requests still count, and when the next may go.
//!
//! A request counts until 60 s after it is over ([`super::past_request`]): in any 60 s the
//! platform then sees at most the limit. The same holds for the hour, where an account has a
//! limit for that too.
//!
//! Below the limit lies our share of it, while somebody unseen spends the rest
//! ([`super::learned_share`]): of that, only requests count that the platform let through.

use super::{
    BootId, Limits, Moment,
    learned_share::Refusal,
    past_request::{HOUR_MS, PastRequest, WINDOW_MS, ages, counts_for_ms},
};
use crate::submission::Budget;

/// Bulk requests that may go out at once after a pause, before they are spread.
const BURST: u32 = 3;
/// A limit whose requests come closer together than this is not spread: nobody waits for the
/// next of them.
const CLOSE_MS: i64 = 100;

/// "Wait until then", as the platform last asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hold {
    pub(super) boot: BootId,
    pub(super) until_up: i64,
    pub(super) until_at: i64,
}

/// All that is known of the account's limit.
#[derive(Debug, Clone, Default)]
pub(super) struct Spent {
    pub(super) requests: Vec<PastRequest>,
    pub(super) hold: Option<Hold>,
    pub(super) refusal: Option<Refusal>,
}

/// What the limit allows at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Allowance {
    pub(super) left: u32,
    pub(super) bulk_left: u32,
    pub(super) form_wait_ms: i64,
    /// Where forms come faster than requests may go: until what is due by then goes together.
    /// Nobody is kept from sooner.
    pub(super) gathers_ms: Option<i64>,
    pub(super) bulk_wait_ms: i64,
    /// Until any of this is different by itself.
    pub(super) changes_in_ms: Option<i64>,
    /// Requests of the minute that are ours now.
    share: u32,
    is_shared: bool,
    held_ms: i64,
}

impl Allowance {
    pub(super) fn at(spent: &Spent, limits: Limits, at: Moment) -> Self {
        let Spent { requests, hold, refusal } = spent;
        let limit = limits.minute.max(1);
        let share = refusal.map_or(limit, |refusal| refusal.share(limit, at));
        let held_ms = hold.map_or(0, |hold| hold.left_ms(at));
        let pause = refusal.map_or(0, |refusal| refusal.pause_ms(limit, at)).max(held_ms);
        let windows = [
            Window::of(requests, WINDOW_MS, limit, at),
            Window::of(requests.iter().filter(|it| !it.refused), WINDOW_MS, share, at)
                .keeping(share_reserve(share)),
            match limits.hour {
                Some(limit) => Window::of(requests, HOUR_MS, limit, at),
                None => Window::of([], HOUR_MS, u32::MAX, at),
            },
        ];
        let wait = |most: fn(&Window) -> u32| {
            windows.iter().map(|window| window.wait_ms(most(window))).max().unwrap_or(0).max(pause)
        };
        let left = |most: fn(&Window) -> u32| match pause {
            0 => windows.iter().map(|window| window.left(most(window))).min().unwrap_or(0),
            _ => 0,
        };
        let is_shared = share < limit;
        let changes = [
            windows[0].counts_for.first().copied(),
            limits.hour.and(windows[2].counts_for.first().copied()),
            Some(pause),
            refusal.and_then(|refusal| refusal.grows_in_ms(limit, at)),
        ];
        // A share that is only guessed is taken one by one: then one refusal tells it is less.
        let burst = match is_shared {
            true => 1,
            false if WINDOW_MS / i64::from(share) < CLOSE_MS => share,
            false => BURST,
        };
        let forms_turn = wait_for_turn(requests.iter().filter(|it| !it.bulk), burst, share, at);
        let left_to_forms = left(|window| window.limit);
        let bulk_turn = wait_for_turn(requests.iter().filter(|it| it.bulk), burst, share, at);
        Self {
            left: left_to_forms,
            bulk_left: left(Window::bulk_limit),
            form_wait_ms: wait(|window| window.limit).max(if is_shared { forms_turn } else { 0 }),
            gathers_ms: gathering_ms(requests, left_to_forms, limit, at),
            bulk_wait_ms: wait(Window::bulk_limit).max(bulk_turn),
            changes_in_ms: changes.into_iter().flatten().filter(|ms| *ms > 0).min(),
            share,
            is_shared,
            held_ms,
        }
    }

    pub(super) fn budget(&self, at: Moment) -> Budget {
        let after = |ms| at.wall.checked_add(jiff::SignedDuration::from_millis(ms)).ok();
        Budget {
            limit: self.share,
            left: self.left,
            next_slot_at: (self.left == 0).then(|| after(self.form_wait_ms)).flatten(),
            is_shared: self.is_shared,
            held_until: (self.held_ms > 0).then(|| after(self.held_ms)).flatten(),
        }
    }
}

/// The requests that count in one window, and how many it may hold.
struct Window {
    /// How long each counts on, the shortest first.
    counts_for: Vec<i64>,
    limit: u32,
    reserve: u32,
}

impl Window {
    fn of<'a>(
        requests: impl IntoIterator<Item = &'a PastRequest>,
        span_ms: i64,
        limit: u32,
        at: Moment,
    ) -> Self {
        let counts = requests.into_iter().map(|request| counts_for_ms(request, span_ms, at));
        let mut counts_for: Vec<i64> = counts.filter(|ms| *ms > 0).collect();
        counts_for.sort_unstable();
        Self { counts_for, limit, reserve: reserve(limit) }
    }

    fn keeping(self, reserve: u32) -> Self {
        Self { reserve, ..self }
    }

    fn bulk_limit(&self) -> u32 {
        self.limit - self.reserve
    }

    fn wait_ms(&self, most: u32) -> i64 {
        wait_for_slot(&self.counts_for, most)
    }

    fn left(&self, most: u32) -> u32 {
        most.saturating_sub(u32::try_from(self.counts_for.len()).unwrap_or(u32::MAX))
    }
}

/// Slots that bulk work leaves to forms: 10 of 60.
fn reserve(limit: u32) -> u32 {
    if limit > 1 { (limit / 6).max(1) } else { 0 }
}

/// The same of a share that another tool's spending has left: of little, little is kept.
fn share_reserve(share: u32) -> u32 {
    share / 20
}

/// Until fewer than `limit` requests count; `counts_for` is sorted.
fn wait_for_slot(counts_for: &[i64], limit: u32) -> i64 {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    counts_for.len().checked_sub(limit).map_or(0, |extra| counts_for[extra])
}

/// Once forms alone have used more than half of the minute: until the next of them, so that
/// what is left lasts until the first counts no more, or longer at least. A minute used up one
/// by one would have whoever comes next wait for the rest of it.
fn gathering_ms(requests: &[PastRequest], left: u32, limit: u32, at: Moment) -> Option<i64> {
    let counts_for = |request: &PastRequest| counts_for_ms(request, WINDOW_MS, at);
    let forms: Vec<_> =
        requests.iter().filter(|request| !request.bulk && counts_for(request) > 0).collect();
    let half = usize::try_from(limit / 2).unwrap_or(usize::MAX);
    if forms.len() <= half || left == 0 {
        return None;
    }
    let frees_in = forms.iter().map(|request| counts_for(request)).min()?;
    let last = forms.iter().map(|request| ages(request, at).0).min()?;
    let turn = (frees_in / i64::from(left)).min(3 * WINDOW_MS / i64::from(limit));
    Some((turn - last).max(0))
}

/// Until another request keeps these evenly spread.
fn wait_for_turn<'a>(
    requests: impl Iterator<Item = &'a PastRequest>,
    burst: u32,
    limit: u32,
    at: Moment,
) -> i64 {
    let span = i64::from(burst) * WINDOW_MS / i64::from(limit);
    let mut recent: Vec<i64> =
        requests.map(|request| span - ages(request, at).0).filter(|left| *left > 0).collect();
    recent.sort_unstable();
    wait_for_slot(&recent, burst)
}

impl Hold {
    /// Until `ms` after `at`.
    pub(super) fn lasting(ms: i64, at: Moment) -> Self {
        Self {
            boot: at.boot,
            until_up: at.uptime_ms.saturating_add(ms),
            until_at: at.wall.as_millisecond().saturating_add(ms),
        }
    }

    /// Milliseconds it still lasts.
    pub(super) fn left_ms(&self, at: Moment) -> i64 {
        /// No wait is taken for longer than the client ever asks for.
        const LONGEST_MS: i64 = 3_600_000;
        let left = if self.boot == at.boot {
            self.until_up - at.uptime_ms
        } else {
            self.until_at - at.wall.as_millisecond()
        };
        if left > LONGEST_MS { 0 } else { left.max(0) }
    }
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
            refused: false,
        }
    }

    fn allowed(requests: &[PastRequest], hold: Option<Hold>, minute: u32, at: Moment) -> Allowance {
        let spent = Spent { requests: requests.to_vec(), hold, refusal: None };
        Allowance::at(&spent, Limits { minute, hour: None }, at)
    }

    #[test]
    fn a_request_counts_until_a_minute_after_it_is_over() {
        let slow = [done(0, 20_000)];
        assert_eq!(allowed(&slow, None, 1, at(79_999)).form_wait_ms, 1);
        assert_eq!(allowed(&slow, None, 1, at(80_000)).left, 1);
    }

    #[test]
    fn a_request_whose_process_died_counts_for_two_minutes_and_no_longer() {
        let orphan = [PastRequest { over: None, ..done(0, 0) }];
        assert_eq!(allowed(&orphan, None, 1, at(100_000)).form_wait_ms, 20_000);
        assert_eq!(allowed(&orphan, None, 1, at(120_000)).left, 1);
    }

    #[test]
    fn a_wall_clock_set_an_hour_either_way_changes_nothing_since_the_same_start() {
        let full: Vec<_> = (0..60).map(|n| done(n, n)).collect();
        for step in [-3_600_000, 0, 3_600_000] {
            let allowance = allowed(&full, None, 60, with_wall(30_000, 30_000 + step));
            assert_eq!((allowance.left, allowance.form_wait_ms), (0, 30_000), "step {step}");
        }
    }

    #[test]
    fn after_a_restart_the_last_minute_is_remembered_and_the_future_counts_as_now() {
        let before = [PastRequest { boot: start(7), ..done(0, 0) }];
        assert_eq!(allowed(&before, None, 1, at(10_000)).form_wait_ms, 50_000);
        let stepped_back = with_wall(10_000, -3_600_000);
        assert_eq!(allowed(&before, None, 1, stepped_back).form_wait_ms, 60_000);
    }

    #[test]
    fn where_no_start_has_a_name_the_future_is_an_earlier_start_and_freezes_nobody() {
        let before = [PastRequest { boot: BootId::Unknown, ..done(500_000, 500_000) }];
        let now = Moment { boot: BootId::Unknown, ..with_wall(10_000, 530_000) };
        assert_eq!(allowed(&before, None, 1, now).form_wait_ms, 30_000);
    }

    #[test]
    fn bulk_leaves_a_reserve_to_forms() {
        let bulk = |taken| PastRequest { bulk: true, ..done(taken, taken) };
        let fifty: Vec<_> = (0..50).map(bulk).collect();
        let allowance = allowed(&fifty, None, 60, at(1_000));
        assert_eq!((allowance.bulk_left, allowance.left), (0, 10));
        assert_eq!(allowance.form_wait_ms, 0);
        assert!(allowance.bulk_wait_ms > 0);
    }

    #[test]
    fn forms_that_have_used_half_of_the_minute_make_the_rest_of_it_last() {
        let forms = |count: i64| -> Vec<_> { (0..count).map(|n| done(n * 600, n * 600)).collect() };
        let few = allowed(&forms(30), None, 60, at(18_000));
        assert_eq!(few.gathers_ms, None);
        let many = allowed(&forms(31), None, 60, at(18_000));
        assert_eq!((many.form_wait_ms, many.gathers_ms), (0, Some(42_000 / 29)));
        let later = allowed(&forms(31), None, 60, at(18_000 + 42_000 / 29));
        assert_eq!(later.gathers_ms, Some(0), "their turn has come");
        assert_eq!(many.bulk_wait_ms, 0, "imports have their own");
        let at_once: Vec<_> = (0..59).map(|n| done(n, n)).collect();
        assert_eq!(allowed(&at_once, None, 60, at(59)).gathers_ms, Some(2_999), "not for long");
        let bulk: Vec<_> =
            forms(50).into_iter().map(|it| PastRequest { bulk: true, ..it }).collect();
        assert_eq!(
            allowed(&bulk, None, 60, at(30_000)).gathers_ms,
            None,
            "no import delays a form"
        );
    }

    /// Contacts that come evenly, sent as the limit allows, all that are there together.
    #[test]
    fn of_a_hundred_a_minute_none_waits_for_long() {
        let (mut requests, mut waiting, mut longest) = (Vec::new(), Vec::new(), 0);
        for now in (0..600_000).step_by(100) {
            if now % 600 == 0 {
                waiting.push(now);
            }
            requests.retain(|it: &PastRequest| counts_for_ms(it, WINDOW_MS, at(now)) > 0);
            let allowance = allowed(&requests, None, 60, at(now));
            let wait = allowance.form_wait_ms.max(allowance.gathers_ms.unwrap_or(0));
            if waiting.is_empty() || wait > 0 {
                continue;
            }
            let together = if allowance.gathers_ms.is_some() { waiting.len() } else { 1 };
            for came in waiting.drain(..together) {
                longest = longest.max(now - came);
            }
            requests.push(done(now, now));
        }
        assert!(waiting.len() < 5 && longest < 3_000, "{longest} ms");
    }

    #[test]
    fn bulk_is_spread_after_a_small_burst() {
        let bulk = |taken| PastRequest { bulk: true, ..done(taken, taken) };
        assert_eq!(allowed(&[bulk(0), bulk(1)], None, 60, at(2)).bulk_wait_ms, 0);
        let three = [bulk(0), bulk(1), bulk(2)];
        assert_eq!(allowed(&three, None, 60, at(3)).bulk_wait_ms, 2_997);
        assert_eq!(allowed(&three, None, 60, at(3)).form_wait_ms, 0);
    }

    #[test]
    fn bulk_whose_requests_come_close_together_is_not_spread_and_still_leaves_the_reserve() {
        let many: Vec<_> =
            (0..5_000).map(|at| PastRequest { bulk: true, ..done(at / 9, at / 9) }).collect();
        assert_eq!(allowed(&many, None, 10_000, at(600)).bulk_wait_ms, 0);
        assert_eq!(allowed(&many, None, 10_000, at(600)).bulk_left, 8_334 - 5_000);
        let paced = allowed(&many, None, 6_000, at(600));
        assert_eq!((paced.bulk_left, paced.left), (0, 1_000));
    }

    #[test]
    fn a_hold_stops_everybody_and_an_absurd_one_nobody() {
        let hold = |left| Some(Hold { boot: start(1), until_up: 1_000 + left, until_at: 0 });
        let allowance = allowed(&[], hold(7_000), 60, at(1_000));
        assert_eq!(
            (allowance.left, allowance.form_wait_ms, allowance.bulk_wait_ms),
            (0, 7_000, 7_000)
        );
        assert_eq!(allowed(&[], hold(i64::MAX / 2), 60, at(1_000)).left, 60);
    }

    #[test]
    fn a_limit_of_one_still_lets_bulk_through() {
        assert_eq!(allowed(&[], None, 1, at(0)).bulk_wait_ms, 0);
    }

    #[test]
    fn the_hour_has_a_limit_of_its_own_and_keeps_a_reserve_too() {
        let hour = |n| Limits { minute: 60, hour: Some(n) };
        let spent: Vec<_> = (0..100).map(|n| done(n * 10_000, n * 10_000)).collect();
        let spent = Spent { requests: spent, ..Spent::default() };
        let full = Allowance::at(&spent, hour(100), at(1_000_000));
        assert_eq!((full.left, full.form_wait_ms), (0, HOUR_MS - 1_000_000));
        let reserve = Allowance::at(&spent, hour(110), at(1_000_000));
        assert_eq!((reserve.form_wait_ms, reserve.left), (0, 10));
        assert!(reserve.bulk_wait_ms > 0);
        assert_eq!(Allowance::at(&spent, hour(100), at(HOUR_MS)).left, 1);
    }

    #[test]
    fn a_hold_is_told_by_its_end_and_a_share_by_what_it_is() {
        let hold = Hold::lasting(600_000, at(0));
        let refusal =
            Refusal { boot: start(1), up: 0, at: 1_700_000_000_000, through: 31, in_a_row: 1 };
        let spent = Spent { hold: Some(hold), refusal: Some(refusal), ..Spent::default() };
        let budget = Allowance::at(&spent, Limits::per_minute(60), at(1_000)).budget(at(1_000));
        assert_eq!(budget.held_until, Some(at(600_000).wall));
        assert_eq!((budget.limit, budget.is_shared, budget.left), (30, true, 0));
        let later = Allowance::at(&spent, Limits::per_minute(60), at(7_200_000));
        assert_eq!(
            later.budget(at(7_200_000)),
            Budget { limit: 60, left: 60, ..Budget::default() }
        );
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
                if allowed(&known, None, limit, now).form_wait_ms > 0 {
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
