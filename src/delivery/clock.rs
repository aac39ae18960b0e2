//! Reads the machine's clocks into a [`Moment`], for the edges only: everything that
//! decides gets its time passed in. The dice are here as well: chance is such an edge.
//!
//! Pacing and leases count the machine's own uptime (sleep included), because a person
//! or NTP may set the wall clock back or forward by an hour at any moment. Where the
//! system has no name for its current start, all its processes still share that count; what
//! an earlier start left is then told by its being impossible, or counts a little longer.

use std::sync::OnceLock;

use jiff::Timestamp;
use uuid::Uuid;

use crate::store::{BootId, Moment};

/// The present moment by this machine's clocks.
#[must_use]
pub fn now() -> Moment {
    #[cfg(test)]
    if let Some(moment) = simulated::now() {
        return moment;
    }
    Moment { wall: Timestamp::now(), boot: boot(), uptime_ms: uptime_ms() }
}

#[cfg(unix)]
fn uptime_ms() -> i64 {
    use rustix::time::{ClockId, clock_gettime};

    #[cfg(target_os = "linux")]
    const UPTIME: ClockId = ClockId::Boottime;
    #[cfg(not(target_os = "linux"))]
    const UPTIME: ClockId = ClockId::Monotonic;
    let up = clock_gettime(UPTIME);
    up.tv_sec.saturating_mul(1000).saturating_add(up.tv_nsec / 1_000_000)
}

/// The count that all processes share is the wall clock, where no other can be asked safely.
#[cfg(not(unix))]
fn uptime_ms() -> i64 {
    Timestamp::now().as_millisecond()
}

/// The name of this start of the machine, as the system tells it.
fn boot() -> BootId {
    static BOOT: OnceLock<BootId> = OnceLock::new();
    *BOOT.get_or_init(|| {
        let name = std::fs::read_to_string("/proc/sys/kernel/random/boot_id");
        named(name.ok().as_deref())
    })
}

/// It may be masked, as in some containers, or missing, as on macOS.
fn named(name: Option<&str>) -> BootId {
    let name = name.and_then(|name| Uuid::parse_str(name.trim()).ok());
    name.filter(|name| !name.is_nil()).map_or(BootId::Unknown, BootId::Known)
}

/// A number in 0..1; which one does not matter, only that machines differ.
pub(super) fn jitter() -> f64 {
    #[cfg(test)]
    if let Some(dice) = simulated::jitter() {
        return dice;
    }
    let bytes = Uuid::new_v4().into_bytes();
    f64::from(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])) / f64::from(u32::MAX)
}

/// The clocks and the dice of a simulated machine; each thread has its own.
#[cfg(test)]
pub(crate) mod simulated {
    use std::cell::Cell;

    use jiff::{SignedDuration, Timestamp};
    use tokio::time::Instant;
    use uuid::Uuid;

    use crate::store::{BootId, Moment};

    const EPOCH: i64 = 1_770_000_000;

    #[derive(Clone, Copy)]
    struct Clocks {
        began: Instant,
        /// How far the wall clock is off, in milliseconds.
        off: i64,
        dice: u64,
    }

    thread_local! {
        static CLOCKS: Cell<Option<Clocks>> = const { Cell::new(None) };
    }

    /// From now on this thread's time is the runtime's, which may be paused.
    pub(crate) fn start(seed: u64) {
        CLOCKS.set(Some(Clocks { began: Instant::now(), off: 0, dice: seed }));
    }

    pub(crate) fn stop() {
        CLOCKS.set(None);
    }

    pub(crate) fn is_on() -> bool {
        CLOCKS.get().is_some()
    }

    /// Somebody sets the wall clock.
    pub(crate) fn step(ms: i64) {
        CLOCKS.set(CLOCKS.get().map(|clocks| Clocks { off: clocks.off + ms, ..clocks }));
    }

    /// What a clock shows that nobody sets.
    pub(crate) fn true_time() -> Timestamp {
        wall(CLOCKS.get().map_or(0, up))
    }

    pub(super) fn now() -> Option<Moment> {
        let clocks = CLOCKS.get()?;
        let up = up(clocks);
        let boot = BootId::Known(Uuid::from_u128(1));
        Some(Moment { wall: wall(up + clocks.off), boot, uptime_ms: up + 1_000_000 })
    }

    pub(super) fn jitter() -> Option<f64> {
        let clocks = CLOCKS.get()?;
        let dice = clocks.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        CLOCKS.set(Some(Clocks { dice, ..clocks }));
        Some(f64::from(u32::try_from(dice >> 32).unwrap()) / f64::from(u32::MAX))
    }

    fn up(clocks: Clocks) -> i64 {
        i64::try_from(clocks.began.elapsed().as_millis()).unwrap()
    }

    fn wall(ms: i64) -> Timestamp {
        let epoch = Timestamp::from_second(EPOCH).unwrap();
        epoch.checked_add(SignedDuration::from_millis(ms)).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_uptime_never_runs_backwards_and_the_boot_keeps_its_name() {
        let (first, second) = (now(), now());
        assert!(second.uptime_ms >= first.uptime_ms);
        assert_eq!(first.boot, second.boot);
    }

    #[test]
    fn a_start_without_a_name_is_the_same_for_every_process() {
        let name = "3d1a4a40-6ad3-4c3c-9f3c-2a6f1f8b7f11\n";
        assert_eq!(named(Some(name)), BootId::Known(Uuid::parse_str(name.trim()).unwrap()));
        for masked in
            [None, Some(""), Some("not a name"), Some("00000000-0000-0000-0000-000000000000")]
        {
            assert_eq!(named(masked), BootId::Unknown);
        }
    }
}
