//! The floor's store on PostgreSQL. What is asked is one function of the database each, which
//! is one statement and one round trip for us: the lock, the clock behind it, the fence and
//! the gate are the server's own affair, so no transaction waits for a client's next word.
//!
//! ```text
//!   session   the one connection, with a deadline      tls     to whom we speak
//!   errors    SQLSTATEs and system errors -> FloorError rows    JSON there, columns back
//!   questions what seats and senders ask               setup   the owner's: tables, roles
//!   overview  the owner's: who is there, reports, erasing
//! ```
//!
//! `assets/team/*.sql` is what the database itself has: tables, the functions, who may what.

mod address;
mod errors;
mod overview;
mod questions;
mod rows;
mod session;
mod setup;
mod tls;

pub use address::Address;
pub use overview::{
    AccountOverview, AgentReport, FloorErasure, Overview, SeatOverview, SenderOverview,
};
pub use session::DEADLINE;
use session::Session;
pub use setup::{Found, SetUp, script};

use super::floor::FloorError;

/// The version of the tables this program makes and needs.
pub const TABLES_VERSION: i64 = 3;

/// What a role may do on a floor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rights {
    /// Everything.
    Owner,
    /// What whoever sends needs.
    Sender,
    /// What a seat needs.
    Seat,
    /// Nothing.
    None,
}

/// A floor's store; its connection is made when the first question is asked.
#[derive(Debug)]
pub struct Postgres {
    session: Session,
}

impl Postgres {
    /// The store at an address.
    #[must_use]
    pub fn new(address: Address) -> Self {
        Self { session: Session::new(address) }
    }

    /// What our role may do.
    ///
    /// # Errors
    /// What the database has against it.
    pub async fn rights(&self) -> Result<Rights, FloorError> {
        setup::rights(&self.session).await
    }

    /// As the owner: makes tables, functions, roles and rights, and the account's row where
    /// one is named. Again does no harm.
    ///
    /// # Errors
    /// What the database has against it.
    pub async fn set_up(&self, account: Option<&str>) -> Result<SetUp, FloorError> {
        setup::make(&self.session, account).await
    }

    /// As the owner: has senders erase what is settled for so many days; `None` keeps it.
    ///
    /// # Errors
    /// What the database has against it.
    pub async fn keep(&self, days: Option<u32>) -> Result<(), FloorError> {
        setup::keep(&self.session, days.map(i64::from)).await
    }

    /// As the owner: brings what is there up to date while seats work, and tells which version
    /// it was of.
    ///
    /// # Errors
    /// What the database has against it; [`FloorError::NoTables`] where nothing is there.
    pub async fn upgrade(&self) -> Result<i64, FloorError> {
        match setup::look(&self.session).await? {
            Found::Nothing => Err(FloorError::NoTables),
            Found::Version(before) => setup::make(&self.session, None).await.map(|_| before),
        }
    }

    /// As the owner: the floor at this moment.
    ///
    /// # Errors
    /// What the database has against it.
    pub async fn overview(&self) -> Result<Overview, FloorError> {
        overview::overview(&self.session).await
    }

    /// As the owner: contacts per agent of the last while; of one agent, where one is named.
    ///
    /// # Errors
    /// What the database has against it.
    pub async fn report(
        &self,
        last_ms: i64,
        agent: Option<&str>,
    ) -> Result<Vec<AgentReport>, FloorError> {
        overview::report(&self.session, last_ms, agent).await
    }

    /// As the owner: erases what is settled, or with `dry_run` counts it.
    ///
    /// # Errors
    /// What the database has against it.
    pub async fn erase(&self, erasure: &FloorErasure, dry_run: bool) -> Result<i64, FloorError> {
        overview::erase(&self.session, erasure, dry_run).await
    }
}
