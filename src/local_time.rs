//! The zone in which times are shown, read from the one file that holds it.
//!
//! jiff's own way to the system's zone looks for its name among all the zones there are,
//! hundreds of files; the name is shown nowhere, only hours and minutes are.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use jiff::tz::TimeZone;

const SYSTEM: &str = "/etc/localtime";
const ZONES: &str = "/usr/share/zoneinfo";

/// The zone of this process: what `TZ` names (tzset(3)), else the machine's.
#[must_use]
pub fn zone() -> TimeZone {
    let named = env::var("TZ").ok();
    let folder = env::var_os("TZDIR").map_or_else(|| PathBuf::from(ZONES), PathBuf::from);
    // jiff knows of more ways to set a zone than these.
    read(named.as_deref(), &folder, Path::new(SYSTEM)).unwrap_or_else(TimeZone::system)
}

fn read(named: Option<&str>, folder: &Path, system: &Path) -> Option<TimeZone> {
    match named.map(|name| name.strip_prefix(':').unwrap_or(name)) {
        None => file(system),
        Some("") => Some(TimeZone::UTC),
        // An absolute path stands for itself.
        Some(name) => file(&folder.join(name)).or_else(|| TimeZone::posix(name).ok()),
    }
}

fn file(path: &Path) -> Option<TimeZone> {
    TimeZone::tzif("", &fs::read(path).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn noon_in(zone: &TimeZone) -> String {
        let noon: Timestamp = "2026-07-01T12:00:00Z".parse().unwrap();
        noon.to_zoned(zone.clone()).strftime("%H:%M").to_string()
    }

    #[test]
    fn the_zone_is_what_tz_says_and_else_the_machines() {
        let folder = tempfile::tempdir().unwrap();
        let system = folder.path().join("localtime");
        // RFC 8536, 3: no changes and one zone, twice as version 2 wants it, and the rule at the end.
        let header: Vec<u8> = [&b"TZif2"[..], &[0; 15 + 16], &[0, 0, 0, 1, 0, 0, 0, 4]].concat();
        let block = [&[0_u8; 6][..], b"XXX\0"].concat();
        let text = [&header[..], &block, &header, &block, b"\n<+0530>-5:30\n"].concat();
        fs::write(&system, text).unwrap();
        fs::create_dir(folder.path().join("Here")).unwrap();
        fs::copy(&system, folder.path().join("Here/There")).unwrap();
        let path = system.to_str().unwrap();
        let told = |named| read(named, folder.path(), &system).map(|zone| noon_in(&zone));
        assert_eq!(told(None).as_deref(), Some("17:30"));
        for name in ["Here/There", ":Here/There", path] {
            assert_eq!(told(Some(name)).as_deref(), Some("17:30"), "{name}");
        }
        assert_eq!(told(Some("")).as_deref(), Some("12:00"));
        assert_eq!(told(Some("CET-1CEST,M3.5.0,M10.5.0/3")).as_deref(), Some("14:00"));
        assert_eq!(told(Some("No/Such Zone")), None);
        assert_eq!(read(None, folder.path(), &folder.path().join("none")), None);
    }
}
