//! `contacts`: what is known of the platform's contacts, by name; with `--refresh` read
//! anew from the platform first.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use anyhow::{Result, bail};
use serde::Serialize;

use super::{
    follow::{Asked, Ended, Follower, Next, Patience},
    output::{Format, Printer, audit_export},
    sentences,
};
use crate::{
    config::{Config, ConfigError, DirectoryUse},
    connect::{self, Deliverer, client},
    contact::text::safe,
    delivery::clock,
    exit::Exit,
    private::file::PrivateFile,
    signals::Signals,
    store::{ContactQuery, Store},
    submission::{DirectoryProgress, Record, Update},
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
    /// A file for its owner alone, in the place of standard output.
    pub output: Option<PathBuf>,
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
    if config.directory == DirectoryUse::Off {
        let why = "`directory` is \"off\" in the profile: contacts are not kept on this machine; set it to \
                   \"on\" or \"memory\" to list them";
        return Err(ConfigError::Usage(why.into()).into());
    }
    let store = connect::store_to_look(config, clock::now()).await?;
    let exit = if wanted.refresh { refresh(config, &store).await? } else { Exit::Done };
    let exported = |rows| audit_export(config, wanted.format, wanted.output.as_deref(), rows);
    match &wanted.output {
        None => exported(print(&store, wanted, io::stdout().lock()).await?),
        Some(path) => {
            let mut file = PrivateFile::begin(path).map_err(ConfigError::Usage)?;
            let rows = print(&store, wanted, io::BufWriter::new(&mut file)).await?;
            file.keep().map_err(ConfigError::Usage)?;
            exported(rows);
        }
    }
    if !wanted.refresh && store.contact_count().await? == 0 {
        writeln!(
            io::stderr(),
            "No contact is known yet; `rolodesk contacts --refresh` reads them."
        )?;
    }
    Ok(exit)
}

/// Prints what is wanted; how many rows that were.
async fn print(store: &Store, wanted: &ContactsRequest, mut out: impl Write) -> Result<u64> {
    let mut rows_printed = 0;
    let columns = if wanted.format == Format::Table { TABLE_COLUMNS } else { COLUMNS };
    let mut printer = Printer::new(&mut out, wanted.format, columns);
    let mut query =
        ContactQuery { search: wanted.search.clone(), after: None, limit: ROWS_PER_PAGE };
    loop {
        let records = store.contacts(&query).await?;
        printer.rows(&records.iter().map(ContactRow::from).collect::<Vec<_>>())?;
        rows_printed += records.len() as u64;
        match records.into_iter().next_back() {
            Some(last) => query.after = Some(last),
            None => break,
        }
    }
    out.flush()?;
    Ok(rows_printed)
}

/// Reads the platform's whole list, at the pace the limit allows.
async fn refresh(config: &Config, store: &Store) -> Result<Exit> {
    let client = client(config).await?;
    let follower = Follower::start(
        config,
        store,
        Deliverer::Alone(Box::new(client)),
        Signals::listen()?,
        false,
    );
    follower.handle.refresh();
    let ended = follower.follow(&mut WholeList, Patience::Short).await?;
    if let Ended::Interrupted(_) = ended {
        writeln!(io::stderr(), "Stopped; what was read so far is kept.")?;
    }
    Ok(ended.exit(ended != Ended::Settled, false))
}

/// What is waited for: that the platform's list was read to its end.
struct WholeList;

impl Asked for WholeList {
    fn hear(&mut self, update: Update) -> Result<Next> {
        match update {
            Update::Directory(DirectoryProgress::Page { read, total }) => {
                let of = total.map(|total| format!(" of {total}")).unwrap_or_default();
                writeln!(io::stderr(), "{read}{of} contacts read")?;
            }
            Update::Directory(DirectoryProgress::Whole { read }) => {
                writeln!(io::stderr(), "{read} contacts on the platform")?;
                return Ok(Next::End(Ended::Settled));
            }
            Update::Directory(DirectoryProgress::Failed(failure)) => {
                self.note(&format!("the list cannot be read: {}", sentences::failure(&failure)))?;
                return Ok(Next::End(if failure.refuses_us() {
                    Ended::Refused
                } else {
                    Ended::Unreachable
                }));
            }
            // The reading has ended with it.
            Update::StoreFailed { reason, .. } => bail!(reason),
            Update::Entry(_)
            | Update::NotStored { .. }
            | Update::Gone(_)
            | Update::Reread
            | Update::PlatformHealth(_)
            | Update::Counts(_)
            | Update::Known { .. }
            | Update::Everybody { .. }
            | Update::Budget(_)
            | Update::Notice(_) => {}
        }
        Ok(Next::Wait)
    }

    async fn look(&mut self) -> Result<Next> {
        Ok(Next::Wait)
    }

    fn note(&mut self, text: &str) -> io::Result<()> {
        writeln!(io::stderr(), "rolodesk: {}", safe(text))
    }
}
