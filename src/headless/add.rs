//! `add`: one contact, from flags or asked line by line; waits for its delivery and says
//! what happened. Still waiting after the time is no failure: it is stored, and goes out
//! with the next rolodesk that runs.

use std::{
    io::{self, Write},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use jiff::Timestamp;
use serde::Serialize;
use tokio::time::Instant;

use super::{
    add_questions,
    follow::{Asked, Ended, Follower, Next, Patience},
    output::{Because, Existing, existing, id, json_line, outcome_word},
    prompt::Prompt,
    standstill,
};
use crate::{
    config::Config,
    connect,
    contact::{Draft, Problem, Rules, text::safe},
    delivery::clock,
    exit::Exit,
    signals::Signals,
    store::Store,
    submission::{Entry, Group, Origin, Reason, Status, Submission, SubmissionId, Update},
};

/// What is true of the contact whatever cannot be read of it.
const STORED: &str = "the contact is stored, but what became of it cannot be shown";

/// What was asked for.
#[derive(Debug, Clone, Default)]
pub struct AddRequest {
    /// The fields as given; without any of them they are asked for.
    pub draft: Draft,
    /// Whether a number outside its numbering plan may be sent.
    pub allow_unusual: bool,
    /// One JSON object instead of a sentence.
    pub json: bool,
    /// How long to wait for the delivery.
    pub wait: Duration,
}

/// The keys are those of an imported row; a lone contact is the first.
#[derive(Serialize)]
struct AddedContact {
    status: &'static str,
    id: Option<String>,
    e164: Option<String>,
    full_name: String,
    #[serde(flatten)]
    because: Because,
    existing: Option<Existing>,
    row: u64,
}

/// Adds the contact.
///
/// # Errors
/// When it cannot be stored, the secret cannot be had, or nothing can be printed.
pub async fn run(config: &Config, request: AddRequest) -> Result<Exit> {
    // Whatever keeps the contact from being stored is told before anything is typed.
    let store = connect::store(config, clock::now()).await.context("the contact is not stored")?;
    let deliverer = connect::deliverer(config).await?;
    let mut rules =
        Rules { salutations: config.salutations.clone(), allow_unusual: request.allow_unusual };
    let draft = if request.draft == Draft::default() {
        let mut prompt = Prompt { input: io::stdin().lock(), out: io::stderr(), ends_lines: false };
        add_questions::contact(config, &Draft::default(), &mut rules, &mut prompt)?
    } else {
        with_defaults(request.draft, config)
    };
    let contact = match draft.parse(&rules) {
        Ok(contact) => contact,
        Err(problems) => return refuse(&draft, &problems, request.json),
    };
    // From here on Ctrl+C must not end the program before it has said what is stored.
    let signals = Signals::listen()?;
    let id = SubmissionId::fresh();
    let submission = Submission {
        id,
        contact,
        origin: Origin::Form,
        submitted_at: Timestamp::now(),
        corrects: None,
    };
    let follower = Follower::start(config, &store, deliverer, signals, false);
    follower.handle.submit(submission);
    let patience = Patience::Until(Instant::now() + request.wait);
    let mut added = AddedSubmission { id, store: &store, stored: false, trouble: None };
    let ended = follower.follow(&mut added, patience).await;
    let ended = if added.stored { ended.context(STORED) } else { ended }?;
    // The worker wrote the last word; what it told on the way may be older.
    let entry = store.entry(id).await.context(STORED)?;
    let Some((entry, _)) = entry else { bail!("the contact was discarded") };
    let is_held = entry.settled_at.is_none() && entry.reason().is_none();
    let held = match added.trouble.filter(|_| is_held) {
        None if is_held => standstill::held_by_limit(&store).await.context(STORED)?,
        trouble => trouble,
    };
    tell(&entry, held, request.json).with_context(|| {
        let word = outcome_word(&entry.status);
        format!("the contact is stored ({word}), but standard output cannot be written")
    })?;
    Ok(match (entry.status.group(), ended) {
        (Group::Queued | Group::Sending, Ended::Interrupted(leave)) => leave.exit(),
        (Group::Queued | Group::Sending, ended) => ended.exit(true, false),
        (Group::Duplicate | Group::Attention, ended) => ended.exit(false, true),
        (Group::Created | Group::Deleted, ended) => ended.exit(false, false),
    })
}

/// What a script leaves out is what the form starts with.
fn with_defaults(draft: Draft, config: &Config) -> Draft {
    let or = |given: String, default: &str| {
        if given.is_empty() { default.to_owned() } else { given }
    };
    let region = config.default_region.map(|region| region.code().to_owned());
    Draft {
        salutation: or(
            draft.salutation,
            config.default_salutation.as_ref().map_or("", |it| it.as_str()),
        ),
        region: or(draft.region, region.as_deref().unwrap_or("")),
        extension: or(draft.extension, config.extension.as_str()),
        ..draft
    }
}

/// What is waited for: that nothing more is to be learnt of it, and it is on disk.
struct AddedSubmission<'a> {
    id: SubmissionId,
    store: &'a Store,
    stored: bool,
    /// What is the matter with the platform, or with the floor that goes there.
    trouble: Option<String>,
}

impl Asked for AddedSubmission<'_> {
    fn hear(&mut self, update: Update) -> Result<Next> {
        match update {
            Update::NotStored { reason, .. } => bail!("the contact is not stored: {reason}"),
            Update::Entry(entry) if entry.submission.id == self.id => {
                self.stored = true;
                let is_final = is_final(&entry.status);
                Ok(if is_final { Next::End(Ended::Settled) } else { Next::Wait })
            }
            Update::Entry(_)
            | Update::Gone(_)
            | Update::Reread
            | Update::Known { .. }
            | Update::Everybody { .. }
            | Update::Directory(_)
            | Update::Counts(_)
            | Update::Budget(_)
            | Update::PlatformHealth(_) => Ok(Next::Wait),
            Update::Notice(text) | Update::StoreFailed { reason: text, .. } => {
                // Whoever closed standard error does not want to know.
                let _ = writeln!(io::stderr(), "rolodesk: {}", safe(&text));
                Ok(Next::Wait)
            }
        }
    }

    /// Another process on the store may deliver it.
    async fn look(&mut self) -> Result<Next> {
        if !self.stored {
            return Ok(Next::Wait);
        }
        let entry = self.store.entry(self.id).await?;
        let settled = entry.is_none_or(|(entry, _)| is_final(&entry.status));
        Ok(if settled { Next::End(Ended::Settled) } else { Next::Wait })
    }

    fn note(&mut self, _: &str) -> io::Result<()> {
        Ok(())
    }

    fn trouble(&mut self, what: Option<String>) {
        self.trouble = what;
    }

    /// An answer to whether it is stored comes soon, and is waited for in any case.
    fn may_leave(&self) -> bool {
        self.stored
    }
}

/// A duplicate whose owner is still looked for is not the last word.
pub(super) fn is_final(status: &Status) -> bool {
    match status {
        Status::Queued(_)
        | Status::Sending
        | Status::Unclear(_)
        | Status::Duplicate { remark: Some(Reason::CheckingOwner), .. } => false,
        Status::Duplicate { owners, remark } => !owners.is_empty() || remark.is_some(),
        Status::Created { .. }
        | Status::Deleted { .. }
        | Status::Rejected { .. }
        | Status::Attention { .. } => true,
    }
}

fn refuse(draft: &Draft, problems: &[Problem], json: bool) -> Result<Exit> {
    let tell = |problem: &Problem| {
        let cure =
            if problem.can_override { "; --allow-unusual sends it all the same" } else { "" };
        format!("{}: {}{cure}", problem.field, problem.message)
    };
    let told: Vec<_> = problems.iter().map(tell).collect();
    let full_name = format!("{} {}", draft.first_name, draft.last_name).trim().to_owned();
    if json {
        let fields: Vec<_> = problems.iter().map(|problem| problem.field.to_string()).collect();
        let row = AddedContact {
            status: "invalid",
            id: None,
            e164: None,
            full_name,
            because: Because::of("invalid", Some(told.join("; "))).with("fields", fields),
            existing: None,
            row: 1,
        };
        json_line(&mut io::stdout(), &row)?;
    } else {
        for line in told {
            writeln!(io::stderr(), "{}", safe(&line))?;
        }
    }
    Ok(Exit::Partly)
}

/// Tells what became of it; `held` is what keeps it although nothing is the matter with it.
fn tell(entry: &Entry, held: Option<String>, json: bool) -> io::Result<()> {
    let contact = &entry.submission.contact;
    let because = Because::from(entry);
    let because = Because { reason: because.reason.or(held), ..because };
    let row = AddedContact {
        status: outcome_word(&entry.status),
        id: id(&entry.status),
        e164: Some(contact.phone.e164().to_string()),
        full_name: contact.full_name(),
        because,
        existing: existing(&entry.status),
        row: 1,
    };
    let mut out = io::stdout();
    if json {
        return json_line(&mut out, &row);
    }
    let more = row.id.or(row.because.reason).map(|more| format!("  {}", safe(&more)));
    let phone = contact.phone.international();
    writeln!(out, "{}  {}  {phone}{}", row.status, row.full_name, more.unwrap_or_default())
}
