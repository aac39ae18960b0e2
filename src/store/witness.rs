//! The file itself, read beside SQLite: whether it is still the one that was opened when
//! somebody writes another over it in its place (`cp copy.db store.db`), which no name and no
//! inode shows.
//!
//! Every commit of ours raises a number in the first page (`user_version`). The file has that of
//! the last commit that was moved into it from the log, so its number only ever grows, and is
//! never beyond the newest commit; a copy of before is behind what was seen already.
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
}

impl Witness {
    /// Of the file that SQLite has open, while no other process opens or closes it; `None` where
    /// it cannot be held open.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let file = held(path)?;
        let last = number(&file);
        Some(Self { file, last })
    }

    /// Whether it may be the same file, whose newest commit has this number.
    pub(super) fn agrees(&mut self, newest: u32) -> bool {
        let now = number(&self.file);
        let agrees = (self.last..=newest.max(self.last)).contains(&now);
        if agrees {
            self.last = now;
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
