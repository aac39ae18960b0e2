//! Two numbers in one place: "030 123456 / 654321", "0812 3456 78/79", "07911 123124 :::
//! 07911 123125". They are never one number with the digits of both.
//!
//! A mark that only stands between numbers (`;`, `|`, `:::`, "or", a line's end) always
//! parts them. A slash and a blank also stand inside numbers ("030/123456"): they part two
//! only where what is in front already is a number of the plan.

use super::{Phone, Reading, spelling};
use crate::contact::{
    label::{self, Label, Line},
    region::Region,
};

/// Digits from which on a part is a number of its own.
const FEWEST: usize = 5;

/// More than one number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Several {
    /// The one to call.
    pub(super) taken: String,
    pub(super) left: Vec<String>,
}

impl Several {
    /// What is asked of somebody who typed it.
    pub(super) fn question(&self) -> String {
        let left = self.left.join(" and ");
        format!("seems to hold two numbers, {} and {left}; keep one", self.taken)
    }
}

/// Finds the numbers in a text; `None` when there is no more than one.
pub(super) fn split(text: &str, region: Option<Region>) -> Option<Several> {
    // Most texts hold nothing that parts two numbers, and few digits.
    let text = spelling::plain(text);
    if digits(&text) < FEWEST + 2 {
        return None;
    }
    let apart = |c: char| c.is_alphabetic() || "\n;|,:+&、؛،".contains(c);
    let parts = if text.chars().skip(1).any(apart) { parted(&text) } else { Vec::new() };
    if parts.iter().filter(|part| digits(part) >= FEWEST).count() > 1 {
        return Some(best(parts, region));
    }
    by_slash(&text, region).or_else(|| by_blank(&text, region))
}

fn digits(text: &str) -> usize {
    text.chars().filter(char::is_ascii_digit).count()
}

fn is_valid(text: &str, region: Option<Region>) -> bool {
    matches!(Phone::parse_one(text, region), Reading::Valid(_))
}

/// The parts between marks that no number has inside.
fn parted(text: &str) -> Vec<String> {
    const WORDS: [&str; 16] = [
        "or", "oder", "ou", "o", "u", "of", "lub", "nebo", "eller", "and", "und", "et", "bzw.",
        "&", "или", "y",
    ];
    let mut parts = vec![String::new()];
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let part = parts.len() - 1;
        let behind = &text[at + letter.len_utf8()..];
        let parts_here = match letter {
            '\n' | ';' | '|' | '、' | '؛' | '،' => true,
            // A comma also leads to an extension.
            ',' => digits(behind.split([',', ';', '|']).next().unwrap_or("")) > 6,
            ':' => text[at..].starts_with(":::"),
            '+' => digits(&parts[part]) > 6,
            _ => false,
        };
        let word = (letter == ' ').then(|| {
            let word = behind.split(' ').next().unwrap_or("");
            word.to_lowercase()
        });
        match word.filter(|word| WORDS.contains(&word.as_str())) {
            Some(word) if digits(&parts[part]) > 0 => {
                // The word itself is passed over.
                for _ in word.chars() {
                    letters.next();
                }
                parts.push(String::new());
            }
            Some(_) | None if parts_here => {
                if letter == ':' {
                    letters.nth(1);
                }
                parts.push(if letter == '+' { "+".into() } else { String::new() });
            }
            Some(_) | None => parts[part].push(letter),
        }
    }
    let whole = parts.into_iter().map(|part| part.trim_matches([' ', '/', ',', '-']).to_owned());
    whole.filter(|part| digits(part) > 0).collect()
}

/// The best of them: of the likeliest line, and a number of the plan before others.
fn best(mut parts: Vec<String>, region: Option<Region>) -> Several {
    let rank = |part: &String| {
        let line = match label::in_front(part) {
            Some((Label::Number(line), _)) => line,
            Some(_) | None => Line::Plain,
        };
        (!line.is_voice(), !is_valid(part, region), line > Line::Preferred)
    };
    let at = (0..parts.len()).min_by_key(|at| rank(&parts[*at])).unwrap_or(0);
    let taken = parts.remove(at);
    Several { taken, left: parts }
}

/// "030 123456 / 654321": what is in front of a slash already is a number.
fn by_slash(text: &str, region: Option<Region>) -> Option<Several> {
    let slashes = text.match_indices('/').map(|(at, _)| at);
    for at in slashes {
        let (front, behind) = (text[..at].trim_end(), text[at + 1..].trim());
        if digits(front) < FEWEST || digits(behind) == 0 {
            continue;
        }
        if is_valid(front, region) {
            let left = behind.split('/').map(|it| it.trim().to_owned()).collect();
            return Some(Several { taken: front.to_owned(), left });
        }
        // "n/a, 0171 1234567": only what is behind it is one.
        let begins_anew = behind.starts_with(['0', '+']) && is_valid(behind, region);
        if begins_anew && !is_valid(text, region) {
            return Some(Several { taken: behind.to_owned(), left: vec![front.to_owned()] });
        }
    }
    None
}

/// "030 123456 654323": two groups that each make a number with what is in front of both,
/// or two whole numbers with a blank between.
fn by_blank(text: &str, region: Option<Region>) -> Option<Several> {
    if digits(text) < 12 {
        return None;
    }
    let both = text.match_indices(' ').map(|(at, _)| (text[..at].trim_end(), text[at..].trim()));
    for (front, behind) in both.filter(|(front, behind)| digits(front).min(digits(behind)) > 5) {
        let several = || Some(Several { taken: front.to_owned(), left: vec![behind.to_owned()] });
        if behind.starts_with(['0', '+']) && is_valid(front, region) && is_valid(behind, region) {
            return several();
        }
        let Some((area, first)) = front.rsplit_once(' ') else { continue };
        let alike = digits(first) > 4 && !behind.contains(' ') && digits(area) > 1;
        if alike && is_valid(front, region) && is_valid(&format!("{area} {behind}"), region) {
            return several();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, code: &str) -> Option<(String, String)> {
        let several = split(text, Region::from_code(code))?;
        Some((several.taken, several.left.join("|")))
    }

    #[test]
    fn two_numbers_are_two_and_the_first_is_taken() {
        for (text, code, taken, left) in [
            ("030 123456 / 654321", "DE", "030 123456", "654321"),
            ("030 123456 654323", "DE", "030 123456", "654323"),
            ("030 1234-56/57", "DE", "030 1234-56", "57"),
            ("0664 1234567 / 68", "AT", "0664 1234567", "68"),
            ("0512 123456/57", "AT", "0512 123456", "57"),
            ("0812 3456 78/79", "ID", "0812 3456 78", "79"),
            ("07911 123124 ::: 07911 123125", "GB", "07911 123124", "07911 123125"),
            ("07911 123124;07911 123125", "GB", "07911 123124", "07911 123125"),
            ("07911 123124 or 07911 123125", "GB", "07911 123124", "07911 123125"),
            ("030 123456 oder 030 654321", "DE", "030 123456", "030 654321"),
            ("07911 123124, 07911 123125", "GB", "07911 123124", "07911 123125"),
            ("07911 123124 07911 123125", "GB", "07911 123124", "07911 123125"),
            ("+44 7911 123124 +44 7911 123125", "", "+44 7911 123124", "+44 7911 123125"),
            ("+447911123124 / +447911123125", "", "+447911123124", "+447911123125"),
            ("Fax 030 123450; Tel. 030 123456", "DE", "Tel. 030 123456", "Fax 030 123450"),
            ("030 123456\n0171 1234567", "DE", "030 123456", "0171 1234567"),
        ] {
            assert_eq!(read(text, code), Some((taken.into(), left.into())), "{text} in {code}");
        }
    }

    #[test]
    fn one_number_stays_one_however_it_is_grouped() {
        for (text, code) in [
            ("030/123456", "DE"),
            ("030 / 123456", "DE"),
            ("0171/123 4567", "DE"),
            ("06/12/34/56/78", "FR"),
            ("+44 20/7183/8750", ""),
            ("0041 44 668 18 00", "DE"),
            ("+86 138 0013 8000", ""),
            ("98765 43210", "IN"),
            ("+1 415 555 0132, 12", ""),
            ("+1 415 555 0132;ext=12", ""),
            ("+1 415 555 0132,,12", ""),
            ("+49 1512 3456789", ""),
            ("+49 (0) 30 12345678", ""),
            ("0800 123 4567", "GB"),
        ] {
            assert_eq!(read(text, code), None, "{text} in {code}");
        }
    }
}
