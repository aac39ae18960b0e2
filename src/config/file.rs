//! The configuration file as it is written: every key optional, nothing checked but its
//! type. A mistake is told with its line, and a misspelt key with what was likely meant.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use serde_path_to_error::Segment;
use toml::de::DeTable;

use super::{
    AppearanceSettings, Environment, NotifySetting, ReadBackSetting, ValueOrigin,
    keys::{FOR_ALL, KEYS, likely, variable},
    plain_value::PlainValue,
    policy::{OWN_KEYS, Policy},
    secret::SecretSetting,
    team::{PREFIX, TeamSection},
};
use crate::private::{
    file::{Unread, read},
    ownership::Strictness,
};

/// No configuration is longer than this.
const LONGEST: u64 = 1024 * 1024;

/// A whole file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct File {
    /// The profile used when none is named.
    pub default_profile: Option<String>,
    /// The profiles by name.
    pub profiles: BTreeMap<String, Profile>,
    /// Where `default_profile` was set.
    #[serde(skip)]
    pub default_origin: ValueOrigin,
    /// How the form looks and what its keys do.
    #[serde(skip)]
    pub look: AppearanceSettings,
    /// What it says of everybody who uses the machine; only an administrator's file may.
    #[serde(skip)]
    pub policy: Policy,
    /// Where each top-level key was set.
    #[serde(skip)]
    pub origins: BTreeMap<String, ValueOrigin>,
    theme: Option<String>,
    themes: BTreeMap<String, BTreeMap<String, String>>,
    keys: toml::Table,
    read_back: Option<ReadBackSetting>,
    notify: Option<NotifySetting>,
    mouse: Option<bool>,
    bell: Option<bool>,
    clipboard: Option<bool>,
    mask_numbers: Option<bool>,
    keep_days: Option<i64>,
    // Their types are checked here; `Policy::find` reads them with their places.
    locked: Option<Vec<String>>,
    allow: Option<Vec<String>>,
    max_token_lifetime: Option<String>,
    max_requests_per_minute: Option<i64>,
}

/// A profile as it is written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "each key is explained in assets/config.toml")]
pub struct Profile {
    pub host: Option<String>,
    pub stream_id: Option<String>,
    pub account_id: Option<String>,
    pub client_id: Option<String>,
    pub client_secret: Option<SecretSetting>,
    pub token: Option<SecretSetting>,
    pub algorithm: Option<String>,
    pub subject: Option<String>,
    pub token_lifetime: Option<String>,
    pub default_region: Option<String>,
    pub salutations: Option<Vec<String>>,
    pub salutation_map: Option<BTreeMap<String, String>>,
    pub default_salutation: Option<String>,
    pub extension: Option<String>,
    pub requests_per_minute: Option<i64>,
    pub requests_per_hour: Option<i64>,
    pub max_batch: Option<i64>,
    pub ca_file: Option<PathBuf>,
    pub duplicate_phrases: Option<Vec<String>>,
    pub directory: Option<String>,
    pub confirm: Option<String>,
    pub clipboard: Option<bool>,
    pub mask_numbers: Option<bool>,
    pub keep_days: Option<i64>,
    pub team: Option<TeamSection>,
    #[serde(skip)]
    pub origins: BTreeMap<String, ValueOrigin>,
}

impl File {
    /// Reads a file; one that is not there is empty unless somebody named it.
    ///
    /// # Errors
    /// A sentence with the file, the line and what to do.
    pub fn read(path: &Path, must_exist: bool) -> Result<Self, String> {
        let shown = path.display();
        let bytes = match read(path, LONGEST, Strictness::Unwritable) {
            Ok(bytes) => bytes,
            Err(Unread::Absent) if path.is_symlink() => {
                return Err(format!("{shown} is a link to a file that is not there"));
            }
            Err(Unread::Absent) if must_exist => {
                return Err(format!("there is no configuration file {shown}"));
            }
            Err(Unread::Absent) => return Ok(Self::default()),
            Err(Unread::Refused(why)) => return Err(format!("{shown} is not read: {why}")),
        };
        let text = String::from_utf8(bytes);
        let text = text.map_err(|_| format!("{shown} is not UTF-8 text; save it as UTF-8"))?;
        Self::parse(path, &text)
    }

    /// Reads the text of the file at `path`.
    ///
    /// # Errors
    /// "path, line 3: …". A value is never repeated: it may be a secret in a wrong place.
    pub fn parse(path: &Path, text: &str) -> Result<Self, String> {
        let place = |error: &toml::de::Error| {
            let start = error.span().map_or(0, |span| span.start);
            ValueOrigin::File { path: path.to_owned(), line: line_of(text, start) }
        };
        let told = |error: &toml::de::Error| format!("{}: {}", place(error), error.message());
        let reader = toml::Deserializer::parse(text).map_err(|error| told(&error))?;
        let mut file: Self = serde_path_to_error::deserialize(reader).map_err(|error| {
            let key = error.path().iter().filter_map(key_of).next_back();
            let sentence = explained(error.inner().message(), key.as_deref());
            format!("{}: {sentence}", place(error.inner()))
        })?;
        file.find_origins(path, text)?;
        Ok(file)
    }

    /// Reads the text once more for what serde does not keep: where each value is.
    fn find_origins(&mut self, path: &Path, text: &str) -> Result<(), String> {
        let Ok(table) = DeTable::parse(text) else { return Ok(()) };
        let origin =
            |start| ValueOrigin::File { path: path.to_owned(), line: line_of(text, start) };
        self.look = AppearanceSettings {
            mouse: self.mouse,
            read_back: self.read_back,
            notify: self.notify,
            bell: self.bell,
            ..AppearanceSettings::default()
        };
        self.look.find(table.get_ref(), &origin)?;
        self.policy = Policy::find(path, table.get_ref(), &origin)?;
        for (key, value) in table.get_ref() {
            self.origins.insert(key.get_ref().to_string(), origin(key.span().start));
            if key.get_ref() == "default_profile" {
                self.default_origin = origin(key.span().start);
            }
            let profiles = value.get_ref().as_table().into_iter().flatten();
            for (name, profile) in profiles {
                let Some(own) = self.profiles.get_mut(name.get_ref().as_ref()) else { continue };
                let keys = profile.get_ref().as_table().into_iter().flatten();
                own.origins = keys
                    .map(|(key, _)| (key.get_ref().to_string(), origin(key.span().start)))
                    .collect();
                let team = profile.get_ref().as_table().and_then(|keys| keys.get("team"));
                let keys = team.and_then(|team| team.get_ref().as_table()).into_iter().flatten();
                own.origins.remove("team");
                own.origins.extend(keys.map(|(key, _)| {
                    (format!("{PREFIX}{}", key.get_ref()), origin(key.span().start))
                }));
            }
        }
        Ok(())
    }

    /// A profile with what the file says of every one below it.
    pub(super) fn profile(&self, name: &str) -> Option<Profile> {
        let own = self.profiles.get(name)?.clone();
        let of_all = |(key, _): &(&String, &ValueOrigin)| FOR_ALL.contains(&key.as_str());
        let origins = self.origins.iter().filter(of_all);
        let all = Profile {
            clipboard: self.clipboard,
            mask_numbers: self.mask_numbers,
            keep_days: self.keep_days,
            origins: origins.map(|(key, place)| (key.clone(), place.clone())).collect(),
            ..Profile::default()
        };
        Some(all.overlaid(own))
    }

    /// The place of the first of the policy's keys in a file.
    pub(super) fn place_of_policy(&self) -> Option<(&'static str, &ValueOrigin)> {
        OWN_KEYS.iter().find_map(|key| Some((*key, self.origins.get(*key)?)))
    }

    /// Leaves only what this file locks, for a file that stands alone otherwise.
    pub(super) fn keep_locked(&mut self) {
        let policy = &self.policy;
        if !policy.locks("default_profile") {
            self.default_profile = None;
        }
        self.look.keep(|key| policy.locks(key));
        self.clipboard = self.clipboard.filter(|_| policy.locks("clipboard"));
        self.mask_numbers = self.mask_numbers.filter(|_| policy.locks("mask_numbers"));
        self.keep_days = self.keep_days.filter(|_| policy.locks("keep_days"));
        self.origins.retain(|key, _| policy.locks(key));
        self.profiles.retain(|_, profile| {
            *profile = profile.only(|key| policy.locks(key));
            !profile.origins.is_empty()
        });
    }

    /// Lays another file over this one, profile by profile and key by key.
    pub fn overlay(&mut self, over: Self) {
        if over.default_profile.is_some() {
            self.default_profile = over.default_profile;
            self.default_origin = over.default_origin;
        }
        for (name, profile) in over.profiles {
            let below = self.profiles.remove(&name).unwrap_or_default();
            self.profiles.insert(name, below.overlaid(profile));
        }
        self.look.overlay(over.look);
        self.clipboard = over.clipboard.or(self.clipboard);
        self.mask_numbers = over.mask_numbers.or(self.mask_numbers);
        self.keep_days = over.keep_days.or(self.keep_days);
        self.origins.extend(over.origins);
    }
}

/// The line of a byte, counted from 1.
fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

fn key_of(segment: &Segment) -> Option<String> {
    match segment {
        Segment::Map { key } => Some(key.clone()),
        Segment::Seq { .. } | Segment::Enum { .. } | Segment::Unknown => None,
    }
}

/// The reader's message in words of the file's.
fn explained(message: &str, key: Option<&str>) -> String {
    let message = message.trim().lines().next().unwrap_or("");
    if let Some(sentence) = suggestion(message) {
        return sentence;
    }
    // What was found is left out: it may be a secret.
    let expected = message.starts_with("invalid ").then(|| message.rsplit_once(", expected "));
    let Some((_, expected)) = expected.flatten() else { return message.to_owned() };
    let allowed = match expected {
        "a string" | "path string" => "a string in quotes",
        "i64" => "a whole number, without quotes",
        "a boolean" => "true or false",
        "a sequence" => "a list of strings, such as [\"a\", \"b\"]",
        other if other.starts_with("struct ") || other == "a map" => {
            "a table, such as [profiles.acme]"
        }
        other => other,
    };
    match key {
        Some(key) => format!("`{key}` must be {allowed}"),
        None => format!("this must be {allowed}"),
    }
}

/// "unknown field `steam_id`, expected one of …" with the likeliest one named first.
fn suggestion(message: &str) -> Option<String> {
    let known = message.strip_prefix("unknown field ")?;
    let quoted: Vec<_> = known.split('`').skip(1).step_by(2).collect();
    let [unknown, known @ ..] = quoted.as_slice() else { return None };
    Some(match likely(unknown, known) {
        Some(key) => format!("there is no key `{unknown}`; did you mean `{key}`?"),
        None => format!("there is no key `{unknown}`; there are {}", known.join(", ")),
    })
}

impl Profile {
    /// What the environment says: ROLODESK_ and the key in capitals; lists with commas.
    ///
    /// # Errors
    /// A sentence that names the variable.
    pub fn from_environment(environment: &Environment) -> Result<Self, String> {
        let text = |key: &str| environment.get(&format!("ROLODESK_{key}"));
        let list = |key: &str| {
            text(key).map(|it| it.split(',').map(|part| part.trim().to_owned()).collect())
        };
        let number = |key: &str| {
            text(key)
                .map(|it| {
                    it.trim().parse().map_err(|_| format!("ROLODESK_{key} is `{it}`, not a number"))
                })
                .transpose()
        };
        let switch = |key: &str| {
            let wrong = |it| format!("ROLODESK_{key} is `{it}`; write true or false");
            text(key).map(|it| it.trim().parse().map_err(|_| wrong(it))).transpose()
        };
        let set = KEYS.iter().filter_map(|key| {
            let variable = variable(key);
            let set = environment.has(&variable);
            set.then(|| ((*key).to_owned(), ValueOrigin::Variable(variable)))
        });
        let team = TeamSection {
            url: text("TEAM_URL"),
            host: text("TEAM_HOST"),
            port: number("TEAM_PORT")?,
            database: text("TEAM_DATABASE"),
            user: text("TEAM_USER"),
            password: text("TEAM_PASSWORD").map(SecretSetting::given),
            ca_file: text("TEAM_CA_FILE").map(PathBuf::from),
            send: switch("TEAM_SEND")?,
            priority: number("TEAM_PRIORITY")?,
        };
        Ok(Self {
            origins: set.collect(),
            team: Some(team).filter(TeamSection::is_anything),
            host: text("HOST"),
            stream_id: text("STREAM_ID"),
            account_id: text("ACCOUNT_ID"),
            client_id: text("CLIENT_ID"),
            client_secret: text("CLIENT_SECRET").map(SecretSetting::given),
            token: text("TOKEN").map(SecretSetting::given),
            algorithm: text("ALGORITHM"),
            subject: text("SUBJECT"),
            token_lifetime: text("TOKEN_LIFETIME"),
            default_region: text("DEFAULT_REGION"),
            salutations: list("SALUTATIONS"),
            salutation_map: text("SALUTATION_MAP").map(|it| pairs(&it)).transpose()?,
            default_salutation: text("DEFAULT_SALUTATION"),
            extension: text("EXTENSION"),
            requests_per_minute: number("REQUESTS_PER_MINUTE")?,
            requests_per_hour: number("REQUESTS_PER_HOUR")?,
            max_batch: number("MAX_BATCH")?,
            ca_file: text("CA_FILE").map(PathBuf::from),
            duplicate_phrases: list("DUPLICATE_PHRASES"),
            directory: text("DIRECTORY"),
            confirm: text("CONFIRM"),
            clipboard: switch("CLIPBOARD")?,
            mask_numbers: switch("MASK_NUMBERS")?,
            keep_days: number("KEEP_DAYS")?,
        })
    }

    /// The value of a key, when somebody set it; of a secret, only where it is.
    pub(super) fn shown(&self, key: &str, name: &str) -> Option<String> {
        let list = |texts: &Option<Vec<String>>| texts.as_ref().map(|texts| texts.join(", "));
        let number = |number: Option<i64>| number.map(|number| number.to_string());
        let place =
            |written: &Option<SecretSetting>| written.as_ref().map(|it| it.place(key, name));
        if let Some(key) = key.strip_prefix(PREFIX) {
            return self.team.as_ref()?.shown(key, name);
        }
        match key {
            "host" => self.host.as_deref().map(without_credentials),
            "stream_id" => self.stream_id.clone(),
            "account_id" => self.account_id.clone(),
            "client_id" => self.client_id.clone(),
            "client_secret" => place(&self.client_secret),
            "token" => place(&self.token),
            "algorithm" => self.algorithm.clone(),
            "subject" => self.subject.clone(),
            "token_lifetime" => self.token_lifetime.clone(),
            "default_region" => self.default_region.clone(),
            "salutations" => list(&self.salutations),
            "salutation_map" => self.salutation_map.as_ref().map(|map| {
                let pairs: Vec<_> = map.iter().map(|(title, it)| format!("{title}={it}")).collect();
                pairs.join(", ")
            }),
            "default_salutation" => self.default_salutation.clone(),
            "extension" => self.extension.clone(),
            "requests_per_minute" => number(self.requests_per_minute),
            "requests_per_hour" => number(self.requests_per_hour),
            "max_batch" => number(self.max_batch),
            "ca_file" => self.ca_file.as_ref().map(|path| path.display().to_string()),
            "duplicate_phrases" => list(&self.duplicate_phrases),
            "directory" => self.directory.clone(),
            "confirm" => self.confirm.clone(),
            "clipboard" => self.clipboard.map(|on| on.to_string()),
            "mask_numbers" => self.mask_numbers.map(|on| on.to_string()),
            "keep_days" => number(self.keep_days),
            _ => None,
        }
    }

    /// What it sets beside what everybody is asked for, for a file.
    #[must_use]
    pub fn plain_values(&self) -> Vec<(&'static str, PlainValue)> {
        use PlainValue::{List, Number, Switch, Text};
        let text = |text: &Option<String>| text.clone().map(Text);
        let list = |texts: &Option<Vec<String>>| texts.clone().map(List);
        let team = self.team.clone().unwrap_or_default();
        let values = [
            // A password in it belongs in no file.
            ("team.url", team.shown("url", "").map(Text)),
            ("team.host", text(&team.host)),
            ("team.port", team.port.map(Number)),
            ("team.database", text(&team.database)),
            ("team.user", text(&team.user)),
            ("team.ca_file", team.ca_file.as_ref().map(|path| Text(path.display().to_string()))),
            ("team.send", team.send.map(Switch)),
            ("team.priority", team.priority.map(Number)),
            ("subject", text(&self.subject)),
            ("token_lifetime", text(&self.token_lifetime)),
            ("salutations", list(&self.salutations)),
            ("default_salutation", text(&self.default_salutation)),
            ("extension", text(&self.extension)),
            ("requests_per_minute", self.requests_per_minute.map(Number)),
            ("requests_per_hour", self.requests_per_hour.map(Number)),
            ("max_batch", self.max_batch.map(Number)),
            ("ca_file", self.ca_file.as_ref().map(|path| Text(path.display().to_string()))),
            ("duplicate_phrases", list(&self.duplicate_phrases)),
            ("directory", text(&self.directory)),
            ("confirm", text(&self.confirm)),
            ("clipboard", self.clipboard.map(Switch)),
            ("mask_numbers", self.mask_numbers.map(Switch)),
            ("keep_days", self.keep_days.map(Number)),
        ];
        values.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
    }

    /// This profile's keys alone that are wanted.
    pub(super) fn only(&self, wanted: impl Fn(&str) -> bool) -> Self {
        fn some<T: Clone>(wanted: bool, value: Option<&T>) -> Option<T> {
            value.cloned().filter(|_| wanted)
        }
        let mut origins = self.origins.clone();
        origins.retain(|key, _| wanted(key));
        Self {
            host: some(wanted("host"), self.host.as_ref()),
            stream_id: some(wanted("stream_id"), self.stream_id.as_ref()),
            account_id: some(wanted("account_id"), self.account_id.as_ref()),
            client_id: some(wanted("client_id"), self.client_id.as_ref()),
            client_secret: some(wanted("client_secret"), self.client_secret.as_ref()),
            token: some(wanted("token"), self.token.as_ref()),
            algorithm: some(wanted("algorithm"), self.algorithm.as_ref()),
            subject: some(wanted("subject"), self.subject.as_ref()),
            token_lifetime: some(wanted("token_lifetime"), self.token_lifetime.as_ref()),
            default_region: some(wanted("default_region"), self.default_region.as_ref()),
            salutations: some(wanted("salutations"), self.salutations.as_ref()),
            salutation_map: some(wanted("salutation_map"), self.salutation_map.as_ref()),
            default_salutation: some(
                wanted("default_salutation"),
                self.default_salutation.as_ref(),
            ),
            extension: some(wanted("extension"), self.extension.as_ref()),
            requests_per_minute: self.requests_per_minute.filter(|_| wanted("requests_per_minute")),
            requests_per_hour: self.requests_per_hour.filter(|_| wanted("requests_per_hour")),
            max_batch: self.max_batch.filter(|_| wanted("max_batch")),
            ca_file: some(wanted("ca_file"), self.ca_file.as_ref()),
            duplicate_phrases: some(wanted("duplicate_phrases"), self.duplicate_phrases.as_ref()),
            directory: some(wanted("directory"), self.directory.as_ref()),
            confirm: some(wanted("confirm"), self.confirm.as_ref()),
            clipboard: self.clipboard.filter(|_| wanted("clipboard")),
            mask_numbers: self.mask_numbers.filter(|_| wanted("mask_numbers")),
            keep_days: self.keep_days.filter(|_| wanted("keep_days")),
            team: self.team.as_ref().and_then(|team| team.only(wanted)),
            origins,
        }
    }

    /// Whether a profile can be made of this alone.
    #[must_use]
    pub fn is_enough(&self) -> bool {
        let credential =
            self.token.is_some() || (self.client_id.is_some() && self.client_secret.is_some());
        let platform = self.host.is_some() && self.stream_id.is_some() && self.account_id.is_some();
        // Where a colleague sends, the floor's database is all that is needed.
        let has_team = self.team.as_ref().is_some_and(TeamSection::has_address);
        (platform && credential) || has_team
    }

    /// This profile with every key that `over` has taken from there. A credential
    /// replaces the other kind below it.
    #[must_use]
    pub fn overlaid(mut self, over: Self) -> Self {
        let signs = over.client_secret.is_some();
        self.origins.extend(over.origins);
        Self {
            origins: self.origins,
            host: over.host.or(self.host),
            stream_id: over.stream_id.or(self.stream_id),
            account_id: over.account_id.or(self.account_id),
            client_id: over.client_id.or(self.client_id),
            client_secret: over.client_secret.or(self.client_secret),
            token: over.token.or(self.token.filter(|_| !signs)),
            algorithm: over.algorithm.or(self.algorithm),
            subject: over.subject.or(self.subject),
            token_lifetime: over.token_lifetime.or(self.token_lifetime),
            default_region: over.default_region.or(self.default_region),
            salutations: over.salutations.or(self.salutations),
            salutation_map: over.salutation_map.or(self.salutation_map),
            default_salutation: over.default_salutation.or(self.default_salutation),
            extension: over.extension.or(self.extension),
            requests_per_minute: over.requests_per_minute.or(self.requests_per_minute),
            requests_per_hour: over.requests_per_hour.or(self.requests_per_hour),
            max_batch: over.max_batch.or(self.max_batch),
            ca_file: over.ca_file.or(self.ca_file),
            duplicate_phrases: over.duplicate_phrases.or(self.duplicate_phrases),
            directory: over.directory.or(self.directory),
            confirm: over.confirm.or(self.confirm),
            clipboard: over.clipboard.or(self.clipboard),
            mask_numbers: over.mask_numbers.or(self.mask_numbers),
            keep_days: over.keep_days.or(self.keep_days),
            team: match (self.team, over.team) {
                (Some(below), Some(over)) => Some(below.overlaid(over)),
                (below, over) => over.or(below),
            },
        }
    }
}

/// Pairs as a variable holds them: "Ms=Mrs, Dott.=Mr".
fn pairs(text: &str) -> Result<BTreeMap<String, String>, String> {
    let pair = |pair: &str| {
        let (title, meant) = pair.split_once('=').ok_or_else(|| {
            format!("ROLODESK_SALUTATION_MAP has `{pair}`; write pairs such as Ms=Mrs, with commas")
        })?;
        Ok((title.trim().to_owned(), meant.trim().to_owned()))
    };
    text.split(',').filter(|it| !it.trim().is_empty()).map(pair).collect()
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
}
