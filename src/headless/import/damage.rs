//! What spreadsheets do to cells: repaired where only one thing can have been meant,
//! refused with the cure where digits or letters are gone.

use crate::contact::letters;

/// A cell as it was meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mended {
    pub(super) text: String,
    /// What it was before, when somebody may want to know that it was changed.
    pub(super) was: Option<String>,
}

/// Mends any cell that is used.
///
/// # Errors
/// A sentence that reads on from the field's label, with the cure.
pub(super) fn mend(cell: &str) -> Result<Mended, String> {
    const ERRORS: [&str; 8] =
        ["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "Err:5"];
    // Marks that programs leave at the edges, seen by nobody.
    let bare = cell.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}' | '\u{2060}')
    });
    if ERRORS.iter().any(|error| bare.starts_with(error)) || is_hashes(bare) {
        return Err(format!(
            "is the spreadsheet's error `{}`, not a value; mend the formula or widen the column",
            bare.chars().take(12).collect::<String>()
        ));
    }
    let (meant, was) = match formula_text(bare) {
        Some(text) => (text, Some(bare.to_owned())),
        None => (bare, None),
    };
    match letters::mended(meant) {
        Ok(whole) if whole == meant => Ok(Mended { text: meant.to_owned(), was }),
        Ok(whole) => Ok(Mended { text: whole.into_owned(), was: Some(bare.to_owned()) }),
        Err(_) => Err(format!(
            "holds letters that were lost (`{}`) when the file was saved or opened in the wrong \
             encoding; export it again as CSV UTF-8",
            bare.chars().take(40).collect::<String>()
        )),
    }
}

/// Mends a cell that holds a number to dial.
///
/// # Errors
/// A sentence that reads on from the field's label, with the cure.
pub(super) fn mend_number(cell: &str) -> Result<Mended, String> {
    let mut mended = mend(cell)?;
    let number = mended.text.trim_start_matches('\'');
    if number.len() < mended.text.len() && number.starts_with(|c: char| c.is_numeric() || c == '+')
    {
        mended.text = number.to_owned();
    }
    if let Some((mantissa, exponent)) = scientific(&mended.text) {
        let digits = whole_number(mantissa, exponent).ok_or_else(|| {
            format!(
                "`{}` has lost digits in the spreadsheet; format the column as text, type the \
                 number again and save the CSV anew",
                mended.text
            )
        })?;
        mended.was = Some(std::mem::replace(&mut mended.text, digits));
    } else if let Some(digits) = decimal(&mended.text) {
        let digits = digits.to_owned();
        mended.was = Some(std::mem::replace(&mut mended.text, digits));
    }
    Ok(mended)
}

/// `="0123"`: a text that its writer kept from being counted with.
fn formula_text(cell: &str) -> Option<&str> {
    let quoted = cell.strip_prefix('=')?.trim();
    let text = quoted.strip_prefix('"')?.strip_suffix('"')?;
    (!text.contains('"')).then_some(text)
}

/// A column too narrow for its numbers.
fn is_hashes(cell: &str) -> bool {
    cell.len() > 2 && cell.bytes().all(|byte| byte == b'#')
}

/// "J?rgen": a letter that the program before us could not write.
pub(super) fn lost_to_a_question_mark(name: &str) -> bool {
    let letters: Vec<char> = name.chars().collect();
    let letter =
        |at: Option<usize>| at.and_then(|at| letters.get(at)).is_some_and(|it| it.is_alphabetic());
    letters
        .iter()
        .enumerate()
        .any(|(at, it)| *it == '?' && (letter(at.checked_sub(1)) || letter(Some(at + 1))))
}

/// `9.19877E+11` or `9,19877E+11`.
fn scientific(cell: &str) -> Option<(&str, usize)> {
    let (mantissa, exponent) = cell.split_once(['e', 'E'])?;
    let digits = mantissa.strip_prefix('+').unwrap_or(mantissa);
    let is_number = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','));
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    (is_number && !exponent.is_empty()).then_some(())?;
    Some((mantissa, exponent.parse().ok()?))
}

/// The number whose every digit is still there.
fn whole_number(mantissa: &str, exponent: usize) -> Option<String> {
    let plus = if mantissa.starts_with('+') { "+" } else { "" };
    let digits = mantissa.trim_start_matches('+');
    let (whole, part) = digits.split_once(['.', ',']).unwrap_or((digits, ""));
    let complete = whole.len() == 1 && part.len() == exponent && !part.contains(['.', ',']);
    complete.then(|| format!("{plus}{whole}{part}"))
}

/// `919876543210.0`: a number that a program took for a fraction.
fn decimal(cell: &str) -> Option<&str> {
    let digits = cell.strip_suffix(".0").or_else(|| cell.strip_suffix(".00"))?;
    let bare = digits.strip_prefix('+').unwrap_or(digits);
    (bare.len() >= 6 && bare.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_can_only_mean_one_number_is_repaired() {
        for (cell, meant) in [
            ("=\"0123456\"", "0123456"),
            ("=\"+919876543210\"", "+919876543210"),
            ("'098765 43210", "098765 43210"),
            ("'+919876543210", "+919876543210"),
            ("919876543210.0", "919876543210"),
            ("9.19876543210E+11", "919876543210"),
            ("9,19876543210E+11", "919876543210"),
            ("\u{a0}98765\u{a0}43210\u{feff}", "98765\u{a0}43210"),
            ("+39 06 12345678", "+39 06 12345678"),
        ] {
            assert_eq!(mend_number(cell).unwrap().text, meant, "{cell}");
        }
    }

    #[test]
    fn what_lost_digits_or_letters_is_refused_with_the_cure() {
        for (cell, cure) in [
            ("9.19877E+11", "as text"),
            ("9,19877E+11", "as text"),
            ("9.1987654321e11", "as text"),
            ("9E+11", "as text"),
            ("#N/A", "formula"),
            ("########", "widen"),
        ] {
            let told = mend_number(cell).unwrap_err();
            assert!(told.contains(cure), "{cell}: {told}");
        }
        for cell in ["M&foo;ller", "Jos\u{fffd}", "Â\u{a0}Doe"] {
            assert!(mend(cell).unwrap_err().contains("UTF-8"), "{cell}");
        }
        for cell in ["Müller", "JOÃO", "Ân", "Ãlvaro", "'t Hooft", "É", "Nguyễn"] {
            assert_eq!(mend(cell).unwrap().text, cell);
        }
    }

    #[test]
    fn numbers_that_only_look_like_fractions_or_powers_stay_as_they_are() {
        for cell in ["030 901820", "1e", "E12", "12.34.56.78.90", "06.12.34.56.78", "12.0"] {
            assert_eq!(mend_number(cell).unwrap().text, cell);
        }
    }

    proptest! {
        #[test]
        fn no_cell_panics(cell in any::<String>(), number in "[0-9eE+.,'=\"#]{0,20}") {
            let _ = (mend(&cell), mend_number(&cell), mend_number(&number));
        }
    }
}
