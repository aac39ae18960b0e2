//! `add`, `results` and `sync` as scripts use them, against the sandbox.

use std::{
    io::Write as _,
    process::{Command, Output, Stdio},
};

use rolodesk::sandbox::{Faults, Sandbox, Settings, loopback};
use serde_json::Value;
use tempfile::TempDir;

/// A home of its own, and a platform beside it.
pub(super) struct Desk {
    pub(super) home: TempDir,
    pub(super) sandbox: Sandbox,
    _runtime: tokio::runtime::Runtime,
}

/// What a command printed and how it ended.
pub(super) struct Ran {
    pub(super) code: i32,
    pub(super) out: String,
    pub(super) error: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let code = output.status.code().unwrap();
        Self { code, out: text(output.stdout), error: text(output.stderr) }
    }
}

impl Ran {
    #[track_caller]
    pub(super) fn rows(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl Desk {
    pub(super) fn new(faults: &str) -> Self {
        Self::holding(faults, &[["Mrs", "Jane", "Roe", "+919876543210"]])
    }

    /// A platform that holds these contacts: salutation, names, E.164.
    pub(super) fn holding(faults: &str, seed: &[[&str; 4]]) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let seed = seed.iter().map(|contact| contact.map(str::to_owned)).collect();
        let faults: Faults = faults.parse().unwrap();
        let settings = Settings { faults, seed, ..Settings::demo() };
        let sandbox = runtime.block_on(async { Sandbox::start(loopback(), settings) }).unwrap();
        Self { home: tempfile::tempdir().unwrap(), sandbox, _runtime: runtime }
    }

    pub(super) fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, &[], "")
    }

    pub(super) fn run_with(&self, arguments: &[&str], env: &[(&str, &str)], input: &str) -> Ran {
        let mut child = self.command(arguments, env).stdin(Stdio::piped()).spawn().unwrap();
        // A command that fails early closes its input.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap().into()
    }

    /// The program with nothing of the machine's environment, its output caught.
    pub(super) fn command(&self, arguments: &[&str], env: &[(&str, &str)]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rolodesk"));
        command.args(arguments).env_clear().env("HOME", self.home.path());
        command.envs(self.sandbox.env()).envs(env.iter().copied());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(super) fn add(&self, first: &str, phone: &str, more: &[&str]) -> Ran {
        let fields =
            ["add", "--json", "--first-name", first, "--last-name", "Doe", "--phone", phone];
        self.run(&[&fields, more].concat())
    }
}

#[test]
fn add_says_what_happened_in_one_object_and_an_exit_code() {
    let desk = Desk::new("");
    let ran = desk.add("John", "+91 98765 43211", &[]);
    let [row] = &ran.rows()[..] else { panic!("{}", ran.out) };
    assert_eq!((ran.code, row["status"].as_str()), (0, Some("created")), "{}", ran.error);
    assert_eq!(row["e164"], "+919876543211");
    assert_eq!(row["full_name"], "John Doe");
    assert_eq!(row["id"].as_str().unwrap().len(), 24);
    assert_eq!(row["existing"], Value::Null);

    let ran = desk.add("John", "+91 98765 43210", &[]);
    let row = &ran.rows()[0];
    assert_eq!((ran.code, row["status"].as_str()), (4, Some("duplicate")));
    assert_eq!(row["existing"]["full_name"], "Jane Roe");

    let ran = desk.add("", "98765x", &["--region", "IN"]);
    let row = &ran.rows()[0];
    assert_eq!((ran.code, row["status"].as_str()), (4, Some("invalid")));
    let reason = row["reason"].as_str().unwrap();
    assert!(reason.contains("First name: is needed") && reason.contains("Phone:"), "{reason}");
}

#[test]
fn what_cannot_be_delivered_in_time_is_queued_and_sync_delivers_it() {
    let desk = Desk::new("drop-before=1");
    let ran = desk.add("John", "+91 98765 43211", &["--wait", "1"]);
    assert_eq!((ran.code, ran.rows()[0]["status"].as_str()), (5, Some("queued")), "{}", ran.out);
    desk.sandbox.set_faults(Faults::default());
    let ran = desk.run(&["sync"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.error);
    assert!(ran.out.contains("1 created"), "{}", ran.out);
    assert_eq!(desk.sandbox.contacts().len(), 2);
}

#[test]
fn a_refused_secret_is_exit_3_and_the_contact_is_kept() {
    let desk = Desk::new("");
    let fields = ["add", "--first-name", "A", "--last-name", "B", "--phone", "+91 98765 43211"];
    let wrong = [("ROLODESK_CLIENT_SECRET", "wrong")];
    assert_eq!(desk.run_with(&fields, &wrong, "").code, 3);
    assert_eq!(desk.run_with(&["sync"], &wrong, "").code, 3);
    assert_eq!(desk.run(&["sync"]).code, 0);
    assert_eq!(desk.sandbox.contacts().len(), 2);
}

#[test]
fn results_come_in_every_format_and_can_be_narrowed() {
    let desk = Desk::new("");
    desk.add("John", "+91 98765 43211", &[]);
    desk.add("Max", "+91 98765 43210", &[]);
    let rows = desk.run(&["results", "--format", "json"]).rows();
    assert_eq!(rows.len(), 2);
    let keys = [
        "status",
        "e164",
        "full_name",
        "id",
        "reason",
        "existing",
        "submitted_at",
        "settled_at",
        "attempts",
    ];
    assert!(keys.iter().all(|key| rows[0].get(key).is_some()), "{}", rows[0]);
    assert_eq!((&rows[0]["status"], &rows[1]["status"]), (&"duplicate".into(), &"created".into()));
    assert_eq!(rows[0]["reason"], "belongs to Jane Roe");
    let narrowed =
        desk.run(&["results", "--format", "json", "--status", "created", "--since", "1h"]);
    assert_eq!(narrowed.rows().len(), 1);
    let csv = desk.run(&["results", "--format", "csv"]).out;
    assert!(csv.starts_with("status,e164,full_name") && csv.contains("'+919876543211"), "{csv}");
    let table = desk.run(&["results"]).out;
    assert!(table.contains("John Doe") && table.contains("belongs to Jane Roe"), "{table}");
    assert_eq!(desk.run(&["results", "--since", "yesterday"]).code, 2);
}

#[test]
fn add_without_fields_asks_line_by_line_and_asks_again() {
    let desk = Desk::new("");
    let answers = "dr\nmrs\nNgọc\nTrần\nvietnam\n12\n0912 345 678\n\n";
    let ran = desk.run_with(&["add"], &[], answers);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.error);
    assert!(ran.error.contains("Salutation: must be Mr or Mrs"), "{}", ran.error);
    assert!(ran.out.starts_with("created  Ngọc Trần  +84 912 345 678"), "{}", ran.out);
    let ran = desk.run_with(&["add"], &[], "mr\nJohn\n");
    assert_eq!(ran.code, 1);
    assert!(ran.error.contains("nothing was stored"), "{}", ran.error);
}

#[test]
fn a_reader_that_goes_away_ends_results_quietly() {
    let desk = Desk::new("");
    desk.add("John", "+91 98765 43211", &[]);
    let mut child = desk.command(&["results", "--format", "json"], &[]).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.stderr, b"");
    assert!(output.status.success(), "{:?}", output.status);
}
