//! The way to the database: who it is, who stands between, and the commands that go it.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
};

use rolodesk::team::{
    FloorStore as _,
    floor::FloorError,
    postgres::{Address, Postgres},
};

use super::{ACCOUNT, Floor, row, seat};
use crate::{
    cli::{Desk, ENOUGH},
    cluster::{Cluster, alone_on, free_port},
    stub::Identity,
};

fn over_tcp(cluster: &Cluster, host: &str) -> Address {
    Address { host: host.into(), ..cluster.address("postgres", "owner") }
}

fn say(address: Address) -> Result<(), FloorError> {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(Postgres::new(address).gate()).map(drop)
}

#[test]
fn a_server_elsewhere_is_believed_only_with_its_certificate_and_its_name() {
    let port = free_port();
    let settings = ["listen_addresses = 'localhost'".to_owned(), "ssl = off".into()];
    let Some(cluster) = alone_on(port, &settings) else { return };
    let encrypted = |host: &str, ca_file: Option<&Path>| Address {
        is_encrypted: true,
        ca_file: ca_file.map(Path::to_owned),
        ..over_tcp(&cluster, host)
    };
    let without = say(encrypted("localhost", None)).unwrap_err();
    assert_eq!(without, FloorError::NoTls { host: "localhost".into(), port });
    let home = tempfile::tempdir().unwrap();
    let (good, other) =
        (Identity::of("localhost", 2020, 2090), Identity::of("db.else", 2020, 2090));
    let ca = |name: &str, identity: &Identity| {
        let path = home.path().join(name);
        fs::write(&path, &identity.authority).unwrap();
        path
    };
    let (good_ca, other_ca) = (ca("good.pem", &good), ca("other.pem", &other));
    cluster.use_certificate(&good.certificate_pem(), &good.key_pem());
    // There and believed: it only has no tables.
    assert_eq!(say(encrypted("localhost", Some(&good_ca))), Err(FloorError::NoTables));
    for (host, ca_file) in
        [("localhost", None), ("localhost", Some(&*other_ca)), ("127.0.0.1", Some(&*good_ca))]
    {
        let refused = say(encrypted(host, ca_file)).unwrap_err();
        assert!(matches!(refused, FloorError::Certificate(_)), "{host}: {refused}");
    }
    let old = Identity::of("localhost", 2001, 2002);
    let old_ca = ca("old.pem", &old);
    cluster.use_certificate(&old.certificate_pem(), &old.key_pem());
    // The server reads the new one in its own time.
    let mut refused = String::new();
    for _ in 0..100 {
        refused = say(encrypted("localhost", Some(&old_ca))).unwrap_err().to_string();
        if refused.contains("expired") {
            break;
        }
    }
    assert!(refused.contains("expired"), "{refused}");
    fs::write(&old_ca, "no certificate").unwrap();
    let refused = say(encrypted("localhost", Some(&old_ca))).unwrap_err();
    assert!(refused.to_string().contains("holds no certificate"), "{refused}");
}

/// A pooler in front of a cluster.
struct Pooler(Child);

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn pooler(cluster: &Cluster, mode: &str) -> Option<(Pooler, u16)> {
    let places = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"];
    let program = places.iter().find(|path| Path::new(path).exists())?;
    let port = free_port();
    let file = cluster.socket().join(format!("{mode}.ini"));
    let socket = cluster.socket().display();
    let text = format!(
        "[databases]\n* = host={socket} port=5432\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
         listen_port = {port}\nunix_socket_dir = {socket}\nauth_type = any\npool_mode = {mode}\n\
         default_pool_size = 4\n[users]\n"
    );
    fs::write(&file, text.replace("* = host", "floor_0 = user=owner host")).unwrap();
    let mut command = Command::new(program);
    cluster.as_its_user(&mut command);
    let child = command.arg(file).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let pooler = Pooler(child);
    let start = std::time::Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(start.elapsed() < std::time::Duration::from_secs(10), "the pooler does not start");
        std::thread::yield_now();
    }
    Some((pooler, port))
}

#[test]
fn a_pooler_that_mixes_connections_up_is_recognised_and_one_that_does_not_is_none() {
    let Some(cluster) = alone_on(5432, &[]) else { return };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let owner = cluster.database();
    runtime.block_on(Postgres::new(owner.clone()).set_up(Some(ACCOUNT))).unwrap();
    for (mode, is_refused) in [("transaction", true), ("session", false)] {
        let Some((_pooler, port)) = pooler(&cluster, mode) else {
            return crate::cluster::not_tried("a pooler; install pgbouncer for it");
        };
        let sockets = cluster.socket().display().to_string();
        for host in ["127.0.0.1".to_owned(), sockets] {
            let through = Address { host, port, ..owner.clone() };
            let said =
                runtime.block_on(Postgres::new(through).hand_over(&seat("a"), &[row(1, "form")]));
            if is_refused {
                let error = said.unwrap_err();
                assert_eq!(error, FloorError::Pooler);
                assert!(error.to_string().contains("pool_mode to session"), "{error}");
            } else {
                assert_eq!(said.unwrap().len(), 1);
            }
        }
    }
}

#[test]
fn a_server_that_is_not_postgres_is_told_without_a_panic() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        use std::io::Write as _;
        while let Ok((mut stream, _)) = listener.accept() {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    let address = Address {
        host: "127.0.0.1".into(),
        port,
        database: "floor".into(),
        user: "ann".into(),
        password: None,
        ca_file: None,
        is_encrypted: false,
    };
    let error = say(address).unwrap_err().to_string();
    assert!(error.contains("the team's database") && !error.contains("Error {"), "{error}");
}

#[test]
fn the_commands_make_a_floor_and_tell_of_it() {
    let Some(floor) = Floor::empty("") else { return };
    let desk = Desk::new();
    let Address { host, database, .. } = &floor.owner;
    let url = format!("postgres://owner@/{database}?host={host}");
    let alone = [("ROLODESK_TEAM_URL", url.as_str())];
    desk.run(&["team", "status"], &ENOUGH).fails(2, &["has no `team`", "ROLODESK_TEAM_URL"]);
    desk.run(&["team", "status"], &alone).fails(2, &["has no tables", "rolodesk team setup"]);
    desk.run(&["team", "upgrade"], &alone).fails(2, &["has no tables"]);
    let nobody = desk.run(&["team", "setup", "--print"], &[]);
    assert!(nobody.succeeds().contains("CREATE SCHEMA IF NOT EXISTS rolodesk"));
    let with_account = [&ENOUGH[..], &alone[..], &[("ROLODESK_TEAM_SEND", "true")]].concat();
    let made = desk.run(&["team", "setup"], &with_account);
    assert!(made.succeeds().contains("The tables are made (version 3)"), "{made:?}");
    let again = desk.run(&["team", "setup"], &alone);
    assert!(again.succeeds().contains("as they should be"), "{again:?}");
    let told = desk.run(&["team", "status"], &alone);
    let told = told.succeeds();
    assert!(told.contains("https://platform.example a-1 st-1") && told.contains("nobody sends"));
    floor.run(floor.as_role("rolodesk_seat").hand_over(&seat("a"), &[row(1, "form")])).unwrap();
    let json = desk.run(&["team", "status", "--json"], &alone);
    let json: serde_json::Value = serde_json::from_str(json.succeeds()).unwrap();
    assert_eq!(json["accounts"][0]["waiting"], 1);
    let report = desk.run(&["team", "report", "--since", "8h"], &alone);
    assert!(report.succeeds().contains("jdoe"), "{report:?}");
    desk.run(&["team", "report", "--since", "soon"], &alone).fails(2, &["--since", "8h"]);
    let as_seat = format!("postgres://rolodesk_seat@/{database}?host={host}");
    let as_seat = [("ROLODESK_TEAM_URL", as_seat.as_str())];
    desk.run(&["team", "status"], &as_seat).fails(3, &["rolodesk_seat has no right"]);
    let number = ["purge", "--number", "+14155550001", "--dry-run"];
    let kept = desk.run(&number, &as_seat);
    assert_eq!(kept.code, Some(4), "{kept:?}");
    assert!(kept.err.contains("its owner erases it"), "{kept:?}");
    let erased = desk.run(&["purge", "--older-than", "1d"], &alone);
    assert!(erased.succeeds().contains("Removed 0 rows of the floor's database"), "{erased:?}");
    let checks = desk.run(&["doctor"], &as_seat);
    let lines =
        ["ok       team ", "ok       team.tls", "ok       team.clock", "ok       team.version"];
    assert!(lines.iter().all(|line| checks.out.contains(line)), "{checks:?}");
    assert!(checks.out.contains("team.rights          a seat's"), "{checks:?}");
    let sends = [&ENOUGH[..], &as_seat[..], &[("ROLODESK_TEAM_SEND", "true")]].concat();
    let checks = desk.run(&["doctor"], &sends);
    assert!(checks.out.contains("connect as rolodesk_sender"), "{checks:?}");
}
