//! A store that is still being opened, for whoever works with it once it is.

use tokio::sync::watch::{self, Receiver, Sender};

use crate::store::Store;

/// Gives the store when it is open.
#[derive(Debug, Clone)]
pub(super) struct AwaitedStore(Receiver<Option<Store>>);

impl AwaitedStore {
    /// With the way to tell that it is open.
    pub(super) fn new() -> (Sender<Option<Store>>, Self) {
        let (tells, awaited) = watch::channel(None);
        (tells, Self(awaited))
    }

    /// The store; `None` when there will be none.
    pub(super) async fn opened(mut self) -> Option<Store> {
        self.0.wait_for(Option::is_some).await.ok()?.clone()
    }
}
