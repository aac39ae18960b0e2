//! What is known of the platform's contacts: those it listed, and those created here.

use jiff::Timestamp;
use sqlx::{Any, Row as _, Transaction};

use super::{
    Moment, Store, StoreError,
    rows::{self, millis},
};
use crate::{
    contact::{E164, name::folded},
    submission::{ContactId, Record},
};

/// Submissions of one number that are told; nobody enters one more often.
const MOST_OURS: usize = 20;

/// Which contacts of the directory are wanted, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactQuery {
    /// Only names or numbers holding this text.
    pub search: Option<String>,
    /// Only those behind this one, as the last page ended.
    pub after: Option<Record>,
    /// How many at most.
    pub limit: u32,
}

impl Store {
    /// Puts contacts the platform listed into the directory, replacing what was known.
    /// Records without an id are left out.
    ///
    /// # Errors
    /// When the store cannot be written; then nothing of the page is kept.
    pub async fn learn(&self, records: &[Record], at: Moment) -> Result<(), StoreError> {
        let mut transaction = self.begin_write().await?;
        for record in records {
            self.learn_one(&mut transaction, record, at).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// What an answer leaves out stays as it was known, but for the name and the number:
    /// a platform that no longer tells them no longer has them.
    pub(super) async fn learn_one(
        &self,
        transaction: &mut Transaction<'static, Any>,
        record: &Record,
        at: Moment,
    ) -> Result<(), StoreError> {
        let Some(id) = &record.id else { return Ok(()) };
        sqlx::query(
            "INSERT INTO directory (profile, id, salutation, first_name, last_name, full_name, \
             folded, e164, extension, active, created_at, created_by, seen_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
             ON CONFLICT (profile, id) DO UPDATE SET \
             salutation = coalesce(excluded.salutation, directory.salutation), \
             first_name = excluded.first_name, last_name = excluded.last_name, \
             full_name = excluded.full_name, folded = excluded.folded, e164 = excluded.e164, \
             extension = coalesce(excluded.extension, directory.extension), \
             active = excluded.active, \
             created_at = coalesce(excluded.created_at, directory.created_at), \
             created_by = coalesce(excluded.created_by, directory.created_by), \
             seen_at = excluded.seen_at",
        )
        .bind(&self.scope.profile)
        .bind(&id.0)
        .bind(record.salutation.as_deref())
        .bind(record.first_name.as_deref())
        .bind(record.last_name.as_deref())
        .bind(record.full_name.as_deref())
        .bind(folded(&record.name().unwrap_or_default()))
        .bind(record.e164.as_ref().map(E164::as_str))
        .bind(record.extension.as_deref())
        .bind(i64::from(record.active))
        .bind(record.created_at.map(millis))
        .bind(record.created_by.as_deref())
        .bind(millis(at.wall))
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }

    /// Contacts that were last seen before `since` are no longer there: a pass over the whole
    /// list that began then did not show them. Returns how many.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn deactivate_unseen(&self, since: Timestamp) -> Result<u64, StoreError> {
        let sql =
            "UPDATE directory SET active = 0 WHERE profile = $1 AND active = 1 AND seen_at < $2";
        let gone = sqlx::query(sql)
            .bind(&self.scope.profile)
            .bind(millis(since))
            .execute(&self.pools.write)
            .await?;
        Ok(gone.rows_affected())
    }

    /// Active contacts by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn contacts(&self, wanted: &ContactQuery) -> Result<Vec<Record>, StoreError> {
        let (name, number) = rows::search_patterns(wanted.search.as_deref().unwrap_or(""));
        let after = wanted.after.as_ref();
        let rows = sqlx::query(
            "SELECT * FROM directory WHERE profile = $1 AND active = 1 AND (folded, id) > ($2, $3) \
             AND ($4 = '' OR folded LIKE $4 ESCAPE '\\' OR ($5 <> '' AND e164 LIKE $5)) \
             ORDER BY folded, id LIMIT $6",
        )
        .bind(&self.scope.profile)
        .bind(after.and_then(Record::name).map(|name| folded(&name)).unwrap_or_default())
        .bind(after.and_then(|record| record.id.clone()).map(|id| id.0).unwrap_or_default())
        .bind(name)
        .bind(number)
        .bind(i64::from(wanted.limit))
        .fetch_all(&self.pools.read)
        .await?;
        Ok(rows.iter().filter_map(rows::directory_record).collect())
    }

    /// How many active contacts are known.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn contact_count(&self) -> Result<u64, StoreError> {
        let row = sqlx::query(
            "SELECT count(*) AS known FROM directory WHERE profile = $1 AND active = 1",
        )
        .bind(&self.scope.profile)
        .fetch_one(&self.pools.read)
        .await?;
        Ok(u64::try_from(row.try_get::<i64, _>("known")?).unwrap_or(0))
    }

    /// What is known of the contacts of these ids, in their order; what is not is left out.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn records(&self, ids: &[ContactId]) -> Result<Vec<Record>, StoreError> {
        let mut found = Vec::new();
        for id in ids {
            let row = sqlx::query("SELECT * FROM directory WHERE profile = $1 AND id = $2")
                .bind(&self.scope.profile)
                .bind(&id.0)
                .fetch_optional(&self.pools.read)
                .await?;
            found.extend(row.as_ref().and_then(rows::directory_record));
        }
        Ok(found)
    }

    /// Who is known to hold the number: contacts on the platform with their id, and
    /// submissions still waiting here without one.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn known(&self, number: &E164) -> Result<Vec<Record>, StoreError> {
        let number = std::slice::from_ref(number);
        let mut known = self.listed(number).await?;
        let ours = self.held(number).await?;
        for entry in ours.iter().take(MOST_OURS) {
            let id = entry.status.created_id().cloned();
            if id.is_some() && known.iter().any(|record| record.id == id) {
                continue;
            }
            let record = Record::of(&entry.submission.contact, ContactId(String::new()));
            known.push(Record { id, ..record });
        }
        Ok(known)
    }
}
