//! The store's file as the file system has it: private, on a disk of this machine, opened
//! and closed by one process at a time, and still the same one as when it was opened.

use std::{
    fs::{self, File, Metadata},
    io,
    path::{Path, PathBuf},
    thread::sleep,
    time::{Duration, Instant},
};

use super::{StoreError, mount, system};

/// How long opening and closing wait for another process that does the same.
const LONGEST_WAIT: Duration = Duration::from_secs(15);
const PAUSE: Duration = Duration::from_millis(5);

/// The file, where it really lies.
#[derive(Debug, Clone)]
pub(super) struct StoreFile {
    path: PathBuf,
}

/// While this lives no other process opens or closes the store.
#[derive(Debug)]
pub(super) struct FolderLock {
    _folder: File,
}

impl StoreFile {
    /// Where the file is or will be; its folder, which only its owner may enter, is made.
    pub(super) fn locate(path: &Path) -> Result<Self, StoreError> {
        let refused = |reason| StoreError::Open { path: shown(path), reason };
        let absolute = std::path::absolute(path).map_err(|error| refused(plain(&error)))?;
        refuse_dangling(&absolute)?;
        if absolute.is_dir() {
            return Err(refused("it is a directory; name a file".into()));
        }
        let folder = folder_of(&absolute);
        mount::refuse_network(folder).map_err(refused)?;
        private_folder(folder).map_err(|error| {
            refused(format!("its folder {} cannot be made: {}", folder.display(), plain(&error)))
        })?;
        // The file may be a link to one elsewhere.
        let real = absolute
            .canonicalize()
            .or_else(|_| Ok(folder.canonicalize()?.join(absolute.file_name().unwrap_or_default())));
        let path = real.map_err(|error: io::Error| refused(plain(&error)))?;
        mount::refuse_network(&path).map_err(refused)?;
        Ok(Self { path })
    }

    /// Makes the file where it is missing: one only its owner may read. One that is there is
    /// not opened here: to close it again would take away SQLite's locks on it.
    pub(super) fn create(&self) -> Result<(), StoreError> {
        system::make_file(&self.path).map_err(|error| StoreError::Open {
            path: shown(&self.path),
            reason: format!("it cannot be written: {}", plain(&error)),
        })
    }

    /// The file, which must be there.
    pub(super) fn existing(path: &Path) -> Result<Self, StoreError> {
        refuse_dangling(path)?;
        if !path.exists() {
            let reason = "there is no such file; nothing was stored yet".to_owned();
            return Err(StoreError::Open { path: shown(path), reason });
        }
        let file = Self::locate(path)?;
        file.create()?;
        Ok(file)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn folder(&self) -> &Path {
        folder_of(&self.path)
    }

    /// One of the files that SQLite keeps beside it.
    pub(super) fn beside(&self, end: &str) -> PathBuf {
        let mut name = self.path.as_os_str().to_owned();
        name.push(end);
        name.into()
    }

    /// Whether a file of that name would be taken for one that is kept beside the store, by
    /// SQLite or by us.
    pub(super) fn is_its_own(&self, other: &Path) -> bool {
        let Ok(other) = std::path::absolute(other) else { return false };
        let folder = folder_of(&other).canonicalize();
        let name = |path: &Path| path.file_name().unwrap_or_default().as_encoded_bytes().to_vec();
        let is_beside = |end: &[u8]| name(&other).starts_with(&[&name(&self.path), end].concat());
        folder.is_ok_and(|folder| folder == self.folder())
            && (is_beside(b"-") || is_beside(b".before-"))
    }

    /// The folder, locked; `None` where it cannot be, or not within the time a write waits.
    pub(super) fn alone(&self) -> Option<FolderLock> {
        let folder = File::open(self.folder()).ok()?;
        let deadline = Instant::now() + LONGEST_WAIT;
        loop {
            match system::lock(&folder) {
                Ok(true) => return Some(FolderLock { _folder: folder }),
                Ok(false) if Instant::now() < deadline => sleep(PAUSE),
                Ok(false) => {
                    tracing::warn!("another process keeps the store's folder locked");
                    return None;
                }
                Err(error) => {
                    tracing::warn!(%error, "the store's folder cannot be locked");
                    return None;
                }
            }
        }
    }

    /// Whether some process has the store open, by the lock that [`Self::hold_log`] takes.
    pub(super) fn is_in_use(&self) -> bool {
        let Ok(log) = File::open(self.beside("-wal")) else { return false };
        system::is_locked(&log)
    }

    /// Shows others that the store is open, for as long as this is held. The write-ahead log
    /// is there as long as somebody has the store open, and SQLite takes no locks on it.
    pub(super) fn hold_log(&self) -> Option<File> {
        let log = File::open(self.beside("-wal")).ok()?;
        system::share(&log).ok()?;
        Some(log)
    }

    /// Which files these are now.
    pub(super) fn identity(&self) -> Identity {
        let file = |path: &Path| fs::metadata(path).ok().map(|it| FileId::from(&it));
        let wal = file(&self.beside("-wal"));
        Identity { file: file(&self.path), wal, shm: file(&self.beside("-shm")) }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileId {
    device: u64,
    inode: u64,
}

impl From<&Metadata> for FileId {
    fn from(file: &Metadata) -> Self {
        let (device, inode) = system::number(file);
        Self { device, inode }
    }
}

/// Which files the store is made of, as opened: what is written goes there, whatever has
/// their names by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity {
    file: Option<FileId>,
    wal: Option<FileId>,
    shm: Option<FileId>,
}

impl Identity {
    /// Refuses to go on when a file was moved away, deleted or replaced since.
    pub(super) fn check(self, file: &StoreFile) -> Result<(), StoreError> {
        let now = file.identity();
        let files =
            [("", self.file, now.file), ("-wal", self.wal, now.wal), ("-shm", self.shm, now.shm)];
        let Some((end, _, now)) = files.into_iter().find(|(_, opened, now)| opened != now) else {
            return Ok(());
        };
        let named = file.beside(end);
        let path = shown(&named);
        Err(match (now, fs::metadata(&named)) {
            (Some(_), _) => StoreError::Replaced { path },
            (None, Err(error)) if error.kind() != io::ErrorKind::NotFound => {
                StoreError::Unreachable { path, reason: plain(&error) }
            }
            (None, _) => StoreError::Missing { path },
        })
    }
}

/// A link to nothing is no place for a new store: its disk may only be missing.
fn refuse_dangling(path: &Path) -> Result<(), StoreError> {
    let Ok(target) = path.read_link() else { return Ok(()) };
    if path.exists() {
        return Ok(());
    }
    let reason = format!(
        "it is a link to {}, which is not there; bring that back, or remove the link to begin a \
         new store",
        target.display()
    );
    Err(StoreError::Open { path: shown(path), reason })
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("/"))
}

fn private_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    system::make_folder(folder)
}

/// The system's words without its error number.
pub(super) fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}

pub(super) fn shown(path: &Path) -> String {
    path.display().to_string()
}
