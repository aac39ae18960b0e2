//! The account's requests: slots taken and given back, shared by every process.

use rusqlite::{Row, params};
use uuid::Uuid;

use super::{
    Class, Moment, Slot, Store, StoreError,
    pacing::{ABANDONED_MS, Allowance, Hold, PastRequest, WINDOW_MS},
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
        self.write(move |tables| tables.take_slot(class, at)).await
    }

    /// The request is over: its slot frees a window from now. `hold_ms`: the platform
    /// asked everybody on the account to wait this long.
    ///
    /// # Errors
    /// When the store cannot be written; the slot then frees by itself, a little later.
    pub async fn finish_request(
        &self,
        slot: Slot,
        hold_ms: Option<i64>,
        at: Moment,
    ) -> Result<(), StoreError> {
        self.write(move |tables| tables.finish_request(slot, hold_ms, at)).await
    }

    /// What is left of the account's requests.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn budget(&self, at: Moment) -> Result<Budget, StoreError> {
        self.read(move |tables| Ok(tables.allowance(at)?.budget(at))).await
    }
}

impl Tables<'_> {
    pub(super) fn take_slot(
        &self,
        class: Class,
        at: Moment,
    ) -> Result<Result<Slot, i64>, StoreError> {
        let allowance = self.allowance(at)?;
        let (wait_ms, word) = match class {
            Class::Form => (allowance.form_wait_ms, "form"),
            Class::Bulk => (allowance.bulk_wait_ms, "bulk"),
        };
        if wait_ms > 0 {
            return Ok(Err(wait_ms));
        }
        self.forget_old_requests(at)?;
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
        Ok(Ok(slot))
    }

    fn finish_request(
        &self,
        slot: Slot,
        hold_ms: Option<i64>,
        at: Moment,
    ) -> Result<(), StoreError> {
        self.execute(
            "UPDATE request SET over_up = ?1, over_at = ?2 WHERE id = ?3 AND boot = ?4",
            params![at.uptime_ms, millis(at.wall), slot.0, at.boot],
        )?;
        if let Some(ms) = hold_ms {
            self.execute(
                "INSERT INTO hold (account, origin, boot, until_up, until_at) \
                 VALUES (?1, ?2, ?3, ?4, ?5) \
                 ON CONFLICT (origin, account) DO UPDATE SET boot = excluded.boot, \
                 until_up = excluded.until_up, until_at = excluded.until_at",
                params![
                    self.scope.estate.account(),
                    self.scope.estate.origin(),
                    at.boot,
                    at.uptime_ms.saturating_add(ms),
                    millis(at.wall).saturating_add(ms),
                ],
            )?;
        }
        Ok(())
    }

    pub(super) fn allowance(&self, at: Moment) -> Result<Allowance, StoreError> {
        let requests = self.all(
            "SELECT class, boot, taken_up, taken_at, over_up, over_at FROM request \
             WHERE account = ?1 AND origin = ?2",
            [self.scope.estate.account(), self.scope.estate.origin()],
            request,
        )?;
        let requests = requests.into_iter().collect::<Result<Vec<_>, _>>()?;
        let hold = self.first(
            "SELECT boot, until_up, until_at FROM hold WHERE account = ?1 AND origin = ?2",
            [self.scope.estate.account(), self.scope.estate.origin()],
            hold,
        )?;
        Ok(Allowance::at(&requests, hold.transpose()?, self.scope.limit, at))
    }

    /// After a restart of the machine with its clock set back, the last requests seem to
    /// lie in the future. They count as made just now, once, instead of until then.
    pub(super) fn mend_requests(&self, at: Moment) -> Result<(), StoreError> {
        self.execute(
            "UPDATE request SET boot = ?1, taken_up = ?2, taken_at = ?3, over_up = ?2, \
             over_at = ?3 WHERE boot <> ?1 AND taken_at > ?3",
            params![at.boot, at.uptime_ms, millis(at.wall)],
        )?;
        Ok(())
    }

    /// Keeps the table as small as the window.
    fn forget_old_requests(&self, at: Moment) -> Result<(), StoreError> {
        let oldest = 2 * (WINDOW_MS + ABANDONED_MS);
        self.execute(
            "DELETE FROM request WHERE (boot = ?1 AND taken_up < ?2) \
             OR (boot <> ?1 AND taken_at < ?3)",
            params![at.boot, at.uptime_ms - oldest, millis(at.wall) - oldest],
        )?;
        Ok(())
    }
}

fn request(row: &Row<'_>) -> Result<PastRequest, rusqlite::Error> {
    let over_up: Option<i64> = row.get("over_up")?;
    let over_at: Option<i64> = row.get("over_at")?;
    Ok(PastRequest {
        bulk: row.get::<_, String>("class")? == "bulk",
        boot: row.get("boot")?,
        taken_up: row.get("taken_up")?,
        taken_at: row.get("taken_at")?,
        over: over_up.zip(over_at),
    })
}

fn hold(row: &Row<'_>) -> Result<Hold, rusqlite::Error> {
    Ok(Hold {
        boot: row.get("boot")?,
        until_up: row.get("until_up")?,
        until_at: row.get("until_at")?,
    })
}
