//! What the screen was last told, so that it is told only what changed.

use tokio::sync::mpsc;

use crate::{
    store::StoreError,
    submission::{Budget, Counts, Entry, PlatformHealth, StoreTrouble, Update},
};

/// The worker's way to the screen.
#[derive(Debug)]
pub(super) struct Reporter {
    updates: mpsc::UnboundedSender<Update>,
    counts: Option<Counts>,
    budget: Option<Budget>,
    health: Option<PlatformHealth>,
    trouble: Option<String>,
    damaged: u64,
}

impl Reporter {
    pub(super) fn new(updates: mpsc::UnboundedSender<Update>) -> Self {
        Self { updates, counts: None, budget: None, health: None, trouble: None, damaged: 0 }
    }

    pub(super) fn entry(&self, entry: Entry) {
        self.tell(Update::Entry(Box::new(entry)));
    }

    pub(super) fn entries(&self, entries: impl IntoIterator<Item = Entry>) {
        entries.into_iter().for_each(|entry| self.entry(entry));
    }

    pub(super) fn counts(&mut self, counts: Counts) {
        if self.counts.replace(counts) != Some(counts) {
            self.tell(Update::Counts(counts));
        }
    }

    pub(super) fn budget(&mut self, budget: Budget) {
        if self.budget.replace(budget) != Some(budget) {
            self.tell(Update::Budget(budget));
        }
    }

    pub(super) fn health(&mut self, health: PlatformHealth) {
        if self.health.as_ref() != Some(&health) {
            self.health = Some(health.clone());
            self.tell(Update::PlatformHealth(health));
        }
    }

    /// One sentence for one lasting trouble, however often it is met.
    pub(super) fn trouble(&mut self, error: &StoreError) {
        let sentence = error.to_string();
        tracing::error!(error = %sentence, "the store failed");
        if self.trouble.as_ref() != Some(&sentence) {
            self.trouble = Some(sentence.clone());
            let reason = sentence;
            let trouble = match error {
                // Whoever holds it will let it go.
                StoreError::Busy => return self.tell(Update::Notice(reason)),
                StoreError::Write { .. } | StoreError::Unreachable { .. } => StoreTrouble::Passing,
                StoreError::Missing { .. } | StoreError::Replaced { .. } => StoreTrouble::Gone,
                StoreError::Newer { .. }
                | StoreError::Open { .. }
                | StoreError::Copy { .. }
                | StoreError::Ended
                | StoreError::Read { .. } => StoreTrouble::Lasting,
            };
            self.tell(Update::StoreFailed { reason, trouble });
        }
    }

    /// Rows that cannot be read were set aside; told when there are more of them.
    pub(super) fn damaged(&mut self, rows: u64) {
        if rows > self.damaged {
            let what = if rows == 1 { "1 stored contact" } else { "some stored contacts" };
            self.tell(Update::Notice(format!(
                "{what} cannot be read and was set aside; the log says which, the rest goes on"
            )));
        }
        self.damaged = rows;
    }

    pub(super) fn trouble_is_over(&mut self) {
        self.trouble = None;
    }

    /// Whoever stopped reading is leaving; the store has it all.
    pub(super) fn tell(&self, update: Update) {
        let _ = self.updates.send(update);
    }
}
