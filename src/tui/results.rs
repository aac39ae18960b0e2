//! The rows of the results pane: what is known of each submission, which of them show,
//! and which one is selected.
//!
//! The selection is an id, not a position, so rows that arrive never move it. Ids sort
//! by the time they were made; the newest row shows first. Only so many rows are kept:
//! the store has them all.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{
    contact::text::safe,
    submission::{Counts, Entry, Group, Status, SubmissionId, Waiting},
};

use super::{input::Input, time};

const MOST_ROWS: usize = 5_000;

/// What the number keys filter by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Filter {
    #[default]
    All,
    Created,
    Duplicate,
    Attention,
    Waiting,
}

impl Filter {
    /// In the order of their number keys.
    pub(super) const ALL: [Self; 5] =
        [Self::All, Self::Created, Self::Duplicate, Self::Attention, Self::Waiting];

    pub(super) fn by_key(key: u8) -> Self {
        Self::ALL.get(usize::from(key).wrapping_sub(1)).copied().unwrap_or_default()
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::Created => "Created",
            Self::Duplicate => "Duplicate",
            Self::Attention => "Attention",
            Self::Waiting => "Queued",
        }
    }

    pub(super) fn count(self, counts: &Counts) -> u64 {
        match self {
            Self::All => counts.all(),
            Self::Created => counts.created,
            Self::Duplicate => counts.duplicate,
            Self::Attention => counts.attention,
            Self::Waiting => counts.waiting(),
        }
    }

    fn holds(self, group: Group) -> bool {
        match self {
            Self::All => true,
            Self::Created => group == Group::Created,
            Self::Duplicate => group == Group::Duplicate,
            Self::Attention => group == Group::Attention,
            Self::Waiting => matches!(group, Group::Queued | Group::Sending),
        }
    }
}

/// The results pane's state.
#[derive(Debug, Clone, Default)]
pub(super) struct Results {
    rows: BTreeMap<SubmissionId, Entry>,
    counts: Counts,
    filter: Filter,
    search: Option<Input>,
    searching: bool,
    selected: Option<SubmissionId>,
}

impl Results {
    /// Takes a row's present truth; the answer is what it was before.
    pub(super) fn apply(&mut self, entry: Entry) -> Option<Entry> {
        let before = self.rows.insert(entry.submission.id, entry);
        if self.rows.len() > MOST_ROWS {
            let done =
                |entry: &Entry| matches!(entry.status.group(), Group::Created | Group::Duplicate);
            let oldest = self.rows.iter().find(|(_, entry)| done(entry)).map(|(id, _)| *id);
            if let Some(id) = oldest.or_else(|| self.rows.keys().next().copied()) {
                self.rows.remove(&id);
            }
        }
        before
    }

    /// Takes a row out; the selection goes to its neighbour.
    pub(super) fn remove(&mut self, id: SubmissionId) {
        if self.selected == Some(id) {
            let shown = self.shown();
            let at = shown.iter().position(|entry| entry.submission.id == id);
            let neighbour = at.and_then(|at| shown.get(at + 1).or(shown.get(at.wrapping_sub(1))));
            self.selected = neighbour.map(|entry| entry.submission.id);
        }
        self.rows.remove(&id);
    }

    pub(super) fn set_counts(&mut self, counts: Counts) {
        self.counts = counts;
    }

    pub(super) fn counts(&self) -> &Counts {
        &self.counts
    }

    pub(super) fn filter(&self) -> Filter {
        self.filter
    }

    /// Filters by the number key; the same key again shows all.
    pub(super) fn set_filter(&mut self, filter: Filter) {
        self.filter = if self.filter == filter { Filter::All } else { filter };
        self.keep_selection_visible();
    }

    pub(super) fn search(&self) -> Option<&Input> {
        self.search.as_ref()
    }

    pub(super) fn is_searching(&self) -> bool {
        self.searching
    }

    pub(super) fn start_search(&mut self) {
        self.search.get_or_insert_default();
        self.searching = true;
    }

    /// Leaves the search line; an empty search is none.
    pub(super) fn end_search(&mut self) {
        self.searching = false;
        if self.search.as_ref().is_some_and(Input::is_empty) {
            self.search = None;
        }
    }

    /// Changes the search line.
    pub(super) fn change_search(&mut self, change: impl FnOnce(&mut Input)) {
        change(self.search.get_or_insert_default());
        self.keep_selection_visible();
    }

    /// Undoes search, then filter; false when there was neither.
    pub(super) fn widen(&mut self) -> bool {
        let narrowed = self.search.is_some() || self.filter != Filter::All;
        self.searching = false;
        if self.search.take().is_none() {
            self.filter = Filter::All;
        }
        narrowed
    }

    /// The rows that pass filter and search, newest first.
    pub(super) fn shown(&self) -> Vec<&Entry> {
        let query = self.search.as_ref().map(|search| Query::new(search.text()));
        let rows = self.rows.values().rev();
        rows.filter(|entry| self.filter.holds(entry.status.group()))
            .filter(|entry| query.as_ref().is_none_or(|query| query.finds(entry)))
            .collect()
    }

    /// The selected row: the chosen one, else the newest.
    pub(super) fn selected(&self) -> Option<&Entry> {
        match self.selected.and_then(|id| self.rows.get(&id)) {
            Some(entry) => Some(entry),
            None => self.shown().first().copied(),
        }
    }

    pub(super) fn get(&self, id: SubmissionId) -> Option<&Entry> {
        self.rows.get(&id)
    }

    /// Where the selected row is among those shown.
    pub(super) fn place(&self, shown: &[&Entry]) -> usize {
        let selected = self.selected;
        shown.iter().position(|entry| Some(entry.submission.id) == selected).unwrap_or(0)
    }

    pub(super) fn select(&mut self, id: SubmissionId) {
        self.selected = Some(id);
    }

    pub(super) fn move_by(&mut self, rows: isize) {
        let shown = self.shown();
        let at = self.place(&shown);
        let to = at.saturating_add_signed(rows).min(shown.len().saturating_sub(1));
        self.selected = shown.get(to).map(|entry| entry.submission.id);
    }

    fn keep_selection_visible(&mut self) {
        let visible = |id| self.shown().iter().any(|entry| entry.submission.id == id);
        if self.selected.is_some_and(|id| !visible(id)) {
            self.selected = None;
        }
    }

    /// When the next "in 4 s" among the rows changes.
    pub(super) fn changes_at(&self, now: Timestamp) -> Option<Timestamp> {
        let waits = self.rows.values().filter_map(|entry| waiting(&entry.status)?.until);
        waits.filter_map(|until| time::countdown_changes(until, now)).min()
    }
}

struct Query {
    text: String,
    digits: String,
}

impl Query {
    fn new(text: &str) -> Self {
        let digits = text.chars().filter(char::is_ascii_digit).collect();
        Self { text: text.trim().to_lowercase(), digits }
    }

    fn finds(&self, entry: &Entry) -> bool {
        let contact = &entry.submission.contact;
        let number =
            !self.digits.is_empty() && contact.phone.e164().as_str().contains(&self.digits);
        number || contact.full_name().to_lowercase().contains(&self.text)
    }
}

fn waiting(status: &Status) -> Option<&Waiting> {
    match status {
        Status::Queued(waiting) | Status::Unclear(waiting) => Some(waiting),
        Status::Sending
        | Status::Created { .. }
        | Status::Duplicate { .. }
        | Status::Rejected { .. }
        | Status::Attention { .. } => None,
    }
}

/// What a row says beside its status: the id, whose number it is, or why it waits.
pub(super) fn remark(entry: &Entry, now: Timestamp) -> String {
    match &entry.status {
        Status::Queued(waiting) => why(waiting, "", now),
        Status::Unclear(waiting) => why(waiting, "no clear answer, being checked", now),
        Status::Sending if entry.attempts > 1 => format!("try {}", entry.attempts),
        Status::Sending => String::new(),
        Status::Created { id } => safe(&id.0),
        Status::Duplicate { owners, remark } => {
            let names = owners.iter().filter_map(|owner| owner.full_name.as_deref());
            let names = names.map(safe).collect::<Vec<_>>().join(", ");
            match (names.is_empty(), remark) {
                (false, Some(remark)) => format!("belongs to {names} ({})", safe(remark)),
                (false, None) => format!("belongs to {names}"),
                (true, Some(remark)) => safe(remark),
                (true, None) => "number is taken".into(),
            }
        }
        Status::Rejected { reason } | Status::Attention { reason } => safe(reason),
    }
}

fn why(waiting: &Waiting, otherwise: &str, now: Timestamp) -> String {
    let because = waiting.because.as_deref().map_or_else(|| otherwise.to_owned(), safe);
    match waiting.until.and_then(|until| time::countdown(until, now)) {
        Some(left) if because.is_empty() => format!("in {left}"),
        Some(left) => format!("in {left}: {because}"),
        None => because,
    }
}
