//! What an agent does with a row of the results: look closer, correct, try again, settle a
//! duplicate, delete, forget. What cannot be taken back is asked first.

use crate::{
    contact::text::safe,
    submission::{Change, Entry, Status},
};

use super::{
    super::{
        Copied, Effect,
        compare::{Compare, DuplicateChoice},
        detail::Details,
        keymap::{Action, KeyScope, Turn},
        sentences,
    },
    App, Ask, Overlay, Pane, Tone,
};

impl App {
    /// The row that a key means: the one that lies open, else the selected one.
    fn row(&self) -> Option<&Entry> {
        match self.overlays.last() {
            Some(Overlay::Details(details)) => Some(&details.entry),
            Some(Overlay::Compare(compare)) => Some(&compare.entry),
            Some(Overlay::Help { .. } | Overlay::Ask(_) | Overlay::Palette(_)) | None => {
                self.results.selected()
            }
        }
    }

    /// Does something with that row, if there is one.
    pub(super) fn on_row(&mut self, what: fn(&mut Self, &Entry) -> Vec<Effect>) -> Vec<Effect> {
        self.row().cloned().map_or_else(Vec::new, |entry| what(self, &entry))
    }

    pub(super) fn show(&mut self, entry: &Entry) -> Vec<Effect> {
        self.overlays.push(Overlay::Details(Box::new(Details::of(entry.clone()))));
        vec![Effect::Details(entry.submission.id)]
    }

    pub(super) fn copy(&mut self, entry: &Entry) -> Vec<Effect> {
        vec![Effect::Copy(self.copied(entry))]
    }

    pub(super) fn copy_number(_: &mut Self, entry: &Entry) -> Vec<Effect> {
        vec![Effect::Copy(entry.submission.contact.phone.e164().to_string())]
    }

    pub(super) fn take_back(&mut self, entry: &Entry) -> Vec<Effect> {
        if entry.task.change().is_some() && entry.settled_at.is_none() {
            let key = self.look.keys.key(KeyScope::Results, Action::Discard);
            let said = format!("A change of it is under way; {key} calls that off.");
            return self.say(Tone::Warning, &said);
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
            let undo = self.look.keys.key(KeyScope::Form, Action::UndoOrRestore);
            let said = format!("What you were typing waits: clear the form, then {undo}.");
            let _ = self.say(Tone::Plain, &said);
        }
        if !matches!(entry.status, Status::Queued(_)) {
            return Vec::new();
        }
        // It stays in the store until its correction is there, and is only kept from going
        // out beside it.
        let before = self.correcting.replace(entry.clone());
        let released = before.map(|before| Effect::Retry(before.submission.id));
        released.into_iter().chain([Effect::Hold(entry.submission.id)]).collect()
    }

    pub(super) fn retry(&mut self, entry: &Entry) -> Vec<Effect> {
        let (effects, said) = match &entry.status {
            Status::Queued(_)
            | Status::Unclear(_)
            | Status::Duplicate { .. }
            | Status::Rejected { .. }
            | Status::Attention { .. } => {
                (vec![Effect::Retry(entry.submission.id)], "Trying again.".to_owned())
            }
            Status::Sending => (vec![], "It is being sent at this moment.".into()),
            Status::Created { .. } => {
                (vec![], "It is created; there is nothing to try again.".into())
            }
            Status::Deleted { .. } => {
                let key = self.look.keys.key(KeyScope::Results, Action::EditRow);
                (vec![], format!("It was deleted; {key} takes the row back to send it again."))
            }
        };
        let _ = self.say(Tone::Plain, &said);
        effects
    }

    pub(super) fn ask_discard(&mut self, entry: &Entry) -> Vec<Effect> {
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
                format!("Call off the {}?", sentences::change(change))
            }
            (Status::Created { .. }, _) => {
                let key = self.look.keys.key(KeyScope::Results, Action::DeleteContact);
                format!(
                    "Forget the row of {name}? The contact stays on the platform ({key} deletes \
                     it)."
                )
            }
            (Status::Unclear(_), None) => {
                format!("{name} may be on the platform already. Forget the row all the same?")
            }
            (
                Status::Queued(_)
                | Status::Deleted { .. }
                | Status::Duplicate { .. }
                | Status::Rejected { .. }
                | Status::Attention { .. },
                _,
            ) => format!("Discard {name} for good?"),
        };
        self.ask(question, entry, Effect::Discard(id, entry.status.group()))
    }

    pub(super) fn ask_delete(&mut self, entry: &Entry) -> Vec<Effect> {
        let id = entry.submission.id;
        let Status::Created { id: target, .. } = &entry.status else {
            return self.say(Tone::Plain, "Only a contact that was created here can be deleted.");
        };
        let contact = &entry.submission.contact;
        let (name, phone) = (contact.full_name(), contact.phone.international());
        let question = format!("Delete {name}, {phone}, on the platform?");
        self.ask(question, entry, Effect::Change(id, Change::Delete(target.clone())))
    }

    fn ask(&mut self, question: String, about: &Entry, then: Effect) -> Vec<Effect> {
        let (id, seen) = (about.submission.id, about.status.group());
        self.overlays.push(Overlay::Ask(Box::new(Ask { question, id, seen, then })));
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

    pub(super) fn compare(&mut self, entry: &Entry) -> Vec<Effect> {
        let id = entry.submission.id;
        match Compare::of(entry.clone()) {
            Some(compare) => {
                self.overlays.push(Overlay::Compare(Box::new(compare)));
                vec![Effect::Details(id)]
            }
            None => self.say(Tone::Plain, "This row is no duplicate."),
        }
    }

    /// Shows another of several existing contacts.
    pub(super) fn turn(&mut self, turn: Turn) -> Vec<Effect> {
        if let Some(Overlay::Compare(compare)) = self.overlays.last_mut() {
            compare.turn(match turn {
                Turn::Next => 1,
                Turn::Previous => -1,
            });
        }
        self.touch()
    }

    pub(super) fn do_marked(&mut self) -> Vec<Effect> {
        match self.overlays.last() {
            Some(Overlay::Compare(compare)) => self.decide(compare.marked),
            Some(
                Overlay::Help { .. } | Overlay::Details(_) | Overlay::Ask(_) | Overlay::Palette(_),
            )
            | None => Vec::new(),
        }
    }

    /// What is decided with both contacts in view.
    pub(super) fn decide(&mut self, choice: DuplicateChoice) -> Vec<Effect> {
        let Some(Overlay::Compare(compare)) = self.overlays.last() else { return Vec::new() };
        let entry = compare.entry.clone();
        let id = entry.submission.id;
        match choice {
            DuplicateChoice::Keep => {
                self.overlays.pop();
                let _ = self.say(Tone::Plain, "The existing contact stays as it is.");
                vec![Effect::Keep(id)]
            }
            DuplicateChoice::Update => match compare.update() {
                Some(change) => {
                    let name = entry.submission.contact.full_name();
                    let question = match &change {
                        Change::Update(_, owner) => {
                            let whose = owner.full_name.as_deref().unwrap_or("The contact");
                            format!("{whose} becomes {name} on the platform?")
                        }
                        Change::Delete(_) => sentences::change(&change),
                    };
                    self.ask(question, &entry, Effect::Change(id, change))
                }
                None => self.say(
                    Tone::Warning,
                    "Nobody knows the existing contact's id, so it cannot be updated from here.",
                ),
            },
            DuplicateChoice::Correct => self.take_back(&entry),
            DuplicateChoice::Drop => self.ask_discard(&entry),
        }
    }

    /// The text a row is known by elsewhere.
    fn copied(&self, entry: &Entry) -> String {
        let existing = match self.overlays.last() {
            Some(Overlay::Compare(compare)) => compare.existing().and_then(|record| record.id),
            Some(
                Overlay::Help { .. } | Overlay::Details(_) | Overlay::Ask(_) | Overlay::Palette(_),
            )
            | None => None,
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
