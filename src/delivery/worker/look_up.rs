//! Looking numbers up on the platform, and asking whether it accepts us again: the
//! requests that create nothing.

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::{Flight, LONGEST_LIST_PAUSE, Landed, Worker, at_least_a_moment};
use std::time::Duration;

use crate::{
    api::{ListAnswer, ListPage},
    delivery::{
        change,
        clock::{self, jitter},
        list_scan::ListScan,
        ownership::{Evidence, ownership},
        policy::{self, ListRead},
    },
    store::{Claimed, Class, Moment, NotOurs, Settlement, StoreError},
    submission::{
        AddressPart, Failure, FailureKind, Outcome, PlatformHealth, Reason, Record, Status,
        Submission, Waiting,
    },
};

/// Whole passes over the list before "no page shows it" is believed: it may lag behind a
/// create.
const PASSES: u32 = 2;
/// List pages that fail in a row before a look-up gives up.
const PAGE_FAILURES: usize = 4;
/// Where the store remembers how far the list was read, and when; for so long somebody goes on
/// there.
const READ_TO: &str = "list_read_to";
const FRESH: SignedDuration = SignedDuration::from_hours(1);
/// A list that still shows what was deleted so long ago does not lag any more.
const LAG: SignedDuration = SignedDuration::from_mins(5);
const STILL_LISTED: &str = "the platform's list still shows the contact";
/// Submissions that share one pass.
const MOST_WAITING: u32 = 500;

impl Worker {
    pub(super) async fn look_up(&mut self) -> Result<Option<Duration>, StoreError> {
        if self.list_scan.is_none() {
            let waiting = self.store.lookups(MOST_WAITING).await?;
            let pass = pass_for(&waiting);
            let before = if pass.may_resume() { self.read_before().await? } else { 0 };
            self.list_scan = Some(pass.from(before));
        }
        let skip = self.list_scan.as_ref().map_or(0, ListScan::skip);
        self.list(skip, self.settings.page_size, Landed::Page).await
    }

    /// How far the list was read by a process that ended a while ago, if any: one that goes
    /// round and round would never come to its end where every process is short.
    async fn read_before(&mut self) -> Result<u64, StoreError> {
        let kept = self.store.recall(READ_TO).await?;
        self.noted.list_read = kept.is_some();
        let kept = kept.as_deref().and_then(|text| text.split_once(' '));
        let Some((skip, at)) = kept else { return Ok(0) };
        let age = at.parse::<Timestamp>().ok().map(|at| clock::now().wall.duration_since(at));
        let is_fresh = age.is_some_and(|age| !age.is_negative() && age < FRESH);
        Ok(if is_fresh { skip.parse().unwrap_or(0) } else { 0 })
    }

    /// Notes how far the pass has come, or that it is over.
    async fn note_read(&mut self) -> Result<(), StoreError> {
        let skip = self.list_scan.as_ref().and_then(ListScan::resumes_at);
        if skip.is_none() && !self.noted.list_read {
            return Ok(());
        }
        let note = skip.map(|skip| format!("{skip} {}", clock::now().wall));
        self.store.remember(READ_TO, note.as_deref()).await?;
        self.noted.list_read = note.is_some();
        Ok(())
    }

    /// Asks whether we are accepted again. Where the list would tell nothing (a wrong address,
    /// an estate without a list) one contact goes out instead.
    pub(super) async fn check(&mut self) -> Result<Option<Duration>, StoreError> {
        self.client.begin_again().await;
        if self.circuit_breaker.only_a_create_tells() {
            self.circuit_breaker.may_go_on();
            return Ok(None);
        }
        self.list(0, 1, Landed::Checked).await
    }

    pub(super) async fn list(
        &mut self,
        skip: u64,
        limit: u32,
        landed: fn(ListAnswer) -> Landed,
    ) -> Result<Option<Duration>, StoreError> {
        match self.store.take_slot(Class::Bulk, clock::now()).await? {
            Err(wait_ms) => Ok(Some(at_least_a_moment(wait_ms))),
            Ok(slot) => {
                let client = self.client.clone();
                let passage = self.passage(Class::Bulk, &[]);
                let task = async move {
                    let end = |answer: &ListAnswer| policy::list_end(answer.reply.as_ref().err());
                    let refused =
                        |failure| ListAnswer { reply: Err(failure), server_time: None, lost: None };
                    landed(passage.through(client.list(skip, limit), end, refused).await)
                };
                self.launch(slot, Vec::new(), true, task);
                Ok(None)
            }
        }
    }

    /// Gives the request's slot back.
    pub(super) async fn release_slot(
        &self,
        flight: &Flight,
        reply: &Result<ListPage, Failure>,
    ) -> Result<(), StoreError> {
        let end = policy::list_end(reply.as_ref().err());
        self.store.finish_request(flight.slot, end, clock::now()).await
    }

    pub(super) async fn lookup_page_landed(
        &mut self,
        flight: &Flight,
        reply: Result<ListPage, Failure>,
    ) -> Result<(), StoreError> {
        self.release_slot(flight, &reply).await?;
        match reply {
            Ok(page) => {
                self.page_failures = 0;
                self.circuit_breaker.answered();
                self.report.health(PlatformHealth::Online);
                self.learn(&page.records, clock::now()).await?;
                let Some(mut list_scan) = self.list_scan.take() else { return Ok(()) };
                let last = list_scan.take(&page);
                let all_told = self.tell_found(&mut list_scan, last).await?;
                if !all_told && !last {
                    self.list_scan = Some(list_scan);
                }
                self.note_read().await
            }
            Err(failure) => self.page_failed(&failure).await,
        }
    }

    /// A store that does not keep what a page says must not cost the account its minute: the
    /// list is asked ever more rarely, for whatever it is read.
    pub(super) fn page_kept(&mut self, kept: Result<(), StoreError>) -> Result<(), StoreError> {
        if kept.is_ok() {
            self.pages_unkept = 0;
            return kept;
        }
        self.pages_unkept += 1;
        let pause = policy::backoff(self.pages_unkept + 2, LONGEST_LIST_PAUSE, jitter());
        self.list_scan = None;
        self.list_scan_at = Some(Instant::now() + pause);
        self.refreshing.stop();
        kept
    }

    /// Puts a page into the directory, and corrects the rows that it shows in another light.
    pub(super) async fn learn(&mut self, records: &[Record], at: Moment) -> Result<(), StoreError> {
        self.store.learn(records, at).await?;
        let numbers: Vec<_> = records.iter().filter_map(|it| it.e164.clone()).collect();
        for row in self.store.doubtful(&numbers).await? {
            let number = row.entry.submission.contact.phone.e164();
            let shown = records.iter().filter(|it| it.e164.as_ref() == Some(&number));
            let holders: Vec<_> = shown.cloned().collect();
            if let Status::Deleted { id } = &row.entry.status {
                let deleted_at = row.entry.settled_at.unwrap_or(at.wall);
                let is_late = at.wall.duration_since(deleted_at) > LAG;
                let is_shown = holders.iter().any(|it| it.active && it.id.as_ref() == Some(id));
                if is_late
                    && is_shown
                    && let Some(change) = row.entry.task.change()
                {
                    let status = change::refused(change, STILL_LISTED);
                    self.unrecorded.settlements.push(by_list(&row, status));
                }
                continue;
            }
            let Some(status) = self.whose(&row, &holders).await? else { continue };
            let owned = matches!(&status, Status::Duplicate { owners, .. } if !owners.is_empty())
                && matches!(row.entry.status, Status::Duplicate { .. })
                && holders.iter().any(|record| record.active);
            if owned || matches!(status, Status::Created { .. }) {
                self.unrecorded.settlements.push(by_list(&row, status));
            }
        }
        self.conclude().await
    }

    /// A list that cannot be read says nothing about creating: it holds up nobody but
    /// those who wait for it. It is asked ever more rarely; an owner nobody can name by
    /// then stays unnamed, while a contact that may be ours stays unclear.
    async fn page_failed(&mut self, failure: &Failure) -> Result<(), StoreError> {
        // An estate without a list says so at once, and again.
        let (mut patience, mut read) = (PAGE_FAILURES, ListRead::Failing);
        match failure.kind {
            FailureKind::Unreached => self.observe_failure(failure, false),
            FailureKind::Limited { .. } => {
                self.observe_failure(failure, false);
                self.page_failures += 1;
            }
            // A page for people stands there for a while; and who may not read the list may still
            // create.
            FailureKind::Unauthorised
            | FailureKind::Failed
            | FailureKind::Unclear { .. }
            | FailureKind::Misaddressed { part: AddressPart::Page | AddressPart::Host } => {
                self.page_failures += 1;
            }
            FailureKind::Rejected
            | FailureKind::Conflict
            | FailureKind::Unexplained
            | FailureKind::Misaddressed { part: AddressPart::StreamId }
            | FailureKind::Missing => {
                self.page_failures += 1;
                (patience, read) = (2, ListRead::Absent);
            }
        }
        let wait = policy::check_wait(self.page_failures.max(1), jitter());
        self.list_scan_at =
            Some(Instant::now() + wait.max(failure.retry_after.unwrap_or_default()));
        if self.page_failures < patience {
            return Ok(());
        }
        let Some(list_scan) = self.list_scan.take() else { return Ok(()) };
        for row in self.store.lookups(MOST_WAITING).await? {
            if list_scan.waiting.contains(&row.entry.submission.id) {
                let status = untold(&row, read);
                self.unrecorded.settlements.push(by_list(&row, status));
            }
        }
        self.conclude().await
    }

    /// Settles those the pass has found, and at its end those it has not. True when
    /// nobody waits for the pass any more.
    async fn tell_found(
        &mut self,
        list_scan: &mut ListScan,
        last: bool,
    ) -> Result<bool, StoreError> {
        let rows = self.store.lookups(MOST_WAITING).await?;
        self.passes.retain(|id, _| rows.iter().any(|row| row.entry.submission.id == *id));
        let mut left = false;
        for row in rows.iter().filter(|row| list_scan.waiting.contains(&row.entry.submission.id)) {
            match self.verdict(row, list_scan, last).await? {
                Some(status) => self.unrecorded.settlements.push(by_list(row, status)),
                None => left = true,
            }
        }
        self.conclude().await?;
        Ok(!left)
    }

    async fn verdict(
        &mut self,
        row: &Claimed,
        list_scan: &ListScan,
        last: bool,
    ) -> Result<Option<Status>, StoreError> {
        let whole = last && list_scan.is_whole();
        if let Some(change) = row.entry.task.change() {
            let shown = list_scan.shown(change.target());
            let told = change::settle_missing(change, last_words(row), shown, whole);
            let is_over = last && !list_scan.is_resumed();
            let unread = || is_over.then(|| untold(row, ListRead::InPart));
            return Ok(told.or_else(unread));
        }
        let holders = list_scan.holders(&row.entry.submission.contact.phone.e164());
        let unclear = matches!(row.entry.status, Status::Unclear(_));
        if let Some(found) = self.whose(row, &holders).await? {
            // Ours is certain wherever it shows; that it is nobody else's, and who else has
            // the number, only the whole list can tell.
            let ours = matches!(found, Status::Created { .. });
            let owned = !unclear && holders.iter().any(|record| record.active);
            if ours || owned || whole {
                return Ok(Some(found));
            }
        }
        // Who is not found behind the place where it began is looked for before it.
        if !last || list_scan.is_resumed() {
            return Ok(None);
        }
        if policy::is_only_cut(&row.earlier) {
            return Ok(Some(untold(row, ListRead::InPart)));
        }
        let passes = self.passes.entry(row.entry.submission.id).or_default();
        *passes += 1;
        if whole && *passes < PASSES {
            let wait = policy::pause(usize::try_from(*passes).unwrap_or(1) + 2, jitter());
            self.list_scan_at = Some(Instant::now() + wait);
            return Ok(None);
        }
        self.passes.remove(&row.entry.submission.id);
        Ok(Some(untold(row, if whole { ListRead::Whole } else { ListRead::InPart })))
    }

    /// What these holders of its number make of a row; `None` when there are none.
    async fn whose(&self, row: &Claimed, holders: &[Record]) -> Result<Option<Status>, StoreError> {
        if holders.is_empty() {
            return Ok(None);
        }
        let submission = &row.entry.submission;
        let evidence = self.evidence(submission).await?;
        Ok(ownership(&submission.contact, &row.earlier, holders, &evidence))
    }

    pub(super) async fn evidence(&self, submission: &Submission) -> Result<Evidence, StoreError> {
        let NotOurs { taken, known_before } = self.store.not_ours(submission).await?;
        Ok(Evidence {
            clock_offset: self.client.clock_offset(),
            told_offset: self.told_offset,
            now: Some(clock::now().wall),
            our_maker: self.our_maker.clone(),
            id_clock: self.id_clock,
            taken,
            known_before,
            unsure_start: self.gate.as_ref().map(|_| submission.submitted_at),
            steps: self.wall_clock.steps(),
        })
    }

    pub(super) async fn checked(
        &mut self,
        flight: &Flight,
        reply: Result<ListPage, Failure>,
    ) -> Result<(), StoreError> {
        self.release_slot(flight, &reply).await?;
        match reply {
            // The list may be closed to an app that may still create, or there is none: only a
            // create tells.
            Ok(_)
            | Err(Failure {
                kind:
                    FailureKind::Rejected | FailureKind::Missing | FailureKind::Misaddressed { .. },
                ..
            }) => {
                self.circuit_breaker.may_go_on();
            }
            Err(failure) => match failure.kind {
                FailureKind::Unauthorised => self.refused(&failure, false),
                // A list that is out of order may lie beside a create that works.
                FailureKind::Failed | FailureKind::Unclear { .. } => {
                    self.observe_failure(&failure, false);
                    self.circuit_breaker.may_go_on();
                }
                FailureKind::Rejected
                | FailureKind::Missing
                | FailureKind::Misaddressed { .. }
                | FailureKind::Conflict
                | FailureKind::Unexplained
                | FailureKind::Limited { .. }
                | FailureKind::Unreached => {
                    self.observe_failure(&failure, false);
                    self.circuit_breaker.check_later(jitter());
                }
            },
        }
        Ok(())
    }
}

/// The pass over the list that those who wait need first. What a cut array may have made is
/// among the newest, and goes again if it is not; of a number that was called taken only the
/// whole list can tell.
fn pass_for(waiting: &[Claimed]) -> ListScan {
    let number = |row: &Claimed| {
        let submission = &row.entry.submission;
        (submission.id, submission.contact.phone.e164())
    };
    let is_cut =
        |row: &&Claimed| row.entry.task.change().is_none() && policy::is_only_cut(&row.earlier);
    let cut: Vec<_> = waiting.iter().filter(is_cut).map(number).collect();
    if cut.is_empty() {
        let targets = waiting.iter().filter_map(|row| row.entry.task.change());
        ListScan::new(waiting.iter().map(number)).and_for(targets.map(|it| it.target().clone()))
    } else {
        ListScan::of_the_newest(cut)
    }
}

/// What is true of a row that the list does not tell of.
fn untold(row: &Claimed, read: ListRead) -> Status {
    if let Some(change) = row.entry.task.change() {
        // An estate without a list may know no changes either: nobody can say that it is gone.
        return change::refused(change, last_words(row));
    }
    match &row.entry.status {
        Status::Duplicate { owners, .. } => {
            let remark = Some(match read {
                ListRead::Absent | ListRead::Failing => Reason::ListUnreadable,
                ListRead::InPart => Reason::ListNotReadWhole,
                ListRead::Whole => Reason::NotListed,
            });
            Status::Duplicate { owners: owners.clone(), remark }
        }
        Status::Unclear(waiting) if policy::is_only_cut(&row.earlier) => {
            Status::Unclear(Waiting { until: None, because: waiting.because.clone() })
        }
        Status::Queued(_)
        | Status::Sending
        | Status::Unclear(_)
        | Status::Created { .. }
        | Status::Deleted { .. }
        | Status::Rejected { .. }
        | Status::Attention { .. } => {
            policy::unsettled_by_list(&row.earlier, read, clock::now().wall, jitter())
        }
    }
}

/// What the platform said when it was last asked for this.
fn last_words(row: &Claimed) -> &str {
    match row.earlier.last().and_then(|attempt| attempt.outcome.as_ref()) {
        Some(Outcome::Failure(failure)) => &failure.words,
        Some(_) | None => "",
    }
}

/// What a list has settled.
fn by_list(row: &Claimed, status: Status) -> Settlement {
    Settlement {
        id: row.entry.submission.id,
        outcome: None,
        status,
        look_up: false,
        array_cap: None,
        refused_in: None,
    }
}
