//! Asking a platform how it treats duplicates, arrays, deleted contacts and the list: with
//! contacts of its own under numbers that somebody gives for it, each deleted again.
//!
//! ```text
//!   list -> create A -> create A again -> delete A -> create A once more
//!        -> create [B, C] -> create [A, D] -> create D -> delete all that was made
//! ```
//!
//! Each request takes a slot of the account's limit like any other, and there are at most
//! twenty. What was made is noted in the store before anything else is asked, so that a run
//! that was killed is cleaned up by the next one.

use std::time::Duration;

use tokio::time::sleep;

use super::{
    clock,
    estate::{ArrayManner, EstateFacts, ListManner},
    policy,
};
use crate::{
    api::{AnswerOutline, Client, ListPage, Reply},
    contact::Contact,
    store::{Class, Slot, Store, StoreError},
    submission::{ContactId, Failure, FailureKind, Record},
};

/// Requests that one run may make.
pub const MOST_REQUESTS: u32 = 20;
/// Those of them that are kept for cleaning up.
const FOR_CLEANING: u32 = 6;
/// Nobody waits longer than this for a slot.
const LONGEST_WAIT_MS: i64 = 90_000;
/// Contacts asked for on a page.
const PAGE: u32 = 100;
/// Under which the store keeps what is still to be deleted.
const LEFT: &str = "estate_probe_left";

/// Why it ended before everything was asked.
#[derive(Debug)]
pub enum ProbeStop {
    /// The first number belongs to somebody.
    Taken,
    /// The platform did something else than was asked for.
    Failed(Failure),
    /// The account's limit leaves no request for so many milliseconds.
    NoSlot(i64),
    /// All requests are spent.
    Spent,
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for ProbeStop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What came of it.
#[derive(Debug)]
pub struct ProbeReport {
    /// What is known now.
    pub facts: EstateFacts,
    /// How the platform said that a number is taken, alone and in an array.
    pub refusals: Vec<AnswerOutline>,
    /// Why it ended early, if it did.
    pub stopped: Option<ProbeStop>,
    /// Contacts that could not be deleted.
    pub left: Vec<ContactId>,
    /// Requests made.
    pub requests: u32,
}

/// One run.
#[derive(Debug)]
pub struct EstateProbe<'a> {
    store: &'a Store,
    client: &'a Client,
    contacts: &'a [Contact; 4],
    facts: EstateFacts,
    refusals: Vec<AnswerOutline>,
    made: Vec<ContactId>,
    requests: u32,
}

impl<'a> EstateProbe<'a> {
    /// A run with four contacts whose numbers belong to nobody.
    #[must_use]
    pub fn new(store: &'a Store, client: &'a Client, contacts: &'a [Contact; 4]) -> Self {
        let (facts, refusals, made) = (EstateFacts::default(), Vec::new(), Vec::new());
        Self { store, client, contacts, facts, refusals, made, requests: 0 }
    }

    /// Asks, cleans up and keeps what was found.
    ///
    /// # Errors
    /// When the store cannot keep it; the platform is cleaned up all the same.
    pub async fn run(mut self) -> Result<ProbeReport, StoreError> {
        self.facts = EstateFacts::recall(self.store).await?;
        let left = self.store.recall(LEFT).await?.unwrap_or_default();
        self.made = left.split_whitespace().map(|id| ContactId(id.to_owned())).collect();
        let stopped = self.ask().await.err();
        let left = self.clean_up().await?;
        self.facts.remember(self.store).await?;
        let Self { facts, refusals, requests, .. } = self;
        Ok(ProbeReport { facts, refusals, stopped, left, requests })
    }

    async fn ask(&mut self) -> Result<(), ProbeStop> {
        self.ask_list().await?;
        let [a, b, c, d] = self.contacts;
        let first = self.make(&[a]).await?;
        let Some(id) = first.first().and_then(|made| made.id.clone()) else {
            return Err(ProbeStop::Taken);
        };
        self.ask_duplicate(a).await?;
        self.ask_deleted(a, &id).await?;
        let both = self.make(&[b, c]).await?;
        let shown = [b, c].map(|contact| shows(&both, contact));
        match shown {
            [true, true] => self.ask_arrays(a, d).await,
            [false, false] => {
                self.facts.arrays = Some(ArrayManner::Refused);
                Ok(())
            }
            [true, false] | [false, true] => {
                self.facts.arrays = Some(ArrayManner::FirstOnly);
                Ok(())
            }
        }
    }

    async fn ask_list(&mut self) -> Result<(), ProbeStop> {
        let Some(first) = self.page(0, PAGE).await? else { return Ok(()) };
        let count = u64::try_from(first.records.len()).unwrap_or(u64::MAX);
        let mut manner =
            ListManner { page: count.max(first.limit), takes_limit: None, takes_skip: None };
        if let [one, two, ..] = first.records.as_slice()
            && let Some(second) = self.page(1, 1).await?
        {
            manner.takes_limit = Some(second.records.len() == 1);
            let began = second.records.first().map(|record| &record.id);
            manner.takes_skip = match began {
                Some(id) if *id == two.id => Some(true),
                Some(id) if *id == one.id => Some(false),
                Some(_) | None => None,
            };
        }
        self.facts.list = Some(manner);
        Ok(())
    }

    /// A page of the list; `None` where there is no list.
    async fn page(&mut self, skip: u64, limit: u32) -> Result<Option<ListPage>, ProbeStop> {
        let slot = self.slot(FOR_CLEANING).await?;
        let answer = self.client.list(skip, limit).await;
        let end = policy::request_end(answer.reply.as_ref().err());
        self.store.finish_request(slot, end, clock::now()).await?;
        match answer.reply {
            Ok(page) => Ok(Some(page)),
            Err(failure) => match failure.kind {
                FailureKind::Rejected
                | FailureKind::Conflict
                | FailureKind::Missing
                | FailureKind::Failed
                | FailureKind::Misaddressed { .. }
                | FailureKind::Unclear { .. } => Ok(None),
                FailureKind::Unauthorised
                | FailureKind::Limited { .. }
                | FailureKind::Unreached => Err(ProbeStop::Failed(failure)),
            },
        }
    }

    async fn ask_duplicate(&mut self, taken: &Contact) -> Result<(), ProbeStop> {
        let (reply, outline) = self.create(&[taken]).await?;
        self.facts.duplicate_status = outline.as_ref().map(|it| it.status);
        self.refusals.extend(outline);
        self.facts.duplicate_is_understood = Some(matches!(reply, Reply::Duplicate { .. }));
        if let Reply::Duplicate { owner, .. } = &reply {
            let named = owner.as_ref().is_some_and(|owner| owner.full_name.is_some());
            self.facts.names_owner = Some(named);
        }
        Ok(())
    }

    async fn ask_deleted(&mut self, contact: &Contact, id: &ContactId) -> Result<(), ProbeStop> {
        if let Some(failure) = self.delete(id, FOR_CLEANING).await? {
            return Err(ProbeStop::Failed(failure));
        }
        let again = self.make(&[contact]).await?;
        self.facts.deleted_holds_number = Some(again.is_empty());
        Ok(())
    }

    /// What becomes of a good number beside a taken one.
    async fn ask_arrays(&mut self, taken: &Contact, good: &Contact) -> Result<(), ProbeStop> {
        let (reply, outline) = self.create(&[taken, good]).await?;
        if let Reply::Created(records) = &reply
            && shows(records, good)
        {
            self.facts.arrays = Some(ArrayManner::GoodOnes);
            return Ok(());
        }
        self.refusals.extend(outline);
        if let Reply::Duplicate { numbers, .. } = &reply {
            let digits = |contact: &Contact| contact.phone.e164().as_str().replace('+', "");
            let names = |contact| numbers.iter().any(|number| digits(contact).ends_with(number));
            self.facts.names_numbers = Some(names(taken) && !names(good));
        }
        let alone = self.make(&[good]).await?;
        self.facts.arrays = Some(if alone.is_empty() {
            ArrayManner::GoodOnesUnsaid
        } else {
            ArrayManner::Together
        });
        if alone.is_empty() {
            self.find(good).await?;
        }
        Ok(())
    }

    /// Looks for a contact that was made without its id being told.
    async fn find(&mut self, contact: &Contact) -> Result<(), ProbeStop> {
        let total =
            self.page(0, PAGE).await?.and_then(|page| self.note_listed(&page, contact).err());
        if let Some(total) = total.flatten()
            && let Some(page) = self.page(total.saturating_sub(u64::from(PAGE)), PAGE).await?
        {
            let _ = self.note_listed(&page, contact);
        }
        self.note().await?;
        Ok(())
    }

    fn note_listed(&mut self, page: &ListPage, contact: &Contact) -> Result<(), Option<u64>> {
        let number = contact.phone.e164();
        let found = page.records.iter().find(|record| record.e164.as_ref() == Some(&number));
        self.made.push(found.and_then(|record| record.id.clone()).ok_or(page.total)?);
        Ok(())
    }

    /// Creates contacts; those that the answer shows, none when it is a refusal.
    async fn make(&mut self, contacts: &[&Contact]) -> Result<Vec<Record>, ProbeStop> {
        let (reply, _) = self.create(contacts).await?;
        match reply {
            Reply::Created(records) => Ok(records),
            Reply::Duplicate { .. } => Ok(Vec::new()),
            Reply::Failure(failure) => match failure.kind {
                // An estate whose duplicates are not understood answers so.
                FailureKind::Rejected | FailureKind::Conflict => Ok(Vec::new()),
                FailureKind::Unauthorised
                | FailureKind::Limited { .. }
                | FailureKind::Unreached
                | FailureKind::Failed
                | FailureKind::Unclear { .. }
                | FailureKind::Missing
                | FailureKind::Misaddressed { .. } => Err(ProbeStop::Failed(failure)),
            },
        }
    }

    async fn create(
        &mut self,
        contacts: &[&Contact],
    ) -> Result<(Reply, Option<AnswerOutline>), ProbeStop> {
        let slot = self.slot(FOR_CLEANING).await?;
        let contacts: Vec<_> = contacts.iter().map(|contact| (*contact).clone()).collect();
        let (answer, outline) = self.client.create_outlined(&contacts).await;
        if let Reply::Created(records) = &answer.reply {
            let fresh = records.iter().filter_map(|record| record.id.clone());
            let fresh: Vec<_> = fresh.filter(|id| !self.made.contains(id)).collect();
            self.made.extend(fresh);
        }
        self.note().await?;
        if let Some(Failure { kind: FailureKind::Limited { .. }, .. }) = answer.reply.failure() {
            self.facts.limit_status = outline.as_ref().map(|it| it.status);
        }
        let end = policy::request_end(answer.reply.failure());
        self.store.finish_request(slot, end, clock::now()).await?;
        Ok((answer.reply, outline))
    }

    /// Deletes one contact; why that was not done.
    async fn delete(&mut self, id: &ContactId, keep: u32) -> Result<Option<Failure>, ProbeStop> {
        let slot = self.slot(keep).await?;
        let failure = match self.client.delete(id).await {
            Ok(_) => None,
            Err(Reply::Failure(failure)) => Some(failure),
            Err(Reply::Duplicate { words, .. }) => Some(Failure::unclear(words)),
            Err(Reply::Created(_)) => Some(Failure::unclear("")),
        };
        let end = policy::request_end(failure.as_ref());
        self.store.finish_request(slot, end, clock::now()).await?;
        if failure.is_none() {
            self.made.retain(|made| made != id);
            self.note().await?;
        }
        Ok(failure)
    }

    async fn clean_up(&mut self) -> Result<Vec<ContactId>, StoreError> {
        for id in self.made.clone() {
            match self.delete(&id, 0).await {
                Ok(_) => {}
                Err(ProbeStop::Store(error)) => return Err(error),
                Err(_) => break,
            }
        }
        Ok(self.made.clone())
    }

    async fn note(&self) -> Result<(), StoreError> {
        let left: Vec<_> = self.made.iter().map(|id| id.0.as_str()).collect();
        let left = (!left.is_empty()).then(|| left.join(" "));
        self.store.remember(LEFT, left.as_deref()).await
    }

    /// A slot of the account's limit, waited for; `keep` requests stay for later.
    async fn slot(&mut self, keep: u32) -> Result<Slot, ProbeStop> {
        if self.requests + keep >= MOST_REQUESTS {
            return Err(ProbeStop::Spent);
        }
        loop {
            match self.store.take_slot(Class::Form, clock::now()).await? {
                Ok(slot) => {
                    self.requests += 1;
                    return Ok(slot);
                }
                Err(ms) if ms > LONGEST_WAIT_MS => return Err(ProbeStop::NoSlot(ms)),
                Err(ms) => {
                    sleep(Duration::from_millis(u64::try_from(ms).unwrap_or(0).max(5))).await;
                }
            }
        }
    }
}

fn shows(records: &[Record], contact: &Contact) -> bool {
    let number = contact.phone.e164();
    records.iter().any(|record| record.e164.as_ref() == Some(&number))
}
