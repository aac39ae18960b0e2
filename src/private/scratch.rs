//! A folder that is thrown away at the end, and what killed runs left of theirs.
//!
//! A run holds a lock on its folder as long as it lives; a folder whose lock can be had is
//! nobody's any more. Whoever has just made a folder may find it taken away before the lock
//! was had, and makes another one. Where there are no such locks, leftovers stay.

#[cfg(unix)]
use std::fs;
use std::{io, path::Path};

use tempfile::TempDir;

#[cfg(unix)]
use super::ownership::judge;
use super::ownership::{Strictness, judge_path};

/// A folder that nobody else can look into; gone with this value.
#[derive(Debug)]
pub struct Scratch {
    folder: TempDir,
    /// Held until the end.
    #[cfg(unix)]
    _lock: fs::File,
}

impl Scratch {
    /// Makes a folder whose name begins with `prefix`, where temporary files are kept, and
    /// removes what runs that were killed left there.
    ///
    /// # Errors
    /// When it cannot be made, or others could take it away from there.
    pub fn new(prefix: &str) -> io::Result<Self> {
        Self::below(&std::env::temp_dir(), prefix)
    }

    fn below(parent: &Path, prefix: &str) -> io::Result<Self> {
        judge_path(parent, Strictness::Unwritable)?.map_err(io::Error::other)?;
        #[cfg(unix)]
        remove_leftovers(parent, prefix);
        loop {
            let folder = tempfile::Builder::new().prefix(prefix).tempdir_in(parent)?;
            #[cfg(unix)]
            {
                // Whatever the umask left of it.
                let ours = std::os::unix::fs::PermissionsExt::from_mode(0o700);
                fs::set_permissions(folder.path(), ours)?;
                let lock = open(folder.path())?;
                if is_locked_by_us(&lock) && folder.path().is_dir() {
                    return Ok(Self { folder, _lock: lock });
                }
            }
            #[cfg(not(unix))]
            return Ok(Self { folder });
        }
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// What is not ours, not a folder, or in use stays.
#[cfg(unix)]
fn remove_leftovers(parent: &Path, prefix: &str) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let named = entry.file_name().to_str().is_some_and(|name| name.starts_with(prefix));
        // Of the entry itself: a link is no folder of ours, wherever it leads.
        let ours = named
            && entry.metadata().is_ok_and(|meta| {
                meta.is_dir() && judge(&path, &meta, Strictness::Unwritable).is_ok()
            });
        if ours && open(&path).is_ok_and(|lock| is_locked_by_us(&lock)) {
            let _ = fs::remove_dir_all(&path);
        }
    }
}

#[cfg(unix)]
fn open(folder: &Path) -> io::Result<fs::File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(rustix::fs::open(folder, flags, Mode::empty())?.into())
}

#[cfg(unix)]
fn is_locked_by_us(folder: &fs::File) -> bool {
    use rustix::fs::{FlockOperation, flock};
    flock(folder, FlockOperation::NonBlockingLockExclusive).is_ok()
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn a_killed_runs_folder_is_removed_and_one_in_use_or_only_linked_stays() {
        let parent = tempfile::tempdir().unwrap();
        let in_use = Scratch::below(parent.path(), "demo-").unwrap();
        let left = parent.path().join("demo-left");
        fs::create_dir(&left).unwrap();
        fs::write(left.join("store.db"), "a name").unwrap();
        let elsewhere = parent.path().join("elsewhere");
        fs::create_dir(&elsewhere).unwrap();
        symlink(&elsewhere, parent.path().join("demo-link")).unwrap();
        let scratch = Scratch::below(parent.path(), "demo-").unwrap();
        assert!(!left.exists());
        assert!(in_use.path().is_dir() && scratch.path().is_dir() && elsewhere.is_dir());
        let mode = fs::metadata(scratch.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        let path = scratch.path().to_owned();
        drop(scratch);
        assert!(!path.exists());
    }

    #[test]
    fn a_place_where_others_could_take_the_folder_away_is_refused() {
        let parent = tempfile::tempdir().unwrap();
        fs::set_permissions(parent.path(), fs::Permissions::from_mode(0o777)).unwrap();
        let error = Scratch::below(parent.path(), "demo-").unwrap_err().to_string();
        assert!(error.contains("others may write it"), "{error}");
        fs::set_permissions(parent.path(), fs::Permissions::from_mode(0o1777)).unwrap();
        Scratch::below(parent.path(), "demo-").unwrap();
    }
}
