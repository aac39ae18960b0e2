//! What is known of one estate because it was asked (`doctor --probe`), where otherwise the
//! answers to daily work have to tell, one surprise at a time. Kept in the store.

use serde::{Deserialize, Serialize};

use crate::store::{Store, StoreError};

/// Under which the store keeps it.
const KEY: &str = "estate";

/// How a platform treats an array that holds a taken number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArrayManner {
    /// All are created, or none.
    Together,
    /// The good ones are created and the answer shows them.
    GoodOnes,
    /// The good ones are created although the answer is a refusal.
    GoodOnesUnsaid,
    /// Only the first of any array is created.
    FirstOnly,
    /// No array of several is taken.
    Refused,
}

/// How a platform reads the list's query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListManner {
    /// The most contacts it put on a page.
    pub page: u64,
    /// Whether `limit` is honoured; `None` where too few contacts showed it.
    pub takes_limit: Option<bool>,
    /// Whether `skip` is honoured; `None` where too few contacts showed it.
    pub takes_skip: Option<bool>,
}

/// What was found out; `None` is not known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EstateFacts {
    /// The HTTP status of "this number is taken".
    pub duplicate_status: Option<u16>,
    /// Whether that answer was understood as one.
    pub duplicate_is_understood: Option<bool>,
    /// Whether the refusal of an array names the numbers that are taken.
    pub names_numbers: Option<bool>,
    /// Whether a refusal names whose the number is.
    pub names_owner: Option<bool>,
    /// What becomes of arrays.
    pub arrays: Option<ArrayManner>,
    /// How the list is read; `None` also where there is none.
    pub list: Option<ListManner>,
    /// Whether a deleted contact keeps its number.
    pub deleted_holds_number: Option<bool>,
    /// The HTTP status of the rate limit, once it was met.
    pub limit_status: Option<u16>,
}

impl EstateFacts {
    /// Whether an array may be answered in a way that loses some of its contacts.
    #[must_use]
    pub fn loses_from_arrays(&self) -> bool {
        match self.arrays {
            Some(ArrayManner::FirstOnly | ArrayManner::Refused) => true,
            Some(ArrayManner::Together | ArrayManner::GoodOnes | ArrayManner::GoodOnesUnsaid)
            | None => false,
        }
    }

    /// What the store knows of the estate.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn recall(store: &Store) -> Result<Self, StoreError> {
        let text = store.recall(KEY).await?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    /// Keeps it.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn remember(&self, store: &Store) -> Result<(), StoreError> {
        let text = serde_json::to_string(self).unwrap_or_default();
        store.remember(KEY, Some(&text)).await
    }
}
