//! Every colour, attribute and glyph the screen uses, in one place.
//!
//! Meaning never hangs on colour alone: each state also has a word or a mark, so that
//! a terminal without colours, and an agent who cannot tell them apart, miss nothing.
//! <https://no-color.org> is honoured by leaving colours out, not attributes.

use ratatui::{
    style::{Color, Modifier, Style},
    symbols::border,
};

use crate::submission::Group;

/// How to draw on this terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Theme {
    /// Whether colours may be used.
    pub(super) color: bool,
    /// Whether the terminal shows more than ASCII.
    pub(super) unicode: bool,
}

const ASCII_BORDER: border::Set<'static> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

impl Theme {
    fn colored(self, color: Color) -> Style {
        if self.color { Style::new().fg(color) } else { Style::new() }
    }

    pub(super) fn border(self, focused: bool) -> Style {
        match (self.color, focused) {
            (true, true) => Style::new().fg(Color::Cyan),
            (true, false) => Style::new().fg(Color::DarkGray),
            (false, true) => Style::new().add_modifier(Modifier::BOLD),
            (false, false) => Style::new(),
        }
    }

    pub(super) fn border_set(self) -> border::Set<'static> {
        if self.unicode { border::PLAIN } else { ASCII_BORDER }
    }

    pub(super) fn title(self, focused: bool) -> Style {
        let style = if focused { self.colored(Color::Cyan) } else { Style::new() };
        if focused { style.add_modifier(Modifier::BOLD) } else { style }
    }

    pub(super) fn label(self, focused: bool) -> Style {
        if focused { self.title(true) } else { Style::new() }
    }

    pub(super) fn faint(self) -> Style {
        if self.color { Style::new().fg(Color::DarkGray) } else { Style::new() }
    }

    pub(super) fn error(self) -> Style {
        self.colored(Color::Red).add_modifier(Modifier::BOLD)
    }

    pub(super) fn warning(self) -> Style {
        self.colored(Color::Yellow)
    }

    pub(super) fn good(self) -> Style {
        self.colored(Color::Green)
    }

    pub(super) fn selected() -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    pub(super) fn status(self, group: Group) -> Style {
        match group {
            Group::Queued => self.colored(Color::Blue),
            Group::Sending => self.colored(Color::Cyan),
            Group::Created => self.good(),
            Group::Deleted => self.faint(),
            Group::Duplicate => self.warning(),
            Group::Attention => self.error(),
        }
    }

    /// One of two glyphs, by what the terminal can show.
    fn glyph(self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.unicode { unicode } else { ascii }
    }

    pub(super) fn dot(self) -> &'static str {
        self.glyph(" · ", " | ")
    }

    pub(super) fn more(self) -> &'static str {
        self.glyph("…", "~")
    }

    pub(super) fn dash(self) -> &'static str {
        self.glyph(" ─ ", " - ")
    }

    pub(super) fn focus_mark(self) -> &'static str {
        self.glyph("›", ">")
    }

    pub(super) fn arrow(self) -> &'static str {
        self.glyph("→", "->")
    }

    pub(super) fn differs(self) -> &'static str {
        self.glyph("≠", "!=")
    }

    pub(super) fn check(self) -> &'static str {
        self.glyph("✓", "ok")
    }

    pub(super) fn chosen(self, yes: bool) -> &'static str {
        match (yes, self.unicode) {
            (true, true) => "(•)",
            (true, false) => "(*)",
            (false, _) => "( )",
        }
    }
}
