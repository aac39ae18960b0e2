//! The regions libphonenumber knows, by ISO 3166-1 alpha-2 code (and AC, TA, XK).

use std::fmt;

/// A region with a numbering plan, for example "IN".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Region([u8; 2]);

impl Region {
    /// The region with this two-letter code in any case, if there is one.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        let &[a, b] = code.as_bytes() else { return None };
        (a.is_ascii_alphabetic() && b.is_ascii_alphabetic())
            .then(|| Self([a.to_ascii_uppercase(), b.to_ascii_uppercase()]))
    }

    /// The two-letter code in capitals.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
