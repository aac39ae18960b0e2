//! Leaving: at once where what is typed is kept, after a question where it is not.

use super::{
    super::{Effect, keymap::Action},
    App, Tone,
    opening::Opening,
};
use crate::{contact::Draft, submission::SubmissionId};

/// Whether leaving would lose something, and what was said of it.
#[derive(Debug, Default)]
pub(super) struct Leaving {
    /// The store did not keep the half-typed contact when it was last asked to.
    pub(super) draft_unsaved: bool,
    /// It was said once that something is half typed.
    is_asked: bool,
    /// It was said once that what is typed is saved nowhere.
    is_warned: bool,
}

impl Leaving {
    /// Something was done since.
    pub(super) fn ask_again(&mut self) {
        (self.is_asked, self.is_warned) = (false, false);
    }
}

impl App {
    /// Ctrl+C is pressed by mistake as well: where something is typed it says so first. The
    /// second one leaves, however late.
    pub(super) fn interrupt(&mut self) -> Vec<Effect> {
        if self.would_lose() {
            return self.quit_after_warning(Action::Interrupt);
        }
        if self.leaving.is_asked || self.form.is_blank() {
            return self.quit();
        }
        self.leaving.is_asked = true;
        let key = self.look.keys.key(self.scope(), Action::Interrupt);
        // Only a store that is open has ever kept anything.
        let is_kept = self.store == Opening::Done;
        let kept = if is_kept { "; it is kept for the next start" } else { "" };
        let said = format!("A contact is half typed{kept}. {key} again leaves.");
        let save = is_kept.then(|| self.saves_draft());
        let mut effects = self.say(Tone::Warning, &said);
        effects.extend(save);
        effects
    }

    /// Ctrl+Q is meant, but nobody means to lose what a customer said.
    pub(super) fn quit_unless_lost(&mut self) -> Vec<Effect> {
        if self.would_lose() { self.quit_after_warning(Action::Quit) } else { self.quit() }
    }

    fn quit_after_warning(&mut self, again: Action) -> Vec<Effect> {
        if std::mem::replace(&mut self.leaving.is_warned, true) {
            return self.quit();
        }
        let key = self.look.keys.key(self.scope(), again);
        let said = format!(
            "What is typed is not saved anywhere; {key} again leaves, and prints it in the shell."
        );
        self.say(Tone::Error, &said)
    }

    /// Whether leaving now loses something, as far as the store has answered.
    fn would_lose(&self) -> bool {
        let is_unsaved =
            self.leaving.draft_unsaved || matches!(self.store, Opening::Late | Opening::Failed);
        !self.unsaved(!is_unsaved).is_empty()
    }

    /// What was typed and is nowhere but here; `is_kept` is whether the form's own text is kept.
    #[must_use]
    pub fn unsaved(&self, is_kept: bool) -> Vec<Draft> {
        let typed = (!is_kept && !self.form.is_blank()).then(|| self.form.draft());
        self.form.refused().chain(typed).collect()
    }

    /// The contact that is on its way to the store; its text still stands in the form.
    #[must_use]
    pub fn storing(&self) -> Option<SubmissionId> {
        self.storing
    }

    /// Whether what is typed would be there at the next start.
    pub(super) fn draft_saved(&mut self, saved: Result<(), String>) -> Vec<Effect> {
        self.leaving.draft_unsaved = saved.is_err();
        match saved {
            Ok(()) => Vec::new(),
            Err(reason) => {
                self.say(Tone::Warning, &format!("The half-typed contact is not saved: {reason}"))
            }
        }
    }

    fn quit(&mut self) -> Vec<Effect> {
        // Nothing is left of the correction: the row goes out as it was.
        let released = if self.form.is_blank() { self.correcting.take() } else { None };
        let released = released.map(|row| Effect::Retry(row.submission.id));
        let save = self.draft().map(|(draft, corrects)| Effect::SaveDraft(draft, corrects));
        self.save_at = None;
        self.saved = self.written();
        released.into_iter().chain(save).chain([Effect::Quit]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        submission::Update,
        tui::{Event, script::Script},
    };

    fn said(script: &Script) -> &str {
        &script.app.notice.as_ref().unwrap().text
    }

    fn unsaved() -> Script {
        let mut script = Script::start();
        script.tab().type_text("Amy").event(Event::DraftSaved(Err("the disk is full".into())));
        script.taken();
        script
    }

    #[test]
    fn whoever_would_lose_what_is_typed_is_asked_once_by_either_key() {
        for key in ['c', 'q'] {
            let mut script = unsaved();
            script.ctrl(key);
            assert!(!script.taken().contains(&Effect::Quit));
            assert!(said(&script).contains("not saved anywhere"), "{}", said(&script));
            script.ctrl(key);
            assert!(script.taken().contains(&Effect::Quit));
            assert_eq!(script.app.unsaved(false)[0].first_name, "Amy");
        }
    }

    #[test]
    fn what_could_be_saved_after_all_is_left_without_a_question() {
        let mut script = unsaved();
        script.event(Event::DraftSaved(Ok(()))).ctrl('q');
        assert!(script.taken().contains(&Effect::Quit));
        assert!(script.app.unsaved(true).is_empty());
    }

    #[test]
    fn that_it_is_kept_is_taken_back_where_it_could_not_be() {
        let mut script = Script::start();
        script.tab().type_text("Amy").ctrl('c');
        assert!(script.taken().iter().any(|effect| matches!(effect, Effect::SaveDraft(..))));
        script.event(Event::DraftSaved(Err("the disk is full".into())));
        assert!(said(&script).contains("is not saved"), "{}", said(&script));
        script.ctrl('c');
        assert!(!script.taken().contains(&Effect::Quit), "it was told otherwise before");
    }

    #[test]
    fn what_was_typed_beside_a_contact_that_was_refused_counts_as_well() {
        let mut script = Script::start();
        script.john().ctrl('s');
        let id = script.submitted().id;
        script.tab().type_text("Amy");
        script.event(Event::Delivery(Update::NotStored { id, reason: "it is full".into() }));
        assert!(script.taken().iter().any(|effect| matches!(effect, Effect::SaveDraft(..))));
        script.event(Event::DraftSaved(Err("it is full".into())));
        assert_eq!(script.app.unsaved(false).len(), 2);
    }
}
