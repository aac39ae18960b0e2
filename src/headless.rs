//! The same engine without the form: one file per command. What commands print for
//! people or programs goes through [`output`].

pub mod add;
mod ask;
pub mod doctor;
pub mod output;
pub mod results;
pub mod sandbox;
pub mod status;
pub mod sync;
pub mod token;
