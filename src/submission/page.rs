//! Which rows of the results somebody wants to see.

use jiff::Timestamp;

use super::{Entry, Group, Origin, SubmissionId};
use crate::contact::name::folded;

/// Which page of the results is wanted; its rows come newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Where in the results.
    pub part: PagePosition,
    /// Whose rows.
    pub whose: Whose,
    /// Only these groups; none means all.
    pub groups: Vec<Group>,
    /// Only names or numbers holding this text, as [`Search`] reads it.
    pub search: Option<String>,
    /// Only submissions made at or after this time.
    pub since: Option<Timestamp>,
    /// Only those of this origin; none means both.
    pub origin: Option<Origin>,
    /// How many at most.
    pub limit: u32,
}

/// Whose rows are wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Whose {
    /// This store's.
    #[default]
    Ours,
    /// Everybody's on the floor, to look at.
    Everybody,
}

/// Where in the results a page lies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PagePosition {
    /// The newest rows.
    #[default]
    Newest,
    /// Those right before this one, older.
    Before(SubmissionId),
    /// This one and those right after it, newer.
    From(SubmissionId),
    /// The oldest rows.
    Oldest,
}

/// What is searched for: a part of a name, or of a number where it can be one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// The text without case and accents; empty finds everything.
    pub name: String,
    /// Its digits, if it can be a part of a number.
    pub digits: Option<String>,
}

impl Search {
    /// Reads what somebody typed.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let name = folded(text);
        let digits: String = name.chars().filter(char::is_ascii_digit).collect();
        let is_number = name.chars().all(|c| c.is_ascii_digit() || " +-().".contains(c));
        let digits = (is_number && !digits.is_empty()).then_some(digits);
        Self { name, digits }
    }

    /// Whether it finds the row.
    #[must_use]
    pub fn finds(&self, entry: &Entry) -> bool {
        let contact = &entry.submission.contact;
        folded(&contact.full_name()).contains(&self.name)
            || self
                .digits
                .as_ref()
                .is_some_and(|digits| contact.phone.e164().as_str().contains(digits))
    }
}
