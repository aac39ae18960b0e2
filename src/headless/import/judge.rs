//! One row judged: a contact that may be sent, or a sentence that says why not. Pure.
//!
//! Where a cell can mean two things nothing is sent: a wrong contact is worse than a row
//! that comes back with its cure. What was changed or left out on the way is noted.

mod number;

use super::{
    columns::{Columns, Target},
    damage::{Mended, lost_to_a_question_mark, mend, mend_number},
    doubt::Doubt,
    empty::is_no_name,
    row::{Judged, RowVerdict},
};
use crate::contact::{
    Addressing, Contact, Draft, Extension, Field, Note, Problem, Region, Rules,
    full_name::{self, WholeName},
    phone::{pick, without_words},
    title::Title,
};
use number::Number;

/// What rows are judged by.
#[derive(Debug)]
pub(super) struct Judge {
    pub(super) columns: Columns,
    pub(super) addressing: Addressing,
    /// Where numbers are read when the row names no country.
    pub(super) region: Option<Region>,
    /// What is sent when the row has no extension.
    pub(super) extension: Extension,
    /// Other encodings that the file may be in, where that cannot be told.
    pub(super) doubt: Option<Doubt>,
}

/// Everything found out about one row on the way.
#[derive(Debug, Default)]
struct Findings {
    problems: Vec<FieldFault>,
    notes: Vec<Note>,
}

/// What is wrong with a cell or a field, and whose it is.
#[derive(Debug)]
struct FieldFault {
    field: Option<Field>,
    told: String,
}

impl Findings {
    fn fault(&mut self, field: Option<Field>, told: String) {
        self.problems.push(FieldFault { field, told });
    }

    /// Adds what is wrong with a draft, where no cell's damage says it already.
    fn add(&mut self, problems: &[Problem]) {
        for problem in problems {
            let known = self.problems.iter().any(|it| it.field == Some(problem.field));
            if !known {
                self.fault(Some(problem.field), told(problem));
            }
        }
    }

    fn take(&mut self, target: Target, mended: Result<Mended, String>) -> String {
        let label = target.label();
        match mended {
            Ok(Mended { text, was }) => {
                self.notes.extend(was.map(|from| {
                    let (label, to) = (label.to_owned(), text.clone());
                    Note::Mended { label, from, to }
                }));
                text
            }
            Err(problem) => {
                for field in fields_of(target) {
                    self.fault(Some(*field), format!("{label}: {problem}"));
                }
                String::new()
            }
        }
    }

    /// All of it in one line; a whole name's fault stands for both its halves.
    fn told(&self) -> String {
        let mut told: Vec<&str> = Vec::new();
        for problem in &self.problems {
            if !told.contains(&problem.told.as_str()) {
                told.push(&problem.told);
            }
        }
        told.join("; ")
    }
}

/// The fields that a column fills.
fn fields_of(target: Target) -> &'static [Field] {
    match target {
        Target::Salutation => &[Field::Salutation],
        Target::FirstName => &[Field::FirstName],
        Target::LastName => &[Field::LastName],
        Target::FullName => &[Field::FirstName, Field::LastName],
        Target::Phone | Target::CallingCode => &[Field::Phone],
        Target::Region => &[Field::Country],
        Target::Extension => &[Field::Extension],
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
                self.contact(&draft, &number, &mut findings, &mut unusual)
            }
        };
        if let (Some(contact), Some(doubt)) = (&contact, &self.doubt)
            && let Some(problem) = doubt.of(contact)
        {
            findings.fault(None, problem);
        }
        let verdict = match (contact, unusual) {
            _ if !findings.problems.is_empty() => RowVerdict::Invalid(findings.told()),
            (Some(contact), None) => RowVerdict::Valid(contact),
            (Some(contact), Some(why)) => RowVerdict::Unusual(contact, why),
            (None, _) => RowVerdict::Invalid("cannot be read".into()),
        };
        Judged { verdict, full_name, notes: findings.notes }
    }

    /// Cells behind the last column are a value that was torn apart.
    fn check_width(&self, cells: &[String], findings: &mut Findings) {
        let columns = self.columns.header.len();
        if cells.iter().skip(columns).any(|cell| !cell.trim().is_empty()) {
            let told = format!(
                "the row has {} cells, the header {columns}; put quotes around the cell that \
                 holds a separator",
                cells.len()
            );
            findings.fault(None, told);
        }
    }

    /// Salutation and names, a whole name taken apart.
    fn names(&self, cells: &[String], findings: &mut Findings) -> Draft {
        let salutation = self.text(Target::Salutation, cells, findings);
        let name = if self.columns.has(Target::FullName) {
            let whole = self.text(Target::FullName, cells, findings);
            let name = full_name::split(&whole, &self.addressing);
            if let Ok(WholeName { first: Some(first), last: Some(last), .. }) = &name
                && whole.split_whitespace().count() > 2
            {
                let (first, last) = (first.clone(), last.clone());
                findings.notes.push(Note::NameSplit { first, last });
            }
            name
        } else {
            let first = self.text(Target::FirstName, cells, findings);
            let last = self.text(Target::LastName, cells, findings);
            full_name::tidy(&first, &last, &self.addressing)
        };
        let name = name.unwrap_or_else(|why| {
            for field in fields_of(Target::FullName) {
                findings.fault(Some(*field), format!("Name: {why}"));
            }
            WholeName::default()
        });
        let salutation = self.salutation(&salutation, &name.titles, findings);
        let left = |suffix| Note::SuffixLeft { suffix };
        findings.notes.extend(name.suffixes.into_iter().map(left));
        findings.notes.extend(name.beside.into_iter().map(|text| Note::BesideName { text }));
        Draft {
            salutation,
            first_name: name.first.unwrap_or_default(),
            last_name: name.last.unwrap_or_default(),
            ..Draft::default()
        }
    }

    /// A cell of text: mended, on one line, without lost letters.
    fn text(&self, target: Target, cells: &[String], findings: &mut Findings) -> String {
        let cell = self.columns.cell(target, cells);
        let text = findings.take(target, mend(cell));
        let label = target.label();
        let mut fault = |told: String| {
            for field in fields_of(target) {
                findings.fault(Some(*field), told.clone());
            }
        };
        if text.contains(['\n', '\r']) {
            fault(format!("{label}: holds a line break; take it out"));
        }
        if lost_to_a_question_mark(&text) {
            fault(format!(
                "{label}: has a question mark in place of a letter (`{text}`); export the file \
                 again as UTF-8"
            ));
        }
        if is_no_name(&text) { String::new() } else { text }
    }

    /// How the person is addressed: by the column, else by a title with the name, else by the
    /// default.
    fn salutation(&self, cell: &str, titles: &[String], findings: &mut Findings) -> String {
        let default = self.addressing.default.as_ref().map(ToString::to_string);
        let mut chosen = None;
        let mut left = Vec::new();
        let in_cell = (!cell.is_empty()).then(|| cell.to_owned());
        for title in in_cell.iter().chain(titles) {
            match self.addressing.read(title) {
                Some(Title::Offered(found)) if chosen.is_none() => chosen = Some(found.to_string()),
                Some(Title::Means(found)) if chosen.is_none() => {
                    let salutation = found.to_string();
                    chosen = Some(salutation.clone());
                    findings.notes.push(Note::TitleRead { title: title.clone(), salutation });
                }
                Some(Title::Offered(_) | Title::Means(_)) => {}
                // A word in the column that is no title at all: the draft refuses it.
                None if Some(title) == in_cell.as_ref() => return cell.to_owned(),
                Some(Title::Silent | Title::Open) | None => left.push(title.clone()),
            }
        }
        if !left.is_empty() {
            let title = left.join(" ");
            findings.notes.push(match &chosen {
                Some(_) => Note::BesideName { text: title },
                None => Note::TitleLeft { title, salutation: default.clone() },
            });
        }
        chosen.or(default).unwrap_or_default()
    }

    fn extension(&self, cells: &[String], findings: &mut Findings) -> String {
        let target = Target::Extension;
        let text = findings.take(target, mend_number(self.columns.cell(target, cells)));
        if text.is_empty() {
            return self.extension.to_string();
        }
        if !self.columns.extension_is_meant && !text.starts_with('+') {
            let told = format!(
                "{}: the platform's extension is a dialing prefix such as +, not a desk's \
                 number; empty the cell, or send it with --map extension=Column",
                target.label()
            );
            findings.fault(Some(Field::Extension), told);
        }
        text
    }

    /// The number's text and where it is read; `None` when that is told as a problem.
    fn number(&self, cells: &[String], findings: &mut Findings) -> Option<Number> {
        let before = findings.problems.len();
        let found = self.columns.numbers(cells);
        // A cell without a digit ("ask Pat") gives way to one that has some.
        let digits = |text: &str| text.chars().any(char::is_numeric);
        let best = found.iter().find(|it| digits(it.text)).or(found.first());
        let text = findings.take(Target::Phone, mend_number(best.map_or("", |it| it.text)));
        let code = findings
            .take(Target::CallingCode, mend_number(self.columns.cell(Target::CallingCode, cells)));
        let mut countries = Vec::new();
        for cell in self.columns.countries(cells) {
            countries.push(findings.take(Target::Region, mend(cell)));
        }
        if findings.problems.len() > before {
            return None;
        }
        let placed = Number::placed(text, &code, &countries, self.region);
        let (mut number, notes) = match placed {
            Ok(placed) => placed,
            Err((field, told)) => {
                findings.fault(Some(field), told);
                return None;
            }
        };
        if let Some(best) = best.filter(|_| self.columns.phone_columns() > 1) {
            findings.notes.push(Note::FromColumn { column: best.column.to_owned() });
        }
        let picked = pick(&number.text, number.place());
        number.text = without_words(&picked.text);
        findings.notes.extend(picked.notes);
        findings.notes.extend(notes);
        Some(number)
    }

    fn rules(&self, allow_unusual: bool) -> Rules {
        Rules { salutations: self.addressing.offered.clone(), allow_unusual }
    }

    fn parse(&self, draft: &Draft) -> Result<Contact, Vec<Problem>> {
        draft.parse(&self.rules(false))
    }

    fn contact(
        &self,
        draft: &Draft,
        number: &Number,
        findings: &mut Findings,
        unusual: &mut Option<String>,
    ) -> Option<Contact> {
        let contradiction = |contact: &Contact, findings: &mut Findings| {
            if let Some(told) = number.contradicts(&contact.phone) {
                findings.fault(Some(Field::Phone), told);
            }
        };
        match self.parse(draft) {
            Ok(contact) => {
                contradiction(&contact, findings);
                *unusual = number.may_be_another(&contact.phone).map(|why| format!("Phone: {why}"));
                Some(contact)
            }
            Err(problems) if problems.iter().all(|problem| problem.can_override) => {
                *unusual = Some(problems.into_iter().map(|it| told(&number.hinted(it))).collect());
                let contact = draft.parse(&self.rules(true)).ok()?;
                contradiction(&contact, findings);
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
