//! One pass over the platform's list, to find out whose number it is.
//!
//! The platform has no search, so a look-up reads page after page; every contact waiting
//! for one shares the pass. Paging trusts what the answer echoes, not what was asked,
//! and ends at the last page, an empty one, or one that shows nothing new.

use std::collections::HashSet;

use crate::{
    api::ListPage,
    contact::E164,
    submission::{ContactId, Record, SubmissionId},
};

/// No account is read further than this in one pass.
const MOST_PAGES: u32 = 5_000;

/// A pass under way.
#[derive(Debug)]
pub(super) struct ListScan {
    /// Who waited when it began; only they may be told "not in any page" at its end.
    pub(super) waiting: Vec<SubmissionId>,
    seen: HashSet<ContactId>,
    found: Vec<Record>,
    wanted: HashSet<E164>,
    skip: u64,
    pages: u32,
    whole: bool,
}

impl ListScan {
    pub(super) fn new(waiting: impl IntoIterator<Item = (SubmissionId, E164)>) -> Self {
        let (waiting, wanted) = waiting.into_iter().unzip::<_, _, Vec<_>, HashSet<_>>();
        Self {
            waiting,
            wanted,
            seen: HashSet::new(),
            found: Vec::new(),
            skip: 0,
            pages: 0,
            whole: false,
        }
    }

    /// How many contacts the next page is to leave out.
    pub(super) fn skip(&self) -> u64 {
        self.skip
    }

    /// Every record seen so far that holds `number`: old accounts may have several.
    pub(super) fn holders(&self, number: &E164) -> Vec<Record> {
        self.found.iter().filter(|record| record.e164.as_ref() == Some(number)).cloned().collect()
    }

    /// Takes a page in; true when it was the last one worth reading.
    pub(super) fn take(&mut self, page: &ListPage) -> bool {
        self.pages += 1;
        let mut fresh = false;
        for record in &page.records {
            let Some(id) = &record.id else { continue };
            if !self.seen.insert(id.clone()) {
                continue;
            }
            fresh = true;
            if record.e164.as_ref().is_some_and(|number| self.wanted.contains(number)) {
                self.found.push(record.clone());
            }
        }
        let went_on = page.skip == self.skip && page.records.is_empty();
        let count = u64::try_from(page.records.len()).unwrap_or(u64::MAX);
        // A page shorter than its echoed limit may have been cut by a cap of the server;
        // stepping by what came reads a few twice rather than missing one.
        let step = if page.limit == 0 { count } else { count.min(page.limit) };
        self.skip = page.skip.saturating_add(step);
        let all_seen = page.total.is_some_and(|total| self.skip >= total);
        let last = match page.has_more {
            Some(more) => !more,
            None => all_seen,
        };
        // A list that says nothing of its end shows it by an empty page where more would be.
        let ended = last || (went_on && page.has_more.is_none());
        // One that skips nothing, or repeats itself, has not shown as many as it says there are.
        self.whole = ended && page.total.is_none_or(|total| self.read() >= total);
        last || !fresh || self.pages >= MOST_PAGES
    }

    /// Whether the platform said that the last page was the last there is.
    pub(super) fn is_whole(&self) -> bool {
        self.whole
    }

    /// How many contacts it has seen.
    pub(super) fn read(&self) -> u64 {
        u64::try_from(self.seen.len()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(ids: &[&str], skip: u64, limit: u64, has_more: Option<bool>) -> ListPage {
        let record = |id: &&str| Record {
            id: Some(ContactId((*id).into())),
            e164: E164::from_canonical("+919876543210"),
            ..Record::default()
        };
        ListPage { records: ids.iter().map(record).collect(), skip, limit, has_more, total: None }
    }

    fn list_scan() -> ListScan {
        let number = E164::from_canonical("+919876543210").unwrap();
        ListScan::new([(SubmissionId::fresh(), number)])
    }

    #[test]
    fn the_echoed_limit_moves_the_pass_and_has_more_ends_it() {
        let mut list_scan = list_scan();
        assert!(!list_scan.take(&page(&["a", "b"], 0, 2, Some(true))));
        assert_eq!(list_scan.skip(), 2);
        assert!(list_scan.take(&page(&["c"], 2, 2, Some(false))));
    }

    #[test]
    fn a_page_that_repeats_or_is_empty_ends_the_pass() {
        let mut list_scan = list_scan();
        assert!(!list_scan.take(&page(&["a", "b"], 0, 2, Some(true))));
        assert!(list_scan.take(&page(&["a", "b"], 0, 2, Some(true))));
        assert!(!list_scan.is_whole(), "what comes behind it was not seen");
        assert_eq!(list_scan.read(), 2);
        assert!(list_scan.take(&page(&[], 4, 2, Some(true))));
    }

    #[test]
    fn a_list_that_ignores_what_is_skipped_is_never_taken_for_whole() {
        let mut list_scan = list_scan();
        let page = |skip| ListPage { total: Some(4), ..page(&["a", "b"], skip, 2, Some(false)) };
        assert!(list_scan.take(&page(0)));
        assert!(!list_scan.is_whole(), "it says that there are four");
    }

    #[test]
    fn a_list_that_says_nothing_of_its_end_ends_with_an_empty_page() {
        let mut list_scan = list_scan();
        assert!(!list_scan.take(&page(&["a", "b"], 0, 0, None)));
        assert!(list_scan.take(&page(&[], 2, 0, None)));
        assert!(list_scan.is_whole());
    }

    #[test]
    fn a_server_that_caps_its_pages_in_silence_is_still_read_whole() {
        let mut list_scan = list_scan();
        assert!(!list_scan.take(&page(&["a", "b"], 0, 100, Some(true))));
        assert_eq!(list_scan.skip(), 2);
    }

    #[test]
    fn several_holders_of_one_number_are_all_found() {
        let mut list_scan = list_scan();
        list_scan.take(&page(&["a", "b"], 0, 2, Some(false)));
        let number = E164::from_canonical("+919876543210").unwrap();
        assert_eq!(list_scan.holders(&number).len(), 2);
    }
}
