//! Times as agents read them.

use jiff::{Timestamp, tz::TimeZone};

/// The wall clock's hour and minute in the agent's zone: "10:24".
pub(super) fn clock(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%H:%M").to_string()
}

/// Date and time to the second, for the details.
pub(super) fn full(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Seconds until `until`, rounded up; 0 once it has come.
pub(super) fn seconds_left(until: Timestamp, now: Timestamp) -> i64 {
    let ms = until.as_millisecond().saturating_sub(now.as_millisecond());
    if ms <= 0 { 0 } else { (ms - 1) / 1000 + 1 }
}

/// "4 s", "3 min", "2 h": how long until `until`; `None` once it has come.
pub(super) fn countdown(until: Timestamp, now: Timestamp) -> Option<String> {
    match seconds_left(until, now) {
        0 => None,
        seconds @ 1..=99 => Some(format!("{seconds} s")),
        seconds @ 100..=5_999 => Some(format!("{} min", (seconds + 59) / 60)),
        seconds => Some(format!("{} h", (seconds + 3_599) / 3_600)),
    }
}

/// How long ago, where that reads better than the time itself: within a day.
pub(super) fn ago(at: Timestamp, now: Timestamp) -> Option<String> {
    match now.as_millisecond().saturating_sub(at.as_millisecond()) / 60_000 {
        ..0 | 1_440.. => None,
        0 => Some("less than a minute ago".into()),
        minutes @ 1..=59 => Some(format!("{minutes} min ago")),
        minutes => Some(format!("{} h ago", minutes / 60)),
    }
}

/// When the text of [`ago`] next changes.
pub(super) fn ago_changes(at: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let gone = now.as_millisecond().saturating_sub(at.as_millisecond());
    let step = match gone / 60_000 {
        _ if gone < 0 => return Some(at),
        0..=59 => 60_000,
        60..1_440 => 3_600_000,
        _ => return None,
    };
    let next = (gone / step + 1).saturating_mul(step);
    Timestamp::from_millisecond(at.as_millisecond().saturating_add(next)).ok()
}

/// Date and time, and how long ago that is.
pub(super) fn full_and_ago(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let full = full(at, zone);
    ago(at, now).map_or_else(|| full.clone(), |ago| format!("{full} ({ago})"))
}

/// When the text of [`countdown`] next changes.
pub(super) fn countdown_changes(until: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let left_ms = until.as_millisecond().saturating_sub(now.as_millisecond());
    if left_ms <= 0 {
        return None;
    }
    let (step, finer_at) = match seconds_left(until, now) {
        ..=99 => (1_000, 0),
        100..=5_999 => (60_000, 99_000),
        _ => (3_600_000, 5_999_000),
    };
    let over = ((left_ms - 1) % step + 1).min(left_ms - finer_at);
    Timestamp::from_millisecond(now.as_millisecond() + over).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(ms).unwrap()
    }

    #[test]
    fn a_countdown_rounds_up_and_ends() {
        assert_eq!(countdown(at(4_000), at(0)).as_deref(), Some("4 s"));
        assert_eq!(countdown(at(4_000), at(1)).as_deref(), Some("4 s"));
        assert_eq!(countdown(at(4_000), at(1_000)).as_deref(), Some("3 s"));
        assert_eq!(countdown(at(150_000), at(0)).as_deref(), Some("3 min"));
        assert_eq!(countdown(at(7_200_000), at(0)).as_deref(), Some("2 h"));
        assert_eq!(countdown(at(0), at(0)), None);
    }

    #[test]
    fn a_countdown_asks_to_be_drawn_exactly_when_its_text_changes() {
        for (until, now) in
            [(4_000, 0), (4_500, 0), (150_000, 0), (100_500, 0), (7_200_001, 0), (6_000_000, 0)]
        {
            let next = countdown_changes(at(until), at(now)).unwrap();
            let just_before = at(next.as_millisecond() - 1);
            assert_eq!(countdown(at(until), just_before), countdown(at(until), at(now)));
            assert!(next > at(now));
        }
        assert_eq!(countdown_changes(at(5), at(5)), None);
    }

    #[test]
    fn the_past_is_told_in_minutes_and_hours_for_a_day() {
        let told = |minutes: i64| ago(at(0), at(minutes * 60_000));
        assert_eq!(told(0).as_deref(), Some("less than a minute ago"));
        assert_eq!(told(2).as_deref(), Some("2 min ago"));
        assert_eq!(told(59).as_deref(), Some("59 min ago"));
        assert_eq!(told(60).as_deref(), Some("1 h ago"));
        assert_eq!(told(1_439).as_deref(), Some("23 h ago"));
        assert_eq!((told(1_440), told(-1)), (None, None));
    }

    #[test]
    fn the_past_asks_to_be_drawn_exactly_when_its_text_changes() {
        for gone in [0, 1, 59_999, 60_000, 3_599_999, 3_600_000, 7_300_000, 86_399_999] {
            let next = ago_changes(at(0), at(gone)).unwrap();
            assert!(next > at(gone), "{gone}");
            let just_before = at(next.as_millisecond() - 1);
            assert_eq!(ago(at(0), just_before), ago(at(0), at(gone)), "{gone}");
            assert_ne!(ago(at(0), next), ago(at(0), at(gone)), "{gone}");
        }
        assert_eq!(ago_changes(at(0), at(86_400_000)), None);
    }

    #[test]
    fn the_clock_is_read_in_the_given_zone() {
        let east = TimeZone::fixed(jiff::tz::offset(2));
        assert_eq!(clock(at(0), &east), "02:00");
        assert_eq!(full(at(0), &TimeZone::UTC), "1970-01-01 00:00:00");
    }
}
