//! `sandbox`: the platform in miniature, until Ctrl+C.

use std::{
    io::{self, Write as _},
    net::SocketAddr,
};

use anyhow::{Context as _, Result};

use crate::{
    config::ConfigError,
    exit::Exit,
    sandbox::{Sandbox, SandboxSettings, describe, faults},
};

/// Listens on `listen` with these faults and this limit, says how to reach it, and waits.
///
/// # Errors
/// When a fault is none, the address is not this machine's, or it is taken.
pub async fn run(listen: SocketAddr, wanted: &[String], limit: u32) -> Result<Exit> {
    if wanted.iter().any(|fault| fault == "help") {
        writeln!(io::stdout(), "{}", faults::help())?;
        return Ok(Exit::Done);
    }
    if !listen.ip().is_loopback() {
        let why = "the sandbox listens on this machine only; --listen must be 127.0.0.1:PORT or \
                   [::1]:PORT";
        return Err(ConfigError::Usage(why.into()).into());
    }
    let faults = faults::together(wanted).map_err(ConfigError::Usage)?;
    let settings = SandboxSettings { limit, faults, ..SandboxSettings::demo() };
    let sandbox = Sandbox::start(listen, settings)
        .with_context(|| format!("the sandbox cannot listen on {listen}"))?;
    let mut out = io::stdout();
    write!(out, "{}", describe(&sandbox))?;
    out.flush()?;
    tokio::signal::ctrl_c().await?;
    sandbox.stop().await;
    Ok(Exit::Done)
}
