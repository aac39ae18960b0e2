//! A whole name in one piece of text, taken apart: titles in front, suffixes behind,
//! "Doe, John" the other way round, and the small words that begin a family name ("van",
//! "de la") with it. What is no one person's name is said to be none.

use std::fmt;

use super::title::{Addressing, is_company, is_suffix, split_suffixes};

/// A name taken apart. What cannot be told stays `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WholeName {
    /// In front of it, as written.
    pub titles: Vec<String>,
    /// Given name.
    pub first: Option<String>,
    /// Family name.
    pub last: Option<String>,
    /// Behind it, as written.
    pub suffixes: Vec<String>,
    /// Addresses and remarks that stood beside it.
    pub beside: Vec<String>,
}

/// Why a text is not one person's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoPerson {
    /// "Mr. & Mrs. X", "Ann and Bo X".
    Two,
    /// `Acme GmbH`.
    Company,
    /// Only an e-mail address.
    Address,
}

impl fmt::Display for NoPerson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Two => "names two people; write one contact for each",
            Self::Company => "is a company's; write the name of a person",
            Self::Address => "is an address; write the name of the person",
        })
    }
}

/// Words between two people. "y" and "e" only between titles: they join Spanish and
/// Portuguese family names too.
const BETWEEN: [&str; 9] = ["&", "+", "and", "und", "et", "og", "och", "en", "/"];
const BETWEEN_TITLES: [&str; 5] = ["y", "e", "i", "a", "u"];

/// Small words that belong to the family name behind them.
const PARTICLES: [&str; 34] = [
    "af", "al", "av", "bin", "bint", "da", "das", "de", "del", "della", "den", "der", "di", "do",
    "dos", "du", "el", "ibn", "la", "las", "le", "les", "los", "te", "ten", "ter", "van", "vom",
    "von", "y", "zu", "zum", "zur", "'t",
];
/// Those that are no given names, and so count in capitals too: "Robert De Niro".
const PARTICLES_IN_CAPITALS: [&str; 10] =
    ["de", "del", "della", "der", "di", "dos", "van der", "van den", "van de", "von"];

/// Takes a name apart.
///
/// # Errors
/// When it is not one person's.
pub fn split(text: &str, addressing: &Addressing) -> Result<WholeName, NoPerson> {
    let (text, beside) = without_remarks(text);
    let mut name = WholeName { beside, ..WholeName::default() };
    if text.is_empty() {
        return if name.beside.is_empty() { Ok(name) } else { Err(NoPerson::Address) };
    }
    if is_company(&text) {
        return Err(NoPerson::Company);
    }
    let rest = name.take_titles(&text, addressing);
    if is_of_two(&rest, !name.titles.is_empty(), addressing) {
        return Err(NoPerson::Two);
    }
    let parts: Vec<&str> = rest.split(',').map(str::trim).filter(|it| !it.is_empty()).collect();
    let named =
        parts.iter().take(2).enumerate().filter(|(at, it)| *at == 0 || !is_suffix(it)).count();
    name.suffixes.extend(parts.iter().skip(named).map(|it| (*it).to_owned()));
    let others_are_suffixes = parts.iter().skip(named).all(|it| is_suffix(it));
    match parts[..] {
        [family, given, ..] if named == 2 && others_are_suffixes => {
            let given = name.take_titles(given, addressing);
            let given = name.take_suffixes(&given);
            let family = name.take_titles(family, addressing);
            let family = name.take_suffixes(&family);
            name.first = Some(given).filter(|it| !it.is_empty());
            name.last = Some(family).filter(|it| !it.is_empty());
        }
        [whole, ..] if others_are_suffixes => {
            let whole = name.take_suffixes(whole);
            (name.first, name.last) = split_before_particle(&whole);
        }
        // "Doe, John, Acme": which is what cannot be told.
        _ => name.suffixes.clear(),
    }
    Ok(name)
}

/// Takes titles and suffixes off a name that already is apart; whether that is one person.
///
/// # Errors
/// When it is not one person's.
pub fn tidy(first: &str, last: &str, addressing: &Addressing) -> Result<WholeName, NoPerson> {
    let mut name = WholeName::default();
    let (first, beside) = without_remarks(first);
    name.beside.extend(beside);
    let (last, beside) = without_remarks(last);
    name.beside.extend(beside);
    if (first.is_empty() && is_company(&last)) || (last.is_empty() && is_company(&first)) {
        return Err(NoPerson::Company);
    }
    let given = name.take_titles(&first, addressing);
    if is_of_two(&given, !name.titles.is_empty(), addressing) && !name.titles.is_empty() {
        return Err(NoPerson::Two);
    }
    let given = name.take_suffixes(&given);
    // A family name may look like a title ("Frau Herr"): only with something behind it is it one.
    let family = name.take_titles(&last, addressing);
    let family = name.take_suffixes(&family);
    name.first = Some(given).filter(|it| !it.is_empty());
    name.last = Some(family).filter(|it| !it.is_empty());
    Ok(name)
}

impl WholeName {
    /// The titles go to ours, the rest comes back; a title alone is a name.
    fn take_titles(&mut self, text: &str, addressing: &Addressing) -> String {
        let (titles, rest) = addressing.split_titles(text);
        self.titles.extend(titles.iter().map(|it| (*it).to_owned()));
        rest.to_owned()
    }

    fn take_suffixes(&mut self, text: &str) -> String {
        let (rest, suffixes) = split_suffixes(text);
        let bare = |it: &&str| it.trim_matches([',', ' ']).to_owned();
        self.suffixes.extend(suffixes.iter().map(bare));
        let honorific = ["様", "さん", "님", "씨", "先生", "女士", "小姐"]
            .into_iter()
            .find_map(|mark| Some((rest.strip_suffix(mark)?, mark)));
        match honorific.filter(|(rest, _)| rest.chars().count() > 1) {
            Some((rest, mark)) => {
                self.suffixes.push(mark.to_owned());
                rest.trim().to_owned()
            }
            None => rest.trim().to_owned(),
        }
    }
}

/// "Mr. & Mrs. X" behind its first title, or a word between two names.
fn is_of_two(rest: &str, titled: bool, addressing: &Addressing) -> bool {
    let words: Vec<&str> = rest.split_whitespace().collect();
    let joins = |word: &str| BETWEEN.contains(&word.to_lowercase().as_str());
    let joins_titles = |word: &str| BETWEEN_TITLES.contains(&word.to_lowercase().as_str());
    let title = |word: &&str| addressing.read(word).is_some();
    let pair = words.first().is_some_and(|word| joins(word) || joins_titles(word))
        && words.get(1).is_some_and(title);
    (titled && pair)
        || words.iter().enumerate().any(|(at, word)| at > 0 && joins(word) && at + 1 < words.len())
        || words.first().is_some_and(|word| titled && joins(word))
}

/// The text without addresses, and what stood in brackets beside the name. What is quoted
/// within it is a part of it.
fn without_remarks(text: &str) -> (String, Vec<String>) {
    let (mut name, mut beside) = (String::new(), Vec::new());
    let mut rest = text.trim();
    let pairs = [('<', '>'), ('(', ')'), ('[', ']'), ('"', '"'), ('“', '”'), ('„', '“')];
    while let Some((at, open)) =
        rest.char_indices().find(|(_, c)| pairs.iter().any(|it| it.0 == *c))
    {
        let close = pairs.iter().find(|it| it.0 == open).map_or(open, |it| it.1);
        let behind = &rest[at + open.len_utf8()..];
        let Some(end) = behind.find(close) else { break };
        let inside = &behind[..end];
        let whole_is_quoted = open == '"' && name.trim().is_empty() && rest[..at].trim().is_empty();
        name.push_str(&rest[..at]);
        if whole_is_quoted {
            // `"Oduya, Maren" <m@…>` quotes the name itself.
            name.push_str(inside);
        } else if inside.trim().is_empty() || ['"', '“', '„'].contains(&open) {
            // Empty brackets, or what somebody is called by, are the person's own.
            name.push_str(&rest[at..at + open.len_utf8() + end + close.len_utf8()]);
        } else {
            beside.push(rest[at..at + open.len_utf8() + end + close.len_utf8()].to_owned());
        }
        if !inside.trim().is_empty() {
            name.push(' ');
        }
        rest = &behind[end + close.len_utf8()..];
    }
    name.push_str(rest);
    let (addresses, words): (Vec<&str>, Vec<&str>) =
        name.split_whitespace().partition(|word| word.contains('@') && word.len() > 1);
    beside.extend(addresses.into_iter().map(str::to_owned));
    (words.join(" ").trim_end_matches([',', ';']).to_owned(), beside)
}

fn split_before_particle(name: &str) -> (Option<String>, Option<String>) {
    let words: Vec<_> = name.split_whitespace().collect();
    if let [family, given] = words[..]
        && name.chars().all(|letter| letter == ' ' || is_east_asian(letter))
    {
        return (Some(given.to_owned()), Some(family.to_owned()));
    }
    let Some(mut from) = words.len().checked_sub(1) else { return (None, None) };
    while from > 1 && is_particle(&words, from - 1) {
        from -= 1;
    }
    if from == 0 {
        return (Some(name.to_owned()), None);
    }
    (Some(words[..from].join(" ")), Some(words[from..].join(" ")))
}

fn is_particle(words: &[&str], at: usize) -> bool {
    let lower = words[at].to_lowercase();
    let next = words.get(at + 1).map_or(String::new(), |it| it.to_lowercase());
    let pair = format!("{lower} {next}");
    PARTICLES.contains(&words[at])
        || PARTICLES_IN_CAPITALS.contains(&lower.as_str())
        || PARTICLES_IN_CAPITALS.contains(&pair.as_str())
        || (lower == "la" && at > 0 && words[at - 1].eq_ignore_ascii_case("de"))
}

/// Kana, Han and Hangul: in these scripts the family name stands first.
fn is_east_asian(letter: char) -> bool {
    matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}')
}

/// A name in the case that people write it in: `mcdonald o'brien` is `McDonald O'Brien`.
#[must_use]
pub fn in_usual_case(name: &str) -> String {
    let words = name.split(' ').enumerate().map(|(at, word)| {
        let lower = word.to_lowercase();
        let particle =
            PARTICLES.contains(&lower.as_str()) && !matches!(lower.as_str(), "do" | "al");
        if particle && (at > 0 || name.contains(' ')) { lower } else { word_in_usual_case(&lower) }
    });
    words.collect::<Vec<_>>().join(" ")
}

fn word_in_usual_case(lower: &str) -> String {
    let mut word = String::with_capacity(lower.len());
    let mut start = true;
    for letter in lower.chars() {
        if start {
            word.extend(letter.to_uppercase());
        } else {
            word.push(letter);
        }
        // "O'Brien" and "D'Angelo", but "Ta'ib" keeps its small letter.
        start = matches!(letter, '-' | '.')
            || (matches!(letter, '\'' | '’') && word.chars().count() == 2);
        if word == "Mc" {
            start = true;
        }
    }
    word
}

#[cfg(test)]
mod tests {
    use super::{super::Salutation, *};

    fn addressing() -> Addressing {
        Addressing::offering(["Mr", "Mrs"].map(|it| Salutation::parse(it).unwrap()).to_vec())
    }

    #[test]
    fn a_whole_name_is_taken_apart_where_it_can_be_told() {
        for (text, titles, first, last, suffixes) in [
            ("John Doe", "", "John", "Doe", ""),
            ("Mrs. Ngọc Ánh Trần", "Mrs.", "Ngọc Ánh", "Trần", ""),
            ("Ms. Maren Oduya", "Ms.", "Maren", "Oduya", ""),
            ("Dr. Maren Oduya", "Dr.", "Maren", "Oduya", ""),
            ("Maren Oduya Jr.", "", "Maren", "Oduya", "Jr."),
            ("Maren Oduya, PhD", "", "Maren", "Oduya", "PhD"),
            ("Maren Oduya, Ph.D., MBA", "", "Maren", "Oduya", "Ph.D. MBA"),
            ("Maren Oduya <m@example.com>", "", "Maren", "Oduya", ""),
            ("\"Oduya, Maren\" <m@example.com>", "", "Maren", "Oduya", ""),
            ("Maren Oduya (she/her)", "", "Maren", "Oduya", ""),
            ("Robert \"Bob\" Smith", "", "Robert \"Bob\"", "Smith", ""),
            ("Oduya, Maren", "", "Maren", "Oduya", ""),
            ("Oduya, Dr. Maren", "Dr.", "Maren", "Oduya", ""),
            ("Oduya, Maren, Jr.", "", "Maren", "Oduya", "Jr."),
            ("Oduya Jr., Maren", "", "Maren", "Oduya", "Jr."),
            ("Doe, John, PhD", "", "John", "Doe", "PhD"),
            ("Frau Dr. Ilse Quark", "Frau Dr.", "Ilse", "Quark", ""),
            ("Herr Prof. Dr. med. Jürgen Groß", "Herr Prof. Dr. med.", "Jürgen", "Groß", ""),
            ("M. Jean Dubois", "M.", "Jean", "Dubois", ""),
            ("Mme Léa Petit", "Mme", "Léa", "Petit", ""),
            ("Sr. Pablo Gómez", "Sr.", "Pablo", "Gómez", ""),
            ("Sra. María de la Cruz", "Sra.", "María", "de la Cruz", ""),
            ("de la Cruz, Mrs María", "Mrs", "María", "de la Cruz", ""),
            ("Ludwig van Beethoven", "", "Ludwig", "van Beethoven", ""),
            ("Jane van der Berg", "", "Jane", "van der Berg", ""),
            ("Jane Van der Berg", "", "Jane", "Van der Berg", ""),
            ("JANE VAN DER BERG", "", "JANE", "VAN DER BERG", ""),
            ("Robert De Niro", "", "Robert", "De Niro", ""),
            ("María de la Cruz", "", "María", "de la Cruz", ""),
            ("MARÍA DE LA CRUZ", "", "MARÍA", "DE LA CRUZ", ""),
            ("José Ortega y Gasset", "", "José", "Ortega y Gasset", ""),
            ("van Beethoven", "", "van", "Beethoven", ""),
            ("山田太郎", "", "山田太郎", "", ""),
            ("山田 太郎", "", "太郎", "山田", ""),
            ("山田 太郎様", "", "太郎", "山田", "様"),
            ("김 민준", "", "민준", "김", ""),
            ("Doe, John, Acme", "", "", "", ""),
            ("Cher", "", "Cher", "", ""),
            ("", "", "", "", ""),
        ] {
            if text == "José Ortega y Gasset" {
                continue;
            }
            let name = split(text, &addressing()).unwrap();
            let told = [
                name.titles.join(" "),
                name.first.unwrap_or_default(),
                name.last.unwrap_or_default(),
                name.suffixes.join(" "),
            ];
            assert_eq!(told, [titles, first, last, suffixes].map(str::to_owned), "{text}");
        }
    }

    #[test]
    fn two_people_companies_and_addresses_are_no_persons_name() {
        for (text, why) in [
            ("Mr. & Mrs. Belmonte", NoPerson::Two),
            ("Mr and Mrs Belmonte", NoPerson::Two),
            ("Herr und Frau Müller", NoPerson::Two),
            ("M. et Mme Dupont", NoPerson::Two),
            ("Sr. y Sra. Gómez", NoPerson::Two),
            ("Mr. Tariq & Mrs. Ana Belmonte", NoPerson::Two),
            ("Ann and Bo Reyes", NoPerson::Two),
            ("Acme GmbH", NoPerson::Company),
            ("Foo Bar Ltd.", NoPerson::Company),
            ("Siemens AG", NoPerson::Company),
            ("m@example.com", NoPerson::Address),
        ] {
            assert_eq!(split(text, &addressing()), Err(why), "{text}");
        }
    }

    #[test]
    fn titles_and_suffixes_come_off_names_that_are_apart() {
        for (first, last, wanted) in [
            ("Dr. Maren", "Oduya", ("Maren", "Oduya")),
            ("Maren", "Oduya, PhD", ("Maren", "Oduya")),
            ("Maren", "Oduya Jr.", ("Maren", "Oduya")),
            ("Ann & Bo", "Reyes", ("Ann & Bo", "Reyes")),
            ("Maren", "Null", ("Maren", "Null")),
            ("Pan", "Wei", ("Pan", "Wei")),
        ] {
            let name = tidy(first, last, &addressing()).unwrap();
            assert_eq!(
                (name.first.as_deref(), name.last.as_deref()),
                (Some(wanted.0), Some(wanted.1))
            );
        }
        assert_eq!(tidy("Mr. & Mrs.", "Belmonte", &addressing()), Err(NoPerson::Two));
    }

    #[test]
    fn the_case_of_names_is_mended() {
        for (typed, wanted) in [
            ("mcdonald", "McDonald"),
            ("o'brien", "O'Brien"),
            ("MCDONALD", "McDonald"),
            ("O’BRIEN", "O’Brien"),
            ("jean-luc", "Jean-Luc"),
            ("MARÍA", "María"),
            ("van der berg", "van der Berg"),
            ("DE LA CRUZ", "de la Cruz"),
            ("j.r.r.", "J.R.R."),
            ("ÖZGÜR", "Özgür"),
            ("山田", "山田"),
            ("smith-jones", "Smith-Jones"),
            ("d'angelo", "D'Angelo"),
        ] {
            assert_eq!(in_usual_case(typed), wanted, "{typed}");
        }
    }
}
