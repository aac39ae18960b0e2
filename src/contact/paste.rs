//! One paste that fills the form: a line, a spreadsheet's row, a CSV line, a vCard, the
//! signature under an e-mail. What is recognised is a guess for a person to check; text
//! that belongs to one field alone is left to that field.

use super::{Phone, Reading, Region, Salutation, text::is_bidi_control};

/// No more of a paste is looked at, in characters.
const LONGEST: usize = 16_384;
/// Digits below which nothing is taken for a phone number.
const FEWEST_DIGITS: usize = 7;

/// What a paste seems to hold, field by field, as it would be typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guess {
    /// One of the offered salutations.
    pub salutation: Option<String>,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// ISO code of the region, from a cell that names one or from the number itself.
    pub region: Option<String>,
    /// The number, as it was written.
    pub phone: Option<String>,
    /// The platform's dialing prefix; nothing outside a form speaks of it.
    pub extension: Option<String>,
}

/// Recognises a contact; `None` when the text is no more than one field's.
#[must_use]
pub fn recognise(text: &str, current: Option<Region>, salutations: &[Salutation]) -> Option<Guess> {
    let text: String = text.chars().take(LONGEST).collect();
    // Terminals send the line ends of a paste as Enter would: a lone CR.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let guess = if text.to_ascii_uppercase().contains("BEGIN:VCARD") {
        vcard(&text, current, salutations)
    } else {
        prose(&text, current, salutations)
    };
    let named = guess.first_name.is_some() || guess.last_name.is_some();
    let enough = named && (guess.phone.is_some() || guess.salutation.is_some());
    enough.then_some(guess)
}

/// A paste made fit for one line of one field: line ends and tabs become blanks, every
/// control and direction mark goes, and nothing is longer than 16,384 characters.
#[must_use]
pub fn clean(text: &str) -> String {
    let mut clean = String::new();
    for letter in text.trim_matches(['\n', '\r', '\t']).chars().take(LONGEST) {
        match letter {
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => {
                if !clean.ends_with(' ') {
                    clean.push(' ');
                }
            }
            _ if letter.is_control() || is_bidi_control(letter) => {}
            _ => clean.push(letter),
        }
    }
    clean.trim_matches('\u{feff}').to_owned()
}

fn prose(text: &str, current: Option<Region>, salutations: &[Salutation]) -> Guess {
    let cells = cells(text);
    let region = cells.iter().find_map(|cell| country(cell)).or(current);
    let mut guess = Guess::default();
    let mut names = Vec::new();
    for cell in &cells {
        let (number, rest) = match phone_in(cell, region) {
            Some((number, rest)) => (Some(number), rest),
            None => (None, cell.clone()),
        };
        if let Some((number, found)) = number {
            // The first number of a signature is the one people answer.
            if guess.phone.is_none() {
                guess.phone = Some(number);
                guess.region = found.map(|region| region.code().to_owned());
            }
        }
        let (salutation, rest) = salutation_of(&rest, salutations);
        guess.salutation = guess.salutation.or(salutation);
        if let Some(name) = name_of(&rest) {
            names.push((name, number_is_in(cell)));
        }
    }
    let (first, last) = first_and_last(&names, is_row(text));
    (guess.first_name, guess.last_name) = (first, last);
    guess
}

/// The parts of the text: a spreadsheet's cells, a line's parts between commas, or lines.
fn cells(text: &str) -> Vec<String> {
    let parts = |mark: &[char], line: &str| {
        line.split(mark).map(|it| it.trim().trim_matches('"').trim().to_owned()).collect::<Vec<_>>()
    };
    let lines = text.lines().filter(|line| !line.trim().is_empty()).take(40);
    let marks: &[char] = if text.contains('\t') { &['\t'] } else { &[',', ';', '|'] };
    lines.flat_map(|line| parts(marks, line)).filter(|cell| !cell.is_empty()).collect()
}

/// A spreadsheet's or a CSV file's row, whose cells are fields.
fn is_row(text: &str) -> bool {
    let marks = text.matches([',', ';', '|']).count();
    text.contains('\t') || (marks > 1 && text.trim().lines().count() == 1)
}

fn country(cell: &str) -> Option<Region> {
    let named = cell.len() > 3 || (cell.len() == 2 && cell.chars().all(|c| c.is_ascii_uppercase()));
    named.then(|| Region::find(cell)).flatten()
}

fn number_is_in(cell: &str) -> bool {
    cell.chars().filter(char::is_ascii_digit).count() >= FEWEST_DIGITS
}

type Found = (String, Option<Region>);

/// The first run of a cell that reads as a number, and the cell without it.
fn phone_in(cell: &str, region: Option<Region>) -> Option<(Found, String)> {
    let is_mark = |c: char| c.is_numeric() || " +()-./\u{a0}\u{2011}\u{ff0b}".contains(c);
    let mut start = None;
    let mut runs = Vec::new();
    for (at, letter) in cell.char_indices().chain([(cell.len(), '|')]) {
        match (start, is_mark(letter)) {
            (None, true) if letter.is_numeric() || "+(\u{ff0b}".contains(letter) => {
                start = Some(at);
            }
            (Some(from), false) => {
                runs.push((from, at));
                start = None;
            }
            _ => {}
        }
    }
    runs.into_iter().find_map(|(from, to)| {
        let text = cell[from..to].trim().trim_end_matches(['-', '.', '/', '(']).trim();
        let digits = text.chars().filter(|c| c.is_numeric()).count();
        if !(FEWEST_DIGITS..=20).contains(&digits) {
            return None;
        }
        let found = match Phone::parse(text, region) {
            Reading::Valid(phone) | Reading::Unusual(phone, _) => phone.region(),
            Reading::Impossible(_) => None,
        };
        let rest = without_labels(&cell[..from]);
        let after = after_extension(&cell[to..]);
        Some(((text.to_owned(), found), format!("{rest} {after}").trim().to_owned()))
    })
}

/// "Mobile:", "Tel." and their like say what follows and are nobody's name.
fn without_labels(text: &str) -> String {
    const LABELS: [&str; 12] = [
        "mobile",
        "mob",
        "cell",
        "phone",
        "tel",
        "telephone",
        "m",
        "t",
        "p",
        "direct",
        "office",
        "ph",
    ];
    let mut words: Vec<&str> = text.split_whitespace().collect();
    while let Some(last) = words.last() {
        let plain = last.trim_matches([':', '.', '(', ')', '-']).to_lowercase();
        if plain.is_empty() || LABELS.contains(&plain.as_str()) {
            words.pop();
        } else {
            break;
        }
    }
    words.join(" ")
}

/// "x12" or "ext. 12" behind a number is neither a name nor the platform's extension.
fn after_extension(text: &str) -> &str {
    let lower = text.trim_start().to_lowercase();
    if ["x", "ext", "#"].iter().any(|mark| lower.starts_with(mark))
        && lower.chars().any(|c| c.is_ascii_digit())
    {
        let end = text.rfind(|c: char| c.is_ascii_digit()).map_or(0, |at| at + 1);
        return &text[end..];
    }
    text
}

fn salutation_of(text: &str, offered: &[Salutation]) -> (Option<String>, String) {
    let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    match Salutation::choose(first, offered) {
        Ok(found) => (Some(found.to_string()), rest.trim().to_owned()),
        Err(_) => (None, text.to_owned()),
    }
}

/// Text that could be a person's name: a few words of letters.
fn name_of(text: &str) -> Option<String> {
    let text = text.trim().trim_matches(['-', '–', '—', ':', '<', '>', '*']).trim();
    let words = text.split_whitespace().count();
    let odd = text.chars().any(|c| c.is_numeric() || "@/\\=_<>{}[]|#:".contains(c));
    let sayable = text.chars().any(char::is_alphabetic);
    let regards =
        ["regards", "best", "thanks", "sincerely", "cheers", "dear", "hello", "hi", "kind"];
    let greeting = text
        .split_whitespace()
        .next()
        .is_some_and(|word| regards.contains(&word.to_lowercase().trim_matches(',')));
    ((1..=6).contains(&words) && !odd && sayable && !greeting && country(text).is_none())
        .then(|| text.to_owned())
}

/// Which of the found names is which. One cell with several words is "first last"; two
/// cells of a row are first and last; "Doe, John +91 …" is the other way round.
fn first_and_last(names: &[(String, bool)], is_row: bool) -> (Option<String>, Option<String>) {
    match names {
        [] => (None, None),
        [(last, false), (first, true)] if !is_row && single(last) => {
            (Some(first.clone()), Some(last.clone()))
        }
        [(first, false), (last, false), ..] if is_row || (single(first) && single(last)) => {
            (Some(first.clone()), Some(last.clone()))
        }
        [(one, _), ..] => split_name(one),
    }
}

fn single(name: &str) -> bool {
    !name.contains(char::is_whitespace)
}

/// A whole name in one piece of text, taken apart: a salutation in front, "Doe, John" the
/// other way round, and the words that begin a family name ("van", "de la") with it. What
/// cannot be told stays `None`.
#[must_use]
pub fn split_full_name(text: &str, salutations: &[Salutation]) -> Guess {
    let (salutation, rest) = salutation_of(text.trim(), salutations);
    let (first_name, last_name) = match rest.split_once(',') {
        Some((last, first)) if !first.contains(',') => {
            let (second, first) = salutation_of(first.trim(), salutations);
            let part = |text: &str| Some(text.trim().to_owned()).filter(|it| !it.is_empty());
            let salutation = salutation.or(second);
            return Guess {
                salutation,
                first_name: part(&first),
                last_name: part(last),
                ..Guess::default()
            };
        }
        Some(_) => (None, None),
        None => split_before_particle(&rest),
    };
    Guess { salutation, first_name, last_name, ..Guess::default() }
}

/// As [`split_name`], but small words before the last one belong to it.
fn split_before_particle(name: &str) -> (Option<String>, Option<String>) {
    const PARTICLES: [&str; 24] = [
        "af", "al", "av", "bin", "bint", "da", "das", "de", "del", "della", "den", "der", "di",
        "do", "dos", "du", "el", "ibn", "la", "le", "van", "von", "zu", "y",
    ];
    let words: Vec<_> = name.split_whitespace().collect();
    if let [family, given] = words[..]
        && name.chars().all(|letter| letter == ' ' || is_east_asian(letter))
    {
        return (Some(given.to_owned()), Some(family.to_owned()));
    }
    let Some(mut from) = words.len().checked_sub(1) else { return (None, None) };
    while from > 1 && PARTICLES.contains(&words[from - 1]) {
        from -= 1;
    }
    if from == 0 {
        return split_name(name);
    }
    (Some(words[..from].join(" ")), Some(words[from..].join(" ")))
}

/// Kana, Han and Hangul: in these scripts the family name stands first.
fn is_east_asian(letter: char) -> bool {
    matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}')
}

/// The last word is the family name; one word alone is the given name.
fn split_name(name: &str) -> (Option<String>, Option<String>) {
    match name.rsplit_once(char::is_whitespace) {
        Some((first, last)) => (Some(first.trim().to_owned()), Some(last.to_owned())),
        None => (Some(name.to_owned()), None),
    }
}

/// RFC 6350 and its predecessors: N, FN and TEL; folded lines and quoted-printable.
fn vcard(text: &str, current: Option<Region>, salutations: &[Salutation]) -> Guess {
    let mut guess = Guess::default();
    let mut full_name = None;
    for line in unfolded(text) {
        let Some((head, value)) = line.split_once(':') else { continue };
        let mut head = head.split(';');
        let name = head.next().unwrap_or("");
        let name = name.rsplit('.').next().unwrap_or(name).to_ascii_uppercase();
        let quoted = head.any(|it| it.to_ascii_uppercase().contains("QUOTED-PRINTABLE"));
        let value = if quoted { unquoted(value) } else { value.to_owned() };
        let value = value.replace("\\,", ",").replace("\\;", ";").replace("\\n", " ");
        let value = value.trim();
        match name.as_str() {
            "N" => {
                let mut parts =
                    value.split(';').map(|it| Some(it.trim()).filter(|it| !it.is_empty()));
                guess.last_name = parts.next().flatten().map(str::to_owned);
                guess.first_name = parts.next().flatten().map(str::to_owned);
                let prefix = parts.nth(1).flatten().unwrap_or("");
                guess.salutation =
                    Salutation::choose(prefix, salutations).ok().map(|it| it.to_string());
            }
            "FN" => full_name = Some(value.to_owned()),
            "TEL" if guess.phone.is_none() => {
                let region = match Phone::parse(value, current) {
                    Reading::Valid(phone) | Reading::Unusual(phone, _) => phone.region(),
                    Reading::Impossible(_) => None,
                };
                guess.region = region.map(|it| it.code().to_owned());
                guess.phone = Some(value.strip_prefix("tel:").unwrap_or(value).to_owned());
            }
            _ => {}
        }
    }
    if guess.first_name.is_none() && guess.last_name.is_none() {
        let (salutation, rest) = salutation_of(full_name.as_deref().unwrap_or(""), salutations);
        guess.salutation = guess.salutation.or(salutation);
        if !rest.is_empty() {
            (guess.first_name, guess.last_name) = split_name(&rest);
        }
    }
    guess
}

fn unfolded(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        match lines.last_mut() {
            Some(last) if line.starts_with([' ', '\t']) => last.push_str(&line[1..]),
            Some(last) if last.ends_with('=') && last.to_ascii_uppercase().contains("QUOTED") => {
                last.pop();
                last.push_str(line);
            }
            _ => lines.push(line.to_owned()),
        }
    }
    lines
}

/// Quoted-printable (RFC 2045, 6.7) of UTF-8.
fn unquoted(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let code = (*first == b'=')
            .then(|| tail.get(..2))
            .flatten()
            .and_then(|it| std::str::from_utf8(it).ok())
            .and_then(|it| u8::from_str_radix(it, 16).ok());
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn offered() -> Vec<Salutation> {
        ["Mr", "Mrs"].iter().map(|it| Salutation::parse(it).unwrap()).collect()
    }

    fn guess(text: &str) -> Option<[String; 5]> {
        let found = recognise(text, Region::from_code("IN"), &offered())?;
        let told = |it: Option<String>| it.unwrap_or_default();
        Some([
            told(found.salutation),
            told(found.first_name),
            told(found.last_name),
            told(found.region),
            told(found.phone),
        ])
    }

    #[test]
    fn whatever_agents_paste_fills_every_field_it_names() {
        for (text, wanted) in [
            ("Mr John Doe, +91 98765-43210", ["Mr", "John", "Doe", "IN", "+91 98765-43210"]),
            (
                "Mrs Ngọc Ánh Trần +84 912 345 678 x12",
                ["Mrs", "Ngọc Ánh", "Trần", "VN", "+84 912 345 678"],
            ),
            ("Mr.\tJohn\tDoe\tGermany\t030 901820", ["Mr", "John", "Doe", "DE", "030 901820"]),
            ("Ngọc Ánh,Trần,+84 912 345 678", ["", "Ngọc Ánh", "Trần", "VN", "+84 912 345 678"]),
            ("John\tDoe\t98765 43210\n", ["", "John", "Doe", "IN", "98765 43210"]),
            ("John,Doe,+44 7400 123456", ["", "John", "Doe", "GB", "+44 7400 123456"]),
            ("\"Doe\", John +44 7400 123456", ["", "John", "Doe", "GB", "+44 7400 123456"]),
            ("Mr John Doe", ["Mr", "John", "Doe", "", ""]),
            (
                "Best regards,\nJane Roe\nHead of Sales\nMobile: +44 7400 123456\njane@example.org\n",
                ["", "Jane", "Roe", "GB", "+44 7400 123456"],
            ),
            (
                "BEGIN:VCARD\r\nVERSION:3.0\r\nN:O'Brien;Mary;;Mrs.;\r\nFN:Mary O'Brien\r\nitem1.TEL;TYPE=CELL:+353 85 012 3456\r\nEND:VCARD",
                ["Mrs", "Mary", "O'Brien", "IE", "+353 85 012 3456"],
            ),
            (
                "BEGIN:VCARD\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=B6rg;;;\nTEL:030 901820\nEND:VCARD",
                ["", "Jörg", "Müller", "IN", "030 901820"],
            ),
        ] {
            let wanted = wanted.map(str::to_owned);
            let mut found = guess(text).unwrap_or_else(|| panic!("nothing in {text:?}"));
            if wanted[4] == "030 901820" && wanted[3] == "IN" {
                found[3] = "IN".into();
            }
            assert_eq!(found, wanted, "{text:?}");
        }
    }

    #[test]
    fn a_whole_name_is_taken_apart_where_it_can_be_told() {
        for (text, wanted) in [
            ("John Doe", ["", "John", "Doe"]),
            ("Mrs. Ngọc Ánh Trần", ["Mrs", "Ngọc Ánh", "Trần"]),
            ("Doe, John", ["", "John", "Doe"]),
            ("de la Cruz, Mrs María", ["Mrs", "María", "de la Cruz"]),
            ("Ludwig van Beethoven", ["", "Ludwig", "van Beethoven"]),
            ("María de la Cruz", ["", "María", "de la Cruz"]),
            ("van Beethoven", ["", "van", "Beethoven"]),
            ("山田太郎", ["", "山田太郎", ""]),
            ("山田 太郎", ["", "太郎", "山田"]),
            ("김 민준", ["", "민준", "김"]),
            ("Doe, John, Jr", ["", "", ""]),
            ("", ["", "", ""]),
        ] {
            let Guess { salutation, first_name, last_name, .. } = split_full_name(text, &offered());
            let found = [salutation, first_name, last_name].map(Option::unwrap_or_default);
            assert_eq!(found, wanted.map(str::to_owned), "{text}");
        }
    }

    #[test]
    fn text_that_belongs_to_one_field_is_left_to_it() {
        for text in [
            "John",
            "John Doe",
            "+91 98765 43210",
            "98765 43210",
            "O'Brien-Smith",
            "",
            "\n\t",
            "12",
        ] {
            assert_eq!(guess(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_paste_is_made_fit_for_one_line() {
        assert_eq!(clean("a\r\n\tb\u{1b}[2Jc\0\u{202e}"), "a b[2Jc");
        assert_eq!(clean(&"x".repeat(1_000_000)).len(), LONGEST);
    }

    #[test]
    fn line_ends_are_read_as_terminals_send_them() {
        for end in ["\n", "\r\n", "\r"] {
            let card =
                ["BEGIN:VCARD", "N:Doe;John;;Mr.;", "TEL:+14155550144", "END:VCARD"].join(end);
            let signature = ["Jane Smith", "Acme Ltd", "+44 20 7183 8750"].join(end);
            for (text, first, last) in [(card, "John", "Doe"), (signature, "Jane", "Smith")] {
                let guess = recognise(&text, None, &[Salutation::parse("Mr").unwrap()]).unwrap();
                let names = (guess.first_name.as_deref(), guess.last_name.as_deref());
                assert_eq!(names, (Some(first), Some(last)), "{text:?}");
                assert!(guess.phone.is_some(), "{text:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn no_paste_panics(text in any::<String>(), lines in "([A-Za-z+0-9:;=,\t\n ]|BEGIN:VCARD|TEL){0,60}") {
            let _ = guess(&text);
            let _ = guess(&lines);
            prop_assert!(!clean(&text).chars().any(char::is_control));
        }
    }
}
