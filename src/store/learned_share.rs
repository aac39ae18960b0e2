//! What is left of the account's minute when somebody unseen spends from it. Pure.
//!
//! The limit is the account's, and other tools share it without a word. A refusal that our own
//! count cannot explain tells what they leave us: what got through in the last 60 s, less
//! one. From there the share is tried upwards by one request a minute, and faster once ten
//! minutes were quiet, until it is the whole limit again or the next refusal comes. So all
//! there is to keep is the last such refusal; the share follows from it and the time.

use super::{
    BootId, Moment,
    past_request::{PastRequest, WINDOW_MS, got_through},
};

/// From this age of the last refusal on, the share grows faster.
const QUIET_MS: i64 = 10 * WINDOW_MS;
/// One request more in this time then.
const QUIET_STEP_MS: i64 = 10_000;
/// Refusals one after another double the wait so often.
const MOST_DOUBLINGS: u32 = 6;

/// The last refusal that our own count could not explain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) boot: BootId,
    pub(super) up: i64,
    pub(super) at: i64,
    /// How many of our requests had got through in the 60 s before.
    pub(super) through: u32,
    /// The how manieth it is with nothing that got through in between.
    pub(super) in_a_row: u32,
}

impl Refusal {
    /// What is to be kept once the platform refused `refused` for the minute's limit:
    /// `previous` as it was where the refusal tells nothing new, because our own requests
    /// explain it or because it was sent before the previous one was known.
    pub(super) fn noticed(
        previous: Option<Self>,
        refused: &PastRequest,
        requests: &[PastRequest],
        limit: u32,
        at: Moment,
    ) -> Option<Self> {
        let through = got_through(requests, at);
        let before_previous =
            previous.is_some_and(|it| it.boot == refused.boot && refused.taken_up <= it.up);
        if through >= limit || before_previous {
            return previous;
        }
        let since = |it: &Self| {
            let later =
                |request: &&PastRequest| request.boot != it.boot || request.taken_up > it.up;
            let later: Vec<_> = requests.iter().filter(later).copied().collect();
            got_through(&later, at)
        };
        let in_a_row = match previous {
            Some(it) if since(&it) == 0 => it.in_a_row.saturating_add(1),
            Some(_) | None => 1,
        };
        let wall = at.wall.as_millisecond();
        Some(Self { boot: at.boot, up: at.uptime_ms, at: wall, through, in_a_row })
    }

    /// Milliseconds since then; a time to come by a clock that was set back is now.
    fn age_ms(&self, at: Moment) -> i64 {
        let same_start = self.boot == at.boot && self.up <= at.uptime_ms;
        let age =
            if same_start { at.uptime_ms - self.up } else { at.wall.as_millisecond() - self.at };
        age.max(0)
    }

    /// Requests a minute to go on with, at least one and at most the limit.
    pub(super) fn share(&self, limit: u32, at: Moment) -> u32 {
        let age = self.age_ms(at);
        let quiet = (age - QUIET_MS).max(0) / QUIET_STEP_MS * i64::from((limit / 60).max(1));
        // The first one after half a minute: a whole one would be lost to each refusal.
        let grown = (age.min(QUIET_MS) + WINDOW_MS / 2) / WINDOW_MS + quiet;
        let grown = u32::try_from(grown).unwrap_or(u32::MAX);
        self.lowest(limit).saturating_add(grown).min(limit).max(1)
    }

    /// Milliseconds until the share grows; `None` once it is the whole limit.
    pub(super) fn grows_in_ms(&self, limit: u32, at: Moment) -> Option<i64> {
        if self.share(limit, at) >= limit {
            return None;
        }
        let age = self.age_ms(at);
        Some(match age - QUIET_MS {
            ..0 => WINDOW_MS - (age + WINDOW_MS / 2) % WINDOW_MS,
            quiet => QUIET_STEP_MS - quiet % QUIET_STEP_MS,
        })
    }

    /// What it lowered the share to. A refusal when hardly anything went out tells little of
    /// what another tool takes: a twelfth of the limit is tried all the same.
    fn lowest(&self, limit: u32) -> u32 {
        self.through.saturating_sub(1).max(limit / 12).max(1)
    }

    /// Milliseconds that nothing goes out: the time in which the share gives one request, and
    /// twice that for each refusal after another, up to a minute.
    pub(super) fn pause_ms(&self, limit: u32, at: Moment) -> i64 {
        let spacing = WINDOW_MS / i64::from(self.lowest(limit));
        let doublings = self.in_a_row.saturating_sub(1).min(MOST_DOUBLINGS);
        ((spacing << doublings).min(WINDOW_MS) - self.age_ms(at)).max(0)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::store::{
        Limits,
        pacing::{Allowance, Spent},
    };

    const START: i64 = 1_700_000_000_000;

    fn start(number: u128) -> BootId {
        BootId::Known(uuid::Uuid::from_u128(number))
    }

    fn at(up: i64) -> Moment {
        Moment {
            wall: Timestamp::from_millisecond(START + up).unwrap(),
            boot: start(1),
            uptime_ms: up,
        }
    }

    fn refusal(through: u32) -> Refusal {
        Refusal { boot: start(1), up: 0, at: START, through, in_a_row: 1 }
    }

    fn request(taken: i64, refused: bool) -> PastRequest {
        let over = Some((taken + 100, START + taken + 100));
        let (taken_up, taken_at) = (taken, START + taken);
        PastRequest { bulk: false, boot: start(1), taken_up, taken_at, over, refused }
    }

    #[test]
    fn a_refusal_leaves_what_got_through_less_one_and_it_grows_by_one_a_minute() {
        let minutes = |minute| at(minute * WINDOW_MS);
        let shares: Vec<_> = (0..4).map(|n| refusal(30).share(60, minutes(n))).collect();
        assert_eq!(shares, [29, 30, 31, 32]);
        assert_eq!(refusal(30).share(60, minutes(10)), 39);
        assert_eq!(refusal(30).share(60, minutes(12)), 51, "faster after ten quiet minutes");
        assert_eq!(refusal(30).share(60, minutes(20)), 60, "and then all of it");
        assert_eq!(refusal(50).share(20, minutes(0)), 20, "never more than the limit");
    }

    #[test]
    fn one_refusal_in_a_quiet_minute_does_not_stop_the_account() {
        assert_eq!(refusal(0).share(60, at(0)), 5);
        assert_eq!(refusal(0).share(1, at(0)), 1);
        assert_eq!(refusal(0).pause_ms(60, at(2_000)), 10_000);
    }

    #[test]
    fn refusals_one_after_another_double_the_wait_up_to_a_minute() {
        let pause = |in_a_row| Refusal { in_a_row, ..refusal(31) }.pause_ms(60, at(0));
        assert_eq!([1, 2, 3, 4, 9].map(pause), [2_000, 4_000, 8_000, 16_000, 60_000]);
    }

    #[test]
    fn what_our_own_requests_explain_or_an_earlier_refusal_does_teaches_nothing() {
        let own: Vec<_> = (0..10).map(|n| request(n, false)).collect();
        let refused = request(500, true);
        assert_eq!(Refusal::noticed(None, &refused, &own, 10, at(600)), None);
        let first = Refusal::noticed(None, &refused, &own, 60, at(600)).unwrap();
        assert_eq!((first.through, first.in_a_row), (10, 1));
        let beside = request(550, true);
        assert_eq!(Refusal::noticed(Some(first), &beside, &own, 60, at(650)), Some(first));
        let next = Refusal::noticed(Some(first), &request(9_000, true), &own, 60, at(9_100));
        assert_eq!(next.unwrap().in_a_row, 2);
    }

    #[test]
    fn a_clock_set_back_after_a_restart_neither_frees_nor_freezes_the_share() {
        let earlier = Refusal { boot: start(7), at: START + 3_600_000, ..refusal(30) };
        assert_eq!(earlier.share(60, at(0)), 29);
        let earlier = Refusal { at: START - 60_000, ..earlier };
        assert_eq!(earlier.share(60, at(0)), 30);
    }

    /// Who sends.
    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Demand {
        Forms,
        Imports,
    }

    /// An account of 60 a minute from which somebody unseen takes `hidden`, evenly, while we
    /// send as much as we may for `minutes`.
    struct Shared {
        hidden: usize,
        latency: i64,
        requests: Vec<PastRequest>,
        arrived: Vec<i64>,
        refused: Vec<i64>,
        refusal: Option<Refusal>,
    }

    impl Shared {
        fn run(hidden: usize, latency: i64, minutes: i64, demand: Demand) -> Self {
            let (requests, arrived, refused) = (Vec::new(), Vec::new(), Vec::new());
            let mut it = Self { hidden, latency, requests, arrived, refused, refusal: None };
            let mut up = 0;
            while up < minutes * WINDOW_MS {
                it.finish(up);
                it.requests.retain(|request| up - request.taken_up < 4 * WINDOW_MS);
                let under_way = it.requests.iter().filter(|it| it.over.is_none());
                let landing = under_way.clone().map(|it| it.taken_up + latency - up).min();
                let free = under_way.count() < 4;
                match it.wait_ms(up, demand) {
                    0 if free => it.send(up, demand),
                    wait if free => up += landing.unwrap_or(wait).min(wait),
                    _ => up += landing.unwrap_or(1),
                }
            }
            it
        }

        fn wait_ms(&self, up: i64, demand: Demand) -> i64 {
            let requests = self.requests.clone();
            let spent = Spent { requests, hold: None, refusal: self.refusal };
            let allowed = Allowance::at(&spent, Limits::per_minute(60), at(up));
            match demand {
                Demand::Forms => allowed.form_wait_ms,
                Demand::Imports => allowed.bulk_wait_ms,
            }
        }

        fn send(&mut self, up: i64, demand: Demand) {
            let lately = self.arrived.iter().rev().take_while(|it| up - **it < WINDOW_MS).count();
            let refused = lately + self.hidden >= 60;
            if refused {
                self.refused.push(up);
            } else {
                self.arrived.push(up);
            }
            self.requests.push(PastRequest {
                bulk: demand == Demand::Imports,
                boot: start(1),
                taken_up: up,
                taken_at: START + up,
                over: None,
                refused,
            });
        }

        fn finish(&mut self, up: i64) {
            for n in 0..self.requests.len() {
                let request = &mut self.requests[n];
                if request.over.is_some() || request.taken_up + self.latency > up {
                    continue;
                }
                request.over = Some((up, START + up));
                let ended = *request;
                if ended.refused {
                    self.refusal =
                        Refusal::noticed(self.refusal, &ended, &self.requests, 60, at(up));
                }
            }
        }

        fn most_refusals_a_minute_from(&self, minute: i64) -> usize {
            let late: Vec<_> =
                self.refused.iter().filter(|it| **it >= minute * WINDOW_MS).collect();
            let within = |from: &&i64| {
                late.iter().filter(|it| (0..WINDOW_MS).contains(&(***it - **from))).count()
            };
            late.iter().map(within).max().unwrap_or(0)
        }

        /// The part of what the hidden one leaves that was used from the third minute on.
        fn used(&self, minutes: i64) -> f64 {
            let used = self.arrived.iter().filter(|it| **it >= 3 * WINDOW_MS).count();
            let rest = (60 - self.hidden) * usize::try_from(minutes - 3).unwrap();
            f64::from(u32::try_from(used).unwrap()) / f64::from(u32::try_from(rest).unwrap())
        }
    }

    #[test]
    fn beside_a_hidden_spender_nearly_all_of_the_rest_is_used_and_little_refused() {
        for demand in [Demand::Forms, Demand::Imports] {
            for hidden in (10..=50).step_by(5) {
                for latency in [100, 300, 1_000] {
                    let shared = Shared::run(hidden, latency, 30, demand);
                    let refusals = shared.most_refusals_a_minute_from(3);
                    let used = shared.used(30);
                    let case = format!("{demand:?} beside {hidden}, {latency} ms");
                    println!("{case}: {used:.3} used, {refusals} refusals a minute");
                    assert!(used >= 0.9 && refusals <= 2, "{case}: {used:.3} {refusals}");
                }
            }
        }
    }
}
