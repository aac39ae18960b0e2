//! `sync`: delivers what is queued, and with `--watch` goes on doing so.

use std::{
    io::{self, Write as _},
    time::Duration,
};

use anyhow::Result;
use jiff::Timestamp;
use tokio::{
    sync::mpsc::{self, UnboundedReceiver},
    time::{Instant, sleep, sleep_until},
};

use super::{
    PATIENCE,
    output::{id, outcome_word},
    sentences,
};
use crate::{
    config::{Config, DirectoryUse},
    connect::{client, scope},
    contact::text::safe,
    delivery::{self, clock},
    exit::Exit,
    signals::Signals,
    store::Store,
    submission::{Entry, Group, PlatformHealth, Update},
};

/// How often the store is asked whether anything is left: a row that cannot be read is
/// set aside without a word.
const LOOK: Duration = Duration::from_secs(1);

/// Delivers until nothing waits, the platform cannot be reached, or somebody asks to stop.
///
/// # Errors
/// When the store or the secret cannot be had, or nothing can be printed.
pub async fn run(config: &Config, watch: bool) -> Result<Exit> {
    let store = Store::open(&config.store_path(), scope(config), clock::now()).await?;
    let client = client(config).await?;
    let before = store.counts().await?;
    let mut teller = SyncPrinter { since: clock::now().wall, watch, link: PlatformHealth::Untried };
    let signals = Signals::listen()?;
    let (sender, updates) = mpsc::unbounded_channel();
    let settings = delivery::WorkerSettings {
        max_batch: config.max_batch,
        refresh: watch && config.directory != DirectoryUse::Off,
        ..Default::default()
    };
    let (handle, worker) = delivery::spawn(store.clone(), client, settings, sender);
    let followed = follow(&mut teller, &store, updates, signals).await;
    // Whatever ended it, requests under way are waited for and written down.
    drop(handle);
    worker.await?;
    followed?;
    let after = store.counts().await?;
    let (failed, waiting) = (after.duplicate + after.attention, after.waiting());
    writeln!(
        io::stdout(),
        "{} created, {} duplicates, {} needing attention, {waiting} still queued",
        after.created.saturating_sub(before.created),
        after.duplicate.saturating_sub(before.duplicate),
        after.attention.saturating_sub(before.attention),
    )?;
    let refused = matches!(teller.link, PlatformHealth::Refused(_));
    Ok(if waiting > 0 && refused {
        Exit::NotAuthorised
    } else if waiting > 0 {
        Exit::Pending
    } else if failed > before.duplicate + before.attention {
        Exit::Partly
    } else {
        Exit::Done
    })
}

async fn follow(
    teller: &mut SyncPrinter,
    store: &Store,
    mut updates: UnboundedReceiver<Update>,
    mut signals: Signals,
) -> Result<()> {
    let mut offline_since = None;
    while teller.watch || !is_over(store).await? {
        let give_up = offline_since.map(|since: Instant| since + PATIENCE);
        tokio::select! {
            update = updates.recv() => match update {
                None => break,
                Some(update) => teller.tell(&update)?,
            },
            () = sleep_until(give_up.unwrap_or_else(Instant::now)), if give_up.is_some() && !teller.watch => break,
            () = sleep(LOOK), if !teller.watch => {}
            _ = signals.next() => break,
        }
        match &teller.link {
            PlatformHealth::Offline(_) => {
                offline_since.get_or_insert_with(Instant::now);
            }
            PlatformHealth::Refused(_) if !teller.watch => break,
            PlatformHealth::Refused(_) | PlatformHealth::Online | PlatformHealth::Untried => {
                offline_since = None;
            }
        }
    }
    Ok(())
}

async fn is_over(store: &Store) -> Result<bool> {
    Ok(store.counts().await?.waiting() == 0 && store.lookups(1).await?.is_empty())
}

/// Says each thing once: what is settled on standard output, the rest beside it.
struct SyncPrinter {
    /// What was settled before is not told.
    since: Timestamp,
    watch: bool,
    link: PlatformHealth,
}

impl SyncPrinter {
    fn tell(&mut self, update: &Update) -> io::Result<()> {
        match update {
            Update::Entry(entry) => self.tell_entry(entry),
            Update::PlatformHealth(link) => self.tell_link(link),
            Update::Notice(text) => writeln!(io::stderr(), "rolodesk: {}", safe(text)),
            Update::NotStored { .. }
            | Update::Gone(_)
            | Update::Reread
            | Update::Directory(_)
            | Update::Counts(_)
            | Update::Budget(_) => Ok(()),
        }
    }

    fn tell_link(&mut self, link: &PlatformHealth) -> io::Result<()> {
        let was = std::mem::replace(&mut self.link, link.clone());
        let same = std::mem::discriminant(&was) == std::mem::discriminant(link);
        match link {
            PlatformHealth::Offline(failure) if self.watch && !same => {
                let why = sentences::failure(failure);
                writeln!(io::stderr(), "rolodesk: offline, still trying: {}", safe(&why))
            }
            PlatformHealth::Refused(refusal) if !same => {
                writeln!(io::stderr(), "rolodesk: {}", safe(&sentences::refusal(refusal)))
            }
            PlatformHealth::Online
                if self.watch
                    && matches!(was, PlatformHealth::Offline(_) | PlatformHealth::Refused(_)) =>
            {
                writeln!(io::stderr(), "rolodesk: online again")
            }
            PlatformHealth::Offline(_)
            | PlatformHealth::Refused(_)
            | PlatformHealth::Online
            | PlatformHealth::Untried => Ok(()),
        }
    }

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
            outcome_word(&entry.status),
            contact.full_name(),
            contact.phone.international(),
            safe(&more)
        )
    }
}
