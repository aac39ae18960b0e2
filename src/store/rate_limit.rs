//! The account's requests: slots taken and given back, shared by every process.

use rusqlite::{Row, params};
use uuid::Uuid;

use super::{
    Class, Moment, RequestEnd, Slot, Store, StoreError,
    learned_share::Refusal,
    pacing::{Allowance, Hold, Spent},
    past_request::{ABANDONED_MS, HOUR_MS, PastRequest, WINDOW_MS, ages},
    rows::millis,
    tables::Tables,
};
use crate::submission::Budget;

impl Store {
    /// Takes a slot for a request that creates nothing (a list page). `Ok(Err(ms))`: none
    /// is free for this many milliseconds.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn take_slot(
        &self,
        class: Class,
        at: Moment,
    ) -> Result<Result<Slot, i64>, StoreError> {
        self.write(move |tables| tables.take_slot(class, &mut tables.spent(at)?, at)).await
    }

    /// The request is over: its slot frees a window from now, and what the platform said of
    /// the limit is kept for everybody on the account.
    ///
    /// # Errors
    /// When the store cannot be written; the slot then frees by itself, a little later.
    pub async fn finish_request(
        &self,
        slot: Slot,
        end: RequestEnd,
        at: Moment,
    ) -> Result<(), StoreError> {
        self.write(move |tables| tables.finish_request(slot, end, at)).await
    }

    /// What is left of the account's requests.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn budget(&self, at: Moment) -> Result<Budget, StoreError> {
        self.read(move |tables| Ok(tables.allowance(&tables.spent(at)?, at).budget(at))).await
    }
}

impl Store {
    /// The account's requests that still count for the longest window there may be, by how many
    /// milliseconds ago each began and was over.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn own_requests(&self, at: Moment) -> Result<Vec<(i64, Option<i64>)>, StoreError> {
        self.read(move |tables| {
            let requests = tables.requests(at)?;
            Ok(requests.iter().map(|request| ages(request, at)).collect())
        })
        .await
    }

    /// Forgets them: they are counted elsewhere.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn forget_own_requests(&self) -> Result<(), StoreError> {
        self.write(|tables| {
            tables.execute(
                "DELETE FROM request WHERE account = ?1 AND origin = ?2",
                [tables.scope.estate.account(), tables.scope.estate.origin()],
            )?;
            Ok(())
        })
        .await
    }
}

impl Tables<'_> {
    /// Takes a slot, which is among what was spent from then on.
    pub(super) fn take_slot(
        &self,
        class: Class,
        spent: &mut Spent,
        at: Moment,
    ) -> Result<Result<Slot, i64>, StoreError> {
        let allowance = self.allowance(spent, at);
        let wait_ms = match class {
            Class::Form => allowance.form_wait_ms,
            Class::Bulk => allowance.bulk_wait_ms,
        };
        if wait_ms > 0 {
            return Ok(Err(wait_ms));
        }
        if spent.requests.iter().any(|it| ages(it, at).0 > self.kept_ms()) {
            self.forget_old_requests(at)?;
        }
        let slot = self.put_request(class, at)?;
        spent.requests.push(PastRequest::beginning(class, at));
        Ok(Ok(slot))
    }

    /// Writes down a request that begins now.
    pub(super) fn put_request(&self, class: Class, at: Moment) -> Result<Slot, StoreError> {
        let word = match class {
            Class::Form => "form",
            Class::Bulk => "bulk",
        };
        let slot = Slot(i64::try_from(Uuid::new_v4().as_u64_pair().0 >> 1).unwrap_or(i64::MAX));
        self.execute(
            "INSERT INTO request (id, account, origin, class, boot, taken_up, taken_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                slot.0,
                self.scope.estate.account(),
                self.scope.estate.origin(),
                word,
                at.boot,
                at.uptime_ms,
                millis(at.wall)
            ],
        )?;
        Ok(slot)
    }

    pub(super) fn finish_request(
        &self,
        slot: Slot,
        end: RequestEnd,
        at: Moment,
    ) -> Result<(), StoreError> {
        let refused = match end {
            RequestEnd::Through | RequestEnd::Wait(_) => false,
            RequestEnd::Refused(_) | RequestEnd::RefusedForTheHour(_) => true,
        };
        self.execute(
            "UPDATE request SET over_up = ?1, over_at = ?2, refused = ?3 \
             WHERE id = ?4 AND boot = ?5",
            params![at.uptime_ms, millis(at.wall), refused, slot.0, at.boot],
        )?;
        match end {
            RequestEnd::Through => Ok(()),
            RequestEnd::Wait(ms) | RequestEnd::RefusedForTheHour(ms) => self.wait(ms, at),
            RequestEnd::Refused(told) => {
                self.notice_refusal(slot, at)?;
                told.map_or(Ok(()), |ms| self.wait(ms, at))
            }
        }
    }

    /// Everybody on the account waits so long, or longer if that was asked before.
    pub(super) fn wait(&self, ms: i64, at: Moment) -> Result<(), StoreError> {
        let asked = Hold::lasting(ms, at);
        if self.hold()?.is_some_and(|before| before.left_ms(at) >= asked.left_ms(at)) {
            return Ok(());
        }
        self.execute(
            "INSERT INTO hold (account, origin, boot, until_up, until_at) \
             VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT (origin, account) DO UPDATE SET boot = excluded.boot, \
             until_up = excluded.until_up, until_at = excluded.until_at",
            params![
                self.scope.estate.account(),
                self.scope.estate.origin(),
                asked.boot,
                asked.until_up,
                asked.until_at,
            ],
        )?;
        Ok(())
    }

    /// Keeps the refusal of the request in `slot` if our own requests cannot explain it.
    fn notice_refusal(&self, slot: Slot, at: Moment) -> Result<(), StoreError> {
        let requests = self.requests(at)?;
        let refused = self.first(
            "SELECT class = 'bulk', nullif(boot, ?2), taken_up, taken_at, over_up, over_at, \
             refused FROM request WHERE id = ?1",
            params![slot.0, at.boot],
            |row| request(row, at),
        )?;
        let (Some(refused), previous) = (refused.transpose()?, self.refusal()?) else {
            return Ok(());
        };
        let limit = self.scope.limits.minute;
        let noticed = Refusal::noticed(previous, &refused, &requests, limit, at);
        let Some(refusal) = noticed.filter(|it| Some(*it) != previous) else { return Ok(()) };
        self.execute(
            "INSERT INTO refusal (account, origin, boot, refused_up, refused_at, through, in_a_row) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (origin, account) DO UPDATE SET \
             boot = excluded.boot, refused_up = excluded.refused_up, \
             refused_at = excluded.refused_at, through = excluded.through, \
             in_a_row = excluded.in_a_row",
            params![
                self.scope.estate.account(),
                self.scope.estate.origin(),
                refusal.boot,
                refusal.up,
                refusal.at,
                refusal.through,
                refusal.in_a_row,
            ],
        )?;
        Ok(())
    }

    pub(super) fn spent(&self, at: Moment) -> Result<Spent, StoreError> {
        let (hold, refusal) = (self.hold()?, self.refusal()?);
        Ok(Spent { requests: self.requests(at)?, hold, refusal })
    }

    pub(super) fn allowance(&self, spent: &Spent, at: Moment) -> Allowance {
        Allowance::at(spent, self.scope.limits, at)
    }

    /// There may be thousands in a minute, nearly all of this account and of this start of the
    /// machine: an index would cost more than it saves.
    fn requests(&self, at: Moment) -> Result<Vec<PastRequest>, StoreError> {
        let requests = self.all(
            "SELECT class = 'bulk', nullif(boot, ?3), taken_up, taken_at, over_up, over_at, \
             refused FROM request WHERE account = ?1 AND origin = ?2",
            params![self.scope.estate.account(), self.scope.estate.origin(), at.boot],
            |row| request(row, at),
        )?;
        Ok(requests.into_iter().collect::<Result<_, _>>()?)
    }

    fn hold(&self) -> Result<Option<Hold>, StoreError> {
        let hold = self.first(
            "SELECT boot, until_up, until_at FROM hold WHERE account = ?1 AND origin = ?2",
            [self.scope.estate.account(), self.scope.estate.origin()],
            hold,
        )?;
        Ok(hold.transpose()?)
    }

    fn refusal(&self) -> Result<Option<Refusal>, StoreError> {
        let refusal = self.first(
            "SELECT boot, refused_up, refused_at, through, in_a_row FROM refusal \
             WHERE account = ?1 AND origin = ?2",
            [self.scope.estate.account(), self.scope.estate.origin()],
            refusal,
        )?;
        Ok(refusal.transpose()?)
    }

    /// After a restart of the machine with its clock set back, the last requests seem to
    /// lie in the future. They count as made just now, once, instead of until then.
    pub(super) fn mend_requests(&self, at: Moment) -> Result<(), StoreError> {
        self.execute(
            "UPDATE request SET boot = ?1, taken_up = ?2, taken_at = ?3, over_up = ?2, \
             over_at = ?3 WHERE boot <> ?1 AND taken_at > ?3",
            params![at.boot, at.uptime_ms, millis(at.wall)],
        )?;
        self.execute(
            "UPDATE refusal SET boot = ?1, refused_up = ?2, refused_at = ?3 \
             WHERE boot <> ?1 AND refused_at > ?3",
            params![at.boot, at.uptime_ms, millis(at.wall)],
        )?;
        Ok(())
    }

    /// Keeps the table as small as the longest window that is counted.
    fn forget_old_requests(&self, at: Moment) -> Result<(), StoreError> {
        // Another account's may count for its hour.
        let age = "CASE WHEN account = ?4 AND origin = ?5 THEN ?6 ELSE ?7 END";
        self.execute(
            &format!(
                "DELETE FROM request WHERE (boot = ?1 AND taken_up < ?2 - {age}) \
                 OR (boot <> ?1 AND taken_at < ?3 - {age})"
            ),
            params![
                at.boot,
                at.uptime_ms,
                millis(at.wall),
                self.scope.estate.account(),
                self.scope.estate.origin(),
                self.kept_ms(),
                kept_ms(HOUR_MS),
            ],
        )?;
        Ok(())
    }

    /// How long requests of ours are kept.
    fn kept_ms(&self) -> i64 {
        kept_ms(self.scope.limits.hour.map_or(WINDOW_MS, |_| HOUR_MS))
    }
}

/// How long requests are kept that count for a window.
fn kept_ms(window: i64) -> i64 {
    window + ABANDONED_MS + 2 * WINDOW_MS
}

/// Reads a request, by the places of its columns; the start is told where it is not this one.
fn request(row: &Row<'_>, at: Moment) -> Result<PastRequest, rusqlite::Error> {
    let (over_up, over_at): (Option<i64>, Option<i64>) = (row.get(4)?, row.get(5)?);
    Ok(PastRequest {
        bulk: row.get(0)?,
        boot: row.get::<_, Option<_>>(1)?.unwrap_or(at.boot),
        taken_up: row.get(2)?,
        taken_at: row.get(3)?,
        over: over_up.zip(over_at),
        refused: row.get(6)?,
    })
}

fn refusal(row: &Row<'_>) -> Result<Refusal, rusqlite::Error> {
    Ok(Refusal {
        boot: row.get("boot")?,
        up: row.get("refused_up")?,
        at: row.get("refused_at")?,
        through: row.get("through")?,
        in_a_row: row.get("in_a_row")?,
    })
}

fn hold(row: &Row<'_>) -> Result<Hold, rusqlite::Error> {
    Ok(Hold {
        boot: row.get("boot")?,
        until_up: row.get("until_up")?,
        until_at: row.get("until_at")?,
    })
}
