//! The durable store: every submission and each attempt to deliver it (the outbox),
//! what is known of the platform's contacts (the directory), and when requests went
//! out (pacing). One type; each operation is one transaction, except that a large file is
//! accepted in parts; time is passed in as a [`Moment`].
//!
//! ```text
//!   outbox      accept, entry, lookups, retry      changes    change, hold, remark, discard
//!   due         facts (and what to claim)          claims     begin, record, heartbeat
//!   results     page, counts, damaged              search     names and numbers, by lines
//!   rate_limit  take_slot, finish_request, budget (arithmetic in pacing)
//!   directory   learn, known, contacts, contact_count, records, deactivate_unseen
//!   bulk        entries, held, listed: many numbers or ids at once, for imports
//!   estate      held_elsewhere, held_rows, followed: whose rows these are
//!   floor_estate  join_floor: what waits goes along into a floor and out of it
//!   key_value   remember, recall, version          health     fault, oldest_waiting, ...
//!   shared      rows handed to a floor's store and back
//!   backup      a copy while others work           schema     which tables, carried over
//!   ----------------------------------------------------------------------------------
//!   tables      one transaction's view             rows       columns <-> domain
//!   thread      owns the file's two connections    engine     what is peculiar to SQLite
//!   witness     whether the file is still the one that was opened
//!   watch       other processes' commits, told by the system
//!   file, mount, stale    the file (system: what the system is asked of it): in its place, on this machine, with its own log
//! ```
//!
//! Each operation is sent to the store's one thread and awaited; none blocks who asks.
//! Any number of processes may share the file: a write takes its lock at the start and
//! waits for others; a submission being sent is claimed by one worker under a lease.

mod audited;
mod backup;
mod bulk;
mod changes;
mod claims;
mod directory;
mod due;
mod engine;
mod erase;
mod estate;
mod file;
mod floor_estate;
mod health;
mod key_value;
mod learned_share;
mod mount;
mod outbox;
mod pacing;
mod past_request;
mod rate_limit;
mod results;
mod rows;
mod schema;
mod search;
mod shared;
mod stale;
mod system;
mod tables;
mod thread;
mod watch;
mod witness;

use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::Timestamp;
use rusqlite::Connection;
use uuid::Uuid;

use engine::{Engine, Writer};
use estate::{Bound, OpenedTo};
use file::StoreFile;
use tables::Tables;
use thread::{Connections, StoreThread};

pub use backup::backup;
pub use changes::{Corrected, Discarded};
pub use directory::{ContactQuery, NotOurs};
pub use erase::{Erased, Erasure};
pub use estate::{Estate, Followed, HeldElsewhere};
pub use shared::SharedRow;

use crate::{
    audit::AuditTrail,
    contact::E164,
    submission::{Attempt, Budget, Counts, Entry, Outcome, Status, SubmissionId},
};

/// Which start of the machine: by the name the system gives it, kept as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BootId {
    /// Its name.
    Known(Uuid),
    /// The system does not tell. Every process of the machine says so, and what one of an
    /// earlier start left is found out by its being impossible now.
    Unknown,
}

/// A point in time as the store needs it: the wall clock for people, and the machine's
/// own count of milliseconds since it started, which no clock setting moves and every
/// process on the machine shares, for pacing and leases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The wall clock.
    pub wall: Timestamp,
    /// Which start of the machine `uptime_ms` counts from.
    pub boot: BootId,
    /// Milliseconds since the machine started, sleep included.
    pub uptime_ms: i64,
}

/// Whose rows these are: contacts belong to an estate, the rate limit to its account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// What the profile is called now.
    pub profile: String,
    /// Where its contacts are created.
    pub estate: Estate,
    /// Requests that account may make.
    pub limits: Limits,
    /// Where the platform's contacts may be kept.
    pub directory: DirectoryStorage,
    /// Who types.
    pub agent: String,
    /// The machine it is typed on.
    pub machine: String,
}

/// Where what the platform lists may be kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DirectoryStorage {
    /// In the file.
    #[default]
    OnDisk,
    /// In this process's memory alone; what the file had of the estate is deleted.
    InMemory,
    /// Nowhere; what the file had of the estate is deleted.
    Nowhere,
}

/// The requests an account may make, over all its users and endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// In any 60 seconds; the most of it that we use.
    pub minute: u32,
    /// In any hour, where the account has such a limit.
    pub hour: Option<u32>,
}

impl Limits {
    /// So many in any 60 seconds, and no limit for the hour.
    #[must_use]
    pub fn per_minute(minute: u32) -> Self {
        Self { minute, hour: None }
    }
}

/// What a request is for: who may use the last slots of the minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// A person waits: any free slot.
    Form,
    /// Bulk: leaves the reserve, and is spread over the minute.
    Bulk,
}

/// How long a claim is good for without a sign of life of its worker.
pub const LEASE: Duration = Duration::from_secs(10);

/// Where more contacts than this were in one request that was cut, they are looked for in the
/// platform's list together before they go again: its newest pages cost fewer requests.
pub const CUT_ALONE: usize = 10;

/// One process's worker, new at every start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerId(pub String);

/// A slot of the rate limit that was taken; give it back with [`Store::finish_request`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot(pub i64);

/// How a request ended, as far as the account's limit is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestEnd {
    /// The platform let it through, or it never got there.
    Through,
    /// It was let through, and the platform asks everybody on the account to wait so many
    /// milliseconds.
    Wait(i64),
    /// The limit of a minute refused it; the platform may name the milliseconds to wait.
    Refused(Option<i64>),
    /// The limit of an hour refused it; so many milliseconds are waited.
    RefusedForTheHour(i64),
}

/// A submission this worker alone may send now, with all that was tried before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The row, already Sending.
    pub entry: Entry,
    /// Earlier attempts, oldest first, without the one just begun.
    pub earlier: Vec<Attempt>,
}

/// A submission that is due, as far as it matters for the company it may be sent in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Which one.
    pub id: SubmissionId,
    /// Its number; no array holds one twice.
    pub number: E164,
    /// The array it was in that was refused whole, for one of its contacts that is not found
    /// yet; `None` while nothing speaks against it.
    pub suspect_of: Option<Slot>,
    /// The largest array it may be part of; `None` is any.
    pub array_cap: Option<u32>,
    /// Whether the directory, or a submission that was created, is known to have its number.
    pub is_listed: bool,
    /// When the last request for it began, in milliseconds since 1970, if that was refused as if
    /// the platform would have none of ours.
    pub refused_at: Option<i64>,
}

/// What one request may send, most urgent first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Candidates {
    /// Those that are due.
    pub waiting: Vec<Candidate>,
    /// The arrays some of whose suspects are being asked for now.
    pub under_way: Vec<Slot>,
}

/// What is to be sent next, at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Whose slots to use.
    pub class: Class,
    /// Requests that begin together.
    pub requests: usize,
    /// Contacts in one of them that nothing speaks against.
    pub contacts: u32,
}

/// A request that may leave now: an attempt is on disk for each of its contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// Its slot.
    pub slot: Slot,
    /// What to send, oldest first.
    pub claimed: Vec<Claimed>,
}

/// A request that is over, and what it was to the account's limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// Its slot.
    pub slot: Slot,
    /// What the platform said of the limit.
    pub end: RequestEnd,
}

/// What came of asking to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimResult {
    /// These may leave, one at least.
    Begun(Vec<Begun>),
    /// Work is due but the limit allows nothing yet.
    NoSlot {
        /// Try again after this many milliseconds.
        wait_ms: i64,
    },
    /// Nothing of this class is due.
    Nothing,
}

/// What is due, and what the limit allows: the facts that delivery plans from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// How many submissions stand where.
    pub counts: Counts,
    /// Form submissions due now.
    pub forms_due: u64,
    /// Import submissions due now.
    pub imports_due: u64,
    /// Settled-as-duplicate or unclear submissions whose number must be looked up.
    pub lookups_due: u64,
    /// Milliseconds until the next waiting submission is due, when one waits.
    pub next_due_in_ms: Option<i64>,
    /// Milliseconds until the number of free requests changes by itself.
    pub budget_in_ms: Option<i64>,
    /// Milliseconds until a claim ends that nobody renewed by then; 0 is now.
    pub orphan_in_ms: Option<i64>,
    /// What is left of the account's requests.
    pub budget: Budget,
    /// Slots a bulk request may still use now.
    pub bulk_left: u32,
    /// Milliseconds until a bulk request may go out; 0 is now.
    pub bulk_wait_ms: i64,
    /// Milliseconds until a form's request may go out; 0 is now.
    pub form_wait_ms: i64,
    /// Where forms come faster than requests may go: milliseconds until all that are due by
    /// then should go together.
    pub forms_gather_ms: Option<i64>,
}

/// What is to be written for one submission after an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// Which one.
    pub id: SubmissionId,
    /// What the attempt came to; `None` leaves the attempt as it is (a look-up settled it).
    pub outcome: Option<Outcome>,
    /// What is true of it now.
    pub status: Status,
    /// Whether its number must still be looked up on the platform; such a submission is
    /// not due for sending.
    pub look_up: bool,
    /// The largest array it may be part of from now on; `None` leaves that as it is.
    pub array_cap: Option<u32>,
    /// The request that was refused with it, alone or whole. It is a suspect of that one from
    /// now on, and of those it was a suspect with before nothing is known any more.
    pub refused_in: Option<Slot>,
}

/// Why the store cannot do what was asked. `Display` is a sentence for people.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file was made by a newer rolodesk.
    #[error(
        "{path} was written by a newer rolodesk; install that version or use another data directory"
    )]
    Newer {
        /// The file.
        path: String,
    },
    /// The file cannot be opened or is not ours.
    #[error("cannot open the store {path}: {reason}")]
    Open {
        /// The file.
        path: String,
        /// Why, and what to do.
        reason: String,
    },
    /// There is no room or no permission to write.
    #[error("cannot write to the store: {reason}")]
    Write {
        /// Why, and what to do.
        reason: String,
    },
    /// Another program holds the file.
    #[error(
        "the store is in use by another program and cannot be written; end what holds it (a backup, \
         a database browser, another rolodesk that hangs) and try again"
    )]
    Busy,
    /// A file of the store is gone from its place while it is open.
    #[error(
        "{path} was moved away or deleted while rolodesk works with it: nothing is stored until \
         it is back in its place. Put it back; or end rolodesk, put a copy there and start again"
    )]
    Missing {
        /// The file.
        path: String,
    },
    /// Whether a file of the store is in its place cannot be seen.
    #[error(
        "{path} cannot be reached ({reason}): nothing is stored until it can; look at the rights \
         of its folder, and whether its disk is there"
    )]
    Unreachable {
        /// The file.
        path: String,
        /// What the system says.
        reason: String,
    },
    /// Another file has the place of one that is open.
    #[error(
        "{path} was replaced while rolodesk works with the old one: nothing is stored until \
         every rolodesk is ended and started again"
    )]
    Replaced {
        /// The file.
        path: String,
    },
    /// The store cannot be copied.
    #[error("the store was not copied to {path}: {reason}")]
    Copy {
        /// Where to.
        path: String,
        /// Why, and what to do.
        reason: String,
    },
    /// The store's thread is gone.
    #[error("the store was closed; start rolodesk again")]
    Ended,
    /// Anything else the database says.
    #[error("the store cannot be read: {reason}")]
    Read {
        /// What it said.
        reason: String,
    },
}

/// The durable store of one estate; cheap to clone. The file is closed when the last clone
/// is dropped, which waits until that is done.
#[derive(Debug, Clone)]
pub struct Store {
    connections: Arc<Connections>,
    scope: Arc<Scope>,
    estate: i64,
    followed: Arc<Option<Followed>>,
    watch: Arc<watch::Watch>,
    /// Where changes are told, once they are on disk.
    trail: Option<AuditTrail>,
}

impl Store {
    /// Opens the store at `path`, making or upgrading it where needed, to deliver from it: what
    /// waits for an estate that never answered follows its correction.
    ///
    /// # Errors
    /// A sentence that names the file when it cannot be opened, is not a store, is held
    /// by another program, or was made by a newer version. The file is then untouched.
    pub async fn open(path: &Path, scope: Scope, at: Moment) -> Result<Self, StoreError> {
        let (file, ours) = (path.to_owned(), scope.clone());
        let thread = StoreThread::start(move || open(&file, &ours)).await?;
        Self::over(path, Connections::Thread(thread), scope, at, OpenedTo::Deliver).await
    }

    /// As [`Self::open`], but no row changes hands: for whoever delivers nothing, and may have
    /// been given a mistyped stream.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn open_to_look(path: &Path, scope: Scope, at: Moment) -> Result<Self, StoreError> {
        let (file, ours) = (path.to_owned(), scope.clone());
        let thread = StoreThread::start(move || open(&file, &ours)).await?;
        Self::over(path, Connections::Thread(thread), scope, at, OpenedTo::Look).await
    }

    /// As [`Self::open`], but without a thread: each operation is done, and may wait for the
    /// disk, on the thread that polls it. For programs that keep time themselves.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn open_here(path: &Path, scope: Scope, at: Moment) -> Result<Self, StoreError> {
        let engine = Mutex::new(Some(Box::new(open(path, &scope)?)));
        Self::over(path, Connections::Here(engine), scope, at, OpenedTo::Deliver).await
    }

    async fn over(
        path: &Path,
        connections: Connections,
        scope: Scope,
        at: Moment,
        opened_to: OpenedTo,
    ) -> Result<Self, StoreError> {
        let (connections, scope) = (Arc::new(connections), Arc::new(scope));
        let ours = Arc::clone(&scope);
        let bind = move |writer: &mut Writer| {
            writer.transaction(|db| {
                let tables = Tables { db, scope: &ours, estate: 0 };
                tables.mend_requests(at)?;
                tables.mend_waits(at)?;
                tables.bind(at, opened_to)
            })
        };
        let Bound { estate, followed } = connections.write(bind).await?;
        let watch = match &*connections {
            Connections::Thread(_) => watch::Watch::over(path),
            Connections::Here(_) => watch::Watch::by_time(),
        };
        let (followed, watch) = (Arc::new(followed), Arc::new(watch));
        let store = Self { connections, scope, estate, followed, watch, trail: None };
        store.keep_directory().await?;
        Ok(store)
    }
}

fn open(path: &Path, scope: &Scope) -> Result<Engine, StoreError> {
    let upgrade =
        |connection: &mut Connection, file: &StoreFile| schema::upgrade(connection, file, scope);
    Engine::open(path, schema::refuse_strangers, upgrade)
}
