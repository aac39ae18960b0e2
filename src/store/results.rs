//! The results as people read them: counts, and pages newest first.
//!
//! A page costs the same in a million rows as in ten: it is found by the id it lies before
//! or after, and each state has its own index. A search has to look at every row that is
//! newer than its last hit; it reads an index that holds names and numbers, in parts, so
//! that whoever asked can turn to something else between two of them.

use jiff::Timestamp;
use sqlx::{AnyConnection, Row as _, any::AnyRow};

use super::{
    Store, StoreError,
    outbox::readable,
    rows::{millis, search_patterns},
};
use crate::submission::{Counts, Entry, Group, Page, PagePosition};

/// Rows a search looks at in one go: some milliseconds.
const ROWS_PER_PART: i64 = 20_000;

/// One walk along the ids.
struct Walk<'a> {
    profile: &'a str,
    /// Only this state.
    state: Option<&'static str>,
    ascending: bool,
    since: i64,
    /// No row of that time has an id before this one.
    floor: String,
    name: String,
    number: String,
    limit: i64,
}

impl Store {
    /// How many submissions of the profile are in each group.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn counts(&self) -> Result<Counts, StoreError> {
        let tallies = sqlx::query("SELECT state, count FROM tally WHERE profile = $1")
            .bind(&self.scope.profile)
            .fetch_all(&self.pools.read)
            .await?;
        let mut counts = Counts::default();
        for row in tallies {
            let state: String = row.try_get("state")?;
            let count = u64::try_from(row.try_get::<i64, _>("count")?).unwrap_or(0);
            match state.as_str() {
                "queued" | "unclear" => counts.queued += count,
                "sending" => counts.sending += count,
                "created" => counts.created += count,
                "deleted" => counts.deleted += count,
                "duplicate" => counts.duplicate += count,
                // Rejected, given up, and what a damaged row says of itself.
                _ => counts.attention += count,
            }
        }
        Ok(counts)
    }

    /// One page of the results, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn page(&self, page: &Page) -> Result<Vec<Entry>, StoreError> {
        let (name, number) = search_patterns(page.search.as_deref().unwrap_or(""));
        let mut walk = Walk {
            profile: &self.scope.profile,
            state: None,
            ascending: matches!(page.part, PagePosition::From(_) | PagePosition::Oldest),
            since: page.since.map_or(i64::MIN, millis),
            floor: page.since.map(first_id).unwrap_or_default(),
            name,
            number,
            limit: i64::from(page.limit),
        };
        let from = match page.part {
            // No id sorts behind a tilde, and none before nothing.
            PagePosition::Newest => "~".to_owned(),
            PagePosition::Oldest => String::new(),
            PagePosition::Before(id) | PagePosition::From(id) => id.to_string(),
        };
        let mut connection = self.pools.read.acquire().await?;
        let mut entries = Vec::new();
        if page.groups.is_empty() {
            entries = walk.entries(&mut connection, from.clone()).await?;
        }
        for state in page.groups.iter().flat_map(|group| states(*group)) {
            walk.state = Some(state);
            entries.extend(walk.entries(&mut connection, from.clone()).await?);
        }
        entries.sort_by_key(|entry| entry.submission.id);
        let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
        if walk.ascending {
            entries.truncate(limit);
        } else {
            entries.drain(..entries.len().saturating_sub(limit));
        }
        entries.reverse();
        Ok(entries)
    }

    /// How many rows of the profile were set aside because they cannot be read.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn damaged(&self) -> Result<u64, StoreError> {
        let row = sqlx::query("SELECT count FROM tally WHERE profile = $1 AND state = 'damaged'")
            .bind(&self.scope.profile)
            .fetch_optional(&self.pools.read)
            .await?;
        let count: i64 = row.map_or(Ok(0), |row| row.try_get("count"))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }
}

/// The states a group is made of.
fn states(group: Group) -> &'static [&'static str] {
    match group {
        Group::Queued => &["queued", "unclear"],
        Group::Sending => &["sending"],
        Group::Created => &["created"],
        Group::Deleted => &["deleted"],
        Group::Duplicate => &["duplicate"],
        Group::Attention => &["rejected", "attention"],
    }
}

/// Ids begin with the time they were made at (RFC 9562, 5.7); a day is for clocks that were
/// set in between.
fn first_id(since: Timestamp) -> String {
    const DAY_MS: i64 = 86_400_000;
    let ms = (millis(since) - DAY_MS).max(0);
    format!("{:08x}-{:04x}", ms >> 16, ms & 0xffff)
}

impl Walk<'_> {
    /// So many readable rows: damaged ones between them do not end the walk.
    async fn entries(
        &self,
        connection: &mut AnyConnection,
        mut from: String,
    ) -> Result<Vec<Entry>, StoreError> {
        let most = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let mut entries = Vec::new();
        loop {
            let rows = self.rows(connection, &from).await?;
            entries.extend(readable(&rows));
            match rows.last() {
                Some(last) if rows.len() >= most && entries.len() < most => {
                    from = last.try_get("id")?;
                    if self.ascending {
                        // Right behind it.
                        from.push('~');
                    }
                }
                Some(_) | None => return Ok(entries),
            }
        }
    }

    async fn rows(
        &self,
        connection: &mut AnyConnection,
        from: &str,
    ) -> Result<Vec<AnyRow>, StoreError> {
        if self.name.is_empty() {
            return self.next_rows(connection, from).await;
        }
        let (mut found, mut from) = (Vec::new(), from.to_owned());
        loop {
            let until = self.end_of_part(connection, &from).await?;
            let left = self.limit - i64::try_from(found.len()).unwrap_or(i64::MAX);
            found.extend(self.matching(connection, &from, until.as_deref(), left).await?);
            let full = i64::try_from(found.len()).unwrap_or(i64::MAX) >= self.limit;
            match until {
                Some(until) if !full => from = until,
                Some(_) | None => return Ok(found),
            }
        }
    }

    /// The rows right before `from`, or from it on.
    async fn next_rows(
        &self,
        connection: &mut AnyConnection,
        from: &str,
    ) -> Result<Vec<AnyRow>, StoreError> {
        let (place, order) = (self.place(), self.order());
        let sql = format!(
            "SELECT * FROM outbox WHERE {place} AND submitted_at >= $4 AND id >= $5 \
             ORDER BY id {order} LIMIT $6"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(self.profile)
            .bind(from)
            .bind(self.state.unwrap_or(""))
            .bind(self.since)
            .bind(&self.floor)
            .bind(self.limit)
            .fetch_all(&mut *connection)
            .await?;
        Ok(rows)
    }

    /// The id that ends the next part; `None` when it is the last one.
    async fn end_of_part(
        &self,
        connection: &mut AnyConnection,
        from: &str,
    ) -> Result<Option<String>, StoreError> {
        let sql = format!(
            "SELECT id FROM outbox WHERE {} ORDER BY id {} LIMIT 1 OFFSET $4",
            self.place(),
            self.order()
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(self.profile)
            .bind(from)
            .bind(self.state.unwrap_or(""))
            .bind(ROWS_PER_PART)
            .fetch_optional(&mut *connection)
            .await?;
        Ok(row.map(|row| row.try_get("id")).transpose()?)
    }

    /// The rows between `from` and `until`, the newer one left out, that are searched for.
    /// The inner part reads an index alone; only what it finds is read whole.
    async fn matching(
        &self,
        connection: &mut AnyConnection,
        from: &str,
        until: Option<&str>,
        limit: i64,
    ) -> Result<Vec<AnyRow>, StoreError> {
        let (place, order) = (self.place(), self.order());
        let within = match (until, self.ascending) {
            (None, _) => "$4 = ''",
            (Some(_), true) => "id < $4",
            (Some(_), false) => "id >= $4",
        };
        let sql = format!(
            "SELECT * FROM outbox WHERE id IN (SELECT id FROM outbox WHERE {place} AND {within} \
             AND (folded LIKE $5 ESCAPE '\\' OR ($6 <> '' AND e164 LIKE $6)) \
             AND submitted_at >= $7 ORDER BY id {order} LIMIT $8) ORDER BY id {order}"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(self.profile)
            .bind(from)
            .bind(self.state.unwrap_or(""))
            .bind(until.unwrap_or(""))
            .bind(&self.name)
            .bind(&self.number)
            .bind(self.since)
            .bind(limit)
            .fetch_all(&mut *connection)
            .await?;
        Ok(rows)
    }

    fn place(&self) -> &'static str {
        match (self.state, self.ascending) {
            (Some(_), true) => "profile = $1 AND id >= $2 AND state = $3",
            (Some(_), false) => "profile = $1 AND id < $2 AND state = $3",
            (None, true) => "profile = $1 AND id >= $2 AND $3 = ''",
            (None, false) => "profile = $1 AND id < $2 AND $3 = ''",
        }
    }

    fn order(&self) -> &'static str {
        if self.ascending { "ASC" } else { "DESC" }
    }
}
