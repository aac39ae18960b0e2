//! `add`, `results` and `sync` as scripts use them, against the sandbox.

use std::{
    io::{BufRead as _, BufReader, Read, Write as _},
    process::{Child, Command, Output, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::Instant,
};

use rolodesk::sandbox::{Faults, Sandbox, SandboxSettings, loopback};
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    cli::Running,
    stub::{Stub, answer},
    terminal::PATIENCE,
};

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
        let settings = SandboxSettings { faults, seed, ..SandboxSettings::demo() };
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

    /// Runs it beside the test.
    fn spawn(&self, arguments: &[&str]) -> Child {
        self.command(arguments, &[]).spawn().unwrap()
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
    assert!(!reason.contains("--allow-unusual"), "nothing can send that: {reason}");

    let unusual = desk.add("John", "123 456 7890", &["--region", "US"]);
    let reason = unusual.rows()[0]["reason"].as_str().unwrap().to_owned();
    assert!(
        unusual.code == 4 && reason.ends_with("--allow-unusual sends it all the same"),
        "{reason}"
    );
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
fn status_tells_counts_budget_and_what_waits_since_when_and_why() {
    let desk = Desk::new("");
    desk.add("John", "+91 98765 43211", &[]);
    desk.sandbox.set_faults("drop-before=1".parse().unwrap());
    desk.add("Max", "+91 98765 43212", &["--wait", "0"]);
    let ran = desk.run(&["status"]);
    assert_eq!((ran.code, ran.error.as_str()), (0, ""));
    let lines: Vec<_> = ran.out.lines().collect();
    let host = desk.sandbox.host();
    let account = desk.sandbox.env()[2].1.clone();
    assert_eq!(lines[0], format!("Profile    default  ({host}, account {account})"));
    let counts = "Contacts   1 queued, 0 sending, 1 created, 0 deleted, 0 duplicates, 0 need";
    assert!(lines[1].starts_with(counts), "{}", lines[1]);
    assert!(lines[2].starts_with("Requests   5") && lines[2].ends_with(" of 60 left this minute"));
    assert!(lines[3].starts_with("Waiting    since 20") && lines[3].ends_with('Z'), "{}", lines[3]);
    assert!(lines[4].contains("+919876543212  Max Doe  since 20"), "{}", lines[4]);
    assert_eq!(lines.len(), 5, "{}", ran.out);
    let report = desk.run(&["status", "--json"]).rows().remove(0);
    let keys: Vec<_> = report.as_object().unwrap().keys().map(String::as_str).collect();
    let wanted = [
        "account",
        "attention",
        "created",
        "damaged",
        "deleted",
        "duplicate",
        "floor",
        "held",
        "held_until",
        "limit_is_shared",
        "oldest_waiting_since",
        "queued",
        "reasons",
        "requests_left",
        "requests_per_minute",
        "sending",
        "waiting",
    ];
    assert_eq!(keys, wanted);
    assert_eq!((&report["created"], &report["queued"]), (&1.into(), &1.into()));
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
    assert!(
        csv.starts_with("\"status\",\"e164\",\"full_name\"") && csv.contains("'+919876543211"),
        "{csv}"
    );
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
    assert_eq!(ran.code, 2);
    assert!(ran.error.contains("the input ended"), "{}", ran.error);
    assert_eq!(desk.sandbox.contacts().len(), 2, "what was stored before stays");
    assert_eq!(desk.run(&["add"]).code, 2);
}

#[test]
fn an_unusual_number_is_asked_about_and_sent_when_wanted() {
    let desk = Desk::new("");
    let ran = desk.run_with(&["add"], &[], "mr\nA\nB\nus\n123 456 7890\nno\n415 555 0132\n\n");
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.error);
    assert!(ran.error.contains("Send it all the same?"), "{}", ran.error);
    let ran = desk.run_with(&["add"], &[], "mr\nA\nB\nus\n123 456 7890\nyes\n\n");
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.error);
    let last = desk.sandbox.contacts().pop().unwrap();
    assert_eq!(last.number, "+11234567890");
}

#[test]
fn a_platform_that_misbehaves_decides_adds_exit_code_and_never_loses_the_contact() {
    for (bytes, code, status) in [
        (answer("401 x", "", "{}"), 3, "queued"),
        (answer("404 x", "", "{\"message\":\"no such stream\"}"), 3, "queued"),
        (answer("500 x", "", ""), 5, "queued"),
        (answer("200 OK", "", "<html>Welcome</html>"), 3, "queued"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n[{".to_owned(), 5, "queued"),
        (answer("429 x", "retry-after: 1e9\r\n", "slow\u{1b}[2Jdown"), 5, "queued"),
    ] {
        let (desk, stub) = (Desk::new(""), Stub::answering(bytes.clone()));
        let host = format!("http://{}", stub.address);
        let fields = ["add", "--json", "--first-name", "A", "--last-name", "B", "--phone"];
        let fields = [&fields[..], &["+919876543211", "--wait", "2"]].concat();
        let ran = desk.run_with(&fields, &[("ROLODESK_HOST", &host)], "");
        assert_eq!(ran.code, code, "{bytes}: {}{}", ran.out, ran.error);
        let row = ran.rows().remove(0);
        assert_eq!(row["status"], status, "{bytes}: {row}");
        assert!(row["reason"].as_str().is_none_or(|it| !it.contains('\u{1b}')), "{row}");
        let kept = desk.run_with(&["status", "--json"], &[("ROLODESK_HOST", &host)], "");
        let kept = kept.rows().remove(0);
        assert_eq!(kept["waiting"].as_array().unwrap().len(), 1, "{bytes}: {kept}");
    }
}

#[test]
fn the_keys_of_add_are_those_of_an_imported_row_in_every_case() {
    let desk = Desk::new("");
    for phone in ["+91 98765 43211", "+91 98765 43210", "nonsense"] {
        let ran = desk.add("John", phone, &[]);
        let row = ran.rows().remove(0);
        let keys: Vec<_> = row.as_object().unwrap().keys().map(String::as_str).collect();
        let wanted =
            ["code", "e164", "existing", "facts", "full_name", "id", "reason", "row", "status"];
        assert_eq!(keys, wanted, "{row}");
        assert_eq!(row["row"], 1);
    }
    let taken = desk.add("John", "+91 98765 43210", &[]).rows().remove(0);
    let existing: Vec<_> = taken["existing"].as_object().unwrap().keys().collect();
    assert_eq!(existing, ["full_name", "id"]);
}

#[test]
fn whatever_keeps_a_contact_from_being_stored_is_told_before_anything_is_asked() {
    let desk = Desk::new("");
    let wrong = [("ROLODESK_DATA_DIR", "/dev/null/x")];
    let ran = desk.run_with(&["add"], &wrong, "mr\n");
    assert_eq!(ran.code, 1);
    assert!(
        ran.error.starts_with("rolodesk: the contact is not stored: cannot open the store"),
        "{}",
        ran.error
    );
}

/// The lines of a running program, as they come.
fn lines(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        let told = BufReader::new(pipe).lines().map_while(Result::ok);
        told.take_while(|line| sender.send(line.clone()).is_ok()).for_each(drop);
    });
    lines
}

/// Waits for a line that holds `part`.
#[track_caller]
fn line_with(lines: &Receiver<String>, part: &str) -> String {
    let mut seen = Vec::new();
    loop {
        match lines.recv_timeout(PATIENCE) {
            Ok(line) if line.contains(part) => return line,
            Ok(line) => seen.push(line),
            Err(late) => panic!("no {part:?} in {seen:?}: {late}"),
        }
    }
}

fn signal(child: &Child, name: &str) {
    let kill = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status();
    assert!(kill.unwrap().success());
}

#[test]
fn watching_goes_on_tells_offline_and_online_and_ends_cleanly_when_asked_to() {
    for (name, code) in [("INT", 0), ("TERM", 0)] {
        let desk = Desk::new("drop-before=1");
        desk.add("John", "+91 98765 43211", &["--wait", "0"]);
        let mut child = Running(desk.spawn(&["sync", "--watch"]));
        let told = lines(child.0.stderr.take().unwrap());
        let out = lines(child.0.stdout.take().unwrap());
        let line = line_with(&told, "offline");
        assert!(line.contains("still trying"), "{line}");
        // What another process queues meanwhile is delivered as well.
        assert_eq!(desk.add("Max", "+91 98765 43212", &["--wait", "0"]).code, 5);
        desk.sandbox.set_faults(Faults::default());
        line_with(&told, "online again");
        let created = [line_with(&out, "created"), line_with(&out, "created")].concat();
        assert!(created.contains("John Doe") && created.contains("Max Doe"), "{created}");
        signal(&child.0, name);
        line_with(&out, "2 created, 0 duplicates, 0 needing attention, 0 still queued");
        assert_eq!(child.0.wait().unwrap().code(), Some(code));
    }
}

#[test]
fn watching_ends_with_5_while_something_waits() {
    let desk = Desk::new("drop-before=1");
    desk.add("John", "+91 98765 43211", &["--wait", "0"]);
    let mut child = Running(desk.spawn(&["sync", "--watch"]));
    let told = lines(child.0.stderr.take().unwrap());
    line_with(&told, "offline");
    signal(&child.0, "TERM");
    assert_eq!(child.0.wait().unwrap().code(), Some(5));
}

#[test]
fn a_signal_while_the_list_is_read_keeps_what_was_read_and_says_so() {
    for name in ["TERM", "INT", "HUP"] {
        let desk = Desk::new("");
        assert_eq!(desk.add("John", "+91 98765 43211", &[]).code, 0);
        desk.sandbox.set_faults("latency=20s".parse().unwrap());
        let mut child = Running(desk.spawn(&["contacts", "--refresh", "--format", "json"]));
        let told = lines(child.0.stderr.take().unwrap());
        let out = lines(child.0.stdout.take().unwrap());
        let deadline = Instant::now() + PATIENCE;
        while desk.sandbox.requests().len() < 2 {
            assert!(Instant::now() < deadline, "the list is never asked for");
            std::thread::yield_now();
        }
        signal(&child.0, name);
        line_with(&told, "Stopped; what was read so far is kept.");
        line_with(&out, "John Doe");
        assert_eq!(child.0.wait().unwrap().code(), Some(5), "{name}");
    }
}

#[test]
fn ctrl_c_while_add_waits_says_what_is_stored_and_that_it_was_interrupted() {
    let desk = Desk::new("latency=20s");
    let fields = ["add", "--json", "--first-name", "A", "--last-name", "B", "--phone"];
    let child = desk.spawn(&[&fields[..], &["+919876543211", "--wait", "60"]].concat());
    let deadline = Instant::now() + PATIENCE;
    while desk.run(&["status", "--json"]).rows()[0]["waiting"].as_array().unwrap().is_empty() {
        assert!(Instant::now() < deadline, "it is never stored");
    }
    signal(&child, "INT");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    let row: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(row["status"], "queued");
    let status = desk.run(&["status", "--json"]).rows().remove(0);
    assert_eq!((&status["queued"], &status["sending"]), (&1.into(), &0.into()), "{status}");
    assert_eq!(status["oldest_waiting_since"], status["waiting"][0]["submitted_at"]);
}

#[test]
fn a_reader_that_goes_away_ends_every_command_quietly_and_loses_nothing() {
    let desk = Desk::new("");
    let fields = ["add", "--first-name", "A", "--last-name", "B", "--phone", "+919876543211"];
    let again = ["add", "--first-name", "A", "--last-name", "B", "--phone", "+919876543212"];
    for args in [
        &["status"][..],
        &["results"],
        &["results", "--format", "json"],
        &["doctor"],
        &["token"],
        &fields,
        &again,
        &["sync"],
        &["sandbox", "--fault", "help"],
    ] {
        let mut child = desk.spawn(args);
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{args:?}");
        assert!(output.status.success(), "{args:?} {:?}", output.status);
    }
    assert_eq!(desk.sandbox.contacts().len(), 3);
    assert_eq!(desk.run(&["status", "--json"]).rows()[0]["queued"], 0);
}

#[test]
fn contacts_that_cannot_be_read_anew_are_told_and_what_is_known_is_printed() {
    let desk = Desk::new("");
    assert_eq!(desk.run(&["contacts"]).code, 0);
    assert!(desk.run(&["contacts"]).error.contains("contacts --refresh"));
    let read = desk.run(&["contacts", "--refresh"]);
    assert_eq!((read.code, read.out.lines().count()), (0, 2), "{}{}", read.out, read.error);
    desk.sandbox.set_faults("refuse=1".parse().unwrap());
    let refused = desk.run(&["contacts", "--refresh"]);
    assert_eq!((refused.code, refused.out), (3, read.out.clone()), "{}", refused.error);
    // While contacts wait for a platform that is away, nobody waits for its list for ever.
    desk.sandbox.set_faults("status-503=1".parse().unwrap());
    desk.add("A", "+919876543211", &["--wait", "0"]);
    let away = desk.run(&["contacts", "--refresh"]);
    assert_eq!((away.code, away.out), (5, read.out), "{}", away.error);
    assert!(away.error.contains("still trying"), "{}", away.error);
}
