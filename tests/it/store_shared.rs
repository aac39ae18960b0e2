//! Rows that a floor has: what is taken back from it, what it may still say of settled ones,
//! and what whoever sends may not forget yet.

use rolodesk::{
    store::{Settlement, SharedRow, Store},
    submission::{Failure, FailureKind, Outcome, Owner, State, Status, SubmissionId},
};

use crate::store::{all, at, claim, created, folder, forms, open, unclear, worker};

/// A seat and whoever sends for it, with one row that was handed over.
async fn handed(seat: &Store, sender: &Store) -> SubmissionId {
    let row = forms(1).remove(0);
    seat.accept(std::slice::from_ref(&row), at(0)).await.unwrap();
    let given = seat.to_hand_over(at(1)).await.unwrap();
    seat.mark_handed(&[(given[0].id, given[0].revision)], at(1)).await.unwrap();
    sender.adopt(&given).await.unwrap();
    row.id
}

async fn told(sender: &Store, id: SubmissionId) -> SharedRow {
    sender.shared(&[id]).await.unwrap().remove(0)
}

async fn status(store: &Store, id: SubmissionId) -> Status {
    store.entry(id).await.unwrap().unwrap().0.status
}

#[tokio::test]
async fn a_row_that_is_taken_back_comes_with_all_that_was_tried() {
    let (here, there) = (folder(), folder());
    let (seat, sender) = (open(here.path()).await, open(there.path()).await);
    let id = handed(&seat, &sender).await;
    assert_eq!(claim(&sender, "a", 1, at(2)).await.len(), 1);
    sender.record(&worker("a"), &[], &[unclear(id, None)], at(3)).await.unwrap();
    let row = told(&sender, id).await;
    let other_revision = SharedRow { revision: row.revision + 1, ..row.clone() };
    let withdrawn = |row: SharedRow| SharedRow { state: "withdrawn".into(), ..row };
    let none = seat.take_back(&[withdrawn(other_revision)], at(4)).await.unwrap();
    assert_eq!(none, [], "that one is not what was handed over");
    let taken = seat.take_back(&[withdrawn(row)], at(4)).await.unwrap();
    assert!(matches!(taken[0].status, Status::Unclear(_)));
    let (entry, attempts) = seat.entry(id).await.unwrap().unwrap();
    assert_eq!((entry.attempts, attempts.len()), (1, 1));
    assert_eq!(seat.handed_over().await.unwrap(), []);
    let again = seat.to_hand_over(at(5)).await.unwrap();
    assert_eq!((again[0].id, again[0].revision, again[0].state.as_str()), (id, 1, "unclear"));
}

#[tokio::test]
async fn a_document_that_cannot_be_read_holds_up_no_other_row() {
    let (here, there) = (folder(), folder());
    let (seat, sender) = (open(here.path()).await, open(there.path()).await);
    seat.accept(&forms(3), at(0)).await.unwrap();
    let mut given = seat.to_hand_over(at(1)).await.unwrap();
    given[0].document = "{}".into();
    given[1].document = r#"{"row":{},"attempts":[]}"#.into();
    let unreadable = sender.adopt(&given).await.unwrap();
    assert_eq!(unreadable, [given[0].id, given[1].id]);
    let rows = all(&sender).await;
    assert!(rows.len() == 1 && rows[0].submission.id == given[2].id, "{rows:?}");
    assert_eq!(sender.counts().await.unwrap().all(), 1);
}

#[tokio::test]
async fn what_a_floor_gave_up_is_handed_over_again_and_what_it_has_is_left_to_it() {
    let (here, there) = (folder(), folder());
    let (seat, sender) = (open(here.path()).await, open(there.path()).await);
    let id = handed(&seat, &sender).await;
    assert_eq!(seat.retry(Some(id), at(2)).await.unwrap(), []);
    assert_eq!(seat.to_hand_over(at(3)).await.unwrap(), [], "it would be there twice");
    claim(&sender, "a", 1, at(3)).await;
    let failure = Failure::new(FailureKind::Rejected, "no");
    let given_up = Status::Rejected { reason: failure.clone().into() };
    let refused = Settlement { outcome: Some(failure.into()), status: given_up, ..created(id) };
    sender.record(&worker("a"), &[], &[refused], at(4)).await.unwrap();
    seat.take_mirrored(&[told(&sender, id).await], at(5)).await.unwrap();
    assert!(matches!(status(&seat, id).await, Status::Rejected { .. }));
    assert_eq!(seat.retry_all_in(&[State::Rejected], at(6)).await.unwrap(), 1);
    let again = seat.to_hand_over(at(7)).await.unwrap();
    assert_eq!((again[0].id, again[0].revision, again[0].state.as_str()), (id, 1, "queued"));
}

#[tokio::test]
async fn what_a_floor_takes_for_anothers_contact_is_not_told_twice_here() {
    let (here, there) = (folder(), folder());
    let (seat, sender) = (open(here.path()).await, open(there.path()).await);
    let mut rows = forms(2);
    rows[1].contact.phone = rows[0].contact.phone.clone();
    seat.accept(&rows, at(0)).await.unwrap();
    let given = seat.to_hand_over(at(1)).await.unwrap();
    let handed: Vec<_> = given.iter().map(|row| (row.id, row.revision)).collect();
    seat.mark_handed(&handed, at(1)).await.unwrap();
    // Each is said to be the same contact, by a floor that forgot the first in between.
    for row in given {
        let id = row.id;
        sender.adopt(&[row]).await.unwrap();
        claim(&sender, "a", 1, at(2)).await;
        let same = Settlement { id, ..created(rows[0].id) };
        sender.record(&worker("a"), &[], &[same], at(3)).await.unwrap();
        let told = told(&sender, id).await;
        sender.let_go(&[id]).await.unwrap();
        seat.take_mirrored(&[told], at(4)).await.unwrap();
    }
    assert!(matches!(status(&seat, rows[0].id).await, Status::Created { .. }));
    let second = status(&seat, rows[1].id).await;
    assert!(matches!(second, Status::Duplicate { .. }), "{second:?}");
    let counts = seat.counts().await.unwrap();
    assert_eq!((counts.created, counts.duplicate), (1, 1));
}

#[tokio::test]
async fn what_a_lost_sender_had_under_way_began_when_the_floor_says_and_waits_no_longer() {
    let (here, there) = (folder(), folder());
    let (seat, sender) = (open(here.path()).await, open(there.path()).await);
    // Typed where the clock is an hour behind; tried where it is far ahead.
    seat.accept(&forms(1), at(0)).await.unwrap();
    let mut given = seat.to_hand_over(at(1)).await.unwrap();
    given[0].state = "sending".into();
    given[0].document = given[0].document.replace("\"due_at\":0", "\"due_at\":9000000000000");
    given[0].sent_since = Some(at(3_600_000).wall);
    sender.adopt(&given).await.unwrap();
    let (entry, attempts) = sender.entry(given[0].id).await.unwrap().unwrap();
    assert_eq!(attempts.last().unwrap().started_at, at(3_600_000).wall);
    let until = entry.status.waiting().and_then(|it| it.until);
    assert_eq!(until, None, "{:?}", entry.status);
}

#[tokio::test]
async fn of_a_settled_row_a_floor_may_say_more_and_never_less() {
    let (here, there) = (folder(), folder());
    let (seat, sender) = (open(here.path()).await, open(there.path()).await);
    let id = handed(&seat, &sender).await;
    let waits = told(&sender, id).await;
    claim(&sender, "a", 1, at(2)).await;
    let taken = Outcome::Duplicate { owner: None, words: "taken".into() };
    let unnamed = Status::Duplicate { owners: Vec::new(), remark: None };
    let settled =
        Settlement { outcome: Some(taken), status: unnamed.clone(), look_up: true, ..created(id) };
    sender.record(&worker("a"), &[], &[settled], at(3)).await.unwrap();
    let looked_for = told(&sender, id).await;
    assert!(looked_for.look_up);
    seat.take_mirrored(std::slice::from_ref(&looked_for), at(4)).await.unwrap();
    assert_eq!(status(&seat, id).await, unnamed);
    assert_eq!(seat.handed_over().await.unwrap(), [(id, 0)], "more is to be heard of it");

    let owner = Owner { id: None, full_name: Some("Jane Roe".into()) };
    let named = Status::Duplicate { owners: vec![owner], remark: None };
    let by_list = Settlement { outcome: None, status: named.clone(), ..created(id) };
    sender.record(&worker("a"), &[], &[by_list], at(5)).await.unwrap();
    let mirrored = [told(&sender, id).await];
    seat.take_mirrored(&mirrored, at(6)).await.unwrap();
    assert_eq!(status(&seat, id).await, named);
    assert_eq!(seat.handed_over().await.unwrap(), []);

    let document = mirrored[0].document.replace("\"platform_id\":null", "\"platform_id\":\"63c7\"");
    let ours = SharedRow { state: "created".into(), document, ..mirrored[0].clone() };
    seat.take_mirrored(&[ours], at(7)).await.unwrap();
    let is_created = |status| matches!(status, Status::Created { .. });
    assert!(is_created(status(&seat, id).await), "it was our own after all");
    // As a floor that was restored has it.
    let unchanged = seat.take_mirrored(&[waits, looked_for], at(8)).await.unwrap();
    assert_eq!(unchanged, []);
    assert!(is_created(status(&seat, id).await));
}

#[tokio::test]
async fn what_was_created_is_not_let_go_while_another_row_has_its_number() {
    let folder = folder();
    let sender = open(folder.path()).await;
    let [first, mut second] = <[_; 2]>::try_from(forms(2)).unwrap();
    second.contact = first.contact.clone();
    sender.accept(&[first.clone(), second.clone()], at(0)).await.unwrap();
    assert_eq!(claim(&sender, "a", 1, at(1)).await.len(), 1);
    sender.record(&worker("a"), &[], &[created(first.id)], at(2)).await.unwrap();
    assert_eq!(sender.let_go(&[first.id]).await.unwrap(), [first.id]);
    assert_eq!(all(&sender).await.len(), 2);
    assert_eq!(claim(&sender, "a", 1, at(3)).await.len(), 1);
    let taken = Status::Duplicate { owners: Vec::new(), remark: None };
    let settled = Settlement {
        outcome: Some(Outcome::Duplicate { owner: None, words: "taken".into() }),
        status: taken,
        ..created(second.id)
    };
    sender.record(&worker("a"), &[], &[settled], at(4)).await.unwrap();
    assert_eq!(sender.let_go(&[second.id, first.id]).await.unwrap(), []);
    assert_eq!(all(&sender).await, []);
}
