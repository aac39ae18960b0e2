//! Carries out what the first screen asks for: the demo, or a profile that is tried on the
//! platform while it is typed, and saved.

use anyhow::{Context as _, Result, anyhow};
use tokio::{
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    task::JoinSet,
};

use super::{
    session::{Session, Stage},
    tty::Tty,
};
use crate::{
    config::{Config, Environment, Inspection, Overrides, file::Profile, secret},
    contact::text::safe,
    exit::Exit,
    onboarding::{
        self, Answers, Question, SecretStorage, TrialResult, Unsaved, confirm, present_source,
        stream_in, target, try_out,
    },
    tui::{
        self, Appearance,
        welcome::{
            self, Given, SetupQuestion, SetupVerdict, Start, Welcome, WelcomeEffect, WelcomeEvent,
        },
    },
};

/// What comes from the tasks beside the loop.
enum TaskAnswer {
    Told(WelcomeEvent),
    /// The profile is written; a sentence to begin with, if there is one.
    Saved(Box<Config>, Option<String>),
}

impl Session<'_> {
    /// Shows the first screen, or at once its form for a profile.
    pub(super) async fn welcome(&mut self, set_up: bool) -> Result<Stage> {
        let mut welcome = self.welcome.take().unwrap_or_else(|| {
            Welcome::new(start(self.environment, self.overrides, self.look.clone()))
        });
        if set_up {
            welcome.set_up();
        }
        let profile = Inspection::of(self.environment, self.overrides).profile;
        let title = "rolodesk";
        let tty = match self.tty.take() {
            Some(mut tty) => {
                tty.turn_to(title, &[], self.look.mouse)?;
                tty
            }
            None => Tty::take(title, &[], &self.look, self.environment)?,
        };
        let (answers, inbox) = mpsc::unbounded_channel();
        let mut welcome_loop = WelcomeLoop {
            welcome,
            tty,
            answers,
            profile,
            trial: JoinSet::new(),
            environment: self.environment,
            overrides: self.overrides,
        };
        let next = welcome_loop.run(inbox).await;
        let WelcomeLoop { welcome, tty, .. } = welcome_loop;
        self.look = welcome.look().clone();
        self.tty = Some(tty);
        // What was saved need not be typed again, and the secret is wiped from memory.
        let unsaved = !matches!(next, Ok(Stage::Form(..)));
        self.welcome = unsaved.then_some(welcome);
        next
    }
}

/// The first screen and what its effects act on.
struct WelcomeLoop<'a> {
    welcome: Welcome,
    tty: Tty,
    answers: UnboundedSender<TaskAnswer>,
    /// Which one is set up.
    profile: String,
    /// The platform is being asked; given up when this is dropped.
    trial: JoinSet<()>,
    environment: &'a Environment,
    overrides: &'a Overrides,
}

impl WelcomeLoop<'_> {
    async fn run(&mut self, mut answers: UnboundedReceiver<TaskAnswer>) -> Result<Stage> {
        self.look_for_keyring();
        if let Some(next) = self.measure()? {
            return Ok(next);
        }
        loop {
            if self.welcome.needs_draw() {
                let welcome = &self.welcome;
                let drawn = self.tty.screen.draw(|frame| welcome.view(frame));
                drawn.context("the terminal cannot be drawn")?;
            }
            let next = tokio::select! {
                biased;
                Some(asked) = self.tty.asked_to_leave.recv() => Some(Stage::Leave(asked.exit())),
                key = self.tty.keys.recv() => match key {
                    Some(event) => self.hear(event.context("the terminal cannot be read")?)?,
                    None => return Err(anyhow!("reading the keyboard stopped")),
                },
                Some(answer) = answers.recv() => match answer {
                    TaskAnswer::Told(event) => self.take(event)?,
                    TaskAnswer::Saved(config, say) => Some(Stage::Form(config, say)),
                },
            };
            if let Some(next) = next {
                return Ok(next);
            }
        }
    }

    /// Passes on what the terminal sends.
    fn hear(&mut self, event: tui::Event) -> Result<Option<Stage>> {
        match event {
            tui::Event::Terminal(input) => self.take(WelcomeEvent::Terminal(input)),
            tui::Event::Background { light } => {
                self.tty.asked_at = None;
                self.take(WelcomeEvent::Background { light })
            }
            // Of conversations, and none is held yet.
            tui::Event::Delivery(_)
            | tui::Event::Known { .. }
            | tui::Event::Details { .. }
            | tui::Event::Page { .. }
            | tui::Event::Inbox(_)
            | tui::Event::Found { .. }
            | tui::Event::Theme(_)
            | tui::Event::Copied(_)
            | tui::Event::Restored(_)
            | tui::Event::Caller(_)
            | tui::Event::Correcting(_)
            | tui::Event::CannotStore(_)
            | tui::Event::StoreIsLate(_)
            | tui::Event::DraftSaved(_)
            | tui::Event::Zone(_)
            | tui::Event::Notice(_)
            | tui::Event::Tick => Ok(None),
        }
    }

    /// Handles one event; the answer is what comes next, if not this screen.
    fn take(&mut self, event: WelcomeEvent) -> Result<Option<Stage>> {
        for effect in self.welcome.update(event) {
            match effect {
                WelcomeEffect::Try { round, given } => self.try_out(round, given),
                WelcomeEffect::Save(given) => self.save(given),
                WelcomeEffect::Demo => return Ok(Some(Stage::Demo)),
                WelcomeEffect::Mouse(on) => self.tty.screen.set_mouse(on)?,
                WelcomeEffect::Suspend => {
                    self.tty.screen.suspend()?;
                    return self.measure();
                }
                WelcomeEffect::Repaint => {
                    self.tty.screen.repaint()?;
                    return self.measure();
                }
                WelcomeEffect::Quit => return Ok(Some(Stage::Leave(Exit::Done))),
            }
        }
        Ok(None)
    }

    /// Tells the model how large the terminal is now, which also draws everything.
    fn measure(&mut self) -> Result<Option<Stage>> {
        let size = Tty::size()?;
        self.take(WelcomeEvent::Terminal(size))
    }

    fn look_for_keyring(&self) {
        let answers = self.answers.clone();
        tokio::spawn(async move {
            let at = SecretStorage::ALL.iter().position(|place| *place == SecretStorage::Keyring);
            if let Some(at) = at
                && secret::has_keyring().await
            {
                // The screen may be gone by now.
                let _ = answers.send(TaskAnswer::Told(WelcomeEvent::There(at)));
            }
        });
    }

    /// Asks the platform; an earlier question needs no answer any more.
    fn try_out(&mut self, round: u64, given: Given) {
        self.trial.abort_all();
        let (answers, given) = (self.answers.clone(), self.answered(given).0);
        let (environment, overrides) = (self.environment.clone(), self.overrides.clone());
        self.trial.spawn(async move {
            let trial = try_out(&given, &environment, &overrides).await;
            let accepted = matches!(trial, TrialResult::Accepted(_));
            let verdict = SetupVerdict { accepted, text: trial.sentence() };
            // The screen may be gone by now.
            let _ = answers.send(TaskAnswer::Told(WelcomeEvent::Tried { round, verdict }));
        });
    }

    /// Writes the profile; not given up half-way, whatever happens to the screen.
    fn save(&self, given: Given) {
        let (answers, (given, place)) = (self.answers.clone(), self.answered(given));
        let (environment, overrides) = (self.environment.clone(), self.overrides.clone());
        tokio::spawn(async move {
            let answer = match save(&given, place, &environment, &overrides).await {
                Ok((config, say)) => TaskAnswer::Saved(Box::new(config), say),
                Err(Unsaved::Secret(reason)) => {
                    TaskAnswer::Told(WelcomeEvent::NotSaved { place: true, reason })
                }
                Err(Unsaved::File(reason)) => {
                    TaskAnswer::Told(WelcomeEvent::NotSaved { place: false, reason })
                }
            };
            // The screen may be gone by now.
            let _ = answers.send(answer);
        });
    }

    /// The form's content as answers, and the place for the secret with its name.
    fn answered(&self, given: Given) -> (Answers, (SecretStorage, String)) {
        let Given { values, secret, place, named } = given;
        let values = Question::ALL.into_iter().zip(values).collect();
        let place = SecretStorage::ALL.get(place).copied().unwrap_or(SecretStorage::File);
        let (profile, beside) = (self.profile.clone(), Profile::default());
        (Answers { profile, values, secret, beside }, (place, named))
    }
}

/// Keeps the secret and writes the profile. What comes back is what to go on with: the
/// answers as they were given, for the secret's place may hold it only next time.
async fn save(
    answers: &Answers,
    (place, named): (SecretStorage, String),
    environment: &Environment,
    overrides: &Overrides,
) -> Result<(Config, Option<String>), Unsaved> {
    let (mut source, mut say) = (None, None);
    if answers.secret.is_some() {
        let place = place.source(&answers.profile, &named).map_err(Unsaved::Secret)?;
        say = confirm(&place, answers).await.map_err(Unsaved::Secret)?;
        source = Some(place);
    }
    let path = target(environment, overrides).map_err(|error| Unsaved::File(error.to_string()))?;
    let found = Inspection::of(environment, overrides);
    onboarding::save(&path, answers, source.as_ref(), &found).await?;
    let config = answers.config(environment, overrides);
    let config = config.map_err(|error| Unsaved::File(error.to_string()))?;
    Ok((config, say))
}

/// What the first screen starts with: present values, as `setup` offers them.
fn start(environment: &Environment, overrides: &Overrides, look: Appearance) -> Start {
    let found = Inspection::of(environment, overrides);
    let asked = Question::ALL.map(|question| SetupQuestion {
        label: question.label(),
        value: found.value(question.key()).map_or_else(|| question.default().to_owned(), safe),
        is_default: found.value(question.key()).is_none(),
        read: reader(question),
        also: match question {
            Question::Host => stream_in,
            Question::Stream
            | Question::Account
            | Question::Client
            | Question::Algorithm
            | Question::Region => |_| None,
        },
    });
    Start {
        look,
        path: target(environment, overrides)
            .map_or_else(|error| error.to_string(), |path| path.display().to_string()),
        asked: asked.to_vec(),
        before_secret: Question::BEFORE_SECRET,
        kept: present_source(&found).map(secret::SecretSource::place),
        places: SecretStorage::ALL.map(place).to_vec(),
        profile: found.profile,
    }
}

fn reader(question: Question) -> fn(&str) -> Result<String, String> {
    match question {
        Question::Host => |text| Question::Host.read(text),
        Question::Stream => |text| Question::Stream.read(text),
        Question::Account => |text| Question::Account.read(text),
        Question::Client => |text| Question::Client.read(text),
        Question::Algorithm => |text| Question::Algorithm.read(text),
        Question::Region => |text| Question::Region.read(text),
    }
}

/// A place as the form offers it. Whether there is a keyring is found out meanwhile.
fn place(place: SecretStorage) -> welcome::StorageChoice {
    let named = |label, value: &str, read| {
        Some(SetupQuestion {
            label,
            value: value.to_owned(),
            is_default: true,
            read,
            also: |_| None,
        })
    };
    welcome::StorageChoice {
        word: place.word(),
        means: place.means(),
        named: match place {
            SecretStorage::Keyring | SecretStorage::File => None,
            SecretStorage::Variable => named("Variable", "KORE_SECRET", |text| {
                SecretStorage::Variable.source("", text).map(|_| text.trim().to_owned())
            }),
            SecretStorage::Command => named("Command", "", |text| {
                SecretStorage::Command.source("", text).map(|_| text.trim().to_owned())
            }),
        },
        there: place != SecretStorage::Keyring,
    }
}
