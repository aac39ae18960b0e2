//! `--dry-run`: what would become of each row, from what this machine knows; nothing is
//! stored and the platform is not asked.

use anyhow::{Context as _, Result};

use super::{
    ImportRequest,
    report::ReportFile,
    row::{RowVerdict, SpooledRow},
    spool::Spool,
    table::Table,
    tell::{ImportPrinter, RowOutcome, done_before},
};
use crate::{
    contact::Contact,
    exit::Exit,
    headless::output::{Because, Existing, id},
    store::Store,
    submission::{Entry, Record},
};

/// Rows looked up at once.
const AT_ONCE: usize = 500;

/// Tells and reports every row's verdict.
///
/// # Errors
/// When the store cannot be read, or the report cannot be written.
pub(super) async fn dry_run(
    store: &Store,
    spool: &mut Spool,
    mut teller: ImportPrinter,
    table: &Table,
    request: &ImportRequest,
) -> Result<Exit> {
    let path = request.report.as_deref();
    let mut report = path.map(|path| ReportFile::begin(path, table)).transpose()?;
    let mut rows = spool.rows()?;
    loop {
        let part: Vec<SpooledRow> = rows.by_ref().take(AT_ONCE).collect::<Result<_, _>>()?;
        if part.is_empty() {
            break;
        }
        for (row, told) in judged(store, part).await? {
            teller.tell(&told);
            if let Some(report) = &mut report {
                report.row(&row, &told)?;
            }
        }
    }
    report.map_or(Ok(()), ReportFile::keep)?;
    teller.summarise();
    teller.say_changes(request);
    let tally = teller.tally;
    if let Some(error) = teller.failure() {
        return Err(error).context("the verdicts cannot be printed");
    }
    let held_back = if request.allow_unusual { None } else { tally.unusual };
    Ok(if tally.failed() + held_back.unwrap_or(0) > 0 { Exit::Partly } else { Exit::Done })
}

async fn judged(store: &Store, part: Vec<SpooledRow>) -> Result<Vec<(SpooledRow, RowOutcome)>> {
    let numbers: Vec<_> =
        part.iter().filter_map(contact).map(|contact| contact.phone.e164()).collect();
    let (listed, held) = (store.listed(&numbers).await?, store.held(&numbers).await?);
    let told = |row: SpooledRow| {
        let told = verdict(&row, &listed, &held);
        (row, told)
    };
    Ok(part.into_iter().map(told).collect())
}

fn contact(row: &SpooledRow) -> Option<&Contact> {
    match &row.judged.verdict {
        RowVerdict::Valid(contact)
        | RowVerdict::Unusual(contact, _)
        | RowVerdict::Repeated(contact, _) => Some(contact),
        RowVerdict::Invalid(_) => None,
    }
}

fn verdict(row: &SpooledRow, listed: &[Record], held: &[Entry]) -> RowOutcome {
    let told = |status| RowOutcome::unsent(row, status, contact(row));
    let taken = |contact| {
        let (existing, why) = owner(contact, listed, held)?;
        let duplicate = told("duplicate").because("number_taken", why);
        Some(RowOutcome { existing: Some(existing), ..duplicate })
    };
    let outcome = match &row.judged.verdict {
        RowVerdict::Invalid(why) => told("invalid").because("invalid", why.clone()),
        RowVerdict::Repeated(_, of) => told("duplicate").repeats(*of),
        RowVerdict::Valid(contact) => taken(contact)
            .unwrap_or_else(|| RowOutcome { because: Because::of("valid", None), ..told("valid") }),
        RowVerdict::Unusual(contact, why) => {
            taken(contact).unwrap_or_else(|| told("unusual").because("unusual_number", why.clone()))
        }
    };
    outcome.noting(&row.judged.notes)
}

/// Whose number it is already, as far as this machine knows, and how to say it.
fn owner(contact: &Contact, listed: &[Record], held: &[Entry]) -> Option<(Existing, String)> {
    let number = contact.phone.e164();
    if let Some(entry) = held.iter().find(|entry| entry.submission.contact.phone.e164() == number) {
        let full_name = entry.submission.contact.full_name();
        let why = format!("{full_name} {}", done_before(entry));
        let existing = Existing { id: id(&entry.status), full_name: Some(full_name) };
        return Some((existing, why));
    }
    let record = listed.iter().find(|record| record.e164.as_ref() == Some(&number))?;
    let full_name = record.name();
    let why = match &full_name {
        Some(name) => format!("belongs to {name}"),
        None => "the number is taken".into(),
    };
    let id = record.id.as_ref().map(ToString::to_string);
    Some((Existing { id, full_name }, why))
}
