//! The delivery between a real store and the sandbox: faults, limits, arrays, several
//! workers, and processes that are killed.

use std::{
    collections::HashSet,
    path::Path,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use rolodesk::{
    api,
    contact::{Contact, Extension, Name, Phone, Region, Salutation},
    delivery::{self, Handle, clock},
    headless::sentences,
    sandbox::{Faults, Sandbox, SandboxSettings},
    store::{DirectoryStorage, Estate, Limits, Scope, Store},
    submission::{
        Change, Counts, Entry, Group, Origin, Page, PlatformHealth, Status, Submission,
        SubmissionId, Update,
    },
};
use tempfile::TempDir;
use tokio::{sync::mpsc, task::JoinHandle};

use crate::terminal::{Session, Start};

const PATIENCE: Duration = Duration::from_mins(3);

/// The number of contact `n`: a mobile of Germany, so that all are in the plan.
pub fn number(n: u32) -> String {
    format!("1511{n:07}")
}

pub fn contact(n: u32) -> Contact {
    Contact {
        salutation: Salutation::parse("Mrs").unwrap(),
        first_name: Name::parse("Ngọc").unwrap(),
        last_name: Name::parse(&format!("Trần {n}")).unwrap(),
        phone: Phone::from_parts(Region::from_code("DE"), 49, &number(n)).unwrap(),
        extension: Extension::parse("+").unwrap(),
    }
}

pub fn submissions(numbers: impl IntoIterator<Item = u32>, origin: Origin) -> Vec<Submission> {
    let submission = |n| Submission {
        id: SubmissionId::fresh(),
        contact: contact(n),
        origin,
        submitted_at: Timestamp::now(),
        corrects: None,
    };
    numbers.into_iter().map(submission).collect()
}

/// A sandbox, and a store that any number of workers share.
pub struct Rig {
    pub folder: TempDir,
    pub sandbox: Sandbox,
    limit: u32,
}

impl Rig {
    /// `taken` are numbers that somebody else already holds.
    pub fn new(limit: u32, faults: &str, taken: impl IntoIterator<Item = u32>) -> Self {
        Self::with_pages(limit, faults, taken, 50)
    }

    /// With so many contacts on a page of the platform's list.
    pub fn with_pages(
        limit: u32,
        faults: &str,
        taken: impl IntoIterator<Item = u32>,
        page_size: usize,
    ) -> Self {
        let seed = taken
            .into_iter()
            .map(|n| ["Mr".into(), "Jane".into(), "Roe".into(), format!("+49{}", number(n))]);
        let settings = SandboxSettings {
            limit,
            faults: faults.parse().unwrap(),
            seed: seed.collect(),
            page_size,
            ..SandboxSettings::demo()
        };
        let sandbox = Sandbox::start(rolodesk::sandbox::loopback(), settings).unwrap();
        Self { folder: tempfile::tempdir().unwrap(), sandbox, limit }
    }

    fn env(&self, name: &str) -> String {
        self.sandbox.env().into_iter().find(|(known, _)| *known == name).unwrap().1
    }

    pub async fn store(&self) -> Store {
        let [host, account, stream] =
            ["HOST", "ACCOUNT_ID", "STREAM_ID"].map(|key| self.env(&format!("ROLODESK_{key}")));
        let scope = Scope {
            profile: "default".into(),
            estate: Estate::new(&host, &account, &stream),
            limits: Limits::per_minute(self.limit),
            directory: DirectoryStorage::OnDisk,
            agent: "ada".into(),
            machine: "desk".into(),
        };
        Store::open(&self.folder.path().join("store.db"), scope, clock::now()).await.unwrap()
    }

    pub async fn worker(&self) -> Worker {
        self.worker_with(Duration::from_secs(2)).await
    }

    pub fn client(&self, call_timeout: Duration) -> api::Client {
        let client = api::Client::new(api::ClientSettings {
            host: self.sandbox.host(),
            stream_id: self.env("ROLODESK_STREAM_ID"),
            account_id: self.env("ROLODESK_ACCOUNT_ID"),
            credential: api::Credential::Signed {
                client_id: self.env("ROLODESK_CLIENT_ID"),
                secret: self.env("ROLODESK_CLIENT_SECRET").into(),
                algorithm: api::Algorithm::Hs256,
                subject: "1".into(),
                lifetime: Some(Duration::from_mins(5)),
            },
            ca_file: None,
            duplicate_phrases: Vec::new(),
            renewal: None,
            connect_timeout: Duration::from_secs(2),
            call_timeout,
        });
        client.unwrap()
    }

    async fn worker_with(&self, call_timeout: Duration) -> Worker {
        let (store, client) = (self.store().await, self.client(call_timeout));
        let (sender, updates) = mpsc::unbounded_channel();
        let settings = delivery::WorkerSettings::default();
        let (handle, task) = delivery::spawn(store.clone(), client, settings, sender);
        Worker { store, handle, updates, task }
    }

    /// How many contacts each create carried.
    fn creates(&self) -> Vec<usize> {
        let posts = self.sandbox.requests().into_iter().filter(|seen| seen.method == "POST");
        posts
            .map(|seen| {
                let body: serde_json::Value = serde_json::from_slice(&seen.body).unwrap();
                body.as_array().unwrap().len()
            })
            .collect()
    }

    #[track_caller]
    fn holds_each_once(&self, numbers: impl IntoIterator<Item = u32>) {
        let held: Vec<_> = self.sandbox.contacts().into_iter().map(|held| held.number).collect();
        let unique: HashSet<_> = held.iter().cloned().collect();
        assert_eq!(held.len(), unique.len(), "a number is there twice");
        for n in numbers {
            assert!(unique.contains(&format!("+49{}", number(n))), "{n} is missing");
        }
    }
}

pub struct Worker {
    pub store: Store,
    pub handle: Handle,
    pub updates: mpsc::UnboundedReceiver<Update>,
    task: JoinHandle<()>,
}

impl Worker {
    pub async fn submit_all(&self, submissions: &[Submission]) {
        self.store.accept(submissions, clock::now()).await.unwrap();
        self.handle.retry(None);
    }

    /// Waits until the counts are as wanted, and nothing waits any more.
    pub async fn settles(&mut self, what: &str, holds: impl Fn(&Counts) -> bool) -> Counts {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let counts = self.store.counts().await.unwrap();
            let looked_up = self.store.lookups(1).await.unwrap().is_empty();
            if counts.waiting() == 0 && looked_up && holds(&counts) {
                return counts;
            }
            match tokio::time::timeout_at(deadline, self.updates.recv()).await {
                Ok(Some(_)) => {}
                Ok(None) => panic!("the worker ended with {counts:?}"),
                Err(tokio::time::error::Elapsed { .. }) => {
                    panic!("not {what}: {counts:?}\n{:#?}", self.unsettled().await)
                }
            }
        }
    }

    /// Waits for this, whatever waits then.
    async fn comes_to(&self, what: &str, holds: impl Fn(&Counts) -> bool) {
        let start = Instant::now();
        loop {
            let counts = self.store.counts().await.unwrap();
            if holds(&counts) {
                return;
            }
            assert!(start.elapsed() < PATIENCE, "not {what}: {counts:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn unsettled(&self) -> Vec<Entry> {
        let page = |group| Page { groups: vec![group], limit: 5, ..Page::default() };
        let mut rows = self.store.page(&page(Group::Queued)).await.unwrap();
        rows.extend(self.store.page(&page(Group::Attention)).await.unwrap());
        rows
    }

    pub async fn all(&self) -> Vec<Entry> {
        self.store.page(&Page { limit: 10_000, ..Page::default() }).await.unwrap()
    }

    pub async fn stop(self) {
        drop(self.handle);
        self.task.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_of_a_bad_day_is_settled_to_the_truth() {
    for faults in [
        "drop-before=0.3,seed=3",
        "drop-after=0.4,seed=4",
        "truncate=0.4,seed=5",
        "html=0.3,status-503=0.2,seed=6",
        "drop-after=0.2,truncate=0.2,status-500=0.1,latency=1ms..30ms,seed=7",
    ] {
        let rig = Rig::new(6_000, faults, []);
        let mut worker = rig.worker().await;
        worker.submit_all(&submissions(0..12, Origin::Form)).await;
        let counts = worker.settles("all created", |counts| counts.created == 12).await;
        assert_eq!(counts.all(), 12, "{faults}");
        rig.holds_each_once(0..12);
        worker.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_never_comes_is_unclear_until_it_is_looked_up() {
    let rig = Rig::new(600, "latency=5s", []);
    let mut worker = rig.worker_with(Duration::from_millis(300)).await;
    let one = submissions([1], Origin::Form);
    worker.submit_all(&one).await;
    loop {
        let Some(Update::Entry(entry)) = worker.updates.recv().await else { continue };
        if matches!(entry.status, Status::Unclear(_)) {
            break;
        }
        assert!(!matches!(entry.status, Status::Created { .. } | Status::Duplicate { .. }));
    }
    rig.sandbox.set_faults(Faults::default());
    worker.settles("created", |counts| counts.created == 1).await;
    rig.holds_each_once([1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_of_the_same_name_is_never_claimed() {
    let rig = Rig::new(600, "", []);
    let mut worker = rig.worker().await;
    // Somebody else has entered the same person under the same number before.
    worker.submit_all(&submissions([1], Origin::Form)).await;
    worker.settles("created", |counts| counts.created == 1).await;
    worker.submit_all(&submissions([1], Origin::Form)).await;
    worker.settles("a duplicate", |counts| counts.duplicate == 1).await;
    let rows = worker.all().await;
    let Status::Duplicate { owners, .. } = &rows[0].status else { panic!("{rows:?}") };
    assert_eq!(owners[0].full_name.as_deref(), Some("Ngọc Trần 1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_cannot_be_read_holds_up_nobody_and_is_not_asked_for_ever() {
    let rig = Rig::new(600, "list-500=1", [1]);
    let mut worker = rig.worker().await;
    worker.submit_all(&submissions([1], Origin::Form)).await;
    while !matches!(worker.store.counts().await.unwrap(), Counts { duplicate: 1, .. }) {
        worker.updates.recv().await.unwrap();
    }
    let begun = Instant::now();
    worker.submit_all(&submissions([2], Origin::Form)).await;
    while !matches!(worker.store.counts().await.unwrap(), Counts { created: 1, .. }) {
        worker.updates.recv().await.unwrap();
    }
    // Far from the waits between two tries of the list.
    assert!(begun.elapsed() < Duration::from_secs(3));
    worker.settles("told", |counts| counts.duplicate == 1).await;
    let rows = worker.all().await;
    let Status::Duplicate { remark, .. } = &rows[1].status else { panic!("{rows:?}") };
    assert!(sentences::reason(remark.as_ref().unwrap()).contains("cannot be read"), "{remark:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_on_the_last_of_many_pages_is_found_within_the_limit() {
    let rig = Rig::with_pages(600, "", 0..500, 10);
    let mut worker = rig.worker().await;
    worker.submit_all(&submissions([499], Origin::Form)).await;
    worker.settles("a duplicate", |counts| counts.duplicate == 1).await;
    let rows = worker.all().await;
    let Status::Duplicate { owners, .. } = &rows[0].status else { panic!("{rows:?}") };
    assert_eq!(owners[0].full_name.as_deref(), Some("Jane Roe"));
    assert_eq!(rig.sandbox.refused(), 0);
}

/// Where every process is short, one that began at the start of a long list each time would
/// never come to its end.
#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_is_read_on_where_another_process_stopped() {
    let rig = Rig::with_pages(600, "latency=20ms", 0..300, 5);
    let pages = || {
        let asked = rig.sandbox.requests().into_iter().filter(|seen| seen.method == "GET");
        asked.map(|seen| seen.path).collect::<Vec<_>>()
    };
    let worker = rig.worker().await;
    worker.submit_all(&submissions([299], Origin::Form)).await;
    while pages().len() < 6 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    worker.stop().await;
    let before = pages().len();
    let mut worker = rig.worker().await;
    // One of the first, which the directory knows.
    worker.submit_all(&submissions([2], Origin::Form)).await;
    worker.settles("two duplicates", |counts| counts.duplicate == 2).await;
    let after = pages().split_off(before);
    assert!(!after[0].contains("skip=0"), "{after:?}");
    let rows = worker.all().await;
    for row in &rows {
        let Status::Duplicate { owners, .. } = &row.status else { panic!("{rows:?}") };
        assert_eq!(owners[0].full_name.as_deref(), Some("Jane Roe"), "{rows:?}");
    }
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_contacts_go_out_in_the_first_minute_and_none_is_refused() {
    let rig = Rig::new(60, "", []);
    let mut worker = rig.worker().await;
    let begun = Instant::now();
    worker.submit_all(&submissions(0..1_000, Origin::Import)).await;
    worker.settles("all created", |counts| counts.created == 1_000).await;
    // The limit's own minute, not a measure of speed.
    assert!(begun.elapsed() < Duration::from_mins(1));
    assert_eq!(rig.sandbox.refused(), 0);
    assert!(rig.creates().len() <= 50, "forms' reserve was used: {:?}", rig.creates());
    rig.holds_each_once(0..1_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn duplicates_in_arrays_are_told_apart_whatever_the_platform_does_with_arrays() {
    // Side by side: each mostly waits for its minute.
    tokio::join!(
        told_apart("arrays=all-or-nothing,duplicates=numbers"),
        told_apart("arrays=all-or-nothing,duplicates=errors"),
        told_apart("arrays=good-ones,duplicates=existing"),
        told_apart("arrays=reorder,duplicates=database"),
    );
}

async fn told_apart(faults: &str) {
    let rig = Rig::new(120, faults, [3, 17, 18, 100, 199]);
    let mut worker = rig.worker().await;
    worker.submit_all(&submissions(0..200, Origin::Form)).await;
    let counts = worker.settles("told apart", |counts| counts.created == 195).await;
    assert_eq!((counts.duplicate, counts.attention), (5, 0), "{faults}");
    for row in worker.all().await {
        if let Status::Duplicate { owners, .. } = row.status {
            assert_eq!(owners[0].full_name.as_deref(), Some("Jane Roe"), "{faults}");
        }
    }
    assert_eq!(rig.sandbox.refused(), 0, "{faults}");
    assert!(rig.creates().iter().any(|count| *count > 1), "{faults}: no arrays were used");
    assert_eq!(worker.store.recall("arrays").await.unwrap(), None, "nothing was lost");
    rig.holds_each_once(0..200);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_that_loses_contacts_from_arrays_gets_no_more_of_them() {
    let rig = Rig::new(60, "arrays=first-only", []);
    let mut worker = rig.worker().await;
    worker.submit_all(&submissions(0..70, Origin::Form)).await;
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while worker.store.recall("arrays").await.unwrap().is_none() {
        tokio::time::timeout_at(deadline, worker.updates.recv()).await.expect("arrays go off");
    }
    let then = rig.creates().len();
    while rig.creates().len() < then + 20 {
        tokio::time::timeout_at(deadline, worker.updates.recv()).await.expect("it goes on");
    }
    // Those under way at that moment may still be arrays.
    assert!(rig.creates()[then + 4..].iter().all(|count| *count == 1), "{:?}", rig.creates());
    worker.stop().await;
    let mut later = rig.worker().await;
    assert_eq!(later.store.recall("arrays").await.unwrap().as_deref(), Some("off"));
    later.updates.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_overtakes_an_import_under_way() {
    let rig = Rig::new(60, "latency=20ms", []);
    let mut worker = rig.worker().await;
    worker.submit_all(&submissions(0..40, Origin::Import)).await;
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while rig.creates().len() < 5 {
        tokio::time::timeout_at(deadline, worker.updates.recv()).await.expect("the import goes on");
    }
    worker.handle.submit(submissions([777], Origin::Form).remove(0));
    let sent = || {
        let seen = rig.sandbox.requests();
        seen.iter().position(|it| String::from_utf8_lossy(&it.body).contains(&number(777)))
    };
    while sent().is_none() {
        tokio::time::timeout_at(deadline, worker.updates.recv()).await.expect("the form is sent");
    }
    assert!(sent().unwrap() <= 7, "sent as request {}", sent().unwrap());
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_on_one_store_create_everything_once() {
    let rig = Rig::new(6_000, "latency=1ms..40ms,drop-after=0.1,seed=9", []);
    let (mut one, two) = (rig.worker().await, rig.worker().await);
    one.submit_all(&submissions(0..40, Origin::Import)).await;
    two.submit_all(&submissions(40..80, Origin::Import)).await;
    let counts = one.settles("all created", |counts| counts.created == 80).await;
    assert_eq!(counts.duplicate + counts.attention, 0, "one of our own is told as a duplicate");
    rig.holds_each_once(0..80);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limits_texts_hold_everybody_and_nothing_is_lost() {
    for faults in ["status-429=0.5,retry-after=1,seed=11", "limit=3,retry-after=2,seed=12"] {
        let rig = Rig::new(600, faults, []);
        let mut worker = rig.worker().await;
        worker.submit_all(&submissions(0..3, Origin::Form)).await;
        worker.settles("all created", |counts| counts.created == 3).await;
        rig.holds_each_once(0..3);
        worker.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_secret_pauses_the_queue_and_loses_nothing() {
    let rig = Rig::new(600, "", []);
    let store = rig.store().await;
    let settings = |secret: String| api::ClientSettings {
        host: rig.sandbox.host(),
        stream_id: rig.env("ROLODESK_STREAM_ID"),
        account_id: rig.env("ROLODESK_ACCOUNT_ID"),
        credential: api::Credential::Signed {
            client_id: rig.env("ROLODESK_CLIENT_ID"),
            secret: secret.into(),
            algorithm: api::Algorithm::Hs256,
            subject: "1".into(),
            lifetime: None,
        },
        ca_file: None,
        duplicate_phrases: Vec::new(),
        renewal: None,
        connect_timeout: Duration::from_secs(2),
        call_timeout: Duration::from_secs(2),
    };
    store.accept(&submissions(0..30, Origin::Form), clock::now()).await.unwrap();
    let (sender, mut updates) = mpsc::unbounded_channel();
    let wrong = api::Client::new(settings("wrong".into())).unwrap();
    let options = delivery::WorkerSettings::default();
    let (handle, task) = delivery::spawn(store.clone(), wrong, options, sender);
    let deadline = tokio::time::Instant::now() + PATIENCE;
    let reason = loop {
        let update = tokio::time::timeout_at(deadline, updates.recv()).await.expect("a refusal");
        if let Some(Update::PlatformHealth(PlatformHealth::Refused(refusal))) = update {
            break sentences::refusal(&refusal);
        }
    };
    assert!(reason.contains("client secret"), "{reason}");
    drop(handle);
    task.await.unwrap();
    assert!(rig.creates().len() <= 4, "the whole queue was thrown at it: {:?}", rig.creates());
    assert_eq!(store.counts().await.unwrap().queued, 30, "nothing is lost or told as unclear");
    let mut worker = rig.worker().await;
    worker.settles("all created", |counts| counts.created == 30).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_contact_that_a_gateway_refuses_holds_up_no_other() {
    for origin in [Origin::Form, Origin::Import] {
        let rig = Rig::new(600, "gateway=Trần 3", []);
        let worker = rig.worker().await;
        worker.submit_all(&submissions(0..40, origin)).await;
        // Those are 3 and 30 to 39.
        worker.comes_to("the others are created", |counts| counts.created == 29).await;
        rig.holds_each_once((0..30).filter(|n| *n != 3));
        let told = worker.all().await.iter().any(|entry| entry.reason().is_some());
        assert!(told, "nobody says why it waits");
        worker.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_change_contacts_goes_on_creating_them() {
    let rig = Rig::new(600, "refuse-changes=1", []);
    let mut worker = rig.worker().await;
    worker.submit_all(&submissions(0..1, Origin::Form)).await;
    worker.settles("the first is created", |counts| counts.created == 1).await;
    let first = worker.all().await.remove(0);
    let id = first.status.created_id().unwrap().clone();
    worker.handle.change(first.submission.id, Change::Delete(id));
    worker.comes_to("the deletion waits", |counts| counts.queued == 1).await;
    worker.submit_all(&submissions(1..20, Origin::Import)).await;
    worker.comes_to("all others are created", |counts| counts.created == 19).await;
    let deletion = worker.all().await.into_iter().find(|it| it.task.change().is_some()).unwrap();
    let waiting = deletion.status.waiting().unwrap();
    assert!(waiting.until.is_some(), "{deletion:?}");
    assert!(sentences::row(&deletion).unwrap().contains("may not change"), "{deletion:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_was_refused_goes_on_by_itself_once_it_is_accepted() {
    let rig = Rig::new(600, "refuse=1", []);
    let mut worker = rig.worker().await;
    worker.submit_all(&submissions(0..5, Origin::Form)).await;
    while !matches!(
        worker.updates.recv().await,
        Some(Update::PlatformHealth(PlatformHealth::Refused(_)))
    ) {}
    rig.sandbox.set_faults(Faults::default());
    worker.settles("all created", |counts| counts.created == 5).await;
    rig.holds_each_once(0..5);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_program_that_locks_the_store_for_seconds_loses_nothing() {
    let rig = Rig::new(600, "", []);
    let mut worker = rig.worker().await;
    let path = rig.folder.path().join("store.db");
    let other = rusqlite::Connection::open(path).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    worker.handle.submit(submissions([1], Origin::Form).remove(0));
    tokio::time::timeout(Duration::from_secs(2), async {
        while let Some(update) = worker.updates.recv().await {
            assert!(!matches!(update, Update::NotStored { .. }), "{update:?}");
        }
    })
    .await
    .unwrap_err();
    other.execute_batch("COMMIT").unwrap();
    worker.settles("created", |counts| counts.created == 1).await;
}

/// The built program on the store, until it is killed.
pub fn form<'a>(rig: &Rig, home: &'a Path) -> Start<'a> {
    let env = rig.sandbox.env().into_iter().map(|(name, value)| (name.to_owned(), value));
    let more = [
        ("ROLODESK_DATA_DIR".to_owned(), rig.folder.path().display().to_string()),
        ("ROLODESK_REQUESTS_PER_MINUTE".to_owned(), rig.limit.to_string()),
    ];
    Start::new(home, &[]).env(env).env(more)
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_dozens_of_times_it_still_creates_everything_exactly_once() {
    let rig = Rig::new(6_000, "latency=5ms..120ms,drop-after=0.15,truncate=0.1,seed=21", []);
    let home = tempfile::tempdir().unwrap();
    let store = rig.store().await;
    store.accept(&submissions(0..48, Origin::Form), clock::now()).await.unwrap();
    for kill in 0..30_u64 {
        let mut session: Session = form(&rig, home.path()).run();
        session.sees("New contact");
        // Anywhere between the first request and the tenth or so.
        let moment = Duration::from_millis(kill * 37 % 250);
        tokio::time::sleep(moment).await;
        session.signal("KILL");
        session.ends();
    }
    let mut worker = rig.worker().await;
    let counts = worker.settles("all created", |counts| counts.created == 48).await;
    assert_eq!(counts.all(), 48);
    rig.holds_each_once(0..48);
}
