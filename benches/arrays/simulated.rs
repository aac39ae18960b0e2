//! The counts: the worker's own planner against a platform of a few lines.

use std::collections::HashSet;

use jiff::Timestamp;
use rolodesk::{
    api::Reply,
    contact::{Contact, Extension, Name, Phone, Region, Salutation},
    delivery::{
        array_habits::ArrayHabits,
        batch::{proves_loss, share},
    },
    store::{Candidate, Slot},
    submission::{Attempt, ContactId, Outcome, Record, SubmissionId, Verb},
};

const CONTACTS: u32 = 1_000;
const MOST: u32 = 50;
const RUNS: u64 = 5;

/// What a platform does with an array.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Policy {
    Whole,
    WholeNaming,
    Reordered,
    Partial,
    FirstOnly,
}

const POLICIES: [(Policy, &str); 5] = [
    (Policy::Whole, "refused whole, no number named"),
    (Policy::WholeNaming, "refused whole, numbers named"),
    (Policy::Reordered, "refused whole, answered in another order"),
    (Policy::Partial, "the good ones created"),
    (Policy::FirstOnly, "only the first created"),
];

pub(crate) fn run() {
    println!("{CONTACTS} contacts, at most {MOST} in an array, {RUNS} runs each\n");
    println!(
        "{:<42} {:>6} {:>9} {:>9} {:>9} {:>6}",
        "", "taken", "requests", "a minute", "bound", "share"
    );
    for (policy, name) in POLICIES {
        for percent in [0.5, 1.0, 5.0, 10.0] {
            let share = percent / 100.0;
            let requests: u32 = (1..=RUNS).map(|seed| import(policy, share, seed)).sum();
            let mean = f64::from(requests) / 5.0;
            let contacts = f64::from(CONTACTS) / mean;
            let bound = 1.0 / entropy(share);
            println!(
                "{name:<42} {percent:>5}% {mean:>9.1} {:>9.0} {:>9.0} {:>6.2}",
                contacts * 60.0,
                bound * 60.0,
                contacts / bound
            );
        }
    }
}

fn entropy(p: f64) -> f64 {
    -p * p.log2() - (1.0 - p) * (1.0 - p).log2()
}

struct Waiting {
    candidate: Candidate,
    contact: Contact,
    earlier: Vec<Attempt>,
}

/// Requests that one import takes.
fn import(policy: Policy, taken_share: f64, seed: u64) -> u32 {
    let mut waiting: Vec<_> = (0..CONTACTS).map(contact).map(waits).collect();
    let mut held = taken(&waiting, taken_share, seed);
    let mut habits = ArrayHabits::default();
    let mut requests = 0;
    while !waiting.is_empty() {
        let planner = habits.planner(MOST, habits.most(MOST));
        let due: Vec<_> = waiting.iter().take(300).map(|row| row.candidate.clone()).collect();
        let chosen = planner.choose(&due, &[]);
        let of =
            |id: &SubmissionId| waiting.iter().position(|row| row.candidate.id == *id).unwrap();
        let places: Vec<_> = chosen.iter().map(of).collect();
        let contacts: Vec<_> = places.iter().map(|place| waiting[*place].contact.clone()).collect();
        let reply = answer(policy, &mut held, &contacts);
        requests += 1;
        let request = Slot(i64::from(requests));
        let shares = share(&contacts.iter().collect::<Vec<_>>(), &reply);
        habits = habits.after(&shares, 0);
        for (place, share) in places.iter().zip(shares) {
            habits.is_lossy |= proves_loss(&waiting[*place].earlier, &share.outcome);
            settle(&mut waiting, *place, share, request);
        }
        waiting.retain(|row| row.earlier.iter().all(|it| it.ended_at.is_some()));
    }
    requests
}

/// What the store does with a contact's share of an answer. A settled one is marked by an
/// attempt without an end.
fn settle(
    waiting: &mut [Waiting],
    place: usize,
    share: rolodesk::delivery::batch::Share,
    request: Slot,
) {
    let group = waiting[place].candidate.suspect_of;
    if share.is_refused && group.is_some_and(|group| group != request) {
        for row in waiting.iter_mut().filter(|row| row.candidate.suspect_of == group) {
            row.candidate.suspect_of = None;
        }
    }
    let row = &mut waiting[place];
    if share.is_refused {
        row.candidate.suspect_of = Some(request);
    }
    row.candidate.array_cap = share.array_cap.or(row.candidate.array_cap);
    let is_settled = !matches!(share.outcome, Outcome::Unsettled { .. });
    row.earlier.push(Attempt {
        verb: Verb::Create,
        started_at: Timestamp::UNIX_EPOCH,
        ended_at: (!is_settled).then_some(Timestamp::UNIX_EPOCH),
        outcome: Some(share.outcome),
    });
}

fn answer(policy: Policy, held: &mut HashSet<String>, contacts: &[Contact]) -> Reply {
    let number = |contact: &Contact| contact.phone.e164().to_string();
    let asked = if policy == Policy::FirstOnly { &contacts[..1] } else { contacts };
    let (bad, good): (Vec<_>, Vec<_>) = asked.iter().partition(|it| held.contains(&number(it)));
    if !bad.is_empty() && (policy != Policy::Partial || good.is_empty()) {
        let digits = |contact: &&Contact| number(contact).replace('+', "");
        let numbers = match policy {
            Policy::WholeNaming => bad.iter().map(digits).collect(),
            Policy::Whole | Policy::Reordered | Policy::Partial | Policy::FirstOnly => Vec::new(),
        };
        return Reply::Duplicate { numbers, owner: None, words: "exists".into() };
    }
    held.extend(good.iter().map(|contact| number(contact)));
    let record = |contact: &&Contact| Record::of(contact, ContactId(number(contact)));
    let mut records: Vec<_> = good.iter().map(record).collect();
    if policy == Policy::Reordered {
        records.reverse();
    }
    Reply::Created(records)
}

fn waits(contact: Contact) -> Waiting {
    let candidate = Candidate {
        id: SubmissionId::fresh(),
        number: contact.phone.e164(),
        suspect_of: None,
        array_cap: None,
        is_listed: false,
        refused_at: None,
    };
    Waiting { candidate, contact, earlier: Vec::new() }
}

/// The numbers that somebody has, dealt by the same dice for the same seed.
fn taken(waiting: &[Waiting], share: f64, seed: u64) -> HashSet<String> {
    let mut state = seed;
    let mut numbers: Vec<_> = waiting.iter().map(|row| row.candidate.number.to_string()).collect();
    let count = (f64::from(CONTACTS) * share).round();
    let mut held = HashSet::new();
    while f64::from(u32::try_from(held.len()).unwrap()) < count {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let at = usize::try_from(state >> 33).unwrap() % numbers.len();
        held.insert(numbers.swap_remove(at));
    }
    held
}

fn contact(n: u32) -> Contact {
    Contact {
        salutation: Salutation::parse("Mr").unwrap(),
        first_name: Name::parse("John").unwrap(),
        last_name: Name::parse(&format!("Doe {n}")).unwrap(),
        phone: Phone::from_parts(Region::from_code("DE"), 49, &format!("1511{n:07}")).unwrap(),
        extension: Extension::parse("+").unwrap(),
    }
}
