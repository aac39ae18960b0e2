//! A host is shared by hundreds: a form that nobody uses does nothing at all, and one that
//! is opened is there before anything behind it is.

use std::{
    fs::{self, File},
    thread,
    time::{Duration, Instant},
};

use rustix::fs::{FlockOperation, flock};

use crate::{
    journeys::{home, platform, type_contact},
    terminal::{CTRL_Q, CTRL_S, ENTER, PATIENCE, Session, Start, TAB, threads, voluntary_switches},
};

/// How long nothing may happen.
const WINDOW: Duration = Duration::from_secs(5);

/// What a window without a key costs: how often a thread woke, and bytes on the terminal.
fn window(session: &Session) -> (u64, usize) {
    let cost = |session: &Session| (voluntary_switches(session.pid()), session.raw().len());
    let (before, until) = (cost(session), Instant::now() + WINDOW);
    while let Some(left) = until.checked_duration_since(Instant::now()) {
        thread::park_timeout(left);
    }
    let after = cost(session);
    (after.0 - before.0, after.1 - before.1)
}

/// Waits until everything that begins by itself has come to rest: a second without a wake-up.
#[track_caller]
fn comes_to_rest(session: &Session) {
    let deadline = Instant::now() + PATIENCE;
    let (mut last, mut since) = (0, Instant::now());
    while since.elapsed() < Duration::from_secs(1) {
        assert!(Instant::now() < deadline, "it never rests:\n{}", session.screen());
        thread::park_timeout(Duration::from_millis(50));
        let now = voluntary_switches(session.pid());
        if now != last {
            (last, since) = (now, Instant::now());
        }
    }
}

#[test]
fn a_form_that_nobody_uses_wakes_nobody_and_writes_nothing() {
    let (home, platform) = (home(), platform());
    let mut session = platform.form(home.path()).run();
    session.sees("New contact").keys(TAB).keys("Zoe").sees_line(&["First name", "Zoe"]);
    comes_to_rest(&session);
    assert_eq!(window(&session), (0, 0));
    let running = threads(session.pid()).len();
    assert!(running <= 4, "{running} threads");
}

#[test]
fn a_watching_sync_sleeps_until_another_process_has_something() {
    let (home, platform) = (home(), platform());
    let start = |args: &[&'static str]| Start::new(home.path(), args).env(platform.env()).run();
    let mut session = start(&["sync", "--watch"]);
    let pid = session.pid();
    comes_to_rest(&session);
    assert_eq!(window(&session), (0, 0));
    let name = ["--first-name", "Ada", "--last-name", "Tester", "--phone", "+14155550132"];
    let before = voluntary_switches(pid);
    start(&[&["add", "--wait", "0"][..], &name].concat()).ends();
    // Either of them sends it; what counts is that the sleeper heard of it.
    session.wait_until("a wake-up", |_| voluntary_switches(pid) > before);
}

#[test]
fn a_platform_that_is_down_wakes_the_form_only_when_it_is_tried_again() {
    let (home, mut platform) = (home(), platform());
    platform.stop();
    let mut session = platform.form(home.path()).run();
    session.sees("New contact");
    type_contact(&mut session, "Ada", "Tester", "+1 415 555 0132");
    session.keys(CTRL_S).sees_line(&["Queued", "Ada Tester"]);
    // The tries grow apart to 15 seconds: a window between two of them is soon there.
    let mut windows = Vec::new();
    while windows.last() != Some(&(0, 0)) {
        assert!(windows.len() < 12, "it always does something: {windows:?}");
        windows.push(window(&session));
    }
}

#[test]
fn the_form_is_there_and_takes_a_contact_while_somebody_holds_the_store() {
    let (home, platform) = (home(), platform());
    let folder = home.path().join(".local/share/rolodesk");
    fs::create_dir_all(&folder).unwrap();
    let held = File::open(&folder).unwrap();
    flock(&held, FlockOperation::LockExclusive).unwrap();
    let mut session = platform.form(home.path()).run();
    session.sees("New contact");
    type_contact(&mut session, "Ada", "Tester", "+1 415 555 0132");
    session.keys(CTRL_S).sees("not open yet").sees_line(&["First name", "Ada"]);
    session.keys(TAB).keys("Bob");
    flock(&held, FlockOperation::Unlock).unwrap();
    session.sees_line(&["Created", "Ada Tester"]).sees_line(&["First name", "Bob"]);
}

#[test]
fn a_store_that_cannot_be_opened_is_told_before_and_after_and_the_form_mends_itself() {
    let (home, platform) = (home(), platform());
    let folder = home.path().join(".local/share/rolodesk");
    let wrong = folder.join("store.db");
    fs::create_dir_all(&wrong).unwrap();
    let mut session = platform.form(home.path()).run();
    session.sees("Nothing can be stored").sees("directory");
    type_contact(&mut session, "Ada", "Tester", "+1 415 555 0132");
    session.keys(CTRL_S).sees("Not stored").sees_line(&["First name", "Ada"]);
    fs::remove_dir(&wrong).unwrap();
    session.keys(CTRL_S).sees_line(&["Created", "Ada Tester"]);
    assert!(session.keys(CTRL_Q).ends().success());

    let other = crate::journeys::home();
    fs::create_dir_all(other.path().join(".local/share/rolodesk/store.db")).unwrap();
    let mut session = platform.form(other.path()).run();
    session.sees("Nothing can be stored").keys(ENTER).keys(CTRL_Q);
    assert_eq!(session.ends().exit_code(), 1);
    session.gives_the_terminal_back();
    session.sees("rolodesk: cannot open the store").sees("it is a directory");
}

/// The most bytes that one of these keys put on the terminal; what a key causes is there
/// before the next.
fn dearest(session: &mut Session, keys: &str) -> usize {
    let mut most = 0;
    for key in keys.chars() {
        let before = session.raw().len();
        session.keys(&key.to_string());
        let deadline = Instant::now() + PATIENCE;
        let (mut last, mut since) = (before, Instant::now());
        while last == before || since.elapsed() < Duration::from_millis(150) {
            assert!(Instant::now() < deadline, "no answer to {key}:\n{}", session.screen());
            thread::park_timeout(Duration::from_millis(10));
            let now = session.raw().len();
            if now != last {
                (last, since) = (now, Instant::now());
            }
        }
        most = most.max(last - before);
    }
    most
}

#[test]
fn a_key_costs_few_bytes_on_the_way_to_a_terminal_far_away() {
    for (columns, rows) in [(120, 32), (80, 24), (40, 12)] {
        let (home, platform) = (home(), platform());
        let mut session = platform.form(home.path()).size(columns, rows).run();
        session.sees("First").keys(TAB);
        comes_to_rest(&session);
        let name = dearest(&mut session, "Zoe");
        assert!(name <= 40, "{name} bytes for a letter at {columns} columns");
        session.keys(TAB).keys("Doe").keys(TAB).keys(TAB).keys("+1 415 5");
        comes_to_rest(&session);
        let digit = dearest(&mut session, "55013");
        assert!(digit <= 200, "{digit} bytes for a digit at {columns} columns");
        // It also takes the fault away, names the contact and lights the button.
        let last = dearest(&mut session, "2");
        assert!(last <= 300, "{last} bytes for the last digit at {columns} columns");
    }
}
