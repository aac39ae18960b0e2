//! What is imported: a file, or standard input kept in a private temporary file.
//!
//! The text is read several times (its encoding, its header, its rows), so whatever
//! cannot be rewound is copied first, to a file in the store's folder that has no name
//! and is gone with its handle. A file that others write to meanwhile is noticed.

use std::{
    fs::File,
    io::{self, BufReader, IsTerminal as _, Read, Seek as _, Write as _},
    path::Path,
    time::SystemTime,
};

use crate::{config::ConfigError, contact::text::safe};

/// A file that can be read more than once.
#[derive(Debug)]
pub(super) struct InputFile {
    name: String,
    file: File,
    state: Option<FileState>,
}

/// What tells whether somebody wrote to the file.
#[derive(Debug, PartialEq, Eq)]
struct FileState {
    length: u64,
    modified: Option<SystemTime>,
}

impl FileState {
    fn of(file: &File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        Ok(Self { length: metadata.len(), modified: metadata.modified().ok() })
    }
}

impl InputFile {
    /// Opens `path`, or standard input for "-"; `folder` is where a copy may be kept.
    ///
    /// # Errors
    /// A sentence that names the file and says what is wrong with it.
    pub(super) fn open(path: &Path, folder: &Path) -> Result<Self, ConfigError> {
        if path.as_os_str() == "-" {
            return Self::copy("standard input".into(), &mut io::stdin().lock(), folder);
        }
        let name = safe(&path.display().to_string());
        let wrong = |error: &io::Error| unusable(&name, &format!("cannot be read: {error}"));
        let mut file = File::open(path).map_err(|error| wrong(&error))?;
        let metadata = file.metadata().map_err(|error| wrong(&error))?;
        if metadata.is_dir() {
            return Err(unusable(&name, "is a directory; name a CSV file in it"));
        }
        if !metadata.is_file() {
            return Self::copy(name, &mut file, folder);
        }
        let state = FileState::of(&file).map_err(|error| wrong(&error))?;
        Ok(Self { name, file, state: Some(state) })
    }

    fn copy(name: String, from: &mut impl Read, folder: &Path) -> Result<Self, ConfigError> {
        if name == "standard input" && io::stdin().is_terminal() {
            // Nobody reads it when standard error is closed.
            let _ = writeln!(io::stderr(), "rolodesk: type or paste the rows, then Ctrl+D");
        }
        let copied = tempfile::tempfile_in(folder).and_then(|mut file| {
            io::copy(from, &mut file)?;
            Ok(file)
        });
        let file = copied.map_err(|error| {
            let folder = folder.display();
            unusable(&name, &format!("cannot be copied to {folder} to be read twice: {error}"))
        })?;
        Ok(Self { name, file, state: None })
    }

    /// Rows that were made of a file, under the file's name.
    pub(super) fn made(name: String, file: File) -> Self {
        Self { name, file, state: None }
    }

    /// The file itself, for readers that go to and fro.
    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// What it is called in sentences.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The file's own path leads to the same file.
    pub(super) fn is_at(&self, path: &Path) -> bool {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            let identity = |metadata: std::fs::Metadata| (metadata.dev(), metadata.ino());
            let (own, other) = (self.file.metadata(), path.metadata());
            own.ok().map(identity).is_some_and(|own| other.is_ok_and(|it| identity(it) == own))
        }
        #[cfg(not(unix))]
        {
            path.canonicalize().is_ok_and(|it| it.display().to_string() == self.name)
        }
    }

    /// The bytes from the start.
    ///
    /// # Errors
    /// When it cannot be rewound.
    pub(super) fn bytes(&self) -> Result<impl Read + '_, ConfigError> {
        let mut file = &self.file;
        file.rewind().map_err(|error| self.unreadable(&error))?;
        Ok(BufReader::with_capacity(1 << 16, file))
    }

    /// The sentence for a file that fails while it is read.
    pub(super) fn unreadable(&self, error: &io::Error) -> ConfigError {
        unusable(&self.name, &format!("cannot be read: {error}; nothing was stored"))
    }

    /// Whether what was read is what is there.
    ///
    /// # Errors
    /// A sentence when somebody wrote to the file since it was opened.
    pub(super) fn check_unchanged(&self) -> Result<(), ConfigError> {
        let Some(before) = &self.state else { return Ok(()) };
        let now = FileState::of(&self.file).map_err(|error| self.unreadable(&error))?;
        if *before == now {
            return Ok(());
        }
        let why = "changed while it was read; nothing was stored. Wait until whoever writes it is \
                   done, then import it again";
        Err(unusable(&self.name, why))
    }
}

/// A sentence about a file, as a matter of usage.
pub(super) fn unusable(name: &str, why: &str) -> ConfigError {
    ConfigError::Usage(format!("{name} {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_somebody_writes_to_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        std::fs::write(&path, "first,last,phone\n").unwrap();
        let source = InputFile::open(&path, folder.path()).unwrap();
        source.check_unchanged().unwrap();
        let mut appended = File::options().append(true).open(&path).unwrap();
        appended.write_all(b"John,Doe,1\n").unwrap();
        let told = source.check_unchanged().unwrap_err().to_string();
        assert!(told.contains("a.csv changed while it was read; nothing was stored"), "{told}");
    }

    #[test]
    fn what_cannot_be_rewound_is_read_twice_and_leaves_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let source = InputFile::copy("a pipe".into(), &mut &b"a,b"[..], folder.path()).unwrap();
        for _ in 0..2 {
            let mut text = String::new();
            source.bytes().unwrap().read_to_string(&mut text).unwrap();
            assert_eq!(text, "a,b");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_directory_and_a_missing_file_are_told_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let told = |path: &Path| InputFile::open(path, folder.path()).unwrap_err().to_string();
        assert!(told(folder.path()).contains("is a directory"));
        assert!(told(&folder.path().join("none.csv")).contains("none.csv cannot be read"));
    }
}
