//! The demo: the built-in sandbox with a few contacts in it, and a profile of its own whose
//! store is thrown away.

use anyhow::{Context as _, Result};

use crate::{
    config::{Config, Environment, Overrides},
    private::scratch::Scratch,
    sandbox::{self, Faults, Sandbox, SandboxSettings},
};

/// The demo while it runs; dropped, it is gone with everything in it.
#[derive(Debug)]
pub struct Demo {
    /// The profile.
    pub config: Config,
    _sandbox: Sandbox,
    _folder: Scratch,
}

impl Demo {
    /// Starts a platform that misbehaves in this way.
    ///
    /// # Errors
    /// When there is no place for the store, or nothing can listen on this machine.
    pub fn start(faults: Faults) -> Result<Self> {
        let folder =
            Scratch::new("rolodesk-demo-").context("cannot make a folder for the demo's store")?;
        let seed = sandbox::DEMO_CONTACTS.map(|contact| contact.map(str::to_owned)).to_vec();
        let settings = SandboxSettings { faults, seed, ..SandboxSettings::demo() };
        let sandbox = Sandbox::start(sandbox::loopback(), settings)
            .context("the demo's sandbox cannot listen on this machine")?;
        let mut variables = sandbox.env();
        variables.push(("ROLODESK_PROFILE", "sandbox".to_owned()));
        let environment = Environment::only(variables, folder.path());
        let config = Config::load(&environment, &Overrides::default())?;
        Ok(Self { config, _sandbox: sandbox, _folder: folder })
    }
}
