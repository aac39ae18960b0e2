//! The file itself, read beside SQLite: whether it is still the one that was opened when
//! somebody writes another over it in its place (`cp copy.db store.db`), which no name and no
//! inode shows.
//!
//! Every commit of ours raises a number in the first page (`user_version`). The file has that of
//! the last commit that was moved into it from the log, so its number only ever grows, and is
//! never beyond the newest commit; a copy of before is behind what was seen already. A new store
//! has no number before its log is moved into it for the first time; as stores count from
//! different numbers, another one's is far from what it may be then.
//!
//! Whoever closes a file loses all the locks its process has on it, SQLite's among them: the
//! stores of one process share what is held open, until the last of them is closed.

use std::{
    fs::File,
    path::Path,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use super::{
    file::FileId,
    stale::{NUMBER_AT, number_at},
    system,
};

static HELD: Mutex<Vec<(FileId, Weak<File>)>> = Mutex::new(Vec::new());

/// The file as it was last seen.
#[derive(Debug)]
pub(super) struct Witness {
    file: Arc<File>,
    last: u32,
    /// The least number that the file may come to have.
    least: u32,
}

/// More commits than a log ever holds.
const LOGGED: u32 = 1_000_000;

impl Witness {
    /// Of the file that SQLite has open, while no other process opens or closes it; `None` where
    /// it cannot be held open. Its newest commit has this number.
    pub(super) fn of(path: &Path, newest: u32) -> Option<Self> {
        let file = held(path)?;
        let last = number(&file);
        let from = if last == 0 { newest.saturating_sub(LOGGED) } else { last };
        Some(Self { file, last, least: from })
    }

    /// Whether it may be the same file, whose newest commit has this number.
    pub(super) fn agrees(&mut self, newest: u32) -> bool {
        let now = number(&self.file);
        if now == self.last {
            return true;
        }
        let agrees = (self.least..=newest).contains(&now);
        if agrees {
            (self.last, self.least) = (now, now);
        }
        agrees
    }
}

fn held(path: &Path) -> Option<Arc<File>> {
    let id = FileId::from(&path.metadata().ok()?);
    let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
    held.retain(|(_, file)| file.strong_count() > 0);
    if let Some(file) = held.iter().find(|it| it.0 == id).and_then(|it| it.1.upgrade()) {
        return Some(file);
    }
    let file = Arc::new(File::open(path).ok()?);
    held.push((id, Arc::downgrade(&file)));
    Some(file)
}

/// The number in the file; nothing where it has no first page.
fn number(file: &File) -> u32 {
    let mut page = [0; NUMBER_AT + 4];
    match system::read_first(file, &mut page) {
        Ok(()) => number_at(&page, NUMBER_AT),
        Err(_) => 0,
    }
}
