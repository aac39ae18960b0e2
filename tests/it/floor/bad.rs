//! Databases that are not as they should be: each a sentence, none a panic or a storm.

use std::time::{Duration, Instant};

use rolodesk::team::{
    FloorStore as _,
    floor::{AskAgain, FloorError},
    postgres::{Address, Postgres},
};

use super::{ACCOUNT, Floor, row, seat};
use crate::cluster::alone;

fn told(error: &FloorError, parts: &[&str]) {
    let text = error.to_string();
    assert!(parts.iter().all(|part| text.contains(part)), "{text}");
}

#[test]
fn a_database_without_tables_or_of_somebody_else_is_left_alone() {
    let Some(floor) = Floor::empty("") else { return };
    let error = floor.run(floor.as_owner().gate()).unwrap_err();
    assert_eq!(error, FloorError::NoTables);
    told(&error, &["rolodesk team setup"]);
    assert_eq!(floor.run(floor.as_owner().upgrade()), Err(FloorError::NoTables));
    floor.sql("CREATE SCHEMA rolodesk; CREATE TABLE rolodesk.customers ()");
    let error = floor.run(floor.as_owner().set_up(None)).unwrap_err();
    assert_eq!(error, FloorError::SomebodyElses);
    assert_eq!(floor.sql("SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'rolodesk' AND relkind = 'r'"), "1");
    let gone = Address { database: "nowhere".into(), ..floor.owner.clone() };
    let error = floor.run(Postgres::new(gone).gate()).unwrap_err();
    assert_eq!(error, FloorError::NoDatabase { database: "nowhere".into() });
}

#[test]
fn tables_of_another_version_a_seat_that_is_too_old_and_a_closed_gate_are_sentences() {
    let Some(floor) = Floor::new() else { return };
    let ann = floor.as_role("rolodesk_seat");
    let hand_over = || floor.run(ann.hand_over(&seat("a"), &[row(1, "form")]));
    floor.sql("UPDATE rolodesk.gate SET version = 0");
    assert_eq!(floor.run(ann.gate()), Err(FloorError::OtherTables));
    floor.sql("UPDATE rolodesk.gate SET version = 9");
    assert_eq!(floor.run(ann.gate()).unwrap().version, 9);
    assert_eq!(
        floor.run(floor.as_owner().set_up(None)),
        Err(FloorError::NewerTables { version: 9 })
    );
    floor.sql("UPDATE rolodesk.gate SET version = 1, min_client = 2");
    assert_eq!(hand_over(), Err(FloorError::TooOld { min_client: 2 }));
    floor.sql("UPDATE rolodesk.gate SET min_client = 1, closed = 'moving house until nine'");
    let error = hand_over().unwrap_err();
    told(&error, &["closed", "moving house until nine"]);
    assert_eq!(error.ask_again(), AskAgain::Slowly);
    floor.sql("UPDATE rolodesk.gate SET closed = NULL");
    hand_over().unwrap();
}

#[test]
fn a_read_only_database_and_one_with_another_isolation_as_default() {
    let Some(floor) = Floor::new() else { return };
    let name = &floor.owner.database;
    floor.sql(&format!("ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'"));
    let ann = floor.as_role("rolodesk_seat");
    floor.run(ann.hand_over(&seat("a"), &[row(1, "form")])).unwrap();
    floor.sql(&format!("ALTER DATABASE {name} SET default_transaction_read_only = on"));
    let ben = floor.as_role("rolodesk_seat");
    let error = floor.run(ben.hand_over(&seat("b"), &[row(2, "form")])).unwrap_err();
    assert_eq!(error, FloorError::ReadOnly);
    // What only reads still does.
    assert!(floor.run(ben.gate()).is_ok());
}

#[test]
fn with_an_icu_collation_everything_is_found_in_the_order_of_its_bytes() {
    let icu = "LOCALE_PROVIDER icu ICU_LOCALE 'en-US'";
    let Some(floor) = Floor::empty(icu) else { return };
    floor.run(floor.as_owner().set_up(Some(ACCOUNT))).unwrap();
    let ann = floor.as_role("rolodesk_seat");
    let rows: Vec<_> = (0..30).map(|number| row(number, "import")).collect();
    floor.run(ann.hand_over(&seat("a~"), &rows)).unwrap();
    let (sender, fence) = floor.sender();
    let adopted = floor.run(sender.adopt(ACCOUNT, fence, 100)).unwrap();
    let ids: Vec<_> = adopted.iter().map(|it| it.row.id).collect();
    assert_eq!(ids, rows.iter().map(|row| row.id).collect::<Vec<_>>());
    assert_eq!(floor.sql("SELECT count(*) FROM rolodesk.handed WHERE id < '~'"), "30");
    assert_eq!(floor.run(ann.mirror(&seat("a~"), 0)).unwrap().len(), 30);
}

#[test]
fn a_database_without_letters_for_every_name_is_refused_at_its_setup() {
    let latin = "ENCODING 'LATIN1' LOCALE 'C'";
    let Some(floor) = Floor::empty(latin) else { return };
    let refused = floor.run(floor.as_owner().set_up(Some(ACCOUNT))).unwrap_err();
    assert_eq!(refused, FloorError::Encoding { encoding: "LATIN1".into() });
    assert!(refused.to_string().contains("createdb --encoding=UTF8"), "{refused}");
}

#[test]
fn too_many_connections_are_told_as_such() {
    let settings = ["max_connections = 5".to_owned(), "superuser_reserved_connections = 0".into()];
    let Some(cluster) = alone(&settings) else { return };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let error = runtime.block_on(async {
        let all: Vec<_> =
            (0..8).map(|_| Postgres::new(cluster.address("postgres", "owner"))).collect();
        let mut errors = Vec::new();
        for store in &all {
            errors.push(store.gate().await.unwrap_err());
        }
        errors.pop().unwrap()
    });
    assert!(matches!(error, FloorError::TooManyConnections(_)), "{error}");
    told(&error, &["max_connections"]);
}

#[test]
fn a_wrong_password_is_told_and_makes_no_storm_of_connections() {
    let settings = ["log_connections = on".to_owned()];
    let Some(cluster) = alone(&settings) else { return };
    cluster.sql("postgres", "CREATE ROLE ann LOGIN PASSWORD 'right'");
    cluster.demand_passwords();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let with = |password: Option<&str>| {
        let password = password.map(|it| it.to_owned().into());
        Postgres::new(Address { password, ..cluster.address("postgres", "ann") })
    };
    assert_eq!(runtime.block_on(with(Some("right")).gate()), Err(FloorError::NoTables));
    let none = runtime.block_on(with(None).gate()).unwrap_err();
    assert_eq!(none, FloorError::Password { user: "ann".into() });
    let before = cluster.log().matches("connection received").count();
    let wrong = with(Some("wrong"));
    let start = Instant::now();
    let mut asked = 0;
    while start.elapsed() < Duration::from_secs(1) {
        let error = runtime.block_on(wrong.gate()).unwrap_err();
        assert_eq!(error, FloorError::Password { user: "ann".into() });
        asked += 1;
    }
    let after = cluster.log().matches("connection received").count();
    assert!(
        asked > 100 && after - before <= 1,
        "{asked} questions, {} connections",
        after - before
    );
}

#[test]
fn nobody_there_an_unknown_name_and_a_server_that_says_nothing_are_told_within_the_deadline() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent_port = silent.local_addr().unwrap().port();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = |host: &str, port| Address {
        host: host.into(),
        port,
        database: "floor".into(),
        user: "ann".into(),
        password: None,
        ca_file: None,
        is_encrypted: false,
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let ask = |address: Address| runtime.block_on(Postgres::new(address).gate()).unwrap_err();
    let start = Instant::now();
    assert_eq!(
        ask(address("127.0.0.1", closed)),
        FloorError::Refused { host: "127.0.0.1".into(), port: closed }
    );
    assert!(matches!(ask(address("/nonexistent", 5432)), FloorError::Refused { .. }));
    let unknown = ask(address("no-such-host.invalid", 5432));
    assert_eq!(unknown, FloorError::UnknownHost { host: "no-such-host.invalid".into() });
    assert_eq!(ask(address("127.0.0.1", silent_port)), FloorError::TimedOut);
    assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
}

#[test]
fn a_server_that_stops_and_starts_again_is_found_again() {
    let Some(cluster) = alone(&[]) else { return };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let owner = Postgres::new(cluster.database());
    runtime.block_on(owner.set_up(Some(ACCOUNT))).unwrap();
    runtime.block_on(owner.hand_over(&seat("a"), &[row(1, "form")])).unwrap();
    cluster.crash();
    let error = runtime.block_on(owner.mirror(&seat("a"), 0)).unwrap_err();
    assert_ne!(error.ask_again(), AskAgain::WhenMended, "{error}");
    cluster.run();
    assert_eq!(runtime.block_on(owner.mirror(&seat("a"), 0)).unwrap().len(), 1);
}

#[test]
fn whoever_holds_the_lock_and_stops_keeps_nobody_for_long() {
    let Some(floor) = Floor::new() else { return };
    let ann = floor.as_role("rolodesk_seat");
    floor.run(ann.gate()).unwrap();
    let holder = floor.cluster.hold_lock(&floor.owner.database, "rolodesk_sender", ACCOUNT);
    let start = Instant::now();
    let mut last = None;
    while start.elapsed() < Duration::from_secs(15) {
        match floor.run(ann.hand_over(&seat("a"), &[row(1, "form")])) {
            Ok(_) => break,
            Err(error) => last = Some(error),
        }
    }
    assert!(start.elapsed() < Duration::from_secs(12), "{:?}", start.elapsed());
    assert!(last.is_none_or(|error| matches!(error, FloorError::Busy | FloorError::TimedOut)));
    drop(holder);
}

#[test]
fn what_the_server_refuses_is_told_by_its_five_characters() {
    let Some(floor) = Floor::new() else { return };
    let ann = floor.as_role("rolodesk_seat");
    for (code, error, ask_again) in [
        ("53100", FloorError::Full, AskAgain::Slowly),
        ("55P03", FloorError::Busy, AskAgain::Soon),
        ("40001", FloorError::Busy, AskAgain::Soon),
        ("57014", FloorError::TimedOut, AskAgain::Soon),
        ("57P03", FloorError::Lost("no".into()), AskAgain::Soon),
        ("42883", FloorError::NoTables, AskAgain::WhenMended),
        ("42703", FloorError::OtherTables, AskAgain::WhenMended),
        ("42501", FloorError::NoRights { user: "rolodesk_seat".into() }, AskAgain::WhenMended),
        ("22012", FloorError::Unexpected("no (22012)".into()), AskAgain::Slowly),
    ] {
        floor.sql(&format!(
            "CREATE OR REPLACE FUNCTION rolodesk.enter(the_account text, the_seat text, client bigint) \
             RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE 'no' USING ERRCODE = '{code}'; END $$"
        ));
        let told = floor.run(ann.hand_over(&seat("a"), &[row(1, "form")])).unwrap_err();
        assert_eq!((&told, told.ask_again()), (&error, ask_again), "{code}");
    }
}
