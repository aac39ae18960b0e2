//! The small errands of the screen that touch the disk, so that the loop never waits:
//! saving the half-typed contact, asking who holds a number, reading a row's details.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::{
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    task::JoinHandle,
};
use uuid::Uuid;

use super::awaited_store::AwaitedStore;

use crate::{
    contact::{Draft, E164},
    delivery,
    store::{ContactQuery, Store, StoreError},
    submission::{Entry, Group, Origin, Page, Status, SubmissionId},
    tui::Event,
};

/// Where the store keeps the half-typed contact.
const DRAFT: &str = "draft";
/// Where it keeps the name of the colours that were chosen.
const THEME: &str = "theme";
/// Contacts that one search shows.
const MOST_FOUND: u32 = 50;

#[derive(Debug)]
enum StoreTask {
    Save(Box<KeptDraft>),
    LookUp(E164),
    Details(SubmissionId),
    Inbox(Timestamp),
    Find(String),
    KeepTheme(String),
    Theme,
}

/// Does errands one after the other, so that the newest draft is the one that stays.
#[derive(Debug)]
pub(super) struct StoreTasks {
    tasks: UnboundedSender<StoreTask>,
    /// Whether the newest draft is on disk.
    task: JoinHandle<bool>,
}

impl StoreTasks {
    /// Begins once the store is open.
    pub(super) fn new(store: AwaitedStore, events: UnboundedSender<Event>) -> Self {
        let (tasks, inbox) = mpsc::unbounded_channel();
        let store_tasks = Self { tasks, task: tokio::spawn(work(store, inbox, events)) };
        store_tasks.send(StoreTask::Theme);
        store_tasks
    }

    pub(super) fn save(&self, draft: Draft, corrects: Option<SubmissionId>) {
        let corrects = corrects.map(|id| id.0);
        self.send(StoreTask::Save(Box::new(KeptDraft { draft, corrects })));
    }

    pub(super) fn look_up(&self, number: E164) {
        self.send(StoreTask::LookUp(number));
    }

    pub(super) fn details(&self, id: SubmissionId) {
        self.send(StoreTask::Details(id));
    }

    /// The known contacts that a text finds.
    pub(super) fn find(&self, query: String) {
        self.send(StoreTask::Find(query));
    }

    /// Keeps the name of the colours that were chosen.
    pub(super) fn keep_theme(&self, name: String) {
        self.send(StoreTask::KeepTheme(name));
    }

    /// What waits for a person, and what was typed since `midnight`.
    pub(super) fn inbox(&self, midnight: Timestamp) {
        self.send(StoreTask::Inbox(midnight));
    }

    /// The store tasks outlives the loop; only a panic ends it early, and that is told there.
    fn send(&self, task: StoreTask) {
        let _ = self.tasks.send(task);
    }

    /// Comes when the store tasks can do no more: a panic, or a store that is not opened.
    pub(super) async fn stopped(&self) {
        self.tasks.closed().await;
    }

    /// Finishes what was asked for; whether the newest draft is kept.
    pub(super) async fn finish(self) -> bool {
        drop(self.tasks);
        self.task.await.unwrap_or_else(|error| {
            tracing::error!(%error, "a task failed");
            false
        })
    }
}

/// The half-typed contact as it is kept, in one piece with which row it corrects: a kill can
/// not leave one without the other.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct KeptDraft {
    #[serde(flatten)]
    draft: Draft,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    corrects: Option<Uuid>,
}

/// What was in the form when the last run ended.
#[derive(Debug, Default)]
pub(super) struct SavedForm {
    pub(super) draft: Option<Draft>,
    /// The row that it corrects, kept from going out.
    pub(super) correcting: Option<Entry>,
    /// The row that it was to correct, which has left since.
    gone: Option<Entry>,
}

impl SavedForm {
    /// What to say where a correction came too late.
    pub(super) fn went_out(&self) -> Option<String> {
        let name = self.gone.as_ref()?.submission.contact.full_name();
        Some(format!("{name} went out as it was before it was corrected; look at that row first."))
    }
}

/// The half-typed contact of the last run. A row that it corrects is held before anything is
/// sent, however long ago that was.
pub(super) async fn saved_draft(store: &Store) -> SavedForm {
    let text = store.recall(DRAFT).await.ok().flatten();
    let kept = text.and_then(|text| serde_json::from_str::<KeptDraft>(&text).ok());
    let Some(KeptDraft { draft, corrects }) = kept else { return SavedForm::default() };
    let mut saved = SavedForm { draft: Some(draft), ..SavedForm::default() };
    if let Some(id) = corrects.map(SubmissionId) {
        match delivery::hold(store, id).await {
            Ok(Some(row)) => saved.correcting = Some(row),
            Ok(None) => {
                let row = store.entry(id).await.ok().flatten().map(|(row, _)| row);
                match row {
                    Some(row) if !matches!(row.status.group(), Group::Queued | Group::Sending) => {
                        saved.correcting = Some(row);
                    }
                    gone => saved.gone = gone,
                }
            }
            Err(error) => tracing::error!(%error, "a row that is being corrected is not held"),
        }
    }
    saved
}

async fn work(
    store: AwaitedStore,
    mut inbox: UnboundedReceiver<StoreTask>,
    events: UnboundedSender<Event>,
) -> bool {
    let Some(store) = store.opened().await else { return false };
    let mut is_kept = true;
    while let Some(task) = inbox.recv().await {
        let answer = match task {
            StoreTask::Save(draft) => {
                let saved = save(&store, &draft).await;
                is_kept = saved.is_ok();
                Some(Event::DraftSaved(saved.map_err(|error| error.to_string())))
            }
            StoreTask::LookUp(number) => known(&store, number).await,
            StoreTask::Details(id) => details(&store, id).await,
            StoreTask::Find(query) => find(&store, query).await,
            StoreTask::KeepTheme(name) => {
                let kept = store.remember(THEME, Some(&name)).await;
                kept.err().map(|error| Event::Notice(error.to_string()))
            }
            StoreTask::Theme => store.recall(THEME).await.ok().flatten().map(Event::Theme),
            StoreTask::Inbox(midnight) => Some(read_inbox(&store, midnight).await),
        };
        if let Some(event) = answer {
            // The loop ends before the store tasks does.
            let _ = events.send(event);
        }
    }
    is_kept
}

async fn save(store: &Store, kept: &KeptDraft) -> Result<(), StoreError> {
    let is_something = *kept != KeptDraft::default();
    let text = is_something.then(|| serde_json::to_string(kept).ok()).flatten();
    store.remember(DRAFT, text.as_deref()).await
}

async fn known(store: &Store, number: E164) -> Option<Event> {
    let owners = store.known(&number).await.ok()?;
    Some(Event::Known { number, owners })
}

async fn find(store: &Store, query: String) -> Option<Event> {
    let search = Some(query.clone()).filter(|query| !query.trim().is_empty());
    let wanted = ContactQuery { search, after: None, limit: MOST_FOUND };
    match store.contacts(&wanted).await {
        Ok(contacts) => Some(Event::Found { query, contacts }),
        Err(error) => Some(Event::Notice(error.to_string())),
    }
}

/// More than anybody decides in a day; beyond that the newest are enough.
const MOST_IN_INBOX: u32 = 5_000;

async fn read_inbox(store: &Store, midnight: Timestamp) -> Event {
    let waiting = Page {
        groups: vec![Group::Duplicate, Group::Attention],
        limit: MOST_IN_INBOX,
        ..Page::default()
    };
    let mine = Page {
        since: Some(midnight),
        origin: Some(Origin::Form),
        limit: MOST_IN_INBOX,
        ..Page::default()
    };
    let both = async {
        let mut rows = store.page(&waiting).await?;
        rows.extend(store.page(&mine).await?);
        Ok::<_, StoreError>(rows)
    };
    Event::Inbox(both.await.ok())
}

async fn details(store: &Store, id: SubmissionId) -> Option<Event> {
    match row(store, id).await {
        Ok(Some(event)) => Some(event),
        Ok(None) => Some(Event::Notice("this row is gone".into())),
        Err(error) => Some(Event::Notice(error.to_string())),
    }
}

/// The row with its attempts, and what the directory knows of the contacts it is about.
async fn row(store: &Store, id: SubmissionId) -> Result<Option<Event>, StoreError> {
    let Some((entry, attempts)) = store.entry(id).await? else { return Ok(None) };
    let ids: Vec<_> = match &entry.status {
        Status::Duplicate { owners, .. } => owners.iter().filter_map(|it| it.id.clone()).collect(),
        Status::Created { id, .. } | Status::Deleted { id } => vec![id.clone()],
        Status::Queued(_)
        | Status::Sending
        | Status::Unclear(_)
        | Status::Rejected { .. }
        | Status::Attention { .. } => Vec::new(),
    };
    let existing = store.records(&ids).await?;
    Ok(Some(Event::Details { entry, attempts, existing }))
}
