//! The form for a new profile. Each field is checked as it is left; once everything is
//! filled in the platform is asked, in the background, with each change anew.
//!
//! ```text
//!   Open --left a field, all filled in--> Checking --answer--> Told
//!     ^----------------------- any change -----------------------'
//! ```

use crate::contact::text::safe;

use super::{
    super::{
        input::{Edit, Input, Masked},
        keymap::Action,
    },
    message::{Asked, Effect, Given, Place, Start, Verdict},
};

/// What has the keyboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tui) enum Focus {
    /// The nth of what is asked for.
    Field(usize),
    Secret,
    Places,
    /// What has to be named with the place.
    Named,
    Button,
}

/// How the platform stands to what is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::tui) enum Trial {
    Open,
    Checking,
    Told(Verdict),
}

/// A field of text.
#[derive(Debug)]
pub(in crate::tui) struct Field {
    pub(in crate::tui) asked: Asked,
    pub(in crate::tui) input: Input,
    pub(in crate::tui) problem: Option<String>,
}

impl Field {
    fn new(asked: Asked) -> Self {
        Self { input: Input::new(&asked.value), asked, problem: None }
    }

    fn value(&self) -> Result<String, String> {
        (self.asked.read)(self.input.text())
    }

    /// Takes the text as it was meant, or says what is wrong with it.
    fn check(&mut self) {
        match self.value() {
            Ok(value) => {
                self.input.replace(&value);
                self.problem = None;
            }
            Err(why) => self.problem = Some(safe(&why)),
        }
    }

    /// A problem that was told goes with its cause.
    fn changed(&mut self) {
        if self.problem.is_some() {
            self.problem = self.value().err().map(|why| safe(&why));
        }
    }
}

/// The form.
#[derive(Debug)]
pub(in crate::tui) struct SetupForm {
    pub(in crate::tui) profile: String,
    pub(in crate::tui) path: String,
    pub(in crate::tui) fields: Vec<Field>,
    pub(in crate::tui) secret: Masked,
    pub(in crate::tui) secret_problem: Option<String>,
    /// Where the present secret is.
    pub(in crate::tui) kept: Option<String>,
    pub(in crate::tui) places: Vec<Place>,
    /// For each place, what is named with it.
    names: Vec<Option<Field>>,
    pub(in crate::tui) chosen: usize,
    chosen_by_person: bool,
    pub(in crate::tui) focus: Focus,
    pub(in crate::tui) trial: Trial,
    /// What the platform was asked about last.
    tried: Option<Stamp>,
    round: u64,
    /// Saved as soon as the platform accepts it.
    wanted: bool,
    pub(in crate::tui) saving: bool,
    /// How often the secret was changed, which tells two of them apart.
    secret_changes: u64,
}

type Stamp = (Vec<String>, u64);

impl SetupForm {
    pub(in crate::tui) fn new(start: Start) -> Self {
        let named = |place: &Place| place.named.clone().map(Field::new);
        Self {
            profile: safe(&start.profile),
            path: safe(&start.path),
            fields: start.asked.into_iter().map(Field::new).collect(),
            secret: Masked::default(),
            secret_problem: None,
            kept: start.kept.map(|place| safe(&place)),
            names: start.places.iter().map(named).collect(),
            chosen: start.places.iter().position(|place| place.there).unwrap_or(0),
            places: start.places,
            chosen_by_person: false,
            focus: Focus::Field(0),
            trial: Trial::Open,
            tried: None,
            round: 0,
            wanted: false,
            saving: false,
            secret_changes: 0,
        }
    }

    /// What is named with the chosen place.
    pub(in crate::tui) fn named(&self) -> Option<&Field> {
        self.names.get(self.chosen)?.as_ref()
    }

    /// Whether a place for the secret has to be chosen.
    fn is_placed(&self) -> bool {
        self.kept.is_none() || !self.secret.is_empty()
    }

    /// What can have the keyboard now, from top to bottom.
    pub(in crate::tui) fn stops(&self) -> Vec<Focus> {
        let mut stops: Vec<_> = (0..self.fields.len()).map(Focus::Field).collect();
        stops.push(Focus::Secret);
        if self.is_placed() {
            stops.push(Focus::Places);
            stops.extend(self.named().map(|_| Focus::Named));
        }
        stops.push(Focus::Button);
        stops
    }

    pub(in crate::tui) fn act(&mut self, action: Action) -> Vec<Effect> {
        match action {
            Action::Enter if self.focus == Focus::Button => return self.submit(),
            Action::Submit => return self.submit(),
            Action::Next | Action::Enter => return self.step(1),
            Action::Previous => return self.step(-1),
            Action::Retry => {
                self.tried = None;
                return self.ask();
            }
            Action::Edit(edit) => self.edit(edit),
            _ => {}
        }
        Vec::new()
    }

    /// Leaves the field for the next or the one before, round the end.
    fn step(&mut self, by: isize) -> Vec<Effect> {
        let stops = self.stops();
        let at = stops.iter().position(|stop| *stop == self.focus).unwrap_or(0);
        let count = isize::try_from(stops.len()).unwrap_or(1);
        let next = (isize::try_from(at).unwrap_or(0) + by).rem_euclid(count);
        self.go_to(stops[next.unsigned_abs()])
    }

    /// Leaves the field for another one.
    pub(in crate::tui) fn go_to(&mut self, focus: Focus) -> Vec<Effect> {
        self.check(self.focus);
        self.focus = focus;
        self.ask()
    }

    pub(in crate::tui) fn type_char(&mut self, c: char) -> Vec<Effect> {
        match self.focus {
            Focus::Secret => self.change_secret(|secret| secret.type_char(c)),
            Focus::Field(_) | Focus::Named => self.change(|input| input.type_char(c)),
            Focus::Places if c == ' ' => self.choose_by(1),
            Focus::Button if c == ' ' => return self.submit(),
            Focus::Places | Focus::Button => {}
        }
        Vec::new()
    }

    /// A paste belongs to its field; an address of the console to the next one as well.
    pub(in crate::tui) fn paste(&mut self, text: &str) {
        match self.focus {
            Focus::Secret => self.change_secret(|secret| secret.insert(text)),
            Focus::Field(_) | Focus::Named | Focus::Places | Focus::Button => {
                self.change(|input| {
                    let _ = input.insert(&crate::contact::paste::clean(text));
                });
            }
        }
        if let Focus::Field(at) = self.focus
            && let Some(field) = self.fields.get(at)
            && (field.asked.also)(field.input.text()).is_some()
        {
            self.check(self.focus);
        }
    }

    fn edit(&mut self, edit: Edit) {
        match (self.focus, edit) {
            (Focus::Secret, _) => self.change_secret(|secret| secret.edit(edit)),
            (Focus::Field(_) | Focus::Named, _) => self.change(|input| input.edit(edit)),
            (Focus::Places, Edit::Left) => self.choose_by(-1),
            (Focus::Places, Edit::Right) => self.choose_by(1),
            (Focus::Places | Focus::Button, _) => {}
        }
    }

    /// The text field that has the keyboard.
    fn focused(&mut self) -> Option<&mut Field> {
        match self.focus {
            Focus::Field(at) => self.fields.get_mut(at),
            Focus::Named => self.names.get_mut(self.chosen)?.as_mut(),
            Focus::Secret | Focus::Places | Focus::Button => None,
        }
    }

    fn change(&mut self, change: impl FnOnce(&mut Input)) {
        if let Some(field) = self.focused() {
            change(&mut field.input);
            field.changed();
        }
        self.doubt();
    }

    fn change_secret(&mut self, change: impl FnOnce(&mut Masked)) {
        let before = self.secret.length();
        change(&mut self.secret);
        // Moves change nothing; one character for another takes two changes.
        if self.secret.length() != before {
            self.secret_changes += 1;
        }
        if !self.secret.is_empty() {
            self.secret_problem = None;
        }
        self.doubt();
    }

    /// What the platform said goes with what it was said about.
    fn doubt(&mut self) {
        if self.tried.is_some() && self.tried != self.stamp() {
            (self.tried, self.trial, self.wanted) = (None, Trial::Open, false);
            self.round += 1;
        }
    }

    /// Chooses the nth place, if this machine has it.
    pub(in crate::tui) fn choose(&mut self, at: usize) {
        if self.places.get(at).is_some_and(|place| place.there) {
            (self.chosen, self.chosen_by_person) = (at, true);
        }
    }

    fn choose_by(&mut self, by: isize) {
        let there: Vec<_> = self.there().map(|(at, _)| at).collect();
        let at = there.iter().position(|at| *at == self.chosen).unwrap_or(0);
        let next = at.saturating_add_signed(by).min(there.len().saturating_sub(1));
        if let Some(next) = there.get(next) {
            self.choose(*next);
        }
    }

    /// The places that this machine has.
    pub(in crate::tui) fn there(&self) -> impl Iterator<Item = (usize, &Place)> {
        self.places.iter().enumerate().filter(|(_, place)| place.there)
    }

    /// The nth place is there after all; the best is taken until somebody chooses.
    pub(in crate::tui) fn learn_place(&mut self, at: usize) {
        if let Some(place) = self.places.get_mut(at) {
            place.there = true;
        }
        if !self.chosen_by_person {
            self.chosen = self.places.iter().position(|place| place.there).unwrap_or(0);
        }
    }

    /// Checks what is left behind.
    fn check(&mut self, focus: Focus) {
        match focus {
            Focus::Field(at) => {
                let Some(field) = self.fields.get_mut(at) else { return };
                let also = (field.asked.also)(field.input.text());
                field.check();
                if let (Some(also), Some(next)) = (also, self.fields.get_mut(at + 1)) {
                    next.input.replace(&also);
                    next.check();
                }
            }
            Focus::Secret => {
                let missing = self.secret.is_empty() && self.kept.is_none();
                let why = || "is needed; the console shows it once".to_owned();
                self.secret_problem = missing.then(why);
            }
            Focus::Named => {
                if let Some(Some(field)) = self.names.get_mut(self.chosen) {
                    field.check();
                }
            }
            Focus::Places | Focus::Button => {}
        }
        self.doubt();
    }

    /// What is wrong at a stop.
    pub(in crate::tui) fn problem(&self, focus: Focus) -> Option<&str> {
        match focus {
            Focus::Field(at) => self.fields.get(at)?.problem.as_deref(),
            Focus::Secret => self.secret_problem.as_deref(),
            Focus::Named => self.named()?.problem.as_deref(),
            Focus::Places | Focus::Button => None,
        }
    }

    fn stamp(&self) -> Option<Stamp> {
        let values = self.fields.iter().map(Field::value).collect::<Result<_, _>>().ok()?;
        let secret = !self.secret.is_empty() || self.kept.is_some();
        secret.then_some((values, self.secret_changes))
    }

    fn given(&self) -> Option<Given> {
        let (values, _) = self.stamp()?;
        let secret = (!self.secret.is_empty()).then(|| self.secret.secret());
        let named = self.named().map(|field| field.input.text().to_owned()).unwrap_or_default();
        Some(Given { values, secret, place: self.chosen, named })
    }

    /// Asks the platform about what it was not asked about yet.
    fn ask(&mut self) -> Vec<Effect> {
        let (Some(stamp), Some(given)) = (self.stamp(), self.given()) else { return Vec::new() };
        if self.tried.as_ref() == Some(&stamp) {
            return Vec::new();
        }
        self.round += 1;
        (self.tried, self.trial) = (Some(stamp), Trial::Checking);
        vec![Effect::Try { round: self.round, given }]
    }

    /// The platform's answer; that to an earlier question says nothing any more.
    pub(in crate::tui) fn tried(&mut self, round: u64, verdict: Verdict) -> Vec<Effect> {
        if round != self.round || self.trial != Trial::Checking {
            return Vec::new();
        }
        let save = self.wanted && verdict.accepted;
        self.wanted = false;
        self.trial = Trial::Told(verdict);
        if save { self.save() } else { Vec::new() }
    }

    /// Checks everything, and saves what the platform accepts, or what a person wants
    /// saved although it does not.
    fn submit(&mut self) -> Vec<Effect> {
        let stops = self.stops();
        for stop in &stops {
            self.check(*stop);
        }
        if let Some(wrong) = stops.into_iter().find(|stop| self.problem(*stop).is_some()) {
            self.focus = wrong;
            return Vec::new();
        }
        match (&self.trial, self.wanted) {
            (Trial::Told(_), _) | (Trial::Checking, true) => self.save(),
            (Trial::Open | Trial::Checking, _) => {
                self.wanted = true;
                self.ask()
            }
        }
    }

    /// Whether it is saved as soon as the platform accepts it.
    pub(in crate::tui) fn is_wanted(&self) -> bool {
        self.wanted
    }

    fn save(&mut self) -> Vec<Effect> {
        let Some(given) = self.given() else { return Vec::new() };
        (self.saving, self.wanted) = (true, false);
        vec![Effect::Save(given)]
    }

    /// Nothing was saved: everything stays as it was typed, and another place is offered
    /// where the chosen one is to blame.
    pub(in crate::tui) fn not_saved(&mut self, place: bool) {
        self.saving = false;
        if place {
            self.focus = Focus::Places;
            if self.named().is_none() {
                self.choose_by(1);
            }
        }
    }
}
