//! The first start, without a profile: the welcome, the demo and the step from it to a
//! profile of one's own, the form that sets one up, and all that it must not do.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use rolodesk::sandbox::SandboxSettings;

use crate::{
    cli::Desk,
    journeys::{Platform, home, platform, type_contact},
    secrets::files,
    terminal::{CTRL_C, CTRL_Q, CTRL_S, ENTER, Session, Start, TAB},
};

const BACK_TAB: &str = "\x1b[Z";
const CTRL_T: &str = "\x14";
const CTRL_U: &str = "\x15";
const CTRL_Z: &str = "\x1a";
const ESC: &str = "\x1b";
const RIGHT: &str = "\x1b[C";

fn first<'a>(home: &'a Path, args: &[&'a str]) -> Start<'a> {
    // The keyring of whoever runs the tests is no place for their secrets.
    let env = [("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere"), ("ROLODESK_LOG", "trace")];
    Start::new(home, args).env(env.map(|(name, value)| (name.to_owned(), value.to_owned())))
}

fn welcomed(home: &Path) -> Session {
    let mut session = first(home, &[]).size(80, 24).run();
    session.sees("Try the demo").sees("Set up a profile");
    session
}

/// Opens the form and answers all but the secret, which has the keyboard then.
fn fill(session: &mut Session, platform: &Platform) {
    session.keys("s").sees("Platform's URL");
    answer(session, platform);
}

/// Types what the sandbox wants to know, from the first field on, over the defaults.
fn answer(session: &mut Session, platform: &Platform) {
    let value = |at: usize| platform.env[at].1.as_str();
    session.paste(&format!("{}/builder/app/{}/overview", value(0), value(1)));
    session.sees_line(&["Stream (bot) id", value(1)]);
    session.keys(TAB).keys(TAB).keys(value(2)).keys(TAB).keys(value(3)).keys(TAB);
    session.keys(TAB).keys(TAB).keys(TAB).keys("india").keys(BACK_TAB);
    session.sees_line(&["Default country", "IN"]).keys(BACK_TAB).keys(BACK_TAB);
}

fn secret(platform: &Platform) -> &str {
    &platform.env[4].1
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|it| it == text.as_bytes())
}

fn config_file(home: &Path) -> std::path::PathBuf {
    home.join(".config/rolodesk/config.toml")
}

#[test]
fn without_a_profile_one_is_set_up_tried_saved_and_used_at_once() {
    let (home, platform) = (home(), platform());
    let mut session = welcomed(home.path());
    fill(&mut session, &platform);
    session.keys("marked-secret-of-a-wrong-app").keys(TAB);
    session.sees("! It refuses us: Invalid SDK credentials").sees("Configuration");
    assert!(!config_file(home.path()).exists(), "it was written before anybody saved it");
    session.keys(BACK_TAB).keys(CTRL_U).paste(&format!("{}\r\n", secret(&platform))).keys(TAB);
    session.sees("It accepts us.").keys(CTRL_S);
    session.sees("New contact").sees("default");
    type_contact(&mut session, "Ada", "Tester", "98765 43211");
    session.keys(CTRL_S).sees_line(&["Created", "Ada Tester", "+91 98765 43211"]);
    session.keys(CTRL_Q);
    assert!(session.ends().success());
    session.gives_the_terminal_back();
    session.sees("1 created");

    let secrets = [secret(&platform), "marked-secret-of-a-wrong-app"];
    let raw = session.raw();
    assert!(secrets.iter().all(|it| !holds(&raw, it)), "the terminal was told the secret");
    let mut written = Vec::new();
    files(home.path(), &mut written);
    assert!(written.iter().any(|(name, _)| name.ends_with("rolodesk.log")));
    let with = written.iter().filter(|(_, bytes)| secrets.iter().any(|it| holds(bytes, it)));
    let with: Vec<_> = with.map(|(name, _)| Path::new(name)).collect();
    assert_eq!(with, [home.path().join(".config/rolodesk/default.secret")]);
    for file in [with[0], &config_file(home.path())] {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
    }
    // Next time there is a profile.
    let mut session = first(home.path(), &[]).run();
    session.sees("New contact").sees("Ada Tester").keys(CTRL_Q);
}

#[test]
fn the_demo_says_how_to_meet_a_duplicate_and_leads_to_a_real_profile() {
    let (home, platform) = (home(), platform());
    let temporary = home.path().join("tmp");
    fs::create_dir(&temporary).unwrap();
    let folders = || fs::read_dir(&temporary).unwrap().count();
    let variable = [("TMPDIR".to_owned(), temporary.display().to_string())];
    let mut session = first(home.path(), &[]).env(variable).run();
    session.sees("Try the demo").keys("s").sees("Account id").keys(TAB).keys(TAB).keys("typed-");
    session.sees("typed-").keys(ESC).sees("Try the demo").keys("d");
    session.sees("● demo").sees("Try +91 98765 43210: it belongs to Jane Roe.");
    session.sees("Ctrl+T set up a real profile");
    assert_eq!(folders(), 1);
    type_contact(&mut session, "Bob", "Other", "+919876543210");
    session.keys(CTRL_S).sees_line(&["Duplicate", "Bob Other", "Jane Roe"]);
    session.keys(CTRL_T).sees_line(&["Account id", "typed-"]);
    assert_eq!(folders(), 0, "the demo's store is left");
    session.keys(CTRL_U).keys(BACK_TAB).keys(BACK_TAB);
    answer(&mut session, &platform);
    session.keys(secret(&platform)).keys(TAB).sees("It accepts us.").keys(CTRL_S);
    session.sees("New contact").sees("Nothing yet");
    session.wait_until("a screen without a demo", |screen| !screen.contains("● demo"));
    session.keys(CTRL_Q);
    assert!(session.ends().success());
    assert!(!session.screen().contains("duplicate"), "the demo is no shift to report");
}

#[test]
fn every_way_out_gives_the_terminal_back_and_writes_nothing() {
    let home = home();
    for (way, in_form) in [(CTRL_C, false), (CTRL_Q, true), (CTRL_C, true), ("q", false)] {
        let mut session = welcomed(home.path());
        if in_form {
            session.keys("s").sees("Platform's URL").keys(TAB).keys("half");
        }
        session.keys(way);
        assert!(session.ends().success());
        session.gives_the_terminal_back();
    }
    let mut session = welcomed(home.path());
    session.keys(CTRL_Z).wait_until_stopped();
    session.gives_the_terminal_back();
    session.signal_all("CONT");
    session.sees("Try the demo").signal("TERM");
    assert_eq!(session.ends().exit_code(), 143);
    session.gives_the_terminal_back();
    assert!(!home.path().join(".config").exists() && !home.path().join(".local/share").exists());
}

#[test]
fn a_platform_that_is_not_there_is_told_and_the_profile_can_be_saved_all_the_same() {
    let (home, mut platform) = (home(), Platform::start(SandboxSettings::demo()));
    platform.stop();
    let mut session = welcomed(home.path());
    fill(&mut session, &platform);
    session.keys(secret(&platform)).keys(TAB).sees("refuses connections");
    session.keys(CTRL_S).sees("New contact");
    assert!(config_file(home.path()).exists());
}

#[test]
fn a_file_that_cannot_be_written_or_a_place_without_the_secret_keeps_what_was_typed() {
    let (home, platform) = (home(), platform());
    let mut session = welcomed(home.path());
    fill(&mut session, &platform);
    session.keys(secret(&platform)).keys(TAB).sees("It accepts us.");
    // Where the folder belongs there is a file now.
    fs::write(home.path().join(".config"), "").unwrap();
    session.keys(CTRL_S);
    session.sees("cannot be put into");
    session.keys(RIGHT).sees("Variable").sees("KORE_SECRET");
    // The words of a command that prints another secret.
    session.keys(RIGHT).sees("Command").keys(TAB).keys("echo other").keys(CTRL_S);
    session.sees("holds another secret");
    fs::remove_file(home.path().join(".config")).unwrap();
    session.keys(RIGHT).keys("\x1b[D").sees("KORE_SECRET").keys(CTRL_S);
    session.sees("New contact").sees("Set KORE_SECRET before you start rolodesk.");
    let text = fs::read_to_string(config_file(home.path())).unwrap();
    assert!(text.contains("client_secret = { env = \"KORE_SECRET\" }"), "{text}");
}

#[test]
fn another_size_in_the_middle_loses_nothing() {
    let (home, platform) = (home(), platform());
    let mut session = welcomed(home.path());
    fill(&mut session, &platform);
    for (columns, rows) in [(20, 5), (300, 80), (1, 1), (40, 12)] {
        session.resize(columns, rows);
    }
    session.sees("Client secret").keys(secret(&platform)).keys(CTRL_S);
    session.sees("Salutation");
}

#[test]
fn in_ascii_without_colours_it_can_be_used_as_well() {
    let (home, platform) = (home(), platform());
    let plain = [("LANG", "C"), ("NO_COLOR", "1"), ("TERM", "vt100")];
    let plain = plain.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut session = first(home.path(), &[]).env(plain).size(80, 24).run();
    session.sees("> d    Try the demo").keys("s").sees("Platform's URL").keys(ESC);
    fill(&mut session, &platform);
    session.keys(secret(&platform)).sees("******").keys(TAB).sees("ok It accepts us.");
    assert!(session.screen().is_ascii(), "{}", session.screen());
    session.keys(CTRL_S).sees("New contact");
}

#[test]
fn what_is_no_first_run_stays_the_error_it_was() {
    Desk::new().run(&[], &[]).fails(2, &["needs a terminal"]);
    let home = home();
    let folder = home.path().join(".config/rolodesk");
    fs::create_dir_all(&folder).unwrap();
    let refused = |text: &str, args: &[&str], told: &str| {
        fs::write(folder.join("config.toml"), text).unwrap();
        let mut session = first(home.path(), args).run();
        assert_eq!(session.ends().exit_code(), 2);
        session.sees(told);
        assert!(!session.is_on_alternate_screen());
    };
    refused("[profiles.day]\n", &["--profile", "night"], "there is no such profile");
    refused("[profiles.day]\nhostt = 1\n", &[], "did you mean `host`");
    refused("[profiles.day]\n", &[], "is missing");
    // Named on the way in, it is the name of the new one.
    fs::write(folder.join("config.toml"), "theme = \"light\"\n").unwrap();
    let mut session = first(home.path(), &["--profile", "night"]).run();
    session.sees("Try the demo").keys("\x1b[B").keys(ENTER).sees("Profile `night`");
}

#[test]
fn from_the_demo_a_profile_that_is_there_already_is_opened_with_its_secret() {
    let (home, platform) = (home(), platform());
    let folder = home.path().join(".config/rolodesk");
    fs::create_dir_all(&folder).unwrap();
    let value = |at: usize| &platform.env[at].1;
    let text = format!(
        "[profiles.acme] # ours\nhost = \"{}\"\nstream_id = \"{}\"\naccount_id = \
         \"{}\"\nclient_id = \"{}\"\nclient_secret = {{ file = \"kept\" }}\nmax_batch = 7\n",
        value(0),
        value(1),
        value(2),
        value(3)
    );
    fs::write(folder.join("config.toml"), text).unwrap();
    fs::write(folder.join("kept"), secret(&platform)).unwrap();
    fs::set_permissions(folder.join("kept"), fs::Permissions::from_mode(0o600)).unwrap();
    let mut session = first(home.path(), &["--demo"]).run();
    session.sees("● demo").keys(CTRL_T).sees("Profile `acme`").sees("as it is in the file");
    session.keys(CTRL_S).sees("acme · 127.0.0.1").sees("New contact");
    let text = fs::read_to_string(folder.join("config.toml")).unwrap();
    for kept in ["# ours", "max_batch = 7", "client_secret = { file = \"kept\" }"] {
        assert!(text.contains(kept), "{kept} in {text}");
    }
}
