//! What the worker is told to do: each command is on disk before it is reported.

use jiff::SignedDuration;

use super::Worker;
use crate::{
    delivery::{WorkerCommand, clock},
    store::{Corrected, Discarded, Store, StoreError},
    submission::{Change, Entry, Reason, Seen, State, Submission, SubmissionId, Update},
};

/// A contact that is being corrected goes out as it was after this long: a shift, so that
/// whoever comes back from a break, or restarts the machine, still corrects it.
const CORRECTING: SignedDuration = SignedDuration::from_hours(12);
const WENT_OUT: &str = "the contact that this corrects went out as it was meanwhile; submit again to \
                        enter this one beside it, or look at that row first";
const CHANGED: &str = "this row has changed meanwhile; look at it again";

/// Keeps a contact that waits from being sent while it is corrected; `None` when it does not
/// wait any more, or may have been sent.
///
/// # Errors
/// When the store cannot be written.
pub async fn hold(store: &Store, id: SubmissionId) -> Result<Option<Entry>, StoreError> {
    let now = clock::now();
    let until = now.wall.checked_add(CORRECTING).unwrap_or(now.wall);
    store.hold(id, until, now).await
}

/// Stores a correction in the place of the row that it corrects, and what is told of that;
/// `too_late` is the sentence for a row that has left meanwhile.
pub(crate) async fn correct(
    store: &Store,
    submission: Submission,
    corrects: SubmissionId,
    seen: Seen,
    too_late: &str,
) -> Vec<Update> {
    let id = submission.id;
    let not_stored = |reason: String| Update::NotStored { id, reason };
    match store.accept_correction(&submission, corrects, seen, clock::now()).await {
        Ok(Corrected::Replaced(entry)) => vec![Update::Gone(corrects), Update::Entry(entry)],
        Ok(Corrected::Beside(entry)) => vec![Update::Entry(entry)],
        Ok(Corrected::TooLate(before)) => {
            vec![Update::Entry(before), not_stored(too_late.to_owned())]
        }
        Err(error) => vec![not_stored(error.to_string())],
    }
}

/// Makes what was given up due again, and what is told of that.
///
/// # Errors
/// When the store cannot be written.
pub(crate) async fn retry_given_up(store: &Store) -> Result<[Update; 2], StoreError> {
    let rows = store.retry_all_in(&[State::Attention], clock::now()).await?;
    let said = match rows {
        0 => "Nothing was given up.".to_owned(),
        1 => "1 contact is sent again.".to_owned(),
        many => format!("{many} contacts are sent again."),
    };
    Ok([Update::Reread, Update::Notice(said)])
}

impl Worker {
    pub(super) async fn carry_out(&mut self, command: WorkerCommand) {
        let result = match command {
            WorkerCommand::Submit(submission) => {
                let id = submission.id;
                let stored = self.store.accept(&[submission], clock::now()).await;
                self.accepted(id, stored);
                Ok(())
            }
            WorkerCommand::Update(submission, change) => {
                let stored = self.store.accept_update(&submission, change, clock::now()).await;
                self.accepted(submission.id, stored.map(|row| vec![row]));
                Ok(())
            }
            WorkerCommand::Correct(submission, corrects, seen) => {
                self.correct(submission, corrects, seen).await;
                Ok(())
            }
            WorkerCommand::Retry(id) => self.retry(id).await,
            WorkerCommand::RetryGivenUp => self.retry_given_up().await,
            WorkerCommand::Discard(id, seen) => self.discard(id, seen).await,
            WorkerCommand::Hold(id) => self.hold(id).await,
            WorkerCommand::Change(id, change) => self.ask_change(id, change).await,
            WorkerCommand::Keep(id) => self.keep(id).await,
            // The loop looks at the store before it waits again, and nobody knows more than that.
            WorkerCommand::Nudge | WorkerCommand::Know(_) => Ok(()),
            WorkerCommand::Everybody(page) => {
                let alone = "this profile shares no account with a floor".to_owned();
                self.report.tell(Update::Everybody { page, rows: Err(alone) });
                Ok(())
            }
            WorkerCommand::Refresh => {
                self.refreshing.ask();
                Ok(())
            }
            WorkerCommand::StopRefresh => {
                self.refreshing.call_off();
                Ok(())
            }
        };
        if let Err(error) = result {
            self.report.trouble(&error);
        }
    }

    fn accepted(&self, id: SubmissionId, stored: Result<Vec<Entry>, StoreError>) {
        match stored {
            Ok(rows) => {
                self.report.entries(rows);
            }
            Err(error) => self.report.tell(Update::NotStored { id, reason: error.to_string() }),
        }
    }

    async fn correct(&self, submission: Submission, corrects: SubmissionId, seen: Seen) {
        for update in correct(&self.store, submission, corrects, seen, WENT_OUT).await {
            self.report.tell(update);
        }
    }

    async fn retry_given_up(&mut self) -> Result<(), StoreError> {
        self.circuit_breaker.hurry();
        for update in retry_given_up(&self.store).await? {
            self.report.tell(update);
        }
        Ok(())
    }

    async fn retry(&mut self, id: Option<SubmissionId>) -> Result<(), StoreError> {
        self.circuit_breaker.hurry();
        let rows = self.store.retry(id, clock::now()).await?;
        self.report.entries(rows);
        Ok(())
    }

    async fn discard(&mut self, id: SubmissionId, seen: Seen) -> Result<(), StoreError> {
        match self.store.discard(id, seen, clock::now()).await? {
            Discarded::Gone => self.report.tell(Update::Gone(id)),
            Discarded::CalledOff(entry) => self.report.entry(*entry),
            Discarded::Changed(entry) => {
                self.report.entry(*entry);
                self.report.tell(Update::Notice(CHANGED.into()));
            }
            Discarded::Busy => self
                .report
                .tell(Update::Notice("it is being sent right now and cannot be discarded".into())),
        }
        Ok(())
    }

    async fn hold(&mut self, id: SubmissionId) -> Result<(), StoreError> {
        match hold(&self.store, id).await? {
            Some(entry) => self.report.entry(entry),
            None => self.report.tell(Update::Notice(CHANGED.into())),
        }
        Ok(())
    }

    async fn ask_change(&mut self, id: SubmissionId, change: Change) -> Result<(), StoreError> {
        match self.store.change(id, change, clock::now()).await? {
            Some(entry) => self.report.entry(entry),
            None => self.report.tell(Update::Notice(CHANGED.into())),
        }
        Ok(())
    }

    async fn keep(&mut self, id: SubmissionId) -> Result<(), StoreError> {
        let kept = self.store.remark(id, &Reason::Kept, clock::now()).await?;
        self.report.entries(kept);
        Ok(())
    }
}
