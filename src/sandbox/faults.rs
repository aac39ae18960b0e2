//! How the sandbox misbehaves, for tests and for training: each fault has a name and a
//! value, given as `name=value`. One table says what there is; `--help` prints it.

use std::{str::FromStr, time::Duration};

/// What a platform may do with an array that holds a number it already has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Arrays {
    /// Refuses the whole array.
    #[default]
    AllOrNothing,
    /// Creates the good ones and answers with them alone.
    GoodOnes,
    /// Creates only the first of any array, and answers with it.
    FirstOnly,
    /// Creates all or none, and answers in another order.
    Reorder,
}

/// The shape of the answer that a number is taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DuplicateShape {
    /// 400 with `errors`.
    #[default]
    Errors,
    /// 400 with `errors` that name the numbers.
    Numbers,
    /// 409 with a message and the existing contact.
    Existing,
    /// 422 with a nested error.
    Nested,
    /// 500 with a database's words.
    Database,
    /// 400 with plain text.
    Text,
    /// 500 with a page.
    Html,
}

/// Everything that can go wrong, and how often: probabilities from 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Faults {
    /// The shortest and longest wait before an answer.
    pub latency: (Duration, Duration),
    /// Connections dropped before anything was done.
    pub drop_before: f64,
    /// Connections dropped after it was done.
    pub drop_after: f64,
    /// Answers cut short after it was done.
    pub truncate: f64,
    /// Answers that are a page of HTML with status 502; nothing was done.
    pub html: f64,
    /// Answers of 500; nothing was done.
    pub status_500: f64,
    /// Answers of 503; nothing was done.
    pub status_503: f64,
    /// Answers of 401, as while the app's scope is not published.
    pub refuse: f64,
    /// Contacts that the platform's own rules refuse, with a 400; nothing was done.
    pub reject: f64,
    /// A word that a gateway before the platform lets through in no request, with a 403.
    pub gateway: Option<String>,
    /// Updates and deletions answered with 403: the app may only create.
    pub refuse_changes: f64,
    /// List pages answered with 500; nothing else is touched.
    pub list_500: f64,
    /// Answers of 429 although the limit was not reached.
    pub status_429: f64,
    /// Seconds in Retry-After of every 429 and 503.
    pub retry_after: Option<u64>,
    /// Requests in any window, in place of the setting.
    pub limit: Option<u32>,
    /// Requests of every window that another tool of the account takes, unseen and evenly.
    pub ghost: u32,
    /// What happens to arrays.
    pub arrays: Arrays,
    /// Whether a deleted contact keeps its number.
    pub deleted_holds: bool,
    /// How a duplicate is told.
    pub duplicates: DuplicateShape,
    /// Where the dice start, so that a run can be repeated.
    pub seed: u64,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            latency: (Duration::ZERO, Duration::ZERO),
            drop_before: 0.0,
            drop_after: 0.0,
            truncate: 0.0,
            html: 0.0,
            status_500: 0.0,
            status_503: 0.0,
            refuse: 0.0,
            reject: 0.0,
            gateway: None,
            refuse_changes: 0.0,
            list_500: 0.0,
            status_429: 0.0,
            retry_after: None,
            limit: None,
            ghost: 0,
            arrays: Arrays::default(),
            deleted_holds: false,
            duplicates: DuplicateShape::default(),
            seed: 1,
        }
    }
}

/// All of these faults together.
///
/// # Errors
/// A sentence about the first that is none.
pub fn together(wanted: &[String]) -> Result<Faults, String> {
    let mut faults = Faults::default();
    wanted.iter().try_for_each(|fault| faults.add(fault))?;
    Ok(faults)
}

/// Name, values, meaning.
const TABLE: &[(&str, &str, &str)] = &[
    ("latency", "200ms or 200ms..2s", "wait before every answer"),
    ("drop-before", "0..1", "drop the connection before anything is done"),
    ("drop-after", "0..1", "drop the connection after the contact was created"),
    ("truncate", "0..1", "cut the answer short after the contact was created"),
    ("html", "0..1", "answer 502 with a page of HTML"),
    ("status-500", "0..1", "answer 500"),
    ("status-503", "0..1", "answer 503"),
    ("refuse", "0..1", "answer 401, as while the app is not published"),
    ("reject", "0..1", "refuse a contact by a rule of the platform's own, as a 400"),
    ("gateway", "a word", "answer 403 with a page to every request that has this word in it"),
    ("refuse-changes", "0..1", "answer 403 to updates and deletions: the app may only create"),
    ("list-500", "0..1", "answer 500 to list requests alone"),
    ("status-429", "0..1", "answer with the rate limit's text before it is reached"),
    ("retry-after", "seconds", "send Retry-After with every 429 and 503"),
    ("limit", "number", "requests allowed in a minute (60)"),
    ("ghost", "number", "requests of every minute that another tool takes unseen (0)"),
    ("arrays", "all-or-nothing, good-ones, first-only, reorder", "what happens to arrays"),
    ("deleted", "frees, holds", "whether a deleted contact gives its number free"),
    (
        "duplicates",
        "errors, numbers, existing, nested, database, text, html",
        "how a taken number is told",
    ),
    ("seed", "number", "start of the dice, to repeat a run"),
];

/// The table of faults, as `--help` prints it.
#[must_use]
pub fn help() -> String {
    let line = |(name, values, meaning): &(&str, &str, &str)| {
        format!("  {name}={values}\n      {meaning}")
    };
    let lines: Vec<_> = TABLE.iter().map(line).collect();
    format!("Faults (repeat --fault for several):\n{}", lines.join("\n"))
}

impl Faults {
    /// Adds one fault, given as `name=value`.
    ///
    /// # Errors
    /// A sentence that says what is wrong and what is allowed.
    pub fn add(&mut self, text: &str) -> Result<(), String> {
        let (name, value) = text
            .split_once('=')
            .ok_or_else(|| format!("fault `{text}` has no value; write name=value"))?;
        let Some((_, allowed, _)) = TABLE.iter().find(|(known, _, _)| *known == name) else {
            let names: Vec<_> = TABLE.iter().map(|(known, _, _)| *known).collect();
            return Err(format!("there is no fault `{name}`; there are {}", names.join(", ")));
        };
        self.set(name, value)
            .ok_or_else(|| format!("fault `{name}` cannot be `{value}`; it takes {allowed}"))
    }

    fn set(&mut self, name: &str, value: &str) -> Option<()> {
        match name {
            "latency" => self.latency = latency(value)?,
            "drop-before" => self.drop_before = chance(value)?,
            "drop-after" => self.drop_after = chance(value)?,
            "truncate" => self.truncate = chance(value)?,
            "html" => self.html = chance(value)?,
            "status-500" => self.status_500 = chance(value)?,
            "status-503" => self.status_503 = chance(value)?,
            "refuse" => self.refuse = chance(value)?,
            "reject" => self.reject = chance(value)?,
            "gateway" => self.gateway = Some(value.to_owned()).filter(|word| !word.is_empty()),
            "refuse-changes" => self.refuse_changes = chance(value)?,
            "list-500" => self.list_500 = chance(value)?,
            "status-429" => self.status_429 = chance(value)?,
            "retry-after" => self.retry_after = Some(value.parse().ok()?),
            "limit" => self.limit = Some(value.parse().ok().filter(|limit| *limit > 0)?),
            "ghost" => self.ghost = value.parse().ok()?,
            "seed" => self.seed = value.parse().ok()?,
            "deleted" => {
                self.deleted_holds = match value {
                    "frees" => false,
                    "holds" => true,
                    _ => return None,
                }
            }
            "arrays" => {
                self.arrays = match value {
                    "all-or-nothing" => Arrays::AllOrNothing,
                    "good-ones" => Arrays::GoodOnes,
                    "first-only" => Arrays::FirstOnly,
                    "reorder" => Arrays::Reorder,
                    _ => return None,
                }
            }
            _ => {
                self.duplicates = match value {
                    "errors" => DuplicateShape::Errors,
                    "numbers" => DuplicateShape::Numbers,
                    "existing" => DuplicateShape::Existing,
                    "nested" => DuplicateShape::Nested,
                    "database" => DuplicateShape::Database,
                    "text" => DuplicateShape::Text,
                    "html" => DuplicateShape::Html,
                    _ => return None,
                }
            }
        }
        Some(())
    }
}

impl FromStr for Faults {
    type Err = String;

    /// Several faults, separated by commas.
    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        together(&parts.map(str::to_owned).collect::<Vec<_>>())
    }
}

fn chance(text: &str) -> Option<f64> {
    text.parse().ok().filter(|chance| (0.0..=1.0).contains(chance))
}

fn latency(text: &str) -> Option<(Duration, Duration)> {
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    let (from, to) = (span(from)?, span(to)?);
    (from <= to).then_some((from, to))
}

fn span(text: &str) -> Option<Duration> {
    match text.strip_suffix("ms") {
        Some(ms) => ms.parse().ok().map(Duration::from_millis),
        None => text.strip_suffix('s')?.parse().ok().map(Duration::from_secs),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_of_the_table_can_be_given() {
        for (name, values, _) in TABLE {
            let value = match *values {
                "0..1" => "0.5",
                "seconds" | "number" => "7",
                "a word" => "union",
                other => other.split([',', ' ']).next().unwrap(),
            };
            assert_eq!(Faults::default().add(&format!("{name}={value}")), Ok(()), "{name}");
            let is_refused = Faults::default().add(&format!("{name}=nonsense")).is_err();
            assert!(is_refused || *values == "a word", "{name}");
            assert!(help().contains(name));
        }
    }

    #[test]
    fn a_wrong_fault_is_told_with_what_is_allowed() {
        assert!("drop=1".parse::<Faults>().unwrap_err().contains("there is no fault `drop`"));
        assert!("html".parse::<Faults>().unwrap_err().contains("name=value"));
        let error = "latency=2s..1s".parse::<Faults>().unwrap_err();
        assert!(error.contains("200ms..2s"), "{error}");
    }

    #[test]
    fn several_faults_go_together() {
        let faults: Faults = "latency=5ms..1s, arrays=first-only".parse().unwrap();
        assert_eq!(faults.latency, (Duration::from_millis(5), Duration::from_secs(1)));
        assert_eq!(faults.arrays, Arrays::FirstOnly);
    }
}
