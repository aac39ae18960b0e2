//! The commands as a shell sees them: output, errors, exit codes, with an empty HOME.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::Value;

const PROFILE: [(&str, &str); 5] = [
    ("ROLODESK_HOST", "http://127.0.0.1:1"),
    ("ROLODESK_STREAM_ID", "st-1"),
    ("ROLODESK_ACCOUNT_ID", "a-1"),
    ("ROLODESK_CLIENT_ID", "cs-1"),
    ("ROLODESK_CLIENT_SECRET", "very secret"),
];

fn command(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rolodesk"));
    command.args(arguments).env_clear().env("HOME", home).stdin(Stdio::null());
    command
}

fn run(arguments: &[&str], env: &[(&str, &str)]) -> (i32, String, String) {
    let home = tempfile::tempdir().unwrap();
    let Output { status, stdout, stderr } =
        command(home.path(), arguments).envs(env.iter().copied()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

#[test]
fn without_a_profile_a_sentence_says_how_to_get_one() {
    for arguments in [&["status"][..], &["token"]] {
        let (code, out, error) = run(arguments, &[]);
        assert_eq!((code, out.as_str()), (2, ""));
        assert!(error.contains("--demo") && error.contains("config.toml"), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
}

#[test]
fn the_form_without_a_terminal_says_so_in_one_line() {
    let (code, _, error) = run(&[], &PROFILE);
    assert_eq!(code, 2);
    assert!(error.contains("needs a terminal") && error.lines().count() == 1, "{error}");
}

#[test]
fn wrong_usage_is_exit_2_and_help_is_exit_0() {
    assert_eq!(run(&["frobnicate"], &[]).0, 2);
    assert_eq!(run(&["--demo", "--profile", "x"], &[]).0, 2);
    let (code, out, _) = run(&["--help"], &[]);
    assert!(code == 0 && out.contains("--demo") && out.contains("ROLODESK_HOST"), "{out}");
    for command in ["status", "sandbox", "token", "completions", "man"] {
        let (code, out, _) = run(&[command, "--help"], &[]);
        let examples = out.matches(&format!("  rolodesk {command}")).count()
            + out.matches("$(rolodesk token)").count();
        assert!(code == 0 && examples >= 2, "{command}: {out}");
    }
}

#[test]
fn status_tells_what_there_is_as_text_and_as_one_object() {
    let (code, out, _) = run(&["status"], &PROFILE);
    assert!(code == 0 && out.contains("0 queued") && out.contains("60 of 60"), "{out}");
    let (code, out, _) = run(&["status", "--json"], &PROFILE);
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, out.lines().count()), (0, 1));
    assert_eq!(report["queued"], 0);
    assert_eq!(report["requests_left"], 60);
}

#[test]
fn a_token_is_printed_alone_and_the_secret_nowhere() {
    let (code, out, error) = run(&["token"], &PROFILE);
    assert_eq!((code, out.lines().count(), error.as_str()), (0, 1, ""));
    assert_eq!(out.trim().split('.').count(), 3);
    let (code, out, error) = run(&["token"], &[&PROFILE[1..], &[("ROLODESK_HOST", "x")]].concat());
    assert_eq!(code, 2);
    assert!(!format!("{out}{error}").contains("very secret"), "{error}");
}

#[test]
fn faults_that_are_none_are_told_with_those_there_are() {
    let (code, _, error) = run(&["sandbox", "--fault", "drop=1"], &[]);
    assert!(code == 2 && error.contains("drop-before"), "{error}");
    let (code, _, error) = run(&["sandbox", "--listen", "0.0.0.0:0"], &[]);
    assert!(code == 2 && error.contains("this machine only"), "{error}");
    let (code, out, _) = run(&["sandbox", "--fault", "help"], &[]);
    assert!(code == 0 && out.contains("drop-after"), "{out}");
}

#[test]
fn the_sandbox_prints_lines_that_a_profile_can_be_made_of() {
    let home = tempfile::tempdir().unwrap();
    let mut sandbox = command(home.path(), &["sandbox", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(sandbox.stdout.take().unwrap()).lines().map(Result::unwrap);
    let env: Vec<_> = lines
        .filter_map(|line| line.strip_prefix("export ").map(str::to_owned))
        .take(5)
        .map(|line| line.split_once('=').map(|(k, v)| (k.to_owned(), v.to_owned())).unwrap())
        .collect();
    let (code, out, error) =
        run(&["token"], &env.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect::<Vec<_>>());
    sandbox.kill().unwrap();
    sandbox.wait().unwrap();
    assert_eq!(code, 0, "{out}{error}");
}

#[test]
fn completions_and_the_manual_page_are_printed() {
    assert!(run(&["completions", "bash"], &[]).1.contains("rolodesk"));
    assert!(run(&["man"], &[]).1.contains(".TH"));
}

#[test]
fn the_log_holds_no_secret_even_at_its_loudest() {
    let home = tempfile::tempdir().unwrap();
    let status = command(home.path(), &["token"])
        .envs(PROFILE)
        .env("ROLODESK_LOG", "trace")
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
    let log = std::fs::read(home.path().join(".local/state/rolodesk/rolodesk.log")).unwrap();
    assert!(!String::from_utf8_lossy(&log).contains("very secret"));
}
