//! The shapes on the wire: exact in what is sent, tolerant in what is read. Unknown
//! fields are passed over, missing ones are missing, except the id: without one there
//! is no contact.

use serde::Serialize;
use serde_json::{Map, Value};

use super::ListPage;
use crate::{
    contact::{Contact, E164, text::safe},
    submission::{ContactId, Record},
};

/// One contact as the platform documents it; every field is required there.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ContactOut<'a> {
    first_name: &'a str,
    last_name: &'a str,
    salutation: &'a str,
    cell_phone: CellPhoneOut<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CellPhoneOut<'a> {
    phone_number: &'a str,
    country_code: String,
    extension: &'a str,
}

impl<'a> From<&'a Contact> for ContactOut<'a> {
    fn from(contact: &'a Contact) -> Self {
        Self {
            first_name: contact.first_name.as_str(),
            last_name: contact.last_name.as_str(),
            salutation: contact.salutation.as_str(),
            cell_phone: CellPhoneOut {
                phone_number: contact.phone.national(),
                country_code: format!("+{}", contact.phone.calling_code()),
                extension: contact.extension.as_str(),
            },
        }
    }
}

/// The keys under which answers put their contacts.
const CONTAINERS: [&str; 7] =
    ["results", "data", "contacts", "records", "result", "successfulRecords", "created"];

/// Every contact of an answer that is a list, or a list under one of the usual keys;
/// and whether it was one.
pub(super) fn listed(body: &Value) -> Option<Vec<Record>> {
    match body {
        Value::Array(items) => Some(items.iter().filter_map(item).collect()),
        Value::Object(fields) => {
            CONTAINERS.iter().filter_map(|key| fields.get(*key)).find_map(|inside| match inside {
                Value::Array(_) | Value::Object(_) => listed(inside),
                _ => None,
            })
        }
        _ => None,
    }
}

/// An element of a list: the contact itself, or wrapped as `{"id", "contact": {…}}`.
fn item(value: &Value) -> Option<Record> {
    let fields = value.as_object()?;
    match fields.get("contact").and_then(Value::as_object) {
        Some(inner) => {
            let mut found = record(inner).or_else(|| record(fields))?;
            found.id = found.id.or_else(|| id(fields));
            Some(found)
        }
        None => record(fields),
    }
}

/// A contact: it has an id and at least one of the fields that make a contact.
pub(super) fn record(fields: &Map<String, Value>) -> Option<Record> {
    let is_contact = ["firstName", "lastName", "fullName", "cellPhone"]
        .iter()
        .any(|key| fields.get(*key).is_some_and(|value| !value.is_null()));
    let id = id(fields).filter(|_| is_contact)?;
    let phone = fields.get("cellPhone");
    Some(Record {
        id: Some(id),
        salutation: text(fields, "salutation"),
        first_name: text(fields, "firstName"),
        last_name: text(fields, "lastName"),
        full_name: text(fields, "fullName"),
        e164: phone.and_then(number),
        extension: phone.and_then(Value::as_object).and_then(|phone| text(phone, "extension")),
        active: !text(fields, "status").is_some_and(|it| it.eq_ignore_ascii_case("inactive")),
        created_at: text(fields, "createdAt").and_then(|at| at.parse().ok()),
        created_by: text(fields, "createdBy"),
        answered: answered(fields),
    })
}

/// Every field with its text, one line each: `cellPhone.phoneNumber`, `+919876543210`.
/// What is empty is left out, and of a huge answer only so much is kept.
fn answered(fields: &Map<String, Value>) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    for (key, value) in fields {
        flatten(key, value, &mut lines);
    }
    lines
}

fn flatten(key: &str, value: &Value, lines: &mut Vec<(String, String)>) {
    const MOST_LINES: usize = 60;
    const LONGEST: usize = 200;
    if lines.len() >= MOST_LINES {
        return;
    }
    let cut = |text: &str| safe(text).chars().take(LONGEST).collect::<String>();
    match value {
        Value::Null => {}
        Value::String(text) if text.is_empty() => {}
        Value::String(text) => lines.push((cut(key), cut(text))),
        Value::Bool(_) | Value::Number(_) => lines.push((cut(key), value.to_string())),
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                flatten(&format!("{key}.{}", at + 1), item, lines);
            }
        }
        Value::Object(inner) => {
            for (name, value) in inner {
                flatten(&format!("{key}.{name}"), value, lines);
            }
        }
    }
}

pub(super) fn id(fields: &Map<String, Value>) -> Option<ContactId> {
    let found = text(fields, "id").or_else(|| text(fields, "_id"));
    found.filter(|id| !id.trim().is_empty()).map(ContactId)
}

fn text(fields: &Map<String, Value>, key: &str) -> Option<String> {
    match fields.get(key)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        // MongoDB's extended JSON.
        Value::Object(inner) => inner.get("$oid").and_then(Value::as_str).map(str::to_owned),
        _ => None,
    }
}

/// The number in E.164, whether it is that already or comes as code and national number.
fn number(value: &Value) -> Option<E164> {
    let (number, code) = match value {
        Value::String(text) => (text.clone(), None),
        Value::Object(fields) => (text(fields, "phoneNumber")?, text(fields, "countryCode")),
        _ => return None,
    };
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let whole = if number.trim_start().starts_with('+') {
        digits(&number)
    } else {
        format!("{}{}", digits(&code?), digits(&number))
    };
    E164::from_canonical(&format!("+{whole}"))
}

/// A page of the list; `None` when the answer is not one.
pub(super) fn page(body: &Value, asked_skip: u64) -> Option<ListPage> {
    let records = listed(body)?;
    let field = |keys: &[&str]| keys.iter().find_map(|key| body.get(*key));
    let count = |keys: &[&str]| field(keys).and_then(Value::as_u64);
    Some(ListPage {
        records,
        skip: count(&["skip", "offset"]).unwrap_or(asked_skip),
        limit: count(&["limit"]).unwrap_or(0),
        has_more: field(&["hasMore"]).and_then(Value::as_bool),
        total: count(&["totalResults", "total", "count"]),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_documented_answer_is_read_whole() {
        let body = json!([{"id": "63c7c811aa", "firstName": "John", "lastName": "Doe",
            "fullName": "John Doe", "status": "ACTIVE", "createdBy": "u-1", "address": [],
            "createdAt": "2023-01-18T10:22:09.123Z", "new": {"field": 1},
            "cellPhone": {"phoneNumber": "+919876543210", "countryCode": "+91", "extension": "+"}}]);
        let [record] = &listed(&body).unwrap()[..] else { panic!() };
        assert_eq!(record.id, Some(ContactId("63c7c811aa".into())));
        assert_eq!(record.e164.as_ref().unwrap().as_str(), "+919876543210");
        assert!(record.active && record.created_at.is_some());
    }

    #[test]
    fn ids_and_numbers_come_in_several_shapes() {
        for body in [
            json!([{"_id": "a", "firstName": "x", "cellPhone": {"phoneNumber": "9876543210", "countryCode": "+91"}}]),
            json!({"data": [{"id": "a", "cellPhone": {"phoneNumber": "+91 98765-43210"}}]}),
            json!({"successfulRecords": [{"id": "a", "contact": {"_id": "a", "cellPhone": "+919876543210"}}]}),
            json!({"result": {"contacts": [{"_id": {"$oid": "a"}, "fullName": "x", "cellPhone": {"phoneNumber": "9876543210", "countryCode": "91"}}]}}),
        ] {
            let [record] = &listed(&body).unwrap()[..] else { panic!("{body}") };
            assert_eq!(record.id, Some(ContactId("a".into())), "{body}");
            assert_eq!(record.e164.as_ref().unwrap().as_str(), "+919876543210", "{body}");
        }
    }

    #[test]
    fn what_has_no_id_or_is_no_contact_is_passed_over() {
        let body = json!([{"firstName": "x"}, {"id": "a"}, {"id": "", "firstName": "x"}, 7, null]);
        assert_eq!(listed(&body).unwrap(), []);
        assert_eq!(listed(&json!({"errors": [{"msg": "x"}]})), None);
    }

    #[test]
    fn a_page_says_where_it_is_and_whether_there_are_more() {
        let body =
            json!({"results": [], "skip": 20, "limit": 10, "hasMore": true, "totalResults": 6});
        let page = page(&body, 0).unwrap();
        assert_eq!(
            (page.skip, page.limit, page.has_more, page.total),
            (20, 10, Some(true), Some(6))
        );
        let silent = super::page(&json!({"results": []}), 40).unwrap();
        assert_eq!((silent.skip, silent.limit, silent.has_more), (40, 0, None));
    }
}
