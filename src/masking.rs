//! Secrets in text that others wrote. A platform, a proxy or a page that repeats our
//! request in its complaint repeats the token as well, and what it says goes to the screen,
//! into the store and into the log.
//!
//! Masked are the secrets we hold, by what they are, and any token, ours or not, by its
//! shape: a JWT begins with a JSON object in base64 (RFC 7519, 3).

use std::borrow::Cow;

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use crate::contact::text::safe;

/// What stands in a secret's place.
pub const MASK: &str = "[masked]";

/// Anything shorter would be found in words that are none.
const SHORTEST: usize = 6;

/// The secrets we hold.
#[derive(Debug, Clone, Default)]
pub struct Masking {
    secrets: Vec<SecretString>,
}

impl Masking {
    /// Masks these beside what is shaped like a token.
    #[must_use]
    pub fn of(secrets: impl IntoIterator<Item = SecretString>) -> Self {
        let long = |it: &SecretString| it.expose_secret().len() >= SHORTEST;
        let secrets = secrets.into_iter().filter(long);
        Self { secrets: secrets.flat_map(|it| [in_url(&it), it]).collect() }
    }

    /// The body of an answer without any secret: each text of it where it is JSON.
    #[must_use]
    pub fn body(&self, bytes: Vec<u8>) -> Vec<u8> {
        if let Ok(mut value) = serde_json::from_slice::<Value>(&bytes) {
            return if self.value(&mut value) { value.to_string().into_bytes() } else { bytes };
        }
        match self.text(&String::from_utf8_lossy(&bytes)) {
            Cow::Owned(text) => text.into_bytes(),
            Cow::Borrowed(_) => bytes,
        }
    }

    /// Masks the texts of a value in place; whether there was anything to mask.
    fn value(&self, value: &mut Value) -> bool {
        match value {
            Value::String(text) => match self.text(text) {
                Cow::Owned(masked) => {
                    *text = masked;
                    true
                }
                Cow::Borrowed(_) => false,
            },
            // Each of them, and not only up to the first.
            Value::Array(items) => {
                items.iter_mut().filter_map(|it| self.value(it).then_some(())).count() > 0
            }
            Value::Object(fields) => {
                let masked = |key: &String| matches!(self.text(key), Cow::Owned(_));
                let keys: Vec<_> = fields.keys().filter(|key| masked(key)).cloned().collect();
                for key in &keys {
                    let value = fields.remove(key).unwrap_or_default();
                    fields.insert(self.text(key).into_owned(), value);
                }
                let masked = fields.values_mut().filter_map(|it| self.value(it).then_some(()));
                masked.count() + keys.len() > 0
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }

    /// A text without any secret; owned where there was one.
    #[must_use]
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        // What a terminal would not show may part a secret in two.
        let clean = safe(text);
        let mut masked = tokens_masked(&clean);
        for secret in &self.secrets {
            if masked.contains(secret.expose_secret()) {
                masked = masked.replace(secret.expose_secret(), MASK);
            }
        }
        if masked == clean { Cow::Borrowed(text) } else { Cow::Owned(masked) }
    }
}

/// As a query or a form spells it.
fn in_url(secret: &SecretString) -> SecretString {
    let spelled = secret.expose_secret().bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    });
    SecretString::from(spelled.collect::<String>())
}

/// `text` without anything that is shaped like a token.
#[must_use]
pub fn tokens_masked(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('e') {
        let (before, from) = rest.split_at(at);
        masked.push_str(before);
        let length = if is_token(from) { length(from) } else { 0 };
        if length > 0 {
            masked.push_str(MASK);
            rest = &from[length..];
        } else {
            masked.push('e');
            rest = &from[1..];
        }
    }
    masked + rest
}

/// How far a token goes: its parts, the dots between them, and what pads them.
fn length(text: &str) -> usize {
    let inside = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.+/=%".contains(byte);
    text.bytes().take_while(|byte| inside(byte)).count()
}

/// Whether a text begins as a JSON object in base64 does: `{"alg":…`. Cut off behind a few
/// letters it tells nobody anything.
fn is_token(text: &str) -> bool {
    const PEEK: usize = 12;
    const BASE64: GeneralPurpose = GeneralPurpose::new(
        &alphabet::URL_SAFE,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let Some(start) = text.get(..PEEK) else { return false };
    let start = start.replace('+', "-").replace('/', "_");
    let Ok(decoded) = BASE64.decode(start) else { return false };
    let object = decoded.strip_prefix(b"{").map(<[u8]>::trim_ascii_start);
    let key = object.and_then(|inside| inside.strip_prefix(b"\""));
    key.is_some_and(|key| key.iter().all(|byte| (b' '..=b'~').contains(byte)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const JWT: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIiwiYXBwSWQiOiJjcy0xIn0.c2lnbmF0dXJl-_x";

    fn masking() -> Masking {
        Masking::of(["s3cr/et+of=ours".into(), "short".into()])
    }

    #[test]
    fn a_token_is_masked_by_its_shape_wherever_it_stands_and_however_it_was_cut() {
        let spaced = "ewogImFsZyI6ICJIUzI1NiIKfQ.e30.x";
        for (text, left) in [
            (format!("auth: {JWT} is wrong"), "auth: [masked] is wrong".to_owned()),
            (format!("Bearer {JWT}"), "Bearer [masked]".into()),
            (format!("(auth={JWT})"), "(auth=[masked])".into()),
            (format!("\"{}…\"", &JWT[..40]), "\"[masked]…\"".into()),
            (format!("{JWT}, {JWT}"), "[masked], [masked]".into()),
            (format!("x{spaced} y"), "x[masked] y".into()),
            (JWT[21..].to_owned(), "[masked]".into()),
        ] {
            assert_eq!(tokens_masked(&text), left);
        }
    }

    #[test]
    fn words_that_only_begin_like_a_token_stay() {
        for text in ["HarveyJohnsonEnterprises", "eyJ", "eye exam", "e", "ey", "Jeremy é", "we é9"]
        {
            assert_eq!(masking().text(text), text);
        }
    }

    #[test]
    fn our_own_secret_is_masked_as_it_is_and_as_a_url_spells_it() {
        let text = "key s3cr/et+of=ours or s3cr%2Fet%2Bof%3Dours but short";
        assert_eq!(masking().text(text), "key [masked] or [masked] but short");
        assert_eq!(masking().text("s3cr/et\u{1b}[0m+of=ours"), "[masked]", "parted in two");
    }

    #[test]
    fn an_answers_texts_and_names_are_masked_and_its_other_values_stay() {
        let body = format!(
            r#"{{"errors":[{{"msg":"bad {JWT}","n":12345678901234567890}}],"s3cr\/et+of=ours":1}}"#
        );
        let masked = String::from_utf8(masking().body(body.into_bytes())).unwrap();
        assert!(masked.contains(r#""msg":"bad [masked]""#), "{masked}");
        assert!(masked.contains("12345678901234567890") && masked.contains(r#""[masked]":1"#));
        let html = masking().body(format!("<p>auth={JWT}</p>").into_bytes());
        assert_eq!(html, b"<p>auth=[masked]</p>");
    }

    #[test]
    fn an_answer_without_a_secret_stays_to_the_byte() {
        for body in [&br#"{ "a" :1.0,"b":"x\u001by" }"#[..], b"caf\xe9 \x1b[2J", b""] {
            assert_eq!(masking().body(body.to_vec()), body);
        }
    }

    proptest! {
        #[test]
        fn masking_never_panics_and_masks_once(text in "\\PC*|(ey|eyJhbGciOiJI|[a-z. é])*") {
            let once = tokens_masked(&text);
            prop_assert_eq!(tokens_masked(&once), once.clone());
        }
    }
}
