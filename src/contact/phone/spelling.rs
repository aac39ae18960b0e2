//! How numbers are written: digits of several scripts, marks copied along with them, an
//! extension behind them. What is left is a plus, if there was one, and ASCII digits.

use crate::contact::text::is_bidi_control;

/// Nobody's number is written in more characters than this.
const LONGEST: usize = 120;

/// A number as it was meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spelt {
    /// Whether it began with a plus.
    pub(super) plus: bool,
    /// Its digits, in order, without a "(0)" behind a calling code.
    pub(super) digits: String,
    /// The extension behind it.
    pub(super) extension: Option<String>,
}

/// Reads the spelling.
pub(super) fn read(text: &str) -> Result<Spelt, String> {
    let plain = plain(text);
    if plain.is_empty() {
        return Err("is needed".into());
    }
    if plain.chars().count() > LONGEST {
        return Err("is far too long for a phone number".into());
    }
    let (number, extension) = without_extension(&plain);
    let number = number.trim_end_matches([',', ';', '.', ' ']);
    let plus = number.starts_with('+') || number.starts_with("(+");
    let mut digits = String::new();
    for (at, letter) in number.char_indices() {
        match letter {
            '0'..='9' => digits.push(letter),
            '+' if digits.is_empty() && number[..at].chars().all(|c| c == '(') => {}
            '+' => return Err("has a + in the middle; it belongs in front".into()),
            ' ' | '-' | '(' | ')' | '.' | '/' => {}
            odd => {
                let odd = odd.escape_debug();
                return Err(format!("may hold digits, blanks and + ( ) - . /, not '{odd}'"));
            }
        }
    }
    if digits.is_empty() {
        return Err("needs digits".into());
    }
    if let Some(trunk) = trunk_in_brackets(number, plus) {
        digits.remove(trunk);
    }
    Ok(Spelt { plus, digits, extension })
}

/// ASCII digits, plain blanks and hyphens; no invisible marks; no `tel:` in front.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.trim().chars() {
        match letter {
            _ if is_bidi_control(letter) => {}
            '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{ad}' => {}
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{ff0d}' | '\u{30fc}' => {
                plain.push('-');
            }
            '\u{ff0b}' | '\u{fe62}' => plain.push('+'),
            '\u{ff08}' => plain.push('('),
            '\u{ff09}' => plain.push(')'),
            '\u{ff0e}' | '\u{b7}' | '\u{2022}' | '\u{30fb}' => plain.push('.'),
            '\u{ff0f}' => plain.push('/'),
            '\u{ff58}' => plain.push('x'),
            _ if letter.is_whitespace() => plain.push(' '),
            _ => plain.push(ascii_digit(letter).unwrap_or(letter)),
        }
    }
    let bare = plain.trim();
    let cut = bare.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("tel:"));
    bare[if cut { 4 } else { 0 }..].trim().to_owned()
}

/// The digit that a decimal digit of another script stands for (Unicode category Nd).
fn ascii_digit(letter: char) -> Option<char> {
    const ZEROS: [u32; 14] = [
        0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6,
        0x0d66, 0x0e50, 0xff10,
    ];
    let zero = ZEROS.into_iter().find(|zero| (*zero..zero + 10).contains(&u32::from(letter)))?;
    char::from_digit(u32::from(letter) - zero, 10)
}

/// Splits an extension off: a mark people use for it, then up to nine digits at the end.
fn without_extension(text: &str) -> (&str, Option<String>) {
    const MARKS: [&str; 12] = [
        ";ext=",
        "extension",
        "extn",
        "ext",
        "доб",
        "durchwahl",
        "anexo",
        "int.",
        ",,",
        "x",
        "#",
        "~",
    ];
    let body = text.trim_end_matches(['#', ' ']);
    let number = body.trim_end_matches(|c: char| c.is_ascii_digit());
    let extension = &body[number.len()..];
    if !(1..=9).contains(&extension.len()) {
        return (text, None);
    }
    let before = number.trim_end_matches(['.', ':', ' ', '=']);
    let lower = before.to_lowercase();
    // Lower case may change lengths; a mark is cut only where it did not.
    let same = lower.len() == before.len();
    let mark = MARKS
        .into_iter()
        .find(|mark| same && lower.ends_with(mark.trim_end_matches('=').trim_end_matches('.')));
    match mark {
        Some(mark) => {
            let cut = before.len() - mark.trim_end_matches('=').trim_end_matches('.').len();
            let left = before[..cut].trim_end_matches([' ', ',', ';']);
            if left.chars().any(|c| c.is_ascii_digit()) {
                (left, Some(extension.to_owned()))
            } else {
                (text, None)
            }
        }
        None => (text, None),
    }
}

/// Where among the digits the 0 of "+44 (0)20" stands: dialled at home, never from abroad.
fn trunk_in_brackets(number: &str, plus: bool) -> Option<usize> {
    let squeezed: String = number.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '/')).collect();
    let at = squeezed.find("(0)")?;
    let before: String = squeezed[..at].chars().filter(char::is_ascii_digit).collect();
    let abroad = plus || before.starts_with("00");
    (abroad && (1..=5).contains(&before.len())).then_some(before.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(text: &str) -> (bool, String) {
        let spelt = read(text).unwrap();
        (spelt.plus, spelt.digits)
    }

    #[test]
    fn every_usual_spelling_comes_down_to_its_digits() {
        let wanted = (true, "442071838750".to_owned());
        for text in [
            "+44 20 7183 8750",
            "+44(0)20 7183-8750",
            "+44 (0) 20.7183.8750",
            "tel:+44-20-7183-8750",
            "＋４４２０７１８３８７５０",
            "\u{202d}+44 20\u{a0}7183\u{2011}8750\u{202c}",
            "(+44) 20/7183/8750",
            "+٤٤ ٢٠ ٧١٨٣ ٨٧٥٠",
            "+۴۴۲۰۷۱۸۳۸۷۵۰",
        ] {
            assert_eq!(digits(text), wanted, "{text}");
        }
        assert_eq!(digits("0044 (0)20 7183 8750"), (false, "00442071838750".to_owned()));
        assert_eq!(digits("(020) 7183 8750").1, "02071838750", "an area code keeps its zero");
    }

    #[test]
    fn an_extension_is_told_apart_from_the_number() {
        for text in [
            "+1 415 555 0132 x12",
            "+1 415 555 0132 ext. 12",
            "+1 415 555 0132 #12",
            "+1 415 555 0132 доб. 12",
            "tel:+1-415-555-0132;ext=12",
            "+1 415 555 0132,,12",
            "+1 415 555 0132 ｘ12",
            "+1 415 555 0132 Extension: 12",
        ] {
            let spelt = read(text).unwrap();
            assert_eq!(spelt.extension.as_deref(), Some("12"), "{text}");
            assert_eq!(spelt.digits, "14155550132", "{text}");
        }
        assert_eq!(read("+1 415 555 0132 x007").unwrap().extension.as_deref(), Some("007"));
    }

    #[test]
    fn letters_are_never_turned_into_digits() {
        assert!(read("+33 67a829916").unwrap_err().contains("'a'"));
        assert!(read("1-800-FLOWERS").unwrap_err().contains("'F'"));
        assert!(read("98765+43210").unwrap_err().contains("in front"));
        assert_eq!(read("  ").unwrap_err(), "is needed");
        assert_eq!(read("( )").unwrap_err(), "needs digits");
    }
}
