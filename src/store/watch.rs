//! Other processes' commits, and that a file of the store is moved away, deleted or replaced,
//! noticed because the system says so: whoever waits sleeps until then.
//!
//! Our own commits are told as well; [`Store::version`](super::Store::version) knows whose
//! they were. Where the system cannot tell, the files are looked at now and then.

use std::{path::Path, time::Duration};

use tokio::time::sleep;

/// How often to look where nobody tells.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// The folder that the store's files lie in, watched.
#[derive(Debug)]
pub(super) struct Watch(Option<told::Told>);

impl Watch {
    pub(super) fn over(store: &Path) -> Self {
        let folder = store.parent().unwrap_or(Path::new("."));
        let told = told::Told::of(folder).inspect_err(|error| {
            tracing::warn!(%error, "the system tells no changes of the store; it is looked at");
        });
        Self(told.ok())
    }

    /// Nobody tells: for programs that keep time themselves.
    pub(super) fn by_time() -> Self {
        Self(None)
    }

    /// Waits until something may have been written since the last time.
    pub(super) async fn stirs(&self) {
        let told = match &self.0 {
            Some(told) => told.waits().await.is_ok(),
            None => false,
        };
        if !told {
            sleep(LOOK_EVERY).await;
        }
    }
}

#[cfg(target_os = "linux")]
mod told {
    use std::{io, path::Path};

    use rustix::{
        fd::OwnedFd,
        fs::inotify::{self, CreateFlags, WatchFlags},
        io::Errno,
    };
    use tokio::io::{Interest, unix::AsyncFd};

    const TOLD_OF: WatchFlags = WatchFlags::MODIFY
        .union(WatchFlags::CREATE)
        .union(WatchFlags::DELETE)
        .union(WatchFlags::MOVE)
        .union(WatchFlags::DELETE_SELF)
        .union(WatchFlags::MOVE_SELF);

    /// inotify(7): no thread and no timer, only a file that can be waited for.
    #[derive(Debug)]
    pub(super) struct Told(AsyncFd<OwnedFd>);

    impl Told {
        pub(super) fn of(folder: &Path) -> io::Result<Self> {
            let told = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
            inotify::add_watch(&told, folder, TOLD_OF)?;
            #[expect(deprecated, reason = "sound with an owned file; its successor is unsafe")]
            let told = AsyncFd::with_interest(told, Interest::READABLE)?;
            Ok(Self(told))
        }

        /// Waits until something is told, and takes all of it.
        pub(super) async fn waits(&self) -> io::Result<()> {
            let mut ready = self.0.readable().await?;
            let mut words = [0; 4096];
            loop {
                match rustix::io::read(&self.0, &mut words[..]) {
                    Ok(1..) | Err(Errno::INTR) => {}
                    Ok(0) | Err(Errno::AGAIN) => break,
                    Err(error) => return Err(error.into()),
                }
            }
            ready.clear_ready();
            Ok(())
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod told {
    use std::{future::pending, io, path::Path};

    #[derive(Debug)]
    pub(super) struct Told;

    impl Told {
        pub(super) fn of(_: &Path) -> io::Result<Self> {
            Err(io::ErrorKind::Unsupported.into())
        }

        pub(super) async fn waits(&self) -> io::Result<()> {
            pending().await
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs;

    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn a_write_beside_is_told_once_and_silence_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store.db");
        fs::write(&store, "").unwrap();
        let watch = Watch::over(&store);
        assert_eq!(watch.stirs().now_or_never(), None, "nothing was written yet");
        for _ in 0..500 {
            fs::write(folder.path().join("store.db-wal"), "written").unwrap();
        }
        watch.stirs().await;
        tokio::task::yield_now().await;
        assert_eq!(watch.stirs().now_or_never(), None, "it was all one");
        fs::write(&store, "again").unwrap();
        watch.stirs().await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_folder_that_cannot_be_watched_is_looked_at() {
        let watch = Watch::over(Path::new("/there/is/no/such/folder/store.db"));
        watch.stirs().await;
    }
}
