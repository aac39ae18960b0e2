//! Rows on their way to a store that a floor shares, and back: each is one document, all its
//! columns and attempts, which nobody but a store looks into.
//!
//! A row that was handed over is the floor's to send: it lies in no lane of ours until its
//! agent does something to it, which makes it a later revision that is handed over anew.

use jiff::Timestamp;
use rusqlite::{
    params, params_from_iter,
    types::{Value as SqlValue, ValueRef},
};
use serde_json::{Map, Value};

use super::{
    Moment, RequestEnd, Slot, Store, StoreError,
    rows::{self, millis},
    search::line,
    tables::Tables,
};
use crate::submission::{Entry, State, SubmissionId};

/// Rows that are read or written at once.
const MOST: u32 = 500;
/// The columns that travel. Who may send a row and since when stays behind.
const COLUMNS: [&str; 28] = [
    "id",
    "agent",
    "machine",
    "corrects",
    "origin",
    "salutation",
    "first_name",
    "last_name",
    "region",
    "calling_code",
    "national",
    "extension",
    "e164",
    "folded",
    "submitted_at",
    "task",
    "target",
    "state",
    "reason",
    "remark",
    "platform_id",
    "owners",
    "due_at",
    "look_up",
    "array_cap",
    "attempts",
    "settled_at",
    "written",
];
/// Where these stand among them.
const STATE: usize = 17;
const DUE_AT: usize = 22;
const ATTEMPT_COLUMNS: [&str; 6] = ["number", "verb", "started_at", "ended_at", "outcome", "known"];

/// A row and what a floor goes by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedRow {
    /// Which one.
    pub id: SubmissionId,
    /// Grows with each thing its agent does to it.
    pub revision: i64,
    /// Who typed it.
    pub agent: String,
    /// Where.
    pub machine: String,
    /// Its number.
    pub e164: String,
    /// form, import or change.
    pub lane: String,
    /// As [`State`] is stored.
    pub state: String,
    /// When it may be sent, in milliseconds since 1970; 0 is at once.
    pub due_at: i64,
    /// All of it.
    pub document: String,
    /// Settled, but more may be said of it once the platform's list was read.
    pub look_up: bool,
    /// Since when whoever sent it may have had a request under way that it told nobody of.
    pub sent_since: Option<Timestamp>,
}

impl Store {
    /// Rows that wait to be handed over, oldest first; a row that is being corrected is not
    /// among them before its time.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn to_hand_over(&self, at: Moment) -> Result<Vec<SharedRow>, StoreError> {
        self.read(move |tables| {
            let sql = "SELECT id FROM outbox WHERE estate = ?1 AND settled_at IS NULL \
                       AND handed_at IS NULL AND due_at <= ?2 ORDER BY id LIMIT ?3";
            let ids = tables.ids(sql, params![tables.estate, millis(at.wall), MOST])?;
            tables.shared(&ids)
        })
        .await
    }

    /// Rows that the floor has and of which more is to be heard, oldest first, and the revisions
    /// it has them at.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn handed_over(&self) -> Result<Vec<(SubmissionId, i64)>, StoreError> {
        self.read(|tables| {
            let sql = "SELECT id, revision FROM outbox WHERE estate = ?1 AND settled_at IS NULL \
                       AND handed_at IS NOT NULL ORDER BY id LIMIT ?2";
            let mut rows = tables.revisions(sql)?;
            let sql = "SELECT id, revision FROM outbox WHERE estate = ?1 AND look_up = 1 \
                       AND settled_at IS NOT NULL AND handed_at IS NOT NULL ORDER BY id LIMIT ?2";
            rows.extend(tables.revisions(sql)?);
            Ok(rows)
        })
        .await
    }

    /// What these documents say of rows, to be looked at; nothing is stored. One that cannot be
    /// read is left out.
    ///
    /// # Errors
    /// When the store cannot be asked.
    pub async fn shown(&self, rows: Vec<SharedRow>) -> Result<Vec<Entry>, StoreError> {
        self.read(move |tables| {
            let columns = COLUMNS.map(|name| match name {
                // Its state as a floor goes by it, which is newer.
                "state" => "?2 AS state".to_owned(),
                name => format!("json_extract(?1, '$.row.{name}') AS {name}"),
            });
            let sql = format!("SELECT {}", columns.join(", "));
            let mut shown = Vec::with_capacity(rows.len());
            for row in rows {
                let entry = tables.first(&sql, params![row.document, row.state], rows::entry);
                match entry {
                    Ok(Some(Ok(entry))) => shown.push(entry),
                    Ok(Some(Err(_)) | None) | Err(_) => {
                        tracing::error!(id = %row.id, "a row of the floor cannot be read");
                    }
                }
            }
            Ok(shown)
        })
        .await
    }

    /// These rows as they are now; those that are gone are left out.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn shared(&self, ids: &[SubmissionId]) -> Result<Vec<SharedRow>, StoreError> {
        let ids = ids.to_vec();
        self.read(move |tables| tables.shared(&ids)).await
    }

    /// The floor has these rows at these revisions; of one that its agent changed meanwhile it
    /// has an older one.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn mark_handed(
        &self,
        rows: &[(SubmissionId, i64)],
        at: Moment,
    ) -> Result<(), StoreError> {
        let rows = rows.to_vec();
        self.write(move |tables| {
            for (id, revision) in rows {
                tables.execute(
                    "UPDATE outbox SET handed_at = ?1 WHERE id = ?2 AND revision = ?3",
                    params![millis(at.wall), id.to_string(), revision],
                )?;
            }
            Ok(())
        })
        .await
    }

    /// The floor does not have these rows: they are offered again.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn offer_again(&self, ids: &[SubmissionId]) -> Result<(), StoreError> {
        let ids = ids.to_vec();
        self.write(move |tables| {
            for id in ids {
                tables.execute(
                    "UPDATE outbox SET handed_at = NULL WHERE id = ?1",
                    [id.to_string()],
                )?;
            }
            Ok(())
        })
        .await
    }

    /// The agent did something to the row: it is ours until that is handed over.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn revise(&self, id: SubmissionId) -> Result<(), StoreError> {
        self.write(move |tables| tables.revise(id)).await
    }

    /// Takes rows back from the floor, which sends them no more: they are ours as they were
    /// there, with all that was tried. The rows that are others now.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn take_back(
        &self,
        rows: &[SharedRow],
        at: Moment,
    ) -> Result<Vec<Entry>, StoreError> {
        let rows = rows.to_vec();
        self.write(move |tables| {
            let mut changed = Vec::new();
            for row in rows {
                let ours = tables
                    .handed(row.id)?
                    .filter(|ours| ours.revision == row.revision && !ours.is_settled);
                // The floor's own word for it is none of a row's.
                let state = told_state(&row.document).filter(|_| ours.is_some());
                let Some(state) = state else { continue };
                if tables.take(&SharedRow { state, ..row.clone() }, Some(at))? {
                    tables.revise(row.id)?;
                    changed.extend(tables.entry(row.id)?);
                }
            }
            Ok(changed)
        })
        .await
    }

    /// Whether the floor has the row at its present revision, which that is.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn handed_revision(&self, id: SubmissionId) -> Result<Option<i64>, StoreError> {
        self.read(move |tables| {
            let handed = tables.handed(id)?.filter(|it| !it.is_settled);
            Ok(handed.map(|it| it.revision))
        })
        .await
    }

    /// What the floor says of rows that were handed over, at the revision that was; the rows
    /// that are others now.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn take_mirrored(
        &self,
        rows: &[SharedRow],
        at: Moment,
    ) -> Result<Vec<Entry>, StoreError> {
        let rows = rows.to_vec();
        self.write(move |tables| {
            let mut changed = Vec::new();
            for row in rows {
                let is_news = |ours: &HandedRow| {
                    ours.revision == row.revision
                        && (!ours.is_settled || says_more(&ours.state, &row.state))
                };
                let is_news = tables.handed(row.id)?.as_ref().is_some_and(is_news);
                if is_news && tables.take(&row, Some(at))? {
                    changed.extend(tables.as_seen_here(row.id, at)?);
                }
            }
            Ok(changed)
        })
        .await
    }

    /// Takes rows of others in, to be sent from here. What was being sent when its sender went
    /// away may have arrived. The answer is those whose documents cannot be read, which hold up
    /// none of the others.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn adopt(&self, rows: &[SharedRow]) -> Result<Vec<SubmissionId>, StoreError> {
        let rows = rows.to_vec();
        self.write(move |tables| {
            let mut unreadable = Vec::new();
            for row in &rows {
                if !tables.take_readable(row)? {
                    unreadable.push(row.id);
                }
            }
            Ok(unreadable)
        })
        .await
    }

    /// Lets go of rows, without a trace; the answer is those that are kept for now. While
    /// others with a number are to be settled, what was created with it is not forgotten.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn let_go(&self, ids: &[SubmissionId]) -> Result<Vec<SubmissionId>, StoreError> {
        let ids = ids.to_vec();
        self.write(move |tables| {
            let sql = "SELECT 1 FROM outbox AS created JOIN outbox AS other \
                       ON other.estate = created.estate AND other.e164 = created.e164 \
                       WHERE created.id = ?1 AND created.state = ?2 AND other.id <> created.id \
                       AND (other.settled_at IS NULL OR other.look_up = 1)";
            let mut kept = Vec::new();
            for id in ids {
                let values = params![id.to_string(), State::Created.word()];
                if tables.first(sql, values, |_| ())?.is_some() {
                    kept.push(id);
                } else {
                    tables.forget(id)?;
                }
            }
            Ok(kept)
        })
        .await
    }

    /// Counts a request that somebody else made: its class, how long ago it began and was over,
    /// in milliseconds, and whether the limit refused it.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn count_past_request(
        &self,
        (class, age_ms, over_age_ms, refused): (super::Class, i64, Option<i64>, bool),
        at: Moment,
    ) -> Result<(), StoreError> {
        let then = move |age_ms: i64| Moment {
            wall: rows::timestamp(millis(at.wall) - age_ms).unwrap_or(at.wall),
            uptime_ms: at.uptime_ms - age_ms,
            ..at
        };
        self.write(move |tables| {
            let slot: Slot = tables.put_request(class, then(age_ms))?;
            if let Some(age_ms) = over_age_ms {
                let end = if refused { RequestEnd::Refused(None) } else { RequestEnd::Through };
                tables.finish_request(slot, end, then(age_ms))?;
            }
            Ok(())
        })
        .await
    }

    /// Everybody on the account waits for so many milliseconds.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn hold_requests(&self, ms: i64, at: Moment) -> Result<(), StoreError> {
        self.write(move |tables| tables.wait(ms, at)).await
    }
}

/// A row that was handed over, as it stands here.
pub(super) struct HandedRow {
    revision: i64,
    state: String,
    pub(super) is_settled: bool,
}

impl Tables<'_> {
    /// The row is ours, at a later revision, until that is handed over.
    pub(super) fn revise(&self, id: SubmissionId) -> Result<(), StoreError> {
        self.execute(
            "UPDATE outbox SET handed_at = NULL, revision = revision + 1 WHERE id = ?1",
            [id.to_string()],
        )?;
        Ok(())
    }

    pub(super) fn handed(&self, id: SubmissionId) -> Result<Option<HandedRow>, StoreError> {
        let sql = "SELECT revision, state, settled_at IS NOT NULL AS is_settled FROM outbox \
                   WHERE id = ?1 AND estate = ?2 AND handed_at IS NOT NULL";
        let read = |row: &rusqlite::Row<'_>| {
            Ok::<_, rusqlite::Error>(HandedRow {
                revision: row.get("revision")?,
                state: row.get("state")?,
                is_settled: row.get("is_settled")?,
            })
        };
        Ok(self.first(sql, params![id.to_string(), self.estate], read)?.transpose()?)
    }

    fn ids(
        &self,
        sql: &str,
        values: impl rusqlite::Params,
    ) -> Result<Vec<SubmissionId>, StoreError> {
        let ids = self.all(sql, values, |row| row.get::<_, String>(0))?;
        let read = |id: Result<String, _>| uuid::Uuid::parse_str(&id.ok()?).ok().map(SubmissionId);
        Ok(ids.into_iter().filter_map(read).collect())
    }

    fn revisions(&self, sql: &str) -> Result<Vec<(SubmissionId, i64)>, StoreError> {
        let read = |row: &rusqlite::Row<'_>| {
            Ok::<_, rusqlite::Error>((row.get::<_, String>("id")?, row.get("revision")?))
        };
        let rows = self.all(sql, params![self.estate, MOST], read)?;
        let id = |row: Result<(String, i64), _>| {
            let (id, revision) = row.ok()?;
            Some((SubmissionId(uuid::Uuid::parse_str(&id).ok()?), revision))
        };
        Ok(rows.into_iter().filter_map(id).collect())
    }

    fn shared(&self, ids: &[SubmissionId]) -> Result<Vec<SharedRow>, StoreError> {
        let mut shared = Vec::with_capacity(ids.len());
        for id in ids {
            shared.extend(self.shared_row(*id)?);
        }
        Ok(shared)
    }

    fn shared_row(&self, id: SubmissionId) -> Result<Option<SharedRow>, StoreError> {
        let sql = format!(
            "SELECT {}, revision, CASE task WHEN 'create' THEN origin ELSE 'change' END AS of_lane \
             FROM outbox WHERE id = ?1",
            COLUMNS.join(", ")
        );
        let text = id.to_string();
        let read = |row: &rusqlite::Row<'_>| {
            let columns = values(row, &COLUMNS)?;
            Ok::<_, rusqlite::Error>((columns, row.get("revision")?, row.get("of_lane")?))
        };
        let found = self.first(&sql, [&text], read)?.transpose()?;
        let Some((columns, revision, lane)) = found else { return Ok(None) };
        let sql = format!(
            "SELECT {} FROM attempt WHERE submission = ?1 ORDER BY number",
            ATTEMPT_COLUMNS.join(", ")
        );
        let attempts = self.all(&sql, [&text], |row| values(row, &ATTEMPT_COLUMNS))?;
        let attempts: Vec<_> = attempts.into_iter().collect::<Result<_, _>>()?;
        let part = |name: &str| columns[name].as_str().unwrap_or_default().to_owned();
        Ok(Some(SharedRow {
            id,
            revision,
            agent: part("agent"),
            machine: part("machine"),
            e164: part("e164"),
            lane,
            state: part("state"),
            due_at: columns["due_at"].as_i64().unwrap_or(0),
            look_up: columns["look_up"].as_i64() == Some(1) && !columns["settled_at"].is_null(),
            document: serde_json::json!({ "row": columns, "attempts": attempts }).to_string(),
            sent_since: None,
        }))
    }

    /// The row that was just taken. A floor that lost what it knew of another row of ours may take
    /// that one's contact for this one's.
    fn as_seen_here(&self, id: SubmissionId, at: Moment) -> Result<Option<Entry>, StoreError> {
        let Some(entry) = self.entry(id)? else { return Ok(None) };
        let status = self.as_anothers(&entry, &entry.status)?;
        if status == entry.status {
            return Ok(Some(entry));
        }
        self.set_status(&entry, &status, false, at)?;
        self.entry(id)
    }

    /// As [`Self::take`] of others' rows; what the tables do not take leaves no trace.
    fn take_readable(&self, row: &SharedRow) -> Result<bool, StoreError> {
        self.db.execute_batch("SAVEPOINT one_row")?;
        let taken = match self.take(row, None) {
            Err(StoreError::Read { reason }) => {
                tracing::error!(id = %row.id, %reason, "a row of the floor cannot be read");
                self.db.execute_batch("ROLLBACK TO one_row")?;
                Ok(false)
            }
            taken => taken,
        };
        self.db.execute_batch("RELEASE one_row")?;
        taken
    }

    /// Puts a document in the place of the row, with the time it was handed over if it still
    /// is; false when it is none.
    fn take(&self, row: &SharedRow, handed: Option<Moment>) -> Result<bool, StoreError> {
        let Ok(Value::Object(document)) = serde_json::from_str(&row.document) else {
            tracing::error!(id = %row.id, "a row of the floor cannot be read");
            return Ok(false);
        };
        let (Some(columns), Some(attempts)) = (
            document.get("row").and_then(Value::as_object),
            document.get("attempts").and_then(Value::as_array),
        ) else {
            return Ok(false);
        };
        self.forget(row.id)?;
        let sending = row.state == State::Sending.word();
        let mut put: Vec<SqlValue> =
            COLUMNS.iter().map(|name| sql_value(columns.get(*name))).collect();
        put[STATE] = SqlValue::Text(row.state.clone());
        if handed.is_none() {
            // A wait by another machine's clock is over: the floor went by its own.
            put[DUE_AT] = SqlValue::Integer(0);
        }
        put.extend([
            SqlValue::Integer(self.estate),
            SqlValue::Integer(row.revision),
            handed.map_or(SqlValue::Null, |at| SqlValue::Integer(millis(at.wall))),
            // A wait that was counted elsewhere is over here.
            SqlValue::Integer(0),
            // Nobody who claims it is alive here.
            if sending { SqlValue::Text(String::new()) } else { SqlValue::Null },
        ]);
        let marks: Vec<_> = (1..=put.len()).map(|number| format!("?{number}")).collect();
        let sql = format!(
            "INSERT INTO outbox ({}, estate, revision, handed_at, due_up, worker, due_boot, \
             lease_boot, lease_up) VALUES ({}, 0, 0, 0)",
            COLUMNS.join(", "),
            marks.join(", ")
        );
        self.execute(&sql, params_from_iter(put))?;
        for attempt in attempts.iter().filter_map(Value::as_object) {
            let mut put: Vec<_> =
                ATTEMPT_COLUMNS.iter().map(|name| sql_value(attempt.get(*name))).collect();
            put.push(SqlValue::Text(row.id.to_string()));
            self.execute(
                &format!(
                    "INSERT INTO attempt ({}, submission) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                    ATTEMPT_COLUMNS.join(", ")
                ),
                params_from_iter(put),
            )?;
        }
        if sending && handed.is_none() {
            // Whoever sent it went away with what it knew of that request: it may have been
            // under way at any time since then, or since the row was typed.
            self.execute(
                "INSERT INTO attempt (submission, number, verb, started_at) \
                 SELECT id, attempts + 1, task, coalesce(?2, submitted_at) FROM outbox \
                 WHERE id = ?1",
                params![row.id.to_string(), row.sent_since.map(millis)],
            )?;
            self.execute(
                "UPDATE outbox SET attempts = attempts + 1 WHERE id = ?1",
                [row.id.to_string()],
            )?;
        }
        let part = |name: &str| columns.get(name).and_then(Value::as_str).unwrap_or_default();
        self.tally(&row.state, part("origin"), 1)?;
        self.index(vec![(row.id, line(part("folded"), part("e164")))])?;
        Ok(true)
    }
}

/// The state that a document itself tells.
fn told_state(document: &str) -> Option<String> {
    let document: Value = serde_json::from_str(document).ok()?;
    let state = document.get("row")?.get("state")?.as_str()?;
    State::from_word(state).map(|state| state.word().to_owned())
}

/// Whether what a floor says of a settled row is more than what was known: a floor that was
/// restored says less. The list may name an owner later on, or show that it is our own.
fn says_more(ours: &str, theirs: &str) -> bool {
    let [created, duplicate] = [State::Created, State::Duplicate].map(State::word);
    let is_on_platform = [created, State::Deleted.word()].contains(&ours);
    (theirs == created && !is_on_platform) || (ours == duplicate && theirs == duplicate)
}

fn values(
    row: &rusqlite::Row<'_>,
    columns: &[&str],
) -> Result<Map<String, Value>, rusqlite::Error> {
    let one = |name: &&str| {
        let value = match row.get_ref(*name)? {
            ValueRef::Integer(number) => Value::from(number),
            ValueRef::Text(text) => Value::from(String::from_utf8_lossy(text).into_owned()),
            ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => Value::Null,
        };
        Ok(((*name).to_owned(), value))
    };
    columns.iter().map(one).collect()
}

fn sql_value(value: Option<&Value>) -> SqlValue {
    match value {
        Some(Value::String(text)) => SqlValue::Text(text.clone()),
        Some(Value::Number(number)) => number.as_i64().map_or(SqlValue::Null, SqlValue::Integer),
        Some(Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) | None => {
            SqlValue::Null
        }
    }
}
