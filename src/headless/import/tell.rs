//! What is said of each row, once, and the count of it: JSON lines for programs, and for
//! people a line for every row that needs a look. Words about the run itself go to
//! standard error.

use std::io::{self, Write as _};

use serde::Serialize;

use super::{
    ImportRequest,
    changes::Changes,
    progress::{Progress, say},
    row::{RowPosition, SpooledRow},
    tally::Tally,
};
use crate::{
    contact::{Contact, Note, text::safe},
    headless::output::{Because, Existing, existing, id, json_line, outcome_word},
    submission::{Entry, Group, Status},
};

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
    pub(super) fn stored(at: RowPosition, entry: &Entry, before: bool, notes: &[Note]) -> Self {
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
        .noting(notes)
    }

    /// With what was changed or left out on the way, behind whatever else is said.
    pub(super) fn noting(mut self, notes: &[Note]) -> Self {
        if notes.is_empty() {
            return self;
        }
        let reason = match (self.because.reason.take(), Note::sentence(notes)) {
            (Some(why), Some(notes)) => Some(format!("{why}; {notes}")),
            (why, notes) => why.or(notes),
        };
        self.because.reason = reason;
        Self { because: self.because.with("notes", notes), ..self }
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

/// Says and counts.
#[derive(Debug)]
pub(super) struct ImportPrinter {
    json: bool,
    pub(super) tally: Tally,
    pub(super) progress: Progress,
    changes: Changes,
    /// Why standard output can no longer be written to.
    broken: Option<io::Error>,
}

impl ImportPrinter {
    /// For a run of `total` rows.
    pub(super) fn new(request: &ImportRequest, total: u32, changes: Changes) -> Self {
        let (json, dry_run) = (request.json, request.dry_run);
        let zero = dry_run.then_some(0);
        let tally = Tally { valid: zero, unusual: zero, ..Tally::default() };
        let progress = Progress::new(total, !json && !dry_run);
        Self { json, tally, progress, changes, broken: None }
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

    /// Says what was changed or left out in rows that have no line; a program has read it.
    pub(super) fn say_changes(&self, request: &ImportRequest) {
        let line = self.changes.line(request.report.as_deref()).filter(|_| !self.json);
        if let Some(line) = line {
            say(&format!("{line}\n"));
        }
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

/// Whether nothing more will become of it; a duplicate whose owner is still looked for
/// may turn out to be ours.
pub(super) fn is_settled(status: &Status) -> bool {
    crate::headless::add::is_final(status)
}
