//! The outbox as the delivery sees it: what is due, who may send it, what came of it.
//!
//! A claim is a worker's name and a lease on the machine's uptime. A lease that ran out,
//! or that belongs to an earlier start of the machine, means that its worker is gone: the
//! request may have reached the platform, so the submission becomes Unclear.

use std::collections::HashMap;

use rusqlite::params;

use super::{
    Begun, CUT_ALONE, Candidates, ClaimResult, Claimed, Ended, Moment, Settlement, Slot, Store,
    StoreError, Wanted, WorkerId,
    pacing::Spent,
    rows::{self, Damaged, StatusColumns, millis, outcome_json, verb_word},
    tables::Tables,
};
use crate::submission::{
    Change, ContactId, Doubt, Entry, Failure, Outcome, Reason, Record, State, Status, SubmissionId,
    Task, Verb, Waiting,
};

/// What stands in a row's state that nobody can read.
pub(super) const DAMAGED: &str = "damaged";
/// [`super::LEASE`] as the tables count.
const LEASE_MS: i64 = 10_000;

impl Store {
    /// Claims for each request what `choose` takes from the submissions that are due, takes its
    /// slot and writes an attempt for each: all of it or nothing, and on disk before the
    /// wire. A change comes first and alone; forms' rows come before those of imports, and
    /// a [form](super::Class::Form) request takes no others.
    ///
    /// # Errors
    /// When the store cannot be written; then nothing was claimed.
    pub async fn begin(
        &self,
        worker: &WorkerId,
        wanted: Wanted,
        choose: impl Fn(&Candidates) -> Vec<SubmissionId> + Send + 'static,
        at: Moment,
    ) -> Result<ClaimResult, StoreError> {
        let worker = worker.clone();
        self.write(move |tables| {
            let (mut begun, mut spent) = (Vec::new(), tables.spent(at)?);
            while begun.len() < wanted.requests.max(1) {
                match tables.begin(&worker, wanted, &choose, &mut spent, at)? {
                    Ok(request) => begun.push(request),
                    Err(why_not) if begun.is_empty() => return Ok(why_not),
                    Err(_) => break,
                }
            }
            Ok(ClaimResult::Begun(begun))
        })
        .await
    }

    /// Gives the requests' slots back, writes outcomes and new statuses and drops the claims;
    /// returns the rows as they now are. A submission whose claim was lost meanwhile keeps the
    /// status it has, unless the news is that it was created: that is true whoever says it.
    ///
    /// # Errors
    /// When the store cannot be written; then nothing was.
    pub async fn record(
        &self,
        worker: &WorkerId,
        ended: &[Ended],
        settlements: &[Settlement],
        at: Moment,
    ) -> Result<Vec<Entry>, StoreError> {
        let (worker, ended, settlements) = (worker.clone(), ended.to_vec(), settlements.to_vec());
        let written: Vec<_> = self
            .write(move |tables| {
                for Ended { slot, end } in ended {
                    tables.finish_request(slot, end, at)?;
                }
                let rows = settlements.iter().map(|it| tables.record(&worker, it, at));
                Ok(rows.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
            })
            .await?;
        self.audit_settled(&written);
        Ok(written.into_iter().map(|(entry, _)| entry).collect())
    }

    /// Keeps this worker's claims alive, and turns claims whose lease ran out into
    /// Unclear, due now; returns the latter.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn heartbeat(&self, worker: &WorkerId, at: Moment) -> Result<Vec<Entry>, StoreError> {
        let worker = worker.clone();
        self.write(move |tables| {
            tables.renew_leases(&worker, at)?;
            tables.end_orphans(at)
        })
        .await
    }
}

impl Tables<'_> {
    /// The next request, or why there is none.
    fn begin(
        &self,
        worker: &WorkerId,
        wanted: Wanted,
        choose: impl Fn(&Candidates) -> Vec<SubmissionId>,
        spent: &mut Spent,
        at: Moment,
    ) -> Result<Result<Begun, ClaimResult>, StoreError> {
        // Rows set aside on the way stay so.
        let together = self.pick(wanted, choose, at)?;
        if together.is_empty() {
            return Ok(Err(ClaimResult::Nothing));
        }
        let slot = match self.take_slot(wanted.class, spent, at)? {
            Ok(slot) => slot,
            Err(wait_ms) => return Ok(Err(ClaimResult::NoSlot { wait_ms })),
        };
        let mut claimed = Vec::with_capacity(together.len());
        for entry in together {
            let earlier = self.attempts(entry.submission.id)?;
            claimed.push(Claimed { entry: self.claim(worker, entry, at)?, earlier });
        }
        Ok(Ok(Begun { slot, claimed }))
    }

    fn claim(&self, worker: &WorkerId, entry: Entry, at: Moment) -> Result<Entry, StoreError> {
        let id = entry.submission.id.to_string();
        self.set_status(&entry, &Status::Sending, false, at)?;
        self.execute(
            "UPDATE outbox SET worker = ?1, lease_boot = ?2, lease_up = ?3, \
             attempts = attempts + 1 WHERE id = ?4",
            params![worker.0, at.boot, at.uptime_ms + LEASE_MS, id],
        )?;
        // Who has the number already cannot be what this request makes.
        self.execute(
            "INSERT INTO attempt (submission, number, started_at, verb, known) \
             SELECT ?1, ?2, ?3, ?4, nullif(json_group_array(id), '[]') \
             FROM directory WHERE estate = ?5 AND e164 = ?6",
            params![
                id,
                entry.attempts + 1,
                millis(at.wall),
                verb_word(entry.task.verb()),
                self.estate,
                entry.submission.contact.phone.e164().to_string()
            ],
        )?;
        Ok(Entry { status: Status::Sending, attempts: entry.attempts + 1, ..entry })
    }

    /// The row as it is now, and what it was asked for where this was news of it.
    fn record(
        &self,
        worker: &WorkerId,
        settlement: &Settlement,
        at: Moment,
    ) -> Result<Option<(Entry, Option<Task>)>, StoreError> {
        let Some(entry) = self.entry(settlement.id)? else { return Ok(None) };
        // Late news of a creation is no news of a change that was asked for since.
        let is_created = matches!(settlement.status, Status::Created { .. })
            && entry.task.verb() == Verb::Create;
        let mine = match &settlement.outcome {
            Some(_) => self.is_claimed_by(settlement.id, worker)?,
            None => self.may_be_settled_by_list(settlement.id)?,
        };
        let status = match &settlement.outcome {
            Some(Outcome::Changed(record)) if mine => self.in_place(&entry, settlement, record)?,
            Some(_) | None => settlement.status.clone(),
        };
        let settlement = &Settlement { status, ..settlement.clone() };
        let status = self.as_anothers(&entry, &settlement.status)?;
        let settlement = &Settlement { status, ..settlement.clone() };
        let is_created = is_created && matches!(settlement.status, Status::Created { .. });
        if let Some(outcome) = settlement.outcome.as_ref().filter(|_| mine || is_created) {
            self.end_attempt(settlement.id, outcome, at)?;
        }
        if matches!(entry.status, Status::Created { .. }) || !(mine || is_created) {
            return Ok(Some((entry, None)));
        }
        let Settlement { status, look_up, array_cap, refused_in, .. } = settlement;
        match &settlement.outcome {
            Some(Outcome::Created(_) | Outcome::Changed(_) | Outcome::Duplicate { .. }) => {
                self.answered(at)?;
            }
            Some(Outcome::Unsettled { .. } | Outcome::Failure(_)) | None => {}
        }
        self.learn_outcome(&entry, settlement, at)?;
        self.set_status(&entry, status, *look_up, at)?;
        if let Some(cap) = array_cap {
            self.execute(
                "UPDATE outbox SET array_cap = ?1 WHERE id = ?2",
                params![cap, settlement.id.to_string()],
            )?;
        }
        if let Some(request) = refused_in {
            self.suspect(settlement.id, *request)?;
        }
        Ok(self.entry(settlement.id)?.map(|now| (now, Some(entry.task))))
    }

    /// The culprit of the array that this row was a suspect of is in the refused request now;
    /// nothing is known of the others.
    fn suspect(&self, id: SubmissionId, request: Slot) -> Result<(), StoreError> {
        let id = id.to_string();
        self.execute(
            "UPDATE outbox SET suspect_of = NULL WHERE suspect_of <> ?2 \
             AND suspect_of = (SELECT suspect_of FROM outbox WHERE id = ?1)",
            params![id, request.0],
        )?;
        self.execute("UPDATE outbox SET suspect_of = ?2 WHERE id = ?1", params![id, request.0])?;
        Ok(())
    }

    /// What the platform holds because of this, put into the directory.
    fn learn_outcome(
        &self,
        entry: &Entry,
        settlement: &Settlement,
        at: Moment,
    ) -> Result<(), StoreError> {
        let id = match (&settlement.status, &settlement.outcome) {
            (Status::Created { id, .. } | Status::Deleted { id }, _) => id.clone(),
            (_, Some(Outcome::Changed(record))) => match &record.id {
                Some(id) => id.clone(),
                None => return Ok(()),
            },
            _ => return Ok(()),
        };
        let answered = match &settlement.outcome {
            Some(Outcome::Created(record) | Outcome::Changed(record)) => record.clone(),
            _ => Record { active: true, ..Record::default() },
        };
        let mut record = answered.or(Record::of(&entry.submission.contact, id));
        record.active &= !matches!(settlement.status, Status::Deleted { .. });
        self.learn(&record, at)
    }

    fn is_claimed_by(&self, id: SubmissionId, worker: &WorkerId) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM outbox WHERE id = ?1 AND state = ?2 AND worker = ?3";
        let values = params![id.to_string(), State::Sending.word(), worker.0];
        Ok(self.first(sql, values, |_| ())?.is_some())
    }

    /// A row that waits for the list, or stands as it does because the list told too little.
    fn may_be_settled_by_list(&self, id: SubmissionId) -> Result<bool, StoreError> {
        let sql =
            "SELECT 1 FROM outbox WHERE id = ?1 AND (look_up = 1 OR state IN (?2, ?3, ?4, ?5))";
        let [duplicate, rejected, attention, deleted] =
            [State::Duplicate, State::Rejected, State::Attention, State::Deleted].map(State::word);
        let values = params![id.to_string(), duplicate, rejected, attention, deleted];
        Ok(self.first(sql, values, |_| ())?.is_some())
    }

    /// What is true of a row whose change was made: where it corrects the row that created the
    /// contact, it takes that one's place. Whoever was told the contact's old name is told the
    /// new one.
    fn in_place(
        &self,
        entry: &Entry,
        settlement: &Settlement,
        record: &Record,
    ) -> Result<Status, StoreError> {
        let Task::Change(Change::Update(target, _)) = &entry.task else {
            return Ok(settlement.status.clone());
        };
        self.rename_owner(entry, target, record)?;
        let corrected = match entry.submission.corrects {
            Some(id) => self.entry(id)?,
            None => None,
        };
        let made = corrected.filter(|row| row.status.created_id() == Some(target));
        let Some(made) = made else { return Ok(settlement.status.clone()) };
        self.forget(made.submission.id)?;
        Ok(Status::Created { id: target.clone(), remark: None })
    }

    /// Other duplicates of the number name its owner as the platform does now.
    fn rename_owner(
        &self,
        entry: &Entry,
        target: &ContactId,
        record: &Record,
    ) -> Result<(), StoreError> {
        let sql = format!(
            "SELECT {} FROM outbox WHERE estate = ?1 AND e164 = ?2 AND state = ?3 AND id <> ?4",
            rows::OUTBOX
        );
        let number = entry.submission.contact.phone.e164().to_string();
        let id = entry.submission.id.to_string();
        let values = params![self.estate, number, State::Duplicate.word(), id];
        for row in rows::readable(self.all(&sql, values, rows::entry)?) {
            let Status::Duplicate { mut owners, remark } = row.status else { continue };
            for owner in owners.iter_mut().filter(|owner| owner.id.as_ref() == Some(target)) {
                owner.full_name = record.name().or(owner.full_name.take());
            }
            let status = Status::Duplicate { owners, remark };
            self.execute(
                "UPDATE outbox SET owners = ?1 WHERE id = ?2",
                params![StatusColumns::from(&status).owners, row.submission.id.to_string()],
            )?;
        }
        Ok(())
    }

    /// The new status; where another submission already is the contact that this one was said
    /// to have become, the number is that one's.
    pub(super) fn as_anothers(&self, entry: &Entry, status: &Status) -> Result<Status, StoreError> {
        let Status::Created { id, .. } = status else { return Ok(status.clone()) };
        let sql = "SELECT 1 FROM outbox WHERE estate = ?1 AND e164 = ?2 AND state = ?3 \
                   AND id <> ?4 AND platform_id = ?5";
        let contact = &entry.submission.contact;
        let values = params![
            self.estate,
            contact.phone.e164().to_string(),
            State::Created.word(),
            entry.submission.id.to_string(),
            id.0,
        ];
        Ok(match self.first(sql, values, |_| ())? {
            None => status.clone(),
            Some(()) => Status::Duplicate {
                owners: vec![Record::of(contact, id.clone()).owner()],
                remark: Some(Reason::SameName),
            },
        })
    }

    fn renew_leases(&self, worker: &WorkerId, at: Moment) -> Result<(), StoreError> {
        self.execute(
            "UPDATE outbox SET lease_boot = ?1, lease_up = ?2 \
             WHERE estate = ?3 AND state = ?4 AND worker = ?5",
            params![at.boot, at.uptime_ms + LEASE_MS, self.estate, State::Sending.word(), worker.0],
        )?;
        Ok(())
    }

    /// When the next claim ends if its process renews it no more; 0 when one has ended.
    pub(super) fn orphan_in_ms(&self, at: Moment) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT min(CASE WHEN lease_boot = ?1 AND lease_up <= ?2 + ?5 \
                   THEN max(lease_up - ?2 + 1, 0) ELSE 0 END) \
                   FROM outbox WHERE estate = ?3 AND state = ?4 AND handed_at IS NULL";
        let values = params![at.boot, at.uptime_ms, self.estate, State::Sending.word(), LEASE_MS];
        let ends = self.db.prepare_cached(sql)?.query_row(values, |row| row.get(0))?;
        Ok(ends)
    }

    fn end_orphans(&self, at: Moment) -> Result<Vec<Entry>, StoreError> {
        let sql = format!(
            "SELECT {} FROM outbox WHERE estate = ?1 AND state = ?2 AND handed_at IS NULL \
             AND (lease_boot <> ?3 OR lease_up < ?4 OR lease_up > ?4 + ?5)",
            rows::OUTBOX
        );
        let values = params![self.estate, State::Sending.word(), at.boot, at.uptime_ms, LEASE_MS];
        let mut orphans = Vec::new();
        for row in self.all(&sql, values, rows::entry)? {
            match row {
                Ok(entry) => {
                    let request = self.attempts(entry.submission.id)?.pop();
                    orphans.push((entry, request.map(|it| it.started_at)));
                }
                Err(damaged) => self.quarantine(&damaged)?,
            }
        }
        // What was claimed for one request began at one time.
        let mut together = HashMap::new();
        for (_, began) in &orphans {
            *together.entry(*began).or_insert(0_usize) += 1;
        }
        let end = |(entry, began)| {
            let company = together.get(&began).copied().unwrap_or_default();
            self.end_orphan(entry, company > CUT_ALONE, at)
        };
        orphans.into_iter().map(end).collect()
    }

    fn end_orphan(&self, entry: Entry, look_up: bool, at: Moment) -> Result<Entry, StoreError> {
        let outcome = Failure::from(Doubt::Stopped).into();
        self.end_attempt(entry.submission.id, &outcome, at)?;
        let stopped = Reason::from(Doubt::Stopped);
        let because = Some(match &entry.task {
            Task::Create => stopped.although_it_may_exist(),
            Task::Change(_) => stopped,
        });
        let status = Status::Unclear(Waiting { until: None, because });
        self.set_status(&entry, &status, look_up, at)?;
        Ok(Entry { status, ..entry })
    }

    /// Writes what came of the last attempt, unless that is already known to be a creation.
    fn end_attempt(
        &self,
        id: SubmissionId,
        outcome: &Outcome,
        at: Moment,
    ) -> Result<(), StoreError> {
        let is_created = matches!(outcome, Outcome::Created(_));
        self.execute(
            "UPDATE attempt SET ended_at = ?1, outcome = ?2 WHERE submission = ?3 \
             AND number = (SELECT max(number) FROM attempt WHERE submission = ?3) \
             AND (outcome IS NULL OR ?4 = 1)",
            params![millis(at.wall), outcome_json(outcome), id.to_string(), is_created],
        )?;
        Ok(())
    }

    /// A row that cannot be read is put where it blocks nothing, and counted.
    pub(super) fn quarantine(&self, row: &Damaged) -> Result<(), StoreError> {
        tracing::error!(id = %row.id, what = %row.what, "a row of the outbox is set aside");
        let aside = self.execute(
            "UPDATE outbox SET state = ?1, worker = NULL, \
             settled_at = coalesce(settled_at, submitted_at) WHERE id = ?2 AND state = ?3",
            params![DAMAGED, row.id, row.state],
        )?;
        if aside == 0 {
            return Ok(());
        }
        self.tally(&row.state, &row.origin, -1)?;
        self.tally(DAMAGED, &row.origin, 1)
    }
}
