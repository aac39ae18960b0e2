//! The signals that ask the program to leave, and the terminal that vanishes.

use std::{io, process, thread, time::Duration};

/// Leaving after the terminal is gone may take this long, then the process just ends:
/// a library that reads a vanished terminal can spin for ever.
const LAST_GRACE: Duration = Duration::from_millis(900);

/// Why the program was asked to leave from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    Hangup,
    Interrupt,
    Terminate,
}

impl Asked {
    /// The signal's number (signal(7)).
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::Hangup => 1,
            Self::Interrupt => 2,
            Self::Terminate => 15,
        }
    }
}

/// Ends the process soon, whatever still hangs.
pub(super) fn leave_soon(code: u8) {
    thread::spawn(move || {
        thread::park_timeout(LAST_GRACE);
        process::exit(i32::from(code));
    });
}

#[cfg(unix)]
pub(crate) use unix::Signals;

#[cfg(unix)]
mod unix {
    use tokio::signal::unix::{Signal, SignalKind, signal};

    use super::{Asked, io};

    /// Listens from the moment it is made until it is dropped.
    #[derive(Debug)]
    pub(crate) struct Signals {
        hangup: Signal,
        interrupt: Signal,
        terminate: Signal,
    }

    impl Signals {
        pub(crate) fn listen() -> io::Result<Self> {
            Ok(Self {
                hangup: signal(SignalKind::hangup())?,
                interrupt: signal(SignalKind::interrupt())?,
                terminate: signal(SignalKind::terminate())?,
            })
        }

        pub(crate) async fn next(&mut self) -> Asked {
            tokio::select! {
                _ = self.hangup.recv() => Asked::Hangup,
                _ = self.interrupt.recv() => Asked::Interrupt,
                _ = self.terminate.recv() => Asked::Terminate,
            }
        }
    }
}

#[cfg(not(unix))]
pub(crate) use other::Signals;

#[cfg(not(unix))]
mod other {
    use super::{Asked, io};

    /// Only the interrupt exists here.
    #[derive(Debug)]
    pub(crate) struct Signals;

    impl Signals {
        pub(crate) fn listen() -> io::Result<Self> {
            Ok(Self)
        }

        pub(crate) async fn next(&mut self) -> Asked {
            let _ = tokio::signal::ctrl_c().await;
            Asked::Interrupt
        }
    }
}
