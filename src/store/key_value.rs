//! Small facts of the profile, and whether somebody else changed the store.

use std::time::Duration;

use rusqlite::params;
use tokio::time::sleep;

use super::{Store, StoreError, engine::Writer};

/// How often another process's commits are looked for.
const LOOK_EVERY: Duration = Duration::from_secs(2);

impl Store {
    /// Keeps a small fact of the profile under `key`; `None` forgets it.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn remember(&self, key: &str, value: Option<&str>) -> Result<(), StoreError> {
        let (key, value) = (key.to_owned(), value.map(str::to_owned));
        self.write(move |tables| {
            let profile = &tables.scope.profile;
            match value {
                None => tables.execute(
                    "DELETE FROM memory WHERE profile = ?1 AND key = ?2",
                    params![profile, key],
                )?,
                Some(value) => tables.execute(
                    "INSERT INTO memory (profile, key, value) VALUES (?1, ?2, ?3) \
                     ON CONFLICT (profile, key) DO UPDATE SET value = excluded.value",
                    params![profile, key, value],
                )?,
            };
            Ok(())
        })
        .await
    }

    /// What was kept under `key`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn recall(&self, key: &str) -> Result<Option<String>, StoreError> {
        let key = key.to_owned();
        self.read(move |tables| {
            let sql = "SELECT value FROM memory WHERE profile = ?1 AND key = ?2";
            let value = tables.first(sql, params![tables.scope.profile, key], |row| row.get(0))?;
            Ok(value.transpose()?)
        })
        .await
    }

    /// Waits until another process may have committed; [`Self::version`] says whether it has.
    pub async fn changed(&self) {
        sleep(LOOK_EVERY).await;
    }

    /// A number that changes when another process, or another handle on the store,
    /// commits; this handle's own commits leave it as it is.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn version(&self) -> Result<i64, StoreError> {
        // The number is a connection's own: it must be the one that writes for us.
        let read = |writer: &mut Writer| {
            Ok(writer.connection.query_row("PRAGMA data_version", [], |row| row.get(0))?)
        };
        self.connections.write(read).await
    }
}
