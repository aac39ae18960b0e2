//! The terminal while it is ours, and all that comes from it: one for everything the
//! screen shows, from the first to the last.

use std::{io, time::Duration};

use anyhow::{Context as _, Result};
use tokio::{
    sync::{mpsc::UnboundedReceiver, watch},
    time::{Instant, timeout_at},
};

use super::{background_colour, keyboard, watchdog};
use crate::{
    config::Environment,
    contact::Salutation,
    signals::LeaveRequest,
    tui::{
        Appearance, Event, Notify,
        clipboard::Inside,
        terminal::{self, Screen},
    },
};

/// How long leaving waits for the terminal to tell its background.
const ANSWER_GRACE: Duration = Duration::from_millis(200);
/// An answer not come by then is taken for one that will not.
const LATEST_ANSWER: Duration = Duration::from_secs(1);

/// The taken terminal. Dropped, it is given back.
pub(super) struct Tty {
    pub(super) screen: Screen,
    pub(super) inside: Inside,
    pub(super) asked_to_leave: UnboundedReceiver<LeaveRequest>,
    pub(super) keys: UnboundedReceiver<io::Result<Event>>,
    /// What is recognised in pastes that come as keys.
    salutations: watch::Sender<Vec<Salutation>>,
    /// When the terminal was asked for its background, while it has not answered.
    pub(super) asked_at: Option<Instant>,
}

impl Tty {
    /// Takes the terminal.
    ///
    /// # Errors
    /// When it refuses; it is then as it was.
    pub(super) fn take(
        title: &str,
        salutations: &[Salutation],
        look: &Appearance,
        environment: &Environment,
    ) -> Result<Self> {
        let asked_to_leave = watchdog::listen()?;
        let asks = look.themes.follow_background() && background_colour::may_ask(environment);
        let mut screen =
            Screen::take(title, look.mouse).context("cannot take over the terminal")?;
        if asks {
            screen.ask_background();
        }
        if look.notify != Notify::Off {
            screen.watch_focus();
        }
        let as_keys = keyboard::pastes_as_keys(&environment.get("TERM").unwrap_or_default());
        let (salutations, known) = watch::channel(salutations.to_vec());
        let keys = keyboard::Terminal { salutations: as_keys.then_some(known), asked: asks };
        Ok(Self {
            screen,
            inside: inside(environment),
            asked_to_leave,
            keys: keyboard::read(keys),
            salutations,
            asked_at: asks.then(Instant::now),
        })
    }

    /// Something else is shown from now on.
    ///
    /// # Errors
    /// When the terminal cannot be written to.
    pub(super) fn turn_to(
        &mut self,
        title: &str,
        salutations: &[Salutation],
        mouse: bool,
    ) -> Result<()> {
        self.salutations.send_replace(salutations.to_vec());
        let told = self.screen.set_title(title).and_then(|()| self.screen.set_mouse(mouse));
        told.context("the terminal cannot be written to")
    }

    /// The terminal's size, as it tells a new one.
    ///
    /// # Errors
    /// When it has none.
    pub(super) fn size() -> Result<crossterm::event::Event> {
        let (columns, rows) = crossterm::terminal::size().context("the terminal has no size")?;
        Ok(crossterm::event::Event::Resize(columns, rows))
    }

    /// An answer still on its way would be typed into the shell.
    pub(super) async fn wait_for_answer(&mut self) {
        let Some(asked_at) = self.asked_at.filter(|at| at.elapsed() < LATEST_ANSWER) else {
            return;
        };
        let deadline = asked_at + ANSWER_GRACE;
        while let Ok(Some(event)) = timeout_at(deadline, self.keys.recv()).await {
            if matches!(event, Ok(Event::Background { .. })) {
                break;
            }
        }
        terminal::forget_input();
    }

    /// Gives the terminal back.
    pub(super) async fn give_back(mut self) {
        self.wait_for_answer().await;
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
