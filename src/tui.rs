//! The terminal program as model, update and view.
//!
//! ```text
//!   Event (what happened) -> App::update -> Effects (what the outside is asked to do)
//!                               |
//!                               +-> App::view draws the model, changing nothing
//! ```
//!
//! Nothing here waits, reads a clock, touches a disk or invents an id: the run loop
//! hands in [`At`] and carries the [`Effect`]s out. The loop draws when
//! [`App::needs_draw`] says so, after the queue of events is empty, and sleeps until
//! the next event or [`App::wake_at`].
//!
//! [`App`] owns the form, the results and whatever lies over them. `keymap` is the one
//! table of keys, `theme` every colour; a person's own are checked there; `input` wraps the text editor; `view` draws.

mod app;
mod appearance;
mod cells;
mod check;
pub mod clipboard;
mod compare;
mod detail;
mod form;
mod help;
mod hints;
mod inbox;
mod input;
pub mod keymap;
mod lookup;
mod message;
mod palette;
mod picker;
mod read_back;
mod results;
mod row_keys;
mod row_words;
#[cfg(test)]
mod script;
pub mod sentences;
pub mod terminal;
pub mod theme;
mod time;
mod view;
pub mod welcome;

pub use app::{App, Floor, Setup};
pub use appearance::{Appearance, Notify, ReadBackStyle};
pub use check::Confirm;
pub use message::{At, Copied, Effect, Event};
