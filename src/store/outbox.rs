//! The outbox as people act on it: accept, retry, discard; and how a status is written.

use rusqlite::params;

use super::{
    Claimed, Moment, Store, StoreError,
    rows::{self, Damaged, StatusColumns, millis, origin_word, readable, verb_word},
    search::line,
    tables::Tables,
};
use crate::{
    contact::{E164, name::folded},
    submission::{
        Attempt, Change, Entry, Group, State, Status, Submission, SubmissionId, Task, Verb, Waiting,
    },
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
            let part = part.to_vec();
            self.write(move |tables| tables.insert_all(&part, at)).await?;
        }
        let agent = &self.scope.agent;
        let queued = |submission: &Submission| Entry::queued(submission.clone(), agent.clone());
        let entries: Vec<_> = submissions.iter().map(queued).collect();
        self.audit_accepted(&entries);
        Ok(entries)
    }

    /// Stores what an existing contact is to become; committed and synced when this returns.
    ///
    /// # Errors
    /// When the store cannot be written; nothing is stored then.
    pub async fn accept_update(
        &self,
        submission: &Submission,
        change: Change,
        at: Moment,
    ) -> Result<Entry, StoreError> {
        let queued = Entry::queued(submission.clone(), self.scope.agent.clone());
        let entry = Entry { task: Task::Change(change), ..queued };
        let stored = entry.clone();
        self.write(move |tables| {
            tables.insert_all(std::slice::from_ref(&stored.submission), at)?;
            tables.set_task(stored.submission.id, &stored.task)
        })
        .await?;
        self.audit_accepted(std::slice::from_ref(&entry));
        Ok(entry)
    }

    /// One submission with all its attempts, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn entry(
        &self,
        id: SubmissionId,
    ) -> Result<Option<(Entry, Vec<Attempt>)>, StoreError> {
        self.read(move |tables| {
            let Some(entry) = tables.entry(id)? else { return Ok(None) };
            Ok(Some((entry, tables.attempts(id)?)))
        })
        .await
    }

    /// Submissions whose number must be looked up, with their attempts: those that may be
    /// ours first, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn lookups(&self, limit: u32) -> Result<Vec<Claimed>, StoreError> {
        self.glance(move |tables| tables.lookups(limit)).await
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
        self.write(move |tables| match id {
            Some(id) => Ok(tables.retry(id, at)?.into_iter().collect()),
            None => tables.retry_all(at).map(|()| Vec::new()),
        })
        .await
    }

    /// Sends every row that is in one of `states` again; how many.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn retry_all_in(&self, states: &[State], at: Moment) -> Result<u64, StoreError> {
        let states = states.to_vec();
        self.write(move |tables| {
            let mut retried = 0;
            for state in states {
                let sql = format!(
                    "SELECT {} FROM outbox WHERE estate = ?1 AND state = ?2 ORDER BY id",
                    rows::OUTBOX
                );
                let values = params![tables.estate, state.word()];
                for entry in readable(tables.all(&sql, values, rows::entry)?) {
                    retried += u64::from(tables.retry(entry.submission.id, at)?.is_some());
                }
            }
            Ok(retried)
        })
        .await
    }

    /// The submissions of this number, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn of_number(&self, number: &E164) -> Result<Vec<Entry>, StoreError> {
        let number = number.to_string();
        self.read(move |tables| {
            let sql = format!(
                "SELECT {} FROM outbox WHERE estate = ?1 AND e164 = ?2 ORDER BY id",
                rows::OUTBOX
            );
            let values = params![tables.estate, number];
            Ok(readable(tables.all(&sql, values, rows::entry)?))
        })
        .await
    }
}

impl Tables<'_> {
    pub(super) fn insert_all(
        &self,
        submissions: &[Submission],
        at: Moment,
    ) -> Result<(), StoreError> {
        for submission in submissions {
            self.insert(submission, at)?;
        }
        let lines = submissions.iter().map(|it| {
            let contact = &it.contact;
            (it.id, line(&folded(&contact.full_name()), contact.phone.e164().as_str()))
        });
        let mut lines: Vec<_> = lines.collect();
        lines.sort_unstable();
        self.index(lines)
    }

    fn insert(&self, submission: &Submission, at: Moment) -> Result<(), StoreError> {
        let contact = &submission.contact;
        self.execute(
            "INSERT INTO outbox (id, estate, origin, salutation, first_name, last_name, region, \
             calling_code, national, written, extension, e164, folded, submitted_at, due_boot, state, \
             task, agent, machine, corrects, due_at, due_up, look_up, attempts, lease_boot, \
             lease_up) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, \
             ?16, ?17, ?18, ?19, ?20, 0, 0, 0, 0, 0, 0)",
            params![
                submission.id.to_string(),
                self.estate,
                origin_word(submission.origin),
                contact.salutation.as_str(),
                contact.first_name.as_str(),
                contact.last_name.as_str(),
                contact.phone.region().map(|region| region.code().to_owned()),
                contact.phone.calling_code(),
                contact.phone.national(),
                contact.phone.international(),
                contact.extension.as_str(),
                contact.phone.e164().to_string(),
                folded(&contact.full_name()),
                millis(submission.submitted_at),
                at.boot,
                State::Queued.word(),
                verb_word(Verb::Create),
                self.scope.agent,
                self.scope.machine,
                submission.corrects.map(|id| id.to_string()),
            ],
        )?;
        self.tally(State::Queued.word(), origin_word(submission.origin), 1)
    }

    /// Writes what is to be done for a row.
    pub(super) fn set_task(&self, id: SubmissionId, task: &Task) -> Result<(), StoreError> {
        let (word, target) = rows::task_columns(task);
        self.execute(
            "UPDATE outbox SET task = ?1, target = ?2 WHERE id = ?3",
            params![word, target, id.to_string()],
        )?;
        Ok(())
    }

    /// Adds to the count of a state.
    pub(super) fn tally(&self, state: &str, origin: &str, more: i64) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO tally (estate, state, origin, count) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT (estate, state, origin) \
             DO UPDATE SET count = tally.count + excluded.count",
            params![self.estate, state, origin, more],
        )?;
        Ok(())
    }

    fn lookups(&self, limit: u32) -> Result<Vec<Claimed>, StoreError> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let sql = format!(
            "SELECT {} FROM outbox WHERE estate = ?1 AND state = ?2 AND look_up = 1 \
             ORDER BY origin, id LIMIT ?3",
            rows::OUTBOX
        );
        let mut found = Vec::new();
        // One state at a time, in the order of the index that finds them.
        for state in [State::Unclear, State::Duplicate].map(State::word) {
            let left = i64::try_from(limit - found.len()).unwrap_or(i64::MAX);
            found.extend(self.all(&sql, params![self.estate, state, left], rows::entry)?);
        }
        let mut claimed = Vec::new();
        for entry in readable(found) {
            let earlier = self.attempts(entry.submission.id)?;
            claimed.push(Claimed { entry, earlier });
        }
        Ok(claimed)
    }

    fn retry_all(&self, at: Moment) -> Result<(), StoreError> {
        self.execute(
            "UPDATE outbox SET due_at = 0, due_up = 0, due_boot = ?1 WHERE estate = ?2 \
             AND lane IN ('change', 'form', 'import') AND state IN (?3, ?4) AND due_up > 0 \
             AND look_up = 0 AND settled_at IS NULL",
            params![at.boot, self.estate, State::Queued.word(), State::Unclear.word()],
        )?;
        Ok(())
    }

    fn retry(&self, id: SubmissionId, at: Moment) -> Result<Option<Entry>, StoreError> {
        let Some(entry) = self.entry(id)? else { return Ok(None) };
        match self.handed(id)? {
            // A floor has it, and sends it.
            Some(handed) if !handed.is_settled => return Ok(None),
            // What it was settled as there is over.
            Some(_) => self.revise(id)?,
            None => {}
        }
        let may_exist = self.attempts(id)?.iter().any(Attempt::leaves_doubt);
        let status = match entry.status {
            Status::Sending | Status::Created { .. } | Status::Deleted { .. } => return Ok(None),
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
        self.set_status(&entry, &status, false, at)?;
        let mut task = entry.task.clone();
        if matches!(entry.status, Status::Duplicate { .. }) {
            // Whatever became of its owner, this is about the contact itself again.
            task = Task::Create;
            self.set_task(id, &task)?;
        }
        Ok(Some(Entry { status, task, settled_at: None, ..entry }))
    }

    pub(super) fn entry(&self, id: SubmissionId) -> Result<Option<Entry>, StoreError> {
        Ok(readable(self.row(id)?.into_iter().collect()).pop())
    }

    pub(super) fn row(
        &self,
        id: SubmissionId,
    ) -> Result<Option<Result<Entry, Damaged>>, StoreError> {
        let sql = format!("SELECT {} FROM outbox WHERE estate = ?1 AND id = ?2", rows::OUTBOX);
        self.first(&sql, params![self.estate, id.to_string()], rows::entry)
    }

    /// All attempts for one submission, oldest first.
    pub(super) fn attempts(&self, id: SubmissionId) -> Result<Vec<Attempt>, StoreError> {
        let sql =
            format!("SELECT {} FROM attempt WHERE submission = ?1 ORDER BY number", rows::ATTEMPT);
        let found = self.all(&sql, [id.to_string()], rows::attempt)?;
        Ok(found.into_iter().flatten().collect())
    }

    /// Writes a new status and what follows from it: the claim is dropped, the counts
    /// move along.
    pub(super) fn set_status(
        &self,
        entry: &Entry,
        status: &Status,
        look_up: bool,
        at: Moment,
    ) -> Result<(), StoreError> {
        let columns = StatusColumns::from(status);
        let due_in = columns.due.map_or(0, |due| (millis(due) - millis(at.wall)).max(0));
        let settled = !matches!(status.group(), Group::Queued | Group::Sending);
        self.execute(
            "UPDATE outbox SET state = ?1, due_at = ?2, due_boot = ?3, due_up = ?4, reason = ?5, \
             platform_id = ?6, owners = ?7, remark = ?8, look_up = ?9, settled_at = ?10, \
             worker = NULL WHERE id = ?11",
            params![
                columns.state,
                columns.due.map_or(0, millis),
                at.boot,
                if due_in > 0 { at.uptime_ms + due_in } else { 0 },
                columns.reason,
                columns.platform_id,
                columns.owners,
                columns.remark,
                look_up,
                settled.then(|| entry.settled_at.map_or_else(|| millis(at.wall), millis)),
                entry.submission.id.to_string(),
            ],
        )?;
        let before = StatusColumns::from(&entry.status).state;
        if before != columns.state {
            let origin = origin_word(entry.submission.origin);
            self.tally(before, origin, -1)?;
            self.tally(columns.state, origin, 1)?;
        }
        Ok(())
    }
}
