//! Judged rows, kept in a private temporary file between judging, storing and reporting,
//! so that memory does not grow with the file. It has no name and is gone with its handle.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, BufWriter, Seek as _, Write as _},
    path::Path,
};

use serde::{Deserialize, Serialize};

use super::row::{Judged, RowVerdict, SpooledRow};
use crate::contact::{Contact, Note, Parts};

#[derive(Serialize, Deserialize)]
struct SpoolLine {
    number: u32,
    line: u64,
    cells: Vec<String>,
    full_name: String,
    notes: Vec<Note>,
    verdict: SpoolVerdict,
}

#[derive(Serialize, Deserialize)]
enum SpoolVerdict {
    Valid(Parts),
    Unusual(Parts, String),
    Repeated(Parts, u32),
    Invalid(String),
}

/// Rows in the order of the file.
#[derive(Debug)]
pub(super) struct Spool {
    file: BufWriter<File>,
}

impl Spool {
    /// Makes an empty one in `folder`.
    ///
    /// # Errors
    /// When there is no room or permission.
    pub(super) fn new(folder: &Path) -> io::Result<Self> {
        Ok(Self { file: BufWriter::new(tempfile::tempfile_in(folder)?) })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// When the disk is full.
    pub(super) fn push(&mut self, row: SpooledRow) -> io::Result<()> {
        let Judged { verdict, full_name, notes } = row.judged;
        let verdict = match &verdict {
            RowVerdict::Valid(contact) => SpoolVerdict::Valid(contact.into()),
            RowVerdict::Unusual(contact, why) => SpoolVerdict::Unusual(contact.into(), why.clone()),
            RowVerdict::Repeated(contact, of) => SpoolVerdict::Repeated(contact.into(), *of),
            RowVerdict::Invalid(why) => SpoolVerdict::Invalid(why.clone()),
        };
        let SpooledRow { number, line, cells, .. } = row;
        let written = SpoolLine { number, line, cells, full_name, notes, verdict };
        serde_json::to_writer(&mut self.file, &written)?;
        self.file.write_all(b"\n")
    }

    /// Every row from the start.
    ///
    /// # Errors
    /// When the disk fails.
    pub(super) fn rows(&mut self) -> io::Result<impl Iterator<Item = io::Result<SpooledRow>> + '_> {
        self.file.flush()?;
        let mut file = self.file.get_ref();
        file.rewind()?;
        Ok(BufReader::new(file).lines().map(|line| read(&line?)))
    }
}

fn read(line: &str) -> io::Result<SpooledRow> {
    let SpoolLine { number, line, cells, full_name, notes, verdict } = serde_json::from_str(line)?;
    let verdict = match verdict {
        SpoolVerdict::Valid(parts) => Contact::try_from(parts).map(RowVerdict::Valid),
        SpoolVerdict::Unusual(parts, why) => {
            Contact::try_from(parts).map(|contact| RowVerdict::Unusual(contact, why))
        }
        SpoolVerdict::Repeated(parts, of) => {
            Contact::try_from(parts).map(|contact| RowVerdict::Repeated(contact, of))
        }
        SpoolVerdict::Invalid(why) => Ok(RowVerdict::Invalid(why)),
    }
    .map_err(io::Error::other)?;
    Ok(SpooledRow { number, line, cells, judged: Judged { verdict, full_name, notes } })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::{Extension, Name, Phone, Region, Salutation};

    #[test]
    fn rows_come_back_as_they_went_in_and_as_often_as_wanted() {
        let folder = tempfile::tempdir().unwrap();
        let contact = Contact {
            salutation: Salutation::parse("Mrs").unwrap(),
            first_name: Name::parse("Ngọc Ánh").unwrap(),
            last_name: Name::parse("O'Brien").unwrap(),
            phone: Phone::from_parts(Region::from_code("IT"), 39, "0612345678").unwrap(),
            extension: Extension::parse("+").unwrap(),
        };
        let verdicts = [
            RowVerdict::Valid(contact.clone()),
            RowVerdict::Unusual(contact.clone(), "why".into()),
            RowVerdict::Repeated(contact, 1),
            RowVerdict::Invalid("a \"b\"\n".into()),
        ];
        let mut spool = Spool::new(folder.path()).unwrap();
        let rows: Vec<_> = (1..)
            .zip(verdicts)
            .map(|(number, verdict)| SpooledRow {
                number,
                line: u64::from(number) + 1,
                cells: vec!["a\nb".into(), String::new()],
                judged: Judged {
                    verdict,
                    full_name: "N".into(),
                    notes: vec![Note::SuffixLeft { suffix: "Jr.".into() }],
                },
            })
            .collect();
        for row in &rows {
            spool.push(row.clone()).unwrap();
        }
        for _ in 0..2 {
            let read: Vec<_> = spool.rows().unwrap().collect::<Result<_, _>>().unwrap();
            assert_eq!(read, rows);
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "it has no name");
    }
}
