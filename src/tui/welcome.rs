//! The first screen: what rolodesk is, and the choice between the demo and a profile of
//! one's own, which is set up on the same screen.
//!
//! Model, update and view as everywhere, beside [`super::App`]: as long as there is no
//! profile there is neither store nor delivery to show.

mod message;
mod setup_form;
#[cfg(test)]
mod tests;

use crossterm::event::{
    Event as Input, KeyEvent, KeyEventKind, MouseButton, MouseEvent, MouseEventKind,
};
use ratatui::{
    Frame,
    layout::{Position, Rect},
};

use crate::contact::text::safe;

use super::{
    Appearance,
    app::Tone,
    help,
    keymap::{Action, ESC, KeyMeaning, KeyScope},
    palette::Palette,
    row_keys,
    theme::Theme,
    view,
};

pub use message::{
    Given, SetupQuestion, SetupVerdict, Start, StorageChoice, WelcomeEffect, WelcomeEvent,
};
pub(super) use setup_form::{SetupFocus, SetupForm, TrialState};

const PAGE: isize = 10;

/// What can be chosen at first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WelcomeChoice {
    Demo,
    SetUp,
    Quit,
}

impl WelcomeChoice {
    pub(super) const ALL: [Self; 3] = [Self::Demo, Self::SetUp, Self::Quit];

    pub(super) fn action(self) -> Action {
        match self {
            Self::Demo => Action::Demo,
            Self::SetUp => Action::SetUp,
            Self::Quit => Action::Quit,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WelcomePage {
    Choices,
    Form,
}

/// What lies over the page.
#[derive(Debug)]
pub(super) enum Over {
    Help { scroll: usize },
    Palette(Box<Palette>),
}

/// The first screen's model.
#[derive(Debug)]
pub struct Welcome {
    pub(super) look: Appearance,
    pub(super) theme: Theme,
    pub(super) page: WelcomePage,
    pub(super) marked: usize,
    pub(super) form: SetupForm,
    pub(super) over: Option<Over>,
    pub(super) notice: Option<(Tone, String)>,
    size: Option<(u16, u16)>,
    changed: bool,
}

impl Welcome {
    /// The screen before anything happened.
    #[must_use]
    pub fn new(start: Start) -> Self {
        Self {
            look: start.look.clone(),
            theme: start.look.themes.current(),
            page: WelcomePage::Choices,
            marked: 0,
            form: SetupForm::new(start),
            over: None,
            notice: None,
            size: None,
            changed: true,
        }
    }

    /// Turns to the form, with whatever was typed into it before.
    pub fn set_up(&mut self) {
        self.page = WelcomePage::Form;
        self.changed = true;
    }

    /// The colours and keys as they are now, for the screen that comes next.
    #[must_use]
    pub fn look(&self) -> &Appearance {
        &self.look
    }

    /// Takes an event in; the answer is what the outside is to do.
    #[must_use]
    pub fn update(&mut self, event: WelcomeEvent) -> Vec<WelcomeEffect> {
        match event {
            WelcomeEvent::Terminal(input) => return self.terminal(input),
            WelcomeEvent::Background { light } => {
                if self.look.themes.see_background(light) {
                    self.theme = self.look.themes.current();
                    self.changed = true;
                }
                return Vec::new();
            }
            WelcomeEvent::There(at) => self.form.learn_place(at),
            WelcomeEvent::Tried { round, verdict } => {
                self.changed = true;
                return self.form.tried(round, verdict);
            }
            WelcomeEvent::NotSaved { place, reason } => {
                self.form.not_saved(place);
                self.say(Tone::Error, &reason);
            }
        }
        self.changed = true;
        Vec::new()
    }

    /// Draws the model.
    pub fn view(&self, frame: &mut Frame<'_>) {
        view::welcome(self, frame);
    }

    /// Whether the picture differs from the last one drawn; asking resets it.
    #[must_use]
    pub fn needs_draw(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    pub(super) fn scope(&self) -> KeyScope {
        match (&self.over, self.page) {
            (Some(Over::Help { .. }), _) => KeyScope::Help,
            (Some(Over::Palette(_)), _) => KeyScope::Palette,
            (None, WelcomePage::Choices) => KeyScope::Welcome,
            (None, WelcomePage::Form) => KeyScope::Setup,
        }
    }

    fn say(&mut self, tone: Tone, text: &str) {
        self.notice = Some((tone, safe(text)));
        self.changed = true;
    }

    fn terminal(&mut self, input: Input) -> Vec<WelcomeEffect> {
        match input {
            Input::Key(key) if key.kind != KeyEventKind::Release => return self.key(key),
            Input::Paste(text) if !self.form.saving => self.paste(&text),
            Input::Mouse(mouse) if !self.form.saving => return self.mouse(mouse),
            Input::Resize(width, height) => self.size = Some((width, height)),
            Input::Key(_)
            | Input::Paste(_)
            | Input::Mouse(_)
            | Input::FocusGained
            | Input::FocusLost => return Vec::new(),
        }
        self.changed = true;
        Vec::new()
    }

    fn key(&mut self, key: KeyEvent) -> Vec<WelcomeEffect> {
        if let Some(next) = self.look.keys.after_esc(self.scope(), key) {
            let mut effects = self.key(ESC);
            effects.extend(self.key(next));
            return effects;
        }
        let meaning = self.look.keys.resolve(self.scope(), key);
        // What is being written is not changed any more.
        if self.form.saving
            && meaning != KeyMeaning::Action(Action::Quit)
            && meaning != KeyMeaning::Action(Action::Interrupt)
        {
            return Vec::new();
        }
        self.changed = true;
        match meaning {
            KeyMeaning::Nothing => Vec::new(),
            KeyMeaning::Char(c) => self.type_char(c),
            KeyMeaning::Action(action) => {
                self.notice = None;
                self.act(action)
            }
        }
    }

    fn type_char(&mut self, c: char) -> Vec<WelcomeEffect> {
        match (&mut self.over, self.page) {
            (Some(Over::Palette(palette)), _) => palette.change(|query| query.type_char(c)),
            (None, WelcomePage::Form) => {
                self.notice = None;
                return self.form.type_char(c);
            }
            (Some(Over::Help { .. }), _) | (None, WelcomePage::Choices) => {}
        }
        Vec::new()
    }

    fn paste(&mut self, text: &str) {
        match (&mut self.over, self.page) {
            (Some(Over::Palette(palette)), _) => palette.change(|query| {
                let _ = query.insert(&crate::contact::paste::clean(text));
            }),
            (None, WelcomePage::Form) => {
                self.notice = None;
                self.form.paste(text);
            }
            (Some(Over::Help { .. }), _) | (None, WelcomePage::Choices) => {}
        }
    }

    fn act(&mut self, action: Action) -> Vec<WelcomeEffect> {
        match action {
            Action::Quit | Action::Interrupt => return vec![WelcomeEffect::Quit],
            Action::Suspend => return vec![WelcomeEffect::Suspend],
            Action::Repaint => return vec![WelcomeEffect::Repaint],
            Action::Demo => return vec![WelcomeEffect::Demo],
            Action::SetUp => self.set_up(),
            Action::DoMarked => return self.act(WelcomeChoice::ALL[self.marked].action()),
            Action::Help => self.over = Some(Over::Help { scroll: 0 }),
            Action::Palette => {
                // There is no row yet that anything could be about.
                let fits = |action| !row_keys::is_about_a_row(action);
                let palette = Palette::open(&self.look.keys, self.scope(), fits);
                self.over = Some(Over::Palette(Box::new(palette)));
            }
            Action::Run => return self.run_choice(),
            Action::NextTheme => {
                let keeps = "`theme` in the configuration keeps them.";
                let said = format!("Colours: {}. {keeps}", self.look.themes.next());
                self.theme = self.look.themes.current();
                self.say(Tone::Plain, &said);
            }
            Action::ToggleMouse => {
                self.look.mouse = !self.look.mouse;
                return vec![WelcomeEffect::Mouse(self.look.mouse)];
            }
            Action::Close => self.close(),
            Action::Up => self.scroll(-1),
            Action::Down => self.scroll(1),
            Action::PageUp => self.scroll(-PAGE),
            Action::PageDown => self.scroll(PAGE),
            Action::Edit(edit) if self.over.is_some() => {
                if let Some(Over::Palette(palette)) = &mut self.over {
                    palette.edit(edit);
                }
            }
            Action::Next
            | Action::Previous
            | Action::Enter
            | Action::Submit
            | Action::Retry
            | Action::Edit(_)
                if self.page == WelcomePage::Form =>
            {
                return self.form.act(action);
            }
            // Whatever is about contacts.
            _ => self.say(Tone::Plain, "That comes with a profile, or with the demo."),
        }
        Vec::new()
    }

    fn close(&mut self) {
        if self.over.take().is_none() {
            self.page = WelcomePage::Choices;
        }
    }

    fn scroll(&mut self, rows: isize) {
        match &mut self.over {
            Some(Over::Help { scroll }) => {
                let lines = help::lines(&self.look.keys).len();
                *scroll = scroll.saturating_add_signed(rows).min(lines.saturating_sub(1));
            }
            Some(Over::Palette(palette)) => palette.move_by(rows),
            None => {
                let last = WelcomeChoice::ALL.len() - 1;
                self.marked = self.marked.saturating_add_signed(rows).min(last);
            }
        }
    }

    fn run_choice(&mut self) -> Vec<WelcomeEffect> {
        let Some(Over::Palette(palette)) = self.over.take() else { return Vec::new() };
        palette.choice().map_or_else(Vec::new, |choice| self.act(choice.action))
    }

    fn mouse(&mut self, mouse: MouseEvent) -> Vec<WelcomeEffect> {
        let rows = match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => return self.click(mouse),
            MouseEventKind::ScrollUp => -3,
            MouseEventKind::ScrollDown => 3,
            MouseEventKind::Down(_)
            | MouseEventKind::Up(_)
            | MouseEventKind::Drag(_)
            | MouseEventKind::Moved
            | MouseEventKind::ScrollLeft
            | MouseEventKind::ScrollRight => return Vec::new(),
        };
        if self.over.is_some() {
            self.scroll(rows);
            self.changed = true;
        }
        Vec::new()
    }

    fn click(&mut self, mouse: MouseEvent) -> Vec<WelcomeEffect> {
        let Some((width, height)) = self.size else { return Vec::new() };
        let screen = Rect::new(0, 0, width, height);
        self.changed = true;
        match view::welcome_hit(self, screen, Position::new(mouse.column, mouse.row)) {
            Some(WelcomeHit::Choice(choice)) => self.act(choice.action()),
            Some(WelcomeHit::Stop(SetupFocus::Button)) => self.form.act(Action::Submit),
            Some(WelcomeHit::Stop(focus)) => self.form.go_to(focus),
            Some(WelcomeHit::Place(at)) => {
                let effects = self.form.go_to(SetupFocus::Places);
                self.form.choose(at);
                effects
            }
            Some(WelcomeHit::Listed(row)) => {
                if let Some(Over::Palette(palette)) = &mut self.over {
                    palette.mark(row);
                }
                self.run_choice()
            }
            Some(WelcomeHit::Beside) => {
                self.over = None;
                Vec::new()
            }
            None => Vec::new(),
        }
    }
}

/// A place worth clicking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WelcomeHit {
    Choice(WelcomeChoice),
    Stop(SetupFocus),
    /// The nth place for the secret.
    Place(usize),
    /// The nth row of the open list of actions.
    Listed(usize),
    /// Outside of what lies over the page.
    Beside,
}
