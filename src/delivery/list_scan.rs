//! One pass over the platform's list, to find out whose number it is.
//!
//! The platform has no search, so a look-up reads page after page; every contact waiting
//! for one shares the pass. Paging trusts what the answer echoes, not what was asked,
//! and ends at the last page, an empty one, or one that shows nothing new.
//!
//! Where only the newest contacts matter the pass reads from both ends, for nobody says at
//! which of them a platform puts those, and stops early.

use std::collections::HashSet;

use crate::{
    api::ListPage,
    contact::E164,
    submission::{ContactId, Record, SubmissionId},
};

/// No account is read further than this in one pass.
const MOST_PAGES: u32 = 5_000;
/// The pages, from both ends together, in which contacts that were just made should show.
const NEWEST_PAGES: u32 = 10;

/// A pass under way.
#[derive(Debug)]
pub(super) struct ListScan {
    /// Who waited when it began; only they may be told "not in any page" at its end.
    pub(super) waiting: Vec<SubmissionId>,
    seen: HashSet<ContactId>,
    found: Vec<Record>,
    wanted: HashSet<E164>,
    /// Contacts that are looked for by their ids, whatever number they have by now.
    targets: HashSet<ContactId>,
    /// Whether any contact told a number: else nobody can say whose any is.
    tells_numbers: bool,
    skip: u64,
    pages: u32,
    whole: bool,
    /// Whether an earlier process read what lies before: who is not found may be there.
    is_resumed: bool,
    ends: Option<Ends>,
}

/// Where a pass over the newest stands: what lies before `front` and from `back` on was read.
#[derive(Debug, Default)]
struct Ends {
    front: u64,
    /// None while nobody has said how many there are, or where skipping does not lead there.
    back: Option<u64>,
    at_back: bool,
    has_turned: bool,
}

impl ListScan {
    /// A pass over the whole list.
    pub(super) fn new(waiting: impl IntoIterator<Item = (SubmissionId, E164)>) -> Self {
        let (waiting, wanted) = waiting.into_iter().unzip::<_, _, Vec<_>, HashSet<_>>();
        Self {
            waiting,
            wanted,
            targets: HashSet::new(),
            tells_numbers: false,
            seen: HashSet::new(),
            found: Vec::new(),
            skip: 0,
            pages: 0,
            whole: false,
            is_resumed: false,
            ends: None,
        }
    }

    /// A pass over the newest contacts alone.
    pub(super) fn of_the_newest(waiting: impl IntoIterator<Item = (SubmissionId, E164)>) -> Self {
        Self { ends: Some(Ends::default()), ..Self::new(waiting) }
    }

    /// The same from there on: what lies before was read by an earlier process, which learnt it.
    pub(super) fn from(self, skip: u64) -> Self {
        Self { skip, is_resumed: skip > 0, ..self }
    }

    /// Whether it began in the middle.
    pub(super) fn is_resumed(&self) -> bool {
        self.is_resumed
    }

    /// Whether it may begin in the middle: it goes over everything, from one end.
    pub(super) fn may_resume(&self) -> bool {
        self.ends.is_none()
    }

    /// Where another process would go on, if this one ended now.
    pub(super) fn resumes_at(&self) -> Option<u64> {
        Some(self.skip).filter(|skip| *skip > 0 && self.may_resume())
    }

    /// The same, for these contacts as well.
    pub(super) fn and_for(self, targets: impl IntoIterator<Item = ContactId>) -> Self {
        Self { targets: targets.into_iter().collect(), ..self }
    }

    /// How many contacts the next page is to leave out.
    pub(super) fn skip(&self) -> u64 {
        self.skip
    }

    /// Every record seen so far that holds `number`: old accounts may have several.
    pub(super) fn holders(&self, number: &E164) -> Vec<Record> {
        self.found.iter().filter(|record| record.e164.as_ref() == Some(number)).cloned().collect()
    }

    /// The contact with this id, if it was seen and is one of those that are looked for.
    pub(super) fn shown(&self, id: &ContactId) -> Option<&Record> {
        self.found.iter().find(|record| record.id.as_ref() == Some(id))
    }

    /// Takes a page in; true when it was the last one worth reading.
    pub(super) fn take(&mut self, page: &ListPage) -> bool {
        self.pages += 1;
        let mut fresh = false;
        let before = self.found.len();
        for record in &page.records {
            let Some(id) = &record.id else { continue };
            if !self.seen.insert(id.clone()) {
                continue;
            }
            fresh = true;
            self.tells_numbers |= record.e164.is_some();
            let is_wanted = record.e164.as_ref().is_some_and(|number| self.wanted.contains(number));
            if is_wanted || self.targets.contains(id) {
                self.found.push(record.clone());
            }
        }
        let hit = self.found.len() > before;
        let went_on = page.skip == self.skip && page.records.is_empty();
        let count = u64::try_from(page.records.len()).unwrap_or(u64::MAX);
        // A page shorter than its echoed limit may have been cut by a cap of the server;
        // stepping by what came reads a few twice rather than missing one.
        let step = if page.limit == 0 { count } else { count.min(page.limit) };
        if self.ends.as_ref().is_some_and(|ends| ends.at_back) {
            return self.take_from_back(page, step, fresh, hit);
        }
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
        last || !fresh || self.pages >= MOST_PAGES || self.turn(page.total, step, hit)
    }

    /// Takes in a page from the other end.
    fn take_from_back(&mut self, page: &ListPage, step: u64, fresh: bool, hit: bool) -> bool {
        if let Some(ends) = &mut self.ends {
            ends.back = (page.skip == self.skip && fresh).then_some(page.skip);
            self.skip = ends.front;
        }
        self.turn(None, step, hit)
    }

    /// Goes to the other end of the list, where only the newest are looked for, unless this one
    /// has just shown some; true when enough was read. Such a pass is whole only if it never
    /// had to turn.
    fn turn(&mut self, total: Option<u64>, step: u64, hit: bool) -> bool {
        let Some(ends) = &mut self.ends else { return false };
        if !ends.at_back {
            ends.front = self.skip;
            if !ends.has_turned {
                ends.back = total;
            }
        }
        ends.at_back = (ends.at_back == hit) && ends.back.is_some();
        if let Some(back) = ends.back.filter(|_| ends.at_back) {
            ends.has_turned = true;
            self.skip = back.saturating_sub(step.max(1)).max(ends.front);
        }
        let met = ends.back.is_some_and(|back| ends.front >= back);
        self.whole &= !ends.has_turned;
        met || self.pages >= NEWEST_PAGES
    }

    /// Whether the platform said that the last page was the last there is, and showed what it
    /// was read for.
    pub(super) fn is_whole(&self) -> bool {
        self.whole && !self.is_resumed && (self.tells_numbers || self.seen.is_empty())
    }

    /// How many contacts it has seen.
    pub(super) fn read(&self) -> u64 {
        u64::try_from(self.seen.len()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

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
    fn a_list_that_tells_no_numbers_is_never_whole() {
        let silent = |id: &str| {
            let mut page = page(&[id], 0, 1, Some(false));
            page.records[0].e164 = None;
            page
        };
        let mut list_scan = list_scan();
        assert!(list_scan.take(&silent("a")));
        assert!(!list_scan.is_whole(), "whose the numbers are nobody can say");
        let mut empty = self::list_scan();
        assert!(empty.take(&page(&[], 0, 1, Some(false))));
        assert!(empty.is_whole());
    }

    #[test]
    fn a_contact_that_is_looked_for_by_its_id_is_found_under_any_number() {
        let wanted = ContactId("a".into());
        let mut pass = ListScan::new([]).and_for([wanted.clone()]);
        assert!(pass.take(&page(&["b", "a"], 0, 2, Some(false))));
        assert!(pass.shown(&wanted).is_some());
        assert!(pass.shown(&ContactId("b".into())).is_none());
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

    /// A list as some platform shows it, two to a page.
    struct List {
        count: u64,
        ours: Range<u64>,
        skips: bool,
        tells_total: bool,
    }

    impl List {
        fn page(&self, skip: u64) -> ListPage {
            let skip = if self.skips { skip } else { 0 };
            let record = |at: u64| Record {
                id: Some(ContactId(at.to_string())),
                e164: E164::from_canonical(if self.ours.contains(&at) {
                    "+919876543210"
                } else {
                    "+919876543211"
                }),
                ..Record::default()
            };
            ListPage {
                records: (skip..self.count.min(skip + 2)).map(record).collect(),
                skip,
                limit: 2,
                has_more: Some(skip + 2 < self.count),
                total: self.tells_total.then_some(self.count),
            }
        }

        /// What a pass over the newest asks it to skip, page by page.
        fn asked(&self) -> Vec<u64> {
            let number = E164::from_canonical("+919876543210").unwrap();
            let mut pass = ListScan::of_the_newest([(SubmissionId::fresh(), number)]);
            let mut asked = Vec::new();
            loop {
                asked.push(pass.skip());
                if pass.take(&self.page(pass.skip())) {
                    return asked;
                }
            }
        }
    }

    #[test]
    fn the_newest_are_looked_for_at_both_ends_and_not_for_ever() {
        let list = |count, ours, tells_total| List { count, ours, skips: true, tells_total };
        assert_eq!(list(100, 0..0, true).asked(), [0, 98, 2, 96, 4, 94, 6, 92, 8, 90]);
        assert_eq!(list(100, 94..99, true).asked(), [0, 98, 96, 94, 92, 2, 90, 4, 88, 6]);
        assert_eq!(list(100, 1..4, true).asked(), [0, 2, 4, 98, 6, 96, 8, 94, 10, 92]);
        assert_eq!(list(7, 0..0, true).asked(), [0, 5, 2, 4]);
        assert_eq!(list(100, 0..0, false).asked(), [0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
    }

    #[test]
    fn a_list_that_skips_nothing_has_no_other_end() {
        let list = List { count: 100, ours: 0..0, skips: false, tells_total: true };
        assert_eq!(list.asked(), [0, 98, 2]);
    }

    #[test]
    fn a_pass_over_the_newest_is_whole_only_when_it_went_straight_through() {
        let whole = |count| {
            let list = List { count, ours: 0..0, skips: true, tells_total: true };
            let number = E164::from_canonical("+919876543210").unwrap();
            let mut pass = ListScan::of_the_newest([(SubmissionId::fresh(), number)]);
            while !pass.take(&list.page(pass.skip())) {}
            pass.is_whole()
        };
        assert!(whole(2));
        assert!(!whole(3), "somebody may have been added while it turned round");
    }

    #[test]
    fn several_holders_of_one_number_are_all_found() {
        let mut list_scan = list_scan();
        list_scan.take(&page(&["a", "b"], 0, 2, Some(false)));
        let number = E164::from_canonical("+919876543210").unwrap();
        assert_eq!(list_scan.holders(&number).len(), 2);
    }
}
