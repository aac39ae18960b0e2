//! What only the owner does: tables, functions, roles and rights, made once and brought up to
//! date later. All of it may be done again; nothing takes a column or a row away, so seats of
//! two versions work beside it.
//!
//! A step that does not get its lock within a second gives way and tries again, or every seat
//! would queue up behind it. Indexes come last and are made beside those who write.

use std::time::Duration;

use tokio::time::sleep;
use tokio_postgres::types::Type;

use super::{Rights, TABLES_VERSION, rows::column, session::Session};
use crate::team::floor::FloorError;

const TABLES: &str = include_str!("../../../assets/team/tables.sql");
const SEAT: &str = include_str!("../../../assets/team/seat.sql");
const SENDER: &str = include_str!("../../../assets/team/sender.sql");
const ROLES: &str = include_str!("../../../assets/team/roles.sql");
const RIGHTS: &str = include_str!("../../../assets/team/rights.sql");
const INDEXES: &str = include_str!("../../../assets/team/indexes.sql");
/// The one row of the gate, unless it is there.
const GATE: &str = "INSERT INTO rolodesk.gate (store, version, min_client)
    SELECT gen_random_uuid()::text, 0, 1 WHERE NOT EXISTS (SELECT FROM rolodesk.gate)";

/// How long a step may take once it has its lock.
const STEP: Duration = Duration::from_secs(30);
/// How long an index may take: there may be years of rows.
const INDEX: Duration = Duration::from_hours(2);
/// How often a lock is tried for, and the pause between.
const TRIES: (u32, Duration) = (30, Duration::from_millis(300));

/// What there is before anything is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// No tables of ours.
    Nothing,
    /// Tables of this version.
    Version(i64),
}

/// What a setup or an upgrade came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetUp {
    /// What was there before.
    pub before: Found,
    /// Whether the roles of seats and senders are there; else an administrator has to make
    /// them, and this is run again.
    pub has_roles: bool,
}

/// Everything a setup runs, for whoever wants to read it or to run it by hand.
#[must_use]
pub fn script() -> String {
    let version = format!("UPDATE rolodesk.gate SET version = {TABLES_VERSION};\n");
    [TABLES, SEAT, SENDER, ROLES, RIGHTS, INDEXES, GATE, ";\n", &version].join("\n")
}

/// What is there.
pub(super) async fn look(session: &Session) -> Result<Found, FloorError> {
    let there =
        "SELECT to_regnamespace('rolodesk') IS NOT NULL, to_regclass('rolodesk.gate') IS NOT NULL";
    let rows = session.ask(there, &[]).await?;
    let row = rows.first().ok_or_else(|| FloorError::Lost("it answered nothing".into()))?;
    match (column::<bool>(row, 0)?, column::<bool>(row, 1)?) {
        (false, _) => Ok(Found::Nothing),
        (true, false) => Err(FloorError::SomebodyElses),
        (true, true) => {
            let rows = session.ask("SELECT version FROM rolodesk.gate", &[]).await?;
            match rows.first() {
                Some(row) => Ok(Found::Version(column(row, 0)?)),
                None => Ok(Found::Nothing),
            }
        }
    }
}

/// Makes everything, or brings it up to date; and the account's row, where one is known.
pub(super) async fn make(session: &Session, account: Option<&str>) -> Result<SetUp, FloorError> {
    let before = look(session).await?;
    if let Found::Version(version) = before
        && version > TABLES_VERSION
    {
        return Err(FloorError::NewerTables { version });
    }
    refuse_encoding(session).await?;
    session.run("SET lock_timeout = '1s'; SET statement_timeout = '30s'", STEP).await?;
    for step in [TABLES, SEAT, SENDER, ROLES, GATE, RIGHTS] {
        patiently(session, step, STEP).await?;
    }
    session.run("SET statement_timeout = 0", STEP).await?;
    for index in INDEXES.split_inclusive(';').map(str::trim).filter(|it| !it.is_empty()) {
        drop_unfinished(session, index).await?;
        patiently(session, index, INDEX).await?;
    }
    if let Some(account) = account {
        let insert = "INSERT INTO rolodesk.account (account) VALUES ($1) ON CONFLICT DO NOTHING";
        session.ask(insert, &[(&account, Type::TEXT)]).await?;
    }
    let version = "UPDATE rolodesk.gate SET version = $1";
    session.ask(version, &[(&TABLES_VERSION, Type::INT8)]).await?;
    let roles =
        "SELECT count(*) = 2 FROM pg_roles WHERE rolname IN ('rolodesk_seat', 'rolodesk_sender')";
    let found = session.ask(roles, &[]).await?;
    let has_roles = found.first().map_or(Ok(false), |row| column(row, 0))?;
    // The next question is again within a seat's limits.
    session.rest().await;
    Ok(SetUp { before, has_roles })
}

/// A name that the database has no letters for would keep back all that is handed over with it.
async fn refuse_encoding(session: &Session) -> Result<(), FloorError> {
    let rows = session.ask("SELECT current_setting('server_encoding')", &[]).await?;
    let encoding: String = rows.first().map_or(Ok("UTF8".into()), |row| column(row, 0))?;
    if ["UTF8", "SQL_ASCII"].contains(&encoding.as_str()) {
        return Ok(());
    }
    Err(FloorError::Encoding { encoding })
}

/// Writes down for how long the floor keeps what is settled.
pub(super) async fn keep(session: &Session, days: Option<i64>) -> Result<(), FloorError> {
    let statement = "UPDATE rolodesk.gate SET keep_days = $1";
    session.ask(statement, &[(&days, Type::INT8)]).await.map(drop)
}

/// What our role may do, told without trying it.
pub(super) async fn rights(session: &Session) -> Result<Rights, FloorError> {
    let question = "SELECT pg_has_role(c.relowner, 'USAGE'),
        has_function_privilege('rolodesk.bid(text, text, bigint, text, text, bigint, bigint)', 'EXECUTE'),
        has_function_privilege('rolodesk.hand_over(text, text, bigint, text)', 'EXECUTE')
        FROM pg_class AS c WHERE c.oid = to_regclass('rolodesk.gate')";
    let rows = session.ask(question, &[]).await?;
    let row = rows.first().ok_or(FloorError::NoTables)?;
    let may = |at| column::<bool>(row, at);
    Ok(match (may(0)?, may(1)?, may(2)?) {
        (true, _, _) => Rights::Owner,
        (false, true, _) => Rights::Sender,
        (false, false, true) => Rights::Seat,
        (false, false, false) => Rights::None,
    })
}

async fn patiently(session: &Session, step: &str, limit: Duration) -> Result<(), FloorError> {
    let (tries, pause) = TRIES;
    for _ in 1..tries {
        match session.run(step, limit).await {
            Err(FloorError::Busy) => sleep(pause).await,
            other => return other,
        }
    }
    session.run(step, limit).await
}

/// An index whose making was cut short is there, but not used.
async fn drop_unfinished(session: &Session, index: &str) -> Result<(), FloorError> {
    let Some(name) = index.split_whitespace().skip_while(|it| *it != "EXISTS").nth(1) else {
        return Ok(());
    };
    let unfinished = "SELECT FROM pg_index WHERE NOT indisvalid
        AND indexrelid = to_regclass('rolodesk.' || $1)";
    if session.ask(unfinished, &[(&name, Type::TEXT)]).await?.is_empty() {
        return Ok(());
    }
    patiently(session, &format!("DROP INDEX CONCURRENTLY rolodesk.{name}"), INDEX).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_sorts_by_its_bytes_and_nobody_elses_objects_are_found_first() {
        for line in TABLES.lines().filter(|line| line.contains(" TEXT ")) {
            assert!(line.contains("COLLATE \"C\""), "{line}");
        }
        for file in [SEAT, SENDER] {
            let functions = file.matches("CREATE OR REPLACE FUNCTION").count();
            let guarded = file.matches("SECURITY DEFINER").count();
            assert!(functions > 0 && functions == guarded);
            assert_eq!(
                functions,
                file.matches("SET search_path = rolodesk, pg_catalog, pg_temp").count()
            );
        }
    }
}
