//! The files of a configuration, read and laid over each other, and which profile of them
//! is meant.
//!
//! ```text
//!   without --config:  all of /etc  <  the user's file
//!   with --config:     what /etc locks  <  the file that was named
//! ```
//!
//! The administrator's policy holds in either case.

use std::path::{Path, PathBuf};

use super::{
    ConfigError, Environment, Overrides, ValueOrigin,
    file::{File, Profile},
    keys::KEYS,
    team::TeamSection,
};

/// What became of a configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileState {
    /// It is not there.
    Absent,
    /// It was read.
    Read,
    /// It cannot be read or understood: a sentence.
    Broken(String),
}

/// What the files say.
#[derive(Debug, Default)]
pub(super) struct Layers {
    /// The administrator's file.
    pub(super) system: File,
    /// The person's: their own, or the one that was named.
    own: File,
    /// Both together.
    pub(super) merged: File,
    /// Which files they were, the later over the earlier.
    pub(super) files: Vec<(PathBuf, FileState)>,
}

impl Layers {
    /// Reads them. A file that was named has to be there unless it is about to be made.
    ///
    /// # Errors
    /// The first thing that is wrong with one of them, or that is locked.
    pub(super) fn read(
        environment: &Environment,
        overrides: &Overrides,
        must_exist: bool,
    ) -> Result<Self, ConfigError> {
        let named = named(environment, overrides);
        let system_path = environment.system_config();
        let system = read_system(system_path).map_err(ConfigError::File)?;
        let own_path = named.clone().or_else(|| environment.user_config());
        let own = match &own_path {
            Some(path) if !is_same_file(path, system_path) => {
                File::read(path, must_exist && named.is_some()).map_err(ConfigError::File)?
            }
            Some(_) | None => File::default(),
        };
        let stands_alone = named.is_some_and(|named| !is_same_file(&named, system_path));
        let layers = Self::of(system, own, stands_alone);
        layers.check_top_level(system_path)?;
        Ok(layers)
    }

    /// The same as far as it can be told, where something in them is wrong.
    pub(super) fn told(environment: &Environment, overrides: &Overrides) -> Self {
        let named = named(environment, overrides);
        let system_path = environment.system_config().to_owned();
        let own_path = named.clone().or_else(|| environment.user_config());
        let mut files = Vec::new();
        let mut told = |path: &Path, read: Result<File, String>| {
            let there = path.exists();
            let state = match &read {
                Err(sentence) => FileState::Broken(sentence.clone()),
                Ok(_) if there => FileState::Read,
                Ok(_) => FileState::Absent,
            };
            // Nobody looks for the administrator's file who has named another.
            if named.is_none() || path != system_path || state != FileState::Absent {
                files.push((path.to_owned(), state));
            }
            read.unwrap_or_default()
        };
        let system = told(&system_path, read_system(&system_path));
        let own = match &own_path {
            Some(path) if !is_same_file(path, &system_path) => {
                told(path, File::read(path, named.is_some()))
            }
            Some(_) | None => File::default(),
        };
        let stands_alone = named.is_some_and(|named| !is_same_file(&named, &system_path));
        Self { files, ..Self::of(system, own, stands_alone) }
    }

    fn of(system: File, own: File, stands_alone: bool) -> Self {
        let mut merged = system.clone();
        if stands_alone {
            merged.keep_locked();
        }
        merged.overlay(own.clone());
        Self { system, own, merged, files: Vec::new() }
    }

    /// A profile as the files have it.
    pub(super) fn profile(&self, name: &str) -> Option<Profile> {
        self.merged.profile(name)
    }

    /// Refuses what a person's own layers set against the administrator's file.
    ///
    /// # Errors
    /// A sentence that names the place, and by which file it is locked.
    pub(super) fn check(
        &self,
        name: &str,
        merged: &Profile,
        over: &[&Profile],
    ) -> Result<(), ConfigError> {
        let nothing = Profile::default();
        let system = self.system.profile(name).unwrap_or_default();
        let own = self.own.profiles.get(name).unwrap_or(&nothing);
        let policy = &self.system.policy;
        for layer in [own].iter().chain(over) {
            for key in KEYS {
                let (theirs, set) = (system.shown(key, name), layer.shown(key, name));
                let origin = layer.origins.get(key);
                policy.check_value(key, theirs.as_deref(), set.as_deref(), origin)?;
            }
        }
        keep_secret_at_home(&self.system.policy.file, &system, merged)?;
        keep_password_at_home(&self.system.policy.file, &system, merged)
    }

    fn check_top_level(&self, system_path: &Path) -> Result<(), ConfigError> {
        if let Some((key, place)) = self.own.place_of_policy() {
            return Err(ConfigError::Locked(format!(
                "{place}: `{key}` is an administrator's, and locked to {}; take it out here",
                system_path.display()
            )));
        }
        let policy = &self.system.policy;
        self.own.origins.iter().try_for_each(|(key, place)| policy.check_key(key, Some(place)))
    }
}

/// The file that a flag or a variable names, which stands alone.
fn named(environment: &Environment, overrides: &Overrides) -> Option<PathBuf> {
    overrides.config.clone().or_else(|| environment.path("ROLODESK_CONFIG"))
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    let whole = |path: &Path| std::fs::canonicalize(path).ok();
    one == other || whole(one).is_some_and(|one| Some(one) == whole(other))
}

/// The administrator's file alone; `None` where there is none.
///
/// # Errors
/// What is wrong with it, with its line.
pub fn system_file(environment: &Environment) -> Result<Option<File>, String> {
    let path = environment.system_config();
    let file = read_system(path)?;
    Ok(path.exists().then_some(file))
}

/// The administrator's file, and the folder in which others could put another one.
fn read_system(path: &Path) -> Result<File, String> {
    use crate::private::ownership::{Strictness::Unwritable, judge_path};

    if let Some(folder) = path.parent()
        && let Ok(Err(distrust)) = judge_path(folder, Unwritable)
    {
        return Err(distrust.to_string());
    }
    File::read(path, false)
}

/// A secret of the administrator's file goes to no host that another layer named.
fn keep_secret_at_home(
    system_file: &Path,
    system: &Profile,
    merged: &Profile,
) -> Result<(), ConfigError> {
    let of_system = |key: &str| {
        let origin = merged.origins.get(key);
        matches!(origin, Some(ValueOrigin::File { path, .. }) if path == system_file)
    };
    let key = if merged.token.is_some() { "token" } else { "client_secret" };
    let host = |profile: &Profile| {
        profile.host.as_deref().map(|host| host.trim().trim_end_matches('/').to_lowercase())
    };
    if !of_system(key) || merged.host.is_none() || host(system) == host(merged) {
        return Ok(());
    }
    let changed = merged.origins.get("host").cloned().unwrap_or_default();
    Err(ConfigError::Locked(format!(
        "{changed}: `host` is another one than in {}, and the `{key}` of that file is locked to \
         its own; name a secret of your own as well, or leave `host` as it is",
        system_file.display()
    )))
}

/// Nor does a password of that file go to another database server.
fn keep_password_at_home(
    system_file: &Path,
    system: &Profile,
    merged: &Profile,
) -> Result<(), ConfigError> {
    let origin = merged.origins.get("team.password");
    let of_system = matches!(origin, Some(ValueOrigin::File { path, .. }) if path == system_file);
    let server = |profile: &Profile| profile.team.as_ref().and_then(TeamSection::server);
    if !of_system || server(system) == server(merged) {
        return Ok(());
    }
    let keys = ["team.url", "team.host", "team.port"];
    let mut origins = keys.iter().filter_map(|key| merged.origins.get(*key));
    let changed = origins.find(|origin| !system.origins.values().any(|own| own == *origin));
    let changed = changed.cloned().unwrap_or_default();
    Err(ConfigError::Locked(format!(
        "{changed}: the team's database is on another server than in {}, and the `team.password` \
         of that file is locked to its own; name a password of your own as well, or leave the \
         server as it is",
        system_file.display()
    )))
}

/// Which profile, and who says so. A lonely profile needs no naming.
pub(super) fn choose(
    file: &File,
    environment: &Environment,
    overrides: &Overrides,
) -> (String, ValueOrigin) {
    let by_flag = overrides.profile.clone().map(|name| (name, ValueOrigin::Flag("--profile")));
    let by_variable = || {
        let name = environment.get("ROLODESK_PROFILE")?;
        Some((name, ValueOrigin::Variable("ROLODESK_PROFILE".into())))
    };
    let by_file = || Some((file.default_profile.clone()?, file.default_origin.clone()));
    let only = || match file.profiles.keys().collect::<Vec<_>>().as_slice() {
        [name] => (*name).clone(),
        _ => "default".to_owned(),
    };
    by_flag.or_else(by_variable).or_else(by_file).unwrap_or_else(|| (only(), ValueOrigin::Default))
}
