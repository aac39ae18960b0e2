//! The configuration told rather than used: which files were read, which place each value
//! came from, and the verdict. Works as far as it can where [`Config::load`] gives up.

use std::path::PathBuf;

use super::{
    Config, ConfigError, Environment, Overrides, Policy, ValueOrigin, data_dir_origin,
    file::Profile,
    keys::KEYS,
    layers::{FileState, Layers, choose},
    secret::SecretSetting,
    variables::unread,
};

/// One value that somebody set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// The key of the profile.
    pub key: &'static str,
    /// The value; of a secret, only where it is.
    pub shown: String,
    /// Where it was set.
    pub origin: ValueOrigin,
}

/// The whole configuration, as far as it can be told.
#[derive(Debug)]
pub struct Inspection {
    /// The files in question, the later over the earlier.
    pub files: Vec<(PathBuf, FileState)>,
    /// The chosen profile.
    pub profile: String,
    /// Who chose it.
    pub chosen_by: ValueOrigin,
    /// The default profile the files name.
    pub default_profile: Option<String>,
    /// Every profile of the files, by name.
    pub profiles: Vec<String>,
    /// The values of the profile, in the order of `assets/config.toml`.
    pub values: Vec<Value>,
    /// A sentence for each variable that looks like ours and that nobody reads.
    pub unread: Vec<String>,
    /// What the administrator's file says of everybody.
    pub policy: Policy,
    /// The files in which secrets of the files' profiles are, each with the profile's name.
    pub secret_files: Vec<(String, PathBuf)>,
    /// Where it is told who did what; none without a home.
    pub audit_file: Option<PathBuf>,
    /// The folder of the store; none without a home.
    pub data_dir: Option<PathBuf>,
    /// Who named that folder.
    pub data_dir_from: ValueOrigin,
    /// What the program would go by, or why it would not.
    pub verdict: Result<Config, ConfigError>,
}

impl Inspection {
    /// Looks at everything [`Config::load`] looks at.
    #[must_use]
    pub fn of(environment: &Environment, overrides: &Overrides) -> Self {
        let layers = Layers::told(environment, overrides);
        let (profile, chosen_by) = choose(&layers.merged, environment, overrides);
        let from_environment = Profile::from_environment(environment).unwrap_or_default();
        let own = layers.profile(&profile).unwrap_or_default().overlaid(from_environment);
        let data_dir = overrides.data_dir.clone().or_else(|| environment.data_dir());
        Self {
            values: values(&own, &profile),
            default_profile: layers.merged.default_profile.clone(),
            profiles: layers.merged.profiles.keys().cloned().collect(),
            secret_files: secret_files(&layers),
            policy: layers.system.policy,
            files: layers.files,
            audit_file: environment.audit_file(),
            profile,
            chosen_by,
            unread: unread(environment),
            data_dir,
            data_dir_from: data_dir_origin(environment, overrides),
            verdict: Config::load(environment, overrides),
        }
    }

    /// The value of a key, when somebody set it.
    #[must_use]
    pub fn value(&self, key: &str) -> Option<&str> {
        self.values.iter().find(|value| value.key == key).map(|value| value.shown.as_str())
    }
}

/// A relative path is beside the file that names it.
fn secret_files(layers: &Layers) -> Vec<(String, PathBuf)> {
    let of = |name: &String, profile: &Profile, key: &str, secret: Option<&SecretSetting>| {
        let path = secret?.file()?;
        let Some(ValueOrigin::File { path: file, .. }) = profile.origins.get(key) else {
            return None;
        };
        Some((name.clone(), file.parent()?.join(path)))
    };
    let both = |(name, profile): (&String, &Profile)| {
        let Profile { client_secret, team, .. } = profile;
        let password = team.as_ref().and_then(|team| team.password.as_ref());
        [("client_secret", client_secret.as_ref()), ("team.password", password)]
            .map(|(key, secret)| of(name, profile, key, secret))
    };
    layers.merged.profiles.iter().flat_map(both).flatten().collect()
}

/// The values of a profile, in the order of `assets/config.toml`.
fn values(profile: &Profile, name: &str) -> Vec<Value> {
    let value = |key: &&'static str| {
        let origin = profile.origins.get(*key).cloned().unwrap_or_default();
        Some(Value { key, shown: profile.shown(key, name)?, origin })
    };
    KEYS.iter().filter_map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_told_is_told_although_something_is_broken() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join(".config/rolodesk");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::create_dir_all(home.path().join("etc/rolodesk")).unwrap();
        let system = "[profiles.acme]\nhost = \"https://a.b\"\nclient_secret = { env = \"X\" }\n";
        std::fs::write(home.path().join("etc/rolodesk/config.toml"), system).unwrap();
        std::fs::write(folder.join("config.toml"), "steam = 1\n").unwrap();
        let environment = Environment::only([("ROLODESK_MAX_BATCH", "7")], home.path());
        let told = Inspection::of(&environment, &Overrides::default());
        assert_eq!(told.files[0].1, FileState::Read);
        assert!(matches!(&told.files[1].1, FileState::Broken(why) if why.contains("steam")));
        assert_eq!(told.profile, "acme");
        let shown: Vec<_> = told.values.iter().map(|it| (it.key, it.shown.as_str())).collect();
        let secret = ("client_secret", "the environment variable X");
        assert_eq!(shown, [("host", "https://a.b"), secret, ("max_batch", "7")]);
        assert_eq!(told.values[2].origin, ValueOrigin::Variable("ROLODESK_MAX_BATCH".into()));
        assert!(told.verdict.is_err());
    }
}
