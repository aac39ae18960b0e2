//! What became of the contacts submitted since the start: the report printed on leaving.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use crate::{
    contact::{Draft, text::safe},
    submission::{Entry, Group, Submission, SubmissionId, Update},
    tui::sentences,
};

/// Rows told one by one; more are counted.
const MOST_TOLD: usize = 20;
const UNSAVED: &str = "This contact is not stored, and not saved for the next start:";

/// The submissions of this run and how each stands, oldest first.
#[derive(Debug, Default)]
pub(super) struct SessionSummary {
    submitted: BTreeMap<SubmissionId, Option<Entry>>,
    /// What waits in the store, whoever submitted it and when.
    waiting: u64,
    /// What it tells of is gone with the demo.
    is_demo: bool,
    /// What was typed and is saved nowhere.
    unsaved: Vec<Draft>,
}

impl SessionSummary {
    /// The same, of a demo that is over.
    pub(super) fn of_demo(self) -> Self {
        Self { is_demo: true, ..self }
    }

    /// An agent submitted it just now.
    pub(super) fn begins(&mut self, submission: &Submission) {
        self.submitted.insert(submission.id, None);
    }

    /// Takes in what the delivery reports.
    pub(super) fn hears(&mut self, update: &Update) {
        match update {
            Update::Entry(entry) => {
                if let Some(known) = self.submitted.get_mut(&entry.submission.id) {
                    *known = Some((**entry).clone());
                }
            }
            Update::NotStored { id, .. } | Update::Gone(id) => {
                self.submitted.remove(id);
            }
            Update::Counts(counts) => self.waiting = counts.waiting(),
            Update::Reread
            | Update::Known { .. }
            | Update::Everybody { .. }
            | Update::Directory(_)
            | Update::Budget(_)
            | Update::PlatformHealth(_)
            | Update::StoreFailed { .. }
            | Update::Notice(_) => {}
        }
    }

    /// Whether it is on disk by the end; what is not waits nowhere.
    pub(super) fn has_stored(&mut self, id: SubmissionId) -> bool {
        let is_stored = self.submitted.get(&id).is_some_and(Option::is_some);
        if !is_stored {
            self.submitted.remove(&id);
        }
        is_stored
    }

    /// This was typed and is saved nowhere; whether that is anything.
    pub(super) fn loses(&mut self, unsaved: Vec<Draft>) -> bool {
        self.unsaved = unsaved;
        !self.unsaved.is_empty()
    }

    /// The lines to print: what became of them in one, then each that somebody may have to
    /// look at. None when nothing was submitted and nothing waits.
    pub(super) fn report(&self, zone: &TimeZone) -> Vec<String> {
        if self.is_demo {
            let told = self.told(self.submitted_waiting());
            let gone = |told| format!("The demo is over: {told}. Its contacts are gone.");
            return told.map(gone).into_iter().collect();
        }
        let open: Vec<_> = self.submitted.values().flatten().filter(|it| is_open(it)).collect();
        let mut lines: Vec<_> = self.summary().into_iter().collect();
        lines.extend(open.iter().take(MOST_TOLD).map(|entry| line(entry, zone)));
        if open.len() > MOST_TOLD {
            lines.push(format!("  and {} more: `rolodesk results`", open.len() - MOST_TOLD));
        }
        for draft in &self.unsaved {
            lines.push(UNSAVED.to_owned());
            lines.extend(draft.lines());
        }
        lines
    }

    fn summary(&self) -> Option<String> {
        // One that was submitted a moment ago may not be counted yet.
        let counted = usize::try_from(self.waiting).unwrap_or(usize::MAX);
        let waiting = self.submitted_waiting().max(counted);
        let tail =
            if waiting > 0 { ": they go out next time, or with `rolodesk sync`" } else { "" };
        self.told(waiting).map(|told| format!("{told}{tail}"))
    }

    fn count(&self, wanted: &[Option<Group>]) -> usize {
        let group = |it: &Option<Entry>| it.as_ref().map(|entry| entry.status.group());
        self.submitted.values().filter(|it| wanted.contains(&group(it))).count()
    }

    fn submitted_waiting(&self) -> usize {
        self.count(&[None, Some(Group::Queued), Some(Group::Sending)])
    }

    /// How many came to what; none when that is nothing.
    fn told(&self, waiting: usize) -> Option<String> {
        let duplicates = self.count(&[Some(Group::Duplicate)]);
        let plural = if duplicates == 1 { "duplicate" } else { "duplicates" };
        let parts = [
            (self.count(&[Some(Group::Created)]), "created"),
            (duplicates, plural),
            (self.count(&[Some(Group::Attention)]), "needing attention"),
            (self.count(&[Some(Group::Deleted)]), "deleted again"),
            (waiting, "still queued"),
        ];
        let told: Vec<_> = parts
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        (!told.is_empty()).then(|| told.join(", "))
    }
}

/// Whether somebody may have to look at it.
fn is_open(entry: &Entry) -> bool {
    match entry.status.group() {
        Group::Queued | Group::Sending | Group::Duplicate | Group::Attention => true,
        Group::Created | Group::Deleted => false,
    }
}

fn line(entry: &Entry, zone: &TimeZone) -> String {
    let contact = &entry.submission.contact;
    let since = entry.submission.submitted_at.to_zoned(zone.clone());
    let why = sentences::standing(entry, "");
    safe(&format!(
        "  {:<9}  {}  {}  {}  {why}",
        entry.status.word(),
        since.strftime("%H:%M"),
        contact.full_name(),
        contact.phone.international()
    ))
}
