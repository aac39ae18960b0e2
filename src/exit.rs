//! What a run came to: the one place where exit codes are named.

/// How a command ended, as the shell sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Everything asked for was done.
    Done,
    /// Something unexpected failed.
    Failed,
    /// Wrong usage or configuration.
    Usage,
    /// The platform refuses us; what was stored is kept.
    NotAuthorised,
    /// Done, but some contacts were duplicates, rejected or invalid.
    Partly,
    /// Stored but not delivered yet.
    Pending,
    /// A signal ended it: its number.
    Signal(u8),
}

impl Exit {
    /// 0 to 5 as the README lists them; 128 and the number for a signal, as shells tell it.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::NotAuthorised => 3,
            Self::Partly => 4,
            Self::Pending => 5,
            Self::Signal(number) => 128 + number,
        }
    }
}
