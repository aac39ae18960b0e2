//! How one platform takes arrays, as far as its answers have told. Pure: what an answer adds
//! is a function of what was known and of each contact's share of it.

use super::{
    batch::Share,
    estate::EstateFacts,
    group_testing::{DuplicateRate, Planner, Refusal},
};
use crate::submission::{BatchAnswer, Outcome};

/// What is known of arrays.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ArrayHabits {
    /// The platform lost a contact from an array: each goes alone.
    pub is_lossy: bool,
    /// How it refuses an array.
    pub refusal: Refusal,
    /// How many numbers were taken lately.
    pub rate: DuplicateRate,
}

impl ArrayHabits {
    /// With what the estate itself was asked about.
    #[must_use]
    pub fn on(self, estate: &EstateFacts) -> Self {
        let names = estate.names_numbers == Some(true);
        Self {
            is_lossy: self.is_lossy || estate.loses_from_arrays(),
            refusal: if names { Refusal::Names } else { self.refusal },
            ..self
        }
    }

    /// The most contacts in one request, of the `most` that the profile allows.
    #[must_use]
    pub fn most(&self, most: u32) -> u32 {
        if self.is_lossy { 1 } else { most.max(1) }
    }

    /// Who plans the next request: `most` as the profile allows, fewer of those that nothing
    /// speaks against while there are requests enough.
    #[must_use]
    pub fn planner(&self, most: u32, most_unsuspected: u32) -> Planner {
        Planner { most: self.most(most), most_unsuspected, rate: self.rate, refusal: self.refusal }
    }

    /// What an answer tells beside its contacts' fate. `expected` of the numbers that it calls
    /// taken were known to be.
    #[must_use]
    pub fn after(self, shares: &[Share], expected: u32) -> Self {
        let count = |wanted: fn(&Outcome) -> bool| {
            let of = shares.iter().filter(|share| wanted(&share.outcome)).count();
            u32::try_from(of).unwrap_or(u32::MAX)
        };
        let named = count(|it| batch_answer(it) == Some(BatchAnswer::OthersDuplicate));
        let unnamed = count(|it| batch_answer(it) == Some(BatchAnswer::DuplicateUnnamed));
        let refusal = match (named, unnamed) {
            (0, 0) => self.refusal,
            (0, _) => Refusal::Silent,
            (_, _) => Refusal::Names,
        };
        let created = count(|it| matches!(it, Outcome::Created(_)));
        let taken = count(|it| matches!(it, Outcome::Duplicate { .. })).saturating_sub(expected);
        Self { refusal, rate: self.rate.after(created, taken), ..self }
    }
}

fn batch_answer(outcome: &Outcome) -> Option<BatchAnswer> {
    match outcome {
        Outcome::Unsettled { batch, .. } => Some(*batch),
        Outcome::Created(_)
        | Outcome::Changed(_)
        | Outcome::Duplicate { .. }
        | Outcome::Failure(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        api::Reply,
        contact::parts::samples::john,
        delivery::{ArrayManner, batch::share},
    };

    fn answered(numbers: &[&str]) -> ArrayHabits {
        let contacts = ["9876543210", "9876543211"].map(john);
        let numbers = numbers.iter().map(|it| (*it).to_owned()).collect();
        let reply = Reply::Duplicate { numbers, owner: None, words: String::new() };
        ArrayHabits::default().after(&share(&contacts.each_ref(), &reply), 0)
    }

    #[test]
    fn a_refusal_that_names_a_number_makes_arrays_large_and_a_silent_one_undoes_that() {
        let named = answered(&["919876543211"]);
        assert_eq!(named.refusal, Refusal::Names);
        assert!(named.rate.share() > DuplicateRate::default().share(), "one was taken");
        assert_eq!(answered(&[]).refusal, Refusal::Silent);
    }

    #[test]
    fn what_the_estate_was_asked_about_is_known_from_the_first_request_on() {
        let habits = |arrays, names_numbers| {
            let estate = EstateFacts { names_numbers, arrays, ..EstateFacts::default() };
            ArrayHabits::default().on(&estate)
        };
        assert_eq!(habits(Some(ArrayManner::FirstOnly), None).most(50), 1);
        assert_eq!(habits(Some(ArrayManner::Together), None).most(50), 50);
        assert_eq!(habits(None, Some(true)).refusal, Refusal::Names);
    }
}
