//! The country's list while it is open: a query, what matches it, and a mark.

use crate::contact::{Region, region::Named, region_search};

use super::input::{Edit, Input};

/// The open list.
#[derive(Debug, Clone)]
pub(super) struct Picker {
    query: Input,
    recent: Vec<Region>,
    found: Vec<Region>,
    marked: usize,
    /// The agent moved the mark: what it is on is what they mean.
    moved: bool,
    /// Which of those that share a name is meant was asked: no row is marked.
    asked: bool,
}

impl Picker {
    /// Opens with a query; with an empty one, the mark is on the present choice.
    pub(super) fn open(query: &str, present: Option<Region>, recent: &[Region]) -> Self {
        let mut picker = Self {
            query: Input::new(query),
            recent: recent.to_vec(),
            found: Vec::new(),
            marked: 0,
            moved: false,
            asked: false,
        };
        picker.search();
        if query.is_empty() {
            let at = picker.found.iter().position(|region| Some(*region) == present);
            picker.marked = at.unwrap_or(0);
        }
        picker
    }

    pub(super) fn query(&self) -> &Input {
        &self.query
    }

    pub(super) fn found(&self) -> &[Region] {
        &self.found
    }

    pub(super) fn marked(&self) -> usize {
        self.marked
    }

    /// Whether Enter would take the marked row.
    pub(super) fn is_marked(&self, row: usize) -> bool {
        row == self.marked && !self.asked
    }

    /// Asks which is meant, if that is open; the regions it may be.
    pub(super) fn ask(&mut self) -> Option<(String, Vec<Region>)> {
        let question = self.question();
        self.asked = question.is_some();
        question
    }

    /// The question that was asked: a name, and the regions that share it.
    pub(super) fn asked(&self) -> Option<(String, Vec<Region>)> {
        self.question().filter(|_| self.asked)
    }

    /// The country Enter would take.
    pub(super) fn choice(&self) -> Option<Region> {
        self.found.get(self.marked).copied()
    }

    /// The query and its regions, where several share the name and none was pointed at. One
    /// that bears the whole name itself is no question: it is marked, and the others stand
    /// below it.
    fn question(&self) -> Option<(String, Vec<Region>)> {
        let query = self.query.text().trim();
        match Region::named(query) {
            Named::Several(regions) if !self.moved => {
                let bears_it = regions.iter().any(|it| it.name().eq_ignore_ascii_case(query));
                (!bears_it).then(|| (query.to_owned(), regions))
            }
            Named::Several(_) | Named::One(_) | Named::Nothing => None,
        }
    }

    pub(super) fn move_by(&mut self, rows: isize) {
        // Behind a question the first step is onto the first row.
        let steps = if self.asked { 0 } else { rows };
        self.mark(self.marked.saturating_add_signed(steps));
    }

    pub(super) fn mark(&mut self, row: usize) {
        (self.moved, self.asked) = (true, false);
        self.marked = row.min(self.found.len().saturating_sub(1));
    }

    pub(super) fn type_char(&mut self, c: char) {
        self.query.type_char(c);
        self.search();
    }

    /// Takes pasted text into the query; false when some had to be left out.
    #[must_use]
    pub(super) fn insert(&mut self, text: &str) -> bool {
        let whole = self.query.insert(text);
        self.search();
        whole
    }

    pub(super) fn edit(&mut self, edit: Edit) {
        let before = self.query.text().to_owned();
        self.query.edit(edit);
        if before != self.query.text() {
            self.search();
        }
    }

    fn search(&mut self) {
        self.found = region_search::search(self.query.text(), &self.recent);
        self.marked = 0;
        (self.moved, self.asked) = (false, false);
    }
}
