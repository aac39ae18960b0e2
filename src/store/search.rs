//! Searching names and numbers: not row by row, but through the lines of some hundred rows at
//! a time, kept beside them in the order of their ids. A search that finds nothing in a million
//! rows reads some ten thousand pages; one letter costs no more than ten.

use memchr::memmem::Finder;
use rusqlite::params;
use uuid::Uuid;

use super::{StoreError, tables::Tables};
use crate::submission::{Search, SubmissionId};

/// Rows whose lines lie together; twice as many are parted.
const LINES: usize = 400;

/// What is searched for in the lines.
pub(super) struct Needle {
    name: Finder<'static>,
    digits: Option<Finder<'static>>,
}

impl Needle {
    /// `None` where everything is wanted.
    pub(super) fn new(text: &str) -> Option<Self> {
        let Search { name, digits } = Search::parse(text);
        let finder = |text: &str| Finder::new(text).into_owned();
        (!name.is_empty())
            .then(|| Self { name: finder(&name), digits: digits.as_deref().map(finder) })
    }

    /// The lines that hold it, by their number.
    fn lines(&self, text: &[u8]) -> Vec<usize> {
        let mut lines = Self::lines_with(&self.name, text, false);
        if let Some(digits) = &self.digits {
            lines.extend(Self::lines_with(digits, text, true));
            lines.sort_unstable();
            lines.dedup();
        }
        lines
    }

    fn lines_with(finder: &Finder<'_>, bytes: &[u8], number_only: bool) -> Vec<usize> {
        let (mut lines, mut line, mut counted, mut from) = (Vec::new(), 0, 0, 0);
        while let Some(at) = finder.find(&bytes[from..]).map(|at| from + at) {
            line += memchr::memchr_iter(b'\n', &bytes[counted..at]).count();
            counted = at;
            let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end);
            // Behind the tab there is the number alone.
            let is_number = memchr::memchr(b'\t', &bytes[at..end]).is_none();
            if is_number == number_only {
                lines.push(line);
                from = end;
            } else {
                from = at + 1;
            }
        }
        lines
    }
}

/// The lines of some rows whose ids follow each other.
struct Block {
    lines: Vec<(Uuid, String)>,
}

impl Block {
    fn parse(text: &str, ids: &[u8]) -> Self {
        let ids = ids.chunks_exact(16).filter_map(|id| Uuid::from_slice(id).ok());
        Self { lines: ids.zip(text.split('\n').map(str::to_owned)).collect() }
    }

    fn put(&mut self, id: Uuid, line: String) {
        match self.lines.binary_search_by_key(&id, |(id, _)| *id) {
            Ok(at) => self.lines[at].1 = line,
            Err(at) => self.lines.insert(at, (id, line)),
        }
    }
}

/// The line of a row.
pub(super) fn line(folded: &str, e164: &str) -> String {
    format!("{}\t{e164}", folded.replace(['\n', '\t'], " "))
}

impl Tables<'_> {
    /// Adds the lines of rows, in the order of their ids.
    pub(super) fn index(
        &self,
        rows: impl IntoIterator<Item = (SubmissionId, String)>,
    ) -> Result<(), StoreError> {
        let mut rows = rows.into_iter().peekable();
        while let Some((id, _)) = rows.peek() {
            let (first, mut block) = self.block_of(*id)?;
            let next = self.block_after(first.as_deref(), *id)?;
            while let Some((id, line)) =
                rows.next_if(|(id, _)| next.as_ref().is_none_or(|next| id.to_string() < *next))
            {
                block.put(id.0, line);
                if block.lines.len() >= 2 * LINES {
                    break;
                }
            }
            self.write_block(first.as_deref(), &block)?;
        }
        Ok(())
    }

    /// Forgets the line of a row.
    pub(super) fn unindex(&self, id: SubmissionId) -> Result<(), StoreError> {
        let (first, mut block) = self.block_of(id)?;
        block.lines.retain(|(it, _)| *it != id.0);
        self.write_block(first.as_deref(), &block)
    }

    /// Writes all lines of the estate anew.
    pub(super) fn index_anew(&self) -> Result<(), StoreError> {
        self.execute("DELETE FROM search WHERE estate = ?1", [self.estate])?;
        let mut from = String::new();
        loop {
            let sql = "SELECT id, folded, e164 FROM outbox WHERE estate = ?1 AND id > ?2 \
                       ORDER BY id LIMIT ?3";
            let values = params![self.estate, from, i64::try_from(LINES).unwrap_or(i64::MAX)];
            let rows = self.all(sql, values, |row| {
                // A name that is no text keeps no other from being found.
                let text = |at: usize| {
                    let bytes = row.get_ref(at)?.as_bytes()?;
                    Ok::<_, rusqlite::Error>(String::from_utf8_lossy(bytes))
                };
                let line = line(&text(1)?, &text(2)?);
                Ok((row.get::<_, String>(0)?, line))
            })?;
            let rows = rows.into_iter().collect::<Result<Vec<_>, rusqlite::Error>>()?;
            let Some((last, _)) = rows.last() else { return Ok(()) };
            from.clone_from(last);
            let id = |id: &String| Uuid::parse_str(id).ok();
            let lines =
                rows.iter().filter_map(|(it, line)| Some((id(it)?, line.clone()))).collect();
            self.write_block(None, &Block { lines })?;
        }
    }

    /// The block that holds the id or would, and its first id; an empty one behind all others.
    fn block_of(&self, id: SubmissionId) -> Result<(Option<String>, Block), StoreError> {
        let sql = "SELECT first, text, ids FROM search WHERE estate = ?1 AND first <= ?2 \
                   ORDER BY first DESC LIMIT 1";
        let values = params![self.estate, id.to_string()];
        let found = self.first(sql, values, |row| {
            let block =
                Block::parse(row.get_ref("text")?.as_str()?, row.get_ref("ids")?.as_blob()?);
            Ok::<_, rusqlite::Error>((row.get("first")?, block))
        })?;
        match found.transpose()? {
            // A full one at the end is left as it is.
            Some((_, block))
                if block.lines.len() >= LINES
                    && block.lines.last().is_some_and(|(last, _)| *last < id.0)
                    && self.is_last(id)? =>
            {
                Ok((None, Block { lines: Vec::new() }))
            }
            Some((first, block)) => Ok((Some(first), block)),
            None => Ok((None, Block { lines: Vec::new() })),
        }
    }

    fn is_last(&self, id: SubmissionId) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM search WHERE estate = ?1 AND first > ?2 LIMIT 1";
        Ok(self.first(sql, params![self.estate, id.to_string()], |_| ())?.is_none())
    }

    /// The first id of the block behind the one that begins at `first`, or would at `id`.
    fn block_after(
        &self,
        first: Option<&str>,
        id: SubmissionId,
    ) -> Result<Option<String>, StoreError> {
        let sql = "SELECT min(first) FROM search WHERE estate = ?1 AND first > ?2";
        let behind = first.map_or_else(|| id.to_string(), str::to_owned);
        let found = self.first(sql, params![self.estate, behind], |row| row.get(0))?;
        Ok(found.transpose()?.flatten())
    }

    /// Puts the block in the place of the one that began at `first`.
    fn write_block(&self, first: Option<&str>, block: &Block) -> Result<(), StoreError> {
        if let Some(first) = first {
            self.execute(
                "DELETE FROM search WHERE estate = ?1 AND first = ?2",
                params![self.estate, first],
            )?;
        }
        for part in block.lines.chunks(LINES) {
            let Some((first, _)) = part.first() else { continue };
            let text: Vec<_> = part.iter().map(|(_, line)| line.as_str()).collect();
            let ids: Vec<u8> = part.iter().flat_map(|(id, _)| *id.as_bytes()).collect();
            self.execute(
                "INSERT OR REPLACE INTO search (estate, first, text, ids) VALUES (?1, ?2, ?3, ?4)",
                params![self.estate, first.to_string(), text.join("\n"), ids],
            )?;
        }
        Ok(())
    }

    /// The ids of the rows that hold the needle, from `from` on or before it, until `take` wants
    /// no more.
    pub(super) fn search(
        &self,
        needle: &Needle,
        from: &str,
        ascending: bool,
        mut take: impl FnMut(&str) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        let sql = if ascending {
            "SELECT text, ids FROM search WHERE estate = ?1 AND first >= coalesce((SELECT \
             max(first) FROM search WHERE estate = ?1 AND first <= ?2), '') ORDER BY first"
        } else {
            "SELECT text, ids FROM search WHERE estate = ?1 AND first < ?2 ORDER BY first DESC"
        };
        let mut statement = self.db.prepare_cached(sql)?;
        let mut blocks = statement.query(params![self.estate, from])?;
        while let Some(block) = blocks.next()? {
            // As bytes: to check that they are text would take longer than to search them.
            let mut lines = needle.lines(block.get_ref("text")?.as_bytes().map_err(from_sql)?);
            if lines.is_empty() {
                continue;
            }
            if !ascending {
                lines.reverse();
            }
            let ids = block.get_ref("ids")?.as_blob().map_err(from_sql)?;
            for line in lines {
                let id =
                    ids.get(line * 16..line * 16 + 16).and_then(|it| Uuid::from_slice(it).ok());
                let Some(id) = id.map(|id| id.to_string()) else { continue };
                let wanted = if ascending { id.as_str() >= from } else { id.as_str() < from };
                if wanted && !take(&id)? {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

fn from_sql(error: rusqlite::types::FromSqlError) -> StoreError {
    rusqlite::Error::from(error).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, lines: &[(&str, &str)]) -> Vec<usize> {
        let lines: Vec<_> = lines.iter().map(|(name, number)| line(name, number)).collect();
        Needle::new(text).unwrap().lines(lines.join("\n").as_bytes())
    }

    #[test]
    fn names_are_found_by_any_part_and_numbers_by_their_digits() {
        let lines =
            [("jane roe", "+4915112345678"), ("roe 2 smith", "+390600000002"), ("zoe", "+12")];
        assert_eq!(found("ROE", &lines), [0, 1]);
        assert_eq!(found("e r", &lines), [0]);
        assert_eq!(found("0151 123", &lines), [] as [usize; 0]);
        assert_eq!(found("+49 151-123", &lines), [0]);
        assert_eq!(found("2", &lines), [0, 1, 2]);
        assert_eq!(found("12", &lines), [0, 2]);
        assert_eq!(found("e\t+1", &lines), [] as [usize; 0]);
        assert_eq!(found("q", &lines), [] as [usize; 0]);
    }
}
