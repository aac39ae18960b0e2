//! `team`: the database a floor shares, made and brought up to date by its owner, and what a
//! supervisor wants to know of it.

use std::io::{self, Write};

use anyhow::Result;
use jiff::Timestamp;

use super::{output::json_line, sentences};
use crate::{
    config::{Config, ConfigError},
    connect,
    contact::text::safe,
    exit::Exit,
    submission::PlatformHealth,
    team::{
        floor::FloorError,
        postgres::{
            AccountOverview, AgentReport, Found, Overview, Postgres, TABLES_VERSION, script,
        },
    },
};

/// What is asked of the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TeamRequest {
    /// Tables, roles and rights, made as its owner.
    Setup,
    /// The same brought up to date.
    Upgrade,
    /// Who is there, who sends, what waits.
    Status {
        /// One JSON object instead of text.
        json: bool,
    },
    /// Contacts per agent.
    Report {
        /// Handed over since then.
        since: Timestamp,
        /// Of one agent alone.
        agent: Option<String>,
        /// One JSON object per agent instead of a table.
        json: bool,
    },
}

/// Prints what a setup or an upgrade runs, for whoever wants to read it first.
///
/// # Errors
/// When nothing can be printed.
pub fn print() -> Result<Exit> {
    io::stdout().write_all(script().as_bytes())?;
    Ok(Exit::Done)
}

/// Carries the request out. What the database refuses is told on standard error.
///
/// # Errors
/// When the profile has no team, its password cannot be had, or nothing can be printed.
pub async fn run(config: &Config, request: &TeamRequest) -> Result<Exit> {
    let Some(address) = connect::team_address(config).await? else {
        let problem = "it has no `team`; write `url = \"postgres://owner@host/database\"` into \
                       [profiles.….team], or set ROLODESK_TEAM_URL";
        let profile = config.profile.clone();
        return Err(ConfigError::Incomplete { profile, problem: problem.into() }.into());
    };
    let floor = Postgres::new(address);
    let mut out = io::stdout().lock();
    let done = match request {
        TeamRequest::Setup => set_up(&mut out, &floor, config).await?,
        TeamRequest::Upgrade => upgrade(&mut out, &floor).await?,
        TeamRequest::Status { json } => status(&mut out, &floor, *json).await?,
        TeamRequest::Report { since, agent, json } => {
            report(&mut out, &floor, *since, agent.as_deref(), *json).await?
        }
    };
    match done {
        Ok(()) => Ok(Exit::Done),
        Err(error) => {
            writeln!(io::stderr(), "rolodesk: {}", safe(&error.to_string()))?;
            Ok(exit(&error))
        }
    }
}

/// Whether something was done, or what the database has against it.
type Done = Result<(), FloorError>;

/// What it means for a script.
fn exit(error: &FloorError) -> Exit {
    match error {
        FloorError::Password { .. } | FloorError::NotAdmitted(_) | FloorError::NoRights { .. } => {
            Exit::NotAuthorised
        }
        FloorError::UnknownHost { .. }
        | FloorError::Certificate(_)
        | FloorError::NotPostgres { .. }
        | FloorError::NoTls { .. }
        | FloorError::NoDatabase { .. }
        | FloorError::NoTables
        | FloorError::OtherTables
        | FloorError::NewerTables { .. }
        | FloorError::SomebodyElses
        | FloorError::Pooler
        | FloorError::Encoding { .. }
        | FloorError::ReadOnly
        | FloorError::TooOld { .. }
        | FloorError::WhichAccount => Exit::Usage,
        FloorError::Refused { .. }
        | FloorError::TooManyConnections(_)
        | FloorError::NoSecondConnection
        | FloorError::Full
        | FloorError::TimedOut
        | FloorError::Busy
        | FloorError::Lost(_)
        | FloorError::Unexpected(_)
        | FloorError::Closed(_)
        | FloorError::NotOurSeat { .. }
        | FloorError::NotOurRow
        | FloorError::NoAccount
        | FloorError::NotOurs => Exit::Failed,
    }
}

async fn set_up(out: &mut impl Write, floor: &Postgres, config: &Config) -> Result<Done> {
    let account = connect::team_account(config);
    let made = match floor.set_up(account.as_deref()).await {
        Ok(made) => made,
        Err(error) => return Ok(Err(error)),
    };
    if let Err(error) = floor.keep(config.keep_days).await {
        return Ok(Err(error));
    }
    match made.before {
        Found::Nothing => writeln!(out, "The tables are made (version {TABLES_VERSION}).")?,
        Found::Version(before) => told_version(out, before)?,
    }
    if made.has_roles {
        writeln!(out, "Seats connect as rolodesk_seat, whoever sends as rolodesk_sender.")?;
        writeln!(out, "Give each a password:  \\password rolodesk_seat  in psql.")?;
    } else {
        writeln!(
            out,
            "This role may not make others, so only the owner can connect for now. Have an \
             administrator run\n  CREATE ROLE rolodesk_seat LOGIN; CREATE ROLE rolodesk_sender \
             LOGIN;\nand then run `rolodesk team setup` again."
        )?;
    }
    match config.keep_days {
        Some(1) => writeln!(out, "What is settled is erased after a day (`keep_days`).")?,
        Some(days) => writeln!(out, "What is settled is erased after {days} days (`keep_days`).")?,
        None => writeln!(out, "What is settled is kept; `keep_days` in this profile ends that.")?,
    }
    if account.is_none() {
        writeln!(out, "Its account is entered by the first that sends.")?;
    }
    Ok(Ok(()))
}

fn told_version(out: &mut impl Write, before: i64) -> io::Result<()> {
    if before == TABLES_VERSION {
        writeln!(out, "The tables are of version {TABLES_VERSION}, as they should be.")
    } else {
        writeln!(out, "The tables are of version {TABLES_VERSION} now (they were of {before}).")
    }
}

async fn upgrade(out: &mut impl Write, floor: &Postgres) -> Result<Done> {
    match floor.upgrade().await {
        Ok(before) => Ok(Ok(told_version(out, before)?)),
        Err(error) => Ok(Err(error)),
    }
}

async fn status(out: &mut impl Write, floor: &Postgres, json: bool) -> Result<Done> {
    match floor.overview().await {
        Ok(overview) if json => Ok(Ok(json_line(out, &overview)?)),
        Ok(overview) => Ok(Ok(tell(out, &overview)?)),
        Err(error) => Ok(Err(error)),
    }
}

/// How long ago a moment of the floor's clock was.
fn ago(now_ms: i64, then_ms: i64) -> String {
    let seconds = (now_ms - then_ms).max(0) / 1000;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// A seat that was not there for so long is not there.
const THERE: i64 = 90_000;

fn tell(out: &mut impl Write, floor: &Overview) -> io::Result<()> {
    if let Some(closed) = &floor.closed {
        writeln!(out, "closed: {}", safe(closed))?;
    }
    if floor.accounts.is_empty() {
        writeln!(out, "Nobody has sent yet, and no account is entered.")?;
    }
    for account in &floor.accounts {
        tell_account(out, floor.now_ms, account)?;
    }
    let (there, away): (Vec<_>, Vec<_>) =
        floor.seats.iter().partition(|seat| floor.now_ms - seat.seen_ms < THERE);
    writeln!(out, "seats: {} there, {} more in the last day", there.len(), away.len())?;
    for seat in there {
        let sends = if seat.may_send { ", may send" } else { "" };
        writeln!(
            out,
            "  {} on {} (rolodesk {}, as {}{sends}), seen {} ago",
            safe(&seat.agent),
            safe(&seat.machine),
            safe(&seat.client),
            safe(&seat.role),
            ago(floor.now_ms, seat.seen_ms)
        )?;
    }
    Ok(())
}

fn tell_account(out: &mut impl Write, now_ms: i64, account: &AccountOverview) -> io::Result<()> {
    writeln!(out, "account {}", safe(&account.account))?;
    match &account.sender {
        Some(sender) => writeln!(
            out,
            "  {} on {} sends since {} (priority {})",
            safe(&sender.agent),
            safe(&sender.machine),
            ago(now_ms, sender.since_ms),
            sender.priority
        )?,
        None => writeln!(out, "  nobody sends")?,
    }
    match &account.trouble {
        Some(PlatformHealth::Refused(refusal)) => {
            writeln!(out, "  whoever sends: {}", safe(&sentences::refusal(refusal)))?;
        }
        Some(PlatformHealth::Offline(failure)) => {
            writeln!(out, "  whoever sends: {}", safe(&sentences::failure(failure)))?;
        }
        Some(PlatformHealth::Untried | PlatformHealth::Online | PlatformHealth::Unattended)
        | None => {}
    }
    let oldest = account.oldest_ms.map(|oldest| ago(now_ms, oldest));
    let oldest = oldest.map(|age| format!(", the oldest for {age}")).unwrap_or_default();
    writeln!(
        out,
        "  {} wait, {} of imports wait, {} are being sent{oldest}",
        account.waiting, account.waiting_imports, account.sending
    )?;
    let left = (account.limit - account.used).max(0);
    writeln!(out, "  {left} of {} requests left this minute", account.limit)?;
    if let Some(until) = account.hold_until_ms {
        let seconds = (until - now_ms).max(0) / 1000;
        writeln!(out, "  the platform asked to wait {seconds} s more")?;
    }
    Ok(())
}

async fn report(
    out: &mut impl Write,
    floor: &Postgres,
    since: Timestamp,
    agent: Option<&str>,
    json: bool,
) -> Result<Done> {
    let last = Timestamp::now().duration_since(since).as_millis();
    let last = i64::try_from(last).unwrap_or(i64::MAX / 2);
    let agents = match floor.report(last, agent).await {
        Ok(agents) => agents,
        Err(error) => return Ok(Err(error)),
    };
    if json {
        return Ok(Ok(agents.iter().try_for_each(|agent| json_line(out, agent))?));
    }
    Ok(Ok(table(out, &agents)?))
}

/// A name that a table bears: any seat may write a longer one.
fn shortened(name: &str) -> String {
    const LONGEST: usize = 40;
    let (kept, more) = (name.chars().take(LONGEST).collect::<String>(), name.chars().nth(LONGEST));
    if more.is_some() { format!("{kept}…") } else { kept }
}

fn table(out: &mut impl Write, agents: &[AgentReport]) -> io::Result<()> {
    let names: Vec<_> = agents.iter().map(|agent| shortened(&safe(&agent.agent))).collect();
    let width = names.iter().map(|name| unicode_width::UnicodeWidthStr::width(name.as_str()));
    let width = width.chain([5]).max().unwrap_or(5);
    writeln!(out, "{:width$}   created  duplicate  attention  waiting   total", "agent")?;
    for (agent, name) in agents.iter().zip(&names) {
        let AgentReport { created, duplicate, attention, waiting, total, .. } = agent;
        let pad = width - unicode_width::UnicodeWidthStr::width(name.as_str());
        writeln!(
            out,
            "{name}{:pad$}  {created:>8}  {duplicate:>9}  {attention:>9}  {waiting:>7}  {total:>6}",
            ""
        )?;
    }
    Ok(())
}
