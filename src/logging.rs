//! The log: to one private file, never to the screen. Customers' names and numbers are
//! not logged, nor secrets at any level; the libraries below us stay silent unless the
//! filter names them.

use std::sync::Mutex;

use tracing_subscriber::{EnvFilter, fmt as format};

use crate::{
    config::Environment,
    private::journal::{Journal, Limits, Unwritten},
};

/// A log longer than this is put aside as `rolodesk.log.1`, also while it is written.
const LIMITS: Limits = Limits { longest: 5 * 1024 * 1024, kept: 1 };

/// Starts logging. Each line is written as it is told: what a crash leaves is whole.
///
/// # Errors
/// A sentence when `ROLODESK_LOG` is not a filter, or when the log is a link, somebody
/// else's, or one that others may write. A log that cannot be written is no reason not to
/// work: then there is none.
pub fn start(environment: &Environment) -> Result<(), String> {
    let wanted = environment.get("ROLODESK_LOG").unwrap_or_else(|| "rolodesk=info".into());
    let filter = EnvFilter::try_new(&wanted).map_err(|_| {
        format!("ROLODESK_LOG is `{wanted}`, which is no filter; write for example rolodesk=debug")
    })?;
    let Some(path) = environment.log_file() else { return Ok(()) };
    let journal = match Journal::open(&path, LIMITS) {
        Ok(journal) => journal,
        Err(Unwritten::Refused(why)) => return Err(format!("the log {why}")),
        Err(Unwritten::Failed(_)) => return Ok(()),
    };
    let subscriber = format::Subscriber::builder()
        .with_env_filter(filter)
        .with_writer(Mutex::new(journal))
        .with_ansi(false)
        .finish();
    // A second start in one process (tests) keeps the first one's log.
    let _ = tracing::subscriber::set_global_default(subscriber);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_filter_is_told_with_an_example() {
        let home = tempfile::tempdir().unwrap();
        let environment = Environment::only([("ROLODESK_LOG", "a=b=c")], home.path());
        assert!(start(&environment).unwrap_err().contains("rolodesk=debug"));
    }

    #[cfg(unix)]
    #[test]
    fn a_log_that_is_a_link_is_refused_and_nothing_is_written_where_it_leads() {
        let home = tempfile::tempdir().unwrap();
        let environment = Environment::only([("", ""); 0], home.path());
        let (path, victim) = (environment.log_file().unwrap(), home.path().join("victim"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(&victim, &path).unwrap();
        let why = start(&environment).unwrap_err();
        assert!(why.starts_with("the log ") && why.contains("run: rm "), "{why}");
        assert!(!victim.exists());
    }
}
