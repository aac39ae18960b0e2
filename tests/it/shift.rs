//! A shift as an agent works it: sixty contacts at 80x24, with taken numbers, rejections, an
//! outage and a wrong secret, and at its end nothing that waits for anybody.

use rolodesk::sandbox::{Faults, SandboxSettings};

use crate::{
    journeys::{Platform, home, type_contact},
    terminal::{CTRL_S, Session},
};

const F6: &str = "\x1b[17~";
const F9: &str = "\x1b[20~";
const TAKEN: &str = "+91 98765 43210";

struct Shift {
    session: Session,
    platform: Platform,
    settings: SandboxSettings,
    typed: u32,
}

impl Shift {
    /// Another caller: what is typed beside the text is four tabs and the key that submits.
    fn takes_a_call(&mut self, phone: &str) -> String {
        self.typed += 1;
        let last = format!("Caller{:02}", self.typed);
        type_contact(&mut self.session, "Ann", &last, phone);
        self.session.keys(CTRL_S);
        // The form is free for the next one at once.
        let name = format!("Ann {last}");
        self.session.wait_until(&name, |screen| {
            screen.lines().any(|line| line.contains(&name) && !line.contains("ready"))
        });
        self.is_readable();
        name
    }

    fn calls(&mut self, many: u32) -> Vec<String> {
        (0..many).map(|_| self.takes_a_call(&format!("+44 7911 1234{:02}", self.typed))).collect()
    }

    /// No sentence is cut.
    fn is_readable(&self) {
        let screen = self.session.screen();
        let cut = screen.lines().rev().take(3).find(|line| line.trim_end().ends_with('…'));
        assert_eq!(cut, None, "{screen}");
    }

    fn platform_goes_on(&mut self, change: impl FnOnce(&mut SandboxSettings)) {
        let mut settings = self.settings.clone();
        change(&mut settings);
        self.platform.starts_again_as(settings);
    }

    /// The next row that waits for a person, whichever pane has the keyboard.
    fn next_needed(&mut self) {
        self.session.keys(F9);
    }
}

#[test]
fn a_shift_of_sixty_contacts_ends_with_nothing_that_waits_for_anybody() {
    let home = home();
    let settings = SandboxSettings {
        limit: 6_000,
        seed: vec![["Mrs", "Jane", "Roe", "+919876543210"].map(str::to_owned)],
        ..SandboxSettings::demo()
    };
    let platform = Platform::start(settings.clone());
    let more = [("ROLODESK_REQUESTS_PER_MINUTE".to_owned(), "6000".to_owned())];
    let session = platform.form(home.path()).env(more).size(80, 24).run();
    let mut shift = Shift { session, platform, settings, typed: 0 };
    shift.session.sees("New contact");

    // A quiet morning, and a number that is Jane Roe's already.
    let names = shift.calls(15);
    shift.session.sees_line(&["Created", &names[14]]);
    let taken = shift.takes_a_call(TAKEN);
    shift.session.sees_line(&["Duplicate", &taken]).sees("1 needs you");
    shift.next_needed();
    shift.session.keys("u").sees("Which is right?").keys("k");
    shift.session.wait_until("decided", |screen| !screen.contains("needs you"));
    shift.is_readable();
    shift.session.keys(F6);

    // The platform goes away for five calls.
    shift.platform.stop();
    shift.calls(5);
    shift.session.sees("OFFLINE");
    shift.platform_goes_on(|_| {});
    shift.calls(9);
    shift.session.sees("5 Queued 0");

    // It refuses two by a rule of its own: both are corrected.
    shift.platform.stop();
    shift.platform_goes_on(|settings| {
        settings.faults = Faults { reject: 1.0, ..Faults::default() };
    });
    shift.calls(2);
    shift.session.sees("2 need you");
    shift.platform.stop();
    shift.platform_goes_on(|_| {});
    for left in ["1 needs you", "New contact"] {
        shift.next_needed();
        shift.session.keys("e").sees("Correction: ");
        shift.session.keys(CTRL_S).sees(left);
        shift.is_readable();
    }
    shift.session.wait_until("both are out", |screen| !screen.contains("needs you"));

    // Somebody changed the secret, and changed it back.
    shift.platform.stop();
    shift.platform_goes_on(|settings| settings.secret = "another secret, not the one".repeat(2));
    shift.calls(3);
    shift.session.sees("secret");
    shift.is_readable();
    shift.platform.stop();
    shift.platform_goes_on(|_| {});
    let rest = 60 - shift.typed;
    shift.calls(rest);
    shift.session.sees("5 Queued 0").sees("2 Created 59").sees("4 Attention 0");
    let screen = shift.session.screen();
    assert!(!screen.contains("need you") && !screen.contains("needs you"), "{screen}");
    shift.is_readable();
}
