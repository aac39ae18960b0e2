//! What the terminal need not be told again: where its cursor stands and that it shows, and
//! colours that are reset with everything else. Over a slow line a key is these few bytes.

use std::mem;

const SHOW: &[u8] = b"\x1b[?25h";
const HIDE: &[u8] = b"\x1b[?25l";
const RESET: &[u8] = b"\x1b[0m";
/// As the library ends each frame: both colours, then everything.
const RESET_ALL: &[u8] = b"\x1b[39m\x1b[49m\x1b[0m";

/// What was told last.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// The sequence that moved the cursor, while nothing came after it.
    at: Vec<u8>,
    is_shown: bool,
}

impl Known {
    /// The frame without what is known, from now on.
    pub(super) fn less(&mut self, frame: &[u8]) -> Vec<u8> {
        let at = mem::take(&mut self.at);
        let frame = frame.strip_prefix(&at[..]).unwrap_or(frame);
        let mut frame = without(frame, RESET_ALL, RESET);
        let (hidden, shown) = (last(&frame, HIDE), last(&frame, SHOW));
        if hidden.is_none() && shown.is_some() && mem::replace(&mut self.is_shown, true) {
            frame = without(&frame, SHOW, b"");
        } else if hidden.is_some() {
            self.is_shown = shown > hidden;
        }
        self.at = match move_at_end(&frame) {
            Some(moved) => moved.to_vec(),
            // Nothing was told at all.
            None if frame.is_empty() => at,
            None => Vec::new(),
        };
        frame
    }
}

fn last(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).rposition(|it| it == part)
}

fn without(text: &[u8], part: &[u8], instead: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.windows(part.len()).position(|it| it == part) {
        result.extend_from_slice(&rest[..at]);
        result.extend_from_slice(instead);
        rest = &rest[at + part.len()..];
    }
    result.extend_from_slice(rest);
    result
}

/// The cursor's move (`ESC [ row ; column H`) that the text ends with.
fn move_at_end(text: &[u8]) -> Option<&[u8]> {
    let start = last(text, b"\x1b[")?;
    let (row_and_column, end) = text[start..].split_at_checked(text.len() - start - 1)?;
    let plain = |byte: &u8| byte.is_ascii_digit() || *byte == b';';
    let is_move = end == b"H" && row_and_column.get(2..)?.iter().all(plain);
    is_move.then(|| &text[start..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(known: &mut Known, frame: &str) -> String {
        String::from_utf8(known.less(frame.as_bytes())).unwrap()
    }

    #[test]
    fn a_key_is_told_as_its_letter_and_where_the_cursor_goes() {
        let mut known = Known::default();
        let first = "\x1b[1;1Hx\x1b[39m\x1b[49m\x1b[0m\x1b[?25h\x1b[7;20H";
        assert_eq!(told(&mut known, first), "\x1b[1;1Hx\x1b[0m\x1b[?25h\x1b[7;20H");
        let key = "\x1b[7;20H\x1b[1ma\x1b[39m\x1b[49m\x1b[0m\x1b[?25h\x1b[7;21H";
        assert_eq!(told(&mut known, key), "\x1b[1ma\x1b[0m\x1b[7;21H");
    }

    #[test]
    fn a_frame_that_changes_nothing_is_next_to_nothing() {
        let mut known = Known::default();
        let same = "\x1b[39m\x1b[49m\x1b[0m\x1b[?25h\x1b[7;20H";
        told(&mut known, same);
        assert_eq!(told(&mut known, same), "\x1b[0m\x1b[7;20H");
        assert_eq!(told(&mut known, ""), "");
        assert_eq!(told(&mut known, "\x1b[7;20Hx"), "x", "nothing moved it meanwhile");
        assert_eq!(told(&mut known, "\x1b[7;20Hx"), "\x1b[7;20Hx", "the letter did");
    }

    #[test]
    fn a_cursor_that_was_hidden_is_shown_again() {
        let mut known = Known::default();
        assert_eq!(told(&mut known, "\x1b[?25h"), "\x1b[?25h");
        assert_eq!(told(&mut known, "\x1b[?25la"), "\x1b[?25la");
        assert_eq!(told(&mut known, "\x1b[?25h"), "\x1b[?25h");
        assert_eq!(told(&mut known, "a\x1b[?25hb"), "ab");
        assert_eq!(told(&mut known, "\x1b[?25lx\x1b[?25h"), "\x1b[?25lx\x1b[?25h");
        assert_eq!(told(&mut known, "\x1b[?25h"), "");
    }
}
