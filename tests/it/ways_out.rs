//! The terminal's life: every way out leaves it as it was, also when it is suddenly gone;
//! it may have any size, few colours or none, another locale, other keys, and a mouse.

use std::{
    env, fs,
    io::Read as _,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use crate::{
    journeys::{Platform, home, platform, type_contact},
    terminal::{
        CTRL_C, CTRL_Q, CTRL_S, ENTER, PATIENCE, Session, Start, TAB, kill, processor_ticks,
    },
};

const F6: &str = "\x1b[17~";
const CTRL_L: &str = "\x0c";
const CTRL_P: &str = "\x10";
const PROGRAM: &str = env!("CARGO_BIN_EXE_rolodesk");
/// Ticks of 10 ms: far below what a reader that spins for most of a second uses.
const LITTLE: u64 = 40;

fn started(platform: &Platform, home: &Path) -> Session {
    let mut session = platform.form(home).run();
    session.sees("New contact");
    session
}

fn config(home: &Path, text: &str) {
    let folder = home.join(".config/rolodesk");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("config.toml"), text).unwrap();
}

fn holds(raw: &[u8], text: &str) -> bool {
    raw.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Every colour that was set, of any depth, as the terminal was told it.
fn colours(raw: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(raw).into_owned();
    let parameters = text.split("\x1b[").skip(1).filter_map(|part| {
        let end = part.find(|c: char| !c.is_ascii_digit() && c != ';')?;
        part[end..].starts_with('m').then(|| part[..end].to_owned())
    });
    let plain =
        ["", "0", "1", "2", "3", "4", "7", "22", "23", "24", "27", "39", "49", "39;49", "59"];
    parameters.filter(|it| !plain.contains(&it.as_str())).collect()
}

#[test]
fn every_way_out_undoes_all_that_was_done_to_the_terminal() {
    let (home, platform) = (home(), platform());
    for way in [CTRL_C, CTRL_Q, "TERM", "HUP", "INT"] {
        let mut session = started(&platform, home.path());
        let asked = Instant::now();
        let by_key = [CTRL_C, CTRL_Q].contains(&way);
        if by_key {
            session.keys(way);
        } else {
            session.signal(way);
        }
        let status = session.ends();
        assert!(asked.elapsed() < Duration::from_secs(2), "{way:?} took {:?}", asked.elapsed());
        assert_eq!(status.success(), by_key, "{way:?}: {status:?}");
        session.gives_the_terminal_back();
        let raw = session.raw();
        // Mouse, paste, title, alternate screen: each set and unset. Colours and cursor.
        for code in [
            "\x1b[?1000h",
            "\x1b[?1006h",
            "\x1b[?2004h",
            "\x1b[22;2t",
            "\x1b[?1049h",
            "\x1b[?1000l",
            "\x1b[?1006l",
            "\x1b[?2004l",
            "\x1b[23;2t",
            "\x1b[?1049l",
            "\x1b[0m",
            "\x1b[?25h",
        ] {
            assert!(holds(&raw, code), "{code:?} was not sent for {way:?}");
        }
    }
}

#[test]
fn the_line_is_cooked_again_after_every_way_out() {
    let (home, platform) = (home(), platform());
    let script = "sh -c 'echo $$ > pid; exec \"$0\"' \"$0\"; stty -a";
    for way in [CTRL_Q, "TERM", "INT"] {
        let mut session =
            Start::program(Path::new("/bin/sh"), home.path(), &["-c", script, PROGRAM])
                .env(platform.env())
                .run();
        session.sees("New contact");
        if way == CTRL_Q {
            session.keys(way);
        } else {
            kill(way, fs::read_to_string(home.path().join("pid")).unwrap().trim());
        }
        session.sees("icanon");
        session.ends();
        let screen = session.screen();
        assert!(!screen.contains("-icanon") && !screen.contains("-isig"), "{screen}");
        assert!(screen.split_whitespace().any(|word| word == "echo"), "{screen}");
    }
}

/// Without the whole job the shell would wait for the script that waits for us.
#[cfg(target_os = "linux")]
#[test]
fn suspending_stops_the_script_that_started_it_as_well() {
    const CTRL_Z: &str = "\x1a";
    let home = home();
    let arguments = ["-c", "\"$0\" --demo; echo the script ends", PROGRAM];
    let mut session = Start::program(Path::new("/bin/sh"), home.path(), &arguments).run();
    session.sees("New contact").keys(TAB).keys("Zoe").sees("Zoe").keys(F6).keys(CTRL_Z);
    session.gives_the_terminal_back();
    session.wait_until_stopped();
    session.resize(80, 24);
    session.signal_all("CONT");
    session.sees_line(&["First name", "Zoe"]).sees("All ");
    session.keys(CTRL_Q).sees("the script ends");
    assert!(session.ends().success());
}

#[test]
fn a_mistake_in_the_keys_is_told_before_the_screen_opens() {
    let home = home();
    config(home.path(), "[keys]\nsumbit = \"f2\"\n");
    let mut session = Start::new(home.path(), &["--demo"]).run();
    assert_eq!(session.ends().exit_code(), 2);
    session.sees("config.toml, line 2").sees("did you mean `submit`");
    assert!(!holds(&session.raw(), "\x1b[?1049h"));
}

const HOLDER: &str = "ROLODESK_TEST_HOLDER";

/// Holds the pseudo-terminal of a program, to be killed with it. Does nothing unless it is
/// started by the test below.
#[test]
fn holder() {
    let Ok(command) = env::var(HOLDER) else { return };
    let home = env::var("HOME").unwrap();
    let command: Vec<_> = command.split(' ').collect();
    let ours = env::vars().filter(|(name, _)| name.starts_with("ROLODESK_"));
    let mut session =
        Start::program(Path::new(command[0]), Path::new(&home), &command[1..]).env(ours).run();
    session.sees("New contact").keys(TAB).keys("Zebulon").sees("Zebulon");
    fs::write(Path::new(&home).join("ready"), "").unwrap();
    session.ends();
}

/// A terminal emulator or an SSH connection that dies takes the terminal with it. SIGHUP
/// comes along, but not to a program in a session of its own.
#[cfg(target_os = "linux")]
#[test]
fn a_vanished_terminal_ends_the_program_within_a_second_with_or_without_a_signal() {
    let platform = platform();
    for prefix in ["", "/usr/bin/setsid --wait "] {
        let home = home();
        let script = home.path().join("start");
        fs::write(&script, format!("echo $$ > pid; exec {PROGRAM}\n")).unwrap();
        let command = format!("{prefix}/bin/sh {}", script.display());
        let mut holder = Command::new(env::current_exe().unwrap())
            .args(["--exact", "ways_out::holder", "--nocapture"])
            .env("HOME", home.path())
            .env(HOLDER, &command)
            .envs(platform.env())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + PATIENCE;
        while !home.path().join("ready").exists() {
            assert!(Instant::now() < deadline, "{command} never got ready");
            std::thread::park_timeout(Duration::from_millis(10));
        }
        let pid = fs::read_to_string(home.path().join("pid")).unwrap().trim().parse().unwrap();
        let before = processor_ticks(pid).expect("a running program");
        let mut used = before;
        holder.kill().unwrap();
        holder.wait().unwrap();
        let vanished = Instant::now();
        while let Some(now) = processor_ticks(pid) {
            used = now;
            let gone = vanished.elapsed();
            assert!(gone < Duration::from_millis(1_500), "{command} still runs after {gone:?}");
            std::thread::park_timeout(Duration::from_millis(5));
        }
        eprintln!("{command:?} ended after {:?}, {} ticks", vanished.elapsed(), used - before);
        assert!(used - before < LITTLE, "{command:?} used {} ticks", used - before);
        let mut again = started(&platform, home.path());
        again.sees_line(&["First name", "Zebulon"]);
    }
}

/// The other end is there but reads nothing: the program hangs in its first picture.
#[test]
fn a_terminal_that_takes_nothing_more_does_not_keep_a_program_that_is_told_to_leave() {
    let home = home();
    let size = PtySize { rows: 100, cols: 400, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size).unwrap();
    let mut command = CommandBuilder::new(PROGRAM);
    command.arg("--demo");
    command.env_clear();
    command.env("HOME", home.path());
    command.env("TERM", "xterm-256color");
    let mut child = pair.slave.spawn_command(command).unwrap();
    let mut reader = pair.master.try_clone_reader().unwrap();
    let mut seen = Vec::new();
    while !holds(&seen, "\x1b[?1049h") {
        let mut byte = [0];
        assert_eq!(reader.read(&mut byte).unwrap(), 1, "it ended early");
        seen.extend(byte);
    }
    let told = Instant::now();
    kill("TERM", &child.process_id().unwrap().to_string());
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        assert!(told.elapsed() < Duration::from_secs(2), "still there: {:?}", child.kill());
        std::thread::park_timeout(Duration::from_millis(10));
    };
    assert_eq!(status.exit_code(), 143);
}

#[test]
fn a_storm_of_sizes_ends_with_the_last_one_and_the_text() {
    let (home, platform) = (home(), platform());
    let mut session = platform.form(home.path()).size(80, 24).run();
    session.sees("New contact").keys(TAB).keys("Zoe").keys(TAB).keys(TAB).keys("ger");
    session.sees("Germany");
    for step in 0..200_u16 {
        session.resize(1 + step * 7 % 150, 1 + step * 3 % 50);
    }
    for (columns, rows) in [(0, 0), (1, 1), (0, 9), (300, 80), (39, 12), (60, 18)] {
        session.resize(columns, rows);
    }
    session.keys(ENTER).resize(120, 32);
    session.sees_line(&["First name", "Zoe"]).sees_line(&["Country", "Germany"]).sees("All ");
    session.keys(CTRL_Q);
    assert!(session.ends().success());
}

#[test]
fn too_small_a_terminal_says_what_it_needs() {
    let (home, platform) = (home(), platform());
    let mut session = platform.form(home.path()).size(39, 11).run();
    session.sees("rolodesk needs 40x12, this is 39x11");
    session.resize(40, 12);
    session.sees("Salutation");
}

#[test]
fn no_color_and_a_dumb_terminal_get_no_colour_but_attributes() {
    let (home, platform) = (home(), platform());
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb"), ("TERM", "")] {
        let env = [(name.to_owned(), value.to_owned())];
        let mut session = platform.form(home.path()).env(env).run();
        session.sees("New contact").keys(CTRL_S).sees("is needed").keys(F6).sees("F6 form");
        assert_eq!(colours(&session.raw()), [] as [&str; 0], "{name}");
        // The focus is plain to see: the focused pane's title is bold, the other's is not.
        let bold = |session: &Session, text: &str| {
            let (row, column) = session.place_of(text);
            session.cell(row, column).bold()
        };
        assert!(bold(&session, "All 0") && !bold(&session, "New contact"), "{name}");
        assert!(bold(&session, "! "), "{name}: an error looks like any text");
        session.keys(F6).keys(CTRL_L).keys(CTRL_Q).ends();
    }
}

#[test]
fn sixteen_colours_are_enough_and_more_are_used_where_there_are_more() {
    let (home, platform) = (home(), platform());
    for (term, colorterm, most) in
        [("xterm", "", 16), ("xterm-256color", "", 256), ("xterm-256color", "truecolor", 1 << 24)]
    {
        let env = [("TERM", term), ("COLORTERM", colorterm)];
        let env = env.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut session = platform.form(home.path()).env(env).run();
        session.sees("New contact").keys(CTRL_S).sees("is needed");
        let raw = session.raw();
        assert_eq!(holds(&raw, "8;2;"), most > 256, "{term} {colorterm}");
        let indexed = colours(&raw).into_iter().filter_map(|it| {
            let (_, rest) = it.split_once("38;5;")?;
            rest.split(';').next()?.parse::<u32>().ok()
        });
        let indexed: Vec<_> = indexed.collect();
        assert!(indexed.iter().all(|index| *index < most), "{term}: {indexed:?}");
        assert_eq!(indexed.is_empty(), most != 256, "{term} {colorterm}");
        // The sixteen have codes of their own.
        let colour = |code: &str| code.parse().is_ok_and(|it: u8| (30..108).contains(&it));
        let classic = |code: &String| {
            !code.contains("8;")
                && code.split(';').filter(|it| *it != "39" && *it != "49").any(colour)
        };
        assert_eq!(colours(&raw).iter().any(classic), most == 16, "{term} {colorterm}");
        session.keys(CTRL_Q).ends();
    }
}

#[test]
fn outside_utf8_borders_and_marks_are_ascii() {
    let (home, platform) = (home(), platform());
    for (name, value) in [("LANG", "C"), ("LC_ALL", "POSIX"), ("LANG", "de_DE.ISO-8859-1")] {
        let env = [(name.to_owned(), value.to_owned())];
        let mut session = platform.form(home.path()).env(env).run();
        session.sees("New contact").sees("(*) Mr");
        session.keys(CTRL_P).sees("Actions");
        let raw = session.raw();
        assert!(raw.is_ascii(), "{name}={value}: {}", session.screen());
        session.keys(CTRL_C).ends();
    }
}

#[test]
fn a_light_terminal_that_says_so_gets_the_light_theme_and_its_answer_is_never_typed() {
    let (home, platform) = (home(), platform());
    let true_colour = [("COLORTERM".to_owned(), "truecolor".to_owned())];
    let mut session = platform.form(home.path()).env(true_colour).run();
    session.sees("New contact");
    assert!(holds(&session.raw(), "\x1b]11;?\x07"));
    let (row, column) = session.place_of("New contact");
    let dark = session.cell(row, column).fgcolor();
    // Late, while somebody is typing, in two pieces.
    session.keys(TAB).keys("Zo").keys("\x1b]11;rgb:ff").keys("ff/ffff/ffff\x1b\\").keys("e");
    session.sees_line(&["First name", "Zoe"]);
    let light = session.cell(row, column).fgcolor();
    assert_ne!(dark, light);
    let screen = session.screen();
    assert!(!screen.contains("rgb"), "{screen}");
}

#[test]
fn a_terminal_that_might_show_the_question_is_not_asked() {
    let (home, platform) = (home(), platform());
    for (name, value) in [("TERM", "linux"), ("TERM", "screen"), ("NO_COLOR", "1")] {
        let env = [(name.to_owned(), value.to_owned())];
        let mut session = platform.form(home.path()).env(env).run();
        session.sees("New contact").keys(CTRL_Q).ends();
        assert!(!holds(&session.raw(), "\x1b]11"), "{name}={value}");
    }
}

#[test]
fn a_key_of_ones_own_works_and_is_what_the_screen_names() {
    let home = home();
    config(home.path(), "mouse = false\n[keys]\nsubmit = [\"f2\"]\nresults.search = \"s\"\n");
    let mut session = Start::new(home.path(), &["--demo"]).run();
    session.sees("New contact").sees("F2 submit").sees("Submit  F2");
    type_contact(&mut session, "Ada", "Tester", "+1 415 555 0132");
    session.keys("\x1bOQ").sees_line(&["Created", "Ada Tester"]);
    session.keys(F6).keys("s").sees("end search").keys("zzz").sees("Nothing matches");
    session.keys(CTRL_Q).ends();
    assert!(!holds(&session.raw(), "\x1b[?1000h"), "the mouse was switched off");
}

#[test]
fn the_list_of_actions_finds_one_and_does_it() {
    let (home, platform) = (home(), platform());
    let mut session = started(&platform, home.path());
    type_contact(&mut session, "Ada", "Tester", "+1 415 555 0132");
    session.keys(CTRL_S).sees_line(&["Created", "Ada Tester"]);
    session.keys(CTRL_P).sees("Actions").keys("dupl only");
    session.sees_line(&["Show duplicates only", "3"]).keys(ENTER);
    session.sees("Duplicate 0]").sees("Nothing matches");
    session.keys(CTRL_P).keys("mouse").keys(ENTER).sees("for the terminal");
    session.keys(CTRL_Q).ends();
    assert!(holds(&session.raw(), "\x1b[?1000l"));
}

#[test]
fn clicks_focus_choose_and_filter() {
    let (home, platform) = (home(), platform());
    let mut session = started(&platform, home.path());
    let click = |session: &mut Session, text: &str, into: u16| {
        let (row, column) = session.place_of(text);
        session.click(row, column + into);
    };
    click(&mut session, "○ Mrs", 1);
    session.sees("● Mrs");
    click(&mut session, "Last name", 14);
    session.keys("Pond").sees_line(&["Last name", "Pond"]);
    click(&mut session, "Country", 14);
    session.keys("unit").sees("United Kingdom");
    click(&mut session, "United Kingdom", 2);
    session.sees_line(&["Country", "GB", "+44"]);
    session.keys("7911 123456").sees("mobile");
    click(&mut session, "First name", 14);
    session.keys("Amy").sees_line(&["First name", "Amy"]);
    click(&mut session, "Submit  Ctrl+S", 3);
    session.sees_line(&["Created", "Amy Pond"]).sees("Created 1");
    click(&mut session, "Duplicate 0", 2);
    session.sees("Nothing matches");
}

#[test]
fn the_bell_rings_for_a_problem_if_it_is_wanted() {
    for (text, rings) in [("bell = true\n", true), ("", false)] {
        let home = home();
        config(home.path(), text);
        let mut session = Start::new(home.path(), &["--demo"]).run();
        session.sees("New contact");
        let bells = |session: &Session| {
            // A BEL also ends the title and the question for the background.
            let raw = session.raw();
            raw.windows(2).filter(|it| it[1] == 7 && it[0] != b'?').count()
        };
        let before = bells(&session);
        session.keys(CTRL_S).sees("is needed");
        session.keys("x").sees_line(&["First name", "x"]);
        assert_eq!(bells(&session) > before, rings, "{text:?}");
    }
}

#[test]
fn the_keys_command_tells_each_key_and_gives_the_terminal_back() {
    let home = home();
    let mut session = Start::new(home.path(), &["keys"]).run();
    session.sees("Press keys").keys("r").sees("Results: try again now");
    session.keys("\r").sees("In the form: next field");
    session.keys("\x1b[24~").sees("F12").sees("does nothing");
    session.keys("\x1b").sees("(question.no)").keys("\x1b");
    assert!(session.ends().success());
    assert!(!session.is_on_alternate_screen());
    let piped = Command::new(PROGRAM).arg("keys").stdin(Stdio::null()).output().unwrap();
    assert_eq!(piped.status.code(), Some(2));
}

#[test]
fn keys_that_come_before_the_first_picture_are_not_lost() {
    let (home, platform) = (home(), platform());
    let mut session = platform.form(home.path()).run();
    session.keys(TAB).keys("Early");
    session.sees_line(&["First name", "Early"]);
}
