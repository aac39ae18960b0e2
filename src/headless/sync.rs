//! `sync`: delivers what is queued, and with `--watch` goes on doing so.

use std::{
    io::{self, Write as _},
    time::Duration,
};

use anyhow::Result;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

use super::output::{id, outcome_word};
use crate::{
    config::Config,
    contact::text::safe,
    delivery::{self, clock},
    run::{Exit, client, scope},
    store::Store,
    submission::{Entry, Group, Link, Update},
};

/// A platform that does not answer for this long is left for another time.
const PATIENCE: Duration = Duration::from_secs(15);

/// Delivers until nothing waits, the platform cannot be reached, or Ctrl+C.
///
/// # Errors
/// When the store or the secret cannot be had, or nothing can be printed.
pub async fn run(config: &Config, watch: bool) -> Result<Exit> {
    let store = Store::open(&config.store_path(), scope(config), clock::now()).await?;
    let client = client(config).await?;
    let before = store.counts().await?;
    let (sender, mut updates) = mpsc::unbounded_channel();
    let settings =
        delivery::Settings { max_batch: config.max_batch, refresh: watch, ..Default::default() };
    let (handle, worker) = delivery::spawn(store.clone(), client, settings, sender);
    let (mut offline_since, mut refused) = (None, false);
    while watch || !is_over(&store).await? {
        let give_up = offline_since.map(|since: Instant| since + PATIENCE);
        tokio::select! {
            update = updates.recv() => match update {
                None => break,
                Some(Update::Entry(entry)) => tell(&entry)?,
                Some(Update::Link(Link::Offline { .. })) => {
                    offline_since.get_or_insert_with(Instant::now);
                }
                Some(Update::Link(Link::Refused { reason })) => {
                    writeln!(io::stderr(), "rolodesk: {}", safe(&reason))?;
                    refused = true;
                    if !watch {
                        break;
                    }
                }
                Some(Update::Link(Link::Online | Link::Untried)) => offline_since = None,
                Some(Update::Notice(text)) => writeln!(io::stderr(), "rolodesk: {}", safe(&text))?,
                Some(
                    Update::NotStored { .. }
                    | Update::Gone(_)
                    | Update::Reread
                    | Update::Directory(_)
                    | Update::Counts(_)
                    | Update::Budget(_),
                ) => {}
            },
            () = sleep_until(give_up.unwrap_or_else(Instant::now)), if give_up.is_some() && !watch => break,
            _ = tokio::signal::ctrl_c() => break,
        }
    }
    drop(handle);
    worker.await?;
    let after = store.counts().await?;
    let (failed, waiting) = (after.duplicate + after.attention, after.waiting());
    writeln!(
        io::stdout(),
        "{} created, {} duplicates, {} needing attention, {waiting} still queued",
        after.created.saturating_sub(before.created),
        after.duplicate.saturating_sub(before.duplicate),
        after.attention.saturating_sub(before.attention),
    )?;
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

async fn is_over(store: &Store) -> Result<bool> {
    Ok(store.counts().await?.waiting() == 0 && store.lookups(1).await?.is_empty())
}

/// One line for each contact that is settled now; what was settled before is not told.
fn tell(entry: &Entry) -> io::Result<()> {
    let settled_now = entry.settled_at.is_some_and(|at| at >= recently());
    if matches!(entry.status.group(), Group::Queued | Group::Sending) || !settled_now {
        return Ok(());
    }
    let contact = &entry.submission.contact;
    let more = id(&entry.status).or_else(|| entry.reason()).unwrap_or_default();
    writeln!(
        io::stdout(),
        "{}  {}  {}  {}",
        outcome_word(&entry.status),
        contact.full_name(),
        contact.phone.international(),
        safe(&more)
    )
}

fn recently() -> jiff::Timestamp {
    clock::now().wall - jiff::SignedDuration::from_secs(5)
}
