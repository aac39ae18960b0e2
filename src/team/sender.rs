//! Whoever sends for the floor: one process at a time, by a lease. It works like any
//! other, on a store of its own that is thrown away with the lease: rows of all seats are
//! adopted into it, the ordinary worker sends them, and what becomes of them is told back.
//!
//! ```text
//!   bid (20 s, every 5 s) -> won: scratch store <- requests of the last while
//!        adopt (every 250 ms) -> Worker -> Gate: begin, under the account's lock -> the wire
//!        tell <- what changed                        '-> end
//! ```
//!
//! What it knows and nobody was told is lost with it: its rows are then `sending` on the
//! floor, and the next sender settles them as it would its own after a crash.

mod gate;
mod term;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{mpsc, watch},
    time::sleep,
};
use uuid::Uuid;

use super::{
    FloorStore,
    floor::{AskAgain, Bid, Bidder},
};
use crate::{
    api::Client,
    delivery::{WorkerSettings, clock},
    store::{Scope, Store},
    submission::Update,
};
use term::Term;

/// The lease is asked for this often, by whoever has it and by everybody else.
const RENEW: Duration = Duration::from_secs(5);
/// Whoever had it in vain asks again this much later, so that others may try.
const RESPITE: Duration = Duration::from_mins(1);
/// Somebody asks again this much later when the database has much against it.
const SLOWLY: Duration = Duration::from_secs(20);

/// What sending for the floor takes.
#[derive(Debug)]
pub struct Sending {
    /// The way to the platform; an answer is waited for well within the lease.
    pub client: Client,
    /// How the worker works.
    pub settings: WorkerSettings,
    /// Whose rows and whose limit it is.
    pub scope: Scope,
    /// Who sends when several may: the highest.
    pub priority: i64,
}

/// Asks for the lease and sends while it has it, until it is told to stop; `sends_here` says
/// when it does, and `own` is the store of this seat.
pub(super) async fn send<F: FloorStore>(
    floor: F,
    sending: Sending,
    mut bidder: Bidder,
    updates: mpsc::UnboundedSender<Update>,
    mut stop: watch::Receiver<bool>,
    sends_here: Arc<AtomicBool>,
    own: Store,
) {
    let floor = Arc::new(floor);
    let mut is_counted = false;
    loop {
        let bid = floor.bid(&bidder).await;
        if bid.is_ok() && !is_counted {
            is_counted = count_own_requests(&*floor, &bidder.account, &own).await;
        }
        let wait = match bid {
            Ok(Bid::Won { fence, .. }) => {
                let term = Term::begin(&floor, &sending, &bidder, fence, updates.clone()).await;
                let is_of_use = match term {
                    Ok(term) => {
                        sends_here.store(true, Ordering::Relaxed);
                        term.run(&bidder, &mut stop).await
                    }
                    Err(error) => {
                        tracing::error!(%error, "nothing can be sent for the floor");
                        // Else nobody sends until the lease is over.
                        let _ = floor.give_back(&bidder.account, &bidder.process, fence).await;
                        true
                    }
                };
                sends_here.store(false, Ordering::Relaxed);
                // Another term is another sender: a lease that could not be given back would
                // be this one's again, and with it rows that only the last term had.
                bidder.process = Uuid::new_v4().to_string();
                if is_of_use { RENEW } else { RESPITE }
            }
            Ok(Bid::Held { .. }) => RENEW,
            Err(error) => match error.ask_again() {
                AskAgain::Soon => RENEW,
                AskAgain::Slowly | AskAgain::WhenMended => SLOWLY,
            },
        };
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = sleep(wait) => {}
        }
    }
}

/// What this store sent by itself before it joined is the account's as well; whether the floor
/// knows of it.
async fn count_own_requests(floor: &impl FloorStore, account: &str, own: &Store) -> bool {
    let counted = async {
        let ages = own.own_requests(clock::now()).await?;
        if !ages.is_empty() {
            floor.count_requests(account, &ages).await?;
            own.forget_own_requests().await?;
        }
        anyhow::Ok(())
    };
    let counted = counted.await;
    counted
        .inspect_err(|error| tracing::warn!(%error, "requests of before are not counted"))
        .is_ok()
}
