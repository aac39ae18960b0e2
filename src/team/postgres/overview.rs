//! What the owner sees of a floor: who is there, who sends, what waits, what is left of the
//! minute, contacts per agent; and what is erased.

use serde::Serialize;
use tokio_postgres::{Row, types::Type};

use super::{rows::column, session::Session};
use crate::{submission::PlatformHealth, team::floor::FloorError};

/// The floor at a moment.
#[derive(Debug, Clone, Serialize)]
pub struct Overview {
    /// This server's time.
    pub now_ms: i64,
    /// The version of the tables.
    pub version: i64,
    /// The oldest client that may write.
    pub min_client: i64,
    /// A sentence while nobody may write.
    pub closed: Option<String>,
    /// The accounts that are shared.
    pub accounts: Vec<AccountOverview>,
    /// The seats that were there in the last day, the latest first.
    pub seats: Vec<SeatOverview>,
}

/// One account.
#[derive(Debug, Clone, Serialize)]
pub struct AccountOverview {
    /// Its key.
    pub account: String,
    /// Who sends for it, where somebody does.
    pub sender: Option<SenderOverview>,
    /// Rows that wait, forms and changes.
    pub waiting: i64,
    /// Rows that wait, of imports.
    pub waiting_imports: i64,
    /// Rows that are being sent.
    pub sending: i64,
    /// When the oldest that waits was handed over.
    pub oldest_ms: Option<i64>,
    /// Requests of the last 60 s.
    pub used: i64,
    /// The account's limit in any 60 s, as the last sender had it.
    pub limit: i64,
    /// Until when the platform asked to wait, where it did.
    pub hold_until_ms: Option<i64>,
    /// Why the last that sent got nothing through; none while it does.
    pub trouble: Option<PlatformHealth>,
}

/// Who sends.
#[derive(Debug, Clone, Serialize)]
pub struct SenderOverview {
    /// The agent.
    pub agent: String,
    /// The machine.
    pub machine: String,
    /// Since when.
    pub since_ms: i64,
    /// Its priority.
    pub priority: i64,
}

/// One seat.
#[derive(Debug, Clone, Serialize)]
pub struct SeatOverview {
    /// Who types there.
    pub agent: String,
    /// Where.
    pub machine: String,
    /// Its version.
    pub client: String,
    /// Whether it may send for everybody.
    pub may_send: bool,
    /// The role it connects as.
    pub role: String,
    /// When it was last there.
    pub seen_ms: i64,
}

/// How many contacts of an agent stand how.
#[derive(Debug, Clone, Serialize)]
pub struct AgentReport {
    /// Who typed them.
    pub agent: String,
    /// Created.
    pub created: i64,
    /// On the platform already.
    pub duplicate: i64,
    /// Refused by the platform, or given up.
    pub attention: i64,
    /// Not settled yet.
    pub waiting: i64,
    /// All of them, withdrawn ones left out.
    pub total: i64,
}

const ACCOUNTS: &str = "
    SELECT a.account, a.sender IS NOT NULL AND a.lease_until > rolodesk.now_ms() AS sends,
        a.sender_agent, a.sender_machine, a.sender_since, a.priority, a.minute_limit,
        CASE WHEN a.hold_until > rolodesk.now_ms() THEN a.hold_until END AS hold,
        (SELECT count(*) FROM rolodesk.slot AS s WHERE s.account = a.account
            AND s.taken_at > rolodesk.now_ms() - 660000 AND coalesce(s.over_at, s.taken_at + 60000) > rolodesk.now_ms() - 60000) AS used,
        h.forms, h.imports, h.sending, h.oldest, a.trouble
    FROM rolodesk.account AS a CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE x.state <> 'sending' AND x.lane <> 'import') AS forms,
            count(*) FILTER (WHERE x.state <> 'sending' AND x.lane = 'import') AS imports,
            count(*) FILTER (WHERE x.state = 'sending') AS sending, min(x.handed_at) AS oldest
        FROM rolodesk.handed AS x
        WHERE x.account = a.account AND x.state IN ('queued', 'unclear', 'sending')) AS h
    ORDER BY a.account";

pub(super) async fn overview(session: &Session) -> Result<Overview, FloorError> {
    let gate = "SELECT version, min_client, closed, rolodesk.now_ms() FROM rolodesk.gate";
    let gate = session.ask(gate, &[]).await?;
    let gate = gate.first().ok_or(FloorError::NoTables)?;
    let seats = "SELECT agent, machine, client, may_send, role, seen_at FROM rolodesk.seat
        WHERE seen_at > rolodesk.now_ms() - 86400000 ORDER BY seen_at DESC, seat LIMIT 2000";
    Ok(Overview {
        version: column(gate, 0)?,
        min_client: column(gate, 1)?,
        closed: column(gate, 2)?,
        now_ms: column(gate, 3)?,
        accounts: session
            .ask(ACCOUNTS, &[])
            .await?
            .iter()
            .map(account)
            .collect::<Result<_, _>>()?,
        seats: session.ask(seats, &[]).await?.iter().map(seat).collect::<Result<_, _>>()?,
    })
}

fn account(row: &Row) -> Result<AccountOverview, FloorError> {
    let sender = if column(row, 1)? {
        Some(SenderOverview {
            agent: column(row, 2)?,
            machine: column(row, 3)?,
            since_ms: column(row, 4)?,
            priority: column(row, 5)?,
        })
    } else {
        None
    };
    Ok(AccountOverview {
        account: column(row, 0)?,
        sender,
        limit: column(row, 6)?,
        hold_until_ms: column(row, 7)?,
        used: column(row, 8)?,
        waiting: column(row, 9)?,
        waiting_imports: column(row, 10)?,
        sending: column(row, 11)?,
        oldest_ms: column(row, 12)?,
        trouble: column::<Option<&str>>(row, 13)?.and_then(|text| serde_json::from_str(text).ok()),
    })
}

fn seat(row: &Row) -> Result<SeatOverview, FloorError> {
    Ok(SeatOverview {
        agent: column(row, 0)?,
        machine: column(row, 1)?,
        client: column(row, 2)?,
        may_send: column(row, 3)?,
        role: column(row, 4)?,
        seen_ms: column(row, 5)?,
    })
}

const REPORT: &str = "
    SELECT agent, count(*) FILTER (WHERE state = 'created'), count(*) FILTER (WHERE state = 'duplicate'),
        count(*) FILTER (WHERE state IN ('rejected', 'attention')),
        count(*) FILTER (WHERE state IN ('queued', 'sending', 'unclear')), count(*)
    FROM rolodesk.handed
    WHERE handed_at >= rolodesk.now_ms() - $1 AND lane <> 'change' AND state <> 'withdrawn'
      AND ($2 = '' OR agent = $2)
    GROUP BY agent ORDER BY agent";

/// Contacts per agent, handed over in the last while; of one agent, where one is named.
pub(super) async fn report(
    session: &Session,
    last_ms: i64,
    agent: Option<&str>,
) -> Result<Vec<AgentReport>, FloorError> {
    let agent = agent.unwrap_or_default();
    let rows = session.ask(REPORT, &[(&last_ms, Type::INT8), (&agent, Type::TEXT)]).await?;
    let one = |row: &Row| {
        Ok(AgentReport {
            agent: column(row, 0)?,
            created: column(row, 1)?,
            duplicate: column(row, 2)?,
            attention: column(row, 3)?,
            waiting: column(row, 4)?,
            total: column(row, 5)?,
        })
    };
    rows.iter().map(one).collect()
}

/// What is erased of a floor: only what is settled, as in a seat's store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FloorErasure {
    /// What was handed over before, by the floor's clock.
    OlderThan {
        /// Its age.
        age_ms: i64,
    },
    /// A person's number, the directory's record with it.
    Number(String),
}

/// Rows that are erased at once.
const ERASED_AT_ONCE: u32 = 20_000;
const SETTLED: &str = "h.state NOT IN ('queued', 'sending', 'unclear')";

/// Erases, or with `dry_run` counts.
pub(super) async fn erase(
    session: &Session,
    erasure: &FloorErasure,
    dry_run: bool,
) -> Result<i64, FloorError> {
    let which = match erasure {
        FloorErasure::OlderThan { .. } => "h.handed_at < rolodesk.now_ms() - $1::text::bigint",
        FloorErasure::Number(_) => "h.e164 = $1",
    };
    let value = match erasure {
        FloorErasure::OlderThan { age_ms } => age_ms.to_string(),
        FloorErasure::Number(e164) => e164.clone(),
    };
    let also = match erasure {
        FloorErasure::OlderThan { .. } => "",
        FloorErasure::Number(_) => ", known AS (DELETE FROM rolodesk.directory WHERE e164 = $1)",
    };
    let count = async |statement: &str| {
        let rows = session.ask(statement, &[(&value, Type::TEXT)]).await?;
        rows.first().map_or(Ok(0), |row| column::<i64>(row, 0))
    };
    if dry_run {
        let sql = format!("SELECT count(*) FROM rolodesk.handed AS h WHERE {SETTLED} AND {which}");
        return count(&sql).await;
    }
    // A piece at a time: nobody waits for it, and none takes longer than an answer may.
    let piece = format!(
        "WITH gone AS (DELETE FROM rolodesk.handed AS h WHERE h.id IN (
             SELECT h.id FROM rolodesk.handed AS h WHERE {SETTLED} AND {which}
             LIMIT {ERASED_AT_ONCE}) RETURNING 1)
         {also} SELECT count(*) FROM gone"
    );
    let mut erased = 0;
    loop {
        match count(&piece).await? {
            0 => return Ok(erased),
            gone => erased += gone,
        }
    }
}
