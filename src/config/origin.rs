//! Where a value of the configuration was set: to tell a mistake with its place, and to
//! tell an operator which of several places won.

use std::{fmt, path::PathBuf};

/// Where a value came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ValueOrigin {
    /// A line of a file, counted from 1.
    File {
        /// Which file.
        path: PathBuf,
        /// Which line.
        line: usize,
    },
    /// An environment variable.
    Variable(String),
    /// A flag.
    Flag(&'static str),
    /// Nobody set it.
    #[default]
    Default,
}

/// A value and where it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting<T> {
    /// What was written.
    pub value: T,
    /// Where.
    pub origin: ValueOrigin,
}

impl fmt::Display for ValueOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line } => write!(f, "{}, line {line}", path.display()),
            Self::Variable(name) => f.write_str(name),
            Self::Flag(name) => f.write_str(name),
            Self::Default => f.write_str("built in"),
        }
    }
}
