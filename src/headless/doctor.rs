//! `doctor`: everything rolodesk depends on, checked one by one; each line says ok,
//! problem and what to do, or why a check had to be skipped. Nothing that is broken keeps
//! the checks behind it from being made.
//!
//! ```text
//!   settings   config.*, permissions.config, permissions.log
//!   stock      store*, permissions.data, permissions.store, disk
//!   platform   secret, proxy, dns, connection, tls
//!   answers    clock, token, list, limit
//!   estate     probe.*, only where asked for
//! ```

mod answers;
mod checks;
mod estate;
mod permissions;
mod platform;
mod settings;
mod store;

use std::io;

use anyhow::Result;

use crate::{
    config::{Environment, Inspection, Overrides},
    exit::Exit,
};
use checks::DoctorReport;
pub use estate::ProbeRequest;

/// Makes the checks and prints them, as text or as one JSON object per line; then, where that
/// was asked for, probes how the platform treats contacts.
///
/// # Errors
/// When nothing can be printed.
pub async fn run(
    environment: &Environment,
    overrides: &Overrides,
    probe: Option<&ProbeRequest>,
    json: bool,
) -> Result<Exit> {
    let mut report = DoctorReport::new(io::stdout(), json);
    let found = Inspection::of(environment, overrides);
    settings::check(&mut report, &found, environment, overrides)?;
    let store = store::check(&mut report, &found).await?;
    platform::check(&mut report, &found, store.as_ref()).await?;
    drop(store);
    match (probe, found.verdict) {
        (None, _) => {}
        (Some(request), Ok(config)) => estate::check(&mut report, &config, request).await?,
        (Some(_), Err(_)) => report.skipped("probe", "the configuration is not complete")?,
    }
    Ok(report.exit())
}
