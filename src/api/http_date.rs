//! A date as HTTP writes it (RFC 9110, 5.6.7): the one form in use, and the two that servers
//! older than it still send.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

/// The time that `text` names, in whichever of the three forms.
pub(super) fn http_date(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let current = jiff::fmt::rfc2822::parse(text).ok().map(|date| date.timestamp());
    // A year of two digits is the nearer one: up to 68 of this century, as POSIX has it.
    let older = || {
        ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"].iter().find_map(|form| {
            let date = DateTime::strptime(form, text).ok()?;
            Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp())
        })
    };
    current.or_else(older)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_three_forms_name_the_same_time() {
        let time = Timestamp::from_second(784_111_777).ok();
        assert_eq!(http_date("Sun, 06 Nov 1994 08:49:37 GMT"), time);
        assert_eq!(http_date("Sunday, 06-Nov-94 08:49:37 GMT"), time);
        assert_eq!(http_date(" Sun Nov  6 08:49:37 1994"), time);
        assert_eq!(http_date("next Sunday"), None);
    }
}
