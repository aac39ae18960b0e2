//! `import`: a CSV file into the outbox, and what became of each row.
//!
//! ```text
//!   source -> decode -> dialect -> columns        what is it? said before anything is done
//!          -> records -> damage, judge -> spool   every row is judged before any is stored
//!          -> deliver (held here? store, wait)    on disk, then sent by the one worker
//!          -> tell, report                        one word per row, each once
//! ```
//!
//! Memory does not grow with the text of the file: rows wait in a private temporary file,
//! and only their numbers and ids are kept. A file without a row of column names is
//! refused: which of two names is the given one cannot be told from a row.
//!
//! Exit codes: a row that still waits weighs more than one that failed, so a run with both
//! ends with "stored but not delivered yet".

mod changes;
mod columns;
mod convert;
mod damage;
mod decode;
mod deliver;
mod detect;
mod dialect;
mod doubt;
mod dry_run;
mod empty;
mod footer;
mod judge;
mod progress;
mod records;
mod report;
mod row;
mod source;
mod spool;
mod table;
mod tally;
mod tell;

use std::{
    collections::{HashMap, hash_map::Entry as Slot},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use encoding_rs::Encoding;

pub use columns::Map;

use crate::{
    config::{Config, ConfigError},
    connect,
    contact::{E164, Region, region::Named},
    delivery::clock,
    exit::Exit,
    headless::follow::{Ended, Follower, Patience},
    signals::Signals,
    store::Store,
};
use changes::Changes;
use convert::{Converted, convert};
use deliver::{LastWords, RowLedger, cannot_keep};
use footer::Footer;
use judge::Judge;
use progress::say;
use records::CsvRecord;
use report::ReportFile;
use row::{Judged, RowVerdict, SpooledRow};
use source::{InputFile, unusable};
use spool::Spool;
use table::{Finding, Origin, Table};
use tell::ImportPrinter;

/// What was asked for.
#[derive(Debug, Clone, Default)]
pub struct ImportRequest {
    /// The file, or "-" for standard input.
    pub file: PathBuf,
    /// Columns that say nothing by themselves.
    pub maps: Vec<Map>,
    /// Where national numbers are read when the row names no country.
    pub region: Option<String>,
    /// The encoding of the file, where it cannot be told by itself.
    pub encoding: Option<String>,
    /// Only judge.
    pub dry_run: bool,
    /// Where the file goes with what became of each row.
    pub report: Option<PathBuf>,
    /// Send numbers that are possible but not in their numbering plan.
    pub allow_unusual: bool,
    /// JSON lines instead of sentences.
    pub json: bool,
}

/// Imports the file.
///
/// # Errors
/// A usage error when the file or a column cannot be used; anything else when the store
/// fails, and then it says what was stored.
pub async fn run(config: &Config, request: ImportRequest) -> Result<Exit> {
    let region = region(config, &request)?;
    let store = if request.dry_run {
        connect::store_to_look(config, clock::now()).await?
    } else {
        connect::store(config, clock::now()).await?
    };
    let source = InputFile::open(&request.file, &config.data_dir)?;
    if let Some(path) = &request.report {
        report::check(path, &source)?;
    }
    let encoding = request.encoding.as_deref().map(named_encoding).transpose()?;
    let converted = convert(&source, &config.data_dir, region, encoding)?;
    source.check_unchanged()?;
    let (source, origin) = match converted {
        Some(Converted { rows, kind, faults }) => (rows, Some(Origin { kind, faults })),
        None => (source, None),
    };
    let (table, judge) = open(config, &request, &source, origin, encoding, region)?;
    let (mut spool, total, changes) =
        judge_all(&source, &table, &judge, &request, &config.data_dir)?;
    let teller = ImportPrinter::new(&request, total, changes);
    if request.dry_run {
        return dry_run::dry_run(&store, &mut spool, teller, &table, &request).await;
    }
    deliver(config, &request, &store, &table, spool, teller).await
}

fn region(config: &Config, request: &ImportRequest) -> Result<Option<Region>, ConfigError> {
    let Some(text) = &request.region else { return Ok(config.default_region) };
    let why = match Region::named(text) {
        Named::One(region) => return Ok(Some(region)),
        Named::Several(regions) => {
            format!("may be {}; write its code", Named::choices(&regions))
        }
        Named::Nothing => {
            "is no country; write its ISO code or English name, such as IN or India".into()
        }
    };
    Err(ConfigError::Usage(format!("--region `{text}` {why}")))
}

/// An encoding by any of its usual names.
fn named_encoding(name: &str) -> Result<&'static Encoding, ConfigError> {
    let text = name.trim().to_lowercase();
    let found = Encoding::for_label(text.as_bytes())
        .or_else(|| Encoding::for_label(text.replace(['_', ' '], "-").as_bytes()))
        .or_else(|| match text.as_str() {
            "macroman" | "mac-roman" | "mac" => Some(encoding_rs::MACINTOSH),
            "utf8" => Some(encoding_rs::UTF_8),
            _ => text
                .strip_prefix("cp")
                .and_then(|it| Encoding::for_label(format!("windows-{it}").as_bytes())),
        });
    found.ok_or_else(|| {
        ConfigError::Usage(format!(
            "--encoding `{name}` is none we know; write for example utf-8, windows-1252, \
             windows-1250, macintosh, shift_jis or gbk"
        ))
    })
}

/// Finds out what the file is, and says so.
fn open(
    config: &Config,
    request: &ImportRequest,
    source: &InputFile,
    origin: Option<Origin>,
    encoding: Option<&'static Encoding>,
    region: Option<Region>,
) -> Result<(Table, Judge), ConfigError> {
    let addressing = config.addressing();
    let by = Finding { maps: &request.maps, addressing: &addressing, region, encoding };
    let (table, columns) = Table::open(source, origin, &by)?;
    let judge = Judge {
        columns,
        region,
        extension: config.extension.clone(),
        doubt: table.doubt.clone(),
        addressing,
    };
    say(&table.described(source, &judge));
    Ok((table, judge))
}

/// Judges every row into the spool; how many there are, and what was changed in them.
fn judge_all(
    source: &InputFile,
    table: &Table,
    judge: &Judge,
    request: &ImportRequest,
    folder: &Path,
) -> Result<(Spool, u32, Changes)> {
    let mut spool = Spool::new(folder).map_err(|error| cannot_keep(&error))?;
    let mut seen = HashMap::new();
    let mut changes = Changes::default();
    let mut number = 0;
    let mut records = table.rows(source)?;
    let mut footer = Footer::default();
    while let Some(record) = records.next().map_err(|error| source.unreadable(&error))? {
        for record in footer.pass(record) {
            number += 1;
            let CsvRecord { line, cells, unreadable } = record;
            let mut judged = match unreadable {
                None => judge.row(&cells),
                Some(why) => Judged {
                    verdict: RowVerdict::Invalid(format!("the row {why}")),
                    full_name: String::new(),
                    notes: Vec::new(),
                },
            };
            if request.dry_run
                || request.allow_unusual
                || matches!(judged.verdict, RowVerdict::Valid(_))
            {
                judged.verdict = first_of_its_number(judged.verdict, number, &mut seen);
            }
            changes.count(&judged);
            let row = SpooledRow { number, line, cells, judged };
            spool.push(row).map_err(|error| cannot_keep(&error))?;
        }
    }
    if footer.count() > 0 {
        let rows = if footer.count() == 1 { "row" } else { "rows" };
        say(&format!("  {} {rows} below the contacts left out\n", footer.count()));
    }
    source.check_unchanged()?;
    if number == 0 {
        return Err(unusable(source.name(), "has a row of column names and no other row").into());
    }
    Ok((spool, number, changes))
}

/// A number that an earlier row has makes the later one a duplicate.
fn first_of_its_number(verdict: RowVerdict, row: u32, seen: &mut HashMap<E164, u32>) -> RowVerdict {
    let contact = match &verdict {
        RowVerdict::Valid(contact) | RowVerdict::Unusual(contact, _) => contact,
        RowVerdict::Repeated(..) | RowVerdict::Invalid(_) => return verdict,
    };
    match seen.entry(contact.phone.e164()) {
        Slot::Occupied(earlier) => RowVerdict::Repeated(contact.clone(), *earlier.get()),
        Slot::Vacant(slot) => {
            slot.insert(row);
            verdict
        }
    }
}

/// Stores the rows, sends them and tells what became of them.
async fn deliver(
    config: &Config,
    request: &ImportRequest,
    store: &Store,
    table: &Table,
    mut spool: Spool,
    mut teller: ImportPrinter,
) -> Result<Exit> {
    // A secret that cannot be had is told before anything is stored.
    let deliverer = connect::deliverer(config).await?;
    let signals = Signals::listen()?;
    let mut rows = RowLedger::store(&mut spool, store, request.allow_unusual, &mut teller).await?;
    deliver::say_before(&rows.before);
    let ended = if teller.is_unheard() {
        Ended::Unheard
    } else {
        let follower = Follower::start(config, store, deliverer, signals, false);
        teller.progress.begin(teller.tally.total);
        let mut asked = LastWords::new(&mut rows, store, &mut teller, config);
        follower.follow(&mut asked, Patience::Short).await?
    };
    rows.tell_rest(store, &mut teller).await?;
    teller.summarise();
    if let Some(path) = &request.report {
        write_report(path, store, table, &mut spool, &rows).await?;
    }
    teller.say_changes(request);
    finish(config, ended, teller)
}

/// Says what still waits, and turns the count into an exit code.
fn finish(config: &Config, ended: Ended, teller: ImportPrinter) -> Result<Exit> {
    let tally = teller.tally;
    if tally.queued > 0 {
        let why = match ended {
            Ended::Settled | Ended::TimeUp | Ended::Unheard => "",
            Ended::Unreachable if config.team.is_some() => "the floor cannot be reached: ",
            Ended::Unreachable => "the platform cannot be reached: ",
            Ended::Refused => "the platform refuses us: ",
            Ended::Interrupted(_) => "stopped: ",
        };
        let rows =
            if tally.queued == 1 { "1 row is" } else { &format!("{} rows are", tally.queued) };
        say(&format!(
            "rolodesk: {why}{rows} stored and still queued; `rolodesk sync` delivers them, and so \
             does any other rolodesk that runs\n"
        ));
    }
    if let Some(error) = teller.failure() {
        return Err(error).context("the results cannot be printed; what was stored is kept");
    }
    Ok(ended.exit(tally.queued > 0, tally.failed() > 0))
}

/// Writes the report from the spool and what the store says of each row by now.
async fn write_report(
    path: &Path,
    store: &Store,
    table: &Table,
    spool: &mut Spool,
    rows: &RowLedger,
) -> Result<()> {
    let mut report = ReportFile::begin(path, table)?;
    let mut left = spool.rows()?;
    loop {
        let part: Vec<_> = left.by_ref().take(500).collect::<Result<_, _>>()?;
        if part.is_empty() {
            return report.keep();
        }
        for (row, told) in rows.told(store, part.into_iter()).await? {
            report.row(&row, &told)?;
        }
    }
}
