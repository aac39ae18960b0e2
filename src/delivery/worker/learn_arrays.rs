//! Keeps what the platform's answers tell of arrays, for every process and the next start.

use super::Worker;
use crate::{
    api::Reply,
    delivery::{
        EstateFacts,
        array_habits::ArrayHabits,
        batch::Share,
        group_testing::{DuplicateRate, Refusal},
    },
    store::{Claimed, StoreError},
    submission::Outcome,
};

/// What the store remembers: that arrays lose contacts, that refusals name numbers, and how
/// many numbers were taken lately.
const ARRAYS: &str = "arrays";
const REFUSALS: &str = "array_refusals";
const RATE: &str = "duplicate_rate";

impl Worker {
    pub(super) async fn recall_arrays(&mut self) -> Result<(), StoreError> {
        let rate = self.store.recall(RATE).await?;
        let known = ArrayHabits {
            is_lossy: self.store.recall(ARRAYS).await?.is_some(),
            refusal: match self.store.recall(REFUSALS).await? {
                Some(_) => Refusal::Names,
                None => Refusal::Silent,
            },
            rate: rate.as_deref().map(DuplicateRate::from_text).unwrap_or_default(),
        };
        self.arrays = known.on(&EstateFacts::recall(&self.store).await?);
        Ok(())
    }

    /// Learns from an answer; what cannot be kept is learned again.
    pub(super) async fn learn_arrays(&mut self, rows: &[Claimed], shares: &[Share], reply: &Reply) {
        // What was sent before without an answer may be taken by ourselves.
        if rows.iter().any(is_open) {
            return;
        }
        let expected = match reply {
            Reply::Duplicate { .. } => self.count_listed(rows).await,
            Reply::Created(_) | Reply::Failure(_) => 0,
        };
        let learned = self.arrays.after(shares, expected);
        let before = std::mem::replace(&mut self.arrays, learned);
        if before.refusal != learned.refusal {
            let named = (learned.refusal == Refusal::Names).then_some("named");
            let _ = self.store.remember(REFUSALS, named).await;
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
        if !std::mem::replace(&mut self.arrays.is_lossy, true) {
            tracing::warn!("the platform lost a contact from an array; arrays are off from now on");
            if let Err(error) = self.store.remember(ARRAYS, Some("off")).await {
                self.report.trouble(&error);
            }
        }
    }
}

fn is_open(row: &Claimed) -> bool {
    row.earlier.iter().any(|attempt| {
        attempt.may_be_done() && !matches!(attempt.outcome, Some(Outcome::Unsettled { .. }))
    })
}
