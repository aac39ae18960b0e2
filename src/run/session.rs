//! From the first screen to the last: which one comes after which, on one terminal.
//!
//! ```text
//!   Welcome <--> demo --> Setup --saved--> form
//!     '-----------------> (the same screen as Welcome)
//! ```

use std::{io, path::PathBuf};

use anyhow::Result;

use super::{
    form_loop::{AfterForm, FormContext, FormOutcome, converse},
    session_summary::SessionSummary,
    tty::Tty,
};
use crate::{
    config::{Config, Environment, Overrides},
    demo::Demo,
    exit::Exit,
    local_time,
    sandbox::Faults,
    tui::{Appearance, terminal, welcome::Welcome},
};

/// What the screen shows next.
pub(super) enum Stage {
    /// The choice between demo and profile.
    Welcome,
    /// The form for a profile.
    SetUp,
    /// The form against the built-in sandbox.
    Demo,
    /// The form against a profile, with a sentence to begin with.
    Form(Box<Config>, Option<String>),
    /// The shell.
    Leave(Exit),
}

/// Everything that lasts from one screen to the next.
pub(super) struct Session<'a> {
    pub(super) environment: &'a Environment,
    pub(super) overrides: &'a Overrides,
    pub(super) look: Appearance,
    /// While the terminal is taken.
    pub(super) tty: Option<Tty>,
    /// What was typed into the form for a profile, while it is not shown.
    pub(super) welcome: Option<Welcome>,
    summary: SessionSummary,
    /// How the demo's platform misbehaves.
    faults: Faults,
}

impl<'a> Session<'a> {
    pub(super) fn new(
        environment: &'a Environment,
        overrides: &'a Overrides,
        look: Appearance,
    ) -> Self {
        let summary = SessionSummary::default();
        let faults = Faults::default();
        Self { environment, overrides, look, tty: None, welcome: None, summary, faults }
    }

    /// The same, with faults in the demo.
    pub(super) fn with_faults(self, faults: Faults) -> Self {
        Self { faults, ..self }
    }

    /// Runs until the agent leaves, then tells what there is to tell.
    ///
    /// # Errors
    /// When a store cannot be opened or the terminal fails; the terminal is given back.
    pub(super) async fn run(mut self, first: Stage) -> Result<Exit> {
        let ended = self.stages(first).await;
        if let Some(tty) = self.tty.take() {
            tty.give_back().await;
        }
        say_goodbye(&self.summary);
        ended
    }

    async fn stages(&mut self, mut stage: Stage) -> Result<Exit> {
        loop {
            stage = match stage {
                Stage::Welcome => self.welcome(false).await?,
                Stage::SetUp => self.welcome(true).await?,
                Stage::Demo => self.demo().await?,
                Stage::Form(config, say) => self.converse(&config, false, say).await?,
                Stage::Leave(exit) => return Ok(exit),
            };
        }
    }

    async fn demo(&mut self) -> Result<Stage> {
        let demo = Demo::start(self.faults.clone())?;
        self.converse(&demo.config, true, None).await
    }

    async fn converse(
        &mut self,
        config: &Config,
        demo: bool,
        say: Option<String>,
    ) -> Result<Stage> {
        let title = format!("rolodesk {}", config.profile);
        let callers = callers_folder(self.environment);
        let tty = match self.tty.take() {
            Some(mut tty) => {
                tty.turn_to(&title, &config.salutations, self.look.mouse)?;
                tty
            }
            None => Tty::take(&title, &config.salutations, &self.look, self.environment)?,
        };
        let context = FormContext { config, look: self.look.clone(), demo, say, callers };
        let FormOutcome { next, summary, tty } = Box::pin(converse(context, tty)).await;
        self.tty = tty;
        match next {
            // What was tried in the demo is gone, and nothing to report.
            Ok(AfterForm::SetUp) => Ok(Stage::SetUp),
            Ok(AfterForm::Leave(exit)) => {
                self.summary = if demo { summary.of_demo() } else { summary };
                Ok(Stage::Leave(exit))
            }
            Err(error) => {
                self.summary = summary;
                Err(error)
            }
        }
    }
}

/// Where other programs hand over callers; nowhere where there are no such sockets.
#[cfg(unix)]
fn callers_folder(environment: &Environment) -> Option<PathBuf> {
    crate::callers::folder(environment)
}

#[cfg(not(unix))]
fn callers_folder(_: &Environment) -> Option<PathBuf> {
    None
}

/// What there is to tell once the terminal is the shell's again. A closed pipe or a
/// vanished terminal has nobody to tell.
fn say_goodbye(summary: &SessionSummary) {
    use io::Write as _;

    for line in summary.report(&local_time::zone()) {
        let _ = writeln!(io::stdout(), "{line}");
    }
    if let Some(words) = terminal::last_words() {
        let _ = writeln!(io::stderr(), "rolodesk: {words}");
    }
}
