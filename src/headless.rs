//! The same engine without the form: one file per command. What commands print for
//! people or programs goes through [`output`].

pub mod add;
mod add_questions;
pub mod backup;
pub mod contacts;
pub mod doctor;
#[cfg(unix)]
pub mod fill;
mod follow;
mod hidden;
pub mod import;
pub mod output;
pub mod plain;
mod prompt;
pub mod purge;
pub mod results;
pub mod retry;
pub mod sandbox;
pub mod sentences;
pub mod setup;
mod standstill;
pub mod status;
pub mod sync;
pub mod team;
pub mod token;
