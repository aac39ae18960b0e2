//! Text: a line, a signature, labelled lines, a chat. A person goes from one name to the
//! next that has a number of its own.

use super::{FEWEST_DIGITS, Found, Person};
use crate::contact::{
    Addressing, Region,
    label::{self, Label, Line},
    phone::pick,
    region::Named,
    title::is_company,
};

/// No signature has more lines that matter.
const MOST_LINES: usize = 200;

/// What one line says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Said<'text> {
    text: &'text str,
    names: Vec<String>,
    numbers: Vec<Found>,
    first: Option<String>,
    last: Option<String>,
    full: Option<String>,
    title: Option<String>,
    country: Option<String>,
}

impl Said<'_> {
    /// Nothing was found in it.
    fn is_silent(&self) -> bool {
        *self == Said { text: self.text, ..Said::default() }
    }

    /// "Atelier: 030 1234567".
    fn is_word_and_number(&self) -> bool {
        let word = self.text.split_once([':', '：']).map(|(word, _)| word.trim());
        let one = word.is_some_and(|it| !it.is_empty() && !it.contains(char::is_whitespace));
        one && !self.numbers.is_empty()
    }
}

/// The first person of a text, and the stretches that belong to others.
pub(super) fn people(text: &str, current: Option<Region>) -> (Person, Vec<String>) {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).take(MOST_LINES);
    let mut said: Vec<Said> = lines.map(|line| said(line, current)).collect();
    if let Some(first) = said.first_mut().filter(|it| it.is_silent() && is_long_name(it.text)) {
        first.names.push(first.text.to_owned());
    }
    let mut stretches = stretches(&said).into_iter();
    let first = stretches.next().map(|it| person(it)).unwrap_or_default();
    let others = stretches
        .map(|stretch| stretch.iter().map(|it| it.text).collect::<Vec<_>>().join("\n"))
        .collect();
    (first, others)
}

/// Cuts the lines where another person begins: a name behind a number, with a number of
/// its own behind it.
fn stretches<'said, 'text>(said: &'said [Said<'text>]) -> Vec<&'said [Said<'text>]> {
    let mut cuts = vec![0];
    let (mut named, mut numbered, mut only_fax) = (false, false, true);
    for (at, line) in said.iter().enumerate() {
        let whole = line
            .names
            .iter()
            .any(|name| name.contains(char::is_whitespace) || !line.numbers.is_empty());
        let name = whole || line.full.is_some() || line.first.is_some();
        let own_number = || {
            let behind = said[at..].iter().position(|it| !it.numbers.is_empty());
            let next =
                said[at + 1..].iter().position(|it| !it.names.is_empty() && it.numbers.is_empty());
            behind.is_some_and(|number| next.is_none_or(|next| number <= next + 1))
        };
        // Behind a fax, a word in front of a number is how that line is called.
        let unknown_label = only_fax && line.is_word_and_number();
        if name && named && numbered && !unknown_label && own_number() {
            cuts.push(at);
            (numbered, only_fax) = (false, true);
        }
        named |= name || !line.names.is_empty();
        numbered |= !line.numbers.is_empty();
        only_fax &= line.numbers.iter().all(|it| !it.line.is_voice());
    }
    let ends = cuts.iter().copied().skip(1).chain([said.len()]);
    cuts.iter().copied().zip(ends).map(|(from, to)| &said[from..to]).collect()
}

fn person(lines: &[Said]) -> Person {
    let mut person = Person::default();
    let mut names: Vec<(String, bool)> = Vec::new();
    for line in lines {
        let with_number = !line.numbers.is_empty();
        names.extend(line.names.iter().map(|name| (name.clone(), with_number)));
        person.numbers.extend(line.numbers.iter().cloned());
        person.titles.extend(line.title.clone());
        person.first = person.first.or_else(|| line.first.clone());
        person.last = person.last.or_else(|| line.last.clone());
        person.full = person.full.or_else(|| line.full.clone());
        person.country = person.country.or_else(|| line.country.clone());
    }
    // "Nom: Dubois" beside "Prénom: Renée" is the family name.
    if person.first.is_some() && person.last.is_none() {
        person.last = person.full.take();
    }
    if person.first.is_none() && person.last.is_none() && person.full.is_none() {
        (person.first, person.last, person.full) = first_and_last(&names);
    }
    person
}

type Names = (Option<String>, Option<String>, Option<String>);

/// Which of the found names is which: "Doe, John +91 …" is the other way round, two words
/// in two lines are first and last, and one piece with several words is a whole name.
fn first_and_last(names: &[(String, bool)]) -> Names {
    let single = |name: &str| !name.contains(char::is_whitespace);
    match names {
        [] => (None, None, None),
        [(last, _), (first, _)] if single(last) && single(first) && last.ends_with(',') => {
            (Some(first.clone()), Some(last.trim_end_matches(',').to_owned()), None)
        }
        [(first, false), (last, _), ..] if single(first) && single(last) && !is_job(last) => {
            (Some(first.clone()), Some(last.clone()), None)
        }
        [(whole, _), ..] => (None, None, Some(whole.clone())),
    }
}

fn said(line: &str, current: Option<Region>) -> Said<'_> {
    let mut said = Said { text: line, ..Said::default() };
    match label::in_front(line) {
        Some((Label::Number(line_kind), rest)) => {
            said.numbers = numbers(rest, current).map_or_else(Vec::new, |(found, _)| found);
            for number in &mut said.numbers {
                if number.line == Line::Plain {
                    number.line = line_kind;
                }
            }
            return said;
        }
        Some((Label::Salutation, rest)) => said.title = Some(rest.to_owned()),
        Some((Label::FirstName, rest)) => said.first = Some(rest.to_owned()),
        Some((Label::LastName, rest)) => said.last = Some(rest.to_owned()),
        Some((Label::FullName, rest)) => {
            if let Some((found, before)) = numbers(rest, current) {
                said.numbers = found;
                said.full = Some(before).filter(|it| !it.is_empty());
            } else {
                said.full = Some(rest.to_owned()).filter(|it| !it.is_empty());
            }
        }
        Some((Label::Country, rest)) => said.country = Some(rest.to_owned()),
        Some((Label::Elsewhere, _)) => {}
        None => {
            in_words(line, current, &mut said);
            return said;
        }
    }
    said
}

/// A line without a label: numbers, a country, names between commas.
fn in_words<'text>(line: &'text str, current: Option<Region>, said: &mut Said<'text>) {
    let rest = match numbers(line, current) {
        Some((found, rest)) => {
            said.numbers = found;
            rest
        }
        None => line.to_owned(),
    };
    let parts: Vec<&str> =
        rest.split([';', '|']).map(str::trim).filter(|it| !it.is_empty()).collect();
    for part in parts {
        let part = part.trim_matches('"');
        let cells: Vec<&str> =
            part.split(',').map(|it| it.trim().trim_matches('"').trim()).collect();
        let mut countries = cells.iter().filter(|cell| is_country(cell));
        said.country =
            said.country.take().or_else(|| countries.next_back().map(|it| (*it).to_owned()));
        // "Doe, John" and "Oduya, PhD" are for whoever takes names apart.
        let whole: Vec<&str> =
            cells.iter().copied().filter(|it| !it.is_empty() && !is_country(it)).collect();
        let comma = whole.join(", ");
        if whole.len() == 2 && whole.iter().all(|it| is_name(it)) && !is_job(whole[1]) {
            said.names.push(comma);
        } else if let Some(name) =
            whole.iter().find(|it| is_name(it) || (!said.numbers.is_empty() && is_long_name(it)))
        {
            said.names.push((*name).to_owned());
        }
    }
}

/// The numbers of a line and the line without them.
pub(super) fn numbers(line: &str, region: Option<Region>) -> Option<(Vec<Found>, String)> {
    let is_mark = |c: char| c.is_numeric() || " +()-./\u{a0}\u{2011}\u{ff0b}".contains(c);
    let (mut found, mut rest, mut from) = (Vec::new(), String::new(), 0);
    let mut start = None;
    for (at, letter) in line.char_indices().chain([(line.len(), '|')]) {
        match (start, is_mark(letter)) {
            (None, true) if letter.is_numeric() || "+(\u{ff0b}".contains(letter) => {
                start = Some(at);
            }
            (Some(begin), false) => {
                start = None;
                let run = line[begin..at].trim().trim_end_matches(['-', '.', '/', '(']).trim();
                let digits = run.chars().filter(|c| c.is_numeric()).count();
                // Glued to a letter it is a part of a word: an id, an IBAN.
                let glued = line[..begin].chars().next_back().is_some_and(char::is_alphanumeric);
                if !(FEWEST_DIGITS..=40).contains(&digits) || glued || is_date(run) {
                    continue;
                }
                let before = &line[from..begin];
                let (label, words) = label_behind(before);
                rest.push_str(words);
                rest.push(' ');
                from = begin + line[begin..at].trim_end_matches([' ', '(']).len();
                from += extension_length(&line[from..]);
                let (mark, taken) = mark_behind(&line[from..]);
                from += taken;
                let line_kind = label.or(mark).unwrap_or(Line::Plain);
                let text =
                    if digits > 20 && pick(run, region).text == run { continue } else { run };
                found.push(Found { text: text.to_owned(), line: line_kind });
            }
            (None | Some(_), _) => {}
        }
    }
    rest.push_str(&line[from.min(line.len())..]);
    let rest = rest.trim().trim_matches(|c: char| ",;|–—-:<>*•".contains(c) || c.is_whitespace());
    (!found.is_empty()).then(|| (found, rest.to_owned()))
}

/// "2026-11-25 10:02" and "25.11.2026" are days, not numbers.
fn is_date(run: &str) -> bool {
    let parts: Vec<&str> = run.split([' ', '.', '-', '/']).filter(|it| !it.is_empty()).collect();
    let year = |text: &&&str| text.len() == 4 && (text.starts_with("19") || text.starts_with("20"));
    parts.len() >= 3
        && parts.len() <= 4
        && parts.iter().take(3).filter(year).count() == 1
        && parts.iter().take(3).all(|it| it.len() == 4 || it.len() <= 2)
}

/// The label at the end of what is in front of a number, and what is in front of that.
fn label_behind(text: &str) -> (Option<Line>, &str) {
    let trimmed = text.trim_end_matches(|c: char| c.is_whitespace() || ":.()-=/".contains(c));
    let mut label = None;
    let mut rest = trimmed;
    // The longest label that the words at the end make.
    let starts = trimmed
        .char_indices()
        .rev()
        .filter(|(_, c)| c.is_whitespace() || matches!(c, ',' | ';' | '|' | '(' | '/'))
        .map(|(at, c)| at + c.len_utf8())
        .chain([0])
        .take(4);
    let marked = text[trimmed.len()..].contains([':', '=', ')']);
    for start in starts {
        let words = &trimmed[start..];
        let alone = start == 0 || !trimmed[..start].ends_with(char::is_whitespace);
        let kind = || match (marked, alone) {
            (true, _) => label::line_beside_number(words),
            (false, true) => label::line_without_mark(words),
            (false, false) => None,
        };
        if let Some(line) = label::line(words).or_else(kind) {
            label = Some(line);
            rest = &trimmed[..start];
        }
    }
    (label, rest.trim_end_matches([' ', '(', ',', ';', '|', '–', '—', '-']))
}

/// "(mob)" behind a number.
fn mark_behind(text: &str) -> (Option<Line>, usize) {
    let Some(inside) = text.trim_start().strip_prefix('(') else { return (None, 0) };
    let Some((word, _)) = inside.split_once(')') else { return (None, 0) };
    match label::line(word).or_else(|| label::line_beside_number(word)) {
        Some(line) => {
            let skipped = text.len() - text.trim_start().len();
            (Some(line), skipped + word.len() + 2)
        }
        None => (None, 0),
    }
}

/// "x12" or "ext. 12" behind a number is neither a name nor the platform's extension.
fn extension_length(text: &str) -> usize {
    let lower = text.to_lowercase();
    let bare = lower.trim_start_matches([' ', ',', '(']);
    let marked = ["extension", "extn", "ext", "x", "#", "durchwahl", "dw"]
        .into_iter()
        .find_map(|mark| bare.strip_prefix(mark));
    let Some(behind) = marked.filter(|_| lower.len() == text.len()) else { return 0 };
    let digits = behind.trim_start_matches(['.', ':', ' ']);
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    if end == 0 {
        return 0;
    }
    let behind = digits[end..].strip_prefix(')').unwrap_or(&digits[end..]);
    text.len() - behind.len()
}

fn is_country(cell: &str) -> bool {
    let code = (2..=3).contains(&cell.len()) && cell.bytes().all(|b| b.is_ascii_uppercase());
    (code || cell.chars().count() > 3) && Region::named(cell) != Named::Nothing
}

/// Words that a greeting or the end of a letter begins with.
const GREETINGS: [&str; 26] = [
    "regards",
    "best",
    "thanks",
    "sincerely",
    "cheers",
    "dear",
    "hello",
    "hi",
    "kind",
    "warm",
    "many",
    "viele",
    "mit",
    "freundliche",
    "liebe",
    "beste",
    "cordialement",
    "bien",
    "saludos",
    "cordiali",
    "atenciosamente",
    "yours",
    "met",
    "sent",
    "gesendet",
    "von",
];

/// Words that a name has at most, and one that is nothing but capitalised words.
const MOST_WORDS: usize = 7;
const MOST_CAPITALISED: usize = 40;

/// Whether text could be a person's name: a few words of letters.
pub(super) fn is_name(text: &str) -> bool {
    could_be_name(text, MOST_WORDS)
}

/// A name of more words than most, for text that has a number beside it: what is not
/// capitalised in it is as short as "de", "van" or "bin".
pub(super) fn is_long_name(text: &str) -> bool {
    let capital = |word: &&str| word.starts_with(char::is_uppercase);
    let capitals = text.split_whitespace().filter(capital).count();
    let words = text.split_whitespace();
    let short = |word: &str| word.chars().count() <= 3;
    capitals * 2 > words.clone().count()
        && words.filter(|word| !capital(word)).all(short)
        && could_be_name(text, MOST_CAPITALISED)
}

fn could_be_name(text: &str, most_words: usize) -> bool {
    let text = text.trim().trim_matches(['-', '–', '—', ':', '<', '>', '*']).trim();
    let words: Vec<&str> = text.split_whitespace().collect();
    let odd = text.chars().any(|c| c.is_numeric() || "/\\=_{}[]|#:".contains(c));
    let sayable = text.chars().any(char::is_alphabetic);
    let greeting = words
        .first()
        .is_some_and(|word| GREETINGS.contains(&word.to_lowercase().trim_matches([',', '.'])));
    let small =
        words.iter().filter(|word| word.chars().next().is_some_and(char::is_lowercase)).count();
    let sentence = words.len() > 3 && small * 2 > words.len();
    (1..=most_words).contains(&words.len())
        && !odd
        && sayable
        && (!greeting || (words.len() == 1 && !text.ends_with(',')))
        && !sentence
        && !is_country(text)
        && !is_company(text)
        && !matches!(text.chars().next(), Some('@'))
}

/// A title alone in its cell.
pub(super) fn is_title(text: &str) -> bool {
    Addressing::offering(Vec::new()).read(text).is_some()
}

/// Words of jobs and departments, which are capitalised as names are.
pub(super) fn is_job(text: &str) -> bool {
    const JOBS: [&str; 44] = [
        "manager",
        "director",
        "head",
        "lead",
        "engineer",
        "sales",
        "support",
        "service",
        "officer",
        "ceo",
        "cto",
        "cfo",
        "coo",
        "vp",
        "president",
        "assistant",
        "consultant",
        "developer",
        "analyst",
        "administrator",
        "specialist",
        "executive",
        "accountant",
        "buyer",
        "agent",
        "team",
        "department",
        "marketing",
        "finance",
        "operations",
        "geschäftsführer",
        "geschäftsführerin",
        "leiter",
        "leiterin",
        "vertrieb",
        "einkauf",
        "abteilung",
        "directeur",
        "directrice",
        "responsable",
        "gerente",
        "founder",
        "owner",
        "customer",
    ];
    text.split_whitespace().any(|word| {
        JOBS.contains(&word.to_lowercase().trim_matches(|c: char| !c.is_alphanumeric()))
    })
}
