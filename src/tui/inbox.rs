//! What waits for a person, and what the agent submitted today: known whole, however few
//! of the rows are at hand.
//!
//! The store is asked once for both ([`crate::tui::Effect::Inbox`]); every row that is told
//! after that keeps them true. What is told, or goes, while the store is being asked is newer
//! than its answer, and stays.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;

use crate::submission::{Counts, Entry, Group, Origin, SubmissionId};

/// Whether the agent typed it, and not before `midnight`.
pub(super) fn is_mine_since(entry: &Entry, midnight: Timestamp) -> bool {
    entry.submission.origin == Origin::Form && entry.submission.submitted_at >= midnight
}

/// What is known of both.
#[derive(Debug, Clone, Default)]
pub(super) struct Inbox {
    /// What an agent typed first: a customer was on the line.
    waiting: BTreeMap<SubmissionId, Origin>,
    mine: BTreeMap<SubmissionId, (Group, Timestamp)>,
    /// How many answers are under way, and which rows were told or went since the first was
    /// asked for.
    under_way: usize,
    told: HashSet<SubmissionId>,
}

impl Inbox {
    /// The store is asked for everything.
    pub(super) fn is_asked_for(&mut self) {
        if self.under_way == 0 {
            self.told.clear();
        }
        self.under_way += 1;
    }

    /// Takes in a row's present truth.
    pub(super) fn apply(&mut self, entry: &Entry) {
        self.is_told(entry.submission.id);
        self.put(entry);
    }

    fn is_told(&mut self, id: SubmissionId) {
        if self.under_way > 0 {
            self.told.insert(id);
        }
    }

    fn put(&mut self, entry: &Entry) {
        let id = entry.submission.id;
        if entry.needs_somebody() {
            self.waiting.insert(id, entry.submission.origin);
        } else {
            self.waiting.remove(&id);
        }
        if entry.submission.origin == Origin::Form {
            self.mine.insert(id, (entry.status.group(), entry.submission.submitted_at));
        }
    }

    /// Takes out a row that is gone.
    pub(super) fn remove(&mut self, id: SubmissionId) {
        self.is_told(id);
        self.waiting.remove(&id);
        self.mine.remove(&id);
    }

    /// The answer: these rows are all there are, but for what was told meanwhile. None could
    /// be read: then everything stays.
    pub(super) fn take(&mut self, rows: Option<&[Entry]>) {
        self.under_way = self.under_way.saturating_sub(1);
        let Some(rows) = rows else { return };
        self.waiting.retain(|id, _| self.told.contains(id));
        self.mine.retain(|id, _| self.told.contains(id));
        for row in rows {
            if !self.told.contains(&row.submission.id) {
                self.put(row);
            }
        }
    }

    pub(super) fn count(&self) -> usize {
        self.waiting.len()
    }

    /// The one to look at after this one: what was typed before what was imported, the
    /// oldest first, and round again.
    pub(super) fn next(&self, after: Option<SubmissionId>) -> Option<SubmissionId> {
        let typed = |origin: &Origin| *origin == Origin::Form;
        let (mut order, imported): (Vec<_>, Vec<_>) =
            self.waiting.iter().partition(|(_, origin)| typed(origin));
        order.extend(imported);
        let ids: Vec<_> = order.into_iter().map(|(id, _)| *id).collect();
        let at = after.and_then(|after| ids.iter().position(|id| *id == after));
        let next = at.map_or(0, |at| (at + 1) % ids.len());
        ids.get(next).copied()
    }

    /// How many of what the agent typed since midnight are in each group.
    pub(super) fn mine_since(&self, midnight: Timestamp) -> Counts {
        let mut counts = Counts::default();
        for (group, _) in self.mine.values().filter(|(_, at)| *at >= midnight) {
            match group {
                Group::Queued => counts.queued += 1,
                Group::Sending => counts.sending += 1,
                Group::Created => counts.created += 1,
                Group::Deleted => counts.deleted += 1,
                Group::Duplicate => counts.duplicate += 1,
                Group::Attention => counts.attention += 1,
            }
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::submission::{Reason, Status};
    use crate::tui::script::{START, at, created, duplicate, entry, id, rejected};

    fn imported(number: u128) -> Entry {
        let mut row = duplicate(number, "A", "B", "9876543210", "Jane Roe");
        row.submission.origin = Origin::Import;
        row
    }

    fn kept(number: u128) -> Entry {
        let status = Status::Duplicate { owners: Vec::new(), remark: Some(Reason::Kept) };
        entry(number, "A", "B", "9876543210", status)
    }

    fn asked(inbox: &mut Inbox, rows: &[Entry]) {
        inbox.is_asked_for();
        inbox.take(Some(rows));
    }

    #[test]
    fn what_is_told_while_the_store_is_asked_is_newer_than_its_answer() {
        let waits = |number| duplicate(number, "A", "B", "9876543210", "Jane Roe");
        let mut inbox = Inbox::default();
        asked(&mut inbox, &[waits(1), waits(2), waits(3)]);
        inbox.is_asked_for();
        inbox.remove(id(1));
        inbox.apply(&kept(2));
        inbox.is_asked_for();
        inbox.apply(&waits(4));
        // Both were read before any of that was on disk.
        for _ in 0..2 {
            inbox.take(Some(&[waits(1), waits(2)]));
            assert_eq!((inbox.count(), inbox.next(None)), (1, Some(id(4))), "3 is gone as well");
        }
        inbox.is_asked_for();
        inbox.take(None);
        assert_eq!(inbox.count(), 1, "nothing could be read");
        asked(&mut inbox, &[waits(1)]);
        assert_eq!(inbox.next(None), Some(id(1)), "what was told is on disk by now");
    }

    #[test]
    fn a_row_leaves_once_it_is_decided_and_when_it_is_gone() {
        let mut inbox = Inbox::default();
        inbox.apply(&duplicate(1, "A", "B", "9876543210", "Jane Roe"));
        inbox.apply(&entry(2, "A", "B", "9876543210", rejected("no")));
        inbox.apply(&created(3, "A", "B", "9876543210", "63c7"));
        assert_eq!(inbox.count(), 2);
        inbox.apply(&kept(1));
        assert_eq!(inbox.count(), 1);
        inbox.remove(id(2));
        assert_eq!((inbox.count(), inbox.next(None)), (0, None));
    }

    #[test]
    fn what_was_typed_comes_before_what_was_imported_and_round_again() {
        let mut inbox = Inbox::default();
        asked(&mut inbox, &[imported(1), duplicate(5, "A", "B", "9876543210", "X"), imported(2)]);
        inbox.apply(&duplicate(3, "A", "B", "9876543210", "X"));
        let mut seen = vec![inbox.next(None).unwrap()];
        for _ in 0..4 {
            seen.push(inbox.next(seen.last().copied()).unwrap());
        }
        assert_eq!(seen, [id(3), id(5), id(1), id(2), id(3)]);
    }

    #[test]
    fn mine_are_those_that_were_typed_since_midnight() {
        let mut inbox = Inbox::default();
        let mut old = created(1, "A", "B", "9876543210", "63c7");
        old.submission.submitted_at = at(START - 86_400_000);
        asked(&mut inbox, &[old, created(2, "A", "B", "9876543210", "63c7"), imported(3)]);
        let midnight = at(START - START % 86_400_000);
        assert_eq!(inbox.mine_since(midnight), Counts { created: 1, ..Counts::default() });
    }
}
