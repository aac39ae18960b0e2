//! The fields of the form, in their order on the screen.

use std::fmt;

/// One field of the contact form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// Mr, Mrs, or what the configuration offers.
    Salutation,
    /// Given name.
    FirstName,
    /// Family name.
    LastName,
    /// The region whose numbering plan reads the phone number.
    Country,
    /// The phone number.
    Phone,
    /// The platform's dialing prefix.
    Extension,
}

impl Field {
    /// Every field, in the order they are filled in.
    pub const ALL: [Self; 6] = [
        Self::Salutation,
        Self::FirstName,
        Self::LastName,
        Self::Country,
        Self::Phone,
        Self::Extension,
    ];

    /// The label agents read.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Salutation => "Salutation",
            Self::FirstName => "First name",
            Self::LastName => "Last name",
            Self::Country => "Country",
            Self::Phone => "Phone",
            Self::Extension => "Extension",
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}
