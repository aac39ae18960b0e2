//! One row judged: a contact that may be sent, or a sentence that says why not. Pure.
//!
//! Where a cell can mean two things nothing is sent: a wrong contact is worse than a row
//! that comes back with its cure.

use super::{
    columns::{Columns, Target},
    damage::{Mended, mend, mend_number},
};
use crate::contact::{
    Contact, Draft, Extension, Field, Phone, Problem, Reading, Region, Rules, Salutation, paste,
    phone::{main_region, spoken_extension},
};

/// What a row may become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
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
    pub(super) verdict: Verdict,
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
                if let Some(spoken) = spoken_extension(&number.text) {
                    let note = format!("Phone: the extension {spoken} behind it is not sent");
                    findings.notes.push(note);
                }
                contact
            }
        };
        let verdict = match (contact, unusual) {
            _ if !findings.problems.is_empty() => Verdict::Invalid(findings.problems.join("; ")),
            (Some(contact), None) => Verdict::Valid(contact),
            (Some(contact), Some(why)) => Verdict::Unusual(contact, why),
            (None, _) => Verdict::Invalid("cannot be read".into()),
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
        let number = self.placed(text, &code, &country);
        if findings.problems.len() > before {
            return None;
        }
        number.map_err(|problem| findings.problems.push(problem)).ok()
    }

    /// Puts the number, a calling code kept apart and a country together.
    fn placed(&self, text: String, code: &str, country: &str) -> Result<Number, String> {
        let named = match country {
            "" => None,
            _ => Some(Region::find(country).ok_or_else(|| {
                format!("Country: `{country}` is no country; write its ISO code or English name")
            })?),
        };
        let code = calling_code(code)?;
        let (calling_code, named) = match code {
            Some(Code::Country(region)) => (None, named.or(Some(region))),
            Some(Code::Calling(code)) => (Some(code), named),
            None => (None, named),
        };
        let Some(code) = calling_code else {
            return Ok(Number { text, region: named.or(self.region), calling_code: None });
        };
        if let Some(region) = named.filter(|region| region.calling_code() != code) {
            return Err(format!(
                "Calling code: +{code} is not that of {} (+{})",
                region.name(),
                region.calling_code()
            ));
        }
        let shares = |region: &Region| region.calling_code() == code;
        let region = named.or(self.region.filter(shares)).or_else(|| main_region(code));
        let is_whole = text.starts_with(['+', '\u{ff0b}']) || text.starts_with("00");
        let text = if region.is_none() && !is_whole && !text.is_empty() {
            format!("+{code} {text}")
        } else {
            text
        };
        Ok(Number { text, region, calling_code: Some(code) })
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
                if let Some(problem) = number.contradicts(&contact.phone) {
                    findings.problems.push(problem);
                }
                *unusual = number.may_be_another(&contact.phone).map(|why| format!("Phone: {why}"));
                Some(contact)
            }
            Err(problems) if problems.iter().all(|problem| problem.can_override) => {
                *unusual = Some(problems.into_iter().map(|it| told(&number.hinted(it))).collect());
                let rules = Rules { salutations: self.salutations.clone(), allow_unusual: true };
                draft.parse(&rules).ok()
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

/// What stood in a column of calling codes.
enum Code {
    Calling(u16),
    Country(Region),
}

fn calling_code(text: &str) -> Result<Option<Code>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    if let Some(region) = Region::find(text) {
        return Ok(Some(Code::Country(region)));
    }
    // A program that counts may have made it a fraction.
    let text = text.strip_suffix(".0").unwrap_or(text);
    let odd = text.chars().any(|c| !c.is_ascii_digit() && !"+ ()-".contains(c));
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_start_matches("00");
    match digits.parse() {
        Ok(code) if !odd && (1..=3).contains(&digits.len()) => Ok(Some(Code::Calling(code))),
        _ => Err(format!("Calling code: `{text}` is none; write it like +91")),
    }
}

/// A number as it stands in the file.
#[derive(Debug)]
struct Number {
    text: String,
    region: Option<Region>,
    /// The calling code that another column gives.
    calling_code: Option<u16>,
}

impl Number {
    fn region(&self) -> String {
        self.region.map_or_else(String::new, |region| region.code().to_owned())
    }

    /// Digits alone, as spreadsheets leave them.
    fn bare_digits(&self) -> Option<&str> {
        let bare = !self.text.is_empty() && self.text.bytes().all(|byte| byte.is_ascii_digit());
        bare.then_some(self.text.as_str())
    }

    fn contradicts(&self, read: &Phone) -> Option<String> {
        let code = self.calling_code.filter(|code| *code != read.calling_code())?;
        Some(format!(
            "Phone: is a number of +{}, but its calling code is +{code}",
            read.calling_code()
        ))
    }

    /// Digits that begin like the country's own calling code may be either.
    fn may_be_another(&self, read: &Phone) -> Option<String> {
        let digits = self.bare_digits().filter(|_| self.calling_code.is_none())?;
        let abroad = format!("+{digits}");
        if !digits.starts_with(&read.calling_code().to_string()) || read.e164().as_str() == abroad {
            return None;
        }
        match Phone::parse(&abroad, None) {
            Reading::Valid(other) => Some(format!(
                "may be {} or {}; write it with + and the calling code",
                read.international(),
                other.international()
            )),
            Reading::Unusual(..) | Reading::Impossible(_) => None,
        }
    }

    /// Adds what a spreadsheet has probably taken away in front.
    fn hinted(&self, mut problem: Problem) -> Problem {
        let Some(digits) = self.bare_digits().filter(|_| problem.field == Field::Phone) else {
            return problem;
        };
        let valid = |text: &str, region| matches!(Phone::parse(text, region), Reading::Valid(_));
        if self.region.is_some() && valid(&format!("0{digits}"), self.region) {
            problem.message.push_str(
                "; with a 0 in front it is a number: a spreadsheet may have taken it away, format \
                 the column as text",
            );
        } else if digits.len() > 8 && valid(&format!("+{digits}"), None) {
            problem.message.push_str(
                "; with a + in front it is a number: a spreadsheet may have taken it away, format \
                 the column as text",
            );
        }
        problem
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(header: &str, region: &str) -> Judge {
        let header = header.split(',').map(str::to_owned).collect();
        Judge {
            columns: Columns::find(header, &[]).unwrap(),
            salutations: ["Mr", "Mrs"].map(|it| Salutation::parse(it).unwrap()).to_vec(),
            region: Region::from_code(region),
            extension: Extension::parse("+").unwrap(),
        }
    }

    fn row(judge: &Judge, cells: &str) -> Judged {
        judge.row(&cells.split(',').map(str::to_owned).collect::<Vec<_>>())
    }

    /// "valid +91… Mr John|Doe +", "unusual …" or the sentence.
    fn verdict(judge: &Judge, cells: &str) -> String {
        let told = |word: &str, contact: &Contact| {
            let Contact { salutation, first_name, last_name, phone, extension } = contact;
            format!("{word} {} {salutation} {first_name}|{last_name} {extension}", phone.e164())
        };
        match row(judge, cells).verdict {
            Verdict::Valid(contact) => told("valid", &contact),
            Verdict::Unusual(contact, why) => format!("{}: {why}", told("unusual", &contact)),
            Verdict::Repeated(..) => unreachable!("one row repeats nothing"),
            Verdict::Invalid(why) => why,
        }
    }

    #[test]
    fn the_platforms_own_columns_make_a_contact() {
        let judge = judge(
            "firstName,lastName,salutation,cellPhoneNumber,cellPhoneCountryCode,cellPhoneExtension",
            "",
        );
        for (cells, wanted) in [
            ("Jane,Roe,mrs.,9876543210,+91,+", "valid +919876543210 Mrs Jane|Roe +"),
            ("Jane,Roe,,09876543210,91,91", "valid +919876543210 Mr Jane|Roe 91"),
            ("Jane,Roe,Mr,+919876543210,+91,", "valid +919876543210 Mr Jane|Roe +"),
            ("Jane,Roe,Mr,0612345678,+39,", "valid +390612345678 Mr Jane|Roe +"),
            ("Jane,Roe,Mr,12345678,+800,", "valid +80012345678 Mr Jane|Roe +"),
            ("Jane,Roe,Mr,876 555 1234,+1,", "unusual"),
            ("Jane,Roe,Mr,9876543210,IN,", "valid +919876543210 Mr Jane|Roe +"),
            (
                "Jane,Roe,Mr,+447400123456,+91,",
                "Phone: is a number of +44, but its calling code is +91",
            ),
            ("Jane,Roe,Mr,9876543210,ninety,", "Calling code: `ninety` is none"),
            ("Jane,Roe,Dr,9876543210,+91,", "Salutation: must be Mr or Mrs"),
        ] {
            let told = verdict(&judge, cells);
            assert!(told.starts_with(wanted) || wanted == "unusual", "{cells}: {told}");
        }
    }

    #[test]
    fn a_national_number_is_read_in_the_rows_country_or_the_default_one() {
        let judge = judge("first,last,phone,country", "IN");
        for (cells, wanted) in [
            ("A,B,98765 43210,", "valid +919876543210"),
            ("A,B,020 7183 8750,United Kingdom", "valid +442071838750"),
            ("A,B,2071838750,gb", "valid +442071838750"),
            ("A,B,06 12345678,Italy", "valid +390612345678"),
            ("A,B,+44 (0)20 7183 8750,", "valid +442071838750"),
            ("A,B,0044 20 7183 8750,", "valid +442071838750"),
            ("A,B,919876543210,", "valid +919876543210"),
            ("A,B,98765 43210,Atlantis", "Country: `Atlantis` is no country"),
            ("A,B,98765,", "Phone: "),
        ] {
            let told = verdict(&judge, cells);
            assert!(told.starts_with(wanted), "{cells}: {told}");
        }
    }

    #[test]
    fn a_lost_zero_or_plus_is_told_where_it_matters() {
        let judge = judge("first,last,phone,country", "");
        let told = verdict(&judge, "A,B,612345678,IT");
        assert!(told.contains("with a 0 in front"), "{told}");
        let told = verdict(&judge, "A,B,442071838750,IN");
        assert!(told.contains("with a + in front"), "{told}");
        let told = verdict(&judge, "A,B,442071838750,");
        assert!(told.contains("needs a country") && told.contains("with a + in front"), "{told}");
    }

    #[test]
    fn digits_that_may_begin_with_an_area_or_a_calling_code_are_asked_about() {
        let judge = judge("first,last,phone", "DE");
        let told = verdict(&judge, "A,B,49421123456");
        assert!(told.contains("may be +49 ") && told.contains(" or +49 "), "{told}");
        assert!(verdict(&judge, "A,B,4915112345678").starts_with("unusual +494915112345678"));
        assert!(verdict(&judge, "A,B,015112345678").starts_with("valid +4915112345678"));
    }

    #[test]
    fn whole_names_are_split_and_it_is_said_when_a_person_should_look() {
        let judge = judge("Name,Mobile", "IN");
        assert!(verdict(&judge, "Mrs Jane Roe,9876543210").contains("Mrs Jane|Roe"));
        let long = row(&judge, "Ludwig van Beethoven,9876543210");
        assert_eq!(long.full_name, "Ludwig van Beethoven");
        assert_eq!(long.note.as_deref(), Some("Name: read as `Ludwig` and `van Beethoven`"));
        assert_eq!(verdict(&judge, "Cher,9876543210"), "Last name: is needed");
    }

    #[test]
    fn every_problem_of_a_row_is_told_at_once() {
        let judge = judge("first,last,phone,extension", "IN");
        let told = verdict(&judge, ",\u{fffd},9.19877E+11,1234,more");
        for part in ["5 cells", "First name: is needed", "Last name: ", "lost digits", "dialing"] {
            assert!(told.contains(part), "{part} in {told}");
        }
        assert!(verdict(&judge, "John\nJack,Doe,9876543210,").contains("line break"));
    }

    #[test]
    fn a_desks_extension_behind_a_number_is_not_sent_and_that_is_said() {
        let judge = judge("first,last,phone,extension", "IN");
        let judged = row(&judge, "A,B,+1 415 555 0132 x12,+");
        assert!(judged.note.unwrap().contains("extension 12"));
        assert!(verdict(&judge, "A,B,+1 415 555 0132 x12,+").starts_with("valid +14155550132"));
    }
}
