//! Files, environments and flags, right and wrong.

use std::{fs, path::Path};

use secrecy::ExposeSecret as _;
use tempfile::TempDir;

use super::{secret::SecretSetting, *};

const ENOUGH: [(&str, &str); 5] = [
    ("ROLODESK_HOST", "https://platform.kore.ai"),
    ("ROLODESK_STREAM_ID", "st-1"),
    ("ROLODESK_ACCOUNT_ID", "a-1"),
    ("ROLODESK_CLIENT_ID", "cs-1"),
    ("ROLODESK_CLIENT_SECRET", "very secret"),
];

const ACME: &str = r#"
[profiles.acme]
host = "https://platform.kore.ai"
stream_id = "st-1"
account_id = "a-1"
client_id = "cs-1"
client_secret = { env = "KORE" }
"#;

fn home() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn write(home: &Path, path: &str, text: &str) {
    let path = home.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn load(home: &Path, variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let environment = Environment::only(variables.iter().copied(), home);
    Config::load(&environment, &Overrides::default())
}

fn wrong(text: &str) -> String {
    let home = home();
    write(home.path(), ".config/rolodesk/config.toml", text);
    load(home.path(), &[]).unwrap_err().to_string()
}

#[test]
fn the_environment_alone_is_enough() {
    let home = home();
    let config = load(home.path(), &ENOUGH).unwrap();
    assert_eq!((config.profile.as_str(), config.requests_per_minute), ("default", 60));
    assert_eq!(config.store_path(), home.path().join(".local/share/rolodesk/store.db"));
    let CredentialSource::Signed { lifetime, subject, .. } = config.credential else { panic!() };
    assert_eq!((lifetime, subject.as_str()), (Some(Duration::from_mins(5)), "1234567890"));
}

#[test]
fn without_a_profile_both_ways_to_one_are_told() {
    let error = load(home().path(), &ENOUGH[..3]).unwrap_err().to_string();
    assert!(error.contains("--demo") && error.contains("config.toml"), "{error}");
    assert!(error.contains("ROLODESK_HOST"), "{error}");
}

#[test]
fn a_users_file_lies_over_the_administrators_and_the_environment_over_both() {
    let home = home();
    write(home.path(), "etc/rolodesk/config.toml", ACME);
    write(
        home.path(),
        ".config/rolodesk/config.toml",
        "default_profile = \"acme\"\n[profiles.acme]\nstream_id = \"mine\"\nmax_batch = 7\n",
    );
    let config = load(home.path(), &[("ROLODESK_MAX_BATCH", "9")]).unwrap();
    assert_eq!(
        (config.host.as_str(), config.stream_id.as_str()),
        ("https://platform.kore.ai", "mine")
    );
    assert_eq!(config.max_batch, 9);
}

#[test]
fn every_key_has_its_variable() {
    let home = home();
    let more = [
        ("ROLODESK_ALGORITHM", "HS512"),
        ("ROLODESK_SUBJECT", "me"),
        ("ROLODESK_TOKEN_LIFETIME", "none"),
        ("ROLODESK_DEFAULT_REGION", "in"),
        ("ROLODESK_SALUTATIONS", "Mr, Mrs, Dr"),
        ("ROLODESK_EXTENSION", "91"),
        ("ROLODESK_REQUESTS_PER_MINUTE", "10"),
        ("ROLODESK_MAX_BATCH", "5"),
        ("ROLODESK_CA_FILE", "ca.pem"),
        ("ROLODESK_DUPLICATE_PHRASES", "vergeben,belegt"),
        ("ROLODESK_PROFILE", "night"),
        ("ROLODESK_DATA_DIR", "/elsewhere"),
    ];
    let config = load(home.path(), &[&ENOUGH[..], &more[..]].concat()).unwrap();
    assert_eq!(config.profile, "night");
    assert_eq!(config.default_region, Region::from_code("IN"));
    assert_eq!(config.salutations.len(), 3);
    assert_eq!(config.extension.as_str(), "91");
    assert_eq!((config.requests_per_minute, config.max_batch), (10, 5));
    assert_eq!(config.duplicate_phrases, ["vergeben", "belegt"]);
    assert_eq!(config.data_dir, Path::new("/elsewhere"));
    assert!(config.ca_file.unwrap().ends_with(".config/rolodesk/ca.pem"));
    let CredentialSource::Signed { algorithm, lifetime, .. } = config.credential else { panic!() };
    assert_eq!((algorithm, lifetime), (TokenAlgorithm::Hs512, None));
}

#[test]
fn a_mistake_is_told_with_its_file_line_and_cure() {
    for (text, parts) in [
        (
            "[profiles.acme]\nhost = \"x\"\nsteam_id = \"y\"\n",
            &["config.toml, line 3", "stream_id"][..],
        ),
        ("[profiles.acme]\nfrobnicate = 1\n", &["line 2", "no key `frobnicate`", "host"]),
        ("[profiles.acme]\nhost = 7\n", &["line 2", "`host` must be a string"]),
        ("[profiles.acme]\nmax_batch = \"7\"\n", &["line 2", "`max_batch` must be a whole number"]),
        ("[profiles.acme]\nsalutations = \"Mr\"\n", &["line 2", "`salutations` must be a list"]),
        (
            "[profiles.acme]\ntoken = { fiel = \"x\" }\n",
            &["line 2", "no key `fiel`; did you mean `file`"],
        ),
        ("[profiles.acme]\n\ntoken = 7\n", &["line 3", "`token` must be { keyring = true }"]),
        ("[profiles.acme\n", &["line 1"]),
    ] {
        let error = wrong(text);
        assert!(parts.iter().all(|part| error.contains(part)), "{error}");
    }
    for (key, parts) in [
        ("algorithm = \"RS256\"", &["algorithm", "HS384"][..]),
        ("token_lifetime = \"5 minutes\"", &["token_lifetime", "5m"]),
        ("default_region = \"Atlantis\"", &["default_region", "Atlantis"]),
        ("requests_per_minute = 0", &["requests_per_minute", "1 to 10000"]),
        ("requests_per_hour = 0", &["requests_per_hour", "1 to 100000"]),
        ("directory = \"disk\"", &["directory", "disk", "on, memory or off"]),
        ("salutations = []", &["salutations", "at least one"]),
    ] {
        let error = wrong(&format!("{ACME}{key}\n"));
        assert!(parts.iter().all(|part| error.contains(part)), "{error}");
        assert!(error.contains("profile `acme`"), "{error}");
        assert!(error.contains("config.toml, line 8"), "{error}");
    }
    let error = wrong(&ACME.replace("stream_id", "# stream_id"));
    assert!(error.contains("`stream_id` is missing") && error.contains("ROLODESK_STREAM_ID"));
}

#[test]
fn a_secret_in_clear_text_is_refused_and_not_repeated() {
    let error = wrong(&ACME.replace("{ env = \"KORE\" }", "\"hunter2\""));
    assert!(error.contains("name where it is instead") && !error.contains("hunter2"), "{error}");
    let error = wrong(&ACME.replace("env = \"KORE\"", "env = \"A\", file = \"b\""));
    assert!(error.contains("exactly one"), "{error}");
}

#[test]
fn a_secret_in_a_wrong_place_is_not_repeated_either() {
    for text in [
        "[profiles]\nclient_secret = \"hunter2\"\n",
        "[profiles.acme]\nmax_batch = \"hunter2\"\n",
        "[profiles.acme]\ntoken = [\"hunter2\"]\n",
        "[profiles.acme]\ntoken = { command = \"hunter2\" }\n",
        "[profiles.acme]\ntoken = hunter2\n",
        "profiles = \"hunter2\"\n",
    ] {
        let error = wrong(text);
        assert!(error.contains("line ") && !error.contains("hunter2"), "{error}");
    }
}

#[test]
fn every_value_tells_where_it_was_set() {
    let home = home();
    write(home.path(), "etc/rolodesk/config.toml", ACME);
    write(
        home.path(),
        ".config/rolodesk/config.toml",
        "# mine\ndefault_profile = \"acme\"\n[profiles.acme]\nstream_id = \"mine\"\n",
    );
    let environment = Environment::only([("ROLODESK_MAX_BATCH", "9")], home.path());
    let found = Inspection::of(&environment, &Overrides::default());
    let told = |key: &str| {
        let value = found.values.iter().find(|value| value.key == key);
        value.map(|value| value.origin.to_string()).unwrap_or_default()
    };
    assert!(told("host").ends_with("etc/rolodesk/config.toml, line 3"), "{}", told("host"));
    assert!(told("stream_id").ends_with(".config/rolodesk/config.toml, line 4"));
    assert!(found.chosen_by.to_string().ends_with(".config/rolodesk/config.toml, line 2"));
    assert_eq!(told("max_batch"), "ROLODESK_MAX_BATCH");
    assert_eq!((told("extension").as_str(), found.data_dir_from), ("", ValueOrigin::Default));
    let flags = Overrides { profile: Some("acme".into()), ..Overrides::default() };
    let environment = Environment::only([("ROLODESK_PROFILE", "x")], home.path());
    let found = Inspection::of(&environment, &flags);
    assert_eq!(found.chosen_by, ValueOrigin::Flag("--profile"));
}

#[test]
fn a_default_profile_that_is_not_there_is_named_with_those_that_are() {
    let error = wrong(&format!("default_profile = \"night\"\n{ACME}"));
    assert!(error.contains("profile `night`") && error.contains("there are acme"), "{error}");
    assert!(error.contains("config.toml, line 1"), "{error}");
}

#[test]
fn the_environment_is_never_printed_with_its_values() {
    let environment = Environment::only(ENOUGH, Path::new("/"));
    let printed = format!("{environment:?}");
    assert!(printed.contains("ROLODESK_CLIENT_SECRET") && !printed.contains("very secret"));
}

#[test]
fn a_relative_path_is_beside_the_file_that_names_it() {
    let home = home();
    let text = ACME.replace("env = \"KORE\"", "file = \"key\"") + "ca_file = \"ca.pem\"\n";
    write(home.path(), "etc/rolodesk/config.toml", &text);
    write(home.path(), ".config/rolodesk/config.toml", "default_profile = \"acme\"\n");
    let config = load(home.path(), &[]).unwrap();
    assert_eq!(config.ca_file, Some(home.path().join("etc/rolodesk/ca.pem")));
    let CredentialSource::Signed { secret: SecretSource::File(path), .. } = config.credential
    else {
        panic!()
    };
    assert_eq!(path, home.path().join("etc/rolodesk/key"));
}

#[test]
fn a_secret_given_in_the_environment_replaces_a_token_of_the_file() {
    let home = home();
    let text = ACME.replace("client_secret", "token");
    write(home.path(), ".config/rolodesk/config.toml", &text);
    let config = load(home.path(), &[]).unwrap();
    assert!(matches!(config.credential, CredentialSource::Ready(SecretSource::Variable(_))));
    let config = load(home.path(), &[("ROLODESK_CLIENT_SECRET", "s")]).unwrap();
    assert!(matches!(
        config.credential,
        CredentialSource::Signed { secret: SecretSource::Given(_), .. }
    ));
    let config = load(home.path(), &[("ROLODESK_TOKEN", "t")]).unwrap();
    assert!(matches!(config.credential, CredentialSource::Ready(SecretSource::Given(_))));
}

#[test]
fn nothing_that_prints_a_configuration_prints_a_secret() {
    let home = home();
    let config = load(home.path(), &ENOUGH).unwrap();
    assert!(!format!("{config:?}").contains("very secret"));
    let written = SecretSetting::given("very secret".into());
    assert!(!format!("{written:?}").contains("very secret"));
}

#[tokio::test]
async fn a_secret_is_read_from_a_private_file_or_a_command() {
    let home = home();
    let source = SecretSource::Command(vec!["printf".into(), "abc\n".into()]);
    assert_eq!(source.resolve(home.path()).await.unwrap().expose_secret(), "abc");
    let failing = SecretSource::Command(vec!["false".into()]);
    assert!(failing.resolve(home.path()).await.unwrap_err().to_string().contains("failed"));
    let missing = SecretSource::Variable("ROLODESK_TEST_NOT_SET".into());
    assert!(missing.resolve(home.path()).await.unwrap_err().to_string().contains("not set"));
}

#[cfg(unix)]
#[tokio::test]
async fn a_secret_is_kept_in_a_private_file_and_read_back() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = home();
    let source = SecretSource::File("acme.secret".into());
    source.keep("very secret".into(), home.path()).await.unwrap();
    assert_eq!(source.resolve(home.path()).await.unwrap().expose_secret(), "very secret");
    let mode = fs::metadata(home.path().join("acme.secret")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let nowhere = SecretSource::File("acme.secret/below".into());
    let error = nowhere.keep("very secret".into(), home.path()).await.unwrap_err().to_string();
    assert!(error.contains("cannot be put into") && !error.contains("very secret"), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_others_may_read_is_refused_with_the_cure() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = home();
    let path = home.path().join("secret");
    fs::write(&path, "abc\n").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let source = SecretSource::File("secret".into());
    let error = source.resolve(home.path()).await.unwrap_err().to_string();
    assert!(error.contains("chmod 600"), "{error}");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(source.resolve(home.path()).await.unwrap().expose_secret(), "abc");
}

#[test]
fn the_annotated_example_is_a_configuration() {
    let home = home();
    write(home.path(), ".config/rolodesk/config.toml", include_str!("../../assets/config.toml"));
    let config = load(home.path(), &[]).unwrap();
    assert_eq!(config.profile, "acme");
    let text = include_str!("../../assets/config.toml");
    for key in [
        "client_secret",
        "token",
        "algorithm",
        "subject",
        "token_lifetime",
        "default_region",
        "salutations",
        "extension",
        "requests_per_minute",
        "requests_per_hour",
        "max_batch",
        "ca_file",
        "duplicate_phrases",
        "directory",
    ] {
        assert!(text.contains(key), "{key} is not explained");
    }
}

#[test]
fn without_a_home_nothing_of_the_current_folder_is_obeyed() {
    let folder = home();
    let of = |more: &[(&str, &str)]| {
        let variables = [&ENOUGH[..], more].concat();
        Environment::only(variables, folder.path()).homeless()
    };
    let load = |more: &[(&str, &str)]| Config::load(&of(more), &Overrides::default());
    assert_eq!((of(&[]).user_config(), of(&[]).log_file()), (None, None));
    assert!(load(&[]).unwrap_err().to_string().contains("set HOME"));
    let data = [("ROLODESK_DATA_DIR", "/elsewhere")];
    assert_eq!(load(&data).unwrap().data_dir, Path::new("/elsewhere"));
    let relative = [data[0], ("ROLODESK_CA_FILE", "ca.pem")];
    let error = load(&relative).unwrap_err().to_string();
    assert!(error.contains("`ca_file` must be a whole path"), "{error}");
    let absolute = [data[0], ("ROLODESK_CA_FILE", "/ca.pem")];
    assert_eq!(load(&absolute).unwrap().ca_file.unwrap(), Path::new("/ca.pem"));
}

#[cfg(unix)]
#[test]
fn a_configuration_or_a_store_that_others_may_write_is_refused_with_the_cure() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = home();
    write(home.path(), ".config/rolodesk/config.toml", ACME);
    write(home.path(), ".local/share/rolodesk/store.db", "");
    for (path, loose, tight) in [
        (".config/rolodesk/config.toml", 0o660, 0o600),
        (".local/share/rolodesk/store.db", 0o602, 0o600),
        (".local/share/rolodesk", 0o775, 0o700),
    ] {
        let path = home.path().join(path);
        let mode = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        mode(loose);
        let error = load(home.path(), &[]).unwrap_err().to_string();
        let cure = format!("{} ", path.display());
        assert!(error.contains("run: chmod ") && error.contains(cure.trim()), "{error}");
        mode(tight);
        assert!(load(home.path(), &[]).is_ok());
    }
}

const TEAM: &str = r#"
[profiles.acme.team]
url = "postgres://rolodesk_seat@db.acme.example/rolodesk"
password = { env = "DB" }
"#;

#[test]
fn a_seat_that_does_not_send_needs_nothing_of_the_platform() {
    let home = home();
    write(home.path(), ".config/rolodesk/config.toml", TEAM);
    let config = load(home.path(), &[]).unwrap();
    assert!(matches!(config.credential, CredentialSource::WithSender));
    let team = config.team.unwrap();
    assert_eq!((team.host.as_str(), team.port, team.send), ("db.acme.example", 5432, false));
    assert_eq!((team.database.as_str(), team.user.as_str()), ("rolodesk", "rolodesk_seat"));
    assert!(team.is_remote());
    assert!(matches!(team.password, Some(SecretSource::Variable(_))));
    let sends = load(home.path(), &[("ROLODESK_TEAM_SEND", "true")]).unwrap_err().to_string();
    assert!(sends.contains("`client_secret` is missing"), "{sends}");
    let half = load(home.path(), &[("ROLODESK_HOST", "https://a.b")]).unwrap_err().to_string();
    assert!(half.contains("`stream_id` is missing"), "{half}");
}

#[test]
fn a_profile_with_the_platforms_secret_sends_unless_it_is_told_not_to() {
    let home = home();
    write(home.path(), ".config/rolodesk/config.toml", &format!("{ACME}{TEAM}"));
    assert!(load(home.path(), &[]).unwrap().team.unwrap().send);
    assert!(!load(home.path(), &[("ROLODESK_TEAM_SEND", "false")]).unwrap().team.unwrap().send);
}

#[test]
fn the_database_alone_may_come_from_the_environment_its_password_with_it() {
    let home = home();
    let url = ("ROLODESK_TEAM_URL", "postgres://ada:geheim@localhost:5433/floor");
    let team = load(home.path(), &[url]).unwrap().team.unwrap();
    assert_eq!((team.user.as_str(), team.port, team.is_remote()), ("ada", 5433, false));
    let Some(SecretSource::Given(password)) = team.password else { panic!() };
    assert_eq!(password.expose_secret(), "geheim");
    let other = ("ROLODESK_TEAM_PASSWORD", "anders");
    let team = load(home.path(), &[url, other]).unwrap().team.unwrap();
    let Some(SecretSource::Given(password)) = team.password else { panic!() };
    assert_eq!(password.expose_secret(), "anders");
}

#[test]
fn an_address_of_a_later_layer_replaces_the_one_below_whole() {
    let home = home();
    write(home.path(), ".config/rolodesk/config.toml", TEAM);
    let team = load(home.path(), &[("ROLODESK_TEAM_HOST", "/run/pg")]).unwrap().team.unwrap();
    assert_eq!((team.host.as_str(), team.is_remote()), ("/run/pg", false));
    assert_eq!(team.database, "rolodesk");
}

#[test]
fn a_mistake_in_the_team_is_told_with_its_line() {
    for (more, parts) in [
        ("url = \"postgres://u:geheim@db.b/x\"", &["line 3", "holds the password itself"][..]),
        ("url = \"mysql://db.b/x\"", &["line 3", "postgres://"]),
        ("host = \"db.b\"\nport = 0", &["line 4", "1 to 65535"]),
        ("host = \"db.b\"\npriority = 5000", &["line 4", "-1000 to 1000"]),
        ("host = \"db.b\"\npasword = \"x\"", &["line 4", "did you mean `password`?"]),
        ("host = \"db.b\"\npassword = \"geheim\"", &["line 4", "holds the secret itself"]),
        ("send = false", &["does not say where the database is", "ROLODESK_TEAM_URL"]),
    ] {
        let told = wrong(&format!("\n[profiles.acme.team]\n{more}\n"));
        assert!(parts.iter().all(|part| told.contains(part)), "{more}: {told}");
        assert!(!told.contains("geheim"), "{told}");
    }
}

#[test]
fn a_locked_team_stays_where_the_administrator_put_it() {
    let home = home();
    let locked = format!("locked = [\"team.url\", \"team.send\"]\n{TEAM}");
    write(home.path(), "etc/rolodesk/config.toml", &locked);
    for (name, value) in [("URL", "postgres://other/x"), ("HOST", "other"), ("SEND", "true")] {
        let name = format!("ROLODESK_TEAM_{name}");
        let told = load(home.path(), &[(name.as_str(), value)]).unwrap_err().to_string();
        assert!(told.contains("locked") && told.contains(&name), "{told}");
    }
    write(home.path(), "etc/rolodesk/config.toml", TEAM);
    let elsewhere = [("ROLODESK_TEAM_URL", "postgres://evil.example/x")];
    let told = load(home.path(), &elsewhere).unwrap_err().to_string();
    assert!(told.contains("another server") && told.contains("ROLODESK_TEAM_URL"), "{told}");
}
