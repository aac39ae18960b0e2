//! The floor's database: whether it is reached and how far away it is, whether what is said to
//! it is encrypted, its clock, its tables, and what our role may do there.

use std::{io::Write, time::Instant};

use anyhow::Result;
use jiff::Timestamp;

use super::{
    super::sentences,
    report::{Area, DoctorReport},
};
use crate::{
    config::{Config, Inspection, TeamConfig},
    connect,
    store::Store,
    submission::PlatformHealth,
    team::{
        FloorStore as _,
        floor::{CLIENT_VERSION, FloorError, Gate},
        postgres::{Postgres, Rights, TABLES_VERSION},
    },
};

/// The checks that need a connection.
const BEHIND: [&str; 5] = ["team.tls", "team.clock", "team.version", "team.rights", "team.sender"];
const WHEN_NOBODY_SENDS: &str =
    "run `rolodesk sync --watch` where the platform's secret is; rows wait meanwhile";
/// The floor's clock and this machine's may differ by so much: nothing is counted by ours.
const APART_MS: i64 = 60_000;

pub(super) async fn check(
    report: &mut DoctorReport<impl Write>,
    found: &Inspection,
    store: Option<&Store>,
) -> Result<()> {
    let Ok(config @ Config { team: Some(team), .. }) = &found.verdict else { return Ok(()) };
    let address = match connect::team_address(config).await {
        Ok(Some(address)) => address,
        Ok(None) => return Ok(()),
        Err(error) => {
            let advice = "put it there, or name another place with `team.password`";
            report.problem(Area::Configuration, "team", error.to_string(), advice)?;
            return Ok(skip(report, "there is no password")?);
        }
    };
    let floor = Postgres::new(address);
    if let Err(error) = floor.gate().await {
        refused(report, &error)?;
        return Ok(skip(report, "the database cannot be used")?);
    }
    // The first answer took a connection as well; this one is the way there and back.
    let start = Instant::now();
    match floor.gate().await {
        Ok(gate) => {
            answered(report, team, &floor, &gate, start).await?;
            match store {
                Some(store) => sender(report, config, store).await,
                None => Ok(report.skipped("team.sender", "there is no store to ask for")?),
            }
        }
        Err(error) => {
            refused(report, &error)?;
            Ok(skip(report, "the database cannot be used")?)
        }
    }
}

fn skip(report: &mut DoctorReport<impl Write>, why: &str) -> std::io::Result<()> {
    BEHIND.iter().try_for_each(|check| report.skipped(check, why))
}

fn refused(report: &mut DoctorReport<impl Write>, error: &FloorError) -> std::io::Result<()> {
    let (area, advice) = match error {
        FloorError::Password { .. } | FloorError::NotAdmitted(_) | FloorError::NoRights { .. } => {
            (Area::Authorisation, "ask whoever keeps the database; rows wait here meanwhile")
        }
        FloorError::NoTables | FloorError::OtherTables => {
            (Area::Configuration, "ask its owner for `rolodesk team setup` or `upgrade`")
        }
        _ => (Area::Other, "rows wait on this machine, and go there once it is mended"),
    };
    report.problem(area, "team", error.to_string(), advice)
}

async fn answered(
    report: &mut DoctorReport<impl Write>,
    team: &TeamConfig,
    floor: &Postgres,
    gate: &Gate,
    start: Instant,
) -> Result<()> {
    let away = start.elapsed();
    let now = Timestamp::now().as_millisecond();
    let half = i64::try_from(away.as_millis() / 2).unwrap_or(0);
    report.ok("team", format!("{}, {} ms away", team.address(), away.as_millis()))?;
    let tls =
        if team.is_remote() { "on, the certificate verified" } else { "none: it is this machine" };
    report.ok("team.tls", tls)?;
    let apart = gate.now_ms + half - now;
    let detail = format!(
        "this machine's is {} ms {} it",
        apart.abs(),
        if apart < 0 { "ahead of" } else { "behind" }
    );
    if apart.abs() < APART_MS {
        report.ok("team.clock", detail)?;
    } else {
        let advice = "set both clocks by NTP; the floor counts by the database's";
        report.problem(Area::Other, "team.clock", detail, advice)?;
    }
    version(report, gate)?;
    rights(report, team, floor).await
}

fn version(report: &mut DoctorReport<impl Write>, gate: &Gate) -> std::io::Result<()> {
    let detail = format!("tables of version {}, ours are {TABLES_VERSION}", gate.version);
    if CLIENT_VERSION < gate.min_client {
        let error = FloorError::TooOld { min_client: gate.min_client };
        return report.problem(Area::Other, "team.version", error.to_string(), "update rolodesk");
    }
    match &gate.closed {
        Some(closed) => {
            let error = FloorError::Closed(closed.clone());
            report.problem(Area::Other, "team.version", error.to_string(), "wait for its owner")
        }
        None => report.ok("team.version", detail),
    }
}

async fn rights(
    report: &mut DoctorReport<impl Write>,
    team: &TeamConfig,
    floor: &Postgres,
) -> Result<()> {
    let may = match floor.rights().await {
        Ok(may) => may,
        Err(error) => return Ok(refused(report, &error)?),
    };
    let detail = match may {
        Rights::Owner => "the owner's: fit for a trial, and for `rolodesk team`",
        Rights::Sender => "a sender's",
        Rights::Seat => "a seat's",
        Rights::None => "none",
    };
    let fits = match may {
        Rights::Owner | Rights::Sender => true,
        Rights::Seat => !team.send,
        Rights::None => false,
    };
    if fits {
        return Ok(report.ok("team.rights", detail)?);
    }
    let advice = if team.send {
        "connect as rolodesk_sender, or set `send = false`"
    } else {
        "connect as rolodesk_seat, or have the owner run `rolodesk team setup`"
    };
    Ok(report.problem(Area::Authorisation, "team.rights", detail, advice)?)
}

/// Whether what is handed over goes out, and who sends it.
async fn sender(
    report: &mut DoctorReport<impl Write>,
    config: &Config,
    store: &Store,
) -> Result<()> {
    let may_send = config.team.as_ref().is_some_and(|team| team.send);
    let (detail, advice) = match connect::team_standing(config, store).await? {
        None => return Ok(()),
        Some(Err(FloorError::NoAccount)) if may_send => {
            return Ok(report.ok("team.sender", "nobody yet: this one, once it runs")?);
        }
        Some(Err(error)) => (error.to_string(), WHEN_NOBODY_SENDS),
        Some(Ok(standing)) => match (standing.health(), standing.sender) {
            (PlatformHealth::Unattended, _) if may_send => {
                return Ok(report.ok("team.sender", "nobody right now: this one, once it runs")?);
            }
            (PlatformHealth::Untried | PlatformHealth::Online, Some((agent, machine))) => {
                return Ok(report.ok("team.sender", format!("{agent} on {machine}"))?);
            }
            (PlatformHealth::Offline(failure), _) => {
                (sentences::failure(&failure), "look at the machine that sends")
            }
            (PlatformHealth::Refused(refusal), _) => {
                (sentences::refusal(&refusal), "run `rolodesk doctor` on the machine that sends")
            }
            (PlatformHealth::Untried | PlatformHealth::Online | PlatformHealth::Unattended, _) => {
                (sentences::NOBODY_SENDS.to_owned(), WHEN_NOBODY_SENDS)
            }
        },
    };
    Ok(report.problem(Area::Other, "team.sender", detail, advice)?)
}
