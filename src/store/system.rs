//! What the store asks of the system about files: locks between processes, which file it is,
//! who may read it. Systems that are no Unix have other locks, which shut out SQLite as well,
//! and other rights, which a home folder has anyway: nothing is asked of those.

#[cfg(not(unix))]
pub(super) use elsewhere::{
    changed, is_locked, lock, make_file, make_folder, number, read_first, share,
};
#[cfg(unix)]
pub(super) use unix::{
    changed, is_locked, lock, make_file, make_folder, number, read_first, share,
};

#[cfg(unix)]
mod unix {
    use std::{
        fs::{self, File, Metadata, OpenOptions},
        io,
        os::unix::fs::{DirBuilderExt as _, FileExt as _, MetadataExt as _, OpenOptionsExt as _},
        path::Path,
    };

    use rustix::{
        fs::{Access, FlockOperation, access, flock},
        io::Errno,
    };

    /// Locks the file for this process alone; `false` while another has it.
    pub(in super::super) fn lock(file: &File) -> io::Result<bool> {
        match flock(file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(true),
            Err(Errno::WOULDBLOCK) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether another process has locked the file.
    pub(in super::super) fn is_locked(file: &File) -> bool {
        matches!(lock(file), Ok(false))
    }

    /// Locks the file together with others who do.
    pub(in super::super) fn share(file: &File) -> io::Result<()> {
        Ok(flock(file, FlockOperation::NonBlockingLockShared)?)
    }

    /// Which file it is, whatever it is called.
    pub(in super::super) fn number(file: &Metadata) -> (u64, u64) {
        (file.dev(), file.ino())
    }

    /// Reads what the file begins with.
    pub(in super::super) fn read_first(file: &File, buffer: &mut [u8]) -> io::Result<()> {
        file.read_exact_at(buffer, 0)
    }

    /// When anything about the file last changed, in seconds and billionths.
    pub(in super::super) fn changed(file: &Metadata) -> (i64, i64) {
        (file.ctime(), file.ctime_nsec())
    }

    /// Makes a file that only its owner may read; one that is there must be readable and
    /// writable, and is not opened.
    pub(in super::super) fn make_file(path: &Path) -> io::Result<()> {
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Ok(access(path, Access::READ_OK | Access::WRITE_OK)?)
            }
            Err(error) => Err(error),
        }
    }

    /// Makes a folder, and those above it, that only its owner may enter.
    pub(in super::super) fn make_folder(folder: &Path) -> io::Result<()> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
    }
}

#[cfg(not(unix))]
mod elsewhere {
    use std::{
        fs::{self, File, Metadata, OpenOptions},
        io,
        path::Path,
    };

    pub(in super::super) fn lock(_: &File) -> io::Result<bool> {
        Ok(true)
    }

    pub(in super::super) fn is_locked(_: &File) -> bool {
        false
    }

    pub(in super::super) fn share(_: &File) -> io::Result<()> {
        Ok(())
    }

    pub(in super::super) fn read_first(_: &File, _: &mut [u8]) -> io::Result<()> {
        Ok(())
    }

    pub(in super::super) fn number(_: &Metadata) -> (u64, u64) {
        (0, 0)
    }

    pub(in super::super) fn changed(_: &Metadata) -> (i64, i64) {
        (0, 0)
    }

    pub(in super::super) fn make_file(path: &Path) -> io::Result<()> {
        match OpenOptions::new().write(true).create_new(true).open(path) {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error),
        }
    }

    pub(in super::super) fn make_folder(folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)
    }
}
