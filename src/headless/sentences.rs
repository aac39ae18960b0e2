//! What the command line says of a contact, and programs read as `reason`: every sentence
//! about what happened to one is made here. Text in them may come from outside: make it
//! safe before it is printed.

use jiff::SignedDuration;

use crate::submission::{
    AddressPart, BatchAnswer, Change, Doubt, Entry, Failure, FailureKind, Owner, Reason, Refusal,
    RefusalCause, Status, Verb, clock_difference,
};

/// Why what a floor shares waits.
pub const NOBODY_SENDS: &str =
    "nobody sends for the floor right now; what is stored waits until somebody does";

/// Why a row stands where it stands; `None` when its status says it all.
#[must_use]
pub fn row(entry: &Entry) -> Option<String> {
    let because = entry.reason().map(reason);
    match &entry.status {
        Status::Queued(_) | Status::Unclear(_) | Status::Sending => {
            match (entry.task.change().map(change), because) {
                (Some(change), Some(because)) => Some(format!("{change}: {because}")),
                (change, because) => change.or(because),
            }
        }
        Status::Deleted { .. } => Some("deleted since".into()),
        Status::Duplicate { owners, .. } => Some(belongs_to(owners, because)),
        Status::Created { .. } | Status::Rejected { .. } | Status::Attention { .. } => because,
    }
}

fn belongs_to(owners: &[Owner], remark: Option<String>) -> String {
    let names: Vec<_> = owners.iter().filter_map(|owner| owner.full_name.as_deref()).collect();
    match (names.as_slice(), remark) {
        ([], None) => "the number is taken".to_owned(),
        ([], Some(remark)) => remark,
        (names, None) => format!("belongs to {}", names.join(" and ")),
        (names, Some(remark)) => format!("belongs to {}: {remark}", names.join(" and ")),
    }
}

/// What happened.
#[must_use]
pub fn reason(reason: &Reason) -> String {
    let words: &str = match reason {
        Reason::Failure(it) => return failure(it),
        Reason::Refused(it) => return refusal(it),
        Reason::Quoted { words } => words,
        Reason::CheckingOwner => {
            "the number is taken; checking whether it is this contact from an earlier try"
        }
        Reason::BatchUnsettled { batch, words } => return batch_answer(*batch, words),
        Reason::BeingCorrected => "taken back to be corrected",
        Reason::HeldUntil { until } => {
            return format!("held until {}", until.strftime("%Y-%m-%d %H:%MZ"));
        }
        Reason::HeldForAccount { place, .. } => {
            return format!(
                "queued for {place}, which is not the profile's; it is sent with such a profile only"
            );
        }
        Reason::EnteredByColleague { colleague } => {
            return format!("{colleague} entered the same number");
        }
        Reason::LimitUsedElsewhere => {
            "something outside rolodesk uses up the requests that the account allows"
        }
        Reason::GivenUp { attempts, last, .. } => {
            return format!("given up after {attempts} attempts: {}", failure(last));
        }
        Reason::MayExist { why } => {
            let why = self::reason(why);
            return format!(
                "{why}; an earlier try may have created it, so it may be on the platform"
            );
        }
        Reason::SameName => "exists, same name",
        Reason::InactiveHolder => "an inactive contact holds the number",
        Reason::ListUnreadable => "taken, but the platform's list cannot be read to see by whom",
        Reason::ListNotReadWhole => {
            "taken, but the platform's list could not be read to its end to see by whom"
        }
        Reason::NotListed => {
            "taken, but no list page shows by whom: the list may lag, or a deleted contact may hold it"
        }
        Reason::Kept => "kept as it is",
        Reason::Updated => "updated with what was typed",
        Reason::ChangeRefused { verb, contact, words } => {
            return format!("{} refused: {words}", of_contact(*verb, contact));
        }
        Reason::ChangeTargetGone { verb, contact } => {
            let what = of_contact(*verb, contact);
            return format!("{what} not made: the platform has no such contact any more");
        }
        Reason::ChangeCalledOff { verb, contact } => {
            let what = of_contact(*verb, contact);
            return format!("{what} called off, but it may have been made");
        }
    };
    words.to_owned()
}

/// What a request ran into.
#[must_use]
pub fn failure(failure: &Failure) -> String {
    if let FailureKind::Misaddressed { part } = failure.kind {
        return address(part, &failure.words);
    }
    if !failure.words.is_empty() {
        return failure.words.clone();
    }
    let words = match failure.kind {
        FailureKind::Unclear { doubt } => return self::doubt(doubt).to_owned(),
        FailureKind::Limited { .. } => "the account's rate limit was reached",
        FailureKind::Rejected | FailureKind::Unexplained => {
            "the platform refused it without a word"
        }
        FailureKind::Unauthorised => "the platform refuses us without a word",
        FailureKind::Unreached => "the platform was not reached",
        FailureKind::Failed => "the platform failed",
        FailureKind::Missing => "the platform has no such contact",
        FailureKind::Misaddressed { part } => return address(part, ""),
        FailureKind::Conflict => "the platform speaks of a conflict",
    };
    words.to_owned()
}

fn doubt(doubt: Doubt) -> &'static str {
    match doubt {
        Doubt::Answer => "no trustworthy answer came",
        Doubt::Closed => "rolodesk was closed before the answer came",
        Doubt::Stopped => "rolodesk stopped before the answer came",
        Doubt::Defect => "a defect: rolodesk itself failed while waiting for the answer",
        Doubt::OtherNumber => "the platform's answer speaks of another number",
        Doubt::OtherName => "the platform's answer names somebody else",
        Doubt::Verdict => {
            "the platform's answer shows the contact and leaves open whether it was made"
        }
        Doubt::OtherMaker => "the platform's answer shows a contact that was there before",
        Doubt::OtherContact => "the platform's answer speaks of another contact",
        Doubt::OtherRequest => "the platform's answer is about another kind of request",
        Doubt::AsBefore => "the platform's answer shows the contact as it was",
        Doubt::NoId => "the platform's answer names no id",
        Doubt::Unreadable => "what came of it could not be read back from the store",
    }
}

fn batch_answer(batch: BatchAnswer, words: &str) -> String {
    let refused = match batch {
        BatchAnswer::LeftOut => {
            return "the platform's answer names others of its batch, not this one".into();
        }
        BatchAnswer::Quoted => return words.to_owned(),
        BatchAnswer::Refused => "refused",
        BatchAnswer::DuplicateUnnamed => "refused for a duplicate that the answer does not name",
        BatchAnswer::OthersDuplicate => "refused for other numbers",
    };
    format!("its batch was {refused}: {words}")
}

/// Why the platform refuses us, and what to look at.
#[must_use]
pub fn refusal(refusal: &Refusal) -> String {
    let words = &refusal.words;
    match refusal.cause {
        RefusalCause::Clock { offset_s } => {
            let clock = clock_difference(SignedDuration::from_secs(offset_s));
            format!("the platform refuses us ({words}): this machine's clock is {clock}")
        }
        RefusalCause::Credential => format!(
            "the platform refuses us ({words}): check the client secret, and that the app has the \
             Configuration scope and was published after it was added; `rolodesk doctor` says more"
        ),
        RefusalCause::Address { part } => address(part, words),
    }
}

/// Where to look when nobody at the address knows us.
fn address(part: AddressPart, words: &str) -> String {
    let said = if words.is_empty() { String::new() } else { format!(" ({words})") };
    match part {
        AddressPart::StreamId => format!(
            "nobody there knows the stream{said}: check `stream_id` of the profile, and `host` \
             with its path"
        ),
        AddressPart::Host => format!(
            "nothing there knows the contacts API{said}: check `host` of the profile and its path, \
             and `stream_id`"
        ),
        AddressPart::Page => format!(
            "a page for people answers in the platform's place{said}: sign in to the network if \
             it asks for that, or check `host` of the profile and its path, and `stream_id`"
        ),
    }
}

fn change(change: &Change) -> String {
    of_contact(change.verb(), &change.contact())
}

fn of_contact(verb: Verb, contact: &Owner) -> String {
    let what = match verb {
        Verb::Create => "creation",
        Verb::Update => "update",
        Verb::Delete => "deletion",
    };
    match (verb, contact) {
        (Verb::Create | Verb::Update, Owner { full_name: Some(name), .. }) => {
            format!("{what} of {name}")
        }
        (Verb::Create | Verb::Update, Owner { id: Some(id), .. }) => {
            format!("{what} of the contact {id}")
        }
        (Verb::Delete, Owner { id: Some(id), .. }) => format!("{what} of {id}"),
        (_, Owner { id: None, .. }) => what.to_owned(),
    }
}
