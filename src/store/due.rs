//! What is due: counted for the delivery's plans, and picked for one request.

use rusqlite::{Row, named_params};

use super::{
    Class, Facts, Moment, Store, StoreError,
    rows::{self, millis},
    tables::Tables,
};
use crate::submission::Entry;

/// Counting what is due stops here: more makes no difference to any plan.
const ENOUGH: i64 = 5_000;
/// A wait that seems longer than any we ever set comes from a clock that was set back.
const LONGEST_WAIT_MS: i64 = 3_600_000;

/// Waiting rows that may be sent now. Two submissions of one number are never under way
/// together, and the later one waits until the earlier is settled: else neither could be
/// told from the other.
const DUE: &str = "profile = :profile AND look_up = 0 \
     AND ((due_boot = :boot AND due_up <= :up) \
       OR (due_boot <> :boot AND (due_at <= :wall OR due_at > :wall + :longest))) \
     AND NOT EXISTS (SELECT 1 FROM outbox AS other WHERE other.profile = :profile \
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
        self.read(move |tables| tables.facts(at)).await
    }
}

impl Tables<'_> {
    fn facts(&self, at: Moment) -> Result<Facts, StoreError> {
        let allowance = self.allowance(at)?;
        let mut forms_due = 0;
        for kind in CHANGES.into_iter().chain(FORMS) {
            forms_due += self.count_due(kind, at)?;
        }
        let mut imports_due = 0;
        for kind in IMPORTS {
            imports_due += self.count_due(kind, at)?;
        }
        Ok(Facts {
            forms_due,
            imports_due,
            lookups_due: self.count(
                "SELECT count(*) FROM outbox WHERE profile = ?1 AND look_up = 1 \
                 AND state IN ('unclear', 'duplicate')",
                [&self.scope.profile],
            )?,
            next_due_in_ms: self.next_due_in_ms(at)?,
            budget: allowance.budget(at),
            bulk_left: allowance.bulk_left,
            bulk_wait_ms: allowance.bulk_wait_ms,
            form_wait_ms: allowance.form_wait_ms,
        })
    }

    fn next_due_in_ms(&self, at: Moment) -> Result<Option<i64>, StoreError> {
        let mut soonest = self.db.prepare_cached(
            "SELECT min(CASE WHEN due_boot = :boot THEN due_up - :up ELSE due_at - :wall END) \
             FROM outbox WHERE profile = :profile \
             AND state IN ('queued', 'unclear') AND look_up = 0 AND due_at > 0 \
             AND ((due_boot = :boot AND due_up > :up) OR (due_boot <> :boot AND due_at > :wall))",
        )?;
        let values = named_params! {
            ":profile": self.scope.profile,
            ":boot": at.boot,
            ":up": at.uptime_ms,
            ":wall": millis(at.wall),
        };
        Ok(soonest.query_row(values, |row| row.get(0))?)
    }

    fn count_due(&self, kind: &str, at: Moment) -> Result<u64, StoreError> {
        let sql = format!(
            "SELECT count(*) FROM (SELECT 1 FROM outbox WHERE {DUE} AND {kind} LIMIT :most)"
        );
        let counted = self.due(&sql, ENOUGH, at, |row| row.get::<_, i64>(0))?;
        let counted = counted.into_iter().next().transpose()?.unwrap_or(0);
        Ok(u64::try_from(counted).unwrap_or(0))
    }

    /// Runs a statement about what is [`DUE`].
    fn due<T>(
        &self,
        sql: &str,
        most: i64,
        at: Moment,
        read: impl FnMut(&Row<'_>) -> T,
    ) -> Result<Vec<T>, StoreError> {
        let values = named_params! {
            ":profile": self.scope.profile,
            ":boot": at.boot,
            ":up": at.uptime_ms,
            ":wall": millis(at.wall),
            ":longest": LONGEST_WAIT_MS,
            ":most": most,
        };
        self.all(sql, values, read)
    }

    /// Due rows that may share one request: a change alone, or contacts to create with no
    /// number twice, and no more together than the most careful of them allows.
    pub(super) fn pick(
        &self,
        class: Class,
        most: u32,
        at: Moment,
    ) -> Result<Vec<Entry>, StoreError> {
        for kind in CHANGES {
            let mut alone = Batch::new(1);
            self.gather(kind, &mut alone, at)?;
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
            self.gather(kind, &mut together, at)?;
        }
        Ok(together.entries)
    }

    fn gather(&self, kind: &str, together: &mut Batch, at: Moment) -> Result<(), StoreError> {
        let sql = oldest_due(kind);
        let room = i64::try_from(together.room()).unwrap_or(i64::MAX);
        let read = |row: &Row<'_>| (rows::entry(row), row.get("array_cap"));
        for (entry, cap) in self.due(&sql, room, at, read)? {
            match entry {
                Ok(entry) => together.take(entry, cap?),
                Err(damaged) => self.quarantine(&damaged)?,
            }
        }
        Ok(())
    }
}

fn oldest_due(kind: &str) -> String {
    format!("SELECT {} FROM outbox WHERE {DUE} AND {kind} ORDER BY id LIMIT :most", rows::OUTBOX)
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
    use super::*;
    use crate::store::tables::tests::{plan, scratch};

    /// However many rows are settled, who else has a number is looked up by that number.
    #[tokio::test]
    async fn what_is_due_is_found_by_indexes_that_do_not_walk_the_whole_profile() {
        let (_folder, store) = scratch().await;
        let changes = CHANGES.map(|kind| (kind, "outbox_change"));
        let contacts = [FORMS, IMPORTS].concat().into_iter().map(|kind| (kind, "outbox_due"));
        for (kind, index) in changes.into_iter().chain(contacts) {
            let steps = plan(&store, oldest_due(kind)).await;
            let others = steps.iter().find(|step| step.contains("other")).unwrap();
            assert!(others.contains("outbox_number (profile=? AND e164=?)"), "{steps:#?}");
            let rows = steps.iter().find(|step| !step.contains("other")).unwrap();
            assert!(rows.contains(index), "{steps:#?}");
            assert!(!steps.iter().any(|step| step.contains("TEMP B-TREE")), "{steps:#?}");
        }
    }
}
