//! Policies right and wrong, and every layer that would go round one.

use std::{fs, path::Path};

use tempfile::TempDir;

use super::*;
use crate::config::{Environment, Overrides};

const SYSTEM: &str = "etc/rolodesk/config.toml";
const USER: &str = ".config/rolodesk/config.toml";

const ACME: &str = r#"
[profiles.acme]
host = "https://platform.kore.ai"
stream_id = "st-1"
account_id = "a-1"
client_id = "cs-1"
client_secret = { env = "KORE" }
"#;

fn home(files: &[(&str, &str)]) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = home.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    home
}

fn load(home: &Path, variables: &[(&str, &str)], flags: &Overrides) -> Result<Config, ConfigError> {
    Config::load(&Environment::only(variables.iter().copied(), home), flags)
}

fn refused(home: &Path, variables: &[(&str, &str)], flags: &Overrides) -> String {
    match load(home, variables, flags) {
        Err(ConfigError::Locked(why)) => why,
        other => panic!("it is not refused: {other:?}"),
    }
}

fn system(policy: &str) -> String {
    format!("{policy}\n{ACME}")
}

#[test]
fn no_layer_of_a_persons_own_sets_what_is_locked() {
    let system = system("locked = [\"host\", \"client_secret\", \"theme\"]");
    let other = "[profiles.acme]\nhost = \"https://evil.example\"\n";
    let home_with = |own: &str| home(&[(SYSTEM, &system), (USER, own), ("other.toml", other)]);
    let plain = Overrides::default();
    let own = home_with("[profiles.acme]\nmax_batch = 7\n");
    let config = load(own.path(), &[("ROLODESK_STREAM_ID", "mine")], &plain).unwrap();
    assert_eq!((config.stream_id.as_str(), config.max_batch), ("mine", 7));
    for (variable, value) in [
        ("ROLODESK_HOST", "https://evil.example"),
        ("ROLODESK_CLIENT_SECRET", "mine"),
        ("ROLODESK_TOKEN", "mine"),
    ] {
        let why = refused(own.path(), &[(variable, value)], &plain);
        assert!(why.starts_with(variable) && why.contains("is locked by "), "{why}");
        assert!(why.contains("etc/rolodesk/config.toml, line 1") && !why.contains(value), "{why}");
    }
    for text in [
        other,
        "[profiles.acme]\nclient_secret = { env = \"MINE\" }\n",
        "[profiles.acme]\ntoken = { env = \"MINE\" }\n",
        "theme = \"light\"\n",
    ] {
        let own = home_with(text);
        let why = refused(own.path(), &[], &plain);
        assert!(why.contains(".config/rolodesk/config.toml, line ") && why.contains("locked"));
    }
    let flags = Overrides { config: Some(own.path().join("other.toml")), ..plain };
    let why = refused(own.path(), &[], &flags);
    assert!(why.contains("other.toml, line 2: `host` is locked"), "{why}");
}

#[test]
fn a_profile_of_ones_own_goes_round_no_lock_and_a_file_that_is_named_has_what_is_locked() {
    let system = system("locked = [\"host\", \"token_lifetime\"]\ndefault_profile = \"acme\"");
    let night = ACME.replace("acme", "night");
    let named = "[profiles.acme]\nstream_id = \"s\"\naccount_id = \"a\"\nclient_id = \"c\"\n\
                 client_secret = { env = \"MINE\" }\n";
    let home = home(&[(SYSTEM, &system), (USER, &night), ("named.toml", named)]);
    let night = Overrides { profile: Some("night".into()), ..Overrides::default() };
    assert!(refused(home.path(), &[], &night).contains("`host` is locked"));
    let flags = Overrides { config: Some(home.path().join("named.toml")), ..Overrides::default() };
    let config = load(home.path(), &[], &flags).unwrap();
    assert_eq!(
        (config.host.as_str(), config.stream_id.as_str()),
        ("https://platform.kore.ai", "s")
    );
    let same = [("ROLODESK_HOST", "https://platform.kore.ai")];
    assert!(load(home.path(), &same, &Overrides::default()).is_ok(), "the same is no override");
}

#[test]
fn a_locked_default_profile_is_the_only_one() {
    let system =
        system("locked = [\"default_profile\"]\ndefault_profile = \"acme\"") + "[profiles.night]\n";
    let home = home(&[(SYSTEM, &system)]);
    let named = |name: &str| Overrides { profile: Some(name.into()), ..Overrides::default() };
    assert!(load(home.path(), &[], &named("acme")).is_ok());
    assert!(refused(home.path(), &[], &named("night")).contains("--profile"));
    let why = refused(home.path(), &[("ROLODESK_PROFILE", "night")], &Overrides::default());
    assert!(why.contains("ROLODESK_PROFILE"), "{why}");
}

#[test]
fn an_administrators_secret_goes_to_the_administrators_host_alone() {
    let home = home(&[
        (SYSTEM, ACME),
        ("mine.toml", "[profiles.acme]\nhost = \"https://mine.example\"\n"),
    ]);
    let plain = Overrides::default();
    let why = refused(home.path(), &[("ROLODESK_HOST", "https://mine.example")], &plain);
    assert!(why.starts_with("ROLODESK_HOST: ") && why.contains("is locked to"), "{why}");
    let own = [("ROLODESK_HOST", "https://mine.example"), ("ROLODESK_CLIENT_SECRET", "mine")];
    assert!(load(home.path(), &own, &plain).is_ok(), "a person's own layers may be mixed");
    let same = [("ROLODESK_HOST", "https://platform.kore.ai/")];
    assert!(load(home.path(), &same, &plain).is_ok());
    fs::create_dir_all(home.path().join(".config/rolodesk")).unwrap();
    fs::copy(home.path().join("mine.toml"), home.path().join(USER)).unwrap();
    assert!(refused(home.path(), &[], &plain).contains("config.toml, line 2"));
    let nameless = ACME.replace("host =", "# host =");
    fs::write(home.path().join(SYSTEM), nameless).unwrap();
    assert!(refused(home.path(), &[], &plain).contains("another one"), "no host is no host");
}

#[test]
fn the_limits_hold_against_every_layer_and_cut_what_nobody_set() {
    let limits = "max_token_lifetime = \"2m\"\nmax_requests_per_minute = 30";
    let home = home(&[(SYSTEM, &system(limits))]);
    let plain = Overrides::default();
    let config = load(home.path(), &[], &plain).unwrap();
    let CredentialSource::Signed { lifetime, .. } = config.credential else { panic!() };
    assert_eq!((lifetime, config.requests_per_minute), (Some(Duration::from_mins(2)), 30));
    for (variable, value) in [
        ("ROLODESK_TOKEN_LIFETIME", "3m"),
        ("ROLODESK_TOKEN_LIFETIME", "none"),
        ("ROLODESK_REQUESTS_PER_MINUTE", "31"),
    ] {
        let why = refused(home.path(), &[(variable, value)], &plain);
        assert!(why.starts_with(variable) && why.contains("locked by"), "{why}");
    }
    let less = [("ROLODESK_TOKEN_LIFETIME", "30s"), ("ROLODESK_REQUESTS_PER_MINUTE", "5")];
    assert_eq!(load(home.path(), &less, &plain).unwrap().requests_per_minute, 5);
}

#[test]
fn what_is_not_allowed_is_refused_with_its_place_and_without_a_policy_all_is_allowed() {
    let home = home(&[(SYSTEM, &system("allow = [\"create\", \"copy\"]"))]);
    let policy = load(home.path(), &[], &Overrides::default()).unwrap().policy;
    assert!(policy.allows(Right::Create) && !policy.allows(Right::Delete));
    let why = policy.require(Right::Delete).unwrap_err().to_string();
    assert!(why.contains("`delete` is not allowed") && why.contains("line 1"), "{why}");
    assert!(Right::ALL.iter().all(|right| Policy::default().allows(*right)));
}

#[test]
fn a_mistake_in_a_policy_is_told_with_its_line_and_nothing_works_until_it_is_mended() {
    for (policy, parts) in [
        ("\nallow = [\"create\", \"delet\"]", &["line 2", "did you mean `delete`"][..]),
        ("allow = [\n\"create\",\n\"frobnicate\"]", &["line 3", "copy"]),
        ("allow = \"create\"", &["line 1", "must be a list"]),
        ("locked = [\"hosts\"]", &["line 1", "did you mean `host`"]),
        ("lock = [\"host\"]", &["line 1", "did you mean `locked`"]),
        ("locked = 7", &["line 1", "must be a list"]),
        ("max_token_lifetime = \"none\"", &["line 1", "5m"]),
        ("max_token_lifetime = 5", &["line 1", "a string"]),
        ("max_requests_per_minute = 0", &["line 1", "1 to 10000"]),
        ("allow = [", &["line "]),
    ] {
        let home = home(&[(SYSTEM, &system(policy)), ("mine.toml", ACME)]);
        let named = Some(home.path().join("mine.toml"));
        for flags in [Overrides::default(), Overrides { config: named, ..Overrides::default() }] {
            let why = load(home.path(), &[], &flags).unwrap_err().to_string();
            assert!(parts.iter().all(|part| why.contains(part)), "{policy}: {why}");
            assert!(why.contains("etc/rolodesk/config.toml"), "{why}");
        }
    }
}

#[test]
fn a_policy_stands_in_no_file_of_a_persons_own() {
    for policy in ["locked = []", "allow = [\"delete\"]", "max_requests_per_minute = 90"] {
        let home = home(&[(SYSTEM, ACME), (USER, policy)]);
        let why = refused(home.path(), &[], &Overrides::default());
        assert!(why.contains(".config/rolodesk/config.toml, line 1"), "{why}");
    }
}

#[cfg(unix)]
#[test]
fn a_policy_that_others_may_write_or_that_leads_nowhere_is_none_and_all_is_refused() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let home = home(&[(SYSTEM, ACME)]);
    let (file, folder) = (home.path().join(SYSTEM), home.path().join("etc/rolodesk"));
    let told = || load(home.path(), &[], &Overrides::default()).unwrap_err().to_string();
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode));
    mode(&file, 0o664).unwrap();
    assert!(told().contains("chmod"), "{}", told());
    mode(&file, 0o644).unwrap();
    mode(&folder, 0o777).unwrap();
    assert!(told().contains("chmod"), "{}", told());
    mode(&folder, 0o755).unwrap();
    fs::remove_file(&file).unwrap();
    symlink(home.path().join("gone"), &file).unwrap();
    assert!(told().contains("a link to a file that is not there"), "{}", told());
}
