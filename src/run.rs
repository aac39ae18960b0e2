//! The composition root of the terminal program: build everything, run the event loop,
//! carry out what the screen asks for, give the terminal back.
//!
//! The loop waits for a key, an update, a signal or the time the picture next changes
//! by itself; it draws once after the queue is empty, and only if something changed.

use std::{io, time::Duration};

use anyhow::{Context as _, Result, anyhow};
use jiff::{Timestamp, tz::TimeZone};
use tokio::{
    sync::mpsc::{self, UnboundedSender},
    task::JoinHandle,
    time::{Instant, timeout},
};

use crate::{
    api::{self, Client},
    config::{self, Config, ConfigError, Environment, Overrides},
    contact::{Draft, phone},
    delivery::{self, Handle, clock},
    sandbox::{self, Sandbox},
    store::{Scope, Store},
    submission::SubmissionId,
    tui::{
        App, At, Copied, Effect, Event, Look, Setup,
        clipboard::{self, Inside},
        terminal::{self, Screen},
    },
};

mod background;
mod clerk;
mod exit;
mod keys;
mod librarian;
mod look;
mod panics;
pub mod profile;
mod shift;
mod signals;
mod sources;
mod tell_keys;

pub use exit::Exit;
pub use look::look;
pub use panics::report_panics;
pub use tell_keys::tell_keys;

use clerk::Clerk;
use librarian::Librarian;
use shift::Shift;
use signals::Asked;
pub(crate) use signals::Signals;
use sources::{Sources, until};

/// A platform further away than this is not there.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest anybody waits for one answer; well within a claim's life.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);
/// The worker ends within its own grace; a little more is for the disk.
const WORKER_GRACE: Duration = Duration::from_secs(3);

/// Whether there is a terminal to run the form in.
#[must_use]
pub fn has_terminal() -> bool {
    Screen::is_available()
}

/// Runs the form against the profile in `config` until the agent leaves.
///
/// # Errors
/// When the store cannot be opened or the terminal fails; the terminal is given back.
pub async fn form(config: &Config, look: Look, environment: &Environment) -> Result<Exit> {
    let store = Store::open(&config.store_path(), scope(config), clock::now()).await?;
    converse(config, look, environment, store, false).await
}

/// Runs the form against the built-in sandbox, with a store that is thrown away.
///
/// # Errors
/// As [`form`], and when the sandbox cannot listen on loopback.
pub async fn demo(look: Look, environment: &Environment) -> Result<Exit> {
    let folder = tempfile::Builder::new()
        .prefix("rolodesk-demo-")
        .tempdir()
        .context("cannot make a folder for the demo's store")?;
    let seed = [["Mrs", "Jane", "Roe", "+919876543210"], ["Mr", "Amy", "Pond", "+442071838750"]];
    let seed = seed.map(|contact| contact.map(str::to_owned)).to_vec();
    let settings = sandbox::Settings { seed, ..sandbox::Settings::demo() };
    let sandbox = Sandbox::start(sandbox::loopback(), settings)
        .context("the demo's sandbox cannot listen on this machine")?;
    let mut variables = sandbox.env();
    variables.push(("ROLODESK_PROFILE", "sandbox".to_owned()));
    let config = Config::load(&Environment::only(variables, folder.path()), &Overrides::default())?;
    let store = Store::open(&config.store_path(), scope(&config), clock::now()).await?;
    converse(&config, look, environment, store, true).await
}

/// Whose rows and whose limit a profile's are.
#[must_use]
pub fn scope(config: &Config) -> Scope {
    Scope {
        profile: config.profile.clone(),
        account: config.account_id.clone(),
        limit: config.requests_per_minute,
    }
}

/// The way to the profile's platform, its secret read.
///
/// # Errors
/// When the secret cannot be had, or the profile names no usable platform.
pub async fn client(config: &Config) -> Result<Client> {
    let credential = match &config.credential {
        config::Credential::Ready(source) => {
            api::Credential::Ready(source.resolve(&config.folder).await?)
        }
        config::Credential::Signed { client_id, secret, algorithm, subject, lifetime } => {
            api::Credential::Signed {
                client_id: client_id.clone(),
                secret: secret.resolve(&config.folder).await?,
                algorithm: match algorithm {
                    config::Algorithm::Hs256 => api::Algorithm::Hs256,
                    config::Algorithm::Hs384 => api::Algorithm::Hs384,
                    config::Algorithm::Hs512 => api::Algorithm::Hs512,
                },
                subject: subject.clone(),
                lifetime: *lifetime,
            }
        }
    };
    Client::new(api::Settings {
        host: config.host.clone(),
        stream_id: config.stream_id.clone(),
        account_id: config.account_id.clone(),
        credential,
        ca_file: config.ca_file.clone(),
        duplicate_phrases: config.duplicate_phrases.clone(),
        connect_timeout: CONNECT_TIMEOUT,
        call_timeout: CALL_TIMEOUT,
    })
    .map_err(|error| {
        ConfigError::Profile { profile: config.profile.clone(), problem: error.to_string() }.into()
    })
}

/// What the screen starts with.
fn setup(config: &Config, look: Look, draft: Option<Draft>, demo: bool) -> Setup {
    let host = config.host.split_once("://").map_or(config.host.as_str(), |(_, host)| host);
    Setup {
        profile: config.profile.clone(),
        host: host.trim_end_matches('/').to_owned(),
        demo,
        salutations: config.salutations.clone(),
        region: config.default_region,
        extension: config.extension.to_string(),
        draft,
        look,
        zone: TimeZone::system(),
    }
}

/// What the terminal runs in.
fn inside(environment: &Environment) -> Inside {
    if environment.get("TMUX").is_some() {
        Inside::Tmux
    } else if environment.get("STY").is_some() {
        Inside::Screen
    } else {
        Inside::Nothing
    }
}

/// Everything between taking the terminal and giving it back.
async fn converse(
    config: &Config,
    look: Look,
    environment: &Environment,
    store: Store,
    demo: bool,
) -> Result<Exit> {
    let client = client(config).await?;
    let draft = clerk::saved_draft(&store).await;
    let asked_to_leave = signals::listen()?;
    let (updates, inbox) = mpsc::unbounded_channel();
    let (events, answers) = mpsc::unbounded_channel();
    let settings =
        delivery::Settings { max_batch: config.max_batch, refresh: true, ..Default::default() };
    let asks = look.themes.follow_background() && background::may_ask(environment);
    let title = format!("rolodesk {}", config.profile);
    let mut screen = Screen::take(&title, look.mouse).context("cannot take over the terminal")?;
    if asks {
        screen.ask_background().context("the terminal cannot be drawn")?;
    }
    let as_keys = keys::pastes_as_keys(&environment.get("TERM").unwrap_or_default());
    let salutations = as_keys.then(|| config.salutations.clone());
    let (handle, worker) = delivery::spawn(store.clone(), client, settings, updates);
    let mut conversation = Conversation {
        app: App::new(setup(config, look, draft, demo)),
        screen,
        inside: inside(environment),
        librarian: Librarian::new(store.clone(), events.clone()),
        clerk: Clerk::new(store, events.clone()),
        events,
        handle,
        worker,
        shift: Shift::default(),
        asked_at: asks.then(Instant::now),
    };
    let keys = keys::read(keys::Terminal { salutations, asked: asks });
    let mut sources = Sources { asked_to_leave, keys, updates: inbox, answers };
    let ended = conversation.run(&mut sources).await;
    conversation.wait_for_answer(&mut sources.keys).await;
    let Conversation { screen, clerk, handle, worker, shift, librarian, .. } = conversation;
    drop(screen);
    drop((handle, librarian));
    clerk.finish().await;
    if !worker.is_finished() {
        let _ = timeout(WORKER_GRACE, worker).await;
    }
    say_goodbye(&shift);
    ended
}

/// What there is to tell once the terminal is the shell's again. A closed pipe or a
/// vanished terminal has nobody to tell.
fn say_goodbye(shift: &Shift) {
    use io::Write as _;
    for line in shift.report(&TimeZone::system()) {
        let _ = writeln!(io::stdout(), "{line}");
    }
    if let Some(words) = terminal::last_words() {
        let _ = writeln!(io::stderr(), "rolodesk: {words}");
    }
}

/// The running program: the model and what its effects act on.
struct Conversation {
    app: App,
    screen: Screen,
    inside: Inside,
    librarian: Librarian,
    clerk: Clerk,
    events: UnboundedSender<Event>,
    handle: Handle,
    worker: JoinHandle<()>,
    shift: Shift,
    /// When the terminal was asked for its background, while it has not answered.
    asked_at: Option<Instant>,
}

impl Conversation {
    async fn run(&mut self, sources: &mut Sources) -> Result<Exit> {
        if self.measure()? || self.await_background(sources).await? {
            return Ok(Exit::Done);
        }
        self.draw()?;
        // Costs milliseconds; the first frame is on the screen by now.
        tokio::task::spawn_blocking(phone::warm_up);
        loop {
            let event = tokio::select! {
                biased;
                Some(asked) = sources.asked_to_leave.recv() => {
                    return Ok(self.leave_as_asked(asked));
                }
                key = sources.keys.recv() => match key {
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
                if self.take(event)? {
                    return Ok(Exit::Done);
                }
                next = sources.pending();
            }
            self.draw()?;
        }
    }

    /// Tells the model how large the terminal is now, which also draws everything.
    fn measure(&mut self) -> Result<bool> {
        let (columns, rows) = crossterm::terminal::size().context("the terminal has no size")?;
        self.take(Event::Terminal(crossterm::event::Event::Resize(columns, rows)))
    }

    /// Handles one event; true when the agent leaves.
    fn take(&mut self, event: Event) -> Result<bool> {
        match &event {
            Event::Delivery(update) => self.shift.hears(update),
            Event::Background { .. } => self.asked_at = None,
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
            if self.perform(effect)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn perform(&mut self, effect: Effect) -> Result<bool> {
        match effect {
            Effect::Submit(submission) => {
                self.shift.begins(&submission);
                self.handle.submit(submission);
            }
            Effect::SaveDraft(draft) => self.clerk.save(draft),
            Effect::LookUp(number) => self.clerk.look_up(number),
            Effect::Details(id) => self.clerk.details(id),
            Effect::Retry(id) => self.handle.retry(Some(id)),
            Effect::Discard(id) => self.handle.discard(id),
            Effect::Change(id, change) => self.handle.change(id, change),
            Effect::Keep(id) => self.handle.keep(id),
            Effect::Page(page) => self.librarian.fetch(page),
            Effect::Copy(text) => self.copy(text)?,
            Effect::Bell => self.screen.ring()?,
            Effect::Mouse(on) => self.screen.set_mouse(on)?,
            Effect::Suspend => {
                self.screen.suspend()?;
                return self.measure();
            }
            Effect::Repaint => {
                self.screen.repaint()?;
                return self.measure();
            }
            Effect::Quit => return Ok(true),
        }
        Ok(false)
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
        self.screen.copy(&text, self.inside).context("the terminal cannot be written to")?;
        if self.inside == Inside::Tmux {
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
            self.screen.draw(|frame| app.view(frame)).context("the terminal cannot be drawn")?;
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
