//! The Kore.ai contacts API: the only place that speaks HTTP to the platform.
//!
//! ```text
//!   Client::create -> wire (JSON out) -> token (JWT) -> POST -> classify -> Reply
//! ```
//!
//! What is known of the API comes from the vendor's public pages; where they say
//! nothing, the client assumes nothing it could not survive being wrong about:
//!
//! * Base `https://{host}/agentassist/api/v1/public/{streamId}/contacts`; headers `auth`
//!   (the JWT, not `Authorization`), `accountId` and `Content-Type: application/json`.
//! * Create: `POST` of a JSON array; answered 200 with an array that repeats the input,
//!   the number in E.164, with `id` (bulk answers: `_id`).
//! * A number belongs to at most one contact. The shape of that refusal is not
//!   documented: see [`classify`].
//! * Update one: `PUT …/contacts/{id}` of one contact, not an array, answered with it.
//!   Delete one: `DELETE …/contacts/{id}`, answered with it, INACTIVE from then on;
//!   whether such a contact still holds its number is not known.
//! * List: `GET` answers `results`, `skip`, `limit`, `hasMore`; its query is not
//!   documented, so what the answer echoes is trusted, not what was asked.
//! * 60 requests in any 60 s for the whole account; past it a text, under any status.
//!
//! Every failure is a [`Failure`]: nothing here returns an error for what a network does.

pub mod classify;
mod diagnose;
mod evidence;
mod http;
mod http_date;
mod https;
mod lenient_json;
mod outline;
mod proxy;
pub mod token;
mod token_times;
pub(crate) mod transport;
mod transport_error;
mod url;
mod wire;

use std::{fmt, path::PathBuf, pin::Pin, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;

pub use diagnose::{Address, Contacted};
pub use http::Client;
pub use outline::AnswerOutline;
pub use proxy::{Proxy, Way};
pub use transport_error::{RequestStage, TransportError, UNREADABLE_PROXY};

use crate::submission::{Failure, Owner, Record};

/// Where the platform is and who we are there.
#[derive(Debug, Clone)]
pub struct ClientSettings {
    /// The environment's URL, `https://platform.kore.ai`; http only on loopback.
    pub host: String,
    /// The stream (or bot) the contacts belong to.
    pub stream_id: String,
    /// The account, sent with every call.
    pub account_id: String,
    /// What a token is made of.
    pub credential: Credential,
    /// A company's certificate authority, trusted beside the system's.
    pub ca_file: Option<PathBuf>,
    /// Texts that mean "duplicate", beside the built-in ones.
    pub duplicate_phrases: Vec<String>,
    /// Where the credential is read again once the platform refuses it.
    pub renewal: Option<Renewal>,
    /// The longest a connection may take.
    pub connect_timeout: Duration,
    /// The longest a whole call may take.
    pub call_timeout: Duration,
}

/// Reads what tokens are made of again: somebody may have changed the secret.
#[derive(Clone)]
pub struct Renewal(Arc<dyn Fn() -> Renewed + Send + Sync>);

type Renewed = Pin<Box<dyn Future<Output = Option<Credential>> + Send>>;

impl Renewal {
    /// `read` gives the credential as it is now, or nothing where it cannot be had.
    pub fn new<F>(read: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Option<Credential>> + Send + 'static,
    {
        Self(Arc::new(move || Box::pin(read())))
    }

    async fn renewed(&self) -> Option<Credential> {
        (self.0)().await
    }
}

impl fmt::Debug for Renewal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Renewal")
    }
}

/// What a token is made of.
#[derive(Debug, Clone)]
pub enum Credential {
    /// Signed here, anew for every request.
    Signed {
        /// The app's Client ID, the claim `appId`.
        client_id: String,
        /// The app's secret.
        secret: SecretString,
        /// How it signs.
        algorithm: Algorithm,
        /// The claim `sub`; any text.
        subject: String,
        /// How long a token is good for; `None` leaves `iat` and `exp` out.
        lifetime: Option<Duration>,
    },
    /// Made elsewhere, sent as it is.
    Ready(SecretString),
}

/// The HMAC lengths an app may be created with (RFC 7518, 3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// HMAC with SHA-256.
    Hs256,
    /// HMAC with SHA-384.
    Hs384,
    /// HMAC with SHA-512.
    Hs512,
}

/// Why no client can be made. `Display` is a sentence for people.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The host is not one a token may be sent to.
    #[error("`host` {0}")]
    Host(String),
    /// An id or token that cannot be a header.
    #[error("`{0}` holds characters that cannot be sent in a header; copy it again")]
    Header(&'static str),
    /// The certificate authority's file.
    #[error("`ca_file` {0}")]
    CertificateAuthority(String),
    /// The TLS library found no trusted certificates or refuses to start.
    #[error(
        "cannot prepare TLS ({0}); install the system's ca-certificates, see that SSL_CERT_FILE \
         and SSL_CERT_DIR name what is there, or set `ca_file`"
    )]
    Tls(String),
    /// A variable that names a proxy, which is not repeated: it may hold a password.
    #[error("{0} holds no address of a proxy")]
    Proxy(&'static str),
    /// Signing failed.
    #[error("cannot sign a token: {0}")]
    Token(String),
}

/// What came back from one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What it means.
    pub reply: Reply,
    /// The platform's clock, from the Date header.
    pub server_time: Option<Timestamp>,
}

/// What an answer, or its absence, means for the request as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// The platform holds these contacts now; each has an id. Which request each one
    /// answers is told by its number alone.
    Created(Vec<Record>),
    /// A number is taken.
    Duplicate {
        /// Runs of seven digits or more that the answer names, without punctuation.
        numbers: Vec<String>,
        /// Whose the number is, when the answer says.
        owner: Option<Owner>,
        /// The platform's words.
        words: String,
    },
    /// It was not done, or nobody knows.
    Failure(Failure),
}

impl Reply {
    /// Why it was not done, unless the platform did it or said that a number is taken.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failure(failure) => Some(failure),
            Self::Created(_) | Self::Duplicate { .. } => None,
        }
    }
}

impl From<Failure> for Reply {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

/// One page of the platform's contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListPage {
    /// The contacts on it.
    pub records: Vec<Record>,
    /// How many come before it, as the answer says.
    pub skip: u64,
    /// How many a page holds, as the answer says; 0 when it does not.
    pub limit: u64,
    /// Whether there are more, when the answer says.
    pub has_more: Option<bool>,
    /// How many there are in all, when the answer says.
    pub total: Option<u64>,
}

/// What came back when a page was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListAnswer {
    /// The page, or why there is none.
    pub reply: Result<ListPage, Failure>,
    /// The platform's clock, from the Date header.
    pub server_time: Option<Timestamp>,
    /// How far the request came, where no answer did.
    pub lost: Option<TransportError>,
}

/// A difference between the platform's clock and ours that is worth acting on.
pub const NOTABLE_OFFSET: SignedDuration = SignedDuration::from_secs(30);
