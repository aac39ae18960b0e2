//! rolodesk: type a customer, keep talking; the contact is created in the background.
//!
//! # The modules and their arrows
//!
//! ```text
//!   contact     -> nothing of ours         submission -> contact
//!   api         -> submission, contact, masking
//!   store      -> submission, contact
//!   delivery    -> api, store, submission, contact
//!   tui         -> submission, contact     sandbox    -> contact
//!   config      -> contact, private        cli, logging -> config, private
//!   private     -> nothing of ours         masking      -> contact
//!   run         -> everything but headless and cli
//!   headless    -> everything but tui's insides and cli
//!   main        -> cli, config, contact, logging, headless, run
//! ```
//!
//! The domain does not know the terminal; the terminal does not know HTTP or SQL. A
//! test reads the `use crate::` lines and holds these arrows.
//!
//! # One contact, from key press to results row
//!
//! ```text
//!   tui::terminal events -> run loop -> App::update(Event) -> keymap
//!     -> Draft::parse -> Effect::Submit(Submission)
//!   run::perform -> delivery::Handle::submit
//!     -> Worker: store.accept (committed, synced) -> Update::Entry (Queued)
//!   delivery::policy -> store.begin (slot, claim and attempt on disk BEFORE the wire)
//!     -> api::Client::create -> classify -> delivery::batch -> store.record
//!     -> Update::Entry                     (status on disk before it is on screen)
//!   App::update(Event::Delivery(Update)) -> results -> view
//! ```
//!
//! A settled row can go round again with another task: a duplicate's existing contact
//! updated, a created one deleted ([`submission::Change`]). The results keep a window of
//! rows and read the rest from the store page by page (`Effect::Page`, `run`'s librarian).
//!
//! # The other ways in
//!
//! ```text
//!   headless::{add, import}  -> store.accept -> the same Worker -> what became of each
//!   run::session             first run -> demo or setup -> the form
//!   headless::{setup, doctor} and the setup form -> run::profile (asks, tries, writes)
//! ```

pub mod api;
pub mod cli;
pub mod config;
pub mod contact;
pub mod delivery;
pub mod headless;
pub mod logging;
pub mod masking;
pub mod private;
pub mod run;
pub mod sandbox;
pub mod store;
pub mod submission;
pub mod tui;
