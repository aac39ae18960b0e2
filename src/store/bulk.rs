//! Questions about many rows at once, for files of thousands. Each is answered in parts
//! that stay below the database's limit of bound values.

use sqlx::{any::AnyRow, query::Query};

use super::{Store, StoreError, outbox::readable, rows};
use crate::{
    contact::E164,
    submission::{Entry, Record, Status, SubmissionId, Task},
};

/// Values bound to one statement.
const AT_ONCE: usize = 500;

/// Both are asked by number alone: with a state in the question the database walks all
/// rows that are in it.
const HELD: &str = "SELECT * FROM outbox WHERE profile = $1 AND NOT EXISTS \
                    (SELECT 1 FROM directory WHERE directory.profile = $1 \
                    AND directory.id = outbox.platform_id AND directory.active = 0) \
                    AND e164 IN";
const LISTED: &str = "SELECT * FROM directory WHERE profile = $1 AND e164 IN";

impl Store {
    /// The submissions with these ids, in no order; one that was discarded is left out.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn entries(&self, ids: &[SubmissionId]) -> Result<Vec<Entry>, StoreError> {
        let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
        let rows = self.among("SELECT * FROM outbox WHERE profile = $1 AND id IN", &ids).await?;
        Ok(readable(&rows))
    }

    /// The submissions with these numbers that were created or may still be, newest first
    /// for each number. What the platform is known to have deleted since is left out.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn held(&self, numbers: &[E164]) -> Result<Vec<Entry>, StoreError> {
        let numbers: Vec<_> = numbers.iter().map(ToString::to_string).collect();
        let mut held = readable(&self.among(HELD, &numbers).await?);
        held.retain(may_exist);
        held.sort_by_key(|entry| std::cmp::Reverse(entry.submission.id));
        Ok(held)
    }

    /// The platform's contacts with these numbers, as far as it listed them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn listed(&self, numbers: &[E164]) -> Result<Vec<Record>, StoreError> {
        let numbers: Vec<_> = numbers.iter().map(ToString::to_string).collect();
        let rows = self.among(LISTED, &numbers).await?;
        let records = rows.iter().filter_map(rows::directory_record);
        Ok(records.filter(|record| record.active).collect())
    }

    /// Runs a statement that ends in `IN` for all of `values`.
    async fn among(
        &self,
        select: &'static str,
        values: &[String],
    ) -> Result<Vec<AnyRow>, StoreError> {
        let mut found = Vec::new();
        for part in values.chunks(AT_ONCE) {
            // $1 is the profile.
            let places: Vec<_> = (2..part.len() + 2).map(|at| format!("${at}")).collect();
            let statement = format!("{select} ({})", places.join(", "));
            let query: Query<'_, _, _> = sqlx::query(sqlx::AssertSqlSafe(statement));
            let query = part.iter().fold(query.bind(&self.scope.profile), Query::bind);
            found.extend(query.fetch_all(&self.pools.read).await?);
        }
        Ok(found)
    }
}

/// Whether the platform has the contact through this submission, or may come to have it.
fn may_exist(entry: &Entry) -> bool {
    match (&entry.status, &entry.task) {
        (Status::Created { .. }, _)
        | (Status::Queued(_) | Status::Sending | Status::Unclear(_), Task::Create) => true,
        // One that is being deleted is asked for again, and so is somebody else's.
        (Status::Queued(_) | Status::Sending | Status::Unclear(_), Task::Change(_))
        | (
            Status::Deleted { .. }
            | Status::Duplicate { .. }
            | Status::Rejected { .. }
            | Status::Attention { .. },
            _,
        ) => false,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use sqlx::Row as _;

    use super::*;
    use crate::store::{Moment, Scope};

    /// They are asked for each number that is typed, whatever the store holds.
    #[tokio::test]
    async fn who_has_a_number_is_found_by_the_number() {
        let folder = tempfile::tempdir().unwrap();
        let scope = Scope { profile: "acme".into(), account: "a".into(), limit: 60 };
        let at = Moment { wall: Timestamp::UNIX_EPOCH, boot: 1, uptime_ms: 0 };
        let store = Store::open(&folder.path().join("store.db"), scope, at).await.unwrap();
        for (select, index) in [(HELD, "outbox_number"), (LISTED, "directory_number")] {
            for places in ["($2)", "($2, $3, $4)"] {
                let plan = format!("EXPLAIN QUERY PLAN {select} {places}");
                let mut query = sqlx::query(sqlx::AssertSqlSafe(plan)).bind("acme");
                for number in places.split(',') {
                    query = query.bind(number);
                }
                let steps = query.fetch_all(&store.pools.read).await.unwrap();
                let first: String = steps[0].get("detail");
                assert!(first.contains(&format!("{index} (profile=? AND e164=?)")), "{first}");
            }
        }
    }
}
