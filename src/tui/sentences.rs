//! What the screen says of a contact: every sentence about what happened to one is made
//! here, short, because a row has little room and its details have more. Text in them may
//! come from outside: make it safe before it is drawn.

use jiff::SignedDuration;

use crate::{
    contact::text::safe,
    submission::{
        AddressPart, BatchAnswer, Change, Doubt, Entry, Failure, FailureKind, Limit, Outcome,
        Owner, Reason, Refusal, RefusalCause, Status, Verb, clock_difference,
    },
};

/// The id, whose number it is, or why it waits. Safe to draw.
#[must_use]
pub fn standing(entry: &Entry, queue: &str) -> String {
    let change = entry.task.change().map(change);
    let because = entry.reason().map(reason);
    safe(&match &entry.status {
        Status::Queued(_) => because.unwrap_or_else(|| match change {
            Some(change) if queue.is_empty() => change,
            Some(change) => format!("{change}: {queue}"),
            None => queue.to_owned(),
        }),
        Status::Unclear(_) => because.unwrap_or_else(|| match change {
            Some(change) => format!("{change}: no clear answer, sent again"),
            None => "no clear answer, being checked; may be on the platform".to_owned(),
        }),
        Status::Sending => match change {
            Some(change) => change,
            None if entry.attempts > 1 => format!("try {}", entry.attempts),
            None => String::new(),
        },
        Status::Created { id, .. } => match because {
            Some(remark) => format!("{id} ({remark})"),
            None => id.to_string(),
        },
        Status::Deleted { id } => format!("was {id}"),
        Status::Duplicate { owners, .. } => belongs_to(owners, because),
        Status::Rejected { .. } | Status::Attention { .. } => because.unwrap_or_default(),
    })
}

fn belongs_to(owners: &[Owner], remark: Option<String>) -> String {
    let names = owners.iter().filter_map(|owner| owner.full_name.as_deref());
    let names = names.collect::<Vec<_>>().join(", ");
    match (names.is_empty(), remark) {
        (false, Some(remark)) => format!("belongs to {names} ({remark})"),
        (false, None) => format!("belongs to {names}"),
        (true, Some(remark)) => remark,
        (true, None) => "number is taken".into(),
    }
}

/// Why a row stands where it stands.
#[must_use]
pub fn reason(reason: &Reason) -> String {
    match reason {
        Reason::Failure(it) => failure(it),
        Reason::Quoted { words } => words.clone(),
        Reason::CheckingOwner => {
            "number is taken; checking whether it is this contact from an earlier try".into()
        }
        Reason::BatchUnsettled { batch, words } => batch_answer(*batch, words),
        Reason::BeingCorrected => "taken back to be corrected".into(),
        Reason::HeldUntil { until } => format!("held until {}", until.strftime("%H:%MZ")),
        Reason::HeldForAccount { place, .. } => format!("waits for {place}"),
        Reason::EnteredByColleague { colleague } => format!("{colleague} entered it"),
        Reason::LimitUsedElsewhere => "another tool uses up the account's requests".into(),
        Reason::Refused(it) => refusal(it),
        Reason::GivenUp { attempts, last, .. } => {
            format!("given up after {attempts} attempts: {}", failure(last))
        }
        Reason::MayExist { why } => format!("{}; may be on the platform", self::reason(why)),
        Reason::SameName => "exists, same name".into(),
        Reason::InactiveHolder => "an inactive contact holds the number".into(),
        Reason::ListUnreadable => "taken; the platform's list cannot be read to see by whom".into(),
        Reason::ListNotReadWhole => "taken; the platform's list was not read to its end".into(),
        Reason::NotListed => {
            "taken; no list page shows by whom: it lags, or a deleted contact".into()
        }
        Reason::Kept => "kept as it is".into(),
        Reason::Updated => "updated with what was typed".into(),
        Reason::ChangeRefused { verb, contact, words } => {
            format!("{} refused: {words}", of_contact(*verb, contact))
        }
        Reason::ChangeTargetGone { verb, contact } => {
            format!("{} not made: no such contact any more", of_contact(*verb, contact))
        }
        Reason::ChangeCalledOff { verb, contact } => {
            format!("{} called off, but may have been made", of_contact(*verb, contact))
        }
    }
}

/// What a request ran into.
#[must_use]
pub fn failure(failure: &Failure) -> String {
    let own = match failure.kind {
        FailureKind::Unclear { doubt } => match doubt {
            Doubt::Answer => "no clear answer",
            Doubt::Closed => "closed before the answer came",
            Doubt::Stopped => "stopped before the answer came",
            Doubt::Defect => "a defect of rolodesk lost the answer",
            Doubt::OtherNumber => "the answer speaks of another number",
            Doubt::OtherName => "the answer names somebody else",
            Doubt::Verdict => "the answer leaves open whether it was made",
            Doubt::OtherMaker => "the answer shows a contact of somebody else",
            Doubt::OtherContact => "the answer speaks of another contact",
            Doubt::OtherRequest => "the answer is about something else",
            Doubt::AsBefore => "the answer shows the contact as it was",
            Doubt::NoId => "the answer names no id",
            Doubt::Unreadable => "what came of it could not be read back",
        },
        FailureKind::Limited { limit: Limit::Hour } => "the account's hourly limit",
        FailureKind::Limited { limit: Limit::Minute | Limit::Unknown } => "the account's limit",
        FailureKind::Misaddressed { part } => {
            return format!("{} ({})", address(part), failure.words);
        }
        FailureKind::Conflict => "a conflict",
        FailureKind::Rejected | FailureKind::Unexplained => "refused",
        FailureKind::Unauthorised => "not authorised",
        FailureKind::Unreached => "not reached",
        FailureKind::Failed => "the platform failed",
        FailureKind::Missing => "no such contact",
    };
    if failure.words.is_empty() { own.to_owned() } else { failure.words.clone() }
}

/// What came of an attempt, for the details.
#[must_use]
pub fn outcome(outcome: Option<&Outcome>) -> String {
    match outcome {
        None => "no outcome yet".into(),
        Some(Outcome::Created(_)) => "created".into(),
        Some(Outcome::Changed(_)) => "done".into(),
        Some(Outcome::Duplicate { words, .. }) => format!("duplicate: {words}"),
        Some(Outcome::Unsettled { batch, words }) => {
            format!("not settled: {}", batch_answer(*batch, words))
        }
        Some(Outcome::Failure(it)) => format!("{}: {}", kind(it.kind), failure(it)),
    }
}

fn kind(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Missing => "no such contact",
        FailureKind::Rejected | FailureKind::Unexplained => "refused",
        FailureKind::Unauthorised => "not authorised",
        FailureKind::Limited { .. } => "rate limit",
        FailureKind::Unreached => "not reached",
        FailureKind::Failed => "platform failed",
        FailureKind::Unclear { .. } => "unclear",
        FailureKind::Misaddressed { .. } => "wrong address",
        FailureKind::Conflict => "conflict",
    }
}

fn batch_answer(batch: BatchAnswer, words: &str) -> String {
    match batch {
        BatchAnswer::LeftOut => "the answer names others of its batch, not this one".into(),
        BatchAnswer::Refused => format!("its batch was refused: {words}"),
        BatchAnswer::DuplicateUnnamed => {
            format!("its batch was refused for a duplicate it does not name: {words}")
        }
        BatchAnswer::OthersDuplicate => format!("its batch was refused for other numbers: {words}"),
        BatchAnswer::Quoted => words.to_owned(),
    }
}

/// Why the platform refuses us, and what to look at.
#[must_use]
pub fn refusal(refusal: &Refusal) -> String {
    let look = match refusal.cause {
        RefusalCause::Clock { offset_s } => {
            let offset = SignedDuration::from_secs(offset_s);
            format!("this machine's clock is {}", clock_difference(offset))
        }
        RefusalCause::Credential => {
            "check the client secret, and the app's scope Configuration".to_owned()
        }
        RefusalCause::Address { part } => address(part).to_owned(),
    };
    format!("{look} ({})", refusal.words)
}

/// Where to look when nobody at the address knows us.
fn address(part: AddressPart) -> &'static str {
    match part {
        AddressPart::StreamId => "check `stream_id`, and `host` with its path",
        AddressPart::Host => "check `host` and its path, and `stream_id`",
        AddressPart::Page => "a page answers: sign in to the network, or check `host` and its path",
    }
}

/// A change, for a row that waits for it.
#[must_use]
pub fn change(change: &Change) -> String {
    of_contact(change.verb(), &change.contact())
}

fn of_contact(verb: Verb, contact: &Owner) -> String {
    let id = contact.id.as_ref().map_or("", |id| id.0.as_str());
    match (verb, &contact.full_name) {
        (Verb::Create, _) => "creation".into(),
        (Verb::Update, Some(name)) => format!("update of {name}"),
        (Verb::Update, None) => format!("update of the contact {id}"),
        (Verb::Delete, _) => format!("deletion of {id}"),
    }
}
