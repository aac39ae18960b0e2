//! A given or family name: trimmed, inner blanks folded, NFC.
//!
//! Apostrophes, hyphens and every script stay as they are, the joiners of Persian, Hindi
//! and emoji included. Control characters and direction overrides are refused: they make
//! a name read as another.

use std::fmt;

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

use super::{letters, text::is_bidi_control};

/// The longest name, in characters.
pub const LONGEST: usize = 255;

/// A name as it goes to the platform.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Name(String);

impl Name {
    /// Reads a name as typed.
    ///
    /// # Errors
    /// A sentence that reads on from the field's label: "is needed".
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(control) = text.chars().find(|c| c.is_control() && !c.is_whitespace()) {
            return Err(format!(
                "holds a control character (U+{:04X}); take it out",
                u32::from(control)
            ));
        }
        if let Some(bidi) = text.chars().find(|c| is_bidi_control(*c)) {
            return Err(format!(
                "holds a character that turns the text around (U+{:04X}); take it out",
                u32::from(bidi)
            ));
        }
        let name = text.split_whitespace().collect::<Vec<_>>().join(" ").nfc().collect::<String>();
        let length = name.chars().count();
        if length == 0 {
            return Err("is needed".into());
        }
        if length > LONGEST {
            return Err(format!("may hold {LONGEST} characters, not {length}"));
        }
        if !name.chars().any(char::is_alphanumeric) && !name.chars().any(|c| c > '\u{2000}') {
            return Err("needs at least one letter".into());
        }
        Ok(Self(name))
    }

    /// Reads a name that somebody types, pastes or imports: as [`Self::parse`], and neither a
    /// number nor one whose letters were lost. What is stored already is not asked again.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn typed(text: &str) -> Result<Self, String> {
        if holds_number(text) {
            return Err("holds a number; it belongs in the phone field".into());
        }
        match letters::lost(text) {
            Some(lost) => Err(lost.to_string()),
            None => Self::parse(text),
        }
    }

    /// The name's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Digits from which on a text is a number and no name.
const FEWEST_DIGITS: usize = 7;

/// Whether a text holds a phone number, which is no part of a name.
#[must_use]
pub fn holds_number(text: &str) -> bool {
    text.chars().filter(|letter| letter.is_numeric()).count() >= FEWEST_DIGITS
}

/// Text as it is compared in searches: no case, accents, punctuation or doubled blanks.
#[must_use]
pub fn folded(text: &str) -> String {
    let plain: String = text
        .nfkd()
        .filter(|letter| !is_combining_mark(*letter))
        .map(|letter| if "-’'.,()&".contains(letter) { ' ' } else { letter })
        .collect();
    plain.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn blanks_are_trimmed_and_folded_and_letters_composed() {
        assert_eq!(Name::parse("  Jose\u{301}\u{a0} \t María ").unwrap().as_str(), "José María");
    }

    #[test]
    fn names_of_every_script_stay_as_they_are() {
        for name in [
            "O'Brien",
            "Smith-Jones",
            "山田",
            "김",
            "Ngọc",
            "محمد",
            "می\u{200c}خواهم",
            "👩\u{200d}👩\u{200d}👧",
            "♻\u{fe0f}",
            "J.",
        ] {
            assert_eq!(Name::parse(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn what_is_wrong_is_said_in_words() {
        assert_eq!(Name::parse(" \u{3000} ").unwrap_err(), "is needed");
        assert!(Name::parse("a\u{1b}b").unwrap_err().contains("control character"));
        assert!(Name::parse("a\u{202e}b").unwrap_err().contains("turns the text around"));
        assert_eq!(
            Name::parse(&"x".repeat(10_000)).unwrap_err(),
            "may hold 255 characters, not 10000"
        );
        assert!(Name::parse("---").unwrap_err().contains("letter"));
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(text in any::<String>()) {
            if let Ok(name) = Name::parse(&text) {
                prop_assert_eq!(Name::parse(name.as_str()).unwrap(), name);
            }
        }
    }
}
