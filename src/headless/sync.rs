//! `sync`: delivers what is queued, and with `--watch` goes on doing so.

use std::io::{self, Write as _};

use anyhow::Result;
use jiff::Timestamp;
use tokio::task::JoinHandle;

use super::{
    follow::{Asked, Ended, Follower, Next, Patience},
    output::{id, outcome_word, word},
    sentences,
    standstill::Standstill,
};
use crate::{
    config::Config,
    connect,
    contact::text::safe,
    delivery::clock,
    exit::Exit,
    signals::Signals,
    store::Store,
    submission::{Counts, Entry, Group, Update},
};

/// Delivers until nothing waits, the platform cannot be reached, or somebody asks to stop.
///
/// # Errors
/// When the store or the secret cannot be had, or nothing can be printed.
pub async fn run(config: &Config, watch: bool) -> Result<Exit> {
    let store = connect::store(config, clock::now()).await?;
    let deliverer = connect::deliverer(config).await?;
    let before = store.counts().await?;
    let mut told = SyncPrinter {
        store: &store,
        since: clock::now().wall,
        watch,
        standstill: Standstill::of(config),
        noted: Vec::new(),
    };
    if let Some(followed) = store.followed() {
        let followed = followed.to_string();
        told.note(&followed)?;
        told.noted.push(followed);
    }
    let follower = Follower::start(config, &store, deliverer, Signals::listen()?, watch);
    let forgetting = connect::keep_forgetting(config, &store, clock::now);
    let patience = if watch { Patience::Endless } else { Patience::Short };
    let ended = follower.follow(&mut told, patience).await;
    forgetting.iter().for_each(JoinHandle::abort);
    let ended = ended?;
    let after = store.counts().await?;
    let (failed, waiting) = (after.duplicate + after.attention, after.waiting());
    writeln!(io::stdout(), "{}", sum(&before, &after))?;
    let held = store.held_elsewhere().await?;
    for held in held.iter().map(ToString::to_string).filter(|it| !told.noted.contains(it)) {
        writeln!(io::stderr(), "rolodesk: {}", safe(&held))?;
    }
    Ok(ended.exit(waiting > 0 || !held.is_empty(), failed > before.duplicate + before.attention))
}

/// What this run came to.
fn sum(before: &Counts, after: &Counts) -> String {
    let deleted = after.deleted.saturating_sub(before.deleted);
    let told = if deleted > 0 { format!(", {deleted} deleted") } else { String::new() };
    format!(
        "{} created{told}, {} duplicates, {} needing attention, {} still queued",
        // One whose deletion waited counted among what waits, not among the created.
        after.created.saturating_sub(before.created),
        after.duplicate.saturating_sub(before.duplicate),
        after.attention.saturating_sub(before.attention),
        after.waiting(),
    )
}

/// Says each thing once: what is settled on standard output, the rest beside it.
struct SyncPrinter<'a> {
    store: &'a Store,
    /// What was settled before is not told.
    since: Timestamp,
    watch: bool,
    standstill: Standstill,
    /// What was said beside the rows, held contacts among it.
    noted: Vec<String>,
}

impl Asked for SyncPrinter<'_> {
    fn hear(&mut self, update: Update) -> Result<Next> {
        match update {
            Update::Entry(entry) => self.tell_entry(&entry)?,
            Update::Notice(text) | Update::StoreFailed { reason: text, .. }
                if self.noted.contains(&text) => {}
            Update::Notice(text) | Update::StoreFailed { reason: text, .. } => {
                self.note(&text)?;
                self.noted.push(text);
            }
            Update::Counts(_) => return Ok(Next::Look),
            Update::NotStored { .. }
            | Update::Gone(_)
            | Update::Reread
            | Update::Known { .. }
            | Update::Everybody { .. }
            | Update::Directory(_)
            | Update::PlatformHealth(_)
            | Update::Budget(_) => {}
        }
        Ok(Next::Wait)
    }

    async fn look(&mut self) -> Result<Next> {
        let waits = self.watch
            || self.store.counts().await?.waiting() > 0
            || !self.store.lookups(1).await?.is_empty();
        if !waits {
            return Ok(Next::End(Ended::Settled));
        }
        if !self.watch
            && let Some(why) = self.standstill.look(self.store).await?
        {
            self.note(&why)?;
            return Ok(Next::End(Ended::TimeUp));
        }
        Ok(Next::Wait)
    }

    fn note(&mut self, text: &str) -> io::Result<()> {
        writeln!(io::stderr(), "rolodesk: {}", safe(text))
    }

    fn trouble(&mut self, what: Option<String>) {
        self.standstill.hear(what.as_ref());
    }
}

impl SyncPrinter<'_> {
    /// One line for each contact that is settled now.
    fn tell_entry(&self, entry: &Entry) -> io::Result<()> {
        let settled_now = entry.settled_at.is_some_and(|at| at >= self.since);
        if matches!(entry.status.group(), Group::Queued | Group::Sending) || !settled_now {
            return Ok(());
        }
        let contact = &entry.submission.contact;
        let more = id(&entry.status).or_else(|| sentences::row(entry)).unwrap_or_default();
        writeln!(
            io::stdout(),
            "{}  {}  {}  {}",
            if entry.task.change().is_some() {
                word(&entry.status)
            } else {
                outcome_word(&entry.status)
            },
            contact.full_name(),
            contact.phone.international(),
            safe(&more)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_created_by_an_earlier_run_and_is_deleted_by_this_one_is_no_creation() {
        let before = Counts { queued: 2, created: 3, ..Counts::default() };
        let after = Counts { created: 4, deleted: 1, ..Counts::default() };
        let told = "1 created, 1 deleted, 0 duplicates, 0 needing attention, 0 still queued";
        assert_eq!(sum(&before, &after), told);
    }
}
