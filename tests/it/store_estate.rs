//! Whose rows these are: stores of the versions before carried over, rows of one account never
//! sent to another, corrections followed.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use rolodesk::{
    store::{ContactQuery, Estate, Scope, Store},
    submission::{
        ContactId, FailureKind, Group, Outcome, Page, Reason, Status, SubmissionId, Task, Verb,
    },
};
use rusqlite::Connection;
use uuid::Uuid;

use crate::{
    headless::Desk,
    store::{all, at, change, claim, created, folder, forms, scope, unclear, worker},
};

/// A store as 0.1.0 wrote it, with a row in every state; see the file's first lines.
const OLD: &str = include_str!("fixtures/store-0.1.0.sql");
const ACCOUNT: &str = "60dc63e2b33b4d81a9d9d8ee";

fn old_store(path: &Path, more_rows: u32) {
    let old = Connection::open(path).unwrap();
    old.execute_batch("PRAGMA journal_mode = WAL").unwrap();
    old.execute_batch(OLD).unwrap();
    let copies = format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {more_rows}) \
         INSERT INTO outbox SELECT printf('01a0c4b1-%04x-7000-8000-000000000000', i), profile, \
         origin, salutation, first_name, last_name, region, calling_code, national, extension, \
         e164, folded, submitted_at, state, due_at, due_boot, due_up, reason, platform_id, owners, \
         remark, look_up, array_cap, attempts, settled_at, worker, lease_boot, lease_up, task, \
         target FROM outbox, n WHERE id = '01a0c4b0-0001-7000-8000-000000000001'"
    );
    if more_rows > 0 {
        old.execute_batch(&copies).unwrap();
    }
}

fn acme(account: &str) -> Scope {
    Scope { estate: Estate::new("https://platform.example", account, "st-1"), ..scope() }
}

fn id(n: u32) -> SubmissionId {
    SubmissionId(Uuid::parse_str(&format!("01a0c4b0-{n:04x}-7000-8000-00000000{n:04x}")).unwrap())
}

async fn status(store: &Store, n: u32) -> Status {
    store.entry(id(n)).await.unwrap().unwrap().0.status
}

fn quoted(words: &str) -> Reason {
    Reason::Quoted { words: words.into() }
}

#[tokio::test]
async fn a_store_of_the_version_before_is_carried_over_with_every_row_and_attempt() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder();
    let path = folder.path().join("store.db");
    old_store(&path, 0);
    for _ in 0..2 {
        let store = Store::open(&path, acme(ACCOUNT), at(0)).await.unwrap();
        assert_eq!(all(&store).await.len(), 19);
        let counts = store.counts().await.unwrap();
        let told = (counts.queued, counts.sending, counts.created, counts.deleted);
        assert_eq!((told, counts.duplicate, counts.attention), ((11, 1, 2, 1), 2, 2));
        assert_eq!(store.damaged().await.unwrap(), 0);
        let made = |id: &str, remark| Status::Created { id: ContactId(id.into()), remark };
        assert_eq!(status(&store, 1).await, made("63c700000000000000000001", None));
        let remark = Some(quoted("recognised as ours: made at our first attempt"));
        assert_eq!(status(&store, 2).await, made("63c700000000000000000002", remark));
        let Status::Duplicate { owners, remark } = status(&store, 3).await else { panic!() };
        assert_eq!(owners[0].full_name.as_deref(), Some("Jane Roe"));
        assert_eq!(remark, Some(quoted("exists, same name")));
        let refused = "400 Bad Request: salutation must be one of Mr, Mrs";
        assert_eq!(status(&store, 5).await, Status::Rejected { reason: quoted(refused) });
        let (row, attempts) = store.entry(id(14)).await.unwrap().unwrap();
        assert!(matches!((&row.task, row.attempts), (Task::Change(_), 2)), "{row:?}");
        assert_eq!(
            attempts.iter().map(|it| it.verb).collect::<Vec<_>>(),
            [Verb::Create, Verb::Update]
        );
        let Some(Outcome::Failure(failure)) = &attempts[1].outcome else { panic!("{attempts:?}") };
        assert_eq!(failure.kind, FailureKind::Missing);
        assert_eq!(status(&store, 15).await, Status::Sending);
        assert!(store.recall("draft").await.unwrap().unwrap().contains("Half"));
        assert_eq!(store.lookups(9).await.unwrap()[0].entry.submission.id, id(12));
        let query =
            ContactQuery { search: Some("jane".into()), limit: 9, ..ContactQuery::default() };
        assert_eq!(store.contacts(&query).await.unwrap().len(), 1);
        for (search, found) in [("太郎", 5), ("o'brien", 1), ("9876500010", 10)] {
            let page = Page { search: Some(search.into()), limit: 9, ..Page::default() };
            let rows = store.page(&page).await.unwrap();
            assert_eq!(rows.iter().map(|row| row.submission.id).collect::<Vec<_>>(), [id(found)]);
        }
        let held = store.held_elsewhere().await.unwrap();
        assert_eq!(held.len(), 1, "{held:?}");
        assert!(held[0].to_string().contains("1 contact waits that the profile other"), "{held:?}");
    }
    let copy = folder.path().join("store.db.before-2");
    assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    let copy = Connection::open(copy).unwrap();
    let rows: i64 = copy.query_row("SELECT count(*) FROM outbox", [], |row| row.get(0)).unwrap();
    let version: i64 =
        copy.query_row("SELECT version FROM rolodesk_schema", [], |row| row.get(0)).unwrap();
    assert_eq!((rows, version), (20, 2));
    // The other profile's row is its account's, once that is known.
    let other = Scope { profile: "other".into(), ..acme("71ed74f3c44c5e92bae0e9ff") };
    let other = Store::open(&path, other, at(0)).await.unwrap();
    assert_eq!(other.counts().await.unwrap().queued, 1);
}

/// The tables of the versions before took a value of any kind in any column.
#[tokio::test]
async fn a_value_of_the_wrong_kind_stops_no_other_row_from_being_carried_over() {
    const ROW: &str = "WHERE id = '01a0c4b0-0001-7000-8000-000000000001'";
    for (what, damaged) in [
        ("outbox SET due_at = 'soon', due_up = 'later'", 0),
        ("outbox SET submitted_at = 1700000000000.5", 0),
        ("outbox SET settled_at = 'never', array_cap = 'two'", 0),
        ("outbox SET first_name = x'00ff'", 1),
        ("outbox SET folded = CAST(x'ff' AS TEXT), first_name = CAST(x'ff' AS TEXT)", 1),
        ("outbox SET calling_code = 'ninety-one'", 1),
        ("outbox SET attempts = x'01'", 1),
        ("outbox SET state = x'ff'", 1),
        ("outbox SET state = 'flying'", 1),
        ("outbox SET id = x'ff'", 1),
        ("outbox SET id = upper(id)", 1),
    ] {
        let folder = folder();
        let path = folder.path().join("store.db");
        old_store(&path, 0);
        change(&path, &format!("UPDATE {what} {ROW}"));
        let store = Store::open(&path, acme(ACCOUNT), at(0)).await.unwrap_or_else(|error| {
            panic!("{what}: {error}");
        });
        assert_eq!(all(&store).await.len(), 19 - damaged, "{what}");
        assert_eq!(store.damaged().await.unwrap(), damaged as u64, "{what}");
        assert_eq!(store.counts().await.unwrap().all(), 19, "{what}");
    }
    for what in [
        "attempt SET number = 'number ' || number, started_at = x'00', outcome = x'ff'",
        "request SET account = x'ff', taken_at = 'then'",
        "hold SET until_at = 'later'",
        "directory SET full_name = x'ff', seen_at = 'then'",
        "memory SET value = x'ff'",
    ] {
        let folder = folder();
        let path = folder.path().join("store.db");
        old_store(&path, 0);
        change(&path, &format!("UPDATE {what}"));
        let store = Store::open(&path, acme(ACCOUNT), at(0)).await.unwrap_or_else(|error| {
            panic!("{what}: {error}");
        });
        assert_eq!(all(&store).await.len(), 19, "{what}");
        let (_, attempts) = store.entry(id(14)).await.unwrap().unwrap();
        assert_eq!(attempts.len(), 2, "{what}: that a request was made is not forgotten");
    }
}

#[tokio::test]
async fn rows_of_before_are_not_taken_for_an_account_that_was_never_used() {
    let folder = folder();
    let path = folder.path().join("store.db");
    old_store(&path, 0);
    let store = Store::open(&path, acme("another"), at(0)).await.unwrap();
    assert_eq!(all(&store).await.len(), 0);
    let held = store.held_elsewhere().await.unwrap();
    assert_eq!(held.iter().map(|it| it.waiting).sum::<u64>(), 13, "{held:?}");
    drop(store);
    let store = Store::open(&path, acme(ACCOUNT), at(0)).await.unwrap();
    assert_eq!(all(&store).await.len(), 19);
}

fn version(path: &Path) -> i64 {
    let store = Connection::open(path).unwrap();
    store.query_row("SELECT max(version) FROM rolodesk_schema", [], |row| row.get(0)).unwrap()
}

fn rows(path: &Path) -> i64 {
    let store = Connection::open(path).unwrap();
    store.query_row("SELECT count(*) FROM outbox", [], |row| row.get(0)).unwrap()
}

fn data(desk: &Desk) -> PathBuf {
    desk.home.path().join(".local/share/rolodesk")
}

#[test]
fn killed_at_any_moment_of_the_carry_over_it_is_whole_or_as_before() {
    let desk = Desk::new("");
    fs::create_dir_all(data(&desk)).unwrap();
    let path = data(&desk).join("store.db");
    let (mut before, mut after) = (0, 0);
    for moment in 0..40_u64 {
        old_store(&path, 2_000);
        let mut child = desk.command(&["status"], &[]).stdout(Stdio::null()).spawn().unwrap();
        thread::sleep(Duration::from_millis(10 + moment * 7));
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(rows(&path), 2_020, "killed at {moment}");
        if version(&path) == 2 {
            before += 1;
        } else {
            after += 1;
        }
        let ran = desk.run(&["status", "--json"]);
        assert_eq!((ran.code, version(&path), rows(&path)), (0, 3, 2_020), "{}", ran.error);
        for name in fs::read_dir(data(&desk)).unwrap() {
            fs::remove_file(name.unwrap().path()).unwrap();
        }
    }
    assert!(before > 0 && after > 0, "{before} killed before the end, {after} after it");
}

/// A limit on the size of files stands in for a full disk.
#[test]
fn on_a_full_disk_no_row_is_lost_and_nothing_is_carried_over_by_half() {
    let desk = Desk::new("");
    fs::create_dir_all(data(&desk)).unwrap();
    let path = data(&desk).join("store.db");
    old_store(&path, 1_000);
    let mut refused = 0;
    for blocks in (200..).step_by(400) {
        let program =
            format!("ulimit -S -f {blocks}; exec {} status", env!("CARGO_BIN_EXE_rolodesk"));
        let mut limited = Command::new("/bin/sh");
        limited.args(["-c", &program]).env_clear().env("HOME", desk.home.path());
        let ran = limited.envs(desk.sandbox.env()).output().unwrap();
        if ran.status.success() {
            break;
        }
        refused += 1;
        let told = String::from_utf8(ran.stderr).unwrap();
        assert!(told.contains("disk") || told.contains("large"), "{told}");
        // As it was, or carried over whole with no room for what comes behind it.
        assert!([2, 3].contains(&version(&path)), "{told}");
        assert_eq!(rows(&path), 1_020, "{told}");
        let names = fs::read_dir(data(&desk)).unwrap().map(|it| it.unwrap().file_name());
        let copies: Vec<_> = names.filter(|it| it.to_string_lossy().contains("-copy-")).collect();
        assert!(copies.is_empty(), "{copies:?}: {told}");
    }
    assert!(refused > 1, "the disk was never full");
    assert_eq!((version(&path), rows(&path)), (3, 1_020));
}

#[tokio::test]
async fn what_was_queued_for_one_account_is_held_while_another_is_used_and_told() {
    let folder = folder();
    let path = folder.path().join("store.db");
    Store::open(&path, acme("one"), at(0)).await.unwrap().accept(&forms(3), at(0)).await.unwrap();
    let other = Store::open(&path, acme("two"), at(0)).await.unwrap();
    assert_eq!(other.facts(at(1)).await.unwrap().forms_due, 0);
    assert!(claim(&other, "a", 9, at(1)).await.is_empty());
    let held = other.held_elsewhere().await.unwrap()[0].to_string();
    assert!(
        held.starts_with("3 contacts wait for account one on https://platform.example"),
        "{held}"
    );
    assert!(held.ends_with("choose its profile"), "{held}");
    let rows = other.held_rows(9).await.unwrap();
    let account = || "one".to_owned();
    assert!(
        rows.iter()
            .all(|row| matches!(row.reason(), Some(Reason::HeldForAccount { account: of, .. }) if *of == account()))
    );
    let back = Store::open(&path, acme("one"), at(2)).await.unwrap();
    assert_eq!(claim(&back, "a", 9, at(3)).await.len(), 3);
}

fn stream(stream: &str) -> Scope {
    Scope { estate: Estate::new("https://platform.example/x", "one", stream), ..scope() }
}

#[tokio::test]
async fn a_stream_that_never_answered_is_corrected_with_the_profile_and_one_that_did_is_not() {
    let folder = folder();
    let path = folder.path().join("store.db");
    let wrong = Store::open(&path, stream("st-wrong"), at(0)).await.unwrap();
    let submissions = forms(3);
    wrong.accept(&submissions, at(0)).await.unwrap();
    claim(&wrong, "a", 1, at(1)).await;
    wrong.record(&worker("a"), &[], &[unclear(submissions[0].id, None)], at(2)).await.unwrap();
    drop(wrong);
    let right = Store::open(&path, stream("st-right"), at(3)).await.unwrap();
    let told = right.followed().unwrap().to_string();
    assert!(
        told.contains("2 contacts") && told.contains("st-wrong") && told.contains("st-right"),
        "{told}"
    );
    assert_eq!(all(&right).await.len(), 2);
    let held = right.held_elsewhere().await.unwrap();
    assert_eq!(held[0].waiting, 1, "one may have been carried out: {held:?}");
    let page = Page { search: Some("o'brien".into()), limit: 9, ..Page::default() };
    assert_eq!(right.page(&page).await.unwrap().len(), 2, "and it is found");
    let sent = claim(&right, "b", 1, at(4)).await;
    right.record(&worker("b"), &[], &[created(sent[0].entry.submission.id)], at(5)).await.unwrap();
    drop(right);
    let other = Store::open(&path, stream("st-other"), at(6)).await.unwrap();
    assert_eq!((other.followed(), all(&other).await.len()), (None, 0));
    assert_eq!(other.counts().await.unwrap().all(), 0);
    // Another profile of the account is no correction.
    drop(other);
    let night = Scope { profile: "night".into(), ..stream("st-night") };
    assert_eq!(Store::open(&path, night, at(7)).await.unwrap().followed(), None);
}

#[tokio::test]
async fn whoever_looks_takes_no_rows_and_what_a_mistyped_stream_took_comes_back() {
    let folder = folder();
    let path = folder.path().join("store.db");
    let right = Store::open(&path, stream("st-right"), at(0)).await.unwrap();
    right.accept(&forms(3), at(0)).await.unwrap();
    let looked = Store::open_to_look(&path, stream("st-typo"), at(1)).await.unwrap();
    assert_eq!((looked.followed(), all(&looked).await.len()), (None, 0));
    assert_eq!(looked.held_elsewhere().await.unwrap()[0].waiting, 3);
    assert_eq!(right.counts().await.unwrap().queued, 3, "the form goes on with its rows");
    drop(Store::open(&path, stream("st-typo"), at(2)).await.unwrap());
    assert_eq!(right.counts().await.unwrap().queued, 0);
    let again = Store::open(&path, stream("st-right"), at(3)).await.unwrap();
    assert_eq!(again.counts().await.unwrap().queued, 3);
    assert!(again.followed().unwrap().to_string().contains("3 contacts"));
}

#[test]
fn no_command_that_only_tells_takes_a_row_away() {
    let desk = Desk::new("drop-before=1");
    desk.add("John", "+91 98765 43211", &["--wait", "0"]);
    let typo = [("ROLODESK_STREAM_ID", "st-typo")];
    let csv = desk.home.path().join("some.csv");
    fs::write(&csv, "firstName,lastName,phone\nAnn,Doe,+919876500001\n").unwrap();
    let copy = desk.home.path().join("copy.db");
    let paths = [&csv, &copy].map(|path| path.to_str().unwrap());
    for command in [
        &["status"][..],
        &["results"],
        &["contacts"],
        &["doctor"],
        &["backup", paths[1]],
        &["import", "--dry-run", paths[0]],
        &["purge", "--older-than", "1d", "--dry-run"],
    ] {
        desk.run_with(command, &typo, "");
        let report = desk.run(&["status", "--json"]).rows().remove(0);
        assert_eq!(report["queued"], 1, "{command:?}");
    }
}

#[test]
fn with_another_account_in_the_environment_nothing_is_sent_and_the_commands_say_so() {
    let desk = Desk::new("refuse=1");
    let nowhere = [("ROLODESK_STREAM_ID", "st-nowhere")];
    let fields = ["add", "--json", "--wait", "1", "--first-name", "Ann", "--last-name", "Doe"];
    let ran = desk.run_with(&[&fields[..], &["--phone", "+919876543219"]].concat(), &nowhere, "");
    assert_eq!(ran.code, 3, "{}", ran.out);
    desk.sandbox.set_faults(rolodesk::sandbox::Faults::default());
    let account =
        desk.sandbox.env().into_iter().find(|it| it.0 == "ROLODESK_ACCOUNT_ID").unwrap().1;
    let other = [("ROLODESK_ACCOUNT_ID", "another-account")];
    let ran = desk.run_with(&["sync"], &other, "");
    assert_eq!(ran.code, 5, "{} {}", ran.out, ran.error);
    assert!(
        ran.error.contains(&account) && ran.error.contains("choose its profile"),
        "{}",
        ran.error
    );
    let ran = desk.run_with(&["status", "--json"], &other, "");
    let status = &ran.rows()[0];
    assert_eq!(
        (&status["held"][0]["account"], &status["held"][0]["waiting"]),
        (&account.clone().into(), &1.into())
    );
    assert_eq!(
        (&status["waiting"][0]["code"], &status["account"]),
        (&"held_for_account".into(), &"another-account".into())
    );
    let ran = desk.run_with(&["status"], &other, "");
    assert!(
        ran.out.contains("account another-account") && ran.out.contains(&account),
        "{}",
        ran.out
    );
    // The stream is corrected: it goes where it was meant to.
    let ran = desk.run(&["sync"]);
    assert_eq!(ran.code, 0, "{} {}", ran.out, ran.error);
    assert!(
        ran.out.contains("1 created") && ran.error.contains("st-nowhere"),
        "{} {}",
        ran.out,
        ran.error
    );
}

#[test]
fn each_row_says_who_typed_it() {
    let desk = Desk::new("");
    let fields = ["add", "--first-name", "Ann", "--last-name", "Doe", "--phone", "+919876543219"];
    desk.run_with(&fields, &[("ROLODESK_AGENT", "ada@night")], "");
    let rows = desk.run(&["results", "--format", "json"]).rows();
    assert_eq!(rows[0]["agent"], "ada@night");
    let fields = ["add", "--first-name", "Bo", "--last-name", "Doe", "--phone", "+919876543218"];
    desk.run_with(&fields, &[], "");
    let user = rolodesk::private::user::name();
    assert_eq!(desk.run(&["results", "--format", "json"]).rows()[0]["agent"], user);
}

#[tokio::test]
async fn what_is_discarded_is_in_no_byte_of_the_file() {
    let folder = folder();
    let path = folder.path().join("store.db");
    let store = Store::open(&path, scope(), at(0)).await.unwrap();
    store.accept(&forms(600), at(0)).await.unwrap();
    let rows = all(&store).await;
    for row in &rows {
        store.discard(row.submission.id, Group::Queued, at(1)).await.unwrap();
    }
    drop(store);
    let bytes = fs::read(&path).unwrap();
    let holds = |text: &str| bytes.windows(text.len()).any(|it| it == text.as_bytes());
    for text in ["O'Brien", "o'brien", "ngoc", "+390600", "0600000"] {
        assert!(!holds(text), "{text}");
    }
}
