//! What the person chose about the screen: colours, keys, mouse and bell.

use super::{keymap::Keymap, theme::Themes};

/// How the number is read back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ReadBackStyle {
    /// In digits three rows high, where there is room for them.
    #[default]
    Big,
    /// In bold digits with blanks between them.
    Spaced,
}

/// How the agent is called while another window has the keyboard.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Notify {
    /// Not at all.
    #[default]
    Off,
    /// By the terminal's bell.
    Bell,
    /// By the terminal's notification (OSC 9).
    Desktop,
}

/// How the screen looks and what its keys do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appearance {
    /// The themes, and the one in use.
    pub themes: Themes,
    /// The keys in use.
    pub keys: Keymap,
    /// How large the number to read back is.
    pub read_back: ReadBackStyle,
    /// How the agent is called while elsewhere.
    pub notify: Notify,
    /// Whether clicks and the wheel are for the program.
    pub mouse: bool,
    /// Whether a problem found while typing rings the terminal's bell.
    pub bell: bool,
    /// Whether numbers are shown by their last digits only.
    pub mask_numbers: bool,
}
