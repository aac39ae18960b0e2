//! How a person is addressed; the choices come from the configuration. The platform
//! documents "Mr" and "Mrs".

use std::fmt;

/// One of the salutations the configuration offers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Salutation(String);

impl Salutation {
    /// Reads a salutation as the configuration or a stored row names it.
    ///
    /// # Errors
    /// A sentence that reads on from the field's label.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        match text.chars().count() {
            0 => Err("is needed".into()),
            1..=20 if !text.chars().any(char::is_control) => Ok(Self(text.to_owned())),
            1..=20 => Err("holds a control character".into()),
            _ => Err("is longer than 20 characters".into()),
        }
    }

    /// The one of `offered` that was meant: "mr", "MR." and "Mr" are the same.
    ///
    /// # Errors
    /// A sentence that names what is offered.
    pub fn choose(text: &str, offered: &[Self]) -> Result<Self, String> {
        let plain = |text: &str| text.trim().trim_end_matches('.').to_lowercase();
        let found = offered.iter().find(|it| plain(&it.0) == plain(text));
        found.cloned().ok_or_else(|| {
            let names: Vec<_> = offered.iter().map(Self::as_str).collect();
            let names = names.join(" or ");
            if text.trim().is_empty() {
                format!("is needed: {names}")
            } else {
                format!("must be {names}")
            }
        })
    }

    /// The salutation's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Salutation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_found_in_any_usual_spelling() {
        let offered = [Salutation::parse("Mr").unwrap(), Salutation::parse("Mrs").unwrap()];
        for (typed, meant) in [("mr", "Mr"), ("MRS.", "Mrs"), (" Mr. ", "Mr")] {
            assert_eq!(Salutation::choose(typed, &offered).unwrap().as_str(), meant);
        }
        assert_eq!(Salutation::choose("Dr", &offered).unwrap_err(), "must be Mr or Mrs");
        assert_eq!(Salutation::choose("", &offered).unwrap_err(), "is needed: Mr or Mrs");
    }
}
