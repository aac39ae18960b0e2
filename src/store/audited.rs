//! What of the store's changes goes into the audit trail, once each is on disk.

use super::{Discarded, Store};
use crate::{
    audit::{AuditRecord, AuditTrail, AuditVerb},
    submission::{Change, Entry, Status, SubmissionId, Task},
};

impl Store {
    /// The same store, whose changes are told to a trail from now on.
    #[must_use]
    pub fn with_audit(mut self, trail: AuditTrail) -> Self {
        self.trail = Some(trail);
        self
    }

    /// What keeps the trail from being written, told once.
    #[must_use]
    pub fn trouble_with_audit(&self) -> Option<String> {
        self.trail.as_ref()?.news_of_trouble()
    }

    pub(super) fn audit_accepted(&self, entries: &[Entry]) {
        self.audit(entries.iter().map(|entry| AuditRecord {
            verb: AuditVerb::Submit,
            row: Some(entry.submission.id.to_string()),
            contact: None,
            outcome: "stored".to_owned(),
        }));
    }

    /// Only what is settled: a row that goes round again has come to nothing yet.
    pub(super) fn audit_settled(&self, written: &[(Entry, Option<Task>)]) {
        self.audit(written.iter().filter_map(|(entry, task)| {
            let task = task.as_ref().filter(|_| entry.settled_at.is_some())?;
            Some(settled(entry, task))
        }));
    }

    pub(super) fn audit_discarded(&self, id: SubmissionId, discarded: &Discarded) {
        let outcome = match discarded {
            Discarded::Gone => "forgotten",
            Discarded::CalledOff(_) => "called off",
            Discarded::Busy | Discarded::Changed(_) => return,
        };
        self.audit([AuditRecord {
            verb: AuditVerb::Discard,
            row: Some(id.to_string()),
            contact: None,
            outcome: outcome.to_owned(),
        }]);
    }

    pub(super) fn audit(&self, records: impl IntoIterator<Item = AuditRecord>) {
        if let Some(trail) = &self.trail {
            trail.add(&records.into_iter().collect::<Vec<_>>());
        }
    }
}

/// What came of `task`, which the row may have no longer.
fn settled(entry: &Entry, task: &Task) -> AuditRecord {
    let (verb, target) = match task.change() {
        None => (AuditVerb::Create, None),
        Some(Change::Update(id, _)) => (AuditVerb::Update, Some(id)),
        Some(Change::Delete(id)) => (AuditVerb::Delete, Some(id)),
    };
    let made = match &entry.status {
        Status::Created { id, .. } | Status::Deleted { id } => Some(id),
        Status::Duplicate { owners, .. } => owners.first().and_then(|owner| owner.id.as_ref()),
        Status::Queued(_)
        | Status::Sending
        | Status::Unclear(_)
        | Status::Rejected { .. }
        | Status::Attention { .. } => None,
    };
    AuditRecord {
        verb,
        row: Some(entry.submission.id.to_string()),
        contact: target.or(made).map(|id| id.0.clone()),
        outcome: entry.status.state().word().to_owned(),
    }
}
