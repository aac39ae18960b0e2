//! Sees to the end: of signals, and of a terminal that vanishes.
//!
//! One thread waits for whatever may ask us to leave; it asks for nothing in between. It is
//! a thread of its own because the loop may hang in a write to a stuck terminal, or a
//! library read a vanished one for ever: neither keeps anybody longer than [`LAST_GRACE`].

use std::{
    io, process, thread,
    time::{Duration, Instant},
};

use tokio::sync::mpsc::{self, UnboundedReceiver};

use crate::{signals::LeaveRequest, tui::terminal};

/// Leaving may take this long, then the process just ends.
const LAST_GRACE: Duration = Duration::from_millis(900);

/// Listens from now on; the first that asks starts the countdown to the end.
///
/// # Errors
/// When the system lets nobody listen.
#[cfg(unix)]
pub(super) fn listen() -> io::Result<UnboundedReceiver<LeaveRequest>> {
    let (asks, asked) = mpsc::unbounded_channel();
    let watched = unix::Watched::new()?;
    thread::Builder::new().name("watchdog".into()).spawn(move || {
        let first = watched.wait();
        let end = Instant::now() + LAST_GRACE;
        // The loop may be leaving already.
        let _ = asks.send(first);
        unix::silence_vanished_terminal(end);
        end_at(end, first.exit().code());
    })?;
    Ok(asked)
}

#[cfg(not(unix))]
pub(super) fn listen() -> io::Result<UnboundedReceiver<LeaveRequest>> {
    let (asks, asked) = mpsc::unbounded_channel();
    let mut signals = crate::signals::Signals::listen()?;
    tokio::spawn(async move {
        let first = signals.next().await;
        // The loop may be leaving already.
        let _ = asks.send(first);
        thread::spawn(move || end_at(Instant::now() + LAST_GRACE, first.exit().code()));
    });
    Ok(asked)
}

/// Ends the process then, whatever still hangs.
fn end_at(end: Instant, code: u8) {
    while let Some(left) = end.checked_duration_since(Instant::now()) {
        thread::park_timeout(left);
    }
    terminal::give_up();
    process::exit(i32::from(code));
}

#[cfg(unix)]
mod unix {
    use std::{io, mem, os::unix::net::UnixStream, time::Instant};

    use rustix::{
        event::{PollFd, PollFlags, Timespec, poll},
        io::Errno,
        pipe::pipe,
        stdio::{dup2_stdin, stdin},
    };

    use crate::signals::LeaveRequest;

    /// Each signal that asks to leave, with the socket that its arrival is written to.
    pub(super) struct Watched(Vec<(LeaveRequest, UnixStream)>);

    impl Watched {
        pub(super) fn new() -> io::Result<Self> {
            let listened = |asked: LeaveRequest| {
                let (arrived, tells) = UnixStream::pair()?;
                signal_hook::low_level::pipe::register(asked.signal().into(), tells)?;
                Ok((asked, arrived))
            };
            LeaveRequest::ALL.into_iter().map(listened).collect::<io::Result<_>>().map(Self)
        }

        /// Waits for the first signal, or for the terminal's end. No signal need come then:
        /// not to a program that another session or `nohup` started.
        pub(super) fn wait(&self) -> LeaveRequest {
            let tty = stdin();
            let mut watched = vec![PollFd::new(&tty, PollFlags::empty())];
            watched.extend(self.0.iter().map(|(_, arrived)| PollFd::new(arrived, PollFlags::IN)));
            while let Err(Errno::INTR) = poll(&mut watched, None) {}
            let signal = watched[1..].iter().position(|it| it.revents().contains(PollFlags::IN));
            signal.map_or(LeaveRequest::Hangup, |at| self.0[at].0)
        }
    }

    /// Who reads a vanished terminal gets nothing at once, for ever, and crossterm would spin
    /// on that; from a pipe that nobody writes it waits.
    pub(super) fn silence_vanished_terminal(end: Instant) {
        let tty = stdin();
        let mut watched = [PollFd::new(&tty, PollFlags::empty())];
        while let Some(left) = end.checked_duration_since(Instant::now()) {
            let left = Timespec::try_from(left).ok();
            match poll(&mut watched, left.as_ref()) {
                Err(Errno::INTR) => {}
                Ok(_) | Err(_) => break,
            }
        }
        if watched[0].revents().contains(PollFlags::HUP)
            && let Ok((reads, writes)) = pipe()
        {
            let _ = dup2_stdin(reads);
            // Closed, it would be an end of its own.
            mem::forget(writes);
        }
    }
}
