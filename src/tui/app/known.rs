//! A duplicate before it is sent: the contact that has the number can be kept, or changed
//! into what was typed, without leaving the form.

use crate::{
    contact::{Draft, text::safe},
    submission::{Change, Group, Record},
};

use super::{
    super::{
        At, Effect,
        form::Why,
        keymap::{Action, KeyScope},
        lookup::{self, Lookup},
    },
    App, Ask, Overlay, Pane, Then, Tone,
    row_actions::is_waiting,
};

const NOT_THERE: &str = "It is not known under which id the platform has that contact yet, so it \
                         cannot be changed from here.";
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
        if self.known_change().is_none() {
            return self.say(Tone::Warning, NOT_THERE);
        }
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

    /// Stores what was typed as what the contact that has the number is to become.
    pub(super) fn update_known(&mut self, at: At) -> Vec<Effect> {
        self.pane = Pane::Form;
        self.submit_as(self.known_change(), at)
    }

    /// The update of the contact that has the number in the form, as far as it is known.
    fn known_change(&self) -> Option<Change> {
        let owners = self.owners();
        let owner = owners.iter().find(|record| record.id.is_some())?;
        Some(Change::Update(owner.id.clone()?, owner.owner()))
    }

    /// Takes a caller into the form, if nothing is typed there; else the caller waits.
    pub(super) fn caller(&mut self, caller: &Draft) -> Vec<Effect> {
        let is_free = self.form.is_blank() && self.storing.is_none() && self.overlays.is_empty();
        if is_free {
            self.pane = Pane::Form;
            self.form.close_list();
            self.form.take_caller(caller);
            // Nothing was left of what was taken back before: it goes out as it was.
            let released = self.correcting.take().filter(is_waiting);
            let _ = self.say(Tone::Plain, "The caller is in the form.");
            return released.map(|row| Effect::Retry(row.submission.id)).into_iter().collect();
        }
        let mut apart = self.form.clone();
        apart.take_caller(caller);
        self.form.put_aside(apart.draft(), Why::Caller);
        let undo = self.look.keys.key(KeyScope::Form, Action::UndoOrRestore);
        self.say(Tone::Plain, &format!("A caller waits: {undo} in the empty form."))
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

#[cfg(test)]
mod tests {
    use crossterm::event::KeyCode;

    use super::*;
    use crate::{
        submission::Entry,
        tui::{
            Event,
            script::{Script, created, id, queued},
        },
    };

    fn caller() -> Event {
        Event::Caller(Draft { first_name: "Amy".into(), ..Draft::default() })
    }

    fn cleared(row: Entry) -> Script {
        let mut script = Script::start();
        script.rows(vec![row]).key(KeyCode::F(6)).type_text("e").ctrl('l').taken();
        script
    }

    #[test]
    fn a_form_cleared_of_what_it_corrected_takes_a_caller_at_once() {
        let mut script = cleared(created(1, "Tom", "Bekker", "9876543210", "63c7"));
        script.event(caller());
        assert_eq!(script.draft().first_name, "Amy");
        let mut script = cleared(queued(1, "Tom", "Bekker", "9876543210", 60));
        script.event(caller());
        assert_eq!(script.draft().first_name, "Amy");
        assert!(script.taken().contains(&Effect::Retry(id(1))), "that row goes out as it was");
    }

    #[test]
    fn a_caller_waits_while_a_row_is_being_corrected() {
        let mut script = Script::start();
        let row = queued(1, "Tom", "Bekker", "9876543210", 60);
        script.rows(vec![row]).key(KeyCode::F(6)).type_text("e").event(caller());
        assert_eq!(script.draft().first_name, "Tom");
    }
}
