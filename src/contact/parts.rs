//! A contact as plain parts, on its way into or out of a row, a file or a message.

use serde::{Deserialize, Serialize};

use super::{Contact, Extension, Name, Phone, Region, Salutation};

/// A contact's parts, each as text or number; [`Contact::try_from`] checks them again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parts {
    /// "Mr", "Mrs" or what the profile offers.
    pub salutation: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// The number's region as ISO 3166-1 alpha-2, where it has one.
    pub region: Option<String>,
    /// The number's calling code, without a plus.
    pub calling_code: u16,
    /// The national number, digits only.
    pub national: String,
    /// The whole number as people write it internationally; none where it was not written out.
    #[serde(default)]
    pub written: Option<String>,
    /// The platform's "dialing prefix".
    pub extension: String,
}

impl From<&Contact> for Parts {
    fn from(contact: &Contact) -> Self {
        Self {
            salutation: contact.salutation.to_string(),
            first_name: contact.first_name.to_string(),
            last_name: contact.last_name.to_string(),
            region: contact.phone.region().map(|region| region.code().to_owned()),
            calling_code: contact.phone.calling_code(),
            national: contact.phone.national().to_owned(),
            written: None,
            extension: contact.extension.to_string(),
        }
    }
}

impl TryFrom<Parts> for Contact {
    type Error = String;

    fn try_from(parts: Parts) -> Result<Self, String> {
        let region = parts.region.as_deref().and_then(Region::from_code);
        let phone = Phone::from_parts(region, parts.calling_code, &parts.national)
            .ok_or("phone: not a number")?;
        Ok(Self {
            salutation: Salutation::parse(&parts.salutation)?,
            first_name: Name::parse(&parts.first_name)?,
            last_name: Name::parse(&parts.last_name)?,
            phone: match parts.written {
                Some(written) => phone.once_written(written),
                None => phone,
            },
            extension: Extension::parse(&parts.extension)?,
        })
    }
}

/// Samples for tests.
#[cfg(test)]
pub(crate) mod samples {
    use super::{Contact, Parts};

    /// Mr John Doe of India with this national number.
    pub(crate) fn john(national: &str) -> Contact {
        named("John", "Doe", national)
    }

    /// Somebody of India.
    pub(crate) fn named(first: &str, last: &str, national: &str) -> Contact {
        let parts = Parts {
            salutation: "Mr".into(),
            first_name: first.into(),
            last_name: last.into(),
            region: Some("IN".into()),
            calling_code: 91,
            national: national.into(),
            written: None,
            extension: "+".into(),
        };
        Contact::try_from(parts).unwrap()
    }
}
