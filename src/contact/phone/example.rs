//! An example of each region's numbers, for the empty form: read from a table of ours, since
//! the library's metadata takes 4 ms and 4 MB, which nobody needs before a number is typed.

use crate::contact::region::Region;

/// Each region's code and an example of its mobile numbers, or of what it has, as written
/// at home. The test below says what it has to hold.
const TABLE: &str = include_str!("../../../assets/example_numbers.tsv");

/// An example of the region's mobile numbers, or of what it has, as written at home.
#[must_use]
pub fn example(region: Region) -> Option<&'static str> {
    TABLE.lines().find_map(|line| line.strip_prefix(region.code())?.strip_prefix('\t'))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;
    use crate::contact::phone::plan;

    #[test]
    fn the_table_holds_the_librarys_example_of_every_region() {
        let mut table = String::new();
        for region in Region::all() {
            let example = plan::example(region).unwrap_or_else(|| panic!("{region} has none"));
            writeln!(table, "{region}\t{example}").unwrap();
        }
        assert!(TABLE == table, "assets/example_numbers.tsv has to be\n{table}");
    }
}
