//! How the platform stands to what is filled in. It is asked about each thing once, and
//! what it said goes with any change.
//!
//! ```text
//!   Open --ask--> Checking --answer--> Told
//!     ^---------------doubt--------------'
//! ```

use super::super::message::SetupVerdict;

/// What was asked about: every value, and how often the secret had been changed.
pub(super) type Stamp = (Vec<String>, u64);

/// What is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::tui) enum TrialState {
    Open,
    Checking,
    Told(SetupVerdict),
}

#[derive(Debug)]
pub(in crate::tui) struct Trial {
    state: TrialState,
    tried: Option<Stamp>,
    round: u64,
    /// Saved as soon as the platform accepts it.
    wanted: bool,
}

impl Trial {
    pub(super) fn new() -> Self {
        Self { state: TrialState::Open, tried: None, round: 0, wanted: false }
    }

    pub(in crate::tui) fn state(&self) -> &TrialState {
        &self.state
    }

    /// Whether it is saved as soon as the platform accepts it.
    pub(in crate::tui) fn is_wanted(&self) -> bool {
        self.wanted
    }

    pub(super) fn want(&mut self) {
        self.wanted = true;
    }

    /// It is being saved; the answer makes no difference any more.
    pub(super) fn settle(&mut self) {
        self.wanted = false;
    }

    /// The number of a question about what nobody asked about yet.
    pub(super) fn ask(&mut self, stamp: Stamp) -> Option<u64> {
        if self.tried.as_ref() == Some(&stamp) {
            return None;
        }
        self.round += 1;
        (self.tried, self.state) = (Some(stamp), TrialState::Checking);
        Some(self.round)
    }

    /// The same question may be asked again.
    pub(super) fn forget(&mut self) {
        self.tried = None;
    }

    /// Something may have changed.
    pub(super) fn doubt(&mut self, now: Option<&Stamp>) {
        if self.tried.is_some() && self.tried.as_ref() != now {
            *self = Self { round: self.round, ..Self::new() };
        }
    }

    /// Takes an answer in; true when it is to be saved now. One to an earlier question says
    /// nothing any more.
    pub(super) fn answered(&mut self, round: u64, verdict: SetupVerdict) -> bool {
        if round != self.round || self.state != TrialState::Checking {
            return false;
        }
        let save = self.wanted && verdict.accepted;
        (self.wanted, self.state) = (false, TrialState::Told(verdict));
        save
    }

    /// Whether saving need not wait: the answer is known, or nobody wants to wait for it.
    pub(super) fn may_save(&self) -> bool {
        match self.state {
            TrialState::Told(_) => true,
            TrialState::Checking => self.wanted,
            TrialState::Open => false,
        }
    }
}
