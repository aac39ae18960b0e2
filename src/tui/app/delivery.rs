//! What the delivery and the store tell, and what that does to form and rows.

use crossterm::event::Event as Input;

use crate::{
    contact::{Contact, E164, text::safe},
    submission::{
        Attempt, Change, DirectoryProgress, Entry, Group, Page, Reason, Record, Status,
        StoreTrouble, SubmissionId, Update,
    },
};

use super::{
    super::{
        At, Effect,
        form::Why,
        keymap::{Action, KeyScope},
        sentences, time,
    },
    App, Overlay, Tone, keys,
};

impl App {
    pub(super) fn delivery(&mut self, update: Update, at: At) -> Vec<Effect> {
        match update {
            Update::Entry(entry) => return self.entry(*entry, at),
            Update::NotStored { id, reason } => return self.not_stored(id, &reason),
            Update::Gone(id) => return self.gone(id),
            Update::Notice(text) => return self.say(Tone::Warning, &text),
            Update::StoreFailed { reason, trouble } => {
                // What the platform's list says could not be kept.
                self.reading = None;
                self.leaving.draft_unsaved |= trouble == StoreTrouble::Gone;
                return self.say(Tone::Warning, &reason);
            }
            Update::Reread => {
                self.results.reread();
                self.results.ask_for_inbox();
                return vec![Effect::Inbox(time::midnight(self.now, &self.zone))];
            }
            Update::Directory(reading) => return self.directory(reading),
            Update::Known { number, owners, colleague } => {
                return self.learn(&number, owners, colleague);
            }
            Update::Everybody { page, rows } => return self.everybody(&page, rows),
            Update::Counts(counts) => {
                self.changed |= *self.results.counts() != counts;
                self.results.set_counts(counts);
            }
            Update::Budget(budget) => {
                self.changed |= self.budget != Some(budget);
                let before = self.budget.replace(budget);
                self.told_used_up(before.is_some_and(|before| before.left == 0));
            }
            Update::PlatformHealth(link) => {
                self.changed |= self.link != link;
                self.link = link;
            }
        }
        Vec::new()
    }

    /// Says once that the minute's requests are used up while contacts wait.
    fn told_used_up(&mut self, already: bool) {
        let Some(budget) = self.budget.filter(|budget| budget.left == 0 && !already) else {
            return;
        };
        let waiting = self.results.counts().waiting();
        if waiting > 0 {
            let wait = if waiting == 1 { "1 waits" } else { &format!("{waiting} wait") };
            let limit = budget.limit;
            let said = format!("! All {limit} calls of this minute are used: {wait}. Keep typing.");
            self.tell(Tone::Warning, &said);
        }
    }

    /// Asks for the platform's whole list, or stops what was asked for.
    pub(super) fn read_contacts(&mut self) -> Vec<Effect> {
        if self.reading.take().is_some() {
            let _ = self.say(Tone::Plain, "Stopped; the contacts read so far are known.");
            return vec![Effect::StopReading];
        }
        self.reading = Some((0, None));
        vec![Effect::ReadContacts]
    }

    /// What is read in the background is only worth a word to whoever waits for it.
    fn directory(&mut self, reading: DirectoryProgress) -> Vec<Effect> {
        match (reading, self.reading) {
            (DirectoryProgress::Page { read, total }, Some(_)) => {
                self.reading = Some((read, total));
                self.touch()
            }
            (DirectoryProgress::Whole { read }, waiting) => {
                // Who holds which number may be known better now.
                self.known.clear();
                self.reading = None;
                let said = format!("{read} contacts of the platform are known now.");
                waiting.map_or_else(Vec::new, |_| self.say(Tone::Plain, &said))
            }
            (DirectoryProgress::Failed(failure), Some(_)) => {
                self.reading = None;
                let why = sentences::failure(&failure);
                self.say(Tone::Warning, &format!("The contacts cannot be read: {why}"))
            }
            (DirectoryProgress::Page { .. } | DirectoryProgress::Failed(_), None) => Vec::new(),
        }
    }

    fn entry(&mut self, entry: Entry, at: At) -> Vec<Effect> {
        self.changed = true;
        let id = entry.submission.id;
        let news = news(&entry);
        let open = self.overlays.iter().any(|overlay| overlay.is_about(id));
        self.withdraw_questions(&entry);
        self.notice_it_went_out(&entry);
        let contact = entry.submission.contact.clone();
        let before = self.results.apply(entry);
        // A row is told anew for many reasons; only what was not told before is news.
        if news != before.as_ref().and_then(self::news)
            && let Some((tone, text)) = news
        {
            self.tell(tone, &text);
        }
        let mut effects = if open { vec![Effect::Details(id)] } else { Vec::new() };
        if self.storing == Some(id) {
            effects.extend(self.stored(&contact, at));
        }
        effects
    }

    /// A row that left while it was being corrected is corrected no more.
    fn notice_it_went_out(&mut self, entry: &Entry) {
        let id = entry.submission.id;
        let left = |row: &mut Entry| row.submission.id == id && !entry.is_as(row.seen());
        if self.correcting.take_if(left).is_some() {
            let said = "The row that you correct went out as it was; look at it before you submit.";
            let _ = self.say(Tone::Warning, said);
        }
    }

    /// A question about a row that no longer stands as it was seen is not to be answered.
    fn withdraw_questions(&mut self, entry: &Entry) {
        let (id, group) = (entry.submission.id, entry.status.group());
        // A row that waits is sent now and then; whether it still waits is all that counts.
        let waits = |group| matches!(group, Group::Queued | Group::Sending);
        let same = |seen| seen == group || (waits(seen) && waits(group));
        let doubtful = entry.may_exist() && group != Group::Sending;
        let stands = |overlay: &Overlay| match overlay {
            Overlay::Ask(ask) => {
                ask.id != id || (same(ask.seen.group) && (ask.seen.may_exist || !doubtful))
            }
            Overlay::Help { .. }
            | Overlay::Details(_)
            | Overlay::Compare(_)
            | Overlay::Palette(_)
            | Overlay::Check(_)
            | Overlay::Lookup(_) => true,
        };
        let before = self.overlays.len();
        self.overlays.retain(stands);
        if self.overlays.len() < before {
            let _ = self.say(Tone::Warning, "The row has changed; look at it again.");
        }
    }

    /// The contact is on disk: the form is free, and keys that waited go in.
    fn stored(&mut self, stored: &Contact, at: At) -> Vec<Effect> {
        self.storing = None;
        self.known.clear();
        let when = if self.is_held_up() { "waits" } else { "goes out now" };
        let (salutation, name) = (&stored.salutation, stored.full_name());
        let mark = self.theme.glyphs.ready;
        self.tell(Tone::Plain, &format!("{mark} {salutation} {name} is stored and {when}"));
        self.form.stored();
        self.correcting = None;
        self.offer_next();
        let mut effects = vec![self.saves_draft()];
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
            self.form.put_aside(next.draft(), Why::NotStored);
            let undo = keymap.key(KeyScope::Form, Action::UndoOrRestore);
            let waits = format!(" What you typed since waits: {undo} in the empty form.");
            text.push_str(&waits);
        }
        // It tells at once whether the text is kept at least.
        let save = self.saves_draft();
        let mut effects = self.say(Tone::Error, &text);
        effects.push(save);
        effects
    }

    /// The store's answer and the floor's come in any order: neither takes back the other's.
    /// One to a question from before something was stored may be wrong by now.
    pub(super) fn learn(
        &mut self,
        number: &E164,
        owners: Vec<Record>,
        colleague: Option<String>,
    ) -> Vec<Effect> {
        let Some(known) = self.known.get_mut(number) else { return Vec::new() };
        let before = std::mem::replace(&mut known.owners, owners);
        for record in before.into_iter().filter(|record| record.id.is_some()) {
            if known.owners.iter().all(|it| it.id != record.id) {
                known.owners.push(record);
            }
        }
        known.colleague = colleague.or(known.colleague.take());
        self.touch()
    }

    pub(super) fn detail(
        &mut self,
        entry: &Entry,
        attempts: &[Attempt],
        existing: &[Record],
    ) -> Vec<Effect> {
        let id = entry.submission.id;
        for overlay in &mut self.overlays {
            match overlay {
                Overlay::Details(details) if details.id() == id => {
                    details.entry = entry.clone();
                    details.attempts = Some(attempts.to_vec());
                }
                Overlay::Compare(compare) if compare.id() == id => compare.learn(entry, existing),
                Overlay::Details(_)
                | Overlay::Compare(_)
                | Overlay::Help { .. }
                | Overlay::Ask(_)
                | Overlay::Palette(_)
                | Overlay::Check(_)
                | Overlay::Lookup(_) => {}
            }
        }
        // There is nothing to decide about a row that is no duplicate any more.
        self.overlays.retain(|overlay| match overlay {
            Overlay::Compare(compare) => matches!(compare.entry.status, Status::Duplicate { .. }),
            Overlay::Details(_)
            | Overlay::Help { .. }
            | Overlay::Ask(_)
            | Overlay::Palette(_)
            | Overlay::Check(_)
            | Overlay::Lookup(_) => true,
        });
        self.touch()
    }

    pub(super) fn page(&mut self, page: &Page, rows: Result<Vec<Entry>, String>) -> Vec<Effect> {
        match rows {
            Ok(rows) => {
                self.results.take(page, rows);
                self.touch()
            }
            Err(reason) => {
                self.results.cannot_read(page);
                self.say(Tone::Error, &reason)
            }
        }
    }

    /// All that waits for a person; `None` when the store cannot be read, which is told
    /// already.
    pub(super) fn inbox(&mut self, rows: Option<&[Entry]>) -> Vec<Effect> {
        self.results.take_inbox(rows);
        self.touch()
    }

    fn gone(&mut self, id: SubmissionId) -> Vec<Effect> {
        self.results.remove(id);
        self.overlays.retain(|overlay| !overlay.is_about(id));
        self.touch()
    }
}

impl Overlay {
    /// Whether it says something about this row.
    fn is_about(&self, id: SubmissionId) -> bool {
        match self {
            Self::Details(details) => details.id() == id,
            Self::Compare(compare) => compare.id() == id,
            Self::Ask(ask) => ask.id == id,
            Self::Help { .. } | Self::Palette(_) | Self::Check(_) | Self::Lookup(_) => false,
        }
    }
}

/// What is worth telling while something else is being typed: what needs a person, and
/// what came of a change.
fn news(entry: &Entry) -> Option<(Tone, String)> {
    let contact = &entry.submission.contact;
    let (name, number) = (contact.full_name(), contact.phone.international());
    let told = match (&entry.status, entry.task.change()) {
        (
            Status::Duplicate { remark: Some(remark), .. }
            | Status::Created { remark: Some(remark), .. },
            Some(_),
        ) => (Tone::Warning, format!("{name}: {}", sentences::reason(remark))),
        (Status::Created { .. }, Some(Change::Update(..))) => {
            (Tone::Plain, format!("{name}, {number}, is updated on the platform"))
        }
        // Whose it is will be told once that is known.
        (Status::Duplicate { remark: Some(Reason::CheckingOwner), .. }, _) => return None,
        (Status::Deleted { .. }, _) => (Tone::Plain, format!("{name}, {number}, is deleted")),
        // It was decided, so it is no news.
        (Status::Duplicate { .. }, _) if entry.is_decided() => return None,
        (Status::Duplicate { owners, .. }, _) => {
            let owner = owners.iter().find_map(|owner| owner.full_name.as_deref());
            let whose = owner.map_or("taken".to_owned(), |owner| format!("{owner}'s"));
            (Tone::Warning, format!("= {number} ({name}) is {whose}"))
        }
        (Status::Rejected { reason } | Status::Attention { reason }, _) => {
            (Tone::Error, format!("! {name}, {number}: {}", sentences::reason(reason)))
        }
        (Status::Queued(_) | Status::Sending | Status::Unclear(_) | Status::Created { .. }, _) => {
            return None;
        }
    };
    Some((told.0, safe(&told.1)))
}
