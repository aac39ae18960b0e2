//! What is due: counted for the delivery's plans, and picked for one request.

use rusqlite::{Row, named_params, params};

use super::{
    Candidate, Candidates, Class, Facts, Moment, Slot, Store, StoreError, Wanted, results,
    rows::{self, Damaged, millis},
    tables::Tables,
};
use crate::submission::{Entry, Origin, State, SubmissionId};

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

/// Of so many rows of each kind the company of a request is chosen: several arrays full.
const MOST_CANDIDATES: u64 = 300;

impl Store {
    /// What is due and what the limit allows.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn facts(&self, at: Moment) -> Result<Facts, StoreError> {
        self.glance(move |tables| tables.facts(at)).await
    }
}

impl Tables<'_> {
    fn facts(&self, at: Moment) -> Result<Facts, StoreError> {
        let allowance = self.allowance(&self.spent(at)?, at);
        Ok(Facts {
            counts: results::counts(&self.tallies()?),
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
            forms_gather_ms: allowance.gathers_ms,
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
            "UPDATE outbox INDEXED BY outbox_timed SET due_boot = ?1, \
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

    /// What one request is to send: a change alone, or the contacts that `choose` takes from
    /// those that are due. A row that cannot be read is put aside on the way.
    pub(super) fn pick(
        &self,
        wanted: Wanted,
        choose: impl Fn(&Candidates) -> Vec<SubmissionId>,
        at: Moment,
    ) -> Result<Vec<Entry>, StoreError> {
        let mut changes = self.gather(rows::OUTBOX, Lane::Change, 1, at, rows::entry)?;
        if !changes.is_empty() {
            changes.truncate(1);
            return Ok(changes);
        }
        loop {
            let chosen = choose(&self.candidates(wanted, at)?);
            let rows = chosen.iter().map(|id| self.row(*id)).collect::<Result<Vec<_>, _>>()?;
            let entries = self.sound(rows.into_iter().flatten().collect())?;
            if !entries.is_empty() || chosen.is_empty() {
                return Ok(entries);
            }
        }
    }

    /// Due rows of a lane, those that are unclear first, then oldest first.
    fn gather<T>(
        &self,
        columns: &str,
        lane: Lane,
        most: u64,
        at: Moment,
        read: fn(&Row<'_>) -> Result<T, Damaged>,
    ) -> Result<Vec<T>, StoreError> {
        let id = |row: &Row<'_>| row.get::<_, String>("id").unwrap_or_default();
        let mut gathered = Vec::new();
        for state in WAITING {
            let mut found = Vec::new();
            for ready in [Ready::AtOnce, Ready::ByNow] {
                let both = |row: &Row<'_>| read(row).map(|it| (id(row), it));
                let rows = self.due(&due(columns, ready), lane, state, most, at, both)?;
                found.extend(self.sound(rows)?);
            }
            // Ids sort by the time they were made.
            found.sort_by(|(one, _), (other, _)| one.cmp(other));
            gathered.extend(found.into_iter().map(|(_, row)| row));
        }
        Ok(gathered)
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

    fn candidates(&self, wanted: Wanted, at: Moment) -> Result<Candidates, StoreError> {
        // Some of them are passed over: numbers that are listed, or twice among them.
        let few = (2 * u64::from(wanted.contacts) + 16).min(MOST_CANDIDATES);
        let mut waiting = self.waiting(wanted.class, few, at)?;
        if waiting.iter().any(|row| row.suspect_of.is_some() || row.refused_at.is_some()) {
            // How many suspects there are decides how many of them are asked for.
            waiting = self.waiting(wanted.class, MOST_CANDIDATES, at)?;
        }
        // One whose own matter it is that requests for it are refused holds up no other: those
        // go last, and of them first who was not tried for the longest time.
        waiting.sort_by_key(|row| row.refused_at);
        let under_way = self.all(
            "SELECT DISTINCT suspect_of FROM outbox WHERE estate = ?1 AND state = ?2 \
             AND suspect_of IS NOT NULL",
            params![self.estate, State::Sending.word()],
            |row| row.get(0).map(Slot),
        )?;
        let under_way = under_way.into_iter().collect::<Result<_, _>>()?;
        Ok(Candidates { waiting, under_way })
    }

    fn waiting(&self, class: Class, most: u64, at: Moment) -> Result<Vec<Candidate>, StoreError> {
        let lanes: &[Lane] = match class {
            Class::Form => &[Lane::Form],
            Class::Bulk => &[Lane::Form, Lane::Import],
        };
        let mut waiting = Vec::new();
        for lane in lanes {
            waiting.extend(self.gather(rows::CANDIDATE, *lane, most, at, rows::candidate)?);
        }
        Ok(waiting)
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
            for what in [rows::OUTBOX, rows::CANDIDATE, "1"] {
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
