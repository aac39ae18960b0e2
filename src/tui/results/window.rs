//! Some hundred rows of the store, without a gap, and whether there are more beyond.
//!
//! ```text
//!   newest  [ ... store ... ][ window: rows at hand ][ ... store ... ]  oldest
//!                             ^ at_newest?           ^ at_oldest?
//! ```
//!
//! One page is under way at a time. A row that is told while a page is under way is newer
//! than what the page holds of it, and wins.

use std::collections::{BTreeMap, HashSet};

use crate::submission::{Entry, Page, PagePosition, SubmissionId};

/// Rows asked for at once.
const PAGE: u32 = 200;
/// Rows kept; more than a page on either side of any screen.
const MOST_ROWS: usize = 600;
/// More are asked for when the selection comes this close to an end: more than any screen
/// is high, and than a key moves.
const MARGIN: usize = 100;

#[derive(Debug, Clone)]
pub(super) struct Window {
    rows: BTreeMap<SubmissionId, Entry>,
    at_newest: bool,
    at_oldest: bool,
    /// What the rows at hand are to be replaced by.
    wanted: Option<PagePosition>,
    asked: Option<PageWanted>,
    /// Whether a page has ever come: before that there is nothing to go on from.
    loaded: bool,
}

#[derive(Debug, Clone)]
struct PageWanted {
    page: Page,
    replaces: bool,
    /// Rows that were told, or went, since it was asked.
    touched: HashSet<SubmissionId>,
}

impl Default for Window {
    fn default() -> Self {
        Self {
            rows: BTreeMap::new(),
            at_newest: true,
            at_oldest: false,
            wanted: None,
            asked: None,
            loaded: false,
        }
    }
}

impl Window {
    pub(super) fn get(&self, id: SubmissionId) -> Option<&Entry> {
        self.rows.get(&id)
    }

    pub(super) fn oldest_first(&self) -> impl Iterator<Item = &Entry> {
        self.rows.values()
    }

    pub(super) fn newest_first(&self) -> impl Iterator<Item = &Entry> {
        self.rows.values().rev()
    }

    pub(super) fn is_at_newest(&self) -> bool {
        self.at_newest
    }

    pub(super) fn is_at_oldest(&self) -> bool {
        self.at_oldest
    }

    pub(super) fn is_reading(&self) -> bool {
        self.wanted.is_some() || self.asked.is_some()
    }

    /// Takes in a row that was told, unless it lies beyond what is at hand.
    pub(super) fn put(&mut self, entry: Entry, selected: Option<SubmissionId>) {
        let id = entry.submission.id;
        self.touch(id);
        let newer = self.rows.keys().next_back().is_none_or(|newest| id > *newest);
        let older = self.rows.keys().next().is_some_and(|oldest| id < *oldest);
        let beyond = (newer && !self.at_newest) || (older && !self.at_oldest);
        if !beyond {
            self.rows.insert(id, entry);
            self.trim(selected);
        }
    }

    pub(super) fn remove(&mut self, id: SubmissionId) {
        self.touch(id);
        self.rows.remove(&id);
    }

    fn touch(&mut self, id: SubmissionId) {
        if let Some(asked) = &mut self.asked {
            asked.touched.insert(id);
        }
    }

    /// Other rows are to take the place of these.
    pub(super) fn want(&mut self, part: PagePosition) {
        self.wanted = Some(part);
        self.asked = None;
    }

    /// The same rows are to be read again.
    pub(super) fn reread(&mut self) {
        match self.rows.keys().next() {
            Some(oldest) if !self.at_newest => self.want(PagePosition::From(*oldest)),
            Some(_) | None => self.want(PagePosition::Newest),
        }
    }

    /// What to ask for, with the selection at `at` of `count` rows that show. `page` says
    /// which rows are wanted at all.
    pub(super) fn missing(&mut self, at: usize, count: usize, page: Page) -> Option<Page> {
        if self.asked.is_some() {
            return None;
        }
        let (part, replaces) = match self.wanted.take() {
            Some(part) => (part, true),
            None => (self.beyond(at, count)?, false),
        };
        // The rows read again must not be fewer than those that were there.
        let least = if replaces { self.rows.len().min(MOST_ROWS) } else { 0 };
        let limit = PAGE.max(u32::try_from(least).unwrap_or(PAGE));
        let page = Page { part, limit, ..page };
        self.asked = Some(PageWanted { page: page.clone(), replaces, touched: HashSet::new() });
        Some(page)
    }

    /// The part that lies beyond an end which the selection has come close to.
    fn beyond(&self, at: usize, count: usize) -> Option<PagePosition> {
        if !self.loaded {
            return None;
        }
        let (oldest, newest) = (self.rows.keys().next()?, self.rows.keys().next_back()?);
        if !self.at_oldest && at + MARGIN >= count {
            Some(PagePosition::Before(*oldest))
        } else if !self.at_newest && at < MARGIN {
            Some(PagePosition::From(*newest))
        } else {
            None
        }
    }

    /// Takes in a page; the answer is its part if it replaced what was at hand.
    pub(super) fn take(
        &mut self,
        page: &Page,
        rows: Vec<Entry>,
        selected: Option<SubmissionId>,
    ) -> Option<PagePosition> {
        let asked = self.asked.take_if(|asked| asked.page == *page)?;
        self.loaded = true;
        let last = rows.len() < usize::try_from(page.limit).unwrap_or(usize::MAX);
        match page.part {
            PagePosition::Newest => (self.at_newest, self.at_oldest) = (true, last),
            PagePosition::Before(_) => self.at_oldest = last,
            PagePosition::Oldest => (self.at_newest, self.at_oldest) = (last, true),
            // Whether there are older ones was not asked; the next move finds out.
            PagePosition::From(_) => {
                (self.at_newest, self.at_oldest) = (last, self.at_oldest && !asked.replaces);
            }
        }
        if asked.replaces {
            self.keep_told(&asked.touched, &rows);
        }
        for row in rows {
            let id = row.submission.id;
            if !asked.touched.contains(&id) {
                self.rows.insert(id, row);
            }
        }
        self.trim(selected);
        asked.replaces.then_some(page.part)
    }

    /// Of the rows at hand only those stay that were told since `page` was asked for and
    /// leave no gap to it.
    fn keep_told(&mut self, told: &HashSet<SubmissionId>, page: &[Entry]) {
        let ids = || page.iter().map(|entry| entry.submission.id);
        let (newest, oldest) = (ids().max(), ids().min());
        let (at_newest, at_oldest) = (self.at_newest, self.at_oldest);
        self.rows.retain(|id, _| {
            told.contains(id)
                && (at_newest || newest.is_some_and(|newest| *id <= newest))
                && (at_oldest || oldest.is_some_and(|oldest| *id >= oldest))
        });
    }

    pub(super) fn give_up(&mut self, page: &Page) {
        self.asked.take_if(|asked| asked.page == *page);
        self.loaded = false;
    }

    /// Keeps the rows around the selection.
    fn trim(&mut self, selected: Option<SubmissionId>) {
        while self.rows.len() > MOST_ROWS {
            let newer = selected.map_or(0, |id| self.rows.range(id..).count());
            if newer > self.rows.len() / 2 {
                self.rows.pop_last();
                self.at_newest = false;
            } else {
                self.rows.pop_first();
                self.at_oldest = false;
            }
        }
    }
}
