//! What the person changes about the screen itself: colours, mouse, the list of actions.

use super::{
    super::{At, Effect, palette::Palette, results::Filter, row_keys},
    App, Ask, Floor, Overlay, Pane, Then, Tone,
};
use crate::{
    contact::text::safe,
    submission::{Group, PlatformHealth, Refusal, SubmissionId},
    tui::{
        keymap::{Action, KeyScope},
        sentences,
    },
};

impl App {
    pub(super) fn background(&mut self, light: bool) -> Vec<Effect> {
        if self.look.themes.see_background(light) {
            self.theme = self.look.themes.current();
            self.changed = true;
        }
        Vec::new()
    }

    pub(super) fn next_theme(&mut self) -> Vec<Effect> {
        let name = self.look.themes.next().to_owned();
        self.theme = self.look.themes.current();
        let _ = self.say(Tone::Plain, &format!("Colours: {name}, kept for the next start."));
        vec![Effect::KeepTheme(name)]
    }

    /// The colours that were chosen the last time; a theme that is gone is passed over.
    pub(super) fn restore_theme(&mut self, name: &str) -> Vec<Effect> {
        if self.look.themes.choose(name).is_ok() {
            self.theme = self.look.themes.current();
            self.changed = true;
        }
        Vec::new()
    }

    /// Why the platform refuses us, in full, and what can be done about it.
    fn show_cure(&mut self, refusal: &Refusal) -> Vec<Effect> {
        let ask = Ask {
            question: "The platform refuses us".into(),
            about: safe(&sentences::refusal(refusal)),
            consequence: "What you submit waits here, safe, and goes out by itself once the \
                          platform accepts us. `rolodesk doctor` checks everything."
                .into(),
            yes: "set the profile up again",
            no: "back",
            id: SubmissionId(uuid::Uuid::nil()),
            seen: Group::Queued.into(),
            then: Then::SetUp,
        };
        self.overlays.push(Overlay::Ask(Box::new(ask)));
        self.touch()
    }

    /// The step from the demo to a profile of one's own.
    pub(super) fn set_up(&mut self) -> Vec<Effect> {
        if self.demo.is_some() {
            return vec![Effect::SetUp];
        }
        if let PlatformHealth::Refused(refusal) = self.link.clone() {
            if self.floor == Floor::Seat {
                let why = safe(&sentences::refusal(&refusal));
                let said = format!("Whoever sends for the floor is to mend that: {why}");
                return self.say(Tone::Warning, &said);
            }
            return self.show_cure(&refusal);
        }
        let said = format!("`{}` is your own profile; `rolodesk setup` changes it.", self.profile);
        self.say(Tone::Plain, &said)
    }

    pub(super) fn toggle_mouse(&mut self) -> Vec<Effect> {
        self.look.mouse = !self.look.mouse;
        let said = if self.look.mouse {
            "Clicks and the wheel are for rolodesk; with Shift they select text."
        } else {
            "Clicks and the wheel are for the terminal."
        };
        let _ = self.say(Tone::Plain, said);
        vec![Effect::Mouse(self.look.mouse)]
    }

    pub(super) fn open_palette(&mut self) {
        let (row, whose) = (self.results.selected(), self.results.whose());
        let fits = |action| {
            let alone = action == Action::Filter(Filter::Team) && self.floor == Floor::Alone;
            !alone && row_keys::fits(action, row, whose)
        };
        let palette = Palette::open(&self.look.keys, self.scope(), fits);
        self.overlays.push(Overlay::Palette(Box::new(palette)));
    }

    /// The open list of actions, if it lies on top.
    pub(super) fn palette(&mut self) -> Option<&mut Palette> {
        match self.overlays.last_mut() {
            Some(Overlay::Palette(palette)) => Some(palette),
            Some(
                Overlay::Help { .. }
                | Overlay::Details(_)
                | Overlay::Compare(_)
                | Overlay::Ask(_)
                | Overlay::Check(_)
                | Overlay::Lookup(_),
            )
            | None => None,
        }
    }

    /// Does what is marked in the list, in the pane where it belongs.
    pub(super) fn run_choice(&mut self, at: At) -> Vec<Effect> {
        let choice = self.palette().and_then(|palette| palette.choice().cloned());
        let Some(choice) = choice else { return Vec::new() };
        self.overlays.pop();
        let elsewhere = match choice.scope {
            KeyScope::Results => self.pane == Pane::Form,
            KeyScope::Form => self.pane == Pane::Results,
            KeyScope::Everywhere
            | KeyScope::Choice
            | KeyScope::Country
            | KeyScope::Button
            | KeyScope::Text
            | KeyScope::Picker
            | KeyScope::Search
            | KeyScope::Details
            | KeyScope::Compare
            | KeyScope::Confirm
            | KeyScope::Check
            | KeyScope::Lookup
            | KeyScope::Palette
            | KeyScope::Help
            | KeyScope::Welcome
            | KeyScope::Setup => false,
        };
        if elsewhere {
            self.other_pane();
            if choice.action == Action::OtherPane {
                return Vec::new();
            }
        }
        self.act(self.scope(), choice.action, at)
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::{Event as Input, KeyCode, KeyModifiers};

    use super::*;
    use crate::{
        contact::Draft,
        submission::Record,
        tui::{
            Event, Setup,
            script::{Script, created, look, number, setup},
            theme::Depth,
        },
    };

    fn with_bell() -> Script {
        let mut look = look(Depth::Sixteen, true);
        look.bell = true;
        Script::with(Setup { look, ..setup() })
    }

    fn bells(script: &mut Script) -> usize {
        script.taken().into_iter().filter(|effect| *effect == Effect::Bell).count()
    }

    #[test]
    fn the_bell_rings_once_for_a_problem_and_once_for_a_number_that_is_taken() {
        let mut script = with_bell();
        script.tab().type_text("x").key(KeyCode::Backspace).tab();
        assert_eq!(bells(&mut script), 1, "the first name is missing");
        script.tab().tab().type_text("9876543210");
        bells(&mut script);
        let owner = Record { full_name: Some("Jane Roe".into()), ..Record::default() };
        let known =
            || Event::Known { number: number("+919876543210"), owners: vec![owner.clone()] };
        script.event(known()).event(known()).wait(60_000);
        assert_eq!(bells(&mut script), 1);
    }

    #[test]
    fn nobody_hears_a_bell_who_wants_none() {
        let mut script = Script::start();
        script.tab().tab().tab().ctrl('s');
        assert_eq!(bells(&mut script), 0);
    }

    #[test]
    fn an_action_of_the_other_pane_is_done_there() {
        let mut script = Script::start();
        script.deliver(created(1, "John", "Doe", "9876543210", "63c7")).tab().type_text("Amy");
        script.ctrl('p').type_text("copy the id").key(KeyCode::Enter);
        assert_eq!(script.taken(), [Effect::Copy("63c7".into())]);
        assert_eq!((script.app.pane, script.draft().first_name), (Pane::Results, "Amy".into()));
        script.ctrl('p').type_text("clear the form").key(KeyCode::Enter);
        assert_eq!((script.app.pane, script.draft().first_name), (Pane::Form, String::new()));
    }

    #[test]
    fn the_list_of_actions_leaves_everything_as_it_was() {
        let mut script = Script::start();
        script.tab().type_text("Amy");
        let before: Draft = script.draft();
        script.ctrl('p').type_text("quit").paste("x").key(KeyCode::Esc);
        assert_eq!(script.draft(), before);
        assert!(script.app.overlays.is_empty());
        script.ctrl('p').ctrl('p').type_text("x");
        assert_eq!(script.draft().first_name, "Amyx");
    }

    #[test]
    fn the_mouse_is_given_to_the_terminal_and_taken_back() {
        let mut script = Script::start();
        for taken in [false, true] {
            script.ctrl('p').type_text("mouse").key(KeyCode::Enter);
            assert_eq!(script.taken(), [Effect::Mouse(taken)]);
        }
    }

    #[test]
    fn a_background_that_comes_late_changes_the_colours_and_draws_once() {
        let mut script = Script::start();
        let dark = script.app.theme;
        assert!(!script.app.needs_draw());
        script.event(Event::Background { light: true });
        assert!(script.app.needs_draw() && script.app.theme != dark);
        script.event(Event::Background { light: true });
        assert!(!script.app.needs_draw());
        script.ctrl('p').type_text("theme").key(KeyCode::Enter);
        let chosen = script.app.theme;
        script.event(Event::Background { light: false });
        assert_eq!(script.app.theme, chosen);
    }

    #[test]
    fn open_details_and_an_idle_screen_draw_nothing_by_themselves() {
        let mut script = Script::start();
        script.deliver(created(1, "John", "Doe", "9876543210", "63c7")).key(KeyCode::F(6));
        assert_eq!(script.app.wake_at(script.app.now), None);
        script.key(KeyCode::Enter);
        assert_eq!(script.app.wake_at(script.app.now), None);
    }

    #[test]
    fn a_click_does_what_the_list_says_and_one_beside_it_closes_it() {
        let mut script = Script::start();
        script.event(Event::Terminal(Input::Resize(80, 24)));
        script.ctrl('p').type_text("mouse").click(40, 7);
        assert_eq!(script.taken(), [Effect::Mouse(false)]);
        script.ctrl('p').click(1, 20);
        assert!(script.app.overlays.is_empty());
        script.press(KeyCode::Char('P'), KeyModifiers::CONTROL | KeyModifiers::SHIFT);
        assert_eq!(script.app.overlays.len(), 1, "with caps lock");
    }
}
