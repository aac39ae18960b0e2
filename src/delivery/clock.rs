//! Reads the machine's clocks into a [`Moment`], for the edges only: everything that
//! decides gets its time passed in.
//!
//! Pacing and leases count the machine's own uptime (sleep included), because a person
//! or NTP may set the wall clock back or forward by an hour at any moment. Where the
//! system has no name for its current start, a name of this process stands in, and the
//! store then falls back to the wall clock between processes.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::OnceLock,
};

use jiff::Timestamp;
use rustix::time::{ClockId, clock_gettime};

use crate::store::Moment;

/// The present moment by this machine's clocks.
#[must_use]
pub fn now() -> Moment {
    let up = clock_gettime(UPTIME);
    Moment {
        wall: Timestamp::now(),
        boot: boot(),
        uptime_ms: up.tv_sec.saturating_mul(1000).saturating_add(up.tv_nsec / 1_000_000),
    }
}

#[cfg(target_os = "linux")]
const UPTIME: ClockId = ClockId::Boottime;
#[cfg(not(target_os = "linux"))]
const UPTIME: ClockId = ClockId::Monotonic;

/// A number for this start of the machine.
fn boot() -> i64 {
    static BOOT: OnceLock<i64> = OnceLock::new();
    *BOOT.get_or_init(|| {
        let name = std::fs::read_to_string("/proc/sys/kernel/random/boot_id")
            .unwrap_or_else(|_| uuid::Uuid::now_v7().to_string());
        let mut hasher = DefaultHasher::new();
        name.trim().hash(&mut hasher);
        // The sign carries nothing; a database integer is signed.
        i64::from_ne_bytes(hasher.finish().to_ne_bytes())
    })
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
}
