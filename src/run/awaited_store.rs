//! The store while it is still being opened, for whatever will need it.

use tokio::sync::watch;

use crate::store::Store;

/// A store that is still being opened.
#[derive(Debug, Clone)]
pub(super) struct AwaitedStore(watch::Receiver<Option<Store>>);

impl AwaitedStore {
    /// One that is open once it is sent.
    pub(super) fn new() -> (watch::Sender<Option<Store>>, Self) {
        let (opens, awaited) = watch::channel(None);
        (opens, Self(awaited))
    }

    /// The store; `None` when there will be none.
    pub(super) async fn opened(mut self) -> Option<Store> {
        self.0.wait_for(Option::is_some).await.ok()?.clone()
    }
}
