//! What the delivery and the store tell, and what that does to form and rows.

use crossterm::event::Event as Input;
use jiff::ToSpan as _;

use crate::{
    contact::{E164, text::safe},
    submission::{Attempt, Entry, Record, Status, SubmissionId, Update},
};

use super::{
    super::{
        At, Effect,
        keymap::{Action, Scope},
    },
    App, Overlay, Tone, keys,
};

/// How long a found duplicate stays in the header.
const NEWS_S: i64 = 20;

impl App {
    pub(super) fn delivery(&mut self, update: Update, at: At) -> Vec<Effect> {
        match update {
            Update::Entry(entry) => return self.entry(*entry, at),
            Update::NotStored { id, reason } => return self.not_stored(id, &reason),
            Update::Gone(id) => return self.gone(id),
            Update::Notice(text) => return self.say(Tone::Warning, &text),
            Update::Counts(counts) => {
                self.changed |= *self.results.counts() != counts;
                self.results.set_counts(counts);
            }
            Update::Budget(budget) => {
                self.changed |= self.budget != Some(budget);
                self.budget = Some(budget);
            }
            Update::Link(link) => {
                self.changed |= self.link != link;
                self.link = link;
            }
        }
        Vec::new()
    }

    fn entry(&mut self, entry: Entry, at: At) -> Vec<Effect> {
        self.changed = true;
        let id = entry.submission.id;
        let news = duplicate_news(&entry);
        for overlay in &mut self.overlays {
            if let Overlay::Details(details) = overlay
                && details.id() == id
            {
                details.entry = entry.clone();
            }
        }
        let open = self.overlays.iter().any(|o| matches!(o, Overlay::Details(d) if d.id() == id));
        let before = self.results.apply(entry);
        let was_known = before.as_ref().and_then(duplicate_news);
        if news.is_some() && news != was_known && before.is_some() {
            let until = self.now.checked_add(NEWS_S.seconds()).unwrap_or(self.now);
            self.news = news.map(|text| (until, text));
        }
        let mut effects = if open { vec![Effect::Details(id)] } else { Vec::new() };
        if self.storing == Some(id) {
            effects.extend(self.stored(at));
        }
        effects
    }

    /// The contact is on disk: the form is free, and keys that waited go in.
    fn stored(&mut self, at: At) -> Vec<Effect> {
        self.storing = None;
        self.known.clear();
        self.form.stored();
        self.saved = self.form.draft();
        self.save_at = None;
        let mut effects = vec![Effect::SaveDraft(self.saved.clone())];
        while self.storing.is_none()
            && let Some(input) = self.held.pop_front()
        {
            effects.extend(self.terminal(input, at));
        }
        effects
    }

    fn not_stored(&mut self, id: SubmissionId, reason: &str) -> Vec<Effect> {
        if self.storing != Some(id) {
            return self.say(Tone::Error, &format!("A contact could not be stored: {reason}"));
        }
        self.storing = None;
        let mut next = self.form.clone();
        let keymap = &self.look.keys;
        next.stored();
        for input in std::mem::take(&mut self.held) {
            match input {
                Input::Key(key) => keys::type_into(keymap, &mut next, key),
                Input::Paste(text) => drop(next.paste(&text)),
                Input::Resize(..) | Input::Mouse(_) | Input::FocusGained | Input::FocusLost => {}
            }
        }
        let mut text = format!("Not stored, nothing is lost: {reason}");
        if !next.is_blank() {
            self.form.put_aside(next.draft());
            let undo = keymap.key(Scope::Form, Action::UndoOrRestore);
            let waits = format!(" What you typed since waits: {undo} in the empty form.");
            text.push_str(&waits);
        }
        self.say(Tone::Error, &text)
    }

    pub(super) fn learn(&mut self, number: E164, owners: Vec<Record>) -> Vec<Effect> {
        self.known.insert(number, owners);
        self.touch()
    }

    pub(super) fn detail(&mut self, entry: &Entry, attempts: &[Attempt]) -> Vec<Effect> {
        for overlay in &mut self.overlays {
            if let Overlay::Details(details) = overlay
                && details.id() == entry.submission.id
            {
                details.entry = entry.clone();
                details.attempts = Some(attempts.to_vec());
            }
        }
        self.touch()
    }

    fn gone(&mut self, id: SubmissionId) -> Vec<Effect> {
        self.results.remove(id);
        self.overlays.retain(|overlay| match overlay {
            Overlay::Details(details) => details.id() != id,
            Overlay::Discard(other) => *other != id,
            Overlay::Help { .. } | Overlay::Palette(_) => true,
        });
        self.touch()
    }
}

fn duplicate_news(entry: &Entry) -> Option<String> {
    let Status::Duplicate { owners, .. } = &entry.status else { return None };
    let contact = &entry.submission.contact;
    let number = contact.phone.international();
    let name = contact.full_name();
    Some(match owners.iter().find_map(|owner| owner.full_name.as_deref()) {
        Some(owner) => safe(&format!("Duplicate: {number} ({name}) belongs to {owner}")),
        None => safe(&format!("Duplicate: {number} ({name}) is taken")),
    })
}
