//! Whether a write-ahead log belongs to the file it lies beside. When a copy is put back
//! after a crash, the log of what it replaced may still be there, and SQLite would lay it
//! over the copy.
//!
//! Every commit of ours raises a number in the file's first page (`user_version`), so it is in
//! the log as well: a log goes on from a file whose number is one below the log's first, or is
//! within the log when part of it was moved into the file. A copy may have such a number too;
//! it is known by having been written after the log. Only a log that a crash left is looked
//! at: one that somebody has open belongs to the file.

use std::{
    fs::{self, File},
    io::{self, BufReader, Read},
    path::Path,
};

use super::{
    StoreError,
    file::{StoreFile, shown},
    system,
};
use crate::private::quoted;

/// Where `user_version` lies in the first page (<https://www.sqlite.org/fileformat.html>).
pub(super) const NUMBER_AT: usize = 60;
const ONE_PAGE: u64 = 4_096;
const LOG_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

/// Refuses a log that goes on from another file; says what to do with it.
pub(super) fn refuse(file: &StoreFile) -> Result<(), StoreError> {
    // What cannot be looked at decides nothing; SQLite checks every page of it.
    if file.is_in_use() {
        return Ok(());
    }
    let fit = fits(file).unwrap_or(Fit::GoesOn);
    let name = |end: &str| {
        let path = file.beside(end);
        path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
    };
    let (log, shm) = (name("-wal"), name("-shm"));
    let away = format!(
        "move {log} and {shm} away (they may hold contacts newer than the copy) and start again"
    );
    let reason = match fit {
        Fit::GoesOn => return Ok(()),
        Fit::Elsewhere => format!(
            "{log} beside it goes on from another state of the store, as after a copy was put \
             back: {away}"
        ),
        Fit::Older => format!(
            "it was changed after {log} beside it was written, as after a copy was put back. If \
             you put a copy back, {away}; if only its rights or its owner were changed, `touch \
             {}` and start again",
            quoted(&shown(&file.beside("-wal")))
        ),
    };
    Err(StoreError::Open { path: shown(file.path()), reason })
}

/// How a log stands to the file it lies beside.
enum Fit {
    /// It may be laid over it.
    GoesOn,
    /// Its commits follow others than the file's.
    Elsewhere,
    /// They may follow the file's, which was changed after them.
    Older,
}

/// Refuses to make a new file beside the log of one that is gone: SQLite would remove it, with
/// whatever was stored last.
pub(super) fn refuse_alone(file: &StoreFile) -> Result<(), StoreError> {
    let log = file.beside("-wal");
    let holds = || Frames::open(&log).ok().flatten()?.numbers();
    if file.path().exists() || holds().is_none() {
        return Ok(());
    }
    Err(StoreError::Open {
        path: shown(file.path()),
        reason: format!(
            "it is not there, and {} beside it holds what was stored last. Put the store back in \
             its place; or, to begin a new one, move that log away and start again",
            shown(&log)
        ),
    })
}

fn fits(file: &StoreFile) -> io::Result<Fit> {
    let log = file.beside("-wal");
    let Ok(beside) = fs::metadata(&log) else { return Ok(Fit::GoesOn) };
    let Some((first, last)) = Frames::open(&log)?.and_then(Frames::numbers) else {
        return Ok(Fit::GoesOn);
    };
    let base = base(file.path())?;
    // A log that other versions wrote has no numbers.
    if first == 0 || base == last {
        return Ok(Fit::GoesOn);
    }
    let of_file = fs::metadata(file.path())?;
    if of_file.len() <= ONE_PAGE {
        // A new store, all of which is in the log; of an empty file SQLite would remove it.
        return Ok(if of_file.len() > 0 { Fit::GoesOn } else { Fit::Elsewhere });
    }
    // Nor has a store of theirs, which the log of its carry-over goes on from.
    let goes_on = base == 0 || (first.saturating_sub(1)..=last).contains(&base);
    Ok(if !goes_on {
        Fit::Elsewhere
    } else if system::changed(&of_file) <= system::changed(&beside) {
        Fit::GoesOn
    } else {
        Fit::Older
    })
}

/// The number in the file itself. Nobody has it open, so nobody loses a lock by this.
fn base(path: &Path) -> io::Result<u32> {
    let mut page = [0; NUMBER_AT + 4];
    let whole = filled(&mut File::open(path)?, &mut page)?;
    Ok(if whole { number_at(&page, NUMBER_AT) } else { 0 })
}

/// The log's frames, one page each.
struct Frames {
    log: BufReader<File>,
    page: i64,
    salt: [u8; 8],
}

impl Frames {
    /// `None` when nothing was written to it.
    fn open(log: &Path) -> io::Result<Option<Self>> {
        let mut log = BufReader::new(File::open(log)?);
        let mut header = [0; LOG_HEADER];
        if !filled(&mut log, &mut header)? {
            return Ok(None);
        }
        let page = i64::from(number_at(&header, 8));
        let mut salt = [0; 8];
        salt.copy_from_slice(&header[16..24]);
        Ok(Some(Self { log, page, salt }))
    }

    /// The numbers that the first and the last commit wrote; `None` where nothing was committed.
    fn numbers(mut self) -> Option<(u32, u32)> {
        let (mut numbers, mut written) = (None, None);
        while let Ok(Some((number, is_commit))) = self.next() {
            written = number.or(written);
            // What no commit follows was never stored: its disk was full, or it was killed.
            if let Some(number) = written.filter(|_| is_commit) {
                let (first, _) = numbers.unwrap_or((number, number));
                numbers = Some((first, number));
            }
        }
        numbers
    }

    /// The next frame: the number in it if it holds the first page, and whether a commit ends
    /// with it.
    fn next(&mut self) -> io::Result<Option<(Option<u32>, bool)>> {
        let mut frame = [0; FRAME_HEADER];
        // What lies behind the last frame is left over from before.
        if !filled(&mut self.log, &mut frame)? || frame[8..16] != self.salt {
            return Ok(None);
        }
        let is_commit = number_at(&frame, 4) != 0;
        let mut page = [0; NUMBER_AT + 4];
        if !filled(&mut self.log, &mut page)? {
            return Ok(None);
        }
        let rest = self.page - i64::try_from(page.len()).unwrap_or(0);
        self.log.seek_relative(rest)?;
        let number = (number_at(&frame, 0) == 1).then(|| number_at(&page, NUMBER_AT));
        Ok(Some((number, is_commit)))
    }
}

fn filled(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    match from.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

pub(super) fn number_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|it| it.try_into().ok()).map_or(0, u32::from_be_bytes)
}
