//! Rows that are asked for more than to be created: the existing contact updated, the
//! created one deleted, a duplicate left as it is; and what forgetting a row means.

use jiff::Timestamp;
use sqlx::{Any, Row as _, Transaction};

use super::{Moment, Store, StoreError, outbox::attempts, rows};
use crate::submission::{
    Attempt, Change, Entry, Group, Reason, Status, SubmissionId, Task, Waiting,
};

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
        let mut transaction = self.begin_write().await?;
        let Some(entry) = self.entry_in(&mut transaction, id).await? else { return Ok(None) };
        let fits = match (&entry.status, &change) {
            (Status::Duplicate { .. }, Change::Update(..)) => true,
            (Status::Created { id, .. }, Change::Delete(target)) => id == target,
            (_, Change::Update(..) | Change::Delete(_)) => false,
        };
        if !fits {
            return Ok(None);
        }
        let task = Task::Change(change);
        let (word, target) = rows::task_columns(&task);
        sqlx::query("UPDATE outbox SET task = $1, target = $2 WHERE id = $3")
            .bind(word)
            .bind(target)
            .bind(id.to_string())
            .execute(&mut *transaction)
            .await?;
        let entry = Entry { task, ..entry };
        let status = Status::Queued(Waiting::default());
        let entry = self.put(&mut transaction, entry, status, at).await?;
        transaction.commit().await?;
        Ok(Some(entry))
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
        let waits = |entry: &Entry| {
            let created = matches!((&entry.status, &entry.task), (Status::Queued(_), Task::Create));
            let reason = Reason::BeingCorrected;
            let because =
                Some(if entry.may_exist() { reason.although_it_may_exist() } else { reason });
            created.then_some(Status::Queued(Waiting { until: Some(until), because }))
        };
        self.restate(id, waits, at).await
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
        let remarked = |entry: &Entry| match &entry.status {
            Status::Duplicate { owners, .. } => {
                let (owners, remark) = (owners.clone(), Some(remark.clone()));
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
        self.restate(id, remarked, at).await
    }

    /// Gives a row another status if `status` finds one for it; `None` when it does not.
    async fn restate(
        &self,
        id: SubmissionId,
        status: impl FnOnce(&Entry) -> Option<Status>,
        at: Moment,
    ) -> Result<Option<Entry>, StoreError> {
        let mut transaction = self.begin_write().await?;
        let Some(entry) = self.entry_in(&mut transaction, id).await? else { return Ok(None) };
        let Some(status) = status(&entry) else { return Ok(None) };
        let entry = self.put(&mut transaction, entry, status, at).await?;
        transaction.commit().await?;
        Ok(Some(entry))
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
        seen: Group,
        at: Moment,
    ) -> Result<Discarded, StoreError> {
        let mut transaction = self.begin_write().await?;
        let discarded = match self.entry_in(&mut transaction, id).await? {
            Some(entry) => match (&entry.status, entry.task.change().cloned()) {
                (Status::Sending, _) => Discarded::Busy,
                _ if entry.status.group() != seen => Discarded::Changed(Box::new(entry)),
                (
                    Status::Queued(_) | Status::Unclear(_) | Status::Attention { .. },
                    Some(change),
                ) => {
                    let entry = self.call_off(&mut transaction, entry, &change, at).await?;
                    Discarded::CalledOff(Box::new(entry))
                }
                (_, Some(_) | None) => self.forget(&mut transaction, id).await?,
            },
            // A row that cannot be read can still be thrown away.
            None => self.forget(&mut transaction, id).await?,
        };
        transaction.commit().await?;
        Ok(discarded)
    }

    async fn call_off(
        &self,
        transaction: &mut Transaction<'static, Any>,
        entry: Entry,
        change: &Change,
        at: Moment,
    ) -> Result<Entry, StoreError> {
        let tried = attempts(transaction, entry.submission.id).await?;
        let mut tried = tried.iter().filter(|attempt| attempt.verb == change.verb());
        // Nobody knows what an unanswered request has done; that is said.
        let remark = tried
            .any(Attempt::may_be_done)
            .then(|| Reason::ChangeCalledOff { verb: change.verb(), contact: change.contact() });
        self.put(transaction, entry, change.undone(remark), at).await
    }

    async fn forget(
        &self,
        transaction: &mut Transaction<'static, Any>,
        id: SubmissionId,
    ) -> Result<Discarded, StoreError> {
        let gone = sqlx::query("DELETE FROM outbox WHERE profile = $1 AND id = $2 RETURNING state")
            .bind(&self.scope.profile)
            .bind(id.to_string())
            .fetch_optional(&mut **transaction)
            .await?;
        let Some(row) = gone else { return Ok(Discarded::Gone) };
        let state: String = row.try_get("state")?;
        self.tally(transaction, &state, -1).await?;
        sqlx::query("DELETE FROM attempt WHERE submission = $1")
            .bind(id.to_string())
            .execute(&mut **transaction)
            .await?;
        Ok(Discarded::Gone)
    }

    /// Writes a status and gives the row as it then is.
    async fn put(
        &self,
        transaction: &mut Transaction<'static, Any>,
        entry: Entry,
        status: Status,
        at: Moment,
    ) -> Result<Entry, StoreError> {
        let id = entry.submission.id;
        self.set_status(transaction, &entry, &status, false, at).await?;
        Ok(self.entry_in(transaction, id).await?.unwrap_or(Entry { status, ..entry }))
    }
}
