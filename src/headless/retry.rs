//! `retry`: sends again what was given up, or what is named, and waits for it as `sync` does.

use std::io::{self, Write as _};

use anyhow::Result;
use uuid::Uuid;

use super::sync;
use crate::{
    config::{Config, ConfigError},
    connect,
    contact::{Phone, phone::Reading, text::safe},
    delivery::clock,
    exit::Exit,
    store::Store,
    submission::{State, SubmissionId},
};

/// Which rows are sent again.
#[derive(Debug, Clone, Default)]
pub struct RetryRequest {
    /// Those of this status, in the words of `results`; without any of these three, those that were given up.
    pub status: Option<String>,
    /// All that wait, were refused or were given up.
    pub all: bool,
    /// These: the `submission` of `results`, or a number.
    pub ids: Vec<String>,
}

/// Makes them due and delivers.
///
/// # Errors
/// When the store or the secret cannot be had, or a row is named that is none.
pub async fn run(config: &Config, request: &RetryRequest) -> Result<Exit> {
    let store = connect::store(config, clock::now()).await?;
    let again = if request.ids.is_empty() {
        store.retry_all_in(&states(request), clock::now()).await?
    } else {
        named(&store, &request.ids).await?
    };
    let with_floor = store.handed_over().await?.len();
    drop(store);
    if again == 0 {
        writeln!(io::stdout(), "nothing to send again")?;
        if with_floor > 0 {
            let many = if with_floor == 1 { "1 waits" } else { &format!("{with_floor} wait") };
            writeln!(io::stdout(), "{many} with the floor, which sends what it has by itself")?;
        }
        return Ok(Exit::Done);
    }
    writeln!(io::stdout(), "{again} sent again")?;
    sync::run(config, false).await
}

fn states(request: &RetryRequest) -> Vec<State> {
    let waiting = [State::Queued, State::Unclear];
    match request.status.as_deref() {
        Some("rejected") => vec![State::Rejected],
        Some("duplicate") => vec![State::Duplicate],
        Some("queued") => waiting.to_vec(),
        None if request.all => [&waiting[..], &[State::Rejected, State::Attention]].concat(),
        Some(_) | None => vec![State::Attention],
    }
}

async fn named(store: &Store, ids: &[String]) -> Result<u64> {
    let mut again = 0;
    for id in ids {
        for id in submissions(store, id).await? {
            again += store.retry(Some(id), clock::now()).await?.len() as u64;
        }
    }
    Ok(again)
}

/// The rows that somebody means by an id or a number.
async fn submissions(store: &Store, name: &str) -> Result<Vec<SubmissionId>> {
    let found = if let Ok(id) = Uuid::parse_str(name.trim()) {
        let entry = store.entry(SubmissionId(id)).await?;
        entry.map(|(entry, _)| entry.submission.id).into_iter().collect()
    } else {
        match Phone::parse(name, None) {
            Reading::Valid(phone) | Reading::Unusual(phone, _) => {
                let rows = store.of_number(&phone.e164()).await?;
                rows.into_iter().map(|entry| entry.submission.id).collect()
            }
            Reading::Impossible(_) => Vec::new(),
        }
    };
    if found.is_empty() {
        let why = format!(
            "there is no row `{}`; name one by its `submission` in `rolodesk results --format \
             json`, or by its number with its country code",
            safe(name)
        );
        return Err(ConfigError::Usage(why).into());
    }
    Ok(found)
}
