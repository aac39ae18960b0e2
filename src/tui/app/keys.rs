//! What each key does, by what it was resolved to.

use crossterm::event::KeyEvent;

use crate::{
    contact::Phone,
    submission::{Entry, Status},
};

use super::{
    super::{
        At, Effect,
        detail::Details,
        form::Form,
        help,
        keymap::{Action, Keymap, Meaning, Scope},
        results::Filter,
    },
    App, Overlay, Pane, Tone,
};

const PAGE: isize = 10;

impl App {
    pub(super) fn key(&mut self, key: KeyEvent, at: At) -> Vec<Effect> {
        let scope = self.scope();
        self.fade_notice();
        match self.look.keys.resolve(scope, key) {
            Meaning::Nothing => Vec::new(),
            Meaning::Char(c) => {
                self.type_char(scope, c);
                self.touch()
            }
            Meaning::Action(action) => {
                self.changed = true;
                self.act(scope, action, at)
            }
        }
    }

    pub(super) fn paste(&mut self, text: &str) -> Vec<Effect> {
        match self.scope() {
            Scope::Search => self.results.change_search(|search| {
                let _ = search.insert(&crate::contact::paste::clean(text));
            }),
            Scope::Palette => {
                if let Some(palette) = self.palette() {
                    palette.change(|query| {
                        let _ = query.insert(&crate::contact::paste::clean(text));
                    });
                }
            }
            Scope::Help | Scope::Details | Scope::Confirm | Scope::Results => {
                let key = self.look.keys.key(Scope::Results, Action::OtherPane);
                let said = format!("Pasting works in the form; {key} goes there.");
                return self.say(Tone::Plain, &said);
            }
            Scope::Everywhere
            | Scope::Form
            | Scope::Choice
            | Scope::Country
            | Scope::Button
            | Scope::Text
            | Scope::Picker => {
                if let Some(said) = self.form.paste(text) {
                    return self.say(Tone::Plain, &said);
                }
            }
        }
        self.touch()
    }

    fn type_char(&mut self, scope: Scope, c: char) {
        match scope {
            Scope::Search => self.results.change_search(|search| search.type_char(c)),
            Scope::Palette => {
                if let Some(palette) = self.palette() {
                    palette.change(|query| query.type_char(c));
                }
            }
            Scope::Help | Scope::Details | Scope::Confirm | Scope::Results => {}
            Scope::Everywhere
            | Scope::Form
            | Scope::Choice
            | Scope::Country
            | Scope::Button
            | Scope::Text
            | Scope::Picker => {
                self.form.type_char(c);
            }
        }
    }

    pub(super) fn act(&mut self, scope: Scope, action: Action, at: At) -> Vec<Effect> {
        match action {
            Action::Quit => return self.quit(),
            Action::Submit => return self.submit(at),
            Action::Enter if self.form.at_end() => return self.submit(at),
            Action::Suspend => return vec![Effect::Suspend],
            Action::Repaint => return vec![Effect::Repaint],
            Action::Help => self.overlays.push(Overlay::Help { scroll: 0 }),
            Action::Palette => self.open_palette(),
            Action::Run => return self.run_choice(at),
            Action::NextTheme => return self.next_theme(),
            Action::ToggleMouse => return self.toggle_mouse(),
            Action::OtherPane => self.other_pane(),
            Action::Edit(edit) if scope == Scope::Search => {
                self.results.change_search(|search| search.edit(edit));
            }
            Action::Edit(edit) if scope == Scope::Palette => {
                if let Some(palette) = self.palette() {
                    palette.edit(edit);
                }
            }
            Action::Clear => return self.clear(),
            Action::ReadAloud => return self.read_aloud(),
            Action::Enter
            | Action::Next
            | Action::Previous
            | Action::UndoOrRestore
            | Action::ChoiceLeft
            | Action::ChoiceRight
            | Action::Open
            | Action::OpenEmpty
            | Action::Accept
            | Action::AcceptBack
            | Action::Edit(_) => on_form(&mut self.form, action),
            Action::Up => self.scroll(scope, -1),
            Action::Down => self.scroll(scope, 1),
            Action::PageUp => self.scroll(scope, -PAGE),
            Action::PageDown => self.scroll(scope, PAGE),
            Action::Top => self.scroll(scope, isize::MIN),
            Action::Bottom => self.scroll(scope, isize::MAX),
            Action::Close => self.close(scope),
            Action::Filter(key) => self.results.set_filter(Filter::by_key(key)),
            Action::Search => self.results.start_search(),
            Action::EndSearch => self.results.end_search(),
            Action::Show
            | Action::TakeBack
            | Action::Retry
            | Action::Discard
            | Action::Copy
            | Action::CopyNumber => return self.on_row(action),
            Action::Yes => return self.confirmed(),
            Action::No => drop(self.overlays.pop()),
        }
        Vec::new()
    }

    pub(super) fn other_pane(&mut self) {
        self.overlays.clear();
        self.form.close_list();
        self.results.end_search();
        self.pane = match self.pane {
            Pane::Form => {
                self.form.leave();
                Pane::Results
            }
            Pane::Results => Pane::Form,
        };
    }

    fn clear(&mut self) -> Vec<Effect> {
        self.form.clear_or_restore();
        if self.form.is_blank() && self.form.has_aside() {
            let undo = self.look.keys.key(Scope::Form, Action::UndoOrRestore);
            return self.say(Tone::Plain, &format!("Cleared. {undo} brings it back."));
        }
        Vec::new()
    }

    fn read_aloud(&mut self) -> Vec<Effect> {
        let text = self.form.number().map(|phone| phone.read_aloud());
        let text = text.unwrap_or_else(|| "There is no number to read aloud yet.".into());
        self.say(Tone::Plain, &text)
    }

    pub(super) fn scroll(&mut self, scope: Scope, rows: isize) {
        let now = self.now;
        match self.overlays.last_mut() {
            Some(Overlay::Help { scroll }) => {
                *scroll = moved(*scroll, rows, help::lines(&self.look.keys).len());
            }
            Some(Overlay::Details(details)) => {
                let lines = details.lines(now, &self.zone).len();
                details.scroll = moved(details.scroll, rows, lines);
            }
            Some(Overlay::Palette(palette)) => palette.move_by(rows),
            Some(Overlay::Discard(_)) => {}
            None if scope == Scope::Picker => self.form.move_mark(rows),
            None => self.results.move_by(rows),
        }
    }

    fn close(&mut self, scope: Scope) {
        if self.overlays.pop().is_some() {
            return;
        }
        if scope == Scope::Picker {
            self.form.close_list();
        } else if !self.results.widen() {
            self.pane = Pane::Form;
        }
    }

    /// The row that a key means: the one whose details are open, else the selected one.
    fn row(&self) -> Option<&Entry> {
        match self.overlays.last() {
            Some(Overlay::Details(details)) => Some(&details.entry),
            Some(Overlay::Help { .. } | Overlay::Discard(_) | Overlay::Palette(_)) | None => {
                self.results.selected()
            }
        }
    }

    fn on_row(&mut self, action: Action) -> Vec<Effect> {
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
            Action::Copy => self.copy(copied(&entry)),
            _ => self.copy(entry.submission.contact.phone.e164().to_string()),
        }
    }

    fn take_back(&mut self, entry: &Entry) -> Vec<Effect> {
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
            let undo = self.look.keys.key(Scope::Form, Action::UndoOrRestore);
            let said = format!("What you were typing waits: clear the form, then {undo}.");
            let _ = self.say(Tone::Plain, &said);
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
            | Status::Rejected { .. }
            | Status::Attention { .. } => {
                (vec![Effect::Retry(entry.submission.id)], "Trying again.")
            }
            Status::Sending => (vec![], "It is being sent at this moment."),
            Status::Created { .. } => (vec![], "It is created; there is nothing to try again."),
            Status::Duplicate { .. } => {
                (vec![], "The number is taken; e takes the row back to correct it.")
            }
        };
        let _ = self.say(Tone::Plain, said);
        effects
    }

    fn ask_discard(&mut self, entry: &Entry) -> Vec<Effect> {
        if matches!(entry.status, Status::Sending) {
            return self
                .say(Tone::Warning, "It is being sent at this moment and cannot be discarded.");
        }
        self.overlays.push(Overlay::Discard(entry.submission.id));
        Vec::new()
    }

    fn confirmed(&mut self) -> Vec<Effect> {
        match self.overlays.pop() {
            Some(Overlay::Discard(id)) => vec![Effect::Discard(id)],
            Some(Overlay::Help { .. } | Overlay::Details(_) | Overlay::Palette(_)) | None => {
                Vec::new()
            }
        }
    }

    fn copy(&mut self, text: String) -> Vec<Effect> {
        let _ = self.say(Tone::Plain, &format!("Sent to the clipboard: {text}"));
        vec![Effect::Copy(text)]
    }
}

/// The text a row is known by elsewhere.
fn copied(entry: &Entry) -> String {
    let phone: &Phone = &entry.submission.contact.phone;
    match &entry.status {
        Status::Created { id } => crate::contact::text::safe(&id.0),
        Status::Queued(_)
        | Status::Sending
        | Status::Unclear(_)
        | Status::Duplicate { .. }
        | Status::Rejected { .. }
        | Status::Attention { .. } => phone.e164().to_string(),
    }
}

fn moved(from: usize, rows: isize, lines: usize) -> usize {
    from.saturating_add_signed(rows).min(lines.saturating_sub(1))
}

fn on_form(form: &mut Form, action: Action) {
    match action {
        Action::Next | Action::Enter => form.next(),
        Action::Previous => form.previous(),
        Action::UndoOrRestore => form.undo_or_restore(),
        Action::ChoiceLeft => form.choose_by(-1),
        Action::ChoiceRight => form.choose_by(1),
        Action::Open | Action::OpenEmpty => form.open(""),
        Action::Accept => {
            form.accept_choice();
            form.next();
        }
        Action::AcceptBack => {
            form.accept_choice();
            form.previous();
        }
        Action::Edit(edit) => form.edit(edit),
        _ => {}
    }
}

/// Types a key into a form beside the screen: text and moves, nothing that acts.
pub(super) fn type_into(keymap: &Keymap, form: &mut Form, key: KeyEvent) {
    match keymap.resolve(form.scope(), key) {
        Meaning::Char(c) => form.type_char(c),
        Meaning::Action(Action::Edit(edit)) => form.edit(edit),
        Meaning::Action(Action::Up) => form.move_mark(-1),
        Meaning::Action(Action::Down) => form.move_mark(1),
        Meaning::Action(Action::Close) => form.close_list(),
        Meaning::Action(action) => on_form(form, action),
        Meaning::Nothing => {}
    }
}
