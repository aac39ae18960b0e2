//! When the agent is called: the bell for a problem that just showed while typing, if it is
//! wanted, and a word from the terminal while another window has the keyboard.

use crate::submission::PlatformHealth;

use super::{
    super::{Effect, Notify},
    App,
};

/// What is wrong at one moment.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Alarms {
    bell: bool,
    notify: Notify,
    problems: usize,
    taken: bool,
    needed: usize,
    refused: bool,
}

impl Alarms {
    /// How to call the agent, if something is wrong now that was not before.
    pub(super) fn effect_after(&self, before: &Self) -> Option<Effect> {
        let refused = self.refused && !before.refused;
        let needed = self.needed > before.needed || refused;
        let typing = self.problems > before.problems || (self.taken && !before.taken);
        match self.notify {
            Notify::Bell if needed => Some(Effect::Bell),
            Notify::Desktop if needed => Some(Effect::Notify(self.words())),
            Notify::Off | Notify::Bell | Notify::Desktop => {
                (self.bell && (needed || typing)).then_some(Effect::Bell)
            }
        }
    }

    /// Nothing about any customer: it shows on a locked screen as well.
    fn words(&self) -> String {
        match (self.refused, self.needed) {
            (true, _) => "rolodesk: the platform refuses us".to_owned(),
            (false, 1) => "rolodesk: 1 contact needs you".to_owned(),
            (false, needed) => format!("rolodesk: {needed} contacts need you"),
        }
    }
}

impl App {
    /// Nothing, ever, where nobody wants to be called.
    pub(super) fn alarms(&self) -> Alarms {
        let notify = if self.away { self.look.notify } else { Notify::Off };
        if !self.look.bell && notify == Notify::Off {
            return Alarms { needed: self.results.needs_you(), ..Alarms::default() };
        }
        Alarms {
            bell: self.look.bell,
            notify,
            problems: self.form.problems(),
            taken: self.is_taken(),
            needed: self.results.needs_you(),
            refused: matches!(self.link, PlatformHealth::Refused(_)),
        }
    }
}
