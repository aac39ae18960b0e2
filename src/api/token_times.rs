//! By whose clock a token is dated: ours, or the platform's as its Date header tells it.
//!
//! Either may be wrong: this machine's by a day, or the Date of a gateway in between. A token
//! dated by our own clock goes out until it is refused; then the other is tried, and whichever
//! is accepted stays. Only when both were refused does the platform refuse us.

use jiff::SignedDuration;

use super::NOTABLE_OFFSET;

/// No clock of a platform is further away than every zone on earth; what says so is wrong.
const FURTHEST_CLOCK: SignedDuration = SignedDuration::from_hours(26);

/// Whose clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DatedBy {
    /// This machine's.
    Ours,
    /// The platform's, as far as its answers tell.
    Theirs,
}

/// What was tried, and what was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TokenTimes {
    by: DatedBy,
    ours_refused: bool,
    theirs_refused: bool,
}

impl TokenTimes {
    pub(super) fn new() -> Self {
        Self { by: DatedBy::Ours, ours_refused: false, theirs_refused: false }
    }

    /// How the next token is dated.
    pub(super) fn dated_by(self) -> DatedBy {
        self.by
    }

    /// A token was accepted.
    pub(super) fn accepted(&mut self, by: DatedBy) {
        *self = Self { by, ..Self::new() };
    }

    /// A token was refused; `offset` is the platform's clock minus ours, where it is known.
    pub(super) fn refused(&mut self, by: DatedBy, offset: Option<SignedDuration>) {
        match by {
            DatedBy::Ours => self.ours_refused = true,
            DatedBy::Theirs => self.theirs_refused = true,
        }
        let differs = offset.is_some_and(|offset| offset.abs() >= NOTABLE_OFFSET);
        if self.ours_refused && !self.theirs_refused && differs {
            self.by = DatedBy::Theirs;
        } else if self.theirs_refused && !self.ours_refused {
            self.by = DatedBy::Ours;
        }
    }

    /// Whether the next token is another than those that were refused.
    pub(super) fn has_another(self) -> bool {
        match self.by {
            DatedBy::Ours => !self.ours_refused,
            DatedBy::Theirs => !self.theirs_refused,
        }
    }

    /// Time has passed: what was refused may be accepted now.
    pub(super) fn begin_again(&mut self) {
        *self = Self { by: self.by, ..Self::new() };
    }
}

/// The difference, if a platform's clock can be that far from ours.
pub(super) fn believable(offset: SignedDuration) -> Option<SignedDuration> {
    (offset.abs() <= FURTHEST_CLOCK).then_some(offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Option<SignedDuration> = Some(SignedDuration::from_hours(24));

    #[test]
    fn a_clock_that_is_off_is_learned_from_the_first_refusal() {
        let mut times = TokenTimes::new();
        times.refused(DatedBy::Ours, DAY);
        assert!(times.has_another());
        assert_eq!(times.dated_by(), DatedBy::Theirs);
        // Others were under way with the same.
        times.refused(DatedBy::Ours, DAY);
        assert!(times.has_another());
        times.accepted(DatedBy::Theirs);
        assert_eq!(times.dated_by(), DatedBy::Theirs);
    }

    #[test]
    fn both_are_tried_before_we_are_refused_and_again_later() {
        let mut times = TokenTimes::new();
        times.refused(DatedBy::Ours, DAY);
        times.refused(DatedBy::Theirs, DAY);
        assert!(!times.has_another());
        times.begin_again();
        assert!(times.has_another());
        times.refused(times.dated_by(), DAY);
        assert!(times.has_another(), "the other one");
    }

    #[test]
    fn a_gateways_wrong_date_never_breaks_a_token_that_was_right() {
        let times = TokenTimes::new();
        assert_eq!(times.dated_by(), DatedBy::Ours, "whatever the Date of an accepted one says");
        let mut times = TokenTimes::new();
        times.refused(DatedBy::Ours, None);
        assert!(!times.has_another(), "nobody tells another time");
        let mut times = TokenTimes::new();
        times.refused(DatedBy::Ours, Some(SignedDuration::from_secs(5)));
        assert!(!times.has_another(), "the clocks agree");
    }

    #[test]
    fn a_date_more_than_26_hours_away_is_ignored() {
        assert_eq!(believable(SignedDuration::from_hours(27)), None);
        assert_eq!(
            believable(SignedDuration::from_hours(-24)),
            Some(SignedDuration::from_hours(-24))
        );
    }
}
