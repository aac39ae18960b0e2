//! The durable store on real files: restarts, several processes, clocks, damage.

use std::{collections::HashSet, path::Path, time::Duration};

use jiff::Timestamp;
use proptest::prelude::*;
use rolodesk::{
    audit::AuditTrail,
    contact::{Contact, E164, Extension, Name, Phone, Region, Salutation},
    delivery::group_testing::{DuplicateRate, Planner, Refusal},
    headless::sentences,
    store::{
        Begun, Candidates, ClaimResult, Claimed, Class, ContactQuery, Corrected, DirectoryStorage,
        Discarded, Ended, Estate, Limits, Moment, RequestEnd, Scope, Settlement, Slot, Store,
        StoreError, Wanted, WorkerId,
    },
    submission::{
        BatchAnswer, Change, ContactId, Failure, FailureKind, Group, Limit, Origin, Outcome, Owner,
        Page, PagePosition, Record, Status, Submission, SubmissionId, Task, Verb, Waiting,
    },
};
use tempfile::TempDir;

fn start(number: u128) -> rolodesk::store::BootId {
    rolodesk::store::BootId::Known(uuid::Uuid::from_u128(number))
}

pub fn at(ms: i64) -> Moment {
    let wall = Timestamp::from_millisecond(1_700_000_000_000 + ms).unwrap();
    Moment { wall, boot: start(1), uptime_ms: ms }
}

pub fn scope() -> Scope {
    Scope {
        profile: "acme".into(),
        estate: Estate::new("https://platform.example", "account", "st-1"),
        limits: Limits::per_minute(60),
        directory: DirectoryStorage::OnDisk,
        agent: "ada".into(),
        machine: "desk".into(),
    }
}

pub fn worker(name: &str) -> WorkerId {
    WorkerId(name.into())
}

pub fn submission(n: u32, origin: Origin) -> Submission {
    let contact = Contact {
        salutation: Salutation::parse("Mrs").unwrap(),
        first_name: Name::parse("Ngọc").unwrap(),
        last_name: Name::parse("O'Brien").unwrap(),
        phone: Phone::from_parts(Region::from_code("IT"), 39, &format!("06{n:08}")).unwrap(),
        extension: Extension::parse("+").unwrap(),
    };
    Submission {
        id: SubmissionId::fresh(),
        contact,
        origin,
        submitted_at: at(0).wall,
        corrects: None,
    }
}

pub fn forms(count: u32) -> Vec<Submission> {
    (0..count).map(|n| submission(n, Origin::Form)).collect()
}

pub async fn open(folder: &Path) -> Store {
    Store::open(&folder.join("store.db"), scope(), at(0)).await.unwrap()
}

pub fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// One request with as many contacts as there may be.
pub const ONE_ARRAY: Wanted = Wanted { class: Class::Form, requests: 1, contacts: 50 };

/// The one request that began.
pub fn only(begun: ClaimResult) -> Begun {
    match begun {
        ClaimResult::Begun(mut requests) if requests.len() == 1 => requests.remove(0),
        other => panic!("{other:?}"),
    }
}

pub async fn claim(store: &Store, name: &str, most: u32, now: Moment) -> Vec<Claimed> {
    let wanted = Wanted { class: Class::Form, requests: 1, contacts: most };
    match store.begin(&worker(name), wanted, arrays_of(most), now).await.unwrap() {
        ClaimResult::Begun(requests) => requests.into_iter().flat_map(|it| it.claimed).collect(),
        ClaimResult::NoSlot { .. } | ClaimResult::Nothing => Vec::new(),
    }
}

pub fn created(id: SubmissionId) -> Settlement {
    let platform = ContactId(format!("63c7{}", id.0.simple()));
    let record = Record { id: Some(platform.clone()), active: true, ..Record::default() };
    Settlement {
        id,
        outcome: Some(Outcome::Created(record)),
        status: Status::Created { id: platform, remark: None },
        look_up: false,
        array_cap: None,
        refused_in: None,
    }
}

pub fn unclear(id: SubmissionId, until: Option<Timestamp>) -> Settlement {
    let failure = Failure::unclear("no answer");
    Settlement {
        id,
        outcome: Some(failure.clone().into()),
        status: Status::Unclear(Waiting { until, because: Some(failure.into()) }),
        look_up: false,
        array_cap: None,
        refused_in: None,
    }
}

fn unreached(id: SubmissionId) -> Settlement {
    let failure = Failure::new(FailureKind::Unreached, "refused");
    let status = Status::Queued(Waiting { until: None, because: Some(failure.clone().into()) });
    Settlement { outcome: Some(failure.into()), status, ..unclear(id, None) }
}

/// Arrays as large as they may be.
fn arrays_of(most: u32) -> impl Fn(&Candidates) -> Vec<SubmissionId> + Send + 'static {
    let (rate, refusal) = (DuplicateRate::default(), Refusal::Names);
    let planner = Planner { most, most_unsuspected: most, rate, refusal };
    move |due| planner.choose(&due.waiting, &due.under_way)
}

pub async fn all(store: &Store) -> Vec<rolodesk::submission::Entry> {
    store.page(&Page { limit: 10_000, ..Page::default() }).await.unwrap()
}

#[tokio::test]
async fn of_two_who_store_one_file_at_once_each_contact_is_stored_by_one() {
    let folder = folder();
    let (one, other) = (open(folder.path()).await, open(folder.path()).await);
    let same = |one: &Contact, other: &Contact| one.phone.e164() == other.phone.e164();
    let (rows, again) = (forms(40), forms(40));
    let (first, second) =
        tokio::join!(one.accept_new(&rows, same, at(1)), other.accept_new(&again, same, at(1)));
    let ids = |entries: Vec<rolodesk::submission::Entry>| -> Vec<_> {
        entries.into_iter().map(|entry| entry.submission.id).collect()
    };
    assert_eq!(ids(first.unwrap()), ids(second.unwrap()));
    assert_eq!(all(&one).await.len(), 40);
}

#[tokio::test]
async fn a_correction_and_the_row_it_corrects_change_places_in_one_step() {
    let folder = folder();
    let store = open(folder.path()).await;
    let [wrong, right, late] = forms(3).try_into().unwrap();
    store.accept(std::slice::from_ref(&wrong), at(1)).await.unwrap();
    let seen = store.entry(wrong.id).await.unwrap().unwrap().0.seen();
    let corrected = store.accept_correction(&right, wrong.id, seen, at(2)).await.unwrap();
    assert!(matches!(corrected, Corrected::Replaced(_)), "{corrected:?}");
    assert_eq!(all(&store).await.len(), 1);
    claim(&store, "w", 1, at(3)).await;
    let corrected = store.accept_correction(&late, right.id, seen, at(4)).await.unwrap();
    assert!(matches!(corrected, Corrected::TooLate(_)), "it has left: {corrected:?}");
    assert_eq!(all(&store).await.len(), 1, "and nothing is stored beside it");
}

#[tokio::test]
async fn what_was_accepted_is_back_after_a_restart_to_the_letter() {
    let folder = folder();
    let submissions = forms(3);
    open(folder.path()).await.accept(&submissions, at(0)).await.unwrap();
    let rows = all(&open(folder.path()).await).await;
    let back: Vec<_> = rows.into_iter().rev().map(|row| row.submission).collect();
    assert_eq!(back, submissions);
}

#[tokio::test]
async fn an_attempt_is_on_disk_before_anything_is_sent() {
    let folder = folder();
    let store = open(folder.path()).await;
    let submissions = forms(1);
    store.accept(&submissions, at(0)).await.unwrap();
    assert_eq!(claim(&store, "a", 1, at(5)).await.len(), 1);
    let (entry, attempts) =
        open(folder.path()).await.entry(submissions[0].id).await.unwrap().unwrap();
    assert_eq!(entry.status, Status::Sending);
    assert_eq!((attempts.len(), attempts[0].started_at), (1, at(5).wall));
    assert_eq!(attempts[0].outcome, None);
}

#[tokio::test]
async fn who_was_known_to_have_a_number_before_a_request_first_left_stays_known() {
    for (directory, expected) in [
        (DirectoryStorage::OnDisk, vec![ContactId("before".into())]),
        (DirectoryStorage::InMemory, vec![ContactId("before".into())]),
        (DirectoryStorage::Nowhere, Vec::new()),
    ] {
        let folder = folder();
        let scope = Scope { directory, ..scope() };
        let store = Store::open(&folder.path().join("store.db"), scope, at(0)).await.unwrap();
        let [one, other] = [submission(1, Origin::Form), submission(2, Origin::Form)];
        let shown = |id: &str| Record {
            id: Some(ContactId(id.into())),
            e164: Some(one.contact.phone.e164()),
            active: true,
            ..Record::default()
        };
        store.accept(&[one.clone(), other.clone()], at(0)).await.unwrap();
        assert_eq!(claim(&store, "a", 2, at(0)).await.len(), 2);
        store.record(&worker("a"), &[], &[one.id, other.id].map(unreached), at(1)).await.unwrap();
        store.learn(&[shown("before")], at(1)).await.unwrap();
        for _ in 0..2 {
            assert_eq!(claim(&store, "a", 1, at(2)).await.len(), 1);
        }
        store.learn(&[shown("before"), shown("after")], at(3)).await.unwrap();
        store.record(&worker("a"), &[], &[unclear(one.id, None)], at(4)).await.unwrap();
        claim(&store, "a", 2, at(5)).await;
        let known = store.not_ours(&one).await.unwrap().known_before;
        assert_eq!(known, expected, "{directory:?}");
        assert_eq!(store.not_ours(&other).await.unwrap().known_before, []);
    }
}

#[tokio::test]
async fn a_claim_whose_worker_died_becomes_unclear_and_is_sent_again() {
    let folder = folder();
    let store = open(folder.path()).await;
    store.accept(&forms(1), at(0)).await.unwrap();
    claim(&store, "dead", 1, at(0)).await;
    assert!(store.heartbeat(&worker("b"), at(9_000)).await.unwrap().is_empty());
    let orphans = store.heartbeat(&worker("b"), at(11_000)).await.unwrap();
    assert!(matches!(orphans[0].status, Status::Unclear(_)));
    let again = claim(&store, "b", 1, at(11_001)).await;
    assert!(matches!(
        again[0].earlier[0].outcome,
        Some(Outcome::Failure(Failure { kind: FailureKind::Unclear { .. }, .. }))
    ));
}

#[tokio::test]
async fn a_claim_from_before_the_machine_restarted_is_nobodys() {
    let folder = folder();
    let store = open(folder.path()).await;
    store.accept(&forms(1), at(0)).await.unwrap();
    claim(&store, "a", 1, at(0)).await;
    let after = Moment { boot: start(2), ..at(10) };
    assert_eq!(store.heartbeat(&worker("b"), after).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_heartbeat_keeps_a_slow_request_claimed() {
    let folder = folder();
    let store = open(folder.path()).await;
    store.accept(&forms(1), at(0)).await.unwrap();
    claim(&store, "slow", 1, at(0)).await;
    for second in 1..60 {
        store.heartbeat(&worker("slow"), at(second * 1000)).await.unwrap();
        assert!(store.heartbeat(&worker("b"), at(second * 1000)).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_late_answer_counts_only_if_it_says_created() {
    let folder = folder();
    let store = open(folder.path()).await;
    let submissions = forms(1);
    let id = submissions[0].id;
    store.accept(&submissions, at(0)).await.unwrap();
    claim(&store, "late", 1, at(0)).await;
    store.heartbeat(&worker("b"), at(20_000)).await.unwrap();
    let no = Failure::new(FailureKind::Rejected, "no");
    let rejected = Settlement {
        status: Status::Rejected { reason: no.clone().into() },
        outcome: Some(no.into()),
        ..created(id)
    };
    let rows = store.record(&worker("late"), &[], &[rejected], at(21_000)).await.unwrap();
    assert!(matches!(rows[0].status, Status::Unclear(_)), "{:?}", rows[0].status);
    let rows = store.record(&worker("late"), &[], &[created(id)], at(22_000)).await.unwrap();
    assert!(matches!(rows[0].status, Status::Created { .. }));
    let rows = store.record(&worker("b"), &[], &[unclear(id, None)], at(23_000)).await.unwrap();
    assert!(matches!(rows[0].status, Status::Created { .. }), "never downgraded");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_stores_on_one_file_never_claim_the_same_submission() {
    let folder = folder();
    let (one, two) = (open(folder.path()).await, open(folder.path()).await);
    one.accept(&forms(40), at(0)).await.unwrap();
    let take = |store: Store, name: &'static str| async move {
        let mut mine = Vec::new();
        loop {
            let claimed = claim(&store, name, 1, at(1)).await;
            if claimed.is_empty() {
                return mine;
            }
            mine.extend(claimed.into_iter().map(|row| row.entry.submission.id));
        }
    };
    let (a, b) = tokio::join!(
        tokio::spawn(take(one.clone(), "one")),
        tokio::spawn(take(two.clone(), "two"))
    );
    let (a, b) = (a.unwrap(), b.unwrap());
    assert_eq!(a.len() + b.len(), 40);
    assert_eq!(a.iter().chain(&b).collect::<HashSet<_>>().len(), 40);
}

#[tokio::test]
async fn a_later_submission_of_the_same_number_waits_for_the_earlier() {
    let folder = folder();
    let store = open(folder.path()).await;
    let (first, second) = (submission(1, Origin::Form), submission(1, Origin::Form));
    store.accept(&[first.clone(), second.clone()], at(0)).await.unwrap();
    let claimed = claim(&store, "a", 50, at(1)).await;
    assert_eq!(claimed.len(), 1, "never two of one number in one array");
    assert!(claim(&store, "b", 1, at(2)).await.is_empty());
    store
        .record(&worker("a"), &[], &[unclear(first.id, Some(at(60_000).wall))], at(3))
        .await
        .unwrap();
    assert!(claim(&store, "b", 1, at(4)).await.is_empty(), "the first is unclear");
    let again = claim(&store, "a", 1, at(60_001)).await;
    assert_eq!(again[0].entry.submission.id, first.id);
    store.record(&worker("a"), &[], &[created(first.id)], at(60_002)).await.unwrap();
    assert_eq!(claim(&store, "b", 1, at(60_003)).await[0].entry.submission.id, second.id);
}

#[tokio::test]
async fn an_array_is_no_larger_than_its_most_careful_row_allows() {
    let folder = folder();
    let store = open(folder.path()).await;
    let submissions = forms(8);
    store.accept(&submissions, at(0)).await.unwrap();
    let claimed = claim(&store, "a", 50, at(1)).await;
    let capped: Vec<_> = claimed
        .iter()
        .map(|row| Settlement { array_cap: Some(4), ..unclear(row.entry.submission.id, None) })
        .collect();
    store.record(&worker("a"), &[], &capped, at(2)).await.unwrap();
    assert_eq!(claim(&store, "a", 50, at(3)).await.len(), 4);
    assert_eq!(claim(&store, "a", 50, at(3)).await.len(), 4);
}

#[tokio::test]
async fn a_retry_waits_its_time_whatever_the_wall_clock_does() {
    let folder = folder();
    let store = open(folder.path()).await;
    let submissions = forms(1);
    store.accept(&submissions, at(0)).await.unwrap();
    claim(&store, "a", 1, at(0)).await;
    let later = unclear(submissions[0].id, Some(at(5_000).wall));
    store.record(&worker("a"), &[], &[later], at(1_000)).await.unwrap();
    let hour = jiff::SignedDuration::from_hours(1);
    for step in [-hour, jiff::SignedDuration::ZERO, hour] {
        let now = |ms| Moment { wall: at(ms).wall.checked_add(step).unwrap(), ..at(ms) };
        let facts = store.facts(now(4_000)).await.unwrap();
        assert_eq!((facts.forms_due, facts.next_due_in_ms), (0, Some(1_000)));
        assert_eq!(store.facts(now(5_000)).await.unwrap().forms_due, 1);
    }
}

#[tokio::test]
async fn requests_that_begin_together_are_as_many_as_the_limit_and_the_queue_allow() {
    let folder = folder();
    let store = open(folder.path()).await;
    for n in 0..57 {
        store.take_slot(Class::Form, at(n)).await.unwrap().unwrap();
    }
    let wanted = Wanted { class: Class::Form, requests: 4, contacts: 2 };
    store.accept(&forms(7), at(100)).await.unwrap();
    let begun = store.begin(&worker("a"), wanted, arrays_of(2), at(100)).await.unwrap();
    let ClaimResult::Begun(requests) = begun else { panic!("{begun:?}") };
    let sizes: Vec<_> = requests.iter().map(|it| it.claimed.len()).collect();
    assert_eq!(sizes, [2, 2, 2], "three slots are left");
    let slots: Vec<_> = requests.iter().map(|it| it.slot).collect();
    assert!(slots[0] != slots[1] && slots[1] != slots[2] && slots[0] != slots[2]);
    let ended: Vec<_> =
        slots.iter().map(|slot| Ended { slot: *slot, end: RequestEnd::Through }).collect();
    let all: Vec<_> = requests.iter().flat_map(|it| &it.claimed).collect();
    let settled: Vec<_> = all.iter().map(|row| created(row.entry.submission.id)).collect();
    store.record(&worker("a"), &ended, &settled, at(200)).await.unwrap();
    assert_eq!(store.counts().await.unwrap().created, 6);
    // All count until a minute after they were over: a slot whose request nobody ended would
    // count for two.
    assert_eq!(store.budget(at(60_201)).await.unwrap().left, 3);
    let begun = store.begin(&worker("a"), wanted, arrays_of(2), at(60_201)).await.unwrap();
    assert_eq!(only(begun).claimed.len(), 1, "there is no more");
}

#[tokio::test]
async fn every_process_and_every_kind_of_request_shares_one_budget() {
    let folder = folder();
    let (one, two) = (open(folder.path()).await, open(folder.path()).await);
    for n in 0..60 {
        let store = if n % 2 == 0 { &one } else { &two };
        store.take_slot(Class::Form, at(n)).await.unwrap().unwrap();
    }
    assert_eq!(one.budget(at(100)).await.unwrap().left, 0);
    let wait = two.take_slot(Class::Form, at(100)).await.unwrap().unwrap_err();
    assert!(wait > 0);
    two.accept(&forms(1), at(100)).await.unwrap();
    let begun = two.begin(&worker("b"), ONE_ARRAY, arrays_of(1), at(100)).await.unwrap();
    assert!(matches!(begun, ClaimResult::NoSlot { .. }));
    assert_eq!(two.counts().await.unwrap().queued, 1, "nothing was claimed");
}

#[tokio::test]
async fn a_hold_the_platform_asked_for_survives_a_restart() {
    let folder = folder();
    let store = open(folder.path()).await;
    let slot = store.take_slot(Class::Form, at(0)).await.unwrap().unwrap();
    store.finish_request(slot, RequestEnd::Wait(30_000), at(10)).await.unwrap();
    let facts = open(folder.path()).await.facts(at(1_010)).await.unwrap();
    assert_eq!((facts.form_wait_ms, facts.budget.left), (29_000, 0));
}

#[tokio::test]
async fn counts_are_what_counting_would_say() {
    let folder = folder();
    let store = open(folder.path()).await;
    let submissions = forms(6);
    store.accept(&submissions, at(0)).await.unwrap();
    let claimed = claim(&store, "a", 4, at(0)).await;
    let ids: Vec<_> = claimed.iter().map(|row| row.entry.submission.id).collect();
    let settlements = [created(ids[0]), unclear(ids[1], None)];
    store.record(&worker("a"), &[], &settlements, at(1)).await.unwrap();
    assert_eq!(store.discard(ids[0], Group::Created, at(2)).await.unwrap(), Discarded::Gone);
    assert_eq!(store.discard(ids[2], Group::Queued, at(2)).await.unwrap(), Discarded::Busy);
    store.retry(Some(ids[1]), at(2)).await.unwrap();
    let counts = store.counts().await.unwrap();
    let rows = all(&store).await;
    let count = |group| rows.iter().filter(|row| row.status.group() == group).count() as u64;
    assert_eq!(counts.queued, count(Group::Queued));
    assert_eq!(counts.sending, count(Group::Sending));
    assert_eq!(counts.created, count(Group::Created));
    assert_eq!(counts.all(), rows.len() as u64);
}

#[tokio::test]
async fn pages_go_on_where_the_last_one_ended_and_search_names_and_numbers() {
    let folder = folder();
    let store = open(folder.path()).await;
    store.accept(&forms(30), at(0)).await.unwrap();
    let first = store.page(&Page { limit: 20, ..Page::default() }).await.unwrap();
    let part = PagePosition::Before(first.last().unwrap().submission.id);
    let second = store.page(&Page { limit: 20, part, ..Page::default() }).await.unwrap();
    assert_eq!((first.len(), second.len()), (20, 10));
    for (text, found) in [("ngoc o'b", 30), ("+39 06 00000007", 1), ("0600000007", 1), ("100%", 0)]
    {
        let page = Page { search: Some(text.into()), limit: 99, ..Page::default() };
        assert_eq!(store.page(&page).await.unwrap().len(), found, "{text}");
    }
}

#[tokio::test]
async fn a_page_lies_where_it_is_wanted_in_any_group_and_under_any_search() {
    let folder = folder();
    let store = open(folder.path()).await;
    store.accept(&forms(30), at(0)).await.unwrap();
    let claimed = claim(&store, "a", 12, at(0)).await;
    let ids = || claimed.iter().map(|row| row.entry.submission.id);
    let settlements: Vec<_> = ids().step_by(2).map(created).collect();
    store.record(&worker("a"), &[], &settlements, at(1)).await.unwrap();
    let everything = all(&store).await;
    let middle = everything[14].submission.id;
    for groups in [vec![], vec![Group::Queued], vec![Group::Created, Group::Sending]] {
        for search in [None, Some("brien"), Some("0600000")] {
            let holds = |row: &&rolodesk::submission::Entry| {
                groups.is_empty() || groups.contains(&row.status.group())
            };
            let expected: Vec<_> =
                everything.iter().filter(holds).map(|row| row.submission.id).collect();
            let (newer, older): (Vec<_>, Vec<_>) =
                expected.iter().copied().partition(|id| *id >= middle);
            let newest = &expected[..expected.len().min(5)];
            let oldest = &expected[expected.len().saturating_sub(5)..];
            let before = &older[..older.len().min(5)];
            let from = &newer[newer.len().saturating_sub(5)..];
            for (part, wanted) in [
                (PagePosition::Newest, newest),
                (PagePosition::Oldest, oldest),
                (PagePosition::Before(middle), before),
                (PagePosition::From(middle), from),
            ] {
                let (groups, search) = (groups.clone(), search.map(str::to_owned));
                let page = Page { part, groups, search, limit: 5, ..Page::default() };
                let rows = store.page(&page).await.unwrap();
                let got: Vec<_> = rows.iter().map(|row| row.submission.id).collect();
                assert_eq!(got, wanted, "{page:?}");
            }
        }
    }
}

/// Rows of several processes may be accepted in another order than their ids have.
#[tokio::test]
async fn a_search_finds_what_looking_at_each_row_finds_in_whatever_order_they_came() {
    let folder = folder();
    let store = open(folder.path()).await;
    let mut submissions = forms(2_100);
    submissions.sort_by_key(|it| it.contact.phone.national().bytes().rev().collect::<Vec<_>>());
    store.accept(&submissions, at(0)).await.unwrap();
    for row in submissions.iter().step_by(7) {
        store.discard(row.id, Group::Queued, at(1)).await.unwrap();
    }
    let rows = all(&store).await;
    assert_eq!(rows.len(), 1_800);
    for text in ["brien", "o'b", "q", "0600000", "00001", "77", "1999", "x9"] {
        let search = rolodesk::submission::Search::parse(text);
        let expected: Vec<_> =
            rows.iter().filter(|row| search.finds(row)).map(|row| row.submission.id).collect();
        let page = Page { search: Some(text.into()), limit: 9_999, ..Page::default() };
        let found = store.page(&page).await.unwrap();
        assert_eq!(
            found.iter().map(|row| row.submission.id).collect::<Vec<_>>(),
            expected,
            "{text}"
        );
        if let Some(middle) = expected.get(expected.len() / 2) {
            let part = PagePosition::Before(*middle);
            let page = Page { part, limit: 5, ..page };
            let found: Vec<_> =
                store.page(&page).await.unwrap().iter().map(|row| row.submission.id).collect();
            let older = expected.iter().filter(|id| *id < middle).take(5).copied();
            assert_eq!(found, older.collect::<Vec<_>>(), "{text}");
        }
    }
}

fn owner() -> Owner {
    Owner { id: Some(ContactId("63c7".into())), full_name: Some("Jane Roe".into()) }
}

/// A store with one row, settled as given.
async fn with_row(folder: &TempDir, status: Status) -> (Store, SubmissionId) {
    let store = open(folder.path()).await;
    let submissions = forms(1);
    store.accept(&submissions, at(0)).await.unwrap();
    claim(&store, "a", 1, at(0)).await;
    let id = submissions[0].id;
    let settlement = Settlement { status, ..unclear(id, None) };
    store.record(&worker("a"), &[], &[settlement], at(1)).await.unwrap();
    (store, id)
}

fn taken() -> Status {
    Status::Duplicate { owners: vec![owner()], remark: None }
}

fn update() -> Change {
    Change::Update(ContactId("63c7".into()), owner())
}

#[tokio::test]
async fn a_change_is_on_disk_before_the_wire_and_goes_before_everything_else() {
    let folder = folder();
    let (store, id) = with_row(&folder, taken()).await;
    store.accept(&forms(3), at(2)).await.unwrap();
    let asked = store.change(id, update(), at(3)).await.unwrap().unwrap();
    assert_eq!(asked.status, Status::Queued(Waiting::default()));
    let reopened = open(folder.path()).await;
    assert_eq!(reopened.facts(at(4)).await.unwrap().forms_due, 4);
    let claimed = claim(&reopened, "b", 50, at(4)).await;
    assert_eq!(claimed.len(), 1, "alone");
    assert_eq!(claimed[0].entry.task, Task::Change(update()));
    let (entry, attempts) = reopened.entry(id).await.unwrap().unwrap();
    assert_eq!(entry.status, Status::Sending);
    assert_eq!(attempts.last().unwrap().verb, Verb::Update);
}

#[tokio::test]
async fn a_change_whose_worker_died_is_sent_again() {
    let folder = folder();
    let (store, id) = with_row(&folder, taken()).await;
    store.change(id, update(), at(3)).await.unwrap().unwrap();
    claim(&store, "killed", 1, at(4)).await;
    let orphans = store.heartbeat(&worker("b"), at(20_000)).await.unwrap();
    assert!(matches!(orphans[0].status, Status::Unclear(_)));
    let claimed = claim(&store, "b", 1, at(20_001)).await;
    assert_eq!(claimed[0].entry.task, Task::Change(update()));
}

#[tokio::test]
async fn a_change_can_be_asked_only_of_a_row_it_fits() {
    let folder = folder();
    let (store, id) = with_row(&folder, taken()).await;
    let delete = Change::Delete(ContactId("63c7".into()));
    assert_eq!(store.change(id, delete.clone(), at(3)).await.unwrap(), None);
    store.change(id, update(), at(3)).await.unwrap().unwrap();
    assert_eq!(store.change(id, update(), at(4)).await.unwrap(), None, "it is queued already");
    let other = tempfile::tempdir().unwrap();
    let created = Status::Created { id: ContactId("63c7".into()), remark: None };
    let (store, id) = with_row(&other, created).await;
    assert_eq!(store.change(id, update(), at(3)).await.unwrap(), None);
    let stranger = Change::Delete(ContactId("another".into()));
    assert_eq!(store.change(id, stranger, at(3)).await.unwrap(), None);
    assert!(store.change(id, delete, at(3)).await.unwrap().is_some());
}

#[tokio::test]
async fn a_row_whose_deletion_waits_is_not_corrected_away_with_it() {
    let folder = folder();
    let created = Status::Created { id: ContactId("63c7".into()), remark: None };
    let (store, id) = with_row(&folder, created).await;
    let delete = Change::Delete(ContactId("63c7".into()));
    store.change(id, delete, at(3)).await.unwrap().unwrap();
    let seen = store.entry(id).await.unwrap().unwrap().0.seen();
    let edit = Submission { corrects: Some(id), ..forms(1).remove(0) };
    let stored = store.accept_correction(&edit, id, seen, at(4)).await.unwrap();
    assert!(matches!(stored, Corrected::TooLate(_)), "{stored:?}");
    let rows = all(&store).await;
    assert!(rows.len() == 1 && rows[0].task.change().is_some(), "{rows:?}");
}

#[tokio::test]
async fn an_edit_of_a_created_contact_is_forgotten_when_called_off_before_it_left() {
    let created = || Status::Created { id: ContactId("63c7".into()), remark: None };
    for has_left in [false, true] {
        let folder = folder();
        let (store, id) = with_row(&folder, created()).await;
        let edit = Submission { corrects: Some(id), ..forms(1).remove(0) };
        let seen = store.entry(id).await.unwrap().unwrap().0.seen();
        let stored = store.accept_correction(&edit, id, seen, at(3)).await.unwrap();
        assert!(matches!(stored, Corrected::Beside(_)), "{stored:?}");
        if has_left {
            claim(&store, "a", 1, at(4)).await;
            let waits = Status::Queued(Waiting::default());
            let settlement = Settlement { status: waits, ..unclear(edit.id, None) };
            store.record(&worker("a"), &[], &[settlement], at(5)).await.unwrap();
        }
        let done = store.discard(edit.id, Group::Queued, at(6)).await.unwrap();
        assert_eq!(matches!(done, Discarded::Gone), !has_left, "{done:?}");
        let (row, _) = store.entry(id).await.unwrap().unwrap();
        assert_eq!(row.status, created(), "the contact is as it was");
    }
}

#[tokio::test]
async fn the_audit_trail_tells_changes_and_what_was_discarded_once_they_are_on_disk() {
    let folder = folder();
    let path = folder.path().join("audit.jsonl");
    let trail = AuditTrail::open(Some(&path), "ada", "acme");
    let (store, duplicate) = with_row(&folder, taken()).await;
    let store = store.with_audit(trail);
    let answered = |id, status| Settlement { status, ..unclear(id, None) };
    store.change(duplicate, update(), at(3)).await.unwrap().unwrap();
    claim(&store, "a", 1, at(3)).await;
    store.record(&worker("a"), &[], &[answered(duplicate, taken())], at(4)).await.unwrap();
    let row = forms(1).remove(0);
    store.accept(std::slice::from_ref(&row), at(5)).await.unwrap();
    claim(&store, "a", 1, at(5)).await;
    let id = ContactId("77aa".into());
    let created = Status::Created { id: id.clone(), remark: None };
    store.record(&worker("a"), &[], &[answered(row.id, created)], at(6)).await.unwrap();
    store.change(row.id, Change::Delete(id.clone()), at(7)).await.unwrap().unwrap();
    claim(&store, "a", 1, at(7)).await;
    store
        .record(&worker("a"), &[], &[answered(row.id, Status::Deleted { id })], at(8))
        .await
        .unwrap();
    store.discard(duplicate, Group::Duplicate, at(9)).await.unwrap();
    let text = std::fs::read_to_string(path).unwrap();
    let told: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<_> = told
        .iter()
        .map(|it| ["verb", "contact", "outcome"].map(|key| it[key].as_str().unwrap_or("none")))
        .collect();
    assert_eq!(
        told,
        [
            ["update", "63c7", "duplicate"],
            ["submit", "none", "stored"],
            ["create", "77aa", "created"],
            ["delete", "77aa", "deleted"],
            ["discard", "none", "forgotten"],
        ]
    );
    assert!(!text.contains("Ng") && !text.contains("Roe"), "{text}");
}

#[tokio::test]
async fn a_change_that_waits_can_be_called_off_and_the_row_is_what_it_was() {
    let folder = folder();
    let (store, id) = with_row(&folder, taken()).await;
    store.change(id, update(), at(3)).await.unwrap().unwrap();
    let Discarded::CalledOff(entry) = store.discard(id, Group::Queued, at(4)).await.unwrap() else {
        panic!("the row is gone")
    };
    assert_eq!(entry.status, taken());
    assert_eq!(store.facts(at(5)).await.unwrap().forms_due, 0);
    let counts = store.counts().await.unwrap();
    assert_eq!((counts.queued, counts.duplicate), (0, 1));
}

#[tokio::test]
async fn a_contact_that_is_corrected_is_held_for_a_while_and_then_goes_out_as_it_was() {
    let folder = folder();
    let store = open(folder.path()).await;
    let submissions = forms(1);
    store.accept(&submissions, at(0)).await.unwrap();
    let id = submissions[0].id;
    let held = store.hold(id, at(600_000).wall, at(1)).await.unwrap().unwrap();
    assert_eq!(sentences::row(&held).as_deref(), Some("taken back to be corrected"));
    assert!(claim(&store, "a", 1, at(599_000)).await.is_empty());
    assert_eq!(claim(&open(folder.path()).await, "a", 1, at(601_000)).await.len(), 1);
    assert_eq!(store.hold(id, at(900_000).wall, at(602_000)).await.unwrap(), None, "under way");
}

#[tokio::test]
async fn what_was_to_be_discarded_as_queued_is_kept_once_it_is_created() {
    let folder = folder();
    let created_row = Status::Created { id: ContactId("63c7".into()), remark: None };
    let (store, id) = with_row(&folder, created_row).await;
    let discarded = store.discard(id, Group::Queued, at(4)).await.unwrap();
    assert!(matches!(discarded, Discarded::Changed(_)), "{discarded:?}");
    assert_eq!(store.counts().await.unwrap().created, 1);
}

#[tokio::test]
async fn a_change_called_off_after_an_unanswered_try_says_that_it_may_have_been_made() {
    let folder = folder();
    let (store, id) = with_row(&folder, taken()).await;
    store.change(id, update(), at(3)).await.unwrap().unwrap();
    claim(&store, "b", 1, at(4)).await;
    store.record(&worker("b"), &[], &[unclear(id, None)], at(5)).await.unwrap();
    claim(&store, "b", 1, at(6)).await;
    let limit = Limit::Minute;
    let limited = Failure::new(FailureKind::Limited { limit }, "rate limit").into();
    let status = Status::Queued(Waiting::default());
    let limited = Settlement { outcome: Some(limited), status, ..unclear(id, None) };
    store.record(&worker("b"), &[], &[limited], at(7)).await.unwrap();
    let Discarded::CalledOff(entry) = store.discard(id, Group::Queued, at(8)).await.unwrap() else {
        panic!("the row is gone")
    };
    assert!(sentences::row(&entry).unwrap().contains("may have been made"), "{entry:?}");
}

#[tokio::test]
async fn a_damaged_row_that_was_being_sent_is_set_aside_and_blocks_nobody() {
    let folder = folder();
    let store = open(folder.path()).await;
    let submissions = forms(1);
    store.accept(&submissions, at(0)).await.unwrap();
    claim(&store, "killed", 1, at(1)).await;
    change(&folder.path().join("store.db"), "UPDATE outbox SET salutation = ''");
    assert_eq!(store.heartbeat(&worker("b"), at(60_000)).await.unwrap(), []);
    assert_eq!((store.counts().await.unwrap().sending, store.damaged().await.unwrap()), (0, 1));
}

#[tokio::test]
async fn late_news_of_a_creation_does_not_undo_a_deletion() {
    let folder = folder();
    let platform = ContactId("63c7".into());
    let created_row = Status::Created { id: platform.clone(), remark: None };
    let (store, id) = with_row(&folder, created_row).await;
    store.change(id, Change::Delete(platform.clone()), at(3)).await.unwrap().unwrap();
    claim(&store, "b", 1, at(4)).await;
    store.record(&worker("a"), &[], &[created(id)], at(5)).await.unwrap();
    let (entry, _) = store.entry(id).await.unwrap().unwrap();
    assert_eq!(entry.status, Status::Sending);
    let gone = Settlement {
        outcome: Some(Failure::new(FailureKind::Missing, "gone").into()),
        status: Status::Deleted { id: platform },
        ..created(id)
    };
    store.record(&worker("b"), &[], &[gone], at(6)).await.unwrap();
    assert_eq!(store.counts().await.unwrap().deleted, 1);
    let number = entry.submission.contact.phone.e164();
    assert_eq!(store.known(&number).await.unwrap(), [], "nobody holds it now");
}

#[tokio::test]
async fn what_was_created_is_in_the_directory_at_once_and_what_a_pass_does_not_show_goes() {
    let folder = folder();
    let store = open(folder.path()).await;
    let submissions = forms(1);
    store.accept(&submissions, at(0)).await.unwrap();
    claim(&store, "a", 1, at(0)).await;
    store.record(&worker("a"), &[], &[created(submissions[0].id)], at(1)).await.unwrap();
    let old = Record {
        id: Some(ContactId("old".into())),
        full_name: Some("Zoë Ångström".into()),
        e164: E164::from_canonical("+4915112345678"),
        active: true,
        ..Record::default()
    };
    store.learn(std::slice::from_ref(&old), at(0)).await.unwrap();
    let find = |search: Option<&str>| {
        let (search, store) = (search.map(str::to_owned), store.clone());
        async move {
            let shelf = ContactQuery { search, limit: 9, ..ContactQuery::default() };
            store
                .contacts(&shelf)
                .await
                .unwrap()
                .iter()
                .filter_map(Record::name)
                .collect::<Vec<_>>()
        }
    };
    assert_eq!(find(None).await, ["Ngọc O'Brien", "Zoë Ångström"]);
    assert_eq!(find(Some("angstrom")).await, ["Zoë Ångström"]);
    assert_eq!(find(Some("0600000000")).await, ["Ngọc O'Brien"]);
    assert_eq!(store.deactivate_unseen(at(1).wall).await.unwrap(), 1);
    assert_eq!(find(None).await, ["Ngọc O'Brien"]);
}

#[tokio::test]
async fn who_holds_a_number_is_known_from_the_list_and_from_what_was_made_here() {
    let folder = folder();
    let store = open(folder.path()).await;
    let submission = submission(7, Origin::Form);
    let number = submission.contact.phone.e164();
    assert!(store.known(&number).await.unwrap().is_empty());
    store.accept(&[submission], at(0)).await.unwrap();
    assert_eq!(store.known(&number).await.unwrap()[0].id, None, "only queued");
    let listed = Record {
        id: Some(ContactId("63c7".into())),
        full_name: Some("Jane Roe".into()),
        e164: E164::from_canonical(number.as_str()),
        active: true,
        ..Record::default()
    };
    store.learn(&[listed.clone(), listed], at(1)).await.unwrap();
    let known = store.known(&number).await.unwrap();
    assert_eq!(known.len(), 2);
    assert_eq!(known[0].name().as_deref(), Some("Jane Roe"));
}

#[tokio::test]
async fn many_numbers_are_asked_about_at_once_and_what_was_deleted_is_not_held() {
    let folder = folder();
    let store = open(folder.path()).await;
    let submissions = forms(1_200);
    store.accept(&submissions, at(0)).await.unwrap();
    let sent = claim(&store, "a", 2, at(1)).await;
    let (kept, deleted) = (sent[0].entry.submission.id, sent[1].entry.submission.id);
    let settled = [created(kept), created(deleted)];
    store.record(&worker("a"), &[], &settled, at(2)).await.unwrap();
    let Status::Created { id, .. } = settled[1].status.clone() else { unreachable!() };
    let numbers: Vec<_> = submissions.iter().map(|it| it.contact.phone.e164()).collect();
    let gone = Record { id: Some(id), e164: Some(numbers[1].clone()), ..Record::default() };
    let taken = Record { id: Some(ContactId("6b".into())), active: true, ..gone.clone() };
    store.learn(&[gone, taken.clone()], at(3)).await.unwrap();

    let held: HashSet<_> =
        store.held(&numbers).await.unwrap().iter().map(|it| it.submission.id).collect();
    assert_eq!(held.len(), 1_199);
    assert!(held.contains(&kept) && !held.contains(&deleted));
    let listed: HashSet<_> =
        store.listed(&numbers).await.unwrap().into_iter().filter_map(|it| it.id).collect();
    let Status::Created { id, .. } = settled[0].status.clone() else { unreachable!() };
    assert_eq!(listed, HashSet::from([taken.id.unwrap(), id]), "and not the deleted one");
    let ids: Vec<_> = submissions.iter().map(|it| it.id).chain([SubmissionId::fresh()]).collect();
    assert_eq!(store.entries(&ids).await.unwrap().len(), 1_200);
    assert_eq!(store.held(&[]).await.unwrap(), []);
}

#[tokio::test]
async fn another_estate_of_the_account_sees_only_the_budget() {
    let folder = folder();
    let path = folder.path().join("store.db");
    let acme = Store::open(&path, scope(), at(0)).await.unwrap();
    let estate = Estate::new("https://platform.example", "account", "st-2");
    let other = Scope { profile: "other".into(), estate, ..scope() };
    let other = Store::open(&path, other, at(0)).await.unwrap();
    acme.accept(&forms(2), at(0)).await.unwrap();
    acme.remember("draft", Some("half typed")).await.unwrap();
    claim(&acme, "a", 1, at(0)).await;
    assert!(all(&other).await.is_empty());
    assert_eq!(other.recall("draft").await.unwrap(), None);
    assert_eq!(other.facts(at(1)).await.unwrap().forms_due, 0);
    assert_eq!(other.budget(at(1)).await.unwrap().left, 59);
}

#[tokio::test]
async fn only_other_handles_change_the_version() {
    let folder = folder();
    let (one, two) = (open(folder.path()).await, open(folder.path()).await);
    let before = one.version().await.unwrap();
    one.accept(&forms(1), at(0)).await.unwrap();
    assert_eq!(one.version().await.unwrap(), before);
    two.accept(&forms(1), at(0)).await.unwrap();
    assert_ne!(one.version().await.unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_store_may_be_opened_by_several_at_once_and_again() {
    let folder = folder();
    let path = folder.path().join("store.db");
    let open = || {
        let path = path.clone();
        tokio::spawn(async move { Store::open(&path, scope(), at(0)).await })
    };
    for opened in [open(), open(), open(), open()] {
        let store = opened.await.unwrap().unwrap();
        store.accept(&forms(1), at(0)).await.unwrap();
    }
    let store = Store::open(&path, scope(), at(0)).await.unwrap();
    assert_eq!(store.counts().await.unwrap().queued, 4);
}

#[tokio::test]
async fn paths_that_break_urls_work() {
    let folder = folder();
    for name in ["with blank", "what?", "a#b", "Müller", "100%25"] {
        let path = folder.path().join(name).join("store.db");
        let store = Store::open(&path, scope(), at(0)).await.unwrap();
        store.accept(&forms(1), at(0)).await.unwrap();
        assert!(path.is_file(), "{name}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_the_store_and_its_companions() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder();
    let inside = folder.path().join("new");
    let store = Store::open(&inside.join("store.db"), scope(), at(0)).await.unwrap();
    store.accept(&forms(1), at(0)).await.unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&inside), 0o700);
    let files: Vec<_> = std::fs::read_dir(&inside).unwrap().map(|it| it.unwrap().path()).collect();
    assert!(files.len() > 1, "{files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[tokio::test]
async fn what_is_not_a_store_is_named_in_a_sentence_and_left_as_it_is() {
    let folder = folder();
    let text = folder.path().join("letter.txt");
    std::fs::write(&text, "Dear Sir, this is not a database but a rather long letter.".repeat(9))
        .unwrap();
    let before = std::fs::read(&text).unwrap();
    let error = Store::open(&text, scope(), at(0)).await.unwrap_err();
    assert!(matches!(error, StoreError::Open { .. }), "{error}");
    assert!(error.to_string().contains("letter.txt"), "{error}");
    assert_eq!(std::fs::read(&text).unwrap(), before);
    let error = Store::open(folder.path(), scope(), at(0)).await.unwrap_err();
    assert!(error.to_string().contains("is a directory"), "{error}");
}

#[tokio::test]
async fn a_store_from_a_newer_version_and_another_programs_database_are_refused() {
    let folder = folder();
    let path = folder.path().join("store.db");
    open(folder.path()).await.accept(&forms(1), at(0)).await.unwrap();
    change(&path, "UPDATE rolodesk_schema SET version = 99");
    let error = Store::open(&path, scope(), at(0)).await.unwrap_err();
    assert!(matches!(error, StoreError::Newer { .. }), "{error}");
    let foreign = folder.path().join("foreign.db");
    std::fs::write(&foreign, "").unwrap();
    change(&foreign, "CREATE TABLE theirs (a TEXT)");
    let error = Store::open(&foreign, scope(), at(0)).await.unwrap_err();
    assert!(error.to_string().contains("another program"), "{error}");
}

#[tokio::test]
async fn a_truncated_store_is_named_and_never_overwritten() {
    let folder = folder();
    let path = folder.path().join("store.db");
    let store = open(folder.path()).await;
    store.accept(&forms(200), at(0)).await.unwrap();
    change(&path, "PRAGMA wal_checkpoint(TRUNCATE)");
    drop(store);
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 3]).unwrap();
    let _ = std::fs::remove_file(folder.path().join("store.db-wal"));
    let _ = std::fs::remove_file(folder.path().join("store.db-shm"));
    let opened = Store::open(&path, scope(), at(0)).await;
    let told = match opened {
        Err(error) => error.to_string(),
        Ok(store) => store.facts(at(0)).await.unwrap_err().to_string(),
    };
    assert!(told.contains("damaged"), "{told}");
    assert_eq!(std::fs::read(&path).unwrap().len(), whole.len() / 3);
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_set_aside_and_blocks_nothing() {
    let folder = folder();
    let store = open(folder.path()).await;
    let submissions = forms(3);
    store.accept(&submissions, at(0)).await.unwrap();
    let broken = "UPDATE outbox SET national = 'x' WHERE id = (SELECT min(id) FROM outbox)";
    change(&folder.path().join("store.db"), broken);
    let claimed = claim(&store, "a", 3, at(1)).await;
    assert_eq!(claimed.len(), 2);
    assert_eq!(store.damaged().await.unwrap(), 1);
    assert_eq!(store.counts().await.unwrap().attention, 1);
}

#[tokio::test]
async fn a_number_is_kept_as_people_write_it_and_written_out_where_it_was_not() {
    let folder = folder();
    let store = open(folder.path()).await;
    store.accept(&forms(2), at(0)).await.unwrap();
    let shown = async || -> Vec<String> {
        let page = store.page(&Page::default()).await.unwrap();
        page.iter().map(|it| it.submission.contact.phone.international()).collect()
    };
    let kept = shown().await;
    let path = folder.path().join("store.db");
    change(&path, "UPDATE outbox SET written = replace(written, ' ', '-')");
    let dashed: Vec<_> = kept.iter().map(|it| it.replace(' ', "-")).collect();
    assert_eq!(shown().await, dashed, "nothing was looked up");
    for of_no_use in ["NULL", "'+1 202 555 0100'"] {
        change(&path, &format!("UPDATE outbox SET written = {of_no_use}"));
        assert_eq!(shown().await, kept, "{of_no_use}");
    }
}

/// Another program on the file.
pub fn change(path: &Path, statement: &str) {
    let other = rusqlite::Connection::open(path).unwrap();
    other.busy_timeout(Duration::from_secs(15)).unwrap();
    other.execute_batch(statement).unwrap();
}

#[derive(Debug, Clone)]
enum Step {
    Accept(u8),
    Claim { worker: u8, most: u8 },
    Answer { created: bool },
    Forget,
    Reopen,
    Pass(u16),
    SetClock(i32),
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (1_u8..5).prop_map(Step::Accept),
        (0_u8..3, 1_u8..6).prop_map(|(worker, most)| Step::Claim { worker, most }),
        any::<bool>().prop_map(|created| Step::Answer { created }),
        Just(Step::Forget),
        Just(Step::Reopen),
        any::<u16>().prop_map(Step::Pass),
        (-4_000_000_i32..4_000_000).prop_map(Step::SetClock),
        Just(Step::Restart),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Any order of accept, claim, answer, no answer, crash, reopen, restart of the
    /// machine and clock step keeps each accepted contact exactly once.
    #[test]
    fn each_accepted_contact_is_kept_exactly_once(steps in prop::collection::vec(step(), 1..40)) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(play(steps))?;
    }
}

async fn play(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let folder = folder();
    let mut store = open(folder.path()).await;
    let (mut up, mut wall, mut boot, mut serial) = (0_i64, 0_i64, 1_u128, 0);
    let mut accepted = HashSet::new();
    let mut under_way: Vec<(WorkerId, SubmissionId)> = Vec::new();
    for step in steps {
        let now = Moment { wall: at(wall).wall, boot: start(boot), uptime_ms: up };
        match step {
            Step::Accept(count) => {
                let new: Vec<_> =
                    (0..count).map(|n| submission(serial + u32::from(n), Origin::Form)).collect();
                serial += u32::from(count);
                accepted.extend(new.iter().map(|it| it.id));
                store.accept(&new, now).await.unwrap();
            }
            Step::Claim { worker: name, most } => {
                let name = name.to_string();
                store.heartbeat(&worker(&name), now).await.unwrap();
                for row in claim(&store, &name, u32::from(most), now).await {
                    under_way.push((worker(&name), row.entry.submission.id));
                }
            }
            Step::Answer { created: yes } => {
                if let Some((name, id)) = under_way.pop() {
                    let settlement = if yes { created(id) } else { unclear(id, None) };
                    store.record(&name, &[], &[settlement], now).await.unwrap();
                }
            }
            Step::Forget => under_way.clear(),
            Step::Reopen => store = open(folder.path()).await,
            Step::Pass(ms) => (up, wall) = (up + i64::from(ms), wall + i64::from(ms)),
            Step::SetClock(ms) => wall += i64::from(ms),
            Step::Restart => {
                (boot, up) = (boot + 1, 0);
                under_way.clear();
                let path = folder.path().join("store.db");
                let now = Moment { wall: at(wall).wall, boot: start(boot), uptime_ms: up };
                store = Store::open(&path, scope(), now).await.unwrap();
            }
        }
        let rows = all(&store).await;
        let kept: HashSet<_> = rows.iter().map(|row| row.submission.id).collect();
        prop_assert_eq!(rows.len(), accepted.len());
        prop_assert_eq!(&kept, &accepted);
        prop_assert_eq!(store.counts().await.unwrap().all(), rows.len() as u64);
    }
    Ok(())
}

fn refused(id: SubmissionId, request: Slot) -> Settlement {
    let (batch, words) = (BatchAnswer::DuplicateUnnamed, String::new());
    let status = Status::Unclear(Waiting::default());
    let outcome = Some(Outcome::Unsettled { batch, words });
    Settlement { outcome, status, refused_in: Some(request), ..created(id) }
}

/// The next request's contacts, by their place among `forms`; the request; who sends it.
async fn search(store: &Store, forms: &[Submission]) -> (Vec<usize>, Slot) {
    let planner = Planner {
        most: 50,
        most_unsuspected: 50,
        rate: DuplicateRate::default(),
        refusal: Refusal::Silent,
    };
    let choose = move |due: &Candidates| planner.choose(&due.waiting, &due.under_way);
    let begun = store.begin(&worker("a"), ONE_ARRAY, choose, at(0)).await.unwrap();
    let Begun { slot, claimed } = only(begun);
    let place = |row: &Claimed| forms.iter().position(|it| it.id == row.entry.submission.id);
    (claimed.iter().filter_map(place).collect(), slot)
}

#[tokio::test]
async fn the_search_for_the_taken_number_of_an_array_goes_on_after_a_restart() {
    let folder = folder();
    let store = open(folder.path()).await;
    let forms = forms(8);
    store.accept(&forms, at(0)).await.unwrap();
    let (first, request) = search(&store, &forms).await;
    assert_eq!(first.len(), 8);
    let all: Vec<_> = forms.iter().map(|it| refused(it.id, request)).collect();
    store.record(&worker("a"), &[], &all, at(1)).await.unwrap();
    drop(store);

    let store = open(folder.path()).await;
    let (half, request) = search(&store, &forms).await;
    assert_eq!(half.len(), 4, "half of the suspects");
    // While they are asked for, the others wait for that answer.
    let none = store
        .begin(
            &worker("b"),
            ONE_ARRAY,
            |due| {
                due.waiting
                    .iter()
                    .map(|it| it.id)
                    .take(usize::from(due.under_way.is_empty()))
                    .collect()
            },
            at(1),
        )
        .await
        .unwrap();
    assert_eq!(none, ClaimResult::Nothing);
    let half: Vec<_> = half.into_iter().map(|place| refused(forms[place].id, request)).collect();
    store.record(&worker("a"), &[], &half, at(2)).await.unwrap();
    // The culprit is among these: nothing speaks against the other four any more.
    let choose = |due: &Candidates| {
        let free = due.waiting.iter().filter(|it| it.suspect_of.is_none());
        free.map(|it| it.id).collect::<Vec<_>>()
    };
    let begun = store.begin(&worker("a"), ONE_ARRAY, choose, at(3)).await.unwrap();
    let claimed = only(begun).claimed;
    assert_eq!(claimed.len(), 4);
    assert!(claimed.iter().all(|row| half.iter().all(|it| it.id != row.entry.submission.id)));
}

#[tokio::test]
async fn a_directory_kept_in_memory_or_nowhere_leaves_no_contact_in_the_file() {
    let folder = folder();
    let record = Record {
        id: Some(ContactId("63c7".into())),
        first_name: Some("Vaishnavi".into()),
        last_name: Some("Krishnamurthy".into()),
        e164: E164::from_canonical("+919876543210"),
        active: true,
        ..Record::default()
    };
    let number = [record.e164.clone().unwrap()];
    let path = folder.path().join("store.db");
    let on_disk = open(folder.path()).await;
    on_disk.learn(std::slice::from_ref(&record), at(1)).await.unwrap();
    drop(on_disk);
    for (directory, known) in [(DirectoryStorage::InMemory, 1), (DirectoryStorage::Nowhere, 0)] {
        let store = Store::open(&path, Scope { directory, ..scope() }, at(2)).await.unwrap();
        assert_eq!(store.contact_count().await.unwrap(), 0, "what the file had is gone");
        store.learn(std::slice::from_ref(&record), at(3)).await.unwrap();
        assert_eq!(store.contact_count().await.unwrap(), known);
        assert_eq!(store.listed(&number).await.unwrap().len(), usize::try_from(known).unwrap());
        drop(store);
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.contains("Krishnamurthy"), "{directory:?}");
        }
        assert_eq!(open(folder.path()).await.contact_count().await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_longer_wait_is_never_cut_short_by_a_shorter_one() {
    let folder = folder();
    let store = open(folder.path()).await;
    for (ms, now) in [(600_000, 0), (1_000, 5_000)] {
        let slot = store.take_slot(Class::Form, at(now)).await.unwrap();
        // Only the first is free; the second was under way already.
        let slot = slot.unwrap_or(Slot(1));
        store.finish_request(slot, RequestEnd::Wait(ms), at(now)).await.unwrap();
    }
    let budget = store.budget(at(10_000)).await.unwrap();
    assert_eq!(budget.held_until, Some(at(600_000).wall));
    assert_eq!(budget.left, 0);
}

#[tokio::test]
async fn a_refusal_that_our_own_requests_do_not_explain_lowers_the_share_for_every_process() {
    let folder = folder();
    let store = open(folder.path()).await;
    for n in 0..20 {
        let slot = store.take_slot(Class::Form, at(n)).await.unwrap().unwrap();
        store.finish_request(slot, RequestEnd::Through, at(n)).await.unwrap();
    }
    let slot = store.take_slot(Class::Form, at(30)).await.unwrap().unwrap();
    store.finish_request(slot, RequestEnd::Refused(None), at(40)).await.unwrap();
    let other = open(folder.path()).await;
    let budget = other.budget(at(50)).await.unwrap();
    assert_eq!((budget.limit, budget.is_shared, budget.left), (19, true, 0));
    let budget = other.budget(at(30 * 60_000)).await.unwrap();
    assert_eq!((budget.limit, budget.is_shared, budget.left), (60, false, 60));
}
