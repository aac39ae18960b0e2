//! The one thread that owns the file's two connections: one writes, one reads beside it.
//!
//! ```text
//!   Store --Write--> queue --> the writing connection
//!         --Read --> queue --> the reading connection
//!                                '-- every thousand steps: writes that came meanwhile,
//!                                    and whether anybody still waits for the answer
//! ```
//!
//! A read sees the store as it was when it began (write-ahead log), so a write in the middle
//! of one changes nothing of its answer: a contact is accepted at once however many rows
//! somebody pages through. A read whose asker is gone is broken off.
//!
//! A program that keeps time itself has the same done in its own thread, while it waits.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver, Sender},
    },
    thread::{self, JoinHandle},
};

use rusqlite::Connection;
use tokio::{sync::oneshot, task::yield_now};

use super::{
    StoreError,
    engine::{Engine, Writer},
};

/// Steps of a read between two looks at the queue: some ten microseconds.
const STEPS_BETWEEN_LOOKS: i32 = 1_000;

enum Job {
    Write(Box<dyn FnOnce(&mut Writer) + Send>),
    Read(Read),
}

struct Read {
    work: Box<dyn FnOnce(&mut Connection) + Send>,
    given_up: Arc<AtomicBool>,
}

/// The way to the file's connections. Dropping it waits until the file is closed, so that what
/// was committed lies in the file itself once the last process has ended.
#[derive(Debug)]
pub(super) enum Connections {
    /// On their own thread.
    Thread(StoreThread),
    /// On the thread of whoever asks.
    Here(Mutex<Option<Box<Engine>>>),
}

#[derive(Debug)]
pub(super) struct StoreThread {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

/// Says on being dropped that nobody waits any more.
struct Asker(Arc<AtomicBool>);

impl Drop for Asker {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Connections {
    /// Runs `work` on the connection that writes, before any read that waits.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Writer) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        match self {
            Self::Thread(thread) => thread.send(Job::Write(Box::new(move |writer| {
                // Whoever asked may be gone; what was asked is done.
                let _ = answer.send(work(writer));
            })))?,
            Self::Here(engine) => {
                let done = work(&mut locked(engine).as_mut().ok_or(StoreError::Ended)?.write);
                // Others on this thread get their turn, as they would while the disk works.
                yield_now().await;
                return done;
            }
        }
        answered.await.unwrap_or(Err(StoreError::Ended))
    }

    /// Runs `work` on the connection that reads; dropping the future breaks it off.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let given_up = Arc::new(AtomicBool::new(false));
        let _asker = Asker(Arc::clone(&given_up));
        match self {
            Self::Thread(thread) => {
                let work = Box::new(move |connection: &mut Connection| {
                    let _ = answer.send(work(connection));
                });
                thread.send(Job::Read(Read { work, given_up }))?;
            }
            Self::Here(engine) => {
                let done = work(&mut locked(engine).as_mut().ok_or(StoreError::Ended)?.read);
                yield_now().await;
                return done;
            }
        }
        answered.await.unwrap_or(Err(StoreError::Ended))
    }
}

impl Drop for Connections {
    fn drop(&mut self) {
        match self {
            Self::Thread(_) => {}
            Self::Here(engine) => {
                if let Some(engine) = locked(engine).take() {
                    engine.close();
                }
            }
        }
    }
}

impl StoreThread {
    /// Starts the thread, which opens the file by `open`.
    pub(super) async fn start(
        open: impl FnOnce() -> Result<Engine, StoreError> + Send + 'static,
    ) -> Result<Self, StoreError> {
        let (jobs, queue) = mpsc::channel();
        let (opened, opening) = oneshot::channel();
        let thread = thread::Builder::new().name("store".into()).spawn(move || match open() {
            Ok(engine) => {
                let _ = opened.send(Ok(()));
                work(engine, queue);
            }
            Err(error) => {
                let _ = opened.send(Err(error));
            }
        });
        let thread = thread.map_err(|error| StoreError::Read {
            reason: format!("no thread can be started for it: {error}"),
        })?;
        let started = Self { jobs: Some(jobs), thread: Some(thread) };
        opening.await.unwrap_or(Err(StoreError::Ended)).map(|()| started)
    }

    fn send(&self, job: Job) -> Result<(), StoreError> {
        let jobs = self.jobs.as_ref().ok_or(StoreError::Ended)?;
        jobs.send(job).map_err(|_| StoreError::Ended)
    }
}

impl Drop for StoreThread {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What a look at the queue needs. Only this thread ever holds the lock; it is there because
/// the look is taken from within a read.
struct Lanes {
    queue: Receiver<Job>,
    write: Writer,
    reads: VecDeque<Read>,
}

impl Lanes {
    /// Does the writes that have come and puts the reads aside.
    fn look(&mut self) {
        while let Ok(job) = self.queue.try_recv() {
            self.take(job);
        }
    }

    fn take(&mut self, job: Job) {
        match job {
            Job::Write(work) => run(|| work(&mut self.write)),
            Job::Read(read) => self.reads.push_back(read),
        }
    }

    /// The next read, once every write before it is done; `None` when everybody is gone.
    fn next_read(&mut self) -> Option<Read> {
        loop {
            self.look();
            if let Some(read) = self.reads.pop_front() {
                return Some(read);
            }
            let job = self.queue.recv().ok()?;
            self.take(job);
        }
    }
}

fn work(engine: Engine, queue: Receiver<Job>) {
    let Engine { write, mut read } = engine;
    let lanes = Arc::new(Mutex::new(Lanes { queue, write, reads: VecDeque::new() }));
    let asked: Arc<Mutex<Arc<AtomicBool>>> = Arc::default();
    let handler = {
        let (lanes, asked) = (Arc::clone(&lanes), Arc::clone(&asked));
        move || {
            locked(&lanes).look();
            locked(&asked).load(Ordering::Relaxed)
        }
    };
    if let Err(error) = read.progress_handler(STEPS_BETWEEN_LOOKS, Some(handler)) {
        tracing::error!(%error, "long reads will hold up writes");
    }
    loop {
        let next = locked(&lanes).next_read();
        let Some(Read { work, given_up }) = next else { break };
        if !given_up.load(Ordering::Relaxed) {
            *locked(&asked) = given_up;
            run(|| work(&mut read));
        }
    }
    // The handler holds the other connection.
    let _ = read.progress_handler(0, None::<fn() -> bool>);
    if let Some(Lanes { write, .. }) = Arc::into_inner(lanes).map(unlocked) {
        Engine { write, read }.close();
    }
}

/// A panic in one piece of work is told by its hook and to whoever asked; the next goes on.
fn run(work: impl FnOnce()) {
    let _ = catch_unwind(AssertUnwindSafe(work));
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn unlocked<T>(mutex: Mutex<T>) -> T {
    mutex.into_inner().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use crate::store::tables::{Tables, tests::scratch};

    #[tokio::test]
    async fn a_write_is_done_in_the_middle_of_a_read_and_one_that_nobody_waits_for_ends() {
        let (_folder, store) = scratch().await;
        let (begun, begins) = tokio::sync::oneshot::channel();
        let endless = move |tables: &Tables<'_>| {
            begun.send(()).unwrap();
            let sql = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) \
                       SELECT count(*) FROM n";
            tables.count(sql, [])
        };
        let reading = tokio::spawn({
            let store = store.clone();
            async move { store.read(endless).await }
        });
        begins.await.unwrap();
        store.remember("said", Some("meanwhile")).await.unwrap();
        assert!(!reading.is_finished());
        reading.abort();
        assert_eq!(store.recall("said").await.unwrap().as_deref(), Some("meanwhile"));
    }

    #[tokio::test]
    async fn a_panic_in_one_piece_of_work_stops_no_other() {
        let (_folder, store) = scratch().await;
        let panics = |tables: &Tables<'_>| {
            tables.execute("DELETE FROM memory", [])?;
            if tables.db.is_autocommit() { Ok(()) } else { panic!("on purpose") }
        };
        store.remember("said", Some("before")).await.unwrap();
        store.write(panics).await.unwrap_err();
        assert_eq!(store.recall("said").await.unwrap().as_deref(), Some("before"));
    }
}
