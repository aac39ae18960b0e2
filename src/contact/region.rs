//! The regions libphonenumber knows: ISO 3166-1 codes and AC, TA, XK, with their calling
//! codes and every name they go by.
//!
//! The table is made once by `assets/regions.py`; a test compares its codes and calling
//! codes with the metadata that numbers are read with. It is read at the first question;
//! names are made comparable only once somebody asks for one, since rows on the screen name
//! codes alone. What fits a few typed letters is found by [`super::region_search`].

use std::{collections::HashMap, fmt, sync::LazyLock};

use super::name::folded;

/// A region with a numbering plan, for example "IN".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Region([u8; 2]);

/// What a text says about a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// This region, and no other.
    One(Region),
    /// Any of these: a name that several share.
    Several(Vec<Region>),
    /// None.
    Nothing,
}

impl Named {
    /// The regions a shared name may mean, in words: "Congo - Kinshasa (CD) or Congo -
    /// Brazzaville (CG)".
    #[must_use]
    pub fn choices(regions: &[Region]) -> String {
        let told = |region: &Region| format!("{} ({region})", region.name());
        regions.iter().map(told).collect::<Vec<_>>().join(" or ")
    }
}

/// One line of the table.
pub(super) struct CountryRow {
    pub(super) region: Region,
    pub(super) calling_code: u16,
    alpha_3: &'static str,
    pub(super) name: &'static str,
    /// Other names, with lines between them.
    others: &'static str,
}

/// A row's names without case and accents.
pub(super) struct FoldedNames {
    pub(super) name: String,
    pub(super) others: Vec<String>,
}

/// Names that are a part of several regions' names, or the whole one of one and half of
/// another's: whoever writes them has to say which.
const SHARED: [(&str, &[&str]); 5] = [
    ("congo", &["CD", "CG"]),
    ("kongo", &["CD", "CG"]),
    ("korea", &["KR", "KP"]),
    ("guinea", &["GN", "GW", "GQ", "PG"]),
    ("islands virgin", &["VG", "VI"]),
];

static ROWS: LazyLock<Vec<CountryRow>> =
    LazyLock::new(|| include_str!("../../assets/regions.csv").lines().filter_map(row).collect());

/// In the order of the rows.
static FOLDED: LazyLock<Vec<FoldedNames>> = LazyLock::new(|| {
    let names = |row: &CountryRow| FoldedNames {
        name: folded(row.name),
        others: row.others.split('|').filter(|name| !name.is_empty()).map(folded).collect(),
    };
    ROWS.iter().map(names).collect()
});

/// What a name means, by its [`key`].
static MEANINGS: LazyLock<HashMap<String, Region>> = LazyLock::new(|| {
    let mut meanings = HashMap::new();
    for (row, names) in rows_with_names() {
        let all = names.others.iter().map(String::as_str).chain([row.name]);
        meanings.extend(all.map(|name| (key(name), row.region)));
    }
    meanings
});

fn row(line: &'static str) -> Option<CountryRow> {
    let mut parts = line.split(',');
    let (&[a, b], calling_code) = (parts.next()?.as_bytes(), parts.next()?.parse().ok()?) else {
        return None;
    };
    let (alpha_3, name) = (parts.next()?, parts.next()?);
    let others = parts.next().unwrap_or("");
    Some(CountryRow { region: Region([a, b]), calling_code, alpha_3, name, others })
}

/// A name as it is compared: no case, accents, marks, articles nor order, so that "Korea,
/// Republic of" is "The Republic of Korea" and "Trinidad & Tobago" is "Trinidad and Tobago".
fn key(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars().filter(|letter| *letter != '.') {
        match letter {
            'ʻ' | '‘' | '`' | '/' | '_' => plain.push(' '),
            // Letters that are no letter and an accent to Unicode.
            'ß' | 'ẞ' => plain.push_str("ss"),
            'ı' => plain.push('i'),
            'ø' | 'Ø' => plain.push('o'),
            'ł' | 'Ł' => plain.push('l'),
            'đ' | 'Đ' => plain.push('d'),
            'ς' => plain.push('σ'),
            _ => plain.push(letter),
        }
    }
    let folded = folded(&plain).replace('ς', "σ");
    let mut words: Vec<String> = Vec::new();
    let mut spelt = false;
    for word in folded.split_whitespace() {
        let word = match word {
            "" | "the" | "and" | "of" => continue,
            "st" | "ste" => "saint",
            other => other,
        };
        // "U S A" is one word.
        let letter = word.chars().count() == 1 && word.is_ascii();
        match words.last_mut() {
            Some(last) if letter && spelt => last.push_str(word),
            _ => words.push(word.to_owned()),
        }
        spelt = letter;
    }
    words.sort_unstable();
    words.join(" ")
}

impl Region {
    /// The region with this two-letter code in any case, if there is one.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        let &[a, b] = code.as_bytes() else { return None };
        let region = Self([a.to_ascii_uppercase(), b.to_ascii_uppercase()]);
        region.position().map(|_| region)
    }

    /// The region with this two- or three-letter code of ISO 3166-1, in any case.
    #[must_use]
    pub fn from_iso(code: &str) -> Option<Self> {
        let alpha_3 = |row: &&CountryRow| row.alpha_3.eq_ignore_ascii_case(code);
        Self::from_code(code).or_else(|| ROWS.iter().find(alpha_3).map(|row| row.region))
    }

    /// What a code or a name in English, in the region's own languages or in those of
    /// exports says: "de", "DEU", "Germany", "Deutschland". Only whole names.
    #[must_use]
    pub fn named(text: &str) -> Named {
        let text = text.trim();
        let key = key(text);
        // "U.S." is a code with dots.
        if let Some(region) = Self::from_iso(text).or_else(|| Self::from_iso(&key)) {
            return Named::One(region);
        }
        if let Some((_, codes)) = SHARED.iter().find(|(name, _)| *name == key) {
            return Named::Several(codes.iter().filter_map(|code| Self::from_code(code)).collect());
        }
        MEANINGS.get(&key).map_or(Named::Nothing, |region| Named::One(*region))
    }

    /// The one region with this code or name; `None` too where several share it.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        match Self::named(text) {
            Named::One(region) => Some(region),
            Named::Several(_) | Named::Nothing => None,
        }
    }

    /// Every region, by code.
    pub fn all() -> impl Iterator<Item = Self> {
        ROWS.iter().map(|row| row.region)
    }

    /// The two-letter code in capitals.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The three-letter code.
    #[must_use]
    pub fn alpha_3(self) -> &'static str {
        self.position().map_or("", |at| ROWS[at].alpha_3)
    }

    /// The English name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.position().map_or("", |at| ROWS[at].name)
    }

    /// The calling code without its plus.
    #[must_use]
    pub fn calling_code(self) -> u16 {
        self.position().map_or(0, |at| ROWS[at].calling_code)
    }

    fn position(self) -> Option<usize> {
        ROWS.binary_search_by_key(&self, |row| row.region).ok()
    }
}

/// The table, by code, with the names as they are looked for.
pub(super) fn rows_with_names() -> impl Iterator<Item = (&'static CountryRow, &'static FoldedNames)>
{
    ROWS.iter().zip(FOLDED.iter())
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(code: &str) -> Region {
        Region::from_code(code).unwrap()
    }

    #[test]
    fn there_are_245_regions_and_the_table_is_sorted() {
        assert_eq!(ROWS.len(), 245);
        assert!(ROWS.is_sorted_by_key(|row| row.region));
        for code in ["AC", "TA", "XK"] {
            assert!(Region::from_code(code).is_some(), "{code}");
        }
        assert_eq!(Region::from_code("UK"), None, "not an ISO code");
    }

    #[test]
    fn every_code_and_every_name_of_every_region_means_it_and_no_other() {
        for (row, names) in rows_with_names() {
            for code in [row.region.code(), row.alpha_3, &row.alpha_3.to_lowercase()] {
                assert_eq!(Region::named(code), Named::One(row.region), "{code}");
            }
            let names = names.others.iter().map(String::as_str).chain([row.name]);
            for name in names.filter(|name| *name != "Guinea") {
                assert_eq!(Region::named(name), Named::One(row.region), "{name}");
                let shouted = format!("  the {} ", name.to_uppercase());
                assert_eq!(Region::named(&shouted), Named::One(row.region), "{shouted}");
            }
        }
    }

    #[test]
    fn a_name_is_read_however_it_is_written() {
        for (text, code) in [
            (" germany ", "DE"),
            ("Côte d’Ivoire", "CI"),
            ("COTE D'IVOIRE", "CI"),
            ("Cote d Ivoire", "CI"),
            ("Hong Kong", "HK"),
            ("Great Britain", "GB"),
            ("England", "GB"),
            ("Trinidad and Tobago", "TT"),
            ("Trinidad & Tobago", "TT"),
            ("Trinidad&Tobago", "TT"),
            ("Saint Lucia", "LC"),
            ("St Lucia", "LC"),
            ("St. Lucia", "LC"),
            ("St. Vincent and the Grenadines", "VC"),
            ("Saint Kitts and Nevis", "KN"),
            ("United States of America", "US"),
            ("U.S.A.", "US"),
            ("U. S. A.", "US"),
            ("U.S.", "US"),
            ("the usa", "US"),
            ("Korea, Republic of", "KR"),
            ("Korea (Republic of)", "KR"),
            ("Korea, South", "KR"),
            ("Korea, Democratic People's Republic of", "KP"),
            ("Iran, Islamic Republic of", "IR"),
            ("Iran (Islamic Republic of)", "IR"),
            ("Tanzania, United Republic of", "TZ"),
            ("Moldova, Republic of", "MD"),
            ("Bolivia (Plurinational State of)", "BO"),
            ("Congo, The Democratic Republic of the", "CD"),
            ("DR Congo", "CD"),
            ("Republic of the Congo", "CG"),
            ("GBR", "GB"),
            ("The Philippines", "PH"),
            ("The Netherlands", "NL"),
            ("Holland", "NL"),
            ("Gambia, The", "GM"),
            ("Bahamas", "BS"),
            ("Österreich", "AT"),
            ("OSTERREICH", "AT"),
            ("Oesterreich", "AT"),
            ("Schweiz", "CH"),
            ("Suisse", "CH"),
            ("España", "ES"),
            ("Espana", "ES"),
            ("日本", "JP"),
            ("대한민국", "KR"),
            ("Россия", "RU"),
            ("Ελλάδα", "GR"),
            ("ไทย", "TH"),
            ("Türkiye", "TR"),
            ("Turkey", "TR"),
            ("TÜRKİYE", "TR"),
            ("Magyarország", "HU"),
            ("Polska", "PL"),
            ("Czech Republic", "CZ"),
            ("Ivory Coast", "CI"),
            ("Vereinigtes Königreich", "GB"),
            ("Royaume-Uni", "GB"),
            ("Etats-Unis", "US"),
            ("Guinée", "GN"),
            ("Guinea-Bissau", "GW"),
            ("Papua New Guinea", "PG"),
            ("Russian Federation", "RU"),
            ("Viet Nam", "VN"),
            ("Lao People's Democratic Republic", "LA"),
            ("Macedonia", "MK"),
            ("Burma", "MM"),
            ("Vatican City", "VA"),
            ("Kosovo", "XK"),
            ("Northern Ireland", "GB"),
        ] {
            assert_eq!(Region::named(text), Named::One(region(code)), "{text}");
        }
    }

    #[test]
    fn a_word_out_of_a_name_is_no_region_and_a_shared_name_is_a_question() {
        for text in [
            "See",
            "Great",
            "Coast",
            "Kong",
            "Hong",
            "Republic",
            "Saint",
            "United",
            "Islands",
            "South",
            "New",
            "States",
            "Democratic",
            "germ",
            "",
            "  ",
            "the",
            "EMEA",
            "North",
            "Czech",
            "Ivory",
            "Virgin",
            "Arab",
            "City",
            "Trinidad Tobago Lucia",
        ] {
            assert_eq!(Region::find(text), None, "{text}");
        }
        for (text, codes) in [
            ("Congo", &["CD", "CG"][..]),
            ("the congo", &["CD", "CG"]),
            ("Korea", &["KR", "KP"]),
            ("GUINEA", &["GN", "GW", "GQ", "PG"]),
            ("Virgin Islands", &["VG", "VI"]),
        ] {
            let wanted = codes.iter().map(|code| region(code)).collect();
            assert_eq!(Region::named(text), Named::Several(wanted), "{text}");
            assert_eq!(Region::find(text), None);
        }
    }
}
