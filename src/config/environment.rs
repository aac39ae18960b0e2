//! The process's environment as a value, so that tests need not touch the real one.

use std::{
    collections::HashMap,
    fmt,
    path::{Path, PathBuf},
};

use secrecy::zeroize::Zeroizing;

/// The variables, and where the home is. Some variables hold secrets: all are wiped from
/// memory in the end.
#[derive(Clone, Default)]
pub struct Environment {
    variables: HashMap<String, Zeroizing<String>>,
    /// Always absolute: nothing of the folder one happens to be in is obeyed.
    home: Option<PathBuf>,
    system: PathBuf,
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

impl Environment {
    /// The real one.
    #[must_use]
    pub fn of_process() -> Self {
        let home = etcetera::home_dir().ok().filter(|home| home.is_absolute());
        // A variable that is not Unicode is none of ours.
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| {
                Some((name.into_string().ok()?, value.into_string().ok()?.into()))
            })
            .collect();
        Self { variables, home, system: PathBuf::from("/etc/rolodesk/config.toml") }
    }

    /// Nothing but these variables, with everything on disk below `home`.
    #[must_use]
    pub fn only(
        variables: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
        home: &Path,
    ) -> Self {
        Self {
            variables: variables.into_iter().map(|(k, v)| (k.into(), v.into().into())).collect(),
            home: Some(home.to_owned()),
            system: home.join("etc/rolodesk/config.toml"),
        }
    }

    /// A variable's value; an empty one counts as not set.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<String> {
        self.variables.get(name).filter(|value| !value.is_empty()).map(|value| value.to_string())
    }

    /// Whether a variable is set, without a copy of what may be a secret.
    pub(super) fn has(&self, name: &str) -> bool {
        self.variables.get(name).is_some_and(|value| !value.is_empty())
    }

    /// The home folder, if there is one.
    #[must_use]
    pub fn home(&self) -> Option<&Path> {
        self.home.as_deref()
    }

    /// The same machine without anything of a person's own.
    #[must_use]
    pub fn system_alone(&self) -> Self {
        let nowhere = ("ROLODESK_DATA_DIR".to_owned(), "/nonexistent".to_owned().into());
        Self { variables: HashMap::from([nowhere]), ..self.clone() }
    }

    /// The same machine and variables without a home, as a service may be started.
    #[cfg(test)]
    pub(super) fn homeless(mut self) -> Self {
        self.home = None;
        self
    }

    /// The variables that are set, in no order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let set = self.variables.iter().filter(|(_, value)| !value.is_empty());
        set.map(|(name, _)| name.as_str())
    }

    pub(super) fn path(&self, name: &str) -> Option<PathBuf> {
        self.get(name).map(PathBuf::from)
    }

    /// The XDG base directory of this kind (only absolute paths count, as its
    /// specification says), with our name; none without a home.
    fn base(&self, variable: &str, default: &str) -> Option<PathBuf> {
        let set = self.path(variable).filter(|path| path.is_absolute());
        let base = set.or_else(|| self.home.as_ref().map(|home| home.join(default)));
        base.map(|base| base.join("rolodesk"))
    }

    /// The administrator's file.
    #[must_use]
    pub fn system_config(&self) -> &Path {
        &self.system
    }

    /// The user's own file; none without a home.
    #[must_use]
    pub fn user_config(&self) -> Option<PathBuf> {
        let in_home = || Some(self.base("XDG_CONFIG_HOME", ".config")?.join("config.toml"));
        self.path("ROLODESK_CONFIG").or_else(in_home)
    }

    /// The folder of the configuration file in use, which relative paths start from.
    pub(super) fn config_folder(&self, named: Option<&Path>) -> Option<PathBuf> {
        let file = named.map(Path::to_owned).or_else(|| self.user_config())?;
        std::path::absolute(file).ok()?.parent().map(Path::to_owned)
    }

    /// Whether text is written in UTF-8 here: `LC_ALL` over `LC_CTYPE` over LANG, as
    /// setlocale(3) reads them.
    #[must_use]
    pub fn is_utf8(&self) -> bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| self.get(name));
        let locale = locale.unwrap_or_default().to_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    }

    /// Where the store is; nowhere without a home.
    #[must_use]
    pub fn data_dir(&self) -> Option<PathBuf> {
        self.path("ROLODESK_DATA_DIR").or_else(|| self.base("XDG_DATA_HOME", ".local/share"))
    }

    /// Where the log and what else tells of past runs is written; nowhere without a home.
    #[must_use]
    pub fn state_dir(&self) -> Option<PathBuf> {
        self.base("XDG_STATE_HOME", ".local/state")
    }

    /// Where it is told who did what.
    #[must_use]
    pub fn audit_file(&self) -> Option<PathBuf> {
        Some(self.state_dir()?.join("audit.jsonl"))
    }

    /// Who types: `ROLODESK_AGENT`, or as the system calls the user.
    #[must_use]
    pub fn agent(&self) -> String {
        self.get("ROLODESK_AGENT").unwrap_or_else(crate::private::user::name)
    }

    /// Where the log is written.
    #[must_use]
    pub fn log_file(&self) -> Option<PathBuf> {
        Some(self.state_dir()?.join("rolodesk.log"))
    }
}
