//! What is opened behind the form's first picture, in this order: the store, the half-typed
//! contact of the last time, the secret and the client. The task that opened them is the
//! worker from then on; what was asked of it meanwhile has waited.
//!
//! A store that somebody holds is waited for. One that cannot be opened is tried again with
//! each contact that is to be stored, and the form says so until then. A secret that cannot
//! be had ends the form: that is wrong configuration.

use std::time::Duration;

use anyhow::Result;
use tokio::{
    sync::{mpsc::UnboundedSender, watch},
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};

use super::{
    awaited_store::AwaitedStore,
    store_tasks::{self, SavedForm},
};
use crate::{
    config::{Config, DirectoryUse},
    connect,
    delivery::{self, Inbox, clock},
    store::{Store, StoreError},
    submission::Update,
    tui::{Event, terminal},
};

/// What was typed ahead is read within this, or somebody goes on typing.
const LONGEST_BACKLOG: Duration = Duration::from_millis(200);
const MOMENT: Duration = Duration::from_millis(1);
/// A store that is not open by then is worth a word.
const SOON: Duration = Duration::from_secs(1);
const NOT_YET: &str = "the store is not open yet: another program holds it, or the disk is slow; \
                       what you submit waits";

/// Whom the form hears from what stands behind it.
#[derive(Debug, Clone)]
pub(super) struct Ears {
    pub(super) updates: UnboundedSender<Update>,
    pub(super) events: UnboundedSender<Event>,
}

impl Ears {
    /// The loop ends before whoever tells it.
    fn tell(&self, event: Event) {
        let _ = self.events.send(event);
    }
}

/// Starts opening, then working; ends when the last handle to `inbox` is dropped, with the
/// reason why nothing could be stored or sent if there is one.
pub(super) fn start(
    config: &Config,
    inbox: Inbox,
    ears: Ears,
) -> (AwaitedStore, JoinHandle<Result<()>>) {
    let (tells, awaited) = AwaitedStore::new();
    let worker = tokio::spawn(open_and_work(config.clone(), tells, inbox, ears));
    (awaited, worker)
}

async fn open_and_work(
    config: Config,
    tells: watch::Sender<Option<Store>>,
    mut inbox: Inbox,
    ears: Ears,
) -> Result<()> {
    let store = open(&config, &mut inbox, &ears).await?;
    let saved = store_tasks::saved_draft(&store).await;
    until_typed_ahead_is_read().await;
    restore(saved, &ears);
    tells.send_replace(Some(store.clone()));
    drop(tells);
    let deliverer = connect::deliverer(&config).await?;
    let settings = delivery::WorkerSettings {
        max_batch: config.max_batch,
        refresh: config.directory != DirectoryUse::Off,
        ..Default::default()
    };
    let forgetting = connect::keep_forgetting(&config, &store, clock::now);
    deliverer.work(store, settings, ears.updates, inbox).await;
    forgetting.iter().for_each(JoinHandle::abort);
    Ok(())
}

/// What was typed before anybody read it goes into the form as it shows, and not behind what
/// comes back into it.
async fn until_typed_ahead_is_read() {
    let mut waits = false;
    let deadline = Instant::now() + LONGEST_BACKLOG;
    while terminal::has_input() && Instant::now() < deadline {
        waits = true;
        sleep(MOMENT).await;
    }
    if waits {
        // What was read last is on its way to the form.
        sleep(3 * MOMENT).await;
    }
}

/// Puts what was in the form the last time back into it.
fn restore(saved: SavedForm, ears: &Ears) {
    let gone = saved.went_out();
    ears.tell(Event::Restored(saved.draft));
    if let Some(row) = saved.correcting {
        ears.tell(Event::Correcting(Box::new(row)));
    }
    if let Some(gone) = gone {
        ears.tell(Event::Notice(gone));
    }
}

/// Tries until the store is open or the agent leaves.
async fn open(config: &Config, inbox: &mut Inbox, ears: &Ears) -> Result<Store, StoreError> {
    let mut asked = None;
    loop {
        let error = match open_once(config, ears).await {
            Ok(store) => return Ok(store),
            Err(StoreError::Busy) => continue,
            Err(error) => error,
        };
        match asked {
            None => ears.tell(Event::CannotStore(error.to_string())),
            Some(id) => {
                inbox.withdraw(id);
                // The loop ends before whoever tells it.
                let _ = ears.updates.send(Update::NotStored { id, reason: error.to_string() });
            }
        }
        asked = inbox.next_submission().await;
        if asked.is_none() {
            return Err(error);
        }
    }
}

async fn open_once(config: &Config, ears: &Ears) -> Result<Store, StoreError> {
    let opening = connect::store(config, clock::now());
    tokio::pin!(opening);
    if let Ok(opened) = timeout(SOON, &mut opening).await {
        return opened;
    }
    ears.tell(Event::StoreIsLate(NOT_YET.into()));
    opening.await
}
