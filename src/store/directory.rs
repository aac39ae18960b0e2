//! What is known of the platform's contacts: those it listed, and those created here.

use super::{
    Moment, Store, StoreError,
    rows::{self, millis},
};
use crate::{
    contact::{E164, name::folded},
    submission::{Record, Status},
};

impl Store {
    /// Puts contacts the platform listed into the directory, replacing what was known.
    /// Records without an id are left out.
    ///
    /// # Errors
    /// When the store cannot be written; then nothing of the page is kept.
    pub async fn learn(&self, records: &[Record], at: Moment) -> Result<(), StoreError> {
        let mut transaction = self.begin_write().await?;
        for record in records {
            let Some(id) = &record.id else { continue };
            sqlx::query(
                "INSERT INTO directory (profile, id, first_name, last_name, full_name, folded, \
                 e164, active, created_at, created_by, seen_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
                 ON CONFLICT (profile, id) DO UPDATE SET first_name = excluded.first_name, \
                 last_name = excluded.last_name, full_name = excluded.full_name, \
                 folded = excluded.folded, e164 = excluded.e164, active = excluded.active, \
                 created_at = excluded.created_at, created_by = excluded.created_by, \
                 seen_at = excluded.seen_at",
            )
            .bind(&self.scope.profile)
            .bind(&id.0)
            .bind(record.first_name.as_deref())
            .bind(record.last_name.as_deref())
            .bind(record.full_name.as_deref())
            .bind(folded(&record.name().unwrap_or_default()))
            .bind(record.e164.as_ref().map(E164::as_str))
            .bind(i64::from(record.active))
            .bind(record.created_at.map(millis))
            .bind(record.created_by.as_deref())
            .bind(millis(at.wall))
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Who is known to hold the number: contacts on the platform with their id, and
    /// submissions still waiting here without one.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn known(&self, number: &E164) -> Result<Vec<Record>, StoreError> {
        let listed = sqlx::query("SELECT * FROM directory WHERE profile = $1 AND e164 = $2")
            .bind(&self.scope.profile)
            .bind(number.as_str())
            .fetch_all(&self.pools.read)
            .await?;
        let mut known: Vec<Record> =
            listed.iter().filter_map(rows::directory_record).filter(|it| it.active).collect();
        let ours = sqlx::query(
            "SELECT * FROM outbox WHERE profile = $1 AND e164 = $2 \
             AND state IN ('created', 'queued', 'sending', 'unclear') ORDER BY id DESC LIMIT 20",
        )
        .bind(&self.scope.profile)
        .bind(number.as_str())
        .fetch_all(&self.pools.read)
        .await?;
        for entry in ours.iter().filter_map(|row| rows::entry(row).ok()) {
            let id = match &entry.status {
                Status::Created { id } => Some(id.clone()),
                _ => None,
            };
            if id.is_some() && known.iter().any(|record| record.id == id) {
                continue;
            }
            let contact = &entry.submission.contact;
            known.push(Record {
                id,
                first_name: Some(contact.first_name.to_string()),
                last_name: Some(contact.last_name.to_string()),
                full_name: Some(contact.full_name()),
                e164: Some(number.clone()),
                active: true,
                created_at: None,
                created_by: None,
            });
        }
        Ok(known)
    }
}
