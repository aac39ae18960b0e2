//! Every colour, attribute and glyph the screen uses, in one place.
//!
//! Meaning never hangs on colour alone: each state also has a word or a mark, so that
//! a terminal without colours, and an agent who cannot tell them apart, miss nothing.
//! <https://no-color.org> is honoured by leaving colours out, not attributes.
//!
//! `spec` reads how a part is written in a theme, `depth` finds the colour the terminal
//! has for it, `choice` holds the themes and the one in use.

mod choice;
mod depth;
mod spec;

use ratatui::{
    style::{Color, Modifier, Style},
    symbols::border,
};

use crate::submission::Group;

pub use choice::{Mistake, Themes};
pub use depth::Depth;

/// What a theme can say something about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ThemePart {
    Text,
    Border,
    Focus,
    Faint,
    Good,
    Warning,
    Error,
    Queued,
    Sending,
    Selection,
}

impl ThemePart {
    const ALL: [Self; 10] = [
        Self::Text,
        Self::Border,
        Self::Focus,
        Self::Faint,
        Self::Good,
        Self::Warning,
        Self::Error,
        Self::Queued,
        Self::Sending,
        Self::Selection,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Border => "border",
            Self::Focus => "focus",
            Self::Faint => "faint",
            Self::Good => "good",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Selection => "selection",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.name() == name)
    }

    /// What it shows whatever the colours are.
    fn without_colour(self) -> Modifier {
        match self {
            Self::Focus | Self::Error => Modifier::BOLD,
            Self::Selection => Modifier::REVERSED,
            Self::Text
            | Self::Border
            | Self::Faint
            | Self::Good
            | Self::Warning
            | Self::Queued
            | Self::Sending => Modifier::empty(),
        }
    }
}

/// How to draw on this terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Theme {
    styles: [Style; ThemePart::ALL.len()],
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
    /// Without any colour.
    fn plain(unicode: bool) -> Self {
        let styles = ThemePart::ALL.map(|part| Style::new().add_modifier(part.without_colour()));
        Self { styles, unicode }
    }

    /// A part without a colour of its own keeps what tells it without colours.
    fn set(&mut self, part: ThemePart, style: Style) {
        let coloured = |color: Option<Color>| color.is_some_and(|color| color != Color::Reset);
        let plain = !coloured(style.fg) && !coloured(style.bg);
        let least = if plain { part.without_colour() } else { Modifier::empty() };
        self.styles[part as usize] = style.add_modifier(least);
    }

    fn style(self, part: ThemePart) -> Style {
        self.styles[part as usize]
    }

    /// What everything is drawn on.
    pub(super) fn text(self) -> Style {
        self.style(ThemePart::Text)
    }

    pub(super) fn border(self, focused: bool) -> Style {
        self.style(if focused { ThemePart::Focus } else { ThemePart::Border })
    }

    pub(super) fn border_set(self) -> border::Set<'static> {
        if self.unicode { border::PLAIN } else { ASCII_BORDER }
    }

    pub(super) fn title(self, focused: bool) -> Style {
        if focused { self.style(ThemePart::Focus) } else { Style::new() }
    }

    pub(super) fn label(self, focused: bool) -> Style {
        self.title(focused)
    }

    pub(super) fn faint(self) -> Style {
        self.style(ThemePart::Faint)
    }

    pub(super) fn error(self) -> Style {
        self.style(ThemePart::Error)
    }

    pub(super) fn warning(self) -> Style {
        self.style(ThemePart::Warning)
    }

    pub(super) fn good(self) -> Style {
        self.style(ThemePart::Good)
    }

    pub(super) fn selected(self) -> Style {
        self.style(ThemePart::Selection)
    }

    pub(super) fn status(self, group: Group) -> Style {
        match group {
            Group::Queued => self.style(ThemePart::Queued),
            Group::Sending => self.style(ThemePart::Sending),
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

    /// What is shown for each character of a secret.
    pub(super) fn secret(self) -> &'static str {
        self.glyph("•", "*")
    }

    pub(super) fn chosen(self, yes: bool) -> &'static str {
        match (yes, self.unicode) {
            (true, true) => "(•)",
            (true, false) => "(*)",
            (false, _) => "( )",
        }
    }
}

/// The likeliest of what there is, if one is likely.
pub(super) fn nearest<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|name| (strsim::damerau_levenshtein(wrong, name), name))
        .min()
        .filter(|(distance, name)| *distance <= 3 && *distance < name.len())
        .map(|(_, name)| name)
}
