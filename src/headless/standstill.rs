//! Whether what is left can move at all, for commands that wait for it: if not, why, and
//! when it may.

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use tokio::time::{Duration, Instant};

use super::{follow::PATIENCE, sentences};
use crate::{
    delivery::clock,
    store::Store,
    submission::{Group, Page, PagePosition},
};

/// A pause of the whole account that nobody waits for.
const LONG_HOLD: Duration = Duration::from_mins(2);
/// What stands still must do so for this long: rows pass from hand to hand.
const STEADY: Duration = Duration::from_secs(3);

/// Notices when nothing moves any more.
#[derive(Debug, Default)]
pub(super) struct Standstill {
    since: Option<Instant>,
}

impl Standstill {
    /// Why nothing that waits can go before anybody's patience ends; `None` while something
    /// may.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) async fn look(&mut self, store: &Store) -> Result<Option<String>> {
        let Some(why) = why(store).await? else {
            self.since = None;
            return Ok(None);
        };
        let since = *self.since.get_or_insert_with(Instant::now);
        Ok((since.elapsed() >= STEADY).then_some(why))
    }
}

async fn why(store: &Store) -> Result<Option<String>> {
    let now = clock::now();
    let (counts, facts) = (store.counts().await?, store.facts(now).await?);
    if counts.sending > 0 {
        return Ok(None);
    }
    let held = facts.budget.left == 0 && is_beyond(facts.form_wait_ms, LONG_HOLD);
    if held {
        let until = at(now.wall, facts.form_wait_ms);
        return Ok(Some(format!("the platform asked us to wait until {until}")));
    }
    if facts.forms_due + facts.imports_due + facts.lookups_due > 0 {
        return Ok(None);
    }
    let next = facts.next_due_in_ms;
    if next.is_some_and(|ms| !is_beyond(ms, PATIENCE)) {
        return Ok(None);
    }
    let again = next.map_or_else(
        || "it waits until another entry of the same number is settled".to_owned(),
        |ms| format!("the next try is at {}", at(now.wall, ms)),
    );
    let oldest = Page {
        part: PagePosition::Oldest,
        groups: vec![Group::Queued],
        limit: 1,
        ..Page::default()
    };
    let oldest = store.page(&oldest).await?;
    Ok(oldest.first().map(|entry| match sentences::row(entry) {
        Some(reason) => format!("{}: {reason}; {again}", entry.submission.contact.full_name()),
        None => again,
    }))
}

fn is_beyond(ms: i64, span: Duration) -> bool {
    u64::try_from(ms).is_ok_and(|ms| Duration::from_millis(ms) > span)
}

fn at(now: Timestamp, ms: i64) -> String {
    let at = now.checked_add(SignedDuration::from_millis(ms)).unwrap_or(Timestamp::MAX);
    at.strftime("%H:%MZ").to_string()
}
