//! The tables as one piece of work on the store's thread sees them. The operations of
//! [`Store`] are sent there; what they do is written as methods of [`Tables`].

use std::sync::Arc;

use rusqlite::{Connection, Params, Row};

use super::{DirectoryStorage, Scope, Store, StoreError, engine::Writer};

/// The tables, within one transaction when something is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tables<'a> {
    pub(super) db: &'a Connection,
    pub(super) scope: &'a Scope,
    /// The number of the scope's estate.
    pub(super) estate: i64,
}

impl Tables<'_> {
    /// Runs a statement that answers nothing; how many rows it changed.
    pub(super) fn execute(&self, sql: &str, values: impl Params) -> Result<usize, StoreError> {
        Ok(self.db.prepare_cached(sql)?.execute(values)?)
    }

    /// All rows of a statement, each read by `read`.
    pub(super) fn all<T>(
        &self,
        sql: &str,
        values: impl Params,
        mut read: impl FnMut(&Row<'_>) -> T,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement.query_map(values, |row| Ok(read(row)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The first row of a statement, read by `read`.
    pub(super) fn first<T>(
        &self,
        sql: &str,
        values: impl Params,
        read: impl FnOnce(&Row<'_>) -> T,
    ) -> Result<Option<T>, StoreError> {
        let mut statement = self.db.prepare_cached(sql)?;
        let mut rows = statement.query(values)?;
        Ok(rows.next()?.map(read))
    }

    /// The one number that a statement counts.
    pub(super) fn count(&self, sql: &str, values: impl Params) -> Result<u64, StoreError> {
        let counted: i64 = self.db.prepare_cached(sql)?.query_row(values, |row| row.get(0))?;
        Ok(u64::try_from(counted).unwrap_or(0))
    }
}

impl Store {
    /// One transaction that writes: all of it or nothing, on disk when this returns.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tables<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (scope, estate) = (Arc::clone(&self.scope), self.estate);
        let write = move |writer: &mut Writer| {
            writer.transaction(|db| work(&Tables { db, scope: &scope, estate }))
        };
        self.connections.write(write).await
    }

    /// A look at the tables as they are at one moment; writes do not wait for it.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tables<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (scope, estate) = (Arc::clone(&self.scope), self.estate);
        let look = move |connection: &mut Connection| {
            let moment = connection.transaction()?;
            work(&Tables { db: &moment, scope: &scope, estate })
        };
        self.connections.read(look).await
    }

    /// As [`Self::read`], from the connection that writes: what it has just written it need not
    /// read from the file again. For the few rows that each step of the delivery asks for.
    pub(super) async fn glance<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tables<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (scope, estate) = (Arc::clone(&self.scope), self.estate);
        let look = move |writer: &mut Writer| {
            writer.glance(|db| work(&Tables { db, scope: &scope, estate }))
        };
        self.connections.write(look).await
    }

    /// As [`Self::read`], where the directory is looked at: one that is kept in memory is known
    /// to the connection that writes, and to no other.
    pub(super) async fn read_directory<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tables<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        match self.scope.directory {
            DirectoryStorage::OnDisk => self.read(work).await,
            DirectoryStorage::InMemory | DirectoryStorage::Nowhere => self.write(work).await,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use jiff::Timestamp;
    use tempfile::TempDir;

    use super::*;
    use crate::store::{DirectoryStorage, Estate, Limits, Moment};

    /// A store of its own in a folder of its own.
    pub(in crate::store) async fn scratch() -> (TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let scope = Scope {
            profile: "acme".into(),
            estate: Estate::new("https://platform.example", "a", "st"),
            limits: Limits::per_minute(60),
            directory: DirectoryStorage::OnDisk,
            agent: "ada".into(),
            machine: "desk".into(),
        };
        let at = Moment {
            wall: Timestamp::UNIX_EPOCH,
            boot: crate::store::BootId::Unknown,
            uptime_ms: 0,
        };
        let store = Store::open(&folder.path().join("store.db"), scope, at).await.unwrap();
        (folder, store)
    }

    /// How SQLite would find what the statement asks for.
    pub(in crate::store) async fn plan(store: &Store, sql: String) -> Vec<String> {
        let explain = move |tables: &Tables<'_>| {
            let mut statement = tables.db.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
            let mut rows = statement.raw_query();
            let mut steps = Vec::new();
            while let Some(row) = rows.next()? {
                steps.push(row.get("detail")?);
            }
            Ok(steps)
        };
        store.read(explain).await.unwrap()
    }
}
