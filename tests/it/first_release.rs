//! What the first release kept is still there: `tests/data/first_release` holds a store it
//! wrote against a platform that rejects, knows duplicates, fails and cuts answers short,
//! and what its own `results --format json` said of it.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use jiff::Timestamp;
use rolodesk::{
    store::{Estate, Moment, Scope, Store},
    submission::{Doubt, FailureKind, Limit, Outcome, Page},
};
use serde_json::Value;

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/first_release");

/// The store as a file in `folder`.
fn store(folder: &Path) {
    let dump = fs::read_to_string(format!("{DATA}/store.sql")).unwrap();
    let written = rusqlite::Connection::open(folder.join("store.db")).unwrap();
    written.execute_batch(&dump).unwrap();
}

fn results(folder: &Path) -> Vec<Value> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rolodesk"));
    command.args(["results", "--format", "json", "--data-dir"]).arg(folder);
    command.env_clear().env("HOME", folder);
    for (name, value) in [
        ("HOST", "http://127.0.0.1:9"),
        ("STREAM_ID", "st-1"),
        ("ACCOUNT_ID", "acc-1"),
        ("CLIENT_ID", "cs-1"),
        ("CLIENT_SECRET", "secret"),
    ] {
        command.env(format!("ROLODESK_{name}"), value);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let lines = String::from_utf8(output.stdout).unwrap();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn rows_and_reasons_of_the_first_release_are_told_as_it_told_them() {
    let folder = tempfile::tempdir().unwrap();
    store(folder.path());
    let told = results(folder.path());
    let wanted = fs::read_to_string(format!("{DATA}/results.jsonl")).unwrap();
    assert_eq!(told.len(), wanted.lines().count());
    for (row, wanted) in told.iter().zip(wanted.lines()) {
        let wanted: BTreeMap<String, Value> = serde_json::from_str(wanted).unwrap();
        for (key, value) in wanted {
            assert_eq!(row[&key], value, "{key} of {row}");
        }
    }
    let of = |name: &str| told.iter().find(|row| row["full_name"] == name).unwrap();
    assert_eq!(of("Fails Five")["code"], "quoted");
    assert_eq!(of("Taken Here")["code"], "number_taken");
    assert_eq!(of("Cut Short")["may_exist"], true);
    assert_eq!(of("John Doe").get("may_exist"), None);
}

#[tokio::test]
async fn attempts_of_the_first_release_are_read_as_what_they_were() {
    let folder = tempfile::tempdir().unwrap();
    store(folder.path());
    let scope = Scope {
        profile: "default".into(),
        estate: Estate::new("http://127.0.0.1:9", "acc-1", "st-1"),
        limit: 60,
        agent: "ada".into(),
        machine: "desk".into(),
    };
    let boot = rolodesk::store::BootId::Unknown;
    let at = Moment { wall: Timestamp::now(), boot, uptime_ms: 1 };
    let store = Store::open(&folder.path().join("store.db"), scope, at).await.unwrap();
    let page = Page { limit: 100, ..Page::default() };
    let mut kinds = BTreeMap::new();
    for entry in store.page(&page).await.unwrap() {
        let (entry, attempts) = store.entry(entry.submission.id).await.unwrap().unwrap();
        assert_eq!(attempts.len(), usize::try_from(entry.attempts).unwrap());
        let outcome = attempts.into_iter().next_back().unwrap().outcome.unwrap();
        kinds.insert(entry.submission.contact.full_name(), outcome);
    }
    let kind = |name: &str| match &kinds[name] {
        Outcome::Failure(failure) => (failure.kind, failure.words.as_str()),
        other => panic!("{other:?}"),
    };
    assert!(matches!(&kinds["John Doe"], Outcome::Created(record) if record.active));
    let Outcome::Duplicate { owner: Some(owner), .. } = &kinds["Named Owner"] else { panic!() };
    assert_eq!(owner.full_name.as_deref(), Some("Jane Owner"));
    assert_eq!(kind("Rejected One"), (FailureKind::Rejected, "salutation must be Mr or Mrs"));
    assert_eq!(kind("Fails Five"), (FailureKind::Failed, "HTTP 503: Service Unavailable"));
    assert_eq!(kind("Cut Short").0, FailureKind::Unclear { doubt: Doubt::Answer });
    assert_eq!(kind("Hourly Limit").0, FailureKind::Limited { limit: Limit::Unknown });
}
