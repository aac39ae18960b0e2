//! `contacts`: what is known of the platform's contacts, by name; with `--refresh` read
//! anew from the platform first.

use std::io::{self, Write};

use anyhow::Result;
use serde::Serialize;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

use super::{
    PATIENCE,
    output::{Format, Printer},
    sentences,
};
use crate::{
    config::Config,
    connect::{client, scope},
    contact::text::safe,
    delivery::{self, clock},
    exit::Exit,
    store::{ContactQuery, Store},
    submission::{DirectoryProgress, FailureKind, PlatformHealth, Record, Update},
};

const ROWS_PER_PAGE: u32 = 500;
const COLUMNS: &[&str] = &[
    "id",
    "e164",
    "full_name",
    "salutation",
    "first_name",
    "last_name",
    "extension",
    "created_at",
    "created_by",
];
const TABLE_COLUMNS: &[&str] = &["full_name", "e164", "id", "created_at"];

/// What was asked for.
#[derive(Debug, Clone, Default)]
pub struct ContactsRequest {
    /// Whether the platform's list is read first.
    pub refresh: bool,
    /// Only names or numbers holding this text.
    pub search: Option<String>,
    /// How they are printed.
    pub format: Format,
}

/// One contact for programs.
#[derive(Debug, Serialize)]
struct ContactRow {
    id: Option<String>,
    e164: Option<String>,
    full_name: Option<String>,
    salutation: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    extension: Option<String>,
    created_at: Option<String>,
    created_by: Option<String>,
}

impl From<&Record> for ContactRow {
    fn from(record: &Record) -> Self {
        Self {
            id: record.id.as_ref().map(ToString::to_string),
            e164: record.e164.as_ref().map(ToString::to_string),
            full_name: record.name(),
            salutation: record.salutation.clone(),
            first_name: record.first_name.clone(),
            last_name: record.last_name.clone(),
            extension: record.extension.clone(),
            created_at: record.created_at.map(|at| at.to_string()),
            created_by: record.created_by.clone(),
        }
    }
}

/// Prints them. A list that cannot be read anew is told, and what was known is printed.
///
/// # Errors
/// When the store cannot be read, the secret cannot be had, or nothing can be printed.
pub async fn run(config: &Config, wanted: &ContactsRequest) -> Result<Exit> {
    let store = Store::open(&config.store_path(), scope(config), clock::now()).await?;
    let exit = if wanted.refresh { refresh(config, &store).await? } else { Exit::Done };
    print(&store, wanted).await?;
    if !wanted.refresh && store.contact_count().await? == 0 {
        writeln!(
            io::stderr(),
            "No contact is known yet; `rolodesk contacts --refresh` reads them."
        )?;
    }
    Ok(exit)
}

async fn print(store: &Store, wanted: &ContactsRequest) -> Result<()> {
    let columns = if wanted.format == Format::Table { TABLE_COLUMNS } else { COLUMNS };
    let mut printer = Printer::new(io::stdout().lock(), wanted.format, columns);
    let mut shelf =
        ContactQuery { search: wanted.search.clone(), after: None, limit: ROWS_PER_PAGE };
    loop {
        let records = store.contacts(&shelf).await?;
        printer.rows(&records.iter().map(ContactRow::from).collect::<Vec<_>>())?;
        match records.into_iter().next_back() {
            Some(last) => shelf.after = Some(last),
            None => return Ok(()),
        }
    }
}

/// Reads the platform's whole list, at the pace the limit allows.
async fn refresh(config: &Config, store: &Store) -> Result<Exit> {
    let (sender, mut updates) = mpsc::unbounded_channel();
    let settings = delivery::WorkerSettings { max_batch: config.max_batch, ..Default::default() };
    let client = client(config).await?;
    let (handle, worker) = delivery::spawn(store.clone(), client, settings, sender);
    handle.refresh();
    let (mut exit, mut offline_since) = (Exit::Done, None::<Instant>);
    loop {
        let give_up = offline_since.map_or_else(Instant::now, |since| since + PATIENCE);
        let update = tokio::select! {
            update = updates.recv() => update,
            () = sleep_until(give_up), if offline_since.is_some() => {
                exit = Exit::Pending;
                break;
            }
            _ = tokio::signal::ctrl_c() => {
                writeln!(io::stderr(), "Stopped; what was read so far is kept.")?;
                exit = Exit::Pending;
                break;
            }
        };
        match update {
            Some(Update::Directory(DirectoryProgress::Page { read, total })) => {
                let of = total.map(|total| format!(" of {total}")).unwrap_or_default();
                writeln!(io::stderr(), "{read}{of} contacts read")?;
            }
            Some(Update::Directory(DirectoryProgress::Whole { read })) => {
                writeln!(io::stderr(), "{read} contacts on the platform")?;
                break;
            }
            Some(Update::Directory(DirectoryProgress::Failed(failure))) => {
                let why = sentences::failure(&failure);
                writeln!(io::stderr(), "rolodesk: the list cannot be read: {}", safe(&why))?;
                exit = if failure.kind == FailureKind::Unauthorised {
                    Exit::NotAuthorised
                } else {
                    Exit::Pending
                };
                break;
            }
            Some(Update::PlatformHealth(PlatformHealth::Refused(refusal))) => {
                writeln!(io::stderr(), "rolodesk: {}", safe(&sentences::refusal(&refusal)))?;
                exit = Exit::NotAuthorised;
                break;
            }
            Some(Update::PlatformHealth(PlatformHealth::Offline(failure))) => {
                if offline_since.is_none() {
                    let why = sentences::failure(&failure);
                    writeln!(io::stderr(), "rolodesk: {}; still trying", safe(&why))?;
                    offline_since = Some(Instant::now());
                }
            }
            Some(Update::PlatformHealth(PlatformHealth::Online | PlatformHealth::Untried)) => {
                offline_since = None;
            }
            None => break,
            Some(
                Update::Entry(_)
                | Update::NotStored { .. }
                | Update::Gone(_)
                | Update::Reread
                | Update::Counts(_)
                | Update::Budget(_)
                | Update::Notice(_),
            ) => {}
        }
    }
    drop(handle);
    worker.await?;
    Ok(exit)
}
