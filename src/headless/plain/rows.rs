//! What becomes of rows: those that wait for a person one after the other, and any of the
//! latest.

use std::io::{BufRead, Write};

use anyhow::Result;

use super::{
    news::{Answered, line},
    talk::{Talk, draft},
};
use crate::{
    config::Right,
    submission::{Change, Entry, Group, Page, Status},
};

/// Rows that are asked about at once; whoever has more goes on afterwards.
const MOST_NEEDING: u32 = 500;
/// The latest rows that are listed.
const MOST_LISTED: u32 = 15;

/// What can be done with a row.
#[derive(Debug, Clone, Copy)]
enum Action {
    Keep,
    Update,
    Correct,
    Retry,
    Drop,
    CallOff,
    Delete,
    Later,
}

impl<Input: BufRead, Out: Write> Talk<Input, Out> {
    /// The rows that wait for a person, oldest first.
    pub(super) fn needing(&mut self) -> Result<Vec<Entry>> {
        let groups = vec![Group::Duplicate, Group::Attention];
        let page = Page { groups, limit: MOST_NEEDING, ..Page::default() };
        let mut rows = self.runtime.block_on(self.store.page(&page))?;
        rows.retain(Entry::needs_somebody);
        rows.reverse();
        Ok(rows)
    }

    /// Goes through what waits for a person. False when the input has ended.
    pub(super) fn needs_you(&mut self) -> Result<bool> {
        let rows = self.needing()?;
        if rows.is_empty() {
            self.say("Nothing needs you.")?;
        }
        for (number, row) in (1..).zip(&rows) {
            self.say(&format!("{number} of {}. {}", rows.len(), line(row)))?;
            if !self.act_on(row)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Lists the latest rows, and asks about the one that is chosen.
    pub(super) fn results(&mut self) -> Result<bool> {
        let page = Page { limit: MOST_LISTED, ..Page::default() };
        let rows = self.runtime.block_on(self.store.page(&page))?;
        if rows.is_empty() {
            self.say("Nothing yet: what you submit is listed here.")?;
            return Ok(true);
        }
        let counts = self.runtime.block_on(self.store.counts())?;
        self.say(&format!(
            "{} created, {} duplicates, {} need attention, {} wait. The latest first:",
            counts.created,
            counts.duplicate,
            counts.attention,
            counts.waiting()
        ))?;
        let lines: Vec<_> = rows.iter().map(line).collect();
        let mut choices = vec![("back", None)];
        choices.extend(lines.iter().map(String::as_str).zip(rows.iter().map(Some)));
        match self.choose("Which one?", &choices)? {
            Some(Some(row)) => self.act_on(row),
            Some(None) => Ok(true),
            None => Ok(false),
        }
    }

    fn act_on(&mut self, row: &Entry) -> Result<bool> {
        let actions = self.actions(row);
        let Some(action) = self.choose("What now with it?", &actions)? else { return Ok(false) };
        let id = row.submission.id;
        match action {
            Action::Later => return Ok(true),
            Action::Correct => {
                return self.contact(&draft(&row.submission.contact), Some(row));
            }
            Action::Keep => self.handle.keep(id),
            Action::Retry => self.handle.retry(Some(id)),
            Action::Drop | Action::CallOff => self.handle.discard(id, row.seen()),
            Action::Update | Action::Delete => {
                if let Some(change) = change_of(row) {
                    self.handle.change(id, change);
                }
            }
        }
        match self.news.answer(id, &self.runtime) {
            Answered::Done => self.say(done(action))?,
            Answered::Refused(why) => self.say(&format!("Not done: {why}"))?,
            Answered::NotYet => self.say("The disk is slow; look at it again later.")?,
        }
        Ok(true)
    }

    fn actions(&self, row: &Entry) -> Vec<(&'static str, Action)> {
        let allows = |right| self.config.policy.allows(right);
        let correct = ("correct it", Action::Correct);
        let retry = ("try it again", Action::Retry);
        let (drop, forget) = (("drop it", Action::Drop), ("forget this line", Action::Drop));
        let mut actions = match &row.status {
            Status::Duplicate { .. } => {
                let update = ("change the existing contact into this one", Action::Update);
                let can = allows(Right::Update) && change_of(row).is_some();
                let mut actions = vec![("keep the existing contact", Action::Keep)];
                actions.extend(can.then_some(update));
                actions.extend([correct, retry, drop]);
                actions
            }
            // The row stands for a contact that is there.
            Status::Queued(_) | Status::Unclear(_) if row.task.change().is_some() => {
                vec![retry, ("call off the change", Action::CallOff)]
            }
            // Corrected, both might be there: that is decided once it is settled.
            Status::Queued(_) | Status::Rejected { .. } | Status::Attention { .. }
                if row.may_exist() =>
            {
                vec![retry, drop]
            }
            Status::Queued(_) | Status::Rejected { .. } | Status::Attention { .. } => {
                vec![correct, retry, drop]
            }
            Status::Unclear(_) => vec![retry, drop],
            Status::Created { .. } => {
                let mut actions = Vec::new();
                actions.extend(allows(Right::Update).then_some(("change it", Action::Correct)));
                let delete = ("delete it on the platform", Action::Delete);
                actions.extend(allows(Right::Delete).then_some(delete));
                actions.push(forget);
                actions
            }
            Status::Deleted { .. } => vec![correct, forget],
            Status::Sending => Vec::new(),
        };
        actions.retain(|(_, it)| !matches!(it, Action::Correct) || allows(Right::Create));
        // What a hurried Enter does must change nothing.
        actions.insert(0, ("leave it as it is for now", Action::Later));
        actions
    }
}

fn change_of(row: &Entry) -> Option<Change> {
    match &row.status {
        Status::Duplicate { owners, .. } => {
            let owner = owners.iter().find(|owner| owner.id.is_some())?;
            Some(Change::Update(owner.id.clone()?, owner.clone()))
        }
        Status::Created { id, .. } => Some(Change::Delete(id.clone())),
        Status::Queued(_)
        | Status::Sending
        | Status::Unclear(_)
        | Status::Deleted { .. }
        | Status::Rejected { .. }
        | Status::Attention { .. } => None,
    }
}

fn done(action: Action) -> &'static str {
    match action {
        Action::Keep => "The existing contact stays as it is.",
        Action::Update => "The change is stored and goes out now.",
        Action::Delete => "The deletion is stored and goes out now.",
        Action::Retry => "Trying again.",
        Action::Drop => "It is gone from the results.",
        Action::CallOff => "Called off; its line says whether it may have been made.",
        Action::Correct | Action::Later => "Left as it is.",
    }
}
