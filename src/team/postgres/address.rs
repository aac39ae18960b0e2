//! Where a floor's database is.

use std::path::PathBuf;

use secrecy::SecretString;

/// Where a floor's database is, and who connects.
#[derive(Debug, Clone)]
pub struct Address {
    /// A name or an address; or, beginning with `/`, the folder of a socket.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The database.
    pub database: String,
    /// The role.
    pub user: String,
    /// The role's password, where it has one.
    pub password: Option<SecretString>,
    /// A company's certificate authority.
    pub ca_file: Option<PathBuf>,
    /// Whether what is said is encrypted, and to whom is verified.
    pub is_encrypted: bool,
}
