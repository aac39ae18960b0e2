//! `results`: what became of what was submitted, newest first, read page by page; as a
//! table, with a report of the whole at its end.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use anyhow::Result;
use jiff::{Timestamp, tz::TimeZone};

use super::output::{Format, Printer, ResultRow, audit_export, damaged, word};
use crate::{
    config::{Config, ConfigError},
    connect,
    delivery::clock,
    exit::Exit,
    local_time,
    private::file::PrivateFile,
    store::Store,
    submission::{Entry, Group, Page, PagePosition},
};

const ROWS_PER_PAGE: u32 = 500;
/// The names go apart into a file, for our own import reads it back.
const COLUMNS: &[&str] = &[
    "status",
    "e164",
    "full_name",
    "id",
    "reason",
    "code",
    "facts",
    "may_exist",
    "existing.id",
    "existing.full_name",
    "submitted_at",
    "settled_at",
    "attempts",
    "salutation",
    "first_name",
    "last_name",
    "extension",
    "agent",
    "submission",
];
const TABLE_COLUMNS: &[&str] = &["submitted_at", "status", "full_name", "e164", "id", "reason"];

/// Which rows are wanted.
#[derive(Debug, Clone, Default)]
pub struct ResultsRequest {
    /// Only this status, in the words of `--format json`.
    pub status: Option<String>,
    /// Only what this agent typed.
    pub agent: Option<String>,
    /// Only what was submitted at or after this time.
    pub since: Option<Timestamp>,
    /// How they are printed.
    pub format: Format,
    /// A file for its owner alone, in the place of standard output.
    pub output: Option<PathBuf>,
}

/// The statuses there are, as programs read them, and their groups.
pub const STATUSES: [(&str, Group); 7] = [
    ("queued", Group::Queued),
    ("sending", Group::Sending),
    ("created", Group::Created),
    ("duplicate", Group::Duplicate),
    ("rejected", Group::Attention),
    ("attention", Group::Attention),
    ("deleted", Group::Deleted),
];

/// Prints them.
///
/// # Errors
/// When the store cannot be read, or nothing can be printed.
pub async fn run(config: &Config, wanted: &ResultsRequest) -> Result<Exit> {
    let store = connect::store_to_look(config, clock::now()).await?;
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
    // The rows were told, whatever cannot be counted.
    if let Some(told) = damaged(store.damaged().await.unwrap_or(0)) {
        writeln!(io::stderr(), "rolodesk: {told}")?;
    }
    Ok(Exit::Done)
}

/// Prints what is wanted; how many rows that were.
async fn print(store: &Store, wanted: &ResultsRequest, mut out: impl Write) -> Result<u64> {
    let mut rows_printed = 0;
    let group = wanted.status.as_ref().and_then(|status| {
        STATUSES.iter().find(|(known, _)| known == status).map(|(_, group)| *group)
    });
    let columns = if wanted.format == Format::Table { TABLE_COLUMNS } else { COLUMNS };
    let mut printer = Printer::new(&mut out, wanted.format, columns);
    let mut report = ResultsSummary::default();
    let mut part = PagePosition::Newest;
    loop {
        let (groups, since) = (group.into_iter().collect(), wanted.since);
        let page = Page { part, groups, since, limit: ROWS_PER_PAGE, ..Page::default() };
        let entries = store.page(&page).await?;
        let is_wanted =
            |status: &str| wanted.status.as_deref().is_none_or(|wanted| wanted == status);
        let by_agent = |entry: &&Entry| wanted.agent.as_ref().is_none_or(|it| *it == entry.agent);
        let told: Vec<_> = entries
            .iter()
            .filter(|entry| is_wanted(word(&entry.status)))
            .filter(by_agent)
            .collect();
        for entry in &told {
            report.count(entry);
        }
        let zone = (wanted.format == Format::Table).then(local_time::zone);
        let row = |entry: &Entry| match &zone {
            Some(zone) => ResultRow::for_people(entry, zone),
            None => ResultRow::from(entry),
        };
        let rows: Vec<_> = told.into_iter().map(row).collect();
        printer.rows(&rows)?;
        rows_printed += rows.len() as u64;
        let Some(oldest) = entries.last() else { break };
        part = PagePosition::Before(oldest.submission.id);
    }
    if wanted.format == Format::Table {
        report.print(&mut out, &local_time::zone())?;
    }
    out.flush()?;
    Ok(rows_printed)
}

/// What a shift came to.
#[derive(Debug, Default)]
struct ResultsSummary {
    counts: Vec<(&'static str, u64)>,
    oldest_waiting: Option<Timestamp>,
}

impl ResultsSummary {
    fn count(&mut self, entry: &Entry) {
        let status = word(&entry.status);
        match self.counts.iter_mut().find(|(known, _)| *known == status) {
            Some((_, count)) => *count += 1,
            None => self.counts.push((status, 1)),
        }
        if matches!(entry.status.group(), Group::Queued | Group::Sending) {
            let at = entry.submission.submitted_at;
            self.oldest_waiting = Some(self.oldest_waiting.map_or(at, |oldest| oldest.min(at)));
        }
    }

    fn print(&self, out: &mut impl Write, zone: &TimeZone) -> io::Result<()> {
        if self.counts.is_empty() {
            return writeln!(out, "No contacts.");
        }
        let of = |status: &str| self.counts.iter().find(|(known, _)| *known == status);
        let told: Vec<_> = STATUSES
            .iter()
            .filter_map(|(status, _)| of(status))
            .map(|(status, count)| format!("{count} {status}"))
            .collect();
        let waiting = self.oldest_waiting.map(|at| {
            let at = at.to_zoned(zone.clone());
            format!("; the oldest that waits was submitted {}", at.strftime("%Y-%m-%d %H:%M"))
        });
        writeln!(out, "\n{}{}", told.join(", "), waiting.unwrap_or_default())
    }
}
