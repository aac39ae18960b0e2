//! The requests themselves: what is sent for each, and how its answer is read.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicI64, Ordering},
};

use jiff::{SignedDuration, Timestamp};
use reqwest::{Method, Url, header::HeaderValue};
use secrecy::SecretString;
use serde::Serialize;

use super::{
    Answer, AnswerOutline, ClientError, ClientSettings, Credential, ListAnswer, Renewal, Reply,
    classify::{Raw, classify, classify_change, is_doubtful_redirect, known_refusal},
    https::Https,
    lenient_json, token,
    token_times::{DatedBy, TokenTimes, believable},
    transport::{Transport, WireAnswer, WireRequest},
    transport_error::{RequestStage, TransportError},
    url::contacts_url,
    wire::{self, ContactOut},
};
use crate::{
    contact::Contact,
    masking::Masking,
    submission::{ContactId, Failure, FailureKind, Record},
};

const NOT_MEASURED: i64 = i64::MIN;

/// The way to the platform; cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    duplicate_phrases: Vec<String>,
    contacts: Url,
    transport: Box<dyn Transport>,
    /// What tokens are made of; read again when the platform refuses them.
    credential: Mutex<Credential>,
    renewal: Option<Renewal>,
    times: Mutex<TokenTimes>,
    /// Takes our secrets out of whatever answers repeat of our requests.
    masking: Mutex<Masking>,
    /// The platform's clock minus ours in milliseconds.
    offset_ms: AtomicI64,
}

/// An answer, with the clock that its request's token was dated by.
struct Answered {
    wire: WireAnswer,
    dated_by: DatedBy,
    /// When it came, by our clock.
    at: Timestamp,
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
            token::header(token)?;
        }
        let https = Https::new(settings.clone(), contacts.clone(), account);
        Ok(Self::over(settings, contacts, Box::new(https)))
    }

    /// A client whose requests take another way than the network.
    pub(crate) fn over(
        settings: ClientSettings,
        contacts: Url,
        transport: Box<dyn Transport>,
    ) -> Self {
        let ClientSettings { duplicate_phrases, credential, renewal, .. } = settings;
        Self {
            inner: Arc::new(Inner {
                duplicate_phrases,
                contacts,
                transport,
                masking: Mutex::new(masking(&credential)),
                credential: Mutex::new(credential),
                renewal,
                times: Mutex::new(TokenTimes::new()),
                offset_ms: AtomicI64::new(NOT_MEASURED),
            }),
        }
    }

    /// Creates contacts, all in one array. Never fails: whatever happens is a reply.
    pub async fn create(&self, contacts: &[Contact]) -> Answer {
        match self.post(contacts).await {
            Ok(answered) => self.created(&answered),
            Err(lost) => Answer { reply: Failure::from(&lost).into(), server_time: None },
        }
    }

    /// As [`Self::create`], with what the answer looked like, if one came.
    pub async fn create_outlined(&self, contacts: &[Contact]) -> (Answer, Option<AnswerOutline>) {
        match self.post(contacts).await {
            Ok(answered) => {
                let outline = AnswerOutline::of(answered.wire.status, &answered.wire.body);
                (self.created(&answered), Some(outline))
            }
            Err(lost) => (Answer { reply: Failure::from(&lost).into(), server_time: None }, None),
        }
    }

    async fn post(&self, contacts: &[Contact]) -> Result<Answered, TransportError> {
        let body: Vec<_> = contacts.iter().map(ContactOut::from).collect();
        self.send(Method::POST, self.inner.contacts.clone(), Some(&body)).await
    }

    fn created(&self, answered: &Answered) -> Answer {
        let reply = match answered.redirected(&Method::POST) {
            Some(failure) => failure.into(),
            None => classify(&answered.raw(), &self.inner.duplicate_phrases),
        };
        self.judge_token(answered, reply.failure());
        Answer { reply, server_time: answered.wire.date }
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
        let answered = match self.send(Method::GET, url, None::<&()>).await {
            Ok(answered) => answered,
            Err(lost) => {
                let reply = Err((&lost).into());
                return ListAnswer { reply, server_time: None, lost: Some(lost) };
            }
        };
        let phrases = &self.inner.duplicate_phrases;
        let raw = answered.raw();
        let page = (raw.status == 200)
            .then(|| lenient_json::read(raw.body))
            .flatten()
            .and_then(|body| wire::page(&body, skip));
        let reply = page.ok_or_else(|| {
            if let Some(failure) = answered.redirected(&Method::GET) {
                return failure;
            }
            match known_refusal(&raw, phrases).unwrap_or_else(|| classify(&raw, phrases)) {
                Reply::Failure(failure) => failure,
                Reply::Created(_) => Failure::unclear("the list is not a list"),
                Reply::Duplicate { words, .. } => Failure::unclear(words),
            }
        });
        self.judge_token(&answered, reply.as_ref().err());
        ListAnswer { reply, server_time: answered.wire.date, lost: None }
    }

    /// A token as the next request would carry it, for use with other tools.
    ///
    /// # Errors
    /// When the library cannot sign.
    pub fn token(&self) -> Result<SecretString, ClientError> {
        self.token_by(locked(&self.inner.times).dated_by())
    }

    fn token_by(&self, dated_by: DatedBy) -> Result<SecretString, ClientError> {
        let offset = match dated_by {
            DatedBy::Ours => SignedDuration::ZERO,
            DatedBy::Theirs => self.clock_offset().unwrap_or_default(),
        };
        token::sign(&locked(&self.inner.credential), self.inner.transport.now(), offset)
    }

    /// Whether the next request carries a token that was not refused yet: dated by the other
    /// clock.
    #[must_use]
    pub fn has_another_token(&self) -> bool {
        locked(&self.inner.times).has_another()
    }

    /// After a while of refusals: what tokens are made of is read again, and whatever was
    /// refused may be tried again.
    pub async fn begin_again(&self) {
        locked(&self.inner.times).begin_again();
        if let Some(renewal) = &self.inner.renewal
            && let Some(credential) = renewal.renewed().await
        {
            *locked(&self.inner.masking) = masking(&credential);
            *locked(&self.inner.credential) = credential;
        }
    }

    /// Learns from an answer whose clock tokens are to be dated by.
    fn judge_token(&self, answered: &Answered, failure: Option<&Failure>) {
        let refused = failure.is_some_and(|it| it.kind == FailureKind::Unauthorised);
        let has_times = match &*locked(&self.inner.credential) {
            Credential::Signed { lifetime, .. } => lifetime.is_some(),
            Credential::Ready(_) => false,
        };
        let offset = self.clock_offset().filter(|_| has_times);
        let mut times = locked(&self.inner.times);
        if refused {
            times.refused(answered.dated_by, offset);
        } else {
            times.accepted(answered.dated_by);
        }
    }

    /// The platform's clock minus ours, once an answer's Date header told.
    #[must_use]
    pub fn clock_offset(&self) -> Option<SignedDuration> {
        let ms = self.inner.offset_ms.load(Ordering::Relaxed);
        (ms != NOT_MEASURED).then(|| SignedDuration::from_millis(ms))
    }

    /// Which app we are to the platform: whoever signs with another is somebody else there.
    #[must_use]
    pub fn app(&self) -> String {
        match &*locked(&self.inner.credential) {
            Credential::Signed { client_id, .. } => client_id.clone(),
            Credential::Ready(_) => "token".to_owned(),
        }
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
        let answered = self
            .send(method.clone(), self.one(id), body)
            .await
            .map_err(|lost| Failure::from(&lost))?;
        if let Some(failure) = answered.redirected(&method) {
            return Err(failure.into());
        }
        let changed = classify_change(&answered.raw(), &self.inner.duplicate_phrases);
        let failed = match &changed {
            Err(Reply::Failure(failure)) => Some(failure),
            Ok(_) | Err(Reply::Created(_) | Reply::Duplicate { .. }) => None,
        };
        self.judge_token(&answered, failed);
        changed
    }

    async fn send(
        &self,
        method: Method,
        url: Url,
        body: Option<&impl Serialize>,
    ) -> Result<Answered, TransportError> {
        let not_sent = |error: ClientError| TransportError::unprepared(&error);
        let dated_by = locked(&self.inner.times).dated_by();
        let token = self.token_by(dated_by).map_err(not_sent)?;
        let body = body.map(serde_json::to_vec).transpose();
        let body =
            body.map_err(|error| TransportError::new(RequestStage::Prepare, error.to_string()))?;
        let request = WireRequest { method, url, token, body };
        let wire = self.inner.transport.exchange(request).await?;
        let body = locked(&self.inner.masking).body(wire.body);
        let wire = WireAnswer { body, ..wire };
        let at = self.inner.transport.now();
        if let Some(offset) = wire.date.and_then(|theirs| believable(theirs.duration_since(at))) {
            let ms = i64::try_from(offset.as_millis()).unwrap_or(0);
            self.inner.offset_ms.store(ms, Ordering::Relaxed);
        }
        Ok(Answered { wire, dated_by, at })
    }
}

impl Answered {
    fn raw(&self) -> Raw<'_> {
        Raw {
            status: self.wire.status,
            retry_after: self.wire.retry_after.as_deref(),
            // A date to wait for is by the clock of whoever wrote it.
            now: self.wire.date.unwrap_or(self.at),
            body: &self.wire.body,
        }
    }

    /// Where a redirect points: only its host, the rest may hold anything. "Found" and "see
    /// other" are also what a form is answered with once it was carried out (RFC 9110, 15.4.4).
    fn redirected(&self, method: &Method) -> Option<Failure> {
        let status = self.wire.status;
        if !(300..400).contains(&status) {
            return None;
        }
        let to = self.wire.location.as_deref().and_then(|it| Url::parse(it).ok());
        let to = to.as_ref().and_then(Url::host_str).unwrap_or("another page").to_owned();
        let words = format!(
            "the platform redirects to {to} (HTTP {status}), which is not followed; check `host`, \
             and whether the network wants a sign-in first"
        );
        let may_be_done = is_doubtful_redirect(status) && method != Method::GET;
        Some(if may_be_done {
            Failure::unclear(words)
        } else {
            Failure::new(FailureKind::Unreached, words)
        })
    }
}

/// What must show up in no answer.
fn masking(credential: &Credential) -> Masking {
    Masking::of([match credential {
        Credential::Ready(token) => token.clone(),
        Credential::Signed { secret, .. } => secret.clone(),
    }])
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn answered(wire: WireAnswer) -> Answered {
        Answered {
            wire,
            dated_by: DatedBy::Ours,
            at: Timestamp::from_second(1_700_000_000).unwrap(),
        }
    }

    #[test]
    fn a_date_to_wait_for_is_reckoned_by_the_clock_of_whoever_wrote_it() {
        let two_hours_ahead = Timestamp::from_second(1_700_007_200).unwrap();
        for (date, expected) in [(Some(two_hours_ahead), 20), (None, 3_600)] {
            let retry_after = Some("Wed, 15 Nov 2023 00:13:40 GMT".to_owned());
            let answered =
                answered(WireAnswer { status: 503, retry_after, date, ..WireAnswer::default() });
            let Reply::Failure(failure) = classify(&answered.raw(), &[]) else { panic!() };
            assert_eq!(failure.retry_after, Some(Duration::from_secs(expected)), "{date:?}");
        }
    }

    #[test]
    fn a_redirect_that_may_follow_what_was_done_leaves_doubt() {
        let may_be_done = |status, method| {
            let answered = answered(WireAnswer { status, ..WireAnswer::default() });
            answered.redirected(&method).map(|failure| failure.may_be_done())
        };
        for method in [Method::POST, Method::PUT, Method::DELETE] {
            for (status, expected) in [(301, false), (302, true), (303, true), (307, false)] {
                assert_eq!(may_be_done(status, method.clone()), Some(expected), "{status}");
            }
        }
        assert_eq!(may_be_done(303, Method::GET), Some(false));
        assert_eq!(may_be_done(200, Method::POST), None);
    }
}
