//! Asking a platform how it treats duplicates, arrays, deleted contacts and the list: with
//! contacts of its own under numbers that somebody gives for it, each deleted again.
//!
//! ```text
//!   list -> create A -> create A again -> delete A -> create A once more
//!        -> create [B, C] -> create [A, D] -> create D -> delete all that was made
//! ```
//!
//! Each request takes a slot of the account's limit like any other, and there are at most
//! twenty. The numbers that a request may have taken are noted in the store before it leaves, and
//! what was made before anything else is asked: a run that was killed is cleaned up by the next
//! one. Nothing is deleted but what has a number of the probe and the probe's own name.

use std::time::Duration;

use tokio::time::sleep;

use super::{
    clock,
    estate::{ArrayManner, EstateFacts, ListManner},
    list_scan::ListScan,
    ownership, policy,
};
use crate::{
    api::{AnswerOutline, Client, ListPage, Reply},
    contact::{Contact, E164},
    store::{Class, Slot, Store, StoreError},
    submission::{ContactId, Failure, FailureKind, Record, SubmissionId},
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
    /// This one of the numbers, counted from 1, belongs to somebody.
    Taken(usize),
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
    /// Numbers under which a contact of the probe may be that nobody has found.
    pub unsure: Vec<E164>,
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
    /// Numbers that a request may have taken without telling of it.
    unsure: Vec<E164>,
    /// Numbers of contacts that are surely the probe's.
    ours: Vec<E164>,
    requests: u32,
}

impl<'a> EstateProbe<'a> {
    /// A run with four contacts whose numbers belong to nobody.
    #[must_use]
    pub fn new(store: &'a Store, client: &'a Client, contacts: &'a [Contact; 4]) -> Self {
        let (facts, refusals) = (EstateFacts::default(), Vec::new());
        let (made, unsure, ours) = (Vec::new(), Vec::new(), Vec::new());
        Self { store, client, contacts, facts, refusals, made, unsure, ours, requests: 0 }
    }

    /// Asks, cleans up and keeps what was found.
    ///
    /// # Errors
    /// When the store cannot keep it; the platform is cleaned up all the same.
    pub async fn run(mut self) -> Result<ProbeReport, StoreError> {
        self.facts = EstateFacts::recall(self.store).await?;
        let left = self.store.recall(LEFT).await?.unwrap_or_default();
        for word in left.split_whitespace() {
            match E164::from_canonical(word) {
                Some(number) => self.unsure.push(number),
                None => self.made.push(ContactId(word.to_owned())),
            }
        }
        self.clean_up().await?;
        let stopped = self.ask().await.err();
        self.clean_up().await?;
        self.facts.remember(self.store).await?;
        let Self { facts, refusals, requests, made: left, unsure, .. } = self;
        Ok(ProbeReport { facts, refusals, stopped, left, unsure, requests })
    }

    async fn ask(&mut self) -> Result<(), ProbeStop> {
        self.ask_list().await?;
        let [a, b, c, d] = self.contacts;
        let first = self.make(&[a]).await?;
        let Some(id) = first.first().and_then(|made| made.id.clone()) else {
            return Err(self.taken(a));
        };
        self.ask_duplicate(a).await?;
        self.ask_deleted(a, &id).await?;
        let both = self.make(&[b, c]).await?;
        let shown = [b, c].map(|contact| shows(&both, contact));
        if shown == [true, true] {
            return self.ask_arrays(a, d).await;
        }
        // Alone they tell whether that was for the array or for a number that somebody has.
        let mut were_made = false;
        for contact in [b, c] {
            let is_shown = shows(&both, contact);
            if !is_shown && self.make(&[contact]).await?.is_empty() {
                self.own(contact).await?;
                were_made = true;
            }
        }
        self.facts.arrays = match (shown, were_made) {
            (_, true) => None,
            ([false, false], false) => Some(ArrayManner::Refused),
            (_, false) => Some(ArrayManner::FirstOnly),
        };
        Ok(())
    }

    /// Finds the contact that was made without a word; the number is somebody else's if another
    /// has it, or nobody can be seen to.
    async fn own(&mut self, contact: &Contact) -> Result<(), ProbeStop> {
        match self.find(contact).await? {
            Some(true) => Ok(()),
            Some(false) | None => Err(self.taken(contact)),
        }
    }

    /// Somebody has the contact's number.
    fn taken(&self, contact: &Contact) -> ProbeStop {
        let place = self.contacts.iter().position(|it| it.phone == contact.phone);
        ProbeStop::Taken(place.map_or(0, |at| at + 1))
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
        let end = policy::list_end(answer.reply.as_ref().err());
        self.store.finish_request(slot, end, clock::now()).await?;
        match answer.reply {
            Ok(page) => Ok(Some(page)),
            Err(failure) => match failure.kind {
                FailureKind::Rejected
                | FailureKind::Conflict
                | FailureKind::Unexplained
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
        if self.make(&[good]).await?.is_empty() {
            self.own(good).await?;
            self.facts.arrays = Some(ArrayManner::GoodOnesUnsaid);
        } else {
            self.facts.arrays = Some(ArrayManner::Together);
        }
        Ok(())
    }

    /// Looks for whoever has the contact's number in the list, from both its ends, as far as the
    /// requests go: whether that is the probe's own contact, which is then noted; `None` when
    /// nobody is seen to have it.
    async fn find(&mut self, contact: &Contact) -> Result<Option<bool>, ProbeStop> {
        let number = contact.phone.e164();
        let mut scan = ListScan::of_the_newest([(SubmissionId::fresh(), number.clone())]);
        while let Some(page) = self.page(scan.skip(), PAGE).await? {
            let last = scan.take(&page);
            if let Some(is_own) = self.take_own(contact, &scan.holders(&number)).await? {
                return Ok(Some(is_own));
            }
            if last {
                if scan.is_whole() {
                    self.unsure.retain(|it| *it != number);
                    self.note().await?;
                }
                break;
            }
        }
        Ok(None)
    }

    /// Notes those with the contact's number that are the probe's own; whether there are any,
    /// `None` where nobody has the number.
    async fn take_own(
        &mut self,
        contact: &Contact,
        records: &[Record],
    ) -> Result<Option<bool>, ProbeStop> {
        let number = contact.phone.e164();
        let holders: Vec<_> =
            records.iter().filter(|record| record.e164.as_ref() == Some(&number)).collect();
        if holders.is_empty() {
            return Ok(None);
        }
        let own = holders.iter().filter(|record| ownership::has_our_names(contact, record));
        let own: Vec<_> = own.filter_map(|record| record.id.clone()).collect();
        let is_own = !own.is_empty();
        for id in own {
            if !self.made.contains(&id) {
                self.made.push(id);
            }
        }
        // One without a name may be anybody's.
        if is_own || holders.iter().all(|record| record.name().is_some()) {
            self.unsure.retain(|it| *it != number);
        }
        if is_own {
            self.ours.push(number);
        }
        self.note().await?;
        Ok(Some(is_own))
    }

    /// Looks for what requests may have made that nobody heard of.
    async fn find_unsure(&mut self) -> Result<(), ProbeStop> {
        for contact in self.contacts {
            if self.unsure.contains(&contact.phone.e164()) {
                self.find(contact).await?;
            }
        }
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
                FailureKind::Rejected | FailureKind::Unexplained | FailureKind::Conflict => {
                    Ok(Vec::new())
                }
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
        let numbers: Vec<_> = contacts.iter().map(|contact| contact.phone.e164()).collect();
        let fresh =
            numbers.iter().filter(|it| !self.ours.contains(it) && !self.unsure.contains(it));
        let fresh: Vec<_> = fresh.cloned().collect();
        self.unsure.extend(fresh);
        self.note().await?;
        let sent: Vec<_> = contacts.iter().map(|contact| (*contact).clone()).collect();
        let (answer, outline) = self.client.create_outlined(&sent).await;
        let mut taken = None;
        match &answer.reply {
            // Some answer with what they have.
            Reply::Created(records) => {
                for contact in contacts {
                    if self.take_own(contact, records).await? == Some(false) {
                        taken = Some(self.taken(contact));
                    }
                }
            }
            // One alone was not made; of several some may have been.
            reply if contacts.len() == 1 && is_refusal(reply) => {
                self.unsure.retain(|number| !numbers.contains(number));
            }
            Reply::Duplicate { .. } | Reply::Failure(_) => {}
        }
        self.note().await?;
        if let Some(Failure { kind: FailureKind::Limited { .. }, .. }) = answer.reply.failure() {
            self.facts.limit_status = outline.as_ref().map(|it| it.status);
        }
        let end = policy::request_end(answer.reply.failure());
        self.store.finish_request(slot, end, clock::now()).await?;
        taken.map_or(Ok((answer.reply, outline)), Err)
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
            // Their numbers are to be had again.
            self.ours.clear();
            self.note().await?;
        }
        Ok(failure)
    }

    async fn clean_up(&mut self) -> Result<(), StoreError> {
        if let Err(ProbeStop::Store(error)) = self.find_unsure().await {
            return Err(error);
        }
        for id in self.made.clone() {
            match self.delete(&id, 0).await {
                Ok(_) => {}
                Err(ProbeStop::Store(error)) => return Err(error),
                Err(_) => break,
            }
        }
        Ok(())
    }

    async fn note(&self) -> Result<(), StoreError> {
        let made = self.made.iter().map(|id| id.0.as_str());
        let left: Vec<_> = made.chain(self.unsure.iter().map(E164::as_str)).collect();
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

/// Whether the platform has understood what it was asked, and said no.
fn is_refusal(reply: &Reply) -> bool {
    match reply {
        Reply::Duplicate { .. } => true,
        Reply::Created(_) => false,
        Reply::Failure(failure) => match failure.kind {
            FailureKind::Rejected
            | FailureKind::Conflict
            | FailureKind::Unexplained
            | FailureKind::Unauthorised
            | FailureKind::Limited { .. }
            | FailureKind::Unreached
            | FailureKind::Missing => true,
            FailureKind::Failed
            | FailureKind::Unclear { .. }
            | FailureKind::Misaddressed { .. } => false,
        },
    }
}

fn shows(records: &[Record], contact: &Contact) -> bool {
    let number = contact.phone.e164();
    records.iter().any(|record| record.e164.as_ref() == Some(&number))
}
