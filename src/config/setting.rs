//! A value that keeps its place, so that a mistake in it is told with its line.

use super::ValueOrigin;

/// A value and where it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting<T> {
    /// What was written.
    pub value: T,
    /// Where.
    pub origin: ValueOrigin,
}
