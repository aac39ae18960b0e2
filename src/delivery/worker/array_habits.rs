//! How this platform takes arrays, as far as its answers have told: kept in the store for
//! the profile, so that every process and the next start begin from there.

use super::Worker;
use crate::{
    api::Reply,
    delivery::{
        EstateFacts,
        batch::Share,
        group_testing::{DuplicateRate, Planner, Refusal},
    },
    store::{Claimed, StoreError},
    submission::{BatchAnswer, Outcome},
};

/// What the store remembers: that arrays lose contacts, that refusals name numbers, and how
/// many numbers were taken lately.
const ARRAYS: &str = "arrays";
const REFUSALS: &str = "array_refusals";
const RATE: &str = "duplicate_rate";

/// What is known of arrays.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct ArrayHabits {
    /// The platform lost a contact from an array: each goes alone.
    lossy: bool,
    refusal: Refusal,
    rate: DuplicateRate,
}

impl ArrayHabits {
    /// The most contacts in one request, of the `most` that the profile allows.
    pub(super) fn most(&self, most: u32) -> u32 {
        if self.lossy { 1 } else { most.max(1) }
    }

    fn planner(&self, most: u32, most_unsuspected: u32) -> Planner {
        Planner { most, most_unsuspected, rate: self.rate, refusal: self.refusal }
    }

    /// What an answer to several, or to one that an array left open, tells beside its
    /// contacts' fate; `listed` of the taken numbers were known to be.
    fn after(self, rows: &[Claimed], shares: &[Share], listed: u32) -> Self {
        let mut habits = self;
        let of = |wanted: fn(&Outcome) -> bool| {
            let count = shares.iter().filter(|share| wanted(&share.outcome)).count();
            u32::try_from(count).unwrap_or(u32::MAX)
        };
        if of(|it| matches!(it, Outcome::Unsettled { batch: BatchAnswer::OthersDuplicate, .. })) > 0
        {
            habits.refusal = Refusal::Names;
        } else if of(|it| {
            matches!(it, Outcome::Unsettled { batch: BatchAnswer::DuplicateUnnamed, .. })
        }) > 0
        {
            habits.refusal = Refusal::Silent;
        }
        // What was sent before without an answer may be taken by ourselves.
        let is_open = |row: &Claimed| {
            row.earlier.iter().any(|attempt| {
                !matches!(attempt.outcome, Some(Outcome::Unsettled { .. })) && attempt.may_be_done()
            })
        };
        if !rows.iter().any(is_open) {
            let taken = of(|it| matches!(it, Outcome::Duplicate { .. })).saturating_sub(listed);
            habits.rate = habits.rate.after(of(|it| matches!(it, Outcome::Created(_))), taken);
        }
        habits
    }
}

impl Worker {
    pub(super) fn planner(&self, most_unsuspected: u32) -> Planner {
        let most = self.arrays.most(self.settings.max_batch);
        self.arrays.planner(most, most_unsuspected)
    }

    pub(super) async fn recall_arrays(&mut self) -> Result<(), StoreError> {
        let estate = EstateFacts::recall(&self.store).await?;
        let rate = self.store.recall(RATE).await?;
        let names = self.store.recall(REFUSALS).await?.is_some();
        self.arrays = ArrayHabits {
            lossy: self.store.recall(ARRAYS).await?.is_some() || estate.loses_from_arrays(),
            refusal: match names || estate.names_numbers == Some(true) {
                true => Refusal::Names,
                false => Refusal::Silent,
            },
            rate: rate.as_deref().map(DuplicateRate::from_text).unwrap_or_default(),
        };
        Ok(())
    }

    /// Learns from an answer; what cannot be kept is learned again.
    pub(super) async fn learn_arrays(&mut self, rows: &[Claimed], shares: &[Share], reply: &Reply) {
        let listed = match reply {
            Reply::Duplicate { .. } => self.count_listed(rows).await,
            Reply::Created(_) | Reply::Failure(_) => 0,
        };
        let learned = self.arrays.after(rows, shares, listed);
        let before = std::mem::replace(&mut self.arrays, learned);
        let refusal = match learned.refusal {
            Refusal::Names => Some("named"),
            Refusal::Silent => None,
        };
        if before.refusal != learned.refusal {
            let _ = self.store.remember(REFUSALS, refusal).await;
        }
        // A form that goes alone tells so little that it is not worth a write.
        if before.rate != learned.rate && rows.len() > 1 {
            let _ = self.store.remember(RATE, Some(&learned.rate.to_text())).await;
        }
    }

    async fn count_listed(&self, rows: &[Claimed]) -> u32 {
        let numbers: Vec<_> =
            rows.iter().map(|row| row.entry.submission.contact.phone.e164()).collect();
        let listed = self.store.listed(&numbers).await.unwrap_or_default();
        let is_listed = |number| listed.iter().any(|record| record.e164.as_ref() == Some(number));
        u32::try_from(numbers.iter().filter(|number| is_listed(number)).count()).unwrap_or(u32::MAX)
    }

    pub(super) async fn turn_arrays_off(&mut self) {
        if !std::mem::replace(&mut self.arrays.lossy, true) {
            tracing::warn!("the platform lost a contact from an array; arrays are off from now on");
            if let Err(error) = self.store.remember(ARRAYS, Some("off")).await {
                self.report.trouble(&error);
            }
        }
    }
}
