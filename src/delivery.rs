//! Delivery: accept, pace, send, settle, report.
//!
//! ```text
//!   Handle --Command--> Worker --store.accept--> Update::Entry(Queued)
//!                         |  policy::next(facts, situation)
//!                         |-- Send ---> store.begin -> api create -> batch::share
//!                         |               -> policy::settle -> store.record -> Update
//!                         |              or update, delete -> change::settle
//!                         |-- LookUp -> one list page -> directory, ownership::ownership
//!                         |-- Refresh -> one list page -> directory
//!                         |-- Check --> one list page: does the platform accept us again?
//!                         '-- Wait ---> a command, a landing, a time, another process
//! ```
//!
//! What is decided is in the pure modules ([`policy`], [`batch`], [`change`], [`ownership`]); what
//! is done is in `worker`. Nothing is reported before it is on disk.

pub mod array_habits;
pub mod batch;
pub mod change;
mod circuit_breaker;
pub mod clock;
mod estate;
mod estate_probe;
mod gate;
pub mod group_testing;
mod list_scan;
pub mod ownership;
pub mod policy;
mod probe;
mod reporter;
#[cfg(test)]
pub(crate) mod simulation;
mod wall_clock;
mod worker;

use std::{collections::VecDeque, sync::Arc};

pub use estate::{ArrayManner, EstateFacts, ListManner};
pub use estate_probe::{EstateProbe, MOST_REQUESTS, ProbeReport, ProbeStop};
pub use gate::{Asked, Gate};
pub use probe::probe;
use tokio::{sync::mpsc, task::JoinHandle};
pub use worker::hold;
pub(crate) use worker::{correct, retry_given_up};

use crate::{
    api::Client,
    contact::E164,
    store::Store,
    submission::{Change, Page, Seen, Submission, SubmissionId, Update},
};

/// What the worker is told by a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerSettings {
    /// The most contacts in one request.
    pub max_batch: u32,
    /// Whether the directory is kept fresh while there is nothing else to do.
    pub refresh: bool,
    /// Contacts asked of the platform per list page.
    pub page_size: u32,
}

impl Default for WorkerSettings {
    fn default() -> Self {
        Self { max_batch: 50, refresh: false, page_size: 100 }
    }
}

#[derive(Debug)]
pub(crate) enum WorkerCommand {
    Submit(Submission),
    Correct(Submission, SubmissionId, Seen),
    Update(Submission, Change),
    Retry(Option<SubmissionId>),
    RetryGivenUp,
    Discard(SubmissionId, Seen),
    Hold(SubmissionId),
    Change(SubmissionId, Change),
    Keep(SubmissionId),
    Know(E164),
    Everybody(Page),
    Nudge,
    Refresh,
    StopRefresh,
}

/// The way to the worker; cheap to clone. Nothing here waits for disk or network. When
/// the last handle is dropped the worker finishes what is under way and ends.
#[derive(Debug, Clone)]
pub struct Handle {
    commands: mpsc::UnboundedSender<WorkerCommand>,
}

impl Handle {
    /// Asks for a contact to be stored and delivered. Answered by [`Update::Entry`] once
    /// it is on disk, or by [`Update::NotStored`].
    pub fn submit(&self, submission: Submission) {
        self.send(WorkerCommand::Submit(submission));
    }

    /// Asks for a contact to be stored in the place of a row whose correction it is; `seen` is
    /// how that stood. Answered like [`Self::submit`]; where the row has left meanwhile, nothing
    /// is stored.
    pub fn correct(&self, submission: Submission, corrects: SubmissionId, seen: Seen) {
        self.send(WorkerCommand::Correct(submission, corrects, seen));
    }

    /// Asks for a contact to be stored as what an existing one is to become, and for that to be
    /// changed: nothing is created. Answered like [`Self::submit`].
    pub fn update(&self, submission: Submission, change: Change) {
        self.send(WorkerCommand::Update(submission, change));
    }

    /// Makes one waiting submission, or all of them, due now.
    pub fn retry(&self, id: Option<SubmissionId>) {
        self.send(WorkerCommand::Retry(id));
    }

    /// Sends again what was given up after a day of trying.
    pub fn retry_given_up(&self) {
        self.send(WorkerCommand::RetryGivenUp);
    }

    /// Forgets a submission that is not under way, or calls off the change it waits for;
    /// `seen` is how it stood when that was decided.
    pub fn discard(&self, id: SubmissionId, seen: Seen) {
        self.send(WorkerCommand::Discard(id, seen));
    }

    /// Keeps a contact that waits from being sent for some hours, while it is corrected. It
    /// goes out as it was unless its correction is there by then.
    pub fn hold(&self, id: SubmissionId) {
        self.send(WorkerCommand::Hold(id));
    }

    /// Asks for the contact that a settled row is about to be changed on the platform.
    pub fn change(&self, id: SubmissionId, change: Change) {
        self.send(WorkerCommand::Change(id, change));
    }

    /// Asks a floor's database whose a number is. Answered by [`Update::Known`], or not at all:
    /// alone, nobody knows more than the store.
    pub fn know(&self, number: E164) {
        self.send(WorkerCommand::Know(number));
    }

    /// Asks a floor's database for a page of everybody's rows. Answered by
    /// [`Update::Everybody`].
    pub fn everybody(&self, page: Page) {
        self.send(WorkerCommand::Everybody(page));
    }

    /// Notes that a duplicate's existing contact stays as it is.
    pub fn keep(&self, id: SubmissionId) {
        self.send(WorkerCommand::Keep(id));
    }

    /// Says that there may be something to do: rows were put into the store beside it.
    pub fn nudge(&self) {
        self.send(WorkerCommand::Nudge);
    }

    /// Reads the platform's whole list into the directory now, told by
    /// [`Update::Directory`].
    pub fn refresh(&self) {
        self.send(WorkerCommand::Refresh);
    }

    /// Stops what [`Self::refresh`] began; what was read so far is kept.
    pub fn stop_refresh(&self) {
        self.send(WorkerCommand::StopRefresh);
    }

    /// A worker that has ended was stopped by its owner, who no longer reads updates.
    fn send(&self, command: WorkerCommand) {
        let _ = self.commands.send(command);
    }
}

/// Where a worker's commands arrive. They wait here until there is one: the form takes keys
/// before its store is open.
#[derive(Debug)]
pub struct Inbox {
    commands: mpsc::UnboundedReceiver<WorkerCommand>,
    /// What was looked at and left.
    waiting: VecDeque<WorkerCommand>,
}

impl Inbox {
    /// A way to a worker that is still to come, and what it will read.
    #[must_use]
    pub fn new() -> (Handle, Self) {
        let (sender, commands) = mpsc::unbounded_channel();
        (Handle { commands: sender }, Self { commands, waiting: VecDeque::new() })
    }

    /// Waits until a contact is to be stored and leaves it where it is; `None` once the last
    /// [`Handle`] is dropped.
    pub async fn next_submission(&mut self) -> Option<SubmissionId> {
        loop {
            let command = self.commands.recv().await?;
            let submitted = match &command {
                WorkerCommand::Submit(submission)
                | WorkerCommand::Correct(submission, ..)
                | WorkerCommand::Update(submission, _) => Some(submission.id),
                WorkerCommand::Retry(_)
                | WorkerCommand::RetryGivenUp
                | WorkerCommand::Discard(..)
                | WorkerCommand::Hold(_)
                | WorkerCommand::Change(..)
                | WorkerCommand::Keep(_)
                | WorkerCommand::Know(_)
                | WorkerCommand::Everybody(_)
                | WorkerCommand::Nudge
                | WorkerCommand::Refresh
                | WorkerCommand::StopRefresh => None,
            };
            self.waiting.push_back(command);
            if submitted.is_some() {
                return submitted;
            }
        }
    }

    /// Takes back what was to be stored; whoever asked is told [`Update::NotStored`] instead.
    pub fn withdraw(&mut self, id: SubmissionId) {
        let other = |command: &WorkerCommand| match command {
            WorkerCommand::Submit(submission)
            | WorkerCommand::Correct(submission, ..)
            | WorkerCommand::Update(submission, _) => submission.id != id,
            WorkerCommand::Retry(_)
            | WorkerCommand::RetryGivenUp
            | WorkerCommand::Discard(..)
            | WorkerCommand::Hold(_)
            | WorkerCommand::Change(..)
            | WorkerCommand::Keep(_)
            | WorkerCommand::Know(_)
            | WorkerCommand::Everybody(_)
            | WorkerCommand::Nudge
            | WorkerCommand::Refresh
            | WorkerCommand::StopRefresh => true,
        };
        self.waiting.retain(other);
    }

    pub(crate) async fn recv(&mut self) -> Option<WorkerCommand> {
        match self.waiting.pop_front() {
            Some(command) => Some(command),
            None => self.commands.recv().await,
        }
    }
}

/// Works until the last [`Handle`] is dropped. It says that the store holds rows, then reports
/// every change through `updates`; at its end it gives requests under way a second.
pub async fn work(
    store: Store,
    client: Client,
    settings: WorkerSettings,
    updates: mpsc::UnboundedSender<Update>,
    inbox: Inbox,
) {
    worker::Worker::new(store, client, settings, None, updates).run(inbox).await;
}

/// [`work`], asking a gate before each request.
pub async fn work_behind(
    gate: Arc<dyn Gate>,
    store: Store,
    client: Client,
    settings: WorkerSettings,
    updates: mpsc::UnboundedSender<Update>,
    inbox: Inbox,
) {
    worker::Worker::new(store, client, settings, Some(gate), updates).run(inbox).await;
}

/// [`work`] as a task of its own.
#[must_use]
pub fn spawn(
    store: Store,
    client: Client,
    settings: WorkerSettings,
    updates: mpsc::UnboundedSender<Update>,
) -> (Handle, JoinHandle<()>) {
    let (handle, inbox) = Inbox::new();
    (handle, tokio::spawn(work(store, client, settings, updates, inbox)))
}
