//! The form: drawn first, then what it needs around it is opened behind it. One form loop
//! lasts until the agent leaves, or turns from the demo to a real profile.
//!
//! The loop waits for a key, an update, a signal or the time the picture next changes
//! by itself; it draws once after the queue is empty, and only if something changed.

use std::{io, path::PathBuf, time::Duration};

use anyhow::{Context as _, Result, anyhow};
use jiff::Timestamp;
use tokio::{
    sync::mpsc::{self, UnboundedSender},
    task::JoinHandle,
    time::timeout,
};

use super::{
    WORKER_GRACE,
    opening::{self, Ears},
    page_loader::PageLoader,
    session_summary::SessionSummary,
    sources::{Sources, until},
    store_tasks::StoreTasks,
    tty::Tty,
};
#[cfg(unix)]
use crate::callers::Callers;
use crate::{
    appearance,
    config::{self, Config},
    delivery::{Handle, Inbox},
    exit::Exit,
    local_time,
    sandbox::DEMO_CONTACTS,
    submission::{SubmissionId, Whose},
    tui::{
        App, Appearance, At, Confirm, Copied, Effect, Event, Floor, Setup,
        clipboard::{self, Inside},
        terminal,
    },
};

/// A terminal that cannot be read may have vanished: that is told by then.
const HANGUP_GRACE: Duration = Duration::from_millis(100);

/// Where the agent goes from here.
pub(super) enum AfterForm {
    /// To the shell.
    Leave(Exit),
    /// From the demo to a profile of their own.
    SetUp,
}

/// What a form loop is about.
pub(super) struct FormContext<'a> {
    pub(super) config: &'a Config,
    pub(super) look: Appearance,
    pub(super) demo: bool,
    /// A sentence to begin with.
    pub(super) say: Option<String>,
    /// Where other programs hand over callers.
    pub(super) callers: Option<PathBuf>,
}

/// What is left of a form loop.
pub(super) struct FormOutcome {
    pub(super) next: Result<AfterForm>,
    pub(super) summary: SessionSummary,
    /// Still taken, unless the agent has left.
    pub(super) tty: Option<Tty>,
}

/// Holds the form loop on a terminal that is taken: draws, then opens what stands behind it.
pub(super) async fn converse(context: FormContext<'_>, tty: Tty) -> FormOutcome {
    let FormContext { config, look, demo, say, callers } = context;
    let (updates, inbox) = mpsc::unbounded_channel();
    let (events, answers) = mpsc::unbounded_channel();
    let (handle, orders) = Inbox::new();
    let (store, worker) = opening::start(config, orders, Ears { updates, events: events.clone() });
    if demo {
        // Its contacts are known from the start.
        handle.refresh();
    }
    if let Some(say) = say {
        // Its receiver is right here.
        let _ = events.send(Event::Notice(say));
    }
    let door = callers.map(|folder| open_door(folder, config, events.clone()));
    let mut form_loop = FormLoop {
        app: App::new(setup(config, look, demo)),
        tty,
        page_loader: PageLoader::new(store.clone(), events.clone()),
        store_tasks: StoreTasks::new(store, events.clone()),
        events,
        handle,
        is_seat: config.team.is_some(),
        worker: Some(worker),
        summary: SessionSummary::default(),
    };
    let mut sources = Sources { updates: inbox, answers };
    let next = form_loop.run(&mut sources).await;
    // Nobody is called any more.
    door.iter().for_each(JoinHandle::abort);
    Box::pin(form_loop.end(next, sources)).await
}

/// Lets other programs hand over callers from now on. Where they cannot, everything else goes on.
#[cfg(unix)]
fn open_door(folder: PathBuf, config: &Config, events: UnboundedSender<Event>) -> JoinHandle<()> {
    let profile = config.profile.clone();
    tokio::spawn(async move {
        let mut callers = match Callers::listen(&folder, &profile) {
            Ok(callers) => callers,
            Err(error) => return tracing::warn!(%error, "no caller can be handed over"),
        };
        while let Ok(caller) = callers.next().await {
            if events.send(Event::Caller(caller)).is_err() {
                return;
            }
        }
    })
}

#[cfg(not(unix))]
fn open_door(_: PathBuf, _: &Config, _: UnboundedSender<Event>) -> JoinHandle<()> {
    tokio::spawn(std::future::ready(()))
}

/// How to come by a duplicate in the demo: the first of its contacts, whose number is spelt
/// here because to group its digits takes the phone metadata, which nobody needs yet.
fn demo_hint() -> String {
    let [_, first, last, _] = DEMO_CONTACTS[0];
    format!("Try {DEMO_NUMBER}: it belongs to {first} {last}.")
}

const DEMO_NUMBER: &str = "+91 98765 43210";

/// What the screen starts with.
fn setup(config: &Config, mut look: Appearance, demo: bool) -> Setup {
    appearance::restrict(&mut look, config);
    // A seat that others send for knows nothing of the platform.
    let floor = config.team.as_ref().filter(|_| config.host.is_empty());
    let host = floor.map_or(config.host.as_str(), |team| team.host.as_str());
    let host = host.split_once("://").map_or(host, |(_, host)| host);
    Setup {
        profile: config.profile.clone(),
        host: host.trim_end_matches('/').to_owned(),
        demo: demo.then(demo_hint),
        floor: match &config.team {
            None => Floor::Alone,
            Some(team) if team.send => Floor::Sender,
            Some(_) => Floor::Seat,
        },
        addressing: config.addressing(),
        region: config.default_region,
        extension: config.extension.to_string(),
        confirm: match config.confirm {
            config::Confirm::Off => Confirm::Off,
            config::Confirm::ReadBack => Confirm::ReadBack,
            config::Confirm::Retype => Confirm::Retype,
        },
        look,
    }
}

/// The running program: the model and what its effects act on.
pub(super) struct FormLoop {
    app: App,
    tty: Tty,
    page_loader: PageLoader,
    store_tasks: StoreTasks,
    events: UnboundedSender<Event>,
    handle: Handle,
    /// Whether a floor's database knows more of a number than the store.
    is_seat: bool,
    /// Until it has ended.
    worker: Option<JoinHandle<Result<()>>>,
    summary: SessionSummary,
}

impl FormLoop {
    async fn run(&mut self, sources: &mut Sources) -> Result<AfterForm> {
        if let Some(next) = self.measure()? {
            return Ok(next);
        }
        self.draw()?;
        // Nothing above waits for anything; the tasks behind the form begin below.
        if let Some(next) = self.take(Event::Zone(local_time::zone()))? {
            return Ok(next);
        }
        loop {
            let event = tokio::select! {
                biased;
                Some(asked) = self.tty.asked_to_leave.recv() => {
                    return Ok(AfterForm::Leave(asked.exit()));
                }
                key = self.tty.keys.recv() => match key {
                    Some(Ok(event)) => event,
                    Some(Err(error)) => return self.unreadable(error).await,
                    None => return Err(stopped("reading the keyboard")),
                },
                Some(update) = sources.updates.recv() => Event::Delivery(update),
                Some(answer) = sources.answers.recv() => answer,
                ended = ended(&mut self.worker) => {
                    return Err(ended.err().unwrap_or_else(|| stopped("the delivery")));
                }
                () = self.store_tasks.stopped() => return Err(stopped("saving what is typed")),
                () = until(self.app.wake_at(Timestamp::now())) => Event::Tick,
            };
            let mut next = Some(event);
            while let Some(event) = next {
                if let Some(end) = self.take(event)? {
                    return Ok(end);
                }
                next = sources.pending(&mut self.tty);
            }
            self.draw()?;
        }
    }

    /// Tells the model how large the terminal is now, which also draws everything.
    fn measure(&mut self) -> Result<Option<AfterForm>> {
        let size = Tty::size()?;
        self.take(Event::Terminal(size))
    }

    /// Handles one event; the answer is where the agent goes, if away from here.
    fn take(&mut self, event: Event) -> Result<Option<AfterForm>> {
        match &event {
            Event::Delivery(update) => self.summary.hears(update),
            Event::Background { .. } => self.tty.asked_at = None,
            Event::Terminal(_)
            | Event::Known { .. }
            | Event::Details { .. }
            | Event::Page { .. }
            | Event::Inbox(_)
            | Event::Found { .. }
            | Event::Theme(_)
            | Event::Copied(_)
            | Event::Restored(_)
            | Event::Caller(_)
            | Event::Correcting(_)
            | Event::CannotStore(_)
            | Event::StoreIsLate(_)
            | Event::DraftSaved(_)
            | Event::Zone(_)
            | Event::Notice(_)
            | Event::Tick => {}
        }
        let at = At { now: Timestamp::now(), fresh: SubmissionId::fresh() };
        for effect in self.app.update(event, at) {
            if let Some(next) = self.perform(effect)? {
                return Ok(Some(next));
            }
        }
        Ok(None)
    }

    fn perform(&mut self, effect: Effect) -> Result<Option<AfterForm>> {
        match effect {
            Effect::Submit(submission) => {
                self.summary.begins(&submission);
                self.handle.submit(submission);
            }
            Effect::Correct(submission, corrects, seen) => {
                self.summary.begins(&submission);
                self.handle.correct(submission, corrects, seen);
            }
            Effect::Update(submission, change) => {
                self.summary.begins(&submission);
                self.handle.update(submission, change);
            }
            Effect::SaveDraft(draft, corrects) => self.store_tasks.save(draft, corrects),
            Effect::LookUp(number) => {
                if self.is_seat {
                    self.handle.know(number.clone());
                }
                self.store_tasks.look_up(number);
            }
            Effect::Inbox(midnight) => self.store_tasks.inbox(midnight),
            Effect::Details(id) => self.store_tasks.details(id),
            Effect::Retry(id) => self.handle.retry(Some(id)),
            Effect::RetryGivenUp => self.handle.retry_given_up(),
            Effect::Discard(id, seen) => self.handle.discard(id, seen),
            Effect::Hold(id) => self.handle.hold(id),
            Effect::Change(id, change) => self.handle.change(id, change),
            Effect::Keep(id) => self.handle.keep(id),
            Effect::Page(page) => match page.whose {
                Whose::Ours => self.page_loader.fetch(page),
                Whose::Everybody => self.handle.everybody(page),
            },
            Effect::ReadContacts => self.handle.refresh(),
            Effect::StopReading => self.handle.stop_refresh(),
            Effect::Copy(text) => self.copy(text)?,
            Effect::Bell => self.tty.screen.ring()?,
            Effect::Notify(text) => self.tty.screen.notify(&text, self.tty.inside)?,
            Effect::FindContacts(query) => self.store_tasks.find(query),
            Effect::KeepTheme(name) => self.store_tasks.keep_theme(name),
            Effect::Mouse(on) => self.tty.screen.set_mouse(on)?,
            Effect::Suspend => {
                self.tty.screen.suspend()?;
                return self.measure();
            }
            Effect::Repaint => {
                self.tty.screen.repaint()?;
                return self.measure();
            }
            Effect::SetUp => return Ok(Some(AfterForm::SetUp)),
            Effect::Quit => return Ok(Some(AfterForm::Leave(Exit::Done))),
        }
        Ok(None)
    }

    /// Copies, and tells the model where it went: tmux may take a moment.
    fn copy(&mut self, text: String) -> Result<()> {
        let events = self.events.clone();
        // The loop ends before whoever tells it.
        let tell = move |copied| drop(events.send(Event::Copied(copied)));
        if text.len() > clipboard::LONGEST {
            tell(Copied::TooLong);
            return Ok(());
        }
        self.tty
            .screen
            .copy(&text, self.tty.inside)
            .context("the terminal cannot be written to")?;
        if self.tty.inside == Inside::Tmux {
            tokio::task::spawn_blocking(move || {
                let told = clipboard::tell_tmux(&text);
                tell(if told { Copied::Tmux } else { Copied::Terminal });
            });
        } else {
            tell(Copied::Terminal);
        }
        Ok(())
    }

    fn draw(&mut self) -> Result<()> {
        if self.app.needs_draw() {
            let app = &self.app;
            self.tty
                .screen
                .draw(|frame| app.view(frame))
                .context("the terminal cannot be drawn")?;
        }
        Ok(())
    }

    /// A terminal that vanished cannot be read either, and that is nobody's mistake.
    async fn unreadable(&mut self, error: io::Error) -> Result<AfterForm> {
        match timeout(HANGUP_GRACE, self.tty.asked_to_leave.recv()).await {
            Ok(Some(asked)) => Ok(AfterForm::Leave(asked.exit())),
            Ok(None) | Err(_) => Err(error).context("the terminal cannot be read"),
        }
    }

    /// Saves what is half typed, gives the terminal back if the agent leaves, and ends what
    /// stands behind the form.
    async fn end(self, next: Result<AfterForm>, mut sources: Sources) -> FormOutcome {
        let Self { app, tty, store_tasks, handle, mut worker, mut summary, page_loader, .. } = self;
        // Whoever leaves by a key has it saved already.
        let by_key = matches!(next, Ok(AfterForm::SetUp | AfterForm::Leave(Exit::Done)));
        if let Some((draft, corrects)) = app.draft().filter(|_| !by_key) {
            store_tasks.save(draft, corrects);
        }
        let tty = match next {
            Ok(AfterForm::SetUp) => Some(tty),
            Ok(AfterForm::Leave(_)) | Err(_) => {
                tty.give_back().await;
                None
            }
        };
        drop((handle, page_loader));
        // A store that never opened has nothing to finish.
        let is_kept = timeout(WORKER_GRACE, store_tasks.finish()).await.unwrap_or(false);
        let ended = timeout(WORKER_GRACE, ended(&mut worker)).await;
        while let Ok(update) = sources.updates.try_recv() {
            summary.hears(&update);
        }
        let is_stored = app.storing().is_some_and(|id| summary.has_stored(id));
        let is_lost = summary.loses(app.unsaved(is_kept || is_stored));
        let next = match (next, ended) {
            (Ok(AfterForm::Leave(Exit::Done)), Ok(Err(error))) => Err(error),
            (Ok(AfterForm::Leave(Exit::Done)), _) if is_lost => Ok(AfterForm::Leave(Exit::Failed)),
            (next, _) => next,
        };
        FormOutcome { next, summary, tty }
    }
}

/// Waits for the worker's end, once; a panic of its own is told by its hook.
async fn ended(worker: &mut Option<JoinHandle<Result<()>>>) -> Result<()> {
    let Some(running) = worker else { return Ok(()) };
    let ended = running.await;
    *worker = None;
    ended.unwrap_or(Ok(()))
}

/// Why the loop cannot go on without one of its tasks.
fn stopped(what: &str) -> anyhow::Error {
    let words = terminal::last_words().unwrap_or_else(|| "it ended early".into());
    anyhow!("{what} stopped: {words}; what was stored is kept")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::{Phone, phone::Reading};

    #[test]
    fn the_number_to_try_in_the_demo_is_one_that_the_sandbox_knows() {
        let Reading::Valid(phone) = Phone::parse(DEMO_CONTACTS[0][3], None) else { panic!() };
        assert_eq!(DEMO_NUMBER, phone.international());
    }
}
