//! The log: to one private file, never to the screen. Customers' names and numbers are
//! not logged, nor secrets at any level; the libraries below us stay silent unless the
//! filter names them.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::Path,
    sync::Mutex,
};

use tracing_subscriber::{EnvFilter, fmt as format};

use crate::config::Environment;

/// A log longer than this is put aside as `rolodesk.log.1` at the next start.
const LONGEST: u64 = 5 * 1024 * 1024;

/// Starts logging. Each line is written at once: there are few, and none while nothing happens.
///
/// # Errors
/// A sentence when `ROLODESK_LOG` is not a filter. A log that cannot be written is no
/// reason not to work: then there is none.
pub fn start(environment: &Environment) -> Result<(), String> {
    let wanted = environment.get("ROLODESK_LOG").unwrap_or_else(|| "rolodesk=info".into());
    let filter = EnvFilter::try_new(&wanted).map_err(|_| {
        format!("ROLODESK_LOG is `{wanted}`, which is no filter; write for example rolodesk=debug")
    })?;
    let Ok(file) = open(&environment.log_file()) else { return Ok(()) };
    let subscriber = format::Subscriber::builder()
        .with_env_filter(filter)
        .with_writer(Mutex::new(file))
        .with_ansi(false)
        .finish();
    // A second start in one process (tests) keeps the first one's log.
    let _ = tracing::subscriber::set_global_default(subscriber);
    Ok(())
}

fn open(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
    }
    if fs::metadata(path).is_ok_and(|it| it.len() > LONGEST) {
        fs::rename(path, path.with_extension("log.1"))?;
    }
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn the_log_is_private_and_does_not_grow_for_ever() {
        use std::os::unix::fs::PermissionsExt as _;
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("state/rolodesk/rolodesk.log");
        open(&path).unwrap().set_len(LONGEST + 1).unwrap();
        drop(open(&path).unwrap());
        assert_eq!(fs::metadata(&path).unwrap().len(), 0);
        assert!(path.with_extension("log.1").is_file());
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    }

    #[test]
    fn a_wrong_filter_is_told_with_an_example() {
        let home = tempfile::tempdir().unwrap();
        let environment = Environment::only([("ROLODESK_LOG", "a=b=c")], home.path());
        assert!(start(&environment).unwrap_err().contains("rolodesk=debug"));
    }
}
