//! `--report`: the file as it was, plus what became of each row. Written beside its place
//! and moved there whole, readable by its owner alone.
//!
//! Cells that a spreadsheet would take for a formula get an apostrophe, which our own
//! import takes off again: what was read is what a report reads back as, however often.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use super::{
    row::SpooledRow,
    source::{InputFile, unusable},
    table::{Layout, Table},
    tell::RowOutcome,
};
use crate::{config::ConfigError, contact::text::safe, headless::output::neutral};

/// What is added to the original columns.
const ADDED: [&str; 4] = ["status", "reason", "id", "existing"];

/// Checks before anything is done that a report can be written.
///
/// # Errors
/// A sentence when it would overwrite what is imported, or there is no place for it.
pub(super) fn check(path: &Path, source: &InputFile) -> Result<(), ConfigError> {
    let name = format!("the report {}", path.display());
    if source.is_at(path) {
        return Err(unusable(&name, "would overwrite the file that is imported; name another"));
    }
    if path.is_dir() {
        return Err(unusable(&name, "is a directory; name a file in it"));
    }
    if is_special(path) {
        return Ok(());
    }
    let probe = tempfile::tempfile_in(folder(path));
    probe.map(drop).map_err(|error| unusable(&name, &format!("cannot be written: {error}")))
}

/// A pipe or a device, which is written to as it is. No link is followed to one, but those
/// of the system's own that name what is open here.
fn is_special(path: &Path) -> bool {
    let open_here = path.starts_with("/dev") || path.starts_with("/proc/self/fd");
    let meta = if open_here { path.metadata() } else { path.symlink_metadata() };
    meta.is_ok_and(|it| !it.is_file() && !it.is_symlink())
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// A report being written.
#[derive(Debug)]
struct RowReport<Out: Write> {
    csv: csv::Writer<Out>,
    delimiter: char,
    /// Original columns, without those an earlier report added.
    columns: usize,
    /// Cells behind them that an earlier report added.
    dropped: usize,
}

impl<Out: Write> RowReport<Out> {
    /// Begins with the header.
    ///
    /// # Errors
    /// When it cannot be written.
    fn begin(mut out: Out, layout: Layout, header: &[String]) -> io::Result<Self> {
        let delimiter = char::from(layout.delimiter);
        if layout.marked {
            out.write_all("\u{feff}".as_bytes())?;
        }
        if layout.says_so {
            writeln!(out, "sep={delimiter}")?;
        }
        let mut csv = csv::WriterBuilder::new()
            .delimiter(layout.delimiter)
            .quote_style(csv::QuoteStyle::Always)
            .from_writer(out);
        let columns = match header.len().checked_sub(ADDED.len()) {
            Some(start) if header[start..] == ADDED => start,
            _ => header.len(),
        };
        let names = header[..columns].iter().map(|name| harmless(name));
        csv.write_record(names.chain(ADDED.map(str::to_owned)))?;
        Ok(Self { csv, delimiter, columns, dropped: header.len() - columns })
    }

    /// Adds a row and what became of it.
    ///
    /// # Errors
    /// When it cannot be written.
    fn row(&mut self, row: &SpooledRow, told: &RowOutcome) -> io::Result<()> {
        let mut cells: Vec<String> = row.cells.iter().take(self.columns).cloned().collect();
        cells.resize(self.columns, String::new());
        // Cells behind the last column would stand among ours: they stay with it.
        let behind = row.cells.iter().skip(self.columns + self.dropped);
        if let Some(last) = cells.last_mut() {
            for cell in behind.filter(|cell| !cell.is_empty()) {
                last.push(self.delimiter);
                last.push_str(cell);
            }
        }
        let existing = told.existing.as_ref().map_or_else(String::new, |existing| {
            let name = existing.full_name.as_deref().unwrap_or("");
            let id = existing.id.as_ref().map_or_else(String::new, |id| format!(" ({id})"));
            format!("{name}{id}").trim().to_owned()
        });
        let reason = told.because.reason.clone().unwrap_or_default();
        let id = told.id.clone().unwrap_or_default();
        let ours = [told.status.to_owned(), reason, id, existing];
        let all = cells.into_iter().chain(ours).map(|cell| harmless(&cell));
        Ok(self.csv.write_record(all)?)
    }

    /// Everything is written out.
    ///
    /// # Errors
    /// When it cannot be.
    fn finish(self) -> io::Result<Out> {
        self.csv.into_inner().map_err(csv::IntoInnerError::into_error)
    }
}

/// A cell that neither a terminal nor a spreadsheet obeys. Its line ends and tabs stay: the
/// file was somebody's before it was a report.
fn harmless(cell: &str) -> String {
    let lines = cell.split_inclusive(['\n', '\t']);
    let clean = lines.map(|line| {
        let text = line.trim_end_matches(['\n', '\t']);
        let (text, end) = match text.strip_suffix('\r') {
            Some(text) if line.ends_with('\n') => (text, "\r\n"),
            Some(_) | None => (text, &line[text.len()..]),
        };
        safe(text) + end
    });
    neutral(&clean.collect::<String>())
}

/// A report on its way to its file.
#[derive(Debug)]
pub(super) struct ReportFile {
    report: RowReport<BufWriter<File>>,
    /// What is moved to `path` at the end; a pipe or a device is written to as it is.
    beside: Option<tempfile::NamedTempFile>,
    path: PathBuf,
}

impl ReportFile {
    /// Begins the report that goes to `path`.
    ///
    /// # Errors
    /// When there is no place for it any more.
    pub(super) fn begin(path: &Path, table: &Table) -> Result<Self> {
        let begun = || {
            let (beside, file) = if is_special(path) {
                (None, File::options().write(true).open(path)?)
            } else {
                let beside =
                    tempfile::Builder::new().prefix(".report-").tempfile_in(folder(path))?;
                let file = beside.as_file().try_clone()?;
                (Some(beside), file)
            };
            let report = RowReport::begin(BufWriter::new(file), table.layout(), &table.header)?;
            Ok::<_, io::Error>(Self { report, beside, path: path.to_owned() })
        };
        begun().with_context(|| cannot(path))
    }

    /// Adds a row and what became of it.
    ///
    /// # Errors
    /// When the disk is full.
    pub(super) fn row(&mut self, row: &SpooledRow, told: &RowOutcome) -> Result<()> {
        self.report.row(row, told).with_context(|| cannot(&self.path))
    }

    /// Puts the whole report at its place.
    ///
    /// # Errors
    /// When it cannot be written out or moved there.
    pub(super) fn keep(self) -> Result<()> {
        let Self { report, beside, path } = self;
        let kept = report.finish().and_then(|mut out| out.flush()).and_then(|()| match beside {
            Some(file) => file.persist(&path).map(drop).map_err(|error| error.error),
            None => Ok(()),
        });
        kept.with_context(|| cannot(&path))
    }
}

fn cannot(path: &Path) -> String {
    format!("the report {} cannot be written; `rolodesk results` has it all", path.display())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::row::{Judged, RowVerdict},
        *,
    };

    fn row(cells: &[&str]) -> SpooledRow {
        let verdict = RowVerdict::Invalid("why".into());
        let judged = Judged { verdict, full_name: "N".into(), notes: Vec::new() };
        let cells = cells.iter().map(|cell| (*cell).to_owned()).collect();
        SpooledRow { number: 1, line: 2, cells, judged }
    }

    fn written(layout: Layout, header: &[&str], rows: &[SpooledRow]) -> Vec<u8> {
        let header: Vec<_> = header.iter().map(|cell| (*cell).to_owned()).collect();
        let mut report = RowReport::begin(Vec::new(), layout, &header).unwrap();
        for row in rows {
            report
                .row(row, &RowOutcome::unsent(row, "invalid", None).because("invalid", "=why"))
                .unwrap();
        }
        report.finish().unwrap()
    }

    const PLAIN: Layout = Layout { delimiter: b',', says_so: false, marked: false };

    #[test]
    fn torn_short_and_earlier_reported_rows_keep_their_cells_and_ours_their_place() {
        let text = written(PLAIN, &["a", "b"], &[row(&["1", "2", "3", "", "5"]), row(&["1"])]);
        let lines = "\"a\",\"b\",\"status\",\"reason\",\"id\",\"existing\"\n\"1\",\"2,3,5\",\"invalid\",\"'=why\",\"\",\"\"\n\"1\",\"\",\"invalid\",\"'=why\",\"\",\"\"\n";
        assert_eq!(String::from_utf8(text).unwrap(), lines);
        let header = ["a", "b", "status", "reason", "id", "existing"];
        let text = written(PLAIN, &header, &[row(&["1", "2", "created", "", "6b", ""])]);
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "\"a\",\"b\",\"status\",\"reason\",\"id\",\"existing\"\n\"1\",\"2\",\"invalid\",\"'=why\",\"\",\"\"\n",
            "an earlier report's words are replaced"
        );
    }

    /// What is left of a cell that no terminal obeys.
    fn clean(cell: &str) -> String {
        crate::headless::output::original(&harmless(cell))
    }

    #[test]
    fn a_cell_of_the_files_drives_no_terminal_and_keeps_its_lines() {
        assert_eq!(harmless("a\u{1b}[2Jb\u{202e}c\r\nd\te\rf"), "abc\r\nd\te f");
    }

    proptest! {
        #[test]
        fn a_report_reads_back_byte_true_and_holds_no_formula(
            cells in prop::collection::vec("[=+@'\"\r\n\t ,;éa-]{0,8}|\\PC{0,8}", 3),
            layout in 0_usize..4,
        ) {
            let delimiter = b",;\t|"[layout];
            let layout = Layout { delimiter, says_so: layout == 1, marked: layout == 2 };
            let rows = [row(&["first", &cells[0], "x"]), row(&["y", &cells[1], &cells[2]])];
            let text = written(layout, &["first", "last", "phone"], &rows);
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("report.csv");
            std::fs::write(&path, &text).unwrap();
            let source = InputFile::open(&path, folder.path()).unwrap();
            let offered = vec![crate::contact::Salutation::parse("Mr").unwrap()];
            let addressing = crate::contact::Addressing::offering(offered);
            let by = super::super::table::Finding {
                maps: &[],
                addressing: &addressing,
                region: None,
                encoding: None,
            };
            let (table, _) = Table::open(&source, None, &by).unwrap();
            let mut read = table.rows(&source).unwrap();
            for row in &rows {
                let back = read.next().unwrap().unwrap();
                let clean = row.cells.iter().map(|cell| clean(cell)).collect::<Vec<_>>();
                prop_assert_eq!(&back.cells[..3], &clean[..]);
                prop_assert_eq!(&back.cells[3..], &["invalid", "=why", "", ""]);
            }
            prop_assert_eq!(read.next().unwrap(), None);
            let mut raw = csv::ReaderBuilder::new();
            raw.delimiter(delimiter).has_headers(false).flexible(true);
            for record in raw.from_reader(&text[..]).byte_records() {
                let record = record.unwrap();
                let formula = record.iter().any(|cell| {
                    cell.first().is_some_and(|byte| b"=+-@\t\r".contains(byte))
                });
                prop_assert!(!formula, "{record:?}");
            }
        }
    }
}
