//! The names a profile's values go by, in files and in the environment.

/// The keys of a profile, each of which has its environment variable.
pub(super) const KEYS: [&str; 33] = [
    "host",
    "stream_id",
    "account_id",
    "client_id",
    "client_secret",
    "token",
    "algorithm",
    "subject",
    "token_lifetime",
    "default_region",
    "salutations",
    "salutation_map",
    "default_salutation",
    "extension",
    "requests_per_minute",
    "requests_per_hour",
    "max_batch",
    "ca_file",
    "duplicate_phrases",
    "directory",
    "confirm",
    "clipboard",
    "mask_numbers",
    "keep_days",
    "team.url",
    "team.host",
    "team.port",
    "team.database",
    "team.user",
    "team.password",
    "team.ca_file",
    "team.send",
    "team.priority",
];

/// The variable a key is set by.
pub(super) fn variable(key: &str) -> String {
    format!("ROLODESK_{}", key.to_uppercase().replace('.', "_"))
}

/// Those of them that may stand above the profiles as well, for every one.
pub(super) const FOR_ALL: [&str; 3] = ["clipboard", "mask_numbers", "keep_days"];

/// Which of the known names was likely meant.
pub(super) fn likely<'a>(unknown: &str, known: &[&'a str]) -> Option<&'a str> {
    let near = known.iter().map(|name| (strsim::damerau_levenshtein(unknown, name), *name)).min();
    near.filter(|(distance, _)| *distance <= 3).map(|(_, name)| name)
}
