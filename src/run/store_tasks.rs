//! The small errands of the screen that touch the disk, so that the loop never waits:
//! saving the half-typed contact, asking who holds a number, reading a row's details.

use jiff::Timestamp;
use tokio::{
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    task::JoinHandle,
};

use super::awaited_store::AwaitedStore;

use crate::{
    contact::{Draft, E164},
    store::{ContactQuery, Store, StoreError},
    submission::{Group, Origin, Page, Status, SubmissionId},
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
    Save(Box<Draft>),
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
    task: JoinHandle<()>,
}

impl StoreTasks {
    /// Begins once the store is open.
    pub(super) fn new(store: AwaitedStore, events: UnboundedSender<Event>) -> Self {
        let (tasks, inbox) = mpsc::unbounded_channel();
        let store_tasks = Self { tasks, task: tokio::spawn(work(store, inbox, events)) };
        store_tasks.send(StoreTask::Theme);
        store_tasks
    }

    pub(super) fn save(&self, draft: Draft) {
        self.send(StoreTask::Save(Box::new(draft)));
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

    /// Finishes what was asked for.
    pub(super) async fn finish(self) {
        drop(self.tasks);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "a task failed");
        }
    }
}

/// The half-typed contact of the last run, if there is one.
pub(super) async fn saved_draft(store: &Store) -> Option<Draft> {
    let text = store.recall(DRAFT).await.ok().flatten()?;
    serde_json::from_str(&text).ok()
}

async fn work(
    store: AwaitedStore,
    mut inbox: UnboundedReceiver<StoreTask>,
    events: UnboundedSender<Event>,
) {
    let Some(store) = store.opened().await else { return };
    while let Some(task) = inbox.recv().await {
        let answer = match task {
            StoreTask::Save(draft) => save(&store, &draft).await,
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
}

async fn save(store: &Store, draft: &Draft) -> Option<Event> {
    let text = (*draft != Draft::default()).then(|| serde_json::to_string(draft).ok()).flatten();
    let failed = store.remember(DRAFT, text.as_deref()).await.err()?;
    Some(Event::Notice(format!("the half-typed contact is not saved: {failed}")))
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
