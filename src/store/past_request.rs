//! A request of the account as the store keeps it, and for how long it counts. Pure.
//!
//! The platform counts a request when it arrives, which nobody here knows. It arrives
//! between being sent and being over, so a request counts from the moment it is taken
//! until 60 s after it is over.
//!
//! Time is the machine's uptime where the request was made since the same start, so no
//! clock setting moves it; else the wall clock, where a request that seems to lie in the
//! future counts as made just now: that can delay by a minute, never freeze or flood.

use super::{BootId, Class, Moment};

/// The platform's window (Kore.ai: "the per-minute rate limit").
pub(super) const WINDOW_MS: i64 = 60_000;
/// Its longer window (Kore.ai: "the hourly rate limit").
pub(super) const HOUR_MS: i64 = 3_600_000;
/// A request that never ended (its process died) is surely over by then.
pub(super) const ABANDONED_MS: i64 = 60_000;

/// One request of the account, as the store keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PastRequest {
    pub(super) bulk: bool,
    pub(super) boot: BootId,
    pub(super) taken_up: i64,
    pub(super) taken_at: i64,
    pub(super) over: Option<(i64, i64)>,
    /// The platform refused it for the limit.
    pub(super) refused: bool,
}

impl PastRequest {
    /// One that begins now.
    pub(super) fn beginning(class: Class, at: Moment) -> Self {
        Self {
            bulk: class == Class::Bulk,
            boot: at.boot,
            taken_up: at.uptime_ms,
            taken_at: at.wall.as_millisecond(),
            over: None,
            refused: false,
        }
    }
}

/// Milliseconds since the request was taken and, if it is over, since then.
pub(super) fn ages(request: &PastRequest, at: Moment) -> (i64, Option<i64>) {
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
pub(super) fn counts_for_ms(request: &PastRequest, span_ms: i64, at: Moment) -> i64 {
    match ages(request, at) {
        (_, Some(over)) => span_ms - over,
        (taken, None) => ABANDONED_MS + span_ms - taken,
    }
}

/// How many requests the platform has let through in the last 60 s, as we count them; none
/// that is still under way.
pub(super) fn got_through(requests: &[PastRequest], at: Moment) -> u32 {
    let through = |request: &&PastRequest| {
        request.over.is_some() && !request.refused && counts_for_ms(request, WINDOW_MS, at) > 0
    };
    u32::try_from(requests.iter().filter(through).count()).unwrap_or(u32::MAX)
}
