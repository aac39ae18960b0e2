//! Whether what is left can move at all, for commands that wait for it: if not, why, and
//! when it may.

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use tokio::time::{Duration, Instant};

use super::{follow::PATIENCE, sentences};
use crate::{
    config::Config,
    delivery::clock,
    store::{Facts, Store},
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

/// Since when a number of things is what it is; none while there are none.
#[derive(Debug, Default)]
struct Unmoved(Option<(Instant, u64)>);

impl Unmoved {
    /// Whether there are as many as before, and have been for so long.
    fn lasts(&mut self, of: u64, span: Duration) -> bool {
        match self.0 {
            Some((since, before)) if before == of => since.elapsed() >= span,
            Some(_) | None => {
                self.0 = (of > 0).then(|| (Instant::now(), of));
                false
            }
        }
    }
}

/// Notices when nothing moves any more.
#[derive(Debug, Default)]
pub(super) struct Standstill {
    since: Option<Instant>,
    /// Contacts for which the list is read, while nothing else is done.
    reading: Unmoved,
    /// Rows that are the floor's to send.
    with_floor: Unmoved,
    /// A long pause that the platform asked for is waited out.
    waits_out_holds: bool,
    /// The profile has a floor.
    has_floor: bool,
    /// As far as was told somebody sends for it, and gets it through.
    is_sent: bool,
}

impl Standstill {
    /// For a command that is told of a long pause, and left by whoever does not want to wait.
    pub(super) fn of_a_patient_command(config: &Config) -> Self {
        Self { waits_out_holds: true, ..Self::of(config) }
    }

    pub(super) fn of(config: &Config) -> Self {
        Self { has_floor: config.team.is_some(), ..Self::default() }
    }

    /// Hears whether something is the matter with whoever sends.
    pub(super) fn hear(&mut self, trouble: Option<&String>) {
        self.is_sent = trouble.is_none();
    }

    /// Why nothing that waits can go before anybody's patience ends; `None` while something
    /// may.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) async fn look(&mut self, store: &Store) -> Result<Option<String>> {
        let now = clock::now();
        let facts = store.facts(now).await?;
        let only_reads = facts.forms_due + facts.imports_due + facts.counts.sending == 0;
        let of = if only_reads { facts.lookups_due } else { 0 };
        // Whoever comes next goes on where this ended.
        if self.reading.lasts(of, LONG_READING) {
            return Ok(Some(format!(
                "the platform's list was read for a minute and did not show yet whose {} is; the \
                 next `rolodesk sync` goes on there",
                if of == 1 { "1 number".to_owned() } else { format!("each of {of} numbers") }
            )));
        }
        let handed = u64::try_from(store.handed_over().await?.len())?;
        if handed > 0 && !self.has_floor {
            // Nobody here can ask for them.
            let is_all = facts.counts.waiting() <= handed;
            return Ok(is_all.then(|| {
                format!(
                    "{} with a floor; what became of it is told when the profile has its `team` \
                     again",
                    if handed == 1 {
                        "1 contact is".into()
                    } else {
                        format!("{handed} contacts are")
                    }
                )
            }));
        }
        let is_left_lying = self.with_floor.lasts(handed, LONG_FOR_FLOOR);
        if handed > 0 && self.is_sent {
            return Ok(None);
        }
        if handed > 0 {
            return Ok(is_left_lying.then(|| {
                "the floor's database has what waits, and nobody sent it for half a minute; \
                 `rolodesk team status` tells its owner who sends"
                    .to_owned()
            }));
        }
        if self.waits_out_holds && is_held(&facts) {
            return Ok(None);
        }
        let Some(why) = why(store, &facts, now.wall).await? else {
            self.since = None;
            return Ok(None);
        };
        let since = *self.since.get_or_insert_with(Instant::now);
        Ok((since.elapsed() >= STEADY).then(|| format!("nothing can be sent now: {why}")))
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
        Some(_) => asked_to_wait(&until),
        None => format!("the account's requests of the minute are used up until {until}"),
    }))
}

fn asked_to_wait(until: &str) -> String {
    format!("the platform asked us to wait until {until}")
}

async fn why(store: &Store, facts: &Facts, now: Timestamp) -> Result<Option<String>> {
    if facts.counts.sending > 0 {
        return Ok(None);
    }
    if is_held(facts) {
        return Ok(Some(asked_to_wait(&at(now, facts.form_wait_ms))));
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
        |ms| format!("the next try is at {}", at(now, ms)),
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

fn is_held(facts: &Facts) -> bool {
    facts.budget.left == 0 && is_beyond(facts.form_wait_ms, LONG_HOLD)
}

fn is_beyond(ms: i64, span: Duration) -> bool {
    u64::try_from(ms).is_ok_and(|ms| Duration::from_millis(ms) > span)
}

fn at(now: Timestamp, ms: i64) -> String {
    let at = now.checked_add(SignedDuration::from_millis(ms)).unwrap_or(Timestamp::MAX);
    at.strftime("%H:%MZ").to_string()
}
