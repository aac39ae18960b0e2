//! A file that is only ever added to and never grows long: past a length it is put aside
//! as `NAME.1` and begun anew, also while other processes write to it.
//!
//! What is written goes to the end in one piece, so that lines of several processes do not
//! mix. No link is followed: whoever plants one would choose which file is written to.

use std::{
    ffi::OsString,
    fs::{self, File, Metadata, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::{
    file::{folder_of, make_folder},
    ownership::{Strictness, judge, judge_path},
    quoted,
};

/// How long a journal grows, and how many that were put aside are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// In bytes.
    pub longest: u64,
    /// `NAME.1` is the newest of them.
    pub kept: u32,
}

/// An open journal.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    limits: Limits,
    file: File,
}

/// Why a journal is not written to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unwritten {
    /// It is not to be trusted: a sentence with what mends it.
    #[error("{0}")]
    Refused(String),
    /// The disk or the system does not let us: a sentence.
    #[error("{0}")]
    Failed(String),
}

impl Journal {
    /// Opens the journal at `path`, making it (0600) and its folder (0700).
    ///
    /// # Errors
    /// When it is a link, somebody else's or writable by others, or cannot be written.
    pub fn open(path: &Path, limits: Limits) -> Result<Self, Unwritten> {
        let failed = |error: io::Error| {
            Unwritten::Failed(format!("cannot write {}: {error}", path.display()))
        };
        let folder = folder_of(path);
        make_folder(&folder).map_err(failed)?;
        let of_folder = judge_path(&folder, Strictness::Unwritable).map_err(failed)?;
        of_folder.map_err(|distrust| Unwritten::Refused(distrust.to_string()))?;
        let file = open_unlinked(path).map_err(|error| match fs::symlink_metadata(path) {
            Ok(meta) if meta.is_symlink() => Unwritten::Refused(linked(path)),
            Ok(_) | Err(_) => failed(error),
        })?;
        let meta = file.metadata().map_err(failed)?;
        if !meta.is_file() {
            let why = format!("{}: it is a pipe or a device, not a file", path.display());
            return Err(Unwritten::Refused(why));
        }
        judge(path, &meta, Strictness::Unwritable)
            .map_err(|distrust| Unwritten::Refused(distrust.to_string()))?;
        let mut journal = Self { path: path.to_owned(), limits, file };
        journal.keep_short().map_err(failed)?;
        Ok(journal)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Waits until everything is on the disk.
    ///
    /// # Errors
    /// The system's.
    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// Begins anew when another process has put the file aside, or when it is long.
    fn keep_short(&mut self) -> io::Result<()> {
        let ours = self.file.metadata()?;
        let there = fs::symlink_metadata(&self.path).ok();
        if !there.is_some_and(|there| is_same(&ours, &there)) {
            self.file = open_unlinked(&self.path)?;
        } else if ours.len() > self.limits.longest && self.may_put_aside() {
            for number in (1..self.limits.kept).rev() {
                let _ = fs::rename(self.aside(number), self.aside(number + 1));
            }
            fs::rename(&self.path, self.aside(1))?;
            self.file = open_unlinked(&self.path)?;
        }
        Ok(())
    }

    /// One process alone does it, and only while the file is still in its place.
    #[cfg(unix)]
    fn may_put_aside(&self) -> bool {
        use rustix::fs::{FlockOperation, flock};
        let locked = flock(&self.file, FlockOperation::NonBlockingLockExclusive).is_ok();
        let there = || {
            let (ours, there) = (self.file.metadata(), fs::symlink_metadata(&self.path));
            ours.is_ok_and(|ours| there.is_ok_and(|there| is_same(&ours, &there)))
        };
        locked && there()
    }

    /// An open file cannot be renamed there: it is put aside at the next start.
    #[cfg(not(unix))]
    fn may_put_aside(&self) -> bool {
        false
    }

    fn aside(&self, number: u32) -> PathBuf {
        let mut name = OsString::from(&self.path);
        name.push(format!(".{number}"));
        name.into()
    }
}

impl Write for Journal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A log that cannot be put aside is written to as it is.
        let _ = self.keep_short();
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn linked(path: &Path) -> String {
    let (shown, word) = (path.display(), quoted(&path.display().to_string()));
    format!("{shown}: it is a link, which is not followed; run: rm {word}")
}

fn open_unlinked(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt as _;
        let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits();
        options.mode(0o600).custom_flags(i32::try_from(flags).unwrap_or_default());
    }
    options.open(path)
}

#[cfg(unix)]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
fn is_same(_: &Metadata, _: &Metadata) -> bool {
    true
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    const SHORT: Limits = Limits { longest: 100, kept: 2 };

    fn line(journal: &mut Journal, number: u32) -> io::Result<()> {
        journal.write_all(format!("line {number:>20}\n").as_bytes())
    }

    #[test]
    fn a_journal_is_put_aside_while_it_is_written_and_the_oldest_ones_go() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("state/x.jsonl");
        let mut journal = Journal::open(&path, SHORT).unwrap();
        (0..100).try_for_each(|number| line(&mut journal, number)).unwrap();
        let files = fs::read_dir(path.parent().unwrap()).unwrap().count();
        assert_eq!(files, 3, "the journal and the two that were put aside");
        for name in ["x.jsonl", "x.jsonl.1", "x.jsonl.2"] {
            let meta = fs::metadata(path.with_file_name(name)).unwrap();
            assert!(meta.len() <= 130, "{name} is {} bytes long", meta.len());
            assert_eq!(meta.permissions().mode() & 0o777, 0o600);
        }
        assert!(fs::read_to_string(&path).unwrap().ends_with("99\n"));
    }

    #[test]
    fn two_that_write_to_one_journal_lose_no_line_when_either_puts_it_aside() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("x.jsonl");
        let roomy = Limits { longest: 1000, kept: 2 };
        let mut both = [Journal::open(&path, roomy).unwrap(), Journal::open(&path, roomy).unwrap()];
        (0..60).try_for_each(|number| line(&mut both[number as usize % 2], number)).unwrap();
        let read = |name: &str| fs::read_to_string(path.with_file_name(name)).unwrap_or_default();
        let all = read("x.jsonl.2") + &read("x.jsonl.1") + &read("x.jsonl");
        let numbers: Vec<u32> = all.lines().map(|line| line[4..].trim().parse().unwrap()).collect();
        assert_eq!(numbers, (0..60).collect::<Vec<_>>());
    }

    #[test]
    fn no_link_is_followed_and_what_others_may_write_is_refused_with_its_cure() {
        let home = tempfile::tempdir().unwrap();
        let (victim, path) = (home.path().join("victim"), home.path().join("x.log"));
        fs::write(&victim, "kept").unwrap();
        symlink(&victim, &path).unwrap();
        let told = |path: &Path| Journal::open(path, SHORT).unwrap_err();
        assert!(matches!(told(&path), Unwritten::Refused(why) if why.contains("run: rm ")));
        assert_eq!(fs::read_to_string(&victim).unwrap(), "kept");
        let open = home.path().join("open.log");
        fs::write(&open, "").unwrap();
        fs::set_permissions(&open, fs::Permissions::from_mode(0o666)).unwrap();
        assert!(matches!(told(&open), Unwritten::Refused(why) if why.contains("run: chmod ")));
        let below = victim.join("x.log");
        assert!(matches!(told(&below), Unwritten::Failed(why) if why.contains("cannot write")));
    }
}
