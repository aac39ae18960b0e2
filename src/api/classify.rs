//! What an HTTP answer means: a pure function of its status and body.
//!
//! The platform documents no error shapes. The rules, in order:
//!
//! 1. A 2xx list that holds contacts with ids is Created, where nothing in or beside them
//!    speaks against it (see `evidence`): an echo with its row's number looks the same.
//! 2. The limit's texts mean Limited under any status; so does 429.
//! 3. 401, 403, and the SDK's "Invalid … credentials" (code 4002) mean Unauthorised,
//!    unless a 401 or 403 speaks of a duplicate and not of a token.
//! 4. A phrase of duplicates under any other status, and a 409 that speaks of a number or
//!    shows a contact, mean Duplicate. Any other 409 is a Conflict: it says nothing of the
//!    number, so that is looked up before anything is told.
//! 5. A 400, 409, 412 or 422 that names a field of the contact is about that, and so is a 403
//!    or 404 that does so to programs, whatever else it mentions.
//! 6. Any other 404, 405 and the like, a 4xx that speaks of the stream, and a page for people in
//!    the place of an answer mean Misaddressed; a 400 or 422 that speaks of account, app or token
//!    and the 4xx of that kind Unauthorised: no contact is to blame for how it was sent.
//! 7. Other 4xx are Rejected where they say what is wrong with the contact, and else Unexplained:
//!    in words that are not known here they may say that somebody has the number. 5xx (and 408,
//!    425) are Failed; 3xx never reached the platform, but 302 and 303 are also what follows a
//!    request that was carried out.
//! 8. A 2xx that complains (an `error`, a `statusCode` of 4xx or 5xx) means what it
//!    complains of. One that shows a contact which is not surely made is a Conflict: that may be
//!    what was made. Any other is Unclear: never Created without an id.

mod blame;
mod body_text;
mod spoken;

use std::time::Duration;

use jiff::Timestamp;

use super::{Reply, evidence::Asked, http_date::http_date, wire};
use crate::submission::{AddressPart, Doubt, Failure, FailureKind, Limit, Record};

use body_text::Said;

/// No Retry-After is believed beyond this.
const LONGEST_RETRY: Duration = Duration::from_hours(1);

/// Texts of a 409 that is about something other than a number.
const OTHER_CONFLICT: &[&str] = &[
    "version",
    "etag",
    "modified",
    "publish",
    "in progress",
    "locked",
    "concurrent",
    "current state",
    "try again",
    "retry",
    "transaction",
    "deadlock",
    "jti",
    "token",
    "request",
];

const LIMIT: &[&str] =
    &["rate limit", "ratelimit", "rate exceeded", "too many requests", "throttl"];

/// What a limit is one of: a field has a length and a quota too.
const REQUESTS: &[&str] =
    &["minute", "hour", "second", "request", "calls", "retry", "try again", "wait"];

/// Texts of a failure that is not about the contact.
const PASSING: &[&str] = &[
    "internal",
    "server error",
    "timeout",
    "timed out",
    "unavailable",
    "try again",
    "temporar",
    "overload",
    "unexpected error",
];

const REFUSED: &[&str] = &[
    "invalid sdk credential",
    "invalid credential",
    "invalid token",
    "invalid jwt",
    "token expired",
    "jwt expired",
    "token has expired",
    "invalid signature",
    "jwt malformed",
    "unauthorized",
    "unauthorised",
    "not authorized",
    "not authorised",
];

/// Texts that hold one of those and are about what was typed.
const NOT_REFUSED: &[&str] = &[
    "unauthorized character",
    "unauthorised character",
    "unauthorized value",
    "unauthorised value",
    "unauthorized content",
    "unauthorised content",
    "unauthorized symbol",
    "unauthorised symbol",
    "unauthorized word",
    "unauthorised word",
    "unauthorized format",
    "unauthorised format",
];

const ABOUT_US: &[&str] =
    &["credential", "token", "jti", "jwt", "signature", "scope", "permission", "access denied"];

/// An HTTP answer as far as its meaning goes.
#[derive(Debug, Clone, Copy)]
pub struct Raw<'a> {
    /// The status code.
    pub status: u16,
    /// The Retry-After header.
    pub retry_after: Option<&'a str>,
    /// When it came by the platform's clock, or else by ours: for a Retry-After that is a date.
    pub now: Timestamp,
    /// The body, decoded.
    pub body: &'a [u8],
}

/// Reads the answer to a create or an update. `phrases` are texts that mean "duplicate"
/// beside the built-in ones; case does not matter.
#[must_use]
pub fn classify(raw: &Raw, phrases: &[String]) -> Reply {
    let said = Said::of(raw.body);
    let ok = (200..300).contains(&raw.status);
    if ok && let Some(records) = done(&said, phrases, Asked::Create) {
        return Reply::Created(records);
    }
    // A success that tells of a failure is one.
    let raw = &Raw { status: said.status().filter(|_| ok).unwrap_or(raw.status), ..*raw };
    if let Some(part) = page_for_people(raw, &said) {
        return failure(FailureKind::Misaddressed { part }, raw, &said).into();
    }
    refusal(raw, &said, phrases).unwrap_or_else(|| failure(kind(raw, &said), raw, &said).into())
}

/// What an answer that is no refusal we know comes to.
fn kind(raw: &Raw, said: &Said) -> FailureKind {
    let misaddressed = |part| FailureKind::Misaddressed { part };
    let is_about_the_contact = is_about_the_contact(raw, said);
    match raw.status {
        200..300 if said.complains() && said.any(PASSING) => FailureKind::Failed,
        200..500 if !is_about_the_contact && said.told.misses_the_stream() => {
            misaddressed(AddressPart::StreamId)
        }
        200..300 => success_without_a_contact(said),
        status if is_doubtful_redirect(status) => FailureKind::Unclear { doubt: Doubt::Answer },
        300..400 => FailureKind::Unreached,
        // The last two are a proxy's that did not wait for the platform.
        408 | 424 | 425 | 444 | 499 | 500.. => FailureKind::Failed,
        // What is too large is halved.
        413 => FailureKind::Rejected,
        409 => FailureKind::Conflict,
        400 | 403 | 404 | 412 | 422 if is_about_the_contact => unless_taken(said),
        404 | 405 | 410 => misaddressed(AddressPart::StreamId),
        412 if said.speaks_of_a_number() => unless_taken(said),
        400 | 422 if !said.is_markup() => {
            said.told.blames_the_connection().unwrap_or_else(|| unless_taken(said))
        }
        // Of a kind with 401: not paid, locked, gone by, not for us.
        402 | 419 | 423 | 440 | 451 | 494..=496 | 498 => FailureKind::Unauthorised,
        // Nothing of the request came further than a proxy, or to another server.
        400..500 => misaddressed(AddressPart::Host),
        _ => FailureKind::Unclear { doubt: Doubt::Answer },
    }
}

/// A success that makes no contact surely made. It is a refusal only where it plainly says what is
/// wrong with what was typed; a contact that it shows or speaks of may have been made.
fn success_without_a_contact(said: &Said) -> FailureKind {
    let is_plain = said.told.is_about_the_contact()
        && said.told.says_what_is_wrong()
        && !said.told.speaks_of_a_success()
        && !said.shows_a_dated_contact();
    let speaks_against = said.complains() || said.shows_a_contact();
    match (speaks_against, is_plain) {
        (true, true) => FailureKind::Rejected,
        (true, false) if said.shows_a_contact() => FailureKind::Unclear { doubt: Doubt::Verdict },
        (true, false) => FailureKind::Conflict,
        (false, _) => FailureKind::Unclear { doubt: Doubt::Answer },
    }
}

/// A refusal of the contact: final where it says what is wrong, and else only once nobody is found
/// to have its number, which may be what it says in words that are not known here.
fn unless_taken(said: &Said) -> FailureKind {
    if said.told.says_what_is_wrong() { FailureKind::Rejected } else { FailureKind::Unexplained }
}

/// Whether what is refused is the contact, for a field of it, and not who sent it or where to.
fn is_about_the_contact(raw: &Raw, said: &Said) -> bool {
    match raw.status {
        _ if said.is_markup() => false,
        200..300 | 400 | 409 | 412 | 422 => said.told.is_about_the_contact(),
        // Of these most are about the rest, so that words for people do not count.
        403 | 404 => said.json.is_some() && said.told.names_a_field(),
        _ => false,
    }
}

/// Whether a redirect may follow what was carried out: the others ask for the same request
/// elsewhere.
pub(super) fn is_doubtful_redirect(status: u16) -> bool {
    matches!(status, 302 | 303)
}

/// A page where the platform answers programs, whatever words are on it: somebody else's. With
/// a 5xx it is a gateway's, and passes.
fn page_for_people(raw: &Raw, said: &Said) -> Option<AddressPart> {
    match raw.status {
        200..300 => said.is_markup().then_some(AddressPart::Page),
        401 | 403..=406 | 410 => said.is_markup().then_some(AddressPart::Host),
        _ => None,
    }
}

/// Reads the answer to an update or a deletion of one contact: `Ok` when it was carried
/// out, with the contact if the answer shows it. Both may be sent again, so a success
/// without a contact is believed; a page of mark-up is not, nor what is only accepted.
///
/// # Errors
/// Why it was not carried out, or that nobody can tell.
pub(super) fn classify_change(raw: &Raw, phrases: &[String]) -> Result<Option<Record>, Reply> {
    let said = Said::of(raw.body);
    if let 404 | 410 = raw.status
        && !said.is_markup()
        && refusal(raw, &said, &[]).is_none()
    {
        return Err(failure(FailureKind::Missing, raw, &said).into());
    }
    if !(200..300).contains(&raw.status) {
        return Err(match classify(raw, phrases) {
            // An estate that creates may know neither of these: that is no wrong address.
            Reply::Failure(Failure { kind: FailureKind::Misaddressed { .. }, words, .. }) => {
                Failure::new(FailureKind::Rejected, words).into()
            }
            other => other,
        });
    }
    if let Some(records) = done(&said, phrases, Asked::Change) {
        return Ok(records.into_iter().next());
    }
    if let Some(refused) = refusal(raw, &said, phrases) {
        return Err(refused);
    }
    // What is only accepted may still be done, or not.
    let is_open = raw.status == 202 || said.changes_nothing() || said.speaks_against(Asked::Change);
    if said.complains() {
        Err(failure(FailureKind::Rejected, raw, &said).into())
    } else if said.counts_nobody() {
        Err(failure(FailureKind::Missing, raw, &said).into())
    } else if is_open || said.is_markup() {
        Err(Failure::unclear(said.words(raw.status)).into())
    } else {
        Ok(None)
    }
}

/// Reads an answer that is not a success, or not what was asked for, as a refusal we
/// know; `None` when it is none of them.
pub(super) fn known_refusal(raw: &Raw, phrases: &[String]) -> Option<Reply> {
    refusal(raw, &Said::of(raw.body), phrases)
}

/// The contacts that were made, as far as nothing in the answer speaks against it.
fn done(said: &Said, phrases: &[String], asked: Asked) -> Option<Vec<Record>> {
    let body = said.json.as_ref()?;
    if let Some(listing) = wire::done(body, asked).filter(|listing| !listing.records.is_empty()) {
        let beside = listing.key.as_deref().map(|key| said.beside(key));
        let refused = listing.is_open() || beside.is_some_and(|it| it.is_duplicate(phrases));
        // What comes with a complaint is what exists already, unless it is said to be made.
        return (listing.is_said_created || !refused).then_some(listing.records);
    }
    // A lone contact; one that comes with a complaint is the existing one.
    if said.is_duplicate(phrases) {
        return None;
    }
    wire::credible(body, asked).map(|record| vec![record])
}

fn refusal(raw: &Raw, said: &Said, phrases: &[String]) -> Option<Reply> {
    let is_about_the_contact = is_about_the_contact(raw, said);
    let limits_requests = said.any(REQUESTS);
    let is_limit = said.any(LIMIT) && (!is_about_the_contact || limits_requests);
    let is_quota = said.any(&["quota exceeded"]) && limits_requests;
    if raw.status == 429 || is_limit || is_quota {
        return Some(failure(FailureKind::Limited { limit: limit(said) }, raw, said).into());
    }
    // Where a server has failed these are ways of speaking.
    let already = raw.status < 500
        && said.says_already_of_a_number()
        && !said.any(OTHER_CONFLICT)
        && !said.any(ABOUT_US);
    let had = !(502..=504).contains(&raw.status) && said.says_a_number_is_had();
    let duplicate = said.is_duplicate(phrases) || had || already;
    let refused = match raw.status {
        403 if is_about_the_contact => said.any(ABOUT_US),
        401 | 403 => !duplicate || said.any(ABOUT_US),
        200..500 => {
            let refused = said.any(REFUSED) && !said.any(NOT_REFUSED);
            let refused = refused || said.told.misses_the_account();
            // A contact that is refused for its number speaks of nobody's rights.
            let is_ours = !(duplicate || is_about_the_contact) || said.any(ABOUT_US);
            (refused && is_ours) || (said.has_code(4002) && (!duplicate || said.any(ABOUT_US)))
        }
        _ => false,
    };
    if refused {
        return Some(failure(FailureKind::Unauthorised, raw, said).into());
    }
    let says = said.speaks_of_a_number() || said.any(&["exists", "taken"]);
    let conflict = raw.status == 409 && !said.any(OTHER_CONFLICT) && says;
    let redirected = (300..400).contains(&raw.status);
    ((duplicate && !redirected) || conflict).then(|| Reply::Duplicate {
        // The number of a contact that is listed beside the complaint is not named by it.
        numbers: match said.listed_under() {
            Some(key) => said.beside(&key).numbers(),
            None => said.numbers(),
        },
        owner: said.owner(),
        words: said.words(raw.status),
    })
}

/// The kind with what the answer says beside it.
fn failure(kind: FailureKind, raw: &Raw, said: &Said) -> Failure {
    let asked = matches!(kind, FailureKind::Limited { .. } | FailureKind::Failed);
    let wait = if asked { retry_after(raw) } else { None };
    Failure::new(kind, said.words(raw.status)).after(wait)
}

/// Which limit the answer speaks of.
fn limit(said: &Said) -> Limit {
    if said.any(&["hour"]) {
        Limit::Hour
    } else if said.any(&["minute"]) {
        Limit::Minute
    } else {
        Limit::Unknown
    }
}

/// The header as a wait: seconds, or a date (RFC 9110, 10.2.3, or ISO 8601), within an hour.
fn retry_after(raw: &Raw) -> Option<Duration> {
    let text = raw.retry_after?.trim();
    let seconds = match text.parse::<f64>() {
        // An absolute time where a span belongs, in seconds or in milliseconds.
        Ok(epoch) if epoch >= 1e12 => epoch / 1e3 - raw.now.as_duration().as_secs_f64(),
        Ok(epoch) if epoch >= 1e9 => epoch - raw.now.as_duration().as_secs_f64(),
        Ok(span) => span,
        Err(_) => {
            let date = http_date(text).or_else(|| text.parse().ok())?;
            date.duration_since(raw.now).as_secs_f64()
        }
    };
    if seconds.is_nan() {
        return None;
    }
    Some(Duration::from_secs_f64(seconds.clamp(0.0, LONGEST_RETRY.as_secs_f64())))
}

#[cfg(test)]
mod tests;
