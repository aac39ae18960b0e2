//! A customer looked up from the form, by name or number, among the contacts that are
//! known: the platform's, and what was typed here.

use crate::{contact::text::safe, submission::Record};

use super::input::{Edit, Input};

/// The open list.
#[derive(Debug, Clone, Default)]
pub(super) struct Lookup {
    query: Input,
    found: Vec<Record>,
    marked: usize,
    /// Whether the store has answered what is typed now.
    answered: bool,
}

impl Lookup {
    pub(super) fn query(&self) -> &Input {
        &self.query
    }

    pub(super) fn found(&self) -> &[Record] {
        &self.found
    }

    pub(super) fn is_answered(&self) -> bool {
        self.answered
    }

    pub(super) fn marked(&self) -> usize {
        self.marked
    }

    /// The contact that would be taken.
    pub(super) fn choice(&self) -> Option<&Record> {
        self.found.get(self.marked)
    }

    pub(super) fn move_by(&mut self, rows: isize) {
        let last = self.found.len().saturating_sub(1);
        self.marked = self.marked.saturating_add_signed(rows).min(last);
    }

    /// Changes the query; the answer is what to ask for, if it is another one.
    pub(super) fn change(&mut self, change: impl FnOnce(&mut Input)) -> Option<String> {
        let before = self.query.text().to_owned();
        change(&mut self.query);
        let asked = self.query.text();
        (asked != before).then(|| {
            self.answered = false;
            asked.to_owned()
        })
    }

    pub(super) fn edit(&mut self, edit: Edit) -> Option<String> {
        self.change(|query| query.edit(edit))
    }

    /// Takes in what was found; an answer to an earlier query is passed over.
    pub(super) fn learn(&mut self, query: &str, found: Vec<Record>) {
        if query == self.query.text() {
            (self.found, self.marked, self.answered) = (found, 0, true);
        }
    }
}

/// A contact's name as it may be drawn.
pub(super) fn name(record: &Record) -> String {
    record.name().map_or_else(|| "without a name".to_owned(), |name| safe(&name))
}
