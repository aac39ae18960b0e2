//! Titles in front of a name and what they say of the salutation; suffixes behind it;
//! words that make a company of it. Neither belongs to a name.
//!
//! A title says one of four things: a salutation that the profile offers; one that is
//! certainly the same ("Herr" is "Mr"); nothing ("Dr."); or that the choice is open
//! ("Ms.", where only Mr and Mrs are offered). The crate `human_name` knows many of these
//! words too, but gives names back decomposed, in another case, with middle names torn off
//! and Han names cut in the middle (tried on nineteen of the field's names, version 2.0.4).

use std::collections::BTreeMap;

use super::{Salutation, name::folded};

/// What a profile offers, and how it reads other titles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressing {
    /// The salutations offered, at least one.
    pub offered: Vec<Salutation>,
    /// Titles that the profile itself explains, by [`plain`].
    map: BTreeMap<String, Salutation>,
    /// What is taken where nothing is said; `None` asks every time.
    pub default: Option<Salutation>,
}

/// What a title says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Title {
    /// It is one of those offered.
    Offered(Salutation),
    /// It certainly is this one in another language or word.
    Means(Salutation),
    /// It says nothing of how to address the person.
    Silent,
    /// It is a salutation, but none of those offered.
    Open,
}

/// Words for the same salutation; what a profile offers of a group the others mean.
const MEN: &[&str] = &[
    "mr",
    "mister",
    "herr",
    "herrn",
    "hr",
    "m",
    "monsieur",
    "mons",
    "sr",
    "senor",
    "senhor",
    "sig",
    "signor",
    "signore",
    "dhr",
    "heer",
    "meneer",
    "pan",
    "pán",
    "gospodin",
    "bay",
    "shri",
    "shree",
    "sri",
    "先生",
    "氏",
    "г-н",
    "господин",
    "sir",
];
const WOMEN: &[&str] = &[
    "mrs",
    "missus",
    "frau",
    "mme",
    "madame",
    "sra",
    "senora",
    "senhora",
    "sigra",
    "signora",
    "mevr",
    "mevrouw",
    "mw",
    "fru",
    "pani",
    "paní",
    "gospodja",
    "smt",
    "shrimati",
    "г-жа",
    "госпожа",
    "dna",
];
const OPEN: &[&str] = &[
    "ms",
    "miss",
    "mx",
    "mlle",
    "mademoiselle",
    "srta",
    "senorita",
    "senhorita",
    "sigina",
    "signa",
    "signorina",
    "fraulein",
    "frl",
    "mejuffrouw",
    "bayan",
    "kumari",
    "女士",
    "小姐",
    "ind",
    "mstr",
    "master",
];
const SILENT: &[&str] = &[
    "dr",
    "doctor",
    "doktor",
    "docteur",
    "dra",
    "drs",
    "dres",
    "prof",
    "professor",
    "professeur",
    "profesor",
    "profesora",
    "professora",
    "profra",
    "ing",
    "dipling",
    "diplkfm",
    "dipl",
    "mag",
    "rev",
    "revd",
    "reverend",
    "fr",
    "hon",
    "capt",
    "captain",
    "col",
    "colonel",
    "maj",
    "gen",
    "lt",
    "sgt",
    "cmdr",
    "dott",
    "dottssa",
    "dottore",
    "dottoressa",
    "avv",
    "arch",
    "lic",
    "licda",
    "arq",
    "eng",
    "engr",
    "ir",
    "mgr",
    "bc",
    "mudr",
    "judr",
    "pd",
    "priv-doz",
    "privdoz",
    "univprof",
    "ra",
    "rain",
    "don",
    "dona",
    "lord",
    "lady",
    "dame",
    "maitre",
    "me",
    "adv",
    "datuk",
    "dato",
    "sheikh",
    "rabbi",
    "imam",
    "pastor",
    "sister",
    "brother",
    "father",
    "judge",
    "general",
    "major",
];
/// What may follow "Dr." and belongs to it.
const BEHIND_DOCTOR: &[&str] = &[
    "med", "phil", "rer", "nat", "jur", "ing", "habil", "hc", "mult", "dent", "vet", "pol", "oec",
    "theol", "univ",
];
/// Titles that are names as well: in front of a name they count only with their dot.
const NEEDS_DOT: &[&str] = &[
    "m", "sig", "fr", "ing", "mag", "gen", "col", "maj", "eng", "lic", "arch", "arq", "avv", "ir",
    "bc", "lt", "hon", "don", "ra", "rain", "adv", "me", "mons", "mgr", "ind", "pd", "dipl",
    "dott",
];
/// Titles that are names as well: they count in a column of titles alone.
const COLUMN_ONLY: &[&str] = &[
    "pan", "pani", "bay", "bayan", "sri", "氏", "先生", "女士", "小姐", "dona", "lord", "lady",
    "dame", "master", "judge", "general", "major", "sister", "brother", "father", "pastor", "imam",
    "kumari", "dna", "heer", "sir", "paní", "pán", "don",
];
/// Behind a name, with or without a comma.
const SUFFIXES: &[&str] = &[
    "jr", "sr", "jnr", "snr", "ii", "iii", "iv", "phd", "md", "mba", "esq", "cpa", "cfa", "msc",
    "bsc", "meng", "beng", "dds", "jd", "llb", "llm", "dphil", "edd", "dvm", "obe", "mbe", "cbe",
    "frcs", "mphil", "pmp", "facs", "dmd", "psyd", "pharmd", "cissp",
];
/// Behind a comma only: elsewhere they are names or initials.
const SUFFIXES_BEHIND_COMMA: &[&str] = &[
    "ma", "ba", "rn", "pe", "qc", "kc", "ing", "dipling", "ra", "ca", "acca", "do", "np", "pa",
    "junior", "senior", "i", "v", "bc", "csc", "mag", "dr", "prof", "mpa", "mph", "ms", "mcom",
];
const COMPANIES: &[&str] = &[
    "gmbh",
    "ltd",
    "limited",
    "llc",
    "inc",
    "incorporated",
    "plc",
    "corp",
    "corporation",
    "company",
    "sarl",
    "srl",
    "llp",
    "pty",
    "pvt",
    "ohg",
    "sro",
    "doo",
    "kft",
    "zrt",
    "oyj",
    "aps",
    "holding",
    "holdings",
    "gbr",
    "mbh",
    "spzoo",
    "株式会社",
    "有限公司",
    "ooo",
    "ооо",
    "ltda",
    "eurl",
    "sasu",
];
/// Words of companies that are names as well, unless they stand in capitals among others.
const COMPANIES_IN_CAPITALS: &[&str] = &[
    "AG", "SA", "AB", "AS", "NV", "BV", "SE", "KG", "OY", "UG", "SAS", "SPA", "CO", "LP", "EV",
    "SL", "KK", "A/S",
];

/// A title or suffix as it is compared: no case, accents, dots and blanks.
fn plain(word: &str) -> String {
    let kept = word.trim().trim_matches([',', ';', ':', '(', ')']);
    folded(&kept.replace(['.', '-'], "")).replace(' ', "")
}

impl Addressing {
    /// Offers these, with what the profile says of other titles.
    #[must_use]
    pub fn new(
        offered: Vec<Salutation>,
        map: impl IntoIterator<Item = (String, Salutation)>,
        default: Option<Salutation>,
    ) -> Self {
        let map = map.into_iter().map(|(title, meant)| (plain(&title), meant)).collect();
        Self { offered, map, default }
    }

    /// Offers these and takes the first where nothing is said.
    #[must_use]
    pub fn offering(offered: Vec<Salutation>) -> Self {
        let default = offered.first().cloned();
        Self::new(offered, [], default)
    }

    /// What a title says, from a field or column of titles; `None` when it is none.
    #[must_use]
    pub fn read(&self, title: &str) -> Option<Title> {
        let word = plain(title);
        if word.is_empty() {
            return None;
        }
        if let Some(offered) = self.offered.iter().find(|it| plain(it.as_str()) == word) {
            return Some(Title::Offered(offered.clone()));
        }
        if let Some(meant) = self.map.get(&word) {
            return Some(Title::Means(meant.clone()));
        }
        for group in [MEN, WOMEN] {
            if group.contains(&word.as_str()) {
                let same = |it: &&Salutation| group.contains(&plain(it.as_str()).as_str());
                // Two of a kind on offer: which of them is not for us to say.
                let mut offered = self.offered.iter().filter(same);
                return Some(match (offered.next(), offered.next()) {
                    (Some(meant), None) => Title::Means(meant.clone()),
                    _ => Title::Open,
                });
            }
        }
        if OPEN.contains(&word.as_str()) {
            return Some(Title::Open);
        }
        if SILENT.contains(&word.as_str()) {
            return Some(Title::Silent);
        }
        self.several(title)
    }

    /// "Herr Dr." and "Prof. Dr." in one cell: the first that says something.
    fn several(&self, title: &str) -> Option<Title> {
        let words: Vec<&str> = title.split_whitespace().collect();
        if words.len() < 2 || words.len() > 6 {
            return None;
        }
        let belongs = |word: &&str| !BEHIND_DOCTOR.contains(&plain(word).as_str());
        let read: Option<Vec<Title>> =
            words.into_iter().filter(belongs).map(|word| self.read(word)).collect();
        let read = read?;
        let says = read.iter().position(|it| !matches!(it, Title::Silent)).unwrap_or(0);
        read.into_iter().nth(says)
    }

    /// Whether a word in front of a name is a title and not a name.
    fn is_in_front(&self, word: &str) -> bool {
        let bare = plain(word);
        let dotted = word.trim_end_matches([',', ':']).ends_with('.');
        let own = self.map.contains_key(&bare)
            || self.offered.iter().any(|it| plain(it.as_str()) == bare);
        let needs_dot = NEEDS_DOT.contains(&bare.as_str()) && !dotted;
        own || (!needs_dot && !COLUMN_ONLY.contains(&bare.as_str()) && self.read(word).is_some())
    }

    /// Takes the titles off the front of a name: them, and the rest.
    #[must_use]
    pub fn split_titles<'name>(&self, name: &'name str) -> (Vec<&'name str>, &'name str) {
        let mut titles = Vec::new();
        let mut rest = name.trim();
        loop {
            let (word, behind) = match rest.split_once(char::is_whitespace) {
                Some((word, behind)) => (word, behind.trim_start()),
                // "Dr.Maren" has no blank.
                None => (rest, ""),
            };
            let glued = word.split_once('.').filter(|(title, name)| {
                name.chars().count() > 2 && self.is_in_front(&format!("{title}."))
            });
            if let Some((title, _)) = glued {
                titles.push(&word[..=title.len()]);
                rest = &rest[title.len() + 1..];
                continue;
            }
            let behind_doctor = !titles.is_empty()
                && word.ends_with('.')
                && BEHIND_DOCTOR.contains(&plain(word).as_str());
            if word.is_empty() || !(behind_doctor || self.is_in_front(word)) {
                return (titles, rest);
            }
            titles.push(word);
            rest = behind;
        }
    }
}

/// Takes the suffixes off the end of a name: the name, and them.
#[must_use]
pub fn split_suffixes(name: &str) -> (&str, Vec<&str>) {
    let mut suffixes = Vec::new();
    let mut rest = name.trim();
    while let Some((before, word)) = rest.rsplit_once([' ', ',', '\u{a0}']) {
        let bare = plain(word);
        let behind_comma =
            before.trim_end().ends_with(',') || rest[..rest.len() - word.len()].ends_with(',');
        let shaped = word.chars().next().is_some_and(char::is_uppercase) || word.contains('.');
        let known = SUFFIXES.contains(&bare.as_str())
            || (behind_comma && SUFFIXES_BEHIND_COMMA.contains(&bare.as_str()));
        let before = before.trim_end_matches([' ', ',', '\u{a0}']);
        if !known || !(shaped || behind_comma) || before.is_empty() {
            break;
        }
        suffixes.insert(0, word);
        rest = before;
    }
    (rest, suffixes)
}

/// Whether a text is nothing but suffixes: `PhD`, "Jr.", `PhD MBA`.
#[must_use]
pub fn is_suffix(text: &str) -> bool {
    let mut words = text.split([' ', ',']).filter(|word| !word.is_empty()).peekable();
    words.peek().is_some()
        && words.all(|word| {
            let bare = plain(word);
            SUFFIXES.contains(&bare.as_str()) || SUFFIXES_BEHIND_COMMA.contains(&bare.as_str())
        })
}

/// Whether a name is a company's.
#[must_use]
pub fn is_company(name: &str) -> bool {
    let words: Vec<&str> = name.split([' ', ',', '\u{a0}']).filter(|it| !it.is_empty()).collect();
    let shouted = !name.chars().any(char::is_lowercase);
    let joined = plain(name);
    words.len() > 1
        && (words.iter().skip(1).any(|word| {
            let bare = plain(word);
            let capitals = word.replace('.', "");
            COMPANIES.contains(&bare.as_str())
                || (!shouted && COMPANIES_IN_CAPITALS.contains(&capitals.as_str()))
        }) || joined.ends_with("spzoo")
            || joined.ends_with("sro") && name.contains("s.r.o"))
        || ["株式会社", "有限公司", "(株)", "㈱"].iter().any(|it| name.contains(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offering(offered: &[&str]) -> Addressing {
        Addressing::offering(offered.iter().map(|it| Salutation::parse(it).unwrap()).collect())
    }

    fn told(addressing: &Addressing, title: &str) -> String {
        match addressing.read(title) {
            Some(Title::Offered(it)) => format!("is {it}"),
            Some(Title::Means(it)) => format!("means {it}"),
            Some(Title::Silent) => "silent".into(),
            Some(Title::Open) => "open".into(),
            None => "none".into(),
        }
    }

    #[test]
    fn a_title_says_a_salutation_nothing_or_leaves_it_open() {
        let addressing = offering(&["Mr", "Mrs"]);
        for (title, wanted) in [
            ("mr.", "is Mr"),
            ("Mrs", "is Mrs"),
            ("Herr", "means Mr"),
            ("Frau", "means Mrs"),
            ("M.", "means Mr"),
            ("Mme", "means Mrs"),
            ("Mme.", "means Mrs"),
            ("Sr.", "means Mr"),
            ("Señor", "means Mr"),
            ("Sra.", "means Mrs"),
            ("Sig.", "means Mr"),
            ("Sig.ra", "means Mrs"),
            ("Dhr.", "means Mr"),
            ("Pani", "means Mrs"),
            ("Ms.", "open"),
            ("Miss", "open"),
            ("Mx", "open"),
            ("Mlle", "open"),
            ("Fräulein", "open"),
            ("Dr.", "silent"),
            ("Prof. Dr.", "silent"),
            ("Dr. med.", "silent"),
            ("Frau Dr.", "means Mrs"),
            ("Team Lead", "none"),
            ("Buyer", "none"),
            ("VP Sales", "none"),
            ("", "none"),
        ] {
            assert_eq!(told(&addressing, title), wanted, "{title}");
        }
        let german = offering(&["Herr", "Frau"]);
        assert_eq!(told(&german, "Mr"), "means Herr");
        let more = offering(&["Mr", "Mrs", "Ms", "Dr"]);
        assert_eq!(told(&more, "Ms."), "is Ms");
        assert_eq!(told(&more, "Dr"), "is Dr");
        let both = offering(&["Mr", "Herr"]);
        assert_eq!(told(&both, "Monsieur"), "open", "which of the two is not for us to say");
        let ms = (String::from("Ms."), Salutation::parse("Mrs").unwrap());
        let mapped = Addressing::new(addressing.offered.clone(), [ms], None);
        assert_eq!(told(&mapped, "MS"), "means Mrs");
    }

    #[test]
    fn titles_come_off_the_front_and_suffixes_off_the_end() {
        let addressing = offering(&["Mr", "Mrs"]);
        for (name, titles, rest) in [
            ("Ms. Maren Oduya", &["Ms."][..], "Maren Oduya"),
            ("Herr Dr. med. Jürgen Groß", &["Herr", "Dr.", "med."], "Jürgen Groß"),
            ("Prof. Dr. Anna Weiß", &["Prof.", "Dr."], "Anna Weiß"),
            ("Dr.Maren Oduya", &["Dr."], "Maren Oduya"),
            ("M. Jean Dubois", &["M."], "Jean Dubois"),
            ("M Night Shyamalan", &[], "M Night Shyamalan"),
            ("Sri Mulyani", &[], "Sri Mulyani"),
            ("Pan Wei", &[], "Pan Wei"),
            ("Drew Mrsic", &[], "Drew Mrsic"),
            ("J.R.R. Tolkien", &[], "J.R.R. Tolkien"),
        ] {
            assert_eq!(addressing.split_titles(name), (titles.to_vec(), rest), "{name}");
        }
        for (name, rest, suffixes) in [
            ("Maren Oduya Jr.", "Maren Oduya", &["Jr."][..]),
            ("Maren Oduya, PhD", "Maren Oduya", &["PhD"]),
            ("Maren Oduya, Ph.D., MBA", "Maren Oduya", &["Ph.D.,", "MBA"]),
            ("Maren Oduya III", "Maren Oduya", &["III"]),
            ("Yo-Yo Ma", "Yo-Yo Ma", &[]),
            ("Maren Oduya, MA", "Maren Oduya", &["MA"]),
            ("Oduya, Maren", "Oduya, Maren", &[]),
        ] {
            let (found, off) = split_suffixes(name);
            let off: Vec<_> = off.iter().map(|it| it.trim_end_matches(',')).collect();
            let wanted: Vec<_> = suffixes.iter().map(|it| it.trim_end_matches(',')).collect();
            assert_eq!((found, off), (rest, wanted), "{name}");
        }
    }

    #[test]
    fn companies_are_told_from_people() {
        for name in [
            "Acme GmbH",
            "Acme Ltd.",
            "Foo Bar, Inc.",
            "Siemens AG",
            "Muster S.A.",
            "Acme Sp. z o.o.",
        ] {
            assert!(is_company(name), "{name}");
        }
        for name in ["Maria Sá", "MARIA SA", "Ana Co", "Anna Inczeffy", "Jan As", "Limited"] {
            assert!(!is_company(name), "{name}");
        }
    }
}
