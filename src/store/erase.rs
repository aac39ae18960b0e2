//! Erasing a person or an age: rows, attempts, what is known of the platform's contacts, the
//! half-typed contact, and every mention in what is kept of others. The platform is not
//! asked for anything, and what is not settled stays, for it would be sent.
//!
//! What is erased is zeroed in the file (`secure_delete`); afterwards the file is written
//! anew and the write-ahead log cut off, so that no older page holds it either.

use jiff::Timestamp;
use rusqlite::params;
use uuid::Uuid;

use super::{Store, StoreError, rows::millis, tables::Tables};
use crate::{
    audit::{AuditRecord, AuditVerb},
    contact::{E164, name::folded},
    submission::SubmissionId,
};

/// Who or what is erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Erasure {
    /// Whoever has this number.
    Number(E164),
    /// Whoever is called so, whatever the case and accents.
    Name(String),
    /// What was submitted, or last seen, before this time.
    Before(Timestamp),
}

/// What was erased, or would be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Erased {
    /// Rows, by their ids.
    pub rows: Vec<String>,
    /// Attempts of those rows.
    pub attempts: u64,
    /// Contacts of the platform's list.
    pub contacts: u64,
    /// Half-typed contacts.
    pub drafts: u64,
    /// Rows of others that mentioned the person.
    pub mentions: u64,
    /// Rows that are not settled, which stay.
    pub unsettled: u64,
}

impl Erased {
    /// Whether there was nothing to erase.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        let Self { rows, attempts, contacts, drafts, mentions, unsettled: _ } = self;
        rows.is_empty() && attempts + contacts + drafts + mentions == 0
    }
}

/// More rows than this are forgotten by writing all lines of the search anew.
const FEW_ROWS: usize = 500;

/// A row that is to go.
struct Row {
    id: String,
    estate: i64,
    platform_id: Option<String>,
    settled: bool,
}

impl Store {
    /// Erases from every profile of the store; with `dry_run` only tells what it would.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn erase(&self, erasure: Erasure, dry_run: bool) -> Result<Erased, StoreError> {
        let (erased, contacts) = self.write(move |tables| tables.erase(&erasure, dry_run)).await?;
        if !dry_run {
            self.audit(erased.rows.iter().zip(contacts).map(|(row, contact)| AuditRecord {
                verb: AuditVerb::Purge,
                row: Some(row.clone()),
                contact,
                outcome: "erased".to_owned(),
            }));
            if erased.rows.is_empty() && !erased.is_nothing() {
                self.audit([AuditRecord::of(AuditVerb::Purge, "erased")]);
            }
        }
        Ok(erased)
    }

    /// Writes the file anew, so that nothing of what was erased is left in it, and cuts the
    /// write-ahead log off. Where others read just now, the log is cut off when they end.
    ///
    /// # Errors
    /// When the disk is full or another process holds the store.
    pub async fn forget_erased(&self, thoroughly: bool) -> Result<(), StoreError> {
        self.connections
            .write(move |writer| {
                if thoroughly {
                    writer.connection.execute_batch("VACUUM")?;
                }
                let cut = "PRAGMA wal_checkpoint(TRUNCATE)";
                Ok(writer.connection.query_row(cut, [], |_| Ok(()))?)
            })
            .await
    }
}

impl Tables<'_> {
    fn erase(
        &self,
        erasure: &Erasure,
        dry_run: bool,
    ) -> Result<(Erased, Vec<Option<String>>), StoreError> {
        let (settled, open): (Vec<_>, Vec<_>) =
            self.rows_of(erasure)?.into_iter().partition(|row| row.settled);
        let mut erased = Erased { unsettled: open.len() as u64, ..Erased::default() };
        for row in &settled {
            let sql = "SELECT count(*) FROM attempt WHERE submission = ?1";
            erased.attempts += self.count(sql, [&row.id])?;
        }
        erased.contacts = self.count_contacts(erasure)?;
        let drafts = self.drafts_of(erasure)?;
        erased.drafts = drafts.len() as u64;
        if !dry_run {
            for row in &settled {
                self.execute("DELETE FROM attempt WHERE submission = ?1", [&row.id])?;
                self.execute("DELETE FROM outbox WHERE id = ?1", [&row.id])?;
            }
            if !settled.is_empty() {
                self.recount_all()?;
                self.unindex_rows(&settled)?;
            }
            self.delete_contacts(erasure)?;
            for id in drafts {
                self.execute("DELETE FROM memory WHERE rowid = ?1", [id])?;
            }
        }
        erased.mentions = self.scrub(erasure, &settled, dry_run)?;
        let contacts = settled.iter().map(|row| row.platform_id.clone()).collect();
        erased.rows = settled.into_iter().map(|row| row.id).collect();
        Ok((erased, contacts))
    }

    fn rows_of(&self, erasure: &Erasure) -> Result<Vec<Row>, StoreError> {
        let columns =
            "SELECT id, estate, platform_id, settled_at IS NOT NULL AS settled FROM outbox";
        let read = |row: &rusqlite::Row<'_>| {
            Ok(Row {
                id: row.get("id")?,
                estate: row.get("estate")?,
                platform_id: row.get("platform_id")?,
                settled: row.get("settled")?,
            })
        };
        let found: Vec<Result<Row, rusqlite::Error>> = match erasure {
            Erasure::Number(number) => {
                let sql = format!("{columns} WHERE e164 = ?1");
                self.all(&sql, [number.to_string()], read)?
            }
            Erasure::Name(name) => {
                self.all(&format!("{columns} WHERE folded = ?1"), [folded(name)], read)?
            }
            Erasure::Before(time) => {
                self.all(&format!("{columns} WHERE submitted_at < ?1"), [millis(*time)], read)?
            }
        };
        Ok(found.into_iter().collect::<Result<_, _>>()?)
    }

    /// The counts are kept beside the rows.
    fn recount_all(&self) -> Result<(), StoreError> {
        self.execute("DELETE FROM tally", [])?;
        self.execute(
            "INSERT INTO tally (estate, state, origin, count) \
             SELECT estate, state, origin, count(*) FROM outbox GROUP BY estate, state, origin",
            [],
        )?;
        Ok(())
    }

    /// The search's lines hold names and numbers as well.
    fn unindex_rows(&self, gone: &[Row]) -> Result<(), StoreError> {
        if gone.len() > FEW_ROWS {
            let estates: std::collections::BTreeSet<_> =
                gone.iter().map(|row| row.estate).collect();
            return estates
                .into_iter()
                .try_for_each(|estate| Tables { estate, ..*self }.index_anew());
        }
        for row in gone {
            if let Ok(id) = Uuid::parse_str(&row.id) {
                Tables { estate: row.estate, ..*self }.unindex(SubmissionId(id))?;
            }
        }
        Ok(())
    }

    fn count_contacts(&self, erasure: &Erasure) -> Result<u64, StoreError> {
        let (wanted, value) = contacts_of(erasure);
        self.count(&format!("SELECT count(*) FROM directory WHERE {wanted}"), [value])
    }

    fn delete_contacts(&self, erasure: &Erasure) -> Result<(), StoreError> {
        let (wanted, value) = contacts_of(erasure);
        self.execute(&format!("DELETE FROM directory WHERE {wanted}"), [value])?;
        Ok(())
    }

    /// What was typed and not submitted, where it names the person or is as old.
    fn drafts_of(&self, erasure: &Erasure) -> Result<Vec<i64>, StoreError> {
        let mention = match erasure {
            Erasure::Number(number) => Mention::of_number(number),
            Erasure::Name(name) => Mention::of_names(vec![name.clone()]),
            Erasure::Before(time) => {
                let sql = "SELECT rowid FROM memory WHERE written_at < ?1 AND key = 'draft'";
                let old: Vec<Result<i64, rusqlite::Error>> =
                    self.all(sql, [millis(*time)], |row| row.get(0))?;
                return Ok(old.into_iter().collect::<Result<_, _>>()?);
            }
        };
        let kept: Vec<Result<(i64, String), rusqlite::Error>> =
            self.all("SELECT rowid, value FROM memory", [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let kept = kept.into_iter().collect::<Result<Vec<_>, _>>()?;
        Ok(kept
            .into_iter()
            .filter(|(_, text)| mention.is_in_draft(text))
            .map(|(id, _)| id)
            .collect())
    }

    /// Takes the person out of what is kept of others: the platform names whose a number is,
    /// and an answer to many contacts names them all.
    fn scrub(&self, erasure: &Erasure, gone: &[Row], dry_run: bool) -> Result<u64, StoreError> {
        let mention = match erasure {
            Erasure::Number(number) => Mention::of_number(number),
            Erasure::Name(name) => {
                let sql =
                    "SELECT full_name FROM directory WHERE folded = ?1 AND full_name IS NOT NULL";
                let mut names: Vec<Result<String, rusqlite::Error>> =
                    self.all(sql, [folded(name)], |row| row.get(0))?;
                names.push(Ok(name.clone()));
                Mention::of_names(names.into_iter().collect::<Result<_, _>>()?)
            }
            Erasure::Before(_) => return Ok(0),
        };
        let mut mentions = 0;
        for (table, id, column) in MENTIONING {
            let sql =
                format!("SELECT rowid, {id}, {column} FROM {table} WHERE {column} IS NOT NULL");
            let kept: Vec<Result<(i64, String, String), rusqlite::Error>> =
                self.all(&sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            for found in kept {
                let (rowid, owner, text) = found?;
                let Some(clean) = mention.taken_out_of(&text) else { continue };
                if gone.iter().any(|row| row.id == owner) {
                    continue;
                }
                mentions += 1;
                if !dry_run {
                    let sql = format!("UPDATE {table} SET {column} = ?1 WHERE rowid = ?2");
                    self.execute(&sql, params![clean, rowid])?;
                }
            }
        }
        Ok(mentions)
    }
}

/// Where others' words are kept: the table, whose row it is, and the column.
const MENTIONING: [(&str, &str, &str); 5] = [
    ("outbox", "id", "reason"),
    ("outbox", "id", "remark"),
    ("outbox", "id", "owners"),
    ("outbox", "id", "target"),
    ("attempt", "submission", "outcome"),
];

/// Which of the platform's contacts, as a condition and its value.
fn contacts_of(erasure: &Erasure) -> (&'static str, rusqlite::types::Value) {
    match erasure {
        Erasure::Number(number) => ("e164 = ?1", number.to_string().into()),
        Erasure::Name(name) => ("folded = ?1", folded(name).into()),
        Erasure::Before(time) => ("seen_at < ?1", millis(*time).into()),
    }
}

/// How a person may be named in text.
struct Mention {
    digits: Option<String>,
    names: Vec<String>,
}

/// What stands in the place of a mention.
const REMOVED: &str = "[removed]";
/// Fewer digits are found in any text.
const SHORTEST_NUMBER: usize = 6;

impl Mention {
    fn of_number(number: &E164) -> Self {
        let digits: String = number.to_string().chars().filter(char::is_ascii_digit).collect();
        Self { digits: Some(digits), names: Vec::new() }
    }

    fn of_names(names: Vec<String>) -> Self {
        Self { digits: None, names }
    }

    /// The text without the mention, where there is one.
    fn taken_out_of(&self, text: &str) -> Option<String> {
        let mut clean = match &self.digits {
            Some(digits) => without_number(text, digits),
            None => text.to_owned(),
        };
        for name in self.names.iter().filter(|name| !name.trim().is_empty()) {
            clean = clean.replace(name.as_str(), REMOVED);
        }
        (clean != text).then_some(clean)
    }

    /// A draft holds a number as it was typed, and a name in parts.
    fn is_in_draft(&self, text: &str) -> bool {
        let typed: String = text.chars().filter(char::is_ascii_digit).collect();
        let has_number = self.digits.as_deref().is_some_and(|digits| {
            // A national number has neither the calling code nor, often, a leading zero.
            let end = digits.len().saturating_sub(9).max(digits.len().min(3));
            typed.contains(&digits[end..]) && digits[end..].len() >= SHORTEST_NUMBER
        });
        let said = folded(text);
        let has_name = |name: &String| {
            let mut words = folded(name);
            words.retain(|letter| letter != '"');
            !words.trim().is_empty() && words.split_whitespace().all(|word| said.contains(word))
        };
        has_number || self.names.iter().any(has_name)
    }
}

/// A text without a number, whatever stands between its digits.
fn without_number(text: &str, digits: &str) -> String {
    let between = |letter: char| matches!(letter, ' ' | '-' | '(' | ')' | '.' | '\u{a0}');
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|letter: char| letter == '+' || letter.is_ascii_digit()) {
        let (before, run) = rest.split_at(start);
        clean.push_str(before);
        let end = run[1..].find(|letter: char| !letter.is_ascii_digit() && !between(letter));
        let (run, behind) = run.split_at(end.map_or(run.len(), |end| end + 1));
        let found: String = run.chars().filter(char::is_ascii_digit).collect();
        if found.len() >= SHORTEST_NUMBER && found.contains(digits) {
            clean.push_str(REMOVED);
            // What only parted it from what follows stays.
            clean.push_str(&run[run.trim_end_matches(between).len()..]);
        } else {
            clean.push_str(run);
        }
        rest = behind;
    }
    clean + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number() -> Mention {
        Mention { digits: Some("447911123123".into()), names: Vec::new() }
    }

    #[test]
    fn a_number_is_taken_out_of_text_however_it_is_written_and_no_other_is() {
        for (text, clean) in [
            ("taken by +44 7911 123123.", "taken by [removed]."),
            (
                "{\"numbers\":[\"447911123123\",\"447911123124\"]}",
                "{\"numbers\":[\"[removed]\",\"447911123124\"]}",
            ),
            ("+447911-123-123, +447911123124", "[removed], +447911123124"),
            ("(+44) 7911 123123 of 3", "([removed] of 3"),
        ] {
            assert_eq!(number().taken_out_of(text).as_deref(), Some(clean), "{text}");
        }
        for text in ["+447911123124", "no number", "44 7911 12312"] {
            assert_eq!(number().taken_out_of(text), None);
        }
    }

    #[test]
    fn a_draft_names_a_person_by_a_number_as_typed_or_by_all_parts_of_a_name() {
        let draft = r#"{"first_name":"Zoë","last_name":"Roe","phone":"07911 123 123"}"#;
        assert!(number().is_in_draft(draft));
        let named = |name: &str| Mention::of_names(vec![name.into()]).is_in_draft(draft);
        assert!(named("zoe roe") && named("Roe Zoë") && !named("Zoë Doe"));
    }
}
