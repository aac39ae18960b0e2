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
//! A settled row may be asked for a [`Change`]: a Created one to be deleted, a Duplicate's
//! existing contact to be updated with what was typed. The row then goes round again with
//! that as its [`Task`], as durable and as paced as a create, and comes back to what it
//! was if the change is refused or called off.
//!
//! Attempts are facts and are only ever added. A [`Status`] is what those facts
//! mean; it is on disk before it is on a screen. Unclear is never final: the contact
//! is sent again, and if the platform then says "duplicate", the number is looked up.
//!
//! What happened is kept as data: a [`Failure`] is why a request did not do what it was
//! asked, a [`Reason`] why a row stands where it stands, a [`State`] the word it is stored
//! under. The sentences are made where they are shown, in `tui::sentences` and
//! `headless::sentences`.

mod change;
mod failure;
mod page;
mod reason;
mod record;
mod state;
mod update;

use std::fmt;

use jiff::Timestamp;
use uuid::Uuid;

use crate::contact::Contact;

pub use change::{Change, Task, Verb};
pub use failure::{
    AddressPart, Doubt, Failure, FailureKind, Limit, Refusal, RefusalCause, clock_difference,
    roughly,
};
pub use page::{Page, PagePosition, Search, Whose};
pub use reason::{BatchAnswer, Reason};
pub use record::{ContactId, Owner, Record};
pub use state::State;
pub use update::{Budget, Counts, DirectoryProgress, PlatformHealth, StoreTrouble, Update};

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
    /// The row it was typed instead of.
    pub corrects: Option<SubmissionId>,
}

/// What one attempt to deliver one contact came to. A stored fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The platform made it and said so.
    Created(Record),
    /// The platform changed or deleted the existing contact as asked; what it is now.
    Changed(Record),
    /// The platform says the number is taken; the owner if its answer names one.
    Duplicate {
        /// Whose it is, when the answer says.
        owner: Option<Owner>,
        /// The platform's words.
        words: String,
    },
    /// Sent in an array whose answer does not settle this contact.
    Unsettled {
        /// What the answer was.
        batch: BatchAnswer,
        /// What was said of the array.
        words: String,
    },
    /// It was not done, or nobody knows.
    Failure(Failure),
}

impl Outcome {
    /// Whether the platform may have done what it was asked although nothing says so. A
    /// "duplicate" after such an attempt may be our own contact.
    #[must_use]
    pub fn may_be_done(&self) -> bool {
        match self {
            Self::Failure(failure) => failure.may_be_done(),
            Self::Unsettled { .. } => true,
            Self::Created(_) | Self::Changed(_) | Self::Duplicate { .. } => false,
        }
    }
}

impl From<Failure> for Outcome {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

/// One request made for one contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// What it asked for.
    pub verb: Verb,
    /// When the request was about to be sent; on disk before the wire.
    pub started_at: Timestamp,
    /// When its outcome was known; `None` while it is under way or was interrupted.
    pub ended_at: Option<Timestamp>,
    /// What came of it; `None` while nobody knows.
    pub outcome: Option<Outcome>,
}

impl Attempt {
    /// Whether the platform may hold the contact because of it although nothing says so.
    #[must_use]
    pub fn may_have_created(&self) -> bool {
        self.verb == Verb::Create && self.may_be_done()
    }

    /// Whether what was answered leaves open that the platform holds the contact because of it:
    /// a conflict with nobody knows what may be one with the request's own first copy, which a
    /// proxy sent before.
    #[must_use]
    pub fn leaves_doubt(&self) -> bool {
        let is_conflict = matches!(
            self.outcome,
            Some(Outcome::Failure(Failure { kind: FailureKind::Conflict, .. }))
        );
        self.verb == Verb::Create && (is_conflict || self.may_be_done())
    }

    /// Whether the contact that holds the number may be there because of it, whatever was
    /// answered: "taken" may be about its own first copy.
    #[must_use]
    pub fn may_have_reached(&self) -> bool {
        let is_answered = matches!(
            self.outcome,
            Some(Outcome::Created(_) | Outcome::Duplicate { .. } | Outcome::Unsettled { .. })
        );
        self.verb == Verb::Create && (is_answered || self.leaves_doubt())
    }

    /// Whether the platform may have done what it asked for although nothing says so.
    #[must_use]
    pub fn may_be_done(&self) -> bool {
        self.outcome.as_ref().is_none_or(Outcome::may_be_done)
    }
}

/// Why something waits, and until when.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Not before this time; `None` means as soon as there is a slot.
    pub until: Option<Timestamp>,
    /// What the last attempt ran into; `None` before the first one.
    pub because: Option<Reason>,
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
        /// What else to say: why it could not be deleted.
        remark: Option<Reason>,
    },
    /// It was created, and deleted again because somebody asked for that.
    Deleted {
        /// The id it had on the platform.
        id: ContactId,
    },
    /// The number belongs to another contact.
    Duplicate {
        /// Whose it is; empty while unknown. Old accounts may hold several.
        owners: Vec<Owner>,
        /// What else to say: "exists, same name", "no list page shows it".
        remark: Option<Reason>,
    },
    /// The platform refused it.
    Rejected {
        /// What it refused, in its words.
        reason: Reason,
    },
    /// Tried for hours: somebody has to act.
    Attention {
        /// What is the matter.
        reason: Reason,
    },
}

impl Status {
    /// The platform's id of the contact that exists because of it.
    #[must_use]
    pub fn created_id(&self) -> Option<&ContactId> {
        match self {
            Self::Created { id, .. } => Some(id),
            Self::Queued(_)
            | Self::Sending
            | Self::Unclear(_)
            | Self::Deleted { .. }
            | Self::Duplicate { .. }
            | Self::Rejected { .. }
            | Self::Attention { .. } => None,
        }
    }

    /// Whose number it is, for a Duplicate as far as that is known.
    #[must_use]
    pub fn owners(&self) -> &[Owner] {
        match self {
            Self::Duplicate { owners, .. } => owners,
            Self::Queued(_)
            | Self::Sending
            | Self::Unclear(_)
            | Self::Created { .. }
            | Self::Deleted { .. }
            | Self::Rejected { .. }
            | Self::Attention { .. } => &[],
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
            Self::Deleted { .. } => "Deleted",
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
    /// Created once, deleted since.
    Deleted,
    /// The number is somebody's already.
    Duplicate,
    /// Somebody has to act.
    Attention,
}

/// How a row stood when somebody decided something about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Where it counted.
    pub group: Group,
    /// Whether it said that it may be on the platform.
    pub may_exist: bool,
}

impl From<Group> for Seen {
    fn from(group: Group) -> Self {
        Self { group, may_exist: false }
    }
}

/// One row of the results: a submission and what is true of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What was submitted.
    pub submission: Submission,
    /// What is to be done for it, or was done last.
    pub task: Task,
    /// What is true of it.
    pub status: Status,
    /// Requests made for it so far.
    pub attempts: u32,
    /// When it reached a final status.
    pub settled_at: Option<Timestamp>,
    /// Who typed it; empty where that was not kept.
    pub agent: String,
}

impl Entry {
    /// The row of a submission that was just stored.
    #[must_use]
    pub fn queued(submission: Submission, agent: String) -> Self {
        Self {
            submission,
            task: Task::Create,
            status: Status::Queued(Waiting::default()),
            attempts: 0,
            settled_at: None,
            agent,
        }
    }

    /// Whether somebody has decided about a duplicate already.
    #[must_use]
    pub fn is_decided(&self) -> bool {
        match &self.status {
            Status::Duplicate { remark, .. } => match remark {
                Some(Reason::Kept | Reason::Updated) => true,
                Some(_) | None => false,
            },
            Status::Queued(_)
            | Status::Sending
            | Status::Unclear(_)
            | Status::Created { .. }
            | Status::Deleted { .. }
            | Status::Rejected { .. }
            | Status::Attention { .. } => false,
        }
    }

    /// Whether it waits for a person.
    #[must_use]
    pub fn needs_somebody(&self) -> bool {
        match &self.status {
            Status::Duplicate { .. } => !self.is_decided(),
            Status::Rejected { .. } | Status::Attention { .. } => true,
            Status::Queued(_)
            | Status::Sending
            | Status::Unclear(_)
            | Status::Created { .. }
            | Status::Deleted { .. } => false,
        }
    }

    /// How it stands, for a question that is answered later.
    #[must_use]
    pub fn seen(&self) -> Seen {
        Seen { group: self.status.group(), may_exist: self.may_exist() }
    }

    /// Whether it is that again by which somebody decided: at most as much may have happened
    /// on the platform as was said then.
    #[must_use]
    pub fn is_as(&self, seen: Seen) -> bool {
        self.status.group() == seen.group && (seen.may_exist || !self.may_exist())
    }

    /// Whether it may be replaced by its correction: it waits, and provably never left.
    #[must_use]
    pub fn can_be_corrected(&self) -> bool {
        matches!(self.status, Status::Queued(_)) && self.task == Task::Create && !self.may_exist()
    }

    /// Whether the platform may hold the contact although nobody knows.
    #[must_use]
    pub fn may_exist(&self) -> bool {
        match &self.status {
            Status::Sending | Status::Unclear(_) => self.task == Task::Create,
            Status::Queued(Waiting { because: Some(reason), .. })
            | Status::Rejected { reason }
            | Status::Attention { reason } => self.task == Task::Create && reason.may_exist(),
            Status::Queued(Waiting { because: None, .. })
            | Status::Created { .. }
            | Status::Deleted { .. }
            | Status::Duplicate { .. } => false,
        }
    }

    /// Why it stands where it stands, where more is known than the status says.
    #[must_use]
    pub fn reason(&self) -> Option<&Reason> {
        match &self.status {
            Status::Queued(waiting) | Status::Unclear(waiting) => waiting.because.as_ref(),
            Status::Created { remark, .. } | Status::Duplicate { remark, .. } => remark.as_ref(),
            Status::Rejected { reason } | Status::Attention { reason } => Some(reason),
            Status::Sending | Status::Deleted { .. } => None,
        }
    }
}
