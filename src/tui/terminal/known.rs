//! What the terminal need not be told again: where its cursor stands and whether it shows,
//! and what it writes with. Over a slow line a key is these few bytes: its letter, and where
//! the cursor goes.

use super::pen::Pen;

const SHOW: &[u8] = b"\x1b[?25h";
const HIDE: &[u8] = b"\x1b[?25l";
/// The style of nothing special.
pub(super) const RESET: &str = "\x1b[0m";
/// From here on erasing blanks costs fewer bytes than writing them, with the move after it.
const MANY_BLANKS: usize = 14;

/// Where the cursor stands, counted from one.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum At {
    #[default]
    Somewhere,
    /// Behind something whose width terminals do not agree on.
    Row(u16),
    Exactly(u16, u16),
}

/// What was told last.
#[derive(Debug, Default)]
pub(super) struct Known {
    at: At,
    is_shown: Option<bool>,
    pen: Pen,
}

impl Known {
    /// The frame without what is known, from now on. Each begins and ends in no style.
    pub(super) fn less(&mut self, frame: &[u8]) -> Vec<u8> {
        let mut told = Vec::with_capacity(frame.len());
        let (mut pen, mut goes) = (Pen::default(), None);
        for piece in Pieces(frame) {
            match piece {
                Piece::Style(codes) => pen.read(codes),
                Piece::Move(row, column) => goes = Some((row, column)),
                Piece::Shown(shown) => self.show(shown, &mut told),
                Piece::Text(text) => {
                    self.go(goes.take(), &mut told);
                    goes = self.write(text, pen, &mut told);
                }
                Piece::Other(sequence) => {
                    self.go(goes.take(), &mut told);
                    self.change(pen, &mut told);
                    told.extend_from_slice(sequence);
                    self.at = At::Somewhere;
                }
            }
        }
        self.go(goes, &mut told);
        told
    }

    fn show(&mut self, shown: bool, told: &mut Vec<u8>) {
        if self.is_shown.replace(shown) != Some(shown) {
            told.extend_from_slice(if shown { SHOW } else { HIDE });
        }
    }

    fn go(&mut self, to: Option<(u16, u16)>, told: &mut Vec<u8>) {
        let Some((row, column)) = to else { return };
        let ahead = match self.at {
            At::Exactly(r, c) if r == row => column.checked_sub(c),
            _ => None,
        };
        let sequence = match (self.at, ahead) {
            (_, Some(0)) => return,
            (_, Some(1)) => "\x1b[C".to_owned(),
            (_, Some(ahead @ 2..10)) => format!("\x1b[{ahead}C"),
            (At::Row(r) | At::Exactly(r, _), _) if r == row => format!("\x1b[{column}G"),
            _ => format!("\x1b[{row};{column}H"),
        };
        told.extend_from_slice(sequence.as_bytes());
        self.at = At::Exactly(row, column);
    }

    fn change(&mut self, pen: Pen, told: &mut Vec<u8>) {
        self.pen.tell(pen, told);
        self.pen = pen;
    }

    /// Writes the text, and says where the cursor has still to go behind it.
    fn write(&mut self, text: &[u8], pen: Pen, told: &mut Vec<u8>) -> Option<(u16, u16)> {
        let (letters, blanks) = text.split_at(text.trim_ascii_end().len());
        if !letters.is_empty() {
            self.change(pen, told);
            told.extend_from_slice(letters);
            self.passed(letters);
        }
        if blanks.is_empty() {
            return None;
        }
        self.change(self.pen.for_blanks(pen), told);
        if let At::Exactly(row, column) = self.at
            && self.pen.erases()
            && blanks.len() >= MANY_BLANKS
        {
            told.extend_from_slice(format!("\x1b[{}X", blanks.len()).as_bytes());
            return Some((row, column.saturating_add(width(blanks))));
        }
        told.extend_from_slice(blanks);
        self.passed(blanks);
        None
    }

    fn passed(&mut self, text: &[u8]) {
        self.at = match self.at {
            At::Exactly(row, column) if text.iter().all(|it| matches!(it, b' '..=b'~')) => {
                At::Exactly(row, column.saturating_add(width(text)))
            }
            At::Row(row) | At::Exactly(row, _) => At::Row(row),
            At::Somewhere => At::Somewhere,
        };
    }
}

/// The width of printable ASCII.
fn width(text: &[u8]) -> u16 {
    u16::try_from(text.len()).unwrap_or(u16::MAX)
}

/// Part of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece<'a> {
    /// The codes of how what follows looks.
    Style(&'a str),
    /// The cursor goes to a row and a column.
    Move(u16, u16),
    /// The cursor shows, or not.
    Shown(bool),
    Text(&'a [u8]),
    /// Any other sequence: what is erased takes the style that is set.
    Other(&'a [u8]),
}

struct Pieces<'a>(&'a [u8]);

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        const START: &[u8] = b"\x1b[";
        let first = self.0.first()?;
        let length = if self.0.starts_with(START) {
            let parameters = self.0[START.len()..].iter().take_while(|it| **it < 0x40).count();
            (START.len() + parameters + 1).min(self.0.len())
        } else {
            // Other sequences begin with an escape too, and end where the next begins.
            self.0[1..].iter().position(|it| *it == 0x1b).map_or(self.0.len(), |at| at + 1)
        };
        let (piece, rest) = self.0.split_at(length);
        self.0 = rest;
        let Some((end, codes)) = piece.strip_prefix(START).and_then(<[u8]>::split_last) else {
            return Some(if *first == 0x1b { Piece::Other(piece) } else { Piece::Text(piece) });
        };
        let codes = str::from_utf8(codes).unwrap_or_default();
        Some(match (end, codes) {
            (b'm', codes) => Piece::Style(codes),
            (b'h', "?25") => Piece::Shown(true),
            (b'l', "?25") => Piece::Shown(false),
            (b'H', codes) => match codes.split_once(';').map(|(r, c)| (r.parse(), c.parse())) {
                Some((Ok(row), Ok(column))) => Piece::Move(row, column),
                _ => Piece::Other(piece),
            },
            _ => Piece::Other(piece),
        })
    }
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
        assert_eq!(told(&mut known, key), "\x1b[1ma", "a letter takes it along");
        let next = "\x1b[7;21H\x1b[1mb\x1b[39m\x1b[49m\x1b[0m\x1b[?25h\x1b[7;24H";
        assert_eq!(told(&mut known, next), "b\x1b[2C");
        assert_eq!(told(&mut known, "\x1b[7;23H"), "\x1b[23G");
        assert_eq!(told(&mut known, "\x1b[7;24H"), "\x1b[C");
    }

    #[test]
    fn where_a_letter_of_unsure_width_leaves_the_cursor_is_told() {
        let mut known = Known::default();
        assert_eq!(told(&mut known, "\x1b[2;2H山\x1b[2;4Ha"), "\x1b[2;2H山\x1b[4Ga");
        assert_eq!(told(&mut known, "\x1b[2;5H\x1b[3;5H"), "\x1b[3;5H", "the last move counts");
    }

    #[test]
    fn what_is_written_in_another_style_is_told_what_differs() {
        let mut known = Known::default();
        told(&mut known, "\x1b[1m\x1b[38;2;1;2;3ma\x1b[0m");
        assert_eq!(told(&mut known, "\x1b[38;2;1;2;3mb\x1b[0m"), "\x1b[22mb");
        assert_eq!(told(&mut known, "c"), "\x1b[mc");
        assert_eq!(told(&mut known, "d\x1b[4me\x1b[0m f"), "d\x1b[4me\x1b[m f");
        assert_eq!(told(&mut known, "\x1b[4mh\x1b[0m\x1b[4mi\x1b[0m"), "\x1b[4mhi");
        assert_eq!(told(&mut known, "\x1b[2J"), "\x1b[m\x1b[2J", "erasing has a colour");
    }

    #[test]
    fn blanks_are_told_no_colour_of_letters_and_many_are_erased() {
        let mut known = Known::default();
        told(&mut known, "\x1b[5;1H\x1b[1m\x1b[38;5;1ma\x1b[0m");
        assert_eq!(told(&mut known, "\x1b[34m    \x1b[0m"), "    ");
        let erased = format!("\x1b[5;9Hb{}c", " ".repeat(30));
        let split = format!("\x1b[5;9Hb{}\x1b[1mc", " ".repeat(30));
        assert_eq!(told(&mut known, &erased), format!("\x1b[3C\x1b[mb{}c", " ".repeat(30)));
        assert_eq!(told(&mut known, &split), "\x1b[9Gb\x1b[30X\x1b[40G\x1b[1mc");
    }

    #[test]
    fn a_frame_that_changes_nothing_is_nothing() {
        let mut known = Known::default();
        let same = "\x1b[39m\x1b[49m\x1b[0m\x1b[?25h\x1b[7;20H";
        told(&mut known, same);
        assert_eq!(told(&mut known, same), "");
        assert_eq!(told(&mut known, ""), "");
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
