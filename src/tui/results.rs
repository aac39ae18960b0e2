//! The results pane: which rows show, and which one is selected.
//!
//! The store has all rows; here is a [`Window`] of some hundred around the selection. What
//! is missing at its ends, or after another filter or search, is asked for and arrives a
//! moment later; rows that change meanwhile are taken in as they are told. The selection is
//! an id, not a position, so rows that arrive never move it.

mod window;

use jiff::Timestamp;

use crate::submission::{
    Counts, Entry, Group, Origin, Page, PagePosition, Search, Status, SubmissionId, Whose,
};

use super::{
    inbox::{self, Inbox},
    input::Input,
};
use window::Window;

/// What the number keys filter by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Filter {
    #[default]
    All,
    Created,
    Duplicate,
    Attention,
    Waiting,
    /// Everybody's rows on the floor.
    Team,
}

impl Filter {
    /// In the order of their number keys.
    pub(super) const ALL: [Self; 6] =
        [Self::All, Self::Created, Self::Duplicate, Self::Attention, Self::Waiting, Self::Team];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::Created => "Created",
            Self::Duplicate => "Duplicate",
            Self::Attention => "Attention",
            Self::Waiting => "Queued",
            Self::Team => "Team",
        }
    }

    /// How many rows it shows; none where only the floor could tell.
    pub(super) fn count(self, counts: &Counts) -> Option<u64> {
        match self {
            Self::All => Some(counts.all()),
            Self::Created => Some(counts.created),
            Self::Duplicate => Some(counts.duplicate),
            Self::Attention => Some(counts.attention),
            Self::Waiting => Some(counts.waiting()),
            Self::Team => None,
        }
    }

    /// Whose rows it shows.
    pub(super) fn whose(self) -> Whose {
        match self {
            Self::Team => Whose::Everybody,
            Self::All | Self::Created | Self::Duplicate | Self::Attention | Self::Waiting => {
                Whose::Ours
            }
        }
    }

    /// The groups it shows; none means all.
    fn groups(self) -> &'static [Group] {
        match self {
            Self::All | Self::Team => &[],
            Self::Created => &[Group::Created],
            Self::Duplicate => &[Group::Duplicate],
            Self::Attention => &[Group::Attention],
            Self::Waiting => &[Group::Queued, Group::Sending],
        }
    }

    fn holds(self, group: Group) -> bool {
        self.groups().is_empty() || self.groups().contains(&group)
    }
}

/// The results pane's state.
#[derive(Debug, Clone, Default)]
pub(super) struct Results {
    window: Window,
    counts: Counts,
    filter: Filter,
    search: Option<Input>,
    searching: bool,
    /// Only what the agent typed since midnight: from then on, while it is asked for.
    mine: Option<Timestamp>,
    inbox: Inbox,
    /// Rows that wait for their turn, the next one first.
    line: Vec<SubmissionId>,
    selected: Option<SubmissionId>,
}

impl Results {
    /// Takes a row's present truth; the answer is what was known of it before.
    pub(super) fn apply(&mut self, entry: Entry) -> Option<Entry> {
        let id = entry.submission.id;
        let before = self.window.get(id).cloned();
        self.inbox.apply(&entry);
        if self.holds(&entry) {
            self.window.put(entry, self.selected);
        } else {
            self.take_out(id);
        }
        self.line_up();
        before
    }

    /// Takes a row out that is gone.
    pub(super) fn remove(&mut self, id: SubmissionId) {
        self.inbox.remove(id);
        self.take_out(id);
        self.line_up();
    }

    /// Takes a row out of those that show; the selection goes to its neighbour.
    fn take_out(&mut self, id: SubmissionId) {
        if self.selected == Some(id) {
            let shown = self.shown();
            let at = shown.iter().position(|entry| entry.submission.id == id);
            let neighbour = at.and_then(|at| shown.get(at + 1).or(shown.get(at.wrapping_sub(1))));
            self.selected = neighbour.map(|entry| entry.submission.id);
        }
        self.window.remove(id);
    }

    pub(super) fn set_counts(&mut self, counts: Counts) {
        self.counts = counts;
    }

    /// How many there are in each group, in all.
    pub(super) fn counts(&self) -> &Counts {
        &self.counts
    }

    /// How many there are in each group of those that the filters choose among.
    pub(super) fn counts_since(&self, midnight: Timestamp) -> Counts {
        if self.is_mine_only() { self.inbox.mine_since(midnight) } else { self.counts }
    }

    /// How many rows wait for a person.
    pub(super) fn needs_you(&self) -> usize {
        self.inbox.count()
    }

    /// All that waits for a person, and all that the agent typed of late, is asked for.
    pub(super) fn ask_for_inbox(&mut self) {
        self.inbox.is_asked_for();
    }

    /// What was asked for; none when the store cannot be read.
    pub(super) fn take_inbox(&mut self, rows: Option<&[Entry]>) {
        self.inbox.take(rows);
    }

    /// Selects the next row that waits for a person, whatever was shown before.
    pub(super) fn select_next_needed(&mut self) -> bool {
        let here = self.selected().map(|entry| entry.submission.id);
        let Some(next) = self.inbox.next(here) else { return false };
        self.search = None;
        self.searching = false;
        self.show_only(Filter::All);
        self.mine = None;
        self.selected = Some(next);
        if self.window.get(next).is_none() {
            self.window.want(PagePosition::From(next));
        }
        true
    }

    /// Whether only what the agent typed today shows.
    pub(super) fn is_mine_only(&self) -> bool {
        self.mine.is_some()
    }

    /// Shows only what the agent typed since midnight, or everything again.
    pub(super) fn toggle_mine(&mut self, midnight: Timestamp) {
        self.mine = if self.mine.is_some() { None } else { Some(midnight) };
        if self.whose() == Whose::Everybody {
            self.show_only(Filter::All);
        }
        self.look_anew();
    }

    /// The rows that wait for their turn, the next one first, as far as they are at hand.
    pub(super) fn line(&self) -> &[SubmissionId] {
        &self.line
    }

    fn line_up(&mut self) {
        let waits = |entry: &&Entry| match &entry.status {
            Status::Queued(waiting) => waiting.until.is_none() && entry.task.change().is_none(),
            Status::Sending
            | Status::Unclear(_)
            | Status::Created { .. }
            | Status::Deleted { .. }
            | Status::Duplicate { .. }
            | Status::Rejected { .. }
            | Status::Attention { .. } => false,
        };
        self.line = self.window.oldest_first().filter(waits).map(|it| it.submission.id).collect();
    }

    /// When the existing contact was made here, if it was.
    pub(super) fn made(&self, duplicate: &Entry) -> Option<Timestamp> {
        let owners = duplicate.status.owners();
        let made = |entry: &&Entry| {
            let id = entry.status.created_id();
            id.is_some() && owners.iter().any(|owner| owner.id.as_ref() == id)
        };
        let found = self.window.newest_first().find(made).filter(|_| !owners.is_empty())?;
        Some(found.settled_at.unwrap_or(found.submission.submitted_at))
    }

    /// How many rows at hand pass filter and search.
    pub(super) fn found(&self) -> usize {
        self.shown().len()
    }

    /// Whether there may be more of them in the store.
    pub(super) fn finds_more(&self) -> bool {
        !(self.window.is_at_newest() && self.window.is_at_oldest())
    }

    pub(super) fn filter(&self) -> Filter {
        self.filter
    }

    /// Whose rows show.
    pub(super) fn whose(&self) -> Whose {
        self.filter.whose()
    }

    /// Filters by the number key; the same key again shows all.
    pub(super) fn set_filter(&mut self, filter: Filter) {
        self.show_only(if self.filter == filter { Filter::All } else { filter });
        if self.whose() == Whose::Everybody {
            self.mine = None;
        }
        self.look_anew();
    }

    /// Everybody's rows and ours never stand in one list: only ours can be acted on.
    fn show_only(&mut self, filter: Filter) {
        if filter.whose() != self.whose() {
            self.window = Window::default();
            self.selected = None;
        }
        self.filter = filter;
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
        let search = self.search.get_or_insert_default();
        let before = search.text().to_owned();
        change(search);
        if search.text() != before {
            self.look_anew();
        }
    }

    /// Undoes search, then filter; false when there was neither.
    pub(super) fn widen(&mut self) -> bool {
        let narrowed = self.search.is_some() || self.filter != Filter::All || self.mine.is_some();
        self.searching = false;
        if self.search.take().is_none() {
            self.show_only(Filter::All);
            self.mine = None;
        }
        if narrowed {
            self.look_anew();
        }
        narrowed
    }

    /// Other rows are wanted from now on: those at hand show until they come.
    fn look_anew(&mut self) {
        let visible = |id| self.shown().iter().any(|entry| entry.submission.id == id);
        if self.selected.is_some_and(|id| !visible(id)) {
            self.selected = None;
        }
        self.window.want(PagePosition::Newest);
    }

    /// Rows may have changed that nobody told one by one.
    pub(super) fn reread(&mut self) {
        self.window.reread();
    }

    /// The page to ask for now, if one is missing; asked for once.
    pub(super) fn missing(&mut self) -> Option<Page> {
        let shown = self.shown();
        let (at, count) = (self.place(&shown), shown.len());
        let page = Page {
            whose: self.whose(),
            groups: self.filter.groups().to_vec(),
            search: self.query().map(str::to_owned),
            since: self.mine,
            origin: self.mine.map(|_| Origin::Form),
            ..Page::default()
        };
        self.window.missing(at, count, page)
    }

    /// Takes in a page that was asked for; one that is not wanted any more is passed over.
    pub(super) fn take(&mut self, page: &Page, rows: Vec<Entry>) {
        if self.window.take(page, rows, self.selected) == Some(PagePosition::Oldest) {
            self.selected = self.shown().last().map(|entry| entry.submission.id);
        }
        self.line_up();
    }

    /// The page cannot be had; it is not asked for again until something changes.
    pub(super) fn cannot_read(&mut self, page: &Page) {
        self.window.give_up(page);
    }

    /// Whether rows are under way that may yet show.
    pub(super) fn is_reading(&self) -> bool {
        self.window.is_reading()
    }

    fn query(&self) -> Option<&str> {
        self.search.as_ref().map(Input::text).filter(|text| !text.trim().is_empty())
    }

    fn holds(&self, entry: &Entry) -> bool {
        self.filter.holds(entry.status.group())
            && self.mine.is_none_or(|midnight| inbox::is_mine_since(entry, midnight))
            && self.query().is_none_or(|text| Search::parse(text).finds(entry))
    }

    /// The rows at hand that pass filter and search, newest first.
    pub(super) fn shown(&self) -> Vec<&Entry> {
        let search = self.query().map(Search::parse);
        self.window
            .newest_first()
            .filter(|entry| self.filter.holds(entry.status.group()))
            .filter(|entry| self.mine.is_none_or(|since| inbox::is_mine_since(entry, since)))
            .filter(|entry| search.as_ref().is_none_or(|search| search.finds(entry)))
            .collect()
    }

    /// The selected row: the chosen one, else the newest.
    pub(super) fn selected(&self) -> Option<&Entry> {
        match self.selected.and_then(|id| self.window.get(id)) {
            Some(entry) => Some(entry),
            None => self.shown().first().copied(),
        }
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
        match rows {
            isize::MIN if !self.window.is_at_newest() => {
                self.selected = None;
                return self.window.want(PagePosition::Newest);
            }
            isize::MAX if !self.window.is_at_oldest() => {
                return self.window.want(PagePosition::Oldest);
            }
            _ => {}
        }
        let shown = self.shown();
        let at = self.place(&shown);
        let to = at.saturating_add_signed(rows).min(shown.len().saturating_sub(1));
        self.selected = shown.get(to).map(|entry| entry.submission.id);
    }
}
