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

/// For so long only the platform's list is read: it may be long, or never end.
const LONG_READING: Duration = Duration::from_mins(1);

/// A lease and more: by then somebody should have sent what the floor has.
const LONG_FOR_FLOOR: Duration = Duration::from_secs(30);

/// Notices when nothing moves any more.
#[derive(Debug, Default)]
pub(super) struct Standstill {
    since: Option<Instant>,
    /// Since when nothing but the list is read, for so many contacts.
    reading: Option<(Instant, u64)>,
    /// Since when so many rows are the floor's to send, and nothing else waits.
    with_floor: Option<(Instant, usize)>,
}

impl Standstill {
    /// Why nothing that waits can go before anybody's patience ends; `None` while something
    /// may.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) async fn look(&mut self, store: &Store) -> Result<Option<String>> {
        if let Some(why) = self.reads_for_long(store).await? {
            return Ok(Some(why));
        }
        if let Some(told) = self.waits_for_floor(store).await? {
            return Ok(told);
        }
        let Some(why) = why(store).await? else {
            self.since = None;
            return Ok(None);
        };
        let since = *self.since.get_or_insert_with(Instant::now);
        Ok((since.elapsed() >= STEADY).then(|| format!("nothing can be sent now: {why}")))
    }
}

impl Standstill {
    /// Whether rows that were handed over wait for whoever sends for the floor: a sentence once
    /// that has lasted for long; `None` where nothing was handed over.
    async fn waits_for_floor(&mut self, store: &Store) -> Result<Option<Option<String>>> {
        let handed = store.handed_over().await?.len();
        if handed == 0 {
            self.with_floor = None;
            return Ok(None);
        }
        let now = Instant::now();
        let (since, of) = *self.with_floor.get_or_insert((now, handed));
        if of != handed {
            self.with_floor = Some((now, handed));
        }
        let is_long = of == handed && since.elapsed() >= LONG_FOR_FLOOR;
        Ok(Some(is_long.then(|| {
            "the floor's database has what waits, and nobody sent it for half a minute; \
             `rolodesk team status` tells its owner who sends"
                .to_owned()
        })))
    }

    /// Whether only the list is read, for the same contacts, and for long. Whoever comes next goes
    /// on where this ended.
    async fn reads_for_long(&mut self, store: &Store) -> Result<Option<String>> {
        let (counts, facts) = (store.counts().await?, store.facts(clock::now()).await?);
        if facts.lookups_due == 0 || facts.forms_due + facts.imports_due + counts.sending > 0 {
            self.reading = None;
            return Ok(None);
        }
        let now = Instant::now();
        let (since, of) = *self.reading.get_or_insert((now, facts.lookups_due));
        if of != facts.lookups_due {
            self.reading = Some((now, facts.lookups_due));
        }
        let is_long = of == facts.lookups_due && since.elapsed() >= LONG_READING;
        Ok(is_long.then(|| {
            format!(
                "the platform's list was read for a minute and did not show yet whose {} is; the \
                 next `rolodesk sync` goes on there",
                if of == 1 { "1 number".to_owned() } else { format!("each of {of} numbers") }
            )
        }))
    }
}

/// Why a contact that is due and has no reason of its own still waits; `None` where nothing holds
/// it.
///
/// # Errors
/// When the store cannot be read.
pub(super) async fn held_by_limit(store: &Store) -> Result<Option<String>> {
    let now = clock::now();
    let facts = store.facts(now).await?;
    if facts.form_wait_ms <= 0 {
        return Ok(None);
    }
    let until = at(now.wall, facts.form_wait_ms);
    Ok(Some(match facts.budget.held_until {
        Some(_) => format!("the platform asked us to wait until {until}"),
        None => format!("the account's requests of the minute are used up until {until}"),
    }))
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
