//! `status`: what waits, since when and why, and what is left of the requests.

use std::{
    collections::{BTreeMap, HashMap},
    io::{self, Write},
};

use anyhow::Result;
use jiff::Timestamp;
use serde::Serialize;

use super::{
    output::{Because, damaged, json_line, word},
    sentences,
};
use crate::{
    config::Config,
    connect,
    contact::{E164, text::safe},
    delivery::clock,
    exit::Exit,
    store::{Estate, HeldElsewhere, Store},
    submission::{Entry, Group, Page, PagePosition, PlatformHealth, Status},
    team::floor::{FloorError, Standing},
};

/// Rows read from the store at once.
const AT_ONCE: u32 = 500;
/// Waiting rows told one by one; more are counted.
const MOST_TOLD: u32 = 20;

#[derive(Serialize)]
struct StatusReport {
    queued: u64,
    sending: u64,
    created: u64,
    deleted: u64,
    duplicate: u64,
    attention: u64,
    damaged: u64,
    /// None where only the floor knows, and cannot be asked.
    requests_left: Option<u32>,
    requests_per_minute: Option<u32>,
    limit_is_shared: bool,
    held_until: Option<Timestamp>,
    oldest_waiting_since: Option<Timestamp>,
    account: String,
    /// Whose database the contacts go through; none without a team.
    floor: Option<FloorReport>,
    held: Vec<HeldReport>,
    /// How many rows stand where they stand for which reason, by its code.
    reasons: BTreeMap<String, u64>,
    waiting: Vec<StatusRow>,
}

/// How the floor stands.
#[derive(Serialize)]
struct FloorReport {
    /// Who sends for the account; none while nobody does.
    sender: Option<SenderReport>,
    /// What keeps contacts from going out, in one sentence; none when nothing does.
    reason: Option<String>,
}

#[derive(Serialize)]
struct SenderReport {
    agent: String,
    machine: String,
}

impl From<&Result<Standing, FloorError>> for FloorReport {
    fn from(standing: &Result<Standing, FloorError>) -> Self {
        let standing = match standing {
            Ok(standing) => standing,
            Err(error) => return Self { sender: None, reason: Some(error.to_string()) },
        };
        let sender = standing.sender.clone();
        let reason = match standing.health() {
            PlatformHealth::Untried | PlatformHealth::Online => None,
            PlatformHealth::Offline(failure) => Some(sentences::failure(&failure)),
            PlatformHealth::Refused(refusal) => Some(sentences::refusal(&refusal)),
            PlatformHealth::Unattended => Some(sentences::NOBODY_SENDS.to_owned()),
        };
        Self { sender: sender.map(|(agent, machine)| SenderReport { agent, machine }), reason }
    }
}

/// What waits for an estate that is not the profile's.
#[derive(Serialize)]
struct HeldReport {
    profile: String,
    host: String,
    account: String,
    stream: String,
    waiting: u64,
    reason: String,
}

impl From<HeldElsewhere> for HeldReport {
    fn from(held: HeldElsewhere) -> Self {
        let reason = held.to_string();
        let HeldElsewhere { profile, host, account, stream, waiting, .. } = held;
        Self { profile, host, account, stream, waiting, reason }
    }
}

#[derive(Serialize)]
struct StatusRow {
    status: &'static str,
    e164: String,
    full_name: String,
    agent: String,
    submitted_at: Timestamp,
    attempts: u32,
    #[serde(flatten)]
    because: Because,
    next_attempt_at: Option<Timestamp>,
    /// The entry of the same number that must be settled first.
    blocked_by: Option<String>,
}

impl From<&Entry> for StatusRow {
    fn from(entry: &Entry) -> Self {
        Self {
            status: word(&entry.status),
            e164: entry.submission.contact.phone.e164().to_string(),
            full_name: entry.submission.contact.full_name(),
            agent: entry.agent.clone(),
            submitted_at: entry.submission.submitted_at,
            attempts: entry.attempts,
            because: entry.into(),
            next_attempt_at: entry.status.waiting().and_then(|waiting| waiting.until),
            blocked_by: None,
        }
    }
}

/// Prints the report.
///
/// # Errors
/// When the store cannot be read, or nothing can be printed.
pub async fn run(config: &Config, json: bool) -> Result<Exit> {
    let now = clock::now();
    let store = connect::store_to_look(config, now).await?;
    // What cannot be read is found out by reading it: it counts as that.
    let settled = vec![Group::Duplicate, Group::Created, Group::Deleted];
    store.page(&Page { groups: settled, limit: AT_ONCE, ..Page::default() }).await?;
    // A program is told all of them; nobody reads a million lines.
    let most = if json { u32::MAX } else { MOST_TOLD };
    let mut waiting = waiting(&store, most).await?;
    let counts = store.counts().await?;
    // The requests of a floor are counted there.
    let standing = connect::team_standing(config, &store).await?;
    let (budget, account) = match &standing {
        None => (Some(store.budget(now).await?), None),
        Some(Ok(floor)) => (Some(floor.budget(now.wall)), Some(floor.account.as_str())),
        Some(Err(_)) => (None, None),
    };
    let account = account.map_or(config.account_id.as_str(), Estate::account_in);
    let held = store.held_elsewhere().await?;
    let all_held = held.iter().map(|it| u32::try_from(it.waiting).unwrap_or(u32::MAX));
    let all_held = all_held.fold(0, u32::saturating_add).min(most);
    waiting.extend(store.held_rows(all_held).await?.iter().map(StatusRow::from));
    waiting.sort_by_key(|row| row.submitted_at);
    let report = StatusReport {
        queued: counts.queued,
        sending: counts.sending,
        created: counts.created,
        deleted: counts.deleted,
        duplicate: counts.duplicate,
        attention: counts.attention,
        damaged: store.damaged().await?,
        requests_left: budget.map(|it| it.left),
        requests_per_minute: budget.map(|it| it.limit),
        limit_is_shared: budget.is_some_and(|it| it.is_shared),
        held_until: budget.and_then(|it| it.held_until),
        oldest_waiting_since: store.oldest_waiting().await?,
        account: account.to_owned(),
        floor: standing.as_ref().map(FloorReport::from),
        held: held.into_iter().map(HeldReport::from).collect(),
        reasons: store.reasons().await?.into_iter().collect(),
        waiting,
    };
    let mut out = io::stdout().lock();
    if json {
        json_line(&mut out, &report)?;
    } else {
        tell(&mut out, config, &report)?;
    }
    Ok(Exit::Done)
}

/// A wait that was asked for is told as one, not as requests that are used up.
fn requests(report: &StatusReport) -> String {
    if let Some(until) = report.held_until {
        let until = until.strftime("%H:%M:%SZ");
        return format!("the platform asked us to wait until {until}");
    }
    let shared = if report.limit_is_shared { "; another tool uses the minute" } else { "" };
    match (report.requests_left, report.requests_per_minute) {
        (Some(left), Some(limit)) => format!("{left} of {limit} left this minute{shared}"),
        _ => "counted by the floor, which cannot be asked".to_owned(),
    }
}

/// The rows that are not settled, or need somebody, the oldest `most` of them; oldest first.
async fn waiting(store: &Store, most: u32) -> Result<Vec<StatusRow>> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut part = PagePosition::Oldest;
    loop {
        let groups = vec![Group::Queued, Group::Sending, Group::Attention];
        let read = u32::try_from(entries.len()).unwrap_or(u32::MAX);
        let limit = AT_ONCE.min(most.saturating_sub(read));
        // A page that goes on from a row holds that row as well.
        let limit = if entries.is_empty() { limit } else { limit.saturating_add(1) };
        let mut page = store.page(&Page { part, groups, limit, ..Page::default() }).await?;
        page.reverse();
        let known = entries.last().map(|it| it.submission.id);
        page.retain(|it| Some(it.submission.id) != known);
        let Some(newest) = page.last() else { break };
        part = PagePosition::From(newest.submission.id);
        entries.extend(page);
        if entries.len() >= most as usize {
            break;
        }
    }
    let others;
    let first = if most == u32::MAX {
        // All were read: whatever goes before one of them is among them.
        going_first(&entries)
    } else {
        others = store.held(&numbers_of(&entries)).await?;
        going_first(&others)
    };
    let row = |entry: &Entry| {
        let before = first.get(&entry.submission.contact.phone.e164());
        let waits = matches!(entry.status, Status::Queued(_) | Status::Unclear(_));
        let before = before.filter(|it| waits && it.submission.id != entry.submission.id);
        let blocked_by = before.map(|it| it.submission.contact.full_name());
        StatusRow { blocked_by, ..StatusRow::from(entry) }
    };
    Ok(entries.iter().map(row).collect())
}

fn numbers_of(entries: &[Entry]) -> Vec<E164> {
    entries.iter().map(|entry| entry.submission.contact.phone.e164()).collect()
}

/// Two of one number are never under way together, and an unclear one goes first: the oldest
/// that does, of each number.
fn going_first(entries: &[Entry]) -> HashMap<E164, &Entry> {
    let goes = |it: &&Entry| matches!(it.status, Status::Sending | Status::Unclear(_));
    let mut first: HashMap<E164, &Entry> = HashMap::new();
    for entry in entries.iter().filter(goes) {
        let oldest = first.entry(entry.submission.contact.phone.e164()).or_insert(entry);
        if entry.submission.id < oldest.submission.id {
            *oldest = entry;
        }
    }
    first
}

fn tell(out: &mut impl Write, config: &Config, report: &StatusReport) -> io::Result<()> {
    let (profile, account) = (&config.profile, safe(&report.account));
    let place = match &config.team {
        Some(team) if config.host.is_empty() => team.address(),
        Some(_) | None => config.host.clone(),
    };
    let account = if account.is_empty() { account } else { format!(", account {account}") };
    writeln!(out, "Profile    {profile}  ({place}{account})")?;
    writeln!(
        out,
        "Contacts   {} queued, {} sending, {} created, {} deleted, {} duplicates, {} needing \
         attention",
        report.queued,
        report.sending,
        report.created,
        report.deleted,
        report.duplicate,
        report.attention
    )?;
    writeln!(out, "Requests   {}", requests(report))?;
    if let Some(FloorReport { sender, reason }) = &report.floor {
        let sends = sender.as_ref().map(|it| format!("{} on {} sends", it.agent, it.machine));
        let told = [sends, reason.clone()].into_iter().flatten().collect::<Vec<_>>().join("; ");
        writeln!(out, "Floor      {}", safe(&told))?;
    }
    if let Some(oldest) = report.oldest_waiting_since {
        writeln!(out, "Waiting    since {}", oldest.strftime("%Y-%m-%d %H:%M:%SZ"))?;
    }
    if let Some(told) = damaged(report.damaged) {
        writeln!(out, "Damaged    {told}")?;
    }
    for held in &report.held {
        writeln!(out, "Held       {}", safe(&held.reason))?;
    }
    for row in report.waiting.iter().take(MOST_TOLD as usize) {
        let blocked = row
            .blocked_by
            .as_ref()
            .map(|name| format!("waits until the entry of the same number for {name} is settled"));
        let reason = row.because.reason.clone().or(blocked);
        let reason = reason.map(|why| format!(": {}", safe(&why)));
        writeln!(
            out,
            "  {:<9}  {}  {}  since {}{}",
            row.status,
            row.e164,
            safe(&row.full_name),
            row.submitted_at.strftime("%Y-%m-%d %H:%M:%SZ"),
            reason.unwrap_or_default()
        )?;
    }
    let held: u64 = report.held.iter().map(|held| held.waiting).sum();
    let all = report.queued + report.sending + report.attention + held;
    let more = all.saturating_sub(u64::from(MOST_TOLD));
    if more > 0 {
        writeln!(out, "  and {more} more")?;
    }
    Ok(())
}
