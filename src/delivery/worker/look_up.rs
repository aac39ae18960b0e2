//! Looking numbers up on the platform, and asking whether it accepts us again: the
//! requests that create nothing.

use tokio::time::Instant;

use super::{Flight, Landed, Worker, at_least_a_moment, jitter};
use std::time::Duration;

use crate::{
    api::{ListAnswer, ListPage},
    delivery::{
        clock,
        list_scan::ListScan,
        ownership::{Evidence, ownership},
        policy,
    },
    store::{Claimed, Class, Settlement, StoreError},
    submission::{ContactId, Failure, FailureKind, PlatformHealth, Reason, Status, Submission},
};

/// Passes over the list before "no page shows it" is believed of a contact that may be
/// ours: a list may lag behind a create.
const UNCLEAR_PASSES: u32 = 3;
/// List pages that fail in a row before a look-up gives up.
const PAGE_FAILURES: usize = 4;
/// Submissions that share one pass.
const MOST_WAITING: u32 = 500;

impl Worker {
    pub(super) async fn look_up(&mut self) -> Result<Option<Duration>, StoreError> {
        let waiting = self.store.lookups(MOST_WAITING).await?;
        let numbers = waiting.iter().map(|row| {
            let submission = &row.entry.submission;
            (submission.id, submission.contact.phone.e164())
        });
        let skip = self.list_scan.get_or_insert_with(|| ListScan::new(numbers)).skip();
        self.list(skip, self.settings.page_size, Landed::Page).await
    }

    pub(super) async fn check(&mut self) -> Result<Option<Duration>, StoreError> {
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
                let task = async move { landed(client.list(skip, limit).await) };
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
        let end = policy::request_end(reply.as_ref().err());
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
                self.store.learn(&page.records, clock::now()).await?;
                let Some(mut list_scan) = self.list_scan.take() else { return Ok(()) };
                let last = list_scan.take(&page);
                let all_told = self.tell_found(&mut list_scan, last).await?;
                if !all_told && !last {
                    self.list_scan = Some(list_scan);
                }
                Ok(())
            }
            Err(failure) => self.page_failed(&failure).await,
        }
    }

    /// A list that cannot be read says nothing about creating: it holds up nobody but
    /// those who wait for it. It is asked ever more rarely; an owner nobody can name by
    /// then stays unnamed, while a contact that may be ours waits on.
    async fn page_failed(&mut self, failure: &Failure) -> Result<(), StoreError> {
        match failure.kind {
            FailureKind::Unauthorised
            | FailureKind::Unreached
            | FailureKind::Misaddressed { .. } => self.observe_failure(failure),
            FailureKind::Limited { .. } => {
                self.observe_failure(failure);
                self.page_failures += 1;
            }
            FailureKind::Rejected
            | FailureKind::Failed
            | FailureKind::Unclear { .. }
            | FailureKind::Missing => self.page_failures += 1,
        }
        self.list_scan_at =
            Some(Instant::now() + policy::check_wait(self.page_failures.max(1), jitter()));
        if self.page_failures < PAGE_FAILURES {
            return Ok(());
        }
        let refused = failure.kind == FailureKind::Rejected;
        let Some(list_scan) = self.list_scan.take() else { return Ok(()) };
        for row in self.store.lookups(MOST_WAITING).await? {
            let id = row.entry.submission.id;
            let unclear = matches!(row.entry.status, Status::Unclear(_));
            if list_scan.waiting.contains(&id) && (refused || !unclear) {
                self.unrecorded.push(nameless(&row, Reason::ListUnreadable));
            }
        }
        self.record_leftovers().await
    }

    /// Settles those the pass has found, and at its end those it has not. True when
    /// nobody waits for the pass any more.
    async fn tell_found(
        &mut self,
        list_scan: &mut ListScan,
        last: bool,
    ) -> Result<bool, StoreError> {
        let rows = self.store.lookups(MOST_WAITING).await?;
        let mut left = false;
        for row in rows.iter().filter(|row| list_scan.waiting.contains(&row.entry.submission.id)) {
            match self.verdict(row, list_scan, last).await {
                Some(status) => self.unrecorded.push(Settlement {
                    id: row.entry.submission.id,
                    outcome: None,
                    status,
                    look_up: false,
                    array_cap: None,
                    refused_in: None,
                }),
                None => left = true,
            }
        }
        self.record_leftovers().await?;
        Ok(!left)
    }

    async fn verdict(&mut self, row: &Claimed, list_scan: &ListScan, last: bool) -> Option<Status> {
        let submission = &row.entry.submission;
        let holders = list_scan.holders(&submission.contact.phone.e164());
        let unclear = matches!(row.entry.status, Status::Unclear(_));
        if !holders.is_empty() {
            // Nothing is claimed of a plain duplicate, so nothing speaks for or against it.
            let (attempts, evidence) = if unclear {
                (row.earlier.as_slice(), self.evidence(submission).await)
            } else {
                (&[][..], Evidence::default())
            };
            let found = ownership(&submission.contact, attempts, &holders, &evidence);
            // Ours is certain wherever it shows; that it is nobody else's, and who else has
            // the number, only the whole list can tell.
            let ours = matches!(found, Some(Status::Created { .. }));
            let owned = !unclear && holders.iter().any(|record| record.active);
            if ours || owned || last {
                return found;
            }
        }
        if !last {
            return None;
        }
        let passes = self.passes.entry(submission.id).or_default();
        *passes += 1;
        if unclear && *passes < UNCLEAR_PASSES {
            let wait = policy::pause(usize::try_from(*passes).unwrap_or(1) + 2, jitter());
            self.list_scan_at = Some(Instant::now() + wait);
            return None;
        }
        self.passes.remove(&submission.id);
        Some(nameless(row, Reason::NotListed).status)
    }

    async fn evidence(&self, submission: &Submission) -> Evidence {
        Evidence {
            clock_offset: self.client.clock_offset(),
            our_maker: self.our_maker.clone(),
            taken: self.taken(submission).await,
        }
    }

    /// Platform ids that other submissions with this number already are.
    async fn taken(&self, submission: &Submission) -> Vec<ContactId> {
        let number = submission.contact.phone.e164();
        let held = self.store.held(&[number]).await.unwrap_or_default();
        let others = held.iter().filter(|row| row.submission.id != submission.id);
        others.filter_map(|row| row.status.created_id().cloned()).collect()
    }

    pub(super) async fn checked(
        &mut self,
        flight: &Flight,
        reply: Result<ListPage, Failure>,
    ) -> Result<(), StoreError> {
        self.release_slot(flight, &reply).await?;
        match reply {
            // The list may be closed to an app that may still create: only a create tells.
            Ok(_) | Err(Failure { kind: FailureKind::Rejected, .. }) => {
                self.circuit_breaker.may_go_on();
            }
            Err(Failure { kind: FailureKind::Unauthorised, .. }) => {
                self.circuit_breaker.refused(jitter());
            }
            Err(failure) => {
                self.observe_failure(&failure);
                self.circuit_breaker.check_later(jitter());
            }
        }
        Ok(())
    }
}

/// A duplicate whose owner nobody could name, and why.
fn nameless(row: &Claimed, remark: Reason) -> Settlement {
    let owners = row.entry.status.owners().to_vec();
    Settlement {
        id: row.entry.submission.id,
        outcome: None,
        status: Status::Duplicate { owners, remark: Some(remark) },
        look_up: false,
        array_cap: None,
        refused_in: None,
    }
}
