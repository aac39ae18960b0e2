//! Which tables the file has, and how it gets those it lacks. Each step is one
//! transaction that also writes its number, so a kill in the middle leaves the step
//! undone and running it twice does nothing. A shipped step is never edited.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior};

use super::{
    StoreError,
    engine::{self, open_error},
};

/// Every step, oldest first; the version of a store is how many it has.
const STEPS: &[&str] = &[
    include_str!("../../assets/migrations/0001_outbox.sql"),
    include_str!("../../assets/migrations/0002_changes.sql"),
    include_str!("../../assets/migrations/0003_limits.sql"),
];

/// Brings the store to this program's version.
pub(super) fn upgrade(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let told = |error| open_error(path, error);
    let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    loop {
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(told)?;
        let version = version(&transaction, path)?;
        if version > known {
            return Err(StoreError::Newer { path: engine::shown(path) });
        }
        let step = usize::try_from(version).ok().and_then(|version| STEPS.get(version));
        let Some(step) = step else { return Ok(()) };
        transaction.execute_batch(step).map_err(told)?;
        transaction.execute("DELETE FROM rolodesk_schema", []).map_err(told)?;
        transaction
            .execute("INSERT INTO rolodesk_schema (version) VALUES (?1)", [version + 1])
            .map_err(told)?;
        transaction.commit().map_err(told)?;
    }
}

/// The steps the store already has; a database that is somebody else's is refused.
fn version(transaction: &Transaction<'_>, path: &Path) -> Result<i64, StoreError> {
    let told = |error| open_error(path, error);
    let mut tables =
        transaction.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").map_err(told)?;
    let names: Vec<String> = tables
        .query_map([], |row| row.get(0))
        .map_err(told)?
        .collect::<Result<_, _>>()
        .map_err(told)?;
    if names.is_empty() {
        transaction
            .execute_batch("CREATE TABLE rolodesk_schema (version BIGINT NOT NULL)")
            .map_err(told)?;
        return Ok(0);
    }
    if !names.iter().any(|name| name == "rolodesk_schema") {
        let reason = "it is another program's database; it was left as it is".to_owned();
        return Err(StoreError::Open { path: engine::shown(path), reason });
    }
    let version = transaction
        .query_row("SELECT max(version) FROM rolodesk_schema", [], |row| {
            row.get::<_, Option<i64>>(0)
        })
        .optional()
        .map_err(told)?;
    Ok(version.flatten().unwrap_or(0))
}
