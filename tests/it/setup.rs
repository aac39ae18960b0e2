//! `setup` as a process: its answers on a pipe, and typed at a terminal.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use rolodesk::sandbox::SandboxSettings;

use crate::{
    cli::{Answer, Desk},
    journeys::{Platform, platform},
    stub::Stub,
    terminal::{CTRL_C, ENTER, Session, Start},
};

/// The answers that point a profile at the sandbox, up to the secret.
fn ids(platform: &Platform) -> Vec<&str> {
    let value = |at: usize| platform.env[at].1.as_str();
    vec![value(0), value(1), value(2), value(3)]
}

/// Every answer, with this secret.
fn answers<'a>(platform: &'a Platform, secret: &'a str) -> Vec<&'a str> {
    [&ids(platform)[..], &[secret, "", "india"]].concat()
}

fn secret(platform: &Platform) -> &str {
    &platform.env[4].1
}

fn config_of(desk: &Desk) -> String {
    fs::read_to_string(desk.path().join(".config/rolodesk/config.toml")).unwrap_or_default()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_profile_is_asked_for_tried_written_privately_and_works() {
    let (desk, platform) = (Desk::new(), platform());
    let lines = [&answers(&platform, secret(&platform))[..], &["file"]].concat();
    let answer = desk.typed(&["setup", "--profile", "acme"], &[], &lines);
    assert_eq!(answer.code, Some(0), "{answer:?}");
    assert!(answer.err.contains("It accepts us."), "{answer:?}");
    assert!(!answer.err.contains(secret(&platform)), "{answer:?}");
    let text = config_of(&desk);
    assert!(text.starts_with("default_profile = \"acme\"\n\n[profiles.acme]\n"), "{text}");
    assert!(text.contains("client_secret = { file = \"acme.secret\" }"), "{text}");
    assert!(!text.contains(secret(&platform)));
    let folder = desk.path().join(".config/rolodesk");
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(
        (mode(&folder.join("config.toml")), mode(&folder.join("acme.secret"))),
        (0o600, 0o600)
    );
    let doctor = desk.run(&["doctor"], &[]);
    assert_eq!(doctor.code, Some(0), "{doctor:?}");
    let spent = platform.running().requests().len();
    assert_eq!(spent, 2, "one request for setup and one for doctor");
}

#[test]
fn what_is_wrong_is_told_and_asked_again_and_a_pasted_address_gives_two_answers() {
    let (desk, platform) = (Desk::new(), platform());
    let [host, stream, account, client, ..] = ids(&platform)[..] else { panic!() };
    let console = format!("  {host}/builder/app/{stream}/overview?x=1");
    let blanks = format!("{} {}", &account[..5], &account[5..]);
    let lines = [
        "http://platform.example",
        console.as_str(),
        "",
        "",
        blanks.as_str(),
        "x/y",
        client,
        "",
        secret(&platform),
        "RS256",
        "hs-256",
        "Atlantis",
        "none",
        "file",
    ];
    let answer = desk.typed(&["setup"], &[], &lines);
    assert_eq!(answer.code, Some(0), "{answer:?}");
    for told in [
        "Platform's URL: must begin with https://",
        "Account id: is needed",
        "Client id: holds `/`",
        "Signing algorithm: must be HS256, HS384 or HS512",
        "Default country: is no country",
        "Client secret: is needed",
    ] {
        assert!(answer.err.contains(told), "{told} in {}", answer.err);
    }
    let text = config_of(&desk);
    for kept in [stream, account, client, "algorithm = \"HS256\""] {
        assert!(text.contains(kept), "{kept} in {text}");
    }
    assert!(!text.contains("default_region"), "{text}");
}

#[test]
fn other_profiles_comments_and_the_default_stay_and_present_values_are_offered() {
    let platform = platform();
    let before = "# ours\ndefault_profile = \"day\"\n\n[profiles.day]\nhost = \
                  \"https://day.example\" # by day\n\n[profiles.night]\nmax_batch = 7\nstream_id = \
                  \"st-old\" # old\n";
    let desk = Desk::new().config(before);
    let mut lines = answers(&platform, secret(&platform));
    lines[1] = "";
    let lines = [&lines[..], &["save", "file"]].concat();
    let answer = desk.typed(&["setup", "--profile", "night"], &[], &lines);
    assert_eq!(answer.code, Some(0), "{answer:?}");
    assert!(answer.err.contains("Stream (bot) id [st-old]"), "{answer:?}");
    let text = config_of(&desk);
    let head = before.split("stream_id").next().unwrap();
    assert!(text.starts_with(head) && text.contains("stream_id = \"st-old\" # old\n"), "{text}");
}

#[test]
fn the_only_profile_there_was_stays_the_default() {
    let platform = platform();
    let desk = Desk::new().config("[profiles.day]\nmax_batch = 7\n");
    let lines = [&answers(&platform, secret(&platform))[..], &["file"]].concat();
    assert_eq!(desk.typed(&["setup", "--profile", "night"], &[], &lines).code, Some(0));
    assert!(config_of(&desk).starts_with("default_profile = \"day\"\n"), "{}", config_of(&desk));
}

#[test]
fn a_platform_that_refuses_or_is_not_there_leaves_the_choice_and_its_exit_code() {
    let mut platform = Platform::start(SandboxSettings::demo());
    let desk = Desk::new();
    let refused = [&answers(&platform, "wrong")[..], &["stop"]].concat();
    let answer = desk.typed(&["setup"], &[], &refused);
    assert_eq!(answer.code, Some(3), "{answer:?}");
    assert!(answer.err.contains("Configuration") && answer.err.contains("as it was"));
    let again = [
        &answers(&platform, "wrong")[..],
        &["again", "", "", "", "", secret(&platform), "", "", "file"],
    ]
    .concat();
    assert_eq!(desk.typed(&["setup"], &[], &again).code, Some(0));
    let desk = Desk::new();
    platform.stop();
    let gone = [&answers(&platform, "s3cret")[..], &["stop"]].concat();
    let answer = desk.typed(&["setup"], &[], &gone);
    assert_eq!(answer.code, Some(1), "{answer:?}");
    assert!(
        answer.err.contains("refuses connections") && config_of(&desk).is_empty(),
        "{answer:?}"
    );
    let saved = [&answers(&platform, "s3cret")[..], &["save", "file"]].concat();
    assert_eq!(desk.typed(&["setup"], &[], &saved).code, Some(0));
    assert!(config_of(&desk).contains("[profiles.default]"));
}

#[test]
fn input_that_ends_or_a_file_that_is_broken_writes_nothing() {
    let desk = Desk::new();
    let answer = desk.typed(&["setup"], &[], &["", "st-1"]);
    assert_eq!(answer.code, Some(2), "{answer:?}");
    assert!(answer.err.contains("the input ended") && config_of(&desk).is_empty(), "{answer:?}");
    let desk = Desk::new().config("[profiles.acme]\nhostt = 1\n");
    desk.run(&["setup"], &[]).fails(2, &["config.toml, line 2", "did you mean `host`"]);
    assert_eq!(config_of(&desk), "[profiles.acme]\nhostt = 1\n");
}

#[test]
fn a_script_may_end_after_the_secret_and_gets_the_defaults() {
    let (desk, platform) = (Desk::new(), platform());
    let lines = [&ids(&platform)[..], &[secret(&platform)]].concat();
    let answer = desk.typed(&["setup"], &[], &lines);
    assert_eq!(answer.code, Some(0), "{answer:?}");
    assert!(answer.err.contains("\nThe secret cannot be put into the keyring"), "{answer:?}");
    assert!(answer.err.contains("keyring   try again, in the desktop's"), "{answer:?}");
    let text = config_of(&desk);
    assert!(text.contains("algorithm = \"HS256\"") && !text.contains("region"), "{text}");
    assert!(text.contains("client_secret = { file = \"default.secret\" }"), "{text}");

    // A present value that cannot be, or a place that fails, is not tried for ever.
    for algorithm in ["RS256", "HS256"] {
        let wrong = format!("[profiles.acme]\nalgorithm = \"{algorithm}\"\n");
        let desk = Desk::new().config(&wrong);
        fs::create_dir(desk.path().join(".config/rolodesk/acme.secret")).unwrap();
        let answer = desk.typed(&["setup"], &[], &lines);
        assert_eq!(answer.code, Some(2), "{answer:?}");
        assert!(answer.err.contains("the input ended"), "{answer:?}");
        assert_eq!(config_of(&desk), wrong);
    }
    let refused = [&ids(&platform)[..], &["wrong"]].concat();
    let answer = Desk::new().typed(&["setup"], &[], &refused);
    assert_eq!(answer.code, Some(3), "{answer:?}");
}

#[test]
fn at_a_terminal_an_input_that_ends_takes_no_default() {
    let (home, platform) = (tempfile::tempdir().unwrap(), platform());
    let mut session = at_the_secret(home.path(), &platform);
    session.tty().waits_for_echo(false);
    session.keys(secret(&platform)).keys(ENTER).sees("algorithm").keys("\u{4}");
    assert_eq!(session.ends().exit_code(), 2);
    session.sees("the input ended");
    assert!(!home.path().join(".config").exists(), "something was written");
}

#[test]
fn a_file_that_was_named_is_made_and_one_that_cannot_be_leaves_the_choice() {
    let (desk, platform) = (Desk::new(), platform());
    let lines = [&answers(&platform, secret(&platform))[..], &["file"]].concat();
    let named = ["setup", "--config", "own/rolodesk.toml", "--profile", "x"];
    let answer = desk.typed(&named, &[], &lines);
    assert_eq!(answer.code, Some(0), "{answer:?}");
    assert!(answer.err.contains("It accepts us."), "{answer:?}");
    assert_eq!(desk.run(&["--config", "own/rolodesk.toml", "doctor"], &[]).code, Some(0));

    fs::write(desk.path().join("plain"), "").unwrap();
    let lines = [&answers(&platform, secret(&platform))[..], &["save"]].concat();
    let lines = [&lines[..], &["variable", "KORE", "again", "stop"]].concat();
    let variables = [("KORE", secret(&platform)), ("ROLODESK_CONFIG", "plain/config.toml")];
    let answer = desk.typed(&["setup"], &variables, &lines);
    assert_eq!(answer.code, Some(1), "{answer:?}");
    assert!(answer.err.contains("plain/config.toml: Not a directory"), "{answer:?}");
}

#[test]
fn where_there_is_no_keyring_a_variable_or_a_command_may_hold_the_secret() {
    let (desk, platform) = (Desk::new(), platform());
    let script = desk.path().join("pass");
    fs::write(&script, format!("#!/bin/sh\necho {}\n", secret(&platform))).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o700)).unwrap();
    let script = script.display().to_string();
    let begun = answers(&platform, secret(&platform));
    let by_command =
        [&begun[..], &["command", "false", "command", "echo other", "command", &script]];
    let answer: Answer = desk.typed(&["setup"], &[], &by_command.concat());
    assert_eq!(answer.code, Some(0), "{answer:?}");
    assert!(
        answer.err.contains("`false`") && answer.err.contains("holds another secret"),
        "{answer:?}"
    );
    assert_eq!(desk.run(&["doctor"], &[]).code, Some(0));
    let text = config_of(&desk);
    assert!(text.contains("client_secret = { command = [") && !text.contains(secret(&platform)));

    let desk = Desk::new();
    let by_variable = [&begun[..], &["variable", "1X", "KORE"]].concat();
    let answer = desk.typed(&["setup"], &[], &by_variable);
    assert!(answer.err.contains("Set KORE before you start rolodesk"), "{answer:?}");
    assert!(config_of(&desk).contains("client_secret = { env = \"KORE\" }"));
    assert_eq!(desk.run(&["doctor"], &[("KORE", secret(&platform))]).code, Some(0));
}

#[cfg(feature = "keyring")]
#[test]
fn a_keyring_that_hangs_costs_seconds_and_not_the_secret() {
    let (desk, platform) = (Desk::new(), platform());
    let socket = desk.path().join("bus");
    let _bus = Stub::mute_bus(&socket);
    let bus = format!("unix:path={}", socket.display());
    let lines = [&answers(&platform, secret(&platform))[..], &["file"]].concat();
    let answer = desk.typed(&["setup"], &[("DBUS_SESSION_BUS_ADDRESS", &bus)], &lines);
    assert_eq!(answer.code, Some(0), "{answer:?}");
    assert!(answer.err.contains("does not answer"), "{answer:?}");
    let kept = fs::read_to_string(desk.path().join(".config/rolodesk/default.secret")).unwrap();
    assert_eq!(kept, secret(&platform));
}

/// Types up to the question for the secret.
fn at_the_secret(home: &Path, platform: &Platform) -> Session {
    let dumb = [("TERM", "dumb"), ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")];
    let dumb = dumb.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut session = Start::new(home, &["setup"]).env(dumb).size(80, 24).run();
    let questions = ["URL", "Stream", "Account", "Client id"];
    for (question, text) in questions.iter().zip(ids(platform)) {
        session.sees(question).keys(text).keys(ENTER);
    }
    session.sees("typed unseen");
    session
}

#[test]
fn at_a_terminal_the_secret_is_not_shown_and_no_cursor_moves() {
    let (home, platform) = (tempfile::tempdir().unwrap(), platform());
    let mut session = at_the_secret(home.path(), &platform);
    let tty = session.tty();
    tty.waits_for_echo(false);
    session.keys(secret(&platform)).keys(ENTER);
    session.sees("algorithm").keys(ENTER).sees("country").keys("india").keys(ENTER);
    session.sees("Where?").keys(ENTER);
    assert!(session.ends().success());
    session.sees("The profile `default` is in");
    let raw = String::from_utf8(session.raw()).unwrap();
    assert!(!raw.contains(&secret(&platform)[..8]) && !raw.contains('\u{1b}'), "{raw}");
    tty.waits_for_echo(true);
}

#[test]
fn ctrl_c_and_a_signal_at_the_secret_give_the_echo_back() {
    let (home, platform) = (tempfile::tempdir().unwrap(), platform());
    let mut session = at_the_secret(home.path(), &platform);
    let tty = session.tty();
    tty.waits_for_echo(false);
    session.keys("half of a sec").keys(CTRL_C);
    assert_eq!(session.ends().exit_code(), 130);
    tty.waits_for_echo(true);
    let mut session = at_the_secret(home.path(), &platform);
    let tty = session.tty();
    tty.waits_for_echo(false);
    session.signal("TERM");
    assert_eq!(session.ends().exit_code(), 143);
    tty.waits_for_echo(true);
    assert!(!home.path().join(".config").exists(), "something was written");
}
