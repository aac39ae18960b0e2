//! One row judged: a contact that may be sent, or a sentence that says why not. Pure.
//!
//! Where a cell can mean two things nothing is sent: a wrong contact is worse than a row
//! that comes back with its cure.

mod number;

use super::{
    columns::{Columns, Target},
    damage::{Mended, mend, mend_number},
};
use crate::contact::{
    Contact, Draft, Extension, Field, Problem, Region, Rules, Salutation, paste, phone::pick,
};
use number::Number;

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
    /// What was repaired, split or left out.
    pub(super) note: Option<String>,
}

/// What rows are judged by.
#[derive(Debug)]
pub(super) struct Judge {
    pub(super) columns: Columns,
    pub(super) salutations: Vec<Salutation>,
    /// Where numbers are read when the row names no country.
    pub(super) region: Option<Region>,
    /// What is sent when the row has no extension.
    pub(super) extension: Extension,
}

/// Everything found out about one row on the way.
#[derive(Debug, Default)]
struct Findings {
    problems: Vec<String>,
    notes: Vec<String>,
}

impl Findings {
    /// Adds what is wrong with a draft, where no cell's damage says it already.
    fn add(&mut self, problems: &[Problem]) {
        for problem in problems {
            let is_name = matches!(problem.field, Field::FirstName | Field::LastName);
            let damaged = self.problems.iter().any(|it| {
                it.strip_prefix(problem.field.label()).is_some_and(|it| it.starts_with(": "))
                    || (is_name && it.starts_with("Name: "))
            });
            if !damaged {
                self.problems.push(told(problem));
            }
        }
    }

    fn take(&mut self, label: &str, mended: Result<Mended, String>) -> String {
        match mended {
            Ok(Mended { text, note }) => {
                self.notes.extend(note.map(|note| format!("{label}: {note}")));
                text
            }
            Err(problem) => {
                self.problems.push(format!("{label}: {problem}"));
                String::new()
            }
        }
    }
}

impl Judge {
    /// Judges a row's cells.
    pub(super) fn row(&self, cells: &[String]) -> Judged {
        let mut findings = Findings::default();
        self.check_width(cells, &mut findings);
        let names = self.names(cells, &mut findings);
        let full_name = format!("{} {}", names.first_name, names.last_name).trim().to_owned();
        let extension = self.extension(cells, &mut findings);
        let mut unusual = None;
        let contact = match self.number(cells, &mut findings) {
            // What is wrong with the number is told; the rest is judged all the same.
            None => {
                let rest = Draft { extension, phone: "+14155550132".into(), ..names };
                findings.add(&self.parse(&rest).err().unwrap_or_default());
                None
            }
            Some(number) => {
                let draft = Draft {
                    extension,
                    region: number.region(),
                    phone: number.text.clone(),
                    ..names
                };
                let contact = self.contact(&draft, &number, &mut findings, &mut unusual);
                findings
                    .notes
                    .extend(pick(&number.text, None).notes.iter().map(ToString::to_string));
                contact
            }
        };
        let verdict = match (contact, unusual) {
            _ if !findings.problems.is_empty() => RowVerdict::Invalid(findings.problems.join("; ")),
            (Some(contact), None) => RowVerdict::Valid(contact),
            (Some(contact), Some(why)) => RowVerdict::Unusual(contact, why),
            (None, _) => RowVerdict::Invalid("cannot be read".into()),
        };
        let note = (!findings.notes.is_empty()).then(|| findings.notes.join("; "));
        Judged { verdict, full_name, note }
    }

    /// Cells behind the last column are a value that was torn apart.
    fn check_width(&self, cells: &[String], findings: &mut Findings) {
        let columns = self.columns.header.len();
        if cells.iter().skip(columns).any(|cell| !cell.trim().is_empty()) {
            findings.problems.push(format!(
                "the row has {} cells, the header {columns}; put quotes around the cell that \
                 holds a separator",
                cells.len()
            ));
        }
    }

    /// Salutation and names, a whole name taken apart.
    fn names(&self, cells: &[String], findings: &mut Findings) -> Draft {
        let mut text = |target: Target| {
            let text = findings.take(target.label(), mend(self.columns.cell(target, cells)));
            if text.contains(['\n', '\r']) {
                let label = target.label();
                findings.problems.push(format!("{label}: holds a line break; take it out"));
            }
            text
        };
        let salutation = text(Target::Salutation);
        let mut draft = if self.columns.has(Target::FullName) {
            let whole = text(Target::FullName);
            let parts = paste::split_full_name(&whole, &self.salutations);
            let part = Option::unwrap_or_default;
            let draft = Draft {
                salutation: part(parts.salutation),
                first_name: part(parts.first_name),
                last_name: part(parts.last_name),
                ..Draft::default()
            };
            if whole.split_whitespace().count() > 2 {
                let Draft { first_name, last_name, .. } = &draft;
                findings.notes.push(format!("Name: read as `{first_name}` and `{last_name}`"));
            }
            draft
        } else {
            let (first_name, last_name) = (text(Target::FirstName), text(Target::LastName));
            Draft { first_name, last_name, ..Draft::default() }
        };
        if !salutation.is_empty() {
            draft.salutation = salutation;
        }
        if draft.salutation.is_empty() {
            draft.salutation =
                self.salutations.first().map(ToString::to_string).unwrap_or_default();
        }
        draft
    }

    fn extension(&self, cells: &[String], findings: &mut Findings) -> String {
        let label = Target::Extension.label();
        let text = findings.take(label, mend_number(self.columns.cell(Target::Extension, cells)));
        if text.is_empty() {
            return self.extension.to_string();
        }
        if !self.columns.extension_is_meant && !text.starts_with('+') {
            findings.problems.push(format!(
                "{label}: the platform's extension is a dialing prefix such as +, not a desk's \
                 number; empty the cell, or send it with --map extension=Column"
            ));
        }
        text
    }

    /// The number's text and where it is read; `None` when that is told as a problem.
    fn number(&self, cells: &[String], findings: &mut Findings) -> Option<Number> {
        let before = findings.problems.len();
        let mut text = |target: Target| {
            findings.take(target.label(), mend_number(self.columns.cell(target, cells)))
        };
        let (text, code, country) =
            (text(Target::Phone), text(Target::CallingCode), text(Target::Region));
        let number = Number::placed(text, &code, &country, self.region);
        if findings.problems.len() > before {
            return None;
        }
        number.map_err(|problem| findings.problems.push(problem)).ok()
    }

    fn parse(&self, draft: &Draft) -> Result<Contact, Vec<Problem>> {
        let rules = Rules { salutations: self.salutations.clone(), allow_unusual: false };
        draft.parse(&rules)
    }

    fn contact(
        &self,
        draft: &Draft,
        number: &Number,
        findings: &mut Findings,
        unusual: &mut Option<String>,
    ) -> Option<Contact> {
        match self.parse(draft) {
            Ok(contact) => {
                findings.problems.extend(number.contradicts(&contact.phone));
                *unusual = number.may_be_another(&contact.phone).map(|why| format!("Phone: {why}"));
                Some(contact)
            }
            Err(problems) if problems.iter().all(|problem| problem.can_override) => {
                *unusual = Some(problems.into_iter().map(|it| told(&number.hinted(it))).collect());
                let rules = Rules { salutations: self.salutations.clone(), allow_unusual: true };
                let contact = draft.parse(&rules).ok()?;
                findings.problems.extend(number.contradicts(&contact.phone));
                Some(contact)
            }
            Err(problems) => {
                let hinted: Vec<_> = problems.into_iter().map(|it| number.hinted(it)).collect();
                findings.add(&hinted);
                None
            }
        }
    }
}

fn told(problem: &Problem) -> String {
    format!("{}: {}", problem.field, problem.message)
}

#[cfg(test)]
mod tests;
