//! Words as phrases are looked for in them.

/// Whether a word of the text begins like this: "cell" is in "cellphone" and not in "cancelled".
pub(super) fn has_word(text: &str, beginning: &str) -> bool {
    text.match_indices(beginning)
        .any(|(at, _)| !text[..at].ends_with(|letter: char| letter.is_alphanumeric()))
}

/// Words as phrases are looked for in them: `CONTACT_ALREADY_EXISTS`,
/// `contactAlreadyExists` and "contact  already exists" are one.
pub(super) fn spoken(words: &str) -> String {
    let mut spoken = String::with_capacity(words.len());
    let mut before = ' ';
    for letter in words.chars() {
        if letter.is_uppercase() && before.is_lowercase() {
            spoken.push(' ');
        }
        let blank = letter.is_whitespace() || letter == '_' || letter == '-';
        if blank && spoken.ends_with(' ') {
            continue;
        }
        if blank {
            spoken.push(' ');
        } else {
            spoken.extend(letter.to_lowercase());
        }
        before = letter;
    }
    spoken
}
