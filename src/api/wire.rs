//! The shapes on the wire: exact in what is sent, tolerant in what is read. Unknown
//! fields are passed over, missing ones are missing, except the id: without one there
//! is no contact.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    ListPage,
    evidence::{self, Asked},
};
use crate::{
    contact::{Contact, E164, Phone, Reading, text::safe},
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

/// The keys under which answers put their contacts; first those that say what was done.
const CONTAINERS: [&str; 11] = [
    "successfulRecords",
    "created",
    "createdContacts",
    "succeeded",
    "results",
    "data",
    "contacts",
    "records",
    "result",
    "items",
    "docs",
];

/// The contacts of an answer, and the key of the outermost object they were under.
pub(super) struct Listing {
    pub(super) records: Vec<Record>,
    pub(super) key: Option<String>,
    /// Whether one of the keys they were under says that these were made, whatever else failed.
    pub(super) is_said_created: bool,
    /// Whether something beside them speaks against it.
    pub(super) is_doubted: bool,
    /// Whether something beside them plainly refuses it.
    pub(super) is_refused: bool,
}

impl Listing {
    /// Nothing but these.
    fn of(records: Vec<Record>) -> Self {
        let key = None;
        Self { records, key, is_said_created: false, is_doubted: false, is_refused: false }
    }

    fn of_one(record: Record) -> Self {
        Self::of(vec![record])
    }

    /// Whether what is said beside the contacts leaves it open whether they were made: of those
    /// that the platform tells more of than it was sent, only a plain refusal does.
    pub(super) fn is_open(&self) -> bool {
        if self.records.iter().all(is_vouched_for) { self.is_refused } else { self.is_doubted }
    }
}

/// Whether the platform tells when, or by whom, a contact was made: nobody sent it that.
fn is_vouched_for(record: &Record) -> bool {
    const TOLD: [&str; 6] =
        ["createdAt", "created_at", "createdOn", "createdDate", "creationDate", "createdTime"];
    let tells = record.answered.iter().any(|(key, _)| TOLD.contains(&key.as_str()));
    let is_told = record.created_at.is_some() || record.created_by.is_some() || tells;
    is_told && record.id.as_ref().is_some_and(|id| !is_nothing(id))
}

/// Every contact of an answer that is a list, or a list under one of the usual keys, or
/// under any other if only contacts are in it; `None` when it is none of these.
fn listing(body: &Value) -> Option<Listing> {
    listed(body, &item, &|_| true, Asked::Create)
}

/// The contacts that an answer shows as made, which a list of those that were not is none of.
pub(super) fn done(body: &Value, asked: Asked) -> Option<Listing> {
    let may_hold = |key: &str| asked == Asked::Change || evidence::may_hold_created(key);
    listed(body, &|value| credible(value, asked), &may_hold, asked)
}

fn listed(
    body: &Value,
    read: &impl Fn(&Value) -> Option<Record>,
    may_hold: &impl Fn(&str) -> bool,
    asked: Asked,
) -> Option<Listing> {
    match body {
        Value::Array(items) => {
            let records = items.iter().filter_map(read).collect();
            Some(Listing::of(records))
        }
        Value::Object(fields) => {
            let usual = CONTAINERS.iter().find_map(|key| {
                let inside = fields.get(*key).filter(|it| it.is_array() || it.is_object())?;
                // One contact alone may be under it.
                let alone = inside.is_object().then(|| read(inside)).flatten();
                let found =
                    alone.map(Listing::of_one).or_else(|| listed(inside, read, may_hold, asked));
                Some((*key, found?))
            });
            let other = || {
                fields.iter().filter(|(key, _)| may_hold(key)).find_map(|(key, inside)| {
                    let items = inside.as_array().filter(|items| !items.is_empty())?;
                    items.iter().all(|it| item(it).is_some()).then_some(())?;
                    Some((key.as_str(), listed(inside, read, may_hold, asked)?))
                })
            };
            let (key, found) = usual.or_else(other)?;
            let mut beside = fields.clone();
            beside.remove(key);
            Some(Listing {
                key: Some(key.to_owned()),
                is_said_created: found.is_said_created || evidence::says_created(key),
                is_doubted: found.is_doubted || evidence::speaks_against(&beside, asked),
                is_refused: found.is_refused || evidence::refuses(&beside, asked),
                ..found
            })
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
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

/// An element that nothing in it speaks against: one that comes with a complaint of its own is
/// somebody else's, or was not made.
pub(super) fn credible(value: &Value, asked: Asked) -> Option<Record> {
    let fields = value.as_object()?;
    let inner = fields.get("contact").and_then(Value::as_object);
    let is_more_than_an_echo =
        asked == Asked::Change || item(value).is_some_and(|found| is_vouched_for(&found));
    let speaks_against =
        if is_more_than_an_echo { evidence::refuses } else { evidence::speaks_against };
    let is_doubted =
        [Some(fields), inner].into_iter().flatten().any(|fields| speaks_against(fields, asked));
    let is_dated = |fields: &Map<String, Value>| fields.get("createdAt").is_none_or(is_time);
    let made = |found: &Record| {
        let is_dated = [Some(fields), inner].into_iter().flatten().all(is_dated);
        asked == Asked::Change || (is_dated && !is_row(found))
    };
    item(value).filter(|found| !is_doubted && made(found))
}

/// Whether it may be the time of a contact that was made just now. "2 years ago" is long before
/// anybody asked for it; what cannot be read at all says nothing.
fn is_time(value: &Value) -> bool {
    const LONG_AGO: [&str; 5] = ["day", "week", "month", "year", "yesterday"];
    let text = value.as_str().unwrap_or_default().to_lowercase();
    !LONG_AGO
        .iter()
        .any(|word| text.contains(word) && (text.contains("ago") || *word == "yesterday"))
}

/// Whether the id is none, or no more than the row's number in what was sent. A platform that
/// counts its contacts says of one that it made when it did, or who.
fn is_row(found: &Record) -> bool {
    let is_told = found.created_at.is_some() || found.created_by.is_some();
    found.id.as_ref().is_none_or(|id| is_nothing(id) || (may_be_row(id) && !is_told))
}

pub(super) fn may_be_row(id: &ContactId) -> bool {
    const MOST_ROWS: f64 = 10_000.0;
    is_nothing(id) || id.0.trim().parse::<f64>().is_ok_and(|number| number < MOST_ROWS)
}

/// What a platform's language writes for an id that was never given, and the nil UUID.
fn is_nothing(id: &ContactId) -> bool {
    let id = id.0.trim().to_lowercase();
    let is_nil = id.len() > 1 && id.chars().all(|letter| matches!(letter, '0' | '-'));
    is_nil || matches!(id.as_str(), "null" | "undefined" | "none" | "nan")
}

/// No contact is older; what is stands for "no time" where a platform's language has no null.
const FIRST_TIME: Timestamp = Timestamp::constant(946_684_800, 0);

/// A contact: it has an id and at least one of the fields that make a contact.
pub(super) fn record(fields: &Map<String, Value>) -> Option<Record> {
    let is_contact = ["firstName", "lastName", "fullName", "cellPhone"]
        .iter()
        .any(|key| fields.get(*key).is_some_and(|value| !value.is_null()));
    let id = id(fields).filter(|_| is_contact)?;
    let phone = fields.get("cellPhone");
    let told = |read: fn(&Value) -> Option<Timestamp>| {
        fields.get("createdAt").and_then(read).filter(|at| *at >= FIRST_TIME)
    };
    let made = told(time);
    let local = made.is_none().then(|| told(local_time)).flatten();
    Some(Record {
        id: Some(id),
        salutation: text(fields, "salutation"),
        first_name: text(fields, "firstName"),
        last_name: text(fields, "lastName"),
        full_name: text(fields, "fullName"),
        e164: match phone {
            Some(phone) => number(phone),
            // Without the object round it.
            None => ["phoneNumber", "phone", "mobile"].iter().find_map(|key| flat(fields, key)),
        },
        extension: phone.and_then(Value::as_object).and_then(|phone| text(phone, "extension")),
        active: !text(fields, "status").is_some_and(|it| it.eq_ignore_ascii_case("inactive")),
        created_at: made.or(local),
        zoneless: local.is_some(),
        created_by: text(fields, "createdBy"),
        answered: answered(fields),
    })
}

/// A time as platforms write it: ISO 8601, with a blank for its T or an offset without a
/// colon; or seconds, or milliseconds, since 1970.
fn time(value: &Value) -> Option<Timestamp> {
    let since_1970 = |number: i64| {
        let seconds = number.abs() < 100_000_000_000;
        if seconds { Timestamp::from_second(number) } else { Timestamp::from_millisecond(number) }
    };
    match value {
        Value::Number(number) => since_1970(number.as_i64()?).ok(),
        Value::String(text) => {
            let text = text.trim();
            let iso = || text.parse().ok();
            let offset = || Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", text).ok();
            let number = || since_1970(text.parse().ok()?).ok();
            iso().or_else(offset).or_else(number)
        }
        // MongoDB's extended JSON.
        Value::Object(inner) => {
            ["$date", "$numberLong"].iter().find_map(|key| inner.get(*key)).and_then(time)
        }
        Value::Null | Value::Bool(_) | Value::Array(_) => None,
    }
}

/// A time that names no zone, as if it were UTC. A day alone is none.
fn local_time(value: &Value) -> Option<Timestamp> {
    let text = value.as_str().map(str::trim).filter(|text| text.contains(':'))?;
    let local: jiff::civil::DateTime = text.parse().ok()?;
    local.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
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

/// The number under a key of the contact itself.
fn flat(fields: &Map<String, Value>, key: &str) -> Option<E164> {
    let mut parts = Map::new();
    parts.insert("phoneNumber".into(), text(fields, key)?.into());
    parts.extend(text(fields, "countryCode").map(|code| ("countryCode".to_owned(), code.into())));
    number(&Value::Object(parts))
}

/// The number in E.164, whether it is that already or comes as code and national number.
fn number(value: &Value) -> Option<E164> {
    let (number, code) = match value {
        Value::String(text) => (text.clone(), None),
        Value::Object(fields) => (text(fields, "phoneNumber")?, text(fields, "countryCode")),
        _ => return None,
    };
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let (number, has_code) = (digits(&number), number.trim_start().starts_with('+'));
    let whole = |digits: &str| E164::from_canonical(&format!("+{digits}"));
    if has_code {
        return whole(&number);
    }
    let code = digits(&code?);
    let joined = format!("{code}{number}");
    // Some write the code into the number as well: that is one in the plan, and twice the code
    // is none.
    let in_plan =
        |digits: &str| matches!(Phone::parse(&format!("+{digits}"), None), Reading::Valid(_));
    let is_twice = number.starts_with(&code) && !in_plan(&joined) && in_plan(&number);
    whole(if is_twice { &number } else { &joined })
}

/// A page of the list; `None` when the answer is not one.
pub(super) fn page(body: &Value, asked_skip: u64) -> Option<ListPage> {
    let records = match listing(body) {
        // A list of nobody beside a complaint says nothing of anybody.
        Some(listing) if listing.records.is_empty() && !complains(body) => vec![],
        Some(listing) if listing.records.is_empty() => return None,
        Some(listing) => listing.records,
        // An account without contacts, under whatever key.
        None => {
            body.as_object().filter(|it| !complains(body) && holds_empty(it)).map(|_| vec![])?
        }
    };
    let field = |keys: &[&str]| keys.iter().find_map(|key| body.get(*key));
    let count = |keys: &[&str]| field(keys).and_then(Value::as_u64);
    let skip = count(&["skip", "offset"]).unwrap_or(asked_skip);
    // Some count with these what is on the page: only one that says there is more is believed.
    let seen = skip.saturating_add(u64::try_from(records.len()).unwrap_or(u64::MAX));
    let more = || count(&["total", "count"]).filter(|it| *it > seen);
    Some(ListPage {
        records,
        skip,
        limit: count(&["limit"]).unwrap_or(0),
        has_more: field(&["hasMore"]).and_then(Value::as_bool),
        total: count(&["totalResults"]).or_else(more),
    })
}

pub(super) fn complains(body: &Value) -> bool {
    body.as_object().is_some_and(evidence::complains)
}

fn holds_empty(fields: &Map<String, Value>) -> bool {
    let lists = |key: &&String| !["error", "errors"].contains(&key.as_str());
    let empty = |key: &String| fields[key].as_array().is_some_and(Vec::is_empty);
    fields.keys().filter(lists).any(empty)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn listed(body: &Value) -> Option<Vec<Record>> {
        done(body, Asked::Create).map(|listing| listing.records)
    }

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
            json!({"items": [{"id": "a", "fullName": "x", "cellPhone": "+919876543210"}]}),
            json!({"result": {"contacts": [{"_id": {"$oid": "a"}, "fullName": "x", "cellPhone": {"phoneNumber": "9876543210", "countryCode": "91"}}]}}),
        ] {
            let [record] = &listed(&body).unwrap()[..] else { panic!("{body}") };
            assert_eq!(record.id, Some(ContactId("a".into())), "{body}");
            assert_eq!(record.e164.as_ref().unwrap().as_str(), "+919876543210", "{body}");
        }
    }

    #[test]
    fn times_are_read_in_the_usual_spellings_and_what_is_none_is_none() {
        let made = |at: Value| {
            let body = json!([{"id": "a", "firstName": "x", "createdAt": at}]);
            listing(&body).unwrap().records.remove(0)
        };
        let second = 1_674_037_329;
        for at in [
            json!("2023-01-18T10:22:09.000Z"),
            json!("2023-01-18 10:22:09Z"),
            json!("2023-01-18T10:22:09.000+0000"),
            json!("2023-01-18T12:22:09+02:00"),
            json!(second),
            json!(second * 1000),
            json!("1674037329000"),
            json!({"$date": "2023-01-18T10:22:09Z"}),
            json!({"$date": {"$numberLong": "1674037329000"}}),
        ] {
            let record = made(at.clone());
            assert_eq!(record.created_at, Timestamp::from_second(second).ok(), "{at}");
            assert!(!record.zoneless);
        }
        let local = made(json!("2023-01-18 10:22:09"));
        assert!(local.zoneless);
        assert_eq!(local.created_at, Timestamp::from_second(second).ok());
        for none in [
            Value::Null,
            json!("last Tuesday"),
            json!("2 hours ago"),
            json!("2023-01-18"),
            json!(""),
            json!(0),
            json!("0001-01-01T00:00:00Z"),
            json!("1970-01-01 00:00:00"),
        ] {
            let record = made(none.clone());
            assert_eq!((record.created_at, record.zoneless), (None, false), "{none}");
        }
    }

    #[test]
    fn what_has_no_id_or_is_no_contact_is_passed_over() {
        let body = json!([{"firstName": "x"}, {"id": "a"}, {"id": "", "firstName": "x"}, 7, null]);
        assert_eq!(listed(&body).unwrap(), []);
        assert_eq!(listed(&json!({"errors": [{"msg": "x"}]})), None);
        let taken = json!([{"error": "duplicate", "contact": {"id": "a", "firstName": "x"}}]);
        assert_eq!(listed(&taken).unwrap(), []);
        assert_eq!(page(&json!({"items": [], "total": 0}), 0).unwrap().records, []);
        assert!(page(&json!({"errors": []}), 0).is_none());
    }

    #[test]
    fn a_page_shows_every_contact_whatever_is_said_of_it() {
        let listed = |body: Value| page(&body, 0).map(|page| page.records.len());
        for status in ["REJECTED", "DUPLICATE", "SKIPPED", "PENDING"] {
            let one = json!({"id": 7, "firstName": "x", "status": status, "isDuplicate": true});
            assert_eq!(listed(json!({"results": [one]})), Some(1), "{status}");
        }
        let failed = json!({"success": false, "error": "the database is away", "results": []});
        assert_eq!(listed(failed), None, "it is no list of nobody");
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
        let counted = |count: u64| {
            let results = json!([{"id": "a", "firstName": "x"}, {"id": "b", "firstName": "x"}]);
            super::page(&json!({"results": results, "count": count}), 4).unwrap().total
        };
        assert_eq!(counted(2), None, "it counts what is on the page");
        assert_eq!(counted(6), None, "or this is all there is, which the next page shows");
        assert_eq!(counted(31), Some(31));
    }

    #[test]
    fn a_number_is_read_without_an_object_round_it_as_well() {
        let read = |fields: Value| {
            let mut contact = json!({"id": "a", "firstName": "x"});
            contact.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
            record(contact.as_object().unwrap()).unwrap().e164.map(|it| it.to_string())
        };
        let number = Some("+919876543210".to_owned());
        assert_eq!(read(json!({"phoneNumber": "+91 98765 43210"})), number);
        assert_eq!(read(json!({"phone": "9876543210", "countryCode": "+91"})), number);
        assert_eq!(read(json!({"mobile": "+919876543210"})), number);
        assert_eq!(read(json!({"phone": "9876543210"})), None, "of which country?");
        let parts = |number: &str| json!({"phoneNumber": number, "countryCode": "+91"});
        assert_eq!(read(json!({"cellPhone": parts("919876543210")})), number, "the code twice");
        let itself = read(json!({"cellPhone": parts("9123456789")}));
        assert_eq!(itself.as_deref(), Some("+919123456789"), "one that begins like its code");
    }
}
