//! The built program, end to end: a key press in a pseudo-terminal, real HTTP to the
//! sandbox, a real store on disk. The program is killed, the platform pulled away.

use std::{net::SocketAddr, path::Path};

use rolodesk::sandbox::{Sandbox, SandboxSettings};

use crate::terminal::{CTRL_Q, CTRL_S, ENTER, Session, Start, TAB, processor_ticks};

const LOOPBACK: &str = "127.0.0.1:0";

/// A sandbox on its own runtime, with the environment that points the program at it.
pub struct Platform {
    sandbox: Option<Sandbox>,
    runtime: tokio::runtime::Runtime,
    settings: SandboxSettings,
    address: SocketAddr,
    pub env: Vec<(String, String)>,
}

impl Platform {
    pub fn start(settings: SandboxSettings) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let listen = LOOPBACK.parse().unwrap();
        let sandbox = runtime.block_on(async { Sandbox::start(listen, settings.clone()) }).unwrap();
        let address = sandbox.address();
        let env = owned(sandbox.env());
        Self { sandbox: Some(sandbox), runtime, settings, address, env }
    }

    /// Nobody answers on its port any more.
    pub fn stop(&mut self) {
        let sandbox = self.sandbox.take().expect("running");
        self.runtime.block_on(sandbox.stop());
    }

    fn start_again(&mut self) {
        self.starts_again_as(self.settings.clone());
    }

    /// Another one answers on its port, or the same with other manners.
    pub fn starts_again_as(&mut self, settings: SandboxSettings) {
        let started = async { Sandbox::start(self.address, settings) };
        self.sandbox = Some(self.runtime.block_on(started).unwrap());
    }

    pub fn running(&self) -> &Sandbox {
        self.sandbox.as_ref().expect("running")
    }

    /// What points the program at it.
    pub fn env(&self) -> Vec<(String, String)> {
        self.env.clone()
    }

    /// The environment with some of it changed.
    pub fn env_with<'a>(&'a self, over: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        let own = self.env.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        own.chain(over.iter().copied()).collect()
    }

    pub fn form<'a>(&self, home: &'a Path) -> Start<'a> {
        Start::new(home, &[]).env(self.env.clone())
    }
}

fn owned(env: Vec<(&'static str, String)>) -> Vec<(String, String)> {
    env.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

pub fn platform() -> Platform {
    Platform::start(SandboxSettings::demo())
}

pub fn home() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// Types a contact the way an agent does: from the salutation down to the phone.
pub fn type_contact(session: &mut Session, first: &str, last: &str, phone: &str) {
    session.keys(TAB).keys(first).keys(TAB).keys(last).keys(TAB).keys(TAB).keys(phone);
}

#[test]
fn the_demo_creates_a_contact_names_a_duplicates_owner_and_leaves_no_trace() {
    let home = home();
    let mut session = Start::new(home.path(), &["--demo"]).run();
    session.sees("New contact");
    type_contact(&mut session, "Ada", "Tester", "+1 415 555 0132");
    session.keys(CTRL_S);
    session.sees_line(&["Created", "Ada Tester", "+1 415-555-0132"]);
    type_contact(&mut session, "Bob", "Other", "+1 415 555 0132");
    session.keys(CTRL_S);
    session.sees_line(&["Duplicate", "Bob Other", "Ada Tester"]);
    session.keys(CTRL_Q);
    let status = session.ends();
    assert!(status.success(), "{status:?}");
    session.gives_the_terminal_back();
    session.sees("1 created, 1 duplicate");
}

#[test]
fn exactly_one_request_per_contact_carries_its_text_untouched() {
    let (home, platform) = (home(), platform());
    let mut session = platform.form(home.path()).run();
    session.sees("New contact");
    for (first, last, phone) in [
        ("José", "O'Brien", "+91 98765 43210"),
        ("山田", "太郎", "+81 90 1234 5678"),
        ("Anna", "Rossi", "+39 06 12345678"),
    ] {
        type_contact(&mut session, first, last, phone);
        session.keys(CTRL_S);
        session.sees_line(&["Created", last]);
    }
    session.keys(CTRL_Q).ends();
    let posts: Vec<_> =
        platform.running().requests().into_iter().filter(|seen| seen.method == "POST").collect();
    assert_eq!(posts.len(), 3);
    let phones: Vec<_> = posts
        .iter()
        .map(|seen| {
            let body: serde_json::Value = serde_json::from_slice(&seen.body).unwrap();
            body[0]["cellPhone"].clone()
        })
        .collect();
    assert_eq!(phones[2]["phoneNumber"], "0612345678");
    assert_eq!(phones[2]["countryCode"], "+39");
    assert_eq!(phones[0]["extension"], "+");
}

#[test]
fn contacts_are_accepted_while_the_platform_is_down_and_go_out_when_it_is_back() {
    let (home, mut platform) = (home(), platform());
    platform.stop();
    let mut session = platform.form(home.path()).run();
    session.sees("New contact");
    type_contact(&mut session, "Amy", "Pond", "+44 7911 123456");
    session.keys(CTRL_S);
    session.sees_line(&["Queued", "Amy Pond"]);
    platform.start_again();
    session.sees_line(&["Created", "Amy Pond"]);
    assert_eq!(platform.running().contacts().len(), 1);
}

#[test]
fn a_contact_queued_before_kill_9_is_back_and_delivered_at_the_next_start() {
    let (home, mut platform) = (home(), platform());
    platform.stop();
    let mut session = platform.form(home.path()).run();
    session.sees("New contact");
    type_contact(&mut session, "Amy", "Pond", "+44 7911 123456");
    session.keys(CTRL_S);
    session.sees_line(&["Queued", "Amy Pond"]);
    session.signal("KILL");
    session.ends();
    platform.start_again();
    let mut session = platform.form(home.path()).run();
    session.sees_line(&["Created", "Amy Pond"]);
    assert_eq!(platform.running().contacts().len(), 1);
}

#[test]
fn a_wrong_secret_is_explained_once_and_the_contact_is_kept() {
    let (home, platform) = (home(), platform());
    let mut session = platform
        .form(home.path())
        .env([("ROLODESK_CLIENT_SECRET".to_owned(), "not the secret".to_owned())])
        .run();
    session.sees("New contact");
    type_contact(&mut session, "Amy", "Pond", "+44 7911 123456");
    session.keys(CTRL_S);
    session.sees("secret");
    session.sees_line(&["Queued", "Amy Pond"]);
    assert!(platform.running().contacts().is_empty());
    let screen = session.screen();
    assert!(!screen.contains("not the secret"), "{screen}");
}

#[test]
fn bad_input_is_told_beside_its_field_and_nothing_is_sent_or_lost() {
    let (home, platform) = (home(), platform());
    let mut session = platform.form(home.path()).run();
    session.sees("New contact");
    session.keys(CTRL_S);
    session.sees("is needed");
    // The focus is on the first field with a problem.
    session.keys("Amy").keys(TAB).keys("Pond").keys(TAB).keys(TAB).keys("+1 415 555 01");
    session.keys(CTRL_S).sees("2 digits short for United States");
    session.keys("x").keys(CTRL_S).sees("'x'");
    session.sees_line(&["First name", "Amy"]).sees_line(&["Last name", "Pond"]);
    assert!(platform.running().requests().is_empty());
}

#[test]
fn a_huge_paste_into_a_name_is_told_and_kept() {
    let (home, platform) = (home(), platform());
    let mut session = platform.form(home.path()).run();
    session.sees("New contact");
    session.keys(TAB).paste(&"x".repeat(10_000)).keys(CTRL_S);
    session.sees("may hold 255 characters, not 10000");
    assert!(platform.running().requests().is_empty());
}

#[test]
fn the_form_fits_a_small_terminal_and_survives_any_size() {
    let (home, platform) = (home(), platform());
    let mut session = platform.form(home.path()).size(80, 24).run();
    session.sees("New contact").sees("All ");
    session.keys(TAB).keys("山田O");
    session.sees_line(&["First name", "山田O"]);
    // Wide characters take two cells; the terminal's own cursor stands behind them.
    let (row, column) = session.cursor();
    let screen = session.screen();
    let line = screen.lines().nth(usize::from(row)).unwrap();
    let before = line.split("山田O").next().unwrap().chars().count();
    assert_eq!(usize::from(column), before + 5, "{screen}");
    for (columns, rows) in [(40, 12), (1, 1), (20, 5), (300, 80), (120, 32)] {
        session.resize(columns, rows);
    }
    session.sees_line(&["First name", "山田O"]).sees("All ");
}

#[test]
fn a_half_typed_contact_survives_kill_9() {
    let (home, platform) = (home(), platform());
    let mut session = platform.form(home.path()).run();
    session.sees("New contact");
    session.keys(TAB).keys("Zebulon").sees("Zebulon");
    // What is typed is saved within a second; the store is asked, not the clock.
    let data = home.path().join(".local/share/rolodesk");
    session.wait_until("the draft on disk", |_| holds_text(&data, "Zebulon"));
    session.signal("KILL");
    session.ends();
    let mut session = platform.form(home.path()).run();
    session.sees("Zebulon");
}

fn holds_text(folder: &Path, text: &str) -> bool {
    let Ok(files) = std::fs::read_dir(folder) else { return false };
    files.flatten().any(|file| {
        let bytes = std::fs::read(file.path()).unwrap_or_default();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    })
}

#[test]
fn an_idle_form_draws_nothing_and_uses_no_processor_time() {
    let (home, platform) = (home(), platform());
    let mut session = platform.form(home.path()).run();
    session.sees("New contact");
    let mut quiet = 0;
    let mut before = (session.raw().len(), processor_ticks(session.pid()).unwrap());
    // The first seconds may still warm things up; then three quiet seconds in a row.
    for _ in 0..15 {
        std::thread::park_timeout(std::time::Duration::from_secs(1));
        let now = (session.raw().len(), processor_ticks(session.pid()).unwrap());
        quiet = if now == before { quiet + 1 } else { 0 };
        before = now;
        if quiet == 3 {
            return;
        }
    }
    panic!("never idle: {before:?}\n{}", session.screen());
}

#[test]
fn enter_on_the_last_field_submits_and_the_form_is_empty_at_once() {
    let (home, platform) = (home(), platform());
    let mut session = platform.form(home.path()).run();
    session.sees("New contact");
    type_contact(&mut session, "Ada", "Tester", "+1 415 555 0132");
    session.keys(TAB).keys(ENTER);
    session.sees_line(&["Created", "Ada Tester"]);
    let form = session.screen();
    assert!(
        !form.lines().any(|line| line.contains("First name") && line.contains("Ada")),
        "{form}"
    );
}

/// A limit on the size of files stands in for a full disk: no test may need a disk of its
/// own. The store itself is small enough; it is its log that cannot grow.
#[cfg(target_os = "linux")]
#[test]
fn on_a_full_disk_the_form_keeps_its_text_and_says_so() {
    let (home, platform) = (home(), platform());
    // Made while there was room.
    let mut session = platform.form(home.path()).run();
    session.sees("New contact").keys(CTRL_Q).ends();
    let program = format!("ulimit -S -f 96; exec {}", env!("CARGO_BIN_EXE_rolodesk"));
    let arguments = ["-c", &program];
    let mut session = Start::program(Path::new("/bin/sh"), home.path(), &arguments)
        .env(platform.env.clone())
        .run();
    session.sees("New contact");
    for n in 0..9 {
        session.keys(TAB).keys("Amy").keys(TAB).keys(&format!("Pond{n}")).keys(TAB).keys(TAB);
        session.keys(&format!("+44 7400 12345{n}")).keys(CTRL_S);
        let (pond, kept) = (format!("Pond{n}"), "Not stored, nothing is lost");
        session.wait_until("a row or a sentence", |screen| {
            let row = screen.lines().any(|line| {
                line.contains(&pond)
                    && ["Queued", "Created", "Sending", "Unclear"]
                        .iter()
                        .any(|it| line.contains(it))
            });
            row || screen.contains(kept)
        });
        if session.screen().contains(kept) {
            session.sees_line(&["First name", "Amy"]).sees_line(&["Last name", &pond]);
            // The store goes on as far as it can: again it is the disk that is to blame.
            session.keys(CTRL_S).sees("Not stored, nothing is lost: cannot write to the store");
            assert!(!session.screen().contains("begin_with"), "{}", session.screen());
            // Room again: the same text is stored and goes out, without a new start.
            give_room(session.pid());
            session.keys(CTRL_S).sees_line(&["Created", &pond]);
            return;
        }
    }
    panic!("the disk was never full:\n{}", session.screen());
}

#[cfg(target_os = "linux")]
pub fn give_room(pid: u32) {
    use rustix::process::{Pid, Resource, Rlimit, prlimit};
    let pid = Pid::from_raw(i32::try_from(pid).unwrap());
    let unlimited = Rlimit { current: None, maximum: None };
    prlimit(pid, Resource::Fsize, unlimited).unwrap();
}

#[test]
fn a_paste_fills_the_form_with_bracketed_paste_and_without_and_never_submits() {
    let (home, platform) = (home(), platform());
    for bracketed in [true, false] {
        let kind = if bracketed { "xterm-256color" } else { "linux" };
        let start = platform.form(home.path()).env([("TERM".to_owned(), kind.to_owned())]);
        let mut session = start.run();
        session.sees("New contact");
        let row = "Mrs\tNgọc Ánh\tTrần\t+84 912 345 678";
        if bracketed {
            session.paste(&format!("{row}\n"));
        } else {
            session.keys(&format!("{row}\r"));
        }
        session.sees_line(&["First name", "Ngọc Ánh"]).sees_line(&["Last name", "Trần"]);
        session.sees_line(&["Phone", "912 345 678"]).sees("ready");
        assert!(platform.running().requests().is_empty(), "a paste submitted the form");
        session.keys("\x0c").wait_until("an empty form", |screen| !screen.contains("Trần"));
        session.keys(CTRL_Q).ends();
    }
}

#[test]
fn a_hostile_paste_is_harmless() {
    let (home, platform) = (home(), platform());
    let mut session = platform.form(home.path()).run();
    session.sees("New contact").keys(TAB);
    session.paste("A\0da\x1b[2J\x07").sees_line(&["First name", "Ada[2J"]);
    session.keys("\x0c").paste(&"y".repeat(1_000_000)).sees("yyy");
    session.keys(CTRL_Q);
    assert!(session.ends().success());
    assert!(platform.running().requests().is_empty());
}

#[test]
fn a_wide_name_and_a_number_are_corrected_in_the_middle() {
    const LEFT: &str = "\x1b[D";
    const BACKSPACE: &str = "\x7f";
    let (home, platform) = (home(), platform());
    let mut session = platform.form(home.path()).run();
    session.sees("New contact");
    session.keys(TAB).keys("山木田").keys(LEFT).keys(BACKSPACE).keys("本");
    session.sees_line(&["First name", "山本田"]);
    session.keys(TAB).keys("Doe").keys(TAB).keys(TAB).keys("+1 415 556 0132");
    // Five to the left stands the wrong digit.
    for _ in 0..5 {
        session.keys(LEFT);
    }
    session.keys(BACKSPACE).keys("5").sees_line(&["Phone", "415 555 0132"]);
    session.keys(CTRL_S).sees_line(&["Created", "山本田", "+1 415-555-0132"]);
}

#[cfg(unix)]
#[test]
fn suspended_and_continued_everything_is_drawn_again() {
    const CTRL_Z: &str = "\x1a";
    const F6: &str = "\x1b[17~";
    let (home, platform) = (home(), platform());
    let mut session = platform.form(home.path()).run();
    session.sees("New contact").keys(TAB).keys("Zoe").sees("Zoe").keys(F6).keys(CTRL_Z);
    session.gives_the_terminal_back();
    session.wait_until_stopped();
    session.signal("CONT");
    session.sees_line(&["First name", "Zoe"]).sees("All ");
    assert!(session.is_on_alternate_screen());
    session.keys(CTRL_Q);
    assert!(session.ends().success());
}

#[test]
fn a_repaint_on_demand_draws_everything_and_ends_nothing() {
    const CTRL_L: &str = "\x0c";
    const F6: &str = "\x1b[17~";
    let (home, platform) = (home(), platform());
    let mut session = platform.form(home.path()).run();
    session.sees("New contact").keys(TAB).keys("Zoe").sees("Zoe").keys(F6).keys(CTRL_L);
    session.sees_line(&["First name", "Zoe"]).sees("All ");
    // Typing goes on: the program neither waits for the terminal nor has ended.
    session.keys(F6).keys("y").sees_line(&["First name", "Zoey"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_caller_is_handed_to_the_open_form_and_never_over_something_typed() {
    const CTRL_L: &str = "\x0c";
    const CTRL_Z: &str = "\x1a";
    let (home, platform) = (home(), platform());
    let fill = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_rolodesk"));
        command.env_clear().env("HOME", home.path()).arg("fill").args(arguments);
        command.output().unwrap()
    };
    let nobody = fill(&["--phone", "+1 415 555 0132"]);
    assert_eq!(nobody.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&nobody.stderr).contains("no form is open"), "{nobody:?}");
    assert_eq!(fill(&[]).status.code(), Some(2));
    let mut session = platform.form(home.path()).run();
    session.sees("New contact");
    let deadline = std::time::Instant::now() + crate::terminal::PATIENCE;
    while !fill(&["--phone", "020 7946 0123", "--country", "uk", "--first-name", "Ada"])
        .status
        .success()
    {
        assert!(std::time::Instant::now() < deadline, "the form is never heard");
    }
    session.sees("The caller is in the form.").sees_line(&["First name", "Ada"]);
    session.sees_line(&["Country", "GB"]).sees_line(&["Phone", "020 7946 0123"]);
    let answer = fill(&["--profile", "another", "--phone", "1"]);
    assert!(String::from_utf8_lossy(&answer.stderr).contains("`another`"), "{answer:?}");
    assert!(fill(&["--first-name", "Bob\u{1b}]0;x\u{7}", "--last-name", "Stone"]).status.success());
    session.sees("A caller waits: Ctrl+Z").sees_line(&["First name", "Ada"]);
    session.keys(CTRL_L).keys(CTRL_Z).sees_line(&["First name", "Ada"]);
    session.keys(CTRL_Z).sees_line(&["Last name", "Stone"]);
    session.keys(CTRL_L).keys(CTRL_Q).ends();
    let left = std::fs::read_dir(home.path().join(".local/state/rolodesk")).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().ends_with(".sock")), "{left:?}");
}
