//! The results as people read them: counts, and pages newest first.
//!
//! A page costs the same in a million rows as in ten: it is found by the id it lies before
//! or after, and each state has its own index. A search looks through the lines of
//! [`super::search`], or, where the wanted states hold few rows, through those; it is broken
//! off when nobody waits for it any more.

use jiff::Timestamp;
use rusqlite::{Row, params};

use super::{
    Store, StoreError,
    claims::DAMAGED,
    rows::{self, Damaged, millis, search_patterns},
    search::Needle,
    tables::Tables,
};
use crate::submission::{Counts, Entry, Group, Origin, Page, PagePosition, State};

/// With fewer rows than this in the wanted states a search looks at the rows.
const FEW_ROWS: u64 = 5_000;

/// Rows as they were read.
#[derive(Debug, Default)]
struct Found {
    entries: Vec<Entry>,
    /// Those that cannot be read, and are not set aside yet.
    damaged: Vec<Damaged>,
}

impl Found {
    fn take(&mut self, row: Result<Entry, Damaged>) {
        match row {
            Ok(entry) => self.entries.push(entry),
            Err(damaged) if damaged.state == DAMAGED => {}
            Err(damaged) => self.damaged.push(damaged),
        }
    }
}

/// One walk along the ids.
struct Walk<'a> {
    tables: &'a Tables<'a>,
    /// Only this state.
    state: Option<&'static str>,
    ascending: bool,
    since: i64,
    /// No row of that time has an id before this one.
    floor: String,
    /// What is searched for among the rows.
    name: String,
    number: String,
    /// Only this origin; empty for both.
    origin: &'static str,
    limit: i64,
}

impl Store {
    /// How many submissions of the profile are in each group.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn counts(&self) -> Result<Counts, StoreError> {
        self.glance(|tables| tables.tallies().map(|tallies| counts(&tallies))).await
    }

    /// One page of the results, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn page(&self, page: &Page) -> Result<Vec<Entry>, StoreError> {
        let page = page.clone();
        let Found { entries, damaged } = self.read(move |tables| tables.page(&page)).await?;
        if !damaged.is_empty() {
            // Counted as what it is from now on. A store that cannot be written is told elsewhere.
            let aside = move |tables: &Tables<'_>| {
                damaged.iter().try_for_each(|row| tables.quarantine(row))
            };
            if let Err(error) = self.write(aside).await {
                tracing::warn!(%error, "rows that cannot be read are not set aside");
            }
        }
        Ok(entries)
    }

    /// How many rows of the profile cannot be read, as far as that was found out.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn damaged(&self) -> Result<u64, StoreError> {
        self.read(|tables| {
            let tallies = tables.tallies()?;
            let unknown = tallies.iter().filter(|(state, _)| State::from_word(state).is_none());
            Ok(unknown.map(|(_, count)| count).sum())
        })
        .await
    }
}

impl Tables<'_> {
    pub(super) fn tallies(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let sql = "SELECT state, sum(count) AS count FROM tally WHERE estate = ?1 GROUP BY state";
        let read = |row: &Row<'_>| {
            let count: i64 = row.get("count")?;
            Ok((row.get("state")?, u64::try_from(count).unwrap_or(0)))
        };
        let tallies = self.all(sql, [self.estate], read)?;
        Ok(tallies.into_iter().collect::<Result<_, rusqlite::Error>>()?)
    }

    fn page(&self, page: &Page) -> Result<Found, StoreError> {
        let ascending = matches!(page.part, PagePosition::From(_) | PagePosition::Oldest);
        let from = match page.part {
            // No id sorts behind a tilde, and none before nothing.
            PagePosition::Newest => "~".to_owned(),
            PagePosition::Oldest => String::new(),
            PagePosition::Before(id) | PagePosition::From(id) => id.to_string(),
        };
        let states: Vec<_> =
            page.groups.iter().flat_map(|group| State::of(*group)).map(State::word).collect();
        let search = page.search.as_deref().unwrap_or("");
        let mut found = match Needle::new(search) {
            Some(needle) if states.is_empty() || self.rows_in(&states)? > FEW_ROWS => {
                self.found(&needle, page, &states, &from, ascending)?
            }
            Some(_) | None => self.walked(search, page, &states, &from, ascending)?,
        };
        let entries = &mut found.entries;
        entries.sort_by_key(|entry| entry.submission.id);
        let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
        if ascending {
            entries.truncate(limit);
        } else {
            entries.drain(..entries.len().saturating_sub(limit));
        }
        entries.reverse();
        Ok(found)
    }

    fn rows_in(&self, states: &[&str]) -> Result<u64, StoreError> {
        let tallies = self.tallies()?;
        let wanted = tallies.iter().filter(|(state, _)| states.contains(&state.as_str()));
        Ok(wanted.map(|(_, count)| count).sum())
    }

    /// The rows that the lines lead to.
    fn found(
        &self,
        needle: &Needle,
        page: &Page,
        states: &[&str],
        from: &str,
        ascending: bool,
    ) -> Result<Found, StoreError> {
        let since = page.since.map_or(i64::MIN, millis);
        let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
        let sql = format!(
            "SELECT {} FROM outbox WHERE id = ?1 AND estate = ?2 AND submitted_at >= ?3 \
             AND (?4 = '' OR origin = ?4)",
            rows::OUTBOX
        );
        let origin = page.origin.map_or("", rows::origin_word);
        let mut found = Found::default();
        let is_wanted =
            |entry: &Entry| states.is_empty() || states.contains(&entry.status.state().word());
        self.search(needle, from, ascending, |id| {
            let row = self.first(&sql, params![id, self.estate, since, origin], rows::entry)?;
            if let Some(row) = row.filter(|row| row.as_ref().map_or(true, is_wanted)) {
                found.take(row);
            }
            Ok(found.entries.len() < limit)
        })?;
        Ok(found)
    }

    /// The rows along the ids, in each of the states.
    fn walked(
        &self,
        search: &str,
        page: &Page,
        states: &[&'static str],
        from: &str,
        ascending: bool,
    ) -> Result<Found, StoreError> {
        let (name, number) = search_patterns(search);
        let mut walk = Walk {
            tables: self,
            state: None,
            ascending,
            since: page.since.map_or(i64::MIN, millis),
            floor: page.since.map(first_id).unwrap_or_default(),
            name,
            number,
            limit: i64::from(page.limit),
            origin: page.origin.map_or("", rows::origin_word),
        };
        let mut found = Found::default();
        if states.is_empty() {
            walk.read(from.to_owned(), &mut found)?;
        }
        for state in states {
            walk.state = Some(state);
            walk.read(from.to_owned(), &mut found)?;
        }
        Ok(found)
    }
}

pub(super) fn counts(tallies: &[(String, u64)]) -> Counts {
    let mut counts = Counts::default();
    for (state, count) in tallies {
        match State::from_word(state).map(State::group) {
            Some(Group::Queued) => counts.queued += count,
            Some(Group::Sending) => counts.sending += count,
            Some(Group::Created) => counts.created += count,
            Some(Group::Deleted) => counts.deleted += count,
            Some(Group::Duplicate) => counts.duplicate += count,
            // A damaged row says of itself what nobody can read.
            Some(Group::Attention) | None => counts.attention += count,
        }
    }
    counts
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
    fn read(&self, mut from: String, found: &mut Found) -> Result<(), StoreError> {
        let most = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let before = found.entries.len();
        loop {
            let rows = self.rows(&from)?;
            let (read, last) = (rows.len(), rows.last().map(id_of));
            for row in rows {
                found.take(row);
            }
            match last {
                Some(last) if read >= most && found.entries.len() - before < most => {
                    from = last;
                    if self.ascending {
                        // Right behind it.
                        from.push('~');
                    }
                }
                Some(_) | None => return Ok(()),
            }
        }
    }

    fn rows(&self, from: &str) -> Result<Vec<Result<Entry, Damaged>>, StoreError> {
        if self.name.is_empty() { self.next_rows(from) } else { self.matching(from) }
    }

    /// The rows right before `from`, or from it on.
    fn next_rows(&self, from: &str) -> Result<Vec<Result<Entry, Damaged>>, StoreError> {
        let (place, order) = (self.place(), self.order());
        let sql = next_rows_sql(self.index(), place, order);
        let state = self.state.unwrap_or("");
        let estate = self.tables.estate;
        let values = params![estate, from, state, self.since, self.floor, self.limit, self.origin];
        self.tables.all(&sql, values, rows::entry)
    }

    /// The rows before or from `from` on that are searched for, in a state that has few.
    fn matching(&self, from: &str) -> Result<Vec<Result<Entry, Damaged>>, StoreError> {
        let (index, place, order) = (self.index(), self.place(), self.order());
        let sql = format!(
            "SELECT {} FROM outbox INDEXED BY {index} WHERE {place} \
             AND (folded LIKE ?4 ESCAPE '\\' OR (?5 <> '' AND e164 LIKE ?5)) \
             AND submitted_at >= ?6 AND (?8 = '' OR origin = ?8) ORDER BY id {order} LIMIT ?7",
            rows::OUTBOX
        );
        let values = params![
            self.tables.estate,
            from,
            self.state.unwrap_or(""),
            self.name,
            self.number,
            self.since,
            self.limit,
            self.origin,
        ];
        self.tables.all(&sql, values, rows::entry)
    }

    /// Whether only what was typed is wanted, which has an index of its own.
    fn is_typed(&self) -> bool {
        self.origin == rows::origin_word(Origin::Form)
    }

    fn place(&self) -> &'static str {
        match (self.state, self.ascending) {
            (None, true) if self.is_typed() => {
                "estate = ?1 AND id >= ?2 AND ?3 = '' AND origin = 'form'"
            }
            (None, false) if self.is_typed() => {
                "estate = ?1 AND id < ?2 AND ?3 = '' AND origin = 'form'"
            }
            (Some(_), true) => "estate = ?1 AND id >= ?2 AND state = ?3",
            (Some(_), false) => "estate = ?1 AND id < ?2 AND state = ?3",
            (None, true) => "estate = ?1 AND id >= ?2 AND ?3 = ''",
            (None, false) => "estate = ?1 AND id < ?2 AND ?3 = ''",
        }
    }

    /// The index to walk. It is named because the engine, which knows nothing of how many rows
    /// are in which state, would walk a million to find none.
    fn index(&self) -> &'static str {
        match self.state {
            Some(_) => "outbox_state_page",
            None if self.is_typed() => "outbox_typed_page",
            None => "outbox_page",
        }
    }

    fn order(&self) -> &'static str {
        if self.ascending { "ASC" } else { "DESC" }
    }
}

fn next_rows_sql(index: &str, place: &str, order: &str) -> String {
    format!(
        "SELECT {} FROM outbox INDEXED BY {index} WHERE {place} AND submitted_at >= ?4 AND id >= ?5 \
         AND (?7 = '' OR origin = ?7) ORDER BY id {order} LIMIT ?6",
        rows::OUTBOX
    )
}

fn id_of(row: &Result<Entry, Damaged>) -> String {
    match row {
        Ok(entry) => entry.submission.id.to_string(),
        Err(damaged) => damaged.id.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tables::tests::{plan, scratch};

    /// In a store with a million rows of one state, pages of the others must not walk it.
    #[tokio::test]
    async fn pages_of_a_state_are_found_by_it() {
        let (_folder, store) = scratch().await;
        for (state, ascending, origin, used) in [
            (Some("sending"), true, "", "outbox_state_page (estate=? AND state=? AND id>?"),
            (
                Some("sending"),
                false,
                "form",
                "outbox_state_page (estate=? AND state=? AND id>? AND id<?",
            ),
            (None, true, "", "outbox_page (estate=? AND id>?"),
            (None, false, "import", "outbox_page (estate=? AND id>? AND id<?"),
            (None, false, "form", "outbox_typed_page (estate=? AND id>? AND id<?"),
        ] {
            let sql = store.read(move |tables| {
                let walk = Walk {
                    tables,
                    state,
                    ascending,
                    since: i64::MIN,
                    floor: String::new(),
                    name: String::new(),
                    number: String::new(),
                    limit: 1,
                    origin,
                };
                Ok(next_rows_sql(walk.index(), walk.place(), walk.order()))
            });
            let steps = plan(&store, sql.await.unwrap()).await;
            assert!(steps[0].contains(used), "{steps:?}");
            assert_eq!(steps.len(), 1, "nothing is sorted: {steps:?}");
        }
    }
}
