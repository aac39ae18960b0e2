//! A row's number before it is read: the number's own cell, a calling code kept apart and
//! a country, put together; and what spreadsheets take away in front of it.

use crate::contact::{
    Field, Note, Phone, Problem, Reading, Region,
    phone::{main_region, without_words},
    region::Named,
};

/// What stood in a column of calling codes.
enum Code {
    Calling(u16),
    Country(Region),
}

fn calling_code(text: &str) -> Result<Option<Code>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    if let Some(region) = Region::find(text) {
        return Ok(Some(Code::Country(region)));
    }
    // A program that counts may have made it a fraction.
    let text = text.strip_suffix(".0").unwrap_or(text);
    let odd = text.chars().any(|c| !c.is_ascii_digit() && !"+ ()-".contains(c));
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_start_matches("00");
    match digits.parse() {
        Ok(code) if !odd && (1..=3).contains(&digits.len()) => Ok(Some(Code::Calling(code))),
        _ => Err(format!("Calling code: `{text}` is none; write it like +91")),
    }
}

/// The country that the cells for it name. Beside a whole number it says nothing that the
/// number does not say itself.
fn country(
    cells: &[String],
    is_whole: bool,
) -> Result<(Option<Region>, Vec<Note>), (Field, String)> {
    let mut notes = Vec::new();
    let mut named = Vec::new();
    for cell in cells {
        match Region::named(cell) {
            Named::One(region) => named.push(region),
            Named::Several(_) | Named::Nothing if is_whole => {
                notes.push(Note::NoCountry { text: cell.clone() });
            }
            Named::Several(regions) => {
                let choices = Named::choices(&regions);
                let told = format!("Country: `{cell}` may be {choices}; write its code");
                return Err((Field::Country, told));
            }
            Named::Nothing => {
                let told =
                    format!("Country: `{cell}` is no country; write its ISO code or English name");
                return Err((Field::Country, told));
            }
        }
    }
    if let [first, others @ ..] = &named[..]
        && !is_whole
        && others.iter().any(|other| other != first)
    {
        notes.push(Note::CountryTaken { name: first.name().to_owned() });
    }
    Ok((named.first().copied(), notes))
}

/// A number as it stands in the file.
#[derive(Debug)]
pub(super) struct Number {
    pub(super) text: String,
    region: Option<Region>,
    /// The calling code that another column gives.
    calling_code: Option<u16>,
}

impl Number {
    /// Puts the number, a calling code kept apart and the countries of the row together;
    /// `home` is where numbers are read that name none.
    ///
    /// # Errors
    /// The field, and a sentence that names the column.
    pub(super) fn placed(
        text: String,
        code: &str,
        countries: &[String],
        home: Option<Region>,
    ) -> Result<(Self, Vec<Note>), (Field, String)> {
        let is_whole = without_words(&text).starts_with(['+', '\u{ff0b}']);
        let (named, notes) = country(countries, is_whole)?;
        Self::with_code(text, code, named, home)
            .map(|number| (number, notes))
            .map_err(|told| (Field::Phone, told))
    }

    fn with_code(
        text: String,
        code: &str,
        named: Option<Region>,
        home: Option<Region>,
    ) -> Result<Self, String> {
        let code = calling_code(code)?;
        let (calling_code, named) = match code {
            Some(Code::Country(region)) => (None, named.or(Some(region))),
            Some(Code::Calling(code)) => (Some(code), named),
            None => (None, named),
        };
        let Some(code) = calling_code else {
            return Ok(Self { text, region: named.or(home), calling_code: None });
        };
        if let Some(region) = named.filter(|region| region.calling_code() != code) {
            return Err(format!(
                "Calling code: +{code} is not that of {} (+{})",
                region.name(),
                region.calling_code()
            ));
        }
        let shares = |region: &Region| region.calling_code() == code;
        let region = named.or(home.filter(shares)).or_else(|| main_region(code));
        let is_whole = text.starts_with(['+', '\u{ff0b}']) || text.starts_with("00");
        let text = if region.is_none() && !is_whole && !text.is_empty() {
            format!("+{code} {text}")
        } else {
            text
        };
        Ok(Self { text, region, calling_code: Some(code) })
    }

    /// Where it is read.
    pub(super) fn place(&self) -> Option<Region> {
        self.region
    }

    pub(super) fn region(&self) -> String {
        self.region.map_or_else(String::new, |region| region.code().to_owned())
    }

    /// Digits alone, as spreadsheets leave them.
    fn bare_digits(&self) -> Option<&str> {
        let bare = !self.text.is_empty() && self.text.bytes().all(|byte| byte.is_ascii_digit());
        bare.then_some(self.text.as_str())
    }

    pub(super) fn contradicts(&self, read: &Phone) -> Option<String> {
        let code = self.calling_code.filter(|code| *code != read.calling_code())?;
        Some(format!(
            "Phone: is a number of +{}, but its calling code is +{code}",
            read.calling_code()
        ))
    }

    /// Digits that begin like the country's own calling code may be either.
    pub(super) fn may_be_another(&self, read: &Phone) -> Option<String> {
        let digits = self.bare_digits().filter(|_| self.calling_code.is_none())?;
        let abroad = format!("+{digits}");
        if !digits.starts_with(&read.calling_code().to_string()) || read.e164().as_str() == abroad {
            return None;
        }
        match Phone::parse(&abroad, None) {
            Reading::Valid(other) => Some(format!(
                "may be {} or {}; write it with + and the calling code",
                read.international(),
                other.international()
            )),
            Reading::Unusual(..) | Reading::Impossible(_) => None,
        }
    }

    /// Adds what a spreadsheet has probably taken away in front.
    pub(super) fn hinted(&self, mut problem: Problem) -> Problem {
        let Some(digits) = self.bare_digits().filter(|_| problem.field == Field::Phone) else {
            return problem;
        };
        let valid = |text: &str, region| matches!(Phone::parse(text, region), Reading::Valid(_));
        if self.region.is_some() && valid(&format!("0{digits}"), self.region) {
            problem.message.push_str(
                "; with a 0 in front it is a number: a spreadsheet may have taken it away, format \
                 the column as text",
            );
        } else if digits.len() > 8 && valid(&format!("+{digits}"), None) {
            problem.message.push_str(
                "; with a + in front it is a number: a spreadsheet may have taken it away, format \
                 the column as text",
            );
        }
        problem
    }
}
