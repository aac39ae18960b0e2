//! What a bank's security office asks of the built program: secrets in answers, files of
//! others, links, homes that are not there, proxies, provisioning.

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::Path,
    process::Command,
};

use crate::{
    cli::{Answer, Desk, ENOUGH},
    journeys::platform,
    secrets::files,
    stub::{Stub, answer},
    terminal::Start,
};

pub const ADD: [&str; 8] =
    ["add", "--json", "--first-name", "Ada", "--last-name", "Tester", "--phone", "+447911123123"];
const JWT: &str =
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIiwiYXBwSWQiOiJjcyJ9.c2lnbmF0dXJl";

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn made(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// No file below the home holds any of these.
#[track_caller]
fn nothing_holds(home: &Path, texts: &[&str]) {
    let mut written = Vec::new();
    files(home, &mut written);
    assert!(written.iter().any(|(name, _)| name.ends_with("store.db")));
    for (name, bytes) in written {
        for text in texts {
            let found = bytes.windows(text.len()).any(|it| it == text.as_bytes());
            assert!(!found, "{name} holds {text}");
        }
    }
}

#[test]
fn a_platform_that_repeats_our_request_puts_no_token_on_the_screen_into_the_store_or_the_log() {
    let secret = ENOUGH[4].1;
    for (status, body) in [
        ("400 Bad Request", format!(r#"{{"errors":[{{"msg":"bad auth {JWT}: {secret}"}}]}}"#)),
        ("400 Bad Request", format!("<p>auth={JWT}</p><p>{secret}</p>")),
        (
            "409 Conflict",
            format!(r#"{{"message":"exists","existing":{{"id":"6b","fullName":"{JWT}"}}}}"#),
        ),
        ("403 Forbidden", format!("auth: {JWT} {secret}")),
        ("500 Oops", format!(r#"{{"headers":{{"auth":"{JWT}"}},"key":"{secret}"}}"#)),
    ] {
        let (desk, stub) = (Desk::new(), Stub::answering(answer(status, "", &body)));
        let host = format!("http://127.0.0.1:{}", stub.address.port());
        let env =
            [&ENOUGH[1..], &[("ROLODESK_HOST", host.as_str()), ("ROLODESK_LOG", "trace")]].concat();
        for args in [&ADD[..], &["results", "--format", "json"], &["status"], &["doctor"]] {
            let Answer { out, err, .. } = desk.run(args, &env);
            let said = out + &err;
            assert!(!said.contains(JWT) && !said.contains(secret), "{args:?}: {said}");
        }
        assert!(!stub.heard().is_empty());
        nothing_holds(desk.path(), &[JWT, &JWT[..40], secret]);
    }
}

#[test]
fn a_secret_file_as_editors_save_it_works_and_doctor_says_what_was_left_out() {
    let (desk, platform) = (Desk::new(), platform());
    let [host, stream, account, client, secret, ..] = &platform.env[..] else { panic!() };
    let path = desk.path().join(".config/rolodesk/key");
    let config = format!(
        "[profiles.acme]\nhost = \"{}\"\nstream_id = \"{}\"\naccount_id = \"{}\"\nclient_id = \
         \"{}\"\nclient_secret = {{ file = \"key\" }}\n",
        host.1, stream.1, account.1, client.1
    );
    let desk = desk.config(&config);
    for (text, word) in [
        (format!("\u{feff}{}\r\n", secret.1), "byte order mark"),
        (format!("  {} \n\n", secret.1), "blanks"),
    ] {
        made(&path, &text);
        mode(&path, 0o600);
        let doctor = desk.run(&["doctor"], &[]);
        assert_eq!(doctor.code, Some(0), "{doctor:?}");
        let line = doctor.out.lines().find(|line| line.starts_with("ok       secret ")).unwrap();
        assert!(line.contains(word), "{line}");
    }
    for (text, part) in [(format!("{0}\n{0}\n", secret.1), "2 lines"), ("x".into(), "one char")] {
        made(&path, &text);
        desk.run(&["token"], &[]).fails(2, &["key", part]);
    }
    fs::remove_file(&path).unwrap();
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    desk.run(&["token"], &[]).fails(2, &["a pipe"]);
}

#[test]
fn a_log_a_store_or_a_configuration_open_to_others_is_refused_with_the_command_that_mends_it() {
    let home = |path: &str| {
        let desk = Desk::new();
        let path = desk.path().join(path);
        made(&path, "");
        mode(&path, 0o666);
        (desk, path)
    };
    for path in [
        ".local/state/rolodesk/rolodesk.log",
        ".local/share/rolodesk/store.db",
        ".config/rolodesk/config.toml",
    ] {
        let (desk, path) = home(path);
        let answer = desk.run(&["status"], &ENOUGH);
        answer.fails(2, &["others may write it", "run: chmod ", &path.display().to_string()]);
        let words = answer.err.trim().rsplit_once("run: ").unwrap().1;
        assert!(Command::new("sh").args(["-c", words]).status().unwrap().success(), "{words}");
        let mended = desk.run(&["status"], &ENOUGH);
        assert!(!mended.err.contains("others may write"), "{mended:?}");
        let doctor = desk.run(&["doctor"], &ENOUGH);
        assert!(!doctor.out.contains("others may write"), "{doctor:?}");
    }
}

#[test]
fn no_link_is_followed_to_write_a_log_and_doctor_says_so() {
    let desk = Desk::new();
    let (log, victim) =
        (desk.path().join(".local/state/rolodesk/rolodesk.log"), desk.path().join("victim"));
    made(&victim, "kept");
    fs::create_dir_all(log.parent().unwrap()).unwrap();
    symlink(&victim, &log).unwrap();
    desk.run(&["status"], &ENOUGH).fails(2, &["the log", "a link", "run: rm "]);
    let doctor = desk.run(&["doctor"], &ENOUGH);
    assert!(doctor.out.contains("a link, which is not followed"), "{doctor:?}");
    assert_eq!(fs::read_to_string(&victim).unwrap(), "kept");
}

#[test]
fn without_a_home_nothing_of_the_current_folder_is_read_or_made() {
    let desk = Desk::new();
    let config = desk.path().join(".config/rolodesk/config.toml");
    made(&config, "steam = \"a mistake that would be told\"\n");
    let run = |home: &str, env: &[(&str, &str)]| -> Answer {
        let mut command = desk.command(&["status"], env);
        command.env("HOME", home).output().unwrap().into()
    };
    for home in [".", "relative"] {
        run(home, &ENOUGH).fails(2, &["HOME", "--data-dir"]);
        let data = desk.path().join("data").display().to_string();
        let env = [&ENOUGH[..], &[("ROLODESK_DATA_DIR", data.as_str())]].concat();
        run(home, &env).succeeds();
    }
    assert!(!desk.path().join(".local").exists() && !desk.path().join("relative").exists());
}

#[test]
fn the_demos_folder_is_private_under_every_umask_and_a_killed_runs_is_removed() {
    let home = tempfile::tempdir().unwrap();
    let temporary = home.path().join("tmp");
    fs::create_dir(&temporary).unwrap();
    let demos = || -> Vec<_> {
        let all = fs::read_dir(&temporary).unwrap().flatten().map(|entry| entry.path());
        all.filter(|path| path.display().to_string().contains("rolodesk-demo-")).collect()
    };
    let start = |umask: &str| {
        let program = env!("CARGO_BIN_EXE_rolodesk");
        let words = format!("umask {umask}; exec {program} --demo");
        let variable = ("TMPDIR".to_owned(), temporary.display().to_string());
        let shell = Path::new("/bin/sh");
        let mut session = Start::program(shell, home.path(), &["-c", &words]).env([variable]).run();
        session.sees("New contact");
        session
    };
    let mut killed = start("0000");
    let [left] = &demos()[..] else { panic!("{:?}", demos()) };
    assert_eq!(fs::metadata(left).unwrap().permissions().mode() & 0o777, 0o700);
    killed.signal("KILL");
    killed.ends();
    assert!(left.exists(), "nobody could remove it");
    let mut next = start("0277");
    let [now] = &demos()[..] else { panic!("{:?}", demos()) };
    assert!(now != left && !left.exists());
    assert_eq!(fs::metadata(now).unwrap().permissions().mode() & 0o777, 0o700);
    next.signal("KILL");
    next.ends();
}

#[test]
fn every_spelling_of_an_exempt_host_goes_past_the_proxy_and_one_that_is_no_address_is_told() {
    let proxy = Stub::answering(answer("502 Bad Gateway", "", ""));
    let address = format!("http://127.0.0.1:{}", proxy.address.port());
    let ask = |proxy: &str, exempt: &str, args: &[&str]| {
        let host = ("ROLODESK_HOST", "https://platform.example.invalid");
        let more = [host, ("HTTPS_PROXY", proxy), ("NO_PROXY", exempt)];
        // Of one number one contact is sent at a time: each in a home of its own.
        Desk::new().run(args, &[&ENOUGH[1..], &more].concat())
    };
    for exempt in ["*.example.invalid", "platform.example.invalid:443"] {
        let doctor = ask(&address, exempt, &["doctor"]);
        assert!(doctor.out.contains("ok       proxy                none\n"), "{doctor:?}");
        ask(&address, exempt, &[&ADD[..], &["--wait", "1"]].concat());
    }
    assert_eq!(proxy.heard(), Vec::<String>::new());
    let doctor = ask("::bad::", "", &["doctor"]);
    let line = doctor.out.lines().find(|line| line.contains(" proxy ")).unwrap();
    assert!(line.starts_with("PROBLEM") && line.contains("HTTPS_PROXY"), "{line}");
    let added = ask("::bad::", "", &[&ADD[..], &["--wait", "5"]].concat());
    assert!(added.out.contains("HTTPS_PROXY") && !added.out.contains("::bad::"), "{added:?}");
    assert_eq!(added.code, Some(5), "{added:?}");
}

#[test]
fn provisioning_asks_nothing_and_writes_only_what_the_platform_accepts() {
    let (desk, platform) = (Desk::new(), platform());
    let more = [("ROLODESK_MAX_BATCH", "7"), ("ROLODESK_SALUTATIONS", "Mr,Mrs,Dr")];
    let env = platform.env_with(&more);
    let quiet = ["setup", "--from-env", "--non-interactive", "--profile", "acme"];
    let config = desk.path().join(".config/rolodesk/config.toml");
    let checked = desk.run(&[&quiet[..], &["--check"]].concat(), &env);
    assert_eq!((checked.code, config.exists()), (Some(0), false), "{checked:?}");
    let wrong =
        platform.env_with(&[("ROLODESK_CLIENT_SECRET", "another-secret-of-32-characters!")]);
    assert_eq!(desk.run(&quiet, &wrong).code, Some(3));
    assert!(!config.exists());
    let missing = desk.run(&quiet, &env[1..3]);
    missing.fails(2, &["ROLODESK_HOST", "ROLODESK_CLIENT_SECRET"]);
    let written = desk.run(&quiet, &env);
    assert_eq!(written.code, Some(0), "{written:?}");
    let text = fs::read_to_string(&config).unwrap();
    assert!(
        text.contains("max_batch = 7\n") && text.contains("[\"Mr\", \"Mrs\", \"Dr\"]"),
        "{text}"
    );
    assert!(!text.contains(&platform.env[4].1));
    let again = desk.run(&["setup", "--non-interactive", "--check"], &[]);
    assert_eq!(again.code, Some(0), "what is written works alone: {again:?}");
}

#[test]
fn setup_writes_over_no_other_profiles_secret() {
    let (desk, platform) = (Desk::new(), platform());
    let env = platform.env_with(&[]);
    let of = |profile: &str, file: Option<&str>| {
        let mut args = vec!["setup", "--from-env", "--non-interactive", "--profile", profile];
        args.extend(file.into_iter().flat_map(|file| ["--config", file]));
        let answer = desk.run(&args, &env);
        assert_eq!(answer.code, Some(0), "{answer:?}");
    };
    let folder = desk.path().join(".config/rolodesk");
    of("a b", None);
    let first = folder.join("a_b.secret");
    fs::write(&first, "the first profile's").unwrap();
    of("a.b", None);
    of("a b", Some(&folder.join("other.toml").display().to_string()));
    assert_eq!(fs::read_to_string(&first).unwrap(), "the first profile's");
    let shared = fs::read_to_string(folder.join("config.toml")).unwrap();
    fs::write(folder.join("config.toml"), shared.replace("a_b-2.secret", "a_b.secret")).unwrap();
    of("a.b", None);
    assert_eq!(fs::read_to_string(&first).unwrap(), "the first profile's", "both named it");
}

#[test]
fn a_bundle_holds_what_helps_and_nothing_of_anybody() {
    let (desk, platform) = (Desk::new(), platform());
    let env = platform.env_with(&[("ROLODESK_LOG", "trace")]);
    desk.run(&ADD, &env).succeeds();
    let token = desk.run(&["token"], &env).out.trim().to_owned();
    let path = desk.path().join("bundle.txt");
    let answer = desk.run(&["doctor", "--bundle", "bundle.txt"], &env);
    assert_eq!(answer.code, Some(0), "{answer:?}");
    let last = answer.out.lines().last().unwrap();
    assert!(last.starts_with("summary  ") && last.contains(" ok, 0 problems, "), "{last}");
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    for part in ["rolodesk 0.", "config.host", "created    1", "== the log", last] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    let home = desk.path().display().to_string();
    for none in ["Ada", "7911123123", &platform.env[4].1, &token, &home] {
        assert!(!text.contains(none), "{none} in {text}");
    }
}

#[test]
fn a_running_program_leaves_no_core_dump() {
    use std::io::{BufRead as _, BufReader};
    let desk = Desk::new();
    let mut command = desk.command(&["sandbox", "--listen", "127.0.0.1:0"], &[]);
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let limits = fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "{core}");
}

#[test]
fn a_machine_without_certificates_reaches_what_listens_on_itself() {
    let (desk, platform) = (Desk::new(), platform());
    let nowhere = [("SSL_CERT_FILE", "/nowhere/ca.pem"), ("SSL_CERT_DIR", "/nowhere")];
    desk.run(&ADD, &platform.env_with(&nowhere)).succeeds();
}

/// The audit trail's lines.
fn audit(desk: &Desk) -> Vec<serde_json::Value> {
    let text = fs::read_to_string(desk.path().join(".local/state/rolodesk/audit.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn the_audit_trail_tells_who_did_what_and_names_nobody() {
    let (desk, platform) = (Desk::new(), platform());
    let env = platform.env_with(&[]);
    desk.run(&ADD, &env).succeeds();
    desk.run(&["results", "--format", "csv", "--output", "shift.csv"], &env).succeeds();
    desk.run(&["setup", "--from-env", "--non-interactive"], &env);
    desk.run(&["purge", "--name", "ada tester"], &env).succeeds();
    let lines = audit(&desk);
    let verbs: Vec<_> = lines.iter().map(|line| line["verb"].as_str().unwrap()).collect();
    assert_eq!(verbs, ["submit", "create", "export", "settings", "purge"], "{lines:?}");
    assert_eq!(lines[0]["row"], lines[1]["row"]);
    assert_eq!((&lines[1]["outcome"], &lines[4]["row"]), (&"created".into(), &lines[0]["row"]));
    assert_eq!(lines[1]["contact"], lines[4]["contact"]);
    for line in &lines {
        assert!(line["at"].is_string() && line["user"].is_string() && line["agent"].is_string());
    }
    let text = format!("{lines:?}");
    assert!(!text.contains("Ada") && !text.contains("7911"), "{text}");
    let path = desk.path().join(".local/state/rolodesk/audit.jsonl");
    assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn an_audit_trail_that_cannot_be_written_is_told_and_the_contact_goes_out_all_the_same() {
    let (desk, platform) = (Desk::new(), platform());
    fs::create_dir_all(desk.path().join(".local/state/rolodesk/audit.jsonl")).unwrap();
    let added = desk.run(&ADD, &platform.env_with(&[]));
    assert_eq!(added.code, Some(0), "{added:?}");
    assert!(added.out.contains("\"created\""), "{added:?}");
    assert!(added.err.contains("the audit trail cannot be written"), "{added:?}");
}

#[test]
fn the_agent_stands_in_the_token_where_the_subject_says_so() {
    let desk = Desk::new();
    let env = [&ENOUGH[..], &[("ROLODESK_SUBJECT", "desk:{user}")]].concat();
    let token = desk.run(&["token"], &env).succeeds().to_owned();
    let claims = token.split('.').nth(1).unwrap();
    let decoded = Command::new("sh")
        .args(["-c", &format!("printf %s '{claims}==' | tr _- /+ | base64 -di")])
        .output()
        .unwrap();
    let claims = String::from_utf8_lossy(&decoded.stdout).into_owned();
    let name = rolodesk::private::user::name();
    assert!(claims.contains(&format!("\"sub\":\"desk:{name}\"")), "{claims}");
}

#[test]
fn an_exported_file_is_private_quoted_and_reads_back_as_it_was() {
    let (desk, platform) = (Desk::new(), platform());
    let env = platform.env_with(&[]);
    let name = "\u{a0}=cmd|'/c calc';=1";
    let add = ["add", "--first-name", name, "--last-name", "+Roe", "--phone", "+447911123123"];
    let added = desk.run(&[&add[..], &["--json"]].concat(), &env);
    let kept: serde_json::Value = serde_json::from_str(added.out.lines().last().unwrap()).unwrap();
    desk.run(&["results", "--format", "csv", "--output", "a.csv"], &env).succeeds();
    let path = desk.path().join("a.csv");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.lines().all(|line| line.starts_with('"') && line.ends_with('"')), "{text}");
    for cell in text.split("\",\"").flat_map(|cell| cell.split(';')) {
        let seen = cell.trim_start_matches(['"', ' ', '\u{a0}']);
        assert!(!seen.starts_with(['=', '+', '-', '@']), "{cell} in {text}");
    }
    let dry = desk.run(&["import", "a.csv", "--dry-run", "--json"], &env);
    let row: serde_json::Value = serde_json::from_str(dry.out.lines().next().unwrap()).unwrap();
    assert_eq!(row["full_name"], kept["full_name"], "{dry:?}");
}

#[test]
fn a_purge_erases_a_person_from_every_file_and_says_what_it_removed() {
    let (desk, platform) = (Desk::new(), platform());
    let env = platform.env_with(&[]);
    let data = desk.path().join(".local/share/rolodesk");
    desk.run(&ADD, &env).succeeds();
    let other = ["add", "--first-name", "Bo", "--last-name", "Kept", "--phone", "+447911123124"];
    desk.run(&other, &env).succeeds();
    desk.run(&["contacts", "--refresh"], &env);
    fs::write(data.join("store.db.before-2"), "Ada Tester +447911123123").unwrap();
    let dry = desk.run(&["purge", "--number", "07911 123123", "--region", "GB", "--dry-run"], &env);
    assert!(dry.succeeds().starts_with("Would remove 1 row, "), "{dry:?}");
    assert!(data.join("store.db.before-2").exists());
    let purged = desk.run(&["purge", "--number", "07911 123123", "--region", "GB"], &env);
    for part in ["Removed 1 row", "1 attempt", "1 contact of", "the copy store.db.before-2"] {
        assert!(purged.succeeds().contains(part), "{part} in {purged:?}");
    }
    nothing_holds(desk.path(), &["Ada", "Tester", "7911123123"]);
    let left = desk.run(&["status", "--json"], &env);
    assert!(left.succeeds().contains("\"created\":1"), "{left:?}");
    let again = desk.run(&["purge", "--name", "Ada Tester", "--json"], &env);
    assert!(again.succeeds().contains("\"rows\":0"), "{again:?}");
    assert_eq!(platform.running().requests().iter().filter(|it| it.method == "DELETE").count(), 0);
}

#[test]
fn what_is_not_settled_is_not_erased() {
    let desk = Desk::new();
    let nowhere = [&ENOUGH[1..], &[("ROLODESK_HOST", "http://127.0.0.1:9")]].concat();
    desk.run(&[&ADD[..], &["--wait", "0"]].concat(), &nowhere);
    for whom in [["--number", "+447911123123"], ["--name", "Ada Tester"], ["--older-than", "0s"]] {
        let answer = desk.run(&[&["purge"][..], &whom].concat(), &nowhere);
        assert_eq!(answer.code, Some(4), "{answer:?}");
        assert!(answer.out.contains("1 not settled yet"), "{answer:?}");
    }
    let left = desk.run(&["status", "--json"], &nowhere);
    assert!(left.succeeds().contains("\"queued\":1"), "{left:?}");
    desk.run(&["purge"], &nowhere);
    let none = desk.run(&["purge", "--number", "12"], &nowhere);
    none.fails(2, &["--number"]);
}

#[test]
fn what_is_older_than_the_days_to_keep_goes_by_itself() {
    let (desk, platform) = (Desk::new(), platform());
    desk.run(&ADD, &platform.env_with(&[])).succeeds();
    let change = "UPDATE outbox SET submitted_at = 0";
    crate::store::change(&desk.path().join(".local/share/rolodesk/store.db"), change);
    let env = platform.env_with(&[("ROLODESK_KEEP_DAYS", "30")]);
    desk.run(&["sync"], &env);
    let left = desk.run(&["status", "--json"], &env);
    assert!(left.succeeds().contains("\"created\":0"), "{left:?}");
    assert_eq!(audit(&desk).last().unwrap()["verb"], "purge");
    let wrong = platform.env_with(&[("ROLODESK_KEEP_DAYS", "0")]);
    desk.run(&["status"], &wrong).fails(2, &["`keep_days` is 0"]);
}

#[test]
fn the_counts_of_reasons_tell_what_a_floor_waits_for() {
    let desk = Desk::new();
    let nowhere = [&ENOUGH[1..], &[("ROLODESK_HOST", "http://127.0.0.1:9")]].concat();
    desk.run(&[&ADD[..], &["--wait", "4"]].concat(), &nowhere);
    let status = desk.run(&["status", "--json"], &nowhere);
    let told: serde_json::Value = serde_json::from_str(status.succeeds()).unwrap();
    assert_eq!(told["reasons"], serde_json::json!({ "not_reached": 1 }), "{told}");
}
