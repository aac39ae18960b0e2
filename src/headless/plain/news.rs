//! What the worker tells, a line for each event that somebody wants to hear of.

use std::{
    collections::HashMap,
    mem::{self, Discriminant},
    time::Duration,
};

use tokio::{runtime, sync::mpsc::UnboundedReceiver, time::timeout};

use crate::{
    contact::text::safe,
    headless::sentences,
    submission::{Entry, Group, PlatformHealth, SubmissionId, Update},
};

/// The store answers at once; on a disk that hangs the questions go on.
const ANSWER: Duration = Duration::from_secs(10);

/// What came of something that was asked of the worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answered {
    /// It is on disk.
    Done,
    /// It is not, and why.
    Refused(String),
    /// Nobody has answered yet.
    NotYet,
}

/// The worker's updates, and what was told of them.
pub(super) struct News {
    updates: UnboundedReceiver<Update>,
    told: HashMap<SubmissionId, Group>,
    health: Option<Discriminant<PlatformHealth>>,
    lines: Vec<String>,
}

impl News {
    pub(super) fn new(updates: UnboundedReceiver<Update>) -> Self {
        Self { updates, told: HashMap::new(), health: None, lines: Vec::new() }
    }

    /// What has happened since the last time, a line each.
    pub(super) fn lines(&mut self) -> Vec<String> {
        while let Ok(update) = self.updates.try_recv() {
            self.hear(&update);
        }
        mem::take(&mut self.lines)
    }

    /// Waits until the worker has answered about this row.
    pub(super) fn answer(&mut self, id: SubmissionId, runtime: &runtime::Handle) -> Answered {
        self.wait(id, true, runtime)
    }

    /// Waits until this contact is stored, or is not. What else is told is only heard.
    pub(super) fn is_stored(&mut self, id: SubmissionId, runtime: &runtime::Handle) -> Answered {
        self.wait(id, false, runtime)
    }

    /// Whether the worker has told of this row as one that is on disk.
    pub(super) fn has_row(&self, id: SubmissionId) -> bool {
        self.told.contains_key(&id)
    }

    fn wait(&mut self, id: SubmissionId, by_notice: bool, runtime: &runtime::Handle) -> Answered {
        let updates = async {
            while let Some(update) = self.updates.recv().await {
                let answer = match &update {
                    Update::Entry(entry) if entry.submission.id == id => Some(Answered::Done),
                    Update::Gone(gone) if *gone == id => Some(Answered::Done),
                    Update::NotStored { id: refused, reason } if *refused == id => {
                        return Answered::Refused(safe(reason));
                    }
                    // A row that cannot be changed is answered by a sentence.
                    Update::Notice(text) | Update::StoreFailed { reason: text, .. }
                        if by_notice =>
                    {
                        Some(Answered::Refused(safe(text)))
                    }
                    Update::Notice(_)
                    | Update::StoreFailed { .. }
                    | Update::Entry(_)
                    | Update::Gone(_)
                    | Update::NotStored { .. }
                    | Update::Reread
                    | Update::Known { .. }
                    | Update::Everybody { .. }
                    | Update::Directory(_)
                    | Update::Counts(_)
                    | Update::Budget(_)
                    | Update::PlatformHealth(_) => None,
                };
                match answer {
                    Some(Answered::Refused(why)) => return Answered::Refused(why),
                    Some(answer) => {
                        self.hear(&update);
                        return answer;
                    }
                    None => self.hear(&update),
                }
            }
            Answered::NotYet
        };
        runtime.block_on(async { timeout(ANSWER, updates).await.unwrap_or(Answered::NotYet) })
    }

    fn hear(&mut self, update: &Update) {
        let line = match update {
            Update::Entry(entry) => self.entry(entry),
            Update::NotStored { reason, .. } => Some(format!("Not stored: {reason}")),
            Update::Notice(text) | Update::StoreFailed { reason: text, .. } => Some(text.clone()),
            Update::PlatformHealth(health) => self.health(health),
            Update::Gone(id) => {
                self.told.remove(id);
                None
            }
            Update::Reread
            | Update::Known { .. }
            | Update::Everybody { .. }
            | Update::Directory(_)
            | Update::Counts(_)
            | Update::Budget(_) => None,
        };
        self.lines.extend(line.map(|line| safe(&line)));
    }

    fn entry(&mut self, entry: &Entry) -> Option<String> {
        let group = entry.status.group();
        let before = self.told.insert(entry.submission.id, group);
        let is_news = match group {
            Group::Queued | Group::Sending => false,
            Group::Created | Group::Deleted | Group::Duplicate | Group::Attention => true,
        };
        (is_news && before != Some(group)).then(|| line(entry))
    }

    fn health(&mut self, health: &PlatformHealth) -> Option<String> {
        let kind = mem::discriminant(health);
        let before = self.health.replace(kind);
        if before == Some(kind) {
            return None;
        }
        match health {
            PlatformHealth::Offline(failure) => {
                let why = sentences::failure(failure);
                Some(format!("Offline, what you submit waits: {why}"))
            }
            PlatformHealth::Refused(refusal) => Some(sentences::refusal(refusal)),
            PlatformHealth::Online => {
                let untried = mem::discriminant(&PlatformHealth::Untried);
                before.filter(|it| *it != untried).map(|_| "Online again.".to_owned())
            }
            PlatformHealth::Unattended => Some(sentences::NOBODY_SENDS.to_owned()),
            PlatformHealth::Untried => None,
        }
    }
}

/// A row in one line.
pub(super) fn line(entry: &Entry) -> String {
    let contact = &entry.submission.contact;
    let why = sentences::row(entry).map(|why| format!("; {why}")).unwrap_or_default();
    let (name, number) = (contact.full_name(), contact.phone.international());
    safe(&format!("{}: {name}, {number}{why}", entry.status.word()))
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;
    use crate::{
        contact::parts::samples::john,
        submission::{ContactId, Failure, FailureKind, Origin, Status, Submission, Waiting},
    };

    fn entry(status: Status) -> Entry {
        let submission = Submission {
            id: SubmissionId(uuid::Uuid::from_u128(1)),
            contact: john("9876543210"),
            origin: Origin::Form,
            submitted_at: jiff::Timestamp::UNIX_EPOCH,
            corrects: None,
        };
        Entry { status, ..Entry::queued(submission, "ada".into()) }
    }

    #[test]
    fn each_event_is_one_line_and_told_once() {
        let (tells, updates) = mpsc::unbounded_channel();
        let mut news = News::new(updates);
        let created = Status::Created { id: ContactId("63c7".into()), remark: None };
        for status in
            [Status::Queued(Waiting::default()), Status::Sending, created.clone(), created]
        {
            tells.send(Update::Entry(Box::new(entry(status)))).unwrap();
        }
        let offline = || {
            let failure = Failure::new(FailureKind::Unreached, "refused");
            Update::PlatformHealth(PlatformHealth::Offline(failure))
        };
        for update in [
            Update::PlatformHealth(PlatformHealth::Untried),
            Update::PlatformHealth(PlatformHealth::Online),
            offline(),
            offline(),
            Update::PlatformHealth(PlatformHealth::Online),
        ] {
            tells.send(update).unwrap();
        }
        let told = news.lines();
        assert_eq!(told.len(), 3, "{told:#?}");
        assert_eq!(told[0], "Created: John Doe, +91 98765 43210");
        assert!(told[1].starts_with("Offline, what you submit waits: "), "{told:?}");
        assert_eq!(told[2], "Online again.");
        assert!(news.lines().is_empty());
    }
}
