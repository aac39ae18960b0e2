//! What an answer means for the rows that were sent: read by the pure modules, written to
//! the store, and only then told.

use jiff::{SignedDuration, Timestamp};

use super::{Flight, Worker};
use crate::{
    api::{Answer, Reply},
    delivery::{
        batch, change,
        clock::{self, jitter},
        ownership::{self, Evidence},
        policy,
    },
    store::{CUT_ALONE, Claimed, Ended, RequestEnd, Settlement, Slot, StoreError},
    submission::{
        Attempt, Doubt, Failure, Outcome, Owner, Reason, Record, Status, Submission, SubmissionId,
        Update, Verb,
    },
};

/// Where the store remembers whether the platform's ids tell the time.
pub(super) const ID_CLOCK: &str = "id_clock";

/// Where it remembers how far the times of contacts are from ours, in milliseconds.
pub(super) const TOLD_OFFSET: &str = "told_offset";
/// What was made within this of the answer's own time was made by this request.
const AS_TOLD: SignedDuration = SignedDuration::from_secs(2);
/// Within this they tell the same.
const SAME_OFFSET: SignedDuration = SignedDuration::from_secs(5);

/// What came of requests and is not written yet.
#[derive(Debug, Default)]
pub(super) struct Unrecorded {
    ended: Vec<Ended>,
    pub(super) settlements: Vec<Settlement>,
    /// A change was made: rows that tell of the same contact may stand otherwise now.
    is_changed: bool,
    /// Rows that changes were typed instead of.
    corrected: Vec<SubmissionId>,
    /// It has waited once, or the store would not take it.
    is_overdue: bool,
}

impl Unrecorded {
    pub(super) fn is_empty(&self) -> bool {
        self.ended.is_empty() && self.settlements.is_empty()
    }

    /// Whether what is sent next does not depend on it: then it is written while those requests
    /// are under way, once.
    pub(super) fn may_wait(&mut self) -> bool {
        let is_created = |it: &Settlement| matches!(it.status, Status::Created { .. });
        let waits = !self.is_empty();
        !std::mem::replace(&mut self.is_overdue, waits)
            && self.ended.iter().all(|it| it.end == RequestEnd::Through)
            && self.settlements.iter().all(is_created)
    }
}

impl Worker {
    pub(super) async fn settle(&mut self, flight: Flight, answer: &Answer) {
        let reply = &answer.reply;
        let own_refusal = self.own_refusal(&flight, reply).cloned();
        if own_refusal.is_none() {
            self.observe(reply, flight.claimed.len() > 1);
        }
        let contacts: Vec<_> =
            flight.claimed.iter().map(|row| &row.entry.submission.contact).collect();
        let shares = batch::share(&contacts, reply);
        self.learn_arrays(&flight.claimed, &shares, reply).await;
        let is_large = flight.claimed.len() > CUT_ALONE;
        for (row, share) in flight.claimed.iter().zip(shares) {
            let mut settlement =
                self.settlement(row, share.clone(), (flight.began, answer.server_time)).await;
            settlement.refused_in = share.is_refused.then_some(flight.slot);
            settlement.look_up |= is_large && policy::is_cut(&share.outcome);
            match &own_refusal {
                Some(_) if flight.claimed.len() > 1 => {
                    // One of them is it.
                    settlement.array_cap = u32::try_from(flight.claimed.len() / 2).ok();
                }
                Some(failure) => {
                    let at = clock::now().wall;
                    let status = policy::refused_alone(&row.earlier, failure, at, jitter());
                    settlement.status = status;
                }
                None => {}
            }
            self.unrecorded.settlements.push(settlement);
        }
        self.ended(flight.slot, policy::request_end(reply.failure()));
    }

    /// A refusal that is these contacts' own matter: they were refused before, and others have
    /// gone through since.
    fn own_refusal<'a>(&self, flight: &Flight, reply: &'a Reply) -> Option<&'a Failure> {
        let failure = reply.failure().filter(|failure| failure.is_refusal())?;
        let (_, went_through) = self.went_through?;
        let before = |row: &Claimed| policy::was_refused_before(&row.earlier, went_through);
        flight.claimed.iter().all(before).then_some(failure)
    }

    pub(super) async fn changed(
        &mut self,
        flight: &Flight,
        answer: &Result<Option<Record>, Reply>,
    ) {
        // Who may not change contacts may still create them.
        let is_refusal = |reply: &Reply| reply.failure().is_some_and(Failure::is_refusal);
        match answer {
            Err(reply) if is_refusal(reply) => self.client.begin_again().await,
            Err(reply) => self.observe(reply, false),
            Ok(_) => self.recovered(),
        }
        for row in &flight.claimed {
            self.unrecorded.settlements.extend(settled_change(row, answer.clone()));
            self.unrecorded.corrected.extend(row.entry.submission.corrects);
        }
        self.unrecorded.is_changed |= answer.is_ok();
        let end = policy::request_end(answer.as_ref().err().and_then(Reply::failure));
        self.ended(flight.slot, end);
    }

    fn ended(&mut self, slot: Slot, end: RequestEnd) {
        self.unrecorded.ended.push(Ended { slot, end });
    }

    /// Gives slots back, writes what came of requests, and tells of it then.
    pub(super) async fn conclude(&mut self) -> Result<(), StoreError> {
        if self.unrecorded.is_empty() {
            return Ok(());
        }
        let Unrecorded { ended, settlements, .. } = &self.unrecorded;
        let rows = self.store.record(&self.id, ended, settlements, clock::now()).await?;
        let done = std::mem::take(&mut self.unrecorded);
        self.report.entries(rows);
        for before in done.corrected {
            if self.store.entry(before).await?.is_none() {
                self.report.tell(Update::Gone(before));
            }
        }
        if done.is_changed {
            self.report.tell(Update::Reread);
        }
        Ok(())
    }

    async fn settlement(
        &mut self,
        row: &Claimed,
        share: batch::Share,
        (began, told_at): (Timestamp, Option<Timestamp>),
    ) -> Settlement {
        let (id, at) = (row.entry.submission.id, clock::now().wall);
        let outcome = self.credible(row, share.outcome, (began, at), told_at).await;
        let mut settled = policy::settle(&row.earlier, &outcome, at, jitter());
        if let Outcome::Created(record) = &outcome {
            self.learn_maker(record.created_by.as_deref()).await;
            self.learn_id_clock(record, began, at).await;
            self.learn_told_offset(record, began).await;
            if batch::proves_loss(&row.earlier, &outcome) {
                self.turn_arrays_off().await;
            }
        }
        if matches!(settled.status, Status::Duplicate { .. }) {
            let answered = Attempt {
                verb: Verb::Create,
                started_at: began,
                ended_at: Some(at),
                outcome: Some(outcome.clone()),
            };
            settled = self.with_known_owners(&row.entry.submission, answered, settled).await;
        }
        Settlement {
            id,
            outcome: Some(outcome),
            status: settled.status,
            look_up: settled.look_up,
            array_cap: share.array_cap,
            refused_in: None,
        }
    }

    /// The outcome, unless it is a success about a contact that is surely not ours. One that was
    /// made when the answer says that it was written is, however far off our clock is.
    async fn credible(
        &self,
        row: &Claimed,
        outcome: Outcome,
        (began, ended): (Timestamp, Timestamp),
        told_at: Option<Timestamp>,
    ) -> Outcome {
        let Outcome::Created(record) = &outcome else { return outcome };
        let made = record.created_at.filter(|_| !record.zoneless);
        if let (Some(made), Some(told_at)) = (made, told_at) {
            let age = told_at.duration_since(made);
            if (-AS_TOLD..=ended.duration_since(began) + AS_TOLD).contains(&age) {
                return outcome;
            }
        }
        let Ok(evidence) = self.evidence(&row.entry.submission).await else { return outcome };
        // What an earlier attempt made may well be older than this one.
        let earlier = row.earlier.iter().filter(|attempt| attempt.may_have_created());
        let first = earlier.map(|attempt| attempt.started_at).fold(began, Timestamp::min);
        if ownership::is_elses(record, first, ended, &evidence) {
            return Failure::from(Doubt::OtherMaker).into();
        }
        outcome
    }

    /// A plain duplicate with the owners that the store knows. What it cannot tell is looked
    /// up, and so is a contact with our own names that it does not know: a proxy may have
    /// sent the request twice.
    async fn with_known_owners(
        &self,
        submission: &Submission,
        answered: Attempt,
        settled: policy::Settled,
    ) -> policy::Settled {
        let policy::Settled { status: Status::Duplicate { mut owners, remark }, look_up } = settled
        else {
            return settled;
        };
        let number = submission.contact.phone.e164();
        let (Ok(known), Ok(evidence)) =
            (self.store.known(&number).await, self.evidence(submission).await)
        else {
            return policy::Settled { status: Status::Duplicate { owners, remark }, look_up: true };
        };
        let known: Vec<_> = known.into_iter().filter(|record| record.id.is_some()).collect();
        let ours = ownership::ownership(&submission.contact, &[answered], &known, &evidence);
        if let Some(status @ Status::Created { .. }) = ours {
            return policy::Settled { status, look_up: false };
        }
        let is_known = |owner: &Owner| known.iter().any(|record| record.id == owner.id);
        let named = owners.iter().filter(|owner| !is_known(owner)).any(|owner| {
            let record = Record { full_name: owner.full_name.clone(), ..Record::default() };
            ownership::has_our_names(&submission.contact, &record)
        });
        if named {
            let remark = Some(Reason::CheckingOwner);
            return policy::Settled { status: Status::Duplicate { owners, remark }, look_up: true };
        }
        // Seen only since it was first sent, by a platform that does not tell when it was made.
        let may_be_ours = |record: &Record| {
            let is_elses = record.id.as_ref().is_some_and(|id| evidence.is_elses(id));
            !is_elses && ownership::has_our_names(&submission.contact, record)
        };
        let same_name = known.iter().any(may_be_ours).then_some(Reason::SameName);
        let remark = remark.or(same_name);
        let look_up = look_up && known.is_empty();
        if look_up || owners.iter().all(|owner| owner.full_name.is_none()) {
            merge(&mut owners, known.iter().map(Record::owner).collect());
        }
        policy::Settled { status: Status::Duplicate { owners, remark }, look_up }
    }

    /// Nobody will ever know what became of the request.
    pub(super) async fn unanswered(&mut self, flight: Flight, doubt: Doubt) {
        let reply = Reply::from(Failure::from(doubt));
        if flight.claimed.iter().any(|row| row.entry.task.change().is_some()) {
            self.changed(&flight, &Err(reply)).await;
        } else {
            self.settle(flight, &Answer { reply, server_time: None }).await;
        }
    }

    async fn learn_maker(&mut self, maker: Option<&str>) {
        let Some(maker) = maker else { return };
        let known = self.our_maker.with(maker);
        if known != self.our_maker {
            // Only evidence for later look-ups: without it they are more careful.
            let _ = self.store.remember(&self.maker_key(), known.to_stored()).await;
            self.our_maker = known;
        }
    }

    async fn learn_id_clock(&mut self, record: &Record, began: Timestamp, ended: Timestamp) {
        let Some(id) = &record.id else { return };
        let known = self.id_clock.with(id, began, ended, self.client.clock_offset());
        if known != self.id_clock {
            // As with the maker.
            let _ = self.store.remember(ID_CLOCK, known.to_stored()).await;
            self.id_clock = known;
        }
    }

    async fn learn_told_offset(&mut self, record: &Record, began: Timestamp) {
        let Some(told) = Evidence::told_by(record, began) else { return };
        if self.told_offset.is_none_or(|known| (told - known).abs() > SAME_OFFSET) {
            // As with the maker.
            let kept = told.as_millis().to_string();
            let _ = self.store.remember(TOLD_OFFSET, Some(&kept)).await;
            self.told_offset = Some(told);
        }
    }

    /// Where the store remembers who makes our contacts: another app is another maker.
    pub(super) fn maker_key(&self) -> String {
        format!("created_by/{}", self.client.app())
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
    let outcome = change::outcome(&submission.contact, change, answer);
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
