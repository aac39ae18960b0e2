//! The floor's store on a real PostgreSQL: who may do what, what is idempotent, what the lock
//! orders, and every database that is not as it should be.

mod bad;
mod full;
mod model;
mod seats;
mod swallowed;
mod tables;
mod upgrade;
mod ways;

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use rolodesk::{
    submission::SubmissionId,
    team::{
        FloorStore as _,
        floor::{Bid, Bidder, Seat, SeatRow, SlotRequest},
        postgres::{Address, Postgres},
    },
};

use crate::cluster::{Cluster, shared};

pub const ACCOUNT: &str = "https://platform.example a-1 st-1";

/// A floor that is set up, in a database of its own.
pub struct Floor {
    pub cluster: Arc<Cluster>,
    pub owner: Address,
    runtime: tokio::runtime::Runtime,
}

impl Floor {
    pub fn new() -> Option<Self> {
        let floor = Self::empty("")?;
        floor.run(floor.as_owner().set_up(Some(ACCOUNT))).unwrap();
        Some(floor)
    }

    /// A database that nobody has set up yet.
    pub fn empty(more: &str) -> Option<Self> {
        let cluster = shared()?;
        let owner = cluster.database_with(more);
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        Some(Self { cluster, owner, runtime: runtime.unwrap() })
    }

    pub fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    pub fn as_owner(&self) -> Postgres {
        Postgres::new(self.owner.clone())
    }

    pub fn as_role(&self, role: &str) -> Postgres {
        Postgres::new(Address { user: role.to_owned(), ..self.owner.clone() })
    }

    pub fn sql(&self, statement: &str) -> String {
        self.cluster.sql(&self.owner.database, statement)
    }

    pub fn sql_as(&self, role: &str, statement: &str) -> Result<String, String> {
        self.cluster.try_sql(&self.owner.database, role, statement)
    }

    /// Somebody who sends, with the fence of its election.
    pub fn sender(&self) -> (Postgres, i64) {
        let sender = self.as_role("rolodesk_sender");
        match self.run(sender.bid(&bidder("sender", 0))).unwrap() {
            Bid::Won { fence, .. } => (sender, fence),
            held @ Bid::Held { .. } => panic!("{held:?}"),
        }
    }
}

pub fn bidder(process: &str, priority: i64) -> Bidder {
    Bidder {
        account: ACCOUNT.into(),
        process: process.into(),
        priority,
        agent: "sync".into(),
        machine: "server".into(),
        minute_limit: 60,
    }
}

pub fn seat(id: &str) -> Seat {
    Seat { account: ACCOUNT.into(), id: id.into() }
}

pub fn row(number: u32, lane: &str) -> SeatRow {
    SeatRow {
        id: SubmissionId::fresh(),
        revision: 0,
        agent: "jdoe".into(),
        machine: "desk".into(),
        e164: format!("+1415555{number:04}"),
        lane: lane.into(),
        state: "queued".into(),
        due_at: 0,
        document: format!("{{\"number\":{number},\"note\":\"a\\u0000b\"}}"),
        look_up: false,
    }
}

/// The number of the next word of whoever sends.
pub fn next_word() -> i64 {
    static SAID: AtomicI64 = AtomicI64::new(0);
    SAID.fetch_add(1, Ordering::Relaxed) + 1
}

pub fn one_slot() -> SlotRequest {
    SlotRequest { class: "form".into(), per_minute: 60, per_hour: None }
}
