//! One time of having the lease: a store of its own, the ordinary worker on it, rows adopted and
//! told back until the lease is over.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    path::Path,
    sync::Arc,
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
    time::{Instant, sleep_until, timeout},
};

use super::{
    super::{
        FloorStore,
        floor::{Bid, Bidder, FloorError, FloorRecord, SeatRow},
        row::{seat_row, shared_row},
    },
    RENEW, Sending,
    gate::{FloorGate, Rows},
};
use crate::{
    contact::E164,
    delivery::{self, Handle, Inbox, clock},
    private::scratch::Scratch,
    store::{Class, DirectoryStorage, Limits, Scope, SharedRow, Store, StoreError},
    submission::{
        Entry, Group, PlatformHealth, Reason, Record, State, Status, SubmissionId, Update,
    },
};

/// How long the lease is good for.
const LEASE: Duration = Duration::from_secs(20);
/// Rows of others are looked for this often.
const ADOPT: Duration = Duration::from_millis(250);
/// Rows that are taken at once, and at most: what is taken first goes first, so that a large
/// import holds up a later one of somebody else by that much and no more.
const AT_ONCE: usize = 300;
const MOST: usize = 600;
/// The floor did not take what was told; how long before it is told again.
const TELL_PAUSE: Duration = Duration::from_secs(1);
/// What is learnt of the platform's contacts is shared this often, and so many at once.
const SHARE: Duration = Duration::from_secs(5);
const SHARED_AT_ONCE: usize = 500;
/// Whoever stops waits this long for answers under way.
const GRACE: Duration = Duration::from_secs(2);
/// Whoever has not reached the platform for so long lets others try.
const UNREACHED: Duration = Duration::from_mins(2);

/// One time of having the lease.
pub(super) struct Term<F> {
    floor: Arc<F>,
    account: String,
    fence: i64,
    ours_until: Instant,
    /// The floor's clock when this machine had been up for so long, in milliseconds.
    floor_clock: (i64, i64),
    store: Store,
    /// None once the term ends.
    handle: Option<Handle>,
    /// The one task that sends; it goes with the term.
    worker: JoinSet<()>,
    updates: mpsc::UnboundedReceiver<Update>,
    forward: mpsc::UnboundedSender<Update>,
    rows: Arc<Rows>,
    adopted: HashSet<SubmissionId>,
    /// What was created with numbers of which others are still to be settled.
    kept: HashSet<SubmissionId>,
    to_tell: BTreeSet<SubmissionId>,
    tell_at: Instant,
    /// Until when, by this machine's clock, what was learnt of contacts is shared; whether there
    /// is more; when that is done next.
    shared_until: Timestamp,
    has_learnt: bool,
    share_at: Instant,
    /// How the platform is, until the floor was told.
    seen: Option<PlatformHealth>,
    /// From when on the lease is of no use here, unless the platform does something by then.
    of_no_use: Option<Instant>,
    _folder: Scratch,
}

impl<F: FloorStore> Term<F> {
    pub(super) async fn begin(
        floor: &Arc<F>,
        sending: &Sending,
        bidder: &Bidder,
        fence: i64,
        forward: mpsc::UnboundedSender<Update>,
    ) -> anyhow::Result<Self> {
        let ours_until = Instant::now() + LEASE;
        let folder = Scratch::new("rolodesk-floor-")?;
        // The folder itself is locked as long as it is used.
        let path = folder.path().join("rows/store.db");
        let store = open(&path, sending.scope.clone()).await?;
        let account = bidder.account.clone();
        let floor_clock = import_requests(&**floor, &account, &store, sending.scope.limits).await?;
        import_directory(&**floor, &account, &store).await?;
        let rows = Arc::new(Rows::default());
        let gate = FloorGate {
            floor: Arc::clone(floor),
            account: account.clone(),
            fence,
            limits: sending.scope.limits,
            rows: Arc::clone(&rows),
        };
        let (tells, updates) = mpsc::unbounded_channel();
        let (handle, inbox) = Inbox::new();
        let (client, settings) = (sending.client.clone(), sending.settings.clone());
        let work =
            delivery::work_behind(Arc::new(gate), store.clone(), client, settings, tells, inbox);
        let mut worker = JoinSet::new();
        worker.spawn(work);
        Ok(Self {
            floor: Arc::clone(floor),
            account,
            fence,
            ours_until,
            floor_clock,
            store,
            handle: Some(handle),
            worker,
            updates,
            forward,
            rows,
            adopted: HashSet::new(),
            kept: HashSet::new(),
            to_tell: BTreeSet::new(),
            tell_at: Instant::now(),
            shared_until: clock::now().wall,
            has_learnt: false,
            share_at: Instant::now() + SHARE,
            seen: None,
            of_no_use: None,
            _folder: folder,
        })
    }

    /// Sends until the lease is lost, it is told to stop or nothing comes of it; then gives it
    /// back. Whether anything did.
    pub(super) async fn run(mut self, bidder: &Bidder, stop: &mut watch::Receiver<bool>) -> bool {
        tracing::info!(fence = self.fence, "sends for the floor");
        let (mut renew_at, mut adopt_at) = (Instant::now() + RENEW, Instant::now());
        let is_over = |since: Option<Instant>| since.is_some_and(|at| Instant::now() >= at);
        while Instant::now() < self.ours_until && !is_over(self.of_no_use) {
            if Instant::now() >= renew_at {
                renew_at = Instant::now() + RENEW;
                if !self.renew(bidder).await {
                    break;
                }
            }
            if Instant::now() >= adopt_at {
                adopt_at = Instant::now() + ADOPT;
                if let Err(error) = self.adopt().await {
                    // Rows that were given without our hearing of it are given to the next term.
                    tracing::warn!(%error, "no rows of the floor are taken");
                    break;
                }
            }
            // First, so that whoever hears of a row knows how it could be.
            self.tell_seen().await;
            self.tell().await;
            if Instant::now() >= self.share_at {
                self.share().await;
            }
            let update = tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => break,
                update = self.updates.recv() => update,
                () = sleep_until(adopt_at.min(renew_at)) => None,
            };
            if let Some(update) = update {
                self.hear(update).await;
            }
        }
        let is_of_use = !is_over(self.of_no_use);
        self.end(bidder).await;
        is_of_use
    }

    async fn end(mut self, bidder: &Bidder) {
        // The worker ends with the last handle.
        self.handle = None;
        let _ = timeout(GRACE, self.worker.join_next()).await;
        self.worker.abort_all();
        while let Ok(update) = self.updates.try_recv() {
            self.hear(update).await;
        }
        let ids: Vec<_> = self.to_tell.iter().copied().collect();
        let said = self.rows.next_word();
        if let Ok(rows) = self.store.shared(&ids).await {
            let rows: Vec<_> =
                rows.into_iter().filter(is_told).map(|row| self.for_floor(row)).collect();
            // What nobody is told is found out by the next sender.
            let _ = self.floor.tell(&self.account, self.fence, said, &rows).await;
        }
        self.tell_seen().await;
        self.share().await;
        let _ = self.floor.give_back(&self.account, &bidder.process, self.fence).await;
        tracing::info!(fence = self.fence, "sends no more");
    }

    /// Whether the lease is still this one.
    async fn renew(&mut self, bidder: &Bidder) -> bool {
        let asked = Instant::now();
        match self.floor.bid(bidder).await {
            Ok(Bid::Won { fence, .. }) if fence == self.fence => {
                self.ours_until = asked + LEASE;
                true
            }
            Ok(Bid::Won { .. } | Bid::Held { .. }) => false,
            Err(error) => {
                tracing::warn!(%error, "the lease is not renewed");
                true
            }
        }
    }

    async fn adopt(&mut self) -> anyhow::Result<()> {
        let withdrawn = std::mem::take(&mut self.rows.all().1);
        if !withdrawn.is_empty() {
            self.let_go(&withdrawn).await?;
        }
        if self.adopted.len() >= MOST {
            return Ok(());
        }
        let most = i64::try_from(AT_ONCE)?;
        let taken = self.floor.adopt(&self.account, self.fence, most).await?;
        if taken.is_empty() {
            return Ok(());
        }
        let mut rows: Vec<_> = taken.into_iter().map(|adopted| shared_row(adopted.row)).collect();
        self.ask_since_when(&mut rows).await?;
        {
            let mut all = self.rows.all();
            all.0.extend(rows.iter().map(|row| (row.id, row.revision)));
        }
        // Those that only an owner is looked for of hold up nobody.
        self.adopted.extend(rows.iter().filter(|row| !is_answered(row)).map(|row| row.id));
        // First what is there already: no row may take itself for a colleague's contact.
        let numbers: Vec<_> = rows.iter().map(|row| row.e164.clone()).collect();
        let created = self.floor.created_with(&self.account, self.fence, &numbers).await?;
        let mut created: Vec<_> = created.into_iter().map(shared_row).collect();
        created.retain(|row| !self.has(row.id));
        self.kept.extend(created.iter().map(|row| row.id));
        self.store.adopt(&created).await?;
        // They stay the floor's, and take nobody's place here.
        self.forget(&self.store.adopt(&rows).await?);
        if let Some(handle) = &self.handle {
            handle.nudge();
        }
        Ok(())
    }

    /// Whoever sent these before went away in the middle: since when, by this machine's clock.
    async fn ask_since_when(&self, rows: &mut [SharedRow]) -> Result<(), FloorError> {
        let sending = rows.iter().filter(|row| row.state == State::Sending.word());
        let ids: Vec<_> = sending.map(|row| row.id).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let now = clock::now().wall;
        let ages: HashMap<_, _> =
            self.floor.sending_for(&self.account, &ids).await?.into_iter().collect();
        for row in rows {
            let age = ages.get(&row.id).map(|age| SignedDuration::from_millis(*age));
            row.sent_since = age.and_then(|age| now.checked_sub(age).ok());
        }
        Ok(())
    }

    /// Whether the row is here, as this term knows it.
    fn has(&self, id: SubmissionId) -> bool {
        self.kept.contains(&id) || self.rows.all().0.contains_key(&id)
    }

    async fn hear(&mut self, update: Update) {
        match update {
            Update::Entry(entry) => {
                self.has_learnt |= entry.status.created_id().is_some();
                if let Err(error) = self.name_colleague(&entry).await {
                    tracing::warn!(%error, "nobody is told who entered a number");
                }
                self.to_tell.insert(entry.submission.id);
            }
            Update::Directory(_) => self.has_learnt = true,
            Update::PlatformHealth(_) | Update::Budget(_) => {
                if let Update::PlatformHealth(health) = &update {
                    self.of_no_use = of_no_use(health, self.of_no_use);
                    self.seen = Some(health.clone());
                }
                // The seat that sends sees how the platform is.
                let _ = self.forward.send(update);
            }
            Update::NotStored { .. }
            | Update::Gone(_)
            | Update::Reread
            | Update::Known { .. }
            | Update::Everybody { .. }
            | Update::Counts(_)
            | Update::StoreFailed { .. }
            | Update::Notice(_) => {}
        }
    }

    /// Shares what was learnt of the platform's contacts, so that every seat knows whose a number
    /// is and the next sender need not read the list again.
    async fn share(&mut self) {
        if !self.has_learnt {
            return;
        }
        self.share_at = Instant::now() + SHARE;
        let now = clock::now().wall;
        let shared = async {
            let learnt = self.store.learnt_since(self.shared_until.min(now)).await?;
            let records: Vec<_> = learnt.iter().filter_map(floor_record).collect();
            for part in records.chunks(SHARED_AT_ONCE) {
                self.floor.learn(&self.account, self.fence, part).await?;
            }
            anyhow::Ok(())
        };
        match shared.await {
            Ok(()) => (self.shared_until, self.has_learnt) = (now, false),
            Err(error) => tracing::warn!(%error, "what is known of contacts is not shared"),
        }
    }

    /// A duplicate of what somebody else here has entered says who that was.
    async fn name_colleague(&mut self, entry: &Entry) -> Result<(), StoreError> {
        if !matches!(&entry.status, Status::Duplicate { remark: None, .. }) {
            return Ok(());
        }
        let held = self.store.held(&[entry.submission.contact.phone.e164()]).await?;
        let created = held.into_iter().find(|it| it.status.created_id().is_some());
        if let Some(colleague) = created.map(|it| it.agent).filter(|it| *it != entry.agent) {
            let reason = Reason::EnteredByColleague { colleague };
            self.store.remark(entry.submission.id, &reason, clock::now()).await?;
        }
        Ok(())
    }

    /// Tells the floor what changed, and lets go of what is settled.
    async fn tell(&mut self) {
        if self.to_tell.is_empty() || Instant::now() < self.tell_at {
            return;
        }
        let ids: Vec<_> = self.to_tell.iter().copied().take(AT_ONCE).collect();
        // Numbered before they are read: a request that begins meanwhile is news of them.
        let said = self.rows.next_word();
        let told = match self.store.shared(&ids).await {
            Ok(rows) => self.tell_rows(said, rows.into_iter().filter(is_told).collect()).await,
            Err(error) => Err(FloorError::Unexpected(error.to_string())),
        };
        match told {
            Ok(()) => ids.iter().for_each(|id| {
                self.to_tell.remove(id);
            }),
            Err(error) => {
                tracing::warn!(%error, "the floor is not told what became of rows");
                self.tell_at = Instant::now() + TELL_PAUSE;
            }
        }
    }

    /// Tells the floor how the platform is, so that every seat can say so.
    async fn tell_seen(&mut self) {
        let trouble = match &self.seen {
            None | Some(PlatformHealth::Untried | PlatformHealth::Unattended) => return,
            Some(PlatformHealth::Online) => None,
            Some(trouble) => Some(trouble),
        };
        match self.floor.see_platform(&self.account, self.fence, trouble).await {
            Ok(()) => self.seen = None,
            Err(error) => tracing::warn!(%error, "the floor is not told how the platform is"),
        }
    }

    async fn tell_rows(&mut self, said: i64, rows: Vec<SharedRow>) -> Result<(), FloorError> {
        if rows.is_empty() {
            return Ok(());
        }
        for row in rows.iter().filter(|row| is_answered(row)) {
            self.adopted.remove(&row.id);
        }
        let settled: Vec<_> = rows.iter().filter(|row| is_settled(row)).map(|row| row.id).collect();
        let rows: Vec<_> = rows.into_iter().map(|row| self.for_floor(row)).collect();
        self.floor.tell(&self.account, self.fence, said, &rows).await?;
        let gone = self.let_go(&settled).await;
        gone.map_err(|error| FloorError::Unexpected(error.to_string()))
    }

    /// The row as the floor keeps it: when it may be sent again is told by the floor's clock,
    /// whatever is the matter with this machine's.
    fn for_floor(&self, row: SharedRow) -> SeatRow {
        let now = clock::now();
        let (floor, up) = self.floor_clock;
        let wait_ms = row.due_at - now.wall.as_millisecond();
        let due_at = if row.due_at == 0 { 0 } else { floor + (now.uptime_ms - up) + wait_ms };
        SeatRow { due_at, ..seat_row(row) }
    }

    async fn let_go(&mut self, ids: &[SubmissionId]) -> Result<(), StoreError> {
        self.kept.extend(ids);
        let all: Vec<_> = self.kept.iter().copied().collect();
        self.kept = self.store.let_go(&all).await?.into_iter().collect();
        self.forget(ids);
        Ok(())
    }

    fn forget(&mut self, ids: &[SubmissionId]) {
        let mut all = self.rows.all();
        for id in ids {
            all.0.remove(id);
            self.adopted.remove(id);
        }
    }
}

/// When the lease is given back if nothing changes: at once by whoever is refused, since another's
/// secret may be right, and after a while by whoever does not reach the platform.
fn of_no_use(health: &PlatformHealth, before: Option<Instant>) -> Option<Instant> {
    match health {
        PlatformHealth::Refused(_) => Some(Instant::now()),
        PlatformHealth::Offline(_) => before.or_else(|| Some(Instant::now() + UNREACHED)),
        PlatformHealth::Untried | PlatformHealth::Online | PlatformHealth::Unattended => None,
    }
}

async fn open(path: &Path, scope: Scope) -> Result<Store, StoreError> {
    // Whoever simulates time has one thread.
    #[cfg(test)]
    if clock::simulated::is_on() {
        return Store::open_here(path, scope, clock::now()).await;
    }
    Store::open(path, scope, clock::now()).await
}

/// The requests of those who sent before count against the limit here as well; the answer is the
/// floor's clock, and for how long this machine had been up then.
async fn import_requests(
    floor: &impl FloorStore,
    account: &str,
    store: &Store,
    limits: Limits,
) -> anyhow::Result<(i64, i64)> {
    let window = if limits.hour.is_some() { 3_600_000 } else { 60_000 };
    let spent = floor.spent(account, window).await?;
    let now = clock::now();
    for slot in spent.slots {
        let class = if slot.class == "form" { Class::Form } else { Class::Bulk };
        let request = (class, slot.age_ms, slot.over_age_ms, slot.refused);
        store.count_past_request(request, now).await?;
    }
    let hold = spent.hold_until_ms - spent.now_ms;
    if hold > 0 {
        store.hold_requests(hold, now).await?;
    }
    Ok((spent.now_ms, now.uptime_ms))
}

/// What those who sent before learnt of the platform's contacts.
async fn import_directory(
    floor: &impl FloorStore,
    account: &str,
    store: &Store,
) -> anyhow::Result<()> {
    if store.directory_storage() == DirectoryStorage::Nowhere {
        return Ok(());
    }
    let most = i64::try_from(SHARED_AT_ONCE)?;
    let mut after = String::new();
    loop {
        let page = floor.directory(account, &after, most).await?;
        let Some(last) = page.last() else { return Ok(()) };
        last.key.clone_into(&mut after);
        let read = |it: FloorRecord| serde_json::from_value::<Record>(it.record?).ok();
        let records: Vec<_> = page.into_iter().filter_map(read).collect();
        store.learn(&records, clock::now()).await?;
    }
}

/// A contact as the floor keeps it. One that is gone is told as such: a seat that knew it must
/// hear of it.
fn floor_record(record: &Record) -> Option<FloorRecord> {
    Some(FloorRecord {
        key: record.id.clone()?.0,
        e164: record.e164.as_ref().map(E164::to_string).unwrap_or_default(),
        record: serde_json::to_value(record).ok(),
    })
}

/// What is under way is marked on the floor already, before it leaves.
fn is_told(row: &SharedRow) -> bool {
    row.state != State::Sending.word()
}

/// Whether the platform has said what there is to say, but perhaps whose the number is.
fn is_answered(row: &SharedRow) -> bool {
    State::from_word(&row.state)
        .is_none_or(|state| !matches!(state.group(), Group::Queued | Group::Sending))
}

/// Whether nothing more is to be said of it.
fn is_settled(row: &SharedRow) -> bool {
    is_answered(row) && !row.look_up
}
