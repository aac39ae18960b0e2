//! What a seat and whoever sends ask of the store a floor shares: the words for it, and
//! what the store may have against it.
//!
//! A row travels as one document, which the seats' stores write and read and nobody here looks
//! into; beside it stands only what the floor itself goes by.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::submission::{Budget, PlatformHealth, Refusal, SubmissionId};

/// The version a seat speaks; a floor may refuse those that are too old.
pub const CLIENT_VERSION: i64 = 1;

/// One store that hands rows over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    /// The account, by the estate's key; empty takes the only one there is.
    pub account: String,
    /// The store's own id, new for each store file.
    pub id: String,
}

/// One row, at a revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatRow {
    /// The submission.
    pub id: SubmissionId,
    /// Grows with each thing its agent does to it.
    pub revision: i64,
    /// Who typed it.
    pub agent: String,
    /// Where.
    pub machine: String,
    /// Its number.
    pub e164: String,
    /// form, import or change.
    pub lane: String,
    /// As a seat's store has it.
    pub state: String,
    /// When it may be sent, by the floor's clock; 0 is at once.
    pub due_at: i64,
    /// The row itself.
    pub document: String,
    /// Settled, but more may be said of it once the platform's list was read.
    pub look_up: bool,
}

/// What holds for everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    /// Which store this is: new at each setup.
    pub store: String,
    /// The version of its tables.
    pub version: i64,
    /// The oldest client that may write.
    pub min_client: i64,
    /// A sentence while nobody may.
    pub closed: Option<String>,
    /// The floor's clock.
    pub now_ms: i64,
}

/// What a row that was handed over came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is there now.
    Taken,
    /// The same revision or a later one was there already.
    Known,
    /// An earlier one is being sent.
    TooLate,
}

/// A row that was handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handed {
    /// Which.
    pub id: SubmissionId,
    /// What it came to.
    pub fate: Fate,
}

/// What became of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirrored {
    /// The row as the floor has it.
    pub row: SeatRow,
    /// When that was, in the account's own count; what comes later has a higher one.
    pub changed: i64,
}

/// Whether a row could be taken back before it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withdrawn {
    /// Nobody sends it any more.
    Done,
    /// It is being sent, or on the platform.
    TooLate,
    /// The floor does not have it.
    Unknown,
}

/// What the floor knows of a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The number.
    pub e164: String,
    /// The platform's contact, as the directory has it.
    pub record: Option<Value>,
    /// A colleague's row that waits, is being sent or was created: who, and its state.
    pub colleague: Option<(String, String)>,
}

/// Who sits at a seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presence {
    /// Who types.
    pub agent: String,
    /// Where.
    pub machine: String,
    /// The program's version.
    pub client: String,
    /// Whether it may send for everybody.
    pub may_send: bool,
}

/// How an account stands, as every seat may know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The account, by the estate's key.
    pub account: String,
    /// Who sends for it, and where; none while nobody does.
    pub sender: Option<(String, String)>,
    /// Why the last that sent got nothing through; none while it does.
    pub trouble: Option<PlatformHealth>,
    /// How long the platform still asks to wait.
    pub hold_ms: i64,
    /// The account's limit in 60 s, as the last sender had it.
    pub per_minute: i64,
    /// Requests of the last 60 s.
    pub used: i64,
    /// How long until the first of them counts no more.
    pub frees_ms: i64,
    /// The account's own count of changes; a floor that was put back has a lower one.
    pub version: i64,
}

impl Standing {
    /// What that means for whoever waits.
    #[must_use]
    pub fn health(&self) -> PlatformHealth {
        match (&self.sender, &self.trouble) {
            // A refused sender lets others try, and none may be there.
            (_, Some(PlatformHealth::Refused(refusal))) => {
                let words = format!("as whoever sends for the floor is told: {}", refusal.words);
                PlatformHealth::Refused(Refusal { words, ..refusal.clone() })
            }
            (Some(_), Some(trouble)) => trouble.clone(),
            (None, _) => PlatformHealth::Unattended,
            (Some(_), None) => PlatformHealth::Online,
        }
    }

    /// What is left of the minute, by this machine's clock.
    #[must_use]
    pub fn budget(&self, now: Timestamp) -> Budget {
        let at = |ms| now.checked_add(SignedDuration::from_millis(ms)).ok();
        let count = |number: i64| u32::try_from(number.max(0)).unwrap_or(u32::MAX);
        let left = if self.hold_ms > 0 { 0 } else { count(self.per_minute - self.used) };
        let wait_ms = self.hold_ms.max(self.frees_ms);
        Budget {
            limit: count(self.per_minute),
            left,
            next_slot_at: if left == 0 { at(wait_ms) } else { None },
            is_shared: false,
            held_until: if self.hold_ms > 0 { at(self.hold_ms) } else { None },
        }
    }
}

/// Who asks for the lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bidder {
    /// The account.
    pub account: String,
    /// The process, new with each start.
    pub process: String,
    /// The highest sends.
    pub priority: i64,
    /// Who it is.
    pub agent: String,
    /// Where.
    pub machine: String,
    /// The account's limit in 60 s, as this one has it.
    pub minute_limit: i64,
}

/// What a bid came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bid {
    /// The lease is ours for so long.
    Won {
        /// Which election it is.
        fence: i64,
        /// How long it is ours.
        lease_ms: i64,
    },
    /// Somebody else has it, or has the better claim.
    Held {
        /// Who.
        agent: String,
        /// Where.
        machine: String,
        /// Since when, by the floor's clock.
        since_ms: i64,
    },
}

/// A request of the last while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpentSlot {
    /// form or bulk.
    pub class: String,
    /// How long ago it was begun.
    pub age_ms: i64,
    /// How long ago it was over.
    pub over_age_ms: Option<i64>,
    /// Whether the platform refused it for the limit.
    pub refused: bool,
}

/// What of the limit is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spent {
    /// The floor's clock.
    pub now_ms: i64,
    /// The requests, oldest first.
    pub slots: Vec<SpentSlot>,
    /// Until when the platform asked to wait.
    pub hold_until_ms: i64,
    /// When it last refused the minute, as a sender wrote it.
    pub refusal: Option<String>,
}

/// A row of a seat, taken to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adopted {
    /// The row.
    pub row: SeatRow,
    /// Whose.
    pub seat: String,
}

/// What a request asks of the limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotRequest {
    /// form or bulk.
    pub class: String,
    /// The account's limit in 60 s.
    pub per_minute: i64,
    /// In an hour, where there is one.
    pub per_hour: Option<i64>,
}

/// Whether a request may be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Began {
    /// At once; its slot is taken and its rows are marked.
    Go {
        /// To be given to `finish`.
        slot: i64,
    },
    /// The lease is not ours for long enough.
    NotOurs,
    /// The limit is used up for so long.
    Full {
        /// How long.
        wait_ms: i64,
    },
    /// These rows were taken back or changed; nothing was begun.
    Withdrawn(Vec<SubmissionId>),
}

/// How a request ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SlotEnd {
    /// The platform refused it for the limit.
    pub is_refused: bool,
    /// How long the platform asked to wait.
    pub hold_ms: i64,
    /// What the next sender is to know of the refusal.
    pub refusal: Option<String>,
}

/// A record of the shared directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FloorRecord {
    /// What it is kept under.
    pub key: String,
    /// Its number; empty for what is no contact.
    pub e164: String,
    /// The record; none takes it out.
    pub record: Option<Value>,
}

/// When it makes sense to ask again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskAgain {
    /// In a moment.
    Soon,
    /// At growing intervals.
    Slowly,
    /// Not before somebody has done something about it; a look now and then does no harm.
    WhenMended,
}

/// What the shared store has against a question. `Display` is a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FloorError {
    /// The name leads nowhere.
    #[error(
        "the team's database: there is no host {host}; check `team.url`, and that this machine finds it"
    )]
    UnknownHost {
        /// The name.
        host: String,
    },
    /// Nobody listens there.
    #[error(
        "the team's database: nobody listens at {host}, port {port}; is PostgreSQL running there?"
    )]
    Refused {
        /// The name, or the folder of a socket.
        host: String,
        /// The port.
        port: u16,
    },
    /// What listens there is something else.
    #[error(
        "the team's database: what answers at {host}, port {port}, is no PostgreSQL; check \
         `team.url`"
    )]
    NotPostgres {
        /// The name, or the folder of a socket.
        host: String,
        /// The port.
        port: u16,
    },
    /// It would have everything in clear text.
    #[error(
        "the team's database: {host}, port {port}, speaks no TLS, and nothing goes to another \
         machine without; is it PostgreSQL, and does it have `ssl = on`?"
    )]
    NoTls {
        /// The name.
        host: String,
        /// The port.
        port: u16,
    },
    /// The server cannot show that it is the one.
    #[error(
        "the team's database: its certificate is not accepted ({0}); name the company's authority \
         with `team.ca_file`, and the server as its certificate does"
    )]
    Certificate(String),
    /// Wrong or missing.
    #[error("the team's database refuses the password of {user}; correct `team.password`")]
    Password {
        /// The role.
        user: String,
    },
    /// The server's own rules keep us out.
    #[error("the team's database does not let us in: {0}")]
    NotAdmitted(String),
    /// The role may not do that.
    #[error(
        "the role {user} has no right to do that in the team's database; seats connect as \
         rolodesk_seat, whoever sends as rolodesk_sender, and `rolodesk team` as its owner"
    )]
    NoRights {
        /// The role.
        user: String,
    },
    /// The server is full of connections.
    #[error(
        "the team's database takes no more connections ({0}); raise max_connections there, or the \
         limit of the role or the database (a seat needs one, whoever sends or looks at \
         everybody's rows one more for each)"
    )]
    TooManyConnections(String),
    /// It gives us one, and no other.
    #[error(
        "the team's database did not give a second connection within 5 s; a pooler in between \
         (PgBouncer) needs a default_pool_size of 2 and more for each role"
    )]
    NoSecondConnection,
    /// Names cannot be kept in it.
    #[error(
        "the team's database keeps texts as {encoding}, which has no room for everybody's names; \
         make another with createdb --encoding=UTF8 --template=template0"
    )]
    Encoding {
        /// What it keeps them as.
        encoding: String,
    },
    /// Statements of one connection go to several.
    #[error(
        "between us and the team's database is a pooler in transaction mode (PgBouncer), which \
         mixes connections up; set its pool_mode to session, or name the server itself"
    )]
    Pooler,
    /// There is no such database.
    #[error(
        "there is no database {database} on the team's server; make it with createdb {database}"
    )]
    NoDatabase {
        /// Its name.
        database: String,
    },
    /// Nobody has set it up.
    #[error(
        "the team's database has no tables of rolodesk; its owner makes them: rolodesk team setup"
    )]
    NoTables,
    /// Something else is where ours belongs.
    #[error(
        "the team's database has a schema `rolodesk` that is somebody else's; take another \
         database for the floor"
    )]
    SomebodyElses,
    /// Tables of another version.
    #[error(
        "the team's database has tables of another version; its owner brings them up to date: \
         rolodesk team upgrade"
    )]
    OtherTables,
    /// Tables of a later version.
    #[error(
        "the team's database has tables of version {version}, which a newer rolodesk made; take \
         that one"
    )]
    NewerTables {
        /// Theirs.
        version: i64,
    },
    /// This program may not write any more.
    #[error(
        "this rolodesk is too old for the team's database, which takes version {min_client} of \
         its language and later; rows wait here until it is updated"
    )]
    TooOld {
        /// The oldest that may.
        min_client: i64,
    },
    /// Nobody may write for now.
    #[error("the team's database is closed: {0}")]
    Closed(String),
    /// The seat's id was first used by another role.
    #[error(
        "this store belongs to another role in the team's database; connect as the one it was \
         first used with, or have the owner of the database run there: {cure}"
    )]
    NotOurSeat {
        /// What gives it to our role.
        cure: String,
    },
    /// A row was first handed over by another seat.
    #[error(
        "a row of this store was handed over by another one before (is it a copy of a \
         colleague's?); nothing of it is handed over"
    )]
    NotOurRow,
    /// No account is entered.
    #[error("nobody sends for this account yet; rows wait until somebody does")]
    NoAccount,
    /// Several accounts, and the profile names none.
    #[error(
        "the team's database is shared by several accounts; name this one with `host`, \
         `account_id` and `stream_id`"
    )]
    WhichAccount,
    /// The lease is not ours, or not for long enough.
    #[error("somebody else sends for this account now")]
    NotOurs,
    /// It takes no writes.
    #[error(
        "the team's database is read-only; `team.url` may name a standby, or the server was set \
         so (default_transaction_read_only)"
    )]
    ReadOnly,
    /// No room on its disk.
    #[error("the disk of the team's database is full; nothing is handed over until there is room")]
    Full,
    /// Others had it for too long.
    #[error("the team's database is busy; it is tried again")]
    Busy,
    /// No answer in time.
    #[error("the team's database did not answer within 5 s")]
    TimedOut,
    /// The connection is gone.
    #[error("the connection to the team's database was lost ({0})")]
    Lost(String),
    /// What nobody thought of.
    #[error("the team's database: {0}")]
    Unexpected(String),
}

impl FloorError {
    /// When it makes sense to ask again.
    #[must_use]
    pub fn ask_again(&self) -> AskAgain {
        match self {
            Self::Busy | Self::TimedOut | Self::Lost(_) | Self::NotOurs | Self::NoAccount => {
                AskAgain::Soon
            }
            Self::UnknownHost { .. }
            | Self::Refused { .. }
            | Self::TooManyConnections(_)
            | Self::NoSecondConnection
            | Self::Closed(_)
            | Self::ReadOnly
            | Self::Full
            | Self::Unexpected(_) => AskAgain::Slowly,
            Self::NotPostgres { .. }
            | Self::NoTls { .. }
            | Self::Certificate(_)
            | Self::Password { .. }
            | Self::NotAdmitted(_)
            | Self::NoRights { .. }
            | Self::Pooler
            | Self::Encoding { .. }
            | Self::NoDatabase { .. }
            | Self::NoTables
            | Self::SomebodyElses
            | Self::OtherTables
            | Self::NewerTables { .. }
            | Self::TooOld { .. }
            | Self::NotOurSeat { .. }
            | Self::NotOurRow
            | Self::WhichAccount => AskAgain::WhenMended,
        }
    }
}
