//! Questions about many rows at once, for files of thousands. Each is answered in parts
//! that stay below the database's limit of bound values.

use rusqlite::{Row, ToSql, params_from_iter};

use super::{
    Claimed, Moment, Store, StoreError,
    rows::{self, readable},
    tables::Tables,
};
use crate::{
    contact::{Contact, E164},
    submission::{Entry, Record, Status, Submission, SubmissionId, Task},
};

/// Values bound to one statement.
const AT_ONCE: usize = 500;

/// Both are asked by number alone: with a state in the question the database walks all
/// rows that are in it.
fn held() -> String {
    format!(
        "SELECT {} FROM outbox WHERE estate = ?1 AND NOT EXISTS \
         (SELECT 1 FROM directory WHERE directory.estate = ?1 \
         AND directory.id = outbox.platform_id AND directory.active = 0) AND e164 IN",
        rows::OUTBOX
    )
}

fn listed() -> String {
    format!("SELECT {} FROM directory WHERE estate = ?1 AND e164 IN", rows::DIRECTORY)
}

impl Store {
    /// The submissions with these ids, in no order; one that was discarded is left out.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn entries(&self, ids: &[SubmissionId]) -> Result<Vec<Entry>, StoreError> {
        let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
        let sql = format!("SELECT {} FROM outbox WHERE estate = ?1 AND id IN", rows::OUTBOX);
        self.read(move |tables| Ok(readable(tables.among(&sql, &ids, rows::entry)?))).await
    }

    /// The submissions with these numbers that were created or may still be, newest first
    /// for each number. What the platform is known to have deleted since is left out.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn held(&self, numbers: &[E164]) -> Result<Vec<Entry>, StoreError> {
        let numbers: Vec<_> = numbers.iter().map(ToString::to_string).collect();
        self.read_directory(move |tables| tables.held(&numbers)).await
    }

    /// Stores those of the submissions that this store does not hold yet, by `same`: at once, so
    /// that of two processes that read one file each contact is stored by one. The rows as
    /// they now are, in the same order: new, or the one that was there.
    ///
    /// # Errors
    /// When the store cannot be written; then none is stored.
    pub async fn accept_new(
        &self,
        submissions: &[Submission],
        same: fn(&Contact, &Contact) -> bool,
        at: Moment,
    ) -> Result<Vec<Entry>, StoreError> {
        let (all, agent) = (submissions.to_vec(), self.scope.agent.clone());
        let (entries, fresh) = self
            .write(move |tables| {
                let numbers: Vec<_> =
                    all.iter().map(|it| it.contact.phone.e164().to_string()).collect();
                let held = tables.held(&numbers)?;
                let known = |it: &Submission| {
                    held.iter().find(|entry| same(&entry.submission.contact, &it.contact))
                };
                let fresh: Vec<_> = all.iter().filter(|it| known(it).is_none()).cloned().collect();
                tables.insert_all(&fresh, at)?;
                let queued = |it: &Submission| Entry::queued(it.clone(), agent.clone());
                let entry = |it: &Submission| known(it).cloned().unwrap_or_else(|| queued(it));
                let entries: Vec<_> = all.iter().map(entry).collect();
                Ok((entries, fresh.iter().map(queued).collect::<Vec<_>>()))
            })
            .await?;
        self.audit_accepted(&fresh);
        Ok(entries)
    }

    /// The submissions with these numbers of which more may be known once the platform shows
    /// who holds the number, with their attempts: unclear ones, duplicates of nobody known,
    /// those that ended although they may exist, and those that are said to be deleted.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn doubtful(&self, numbers: &[E164]) -> Result<Vec<Claimed>, StoreError> {
        if numbers.is_empty() {
            return Ok(Vec::new());
        }
        let numbers: Vec<_> = numbers.iter().map(ToString::to_string).collect();
        self.read(move |tables| {
            let sql = format!("SELECT {} FROM outbox WHERE estate = ?1 AND e164 IN", rows::OUTBOX);
            let mut found = readable(tables.among(&sql, &numbers, rows::entry)?);
            found.retain(is_doubtful);
            let claimed = |entry: Entry| {
                let earlier = tables.attempts(entry.submission.id)?;
                Ok(Claimed { entry, earlier })
            };
            found.into_iter().map(claimed).collect()
        })
        .await
    }

    /// The platform's contacts with these numbers, as far as it listed them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn listed(&self, numbers: &[E164]) -> Result<Vec<Record>, StoreError> {
        let numbers: Vec<_> = numbers.iter().map(ToString::to_string).collect();
        self.read_directory(move |tables| tables.listed(&numbers)).await
    }
}

impl Tables<'_> {
    pub(super) fn held(&self, numbers: &[String]) -> Result<Vec<Entry>, StoreError> {
        let mut held = readable(self.among(&held(), numbers, rows::entry)?);
        held.retain(may_exist);
        held.sort_by_key(|entry| std::cmp::Reverse(entry.submission.id));
        Ok(held)
    }

    pub(super) fn listed(&self, numbers: &[String]) -> Result<Vec<Record>, StoreError> {
        let records = self.among(&listed(), numbers, rows::directory_record)?;
        Ok(records.into_iter().flatten().filter(|record| record.active).collect())
    }

    /// Runs a statement that ends in `IN` for all of `values`.
    fn among<T>(
        &self,
        select: &str,
        values: &[String],
        read: impl Fn(&Row<'_>) -> T,
    ) -> Result<Vec<T>, StoreError> {
        let mut found = Vec::new();
        for part in values.chunks(AT_ONCE) {
            // ?1 is the estate.
            let places: Vec<_> = (2..part.len() + 2).map(|at| format!("?{at}")).collect();
            let statement = format!("{select} ({})", places.join(", "));
            let numbers = part.iter().map(|value| value as &dyn ToSql);
            let bound = std::iter::once(&self.estate as &dyn ToSql).chain(numbers);
            found.extend(self.all(&statement, params_from_iter(bound), &read)?);
        }
        Ok(found)
    }
}

/// Whether a look at who holds the number may tell more of it.
fn is_doubtful(entry: &Entry) -> bool {
    let open = match &entry.status {
        Status::Deleted { .. } => return true,
        Status::Duplicate { owners, .. } => owners.is_empty(),
        Status::Unclear(_) | Status::Rejected { .. } | Status::Attention { .. } => {
            entry.may_exist()
        }
        Status::Queued(_) | Status::Sending | Status::Created { .. } => false,
    };
    open && entry.task == Task::Create
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
    use super::*;
    use crate::store::tables::tests::{plan, scratch};

    /// They are asked for each number that is typed, whatever the store holds.
    #[tokio::test]
    async fn who_has_a_number_is_found_by_the_number() {
        let (_folder, store) = scratch().await;
        for (select, index) in [(held(), "outbox_number"), (listed(), "directory_number")] {
            for places in ["(?2)", "(?2, ?3, ?4)"] {
                let steps = plan(&store, format!("{select} {places}")).await;
                let wanted = format!("{index} (estate=? AND e164=?)");
                assert!(steps[0].contains(&wanted), "{steps:#?}");
            }
        }
    }
}
