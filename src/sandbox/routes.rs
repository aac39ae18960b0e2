//! The endpoints: what a request goes through before the book is asked, and how faults
//! change what comes back. A dropped connection is really dropped: no HTTP answer.

use std::{
    io,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State as Ext},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::oneshot};

use super::{
    SandboxState, SeenRequest, Shared,
    access::is_allowed,
    book::{Held, NewContact, wanted},
    faults::{Arrays, DuplicateShape},
    locked,
};

const LONGEST_BODY: usize = 32 * 1024 * 1024;
const LIMIT_TEXT: &str =
    "You've exceeded the per-minute rate limit. Please wait for sometime before retrying.";

pub(super) async fn serve(
    listener: TcpListener,
    state: Shared,
    stopped: oneshot::Receiver<()>,
) -> io::Result<()> {
    let routes = Router::new().fallback(handle).with_state(state);
    let server = async { axum::serve(listener, routes).await };
    tokio::select! {
        ended = server => ended,
        // Connections under way are cut off with it, as when a platform goes down.
        _ = stopped => Ok(()),
    }
}

/// What to do with the connection once the answer is known.
enum ConnectionFate {
    Answer,
    Truncate,
    Drop,
}

async fn handle(Ext(shared): Ext<Shared>, request: Request) -> Response {
    let at = Instant::now();
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LONGEST_BODY).await else {
        return broken();
    };
    let (latency, fate, response) = {
        let mut state = locked(&shared);
        let latency = state.latency();
        let (fate, response) = act(
            &mut state,
            &parts.method,
            parts.uri.path(),
            &parts.headers,
            &body,
            parts.uri.query(),
            at,
        );
        let status =
            if matches!(fate, ConnectionFate::Drop) { 0 } else { response.status().as_u16() };
        let headers = parts.headers.iter().map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        let path = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
        let seen = SeenRequest {
            at,
            method: parts.method.to_string(),
            path,
            headers: headers.collect(),
            body: body.to_vec(),
            status,
        };
        state.seen.push(seen);
        (latency, fate, response)
    };
    tokio::time::sleep(latency).await;
    match fate {
        ConnectionFate::Answer => response,
        ConnectionFate::Drop => broken(),
        ConnectionFate::Truncate => truncated(response).await,
    }
}

/// An answer whose body fails at once: the connection is closed without a whole answer.
fn broken() -> Response {
    let failure = stream::iter([Err::<Bytes, _>(io::Error::other("dropped"))]);
    let mut response = Response::new(Body::from_stream(failure));
    response.headers_mut().insert(header::CONTENT_LENGTH, header::HeaderValue::from_static("9999"));
    response
}

async fn truncated(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let whole = to_bytes(body, LONGEST_BODY).await.unwrap_or_default();
    let half = whole.slice(..whole.len() / 2);
    parts.headers.insert(header::CONTENT_LENGTH, whole.len().into());
    let pieces = stream::iter([Ok(half), Err(io::Error::other("cut short"))]);
    Response::from_parts(parts, Body::from_stream(pieces))
}

fn act(
    state: &mut SandboxState,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
    body: &[u8],
    query: Option<&str>,
    at: Instant,
) -> (ConnectionFate, Response) {
    if state.happens(state.settings.faults.drop_before) {
        return (ConnectionFate::Drop, StatusCode::OK.into_response());
    }
    if let Some(refusal) = state.limited(at) {
        return (ConnectionFate::Answer, refusal);
    }
    if let Some(failure) = state.failure() {
        return (ConnectionFate::Answer, failure);
    }
    if !is_allowed(state, headers) || state.happens(state.settings.faults.refuse) {
        return (
            ConnectionFate::Answer,
            errors(StatusCode::UNAUTHORIZED, "Invalid SDK credentials", 4002),
        );
    }
    let base = format!("/agentassist/api/v1/public/{}/contacts", state.settings.stream_id);
    let Some(rest) = path.strip_prefix(&base) else {
        return (ConnectionFate::Answer, errors(StatusCode::NOT_FOUND, "stream not found", 4004));
    };
    let rest = rest.trim_matches('/');
    let has_word = |word: &str| String::from_utf8_lossy(body).contains(word);
    if state.settings.faults.gateway.as_deref().is_some_and(has_word) {
        let page =
            axum::response::Html("<html><body>Access denied. Reference #18.abc</body></html>");
        return (ConnectionFate::Answer, (StatusCode::FORBIDDEN, page).into_response());
    }
    let changes = [Method::PUT, Method::DELETE].contains(method);
    if changes && state.happens(state.settings.faults.refuse_changes) {
        let why = "Forbidden: your role may not change contacts";
        return (ConnectionFate::Answer, errors(StatusCode::FORBIDDEN, why, 4003));
    }
    let writes = [Method::POST, Method::PUT].contains(method);
    if writes && state.happens(state.settings.faults.reject) {
        let why = "last name is on the tenant's block list";
        return (ConnectionFate::Answer, errors(StatusCode::BAD_REQUEST, why, 4000));
    }
    let response = match (method, rest) {
        (&Method::POST, "") => create(state, headers, body),
        (&Method::GET, "") if state.happens(state.settings.faults.list_500) => {
            errors(StatusCode::INTERNAL_SERVER_ERROR, "the list is out of order", 5000)
        }
        (&Method::GET, "") => list(state, query.unwrap_or("")),
        (&Method::PUT, "bulk-update") => bulk_update(state, body),
        (&Method::DELETE, "bulk-delete") => bulk_delete(state, body),
        (&Method::PUT, id) if !id.is_empty() => update(state, id, body),
        (&Method::DELETE, id) if !id.is_empty() => delete(state, id),
        _ => errors(StatusCode::NOT_FOUND, "no such endpoint", 4004),
    };
    let fate = if state.happens(state.settings.faults.drop_after) {
        ConnectionFate::Drop
    } else if state.happens(state.settings.faults.truncate) {
        ConnectionFate::Truncate
    } else {
        ConnectionFate::Answer
    };
    (fate, response)
}

impl SandboxState {
    /// `SplitMix64`: small, and the same dice for the same seed.
    fn dice(&mut self) -> f64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let high = u32::try_from((mixed ^ (mixed >> 31)) >> 32).unwrap_or(0);
        f64::from(high) / f64::from(u32::MAX)
    }

    fn happens(&mut self, chance: f64) -> bool {
        chance > 0.0 && self.dice() < chance
    }

    fn latency(&mut self) -> Duration {
        let (from, to) = self.settings.faults.latency;
        from + to.saturating_sub(from).mul_f64(self.dice())
    }

    /// Counts the request and refuses it past the limit; refused ones do not count.
    fn limited(&mut self, at: Instant) -> Option<Response> {
        let window = self.settings.window;
        self.arrivals.retain(|arrived| at.duration_since(*arrived) < window);
        let limit = self.settings.faults.limit.unwrap_or(self.settings.limit);
        let left = limit.saturating_sub(self.settings.faults.ghost);
        let full = self.arrivals.len() >= usize::try_from(left).unwrap_or(usize::MAX);
        if full {
            self.refused += 1;
        }
        if full || self.happens(self.settings.faults.status_429) {
            let refusal = errors(StatusCode::TOO_MANY_REQUESTS, LIMIT_TEXT, 4029);
            return Some(self.with_retry_after(refusal));
        }
        self.arrivals.push(at);
        None
    }

    fn failure(&mut self) -> Option<Response> {
        if self.happens(self.settings.faults.html) {
            let page =
                "<html><head><title>502</title></head><body><h1>Bad gateway</h1></body></html>";
            return Some((StatusCode::BAD_GATEWAY, axum::response::Html(page)).into_response());
        }
        if self.happens(self.settings.faults.status_500) {
            return Some(
                (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error").into_response(),
            );
        }
        if self.happens(self.settings.faults.status_503) {
            let failure = (StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable").into_response();
            return Some(self.with_retry_after(failure));
        }
        None
    }

    fn with_retry_after(&self, mut response: Response) -> Response {
        if let Some(seconds) = self.settings.faults.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

fn errors(status: StatusCode, message: &str, code: u16) -> Response {
    answer(status, &json!({"errors": [{"msg": message, "code": code}]}))
}

fn answer(status: StatusCode, body: &Value) -> Response {
    (status, axum::Json(body)).into_response()
}

fn create(state: &mut SandboxState, headers: &HeaderMap, body: &[u8]) -> Response {
    let json_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/json"));
    if !json_type {
        return errors(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Content-Type must be application/json",
            4015,
        );
    }
    let bad = |why: &str| errors(StatusCode::BAD_REQUEST, why, 4000);
    let Ok(Value::Array(items)) = serde_json::from_slice(body) else {
        return bad("the body must be an array of contacts");
    };
    if items.is_empty() {
        return bad("the array is empty");
    }
    let mut all = Vec::new();
    for (at, item) in items.iter().enumerate() {
        match wanted(item) {
            Ok(one) => all.push(one),
            Err(why) => return bad(&format!("contact {}: {why}", at + 1)),
        }
    }
    create_all(state, all)
}

fn create_all(state: &mut SandboxState, mut all: Vec<NewContact>) -> Response {
    let policy = state.settings.faults.arrays;
    if policy == Arrays::FirstOnly {
        all.truncate(1);
    }
    let holds = state.settings.faults.deleted_holds;
    let mut taken: Vec<Held> = Vec::new();
    let mut numbers = Vec::new();
    let mut good = Vec::new();
    for one in all {
        let owner = state.book.owner(&one.number, holds).cloned();
        if owner.is_some() || numbers.contains(&one.number) {
            taken.extend(owner);
        } else {
            numbers.push(one.number.clone());
            good.push(one);
        }
    }
    let some_are_taken = !taken.is_empty();
    if some_are_taken && (policy != Arrays::GoodOnes || good.is_empty()) {
        return duplicate(state, &taken);
    }
    let mut made: Vec<_> = good
        .into_iter()
        .map(|one| {
            let held = state.book.create(one);
            state.book.shown(&held)
        })
        .collect();
    if policy == Arrays::Reorder {
        made.reverse();
    }
    answer(StatusCode::OK, &Value::Array(made))
}

fn duplicate(state: &SandboxState, taken: &[Held]) -> Response {
    let first = &taken[0];
    let numbers: Vec<_> = taken.iter().map(|held| held.number.as_str()).collect();
    match state.settings.faults.duplicates {
        DuplicateShape::Errors => {
            errors(StatusCode::BAD_REQUEST, "A contact with this phone number already exists", 4009)
        }
        DuplicateShape::Numbers => {
            let all: Vec<_> = numbers
                .iter()
                .map(|number| json!({"msg": format!("{number} already exists"), "code": 4009}))
                .collect();
            answer(StatusCode::BAD_REQUEST, &json!({"errors": all}))
        }
        DuplicateShape::Existing => answer(
            StatusCode::CONFLICT,
            &json!({"message": "Duplicate contact", "existing": state.book.shown(first)}),
        ),
        DuplicateShape::Nested => answer(
            StatusCode::UNPROCESSABLE_ENTITY,
            &json!({"error": {"details": [{"path": "cellPhone", "text": "must be unique"}]}}),
        ),
        DuplicateShape::Database => {
            let text = format!(
                "E11000 duplicate key error collection: contacts index: phone dup key: {{ phone: \"{}\" }}",
                first.number
            );
            (StatusCode::INTERNAL_SERVER_ERROR, text).into_response()
        }
        DuplicateShape::Text => {
            (StatusCode::BAD_REQUEST, "phone number already in use").into_response()
        }
        DuplicateShape::Html => {
            let page = "<html><body><h1>Error</h1><p>Contact already exists</p></body></html>";
            (StatusCode::INTERNAL_SERVER_ERROR, axum::response::Html(page)).into_response()
        }
    }
}

fn list(state: &SandboxState, query: &str) -> Response {
    let number = |name: &str| {
        query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, _)| *key == name)
            .and_then(|(_, value)| value.parse::<usize>().ok())
    };
    let skip = number("skip").unwrap_or(0);
    let limit = number("limit").unwrap_or(10).clamp(1, state.settings.page_size.max(1));
    let active = state.book.active();
    let page: Vec<_> =
        active.iter().skip(skip).take(limit).map(|held| state.book.shown(held)).collect();
    answer(
        StatusCode::OK,
        &json!({
            "hasMore": skip.saturating_add(page.len()) < active.len(),
            "results": page,
            "skip": skip,
            "limit": limit,
            "totalPages": active.len().div_ceil(limit),
            "totalResults": active.len(),
        }),
    )
}

fn update(state: &mut SandboxState, id: &str, body: &[u8]) -> Response {
    let one = serde_json::from_slice(body).map_err(|_| "the body must be one contact".to_owned());
    match one.and_then(|value: Value| wanted(&value)) {
        Err(why) => errors(StatusCode::BAD_REQUEST, &why, 4000),
        Ok(one) => match state.book.update(id, one) {
            None => errors(StatusCode::NOT_FOUND, "contact not found", 4004),
            Some(Err(owner)) => duplicate(state, &[owner]),
            Some(Ok(held)) => answer(StatusCode::OK, &state.book.shown(&held)),
        },
    }
}

fn delete(state: &mut SandboxState, id: &str) -> Response {
    match state.book.delete(id) {
        None => errors(StatusCode::NOT_FOUND, "contact not found", 4004),
        Some(held) => answer(StatusCode::OK, &state.book.shown(&held)),
    }
}

fn bulk_update(state: &mut SandboxState, body: &[u8]) -> Response {
    let Ok(Value::Array(items)) = serde_json::from_slice(body) else {
        return errors(StatusCode::BAD_REQUEST, "the body must be an array of contacts", 4000);
    };
    let results = items.iter().map(|item| {
        let id = item.get("id").and_then(Value::as_str).unwrap_or("").to_owned();
        let done = wanted(item)
            .and_then(|one| state.book.update(&id, one).ok_or("contact not found".to_owned()))
            .and_then(|updated| updated.map_err(|_| "the number already exists".to_owned()))
            .map(|held| state.book.shown(&held));
        (id, done)
    });
    counted(results.collect())
}

fn bulk_delete(state: &mut SandboxState, body: &[u8]) -> Response {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let Some(ids) = body.get("ids").and_then(Value::as_array) else {
        return errors(StatusCode::BAD_REQUEST, "ids is required", 4000);
    };
    let results = ids.iter().filter_map(Value::as_str).map(|id| {
        let held = state.book.delete(id).ok_or("contact not found".to_owned());
        (id.to_owned(), held.map(|held| state.book.shown(&held)))
    });
    counted(results.collect())
}

/// The counters that bulk calls answer with; bulk answers spell the id `_id`.
fn counted(results: Vec<(String, Result<Value, String>)>) -> Response {
    let total = results.len();
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for (id, result) in results {
        match result {
            Ok(mut contact) => {
                if let Some(fields) = contact.as_object_mut()
                    && let Some(id) = fields.remove("id")
                {
                    fields.insert("_id".into(), id);
                }
                good.push(json!({"id": id, "contact": contact}));
            }
            Err(why) => bad.push(json!({"id": id, "error": why})),
        }
    }
    answer(
        StatusCode::OK,
        &json!({"totalRequested": total, "successful": good.len(), "failed": bad.len(),
            "successfulRecords": good, "failedRecords": bad}),
    )
}
