//! How a request reaches the platform and what came back, below everything that is known of
//! contacts: over HTTP in the program, in memory in the simulator of the delivery.
//!
//! Tests elsewhere cut at the socket, and not in the types. This seam is worth it because of
//! time: a day of retries, a lease that runs out between two writes, a list that lags for
//! minutes can only be tried by the hundred thousand where no clock and no kernel has to be
//! waited for. It lies as low as it can, so that tokens, shapes and the reading of answers
//! are simulated as they are.

use std::{fmt::Debug, pin::Pin};

use jiff::Timestamp;
pub(crate) use reqwest::{Method, Url};
use secrecy::SecretString;

use super::transport_error::TransportError;

/// A request, ready to be sent.
#[derive(Debug)]
pub(crate) struct WireRequest {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) token: SecretString,
    /// JSON.
    pub(crate) body: Option<Vec<u8>>,
}

/// An answer as it arrived.
#[derive(Debug, Clone, Default)]
pub(crate) struct WireAnswer {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<String>,
    pub(crate) location: Option<String>,
    /// The server's clock.
    pub(crate) date: Option<Timestamp>,
    pub(crate) body: Vec<u8>,
}

/// What an exchange comes to.
pub(crate) type Exchange =
    Pin<Box<dyn Future<Output = Result<WireAnswer, TransportError>> + Send + 'static>>;

/// The way to the platform.
pub(crate) trait Transport: Debug + Send + Sync {
    /// Sends the request and waits for its whole answer.
    fn exchange(&self, request: WireRequest) -> Exchange;

    /// This side's clock.
    fn now(&self) -> Timestamp;
}
