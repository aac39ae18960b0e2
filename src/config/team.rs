//! `[profiles.acme.team]`: the database a floor shares, as it is written and as it is meant.
//!
//! ```text
//!   url = "postgres://rolodesk_seat@db.acme.example/rolodesk"
//!   url = "postgres:///rolodesk?host=/var/run/postgresql"      a socket of this machine
//! ```
//!
//! An address and the single keys `host`, `port`, `database` and `user` say the same; of two
//! layers the later wins whole, so that no half of an address is put to another's half.

use std::{collections::BTreeMap, path::PathBuf};

use secrecy::SecretString;
use serde::Deserialize;

use super::{
    ValueOrigin,
    secret::{SecretSetting, SecretSource},
    values::Wrong,
};
use crate::private::user;

/// Where the section's keys begin, among those of a profile.
pub(super) const PREFIX: &str = "team.";

/// The section as it is written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "each key is explained in assets/config.toml")]
pub struct TeamSection {
    pub url: Option<String>,
    pub host: Option<String>,
    pub port: Option<i64>,
    pub database: Option<String>,
    pub user: Option<String>,
    pub password: Option<SecretSetting>,
    pub ca_file: Option<PathBuf>,
    pub send: Option<bool>,
    pub priority: Option<i64>,
}

/// A floor's shared database, ready to use.
#[derive(Debug, Clone)]
pub struct TeamConfig {
    /// A name or an address; or, beginning with `/`, the folder of a socket of this machine.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The database.
    pub database: String,
    /// The role to connect as.
    pub user: String,
    /// Where the role's password is; none where the server asks for none.
    pub password: Option<SecretSource>,
    /// A company's certificate authority for the server's certificate.
    pub ca_file: Option<PathBuf>,
    /// Whether this seat may send to the platform for everybody.
    pub send: bool,
    /// Who sends when several may: the highest.
    pub priority: i64,
}

impl TeamConfig {
    /// Whether what goes there leaves this machine, and so goes by TLS.
    #[must_use]
    pub fn is_remote(&self) -> bool {
        let this = ["localhost", "127.0.0.1", "::1", ""];
        !self.host.starts_with('/') && !this.contains(&self.host.to_ascii_lowercase().as_str())
    }

    /// The address for people, without a password.
    #[must_use]
    pub fn address(&self) -> String {
        let Self { host, port, database, user, .. } = self;
        if host.starts_with('/') {
            format!("database {database} at the socket in {host} (port {port}) as {user}")
        } else {
            format!("database {database} at {host}:{port} as {user}")
        }
    }
}

impl TeamSection {
    /// Whether it says where the database is.
    pub(super) fn has_address(&self) -> bool {
        self.url.is_some() || self.host.is_some()
    }

    /// This section with what `over` has taken from there.
    pub(super) fn overlaid(self, over: Self) -> Self {
        // An address in one piece replaces the pieces below it, and they it.
        let pieces = |mine| if over.url.is_some() { None } else { mine };
        Self {
            host: over.host.clone().or_else(|| pieces(self.host)),
            database: over.database.or_else(|| pieces(self.database)),
            user: over.user.or_else(|| pieces(self.user)),
            port: over.port.or(self.port.filter(|_| over.url.is_none())),
            url: over.url.or(self.url.filter(|_| over.host.is_none())),
            password: over.password.or(self.password),
            ca_file: over.ca_file.or(self.ca_file),
            send: over.send.or(self.send),
            priority: over.priority.or(self.priority),
        }
    }

    /// The keys alone that are wanted, by their whole names.
    pub(super) fn only(&self, wanted: impl Fn(&str) -> bool) -> Option<Self> {
        let some = |key: &str| wanted(&format!("{PREFIX}{key}"));
        let only = Self {
            url: self.url.clone().filter(|_| some("url")),
            host: self.host.clone().filter(|_| some("host")),
            port: self.port.filter(|_| some("port")),
            database: self.database.clone().filter(|_| some("database")),
            user: self.user.clone().filter(|_| some("user")),
            password: self.password.clone().filter(|_| some("password")),
            ca_file: self.ca_file.clone().filter(|_| some("ca_file")),
            send: self.send.filter(|_| some("send")),
            priority: self.priority.filter(|_| some("priority")),
        };
        only.is_anything().then_some(only)
    }

    /// Whether it says anything.
    pub(super) fn is_anything(&self) -> bool {
        self.has_address()
            || self.port.is_some()
            || self.database.is_some()
            || self.user.is_some()
            || self.password.is_some()
            || self.ca_file.is_some()
            || self.send.is_some()
            || self.priority.is_some()
    }

    /// The value of a key of the section; of a secret, only where it is.
    pub(super) fn shown(&self, key: &str, profile: &str) -> Option<String> {
        match key {
            "url" => self.url.as_deref().map(|url| match Address::read(url) {
                Ok(address) => address.shown(),
                Err(_) => "not an address of a database".into(),
            }),
            "host" => self.host.clone(),
            "port" => self.port.map(|port| port.to_string()),
            "database" => self.database.clone(),
            "user" => self.user.clone(),
            "password" => self.password.as_ref().map(|it| it.place("team.password", profile)),
            "ca_file" => self.ca_file.as_ref().map(|path| path.display().to_string()),
            "send" => self.send.map(|on| on.to_string()),
            "priority" => self.priority.map(|priority| priority.to_string()),
            _ => None,
        }
    }

    /// Whom this section connects to, to be compared with another layer's.
    pub(super) fn server(&self) -> Option<(String, i64)> {
        let url = self.url.as_deref().and_then(|url| Address::read(url).ok()).unwrap_or_default();
        let host = url.host.or_else(|| self.host.clone())?;
        let port = url.port.map(i64::from).or(self.port).unwrap_or(i64::from(PORT));
        Some((host.to_ascii_lowercase(), port))
    }

    /// What is meant; `sends` is whether the profile has a secret of the platform.
    pub(super) fn checked(
        self,
        sends: bool,
        origins: &BTreeMap<String, ValueOrigin>,
        source: impl Fn(&'static str, &SecretSetting) -> Result<SecretSource, Wrong>,
    ) -> Result<TeamConfig, Wrong> {
        let url = self.url.as_deref().map(Address::read).transpose();
        let url = url.map_err(|why| Wrong("team.url", format!("`team.url` {why}")))?;
        let url = url.unwrap_or_default();
        let by_variable = |key: &str| matches!(origins.get(key), Some(ValueOrigin::Variable(_)));
        if url.password.is_some() && !by_variable("team.url") {
            let text = "`team.url` holds the password itself; name where it is instead, with \
                        `password = { env = \"NAME\" }`, `{ file = \"PATH\" }`, `{ keyring = true \
                        }` or `{ command = [\"…\"] }`";
            return Err(Wrong("team.url", text.into()));
        }
        let named = self.password.as_ref().map(|it| source("team.password", it)).transpose()?;
        let in_url = url.password.map(|it| SecretSource::Given(SecretString::from(it)));
        let password =
            if by_variable("team.password") { named.or(in_url) } else { in_url.or(named) };
        let host = url.host.or(self.host).ok_or_else(|| {
            let text = "`team` does not say where the database is; write `url = \
                        \"postgres://user@host/database\"` into it or set ROLODESK_TEAM_URL";
            Wrong("team.url", text.into())
        })?;
        Ok(TeamConfig {
            host,
            port: match url.port {
                Some(port) => port,
                None => port(self.port)?,
            },
            database: url.database.or(self.database).unwrap_or_else(|| "rolodesk".into()),
            user: url.user.or(self.user).unwrap_or_else(user::name),
            password,
            ca_file: self.ca_file,
            send: self.send.unwrap_or(sends),
            priority: priority(self.priority)?,
        })
    }
}

const PORT: u16 = 5432;

fn port(value: Option<i64>) -> Result<u16, Wrong> {
    let Some(value) = value else { return Ok(PORT) };
    u16::try_from(value)
        .ok()
        .filter(|port| *port > 0)
        .ok_or_else(|| Wrong("team.port", format!("`team.port` is {value}; it may be 1 to 65535")))
}

fn priority(value: Option<i64>) -> Result<i64, Wrong> {
    let value = value.unwrap_or(0);
    if (-1000..=1000).contains(&value) {
        return Ok(value);
    }
    Err(Wrong("team.priority", format!("`team.priority` is {value}; it may be -1000 to 1000")))
}

/// An address in one piece, taken apart.
#[derive(Default, PartialEq, Eq)]
struct Address {
    user: Option<String>,
    password: Option<String>,
    host: Option<String>,
    port: Option<u16>,
    database: Option<String>,
}

/// Where a server listens for its own machine, unless it is said.
const SOCKETS: &str = "/var/run/postgresql";

impl Address {
    /// Takes `postgres://user:password@host:port/database?host=…` apart. What is wrong is
    /// told without what was written: a password may be in it.
    fn read(url: &str) -> Result<Self, String> {
        let url = url.trim();
        let rest = url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://"));
        let rest =
            rest.ok_or("must begin with postgres://, as in postgres://user@host/database")?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (place, database) = rest.split_once('/').unwrap_or((rest, ""));
        let database = database.strip_suffix('/').unwrap_or(database);
        let (who, place) = match place.rsplit_once('@') {
            Some((who, place)) => (who, place),
            None => ("", place),
        };
        let (user, password) = match who.split_once(':') {
            Some((user, password)) => (user, Some(decoded(password)?)),
            None => (who, None),
        };
        let (host, port) = host_and_port(place)?;
        let mut address = Self {
            user: some(decoded(user)?),
            password,
            host: some(decoded(&host)?),
            port,
            database: some(decoded(database)?),
        };
        for parameter in query.split('&').filter(|it| !it.is_empty()) {
            address.take(parameter)?;
        }
        address.host.get_or_insert_with(|| SOCKETS.into());
        Ok(address)
    }

    fn take(&mut self, parameter: &str) -> Result<(), String> {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let value = decoded(value)?;
        match name {
            "host" => self.host = some(value),
            "port" => self.port = Some(read_port(&value)?),
            "user" => self.user = some(value),
            "dbname" => self.database = some(value),
            // What holds anyway.
            "sslmode" if value == "verify-full" => {}
            "sslmode" => {
                let text = "names an `sslmode`; take it out: the server's certificate is always \
                            verified, except on this machine";
                return Err(text.into());
            }
            other => {
                return Err(format!(
                    "has the parameter `{other}`; there are host, port, user, dbname"
                ));
            }
        }
        Ok(())
    }

    fn shown(&self) -> String {
        let user = self.user.as_ref().map(|user| format!("{user}@")).unwrap_or_default();
        let port = self.port.map(|port| format!(":{port}")).unwrap_or_default();
        let host = self.host.as_deref().unwrap_or_default();
        let database = self.database.as_deref().unwrap_or_default();
        if host.starts_with('/') {
            let port = self.port.map(|port| format!("&port={port}")).unwrap_or_default();
            return format!("postgres://{user}/{database}?host={host}{port}");
        }
        format!("postgres://{user}{host}{port}/{database}")
    }
}

fn some(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

/// An address of version 6 stands in brackets.
fn host_and_port(place: &str) -> Result<(String, Option<u16>), String> {
    if place.contains(',') {
        return Err("names several servers; write one".into());
    }
    if place.starts_with('[') != place.contains(']') {
        return Err("has a bracket without its other; an address of version 6 stands in two".into());
    }
    let (host, port) = match place.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, rest)) => (host, rest.strip_prefix(':')),
        None => match place.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (place, None),
        },
    };
    Ok((host.to_owned(), port.map(read_port).transpose()?))
}

fn read_port(text: &str) -> Result<u16, String> {
    let port = text.parse().ok().filter(|port| *port > 0);
    port.ok_or_else(|| "has a port that is none; it may be 1 to 65535".into())
}

/// Percent-encoding, as RFC 3986 has it.
fn decoded(text: &str) -> Result<String, String> {
    let wrong = || "has a % that is no percent-encoding; write %25 for it".to_owned();
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        let (high, low) = (digit(rest.next()), digit(rest.next()));
        let value = high.zip(low).and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
        bytes.push(value.ok_or_else(wrong)?);
    }
    String::from_utf8(bytes).map_err(|_| "is not UTF-8 behind its percent-encoding".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(url: &str) -> String {
        Address::read(url).map_or_else(|why| why, |address| address.shown())
    }

    #[test]
    fn an_address_is_taken_apart_and_shown_without_its_password() {
        for (url, is) in [
            ("postgres://a:p%40ss@db.b:6432/floor", "postgres://a@db.b:6432/floor"),
            ("postgresql://db.b/floor?sslmode=verify-full", "postgres://db.b/floor"),
            (
                "postgres:///floor?host=/run/pg&port=5433",
                "postgres:///floor?host=/run/pg&port=5433",
            ),
            ("postgres://%2Frun%2Fpg/floor", "postgres:///floor?host=/run/pg"),
            ("postgres://u@[::1]:5433/floor", "postgres://u@::1:5433/floor"),
        ] {
            assert_eq!(shown(url), is, "{url}");
        }
        let address = Address::read("postgres://a:p%40s/s@db.b/x");
        assert!(address.is_err() || address.unwrap().password.as_deref() != Some("p@s"));
    }

    #[test]
    fn a_wrong_address_is_told_without_what_was_written() {
        for (url, part) in [
            ("mysql://a:secret@b/c", "postgres://"),
            ("postgres://a:secret@b:99999/c", "port"),
            ("postgres://a:secret@b/c?sslmode=disable", "sslmode"),
            ("postgres://a:secret@b/c?options=-c", "`options`"),
            ("postgres://a:secret@b,c/d", "several servers"),
            ("postgres://a@[::1/d", "a bracket"),
            ("postgres://a@::1]/d", "a bracket"),
            ("postgres://a:sec%zzret@b/d", "%25"),
        ] {
            let why = Address::read(url).err().unwrap();
            assert!(why.contains(part) && !why.contains("secret"), "{url}: {why}");
        }
    }
}
