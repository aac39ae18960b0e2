//! The composition root of the terminal program: build everything, run the event loop,
//! carry out what the screen asks for, give the terminal back.
//!
//! ```text
//!   session (which screen comes next) -> seat (the terminal) -> conversation | first_run
//! ```

use std::time::Duration;

use anyhow::Result;

use crate::{
    api::{self, Client},
    config::{self, Config, ConfigError, Environment, Overrides},
    store::Scope,
    tui::{Appearance, terminal::Screen},
};

mod background_colour;
mod form_loop;
mod keyboard;
mod keys_command;
mod page_loader;
mod panics;
mod session;
mod session_summary;
mod sources;
mod store_tasks;
mod tty;
mod welcome_loop;

pub use keys_command::tell_keys;
pub use panics::report_panics;

use session::{Session, Stage};

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
pub async fn form(
    config: Config,
    look: Appearance,
    environment: &Environment,
    overrides: &Overrides,
) -> Result<Exit> {
    let first = Stage::Form(Box::new(config), None);
    Session::new(environment, overrides, look).run(first).await
}

/// Runs the form against the built-in sandbox, with a store that is thrown away.
///
/// # Errors
/// As [`form`], and when the sandbox cannot listen on loopback.
pub async fn demo(
    look: Appearance,
    environment: &Environment,
    overrides: &Overrides,
) -> Result<Exit> {
    Session::new(environment, overrides, look).run(Stage::Demo).await
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
        config::CredentialSource::Ready(source) => {
            api::Credential::Ready(source.resolve(&config.folder).await?)
        }
        config::CredentialSource::Signed { client_id, secret, algorithm, subject, lifetime } => {
            api::Credential::Signed {
                client_id: client_id.clone(),
                secret: secret.resolve(&config.folder).await?,
                algorithm: match algorithm {
                    config::TokenAlgorithm::Hs256 => api::Algorithm::Hs256,
                    config::TokenAlgorithm::Hs384 => api::Algorithm::Hs384,
                    config::TokenAlgorithm::Hs512 => api::Algorithm::Hs512,
                },
                subject: subject.clone(),
                lifetime: *lifetime,
            }
        }
    };
    Client::new(api::ClientSettings {
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
