//! Which tables the file has. A new store gets them at once; one of the versions before is
//! carried over in one transaction that also writes its number, after a copy was laid beside
//! it: a kill in the middle leaves the old tables, and doing it twice does nothing.

use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};
use uuid::Uuid;

use super::{
    Scope, StoreError,
    engine::{NOT_OURS, copy_whole, count_commit, open_error},
    file::{StoreFile, shown},
    tables::Tables,
};

/// The version of these tables.
const VERSION: i64 = 3;
const TABLES: &str = include_str!("../../assets/migrations/tables.sql");
/// What version 2 added to version 1.
const FROM_1: &str = include_str!("../../assets/migrations/from_1.sql");
const SET_ASIDE_2: &str = include_str!("../../assets/migrations/set_aside_2.sql");
const MEND_2: &str = include_str!("../../assets/migrations/mend_2.sql");
const CARRY_OVER_2: &str = include_str!("../../assets/migrations/carry_over_2.sql");
/// What the copy is called that a store of the versions before is kept as.
const COPY: &str = ".before-2";

/// Refuses a database that is somebody else's, or a newer rolodesk's, before anything in it
/// is changed.
pub(super) fn refuse_strangers(
    connection: &Connection,
    file: &StoreFile,
) -> Result<(), StoreError> {
    version(connection, file).map(|_| ())
}

/// Brings the store to this program's version.
pub(super) fn upgrade(
    connection: &mut Connection,
    file: &StoreFile,
    scope: &Scope,
) -> Result<(), StoreError> {
    let told = |error| open_error(file.path(), error);
    if (1..VERSION).contains(&version(connection, file)?) {
        keep_copy(connection, file)?;
    }
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(told)?;
    match version(&transaction, file)? {
        VERSION => return Ok(()),
        0 => make(&transaction).map_err(told)?,
        older => {
            carry_over(&transaction, older, scope).map_err(|error| error.about(file.path()))?;
        }
    }
    count_commit(&transaction).map_err(told)?;
    transaction.commit().map_err(told)
}

fn make(transaction: &Transaction<'_>) -> Result<(), rusqlite::Error> {
    transaction.execute_batch(TABLES)?;
    transaction.execute_batch("CREATE TABLE rolodesk_schema (version INTEGER NOT NULL) STRICT")?;
    write_version(transaction)
}

fn write_version(transaction: &Transaction<'_>) -> Result<(), rusqlite::Error> {
    transaction.execute("DELETE FROM rolodesk_schema", [])?;
    transaction.execute("INSERT INTO rolodesk_schema (version) VALUES (?1)", [VERSION])?;
    // Two stores count their commits from different numbers, so that the log of one is not
    // taken for the other's.
    let start = Uuid::new_v4().as_fields().0 >> 2;
    transaction.execute_batch(&format!("PRAGMA user_version = {start}"))
}

fn carry_over(
    transaction: &Transaction<'_>,
    version: i64,
    scope: &Scope,
) -> Result<(), StoreError> {
    if version == 1 {
        transaction.execute_batch(FROM_1)?;
    }
    transaction.execute_batch(SET_ASIDE_2)?;
    transaction.execute_batch(MEND_2)?;
    transaction.execute_batch(TABLES)?;
    transaction.execute_batch(CARRY_OVER_2)?;
    let mut estates = transaction.prepare("SELECT id FROM estate")?;
    let estates: Vec<i64> = estates.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for estate in estates {
        Tables { db: transaction, scope, estate }.index_anew()?;
    }
    Ok(write_version(transaction)?)
}

/// Lays a copy of the store beside it. A copy that is there was made before a carry-over that
/// did not end; it is made anew.
fn keep_copy(connection: &Connection, file: &StoreFile) -> Result<(), StoreError> {
    let copy = file.beside(COPY);
    let refused = |reason: String| StoreError::Open {
        path: shown(file.path()),
        reason: format!(
            "its tables are of an earlier version, and before they are carried over it must be \
             copied to {}: {reason}",
            copy.display()
        ),
    };
    let folder = file.folder();
    let whole = tempfile::Builder::new()
        .prefix(".rolodesk-copy-")
        .tempfile_in(folder)
        .map_err(|error| refused(error.to_string()))?;
    copy_whole(connection, whole.path()).map_err(|error| refused(error.to_string()))?;
    whole.as_file().sync_all().map_err(|error| refused(error.to_string()))?;
    whole.persist(&copy).map(drop).map_err(|error| refused(error.error.to_string()))
}

/// The version of the tables; 0 where there are none.
fn version(connection: &Connection, file: &StoreFile) -> Result<i64, StoreError> {
    let told = |error| open_error(file.path(), error);
    let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let tables = "SELECT count(*) FROM sqlite_master WHERE type = 'table'";
    if count(tables).map_err(told)? == 0 {
        return Ok(0);
    }
    let ours = format!("{tables} AND name = 'rolodesk_schema'");
    if count(&ours).map_err(told)? == 0 {
        let reason = "it is another program's database; it was left as it is".to_owned();
        return Err(StoreError::Open { path: shown(file.path()), reason });
    }
    let version = match count("SELECT coalesce(max(version), 0) FROM rolodesk_schema") {
        // A table of that name that tells no number is not ours.
        Err(error) if !matches!(error.sqlite_error_code(), None | Some(ErrorCode::Unknown)) => {
            return Err(told(error));
        }
        version => version.unwrap_or(0),
    };
    match version {
        ..1 => Err(StoreError::Read { reason: NOT_OURS.into() }.about(file.path())),
        1..=VERSION => Ok(version),
        _ => Err(StoreError::Newer { path: shown(file.path()) }),
    }
}
