//! `add`: one contact, from flags or asked line by line; waits for its delivery and says
//! what happened. Still waiting after the time is no failure: it is stored, and goes out
//! with the next rolodesk that runs.

use std::{
    io::{self, Write},
    time::Duration,
};

use anyhow::{Result, bail};
use jiff::Timestamp;
use serde::Serialize;
use tokio::{
    sync::mpsc::{self, UnboundedReceiver},
    time::{Instant, timeout_at},
};

use super::{
    ask,
    output::{Existing, existing, id, json_line, outcome_word},
};
use crate::{
    config::Config,
    contact::{Draft, Problem, Rules, text::safe},
    delivery::{self, clock},
    run::{Exit, client, scope},
    store::Store,
    submission::{Entry, Group, Link, Origin, Status, Submission, SubmissionId, Update},
};

/// What was asked for.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The fields as given; without any of them they are asked for.
    pub draft: Draft,
    /// Whether a number outside its numbering plan may be sent.
    pub allow_unusual: bool,
    /// One JSON object instead of a sentence.
    pub json: bool,
    /// How long to wait for the delivery.
    pub wait: Duration,
}

#[derive(Serialize)]
struct Row {
    status: &'static str,
    id: Option<String>,
    e164: Option<String>,
    full_name: String,
    reason: Option<String>,
    existing: Option<Existing>,
}

/// Adds the contact.
///
/// # Errors
/// When it cannot be stored, the secret cannot be had, or nothing can be printed.
pub async fn run(config: &Config, request: Request) -> Result<Exit> {
    let rules =
        Rules { salutations: config.salutations.clone(), allow_unusual: request.allow_unusual };
    let draft = if request.draft == Draft::default() {
        ask::contact(config, &rules, &mut io::stdin().lock(), &mut io::stderr())?
    } else {
        with_defaults(request.draft, config)
    };
    let contact = match draft.parse(&rules) {
        Ok(contact) => contact,
        Err(problems) => return refuse(&draft, &problems, request.json),
    };
    let id = SubmissionId::fresh();
    let submission =
        Submission { id, contact, origin: Origin::Form, submitted_at: Timestamp::now() };
    let store = Store::open(&config.store_path(), scope(config), clock::now()).await?;
    let client = client(config).await?;
    let (sender, mut updates) = mpsc::unbounded_channel();
    let settings = delivery::Settings { max_batch: config.max_batch, ..Default::default() };
    let (handle, worker) = delivery::spawn(store.clone(), client, settings, sender);
    handle.submit(submission);
    let refused = settled(id, &mut updates, Instant::now() + request.wait).await?;
    drop(handle);
    worker.await?;
    // The worker wrote the last word; what it told on the way may be older.
    let Some((entry, _)) = store.entry(id).await? else { bail!("the contact was discarded") };
    tell(&entry, request.json)?;
    Ok(match entry.status.group() {
        Group::Created | Group::Deleted => Exit::Done,
        Group::Duplicate | Group::Attention => Exit::Partly,
        Group::Queued | Group::Sending if refused => Exit::NotAuthorised,
        Group::Queued | Group::Sending => Exit::Pending,
    })
}

/// What a script leaves out is what the form starts with.
fn with_defaults(draft: Draft, config: &Config) -> Draft {
    let or = |given: String, default: &str| {
        if given.is_empty() { default.to_owned() } else { given }
    };
    let region = config.default_region.map(|region| region.code().to_owned());
    Draft {
        salutation: or(draft.salutation, config.salutations.first().map_or("", |it| it.as_str())),
        region: or(draft.region, region.as_deref().unwrap_or("")),
        extension: or(draft.extension, config.extension.as_str()),
        ..draft
    }
}

/// Waits until nothing more is to be learnt of the submission; true when the platform
/// refuses us.
async fn settled(
    id: SubmissionId,
    updates: &mut UnboundedReceiver<Update>,
    deadline: Instant,
) -> Result<bool> {
    let mut refused = false;
    while let Ok(Some(update)) = timeout_at(deadline, updates.recv()).await {
        match update {
            Update::NotStored { reason, .. } => bail!("the contact is not stored: {reason}"),
            Update::Entry(entry) if entry.submission.id == id && is_final(&entry.status) => break,
            Update::Link(Link::Refused { .. }) => {
                refused = true;
                break;
            }
            Update::Entry(_)
            | Update::Gone(_)
            | Update::Reread
            | Update::Directory(_)
            | Update::Counts(_)
            | Update::Budget(_)
            | Update::Link(Link::Untried | Link::Online | Link::Offline { .. })
            | Update::Notice(_) => {}
        }
    }
    Ok(refused)
}

/// A duplicate whose owner is still looked for is not the last word.
pub(super) fn is_final(status: &Status) -> bool {
    match status {
        Status::Queued(_) | Status::Sending | Status::Unclear(_) => false,
        Status::Duplicate { owners, remark } => !owners.is_empty() || remark.is_some(),
        Status::Created { .. }
        | Status::Deleted { .. }
        | Status::Rejected { .. }
        | Status::Attention { .. } => true,
    }
}

fn refuse(draft: &Draft, problems: &[Problem], json: bool) -> Result<Exit> {
    let told: Vec<_> =
        problems.iter().map(|problem| format!("{}: {}", problem.field, problem.message)).collect();
    let full_name = format!("{} {}", draft.first_name, draft.last_name).trim().to_owned();
    if json {
        let row = Row {
            status: "invalid",
            id: None,
            e164: None,
            full_name,
            reason: Some(told.join("; ")),
            existing: None,
        };
        json_line(&mut io::stdout(), &row)?;
    } else {
        for line in told {
            writeln!(io::stderr(), "{}", safe(&line))?;
        }
    }
    Ok(Exit::Partly)
}

fn tell(entry: &Entry, json: bool) -> io::Result<()> {
    let contact = &entry.submission.contact;
    let row = Row {
        status: outcome_word(&entry.status),
        id: id(&entry.status),
        e164: Some(contact.phone.e164().to_string()),
        full_name: contact.full_name(),
        reason: entry.reason(),
        existing: existing(&entry.status),
    };
    let mut out = io::stdout();
    if json {
        return json_line(&mut out, &row);
    }
    let more = row.id.or(row.reason).map(|more| format!("  {}", safe(&more)));
    let phone = contact.phone.international();
    writeln!(out, "{}  {}  {phone}{}", row.status, row.full_name, more.unwrap_or_default())
}
