//! What typing, pasting and choosing do to the form.
//!
//! The phone field is never rewritten while it is typed into: it is tidied on leaving,
//! and only if the number then still is the same one.

use std::collections::BTreeSet;

use crate::contact::{
    Field, Note, Problem, Region, Salutation, name,
    paste::{self, Guess},
    phone::{self, Reading},
    region::Named,
};

use super::{
    super::{
        input::{Edit, Input},
        picker::Picker,
    },
    Focus, Form,
    aside::Why,
    reads_as,
};

/// More salutations than have a letter each.
const MOST_BY_LETTER: usize = 4;

impl Form {
    /// Writes a valid number in its country's grouping, if it then still is the same.
    pub(super) fn tidy_phone(&mut self) {
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

    pub(in crate::tui) fn type_char(&mut self, c: char) {
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
        self.touched.insert(field);
        self.problems.remove(&field);
        self.guessed.remove(&field);
        if field == Field::Phone {
            self.number_pasted = false;
            self.follow_prefix();
        }
    }

    pub(in crate::tui) fn edit(&mut self, edit: Edit) {
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

    /// Takes a paste. It fills every field it recognises, or else goes into the focused
    /// one. The answer is a sentence for the agent.
    pub(in crate::tui) fn paste(&mut self, text: &str) -> Option<String> {
        let before = self.clone();
        if let Some(guess) = paste::recognise(text, self.region, &self.addressing) {
            self.picker = None;
            let said = self.fill(guess);
            self.before_paste = Some(Box::new((before, self.draft())));
            return Some(said);
        }
        let line = paste::clean(text);
        if self.takes_number(&line) {
            self.phone.replace(&phone::without_words(&line));
            self.touched(Field::Phone);
            self.guessed.insert(Field::Phone);
            self.number_pasted = true;
            self.before_paste = Some(Box::new((before, self.draft())));
            return Some("The pasted number went to the phone field.".into());
        }
        let whole = if let Some(picker) = &mut self.picker {
            picker.insert(&line)
        } else {
            self.insert(&line)
        };
        (!whole).then(|| "The pasted text was too long; only its beginning was taken.".into())
    }

    /// A number pasted into a name belongs to the phone.
    fn takes_number(&self, line: &str) -> bool {
        let in_name = matches!(self.focus, Focus::Field(Field::FirstName | Field::LastName));
        in_name && self.picker.is_none() && name::holds_number(line)
    }

    /// Takes the next person of the last paste.
    pub(in crate::tui) fn next_of_paste(&mut self) -> Option<String> {
        let next = self.others.pop_front()?;
        let rest = std::mem::take(&mut self.others);
        self.keep_aside(Why::Corrected);
        self.empty();
        let said = self.paste(&next);
        self.others.extend(rest);
        said
    }

    fn insert(&mut self, line: &str) -> bool {
        match self.focus {
            Focus::Field(Field::Country) => {
                self.open(line);
                true
            }
            Focus::Field(Field::Salutation) | Focus::Button => {
                let first = if line.chars().any(char::is_numeric) {
                    Field::Phone
                } else {
                    Field::FirstName
                };
                self.focus = Focus::Field(first);
                self.insert(line)
            }
            Focus::Field(field) => {
                let empty = self.input(field).is_some_and(Input::is_empty);
                let whole = self.focused_input().is_none_or(|input| input.insert(line));
                self.touched(field);
                self.number_pasted = empty && field == Field::Phone;
                whole
            }
        }
    }

    fn fill(&mut self, guess: Guess) -> String {
        let mut filled = self.fill_choices(&guess);
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
            self.number_pasted = true;
            self.follow_prefix();
            self.tidy_phone();
        }
        self.ask_what_is_open(&guess);
        filled.sort_unstable();
        let names = filled.iter().map(|field| field.label().to_lowercase()).collect::<Vec<_>>();
        self.guessed = filled.into_iter().collect();
        self.others = guess.others.into();
        match Note::sentence(&guess.notes) {
            Some(notes) => format!("From the paste: {notes}. Check before submitting."),
            None => {
                format!("Filled from the paste: {}. Check before submitting.", names.join(", "))
            }
        }
    }

    /// Salutation and country.
    fn fill_choices(&mut self, guess: &Guess) -> Vec<Field> {
        let mut filled = Vec::new();
        if let Some(salutation) = &guess.salutation {
            let same = |offered: &Salutation| offered.as_str().eq_ignore_ascii_case(salutation);
            if let Some(at) = self.addressing.offered.iter().position(same) {
                self.salutation = Some(at);
                self.open_title = None;
                filled.push(Field::Salutation);
            }
        } else if guess.open_title.is_none() {
            // Nothing of the person before stays with this one.
            self.salutation = self.default_salutation();
            self.open_title = None;
        }
        match guess.region.as_deref().and_then(Region::from_code) {
            Some(region) => {
                self.region = Some(region);
                filled.push(Field::Country);
            }
            None if guess.phone.is_some() => self.region = self.default_region,
            None => {}
        }
        filled
    }

    /// A title that is not offered, or a country's name that several share, is chosen by the
    /// agent.
    fn ask_what_is_open(&mut self, guess: &Guess) {
        if let Some(title) = &guess.open_title {
            self.salutation = None;
            self.open_title = Some(title.clone());
            self.problems.remove(&Field::Salutation);
            let problems = self.draft().parse(&self.rules(false)).err().unwrap_or_default();
            let problem = self.named(problems).into_iter().find(|it| it.field == Field::Salutation);
            self.problems.extend(problem.map(|problem| (Field::Salutation, problem)));
        }
        if let Some((name, regions)) = &guess.open_country {
            self.region = None;
            let message = format!("{name} may be {}; choose one", Named::choices(regions));
            let problem = Problem { field: Field::Country, message, can_override: false };
            self.problems.insert(Field::Country, problem);
        }
    }

    pub(in crate::tui) fn choose_by(&mut self, steps: isize) {
        let count = self.addressing.offered.len();
        if count > 0 {
            let steps = steps.rem_euclid(count.cast_signed()).unsigned_abs();
            // From an open one the first step is to the first, or back to the last.
            let chosen = match self.salutation {
                Some(at) => (at + steps) % count,
                None if steps == 1 => 0,
                None => count - 1,
            };
            self.choose(chosen);
        }
    }

    /// `m` is Mr, `r` is Mrs: the first letter, then, where offers share it, the last
    /// letter of the common start. The same letter again goes on to the next.
    fn choose_by_letter(&mut self, c: char) {
        if self.addressing.offered.len() > MOST_BY_LETTER {
            self.choose_by_initials(c);
            return;
        }
        let keys = letters(&self.addressing.offered);
        let c = c.to_lowercase().next().unwrap_or(c);
        let count = self.addressing.offered.len();
        let from = self.salutation.unwrap_or(count.saturating_sub(1));
        let mut order = (1..=count).map(|step| (from + step) % count);
        let own = |at: usize| keys.get(at).copied().flatten() == Some(c);
        let first = |at: usize| first_letter(&self.addressing.offered[at]) == Some(c);
        let by_own = (0..count).find(|at| own(*at));
        if let Some(at) = by_own.or_else(|| order.find(|at| first(*at))) {
            self.choose(at);
        }
    }

    /// Where there are many, the letters typed one after the other find one.
    fn choose_by_initials(&mut self, c: char) {
        let starts = |salutation: &Salutation, letters: &str| {
            salutation.as_str().to_lowercase().starts_with(letters)
        };
        let one: String = c.to_lowercase().collect();
        let longer = format!("{}{one}", self.initials);
        for letters in [longer, one] {
            if let Some(at) = self.addressing.offered.iter().position(|it| starts(it, &letters)) {
                self.initials = letters;
                self.choose(at);
                return;
            }
        }
    }

    /// Opens the country's list.
    pub(in crate::tui) fn open(&mut self, query: &str) {
        self.picker = Some(Picker::open(query, self.region, &self.recent));
    }

    pub(in crate::tui) fn mark_country(&mut self, row: usize) {
        if let Some(picker) = &mut self.picker {
            picker.mark(row);
        }
    }

    pub(in crate::tui) fn choose(&mut self, salutation: usize) {
        self.salutation = Some(salutation.min(self.addressing.offered.len().saturating_sub(1)));
        self.open_title = None;
        self.touched(Field::Salutation);
    }

    pub(in crate::tui) fn move_mark(&mut self, rows: isize) {
        if let Some(picker) = &mut self.picker {
            picker.move_by(rows);
        }
    }

    /// Closes the list, taking the marked country; false while it has to stay open, since
    /// which of those that share the name is meant is not for us to say.
    pub(in crate::tui) fn accept_choice(&mut self) -> bool {
        let Some(picker) = &mut self.picker else { return true };
        if let Some((name, regions)) = picker.ask() {
            let message = format!("{name} may be {}; choose one", Named::choices(&regions));
            let problem = Problem { field: Field::Country, message, can_override: false };
            self.problems.insert(Field::Country, problem);
            return false;
        }
        if let Some(region) = picker.choice() {
            self.region = Some(region);
            self.problems.remove(&Field::Country);
            self.problems.remove(&Field::Phone);
            self.guessed.remove(&Field::Country);
        }
        self.picker = None;
        true
    }

    pub(in crate::tui) fn close_list(&mut self) {
        self.picker = None;
    }
}

/// The letter of each salutation, as the field names them: "m / r".
pub(super) fn letters_of(salutations: &[Salutation]) -> String {
    let keys = letters(salutations).into_iter().flatten().map(String::from);
    keys.collect::<Vec<_>>().join(" / ")
}

fn first_letter(salutation: &Salutation) -> Option<char> {
    salutation.as_str().chars().next()?.to_lowercase().next()
}

/// A letter of its own for each salutation: its first one not taken before it. "Mr" and
/// "Mrs" get `m` and `r`.
fn letters(salutations: &[Salutation]) -> Vec<Option<char>> {
    let mut taken = BTreeSet::new();
    let mut own = |salutation: &Salutation| {
        let lower = salutation.as_str().to_lowercase();
        lower.chars().find(|c| c.is_alphabetic() && taken.insert(*c))
    };
    salutations.iter().map(&mut own).collect()
}
