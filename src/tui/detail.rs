//! One result in full: every field sent, what became of it, each attempt.

use jiff::{Timestamp, tz::TimeZone};

use crate::{
    contact::text::safe,
    submission::{Attempt, Entry, Outcome, Owner, Status, SubmissionId, Verb},
};

use super::{sentences, time};

/// The open details; attempts arrive from the store after it opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Details {
    pub(super) entry: Entry,
    pub(super) attempts: Option<Vec<Attempt>>,
    pub(super) scroll: usize,
}

/// One line: a label (empty under a longer text) and its text.
pub(super) type DetailLine = (String, String);

impl Details {
    pub(super) fn of(entry: Entry) -> Self {
        Self { entry, attempts: None, scroll: 0 }
    }

    pub(super) fn id(&self) -> SubmissionId {
        self.entry.submission.id
    }

    /// Everything there is to say, in reading order.
    pub(super) fn lines(&self, now: Timestamp, zone: &TimeZone) -> Vec<DetailLine> {
        let mut lines = self.contact();
        lines.push(line(
            "Submitted",
            &time::full_and_ago(self.entry.submission.submitted_at, now, zone),
        ));
        if let Some(settled) = self.entry.settled_at {
            lines.push(line("Settled", &time::full_and_ago(settled, now, zone)));
        }
        lines.extend(status(&self.entry, now));
        match &self.attempts {
            None => lines.push(line("Attempts", &self.entry.attempts.to_string())),
            Some(attempts) if attempts.is_empty() => lines.push(line("Attempts", "none yet")),
            Some(attempts) => {
                for (at, attempt) in attempts.iter().enumerate() {
                    lines.extend(tried(at + 1, attempt, zone));
                }
            }
        }
        lines
    }

    /// When the next "2 min ago" changes.
    pub(super) fn changes_at(&self, now: Timestamp) -> Option<Timestamp> {
        let times = [Some(self.entry.submission.submitted_at), self.entry.settled_at];
        times.into_iter().flatten().filter_map(|at| time::ago_changes(at, now)).min()
    }

    fn contact(&self) -> Vec<DetailLine> {
        let contact = &self.entry.submission.contact;
        let country = contact.phone.region().map_or("none", |region| region.name());
        vec![
            line("Salutation", contact.salutation.as_str()),
            line("First name", contact.first_name.as_str()),
            line("Last name", contact.last_name.as_str()),
            line("Phone", &contact.phone.international()),
            line(
                "Sent as",
                &format!("+{} {}", contact.phone.calling_code(), contact.phone.national()),
            ),
            line("Country", country),
            line("Extension", contact.extension.as_str()),
        ]
    }
}

fn line(label: &str, text: &str) -> DetailLine {
    (label.to_owned(), safe(text))
}

fn status(entry: &Entry, now: Timestamp) -> Vec<DetailLine> {
    let mut lines = vec![line("Status", entry.status.word())];
    match &entry.status {
        Status::Duplicate { owners, remark } => {
            lines.extend(owners.iter().map(|owner| line("Belongs to", &named(owner))));
            lines.extend(remark.iter().map(|remark| line("Remark", &sentences::reason(remark))));
        }
        Status::Created { id, remark } => {
            lines.push(line("Id", &id.0));
            lines.extend(remark.iter().map(|remark| line("Remark", &sentences::reason(remark))));
        }
        Status::Deleted { id } => lines.push(line("Id", &format!("{id} (was)"))),
        Status::Queued(_)
        | Status::Sending
        | Status::Unclear(_)
        | Status::Rejected { .. }
        | Status::Attention { .. } => {
            let remark = sentences::row(entry, "", now);
            if !remark.is_empty() {
                lines.push(line("Remark", &remark));
            }
        }
    }
    lines
}

fn named(owner: &Owner) -> String {
    let name = owner.full_name.as_deref().unwrap_or("somebody without a name");
    owner.id.as_ref().map_or_else(|| name.to_owned(), |id| format!("{name} ({id})"))
}

fn tried(number: usize, attempt: &Attempt, zone: &TimeZone) -> Vec<DetailLine> {
    let started = time::full(attempt.started_at, zone);
    let label = format!("Attempt {number}");
    let took =
        attempt.ended_at.map(|ended| ended.as_millisecond() - attempt.started_at.as_millisecond());
    let took = took.map_or_else(String::new, |ms| format!(", {} ms", ms.max(0)));
    let verb = match attempt.verb {
        Verb::Create => "",
        Verb::Update => "update: ",
        Verb::Delete => "deletion: ",
    };
    let told = sentences::outcome(attempt.outcome.as_ref());
    let mut lines = vec![line(&label, &format!("{started}{took}: {verb}{told}"))];
    if let Some(Outcome::Created(record) | Outcome::Changed(record)) = &attempt.outcome {
        lines.extend(record.answered.iter().map(|(key, text)| line("", &format!("{key}: {text}"))));
    }
    lines
}
