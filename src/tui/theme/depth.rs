//! How many colours the terminal shows, and the nearest it has to a wanted one.

use ratatui::style::Color;

/// The colours of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// None, or the person wants none.
    None,
    /// The sixteen of old.
    Sixteen,
    /// The 256 of xterm.
    Indexed,
    /// Any.
    True,
}

impl Depth {
    /// What TERM and COLORTERM promise; `NO_COLOR` (<https://no-color.org>) goes before.
    #[must_use]
    pub fn of(term: &str, colorterm: &str, no_color: bool) -> Self {
        let colourless = ["", "dumb", "unknown", "cons25-m"].contains(&term)
            || (term.starts_with("vt") && !term.starts_with("vte"))
            || term.ends_with("-mono")
            || term.ends_with("-m");
        if no_color || colourless {
            Self::None
        } else if ["truecolor", "24bit"].contains(&colorterm) || term.ends_with("-direct") {
            Self::True
        } else if term.contains("256color") || term == "xterm-kitty" || term == "alacritty" {
            Self::Indexed
        } else {
            Self::Sixteen
        }
    }

    /// The nearest colour there is; `None` where there is none at all.
    pub(super) fn nearest(self, color: Color) -> Option<Color> {
        match (self, color) {
            (Self::None, _) => None,
            (Self::Indexed, Color::Rgb(r, g, b)) => Some(Color::Indexed(indexed([r, g, b]))),
            (Self::Sixteen, Color::Rgb(r, g, b)) => Some(named([r, g, b])),
            (Self::Sixteen, Color::Indexed(index @ 16..)) => Some(named(meant(index))),
            (Self::Sixteen | Self::Indexed | Self::True, color) => Some(color),
        }
    }
}

/// The values of a channel in xterm's colour cube.
const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// What xterm's palette means by an index from 16 on.
pub(super) fn meant(index: u8) -> [u8; 3] {
    if index >= 232 {
        return [8 + (index - 232) * 10; 3];
    }
    let step = |nth: u8| STEPS[usize::from(nth % 6)];
    let cube = index.saturating_sub(16);
    [step(cube / 36), step(cube / 6), step(cube)]
}

fn indexed(wanted: [u8; 3]) -> u8 {
    let far = |index: u8| {
        let apart = |(a, b): (u8, u8)| u32::from(a.abs_diff(b)).pow(2);
        meant(index).into_iter().zip(wanted).map(apart).sum::<u32>()
    };
    (16..=255).min_by_key(|index| far(*index)).unwrap_or(16)
}

/// By hue, so that a warning stays yellow and an error red however dark they are.
fn named([r, g, b]: [u8; 3]) -> Color {
    let (most, least) = (r.max(g).max(b), r.min(g).min(b));
    if most - least < 40 {
        return match most {
            0..=63 => Color::Black,
            64..=170 => Color::DarkGray,
            171..=230 => Color::Gray,
            231..=255 => Color::White,
        };
    }
    let bright = most >= 192;
    let [plain, light] = match hue([r, g, b], most, least) {
        20..=79 => [Color::Yellow, Color::LightYellow],
        80..=164 => [Color::Green, Color::LightGreen],
        165..=199 => [Color::Cyan, Color::LightCyan],
        200..=264 => [Color::Blue, Color::LightBlue],
        265..=329 => [Color::Magenta, Color::LightMagenta],
        _ => [Color::Red, Color::LightRed],
    };
    if bright { light } else { plain }
}

/// Degrees on the colour circle, 0 to 359.
fn hue([r, g, b]: [u8; 3], most: u8, least: u8) -> i32 {
    let [r, g, b] = [r, g, b].map(i32::from);
    let span = (i32::from(most) - i32::from(least)).max(1);
    let (base, turn) = if i32::from(most) == r {
        (0, g - b)
    } else if i32::from(most) == g {
        (120, b - r)
    } else {
        (240, r - g)
    };
    (base + 60 * turn / span).rem_euclid(360)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_terminals_promise_is_taken_at_its_word() {
        for (term, colorterm, no_color, depth) in [
            ("xterm-256color", "", false, Depth::Indexed),
            ("xterm-256color", "truecolor", false, Depth::True),
            ("tmux-256color", "", false, Depth::Indexed),
            ("xterm", "", false, Depth::Sixteen),
            ("screen", "", false, Depth::Sixteen),
            ("linux", "", false, Depth::Sixteen),
            ("xterm-direct", "", false, Depth::True),
            ("vt220", "", false, Depth::None),
            ("dumb", "truecolor", false, Depth::None),
            ("", "", false, Depth::None),
            ("xterm-256color", "truecolor", true, Depth::None),
        ] {
            assert_eq!(Depth::of(term, colorterm, no_color), depth, "{term} {colorterm}");
        }
    }

    #[test]
    fn fewer_colours_keep_the_hue() {
        assert_eq!(Depth::Sixteen.nearest(Color::Rgb(0x7a, 0x52, 0)), Some(Color::Yellow));
        assert_eq!(Depth::Sixteen.nearest(Color::Rgb(0xb0, 0x18, 0x2b)), Some(Color::Red));
        assert_eq!(Depth::Sixteen.nearest(Color::Rgb(0x6c, 0xb2, 0xff)), Some(Color::LightBlue));
        assert_eq!(Depth::Sixteen.nearest(Color::Indexed(196)), Some(Color::LightRed));
        assert_eq!(Depth::Indexed.nearest(Color::Rgb(255, 0, 0)), Some(Color::Indexed(196)));
        assert_eq!(Depth::Indexed.nearest(Color::Rgb(8, 8, 8)), Some(Color::Indexed(232)));
        assert_eq!(Depth::True.nearest(Color::Rgb(1, 2, 3)), Some(Color::Rgb(1, 2, 3)));
        assert_eq!(Depth::None.nearest(Color::Red), None);
    }
}
