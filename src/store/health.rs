//! How the store is: what an operator wants to know of it beyond its rows.

use jiff::Timestamp;

use super::{Store, StoreError, rows::timestamp};

impl Store {
    /// Checks the file's structure; the first thing wrong with it, in the engine's words.
    ///
    /// # Errors
    /// When it cannot be read at all.
    pub async fn fault(&self) -> Result<Option<String>, StoreError> {
        self.read(|tables| {
            let said: String =
                tables.db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
            Ok((said != "ok").then_some(said))
        })
        .await
    }

    /// The version of the tables.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn schema_version(&self) -> Result<i64, StoreError> {
        self.read(|tables| {
            let sql = "SELECT max(version) FROM rolodesk_schema";
            Ok(tables.db.query_row(sql, [], |row| row.get(0))?)
        })
        .await
    }

    /// How many rows stand where they stand for which reason, by its code: what an operator
    /// sees of a floor without seeing any customer.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn reasons(&self) -> Result<Vec<(String, u64)>, StoreError> {
        self.read(|tables| {
            // A failure's kind is its code; a sentence of the first release has none.
            let sql = "SELECT CASE WHEN json_valid(reason) THEN \
                       coalesce(reason ->> '$.code', reason ->> '$.kind', 'quoted') \
                       ELSE 'quoted' END AS code, count(*) FROM outbox \
                       WHERE estate = ?1 AND reason IS NOT NULL GROUP BY code ORDER BY code";
            let read = |row: &rusqlite::Row<'_>| {
                let count: i64 = row.get(1)?;
                Ok::<_, rusqlite::Error>((row.get(0)?, u64::try_from(count).unwrap_or(0)))
            };
            let counted = tables.all(sql, [tables.estate], read)?;
            Ok(counted.into_iter().collect::<Result<_, _>>()?)
        })
        .await
    }

    /// When the oldest submission that is not settled was made.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn oldest_waiting(&self) -> Result<Option<Timestamp>, StoreError> {
        self.read(|tables| {
            let sql = "SELECT min(submitted_at) FROM outbox \
                       WHERE estate = ?1 AND settled_at IS NULL";
            let oldest: Option<i64> =
                tables.db.query_row(sql, [tables.estate], |row| row.get(0))?;
            Ok(oldest.and_then(timestamp))
        })
        .await
    }
}
