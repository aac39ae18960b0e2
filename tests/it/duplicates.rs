//! Duplicates acted on and contacts deleted: requests to the sandbox, faults, `kill -9`,
//! and the directory that is read meanwhile.

use std::time::{Duration, Instant};

use rolodesk::{
    contact::Name,
    headless::sentences,
    sandbox::Held,
    store::ContactQuery,
    submission::{
        Change, DirectoryProgress, Entry, FailureKind, Origin, Status, Submission, SubmissionId,
        Update, Verb,
    },
};

use crate::{
    delivery::{Rig, Worker, form, number, submissions},
    store::change,
    terminal::{CTRL_Q, PATIENCE, Session},
};

/// A worker whose first row is a duplicate of contact 0, Jane Roe.
async fn with_duplicate(rig: &Rig) -> (Worker, Entry) {
    let mut worker = rig.worker().await;
    worker.submit_all(&submissions([0], Origin::Form)).await;
    worker.settles("a duplicate", |counts| counts.duplicate == 1).await;
    let row = worker.all().await.remove(0);
    (worker, row)
}

fn update_of(row: &Entry) -> Change {
    let Status::Duplicate { owners, .. } = &row.status else { panic!("{row:?}") };
    let owner = owners[0].clone();
    Change::Update(owner.id.clone().expect("its id is known"), owner)
}

fn requests(rig: &Rig, method: &str) -> usize {
    rig.sandbox.requests().iter().filter(|seen| seen.method == method).count()
}

fn held(rig: &Rig) -> Held {
    let number = format!("+49{}", number(0));
    let mut held: Vec<_> =
        rig.sandbox.contacts().into_iter().filter(|held| held.number == number).collect();
    assert_eq!(held.len(), 1, "{held:?}");
    held.remove(0)
}

/// Waits until the worker tells a row that `holds`.
async fn told(worker: &mut Worker, what: &str, holds: impl Fn(&Entry) -> bool) -> Entry {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        match tokio::time::timeout_at(deadline, worker.updates.recv()).await {
            Ok(Some(Update::Entry(entry))) if holds(&entry) => return *entry,
            Ok(Some(_)) => {}
            Ok(None) | Err(_) => panic!("no row that is {what}: {:#?}", worker.all().await),
        }
    }
}

fn is_updated(entry: &Entry) -> bool {
    matches!(&entry.status, Status::Duplicate { remark: Some(remark), .. } if sentences::reason(remark).contains("updated"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_existing_contact_is_updated_with_what_was_typed_in_one_paced_request() {
    let rig = Rig::new(600, "", [0]);
    let (mut worker, row) = with_duplicate(&rig).await;
    worker.handle.change(row.submission.id, update_of(&row));
    let row = told(&mut worker, "updated", is_updated).await;
    assert_eq!((held(&rig).first_name.as_str(), requests(&rig, "PUT")), ("Ngọc", 1));
    let Status::Duplicate { owners, .. } = &row.status else { panic!("{row:?}") };
    assert_eq!(owners[0].full_name.as_deref(), Some("Ngọc Trần 0"));
    let known = worker.store.known(&row.submission.contact.phone.e164()).await.unwrap();
    assert_eq!(known[0].name().as_deref(), Some("Ngọc Trần 0"), "the directory knows at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_that_is_dropped_cut_or_refused_for_a_while_is_made_in_the_end() {
    let rig = Rig::new(6_000, "", [0]);
    let (mut worker, row) = with_duplicate(&rig).await;
    let faults = "drop-after=0.4,truncate=0.3,status-503=0.3,status-429=0.1,retry-after=1,seed=5";
    rig.sandbox.set_faults(faults.parse().unwrap());
    worker.handle.change(row.submission.id, update_of(&row));
    told(&mut worker, "updated", is_updated).await;
    assert_eq!(held(&rig).first_name, "Ngọc");
    assert!(requests(&rig, "PUT") > 1, "the faults were met");
    assert_eq!(requests(&rig, "DELETE"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_of_a_contact_that_was_deleted_meanwhile_is_told_and_creates_nothing() {
    let rig = Rig::new(600, "", [0]);
    let (mut worker, row) = with_duplicate(&rig).await;
    let Change::Update(_, owner) = update_of(&row) else { panic!() };
    let gone = Change::Update(rolodesk::submission::ContactId("0".repeat(24)), owner);
    worker.handle.change(row.submission.id, gone);
    let row = told(&mut worker, "put back", |row| {
        matches!(&row.status, Status::Duplicate { remark: Some(_), .. })
    })
    .await;
    assert!(sentences::row(&row).unwrap().contains("no such contact any more"), "{row:?}");
    assert_eq!((held(&rig).first_name.as_str(), requests(&rig, "POST")), ("Jane", 1));
}

/// A row that was created, and what it is to become.
async fn with_created(rig: &Rig) -> (Worker, Entry, Submission) {
    let mut worker = rig.worker().await;
    worker.submit_all(&submissions([0], Origin::Form)).await;
    worker.settles("created", |counts| counts.created == 1).await;
    let row = worker.all().await.remove(0);
    let mut submission = Submission {
        id: SubmissionId::fresh(),
        corrects: Some(row.submission.id),
        ..row.submission.clone()
    };
    submission.contact.first_name = Name::parse("Thanh").unwrap();
    (worker, row, submission)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_created_contact_is_edited_in_place_and_one_row_tells_of_it() {
    let rig = Rig::new(6_000, "", []);
    let (mut worker, row, submission) = with_created(&rig).await;
    rig.sandbox.set_faults("drop-after=0.6,status-503=0.3,seed=7".parse().unwrap());
    worker.handle.correct(submission.clone(), row.submission.id, row.seen());
    let id = submission.id;
    let created = |it: &Entry| it.submission.id == id && it.status.created_id().is_some();
    let edited = told(&mut worker, "edited", created).await;
    assert_eq!(edited.status.created_id(), row.status.created_id());
    assert_eq!((held(&rig).first_name.as_str(), requests(&rig, "POST")), ("Thanh", 1));
    assert_eq!(worker.all().await.len(), 1, "it took the other row's place");
    let known = worker.store.known(&submission.contact.phone.e164()).await.unwrap();
    assert_eq!(known[0].name().as_deref(), Some("Thanh Trần 0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_that_is_refused_leaves_the_contact_and_says_so() {
    let rig = Rig::new(600, "", []);
    let (mut worker, row, submission) = with_created(&rig).await;
    rig.sandbox.set_faults("reject=1".parse().unwrap());
    worker.handle.correct(submission.clone(), row.submission.id, row.seen());
    let id = submission.id;
    let undone = |it: &Entry| it.submission.id == id && it.settled_at.is_some();
    let refused = told(&mut worker, "refused", undone).await;
    assert!(sentences::row(&refused).unwrap().contains("refused"), "{refused:?}");
    assert_eq!(held(&rig).first_name, "Ngọc");
    let rows = worker.all().await;
    assert!(rows.iter().any(|it| it.status == row.status), "the row of the contact stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_that_waits_is_on_disk_as_an_update_of_that_contact() {
    let rig = Rig::new(600, "", []);
    let (mut worker, row, submission) = with_created(&rig).await;
    rig.sandbox.set_faults("refuse=1".parse().unwrap());
    worker.handle.correct(submission.clone(), row.submission.id, row.seen());
    let id = submission.id;
    let waits = move |it: &Entry| it.submission.id == id && it.settled_at.is_none();
    told(&mut worker, "waiting", waits).await;
    let kept = worker.all().await;
    let edit = kept.iter().find(|it| it.submission.id == id).unwrap();
    assert_eq!(edit.task.change().map(Change::verb), Some(Verb::Update));
    assert_eq!(edit.submission.corrects, Some(row.submission.id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_contact_is_changed_without_a_create() {
    let rig = Rig::new(600, "", [0]);
    let (mut worker, row) = with_duplicate(&rig).await;
    let submission = Submission { id: SubmissionId::fresh(), ..row.submission.clone() };
    let id = submission.id;
    worker.handle.update(submission, update_of(&row));
    told(&mut worker, "updated", |it| it.submission.id == id && is_updated(it)).await;
    assert_eq!((held(&rig).first_name.as_str(), requests(&rig, "POST")), ("Ngọc", 1));
    let (other, _) = worker.store.entry(row.submission.id).await.unwrap().unwrap();
    let Status::Duplicate { owners, .. } = &other.status else { panic!("{other:?}") };
    assert_eq!(owners[0].full_name.as_deref(), Some("Ngọc Trần 0"), "named as it is now");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_created_contact_is_deleted_even_if_the_answer_is_lost() {
    let rig = Rig::new(6_000, "", []);
    let mut worker = rig.worker().await;
    worker.submit_all(&submissions([0], Origin::Form)).await;
    worker.settles("created", |counts| counts.created == 1).await;
    let row = worker.all().await.remove(0);
    let Status::Created { id, .. } = row.status.clone() else { panic!("{row:?}") };
    rig.sandbox.set_faults("drop-after=0.7,seed=3".parse().unwrap());
    worker.handle.change(row.submission.id, Change::Delete(id.clone()));
    let row =
        told(&mut worker, "deleted", |row| matches!(row.status, Status::Deleted { .. })).await;
    assert_eq!(row.status, Status::Deleted { id });
    assert!(!held(&rig).active);
    let counts = worker.store.counts().await.unwrap();
    assert_eq!((counts.created, counts.deleted, counts.all()), (0, 1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_list_still_shows_long_after_its_deletion_was_not_deleted() {
    for (ago_ms, is_corrected) in [(600_000, true), (60_000, false)] {
        let rig = Rig::new(6_000, "", []);
        let mut worker = rig.worker().await;
        worker.submit_all(&submissions([0], Origin::Form)).await;
        worker.settles("created", |counts| counts.created == 1).await;
        let id = worker.all().await[0].status.created_id().unwrap().clone();
        worker.stop().await;
        // As a platform leaves it that says it has deleted, and has not.
        change(
            &rig.folder.path().join("store.db"),
            &format!(
                "UPDATE outbox SET state = 'deleted', task = 'delete', target = json_object('id', platform_id), \
                 settled_at = settled_at - {ago_ms}; DELETE FROM tally; \
                 INSERT INTO tally (estate, state, origin, count) \
                 SELECT estate, state, origin, count(*) FROM outbox GROUP BY 1, 2, 3"
            ),
        );
        let mut worker = rig.worker().await;
        worker.handle.refresh();
        let is_read =
            |update: &Update| matches!(update, Update::Directory(DirectoryProgress::Whole { .. }));
        while !is_read(&worker.updates.recv().await.unwrap()) {}
        let row = worker.all().await.remove(0);
        match &row.status {
            Status::Created { id: back, remark: Some(_) } if is_corrected => assert_eq!(*back, id),
            Status::Deleted { .. } if !is_corrected => {}
            other => panic!("{other:?}"),
        }
        worker.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_holds_a_change_and_loses_it_not() {
    let rig = Rig::new(600, "", [0]);
    let (mut worker, row) = with_duplicate(&rig).await;
    rig.sandbox.set_faults("refuse=1".parse().unwrap());
    worker.handle.change(row.submission.id, update_of(&row));
    told(
        &mut worker,
        "queued with a reason",
        |row| matches!(&row.status, Status::Queued(waiting) if waiting.because.is_some()),
    )
    .await;
    worker.stop().await;
    rig.sandbox.set_faults(rolodesk::sandbox::Faults::default());
    let mut worker = rig.worker().await;
    told(&mut worker, "updated", is_updated).await;
    assert_eq!(held(&rig).first_name, "Ngọc");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_directory_is_read_whole_on_demand_and_forgets_what_is_gone() {
    let rig = Rig::with_pages(6_000, "", 0..95, 10);
    let mut worker = rig.worker().await;
    let stranger = rolodesk::submission::Record {
        id: Some(rolodesk::submission::ContactId("gone".into())),
        full_name: Some("Long Gone".into()),
        active: true,
        ..Default::default()
    };
    let earlier = rolodesk::store::Moment {
        wall: jiff::Timestamp::UNIX_EPOCH,
        ..rolodesk::delivery::clock::now()
    };
    worker.store.learn(&[stranger], earlier).await.unwrap();
    // One reading may have missed a contact: only the second one takes it away.
    for _ in 0..2 {
        worker.handle.refresh();
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let update = tokio::time::timeout_at(deadline, worker.updates.recv()).await;
            match update.expect("the list is read in time").expect("a worker") {
                Update::Directory(DirectoryProgress::Whole { read }) => break assert_eq!(read, 95),
                Update::Directory(DirectoryProgress::Failed(failure)) => panic!("{failure:?}"),
                _ => {}
            }
        }
    }
    let shelf = ContactQuery { limit: 200, ..ContactQuery::default() };
    assert_eq!(worker.store.contacts(&shelf).await.unwrap().len(), 95);
    assert_eq!(requests(&rig, "GET"), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_cannot_be_read_is_told_to_whoever_asked_and_stops_no_contact() {
    let rig = Rig::new(6_000, "list-500=1", []);
    let mut worker = rig.worker().await;
    worker.handle.refresh();
    worker.submit_all(&submissions([1], Origin::Form)).await;
    let (mut failed, mut created) = (false, false);
    let deadline = tokio::time::Instant::now() + Duration::from_mins(1);
    while !(failed && created) {
        let update = tokio::time::timeout_at(deadline, worker.updates.recv()).await;
        match update.expect("both come in time").expect("a worker") {
            Update::Directory(DirectoryProgress::Failed(failure)) => {
                failed = failure.kind != FailureKind::Unauthorised;
            }
            Update::Entry(entry) => created |= matches!(entry.status, Status::Created { .. }),
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_the_directory_can_be_stopped_and_what_was_read_is_known() {
    let rig = Rig::with_pages(6_000, "", 0..95, 1);
    let mut worker = rig.worker().await;
    worker.handle.refresh();
    let deadline = tokio::time::Instant::now() + PATIENCE;
    let mut stopped_at = None;
    loop {
        let update = tokio::time::timeout_at(deadline, worker.updates.recv()).await;
        match update.expect("in time").expect("a worker") {
            Update::Directory(DirectoryProgress::Page { .. }) if stopped_at.is_none() => {
                worker.handle.stop_refresh();
                worker.submit_all(&submissions([200], Origin::Form)).await;
                stopped_at = Some(requests(&rig, "GET"));
            }
            Update::Directory(DirectoryProgress::Whole { .. }) => panic!("it went on to the end"),
            Update::Entry(entry) if matches!(entry.status, Status::Created { .. }) => break,
            _ => {}
        }
    }
    let read = requests(&rig, "GET");
    // Pages may have been read before the worker heard of it, and one under way ends.
    assert!(read < 95, "{stopped_at:?}, then {read}");
    let known = worker.store.contact_count().await.unwrap();
    assert!((1..95).contains(&known), "{known}");
}

/// From the empty form to the update of the duplicate that is there already.
fn ask_for_update(session: &mut Session) {
    session.sees_line(&["Duplicate", "Ngọc", "Jane Roe"]);
    session.keys("\x0f").keys("u").sees("Which is right?");
    session.keys("u").sees("Jane Roe becomes Ngọc Trần 0").keys("y");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_survives_kill_9_between_sending_and_recording() {
    let rig = Rig::new(600, "", [0]);
    let (worker, _) = with_duplicate(&rig).await;
    worker.stop().await;
    rig.sandbox.set_faults("latency=5s".parse().unwrap());
    let home = tempfile::tempdir().unwrap();
    let mut session = form(&rig, home.path()).run();
    ask_for_update(&mut session);
    let deadline = Instant::now() + PATIENCE;
    while requests(&rig, "PUT") == 0 {
        assert!(Instant::now() < deadline, "nothing was sent:\n{}", session.screen());
        tokio::task::yield_now().await;
    }
    session.signal("KILL");
    session.ends();
    rig.sandbox.set_faults(rolodesk::sandbox::Faults::default());
    let mut session = form(&rig, home.path()).run();
    session.sees_line(&["Duplicate", "updated"]);
    session.keys(CTRL_Q).ends();
    assert_eq!(held(&rig).first_name, "Ngọc");
    assert_eq!((requests(&rig, "PUT"), requests(&rig, "POST")), (2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_created_by_mistake_is_deleted_from_its_row() {
    let rig = Rig::new(600, "", []);
    let home = tempfile::tempdir().unwrap();
    let mut session = form(&rig, home.path()).run();
    session.sees("New contact");
    session.keys("\tAda\tTester\t\t+1 415 555 0132\x13").sees_line(&["Created", "Ada Tester"]);
    session.keys("\x0fD").sees("Delete it on the platform?").keys("y");
    session.sees_line(&["Deleted", "Ada Tester"]);
    session.keys(CTRL_Q).ends();
    session.sees("1 deleted again");
    assert!(rig.sandbox.contacts().iter().all(|held| !held.active));
}
