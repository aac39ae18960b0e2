//! How numbers are written: digits of several scripts, marks copied along with them, an
//! extension behind them. What is left is a plus, if there was one, and ASCII digits.

use crate::contact::{
    label::{self, Label},
    text::is_bidi_control,
};

/// Nobody's number is written in more characters than this.
const LONGEST: usize = 120;

/// A number as it was meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spelt {
    /// Whether it began with a plus.
    pub(super) plus: bool,
    /// Its digits, in order.
    pub(super) digits: String,
    /// The same without a "(0)" behind a calling code, if there was one.
    pub(super) without_trunk: Option<String>,
    /// The extension behind it.
    pub(super) extension: Option<String>,
    /// Words round it, as they were written.
    pub(super) around: Vec<String>,
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
    let (bare, around) = bare(&plain);
    let bare = without_carrier(bare);
    let (number, extension) = without_extension(&bare);
    let number = number.trim_end_matches([',', ';', '.', ' ']);
    let plus = number.starts_with('+') || number.starts_with("(+");
    let mut digits = String::new();
    for (at, letter) in number.char_indices() {
        match letter {
            '0'..='9' => digits.push(letter),
            '+' if digits.is_empty() && number[..at].chars().all(|c| c == '(') => {}
            '+' => return Err("has a + in the middle; it belongs in front".into()),
            ' ' | '-' | '(' | ')' | '.' | '/' => {}
            _ => return Err(odd_word(&number[at..])),
        }
    }
    if digits.is_empty() {
        return Err("needs digits".into());
    }
    let without_trunk = trunk_in_brackets(number, plus).map(|trunk| {
        let mut without = digits.clone();
        without.remove(trunk);
        without
    });
    Ok(Spelt { plus, digits, without_trunk, extension, around })
}

/// What is in a number and belongs in none, the whole word.
fn odd_word(text: &str) -> String {
    let is_mark = |c: char| c.is_ascii_digit() || " +()./-".contains(c);
    let word: String = text.chars().take_while(|c| !is_mark(*c)).take(20).collect();
    let first: String = word.chars().take(1).collect();
    let inside =
        if word == first { String::new() } else { format!(" (`{}`)", word.escape_debug()) };
    format!("may hold digits, blanks and + ( ) - . /, not '{}'{inside}", first.escape_debug())
}

/// ASCII letters and digits, plain blanks and hyphens; no invisible marks.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.trim().chars() {
        match letter {
            _ if is_bidi_control(letter) => {}
            '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{ad}' => {}
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{ff0d}' | '\u{30fc}' => {
                plain.push('-');
            }
            '\u{fe62}' => plain.push('+'),
            '\u{b7}' | '\u{2022}' | '\u{30fb}' => plain.push('.'),
            '\u{223c}' => plain.push('~'),
            // Full-width forms stand beside their ASCII letters in the same order.
            '\u{ff01}'..='\u{ff5e}' => {
                plain.push(char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter));
            }
            '\n' => plain.push('\n'),
            _ if letter.is_whitespace() => plain.push(' '),
            _ => plain.push(ascii_digit(letter).unwrap_or(letter)),
        }
    }
    plain.trim().to_owned()
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

/// The number without what programs and people write round a whole one: a scheme
/// ("whatsapp:", "sip:"), a label ("mob", "Tel.", "(m)"). `tel:` is spelling and not told.
fn bare(text: &str) -> (&str, Vec<String>) {
    let mut around = Vec::new();
    if !text.contains(|c: char| {
        c.is_alphabetic() || matches!(c, '@' | '☎' | '☏' | '📞' | '📱' | '📠' | '✆')
    }) {
        return (text, around);
    }
    let mut rest = text;
    if let Some(behind) = without_prefix(rest, "tel:") {
        rest = behind.trim_start_matches('/').trim_start();
    }
    while let Some(behind) = SCHEMES.iter().find_map(|scheme| without_prefix(rest, scheme)) {
        around.push(rest[..rest.len() - behind.len()].to_owned());
        rest = behind.trim_start();
    }
    if let Some((number, host)) = rest.split_once('@') {
        around.push(format!("@{host}"));
        rest = number;
    }
    if let Some((number, parameters)) = rest.split_once('?') {
        around.push(format!("?{parameters}"));
        rest = number;
    }
    if let Some((Label::Number(_), behind)) = label::in_front(rest) {
        around.push(rest[..rest.len() - behind.len()].trim().to_owned());
        rest = behind;
    }
    let end = rest.rfind(|c: char| c.is_ascii_digit()).map_or(0, |at| at + 1);
    let tail = rest[end..].trim();
    let word = tail.trim_matches(|c: char| !c.is_alphanumeric());
    let named = label::line(word).is_some() || label::line_of_type(word) != label::Line::Plain;
    // "x" and its like lead to an extension that is not there; that stays a fault.
    // Nor is a word a label where there is no number.
    if named && end > 0 && !word.is_empty() && !matches!(word, "x" | "X") {
        around.push(tail.to_owned());
        rest = rest[..end].trim_end();
    }
    (rest, around)
}

/// The text without words round a number, or as it is where there are none.
pub(super) fn without_words(text: &str) -> String {
    let plain = plain(text);
    let (bare, around) = bare(&plain);
    if around.is_empty() && bare.len() == plain.len() {
        text.trim().to_owned()
    } else {
        bare.to_owned()
    }
}

/// Schemes of links to a number. Links of the channel's own leave the plus out.
const SCHEMES: [&str; 20] = [
    "whatsapp://send?phone=+",
    "whatsapp://send?phone=",
    "https://api.whatsapp.com/send?phone=",
    "whatsapp:",
    "callto://",
    "callto:",
    "sips:",
    "sip:",
    "smsto:",
    "sms:",
    "facetime:",
    "facetime-audio:",
    "skype:",
    "viber:",
    "signal:",
    "telegram:",
    "phone:",
    "mobile:",
    "cell:",
    "tel:",
];

fn without_prefix<'text>(text: &'text str, prefix: &str) -> Option<&'text str> {
    let start = text.get(..prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

/// Brazil writes "xx" where the code of a carrier is dialled: "(0xx11) 96123-4567".
fn without_carrier(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let Some(at) = lower.find("xx").or_else(|| lower.find("**")) else { return text.to_owned() };
    let before = text[..at].trim_end_matches([' ', '-']);
    let behind = text[at + 2..].trim_start_matches([' ', '-', ')']);
    let opened = before.ends_with(['0', '(']) || before.is_empty();
    let digits_before = before.chars().filter(char::is_ascii_digit).count();
    if opened && digits_before <= 3 && behind.starts_with(|c: char| c.is_ascii_digit() || c == '(')
    {
        format!("{before}{behind}")
    } else {
        text.to_owned()
    }
}

/// Splits an extension off: a mark people use for it, then digits at the end. The marks and
/// their longest extensions are libphonenumber's (`createExtnPattern`), and words of ours.
fn without_extension(text: &str) -> (&str, Option<String>) {
    const WORDS: [&str; 22] = [
        "extensión",
        "extension",
        "extensio\u{301}n",
        "extensio",
        "extn",
        "ext",
        "xtn",
        "xt",
        "доб",
        "anexo",
        "durchwahl",
        "klappe",
        "ramal",
        "interno",
        "poste",
        "toestel",
        "wew",
        "linka",
        "内線",
        "內線",
        "分机",
        "내선",
    ];
    const MARKS: [&str; 4] = ["int", "x", "#", "~"];
    let hashed = text.ends_with('#');
    let body = text.trim_end_matches(['#', ' ', ')']);
    let number = body.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = &body[number.len()..];
    let lower = number.to_lowercase();
    if digits.is_empty() || lower.len() != number.len() {
        return (text, None);
    }
    let before = lower.trim_end_matches([' ', ',', '-']);
    let marked = before.strip_suffix([':', '.', '=']).unwrap_or(before).trim_end_matches(' ');
    let labelled = |words: &[&str], most: usize| {
        let mark = words.iter().find_map(|word| marked.strip_suffix(word));
        mark.filter(|_| digits.len() <= most)
    };
    let commas = lower.trim_end_matches([' ', '-', '.', ':']);
    let dialled = commas
        .strip_suffix([',', ';'])
        .filter(|it| digits.len() <= 6 || it.ends_with(',') && digits.len() <= 9);
    let american = lower.strip_suffix([' ', '-']).filter(|_| hashed && digits.len() <= 6);
    let found = labelled(&WORDS, 20).or_else(|| labelled(&MARKS, 9)).or(dialled).or(american);
    let left = found.map(|it| text[..it.len()].trim_end_matches([' ', ',', ';', '-', '(', '.']));
    match left.filter(|left| left.chars().filter(char::is_ascii_digit).count() >= 4) {
        Some(left) => (left, Some(digits.to_owned())),
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
        (spelt.plus, spelt.without_trunk.unwrap_or(spelt.digits))
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
        let spelt = read("0044 (0)20 7183 8750").unwrap();
        assert_eq!(spelt.without_trunk.as_deref(), Some("00442071838750"));
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
            "+1 415 555 0132 ｅｘｔ．12",
            "+1 415 555 0132 ｅｘｔ．１２",
            "+1 415 555 0132, 12",
            "+1 415 555 0132 extensión 12",
            "+1 415 555 0132 extn 12",
            "+1 415 555 0132 (ext. 12)",
            "+1 415 555 0132 int 12",
            "+1 415 555 0132 int. 12",
            "+1 415 555 0132 ~12",
            "+1 415 555 0132 anexo 12",
            "+1 415 555 0132 -12#",
            "+1 415 555 0132;12",
            "+1 415 555 0132 内線12",
            "+1 415 555 0132 Durchwahl 12",
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
        assert!(read("1-800-FLOWERS").unwrap_err().contains("'F' (`FLOWERS`)"));
        assert!(read("98765+43210").unwrap_err().contains("in front"));
        assert_eq!(read("  ").unwrap_err(), "is needed");
        assert_eq!(read("( )").unwrap_err(), "needs digits");
    }

    #[test]
    fn what_stands_round_a_whole_number_is_left_out_and_told() {
        for (text, wanted, around) in [
            ("whatsapp:+447911123123", "447911123123", &["whatsapp:"][..]),
            ("callto:+447911123123", "447911123123", &["callto:"]),
            ("callto://+447911123123", "447911123123", &["callto://"]),
            ("sip:+447911123123@sip.example.com", "447911123123", &["sip:", "@sip.example.com"]),
            ("tel:+447911123123", "447911123123", &[]),
            ("07911 123123 (mob)", "07911123123", &["(mob)"]),
            ("07911 123123 mobile", "07911123123", &["mobile"]),
            ("(m) 07911 123123", "07911123123", &["(m)"]),
            ("mob 07911 123123", "07911123123", &["mob"]),
            ("Mobil: 07911 123123", "07911123123", &["Mobil:"]),
            ("Tel. 07911 123123", "07911123123", &["Tel."]),
            ("WhatsApp: +447911123123", "447911123123", &["WhatsApp:"]),
            ("07911 123123 (work)", "07911123123", &["(work)"]),
        ] {
            let spelt = read(text).unwrap_or_else(|why| panic!("{text} {why}"));
            assert_eq!(
                (spelt.digits.as_str(), &spelt.around[..]),
                (wanted, &around.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>()[..]),
                "{text}"
            );
        }
        assert!(read("whatsup:+447911123123").unwrap_err().contains("`whatsup:`"));
    }

    #[test]
    fn a_placeholder_for_a_carrier_does_not_take_the_area_code_with_it() {
        for text in [
            "(0xx11) 96123-4567",
            "0xx11 96123-4567",
            "(0XX11)96123-4567",
            "0 xx 11 96123 4567",
            "(0**11) 96123-4567",
        ] {
            assert_eq!(digits(text).1, "011961234567", "{text}");
        }
        assert_eq!(digits("+55 (xx11) 96123-4567").1, "5511961234567");
    }
}
