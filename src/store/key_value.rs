//! Small facts of the profile, and whether somebody else changed the store.

use sqlx::Row as _;

use super::{Store, StoreError};

impl Store {
    /// Keeps a small fact of the profile under `key`; `None` forgets it.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn remember(&self, key: &str, value: Option<&str>) -> Result<(), StoreError> {
        let query = match value {
            None => sqlx::query("DELETE FROM memory WHERE profile = $1 AND key = $2")
                .bind(&self.scope.profile)
                .bind(key),
            Some(value) => sqlx::query(
                "INSERT INTO memory (profile, key, value) VALUES ($1, $2, $3) \
                 ON CONFLICT (profile, key) DO UPDATE SET value = excluded.value",
            )
            .bind(&self.scope.profile)
            .bind(key)
            .bind(value),
        };
        query.execute(&self.pools.write).await?;
        Ok(())
    }

    /// What was kept under `key`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn recall(&self, key: &str) -> Result<Option<String>, StoreError> {
        let row = sqlx::query("SELECT value FROM memory WHERE profile = $1 AND key = $2")
            .bind(&self.scope.profile)
            .bind(key)
            .fetch_optional(&self.pools.read)
            .await?;
        Ok(row.map(|row| row.try_get("value")).transpose()?)
    }

    /// A number that changes when another process, or another handle on the store,
    /// commits; this handle's own commits leave it as it is.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn version(&self) -> Result<i64, StoreError> {
        // The number is a connection's own: it must be the one that writes for us.
        let row = sqlx::query("PRAGMA data_version").fetch_one(&self.pools.write).await?;
        Ok(row.try_get(0)?)
    }
}
