//! `backup`: a copy of the store, made while others work on it.

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use anyhow::Result;

use crate::{
    config::{Environment, Inspection, Overrides},
    exit::Exit,
    store,
};

/// Makes the copy. No profile is needed: the store is that of the data folder.
///
/// # Errors
/// When there is no store or the copy cannot be made; then there is none.
pub async fn run(environment: &Environment, overrides: &Overrides, copy: PathBuf) -> Result<Exit> {
    let store = Inspection::of(environment, overrides).data_dir.join("store.db");
    let made = copy.clone();
    tokio::task::spawn_blocking(move || store::backup(&store, &made)).await??;
    tell(&copy)?;
    Ok(Exit::Done)
}

fn tell(copy: &Path) -> io::Result<()> {
    writeln!(io::stdout(), "The store was copied to {}.", copy.display())
}
