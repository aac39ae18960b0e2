//! Values as people write them: counts and times, read and bounded.

use std::time::Duration;

/// A value that cannot be: its key, and a sentence.
pub(super) struct Wrong(pub(super) &'static str, pub(super) String);

pub(super) fn count(key: &'static str, value: Option<i64>, default: u32) -> Result<u32, Wrong> {
    match value {
        None => Ok(default),
        Some(value) => u32::try_from(value)
            .ok()
            .filter(|it| (1..=10_000).contains(it))
            .ok_or_else(|| Wrong(key, format!("`{key}` is {value}; it may be 1 to 10000"))),
    }
}

/// What a time may be, for a sentence.
pub(super) const LIFETIME: &str = "must be a time such as 30s, 5m or 1h";

/// "5m", "30s", "1h" or "none".
pub(super) fn lifetime(key: &'static str, text: &str) -> Result<Option<Duration>, Wrong> {
    if text == "none" {
        return Ok(None);
    }
    let wrong = || {
        let text = format!("`{key}` is `{text}`; write a time such as 30s, 5m or 1h, or none");
        Wrong(key, text)
    };
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let number: u64 = number.trim().parse().ok().filter(|n| *n > 0).ok_or_else(wrong)?;
    let seconds = match unit {
        "s" => Some(number),
        "m" => number.checked_mul(60),
        "h" => number.checked_mul(3600),
        _ => None,
    };
    seconds
        .filter(|it| *it <= 86_400 * 365)
        .map(|it| Some(Duration::from_secs(it)))
        .ok_or_else(wrong)
}
