//! `fill`: hands a caller to the form that is open.

use std::io::{self, Write as _};

use anyhow::{Context as _, Result};

use crate::{
    callers,
    config::{ConfigError, Environment, Overrides},
    contact::Draft,
    exit::Exit,
};

const NOBODY: &str = "no form is open here; start `rolodesk` first, as the same user";

/// Hands `contact` over and says to whom.
///
/// # Errors
/// When nothing of it is given, or nobody can be asked.
pub async fn run(
    environment: &Environment,
    overrides: &Overrides,
    contact: &Draft,
) -> Result<Exit> {
    if *contact == Draft::default() {
        let why = "nothing is given; `rolodesk fill --phone NUMBER` hands over a caller";
        return Err(ConfigError::Usage(why.into()).into());
    }
    let profile = overrides.profile.as_deref();
    let taken = match callers::folder(environment) {
        Some(folder) if folder.is_dir() => callers::hand_over(&folder, profile, contact)
            .await
            .with_context(|| format!("{} cannot be read", folder.display()))?,
        Some(_) | None => None,
    };
    match (taken, profile) {
        (Some(profile), _) => {
            writeln!(io::stdout(), "Handed to the form of the profile `{profile}`.")?;
            Ok(Exit::Done)
        }
        (None, None) => {
            writeln!(io::stderr(), "rolodesk: {NOBODY}")?;
            Ok(Exit::Failed)
        }
        (None, Some(profile)) => {
            writeln!(io::stderr(), "rolodesk: {NOBODY}, with the profile `{profile}`")?;
            Ok(Exit::Failed)
        }
    }
}
