//! One list request outside the worker, paced like the worker's own: how `doctor` and
//! `setup` learn whether the platform accepts us.

use super::{clock, policy::list_end};
use crate::{
    api::{Client, ListAnswer},
    store::{Class, Store, StoreError},
};

/// Asks the platform for one contact. `Ok(Err(ms))`: the account's limit leaves no
/// request for this many milliseconds, and nothing was sent.
///
/// # Errors
/// When the store cannot say whether a request may go out; then none does.
pub async fn probe(store: &Store, client: &Client) -> Result<Result<ListAnswer, i64>, StoreError> {
    let slot = match store.take_slot(Class::Form, clock::now()).await? {
        Ok(slot) => slot,
        Err(wait_ms) => return Ok(Err(wait_ms)),
    };
    let answer = client.list(0, 1).await;
    let end = list_end(answer.reply.as_ref().err());
    // The answer is worth more than the slot, which frees by itself a little later.
    if let Err(error) = store.finish_request(slot, end, clock::now()).await {
        tracing::warn!(%error, "a request's slot could not be given back");
    }
    Ok(Ok(answer))
}
