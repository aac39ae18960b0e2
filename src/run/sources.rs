//! Where the loop's events come from, and the time it wakes by itself.

use std::{io, time::Duration};

use jiff::Timestamp;
use tokio::{
    sync::mpsc::UnboundedReceiver,
    time::{Instant, sleep_until},
};

use super::signals::Asked;
use crate::{submission::Update, tui::Event};

/// Where the loop's events come from.
pub(super) struct Sources {
    pub(super) asked_to_leave: UnboundedReceiver<Asked>,
    pub(super) keys: UnboundedReceiver<io::Result<Event>>,
    pub(super) updates: UnboundedReceiver<Update>,
    pub(super) answers: UnboundedReceiver<Event>,
}

impl Sources {
    /// Whatever already waits, without waiting for it.
    pub(super) fn pending(&mut self) -> Option<Event> {
        if let Ok(Ok(key)) = self.keys.try_recv() {
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
