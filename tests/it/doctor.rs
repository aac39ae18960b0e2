//! `doctor` as a process, with each thing it checks broken in turn.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
};

use jiff::{SignedDuration, Timestamp};
use rolodesk::sandbox::{Faults, SandboxSettings};
use serde_json::Value;

use crate::{
    cli::{Answer, Desk, ENOUGH},
    journeys::{Platform, platform},
    store::change,
    stub::{Identity, Stub, answer},
};

/// What `doctor --json` said, check by check.
#[derive(Debug)]
struct Told {
    code: Option<i32>,
    lines: Vec<Value>,
}

fn doctor(desk: &Desk, env: &[(&str, &str)]) -> Told {
    let answer: Answer = desk.run(&["doctor", "--json"], env);
    assert_eq!(answer.err, "", "{answer:?}");
    let read = |line: &str| serde_json::from_str(line).expect("an object per line");
    Told { code: answer.code, lines: answer.out.lines().map(read).collect() }
}

impl Told {
    /// Every line of one check: its status, detail and advice.
    fn of(&self, check: &str) -> Vec<(&str, &str, &str)> {
        let own = self.lines.iter().filter(|line| line["check"] == check);
        let text = |value: &'_ Value| value.as_str().map(str::to_owned).unwrap_or_default().leak();
        own.map(|it| (&*text(&it["status"]), &*text(&it["detail"]), &*text(&it["advice"])))
            .collect()
    }

    /// This check found a problem, told with all of these words; the exit code is this.
    #[track_caller]
    fn has_problem(&self, code: i32, check: &str, words: &[&str]) {
        let told = self.of(check);
        let holds = |line: &&(&str, &str, &str)| {
            let sentence = format!("{} {}", line.1, line.2);
            line.0 == "problem"
                && !line.2.is_empty()
                && words.iter().all(|it| sentence.contains(it))
        };
        assert!(told.iter().any(|line| holds(&line)), "{check}: {words:?} in {told:?}");
        assert_eq!(self.code, Some(code), "{:?}", self.problems());
    }

    #[track_caller]
    fn is(&self, check: &str, status: &str) {
        let told = self.of(check);
        assert!(told.iter().any(|line| line.0 == status), "{check} is not {status}: {told:?}");
    }

    fn problems(&self) -> Vec<&Value> {
        self.lines.iter().filter(|line| line["status"] == "problem").collect()
    }
}

/// The sandbox's environment with another host, which a stub listens on.
fn at(scheme: &str, stub: &Stub) -> Vec<(&'static str, String)> {
    let host = format!("{scheme}://localhost:{}", stub.address.port());
    let own = ENOUGH.iter().skip(1).map(|(name, value)| (*name, (*value).to_owned()));
    own.chain([("ROLODESK_HOST", host)]).collect()
}

fn borrowed<'a>(env: &'a [(&'static str, String)]) -> Vec<(&'a str, &'a str)> {
    env.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

#[test]
fn when_all_is_well_every_check_says_so_and_one_request_was_spent() {
    let (desk, platform) = (Desk::new(), platform());
    let told = doctor(&desk, &platform.env_with(&[]));
    assert_eq!((told.code, told.problems().len()), (Some(0), 0), "{:?}", told.problems());
    for check in [
        "config.profile",
        "config.host",
        "config.client_secret",
        "config.data_dir",
        "config",
        "config.look",
        "permissions.log",
        "permissions.data",
        "permissions.store",
        "store",
        "store.integrity",
        "store.rows",
        "store.waiting",
        "disk",
        "secret",
        "proxy",
        "dns",
        "connection",
        "clock",
        "token",
        "list",
        "limit",
    ] {
        told.is(check, "ok");
    }
    told.is("tls", "skipped");
    assert_eq!(told.of("limit")[0].1, "59 of 60 requests left this minute");
    assert_eq!(told.of("config.client_secret")[0].1, "the environment (ROLODESK_CLIENT_SECRET)");
    let requests = platform.running().requests();
    assert_eq!(requests.len(), 1);
    assert!(requests[0].path.ends_with("/contacts?skip=0&limit=1"), "{}", requests[0].path);
}

#[test]
fn the_text_for_people_has_a_line_per_check_and_what_to_do_below_a_problem() {
    let answer = Desk::new().run(&["doctor"], &[]);
    assert_eq!(answer.code, Some(2));
    let lines: Vec<_> = answer.out.lines().collect();
    let at = lines.iter().position(|line| line.starts_with("PROBLEM  config ")).unwrap();
    assert!(lines[at].contains("there is no profile yet"), "{}", lines[at]);
    assert_eq!(lines[at + 1].trim(), "to do: run `rolodesk setup`");
    assert!(!answer.out.contains('\u{1b}'));
}

#[test]
fn a_broken_configuration_does_not_keep_the_rest_from_being_checked() {
    let platform = platform();
    let desk = Desk::new().config("[profiles.acme]\nclient_secret = \"hunter2\"\nhostt = 1\n");
    let told = doctor(&desk, &platform.env_with(&[("ROLODESK_MAX_BATCH", "0")]));
    told.has_problem(2, "config.file", &["line 3", "did you mean `host`"]);
    told.is("config.host", "ok");
    told.is("connection", "ok");
    told.is("clock", "ok");
    told.is("token", "skipped");
    assert!(!format!("{told:?}").contains("hunter2"));
    assert!(platform.running().requests().iter().all(|it| it.path == "/"), "no request is spent");
}

#[test]
fn a_mistake_in_theme_or_keys_is_told_with_its_line_before_the_form_trips_over_it() {
    let platform = platform();
    for (text, words) in [
        ("bell = true\ntheme = \"drak\"\n", ["config.toml, line 2", "did you mean `dark`"]),
        ("[keys]\nsumbit = \"f2\"\n", ["config.toml, line 2", "did you mean `submit`"]),
    ] {
        let told = doctor(&Desk::new().config(text), &platform.env_with(&[]));
        told.has_problem(2, "config.look", &words);
        told.is("config", "ok");
        told.is("connection", "ok");
    }
    let told = doctor(&Desk::new().config("themme = 1\n"), &platform.env_with(&[]));
    told.is("config.look", "skipped");
}

#[test]
fn a_variable_that_nobody_reads_is_told_with_the_likely_name_and_without_its_value() {
    let platform = platform();
    let told = doctor(&Desk::new(), &platform.env_with(&[("ROLODESK_CLIENT_SECERT", "hunter2")]));
    told.has_problem(2, "config.variable", &["SECERT; did you mean ROLODESK_CLIENT_SECRET?"]);
    assert_eq!(told.problems().len(), 1, "{:?}", told.problems());
    assert!(!format!("{told:?}").contains("hunter2"));
}

#[test]
fn a_secret_in_clear_text_is_told_and_not_repeated() {
    let text = "[profiles.acme]\nhost = \"http://127.0.0.1:1\"\nstream_id = \"s\"\naccount_id = \
                \"a\"\nclient_id = \"c\"\nclient_secret = \"hunter2\"\n";
    let told = doctor(&Desk::new().config(text), &[]);
    told.has_problem(2, "config", &["line 6", "name where it is instead"]);
    assert!(!format!("{told:?}").contains("hunter2"));
}

#[test]
fn a_missing_secret_is_told_and_the_platform_is_reached_without_it() {
    let platform = platform();
    let env: Vec<_> =
        platform.env_with(&[]).into_iter().filter(|it| it.0 != "ROLODESK_CLIENT_SECRET").collect();
    let text = "[profiles.acme]\nclient_secret = { file = \"key\" }\n";
    let told = doctor(&Desk::new().config(text), &env);
    told.has_problem(2, "secret", &["config/rolodesk/key", "No such file"]);
    told.is("connection", "ok");
    told.is("token", "skipped");
    assert!(platform.running().requests().iter().all(|it| it.path == "/"));
}

#[test]
fn a_refused_token_is_exit_3_with_secret_scope_and_publishing() {
    let platform = platform();
    let told = doctor(&Desk::new(), &platform.env_with(&[("ROLODESK_CLIENT_SECRET", "wrong")]));
    told.has_problem(
        3,
        "token",
        &["Invalid SDK credentials", "secret", "Configuration", "publish"],
    );
    told.is("list", "skipped");
    for status in ["401 x", "403 x"] {
        let stub = Stub::answering(answer(status, "", "{}"));
        let told = doctor(&Desk::new(), &borrowed(&at("http", &stub)));
        told.has_problem(3, "token", &[&status[..3], "Configuration"]);
    }
}

#[test]
fn a_clock_that_is_off_is_told_in_minutes_and_blamed_for_a_refusal() {
    let theirs = Timestamp::now() - SignedDuration::from_secs(7 * 60 + 5);
    let date = jiff::fmt::rfc2822::to_string(&theirs.to_zoned(jiff::tz::TimeZone::UTC)).unwrap();
    let date = format!("date: {}\r\n", date.replace("+0000", "GMT"));
    let stub = Stub::answering(answer("200 OK", &date, "{\"results\":[],\"totalResults\":6}"));
    let told = doctor(&Desk::new(), &borrowed(&at("http", &stub)));
    told.has_problem(1, "clock", &["7 minutes ahead"]);
    assert_eq!(told.of("list")[0].1, "answers, 6 contacts");
    let stub = Stub::answering(answer("401 x", &date, "{}"));
    let told = doctor(&Desk::new(), &borrowed(&at("http", &stub)));
    told.has_problem(3, "token", &["clock first"]);
}

#[test]
fn a_host_that_is_unknown_closed_or_mute_each_has_its_own_line() {
    let host = [&ENOUGH[1..], &[("ROLODESK_HOST", "https://no-such-host.invalid")]].concat();
    let told = doctor(&Desk::new(), &host);
    told.has_problem(1, "dns", &["no-such-host.invalid", "check `host`"]);
    told.is("connection", "skipped");

    let host = [&ENOUGH[1..], &[("ROLODESK_HOST", "https://127.0.0.1:1")]].concat();
    let told = doctor(&Desk::new(), &host);
    told.has_problem(1, "connection", &["refused", "`host`"]);
    told.is("tls", "skipped");

    let stub = Stub::answering("");
    let told = doctor(&Desk::new(), &borrowed(&at("http", &stub)));
    told.has_problem(1, "connection", &["broke before the answer"]);
    told.is("token", "skipped");

    let ftp = [&ENOUGH[1..], &[("ROLODESK_HOST", "ftp://platform.example")]].concat();
    let told = doctor(&Desk::new(), &ftp);
    told.has_problem(2, "config", &["https://"]);
    assert_eq!(told.problems().len(), 1, "{:?}", told.problems());
}

#[test]
fn an_answer_that_is_no_list_is_told_as_what_it_is() {
    let redirect = answer("302 x", "location: https://login.example/?token=leak\r\n", "");
    for (bytes, check, words) in [
        (answer("200 OK", "", "<html>Welcome</html>"), "list", &["Welcome"][..]),
        (
            answer("404 x", "", "{\"message\":\"no such stream\"}"),
            "list",
            &["no such stream", "stream_id"],
        ),
        (answer("500 x", "", ""), "list", &["500"]),
        (redirect, "list", &["redirects to login.example"]),
        (
            answer("200 OK", "", "Rate limit for this API has been reached"),
            "limit",
            &["Rate limit"],
        ),
        ("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{".into(), "connection", &["cut short"]),
    ] {
        let stub = Stub::answering(bytes);
        let told = doctor(&Desk::new(), &borrowed(&at("http", &stub)));
        told.has_problem(1, check, words);
        told.is("token", "skipped");
        assert!(!format!("{told:?}").contains("leak"));
    }
}

#[test]
fn tls_that_fails_is_told_with_its_reason() {
    let list = answer("200 OK", "", "{\"results\":[]}");
    let now = 2020..2200;
    for (identity, trusted, words) in [
        (Identity::of("localhost", 2001, 2002), true, &["expired", "days ago", "clock"][..]),
        (Identity::of("localhost", 2190, 2200), true, &["not valid yet", "clock"]),
        (Identity::of("other.example", now.start, now.end), true, &["another name", "localhost"]),
        (Identity::of("localhost", now.start, now.end), false, &["authority", "`ca_file`"]),
    ] {
        let stub = Stub::over_tls(&identity, list.clone());
        let desk = Desk::new();
        fs::write(desk.path().join("ca.pem"), &identity.authority).unwrap();
        let mut env = at("https", &stub);
        if trusted {
            env.push(("ROLODESK_CA_FILE", desk.path().join("ca.pem").display().to_string()));
        }
        let told = doctor(&desk, &borrowed(&env));
        told.has_problem(1, "tls", words);
        told.is("connection", "ok");
        told.is("token", "skipped");
        assert!(stub.heard().is_empty(), "a token was sent");
    }
}

#[test]
fn a_companys_authority_makes_tls_trusted_and_a_file_that_is_none_is_told() {
    let identity = Identity::of("localhost", 2020, 2200);
    let stub = Stub::over_tls(&identity, answer("200 OK", "", "{\"results\":[]}"));
    let desk = Desk::new();
    let file = desk.path().join("ca.pem");
    let mut env = at("https", &stub);
    env.push(("ROLODESK_CA_FILE", file.display().to_string()));
    doctor(&desk, &borrowed(&env)).has_problem(2, "tls", &["ca.pem", "No such file"]);
    fs::write(&file, "not a certificate").unwrap();
    doctor(&desk, &borrowed(&env)).has_problem(2, "tls", &["ca.pem", "no certificate"]);
    fs::write(&file, &identity.authority).unwrap();
    let told = doctor(&desk, &borrowed(&env));
    assert_eq!(told.code, Some(0), "{:?}", told.problems());
    assert_eq!(told.of("tls")[0], ("ok", "the certificate is trusted", ""));

    let plain = Stub::answering(answer("200 OK", "", "{}"));
    let told = doctor(&Desk::new(), &borrowed(&at("https", &plain)));
    told.has_problem(1, "tls", &["does not speak TLS", "port"]);
}

#[test]
fn a_proxy_is_named_without_its_password_and_told_when_it_refuses() {
    for (variable, other) in [("HTTPS_PROXY", "NO_PROXY"), ("https_proxy", "no_proxy")] {
        for (status, user, words) in [
            ("407 x", "", &["wants a user name", "HTTPS_PROXY"][..]),
            ("407 x", "agent:hunter2@", &["does not accept"]),
            ("502 x", "agent:hunter2@", &["does not let us through", "NO_PROXY"]),
        ] {
            let stub = Stub::answering(answer(status, "", ""));
            let proxy = format!("http://{user}{}", stub.address);
            let desk = Desk::new();
            let log = ("ROLODESK_LOG", "trace");
            let env = [&ENOUGH[..], &[(variable, proxy.as_str()), log]].concat();
            let told = doctor(&desk, &env);
            told.has_problem(1, "proxy", words);
            told.is("dns", "skipped");
            assert!(
                stub.heard()[0].starts_with("CONNECT platform.example:443"),
                "{:?}",
                stub.heard()
            );
            let log = fs::read_to_string(desk.path().join(".local/state/rolodesk/rolodesk.log"));
            let said = format!("{told:?}{}", log.unwrap());
            assert!(!said.contains("hunter2") && !said.contains("YWdlbnQ6aHVudGVyMg"), "{said}");

            let env = [&env[..], &[(other, "platform.example")]].concat();
            assert_eq!(doctor(&desk, &env).of("proxy")[0].1, "none");
        }
    }
    let gone = [&ENOUGH[..], &[("HTTPS_PROXY", "http://127.0.0.1:1")]].concat();
    let told = doctor(&Desk::new(), &gone);
    told.has_problem(1, "proxy", &["cannot reach the proxy http://127.0.0.1:1", "refused"]);
}

#[test]
fn through_a_proxy_the_platforms_own_certificate_is_checked() {
    let identity = Identity::of("platform.example", 2020, 2200);
    let platform = Stub::over_tls(&identity, answer("200 OK", "", "{\"results\":[]}"));
    let proxy = Stub::tunnel_to(platform.address);
    let desk = Desk::new();
    let file = desk.path().join("ca.pem").display().to_string();
    fs::write(&file, &identity.authority).unwrap();
    let address = format!("http://agent:hunter2@{}", proxy.address);
    let env = [&ENOUGH[..], &[("https_proxy", address.as_str())]].concat();
    doctor(&desk, &env).has_problem(1, "tls", &["authority", "`ca_file`"]);
    let told = doctor(&desk, &[&env[..], &[("ROLODESK_CA_FILE", file.as_str())]].concat());
    assert_eq!(told.code, Some(0), "{:?}", told.problems());
    told.is("proxy", "ok");
    told.is("token", "ok");
    let heard = proxy.heard().concat().to_lowercase();
    assert!(heard.contains("proxy-authorization: basic ywdlbnq6ahvudgvymg=="), "{heard}");
    assert!(!heard.contains("auth: ey") && platform.heard()[0].contains("auth: ey"));
}

#[test]
fn a_machine_without_certificates_is_told_which_variables_to_look_at() {
    let env = [&ENOUGH[..], &[("SSL_CERT_FILE", "/nowhere"), ("SSL_CERT_DIR", "/nowhere")]];
    let env = [&env.concat()[1..], &[("ROLODESK_HOST", "https://127.0.0.1:1")]].concat();
    doctor(&Desk::new(), &env).has_problem(1, "tls", &["ca-certificates", "SSL_CERT_DIR"]);
}

#[test]
fn a_store_that_cannot_be_opened_is_told_and_no_request_is_spent_beside_its_count() {
    let (desk, platform) = (Desk::new(), platform());
    let folder = desk.path().join(".local/share/rolodesk");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("store.db"), vec![7_u8; 8192]).unwrap();
    let told = doctor(&desk, &platform.env_with(&[]));
    told.has_problem(1, "store", &["store.db", "damaged or not a rolodesk store"]);
    told.is("connection", "ok");
    told.is("token", "skipped");
    told.is("limit", "skipped");
    assert!(platform.running().requests().iter().all(|it| it.path == "/"));
    assert_eq!(fs::read(folder.join("store.db")).unwrap(), vec![7_u8; 8192], "it was touched");
}

#[test]
fn what_waits_is_told_with_its_age() {
    let (desk, platform) = (
        Desk::new(),
        Platform::start(SandboxSettings {
            faults: "drop-before=1".parse::<Faults>().unwrap(),
            ..SandboxSettings::demo()
        }),
    );
    let add =
        ["add", "--first-name", "A", "--last-name", "B", "--phone", "+919876543211", "--wait", "0"];
    assert_eq!(desk.run(&add, &platform.env_with(&[])).code, Some(5));
    platform.running().set_faults(Faults::default());
    let told = doctor(&desk, &platform.env_with(&[]));
    let waiting = told.of("store.waiting")[0];
    assert!(waiting.1.starts_with("1 waiting, the oldest since 20"), "{waiting:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_to_a_row_and_to_the_files_structure_is_told() {
    let (desk, env) =
        (Desk::new(), [&ENOUGH[1..], &[("ROLODESK_HOST", "https://127.0.0.1:1")]].concat());
    let add =
        ["add", "--first-name", "A", "--last-name", "B", "--phone", "+919876543211", "--wait", "0"];
    assert_eq!(desk.run(&add, &env).code, Some(5));
    let path = desk.path().join(".local/share/rolodesk/store.db");
    change(&path, "UPDATE outbox SET national = 'x', due_at = 0, due_up = 0");
    desk.run(&["sync"], &env);
    doctor(&desk, &env).has_problem(1, "store.rows", &["1 row cannot be read", "log"]);

    let root = "CREATE TABLE root AS SELECT rootpage AS page FROM sqlite_master WHERE name = 'directory_number'";
    change(&path, root);
    let page = page(&path);
    change(&path, "PRAGMA wal_checkpoint(TRUNCATE)");
    let mut bytes = fs::read(&path).unwrap();
    bytes[(page - 1) * 4096..page * 4096].fill(0xff);
    fs::write(&path, bytes).unwrap();
    doctor(&desk, &env).has_problem(1, "store.integrity", &["backup"]);
}

/// The page that the statement above noted.
fn page(path: &std::path::Path) -> usize {
    let other = rusqlite::Connection::open(path).unwrap();
    let page: i64 = other.query_row("SELECT page FROM root", [], |row| row.get(0)).unwrap();
    usize::try_from(page).unwrap()
}

#[test]
fn permissions_that_are_too_loose_are_told_with_the_command_that_mends_them() {
    let platform = platform();
    let text = "[profiles.acme]\nclient_secret = { file = \"key\" }\n";
    let desk = Desk::new().config(text);
    let env: Vec<_> =
        platform.env_with(&[]).into_iter().filter(|it| it.0 != "ROLODESK_CLIENT_SECRET").collect();
    let config = desk.path().join(".config/rolodesk/config.toml");
    let key = desk.path().join(".config/rolodesk/key");
    fs::write(&key, &platform.env[4].1).unwrap();
    let mode = |path: &std::path::Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    mode(&key, 0o600);
    mode(&config, 0o644);
    let told = doctor(&desk, &env);
    assert_eq!(told.code, Some(0), "others may read a file without secrets: {:?}", told.problems());

    for (path, loose, tight, check, code) in [
        (config, 0o666, 0o600, "permissions.config", 2),
        (key, 0o640, 0o600, "permissions.secret", 2),
        (desk.path().join(".local/share/rolodesk/store.db"), 0o644, 0o600, "permissions.store", 1),
        (desk.path().join(".local/share/rolodesk"), 0o755, 0o700, "permissions.data", 1),
        (
            desk.path().join(".local/state/rolodesk/rolodesk.log"),
            0o644,
            0o600,
            "permissions.log",
            1,
        ),
    ] {
        mode(&path, loose);
        let cure = format!("chmod {tight:o} {}", path.display());
        doctor(&desk, &env).has_problem(code, check, &[&format!("{loose:04o}"), &cure]);
        mode(&path, tight);
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, tight, "doctor changed nothing");
    }
}

#[test]
fn the_accounts_limit_is_kept_and_what_is_left_is_told() {
    let (desk, platform) = (Desk::new(), platform());
    let env = platform.env_with(&[("ROLODESK_REQUESTS_PER_MINUTE", "1")]);
    doctor(&desk, &env).has_problem(1, "limit", &["0 of 1 requests left"]);
    let told = doctor(&desk, &env);
    told.has_problem(1, "limit", &["0 of 1 requests left"]);
    assert!(told.of("token")[0].1.contains("no request is left"), "{:?}", told.of("token"));
    let asked = platform.running().requests();
    assert_eq!(asked.iter().filter(|it| it.path.contains("contacts")).count(), 1);
}
