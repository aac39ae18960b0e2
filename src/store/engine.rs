//! What is peculiar to SQLite: how the file is opened, prepared and closed, and what its
//! errors mean.

use std::{
    fs::{self, OpenOptions},
    io,
    path::{Path, PathBuf},
    thread::sleep,
    time::{Duration, Instant},
};

use rusqlite::{Connection, ErrorCode, OpenFlags};
use rustix::fs::{FlockOperation, flock};

use super::StoreError;

/// How long a write waits for another process on the store.
const BUSY: Duration = Duration::from_secs(15);
/// How long between two tries where SQLite does not wait by itself.
const BUSY_PAUSE: Duration = Duration::from_millis(5);
/// Statements that stay prepared: more than there are.
const STATEMENTS: usize = 128;

/// What was promised must survive a power cut: full sync with every commit. The system
/// keeps the file's pages anyway; a connection's own cache need not grow with the rows.
/// What is deleted is gone from the file as well.
const PREPARE: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                       PRAGMA foreign_keys = ON; PRAGMA cache_size = -1000; \
                       PRAGMA secure_delete = ON;";

/// The file, open: one connection that writes and one that reads beside it.
#[derive(Debug)]
pub(super) struct Engine {
    pub(super) write: Connection,
    pub(super) read: Connection,
    pub(super) closing: Closing,
}

impl Engine {
    /// Opens the file, making it and its folder where they are missing, and brings it into
    /// shape by `prepare`.
    pub(super) fn open(
        path: &Path,
        prepare: impl FnOnce(&mut Connection) -> Result<(), StoreError>,
    ) -> Result<Self, StoreError> {
        let refused = |reason| StoreError::Open { path: shown(path), reason };
        let path = &std::path::absolute(path).map_err(|error| refused(plain(&error)))?;
        make(path).map_err(refused)?;
        let closing = Closing { folder: folder_of(path) };
        // One at a time: a new file is made and its tables written by one process only.
        let alone = closing.alone();
        let mut write = connection(path).map_err(|error| open_error(path, error))?;
        prepare(&mut write)?;
        let read = connection(path).map_err(|error| open_error(path, error))?;
        drop(alone);
        Ok(Self { write, read, closing })
    }
}

/// One open connection, prepared.
fn connection(path: &Path) -> Result<Connection, rusqlite::Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    let deadline = Instant::now() + BUSY;
    loop {
        match connection.execute_batch(PREPARE) {
            // SQLite does not wait while another process turns the write-ahead log on.
            Err(error) if is_busy(&error) && Instant::now() < deadline => sleep(BUSY_PAUSE),
            done => return done.map(|()| connection),
        }
    }
}

/// How the file is closed: by one process at a time. The last one to close moves the
/// write-ahead log into the file and removes it; two that close at once would each take
/// the other for one that goes on, and leave it.
#[derive(Debug)]
pub(super) struct Closing {
    folder: PathBuf,
}

impl Closing {
    pub(super) fn close(&self, close: impl FnOnce()) {
        let alone = self.alone();
        close();
        drop(alone);
    }

    /// The folder, locked; `None` where it cannot be, or not within the time a write waits.
    fn alone(&self) -> Option<fs::File> {
        let folder = fs::File::open(&self.folder).ok()?;
        let deadline = Instant::now() + BUSY;
        loop {
            match flock(&folder, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Some(folder),
                Err(rustix::io::Errno::WOULDBLOCK) if Instant::now() < deadline => {
                    sleep(BUSY_PAUSE);
                }
                Err(error) => {
                    tracing::warn!(%error, "the store's folder cannot be locked");
                    return None;
                }
            }
        }
    }
}

fn folder_of(path: &Path) -> PathBuf {
    path.parent().map_or_else(|| PathBuf::from("."), Path::to_owned)
}

/// A file only its owner may read, in a folder only its owner may enter. One that is there
/// is not opened here: to close it again would take away SQLite's locks on it.
fn make(path: &Path) -> Result<(), String> {
    if path.is_dir() {
        return Err("it is a directory; name a file".into());
    }
    let folder = folder_of(path);
    private_folder(&folder).map_err(|error| {
        format!("its folder {} cannot be made: {}", folder.display(), plain(&error))
    })?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => writable(path),
        Err(error) => Err(format!("it cannot be written: {}", plain(&error))),
    }
}

fn writable(path: &Path) -> Result<(), String> {
    rustix::fs::access(path, rustix::fs::Access::READ_OK | rustix::fs::Access::WRITE_OK)
        .map_err(|error| format!("it cannot be written: {}", plain(&error.into())))
}

fn private_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// The system's words without its error number.
fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}

pub(super) fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// Trouble while opening names the file.
pub(super) fn open_error(path: &Path, error: rusqlite::Error) -> StoreError {
    match StoreError::from(error) {
        StoreError::Read { reason } | StoreError::Write { reason } => {
            StoreError::Open { path: shown(path), reason }
        }
        other => other,
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

const NOT_OURS: &str = "it is damaged or not a rolodesk store; it was left as it is. Move it \
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
            Some(ErrorCode::DiskFull) => {
                write("the disk is full; free some space, nothing is lost")
            }
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
