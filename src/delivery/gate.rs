//! Where others are asked before each request: a floor that shares one account lets only one
//! of its processes send, and counts what it sends.

use std::{fmt::Debug, future::Future, pin::Pin, sync::Arc};

use crate::{
    store::{Class, RequestEnd},
    submission::{Failure, SubmissionId},
};

/// An answer that is waited for.
pub type Asked<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Who is asked right before a request leaves, and told when it is over.
pub trait Gate: Debug + Send + Sync {
    /// Whether a request for these rows may leave now; the number is given back at its end.
    /// What is refused provably never left.
    fn begin(&self, class: Class, rows: Vec<SubmissionId>) -> Asked<'_, Result<i64, Failure>>;

    /// The request is over.
    fn end(&self, slot: i64, end: RequestEnd) -> Asked<'_, ()>;
}

/// The way to the wire for one request: through the gate, where there is one.
#[derive(Debug, Clone)]
pub(super) struct Passage {
    pub(super) gate: Option<Arc<dyn Gate>>,
    pub(super) class: Class,
    pub(super) rows: Vec<SubmissionId>,
}

impl Passage {
    /// Does `request` if it may leave; `end` reads from its answer what it was to the limit.
    pub(super) async fn through<T>(
        self,
        request: impl Future<Output = T>,
        end: impl FnOnce(&T) -> RequestEnd,
        refused: impl FnOnce(Failure) -> T,
    ) -> T {
        let Some(gate) = self.gate else { return request.await };
        match gate.begin(self.class, self.rows).await {
            Err(failure) => refused(failure),
            Ok(slot) => {
                let answer = request.await;
                gate.end(slot, end(&answer)).await;
                answer
            }
        }
    }
}
