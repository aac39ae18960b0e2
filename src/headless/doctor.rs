//! `doctor`: everything rolodesk depends on, checked one by one; each line says ok,
//! problem and what to do, or why a check had to be skipped. Nothing that is broken keeps
//! the checks behind it from being made.
//!
//! ```text
//!   settings   config.*, permissions.config, permissions.log
//!   stock      store*, permissions.data, permissions.store, disk
//!   platform   secret, proxy, dns, connection, tls
//!   answers    clock, token, list, limit
//!   team       team.*, only where a floor shares a database
//!   estate     probe.*, only where asked for
//!   system     the administrator's file alone      bundle  all of it for whoever helps
//! ```

mod answers;
mod bundle;
mod estate;
mod permissions;
mod platform;
mod report;
mod settings;
mod store;
mod system;
mod team;

use std::{io, path::PathBuf};

use anyhow::Result;

use crate::{
    config::{ConfigError, Environment, Inspection, Overrides},
    exit::Exit,
};
pub use estate::ProbeRequest;
use report::DoctorReport;

/// What is checked, and where it is told.
#[derive(Debug, Clone, Default)]
pub struct DoctorRequest {
    /// One JSON object per check.
    pub json: bool,
    /// Only the administrator's file.
    pub system: bool,
    /// Written for whoever helps.
    pub bundle: Option<PathBuf>,
    /// The platform is asked how it treats contacts.
    pub probe: Option<ProbeRequest>,
}

/// Makes the checks and prints them, as text or as one JSON object per line; then, where that
/// was asked for, probes how the platform treats contacts.
///
/// # Errors
/// When nothing can be printed, or the bundle cannot be written.
pub async fn run(
    environment: &Environment,
    overrides: &Overrides,
    request: &DoctorRequest,
) -> Result<Exit> {
    let mut report = DoctorReport::new(io::stdout(), request.json);
    if request.system {
        system::check(&mut report, environment)?;
        report.summary()?;
        return Ok(report.exit());
    }
    let found = Inspection::of(environment, overrides);
    settings::check(&mut report, &found, environment, overrides)?;
    let store = store::check(&mut report, &found).await?;
    platform::check(&mut report, &found, store.as_ref()).await?;
    team::check(&mut report, &found, store.as_ref()).await?;
    match (&request.probe, &found.verdict) {
        (None, _) => {}
        (Some(request), Ok(config)) => estate::check(&mut report, config, request).await?,
        (Some(_), Err(_)) => report.skipped("probe", "the configuration is not complete")?,
    }
    report.summary()?;
    if let Some(path) = &request.bundle {
        let text = bundle::text(report.told(), environment, store.as_ref()).await;
        bundle::write(path, &text).map_err(ConfigError::Usage)?;
    }
    Ok(report.exit())
}
