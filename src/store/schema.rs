//! Which tables the file has, and how it gets those it lacks. Each step is one
//! transaction that also writes its number, so a kill in the middle leaves the step
//! undone and running it twice does nothing. A shipped step is never edited.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::{
    StoreError,
    engine::{count_commit, open_error},
    file::{StoreFile, shown},
};

/// Every step, oldest first; the version of a store is how many it has.
const STEPS: &[&str] = &[
    include_str!("../../assets/migrations/0001_outbox.sql"),
    include_str!("../../assets/migrations/0002_changes.sql"),
    include_str!("../../assets/migrations/0003_limits.sql"),
];

/// Refuses a database that is somebody else's, or a newer rolodesk's, before anything in it
/// is changed.
pub(super) fn refuse_strangers(
    connection: &Connection,
    file: &StoreFile,
) -> Result<(), StoreError> {
    version(connection, file.path()).map(|_| ())
}

/// Brings the store to this program's version.
pub(super) fn upgrade(connection: &mut Connection, file: &StoreFile) -> Result<(), StoreError> {
    let told = |error| open_error(file.path(), error);
    loop {
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(told)?;
        let version = version(&transaction, file.path())?;
        let Some(step) = STEPS.get(version) else { return Ok(()) };
        if version == 0 {
            transaction
                .execute_batch("CREATE TABLE rolodesk_schema (version BIGINT NOT NULL)")
                .map_err(told)?;
        }
        transaction.execute_batch(step).map_err(told)?;
        transaction.execute("DELETE FROM rolodesk_schema", []).map_err(told)?;
        transaction
            .execute(
                "INSERT INTO rolodesk_schema (version) VALUES (?1)",
                [i64::try_from(version + 1).unwrap_or(i64::MAX)],
            )
            .map_err(told)?;
        count_commit(&transaction).map_err(told)?;
        transaction.commit().map_err(told)?;
    }
}

/// The steps the store already has.
fn version(connection: &Connection, path: &Path) -> Result<usize, StoreError> {
    let told = |error| open_error(path, error);
    let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let tables = "SELECT count(*) FROM sqlite_master WHERE type = 'table'";
    if count(tables).map_err(told)? == 0 {
        return Ok(0);
    }
    let ours = format!("{tables} AND name = 'rolodesk_schema'");
    if count(&ours).map_err(told)? == 0 {
        let reason = "it is another program's database; it was left as it is".to_owned();
        return Err(StoreError::Open { path: shown(path), reason });
    }
    let version = count("SELECT coalesce(max(version), 0) FROM rolodesk_schema").map_err(told)?;
    let version = usize::try_from(version).unwrap_or(0);
    if version > STEPS.len() {
        return Err(StoreError::Newer { path: shown(path) });
    }
    Ok(version)
}
