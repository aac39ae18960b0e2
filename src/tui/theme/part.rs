//! What a theme can say something about: the planes that things lie on and the inks that
//! are written on them.

use ratatui::style::Modifier;

/// A plane or an ink.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ThemePart {
    /// Results and pages.
    Ground,
    /// Header and hints.
    Bar,
    /// The form and the table's head.
    Panel,
    /// An input's surface.
    Field,
    /// The surface of the input with the caret.
    FieldFocus,
    /// What lies over the panes.
    Overlay,
    /// The selected row.
    Selection,
    /// The active tab.
    Marked,
    /// A key's cap.
    Key,
    /// Fields that differ.
    WarningRow,
    /// The banner.
    ErrorRow,
    /// Rules and the empty part of a gauge.
    Line,
    /// The edge of an input at rest, and the scroll bar.
    Edge,
    /// Values, names, numbers.
    Text,
    /// Labels, notes, times.
    Muted,
    /// Placeholders and the heads of columns.
    Faint,
    /// Where the keyboard is.
    Accent,
    /// Text on a filled button.
    On,
    /// Created, ready, online.
    Good,
    /// Duplicate, Unclear.
    Warning,
    /// Attention, refused.
    Error,
    /// Queued.
    Queued,
    /// Sending.
    Sending,
    /// The number to read back.
    Digits,
}

impl ThemePart {
    pub(super) const ALL: [Self; 24] = [
        Self::Ground,
        Self::Bar,
        Self::Panel,
        Self::Field,
        Self::FieldFocus,
        Self::Overlay,
        Self::Selection,
        Self::Marked,
        Self::Key,
        Self::WarningRow,
        Self::ErrorRow,
        Self::Line,
        Self::Edge,
        Self::Text,
        Self::Muted,
        Self::Faint,
        Self::Accent,
        Self::On,
        Self::Good,
        Self::Warning,
        Self::Error,
        Self::Queued,
        Self::Sending,
        Self::Digits,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ground => "ground",
            Self::Bar => "bar",
            Self::Panel => "panel",
            Self::Field => "field",
            Self::FieldFocus => "field-focus",
            Self::Overlay => "overlay",
            Self::Selection => "selection",
            Self::Marked => "marked",
            Self::Key => "key",
            Self::WarningRow => "warning-row",
            Self::ErrorRow => "error-row",
            Self::Line => "line",
            Self::Edge => "edge",
            Self::Text => "text",
            Self::Muted => "muted",
            Self::Faint => "faint",
            Self::Accent => "accent",
            Self::On => "on",
            Self::Good => "good",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Digits => "digits",
        }
    }

    /// By its name, or by the one that it had in 0.1.0.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "border" => Some(Self::Line),
            "focus" => Some(Self::Accent),
            name => Self::ALL.into_iter().find(|part| part.name() == name),
        }
    }

    /// Whether things lie on it.
    pub(super) fn is_plane(self) -> bool {
        (self as usize) <= Self::ErrorRow as usize
    }

    /// Whether it is the terminal's own where that has sixteen colours: none of these is
    /// sure to be read on a background that nobody knows.
    pub(super) fn is_neutral(self) -> bool {
        self.is_plane()
            || matches!(
                self,
                Self::Edge | Self::Text | Self::Muted | Self::Faint | Self::On | Self::Digits
            )
    }

    /// What it shows whatever the colours are.
    pub(super) fn without_colour(self) -> Modifier {
        match self {
            Self::Accent | Self::Error | Self::Digits => Modifier::BOLD,
            Self::Selection | Self::ErrorRow => Modifier::REVERSED,
            Self::Ground
            | Self::Bar
            | Self::Panel
            | Self::Field
            | Self::FieldFocus
            | Self::Overlay
            | Self::Marked
            | Self::Key
            | Self::WarningRow
            | Self::Line
            | Self::Edge
            | Self::Text
            | Self::Muted
            | Self::Faint
            | Self::On
            | Self::Good
            | Self::Warning
            | Self::Queued
            | Self::Sending => Modifier::empty(),
        }
    }
}
