//! What comes into the model and what it asks of the outside.

use jiff::Timestamp;

use crate::{
    contact::{Draft, E164},
    submission::{Attempt, Entry, Record, Submission, SubmissionId, Update},
};

/// The moment an event is handled, and an id to use if it makes a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At {
    /// The wall clock.
    pub now: Timestamp,
    /// An id nobody has used yet.
    pub fresh: SubmissionId,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "made once, handled at once, never stored in bulk")]
pub enum Event {
    /// A key, a paste, a new size.
    Terminal(crossterm::event::Event),
    /// The delivery said something.
    Delivery(Update),
    /// The answer to [`Effect::LookUp`]; no owners means that nobody is known.
    Known {
        /// The number asked about.
        number: E164,
        /// Who is known to hold it.
        owners: Vec<Record>,
    },
    /// The answer to [`Effect::Details`].
    Details {
        /// The row as it is on disk.
        entry: Entry,
        /// Every request made for it, oldest first.
        attempts: Vec<Attempt>,
    },
    /// The terminal told the colour of its background.
    Background {
        /// Whether it is light.
        light: bool,
    },
    /// A sentence for the agent.
    Notice(String),
    /// The time [`super::App::wake_at`] asked for has come.
    Tick,
}

/// Something asked of the outside.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Store it and deliver it; answer with an entry or "not stored".
    Submit(Submission),
    /// Keep the half-typed contact for the next start.
    SaveDraft(Draft),
    /// Whose number is this? Answer with [`Event::Known`].
    LookUp(E164),
    /// Try again now.
    Retry(SubmissionId),
    /// Forget the submission; answered by an update once it is gone.
    Discard(SubmissionId),
    /// Answer with [`Event::Details`].
    Details(SubmissionId),
    /// Put the text on the agent's clipboard.
    Copy(String),
    /// Ring the terminal's bell.
    Bell,
    /// Take clicks and the wheel, or leave them to the terminal.
    Mouse(bool),
    /// Stop as the shell's Ctrl+Z does.
    Suspend,
    /// Draw everything anew.
    Repaint,
    /// Leave.
    Quit,
}
