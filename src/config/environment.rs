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
    home: PathBuf,
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
        let home = etcetera::home_dir().unwrap_or_default();
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
            home: home.to_owned(),
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

    /// The variables that are set, in no order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let set = self.variables.iter().filter(|(_, value)| !value.is_empty());
        set.map(|(name, _)| name.as_str())
    }

    pub(super) fn path(&self, name: &str) -> Option<PathBuf> {
        self.get(name).map(PathBuf::from)
    }

    /// The XDG base directory of this kind (only absolute paths count, as its
    /// specification says), with our name.
    fn base(&self, variable: &str, default: &str) -> PathBuf {
        let set = self.path(variable).filter(|path| path.is_absolute());
        set.unwrap_or_else(|| self.home.join(default)).join("rolodesk")
    }

    pub(super) fn system_config(&self) -> PathBuf {
        self.system.clone()
    }

    /// The user's own file.
    #[must_use]
    pub fn user_config(&self) -> PathBuf {
        self.path("ROLODESK_CONFIG")
            .unwrap_or_else(|| self.base("XDG_CONFIG_HOME", ".config").join("config.toml"))
    }

    /// The folder of the configuration file in use.
    pub(super) fn config_folder(&self, named: Option<&Path>) -> PathBuf {
        let file = named.map_or_else(|| self.user_config(), Path::to_owned);
        file.parent().map(Path::to_owned).unwrap_or_default()
    }

    /// Whether text is written in UTF-8 here: `LC_ALL` over `LC_CTYPE` over LANG, as
    /// setlocale(3) reads them.
    #[must_use]
    pub fn is_utf8(&self) -> bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| self.get(name));
        let locale = locale.unwrap_or_default().to_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    }

    /// Where the store is.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        self.path("ROLODESK_DATA_DIR").unwrap_or_else(|| self.base("XDG_DATA_HOME", ".local/share"))
    }

    /// Who types: `ROLODESK_AGENT`, or the login name.
    #[must_use]
    pub fn agent(&self) -> String {
        let named = ["ROLODESK_AGENT", "LOGNAME", "USER"].iter().find_map(|name| self.get(name));
        named.or_else(login_name).unwrap_or_default()
    }

    /// Where the log is written.
    #[must_use]
    pub fn log_file(&self) -> PathBuf {
        self.base("XDG_STATE_HOME", ".local/state").join("rolodesk.log")
    }
}

/// The name that the system knows the user by (passwd(5)).
fn login_name() -> Option<String> {
    let id = rustix::process::getuid().as_raw().to_string();
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == id).then(|| name.to_owned())
    })
}
