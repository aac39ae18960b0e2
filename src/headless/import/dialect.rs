//! What separates the cells of a file: told by a `sep=;` in its first line, else whatever
//! makes the most sense of the header.

use std::io::{self, BufReader, Read};

use super::{columns, records::Records};

/// What may separate cells, the likeliest first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// No header is longer.
const SAMPLE: u64 = 1 << 18;

/// The row of column names is one of the first so many.
pub(super) const HEADER_WITHIN: usize = 30;

/// How the file is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) delimiter: u8,
    /// The first line is `sep=` and no row.
    pub(super) says_so: bool,
}

impl Dialect {
    /// Looks at the start of `text`.
    ///
    /// # Errors
    /// When the file fails.
    pub(super) fn of(text: impl Read) -> io::Result<Self> {
        let mut sample = Vec::new();
        BufReader::new(text.take(SAMPLE)).read_to_end(&mut sample)?;
        let blank = sample.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        // A tab may be the first, empty cell.
        let start = sample[..blank].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let sample = &sample[start..];
        Ok(told(sample).unwrap_or_else(|| Self { delimiter: likeliest(sample), says_so: false }))
    }

    /// Its word for people.
    pub(super) fn name(self) -> String {
        match self.delimiter {
            b',' => "commas".into(),
            b';' => "semicolons".into(),
            b'\t' => "tabs".into(),
            other => format!("`{}`", char::from(other)),
        }
    }
}

/// `sep=;`, as Excel writes and reads it.
fn told(sample: &[u8]) -> Option<Dialect> {
    let line = sample.split(|byte| *byte == b'\n').next()?;
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let line = line.strip_prefix(b"\"").and_then(|it| it.strip_suffix(b"\"")).unwrap_or(line);
    let is_told = line.len() == 5 && line[..4].eq_ignore_ascii_case(b"sep=");
    let delimiter = *line.last().filter(|_| is_told)?;
    let fit = delimiter.is_ascii() && !delimiter.is_ascii_alphanumeric() && delimiter != b'"';
    fit.then_some(Dialect { delimiter, says_so: true })
}

fn likeliest(sample: &[u8]) -> u8 {
    let score = |delimiter: u8| {
        let mut records = Records::new(sample, delimiter);
        let records = std::iter::from_fn(|| records.next().ok().flatten());
        let counted = records
            .take(HEADER_WITHIN)
            .map(|record| (columns::known(&record.cells), record.cells.len()));
        // The row of names need not be the first one.
        counted.max().unwrap_or_default()
    };
    let mut best = (DELIMITERS[0], score(DELIMITERS[0]));
    for delimiter in DELIMITERS {
        let score = score(delimiter);
        if score > best.1 {
            best = (delimiter, score);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_what_makes_sense_of_the_header() {
        for (text, delimiter, says_so) in [
            ("first,last,phone\n", b',', false),
            ("\r\n\r\nVorname;Name;Telefon\n", b';', false),
            ("first\tlast\tphone, mobile\n", b'\t', false),
            ("first|last|phone\n", b'|', false),
            ("\"Name, first and last\";Phone\n", b';', false),
            ("sep=;\r\nfirst,x;last;phone\n", b';', true),
            ("SEP=,\nfirst;last,phone\n", b',', true),
            ("sep=^\na^b\n", b'^', true),
            ("phone\n", b',', false),
            ("\tfirst\tlast\n", b'\t', false),
            ("", b',', false),
        ] {
            let dialect = Dialect::of(text.as_bytes()).unwrap();
            assert_eq!((dialect.delimiter, dialect.says_so), (delimiter, says_so), "{text:?}");
        }
    }
}
