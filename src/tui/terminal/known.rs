//! What the terminal need not be told again: where its cursor stands and that it shows, and the
//! style that it writes in. Over a slow line a key is these few bytes: its letter, and where
//! the cursor goes.

use std::mem;

const SHOW: &[u8] = b"\x1b[?25h";
const HIDE: &[u8] = b"\x1b[?25l";
/// The style of nothing special.
pub(super) const RESET: &str = "\x1b[0m";
/// As the library ends each frame: both colours, then everything.
const RESET_ALL: &[u8] = b"\x1b[39m\x1b[49m\x1b[0m";

/// What was told last.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// The sequence that moved the cursor, while nothing came after it.
    at: Vec<u8>,
    is_shown: bool,
    /// The style that the terminal writes in, as it was told since the last reset.
    style: Vec<u8>,
}

impl Known {
    /// The frame without what is known, from now on.
    pub(super) fn less(&mut self, frame: &[u8]) -> Vec<u8> {
        let at = mem::take(&mut self.at);
        let frame = frame.strip_prefix(&at[..]).unwrap_or(frame);
        let mut frame = without(frame, RESET_ALL, RESET.as_bytes());
        let (hidden, shown) = (last(&frame, HIDE), last(&frame, SHOW));
        if hidden.is_none() && shown.is_some() && mem::replace(&mut self.is_shown, true) {
            frame = without(&frame, SHOW, b"");
        } else if hidden.is_some() {
            self.is_shown = shown > hidden;
        }
        let frame = self.styled(&frame);
        self.at = match move_at_end(&frame) {
            Some(moved) => moved.to_vec(),
            // Nothing was told at all.
            None if frame.is_empty() => at,
            None => Vec::new(),
        };
        frame
    }

    /// The frame, which begins in no style and ends in none, beginning in the one that the
    /// terminal has and leaving it in the last one that something was written in.
    fn styled(&mut self, frame: &[u8]) -> Vec<u8> {
        let mut told = Vec::with_capacity(frame.len());
        // What the frame has asked for, and how much of it the terminal has been told.
        let (mut wanted, mut is_told) = (Vec::new(), false);
        for piece in Pieces(frame) {
            match piece {
                Piece::Style(RESET_PIECE) => {
                    wanted.clear();
                    is_told = false;
                }
                Piece::Style(style) => {
                    wanted.extend_from_slice(style);
                    if is_told {
                        told.extend_from_slice(style);
                        self.style.extend_from_slice(style);
                    }
                }
                Piece::Aside(sequence) => told.extend_from_slice(sequence),
                Piece::Text(text) => {
                    if !is_told && self.style != wanted {
                        if !self.style.is_empty() {
                            told.extend_from_slice(RESET.as_bytes());
                        }
                        told.extend_from_slice(&wanted);
                        self.style.clone_from(&wanted);
                    }
                    is_told = true;
                    told.extend_from_slice(text);
                }
            }
        }
        told
    }
}

const RESET_PIECE: &[u8] = RESET.as_bytes();

/// Part of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece<'a> {
    /// A sequence that says how what follows looks.
    Style(&'a [u8]),
    /// A sequence that style is nothing to: where the cursor goes, and whether it shows.
    Aside(&'a [u8]),
    /// What is written or erased, in the style that is set.
    Text(&'a [u8]),
}

struct Pieces<'a>(&'a [u8]);

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        const START: &[u8] = b"\x1b[";
        if self.0.is_empty() {
            return None;
        }
        let sequence = self.0.starts_with(START).then(|| {
            let parameters = self.0[START.len()..].iter().take_while(|it| **it < 0x40).count();
            (START.len() + parameters + 1).min(self.0.len())
        });
        // Other sequences begin with an escape too, and end where the next begins.
        let text =
            || self.0[1..].iter().position(|it| *it == 0x1b).map_or(self.0.len(), |at| at + 1);
        let (piece, rest) = self.0.split_at(sequence.unwrap_or_else(text));
        self.0 = rest;
        Some(match (sequence, piece.last()) {
            (Some(_), Some(b'm')) => Piece::Style(piece),
            (Some(_), Some(b'H' | b'h' | b'l')) => Piece::Aside(piece),
            _ => Piece::Text(piece),
        })
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
        assert_eq!(told(&mut known, first), "\x1b[1;1Hx\x1b[?25h\x1b[7;20H");
        let key = "\x1b[7;20H\x1b[1ma\x1b[39m\x1b[49m\x1b[0m\x1b[?25h\x1b[7;21H";
        assert_eq!(told(&mut known, key), "\x1b[1ma\x1b[7;21H");
        let next = "\x1b[7;21H\x1b[1mb\x1b[39m\x1b[49m\x1b[0m\x1b[?25h\x1b[7;22H";
        assert_eq!(told(&mut known, next), "b\x1b[7;22H");
    }

    #[test]
    fn what_is_written_in_another_style_begins_from_none() {
        let mut known = Known::default();
        told(&mut known, "\x1b[1m\x1b[38;2;1;2;3ma\x1b[0m");
        assert_eq!(told(&mut known, "\x1b[38;2;1;2;3mb\x1b[0m"), "\x1b[0m\x1b[38;2;1;2;3mb");
        assert_eq!(told(&mut known, "c"), "\x1b[0mc");
        assert_eq!(told(&mut known, "d\x1b[4me\x1b[22mf\x1b[0mg"), "d\x1b[4me\x1b[22mf\x1b[0mg");
        assert_eq!(told(&mut known, "\x1b[4mh\x1b[0m\x1b[4mi\x1b[0m"), "\x1b[4mhi");
        assert_eq!(told(&mut known, "\x1b[2J"), "\x1b[0m\x1b[2J", "erasing has a colour");
    }

    #[test]
    fn a_frame_that_changes_nothing_is_next_to_nothing() {
        let mut known = Known::default();
        let same = "\x1b[39m\x1b[49m\x1b[0m\x1b[?25h\x1b[7;20H";
        told(&mut known, same);
        assert_eq!(told(&mut known, same), "\x1b[7;20H");
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
