//! A process of the program: a real worker on a real store, which may be killed after any of
//! its steps or stopped for a while, as `kill -9` and SIGSTOP do.

use std::{
    path::Path,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use tokio::{sync::mpsc, task::JoinHandle};

use super::platform::Platform;
use crate::{
    api::{Algorithm, Client, ClientSettings, Credential},
    delivery::{self, Handle, Inbox, WorkerSettings, clock},
    store::{DirectoryStorage, Estate, Limits, Scope, Store},
};

/// The account's limit.
pub(crate) const LIMIT: u32 = 12;

/// Steps that a process takes before it is gone; less than none: for ever.
pub(super) type Steps = Arc<AtomicI64>;

/// One process.
#[derive(Debug)]
pub(super) struct Process {
    pub(super) handle: Handle,
    task: JoinHandle<()>,
}

impl Process {
    /// Starts one that is killed after so many steps.
    pub(super) async fn start(
        store: &Path,
        platform: &Platform,
        max_batch: u32,
        steps: Option<i64>,
    ) -> Self {
        let store = open(store).await;
        let client = client(platform);
        let (updates, _) = mpsc::unbounded_channel();
        let (handle, inbox) = Inbox::new();
        let settings = WorkerSettings { max_batch, page_size: 3, ..WorkerSettings::default() };
        let work = delivery::work(store, client, settings, updates, inbox);
        let steps = Arc::new(AtomicI64::new(steps.unwrap_or(-1)));
        let task = tokio::spawn(Mortal { work: Some(Box::pin(work)), steps });
        Self { handle, task }
    }

    pub(super) fn is_gone(&self) -> bool {
        self.task.is_finished()
    }

    /// Quits it as an agent does, and waits until it has ended.
    pub(super) async fn quit(self) {
        drop(self.handle);
        let _ = tokio::time::timeout(Duration::from_secs(5), self.task).await;
    }

    /// Kills it where it stands.
    pub(super) async fn kill(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}

/// The store as another process sees it.
pub(super) async fn open(path: &Path) -> Store {
    Store::open_here(path, scope("ada", DirectoryStorage::OnDisk), clock::now()).await.unwrap()
}

/// Whose rows they are, and who types them.
pub(crate) fn scope(agent: &str, directory: DirectoryStorage) -> Scope {
    Scope {
        profile: "acme".into(),
        estate: Estate::new("https://platform.example", "a-1", "st-1"),
        limits: Limits::per_minute(LIMIT),
        directory,
        agent: agent.into(),
        machine: "desk".into(),
    }
}

/// The way to the platform.
pub(crate) fn client(platform: &Platform) -> Client {
    let settings = ClientSettings {
        host: "https://platform.example".into(),
        stream_id: "st-1".into(),
        account_id: "a-1".into(),
        credential: Credential::Signed {
            client_id: "cs-1".into(),
            secret: "secret".into(),
            algorithm: Algorithm::Hs256,
            subject: "1".into(),
            lifetime: Some(Duration::from_mins(5)),
        },
        ca_file: None,
        duplicate_phrases: Vec::new(),
        renewal: None,
        connect_timeout: Duration::from_secs(10),
        call_timeout: platform.call_timeout(),
    };
    let contacts = "https://platform.example/contacts".parse().unwrap();
    Client::over(settings, contacts, Box::new(platform.clone()))
}

/// Work that stops for ever after a number of steps, wherever it is then.
struct Mortal {
    work: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    steps: Steps,
}

impl Future for Mortal {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.steps.load(Ordering::Relaxed) == 0 {
            self.work = None;
        }
        let Some(work) = &mut self.work else { return Poll::Ready(()) };
        let polled = work.as_mut().poll(context);
        if self.steps.load(Ordering::Relaxed) > 0 {
            self.steps.fetch_sub(1, Ordering::Relaxed);
        }
        polled
    }
}
