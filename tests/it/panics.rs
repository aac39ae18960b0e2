//! A panic gives the terminal back and leaves a report. The program has no way to be made
//! to panic, so this test binary plays it: started again under a pseudo-terminal, it takes
//! the screen, or runs the whole demo, and panics where it is told to.

use std::{env, fs, path::Path, thread};

use rolodesk::{
    config::{self, Environment, Overrides},
    run,
    sandbox::Faults,
    tui::terminal::{Screen, last_words},
};

use crate::terminal::{CTRL_Q, Session, Start};

const WHERE: &str = "ROLODESK_TEST_PANIC";
/// Stands for what a panic's message could hold.
const NAME: &str = "Zebulon";

/// Does nothing unless it is started by the tests below.
#[test]
fn actor() {
    let Ok(place) = env::var(WHERE) else { return };
    let environment = Environment::of_process();
    run::report_panics(&environment);
    match place.as_str() {
        "drawing" | "background" => on_a_screen(&place),
        "demo" => under_the_form(&environment),
        other => panic!("no scene {other}"),
    }
}

fn on_a_screen(place: &str) {
    let mut screen = Screen::take("a title", true).unwrap();
    screen.draw(|frame| frame.render_widget("on stage", frame.area())).unwrap();
    assert!(place != "drawing", "dropped a line");
    thread::spawn(|| panic!("dropped a prop for {}", NAME.to_owned())).join().unwrap_err();
    let words = last_words().expect("the screen is still held");
    drop(screen);
    panic!("behind the scenes: {words}");
}

/// The whole program with a task of somebody's that panics.
fn under_the_form(environment: &Environment) {
    let look =
        rolodesk::appearance::resolve(&config::AppearanceSettings::default(), environment).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        tokio::spawn(async { panic!("dropped a prop for {}", NAME.to_owned()) });
        run::demo(look, environment, &Overrides::default(), Faults::default()).await.unwrap();
    });
}

fn play(place: &str, home: &Path) -> Session {
    let program = env::current_exe().unwrap();
    let arguments = ["--exact", "panics::actor", "--nocapture"];
    Start::program(&program, home, &arguments).env([(WHERE.to_owned(), place.to_owned())]).run()
}

/// The one report in a home.
fn report(home: &Path) -> String {
    let folder = home.join(".local/state/rolodesk");
    let is_report = |path: &std::path::PathBuf| path.extension().is_some_and(|it| it == "txt");
    let files = fs::read_dir(&folder).unwrap().flatten().map(|file| file.path());
    let newest = files.filter(is_report).min().expect("a report");
    fs::read_to_string(newest).unwrap()
}

#[test]
fn a_panic_in_any_thread_gives_the_terminal_back_and_says_where_its_report_is() {
    for (place, says) in [("drawing", "dropped a line"), ("background", "behind the scenes")] {
        let home = tempfile::tempdir().unwrap();
        let mut session = play(place, home.path());
        let status = session.ends();
        assert!(!status.success());
        session.gives_the_terminal_back();
        session.sees("panics.rs").sees(".local/state/rolodesk/panic-");
        let raw = session.raw();
        let holds = |text: &str| raw.windows(text.len()).any(|it| it == text.as_bytes());
        assert!(holds("stage") && holds("\x1b[?2004l") && holds("\x1b[?1000l"), "{place}");
        let report = report(home.path());
        assert!(
            report.contains("panics.rs") && report.contains("backtrace")
                || report.contains("panics::"),
            "{report}"
        );
        assert!(says == "behind the scenes" || report.contains(says), "{report}");
        assert!(!report.contains(NAME), "{report}");
    }
}

#[test]
fn a_panic_in_a_task_leaves_the_form_up_and_is_told_at_the_end() {
    let home = tempfile::tempdir().unwrap();
    let mut session = play("demo", home.path());
    session.sees("New contact").keys("\t").keys("Amy").sees("Amy");
    assert!(session.is_on_alternate_screen());
    session.keys(CTRL_Q);
    session.ends();
    session.gives_the_terminal_back();
    session.sees("a defect of the program itself").sees(".local/state/rolodesk/panic-");
    assert!(!session.screen().contains(NAME), "{}", session.screen());
    assert!(!report(home.path()).contains(NAME));
}
