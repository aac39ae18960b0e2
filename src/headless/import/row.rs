//! One row of the file: where it is, its cells and its verdict.

use serde::Serialize;

use crate::contact::{Contact, Note};

/// Where a row is in the file.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct RowPosition {
    /// Counted from 1, without the header and blank rows.
    pub(super) row: u32,
    /// The line it begins in, which is what editors and spreadsheets show.
    #[serde(skip)]
    pub(super) line: u64,
}

impl std::fmt::Display for RowPosition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "row {}", self.row)?;
        if self.line == u64::from(self.row) + 1 {
            Ok(())
        } else {
            write!(f, " (line {})", self.line)
        }
    }
}

/// What a row may become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RowVerdict {
    /// It may be sent.
    Valid(Contact),
    /// It may be sent if somebody says so; the sentence says what seems wrong.
    Unusual(Contact, String),
    /// Its number is that of an earlier row.
    Repeated(Contact, u32),
    /// It cannot be sent; the sentence says why.
    Invalid(String),
}

/// A judged row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Judged {
    pub(super) verdict: RowVerdict,
    /// The name as far as it could be read.
    pub(super) full_name: String,
    /// What was repaired, chosen, split or left out.
    pub(super) notes: Vec<Note>,
}

/// One data row of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SpooledRow {
    /// Counted from 1, without the header and blank rows.
    pub(super) number: u32,
    /// The line it begins in.
    pub(super) line: u64,
    pub(super) cells: Vec<String>,
    pub(super) judged: Judged,
}

impl SpooledRow {
    pub(super) fn at(&self) -> RowPosition {
        RowPosition { row: self.number, line: self.line }
    }
}
