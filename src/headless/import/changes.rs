//! How many rows go out with something changed or left out, said in one line at the end: the
//! rows that are created have no line of their own, only one in a report.

use std::{collections::BTreeMap, path::Path};

use super::row::{Judged, RowVerdict};
use crate::contact::{Note, text::safe};

/// Different sentences that are counted; a file of repairs has one for each row.
const MOST_KINDS: usize = 100;

/// Rows that may be sent, and what was done to them on the way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Changes {
    rows: u32,
    kinds: BTreeMap<String, u32>,
}

impl Changes {
    /// Counts a row, if anything in it was changed or left out. A row that is not sent is told
    /// with all that is to be said of it.
    pub(super) fn count(&mut self, judged: &Judged) {
        match judged.verdict {
            RowVerdict::Valid(_) | RowVerdict::Unusual(..) => {}
            RowVerdict::Repeated(..) | RowVerdict::Invalid(_) => return,
        }
        let changed: Vec<_> = judged.notes.iter().filter(|note| is_change(note)).collect();
        self.rows += u32::from(!changed.is_empty());
        for note in changed {
            let sentence = note.to_string();
            if self.kinds.len() < MOST_KINDS || self.kinds.contains_key(&sentence) {
                *self.kinds.entry(sentence).or_insert(0) += 1;
            }
        }
    }

    /// The line, and where the rows are listed; nothing where nothing was changed.
    pub(super) fn line(&self, report: Option<&Path>) -> Option<String> {
        let (sentence, count) = self.kinds.iter().max_by_key(|(_, count)| **count)?;
        let rows = if self.rows == 1 { "1 row" } else { &format!("{} rows", self.rows) };
        let all = self.kinds.len() == 1 && *count == self.rows;
        let what = if all { ": " } else { " changed or with something left out, such as " };
        let list = match report {
            Some(path) => format!("the report {} lists them", path.display()),
            None => "--report FILE lists them".to_owned(),
        };
        Some(safe(&format!("{rows}{what}{sentence}; {list}")))
    }
}

/// Taking a whole name apart, or one of several columns, leaves every value as it was.
fn is_change(note: &Note) -> bool {
    match note {
        Note::FromColumn { .. } | Note::NameSplit { .. } => false,
        Note::MorePeople { .. }
        | Note::MoreNumbers { .. }
        | Note::Around { .. }
        | Note::DeskExtension { .. }
        | Note::TitleRead { .. }
        | Note::TitleLeft { .. }
        | Note::SuffixLeft { .. }
        | Note::BesideName { .. }
        | Note::Mended { .. }
        | Note::NoCountry { .. }
        | Note::CountryTaken { .. } => true,
    }
}
