//! `backup`: a copy of the store, made while others work on it.

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use anyhow::Result;

use crate::{
    audit::{AuditRecord, AuditTrail, AuditVerb},
    config::{ConfigError, Environment, Inspection, Overrides, Right},
    contact::text::safe,
    exit::Exit,
    private::user,
    store,
};

/// Makes the copy. No profile is needed: the store is that of the data folder.
///
/// # Errors
/// When there is no store or the copy cannot be made; then there is none.
pub async fn run(environment: &Environment, overrides: &Overrides, copy: PathBuf) -> Result<Exit> {
    if copy.as_os_str() == "-" {
        let why = "a backup goes into a file of its own, for its owner alone; name a file";
        return Err(ConfigError::Usage(why.into()).into());
    }
    let found = Inspection::of(environment, overrides);
    // It is everybody's names and numbers in one file.
    found.policy.require(Right::Export)?;
    let store = found.data_dir.as_ref().ok_or(ConfigError::NoHome)?.join("store.db");
    let made = copy.clone();
    tokio::task::spawn_blocking(move || store::backup(&store, &made)).await??;
    let trail = AuditTrail::open(found.audit_file.as_deref(), &user::name(), &found.profile);
    trail.add(&[AuditRecord::of(AuditVerb::Export, "backup")]);
    tell(&copy)?;
    Ok(Exit::Done)
}

fn tell(copy: &Path) -> io::Result<()> {
    writeln!(io::stdout(), "The store was copied to {}.", safe(&copy.display().to_string()))
}
