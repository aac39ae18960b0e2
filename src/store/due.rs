//! What is due: counted for the delivery's plans, and picked for one request.

use rusqlite::{Row, named_params};

use super::{
    Candidates, Class, Facts, Moment, Slot, Store, StoreError,
    rows::{self, Damaged, millis},
    tables::Tables,
};
use crate::submission::{Entry, State, SubmissionId};

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

/// Of so many rows of each kind the company of a request is chosen: several arrays full.
const MOST_CANDIDATES: i64 = 300;

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
            budget_in_ms: allowance.changes_in_ms,
            orphan_in_ms: self.orphan_in_ms(at)?,
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

    /// What one request is to send: a change alone, or the contacts that `choose` takes from
    /// those that are due. A row that cannot be read is put aside on the way.
    pub(super) fn pick(
        &self,
        class: Class,
        choose: impl Fn(&Candidates) -> Vec<SubmissionId>,
        at: Moment,
    ) -> Result<Vec<Entry>, StoreError> {
        for kind in CHANGES {
            let oldest = self.due(&oldest_due(rows::OUTBOX, kind), 1, at, rows::entry)?;
            let change = self.sound(oldest)?;
            if !change.is_empty() {
                return Ok(change);
            }
        }
        loop {
            let chosen = choose(&self.candidates(class, at)?);
            let rows = chosen.iter().map(|id| self.row(*id)).collect::<Result<Vec<_>, _>>()?;
            let entries = self.sound(rows.into_iter().flatten().collect())?;
            if !entries.is_empty() || chosen.is_empty() {
                return Ok(entries);
            }
        }
    }

    fn sound<T>(&self, rows: Vec<Result<T, Damaged>>) -> Result<Vec<T>, StoreError> {
        let mut sound = Vec::with_capacity(rows.len());
        for row in rows {
            match row {
                Ok(row) => sound.push(row),
                Err(damaged) => self.quarantine(&damaged)?,
            }
        }
        Ok(sound)
    }

    fn candidates(&self, class: Class, at: Moment) -> Result<Candidates, StoreError> {
        let kinds = match class {
            Class::Form => FORMS.to_vec(),
            Class::Bulk => [FORMS, IMPORTS].concat(),
        };
        let mut waiting = Vec::new();
        for kind in kinds {
            let rows =
                self.due(&oldest_due(rows::CANDIDATE, kind), MOST_CANDIDATES, at, rows::candidate)?;
            waiting.extend(self.sound(rows)?);
        }
        let under_way = self.all(
            "SELECT DISTINCT suspect_of FROM outbox WHERE profile = ?1 AND state = ?2 \
             AND suspect_of IS NOT NULL",
            [self.scope.profile.as_str(), State::Sending.word()],
            |row| row.get(0).map(Slot),
        )?;
        let under_way = under_way.into_iter().collect::<Result<_, _>>()?;
        Ok(Candidates { waiting, under_way })
    }
}

fn oldest_due(columns: &str, kind: &str) -> String {
    format!("SELECT {columns} FROM outbox WHERE {DUE} AND {kind} ORDER BY id LIMIT :most")
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
            let steps = plan(&store, oldest_due(rows::CANDIDATE, kind)).await;
            let others = steps.iter().find(|step| step.contains("other")).unwrap();
            assert!(others.contains("outbox_number (profile=? AND e164=?)"), "{steps:#?}");
            let rows = steps.iter().find(|step| step.contains("outbox USING")).unwrap();
            let listed = steps.iter().find(|step| step.contains("SEARCH directory")).unwrap();
            assert!(listed.contains("directory_number (profile=? AND e164=?)"), "{steps:#?}");
            assert!(rows.contains(index), "{steps:#?}");
            assert!(!steps.iter().any(|step| step.contains("TEMP B-TREE")), "{steps:#?}");
        }
    }
}
