//! What is due: counted for the delivery's plans, and picked for one request.

use rusqlite::{Row, named_params, params};

use super::{
    Class, Facts, Moment, Store, StoreError,
    rows::{self, millis},
    tables::Tables,
};
use crate::submission::{Entry, Origin, State};

/// How many due rows are counted one by one. Where there are more, the count that is kept of
/// all that wait will do: it only says how full the requests should be.
const COUNTED: u64 = 64;
/// A wait that seems longer than any we ever set (for a contact that is being corrected) comes
/// from a clock that was set back.
const LONGEST_WAIT_MS: i64 = 12 * 3_600_000;

/// The lanes in which rows go out, one behind the other; within one, what is unclear first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lane {
    Change,
    Form,
    Import,
}

impl Lane {
    fn word(self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::Form => rows::origin_word(Origin::Form),
            Self::Import => rows::origin_word(Origin::Import),
        }
    }
}

/// The states that wait, in the order in which they go out.
const WAITING: [State; 2] = [State::Unclear, State::Queued];

/// Whether a row waits for nothing (oldest first), or its time has come (longest ago first).
#[derive(Debug, Clone, Copy)]
enum Ready {
    AtOnce,
    ByNow,
}

/// A statement about rows that may be sent now. Two submissions of one number are never under
/// way together, and the later one waits until the earlier is settled: else neither could be
/// told from the other. Its conditions repeat those of the index that finds them.
fn due(what: &str, ready: Ready) -> String {
    let (when, order) = match ready {
        Ready::AtOnce => ("due_up = 0", "id"),
        Ready::ByNow => ("due_up > 0 AND due_up <= :up", "due_up"),
    };
    let (sending, unclear) = (State::Sending.word(), State::Unclear.word());
    format!(
        "SELECT {what} FROM outbox WHERE estate = :estate AND lane = :lane AND state = :state \
         AND {when} AND look_up = 0 AND settled_at IS NULL AND :up >= 0 \
         AND NOT EXISTS (SELECT 1 FROM outbox AS other WHERE other.estate = :estate \
         AND other.e164 = outbox.e164 AND other.id <> outbox.id AND (other.state = '{sending}' \
         OR (other.state = '{unclear}' AND other.id < outbox.id))) ORDER BY {order} LIMIT :most"
    )
}

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
        Ok(Facts {
            forms_due: self.count_due(Lane::Change, at)? + self.count_due(Lane::Form, at)?,
            imports_due: self.count_due(Lane::Import, at)?,
            lookups_due: self.count(
                "SELECT count(*) FROM (SELECT 1 FROM outbox WHERE estate = ?1 AND look_up = 1 \
                 AND state IN (?2, ?3) LIMIT ?4)",
                params![
                    self.estate,
                    State::Unclear.word(),
                    State::Duplicate.word(),
                    i64::try_from(COUNTED).unwrap_or(i64::MAX)
                ],
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

    /// How many of the lane are due: to the row while they are few.
    fn count_due(&self, lane: Lane, at: Moment) -> Result<u64, StoreError> {
        let mut counted = 0;
        for state in WAITING {
            for ready in [Ready::ByNow, Ready::AtOnce] {
                let rows = self.due(&due("1", ready), lane, state, COUNTED, at, |_| ())?;
                counted += u64::try_from(rows.len()).unwrap_or(u64::MAX);
                if counted >= COUNTED {
                    return Ok(counted.max(self.waiting_in(lane)?));
                }
            }
        }
        Ok(counted)
    }

    /// How many wait in the lane, due or not, by the counts that are kept.
    fn waiting_in(&self, lane: Lane) -> Result<u64, StoreError> {
        if lane == Lane::Change {
            return Ok(0);
        }
        self.count(
            "SELECT coalesce(sum(count), 0) FROM tally \
             WHERE estate = ?1 AND origin = ?2 AND state IN (?3, ?4)",
            params![self.estate, lane.word(), State::Queued.word(), State::Unclear.word()],
        )
    }

    fn next_due_in_ms(&self, at: Moment) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT min(due_up) FROM outbox WHERE estate = ?1 AND lane = ?2 AND state = ?3 \
                   AND due_up > 0 AND due_up > ?4 AND look_up = 0 AND settled_at IS NULL";
        let mut soonest = self.db.prepare_cached(sql)?;
        let mut waits = Vec::new();
        for lane in [Lane::Change, Lane::Form, Lane::Import] {
            for state in WAITING {
                let values = params![self.estate, lane.word(), state.word(), at.uptime_ms];
                let due_up: Option<i64> = soonest.query_row(values, |row| row.get(0))?;
                waits.extend(due_up.map(|due_up| due_up - at.uptime_ms));
            }
        }
        Ok(waits.into_iter().min())
    }

    /// Waits that were counted from another start of the machine count from this one, by the
    /// wall clock.
    pub(super) fn mend_waits(&self, at: Moment) -> Result<(), StoreError> {
        self.execute(
            "UPDATE outbox SET due_boot = ?1, \
             due_up = CASE WHEN due_at > ?3 AND due_at <= ?3 + ?4 THEN ?2 + due_at - ?3 ELSE 0 END \
             WHERE due_up > 0 AND look_up = 0 AND settled_at IS NULL \
             AND (due_boot <> ?1 OR due_up > ?2 + ?4)",
            params![at.boot, at.uptime_ms, millis(at.wall), LONGEST_WAIT_MS],
        )?;
        Ok(())
    }

    /// Runs a statement about what is [`due`].
    fn due<T>(
        &self,
        sql: &str,
        lane: Lane,
        state: State,
        most: u64,
        at: Moment,
        read: impl FnMut(&Row<'_>) -> T,
    ) -> Result<Vec<T>, StoreError> {
        let values = named_params! {
            ":estate": self.estate,
            ":lane": lane.word(),
            ":state": state.word(),
            ":up": at.uptime_ms,
            ":most": i64::try_from(most).unwrap_or(i64::MAX),
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
        let mut alone = Batch::new(1);
        self.gather(Lane::Change, &mut alone, at)?;
        if !alone.entries.is_empty() {
            return Ok(alone.entries);
        }
        let mut together = Batch::new(most);
        self.gather(Lane::Form, &mut together, at)?;
        if class == Class::Bulk {
            self.gather(Lane::Import, &mut together, at)?;
        }
        Ok(together.entries)
    }

    fn gather(&self, lane: Lane, together: &mut Batch, at: Moment) -> Result<(), StoreError> {
        let read = |row: &Row<'_>| (rows::entry(row), row.get::<_, Option<i64>>("array_cap"));
        for state in WAITING {
            let room = u64::try_from(together.room()).unwrap_or(u64::MAX);
            let mut found = Vec::new();
            for ready in [Ready::AtOnce, Ready::ByNow] {
                for (entry, cap) in
                    self.due(&due(rows::OUTBOX, ready), lane, state, room, at, read)?
                {
                    match entry {
                        Ok(entry) => found.push((entry, cap?)),
                        Err(damaged) => self.quarantine(&damaged)?,
                    }
                }
            }
            found.sort_by_key(|(entry, _)| entry.submission.id);
            for (entry, cap) in found {
                together.take(entry, cap);
            }
        }
        Ok(())
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
    use super::*;
    use crate::store::tables::tests::{plan, scratch};

    /// However many rows are settled, or wait, who else has a number is looked up by that number.
    #[tokio::test]
    async fn what_is_due_is_found_by_indexes_that_do_not_walk_the_whole_estate() {
        let (_folder, store) = scratch().await;
        let indexes = [
            (Ready::AtOnce, "outbox_ready (estate=? AND lane=? AND state=?)"),
            (
                Ready::ByNow,
                "outbox_timed (estate=? AND lane=? AND state=? AND due_up>? AND due_up<?)",
            ),
        ];
        for (ready, index) in indexes {
            for what in [rows::OUTBOX, "1"] {
                let steps = plan(&store, due(what, ready)).await;
                let others = steps.iter().find(|step| step.contains("other")).unwrap();
                assert!(others.contains("outbox_number (estate=? AND e164=?)"), "{steps:#?}");
                let rows = steps.iter().find(|step| !step.contains("other")).unwrap();
                assert!(rows.contains(index), "{steps:#?}");
                assert!(!steps.iter().any(|step| step.contains("TEMP B-TREE")), "{steps:#?}");
            }
        }
    }
}
