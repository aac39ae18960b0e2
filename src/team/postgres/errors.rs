//! What went wrong with the database, told by its cause: the five characters of an SQLSTATE
//! (read as a number, "no permission" looks like "busy"), a system's error, a certificate.

use std::{error::Error as _, io};

use rustls::Error as TlsError;
use tokio_postgres::{Error, error::DbError};

use super::address::Address;
use crate::team::floor::FloorError;

/// Whether nobody should ask again soon: the server would count it against us.
pub(super) fn is_wrong_password(error: &FloorError) -> bool {
    matches!(error, FloorError::Password { .. } | FloorError::NotAdmitted(_))
}

/// An error of the driver as what it means for a floor.
pub(super) fn failure(error: &Error, address: &Address) -> FloorError {
    if let Some(told) = error.as_db_error() {
        return refusal(told, address);
    }
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(error) = inner.downcast_ref::<io::Error>() {
            return broken(error, address);
        }
        cause = inner.source();
    }
    let text = error.to_string();
    if text.contains("TLS handshake") {
        return FloorError::NoTls { host: address.host.clone(), port: address.port };
    }
    if text.starts_with("invalid configuration") {
        // The server asks for one, and there is none.
        return FloorError::Password { user: address.user.clone() };
    }
    FloorError::Lost(text)
}

/// What the server itself says.
fn refusal(told: &DbError, address: &Address) -> FloorError {
    let (user, database) = (address.user.clone(), address.database.clone());
    let text = told.message().to_owned();
    let number = || text.parse().unwrap_or_default();
    match told.code().code() {
        "RD001" => FloorError::Closed(text),
        "RD002" => FloorError::TooOld { min_client: number() },
        "RD003" => FloorError::NotOurSeat { cure: text },
        "RD007" => FloorError::NotOurRow,
        "RD004" => FloorError::NoAccount,
        "RD005" => FloorError::WhichAccount,
        "RD006" => FloorError::NotOurs,
        "28P01" => FloorError::Password { user },
        "28000" => FloorError::NotAdmitted(text),
        "42501" => FloorError::NoRights { user },
        "53300" => FloorError::TooManyConnections(text),
        "22P05" | "22021" => FloorError::Encoding { encoding: encoding(&text) },
        "53100" => FloorError::Full,
        "25006" => FloorError::ReadOnly,
        "3D000" => FloorError::NoDatabase { database },
        "3F000" | "42P01" | "42883" => FloorError::NoTables,
        "42703" | "42804" => FloorError::OtherTables,
        "57014" => FloorError::TimedOut,
        "55P03" | "40001" | "40P01" => FloorError::Busy,
        // Two owners at once.
        "XX000" if text.contains("concurrently updated") => FloorError::Busy,
        // What a pooler says that does not know our settings, or has nobody free.
        "08P01"
            if text.contains("startup parameter") || text.contains("statement pooling mode") =>
        {
            FloorError::Pooler
        }
        "57P01" | "57P02" | "57P03" | "58000" | "08P01" | "08006" => FloorError::Lost(text),
        code => FloorError::Unexpected(format!("{text} ({code})")),
    }
}

/// The encoding that a character is missing in, as the server names it last.
fn encoding(text: &str) -> String {
    text.split('"').rfind(|it| !it.trim().is_empty()).unwrap_or(text).to_owned()
}

/// What the network and the system say.
fn broken(error: &io::Error, address: &Address) -> FloorError {
    let host = address.host.clone();
    if let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<TlsError>()) {
        return match tls {
            // No TLS at all, whatever was said yes with.
            TlsError::InvalidMessage(_) => FloorError::NoTls { host, port: address.port },
            tls => FloorError::Certificate(tls.to_string()),
        };
    }
    let text = error.to_string();
    match error.kind() {
        io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound => {
            FloorError::Refused { host, port: address.port }
        }
        // What the driver cannot read.
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
            FloorError::NotPostgres { host, port: address.port }
        }
        io::ErrorKind::PermissionDenied => FloorError::NotAdmitted(text),
        io::ErrorKind::TimedOut => FloorError::TimedOut,
        _ if text.contains("lookup address") => FloorError::UnknownHost { host },
        _ => FloorError::Lost(text),
    }
}
