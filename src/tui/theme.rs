//! Every colour, attribute and glyph the screen uses, in one place.
//!
//! A screen is made of planes, which things lie on, and inks, which are written on them.
//! Meaning never hangs on colour alone: each state also has a word or a mark, so that
//! a terminal without colours, and an agent who cannot tell them apart, miss nothing.
//! <https://no-color.org> is honoured by leaving colours out, not attributes.
//!
//! `part` names what a theme can say, `spec` reads how it is written, `depth` finds the
//! colour the terminal has for it, `glyphs` are the marks, `choice` holds the themes and
//! the one in use.

mod choice;
mod depth;
mod glyphs;
mod part;
mod spec;

use ratatui::style::{Color, Modifier, Style};

use crate::submission::{Entry, Group, Reason, Status};

pub use choice::{Mistake, Themes};
pub use depth::Depth;
pub(super) use glyphs::Glyphs;
use part::ThemePart;

/// How to draw on this terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each says what one kind of thing is drawn as")]
pub(super) struct Theme {
    styles: [Style; ThemePart::ALL.len()],
    /// The marks this terminal can show.
    pub(super) glyphs: &'static Glyphs,
    /// Whether inputs are surfaces; else brackets stand around them.
    pub(super) planes: bool,
    /// Whether a key's cap is a surface; else its name is bold.
    pub(super) caps: bool,
    /// Whether the active tab is a surface; else brackets stand around it.
    pub(super) tabs: bool,
    /// Whether nothing but a rule tells form and results apart.
    pub(super) parted: bool,
}

impl Theme {
    /// Without any colour.
    fn plain(unicode: bool) -> Self {
        let styles = ThemePart::ALL.map(|part| Style::new().add_modifier(part.without_colour()));
        let glyphs = if unicode { Glyphs::UNICODE } else { Glyphs::ASCII };
        let bare = Self { styles, glyphs, planes: false, caps: false, tabs: false, parted: true };
        bare.measured()
    }

    /// A part without a colour of its own keeps what tells it without colours.
    fn set(&mut self, part: ThemePart, style: Style) {
        let coloured = |color: Option<Color>| color.is_some_and(|color| color != Color::Reset);
        let plain = !coloured(style.fg) && !coloured(style.bg);
        let least = if plain { part.without_colour() } else { Modifier::empty() };
        self.styles[part as usize] = style.add_modifier(least);
    }

    /// Takes note of what its colours come to.
    fn measured(mut self) -> Self {
        let styles = self.styles;
        let back = |part| styles[part as usize].bg.filter(|color| *color != Color::Reset);
        self.planes = back(ThemePart::Field).is_some();
        self.caps = back(ThemePart::Key).is_some();
        self.tabs = back(ThemePart::Marked).is_some();
        self.parted = back(ThemePart::Panel) == back(ThemePart::Ground);
        self
    }

    fn style(&self, part: ThemePart) -> Style {
        self.styles[part as usize]
    }

    /// What everything is drawn on and written with.
    pub(super) fn ground(&self) -> Style {
        self.text().patch(self.style(ThemePart::Ground))
    }

    pub(super) fn bar(&self) -> Style {
        self.style(ThemePart::Bar)
    }

    pub(super) fn panel(&self) -> Style {
        self.style(ThemePart::Panel)
    }

    /// An input's surface.
    pub(super) fn field(&self, focused: bool) -> Style {
        self.style(if focused { ThemePart::FieldFocus } else { ThemePart::Field })
    }

    pub(super) fn overlay(&self) -> Style {
        self.style(ThemePart::Overlay)
    }

    /// Laid over a finished row. Without surfaces nothing but the reversal shows.
    pub(super) fn selection(&self) -> Style {
        let style = self.style(ThemePart::Selection);
        if style.add_modifier.contains(Modifier::REVERSED) {
            style.fg(Color::Reset).bg(Color::Reset)
        } else {
            style
        }
    }

    pub(super) fn marked(&self) -> Style {
        self.style(ThemePart::Marked)
    }

    pub(super) fn key(&self) -> Style {
        self.style(ThemePart::Key)
    }

    pub(super) fn warning_row(&self) -> Style {
        self.style(ThemePart::WarningRow)
    }

    pub(super) fn error_row(&self) -> Style {
        self.style(ThemePart::ErrorRow)
    }

    pub(super) fn line(&self) -> Style {
        self.style(ThemePart::Line)
    }

    pub(super) fn edge(&self) -> Style {
        self.style(ThemePart::Edge)
    }

    pub(super) fn text(&self) -> Style {
        self.style(ThemePart::Text)
    }

    pub(super) fn strong(&self) -> Style {
        self.text().add_modifier(Modifier::BOLD)
    }

    pub(super) fn muted(&self) -> Style {
        self.style(ThemePart::Muted)
    }

    pub(super) fn faint(&self) -> Style {
        self.style(ThemePart::Faint)
    }

    /// Where the keyboard is.
    pub(super) fn accent(&self) -> Style {
        self.style(ThemePart::Accent)
    }

    /// A label or heading, by whether the keyboard is there.
    pub(super) fn label(&self, focused: bool) -> Style {
        if focused { self.accent().add_modifier(Modifier::BOLD) } else { self.muted() }
    }

    pub(super) fn good(&self) -> Style {
        self.style(ThemePart::Good)
    }

    pub(super) fn warning(&self) -> Style {
        self.style(ThemePart::Warning)
    }

    pub(super) fn error(&self) -> Style {
        self.style(ThemePart::Error)
    }

    pub(super) fn queued(&self) -> Style {
        self.style(ThemePart::Queued)
    }

    pub(super) fn digits(&self) -> Style {
        self.style(ThemePart::Digits)
    }

    /// A button that can be pressed: its ink becomes the surface.
    pub(super) fn filled(&self, ink: Style) -> Style {
        let on = self.style(ThemePart::On);
        if self.planes { Style { bg: ink.fg, ..on } } else { ink }.add_modifier(Modifier::BOLD)
    }

    /// How a row stands: its mark, its word, and the ink of both.
    pub(super) fn status(&self, entry: &Entry) -> (&'static str, &'static str, Style) {
        let word = entry.status.word();
        match &entry.status {
            Status::Unclear(_) => (self.glyphs.unclear, word, self.warning()),
            Status::Queued(waiting) => match &waiting.because {
                Some(Reason::HeldForAccount { .. }) => (self.glyphs.deleted, "Held", self.muted()),
                Some(_) | None if entry.may_exist() => {
                    (self.glyphs.unclear, "May exist", self.warning())
                }
                Some(_) | None => (self.glyphs.queued, word, self.queued()),
            },
            // Somebody has decided: it asks for nobody's eye any more.
            Status::Duplicate { remark: Some(Reason::Kept | Reason::Updated), .. } => {
                (self.glyphs.duplicate, word, self.muted())
            }
            Status::Sending
            | Status::Created { .. }
            | Status::Deleted { .. }
            | Status::Duplicate { .. }
            | Status::Rejected { .. }
            | Status::Attention { .. } => {
                let (mark, style) = self.group(entry.status.group());
                (mark, word, style)
            }
        }
    }

    /// A group of statuses with its mark.
    pub(super) fn group(&self, group: Group) -> (&'static str, Style) {
        match group {
            Group::Queued => (self.glyphs.queued, self.queued()),
            Group::Sending => (self.glyphs.sending, self.style(ThemePart::Sending)),
            Group::Created => (self.glyphs.created, self.good()),
            Group::Deleted => (self.glyphs.deleted, self.muted()),
            Group::Duplicate => (self.glyphs.duplicate, self.warning()),
            Group::Attention => (self.glyphs.attention, self.error()),
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
