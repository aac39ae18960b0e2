//! The file as a table: how it is written, its header, and its rows from the first one on.

use std::{
    fmt::Write as _,
    io::{self, Read},
};

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::{
    columns::{Columns, Map, Target, known},
    decode::{Decoder, Survey, survey},
    detect::detect,
    dialect::{Dialect, HEADER_WITHIN},
    doubt::Doubt,
    judge::Judge,
    records::{CsvRecord, Records},
    source::{InputFile, unusable},
};
use crate::{
    config::ConfigError,
    contact::{Addressing, Region},
    headless::output::original,
};

/// Rows that are looked at to know the columns by.
const SAMPLE: usize = 200;

/// How the original file was laid out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    pub(super) delimiter: u8,
    /// It began with `sep=`.
    pub(super) says_so: bool,
    /// A byte order mark, without which spreadsheets take UTF-8 for something else.
    pub(super) marked: bool,
}

/// What is known of the file.
#[derive(Debug)]
pub(super) struct Table {
    survey: Survey,
    dialect: Dialect,
    /// What it may be in beside the encoding it is read in.
    pub(super) doubt: Option<Doubt>,
    /// What it was before it was read as rows: "a workbook".
    origin: Option<Origin>,
    /// Rows in front of the one with the names of the columns, the blank ones left out.
    above: usize,
    /// The names of the columns.
    pub(super) header: Vec<String>,
}

/// What rows were made of.
#[derive(Debug)]
pub(super) struct Origin {
    /// For people: "a workbook".
    pub(super) kind: String,
    /// The column that says why a row cannot be trusted.
    pub(super) faults: Option<usize>,
}

/// What a table is found by.
#[derive(Debug)]
pub(super) struct Finding<'request> {
    pub(super) maps: &'request [Map],
    pub(super) addressing: &'request Addressing,
    pub(super) region: Option<Region>,
    /// The encoding that somebody named.
    pub(super) encoding: Option<&'static Encoding>,
}

impl Table {
    /// Finds it all out.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the file or its header.
    pub(super) fn open(
        source: &InputFile,
        origin: Option<Origin>,
        by: &Finding,
    ) -> Result<(Self, Columns), ConfigError> {
        let failed = |error: io::Error| source.unreadable(&error);
        let wrong = |why: &str| unusable(source.name(), why);
        let mut survey = survey(source.bytes()?).map_err(failed)?.map_err(|why| wrong(&why))?;
        let mut doubt = None;
        if let Some(named) = by.encoding.filter(|_| origin.is_none()) {
            survey.marked &= survey.encoding == named;
            survey.encoding = named;
        } else if survey.encoding == WINDOWS_1252 {
            let found = detect(source.bytes()?, by.region).map_err(failed)?;
            survey.encoding = found.read_as;
            doubt = Some(found);
        }
        let dialect = Dialect::of(Decoder::new(source.bytes()?, survey)).map_err(failed)?;
        let mut table = Self { survey, dialect, doubt, origin, above: 0, header: Vec::new() };
        let columns = table.find_header(source, by)?;
        Ok((table, columns))
    }

    /// The first row that is one of column names; others may stand above it.
    fn find_header(&mut self, source: &InputFile, by: &Finding) -> Result<Columns, ConfigError> {
        let wrong = |why: &str| unusable(source.name(), why);
        let start = self.start(source)?;
        let Some(first) = start.first() else {
            return Err(wrong("has no rows, only blank lines"));
        };
        if let Some(why) = &first.unreadable {
            return Err(wrong(&format!("has no readable row of column names: it {why}")));
        }
        let attempt = |at: usize| {
            let cells = |record: &CsvRecord| record.cells.clone();
            let sample: Vec<_> = start.iter().skip(at + 1).take(SAMPLE).map(cells).collect();
            Columns::find(start[at].cells.clone(), by.maps, &sample, by.addressing)
        };
        let (above, columns) = match attempt(0) {
            Ok(columns) => (0, columns),
            Err(why) => (1..start.len().min(HEADER_WITHIN))
                .filter(|at| known(&start[*at].cells) > 1 || !by.maps.is_empty())
                .find_map(|at| Some((at, attempt(at).ok()?)))
                .ok_or_else(|| wrong(&why))?,
        };
        self.above = above;
        self.header.clone_from(&columns.header);
        Ok(columns)
    }

    /// The first rows that are not blank.
    fn start(&self, source: &InputFile) -> Result<Vec<CsvRecord>, ConfigError> {
        let mut rows = self.text(source)?;
        let mut start = Vec::new();
        while start.len() < HEADER_WITHIN + SAMPLE {
            match rows.filled().map_err(|error| source.unreadable(&error))? {
                None => break,
                Some(record) => start.push(record),
            }
        }
        Ok(start)
    }

    fn text<'source>(
        &self,
        source: &'source InputFile,
    ) -> Result<DataRows<impl Read + 'source>, ConfigError> {
        let text = Decoder::new(source.bytes()?, self.survey);
        let records = Records::new(text, self.dialect.delimiter);
        Ok(DataRows { records, skip_first: self.dialect.says_so, faults: None })
    }

    /// The rows behind the header.
    ///
    /// # Errors
    /// When the file cannot be rewound or read.
    pub(super) fn rows<'source>(
        &self,
        source: &'source InputFile,
    ) -> Result<DataRows<impl Read + 'source>, ConfigError> {
        let mut rows = self.text(source)?;
        for _ in 0..=self.above {
            rows.filled().map_err(|error| source.unreadable(&error))?;
        }
        rows.faults = self.origin.as_ref().and_then(|origin| origin.faults);
        Ok(rows)
    }

    /// How a report is laid out, so that whatever reads the file reads it too.
    pub(super) fn layout(&self) -> Layout {
        Layout {
            delimiter: self.dialect.delimiter,
            says_so: self.dialect.says_so,
            marked: self.survey.marked || self.survey.encoding != UTF_8 || self.origin.is_some(),
        }
    }

    /// What was found, for people: a line, and one for each column.
    pub(super) fn described(&self, source: &InputFile, judge: &Judge) -> String {
        let mark = if self.survey.marked { " with a byte order mark" } else { "" };
        let encoding = name_of(self.survey.encoding);
        let between = self.dialect.name();
        let name = source.name();
        let mut text = match &self.origin {
            Some(origin) => format!("{name}: {}\n", origin.kind),
            None => format!("{name}: {encoding}{mark}, separated by {between}\n"),
        };
        if self.above > 0 {
            let rows = if self.above == 1 { "row" } else { "rows" };
            let _ =
                writeln!(text, "  {} {rows} above the names of the columns left out", self.above);
        }
        text.push_str(&judge.columns.shown());
        if !judge.columns.has(Target::Region)
            && let Some(region) = judge.region
        {
            let _ = writeln!(text, "  {:<12} {}, for every row", "Country", region.name());
        }
        if !judge.columns.has(Target::Salutation)
            && let Some(salutation) = &judge.addressing.default
        {
            let _ = writeln!(text, "  {:<12} {salutation}, for every row", "Salutation");
        }
        text
    }
}

/// An encoding's name for people.
fn name_of(encoding: &'static Encoding) -> &'static str {
    match encoding {
        it if it == UTF_16LE => "UTF-16 (little endian)",
        it if it == UTF_16BE => "UTF-16 (big endian)",
        it if it == WINDOWS_1252 => "Windows-1252",
        other => other.name(),
    }
}

/// Rows whose cells are as they were before a report guarded them.
#[derive(Debug)]
pub(super) struct DataRows<In: Read> {
    records: Records<In>,
    skip_first: bool,
    faults: Option<usize>,
}

impl<In: Read> DataRows<In> {
    /// The next row that is not blank.
    fn filled(&mut self) -> io::Result<Option<CsvRecord>> {
        while let Some(record) = self.next()? {
            if !std::mem::take(&mut self.skip_first) && !record.is_blank() {
                return Ok(Some(record));
            }
        }
        Ok(None)
    }

    /// The next row, blank ones included.
    ///
    /// # Errors
    /// When the file fails.
    pub(super) fn next(&mut self) -> io::Result<Option<CsvRecord>> {
        let Some(mut record) = self.records.next()? else { return Ok(None) };
        for cell in &mut record.cells {
            *cell = original(cell);
        }
        let fault = self.faults.and_then(|at| record.cells.get(at)).filter(|it| !it.is_empty());
        if let Some(fault) = fault.cloned() {
            record.unreadable.get_or_insert(fault);
        }
        Ok(Some(record))
    }
}
