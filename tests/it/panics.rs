//! A panic gives the terminal back. The program has no way to be made to panic, so this
//! test binary plays it: started again under a pseudo-terminal, it takes the screen and
//! panics where it is told to.

use std::env;

use rolodesk::tui::terminal::{Screen, last_words};

use crate::terminal::Start;

const WHERE: &str = "ROLODESK_TEST_PANIC";

/// Does nothing unless it is started by the test below.
#[test]
fn actor() {
    let Ok(place) = env::var(WHERE) else { return };
    let mut screen = Screen::take("a title").unwrap();
    screen.draw(|frame| frame.render_widget("on stage", frame.area())).unwrap();
    assert!(place != "drawing", "dropped a line");
    std::thread::spawn(|| panic!("dropped a prop")).join().unwrap_err();
    let words = last_words().expect("the screen is still held");
    drop(screen);
    panic!("behind the scenes: {words}");
}

#[test]
fn a_panic_in_any_thread_gives_the_terminal_back_and_its_words_can_be_read() {
    let home = tempfile::tempdir().unwrap();
    for (place, words) in [("drawing", "dropped a line"), ("background", "dropped a prop")] {
        let program = env::current_exe().unwrap();
        let arguments = ["--exact", "panics::actor", "--nocapture"];
        let mut session = Start::program(&program, home.path(), &arguments)
            .env([(WHERE.to_owned(), place.to_owned())])
            .run();
        let status = session.ends();
        assert!(!status.success());
        session.sees(words);
        assert!(!session.is_on_alternate_screen(), "{place}");
        assert!(!session.hides_cursor(), "{place}");
        let raw = session.raw();
        let holds = |text: &str| raw.windows(text.len()).any(|it| it == text.as_bytes());
        assert!(holds("stage") && holds("\x1b[?2004l"), "{place}");
    }
}
