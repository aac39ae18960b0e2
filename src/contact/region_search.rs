//! The regions that fit what was typed into the country's list.

use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{CaseMatching, Normalization, Pattern},
};

use super::{
    name::folded,
    phone::main_region,
    region::{CountryRow, FoldedNames, Named, Region, rows_with_names},
};

/// The regions that fit, best first: an exact code or name always, then calling code
/// ("49", "+49"), the beginning of a name, and where nothing begins so, letters in their
/// order; blind to accents and case. Recent regions come first among equals; an empty query
/// lists them before all.
#[must_use]
pub fn search(query: &str, recent: &[Region]) -> Vec<Region> {
    let wanted = folded(query);
    let named = match Region::named(query) {
        Named::One(region) => vec![region],
        Named::Several(regions) => regions,
        Named::Nothing => Vec::new(),
    };
    let recency =
        |region: Region| recent.iter().position(|it| *it == region).unwrap_or(recent.len());
    let fitting = |rank: &mut dyn FnMut(&CountryRow, &FoldedNames) -> Option<u32>| -> Vec<_> {
        let fits = rows_with_names().filter_map(|(row, names)| {
            let exact = named.iter().position(|region| *region == row.region);
            let rank = if exact.is_some() { 0 } else { rank(row, names)? };
            Some(((rank, exact, recency(row.region), row.name), row.region))
        });
        fits.collect()
    };
    let mut found = fitting(&mut |row, names| rank(row, names, &wanted));
    if found.is_empty() {
        let mut matcher = Matcher::new(Config::DEFAULT);
        let pattern = Pattern::parse(&wanted, CaseMatching::Ignore, Normalization::Smart);
        found = fitting(&mut |_, names| fuzzy(names, &pattern, &mut matcher));
    }
    found.sort_unstable();
    found.into_iter().map(|(_, region)| region).collect()
}

/// How well a row fits, smaller is better and 0 is exact.
fn rank(row: &CountryRow, names: &FoldedNames, wanted: &str) -> Option<u32> {
    if wanted.is_empty() {
        return Some(1);
    }
    let digits = wanted.strip_prefix('+').unwrap_or(wanted);
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let code = row.calling_code.to_string();
        // The others that share a calling code come after the region it is known for.
        let main = main_region(row.calling_code) == Some(row.region);
        return match code.strip_prefix(digits) {
            Some("") if main => Some(1),
            Some("") => Some(2),
            Some(_) => Some(3),
            None => None,
        };
    }
    let starts = |text: &String| text.starts_with(wanted);
    if starts(&names.name) {
        Some(1)
    } else if names.name.split_whitespace().any(|word| word.starts_with(wanted)) {
        Some(2)
    } else if names.others.iter().any(starts) {
        Some(3)
    } else {
        None
    }
}

fn fuzzy(names: &FoldedNames, pattern: &Pattern, matcher: &mut Matcher) -> Option<u32> {
    let mut buffer = Vec::new();
    let score = pattern.score(Utf32Str::new(&names.name, &mut buffer), matcher)?;
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
    fn an_exact_code_or_name_of_any_region_comes_first() {
        let recent = [region("US"), region("IN"), region("GW")];
        for wanted in Region::all() {
            for query in
                [wanted.code(), &wanted.code().to_lowercase(), wanted.alpha_3(), wanted.name()]
            {
                assert_eq!(search(query, &recent).first(), Some(&wanted), "{query}");
            }
        }
    }

    #[test]
    fn a_region_is_found_by_calling_code_other_names_and_a_few_letters() {
        for (query, code) in [
            ("germ", "DE"),
            ("49", "DE"),
            ("+49", "DE"),
            ("uk", "GB"),
            ("usa", "US"),
            ("uae", "AE"),
            ("gbr", "GB"),
            ("czech republic", "CZ"),
            ("ivory coast", "CI"),
            ("ivory", "CI"),
            ("cote d'iv", "CI"),
            ("turkiye", "TR"),
            ("holl", "NL"),
            ("1", "US"),
            ("7", "RU"),
            ("39", "IT"),
            ("44", "GB"),
            ("grmny", "DE"),
            ("österreich", "AT"),
            ("日本", "JP"),
        ] {
            assert_eq!(search(query, &[]).first(), Some(&region(code)), "{query}");
        }
        assert_eq!(search("zzzz", &[]), []);
        let found: Vec<_> = search("ind", &[]).iter().map(|it| it.code().to_owned()).collect();
        assert_eq!(found, ["IN", "ID", "IO", "PG", "WS"], "none of \"Islands\"");
    }

    #[test]
    fn recent_regions_come_first_among_equals_and_all_that_share_a_name_before_others() {
        let recent = [region("CA"), region("IN")];
        assert_eq!(search("", &recent)[..2], recent);
        assert_eq!(search("united", &[region("AE")])[0], region("AE"));
        assert_eq!(search("congo", &[])[..2], [region("CD"), region("CG")]);
        assert_eq!(search("guinea", &[])[..2], [region("GN"), region("GW")]);
    }
}
