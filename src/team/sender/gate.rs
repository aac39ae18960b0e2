//! What stands between the worker and the wire on a floor: before each request its slot is taken
//! and its rows are marked there, under the account's lock.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use super::super::{
    FloorStore,
    floor::{Began, SlotEnd, SlotRequest},
};
use crate::{
    delivery::{Asked, Gate},
    store::{Class, Limits, RequestEnd},
    submission::{Failure, FailureKind, SubmissionId},
};

/// What is asked before each request.
#[derive(Debug)]
pub(super) struct FloorGate<F> {
    pub(super) floor: Arc<F>,
    pub(super) account: String,
    pub(super) fence: i64,
    pub(super) limits: Limits,
    pub(super) rows: Arc<Rows>,
}

/// The adopted rows' revisions, which of them turned out to be taken back, and how often the
/// floor was told something of any.
#[derive(Debug, Default)]
pub(super) struct Rows {
    known: Mutex<(HashMap<SubmissionId, i64>, Vec<SubmissionId>)>,
    said: AtomicI64,
}

impl Rows {
    pub(super) fn all(&self) -> MutexGuard<'_, (HashMap<SubmissionId, i64>, Vec<SubmissionId>)> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of the next word about rows.
    pub(super) fn next_word(&self) -> i64 {
        self.said.fetch_add(1, Ordering::Relaxed) + 1
    }
}

impl<F: FloorStore> Gate for FloorGate<F> {
    fn begin(&self, class: Class, rows: Vec<SubmissionId>) -> Asked<'_, Result<i64, Failure>> {
        Box::pin(async move {
            let named: Vec<_> = {
                let all = self.rows.all();
                rows.into_iter().map(|id| (id, all.0.get(&id).copied().unwrap_or(-1))).collect()
            };
            let request = SlotRequest {
                class: match class {
                    Class::Form => "form".into(),
                    Class::Bulk => "bulk".into(),
                },
                per_minute: i64::from(self.limits.minute),
                per_hour: self.limits.hour.map(i64::from),
            };
            let said = self.rows.next_word();
            let unsent = |words: &str| Err(Failure::new(FailureKind::Unreached, words));
            match self.floor.begin(&self.account, self.fence, said, &request, &named).await {
                Ok(Began::Go { slot }) => Ok(slot),
                Ok(Began::NotOurs) => unsent("somebody else sends for the floor now"),
                Ok(Began::Full { .. }) => unsent("the floor's minute is used up"),
                Ok(Began::Withdrawn(ids)) => {
                    self.rows.all().1.extend(ids);
                    unsent("some of these were taken back")
                }
                Err(error) => unsent(&error.to_string()),
            }
        })
    }

    fn end(&self, slot: i64, end: RequestEnd) -> Asked<'_, ()> {
        Box::pin(async move {
            let (is_refused, hold_ms) = match end {
                RequestEnd::Through => (false, 0),
                RequestEnd::Wait(ms) => (false, ms),
                RequestEnd::Refused(ms) => (true, ms.unwrap_or(0)),
                RequestEnd::RefusedForTheHour(ms) => (true, ms),
            };
            let end = SlotEnd { is_refused, hold_ms, refusal: None };
            // A slot that cannot be given back frees by itself, a little later.
            if let Err(error) = self.floor.finish(&self.account, slot, &end).await {
                tracing::warn!(%error, "a slot is not given back");
            }
        })
    }
}
