//! What must hold at every moment: what is told of each contact is true of the platform, and
//! nothing accepted is lost. The first violation ends the run with its story.

use super::platform::Platform;
use crate::{
    store::Store,
    submission::{Entry, Group, Page, Reason, Status},
};

/// Every row as it is told now.
pub(crate) async fn rows(store: &Store) -> Vec<Entry> {
    store.page(&Page { limit: 1_000, ..Page::default() }).await.unwrap()
}

/// What was tried for each row, for the story of a violation.
pub(crate) async fn attempts(store: &Store, rows: &[Entry]) -> String {
    let mut told = Vec::new();
    for row in rows {
        let tried = store.entry(row.submission.id).await.unwrap().map(|(_, tried)| tried);
        told.push(format!("attempts for {}, {:?}: {tried:#?}", row.submission.id, row.status));
    }
    told.join("\n")
}

/// Why something that is told is not true; `None` when all of it is.
pub(crate) fn violation(rows: &[Entry], platform: &Platform) -> Option<String> {
    rows.iter().find_map(|row| untrue(row, rows, platform))
}

/// Whether the row has its last word.
pub(crate) fn is_settled(row: &Entry) -> bool {
    !matches!(row.status.group(), Group::Queued | Group::Sending)
}

fn untrue(row: &Entry, rows: &[Entry], platform: &Platform) -> Option<String> {
    let number = row.submission.contact.phone.e164();
    let holder = platform.holder(number.as_str());
    let told = |row: &Entry| row.status.created_id().map(|id| id.0.clone());
    let exists_by_us = holder.as_ref().filter(|holder| {
        // Another row of the number may be that contact, and say so.
        let others = rows.iter().filter(|it| {
            it.submission.id != row.submission.id && it.submission.contact.phone.e164() == number
        });
        let tells = |it: &Entry| {
            it.may_exist()
                || is_being_looked_for(it)
                || told(it).as_ref() == Some(&holder.id)
                || (!platform.tells_whose() && says_same_name(it))
        };
        holder.ours && !others.into_iter().any(tells)
    });
    let why = match &row.status {
        Status::Created { id, .. } => match &holder {
            None => "told as created, but it is not there",
            Some(holder) if !holder.ours => "somebody else's contact is claimed",
            Some(holder) if holder.id != id.0 => "told as another contact",
            Some(_) if rows.iter().filter(|it| told(it).as_ref() == Some(&id.0)).count() > 1 => {
                "two submissions are one contact"
            }
            Some(_) => return None,
        },
        Status::Duplicate { .. } if holder.is_none() => "a duplicate of nobody",
        Status::Duplicate { .. } if is_being_looked_for(row) => return None,
        // Where requests may be forgotten, a name is all that speaks for us.
        Status::Duplicate { .. } if platform.sends_blindly() => return None,
        // Without a date or a maker, only that much can be said of a proxy's second copy.
        Status::Duplicate { .. } if !platform.tells_whose() && says_same_name(row) => return None,
        Status::Duplicate { .. } if exists_by_us.is_some() => "a duplicate of ourselves",
        Status::Queued(_)
        | Status::Unclear(_)
        | Status::Rejected { .. }
        | Status::Attention { .. }
            if exists_by_us.is_some() && !row.may_exist() =>
        {
            "it exists, and nobody is told that it may"
        }
        Status::Queued(_)
        | Status::Unclear(_)
        | Status::Sending
        | Status::Duplicate { .. }
        | Status::Deleted { .. }
        | Status::Rejected { .. }
        | Status::Attention { .. } => return None,
    };
    Some(format!("{why}: {row:#?}\nheld by {holder:?}"))
}

/// Nobody is named: the number is taken, by whom is looked for or cannot be seen.
pub(crate) fn is_being_looked_for(row: &Entry) -> bool {
    let Status::Duplicate { owners, remark } = &row.status else { return false };
    owners.is_empty() || *remark == Some(Reason::CheckingOwner)
}

fn says_same_name(row: &Entry) -> bool {
    matches!(row.status, Status::Duplicate { remark: Some(Reason::SameName), .. })
}
