//! The outbox as people act on it: accept, retry, discard; and how a status is written.

use sqlx::{Any, Transaction, any::AnyRow};

use super::{
    Claimed, Moment, Store, StoreError,
    rows::{self, Damaged, StatusColumns, millis, origin_word},
};
use crate::{
    contact::name::folded,
    submission::{Attempt, Entry, Group, Status, Submission, SubmissionId, Task, Waiting},
};

/// Rows written between two commits of a large file.
const ROWS_PER_TRANSACTION: usize = 500;

impl Store {
    /// Stores submissions; when it returns they are committed and synced. More than 500
    /// are committed in parts, oldest first. Returns the rows, Queued.
    ///
    /// # Errors
    /// When the store cannot be written; the part that failed is then not stored at all.
    pub async fn accept(
        &self,
        submissions: &[Submission],
        at: Moment,
    ) -> Result<Vec<Entry>, StoreError> {
        for part in submissions.chunks(ROWS_PER_TRANSACTION) {
            let mut transaction = self.begin_write().await?;
            for submission in part {
                self.insert(&mut transaction, submission, at).await?;
            }
            let count = i64::try_from(part.len()).unwrap_or(i64::MAX);
            self.tally(&mut transaction, "queued", count).await?;
            transaction.commit().await?;
        }
        let queued = |submission: &Submission| Entry {
            submission: submission.clone(),
            task: Task::Create,
            status: Status::Queued(Waiting::default()),
            attempts: 0,
            settled_at: None,
        };
        Ok(submissions.iter().map(queued).collect())
    }

    async fn insert(
        &self,
        transaction: &mut Transaction<'static, Any>,
        submission: &Submission,
        at: Moment,
    ) -> Result<(), StoreError> {
        let contact = &submission.contact;
        sqlx::query(
            "INSERT INTO outbox (id, profile, origin, salutation, first_name, last_name, region, \
             calling_code, national, extension, e164, folded, submitted_at, state, due_at, \
             due_boot, due_up, look_up, attempts, lease_boot, lease_up) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'queued', 0, $14, \
             0, 0, 0, 0, 0)",
        )
        .bind(submission.id.to_string())
        .bind(&self.scope.profile)
        .bind(origin_word(submission.origin))
        .bind(contact.salutation.as_str())
        .bind(contact.first_name.as_str())
        .bind(contact.last_name.as_str())
        .bind(contact.phone.region().map(|region| region.code().to_owned()))
        .bind(i64::from(contact.phone.calling_code()))
        .bind(contact.phone.national())
        .bind(contact.extension.as_str())
        .bind(contact.phone.e164().to_string())
        .bind(folded(&contact.full_name()))
        .bind(millis(submission.submitted_at))
        .bind(at.boot)
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }

    /// Adds to the count of a state.
    pub(super) async fn tally(
        &self,
        transaction: &mut Transaction<'static, Any>,
        state: &str,
        more: i64,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO tally (profile, state, count) VALUES ($1, $2, $3) \
             ON CONFLICT (profile, state) DO UPDATE SET count = tally.count + excluded.count",
        )
        .bind(&self.scope.profile)
        .bind(state)
        .bind(more)
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }

    /// One submission with all its attempts, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn entry(
        &self,
        id: SubmissionId,
    ) -> Result<Option<(Entry, Vec<Attempt>)>, StoreError> {
        let row = sqlx::query("SELECT * FROM outbox WHERE profile = $1 AND id = $2")
            .bind(&self.scope.profile)
            .bind(id.to_string())
            .fetch_optional(&self.pools.read)
            .await?;
        let Some(entry) = row.and_then(|row| readable(&[row]).pop()) else {
            return Ok(None);
        };
        let mut connection = self.pools.read.acquire().await?;
        let attempts = attempts(&mut connection, id).await?;
        Ok(Some((entry, attempts)))
    }

    /// Submissions whose number must be looked up, with their attempts: those that may be
    /// ours first, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn lookups(&self, limit: u32) -> Result<Vec<Claimed>, StoreError> {
        let mut connection = self.pools.read.acquire().await?;
        let mut rows = Vec::new();
        // One state at a time, in the order of the index that finds them.
        for state in ["unclear", "duplicate"] {
            let left = i64::from(limit) - i64::try_from(rows.len()).unwrap_or(i64::MAX);
            let found = sqlx::query(
                "SELECT * FROM outbox WHERE profile = $1 AND state = $2 AND look_up = 1 \
                 ORDER BY origin, id LIMIT $3",
            )
            .bind(&self.scope.profile)
            .bind(state)
            .bind(left)
            .fetch_all(&mut *connection)
            .await?;
            rows.extend(found);
        }
        let mut claimed = Vec::new();
        for entry in readable(&rows) {
            let earlier = attempts(&mut connection, entry.submission.id).await?;
            claimed.push(Claimed { entry, earlier });
        }
        Ok(claimed)
    }

    /// Makes one submission that waits or needs someone due now; `None`: all that wait.
    /// Returns those that changed.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn retry(
        &self,
        id: Option<SubmissionId>,
        at: Moment,
    ) -> Result<Vec<Entry>, StoreError> {
        let mut transaction = self.begin_write().await?;
        let Some(id) = id else {
            sqlx::query(
                "UPDATE outbox SET due_at = 0, due_up = 0, due_boot = $1 WHERE profile = $2 \
                 AND state IN ('queued', 'unclear') AND due_at > 0",
            )
            .bind(at.boot)
            .bind(&self.scope.profile)
            .execute(&mut *transaction)
            .await?;
            transaction.commit().await?;
            return Ok(Vec::new());
        };
        let Some(entry) = self.entry_in(&mut transaction, id).await? else {
            return Ok(Vec::new());
        };
        let may_exist = attempts(&mut transaction, id).await?.iter().any(Attempt::may_have_created);
        let status = match entry.status {
            Status::Sending | Status::Created { .. } | Status::Deleted { .. } => {
                return Ok(Vec::new());
            }
            Status::Unclear(_) => Status::Unclear(Waiting::default()),
            Status::Queued(_)
            | Status::Duplicate { .. }
            | Status::Rejected { .. }
            | Status::Attention { .. }
                if may_exist && entry.task == Task::Create =>
            {
                Status::Unclear(Waiting::default())
            }
            Status::Queued(_)
            | Status::Duplicate { .. }
            | Status::Rejected { .. }
            | Status::Attention { .. } => Status::Queued(Waiting::default()),
        };
        self.set_status(&mut transaction, &entry, &status, false, at).await?;
        let mut task = entry.task.clone();
        if matches!(entry.status, Status::Duplicate { .. }) {
            // Whatever became of its owner, this is about the contact itself again.
            sqlx::query("UPDATE outbox SET task = 'create', target = NULL WHERE id = $1")
                .bind(id.to_string())
                .execute(&mut *transaction)
                .await?;
            task = Task::Create;
        }
        transaction.commit().await?;
        Ok(vec![Entry { status, task, settled_at: None, ..entry }])
    }

    pub(super) async fn entry_in(
        &self,
        transaction: &mut Transaction<'static, Any>,
        id: SubmissionId,
    ) -> Result<Option<Entry>, StoreError> {
        let row = sqlx::query("SELECT * FROM outbox WHERE profile = $1 AND id = $2")
            .bind(&self.scope.profile)
            .bind(id.to_string())
            .fetch_optional(&mut **transaction)
            .await?;
        Ok(row.and_then(|row| readable(&[row]).pop()))
    }

    /// Writes a new status and what follows from it: the claim is dropped, the counts
    /// move along.
    pub(super) async fn set_status(
        &self,
        transaction: &mut Transaction<'static, Any>,
        entry: &Entry,
        status: &Status,
        look_up: bool,
        at: Moment,
    ) -> Result<(), StoreError> {
        let columns = StatusColumns::from(status);
        let due_in = columns.due.map_or(0, |due| (millis(due) - millis(at.wall)).max(0));
        let settled = !matches!(status.group(), Group::Queued | Group::Sending);
        sqlx::query(
            "UPDATE outbox SET state = $1, due_at = $2, due_boot = $3, due_up = $4, reason = $5, \
             platform_id = $6, owners = $7, remark = $8, look_up = $9, settled_at = $10, \
             worker = NULL WHERE id = $11",
        )
        .bind(columns.state)
        .bind(columns.due.map_or(0, millis))
        .bind(at.boot)
        .bind(if due_in > 0 { at.uptime_ms + due_in } else { 0 })
        .bind(columns.reason)
        .bind(columns.platform_id)
        .bind(columns.owners)
        .bind(columns.remark)
        .bind(i64::from(look_up))
        .bind(settled.then(|| entry.settled_at.map_or_else(|| millis(at.wall), millis)))
        .bind(entry.submission.id.to_string())
        .execute(&mut **transaction)
        .await?;
        let before = StatusColumns::from(&entry.status).state;
        if before != columns.state {
            self.tally(transaction, before, -1).await?;
            self.tally(transaction, columns.state, 1).await?;
        }
        Ok(())
    }
}

/// The rows that can be read. The others are logged; the delivery sets them aside.
pub(super) fn readable(rows: &[AnyRow]) -> Vec<Entry> {
    let read = |row| {
        rows::entry(row)
            .inspect_err(|Damaged { id, what }| {
                tracing::error!(%id, %what, "a row of the outbox cannot be read");
            })
            .ok()
    };
    rows.iter().filter_map(read).collect()
}

/// All attempts for one submission, oldest first.
pub(super) async fn attempts(
    connection: &mut sqlx::AnyConnection,
    id: SubmissionId,
) -> Result<Vec<Attempt>, StoreError> {
    let rows = sqlx::query("SELECT * FROM attempt WHERE submission = $1 ORDER BY number")
        .bind(id.to_string())
        .fetch_all(&mut *connection)
        .await?;
    Ok(rows.iter().filter_map(rows::attempt).collect())
}
