//! What is peculiar to one database engine: how it is opened and prepared, how a
//! transaction that will write begins, and what its errors mean. SQLite today; a shared
//! PostgreSQL is planned beside it, and nothing outside this file would change.

use std::{
    fs::{self, OpenOptions},
    io,
    path::Path,
    time::Duration,
};

use sqlx::{
    AnyConnection, AnyPool, Connection as _, Executor as _,
    any::{AnyPoolOptions, install_default_drivers},
};

use tokio::time::{Instant, sleep};

use super::StoreError;

/// How long a write waits for another process on the store; [`PREPARE`] says it again.
const BUSY: Duration = Duration::from_secs(15);

/// How long between two tries where the engine does not wait by itself.
const BUSY_PAUSE: Duration = Duration::from_millis(20);

/// How a transaction that will write begins: taking the write lock at once, because one
/// that first reads and then writes fails without waiting when another wrote meanwhile.
pub(super) const BEGIN: &str = "BEGIN IMMEDIATE";

/// Looks for damage in the file's structure and answers "ok" or the first it finds.
pub(super) const QUICK_CHECK: &str = "PRAGMA quick_check(1)";

/// One connection that writes, and a few that read beside it.
#[derive(Debug, Clone)]
pub(super) struct Pools {
    pub(super) write: AnyPool,
    pub(super) read: AnyPool,
}

/// Opens the file, making it and its folder where they are missing.
pub(super) async fn open(path: &Path) -> Result<Pools, StoreError> {
    install_default_drivers();
    prepare(path).map_err(|reason| StoreError::Open { path: shown(path), reason })?;
    let url = url(path);
    // A pool keeps trying until its time is up; one connection says at once what is wrong.
    let deadline = Instant::now() + BUSY;
    while let Err(error) = first_connection(&url).await {
        let error = open_error(path, &error);
        if !matches!(error, StoreError::Busy) || Instant::now() >= deadline {
            return Err(error);
        }
        // SQLite does not wait while another process turns the write-ahead log on.
        sleep(BUSY_PAUSE).await;
    }
    let write = pool(1, &url).await.map_err(|error| open_error(path, &error))?;
    let read = pool(4, &url).await.map_err(|error| open_error(path, &error))?;
    Ok(Pools { write, read })
}

async fn first_connection(url: &str) -> Result<(), sqlx::Error> {
    let mut connection = AnyConnection::connect(url).await?;
    connection.execute(PREPARE).await?;
    connection.close().await
}

/// What was promised must survive a power cut: full sync with every commit. The system
/// keeps the file's pages anyway; a connection's own cache need not grow with the rows.
const PREPARE: &str = "PRAGMA busy_timeout = 15000; PRAGMA journal_mode = WAL; \
                       PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                       PRAGMA cache_size = -1000;";

async fn pool(connections: u32, url: &str) -> Result<AnyPool, sqlx::Error> {
    AnyPoolOptions::new()
        .max_connections(connections)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(BUSY * 2)
        // SQLite itself ends a transaction that meets a full disk; the driver still counts it
        // then and would begin none on this connection ever again.
        .before_acquire(|connection, _| {
            Box::pin(async move { Ok(!connection.is_in_transaction()) })
        })
        .after_connect(|connection, _| {
            Box::pin(async move { connection.execute(PREPARE).await.map(drop) })
        })
        .connect(url)
        .await
}

/// A file only its owner may read, in a folder only its owner may enter.
fn prepare(path: &Path) -> Result<(), String> {
    if path.is_dir() {
        return Err("it is a directory; name a file".into());
    }
    if let Some(folder) = path.parent() {
        private_folder(folder).map_err(|error| {
            format!("its folder {} cannot be made: {}", folder.display(), plain(&error))
        })?;
    }
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(|error| format!("it cannot be written: {}", plain(&error)))
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

/// The path as the database's URL: everything but plain letters is percent-encoded, for
/// `?` and `#` would end it and a blank or an umlaut would break it.
fn url(path: &Path) -> String {
    use std::fmt::Write as _;
    let mut url = String::from("sqlite://");
    for byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'-' | b'_') {
            url.push(char::from(*byte));
        } else {
            let _ = write!(url, "%{byte:02X}");
        }
    }
    url.push_str("?mode=rwc");
    url
}

pub(super) fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn open_error(path: &Path, error: &sqlx::Error) -> StoreError {
    match code(error) {
        Some(BUSY_CODE | LOCKED) => StoreError::Busy,
        Some(CORRUPT | NOT_A_DATABASE) => {
            StoreError::Open { path: shown(path), reason: NOT_OURS.into() }
        }
        _ => StoreError::Open { path: shown(path), reason: said(error) },
    }
}

const NOT_OURS: &str = "it is damaged or not a rolodesk store; it was left as it is. Move it \
                        away, or put a copy from a backup in its place";

// https://www.sqlite.org/rescode.html, primary codes.
const BUSY_CODE: i32 = 5;
const LOCKED: i32 = 6;
const READ_ONLY: i32 = 8;
const INPUT_OUTPUT: i32 = 10;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const CANNOT_OPEN: i32 = 14;
const NOT_A_DATABASE: i32 = 26;

fn code(error: &sqlx::Error) -> Option<i32> {
    let extended: i32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(extended & 0xff)
}

fn said(error: &sqlx::Error) -> String {
    error.as_database_error().map_or_else(|| error.to_string(), |error| error.message().to_owned())
}

/// What a failed operation means for the person at the screen.
impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let write = |reason: &str| Self::Write { reason: reason.to_owned() };
        match code(&error) {
            Some(BUSY_CODE | LOCKED) => Self::Busy,
            Some(FULL) => write("the disk is full; free some space, nothing is lost"),
            Some(READ_ONLY) => write("it is read-only; make its file and folder writable"),
            Some(INPUT_OUTPUT | CANNOT_OPEN) => {
                write("the disk reports an error; check the disk and its free space")
            }
            Some(CORRUPT | NOT_A_DATABASE) => Self::Read { reason: NOT_OURS.into() },
            _ => Self::Read { reason: said(&error) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_marks_that_mean_something_in_a_url_is_encoded() {
        let url = url(Path::new("/tmp/a b?c#d/Müller.db"));
        assert_eq!(url, "sqlite:///tmp/a%20b%3Fc%23d/M%C3%BCller.db?mode=rwc");
    }
}
