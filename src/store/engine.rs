//! What is peculiar to SQLite: how the file is opened, prepared and closed, and what its
//! errors mean.

use std::{
    fs::{self, File},
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

use rusqlite::{
    Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior, backup::Backup,
    config::DbConfig,
};

use super::{
    StoreError,
    file::{Identity, StoreFile, shown},
    stale,
    witness::Witness,
};

/// How long a write waits for another process on the store.
const BUSY: Duration = Duration::from_secs(15);
/// How long between two tries where SQLite does not wait by itself.
const BUSY_PAUSE: Duration = Duration::from_millis(5);
/// Statements that stay prepared: more than there are.
const STATEMENTS: usize = 128;

/// What was promised must survive a power cut: full sync with every commit. The system
/// keeps the file's pages anyway; a connection's own cache need not grow with the rows.
/// What is deleted is gone from the file as well, and what is temporary never gets to disk.
const PREPARE: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                       PRAGMA foreign_keys = ON; PRAGMA cache_size = -1000; \
                       PRAGMA secure_delete = ON; \
                       PRAGMA temp_store = MEMORY;";

/// The file, open: one connection that writes and one that reads beside it.
#[derive(Debug)]
pub(super) struct Engine {
    pub(super) write: Writer,
    pub(super) read: Connection,
}

/// The connection that writes, and the file it was opened on.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) connection: Connection,
    file: StoreFile,
    opened: Identity,
    witness: Option<Witness>,
    log: Option<File>,
}

impl Engine {
    /// Opens the file, making it and its folder where they are missing. `inspect` looks at it
    /// before anything is changed; `upgrade` brings it into shape.
    pub(super) fn open(
        path: &Path,
        inspect: impl FnOnce(&Connection, &StoreFile) -> Result<(), StoreError>,
        upgrade: impl FnOnce(&mut Connection, &StoreFile) -> Result<(), StoreError>,
    ) -> Result<Self, StoreError> {
        let file = StoreFile::locate(path)?;
        // One at a time: a new file is made and its tables written by one process only.
        let alone = file.alone();
        stale::refuse_alone(&file)?;
        file.create()?;
        stale::refuse(&file)?;
        let told = |error| open_error(file.path(), error);
        let mut connection = connect(file.path()).map_err(told)?;
        inspect(&connection, &file)?;
        prepare(&connection).map_err(told)?;
        upgrade(&mut connection, &file)?;
        let read = connect(file.path()).map_err(told)?;
        prepare(&read).map_err(told)?;
        let (opened, log) = (file.identity(), file.hold_log());
        let newest = newest_commit(&connection).unwrap_or(u32::MAX);
        let witness = Witness::of(file.path(), newest);
        drop(alone);
        Ok(Self { write: Writer { connection, file, opened, witness, log }, read })
    }

    /// Closes the file, one process at a time: the last one moves the write-ahead log into
    /// the file and removes it, and two that close at once would each take the other for one
    /// that goes on, and leave it.
    pub(super) fn close(self) {
        let Self { mut write, read } = self;
        if write.check().is_err() {
            // To close would move the log of the old file, and remove that of the new one; or lay
            // a log that was taken away over what others have stored since.
            std::mem::forget((write, read));
            return;
        }
        let Writer { connection, file, witness, log, .. } = write;
        let alone = file.alone();
        drop((read, connection, log, witness));
        drop(alone);
    }
}

impl Writer {
    /// One transaction: all of it or nothing, on disk when this returns. It takes the write
    /// lock at its start: one that first reads and then writes fails without waiting when
    /// another wrote meanwhile.
    pub(super) fn transaction<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.check()?;
        let (transaction, changed) = begin(&mut self.connection)?;
        let done = work(&transaction)?;
        commit(transaction, changed)?;
        self.check()?;
        Ok(done)
    }

    /// Refuses to go on with a file that is not the one that was opened.
    pub(super) fn check(&mut self) -> Result<(), StoreError> {
        self.opened.check(&self.file)?;
        let newest = newest_commit(&self.connection).unwrap_or(u32::MAX);
        if self.witness.as_mut().is_none_or(|witness| witness.agrees(newest)) {
            return Ok(());
        }
        Err(StoreError::Replaced { path: shown(self.file.path()) })
    }

    /// The tables as they are at one moment; nothing is written.
    pub(super) fn glance<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        work(&self.connection.transaction()?)
    }
}

/// A transaction, and how many changes there were before it. Kept out of the many that begin
/// one: the program would hold as many copies.
#[inline(never)]
fn begin(connection: &mut Connection) -> Result<(Transaction<'_>, u64), rusqlite::Error> {
    let changed = connection.total_changes();
    Ok((connection.transaction_with_behavior(TransactionBehavior::Immediate)?, changed))
}

#[inline(never)]
fn commit(transaction: Transaction<'_>, changed: u64) -> Result<(), rusqlite::Error> {
    if transaction.total_changes() != changed {
        count_commit(&transaction)?;
    }
    transaction.commit()
}

/// Raises the number by which [`stale`] knows which file a log goes on from.
pub(super) fn count_commit(connection: &Connection) -> Result<(), rusqlite::Error> {
    let next = number(connection)?.checked_add(1).filter(|next| *next > 0).unwrap_or(1);
    connection.execute_batch(&format!("PRAGMA user_version = {next}"))
}

fn number(connection: &Connection) -> Result<i32, rusqlite::Error> {
    connection.prepare_cached("PRAGMA user_version")?.query_row([], |row| row.get(0))
}

/// The number of the last commit, in the log or in the file.
fn newest_commit(connection: &Connection) -> Option<u32> {
    number(connection).ok().and_then(|number| number.try_into().ok())
}

/// An open connection on a file that is there.
pub(super) fn connect(path: &Path) -> Result<Connection, rusqlite::Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Else a statement whose plan might depend on a value is prepared anew with each value.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(connection)
}

fn prepare(connection: &Connection) -> Result<(), rusqlite::Error> {
    let deadline = Instant::now() + BUSY;
    loop {
        match connection.execute_batch(PREPARE) {
            // SQLite does not wait while another process turns the write-ahead log on.
            Err(error) if is_busy(&error) && Instant::now() < deadline => sleep(BUSY_PAUSE),
            done => return done,
        }
    }
}

/// Trouble while opening names the file.
pub(super) fn open_error(path: &Path, error: rusqlite::Error) -> StoreError {
    StoreError::from(error).about(path)
}

impl StoreError {
    /// This, with the file it is about.
    pub(super) fn about(self, path: &Path) -> Self {
        match self {
            Self::Read { reason } | Self::Write { reason } => {
                Self::Open { path: shown(path), reason }
            }
            other => other,
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

pub(super) const NOT_OURS: &str = "it is damaged or not a rolodesk store; it was left as it is. Move it \
                        away, or put a copy from a backup in its place";

/// What SQLite says, without its numbers.
fn said(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(_, Some(message)) => message.clone(),
        other => other.to_string(),
    }
}

/// What a failed operation means for the person at the screen.
impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let write = |reason: &str| Self::Write { reason: reason.to_owned() };
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::DiskFull) => write("the disk is full; free some space"),
            Some(ErrorCode::ReadOnly) => {
                write("it is read-only; make its file and folder writable")
            }
            Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen) => {
                write("the disk reports an error; check the disk and its free space")
            }
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Read { reason: NOT_OURS.into() }
            }
            _ => Self::Read { reason: said(&error) },
        }
    }
}

/// Copies a whole store into a new file, and looks whether the copy is sound. Nothing is left
/// beside the file, whatever comes of it.
pub(super) fn copy_whole(source: &Connection, to: &Path) -> Result<(), StoreError> {
    let copied = copy_into(source, to);
    for end in ["-wal", "-shm", "-journal"] {
        let mut beside = to.as_os_str().to_owned();
        beside.push(end);
        // There is none but where the disk was full.
        let _ = fs::remove_file(beside);
    }
    copied
}

fn copy_into(source: &Connection, to: &Path) -> Result<(), StoreError> {
    let mut copy = connect(to)?;
    Backup::new(source, &mut copy)?.step(-1)?;
    let said: String = copy.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    copy.close().map_err(|(_, error)| error)?;
    if said == "ok" {
        return Ok(());
    }
    tracing::error!(%said, "the store is damaged");
    Err(StoreError::Read { reason: NOT_OURS.into() })
}
