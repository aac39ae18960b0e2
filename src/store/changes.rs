//! Rows that are asked for more than to be created: the existing contact updated, the
//! created one deleted, a duplicate left as it is; and what forgetting a row means.

use jiff::Timestamp;
use rusqlite::params;

use super::{Moment, Store, StoreError, tables::Tables};
use crate::submission::{
    Attempt, Change, Entry, Owner, Reason, Seen, Status, Submission, SubmissionId, Task, Waiting,
};

/// What came of putting a correction in the place of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Corrected {
    /// It waits in the place of the other, which is gone.
    Replaced(Box<Entry>),
    /// It waits beside the other, which may be on the platform and stays for that.
    Beside(Box<Entry>),
    /// The other has left meanwhile, or may have; this is how it stands. Nothing was stored.
    TooLate(Box<Entry>),
}

/// What came of forgetting a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Discarded {
    /// There is no such row any more.
    Gone,
    /// It waited for a change, which will not be made; this is what is true of it again.
    CalledOff(Box<Entry>),
    /// It is being sent right now.
    Busy,
    /// It is no longer what somebody saw who wanted it gone; this is what it is.
    Changed(Box<Entry>),
}

impl Store {
    /// Asks for a change of the contact that a settled row is about: an update of a
    /// Duplicate's owner, or the deletion of a Created one. On disk, and due now, when
    /// this returns; `None` when the row is not one that this can be asked of.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn change(
        &self,
        id: SubmissionId,
        change: Change,
        at: Moment,
    ) -> Result<Option<Entry>, StoreError> {
        self.write(move |tables| tables.change(id, change, at)).await
    }

    /// Lets a contact that waits to be created wait until then, because somebody corrects it;
    /// `None` when it does not wait.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn hold(
        &self,
        id: SubmissionId,
        until: Timestamp,
        at: Moment,
    ) -> Result<Option<Entry>, StoreError> {
        let waits = move |entry: &Entry| {
            let because = Some(Reason::BeingCorrected);
            let waiting = Waiting { until: Some(until), because };
            entry.can_be_corrected().then_some(Status::Queued(waiting))
        };
        self.write(move |tables| tables.restate(id, waits, at)).await
    }

    /// Stores the correction of a row in that row's place: both or neither, so that
    /// no kill in between leaves the wrong contact beside the right one. A row that was
    /// discarded meanwhile corrects itself no further. The correction of a contact that was
    /// created changes that contact, and takes the row's place once it has.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn accept_correction(
        &self,
        submission: &Submission,
        corrects: SubmissionId,
        seen: Seen,
        at: Moment,
    ) -> Result<Corrected, StoreError> {
        let mut entry = Entry::queued(submission.clone(), self.scope.agent.clone());
        let corrected = self
            .write(move |tables| {
                let before = tables.entry(corrects)?;
                if let Some(before) = before.as_ref().filter(|row| !row.is_as(seen)) {
                    return Ok(Corrected::TooLate(Box::new(before.clone())));
                }
                // With the row would go what is to become of a contact that is there.
                let changes =
                    |row: &&Entry| row.task.change().is_some() && row.settled_at.is_none();
                if let Some(before) = before.as_ref().filter(changes) {
                    return Ok(Corrected::TooLate(Box::new(before.clone())));
                }
                tables.insert_all(std::slice::from_ref(&entry.submission), at)?;
                if let Some(change) = before.as_ref().and_then(in_place) {
                    entry.task = Task::Change(change);
                    tables.set_task(entry.submission.id, &entry.task)?;
                    return Ok(Corrected::Beside(Box::new(entry)));
                }
                if before.is_some_and(|row| row.may_exist()) {
                    return Ok(Corrected::Beside(Box::new(entry)));
                }
                tables.forget(corrects)?;
                Ok(Corrected::Replaced(Box::new(entry)))
            })
            .await?;
        match &corrected {
            Corrected::Replaced(entry) | Corrected::Beside(entry) => {
                self.audit_accepted(std::slice::from_ref(entry));
            }
            Corrected::TooLate(_) => {}
        }
        Ok(corrected)
    }

    /// Writes beside a Duplicate what somebody decided about it; `None` when it is none.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn remark(
        &self,
        id: SubmissionId,
        remark: &Reason,
        at: Moment,
    ) -> Result<Option<Entry>, StoreError> {
        let remark = remark.to_owned();
        let remarked = move |entry: &Entry| match &entry.status {
            Status::Duplicate { owners, .. } => {
                let (owners, remark) = (owners.clone(), Some(remark));
                Some(Status::Duplicate { owners, remark })
            }
            Status::Queued(_)
            | Status::Sending
            | Status::Unclear(_)
            | Status::Created { .. }
            | Status::Deleted { .. }
            | Status::Rejected { .. }
            | Status::Attention { .. } => None,
        };
        self.write(move |tables| tables.restate(id, remarked, at)).await
    }

    /// Forgets a submission and its attempts; or, if it waits for a change, only calls
    /// that off. `seen` is how it stood when that was decided: one that stands otherwise by
    /// now is left as it is.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn discard(
        &self,
        id: SubmissionId,
        seen: impl Into<Seen>,
        at: Moment,
    ) -> Result<Discarded, StoreError> {
        let seen = seen.into();
        let discarded = self.write(move |tables| tables.discard(id, seen, at)).await?;
        self.audit_discarded(id, &discarded);
        Ok(discarded)
    }
}

/// The change that corrects a contact which was created, if the row is one.
fn in_place(row: &Entry) -> Option<Change> {
    let Status::Created { id, .. } = &row.status else { return None };
    let full_name = Some(row.submission.contact.full_name());
    Some(Change::Update(id.clone(), Owner { id: Some(id.clone()), full_name }))
}

impl Tables<'_> {
    fn change(
        &self,
        id: SubmissionId,
        change: Change,
        at: Moment,
    ) -> Result<Option<Entry>, StoreError> {
        let Some(entry) = self.entry(id)? else { return Ok(None) };
        let fits = match (&entry.status, &change) {
            (Status::Duplicate { .. }, Change::Update(..)) => true,
            (Status::Created { id, .. }, Change::Delete(target)) => id == target,
            (_, Change::Update(..) | Change::Delete(_)) => false,
        };
        if !fits {
            return Ok(None);
        }
        let task = Task::Change(change);
        self.set_task(id, &task)?;
        let entry = Entry { task, ..entry };
        self.put(entry, Status::Queued(Waiting::default()), at).map(Some)
    }

    /// Gives a row another status if `status` finds one for it; `None` when it does not.
    fn restate(
        &self,
        id: SubmissionId,
        status: impl FnOnce(&Entry) -> Option<Status>,
        at: Moment,
    ) -> Result<Option<Entry>, StoreError> {
        let Some(entry) = self.entry(id)? else { return Ok(None) };
        let Some(status) = status(&entry) else { return Ok(None) };
        self.put(entry, status, at).map(Some)
    }

    fn discard(&self, id: SubmissionId, seen: Seen, at: Moment) -> Result<Discarded, StoreError> {
        // A row that cannot be read can still be thrown away.
        let Some(entry) = self.entry(id)? else { return self.forget(id) };
        match (&entry.status, entry.task.change().cloned()) {
            (Status::Sending, _) => Ok(Discarded::Busy),
            _ if !entry.is_as(seen) => Ok(Discarded::Changed(Box::new(entry))),
            // It was never about anything else, and nothing of it has left.
            (Status::Queued(_), Some(Change::Update(..))) if entry.attempts == 0 => self.forget(id),
            (Status::Queued(_) | Status::Unclear(_) | Status::Attention { .. }, Some(change)) => {
                let entry = self.call_off(entry, &change, at)?;
                Ok(Discarded::CalledOff(Box::new(entry)))
            }
            (_, Some(_) | None) => self.forget(id),
        }
    }

    fn call_off(&self, entry: Entry, change: &Change, at: Moment) -> Result<Entry, StoreError> {
        let tried = self.attempts(entry.submission.id)?;
        let mut tried = tried.iter().filter(|attempt| attempt.verb == change.verb());
        // Nobody knows what an unanswered request has done; that is said.
        let remark = tried
            .any(Attempt::may_be_done)
            .then(|| Reason::ChangeCalledOff { verb: change.verb(), contact: change.contact() });
        self.put(entry, change.undone(remark), at)
    }

    /// Removes a row with everything that was kept of it.
    pub(super) fn forget(&self, id: SubmissionId) -> Result<Discarded, StoreError> {
        let gone = self.first(
            "DELETE FROM outbox WHERE estate = ?1 AND id = ?2 RETURNING state, origin",
            params![self.estate, id.to_string()],
            |row| Ok::<_, rusqlite::Error>((row.get("state")?, row.get("origin")?)),
        )?;
        let gone: Option<(String, String)> = gone.transpose()?;
        let Some((state, origin)) = gone else { return Ok(Discarded::Gone) };
        self.tally(&state, &origin, -1)?;
        self.unindex(id)?;
        self.execute("DELETE FROM attempt WHERE submission = ?1", [id.to_string()])?;
        Ok(Discarded::Gone)
    }

    /// Writes a status and gives the row as it then is.
    fn put(&self, entry: Entry, status: Status, at: Moment) -> Result<Entry, StoreError> {
        let id = entry.submission.id;
        self.set_status(&entry, &status, false, at)?;
        Ok(self.entry(id)?.unwrap_or(Entry { status, ..entry }))
    }
}
