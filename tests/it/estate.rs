//! What one platform is asked about itself, under each way in which the sandbox can behave.

use std::time::Duration;

use rolodesk::{
    api,
    contact::Contact,
    delivery::{ArrayManner, EstateFacts, EstateProbe, MOST_REQUESTS, ProbeReport, ProbeStop},
    sandbox::{Faults, Sandbox},
};

use crate::{
    delivery::{Rig, contact, number},
    headless::Desk,
};

fn contacts() -> [Contact; 4] {
    [7_001, 7_002, 7_003, 7_004].map(contact)
}

async fn probe(rig: &Rig, contacts: &[Contact; 4]) -> ProbeReport {
    let store = rig.store().await;
    EstateProbe::new(&store, &rig.client(Duration::from_secs(2)), contacts).run().await.unwrap()
}

fn active(sandbox: &Sandbox) -> usize {
    sandbox.contacts().iter().filter(|held| held.active).count()
}

#[tokio::test]
async fn each_manner_of_arrays_and_refusals_is_found_out_and_nothing_is_left_behind() {
    let arrays = [
        ("all-or-nothing", ArrayManner::Together),
        ("reorder", ArrayManner::Together),
        ("good-ones", ArrayManner::GoodOnes),
        ("first-only", ArrayManner::FirstOnly),
    ];
    let duplicates = [
        ("errors", 400, false),
        ("numbers", 400, false),
        ("existing", 409, true),
        ("nested", 422, false),
        ("database", 500, false),
        ("text", 400, false),
        ("html", 500, false),
    ];
    for (array, manner) in arrays {
        for (shape, status, owner) in duplicates {
            let case = format!("arrays={array},duplicates={shape}");
            let rig = Rig::new(60, &case, [1, 2, 3]);
            let told = probe(&rig, &contacts()).await;
            assert!(told.stopped.is_none() && told.left.is_empty(), "{case}: {told:?}");
            assert!(told.requests <= MOST_REQUESTS, "{case}: {told:?}");
            let requests = u32::try_from(rig.sandbox.requests().len()).unwrap();
            assert_eq!(requests, told.requests, "{case}");
            assert_eq!(active(&rig.sandbox), 3, "{case}: what was there before");
            let facts = told.facts;
            assert_eq!(facts.arrays, Some(manner), "{case}");
            assert_eq!(facts.duplicate_status, Some(status), "{case}");
            assert_eq!(facts.names_owner, Some(owner), "{case}");
            assert_eq!(facts.deleted_holds_number, Some(false), "{case}");
            let list = facts.list.unwrap();
            assert_eq!((list.takes_limit, list.takes_skip), (Some(true), Some(true)), "{case}");
            assert_eq!(EstateFacts::recall(&rig.store().await).await.unwrap(), facts);
        }
    }
}

#[tokio::test]
async fn a_deleted_contact_that_keeps_its_number_is_found_out() {
    let rig = Rig::new(60, "deleted=holds", []);
    let told = probe(&rig, &contacts()).await;
    assert_eq!(told.facts.deleted_holds_number, Some(true), "{told:?}");
    assert_eq!(active(&rig.sandbox), 0);
}

#[tokio::test]
async fn a_number_that_somebody_has_ends_it_before_anything_is_made() {
    let rig = Rig::new(60, "", [7_001]);
    let told = probe(&rig, &contacts()).await;
    assert!(matches!(told.stopped, Some(ProbeStop::Taken(1))), "{told:?}");
    assert_eq!(rig.sandbox.contacts().len(), 1);
}

/// One mistyped number of the four is a customer's, who must not be deleted.
#[tokio::test]
async fn whichever_number_somebody_has_it_is_told_and_theirs_is_left_alone() {
    for arrays in ["all-or-nothing", "good-ones", "first-only"] {
        // Where only the first is taken, the fourth number is not needed.
        let most = if arrays == "first-only" { 3 } else { 4 };
        for taken in 1..=most {
            let rig = Rig::new(60, &format!("arrays={arrays}"), [7_000 + taken]);
            let told = probe(&rig, &contacts()).await;
            let case = format!("{arrays}, {taken}: {told:?}");
            let number = usize::try_from(taken).unwrap();
            let is_told = matches!(told.stopped, Some(ProbeStop::Taken(it)) if it == number);
            assert!(is_told && told.left.is_empty() && told.unsure.is_empty(), "{case}");
            let held: Vec<_> = rig.sandbox.contacts().into_iter().filter(|it| it.active).collect();
            assert_eq!(held.len(), 1, "{case}");
            assert!(held[0].number.ends_with(&crate::delivery::number(7_000 + taken)), "{case}");
        }
    }
}

/// The platform made it and did not say so: it is looked for, now or by the next run.
#[tokio::test]
async fn what_was_made_without_an_answer_is_found_and_deleted() {
    let rig = Rig::new(60, "drop-after=1", []);
    let told = probe(&rig, &contacts()).await;
    assert!(matches!(told.stopped, Some(ProbeStop::Failed(_))), "{told:?}");
    rig.sandbox.set_faults(Faults::default());
    let told = probe(&rig, &contacts()).await;
    assert!(told.stopped.is_none() && told.unsure.is_empty(), "{told:?}");
    assert_eq!(active(&rig.sandbox), 0, "{told:?}");
}

/// Killed, or cut off: what was made is deleted by the next run.
#[tokio::test]
async fn what_a_run_could_not_delete_is_deleted_by_the_next_one() {
    let rig = Rig::new(60, "", []);
    let store = rig.store().await;
    let client = rig.client(Duration::from_secs(2));
    let made = client.create(&[contact(9)]).await;
    let api::Reply::Created(records) = made.reply else { panic!("{made:?}") };
    let id = records[0].id.clone().unwrap();
    store.remember("estate_probe_left", Some(&id.0)).await.unwrap();
    let told = probe(&rig, &contacts()).await;
    assert!(told.left.is_empty(), "{told:?}");
    assert_eq!(active(&rig.sandbox), 0);
}

#[test]
fn doctor_probes_only_when_told_to_and_tells_nobody_whose_platform_it_is() {
    let desk = Desk::new("");
    let numbers: Vec<_> = (1..5).map(|n| format!("+49{}", number(n))).collect();
    let mut arguments = vec!["doctor", "--probe"];
    for number in &numbers {
        arguments.extend(["--number", number]);
    }
    let asked = desk.run(&arguments);
    assert!(asked.error.contains("nothing was asked of the platform"), "{}", asked.error);
    assert_eq!(asked.code, 2);
    assert!(desk.sandbox.requests().iter().all(|request| request.method == "GET"));
    arguments.push("--yes");
    let told = desk.run(&arguments);
    let lines: Vec<_> = told.out.lines().filter(|line| line.contains(" probe")).collect();
    assert!(lines.iter().any(|line| line.contains("succeed or fail together")), "{}", told.out);
    assert!(lines.iter().any(|line| line.contains("nothing is left behind")), "{}", told.out);
    for line in lines {
        let tells = numbers.iter().any(|number| line.contains(&number[3..]));
        assert!(!tells && !line.contains("127.0.0.1"), "{line}");
    }
    assert_eq!(active(&desk.sandbox), 1);
}
