//! What an administrator's file says of everybody who uses the machine: which keys nobody
//! else may set, what may be done at all, and how long and how fast at most. It holds
//! against mistakes and casual misuse; who reads the secret with programs of their own is
//! not kept from anything by it.
//!
//! ```toml
//! locked = ["host", "client_secret"]
//! allow = ["create", "update"]
//! max_token_lifetime = "5m"
//! max_requests_per_minute = 30
//! ```

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use toml::de::DeTable;

use super::{
    Config, ConfigError, CredentialSource, ValueOrigin,
    keys::{KEYS, likely},
    origin::Setting,
    values::{LIFETIME, count, lifetime},
};

/// Something that a person may be allowed to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// New contacts, one at a time.
    Create,
    /// Contacts of the platform changed.
    Update,
    /// Contacts deleted on the platform.
    Delete,
    /// Whole files of new contacts.
    Import,
    /// Results and contacts written out for other programs.
    Export,
    /// Names, numbers and ids put into the clipboard.
    Copy,
}

impl Right {
    /// Every one of them.
    pub const ALL: [Self; 6] =
        [Self::Create, Self::Update, Self::Delete, Self::Import, Self::Export, Self::Copy];

    /// Its name in the configuration.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Import => "import",
            Self::Export => "export",
            Self::Copy => "copy",
        }
    }
}

/// Top-level keys that can be locked beside those of a profile.
const LOCKABLE: [&str; 7] =
    ["default_profile", "theme", "keys", "mouse", "bell", "read_back", "notify"];

/// The policy's own keys, which stand nowhere but in the administrator's file.
pub(super) const OWN_KEYS: [&str; 4] =
    ["locked", "allow", "max_token_lifetime", "max_requests_per_minute"];

/// The policy in force; without one nothing is locked and everything allowed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// The file it stands in.
    pub file: PathBuf,
    /// The keys nobody else may set, each with its place.
    pub locked: BTreeMap<&'static str, ValueOrigin>,
    /// What may be done; `None` is everything.
    pub allow: Option<Setting<Vec<Right>>>,
    /// The longest a token may be good for.
    pub max_token_lifetime: Option<Setting<Duration>>,
    /// The most requests in any 60 seconds.
    pub max_requests_per_minute: Option<Setting<u32>>,
}

impl Policy {
    /// Reads the policy out of a file whose types were checked; `at` tells a byte's place.
    ///
    /// # Errors
    /// Place and sentence for a name or a value that is none.
    pub(super) fn find(
        path: &Path,
        table: &DeTable<'_>,
        at: &dyn Fn(usize) -> ValueOrigin,
    ) -> Result<Self, String> {
        let mut policy = Self { file: path.to_owned(), ..Self::default() };
        for (key, value) in table {
            let (value, place) = (value.get_ref(), at(key.span().start));
            let texts = || {
                value.as_array().into_iter().flatten().filter_map(|item| {
                    Some((item.get_ref().as_str()?.to_owned(), at(item.span().start)))
                })
            };
            match key.get_ref().as_ref() {
                "locked" => {
                    for (name, place) in texts() {
                        policy.locked.insert(lockable(&name, &place)?, place);
                    }
                }
                "allow" => {
                    let rights = texts().map(|(name, place)| right(&name, &place));
                    let value = rights.collect::<Result<_, _>>()?;
                    policy.allow = Some(Setting { value, origin: place });
                }
                "max_token_lifetime" => {
                    let longest = lifetime("max_token_lifetime", value.as_str().unwrap_or(""));
                    let wrong = || format!("{place}: `max_token_lifetime` {LIFETIME}");
                    let value = longest.ok().flatten().ok_or_else(wrong)?;
                    policy.max_token_lifetime = Some(Setting { value, origin: place });
                }
                "max_requests_per_minute" => {
                    let number = value.as_integer().and_then(|it| it.as_str().parse().ok());
                    let value = count("max_requests_per_minute", number, 0)
                        .ok()
                        .filter(|most| *most > 0)
                        .ok_or_else(|| {
                            format!("{place}: `max_requests_per_minute` may be 1 to 10000")
                        })?;
                    policy.max_requests_per_minute = Some(Setting { value, origin: place });
                }
                _ => {}
            }
        }
        // A secret and a ready-made token stand for each other.
        let pair = ["client_secret", "token"];
        if let Some(place) = pair.iter().find_map(|key| policy.locked.get(key)).cloned() {
            policy.locked.extend(pair.map(|key| (key, place.clone())));
        }
        // As do an address in one piece and its pieces.
        let pieces = ["team.url", "team.host", "team.port", "team.database", "team.user"];
        if let Some(place) = pieces.iter().find_map(|key| policy.locked.get(key)).cloned() {
            policy.locked.extend(pieces.map(|key| (key, place.clone())));
        }
        Ok(policy)
    }

    /// Whether only the administrator's file may set a key.
    #[must_use]
    pub fn locks(&self, key: &str) -> bool {
        self.locked.contains_key(key)
    }

    /// Whether something may be done here.
    #[must_use]
    pub fn allows(&self, right: Right) -> bool {
        self.allow.as_ref().is_none_or(|allow| allow.value.contains(&right))
    }

    /// Refuses what may not be done here.
    ///
    /// # Errors
    /// A sentence that names the place where it is not allowed.
    pub fn require(&self, right: Right) -> Result<(), ConfigError> {
        match &self.allow {
            Some(allow) if !allow.value.contains(&right) => Err(ConfigError::Locked(format!(
                "`{}` is not allowed here: `allow` is locked by {}",
                right.word(),
                allow.origin
            ))),
            Some(_) | None => Ok(()),
        }
    }

    /// Refuses what a person's own layer sets for a key that is locked: `theirs` is what the
    /// administrator's file has, and the same is no override.
    pub(super) fn check_value(
        &self,
        key: &str,
        theirs: Option<&str>,
        set: Option<&str>,
        origin: Option<&ValueOrigin>,
    ) -> Result<(), ConfigError> {
        match self.locked.get(key) {
            Some(place) if set.is_some() && set != theirs => Err(refused(key, place, origin)),
            Some(_) | None => Ok(()),
        }
    }

    /// The same for a top-level key.
    pub(super) fn check_key(
        &self,
        key: &str,
        set: Option<&ValueOrigin>,
    ) -> Result<(), ConfigError> {
        match (self.locked.get(key), set) {
            (Some(place), Some(_)) => Err(refused(key, place, set)),
            (Some(_) | None, None) | (None, Some(_)) => Ok(()),
        }
    }

    /// Keeps a profile within the limits: a value of the person's own that goes beyond one
    /// is refused, any other is cut to it.
    pub(super) fn limit(
        &self,
        mut config: Config,
        origins: &BTreeMap<String, ValueOrigin>,
    ) -> Result<Config, ConfigError> {
        if let Some(Setting { value: longest, origin }) = &self.max_token_lifetime
            && let CredentialSource::Signed { lifetime, .. } = &mut config.credential
            && lifetime.is_none_or(|it| it > *longest)
        {
            self.refuse_own("token_lifetime", "max_token_lifetime", origin, origins)?;
            *lifetime = Some(*longest);
        }
        if let Some(Setting { value: most, origin }) = &self.max_requests_per_minute
            && config.requests_per_minute > *most
        {
            let key = "requests_per_minute";
            self.refuse_own(key, "max_requests_per_minute", origin, origins)?;
            config.requests_per_minute = *most;
        }
        Ok(config)
    }

    fn refuse_own(
        &self,
        key: &str,
        limit: &str,
        place: &ValueOrigin,
        origins: &BTreeMap<String, ValueOrigin>,
    ) -> Result<(), ConfigError> {
        match origins.get(key) {
            Some(origin) if !self.is_from(origin) => Err(ConfigError::Locked(format!(
                "{origin}: `{key}` is beyond `{limit}`, which is locked by {place}"
            ))),
            Some(_) | None => Ok(()),
        }
    }

    /// Whether a value was set in the administrator's file.
    pub(super) fn is_from(&self, origin: &ValueOrigin) -> bool {
        matches!(origin, ValueOrigin::File { path, .. } if *path == self.file)
    }
}

fn refused(key: &str, place: &ValueOrigin, set: Option<&ValueOrigin>) -> ConfigError {
    let (whose, cure) = match set {
        Some(origin @ ValueOrigin::File { .. }) => (format!("{origin}: "), "take it out there"),
        Some(origin @ ValueOrigin::Variable(_)) => (format!("{origin}: "), "unset it"),
        Some(origin @ ValueOrigin::Flag(_)) => (format!("{origin}: "), "leave it out"),
        Some(ValueOrigin::Default) | None => (String::new(), "leave it as it is"),
    };
    ConfigError::Locked(format!("{whose}`{key}` is locked by {place}; {cure}"))
}

fn lockable(name: &str, place: &ValueOrigin) -> Result<&'static str, String> {
    let known: Vec<_> = KEYS.iter().chain(&LOCKABLE).copied().collect();
    known.iter().find(|key| **key == name).copied().ok_or_else(|| {
        format!("{place}: `locked` names `{name}`, which is no key{}", meant(name, &known))
    })
}

fn right(name: &str, place: &ValueOrigin) -> Result<Right, String> {
    Right::ALL.into_iter().find(|right| right.word() == name).ok_or_else(|| {
        let known = Right::ALL.map(Right::word);
        format!("{place}: `allow` names `{name}`, which nobody can allow{}", meant(name, &known))
    })
}

fn meant(name: &str, known: &[&str]) -> String {
    match likely(name, known) {
        Some(key) => format!("; did you mean `{key}`?"),
        None => format!("; there are {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests;
