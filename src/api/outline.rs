//! What an answer looks like without whose it is: its keys, and the words that programs use,
//! but no name, number, id or address. For a report that may leave the house.

use serde_json::Value;

use super::lenient_json;

/// The keys whose text is a program's and not a person's.
const SPOKEN: &[&str] = &[
    "msg",
    "message",
    "error",
    "errors",
    "code",
    "errorcode",
    "type",
    "title",
    "detail",
    "details",
    "reason",
    "text",
    "status",
    "path",
    "field",
];
/// Longer ones are cut.
const LONGEST: usize = 400;
/// A list is shown by its first elements.
const FIRST: usize = 2;

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerOutline {
    /// The HTTP status.
    pub status: u16,
    /// The body's shape.
    pub body: String,
}

impl AnswerOutline {
    pub(super) fn of(status: u16, body: &[u8]) -> Self {
        let shown = match lenient_json::read(body) {
            Some(value) => outline(&value, false).to_string(),
            None => masked(&String::from_utf8_lossy(&body[..body.len().min(2 * LONGEST)])),
        };
        Self { status, body: shown.chars().take(LONGEST).collect() }
    }
}

fn outline(value: &Value, spoken: bool) -> Value {
    match value {
        Value::Null | Value::Bool(_) => value.clone(),
        Value::Number(number) => {
            let is_code = number.as_u64().is_some_and(|it| it < 100_000);
            if is_code { value.clone() } else { "number".into() }
        }
        Value::String(text) if spoken => masked(text).into(),
        Value::String(_) => "text".into(),
        Value::Array(items) => items.iter().take(FIRST).map(|it| outline(it, spoken)).collect(),
        Value::Object(fields) => {
            let spoken = |key: &str| SPOKEN.contains(&key.to_lowercase().as_str());
            let one = |(key, value): (&String, &Value)| (masked(key), outline(value, spoken(key)));
            Value::Object(fields.iter().map(one).collect())
        }
    }
}

/// Words without what may tell a person, an account or a machine: a word with a digit run of
/// four, with an @, or with a dot inside is a placeholder.
fn masked(text: &str) -> String {
    let tells = |word: &str| {
        let digits = word.chars().filter(char::is_ascii_digit).count();
        let inner = word.trim_matches(|c: char| !c.is_alphanumeric());
        digits >= 4 || word.contains('@') || inner.contains('.')
    };
    text.split_whitespace()
        .map(|word| if tells(word) { "…" } else { word })
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(text: &str) -> String {
        AnswerOutline::of(400, text.as_bytes()).body
    }

    #[test]
    fn the_words_of_an_error_stay_and_whose_it_is_goes() {
        let shown = body(
            r#"{"errors":[{"msg":"+919876543210 already exists for jane@acme.example","code":4009}],
               "existing":{"firstName":"Jane","id":"63c7c811aa00000000000001","createdAt":1700000000000}}"#,
        );
        assert!(shown.contains("already exists for") && shown.contains("4009"), "{shown}");
        assert!(shown.contains("firstName"), "{shown}");
        for secret in ["9876543210", "jane@", "Jane", "63c7", "1700000000000"] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
    }

    #[test]
    fn what_is_not_json_and_what_is_huge_is_masked_and_cut() {
        let shown = body("E11000 duplicate key { phone: \"+919876543210\" } on db7.acme.example");
        assert!(shown.contains("duplicate key") && !shown.contains("98765"), "{shown}");
        assert!(!shown.contains("acme"), "{shown}");
        assert!(body(&"x ".repeat(1_000_000)).chars().count() <= LONGEST);
        assert_eq!(AnswerOutline::of(502, &[0xff, 0xfe]).status, 502);
    }
}
