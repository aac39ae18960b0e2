//! Why a row stands where it stands: what happened, with its facts. It is kept as it is
//! written here; the sentence is made where it is shown, once for each audience.
//!
//! What the first release kept is a sentence; it is read back as a quotation.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Doubt, Failure, Owner, Refusal, Verb};

/// What happened. The words are stable: they are stored, and scripts read them as `code`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Reason {
    /// The number is taken, perhaps by this contact from an earlier attempt: being looked up.
    CheckingOwner,
    /// Its batch's answer does not settle it.
    BatchUnsettled {
        /// What the answer was.
        batch: BatchAnswer,
        /// The platform's words.
        words: String,
    },
    /// Somebody corrects it.
    BeingCorrected,
    /// It waits until then because somebody or something asked for that.
    HeldUntil {
        /// Until when.
        until: Timestamp,
    },
    /// It was queued for an account other than the present one.
    HeldForAccount {
        /// The account's id; empty where only a floor knows it.
        account: String,
        /// Which account where, for people.
        #[serde(default)]
        place: String,
    },
    /// Somebody else on the floor entered the same number.
    EnteredByColleague {
        /// Who, as their seat is called.
        colleague: String,
    },
    /// Something outside rolodesk uses up the account's requests.
    LimitUsedElsewhere,
    /// The platform refuses us altogether.
    Refused(Refusal),
    /// Tried for hours.
    GivenUp {
        /// How many attempts.
        attempts: usize,
        /// Over how many hours.
        #[serde(default)]
        hours: i64,
        /// What the last one came to.
        last: Failure,
    },
    /// An earlier attempt may have created it although nobody knows; beside that:
    MayExist {
        /// Why it stands where it stands.
        why: Box<Reason>,
    },
    /// The existing contact has our names, but nothing shows that it is ours.
    SameName,
    /// An inactive contact holds the number.
    InactiveHolder,
    /// The platform's list cannot be read to see who has the number.
    ListUnreadable,
    /// The platform's list could not be read to its end.
    ListNotReadWhole,
    /// The whole list was read, and no page shows who has the number.
    NotListed,
    /// The existing contact was left as it is.
    Kept,
    /// The existing contact was updated with what was typed.
    Updated,
    /// A change was refused.
    ChangeRefused {
        /// What was asked for.
        verb: Verb,
        /// Of which contact.
        contact: Owner,
        /// The platform's words.
        words: String,
    },
    /// A change was not made: there is no such contact any more.
    ChangeTargetGone {
        /// What was asked for.
        verb: Verb,
        /// Of which contact.
        contact: Owner,
    },
    /// A change was called off after a request for it; it may have been made.
    ChangeCalledOff {
        /// What was asked for.
        verb: Verb,
        /// Of which contact.
        contact: Owner,
    },
    /// A sentence that was kept as one.
    Quoted {
        /// The sentence.
        words: String,
    },
    /// What the last attempt ran into; its kind is the code.
    #[serde(untagged)]
    Failure(Failure),
}

/// An answer to several contacts at once that does not settle one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchAnswer {
    /// It names others of the batch, not this one.
    LeftOut,
    /// It refuses them all.
    Refused,
    /// It speaks of a duplicate and names none.
    DuplicateUnnamed,
    /// It names other numbers of the batch as duplicates.
    OthersDuplicate,
    /// Kept as a sentence by the first release: the words say it all.
    Quoted,
}

impl Reason {
    /// Reads what is stored: this enum as JSON, or a sentence.
    #[must_use]
    pub fn stored(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_else(|_| Self::Quoted { words: text.to_owned() })
    }

    /// What to store.
    #[must_use]
    pub fn to_stored(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// This, with what an earlier attempt leaves open.
    #[must_use]
    pub fn although_it_may_exist(self) -> Self {
        match self {
            Self::MayExist { .. } => self,
            why => Self::MayExist { why: Box::new(why) },
        }
    }

    /// This, without what an earlier attempt leaves open.
    #[must_use]
    pub fn without_doubt(self) -> Self {
        match self {
            Self::MayExist { why } => *why,
            plain => plain,
        }
    }

    /// Whether it says that the platform may hold the contact although nobody knows.
    #[must_use]
    pub fn may_exist(&self) -> bool {
        match self {
            Self::Failure(last) | Self::GivenUp { last, .. } => last.may_be_done(),
            Self::CheckingOwner | Self::MayExist { .. } | Self::BatchUnsettled { .. } => true,
            Self::BeingCorrected
            | Self::HeldUntil { .. }
            | Self::HeldForAccount { .. }
            | Self::EnteredByColleague { .. }
            | Self::LimitUsedElsewhere
            | Self::Refused(_)
            | Self::SameName
            | Self::InactiveHolder
            | Self::ListUnreadable
            | Self::ListNotReadWhole
            | Self::NotListed
            | Self::Kept
            | Self::Updated
            | Self::ChangeRefused { .. }
            | Self::ChangeTargetGone { .. }
            | Self::ChangeCalledOff { .. }
            | Self::Quoted { .. } => false,
        }
    }
}

impl From<Failure> for Reason {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<Doubt> for Reason {
    fn from(doubt: Doubt) -> Self {
        Self::Failure(doubt.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::submission::{ContactId, FailureKind, Limit, RefusalCause};

    #[test]
    fn every_reason_is_kept_with_its_facts_and_has_a_code() {
        let contact = Owner { id: Some(ContactId("63c7".into())), full_name: None };
        let failed = || Failure::new(FailureKind::Failed, "HTTP 503");
        for reason in [
            Reason::CheckingOwner,
            Reason::BatchUnsettled { batch: BatchAnswer::LeftOut, words: String::new() },
            Reason::HeldUntil { until: Timestamp::UNIX_EPOCH },
            Reason::Refused(Refusal {
                cause: RefusalCause::Clock { offset_s: -420 },
                words: "4002".into(),
            }),
            Reason::GivenUp { attempts: 20, hours: 6, last: failed() },
            Reason::from(failed()).although_it_may_exist(),
            Reason::from(Failure::new(FailureKind::Rejected, "no")).although_it_may_exist(),
            Reason::ChangeRefused { verb: Verb::Update, contact, words: "no".into() },
            Reason::Quoted { words: "as it was told".into() },
            Failure::new(FailureKind::Limited { limit: Limit::Hour }, "hourly").into(),
            Doubt::Stopped.into(),
        ] {
            let kept = reason.to_stored();
            assert_eq!(Reason::stored(&kept), reason, "{kept}");
            assert!(kept.contains("\"code\":") || kept.contains("\"kind\":"), "{kept}");
        }
    }

    #[test]
    fn a_sentence_kept_by_the_first_release_is_a_quotation() {
        for words in ["HTTP 503: {}", "{\"code\":\"of the future\"}", "7", ""] {
            assert_eq!(Reason::stored(words), Reason::Quoted { words: words.into() });
        }
    }
}
