//! Real seats and senders on a real PostgreSQL, with the sandbox as the platform: nothing is
//! lost or doubled, whoever is killed.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    path::Path,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use rolodesk::{
    delivery::{Handle, Inbox, clock},
    sandbox::SandboxSettings,
    store::{DirectoryStorage, Estate, Limits, Scope, Store},
    submission::{ContactId, Group, Origin, Record, Status, Submission, Update},
    team::{self, Duty, FloorStore as _, floor::FloorRecord, postgres::Address},
};
use tokio::sync::mpsc::UnboundedReceiver;

use super::{Floor, next_word};
use crate::{
    cli::{Answer, Desk},
    cluster::{Cluster, alone},
    journeys::Platform,
    store::forms,
    terminal::PATIENCE,
};

/// A floor with its platform, and a cluster of its own that may be crashed.
pub struct Shift {
    pub cluster: Cluster,
    owner: Address,
    platform: Platform,
}

impl Shift {
    pub fn new(faults: &str) -> Option<Self> {
        let cluster = alone(&[])?;
        let owner = cluster.database();
        let faults = faults.parse().unwrap();
        let platform =
            Platform::start(SandboxSettings { faults, limit: 6_000, ..SandboxSettings::demo() });
        let shift = Self { cluster, owner, platform };
        shift.run(&Desk::new(), "owner", "true", &["team", "setup"]).succeeds();
        Some(shift)
    }

    /// The environment of a seat.
    fn env(&self, role: &str, send: &str) -> Vec<(String, String)> {
        self.env_at(role, send, self.socket())
    }

    /// Where the server listens.
    pub fn socket(&self) -> &Path {
        Path::new(&self.owner.host)
    }

    /// The environment of one that goes to the server by another way.
    pub fn env_at(&self, role: &str, send: &str, host: &Path) -> Vec<(String, String)> {
        let mut env = self.platform.env();
        let database = &self.owner.database;
        env.push((
            "ROLODESK_TEAM_URL".into(),
            format!("postgres://{role}@/{database}?host={}", host.display()),
        ));
        env.push(("ROLODESK_TEAM_SEND".into(), send.into()));
        env
    }

    fn run(&self, desk: &Desk, role: &str, send: &str, arguments: &[&str]) -> Answer {
        let env = self.env(role, send);
        let env: Vec<_> = env.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        desk.run(arguments, &env)
    }

    pub fn seat(&self, desk: &Desk, arguments: &[&str]) -> Answer {
        self.run(desk, "rolodesk_seat", "false", arguments)
    }

    fn start(&self, desk: &Desk, role: &str, send: &str, arguments: &[&str]) -> Process {
        started(desk, &self.env(role, send), arguments)
    }

    pub fn sender(&self, desk: &Desk) -> Process {
        self.start(desk, "rolodesk_sender", "true", &["sync", "--watch"])
    }

    pub fn sql(&self, statement: &str) -> String {
        self.cluster.sql(&self.owner.database, statement)
    }

    pub fn numbers(&self) -> Vec<String> {
        self.platform.running().contacts().into_iter().map(|held| held.number).collect()
    }
}

pub struct Process(Child);

/// A command of the program that goes on, whatever it says.
pub fn started(desk: &Desk, env: &[(String, String)], arguments: &[&str]) -> Process {
    let env: Vec<_> = env.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    let mut command = desk.command(arguments, &env);
    Process(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
}

impl Process {
    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub fn add<'a>(first: &'a str, phone: &'a str, wait: &'a str) -> [&'a str; 9] {
    ["add", "--json", "--wait", wait, "--first-name", first, "--last-name=Roe", "--phone", phone]
}

pub fn until(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + 6 * PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn seats_without_a_secret_have_their_contacts_created_by_the_one_that_sends() {
    let Some(shift) = Shift::new("") else { return };
    let (ada, bob, server) = (Desk::new(), Desk::new(), Desk::new());
    let _sender = shift.sender(&server);
    let mut env = shift.env("rolodesk_seat", "false");
    env.push(("ROLODESK_AGENT".into(), "ada".into()));
    let env: Vec<_> = env.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    let created = ada.run(&add("Ada", "+447911123456", "20"), &env);
    assert_eq!(created.code, Some(0), "{created:?}");
    let taken = shift.seat(&bob, &add("Bob", "+447911123456", "20"));
    assert_eq!(taken.code, Some(4), "{taken:?}");
    assert!(taken.out.contains("\"duplicate\"") && taken.out.contains("Ada Roe"), "{taken:?}");
    assert!(taken.out.contains("ada entered the same number"), "{taken:?}");
    assert_eq!(shift.numbers(), ["+447911123456"]);
    // What one sender learnt is everybody's.
    until("the floor knows the contact", || {
        shift.sql("SELECT e164 FROM rolodesk.directory") == "+447911123456"
    });
    let report = shift.run(&Desk::new(), "owner", "true", &["team", "report"]);
    let line = report.out.lines().find(|line| line.starts_with("ada ")).unwrap().to_owned();
    assert_eq!(line.split_whitespace().nth(1), Some("1"), "{report:?}");
}

#[test]
fn a_sender_whom_the_platform_refuses_lets_another_send() {
    let Some(shift) = Shift::new("") else { return };
    let (bad, good, ada) = (Desk::new(), Desk::new(), Desk::new());
    let mut env = shift.env("rolodesk_sender", "true");
    env.retain(|(key, _)| key != "ROLODESK_CLIENT_SECRET");
    env.push(("ROLODESK_CLIENT_SECRET".into(), "not-the-secret-0123456789abcdef0123".into()));
    let _bad = started(&bad, &env, &["sync", "--watch"]);
    let waits = shift.seat(&ada, &add("Ada", "+447911123456", "1"));
    assert!([Some(3), Some(5)].contains(&waits.code), "{waits:?}");
    until("the wrong one was refused", || {
        shift.sql("SELECT trouble FROM rolodesk.account").contains("credential")
    });
    // Each seat says so, and whose secret it is.
    let status = shift.seat(&ada, &["status"]);
    assert!(status.succeeds().contains("as whoever sends for the floor is told"), "{status:?}");
    let _good = shift.sender(&good);
    until("the other sends it", || shift.numbers() == ["+447911123456"]);
}

#[test]
fn a_seat_says_how_the_floor_stands_and_counts_its_minute() {
    let Some(shift) = Shift::new("") else { return };
    let (server, ada) = (Desk::new(), Desk::new());
    let status = || -> serde_json::Value {
        serde_json::from_str(shift.seat(&ada, &["status", "--json"]).succeeds()).unwrap()
    };
    let waits = shift.seat(&ada, &add("Ada", "+447911123456", "1"));
    assert!(waits.code == Some(5) && waits.out.contains("nobody sends for the floor"), "{waits:?}");
    let told = status();
    assert_eq!(told["floor"]["sender"], serde_json::Value::Null);
    assert!(told["floor"]["reason"].as_str().unwrap().contains("nobody sends"), "{told}");
    let doctor = shift.seat(&ada, &["doctor"]);
    assert!(doctor.out.contains("PROBLEM  team.sender"), "{doctor:?}");
    let sender = shift.sender(&server);
    until("it is sent", || shift.numbers().len() == 1);
    until("the floor knows that it works", || {
        shift.sql("SELECT proven FROM rolodesk.account") == "t"
    });
    let told = status();
    assert!(told["floor"]["sender"]["machine"].is_string(), "{told}");
    assert_eq!(told["floor"]["reason"], serde_json::Value::Null);
    let left = told["requests_left"].as_u64().unwrap();
    assert!(left < told["requests_per_minute"].as_u64().unwrap(), "{told}");
    drop(sender);
    shift.cluster.crash();
    let told = status();
    assert_eq!(told["requests_left"], serde_json::Value::Null);
    assert!(told["floor"]["reason"].as_str().unwrap().contains("nobody listens"), "{told}");
}

#[test]
fn what_is_learnt_in_a_term_of_a_moment_is_shared_before_it_ends() {
    let Some(shift) = Shift::new("") else { return };
    let add = add("Ada", "+447911123456", "20");
    let created = shift.run(&Desk::new(), "rolodesk_sender", "true", &add);
    assert_eq!(created.code, Some(0), "{created:?}");
    assert_eq!(shift.sql("SELECT e164 FROM rolodesk.directory"), "+447911123456");
}

#[test]
fn a_supervisor_looks_at_everybodys_rows_and_a_mere_seat_is_told_what_it_takes() {
    const F6: &str = "\x1b[17~";
    let Some(shift) = Shift::new("") else { return };
    let (server, bob, home) = (Desk::new(), Desk::new(), crate::journeys::home());
    let _sender = shift.sender(&server);
    let mut env = shift.env("rolodesk_seat", "false");
    env.push(("ROLODESK_AGENT".into(), "bob".into()));
    let env: Vec<_> = env.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    assert_eq!(bob.run(&add("Bob", "+447911123456", "20"), &env).code, Some(0));
    let form = || shift.platform.form(home.path()).size(120, 32);
    let mut session = form().env(shift.env("rolodesk_sender", "true")).run();
    session.sees("6 Team").sees("Nothing yet").keys(F6).keys("6");
    session.sees_line(&["Created", "Bob Roe", "+44 7911 123456", "bob"]);
    session.keys("e").sees("A row is changed where it was typed; 1 shows your own.");
    session.keys("\r").sees_line(&["Typed by", "bob"]).keys("\x1b");
    // What comes meanwhile shows by itself.
    assert_eq!(bob.run(&add("Eve", "+447911123457", "20"), &env).code, Some(0));
    session.sees_line(&["Created", "Eve Roe"]);
    session.keys("/").keys("bob").wait_until("only Bob", |screen| !screen.contains("Eve Roe"));
    session.sees("Bob Roe").keys("\x1b").keys("1").sees("Nothing yet");
    shift.cluster.crash();
    session.keys("6").sees("database");
    session.keys("1").keys(F6).sees("First name");
    drop(session);
    shift.cluster.run();
    let home = crate::journeys::home();
    let form = shift.platform.form(home.path()).size(120, 32);
    let mut session = form.env(shift.env("rolodesk_seat", "false")).run();
    session.sees("New contact").keys(F6).keys("6").sees("are for a supervisor");
    assert!(!session.screen().contains("Bob Roe"), "{}", session.screen());
}

#[test]
fn a_killed_sender_and_a_crashed_database_lose_nothing_and_double_nothing() {
    let Some(shift) = Shift::new("latency=300ms") else { return };
    let (one, other, server, next) = (Desk::new(), Desk::new(), Desk::new(), Desk::new());
    let mut sender = shift.sender(&server);
    until("somebody sends", || !shift.sql("SELECT sender FROM rolodesk.account").is_empty());
    let mut imports = Vec::new();
    for (desk, region) in [(&one, 1), (&other, 2)] {
        let mut file = String::from("firstName,lastName,salutation,phone\n");
        for row in 0..120 {
            writeln!(file, "F{row},L{row},Mr,+4479{region}1{row:06}").unwrap();
        }
        fs::write(desk.path().join("rows.csv"), file).unwrap();
        imports.push(shift.start(desk, "rolodesk_seat", "false", &["import", "rows.csv"]));
    }
    until("the first are created", || shift.numbers().len() >= 20);
    sender.kill();
    // The lease of whoever was killed is waited for.
    let _sender = shift.sender(&next);
    until("the next goes on", || shift.numbers().len() >= 100);
    shift.cluster.crash();
    shift.cluster.run();
    for import in &mut imports {
        let deadline = Instant::now() + 6 * PATIENCE;
        let ended = loop {
            if let Some(ended) = import.0.try_wait().unwrap() {
                break ended;
            }
            assert!(Instant::now() < deadline, "an import never ends");
            std::thread::sleep(Duration::from_millis(50));
        };
        assert!(matches!(ended.code(), Some(0 | 5)), "{ended}");
    }
    until("all are created", || shift.numbers().len() >= 240);
    let numbers = shift.numbers();
    let different: BTreeSet<_> = numbers.iter().collect();
    assert_eq!((numbers.len(), different.len()), (240, 240));
    for desk in [&one, &other] {
        let all = ["results", "--format", "json"];
        until("the seat knows", || shift.seat(desk, &["sync"]).code == Some(0));
        let told = shift.seat(desk, &all).out;
        assert_eq!(told.matches("\"status\":\"created\"").count(), 120, "{told}");
    }
}

#[test]
fn what_waits_goes_to_the_floor_with_its_profile_and_what_was_not_handed_over_comes_back() {
    let Some(shift) = Shift::new("") else { return };
    let (desk, server) = (Desk::new(), Desk::new());
    let env = shift.platform.env();
    let env: Vec<_> = env.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    // Handed over, and nobody sends: without the floor this store does not send it either.
    let handed = shift.seat(&desk, &add("Ada", "+447911123456", "2"));
    assert_eq!(handed.code, Some(5), "{handed:?}");
    until("it is there", || shift.sql("SELECT count(*) FROM rolodesk.handed") == "1");
    assert_eq!(desk.run(&["sync"], &env).code, Some(5));
    assert_eq!(shift.numbers(), Vec::<String>::new());
    // Typed while the floor's database was away: ours to send once there is no floor.
    shift.cluster.crash();
    let waits = shift.seat(&desk, &add("Bob", "+447911123457", "1"));
    assert_eq!(waits.code, Some(5), "{waits:?}");
    desk.run(&["sync"], &env);
    assert_eq!(shift.numbers(), ["+447911123457"]);
    shift.cluster.run();
    let _sender = shift.sender(&server);
    until("the floor sends what it has", || {
        shift.seat(&desk, &["sync"]);
        shift.numbers().len() == 2
    });
}

#[test]
fn a_profile_that_names_only_its_floor_takes_along_what_waits_and_gives_back_what_does() {
    let Some(shift) = Shift::new("") else { return };
    let (desk, server) = (Desk::new(), Desk::new());
    let mut alone = shift.platform.env();
    alone.push(("ROLODESK_PROFILE".into(), "acme".into()));
    let mut floor = shift.env("rolodesk_seat", "false");
    let of_floor = |key: &str| key.starts_with("ROLODESK_TEAM");
    floor.retain(|(key, _)| of_floor(key));
    floor.push(("ROLODESK_PROFILE".into(), "acme".into()));
    let run = |env: &[(String, String)], arguments: &[&str]| {
        let env: Vec<_> = env.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        desk.run(arguments, &env)
    };
    // Typed by itself while the platform is away.
    let mut away = alone.clone();
    away.iter_mut()
        .filter(|(key, _)| key == "ROLODESK_CLIENT_SECRET")
        .for_each(|(_, secret)| *secret = "wrong-0123456789abcdef0123456789abcd".into());
    assert_eq!(run(&away, &add("Ada", "+447911123456", "5")).code, Some(3));
    // Another floor's database never sees it, and it is told.
    let mut other = floor.clone();
    other
        .iter_mut()
        .filter(|(key, _)| key == "ROLODESK_TEAM_URL")
        .for_each(|(_, url)| *url = url.replacen(&shift.owner.database, "elsewhere", 1));
    other.iter_mut().filter(|(key, _)| key == "ROLODESK_PROFILE").for_each(|(_, name)| {
        *name = "other".into();
    });
    let waits = run(&other, &add("Eve", "+447911123458", "1"));
    assert_eq!(waits.code, Some(5), "{waits:?}");
    assert!(run(&floor, &["status"]).succeeds().contains("for the floor of the database"));
    let sender = shift.sender(&server);
    until("what waited for the account goes with its floor", || {
        run(&floor, &["sync"]);
        shift.numbers() == ["+447911123456"]
    });
    drop(sender);
    // Typed for the floor while its database is away, and sent by itself afterwards.
    shift.cluster.crash();
    assert_eq!(run(&floor, &add("Bob", "+447911123457", "1")).code, Some(5));
    assert_eq!(run(&alone, &["sync"]).code, Some(5), "Eve is another floor's");
    assert_eq!(shift.numbers(), ["+447911123456", "+447911123457"]);
}

fn open_seat(
    floor: &Floor,
    folder: &std::path::Path,
) -> (Store, Handle, UnboundedReceiver<Update>) {
    seat_at(floor, folder, floor.owner.clone())
}

fn seat_at(
    floor: &Floor,
    folder: &std::path::Path,
    address: Address,
) -> (Store, Handle, UnboundedReceiver<Update>) {
    let scope = Scope {
        profile: "acme".into(),
        estate: Estate::new("https://platform.example", "a-1", "st-1"),
        limits: Limits::per_minute(60),
        directory: DirectoryStorage::OnDisk,
        agent: "ada".into(),
        machine: "desk".into(),
    };
    let path = folder.join("store.db");
    let store = floor.run(Store::open(&path, scope, clock::now())).unwrap();
    let (handle, inbox) = Inbox::new();
    let (tells, updates) = tokio::sync::mpsc::unbounded_channel();
    let duty = Duty {
        address: Address { user: "rolodesk_seat".into(), ..address },
        account: super::ACCOUNT.into(),
        agent: "ada".into(),
        machine: "desk".into(),
        sending: None,
    };
    let seat = team::work(store.clone(), duty, tells, inbox);
    floor.runtime.spawn(seat);
    (store, handle, updates)
}

#[test]
fn a_row_is_dropped_or_corrected_from_its_seat_until_it_is_sent_and_not_after() {
    let Some(floor) = Floor::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (store, handle, _updates) = open_seat(&floor, folder.path());
    let rows = forms(3);
    for row in &rows {
        handle.submit(Submission { origin: Origin::Form, ..row.clone() });
    }
    let count =
        |what: &str| floor.sql(&format!("SELECT count(*) FROM rolodesk.handed WHERE {what}"));
    until("all are handed over", || count("state = 'queued'") == "3");
    handle.discard(rows[0].id, Group::Queued.into());
    until("the first is taken back", || count("state = 'withdrawn'") == "1");
    until("and gone here", || floor.run(store.entry(rows[0].id)).unwrap().is_none());
    let correction = Submission { corrects: Some(rows[1].id), ..forms(1).remove(0) };
    let (entry, _) = floor.run(store.entry(rows[1].id)).unwrap().unwrap();
    handle.correct(correction.clone(), rows[1].id, entry.seen());
    until("the correction is handed over", || {
        count(&format!("id = '{}' AND state = 'queued'", correction.id)) == "1"
    });
    assert_eq!(count(&format!("id = '{}' AND state = 'withdrawn'", rows[1].id)), "1");
    // Marked as being sent, it is nobody's to take back.
    let (sender, fence) = floor.sender();
    floor.run(sender.adopt(super::ACCOUNT, fence, 10)).unwrap();
    let request = super::one_slot();
    let named = [(rows[2].id, 0)];
    floor.run(sender.begin(super::ACCOUNT, fence, next_word(), &request, &named)).unwrap();
    until("the seat knows", || {
        let row = floor.run(store.entry(rows[2].id)).unwrap().unwrap().0;
        matches!(row.status, Status::Sending)
    });
    handle.discard(rows[2].id, Group::Sending.into());
    std::thread::sleep(Duration::from_millis(1_500));
    assert!(floor.run(store.entry(rows[2].id)).unwrap().is_some());
}

/// The first update that `wanted` takes something of.
fn told<T>(
    floor: &Floor,
    updates: &mut UnboundedReceiver<Update>,
    wanted: impl Fn(Update) -> Option<T>,
) -> T {
    let first = async {
        loop {
            let update = updates.recv().await.unwrap();
            if let Some(it) = wanted(update) {
                return it;
            }
        }
    };
    floor.run(async { tokio::time::timeout(3 * PATIENCE, first).await }).unwrap()
}

#[test]
fn whose_a_number_is_is_known_at_every_seat_before_anything_is_sent() {
    let Some(floor) = Floor::new() else { return };
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (_store, ada, _updates) = open_seat(&floor, one.path());
    let (store, bob, mut updates) = open_seat(&floor, other.path());
    let row = forms(1).remove(0);
    let number = row.contact.phone.e164();
    ada.submit(row);
    until("it is handed over", || floor.sql("SELECT count(*) FROM rolodesk.handed") == "1");
    let mut ask = || {
        bob.know(number.clone());
        told(&floor, &mut updates, |update| match update {
            Update::Known { owners, colleague, .. } => Some((owners, colleague)),
            _ => None,
        })
    };
    assert_eq!(ask(), (Vec::new(), Some("ada".to_owned())));
    // What a sender learns of the platform is known here as well, and kept.
    let (sender, fence) = floor.sender();
    let record = Record {
        id: Some(ContactId("c-1".into())),
        first_name: Some("Jane".into()),
        last_name: Some("Roe".into()),
        e164: Some(number.clone()),
        active: true,
        ..Record::default()
    };
    let shared = |record: &Record| FloorRecord {
        key: "c-1".into(),
        e164: number.to_string(),
        record: serde_json::to_value(record).ok(),
    };
    floor.run(sender.learn(super::ACCOUNT, fence, &[shared(&record)])).unwrap();
    assert_eq!(ask().0, std::slice::from_ref(&record));
    assert_eq!(floor.run(store.known(&number)).unwrap(), std::slice::from_ref(&record));
    // Until it is deleted there.
    let gone = Record { active: false, ..record };
    floor.run(sender.learn(super::ACCOUNT, fence, &[shared(&gone)])).unwrap();
    assert_eq!(ask().0, []);
    let known = floor.run(store.known(&number)).unwrap();
    assert!(known.iter().all(|it| !it.active), "{known:?}");
}

#[test]
fn what_is_typed_is_stored_while_the_database_does_not_answer() {
    let Some(floor) = Floor::new() else { return };
    // It takes connections and says nothing.
    let silent = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = Address {
        host: "127.0.0.1".into(),
        port: silent.local_addr().unwrap().port(),
        ..floor.owner.clone()
    };
    let folder = tempfile::tempdir().unwrap();
    let (_store, handle, mut updates) = seat_at(&floor, folder.path(), address);
    let rows = forms(2);
    let stored = |update| match update {
        Update::Entry(entry) => Some(entry.submission.id),
        Update::PlatformHealth(health) => panic!("it was waited for: {health:?}"),
        _ => None,
    };
    handle.submit(rows[0].clone());
    assert_eq!(told(&floor, &mut updates, stored), rows[0].id);
    let (taken, _) = silent.accept().unwrap();
    handle.submit(rows[1].clone());
    assert_eq!(told(&floor, &mut updates, stored), rows[1].id);
    drop(taken);
}

#[test]
fn a_floor_restored_from_yesterday_is_offered_what_it_forgot() {
    let Some(floor) = Floor::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    let rows = forms(2);
    let count = || floor.sql("SELECT count(*) FROM rolodesk.handed");
    {
        let (_store, handle, _updates) = open_seat(&floor, folder.path());
        handle.submit(rows[0].clone());
        handle.submit(rows[1].clone());
        until("both are handed over", || count() == "2");
        drop(handle);
    }
    std::thread::sleep(Duration::from_millis(500));
    floor.sql(&format!("DELETE FROM rolodesk.handed WHERE id = '{}'", rows[0].id));
    let (_store, _handle, _updates) = open_seat(&floor, folder.path());
    until("it is offered again", || count() == "2");
}
