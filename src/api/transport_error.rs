//! Requests that got no answer: at which step they failed, why, and what to look at.
//!
//! ```text
//!   Prepare -> Proxy -> Name -> Connection -> Tls -> Answer
//! ```
//!
//! Only a failure at [`RequestStage::Answer`] leaves it open whether the request was carried
//! out; before that nothing of it was sent.

use std::{error::Error, io};

use jiff::Timestamp;
use reqwest::Url;
use rustls::{CertificateError, Error as TlsError};

use super::{
    ClientError,
    proxy::{Proxy, Way},
};
use crate::submission::{Failure, FailureKind, roughly};

/// How far a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RequestStage {
    /// Nothing was tried: no client or token could be made.
    Prepare,
    /// The proxy was not reached, or does not let us through.
    Proxy,
    /// The host's name has no address.
    Name,
    /// Nobody accepts connections there.
    Connection,
    /// The server's certificate is not trusted, or it does not speak TLS.
    Tls,
    /// Connected, but no whole answer came.
    Answer,
}

/// A request without an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransportError {
    /// Where it failed.
    pub step: RequestStage,
    /// What happened.
    pub cause: String,
    /// What to look at, where anything can be said.
    pub advice: Option<String>,
}

impl TransportError {
    pub(crate) fn new(step: RequestStage, cause: impl Into<String>) -> Self {
        Self { step, cause: cause.into(), advice: None }
    }

    /// No client could be made, which nothing was sent with.
    pub(super) fn unprepared(error: &ClientError) -> Self {
        match error {
            ClientError::Proxy(_) => Self {
                step: RequestStage::Proxy,
                cause: error.to_string(),
                advice: Some(UNREADABLE_PROXY.to_owned()),
            },
            ClientError::Host(_)
            | ClientError::Header(_)
            | ClientError::CertificateAuthority(_)
            | ClientError::Tls(_)
            | ClientError::Token(_) => Self::new(RequestStage::Prepare, error.to_string()),
        }
    }

    /// Both in one sentence.
    #[must_use]
    pub fn reason(&self) -> String {
        match &self.advice {
            Some(advice) => format!("{}: {advice}", self.cause),
            None => self.cause.clone(),
        }
    }

    /// What `error` says of a request to `url` that may take `seconds`.
    pub(super) fn of(error: &reqwest::Error, url: &Url, seconds: u64) -> Self {
        let host = url.host_str().unwrap_or("the platform");
        if !error.is_connect() {
            let cause = if error.is_timeout() {
                format!("no answer from {host} within {seconds} s")
            } else {
                format!("the connection to {host} broke before the answer came: {}", root(error))
            };
            return Self::new(RequestStage::Answer, cause);
        }
        let (step, cause, advice) = match (tls_error(error), Way::to(url)) {
            (Some(error), _) => tls(error, host, Timestamp::now()),
            (None, Way::Through(proxy)) => {
                let (cause, advice) = proxy.failed(error, host);
                return Self { step: RequestStage::Proxy, cause, advice: Some(advice) };
            }
            (None, Way::Direct | Way::Unreadable(_)) => unreached(error),
        };
        let cause = format!("cannot reach {host} ({cause})");
        Self { step, cause, advice: Some(advice) }
    }
}

impl From<&TransportError> for Failure {
    fn from(lost: &TransportError) -> Self {
        match lost.step {
            RequestStage::Answer => Self::unclear(lost.reason()),
            RequestStage::Prepare
            | RequestStage::Proxy
            | RequestStage::Name
            | RequestStage::Connection
            | RequestStage::Tls => Self::new(FailureKind::Unreached, lost.reason()),
        }
    }
}

impl Proxy {
    /// The cause and what to look at.
    fn failed(&self, error: &reqwest::Error, host: &str) -> (String, String) {
        let (address, cause) = (&self.address, root(error));
        if cause.contains("proxy authorization required") && self.has_user {
            (
                format!("the proxy {address} does not accept our user name and password (407)"),
                "correct them in HTTPS_PROXY".to_owned(),
            )
        } else if cause.contains("proxy authorization required") {
            (
                format!("the proxy {address} wants a user name and password (407)"),
                "put them into HTTPS_PROXY as http://NAME:PASSWORD@HOST:PORT".to_owned(),
            )
        } else if cause.starts_with("tunnel error") {
            (
                format!("the proxy {address} does not let us through to {host}"),
                format!("ask whoever runs it, or add {host} to NO_PROXY"),
            )
        } else {
            (
                format!("cannot reach the proxy {address} ({cause})"),
                format!("check HTTPS_PROXY, or add {host} to NO_PROXY"),
            )
        }
    }
}

/// What to do about a variable that cannot be read.
pub const UNREADABLE_PROXY: &str = "write http://HOST:PORT, or unset it";

/// The step, the cause and what to look at.
type Explained = (RequestStage, String, String);

fn unreached(error: &reqwest::Error) -> Explained {
    let cause = root(error);
    let lower = cause.to_lowercase();
    let first: Option<&dyn Error> = Some(error);
    let mut chain = std::iter::successors(first, |cause: &&dyn Error| {
        let cause: &dyn Error = *cause;
        cause.source().map(|it| it as &dyn Error)
    });
    let of_name = chain.any(|cause| cause.to_string().starts_with("dns error"));
    let (step, advice) = if of_name {
        (RequestStage::Name, "its name is not known; check `host` and the network")
    } else if error.is_timeout() {
        (RequestStage::Connection, "it did not answer in time; check the network and the proxy")
    } else if lower.contains("refused") {
        (RequestStage::Connection, "it refuses connections; check `host`, or wait until it is back")
    } else {
        (RequestStage::Connection, "check the network and the proxy")
    };
    (step, cause, advice.to_owned())
}

/// Why TLS failed, when that is what failed.
fn tls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a TlsError> {
    let mut next = Some(error);
    while let Some(cause) = next {
        // An I/O error is passed over by its own `source`.
        let inner = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        let inner = inner.map(|inner| inner as &(dyn Error + 'static));
        let mut found = [Some(cause), inner].into_iter().flatten();
        if let Some(found) = found.find_map(|it| it.downcast_ref::<TlsError>()) {
            return Some(found);
        }
        next = inner.filter(|inner| inner.is::<io::Error>()).or_else(|| cause.source());
    }
    None
}

fn tls(error: &TlsError, host: &str, now: Timestamp) -> Explained {
    let TlsError::InvalidCertificate(problem) = error else {
        let advice = "it does not speak TLS as it should; check the port in `host`, and whether \
                      the network wants a sign-in first";
        return (RequestStage::Tls, error.to_string(), advice.to_owned());
    };
    let clock = now.strftime("%Y-%m-%d %H:%MZ");
    let (cause, advice) = match problem {
        CertificateError::Expired => ("its certificate has expired".to_owned(), renewed(&clock)),
        CertificateError::ExpiredContext { time, not_after } => {
            let ago = time.as_secs().saturating_sub(not_after.as_secs());
            (format!("its certificate expired {} ago", roughly(ago)), renewed(&clock))
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => (
            "its certificate is not valid yet".to_owned(),
            format!("this machine's clock says {clock}; is it behind?"),
        ),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => (
            format!("its certificate is for another name than {host}"),
            "check `host`, and whether the network wants a sign-in first".to_owned(),
        ),
        CertificateError::UnknownIssuer => (
            "its certificate is signed by an authority this machine does not trust".to_owned(),
            "a company's authority goes into `ca_file`".to_owned(),
        ),
        other => (
            format!("its certificate is not trusted: {other}"),
            "a company's authority goes into `ca_file`".to_owned(),
        ),
    };
    (RequestStage::Tls, cause, advice)
}

fn renewed(clock: &impl std::fmt::Display) -> String {
    format!(
        "if this machine's clock ({clock}) is right, whoever runs the platform or the proxy has \
         to renew it"
    )
}

/// The innermost cause, in the system's plain words.
pub(super) fn root(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    match cause.downcast_ref::<io::Error>() {
        Some(error) if error.raw_os_error().is_some() => {
            let text = error.to_string();
            text.split(" (os error").next().unwrap_or(&text).to_lowercase()
        }
        _ => cause.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_of_a_certificate_has_its_own_sentence() {
        let now = Timestamp::UNIX_EPOCH;
        for (problem, part) in [
            (CertificateError::Expired, "1970-01-01 00:00Z"),
            (CertificateError::NotValidYet, "is it behind?"),
            (CertificateError::NotValidForName, "another name than a.b"),
            (CertificateError::UnknownIssuer, "`ca_file`"),
            (CertificateError::BadSignature, "not trusted"),
        ] {
            let (step, cause, advice) = tls(&TlsError::InvalidCertificate(problem), "a.b", now);
            assert_eq!(step, RequestStage::Tls);
            assert!(format!("{cause}: {advice}").contains(part), "{cause}: {advice}");
        }
    }

    #[test]
    fn only_a_request_that_was_connected_leaves_it_open_what_became_of_it() {
        for step in [
            RequestStage::Prepare,
            RequestStage::Proxy,
            RequestStage::Name,
            RequestStage::Connection,
            RequestStage::Tls,
        ] {
            let failure = Failure::from(&TransportError::new(step, "x"));
            assert_eq!(failure.kind, FailureKind::Unreached);
        }
        let failure = Failure::from(&TransportError::new(RequestStage::Answer, "x"));
        assert!(matches!(failure.kind, FailureKind::Unclear { .. }));
    }
}
