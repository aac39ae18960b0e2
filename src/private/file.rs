//! Files that only their owner may read, written whole or not at all; and files of ours
//! read without waiting for a pipe, following a planted link, or swallowing a disk.

use std::{
    fs::{self, File, Metadata, OpenOptions},
    io::{self, Read as _, Write},
    path::{Path, PathBuf},
};

use super::ownership::{Strictness, judge};

/// Puts bytes into a file only its owner may read: whole, or the old one stays.
///
/// # Errors
/// A sentence that names the file.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    make_folder(&folder_of(path)).map_err(|error| cannot_write(path, &error))?;
    let mut file = PrivateFile::begin(path)?;
    file.write_all(bytes).map_err(|error| cannot_write(path, &error))?;
    file.keep()
}

/// Refuses what is there and is no file: as root, even a device would be replaced by one.
///
/// # Errors
/// A sentence that names it.
pub fn refuse_other_than_file(path: &Path) -> Result<(), String> {
    match fs::metadata(path).ok().as_ref().and_then(other_than_file) {
        Some(what) => Err(format!("cannot write {}: it is {what}; name a file", path.display())),
        None => Ok(()),
    }
}

/// What it is, if it is no file.
fn other_than_file(meta: &Metadata) -> Option<&'static str> {
    match (meta.is_file(), meta.is_dir()) {
        (true, _) => None,
        (false, true) => Some("a folder"),
        (false, false) => Some("a pipe or a device"),
    }
}

fn cannot_write(path: &Path, error: &io::Error) -> String {
    format!("cannot write {}: {error}", path.display())
}

/// A file that is being written beside its place: gone again unless it is kept.
#[derive(Debug)]
pub struct PrivateFile {
    path: PathBuf,
    beside: tempfile::NamedTempFile,
}

impl PrivateFile {
    /// Begins the file that goes to `path`; its folder is there.
    ///
    /// # Errors
    /// A sentence that names the file.
    pub fn begin(path: &Path) -> Result<Self, String> {
        refuse_other_than_file(path)?;
        // Made with 0600.
        let beside = tempfile::Builder::new().prefix(".rolodesk-").tempfile_in(folder_of(path));
        let beside = beside.map_err(|error| cannot_write(path, &error))?;
        Ok(Self { path: path.to_owned(), beside })
    }

    /// Puts it in its place, whole. A link there is replaced, not followed.
    ///
    /// # Errors
    /// A sentence that names the file.
    pub fn keep(self) -> Result<(), String> {
        let Self { path, beside } = self;
        let synced = beside.as_file().sync_all();
        synced.map_err(|error| cannot_write(&path, &error))?;
        beside.persist(&path).map_err(|error| cannot_write(&path, &error.error))?;
        // The name must survive a power cut as well; a folder that cannot be synced is no loss.
        let _ = File::open(folder_of(&path)).and_then(|it| it.sync_all());
        Ok(())
    }
}

impl Write for PrivateFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.beside.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.beside.flush()
    }
}

/// The folder a file lies in.
#[must_use]
pub fn folder_of(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    folder.map_or_else(|| PathBuf::from("."), Path::to_owned)
}

/// Makes a folder and those above it, for its owner alone.
///
/// # Errors
/// The system's.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Reads a whole file of at most `longest` bytes that nobody else may have a hand in.
///
/// # Errors
/// What is wrong with it, for a sentence that names it; [`Unread::Absent`] apart.
pub fn read(path: &Path, longest: u64, strictness: Strictness) -> Result<Vec<u8>, Unread> {
    let file = open_at_once(path).map_err(|error| Unread::of(&error))?;
    let meta = file.metadata().map_err(|error| Unread::of(&error))?;
    if strictness == Strictness::Private
        && let Some(what) = other_than_file(&meta)
    {
        return Err(Unread::Refused(format!("it is {what}, not a file")));
    }
    match device(&meta) {
        None => {}
        Some(Device::Null) => return Ok(Vec::new()),
        Some(Device::Other) => return Err(Unread::Refused("it is a device, not a file".into())),
    }
    judge(path, &meta, strictness).map_err(|it| {
        let told = format!("{}; run: {}", it.fault, it.mend);
        Unread::Refused(told)
    })?;
    let too_long = || Unread::Refused(format!("it is longer than {longest} bytes"));
    if meta.is_file() && meta.len() > longest {
        return Err(too_long());
    }
    wait_again(&file).map_err(|error| Unread::of(&error))?;
    let mut bytes = Vec::new();
    file.take(longest + 1).read_to_end(&mut bytes).map_err(|error| Unread::of(&error))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > longest) {
        return Err(too_long());
    }
    Ok(bytes)
}

/// What is no file, pipe or folder: nobody is told to change whose a device is.
enum Device {
    /// The empty one, which people name to have nothing read.
    Null,
    Other,
}

#[cfg(unix)]
fn device(meta: &Metadata) -> Option<Device> {
    use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
    let kind = meta.file_type();
    let is_null = || fs::metadata("/dev/null").is_ok_and(|null| null.rdev() == meta.rdev());
    if kind.is_char_device() && is_null() {
        Some(Device::Null)
    } else {
        (kind.is_char_device() || kind.is_block_device()).then_some(Device::Other)
    }
}

#[cfg(not(unix))]
fn device(_: &Metadata) -> Option<Device> {
    None
}

/// Why a file was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unread {
    /// It is not there.
    Absent,
    /// It may not be read as it is, or cannot be: the rest of a sentence.
    Refused(String),
}

impl Unread {
    fn of(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Absent,
            _ => Self::Refused(error.to_string()),
        }
    }
}

/// Opens without waiting for whoever is at the other end of a pipe.
fn open_at_once(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        let flags = rustix::fs::OFlags::NONBLOCK.bits();
        let flags = i32::try_from(flags).unwrap_or_default();
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags);
    }
    options.open(path)
}

/// A pipe that a shell put in a file's place is read as one reads a pipe.
#[cfg(unix)]
fn wait_again(file: &File) -> io::Result<()> {
    let flags = rustix::fs::fcntl_getfl(file)?;
    Ok(rustix::fs::fcntl_setfl(file, flags - rustix::fs::OFlags::NONBLOCK)?)
}

#[cfg(not(unix))]
fn wait_again(_: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn a_link_in_the_files_place_is_replaced_and_what_it_points_to_stays() {
        let home = tempfile::tempdir().unwrap();
        let (victim, path) = (home.path().join("victim"), home.path().join("new/file"));
        fs::write(&victim, "kept").unwrap();
        make_folder(path.parent().unwrap()).unwrap();
        symlink(&victim, &path).unwrap();
        write(&path, b"ours").unwrap();
        assert_eq!(fs::read_to_string(&victim).unwrap(), "kept");
        assert!(!path.is_symlink());
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    }

    #[test]
    fn the_null_device_is_an_empty_file_and_nobody_is_told_to_close_a_device() {
        let null = read(Path::new("/dev/null"), 4096, Strictness::Unwritable);
        assert_eq!(null, Ok(Vec::new()));
        let zero = read(Path::new("/dev/zero"), 4096, Strictness::Unwritable).unwrap_err();
        assert_eq!(zero, Unread::Refused("it is a device, not a file".into()));
    }

    #[test]
    fn a_pipe_a_folder_and_a_file_without_end_are_refused_at_once() {
        let home = tempfile::tempdir().unwrap();
        let pipe = home.path().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR).unwrap();
        let large = home.path().join("large");
        fs::write(&large, "").unwrap();
        fs::set_permissions(&large, fs::Permissions::from_mode(0o600)).unwrap();
        File::options().write(true).open(&large).unwrap().set_len(300 << 20).unwrap();
        for (path, part) in [
            (pipe.as_path(), "a pipe"),
            (home.path(), "a folder"),
            (&large, "longer than 4096 bytes"),
        ] {
            let why = read(path, 4096, Strictness::Private).unwrap_err();
            assert!(matches!(&why, Unread::Refused(why) if why.contains(part)), "{why:?}");
        }
        let absent = read(&home.path().join("none"), 1, Strictness::Private);
        assert_eq!(absent.unwrap_err(), Unread::Absent);
    }
}
