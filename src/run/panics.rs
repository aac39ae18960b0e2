//! What is left of a panic: a report beside the log, and a sentence that says where.
//!
//! The report holds place, thread, version and backtrace. Of the panic's own message only
//! text that stands in the program is kept: any other could hold a customer's data.

use std::{
    backtrace::Backtrace,
    fs, io,
    io::Write as _,
    panic::{self, PanicHookInfo},
    path::{Path, PathBuf},
    thread,
};

use jiff::Timestamp;

use crate::{config::Environment, private::file::make_folder, tui::terminal};

/// Older reports than these are removed.
const MOST: usize = 10;

/// From now on a panic leaves a report in the folder of the log.
pub fn report_panics(environment: &Environment) {
    let folder = environment.state_dir();
    panic::set_hook(Box::new(move |info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        let written = folder.as_deref().map(|folder| write(folder, &report(info, &place)));
        let nowhere = || Err(io::Error::other("there is no home folder"));
        let told = match written.unwrap_or_else(nowhere) {
            Ok(path) => format!("the report is {}", path.display()),
            Err(error) => format!("no report could be written: {error}"),
        };
        let says = message(info).map(|says| format!(": {says}")).unwrap_or_default();
        let words = format!("a defect of the program itself at {place}{says}; {told}");
        if let Some(words) = terminal::say_on_panic(words) {
            // With standard error closed as well there is nobody to tell.
            let _ = writeln!(io::stderr(), "rolodesk: {words}");
        }
    }));
}

fn message<'a>(info: &'a PanicHookInfo<'_>) -> Option<&'a str> {
    info.payload().downcast_ref::<&'static str>().copied()
}

fn report(info: &PanicHookInfo<'_>, place: &str) -> String {
    format!(
        "rolodesk {version} met a defect of its own. What was submitted is in the store.\n\n\
         when:    {now}\nwhere:   {place}\nthread:  {thread}\nsays:    {says}\nsystem:  {os} \
         {arch}\n\n{trace}\n",
        version = env!("CARGO_PKG_VERSION"),
        now = Timestamp::now(),
        thread = thread::current().name().unwrap_or("without a name"),
        says = message(info).unwrap_or("(left out: it could hold a customer's data)"),
        os = std::env::consts::OS,
        arch = std::env::consts::ARCH,
        trace = Backtrace::force_capture(),
    )
}

fn write(folder: &Path, report: &str) -> io::Result<PathBuf> {
    make_folder(folder)?;
    let millisecond = Timestamp::now().as_millisecond();
    let path = folder.join(format!("panic-{millisecond}-{}.txt", std::process::id()));
    let mut options = fs::OpenOptions::new();
    // Never what lies there already: it could be a link.
    options.create_new(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&path)?.write_all(report.as_bytes())?;
    remove_old(folder);
    Ok(path)
}

/// The names sort by time.
fn remove_old(folder: &Path) {
    let Ok(files) = fs::read_dir(folder) else { return };
    let is_report = |path: &PathBuf| {
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        stem.starts_with("panic-") && path.extension().is_some_and(|end| end == "txt")
    };
    let mut reports: Vec<_> = files.flatten().map(|file| file.path()).filter(is_report).collect();
    reports.sort();
    for old in reports.iter().rev().skip(MOST) {
        let _ = fs::remove_file(old);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn reports_are_private_and_only_the_newest_are_kept() {
        use std::os::unix::fs::PermissionsExt as _;
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("state/rolodesk");
        fs::create_dir_all(&folder).unwrap();
        for n in 0..20 {
            fs::write(folder.join(format!("panic-10000000000{n:02}-1.txt")), "old").unwrap();
        }
        fs::write(folder.join("rolodesk.log"), "kept").unwrap();
        let path = write(&folder, "new").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), MOST + 1);
        assert!(path.is_file() && folder.join("rolodesk.log").is_file());
        assert!(!folder.join("panic-1000000000010-1.txt").exists());
    }
}
