//! The rows of a real run: into the outbox, then waiting for their delivery.
//!
//! ```text
//!   spool -> held here already? --yes--> followed, or told as done before
//!                 | no
//!                 '-> accept (committed, synced) -> followed until settled
//! ```
//!
//! What a row came to is read from the store, whoever delivers it: this process, or an
//! agent's form beside it. A row that this store holds under the same names is never
//! stored twice, so the same file can be run again after anything that cut it short.

mod wait;

pub(super) use wait::LastWords;

use std::{collections::BTreeMap, io};

use anyhow::{Context as _, Result};
use jiff::Timestamp;

use super::{
    progress::say,
    row::{RowPosition, RowVerdict, SpooledRow},
    spool::Spool,
    tell::{ImportPrinter, RowOutcome, is_settled},
};
use crate::{
    contact::{Contact, Note},
    delivery::clock,
    headless::output::Because,
    store::Store,
    submission::{Entry, Origin, Submission, SubmissionId},
};

/// `RowLedger` read from the store, or stored, at once.
const AT_ONCE: usize = 500;

/// Which submission is a row's.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowSubmission {
    pub(super) id: SubmissionId,
    /// It was there before this run.
    pub(super) before: bool,
}

/// A row whose last word is due, and what is said with it.
#[derive(Debug)]
struct PendingRow {
    at: RowPosition,
    notes: Box<[Note]>,
}

impl PendingRow {
    fn of(row: &SpooledRow) -> Self {
        Self { at: row.at(), notes: row.judged.notes.clone().into() }
    }
}

/// The rows that have a submission, by number, and those whose last word is due.
#[derive(Debug, Default)]
pub(super) struct RowLedger {
    /// `SpooledRow` `n` is at `n - 1`.
    pub(super) fates: Vec<Option<RowSubmission>>,
    /// By id, which is the order they are sent in.
    pending: BTreeMap<SubmissionId, PendingRow>,
    /// Numbers of the rows that were entered before.
    pub(super) before: Vec<u32>,
}

impl RowLedger {
    /// Stores every row that may be sent and tells those that may not.
    ///
    /// # Errors
    /// A sentence that says how far it came; what was stored stays and is delivered.
    pub(super) async fn store(
        spool: &mut Spool,
        store: &Store,
        allow_unusual: bool,
        teller: &mut ImportPrinter,
    ) -> Result<Self> {
        let mut rows = Self::default();
        let mut part = Vec::with_capacity(AT_ONCE);
        for row in spool.rows()? {
            let row = row.context("the temporary copy of the rows cannot be read back")?;
            part.push(row);
            if part.len() == AT_ONCE {
                rows.store_part(std::mem::take(&mut part), store, allow_unusual, teller).await?;
            }
        }
        rows.store_part(part, store, allow_unusual, teller).await?;
        Ok(rows)
    }

    async fn store_part(
        &mut self,
        part: Vec<SpooledRow>,
        store: &Store,
        allow_unusual: bool,
        teller: &mut ImportPrinter,
    ) -> Result<()> {
        let first = part.first().map_or(1, |row| row.number);
        let result = self.try_store(part, store, allow_unusual, teller).await;
        result.with_context(|| {
            format!(
                "rows from {first} on are not stored (those before are, and `rolodesk sync` \
                 delivers them; import the same file again once this is mended, nothing is made \
                 twice)"
            )
        })
    }

    async fn try_store(
        &mut self,
        part: Vec<SpooledRow>,
        store: &Store,
        allow_unusual: bool,
        teller: &mut ImportPrinter,
    ) -> Result<()> {
        let contacts = part.iter().filter_map(|row| to_send(row, allow_unusual));
        let fresh: Vec<_> = contacts.map(|contact| submission(contact.clone())).collect();
        let entries = store.accept_new(&fresh, is_same, clock::now()).await?;
        let mut stored = fresh.iter().zip(entries);
        for row in part {
            let wanted = to_send(&row, allow_unusual).and_then(|_| stored.next());
            let Some((submission, entry)) = wanted else {
                self.fates.push(None);
                teller.tell(&unsent(&row));
                continue;
            };
            let (id, before) = (entry.submission.id, entry.submission.id != submission.id);
            if before {
                self.before.push(row.number);
            }
            if is_settled(&entry.status) {
                teller.tell(&RowOutcome::stored(row.at(), &entry, before, &row.judged.notes));
            } else {
                self.pending.insert(id, PendingRow::of(&row));
            }
            self.fates.push(Some(RowSubmission { id, before }));
        }
        Ok(())
    }
}

impl RowLedger {
    /// What the store says by now of some rows.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) async fn told(
        &self,
        store: &Store,
        rows: impl Iterator<Item = SpooledRow>,
    ) -> Result<Vec<(SpooledRow, RowOutcome)>> {
        let rows: Vec<_> = rows.map(|row| (self.fate(row.number), row)).collect();
        let ids: Vec<_> = rows.iter().filter_map(|(fate, _)| Some((*fate)?.id)).collect();
        let entries = by_id(store.entries(&ids).await?);
        let told = |(fate, row): (Option<RowSubmission>, SpooledRow)| {
            let told = match fate.map(|fate| (entries.get(&fate.id), fate.before)) {
                None => unsent(&row),
                Some((Some(entry), before)) => {
                    RowOutcome::stored(row.at(), entry, before, &row.judged.notes)
                }
                Some((None, _)) => discarded(row.at()),
            };
            (row, told)
        };
        Ok(rows.into_iter().map(told).collect())
    }

    fn fate(&self, row: u32) -> Option<RowSubmission> {
        let at = usize::try_from(row).ok()?.checked_sub(1)?;
        self.fates.get(at).copied().flatten()
    }

    fn was_before(&self, row: u32) -> bool {
        self.fate(row).is_some_and(|fate| fate.before)
    }
}

/// Entries by their id.
pub(super) fn by_id(entries: Vec<Entry>) -> BTreeMap<SubmissionId, Entry> {
    entries.into_iter().map(|entry| (entry.submission.id, entry)).collect()
}

fn discarded(at: RowPosition) -> RowOutcome {
    RowOutcome {
        status: "rejected",
        id: None,
        e164: None,
        full_name: String::new(),
        because: Because::of("discarded", Some("was discarded before it was sent".into())),
        existing: None,
        at,
    }
}

fn submission(contact: Contact) -> Submission {
    Submission {
        id: SubmissionId::fresh(),
        contact,
        origin: Origin::Import,
        submitted_at: Timestamp::now(),
        corrects: None,
    }
}

/// The same person with the same number. How they are addressed makes no other of them,
/// nor does where the name is taken apart: an export holds it whole.
fn is_same(one: &Contact, other: &Contact) -> bool {
    one.phone.e164() == other.phone.e164() && one.full_name() == other.full_name()
}

/// The contact of a row that is sent.
fn to_send(row: &SpooledRow, allow_unusual: bool) -> Option<&Contact> {
    match &row.judged.verdict {
        RowVerdict::Valid(contact) => Some(contact),
        RowVerdict::Unusual(contact, _) => allow_unusual.then_some(contact),
        RowVerdict::Repeated(..) | RowVerdict::Invalid(_) => None,
    }
}

/// The last word on a row that is not sent in a real run.
pub(super) fn unsent(row: &SpooledRow) -> RowOutcome {
    let told = match &row.judged.verdict {
        RowVerdict::Valid(contact) => RowOutcome::unsent(row, "queued", Some(contact)),
        RowVerdict::Unusual(contact, why) => RowOutcome::unsent(row, "invalid", Some(contact))
            .because("unusual_number", format!("{why}; --allow-unusual sends it all the same")),
        RowVerdict::Repeated(contact, of) => {
            RowOutcome::unsent(row, "duplicate", Some(contact)).repeats(*of)
        }
        RowVerdict::Invalid(why) => {
            RowOutcome::unsent(row, "invalid", None).because("invalid", why.clone())
        }
    };
    told.noting(&row.judged.notes)
}

/// Says which rows were done before, in a line.
pub(super) fn say_before(rows: &[u32]) {
    const MOST: usize = 20;
    if rows.is_empty() {
        return;
    }
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for row in rows {
        match ranges.last_mut() {
            Some((_, to)) if *to + 1 == *row => *to = *row,
            _ => ranges.push((*row, *row)),
        }
    }
    let shown = |(from, to): &(u32, u32)| {
        if from == to { from.to_string() } else { format!("{from}-{to}") }
    };
    let mut told: Vec<_> = ranges.iter().take(MOST).map(shown).collect();
    if ranges.len() > MOST {
        told.push("…".into());
    }
    let (count, list) = (rows.len(), told.join(", "));
    let (were, are) = if count == 1 { ("row was", "is") } else { ("rows were", "are") };
    say(&format!("{count} {were} entered before and {are} not entered again: {list}\n"));
}

/// A broken temporary file ends the run; what was stored stays.
pub(super) fn cannot_keep(error: &io::Error) -> anyhow::Error {
    anyhow::anyhow!("the rows cannot be kept for reading them twice: {error}; nothing was stored")
}
