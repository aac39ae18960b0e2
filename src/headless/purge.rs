//! `purge`: erases a person or an age from this machine's store, says what it removed, and
//! asks nothing. The platform keeps what it has.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use anyhow::Result;
use jiff::Timestamp;
use serde::Serialize;

use super::output::json_line;
use crate::{
    config::{Config, ConfigError},
    connect,
    contact::{Phone, Reading, Region, text::safe},
    delivery::clock,
    exit::Exit,
    store::{Erased, Erasure},
    team::postgres::{FloorErasure, Postgres},
};

/// Who or what is erased, and how it is told.
#[derive(Debug, Clone)]
pub struct PurgeRequest {
    /// A number in any usual spelling.
    pub number: Option<String>,
    /// The country a national number is read in.
    pub region: Option<String>,
    /// A whole name.
    pub name: Option<String>,
    /// Before this time.
    pub before: Option<Timestamp>,
    /// Only told.
    pub dry_run: bool,
    /// One JSON object.
    pub json: bool,
}

#[derive(Debug, Serialize)]
struct PurgeReport {
    rows: u64,
    attempts: u64,
    contacts: u64,
    drafts: u64,
    mentions: u64,
    copies: Vec<String>,
    unsettled: u64,
    dry_run: bool,
    /// Rows of the floor's database, where we are its owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    floor_rows: Option<i64>,
}

/// Erases, and tells what.
///
/// # Errors
/// When the number cannot be read, or the store cannot be written.
pub async fn run(config: &Config, request: &PurgeRequest) -> Result<Exit> {
    let erasure = erasure(config, request)?;
    let floor_rows = on_floor(config, &erasure, request.dry_run).await?;
    let store = connect::store_to_look(config, clock::now()).await?;
    let erased = store.erase(erasure, request.dry_run).await?;
    let copies = copies(&config.data_dir);
    if !request.dry_run {
        for copy in &copies {
            fs::remove_file(copy)?;
        }
        store.forget_erased(true).await?;
    }
    if let Some(words) = store.trouble_with_audit() {
        writeln!(io::stderr(), "rolodesk: {words}")?;
    }
    let mut report = PurgeReport::of(&erased, &copies, request.dry_run);
    report.floor_rows = floor_rows.rows;
    let mut out = io::stdout().lock();
    if request.json {
        json_line(&mut out, &report)?;
    } else {
        report.tell(&mut out)?;
    }
    Ok(if erased.unsettled > 0 || floor_rows.is_left { Exit::Partly } else { Exit::Done })
}

/// What was erased of the floor's database.
struct FloorPart {
    rows: Option<i64>,
    /// It holds what only its owner can erase.
    is_left: bool,
}

/// The same in the floor's database, which is its owner's alone to do. A name stands only in
/// rows that nobody there reads.
async fn on_floor(config: &Config, erasure: &Erasure, dry_run: bool) -> Result<FloorPart> {
    let nothing = FloorPart { rows: None, is_left: false };
    let Some(address) = connect::team_address(config).await? else { return Ok(nothing) };
    let floor = Postgres::new(address);
    let done = match erasure {
        Erasure::Number(e164) => {
            floor.erase(&FloorErasure::Number(e164.to_string()), dry_run).await
        }
        Erasure::Before(before) => {
            let age = Timestamp::now().duration_since(*before).as_millis();
            let age_ms = i64::try_from(age).unwrap_or(i64::MAX / 2);
            floor.erase(&FloorErasure::OlderThan { age_ms }, dry_run).await
        }
        Erasure::Name(_) => {
            let words =
                "the team's database is searched by number and age only; give --number as well";
            writeln!(io::stderr(), "rolodesk: {words}")?;
            return Ok(FloorPart { rows: None, is_left: true });
        }
    };
    match done {
        Ok(rows) => Ok(FloorPart { rows: Some(rows), is_left: false }),
        Err(error) => {
            let words = format!(
                "{error}. What it holds is left; its owner erases it with the same command"
            );
            writeln!(io::stderr(), "rolodesk: {}", safe(&words))?;
            Ok(FloorPart { rows: None, is_left: true })
        }
    }
}

fn erasure(config: &Config, request: &PurgeRequest) -> Result<Erasure, ConfigError> {
    match (&request.number, &request.name, request.before) {
        (Some(number), _, _) => {
            let region = match &request.region {
                None => config.default_region,
                Some(text) => Some(Region::find(text).ok_or_else(|| {
                    ConfigError::Usage(format!("--region: `{text}` is no country"))
                })?),
            };
            match Phone::parse(number, region) {
                Reading::Valid(phone) | Reading::Unusual(phone, _) => {
                    Ok(Erasure::Number(phone.e164()))
                }
                Reading::Impossible(why) => Err(ConfigError::Usage(format!("--number: {why}"))),
            }
        }
        (None, Some(name), _) if name.trim().is_empty() => {
            Err(ConfigError::Usage("--name is empty; give the whole name".into()))
        }
        (None, Some(name), _) => Ok(Erasure::Name(name.trim().to_owned())),
        (None, None, Some(before)) => Ok(Erasure::Before(before)),
        (None, None, None) => {
            Err(ConfigError::Usage("say whom or what: --number, --name or --older-than".into()))
        }
    }
}

/// The stores as they were before an upgrade: they hold everybody.
fn copies(data_dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(data_dir) else { return Vec::new() };
    let named = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with("store.db.before-")
    };
    let mut found: Vec<_> = entries.flatten().map(|entry| entry.path()).filter(named).collect();
    found.sort();
    found
}

impl PurgeReport {
    fn of(erased: &Erased, copies: &[PathBuf], dry_run: bool) -> Self {
        let name = |path: &PathBuf| {
            path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
        };
        Self {
            rows: erased.rows.len() as u64,
            attempts: erased.attempts,
            contacts: erased.contacts,
            drafts: erased.drafts,
            mentions: erased.mentions,
            copies: copies.iter().map(name).collect(),
            unsettled: erased.unsettled,
            dry_run,
            floor_rows: None,
        }
    }

    fn tell(&self, out: &mut impl Write) -> io::Result<()> {
        let many = |count: u64, one: &str, more: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            count => Some(format!("{count} {more}")),
        };
        let mut parts: Vec<_> = [
            many(self.rows, "row", "rows"),
            many(self.attempts, "attempt", "attempts"),
            many(
                self.contacts,
                "contact of the platform's list",
                "contacts of the platform's list",
            ),
            many(self.drafts, "half-typed contact", "half-typed contacts"),
            many(self.mentions, "mention in another row", "mentions in other rows"),
        ]
        .into_iter()
        .flatten()
        .collect();
        parts.extend(self.copies.iter().map(|copy| format!("the copy {copy}")));
        let verb = if self.dry_run { "Would remove" } else { "Removed" };
        if !parts.is_empty() {
            writeln!(out, "{verb} {}.", parts.join(", "))?;
        } else if self.floor_rows.is_none() {
            writeln!(out, "There is nothing to remove.")?;
        }
        if let Some(rows) = self.floor_rows {
            let noun = if rows == 1 { "row" } else { "rows" };
            writeln!(out, "{verb} {rows} {noun} of the floor's database.")?;
        }
        match self.unsettled {
            0 => Ok(()),
            count => writeln!(
                out,
                "{count} not settled yet, which stay: deliver them (`rolodesk sync`) or discard \
                 them first."
            ),
        }
    }
}
