//! `doctor`: everything rolodesk depends on, checked one by one; each line says ok,
//! problem and what to do, or why a check had to be skipped. Nothing that is broken keeps
//! the checks behind it from being made.
//!
//! ```text
//!   settings   config.*, permissions.config, permissions.log
//!   stock      store*, permissions.data, permissions.store, disk
//!   platform   secret, proxy, dns, connection, tls
//!   answers    clock, token, list, limit
//! ```

mod answers;
mod checks;
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

/// Makes the checks and prints them, as text or as one JSON object per line.
///
/// # Errors
/// When nothing can be printed.
pub async fn run(environment: &Environment, overrides: &Overrides, json: bool) -> Result<Exit> {
    let mut report = DoctorReport::new(io::stdout(), json);
    let found = Inspection::of(environment, overrides);
    settings::check(&mut report, &found, environment, overrides)?;
    let store = store::check(&mut report, &found).await?;
    platform::check(&mut report, &found, store.as_ref()).await?;
    Ok(report.exit())
}
