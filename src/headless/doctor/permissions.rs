//! Who may read and write a file, and whether that is nobody but its owner.

use std::{
    io::{self, Write},
    path::Path,
};

use super::report::{Area, DoctorReport};
use crate::private::ownership::{Strictness, judge};

/// Tells each of these on a line of its own; those that are not there are passed over.
pub(super) fn check(
    report: &mut DoctorReport<impl Write>,
    (area, name): (Area, &str),
    paths: &[(&Path, Strictness)],
) -> io::Result<()> {
    for (path, strictness) in paths {
        match std::fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                let advice = format!("see who owns {} and its folders", path.display());
                report.problem(area, name, format!("{}: {error}", path.display()), advice)?;
            }
            // Whose a device is, nobody is told to change.
            Ok(meta) if !meta.is_file() && !meta.is_dir() => {}
            Ok(meta) => match judge(path, &meta, *strictness) {
                Ok(()) => report.ok(name, format!("{}{}", mode(&meta), path.display()))?,
                Err(it) => {
                    let detail = format!("{}: {}", path.display(), it.fault);
                    report.problem(area, name, detail, it.mend)?;
                }
            },
        }
    }
    Ok(())
}

#[cfg(unix)]
fn mode(meta: &std::fs::Metadata) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    format!("{:04o} ", meta.permissions().mode() & 0o777)
}

#[cfg(not(unix))]
fn mode(_: &std::fs::Metadata) -> String {
    String::new()
}
