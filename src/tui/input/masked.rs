//! One line of text that nobody sees: a secret. It is neither shown, copied nor kept for
//! an undo, and is wiped from memory in the end.

use std::fmt;

use secrecy::{SecretString, zeroize::Zeroizing};

use super::Edit;

/// More characters than any secret has.
const LONGEST: usize = 1024;
/// Room for them from the start: what grows leaves copies behind.
const ROOM: usize = LONGEST * 4;

/// A secret while it is typed.
pub(in crate::tui) struct Masked {
    text: Zeroizing<String>,
    /// In characters.
    caret: usize,
}

impl fmt::Debug for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Masked")
    }
}

impl Default for Masked {
    fn default() -> Self {
        Self { text: Zeroizing::new(String::with_capacity(ROOM)), caret: 0 }
    }
}

impl Masked {
    /// What was typed, for whoever needs it; blanks around it came with a copy.
    pub(in crate::tui) fn secret(&self) -> SecretString {
        SecretString::from(self.text.trim())
    }

    pub(in crate::tui) fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// As many marks are shown as there are characters.
    pub(in crate::tui) fn length(&self) -> usize {
        self.text.chars().count()
    }

    /// The caret's place among the marks.
    pub(in crate::tui) fn caret(&self) -> usize {
        self.caret
    }

    pub(in crate::tui) fn type_char(&mut self, c: char) {
        if !c.is_control() && self.length() < LONGEST {
            let at = self.byte_of(self.caret);
            self.text.insert(at, c);
            self.caret += 1;
        }
    }

    /// Inserts what was pasted, line ends left out.
    pub(in crate::tui) fn insert(&mut self, text: &str) {
        text.trim().chars().for_each(|c| self.type_char(c));
    }

    /// What an edit would have to copy, show or remember, it leaves undone. There are no
    /// words to step over: a word is all there is.
    pub(in crate::tui) fn edit(&mut self, edit: Edit) {
        let end = self.length();
        match edit {
            Edit::Left => self.caret = self.caret.saturating_sub(1),
            Edit::Right => self.caret = (self.caret + 1).min(end),
            Edit::WordLeft | Edit::Home => self.caret = 0,
            Edit::WordRight | Edit::End => self.caret = end,
            Edit::DeleteBack => self.delete(self.caret.saturating_sub(1), self.caret),
            Edit::DeleteNext => self.delete(self.caret, (self.caret + 1).min(end)),
            Edit::DeleteWordBack | Edit::KillHead => self.delete(0, self.caret),
            Edit::DeleteWordNext | Edit::KillEnd => self.delete(self.caret, end),
            Edit::SelectLeft
            | Edit::SelectRight
            | Edit::SelectHome
            | Edit::SelectEnd
            | Edit::Yank
            | Edit::Cut
            | Edit::Undo
            | Edit::Redo => {}
        }
    }

    fn delete(&mut self, from: usize, to: usize) {
        let (start, end) = (self.byte_of(from), self.byte_of(to));
        self.text.replace_range(start..end, "");
        self.caret = from;
    }

    fn byte_of(&self, place: usize) -> usize {
        self.text.char_indices().nth(place).map_or(self.text.len(), |(byte, _)| byte)
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn typed(text: &str) -> Masked {
        let mut masked = Masked::default();
        text.chars().for_each(|c| masked.type_char(c));
        masked
    }

    fn holds(masked: &Masked) -> String {
        masked.secret().expose_secret().to_owned()
    }

    #[test]
    fn what_is_typed_is_held_and_never_told() {
        let masked = typed("hünter2");
        assert_eq!((holds(&masked).as_str(), masked.length()), ("hünter2", 7));
        let told = format!("{masked:?} {:?}", masked.secret());
        assert!(!told.contains("nter"), "{told}");
    }

    #[test]
    fn it_is_edited_like_any_text_character_by_character() {
        let mut masked = typed("aüc");
        masked.edit(Edit::Left);
        masked.edit(Edit::DeleteBack);
        masked.type_char('b');
        assert_eq!((holds(&masked).as_str(), masked.caret()), ("abc", 2));
        masked.edit(Edit::Home);
        masked.edit(Edit::Left);
        masked.edit(Edit::DeleteNext);
        assert_eq!(holds(&masked), "bc");
        masked.edit(Edit::End);
        masked.edit(Edit::Right);
        masked.edit(Edit::DeleteNext);
        masked.edit(Edit::KillHead);
        assert!(masked.is_empty());
    }

    #[test]
    fn nothing_that_was_deleted_comes_back() {
        let mut masked = typed("hunter2");
        for edit in [Edit::SelectHome, Edit::Cut, Edit::Undo, Edit::Redo, Edit::Yank] {
            masked.edit(edit);
        }
        assert_eq!(holds(&masked), "hunter2");
        for edit in [Edit::KillHead, Edit::Yank, Edit::Undo, Edit::Redo] {
            masked.edit(edit);
        }
        assert!(masked.is_empty());
    }

    #[test]
    fn a_paste_loses_its_line_end_and_one_without_end_is_cut() {
        let mut masked = Masked::default();
        masked.insert("  s3c ret\u{1b}\r\n");
        assert_eq!(holds(&masked), "s3c ret");
        masked.insert(&"x".repeat(1_000_000));
        assert_eq!(masked.length(), LONGEST);
        assert!(masked.text.capacity() == ROOM, "it grew, and left a copy behind");
    }
}
