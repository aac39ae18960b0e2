//! How the store is: what an operator wants to know of it beyond its rows.

use jiff::Timestamp;
use sqlx::Row as _;

use super::{Store, StoreError, engine, rows::timestamp};

impl Store {
    /// Checks the file's structure; the first thing wrong with it, in the engine's words.
    ///
    /// # Errors
    /// When it cannot be read at all.
    pub async fn fault(&self) -> Result<Option<String>, StoreError> {
        let row = sqlx::query(engine::QUICK_CHECK).fetch_one(&self.pools.read).await?;
        let said: String = row.try_get(0)?;
        Ok((said != "ok").then_some(said))
    }

    /// The version of the tables.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn schema_version(&self) -> Result<i64, StoreError> {
        let row = sqlx::query("SELECT max(version) AS version FROM rolodesk_schema")
            .fetch_one(&self.pools.read)
            .await?;
        Ok(row.try_get("version")?)
    }

    /// When the oldest submission that is not settled was made.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn oldest_waiting(&self) -> Result<Option<Timestamp>, StoreError> {
        let row = sqlx::query(
            "SELECT min(submitted_at) AS oldest FROM outbox WHERE profile = $1 \
             AND state IN ('queued', 'sending', 'unclear')",
        )
        .bind(&self.scope.profile)
        .fetch_one(&self.pools.read)
        .await?;
        Ok(row.try_get::<Option<i64>, _>("oldest")?.and_then(timestamp))
    }
}
