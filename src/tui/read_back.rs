//! The number as it is read back to the caller: its digits in the region's groups, with a
//! slot for each that is still missing. Reading back is what catches a wrong digit; a plan
//! of numbers catches about nine in ten and no more.
//!
//! Made once for each change of the number, not for each picture.

use crate::contact::{
    Phone, Region,
    examples::{self, Example},
    phone::Reading,
};

/// Digits of a group of nobody's plan.
const ANY_GROUP: usize = 3;
/// Longer than any number: what is pasted by mistake is not read back.
const LONGEST: usize = 20;

/// One place in the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    /// A digit, 0 to 9.
    Digit(u8),
    /// One that is still to come.
    Missing,
}

/// What is read back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ReadBack {
    /// The calling code, with its plus.
    pub(super) code: String,
    pub(super) region: Option<Region>,
    /// "mobile", where the number is in the plan.
    pub(super) kind: Option<&'static str>,
    pub(super) groups: Vec<Vec<Slot>>,
    /// The groups of the region's example, which say how much room there has to be.
    pub(super) usual: Vec<usize>,
    /// Digits typed so far behind the calling code.
    pub(super) typed: usize,
}

impl ReadBack {
    /// Reads what was typed; `reading` is what the plan says of it.
    pub(super) fn of(text: &str, region: Option<Region>, reading: Option<&Reading>) -> Self {
        let read = match reading {
            Some(Reading::Valid(phone)) => return Self::valid(phone),
            Some(Reading::Unusual(phone, _)) => Some(phone),
            Some(Reading::Impossible(_)) | None => None,
        };
        let region = read.map_or(region, Phone::region);
        let example = region.and_then(Example::of);
        let digits = match read {
            Some(phone) => phone.national().to_owned(),
            None => so_far(text, region, example),
        };
        let code = match (read, region) {
            (Some(phone), _) => format!("+{}", phone.calling_code()),
            (None, Some(region)) => format!("+{}", region.calling_code()),
            (None, None) => String::new(),
        };
        let usual: Vec<usize> = example.map(|it| it.lengths().collect()).unwrap_or_default();
        let groups = grouped(&digits, &usual);
        Self { code, region, kind: None, groups, usual, typed: digits.len().min(LONGEST) }
    }

    fn valid(phone: &Phone) -> Self {
        let example = phone.region().and_then(Example::of);
        let usual: Vec<usize> = example.map(|it| it.lengths().collect()).unwrap_or_default();
        let own: Vec<usize> = examples::lengths(&examples::groups(phone)).collect();
        let digits = phone.national();
        let whole = own.iter().sum::<usize>() == digits.len();
        let lengths = if whole { &own } else { &usual };
        Self {
            code: format!("+{}", phone.calling_code()),
            region: phone.region(),
            kind: Some(phone.kind()),
            groups: grouped(digits, lengths),
            usual,
            typed: digits.len(),
        }
    }

    /// How many digits a number of the region mostly has.
    pub(super) fn expected(&self) -> usize {
        self.usual.iter().sum()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.typed == 0
    }
}

/// The digits of a number that is not whole yet, without the calling code and what is only
/// dialled at home.
fn so_far(text: &str, region: Option<Region>, example: Option<Example>) -> String {
    let text = text.trim();
    let digits: String = text
        .chars()
        .filter_map(|c| c.to_digit(10))
        .take(LONGEST * 2)
        .filter_map(|d| char::from_digit(d, 10))
        .collect();
    if text.starts_with(['+', '\u{ff0b}']) {
        let code = region.map(|it| it.calling_code().to_string());
        let rest = code.and_then(|code| digits.strip_prefix(&code).map(str::to_owned));
        return rest.unwrap_or(digits);
    }
    let trunk = example.map(Example::trunk).filter(|trunk| !trunk.is_empty());
    let rest = trunk.and_then(|trunk| digits.strip_prefix(&trunk).map(str::to_owned));
    rest.unwrap_or(digits)
}

/// Digits laid into groups; what these have more is missing, what the digits have more
/// belongs to the last one.
fn grouped(digits: &str, lengths: &[usize]) -> Vec<Vec<Slot>> {
    let mut left = digits
        .chars()
        .take(LONGEST)
        .filter_map(|c| c.to_digit(10))
        .filter_map(|d| u8::try_from(d).ok())
        .map(Slot::Digit);
    let mut groups: Vec<Vec<Slot>> = lengths
        .iter()
        .map(|length| (0..*length).map(|_| left.next().unwrap_or(Slot::Missing)).collect())
        .collect();
    let rest: Vec<Slot> = left.collect();
    match groups.last_mut() {
        Some(last) => last.extend(rest),
        None => groups.extend(rest.chunks(ANY_GROUP).map(<[Slot]>::to_vec)),
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, region: &str) -> ReadBack {
        let region = Region::from_code(region);
        let reading = (!text.trim().is_empty()).then(|| Phone::parse(text, region));
        ReadBack::of(text, region, reading.as_ref())
    }

    fn told(read: &ReadBack) -> String {
        let slot = |slot: &Slot| match slot {
            Slot::Digit(digit) => digit.to_string(),
            Slot::Missing => "_".into(),
        };
        let group = |group: &Vec<Slot>| group.iter().map(slot).collect::<String>();
        format!("{} {}", read.code, read.groups.iter().map(group).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn digits_fill_the_regions_groups_and_the_rest_are_slots() {
        assert_eq!(told(&read("", "GB")), "+44 ____ ______");
        assert_eq!(told(&read("98765 432", "IN")), "+91 98765 432__");
        assert_eq!(told(&read("9876543210", "IN")), "+91 98765 43210");
        assert_eq!(told(&read("(415) 555-0132", "US")), "+1 415 555 0132");
        assert_eq!(told(&read("01512 3456789", "DE")), "+49 1512 3456789");
        assert_eq!(read("98765 432", "IN").expected(), 10);
    }

    #[test]
    fn what_is_dialled_at_home_and_the_calling_code_are_not_read_back() {
        assert_eq!(told(&read("09876", "IN")), "+91 9876_ _____");
        assert_eq!(told(&read("+91 9876", "IN")), "+91 9876_ _____");
        assert_eq!(told(&read("06 1234 5678", "IT")), "+39 06 1234 5678", "Italy's zero belongs");
    }

    #[test]
    fn a_number_of_no_region_is_read_in_threes_and_a_long_one_at_its_end() {
        assert_eq!(told(&read("12345", "")), " 123 45");
        let long = read(&"9".repeat(400), "IN");
        assert_eq!(long.groups.iter().map(Vec::len).sum::<usize>(), LONGEST);
    }

    #[test]
    fn only_a_number_in_the_plan_is_said_to_be_mobile() {
        assert_eq!(read("9876543210", "IN").kind, Some("mobile"));
        assert_eq!(read("98765 432", "IN").kind, None);
    }
}
