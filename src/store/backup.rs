//! A copy of the store while others work on it: whole, as of one moment, with everything that
//! was committed by then. Nothing of the store is changed, and none of its tables need be ours
//! to read: a store of an earlier version is copied as it is.

use std::{fs::File, path::Path};

use super::{
    StoreError,
    engine::{connect, copy_whole},
    file::{StoreFile, plain, shown},
    schema, stale,
};

/// Copies the store at `store` to `copy`, which only its owner may read; it appears when it is
/// whole, and is never laid over a file that is there. It may be put in the store's place.
///
/// # Errors
/// When there is no store, it is damaged, or the copy cannot be written; then there is none.
pub fn backup(store: &Path, copy: &Path) -> Result<(), StoreError> {
    let refused = |reason: String| StoreError::Copy { path: shown(copy), reason };
    let folder = place(copy).map_err(|reason| refused(reason.to_owned()))?;
    let file = StoreFile::existing(store)?;
    if file.is_its_own(copy) {
        return Err(refused(OURS.into()));
    }
    let whole = tempfile::Builder::new().prefix(".rolodesk-backup-").tempfile_in(folder).map_err(
        |error| refused(format!("{} cannot be written: {}", folder.display(), plain(&error))),
    )?;
    copy_pages(&file, whole.path()).map_err(|error| refused(error.to_string()))?;
    whole.as_file().sync_all().map_err(|error| refused(plain(&error)))?;
    whole.persist_noclobber(copy).map_err(|error| match error.error.kind() {
        std::io::ErrorKind::AlreadyExists => refused(THERE.into()),
        _ => refused(plain(&error.error)),
    })?;
    // The name, too, survives a power cut.
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| refused(plain(&error)))
}

/// The folder that the copy is to lie in; in words, where it names no new file in one.
fn place(copy: &Path) -> Result<&Path, &'static str> {
    let folder = copy.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let ends_as_folder = copy.as_os_str().as_encoded_bytes().ends_with(b"/");
    if copy.is_dir() || ends_as_folder || copy.file_name().is_none() {
        Err("it names a folder; name a file")
    } else if copy.symlink_metadata().is_ok() {
        Err(THERE)
    } else if !folder.is_dir() {
        Err("there is no such folder; make it first, or name another")
    } else {
        Ok(folder)
    }
}

const OURS: &str = "a file of that name belongs to the store itself, and would be taken for a part \
                    of it. Name another";
const THERE: &str = "there is such a file already; it was left as it is. Name another";

/// All pages in one go: in parts, a copy would begin anew whenever somebody writes.
fn copy_pages(file: &StoreFile, to: &Path) -> Result<(), StoreError> {
    let alone = file.alone();
    stale::refuse(file)?;
    let source = connect(file.path())?;
    schema::refuse_strangers(&source, file)?;
    let log = file.hold_log();
    drop(alone);
    let copied = copy_whole(&source, to);
    let alone = file.alone();
    drop((source, log));
    drop(alone);
    copied
}
