//! Who may read and write a file, and whether that is nobody but its owner.

use std::{
    io::{self, Write},
    path::Path,
};

use super::checks::{Area, DoctorReport};

/// How much is others' affair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strictness {
    /// Others may not even read it: it holds secrets or customers' data.
    Private,
    /// Others may not write it: it decides where secrets and data go.
    Unwritable,
}

/// Checks one file or folder; `None` where it does not exist.
#[cfg(unix)]
fn judge(path: &Path, strictness: Strictness) -> Option<Result<String, (String, String)>> {
    use std::os::unix::fs::PermissionsExt as _;
    let meta = match std::fs::metadata(path) {
        Ok(meta) => meta,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => {
            let advice = format!("see who owns {} and its folders", path.display());
            return Some(Err((format!("{}: {error}", path.display()), advice)));
        }
    };
    let mode = meta.permissions().mode() & 0o777;
    let private = if meta.is_dir() { 0o700 } else { 0o600 };
    let forbidden = match strictness {
        Strictness::Private => 0o077,
        Strictness::Unwritable => 0o022,
    };
    let shown = format!("{mode:04o} {}", path.display());
    if mode & forbidden == 0 {
        return Some(Ok(shown));
    }
    let who = if mode & 0o022 == 0 { "others may read it" } else { "others may write it" };
    let advice = format!("chmod {private:o} {}", path.display());
    Some(Err((format!("{shown}: {who}"), advice)))
}

/// Where there are no modes, the system's own rules for a home folder hold.
#[cfg(not(unix))]
fn judge(path: &Path, _: Strictness) -> Option<Result<String, (String, String)>> {
    path.exists().then(|| Ok(path.display().to_string()))
}

/// Tells each of these on a line of its own; those that are not there are passed over.
pub(super) fn check(
    report: &mut DoctorReport<impl Write>,
    (area, name): (Area, &str),
    paths: &[(&Path, Strictness)],
) -> io::Result<()> {
    for (path, strictness) in paths {
        match judge(path, *strictness) {
            None => {}
            Some(Ok(shown)) => report.ok(name, shown)?,
            Some(Err((detail, advice))) => report.problem(area, name, detail, advice)?,
        }
    }
    Ok(())
}
