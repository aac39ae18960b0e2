//! What asks the program to leave from outside: signals; and the one that must not end it.

use std::io;
#[cfg(unix)]
use std::sync::Arc;

use crate::exit::Exit;

/// A file that may not grow any more (`ulimit -f`) is an error of whoever writes it, like a full
/// disk, and no reason to end the program where it stands. What it starts is not concerned.
pub(crate) fn survive_full_files() {
    #[cfg(unix)]
    if let Err(error) =
        signal_hook::flag::register(rustix::process::Signal::XFSZ.as_raw(), Arc::default())
    {
        tracing::warn!(%error, "a file that may not grow will end the program");
    }
}

/// Why the program was asked to leave from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(unix), expect(dead_code, reason = "only the interrupt exists there"))]
pub(crate) enum LeaveRequest {
    Hangup,
    Interrupt,
    Terminate,
}

impl LeaveRequest {
    #[cfg(unix)]
    pub(crate) const ALL: [Self; 3] = [Self::Hangup, Self::Interrupt, Self::Terminate];

    /// The signal's number (signal(7)).
    pub(crate) fn signal(self) -> u8 {
        match self {
            Self::Hangup => 1,
            Self::Interrupt => 2,
            Self::Terminate => 15,
        }
    }

    pub(crate) fn exit(self) -> Exit {
        Exit::Signal(self.signal())
    }
}

/// The signals that ask to leave, from the moment it is made until it is dropped.
#[cfg(unix)]
#[derive(Debug)]
pub(crate) struct Signals {
    hangup: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    pub(crate) fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    pub(crate) async fn next(&mut self) -> LeaveRequest {
        tokio::select! {
            _ = self.hangup.recv() => LeaveRequest::Hangup,
            _ = self.interrupt.recv() => LeaveRequest::Interrupt,
            _ = self.terminate.recv() => LeaveRequest::Terminate,
        }
    }
}

/// Only the interrupt exists here.
#[cfg(not(unix))]
#[derive(Debug)]
pub(crate) struct Signals;

#[cfg(not(unix))]
impl Signals {
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    pub(crate) async fn next(&mut self) -> LeaveRequest {
        let _ = tokio::signal::ctrl_c().await;
        LeaveRequest::Interrupt
    }
}
