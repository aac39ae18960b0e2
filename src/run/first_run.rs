//! Carries out what the first screen asks for: the demo, or a profile that is tried on the
//! platform while it is typed, and saved.

use anyhow::{Context as _, Result, anyhow};
use tokio::{
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    task::JoinSet,
};

use super::{
    Exit,
    profile::{
        self, Answers, Place, Question, Trial, Unsaved, confirm, present_source, stream_in, target,
        try_out,
    },
    seat::Seat,
    session::{Session, Stage},
};
use crate::{
    config::{Config, Environment, Inspection, Overrides, secret},
    contact::text::safe,
    tui::{
        self, Look,
        welcome::{self, Asked, Effect, Event, Given, Start, Verdict, Welcome},
    },
};

/// What comes from the tasks beside the loop.
enum Answer {
    Told(Event),
    /// The profile is written; a sentence to begin with, if there is one.
    Saved(Box<Config>, Option<String>),
}

impl Session<'_> {
    /// Shows the first screen, or at once its form for a profile.
    pub(super) async fn first_run(&mut self, set_up: bool) -> Result<Stage> {
        let mut welcome = self.welcome.take().unwrap_or_else(|| {
            Welcome::new(start(self.environment, self.overrides, self.look.clone()))
        });
        if set_up {
            welcome.set_up();
        }
        let profile = Inspection::of(self.environment, self.overrides).profile;
        let title = "rolodesk";
        let mut seat = match self.seat.take() {
            Some(seat) => seat,
            None => Seat::take(title, &self.look, self.environment)?,
        };
        seat.turn_to(title, &[], self.look.mouse)?;
        let (answers, inbox) = mpsc::unbounded_channel();
        let mut reception = Reception {
            welcome,
            seat,
            answers,
            profile,
            trial: JoinSet::new(),
            environment: self.environment,
            overrides: self.overrides,
        };
        let next = reception.run(inbox).await;
        let Reception { welcome, seat, .. } = reception;
        self.look = welcome.look().clone();
        self.seat = Some(seat);
        // What was saved need not be typed again, and the secret is wiped from memory.
        let unsaved = !matches!(next, Ok(Stage::Form(..)));
        self.welcome = unsaved.then_some(welcome);
        next
    }
}

/// The first screen and what its effects act on.
struct Reception<'a> {
    welcome: Welcome,
    seat: Seat,
    answers: UnboundedSender<Answer>,
    /// Which one is set up.
    profile: String,
    /// The platform is being asked; given up when this is dropped.
    trial: JoinSet<()>,
    environment: &'a Environment,
    overrides: &'a Overrides,
}

impl Reception<'_> {
    async fn run(&mut self, mut answers: UnboundedReceiver<Answer>) -> Result<Stage> {
        self.look_for_keyring();
        if let Some(next) = self.measure()? {
            return Ok(next);
        }
        for event in self.seat.first_keys().await {
            if let Some(next) = self.hear(event.context("the terminal cannot be read")?)? {
                return Ok(next);
            }
        }
        loop {
            if self.welcome.needs_draw() {
                let welcome = &self.welcome;
                let drawn = self.seat.screen.draw(|frame| welcome.view(frame));
                drawn.context("the terminal cannot be drawn")?;
            }
            let next = tokio::select! {
                biased;
                Some(asked) = self.seat.asked_to_leave.recv() => Some(Stage::Leave(asked.exit())),
                key = self.seat.keys.recv() => match key {
                    Some(event) => self.hear(event.context("the terminal cannot be read")?)?,
                    None => return Err(anyhow!("reading the keyboard stopped")),
                },
                Some(answer) = answers.recv() => match answer {
                    Answer::Told(event) => self.take(event)?,
                    Answer::Saved(config, say) => Some(Stage::Form(config, say)),
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
            tui::Event::Terminal(input) => self.take(Event::Terminal(input)),
            tui::Event::Background { light } => {
                self.seat.asked_at = None;
                self.take(Event::Background { light })
            }
            // Of conversations, and none is held yet.
            tui::Event::Delivery(_)
            | tui::Event::Known { .. }
            | tui::Event::Details { .. }
            | tui::Event::Page { .. }
            | tui::Event::Copied(_)
            | tui::Event::Notice(_)
            | tui::Event::Tick => Ok(None),
        }
    }

    /// Handles one event; the answer is what comes next, if not this screen.
    fn take(&mut self, event: Event) -> Result<Option<Stage>> {
        for effect in self.welcome.update(event) {
            match effect {
                Effect::Try { round, given } => self.try_out(round, given),
                Effect::Save(given) => self.save(given),
                Effect::Demo => return Ok(Some(Stage::Demo)),
                Effect::Mouse(on) => self.seat.screen.set_mouse(on)?,
                Effect::Suspend => {
                    self.seat.screen.suspend()?;
                    return self.measure();
                }
                Effect::Repaint => {
                    self.seat.screen.repaint()?;
                    return self.measure();
                }
                Effect::Quit => return Ok(Some(Stage::Leave(Exit::Done))),
            }
        }
        Ok(None)
    }

    /// Tells the model how large the terminal is now, which also draws everything.
    fn measure(&mut self) -> Result<Option<Stage>> {
        let size = Seat::size()?;
        self.take(Event::Terminal(size))
    }

    fn look_for_keyring(&self) {
        let answers = self.answers.clone();
        tokio::spawn(async move {
            let at = Place::ALL.iter().position(|place| *place == Place::Keyring);
            if let Some(at) = at
                && secret::has_keyring().await
            {
                // The screen may be gone by now.
                let _ = answers.send(Answer::Told(Event::There(at)));
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
            let accepted = matches!(trial, Trial::Accepted(_));
            let verdict = Verdict { accepted, text: trial.sentence() };
            // The screen may be gone by now.
            let _ = answers.send(Answer::Told(Event::Tried { round, verdict }));
        });
    }

    /// Writes the profile; not given up half-way, whatever happens to the screen.
    fn save(&self, given: Given) {
        let (answers, (given, place)) = (self.answers.clone(), self.answered(given));
        let (environment, overrides) = (self.environment.clone(), self.overrides.clone());
        tokio::spawn(async move {
            let answer = match save(&given, place, &environment, &overrides).await {
                Ok((config, say)) => Answer::Saved(Box::new(config), say),
                Err(Unsaved::Secret(reason)) => {
                    Answer::Told(Event::NotSaved { place: true, reason })
                }
                Err(Unsaved::File(reason)) => {
                    Answer::Told(Event::NotSaved { place: false, reason })
                }
            };
            // The screen may be gone by now.
            let _ = answers.send(answer);
        });
    }

    /// The form's content as answers, and the place for the secret with its name.
    fn answered(&self, given: Given) -> (Answers, (Place, String)) {
        let Given { values, secret, place, named } = given;
        let values = Question::ALL.into_iter().zip(values).collect();
        let place = Place::ALL.get(place).copied().unwrap_or(Place::File);
        (Answers { profile: self.profile.clone(), values, secret }, (place, named))
    }
}

/// Keeps the secret and writes the profile. What comes back is what to go on with: the
/// answers as they were given, for the secret's place may hold it only next time.
async fn save(
    answers: &Answers,
    (place, named): (Place, String),
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
    profile::save(&path, answers, source.as_ref(), &found).await?;
    let config = answers.config(environment, overrides);
    let config = config.map_err(|error| Unsaved::File(error.to_string()))?;
    Ok((config, say))
}

/// What the first screen starts with: present values, as `setup` offers them.
fn start(environment: &Environment, overrides: &Overrides, look: Look) -> Start {
    let found = Inspection::of(environment, overrides);
    let asked = Question::ALL.map(|question| Asked {
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
        kept: present_source(&found).map(secret::Source::place),
        places: Place::ALL.map(place).to_vec(),
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
fn place(place: Place) -> welcome::Place {
    let named = |label, value: &str, read| {
        Some(Asked { label, value: value.to_owned(), is_default: true, read, also: |_| None })
    };
    welcome::Place {
        word: place.word(),
        means: place.means(),
        named: match place {
            Place::Keyring | Place::File => None,
            Place::Variable => named("Variable", "KORE_SECRET", |text| {
                Place::Variable.source("", text).map(|_| text.trim().to_owned())
            }),
            Place::Command => named("Command", "", |text| {
                Place::Command.source("", text).map(|_| text.trim().to_owned())
            }),
        },
        there: place != Place::Keyring,
    }
}
