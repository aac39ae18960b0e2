//! The contact being typed: fields, focus, what is wrong, and how the number reads.
//!
//! The text stays what was typed; a [`Draft`] is taken from it and read by the domain.
//! A field is checked when it is left and all are on submit; a wrong field never holds
//! the focus. What was cleared or pushed aside waits in `set_aside`.

use std::collections::{BTreeMap, BTreeSet};

use crate::contact::{
    Contact, Draft, Field, Phone, Problem, Region, Rules, Salutation,
    paste::{self, Guess},
    phone::{self, Reading},
};

use super::{
    input::{Edit, Input},
    keymap::Scope,
    picker::Picker,
};

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
}

impl Form {
    pub(super) fn new(
        salutations: Vec<Salutation>,
        region: Option<Region>,
        extension: String,
        draft: Option<&Draft>,
    ) -> Self {
        let mut form = Self {
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
        };
        if let Some(draft) = draft {
            form.load(draft);
        }
        form
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
        self.extension = Input::new(&draft.extension);
        self.fresh_look();
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

    pub(super) fn scope(&self) -> Scope {
        match self.focus {
            Focus::Button => Scope::Button,
            Focus::Field(_) if self.picker.is_some() => Scope::Picker,
            Focus::Field(Field::Salutation) => Scope::Choice,
            Focus::Field(Field::Country) => Scope::Country,
            Focus::Field(_) => Scope::Text,
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

    /// How the number reads as it stands; `None` while there is none.
    pub(super) fn reading(&self) -> Option<Reading> {
        let text = self.phone.text();
        (!text.trim().is_empty()).then(|| Phone::parse(text, self.region))
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

    /// Writes a valid number in its country's grouping, if it then still is the same.
    fn tidy_phone(&mut self) {
        let Some(Reading::Valid(phone)) = self.reading() else { return };
        let region = phone.region().or(self.region);
        let national = phone.national_format();
        if reads_as(&national, region, &phone) {
            self.region = region;
            self.phone.replace(&national);
        } else if reads_as(&phone.international(), self.region, &phone) {
            self.phone.replace(&phone.international());
        }
    }

    /// A country typed with the number is the number's country.
    fn follow_prefix(&mut self) {
        if let Some((region, _)) = phone::split_prefix(self.phone.text(), self.region) {
            self.region = Some(region);
        }
    }

    pub(super) fn type_char(&mut self, c: char) {
        match self.focus {
            Focus::Field(Field::Salutation) => self.choose_by_letter(c),
            Focus::Field(Field::Country) => match &mut self.picker {
                Some(picker) => picker.type_char(c),
                None => self.open(&c.to_string()),
            },
            Focus::Field(field) => {
                if let Some(input) = self.focused_input() {
                    input.type_char(c);
                }
                self.touched(field);
            }
            Focus::Button => {}
        }
    }

    fn touched(&mut self, field: Field) {
        self.problems.remove(&field);
        self.guessed.remove(&field);
        if field == Field::Phone {
            self.follow_prefix();
        }
    }

    pub(super) fn edit(&mut self, edit: Edit) {
        if let Some(picker) = &mut self.picker {
            picker.edit(edit);
            return;
        }
        let Focus::Field(field) = self.focus else { return };
        let Some(input) = self.focused_input() else { return };
        let before = input.text().to_owned();
        input.edit(edit);
        if input.text() != before {
            self.touched(field);
        }
    }

    /// Whether undo has to bring back what was cleared.
    pub(super) fn undo_or_restore(&mut self) {
        if self.is_blank() && self.set_aside.is_some() {
            self.restore();
        } else {
            self.edit(Edit::Undo);
        }
    }

    /// Takes a paste. It fills every field it recognises, or else goes into the focused
    /// one. The answer is a sentence for the agent.
    pub(super) fn paste(&mut self, text: &str) -> Option<String> {
        if let Some(guess) = paste::recognise(text, self.region, &self.salutations) {
            self.picker = None;
            return Some(self.fill(&guess));
        }
        let line = paste::clean(text);
        let whole = if let Some(picker) = &mut self.picker {
            picker.insert(&line)
        } else {
            self.insert(&line)
        };
        (!whole).then(|| "The pasted text was too long; only its beginning was taken.".into())
    }

    fn insert(&mut self, line: &str) -> bool {
        match self.focus {
            Focus::Field(Field::Country) => {
                self.open(line);
                true
            }
            Focus::Field(Field::Salutation) | Focus::Button => {
                let first = if line.chars().any(|c| c.is_ascii_digit()) {
                    Field::Phone
                } else {
                    Field::FirstName
                };
                self.focus = Focus::Field(first);
                self.insert(line)
            }
            Focus::Field(field) => {
                let whole = self.focused_input().is_none_or(|input| input.insert(line));
                self.touched(field);
                whole
            }
        }
    }

    fn fill(&mut self, guess: &Guess) -> String {
        let mut filled = Vec::new();
        if let Some(salutation) = &guess.salutation {
            let same = |offered: &Salutation| offered.as_str().eq_ignore_ascii_case(salutation);
            if let Some(at) = self.salutations.iter().position(same) {
                self.salutation = at;
                filled.push(Field::Salutation);
            }
        }
        if let Some(region) = guess.region.as_deref().and_then(Region::from_code) {
            self.region = Some(region);
            filled.push(Field::Country);
        }
        let texts = [
            (Field::FirstName, &mut self.first_name, &guess.first_name),
            (Field::LastName, &mut self.last_name, &guess.last_name),
            (Field::Phone, &mut self.phone, &guess.phone),
            (Field::Extension, &mut self.extension, &guess.extension),
        ];
        for (field, input, text) in texts {
            if let Some(text) = text {
                input.replace(text);
                filled.push(field);
            }
        }
        for field in &filled {
            self.problems.remove(field);
        }
        if filled.contains(&Field::Phone) {
            self.follow_prefix();
            self.tidy_phone();
        }
        filled.sort_unstable();
        let names = filled.iter().map(|field| field.label().to_lowercase()).collect::<Vec<_>>();
        self.guessed = filled.into_iter().collect();
        format!("Filled from the paste: {}. Check before submitting.", names.join(", "))
    }

    pub(super) fn choose_by(&mut self, steps: isize) {
        let count = self.salutations.len();
        if count > 0 {
            let steps = steps.rem_euclid(count.cast_signed()).unsigned_abs();
            self.salutation = (self.salutation + steps) % count;
            self.touched(Field::Salutation);
        }
    }

    /// `m` is Mr, `r` is Mrs: the first letter, then, where offers share it, the last
    /// letter of the common start. The same letter again goes on to the next.
    fn choose_by_letter(&mut self, c: char) {
        let keys = letters(&self.salutations);
        let c = c.to_lowercase().next().unwrap_or(c);
        let count = self.salutations.len();
        let from = self.salutation;
        let mut order = (1..=count).map(|step| (from + step) % count);
        let own = |at: usize| keys.get(at).copied().flatten() == Some(c);
        let first = |at: usize| first_letter(&self.salutations[at]) == Some(c);
        let by_own = (0..count).find(|at| own(*at));
        if let Some(at) = by_own.or_else(|| order.find(|at| first(*at))) {
            self.salutation = at;
            self.touched(Field::Salutation);
        }
    }

    /// Opens the country's list.
    pub(super) fn open(&mut self, query: &str) {
        self.picker = Some(Picker::open(query, self.region, &self.recent));
    }

    pub(super) fn move_mark(&mut self, rows: isize) {
        if let Some(picker) = &mut self.picker {
            picker.move_by(rows);
        }
    }

    /// Closes the list, taking the marked country.
    pub(super) fn accept_choice(&mut self) {
        if let Some(picker) = self.picker.take()
            && let Some(region) = picker.choice()
        {
            self.region = Some(region);
            self.problems.remove(&Field::Country);
            self.problems.remove(&Field::Phone);
            self.guessed.remove(&Field::Country);
        }
    }

    pub(super) fn close_list(&mut self) {
        self.picker = None;
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

fn first_letter(salutation: &Salutation) -> Option<char> {
    salutation.as_str().chars().next()?.to_lowercase().next()
}

/// A letter of its own for each salutation: its first one not taken before it. "Mr" and
/// "Mrs" get `m` and `r`.
pub(super) fn letters(salutations: &[Salutation]) -> Vec<Option<char>> {
    let mut taken = BTreeSet::new();
    let mut own = |salutation: &Salutation| {
        let lower = salutation.as_str().to_lowercase();
        lower.chars().find(|c| c.is_alphabetic() && taken.insert(*c))
    };
    salutations.iter().map(&mut own).collect()
}
