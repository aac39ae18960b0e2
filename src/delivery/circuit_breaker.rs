//! What keeps the whole queue from going out, beyond the rate limit: a platform that
//! does not answer is asked ever more rarely, one that refuses us is only checked.

use tokio::time::Instant;

use super::policy;

/// How the platform has behaved lately.
#[derive(Debug, Default)]
pub(super) struct CircuitBreaker {
    failures: usize,
    resume_at: Option<Instant>,
    refusals: usize,
    /// A request was refused right after others had gone through.
    suspects: bool,
    /// The last refusal was about where we send to: the list would tell nothing of that.
    misaddressed: bool,
    check_at: Option<Instant>,
}

impl CircuitBreaker {
    /// Of a platform that was failing when another process last saw it.
    pub(super) fn after_failures() -> Self {
        Self { failures: 1, ..Self::default() }
    }

    /// A request was not answered, or the platform failed.
    pub(super) fn failed(&mut self, jitter: f64) {
        self.failures += 1;
        self.resume_at = Some(Instant::now() + policy::pause(self.failures, jitter));
    }

    /// A request that creates nothing was answered.
    pub(super) fn answered(&mut self) {
        self.failures = 0;
        self.resume_at = None;
    }

    /// The platform refused our token, or nobody at the address knows us.
    pub(super) fn refused(&mut self, misaddressed: bool, jitter: f64) {
        self.refusals += 1;
        self.misaddressed = misaddressed;
        self.check_at = Some(Instant::now() + policy::check_wait(self.refusals, jitter));
    }

    /// A request was refused though another has just gone through: the next one, for somebody
    /// else, tells whether that is everybody's matter.
    pub(super) fn suspect(&mut self) {
        self.suspects = true;
    }

    /// Whether the last request was refused, and nothing is known of others since.
    pub(super) fn is_refused_or_suspects(&self) -> bool {
        self.suspects || self.was_refused()
    }

    /// Whether a check must be a create: each other one is, because the list may be refused to an
    /// app that may create.
    pub(super) fn only_a_create_tells(&self) -> bool {
        self.misaddressed || (self.refusals > 0 && self.refusals.is_multiple_of(2))
    }

    /// A check found no refusal. Refusals are forgotten only once a create is answered:
    /// an app may be allowed to list and not to create.
    pub(super) fn may_go_on(&mut self) {
        self.check_at = None;
    }

    /// A check could not tell; the next one comes later.
    pub(super) fn check_later(&mut self, jitter: f64) {
        self.refusals += 1;
        self.check_at = Some(Instant::now() + policy::check_wait(self.refusals, jitter));
    }

    /// Somebody asked to try now.
    pub(super) fn hurry(&mut self) {
        self.resume_at = None;
        if self.check_at.is_some() {
            self.check_at = Some(Instant::now());
        }
    }

    /// Whether a request is to find out if the platform answers again.
    pub(super) fn is_probing(&self) -> bool {
        self.is_failing() || self.is_refused_or_suspects()
    }

    /// Whether the last request was not answered, or the platform failed.
    pub(super) fn is_failing(&self) -> bool {
        self.failures > 0
    }

    /// Whether nothing was created since the platform last refused us.
    pub(super) fn was_refused(&self) -> bool {
        self.refusals > 0
    }

    /// Milliseconds the queue still waits.
    pub(super) fn pause_ms(&self) -> i64 {
        until_ms(self.resume_at)
    }

    /// Milliseconds until the next check; `None` while the platform does not refuse us.
    pub(super) fn refused_for_ms(&self) -> Option<i64> {
        self.check_at.map(|at| until_ms(Some(at)))
    }
}

/// Milliseconds from now until `at`, never negative.
pub(super) fn until_ms(at: Option<Instant>) -> i64 {
    let left = at.map(|at| at.saturating_duration_since(Instant::now())).unwrap_or_default();
    i64::try_from(left.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn failures_pause_the_queue_ever_longer_until_something_is_answered() {
        let mut breaker = CircuitBreaker::default();
        assert!(!breaker.is_probing() && breaker.pause_ms() == 0);
        let mut pauses = Vec::new();
        for _ in 0..4 {
            breaker.failed(1.0);
            pauses.push(breaker.pause_ms());
        }
        assert_eq!(pauses, [500, 1_000, 2_000, 4_000]);
        assert!(breaker.is_probing() && !breaker.was_refused());
        advance(Duration::from_secs(4)).await;
        assert_eq!(breaker.pause_ms(), 0);
        assert!(breaker.is_probing(), "one at a time until it is answered");
        breaker.answered();
        assert!(!breaker.is_probing());
        let other = CircuitBreaker::after_failures();
        assert!(other.is_probing() && other.is_failing() && other.pause_ms() == 0);
    }

    #[tokio::test(start_paused = true)]
    async fn refusals_are_checked_ever_more_rarely_and_at_once_when_somebody_asks() {
        let mut breaker = CircuitBreaker::default();
        assert_eq!(breaker.refused_for_ms(), None);
        breaker.refused(false, 1.0);
        let first = breaker.refused_for_ms().unwrap();
        assert!(breaker.is_probing() && breaker.was_refused() && !breaker.only_a_create_tells());
        breaker.refused(false, 1.0);
        assert_eq!(breaker.refused_for_ms().unwrap(), 2 * first);
        assert!(breaker.only_a_create_tells(), "the list may be refused and a create not");
        breaker.hurry();
        assert_eq!(breaker.refused_for_ms(), Some(0));
        breaker.check_later(1.0);
        assert_eq!(breaker.refused_for_ms().unwrap(), 4 * first);
        assert!(!breaker.only_a_create_tells());
        breaker.may_go_on();
        assert_eq!(breaker.refused_for_ms(), None);
        assert!(breaker.was_refused(), "until something was created");
        breaker.refused(true, 1.0);
        assert!(breaker.only_a_create_tells());
    }
}
