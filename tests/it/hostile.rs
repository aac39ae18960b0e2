//! Names that hold escape sequences, on every way out: the screen, the commands, the log.

use std::{fs, path::Path};

use serde_json::Value;

use crate::{
    headless::{Desk, Ran},
    terminal::{CTRL_Q, Start},
};

/// Clears the screen, writes the clipboard, sets the title, turns the number round, breaks
/// the line.
const FIRST: &str = "Ja\u{1b}[2Jne\u{1b}]52;c;aGFja2Vk\u{7}";
const LAST: &str = "R\u{9b}31moe\u{202e}\u{2066}\u{1b}]0;title\u{1b}\\\r\n\u{1b}P1$q\u{9c}end";
const NUMBER: &str = "+919876543210";

fn desk() -> Desk {
    Desk::holding("", &[["Mrs", FIRST, LAST, NUMBER]])
}

#[track_caller]
fn is_harmless(text: &str) {
    let hostile = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert!(!text.contains(hostile), "{text:?}");
}

#[track_caller]
fn prints(ran: &Ran, text: &str) {
    is_harmless(&ran.out);
    is_harmless(&ran.error);
    assert!(ran.out.contains(text), "{}{}", ran.out, ran.error);
}

#[test]
fn what_the_platform_calls_a_contact_is_harmless_in_every_command_and_format() {
    let desk = desk();
    prints(&desk.add("Amy", NUMBER, &[]), "duplicate");
    prints(&desk.run(&["contacts", "--refresh"]), "Jane");
    for format in ["table", "csv", "json"] {
        prints(&desk.run(&["results", "--format", format]), "duplicate");
        prints(&desk.run(&["contacts", "--format", format]), NUMBER);
    }
    prints(&desk.run(&["status"]), "Contacts");
}

#[test]
fn json_holds_the_name_to_the_letter_all_the_same() {
    let desk = desk();
    let refreshed = desk.run(&["contacts", "--refresh", "--format", "json"]);
    let [row] = &refreshed.rows()[..] else { panic!("{}", refreshed.out) };
    assert_eq!(row["first_name"], Value::from(FIRST));
    assert_eq!(row["last_name"], Value::from(LAST));
}

#[test]
fn the_screen_and_the_log_show_it_as_text() {
    let desk = desk();
    let env = desk.sandbox.env().into_iter().map(|(name, value)| (name.to_owned(), value));
    let loud = [("ROLODESK_LOG".to_owned(), "trace".to_owned())];
    let mut session = Start::new(desk.home.path(), &[]).env(env).env(loud).run();
    session.sees("New contact");
    session.keys("\tAmy\tPond\t\t+91 98765 43210\x13");
    session.sees_line(&["Duplicate", "Amy Pond", "is Jane"]);
    session.keys("\x0f\r").sees("Belongs to").keys("\x1b");
    // Together with the next key it would be that key with Alt.
    session.wait_until("details that are closed", |screen| !screen.contains("Belongs to"));
    session.keys("u").sees("Which is right?").keys("\x1b");
    session.wait_until("a closed dialog", |screen| !screen.contains("Which is right?"));
    session.keys(CTRL_Q).ends();
    session.sees("belongs to Jane");
    let raw = String::from_utf8_lossy(&session.raw()).into_owned();
    for hostile in ["]52;", "]0;title", "\u{9b}", "\u{202e}", "\u{2066}", "P1$q"] {
        assert!(!raw.contains(hostile), "{hostile:?} reached the terminal");
    }
    let log = fs::read_to_string(log_of(desk.home.path())).unwrap();
    is_harmless(&log);
    assert!(!log.contains("Jane") && !log.contains("98765"), "{log}");
}

fn log_of(home: &Path) -> std::path::PathBuf {
    home.join(".local/state/rolodesk/rolodesk.log")
}
