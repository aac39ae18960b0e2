//! What the delivery tells whoever watches: rows, counts, and how things stand.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Entry, Failure, Page, Record, Refusal, SubmissionId};
use crate::contact::E164;

/// How many submissions of the profile are in each group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Waiting or being settled.
    pub queued: u64,
    /// Under way.
    pub sending: u64,
    /// Created.
    pub created: u64,
    /// Created once, deleted since.
    pub deleted: u64,
    /// Duplicates.
    pub duplicate: u64,
    /// Rejected, or given up on.
    pub attention: u64,
}

impl Counts {
    /// All of them together.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.waiting() + self.created + self.deleted + self.duplicate + self.attention
    }

    /// What has not reached a final status.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        self.queued + self.sending
    }
}

/// What is left of the account's requests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Budget {
    /// Requests of any 60 seconds that are ours: the account's limit, or less while somebody
    /// else spends from it.
    pub limit: u32,
    /// Requests that may go out now.
    pub left: u32,
    /// When the next slot frees, while none is left.
    pub next_slot_at: Option<Timestamp>,
    /// Whether another tool uses a part of the account's minute.
    pub is_shared: bool,
    /// Until when the platform asked everybody on the account to wait.
    pub held_until: Option<Timestamp>,
}

/// How the platform was last seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlatformHealth {
    /// Nothing was sent yet.
    Untried,
    /// The last request was answered.
    Online,
    /// The last request did not get through.
    Offline(Failure),
    /// The platform refuses us; the whole queue waits.
    Refused(Refusal),
    /// Nobody sends for the floor; what waits does so until somebody does.
    Unattended,
}

/// How far the reading of the platform's whole list is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DirectoryProgress {
    /// Another page of it is known.
    Page {
        /// Contacts so far.
        read: u64,
        /// How many there are in all, when the platform says.
        total: Option<u64>,
    },
    /// All of it is known.
    Whole {
        /// Contacts on it.
        read: u64,
    },
    /// It cannot be read; what was known stays.
    Failed(Failure),
}

/// What may help a store that fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreTrouble {
    /// Room on its disk, or rights: that is waited for.
    Passing,
    /// A copy in its place: waiting helps nothing.
    Lasting,
    /// Another start: its file is not in its place any more.
    Gone,
}

/// What the delivery tells the screen. A start, and what other processes do to the store,
/// are told by [`Update::Reread`], so a crash, a reboot and a colleague look alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Update {
    /// A row's present truth, as it is on disk. A new row's arrival is how the form
    /// learns that its contact is stored.
    Entry(Box<Entry>),
    /// The submission could not be stored; the form keeps its text.
    NotStored {
        /// Which one.
        id: SubmissionId,
        /// Why, in one sentence.
        reason: String,
    },
    /// The agent discarded it; there is no such row any more.
    Gone(SubmissionId),
    /// Rows may have changed that are not told one by one: whoever shows some reads them
    /// again. The first update there is.
    Reread,
    /// How many rows there are in each group.
    Counts(Counts),
    /// What is left of the account's requests.
    Budget(Budget),
    /// How the platform was last seen.
    PlatformHealth(PlatformHealth),
    /// How far the reading of the platform's whole list is.
    Directory(DirectoryProgress),
    /// Whose a number is beside what the store knows: the answer of the floor.
    Known {
        /// The number that was asked about.
        number: E164,
        /// The platform's contacts that have it.
        owners: Vec<Record>,
        /// A colleague who has entered it.
        colleague: Option<String>,
    },
    /// A page of everybody's rows on the floor, or in one sentence why there is none.
    Everybody {
        /// Which one.
        page: Page,
        /// Its rows, newest first.
        rows: Result<Vec<Entry>, String>,
    },
    /// The store does not keep, or no longer has, what it is asked for.
    StoreFailed {
        /// What is wrong and what to do, in one sentence.
        reason: String,
        /// What may help.
        trouble: StoreTrouble,
    },
    /// Something the agent should know that belongs to no row (a damaged row set aside).
    Notice(String),
}
