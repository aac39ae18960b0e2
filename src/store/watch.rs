//! Whether somebody writes to the store: a watch on its write-ahead log, which the kernel
//! wakes. Nothing looks in between.

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::watch;

use super::{Store, engine::Writer};

/// Writes to the store, by whatever process; this one's are among them.
#[derive(Debug)]
pub struct StoreWrites {
    _watcher: RecommendedWatcher,
    written: watch::Receiver<()>,
}

impl StoreWrites {
    /// Comes after the next write; several at once may come as one.
    pub async fn next(&mut self) {
        // The watcher lives as long as this and holds the other end.
        let _ = self.written.changed().await;
    }
}

impl Store {
    /// Begins to watch; `None` where the system has no watch to give, as when a user has too
    /// many already.
    pub async fn watch(&self) -> Option<StoreWrites> {
        let file =
            self.connections.write(|writer: &mut Writer| Ok(writer.log_path())).await.ok()?;
        let (tell, written) = watch::channel(());
        let heard = move |event: notify::Result<notify::Event>| match event.map(|it| it.kind) {
            Ok(EventKind::Access(_)) => {}
            Ok(_) | Err(_) => tell.send_replace(()),
        };
        let watching = notify::recommended_watcher(heard).and_then(|mut watcher| {
            watcher.watch(&file, RecursiveMode::NonRecursive).map(|()| watcher)
        });
        match watching {
            Ok(watcher) => Some(StoreWrites { _watcher: watcher, written }),
            Err(error) => {
                tracing::warn!(%error, "the store cannot be watched; it is looked at instead");
                None
            }
        }
    }
}
