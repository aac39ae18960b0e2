//! Phone numbers, read with libphonenumber's metadata.

use std::fmt;

use super::region::Region;

/// A number in E.164: a plus and up to 15 digits. The key by which duplicates are found.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct E164(String);

impl E164 {
    /// Accepts text that already is E.164 ("+919876543210").
    #[must_use]
    pub fn from_canonical(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('+')?;
        ((1..=17).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()))
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
    /// A sentence for the agent.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        Ok(Self(if text.is_empty() { "+" } else { text }.to_owned()))
    }

    /// The extension's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A phone number that may be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone {
    region: Option<Region>,
    calling_code: u16,
    national: String,
}

impl Phone {
    /// Rebuilds a number from its stored or wire parts: `calling_code` without a plus,
    /// `national` digits only with leading zeros kept. Checks shape, not the plan.
    #[must_use]
    pub fn from_parts(region: Option<Region>, calling_code: u16, national: &str) -> Option<Self> {
        (!national.is_empty() && national.bytes().all(|b| b.is_ascii_digit())).then(|| Self {
            region,
            calling_code,
            national: national.to_owned(),
        })
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
        format!("+{} {}", self.calling_code, self.national)
    }
}
