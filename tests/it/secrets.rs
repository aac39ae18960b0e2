//! Secrets: every command at its loudest against a platform that refuses and one that
//! accepts, and the secret and every token searched for in all that was said and written.

use std::{fs, path::Path, time::Instant};

use crate::{
    cli::{Answer, Desk, ENOUGH},
    journeys::platform,
    stub::Stub,
};

const ADD: [&str; 7] = ["add", "--first-name", "A", "--last-name", "B", "--phone", "+919876543211"];

/// Every file below a folder.
pub fn files(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|it| it == text.as_bytes())
}

#[test]
fn no_command_at_its_loudest_says_or_writes_the_secret_or_a_token() {
    let (desk, platform) = (Desk::new(), platform());
    let mut secrets = vec![platform.env[4].1.clone(), "marked-secret-of-a-wrong-app".to_owned()];
    for secret in secrets.clone() {
        let env =
            platform.env_with(&[("ROLODESK_CLIENT_SECRET", &secret), ("ROLODESK_LOG", "trace")]);
        let printed = desk.run(&["token"], &env).out.trim().to_owned();
        secrets.push(printed);
        for args in [
            &ADD[..],
            &["add", "--json", "--first-name", "A", "--last-name", "B", "--phone", "1"],
            &["sync"],
            &["results", "--format", "json"],
            &["status", "--json"],
            &["doctor"],
            &["doctor", "--json"],
            &["man"],
            &["completions", "bash"],
            &["--config", "none.toml", "status"],
        ] {
            let answer: Answer = desk.run(args, &env);
            let said = format!("{}{}", answer.out, answer.err);
            assert!(secrets.iter().all(|it| !said.contains(it.as_str())), "{args:?}: {answer:?}");
        }
    }
    let sent = platform.running().requests();
    let tokens = sent.iter().flat_map(|request| &request.headers).filter(|it| it.0 == "auth");
    secrets.extend(tokens.map(|(_, token)| token.clone()));
    assert!(secrets.len() > 6, "too few tokens to look for: {}", secrets.len());
    let mut written = Vec::new();
    files(desk.path(), &mut written);
    assert!(written.iter().any(|(name, _)| name.ends_with("rolodesk.log")));
    assert!(written.iter().any(|(name, _)| name.ends_with("store.db")));
    for (name, bytes) in written {
        let found = secrets.iter().find(|secret| holds(&bytes, secret));
        assert!(found.is_none(), "{name} holds {found:?}");
    }
}

#[test]
fn a_misspelt_flag_for_a_secret_is_no_flag_and_is_not_repeated_in_the_log() {
    let desk = Desk::new();
    for flag in ["--client-secret", "--secret", "--token", "--password"] {
        let answer = desk.run(&["status", flag, "hunter2"], &ENOUGH);
        assert_eq!(answer.code, Some(2), "{answer:?}");
        assert!(!answer.err.contains("hunter2"), "{answer:?}");
    }
}

const IN_KEYRING: &str = "[profiles.acme]\nhost = \"https://platform.example\"\nstream_id = \
                          \"s\"\naccount_id = \"a\"\nclient_id = \"c\"\nclient_secret = { keyring \
                          = true }\n";

#[cfg(feature = "keyring")]
#[test]
fn without_a_session_bus_the_keyring_fails_at_once_with_what_else_works() {
    let answer = Desk::new().config(IN_KEYRING).run(&["token"], &[]);
    answer.fails(2, &["the keyring", "{ file = ", "{ command = "]);
}

#[cfg(feature = "keyring")]
#[test]
fn a_keyring_that_never_answers_is_given_up_in_seconds() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("bus");
    let _bus = Stub::mute_bus(&socket);
    let bus = format!("unix:path={}", socket.display());
    let begun = Instant::now();
    let answer =
        Desk::new().config(IN_KEYRING).run(&["token"], &[("DBUS_SESSION_BUS_ADDRESS", &bus)]);
    answer.fails(2, &["the keyring", "does not answer", "{ file = "]);
    assert!(begun.elapsed().as_secs() < 10, "it took {:?}", begun.elapsed());
}
