//! What comes behind the first picture: the half-typed contact of the last time, the zone,
//! or the word that nothing can be stored.
//!
//! Keys go into the form from the first picture on, and what was typed is never written
//! over: a draft that comes to a form in use waits where Ctrl+Z in an empty form finds it.

use jiff::tz::TimeZone;

use super::{
    super::{
        Effect,
        keymap::{Action, KeyScope},
    },
    App, Tone,
};
use crate::contact::Draft;

/// How far the store's opening has come, as far as the screen was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opening {
    Awaited,
    Done,
    Failed,
}

impl App {
    pub(super) fn restored(&mut self, draft: Option<Draft>) -> Vec<Effect> {
        if self.store == Opening::Failed {
            self.notice = None;
            self.changed = true;
        }
        self.store = Opening::Done;
        let Some(draft) = draft.filter(|draft| *draft != self.form.draft()) else {
            return Vec::new();
        };
        if self.storing.is_none() && self.form.draft() == self.saved {
            self.form.take_up(&draft);
            self.saved = self.form.draft();
            return self.touch();
        }
        self.form.put_aside(draft);
        let undo = self.look.keys.key(KeyScope::Form, Action::UndoOrRestore);
        self.say(
            Tone::Plain,
            &format!("The half-typed contact of the last time waits: {undo} in the empty form."),
        )
    }

    pub(super) fn cannot_store(&mut self, reason: &str) -> Vec<Effect> {
        self.store = Opening::Failed;
        let quit = self.look.keys.key(KeyScope::Form, Action::Quit);
        self.say(Tone::Error, &format!("Nothing can be stored: {reason} ({quit} leaves)"))
    }

    /// Comes before the first row, and so before any time is shown.
    pub(super) fn learn_zone(&mut self, zone: TimeZone) -> Vec<Effect> {
        self.zone = zone;
        Vec::new()
    }
}
