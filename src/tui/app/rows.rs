//! What an agent does with a row of the results: look closer, correct, try again, settle a
//! duplicate, delete, forget. What cannot be taken back is asked first.

use crate::{
    contact::text::safe,
    submission::{Change, Entry, Status, SubmissionId},
};

use super::{
    super::{
        Copied, Effect,
        compare::{Choice, Compare},
        detail::Details,
        keymap::{Action, Turn},
    },
    App, Ask, Overlay, Pane, Tone,
};

impl App {
    /// The row that a key means: the one that lies open, else the selected one.
    fn row(&self) -> Option<&Entry> {
        match self.overlays.last() {
            Some(Overlay::Details(details)) => Some(&details.entry),
            Some(Overlay::Compare(compare)) => Some(&compare.entry),
            Some(Overlay::Help { .. } | Overlay::Ask(_)) | None => self.results.selected(),
        }
    }

    pub(super) fn on_row(&mut self, action: Action) -> Vec<Effect> {
        let Some(entry) = self.row().cloned() else { return Vec::new() };
        let id = entry.submission.id;
        match action {
            Action::Show => {
                self.overlays.push(Overlay::Details(Box::new(Details::of(entry))));
                vec![Effect::Details(id)]
            }
            Action::TakeBack => self.take_back(&entry),
            Action::Retry => self.retry(&entry),
            Action::Discard => self.ask_discard(&entry),
            Action::DeleteContact => self.ask_delete(&entry),
            Action::Compare => self.compare(entry),
            Action::Copy => {
                let text = self.copied(&entry);
                vec![Effect::Copy(text)]
            }
            _ => vec![Effect::Copy(entry.submission.contact.phone.e164().to_string())],
        }
    }

    fn take_back(&mut self, entry: &Entry) -> Vec<Effect> {
        if entry.task.change().is_some() && entry.settled_at.is_none() {
            return self.say(Tone::Warning, "A change of it is under way; d calls that off.");
        }
        if matches!(entry.status, Status::Sending | Status::Unclear(_)) {
            return self.say(
                Tone::Warning,
                "It may be on the platform already; edit it once that is settled.",
            );
        }
        self.form.load_contact(&entry.submission.contact);
        self.overlays.clear();
        self.pane = Pane::Form;
        if self.form.has_aside() {
            let _ =
                self.say(Tone::Plain, "What you were typing waits: clear the form, then Ctrl+Z.");
        }
        if !matches!(entry.status, Status::Queued(_)) {
            return Vec::new();
        }
        // It would otherwise be sent as it was, beside its correction. The text is saved
        // first, so that it is on disk at every moment.
        self.saved = self.form.draft();
        vec![Effect::SaveDraft(self.saved.clone()), Effect::Discard(entry.submission.id)]
    }

    fn retry(&mut self, entry: &Entry) -> Vec<Effect> {
        let (effects, said) = match &entry.status {
            Status::Queued(_)
            | Status::Unclear(_)
            | Status::Duplicate { .. }
            | Status::Rejected { .. }
            | Status::Attention { .. } => {
                (vec![Effect::Retry(entry.submission.id)], "Trying again.")
            }
            Status::Sending => (vec![], "It is being sent at this moment."),
            Status::Created { .. } => (vec![], "It is created; there is nothing to try again."),
            Status::Deleted { .. } => {
                (vec![], "It was deleted; e takes the row back to send it again.")
            }
        };
        let _ = self.say(Tone::Plain, said);
        effects
    }

    fn ask_discard(&mut self, entry: &Entry) -> Vec<Effect> {
        let id = entry.submission.id;
        let name = entry.submission.contact.full_name();
        let question = match (&entry.status, entry.task.change()) {
            (Status::Sending, _) => {
                return self.say(
                    Tone::Warning,
                    "It is being sent at this moment and cannot be discarded.",
                );
            }
            (Status::Queued(_) | Status::Unclear(_) | Status::Attention { .. }, Some(change)) => {
                format!("Call off the {}?", change.describe())
            }
            (Status::Created { .. }, _) => {
                format!(
                    "Forget the row of {name}? The contact stays on the platform (D deletes it)."
                )
            }
            (
                Status::Queued(_)
                | Status::Unclear(_)
                | Status::Deleted { .. }
                | Status::Duplicate { .. }
                | Status::Rejected { .. }
                | Status::Attention { .. },
                _,
            ) => format!("Discard {name} for good?"),
        };
        self.ask(question, id, Effect::Discard(id))
    }

    fn ask_delete(&mut self, entry: &Entry) -> Vec<Effect> {
        let id = entry.submission.id;
        let Status::Created { id: target, .. } = &entry.status else {
            return self.say(Tone::Plain, "Only a contact that was created here can be deleted.");
        };
        let contact = &entry.submission.contact;
        let (name, phone) = (contact.full_name(), contact.phone.international());
        let question = format!("Delete {name}, {phone}, on the platform?");
        self.ask(question, id, Effect::Change(id, Change::Delete(target.clone())))
    }

    fn ask(&mut self, question: String, id: SubmissionId, then: Effect) -> Vec<Effect> {
        self.overlays.push(Overlay::Ask(Box::new(Ask { question, id, then })));
        self.touch()
    }

    pub(super) fn confirmed(&mut self) -> Vec<Effect> {
        let Some(Overlay::Ask(ask)) = self.overlays.pop() else { return Vec::new() };
        // What was compared is decided now.
        if matches!(self.overlays.last(), Some(Overlay::Compare(_))) {
            self.overlays.pop();
        }
        vec![ask.then]
    }

    fn compare(&mut self, entry: Entry) -> Vec<Effect> {
        let id = entry.submission.id;
        match Compare::of(entry) {
            Some(compare) => {
                self.overlays.push(Overlay::Compare(Box::new(compare)));
                vec![Effect::Details(id)]
            }
            None => self.say(Tone::Plain, "This row is no duplicate."),
        }
    }

    /// What is decided with both contacts in view.
    pub(super) fn compared(&mut self, action: Action) -> Vec<Effect> {
        let Some(Overlay::Compare(compare)) = self.overlays.last_mut() else { return Vec::new() };
        match action {
            Action::Turn(Turn::Next) => compare.turn(1),
            Action::Turn(Turn::Previous) => compare.turn(-1),
            Action::Decide(choice) => return self.decide(choice),
            _ => {
                let marked = compare.marked;
                return self.decide(marked);
            }
        }
        self.touch()
    }

    fn decide(&mut self, choice: Choice) -> Vec<Effect> {
        let Some(Overlay::Compare(compare)) = self.overlays.last() else { return Vec::new() };
        let entry = compare.entry.clone();
        let id = entry.submission.id;
        match choice {
            Choice::Keep => {
                self.overlays.pop();
                let _ = self.say(Tone::Plain, "The existing contact stays as it is.");
                vec![Effect::Keep(id)]
            }
            Choice::Update => match compare.update() {
                Some(change) => {
                    let name = entry.submission.contact.full_name();
                    let question = match &change {
                        Change::Update(_, owner) => {
                            let whose = owner.full_name.as_deref().unwrap_or("The contact");
                            format!("{whose} becomes {name} on the platform?")
                        }
                        Change::Delete(_) => change.describe(),
                    };
                    self.ask(question, id, Effect::Change(id, change))
                }
                None => self.say(
                    Tone::Warning,
                    "Nobody knows the existing contact's id, so it cannot be updated from here.",
                ),
            },
            Choice::Correct => self.take_back(&entry),
            Choice::Drop => self.ask_discard(&entry),
        }
    }

    /// The text a row is known by elsewhere.
    fn copied(&self, entry: &Entry) -> String {
        let existing = match self.overlays.last() {
            Some(Overlay::Compare(compare)) => compare.existing().and_then(|record| record.id),
            Some(Overlay::Help { .. } | Overlay::Details(_) | Overlay::Ask(_)) | None => None,
        };
        let id = match (&existing, &entry.status) {
            (Some(id), _) | (None, Status::Created { id, .. } | Status::Deleted { id }) => Some(id),
            (
                None,
                Status::Queued(_)
                | Status::Sending
                | Status::Unclear(_)
                | Status::Duplicate { .. }
                | Status::Rejected { .. }
                | Status::Attention { .. },
            ) => None,
        };
        match id {
            Some(id) => safe(&id.0),
            None => entry.submission.contact.phone.e164().to_string(),
        }
    }

    pub(super) fn told_copied(&mut self, copied: Copied) -> Vec<Effect> {
        match copied {
            Copied::Terminal => self.say(
                Tone::Plain,
                "Sent to the terminal's clipboard. If it does not arrive, the terminal has OSC 52 off.",
            ),
            Copied::Tmux => {
                self.say(Tone::Plain, "Copied into tmux's buffer and the terminal's clipboard.")
            }
            Copied::TooLong => {
                self.say(Tone::Warning, "It is too long for a terminal's clipboard; not copied.")
            }
        }
    }
}
