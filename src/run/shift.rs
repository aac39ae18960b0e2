//! What became of the contacts submitted since the start: the line printed on leaving.

use std::collections::HashMap;

use crate::submission::{Group, Submission, SubmissionId, Update};

/// The submissions of this run and how each stands.
#[derive(Debug, Default)]
pub(super) struct Shift {
    submitted: HashMap<SubmissionId, Option<Group>>,
}

impl Shift {
    /// An agent submitted it just now.
    pub(super) fn begins(&mut self, submission: &Submission) {
        self.submitted.insert(submission.id, None);
    }

    /// Takes in what the delivery reports.
    pub(super) fn hears(&mut self, update: &Update) {
        match update {
            Update::Entry(entry) => {
                if let Some(group) = self.submitted.get_mut(&entry.submission.id) {
                    *group = Some(entry.status.group());
                }
            }
            Update::NotStored { id, .. } | Update::Gone(id) => {
                self.submitted.remove(id);
            }
            Update::Counts(_) | Update::Budget(_) | Update::Link(_) | Update::Notice(_) => {}
        }
    }

    /// The line to print; `None` when nothing was submitted.
    pub(super) fn line(&self) -> Option<String> {
        let count = |wanted: &[Option<Group>]| {
            self.submitted.values().filter(|group| wanted.contains(group)).count()
        };
        let waiting = count(&[None, Some(Group::Queued), Some(Group::Sending)]);
        let created = count(&[Some(Group::Created)]);
        let duplicates = count(&[Some(Group::Duplicate)]);
        let attention = count(&[Some(Group::Attention)]);
        let plural = if duplicates == 1 { "duplicate" } else { "duplicates" };
        let parts = [
            (created, format!("{created} created")),
            (duplicates, format!("{duplicates} {plural}")),
            (attention, format!("{attention} needing attention")),
            (waiting, format!("{waiting} still queued")),
        ];
        let told: Vec<_> = parts.into_iter().filter(|(n, _)| *n > 0).map(|(_, it)| it).collect();
        if told.is_empty() {
            return None;
        }
        let tail =
            if waiting > 0 { ": they go out next time, or with `rolodesk sync`" } else { "" };
        Some(format!("{}{tail}", told.join(", ")))
    }
}
