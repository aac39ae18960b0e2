//! `results`: what became of what was submitted, newest first, read page by page.

use std::io;

use anyhow::Result;
use jiff::Timestamp;

use super::output::{Format, Printer, ResultRow, word};
use crate::{
    config::Config,
    delivery::clock,
    run::{Exit, scope},
    store::{Page, Store},
    submission::Group,
};

const ROWS_PER_PAGE: u32 = 500;
const COLUMNS: &[&str] = &[
    "status",
    "e164",
    "full_name",
    "id",
    "reason",
    "existing.id",
    "existing.full_name",
    "submitted_at",
    "settled_at",
    "attempts",
];
const TABLE_COLUMNS: &[&str] = &["submitted_at", "status", "full_name", "e164", "id", "reason"];

/// Which rows are wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Only this status, in the words of `--format json`.
    pub status: Option<String>,
    /// Only what was submitted at or after this time.
    pub since: Option<Timestamp>,
    /// How they are printed.
    pub format: Format,
}

/// The statuses there are, as programs read them, and their groups.
pub const STATUSES: [(&str, Group); 6] = [
    ("queued", Group::Queued),
    ("sending", Group::Sending),
    ("created", Group::Created),
    ("duplicate", Group::Duplicate),
    ("rejected", Group::Attention),
    ("attention", Group::Attention),
];

/// Prints them.
///
/// # Errors
/// When the store cannot be read, or nothing can be printed.
pub async fn run(config: &Config, wanted: &Wanted) -> Result<Exit> {
    let store = Store::open(&config.store_path(), scope(config), clock::now()).await?;
    let group = wanted.status.as_ref().and_then(|status| {
        STATUSES.iter().find(|(known, _)| known == status).map(|(_, group)| *group)
    });
    let columns = if wanted.format == Format::Table { TABLE_COLUMNS } else { COLUMNS };
    let mut printer = Printer::new(io::stdout().lock(), wanted.format, columns);
    let mut before = None;
    loop {
        let since = wanted.since;
        let page = Page { group, before, since, limit: ROWS_PER_PAGE, ..Page::default() };
        let entries = store.page(&page).await?;
        let is_wanted =
            |status: &str| wanted.status.as_deref().is_none_or(|wanted| wanted == status);
        let rows: Vec<_> = entries
            .iter()
            .filter(|entry| is_wanted(word(&entry.status)))
            .map(ResultRow::from)
            .collect();
        printer.rows(&rows)?;
        before = entries.last().map(|entry| entry.submission.id);
        if before.is_none() {
            return Ok(Exit::Done);
        }
    }
}
