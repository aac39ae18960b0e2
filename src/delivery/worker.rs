//! The task that does what the policy decides. It owns no truth: whatever it forgets in
//! a crash is in the store, and the next start goes on from there.

mod commands;
mod learn_arrays;
mod look_up;
mod refresh;
mod settle;

use std::{collections::HashMap, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use tokio::{
    sync::mpsc,
    task::{Id, JoinError, JoinSet},
    time::{Instant, sleep_until, timeout_at},
};
use uuid::Uuid;

use super::{
    Inbox, WorkerSettings,
    array_habits::ArrayHabits,
    circuit_breaker::{CircuitBreaker, until_ms},
    clock::{self, jitter},
    gate::{Gate, Passage},
    list_scan::ListScan,
    ownership::{IdClock, Maker},
    policy::{self, Plan, Situation, Standing},
    reporter::Reporter,
    wall_clock::WallClock,
};
use crate::{
    api::{Answer, Client, ListAnswer, NOTABLE_OFFSET, Reply},
    contact::Contact,
    store::{
        Begun, Candidates, ClaimResult, Claimed, Class, Facts, HeldElsewhere, LEASE, Slot, Store,
        StoreError, Wanted, WorkerId,
    },
    submission::{
        Change, Doubt, Failure, FailureKind, PlatformHealth, Record, Refusal, RefusalCause,
        SubmissionId, Update,
    },
};
pub use commands::hold;
pub(crate) use commands::{correct, retry_given_up};
use refresh::Refreshing;
use settle::Unrecorded;

/// Claims are renewed this often while requests are under way; a lease is 10 s.
const HEARTBEAT: Duration = Duration::from_secs(3);
/// Somebody else took what seemed to be due; how long before looking again.
const TAKEN_PAUSE: Duration = Duration::from_secs(2);
/// Where the store remembers how the clock was set.
const WALL_CLOCK: &str = "wall_clock";
/// Where it remembers that the platform was failing when it was last seen.
const FAILING: &str = "platform_failing";
/// Other processes' commits are noticed at most this often: one that imports makes hundreds.
const NOTICE_PAUSE: Duration = Duration::from_millis(500);
/// The store did not do what it was asked; how long before asking again, at most.
const LONGEST_STORE_PAUSE: Duration = Duration::from_mins(1);
/// The same for a list whose pages the store does not keep: each costs a request.
const LONGEST_LIST_PAUSE: Duration = Duration::from_mins(10);
/// What went through so lately says that we are not refused altogether.
const JUST_NOW: Duration = Duration::from_mins(1);
/// Quitting waits this long for answers under way.
const GRACE: Duration = Duration::from_secs(1);

#[derive(Debug)]
enum Landed {
    Sent(Answer),
    Changed(Result<Option<Record>, Reply>),
    Page(ListAnswer),
    Refreshed(ListAnswer),
    Checked(ListAnswer),
}

/// What came of doing what was planned.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// More may be done at once.
    Done,
    /// Nothing can start for this long; `None` until something happens.
    Wait(Option<Duration>),
}

/// When rows were claimed. A process that is stopped right after that, past its lease, must
/// not send what another has taken by the time it goes on.
#[derive(Debug, Clone, Copy)]
struct Claim {
    since_ms: i64,
}

impl Claim {
    fn now() -> Self {
        Self { since_ms: clock::now().uptime_ms }
    }

    /// Why nothing is sent any more; nothing has left.
    fn is_over(self) -> Option<Failure> {
        let held = clock::now().uptime_ms - self.since_ms;
        let lease = i64::try_from(LEASE.as_millis()).unwrap_or(i64::MAX);
        let words = "the process was stopped before it could send";
        (held >= lease).then(|| Failure::new(FailureKind::Unreached, words))
    }
}

/// What is under way, by its task.
#[derive(Debug)]
struct Flight {
    slot: Slot,
    claimed: Vec<Claimed>,
    lists: bool,
    began: Timestamp,
}

/// What the store says of the platform for whoever comes next.
#[derive(Debug, Default)]
struct Noted {
    /// How far its list was read.
    list_read: bool,
    /// That it fails.
    failing: bool,
}

#[derive(Debug)]
pub(super) struct Worker {
    store: Store,
    client: Client,
    settings: WorkerSettings,
    gate: Option<Arc<dyn Gate>>,
    report: Reporter,
    id: WorkerId,
    flights: JoinSet<Landed>,
    in_flight: HashMap<Id, Flight>,
    /// Whether nothing came of any request yet.
    untried: bool,
    /// When a create, or what the platform judged of one, last came back.
    went_through: Option<(Instant, Timestamp)>,
    circuit_breaker: CircuitBreaker,
    list_scan: Option<ListScan>,
    noted: Noted,
    passes: HashMap<SubmissionId, u32>,
    page_failures: usize,
    /// Pages in a row that the store did not keep.
    pages_unkept: usize,
    list_scan_at: Option<Instant>,
    refreshing: Refreshing,
    arrays: ArrayHabits,
    our_maker: Maker,
    id_clock: IdClock,
    told_offset: Option<SignedDuration>,
    /// How this machine's clock was set.
    wall_clock: WallClock,
    /// Whether the last slot of bulk work went to a look-up.
    looked_up_last: bool,
    /// What is not written yet. What the store would not take is before anything else is sent.
    unrecorded: Unrecorded,
    /// The store's version when it was last read whole; `None` before the first time.
    version: Option<i64>,
    /// What waits for other estates, as it was last told.
    held: Vec<HeldElsewhere>,
    next_notice: Instant,
    next_heartbeat: Instant,
}

impl Worker {
    pub(super) fn new(
        store: Store,
        client: Client,
        settings: WorkerSettings,
        gate: Option<Arc<dyn Gate>>,
        updates: mpsc::UnboundedSender<Update>,
    ) -> Self {
        let refreshing = Refreshing::new(settings.refresh, store.directory_storage());
        let now = Instant::now();
        Self {
            store,
            client,
            report: Reporter::new(updates),
            refreshing,
            settings,
            gate,
            id: WorkerId(Uuid::now_v7().to_string()),
            flights: JoinSet::new(),
            in_flight: HashMap::new(),
            untried: true,
            went_through: None,
            circuit_breaker: CircuitBreaker::default(),
            list_scan: None,
            noted: Noted::default(),
            passes: HashMap::new(),
            page_failures: 0,
            pages_unkept: 0,
            list_scan_at: None,
            arrays: ArrayHabits::default(),
            our_maker: Maker::default(),
            id_clock: IdClock::default(),
            told_offset: None,
            wall_clock: WallClock::default(),
            looked_up_last: false,
            unrecorded: Unrecorded::default(),
            version: None,
            held: Vec::new(),
            next_notice: now,
            next_heartbeat: now,
        }
    }

    /// Works until every handle is gone, then finishes what is under way.
    pub(super) async fn run(mut self, mut inbox: Inbox) {
        self.report.health(PlatformHealth::Untried);
        if let Some(followed) = self.store.followed() {
            self.report.tell(Update::Notice(followed.to_string()));
        }
        let mut failures = 0;
        loop {
            let wait = match self.work().await {
                Ok(wait) => {
                    failures = 0;
                    if self.pages_unkept == 0 {
                        self.report.trouble_is_over();
                    }
                    wait
                }
                Err(error) => {
                    self.report.trouble(&error);
                    failures += 1;
                    Some(policy::backoff(failures + 1, LONGEST_STORE_PAUSE, jitter()))
                }
            };
            let wake = self.wake_at(wait);
            let others = others_committed(self.store.clone(), self.version, self.next_notice);
            tokio::select! {
                biased;
                Some(landed) = self.flights.join_next_with_id() => self.land_all(landed).await,
                command = inbox.recv() => match command {
                    Some(command) => self.carry_out(command).await,
                    None => break,
                },
                () = others => {}
                () = until(wake) => {}
            }
        }
        self.finish().await;
    }

    /// When there is something to do even if nobody asks; `None` while nothing is to come.
    fn wake_at(&self, wait: Option<Duration>) -> Option<Instant> {
        let wake = wait.map(|wait| Instant::now() + wait);
        let heartbeat = (!self.in_flight.is_empty()).then_some(self.next_heartbeat);
        wake.into_iter().chain(heartbeat).min()
    }

    /// Starts everything that may start now; tells how long until more may.
    async fn work(&mut self) -> Result<Option<Duration>, StoreError> {
        if !self.unrecorded.may_wait() {
            self.conclude().await?;
        }
        self.look_at_the_clock().await?;
        self.note_failing().await?;
        self.store
            .trouble_with_audit()
            .into_iter()
            .for_each(|it| self.report.tell(Update::Notice(it)));
        self.keep_alive().await?;
        self.notice_others().await?;
        loop {
            match self.step().await? {
                Step::Done => {}
                Step::Wait(_) if !self.unrecorded.is_empty() => self.conclude().await?,
                Step::Wait(wait) => return Ok(wait),
            }
        }
    }

    /// Does what is planned now.
    async fn step(&mut self) -> Result<Step, StoreError> {
        let facts = self.store.facts(clock::now()).await?;
        self.report.counts(facts.counts);
        self.report.budget(facts.budget);
        if facts.orphan_in_ms == Some(0) {
            self.beat().await?;
            return Ok(Step::Done);
        }
        let wait = match policy::next(&facts, &self.situation()) {
            Plan::Send(wanted) => {
                self.looked_up_last &= wanted.class != Class::Bulk;
                self.send(wanted).await?
            }
            Plan::LookUp => {
                self.looked_up_last = true;
                self.look_up().await?
            }
            Plan::Refresh => self.refresh(facts.budget.limit).await?,
            Plan::Check => self.check().await?,
            Plan::Wait(wait) => return Ok(Step::Wait(until_next(wait, &facts))),
        };
        Ok(wait.map_or(Step::Done, |wait| Step::Wait(Some(wait))))
    }

    fn situation(&self) -> Situation {
        Situation {
            in_flight: self.in_flight.len(),
            looking_up: self.in_flight.values().any(|flight| flight.lists),
            pause_ms: self.circuit_breaker.pause_ms(),
            standing: match self.untried {
                _ if self.circuit_breaker.is_probing() => Standing::Failing,
                true => Standing::Untried,
                false => Standing::Answers,
            },
            was_refused: self.circuit_breaker.is_refused_or_suspects(),
            refused_for_ms: self.circuit_breaker.refused_for_ms(),
            look_up_wait_ms: until_ms(self.list_scan_at),
            refresh: self.refreshing.wish(),
            looked_up_last: self.looked_up_last,
            most_per_request: self.arrays.most(self.settings.max_batch),
        }
    }

    async fn send(&mut self, wanted: Wanted) -> Result<Option<Duration>, StoreError> {
        let planner = self.arrays.planner(self.settings.max_batch, wanted.contacts);
        let choose = move |due: &Candidates| planner.choose(&due.waiting, &due.under_way);
        match self.store.begin(&self.id, wanted, choose, clock::now()).await? {
            ClaimResult::Nothing => Ok(Some(TAKEN_PAUSE)),
            ClaimResult::NoSlot { wait_ms } => Ok(Some(at_least_a_moment(wait_ms))),
            ClaimResult::Begun(requests) => {
                for request in requests {
                    self.report.entries(request.claimed.iter().map(|row| row.entry.clone()));
                    // A change is claimed alone.
                    match request.claimed.first().and_then(change_of) {
                        Some((change, contact)) => self.send_change(request, change, contact),
                        None => self.send_contacts(wanted.class, request),
                    }
                }
                self.refreshing.give_way();
                Ok(None)
            }
        }
    }

    fn send_contacts(&mut self, class: Class, Begun { slot, claimed }: Begun) {
        let contacts: Vec<_> =
            claimed.iter().map(|row| row.entry.submission.contact.clone()).collect();
        let (client, claim) = (self.client.clone(), Claim::now());
        let passage = self.passage(class, &claimed);
        let refused = |failure: Failure| Answer { reply: failure.into(), server_time: None };
        let task = async move {
            let send = async {
                match claim.is_over() {
                    None => client.create(&contacts).await,
                    Some(failure) => refused(failure),
                }
            };
            let end = |answer: &Answer| policy::request_end(answer.reply.failure());
            Landed::Sent(passage.through(send, end, refused).await)
        };
        self.launch(slot, claimed, false, task);
    }

    fn send_change(&mut self, request: Begun, change: Change, contact: Contact) {
        let Begun { slot, claimed } = request;
        let (client, claim) = (self.client.clone(), Claim::now());
        let passage = self.passage(Class::Form, &claimed);
        let task = async move {
            let send = async {
                match (claim.is_over(), change) {
                    (Some(failure), _) => Err(failure.into()),
                    (None, Change::Update(id, _)) => client.update(&id, &contact).await,
                    (None, Change::Delete(id)) => client.delete(&id).await,
                }
            };
            let end = |answer: &Result<_, Reply>| {
                policy::request_end(answer.as_ref().err().and_then(Reply::failure))
            };
            let refused = |failure: Failure| Err(failure.into());
            Landed::Changed(passage.through(send, end, refused).await)
        };
        self.launch(slot, claimed, false, task);
    }

    pub(super) fn passage(&self, class: Class, rows: &[Claimed]) -> Passage {
        let rows = rows.iter().map(|row| row.entry.submission.id).collect();
        Passage { gate: self.gate.clone(), class, rows }
    }

    fn launch(
        &mut self,
        slot: Slot,
        claimed: Vec<Claimed>,
        lists: bool,
        task: impl Future<Output = Landed> + Send + 'static,
    ) {
        let id = self.flights.spawn(task).id();
        self.in_flight.insert(id, Flight { slot, claimed, lists, began: clock::now().wall });
    }

    /// Takes in this answer and whatever else has come: what they are to the rows is written
    /// together by [`Self::work`].
    async fn land_all(&mut self, first: Result<(Id, Landed), JoinError>) {
        // The answer tells how far the platform's clock is from ours as it is by now.
        if let Err(error) = self.look_at_the_clock().await {
            self.report.trouble(&error);
        }
        let mut next = Some(first);
        while let Some(landed) = next {
            self.land(landed).await;
            next = self.flights.try_join_next_with_id();
        }
    }

    async fn land(&mut self, landed: Result<(Id, Landed), JoinError>) {
        let (id, landed) = match landed {
            Ok((id, landed)) => (id, Some(landed)),
            Err(error) => (error.id(), None),
        };
        let Some(flight) = self.in_flight.remove(&id) else { return };
        self.untried = false;
        let result = match landed {
            Some(Landed::Sent(answer)) => return self.settle(flight, &answer).await,
            Some(Landed::Changed(answer)) => return self.changed(&flight, &answer).await,
            Some(Landed::Page(answer)) => {
                let kept = self.lookup_page_landed(&flight, answer.reply).await;
                self.page_kept(kept)
            }
            Some(Landed::Refreshed(answer)) => {
                let kept = self.refreshed(&flight, answer.reply).await;
                self.page_kept(kept)
            }
            Some(Landed::Checked(answer)) => self.checked(&flight, answer.reply).await,
            None => return self.unanswered(flight, Doubt::Defect).await,
        };
        if let Err(error) = result {
            self.report.trouble(&error);
        }
    }

    /// Adjusts how boldly the queue goes on, and says how the platform behaved.
    fn observe(&mut self, reply: &Reply, of_many: bool) {
        match reply {
            Reply::Created(_) | Reply::Duplicate { .. } => self.recovered(),
            Reply::Failure(failure) => self.observe_failure(failure, of_many),
        }
        let judged = |failure: &Failure| {
            matches!(
                failure.kind,
                FailureKind::Rejected | FailureKind::Conflict | FailureKind::Unexplained
            )
        };
        if reply.failure().is_none_or(judged) {
            self.went_through = Some((Instant::now(), clock::now().wall));
        }
    }

    fn observe_failure(&mut self, failure: &Failure, of_many: bool) {
        match failure.kind {
            FailureKind::Rejected
            | FailureKind::Unexplained
            | FailureKind::Missing
            | FailureKind::Conflict => {
                self.recovered();
            }
            FailureKind::Limited { .. } => self.report.health(PlatformHealth::Online),
            FailureKind::Unauthorised | FailureKind::Misaddressed { .. } => {
                self.refused(failure, of_many);
            }
            // It answers, in words that are looked up.
            FailureKind::Unclear { doubt: Doubt::Verdict } => self.recovered(),
            FailureKind::Unreached | FailureKind::Failed | FailureKind::Unclear { .. } => {
                self.circuit_breaker.failed(jitter());
                self.report.health(PlatformHealth::Offline(failure.clone()));
            }
        }
    }

    /// The platform refuses us, or nobody there knows us: the whole queue waits, unless it may be
    /// the matter of one contact.
    fn refused(&mut self, failure: &Failure, of_many: bool) {
        let misaddressed = matches!(failure.kind, FailureKind::Misaddressed { .. });
        if !misaddressed && self.client.has_another_token() {
            // Dated by the other clock: that is tried before the queue is held.
            return;
        }
        let is_news = !self.circuit_breaker.is_refused_or_suspects();
        let others = self.went_through.is_some_and(|(at, _)| at.elapsed() < JUST_NOW);
        if is_news && (others || of_many) {
            // Somebody else's contact tells whether it is more than this one's matter.
            self.circuit_breaker.suspect();
            return;
        }
        self.circuit_breaker.refused(misaddressed, jitter());
        self.report.health(PlatformHealth::Refused(self.refusal(failure)));
    }

    /// The platform did, or judged, what it was asked.
    fn recovered(&mut self) {
        self.circuit_breaker = CircuitBreaker::default();
        self.report.health(PlatformHealth::Online);
    }

    /// What to look at after a refusal: the clock if it is off, else secret and scope.
    fn refusal(&self, failure: &Failure) -> Refusal {
        let offset = self.client.clock_offset().filter(|offset| offset.abs() >= NOTABLE_OFFSET);
        let cause = match (failure.kind, offset) {
            (FailureKind::Misaddressed { part }, _) => RefusalCause::Address { part },
            (_, Some(offset)) => RefusalCause::Clock { offset_s: offset.as_secs() },
            (_, None) => RefusalCause::Credential,
        };
        Refusal { cause, words: failure.words.clone() }
    }

    /// Notes it when somebody sets the clock: what was noted by it before is read accordingly.
    async fn look_at_the_clock(&mut self) -> Result<(), StoreError> {
        let now = clock::now();
        if self.version.is_none() {
            let kept = self.store.recall(WALL_CLOCK).await?;
            self.wall_clock = WallClock::stored(kept.as_deref(), now);
        }
        if let Some(news) = self.wall_clock.look(now) {
            self.store.remember(WALL_CLOCK, Some(&news)).await?;
            self.wall_clock.kept();
        }
        Ok(())
    }

    /// Notes whether the platform fails, for whoever comes next: then the first request is not
    /// full of contacts that all fail.
    async fn note_failing(&mut self) -> Result<(), StoreError> {
        if self.version.is_none() && self.store.recall(FAILING).await?.is_some() {
            self.circuit_breaker = CircuitBreaker::after_failures();
            self.noted.failing = true;
        }
        let is_failing = self.circuit_breaker.is_probing();
        if is_failing != self.noted.failing {
            self.store.remember(FAILING, is_failing.then_some("yes")).await?;
            self.noted.failing = is_failing;
        }
        Ok(())
    }

    async fn keep_alive(&mut self) -> Result<(), StoreError> {
        if Instant::now() < self.next_heartbeat {
            return Ok(());
        }
        self.beat().await
    }

    /// Renews our claims and ends those whose process is gone.
    async fn beat(&mut self) -> Result<(), StoreError> {
        self.next_heartbeat = Instant::now() + HEARTBEAT;
        let orphans = self.store.heartbeat(&self.id, clock::now()).await?;
        self.report.entries(orphans);
        Ok(())
    }

    /// Tells that other processes changed the store, and at the start that it holds rows.
    async fn notice_others(&mut self) -> Result<(), StoreError> {
        if Instant::now() < self.next_notice {
            return Ok(());
        }
        let version = self.store.version().await?;
        if self.version != Some(version) {
            self.recall_arrays().await?;
            let maker = self.store.recall(&self.maker_key()).await?;
            self.our_maker = Maker::stored(maker.as_deref());
            let id_clock = self.store.recall(settle::ID_CLOCK).await?;
            self.id_clock = IdClock::stored(id_clock.as_deref());
            let told_offset = self.store.recall(settle::TOLD_OFFSET).await?;
            self.told_offset =
                told_offset.and_then(|ms| ms.parse().ok()).map(SignedDuration::from_millis);
            self.report.tell(Update::Reread);
            self.report.damaged(self.store.damaged().await?);
            self.tell_held().await?;
            self.version = Some(version);
            self.next_notice = Instant::now() + NOTICE_PAUSE;
        }
        Ok(())
    }

    /// Says what waits for other estates, whenever that is not what it was.
    async fn tell_held(&mut self) -> Result<(), StoreError> {
        let held = self.store.held_elsewhere().await?;
        for new in held.iter().filter(|it| !self.held.contains(it)) {
            self.report.tell(Update::Notice(new.to_string()));
        }
        self.held = held;
        Ok(())
    }

    /// Gives answers under way a moment, then writes down that they are not known.
    async fn finish(mut self) {
        let deadline = Instant::now() + GRACE;
        while let Ok(Some(landed)) = timeout_at(deadline, self.flights.join_next_with_id()).await {
            self.land_all(landed).await;
        }
        self.flights.shutdown().await;
        for (_, flight) in std::mem::take(&mut self.in_flight) {
            self.unanswered(flight, Doubt::Closed).await;
        }
        if let Err(error) = self.conclude().await {
            tracing::warn!(%error, "an attempt's end could not be written; its lease will end it");
        }
    }
}

fn change_of(row: &Claimed) -> Option<(Change, Contact)> {
    Some((row.entry.task.change()?.clone(), row.entry.submission.contact.clone()))
}

/// What is planned, or what changes by itself before: a slot comes back, a claim ends.
fn until_next(wait: Option<Duration>, facts: &Facts) -> Option<Duration> {
    let by_itself = [facts.budget_in_ms, facts.orphan_in_ms].into_iter().flatten();
    by_itself.map(at_least_a_moment).chain(wait).min()
}

/// Waits until another process has committed; what it does in the pause is found after it.
async fn others_committed(store: Store, since: Option<i64>, pause: Instant) {
    sleep_until(pause).await;
    store.changed(since).await;
}

/// Sleeps until then, or for ever.
async fn until(wake: Option<Instant>) {
    match wake {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

fn at_least_a_moment(ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or(0).max(5))
}
