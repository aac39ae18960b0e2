//! The audit trail: who did what when, one JSON object a line, only ever added to. It names
//! rows and contacts by their ids, never by name or number, so that it can be kept longer
//! than what it tells of, and handed on.
//!
//! It never stands in the way: a trail that cannot be written is told, and the contacts go
//! out all the same.

use std::{
    io::Write as _,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::Timestamp;
use serde::Serialize;

use crate::private::journal::{Journal, Limits};

/// Ten files of 5 MB: some 250,000 lines.
const LIMITS: Limits = Limits { longest: 5 * 1024 * 1024, kept: 9 };

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AuditVerb {
    /// A contact was stored to be created.
    Submit,
    /// The platform was asked to create it.
    Create,
    /// The platform was asked to change a contact.
    Update,
    /// The platform was asked to delete a contact.
    Delete,
    /// A row was forgotten before it was sent, or after it was settled.
    Discard,
    /// A row was erased.
    Purge,
    /// Rows were written out for other programs.
    Export,
    /// The configuration was changed.
    Settings,
}

/// One line, without who and when.
#[derive(Debug, Clone, Serialize)]
pub struct AuditRecord {
    /// What was done.
    pub verb: AuditVerb,
    /// With which row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<String>,
    /// With which of the platform's contacts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// What came of it: a word.
    pub outcome: String,
}

impl AuditRecord {
    /// Of something that has no row.
    #[must_use]
    pub fn of(verb: AuditVerb, outcome: impl Into<String>) -> Self {
        Self { verb, row: None, contact: None, outcome: outcome.into() }
    }
}

#[derive(Serialize)]
struct AuditLine<'a> {
    at: Timestamp,
    user: &'a str,
    agent: &'a str,
    profile: &'a str,
    #[serde(flatten)]
    record: &'a AuditRecord,
}

/// The way to the trail; cheap to clone.
#[derive(Debug, Clone)]
pub struct AuditTrail {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    user: String,
    agent: String,
    profile: String,
    journal: Mutex<Option<Journal>>,
    trouble: Mutex<Trouble>,
}

/// What is wrong with the trail, and whether somebody was told.
#[derive(Debug, Default)]
struct Trouble {
    why: Option<String>,
    untold: bool,
}

impl AuditTrail {
    /// The trail at `path`; without one nothing is written.
    #[must_use]
    pub fn open(path: Option<&Path>, agent: &str, profile: &str) -> Self {
        let user = crate::private::user::name();
        let (agent, profile) = (agent.to_owned(), profile.to_owned());
        let (journal, trouble) = (Mutex::new(None), Mutex::default());
        let trail = Self { inner: Arc::new(Inner { user, agent, profile, journal, trouble }) };
        match path.map(|path| Journal::open(path, LIMITS)) {
            // Without a home there is nobody whose trail it could be.
            None => {}
            Some(Ok(journal)) => *locked(&trail.inner.journal) = Some(journal),
            Some(Err(why)) => trail.troubled(&why.to_string()),
        }
        trail
    }

    /// Adds these; each is one write, whole or not at all.
    pub fn add(&self, records: &[AuditRecord]) {
        let mut journal = locked(&self.inner.journal);
        let Some(journal) = journal.as_mut() else { return };
        let at = Timestamp::now();
        let Inner { user, agent, profile, .. } = &*self.inner;
        for record in records {
            let line = AuditLine { at, user, agent, profile, record };
            let Ok(mut line) = serde_json::to_vec(&line) else { continue };
            line.push(b'\n');
            if let Err(error) = journal.write_all(&line) {
                return self.troubled(&format!("{}: {error}", journal.path().display()));
            }
        }
        locked(&self.inner.trouble).why = None;
    }

    /// A sentence about what keeps the trail from being written, once for each trouble.
    #[must_use]
    pub fn news_of_trouble(&self) -> Option<String> {
        let mut trouble = locked(&self.inner.trouble);
        if !std::mem::take(&mut trouble.untold) {
            return None;
        }
        let why = trouble.why.clone()?;
        Some(format!("the audit trail cannot be written ({why}); contacts are sent all the same"))
    }

    fn troubled(&self, why: &str) {
        let mut trouble = locked(&self.inner.trouble);
        if trouble.why.as_deref() != Some(why) {
            tracing::error!(%why, "the audit trail cannot be written");
            *trouble = Trouble { why: Some(why.to_owned()), untold: true };
        }
    }
}

/// Nothing is left half-done by a panic that holds one of these.
fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_who_when_what_and_what_came_of_it() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("state/audit.jsonl");
        let trail = AuditTrail::open(Some(&path), "ada", "acme");
        let row = AuditRecord {
            verb: AuditVerb::Create,
            row: Some("r-1".into()),
            contact: Some("6b".into()),
            outcome: "created".into(),
        };
        trail.add(&[row, AuditRecord::of(AuditVerb::Settings, "written")]);
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 2);
        for (key, value) in
            [("agent", "ada"), ("verb", "create"), ("row", "r-1"), ("contact", "6b")]
        {
            assert_eq!(lines[0][key], value);
        }
        assert!(lines[0]["at"].as_str().unwrap().ends_with('Z') && lines[1].get("row").is_none());
        assert_eq!(trail.news_of_trouble(), None);
    }

    #[test]
    fn a_trail_that_cannot_be_written_is_told_once_and_stands_in_nobodys_way() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("file/audit.jsonl");
        std::fs::write(home.path().join("file"), "no folder").unwrap();
        let trail = AuditTrail::open(Some(&path), "ada", "acme");
        trail.add(&[AuditRecord::of(AuditVerb::Export, "csv")]);
        assert!(trail.news_of_trouble().unwrap().contains("the audit trail cannot be written"));
        assert_eq!(trail.news_of_trouble(), None);
    }
}
