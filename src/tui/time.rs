//! Times as agents read them.

use jiff::{Timestamp, Zoned, tz::TimeZone};

/// The wall clock's hour and minute in the agent's zone: "10:24".
pub(super) fn clock(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%H:%M").to_string()
}

/// The clock's hour, minute and second: "10:24:07".
pub(super) fn clock_to_the_second(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%H:%M:%S").to_string()
}

/// In at most six cells: "10:24" today, "Tue" within a week, "24 Nov" before that.
pub(super) fn when(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (at, now) = (at.to_zoned(zone.clone()), now.to_zoned(zone.clone()));
    let shape = match days_between(&at, &now) {
        ..=0 => "%H:%M",
        1..=6 => "%a",
        7.. => "%-d %b",
    };
    at.strftime(shape).to_string()
}

/// "10:24 today", "10:24 yesterday", "10:24 on 24 November".
pub(super) fn day_and_clock(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (at, now) = (at.to_zoned(zone.clone()), now.to_zoned(zone.clone()));
    let shape = match days_between(&at, &now) {
        ..=0 => "%H:%M today",
        1 => "%H:%M yesterday",
        2.. => "%H:%M on %-d %B %Y",
    };
    at.strftime(shape).to_string()
}

/// "today 10:24", "yesterday 10:24", "24 Nov 2026 10:24".
pub(super) fn made(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (at, now) = (at.to_zoned(zone.clone()), now.to_zoned(zone.clone()));
    let shape = match days_between(&at, &now) {
        ..=0 => "today %H:%M",
        1 => "yesterday %H:%M",
        2.. => "%-d %b %Y %H:%M",
    };
    at.strftime(shape).to_string()
}

/// How a day is called above its rows: "Yesterday", "Tuesday 24 November".
pub(super) fn day(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (at, now) = (at.to_zoned(zone.clone()), now.to_zoned(zone.clone()));
    match days_between(&at, &now) {
        ..=0 => "Today".into(),
        1 => "Yesterday".into(),
        2.. => at.strftime("%A %-d %B").to_string(),
    }
}

/// Whether two times lie on one day of the zone.
pub(super) fn same_day(one: Timestamp, other: Timestamp, zone: &TimeZone) -> bool {
    one.to_zoned(zone.clone()).date() == other.to_zoned(zone.clone()).date()
}

/// The last midnight in the zone.
pub(super) fn midnight(now: Timestamp, zone: &TimeZone) -> Timestamp {
    let start = now.to_zoned(zone.clone()).start_of_day();
    start.map_or(now, |start| start.timestamp())
}

fn days_between(at: &Zoned, now: &Zoned) -> i32 {
    let days = at.date().until(now.date());
    days.map_or(0, |span| span.get_days())
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

/// "0:23", "12:05": minutes and seconds until `until`, as a clock counts down.
pub(super) fn minutes_left(until: Timestamp, now: Timestamp) -> String {
    let seconds = seconds_left(until, now);
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// When the text of [`minutes_left`] next changes; `None` once the time has come.
pub(super) fn next_second(until: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let left = until.as_millisecond().saturating_sub(now.as_millisecond());
    let step = (left - 1).rem_euclid(1_000) + 1;
    let at = now.as_millisecond().saturating_add(step);
    (left > 0).then(|| Timestamp::from_millisecond(at).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(ms).unwrap()
    }

    #[test]
    fn a_countdown_rounds_up_and_ends() {
        assert_eq!(minutes_left(at(83_000), at(0)), "1:23");
        assert_eq!(minutes_left(at(4_000), at(1)), "0:04");
        assert_eq!(minutes_left(at(0), at(5)), "0:00");
    }

    #[test]
    fn a_countdown_asks_to_be_drawn_exactly_when_its_text_changes() {
        for (until, now) in [(4_000, 0), (4_500, 0), (150_000, 1), (100_500, 999)] {
            let next = next_second(at(until), at(now)).unwrap();
            let just_before = at(next.as_millisecond() - 1);
            assert_eq!(minutes_left(at(until), just_before), minutes_left(at(until), at(now)));
            assert_ne!(minutes_left(at(until), next), minutes_left(at(until), at(now)));
        }
        assert_eq!(next_second(at(5), at(5)), None);
    }

    #[test]
    fn when_tells_the_hour_today_the_day_this_week_and_the_date_before_that() {
        let day = 86_400_000;
        let now = at(100 * day + 36_000_000);
        let told = |days: i64| when(at((100 - days) * day), now, &TimeZone::UTC);
        assert_eq!((told(0).as_str(), told(1).len(), told(6).len()), ("00:00", 3, 3));
        assert_eq!(told(7), "4 Apr");
        assert_eq!(day_and_clock(at(100 * day), now, &TimeZone::UTC), "00:00 today");
        assert_eq!(day_and_clock(at(99 * day), now, &TimeZone::UTC), "00:00 yesterday");
        assert_eq!(midnight(now, &TimeZone::UTC), at(100 * day));
    }

    #[test]
    fn the_clock_is_read_in_the_given_zone() {
        let east = TimeZone::fixed(jiff::tz::offset(2));
        assert_eq!(clock(at(0), &east), "02:00");
        assert_eq!(full(at(0), &TimeZone::UTC), "1970-01-01 00:00:00");
    }
}
