//! `--plain`: the whole job in plain lines, for screen readers, braille and terminals that can
//! do no more. Choices have numbers, an event is one line, and nothing is drawn.
//!
//! ```text
//!   questions (a thread: reading waits) --- Handle ---> the worker
//!                                      <-- updates ---  told before the next question
//! ```

mod news;
mod rows;
mod talk;

use std::{
    io::{self, IsTerminal as _},
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result};
use tokio::{
    runtime,
    sync::{mpsc, oneshot},
    time::timeout,
};

use crate::{
    config::{Config, DirectoryUse},
    connect,
    delivery::{Inbox, WorkerSettings, clock},
    exit::Exit,
    headless::prompt::Prompt,
    signals::Signals,
};
use news::News;
use talk::Talk;

/// Leaving waits this long for the worker, which ends within its own grace.
const GRACE: Duration = Duration::from_secs(3);

/// Asks and tells until whoever answers leaves. With `is_demo` the platform's contacts are read
/// at once: there are few.
///
/// # Errors
/// When the store cannot be opened, the secret cannot be had, or nothing can be read or printed.
pub async fn run(config: &Config, is_demo: bool) -> Result<Exit> {
    let store = connect::store(config, clock::now()).await?;
    let deliverer = connect::deliverer(config).await?;
    let mut signals = Signals::listen()?;
    let (tells, updates) = mpsc::unbounded_channel();
    let settings = WorkerSettings {
        max_batch: config.max_batch,
        refresh: config.directory != DirectoryUse::Off,
        ..WorkerSettings::default()
    };
    let (handle, inbox) = Inbox::new();
    let worker = tokio::spawn(deliverer.work(store.clone(), settings, tells, inbox));
    if is_demo {
        handle.refresh();
    }
    let runtime = runtime::Handle::current();
    let config = config.clone();
    let (done, ended) = oneshot::channel();
    let questions = thread::Builder::new().name("questions".into());
    questions.spawn(move || {
        let ends_lines = !io::stdin().is_terminal();
        let prompt = Prompt { input: io::stdin().lock(), out: io::stdout(), ends_lines };
        let news = News::new(updates);
        let talk = Talk { config, store, handle, news, runtime, prompt, unstored: Vec::new() };
        // Whoever waited for it has left by a signal.
        let _ = done.send(talk.run());
    })?;
    tokio::select! {
        ended = ended => {
            let exit = ended.context("the questions stopped; what was stored is kept")??;
            // What is under way is written down.
            let _ = timeout(GRACE, worker).await;
            Ok(exit)
        }
        leave = signals.next() => Ok(leave.exit()),
    }
}
