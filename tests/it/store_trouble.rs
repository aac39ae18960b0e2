//! A store that fails while the program works with it: damaged in one place, gone, replaced.

use std::{
    fs,
    io::Read as _,
    path::PathBuf,
    time::{Duration, Instant},
};

use rolodesk::{
    delivery::clock,
    sandbox::Faults,
    submission::{Origin, Update},
};

use rustix::fs::{FlockOperation, flock};

use crate::{
    delivery::{Rig, submissions},
    headless::{Desk, Ran},
    journeys::{home, platform, type_contact},
    plain::{answer, contact},
    store::{at, change, folder, forms, open},
    terminal::{CTRL_C, CTRL_Q, CTRL_S, PATIENCE, Start, TAB},
};

/// What the form shows once its store is open.
const OPEN: &str = "left this minute";

/// What a table answers from now on when something is put into it.
fn refuses(table: &str) -> String {
    format!(
        "CREATE TRIGGER refuses BEFORE INSERT ON {table} \
         BEGIN SELECT RAISE(FAIL, 'nothing goes into {table}'); END"
    )
}

fn data(desk: &Desk) -> PathBuf {
    desk.home.path().join(".local/share/rolodesk")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_whose_pages_are_not_kept_is_asked_ever_more_rarely_and_told_of_once() {
    let rig = Rig::new(600, "", [1]);
    drop(rig.store().await);
    change(&rig.folder.path().join("store.db"), &refuses("directory"));
    let mut worker = rig.worker().await;
    worker.store.accept(&submissions([1], Origin::Form), clock::now()).await.unwrap();
    worker.handle.nudge();
    let (mut told, mut asked_at) = (0, Vec::new());
    while asked_at.len() < 3 {
        let update = tokio::time::timeout(Duration::from_millis(20), worker.updates.recv()).await;
        told += usize::from(matches!(update, Ok(Some(Update::StoreFailed { .. }))));
        let asked = rig.sandbox.requests().into_iter().filter(|it| it.method == "GET").count();
        asked_at.resize_with(asked, Instant::now);
    }
    let took = asked_at[2] - asked_at[0];
    assert!(took > Duration::from_millis(2_900), "three list pages within {took:?}");
    assert_eq!(told, 1);
}

#[test]
fn sync_says_what_the_store_fails_with_and_ends() {
    for (broken, words) in [
        (refuses("attempt"), "nothing goes into attempt"),
        ("DROP TABLE memory".to_owned(), "no such table: memory"),
    ] {
        let desk = Desk::new("drop-before=1");
        desk.add("John", "+91 98765 43211", &["--wait", "0"]);
        desk.sandbox.set_faults(Faults::default());
        change(&data(&desk).join("store.db"), &broken);
        let ran = desk.run(&["sync"]);
        assert_eq!(ran.code, 1, "{}{}", ran.out, ran.error);
        assert_eq!(ran.error.matches(words).count(), 1, "{}", ran.error);
        assert_eq!(desk.sandbox.contacts().len(), 1);
    }
}

#[test]
fn a_watch_whose_store_is_deleted_or_replaced_says_so_and_ends() {
    for (is_replaced, words) in [(false, "was moved away or deleted"), (true, "was replaced")] {
        let desk = Desk::new("");
        desk.run(&["status"]);
        let copy = desk.home.path().join("copy.db");
        desk.run(&["backup", copy.to_str().unwrap()]);
        let mut watch = desk.command(&["sync", "--watch"], &[]).spawn().unwrap();
        let deadline = Instant::now() + PATIENCE;
        // It has the store open, and has nothing to do but to wait.
        while !data(&desk).join("store.db-wal").exists() {
            assert!(Instant::now() < deadline);
        }
        desk.add("John", "+91 98765 43211", &[]);
        if is_replaced {
            fs::rename(&copy, data(&desk).join("store.db")).unwrap();
        } else {
            for file in fs::read_dir(data(&desk)).unwrap() {
                fs::remove_file(file.unwrap().path()).unwrap();
            }
        }
        while watch.try_wait().unwrap().is_none() {
            if Instant::now() > deadline {
                watch.kill().unwrap();
                let mut said = String::new();
                watch.stderr.unwrap().read_to_string(&mut said).unwrap();
                panic!("it goes on: {said}");
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let ran = Ran::from(watch.wait_with_output().unwrap());
        assert_eq!(ran.code, 1, "{}{}", ran.out, ran.error);
        assert_eq!(ran.error.matches(words).count(), 1, "{}", ran.error);
    }
}

#[test]
fn a_settled_row_that_cannot_be_read_is_counted_as_damaged_and_told() {
    for (broken, rows) in [
        ("UPDATE outbox SET national = 'x' WHERE id = (SELECT max(id) FROM outbox)", "1 row "),
        ("UPDATE outbox SET owners = '{'", "2 rows "),
        (
            "UPDATE outbox SET state = 'flying'; UPDATE tally SET state = 'flying' WHERE state = 'duplicate'",
            "2 rows ",
        ),
    ] {
        for command in ["results", "status"] {
            let desk = Desk::new("");
            desk.add("John", "+91 98765 43210", &[]);
            desk.add("Jack", "+91 98765 43210", &[]);
            change(&data(&desk).join("store.db"), broken);
            let ran = desk.run(&[command]);
            let told = format!("{}{}", ran.out, ran.error);
            let words = format!("{rows}cannot be read and");
            assert!(ran.code == 0 && told.contains(&words), "{command} {broken}: {told}");
            let after = desk.run(&["status", "--json"]).rows().remove(0);
            let damaged = if rows.starts_with('1') { 1 } else { 2 };
            assert_eq!(
                (&after["damaged"], &after["duplicate"]),
                (&damaged.into(), &(2 - damaged).into())
            );
        }
    }
}

#[test]
fn a_table_of_our_name_that_tells_no_version_is_no_store_of_ours() {
    for version in ["DELETE FROM rolodesk_schema", "UPDATE rolodesk_schema SET version = 0"] {
        let desk = Desk::new("");
        desk.run(&["status"]);
        change(&data(&desk).join("store.db"), version);
        let ran = desk.run(&["status"]);
        assert!(ran.code == 1 && ran.error.contains("not a rolodesk store"), "{}", ran.error);
    }
}

/// A disk without room, as a shell sends output there.
#[test]
fn output_that_cannot_be_written_is_told_as_that_and_what_is_stored_is_not_denied() {
    let desk = Desk::new("");
    let fields = ["add", "--first-name", "John", "--last-name", "Doe", "--phone", "+919876543211"];
    for (command, words) in [
        (&[&fields[..], &["--json"]].concat()[..], "the contact is stored (created), but standard"),
        (&["results"], "standard output cannot be written"),
        (&["results", "--format", "json"], "standard output cannot be written"),
        (&["status"], "standard output cannot be written"),
    ] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let ran = desk.command(command, &[]).stdout(full).output().unwrap();
        let error = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(ran.status.code(), Some(1), "{command:?}: {error}");
        assert!(error.contains(words), "{command:?}: {error}");
    }
    assert_eq!(desk.sandbox.contacts().len(), 2);
}

#[test]
fn a_contact_that_is_stored_but_cannot_be_read_back_is_told_as_stored() {
    let desk = Desk::new("drop-before=1");
    desk.run(&["status"]);
    // Stands for a damaged index: what leads to the attempts of a row is gone.
    change(&data(&desk).join("store.db"), "ALTER TABLE attempt RENAME COLUMN verb TO verbs");
    let ran = desk.add("John", "+91 98765 43211", &["--wait", "1"]);
    assert!(ran.code == 1 && ran.error.contains("the contact is stored, but"), "{}", ran.error);
    assert_eq!(desk.run(&["status", "--json"]).rows()[0]["queued"], 1);
}

#[test]
fn a_store_that_is_a_link_to_nothing_is_told_as_that() {
    let desk = Desk::new("");
    fs::create_dir_all(data(&desk)).unwrap();
    std::os::unix::fs::symlink("/there/is/none.db", data(&desk).join("store.db")).unwrap();
    let copy = desk.home.path().join("copy.db");
    for command in [&["status"][..], &["backup", copy.to_str().unwrap()]] {
        let ran = desk.run(command);
        assert_eq!(ran.code, 1);
        assert!(ran.error.contains("a link to /there/is/none.db"), "{}", ran.error);
    }
}

/// A link that goes round stands for a folder whose rights were taken away: root has them all.
#[tokio::test]
async fn a_file_that_cannot_be_seen_is_not_told_as_deleted() {
    let parent = folder();
    let [inner, away] = ["inner", "away"].map(|name| parent.path().join(name));
    fs::create_dir(&inner).unwrap();
    let store = open(&inner).await;
    fs::rename(&inner, &away).unwrap();
    std::os::unix::fs::symlink(&inner, &inner).unwrap();
    let told = store.accept(&forms(1), at(0)).await.unwrap_err().to_string();
    assert!(told.contains("cannot be reached (") && !told.contains("os error"), "{told}");
    fs::remove_file(&inner).unwrap();
    fs::rename(&away, &inner).unwrap();
    store.accept(&forms(1), at(0)).await.unwrap();
}

/// The program's folder with nothing left of its store.
fn deleted(folder: &std::path::Path) {
    for name in ["store.db", "store.db-wal", "store.db-shm"] {
        fs::remove_file(folder.join(".local/share/rolodesk").join(name)).unwrap();
    }
}

#[test]
fn whoever_leaves_with_what_is_saved_nowhere_is_asked_once_and_has_it_printed() {
    let (home, platform) = (home(), platform());
    for key in [CTRL_Q, CTRL_C] {
        let mut session = platform.form(home.path()).run();
        session.sees(OPEN);
        type_contact(&mut session, "Typed", "Person", "+44 7911 123456");
        session.sees_line(&["Phone", "+44 7911"]);
        deleted(home.path());
        session.keys(CTRL_S).sees("Not stored");
        session.keys(key).sees("not saved anywhere");
        assert!(!session.screen().contains("kept for the next start"), "{}", session.screen());
        session.keys(key);
        assert_eq!(session.ends().exit_code(), 1);
        session.gives_the_terminal_back();
        session.sees("is not stored").sees_line(&["First name", "Typed"]);
        session.sees_line(&["Last name", "Person"]).sees_line(&["Phone", "+44 7911"]);
    }
}

#[test]
fn an_idle_form_hears_that_its_store_is_gone() {
    let (home, platform) = (home(), platform());
    let mut session = platform.form(home.path()).run();
    session.sees(OPEN).keys(TAB).keys("Typed");
    session.sees_line(&["First name", "Typed"]);
    deleted(home.path());
    session.sees("moved away or deleted");
}

#[test]
fn what_is_typed_while_the_store_cannot_be_opened_is_printed_on_leaving() {
    let (home, platform) = (home(), platform());
    fs::create_dir_all(home.path().join(".local/share/rolodesk/store.db")).unwrap();
    let mut session = platform.form(home.path()).run();
    session.sees("Nothing can be stored");
    session.keys(TAB).keys("Typed").sees_line(&["First name", "Typed"]);
    session.keys(CTRL_Q).sees("not saved anywhere").keys(CTRL_Q);
    assert_eq!(session.ends().exit_code(), 1);
    session.sees_line(&["First name", "Typed"]);
}

#[test]
fn answers_that_are_not_stored_are_offered_again_and_told_on_leaving() {
    let (home, platform) = (home(), platform());
    let mut session = Start::new(home.path(), &["--plain"]).env(platform.env()).size(100, 60).run();
    session.sees("plain mode");
    deleted(home.path());
    answer(&mut session, "Choice", "1");
    contact(&mut session, "Ann", "Plain", "07911 123456");
    answer(&mut session, "Choice", "1");
    session.sees("Not stored:");
    answer(&mut session, "Choice", "1");
    answer(&mut session, "Salutation", "");
    for (question, text) in [
        ("First name [Ann]", ""),
        ("Last name [Plain]", ""),
        ("Country [GB]", ""),
        ("Phone [07911 123456]", ""),
        ("Extension", ""),
    ] {
        answer(&mut session, question, text);
    }
    answer(&mut session, "Choice", "1");
    answer(&mut session, "Choice", "6");
    session.sees("This contact is not stored:").sees_line(&["First name", "Ann"]);
    assert_eq!(session.ends().exit_code(), 1);
}

#[test]
fn a_contact_that_waited_for_its_store_in_vain_is_printed_and_not_called_queued() {
    let (home, platform) = (home(), platform());
    let folder = home.path().join(".local/share/rolodesk");
    fs::create_dir_all(&folder).unwrap();
    let held = fs::File::open(&folder).unwrap();
    flock(&held, FlockOperation::LockExclusive).unwrap();
    let mut session = platform.form(home.path()).run();
    session.sees("New contact");
    type_contact(&mut session, "Ada", "Tester", "+1 415 555 0132");
    session.keys(CTRL_S).sees("not open yet");
    session.keys(CTRL_Q).sees("not saved anywhere").keys(CTRL_Q);
    session.sees("is not stored").sees_line(&["First name", "Ada"]);
    flock(&held, FlockOperation::Unlock).unwrap();
    assert_eq!(session.ends().exit_code(), 1);
    assert!(!session.screen().contains("still queued"), "{}", session.screen());
}

#[test]
fn a_list_that_the_store_does_not_keep_ends_whoever_asked_for_it() {
    let desk = Desk::new("");
    desk.run(&["status"]);
    change(&data(&desk).join("store.db"), &refuses("directory"));
    let ran = desk.run(&["contacts", "--refresh"]);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.error);
    assert!(ran.error.contains("nothing goes into directory"), "{}", ran.error);
}
