//! The way to the platform and what it says: one paced list request where there is a
//! secret, a store to pace by and a request left; else a knock without a token.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use anyhow::Result;

use super::{
    answers::{ListCheck, answered, limit, told_time},
    permissions,
    report::{Area, DoctorReport},
};
use crate::{
    api::{
        Address, Client, ClientError, Contacted, RequestStage, TransportError, UNREADABLE_PROXY,
        Way,
    },
    config::{Config, ConfigError, CredentialSource, Inspection, secret::SecretSource},
    connect::{CONNECT_TIMEOUT, client},
    delivery::probe,
    private::ownership::Strictness::Private,
    store::Store,
};

pub(super) async fn check(
    report: &mut DoctorReport<impl Write>,
    found: &Inspection,
    store: Option<&Store>,
) -> Result<()> {
    if let Ok(Config { credential: CredentialSource::WithSender, .. }) = &found.verdict {
        let why = "whoever sends for the floor speaks to the platform";
        return Ok(skip(report, &[&["secret", "proxy", "dns"], BEHIND].concat(), why)?);
    }
    let client = secret(report, found).await?;
    let address = match address(found) {
        Some(Ok(address)) => address,
        Some(Err(error)) => {
            // Making the client has told of it otherwise.
            if found.verdict.is_err() {
                let advice = "write https:// and the environment's name, as in the console's URL";
                report.problem(Area::Configuration, "config", error.to_string(), advice)?;
            }
            skip(report, &["proxy", "dns"], NO_HOST)?;
            return Ok(skip(report, BEHIND, NO_HOST)?);
        }
        None => {
            skip(report, &["proxy", "dns"], NO_HOST)?;
            return Ok(skip(report, BEHIND, NO_HOST)?);
        }
    };
    if !has_address(report, &address).await? {
        return Ok(skip(report, BEHIND, "the host cannot be reached")?);
    }
    let (contacted, asked) = contact(&address, client.as_ref(), store).await;
    reached(report, &address, &contacted)?;
    told_time(report, &contacted)?;
    answered(report, &asked, contacted.clock_offset)?;
    Ok(limit(report, &asked, store).await?)
}

const NO_HOST: &str = "no usable host is configured";
/// The checks that need an address.
const BEHIND: &[&str] = &["connection", "tls", "clock", "token", "list", "limit"];

fn skip(report: &mut DoctorReport<impl Write>, checks: &[&str], why: &str) -> io::Result<()> {
    checks.iter().try_for_each(|check| report.skipped(check, why))
}

fn address(found: &Inspection) -> Option<Result<Address, ClientError>> {
    let (host, ca_file) = if let Ok(config) = &found.verdict {
        (config.host.as_str(), config.ca_file.clone())
    } else {
        // Relative to which file is part of what is broken.
        let ca_file = found.value("ca_file").map(PathBuf::from);
        (found.value("host")?, ca_file.filter(|path| path.is_absolute()))
    };
    Some(Address::new(host, ca_file, CONNECT_TIMEOUT))
}

async fn secret(
    report: &mut DoctorReport<impl Write>,
    found: &Inspection,
) -> Result<Option<Client>> {
    let Ok(config) = &found.verdict else {
        report.skipped("secret", "the configuration is not complete")?;
        return Ok(None);
    };
    let Some(source) = source(config) else { return Ok(None) };
    if let SecretSource::File(path) = source {
        let path = config.folder.join(path);
        let check = (Area::Configuration, "permissions.secret");
        permissions::check(report, check, &[(&path, Private)])?;
    }
    match client(config).await {
        Ok(client) => {
            let remark = source.remark(&config.folder).await;
            let remark = remark.map(|it| format!("; {it}")).unwrap_or_default();
            report.ok("secret", format!("found in {}{remark}", source.place()))?;
            Ok(Some(client))
        }
        Err(error) if error.is::<ConfigError>() => {
            report.ok("secret", format!("found in {}", source.place()))?;
            let advice = "correct the profile, or run `rolodesk setup`";
            report.problem(Area::Configuration, "config", error.to_string(), advice)?;
            Ok(None)
        }
        Err(error) => {
            let advice = "put it there, or run `rolodesk setup` to name another place";
            report.problem(Area::Configuration, "secret", error.to_string(), advice)?;
            Ok(None)
        }
    }
}

fn source(config: &Config) -> Option<&SecretSource> {
    match &config.credential {
        CredentialSource::Signed { secret, .. } => Some(secret),
        CredentialSource::Ready(token) => Some(token),
        CredentialSource::WithSender => None,
    }
}

/// Tells the proxy and the host's addresses; false when there is no way to go.
async fn has_address(report: &mut DoctorReport<impl Write>, address: &Address) -> io::Result<bool> {
    match address.way() {
        Way::Direct => {}
        Way::Through(proxy) => {
            let user = if proxy.has_user { ", with a user name (not shown)" } else { "" };
            report.ok("proxy", format!("{}{user}", proxy.address))?;
            report.skipped("dns", "the proxy looks the name up")?;
            return Ok(true);
        }
        Way::Unreadable(name) => {
            let detail = format!("{name} holds no address of a proxy; nothing is sent");
            report.problem(Area::Configuration, "proxy", detail, UNREADABLE_PROXY)?;
            report.skipped("dns", "the proxy would look the name up")?;
            return Ok(false);
        }
    }
    let why = if address.is_loopback() { "none: it is this machine" } else { "none" };
    report.ok("proxy", why)?;
    match address.look_up().await {
        Ok(found) => {
            let found: Vec<_> = found.iter().map(|it| it.ip().to_string()).collect();
            report.ok("dns", format!("{} is {}", address.host(), found.join(", ")))?;
            Ok(true)
        }
        Err(why) => {
            let advice = "check `host` for typing mistakes, and the network";
            let detail = format!("{} has no address: {why}", address.host());
            report.problem(Area::Other, "dns", detail, advice)?;
            Ok(false)
        }
    }
}

/// Spends a request of the account's only where its limit is known to allow one.
async fn contact(
    address: &Address,
    client: Option<&Client>,
    store: Option<&Store>,
) -> (Contacted, ListCheck) {
    let (Some(client), Some(store)) = (client, store) else {
        let missing = if client.is_none() { "there is no secret" } else { "the store is missing" };
        return (address.knock().await, ListCheck::Not(format!("not asked: {missing}")));
    };
    match probe(store, client).await {
        Ok(Ok(answer)) => {
            let asked = match &answer.reply {
                Err(_) if answer.lost.is_some() => ListCheck::Not("no answer came".into()),
                reply => ListCheck::Answered(reply.clone()),
            };
            let clock_offset = answer.server_time.and_then(|_| client.clock_offset());
            (Contacted { lost: answer.lost, clock_offset }, asked)
        }
        Ok(Err(ms)) => {
            let seconds = ms / 1000 + 1;
            let why = format!("not asked: no request is left for {seconds} s");
            (address.knock().await, ListCheck::Not(why))
        }
        Err(error) => (address.knock().await, ListCheck::Not(format!("not asked: {error}"))),
    }
}

/// One line each for the connection and for TLS, and one for a proxy that failed.
fn reached(
    report: &mut DoctorReport<impl Write>,
    address: &Address,
    contacted: &Contacted,
) -> io::Result<()> {
    let tls = |report: &mut DoctorReport<_>| {
        if address.is_encrypted() {
            report.ok("tls", "the certificate is trusted")
        } else {
            report.skipped("tls", "http, to this machine only")
        }
    };
    let Some(TransportError { step, cause, advice }) = &contacted.lost else {
        report.ok("connection", format!("{} answers", address.host()))?;
        return tls(report);
    };
    let (failed, area) = match step {
        RequestStage::Proxy => ("proxy", Area::Other),
        RequestStage::Name | RequestStage::Connection | RequestStage::Answer => {
            ("connection", Area::Other)
        }
        RequestStage::Prepare if address.has_ca_file() => ("tls", Area::Configuration),
        RequestStage::Prepare | RequestStage::Tls => ("tls", Area::Other),
    };
    match step {
        RequestStage::Tls => report.ok("connection", format!("{} is reached", address.host()))?,
        RequestStage::Prepare | RequestStage::Proxy => {
            report.skipped("connection", "it was not tried")?;
        }
        RequestStage::Name | RequestStage::Connection | RequestStage::Answer => {}
    }
    let otherwise = match step {
        RequestStage::Prepare => "correct it; until then nothing is sent",
        RequestStage::Proxy
        | RequestStage::Name
        | RequestStage::Connection
        | RequestStage::Tls
        | RequestStage::Answer => "try again; if it stays so, look at the network",
    };
    report.problem(area, failed, cause, advice.as_deref().unwrap_or(otherwise))?;
    match step {
        RequestStage::Answer => tls(report),
        RequestStage::Prepare | RequestStage::Tls => Ok(()),
        RequestStage::Proxy | RequestStage::Name | RequestStage::Connection => {
            report.skipped("tls", "not connected")
        }
    }
}
