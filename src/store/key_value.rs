//! Small facts of the estate, and whether somebody else changed the store.

use super::{Store, StoreError, engine::Writer};
use rusqlite::params;

impl Store {
    /// Keeps a small fact of the estate under `key`; `None` forgets it.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn remember(&self, key: &str, value: Option<&str>) -> Result<(), StoreError> {
        let (key, value) = (key.to_owned(), value.map(str::to_owned));
        self.write(move |tables| {
            match value {
                None => tables.execute(
                    "DELETE FROM memory WHERE estate = ?1 AND key = ?2",
                    params![tables.estate, key],
                )?,
                Some(value) => tables.execute(
                    "INSERT INTO memory (estate, key, value, written_at) \
                     VALUES (?1, ?2, ?3, CAST(1000 * unixepoch('subsec') AS INTEGER)) \
                     ON CONFLICT (estate, key) DO UPDATE SET value = excluded.value, \
                     written_at = excluded.written_at",
                    params![tables.estate, key, value],
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
            let sql = "SELECT value FROM memory WHERE estate = ?1 AND key = ?2";
            let value = tables.first(sql, params![tables.estate, key], |row| row.get(0))?;
            Ok(value.transpose()?)
        })
        .await
    }

    /// Waits until [`Self::version`] is another one than `since`: somebody else committed. Given
    /// up half-way it may have heard of a commit: ask for the version then.
    pub async fn changed(&self, since: Option<i64>) {
        loop {
            self.watch.stirs().await;
            if self.version().await.ok() != since {
                return;
            }
        }
    }

    /// A number that changes when another process, or another handle on the store,
    /// commits; this handle's own commits leave it as it is.
    ///
    /// # Errors
    /// When the store cannot be read, or its file is not in its place any more.
    pub async fn version(&self) -> Result<i64, StoreError> {
        // The number is a connection's own: it must be the one that writes for us.
        let read = |writer: &mut Writer| {
            writer.check()?;
            Ok(writer.connection.query_row("PRAGMA data_version", [], |row| row.get(0))?)
        };
        self.connections.write(read).await
    }
}
