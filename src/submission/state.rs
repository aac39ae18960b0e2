//! The states a row can be in, each with the one word it is stored under.

use super::{Group, Status, Waiting};

/// A [`Status`] without its facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Waiting to be sent.
    Queued,
    /// A request is under way.
    Sending,
    /// It may or may not exist; being settled.
    Unclear,
    /// It exists and is ours.
    Created,
    /// Created once, deleted since.
    Deleted,
    /// The number belongs to another contact.
    Duplicate,
    /// The platform refused it.
    Rejected,
    /// Somebody has to act.
    Attention,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Queued,
        Self::Sending,
        Self::Unclear,
        Self::Created,
        Self::Deleted,
        Self::Duplicate,
        Self::Rejected,
        Self::Attention,
    ];

    /// The word it is stored under.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Unclear => "unclear",
            Self::Created => "created",
            Self::Deleted => "deleted",
            Self::Duplicate => "duplicate",
            Self::Rejected => "rejected",
            Self::Attention => "attention",
        }
    }

    /// The state that is stored under this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Which group of the results it counts under.
    #[must_use]
    pub const fn group(self) -> Group {
        match self {
            Self::Queued | Self::Unclear => Group::Queued,
            Self::Sending => Group::Sending,
            Self::Created => Group::Created,
            Self::Deleted => Group::Deleted,
            Self::Duplicate => Group::Duplicate,
            Self::Rejected | Self::Attention => Group::Attention,
        }
    }

    /// The states that count under `group`.
    pub fn of(group: Group) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |state| state.group() == group)
    }
}

impl Status {
    /// It without its facts.
    #[must_use]
    pub fn state(&self) -> State {
        match self {
            Self::Queued(_) => State::Queued,
            Self::Sending => State::Sending,
            Self::Unclear(_) => State::Unclear,
            Self::Created { .. } => State::Created,
            Self::Deleted { .. } => State::Deleted,
            Self::Duplicate { .. } => State::Duplicate,
            Self::Rejected { .. } => State::Rejected,
            Self::Attention { .. } => State::Attention,
        }
    }

    /// Why and until when it waits, if it does.
    #[must_use]
    pub fn waiting(&self) -> Option<&Waiting> {
        match self {
            Self::Queued(waiting) | Self::Unclear(waiting) => Some(waiting),
            Self::Sending
            | Self::Created { .. }
            | Self::Deleted { .. }
            | Self::Duplicate { .. }
            | Self::Rejected { .. }
            | Self::Attention { .. } => None,
        }
    }

    /// Which group of the results pane it counts under.
    #[must_use]
    pub fn group(&self) -> Group {
        self.state().group()
    }
}
