//! What is said of each row, once, and the count of it: JSON lines for programs, and for
//! people a line for every row that needs a look. Words about the run itself go to
//! standard error.

use std::io::{self, Write as _};

use serde::Serialize;

use super::{progress::Progress, spool::SpooledRow};
use crate::{
    contact::{Contact, text::safe},
    headless::output::{Because, Existing, existing, id, json_line, outcome_word},
    submission::{Entry, Group, Status},
};

/// Where a row is in the file.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct RowPosition {
    /// Counted from 1, without the header and blank rows.
    pub(super) row: u32,
    /// The line it begins in, which is what editors and spreadsheets show.
    #[serde(skip)]
    pub(super) line: u64,
}

impl std::fmt::Display for RowPosition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "row {}", self.row)?;
        if self.line == u64::from(self.row) + 1 {
            Ok(())
        } else {
            write!(f, " (line {})", self.line)
        }
    }
}

/// The last word on one row.
#[derive(Debug, Clone, Serialize)]
pub(super) struct RowOutcome {
    pub(super) status: &'static str,
    pub(super) id: Option<String>,
    pub(super) e164: Option<String>,
    pub(super) full_name: String,
    #[serde(flatten)]
    pub(super) because: Because,
    pub(super) existing: Option<Existing>,
    #[serde(flatten)]
    pub(super) at: RowPosition,
}

impl RowOutcome {
    /// A row that was not sent.
    pub(super) fn unsent(
        row: &SpooledRow,
        status: &'static str,
        contact: Option<&Contact>,
    ) -> Self {
        Self {
            status,
            id: None,
            e164: contact.map(|contact| contact.phone.e164().to_string()),
            full_name: contact.map_or_else(|| row.judged.full_name.clone(), Contact::full_name),
            because: Because::of(status, None),
            existing: None,
            at: row.at(),
        }
    }

    /// A row whose submission is in the store; `before` when an earlier run put it there.
    pub(super) fn stored(at: RowPosition, entry: &Entry, before: bool) -> Self {
        let contact = &entry.submission.contact;
        let status = outcome_word(&entry.status);
        let mut because = Because::from(entry);
        if before && because.reason.is_none() {
            because.reason = Some(done_before(entry));
        }
        Self {
            status,
            id: id(&entry.status),
            e164: Some(contact.phone.e164().to_string()),
            full_name: contact.full_name(),
            because,
            existing: existing(&entry.status),
            at,
        }
    }

    /// What happened, in a word for programs and in a sentence.
    pub(super) fn because(self, code: &str, reason: impl Into<String>) -> Self {
        Self { because: Because::of(code, Some(reason.into())), ..self }
    }

    /// Its number is that of an earlier row.
    pub(super) fn repeats(self, of: u32) -> Self {
        let because = Because::of("repeated_row", Some(format!("same number as row {of}")));
        Self { because: because.with("row", of), ..self }
    }
}

/// What is said of a row that an earlier run, or an agent, has entered.
pub(super) fn done_before(entry: &Entry) -> String {
    let at = |at: jiff::Timestamp| at.strftime("%Y-%m-%d %H:%MZ").to_string();
    match (entry.status.group(), entry.settled_at) {
        (Group::Created, Some(settled)) => format!("was created before, {}", at(settled)),
        (Group::Created, None) => "was created before".into(),
        (
            Group::Queued | Group::Sending | Group::Deleted | Group::Duplicate | Group::Attention,
            _,
        ) => {
            format!("was entered before, {}", at(entry.submission.submitted_at))
        }
    }
}

/// How many rows there are of each status.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(super) struct Tally {
    pub(super) total: u32,
    pub(super) created: u32,
    pub(super) duplicate: u32,
    pub(super) rejected: u32,
    pub(super) invalid: u32,
    pub(super) queued: u32,
    /// Only in a dry run, as is `unusual`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) valid: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) unusual: Option<u32>,
}

impl Tally {
    fn count(&mut self, status: &str) {
        self.total += 1;
        match status {
            "created" => self.created += 1,
            "duplicate" => self.duplicate += 1,
            "rejected" => self.rejected += 1,
            "queued" => self.queued += 1,
            "valid" => *self.valid.get_or_insert(0) += 1,
            "unusual" => *self.unusual.get_or_insert(0) += 1,
            _ => self.invalid += 1,
        }
    }

    /// Rows that cannot become contacts as they are.
    pub(super) fn failed(&self) -> u32 {
        self.duplicate + self.rejected + self.invalid
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rows = if self.total == 1 { "row" } else { "rows" };
        write!(f, "{} {rows}: ", self.total)?;
        let dry = self.valid.zip(self.unusual);
        let parts = [
            (dry.map(|it| it.0), "valid"),
            (dry.map(|it| it.1), "unusual"),
            (dry.is_none().then_some(self.created), "created"),
            (Some(self.duplicate), "duplicate"),
            (dry.is_none().then_some(self.rejected), "rejected"),
            (Some(self.invalid), "invalid"),
            (dry.is_none().then_some(self.queued), "queued"),
        ];
        let told: Vec<_> = parts
            .into_iter()
            .filter_map(|(count, word)| count.map(|count| format!("{count} {word}")))
            .collect();
        f.write_str(&told.join(", "))
    }
}

/// Says and counts.
#[derive(Debug)]
pub(super) struct ImportPrinter {
    json: bool,
    pub(super) tally: Tally,
    pub(super) progress: Progress,
    /// Why standard output can no longer be written to.
    broken: Option<io::Error>,
}

impl ImportPrinter {
    /// For a run of `total` rows.
    pub(super) fn new(json: bool, dry_run: bool, total: u32) -> Self {
        let zero = dry_run.then_some(0);
        let tally = Tally { valid: zero, unusual: zero, ..Tally::default() };
        Self { json, tally, progress: Progress::new(total, !json && !dry_run), broken: None }
    }

    /// The last word on a row.
    pub(super) fn tell(&mut self, told: &RowOutcome) {
        self.tally.count(told.status);
        self.progress.advance(&self.tally);
        if self.json {
            self.print(|out| json_line(out, told));
        } else if !matches!(told.status, "created" | "valid" | "queued") {
            let number = told.e164.as_deref().unwrap_or("");
            let (status, at) = (told.status, told.at.to_string());
            let line = [&told.full_name, number, told.because.reason.as_deref().unwrap_or("")]
                .map(safe)
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join("  ");
            self.print(|out| writeln!(out, "{at:<9} {status:<9}  {line}"));
        }
    }

    /// The count of all rows, last of all.
    pub(super) fn summarise(&mut self) {
        #[derive(Serialize)]
        struct Summary {
            summary: Tally,
        }
        let (json, tally) = (self.json, self.tally);
        self.progress.finish();
        self.print(|out| {
            if json {
                json_line(out, &Summary { summary: tally })
            } else {
                writeln!(out, "{tally}")
            }
        });
    }

    fn print(&mut self, write: impl FnOnce(&mut io::Stdout) -> io::Result<()>) {
        if self.broken.is_none() {
            let mut out = io::stdout();
            let written = self.progress.beside(|| write(&mut out).and_then(|()| out.flush()));
            self.broken = written.err();
        }
    }

    /// Nobody reads any more.
    pub(super) fn is_unheard(&self) -> bool {
        self.broken.is_some()
    }

    /// Why nothing could be printed, unless the reader just went away.
    pub(super) fn failure(self) -> Option<io::Error> {
        self.broken.filter(|error| error.kind() != io::ErrorKind::BrokenPipe)
    }
}

/// Words about the run. With standard error gone there is nobody to tell.
pub(super) fn say(text: &str) {
    let _ = write!(io::stderr(), "{text}");
}

/// Whether nothing more will become of it; a duplicate whose owner is still looked for
/// may turn out to be ours.
pub(super) fn is_settled(status: &Status) -> bool {
    crate::headless::add::is_final(status)
}
