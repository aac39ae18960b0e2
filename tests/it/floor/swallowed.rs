//! Answers that never come: what was asked is committed, and nobody hears that it was.

use std::{
    io::{Read, Write},
    net::Shutdown,
    os::unix::net::{UnixListener, UnixStream},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};

use tempfile::TempDir;

use super::seats::{Shift, add, started, until};
use crate::cli::Desk;

/// Stands before a cluster's socket. Once a connection has asked what it is to swallow, no
/// answer comes through that connection any more.
struct Proxy {
    folder: TempDir,
    left: Arc<AtomicU32>,
}

impl Proxy {
    /// Swallows the answers to the function, so many times.
    fn before(server: &Path, function: &str, times: u32) -> Self {
        let folder = tempfile::Builder::new().prefix("px").tempdir_in("/tmp").unwrap();
        let listener = UnixListener::bind(folder.path().join(".s.PGSQL.5432")).unwrap();
        let left = Arc::new(AtomicU32::new(times));
        let (server, asked) = (server.join(".s.PGSQL.5432"), format!("rolodesk.{function}("));
        let counted = Arc::clone(&left);
        thread::spawn(move || {
            for client in listener.incoming() {
                let Ok(client) = client else { return };
                forward(client, &server, asked.clone(), Arc::clone(&counted));
            }
        });
        Self { folder, left }
    }

    fn host(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    fn is_done(&self) -> bool {
        self.left.load(Ordering::SeqCst) == 0
    }
}

fn forward(client: UnixStream, server: &Path, asked: String, left: Arc<AtomicU32>) {
    let Ok(server) = UnixStream::connect(server) else { return };
    let swallows = Arc::new(AtomicU32::new(0));
    let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let decided = Arc::clone(&swallows);
    thread::spawn(move || {
        let mut part = vec![0; 65_536];
        while let Ok(count @ 1..) = from.read(&mut part) {
            let is_asked = String::from_utf8_lossy(&part[..count]).contains(&asked);
            let take = |left: u32| left.checked_sub(1);
            if is_asked && left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take).is_ok() {
                decided.store(1, Ordering::SeqCst);
            }
            if to.write_all(&part[..count]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
    });
    let (mut from, mut to) = (server, client);
    thread::spawn(move || {
        let mut part = vec![0; 65_536];
        while let Ok(count @ 1..) = from.read(&mut part) {
            let heard = swallows.load(Ordering::SeqCst) == 0;
            if heard && to.write_all(&part[..count]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
    });
}

/// Each of them at the same time: most of it is waiting.
fn side_by_side(functions: &[&str], test: fn(&Shift, &str)) {
    thread::scope(|scope| {
        for function in functions {
            scope.spawn(move || {
                if let Some(shift) = Shift::new("") {
                    test(&shift, function);
                }
            });
        }
    });
}

#[test]
fn a_seat_that_never_hears_what_it_handed_over_hands_it_over_once() {
    side_by_side(&["hand_over", "mirror", "ask"], |shift, function| {
        let _sender = shift.sender(&Desk::new());
        // What is asked for by id is asked at the first look, and each minute.
        let proxy = Proxy::before(shift.socket(), function, if function == "ask" { 1 } else { 2 });
        let seat = Desk::new();
        let env = shift.env_at("rolodesk_seat", "false", &proxy.host());
        let env: Vec<_> = env.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let added = seat.run(&add("Ada", "+447911123456", "60"), &env);
        assert_eq!(added.code, Some(0), "{function}: {added:?}");
        assert!(proxy.is_done(), "{function} was asked");
        assert_eq!(shift.numbers(), ["+447911123456"], "{function}");
        assert_eq!(shift.sql("SELECT count(*), max(state) FROM rolodesk.handed"), "1|created");
    });
}

/// The numbers that are entered where nobody waits for them.
fn entered(shift: &Shift, count: u32) -> Vec<String> {
    let seat = Desk::new();
    let numbers: Vec<_> = (0..count).map(|n| format!("+4479111234{n:02}")).collect();
    for number in &numbers {
        let added = shift.seat(&seat, &add("Ada", number, "0"));
        assert!([Some(0), Some(5)].contains(&added.code), "{added:?}");
    }
    numbers
}

fn created_once(shift: &Shift, numbers: &[String], what: &str) {
    let created = "SELECT count(*) FROM rolodesk.handed WHERE state = 'created'";
    until(what, || shift.sql(created) == numbers.len().to_string());
    let mut made = shift.numbers();
    made.sort();
    assert_eq!(made, numbers, "{what}");
}

#[test]
fn a_sender_that_never_hears_creates_everything_once() {
    side_by_side(&["adopt", "begin_request", "tell", "finish_request"], |shift, function| {
        let proxy = Proxy::before(shift.socket(), function, 2);
        let env = shift.env_at("rolodesk_sender", "true", &proxy.host());
        let _sender = started(&Desk::new(), &env, &["sync", "--watch"]);
        let numbers = entered(shift, 3);
        created_once(shift, &numbers, function);
        until(function, || proxy.is_done());
    });
}

#[test]
fn a_sender_goes_on_with_what_it_had_when_the_database_was_away_for_longer_than_its_lease() {
    let Some(shift) = Shift::new("latency=1500ms") else { return };
    let _sender = shift.sender(&Desk::new());
    let numbers = entered(&shift, 12);
    until("it sends", || !shift.numbers().is_empty());
    shift.cluster.crash();
    thread::sleep(Duration::from_secs(27));
    shift.cluster.run();
    created_once(&shift, &numbers, "everything after the outage");
}
