//! A value of a profile that is no secret, on its way into a file.

/// A plain value as it is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlainValue {
    /// A string.
    Text(String),
    /// A whole number.
    Number(i64),
    /// True or false.
    Switch(bool),
    /// A list of strings.
    List(Vec<String>),
}
