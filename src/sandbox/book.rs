//! The contacts the sandbox holds, and the rule that a number belongs to at most one.

use jiff::{Timestamp, fmt::strtime};
use serde_json::{Map, Value, json};

use super::SandboxSettings;

/// One contact as the sandbox holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// 24 hexadecimal characters.
    pub id: String,
    /// "Mr" or "Mrs".
    pub salutation: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// The number in E.164.
    pub number: String,
    /// The calling code with its plus.
    pub country_code: String,
    /// The dialing prefix as sent.
    pub extension: String,
    /// False once deleted.
    pub active: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl Held {
    /// Both names, as the platform joins them.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
    }
}

/// What somebody wants created, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NewContact {
    salutation: String,
    first_name: String,
    last_name: String,
    pub(super) number: String,
    country_code: String,
    extension: String,
}

/// The contacts, and who they belong to.
#[derive(Debug)]
pub(super) struct Book {
    contacts: Vec<Held>,
    account_id: String,
    stream_id: String,
    maker: String,
    made: u64,
}

impl Book {
    pub(super) fn new(settings: &SandboxSettings) -> Self {
        let mut book = Self {
            contacts: Vec::new(),
            account_id: settings.account_id.clone(),
            stream_id: settings.stream_id.clone(),
            maker: format!("u-{}", uuid::Uuid::new_v4()),
            made: 0,
        };
        for [salutation, first_name, last_name, number] in settings.seed.clone() {
            book.create(NewContact {
                salutation,
                first_name,
                last_name,
                number,
                country_code: String::new(),
                extension: "+".into(),
            });
        }
        book
    }

    pub(super) fn all(&self) -> &[Held] {
        &self.contacts
    }

    pub(super) fn active(&self) -> Vec<&Held> {
        self.contacts.iter().filter(|held| held.active).collect()
    }

    /// Who holds the number; a deleted contact gives it free unless `deleted_holds`.
    pub(super) fn owner(&self, number: &str, deleted_holds: bool) -> Option<&Held> {
        let holds = |held: &&Held| (held.active || deleted_holds) && held.number == number;
        self.contacts.iter().find(holds)
    }

    pub(super) fn create(&mut self, wanted: NewContact) -> Held {
        self.made += 1;
        let now = Timestamp::now();
        let id = format!("{:08x}{:016x}", now.as_second(), self.made);
        let held = Held {
            id,
            salutation: wanted.salutation,
            first_name: wanted.first_name,
            last_name: wanted.last_name,
            number: wanted.number,
            country_code: wanted.country_code,
            extension: wanted.extension,
            active: true,
            created_at: now,
            updated_at: now,
        };
        self.contacts.push(held.clone());
        held
    }

    /// Gives one contact other contents; the error is whose number it is already.
    pub(super) fn update(&mut self, id: &str, wanted: NewContact) -> Option<Result<Held, Held>> {
        let other = self.owner(&wanted.number, false).filter(|held| held.id != id).cloned();
        let held = self.contacts.iter_mut().find(|held| held.id == id && held.active)?;
        if let Some(other) = other {
            return Some(Err(other));
        }
        held.salutation = wanted.salutation;
        held.first_name = wanted.first_name;
        held.last_name = wanted.last_name;
        held.number = wanted.number;
        held.country_code = wanted.country_code;
        held.extension = wanted.extension;
        held.updated_at = Timestamp::now();
        Some(Ok(held.clone()))
    }

    /// Deletes one contact: it stays, INACTIVE.
    pub(super) fn delete(&mut self, id: &str) -> Option<Held> {
        let held = self.contacts.iter_mut().find(|held| held.id == id && held.active)?;
        held.active = false;
        held.updated_at = Timestamp::now();
        Some(held.clone())
    }

    /// The documented answer about one contact.
    pub(super) fn shown(&self, held: &Held) -> Value {
        json!({
            "id": held.id,
            "salutation": held.salutation,
            "firstName": held.first_name,
            "lastName": held.last_name,
            "fullName": held.full_name(),
            "cellPhone": {
                "phoneNumber": held.number,
                "countryCode": held.country_code,
                "extension": held.extension,
            },
            "status": if held.active { "ACTIVE" } else { "INACTIVE" },
            "createdBy": self.maker,
            "orgId": format!("o-{}", self.account_id),
            "accountId": self.account_id,
            "instanceBotId": self.stream_id,
            "address": [],
            "twitterDetails": [],
            "createdAt": iso(held.created_at),
            "updatedAt": iso(held.updated_at),
        })
    }
}

/// ISO 8601 with milliseconds and a Z.
fn iso(at: Timestamp) -> String {
    strtime::format("%Y-%m-%dT%H:%M:%S.%3fZ", at).unwrap_or_else(|_| at.to_string())
}

/// Reads one contact as a body holds it.
///
/// # Errors
/// The field that is wrong, in the platform's manner.
pub(super) fn wanted(value: &Value) -> Result<NewContact, String> {
    let fields = value.as_object().ok_or("each contact must be an object")?;
    let phone =
        fields.get("cellPhone").and_then(Value::as_object).ok_or("cellPhone is required")?;
    let salutation = text(fields, "salutation")?;
    if !["mr", "mrs"].contains(&salutation.to_lowercase().as_str()) {
        return Err("salutation must be Mr or Mrs".into());
    }
    let national = text(phone, "phoneNumber")?;
    if !(4..=17).contains(&national.len()) || !national.bytes().all(|b| b.is_ascii_digit()) {
        return Err("phoneNumber must be digits only".into());
    }
    let country_code = text(phone, "countryCode")?;
    let code = country_code.strip_prefix('+').unwrap_or("");
    if !(1..=3).contains(&code.len()) || !code.bytes().all(|b| b.is_ascii_digit()) {
        return Err("countryCode must be a plus and the calling code".into());
    }
    Ok(NewContact {
        salutation,
        first_name: text(fields, "firstName")?,
        last_name: text(fields, "lastName")?,
        number: format!("+{code}{national}"),
        extension: text(phone, "extension")?,
        country_code,
    })
}

fn text(fields: &Map<String, Value>, key: &str) -> Result<String, String> {
    match fields.get(key) {
        Some(Value::String(text)) if !text.trim().is_empty() => Ok(text.clone()),
        Some(Value::String(_)) | None => Err(format!("{key} is required")),
        Some(_) => Err(format!("{key} must be a string")),
    }
}
