//! The contact being typed: fields, focus, what is wrong, and how the number reads.
//!
//! The text stays what was typed; a [`Draft`] is taken from it and read by the domain.
//! A field is checked when it is left and all are on submit; a wrong field never holds
//! the focus. What was cleared or pushed aside waits in `set_aside`.

mod typing;

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use crate::contact::{
    Contact, Draft, Field, Phone, Problem, Region, Rules, Salutation, phone::Reading,
};

use super::{input::Input, keymap::KeyScope, picker::Picker};

const RECENT_REGIONS: usize = 5;

/// Where the form's focus is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Focus {
    Field(Field),
    Button,
}

/// The form's whole state.
#[derive(Debug, Clone)]
pub(super) struct Form {
    salutations: Vec<Salutation>,
    default_extension: String,
    salutation: usize,
    first_name: Input,
    last_name: Input,
    region: Option<Region>,
    phone: Input,
    extension: Input,
    focus: Focus,
    picker: Option<Picker>,
    recent: Vec<Region>,
    problems: BTreeMap<Field, Problem>,
    guessed: BTreeSet<Field>,
    set_aside: Option<Draft>,
    /// The draft whose unusual number was shown; submitting it again sends it.
    warned: Option<Draft>,
    /// The text and country that were last read, and how they read.
    last_reading: RefCell<Option<(String, Option<Region>, Reading)>>,
}

impl Form {
    pub(super) fn new(
        salutations: Vec<Salutation>,
        region: Option<Region>,
        extension: String,
    ) -> Self {
        Self {
            salutations,
            salutation: 0,
            first_name: Input::default(),
            last_name: Input::default(),
            region,
            phone: Input::default(),
            extension: Input::new(&extension),
            default_extension: extension,
            focus: Focus::Field(Field::Salutation),
            picker: None,
            recent: region.into_iter().collect(),
            problems: BTreeMap::new(),
            guessed: BTreeSet::new(),
            set_aside: None,
            warned: None,
            last_reading: RefCell::default(),
        }
    }

    /// Everything as typed.
    pub(super) fn draft(&self) -> Draft {
        Draft {
            salutation: self.salutation().map_or_else(String::new, ToString::to_string),
            first_name: self.first_name.text().to_owned(),
            last_name: self.last_name.text().to_owned(),
            region: self.region.map_or_else(String::new, |region| region.to_string()),
            phone: self.phone.text().to_owned(),
            extension: self.extension.text().to_owned(),
        }
    }

    /// Puts a draft into the fields, replacing what is there.
    pub(super) fn load(&mut self, draft: &Draft) {
        let same = |offered: &Salutation| offered.as_str().eq_ignore_ascii_case(&draft.salutation);
        self.salutation = self.salutations.iter().position(same).unwrap_or(0);
        self.first_name = Input::new(&draft.first_name);
        self.last_name = Input::new(&draft.last_name);
        self.region = Region::from_code(&draft.region).or(self.region);
        self.phone = Input::new(&draft.phone);
        let extension = Some(draft.extension.as_str()).filter(|text| !text.is_empty());
        self.extension = Input::new(extension.unwrap_or(&self.default_extension));
        self.fresh_look();
    }

    /// Puts the draft of the last time into a form in which nothing was typed; the focus stays
    /// where the agent has moved it meanwhile.
    pub(super) fn take_up(&mut self, draft: &Draft) {
        let focus = self.focus;
        self.load(draft);
        self.focus = focus;
    }

    /// Puts a submitted contact into the fields, to correct and send again.
    pub(super) fn load_contact(&mut self, contact: &Contact) {
        self.keep_aside();
        self.region = contact.phone.region().or(self.region);
        self.load(&Draft {
            salutation: contact.salutation.to_string(),
            first_name: contact.first_name.to_string(),
            last_name: contact.last_name.to_string(),
            region: String::new(),
            phone: self.as_typed(&contact.phone),
            extension: contact.extension.as_str().to_owned(),
        });
    }

    fn as_typed(&self, phone: &Phone) -> String {
        let national = phone.national_format();
        match self.region {
            Some(_) if reads_as(&national, self.region, phone) => national,
            _ => phone.international(),
        }
    }

    fn fresh_look(&mut self) {
        self.focus = Focus::Field(Field::Salutation);
        self.picker = None;
        self.problems.clear();
        self.guessed.clear();
        self.warned = None;
    }

    fn empty(&mut self) {
        self.salutation = 0;
        self.first_name = Input::default();
        self.last_name = Input::default();
        self.phone = Input::default();
        self.extension = Input::new(&self.default_extension);
        self.fresh_look();
    }

    /// Ready for the next contact; the country stays.
    pub(super) fn stored(&mut self) {
        if let Some(region) = self.region {
            self.recent.retain(|recent| *recent != region);
            self.recent.insert(0, region);
            self.recent.truncate(RECENT_REGIONS);
        }
        self.empty();
    }

    /// Clears the form, or brings the cleared text back when there is nothing to clear.
    pub(super) fn clear_or_restore(&mut self) {
        if self.is_blank() {
            self.restore();
        } else {
            self.keep_aside();
            self.empty();
        }
    }

    pub(super) fn restore(&mut self) {
        if let Some(draft) = self.set_aside.take() {
            self.load(&draft);
        }
    }

    fn keep_aside(&mut self) {
        if !self.is_blank() {
            self.set_aside = Some(self.draft());
        }
    }

    /// Keeps a draft where Ctrl+Z in an empty form finds it.
    pub(super) fn put_aside(&mut self, draft: Draft) {
        self.set_aside = Some(draft);
    }

    pub(super) fn has_aside(&self) -> bool {
        self.set_aside.is_some()
    }

    /// Whether nothing of a contact was typed.
    pub(super) fn is_blank(&self) -> bool {
        self.first_name.is_empty()
            && self.last_name.is_empty()
            && self.phone.is_empty()
            && self.extension.text() == self.default_extension
    }

    pub(super) fn focus(&self) -> Focus {
        self.focus
    }

    pub(super) fn scope(&self) -> KeyScope {
        match self.focus {
            Focus::Button => KeyScope::Button,
            Focus::Field(_) if self.picker.is_some() => KeyScope::Picker,
            Focus::Field(Field::Salutation) => KeyScope::Choice,
            Focus::Field(Field::Country) => KeyScope::Country,
            Focus::Field(_) => KeyScope::Text,
        }
    }

    pub(super) fn salutations(&self) -> impl Iterator<Item = (&Salutation, bool)> {
        self.salutations.iter().enumerate().map(|(at, offered)| (offered, at == self.salutation))
    }

    pub(super) fn salutation(&self) -> Option<&Salutation> {
        self.salutations.get(self.salutation)
    }

    pub(super) fn region(&self) -> Option<Region> {
        self.region
    }

    pub(super) fn picker(&self) -> Option<&Picker> {
        self.picker.as_ref()
    }

    pub(super) fn problem(&self, field: Field) -> Option<&Problem> {
        self.problems.get(&field)
    }

    /// How many fields have something wrong with them.
    pub(super) fn problems(&self) -> usize {
        self.problems.len()
    }

    pub(super) fn is_guessed(&self, field: Field) -> bool {
        self.guessed.contains(&field)
    }

    /// The editor of a text field.
    pub(super) fn input(&self, field: Field) -> Option<&Input> {
        match field {
            Field::FirstName => Some(&self.first_name),
            Field::LastName => Some(&self.last_name),
            Field::Phone => Some(&self.phone),
            Field::Extension => Some(&self.extension),
            Field::Salutation | Field::Country => None,
        }
    }

    fn focused_input(&mut self) -> Option<&mut Input> {
        match self.focus {
            Focus::Field(Field::FirstName) => Some(&mut self.first_name),
            Focus::Field(Field::LastName) => Some(&mut self.last_name),
            Focus::Field(Field::Phone) => Some(&mut self.phone),
            Focus::Field(Field::Extension) => Some(&mut self.extension),
            Focus::Field(Field::Salutation | Field::Country) | Focus::Button => None,
        }
    }

    /// How the number reads as it stands; `None` while there is none. Asked for by each draw
    /// and after each event, read once for each change.
    pub(super) fn reading(&self) -> Option<Reading> {
        let text = self.phone.text();
        if text.trim().is_empty() {
            return None;
        }
        let mut last = self.last_reading.borrow_mut();
        if let Some((of, region, reading)) = &*last
            && of == text
            && *region == self.region
        {
            return Some(reading.clone());
        }
        let reading = Phone::parse(text, self.region);
        *last = Some((text.to_owned(), self.region, reading.clone()));
        Some(reading)
    }

    /// The number, when it may be sent.
    pub(super) fn number(&self) -> Option<Phone> {
        match self.reading()? {
            Reading::Valid(phone) | Reading::Unusual(phone, _) => Some(phone),
            Reading::Impossible(_) => None,
        }
    }

    fn rules(&self, allow_unusual: bool) -> Rules {
        Rules { salutations: self.salutations.clone(), allow_unusual }
    }

    /// The contact, if everything is right as it stands.
    pub(super) fn ready(&self) -> Option<Contact> {
        self.draft().parse(&self.rules(false)).ok()
    }

    /// Reads everything; on failure every problem shows and the first has the focus.
    pub(super) fn submit(&mut self) -> Option<Contact> {
        self.accept_choice();
        let draft = self.draft();
        let confirmed = self.warned.as_ref() == Some(&draft);
        match draft.parse(&self.rules(confirmed)) {
            Ok(contact) => Some(contact),
            Err(problems) => {
                self.warned = problems.iter().all(|p| p.can_override).then_some(draft);
                if let Some(first) = problems.first() {
                    self.focus = Focus::Field(first.field);
                }
                self.problems = problems.into_iter().map(|p| (p.field, p)).collect();
                None
            }
        }
    }

    /// Whether submitting once more sends the unusual number.
    pub(super) fn is_warned(&self) -> bool {
        self.warned.as_ref() == Some(&self.draft())
    }

    pub(super) fn next(&mut self) {
        self.leave();
        self.focus = match self.focus {
            Focus::Field(field) => after(field).map_or(Focus::Button, Focus::Field),
            Focus::Button => Focus::Field(Field::Salutation),
        };
    }

    pub(super) fn previous(&mut self) {
        self.leave();
        self.focus = match self.focus {
            Focus::Field(field) => before(field).map_or(Focus::Button, Focus::Field),
            Focus::Button => Focus::Field(Field::Extension),
        };
    }

    /// Goes to a field, checking the one that is left.
    pub(super) fn focus_field(&mut self, field: Field) {
        self.leave();
        self.focus = Focus::Field(field);
    }

    /// Whether Enter submits here.
    pub(super) fn at_end(&self) -> bool {
        matches!(self.focus, Focus::Button | Focus::Field(Field::Extension))
    }

    /// Checks the field that has the focus, as on leaving it.
    pub(super) fn leave(&mut self) {
        let Focus::Field(field) = self.focus else { return };
        if field == Field::Phone {
            self.tidy_phone();
        }
        self.problems.remove(&field);
        let problems = self.draft().parse(&self.rules(false)).err().unwrap_or_default();
        if let Some(problem) = problems.into_iter().find(|problem| problem.field == field) {
            self.problems.insert(field, problem);
        }
    }
}

fn reads_as(text: &str, region: Option<Region>, phone: &Phone) -> bool {
    matches!(Phone::parse(text, region), Reading::Valid(read) if read.e164() == phone.e164())
}

fn after(field: Field) -> Option<Field> {
    Field::ALL.into_iter().find(|other| *other > field)
}

fn before(field: Field) -> Option<Field> {
    Field::ALL.into_iter().rev().find(|other| *other < field)
}
