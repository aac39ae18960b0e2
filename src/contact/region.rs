//! The regions libphonenumber knows: ISO 3166-1 alpha-2 codes and AC, TA, XK, with their
//! English names from the Unicode CLDR and their calling codes.
//!
//! The table is made once by `assets/regions.py`; a test compares its codes and calling
//! codes with the metadata that numbers are read with.

use std::{fmt, sync::LazyLock};

use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{CaseMatching, Normalization, Pattern},
};

use super::name::folded;

/// A region with a numbering plan, for example "IN".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Region([u8; 2]);

struct CountryRow {
    region: Region,
    calling_code: u16,
    name: &'static str,
    folded: String,
    aliases: Vec<String>,
}

static TABLE: LazyLock<Vec<CountryRow>> =
    LazyLock::new(|| include_str!("../../assets/regions.csv").lines().filter_map(row).collect());

fn row(line: &'static str) -> Option<CountryRow> {
    let mut parts = line.split(',');
    let (&[a, b], calling_code) = (parts.next()?.as_bytes(), parts.next()?.parse().ok()?) else {
        return None;
    };
    let name = parts.next()?;
    let folded = folded(name);
    let initials: String = folded
        .split_whitespace()
        .filter(|word| *word != "and")
        .filter_map(|w| w.chars().next())
        .collect();
    let mut aliases: Vec<String> =
        parts.next().unwrap_or("").split_whitespace().map(self::folded).collect();
    if initials.len() > 1 {
        aliases.push(initials);
    }
    Some(CountryRow { region: Region([a, b]), calling_code, name, folded, aliases })
}

impl Region {
    /// The region with this two-letter code in any case, if there is one.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        let &[a, b] = code.as_bytes() else { return None };
        let region = Self([a.to_ascii_uppercase(), b.to_ascii_uppercase()]);
        region.position().map(|_| region)
    }

    /// The region with this code or English name, in any case: "de", "Germany".
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        let text = text.trim();
        let wanted = folded(text);
        Self::from_code(text).or_else(|| {
            let row =
                TABLE.iter().find(|row| row.folded == wanted || row.aliases.contains(&wanted));
            row.filter(|_| !wanted.is_empty()).map(|row| row.region)
        })
    }

    /// Every region, by code.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|row| row.region)
    }

    /// The two-letter code in capitals.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The English name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.position().map_or("", |at| TABLE[at].name)
    }

    /// The calling code without its plus.
    #[must_use]
    pub fn calling_code(self) -> u16 {
        self.position().map_or(0, |at| TABLE[at].calling_code)
    }

    fn position(self) -> Option<usize> {
        TABLE.binary_search_by_key(&self, |row| row.region).ok()
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// The regions that fit what was typed, best first: by code, calling code ("49", "+49"),
/// initials or other names ("uk"), or name, blind to accents and case. Recent regions
/// come first among equals; an empty query lists them before all others.
#[must_use]
pub fn search(query: &str, recent: &[Region]) -> Vec<Region> {
    let wanted = folded(query);
    let recency =
        |region: Region| recent.iter().position(|it| *it == region).unwrap_or(recent.len());
    let mut matcher = Matcher::new(Config::DEFAULT);
    let pattern = Pattern::parse(&wanted, CaseMatching::Ignore, Normalization::Smart);
    let mut found: Vec<_> = TABLE
        .iter()
        .filter_map(|row| {
            let rank = rank(row, &wanted).or_else(|| fuzzy(row, &pattern, &mut matcher))?;
            Some(((rank, recency(row.region), row.name), row.region))
        })
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(_, region)| region).collect()
}

/// How well a row fits exactly, smaller is better; `None` leaves it to the fuzzy match.
fn rank(row: &CountryRow, wanted: &str) -> Option<u32> {
    if wanted.is_empty() {
        return Some(0);
    }
    let digits = wanted.strip_prefix('+').unwrap_or(wanted);
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let code = row.calling_code.to_string();
        let main = main_region(row.calling_code) == Some(row.region);
        return match code.strip_prefix(digits) {
            Some("") if main => Some(0),
            Some("") => Some(1),
            Some(_) => Some(2),
            None => None,
        };
    }
    let is_code = row.region.code().eq_ignore_ascii_case(wanted);
    let is_alias = row.aliases.iter().any(|alias| alias == wanted);
    let starts = |text: &String| text.starts_with(wanted);
    if row.folded == wanted {
        Some(0)
    } else if is_code || is_alias {
        Some(1)
    } else if starts(&row.folded) {
        Some(2)
    } else if row.aliases.iter().any(starts)
        || row.folded.split_whitespace().any(|word| word.starts_with(wanted))
    {
        Some(3)
    } else {
        None
    }
}

/// The region a shared calling code is known for; the others come after it.
fn main_region(calling_code: u16) -> Option<Region> {
    super::phone::main_region(calling_code)
}

fn fuzzy(row: &CountryRow, pattern: &Pattern, matcher: &mut Matcher) -> Option<u32> {
    let mut buffer = Vec::new();
    let score = pattern.score(Utf32Str::new(&row.folded, &mut buffer), matcher)?;
    // Letters scattered over a long name are not what anybody meant.
    let wanted: u32 =
        pattern.atoms.iter().map(|atom| u32::try_from(atom.needle_text().len()).unwrap_or(0)).sum();
    (score >= wanted * 16).then(|| u32::MAX - score)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(code: &str) -> Region {
        Region::from_code(code).unwrap()
    }

    #[test]
    fn there_are_245_regions_and_the_table_is_sorted() {
        assert_eq!(TABLE.len(), 245);
        assert!(TABLE.is_sorted_by_key(|row| row.region));
        for code in ["AC", "TA", "XK"] {
            assert!(Region::from_code(code).is_some(), "{code}");
        }
        assert_eq!(Region::from_code("UK"), None, "not an ISO code");
    }

    #[test]
    fn a_region_is_found_by_code_name_calling_code_and_initials() {
        for (query, code) in [
            ("de", "DE"),
            ("Germany", "DE"),
            ("germ", "DE"),
            ("49", "DE"),
            ("+49", "DE"),
            ("uk", "GB"),
            ("usa", "US"),
            ("uae", "AE"),
            ("cote d'iv", "CI"),
            ("turkiye", "TR"),
            ("1", "US"),
            ("7", "RU"),
            ("39", "IT"),
            ("44", "GB"),
            ("grmny", "DE"),
            ("IN", "IN"),
        ] {
            assert_eq!(search(query, &[]).first(), Some(&region(code)), "{query}");
        }
        assert_eq!(search("zzzz", &[]), []);
    }

    #[test]
    fn recent_regions_come_first_among_equals() {
        let recent = [region("CA"), region("IN")];
        assert_eq!(search("", &recent)[..2], recent);
        assert_eq!(search("united", &[region("AE")])[0], region("AE"));
    }

    #[test]
    fn a_name_or_code_from_a_file_is_read_exactly() {
        assert_eq!(Region::find(" germany "), Some(region("DE")));
        assert_eq!(Region::find("Côte d’Ivoire"), Some(region("CI")));
        assert_eq!(Region::find("germ"), None);
        assert_eq!(Region::find(""), None);
    }
}
