//! The configuration told rather than used: which files were read, which place each value
//! came from, and the verdict. Works as far as it can where [`Config::load`] gives up.

use std::path::PathBuf;

use super::{
    Config, ConfigError, Environment, Overrides, ValueOrigin, choose, data_dir_origin,
    file::{File, Profile},
    secret::SecretSetting,
    variables::unread,
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
    /// The folder of the store.
    pub data_dir: PathBuf,
    /// Who named that folder.
    pub data_dir_from: ValueOrigin,
    /// What the program would go by, or why it would not.
    pub verdict: Result<Config, ConfigError>,
}

impl Inspection {
    /// Looks at everything [`Config::load`] looks at.
    #[must_use]
    pub fn of(environment: &Environment, overrides: &Overrides) -> Self {
        let named = overrides.config.clone().or_else(|| environment.path("ROLODESK_CONFIG"));
        let paths = match &named {
            Some(path) => vec![path.clone()],
            None => vec![environment.system_config(), environment.user_config()],
        };
        let mut merged = File::default();
        let mut files = Vec::new();
        for path in paths {
            let state = match File::read(&path, named.is_some()) {
                Err(sentence) => FileState::Broken(sentence),
                Ok(file) => {
                    merged.overlay(file);
                    if path.exists() { FileState::Read } else { FileState::Absent }
                }
            };
            files.push((path, state));
        }
        let (profile, chosen_by) = choose(&merged, environment, overrides);
        let profiles = merged.profiles.keys().cloned().collect();
        let own = merged.profiles.remove(&profile).unwrap_or_default();
        let own = match Profile::from_environment(environment) {
            Ok(over) => own.overlaid(over),
            Err(_) => own,
        };
        Self {
            files,
            values: values(&own, &profile),
            default_profile: merged.default_profile,
            profiles,
            profile,
            chosen_by,
            unread: unread(environment),
            data_dir: overrides.data_dir.clone().unwrap_or_else(|| environment.data_dir()),
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

fn values(profile: &Profile, name: &str) -> Vec<Value> {
    let list = |texts: &Option<Vec<String>>| texts.as_ref().map(|texts| texts.join(", "));
    let number = |number: Option<i64>| number.map(|number| number.to_string());
    let place = |key: &str, written: &Option<SecretSetting>| {
        written.as_ref().map(|written| written.place(key, name))
    };
    let shown = [
        ("host", profile.host.clone().map(|host| without_credentials(&host))),
        ("stream_id", profile.stream_id.clone()),
        ("account_id", profile.account_id.clone()),
        ("client_id", profile.client_id.clone()),
        ("client_secret", place("client_secret", &profile.client_secret)),
        ("token", place("token", &profile.token)),
        ("algorithm", profile.algorithm.clone()),
        ("subject", profile.subject.clone()),
        ("token_lifetime", profile.token_lifetime.clone()),
        ("default_region", profile.default_region.clone()),
        ("salutations", list(&profile.salutations)),
        ("extension", profile.extension.clone()),
        ("requests_per_minute", number(profile.requests_per_minute)),
        ("requests_per_hour", number(profile.requests_per_hour)),
        ("max_batch", number(profile.max_batch)),
        ("ca_file", profile.ca_file.as_ref().map(|path| path.display().to_string())),
        ("duplicate_phrases", list(&profile.duplicate_phrases)),
        ("directory", profile.directory.clone()),
    ];
    let told = shown.into_iter().filter_map(|(key, shown)| {
        let origin = profile.origins.get(key).cloned().unwrap_or_default();
        Some(Value { key, shown: shown?, origin })
    });
    told.collect()
}

/// A URL is refused when it holds a user name and password, but may not be shown either.
fn without_credentials(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let end = rest.find('/').unwrap_or(rest.len());
            match rest[..end].rfind('@') {
                Some(at) => format!("{scheme}://…{}", &rest[at..]),
                None => url.to_owned(),
            }
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_its_user_name_and_password() {
        assert_eq!(without_credentials("https://u:p@a.b/x@y"), "https://…@a.b/x@y");
        assert_eq!(without_credentials("https://a.b/x@y"), "https://a.b/x@y");
    }

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
