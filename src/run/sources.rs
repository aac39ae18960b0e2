//! Where the loop's events come from, and the time it wakes by itself.

use std::time::Duration;

use jiff::Timestamp;
use tokio::{
    sync::mpsc::UnboundedReceiver,
    time::{Instant, sleep_until},
};

use super::tty::Tty;
use crate::{submission::Update, tui::Event};

/// Where the loop's events come from beside the terminal.
pub(super) struct Sources {
    pub(super) updates: UnboundedReceiver<Update>,
    pub(super) answers: UnboundedReceiver<Event>,
}

impl Sources {
    /// Whatever already waits, without waiting for it.
    pub(super) fn pending(&mut self, tty: &mut Tty) -> Option<Event> {
        if let Ok(Ok(key)) = tty.keys.try_recv() {
            return Some(key);
        }
        self.updates.try_recv().map(Event::Delivery).or_else(|_| self.answers.try_recv()).ok()
    }
}

/// Sleeps until `at`, or for ever.
pub(super) async fn until(at: Option<Timestamp>) {
    match at {
        None => std::future::pending().await,
        Some(at) => {
            let left = at.duration_since(Timestamp::now());
            let left = Duration::try_from(left).unwrap_or(Duration::ZERO);
            sleep_until(Instant::now() + left).await;
        }
    }
}
