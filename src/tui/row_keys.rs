//! What can be done with a row as it stands, and what that is called: short in the hints,
//! whole beside the row. Nothing else is offered.

use crate::submission::{Entry, Status, Whose};

use super::keymap::Action;

/// An action and the word for it.
pub(super) type Offer = (Action, &'static str);

/// In one word each, for the line of hints.
pub(super) fn short(entry: &Entry, whose: Whose) -> Vec<Offer> {
    offers(entry, whose).into_iter().map(|(action, word, ..)| (action, word)).collect()
}

/// In a word or two, under the list.
pub(super) fn beside(entry: &Entry, whose: Whose) -> Vec<Offer> {
    offers(entry, whose).into_iter().map(|(action, _, word, _)| (action, word)).collect()
}

/// In one word each, on the row's own page.
pub(super) fn on_page(entry: &Entry, whose: Whose) -> Vec<Offer> {
    let word = |(action, short, beside, _): Offered| {
        (action, if action == Action::Copy { short } else { beside })
    };
    offers(entry, whose).into_iter().map(word).collect()
}

/// In full, on the row's own page.
pub(super) fn in_full(entry: &Entry, whose: Whose) -> Vec<Offer> {
    changing(entry, whose).map(|(action, .., word)| (action, word)).collect()
}

/// The same where that page is small.
pub(super) fn in_short(entry: &Entry, whose: Whose) -> Vec<Offer> {
    changing(entry, whose).map(|(action, _, word, _)| (action, word)).collect()
}

fn changing(entry: &Entry, whose: Whose) -> impl Iterator<Item = Offered> {
    offers(entry, whose).into_iter().filter(|(action, ..)| *action != Action::Copy)
}

type Offered = (Action, &'static str, &'static str, &'static str);

const COMPARE: Offered =
    (Action::Compare, "compare", "compare", "compare with the existing contact");
const EDIT: Offered = (Action::EditRow, "edit", "correct", "correct and send again");
const CHANGE: Offered = (Action::EditRow, "edit", "change", "change it on the platform");
const RETRY: Offered = (Action::Retry, "retry", "retry", "try again");
const DROP: Offered = (Action::Discard, "drop", "drop", "drop it");
const CALL_OFF: Offered = (Action::Discard, "call off", "call off", "call it off");
const FORGET: Offered = (Action::Discard, "forget", "forget", "forget the row");
const DELETE: Offered = (Action::DeleteContact, "delete", "delete", "delete it on the platform");
const COPY_ID: Offered = (Action::Copy, "copy", "copy id", "copy the id");
const COPY_NUMBER: Offered = (Action::Copy, "copy", "copy number", "copy the number");

fn offers(entry: &Entry, whose: Whose) -> Vec<Offered> {
    if whose == Whose::Everybody {
        let is_there = entry.status.created_id().is_some();
        return vec![if is_there { COPY_ID } else { COPY_NUMBER }];
    }
    let changes = entry.task.change().is_some();
    match &entry.status {
        Status::Queued(_) | Status::Unclear(_) | Status::Attention { .. } if changes => {
            vec![CALL_OFF, RETRY, COPY_NUMBER]
        }
        Status::Queued(_) | Status::Rejected { .. } | Status::Attention { .. } => {
            vec![EDIT, RETRY, DROP, COPY_NUMBER]
        }
        Status::Sending => vec![COPY_NUMBER],
        Status::Unclear(_) => vec![RETRY, DROP, COPY_NUMBER],
        Status::Created { .. } => vec![CHANGE, DELETE, FORGET, COPY_ID],
        Status::Deleted { .. } => vec![EDIT, FORGET, COPY_ID],
        Status::Duplicate { .. } => vec![COMPARE, EDIT, RETRY, DROP, COPY_NUMBER],
    }
}

/// Whether an action is about one row of the results.
pub(super) fn is_about_a_row(action: Action) -> bool {
    const ALL: [Action; 8] = [
        Action::Show,
        Action::EditRow,
        Action::Retry,
        Action::Discard,
        Action::DeleteContact,
        Action::Compare,
        Action::Copy,
        Action::CopyNumber,
    ];
    ALL.contains(&action)
}

/// Whether an action can be asked for: any that is about no row, and those that this row
/// can be asked for.
pub(super) fn fits(action: Action, row: Option<&Entry>, whose: Whose) -> bool {
    match row {
        _ if !is_about_a_row(action) => true,
        None => false,
        Some(entry) => {
            let always = [Action::Show, Action::CopyNumber].contains(&action);
            always || offers(entry, whose).iter().any(|(offered, ..)| *offered == action)
        }
    }
}
