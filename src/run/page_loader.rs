//! Fetches pages of the results from the store, beside the small errands: a search through
//! a million rows takes a while, and whoever types on wants another page by then. Only the
//! newest wish counts; what was wanted before is dropped, between two parts of its search.

use tokio::{
    sync::{
        mpsc::UnboundedSender,
        watch::{self, Receiver, Sender},
    },
    task::JoinHandle,
};

use super::awaited_store::AwaitedStore;
use crate::{submission::Page, tui::Event};

/// The way to the task that reads; it ends with this.
#[derive(Debug)]
pub(super) struct PageLoader {
    wishes: Sender<Option<Page>>,
    task: JoinHandle<()>,
}

impl PageLoader {
    /// Begins once the store is open.
    pub(super) fn new(store: AwaitedStore, events: UnboundedSender<Event>) -> Self {
        let (wishes, wanted) = watch::channel(None);
        Self { wishes, task: tokio::spawn(work(store, wanted, events)) }
    }

    /// Asks for a page, answered by [`Event::Page`], instead of any asked for before.
    pub(super) fn fetch(&self, page: Page) {
        self.wishes.send_replace(Some(page));
    }
}

impl Drop for PageLoader {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn work(
    store: AwaitedStore,
    mut wanted: Receiver<Option<Page>>,
    events: UnboundedSender<Event>,
) {
    let Some(store) = store.opened().await else { return };
    while wanted.changed().await.is_ok() {
        let Some(page) = wanted.borrow_and_update().clone() else { continue };
        let rows = tokio::select! {
            rows = store.page(&page) => rows.map_err(|error| error.to_string()),
            changed = wanted.changed() => {
                if changed.is_err() {
                    return;
                }
                wanted.mark_changed();
                continue;
            }
        };
        // The loop ends before the page loader does.
        let _ = events.send(Event::Page { page, rows });
    }
}
