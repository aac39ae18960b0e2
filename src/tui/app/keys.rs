//! What each key does, by what it was resolved to.

use crossterm::event::KeyEvent;

use super::{
    super::{
        At, Effect,
        form::Form,
        help,
        keymap::{Action, ESC, KeyMeaning, KeyScope, Keymap},
        results::Filter,
    },
    App, Overlay, Pane, Tone,
};

const PAGE: isize = 10;

impl App {
    pub(super) fn key(&mut self, key: KeyEvent, at: At) -> Vec<Effect> {
        let scope = self.scope();
        self.fade_notice();
        if let Some(next) = self.look.keys.after_esc(scope, key) {
            let mut effects = self.key(ESC, at);
            effects.extend(self.key(next, at));
            return effects;
        }
        match self.look.keys.resolve(scope, key) {
            KeyMeaning::Nothing => Vec::new(),
            KeyMeaning::Char(c) => {
                self.type_char(scope, c);
                self.touch()
            }
            KeyMeaning::Action(action) => {
                self.changed = true;
                self.act(scope, action, at)
            }
        }
    }

    pub(super) fn paste(&mut self, text: &str) -> Vec<Effect> {
        match self.scope() {
            KeyScope::Search => self.results.change_search(|search| {
                let _ = search.insert(&crate::contact::paste::clean(text));
            }),
            KeyScope::Palette => {
                if let Some(palette) = self.palette() {
                    palette.change(|query| {
                        let _ = query.insert(&crate::contact::paste::clean(text));
                    });
                }
            }
            KeyScope::Help
            | KeyScope::Details
            | KeyScope::Compare
            | KeyScope::Confirm
            | KeyScope::Results => {
                let key = self.look.keys.key(KeyScope::Results, Action::OtherPane);
                let said = format!("Pasting works in the form; {key} goes there.");
                return self.say(Tone::Plain, &said);
            }
            KeyScope::Everywhere
            | KeyScope::Form
            | KeyScope::Choice
            | KeyScope::Country
            | KeyScope::Button
            | KeyScope::Text
            | KeyScope::Picker
            | KeyScope::Welcome
            | KeyScope::Setup => {
                if let Some(said) = self.form.paste(text) {
                    return self.say(Tone::Plain, &said);
                }
            }
        }
        self.touch()
    }

    fn type_char(&mut self, scope: KeyScope, c: char) {
        match scope {
            KeyScope::Search => self.results.change_search(|search| search.type_char(c)),
            KeyScope::Palette => {
                if let Some(palette) = self.palette() {
                    palette.change(|query| query.type_char(c));
                }
            }
            KeyScope::Help
            | KeyScope::Details
            | KeyScope::Compare
            | KeyScope::Confirm
            | KeyScope::Results => {}
            KeyScope::Everywhere
            | KeyScope::Form
            | KeyScope::Choice
            | KeyScope::Country
            | KeyScope::Button
            | KeyScope::Text
            | KeyScope::Picker
            | KeyScope::Welcome
            | KeyScope::Setup => {
                self.form.type_char(c);
            }
        }
    }

    pub(super) fn act(&mut self, scope: KeyScope, action: Action, at: At) -> Vec<Effect> {
        match action {
            Action::Quit => return self.quit(),
            Action::Submit => return self.submit(at),
            Action::Enter if self.form.at_end() => return self.submit(at),
            Action::Suspend => return vec![Effect::Suspend],
            Action::Repaint => return vec![Effect::Repaint],
            Action::Help => self.overlays.push(Overlay::Help { scroll: 0 }),
            Action::Palette => self.open_palette(),
            Action::Run => return self.run_choice(at),
            Action::SetUp => return self.set_up(),
            Action::ReadContacts => return self.read_contacts(),
            Action::NextTheme => return self.next_theme(),
            Action::ToggleMouse => return self.toggle_mouse(),
            Action::OtherPane => self.other_pane(),
            Action::Edit(edit) if scope == KeyScope::Search => {
                self.results.change_search(|search| search.edit(edit));
            }
            Action::Edit(edit) if scope == KeyScope::Palette => {
                if let Some(palette) = self.palette() {
                    palette.edit(edit);
                }
            }
            Action::Clear => return self.clear(),
            Action::ReadAloud => return self.read_aloud(),
            Action::NextOfPaste => return self.next_of_paste(),
            Action::SwapNames => self.form.swap_names(),
            Action::FixCase => self.form.fix_case(),
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
            Action::Show => return self.on_row(Self::show),
            Action::EditRow => return self.on_row(Self::take_back),
            Action::Retry => return self.on_row(Self::retry),
            Action::Discard => return self.on_row(Self::ask_discard),
            Action::DeleteContact => return self.on_row(Self::ask_delete),
            Action::Compare => return self.on_row(Self::compare),
            Action::Copy => return self.on_row(Self::copy),
            Action::CopyNumber => return self.on_row(Self::copy_number),
            Action::Turn(turn) => return self.turn(turn),
            Action::DoMarked => return self.do_marked(),
            Action::Decide(choice) => return self.decide(choice),
            Action::Yes => return self.confirmed(),
            Action::No => drop(self.overlays.pop()),
            // Of the first screen.
            Action::Demo => {}
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
            let undo = self.look.keys.key(KeyScope::Form, Action::UndoOrRestore);
            return self.say(Tone::Plain, &format!("Cleared. {undo} brings it back."));
        }
        Vec::new()
    }

    fn next_of_paste(&mut self) -> Vec<Effect> {
        let said = self.form.next_of_paste();
        let said = said.unwrap_or_else(|| "Nobody else is left of the last paste.".into());
        self.say(Tone::Plain, &said)
    }

    /// Says that others of the paste wait.
    pub(super) fn offer_next(&mut self) {
        let count = self.form.others();
        if count > 0 {
            let key = self.look.keys.key(KeyScope::Form, Action::NextOfPaste);
            let people = if count == 1 { "person is" } else { "people are" };
            let _ = self.say(
                Tone::Plain,
                &format!("{count} more {people} left of the paste; {key} takes the next one."),
            );
        }
    }

    fn read_aloud(&mut self) -> Vec<Effect> {
        let text = self.form.number().map(|phone| phone.read_aloud());
        let text = text.unwrap_or_else(|| "There is no number to read aloud yet.".into());
        self.say(Tone::Plain, &text)
    }

    pub(super) fn scroll(&mut self, scope: KeyScope, rows: isize) {
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
            Some(Overlay::Compare(compare)) => compare.mark(rows),
            Some(Overlay::Ask(_)) => {}
            None if scope == KeyScope::Picker => self.form.move_mark(rows),
            None => self.results.move_by(rows),
        }
    }

    fn close(&mut self, scope: KeyScope) {
        if self.overlays.pop().is_some() {
            return;
        }
        if scope == KeyScope::Picker {
            self.form.close_list();
        } else if !self.results.widen() {
            self.pane = Pane::Form;
        }
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
        KeyMeaning::Char(c) => form.type_char(c),
        KeyMeaning::Action(Action::Edit(edit)) => form.edit(edit),
        KeyMeaning::Action(Action::Up) => form.move_mark(-1),
        KeyMeaning::Action(Action::Down) => form.move_mark(1),
        KeyMeaning::Action(Action::Close) => form.close_list(),
        KeyMeaning::Action(action) => on_form(form, action),
        KeyMeaning::Nothing => {}
    }
}
