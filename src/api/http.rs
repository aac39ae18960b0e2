//! The requests themselves: one client, built at first use, because building it fails
//! where the machine has no certificates and costs milliseconds before the first frame.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use reqwest::{
    Method, RequestBuilder, Response, StatusCode, Url,
    header::{CONTENT_TYPE, DATE, HeaderValue, LOCATION, RETRY_AFTER},
    redirect::Policy,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use tokio::{sync::OnceCell, task::yield_now};

use super::{
    Answer, AnswerOutline, ClientError, ClientSettings, Credential, ListAnswer, NOTABLE_OFFSET,
    Reply,
    classify::{Raw, classify, classify_change, known_refusal},
    proxy::Way,
    token,
    transport_error::{RequestStage, TransportError, root},
    url::contacts_url,
    wire::{self, ContactOut},
};
use crate::{
    contact::Contact,
    masking::Masking,
    submission::{ContactId, Failure, FailureKind, Record},
};

/// No answer is read further than this.
const LONGEST_BODY: usize = 10 * 1024 * 1024;
const NOT_MEASURED: i64 = i64::MIN;
/// How long a connection is kept for the next request.
const KEPT: Duration = Duration::from_secs(2);

/// The way to the platform; cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
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
    /// Takes our secrets out of whatever answers repeat of our requests.
    masking: Masking,
    /// The platform's clock minus ours in milliseconds.
    offset_ms: AtomicI64,
}

impl Client {
    /// A client for these settings; nothing is sent yet.
    ///
    /// # Errors
    /// When the host is not one a token may be sent to, or an id cannot be a header.
    pub fn new(settings: ClientSettings) -> Result<Self, ClientError> {
        let contacts = contacts_url(&settings.host, &settings.stream_id)?;
        let mut account = HeaderValue::from_str(&settings.account_id)
            .map_err(|_| ClientError::Header("account_id"))?;
        account.set_sensitive(true);
        if let Credential::Ready(token) = &settings.credential {
            token_header(token)?;
        }
        let masking = Masking::of([match &settings.credential {
            Credential::Ready(token) => token.clone(),
            Credential::Signed { secret, .. } => secret.clone(),
        }]);
        let inner = Inner {
            settings,
            contacts,
            account,
            keeping: OnceCell::new(),
            closing: OnceCell::new(),
            closed_under_us: AtomicBool::new(false),
            masking,
            offset_ms: AtomicI64::new(NOT_MEASURED),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Creates contacts, all in one array. Never fails: whatever happens is a reply.
    pub async fn create(&self, contacts: &[Contact]) -> Answer {
        match self.post(contacts).await {
            Ok((answered, server_time)) => Answer { reply: self.read(&answered), server_time },
            Err(lost) => Answer { reply: Failure::from(&lost).into(), server_time: None },
        }
    }

    /// As [`Self::create`], with what the answer looked like, if one came.
    pub async fn create_outlined(&self, contacts: &[Contact]) -> (Answer, Option<AnswerOutline>) {
        match self.post(contacts).await {
            Ok((answered, server_time)) => {
                let outline = AnswerOutline::of(answered.status.as_u16(), &answered.body);
                (Answer { reply: self.read(&answered), server_time }, Some(outline))
            }
            Err(lost) => (Answer { reply: Failure::from(&lost).into(), server_time: None }, None),
        }
    }

    async fn post(
        &self,
        contacts: &[Contact],
    ) -> Result<(Answered, Option<Timestamp>), TransportError> {
        let body: Vec<_> = contacts.iter().map(ContactOut::from).collect();
        self.send(Method::POST, self.inner.contacts.clone(), Some(&body)).await
    }

    fn read(&self, answered: &Answered) -> Reply {
        if answered.status.is_redirection() {
            return answered.redirected().into();
        }
        classify(&answered.raw(), &self.inner.settings.duplicate_phrases)
    }

    /// Replaces what one contact holds; answers the contact if the platform shows it.
    ///
    /// # Errors
    /// Why it was not done, or that nobody can tell; it may be sent again.
    pub async fn update(&self, id: &ContactId, contact: &Contact) -> Result<Option<Record>, Reply> {
        self.change(Method::PUT, id, Some(&ContactOut::from(contact))).await
    }

    /// Deletes one contact; answers it as the platform shows it from now on.
    ///
    /// # Errors
    /// As [`Self::update`].
    pub async fn delete(&self, id: &ContactId) -> Result<Option<Record>, Reply> {
        self.change(Method::DELETE, id, None::<&()>).await
    }

    /// Reads the contacts after the first `skip`, `limit` of them if the platform will.
    pub async fn list(&self, skip: u64, limit: u32) -> ListAnswer {
        let mut url = self.inner.contacts.clone();
        url.query_pairs_mut()
            .append_pair("skip", &skip.to_string())
            .append_pair("limit", &limit.to_string());
        let (answered, server_time) = match self.send(Method::GET, url, None::<&()>).await {
            Ok(answered) => answered,
            Err(lost) => {
                let reply = Err((&lost).into());
                return ListAnswer { reply, server_time: None, lost: Some(lost) };
            }
        };
        let phrases = &self.inner.settings.duplicate_phrases;
        let raw = answered.raw();
        let page = (raw.status == 200)
            .then(|| serde_json::from_slice(raw.body).ok())
            .flatten()
            .and_then(|body| wire::page(&body, skip));
        let reply = page.ok_or_else(|| {
            if answered.status.is_redirection() {
                return answered.redirected();
            }
            match known_refusal(&raw, phrases).unwrap_or_else(|| classify(&raw, phrases)) {
                Reply::Failure(failure) => failure,
                Reply::Created(_) => Failure::unclear("the list is not a list"),
                Reply::Duplicate { words, .. } => Failure::unclear(words),
            }
        });
        ListAnswer { reply, server_time, lost: None }
    }

    /// A token as the next request would carry it, for use with other tools.
    ///
    /// # Errors
    /// When the library cannot sign.
    pub fn token(&self) -> Result<SecretString, ClientError> {
        let offset = self.clock_offset().unwrap_or_default();
        // A few seconds are transport and rounding; they are not worth a correction.
        let offset = if offset.abs() >= NOTABLE_OFFSET { offset } else { SignedDuration::ZERO };
        token::sign(&self.inner.settings.credential, Timestamp::now(), offset)
    }

    /// The platform's clock minus ours, once an answer's Date header told.
    #[must_use]
    pub fn clock_offset(&self) -> Option<SignedDuration> {
        let ms = self.inner.offset_ms.load(Ordering::Relaxed);
        (ms != NOT_MEASURED).then(|| SignedDuration::from_millis(ms))
    }

    fn one(&self, id: &ContactId) -> Url {
        let mut url = self.inner.contacts.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.push(&id.0);
        }
        url
    }

    async fn change(
        &self,
        method: Method,
        id: &ContactId,
        body: Option<&impl Serialize>,
    ) -> Result<Option<Record>, Reply> {
        let (answered, _) =
            self.send(method, self.one(id), body).await.map_err(|lost| Failure::from(&lost))?;
        if answered.status.is_redirection() {
            return Err(answered.redirected().into());
        }
        classify_change(&answered.raw(), &self.inner.settings.duplicate_phrases)
    }

    async fn send(
        &self,
        method: Method,
        url: Url,
        body: Option<&impl Serialize>,
    ) -> Result<(Answered, Option<Timestamp>), TransportError> {
        let not_sent = |error: ClientError| TransportError::unprepared(&error);
        let http = self.http().await.map_err(not_sent)?;
        let token = self.token().and_then(|token| token_header(&token)).map_err(not_sent)?;
        let mut request = http
            .request(method, url)
            .header("auth", token)
            .header("accountId", self.inner.account.clone())
            .header(CONTENT_TYPE, "application/json");
        if let Some(body) = body {
            request = request.json(body);
        }
        self.exchange(request).await
    }

    async fn exchange(
        &self,
        request: RequestBuilder,
    ) -> Result<(Answered, Option<Timestamp>), TransportError> {
        // A kept connection that was closed meanwhile is told so before it is chosen.
        yield_now().await;
        let response = request.send().await.map_err(|error| {
            let seconds = self.inner.settings.call_timeout.as_secs();
            let lost = TransportError::of(&error, &self.inner.contacts, seconds);
            if lost.step == RequestStage::Answer && !error.is_timeout() {
                self.inner.closed_under_us.store(true, Ordering::Relaxed);
            }
            lost
        })?;
        let server_time = date(&response);
        if let Some(theirs) = server_time {
            let offset = theirs.duration_since(Timestamp::now()).as_millis();
            let offset = i64::try_from(offset).unwrap_or(0);
            self.inner.offset_ms.store(offset, Ordering::Relaxed);
        }
        let answered =
            read(response).await.map_err(|why| TransportError::new(RequestStage::Answer, why))?;
        let body = self.inner.masking.body(answered.body);
        Ok((Answered { body, ..answered }, server_time))
    }

    async fn http(&self) -> Result<&reqwest::Client, ClientError> {
        let (client, connections) = if self.inner.closed_under_us.load(Ordering::Relaxed) {
            (&self.inner.closing, Connections::OneEach)
        } else {
            (&self.inner.keeping, Connections::Kept)
        };
        client.get_or_try_init(|| async { self.build(connections) }).await
    }

    fn build(&self, connections: Connections) -> Result<reqwest::Client, ClientError> {
        let settings = &self.inner.settings;
        let timeouts = (settings.connect_timeout, settings.call_timeout);
        build(&self.inner.contacts, settings.ca_file.as_deref(), timeouts, connections)
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
        Way::Direct => builder = builder.no_proxy(),
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

/// An answer as it arrived.
struct Answered {
    status: StatusCode,
    retry_after: Option<String>,
    location: Option<String>,
    body: Vec<u8>,
}

impl Answered {
    fn raw(&self) -> Raw<'_> {
        Raw {
            status: self.status.as_u16(),
            retry_after: self.retry_after.as_deref(),
            now: Timestamp::now(),
            body: &self.body,
        }
    }

    /// Where a redirect points: only its host, the rest may hold anything.
    fn redirected(&self) -> Failure {
        let to = self.location.as_deref().and_then(|it| Url::parse(it).ok());
        let to = to.as_ref().and_then(Url::host_str).unwrap_or("another page").to_owned();
        let status = self.status.as_u16();
        let words = format!(
            "the platform redirects to {to} (HTTP {status}), which is not followed; check `host`, \
             and whether the network wants a sign-in first"
        );
        Failure::new(FailureKind::Unreached, words)
    }
}

async fn read(mut response: Response) -> Result<Answered, String> {
    let header = |name| {
        response
            .headers()
            .get(name)
            .and_then(|it: &HeaderValue| it.to_str().ok())
            .map(str::to_owned)
    };
    let (retry_after, location) = (header(RETRY_AFTER), header(LOCATION));
    let status = response.status();
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > LONGEST_BODY => {
                return Err("the answer is longer than 10 MB and was not read to its end".into());
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(Answered { status, retry_after, location, body }),
            Err(error) => return Err(format!("the answer was cut short: {}", root(&error))),
        }
    }
}

pub(super) fn date(response: &Response) -> Option<Timestamp> {
    let text = response.headers().get(DATE)?.to_str().ok()?;
    Some(jiff::fmt::rfc2822::parse(text).ok()?.timestamp())
}

fn token_header(token: &SecretString) -> Result<HeaderValue, ClientError> {
    let mut value =
        HeaderValue::from_str(token.expose_secret()).map_err(|_| ClientError::Header("token"))?;
    value.set_sensitive(true);
    Ok(value)
}
