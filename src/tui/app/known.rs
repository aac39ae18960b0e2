//! A duplicate before it is sent: the contact that has the number can be kept, or changed
//! into what was typed, without leaving the form.

use crate::{
    contact::text::safe,
    submission::{Change, Entry, Group, Owner, Record, Status},
};

use super::{
    super::{
        At, Effect,
        form::Why,
        keymap::{Action, KeyScope},
        lookup::{self, Lookup},
    },
    App, Ask, Overlay, Pane, Then, Tone,
};

const NOBODY: &str = "Nobody is known to have this number.";

impl App {
    /// The existing contact is right: what was typed is not needed.
    pub(super) fn keep_known(&mut self) -> Vec<Effect> {
        let Some(name) = self.owner_name() else { return self.say(Tone::Plain, NOBODY) };
        self.form.clear_as(Why::Kept);
        let undo = self.look.keys.key(KeyScope::Form, Action::UndoOrRestore);
        let said =
            format!("{name} stays as it is; nothing is sent. {undo} brings back what you typed.");
        self.say(Tone::Plain, &said)
    }

    /// Asks whether the existing contact is to become what was typed.
    pub(super) fn ask_update_known(&mut self) -> Vec<Effect> {
        let Some(owner) = self.owner_name() else { return self.say(Tone::Plain, NOBODY) };
        let Some(contact) = self.form.ready() else {
            return self.say(Tone::Warning, "Fill in both names first.");
        };
        let name = safe(&contact.full_name());
        let ask = Ask {
            question: format!("{owner} becomes {name} on the platform?"),
            about: format!("{name}, {}", contact.phone.international()),
            consequence: "What is there now is replaced by what you typed.".into(),
            yes: "change it",
            no: "leave it",
            id: crate::submission::SubmissionId(uuid::Uuid::nil()),
            seen: Group::Queued.into(),
            then: Then::UpdateKnown,
        };
        self.overlays.push(Overlay::Ask(Box::new(ask)));
        self.touch()
    }

    /// Submits what was typed; once the platform says whose the number is, that contact is
    /// changed.
    pub(super) fn update_known(&mut self, at: At) -> Vec<Effect> {
        self.pane = Pane::Form;
        let effects = self.submit(at);
        if effects.iter().any(|effect| matches!(effect, Effect::Submit(_))) {
            self.updates.insert(at.fresh);
        }
        effects
    }

    /// The change that was asked for when the row was submitted, now that it is known whose
    /// the number is.
    pub(super) fn update_due(&mut self, entry: &Entry) -> Option<Effect> {
        let id = entry.submission.id;
        match &entry.status {
            Status::Queued(_) | Status::Sending | Status::Unclear(_) => None,
            Status::Duplicate { owners, .. } => {
                let known = |owner: &&Owner| owner.id.is_some();
                let owner = owners.iter().find(known)?.clone();
                let target = owner.id.clone()?;
                self.updates.remove(&id).then_some(())?;
                Some(Effect::Change(id, Change::Update(target, owner)))
            }
            Status::Created { .. }
            | Status::Deleted { .. }
            | Status::Rejected { .. }
            | Status::Attention { .. } => {
                self.updates.remove(&id);
                None
            }
        }
    }

    /// Opens the list of known customers.
    pub(super) fn open_lookup(&mut self) -> Vec<Effect> {
        self.overlays.clear();
        self.pane = Pane::Form;
        self.form.close_list();
        self.overlays.push(Overlay::Lookup(Box::default()));
        self.changed = true;
        vec![Effect::FindContacts(String::new())]
    }

    /// Changes the query of that list, and asks for what it finds now.
    pub(super) fn ask_lookup(
        &mut self,
        change: impl FnOnce(&mut Lookup) -> Option<String>,
    ) -> Vec<Effect> {
        self.changed = true;
        let Some(Overlay::Lookup(lookup)) = self.overlays.last_mut() else { return Vec::new() };
        change(lookup).map(Effect::FindContacts).into_iter().collect()
    }

    pub(super) fn found(&mut self, query: &str, contacts: Vec<Record>) -> Vec<Effect> {
        if let Some(Overlay::Lookup(lookup)) = self.overlays.last_mut() {
            lookup.learn(query, contacts);
        }
        self.touch()
    }

    /// Takes the marked customer into the form, to be corrected.
    pub(super) fn take_found(&mut self) -> Vec<Effect> {
        let Some(Overlay::Lookup(lookup)) = self.overlays.last() else { return Vec::new() };
        let Some(record) = lookup.choice().cloned() else { return Vec::new() };
        self.overlays.pop();
        self.form.load_record(&record);
        let key = self.look.keys.key(KeyScope::Form, Action::UpdateKnown);
        let said = format!("{} is in the form; {key} changes the contact.", lookup::name(&record));
        self.say(Tone::Plain, &said)
    }

    /// Goes to the next row that waits for a person.
    pub(super) fn next_needed(&mut self) -> Vec<Effect> {
        self.overlays.clear();
        self.form.close_list();
        if !self.results.select_next_needed() {
            return self.say(Tone::Plain, "Nothing needs you.");
        }
        if self.pane == Pane::Form {
            self.form.leave();
            self.pane = Pane::Results;
        }
        self.touch()
    }
}
