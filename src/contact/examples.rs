//! An example of each region's numbers: what an empty field shows, how many digits are
//! still to come, and how they are grouped for reading, without the phone library, whose
//! first use costs milliseconds.
//!
//! The table is made from the library's own examples (mobile where there are such); a
//! test compares it: `UPDATE_EXAMPLES=1 cargo test examples` writes it anew.

use super::{Phone, Region};

static TABLE: &str = include_str!("../../assets/examples.csv");

/// An example of a region's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Example {
    /// As it is written at home: "07400 123456".
    pub national: &'static str,
    /// What follows the calling code, in groups: "7400 123456".
    pub groups: &'static str,
}

impl Example {
    /// The region's example; every region has one.
    #[must_use]
    pub fn of(region: Region) -> Option<Self> {
        let row =
            TABLE.lines().find_map(|line| line.strip_prefix(region.code())?.strip_prefix(','))?;
        let (national, groups) = row.split_once(',')?;
        Some(Self { national, groups })
    }

    /// How many digits follow the calling code.
    #[must_use]
    pub fn length(self) -> usize {
        self.lengths().sum()
    }

    /// How many digits each group has.
    pub fn lengths(self) -> impl Iterator<Item = usize> {
        lengths(self.groups)
    }

    /// What is dialled at home before the number and is no part of it: "0" in India.
    #[must_use]
    pub fn trunk(self) -> String {
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        let (national, significant) = (digits(self.national), digits(self.groups));
        national.strip_suffix(&significant).unwrap_or_default().to_owned()
    }
}

/// How many digits each group of a written number has.
pub fn lengths(written: &str) -> impl Iterator<Item = usize> {
    let groups = written.split(|c: char| !c.is_ascii_digit());
    groups.map(str::len).filter(|length| *length > 0)
}

/// What follows the calling code in a number, as it is grouped internationally.
#[must_use]
pub fn groups(phone: &Phone) -> String {
    let written = phone.international();
    let rest = written.strip_prefix(&format!("+{}", phone.calling_code()));
    rest.unwrap_or(phone.national()).trim_start_matches([' ', '-']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::phone::{self, Reading};

    fn row(region: Region) -> String {
        let national = phone::example(region).expect("every region has an example");
        let (Reading::Valid(phone) | Reading::Unusual(phone, _)) =
            Phone::parse(&national, Some(region))
        else {
            panic!("{region}: {national}")
        };
        format!("{region},{national},{}\n", groups(&phone))
    }

    #[test]
    fn the_examples_are_the_librarys() {
        let made: String = Region::all().map(row).collect();
        if std::env::var_os("UPDATE_EXAMPLES").is_some() {
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/examples.csv");
            std::fs::write(path, &made).unwrap();
            return;
        }
        assert_eq!(made, TABLE, "run: UPDATE_EXAMPLES=1 cargo test examples");
    }

    #[test]
    fn a_number_of_india_has_two_groups_of_five_and_a_zero_at_home() {
        let example = Example::of(Region::from_code("IN").unwrap()).unwrap();
        assert_eq!(example.lengths().collect::<Vec<_>>(), [5, 5]);
        assert_eq!((example.length(), example.trunk().as_str()), (10, "0"));
        let america = Example::of(Region::from_code("US").unwrap()).unwrap();
        assert_eq!(america.lengths().collect::<Vec<_>>(), [3, 3, 4]);
        assert_eq!(america.trunk(), "");
    }
}
