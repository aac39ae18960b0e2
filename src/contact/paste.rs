//! One paste that fills the form: a line, a spreadsheet's rows, a CSV line, cards, the
//! signature under an e-mail, labelled lines. What is recognised is a guess for a person to
//! check, with notes on what was changed or left out; text that belongs to one field alone
//! is left to that field.
//!
//! ```text
//!   text -> people (cards, rows, or the stretches of a text from one name to the next)
//!        -> the first: names, the best number, country, title -> Guess
//!        '> the others: their text, to be taken one after the other
//! ```

mod prose;
mod rows;

use super::{
    Addressing, Note, Region,
    full_name::{self, WholeName},
    label::Line,
    letters,
    phone::{Phone, Reading, pick},
    region::Named,
    text::without_invisible,
    title::Title,
    vcard::{self, Card},
};

/// No more of a paste is looked at, in characters.
const LONGEST: usize = 16_384;
/// Digits below which nothing is taken for a phone number.
const FEWEST_DIGITS: usize = 7;

/// What a paste seems to hold, field by field, as it would be typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guess {
    /// One of the offered salutations.
    pub salutation: Option<String>,
    /// A title that leaves the salutation open: "Ms.".
    pub open_title: Option<String>,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// ISO code of the region, from a cell that names one or from the number itself.
    pub region: Option<String>,
    /// A name of a country that several share, and those.
    pub open_country: Option<(String, Vec<Region>)>,
    /// The number, as it was written.
    pub phone: Option<String>,
    /// The platform's dialing prefix; nothing outside a form speaks of it.
    pub extension: Option<String>,
    /// What was changed or left out.
    pub notes: Vec<Note>,
    /// Other people in the paste, each as text to be recognised in turn.
    pub others: Vec<String>,
}

/// A number found in a text, and what kind of line it is said to be.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    text: String,
    line: Line,
}

/// One person's part of a paste, before it is judged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Person {
    titles: Vec<String>,
    first: Option<String>,
    last: Option<String>,
    full: Option<String>,
    country: Option<String>,
    numbers: Vec<Found>,
}

/// Recognises a contact; `None` when the text is no more than one field's.
#[must_use]
pub fn recognise(text: &str, current: Option<Region>, addressing: &Addressing) -> Option<Guess> {
    let text = without_invisible(&text.chars().take(LONGEST).collect::<String>());
    // Terminals send the line ends of a paste as Enter would: a lone CR.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let (person, others) = if vcard::is_card(&text) {
        cards(&text)?
    } else if let Some(card) = vcard::mecard(&text) {
        (person(&card), Vec::new())
    } else if let Some(found) = rows::people(&text, current) {
        found
    } else {
        prose::people(&text, current)
    };
    let guess = person.guess(others, current, addressing);
    let named = guess.first_name.is_some() || guess.last_name.is_some();
    let told = guess.phone.is_some() || guess.salutation.is_some() || guess.open_title.is_some();
    (named && told).then_some(guess)
}

/// A paste made fit for one line of one field: line ends and tabs become blanks, every
/// control and mark that nobody sees goes, and nothing is longer than 16,384 characters.
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
            _ if letter.is_control() => {}
            _ => clean.push(letter),
        }
    }
    without_invisible(&clean)
}

/// The first card, and the others as they were written.
fn cards(text: &str) -> Option<(Person, Vec<String>)> {
    let mut found = vcard::cards(text).into_iter();
    let first = found.next()?;
    let lines: Vec<&str> = text.lines().collect();
    let others: Vec<Card> = found.collect();
    let begins = others.iter().map(|card| usize::try_from(card.begins).unwrap_or(1).max(1) - 1);
    let ends = begins.clone().skip(1).chain([lines.len()]);
    let others = begins.zip(ends).map(|(from, to)| lines[from.min(to)..to].join("\n"));
    Some((person(&first), others.collect()))
}

fn person(card: &Card) -> Person {
    // An encoded value held its marks back until now.
    let some = |text: &str| Some(without_invisible(text)).filter(|it| !it.is_empty());
    let apart = !(card.first.is_empty() && card.last.is_empty());
    Person {
        titles: some(&card.prefix).into_iter().collect(),
        first: some(&card.first).filter(|_| apart),
        last: some(&card.last).filter(|_| apart),
        full: some(&card.full_name).filter(|_| !apart),
        country: some(&card.country),
        numbers: card
            .numbers
            .iter()
            .map(|it| Found { text: it.text.clone(), line: it.line })
            .collect(),
    }
}

impl Person {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Judges what was found.
    fn guess(self, others: Vec<String>, current: Option<Region>, addressing: &Addressing) -> Guess {
        let mut guess = Guess { others, ..Guess::default() };
        if !guess.others.is_empty() {
            guess.notes.push(Note::MorePeople { count: guess.others.len() });
        }
        let place = self.country.as_deref().map(Region::named);
        let region = match place {
            Some(Named::One(region)) => Some(region),
            Some(Named::Several(_) | Named::Nothing) | None => None,
        };
        if let (Some(Named::Several(regions)), Some(name)) = (place, &self.country) {
            guess.open_country = Some((name.clone(), regions));
        }
        guess.take_number(&self.numbers, region, current);
        guess.take_name(self, addressing);
        guess
    }
}

impl Guess {
    /// The best of the numbers, and the country it is read in.
    fn take_number(&mut self, numbers: &[Found], named: Option<Region>, current: Option<Region>) {
        // A stable choice: among equals the first of a signature is the one people answer.
        let Some(best) = numbers.iter().min_by_key(|it| it.line) else {
            self.region = named.map(|region| region.code().to_owned());
            return;
        };
        // A country with a shared name must not lend the number another one.
        let home = if self.open_country.is_some() { None } else { named.or(current) };
        let picked = pick(&best.text, home);
        let read = match Phone::parse(&picked.text, home) {
            Reading::Valid(phone) | Reading::Unusual(phone, _) => phone.region(),
            Reading::Impossible(_) => None,
        };
        if read.is_some() {
            self.open_country = None;
        }
        self.region = read.or(named).map(|region| region.code().to_owned());
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        let same = digits(&picked.text);
        let left: Vec<String> = numbers
            .iter()
            .filter(|it| it.line.is_voice() && *it != best && digits(&it.text) != same)
            .map(|it| it.text.clone())
            .collect();
        self.notes.extend(picked.notes);
        if !left.is_empty() {
            self.notes.push(Note::MoreNumbers { taken: picked.text.clone(), left });
        }
        self.phone = Some(bare(&picked.text));
    }

    fn take_name(&mut self, person: Person, addressing: &Addressing) {
        let mend = |notes: &mut Vec<Note>, label: &str, text: Option<String>| {
            let text = text?;
            match letters::mended(&text) {
                Ok(whole) if whole != text => {
                    let to = whole.into_owned();
                    notes.push(Note::Mended { label: label.into(), from: text, to: to.clone() });
                    Some(to)
                }
                // What is lost stays to be seen, and is a problem of its field.
                Ok(_) | Err(_) => Some(text),
            }
        };
        let name = match (&person.first, &person.last) {
            (None, None) => {
                let Some(full) = mend(&mut self.notes, "Name", person.full) else { return };
                full_name::split(&full, addressing)
            }
            (first, last) => {
                let first = mend(&mut self.notes, "First name", first.clone()).unwrap_or_default();
                let last = mend(&mut self.notes, "Last name", last.clone()).unwrap_or_default();
                full_name::tidy(&first, &last, addressing)
            }
        };
        let Ok(mut name) = name else { return };
        name.titles.splice(0..0, person.titles);
        self.take_titles(&name, addressing);
        let suffixes = name.suffixes.into_iter().map(|suffix| Note::SuffixLeft { suffix });
        self.notes.extend(suffixes);
        self.notes.extend(name.beside.into_iter().map(|text| Note::BesideName { text }));
        (self.first_name, self.last_name) = (name.first, name.last);
    }

    /// What the titles say: the first that says anything; else the choice may be open.
    fn take_titles(&mut self, name: &WholeName, addressing: &Addressing) {
        let mut silent = Vec::new();
        for title in &name.titles {
            match addressing.read(title) {
                Some(Title::Offered(found)) if self.salutation.is_none() => {
                    self.salutation = Some(found.to_string());
                }
                Some(Title::Means(found)) if self.salutation.is_none() => {
                    let salutation = found.to_string();
                    self.salutation = Some(salutation.clone());
                    self.notes.push(Note::TitleRead { title: title.clone(), salutation });
                }
                Some(Title::Open) => self.open_title = Some(title.clone()),
                Some(Title::Offered(_) | Title::Means(_) | Title::Silent) | None => {
                    silent.push(title.clone());
                }
            }
        }
        if self.salutation.is_some() {
            self.open_title = None;
        }
        if !silent.is_empty() {
            let said = self.salutation.is_some() || self.open_title.is_some();
            let salutation = addressing.default.as_ref().filter(|_| !said).map(ToString::to_string);
            let title = silent.join(" ");
            self.notes.push(match (said, salutation) {
                (true, _) => Note::BesideName { text: title },
                (false, salutation) => Note::TitleLeft { title, salutation },
            });
        }
    }
}

/// A number without the words round it, for the field.
fn bare(text: &str) -> String {
    super::phone::without_words(text)
}

/// Whether a run of digits is long enough to be a number.
fn is_number(text: &str) -> bool {
    let digits = text.chars().filter(|c| c.is_numeric()).count();
    (FEWEST_DIGITS..=40).contains(&digits)
}

#[cfg(test)]
mod tests;
