//! What is known of the platform's contacts: those it listed, and those created here.

use jiff::Timestamp;
use rusqlite::{Row, params};

use super::{
    DirectoryStorage, Moment, Store, StoreError,
    rows::{self, millis},
    tables::Tables,
};
use crate::{
    contact::{E164, name::folded},
    submission::{Attempt, ContactId, Record, Submission, SubmissionId},
};

/// Submissions of one number that are told; nobody enters one more often.
const MOST_OURS: usize = 20;

/// Contacts on the platform that a submission did not make.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NotOurs {
    /// Other submissions of this store already are these.
    pub taken: Vec<ContactId>,
    /// Known to have the number before the first request that may have made one.
    pub known_before: Vec<ContactId>,
}

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

/// A directory of the connection's own, which its statements find before the file's.
const APART: &str = "CREATE TEMP TABLE directory AS SELECT * FROM main.directory WHERE 0; \
     CREATE UNIQUE INDEX temp.directory_key ON directory (estate, id); \
     CREATE INDEX temp.directory_number ON directory (estate, e164); \
     CREATE INDEX temp.directory_name ON directory (estate, active, folded, id);";

impl Store {
    /// Where the platform's contacts are kept.
    #[must_use]
    pub fn directory_storage(&self) -> DirectoryStorage {
        self.scope.directory
    }

    /// Sees to it that the directory is kept where it may be, and nowhere else.
    pub(super) async fn keep_directory(&self) -> Result<(), StoreError> {
        match self.scope.directory {
            DirectoryStorage::OnDisk => Ok(()),
            DirectoryStorage::InMemory | DirectoryStorage::Nowhere => {
                self.write(|tables| {
                    let delete = "DELETE FROM main.directory WHERE estate = ?1";
                    tables.execute(delete, [tables.estate])?;
                    Ok(tables.db.execute_batch(APART)?)
                })
                .await
            }
        }
    }

    /// Puts contacts the platform listed into the directory, replacing what was known.
    /// Records without an id are left out.
    ///
    /// # Errors
    /// When the store cannot be written; then nothing of the page is kept.
    pub async fn learn(&self, records: &[Record], at: Moment) -> Result<(), StoreError> {
        let records = records.to_vec();
        self.write(move |tables| {
            tables.answered(at)?;
            records.iter().try_for_each(|it| tables.learn(it, at))
        })
        .await
    }

    /// What was learnt of contacts since `since`, and which are gone.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn learnt_since(&self, since: Timestamp) -> Result<Vec<Record>, StoreError> {
        self.read_directory(move |tables| {
            let sql = format!(
                "SELECT {} FROM directory WHERE estate = ?1 AND (seen_at >= ?2 OR active = 0)",
                rows::DIRECTORY
            );
            let values = params![tables.estate, millis(since)];
            Ok(tables.all(&sql, values, rows::directory_record)?.into_iter().flatten().collect())
        })
        .await
    }

    /// Contacts that were last seen before `since` are no longer there: a pass over the whole
    /// list that began then did not show them. Returns how many.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn deactivate_unseen(&self, since: Timestamp) -> Result<u64, StoreError> {
        self.write(move |tables| {
            let gone = tables.execute(
                "UPDATE directory SET active = 0 \
                 WHERE estate = ?1 AND active = 1 AND seen_at < ?2",
                params![tables.estate, millis(since)],
            )?;
            Ok(u64::try_from(gone).unwrap_or(u64::MAX))
        })
        .await
    }

    /// Active contacts by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn contacts(&self, wanted: &ContactQuery) -> Result<Vec<Record>, StoreError> {
        let wanted = wanted.clone();
        self.read_directory(move |tables| tables.contacts(&wanted)).await
    }

    /// How many active contacts are known.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn contact_count(&self) -> Result<u64, StoreError> {
        self.read_directory(|tables| {
            let sql = "SELECT count(*) FROM directory WHERE estate = ?1 AND active = 1";
            tables.count(sql, [tables.estate])
        })
        .await
    }

    /// What is known of the contacts of these ids, in their order; what is not is left out.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn records(&self, ids: &[ContactId]) -> Result<Vec<Record>, StoreError> {
        let ids = ids.to_vec();
        self.read_directory(move |tables| {
            let sql =
                format!("SELECT {} FROM directory WHERE estate = ?1 AND id = ?2", rows::DIRECTORY);
            let mut found = Vec::new();
            for id in ids {
                let values = params![tables.estate, id.0];
                found.extend(tables.first(&sql, values, rows::directory_record)?.flatten());
            }
            Ok(found)
        })
        .await
    }

    /// The contacts with a submission's number that are not what its requests made.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn not_ours(&self, submission: &Submission) -> Result<NotOurs, StoreError> {
        let (id, number) = (submission.id, submission.contact.phone.e164().to_string());
        self.glance(move |tables| {
            let known = tables.known_at_attempts(id)?;
            let first = known.into_iter().find(|(attempt, _)| attempt.may_have_reached());
            let held = tables.held(&[number])?;
            let others = held.iter().filter(|row| row.submission.id != id);
            Ok(NotOurs {
                taken: others.filter_map(|row| row.status.created_id().cloned()).collect(),
                known_before: first.map(|(_, known)| known).unwrap_or_default(),
            })
        })
        .await
    }

    /// Who is known to hold the number: contacts on the platform with their id, and
    /// submissions still waiting here without one.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn known(&self, number: &E164) -> Result<Vec<Record>, StoreError> {
        let number = [number.to_string()];
        self.read_directory(move |tables| {
            let mut known = tables.listed(&number)?;
            let ours = tables.held(&number)?;
            for entry in ours.iter().take(MOST_OURS) {
                let id = entry.status.created_id().cloned();
                if id.is_some() && known.iter().any(|record| record.id == id) {
                    continue;
                }
                let record = Record::of(&entry.submission.contact, ContactId(String::new()));
                known.push(Record { id, ..record });
            }
            Ok(known)
        })
        .await
    }
}

impl Tables<'_> {
    /// The requests made for a submission, and which contacts were known to have its number
    /// when each was about to be sent; oldest first.
    fn known_at_attempts(
        &self,
        id: SubmissionId,
    ) -> Result<Vec<(Attempt, Vec<ContactId>)>, StoreError> {
        let sql = format!(
            "SELECT {}, known FROM attempt WHERE submission = ?1 ORDER BY number",
            rows::ATTEMPT
        );
        let read = |row: &Row<'_>| {
            let known: Option<String> = row.get("known").ok().flatten();
            let ids: Vec<String> =
                known.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default();
            rows::attempt(row).map(|it| (it, ids.into_iter().map(ContactId).collect()))
        };
        Ok(self.all(&sql, [id.to_string()], read)?.into_iter().flatten().collect())
    }

    /// What an answer leaves out stays as it was known, but for the name and the number:
    /// a platform that no longer tells them no longer has them.
    pub(super) fn learn(&self, record: &Record, at: Moment) -> Result<(), StoreError> {
        if self.scope.directory == DirectoryStorage::Nowhere {
            return Ok(());
        }
        let Some(id) = &record.id else { return Ok(()) };
        self.execute(
            "INSERT INTO directory (estate, id, salutation, first_name, last_name, full_name, \
             folded, e164, extension, active, created_at, created_by, seen_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) \
             ON CONFLICT (estate, id) DO UPDATE SET \
             salutation = coalesce(excluded.salutation, directory.salutation), \
             first_name = excluded.first_name, last_name = excluded.last_name, \
             full_name = excluded.full_name, folded = excluded.folded, e164 = excluded.e164, \
             extension = coalesce(excluded.extension, directory.extension), \
             active = excluded.active, \
             created_at = coalesce(excluded.created_at, directory.created_at), \
             created_by = coalesce(excluded.created_by, directory.created_by), \
             seen_at = excluded.seen_at",
            params![
                self.estate,
                id.0,
                record.salutation,
                record.first_name,
                record.last_name,
                record.full_name,
                folded(&record.name().unwrap_or_default()),
                record.e164.as_ref().map(E164::as_str),
                record.extension,
                record.active,
                record.created_at.map(millis),
                record.created_by,
                millis(at.wall),
            ],
        )?;
        Ok(())
    }

    fn contacts(&self, wanted: &ContactQuery) -> Result<Vec<Record>, StoreError> {
        let (name, number) = rows::search_patterns(wanted.search.as_deref().unwrap_or(""));
        let after = wanted.after.as_ref();
        let sql = format!(
            "SELECT {} FROM directory WHERE estate = ?1 AND active = 1 \
             AND (folded, id) > (?2, ?3) \
             AND (?4 = '' OR folded LIKE ?4 ESCAPE '\\' OR (?5 <> '' AND e164 LIKE ?5)) \
             ORDER BY folded, id LIMIT ?6",
            rows::DIRECTORY
        );
        let values = params![
            self.estate,
            after.and_then(Record::name).map(|name| folded(&name)).unwrap_or_default(),
            after.and_then(|record| record.id.clone()).map(|id| id.0).unwrap_or_default(),
            name,
            number,
            wanted.limit,
        ];
        Ok(self.all(&sql, values, rows::directory_record)?.into_iter().flatten().collect())
    }
}
