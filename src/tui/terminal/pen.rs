//! What a terminal writes with: two colours and the attributes, read from and told in the
//! codes of "select graphic rendition" (ECMA-48, 8.3.117), as few of them as will do.
//!
//! The sixteen colours are told in the codes that terminals with no more than these know.
//! crossterm writes them as the first of 256 (`38;5;1`), which an older terminal reads as
//! "blink".

use std::fmt::Write as _;

/// A colour as it is told.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Colour {
    /// The terminal's own.
    #[default]
    Default,
    Indexed(u8),
    Rgb(u8, u8, u8),
}

/// Which side of a letter a colour is for.
#[derive(Debug, Clone, Copy)]
enum Side {
    Foreground,
    Background,
}

/// What the terminal writes with.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pen {
    foreground: Colour,
    background: Colour,
    /// A bit for each attribute's code: 1 is bold, 9 crossed out.
    attributes: u16,
}

const fn bit(attribute: u8) -> u16 {
    1 << attribute
}

/// The code that takes attributes away, and which.
const OFF: [(u8, u16); 7] = [
    (22, bit(1) | bit(2)),
    (23, bit(3)),
    (24, bit(4)),
    (25, bit(5) | bit(6)),
    (27, bit(7)),
    (28, bit(8)),
    (29, bit(9)),
];
/// What is seen where nothing is written: underlined, reversed, crossed out.
const SEEN_ON_BLANKS: u16 = bit(4) | bit(7) | bit(9);

impl Pen {
    /// The pen after these codes, as they stand between `ESC [` and `m`.
    pub(super) fn read(&mut self, codes: &str) {
        let mut codes = codes.split(';').map(|it| it.parse::<u8>().unwrap_or_default());
        while let Some(code) = codes.next() {
            match code {
                0 => *self = Self::default(),
                1..=9 => self.attributes |= bit(code),
                30..=37 => self.foreground = Colour::Indexed(code - 30),
                40..=47 => self.background = Colour::Indexed(code - 40),
                90..=97 => self.foreground = Colour::Indexed(code - 90 + 8),
                100..=107 => self.background = Colour::Indexed(code - 100 + 8),
                38 => self.foreground = Colour::read(&mut codes),
                48 => self.background = Colour::read(&mut codes),
                39 => self.foreground = Colour::Default,
                49 => self.background = Colour::Default,
                // An underline has no colour of its own in any picture of ours (59).
                _ => {
                    let off = OFF.iter().find(|it| it.0 == code).map_or(0, |it| it.1);
                    self.attributes &= !off;
                }
            }
        }
    }

    /// The pen to change to before blanks that shall look as `wanted` has them: what is not
    /// seen on them stays.
    pub(super) fn for_blanks(self, wanted: Self) -> Self {
        if wanted.attributes & SEEN_ON_BLANKS != 0 {
            return wanted;
        }
        Self {
            foreground: self.foreground,
            background: wanted.background,
            attributes: self.attributes & !SEEN_ON_BLANKS,
        }
    }

    /// Whether blanks written with it are what erasing leaves on every terminal: some
    /// erase to the pen's background, some to their own.
    pub(super) fn erases(self) -> bool {
        self.background == Colour::Default && self.attributes & SEEN_ON_BLANKS == 0
    }

    /// Tells a terminal that writes with this one to write with `wanted`.
    pub(super) fn tell(self, wanted: Self, told: &mut Vec<u8>) {
        if self == wanted {
            return;
        }
        let mut codes = String::new();
        if wanted != Self::default() {
            let mut kept = self.attributes;
            for (code, attributes) in OFF {
                // A code takes bold and faint away together: what stays is told again.
                if kept & attributes & !wanted.attributes != 0 {
                    kept &= !attributes;
                    let _ = write!(codes, "{code};");
                }
            }
            for code in (1..=9).filter(|it| wanted.attributes & !kept & bit(*it) != 0) {
                let _ = write!(codes, "{code};");
            }
            if self.foreground != wanted.foreground {
                wanted.foreground.tell(Side::Foreground, &mut codes);
            }
            if self.background != wanted.background {
                wanted.background.tell(Side::Background, &mut codes);
            }
        }
        told.extend_from_slice(b"\x1b[");
        // No code at all means "reset everything".
        told.extend_from_slice(codes.trim_end_matches(';').as_bytes());
        told.push(b'm');
    }
}

impl Colour {
    fn read(codes: &mut impl Iterator<Item = u8>) -> Self {
        let mut next = || codes.next().unwrap_or_default();
        match next() {
            5 => Self::Indexed(next()),
            2 => Self::Rgb(next(), next(), next()),
            _ => Self::Default,
        }
    }

    fn tell(self, side: Side, codes: &mut String) {
        let base = match side {
            Side::Foreground => 30,
            Side::Background => 40,
        };
        // Writing to a string never fails.
        let _ = match self {
            Self::Default => write!(codes, "{};", base + 9),
            Self::Indexed(index @ 0..8) => write!(codes, "{};", base + index),
            Self::Indexed(index @ 8..16) => write!(codes, "{};", base + 52 + index),
            Self::Indexed(index) => write!(codes, "{};5;{index};", base + 8),
            Self::Rgb(r, g, b) => write!(codes, "{};2;{r};{g};{b};", base + 8),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pen(codes: &str) -> Pen {
        let mut pen = Pen::default();
        pen.read(codes);
        pen
    }

    fn told(from: &str, to: &str) -> String {
        let mut told = Vec::new();
        pen(from).tell(pen(to), &mut told);
        String::from_utf8(told).unwrap().replace("\x1b[", "")
    }

    #[test]
    fn the_sixteen_are_told_in_their_own_codes() {
        assert_eq!(told("", "38;5;1"), "31m");
        assert_eq!(told("", "48;5;15"), "107m");
        assert_eq!(told("", "38;5;14;48;5;0"), "96;40m");
        assert_eq!(told("", "38;5;208"), "38;5;208m");
        assert_eq!(told("", "38;2;38;5;1;48;5;208"), "38;2;38;5;1;48;5;208m");
    }

    #[test]
    fn only_what_changes_is_told() {
        assert_eq!(told("1;38;2;1;2;3", "1;38;2;1;2;3"), "");
        assert_eq!(told("1;38;2;1;2;3", "38;2;1;2;3"), "22m");
        assert_eq!(told("1;2", "2"), "22;2m", "both go with one code");
        assert_eq!(told("31;42", "31;44"), "44m");
        assert_eq!(told("31;42", "31"), "49m");
        assert_eq!(told("1;31;42", ""), "m");
        assert_eq!(told("4;7", "7;9"), "24;9m");
    }

    #[test]
    fn blanks_need_their_background_alone() {
        let red = pen("1;31;42");
        assert_eq!(red.for_blanks(pen("34;42")), red);
        assert_eq!(red.for_blanks(pen("34;44")), pen("1;31;44"));
        assert_eq!(red.for_blanks(pen("7;34;42")), pen("7;34;42"), "reversed shows the other");
        assert_eq!(pen("7;31").for_blanks(pen("34")), pen("31"));
        assert!(pen("1;31").erases() && !pen("42").erases() && !pen("7").erases());
    }

    #[test]
    fn codes_that_nobody_writes_do_no_harm() {
        for codes in ["", ";;", "38", "38;5", "38;9;1", "999", "1;x", "4:3", "58;5;1"] {
            let _ = pen(codes);
        }
    }
}
