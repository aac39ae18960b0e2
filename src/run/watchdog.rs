//! Sees to the end: of signals, and of a terminal that vanishes.
//!
//! Whoever asks is heard on a task of its own: a loop that hangs in a write to a stuck
//! terminal, or a library that reads a vanished one for ever, keeps nobody longer than
//! [`LAST_GRACE`].

use std::{io, process, thread, time::Duration};

use tokio::sync::mpsc::{self, UnboundedReceiver};

use crate::{
    signals::{LeaveRequest, Signals},
    tui::terminal,
};

/// Leaving may take this long, then the process just ends.
const LAST_GRACE: Duration = Duration::from_millis(900);

/// Listens from now on; the first that asks starts the countdown to the end.
///
/// # Errors
/// When the system lets nobody listen.
pub(super) fn listen() -> io::Result<UnboundedReceiver<LeaveRequest>> {
    let (asks, asked) = mpsc::unbounded_channel();
    let mut signals = Signals::listen()?;
    let (tells, mut vanished) = mpsc::unbounded_channel();
    watch_terminal(tells);
    tokio::spawn(async move {
        let first = tokio::select! {
            signal = signals.next() => signal,
            Some(()) = vanished.recv() => LeaveRequest::Hangup,
        };
        leave_soon(first.exit().code());
        // The loop may be leaving already.
        let _ = asks.send(first);
    });
    Ok(asked)
}

/// Ends the process soon, whatever still hangs.
fn leave_soon(code: u8) {
    thread::spawn(move || {
        thread::park_timeout(LAST_GRACE);
        terminal::give_up();
        process::exit(i32::from(code));
    });
}

/// Says when the terminal is gone. No signal need come then: not to a program that
/// another session or `nohup` started. The kernel wakes the watching thread; it asks for
/// nothing in between.
#[cfg(unix)]
fn watch_terminal(tells: mpsc::UnboundedSender<()>) {
    use rustix::{
        event::{PollFd, PollFlags, poll},
        io::Errno,
        pipe::pipe,
        stdio::{dup2_stdin, stdin},
    };
    thread::spawn(move || {
        let tty = stdin();
        let mut watched = [PollFd::new(&tty, PollFlags::empty())];
        while let Err(Errno::INTR) = poll(&mut watched, None) {}
        if !watched[0].revents().contains(PollFlags::HUP) {
            return;
        }
        // The loop may be leaving already.
        let _ = tells.send(());
        // Who reads a vanished terminal gets nothing at once, for ever, and crossterm would
        // spin on that; from a pipe that nobody writes it waits.
        if let Ok((reads, _writes)) = pipe()
            && dup2_stdin(reads).is_ok()
        {
            loop {
                thread::park();
            }
        }
    });
}

#[cfg(not(unix))]
fn watch_terminal(_: mpsc::UnboundedSender<()>) {}
