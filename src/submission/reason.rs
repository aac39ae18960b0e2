//! Why a row stands where it stands, in one sentence for people and programs alike.

use super::{Change, Entry, Owner, Status};

impl Entry {
    /// The sentence; `None` when the status says it all. It may hold the platform's words:
    /// clean it before it is drawn or printed.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        let change = self.task.change().map(Change::describe);
        match &self.status {
            Status::Queued(waiting) | Status::Unclear(waiting) => {
                match (change, &waiting.because) {
                    (Some(change), Some(because)) => Some(format!("{change}: {because}")),
                    (change, because) => change.or_else(|| because.clone()),
                }
            }
            Status::Sending => change,
            Status::Created { remark, .. } => remark.clone(),
            Status::Deleted { .. } => Some("deleted since".into()),
            Status::Duplicate { owners, remark } => Some(whose(owners, remark.as_deref())),
            Status::Rejected { reason } | Status::Attention { reason } => Some(reason.clone()),
        }
    }
}

fn whose(owners: &[Owner], remark: Option<&str>) -> String {
    let names: Vec<_> = owners.iter().filter_map(|owner| owner.full_name.as_deref()).collect();
    match (names.as_slice(), remark) {
        ([], None) => "the number is taken".to_owned(),
        ([], Some(remark)) => remark.to_owned(),
        (names, None) => format!("belongs to {}", names.join(" and ")),
        (names, Some(remark)) => format!("belongs to {}: {remark}", names.join(" and ")),
    }
}
