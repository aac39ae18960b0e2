//! The file under the store: alone after a clean end, put back, moved away, copied while
//! others work, on another machine's disk, somebody else's.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
};

use rolodesk::store::{Store, StoreError, backup};

use crate::{
    headless::{Desk, Ran},
    store::{all, at, change, folder, forms, open, scope},
};

/// What lies in the folder, without a store's own name.
fn beside(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name());
    names.map(|name| name.into_string().unwrap()).filter(|name| name != "store.db").collect()
}

/// The folder as a power cut would leave it now.
fn crashed(folder: &Path) -> tempfile::TempDir {
    let image = tempfile::tempdir().unwrap();
    for name in ["store.db", "store.db-wal"] {
        fs::copy(folder.join(name), image.path().join(name)).unwrap();
    }
    image
}

/// Puts the copy in the store's place; the clock of the file system ticks in milliseconds.
fn put_back(folder: &Path, copy: &[u8]) {
    use std::os::unix::fs::MetadataExt as _;
    let changed = |name: &str| {
        let file = fs::metadata(folder.join(name)).unwrap();
        (file.ctime(), file.ctime_nsec())
    };
    while changed("store.db") <= changed("store.db-wal") {
        fs::write(folder.join("store.db"), copy).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn however_many_end_at_once_the_file_alone_holds_everything() {
    let folder = folder();
    for round in 1..=15 {
        let stores =
            [open(folder.path()).await, open(folder.path()).await, open(folder.path()).await];
        for store in &stores {
            store.accept(&forms(1), at(0)).await.unwrap();
        }
        let ends: Vec<_> = stores.map(|store| thread::spawn(move || drop(store))).into();
        for end in ends {
            end.join().unwrap();
        }
        assert_eq!(beside(folder.path()), [""; 0], "round {round}");
    }
    assert_eq!(open(folder.path()).await.counts().await.unwrap().queued, 45);
}

#[tokio::test]
async fn what_a_crash_left_in_the_log_is_kept() {
    let folder = folder();
    let store = open(folder.path()).await;
    store.accept(&forms(3), at(0)).await.unwrap();
    let image = crashed(folder.path());
    assert_eq!(open(image.path()).await.counts().await.unwrap().queued, 3);
}

#[tokio::test]
async fn a_log_beside_a_copy_that_was_put_back_is_named_and_left() {
    let folder = folder();
    let path = folder.path().join("store.db");
    open(folder.path()).await.accept(&forms(1), at(0)).await.unwrap();
    let old = fs::read(&path).unwrap();
    open(folder.path()).await.accept(&forms(1), at(0)).await.unwrap();
    let newer = fs::read(&path).unwrap();
    let store = open(folder.path()).await;
    store.accept(&forms(1), at(0)).await.unwrap();
    // The older copy cannot be where the log goes on from; the newer one has the very bytes.
    for copy in [old, newer] {
        let image = crashed(folder.path());
        put_back(image.path(), &copy);
        let log = fs::read(image.path().join("store.db-wal")).unwrap();
        let told = Store::open(&image.path().join("store.db"), scope(), at(0)).await;
        let told = told.unwrap_err().to_string();
        assert!(told.contains("store.db-wal") && told.contains("move"), "{told}");
        assert_eq!(fs::read(image.path().join("store.db-wal")).unwrap(), log, "left as it is");
        // The cure that is told.
        fs::rename(image.path().join("store.db-wal"), image.path().join("away")).unwrap();
        assert!(open(image.path()).await.counts().await.unwrap().queued < 3);
    }
}

/// As the copy that a carry-over leaves, which has no number yet.
#[tokio::test]
async fn a_log_beside_a_copy_of_before_is_named_and_left_as_well() {
    let folder = folder();
    open(folder.path()).await.accept(&forms(1), at(0)).await.unwrap();
    let mut old = fs::read(folder.path().join("store.db")).unwrap();
    old[60..64].fill(0);
    let store = open(folder.path()).await;
    store.accept(&forms(1), at(0)).await.unwrap();
    let image = crashed(folder.path());
    put_back(image.path(), &old);
    let log = fs::read(image.path().join("store.db-wal")).unwrap();
    let told = Store::open(&image.path().join("store.db"), scope(), at(0)).await;
    let told = told.unwrap_err().to_string();
    assert!(told.contains("store.db-wal") && told.contains("move"), "{told}");
    assert_eq!(fs::read(image.path().join("store.db-wal")).unwrap(), log);
    assert_eq!(fs::read(image.path().join("store.db")).unwrap(), old);
}

#[tokio::test]
async fn a_log_whose_store_is_gone_is_kept_and_nothing_new_is_begun_beside_it() {
    let folder = folder();
    let store = open(folder.path()).await;
    store.accept(&forms(2), at(0)).await.unwrap();
    let image = crashed(folder.path());
    let [path, away] = ["store.db", "away"].map(|name| image.path().join(name));
    fs::rename(&path, &away).unwrap();
    let told = Store::open(&path, scope(), at(0)).await.unwrap_err().to_string();
    assert!(told.contains("is not there") && told.contains("store.db-wal"), "{told}");
    assert!(!path.exists(), "nothing new is begun");
    fs::rename(&away, &path).unwrap();
    assert_eq!(open(image.path()).await.counts().await.unwrap().queued, 2);
}

/// On a full disk the log ends with pages that no commit followed.
#[tokio::test]
async fn pages_without_a_commit_make_no_log_a_strangers() {
    let folder = folder();
    let store = open(folder.path()).await;
    store.accept(&forms(2), at(0)).await.unwrap();
    let image = crashed(folder.path());
    drop(store);
    let [path, log] = ["store.db", "store.db-wal"].map(|name| image.path().join(name));
    // What was committed is in the file already, which is newer than the log.
    put_back(image.path(), &fs::read(folder.path().join("store.db")).unwrap());
    let mut frames = fs::read(&log).unwrap();
    let mut page = fs::read(&path).unwrap()[..4096].to_vec();
    page[63] = page[63].wrapping_add(1);
    let salt = frames[16..24].to_vec();
    frames.extend([&[0, 0, 0, 1, 0, 0, 0, 0][..], &salt, &[0; 8], &page].concat());
    fs::write(&log, frames).unwrap();
    put_back(image.path(), &fs::read(&path).unwrap());
    assert_eq!(open(image.path()).await.counts().await.unwrap().queued, 2);
}

#[tokio::test]
async fn nothing_is_accepted_while_the_file_is_not_in_its_place() {
    let folder = folder();
    let [path, away] = ["store.db", "away"].map(|name| folder.path().join(name));
    let store = open(folder.path()).await;
    store.accept(&forms(1), at(0)).await.unwrap();
    fs::rename(&path, &away).unwrap();
    let told = store.accept(&forms(1), at(0)).await.unwrap_err();
    assert!(matches!(told, StoreError::Missing { .. }), "{told}");
    fs::copy(&away, &path).unwrap();
    let told = store.accept(&forms(1), at(0)).await.unwrap_err();
    assert!(matches!(told, StoreError::Replaced { .. }), "{told}");
    fs::rename(&away, &path).unwrap();
    store.accept(&forms(1), at(0)).await.unwrap();
    assert_eq!(all(&store).await.len(), 2);
    fs::remove_file(folder.path().join("store.db-wal")).unwrap();
    let told = store.accept(&forms(1), at(0)).await.unwrap_err().to_string();
    assert!(told.contains("store.db-wal was moved away or deleted"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_written_over_the_file_in_its_place_is_noticed_before_anything_is_accepted() {
    for before in [1, 40] {
        let folder = folder();
        let path = folder.path().join("store.db");
        let store = open(folder.path()).await;
        store.accept(&forms(before), at(0)).await.unwrap();
        drop(store);
        let copy = fs::read(&path).unwrap();
        let later = open(folder.path()).await;
        later.accept(&forms(60), at(1)).await.unwrap();
        drop(later);
        // Two that have it open; as `cp` writes: the same inode, cut to nothing first.
        let (form, other) = (open(folder.path()).await, open(folder.path()).await);
        form.accept(&forms(2), at(2)).await.unwrap();
        fs::write(&path, &copy).unwrap();
        for store in [&form, &other] {
            let refused = store.accept(&forms(1), at(3)).await.unwrap_err();
            assert!(matches!(refused, StoreError::Replaced { .. }), "{refused}");
        }
        drop((form, other));
        assert_eq!(fs::read(&path).unwrap(), copy, "the log was laid over the copy");
        let image = crashed(folder.path());
        let there = image.path().join("store.db");
        let refused = Store::open(&there, scope(), at(4)).await.unwrap_err().to_string();
        assert!(refused.contains("move store.db-wal and store.db-shm away"), "{refused}");
        assert!(!refused.contains("touch"), "{refused}");
        fs::remove_file(image.path().join("store.db-wal")).unwrap();
        let back = open(image.path()).await;
        assert_eq!(back.counts().await.unwrap().queued, u64::from(before));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_store_written_over_a_new_one_in_its_place_is_noticed() {
    for _ in 0..8 {
        let (folder, other) = (folder(), folder());
        let others = open(other.path()).await;
        others.accept(&forms(3), at(0)).await.unwrap();
        drop(others);
        // All of it is in its log yet.
        let new = open(folder.path()).await;
        new.accept(&forms(1), at(0)).await.unwrap();
        let path = folder.path().join("store.db");
        fs::write(&path, fs::read(other.path().join("store.db")).unwrap()).unwrap();
        let refused = new.accept(&forms(1), at(1)).await.unwrap_err();
        assert!(matches!(refused, StoreError::Replaced { .. }), "{refused}");
    }
}

#[tokio::test]
async fn to_end_on_a_replaced_file_leaves_the_new_one_and_its_log_alone() {
    let folder = folder();
    let path = folder.path().join("store.db");
    let old = open(folder.path()).await;
    old.accept(&forms(1), at(0)).await.unwrap();
    for name in beside(folder.path()) {
        fs::remove_file(folder.path().join(name)).unwrap();
    }
    fs::remove_file(&path).unwrap();
    let new = open(folder.path()).await;
    new.accept(&forms(2), at(0)).await.unwrap();
    drop(old);
    new.accept(&forms(3), at(0)).await.unwrap();
    assert_eq!(all(&new).await.len(), 5);
}

#[tokio::test]
async fn a_backup_is_whole_private_and_never_laid_over_a_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder();
    let [path, copy] = ["store.db", "copy.db"].map(|name| folder.path().join(name));
    let store = open(folder.path()).await;
    store.accept(&forms(700), at(0)).await.unwrap();
    let writes = {
        let store = store.clone();
        tokio::spawn(async move {
            for _ in 0..20 {
                store.accept(&forms(1), at(0)).await.unwrap();
            }
        })
    };
    let (from, to) = (path.clone(), copy.clone());
    tokio::task::spawn_blocking(move || backup(&from, &to)).await.unwrap().unwrap();
    writes.await.unwrap();
    assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    let told = backup(&path, &copy).unwrap_err().to_string();
    assert!(told.contains("there is such a file already"), "{told}");
    // Put in the store's place it is the store of then.
    drop(store);
    fs::rename(&copy, &path).unwrap();
    let rows = all(&open(folder.path()).await).await.len();
    assert!((700..=720).contains(&rows), "{rows}");
    assert_eq!(beside(folder.path()), [""; 0], "nothing is left of it");
    let nothing = backup(&folder.path().join("none.db"), &copy).unwrap_err().to_string();
    assert!(nothing.contains("no such file"), "{nothing}");
}

#[test]
fn a_backup_that_names_no_new_file_of_its_own_is_refused_in_a_sentence() {
    let desk = Desk::new("");
    desk.run(&["status"]);
    let data = desk.home.path().join(".local/share/rolodesk");
    let store = data.join("store.db");
    let own = |end: &str| format!("{}{end}", store.display());
    let [folder, missing, none] =
        ["", "x/", "none/copy.db"].map(|name| format!("{}/{name}", desk.home.path().display()));
    for (copy, words) in [
        (own("-wal"), "belongs to the store itself"),
        (own("-shm"), "belongs to the store itself"),
        (own("-journal"), "belongs to the store itself"),
        (own("-anything"), "belongs to the store itself"),
        (own(""), "such a file already"),
        ("-".into(), "name a file"),
        (folder, "names a folder"),
        (missing, "names a folder"),
        (none, "no such folder"),
    ] {
        let ran = desk.run(&["backup", &copy]);
        assert_ne!(ran.code, 0, "{copy}");
        assert!(ran.error.contains(words), "{copy}: {}", ran.error);
        assert!(!ran.error.contains("os error"), "{copy}: {}", ran.error);
        assert_eq!(beside(&data), [""; 0], "{copy}");
    }
    // What SQLite finds wrong is for the log; the sentence says what to do.
    desk.add("John", "+91 98765 43211", &[]);
    let mut pages = fs::read(&store).unwrap();
    let from = pages.len() - 4_096;
    pages[from..].fill(0xff);
    fs::write(&store, pages).unwrap();
    let copy = desk.home.path().join("copy.db");
    let ran = desk.run(&["backup", copy.to_str().unwrap()]);
    assert!(ran.code == 1 && ran.error.contains("put a copy from a backup"), "{}", ran.error);
    assert!(!copy.exists());
}

#[tokio::test]
async fn another_programs_database_is_not_changed_by_a_byte() {
    let folder = folder();
    let path = folder.path().join("store.db");
    change(&path, "CREATE TABLE theirs (a TEXT); INSERT INTO theirs VALUES ('x')");
    let before = fs::read(&path).unwrap();
    let told = Store::open(&path, scope(), at(0)).await.unwrap_err().to_string();
    assert!(told.contains("another program"), "{told}");
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(beside(folder.path()), [""; 0]);
}

#[tokio::test]
async fn a_column_that_a_later_version_adds_is_survived_while_running() {
    let folder = folder();
    let store = open(folder.path()).await;
    store.accept(&forms(1), at(0)).await.unwrap();
    all(&store).await;
    change(&folder.path().join("store.db"), "ALTER TABLE outbox ADD COLUMN later TEXT DEFAULT 'x'");
    store.accept(&forms(1), at(0)).await.unwrap();
    assert_eq!(all(&store).await.len(), 2);
}

fn spawned(mut command: Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[test]
fn six_that_open_a_new_store_at_once_all_work_on_it() {
    let desk = Desk::new("");
    for round in 0..4 {
        let data = desk.home.path().join(format!("data-{round}"));
        let env = [("ROLODESK_DATA_DIR", data.to_str().unwrap())];
        let started: Vec<_> =
            (0..6).map(|_| spawned(desk.command(&["status", "--json"], &env))).collect();
        for child in started {
            let ran = Ran::from(child.wait_with_output().unwrap());
            assert_eq!((ran.code, ran.error.as_str()), (0, ""), "round {round}");
            assert_eq!(ran.rows()[0]["queued"], 0);
        }
        assert_eq!(beside(&data), [""; 0]);
    }
}

#[test]
fn after_every_command_the_file_alone_holds_everything() {
    let desk = Desk::new("");
    let data = desk.home.path().join(".local/share/rolodesk");
    let csv = desk.home.path().join("some.csv");
    for round in 0..4 {
        fs::write(&csv, format!("firstName,lastName,phone\nAnn,Doe,+9198765{round}0001\n"))
            .unwrap();
        desk.add("John", &format!("+9198765{round}0002"), &[]);
        assert_eq!(beside(&data), [""; 0], "add");
        desk.run(&["import", csv.to_str().unwrap()]);
        assert_eq!(beside(&data), [""; 0], "import");
        for command in ["status", "results", "sync", "contacts"] {
            desk.run(&[command]);
            assert_eq!(beside(&data), [""; 0], "{command}");
        }
    }
    let copy = desk.home.path().join("copy.db");
    let ran = desk.run(&["backup", copy.to_str().unwrap()]);
    assert_eq!((ran.code, beside(&data).len()), (0, 0), "{}", ran.error);
    let again = desk.run(&["backup", copy.to_str().unwrap()]);
    assert_eq!(again.code, 1);
    assert!(again.error.contains("such a file already"), "{}", again.error);
}

/// A library that says of every file system that it is NFS, laid over the C library.
fn feigned_nfs(folder: &Path) -> PathBuf {
    let (source, library) = (folder.join("nfs.c"), folder.join("nfs.so"));
    let text = "#include <string.h>\n#include <sys/vfs.h>\n\
        int statfs(const char *p, struct statfs *b) { memset(b, 0, sizeof *b); b->f_type = 0x6969; return 0; }\n\
        int statfs64(const char *p, struct statfs64 *b) { memset(b, 0, sizeof *b); b->f_type = 0x6969; return 0; }\n";
    fs::write(&source, text).unwrap();
    let arguments = ["-shared", "-fPIC", "-D_GNU_SOURCE", "-o"];
    let made = Command::new("cc").args(arguments).args([&library, &source]).status().unwrap();
    assert!(made.success());
    library
}

#[cfg(target_os = "linux")]
#[test]
fn a_store_on_another_machines_disk_is_refused_with_the_cure() {
    let desk = Desk::new("");
    let library = feigned_nfs(desk.home.path());
    let ran = desk.run_with(&["status"], &[("LD_PRELOAD", library.to_str().unwrap())], "");
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert!(ran.error.contains("NFS") && ran.error.contains("ROLODESK_DATA_DIR"), "{}", ran.error);
    assert!(!desk.home.path().join(".local/share/rolodesk/store.db").exists());
}
