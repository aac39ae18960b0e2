//! The form and what it needs around it: the store, the delivery, the errands. One
//! conversation lasts until the agent leaves, or turns from the demo to a real profile.
//!
//! The loop waits for a key, an update, a signal or the time the picture next changes
//! by itself; it draws once after the queue is empty, and only if something changed.

use anyhow::{Context as _, Result, anyhow};
use jiff::{Timestamp, tz::TimeZone};
use tokio::{
    sync::mpsc::{self, UnboundedSender},
    task::JoinHandle,
    time::timeout,
};

use super::{
    Exit, WORKER_GRACE, clerk,
    clerk::Clerk,
    client,
    librarian::Librarian,
    seat::Seat,
    shift::Shift,
    signals::Asked,
    sources::{Sources, until},
};
use crate::{
    config::Config,
    contact::{
        Draft, Phone,
        phone::{self, Reading},
    },
    delivery::{self, Handle},
    sandbox::DEMO_CONTACTS,
    store::Store,
    submission::SubmissionId,
    tui::{
        App, At, Copied, Effect, Event, Look, Setup,
        clipboard::{self, Inside},
        terminal,
    },
};

/// Where the agent goes from here.
pub(super) enum Next {
    /// To the shell.
    Leave(Exit),
    /// From the demo to a profile of their own.
    SetUp,
}

/// What a conversation is about.
pub(super) struct Topic<'a> {
    pub(super) config: &'a Config,
    pub(super) store: Store,
    pub(super) look: Look,
    pub(super) demo: bool,
    /// A sentence to begin with.
    pub(super) say: Option<String>,
}

/// What is left of a conversation.
pub(super) struct Ended {
    pub(super) next: Result<Next>,
    pub(super) shift: Shift,
    /// Still taken, unless the agent has left.
    pub(super) seat: Option<Seat>,
}

/// Holds the conversation. What it needs is made sure of before `sit` takes the terminal.
///
/// # Errors
/// When the secret cannot be had or the terminal cannot be taken.
pub(super) async fn converse(
    topic: Topic<'_>,
    sit: impl FnOnce(&str) -> Result<Seat>,
) -> Result<Ended> {
    let Topic { config, store, look, demo, say } = topic;
    let client = client(config).await?;
    let draft = clerk::saved_draft(&store).await;
    let title = format!("rolodesk {}", config.profile);
    let mut seat = sit(&title)?;
    seat.turn_to(&title, &config.salutations, look.mouse)?;
    let (updates, inbox) = mpsc::unbounded_channel();
    let (events, answers) = mpsc::unbounded_channel();
    let settings =
        delivery::Settings { max_batch: config.max_batch, refresh: true, ..Default::default() };
    let (handle, worker) = delivery::spawn(store.clone(), client, settings, updates);
    if let Some(say) = say {
        // Its receiver is right here.
        let _ = events.send(Event::Notice(say));
    }
    let mut conversation = Conversation {
        app: App::new(setup(config, look, draft, demo)),
        seat,
        librarian: Librarian::new(store.clone(), events.clone()),
        clerk: Clerk::new(store, events.clone()),
        events,
        handle,
        worker,
        shift: Shift::default(),
    };
    let next = conversation.run(&mut Sources { updates: inbox, answers }).await;
    let Conversation { seat, clerk, handle, worker, shift, librarian, .. } = conversation;
    let seat = match next {
        Ok(Next::SetUp) => Some(seat),
        Ok(Next::Leave(_)) | Err(_) => {
            seat.give_back().await;
            None
        }
    };
    drop((handle, librarian));
    clerk.finish().await;
    if !worker.is_finished() {
        let _ = timeout(WORKER_GRACE, worker).await;
    }
    Ok(Ended { next, shift, seat })
}

/// How to come by a duplicate in the demo.
fn demo_hint() -> String {
    let [_, first, last, number] = DEMO_CONTACTS[0];
    let number = match Phone::parse(number, None) {
        Reading::Valid(phone) | Reading::Unusual(phone, _) => phone.international(),
        Reading::Impossible(_) => number.to_owned(),
    };
    format!("Try {number}: it belongs to {first} {last}.")
}

/// What the screen starts with.
fn setup(config: &Config, look: Look, draft: Option<Draft>, demo: bool) -> Setup {
    let host = config.host.split_once("://").map_or(config.host.as_str(), |(_, host)| host);
    Setup {
        profile: config.profile.clone(),
        host: host.trim_end_matches('/').to_owned(),
        demo: demo.then(demo_hint),
        salutations: config.salutations.clone(),
        region: config.default_region,
        extension: config.extension.to_string(),
        draft,
        look,
        zone: TimeZone::system(),
    }
}

/// The running program: the model and what its effects act on.
pub(super) struct Conversation {
    app: App,
    seat: Seat,
    librarian: Librarian,
    clerk: Clerk,
    events: UnboundedSender<Event>,
    handle: Handle,
    worker: JoinHandle<()>,
    shift: Shift,
}

impl Conversation {
    async fn run(&mut self, sources: &mut Sources) -> Result<Next> {
        if let Some(next) = self.measure()? {
            return Ok(next);
        }
        for event in self.seat.first_keys().await {
            if let Some(next) = self.take(event.context("the terminal cannot be read")?)? {
                return Ok(next);
            }
        }
        self.draw()?;
        // Costs milliseconds; the first frame is on the screen by now.
        tokio::task::spawn_blocking(phone::warm_up);
        loop {
            let event = tokio::select! {
                biased;
                Some(asked) = self.seat.asked_to_leave.recv() => {
                    return Ok(Next::Leave(self.leave_as_asked(asked)));
                }
                key = self.seat.keys.recv() => match key {
                    Some(Ok(event)) => event,
                    Some(Err(error)) => return Err(error).context("the terminal cannot be read"),
                    None => return Err(stopped("reading the keyboard")),
                },
                Some(update) = sources.updates.recv() => Event::Delivery(update),
                Some(answer) = sources.answers.recv() => answer,
                _ = &mut self.worker => return Err(stopped("the delivery")),
                () = self.clerk.stopped() => return Err(stopped("saving what is typed")),
                () = until(self.app.wake_at(Timestamp::now())) => Event::Tick,
            };
            let mut next = Some(event);
            while let Some(event) = next {
                if let Some(end) = self.take(event)? {
                    return Ok(end);
                }
                next = sources.pending(&mut self.seat);
            }
            self.draw()?;
        }
    }

    /// Tells the model how large the terminal is now, which also draws everything.
    fn measure(&mut self) -> Result<Option<Next>> {
        let size = Seat::size()?;
        self.take(Event::Terminal(size))
    }

    /// Handles one event; the answer is where the agent goes, if away from here.
    fn take(&mut self, event: Event) -> Result<Option<Next>> {
        match &event {
            Event::Delivery(update) => self.shift.hears(update),
            Event::Background { .. } => self.seat.asked_at = None,
            Event::Terminal(_)
            | Event::Known { .. }
            | Event::Details { .. }
            | Event::Page { .. }
            | Event::Copied(_)
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

    fn perform(&mut self, effect: Effect) -> Result<Option<Next>> {
        match effect {
            Effect::Submit(submission) => {
                self.shift.begins(&submission);
                self.handle.submit(submission);
            }
            Effect::SaveDraft(draft) => self.clerk.save(draft),
            Effect::LookUp(number) => self.clerk.look_up(number),
            Effect::Details(id) => self.clerk.details(id),
            Effect::Retry(id) => self.handle.retry(Some(id)),
            Effect::Discard(id, seen) => self.handle.discard(id, seen),
            Effect::Hold(id) => self.handle.hold(id),
            Effect::Change(id, change) => self.handle.change(id, change),
            Effect::Keep(id) => self.handle.keep(id),
            Effect::Page(page) => self.librarian.fetch(page),
            Effect::ReadContacts => self.handle.refresh(),
            Effect::StopReading => self.handle.stop_refresh(),
            Effect::Copy(text) => self.copy(text)?,
            Effect::Bell => self.seat.screen.ring()?,
            Effect::Mouse(on) => self.seat.screen.set_mouse(on)?,
            Effect::Suspend => {
                self.seat.screen.suspend()?;
                return self.measure();
            }
            Effect::Repaint => {
                self.seat.screen.repaint()?;
                return self.measure();
            }
            Effect::SetUp => return Ok(Some(Next::SetUp)),
            Effect::Quit => return Ok(Some(Next::Leave(Exit::Done))),
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
        self.seat
            .screen
            .copy(&text, self.seat.inside)
            .context("the terminal cannot be written to")?;
        if self.seat.inside == Inside::Tmux {
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
            self.seat
                .screen
                .draw(|frame| app.view(frame))
                .context("the terminal cannot be drawn")?;
        }
        Ok(())
    }

    /// Saves what is half typed; the end comes soon, whatever happens.
    fn leave_as_asked(&mut self, asked: Asked) -> Exit {
        self.clerk.save(self.app.draft());
        asked.exit()
    }
}

/// Why the loop cannot go on without one of its tasks.
fn stopped(what: &str) -> anyhow::Error {
    let words = terminal::last_words().unwrap_or_else(|| "it ended early".into());
    anyhow!("{what} stopped: {words}; what was stored is kept")
}
