//! Waiting until every row has its last word, whoever delivers it.

use std::io;

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};

use super::{AT_ONCE, PendingRow, RowLedger, by_id, discarded};
use crate::{
    config::Config,
    contact::text::safe,
    headless::{
        follow::{Asked, Ended, Next},
        import::tell::{ImportPrinter, RowOutcome, is_settled},
        standstill::Standstill,
    },
    store::Store,
    submission::{Entry, SubmissionId, Update},
};

/// A pause that somebody would wonder about.
const LONG_PAUSE: SignedDuration = SignedDuration::from_mins(2);

/// What is waited for: the last word on every pending row.
pub(in crate::headless::import) struct LastWords<'a> {
    rows: &'a mut RowLedger,
    store: &'a Store,
    teller: &'a mut ImportPrinter,
    /// The row that was looked at last.
    cursor: Option<SubmissionId>,
    /// The pause that was told.
    held_until: Option<Timestamp>,
    standstill: Standstill,
}

impl<'a> LastWords<'a> {
    pub(in crate::headless::import) fn new(
        rows: &'a mut RowLedger,
        store: &'a Store,
        teller: &'a mut ImportPrinter,
        config: &Config,
    ) -> Self {
        let standstill = Standstill::of_a_patient_command(config);
        Self { rows, store, teller, cursor: None, held_until: None, standstill }
    }

    fn next(&self) -> Next {
        if self.rows.pending.is_empty() {
            Next::End(Ended::Settled)
        } else if self.teller.is_unheard() {
            Next::End(Ended::Unheard)
        } else {
            Next::Wait
        }
    }

    /// Says once that the platform asked for a long pause (an hourly limit).
    fn tell_hold(&mut self, until: Option<Timestamp>) {
        let Some(until) = until else { return };
        let is_far = until.duration_since(Timestamp::now()) > LONG_PAUSE;
        let is_new = self.held_until.is_none_or(|told| until.duration_since(told) > LONG_PAUSE);
        if is_far && is_new {
            self.held_until = Some(until);
            let at = until.strftime("%H:%MZ");
            self.teller.progress.note(&format!(
                "rolodesk: the account's limit is reached and nothing can be sent until {at}; \
                 Ctrl+C leaves the rest queued\n"
            ));
        }
    }
}

impl Asked for LastWords<'_> {
    fn hear(&mut self, update: Update) -> Result<Next> {
        match update {
            Update::Entry(entry) => self.rows.settle(&entry, self.teller),
            Update::Gone(id) => self.rows.gone(id, self.teller),
            Update::Budget(budget) => self.tell_hold(budget.next_slot_at),
            Update::Notice(text) | Update::StoreFailed { reason: text, .. } => self.note(&text)?,
            Update::PlatformHealth(_)
            | Update::NotStored { .. }
            | Update::Reread
            | Update::Known { .. }
            | Update::Everybody { .. }
            | Update::Directory(_)
            | Update::Counts(_) => {}
        }
        Ok(self.next())
    }

    async fn look(&mut self) -> Result<Next> {
        self.cursor = self.rows.look(self.store, self.cursor, self.teller).await?;
        self.teller.progress.advance(&self.teller.tally);
        if self.next() == Next::Wait
            && let Some(why) = self.standstill.look(self.store).await?
        {
            self.note(&why)?;
            return Ok(Next::End(Ended::TimeUp));
        }
        Ok(self.next())
    }

    fn trouble(&mut self, what: Option<String>) {
        self.standstill.hear(what.as_ref());
    }

    fn note(&mut self, text: &str) -> io::Result<()> {
        self.teller.progress.note(&format!("rolodesk: {}\n", safe(text)));
        Ok(())
    }
}

impl RowLedger {
    /// Reads some pending rows from the store, going round them; others may deliver them.
    async fn look(
        &mut self,
        store: &Store,
        after: Option<SubmissionId>,
        teller: &mut ImportPrinter,
    ) -> Result<Option<SubmissionId>> {
        let behind = |after: SubmissionId| {
            use std::ops::Bound::{Excluded, Unbounded};
            (Excluded(after), Unbounded)
        };
        let ids: Vec<_> = match after {
            Some(after) => {
                self.pending.range(behind(after)).map(|(id, _)| *id).take(AT_ONCE).collect()
            }
            None => self.pending.keys().copied().take(AT_ONCE).collect(),
        };
        for entry in store.entries(&ids).await? {
            self.settle(&entry, teller);
        }
        Ok(ids.last().copied())
    }

    fn settle(&mut self, entry: &Entry, teller: &mut ImportPrinter) {
        if is_settled(&entry.status)
            && let Some(PendingRow { at, notes }) = self.pending.remove(&entry.submission.id)
        {
            teller.tell(&RowOutcome::stored(at, entry, self.was_before(at.row), &notes));
        }
    }

    fn gone(&mut self, id: SubmissionId, teller: &mut ImportPrinter) {
        if let Some(row) = self.pending.remove(&id) {
            teller.tell(&discarded(row.at));
        }
    }

    /// The last word on every row that still lacks it, as the store has it.
    pub(in crate::headless::import) async fn tell_rest(
        &mut self,
        store: &Store,
        teller: &mut ImportPrinter,
    ) -> Result<()> {
        let pending: Vec<_> = std::mem::take(&mut self.pending).into_iter().collect();
        for part in pending.chunks(AT_ONCE) {
            let ids: Vec<_> = part.iter().map(|(id, _)| *id).collect();
            let entries = by_id(store.entries(&ids).await?);
            for (id, PendingRow { at, notes }) in part {
                match entries.get(id) {
                    Some(entry) => {
                        teller.tell(&RowOutcome::stored(
                            *at,
                            entry,
                            self.was_before(at.row),
                            notes,
                        ));
                    }
                    None => teller.tell(&discarded(*at)),
                }
            }
        }
        Ok(())
    }
}
