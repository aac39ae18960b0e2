//! One line of editable text.
//!
//! The editor is `ratatui-textarea`, for its buffer, selection and kill ring. What it
//! gets wrong for names is done here: steps and deletions go by grapheme (it goes by
//! code point), undo goes by run of typing (it goes by character), Enter and Tab never
//! reach it, and drawing is left to the view, which needs [`Input::caret`] in cells to
//! place the terminal's real cursor.

mod masked;

use tui_textarea::{CursorMove, TextArea};
use unicode_segmentation::UnicodeSegmentation as _;

use super::cells;
pub(super) use masked::Masked;

/// Longest text a field holds, in characters; far above anything that can be sent, so
/// that a wrong paste can be seen and judged, yet drawn at once.
const LONGEST: usize = 16_000;
const UNDO_STEPS: usize = 200;

/// A change wanted in a text field, or a move of its caret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edit {
    Left,
    Right,
    WordLeft,
    WordRight,
    Home,
    End,
    SelectLeft,
    SelectRight,
    SelectHome,
    SelectEnd,
    DeleteBack,
    DeleteNext,
    DeleteWordBack,
    DeleteWordNext,
    KillHead,
    KillEnd,
    Yank,
    Cut,
    Undo,
    Redo,
}

/// Where a caret can go from where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Motion {
    Left,
    Right,
    WordLeft,
    WordRight,
    Home,
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Run {
    Typing,
    Deleting,
    Other,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct UndoStep {
    text: String,
    caret: usize,
}

/// A text field's content, caret, selection and history.
#[derive(Debug, Clone)]
pub(super) struct Input {
    area: TextArea<'static>,
    undo: Vec<UndoStep>,
    redo: Vec<UndoStep>,
    run: Run,
}

impl Default for Input {
    fn default() -> Self {
        Self::new("")
    }
}

impl Input {
    /// A field holding the text, caret at its end. Line breaks and tabs become blanks.
    pub(super) fn new(text: &str) -> Self {
        Self { area: area(&one_line(text)), undo: Vec::new(), redo: Vec::new(), run: Run::Other }
    }

    pub(super) fn text(&self) -> &str {
        self.area.lines().first().map_or("", String::as_str)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text().is_empty()
    }

    /// The caret's column in cells from the text's start.
    pub(super) fn caret(&self) -> usize {
        cells::width(&self.text()[..self.caret_byte()])
    }

    /// The selected part as byte positions.
    pub(super) fn selection(&self) -> Option<(usize, usize)> {
        let ((_, from), (_, to)) = self.area.selection_range()?;
        (from < to).then(|| (self.byte_of(from), self.byte_of(to)))
    }

    /// Replaces everything; one undo brings the old text back.
    pub(super) fn replace(&mut self, text: &str) {
        let text = one_line(text);
        if text != self.text() {
            self.remember(Run::Other);
            self.area = area(&text);
        }
    }

    pub(super) fn type_char(&mut self, c: char) {
        if c.is_control() || self.length() >= LONGEST {
            return;
        }
        let run = if c.is_whitespace() { Run::Other } else { Run::Typing };
        self.remember(run);
        self.area.insert_char(c);
    }

    /// Inserts text on one line at the caret; false when some had to be left out.
    #[must_use]
    pub(super) fn insert(&mut self, text: &str) -> bool {
        let line = one_line(text);
        let room = LONGEST.saturating_sub(self.length());
        let taken = line.chars().take(room).collect::<String>();
        if !taken.is_empty() {
            self.remember(Run::Other);
            self.area.insert_str(&taken);
        }
        taken.len() == line.len()
    }

    pub(super) fn edit(&mut self, edit: Edit) {
        match edit {
            Edit::Left => self.step(Motion::Left),
            Edit::Right => self.step(Motion::Right),
            Edit::WordLeft => self.step(Motion::WordLeft),
            Edit::WordRight => self.step(Motion::WordRight),
            Edit::Home => self.step(Motion::Home),
            Edit::End => self.step(Motion::End),
            Edit::SelectLeft => self.select(Motion::Left),
            Edit::SelectRight => self.select(Motion::Right),
            Edit::SelectHome => self.select(Motion::Home),
            Edit::SelectEnd => self.select(Motion::End),
            Edit::DeleteBack => self.delete(Run::Deleting, Motion::Left),
            Edit::DeleteNext => self.delete(Run::Deleting, Motion::Right),
            Edit::DeleteWordBack => self.delete(Run::Other, Motion::WordLeft),
            Edit::DeleteWordNext => self.delete(Run::Other, Motion::WordRight),
            Edit::KillHead => self.delete(Run::Other, Motion::Home),
            Edit::KillEnd => self.delete(Run::Other, Motion::End),
            Edit::Yank => {
                self.remember(Run::Other);
                self.area.paste();
            }
            Edit::Cut => {
                self.remember(Run::Other);
                self.area.cut();
            }
            Edit::Undo => self.undo(),
            Edit::Redo => self.redo(),
        }
    }

    fn step(&mut self, motion: Motion) {
        self.run = Run::Other;
        self.area.cancel_selection();
        self.jump(self.target(motion));
    }

    fn select(&mut self, motion: Motion) {
        self.run = Run::Other;
        if !self.area.is_selecting() {
            self.area.start_selection();
        }
        self.jump(self.target(motion));
    }

    /// The column that a motion leads to.
    fn target(&self, motion: Motion) -> usize {
        match motion {
            Motion::Left => self.before(),
            Motion::Right => self.after(),
            Motion::WordLeft => self.word_before(),
            Motion::WordRight => self.word_after(),
            Motion::Home => 0,
            Motion::End => self.length(),
        }
    }

    /// Deletes the selection, or else from the caret to where the motion leads.
    fn delete(&mut self, run: Run, motion: Motion) {
        self.remember(run);
        if self.selection().is_some() {
            self.area.cut();
            return;
        }
        self.area.cancel_selection();
        let (caret, target) = (self.column(), self.target(motion));
        let (from, to) = (caret.min(target), caret.max(target));
        let kept = self.area.yank_text();
        self.jump(from);
        self.area.delete_str(to - from);
        if run == Run::Deleting {
            self.area.set_yank_text(kept);
        }
    }

    fn remember(&mut self, run: Run) {
        if run == Run::Other || run != self.run {
            let step = self.here();
            if self.undo.last() != Some(&step) {
                self.undo.push(step);
            }
            if self.undo.len() > UNDO_STEPS {
                self.undo.remove(0);
            }
        }
        self.redo.clear();
        self.run = run;
    }

    fn here(&self) -> UndoStep {
        UndoStep { text: self.text().to_owned(), caret: self.column() }
    }

    fn undo(&mut self) {
        self.run = Run::Other;
        while let Some(step) = self.undo.pop() {
            if step.text != self.text() {
                self.redo.push(self.here());
                self.put(&step);
                return;
            }
        }
    }

    fn redo(&mut self) {
        if let Some(step) = self.redo.pop() {
            self.undo.push(self.here());
            self.put(&step);
        }
    }

    fn put(&mut self, step: &UndoStep) {
        let kept = self.area.yank_text();
        self.area = area(&step.text);
        self.area.set_yank_text(kept);
        self.jump(step.caret);
    }

    fn jump(&mut self, column: usize) {
        let column = u16::try_from(column).unwrap_or(u16::MAX);
        self.area.move_cursor(CursorMove::Jump(0, column));
    }

    fn column(&self) -> usize {
        self.area.cursor().1
    }

    fn length(&self) -> usize {
        self.text().chars().count()
    }

    fn caret_byte(&self) -> usize {
        self.byte_of(self.column())
    }

    fn byte_of(&self, column: usize) -> usize {
        self.text().char_indices().nth(column).map_or(self.text().len(), |(byte, _)| byte)
    }

    fn chars_in(&self, byte: usize) -> usize {
        self.text()[..byte].chars().count()
    }

    fn before(&self) -> usize {
        let caret = self.caret_byte();
        let start =
            self.text().grapheme_indices(true).map(|(at, _)| at).take_while(|at| *at < caret);
        self.chars_in(start.last().unwrap_or(0))
    }

    fn after(&self) -> usize {
        let caret = self.caret_byte();
        let mut ends = self.text().grapheme_indices(true).map(|(at, g)| at + g.len());
        self.chars_in(ends.find(|end| *end > caret).unwrap_or(self.text().len()))
    }

    fn word_before(&self) -> usize {
        let caret = self.caret_byte();
        let start = self.words().map(|(at, _)| at).take_while(|at| *at < caret).last();
        self.chars_in(start.unwrap_or(0))
    }

    fn word_after(&self) -> usize {
        let caret = self.caret_byte();
        let end = self.words().map(|(at, word)| at + word.len()).find(|end| *end > caret);
        self.chars_in(end.unwrap_or(self.text().len()))
    }

    fn words(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text().split_word_bound_indices().filter(|(_, word)| !word.trim().is_empty())
    }
}

fn area(text: &str) -> TextArea<'static> {
    let mut area = TextArea::new(vec![text.to_owned()]);
    area.set_max_histories(0);
    area.move_cursor(CursorMove::End);
    area
}

/// A field is one line: breaks and tabs become one blank, at the ends none.
fn one_line(text: &str) -> String {
    let breaks = |c: char| matches!(c, '\t'..='\r' | '\u{85}' | '\u{2028}' | '\u{2029}');
    let mut text = text.to_owned();
    text.retain(|c| breaks(c) || !c.is_control());
    text.split(breaks).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
