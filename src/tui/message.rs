//! What comes into the model and what it asks of the outside.

use jiff::{Timestamp, tz::TimeZone};

use crate::{
    contact::{Draft, E164},
    submission::{Attempt, Change, Entry, Page, Record, Seen, Submission, SubmissionId, Update},
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
        /// What is known of the contacts that hold its number, or that it is.
        existing: Vec<Record>,
    },
    /// The terminal told the colour of its background.
    Background {
        /// Whether it is light.
        light: bool,
    },
    /// The answer to [`Effect::Page`].
    Page {
        /// What was asked for.
        page: Page,
        /// The rows, newest first, or why they cannot be had.
        rows: Result<Vec<Entry>, String>,
    },
    /// The answer to [`Effect::Inbox`]; none when the store cannot be read.
    Inbox(Option<Vec<Entry>>),
    /// The answer to [`Effect::FindContacts`].
    Found {
        /// What was searched for.
        query: String,
        /// Who was found, by name.
        contacts: Vec<Record>,
    },
    /// The colours that were chosen the last time.
    Theme(String),
    /// The answer to [`Effect::Copy`].
    Copied(Copied),
    /// The store is open; the half-typed contact of the last time, if there is one.
    Restored(Option<Draft>),
    /// The half-typed contact of the last time corrects this row, which is kept from going out.
    Correcting(Box<Entry>),
    /// Another program hands over who is calling.
    Caller(Draft),
    /// The store cannot be opened: why, and what to do. Tried again with each contact.
    CannotStore(String),
    /// The store is still not open: why that may be.
    StoreIsLate(String),
    /// The answer to [`Effect::SaveDraft`]: why it is not kept for the next start, where that is.
    DraftSaved(Result<(), String>),
    /// The zone in which times are shown.
    Zone(TimeZone),
    /// A sentence for the agent.
    Notice(String),
    /// The time [`super::App::wake_at`] asked for has come.
    Tick,
}

/// Where a copied text went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copied {
    /// To the terminal, which puts it on the clipboard if it is set up to.
    Terminal,
    /// Into tmux's buffer, and from there to the terminal's clipboard.
    Tmux,
    /// Nowhere: it is longer than terminals take.
    TooLong,
}

/// Something asked of the outside.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Store it and deliver it; answer with an entry or "not stored".
    Submit(Submission),
    /// Store it in the place of a row whose correction it is, if that still stands as it was
    /// seen; answer like [`Effect::Submit`].
    Correct(Submission, SubmissionId, Seen),
    /// Store it as what an existing contact is to become, and change that; answer like
    /// [`Effect::Submit`].
    Update(Submission, Change),
    /// Keep the half-typed contact for the next start, and which row it corrects; answer with
    /// [`Event::DraftSaved`].
    SaveDraft(Draft, Option<SubmissionId>),
    /// Whose number is this? Answer with [`Event::Known`].
    LookUp(E164),
    /// Try again now.
    Retry(SubmissionId),
    /// Send again what was given up.
    RetryGivenUp,
    /// Forget the submission, or call off the change it waits for, if it still stands as it
    /// was seen; answered by an update.
    Discard(SubmissionId, Seen),
    /// Keep it from being sent for some hours: it is being corrected.
    Hold(SubmissionId),
    /// Change the contact that the row is about on the platform.
    Change(SubmissionId, Change),
    /// Note that a duplicate's existing contact stays as it is.
    Keep(SubmissionId),
    /// Read these rows; answer with [`Event::Page`].
    Page(Page),
    /// Read every row that may wait for a person, and those that were typed since then;
    /// answer with [`Event::Inbox`].
    Inbox(Timestamp),
    /// Answer with [`Event::Details`].
    Details(SubmissionId),
    /// Put the text on the agent's clipboard; answer with [`Event::Copied`].
    Copy(String),
    /// Search the known contacts for this text; answer with [`Event::Found`].
    FindContacts(String),
    /// Take these colours at the next start as well.
    KeepTheme(String),
    /// Ring the terminal's bell.
    Bell,
    /// Ask the terminal for a notification; it holds nothing about a customer.
    Notify(String),
    /// Take clicks and the wheel, or leave them to the terminal.
    Mouse(bool),
    /// Stop as the shell's Ctrl+Z does.
    Suspend,
    /// Draw everything anew.
    Repaint,
    /// Read the platform's whole list of contacts; answered by the delivery's updates.
    ReadContacts,
    /// Stop that.
    StopReading,
    /// Leave the demo for a profile of one's own.
    SetUp,
    /// Leave.
    Quit,
}
