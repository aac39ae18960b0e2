//! What an answer means for the rows that were sent: read by the pure modules, written to
//! the store, and only then told.

use super::{Flight, Worker, jitter};
use crate::{
    api::Reply,
    delivery::{batch, change, clock, policy},
    store::{Claimed, RequestEnd, Settlement, Slot, StoreError},
    submission::{Doubt, Failure, Outcome, Owner, Record, Status, Submission},
};

/// What the store remembers for the profile: who the platform says made ours.
pub(super) const MAKER: &str = "created_by";

impl Worker {
    pub(super) async fn settle(&mut self, flight: Flight, reply: &Reply) -> Result<(), StoreError> {
        self.observe(reply);
        let contacts: Vec<_> =
            flight.claimed.iter().map(|row| &row.entry.submission.contact).collect();
        let shares = batch::share(&contacts, reply);
        self.learn_arrays(&flight.claimed, &shares, reply).await;
        for (row, share) in flight.claimed.iter().zip(shares) {
            let settlement = self.settlement(row, share, flight.slot).await;
            self.unrecorded.push(settlement);
        }
        self.conclude(flight.slot, policy::request_end(reply.failure())).await
    }

    pub(super) async fn changed(
        &mut self,
        flight: Flight,
        answer: Result<Option<Record>, Reply>,
    ) -> Result<(), StoreError> {
        match &answer {
            Err(reply) => self.observe(reply),
            Ok(_) => self.recovered(),
        }
        for row in &flight.claimed {
            self.unrecorded.extend(settled_change(row, answer.clone()));
        }
        let end = policy::request_end(answer.as_ref().err().and_then(Reply::failure));
        self.conclude(flight.slot, end).await
    }

    /// Gives the slot back and writes what came of the request; a slot that cannot be given
    /// back frees by itself, what came of it must be tried all the same.
    async fn conclude(&mut self, slot: Slot, end: RequestEnd) -> Result<(), StoreError> {
        let finished = self.store.finish_request(slot, end, clock::now()).await;
        self.record_leftovers().await?;
        finished
    }

    async fn settlement(&mut self, row: &Claimed, share: batch::Share, slot: Slot) -> Settlement {
        let id = row.entry.submission.id;
        let at = clock::now().wall;
        let mut settled = policy::settle(&row.earlier, &share.outcome, at, jitter());
        if let Outcome::Created(record) = &share.outcome {
            self.learn_maker(record.created_by.as_deref()).await;
            if batch::proves_loss(&row.earlier, &share.outcome) {
                self.turn_arrays_off().await;
            }
        }
        if let (Status::Duplicate { owners, .. }, true) = (&mut settled.status, settled.look_up) {
            let known = self.known_owners(&row.entry.submission).await;
            settled.look_up = known.is_empty();
            merge(owners, known);
        }
        Settlement {
            id,
            outcome: Some(share.outcome),
            status: settled.status,
            look_up: settled.look_up,
            array_cap: share.array_cap,
            refused_in: share.is_refused.then_some(slot),
        }
    }

    /// Owners the store already knows; a store that cannot tell now is asked by look-up.
    async fn known_owners(&self, submission: &Submission) -> Vec<Owner> {
        let number = submission.contact.phone.e164();
        let known = self.store.known(&number).await.unwrap_or_default();
        known.iter().filter(|record| record.id.is_some()).map(Record::owner).collect()
    }

    /// Nobody will ever know what became of the request.
    pub(super) async fn unanswered(
        &mut self,
        flight: Flight,
        doubt: Doubt,
    ) -> Result<(), StoreError> {
        let reply = Reply::from(Failure::from(doubt));
        if flight.claimed.iter().any(|row| row.entry.task.change().is_some()) {
            self.changed(flight, Err(reply)).await
        } else {
            self.settle(flight, &reply).await
        }
    }

    async fn learn_maker(&mut self, maker: Option<&str>) {
        if maker.is_some() && self.our_maker.as_deref() != maker {
            self.our_maker = maker.map(str::to_owned);
            // Only evidence for later look-ups: without it they are more careful.
            let _ = self.store.remember(MAKER, maker).await;
        }
    }
}

/// Adds owners that are not among them yet; one that was only an id gets its name.
fn merge(owners: &mut Vec<Owner>, known: Vec<Owner>) {
    for owner in known {
        match owners.iter_mut().find(|it| it.id.is_some() && it.id == owner.id) {
            Some(same) => same.full_name = same.full_name.take().or(owner.full_name),
            None => owners.push(owner),
        }
    }
}

/// What the answer to a change makes of its row.
fn settled_change(row: &Claimed, answer: Result<Option<Record>, Reply>) -> Option<Settlement> {
    let change = row.entry.task.change()?;
    let submission = &row.entry.submission;
    let outcome = change::outcome(&submission.contact, change.target(), answer);
    let at = clock::now().wall;
    let settled = change::settle(change, &row.earlier, &outcome, at, jitter());
    Some(Settlement {
        id: submission.id,
        outcome: Some(outcome),
        status: settled.status,
        look_up: settled.look_up,
        array_cap: None,
        refused_in: None,
    })
}
