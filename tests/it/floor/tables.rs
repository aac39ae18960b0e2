//! The functions of the database, as seats and senders call them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rolodesk::submission::{Page, PagePosition};
use rolodesk::team::{
    FloorStore as _,
    floor::{
        Began, Bid, Fate, FloorError, FloorRecord, Presence, Seat, SlotEnd, SlotRequest, Withdrawn,
    },
    postgres::{FloorErasure, Postgres, TABLES_VERSION},
};

use super::{ACCOUNT, Floor, bidder, next_word, one_slot, row, seat};
use crate::cluster::alone;

#[test]
fn a_seats_role_may_call_its_functions_and_nothing_else() {
    let Some(floor) = Floor::new() else { return };
    let ann = floor.as_role("rolodesk_seat");
    floor.run(ann.hand_over(&seat("ann"), &[row(1, "form")])).unwrap();
    for table in ["gate", "account", "seat", "handed", "slot", "directory"] {
        for statement in [
            format!("SELECT * FROM rolodesk.{table}"),
            format!("DELETE FROM rolodesk.{table}"),
            format!("TRUNCATE rolodesk.{table}"),
            format!("DROP TABLE rolodesk.{table}"),
        ] {
            for role in ["rolodesk_seat", "rolodesk_sender"] {
                let refused = floor.sql_as(role, &statement).unwrap_err();
                let is_kept_out = ["permission denied", "must be owner"];
                assert!(
                    is_kept_out.iter().any(|it| refused.contains(it)),
                    "{statement}: {refused}"
                );
            }
        }
    }
    for call in [
        "bid('a', 'p', 9, 'x', 'y', 60, 1)",
        "give_back('a', 'p', 1)",
        "adopt('a', 1, 1)",
        "begin_request('a', 1, 'form', 60, 0, '[]')",
        "finish_request('a', 1, true, 600000, NULL)",
        "tell('a', 1, '[]')",
        "learn('a', 1, '[]')",
        "read_directory('a', '', 9)",
        "spent('a', 1)",
        "waits('a')",
        "enter('a', 's', 1)",
        "hold_lease('a', 1, 0)",
    ] {
        let refused =
            floor.sql_as("rolodesk_seat", &format!("SELECT rolodesk.{call}")).unwrap_err();
        assert!(refused.contains("permission denied for function"), "{call}: {refused}");
    }
    let refused = floor.run(ann.bid(&bidder("me", 9))).unwrap_err();
    assert_eq!(refused, FloorError::NoRights { user: "rolodesk_seat".into() });
    for statement in [
        "CREATE TABLE rolodesk.x ()",
        "CREATE FUNCTION rolodesk.x() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    ] {
        let refused = floor.sql_as("rolodesk_seat", statement).unwrap_err();
        assert!(refused.contains("permission denied"), "{refused}");
    }
}

#[test]
fn a_seat_reads_and_changes_its_own_rows_alone() {
    let Some(floor) = Floor::new() else { return };
    floor.sql("CREATE ROLE desk_ben LOGIN IN ROLE rolodesk_seat");
    let (ann, ben) = (floor.as_role("rolodesk_seat"), floor.as_role("desk_ben"));
    let own = row(1, "form");
    floor.run(ann.hand_over(&seat("ann"), std::slice::from_ref(&own))).unwrap();
    // With another role nobody is that seat, whatever they know of it.
    let ids = [own.id];
    let refused = floor.run(ben.mirror(&seat("ann"), 0)).unwrap_err();
    let cure = "UPDATE rolodesk.seat SET role = 'desk_ben' WHERE seat = 'ann'".to_owned();
    assert_eq!(refused, FloorError::NotOurSeat { cure: cure.clone() });
    assert_eq!(floor.run(ben.withdraw(&seat("ann"), own.id, 9)), Err(refused));
    // As a seat of its own, it finds nothing of others and forges nothing.
    assert_eq!(floor.run(ben.mirror(&seat("ben"), 0)), Ok(vec![]));
    assert_eq!(floor.run(ben.ask(&seat("ben"), &ids)), Ok(vec![]));
    assert_eq!(floor.run(ben.withdraw(&seat("ben"), own.id, 9)), Ok(Withdrawn::Unknown));
    let forged = rolodesk::team::floor::SeatRow { revision: 7, agent: "ben".into(), ..own.clone() };
    assert_eq!(floor.run(ben.hand_over(&seat("ben"), &[forged])), Err(FloorError::NotOurRow));
    let mine = floor.run(ann.mirror(&seat("ann"), 0)).unwrap();
    assert_eq!(mine.iter().map(|it| &it.row).collect::<Vec<_>>(), [&own]);
    // Nor does it stop anybody with what is no row.
    let given = r#"[{"id":"not-a-uuid","revision":1,"agent":"","machine":"","e164":"","lane":"form","state":"queued","due_at":0,"document":""}]"#;
    let sql = format!("SELECT * FROM rolodesk.hand_over('{ACCOUNT}', 'ben', 1, '{given}')");
    let refused = floor.sql_as("desk_ben", &sql).unwrap_err();
    assert!(refused.contains("a row has no id"), "{refused}");
    floor.sql(&format!(
        "INSERT INTO rolodesk.handed (id, account, seat, revision, agent, machine, e164, lane, \
         state, due_at, document, handed_at, changed) VALUES ('not-a-uuid', '{ACCOUNT}', 'ben', 1, \
         '', '', '', 'form', 'queued', 0, '', 0, 0)"
    ));
    let (sender, fence) = floor.sender();
    let adopted = floor.run(sender.adopt(ACCOUNT, fence, 10)).unwrap();
    assert_eq!(adopted.iter().map(|it| it.row.id).collect::<Vec<_>>(), ids);
    // The owner may give a store to another role.
    floor.sql(&cure);
    assert_eq!(floor.run(ben.mirror(&seat("ann"), 0)).unwrap().len(), 1);
    floor.sql("UPDATE rolodesk.seat SET role = 'rolodesk_seat' WHERE seat = 'ann'");
    // Of a colleague's number it learns who has it and how that stands, no more.
    let known = floor.run(ben.known(&seat("ben"), &[own.e164.clone(), "+1".into()])).unwrap();
    assert_eq!(known.len(), 1);
    assert_eq!(known[0].colleague, Some(("jdoe".into(), "queued".into())));
    assert!(floor.run(ann.known(&seat("ann"), &[own.e164])).unwrap().is_empty());
}

#[test]
fn handing_over_twice_is_handing_over_once_and_a_later_revision_replaces_an_earlier_one() {
    let Some(floor) = Floor::new() else { return };
    let ann = floor.as_role("rolodesk_seat");
    let rows = [row(1, "form"), row(2, "import")];
    let fates = |answer: Vec<rolodesk::team::floor::Handed>| {
        answer.iter().map(|it| it.fate).collect::<Vec<_>>()
    };
    assert_eq!(fates(floor.run(ann.hand_over(&seat("a"), &rows)).unwrap()), [Fate::Taken; 2]);
    assert_eq!(fates(floor.run(ann.hand_over(&seat("a"), &rows)).unwrap()), [Fate::Known; 2]);
    let mut corrected = rows[0].clone();
    (corrected.revision, corrected.e164) = (1, "+4915155500000".into());
    let again = floor.run(ann.hand_over(&seat("a"), &[corrected.clone()])).unwrap();
    assert_eq!(fates(again), [Fate::Taken]);
    let found = floor.run(ann.ask(&seat("a"), &[corrected.id])).unwrap();
    assert_eq!(found[0].row, corrected);
    // While it is being sent, nothing replaces it.
    let (sender, fence) = floor.sender();
    assert_eq!(floor.run(sender.adopt(ACCOUNT, fence, 10)).unwrap().len(), 2);
    let begun = floor
        .run(sender.begin(ACCOUNT, fence, next_word(), &one_slot(), &[(corrected.id, 1)]))
        .unwrap();
    assert!(matches!(begun, Began::Go { .. }), "{begun:?}");
    corrected.revision = 2;
    let late = floor.run(ann.hand_over(&seat("a"), &[corrected.clone()])).unwrap();
    assert_eq!(fates(late), [Fate::TooLate]);
    assert_eq!(floor.run(ann.withdraw(&seat("a"), corrected.id, 2)), Ok(Withdrawn::TooLate));
    assert_eq!(floor.run(ann.withdraw(&seat("a"), rows[1].id, 0)), Ok(Withdrawn::Done));
    let begun =
        floor.run(sender.begin(ACCOUNT, fence, next_word(), &one_slot(), &[(rows[1].id, 0)]));
    assert_eq!(begun, Ok(Began::Withdrawn(vec![rows[1].id])));
}

#[test]
fn what_a_sender_tells_is_mirrored_unless_the_row_is_anothers_by_now_or_was_changed() {
    let Some(floor) = Floor::new() else { return };
    let ann = floor.as_role("rolodesk_seat");
    let (sender, first) = floor.sender();
    let rows = [row(1, "form"), row(2, "form"), row(3, "form")];
    floor.run(ann.hand_over(&seat("a"), &rows)).unwrap();
    let cursor = floor.run(ann.mirror(&seat("a"), 0)).unwrap().last().unwrap().changed;
    assert_eq!(floor.run(sender.adopt(ACCOUNT, first, 10)).unwrap().len(), 3);
    floor.run(sender.begin(ACCOUNT, first, next_word(), &one_slot(), &[(rows[0].id, 0)])).unwrap();
    // The lease goes over; the row that was under way is the next one's, as it stands.
    floor.run(sender.give_back(ACCOUNT, "sender", first)).unwrap();
    let Bid::Won { fence: second, .. } = floor.run(sender.bid(&bidder("next", 0))).unwrap() else {
        panic!("the lease was given back")
    };
    assert!(second > first);
    let adopted = floor.run(sender.adopt(ACCOUNT, second, 10)).unwrap();
    let states: Vec<_> = adopted.iter().map(|it| it.row.state.as_str()).collect();
    assert_eq!(states, ["sending", "queued", "queued"]);
    assert_eq!(floor.run(sender.adopt(ACCOUNT, first, 10)), Err(FloorError::NotOurs));
    let told = |number: usize, state: &str| {
        let mut row = rows[number].clone();
        row.state = state.into();
        row.document = "{\"told\":true}".into();
        vec![row]
    };
    assert_eq!(
        floor.run(sender.tell(ACCOUNT, first, next_word(), &told(1, "duplicate"))),
        Ok(vec![])
    );
    assert_eq!(
        floor.run(sender.tell(ACCOUNT, second, next_word(), &told(1, "duplicate"))),
        Ok(vec![rows[1].id])
    );
    // That it was created is true whoever says it.
    assert_eq!(
        floor.run(sender.tell(ACCOUNT, first, next_word(), &told(0, "created"))),
        Ok(vec![rows[0].id])
    );
    let mut changed = rows[2].clone();
    changed.revision = 1;
    floor.run(ann.hand_over(&seat("a"), &[changed])).unwrap();
    assert_eq!(
        floor.run(sender.tell(ACCOUNT, second, next_word(), &told(2, "rejected"))),
        Ok(vec![])
    );
    let mirrored = floor.run(ann.mirror(&seat("a"), cursor)).unwrap();
    let states: Vec<_> = mirrored.iter().map(|it| it.row.state.as_str()).collect();
    assert_eq!(states, ["duplicate", "created", "queued"]);
    assert_eq!(mirrored[0].row.document, "{\"told\":true}");
}

#[test]
fn one_sends_at_a_time_and_who_has_the_higher_priority_takes_over() {
    let Some(floor) = Floor::new() else { return };
    let floor_store = floor.as_role("rolodesk_sender");
    let bid =
        |process: &str, priority| floor.run(floor_store.bid(&bidder(process, priority))).unwrap();
    let Bid::Won { fence, lease_ms } = bid("desk", 0) else { panic!("nobody had it") };
    assert_eq!((fence, lease_ms), (1, 20_000));
    assert!(matches!(bid("other", 0), Bid::Held { .. }));
    assert!(matches!(bid("desk", 0), Bid::Won { fence: 1, .. }));
    // The server asks: the desk gets no more of it, and nobody else does.
    assert!(matches!(bid("server", 5), Bid::Held { .. }));
    assert!(matches!(bid("desk", 0), Bid::Held { .. }));
    floor.run(floor_store.give_back(ACCOUNT, "desk", 1)).unwrap();
    assert!(matches!(bid("other", 0), Bid::Held { .. }));
    assert!(matches!(bid("server", 5), Bid::Won { fence: 2, .. }));
    // Less than 11 s of the lease begin no request.
    floor.sql("UPDATE rolodesk.account SET lease_until = rolodesk.now_ms() + 10500");
    assert_eq!(
        floor.run(floor_store.begin(ACCOUNT, 2, next_word(), &one_slot(), &[])),
        Ok(Began::NotOurs)
    );
    assert_eq!(
        floor.run(floor_store.begin(ACCOUNT, 1, next_word(), &one_slot(), &[])),
        Ok(Began::NotOurs)
    );
    floor.sql("UPDATE rolodesk.account SET lease_until = rolodesk.now_ms() - 1");
    assert!(matches!(bid("other", 0), Bid::Won { fence: 3, .. }));
}

#[test]
fn no_more_requests_begin_than_the_limit_and_a_hold_let_through() {
    let Some(floor) = Floor::new() else { return };
    let (sender, fence) = floor.sender();
    let three = SlotRequest { per_minute: 3, ..one_slot() };
    let begin = |slot: &SlotRequest| {
        floor.run(sender.begin(ACCOUNT, fence, next_word(), slot, &[])).unwrap()
    };
    for _ in 0..3 {
        let Began::Go { slot } = begin(&three) else { panic!("it is below the limit") };
        floor.run(sender.finish(ACCOUNT, slot, &SlotEnd::default())).unwrap();
    }
    let Began::Full { wait_ms } = begin(&three) else { panic!("the limit is used up") };
    assert!((50_000..=60_000).contains(&wait_ms), "{wait_ms}");
    floor.sql("UPDATE rolodesk.slot SET taken_at = taken_at - 61000, over_at = over_at - 61000");
    let Began::Go { slot } = begin(&three) else { panic!("a minute has passed") };
    let hourly = SlotRequest { per_hour: Some(4), ..one_slot() };
    assert!(matches!(begin(&hourly), Began::Full { wait_ms } if wait_ms > 3_000_000));
    let held = SlotEnd { is_refused: true, hold_ms: 30_000, refusal: Some("{}".into()) };
    floor.run(sender.finish(ACCOUNT, slot, &held)).unwrap();
    assert!(matches!(begin(&one_slot()), Began::Full { wait_ms } if wait_ms > 25_000));
    let spent = floor.run(sender.spent(ACCOUNT, 3_600_000)).unwrap();
    assert_eq!(
        spent.slots.iter().map(|it| it.refused).collect::<Vec<_>>(),
        [false, false, false, true]
    );
    assert_eq!(spent.refusal.as_deref(), Some("{}"));
    assert!(spent.hold_until_ms > spent.now_ms);
    assert!(spent.slots[0].age_ms > 60_000 && spent.slots[0].over_age_ms.is_some());
}

#[test]
fn forms_and_changes_come_before_imports_and_imports_of_each_seat_in_turn() {
    let Some(floor) = Floor::new() else { return };
    let seats = floor.as_role("rolodesk_seat");
    let many: Vec<_> = (0..20).map(|number| row(number, "import")).collect();
    floor.run(seats.hand_over(&seat("big"), &many)).unwrap();
    let few = [row(21, "import"), row(22, "form"), row(23, "change")];
    floor.run(seats.hand_over(&seat("small"), &few)).unwrap();
    let mut later = row(24, "form");
    later.due_at = i64::MAX;
    floor.run(seats.hand_over(&seat("small"), &[later])).unwrap();
    let (sender, fence) = floor.sender();
    let adopted = floor.run(sender.adopt(ACCOUNT, fence, 4)).unwrap();
    let lanes: Vec<_> = adopted.iter().map(|it| (it.row.lane.as_str(), it.seat.as_str())).collect();
    assert_eq!(
        lanes,
        [("form", "small"), ("change", "small"), ("import", "big"), ("import", "small")]
    );
    let rest = floor.run(sender.adopt(ACCOUNT, fence, 100)).unwrap();
    assert_eq!(rest.len(), 19);
    assert!(floor.run(sender.adopt(ACCOUNT, fence, 100)).unwrap().is_empty());
}

#[test]
fn a_cursor_misses_nothing_however_many_write_beside_it() {
    let Some(floor) = Floor::new() else { return };
    let done = Arc::new(AtomicBool::new(false));
    let (sender, fence) = floor.sender();
    let reader = floor.as_role("rolodesk_seat");
    let seen = floor.run(async {
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let store = floor.as_role("rolodesk_seat");
                tokio::spawn(async move {
                    for number in 0..50 {
                        let one = [row(writer * 50 + number, "form")];
                        store.hand_over(&seat("a"), &one).await.unwrap();
                    }
                })
            })
            .collect();
        let teller = tokio::spawn(async move {
            let mut told = 0;
            while told < 200 {
                let rows = sender.adopt(ACCOUNT, fence, 20).await.unwrap();
                let rows = rows.into_iter().map(|mut it| {
                    it.row.state = "created".into();
                    it.row
                });
                told += sender
                    .tell(ACCOUNT, fence, next_word(), &rows.collect::<Vec<_>>())
                    .await
                    .unwrap()
                    .len();
            }
        });
        let stop = Arc::clone(&done);
        let follower = tokio::spawn(async move {
            let (mut cursor, mut created) = (0, std::collections::BTreeSet::new());
            loop {
                let is_last = stop.load(Ordering::SeqCst);
                for it in reader.mirror(&seat("a"), cursor).await.unwrap() {
                    assert!(it.changed >= cursor);
                    cursor = it.changed;
                    if it.row.state == "created" {
                        created.insert(it.row.id);
                    }
                }
                if is_last {
                    return created.len();
                }
            }
        });
        for writer in writers {
            writer.await.unwrap();
        }
        teller.await.unwrap();
        done.store(true, Ordering::SeqCst);
        follower.await.unwrap()
    });
    assert_eq!(seen, 200);
}

#[test]
fn a_page_of_the_mirror_never_ends_inside_one_change() {
    let Some(floor) = Floor::new() else { return };
    let ann = floor.as_role("rolodesk_seat");
    let rows: Vec<_> = (0..450).map(|number| row(number, "import")).collect();
    floor.run(ann.hand_over(&seat("a"), &rows[..400])).unwrap();
    floor.run(ann.hand_over(&seat("a"), &rows[400..])).unwrap();
    floor.sql("UPDATE rolodesk.handed SET changed = 7 WHERE changed < 3");
    floor.sql(
        "INSERT INTO rolodesk.handed SELECT gen_random_uuid()::text, account, seat, revision, agent, \
         machine, e164, lane, state, due_at, fence, document, handed_at, told_at, 7 \
         FROM rolodesk.handed LIMIT 300",
    );
    let page = floor.run(ann.mirror(&seat("a"), 0)).unwrap();
    assert_eq!(page.len(), 750);
}

#[test]
fn the_directory_is_shared_and_answers_for_a_number() {
    let Some(floor) = Floor::new() else { return };
    let (sender, fence) = floor.sender();
    let record = |key: &str, e164: &str, name: Option<&str>| FloorRecord {
        key: key.into(),
        e164: e164.into(),
        record: name.map(|name| serde_json::json!({ "name": name })),
    };
    let records = [record("c1", "+1", Some("Jane")), record("c2", "+2", Some("Ben"))];
    floor.run(sender.learn(ACCOUNT, fence, &records)).unwrap();
    floor.run(sender.learn(ACCOUNT, fence, &[record("c2", "+2", None)])).unwrap();
    assert_eq!(floor.run(sender.directory(ACCOUNT, "", 10)).unwrap(), records[..1]);
    assert!(floor.run(sender.directory(ACCOUNT, "c1", 10)).unwrap().is_empty());
    let ann = floor.as_role("rolodesk_seat");
    let known = floor.run(ann.known(&seat("a"), &["+1".into(), "+2".into()])).unwrap();
    assert_eq!(known.len(), 1);
    assert_eq!(known[0].record, records[0].record);
    assert_eq!(floor.run(sender.learn(ACCOUNT, fence + 1, &records)), Err(FloorError::NotOurs));
}

#[test]
fn whoever_may_send_sees_everybodys_rows_page_by_page_and_a_seat_does_not() {
    let Some(floor) = Floor::new() else { return };
    let (sender, _) = floor.sender();
    let ann = floor.as_role("rolodesk_seat");
    let rows = [row(1, "form"), row(2, "import"), row(3, "form"), row(4, "form")];
    floor.run(ann.hand_over(&seat("a"), &rows[..2])).unwrap();
    floor.run(ann.hand_over(&seat("b"), &rows[2..])).unwrap();
    floor.run(ann.withdraw(&seat("b"), rows[3].id, rows[3].revision)).unwrap();
    let supervisor = seat("supervisor");
    let page = |part, search: Option<&str>| {
        let search = search.map(str::to_owned);
        let page = Page { part, search, limit: 2, ..Page::default() };
        let found = floor.run(sender.everybody(&supervisor, &page)).unwrap();
        found.iter().map(|it| it.id).collect::<Vec<_>>()
    };
    let [first, second, third, _] = rows.each_ref().map(|it| it.id);
    assert_eq!(page(PagePosition::Newest, None), [third, second]);
    assert_eq!(page(PagePosition::Before(second), None), [first]);
    assert_eq!(page(PagePosition::From(second), None), [third, second]);
    assert_eq!(page(PagePosition::Oldest, None), [second, first]);
    let digits = &rows[0].e164[rows[0].e164.len() - 6..];
    assert_eq!(page(PagePosition::Newest, Some(digits)), [first]);
    assert_eq!(page(PagePosition::Newest, Some("nobody")), []);
    let refused = floor.run(ann.everybody(&seat("a"), &Page::default()));
    assert!(matches!(refused, Err(FloorError::NoRights { .. })), "{refused:?}");
}

#[test]
fn the_owner_sees_who_is_there_what_waits_and_who_made_what_and_erases_what_is_settled() {
    let Some(floor) = Floor::new() else { return };
    let (sender, fence) = floor.sender();
    let ann = floor.as_role("rolodesk_seat");
    let presence = Presence {
        agent: "jdoe".into(),
        machine: "desk".into(),
        client: "0.1.0".into(),
        may_send: false,
    };
    floor.run(ann.attend(&seat("a"), &presence)).unwrap();
    let rows = [row(1, "form"), row(2, "import"), row(3, "form")];
    floor.run(ann.hand_over(&seat("a"), &rows)).unwrap();
    floor.run(sender.adopt(ACCOUNT, fence, 10)).unwrap();
    let mut told = rows[0].clone();
    told.state = "created".into();
    floor.run(sender.tell(ACCOUNT, fence, next_word(), &[told])).unwrap();
    floor.run(sender.begin(ACCOUNT, fence, next_word(), &one_slot(), &[(rows[2].id, 0)])).unwrap();
    let owner = floor.as_owner();
    let seen = floor.run(owner.overview()).unwrap();
    assert_eq!((seen.accounts.len(), seen.seats.len(), seen.version), (1, 1, TABLES_VERSION));
    let account = &seen.accounts[0];
    assert_eq!((account.waiting, account.waiting_imports, account.sending), (0, 1, 1));
    assert_eq!((account.used, account.limit), (1, 60));
    assert_eq!(account.sender.as_ref().map(|it| it.machine.as_str()), Some("server"));
    assert_eq!(
        (seen.seats[0].agent.as_str(), seen.seats[0].role.as_str()),
        ("jdoe", "rolodesk_seat")
    );
    let agents = floor.run(owner.report(3_600_000, None)).unwrap();
    assert_eq!((agents.len(), agents[0].created, agents[0].waiting, agents[0].total), (1, 1, 2, 3));
    assert!(floor.run(owner.report(3_600_000, Some("nobody"))).unwrap().is_empty());
    let number = FloorErasure::Number(rows[0].e164.clone());
    assert_eq!(floor.run(owner.erase(&number, true)), Ok(1));
    assert_eq!(floor.run(owner.erase(&number, false)), Ok(1));
    assert_eq!(floor.run(owner.erase(&FloorErasure::OlderThan { age_ms: -1000 }, false)), Ok(0));
    assert_eq!(floor.sql("SELECT count(*) FROM rolodesk.handed"), "2");
}

#[test]
fn what_the_owner_does_not_want_kept_is_erased_once_it_is_settled_and_old() {
    let Some(floor) = Floor::new() else { return };
    let rows = [row(1, "form"), row(2, "form"), row(3, "form")];
    floor.run(floor.as_role("rolodesk_seat").hand_over(&seat("a"), &rows)).unwrap();
    floor.run(floor.as_owner().keep(Some(30))).unwrap();
    floor.sql(&format!(
        "UPDATE rolodesk.handed SET handed_at = handed_at - 31 * 86400000::bigint WHERE id <> '{}'; \
         UPDATE rolodesk.handed SET state = 'created' WHERE id <> '{}'",
        rows[0].id, rows[1].id
    ));
    floor.sender();
    // The first is too young, the second waits.
    let left = floor.sql("SELECT string_agg(id, ' ' ORDER BY id) FROM rolodesk.handed");
    assert_eq!(left, format!("{} {}", rows[0].id, rows[1].id));
}

#[test]
fn a_seat_whose_profile_names_no_account_takes_the_only_one() {
    let Some(floor) = Floor::empty("") else { return };
    let owner = floor.as_owner();
    floor.run(owner.set_up(None)).unwrap();
    let ann = floor.as_role("rolodesk_seat");
    let any = Seat { account: String::new(), id: "a".into() };
    assert_eq!(floor.run(ann.hand_over(&any, &[row(1, "form")])), Err(FloorError::NoAccount));
    floor.sender();
    floor.run(ann.hand_over(&any, &[row(1, "form")])).unwrap();
    assert_eq!(floor.sql("SELECT account FROM rolodesk.handed"), ACCOUNT);
    floor.run(owner.set_up(Some("another"))).unwrap();
    assert_eq!(floor.run(ann.mirror(&any, 0)), Err(FloorError::WhichAccount));
}

#[test]
fn a_mistyped_account_stops_nobody_and_what_was_handed_to_it_follows_the_right_one() {
    let Some(floor) = Floor::empty("") else { return };
    floor.run(floor.as_owner().set_up(Some("mistyped"))).unwrap();
    let ann = floor.as_role("rolodesk_seat");
    let any = Seat { account: String::new(), id: "a".into() };
    let (waits, open) = (row(1, "form"), row(2, "form"));
    floor.run(ann.hand_over(&any, &[waits.clone(), open.clone()])).unwrap();
    floor.sql(&format!("UPDATE rolodesk.handed SET state = 'unclear' WHERE id = '{}'", open.id));
    // Nobody knows yet which of the two it is.
    let (sender, fence) = floor.sender();
    assert_eq!(floor.run(ann.standing(&any)), Err(FloorError::WhichAccount));
    floor.run(sender.see_platform(ACCOUNT, fence, None)).unwrap();
    let standing = floor.run(ann.standing(&any)).unwrap();
    assert_eq!(standing.account, ACCOUNT);
    assert_eq!(standing.sender, Some(("sync".into(), "server".into())));
    let found = floor.run(ann.mirror(&any, 0)).unwrap();
    assert_eq!(found.iter().map(|it| it.row.id).collect::<Vec<_>>(), [waits.id]);
    // What may have been sent for the other stays there, and is heard of.
    assert_eq!(floor.run(ann.ask(&any, &[open.id])).unwrap().len(), 1);
    assert_eq!(floor.run(sender.adopt(ACCOUNT, fence, 10)).unwrap().len(), 1);
}

#[test]
fn an_upgrade_goes_in_under_a_floor_that_works_without_an_error() {
    let Some(floor) = Floor::new() else { return };
    // As an earlier version left it: an index and a function fewer.
    floor.sql("DROP INDEX rolodesk.handed_page; DROP FUNCTION rolodesk.known; UPDATE rolodesk.gate SET version = 0");
    let done = Arc::new(AtomicBool::new(false));
    let rounds = floor.run(async {
        let seats: Vec<_> = (0..8)
            .map(|number| {
                let (store, stop) = (floor.as_role("rolodesk_seat"), Arc::clone(&done));
                tokio::spawn(async move {
                    let seat = seat(&format!("s{number}"));
                    let mut rounds = 0;
                    while !stop.load(Ordering::SeqCst) {
                        store.hand_over(&seat, &[row(number, "form")]).await.unwrap();
                        store.mirror(&seat, 0).await.unwrap();
                        rounds += 1;
                    }
                    rounds
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(floor.as_owner().upgrade().await, Ok(0));
        done.store(true, Ordering::SeqCst);
        let mut rounds = 0;
        for seat in seats {
            rounds += seat.await.unwrap();
        }
        rounds
    });
    assert!(rounds > 8, "{rounds}");
    let made = "SELECT count(*) FROM pg_index WHERE indisvalid AND indexrelid = 'rolodesk.handed_page'::regclass";
    assert_eq!(floor.sql(made), "1");
    assert_eq!(floor.run(floor.as_role("rolodesk_seat").gate()).unwrap().version, TABLES_VERSION);
}

#[test]
fn several_databases_of_one_new_server_are_set_up_at_the_same_time() {
    let Some(cluster) = alone(&[]) else { return };
    let owners: Vec<_> = (0..16).map(|_| Postgres::new(cluster.database())).collect();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    runtime.block_on(async {
        let ready = Arc::new(tokio::sync::Barrier::new(owners.len()));
        let begin = |owner: Postgres| {
            let ready = Arc::clone(&ready);
            tokio::spawn(async move {
                // Its connection is there by then, whatever it says of tables.
                let _ = owner.gate().await;
                ready.wait().await;
                owner.set_up(Some(ACCOUNT)).await
            })
        };
        let under_way: Vec<_> = owners.into_iter().map(begin).collect();
        for one in under_way {
            one.await.unwrap().unwrap();
        }
    });
    let set = cluster.sql(
        "postgres",
        "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'rolodesk_%' \
        AND 'statement_timeout=5s' = ANY (rolconfig)",
    );
    assert_eq!(set, "2");
}
