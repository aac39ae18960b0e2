//! The form for a new profile. Each field is checked as it is left; once everything is
//! filled in the platform is asked, in the background, and about each change anew.

mod setup_field;
mod storage_choices;
mod trial;

use super::{
    super::{
        input::{Edit, Input, Masked},
        keymap::Action,
    },
    message::{Given, SetupVerdict, Start, WelcomeEffect},
};
use crate::contact::text::safe;

use setup_field::SetupField;
pub(in crate::tui) use storage_choices::StorageChoices;
use trial::Stamp;
pub(in crate::tui) use trial::{Trial, TrialState};

/// What has the keyboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tui) enum SetupFocus {
    /// The nth of what is asked for.
    Field(usize),
    Secret,
    Places,
    /// What has to be named with the place.
    Named,
    Button,
}

/// The form.
#[derive(Debug)]
pub(in crate::tui) struct SetupForm {
    pub(in crate::tui) profile: String,
    pub(in crate::tui) path: String,
    pub(in crate::tui) fields: Vec<SetupField>,
    /// How many fields stand above the secret.
    before_secret: usize,
    pub(in crate::tui) secret: Masked,
    pub(in crate::tui) secret_problem: Option<String>,
    /// Where the present secret is.
    pub(in crate::tui) kept: Option<String>,
    pub(in crate::tui) places: StorageChoices,
    pub(in crate::tui) focus: SetupFocus,
    pub(in crate::tui) trial: Trial,
    pub(in crate::tui) saving: bool,
    /// How often the secret was changed, which tells two of them apart.
    secret_changes: u64,
}

impl SetupForm {
    pub(in crate::tui) fn new(start: Start) -> Self {
        let mut form = Self {
            profile: safe(&start.profile),
            path: safe(&start.path),
            before_secret: start.before_secret,
            fields: start.asked.into_iter().map(SetupField::new).collect(),
            secret: Masked::default(),
            secret_problem: None,
            kept: start.kept.map(|place| safe(&place)),
            places: StorageChoices::new(start.places),
            focus: SetupFocus::Field(0),
            trial: Trial::new(),
            saving: false,
            secret_changes: 0,
        };
        form.turn_to(form.focus);
        form
    }

    /// Whether a place for the secret has to be chosen.
    fn is_placed(&self) -> bool {
        self.kept.is_none() || !self.secret.is_empty()
    }

    /// What can have the keyboard now, from top to bottom.
    pub(in crate::tui) fn stops(&self) -> Vec<SetupFocus> {
        let (first, last) = (0..self.before_secret, self.before_secret..self.fields.len());
        let mut stops: Vec<_> = first.map(SetupFocus::Field).collect();
        stops.push(SetupFocus::Secret);
        if self.is_placed() {
            stops.push(SetupFocus::Places);
            stops.extend(self.places.named().map(|_| SetupFocus::Named));
        }
        stops.extend(last.map(SetupFocus::Field));
        stops.push(SetupFocus::Button);
        stops
    }

    pub(in crate::tui) fn act(&mut self, action: Action) -> Vec<WelcomeEffect> {
        match action {
            Action::Enter if self.focus == SetupFocus::Button => return self.submit(),
            Action::Submit => return self.submit(),
            Action::Next | Action::Enter => return self.step(1),
            Action::Previous => return self.step(-1),
            Action::Retry => {
                self.trial.forget();
                return self.ask();
            }
            Action::Edit(edit) => self.edit(edit),
            _ => {}
        }
        Vec::new()
    }

    /// Leaves the field for the next or the one before, round the end.
    fn step(&mut self, by: isize) -> Vec<WelcomeEffect> {
        let stops = self.stops();
        let at = stops.iter().position(|stop| *stop == self.focus).unwrap_or(0);
        let count = isize::try_from(stops.len()).unwrap_or(1);
        let next = (isize::try_from(at).unwrap_or(0) + by).rem_euclid(count);
        self.go_to(stops[next.unsigned_abs()])
    }

    /// Leaves the field for another one.
    pub(in crate::tui) fn go_to(&mut self, focus: SetupFocus) -> Vec<WelcomeEffect> {
        self.check(self.focus);
        self.turn_to(focus);
        self.ask()
    }

    /// Gives the keyboard to a stop.
    fn turn_to(&mut self, focus: SetupFocus) {
        if let Some(field) = self.focused() {
            field.leave();
        }
        self.focus = focus;
        if let Some(field) = self.focused() {
            field.enter();
        }
    }

    pub(in crate::tui) fn type_char(&mut self, c: char) -> Vec<WelcomeEffect> {
        match self.focus {
            SetupFocus::Secret => self.change_secret(|secret| secret.type_char(c)),
            SetupFocus::Field(_) | SetupFocus::Named => self.change(|input| input.type_char(c)),
            SetupFocus::Places if c == ' ' => self.places.choose_by(1),
            SetupFocus::Button if c == ' ' => return self.submit(),
            SetupFocus::Places | SetupFocus::Button => {}
        }
        Vec::new()
    }

    /// A paste belongs to its field; an address of the console to the next one as well.
    pub(in crate::tui) fn paste(&mut self, text: &str) {
        match self.focus {
            SetupFocus::Secret => self.change_secret(|secret| secret.insert(text)),
            SetupFocus::Field(_) | SetupFocus::Named | SetupFocus::Places | SetupFocus::Button => {
                self.change(|input| {
                    let _ = input.insert(&crate::contact::paste::clean(text));
                });
            }
        }
        if let SetupFocus::Field(at) = self.focus
            && let Some(field) = self.fields.get(at)
            && field.also().is_some()
        {
            self.check(self.focus);
        }
    }

    fn edit(&mut self, edit: Edit) {
        match (self.focus, edit) {
            (SetupFocus::Secret, _) => self.change_secret(|secret| secret.edit(edit)),
            (SetupFocus::Field(_) | SetupFocus::Named, _) => self.change(|input| input.edit(edit)),
            (SetupFocus::Places, Edit::Left) => self.places.choose_by(-1),
            (SetupFocus::Places, Edit::Right) => self.places.choose_by(1),
            (SetupFocus::Places | SetupFocus::Button, _) => {}
        }
    }

    /// The text field that has the keyboard.
    fn focused(&mut self) -> Option<&mut SetupField> {
        match self.focus {
            SetupFocus::Field(at) => self.fields.get_mut(at),
            SetupFocus::Named => self.places.named_mut(),
            SetupFocus::Secret | SetupFocus::Places | SetupFocus::Button => None,
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
        let now = self.stamp();
        self.trial.doubt(now.as_ref());
    }

    pub(in crate::tui) fn choose(&mut self, place: usize) {
        self.places.choose(place);
    }

    pub(in crate::tui) fn learn_place(&mut self, place: usize) {
        self.places.learn(place);
    }

    /// Checks what is left behind.
    fn check(&mut self, focus: SetupFocus) {
        match focus {
            SetupFocus::Field(at) => {
                let Some(field) = self.fields.get_mut(at) else { return };
                let also = field.also();
                field.check();
                if let (Some(also), Some(next)) = (also, self.fields.get_mut(at + 1)) {
                    next.input.replace(&also);
                    next.check();
                }
            }
            SetupFocus::Secret => {
                let missing = self.secret.is_empty() && self.kept.is_none();
                let why = || "is needed; the console shows it once".to_owned();
                self.secret_problem = missing.then(why);
            }
            SetupFocus::Named => {
                if let Some(field) = self.places.named_mut() {
                    field.check();
                }
            }
            SetupFocus::Places | SetupFocus::Button => {}
        }
        self.doubt();
    }

    /// What is wrong at a stop.
    pub(in crate::tui) fn problem(&self, focus: SetupFocus) -> Option<&str> {
        match focus {
            SetupFocus::Field(at) => self.fields.get(at)?.problem.as_deref(),
            SetupFocus::Secret => self.secret_problem.as_deref(),
            SetupFocus::Named => self.places.named()?.problem.as_deref(),
            SetupFocus::Places | SetupFocus::Button => None,
        }
    }

    fn stamp(&self) -> Option<Stamp> {
        let values = self.fields.iter().map(SetupField::value).collect::<Result<_, _>>().ok()?;
        let secret = !self.secret.is_empty() || self.kept.is_some();
        secret.then_some((values, self.secret_changes))
    }

    fn given(&self) -> Option<Given> {
        let (values, _) = self.stamp()?;
        let secret = (!self.secret.is_empty()).then(|| self.secret.secret());
        let named = self.places.named().map(|field| field.input.text().to_owned());
        let place = self.places.chosen();
        Some(Given { values, secret, place, named: named.unwrap_or_default() })
    }

    /// Asks the platform about what it was not asked about yet.
    fn ask(&mut self) -> Vec<WelcomeEffect> {
        let (Some(stamp), Some(given)) = (self.stamp(), self.given()) else { return Vec::new() };
        let round = self.trial.ask(stamp);
        round.map(|round| WelcomeEffect::Try { round, given }).into_iter().collect()
    }

    /// Whether saving writes what the platform accepts.
    pub(in crate::tui) fn is_ready(&self) -> bool {
        match self.trial.state() {
            TrialState::Told(verdict) => verdict.accepted,
            TrialState::Open | TrialState::Checking => false,
        }
    }

    /// The platform has answered.
    pub(in crate::tui) fn tried(
        &mut self,
        round: u64,
        verdict: SetupVerdict,
    ) -> Vec<WelcomeEffect> {
        if self.trial.answered(round, verdict) { self.save() } else { Vec::new() }
    }

    /// Checks everything, and saves what the platform accepts, or what a person wants
    /// saved although it does not.
    fn submit(&mut self) -> Vec<WelcomeEffect> {
        let stops = self.stops();
        for stop in &stops {
            self.check(*stop);
        }
        if let Some(wrong) = stops.into_iter().find(|stop| self.problem(*stop).is_some()) {
            self.turn_to(wrong);
            return Vec::new();
        }
        if self.trial.may_save() {
            return self.save();
        }
        self.trial.want();
        self.ask()
    }

    fn save(&mut self) -> Vec<WelcomeEffect> {
        let given = self.given();
        self.saving = given.is_some();
        self.trial.settle();
        given.map(WelcomeEffect::Save).into_iter().collect()
    }

    /// Nothing was saved: everything stays as it was typed, and another place is offered
    /// where the chosen one is to blame and nothing can be corrected about it.
    pub(in crate::tui) fn not_saved(&mut self, place: bool) {
        self.saving = false;
        if place {
            self.turn_to(SetupFocus::Places);
            if self.places.named().is_none() {
                self.places.choose_by(1);
            }
        }
    }
}
