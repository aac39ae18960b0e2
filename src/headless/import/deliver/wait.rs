//! Waiting until every row has its last word, whoever delivers it.

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use tokio::{
    sync::mpsc::UnboundedReceiver,
    time::{Duration, Instant, sleep_until},
};

use super::{AT_ONCE, RowLedger, by_id, discarded};
use crate::{
    contact::text::safe,
    headless::{
        PATIENCE,
        import::tell::{ImportPrinter, RowOutcome, is_settled},
        sentences,
    },
    signals::Signals,
    store::Store,
    submission::{Entry, PlatformHealth, SubmissionId, Update},
};

/// How often rows that others deliver are looked at.
const POLL: Duration = Duration::from_secs(2);
/// A pause that somebody would wonder about.
const LONG_PAUSE: SignedDuration = SignedDuration::from_mins(2);

/// Why the waiting ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::headless::import) enum Ended {
    /// Every row has its last word.
    Settled,
    /// The platform cannot be reached.
    Unreachable,
    /// The platform refuses us.
    Refused,
    /// Somebody asked us to stop.
    Interrupted,
    /// Nobody reads what is printed.
    Unheard,
}

impl RowLedger {
    /// Waits until every row is settled, or there is no use in waiting.
    pub(in crate::headless::import) async fn wait(
        &mut self,
        store: &Store,
        updates: &mut UnboundedReceiver<Update>,
        signals: &mut Signals,
        teller: &mut ImportPrinter,
    ) -> Result<Ended> {
        let mut platform = Platform::default();
        let mut poll = Instant::now() + POLL;
        let mut cursor = None;
        loop {
            if self.pending.is_empty() {
                return Ok(Ended::Settled);
            }
            if teller.is_unheard() {
                return Ok(Ended::Unheard);
            }
            let give_up = platform.offline_since.map(|since| since + PATIENCE);
            let ended = tokio::select! {
                biased;
                _ = signals.next() => Some(Ended::Interrupted),
                update = updates.recv() => match update {
                    Some(update) => self.hear(update, &mut platform, teller),
                    None => Some(Ended::Unreachable),
                },
                () = sleep_until(poll) => {
                    cursor = self.look(store, cursor, teller).await?;
                    teller.progress.advance(&teller.tally);
                    poll = Instant::now() + POLL;
                    None
                }
                () = sleep_until(give_up.unwrap_or(poll)), if give_up.is_some() => {
                    Some(Ended::Unreachable)
                }
            };
            if let Some(ended) = ended {
                return Ok(ended);
            }
        }
    }

    fn hear(
        &mut self,
        update: Update,
        platform: &mut Platform,
        teller: &mut ImportPrinter,
    ) -> Option<Ended> {
        let note = |text: &str, more: &str| {
            teller.progress.note(&format!("rolodesk: {}{more}\n", safe(text)));
        };
        match update {
            Update::Entry(entry) => self.settle(&entry, teller),
            Update::Gone(id) => self.gone(id, teller),
            Update::PlatformHealth(PlatformHealth::Offline(failure)) => {
                if platform.offline_since.is_none() {
                    platform.offline_since = Some(Instant::now());
                    note(&sentences::failure(&failure), "; still trying");
                }
            }
            Update::PlatformHealth(PlatformHealth::Refused(refusal)) => {
                note(&sentences::refusal(&refusal), "");
                return Some(Ended::Refused);
            }
            Update::PlatformHealth(PlatformHealth::Online | PlatformHealth::Untried) => {
                platform.offline_since = None;
            }
            Update::Budget(budget) => platform.tell_hold(budget.next_slot_at, teller),
            Update::Notice(text) => note(&text, ""),
            Update::NotStored { .. }
            | Update::Reread
            | Update::Directory(_)
            | Update::Counts(_) => {}
        }
        None
    }

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
            && let Some(at) = self.pending.remove(&entry.submission.id)
        {
            teller.tell(&RowOutcome::stored(at, entry, self.was_before(at.row)));
        }
    }

    fn gone(&mut self, id: SubmissionId, teller: &mut ImportPrinter) {
        if let Some(at) = self.pending.remove(&id) {
            teller.tell(&discarded(at));
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
            for (id, at) in part {
                match entries.get(id) {
                    Some(entry) => {
                        teller.tell(&RowOutcome::stored(*at, entry, self.was_before(at.row)));
                    }
                    None => teller.tell(&discarded(*at)),
                }
            }
        }
        Ok(())
    }
}

/// How the platform was last seen.
#[derive(Debug, Default)]
struct Platform {
    offline_since: Option<Instant>,
    /// The pause that was told.
    held_until: Option<Timestamp>,
}

impl Platform {
    /// Says once that the platform asked for a long pause (an hourly limit).
    fn tell_hold(&mut self, until: Option<Timestamp>, teller: &ImportPrinter) {
        let Some(until) = until else { return };
        let is_far = until.duration_since(Timestamp::now()) > LONG_PAUSE;
        let is_new = self.held_until.is_none_or(|told| until.duration_since(told) > LONG_PAUSE);
        if is_far && is_new {
            self.held_until = Some(until);
            let at = until.strftime("%H:%MZ");
            teller.progress.note(&format!(
                "rolodesk: the account's limit is reached and nothing can be sent until {at}; \
                 Ctrl+C leaves the rest queued\n"
            ));
        }
    }
}
