//! What comes behind the first picture: the half-typed contact of the last time, the zone,
//! or the word that nothing can be stored.
//!
//! Keys go into the form from the first picture on, and what was typed is never written
//! over: a draft that comes to a form in use waits where Ctrl+Z in an empty form finds it.

use jiff::tz::TimeZone;

use super::{
    super::{
        Effect,
        form::Why,
        keymap::{Action, KeyScope},
    },
    App, Tone,
};
use crate::{contact::Draft, submission::Entry};

/// How far the store's opening has come, as far as the screen was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opening {
    Awaited,
    /// It was said that it takes its time.
    Late,
    Done,
    Failed,
}

impl App {
    pub(super) fn restored(&mut self, draft: Option<Draft>) -> Vec<Effect> {
        if let Opening::Late | Opening::Failed = self.store {
            self.notice = None;
            self.changed = true;
        }
        self.store = Opening::Done;
        let Some(draft) = draft.filter(|draft| *draft != self.form.draft()) else {
            return Vec::new();
        };
        if self.storing.is_none() && self.form.draft() == self.began {
            self.form.take_up(&draft);
            self.saved = self.written();
            // From here on it stands for what may be a correction.
            self.began = self.form.draft();
            return self.touch();
        }
        self.form.put_aside(draft, Why::LastTime);
        let undo = self.look.keys.key(KeyScope::Form, Action::UndoOrRestore);
        self.say(
            Tone::Plain,
            &format!("The half-typed contact of the last time waits: {undo} in the empty form."),
        )
    }

    /// What was restored is still the correction of a row that waits: that goes once the
    /// correction is stored, or goes out as it was once somebody else is.
    /// Where the form holds something else by now, that corrects nothing.
    pub(super) fn go_on_correcting(&mut self, row: Entry) -> Vec<Effect> {
        if self.form.draft() != self.began {
            return Vec::new();
        }
        let saves = self.written() == self.saved;
        self.correcting = Some(row);
        if saves {
            self.saved = self.written();
        }
        self.touch()
    }

    pub(super) fn store_is_late(&mut self, reason: &str) -> Vec<Effect> {
        self.store = Opening::Late;
        self.say(Tone::Warning, reason)
    }

    pub(super) fn cannot_store(&mut self, reason: &str) -> Vec<Effect> {
        self.store = Opening::Failed;
        let quit = self.look.keys.key(KeyScope::Form, Action::Quit);
        self.say(Tone::Error, &format!("Nothing can be stored: {reason} ({quit} leaves)"))
    }

    /// Comes before the first row, and so before any time is shown.
    pub(super) fn learn_zone(&mut self, zone: TimeZone) -> Vec<Effect> {
        self.zone = zone;
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode, KeyModifiers};
    use proptest::prelude::*;

    use super::*;
    use crate::{
        submission::Update,
        tui::{
            Event,
            script::{Script, id, queued, setup},
        },
    };

    fn last_time() -> Draft {
        Draft {
            salutation: "Mrs".into(),
            first_name: "Jo".into(),
            last_name: "Last".into(),
            region: "GB".into(),
            phone: "07911 123456".into(),
            extension: "+".into(),
        }
    }

    fn opening() -> Script {
        Script::opening(setup())
    }

    #[test]
    fn a_saved_draft_comes_back_into_an_empty_form_and_is_not_saved_again() {
        let mut script = opening();
        script.event(Event::Restored(Some(last_time()))).wait(1_000);
        assert_eq!(script.draft(), last_time());
        let saved = |effect: &Effect| matches!(effect, Effect::SaveDraft(..));
        assert!(!script.taken().iter().any(saved), "it is what the store holds");
    }

    #[test]
    fn a_correction_that_was_killed_is_still_one_when_it_comes_back() {
        let mut script = opening();
        let row = queued(7, "Jo", "Lost", "9876543211", 60);
        script.event(Event::Restored(Some(Draft {
            region: "IN".into(),
            phone: "9876543211".into(),
            ..last_time()
        })));
        script.event(Event::Correcting(Box::new(row))).wait(1_000);
        script.ctrl('s');
        let corrects =
            |effect: &Effect| matches!(effect, Effect::Correct(_, it, _) if *it == id(7));
        assert!(script.taken().iter().any(corrects));
    }

    #[test]
    fn a_draft_that_comes_late_waits_beside_what_was_typed() {
        let mut script = opening();
        script.tab().type_text("Amy").event(Event::Restored(Some(last_time())));
        assert_eq!(script.draft().first_name, "Amy");
        assert!(script.app.notice.as_ref().unwrap().text.contains("half-typed"));
        script.ctrl('l').ctrl('z');
        assert_eq!(script.draft().first_name, "Amy", "the newest first");
    }

    #[test]
    fn a_draft_that_comes_after_what_was_typed_is_saved_waits_as_well() {
        let mut script = opening();
        script.tab().type_text("Amy").wait(2_000).event(Event::Restored(Some(last_time())));
        script.event(Event::Correcting(Box::new(queued(7, "Jo", "Lost", "9876543211", 60))));
        assert_eq!(script.draft().first_name, "Amy");
        assert!(script.app.notice.as_ref().unwrap().text.contains("half-typed"));
        assert!(script.app.correcting.is_none(), "Amy is nobody's correction");
    }

    #[test]
    fn that_the_store_takes_its_time_is_said_until_it_is_open() {
        let mut script = opening();
        script.event(Event::StoreIsLate("it is not open yet".into()));
        assert!(script.app.notice.is_some());
        script.event(Event::Restored(None));
        assert!(script.app.notice.is_none());
    }

    #[test]
    fn whoever_leaves_before_the_store_is_open_takes_no_draft_away() {
        let mut script = opening();
        script.tab().ctrl('q');
        assert_eq!(script.taken(), [Effect::Quit]);
        assert_eq!(script.app.draft(), None);
        let mut script = opening();
        script.tab().type_text("Amy").ctrl('q');
        assert!(matches!(&script.taken()[..], [Effect::SaveDraft(draft, None), Effect::Quit]
            if draft.first_name == "Amy"));
    }

    #[test]
    fn a_store_that_cannot_be_opened_is_said_until_it_can() {
        let mut script = opening();
        script.event(Event::CannotStore("it is a directory; name a file".into())).wait(60_000);
        script.tab().type_text("Amy");
        let says = |script: &Script| {
            script.app.notice.as_ref().is_some_and(|notice| notice.text.contains("a directory"))
        };
        assert!(says(&script), "it stays, however long ago");
        script.event(Event::Restored(None));
        assert!(!says(&script));
    }

    #[test]
    fn a_contact_submitted_before_the_store_is_open_is_kept_or_told_of() {
        let mut script = opening();
        script.john().ctrl('s');
        let Some(Effect::Submit(submission)) = script.taken().pop() else { panic!() };
        script.event(Event::Restored(Some(last_time()))).type_text("x");
        assert_eq!(script.draft().first_name, "John", "it is being stored");
        let reason = "it is read-only".to_owned();
        script.event(Event::Delivery(Update::NotStored { id: submission.id, reason }));
        assert_eq!(script.draft().first_name, "John");
    }

    /// What an agent may do before the draft comes: type, move, open lists, undo, clear.
    fn keys() -> impl Strategy<Value = Vec<(KeyCode, KeyModifiers)>> {
        let plain = |code| (code, KeyModifiers::NONE);
        let key = prop_oneof![
            4 => proptest::char::range('a', 'z').prop_map(move |c| plain(KeyCode::Char(c))),
            2 => proptest::char::range('0', '9').prop_map(move |c| plain(KeyCode::Char(c))),
            3 => Just(plain(KeyCode::Tab)),
            1 => Just((KeyCode::BackTab, KeyModifiers::SHIFT)),
            1 => Just(plain(KeyCode::Backspace)),
            1 => Just(plain(KeyCode::Esc)),
            1 => Just(plain(KeyCode::Down)),
            1 => Just((KeyCode::Char('l'), KeyModifiers::CONTROL)),
            1 => Just((KeyCode::Char('z'), KeyModifiers::CONTROL)),
        ];
        prop::collection::vec(key, 0..24)
    }

    proptest! {
        #[test]
        fn a_draft_never_writes_over_what_was_typed_and_never_moves_the_keyboard(
            before in keys(),
            pause in 0..6_usize,
            after in keys(),
        ) {
            let mut with = opening();
            let mut without = opening();
            for (at, (code, modifiers)) in before.iter().enumerate() {
                with.press(*code, *modifiers);
                without.press(*code, *modifiers);
                // Long enough for it to be saved.
                if at % 5 == pause {
                    with.wait(2_000);
                    without.wait(2_000);
                }
            }
            let used = without.draft() != opening().draft();
            let focus = with.app.form.focus();
            with.event(Event::Restored(Some(last_time())));
            without.event(Event::Restored(None));
            prop_assert_eq!(with.app.form.focus(), focus);
            if !used {
                prop_assert_eq!(with.draft(), last_time());
                return Ok(());
            }
            // What is typed on goes where it would have gone; only an empty form brings the
            // draft back, and only when asked to.
            let asks = |(code, _): &&(KeyCode, KeyModifiers)| {
                matches!(code, KeyCode::Char('l' | 'z'))
            };
            for (code, modifiers) in after.iter().take_while(|key| !asks(key)) {
                with.press(*code, *modifiers);
                without.press(*code, *modifiers);
            }
            prop_assert_eq!(with.draft(), without.draft());
            prop_assert_eq!(with.app.form.focus(), without.app.form.focus());
        }
    }
}
