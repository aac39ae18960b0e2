//! Everybody's rows on a floor, to look at: asked for page by page, again every now and then
//! while they show, and changed by nobody from here.

use jiff::{SignedDuration, Timestamp};

use crate::submission::{Entry, Page, Whose};

use super::{
    super::{
        Effect,
        keymap::{Action, KeyScope},
        results::Filter,
    },
    App, Floor, Tone,
};

/// Everybody's rows are asked for this often while they show, and after one that failed.
const TEAM: SignedDuration = SignedDuration::from_secs(5);
const TEAM_AFTER_TROUBLE: SignedDuration = SignedDuration::from_secs(30);

impl App {
    /// The same where it changes something: everybody's rows are there to be looked at.
    pub(super) fn on_our_row(&mut self, what: fn(&mut Self, &Entry) -> Vec<Effect>) -> Vec<Effect> {
        match self.results.whose() {
            Whose::Ours => self.on_row(what),
            Whose::Everybody => {
                let all = self.look.keys.key(KeyScope::Results, Action::Filter(Filter::All));
                let said = format!("A row is changed where it was typed; {all} shows your own.");
                self.say(Tone::Warning, &said)
            }
        }
    }

    /// Shows only some of the rows.
    pub(super) fn show_only(&mut self, filter: Filter) -> Vec<Effect> {
        if filter.whose() == Whose::Everybody && self.floor == Floor::Alone {
            let said = "This profile shares its account with no floor; all rows are yours.";
            return self.say(Tone::Plain, said);
        }
        self.results.set_filter(filter);
        self.touch()
    }

    /// A page of everybody's rows, which are asked for again after a while as long as they show.
    pub(super) fn everybody(
        &mut self,
        page: &Page,
        rows: Result<Vec<Entry>, String>,
    ) -> Vec<Effect> {
        let wait = if rows.is_ok() { TEAM } else { TEAM_AFTER_TROUBLE };
        self.team_at = self.now.checked_add(wait).ok();
        self.page(page, rows)
    }

    /// When everybody's rows are to be asked for again; not while ours show.
    pub(super) fn everybody_at(&self) -> Option<Timestamp> {
        self.team_at.filter(|_| self.results.whose() == Whose::Everybody)
    }

    /// Asks for them again, if it is time.
    pub(super) fn look_at_everybody_again(&mut self) {
        if self.everybody_at().is_some_and(|at| at <= self.now) {
            self.team_at = None;
            self.results.reread();
        }
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyCode;
    use ratatui::{Terminal, backend::TestBackend};

    use super::*;
    use crate::{
        submission::Update,
        tui::{
            Event, Setup,
            script::{Script, at, created, setup},
        },
    };

    fn said(script: &Script) -> &str {
        script.app.notice.as_ref().map_or("", |notice| &notice.text)
    }

    fn on_a_floor(floor: Floor) -> Script {
        Script::with(Setup { floor, ..setup() })
    }

    fn theirs(number: u128, agent: &str) -> Entry {
        let agent = agent.to_owned();
        Entry { agent, ..created(number, "Bob", "Roe", "9876543210", "63c7") }
    }

    /// Answers the page of everybody's rows that was asked for.
    fn everybody(script: &mut Script, rows: Result<Vec<Entry>, String>) {
        let page = script.asked_page();
        assert_eq!(page.whose, Whose::Everybody);
        script.event(Event::Delivery(Update::Everybody { page, rows }));
    }

    #[test]
    fn everybodys_rows_are_looked_at_and_never_mixed_with_ours() {
        let mut script = on_a_floor(Floor::Sender);
        script.rows(vec![created(1, "Ada", "Own", "9876543211", "63c8")]);
        script.key(KeyCode::F(6)).type_text("6");
        assert!(script.app.results.shown().is_empty(), "ours are gone at once");
        everybody(&mut script, Ok(vec![theirs(2, "jdoe"), theirs(3, "mroe")]));
        assert_eq!(script.app.results.shown().len(), 2);
        for key in ["e", "r", "d", "D", "u"] {
            let before = script.effects.len();
            script.type_text(key);
            assert_eq!(script.effects.len(), before, "{key} does nothing");
            assert_eq!(said(&script), "A row is changed where it was typed; 1 shows your own.");
        }
        let hints: Vec<_> = script.app.hints().into_iter().map(|(_, word)| word).collect();
        assert!(hints.contains(&"details") && !hints.contains(&"edit"), "{hints:?}");
        script.type_text("1");
        assert!(script.app.results.shown().is_empty(), "theirs are gone at once");
        assert_eq!(script.asked_page().whose, Whose::Ours);
    }

    #[test]
    fn everybodys_rows_are_asked_for_again_only_while_they_show() {
        let mut script = on_a_floor(Floor::Seat);
        script.rows(vec![]).key(KeyCode::F(6));
        let now = at(script.now_ms);
        assert_eq!(script.app.wake_at(now), None);
        script.type_text("6");
        everybody(&mut script, Err("the team's database cannot be reached".into()));
        assert_eq!(said(&script), "the team's database cannot be reached");
        let again = script.app.wake_at(now).unwrap();
        script.wait(again.as_millisecond() - script.now_ms);
        everybody(&mut script, Ok(vec![theirs(2, "jdoe")]));
        assert!(script.app.wake_at(at(script.now_ms)).is_some());
        script.type_text("6");
        assert_eq!(script.app.wake_at(at(script.now_ms)), None, "idle is idle");
    }

    #[test]
    fn alone_there_is_nobody_elses_row_to_show() {
        let mut script = Script::start();
        script.rows(vec![]).key(KeyCode::F(6)).type_text("6");
        assert_eq!(
            said(&script),
            "This profile shares its account with no floor; all rows are yours."
        );
    }

    #[test]
    fn the_tab_of_everybodys_rows_fits_every_size_and_says_who_typed_each() {
        for (width, height) in [(120, 32), (80, 24), (60, 18), (40, 12)] {
            let mut script = on_a_floor(Floor::Sender);
            script.rows(vec![]).key(KeyCode::F(6)).type_text("6");
            everybody(&mut script, Ok(vec![theirs(2, "jdoe")]));
            let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
            terminal.draw(|frame| script.app.view(frame)).unwrap();
            let shown = terminal.backend().to_string();
            assert!(shown.contains("Team") && shown.contains("Bob Roe"), "{shown}");
            assert_eq!(shown.contains("jdoe"), width >= 80, "{shown}");
        }
    }
}
