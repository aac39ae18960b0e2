//! What an agent does with a row of the results: look closer, correct, try again, settle a
//! duplicate, delete, forget. What cannot be taken back is asked first.

use crate::{
    contact::text::safe,
    submission::{Change, Entry, Reason, Status, Whose},
};

use super::{
    super::{
        At, Copied, Effect,
        compare::{Compare, DuplicateChoice},
        detail::Details,
        keymap::{Action, KeyScope, Turn},
        sentences,
    },
    App, Ask, Overlay, Pane, Then, Tone,
    keys::NOT_ALLOWED,
};

/// Whether it goes out by itself.
pub(super) fn is_waiting(entry: &Entry) -> bool {
    matches!(entry.status, Status::Queued(_))
}

impl App {
    /// The row that a key means: the one that lies open, else the selected one.
    fn row(&self) -> Option<&Entry> {
        match self.overlays.last() {
            Some(Overlay::Details(details)) => Some(&details.entry),
            Some(Overlay::Compare(compare)) => Some(&compare.entry),
            Some(
                Overlay::Help { .. }
                | Overlay::Ask(_)
                | Overlay::Palette(_)
                | Overlay::Check(_)
                | Overlay::Lookup(_),
            )
            | None => self.results.selected(),
        }
    }

    /// Does something with that row, if there is one.
    pub(super) fn on_row(&mut self, what: fn(&mut Self, &Entry) -> Vec<Effect>) -> Vec<Effect> {
        self.row().cloned().map_or_else(Vec::new, |entry| what(self, &entry))
    }

    pub(super) fn show(&mut self, entry: &Entry) -> Vec<Effect> {
        self.overlays.push(Overlay::Details(Box::new(Details::of(entry.clone()))));
        match self.results.whose() {
            Whose::Ours => vec![Effect::Details(entry.submission.id)],
            // All that is known of it is in the row.
            Whose::Everybody => Vec::new(),
        }
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
        let waits = matches!(entry.status, Status::Queued(_));
        if matches!(entry.status, Status::Sending | Status::Unclear(_))
            || (waits && entry.may_exist())
        {
            return self.say(
                Tone::Warning,
                "It may be on the platform already; edit it once that is settled.",
            );
        }
        let is_created = entry.status.created_id().is_some();
        if is_created && self.look.keys.forbids(Action::Decide(DuplicateChoice::Update)) {
            return self.say(Tone::Warning, NOT_ALLOWED);
        }
        let aside = self.form.load_contact(&entry.submission.contact);
        self.overlays.clear();
        self.pane = Pane::Form;
        if let Some(who) = &aside {
            let undo = self.look.keys.key(KeyScope::Form, Action::UndoOrRestore);
            let said = format!("Put aside: {who}. {undo} in an empty form brings it back.");
            let _ = self.say(Tone::Plain, &said);
        }
        // What was taken back before and not corrected goes out as it was.
        let before = self.correcting.take().filter(is_waiting);
        let mut effects: Vec<_> =
            before.map(|before| Effect::Retry(before.submission.id)).into_iter().collect();
        if is_waiting(entry) {
            // It stays in the store until its correction is there, and is only kept from
            // going out beside it.
            effects.push(Effect::Hold(entry.submission.id));
        }
        self.correcting = Some(entry.clone());
        if is_created && aside.is_none() {
            let key = self.look.keys.key(KeyScope::Form, Action::Submit);
            let said = format!("{key} changes this contact on the platform; nothing is created.");
            let _ = self.say(Tone::Plain, &said);
        }
        effects.push(self.saves_draft());
        effects
    }

    /// Sends again what was given up, whichever row is selected.
    pub(super) fn retry_given_up() -> Vec<Effect> {
        vec![Effect::RetryGivenUp]
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
        let key = || self.look.keys.key(KeyScope::Results, Action::DeleteContact);
        let [drop, forget] = [("drop it", "keep it"), ("forget it", "keep it")];
        let (question, consequence, words) = match (&entry.status, entry.task.change()) {
            (Status::Sending, _) => {
                return self
                    .say(Tone::Warning, "It is being sent at this moment and cannot be dropped.");
            }
            (Status::Queued(_) | Status::Unclear(_) | Status::Attention { .. }, Some(change)) => (
                format!("Call off the {}?", sentences::change(change)),
                if may_be_made(entry) {
                    "It may have been made already, which stays so.".to_owned()
                } else {
                    "Nothing on the platform changes.".to_owned()
                },
                ("call it off", "let it be"),
            ),
            (Status::Created { .. }, _) => (
                "Forget this row?".to_owned(),
                format!("The contact stays on the platform ({} deletes it there).", key()),
                forget,
            ),
            (_, None) if entry.may_exist() => (
                "Drop this contact?".to_owned(),
                "It may be on the platform already. The row cannot be brought back.".to_owned(),
                drop,
            ),
            (Status::Deleted { .. }, _) => (
                "Forget this row?".to_owned(),
                "The contact is deleted already.".to_owned(),
                forget,
            ),
            (
                Status::Queued(_)
                | Status::Unclear(_)
                | Status::Duplicate { .. }
                | Status::Rejected { .. },
                _,
            )
            | (Status::Attention { .. }, None) => (
                "Drop this contact?".to_owned(),
                "It was not created. It cannot be brought back.".to_owned(),
                drop,
            ),
        };
        let then = Then::Do(Box::new(Effect::Discard(entry.submission.id, entry.seen())));
        self.ask(&question, &consequence, words, entry, then)
    }

    pub(super) fn ask_delete(&mut self, entry: &Entry) -> Vec<Effect> {
        let id = entry.submission.id;
        let Status::Created { id: target, .. } = &entry.status else {
            return self.say(Tone::Plain, "Only a contact that was created here can be deleted.");
        };
        let then = Then::Do(Box::new(Effect::Change(id, Change::Delete(target.clone()))));
        let consequence = "It goes out like a new contact, and can be called off until then.";
        let words = ("delete it", "keep it");
        self.ask("Delete it on the platform?", consequence, words, entry, then)
    }

    fn ask(
        &mut self,
        question: &str,
        consequence: &str,
        (yes, no): (&'static str, &'static str),
        about: &Entry,
        then: Then,
    ) -> Vec<Effect> {
        let (id, seen) = (about.submission.id, about.seen());
        let contact = &about.submission.contact;
        let who = safe(&format!("{}, {}", contact.full_name(), contact.phone.international()));
        let (question, consequence) = (safe(question), safe(consequence));
        let ask = Ask { question, about: who, consequence, yes, no, id, seen, then };
        self.overlays.push(Overlay::Ask(Box::new(ask)));
        self.touch()
    }

    pub(super) fn confirmed(&mut self, at: At) -> Vec<Effect> {
        let Some(Overlay::Ask(ask)) = self.overlays.pop() else { return Vec::new() };
        // What was compared is decided now.
        if matches!(self.overlays.last(), Some(Overlay::Compare(_))) {
            self.overlays.pop();
        }
        match ask.then {
            Then::Do(effect) => vec![*effect],
            Then::UpdateKnown => self.update_known(at),
            Then::SetUp => vec![self.saves_draft(), Effect::SetUp],
        }
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
                Overlay::Help { .. }
                | Overlay::Details(_)
                | Overlay::Ask(_)
                | Overlay::Palette(_)
                | Overlay::Check(_)
                | Overlay::Lookup(_),
            )
            | None => Vec::new(),
        }
    }

    /// What is decided with both contacts in view.
    pub(super) fn decide(&mut self, choice: DuplicateChoice) -> Vec<Effect> {
        let Some(Overlay::Compare(compare)) = self.overlays.last() else { return Vec::new() };
        if self.look.keys.forbids(Action::Decide(choice)) {
            return self.say(Tone::Warning, NOT_ALLOWED);
        }
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
                    let whose = compare.holder().unwrap_or_else(|| "The contact".to_owned());
                    let question = format!("{whose} becomes {name} on the platform?");
                    let consequence = "What is there now is replaced by what you typed.";
                    let words = ("change it", "leave it");
                    let then = Then::Do(Box::new(Effect::Change(id, change)));
                    self.ask(&question, consequence, words, &entry, then)
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
                Overlay::Help { .. }
                | Overlay::Details(_)
                | Overlay::Ask(_)
                | Overlay::Palette(_)
                | Overlay::Check(_)
                | Overlay::Lookup(_),
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

/// Whether the change that a row waits for may have been carried out without a word.
fn may_be_made(entry: &Entry) -> bool {
    matches!(entry.status, Status::Unclear(_)) || entry.reason().is_some_and(Reason::may_exist)
}
