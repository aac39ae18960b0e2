//! `--plain`: the whole job in plain lines, in a pseudo-terminal and on pipes.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use rolodesk::sandbox::SandboxSettings;

use crate::{
    journeys::{Platform, home, platform},
    terminal::{Session, Start},
};

/// Answers one question after the other: Enter is sent as a terminal sends it.
pub fn answer(session: &mut Session, question: &str, text: &str) {
    session.wait_until(question, |screen| {
        screen.lines().rev().find(|line| !line.trim().is_empty()).is_some_and(|line| {
            line.trim_start().starts_with(question) && line.trim_end().ends_with(':')
        })
    });
    let lines = |session: &Session| session.raw().split(|byte| *byte == b'\n').count();
    let before = lines(session);
    session.keys(text).keys("\r");
    while lines(session) == before {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

pub fn contact(session: &mut Session, first: &str, last: &str, phone: &str) {
    for (question, text) in [
        ("Salutation", ""),
        ("First name", first),
        ("Last name", last),
        ("Country", "GB"),
        ("Phone", phone),
        ("Extension", ""),
    ] {
        answer(session, question, text);
    }
}

/// Asks for something harmless until what happened was told.
fn until_told(session: &mut Session, text: &str) {
    for _ in 0..60 {
        answer(session, "Choice", "5");
        session.sees("Trying again.");
        std::thread::sleep(std::time::Duration::from_millis(100));
        if session.screen().contains(text) {
            return;
        }
    }
    panic!("{text} is never told:\n{}", session.screen());
}

/// Whether a terminal would only have to show letters.
fn is_plain(bytes: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(bytes);
    let is_drawn = |letter: &char| {
        (letter.is_control() && !['\n', '\r', '\u{8}'].contains(letter))
            || ('\u{2500}'..='\u{259f}').contains(letter)
            || ('\u{2800}'..='\u{28ff}').contains(letter)
    };
    match text.chars().find(is_drawn) {
        None => Ok(()),
        Some(letter) => Err(format!("{letter:?} in {text}")),
    }
}

fn plain(platform: &Platform, home: &std::path::Path) -> Session {
    Start::new(home, &["--plain"]).env(platform.env()).size(100, 60).run()
}

#[test]
fn the_whole_job_is_done_without_an_escape_sequence_or_a_box() {
    let (home, platform) = (home(), platform());
    let mut session = plain(&platform, home.path());
    session.sees("rolodesk in plain mode, profile");
    answer(&mut session, "Choice", "1");
    contact(&mut session, "Ada", "Tester", "07911 123456");
    session.sees("plus four four");
    answer(&mut session, "Choice", "1");
    session.sees("Ada Tester is stored and goes out now.");
    until_told(&mut session, "Created: Ada Tester, +44 7911 123456");
    // The same number under another name, told before it is sent, and sent all the same.
    answer(&mut session, "Choice", "1");
    contact(&mut session, "Amy", "Pond", "07911 123456");
    session.sees("This number is already Ada Tester's.").sees("1 keep that contact, send nothing");
    answer(&mut session, "Choice", "3");
    until_told(&mut session, "Duplicate: Amy Pond");
    session.sees("2 what needs you, 1 now");
    answer(&mut session, "Choice", "2");
    session.sees("1 of 1. Duplicate: Amy Pond, +44 7911 123456; belongs to Ada Tester");
    answer(&mut session, "Choice", "3");
    session.sees("The change is stored and goes out now.");
    until_told(&mut session, "0 now");
    // A rejected contact is corrected.
    platform.running().set_faults("reject=1".parse().unwrap());
    answer(&mut session, "Choice", "1");
    contact(&mut session, "Rory", "Wiliams", "07911 123457");
    answer(&mut session, "Choice", "1");
    until_told(&mut session, "Attention: Rory Wiliams");
    platform.running().set_faults("".parse().unwrap());
    answer(&mut session, "Choice", "2");
    answer(&mut session, "Choice", "2");
    for (question, text) in [
        ("Salutation", ""),
        ("First name", ""),
        ("Last name [Wiliams]", "Williams"),
        ("Country", ""),
        ("Phone", ""),
        ("Extension", ""),
    ] {
        answer(&mut session, question, text);
    }
    answer(&mut session, "Choice", "1");
    until_told(&mut session, "Created: Rory Williams");
    answer(&mut session, "Choice", "0");
    session.sees("Please answer with a number from 1 to 6.");
    answer(&mut session, "Choice", "6");
    session.sees("Goodbye.");
    assert!(session.ends().success());
    is_plain(&session.raw()).unwrap();
    let mut names: Vec<_> =
        platform.running().contacts().into_iter().map(|held| held.last_name).collect();
    names.sort();
    assert_eq!(names, ["Pond", "Williams"]);
}

#[test]
fn a_pipe_is_answered_in_plain_lines_and_its_end_leaves() {
    let (home, platform) = (home(), platform());
    let mut child = Command::new(env!("CARGO_BIN_EXE_rolodesk"))
        .env_clear()
        .envs(platform.env())
        .env("HOME", home.path())
        .env("ACCESSIBLE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = "1\n\nAda\nTester\nGB\n07911 12345\nno\n07911 123456\n\n1\n3\n";
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.lines().next().unwrap().contains("plain mode"), "{text}");
    assert!(
        text.lines().any(|line| line.starts_with("phone: ") || line.starts_with("Phone: 1 digit")),
        "{text}"
    );
    assert!(text.contains("\nAda Tester is stored and goes out now.\n"), "{text}");
    assert!(text.contains("Which one?\n1 back\n2 "), "{text}");
    assert!(text.ends_with("Goodbye.\n"), "{text}");
    is_plain(text.as_bytes()).unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn nobody_is_found_where_nobody_is_known() {
    let home = home();
    let platform = Platform::start(SandboxSettings::demo());
    let mut variables = platform.env();
    variables.push(("ROLODESK_DIRECTORY".into(), "off".into()));
    let mut session = Start::new(home.path(), &["--plain"]).env(variables).size(80, 24).run();
    session.sees("1 new contact");
    answer(&mut session, "Choice", "4");
    answer(&mut session, "Name or number", "Jane");
    session.sees("Nobody who is known here.");
    answer(&mut session, "Choice", "6");
    assert!(session.ends().success());
}
