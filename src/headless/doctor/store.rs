//! The store: whether it opens and is whole, who may read it, what waits in it, and
//! whether there is room for more.

use std::{
    io::{self, Write},
    path::Path,
};

use anyhow::Result;

use super::{
    permissions,
    report::{Area, DoctorReport},
};
use crate::{
    config::{Inspection, ValueOrigin},
    connect::scope,
    delivery::clock,
    private::ownership::Strictness::{Private, Unwritable},
    store::{DirectoryStorage, Estate, Limits, Scope, Store, StoreError},
};

/// Less free space than this is a problem soon.
const LITTLE_SPACE: u64 = 100 * 1024 * 1024;

pub(super) async fn check(
    report: &mut DoctorReport<impl Write>,
    found: &Inspection,
) -> Result<Option<Store>> {
    let Some(data_dir) = &found.data_dir else {
        let why = "there is no home folder to keep it in";
        ["store", "disk"].iter().try_for_each(|check| report.skipped(check, why))?;
        return Ok(None);
    };
    let path = data_dir.join("store.db");
    let store = open(report, found, &path).await?;
    if let Some(store) = &store {
        structure(report, store).await?;
        rows(report, store).await?;
    }
    // A folder that somebody chose may be open to others; the files in it never are.
    let folder = match found.data_dir_from {
        ValueOrigin::Default => Private,
        ValueOrigin::File { .. } | ValueOrigin::Variable(_) | ValueOrigin::Flag(_) => Unwritable,
    };
    let data = (Area::Other, "permissions.data");
    permissions::check(report, data, &[(data_dir, folder)])?;
    let files = ["", "-wal", "-shm"].map(|end| data_dir.join(format!("store.db{end}")));
    let files: Vec<_> = files.iter().map(|path| (path.as_path(), Private)).collect();
    permissions::check(report, (Area::Other, "permissions.store"), &files)?;
    space(report, data_dir)?;
    Ok(store)
}

async fn open(
    report: &mut DoctorReport<impl Write>,
    found: &Inspection,
    path: &Path,
) -> io::Result<Option<Store>> {
    let scope = match &found.verdict {
        Ok(config) => scope(config),
        // Without a configuration it can be looked at, but nothing sent by it.
        Err(_) if path.is_file() => Scope {
            profile: found.profile.clone(),
            estate: Estate::new("", "", ""),
            limits: Limits::per_minute(1),
            directory: DirectoryStorage::OnDisk,
            agent: String::new(),
            machine: String::new(),
        },
        Err(_) => {
            report.skipped("store", format!("{} is not there yet", path.display()))?;
            return Ok(None);
        }
    };
    match Store::open_to_look(path, scope, clock::now()).await {
        Ok(store) => Ok(Some(store)),
        Err(error) => {
            let advice = match &error {
                StoreError::Newer { .. } => "install the newer rolodesk",
                StoreError::Busy => "end the program that holds it",
                StoreError::Missing { .. } | StoreError::Replaced { .. } => {
                    "leave the store's files where they are while rolodesk runs"
                }
                StoreError::Open { .. }
                | StoreError::Unreachable { .. }
                | StoreError::Write { .. }
                | StoreError::Copy { .. }
                | StoreError::Ended
                | StoreError::Read { .. } => {
                    "nothing can be stored or sent until it opens; see who owns the folder and \
                     whether the disk is full"
                }
            };
            report.problem(Area::Other, "store", error.to_string(), advice)?;
            Ok(None)
        }
    }
}

async fn structure(report: &mut DoctorReport<impl Write>, store: &Store) -> io::Result<()> {
    match store.schema_version().await {
        Ok(version) => report.ok("store", format!("opens, version {version}"))?,
        Err(error) => unreadable(report, "store", &error)?,
    }
    match store.fault().await {
        Ok(None) => report.ok("store.integrity", "no damage found"),
        Ok(Some(fault)) => {
            let advice = "copy the folder away, then `rolodesk results --format csv` shows what \
                          can still be read; put a backup in its place";
            report.problem(Area::Other, "store.integrity", fault, advice)
        }
        Err(error) => unreadable(report, "store.integrity", &error),
    }
}

async fn rows(report: &mut DoctorReport<impl Write>, store: &Store) -> io::Result<()> {
    match store.damaged().await {
        Ok(0) => report.ok("store.rows", "every row can be read")?,
        Ok(count) => {
            let advice = "set aside, where that holds up nobody; the log says which";
            let rows = if count == 1 { "row" } else { "rows" };
            let detail = format!("{count} {rows} cannot be read");
            report.problem(Area::Other, "store.rows", detail, advice)?;
        }
        Err(error) => unreadable(report, "store.rows", &error)?,
    }
    let (counts, oldest) = match (store.counts().await, store.oldest_waiting().await) {
        (Ok(counts), Ok(oldest)) => (counts, oldest),
        (Err(error), _) | (_, Err(error)) => return unreadable(report, "store.waiting", &error),
    };
    let since = oldest.map(|at| at.strftime(", the oldest since %Y-%m-%d %H:%M:%SZ").to_string());
    let (queued, attention) = (counts.waiting(), counts.attention);
    let detail = format!(
        "{queued} waiting{}; {attention} need somebody's attention",
        since.unwrap_or_default()
    );
    report.ok("store.waiting", detail)
}

fn unreadable(
    report: &mut DoctorReport<impl Write>,
    check: &str,
    error: &StoreError,
) -> io::Result<()> {
    let advice = "check the disk; copy the folder away before anything else";
    report.problem(Area::Other, check, error.to_string(), advice)
}

/// The folder's disk, or that of the first folder above it that exists.
fn space(report: &mut DoctorReport<impl Write>, folder: &Path) -> io::Result<()> {
    let there = folder.ancestors().find(|path| path.exists()).unwrap_or(folder);
    let free = match free_space(there) {
        Ok(bytes) => bytes,
        Err(error) => return report.skipped("disk", error.to_string()),
    };
    let detail = format!("{} MB free for {}", free / (1024 * 1024), folder.display());
    if free < LITTLE_SPACE {
        let advice = "free some space: a contact that cannot be stored is not taken";
        return report.problem(Area::Other, "disk", detail, advice);
    }
    report.ok("disk", detail)
}

/// Bytes that the folder's disk still takes from us.
#[cfg(unix)]
fn free_space(folder: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(folder)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(not(unix))]
fn free_space(_: &Path) -> io::Result<u64> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "this system is not asked for it"))
}
