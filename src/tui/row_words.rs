//! What the screen says of a row: in a few words beside it, and in one sentence where
//! there is room. What happened to it is told by `sentences`.

use jiff::{Timestamp, tz::TimeZone};

use crate::{
    contact::text::safe,
    submission::{Change, Entry, Owner, Reason, Status, Waiting, Whose},
};

use super::{sentences, time};

/// What a row's words depend on besides the row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment<'a> {
    pub(super) now: Timestamp,
    pub(super) zone: &'a TimeZone,
    /// What holds up everything that waits, in a few words; empty when nothing does.
    pub(super) held_up: &'a str,
    /// How many that wait go out before this one, as far as that is known.
    pub(super) before: Option<usize>,
    /// Whose rows show.
    pub(super) whose: Whose,
}

/// A few words beside the status: what to know, else nothing. No ids. Among everybody's rows
/// who typed it comes first.
pub(super) fn note(entry: &Entry, moment: &Moment<'_>) -> String {
    let known = what_to_know(entry, moment);
    match moment.whose {
        Whose::Ours => known,
        Whose::Everybody if known.is_empty() => safe(&entry.agent),
        Whose::Everybody => format!("{}: {known}", safe(&entry.agent)),
    }
}

fn what_to_know(entry: &Entry, moment: &Moment<'_>) -> String {
    let change = entry.task.change();
    match &entry.status {
        Status::Queued(waiting) => match change {
            Some(Change::Update(..)) => "update waits".into(),
            Some(Change::Delete(_)) => "deletion waits".into(),
            None => place_in_line(waiting, moment),
        },
        Status::Sending => match change {
            Some(Change::Update(..)) => "being updated".into(),
            Some(Change::Delete(_)) => "being deleted".into(),
            None if entry.attempts > 1 => format!("try {}", entry.attempts),
            None => String::new(),
        },
        Status::Unclear(_) => "being checked".into(),
        Status::Created { remark: Some(remark), .. } => safe(&sentences::reason(remark)),
        Status::Created { remark: None, .. } => match change {
            Some(Change::Update(..)) => "updated".into(),
            Some(Change::Delete(_)) | None => String::new(),
        },
        Status::Deleted { .. } => match entry.settled_at {
            Some(at) => format!("by you {}", time::clock(at, moment.zone)),
            None => "by you".into(),
        },
        Status::Duplicate { owners, remark } => {
            let names = names(owners);
            match (names.is_empty(), remark) {
                (_, Some(Reason::Updated)) => "updated".into(),
                (false, _) if entry.is_decided() => format!("{names}, kept"),
                (false, _) => format!("is {names}"),
                (true, Some(remark)) => safe(&sentences::reason(remark)),
                (true, None) => "number is taken".into(),
            }
        }
        Status::Rejected { reason } | Status::Attention { reason } => {
            safe(&sentences::reason(reason))
        }
    }
}

/// Where a waiting row stands; not in seconds, which would tick in every row.
fn place_in_line(waiting: &Waiting, moment: &Moment<'_>) -> String {
    // What holds up this one alone says more than what holds up all.
    match &waiting.because {
        Some(Reason::BeingCorrected) => return "being corrected".into(),
        Some(Reason::HeldForAccount { account, .. }) if account.is_empty() => {
            return "for another floor".to_owned();
        }
        Some(Reason::HeldForAccount { account, .. }) => return safe(&format!("for {account}")),
        Some(Reason::EnteredByColleague { colleague }) => return safe(colleague),
        Some(_) | None => {}
    }
    if !moment.held_up.is_empty() {
        return moment.held_up.to_owned();
    }
    if let Some(until) = waiting.until.filter(|until| *until > moment.now) {
        return format!("again at {}", time::clock(until, moment.zone));
    }
    match moment.before {
        Some(0) => "goes out next".into(),
        Some(before) => format!("{} in line", ordinal(before + 1)),
        None => "in line".into(),
    }
}

fn ordinal(number: usize) -> String {
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

fn names(owners: &[Owner]) -> String {
    let names = owners.iter().filter_map(|owner| owner.full_name.as_deref());
    names.map(safe).collect::<Vec<_>>().join(" or ")
}

/// One whole sentence; empty when the status says it all. `made` is when the existing
/// contact was made here, where that is known.
pub(super) fn sentence(entry: &Entry, moment: &Moment<'_>, made: Option<Timestamp>) -> String {
    let change = entry.task.change().map(sentences::change);
    match &entry.status {
        Status::Queued(waiting) => queued(waiting, change.as_deref(), moment),
        Status::Unclear(waiting) => {
            let what = match change {
                Some(change) => {
                    format!("No clear answer to the {}; it is asked again", safe(&change))
                }
                None => "It may be on the platform already: no clear answer came, it is being \
                         checked"
                    .into(),
            };
            with_reason(what, waiting.because.as_ref())
        }
        Status::Sending => match change {
            Some(change) => format!("The {} is being sent.", safe(&change)),
            None => "It is being sent.".into(),
        },
        Status::Created { id, remark } => match remark {
            Some(remark) => {
                format!("It is on the platform: {}.", safe(&sentences::reason(remark)))
            }
            None => format!("It is on the platform, as {}.", in_fours(&safe(&id.0))),
        },
        Status::Deleted { id } => {
            format!("It was on the platform as {} and was deleted again.", in_fours(&safe(&id.0)))
        }
        Status::Duplicate { owners, remark } => {
            let names = names(owners);
            let whose = if names.is_empty() {
                "The number is taken; nobody knows by whom".to_owned()
            } else {
                format!("The number belongs to {names}")
            };
            let made = made
                .map(|at| format!(", made {}", time::day_and_clock(at, moment.now, moment.zone)));
            let whose = format!("{whose}{}", made.unwrap_or_default());
            with_reason(whose, remark.as_ref())
        }
        Status::Rejected { reason } => {
            format!("The platform refused it: {}", ended(&safe(&sentences::reason(reason))))
        }
        Status::Attention { reason } => ended(&safe(&sentences::reason(reason))),
    }
}

fn queued(waiting: &Waiting, change: Option<&str>, moment: &Moment<'_>) -> String {
    let what = match change {
        Some(change) => format!("The {} waits", safe(change)),
        None => "It is stored here and waits".to_owned(),
    };
    let until = waiting.until.filter(|until| *until > moment.now);
    let until = until.map(|at| format!(" until {}", time::clock(at, moment.zone)));
    let until = match (until, moment.held_up.is_empty()) {
        (_, false) => format!(": {}", moment.held_up),
        (Some(until), true) => until,
        (None, true) => " for its turn".to_owned(),
    };
    with_reason(format!("{what}{until}"), waiting.because.as_ref())
}

fn with_reason(what: String, reason: Option<&Reason>) -> String {
    match reason {
        Some(reason) => format!("{what}: {}", ended(&safe(&sentences::reason(reason)))),
        None => what + ".",
    }
}

/// With a full stop, unless it ends in a mark of its own.
fn ended(text: &str) -> String {
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

/// An id as people compare it: "6b07 73a4 0000".
pub(super) fn in_fours(id: &str) -> String {
    let letters: Vec<char> = id.chars().collect();
    letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// A long id by its beginning and its end: "6b07 73a4 … 0003".
pub(super) fn shortened(id: &str) -> String {
    let fours = in_fours(id);
    let parts: Vec<_> = fours.split(' ').collect();
    match parts[..] {
        [first, second, .., last] if parts.len() > 4 => format!("{first} {second} … {last}"),
        _ => fours,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::script::{START, at, created, duplicate, entry, queued as waits};

    fn moment(zone: &TimeZone) -> Moment<'_> {
        Moment { now: at(START), zone, held_up: "", before: None, whose: Whose::Ours }
    }

    #[test]
    fn a_waiting_row_tells_its_place_and_not_its_seconds() {
        let row = entry(1, "A", "B", "9876543210", Status::Queued(Waiting::default()));
        let told = |before| note(&row, &Moment { before, ..moment(&TimeZone::UTC) });
        assert_eq!(told(Some(0)), "goes out next");
        assert_eq!(told(Some(1)), "2nd in line");
        assert_eq!(told(Some(11)), "12th in line");
        assert_eq!(told(Some(20)), "21st in line");
        assert_eq!(told(None), "in line");
        let later = note(&waits(1, "A", "B", "9876543210", 300), &moment(&TimeZone::UTC));
        assert_eq!(later, "again at 10:29");
    }

    #[test]
    fn what_holds_up_everything_is_said_instead_of_a_place() {
        let row = entry(1, "A", "B", "9876543210", Status::Queued(Waiting::default()));
        let zone = TimeZone::UTC;
        let held = Moment { held_up: "secret wrong", before: Some(3), ..moment(&zone) };
        assert_eq!(note(&row, &held), "secret wrong");
        assert_eq!(sentence(&row, &held, None), "It is stored here and waits: secret wrong.");
    }

    #[test]
    fn a_created_row_has_no_note_and_its_id_in_fours_in_the_sentence() {
        let row = created(1, "A", "B", "9876543210", "6b0773a41234");
        assert_eq!(note(&row, &moment(&TimeZone::UTC)), "");
        let told = sentence(&row, &moment(&TimeZone::UTC), None);
        assert_eq!(told, "It is on the platform, as 6b07 73a4 1234.");
    }

    #[test]
    fn a_duplicate_tells_whose_it_is_and_when_that_was_made() {
        let row = duplicate(1, "A", "B", "9876543210", "Ada\u{1b}[2J Tester");
        assert_eq!(
            note(&row, &moment(&TimeZone::UTC)),
            format!("is {}", safe("Ada\u{1b}[2J Tester"))
        );
        let row = duplicate(1, "A", "B", "9876543210", "Ada Tester");
        let told = sentence(&row, &moment(&TimeZone::UTC), Some(at(START)));
        assert_eq!(told, "The number belongs to Ada Tester, made 10:24 today.");
    }
}
