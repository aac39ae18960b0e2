//! What each key does, by what it was resolved to.

use crossterm::event::KeyEvent;

use crate::contact::phone::Phone;

use super::{
    super::{
        At, Effect,
        form::Form,
        help,
        keymap::{Action, ESC, KeyMeaning, KeyScope, Keymap},
        time,
    },
    App, Overlay, Pane, Tone,
};

const PAGE: isize = 10;
/// Of what the administrator's file or a switch of the person's own forbids.
pub(super) const NOT_ALLOWED: &str = "The configuration does not allow that here.";

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
            KeyMeaning::Char(c) if scope == KeyScope::Lookup => {
                self.ask_lookup(|lookup| lookup.change(|query| query.type_char(c)))
            }
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
        self.fade_notice();
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
            KeyScope::Lookup => {
                let text = crate::contact::paste::clean(text);
                return self.ask_lookup(|lookup| {
                    lookup.change(|query| {
                        let _ = query.insert(&text);
                    })
                });
            }
            KeyScope::Help
            | KeyScope::Details
            | KeyScope::Compare
            | KeyScope::Confirm
            | KeyScope::Check
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
                    return self.say_of_paste(&said);
                }
            }
        }
        self.touch()
    }

    fn type_char(&mut self, scope: KeyScope, c: char) {
        match scope {
            KeyScope::Check => {
                if let Some(Overlay::Check(check)) = self.overlays.last_mut() {
                    check.type_char(c);
                }
            }
            KeyScope::Search => self.results.change_search(|search| search.type_char(c)),
            KeyScope::Palette => {
                if let Some(palette) = self.palette() {
                    palette.change(|query| query.type_char(c));
                }
            }
            KeyScope::Lookup
            | KeyScope::Help
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
        if self.look.keys.forbids(action) {
            return self.say(Tone::Warning, NOT_ALLOWED);
        }
        match action {
            Action::Quit => return self.quit_unless_lost(),
            Action::Interrupt => return self.interrupt(),
            Action::Submit if !takes_submit(scope) => return self.no_submit(scope),
            Action::Submit => return self.submit(at),
            Action::Enter if self.form.at_end() => return self.act(scope, Action::Submit, at),
            Action::Suspend => return vec![Effect::Suspend],
            Action::Repaint => return vec![Effect::Repaint],
            Action::Help => {
                let scroll = help::place_of(&self.look.keys, scope);
                self.overlays.push(Overlay::Help { scroll });
            }
            Action::Palette => self.open_palette(),
            Action::Run => return self.run_choice(at),
            Action::SetUp => return self.set_up(),
            Action::ReadContacts => return self.read_contacts(),
            Action::NextTheme => return self.next_theme(),
            Action::ToggleMouse => return self.toggle_mouse(),
            Action::OtherPane => self.other_pane(),
            Action::Send => return self.send_checked(at),
            Action::FindCustomer => return self.open_lookup(),
            Action::Accept if scope == KeyScope::Lookup => return self.take_found(),
            Action::Edit(edit) if scope == KeyScope::Lookup => {
                return self.ask_lookup(|lookup| lookup.edit(edit));
            }
            Action::Edit(edit) if scope == KeyScope::Check => {
                if let Some(Overlay::Check(check)) = self.overlays.last_mut() {
                    check.edit(edit);
                }
            }
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
            Action::UndoOrRestore => return self.undo_or_restore(),
            Action::KeepKnown => return self.keep_known(),
            Action::UpdateKnown => return self.ask_update_known(),
            Action::NextNeeded => return self.next_needed(),
            Action::MineToday => self.results.toggle_mine(time::midnight(self.now, &self.zone)),
            Action::Enter
            | Action::Next
            | Action::Previous
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
            Action::Filter(filter) => return self.show_only(filter),
            Action::Search => self.results.start_search(),
            Action::EndSearch => self.results.end_search(),
            Action::Show => return self.on_row(Self::show),
            Action::EditRow => return self.on_our_row(Self::take_back),
            Action::Retry => return self.on_our_row(Self::retry),
            Action::RetryGivenUp => return Self::retry_given_up(),
            Action::Discard => return self.on_our_row(Self::ask_discard),
            Action::DeleteContact => return self.on_our_row(Self::ask_delete),
            Action::Compare => return self.on_our_row(Self::compare),
            Action::Copy => return self.on_row(Self::copy),
            Action::CopyNumber => return self.on_row(Self::copy_number),
            Action::Turn(turn) => return self.turn(turn),
            Action::DoMarked => return self.do_marked(),
            Action::Decide(choice) => return self.decide(choice),
            Action::Yes => return self.confirmed(at),
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
        let typed = !self.form.is_blank();
        self.form.clear();
        if typed {
            let undo = self.look.keys.key(KeyScope::Form, Action::UndoOrRestore);
            return self.say(Tone::Plain, &format!("Cleared. {undo} brings it back."));
        }
        self.touch()
    }

    fn undo_or_restore(&mut self) -> Vec<Effect> {
        match self.form.undo_or_restore() {
            Some(what) => {
                let undo = self.look.keys.key(KeyScope::Form, Action::UndoOrRestore);
                let older = if self.form.aside().is_some() {
                    format!(" {undo} again: the one before it.")
                } else {
                    String::new()
                };
                self.say(Tone::Plain, &format!("Back again: {what}.{older}"))
            }
            None => self.touch(),
        }
    }

    /// Nothing is sent from under a question or a list.
    fn no_submit(&mut self, scope: KeyScope) -> Vec<Effect> {
        let said = if scope == KeyScope::Confirm {
            "Answer the question first.".to_owned()
        } else {
            format!("{} closes this first.", self.look.keys.key(scope, Action::Close))
        };
        self.say(Tone::Warning, &said)
    }

    fn next_of_paste(&mut self) -> Vec<Effect> {
        match self.form.next_of_paste() {
            Some(said) => self.say_of_paste(&said),
            None => self.say(Tone::Plain, "Nobody else is left of the last paste."),
        }
    }

    /// What a paste did, and how the next person in it comes into the form.
    fn say_of_paste(&mut self, said: &str) -> Vec<Effect> {
        if self.form.others() == 0 {
            return self.say(Tone::Plain, said);
        }
        let key = self.look.keys.key(KeyScope::Form, Action::NextOfPaste);
        self.say(Tone::Plain, &format!("{said} {key} takes the next person."))
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
        let text = self.form.number().map(Phone::read_aloud);
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
                details.scroll = moved(details.scroll, rows, details.length(now, &self.zone));
            }
            Some(Overlay::Palette(palette)) => palette.move_by(rows),
            Some(Overlay::Compare(compare)) => compare.mark(rows),
            Some(Overlay::Ask(_) | Overlay::Check(_)) => {}
            Some(Overlay::Lookup(lookup)) => lookup.move_by(rows),
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
        Action::ChoiceLeft => form.choose_by(-1),
        Action::ChoiceRight => form.choose_by(1),
        Action::Open | Action::OpenEmpty => form.open(""),
        Action::Accept => accept_then(form, Form::next),
        Action::AcceptBack => accept_then(form, Form::previous),
        Action::Edit(edit) => form.edit(edit),
        _ => {}
    }
}

/// Goes on once the list is closed; it stays open where it asks which country is meant.
fn accept_then(form: &mut Form, go_on: fn(&mut Form)) {
    if form.accept_choice() {
        go_on(form);
    }
}

/// Whether the form can be submitted from there.
fn takes_submit(scope: KeyScope) -> bool {
    !matches!(
        scope,
        KeyScope::Confirm | KeyScope::Help | KeyScope::Palette | KeyScope::Check | KeyScope::Lookup
    )
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
