//! The account's requests: slots taken and given back, shared by every process.

use sqlx::{Any, Row as _, Transaction, any::AnyRow};
use uuid::Uuid;

use super::{
    Class, Moment, Slot, Store, StoreError,
    pacing::{ABANDONED_MS, Allowance, Hold, PastRequest, WINDOW_MS},
    rows::millis,
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
        let mut transaction = self.begin_write().await?;
        let taken = self.take_slot_in(&mut transaction, class, at).await?;
        transaction.commit().await?;
        Ok(taken)
    }

    pub(super) async fn take_slot_in(
        &self,
        transaction: &mut Transaction<'static, Any>,
        class: Class,
        at: Moment,
    ) -> Result<Result<Slot, i64>, StoreError> {
        let allowance = self.allowance(transaction, at).await?;
        let wait_ms = match class {
            Class::Form => allowance.form_wait_ms,
            Class::Bulk => allowance.bulk_wait_ms,
        };
        if wait_ms > 0 {
            return Ok(Err(wait_ms));
        }
        self.forget_old_requests(transaction, at).await?;
        let slot = Slot(i64::try_from(Uuid::new_v4().as_u64_pair().0 >> 1).unwrap_or(i64::MAX));
        sqlx::query(
            "INSERT INTO request (id, account, class, boot, taken_up, taken_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(slot.0)
        .bind(&self.scope.account)
        .bind(match class {
            Class::Form => "form",
            Class::Bulk => "bulk",
        })
        .bind(at.boot)
        .bind(at.uptime_ms)
        .bind(millis(at.wall))
        .execute(&mut **transaction)
        .await?;
        Ok(Ok(slot))
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
        let mut transaction = self.begin_write().await?;
        sqlx::query("UPDATE request SET over_up = $1, over_at = $2 WHERE id = $3 AND boot = $4")
            .bind(at.uptime_ms)
            .bind(millis(at.wall))
            .bind(slot.0)
            .bind(at.boot)
            .execute(&mut *transaction)
            .await?;
        if let Some(ms) = hold_ms {
            sqlx::query(
                "INSERT INTO hold (account, boot, until_up, until_at) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (account) DO UPDATE SET boot = excluded.boot, \
                 until_up = excluded.until_up, until_at = excluded.until_at",
            )
            .bind(&self.scope.account)
            .bind(at.boot)
            .bind(at.uptime_ms.saturating_add(ms))
            .bind(millis(at.wall).saturating_add(ms))
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// What is left of the account's requests.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn budget(&self, at: Moment) -> Result<Budget, StoreError> {
        let mut connection = self.pools.read.acquire().await?;
        Ok(self.allowance(&mut connection, at).await?.budget(at))
    }

    pub(super) async fn allowance(
        &self,
        connection: &mut sqlx::AnyConnection,
        at: Moment,
    ) -> Result<Allowance, StoreError> {
        let rows = sqlx::query("SELECT * FROM request WHERE account = $1")
            .bind(&self.scope.account)
            .fetch_all(&mut *connection)
            .await?;
        let requests: Vec<_> = rows.iter().map(request).collect::<Result<_, _>>()?;
        let row = sqlx::query("SELECT * FROM hold WHERE account = $1")
            .bind(&self.scope.account)
            .fetch_optional(&mut *connection)
            .await?;
        let hold = row.as_ref().map(hold).transpose()?;
        Ok(Allowance::at(&requests, hold, self.scope.limit, at))
    }

    /// After a restart of the machine with its clock set back, the last requests seem to
    /// lie in the future. They count as made just now, once, instead of until then.
    pub(super) async fn mend_clock(&self, at: Moment) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE request SET boot = $1, taken_up = $2, taken_at = $3, over_up = $2, \
             over_at = $3 WHERE account = $4 AND boot <> $1 AND taken_at > $3",
        )
        .bind(at.boot)
        .bind(at.uptime_ms)
        .bind(millis(at.wall))
        .bind(&self.scope.account)
        .execute(&self.pools.write)
        .await?;
        Ok(())
    }

    /// Keeps the table as small as the window.
    async fn forget_old_requests(
        &self,
        transaction: &mut Transaction<'static, Any>,
        at: Moment,
    ) -> Result<(), StoreError> {
        let oldest = 2 * (WINDOW_MS + ABANDONED_MS);
        sqlx::query(
            "DELETE FROM request WHERE account = $1 AND ((boot = $2 AND taken_up < $3) \
             OR (boot <> $2 AND taken_at < $4))",
        )
        .bind(&self.scope.account)
        .bind(at.boot)
        .bind(at.uptime_ms - oldest)
        .bind(millis(at.wall) - oldest)
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }
}

fn request(row: &AnyRow) -> Result<PastRequest, sqlx::Error> {
    let over_up: Option<i64> = row.try_get("over_up")?;
    let over_at: Option<i64> = row.try_get("over_at")?;
    Ok(PastRequest {
        bulk: row.try_get::<String, _>("class")? == "bulk",
        boot: row.try_get("boot")?,
        taken_up: row.try_get("taken_up")?,
        taken_at: row.try_get("taken_at")?,
        over: over_up.zip(over_at),
    })
}

fn hold(row: &AnyRow) -> Result<Hold, sqlx::Error> {
    Ok(Hold {
        boot: row.try_get("boot")?,
        until_up: row.try_get("until_up")?,
        until_at: row.try_get("until_at")?,
    })
}
