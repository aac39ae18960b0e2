//! Reading the platform's whole list into the directory: in the background while nothing
//! else is to be done, or because somebody asked.
//!
//! It is the least important thing a worker does. It gives way to everything, and unless
//! somebody waits for it, takes at most a tenth of the limit and stops for hours at the first
//! refusal. When it begins is drawn at random over hours: forty seats that start together must
//! not read together. One process at a time does it: each notes in the store that it is at it.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::{Flight, Landed, Worker};
use crate::{
    api::ListPage,
    delivery::{
        circuit_breaker::until_ms,
        clock::{self, jitter},
        list_scan::ListScan,
        policy::{self, Refresh},
    },
    store::{DirectoryStorage, Moment, StoreError},
    submission::{DirectoryProgress, Failure, FailureKind, PlatformHealth, Update},
};

/// A list this old is read again …
const AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(4);
/// … within this time, drawn at random.
const SPREAD: SignedDuration = SignedDuration::from_hours(4);
/// Nothing must have been sent for this long.
const IDLE: Duration = Duration::from_secs(20);
/// After a list that cannot be read.
const PUT_OFF: Duration = Duration::from_mins(30);
/// Another process that noted a page this recently is still at it.
const AT_IT: SignedDuration = SignedDuration::from_mins(2);
/// Pages that may fail in a row.
const FAILURES: usize = 3;
/// What the store remembers for the profile: when the list is to be read next, and when a
/// page of it was last read.
const NEXT_AT: &str = "directory_next_at";
const PAGE_AT: &str = "directory_page_at";
/// When the last reading began that reached the list's end.
const WHOLE_FROM: &str = "directory_whole_from";

/// Whether and when the directory is read.
#[derive(Debug)]
pub(super) struct Refreshing {
    in_background: bool,
    asked_for: bool,
    next_at: Instant,
    pass: Option<DirectoryScan>,
    failures: usize,
    /// The requests a minute that are ours.
    limit: u32,
}

#[derive(Debug)]
struct DirectoryScan {
    list_scan: ListScan,
    began: Timestamp,
}

impl Refreshing {
    /// What is kept in memory alone is read anew by each process, at a time of its own.
    pub(super) fn new(in_background: bool, storage: DirectoryStorage) -> Self {
        let later = match storage {
            DirectoryStorage::OnDisk => Duration::ZERO,
            DirectoryStorage::InMemory | DirectoryStorage::Nowhere => at_random(),
        };
        let next_at = Instant::now() + IDLE + later;
        Self { in_background, asked_for: false, next_at, pass: None, failures: 0, limit: 1 }
    }

    /// Somebody waits for it.
    pub(super) fn ask(&mut self) {
        self.asked_for = true;
        self.failures = 0;
        self.next_at = Instant::now();
    }

    /// Nobody waits for it any more.
    pub(super) fn call_off(&mut self) {
        if self.asked_for {
            self.stop();
        }
    }

    /// Not now, whoever waits for it.
    pub(super) fn stop(&mut self) {
        self.end();
        self.put_off(PUT_OFF);
    }

    /// Something more important was done.
    pub(super) fn give_way(&mut self) {
        if !self.asked_for {
            self.next_at = self.next_at.max(Instant::now() + IDLE);
        }
    }

    pub(super) fn wish(&self) -> Option<Refresh> {
        let wish = Refresh { wait_ms: until_ms(Some(self.next_at)), asked_for: self.asked_for };
        (self.in_background || self.asked_for).then_some(wish)
    }

    fn put_off(&mut self, wait: Duration) {
        self.next_at = Instant::now() + wait;
    }

    fn end(&mut self) {
        (self.pass, self.asked_for, self.failures) = (None, false, 0);
    }
}

impl Worker {
    pub(super) async fn refresh(&mut self, limit: u32) -> Result<Option<Duration>, StoreError> {
        self.refreshing.limit = limit;
        if self.refreshing.pass.is_none() {
            if let Some(wait) = self.read_lately().await? {
                self.refreshing.put_off(wait);
                return Ok(None);
            }
            let began = clock::now().wall;
            self.refreshing.pass = Some(DirectoryScan { list_scan: ListScan::new([]), began });
        }
        let skip = self.refreshing.pass.as_ref().map_or(0, |pass| pass.list_scan.skip());
        self.list(skip, self.settings.page_size, Landed::Refreshed).await
    }

    /// How long until the list is to be read again; `None`: now.
    async fn read_lately(&self) -> Result<Option<Duration>, StoreError> {
        if self.refreshing.asked_for {
            return Ok(None);
        }
        let now = clock::now().wall;
        let since = |at: Timestamp| Some(now.duration_since(at)).filter(|age| !age.is_negative());
        let at_it = self.recall_time(PAGE_AT).await?.and_then(since).map(|age| AT_IT - age);
        let planned = match self.store.directory_storage() {
            DirectoryStorage::OnDisk => Some(self.planned(now).await?.duration_since(now)),
            DirectoryStorage::InMemory | DirectoryStorage::Nowhere => None,
        };
        let wait = [at_it, planned].into_iter().flatten().max().unwrap_or_default();
        Ok(Duration::try_from(wait).ok().filter(|wait| !wait.is_zero()))
    }

    /// When the list is to be read, by whichever process; drawn once where nobody has.
    async fn planned(&self, now: Timestamp) -> Result<Timestamp, StoreError> {
        let planned = self.recall_time(NEXT_AT).await?;
        // One too far ahead comes from a clock that was set back.
        if let Some(at) = planned.filter(|at| at.duration_since(now) <= AGAIN_AFTER + SPREAD) {
            return Ok(at);
        }
        self.plan(now, SignedDuration::ZERO).await
    }

    async fn plan(
        &self,
        now: Timestamp,
        not_before: SignedDuration,
    ) -> Result<Timestamp, StoreError> {
        let wait = SignedDuration::try_from(at_random()).unwrap_or_default() + not_before;
        let at = now.checked_add(wait).unwrap_or(now);
        self.store.remember(NEXT_AT, Some(&at.to_string())).await?;
        Ok(at)
    }

    async fn recall_time(&self, key: &str) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.store.recall(key).await?.and_then(|text| text.parse().ok()))
    }

    pub(super) async fn refreshed(
        &mut self,
        flight: &Flight,
        reply: Result<ListPage, Failure>,
    ) -> Result<(), StoreError> {
        self.release_slot(flight, &reply).await?;
        match reply {
            Ok(page) => self.learn_page(page).await,
            Err(failure) => self.refresh_failed(failure).await,
        }
    }

    async fn learn_page(&mut self, page: ListPage) -> Result<(), StoreError> {
        let now = clock::now();
        self.report.health(PlatformHealth::Online);
        // A clock that is set back meanwhile must not make what was just seen look old.
        let began = self.refreshing.pass.as_ref().map_or(now.wall, |pass| pass.began);
        let seen = Moment { wall: now.wall.max(began), ..now };
        self.learn(&page.records, seen).await?;
        self.store.remember(PAGE_AT, Some(&now.wall.to_string())).await?;
        let Some(pass) = &mut self.refreshing.pass else { return Ok(()) };
        let last = pass.list_scan.take(&page);
        let (read, began, whole) = (pass.list_scan.read(), pass.began, pass.list_scan.is_whole());
        self.refreshing.failures = 0;
        if !last {
            self.report
                .tell(Update::Directory(DirectoryProgress::Page { read, total: page.total }));
            if !self.refreshing.asked_for {
                self.refreshing.put_off(between_pages(self.refreshing.limit));
            }
            return Ok(());
        }
        if whole {
            self.forget_unlisted(began).await?;
        }
        self.plan(now.wall, AGAIN_AFTER).await?;
        self.store.remember(PAGE_AT, None).await?;
        self.refreshing.end();
        self.refreshing.put_off(AGAIN_AFTER.unsigned_abs());
        self.report.tell(Update::Directory(DirectoryProgress::Whole { read }));
        Ok(())
    }

    /// Contacts that neither this whole reading nor the one before showed are no longer there:
    /// one reading may miss a page that moved meanwhile, or a list that lags.
    async fn forget_unlisted(&mut self, began: Timestamp) -> Result<(), StoreError> {
        let before = self.store.recall(WHOLE_FROM).await?;
        self.store.remember(WHOLE_FROM, Some(&began.to_string())).await?;
        if let Some(before) = before.and_then(|text| text.parse::<Timestamp>().ok()) {
            let gone = self.store.deactivate_unseen(before.min(began)).await?;
            tracing::info!(gone, "the directory was read whole");
        }
        Ok(())
    }

    /// Says nothing about creating: only somebody who waits for it is told.
    async fn refresh_failed(&mut self, failure: Failure) -> Result<(), StoreError> {
        self.refreshing.failures += 1;
        let is_limited = matches!(failure.kind, FailureKind::Limited { .. });
        let is_refused = failure.refuses_us() || (is_limited && !self.refreshing.asked_for);
        if self.refreshing.failures < FAILURES && !is_refused {
            let wait = policy::check_wait(self.refreshing.failures, jitter());
            self.refreshing.put_off(wait.max(failure.retry_after.unwrap_or_default()));
            return Ok(());
        }
        tracing::warn!("the platform's list cannot be read; it is tried again later");
        if self.refreshing.asked_for {
            self.report.tell(Update::Directory(DirectoryProgress::Failed(failure)));
        } else {
            self.plan(clock::now().wall, SPREAD / 2).await?;
        }
        self.refreshing.end();
        self.refreshing.put_off(PUT_OFF);
        Ok(())
    }
}

/// A time within the spread.
fn at_random() -> Duration {
    SPREAD.unsigned_abs().mul_f64(jitter())
}

/// So long between two pages that nobody waits for that they take at most a tenth of the limit.
fn between_pages(limit: u32) -> Duration {
    let tenth = Duration::from_mins(10) / limit.max(1);
    tenth.mul_f64(1.0 + jitter())
}
