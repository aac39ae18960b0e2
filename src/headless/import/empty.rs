//! Words that programs write into a cell that holds nothing.

/// Whether a cell of an optional column holds nothing. "NA" is Namibia's code and stays.
pub(super) fn is_nothing(cell: &str) -> bool {
    const WORDS: [&str; 19] = [
        "null",
        "(null)",
        "[null]",
        "nil",
        "none",
        "nan",
        "n/a",
        "#n/a!",
        "n.a.",
        "-",
        "--",
        "---",
        "–",
        "—",
        "\\n",
        "undefined",
        "unknown",
        "k.a.",
        "(none)",
    ];
    let cell = cell.trim();
    cell.is_empty() || WORDS.contains(&cell.to_lowercase().as_str())
}

/// Whether a cell for a name holds nothing: words that are in no name.
pub(super) fn is_no_name(cell: &str) -> bool {
    const WORDS: [&str; 10] =
        ["(null)", "[null]", "n/a", "n.a.", "\\n", "-", "--", "undefined", "(none)", "#n/a!"];
    WORDS.contains(&cell.trim().to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_has_many_words_and_namibia_is_none_of_them() {
        for cell in ["", " ", "NULL", "N/A", "nan", "-", "\\N", "none"] {
            assert!(is_nothing(cell), "{cell}");
        }
        for cell in ["NA", "0", "India", "NO", "Nanna"] {
            assert!(!is_nothing(cell), "{cell}");
        }
        for name in ["Null", "None", "Nan", "Unknown", "Na"] {
            assert!(!is_no_name(name), "{name}");
        }
        assert!(is_no_name("N/A") && is_no_name("\\N"));
    }
}
