//! From what is written to what is meant: each value of a profile checked once, a
//! mistake told with its place, its key and what is allowed.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{
    Config, ConfigError, Confirm, CredentialSource, DirectoryUse, Policy, TokenAlgorithm,
    ValueOrigin,
    file::Profile,
    secret::{SecretSetting, SecretSource},
    team::TeamConfig,
    values::{Wrong, count, lifetime},
};
use crate::contact::{Extension, Region, Salutation};

/// What a profile needs from around it.
pub(super) struct ProfileFolders {
    pub(super) agent: String,
    pub(super) data_dir: PathBuf,
    pub(super) audit_file: Option<PathBuf>,
    /// Of the user's configuration; none without a home.
    pub(super) folder: Option<PathBuf>,
    pub(super) origins: BTreeMap<String, ValueOrigin>,
}

impl ProfileFolders {
    /// A path as the file that names `key` means it: beside that file.
    /// It is absolute, or whoever reads it would look beside the folder once more.
    fn beside(&self, key: &'static str, path: &Path) -> Result<PathBuf, Wrong> {
        let folder = match self.origins.get(key) {
            Some(ValueOrigin::File { path: file, .. }) => file.parent(),
            Some(ValueOrigin::Variable(_) | ValueOrigin::Flag(_) | ValueOrigin::Default) | None => {
                self.folder.as_deref()
            }
        };
        let whole = match folder {
            Some(folder) => folder.join(path),
            None if path.is_absolute() => path.to_owned(),
            // The folder one happens to be in is nobody's word.
            None => {
                let text = format!("`{key}` must be a whole path where there is no home folder");
                return Err(Wrong(key, text));
            }
        };
        Ok(std::path::absolute(&whole).unwrap_or(whole))
    }
}

/// Checks every value of a profile.
///
/// # Errors
/// A sentence with the place of the value, what is wrong and what is allowed.
pub(super) fn build(
    name: &str,
    profile: Profile,
    places: ProfileFolders,
) -> Result<Config, ConfigError> {
    let origins = places.origins.clone();
    checked(name, profile, places).map_err(|Wrong(key, text)| {
        let profile = name.to_owned();
        match origins.get(key) {
            Some(origin) => ConfigError::Profile { profile, problem: format!("{origin}: {text}") },
            // What nobody has set can only be missing.
            None => ConfigError::Incomplete { profile, problem: text },
        }
    })
}

fn confirm(text: Option<&str>) -> Result<Confirm, Wrong> {
    match text {
        None | Some("off") => Ok(Confirm::Off),
        Some("read-back") => Ok(Confirm::ReadBack),
        Some("retype") => Ok(Confirm::Retype),
        Some(other) => {
            let why = format!("`confirm` may be off, read-back or retype, not `{other}`");
            Err(Wrong("confirm", why))
        }
    }
}

fn checked(name: &str, profile: Profile, places: ProfileFolders) -> Result<Config, Wrong> {
    let team = team(name, &profile, &places)?;
    let sends = team.as_ref().is_none_or(|team| team.send);
    let credential = credential(name, &profile, &places, sends)?;
    let offered = salutations(profile.salutations)?;
    // A seat that never sends may leave the platform to those who do, but not by half.
    let platform = [&profile.host, &profile.stream_id, &profile.account_id];
    let is_with_sender = !sends && platform.iter().all(|value| value.is_none());
    let platform =
        |key, value| if is_with_sender { Ok(String::new()) } else { required(key, value) };
    Ok(Config {
        profile: name.to_owned(),
        host: platform("host", profile.host)?,
        stream_id: platform("stream_id", profile.stream_id)?,
        account_id: platform("account_id", profile.account_id)?,
        credential,
        team,
        default_region: region(profile.default_region.as_deref())?,
        default_salutation: default_salutation(profile.default_salutation.as_deref(), &offered)?,
        salutation_map: salutation_map(profile.salutation_map, &offered)?,
        salutations: offered,
        extension: Extension::parse(&profile.extension.unwrap_or_default())
            .map_err(|why| Wrong("extension", format!("`extension` {why}")))?,
        requests_per_minute: count("requests_per_minute", profile.requests_per_minute, 60)?,
        requests_per_hour: hourly(profile.requests_per_hour)?,
        max_batch: count("max_batch", profile.max_batch, 50)?,
        ca_file: profile.ca_file.map(|path| places.beside("ca_file", &path)).transpose()?,
        duplicate_phrases: profile.duplicate_phrases.unwrap_or_default(),
        directory: directory(profile.directory.as_deref())?,
        confirm: confirm(profile.confirm.as_deref())?,
        clipboard: profile.clipboard.unwrap_or(true),
        mask_numbers: profile.mask_numbers.unwrap_or(false),
        keep_days: profile
            .keep_days
            .map(|_| count("keep_days", profile.keep_days, 0))
            .transpose()?,
        agent: places.agent,
        audit_file: places.audit_file,
        data_dir: places.data_dir,
        folder: places.folder.unwrap_or_default(),
        policy: Policy::default(),
    })
}

fn region(text: Option<&str>) -> Result<Option<Region>, Wrong> {
    let Some(text) = text else { return Ok(None) };
    let none = || {
        let text =
            format!("`default_region` is `{text}`, which is no country; write a code such as IN");
        Wrong("default_region", text)
    };
    Region::find(text).ok_or_else(none).map(Some)
}

fn salutations(texts: Option<Vec<String>>) -> Result<Vec<Salutation>, Wrong> {
    let wrong = |text: String| Wrong("salutations", text);
    let texts = texts.unwrap_or_else(|| vec!["Mr".into(), "Mrs".into()]);
    if texts.is_empty() {
        return Err(wrong("`salutations` is empty; name at least one".into()));
    }
    texts
        .iter()
        .map(|text| {
            Salutation::parse(text).map_err(|why| wrong(format!("`salutations`: `{text}` {why}")))
        })
        .collect()
}

/// What an untouched salutation is: the first offered, one of them, or none.
fn default_salutation(
    text: Option<&str>,
    offered: &[Salutation],
) -> Result<Option<Salutation>, Wrong> {
    match text {
        None => Ok(offered.first().cloned()),
        Some(none) if none.trim().eq_ignore_ascii_case("none") => Ok(None),
        Some(text) => Salutation::choose(text, offered).map(Some).map_err(|why| {
            let text = format!("`default_salutation` is `{text}`; it {why}, or \"none\"");
            Wrong("default_salutation", text)
        }),
    }
}

fn salutation_map(
    map: Option<BTreeMap<String, String>>,
    offered: &[Salutation],
) -> Result<BTreeMap<String, Salutation>, Wrong> {
    let read = |(title, meant): (String, String)| {
        let meant = Salutation::choose(&meant, offered).map_err(|why| {
            let text = format!("`salutation_map`: what `{title}` means {why}, not `{meant}`");
            Wrong("salutation_map", text)
        })?;
        Ok((title, meant))
    };
    map.unwrap_or_default().into_iter().map(read).collect()
}

fn source(
    name: &str,
    places: &ProfileFolders,
    key: &'static str,
    written: &SecretSetting,
) -> Result<SecretSource, Wrong> {
    let source = written.clone().of(key, name).map_err(|text| Wrong(key, text))?;
    Ok(match &source {
        SecretSource::File(path) => SecretSource::File(places.beside(key, path)?),
        SecretSource::Keyring { .. }
        | SecretSource::Variable(_)
        | SecretSource::Command(_)
        | SecretSource::Given(_) => source,
    })
}

fn team(
    name: &str,
    profile: &Profile,
    places: &ProfileFolders,
) -> Result<Option<TeamConfig>, Wrong> {
    let Some(section) = profile.team.clone() else { return Ok(None) };
    let has_secret = profile.token.is_some() || profile.client_secret.is_some();
    let source = |key, written: &SecretSetting| source(name, places, key, written);
    let mut team = section.checked(has_secret, &places.origins, source)?;
    let beside = |path: PathBuf| places.beside("team.ca_file", &path);
    team.ca_file = team.ca_file.map(beside).transpose()?;
    Ok(Some(team))
}

fn credential(
    name: &str,
    profile: &Profile,
    places: &ProfileFolders,
    sends: bool,
) -> Result<CredentialSource, Wrong> {
    let source = |key, written| source(name, places, key, written);
    if !sends && profile.token.is_none() && profile.client_secret.is_none() {
        return Ok(CredentialSource::WithSender);
    }
    if let Some(token) = &profile.token {
        return Ok(CredentialSource::Ready(source("token", token)?));
    }
    let algorithm = match profile.algorithm.as_deref().unwrap_or("HS256") {
        "HS256" => TokenAlgorithm::Hs256,
        "HS384" => TokenAlgorithm::Hs384,
        "HS512" => TokenAlgorithm::Hs512,
        other => {
            let text = format!("`algorithm` is `{other}`; it may be HS256, HS384 or HS512");
            return Err(Wrong("algorithm", text));
        }
    };
    let secret = profile.client_secret.as_ref().ok_or_else(|| {
        let text = "`client_secret` is missing; say where it is, for example { env = \
                    \"KORE_SECRET\" }, or set ROLODESK_CLIENT_SECRET";
        Wrong("client_secret", text.to_owned())
    })?;
    Ok(CredentialSource::Signed {
        client_id: required("client_id", profile.client_id.clone())?,
        secret: source("client_secret", secret)?,
        algorithm,
        subject: profile.subject.clone().unwrap_or_else(|| "1234567890".into()),
        lifetime: lifetime("token_lifetime", profile.token_lifetime.as_deref().unwrap_or("5m"))?,
    })
}

fn required(key: &'static str, value: Option<String>) -> Result<String, Wrong> {
    let value = value.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let variable = key.to_uppercase();
    value.ok_or_else(|| {
        let text =
            format!("`{key}` is missing; write it into the profile or set ROLODESK_{variable}");
        Wrong(key, text)
    })
}

fn hourly(value: Option<i64>) -> Result<Option<u32>, Wrong> {
    let Some(value) = value else { return Ok(None) };
    let wrong = || {
        let text = format!("`requests_per_hour` is {value}; it may be 1 to 100000");
        Wrong("requests_per_hour", text)
    };
    let whole = u32::try_from(value).ok().filter(|it| (1..=100_000).contains(it));
    whole.map(Some).ok_or_else(wrong)
}

fn directory(text: Option<&str>) -> Result<DirectoryUse, Wrong> {
    match text.unwrap_or("on") {
        "on" => Ok(DirectoryUse::OnDisk),
        "memory" => Ok(DirectoryUse::InMemory),
        "off" => Ok(DirectoryUse::Off),
        other => {
            let text = format!("`directory` is `{other}`; it may be on, memory or off");
            Err(Wrong("directory", text))
        }
    }
}
