//! Whether the platform can be reached at all, asked without a token: for the times when
//! no token can be had or no request of the account's may be spent. The host's root is
//! none of the contacts' endpoints and does not count against their limit.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use jiff::{SignedDuration, Timestamp};
use reqwest::Url;

use super::{
    ClientError,
    https::{Connections, build, date},
    proxy::Way,
    transport_error::TransportError,
    url::{host_url, is_loopback},
};

/// Where the platform is, without who we are there.
#[derive(Debug, Clone)]
pub struct Address {
    url: Url,
    ca_file: Option<PathBuf>,
    timeout: Duration,
}

/// What came of knocking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contacted {
    /// Why no answer came.
    pub lost: Option<TransportError>,
    /// The platform's clock minus ours, when the answer told.
    pub clock_offset: Option<SignedDuration>,
}

impl Address {
    /// The platform at `host`; nothing is sent yet.
    ///
    /// # Errors
    /// When a token may not be sent there.
    pub fn new(
        host: &str,
        ca_file: Option<PathBuf>,
        timeout: Duration,
    ) -> Result<Self, ClientError> {
        let mut url = host_url(host)?;
        url.set_path("/");
        url.set_query(None);
        url.set_fragment(None);
        Ok(Self { url, ca_file, timeout })
    }

    /// The URL without path: what a profile's `host` is.
    #[must_use]
    pub fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// Whether TLS is spoken there: not on this machine's own http.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Whether an authority of one's own is trusted there.
    #[must_use]
    pub fn has_ca_file(&self) -> bool {
        self.ca_file.is_some()
    }

    /// Whether it is this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.url)
    }

    /// The host's name, without port.
    #[must_use]
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default().trim_matches(['[', ']'])
    }

    /// Whether a proxy is in between.
    #[must_use]
    pub fn way(&self) -> Way {
        Way::to(&self.url)
    }

    /// The addresses the host's name has.
    ///
    /// # Errors
    /// The system's words when it has none, or nobody answers in time.
    pub async fn look_up(&self) -> Result<Vec<SocketAddr>, String> {
        let port = self.url.port_or_known_default().unwrap_or(443);
        let found = tokio::net::lookup_host((self.host(), port));
        match tokio::time::timeout(self.timeout, found).await {
            Err(_) => Err(format!("no answer within {} s", self.timeout.as_secs())),
            Ok(Err(error)) => Err(error.to_string()),
            Ok(Ok(found)) => Ok(found.collect()),
        }
    }

    /// Asks for the host's root; any answer will do.
    pub async fn knock(&self) -> Contacted {
        let nothing = |lost| Contacted { lost: Some(lost), clock_offset: None };
        let timeouts = (self.timeout, self.timeout);
        let built = build(&self.url, self.ca_file.as_deref(), timeouts, Connections::OneEach);
        let http = match built {
            Ok(http) => http,
            Err(error) => return nothing(TransportError::unprepared(&error)),
        };
        match http.get(self.url.clone()).send().await {
            Err(error) => nothing(TransportError::of(&error, &self.url, self.timeout.as_secs())),
            Ok(response) => {
                let theirs = date(&response);
                let clock_offset = theirs.map(|theirs| theirs.duration_since(Timestamp::now()));
                Contacted { lost: None, clock_offset }
            }
        }
    }
}
