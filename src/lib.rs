//! rolodesk: type a customer, keep talking; the contact is created in the background.
//!
//! # The modules and their arrows
//!
//! ```text
//!   contact, exit, private, local_time -> nothing of ours
//!   submission, sandbox, masking -> contact       signals -> exit      audit -> private
//!   config       -> contact, private              cli, logging -> config, private
//!   api          -> submission, contact, masking  store -> submission, contact, audit, private
//!   delivery     -> api, store, submission, contact
//!   tui          -> submission, contact           appearance -> config, tui
//!   team         -> api, delivery, store, submission, contact, private
//!   connect      -> api, delivery, store, team, config, submission, audit
//!   callers      -> config, contact, private      demo -> config, sandbox, private
//!   onboarding   -> connect, delivery, api, store, submission, config, contact, audit, private
//!   run, headless -> everything but each other, cli and logging (headless: not tui)
//!   dispatch     -> appearance, cli, config, contact, demo, exit, headless, local_time,
//!                   logging, run, sandbox, signals
//!   main         -> cli, config, contact, dispatch, exit, masking, private
//! ```
//!
//! The domain does not know the terminal; the terminal does not know HTTP or SQL. Tests
//! read the sources and hold these arrows, and that no two files import each other.
//!
//! # The first picture, and what comes behind it
//!
//! ```text
//!   main            arguments -> dispatch: configuration and appearance -> run
//!   run::session    signals -> raw mode -> App::new -> DRAW, and every key from here on counts
//!   run::form_loop  the time zone
//!   run::opening    the store -> the half-typed contact (Event::Restored) -> the secret and
//!                   the client -> the Worker, which finds what was asked of it meanwhile
//!   later           the phone metadata with the first number, TLS with the first request
//! ```
//!
//! Two threads beside the loop's sleep until something comes: one reads the keyboard, one
//! waits for signals and for the terminal's end. The store has the fourth. No timer runs
//! while nothing is due; other processes' commits are told by the system ([`store`]'s watch).
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
//! rows and read the rest from the store page by page (`Effect::Page`, `run`'s page loader).
//!
//! # The other ways in
//!
//! ```text
//!   headless::fill           a caller -> callers (a socket) -> the open form
//!   headless::plain          the whole job in plain lines, on the same Worker
//!   headless::{add, import}  -> store.accept -> the same Worker -> what became of each
//!   run::session             first run -> demo or setup -> the form
//!   headless::{setup, doctor} and the setup form -> onboarding (asks, tries, writes)
//! ```
//!
//! # On a floor
//!
//! ```text
//!   the same commands -> team::seat -> the seat's store -> handed over -> PostgreSQL
//!   whoever has the lease: team::sender -> adopted -> the same Worker on a scratch store,
//!     behind a gate -> what became of each is told -> mirrored into the seat's store
//! ```
//!
//! # What happened, and how it is told
//!
//! ```text
//!   api::classify -> submission::Failure -> delivery::policy -> Status with a Reason (kept as data)
//!     -> tui::sentences (screen) | headless::sentences (command line, `reason`)
//!     -> headless::output::Because (`code`, `facts`, `may_exist` for programs)
//! ```
//!
//! Commands wait for what they asked for in `headless::follow`, which also makes exit codes;
//! `dispatch` is where a command's name leads to its file.
//!
//! # Where a rule has its home
//!
//! ```text
//!   the calls of the platform's API         api::http (Client), its bodies api::wire
//!   what an answer means                    api::classify; of a change delivery::change
//!   Status and Group of a row               submission; their stored words submission::state
//!   how many requests may go out, and when  store::pacing, store::learned_share
//!   the columns of the tables               assets/migrations/tables.sql, read in store::rows
//!   what a floor's database has and allows  assets/team/*.sql, asked in team::postgres
//!   words of labels, in all languages       contact::label (forms, pastes and files alike)
//!   what a key does                         tui::keymap::bindings, carried out in tui::app
//! ```

pub mod api;
pub mod appearance;
pub mod audit;
#[cfg(unix)]
pub mod callers;
pub mod cli;
pub mod config;
pub mod connect;
pub mod contact;
pub mod delivery;
pub mod demo;
pub mod dispatch;
pub mod exit;
pub mod headless;
pub mod local_time;
pub mod logging;
pub mod masking;
pub mod onboarding;
pub mod private;
pub mod run;
pub mod sandbox;
pub mod signals;
pub mod store;
pub mod submission;
pub mod team;
pub mod tui;
