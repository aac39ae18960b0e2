//! The same engine without the form: one file per command.

pub mod sandbox;
pub mod status;
pub mod token;
