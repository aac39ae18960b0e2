//! The composition root of the terminal program: build everything, run the event loop,
//! carry out what the screen asks for, give the terminal back.
//!
//! ```text
//!   session (which screen comes next) -> tty (the terminal) -> form loop | welcome loop
//! ```

use std::time::Duration;

use anyhow::Result;

use crate::{
    config::{Config, Environment, Overrides},
    exit::Exit,
    sandbox::Faults,
    tui::{Appearance, terminal::Screen},
};

mod awaited_store;
mod background_colour;
mod form_loop;
mod keyboard;
mod keys_command;
mod opening;
mod page_loader;
mod panics;
mod session;
mod session_summary;
mod sources;
mod store_tasks;
mod tty;
mod watchdog;
mod welcome_loop;

pub use keys_command::tell_keys;
pub use panics::report_panics;

use session::{Session, Stage};

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
pub async fn form(
    config: Config,
    look: Appearance,
    environment: &Environment,
    overrides: &Overrides,
) -> Result<Exit> {
    let first = Stage::Form(Box::new(config), None);
    Session::new(environment, overrides, look).run(first).await
}

/// Runs the form against the built-in sandbox, which misbehaves in this way, with a store that
/// is thrown away.
///
/// # Errors
/// As [`form`], and when the sandbox cannot listen on loopback.
pub async fn demo(
    look: Appearance,
    environment: &Environment,
    overrides: &Overrides,
    faults: Faults,
) -> Result<Exit> {
    Session::new(environment, overrides, look).with_faults(faults).run(Stage::Demo).await
}

/// Offers the demo or a profile to be set up, where there is none yet.
///
/// # Errors
/// As [`demo`].
pub async fn welcome(
    look: Appearance,
    environment: &Environment,
    overrides: &Overrides,
) -> Result<Exit> {
    Session::new(environment, overrides, look).run(Stage::Welcome).await
}
