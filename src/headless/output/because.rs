//! What programs read of why a row stands where it stands: a stable `code` and its `facts`
//! beside the sentence for people, so that no script has to read English.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    headless::sentences,
    submission::{Entry, Reason, State},
};

/// The fields beside a row's `status`.
#[derive(Debug, Clone, Serialize)]
pub struct Because {
    /// A sentence for people.
    pub reason: Option<String>,
    /// What happened, in a word that does not change.
    pub code: String,
    /// Who, how long, which limit, the platform's words.
    pub facts: Map<String, Value>,
    /// Whether the platform may hold the contact although nobody knows.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub may_exist: bool,
}

impl Because {
    /// One that is no submission: a row that was not stored.
    #[must_use]
    pub fn of(code: &str, reason: Option<String>) -> Self {
        Self { reason, code: code.to_owned(), facts: Map::new(), may_exist: false }
    }

    /// This with one more fact.
    #[must_use]
    pub fn with(mut self, name: &str, fact: impl Serialize) -> Self {
        self.facts.insert(name.to_owned(), serde_json::to_value(fact).unwrap_or_default());
        self
    }
}

impl From<&Entry> for Because {
    fn from(entry: &Entry) -> Self {
        let state = entry.status.state();
        let is_taken = state == State::Duplicate;
        // A status that says it all is its own code.
        let alone = || if is_taken { "number_taken" } else { state.word() };
        let (code, facts) =
            entry.reason().map_or_else(|| (alone().to_owned(), Map::new()), code_and_facts);
        let because =
            Self { reason: sentences::row(entry), code, facts, may_exist: entry.may_exist() };
        let because =
            if is_taken { because.with("owners", entry.status.owners()) } else { because };
        match entry.task.change().filter(|_| entry.settled_at.is_none()) {
            Some(change) => because.with("change", change.verb()).with("of", change.contact()),
            None => because,
        }
    }
}

/// A reason as it is kept: its word, and the rest.
fn code_and_facts(reason: &Reason) -> (String, Map<String, Value>) {
    if let Reason::MayExist { why } = reason {
        return code_and_facts(why);
    }
    let Ok(Value::Object(mut facts)) = serde_json::to_value(reason) else {
        return ("quoted".to_owned(), Map::new());
    };
    let code = ["code", "kind"].into_iter().find_map(|key| facts.remove(key));
    (code.as_ref().and_then(Value::as_str).unwrap_or("quoted").to_owned(), facts)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::submission::{Failure, FailureKind, Limit, Owner};

    #[test]
    fn a_code_is_the_kind_of_what_happened_and_the_facts_are_the_rest() {
        let failure = |kind| Reason::from(Failure::new(kind, "their words"));
        for (reason, code, facts) in [
            (Reason::SameName, "same_name", json!({})),
            (
                failure(FailureKind::Limited { limit: Limit::Hour }),
                "rate_limited",
                json!({"limit": "hour", "words": "their words"}),
            ),
            (
                failure(FailureKind::Rejected).although_it_may_exist(),
                "rejected",
                json!({"words": "their words"}),
            ),
            (
                Reason::GivenUp {
                    attempts: 20,
                    hours: 7,
                    last: Failure::new(FailureKind::Failed, "HTTP 503"),
                },
                "given_up",
                json!({"attempts": 20, "hours": 7,
                       "last": {"kind": "platform_failed", "words": "HTTP 503"}}),
            ),
        ] {
            let (told, its) = code_and_facts(&reason);
            assert_eq!((told.as_str(), Value::Object(its)), (code, facts));
        }
    }

    #[test]
    fn an_owner_is_told_by_the_names_the_other_fields_use() {
        let owner = Owner { id: None, full_name: Some("Jane Roe".into()) };
        let told = Because::of("number_taken", None).with("owners", [owner]);
        assert_eq!(told.facts["owners"][0]["full_name"], "Jane Roe");
    }
}
