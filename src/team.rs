//! A floor that shares one account shares a database: seats hand their rows over there, one
//! of them sends for all, and each reads back what became of its own.
//!
//! ```text
//!   seat         hands rows over and reads back; the form's worker on a floor
//!   sender       the lease, and the ordinary worker on a scratch store, for everybody
//!   floor        the words of the shared store, and what it says against a question
//!   row          one row, at a seat and on the floor
//!   floor_store  what is asked of it, whatever it is kept in
//!   postgres     that store on PostgreSQL; nothing beyond it knows SQL
//! ```

pub mod floor;
mod floor_store;
pub mod postgres;
mod row;
mod seat;
mod sender;
#[cfg(test)]
mod simulation;

pub use floor_store::FloorStore;
pub use seat::{Duty, standing, work};
pub use sender::Sending;
