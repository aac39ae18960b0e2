//! What commands print: rows as a table for people, JSON lines or CSV for programs.
//!
//! Text that came from outside is made harmless here, once: control characters and
//! direction overrides never reach a terminal, and a CSV cell that a spreadsheet would
//! take for a formula gets a leading apostrophe. International numbers begin with a plus
//! and are such cells; our own import takes the apostrophe off again.

mod because;
mod guard;
mod table;

use std::{
    io::{self, Write},
    path::Path,
};

use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::{Serializer, Value, ser::Formatter};

pub use because::Because;
pub use guard::{neutral, original};
use table::{table, terminal_width};

use crate::{
    audit::{AuditRecord, AuditVerb},
    config::Config,
    connect,
    contact::text::{is_bidi_control, safe},
    submission::{Entry, Owner, State, Status},
};

/// How rows are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// Aligned columns.
    #[default]
    Table,
    /// One object per line.
    Json,
    /// A header and comma-separated rows.
    Csv,
}

/// The existing contact of a duplicate.
#[derive(Debug, Clone, Serialize)]
pub struct Existing {
    /// The platform's id.
    pub id: Option<String>,
    /// The name on the platform.
    pub full_name: Option<String>,
}

impl From<&Owner> for Existing {
    fn from(owner: &Owner) -> Self {
        Self { id: owner.id.as_ref().map(ToString::to_string), full_name: owner.full_name.clone() }
    }
}

/// What is told of rows that cannot be read, where there are any.
#[must_use]
pub fn damaged(rows: u64) -> Option<String> {
    match rows {
        0 => None,
        1 => Some("1 row cannot be read and was set aside; the log says which".to_owned()),
        many => Some(format!("{many} rows cannot be read and were set aside; the log says which")),
    }
}

/// The word scripts read for a status.
#[must_use]
pub fn word(status: &Status) -> &'static str {
    match status.state() {
        State::Unclear => State::Queued.word(),
        state => state.word(),
    }
}

/// The platform's id, once there is one.
#[must_use]
pub fn id(status: &Status) -> Option<String> {
    match status {
        Status::Created { id, .. } | Status::Deleted { id } => Some(id.to_string()),
        Status::Queued(_)
        | Status::Unclear(_)
        | Status::Sending
        | Status::Duplicate { .. }
        | Status::Rejected { .. }
        | Status::Attention { .. } => None,
    }
}

/// The word of `add` and `import`, which know fewer: what waits is queued, what needs
/// someone was rejected.
#[must_use]
pub fn outcome_word(status: &Status) -> &'static str {
    match status.state() {
        State::Queued | State::Unclear | State::Sending => State::Queued.word(),
        State::Rejected | State::Attention => State::Rejected.word(),
        State::Duplicate => State::Duplicate.word(),
        // It was created; that it was deleted since is told beside it.
        State::Created | State::Deleted => State::Created.word(),
    }
}

/// The existing contact, when the status is about one.
#[must_use]
pub fn existing(status: &Status) -> Option<Existing> {
    status.owners().first().map(Existing::from)
}

/// One row of `results` for programs.
#[derive(Debug, Clone, Serialize)]
pub struct ResultRow {
    status: &'static str,
    e164: String,
    full_name: String,
    id: Option<String>,
    #[serde(flatten)]
    because: Because,
    existing: Option<Existing>,
    submitted_at: String,
    settled_at: Option<String>,
    attempts: u32,
    agent: String,
    salutation: String,
    first_name: String,
    last_name: String,
    extension: String,
    submission: String,
}

impl ResultRow {
    /// With the time as people in that zone read it.
    #[must_use]
    pub fn for_people(entry: &Entry, zone: &TimeZone) -> Self {
        let at = entry.submission.submitted_at.to_zoned(zone.clone());
        Self { submitted_at: at.strftime("%Y-%m-%d %H:%M").to_string(), ..Self::from(entry) }
    }
}

impl From<&Entry> for ResultRow {
    fn from(entry: &Entry) -> Self {
        let contact = &entry.submission.contact;
        Self {
            status: word(&entry.status),
            e164: contact.phone.e164().to_string(),
            full_name: contact.full_name(),
            id: id(&entry.status),
            because: entry.into(),
            existing: existing(&entry.status),
            submitted_at: entry.submission.submitted_at.to_string(),
            settled_at: entry.settled_at.map(|at| at.to_string()),
            attempts: entry.attempts,
            agent: entry.agent.clone(),
            salutation: contact.salutation.to_string(),
            first_name: contact.first_name.to_string(),
            last_name: contact.last_name.to_string(),
            extension: contact.extension.to_string(),
            submission: entry.submission.id.to_string(),
        }
    }
}

/// Prints one JSON object on a line of its own. Text is kept to the letter, but what could
/// move a terminal stands as an escape.
///
/// # Errors
/// When `out` cannot be written to.
pub fn json_line(out: &mut impl Write, row: &impl Serialize) -> io::Result<()> {
    let mut line = Serializer::with_formatter(&mut *out, Harmless);
    row.serialize(&mut line).map_err(io::Error::from)?;
    writeln!(out)
}

/// JSON (RFC 8259, 7) lets any character stand as an escape; serde writes only ASCII's
/// control characters so, not C1 and the direction controls.
struct Harmless;

impl Formatter for Harmless {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let hostile = |letter: char| letter.is_control() || is_bidi_control(letter);
        let mut rest = fragment;
        while let Some(at) = rest.find(hostile) {
            let (before, from) = rest.split_at(at);
            out.write_all(before.as_bytes())?;
            let mut letters = from.chars();
            if let Some(letter) = letters.next() {
                write!(out, "\\u{:04x}", u32::from(letter))?;
            }
            rest = letters.as_str();
        }
        out.write_all(rest.as_bytes())
    }
}

/// Prints rows, page by page, in the wanted format; `columns` name the fields to show.
#[derive(Debug)]
pub struct Printer<Out: Write> {
    out: Out,
    format: Format,
    columns: &'static [&'static str],
    /// Cells of a line, where it is read on a terminal.
    width: Option<usize>,
    begun: bool,
}

/// Tells the audit trail that rows were written out for other programs; a table on the
/// screen is only looked at.
pub fn audit_export(config: &Config, format: Format, file: Option<&Path>, rows: u64) {
    let word = match (format, file) {
        (Format::Table, None) => return,
        (Format::Table, Some(_)) => "table",
        (Format::Json, _) => "json",
        (Format::Csv, _) => "csv",
    };
    connect::audit(config)
        .add(&[AuditRecord::of(AuditVerb::Export, format!("{word}, {rows} rows"))]);
}

impl<Out: Write> Printer<Out> {
    /// Nothing is printed yet. A column may name a field inside another:
    /// `existing.full_name`.
    pub fn new(out: Out, format: Format, columns: &'static [&'static str]) -> Self {
        Self { out, format, columns, width: terminal_width(), begun: false }
    }

    /// Prints some rows, after the header the first time.
    ///
    /// # Errors
    /// When it cannot be written to.
    pub fn rows<SampleRow: Serialize>(&mut self, rows: &[SampleRow]) -> io::Result<()> {
        let first = !std::mem::replace(&mut self.begun, true);
        match self.format {
            Format::Json => rows.iter().try_for_each(|row| json_line(&mut self.out, row)),
            Format::Csv => csv(&mut self.out, self.columns, rows, first),
            Format::Table => table(&mut self.out, self.columns, rows, first, self.width),
        }
    }
}

fn cells<SampleRow: Serialize>(columns: &[&str], row: &SampleRow) -> io::Result<Vec<String>> {
    let value = serde_json::to_value(row).map_err(io::Error::from)?;
    Ok(columns.iter().map(|column| cell(&value, column)).collect())
}

fn cell(row: &Value, column: &str) -> String {
    let value = column.split('.').try_fold(row, |value, key| value.get(key));
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => safe(text),
        Some(other) => safe(&other.to_string()),
    }
}

fn csv<SampleRow: Serialize>(
    out: &mut impl Write,
    columns: &[&str],
    rows: &[SampleRow],
    first: bool,
) -> io::Result<()> {
    let mut writer =
        csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_writer(out);
    if first {
        let names = columns.iter().map(|column| column.replace('.', "_"));
        writer.write_record(names).map_err(io::Error::from)?;
    }
    for row in rows {
        let cells = cells(columns, row)?.into_iter().map(|text| neutral(&text));
        writer.write_record(cells).map_err(io::Error::from)?;
    }
    writer.flush()
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr as _;

    use super::*;

    #[derive(Serialize)]
    struct SampleRow {
        name: &'static str,
        existing: Option<Existing>,
    }

    fn row(name: &'static str) -> SampleRow {
        let full_name = Some("=cmd()".to_owned());
        SampleRow { name, existing: Some(Existing { id: None, full_name }) }
    }

    fn printed(format: Format, name: &'static str) -> String {
        let columns = &["name", "existing.full_name"];
        let mut printer = Printer { width: None, ..Printer::new(Vec::new(), format, columns) };
        printer.rows(&[row(name)]).unwrap();
        String::from_utf8(printer.out).unwrap()
    }

    #[test]
    fn a_table_lines_up_wide_characters_by_cells() {
        let text = printed(Format::Table, "山田");
        assert_eq!(text, "name  full name\n山田  =cmd()\n");
    }

    #[test]
    fn a_table_fits_its_terminal_and_cuts_the_widest_column() {
        let mut out = Vec::new();
        let rows = [row("a name that is far too long for a narrow terminal")];
        table(&mut out, &["name", "existing.full_name"], &rows, true, Some(24)).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.lines().all(|line| line.width() <= 24), "{text}");
        assert!(text.contains("a name that ~") && text.contains("=cmd()"), "{text}");
    }

    #[test]
    fn escape_sequences_never_reach_a_table_or_a_csv_file() {
        for format in [Format::Table, Format::Csv] {
            let text = printed(format, "a\u{1b}[2Jb\u{202e}c");
            assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text:?}");
        }
    }

    #[test]
    fn csv_cells_that_look_like_formulas_are_neutralised() {
        let text = printed(Format::Csv, "+919876543210");
        assert_eq!(text, "\"name\",\"existing_full_name\"\n\"'+919876543210\",\"'=cmd()\"\n");
    }

    #[test]
    fn json_keeps_text_as_it_is_and_escapes_control_characters() {
        let text = printed(Format::Json, "a\u{1b}b");
        assert_eq!(text.lines().count(), 1);
        assert!(text.contains("\\u001b"), "{text}");
    }
}
