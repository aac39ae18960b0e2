//! A seat of a floor: what is typed goes into its own store, is handed over from there, and
//! what became of it is read back. The form never waits for the floor's database, and the seat
//! never sends by itself.
//!
//! ```text
//!   commands -> the seat's store (synced) -> courier: hand_over, at most 500, by revision
//!   results <- the seat's store <- mirror: what changed since; each minute ask by id, and what
//!                                  the floor does not know is offered again
//! ```
//!
//! Rows are taken in beside all of that: nobody who types waits for the courier. Who looks at
//! everybody's rows has a connection of their own while they do.
//!
//! A row may be taken back, corrected or dropped from its seat until it is sent: under the
//! account's lock, so that nobody sends it at the same time.

mod commands;
mod onlooker;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
    time::{Instant, sleep_until, timeout},
};
use uuid::Uuid;

use onlooker::Onlooker;

use super::{
    FloorStore,
    floor::{AskAgain, Bidder, Fate, FloorError, Presence, Seat, SeatRow, Standing},
    postgres::{Address, Postgres},
    row::{seat_row, shared_row},
    sender::{self, Sending},
};
use crate::{
    delivery::{Inbox, WorkerCommand, clock},
    store::{Store, StoreError, WorkerId},
    submission::{
        Budget, Entry, Failure, FailureKind, Page, PlatformHealth, State, SubmissionId, Update,
    },
};

/// What became of rows is asked for this often while some are not settled.
const MIRROR: Duration = Duration::from_secs(1);
/// Whoever has just typed one is told sooner, for so long.
const FRESH: Duration = Duration::from_millis(200);
const FRESH_FOR: Duration = Duration::from_secs(4);
/// A seat with nothing on its way looks at its own store this often: others may use it.
pub(super) const IDLE: Duration = Duration::from_secs(30);
/// Whoever has handed rows over looks again this often: a floor that was put back may have made
/// something else of them.
pub(super) const REVISIT: Duration = Duration::from_mins(5);
/// Rows are asked for by id this often.
const ASK: Duration = Duration::from_mins(1);
/// Whoever waits is told this often how things stand.
const STAND: Duration = Duration::from_secs(5);
/// Who sits here is told this often.
const ATTEND: Duration = Duration::from_secs(30);
/// The longest between two tries with a database that has much against it.
const SLOWEST: Duration = Duration::from_mins(1);
/// Leaving waits this long for what is under way.
const GRACE: Duration = Duration::from_secs(4);
/// Where the seat remembers who it is, and how far it has read.
const SEAT: &str = "floor_seat";
const CURSOR: &str = "floor_cursor";

/// What makes a store a seat of a floor.
#[derive(Debug)]
pub struct Duty {
    /// Where the floor's database is.
    pub address: Address,
    /// The account as the floor knows it; empty takes the only one there is.
    pub account: String,
    /// Who types here.
    pub agent: String,
    /// Where.
    pub machine: String,
    /// What sending for everybody takes; none where others do.
    pub sending: Option<Sending>,
}

/// Works as a seat, and as the floor's sender where it may, until the last handle is dropped.
pub async fn work(store: Store, duty: Duty, updates: mpsc::UnboundedSender<Update>, inbox: Inbox) {
    let address = duty.address.clone();
    Box::pin(work_on(|| Postgres::new(address.clone()), store, duty, updates, inbox)).await;
}

/// The same with a floor's store of any kind; each way to it is a connection of its own.
pub(super) async fn work_on<F: FloorStore>(
    connect: impl Fn() -> F,
    store: Store,
    duty: Duty,
    updates: mpsc::UnboundedSender<Update>,
    inbox: Inbox,
) {
    let Duty { account, agent, machine, sending, .. } = duty;
    let (stops, stop) = watch::channel(false);
    let may_send = sending.is_some();
    let sends_here = Arc::new(AtomicBool::new(false));
    // With whoever waits for it goes the sender as well.
    let mut sender = JoinSet::new();
    if let Some(sending) = sending {
        let bidder = Bidder {
            account: account.clone(),
            process: Uuid::new_v4().to_string(),
            priority: sending.priority,
            agent: agent.clone(),
            machine: machine.clone(),
            minute_limit: i64::from(sending.scope.limits.minute),
        };
        sender.spawn(sender::send(
            connect(),
            sending,
            bidder,
            updates.clone(),
            stop,
            Arc::clone(&sends_here),
            store.clone(),
        ));
    }
    let presence =
        Presence { agent, machine, client: env!("CARGO_PKG_VERSION").to_owned(), may_send };
    let id = seat_id(&store).await;
    let now = Instant::now();
    let desk = Desk { store, updates };
    let courier = Courier {
        desk: desk.clone(),
        floor: connect(),
        seat: Seat { account, id },
        presence,
        has_joined: false,
        cursor: None,
        failures: 0,
        handed_at: None,
        trouble: None,
        sends_here,
        told: None,
        next: now,
        stand_at: now,
        revisit_at: now + REVISIT,
        ask_at: now,
        attend_at: now,
    };
    // What was being sent from here when that ended may have arrived.
    let _ = desk.store.heartbeat(&WorkerId(String::new()), clock::now()).await;
    desk.tell(Update::Reread);
    desk.counts().await;
    let onlooker = Onlooker::new(desk.clone(), connect(), courier.seat.clone());
    let (to_courier, commands) = mpsc::unbounded_channel();
    let (to_onlooker, pages) = mpsc::unbounded_channel();
    tokio::join!(
        desk.accept(inbox, to_courier, to_onlooker),
        courier.run(commands),
        onlooker.run(pages)
    );
    stops.send_replace(true);
    let _ = timeout(GRACE, sender.join_next()).await;
}

/// How the account stands for whoever sits at this store.
///
/// # Errors
/// What the database has against it.
pub async fn standing(
    store: &Store,
    address: Address,
    account: String,
) -> Result<Standing, FloorError> {
    let floor = Postgres::new(address);
    floor.gate().await?;
    floor.standing(&Seat { account, id: seat_id(store).await }).await
}

/// The store's own id, new for each store.
async fn seat_id(store: &Store) -> String {
    if let Ok(Some(id)) = store.recall(SEAT).await {
        return id;
    }
    let id = Uuid::new_v4().to_string();
    // A seat that cannot remember its id gets another, and its rows are told to be there.
    let _ = store.remember(SEAT, Some(&id)).await;
    id
}

/// Where what is typed is stored, and told of.
#[derive(Debug, Clone)]
struct Desk {
    store: Store,
    updates: mpsc::UnboundedSender<Update>,
}

impl Desk {
    /// Stores what is typed at once, whatever the floor's database is at; everything else is
    /// the courier's, which may have to wait for it.
    async fn accept(
        self,
        mut inbox: Inbox,
        courier: mpsc::UnboundedSender<WorkerCommand>,
        onlooker: mpsc::UnboundedSender<Page>,
    ) {
        while let Some(command) = inbox.recv().await {
            let (id, stored) = match command {
                WorkerCommand::Submit(submission) => {
                    (submission.id, self.store.accept(&[submission], clock::now()).await)
                }
                WorkerCommand::Update(submission, change) => {
                    let row = self.store.accept_update(&submission, change, clock::now()).await;
                    (submission.id, row.map(|row| vec![row]))
                }
                WorkerCommand::Everybody(page) => {
                    // It reads until this way ends.
                    let _ = onlooker.send(page);
                    continue;
                }
                other => {
                    // So does this one.
                    let _ = courier.send(other);
                    continue;
                }
            };
            match stored {
                Ok(rows) => self.entries(rows),
                Err(error) => self.tell(Update::NotStored { id, reason: error.to_string() }),
            }
            self.counts().await;
            let _ = courier.send(WorkerCommand::Nudge);
        }
    }

    fn entries(&self, rows: Vec<Entry>) {
        self.tell_all(rows.into_iter().map(|row| Update::Entry(Box::new(row))));
    }

    fn tell_all(&self, updates: impl IntoIterator<Item = Update>) {
        for update in updates {
            self.tell(update);
        }
    }

    async fn counts(&self) {
        if let Ok(counts) = self.store.counts().await {
            self.tell(Update::Counts(counts));
        }
    }

    /// Whoever listens may have left.
    fn tell(&self, update: Update) {
        let _ = self.updates.send(update);
    }
}

/// Carries rows to the floor and back, and what takes both.
struct Courier<F> {
    desk: Desk,
    floor: F,
    seat: Seat,
    presence: Presence,
    /// Whether the floor has let this store in since it runs.
    has_joined: bool,
    /// How far the floor's changes are read; none before the first look.
    cursor: Option<i64>,
    failures: u32,
    /// When rows were last handed over.
    handed_at: Option<Instant>,
    /// What was last told of the floor's database.
    trouble: Option<String>,
    /// Whether this process sends for the floor, and tells by itself how the platform is.
    sends_here: Arc<AtomicBool>,
    /// What was last told of how things stand.
    told: Option<(PlatformHealth, Budget)>,
    next: Instant,
    stand_at: Instant,
    /// When a seat with nothing on its way looks at the floor again.
    revisit_at: Instant,
    ask_at: Instant,
    attend_at: Instant,
}

impl<F: FloorStore> Courier<F> {
    async fn run(mut self, mut commands: mpsc::UnboundedReceiver<WorkerCommand>) {
        loop {
            if Instant::now() >= self.next {
                self.next = Instant::now() + self.look().await;
            }
            tokio::select! {
                biased;
                command = commands.recv() => match command {
                    Some(command) => {
                        if let Err(error) = self.carry_out(command).await {
                            self.desk.tell(Update::Notice(error.to_string()));
                        }
                        self.desk.counts().await;
                        self.next = Instant::now();
                    }
                    None => break,
                },
                () = sleep_until(self.next) => {}
            }
        }
        // What was stored a moment ago is handed over, if that is a matter of a moment.
        let _ = timeout(Duration::from_secs(1), self.exchange()).await;
    }

    /// Hands over and reads back; how long until the next time.
    async fn look(&mut self) -> Duration {
        match self.exchange().await {
            Ok(open) => {
                self.failures = 0;
                if self.trouble.take().is_some() && !open {
                    self.desk.tell(Update::PlatformHealth(PlatformHealth::Untried));
                }
                if open {
                    let is_fresh = self.handed_at.is_some_and(|at| at.elapsed() < FRESH_FOR);
                    return if is_fresh { FRESH } else { MIRROR };
                }
                self.floor.rest().await;
                IDLE
            }
            Err(error) => {
                self.failures += 1;
                (self.ask_at, self.stand_at) = (Instant::now(), Instant::now());
                self.told = None;
                let text = error.to_string();
                if self.trouble.as_ref() != Some(&text) {
                    let health = match error {
                        FloorError::NoAccount => PlatformHealth::Unattended,
                        _ => PlatformHealth::Offline(Failure::new(FailureKind::Unreached, &text)),
                    };
                    self.desk.tell(Update::PlatformHealth(health));
                    self.trouble = Some(text);
                }
                let doubled = MIRROR.saturating_mul(1 << self.failures.min(6));
                match error.ask_again() {
                    AskAgain::Soon => doubled.min(Duration::from_secs(5)),
                    AskAgain::Slowly => doubled.min(SLOWEST),
                    AskAgain::WhenMended => SLOWEST,
                }
            }
        }
    }

    /// True while rows are on their way.
    async fn exchange(&mut self) -> Result<bool, FloorError> {
        self.join().await?;
        let waiting = self.hand_over().await?;
        let handed = stored(self.desk.store.handed_over().await)?;
        if handed.is_empty() && !waiting && Instant::now() < self.revisit_at {
            // The last word on how things stand is not from before the last row was settled.
            if self.told.is_some() {
                self.stand().await?;
                self.told = None;
            }
            return Ok(false);
        }
        self.revisit_at = Instant::now() + REVISIT;
        if Instant::now() >= self.attend_at {
            self.floor.attend(&self.seat, &self.presence).await?;
            self.attend_at = Instant::now() + ATTEND;
        }
        self.mirror().await?;
        if Instant::now() >= self.ask_at {
            self.ask(&handed).await?;
            self.ask_at = Instant::now() + ASK;
        }
        if Instant::now() >= self.stand_at {
            self.stand().await?;
            self.stand_at = Instant::now() + STAND;
        }
        Ok(true)
    }

    /// Tells how things stand, unless whoever sends is here and tells it.
    async fn stand(&mut self) -> Result<(), FloorError> {
        if self.sends_here.load(Ordering::Relaxed) {
            self.told = None;
            return Ok(());
        }
        let standing = self.floor.standing(&self.seat).await?;
        if self.cursor.is_some_and(|cursor| cursor > standing.version) {
            // It was put back to what it was once: all of ours is read anew.
            (self.cursor, self.revisit_at) = (Some(0), Instant::now());
        }
        let (now, before) = (clock::now().wall, self.told.take());
        let (health, budget) = (standing.health(), standing.budget(now));
        if before.as_ref().is_none_or(|before| before.0 != health) {
            self.desk.tell(Update::PlatformHealth(health.clone()));
        }
        if before.is_none_or(|before| before.1 != budget) {
            self.desk.tell(Update::Budget(budget));
        }
        self.told = Some((health, budget));
        Ok(())
    }

    /// Takes along what waits for the floor's account under another name, the first time that
    /// there is a reason to ask whose that is.
    async fn join(&mut self) -> Result<(), FloorError> {
        let store = &self.desk.store;
        if self.has_joined
            || (stored(store.held_elsewhere().await)?.is_empty()
                && stored(store.to_hand_over(clock::now()).await)?.is_empty())
        {
            return Ok(());
        }
        let floor = self.floor.gate().await?.store;
        let account = self.floor.standing(&self.seat).await?.account;
        if stored(store.join_floor(&floor, &account, clock::now()).await)? {
            self.desk.tell(Update::Reread);
            self.desk.counts().await;
        }
        self.has_joined = true;
        Ok(())
    }

    /// Hands over what waits, in parts; true when there was something.
    async fn hand_over(&mut self) -> Result<bool, FloorError> {
        let mut any = false;
        loop {
            let rows = stored(self.desk.store.to_hand_over(clock::now()).await)?;
            if rows.is_empty() {
                return Ok(any);
            }
            any = true;
            self.handed_at = Some(Instant::now());
            let revisions: Vec<_> = rows.iter().map(|row| (row.id, row.revision)).collect();
            // They are due by this machine's clock, and so at once by the floor's.
            let rows: Vec<_> =
                rows.into_iter().map(|row| SeatRow { due_at: 0, ..seat_row(row) }).collect();
            let handed = self.floor.hand_over(&self.seat, &rows).await?;
            let is_there = |(id, _): &(SubmissionId, i64)| {
                // An earlier revision that is being sent is mirrored first.
                handed.iter().any(|it| it.id == *id && it.fate != Fate::TooLate)
            };
            let there: Vec<_> = revisions.iter().copied().filter(is_there).collect();
            let all = there.len() == revisions.len();
            stored(self.desk.store.mark_handed(&there, clock::now()).await)?;
            if !all {
                return Ok(true);
            }
        }
    }

    async fn mirror(&mut self) -> Result<(), FloorError> {
        let mut after = match self.cursor {
            Some(cursor) => cursor,
            None => self.first_cursor().await?,
        };
        loop {
            let changes = self.floor.mirror(&self.seat, after).await?;
            let Some(last) = changes.last().map(|it| it.changed) else { break };
            let rows: Vec<_> = changes.into_iter().map(|it| shared_row(it.row)).collect();
            self.take(rows).await?;
            after = last;
        }
        if self.cursor != Some(after) {
            self.cursor = Some(after);
            let gate = self.floor.gate().await?;
            let text = format!("{} {after}", gate.store);
            stored(self.desk.store.remember(CURSOR, Some(&text)).await)?;
        }
        Ok(())
    }

    /// How far this store has read of that floor: of another one nothing.
    async fn first_cursor(&mut self) -> Result<i64, FloorError> {
        let gate = self.floor.gate().await?;
        let kept = stored(self.desk.store.recall(CURSOR).await)?.unwrap_or_default();
        let (store, after) = kept.split_once(' ').unwrap_or_default();
        Ok(if store == gate.store { after.parse().unwrap_or(0) } else { 0 })
    }

    /// Asks for rows by id: a cursor does not survive a restored backup, and a floor that lost
    /// rows gets them again.
    async fn ask(&mut self, rows: &[(SubmissionId, i64)]) -> Result<(), FloorError> {
        if rows.is_empty() {
            return Ok(());
        }
        let ids: Vec<_> = rows.iter().map(|(id, _)| *id).collect();
        let found = self.floor.ask(&self.seat, &ids).await?;
        let is_there = |(id, revision): &(SubmissionId, i64)| {
            found.iter().any(|it| it.row.id == *id && it.row.revision >= *revision)
        };
        let missing: Vec<_> = rows.iter().filter(|row| !is_there(row)).map(|(id, _)| *id).collect();
        stored(self.desk.store.offer_again(&missing).await)?;
        self.take(found.into_iter().map(|it| shared_row(it.row)).collect()).await
    }

    async fn take(&self, rows: Vec<crate::store::SharedRow>) -> Result<(), FloorError> {
        let (rows, withdrawn): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(|row| State::from_word(&row.state).is_some());
        let mut changed = stored(self.desk.store.take_mirrored(&rows, clock::now()).await)?;
        // Taken back from here, and the answer was lost: nobody would ever send them.
        changed.extend(stored(self.desk.store.take_back(&withdrawn, clock::now()).await)?);
        if !changed.is_empty() {
            self.desk.entries(changed);
            self.desk.counts().await;
        }
        Ok(())
    }
}

/// A store that does not answer is told like a floor that does not.
fn stored<T>(result: Result<T, StoreError>) -> Result<T, FloorError> {
    result.map_err(|error| FloorError::Unexpected(error.to_string()))
}
