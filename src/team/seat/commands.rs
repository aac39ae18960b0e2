//! What the agent asks of rows that the floor may have, and of the floor itself.

use super::{
    super::{
        FloorStore,
        floor::{FloorError, Known, Withdrawn},
        row::shared_row,
    },
    Courier,
};
use crate::{
    contact::E164,
    delivery::{self, WorkerCommand, clock},
    store::{Discarded, StoreError},
    submission::{Reason, Record, Seen, Submission, SubmissionId, Update},
};

const TOO_LATE: &str = "it is being sent by the floor right now; wait until that is settled";

impl<F: FloorStore> Courier<F> {
    pub(super) async fn carry_out(&mut self, command: WorkerCommand) -> Result<(), StoreError> {
        match command {
            WorkerCommand::Correct(submission, corrects, seen) => {
                self.correct(submission, corrects, seen).await?;
            }
            WorkerCommand::Retry(Some(id)) => {
                let rows = self.desk.store.retry(Some(id), clock::now()).await?;
                self.desk.entries(rows);
            }
            WorkerCommand::Retry(None) => self.failures = 0,
            WorkerCommand::RetryGivenUp => {
                self.desk.tell_all(delivery::retry_given_up(&self.desk.store).await?);
            }
            WorkerCommand::Discard(id, seen) => {
                if self.took_back(id).await? {
                    match self.desk.store.discard(id, seen, clock::now()).await? {
                        Discarded::Gone => self.desk.tell(Update::Gone(id)),
                        Discarded::CalledOff(entry) | Discarded::Changed(entry) => {
                            self.desk.entries(vec![*entry]);
                        }
                        Discarded::Busy => self.desk.tell(Update::Notice(TOO_LATE.into())),
                    }
                }
            }
            WorkerCommand::Hold(id) => {
                if self.took_back(id).await? {
                    let held = delivery::hold(&self.desk.store, id).await?;
                    self.desk.entries(held.into_iter().collect());
                }
            }
            WorkerCommand::Change(id, change) => {
                self.desk.store.revise(id).await?;
                let asked = self.desk.store.change(id, change, clock::now()).await?;
                self.desk.entries(asked.into_iter().collect());
            }
            WorkerCommand::Keep(id) => {
                let kept = self.desk.store.remark(id, &Reason::Kept, clock::now()).await?;
                self.desk.entries(kept.into_iter().collect());
            }
            WorkerCommand::Refresh => {
                self.desk
                    .tell(Update::Notice("the floor's sender reads the platform's list".into()));
            }
            WorkerCommand::Know(number) => self.ask_about(number).await?,
            // What is typed was stored where it came in, and pages have a way of their own.
            WorkerCommand::Submit(_)
            | WorkerCommand::Update(..)
            | WorkerCommand::Everybody(_)
            | WorkerCommand::Nudge
            | WorkerCommand::StopRefresh => {}
        }
        Ok(())
    }

    async fn correct(
        &mut self,
        submission: Submission,
        corrects: SubmissionId,
        seen: Seen,
    ) -> Result<(), StoreError> {
        let id = submission.id;
        if let Err(reason) = self.take_back(corrects).await? {
            self.desk.tell(Update::NotStored { id, reason });
            return Ok(());
        }
        let store = &self.desk.store;
        self.desk.tell_all(delivery::correct(store, submission, corrects, seen, TOO_LATE).await);
        Ok(())
    }

    /// As [`Self::take_back`]; why not is said.
    async fn took_back(&mut self, id: SubmissionId) -> Result<bool, StoreError> {
        let taken = self.take_back(id).await?;
        Ok(taken.map_err(|why| self.desk.tell(Update::Notice(why))).is_ok())
    }

    /// Takes a row back from the floor, if it has it and it is not settled; else why it is too
    /// late, or cannot be known.
    async fn take_back(&mut self, id: SubmissionId) -> Result<Result<(), String>, StoreError> {
        let too_late = || Err(TOO_LATE.to_owned());
        let Some(revision) = self.desk.store.handed_revision(id).await? else {
            return Ok(Ok(()));
        };
        let withdrawn = async {
            let withdrawn = self.floor.withdraw(&self.seat, id, revision).await?;
            if withdrawn == Withdrawn::Done {
                // It may have been tried since it was last read from there.
                let found = self.floor.ask(&self.seat, &[id]).await?;
                self.take(found.into_iter().map(|it| shared_row(it.row)).collect()).await?;
            }
            Ok::<_, FloorError>(withdrawn)
        };
        match withdrawn.await {
            Ok(Withdrawn::Done) => {
                let is_ours = self.desk.store.handed_revision(id).await?.is_none();
                Ok(if is_ours { Ok(()) } else { too_late() })
            }
            Ok(Withdrawn::Unknown) => {
                self.desk.store.revise(id).await?;
                Ok(Ok(()))
            }
            Ok(Withdrawn::TooLate) => Ok(too_late()),
            Err(error) => Ok(Err(format!("the row is the floor's: {error}"))),
        }
    }

    /// Tells whose a number is, as far as the floor knows; without an answer nothing is told.
    async fn ask_about(&mut self, number: E164) -> Result<(), StoreError> {
        let Ok(found) = self.floor.known(&self.seat, &[number.to_string()]).await else {
            return Ok(());
        };
        let mut owners = Vec::new();
        let mut colleague = None;
        for Known { record, colleague: other, .. } in found {
            owners.extend(record.and_then(|it| serde_json::from_value::<Record>(it).ok()));
            colleague = colleague.or(other.map(|(agent, _)| agent));
        }
        // Those that are gone as well: this store may know them from before.
        if !owners.is_empty() {
            self.desk.store.learn(&owners, clock::now()).await?;
        }
        owners.retain(|owner| owner.active);
        self.desk.tell(Update::Known { number, owners, colleague });
        Ok(())
    }
}
