//! What the person changes about the screen itself: colours, mouse, the list of actions.

use super::{
    super::{At, Effect, palette::Palette},
    App, Overlay, Pane, Tone,
};
use crate::tui::keymap::{Action, Scope};

impl App {
    pub(super) fn background(&mut self, light: bool) -> Vec<Effect> {
        if self.look.themes.see_background(light) {
            self.theme = self.look.themes.current();
            self.changed = true;
        }
        Vec::new()
    }

    pub(super) fn next_theme(&mut self) -> Vec<Effect> {
        let said = format!("Colours: {}. `theme` in the configuration keeps them.", {
            self.look.themes.next()
        });
        self.theme = self.look.themes.current();
        self.say(Tone::Plain, &said)
    }

    pub(super) fn toggle_mouse(&mut self) -> Vec<Effect> {
        self.look.mouse = !self.look.mouse;
        let said = if self.look.mouse {
            "Clicks and the wheel are for rolodesk; with Shift they select text."
        } else {
            "Clicks and the wheel are for the terminal."
        };
        let _ = self.say(Tone::Plain, said);
        vec![Effect::Mouse(self.look.mouse)]
    }

    pub(super) fn open_palette(&mut self) {
        let palette = Palette::open(&self.look.keys, self.scope());
        self.overlays.push(Overlay::Palette(Box::new(palette)));
    }

    /// The open list of actions, if it lies on top.
    pub(super) fn palette(&mut self) -> Option<&mut Palette> {
        match self.overlays.last_mut() {
            Some(Overlay::Palette(palette)) => Some(palette),
            Some(Overlay::Help { .. } | Overlay::Details(_) | Overlay::Discard(_)) | None => None,
        }
    }

    /// Does what is marked in the list, in the pane where it belongs.
    pub(super) fn run_choice(&mut self, at: At) -> Vec<Effect> {
        let choice = self.palette().and_then(|palette| palette.choice().cloned());
        let Some(choice) = choice else { return Vec::new() };
        self.overlays.pop();
        let elsewhere = match choice.scope {
            Scope::Results => self.pane == Pane::Form,
            Scope::Form => self.pane == Pane::Results,
            Scope::Everywhere
            | Scope::Choice
            | Scope::Country
            | Scope::Button
            | Scope::Text
            | Scope::Picker
            | Scope::Search
            | Scope::Details
            | Scope::Confirm
            | Scope::Palette
            | Scope::Help => false,
        };
        if elsewhere {
            self.other_pane();
            if choice.action == Action::OtherPane {
                return Vec::new();
            }
        }
        self.act(self.scope(), choice.action, at)
    }
}
