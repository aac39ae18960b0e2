//! A floor's tables brought up to date while seats hand over and somebody sends, and clients
//! of the version before on tables of this one.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use rolodesk::{submission::SubmissionId, team::FloorStore as _};
use serde_json::json;
use tokio_postgres::{Client, NoTls};

use super::{ACCOUNT, Floor, bidder, next_word, one_slot, row, seat};

const BEFORE: &str = include_str!("../fixtures/floor-1.sql");

/// A connection as a client of the version before has it, which knows only its own questions.
async fn old_client(floor: &Floor, role: &str) -> Client {
    let owner = &floor.owner;
    let address =
        format!("host={} port={} user={role} dbname={}", owner.host, owner.port, owner.database);
    let (client, connection) = tokio_postgres::connect(&address, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// Hands rows over until it is told to stop; how many those were.
async fn types(client: Client, stop: Arc<AtomicBool>) -> usize {
    let mut count = 0;
    while !stop.load(Ordering::Relaxed) {
        let given = json!([{
            "id": SubmissionId::fresh().to_string(), "revision": 0, "agent": "jdoe",
            "machine": "desk", "e164": format!("+1415555{:04}", count % 10_000), "lane": "form",
            "state": "queued", "due_at": 0, "document": "{}",
        }]);
        let question = "SELECT id, fate FROM rolodesk.hand_over($1, $2, 1, $3)";
        client.query(question, &[&ACCOUNT, &"old", &given.to_string()]).await.unwrap();
        count += 1;
    }
    count
}

/// Sends what waits, one contact a request, until it is told to stop and nothing is left.
async fn sends(client: Client, stop: Arc<AtomicBool>) {
    let bid = "SELECT won, fence FROM rolodesk.bid($1, 'old', 0, '', '', 60, 1)";
    let fence: i64 = client.query_one(bid, &[&ACCOUNT]).await.unwrap().get(1);
    loop {
        client.query_one(bid, &[&ACCOUNT]).await.unwrap();
        let is_last = stop.load(Ordering::Relaxed);
        let adopt = "SELECT id, revision FROM rolodesk.adopt($1, $2, 50)";
        let adopted = client.query(adopt, &[&ACCOUNT, &fence]).await.unwrap();
        for row in &adopted {
            let (id, revision): (String, i64) = (row.get(0), row.get(1));
            let rows = json!([{ "id": id, "revision": revision }]).to_string();
            let begin =
                "SELECT word, slot FROM rolodesk.begin_request($1, $2, 'form', 1000000, 0, $3)";
            let slot = client.query_one(begin, &[&ACCOUNT, &fence, &rows]).await.unwrap();
            assert_eq!(slot.get::<_, &str>(0), "go");
            let finish = "SELECT rolodesk.finish_request($1, $2, false, 0, NULL)";
            client.query(finish, &[&ACCOUNT, &slot.get::<_, i64>(1)]).await.unwrap();
            let told = json!([{
                "id": id, "revision": revision, "state": "created", "due_at": 0, "document": "{}",
            }]);
            let tell = "SELECT id FROM rolodesk.tell($1, $2, $3)";
            let told = client.query(tell, &[&ACCOUNT, &fence, &told.to_string()]).await.unwrap();
            assert_eq!(told.len(), 1);
        }
        if is_last && adopted.is_empty() {
            return;
        }
    }
}

#[test]
fn tables_are_brought_up_to_date_under_load_and_older_clients_go_on() {
    let Some(floor) = Floor::empty("") else { return };
    floor.sql(BEFORE);
    let stop = Arc::new(AtomicBool::new(false));
    let (seat_stops, sender_stops) = (Arc::clone(&stop), Arc::clone(&stop));
    let (before, count) = floor.run(async {
        let sender = old_client(&floor, "rolodesk_sender").await;
        // An account is known once somebody has sent for it.
        let bid = "SELECT won FROM rolodesk.bid($1, 'old', 0, '', '', 60, 1)";
        sender.query_one(bid, &[&ACCOUNT]).await.unwrap();
        let seats = old_client(&floor, "rolodesk_seat").await;
        let typing = tokio::spawn(types(seats, seat_stops));
        let sending = tokio::spawn(sends(sender, Arc::clone(&sender_stops)));
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        let before = floor.as_owner().upgrade().await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        stop.store(true, Ordering::Relaxed);
        let count = typing.await.unwrap();
        sending.await.unwrap();
        (before, count)
    });
    assert_eq!(before, 1);
    assert!(count > 20, "{count} rows were handed over meanwhile");
    let created = floor.sql("SELECT count(*) FROM rolodesk.handed WHERE state = 'created'");
    assert_eq!(created, count.to_string());

    // Clients of this version find what they need on it.
    let sender = floor.as_role("rolodesk_sender");
    let ann = floor.as_role("rolodesk_seat");
    floor.sql("UPDATE rolodesk.account SET sender = NULL, lease_until = 0");
    floor.run(async {
        let rolodesk::team::floor::Bid::Won { fence, .. } =
            sender.bid(&bidder("new", 0)).await.unwrap()
        else {
            panic!("nobody else sends")
        };
        let new = row(0, "form");
        ann.hand_over(&seat("ann"), std::slice::from_ref(&new)).await.unwrap();
        assert_eq!(sender.adopt(ACCOUNT, fence, 10).await.unwrap().len(), 1);
        let with =
            sender.created_with(ACCOUNT, fence, std::slice::from_ref(&new.e164)).await.unwrap();
        assert!(!with.is_empty(), "a colleague's contact with that number");
        sender.begin(ACCOUNT, fence, next_word(), &one_slot(), &[(new.id, 0)]).await.unwrap();
    });
}
