//! How many requests contacts take where some of their numbers are taken, under each way a
//! platform may treat arrays, beside what no procedure can do better.
//!
//!     cargo bench --bench arrays                the counts, in seconds
//!     cargo bench --bench arrays -- --live      real requests to the sandbox, in minutes
//!
//! Where an array is refused whole and no number is named, a request tells at most one bit, so
//! with a share p of taken numbers at most 1/H(p) contacts a request can be settled (H is the
//! binary entropy). Every request that creates is counted, and the worker's own planner,
//! habits and reading of answers are used; only the store and the network are left out.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints its figures and stops where it fails"
)]

#[path = "arrays/live.rs"]
mod live;
#[path = "arrays/simulated.rs"]
mod simulated;

#[tokio::main]
async fn main() {
    if std::env::args().any(|argument| argument == "--live") {
        live::run().await;
    } else {
        simulated::run();
    }
}
