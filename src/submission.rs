//! What becomes of a contact once an agent submits it: its identity, the attempts
//! made to deliver it, and what may be said about it.
//!
//! ```text
//!            accept                    begin attempt
//!   (form) ---------> Queued ------------------------> Sending
//!                      ^  ^                               |
//!      retry later     |  |  limit, 5xx, not reached      |
//!                      |  +-------------------------------+
//!                      |                                  |-- answered --> Created
//!                      |        no answer, cut short      |-- taken -----> Duplicate
//!                      +------------- Unclear <-----------+-- refused ---> Rejected
//! ```
//!
//! Attempts are facts and are only ever added. A [`Status`] is what those facts
//! mean; it is on disk before it is on a screen. Unclear is never final: the contact
//! is sent again, and if the platform then says "duplicate", the number is looked up.

use std::{fmt, time::Duration};

use jiff::Timestamp;
use uuid::Uuid;

use crate::contact::{Contact, E164};

/// Names one submitted contact from the key press to the results row. A UUID
/// version 7, so that ids sort by the time they were made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SubmissionId(pub Uuid);

impl SubmissionId {
    /// A fresh id from the machine's clock and randomness; for the edges only.
    #[must_use]
    pub fn fresh() -> Self {
        Self(Uuid::now_v7())
    }
}

impl fmt::Display for SubmissionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The platform's id of a contact: 24 hexadecimal characters as documented, kept as
/// text because nothing here depends on its form.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ContactId(pub String);

impl fmt::Display for ContactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a submission came from. Forms have a person waiting, so they go first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Typed by an agent, in the form or with `add`.
    Form,
    /// A row of a bulk file.
    Import,
}

/// A contact somebody asked to have created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// Its identity in this store.
    pub id: SubmissionId,
    /// Whom to create.
    pub contact: Contact,
    /// Who asked.
    pub origin: Origin,
    /// When it was asked.
    pub submitted_at: Timestamp,
}

/// A contact as the platform describes it. Text in here comes from outside: clean it
/// before it is drawn or printed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// The platform's id.
    pub id: Option<ContactId>,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Both names as the platform joins them.
    pub full_name: Option<String>,
    /// The number, when it could be read as E.164.
    pub e164: Option<E164>,
    /// False when the platform calls it INACTIVE.
    pub active: bool,
    /// When the platform made it, by the platform's clock.
    pub created_at: Option<Timestamp>,
    /// Who made it, in the platform's ids.
    pub created_by: Option<String>,
}

impl Record {
    /// The name to show: the platform's own, else its parts.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        let joined = || match (&self.first_name, &self.last_name) {
            (Some(first), Some(last)) => Some(format!("{first} {last}")),
            (Some(one), None) | (None, Some(one)) => Some(one.clone()),
            (None, None) => None,
        };
        self.full_name.clone().filter(|name| !name.trim().is_empty()).or_else(joined)
    }
}

/// Whose number it already is, as far as anybody knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Owner {
    /// The platform's id of the existing contact.
    pub id: Option<ContactId>,
    /// The existing contact's name.
    pub full_name: Option<String>,
}

/// What one attempt to deliver one contact came to. A stored fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The platform made it and said so.
    Created(Record),
    /// The platform says the number is taken; the owner if its answer names one.
    Duplicate {
        /// Whose it is, when the answer says.
        owner: Option<Owner>,
        /// The platform's words.
        reason: String,
    },
    /// The platform refused this contact for good (a 4xx about its content).
    Rejected {
        /// The platform's words.
        reason: String,
    },
    /// The platform refused us: wrong secret, missing scope, clock.
    Unauthorised {
        /// What it said.
        reason: String,
    },
    /// The account's rate limit was reached; nothing was created.
    Limited {
        /// How long the platform asks to wait.
        retry_after: Option<Duration>,
        /// What it said.
        reason: String,
    },
    /// The request surely never arrived (refused connection, no such host, TLS).
    Unreached {
        /// Why.
        reason: String,
    },
    /// The platform failed (5xx) and may or may not have made the contact.
    Failed {
        /// How long the platform asks to wait.
        retry_after: Option<Duration>,
        /// What it said.
        reason: String,
    },
    /// The request may have arrived and no trustworthy answer came back.
    Unclear {
        /// What was seen.
        reason: String,
    },
    /// Sent in an array whose answer does not settle this contact.
    Unsettled {
        /// True when the array was taken and the answer left this contact out.
        omitted: bool,
        /// What was said of the array.
        reason: String,
    },
}

impl Outcome {
    /// Whether the platform may hold the contact although nothing says so. A
    /// "duplicate" after such an attempt may be our own contact.
    #[must_use]
    pub fn may_have_created(&self) -> bool {
        match self {
            Self::Failed { .. } | Self::Unclear { .. } | Self::Unsettled { .. } => true,
            Self::Created(_)
            | Self::Duplicate { .. }
            | Self::Rejected { .. }
            | Self::Unauthorised { .. }
            | Self::Limited { .. }
            | Self::Unreached { .. } => false,
        }
    }
}

/// One request made for one contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When the request was about to be sent; on disk before the wire.
    pub started_at: Timestamp,
    /// When its outcome was known; `None` while it is under way or was interrupted.
    pub ended_at: Option<Timestamp>,
    /// What came of it; `None` while nobody knows.
    pub outcome: Option<Outcome>,
}

/// Why something waits, and until when.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Not before this time; `None` means as soon as there is a slot.
    pub until: Option<Timestamp>,
    /// What the last attempt ran into; `None` before the first one.
    pub because: Option<String>,
}

/// What may truthfully be said about a submission now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// On disk, waiting to be sent.
    Queued(Waiting),
    /// A request is under way.
    Sending,
    /// It may or may not exist on the platform; being settled.
    Unclear(Waiting),
    /// It exists on the platform and is ours.
    Created {
        /// The platform's id.
        id: ContactId,
    },
    /// The number belongs to another contact.
    Duplicate {
        /// Whose it is; empty while unknown. Old accounts may hold several.
        owners: Vec<Owner>,
        /// What else to say: "exists, same name", "no list page shows it".
        remark: Option<String>,
    },
    /// The platform refused it.
    Rejected {
        /// The platform's words.
        reason: String,
    },
    /// Tried for hours, or its row is damaged: somebody has to act.
    Attention {
        /// What is the matter.
        reason: String,
    },
}

impl Status {
    /// Which of the five groups of the results pane it counts under.
    #[must_use]
    pub fn group(&self) -> Group {
        match self {
            Self::Queued(_) | Self::Unclear(_) => Group::Queued,
            Self::Sending => Group::Sending,
            Self::Created { .. } => Group::Created,
            Self::Duplicate { .. } => Group::Duplicate,
            Self::Rejected { .. } | Self::Attention { .. } => Group::Attention,
        }
    }

    /// The word agents read.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Queued(_) => "Queued",
            Self::Sending => "Sending",
            Self::Unclear(_) => "Unclear",
            Self::Created { .. } => "Created",
            Self::Duplicate { .. } => "Duplicate",
            Self::Rejected { .. } | Self::Attention { .. } => "Attention",
        }
    }
}

/// What the results pane filters and counts by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Group {
    /// Waiting, or being settled.
    Queued,
    /// Under way.
    Sending,
    /// Done.
    Created,
    /// The number is somebody's already.
    Duplicate,
    /// Somebody has to act.
    Attention,
}

/// One row of the results: a submission and what is true of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What was submitted.
    pub submission: Submission,
    /// What is true of it.
    pub status: Status,
    /// Requests made for it so far.
    pub attempts: u32,
    /// When it reached a final status.
    pub settled_at: Option<Timestamp>,
}

/// How many submissions of the profile are in each group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Waiting or being settled.
    pub queued: u64,
    /// Under way.
    pub sending: u64,
    /// Created.
    pub created: u64,
    /// Duplicates.
    pub duplicate: u64,
    /// Rejected, or given up on.
    pub attention: u64,
}

impl Counts {
    /// All of them together.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.queued + self.sending + self.created + self.duplicate + self.attention
    }

    /// What has not reached a final status.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        self.queued + self.sending
    }
}

/// What is left of the account's requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Requests allowed in any 60 seconds.
    pub limit: u32,
    /// Requests that may go out now.
    pub left: u32,
    /// When the next slot frees, while none is left.
    pub next_slot_at: Option<Timestamp>,
}

/// How the platform was last seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// Nothing was sent yet.
    Untried,
    /// The last request was answered.
    Online,
    /// The last request did not get through.
    Offline {
        /// Why, in one sentence.
        reason: String,
    },
    /// The platform refuses our token; the whole queue waits.
    Refused {
        /// What to look at: secret, scope, clock.
        reason: String,
    },
}

/// What the delivery tells the screen. Start-up replays the store through the same
/// updates, so a crash, a reboot and a slow network look alike.
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
    /// How many rows there are in each group.
    Counts(Counts),
    /// What is left of the account's requests.
    Budget(Budget),
    /// How the platform was last seen.
    Link(Link),
    /// Something the agent should know that belongs to no row (a damaged row set
    /// aside, a store that cannot be read).
    Notice(String),
}
