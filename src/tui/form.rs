//! The contact being typed: fields, focus, what is wrong, and how the number reads.
//!
//! The text stays what was typed; a [`Draft`] is taken from it and read by the domain.
//! A field is checked when it is left and all are on submit; a wrong field never holds
//! the focus. What was cleared or pushed aside waits in `aside`. What the number reads as is
//! found out once for each change ([`Form::refresh`]), not for each picture.

mod aside;
#[cfg(test)]
mod tests;
mod typing;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::{
    contact::{
        Addressing, Contact, Draft, Field, Phone, Problem, Region, Rules, Salutation, full_name,
        phone::{self, Reading},
        region::Named,
        text::safe,
    },
    submission::Record,
};

use super::{input::Input, keymap::KeyScope, picker::Picker, read_back::ReadBack};
pub(super) use aside::{Aside, Why};

const RECENT_REGIONS: usize = 5;

/// Where the form's focus is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Focus {
    Field(Field),
    Button,
}

/// What is to be said about a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) field: Field,
    pub(super) text: String,
    /// Whether the field was left or submitted; else it is still being typed into.
    pub(super) settled: bool,
}

/// What was made of the draft as it stands.
#[derive(Debug, Clone, Default)]
struct Read {
    draft: Draft,
    reading: Option<Reading>,
    ready: Option<Contact>,
    back: ReadBack,
    /// The extension somebody typed behind the number; it is no part of it.
    spoken: Option<String>,
}

/// The form's whole state.
#[derive(Debug, Clone)]
pub(super) struct Form {
    addressing: Addressing,
    default_extension: String,
    /// Which of those offered; `None` has still to be chosen.
    salutation: Option<usize>,
    /// The title that left it open: "Ms.".
    open_title: Option<String>,
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
    aside: Vec<Aside>,
    /// What stood here before the last paste, and what it made of it.
    before_paste: Option<Box<(Form, Draft)>>,
    /// Other people in the last paste, as text, to be taken one after the other.
    others: VecDeque<String>,
    /// What came back last, to tell whether it was changed since.
    returned: Option<Draft>,
    /// Fields that were typed into; one that was not is not wrong before it is submitted.
    touched: BTreeSet<Field>,
    /// The country that the profile gives.
    default_region: Option<Region>,
    /// First letters of a salutation, as far as they are typed.
    initials: String,
    /// Whether the number came in one piece and was not typed.
    number_pasted: bool,
    read: Read,
    /// The draft whose unusual number was shown; submitting it again sends it.
    warned: Option<Draft>,
}

impl Form {
    pub(super) fn new(addressing: Addressing, region: Option<Region>, extension: String) -> Self {
        let mut form = Self {
            salutation: None,
            open_title: None,
            addressing,
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
            aside: Vec::new(),
            before_paste: None,
            others: VecDeque::new(),
            returned: None,
            touched: BTreeSet::new(),
            default_region: region,
            initials: String::new(),
            number_pasted: false,
            read: Read::default(),
            warned: None,
        };
        form.salutation = form.default_salutation();
        form.read_anew();
        form
    }

    /// Reads the draft if it has changed since it was read.
    pub(super) fn refresh(&mut self) {
        if self.draft() != self.read.draft {
            self.read_anew();
        }
    }

    fn read_anew(&mut self) {
        let draft = self.draft();
        let text = self.phone.text();
        let reading = (!text.trim().is_empty()).then(|| Phone::parse(text, self.region));
        let back = ReadBack::of(text, self.region, reading.as_ref());
        let named = !self.first_name.is_empty() && !self.last_name.is_empty();
        let valid = matches!(reading, Some(Reading::Valid(_)));
        let ready = if named && valid { draft.parse(&self.rules(false)).ok() } else { None };
        let spoken = if valid { phone::spoken_extension(text) } else { None };
        self.read = Read { draft, reading, ready, back, spoken };
    }

    /// The number as it is read back.
    pub(super) fn read_back(&self) -> &ReadBack {
        &self.read.back
    }

    /// Whether the number is in the plan, as it was last read.
    pub(super) fn is_valid_number(&self) -> bool {
        matches!(self.read.reading, Some(Reading::Valid(_)))
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
        self.salutation = self.addressing.offered.iter().position(same);
        if self.salutation.is_none() && !draft.salutation.is_empty() {
            self.salutation = self.default_salutation();
        }
        self.first_name = Input::new(&draft.first_name);
        self.last_name = Input::new(&draft.last_name);
        self.region = Region::from_code(&draft.region).or(self.default_region);
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

    /// Puts a submitted contact into the fields, to correct and send again. The answer is whom
    /// that has put aside.
    pub(super) fn load_contact(&mut self, contact: &Contact) -> Option<String> {
        let aside = self.keep_aside(Why::Corrected).map(Aside::who);
        self.region = contact.phone.region().or(self.default_region);
        self.load(&Draft {
            salutation: contact.salutation.to_string(),
            first_name: contact.first_name.to_string(),
            last_name: contact.last_name.to_string(),
            region: self.region.map_or_else(String::new, |region| region.to_string()),
            phone: self.as_typed(&contact.phone),
            extension: contact.extension.as_str().to_owned(),
        });
        aside
    }

    /// Puts what another program knows of a caller into the fields, which are empty.
    pub(super) fn take_caller(&mut self, caller: &Draft) {
        let named = match Region::named(&caller.region) {
            Named::One(region) => Some(region),
            Named::Several(_) | Named::Nothing => None,
        };
        self.region = named.or(self.default_region);
        let phone = match Phone::parse(&caller.phone, self.region) {
            Reading::Valid(phone) | Reading::Unusual(phone, _) => {
                self.region = phone.region().or(self.region);
                self.as_typed(&phone)
            }
            Reading::Impossible(_) => caller.phone.clone(),
        };
        let region = self.region.map_or_else(String::new, |region| region.to_string());
        self.load(&Draft { region, phone, ..caller.clone() });
        self.number_pasted = true;
    }

    /// Puts a contact of the platform into the fields, to correct it.
    pub(super) fn load_record(&mut self, record: &Record) {
        self.keep_aside(Why::LookedUp);
        let phone =
            record.e164.as_ref().and_then(|number| match Phone::parse(number.as_str(), None) {
                Reading::Valid(phone) | Reading::Unusual(phone, _) => Some(phone),
                Reading::Impossible(_) => None,
            });
        self.region = phone.as_ref().and_then(Phone::region).or(self.default_region);
        let full = record.name().unwrap_or_default();
        let (first, last) = full.rsplit_once(' ').unwrap_or((full.as_str(), ""));
        let text =
            |part: &Option<String>, otherwise: &str| safe(part.as_deref().unwrap_or(otherwise));
        self.load(&Draft {
            salutation: text(&record.salutation, ""),
            first_name: text(&record.first_name, first),
            last_name: text(&record.last_name, last),
            region: self.region.map_or_else(String::new, |region| region.to_string()),
            phone: phone.as_ref().map(|phone| self.as_typed(phone)).unwrap_or_default(),
            extension: text(&record.extension, ""),
        });
        self.number_pasted = true;
    }

    fn as_typed(&self, phone: &Phone) -> String {
        let national = phone.national_format();
        match self.region.filter(|_| reads_as(&national, self.region, phone)) {
            Some(_) => national,
            None => phone.international(),
        }
    }

    fn fresh_look(&mut self) {
        self.focus = Focus::Field(Field::Salutation);
        self.picker = None;
        self.problems.clear();
        self.guessed.clear();
        self.touched.clear();
        self.number_pasted = false;
        self.warned = None;
        self.open_title = None;
        self.before_paste = None;
    }

    /// Where an untouched salutation stands.
    fn default_salutation(&self) -> Option<usize> {
        let default = self.addressing.default.as_ref()?;
        self.addressing.offered.iter().position(|offered| offered == default)
    }

    /// As a new contact finds it: a country that came from a number or a paste was that
    /// contact's own.
    fn empty(&mut self) {
        self.salutation = self.default_salutation();
        self.region = self.default_region;
        self.first_name = Input::default();
        self.last_name = Input::default();
        self.phone = Input::default();
        self.extension = Input::new(&self.default_extension);
        self.fresh_look();
    }

    /// Ready for the next contact, in the profile's country.
    pub(super) fn stored(&mut self) {
        if let Some(region) = self.region {
            self.recent.retain(|recent| *recent != region);
            self.recent.insert(0, region);
            self.recent.truncate(RECENT_REGIONS);
        }
        self.empty();
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
        let chosen = self.salutation;
        self.addressing.offered.iter().enumerate().map(move |(at, it)| (it, Some(at) == chosen))
    }

    pub(super) fn salutation(&self) -> Option<&Salutation> {
        self.addressing.offered.get(self.salutation?)
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

    /// How the number reads as it stands; `None` while there is none.
    pub(super) fn reading(&self) -> Option<Reading> {
        let text = self.phone.text();
        let known = text == self.read.draft.phone
            && self.region == Region::from_code(&self.read.draft.region);
        if known {
            return self.read.reading.clone();
        }
        (!text.trim().is_empty()).then(|| Phone::parse(text, self.region))
    }

    /// The number, when it may be sent.
    pub(super) fn number(&self) -> Option<&Phone> {
        match self.read.reading.as_ref()? {
            Reading::Valid(phone) | Reading::Unusual(phone, _) => Some(phone),
            Reading::Impossible(_) => None,
        }
    }

    fn rules(&self, allow_unusual: bool) -> Rules {
        Rules { salutations: self.addressing.offered.clone(), allow_unusual }
    }

    /// The contact, if everything is right as it stands.
    pub(super) fn ready(&self) -> Option<&Contact> {
        self.read.ready.as_ref()
    }

    /// What is to be said about a field: what is wrong with it, or how its number reads
    /// while it is typed.
    pub(super) fn said(&self, field: Field) -> Option<Said> {
        if let Some(problem) = self.problems.get(&field) {
            return Some(Said { field, text: problem.message.clone(), settled: true });
        }
        if field != Field::Phone {
            return None;
        }
        match self.read.reading.as_ref()? {
            Reading::Valid(_) => self.read.spoken.as_ref().map(|spoken| Said {
                field,
                text: format!("its extension {spoken} is not sent"),
                settled: false,
            }),
            Reading::Unusual(_, why) | Reading::Impossible(why) => {
                Some(Said { field, text: why.clone(), settled: false })
            }
        }
    }

    /// Which letters choose a salutation; `more` when not all of them show.
    pub(super) fn letters(&self, more: bool) -> String {
        if more || self.addressing.offered.len() > 4 {
            let count = self.addressing.offered.len();
            let at = self.salutation.map_or(0, |at| at + 1);
            return format!("{at} of {count}, type it");
        }
        typing::letters_of(&self.addressing.offered)
    }

    /// Reads everything; on failure every problem shows and the first has the focus.
    pub(super) fn submit(&mut self) -> Option<Contact> {
        if !self.accept_choice() {
            return None;
        }
        let draft = self.draft();
        let confirmed = self.warned.as_ref() == Some(&draft);
        match draft.parse(&self.rules(confirmed)) {
            Ok(contact) => Some(contact),
            Err(problems) => {
                let problems = self.named(problems);
                self.warned = problems.iter().all(|p| p.can_override).then_some(draft);
                if let Some(first) = problems.first() {
                    self.focus = Focus::Field(first.field);
                }
                self.problems = problems.into_iter().map(|p| (p.field, p)).collect();
                None
            }
        }
    }

    /// Whether the number was typed, digit by digit.
    pub(super) fn number_was_typed(&self) -> bool {
        !self.number_pasted
    }

    /// Problems with the title that left the salutation open.
    fn named(&self, mut problems: Vec<Problem>) -> Vec<Problem> {
        let open = self.open_title.as_ref().filter(|_| self.salutation.is_none());
        let salutation = problems.iter_mut().find(|problem| problem.field == Field::Salutation);
        if let (Some(title), Some(problem)) = (open, salutation) {
            let offered: Vec<_> = self.addressing.offered.iter().map(Salutation::as_str).collect();
            problem.message = format!("{title} is not offered; choose {}", offered.join(" or "));
        }
        problems
    }

    /// First and last name change places.
    pub(super) fn swap_names(&mut self) {
        let (first, last) = (self.first_name.text().to_owned(), self.last_name.text().to_owned());
        self.first_name.replace(&last);
        self.last_name.replace(&first);
        self.problems.remove(&Field::FirstName);
        self.problems.remove(&Field::LastName);
    }

    /// The names in the case that people write them in.
    pub(super) fn fix_case(&mut self) {
        for input in [&mut self.first_name, &mut self.last_name] {
            let cased = full_name::in_usual_case(input.text());
            if cased != input.text() {
                input.replace(&cased);
            }
        }
    }

    /// How many other people of the last paste wait.
    pub(super) fn others(&self) -> usize {
        self.others.len()
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
        self.initials.clear();
        let Focus::Field(field) = self.focus else { return };
        if field == Field::Phone {
            self.tidy_phone();
        }
        self.problems.remove(&field);
        let untouched =
            !self.touched.contains(&field) && self.input(field).is_some_and(Input::is_empty);
        if untouched {
            return;
        }
        let problems = self.draft().parse(&self.rules(false)).err().unwrap_or_default();
        let problems = self.named(problems);
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
