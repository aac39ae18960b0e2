//! Text to rows of cells (RFC 4180, and what spreadsheets make of it), one row at a time,
//! in bounded memory, and going on behind whatever cannot be read.
//!
//! A quote that is never closed would swallow every row behind it. A row that does not
//! end within reason, or whose quotes cannot be right, costs its first line alone: that
//! line is told, and reading goes on with the next one.

use std::{
    collections::VecDeque,
    io::{self, BufRead, BufReader, Read},
};

/// The longest row, in bytes: nobody's contact is longer.
const LONGEST: usize = 256 * 1024;
/// The most lines a row may have in its quoted cells.
const MOST_LINES: usize = 500;

/// One row of the file, the header included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CsvRecord {
    /// The line it begins in, from 1.
    pub(super) line: u64,
    /// Its cells; of a row that cannot be read, whatever is left of it.
    pub(super) cells: Vec<String>,
    /// Why it cannot be read.
    pub(super) unreadable: Option<String>,
}

impl CsvRecord {
    /// Nothing is in it.
    pub(super) fn is_blank(&self) -> bool {
        self.unreadable.is_none() && self.cells.iter().all(|cell| cell.trim().is_empty())
    }
}

/// A line with its end; `cut` when the rest of it was passed over.
#[derive(Debug)]
struct RawLine {
    number: u64,
    bytes: Vec<u8>,
    cut: bool,
}

/// The rows of a text.
#[derive(Debug)]
pub(super) struct Records<In: Read> {
    text: BufReader<In>,
    delimiter: u8,
    lines_read: u64,
    /// Lines read ahead for a row that then could not be read.
    ahead: VecDeque<RawLine>,
}

impl<In: Read> Records<In> {
    pub(super) fn new(text: In, delimiter: u8) -> Self {
        Self { text: BufReader::new(text), delimiter, lines_read: 0, ahead: VecDeque::new() }
    }

    /// The next row, blank ones included; `None` at the end.
    ///
    /// # Errors
    /// When the file fails.
    pub(super) fn next(&mut self) -> io::Result<Option<CsvRecord>> {
        let Some(first) = self.next_line()? else { return Ok(None) };
        let mut parser = Parser::new(self.delimiter);
        let mut lines = vec![first];
        let mut length = 0;
        loop {
            let line = &lines[lines.len() - 1];
            length += line.bytes.len();
            if line.cut && lines.len() == 1 {
                let why = format!(
                    "is longer than {} kB; take out what is no contact in line {}",
                    LONGEST / 1024,
                    line.number
                );
                return Ok(Some(unreadable(line.number, &line.bytes, why)));
            }
            let swallowed = line.cut || length > LONGEST || lines.len() > MOST_LINES;
            if !swallowed {
                parser.feed(&line.bytes);
            }
            if swallowed || (parser.stray.is_some() && lines.len() > 1) {
                return Ok(Some(self.give_up(lines)));
            }
            if parser.state != ParserState::Quoted {
                return Ok(Some(parser.record(lines[0].number)));
            }
            match self.next_line()? {
                Some(line) => lines.push(line),
                None => return Ok(Some(self.give_up(lines))),
            }
        }
    }

    /// The first line is told as unreadable; the others are read again.
    fn give_up(&mut self, lines: Vec<RawLine>) -> CsvRecord {
        let mut lines = lines.into_iter();
        let first = lines.next();
        for line in lines.rev() {
            self.ahead.push_front(line);
        }
        let (number, bytes) = first.map(|it| (it.number, it.bytes)).unwrap_or_default();
        let why = format!(
            "has a quote (\") in line {number} that is never closed; close it, or double it if it \
             belongs to the text"
        );
        unreadable(number, &bytes, why)
    }

    fn next_line(&mut self) -> io::Result<Option<RawLine>> {
        if let Some(line) = self.ahead.pop_front() {
            return Ok(Some(line));
        }
        let mut line = RawLine { number: self.lines_read + 1, bytes: Vec::new(), cut: false };
        let mut anything = false;
        loop {
            let ready = match self.text.fill_buf() {
                Ok(ready) => ready,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if ready.is_empty() {
                break;
            }
            anything = true;
            let end = ready.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
            let taken = end.unwrap_or(ready.len());
            let room = LONGEST.saturating_sub(line.bytes.len());
            line.cut |= taken > room;
            line.bytes.extend_from_slice(&ready[..taken.min(room)]);
            self.text.consume(taken);
            if end.is_some() {
                break;
            }
        }
        // DOS ended its files with Ctrl+Z.
        if line.bytes.ends_with(b"\x1a") && self.text.fill_buf()?.is_empty() {
            line.bytes.pop();
            anything = !line.bytes.is_empty();
        }
        self.lines_read += u64::from(anything);
        Ok(anything.then_some(line))
    }
}

/// What is left of a line is kept for the report.
fn unreadable(line: u64, bytes: &[u8], why: String) -> CsvRecord {
    const KEPT: usize = 4096;
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(KEPT)]);
    let cells = vec![text.trim_end_matches(['\r', '\n']).to_owned()];
    CsvRecord { line, cells, unreadable: Some(why) }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ParserState {
    /// Before a cell's first letter.
    Start,
    /// In a cell without quotes.
    Plain,
    /// Between quotes.
    Quoted,
    /// Behind a quote that ends the cell, or is the first of two.
    Closed,
}

/// One row's cells, line by line.
#[derive(Debug)]
struct Parser {
    delimiter: u8,
    state: ParserState,
    cells: Vec<Vec<u8>>,
    cell: Vec<u8>,
    /// The cell, from 1, with text behind its closing quote.
    stray: Option<usize>,
}

impl Parser {
    fn new(delimiter: u8) -> Self {
        Self {
            delimiter,
            state: ParserState::Start,
            cells: Vec::new(),
            cell: Vec::new(),
            stray: None,
        }
    }

    fn feed(&mut self, line: &[u8]) {
        let ends = [&b"\r\n"[..], b"\n"];
        let end = ends.into_iter().find(|end| line.ends_with(end)).unwrap_or_default();
        let (text, end) = line.split_at(line.len() - end.len());
        for byte in text {
            self.take(*byte);
        }
        if self.state == ParserState::Quoted {
            self.cell.extend_from_slice(end);
        } else {
            self.end_cell();
        }
    }

    fn take(&mut self, byte: u8) {
        match (self.state, byte) {
            (ParserState::Quoted, b'"') => self.state = ParserState::Closed,
            (ParserState::Quoted, _) => self.cell.push(byte),
            (ParserState::Closed, b'"') => {
                self.cell.push(byte);
                self.state = ParserState::Quoted;
            }
            (_, _) if byte == self.delimiter => self.end_cell(),
            (ParserState::Closed, b' ') => {}
            (ParserState::Closed, _) => {
                self.stray.get_or_insert(self.cells.len() + 1);
                self.cell.push(byte);
                self.state = ParserState::Plain;
            }
            // Sloppy writers put a blank between a comma and a quote.
            (ParserState::Start, b'"') => {
                self.cell.clear();
                self.state = ParserState::Quoted;
            }
            (ParserState::Start, b' ') => self.cell.push(byte),
            (ParserState::Start | ParserState::Plain, _) => {
                self.cell.push(byte);
                self.state = ParserState::Plain;
            }
        }
    }

    fn end_cell(&mut self) {
        self.cells.push(std::mem::take(&mut self.cell));
        self.state = ParserState::Start;
    }

    fn record(self, line: u64) -> CsvRecord {
        let mut unreadable = self.stray.map(|cell| {
            format!(
                "has text behind a closing quote in column {cell}, line {line}; double the quotes \
                 that belong to the text"
            )
        });
        let mut cells = Vec::with_capacity(self.cells.len());
        for (at, cell) in self.cells.into_iter().enumerate() {
            cells.push(String::from_utf8(cell).unwrap_or_else(|error| {
                unreadable.get_or_insert_with(|| {
                    format!(
                        "has bytes that are no letters in column {}, line {line}; save the file \
                         as UTF-8 again",
                        at + 1
                    )
                });
                String::from_utf8_lossy(error.as_bytes()).into_owned()
            }));
        }
        CsvRecord { line, cells, unreadable }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &[u8]) -> Vec<CsvRecord> {
        let mut records = Records::new(text, b',');
        std::iter::from_fn(|| records.next().unwrap()).collect()
    }

    fn cells(text: &str) -> Vec<Vec<String>> {
        let records = read(text.as_bytes());
        records.into_iter().map(|it| it.unreadable.map_or(it.cells, |why| vec![why])).collect()
    }

    #[test]
    fn quotes_line_ends_and_blanks_are_read_as_spreadsheets_write_them() {
        for (text, wanted) in [
            ("a,b\r\nc,d", vec![vec!["a", "b"], vec!["c", "d"]]),
            ("\"a \"\"b\"\"\",\"c,d\"\n", vec![vec!["a \"b\"", "c,d"]]),
            ("\"a\r\nb\",c\r\n", vec![vec!["a\r\nb", "c"]]),
            ("a, \"b\" ,c\n", vec![vec!["a", "b", "c"]]),
            ("5\" pipe,\n", vec![vec!["5\" pipe", ""]]),
            ("a\n\n,\n", vec![vec!["a"], vec![""], vec!["", ""]]),
            ("\"\"\n", vec![vec![""]]),
        ] {
            assert_eq!(cells(text), wanted, "{text:?}");
        }
    }

    #[test]
    fn a_lone_quote_costs_its_own_line_and_no_other() {
        for text in [
            "a,b\n\"John,Doe\nJane,Roe\nx,y\n",
            "a,b\n\"John,Doe\nJane,\"Roe\"\nx,y\n",
            "a,b\n\"John,Doe\n\"Jane\",Roe\nx,y",
        ] {
            let rows = read(text.as_bytes());
            let lines: Vec<_> = rows.iter().map(|it| (it.line, it.unreadable.is_some())).collect();
            assert_eq!(lines, [(1, false), (2, true), (3, false), (4, false)], "{text:?}");
            assert_eq!(rows[1].cells, ["\"John,Doe"]);
            assert_eq!(rows[2].cells, ["Jane", "Roe"]);
        }
    }

    #[test]
    fn text_behind_a_quote_and_bytes_that_are_no_letters_are_told_with_their_place() {
        let rows = read(b"a,\"b\" c\nd,\xff\nx,y\n");
        let why = |at: usize| rows[at].unreadable.clone().unwrap();
        assert!(why(0).contains("column 2, line 1"), "{}", why(0));
        assert!(why(1).contains("column 2, line 2") && why(1).contains("UTF-8"), "{}", why(1));
        assert_eq!(rows[2].unreadable, None);
    }

    #[test]
    fn an_endless_line_is_passed_over_without_being_kept() {
        let endless = io::repeat(b'x').take(40 << 20);
        let mut records = Records::new((&b"a,b\n"[..]).chain(endless).chain(&b"\nc,d\n"[..]), b',');
        assert_eq!(records.next().unwrap().unwrap().cells, ["a", "b"]);
        let long = records.next().unwrap().unwrap();
        assert!(long.unreadable.unwrap().contains("longer than 256 kB"));
        assert!(long.cells[0].len() <= 4096);
        let last = records.next().unwrap().unwrap();
        assert_eq!((last.line, last.cells), (3, vec!["c".to_owned(), "d".to_owned()]));
        assert_eq!(records.next().unwrap(), None);
    }

    #[test]
    fn an_open_quote_in_front_of_very_many_lines_costs_one_line() {
        let many = "Jane,Roe\n".repeat(100_000);
        let rows = read(format!("\"John,Doe\n{many}").as_bytes());
        assert_eq!(rows.len(), 100_001);
        assert_eq!(rows.iter().filter(|it| it.unreadable.is_some()).count(), 1);
    }

    proptest! {
        #[test]
        fn no_bytes_panic_the_reader_and_every_line_is_accounted_for(
            bytes in prop::collection::vec(prop::sample::select(&b"ab,\"\n\r \xff\xc3\x28"[..]), 0..200),
        ) {
            let rows = read(&bytes);
            prop_assert!(rows.windows(2).all(|pair| pair[0].line < pair[1].line));
            prop_assert_eq!(rows.is_empty(), bytes.is_empty());
        }

        #[test]
        fn what_a_writer_wrote_is_read_back(
            rows in prop::collection::vec(prop::collection::vec("[a\"',\r\n é=+]{0,6}", 2..5), 1..6),
        ) {
            let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let text = writer.into_inner().unwrap();
            let read: Vec<_> = read(&text).into_iter().map(|it| it.cells).collect();
            prop_assert_eq!(read, rows);
        }
    }
}
