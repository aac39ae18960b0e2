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
    /// A signal ended it: its number.
    Signal(u8),
}

impl Exit {
    /// 0 done, 1 failed, 2 usage; 128 and the number for a signal, as shells tell it.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Signal(number) => 128 + number,
        }
    }
}
