//! How often and how far somebody set this machine's wall clock: attempts are noted by it,
//! and the platform's times are compared with them later. Pure.

use jiff::SignedDuration;

use crate::store::{BootId, Moment};

/// Less than this is the clock's own discipline.
const A_STEP_MS: i64 = 2_000;
/// Nobody sets a clock more often while a contact waits.
const MOST: usize = 8;

/// What the wall clock showed when the machine started, each time that changed, oldest first.
#[derive(Debug, Default)]
pub(super) struct WallClock {
    boot: Option<BootId>,
    starts_ms: Vec<i64>,
    is_kept: bool,
}

impl WallClock {
    /// What was stored, if it is of this start of the machine.
    pub(super) fn stored(text: Option<&str>, at: Moment) -> Self {
        let kept = text.and_then(|text| text.split_once(' '));
        let starts_ms = match kept {
            Some((boot, starts)) if boot == name(at.boot) => {
                starts.split(' ').filter_map(|ms| ms.parse().ok()).collect()
            }
            Some(_) | None => Vec::new(),
        };
        let is_kept = !starts_ms.is_empty();
        Self { boot: Some(at.boot), starts_ms, is_kept }
    }

    /// Looks at the clock; what to store when it was set, until that is [`Self::kept`].
    pub(super) fn look(&mut self, at: Moment) -> Option<String> {
        let start = at.wall.as_millisecond() - at.uptime_ms;
        let same = self.starts_ms.last().is_some_and(|last| (start - last).abs() < A_STEP_MS);
        if !same || self.boot != Some(at.boot) {
            self.boot = Some(at.boot);
            self.is_kept = false;
            self.starts_ms.push(start);
            let extra = self.starts_ms.len().saturating_sub(MOST);
            self.starts_ms.drain(..extra);
        }
        if self.is_kept {
            return None;
        }
        let starts: Vec<_> = self.starts_ms.iter().map(ToString::to_string).collect();
        Some(format!("{} {}", name(at.boot), starts.join(" ")))
    }

    /// What the last look told is stored.
    pub(super) fn kept(&mut self) {
        self.is_kept = true;
    }

    /// How far the clock is now from what it was before each time it was set.
    pub(super) fn steps(&self) -> Vec<SignedDuration> {
        let Some((now, before)) = self.starts_ms.split_last() else { return Vec::new() };
        before.iter().map(|start| SignedDuration::from_millis(now - start)).collect()
    }
}

fn name(boot: BootId) -> String {
    match boot {
        BootId::Known(name) => name.to_string(),
        BootId::Unknown => "?".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn at(up: i64, set_by: i64) -> Moment {
        let wall = Timestamp::from_millisecond(1_700_000_000_000 + up + set_by).unwrap();
        Moment { wall, boot: BootId::Unknown, uptime_ms: up }
    }

    #[test]
    fn a_clock_that_is_set_is_noticed_and_remembered_across_processes() {
        let mut clock = WallClock::stored(None, at(0, 0));
        let first = clock.look(at(0, 0)).unwrap();
        assert_eq!(clock.look(at(1, 0)), Some(first), "the store did not take it");
        clock.kept();
        assert_eq!(clock.look(at(5_000, 400)), None, "its own discipline");
        assert!(clock.steps().is_empty());
        let kept = clock.look(at(9_000, 3_600_000)).unwrap();
        let after = WallClock::stored(Some(&kept), at(20_000, 3_600_000));
        assert_eq!(after.steps(), [SignedDuration::from_hours(1)]);
        let other = Moment { boot: BootId::Known(uuid::Uuid::from_u128(7)), ..at(1, 0) };
        assert!(WallClock::stored(Some(&kept), other).steps().is_empty(), "another start");
    }
}
