//! A key with its modifiers: as terminals send it, as people name it.

use crossterm::event::{
    KeyCode::{self, BackTab, Backspace, Enter, Esc, Tab},
    KeyEvent, KeyModifiers,
};

pub(super) const CTRL: KeyModifiers = KeyModifiers::CONTROL;
pub(super) const ALT: KeyModifiers = KeyModifiers::ALT;
pub(super) const SHIFT: KeyModifiers = KeyModifiers::SHIFT;

const MODIFIERS: [(KeyModifiers, &str); 3] = [(CTRL, "Ctrl+"), (ALT, "Alt+"), (SHIFT, "Shift+")];

/// Keys with names, besides characters and function keys.
const NAMED: [(&str, KeyCode); 17] = [
    ("space", KeyCode::Char(' ')),
    ("enter", Enter),
    ("return", Enter),
    ("esc", Esc),
    ("escape", Esc),
    ("tab", Tab),
    ("backspace", Backspace),
    ("delete", KeyCode::Delete),
    ("del", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("ins", KeyCode::Insert),
];

/// A key with its modifiers, as bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tui) struct Chord(pub(super) KeyCode, pub(super) KeyModifiers);

pub(super) const fn plain(code: KeyCode) -> Chord {
    Chord(code, KeyModifiers::NONE)
}

pub(super) const fn char(c: char) -> Chord {
    Chord(KeyCode::Char(c), KeyModifiers::NONE)
}

pub(super) const fn ctrl(c: char) -> Chord {
    Chord(KeyCode::Char(c), CTRL)
}

pub(super) const fn alt(c: char) -> Chord {
    Chord(KeyCode::Char(c), ALT)
}

impl Chord {
    /// Terminals send one key in several ways. Shift is in the letter already; Shift+Tab
    /// is `BackTab`; Ctrl+Alt and a character is what `AltGr` types; Ctrl+H, I, J, M are
    /// Backspace, Tab and Enter by another name.
    pub(in crate::tui) fn of(event: KeyEvent) -> Self {
        let modifiers = event.modifiers & (CTRL | ALT | SHIFT);
        match event.code {
            Tab if modifiers.contains(SHIFT) => plain(BackTab),
            BackTab => plain(BackTab),
            KeyCode::Char('\n' | '\r') => plain(Enter),
            KeyCode::Char(c) if modifiers.contains(CTRL | ALT) => char(c),
            KeyCode::Char(c) if modifiers.contains(CTRL) => match c.to_ascii_lowercase() {
                'h' => plain(Backspace),
                'i' => plain(Tab),
                'j' | 'm' => plain(Enter),
                c => ctrl(c),
            },
            KeyCode::Char(c) if modifiers.contains(ALT) => alt(c.to_ascii_lowercase()),
            KeyCode::Char(c) => char(c),
            code @ (Enter | Esc) => plain(code),
            code => Self(code, modifiers),
        }
    }

    /// As people write it: "Ctrl+S".
    pub(in crate::tui) fn name(self) -> String {
        let mut name = String::new();
        for (flag, word) in MODIFIERS {
            if self.1.contains(flag) {
                name.push_str(word);
            }
        }
        match self.0 {
            KeyCode::Char(' ') => name.push_str("Space"),
            KeyCode::Char(c) if self.1.is_empty() => name.push(c),
            KeyCode::Char(c) => name.push(c.to_ascii_uppercase()),
            BackTab => name.push_str("Shift+Tab"),
            Esc => name.push_str("Esc"),
            code => name.push_str(&code.to_string()),
        }
        name
    }

    /// Reads "ctrl-s", "Ctrl+S", "f2", "shift-tab", "page-up", "G", "?".
    ///
    /// # Errors
    /// A sentence: no such key, or one that terminals send as another.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let unknown = || {
            format!("`{text}` is no key; write for example ctrl-s, alt-x, f2, page-up, enter or ?")
        };
        let mut rest = text.trim();
        let mut modifiers = KeyModifiers::NONE;
        while let Some((flag, after)) = MODIFIERS.iter().find_map(|(flag, word)| {
            let word = word.trim_end_matches('+');
            let (head, after) = rest.split_at_checked(word.len())?;
            let after = after.strip_prefix(['-', '+'])?;
            (head.eq_ignore_ascii_case(word) && !after.is_empty()).then_some((*flag, after))
        }) {
            modifiers |= flag;
            rest = after;
        }
        let code = code(rest).ok_or_else(unknown)?;
        Self::checked(text, code, modifiers)
    }

    fn checked(text: &str, code: KeyCode, modifiers: KeyModifiers) -> Result<Self, String> {
        let KeyCode::Char(c) = code else { return Ok(Self::of(KeyEvent::new(code, modifiers))) };
        let sent = |as_what: &str| Err(format!("terminals send `{text}` as {as_what}"));
        if modifiers.contains(CTRL | ALT) {
            return sent("what AltGr types; leave out ctrl or alt");
        }
        if modifiers.contains(SHIFT) && !modifiers.is_empty() && modifiers != SHIFT {
            return sent("the same key without shift; leave shift out");
        }
        if modifiers == SHIFT {
            return Ok(char(c.to_ascii_uppercase()));
        }
        if modifiers == CTRL {
            return match c.to_ascii_lowercase() {
                'h' => sent("backspace"),
                'i' => sent("tab"),
                'j' | 'm' => sent("enter"),
                '[' => sent("esc"),
                c => Ok(ctrl(c)),
            };
        }
        Ok(Self::of(KeyEvent::new(code, modifiers)))
    }

    /// Whether it types a character wherever text is typed.
    pub(super) fn types(self) -> bool {
        matches!(self.0, KeyCode::Char(_)) && self.1.is_empty()
    }
}

fn code(text: &str) -> Option<KeyCode> {
    let mut letters = text.chars();
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        return (!letter.is_control()).then_some(KeyCode::Char(letter));
    }
    let lower = text.to_ascii_lowercase().replace(['-', '_', ' '], "");
    match lower.as_str() {
        "pageup" | "pgup" => return Some(KeyCode::PageUp),
        "pagedown" | "pgdn" | "pgdown" => return Some(KeyCode::PageDown),
        _ => {}
    }
    if let Some(number) = lower.strip_prefix('f').and_then(|it| it.parse().ok()) {
        return (1..=24).contains(&number).then_some(KeyCode::F(number));
    }
    NAMED.iter().find(|(name, _)| *name == lower).map(|(_, code)| *code)
}

#[cfg(test)]
mod tests {
    use super::{super::TABLE, *};

    #[test]
    fn every_key_of_the_table_can_be_written_as_it_is_named() {
        for chord in TABLE.iter().flat_map(|binding| binding.chords) {
            let name = chord.name();
            assert_eq!(Chord::parse(&name), Ok(*chord), "{name}");
            let dashed = name.replace('+', "-");
            if !chord.types() {
                assert_eq!(Chord::parse(&dashed.to_lowercase()), Ok(*chord), "{dashed}");
            }
        }
    }

    #[test]
    fn keys_are_read_in_every_usual_spelling() {
        for (text, chord) in [
            ("ctrl-s", ctrl('s')),
            ("Ctrl+S", ctrl('s')),
            ("f12", plain(KeyCode::F(12))),
            ("G", char('G')),
            ("shift-g", char('G')),
            ("shift+tab", plain(BackTab)),
            ("page-down", plain(KeyCode::PageDown)),
            ("-", char('-')),
            ("+", char('+')),
            ("ctrl-+", ctrl('+')),
            ("alt-X", alt('x')),
            ("alt-down", Chord(KeyCode::Down, ALT)),
            ("ctrl-shift-left", Chord(KeyCode::Left, CTRL | SHIFT)),
            ("é", char('é')),
        ] {
            assert_eq!(Chord::parse(text), Ok(chord), "{text}");
        }
    }

    #[test]
    fn what_no_terminal_sends_as_itself_is_refused_with_the_reason() {
        for (text, part) in [
            ("ctrl-m", "as enter"),
            ("ctrl-i", "as tab"),
            ("ctrl-h", "as backspace"),
            ("ctrl-[", "as esc"),
            ("ctrl-alt-q", "AltGr"),
            ("ctrl-shift-s", "without shift"),
            ("f25", "no key"),
            ("strg-s", "no key"),
            ("", "no key"),
            ("ctrl-", "no key"),
            ("ctrl-ü-x", "no key"),
        ] {
            let error = Chord::parse(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
