//! Phone numbers, read with libphonenumber's metadata.
//!
//! ```text
//!   text as typed -> spelling (digits of any script, marks, extension) -> plan -> Reading
//! ```
//!
//! Three verdicts: in the numbering plan, possible but not in the plan, impossible. The
//! library is asked only about digits and a plus: its own reading of text finds numbers
//! inside words and turns letters into digits. What is kept is the calling code and the
//! national digits with their leading zeros (Italy), never an integer.
//!
//! Measured against Python's port of libphonenumber (`tests/data/phones.py`): see the
//! test `readings_agree_with_libphonenumber`.

mod plan;
mod several;
mod spelling;

use std::{fmt, sync::OnceLock};

use super::{note::Note, region::Region};

#[cfg(test)]
pub(super) use plan::example;
pub use plan::main_region;

/// A number in E.164: a plus and up to 15 digits (ITU-T E.164; a few plans use more). The
/// key by which duplicates are found.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct E164(String);

impl E164 {
    /// Accepts text that already is E.164 ("+919876543210").
    #[must_use]
    pub fn from_canonical(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('+')?;
        ((1..=20).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()))
            .then(|| Self(text.to_owned()))
    }

    /// The number with its plus.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The platform's `extension`: its own word is "dialing prefix". "+" by default.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Extension(String);

impl Extension {
    /// Reads an extension as typed; empty means "+".
    ///
    /// # Errors
    /// A sentence that reads on from the field's label.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        if text.is_empty() {
            return Ok(Self("+".to_owned()));
        }
        if let Some(odd) = text.chars().find(|c| !c.is_ascii_digit() && !"+#*".contains(*c)) {
            return Err(format!("may hold digits, + # and *, not '{}'", odd.escape_debug()));
        }
        if text.len() > 10 {
            return Err("is longer than 10 characters".into());
        }
        Ok(Self(text))
    }

    /// The extension's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a typed number reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// It is in the numbering plan.
    Valid(Phone),
    /// It could be a number but is not in the plan; the sentence says what seems wrong.
    Unusual(Phone, String),
    /// It cannot be a number; the sentence says why.
    Impossible(String),
}

/// A phone number that may be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone {
    region: Option<Region>,
    calling_code: u16,
    national: String,
    written: Written,
}

/// The number as it was first written internationally: a row that shows is drawn anew with every
/// key, and writing one out reads the metadata. It tells nothing that the number does not, so it
/// makes no two numbers differ.
#[derive(Debug, Clone, Default)]
struct Written(OnceLock<String>);

impl PartialEq for Written {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Written {}

impl Phone {
    /// Reads a number in any usual spelling, in `region`'s numbering plan unless the
    /// number names another: with a plus, with 00, or with the region's own prefix for
    /// calls abroad.
    #[must_use]
    pub fn parse(text: &str, region: Option<Region>) -> Reading {
        match several::split(text, region) {
            Some(several) => Reading::Impossible(several.question()),
            None => Self::parse_one(text, region),
        }
    }

    /// As [`Self::parse`], of text that holds one number.
    fn parse_one(text: &str, region: Option<Region>) -> Reading {
        match spelling::read(text) {
            Ok(spelt) => plan::judge(&spelt, region),
            Err(why) => Reading::Impossible(why),
        }
    }

    /// Rebuilds a number from its stored parts: `calling_code` without a plus, `national`
    /// digits only with leading zeros kept. Checks shape, not the plan.
    #[must_use]
    pub fn from_parts(region: Option<Region>, calling_code: u16, national: &str) -> Option<Self> {
        let digits = (1..=17).contains(&national.len())
            && national.bytes().all(|byte| byte.is_ascii_digit());
        (digits && calling_code > 0).then(|| Self {
            region,
            calling_code,
            national: national.to_owned(),
            written: Written::default(),
        })
    }

    /// The number, which was once written like this internationally. What holds more than its
    /// digits, in their order, and marks between them is not believed.
    #[must_use]
    pub fn once_written(self, written: String) -> Self {
        let digits = written.chars().filter(char::is_ascii_digit);
        let is_its_own = digits.eq(self.e164().as_str().chars().skip(1));
        let only_marks = written.chars().all(|it| it == ' ' || it.is_ascii_graphic())
            && !written.contains(|it: char| it.is_ascii_alphabetic());
        if written.starts_with('+') && is_its_own && only_marks {
            return Self { written: Written(OnceLock::from(written)), ..self };
        }
        self
    }

    /// The region the number was read in; `None` for +800 and other global networks.
    #[must_use]
    pub fn region(&self) -> Option<Region> {
        self.region
    }

    /// The calling code without its plus: 91.
    #[must_use]
    pub fn calling_code(&self) -> u16 {
        self.calling_code
    }

    /// The national significant number, digits only, leading zeros kept.
    #[must_use]
    pub fn national(&self) -> &str {
        &self.national
    }

    /// The whole number in E.164.
    #[must_use]
    pub fn e164(&self) -> E164 {
        E164(format!("+{}{}", self.calling_code, self.national))
    }

    /// The number as people write it internationally: "+91 98765 43210".
    #[must_use]
    pub fn international(&self) -> String {
        self.written.0.get_or_init(|| plan::international(self)).clone()
    }

    /// The number as people write it at home: "098765 43210".
    #[must_use]
    pub fn national_format(&self) -> String {
        plan::national(self)
    }

    /// What kind of line it is: "mobile", "fixed line", "toll-free".
    #[must_use]
    pub fn kind(&self) -> &'static str {
        plan::kind(self)
    }

    /// The number as a person reads it aloud, in its groups:
    /// "plus four four · seven nine one one · one two three four five six".
    #[must_use]
    pub fn read_aloud(&self) -> String {
        const DIGITS: [&str; 10] =
            ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
        let word = |letter: char| letter.to_digit(10).map(|digit| DIGITS[digit as usize]);
        let spoken = |group: &str| group.chars().filter_map(word).collect::<Vec<_>>().join(" ");
        let international = self.international();
        let groups = international.split(|c: char| !c.is_ascii_digit()).filter(|it| !it.is_empty());
        format!("plus {}", groups.map(spoken).collect::<Vec<_>>().join(" · "))
    }
}

/// A number that names its country, split into the region and the rest as it is written
/// there: typing or pasting "+44 7911 123456" sets the country. `None` while the calling
/// code is not complete, for numbers of no region, and for numbers that name none.
#[must_use]
pub fn split_prefix(text: &str, region: Option<Region>) -> Option<(Region, String)> {
    let spelt = spelling::read(text).ok()?;
    let (phone, valid) = plan::read_abroad(&spelt, region)?;
    let rest = if valid { phone.national_format() } else { phone.national.clone() };
    Some((phone.region?, rest))
}

/// The extension somebody typed behind a number ("x12", "ext. 12", ";ext=12"); it is no
/// part of the number and is not the platform's `extension` either.
#[must_use]
pub fn spoken_extension(text: &str) -> Option<String> {
    spelling::read(text).ok()?.extension
}

/// A number without the words round it, as a field would hold it; its extension stays.
#[must_use]
pub fn without_words(text: &str) -> String {
    spelling::without_words(text)
}

/// One number out of a cell or a line, and what was left out beside it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Picked {
    /// The number as it was written.
    pub text: String,
    /// Other numbers, words round it, an extension.
    pub notes: Vec<Note>,
}

/// Takes the one number to call out of text that may hold several: the first that is one,
/// a mobile before others and a fax last.
#[must_use]
pub fn pick(text: &str, region: Option<Region>) -> Picked {
    let mut notes = Vec::new();
    let text = match several::split(text, region) {
        Some(several) => {
            notes.push(Note::MoreNumbers { taken: several.taken.clone(), left: several.left });
            several.taken
        }
        None => text.to_owned(),
    };
    if let Ok(spelt) = spelling::read(&text) {
        notes.extend(spelt.around.into_iter().map(|text| Note::Around { text }));
        notes.extend(spelt.extension.map(|digits| Note::DeskExtension { digits }));
    }
    Picked { text, notes }
}

#[cfg(test)]
mod tests;
