//! The transport of the program: HTTP, by one client that is built at first use, because
//! building it fails where the machine has no certificates and costs milliseconds before the
//! first frame.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use reqwest::{
    Response, Url,
    header::{CONTENT_TYPE, DATE, HeaderName, HeaderValue, LOCATION, RETRY_AFTER},
    redirect::Policy,
};
use tokio::{sync::OnceCell, task::yield_now};

use super::{
    ClientError, ClientSettings,
    http_date::http_date,
    proxy::Way,
    token,
    transport::{Exchange, Transport, WireAnswer, WireRequest},
    transport_error::{RequestStage, TransportError, root},
};

/// No answer is read further than this.
const LONGEST_BODY: usize = 10 * 1024 * 1024;
/// How long a connection is kept for the next request.
const KEPT: Duration = Duration::from_secs(2);

/// The way over the network; cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Https {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    settings: ClientSettings,
    contacts: Url,
    account: HeaderValue,
    keeping: OnceCell<reqwest::Client>,
    /// For a platform that closed a kept connection under a request.
    closing: OnceCell<reqwest::Client>,
    closed_under_us: AtomicBool,
}

impl Https {
    pub(super) fn new(settings: ClientSettings, contacts: Url, account: HeaderValue) -> Self {
        Self {
            inner: Arc::new(Inner {
                settings,
                contacts,
                account,
                keeping: OnceCell::new(),
                closing: OnceCell::new(),
                closed_under_us: AtomicBool::new(false),
            }),
        }
    }
}

impl Transport for Https {
    fn exchange(&self, request: WireRequest) -> Exchange {
        let inner = Arc::clone(&self.inner);
        Box::pin(async move { inner.exchange(request).await })
    }

    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

impl Inner {
    async fn exchange(&self, request: WireRequest) -> Result<WireAnswer, TransportError> {
        let not_sent = |error: ClientError| TransportError::unprepared(&error);
        let http = self.http().await.map_err(not_sent)?;
        let mut sent = http
            .request(request.method, request.url)
            .header("auth", token::header(&request.token).map_err(not_sent)?)
            .header("accountId", self.account.clone())
            .header(CONTENT_TYPE, "application/json");
        if let Some(body) = request.body {
            sent = sent.body(body);
        }
        // A kept connection that was closed meanwhile is told so before it is chosen.
        yield_now().await;
        let response = sent.send().await.map_err(|error| {
            let seconds = self.settings.call_timeout.as_secs();
            let lost = TransportError::of(&error, &self.contacts, seconds);
            if lost.step == RequestStage::Answer && !error.is_timeout() {
                self.closed_under_us.store(true, Ordering::Relaxed);
            }
            lost
        })?;
        read(response).await.map_err(|why| TransportError::new(RequestStage::Answer, why))
    }

    async fn http(&self) -> Result<&reqwest::Client, ClientError> {
        let (client, connections) = if self.closed_under_us.load(Ordering::Relaxed) {
            (&self.closing, Connections::OneEach)
        } else {
            (&self.keeping, Connections::Kept)
        };
        client.get_or_try_init(|| async { self.build(connections) }).await
    }

    fn build(&self, connections: Connections) -> Result<reqwest::Client, ClientError> {
        let settings = &self.settings;
        let timeouts = (settings.connect_timeout, settings.call_timeout);
        build(&self.contacts, settings.ca_file.as_deref(), timeouts, connections)
    }
}

/// What becomes of a connection once its request is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Connections {
    /// It may carry the next request, if that comes at once. It can be closed under it, and
    /// whether that arrived is then unknown, where a fresh one that cannot be made proves that
    /// it did not: so none is used again after a pause, when platform, proxy or network may
    /// have given it up.
    Kept,
    /// It is closed.
    OneEach,
}

/// The client for what lies at `url`, with the longest a connection and a call may take.
pub(super) fn build(
    url: &Url,
    ca_file: Option<&Path>,
    (connect, call): (Duration, Duration),
    connections: Connections,
) -> Result<reqwest::Client, ClientError> {
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("rolodesk/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(connect)
        .timeout(call)
        // A redirect would replay the request, and its token, wherever it points.
        .redirect(Policy::none())
        .pool_idle_timeout(KEPT);
    if connections == Connections::OneEach {
        builder = builder.pool_max_idle_per_host(0);
    }
    match Way::to(url) {
        Way::Direct => {
            builder = builder.no_proxy();
            if url.scheme() == "http" {
                // Nothing is encrypted on the way to this machine, so no authority is asked for:
                // there may be none here.
                builder = builder.tls_certs_only([]);
            }
        }
        Way::Through(_) => {}
        Way::Unreadable(name) => return Err(ClientError::Proxy(name)),
    }
    if let Some(path) = ca_file {
        let trouble =
            |why: String| ClientError::CertificateAuthority(format!("{}: {why}", path.display()));
        let pem = std::fs::read(path).map_err(|error| trouble(error.to_string()))?;
        let certificates = reqwest::Certificate::from_pem_bundle(&pem)
            .map_err(|_| trouble("is not a PEM file".into()))?;
        if certificates.is_empty() {
            return Err(trouble("holds no certificate".into()));
        }
        builder = builder.tls_certs_merge(certificates);
    }
    builder.build().map_err(|error| ClientError::Tls(root(&error)))
}

async fn read(mut response: Response) -> Result<WireAnswer, String> {
    let header = |name: HeaderName| {
        response.headers().get(name).and_then(|it| it.to_str().ok()).map(str::to_owned)
    };
    let mut answer = WireAnswer {
        status: response.status().as_u16(),
        retry_after: header(RETRY_AFTER),
        location: header(LOCATION),
        date: date(&response),
        body: Vec::new(),
    };
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if answer.body.len() + chunk.len() > LONGEST_BODY => {
                return Err("the answer is longer than 10 MB and was not read to its end".into());
            }
            Ok(Some(chunk)) => answer.body.extend_from_slice(&chunk),
            Ok(None) => return Ok(answer),
            Err(error) => return Err(format!("the answer was cut short: {}", root(&error))),
        }
    }
}

pub(super) fn date(response: &Response) -> Option<Timestamp> {
    http_date(response.headers().get(DATE)?.to_str().ok()?)
}
