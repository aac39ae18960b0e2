//! Files that are no rows of text, made rows once, before anything else is done: a workbook,
//! an HTML table that calls itself a workbook, cards. The rows go as UTF-8 CSV into a private
//! temporary file without a name, so that judging, reporting and importing a report again
//! are the same for all. A row of a sheet is a line of it, so that lines are told truly.
//!
//! ```text
//!   first bytes -> PK, OLE2 -> workbook      BEGIN:VCARD -> cards      <table> -> html
//! ```

mod cards;
mod html;
mod workbook;

use std::{
    fs::File,
    io::{self, BufWriter, Read as _, Write},
    path::Path,
};

use encoding_rs::Encoding;

use super::{
    decode::{Decoder, survey},
    detect::detect,
    source::{InputFile, unusable},
};
use crate::{
    config::ConfigError,
    contact::{Region, vcard},
};

/// The rows of a file that held none, and what it was.
pub(super) struct Converted {
    pub(super) rows: InputFile,
    pub(super) kind: String,
    /// The column that says why a row cannot be trusted, if there is one.
    pub(super) faults: Option<usize>,
}

/// Makes rows of the file; `None` when it is text with rows.
///
/// # Errors
/// A sentence that says what is wrong with the file.
pub(super) fn convert(
    source: &InputFile,
    folder: &Path,
    region: Option<Region>,
    encoding: Option<&'static Encoding>,
) -> Result<Option<Converted>, ConfigError> {
    let mut start = Vec::new();
    let failed = |error: io::Error| source.unreadable(&error);
    source.bytes()?.take(1 << 14).read_to_end(&mut start).map_err(failed)?;
    let wrong = |why: String| unusable(source.name(), &why);
    let is_workbook = start.starts_with(b"PK\x03\x04") || start.starts_with(b"\xd0\xcf\x11\xe0");
    let text = String::from_utf8_lossy(&start);
    let text = text.trim_start_matches(['\u{feff}', '\0', ' ', '\r', '\n', '\t']);
    let narrow = text.replace('\0', "");
    let lower = narrow.to_ascii_lowercase();
    let is_card = vcard::is_card(narrow.lines().find(|it| !it.trim().is_empty()).unwrap_or(""));
    let is_html = lower.starts_with('<')
        && ["<table", "<html", "<workbook", "<!doctype", "<tr", "<?mso", "<meta"]
            .iter()
            .any(|it| lower.contains(it));
    if !is_workbook && !is_card && !is_html {
        return Ok(None);
    }
    let file = tempfile::tempfile_in(folder).map_err(|error| {
        wrong(format!("cannot be copied to {} to be read twice: {error}", folder.display()))
    })?;
    let mut rows = RowWriter::new(file);
    let kind = if is_workbook {
        workbook::rows(source, &mut rows).map_err(wrong)?
    } else {
        let mut survey = survey(source.bytes()?).map_err(failed)?.map_err(wrong)?;
        if let Some(named) = encoding {
            survey.encoding = named;
        } else if survey.encoding == encoding_rs::WINDOWS_1252 {
            survey.encoding = detect(source.bytes()?, region).map_err(failed)?.read_as;
        }
        let mut text = Decoder::new(source.bytes()?, survey);
        if is_card { cards::rows(text, &mut rows) } else { html::rows(&mut text, &mut rows) }
            .map_err(|error| wrong(error.to_string()))?
    };
    let file = rows.finish().map_err(failed)?;
    let rows = InputFile::made(source.name().to_owned(), file);
    Ok(Some(Converted { rows, kind, faults: is_card.then_some(cards::FAULTS) }))
}

/// Writes rows, a line for each: a line's end inside a cell becomes a blank.
#[derive(Debug)]
struct RowWriter {
    csv: csv::Writer<BufWriter<File>>,
}

impl RowWriter {
    fn new(file: File) -> Self {
        let csv = csv::WriterBuilder::new().flexible(true).from_writer(BufWriter::new(file));
        Self { csv }
    }

    fn row(&mut self, cells: &[String]) -> io::Result<()> {
        let on_one_line = |cell: &String| cell.replace(['\r', '\n'], " ");
        // A row without cells is a line all the same.
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            self.csv.flush()?;
            return self.csv.write_record([""]).map_err(Into::into);
        }
        Ok(self.csv.write_record(cells.iter().map(on_one_line))?)
    }

    fn finish(self) -> io::Result<File> {
        let mut buffered = self.csv.into_inner().map_err(csv::IntoInnerError::into_error)?;
        buffered.flush()?;
        buffered.into_inner().map_err(io::IntoInnerError::into_error)
    }
}
