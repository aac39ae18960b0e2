//! `token`: a fresh token of the profile, and nothing else, for use with other tools.

use std::io::{self, Write as _};

use anyhow::Result;
use secrecy::ExposeSecret as _;

use crate::{config::Config, connect::client, exit::Exit};

/// Prints the token on a line of its own.
///
/// # Errors
/// When the secret cannot be had, or nothing can be printed.
pub async fn run(config: &Config) -> Result<Exit> {
    let token = client(config).await?.token()?;
    writeln!(io::stdout(), "{}", token.expose_secret())?;
    Ok(Exit::Done)
}
