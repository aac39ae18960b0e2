//! Contacts as the platform tells of them. Text in here comes from outside: clean it
//! before it is drawn or printed.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::contact::{Contact, E164};

/// The platform's id of a contact: 24 hexadecimal characters as documented, kept as
/// text because nothing here depends on its form.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ContactId(pub String);

impl fmt::Display for ContactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A contact as the platform describes it. Text in here comes from outside: clean it
/// before it is drawn or printed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// The platform's id.
    pub id: Option<ContactId>,
    /// "Mr", "Mrs" or whatever it holds.
    pub salutation: Option<String>,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Both names as the platform joins them.
    pub full_name: Option<String>,
    /// The number, when it could be read as E.164.
    #[serde(with = "canonical")]
    pub e164: Option<E164>,
    /// The platform's dialing prefix.
    pub extension: Option<String>,
    /// False when the platform calls it INACTIVE.
    pub active: bool,
    /// When the platform made it, by the platform's clock.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::optional")]
    pub created_at: Option<Timestamp>,
    /// The time it was made at is told without a zone, and read as if in UTC.
    #[serde(skip)]
    pub zoneless: bool,
    /// Who made it, in the platform's ids.
    pub created_by: Option<String>,
    /// Every field the platform answered with its text, by name; kept with an attempt, not
    /// in the directory.
    pub answered: Vec<(String, String)>,
}

impl Record {
    /// What the platform holds once it has taken `contact` under this id.
    #[must_use]
    pub fn of(contact: &Contact, id: ContactId) -> Self {
        Self {
            id: Some(id),
            salutation: Some(contact.salutation.to_string()),
            first_name: Some(contact.first_name.to_string()),
            last_name: Some(contact.last_name.to_string()),
            full_name: Some(contact.full_name()),
            e164: Some(contact.phone.e164()),
            extension: Some(contact.extension.to_string()),
            active: true,
            ..Self::default()
        }
    }

    /// This, with what it lacks taken from `other`.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let named = self.name().is_some();
        Self {
            id: self.id.or(other.id),
            salutation: self.salutation.or(other.salutation),
            first_name: if named { self.first_name } else { other.first_name },
            last_name: if named { self.last_name } else { other.last_name },
            full_name: if named { self.full_name } else { other.full_name },
            e164: self.e164.or(other.e164),
            extension: self.extension.or(other.extension),
            active: self.active,
            created_at: self.created_at.or(other.created_at),
            zoneless: self.zoneless,
            created_by: self.created_by.or(other.created_by),
            answered: self.answered,
        }
    }

    /// Whose contact it is, as a duplicate's row tells it.
    #[must_use]
    pub fn owner(&self) -> Owner {
        Owner { id: self.id.clone(), full_name: self.name() }
    }

    /// The name to show: the platform's own, else its parts.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        let joined = || match (&self.first_name, &self.last_name) {
            (Some(first), Some(last)) => Some(format!("{first} {last}")),
            (Some(one), None) | (None, Some(one)) => Some(one.clone()),
            (None, None) => None,
        };
        self.full_name.clone().filter(|name| !name.trim().is_empty()).or_else(joined)
    }
}

/// Whose number it already is, as far as anybody knows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The platform's id of the existing contact.
    pub id: Option<ContactId>,
    /// The existing contact's name.
    #[serde(alias = "name")]
    pub full_name: Option<String>,
}

/// A number as text; one that is none is left out.
mod canonical {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::contact::E164;

    #[expect(clippy::ref_option, reason = "serde calls it so")]
    pub(super) fn serialize<S: Serializer>(e164: &Option<E164>, to: S) -> Result<S::Ok, S::Error> {
        e164.as_ref().map(E164::as_str).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<E164>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        Ok(text.as_deref().and_then(E164::from_canonical))
    }
}
