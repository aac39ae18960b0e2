//! JSON as answers really hold it. Some platforms write what no strict reader takes: half an
//! emoji as `"\ud83d"`, a line break inside a string, `NaN`, a byte order mark. One such contact
//! must not make a whole page of the list unreadable: who holds a number is on that page.

use serde_json::Value;

/// The body as JSON: read strictly, and mended only where that fails.
pub(super) fn read(body: &[u8]) -> Option<Value> {
    serde_json::from_slice(body).ok().or_else(|| serde_json::from_str(&mended(&decoded(body))).ok())
}

/// The text without what stands round the JSON; bytes that are no text become U+FFFD.
fn decoded(body: &[u8]) -> String {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<_> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    let text = match body {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => String::from_utf8_lossy(body).into_owned(),
    };
    let around = |letter: char| letter.is_whitespace() || matches!(letter, '\0' | '\u{feff}');
    let text = text.trim_matches(around);
    // What keeps a browser from running it as a script.
    text.strip_prefix(")]}'").unwrap_or(text).trim_start_matches([',', ' ', '\r', '\n']).to_owned()
}

fn mended(text: &str) -> String {
    let mut mended = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let taken = match letter {
            '"' => string(rest, &mut mended),
            '-' | '+' | '0'..='9' | 'A'..='Z' | 'a'..='z' => word(rest, &mut mended),
            _ => {
                mended.push(letter);
                letter.len_utf8()
            }
        };
        rest = &rest[taken..];
    }
    mended
}

/// A number or a bare word; what is a number elsewhere and not in JSON is null. Answers its
/// length.
fn word(text: &str, mended: &mut String) -> usize {
    let ends =
        |letter: char| !(letter.is_ascii_alphanumeric() || matches!(letter, '-' | '+' | '.'));
    let word = &text[..text.find(ends).unwrap_or(text.len())];
    let is_out_of_range = || {
        let is_json = word.starts_with(|first: char| first == '-' || first.is_ascii_digit());
        is_json && word.parse().is_ok_and(f64::is_infinite)
    };
    let is_null = matches!(word, "NaN" | "Infinity" | "-Infinity" | "undefined");
    mended.push_str(if is_null || is_out_of_range() { "null" } else { word });
    word.len()
}

/// A string from its quotation mark to the next. Answers its length.
fn string(text: &str, mended: &mut String) -> usize {
    mended.push('"');
    let mut rest = &text[1..];
    while let Some(letter) = rest.chars().next() {
        let mut taken = letter.len_utf8();
        match letter {
            '"' => {
                mended.push('"');
                return text.len() - rest.len() + 1;
            }
            '\\' => taken = escape(rest, mended),
            '\0'..='\u{1f}' => mended.extend(["\\u", &format!("{:04x}", u32::from(letter))]),
            _ => mended.push(letter),
        }
        rest = &rest[taken..];
    }
    text.len()
}

/// What follows a backslash: half a surrogate pair is U+FFFD, and what is no escape is itself.
/// Answers its length.
fn escape(text: &str, mended: &mut String) -> usize {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    match (unit(0), text[1..].chars().next()) {
        (Some(0xd800..0xdc00), _) if matches!(unit(6), Some(0xdc00..0xe000)) => {
            mended.push_str(&text[..12]);
            12
        }
        (Some(0xd800..0xe000), _) => {
            mended.push('\u{fffd}');
            6
        }
        (Some(_), _) => {
            mended.push_str(&text[..6]);
            6
        }
        (None, Some('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't')) => {
            mended.push_str(&text[..2]);
            2
        }
        (None, _) => 1,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_strict_readers_refuse_is_read_as_what_it_stands_for() {
        let name = |text: &str| Some(json!([{ "name": text }]));
        let in_name = |inner: &[u8]| read(&[&b"[{\"name\":\""[..], inner, b"\"}]"].concat());
        assert_eq!(in_name(br"Ann \ud83d"), name("Ann \u{fffd}"));
        assert_eq!(in_name(br"\ude00\ud83d Ann"), name("\u{fffd}\u{fffd} Ann"));
        assert_eq!(in_name(br"\ud83d\ude00 \ud83d\"), None, "the string does not end");
        assert_eq!(in_name(br"\ud83d\ude00 \ud83d"), name("\u{1f600} \u{fffd}"));
        assert_eq!(in_name(b"J\xfcrgen \\\"x\\\""), name("J\u{fffd}rgen \"x\""));
        assert_eq!(in_name(b"a\tb\nc"), name("a\tb\nc"));
        assert_eq!(in_name(br"it\'s \u12"), name("it's u12"));
        assert_eq!(read(b"\xef\xbb\xbf[1]\0\0 \n"), Some(json!([1])));
        assert_eq!(read(b")]}',\n[1]"), Some(json!([1])));
        assert_eq!(read(b"\xff\xfe[\0]\0"), Some(json!([])));
        let nulls = json!([null, null, null, null, -1.5, true]);
        assert_eq!(read(b"[NaN, -Infinity,1e400 ,undefined, -1.5, true]"), Some(nulls));
        assert_eq!(read(b"NaN"), Some(Value::Null));
    }

    #[test]
    fn what_is_no_json_stays_none() {
        for body in ["", "OK then", "<html>", "[1", "Conflict", "inf", "{\"a\":}", "\"\\"] {
            assert_eq!(read(body.as_bytes()), None, "{body}");
        }
    }

    proptest! {
        #[test]
        fn mending_never_panics_and_leaves_strict_json_alone(
            body in prop::collection::vec(any::<u8>(), 0..200), text in r#"["\\u0-9a-f\[\]{},é-]{0,40}"#,
        ) {
            let _ = (read(&body), read(text.as_bytes()));
            let strict = serde_json::to_string(&json!([text, 1.5, null])).unwrap();
            prop_assert_eq!(mended(&strict), strict);
        }
    }
}
