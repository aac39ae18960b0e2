//! The outbox as the delivery sees it: what is due, who may send it, what came of it.
//!
//! A claim is a worker's name and a lease on the machine's uptime. A lease that ran out,
//! or that belongs to an earlier start of the machine, means that its worker is gone: the
//! request may have reached the platform, so the submission becomes Unclear.

use sqlx::{Any, Row as _, Transaction};

use super::{
    Begun, Claimed, Class, Facts, Moment, Settlement, Store, StoreError, WorkerId,
    outbox::{attempts, readable},
    rows::{millis, outcome_json},
};
use crate::submission::{Entry, Outcome, Status, SubmissionId, Waiting};

/// How long a claim is good for without a sign of life.
const LEASE_MS: i64 = 10_000;
/// Counting what is due stops here: more makes no difference to any plan.
const ENOUGH: i64 = 5_000;
/// A wait that seems longer than any we ever set comes from a clock that was set back.
const LONGEST_WAIT_MS: i64 = 3_600_000;

/// Waiting rows that may be sent now. Two submissions of one number are never under way
/// together, and the later one waits until the earlier is settled: else neither could be
/// told from the other. $1 profile, $2 boot, $3 uptime, $4 wall, $5 the longest wait.
const DUE: &str = "profile = $1 AND state IN ('queued', 'unclear') AND look_up = 0 \
     AND ((due_boot = $2 AND due_up <= $3) \
       OR (due_boot <> $2 AND (due_at <= $4 OR due_at > $4 + $5))) \
     AND NOT EXISTS (SELECT 1 FROM outbox AS other WHERE other.profile = $1 \
       AND other.e164 = outbox.e164 AND other.id <> outbox.id \
       AND (other.state = 'sending' OR (other.state = 'unclear' AND other.id < outbox.id)))";

macro_rules! due {
    ($head:literal, $tail:literal) => {
        sqlx::query(sqlx::AssertSqlSafe(format!("{} {DUE} {}", $head, $tail)))
    };
}

impl Store {
    /// What is due and what the limit allows.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn facts(&self, at: Moment) -> Result<Facts, StoreError> {
        let mut connection = self.pools.read.acquire().await?;
        let allowance = self.allowance(&mut connection, at).await?;
        let mut due = [0; 2];
        for (origin, count) in ["form", "import"].into_iter().zip(&mut due) {
            let row = due!(
                "SELECT count(*) AS due FROM (SELECT 1 FROM outbox WHERE",
                "AND origin = $6 LIMIT $7) AS counted"
            )
            .bind(&self.scope.profile)
            .bind(at.boot)
            .bind(at.uptime_ms)
            .bind(millis(at.wall))
            .bind(LONGEST_WAIT_MS)
            .bind(origin)
            .bind(ENOUGH)
            .fetch_one(&mut *connection)
            .await?;
            *count = u64::try_from(row.try_get::<i64, _>("due")?).unwrap_or(0);
        }
        let row = sqlx::query(
            "SELECT count(*) AS waiting, min(CASE WHEN due_boot = $2 THEN due_up - $3 \
             ELSE due_at - $4 END) AS soonest FROM outbox WHERE profile = $1 \
             AND state IN ('queued', 'unclear') AND look_up = 0 AND due_at > 0 \
             AND ((due_boot = $2 AND due_up > $3) OR (due_boot <> $2 AND due_at > $4))",
        )
        .bind(&self.scope.profile)
        .bind(at.boot)
        .bind(at.uptime_ms)
        .bind(millis(at.wall))
        .fetch_one(&mut *connection)
        .await?;
        let next_due_in_ms: Option<i64> = row.try_get("soonest")?;
        let row = sqlx::query(
            "SELECT count(*) AS lookups FROM outbox WHERE profile = $1 AND look_up = 1 \
             AND state IN ('unclear', 'duplicate')",
        )
        .bind(&self.scope.profile)
        .fetch_one(&mut *connection)
        .await?;
        Ok(Facts {
            forms_due: due[0],
            imports_due: due[1],
            lookups_due: u64::try_from(row.try_get::<i64, _>("lookups")?).unwrap_or(0),
            next_due_in_ms,
            budget: allowance.budget(at),
            bulk_left: allowance.bulk_left,
            bulk_wait_ms: allowance.bulk_wait_ms,
            form_wait_ms: allowance.form_wait_ms,
        })
    }

    /// Claims up to `most` due submissions for one request, takes its slot and writes an
    /// attempt for each: all of it or nothing, and on disk before the wire. Forms' rows
    /// come first, oldest first; a [`Class::Form`] request takes no others.
    ///
    /// # Errors
    /// When the store cannot be written; then nothing was claimed.
    pub async fn begin(
        &self,
        worker: &WorkerId,
        class: Class,
        most: u32,
        at: Moment,
    ) -> Result<Begun, StoreError> {
        let mut transaction = self.begin_write().await?;
        let together = self.pick(&mut transaction, class, most, at).await?;
        if together.is_empty() {
            // Rows set aside on the way stay so.
            transaction.commit().await?;
            return Ok(Begun::Nothing);
        }
        let slot = match self.take_slot_in(&mut transaction, class, at).await? {
            Ok(slot) => slot,
            Err(wait_ms) => return Ok(Begun::NoSlot { wait_ms }),
        };
        let mut claimed = Vec::with_capacity(together.len());
        for entry in together {
            let earlier = attempts(&mut transaction, entry.submission.id).await?;
            let entry = self.claim(&mut transaction, worker, entry, at).await?;
            claimed.push(Claimed { entry, earlier });
        }
        transaction.commit().await?;
        Ok(Begun::Batch { slot, claimed })
    }

    /// Due rows that may share one request: no number twice, and no more together than
    /// the most careful of them allows.
    async fn pick(
        &self,
        transaction: &mut Transaction<'static, Any>,
        class: Class,
        most: u32,
        at: Moment,
    ) -> Result<Vec<Entry>, StoreError> {
        let rows = due!(
            "SELECT * FROM outbox WHERE",
            "AND ($6 = '' OR origin = $6) ORDER BY origin, id LIMIT $7"
        )
        .bind(&self.scope.profile)
        .bind(at.boot)
        .bind(at.uptime_ms)
        .bind(millis(at.wall))
        .bind(LONGEST_WAIT_MS)
        .bind(match class {
            Class::Form => "form",
            Class::Bulk => "",
        })
        .bind(i64::from(most.max(1)))
        .fetch_all(&mut **transaction)
        .await?;
        let mut most = usize::try_from(most.max(1)).unwrap_or(usize::MAX);
        let mut together: Vec<Entry> = Vec::new();
        for row in &rows {
            let cap: Option<i64> = row.try_get("array_cap")?;
            let cap = cap.and_then(|cap| usize::try_from(cap).ok()).unwrap_or(usize::MAX);
            if together.len() >= most.min(cap.max(1)) {
                break;
            }
            let Some(entry) = readable(std::slice::from_ref(row)).pop() else {
                self.set_aside(transaction, row).await?;
                continue;
            };
            let number = entry.submission.contact.phone.e164();
            if together.iter().any(|it| it.submission.contact.phone.e164() == number) {
                continue;
            }
            most = most.min(cap.max(1));
            together.push(entry);
        }
        Ok(together)
    }

    /// A row that cannot be read is put where it blocks nothing, and counted.
    async fn set_aside(
        &self,
        transaction: &mut Transaction<'static, Any>,
        row: &sqlx::any::AnyRow,
    ) -> Result<(), StoreError> {
        let (id, state): (String, String) = (row.try_get("id")?, row.try_get("state")?);
        sqlx::query("UPDATE outbox SET state = 'damaged', worker = NULL WHERE id = $1")
            .bind(id)
            .execute(&mut **transaction)
            .await?;
        self.tally(transaction, &state, -1).await?;
        self.tally(transaction, "damaged", 1).await
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
        sqlx::query("INSERT INTO attempt (submission, number, started_at) VALUES ($1, $2, $3)")
            .bind(&id)
            .bind(i64::from(entry.attempts) + 1)
            .bind(millis(at.wall))
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
        if let Some(outcome) = &settlement.outcome {
            end_attempt(transaction, settlement.id, outcome, at).await?;
        }
        let is_created = matches!(settlement.status, Status::Created { .. });
        let mine = match &settlement.outcome {
            Some(_) => self.is_claimed_by(transaction, settlement.id, worker).await?,
            None => self.waits_for_look_up(transaction, settlement.id).await?,
        };
        if matches!(entry.status, Status::Created { .. }) || !(mine || is_created) {
            return Ok(Some(entry));
        }
        let Settlement { status, look_up, array_cap, .. } = settlement;
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
        for entry in readable(&orphans) {
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
