//! Cells that no spreadsheet takes for a formula, and what they were before.
//!
//! A formula begins with a sign, behind whatever a spreadsheet does not see: blanks, a byte
//! order mark, and in some of them the full-width sign. It begins where a cell begins, and
//! a file that was written with commas is torn apart at semicolons where a spreadsheet's
//! language has those. There an apostrophe is put before it, and before any apostrophe that
//! stands there already, so that all of them can be taken off again.

/// A cell that no spreadsheet takes for a formula.
#[must_use]
pub fn neutral(text: &str) -> String {
    let mut guarded = String::with_capacity(text.len());
    let mut begins = true;
    for (at, letter) in text.char_indices() {
        let rest = &text[at..];
        if begins && needs_guard(rest, at == 0) {
            guarded.push('\'');
        }
        guarded.push(letter);
        begins = separates(letter);
    }
    guarded
}

/// What a cell was before [`neutral`]; any other cell stays as it is.
#[must_use]
pub fn original(cell: &str) -> String {
    // From the end, for whether an apostrophe is ours is told by what stood behind it.
    let mut behind: Vec<char> = Vec::with_capacity(cell.len());
    let letters: Vec<char> = cell.chars().collect();
    for at in (0..letters.len()).rev() {
        let begins = at == 0 || separates(letters[at - 1]);
        let rest = || behind.iter().rev().copied();
        if letters[at] == '\'' && begins && is_guarded(rest(), at == 0) {
            continue;
        }
        behind.push(letters[at]);
    }
    behind.into_iter().rev().collect()
}

fn needs_guard(rest: &str, first: bool) -> bool {
    is_guarded(rest.chars(), first)
}

/// Whether a guard belongs before this text.
fn is_guarded(mut rest: impl Iterator<Item = char>, first: bool) -> bool {
    let Some(letter) = rest.next() else { return false };
    if letter == '\'' || first && matches!(letter, '\t' | '\r') {
        return true;
    }
    let is_sign = |letter: char| "=+-@＝＋－＠﹦﹢﹣﹫".contains(letter);
    let seen =
        if is_unseen(letter) { rest.find(|letter| !is_unseen(*letter)) } else { Some(letter) };
    seen.is_some_and(is_sign)
}

/// What parts cells in one language's files or another's.
fn separates(letter: char) -> bool {
    matches!(letter, ';' | ',' | '\t' | '\r' | '\n')
}

/// What a spreadsheet does not see before a formula.
fn is_unseen(letter: char) -> bool {
    letter.is_whitespace()
        || letter.is_control()
        || matches!(
            letter,
            '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{ad}' | '\u{180e}'
        )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_formula_is_guarded_wherever_a_spreadsheet_would_find_one() {
        for (text, guarded) in [
            ("=1+1", "'=1+1"),
            ("+447911123123", "'+447911123123"),
            (" =1", "' =1"),
            ("\u{a0}@x", "'\u{a0}@x"),
            ("\u{feff}-1", "'\u{feff}-1"),
            ("＝1", "'＝1"),
            ("a;=1", "a;'=1"),
            ("a; +1,-2", "a;' +1,'-2"),
            ("a\n=1", "a\n'=1"),
            ("\tx", "'\tx"),
            ("'t Hooft", "''t Hooft"),
        ] {
            assert_eq!(neutral(text), guarded);
            assert_eq!(original(guarded), text);
        }
        for text in ["Doe-Roe", "a = b", "x, y", "O'Brien", "1-2", "", "a;b"] {
            assert_eq!(neutral(text), text);
        }
        for cell in ["'0123", "'t Hooft"] {
            assert_eq!(original(cell), cell, "an apostrophe of somebody else's");
        }
    }

    proptest! {
        #[test]
        fn whatever_was_guarded_reads_back_as_itself(
            text in "([;,'=+@ \t\r\n\u{a0}\u{feff}＝a-]{0,12}|\\PC{0,12}){0,3}",
        ) {
            let guarded = neutral(&text);
            prop_assert_eq!(original(&guarded), text);
            for part in guarded.split([';', ',', '\t', '\r', '\n']) {
                let seen = part.trim_start_matches(is_unseen);
                prop_assert!(!seen.starts_with(['=', '+', '-', '@', '＝']), "{guarded:?}");
            }
        }
    }
}
