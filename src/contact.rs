//! A customer, always valid: whoever holds a [`Contact`] may send it.
//!
//! Text as typed is a [`draft::Draft`]; [`draft::Draft::parse`] turns it into a
//! `Contact` or names every problem by [`field::Field`]. Past that edge nobody
//! re-checks. This module imports nothing of ours.

pub mod draft;
pub mod examples;
pub mod field;
pub mod full_name;
pub mod label;
pub mod letters;
pub mod name;
pub mod note;
pub mod parts;
pub mod paste;
pub mod phone;
pub mod region;
pub mod region_search;
pub mod salutation;
pub mod text;
pub mod title;
pub mod vcard;

pub use draft::{Draft, Problem, Rules};
pub use field::Field;
pub use name::Name;
pub use note::Note;
pub use parts::Parts;
pub use phone::{E164, Extension, Phone, Reading};
pub use region::Region;
pub use salutation::Salutation;
pub use title::Addressing;

/// One customer with every field the platform requires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// How the platform addresses the person, for example "Mr".
    pub salutation: Salutation,
    /// Given name.
    pub first_name: Name,
    /// Family name.
    pub last_name: Name,
    /// The number, with its calling code kept apart.
    pub phone: Phone,
    /// The platform's "dialing prefix"; "+" unless the agent says otherwise.
    pub extension: Extension,
}

impl Contact {
    /// First and last name as the platform joins them.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
    }
}
