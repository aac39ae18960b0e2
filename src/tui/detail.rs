//! One result in full: what was sent, what became of it, and everything that happened.

use jiff::{Timestamp, tz::TimeZone};

use crate::{
    contact::text::safe,
    submission::{Attempt, Entry, FailureKind, Group, Outcome, Owner, Status, SubmissionId, Verb},
};

use super::{row_words, sentences, time};

/// The open details; attempts arrive from the store after it opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Details {
    pub(super) entry: Entry,
    pub(super) attempts: Option<Vec<Attempt>>,
    pub(super) scroll: usize,
}

/// A label and what it is about.
pub(super) type Fact = (&'static str, String);

/// Something that happened, with the group whose mark it bears; none while nobody knows
/// what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Happening {
    /// None under a longer account of the one above.
    pub(super) at: Option<Timestamp>,
    pub(super) mark: Option<Group>,
    pub(super) text: String,
}

impl Details {
    pub(super) fn of(entry: Entry) -> Self {
        Self { entry, attempts: None, scroll: 0 }
    }

    pub(super) fn id(&self) -> SubmissionId {
        self.entry.submission.id
    }

    /// What is fixed about it, in reading order.
    pub(super) fn facts(&self, now: Timestamp, zone: &TimeZone) -> Vec<Fact> {
        let contact = &self.entry.submission.contact;
        let phone = &contact.phone;
        let place = phone.region().map_or("no country", |region| region.name());
        let mut facts = vec![
            ("Name", safe(&format!("{} {}", contact.salutation, contact.full_name()))),
            ("Number", format!("{}   {}, {place}", phone.international(), phone.kind())),
            (
                "Sent as",
                safe(&format!(
                    "+{} · {} · extension {}",
                    phone.calling_code(),
                    phone.national(),
                    contact.extension
                )),
            ),
        ];
        facts.extend(self.identity());
        if !self.entry.agent.is_empty() {
            facts.push(("Typed by", safe(&self.entry.agent)));
        }
        let submitted = self.entry.submission.submitted_at;
        if !time::same_day(submitted, now, zone) {
            facts.push(("Submitted", time::full(submitted, zone)));
        }
        facts
    }

    /// Rows that a page of it has at least, for scrolling.
    pub(super) fn length(&self, now: Timestamp, zone: &TimeZone) -> usize {
        self.facts(now, zone).len() + self.happened().len() + 5
    }

    /// Its id on the platform, or whose the number is.
    fn identity(&self) -> Vec<Fact> {
        match &self.entry.status {
            Status::Created { id, .. } => vec![("Id", row_words::in_fours(&safe(&id.0)))],
            Status::Deleted { id } => {
                vec![("Id", format!("{}, deleted since", row_words::in_fours(&safe(&id.0))))]
            }
            Status::Duplicate { owners, .. } => {
                owners.iter().map(|owner| ("Belongs to", named(owner))).collect()
            }
            Status::Queued(_) | Status::Sending => vec![("Id", "–  none yet".to_owned())],
            Status::Unclear(_) => vec![("Id", "–  not known: it may exist".to_owned())],
            Status::Rejected { .. } => vec![("Id", "–  none: it was not created".to_owned())],
            Status::Attention { .. } => vec![("Id", "–  none known".to_owned())],
        }
    }

    /// Everything that happened, oldest first.
    pub(super) fn happened(&self) -> Vec<Happening> {
        let stored = Happening {
            at: Some(self.entry.submission.submitted_at),
            mark: Some(Group::Queued),
            text: "stored on this computer".to_owned(),
        };
        let attempts = self.attempts.as_deref().unwrap_or_default();
        let tried = (1..).zip(attempts).flat_map(|(number, attempt)| tried(number, attempt));
        let mut all: Vec<_> = [stored].into_iter().chain(tried).collect();
        if self.attempts.is_none() && self.entry.attempts > 0 {
            let text = format!("asked {} times", self.entry.attempts);
            all.push(Happening { at: None, mark: None, text });
        }
        all
    }
}

fn named(owner: &Owner) -> String {
    let name = owner.full_name.as_deref().unwrap_or("somebody without a name");
    let id = owner.id.as_ref().map(|id| format!("   {}", row_words::in_fours(&id.0)));
    safe(&format!("{name}{}", id.unwrap_or_default()))
}

fn tried(number: usize, attempt: &Attempt) -> Vec<Happening> {
    let verb = match attempt.verb {
        Verb::Create => "try",
        Verb::Update => "update, try",
        Verb::Delete => "deletion, try",
    };
    let took = attempt.ended_at.map(|ended| lasted(attempt.started_at, ended));
    let answer = match (&attempt.outcome, took) {
        (None, _) => ", no outcome yet".to_owned(),
        (Some(outcome), Some(took)) if went_unanswered(outcome) => format!(", no answer in {took}"),
        (Some(_), Some(took)) => format!(", answered in {took}"),
        (Some(_), None) => String::new(),
    };
    let text = format!("{verb} {number}{answer}");
    let mut all =
        vec![Happening { at: Some(attempt.started_at), mark: Some(Group::Sending), text }];
    let Some(outcome) = &attempt.outcome else { return all };
    let text = safe(&sentences::outcome(Some(outcome)));
    all.push(Happening { at: attempt.ended_at, mark: mark(outcome), text });
    if let Outcome::Created(record) | Outcome::Changed(record) = outcome {
        let fields = record.answered.iter().map(|(key, text)| format!("{key}: {text}"));
        all.extend(fields.map(|text| Happening { at: None, mark: None, text: safe(&text) }));
    }
    all
}

/// "0.4 s", "10 s".
fn lasted(from: Timestamp, to: Timestamp) -> String {
    let ms = to.as_millisecond().saturating_sub(from.as_millisecond()).max(0);
    if ms < 9_950 {
        format!("{}.{} s", ms / 1000, ms % 1000 / 100)
    } else {
        format!("{} s", ms / 1000)
    }
}

fn went_unanswered(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Failure(failure) => match failure.kind {
            FailureKind::Unreached | FailureKind::Unclear { .. } => true,
            FailureKind::Rejected
            | FailureKind::Unauthorised
            | FailureKind::Limited { .. }
            | FailureKind::Failed
            | FailureKind::Missing
            | FailureKind::Conflict
            | FailureKind::Unexplained
            | FailureKind::Misaddressed { .. } => false,
        },
        Outcome::Created(_)
        | Outcome::Changed(_)
        | Outcome::Duplicate { .. }
        | Outcome::Unsettled { .. } => false,
    }
}

/// The mark of what came of an attempt; none where that is open.
fn mark(outcome: &Outcome) -> Option<Group> {
    match outcome {
        Outcome::Created(_) | Outcome::Changed(_) => Some(Group::Created),
        Outcome::Duplicate { .. } => Some(Group::Duplicate),
        Outcome::Unsettled { .. } => None,
        Outcome::Failure(failure) => match failure.kind {
            FailureKind::Rejected
            | FailureKind::Unauthorised
            | FailureKind::Missing
            | FailureKind::Misaddressed { .. } => Some(Group::Attention),
            FailureKind::Limited { .. } | FailureKind::Unreached => Some(Group::Queued),
            FailureKind::Failed
            | FailureKind::Conflict
            | FailureKind::Unexplained
            | FailureKind::Unclear { .. } => None,
        },
    }
}
