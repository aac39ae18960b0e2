//! The outbox as the delivery sees it: what is due, who may send it, what came of it.
//!
//! A claim is a worker's name and a lease on the machine's uptime. A lease that ran out,
//! or that belongs to an earlier start of the machine, means that its worker is gone: the
//! request may have reached the platform, so the submission becomes Unclear.

use sqlx::{Any, Transaction};

use super::{
    ClaimResult, Claimed, Class, Moment, Settlement, Store, StoreError, WorkerId,
    outbox::{attempts, readable},
    rows::{millis, outcome_json, verb_word},
};
use crate::submission::{Entry, Outcome, Record, Status, SubmissionId, Verb, Waiting};

/// How long a claim is good for without a sign of life.
const LEASE_MS: i64 = 10_000;
impl Store {
    /// Claims up to `most` due submissions for one request, takes its slot and writes an
    /// attempt for each: all of it or nothing, and on disk before the wire. A change comes
    /// first and alone, then forms' rows, oldest first; a [`Class::Form`] request takes no
    /// others.
    ///
    /// # Errors
    /// When the store cannot be written; then nothing was claimed.
    pub async fn begin(
        &self,
        worker: &WorkerId,
        class: Class,
        most: u32,
        at: Moment,
    ) -> Result<ClaimResult, StoreError> {
        let mut transaction = self.begin_write().await?;
        let together = self.pick(&mut transaction, class, most, at).await?;
        if together.is_empty() {
            // Rows set aside on the way stay so.
            transaction.commit().await?;
            return Ok(ClaimResult::Nothing);
        }
        let slot = match self.take_slot_in(&mut transaction, class, at).await? {
            Ok(slot) => slot,
            Err(wait_ms) => return Ok(ClaimResult::NoSlot { wait_ms }),
        };
        let mut claimed = Vec::with_capacity(together.len());
        for entry in together {
            let earlier = attempts(&mut transaction, entry.submission.id).await?;
            let entry = self.claim(&mut transaction, worker, entry, at).await?;
            claimed.push(Claimed { entry, earlier });
        }
        transaction.commit().await?;
        Ok(ClaimResult::Batch { slot, claimed })
    }

    async fn claim(
        &self,
        transaction: &mut Transaction<'static, Any>,
        worker: &WorkerId,
        entry: Entry,
        at: Moment,
    ) -> Result<Entry, StoreError> {
        let id = entry.submission.id.to_string();
        self.set_status(transaction, &entry, &Status::Sending, false, at).await?;
        sqlx::query(
            "UPDATE outbox SET worker = $1, lease_boot = $2, lease_up = $3, \
             attempts = attempts + 1 WHERE id = $4",
        )
        .bind(&worker.0)
        .bind(at.boot)
        .bind(at.uptime_ms + LEASE_MS)
        .bind(&id)
        .execute(&mut **transaction)
        .await?;
        sqlx::query(
            "INSERT INTO attempt (submission, number, started_at, verb) VALUES ($1, $2, $3, $4)",
        )
        .bind(&id)
        .bind(i64::from(entry.attempts) + 1)
        .bind(millis(at.wall))
        .bind(verb_word(entry.task.verb()))
        .execute(&mut **transaction)
        .await?;
        Ok(Entry { status: Status::Sending, attempts: entry.attempts + 1, ..entry })
    }

    /// Writes outcomes and new statuses and drops the claims; returns the rows as they
    /// now are. A submission whose claim was lost meanwhile keeps the status it has,
    /// unless the news is that it was created: that is true whoever says it.
    ///
    /// # Errors
    /// When the store cannot be written; then nothing was.
    pub async fn record(
        &self,
        worker: &WorkerId,
        settlements: &[Settlement],
        at: Moment,
    ) -> Result<Vec<Entry>, StoreError> {
        let mut transaction = self.begin_write().await?;
        let mut rows = Vec::with_capacity(settlements.len());
        for settlement in settlements {
            rows.extend(self.record_one(&mut transaction, worker, settlement, at).await?);
        }
        transaction.commit().await?;
        Ok(rows)
    }

    async fn record_one(
        &self,
        transaction: &mut Transaction<'static, Any>,
        worker: &WorkerId,
        settlement: &Settlement,
        at: Moment,
    ) -> Result<Option<Entry>, StoreError> {
        let Some(entry) = self.entry_in(transaction, settlement.id).await? else {
            return Ok(None);
        };
        // Late news of a creation is no news of a change that was asked for since.
        let is_created = matches!(settlement.status, Status::Created { .. })
            && entry.task.verb() == Verb::Create;
        let mine = match &settlement.outcome {
            Some(_) => self.is_claimed_by(transaction, settlement.id, worker).await?,
            None => self.waits_for_look_up(transaction, settlement.id).await?,
        };
        if let Some(outcome) = settlement.outcome.as_ref().filter(|_| mine || is_created) {
            end_attempt(transaction, settlement.id, outcome, at).await?;
        }
        if matches!(entry.status, Status::Created { .. }) || !(mine || is_created) {
            return Ok(Some(entry));
        }
        let Settlement { status, look_up, array_cap, .. } = settlement;
        self.learn_outcome(transaction, &entry, settlement, at).await?;
        self.set_status(transaction, &entry, status, *look_up, at).await?;
        if let Some(cap) = array_cap {
            sqlx::query("UPDATE outbox SET array_cap = $1 WHERE id = $2")
                .bind(i64::from(*cap))
                .bind(settlement.id.to_string())
                .execute(&mut **transaction)
                .await?;
        }
        self.entry_in(transaction, settlement.id).await
    }

    /// What the platform holds because of this, put into the directory.
    async fn learn_outcome(
        &self,
        transaction: &mut Transaction<'static, Any>,
        entry: &Entry,
        settlement: &Settlement,
        at: Moment,
    ) -> Result<(), StoreError> {
        let id = match (&settlement.status, &settlement.outcome) {
            (Status::Created { id, .. } | Status::Deleted { id }, _) => id.clone(),
            (_, Some(Outcome::Changed(record))) => match &record.id {
                Some(id) => id.clone(),
                None => return Ok(()),
            },
            _ => return Ok(()),
        };
        let answered = match &settlement.outcome {
            Some(Outcome::Created(record) | Outcome::Changed(record)) => record.clone(),
            _ => Record { active: true, ..Record::default() },
        };
        let mut record = answered.or(Record::of(&entry.submission.contact, id));
        record.active &= !matches!(settlement.status, Status::Deleted { .. });
        self.learn_one(transaction, &record, at).await
    }

    async fn is_claimed_by(
        &self,
        transaction: &mut Transaction<'static, Any>,
        id: SubmissionId,
        worker: &WorkerId,
    ) -> Result<bool, StoreError> {
        let row =
            sqlx::query("SELECT 1 FROM outbox WHERE id = $1 AND state = 'sending' AND worker = $2")
                .bind(id.to_string())
                .bind(&worker.0)
                .fetch_optional(&mut **transaction)
                .await?;
        Ok(row.is_some())
    }

    async fn waits_for_look_up(
        &self,
        transaction: &mut Transaction<'static, Any>,
        id: SubmissionId,
    ) -> Result<bool, StoreError> {
        let row = sqlx::query("SELECT 1 FROM outbox WHERE id = $1 AND look_up = 1")
            .bind(id.to_string())
            .fetch_optional(&mut **transaction)
            .await?;
        Ok(row.is_some())
    }

    /// Keeps this worker's claims alive, and turns claims whose lease ran out into
    /// Unclear, due now; returns the latter.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn heartbeat(&self, worker: &WorkerId, at: Moment) -> Result<Vec<Entry>, StoreError> {
        let mut transaction = self.begin_write().await?;
        sqlx::query(
            "UPDATE outbox SET lease_boot = $1, lease_up = $2 \
             WHERE profile = $3 AND state = 'sending' AND worker = $4",
        )
        .bind(at.boot)
        .bind(at.uptime_ms + LEASE_MS)
        .bind(&self.scope.profile)
        .bind(&worker.0)
        .execute(&mut *transaction)
        .await?;
        let orphans = sqlx::query(
            "SELECT * FROM outbox WHERE profile = $1 AND state = 'sending' \
             AND (lease_boot <> $2 OR lease_up < $3)",
        )
        .bind(&self.scope.profile)
        .bind(at.boot)
        .bind(at.uptime_ms)
        .fetch_all(&mut *transaction)
        .await?;
        let reason = "rolodesk stopped before the answer came";
        let mut rows = Vec::new();
        for row in &orphans {
            let Some(entry) = readable(std::slice::from_ref(row)).pop() else {
                self.quarantine(&mut transaction, row).await?;
                continue;
            };
            let id = entry.submission.id;
            let outcome = Outcome::Unclear { reason: reason.to_owned() };
            end_attempt(&mut transaction, id, &outcome, at).await?;
            let because = Some(reason.to_owned());
            let status = Status::Unclear(Waiting { until: None, because });
            self.set_status(&mut transaction, &entry, &status, false, at).await?;
            rows.push(Entry { status, ..entry });
        }
        transaction.commit().await?;
        Ok(rows)
    }
}

/// Writes what came of the last attempt, unless that is already known to be a creation.
async fn end_attempt(
    transaction: &mut Transaction<'static, Any>,
    id: SubmissionId,
    outcome: &Outcome,
    at: Moment,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE attempt SET ended_at = $1, outcome = $2 WHERE submission = $3 \
         AND number = (SELECT max(number) FROM attempt WHERE submission = $3) \
         AND (outcome IS NULL OR $4 = 1)",
    )
    .bind(millis(at.wall))
    .bind(outcome_json(outcome))
    .bind(id.to_string())
    .bind(i64::from(matches!(outcome, Outcome::Created(_))))
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
