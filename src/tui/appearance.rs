//! What the person chose about the screen: colours, keys, mouse and bell.

use super::{keymap::Keymap, theme::Themes};

/// How the screen looks and what its keys do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appearance {
    /// The themes, and the one in use.
    pub themes: Themes,
    /// The keys in use.
    pub keys: Keymap,
    /// Whether clicks and the wheel are for the program.
    pub mouse: bool,
    /// Whether a problem found while typing rings the terminal's bell.
    pub bell: bool,
}
