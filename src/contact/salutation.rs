//! How a person is addressed; the choices come from the configuration.

use std::fmt;

/// One of the salutations the configuration offers ("Mr", "Mrs" by default).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Salutation(String);

impl Salutation {
    /// Reads a salutation.
    ///
    /// # Errors
    /// A sentence for the agent.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() {
            return Err("choose one".into());
        }
        Ok(Self(text.to_owned()))
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
