//! A duplicate and the contact that holds its number, side by side, and what can be done
//! about it. Old accounts may hold several contacts with one number: one at a time shows.

use jiff::{Timestamp, tz::TimeZone};

use crate::{
    contact::{E164, Phone, phone::Reading, text::safe},
    submission::{Change, Entry, Owner, Record, Status, SubmissionId},
};

use super::{row_words, time};

/// The open comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Compare {
    pub(super) entry: Entry,
    /// What the directory knows of the holders; until it told, only their names.
    known: Vec<Record>,
    shown: usize,
    pub(super) marked: DuplicateChoice,
}

/// What an agent can do about a duplicate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DuplicateChoice {
    /// The existing contact is right as it is.
    Keep,
    /// It is to hold what was typed.
    Update,
    /// The number was typed wrongly.
    Correct,
    /// What was typed is not needed.
    Drop,
}

impl DuplicateChoice {
    pub(super) const ALL: [Self; 4] = [Self::Keep, Self::Update, Self::Correct, Self::Drop];
}

/// One line: what it is about, what was typed, what exists, and whether they differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ComparedField {
    pub(super) label: &'static str,
    pub(super) typed: String,
    pub(super) existing: String,
    pub(super) differs: bool,
}

impl Compare {
    /// `None` for a row that is no duplicate.
    pub(super) fn of(entry: Entry) -> Option<Self> {
        matches!(entry.status, Status::Duplicate { .. }).then(|| Self {
            entry,
            known: Vec::new(),
            shown: 0,
            marked: DuplicateChoice::Keep,
        })
    }

    pub(super) fn id(&self) -> SubmissionId {
        self.entry.submission.id
    }

    pub(super) fn owners(&self) -> &[Owner] {
        self.entry.status.owners()
    }

    /// Takes in what is known now.
    pub(super) fn learn(&mut self, entry: &Entry, known: &[Record]) {
        self.entry = entry.clone();
        self.known = known.to_vec();
        self.shown = self.shown.min(self.owners().len().saturating_sub(1));
    }

    /// Which of several existing contacts shows, counted from 1, and of how many.
    pub(super) fn place(&self) -> (usize, usize) {
        (self.shown + 1, self.owners().len())
    }

    /// Shows another of several.
    pub(super) fn turn(&mut self, by: isize) {
        let count = self.owners().len().max(1);
        self.shown = (self.shown + count).saturating_add_signed(by) % count;
    }

    pub(super) fn mark(&mut self, by: isize) {
        let at = DuplicateChoice::ALL.iter().position(|choice| *choice == self.marked).unwrap_or(0);
        let at = at.saturating_add_signed(by).min(DuplicateChoice::ALL.len() - 1);
        self.marked = DuplicateChoice::ALL[at];
    }

    /// The existing contact that shows, as far as it is known.
    pub(super) fn existing(&self) -> Option<Record> {
        let owner = self.owners().get(self.shown)?;
        let known = self.known.iter().find(|record| record.id.is_some() && record.id == owner.id);
        let named = Record {
            id: owner.id.clone(),
            full_name: owner.full_name.clone(),
            ..Record::default()
        };
        Some(known.cloned().unwrap_or_default().or(named))
    }

    /// The update of the contact that shows; `None` while its id is not known.
    pub(super) fn update(&self) -> Option<Change> {
        let owner = self.owners().get(self.shown)?;
        Some(Change::Update(owner.id.clone()?, owner.clone()))
    }

    /// The name of the contact that shows, as far as it is known.
    pub(super) fn holder(&self) -> Option<String> {
        self.existing().and_then(|record| record.name()).map(|name| safe(&name))
    }

    /// The fields of both.
    pub(super) fn lines(&self, now: Timestamp, zone: &TimeZone) -> Vec<ComparedField> {
        let typed = &self.entry.submission.contact;
        let Some(existing) = self.existing() else { return Vec::new() };
        let line = |label, typed: &str, existing: Option<String>| {
            let existing = existing.map(|text| safe(&text)).unwrap_or_default();
            let typed = safe(typed);
            let differs = !existing.is_empty() && !typed.is_empty() && existing != typed;
            ComparedField { label, typed, existing, differs }
        };
        let whole_name = existing.first_name.is_none().then(|| existing.name()).flatten();
        let mut lines = vec![
            line("Salutation", typed.salutation.as_str(), existing.salutation),
            line("First name", typed.first_name.as_str(), existing.first_name),
            line("Last name", typed.last_name.as_str(), existing.last_name),
            line("Number", &typed.phone.international(), existing.e164.as_ref().map(spelt)),
            line("Extension", typed.extension.as_str(), existing.extension),
        ];
        if let Some(name) = whole_name {
            lines.insert(1, line("Name", &typed.full_name(), Some(name)));
        }
        lines.push(line("Made", "", existing.created_at.map(|at| time::made(at, now, zone))));
        lines.push(line("Id", "", existing.id.map(|id| row_words::shortened(&id.0))));
        lines.retain(|line| !(line.typed.is_empty() && line.existing.is_empty()));
        lines
    }
}

/// The platform's number as the one beside it is written.
fn spelt(number: &E164) -> String {
    match Phone::parse(number.as_str(), None) {
        Reading::Valid(phone) | Reading::Unusual(phone, _) => phone.international(),
        Reading::Impossible(_) => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        submission::ContactId,
        tui::script::{duplicate, entry},
    };

    fn open(owners: &[(&str, &str)]) -> Compare {
        let owners = owners
            .iter()
            .map(|(id, name)| Owner {
                id: Some(ContactId((*id).into())),
                full_name: Some((*name).into()),
            })
            .collect();
        let status = Status::Duplicate { owners, remark: None };
        Compare::of(entry(1, "John", "Doe", "9876543210", status)).unwrap()
    }

    #[test]
    fn what_differs_is_marked_and_what_nobody_knows_is_not() {
        let mut compare = open(&[("a", "Jane Doe")]);
        let known = Record {
            id: Some(ContactId("a".into())),
            first_name: Some("Jane".into()),
            last_name: Some("Doe".into()),
            ..Record::default()
        };
        compare.learn(&compare.entry.clone(), &[known]);
        let lines = compare.lines(Timestamp::UNIX_EPOCH, &TimeZone::UTC);
        let differs = |label| lines.iter().find(|line| line.label == label).unwrap().differs;
        assert!(differs("First name"));
        assert!(!differs("Last name") && !differs("Salutation"));
    }

    #[test]
    fn several_holders_show_one_after_the_other_and_round_again() {
        let mut compare = open(&[("a", "Jane Roe"), ("b", "Amy Pond")]);
        let name = |compare: &Compare| compare.existing().unwrap().name().unwrap();
        assert_eq!(name(&compare), "Jane Roe");
        compare.turn(1);
        assert_eq!((name(&compare), compare.place()), ("Amy Pond".into(), (2, 2)));
        compare.turn(1);
        assert_eq!(name(&compare), "Jane Roe");
        compare.turn(-1);
        assert!(matches!(compare.update(), Some(Change::Update(id, _)) if id.0 == "b"));
    }

    #[test]
    fn an_owner_without_an_id_can_be_seen_but_not_updated() {
        let compare = Compare::of(duplicate(1, "John", "Doe", "9876543210", "Jane Roe")).unwrap();
        assert!(
            compare
                .lines(Timestamp::UNIX_EPOCH, &TimeZone::UTC)
                .iter()
                .any(|line| line.existing == "Jane Roe")
        );
        assert_eq!(compare.update(), None);
    }

    #[test]
    fn names_from_the_platform_show_as_harmless_text() {
        let compare = open(&[("a", "Ja\u{1b}[2Jne\u{202e}\u{9b}31m\n")]);
        for line in compare.lines(Timestamp::UNIX_EPOCH, &TimeZone::UTC) {
            let hostile = ['\u{1b}', '\u{202e}', '\u{9b}', '\n'];
            assert!(!line.existing.contains(hostile), "{line:?}");
        }
    }
}
