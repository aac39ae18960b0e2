//! Why a request did not do what it was asked: one vocabulary for the platform's answer,
//! an attempt's outcome and what is stored. The kind is what decisions read; the words are
//! a quotation, of the platform or of the system, and nothing decides by them.

use std::time::Duration;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// One failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What failed.
    #[serde(flatten)]
    pub kind: FailureKind,
    /// The platform's or the system's own words; empty where the kind says it all.
    #[serde(alias = "reason", default)]
    pub words: String,
    /// How long the platform asks to wait, bounded.
    #[serde(
        rename = "retry_after_ms",
        with = "milliseconds",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub retry_after: Option<Duration>,
}

/// What failed. The words are stable: they are stored, and scripts read them as `code`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FailureKind {
    /// The platform refused this contact for good (a 4xx about its content).
    Rejected,
    /// The platform refused us: wrong secret, missing scope, clock.
    Unauthorised,
    /// The account's rate limit was reached; nothing was done.
    #[serde(rename = "rate_limited", alias = "limited")]
    Limited {
        /// Which one, as far as the platform says.
        #[serde(default)]
        limit: Limit,
    },
    /// The request surely was not carried out: it never arrived (refused connection, no
    /// such host, TLS).
    #[serde(rename = "not_reached", alias = "unreached")]
    Unreached,
    /// The platform failed (5xx) and may or may not have done it.
    #[serde(rename = "platform_failed", alias = "failed")]
    Failed,
    /// The request may have arrived and no trustworthy answer came back.
    Unclear {
        /// What leaves it open.
        #[serde(default)]
        doubt: Doubt,
    },
    /// The platform has no contact of the id that was to be changed.
    #[serde(rename = "no_such_contact", alias = "missing")]
    Missing,
    /// It speaks of a conflict and not of the number: only a look at who holds that can tell.
    Conflict,
    /// The platform refused this contact in words that do not tell why: they may be that somebody
    /// has its number.
    Unexplained,
    /// Nobody at that address knows the contacts API: the host or the stream is wrong.
    Misaddressed {
        /// Which part of the address.
        part: AddressPart,
    },
}

/// Which of the account's limits was met.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// That of any 60 seconds.
    Minute,
    /// That of the hour.
    Hour,
    /// The answer does not say.
    #[default]
    Unknown,
}

/// What leaves it open whether a request was carried out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// No answer came, or none that says so; the words tell what was seen.
    #[default]
    Answer,
    /// The program was closed before the answer came.
    Closed,
    /// The program stopped (killed, power cut) before the answer came.
    Stopped,
    /// The program itself failed while it waited for the answer.
    Defect,
    /// The answer speaks of another number.
    OtherNumber,
    /// The answer names somebody else.
    OtherName,
    /// The answer shows a contact that was there before, or that somebody else made.
    OtherMaker,
    /// The answer shows the contact, and something beside it that may speak against it.
    Verdict,
    /// The answer to a change speaks of another contact.
    OtherContact,
    /// The answer to a change speaks of a new contact, or that to a create of a change.
    OtherRequest,
    /// The answer to a change shows the contact as it was.
    AsBefore,
    /// The answer names no id.
    NoId,
    /// What came of it could not be read back from the store.
    Unreadable,
}

/// A part of the address that contacts are sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressPart {
    /// The setting `host`, which may hold a path.
    Host,
    /// The setting `stream_id`.
    StreamId,
    /// A page for people came with a status of success: a sign-in page of the network, or what
    /// answers anything at a wrong `host`.
    Page,
}

impl Failure {
    /// A failure in somebody's own words.
    pub fn new(kind: FailureKind, words: impl Into<String>) -> Self {
        Self { kind, words: words.into(), retry_after: None }
    }

    /// One whose answer never came or cannot be trusted, in the words of what was seen.
    pub fn unclear(words: impl Into<String>) -> Self {
        Self::new(FailureKind::Unclear { doubt: Doubt::Answer }, words)
    }

    /// This, with the wait the platform asks for.
    #[must_use]
    pub fn after(self, retry_after: Option<Duration>) -> Self {
        Self { retry_after, ..self }
    }

    /// Whether the platform refuses us, whatever is asked of it.
    #[must_use]
    pub fn refuses_us(&self) -> bool {
        self.kind == FailureKind::Unauthorised
    }

    /// Whether it is refused as if the platform would have none of ours, whatever it is about.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        matches!(self.kind, FailureKind::Unauthorised | FailureKind::Misaddressed { .. })
    }

    /// Whether the platform may have done what it was asked although nothing says so.
    #[must_use]
    pub fn may_be_done(&self) -> bool {
        match self.kind {
            // Whoever shows a page with a success may have passed the request on.
            FailureKind::Failed
            | FailureKind::Unclear { .. }
            | FailureKind::Misaddressed { part: AddressPart::Page } => true,
            FailureKind::Rejected
            | FailureKind::Unauthorised
            | FailureKind::Limited { .. }
            | FailureKind::Unreached
            | FailureKind::Missing
            | FailureKind::Conflict
            | FailureKind::Unexplained
            | FailureKind::Misaddressed { part: AddressPart::Host | AddressPart::StreamId } => {
                false
            }
        }
    }
}

impl From<Doubt> for Failure {
    fn from(doubt: Doubt) -> Self {
        Self::new(FailureKind::Unclear { doubt }, "")
    }
}

/// Why the platform refuses us altogether, as far as that can be told from here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// What to look at.
    #[serde(flatten)]
    pub cause: RefusalCause,
    /// The platform's words.
    pub words: String,
}

/// What to look at when the platform refuses us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "snake_case")]
pub enum RefusalCause {
    /// This machine's clock is off.
    Clock {
        /// The platform's clock minus ours, in seconds.
        offset_s: i64,
    },
    /// The client secret, or the app's scope.
    Credential,
    /// The host or the stream.
    Address {
        /// Which of them.
        part: AddressPart,
    },
}

/// A difference of clocks as people say it: "7 minutes ahead", ours against theirs.
#[must_use]
pub fn clock_difference(offset: SignedDuration) -> String {
    let way = if offset.is_negative() { "ahead of" } else { "behind" };
    format!("{} {way} the platform's", roughly(offset.as_secs().unsigned_abs()))
}

/// "3 days", "2 hours", "5 minutes", "40 seconds".
#[must_use]
pub fn roughly(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} seconds"),
        120..7_200 => format!("{} minutes", seconds / 60),
        7_200..172_800 => format!("{} hours", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

mod milliseconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "serde calls it so")]
    pub(super) fn serialize<S: Serializer>(
        wait: &Option<Duration>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        wait.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<u64>::deserialize(from)?.map(Duration::from_millis))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_of_clocks_is_told_as_people_say_it() {
        let told = |seconds| clock_difference(SignedDuration::from_secs(seconds));
        assert_eq!(told(-420), "7 minutes ahead of the platform's");
        assert_eq!(told(7_200), "2 hours behind the platform's");
        assert_eq!(told(-45), "45 seconds ahead of the platform's");
        assert_eq!(told(4 * 86_400), "4 days behind the platform's");
    }

    #[test]
    fn a_failure_kept_by_the_first_release_reads_as_the_same_failure() {
        let read = |json: &str| serde_json::from_str::<Failure>(json).unwrap();
        let limited = read(r#"{"kind":"limited","retry_after_ms":1500,"reason":"per-minute"}"#);
        let kind = FailureKind::Limited { limit: Limit::Unknown };
        let wait = Some(Duration::from_millis(1_500));
        assert_eq!(limited, Failure::new(kind, "per-minute").after(wait));
        let failed = read(r#"{"kind":"failed","retry_after_ms":null,"reason":"HTTP 503"}"#);
        assert_eq!(failed, Failure::new(FailureKind::Failed, "HTTP 503"));
        assert_eq!(read(r#"{"kind":"unclear","reason":"x"}"#), Failure::unclear("x"));
        for (word, kind) in [
            ("unreached", FailureKind::Unreached),
            ("missing", FailureKind::Missing),
            ("rejected", FailureKind::Rejected),
            ("unauthorised", FailureKind::Unauthorised),
        ] {
            let json = format!(r#"{{"kind":"{word}","reason":"x"}}"#);
            assert_eq!(read(&json), Failure::new(kind, "x"));
        }
    }
}
