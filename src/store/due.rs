//! What is due: counted for the delivery's plans, and picked for one request.

use sqlx::{Any, AnyConnection, Row as _, Transaction};

use super::{Class, Facts, Moment, Store, StoreError, outbox::readable, rows::millis};
use crate::submission::Entry;

/// Counting what is due stops here: more makes no difference to any plan.
const ENOUGH: i64 = 5_000;
/// A wait that seems longer than any we ever set comes from a clock that was set back.
const LONGEST_WAIT_MS: i64 = 3_600_000;

/// Waiting rows that may be sent now. Two submissions of one number are never under way
/// together, and the later one waits until the earlier is settled: else neither could be
/// told from the other. $1 profile, $2 boot, $3 uptime, $4 wall, $5 the longest wait.
const DUE: &str = "profile = $1 AND look_up = 0 \
     AND ((due_boot = $2 AND due_up <= $3) \
       OR (due_boot <> $2 AND (due_at <= $4 OR due_at > $4 + $5))) \
     AND NOT EXISTS (SELECT 1 FROM outbox AS other WHERE other.profile = $1 \
       AND other.e164 = outbox.e164 AND other.id <> outbox.id \
       AND (other.state = 'sending' OR (other.state = 'unclear' AND other.id < outbox.id)))";

/// The kinds of waiting rows, in the order in which they go out. Each names its columns
/// in the order of an index, so that the oldest are found without sorting them all.
const CHANGES: [&str; 2] =
    ["task <> 'create' AND state = 'unclear'", "task <> 'create' AND state = 'queued'"];
const FORMS: [&str; 2] = [
    "task = 'create' AND state = 'unclear' AND origin = 'form'",
    "task = 'create' AND state = 'queued' AND origin = 'form'",
];
const IMPORTS: [&str; 2] = [
    "task = 'create' AND state = 'unclear' AND origin = 'import'",
    "task = 'create' AND state = 'queued' AND origin = 'import'",
];

impl Store {
    /// What is due and what the limit allows.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn facts(&self, at: Moment) -> Result<Facts, StoreError> {
        let mut connection = self.pools.read.acquire().await?;
        let allowance = self.allowance(&mut connection, at).await?;
        let mut forms_due = 0;
        for kind in CHANGES.into_iter().chain(FORMS) {
            forms_due += self.count_due(&mut connection, kind, at).await?;
        }
        let mut imports_due = 0;
        for kind in IMPORTS {
            imports_due += self.count_due(&mut connection, kind, at).await?;
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
            forms_due,
            imports_due,
            lookups_due: u64::try_from(row.try_get::<i64, _>("lookups")?).unwrap_or(0),
            next_due_in_ms,
            budget: allowance.budget(at),
            bulk_left: allowance.bulk_left,
            bulk_wait_ms: allowance.bulk_wait_ms,
            form_wait_ms: allowance.form_wait_ms,
        })
    }

    async fn count_due(
        &self,
        connection: &mut AnyConnection,
        kind: &str,
        at: Moment,
    ) -> Result<u64, StoreError> {
        let sql = format!(
            "SELECT count(*) AS due FROM (SELECT 1 FROM outbox WHERE {DUE} AND {kind} LIMIT $6) \
             AS counted"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(&self.scope.profile)
            .bind(at.boot)
            .bind(at.uptime_ms)
            .bind(millis(at.wall))
            .bind(LONGEST_WAIT_MS)
            .bind(ENOUGH)
            .fetch_one(&mut *connection)
            .await?;
        Ok(u64::try_from(row.try_get::<i64, _>("due")?).unwrap_or(0))
    }

    /// Due rows that may share one request: a change alone, or contacts to create with no
    /// number twice, and no more together than the most careful of them allows.
    pub(super) async fn pick(
        &self,
        transaction: &mut Transaction<'static, Any>,
        class: Class,
        most: u32,
        at: Moment,
    ) -> Result<Vec<Entry>, StoreError> {
        for kind in CHANGES {
            let mut alone = Batch::new(1);
            self.gather(transaction, kind, &mut alone, at).await?;
            if !alone.entries.is_empty() {
                return Ok(alone.entries);
            }
        }
        let kinds = match class {
            Class::Form => FORMS.to_vec(),
            Class::Bulk => [FORMS, IMPORTS].concat(),
        };
        let mut together = Batch::new(most);
        for kind in kinds {
            self.gather(transaction, kind, &mut together, at).await?;
        }
        Ok(together.entries)
    }

    async fn gather(
        &self,
        transaction: &mut Transaction<'static, Any>,
        kind: &str,
        together: &mut Batch,
        at: Moment,
    ) -> Result<(), StoreError> {
        let sql = format!("SELECT * FROM outbox WHERE {DUE} AND {kind} ORDER BY id LIMIT $6");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(&self.scope.profile)
            .bind(at.boot)
            .bind(at.uptime_ms)
            .bind(millis(at.wall))
            .bind(LONGEST_WAIT_MS)
            .bind(i64::try_from(together.room()).unwrap_or(i64::MAX))
            .fetch_all(&mut **transaction)
            .await?;
        for row in &rows {
            let cap: Option<i64> = row.try_get("array_cap")?;
            match readable(std::slice::from_ref(row)).pop() {
                Some(entry) => together.take(entry, cap),
                None => self.quarantine(transaction, row).await?,
            }
        }
        Ok(())
    }

    /// A row that cannot be read is put where it blocks nothing, and counted.
    pub(super) async fn quarantine(
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
}

/// Rows that go out in one request.
struct Batch {
    entries: Vec<Entry>,
    most: usize,
}

impl Batch {
    fn new(most: u32) -> Self {
        let most = usize::try_from(most.max(1)).unwrap_or(usize::MAX);
        Self { entries: Vec::new(), most }
    }

    fn room(&self) -> usize {
        self.most.saturating_sub(self.entries.len())
    }

    /// Takes a row in if it may go with those that are there; `cap` is the largest array
    /// it may be part of.
    fn take(&mut self, entry: Entry, cap: Option<i64>) {
        let cap = cap.and_then(|cap| usize::try_from(cap).ok()).unwrap_or(usize::MAX).max(1);
        let number = entry.submission.contact.phone.e164();
        let known = self.entries.iter().any(|it| it.submission.contact.phone.e164() == number);
        if known || self.entries.len() >= self.most.min(cap) {
            return;
        }
        self.most = self.most.min(cap);
        self.entries.push(entry);
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::store::Scope;

    /// However many rows are settled, who else has a number is looked up by that number.
    #[tokio::test]
    async fn what_is_due_is_found_by_indexes_that_do_not_walk_the_whole_profile() {
        let folder = tempfile::tempdir().unwrap();
        let scope = Scope { profile: "acme".into(), account: "a".into(), limit: 60 };
        let at = Moment { wall: Timestamp::UNIX_EPOCH, boot: 1, uptime_ms: 0 };
        let store = Store::open(&folder.path().join("store.db"), scope, at).await.unwrap();
        let changes = CHANGES.map(|kind| (kind, "outbox_change"));
        let contacts = [FORMS, IMPORTS].concat().into_iter().map(|kind| (kind, "outbox_due"));
        for (kind, index) in changes.into_iter().chain(contacts) {
            let plan = format!(
                "EXPLAIN QUERY PLAN SELECT * FROM outbox WHERE {DUE} AND {kind} ORDER BY id LIMIT 9"
            );
            let steps = sqlx::query(sqlx::AssertSqlSafe(plan))
                .bind("acme")
                .bind(1_i64)
                .bind(1_i64)
                .bind(1_i64)
                .bind(1_i64)
                .fetch_all(&store.pools.read)
                .await
                .unwrap();
            let steps: Vec<String> = steps.iter().map(|row| row.get("detail")).collect();
            let others = steps.iter().find(|step| step.contains("other")).unwrap();
            assert!(others.contains("outbox_number (profile=? AND e164=?)"), "{steps:#?}");
            let rows = steps.iter().find(|step| !step.contains("other")).unwrap();
            assert!(rows.contains(index), "{steps:#?}");
            assert!(!steps.iter().any(|step| step.contains("TEMP B-TREE")), "{steps:#?}");
        }
    }
}
