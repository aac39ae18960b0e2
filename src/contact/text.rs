//! Text from outside made harmless for one line of a screen, a log or a table.
//!
//! Names and error bodies may hold escape sequences, C1 bytes or direction overrides
//! that clear a screen, write a clipboard or make a number read backwards. Letters of
//! every script stay, the joiners of Persian and Hindi names included.

/// Whether a character changes the direction of the text around it (Unicode TR 9).
#[must_use]
pub fn is_bidi_control(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}')
}

/// `text` without marks nobody sees: those of direction wherever they are, blanks of no width,
/// and joiners that join nothing. The joiners of Persian, Indian and emoji names stay.
#[must_use]
pub fn without_invisible(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut letters =
        text.chars().filter(|letter| !is_bidi_control(*letter) && !is_of_no_width(*letter));
    let mut letter = letters.next();
    while let Some(this) = letter {
        letter = letters.next();
        let joined = |it: char| !it.is_ascii() && !it.is_whitespace() && !it.is_numeric();
        let behind = clean.chars().next_back().is_some_and(joined);
        let before = letter.is_some_and(joined);
        let kept = match this {
            // A form without its vowel ends a word in Malayalam: a joiner behind the sign.
            '\u{200d}' => behind && (before || clean.ends_with(is_virama)),
            '\u{200c}' => behind && before,
            _ => true,
        };
        if kept {
            clean.push(this);
        }
    }
    clean
}

/// Zero width space, soft hyphen, word joiner and its like, byte order mark.
fn is_of_no_width(letter: char) -> bool {
    matches!(letter, '\u{200b}' | '\u{ad}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// The sign of Indian scripts that takes a letter's vowel away.
fn is_virama(letter: char) -> bool {
    unicode_normalization::char::canonical_combining_class(letter) == 9
}

/// `text` on one line: escape sequences taken out whole, line ends and tabs as blanks,
/// every other control and every direction control left out.
#[must_use]
pub fn safe(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\u{1b}' => skip_sequence(&mut letters),
            '\u{9b}' => skip_csi(&mut letters),
            '\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}' => skip_string(&mut letters),
            '\n' | '\r' | '\t' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                clean.push(' ');
            }
            _ if letter.is_control() || is_bidi_control(letter) => {}
            _ => clean.push(letter),
        }
    }
    clean
}

type Letters<'a> = std::iter::Peekable<std::str::Chars<'a>>;

/// After ESC: a CSI or a string sequence (ECMA-48, 8.3), or one letter.
fn skip_sequence(letters: &mut Letters) {
    match letters.peek() {
        Some('[') => {
            letters.next();
            skip_csi(letters);
        }
        Some(']' | 'P' | 'X' | '^' | '_') => {
            letters.next();
            skip_string(letters);
        }
        Some(next) if next.is_ascii_graphic() => {
            letters.next();
        }
        _ => {}
    }
}

/// Parameters and intermediates up to the final byte; text that is neither ends it too.
fn skip_csi(letters: &mut Letters) {
    while let Some(next) = letters.next_if(|next| matches!(next, ' '..='~')) {
        if matches!(next, '@'..='~') {
            return;
        }
    }
}

/// Up to the string's end, BEL or ST; one that never ends goes no further than a
/// terminal would believe it.
fn skip_string(letters: &mut Letters) {
    const LONGEST: usize = 4096;
    for _ in 0..LONGEST {
        match letters.next() {
            None | Some('\u{7}' | '\u{9c}') => return,
            Some('\u{1b}') => {
                letters.next_if_eq(&'\\');
                return;
            }
            Some(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sequences_that_drive_a_terminal_are_taken_out_whole() {
        for (hostile, left) in [
            ("a\u{1b}[2Jb", "ab"),
            ("a\u{1b}]52;c;SGk=\u{7}b", "ab"),
            ("a\u{1b}]8;;http://x\u{1b}\\b", "ab"),
            ("a\u{9b}31mb", "ab"),
            ("a\u{1b}Pq\u{9c}b", "ab"),
            ("a\u{1b}]0;never ended", "a"),
            ("John\u{202e}eoD", "JohneoD"),
            ("a\r\nb\tc", "a  b c"),
            ("nul\0", "nul"),
        ] {
            assert_eq!(safe(hostile), left, "{hostile:?}");
        }
    }

    #[test]
    fn letters_of_every_script_and_their_joiners_stay() {
        for name in ["Ngọc Ánh", "山田", "👩\u{200d}👩\u{200d}👧", "می\u{200c}خواهم", "O'Brien"]
        {
            assert_eq!(safe(name), name);
        }
    }

    #[test]
    fn marks_that_nobody_sees_go_and_joiners_inside_a_name_stay() {
        for (text, left) in [
            ("\u{202a}+1 415\u{202c} Zoë", "+1 415 Zoë"),
            ("\u{2068}Zoë\u{2069}\u{200f}", "Zoë"),
            ("\u{200b}\u{feff}Zoë\u{2060} \u{200d}Tester\u{200c}", "Zoë Tester"),
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
            ("می\u{200c} خواهم\u{200c}", "می خواهم"),
            ("ശ്രീമോഹന\u{d4d}\u{200d}", "ശ്രീമോഹന\u{d4d}\u{200d}"),
            ("👩\u{200d}👩", "👩\u{200d}👩"),
        ] {
            assert_eq!(without_invisible(text), left, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_in_nothing_that_controls_comes_out(text in any::<String>()) {
            let clean = safe(&text);
            prop_assert!(!clean.chars().any(|c| c.is_control() || is_bidi_control(c)));
            prop_assert_eq!(safe(&clean), clean);
        }
    }
}
