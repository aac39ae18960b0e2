//! Rows on their way to the database and back: as one JSON text there, as columns back.

use serde::Serialize;
use tokio_postgres::{Row, types::FromSql};

use crate::{
    submission::SubmissionId,
    team::floor::{FloorError, SeatRow},
};

/// The columns of a row, in the order in which [`seat_row`] reads them.
pub(super) const COLUMNS: &str =
    "id, revision, agent, machine, e164, lane, state, due_at, document";

#[derive(Serialize)]
struct Given<'a> {
    id: String,
    revision: i64,
    agent: String,
    machine: String,
    e164: &'a str,
    lane: &'a str,
    state: &'a str,
    due_at: i64,
    document: &'a str,
    look_up: bool,
    said: i64,
}

#[derive(Serialize)]
struct Named {
    id: String,
    revision: i64,
    said: i64,
}

/// Rows as the functions take them, and which word of whoever sends that is.
pub(super) fn given(rows: &[SeatRow], said: i64) -> String {
    let one = |row: &SeatRow| {
        // What a row does not say as JSON itself: the server takes no NUL in a text.
        let plain = |text: &str| text.replace('\0', "");
        serde_json::json!(Given {
            id: row.id.to_string(),
            revision: row.revision,
            agent: plain(&row.agent),
            machine: plain(&row.machine),
            e164: &row.e164,
            lane: &row.lane,
            state: &row.state,
            due_at: row.due_at,
            document: &row.document,
            look_up: row.look_up,
            said,
        })
    };
    rows.iter().map(one).collect::<serde_json::Value>().to_string()
}

/// Rows by id and revision, and which word of whoever sends that is.
pub(super) fn named(rows: &[(SubmissionId, i64)], said: i64) -> String {
    let one = |(id, revision): &(SubmissionId, i64)| {
        serde_json::json!(Named { id: id.to_string(), revision: *revision, said })
    };
    rows.iter().map(one).collect::<serde_json::Value>().to_string()
}

/// Texts as a list.
pub(super) fn list(texts: impl IntoIterator<Item = String>) -> String {
    texts.into_iter().collect::<serde_json::Value>().to_string()
}

/// An id as a column holds it.
pub(super) fn id(text: &str) -> Result<SubmissionId, FloorError> {
    let id = text.parse().map(SubmissionId);
    id.map_err(|_| FloorError::Unexpected(format!("a row is called `{text}`, which is no id")))
}

/// A column as what it must be; anything else was made by another version.
pub(super) fn column<'a, T: FromSql<'a>>(row: &'a Row, at: usize) -> Result<T, FloorError> {
    row.try_get(at).map_err(|_| FloorError::OtherTables)
}

/// A row of the floor.
pub(super) fn seat_row(row: &Row) -> Result<SeatRow, FloorError> {
    Ok(SeatRow {
        id: id(column(row, 0)?)?,
        revision: column(row, 1)?,
        agent: column(row, 2)?,
        machine: column(row, 3)?,
        e164: column(row, 4)?,
        lane: column(row, 5)?,
        state: column(row, 6)?,
        due_at: column(row, 7)?,
        document: column(row, 8)?,
        // Only whoever says so knows it.
        look_up: false,
    })
}
