//! What spreadsheets do to cells: repaired where only one thing can have been meant,
//! refused with the cure where digits or letters are gone.

/// A cell as it was meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mended {
    pub(super) text: String,
    /// What was done to it, when somebody may want to know.
    pub(super) note: Option<String>,
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
    if bare.contains('\u{fffd}') || looks_misread(bare) {
        return Err(format!(
            "holds letters that were lost (`{}`) when the file was saved or opened in the wrong \
             encoding; export it again as CSV UTF-8",
            bare.chars().take(40).collect::<String>()
        ));
    }
    match formula_text(bare) {
        Some(text) => {
            let note = Some(format!("read {bare} as {text}"));
            Ok(Mended { text: text.to_owned(), note })
        }
        None => Ok(Mended { text: bare.to_owned(), note: None }),
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
        mended.note = Some(format!("read {} as {digits}", mended.text));
        mended.text = digits;
    } else if let Some(digits) = decimal(&mended.text) {
        mended.note = Some(format!("read {} as {digits}", mended.text));
        mended.text = digits.to_owned();
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

/// UTF-8 that was read as Windows-1252: `MÃ¼ller`. A capital A with a tilde or
/// a circumflex and a symbol behind it is in no name.
fn looks_misread(cell: &str) -> bool {
    let symbol = |letter: char| matches!(letter, '\u{80}'..='\u{bf}' | '€' | '‚'..='‡' | '‰' | '‹' | '›' | '•' | '…' | '™' | '˜' | 'ˆ');
    let mut before = ' ';
    cell.chars().any(|letter| {
        let odd = matches!(before, 'Ã' | 'Â') && symbol(letter);
        before = letter;
        odd
    })
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
        for cell in ["MÃ¼ller", "Jos\u{fffd}", "Â\u{a0}Doe"] {
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
