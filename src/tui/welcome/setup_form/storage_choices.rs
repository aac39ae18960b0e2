//! The places that a secret can be kept in: which there are, which one is chosen, and what
//! is named with it.

use super::{super::message::StorageChoice, setup_field::SetupField};

#[derive(Debug)]
pub(in crate::tui) struct StorageChoices {
    all: Vec<StorageChoice>,
    /// For each place, what is named with it.
    names: Vec<Option<SetupField>>,
    chosen: usize,
    chosen_by_person: bool,
}

impl StorageChoices {
    pub(super) fn new(all: Vec<StorageChoice>) -> Self {
        let names = all.iter().map(|place| place.named.clone().map(SetupField::new)).collect();
        let mut places = Self { all, names, chosen: 0, chosen_by_person: false };
        places.take_best();
        places
    }

    pub(in crate::tui) fn chosen(&self) -> usize {
        self.chosen
    }

    /// What it means to keep the secret in the chosen one.
    pub(in crate::tui) fn means(&self) -> Option<&'static str> {
        self.all.get(self.chosen).map(|place| place.means)
    }

    /// What is named with the chosen one.
    pub(in crate::tui) fn named(&self) -> Option<&SetupField> {
        self.names.get(self.chosen)?.as_ref()
    }

    pub(super) fn named_mut(&mut self) -> Option<&mut SetupField> {
        self.names.get_mut(self.chosen)?.as_mut()
    }

    /// The places that this machine has.
    pub(in crate::tui) fn there(&self) -> impl Iterator<Item = (usize, &StorageChoice)> {
        self.all.iter().enumerate().filter(|(_, place)| place.there)
    }

    /// Chooses the nth place, if this machine has it.
    pub(super) fn choose(&mut self, at: usize) {
        if self.all.get(at).is_some_and(|place| place.there) {
            (self.chosen, self.chosen_by_person) = (at, true);
        }
    }

    pub(super) fn choose_by(&mut self, by: isize) {
        let there: Vec<_> = self.there().map(|(at, _)| at).collect();
        let at = there.iter().position(|at| *at == self.chosen).unwrap_or(0);
        let next = at.saturating_add_signed(by).min(there.len().saturating_sub(1));
        if let Some(next) = there.get(next) {
            self.choose(*next);
        }
    }

    /// The nth place is there after all.
    pub(super) fn learn(&mut self, at: usize) {
        if let Some(place) = self.all.get_mut(at) {
            place.there = true;
        }
        if !self.chosen_by_person {
            self.take_best();
        }
    }

    fn take_best(&mut self) {
        self.chosen = self.all.iter().position(|place| place.there).unwrap_or(0);
    }
}
