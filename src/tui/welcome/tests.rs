//! What a person does on the first screen, key by key, and what comes of it.

use crossterm::event::{KeyCode, KeyModifiers};
use proptest::prelude::*;
use ratatui::{Terminal, backend::TestBackend};
use secrecy::{ExposeSecret as _, SecretString};

use super::*;
use crate::tui::{
    script::{click, look},
    theme::Depth,
};

/// Reads as much as a test needs: a word, and "?" is none.
fn word(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("is needed".into()),
        "?" => Err("is no word".into()),
        word => Ok(word.to_lowercase()),
    }
}

fn asked(label: &'static str, value: &str) -> SetupQuestion {
    SetupQuestion { label, value: value.into(), is_default: false, read: word, also: |_| None }
}

fn start() -> Start {
    let host = SetupQuestion {
        also: |text| text.split_once('/').map(|(_, rest)| rest.to_owned()),
        read: |text| word(text.split('/').next().unwrap_or_default()),
        is_default: true,
        ..asked("Platform's URL", "host")
    };
    let country = SetupQuestion { is_default: true, ..asked("Default country", "none") };
    let place = |word, means, named, there| StorageChoice { word, means, named, there };
    Start {
        look: look(Depth::Sixteen, true),
        profile: "acme".into(),
        path: "/home/a/config.toml".into(),
        asked: vec![host, asked("Stream (bot) id", ""), asked("Account id", "a1"), country],
        before_secret: 3,
        kept: None,
        places: vec![
            place("keyring", "in the desktop's keyring", None, false),
            place("file", "beside the configuration", None, true),
            place("variable", "in the environment", Some(asked("Variable", "")), true),
        ],
    }
}

struct WelcomeScript {
    welcome: Welcome,
    effects: Vec<WelcomeEffect>,
}

impl WelcomeScript {
    fn with(start: Start) -> Self {
        Self { welcome: Welcome::new(start), effects: Vec::new() }
    }

    fn new() -> Self {
        Self::with(start())
    }

    fn event(&mut self, event: WelcomeEvent) -> &mut Self {
        self.effects.extend(self.welcome.update(event));
        self
    }

    fn press(&mut self, code: KeyCode, modifiers: KeyModifiers) -> &mut Self {
        self.event(key(code, modifiers))
    }

    fn key(&mut self, code: KeyCode) -> &mut Self {
        self.press(code, KeyModifiers::NONE)
    }

    fn ctrl(&mut self, c: char) -> &mut Self {
        self.press(KeyCode::Char(c), KeyModifiers::CONTROL)
    }

    fn tab(&mut self) -> &mut Self {
        self.key(KeyCode::Tab)
    }

    fn type_text(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            self.key(KeyCode::Char(c));
        }
        self
    }

    fn paste(&mut self, text: &str) -> &mut Self {
        self.event(WelcomeEvent::Terminal(Input::Paste(text.into())))
    }

    /// From the first screen to the filled form, the secret being the last that is typed.
    fn filled(&mut self, secret: &str) -> &mut Self {
        self.type_text("s").tab().type_text("st-1").tab().tab().type_text(secret)
    }

    fn click(&mut self, column: u16, row: u16) -> &mut Self {
        match click(column, row) {
            crate::tui::Event::Terminal(at) => self.event(WelcomeEvent::Terminal(at)),
            other => panic!("{other:?}"),
        }
    }

    fn taken(&mut self) -> Vec<WelcomeEffect> {
        std::mem::take(&mut self.effects)
    }

    /// The one question to the platform since the last time.
    fn asks(&mut self) -> (u64, Given) {
        match &self.taken()[..] {
            [WelcomeEffect::Try { round, given }] => (*round, given.clone()),
            other => panic!("{other:?}"),
        }
    }

    fn told(&mut self, round: u64, accepted: bool) -> &mut Self {
        let verdict = SetupVerdict { accepted, text: "said".into() };
        self.event(WelcomeEvent::Tried { round, verdict })
    }

    fn saves(&mut self) -> Given {
        match &self.taken()[..] {
            [WelcomeEffect::Save(given)] => given.clone(),
            other => panic!("{other:?}"),
        }
    }

    fn text(&self, at: usize) -> &str {
        self.welcome.form.fields[at].input.text()
    }
}

fn key(code: KeyCode, modifiers: KeyModifiers) -> WelcomeEvent {
    WelcomeEvent::Terminal(Input::Key(KeyEvent::new(code, modifiers)))
}

fn secret(given: &Given) -> &str {
    given.secret.as_ref().map_or("", SecretString::expose_secret)
}

#[test]
fn letters_arrows_and_clicks_choose_between_demo_profile_and_leaving() {
    assert!(matches!(WelcomeScript::new().type_text("d").taken()[..], [WelcomeEffect::Demo]));
    assert!(matches!(WelcomeScript::new().key(KeyCode::Enter).taken()[..], [WelcomeEffect::Demo]));
    let mut script = WelcomeScript::new();
    script.key(KeyCode::Down).key(KeyCode::Enter);
    assert_eq!(script.welcome.page, WelcomePage::Form);
    let mut script = WelcomeScript::new();
    script.key(KeyCode::Down).key(KeyCode::Down).key(KeyCode::Enter);
    assert!(matches!(script.taken()[..], [WelcomeEffect::Quit]));
    for way in [KeyCode::Esc, KeyCode::Char('q')] {
        assert!(matches!(WelcomeScript::new().key(way).taken()[..], [WelcomeEffect::Quit]));
    }
    for way in ['c', 'q'] {
        assert!(matches!(WelcomeScript::new().ctrl(way).taken()[..], [WelcomeEffect::Quit]));
        assert!(matches!(
            WelcomeScript::new().type_text("s").ctrl(way).taken()[..],
            [WelcomeEffect::Quit]
        ));
    }
}

#[test]
fn esc_and_a_key_right_after_it_are_two_keys() {
    let mut script = WelcomeScript::new();
    script.type_text("s").press(KeyCode::Char('q'), KeyModifiers::ALT);
    assert!(matches!(script.taken()[..], [WelcomeEffect::Quit]));
}

#[test]
fn a_click_chooses_what_is_under_it() {
    let mut script = WelcomeScript::new();
    script.event(WelcomeEvent::Terminal(Input::Resize(80, 24)));
    script.click(14, 13);
    assert_eq!(script.welcome.page, WelcomePage::Form);
    script.click(30, 4);
    assert_eq!(script.welcome.form.focus, SetupFocus::Field(1));
    script.click(79, 23);
    assert_eq!(script.welcome.form.focus, SetupFocus::Field(1), "there is nothing to click");
    let (row, column) = (0..)
        .zip(picture(&script, 80, 24).lines())
        .find_map(|(y, line)| {
            let at = line.find("○ variable")?;
            Some((y, u16::try_from(line[..at].chars().count()).unwrap()))
        })
        .unwrap();
    script.click(column + 5, row);
    assert_eq!(
        (script.welcome.form.focus, script.welcome.form.places.chosen()),
        (SetupFocus::Places, 2)
    );
    assert!(script.welcome.form.problem(SetupFocus::Field(1)).is_some(), "it was left");
    let button =
        picture(&script, 80, 24).lines().position(|it| it.contains("Save  Ctrl+S")).unwrap();
    script.click(40, u16::try_from(button).unwrap());
    assert_eq!(script.welcome.form.focus, SetupFocus::Field(1), "what is missing");
}

#[test]
fn a_field_is_checked_as_it_is_left_and_the_sentence_goes_with_its_cause() {
    let mut script = WelcomeScript::new();
    script.type_text("s").tab().tab();
    assert_eq!(script.welcome.form.problem(SetupFocus::Field(1)), Some("is needed"));
    script.key(KeyCode::BackTab).type_text("ST-1");
    assert_eq!(script.welcome.form.problem(SetupFocus::Field(1)), None);
    script.tab();
    assert_eq!(script.text(1), "st-1", "as it was meant");
    script.key(KeyCode::BackTab).ctrl('u').type_text("?").tab();
    assert_eq!((script.text(1), script.welcome.form.focus), ("?", SetupFocus::Field(2)));
}

#[test]
fn the_platform_is_asked_once_for_each_thing_that_is_filled_in() {
    let mut script = WelcomeScript::new();
    script.filled("hunter2");
    assert!(script.taken().is_empty(), "the secret is still being typed");
    script.tab();
    let (round, given) = script.asks();
    assert_eq!((given.values.join(" ").as_str(), secret(&given)), ("host st-1 a1 none", "hunter2"));
    script.tab().tab().tab().tab();
    assert!(script.taken().is_empty(), "nothing has changed");
    script.told(round, true);
    assert!(matches!(script.welcome.form.trial.state(), TrialState::Told(it) if it.accepted));
    script.ctrl('r');
    assert_ne!(script.asks().0, round, "asked again on request");
}

#[test]
fn an_answer_to_what_was_typed_before_says_nothing_any_more() {
    let mut script = WelcomeScript::new();
    let (round, _) = script.filled("hunter2").tab().asks();
    script.key(KeyCode::BackTab).type_text("3");
    assert_eq!(script.welcome.form.trial.state(), &TrialState::Open);
    script.told(round, true);
    assert_eq!(script.welcome.form.trial.state(), &TrialState::Open);
    let (later, given) = script.tab().asks();
    assert_eq!(secret(&given), "hunter23");
    script.told(round, true);
    assert_eq!(script.welcome.form.trial.state(), &TrialState::Checking);
    script.told(later, false);
    assert!(matches!(script.welcome.form.trial.state(), TrialState::Told(it) if !it.accepted));
    // Another secret of the same length is another secret.
    script.key(KeyCode::BackTab).key(KeyCode::Backspace).type_text("4").tab();
    assert_eq!(secret(&script.asks().1), "hunter24");
}

#[test]
fn saving_waits_for_the_platforms_yes_and_a_second_press_for_nothing() {
    let mut script = WelcomeScript::new();
    let (round, _) = script.filled("hunter2").ctrl('s').asks();
    script.told(round, true);
    let given = script.saves();
    assert_eq!((secret(&given), given.place), ("hunter2", 1));
    assert!(script.type_text("x").tab().ctrl('s').taken().is_empty(), "it is being saved");
    assert!(matches!(script.ctrl('c').taken()[..], [WelcomeEffect::Quit]));

    let mut script = WelcomeScript::new();
    let (round, _) = script.filled("hunter2").ctrl('s').asks();
    script.told(round, false);
    assert!(script.taken().is_empty(), "a no is told, not saved");
    script.ctrl('s').saves();

    let mut script = WelcomeScript::new();
    let (round, _) = script.filled("hunter2").ctrl('s').asks();
    script.ctrl('s').saves();
    assert!(script.told(round, true).taken().is_empty(), "it is being saved already");
}

#[test]
fn saving_what_is_not_whole_goes_to_what_is_missing() {
    let mut script = WelcomeScript::new();
    script.type_text("s").ctrl('s');
    assert_eq!(script.welcome.form.focus, SetupFocus::Field(1));
    script.type_text("st-1").ctrl('s');
    assert_eq!(script.welcome.form.focus, SetupFocus::Secret);
    assert!(script.welcome.form.secret_problem.is_some());
    assert!(script.taken().is_empty());
}

#[test]
fn a_place_that_does_not_take_the_secret_loses_nothing_and_another_is_offered() {
    let mut script = WelcomeScript::new();
    script.event(WelcomeEvent::There(0));
    let (round, _) = script.filled("hunter2").ctrl('s').asks();
    assert_eq!(script.told(round, true).saves().place, 0, "the keyring is the best");
    script.event(WelcomeEvent::NotSaved { place: true, reason: "it is locked\u{1b}[2J".into() });
    let (tone, text) = script.welcome.notice.clone().unwrap();
    assert!(tone == Tone::Error && text.contains("locked") && !text.contains('\u{1b}'));
    assert_eq!(
        (script.welcome.form.focus, script.welcome.form.places.chosen()),
        (SetupFocus::Places, 1)
    );
    let given = script.ctrl('s').saves();
    assert_eq!((given.place, secret(&given), given.values[1].as_str()), (1, "hunter2", "st-1"));
}

#[test]
fn a_place_with_a_name_asks_for_it() {
    let mut script = WelcomeScript::new();
    script.filled("hunter2").tab().key(KeyCode::Right).tab();
    let (round, _) = script.asks();
    script.told(round, true);
    assert_eq!(script.welcome.form.focus, SetupFocus::Named);
    script.ctrl('s');
    assert!(script.taken().is_empty() && script.welcome.form.focus == SetupFocus::Named);
    let given = script.type_text("kore").ctrl('s').saves();
    assert_eq!((given.place, given.named.as_str()), (2, "kore"));
}

#[test]
fn a_keyring_found_late_does_not_undo_a_choice() {
    let mut script = WelcomeScript::new();
    script.filled("hunter2").tab().key(KeyCode::Right).event(WelcomeEvent::There(0));
    assert_eq!(script.welcome.form.places.chosen(), 2);
}

#[test]
fn a_present_secret_need_not_be_typed_again() {
    let mut script = WelcomeScript::with(Start { kept: Some("the keyring".into()), ..start() });
    let (_, given) = script.type_text("s").tab().type_text("st-1").tab().asks();
    assert!(given.secret.is_none());
    assert!(!script.welcome.form.stops().contains(&SetupFocus::Places), "it stays where it is");
    script.tab().type_text("new").tab();
    assert_eq!(script.welcome.form.focus, SetupFocus::Places);
    assert_eq!(secret(&script.asks().1), "new");
}

#[test]
fn a_pasted_address_fills_two_fields_and_a_pasted_secret_one() {
    let mut script = WelcomeScript::new();
    script.type_text("s").ctrl('u').paste("HOST/st-9\r\n");
    assert_eq!((script.text(0), script.text(1)), ("host", "st-9"));
    script.tab().tab().tab().paste(" s3cret\n");
    let (_, given) = script.tab().asks();
    assert_eq!(secret(&given), "s3cret");
}

#[test]
fn the_secret_is_asked_for_before_what_has_a_default() {
    let mut script = WelcomeScript::new();
    script.type_text("s").tab().tab().tab();
    assert_eq!(script.welcome.form.focus, SetupFocus::Secret);
    script.tab().tab();
    assert_eq!(script.welcome.form.focus, SetupFocus::Field(3));
    script.tab();
    assert_eq!(script.welcome.form.focus, SetupFocus::Button);
}

#[test]
fn typing_or_pasting_replaces_a_value_that_nobody_has_set() {
    let mut script = WelcomeScript::new();
    script.type_text("s").type_text("other");
    assert_eq!(script.text(0), "other");
    script.tab().key(KeyCode::BackTab).type_text("s");
    assert_eq!(script.text(0), "others", "what was typed is not replaced");
    let mut script = WelcomeScript::new();
    script.type_text("s").paste("other/st-9");
    assert_eq!((script.text(0), script.text(1)), ("other", "st-9"));
    script.tab().tab().type_text("b");
    assert_eq!(script.text(2), "a1b", "somebody has set it");
}

#[test]
fn a_move_in_a_value_that_nobody_has_set_keeps_it() {
    for (way, text) in
        [(KeyCode::Left, "hosxt"), (KeyCode::Right, "hostx"), (KeyCode::End, "hostx")]
    {
        let mut script = WelcomeScript::new();
        script.type_text("s").key(way).type_text("x");
        assert_eq!(script.text(0), text, "{way}");
    }
}

#[test]
fn a_value_is_selected_only_while_it_has_the_keyboard() {
    let mut script = WelcomeScript::new();
    script.type_text("s");
    let selection =
        |script: &WelcomeScript, at: usize| script.welcome.form.fields[at].input.selection();
    assert_eq!((selection(&script, 0), selection(&script, 3)), (Some((0, 4)), None));
    script.key(KeyCode::BackTab).key(KeyCode::BackTab);
    assert_eq!((selection(&script, 0), selection(&script, 3)), (None, Some((0, 4))));
    script.key(KeyCode::BackTab).tab().key(KeyCode::Backspace);
    assert_eq!(script.text(3), "", "it was selected again");
}

#[test]
fn going_back_another_size_and_the_demo_lose_nothing_of_a_half_filled_form() {
    let mut script = WelcomeScript::new();
    script.type_text("s").tab().type_text("st-").key(KeyCode::Esc);
    assert_eq!(script.welcome.page, WelcomePage::Choices);
    for (width, height) in [(300, 80), (1, 1), (0, 0), (40, 12)] {
        script.event(WelcomeEvent::Terminal(Input::Resize(width, height)));
    }
    script.type_text("d");
    script.welcome.set_up();
    script.type_text("1");
    assert_eq!(script.text(1), "st-1");
}

#[test]
fn nothing_of_the_secret_is_drawn_copied_or_told() {
    let mut script = WelcomeScript::new();
    script.filled("hunter2").ctrl('x').ctrl('u').type_text("hunter2");
    script.key(KeyCode::BackTab).ctrl('y');
    assert_eq!(script.text(2), "a1");
    script.tab();
    let effects = script.taken();
    for told in [format!("{:?}", script.welcome), format!("{effects:?}"), picture(&script, 80, 24)]
    {
        assert!(!told.contains("hunt"), "{told}");
    }
    assert!(picture(&script, 80, 24).contains("•••••••"));
}

#[test]
fn actions_and_keys_are_listed_and_what_is_about_contacts_says_that_it_has_to_wait() {
    let mut script = WelcomeScript::new();
    script.ctrl('p').type_text("set up").key(KeyCode::Enter);
    assert_eq!(script.welcome.page, WelcomePage::Form);
    script.ctrl('p').type_text("colours").key(KeyCode::Enter);
    assert!(script.welcome.notice.as_ref().is_some_and(|(_, text)| text.contains("Colours")));
    script.key(KeyCode::F(1)).key(KeyCode::Down).key(KeyCode::Esc).key(KeyCode::F(6));
    assert_eq!(script.welcome.page, WelcomePage::Form);
    assert!(script.taken().is_empty());
    for choice in ["submit the form", "read the platform"] {
        script.key(KeyCode::Esc).ctrl('p').type_text(choice).key(KeyCode::Enter);
        let said = script.welcome.notice.as_ref().is_some_and(|it| it.1.contains("a profile"));
        assert!(said, "{choice}: {:?}", script.welcome.notice);
        script.type_text("s");
    }
}

fn picture(script: &WelcomeScript, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| script.welcome.view(frame)).unwrap();
    let buffer = terminal.backend().buffer();
    let row = |y| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>();
    (0..height).map(|y| row(y).trim_end().to_owned() + "\n").collect()
}

#[test]
fn the_first_screen_says_what_this_is_and_offers_three_things() {
    insta::assert_snapshot!(picture(&WelcomeScript::new(), 80, 24));
}

/// A filled form that the platform refuses.
fn refused() -> WelcomeScript {
    let mut script = WelcomeScript::new();
    let (round, _) = script.filled("hunter2").tab().asks();
    let text = "It refuses us: the clock is 7 min ahead\nCheck the client id and secret.".into();
    script.event(WelcomeEvent::Tried { round, verdict: SetupVerdict { accepted: false, text } });
    script
}

#[test]
fn the_form_tells_what_the_platform_said() {
    insta::assert_snapshot!(picture(&refused(), 80, 24));
}

#[test]
fn the_form_fits_the_smallest_screen_with_the_field_in_use_in_view() {
    let mut script = refused();
    script.key(KeyCode::BackTab).key(KeyCode::BackTab).key(KeyCode::BackTab).ctrl('u').tab();
    insta::assert_snapshot!(picture(&script, 40, 12));
}

#[test]
fn every_stop_shows_on_the_smallest_screen_when_it_has_the_keyboard() {
    let mut script = refused();
    for _ in 0..12 {
        let shown = picture(&script, 40, 12);
        let marked = shown.contains('›') || script.welcome.form.focus == SetupFocus::Button;
        assert!(marked && shown.contains("[ Save  Ctrl+S ]"), "{shown}");
        script.tab();
    }
}

#[test]
fn without_colours_and_beyond_ascii_everything_can_be_told() {
    let mut script = WelcomeScript::with(Start { look: look(Depth::None, false), ..start() });
    let shown = picture(&script, 80, 24);
    assert!(shown.is_ascii() && shown.contains("> d    Try the demo"), "{shown}");
    let (round, _) = script.filled("hunter2").tab().asks();
    script.told(round, false);
    script.key(KeyCode::BackTab).key(KeyCode::BackTab).ctrl('u').tab();
    let shown = picture(&script, 80, 24);
    assert!(shown.is_ascii() && shown.contains("! is needed") && shown.contains("*******"));
}

proptest! {
    #[test]
    fn no_keys_pastes_clicks_and_sizes_break_it(
        steps in prop::collection::vec((0_u8..14, any::<char>(), 0_u16..130, 0_u16..40), 0..60),
    ) {
        let mut script = WelcomeScript::new();
        script.event(WelcomeEvent::Terminal(Input::Resize(80, 24)));
        for (kind, c, x, y) in steps {
            let event = match kind {
                2 => {
                    script.click(x, y);
                    continue;
                }
                0 => WelcomeEvent::Terminal(Input::Resize(x, y)),
                1 => WelcomeEvent::Terminal(Input::Paste(c.to_string().repeat(usize::from(x)))),
                3 => key(KeyCode::Tab, KeyModifiers::NONE),
                4 => key(KeyCode::Esc, KeyModifiers::NONE),
                5 => key(KeyCode::Enter, KeyModifiers::NONE),
                6 => key(KeyCode::Char('s'), KeyModifiers::CONTROL),
                7 => key(KeyCode::Char('s'), KeyModifiers::NONE),
                8 => key(KeyCode::Right, KeyModifiers::NONE),
                9 => WelcomeEvent::Tried {
                    round: u64::from(x % 4),
                    verdict: SetupVerdict { accepted: y % 2 == 0, text: c.to_string() },
                },
                10 => WelcomeEvent::NotSaved { place: y % 2 == 0, reason: c.to_string() },
                11 => key(KeyCode::Up, KeyModifiers::NONE),
                12 => key(KeyCode::Char('p'), KeyModifiers::CONTROL),
                _ => key(KeyCode::Char(c), KeyModifiers::NONE),
            };
            script.event(event);
            picture(&script, x, y);
        }
    }
}
