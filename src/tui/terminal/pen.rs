//! What a terminal writes with: two colours and the attributes, told in the codes of "select
//! graphic rendition" (ECMA-48, 8.3.117), as few of them as will do.
//!
//! The sixteen colours are told in the codes that terminals with no more than these know.
//! crossterm writes them as the first of 256 (`38;5;1`), which an older terminal reads as
//! "blink".

use std::fmt::Write as _;

use ratatui::{
    buffer::Cell,
    style::{Color, Modifier},
};

/// What the terminal writes with.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pen {
    foreground: Color,
    background: Color,
    attributes: Modifier,
}

/// The code of each attribute.
const ON: [(u8, Modifier); 9] = [
    (1, Modifier::BOLD),
    (2, Modifier::DIM),
    (3, Modifier::ITALIC),
    (4, Modifier::UNDERLINED),
    (5, Modifier::SLOW_BLINK),
    (6, Modifier::RAPID_BLINK),
    (7, Modifier::REVERSED),
    (8, Modifier::HIDDEN),
    (9, Modifier::CROSSED_OUT),
];
/// The code that takes attributes away.
const OFF: [(u8, Modifier); 7] = [
    (22, Modifier::BOLD.union(Modifier::DIM)),
    (23, Modifier::ITALIC),
    (24, Modifier::UNDERLINED),
    (25, Modifier::SLOW_BLINK.union(Modifier::RAPID_BLINK)),
    (27, Modifier::REVERSED),
    (28, Modifier::HIDDEN),
    (29, Modifier::CROSSED_OUT),
];
/// What is seen where nothing is written.
const SEEN_ON_BLANKS: Modifier =
    Modifier::UNDERLINED.union(Modifier::REVERSED).union(Modifier::CROSSED_OUT);

impl Pen {
    /// The pen to change to before blanks that shall look as `wanted` has them: what is not
    /// seen on them stays.
    pub(super) fn for_blanks(self, wanted: Self) -> Self {
        if wanted.attributes.intersects(SEEN_ON_BLANKS) {
            return wanted;
        }
        Self {
            foreground: self.foreground,
            background: wanted.background,
            attributes: self.attributes - SEEN_ON_BLANKS,
        }
    }

    /// Whether blanks look the same with either.
    pub(super) fn looks_on_blanks(self, other: Self) -> bool {
        self == other || self.for_blanks(other) == self.for_blanks(self)
    }

    /// Whether blanks written with it are what erasing leaves on every terminal: some
    /// erase to the pen's background, some to their own.
    pub(super) fn erases(self) -> bool {
        self.background == Color::Reset && !self.attributes.intersects(SEEN_ON_BLANKS)
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
                if (kept - wanted.attributes).intersects(attributes) {
                    kept -= attributes;
                    push(&mut codes, format_args!("{code}"));
                }
            }
            for (code, attribute) in ON {
                if (wanted.attributes - kept).contains(attribute) {
                    push(&mut codes, format_args!("{code}"));
                }
            }
            if self.foreground != wanted.foreground {
                colour(&mut codes, 30, wanted.foreground);
            }
            if self.background != wanted.background {
                colour(&mut codes, 40, wanted.background);
            }
        }
        told.extend_from_slice(b"\x1b[");
        // No code at all means "reset everything".
        told.extend_from_slice(codes.as_bytes());
        told.push(b'm');
    }
}

impl From<&Cell> for Pen {
    fn from(cell: &Cell) -> Self {
        Self { foreground: cell.fg, background: cell.bg, attributes: cell.modifier }
    }
}

fn push(codes: &mut String, code: std::fmt::Arguments<'_>) {
    let separator = if codes.is_empty() { "" } else { ";" };
    // Writing to a string never fails.
    let _ = write!(codes, "{separator}{code}");
}

/// A colour for letters (base 30) or for what is behind them (base 40).
fn colour(codes: &mut String, base: u8, colour: Color) {
    let index = match colour {
        Color::Reset => return push(codes, format_args!("{}", base + 9)),
        Color::Rgb(r, g, b) => return push(codes, format_args!("{};2;{r};{g};{b}", base + 8)),
        Color::Indexed(index) => index,
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
    };
    match index {
        0..8 => push(codes, format_args!("{}", base + index)),
        8..16 => push(codes, format_args!("{}", base + 52 + index)),
        _ => push(codes, format_args!("{};5;{index}", base + 8)),
    }
}

#[cfg(test)]
mod tests {
    use ratatui::style::Style;

    use super::*;

    const PLAIN: Style = Style::new();

    fn pen(style: Style) -> Pen {
        let mut cell = Cell::default();
        cell.set_style(style);
        Pen::from(&cell)
    }

    fn told(from: Style, to: Style) -> String {
        let mut told = Vec::new();
        pen(from).tell(pen(to), &mut told);
        String::from_utf8(told).unwrap().replace("\x1b[", "")
    }

    #[test]
    fn the_sixteen_are_told_in_their_own_codes() {
        assert_eq!(told(PLAIN, PLAIN.red()), "31m");
        assert_eq!(told(PLAIN, PLAIN.bg(Color::Indexed(15))), "107m");
        assert_eq!(told(PLAIN, PLAIN.light_cyan().on_black()), "96;40m");
        assert_eq!(told(PLAIN, PLAIN.fg(Color::Indexed(208))), "38;5;208m");
        assert_eq!(told(PLAIN, PLAIN.fg(Color::Rgb(38, 5, 1))), "38;2;38;5;1m");
    }

    #[test]
    fn only_what_changes_is_told() {
        let colour = PLAIN.fg(Color::Rgb(1, 2, 3));
        assert_eq!(told(colour.bold(), colour.bold()), "");
        assert_eq!(told(colour.bold(), colour), "22m");
        assert_eq!(told(PLAIN.bold().dim(), PLAIN.dim()), "22;2m", "both go with one code");
        assert_eq!(told(PLAIN.red().on_green(), PLAIN.red().on_blue()), "44m");
        assert_eq!(told(PLAIN.red().on_green(), PLAIN.red()), "49m");
        assert_eq!(told(PLAIN.red().on_green().bold(), PLAIN), "m");
        assert_eq!(told(PLAIN.underlined().reversed(), PLAIN.reversed().crossed_out()), "24;9m");
    }

    #[test]
    fn blanks_need_their_background_alone() {
        let red = pen(PLAIN.red().on_green().bold());
        assert_eq!(red.for_blanks(pen(PLAIN.blue().on_green())), red);
        assert_eq!(red.for_blanks(pen(PLAIN.on_blue())), pen(PLAIN.red().on_blue().bold()));
        let reversed = pen(PLAIN.blue().on_green().reversed());
        assert_eq!(red.for_blanks(reversed), reversed, "it shows the letters' colour");
        assert_eq!(pen(PLAIN.red().reversed()).for_blanks(pen(PLAIN.blue())), pen(PLAIN.red()));
        assert!(red.looks_on_blanks(pen(PLAIN.on_green())) && !red.looks_on_blanks(reversed));
        assert!(pen(PLAIN.red().bold()).erases());
        assert!(!red.erases() && !pen(PLAIN.reversed()).erases());
    }
}
