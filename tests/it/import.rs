//! `import` as a shell sees it: messy files and their verdicts, what cannot be read, and
//! runs that are cut short.

use std::{
    collections::BTreeSet,
    fs,
    path::PathBuf,
    process::Child,
    time::{Duration, Instant},
};

use rolodesk::sandbox::Faults;
use serde_json::{Value, json};

use super::headless::{Desk, Ran};

const HEADER: &str = "firstName,lastName,salutation,cellPhoneNumber,cellPhoneCountryCode\n";

impl Desk {
    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.home.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// A file of so many good rows.
    fn rows(&self, count: u32) -> String {
        let row = |n: u32| format!("Ada,Tester {n},Mrs,{},+91\n", 9_800_000_000_u64 + u64::from(n));
        self.file("rows.csv", HEADER.to_owned() + &(1..=count).map(row).collect::<String>())
    }

    /// Starts an import that sends one row at a time, slowly.
    fn slowly(&self, file: &str, more: &[&str]) -> Child {
        self.sandbox.set_faults("latency=150ms,limit=600".parse().unwrap());
        let arguments = [&["import", file, "--json"], more].concat();
        self.command(&arguments, &one_by_one("1")).spawn().unwrap()
    }

    /// Waits until the platform holds so many contacts beside the one it started with.
    #[track_caller]
    fn until_created(&self, count: usize) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while self.sandbox.contacts().len() < count + 1 {
            assert!(Instant::now() < deadline, "{} contacts", self.sandbox.contacts().len());
            std::thread::yield_now();
        }
    }

    /// Every number the platform holds, each once.
    #[track_caller]
    fn numbers(&self) -> BTreeSet<String> {
        let held: Vec<_> = self.sandbox.contacts().iter().map(|it| it.number.clone()).collect();
        let once: BTreeSet<_> = held.iter().cloned().collect();
        assert_eq!(once.len(), held.len(), "a number was created twice");
        once
    }
}

impl Ran {
    /// The rows without the summary, and the summary.
    #[track_caller]
    fn told(&self) -> (Vec<Value>, Value) {
        let mut rows = self.rows();
        let last = rows.pop().unwrap_or_else(|| panic!("nothing was printed: {}", self.error));
        (rows, last["summary"].clone())
    }

    #[track_caller]
    fn is_usage(&self, parts: &[&str]) {
        assert_eq!((self.code, self.out.as_str()), (2, ""), "{}", self.error);
        let last = self.error.lines().last().unwrap_or_default();
        assert!(last.starts_with("rolodesk: "), "{}", self.error);
        assert!(parts.iter().all(|part| last.contains(part)), "{parts:?} in {last}");
    }
}

/// So many rows to a request, and no minute to spread them over.
fn one_by_one(most: &str) -> [(&str, &str); 2] {
    [("ROLODESK_MAX_BATCH", most), ("ROLODESK_REQUESTS_PER_MINUTE", "600")]
}

fn data(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/csv").join(name)
}

#[test]
fn every_row_of_every_messy_file_gets_the_verdict_of_the_table() {
    let table = fs::read_to_string(data("verdicts.tsv")).unwrap();
    let wanted: Vec<Vec<&str>> = table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split('\t').collect())
        .collect();
    let named: BTreeSet<_> = wanted.iter().map(|row| row[0].to_owned()).collect();
    let there: BTreeSet<_> = fs::read_dir(data(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "verdicts.tsv")
        .collect();
    assert_eq!(named, there, "the table names the files of the folder");
    let desk = Desk::new("");
    for file in there {
        let path = data(&file);
        let ran =
            desk.run(&["import", path.to_str().unwrap(), "--region", "IN", "--dry-run", "--json"]);
        let (rows, summary) = ran.told();
        let wanted: Vec<_> = wanted.iter().filter(|row| row[0] == file).collect();
        assert_eq!(rows.len(), wanted.len(), "{file}: {}", ran.out);
        assert_eq!(summary["total"], rows.len(), "{file}");
        for (row, wanted) in rows.iter().zip(&wanted) {
            let [_, number, status, e164, name, reason] = wanted[..] else { panic!("{wanted:?}") };
            assert_eq!(row["row"].to_string(), number, "{file}");
            assert_eq!(row["status"], status, "{file}: {row}");
            assert_eq!(row["e164"].as_str().unwrap_or("-"), e164, "{file}: {row}");
            if name != "-" {
                assert_eq!(row["full_name"], name, "{file}: {row}");
            }
            let told = row["reason"].as_str().unwrap_or("-");
            assert!(told.contains(reason) && (reason != "-" || told == "-"), "{file}: {row}");
        }
        let failed = wanted.iter().any(|row| matches!(row[2], "invalid" | "duplicate"));
        let unusual = wanted.iter().any(|row| row[2] == "unusual");
        assert_eq!(ran.code, if failed || unusual { 4 } else { 0 }, "{file}");
    }
    assert_eq!(desk.sandbox.requests().len(), 0, "a dry run asks nobody");
    assert_eq!(desk.run(&["results", "--format", "json"]).out, "");
}

#[test]
fn what_was_changed_or_left_out_is_said_in_one_line_at_the_end() {
    let desk = Desk::new("");
    let title = "John,Doe,Ms,9876543211,+91\nJane,Roe,Ms,9876543210,+91\n";
    let titles = desk.file("titles.csv", HEADER.to_owned() + title);
    let more = "Max,Power,Mr,9876543212 x12,+91\nPat,Plain,Mr,9876543213,+91\n";
    let mixed = desk.file("mixed.csv", HEADER.to_owned() + title + more);
    let plain = desk.file("plain.csv", HEADER.to_owned() + "Pat,Plain,Mr,9876543213,+91\n");
    let report = desk.home.path().join("done.csv");
    let report = report.to_str().unwrap();
    let sentence = "Salutation: Ms is left out, Mr is the default; ";
    for dry in [&["--dry-run"][..], &[]] {
        let run = |args: &[&str]| desk.run(&[&["import"], args, dry].concat()).error;
        let told = |error: &str| error.lines().last().unwrap_or_default().to_owned();
        let error = run(&[&titles]);
        assert_eq!(told(&error), format!("2 rows: {sentence}--report FILE lists them"));
        let error = run(&[&titles, "--report", report]);
        assert_eq!(told(&error), format!("2 rows: {sentence}the report {report} lists them"));
        let wanted = "3 rows changed or with something left out, such as ";
        let error = run(&[&mixed]);
        assert_eq!(told(&error), format!("{wanted}{sentence}--report FILE lists them"));
        for args in [&[plain.as_str()][..], &[&titles, "--json"]] {
            let error = run(args);
            assert!(!error.contains("left out"), "{error}");
        }
    }
}

#[test]
fn each_row_is_one_object_and_the_sum_is_the_last_line() {
    let desk = Desk::new("");
    let file = desk.file(
        "mixed.csv",
        HEADER.to_owned()
            + "John,Doe,Mr,9876543211,+91\n\nMax,Power,Mr,9876543210,+91\nBad,Row,Mr,12,+91\n\
               Again,Doe,Mr,+919876543211,+91\nUn,Usual,Mr,4151550132,+1\n",
    );
    let ran = desk.run(&["import", &file, "--json"]);
    let (rows, summary) = ran.told();
    assert_eq!(
        summary,
        json!({"total": 5, "created": 1, "duplicate": 2, "rejected": 0, "invalid": 2, "queued": 0})
    );
    assert_eq!(ran.code, 4);
    let row = |n: u64| rows.iter().find(|row| row["row"] == n).unwrap().clone();
    let id = row(1)["id"].clone();
    assert_eq!(id.as_str().unwrap().len(), 24);
    assert_eq!(
        row(1),
        json!({"status": "created", "id": id, "e164": "+919876543211", "full_name": "John Doe",
               "reason": null, "code": "created", "facts": {}, "existing": null, "row": 1})
    );
    assert_eq!(
        (&row(2)["status"], &row(2)["existing"]["full_name"]),
        (&json!("duplicate"), &json!("Jane Roe"))
    );
    assert_eq!((&row(3)["status"], &row(3)["id"]), (&json!("invalid"), &Value::Null));
    assert_eq!(row(4)["reason"], "same number as row 1");
    assert_eq!(row(5)["status"], "invalid");
    assert!(row(5)["reason"].as_str().unwrap().contains("--allow-unusual"));
    assert!(ran.error.contains("UTF-8, separated by commas"), "{}", ran.error);
    assert!(ran.error.contains("Phone        from `cellPhoneNumber`"), "{}", ran.error);

    let ran = desk.run(&["import", &file, "--json", "--allow-unusual"]);
    assert_eq!(ran.told().1["created"], 2, "{}", ran.out);
    assert_eq!(desk.numbers().len(), 3);
}

#[test]
fn people_read_what_needs_a_look_and_the_sum() {
    let desk = Desk::new("");
    let file = desk.file("a.csv", "Name;Mobile\nJohn Doe;+919876543211\nEsc\u{1b}[2J Ape;12\n");
    let ran = desk.run(&["import", &file]);
    let lines: Vec<_> = ran.out.lines().collect();
    assert_eq!(lines.len(), 2, "{}", ran.out);
    assert!(lines[0].starts_with("row 2     invalid    Esc Ape"), "{}", ran.out);
    assert_eq!(lines[1], "2 rows: 1 created, 0 duplicate, 0 rejected, 1 invalid, 0 queued");
    assert_eq!(ran.code, 4);
}

#[test]
fn the_same_file_again_makes_nothing_twice_and_sends_what_was_discarded() {
    let desk = Desk::new("");
    let file = desk.rows(3);
    let first = desk.run(&["import", &file, "--json"]);
    assert_eq!((first.code, &first.told().1["created"]), (0, &json!(3)), "{}", first.error);
    let requests = desk.sandbox.requests().len();
    let again = desk.run(&["import", &file, "--json"]);
    let (rows, summary) = again.told();
    assert_eq!((again.code, &summary["created"]), (0, &json!(3)), "{}", again.out);
    assert!(again.error.contains("3 rows were entered before and are not entered again: 1-3"));
    assert!(rows[0]["reason"].as_str().unwrap().starts_with("was created before, 2"));
    assert_eq!(desk.sandbox.requests().len(), requests, "nothing was sent");
    let dry = desk.run(&["import", &file, "--json", "--dry-run"]);
    assert_eq!((dry.code, &dry.told().1["duplicate"]), (4, &json!(3)));

    discard_first(&desk);
    // One made within these seconds could be what a replayed request has just created.
    let deadline = Instant::now() + Duration::from_secs(4);
    while Instant::now() < deadline {
        std::thread::yield_now();
    }
    let ran = desk.run(&["import", &file, "--json"]);
    // The platform still has it: it says so, as the row is sent again.
    assert_eq!((ran.code, &ran.told().1["duplicate"]), (4, &json!(1)), "{}", ran.out);
    assert_eq!(desk.numbers().len(), 4);
}

/// Discards one created contact from the store, as an agent would.
fn discard_first(desk: &Desk) {
    use rolodesk::{
        delivery::clock,
        store::{DirectoryStorage, Discarded, Estate, Limits, Scope, Store},
        submission::Page,
    };
    let env: std::collections::HashMap<_, _> = desk.sandbox.env().into_iter().collect();
    let [host, account, stream] = ["HOST", "ACCOUNT_ID", "STREAM_ID"]
        .map(|key| env[format!("ROLODESK_{key}").as_str()].clone());
    let scope = Scope {
        profile: "default".into(),
        estate: Estate::new(&host, &account, &stream),
        limits: Limits::per_minute(60),
        directory: DirectoryStorage::OnDisk,
        agent: "ada".into(),
        machine: "desk".into(),
    };
    let path = desk.home.path().join(".local/share/rolodesk/store.db");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = Store::open(&path, scope, clock::now()).await.unwrap();
        let page = store.page(&Page { limit: 1, ..Page::default() }).await.unwrap();
        let discarded = store
            .discard(page[0].submission.id, page[0].status.group(), clock::now())
            .await
            .unwrap();
        assert_eq!(discarded, Discarded::Gone);
    });
}

#[cfg(unix)]
#[test]
fn killed_in_the_middle_and_run_again_every_row_is_created_once() {
    let desk = Desk::new("");
    let file = desk.rows(12);
    let mut child = desk.slowly(&file, &[]);
    desk.until_created(3);
    child.kill().unwrap();
    child.wait().unwrap();
    desk.sandbox.set_faults(Faults::default());
    let ran = desk.run(&["import", &file, "--json"]);
    let (_, summary) = ran.told();
    assert_eq!((ran.code, &summary["created"]), (0, &json!(12)), "{}{}", ran.out, ran.error);
    assert!(ran.error.contains("12 rows were entered before and are not entered again: 1-12"));
    assert_eq!(desk.numbers().len(), 13);
}

#[test]
fn answers_that_are_lost_make_nothing_twice() {
    let desk = Desk::new("drop-after=0.3,seed=7,limit=600");
    let file = desk.rows(8);
    let ran = desk.run_with(&["import", &file, "--json"], &one_by_one("2"), "");
    let (rows, summary) = ran.told();
    assert_eq!((ran.code, &summary["created"]), (0, &json!(8)), "{}{}", ran.out, ran.error);
    assert_eq!(rows.len(), 8);
    assert_eq!(desk.numbers().len(), 9);
}

#[cfg(unix)]
#[test]
fn rows_that_another_process_delivers_are_followed() {
    let desk = Desk::new("");
    let file = desk.rows(10);
    let first = desk.slowly(&file, &[]);
    desk.until_created(1);
    let second = desk.slowly(&file, &[]);
    let first = Ran::from(first.wait_with_output().unwrap());
    let second = Ran::from(second.wait_with_output().unwrap());
    assert_eq!((first.code, second.code), (0, 0), "{}{}", first.error, second.error);
    let ids = |ran: &Ran| -> BTreeSet<String> {
        ran.told().0.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&first), ids(&second));
    assert_eq!(desk.numbers().len(), 11);
}

#[cfg(unix)]
#[test]
fn ctrl_c_and_a_terminal_that_goes_away_keep_the_rest_queued() {
    use rustix::process::{Pid, Signal, kill_process};
    for signal in [Signal::INT, Signal::HUP] {
        let desk = Desk::new("");
        let report = desk.home.path().join("report.csv");
        let file = desk.rows(12);
        let child = desk.slowly(&file, &["--report", report.to_str().unwrap()]);
        desk.until_created(2);
        kill_process(Pid::from_child(&child), signal).unwrap();
        let ran = Ran::from(child.wait_with_output().unwrap());
        let (rows, summary) = ran.told();
        assert_eq!((ran.code, rows.len()), (5, 12), "{}", ran.error);
        let queued = summary["queued"].as_u64().unwrap();
        assert!(queued > 0 && summary["created"].as_u64().unwrap() == 12 - queued, "{summary}");
        assert!(ran.error.contains("stopped: ") && ran.error.contains("`rolodesk sync`"));
        let report = fs::read_to_string(report).unwrap();
        assert_eq!(report.matches(",\"queued\",").count() as u64, queued, "{report}");
        desk.sandbox.set_faults(Faults::default());
        assert_eq!(desk.run(&["sync"]).code, 0);
        assert_eq!(desk.numbers().len(), 13);
    }
}

#[test]
fn a_reader_that_goes_away_loses_nothing() {
    let desk = Desk::new("");
    let file = desk.file("a.csv", HEADER.to_owned() + "Bad,Row,Mr,12,+91\nA,B,Mr,9876543211,+91\n");
    let mut child = desk.command(&["import", &file, "--json"], &[]).spawn().unwrap();
    drop(child.stdout.take());
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.code, 5, "{}", ran.error);
    assert!(!ran.error.contains("roken pipe") && ran.error.contains("1 row is stored"));
    assert_eq!(desk.run(&["sync"]).code, 0);
    assert_eq!(desk.numbers().len(), 2);
}

#[test]
fn a_platform_that_is_away_leaves_the_rows_queued() {
    let desk = Desk::new("drop-before=1");
    let file = desk.file("a.csv", HEADER.to_owned() + "Bad,Row,Mr,12,+91\nA,B,Mr,9876543211,+91\n");
    let ran = desk.run(&["import", &file, "--json"]);
    let (rows, summary) = ran.told();
    assert_eq!(ran.code, 5, "what waits weighs more than what failed: {}", ran.error);
    assert_eq!((&summary["queued"], &summary["invalid"]), (&json!(1), &json!(1)));
    assert_eq!(rows[1]["status"], "queued");
    assert!(ran.error.contains("still trying") && ran.error.contains("cannot be reached"));
}

#[test]
fn a_refused_secret_is_exit_3_and_no_secret_at_all_stores_nothing() {
    let desk = Desk::new("");
    let file = desk.rows(2);
    let none = [("ROLODESK_CLIENT_SECRET", "")];
    assert_eq!(desk.run_with(&["import", &file], &none, "").code, 2);
    assert_eq!(desk.run(&["results", "--format", "json"]).out, "");
    let wrong = [("ROLODESK_CLIENT_SECRET", "wrong")];
    let ran = desk.run_with(&["import", &file, "--json"], &wrong, "");
    assert_eq!((ran.code, &ran.told().1["queued"]), (3, &json!(2)), "{}", ran.error);
    assert!(ran.error.contains("refuses us"), "{}", ran.error);
    assert_eq!(desk.run(&["import", &file]).code, 0);
    assert_eq!(desk.numbers().len(), 3);
}

#[test]
fn what_cannot_be_imported_is_told_in_a_sentence_before_anything_is_stored() {
    let desk = Desk::new("");
    let good = desk.rows(1);
    let file = |name: &str, bytes: &[u8]| desk.file(name, bytes);
    let home = desk.home.path().to_str().unwrap().to_owned();
    for (path, more, told) in [
        (home.clone(), &[][..], &["is a directory"][..]),
        (file("none.csv", b""), &[], &["none.csv is empty"]),
        (file("blank.csv", b"\n\n;;\n"), &[], &["blank.csv", "has no"]),
        (file("head.csv", HEADER.as_bytes()), &[], &["head.csv", "no other row"]),
        (file("book.csv", b"PK\x03\x04\x14"), &[], &["workbook", "CSV (UTF-8)"]),
        (file("twice.csv", b"first,last,phone,Phone\na,b,1,2\n"), &[], &["`phone`, `Phone`"]),
        (file("few.csv", b"first,last\na,b\n"), &[], &["phone", "`first`, `last`", "--map"]),
        (file("rows-only.csv", b"John,Doe,+919876543211\n"), &[], &["looks like a contact"]),
        (format!("{home}/gone.csv"), &[], &["gone.csv cannot be read"]),
        (good.clone(), &["--map", "phone=Nope"], &["no column `Nope`", "`cellPhoneNumber`"]),
        (good.clone(), &["--map", "fone=x"], &["--map fone=x", "there is no field `fone`"]),
        (good.clone(), &["--region", "Atlantis"], &["--region `Atlantis`"]),
        (good.clone(), &["--report", &good], &["would overwrite"]),
        (good.clone(), &["--report", "/nowhere/at/all.csv"], &["/nowhere/at/all.csv", "written"]),
    ] {
        desk.run(&[&["import", path.as_str()], more].concat()).is_usage(told);
    }
    assert_eq!(desk.run(&["results", "--format", "json"]).out, "");
    assert_eq!(desk.sandbox.requests().len(), 0);
}

#[test]
fn an_endless_line_and_standard_input_are_no_trouble() {
    let desk = Desk::new("");
    let endless = "x".repeat(20 << 20);
    let text = format!("first,last,phone\nA,B,+919876543211\n{endless}\nC,D,+919876543212");
    let ran = desk.run_with(&["import", "-", "--json"], &[], &text);
    let (rows, summary) = ran.told();
    assert_eq!((ran.code, &summary["created"]), (4, &json!(2)), "{}", ran.error);
    assert!(rows[0]["reason"].as_str().unwrap().contains("longer than 256 kB"));
    let left = fs::read_dir(desk.home.path().join(".local/share/rolodesk")).unwrap();
    let left: Vec<_> = left.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    assert!(left.iter().all(|name| name.starts_with("store.db")), "{left:?}");
}

#[test]
fn a_report_keeps_the_columns_and_is_imported_again_as_it_was() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::new("");
    let path = desk.home.path().join("report.csv");
    let report = path.to_str().unwrap();
    let file = desk.file(
        "a.csv",
        "Note;First;Last;Mobile\n=1+1;John;Doe;+919876543211\n'x;Max;Power;'+919876543210\n\
         ;Bad;Row;12\n",
    );
    assert_eq!(desk.run(&["import", &file, "--report", report]).code, 4);
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<_> = text.lines().collect();
    let lines: Vec<_> = lines.iter().map(|line| line.replace('"', "")).collect();
    assert_eq!(lines[0], "Note;First;Last;Mobile;status;reason;id;existing");
    assert!(lines[1].starts_with("'=1+1;John;Doe;'+919876543211;created;;"), "{text}");
    assert!(
        lines[2]
            .starts_with("''x;Max;Power;'+919876543210;duplicate;belongs to Jane Roe;;Jane Roe (")
    );
    assert!(lines[3].starts_with(";Bad;Row;12;invalid;Phone: "), "{text}");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);

    let again = desk.home.path().join("again.csv");
    let ran = desk.run(&["import", report, "--json", "--report", again.to_str().unwrap()]);
    assert_eq!((ran.code, &ran.told().1["created"]), (4, &json!(1)), "{}", ran.out);
    let cells = |text: &str| -> Vec<String> {
        text.lines().map(|line| line.split(';').take(4).collect::<Vec<_>>().join(";")).collect()
    };
    assert_eq!(cells(&fs::read_to_string(again).unwrap()), cells(&text), "nothing grows");
}

#[test]
fn a_dry_run_names_the_owner_it_knows_and_a_real_run_lets_the_platform_decide() {
    let desk = Desk::new("");
    let file = desk.file("a.csv", HEADER.to_owned() + "Max,Power,Mr,9876543210,+91\n");
    let before = desk.run(&["import", &file, "--dry-run", "--json"]);
    assert_eq!(before.told().0[0]["status"], "valid", "nobody has listed the number yet");
    let real = desk.run(&["import", &file, "--json"]);
    assert_eq!(real.told().0[0]["status"], "duplicate");
    let dry = desk.run(&["import", &file, "--dry-run", "--json"]);
    let (rows, summary) = dry.told();
    assert_eq!((dry.code, &rows[0]["status"]), (4, &json!("duplicate")));
    assert_eq!(rows[0]["existing"]["full_name"], "Jane Roe");
    assert_eq!(rows[0]["reason"], "belongs to Jane Roe");
    assert_eq!(summary["created"], 0);
    let posts = || desk.sandbox.requests().iter().filter(|it| it.method == "POST").count();
    let sent = posts();
    assert_eq!(desk.run(&["import", &file, "--json"]).told().0[0]["status"], "duplicate");
    assert_eq!(posts(), sent + 1, "the platform was asked again");
}

#[test]
fn the_samples_are_what_they_show() {
    let desk = Desk::new("");
    let sample = |name: &str| format!("{}/assets/{name}", env!("CARGO_MANIFEST_DIR"));
    let ran = desk.run(&["import", &sample("contacts.csv"), "--dry-run", "--json"]);
    assert_eq!((ran.code, &ran.told().1["valid"]), (0, &json!(5)), "{}", ran.out);
    let template = fs::read_to_string(sample("contacts-template.csv")).unwrap();
    let filled = desk.file("filled.csv", template + "Jane,Roe,Mrs,9876543211,+91,+\n");
    assert_eq!(desk.run(&["import", &filled]).code, 0);
}

#[test]
fn what_results_and_contacts_export_is_imported_as_it_was() {
    let contacts = [
        ["Mr", "José", "O'Brien", "+919876543211"],
        ["Mrs", "=Ngọc", "Ánh", "+393911231231"],
        ["Mr", "山田", "-太郎", "+390461234567"],
        ["Mrs", "Anne Marie", "de la Cruz", "+442071838750"],
    ];
    let from = Desk::new("");
    for [salutation, first, last, phone] in contacts {
        let flags = [
            format!("--salutation={salutation}"),
            format!("--first-name={first}"),
            format!("--last-name={last}"),
            format!("--phone={phone}"),
        ];
        let flags: Vec<_> = flags.iter().map(String::as_str).collect();
        let added = from.run(&[&["add", "--allow-unusual"], &flags[..]].concat());
        assert_eq!(added.code, 0, "{}{}", added.out, added.error);
    }
    from.run(&["contacts", "--refresh"]);
    for command in ["results", "contacts"] {
        let exported = from.run(&[command, "--format", "csv"]);
        let to = Desk::holding("", &[]);
        let ran = to.run_with(&["import", "-", "--json", "--allow-unusual"], &[], &exported.out);
        let held = to.sandbox.contacts();
        for [salutation, first, last, phone] in contacts {
            let one = held.iter().find(|held| held.number == phone);
            let one = one.unwrap_or_else(|| panic!("{phone}: {}{}", ran.out, ran.error));
            let names = [&one.salutation, &one.first_name, &one.last_name].map(String::as_str);
            assert_eq!(names, [salutation, first, last], "{command}");
        }
    }
}

#[test]
fn our_own_export_is_imported_as_it_was() {
    let desk = Desk::new("");
    desk.run(&["import", &desk.rows(2)]);
    desk.add("=cmd()", "+91 98765 43211", &[]);
    let export = desk.file("export.csv", desk.run(&["results", "--format", "csv"]).out);
    let requests = desk.sandbox.requests().len();
    let ran = desk.run(&["import", &export, "--json"]);
    let (rows, summary) = ran.told();
    assert_eq!((ran.code, &summary["created"]), (0, &json!(3)), "{}{}", ran.out, ran.error);
    assert_eq!(rows[0]["full_name"], "=cmd() Doe");
    assert_eq!(desk.sandbox.requests().len(), requests, "all of it was known");
}

#[cfg(unix)]
#[test]
fn a_disk_that_fills_up_says_how_far_it_came_and_keeps_what_is_stored() {
    let desk = Desk::new("");
    let file = desk.rows(1_200);
    // No file may grow past 512 kB: the rows fit into their temporary file, not into the store.
    let script = "trap '' XFSZ; ulimit -f 1000; exec \"$@\"";
    let output = std::process::Command::new("/bin/sh")
        .args(["-c", script, "sh", env!("CARGO_BIN_EXE_rolodesk"), "import", &file])
        .env_clear()
        .env("HOME", desk.home.path())
        .envs(desk.sandbox.env())
        .output()
        .unwrap();
    let ran = Ran::from(output);
    assert_eq!(ran.code, 1, "{}", ran.error);
    let told = ran.error.split("rows from ").nth(1).unwrap_or_else(|| panic!("{}", ran.error));
    let first_left: usize = told.split(' ').next().unwrap().parse().unwrap();
    assert!(told.contains("cannot write to the store"), "{told}");
    assert!(first_left > 1, "something was stored: {told}");
    let stored = desk.run(&["results", "--format", "json"]).rows();
    assert_eq!(stored.len(), first_left - 1);
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_fills_up_while_rows_are_sent_holds_them_up_only_until_there_is_room() {
    use std::io::{BufRead as _, BufReader};
    let desk = Desk::holding("", &[]);
    let file = desk.rows(600);
    let script = "trap '' XFSZ; ulimit -S -f $0; exec \"$@\"";
    // Stored while there was room: from now on the store's log cannot grow.
    desk.run_with(&["import", &file], &[("ROLODESK_CLIENT_SECRET", "wrong")], "");
    let store = desk.home.path().join(".local/share/rolodesk/store.db");
    let size = std::fs::metadata(&store).unwrap().len();
    let mut child = std::process::Command::new("/bin/sh")
        .args(["-c", script, &(size / 512 + 400).to_string()])
        .args([env!("CARGO_BIN_EXE_rolodesk"), "import", &file])
        .env_clear()
        .env("HOME", desk.home.path())
        .envs(desk.sandbox.env())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let mut before = Vec::new();
    while before.last().is_none_or(|line: &String| !line.contains("cannot write to the store")) {
        before.push(told.next().unwrap_or_else(|| panic!("never full: {before:#?}")));
    }
    crate::journeys::give_room(child.id());
    let rest: Vec<_> = told.collect();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{rest:#?}");
    assert_eq!(desk.sandbox.contacts().len(), 600);
}
