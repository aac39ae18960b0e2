//! The file as a table: how it is written, its header, and its rows from the first one on.

use std::{
    fmt::Write as _,
    io::{self, Read},
};

use super::{
    columns::{Columns, Map, Target},
    decode::{Decoder, Encoding, Survey, survey},
    dialect::Dialect,
    judge::Judge,
    records::{CsvRecord, Records},
    report::Layout,
    source::{InputFile, unusable},
};
use crate::{config::ConfigError, headless::output::original};

/// What is known of the file.
#[derive(Debug)]
pub(super) struct Table {
    survey: Survey,
    dialect: Dialect,
    /// The names of the columns.
    pub(super) header: Vec<String>,
}

impl Table {
    /// Finds it all out.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the file or its header.
    pub(super) fn open(source: &InputFile, maps: &[Map]) -> Result<(Self, Columns), ConfigError> {
        let failed = |error: io::Error| source.unreadable(&error);
        let wrong = |why: &str| unusable(source.name(), why);
        let survey = survey(source.bytes()?).map_err(failed)?.map_err(|why| wrong(&why))?;
        let dialect = Dialect::of(Decoder::new(source.bytes()?, survey)).map_err(failed)?;
        let mut table = Self { survey, dialect, header: Vec::new() };
        let Some(header) = table.text(source)?.header().map_err(failed)? else {
            return Err(wrong("has no rows, only blank lines"));
        };
        if let Some(why) = header.unreadable {
            return Err(wrong(&format!("has no readable row of column names: it {why}")));
        }
        table.header = header.cells;
        let columns = Columns::find(table.header.clone(), maps).map_err(|why| wrong(&why))?;
        Ok((table, columns))
    }

    fn text<'source>(
        &self,
        source: &'source InputFile,
    ) -> Result<DataRows<impl Read + 'source>, ConfigError> {
        let text = Decoder::new(source.bytes()?, self.survey);
        let records = Records::new(text, self.dialect.delimiter);
        Ok(DataRows { records, skip_first: self.dialect.says_so })
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
        rows.header().map_err(|error| source.unreadable(&error))?;
        Ok(rows)
    }

    /// How a report is laid out, so that whatever reads the file reads it too.
    pub(super) fn layout(&self) -> Layout {
        Layout {
            delimiter: self.dialect.delimiter,
            says_so: self.dialect.says_so,
            marked: self.survey.marked || self.survey.encoding != Encoding::Utf8,
        }
    }

    /// What was found, for people: a line, and one for each column.
    pub(super) fn described(&self, source: &InputFile, judge: &Judge) -> String {
        let mark = if self.survey.marked { " with a byte order mark" } else { "" };
        let encoding = self.survey.encoding.name();
        let between = self.dialect.name();
        let name = source.name();
        let mut text = format!("{name}: {encoding}{mark}, separated by {between}\n");
        text.push_str(&judge.columns.shown());
        if !judge.columns.has(Target::Region)
            && let Some(region) = judge.region
        {
            let _ = writeln!(text, "  {:<12} {}, for every row", "Country", region.name());
        }
        if !judge.columns.has(Target::Salutation)
            && let Some(salutation) = judge.salutations.first()
        {
            let _ = writeln!(text, "  {:<12} {salutation}, for every row", "Salutation");
        }
        text
    }
}

/// `DataRows` whose cells are as they were before a report guarded them.
#[derive(Debug)]
pub(super) struct DataRows<In: Read> {
    records: Records<In>,
    skip_first: bool,
}

impl<In: Read> DataRows<In> {
    /// The first row that is not blank.
    fn header(&mut self) -> io::Result<Option<CsvRecord>> {
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
        Ok(Some(record))
    }
}
