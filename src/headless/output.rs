//! What commands print: rows as a table for people, JSON lines or CSV for programs.
//!
//! Text that came from outside is made harmless here, once: control characters and
//! direction overrides never reach a terminal, and a CSV cell that a spreadsheet would
//! take for a formula gets a leading apostrophe. International numbers begin with a plus
//! and are such cells; our own import takes the apostrophe off again.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;
use unicode_width::UnicodeWidthStr as _;

use crate::{
    contact::text::safe,
    submission::{Entry, Owner, Status},
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

/// The word scripts read for a status.
#[must_use]
pub fn word(status: &Status) -> &'static str {
    match status {
        Status::Queued(_) | Status::Unclear(_) => "queued",
        Status::Sending => "sending",
        Status::Created { .. } => "created",
        Status::Duplicate { .. } => "duplicate",
        Status::Rejected { .. } => "rejected",
        Status::Attention { .. } => "attention",
    }
}

/// The platform's id, once there is one.
#[must_use]
pub fn id(status: &Status) -> Option<String> {
    match status {
        Status::Created { id } => Some(id.to_string()),
        Status::Queued(_)
        | Status::Unclear(_)
        | Status::Sending
        | Status::Duplicate { .. }
        | Status::Rejected { .. }
        | Status::Attention { .. } => None,
    }
}

/// Why it stands where it stands, in a sentence; `None` when the word says it all.
#[must_use]
pub fn reason(status: &Status) -> Option<String> {
    match status {
        Status::Queued(waiting) | Status::Unclear(waiting) => waiting.because.clone(),
        Status::Sending | Status::Created { .. } => None,
        Status::Duplicate { owners, remark } => Some(duplicate_reason(owners, remark.as_deref())),
        Status::Rejected { reason } | Status::Attention { reason } => Some(reason.clone()),
    }
}

fn duplicate_reason(owners: &[Owner], remark: Option<&str>) -> String {
    let names: Vec<_> = owners.iter().filter_map(|owner| owner.full_name.as_deref()).collect();
    match (names.as_slice(), remark) {
        ([], None) => "the number is taken".to_owned(),
        ([], Some(remark)) => remark.to_owned(),
        (names, None) => format!("belongs to {}", names.join(" and ")),
        (names, Some(remark)) => format!("belongs to {}: {remark}", names.join(" and ")),
    }
}

/// The word of `add` and `import`, which know fewer: what waits is queued, what needs
/// someone was rejected.
#[must_use]
pub fn outcome_word(status: &Status) -> &'static str {
    match word(status) {
        "sending" => "queued",
        "attention" => "rejected",
        other => other,
    }
}

/// The existing contact, when the status is about one.
#[must_use]
pub fn existing(status: &Status) -> Option<Existing> {
    match status {
        Status::Duplicate { owners, .. } => owners.first().map(Existing::from),
        Status::Queued(_)
        | Status::Unclear(_)
        | Status::Sending
        | Status::Created { .. }
        | Status::Rejected { .. }
        | Status::Attention { .. } => None,
    }
}

/// One row of `results` for programs.
#[derive(Debug, Clone, Serialize)]
pub struct ResultRow {
    status: &'static str,
    e164: String,
    full_name: String,
    id: Option<String>,
    reason: Option<String>,
    existing: Option<Existing>,
    submitted_at: String,
    settled_at: Option<String>,
    attempts: u32,
}

impl From<&Entry> for ResultRow {
    fn from(entry: &Entry) -> Self {
        let contact = &entry.submission.contact;
        Self {
            status: word(&entry.status),
            e164: contact.phone.e164().to_string(),
            full_name: contact.full_name(),
            id: id(&entry.status),
            reason: reason(&entry.status),
            existing: existing(&entry.status),
            submitted_at: entry.submission.submitted_at.to_string(),
            settled_at: entry.settled_at.map(|at| at.to_string()),
            attempts: entry.attempts,
        }
    }
}

/// Prints one JSON object on a line of its own.
///
/// # Errors
/// When `out` cannot be written to.
pub fn json_line(out: &mut impl Write, row: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, row).map_err(io::Error::from)?;
    writeln!(out)
}

/// Prints rows, page by page, in the wanted format; `columns` name the fields to show.
#[derive(Debug)]
pub struct Printer<Out: Write> {
    out: Out,
    format: Format,
    columns: &'static [&'static str],
    begun: bool,
}

impl<Out: Write> Printer<Out> {
    /// Nothing is printed yet. A column may name a field inside another:
    /// `existing.full_name`.
    pub fn new(out: Out, format: Format, columns: &'static [&'static str]) -> Self {
        Self { out, format, columns, begun: false }
    }

    /// Prints some rows, after the header the first time.
    ///
    /// # Errors
    /// When it cannot be written to.
    pub fn rows<Row: Serialize>(&mut self, rows: &[Row]) -> io::Result<()> {
        let first = !std::mem::replace(&mut self.begun, true);
        match self.format {
            Format::Json => rows.iter().try_for_each(|row| json_line(&mut self.out, row)),
            Format::Csv => csv(&mut self.out, self.columns, rows, first),
            Format::Table => table(&mut self.out, self.columns, rows, first),
        }
    }
}

fn cells<Row: Serialize>(columns: &[&str], row: &Row) -> io::Result<Vec<String>> {
    let value = serde_json::to_value(row).map_err(io::Error::from)?;
    Ok(columns.iter().map(|column| cell(&value, column)).collect())
}

fn cell(row: &Value, column: &str) -> String {
    let value = column.split('.').try_fold(row, |value, key| value.get(key));
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => safe(text),
        Some(other) => other.to_string(),
    }
}

fn csv<Row: Serialize>(
    out: &mut impl Write,
    columns: &[&str],
    rows: &[Row],
    first: bool,
) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
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

/// A cell that no spreadsheet takes for a formula.
#[must_use]
pub fn neutral(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\'']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

fn table<Row: Serialize>(
    out: &mut impl Write,
    columns: &[&str],
    rows: &[Row],
    first: bool,
) -> io::Result<()> {
    let heads: Vec<_> = columns
        .iter()
        .map(|column| column.rsplit('.').next().unwrap_or(column).replace('_', " "))
        .collect();
    let mut lines = vec![heads];
    for row in rows {
        lines.push(cells(columns, row)?);
    }
    let widths: Vec<_> = (0..columns.len())
        .map(|at| lines.iter().map(|line| line[at].width()).max().unwrap_or(0))
        .collect();
    for line in lines.into_iter().skip(usize::from(!first)) {
        let padded = line.iter().zip(&widths).map(|(text, width)| {
            format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
        });
        writeln!(out, "{}", padded.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Row {
        name: &'static str,
        existing: Option<Existing>,
    }

    fn row(name: &'static str) -> Row {
        let full_name = Some("=cmd()".to_owned());
        Row { name, existing: Some(Existing { id: None, full_name }) }
    }

    fn printed(format: Format, name: &'static str) -> String {
        let mut printer = Printer::new(Vec::new(), format, &["name", "existing.full_name"]);
        printer.rows(&[row(name)]).unwrap();
        String::from_utf8(printer.out).unwrap()
    }

    #[test]
    fn a_table_lines_up_wide_characters_by_cells() {
        let text = printed(Format::Table, "山田");
        assert_eq!(text, "name  full name\n山田  =cmd()\n");
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
        assert_eq!(text, "name,existing_full_name\n'+919876543210,'=cmd()\n");
    }

    #[test]
    fn json_keeps_text_as_it_is_and_escapes_control_characters() {
        let text = printed(Format::Json, "a\u{1b}b");
        assert_eq!(text.lines().count(), 1);
        assert!(text.contains("\\u001b"), "{text}");
    }
}
