//! The one connection. It is made when it is needed, shared by what is asked at the same
//! time, and thrown away when an answer does not come in time or the server goes: nothing
//! here waits longer than [`DEADLINE`].
//!
//! No pool: one would ping before each use, and hide why it cannot connect. Each question is
//! one statement, so no transaction is open while we think, and none stalls with a lock.

use std::{sync::Arc, time::Duration};

use secrecy::ExposeSecret as _;
use tokio::{
    sync::Mutex,
    task::JoinHandle,
    time::{Instant, timeout},
};
use tokio_postgres::{
    Client, Config, NoTls, Row, SimpleQueryMessage,
    config::SslMode,
    types::{ToSql, Type},
};

use super::{
    address::Address,
    errors::{failure, is_wrong_password},
    tls::Tls,
};
use crate::team::floor::FloorError;

/// The longest that a connection or an answer may take.
pub const DEADLINE: Duration = Duration::from_secs(5);
/// The shortest and the longest pause after a password that was wrong.
const PAUSES: (Duration, Duration) = (Duration::from_secs(5), Duration::from_mins(5));

/// The limits of a session, for a role that was not made by us: they belong on the role.
const LIMITS: &str = "SET statement_timeout = '5s'; SET lock_timeout = '3s'; \
    SET idle_in_transaction_session_timeout = '5s'; SET search_path = pg_catalog; \
    SET default_transaction_isolation = 'read committed'; SET client_min_messages = warning; \
    SELECT pg_backend_pid()";

/// A parameter and its type: what is asked takes one round trip, with nothing prepared.
pub(super) type Parameter<'a> = (&'a (dyn ToSql + Sync), Type);

/// The connection, or none yet.
#[derive(Debug)]
pub(super) struct Session {
    address: Address,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    live: Option<Arc<Live>>,
    /// Whether it was seen that no pooler gives each statement another connection.
    is_ours_alone: bool,
    refused: Option<Refused>,
}

/// The server would not have us: not to be asked again before.
#[derive(Debug, Clone)]
struct Refused {
    why: FloorError,
    until: Instant,
    pause: Duration,
}

/// A connection that is made.
#[derive(Debug)]
struct Live {
    client: Client,
    task: JoinHandle<()>,
}

impl Drop for Live {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Session {
    pub(super) fn new(address: Address) -> Self {
        Self { address, state: Mutex::default() }
    }

    /// One question, one round trip.
    pub(super) async fn ask(
        &self,
        statement: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, FloorError> {
        let live = self.live().await?;
        let answer = timeout(DEADLINE, live.client.query_typed(statement, parameters)).await;
        let result = match answer {
            Ok(Ok(rows)) => return Ok(rows),
            Ok(Err(error)) => Err(failure(&error, &self.address)),
            Err(_) => Err(FloorError::TimedOut),
        };
        // What the server refuses, it refuses on any connection; else this one is done for.
        if live.client.is_closed()
            // A session keeps the default it began with, whatever the database's is by now.
            || matches!(result, Err(FloorError::TimedOut | FloorError::Lost(_) | FloorError::ReadOnly))
        {
            self.throw_away(&live).await;
        }
        result
    }

    /// Statements one after the other, outside of any transaction, each within `limit`.
    pub(super) async fn run(&self, statements: &str, limit: Duration) -> Result<(), FloorError> {
        let live = self.live().await?;
        match timeout(limit, live.client.batch_execute(statements)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => {
                if live.client.is_closed() {
                    self.throw_away(&live).await;
                }
                Err(failure(&error, &self.address))
            }
            Err(_) => {
                self.throw_away(&live).await;
                Err(FloorError::TimedOut)
            }
        }
    }

    /// Closes it until it is needed again: an idle connection is megabytes on the server.
    pub(super) async fn rest(&self) {
        self.state.lock().await.live = None;
    }

    async fn throw_away(&self, dead: &Arc<Live>) {
        let mut state = self.state.lock().await;
        if state.live.as_ref().is_some_and(|live| Arc::ptr_eq(live, dead)) {
            state.live = None;
        }
    }

    async fn live(&self) -> Result<Arc<Live>, FloorError> {
        let mut state = self.state.lock().await;
        if let Some(live) = state.live.as_ref().filter(|live| !live.client.is_closed()) {
            return Ok(Arc::clone(live));
        }
        state.live = None;
        if let Some(refused) = state.refused.as_ref().filter(|it| Instant::now() < it.until) {
            return Err(refused.why.clone());
        }
        let made = self.connect(state.is_ours_alone).await;
        match &made {
            Ok(live) => {
                state.refused = None;
                state.is_ours_alone = true;
                state.live = Some(Arc::clone(live));
            }
            Err(why) if is_wrong_password(why) => {
                let (first, longest) = PAUSES;
                let last = state.refused.as_ref().map(|it| it.pause * 2);
                let pause = last.unwrap_or(first).min(longest);
                let until = Instant::now() + pause;
                state.refused = Some(Refused { why: why.clone(), until, pause });
            }
            Err(_) => {}
        }
        made
    }

    async fn connect(&self, is_ours_alone: bool) -> Result<Arc<Live>, FloorError> {
        let (live, process) = self.opened().await?;
        if !is_ours_alone {
            self.refuse_pooler(&live, process).await?;
        }
        Ok(Arc::new(live))
    }

    /// Behind a pooler that gives each transaction any connection, settings and whoever asks
    /// are mixed up without an error. Of two connections one holds a transaction: if the
    /// other is then somebody else at the server, it is such a pooler.
    async fn refuse_pooler(&self, live: &Live, process: i64) -> Result<(), FloorError> {
        let (other, _) = match self.opened().await {
            // It has no second one for us.
            Err(FloorError::TimedOut) => return Err(FloorError::NoSecondConnection),
            opened => opened?,
        };
        let told = |error: &_| failure(error, &self.address);
        let looked = timeout(DEADLINE, async {
            other.client.batch_execute("BEGIN").await?;
            let now = process_of(&live.client.simple_query("SELECT pg_backend_pid()").await?);
            other.client.batch_execute("ROLLBACK").await?;
            Ok(now)
        });
        let now = looked.await.map_err(|_| FloorError::TimedOut)?;
        let now = now.map_err(|error: tokio_postgres::Error| told(&error))?;
        if now == process { Ok(()) } else { Err(FloorError::Pooler) }
    }

    async fn opened(&self) -> Result<(Live, i64), FloorError> {
        let opened = timeout(DEADLINE, async {
            let live = self.open().await?;
            let told = live.client.simple_query(LIMITS).await;
            let told = told.map_err(|error| failure(&error, &self.address))?;
            Ok((live, process_of(&told)))
        });
        opened.await.unwrap_or(Err(FloorError::TimedOut))
    }

    async fn open(&self) -> Result<Live, FloorError> {
        let told = |error: &_| failure(error, &self.address);
        let mut config = self.config();
        if self.address.is_encrypted {
            let tls = Tls::new(self.address.ca_file.as_deref()).map_err(FloorError::Certificate)?;
            config.ssl_mode(SslMode::Require);
            let (client, connection) = config.connect(tls).await.map_err(|error| told(&error))?;
            return Ok(Live { client, task: kept_going(connection) });
        }
        config.ssl_mode(SslMode::Disable);
        let (client, connection) = config.connect(NoTls).await.map_err(|error| told(&error))?;
        Ok(Live { client, task: kept_going(connection) })
    }

    fn config(&self) -> Config {
        let Address { host, port, database, user, password, .. } = &self.address;
        let mut config = Config::new();
        config.host(host).port(*port).dbname(database).user(user);
        config.application_name("rolodesk").connect_timeout(DEADLINE);
        config.keepalives_idle(Duration::from_secs(5));
        config.keepalives_interval(Duration::from_secs(2)).keepalives_retries(3);
        config.tcp_user_timeout(Duration::from_secs(10));
        if let Some(password) = password {
            config.password(password.expose_secret());
        }
        config
    }
}

/// The driver's other half reads and writes until the connection ends.
fn kept_going(
    connection: impl Future<Output = Result<(), tokio_postgres::Error>> + Send + 'static,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::info!(%error, "the connection to the team store ended");
        }
    })
}

/// The server's process that answered.
fn process_of(answer: &[SimpleQueryMessage]) -> i64 {
    let pid = answer.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0)?.parse().ok(),
        _ => None,
    });
    pid.unwrap_or_default()
}
