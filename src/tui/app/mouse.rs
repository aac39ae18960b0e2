//! Clicks focus and select, the wheel scrolls. Nothing needs the mouse.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

use crate::contact::Field;

use super::{
    super::{
        At, Effect,
        keymap::{Action, KeyScope},
        view::{self, Hit},
    },
    App, Pane,
};

const WHEEL: isize = 3;

impl App {
    pub(super) fn mouse(&mut self, mouse: MouseEvent, at: At) -> Vec<Effect> {
        match mouse.kind {
            MouseEventKind::ScrollUp => self.wheel(mouse, -WHEEL),
            MouseEventKind::ScrollDown => self.wheel(mouse, WHEEL),
            MouseEventKind::Down(MouseButton::Left) => self.click(mouse, at),
            MouseEventKind::Down(_)
            | MouseEventKind::Up(_)
            | MouseEventKind::Drag(_)
            | MouseEventKind::Moved
            | MouseEventKind::ScrollLeft
            | MouseEventKind::ScrollRight => Vec::new(),
        }
    }

    fn wheel(&mut self, mouse: MouseEvent, rows: isize) -> Vec<Effect> {
        let over_results = matches!(self.hit(mouse), Some(Hit::Row(_) | Hit::Pane(Pane::Results)));
        let scope = self.scope();
        if !self.overlays.is_empty() || scope == KeyScope::Picker || over_results {
            self.scroll(scope, rows);
        }
        self.touch()
    }

    fn click(&mut self, mouse: MouseEvent, at: At) -> Vec<Effect> {
        if !self.overlays.is_empty() {
            return self.click_over(mouse, at);
        }
        let Some(hit) = self.hit(mouse) else { return Vec::new() };
        if !matches!(hit, Hit::Country(_)) {
            self.form.close_list();
        }
        self.results.end_search();
        match hit {
            Hit::Field(field) => {
                self.pane = Pane::Form;
                self.form.focus_field(field);
            }
            Hit::Choice(salutation) => {
                self.pane = Pane::Form;
                self.form.focus_field(Field::Salutation);
                self.form.choose(salutation);
            }
            Hit::Country(row) => {
                self.form.mark_country(row);
                if self.form.accept_choice() {
                    self.form.next();
                }
            }
            Hit::Button => return self.act(KeyScope::Button, Action::Submit, at),
            Hit::Filter(filter) => {
                self.pane = Pane::Results;
                self.form.leave();
                self.results.set_filter(filter);
            }
            Hit::Row(id) => {
                self.pane = Pane::Results;
                self.form.leave();
                self.results.select(id);
            }
            Hit::Pane(pane) => self.pane = pane,
        }
        self.touch()
    }

    /// A row of the list of actions is done; a click beside it closes the list.
    fn click_over(&mut self, mouse: MouseEvent, at: At) -> Vec<Effect> {
        let Some((width, height)) = self.size else { return Vec::new() };
        let position = Position::new(mouse.column, mouse.row);
        let row = view::listed(self, Rect::new(0, 0, width, height), position);
        let Some(palette) = self.palette() else { return Vec::new() };
        if let Some(row) = row {
            palette.mark(row);
            self.changed = true;
            return self.run_choice(at);
        }
        self.overlays.pop();
        self.touch()
    }

    fn hit(&self, mouse: MouseEvent) -> Option<Hit> {
        let (width, height) = self.size?;
        let screen = Rect::new(0, 0, width, height);
        view::hit(self, screen, Position::new(mouse.column, mouse.row))
    }
}
