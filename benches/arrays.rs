//! How many requests, and how long, 1,000 contacts with 50 duplicates among them take
//! under each way a platform may treat arrays, at the documented 60 requests a minute.
//!
//!     cargo bench --bench arrays
//!
//! The policies run side by side; what takes the time is the limit, not this machine.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints its figures and stops where it fails"
)]

use std::time::{Duration, Instant};

use jiff::Timestamp;
use rolodesk::{
    api,
    contact::{Contact, Extension, Name, Phone, Region, Salutation},
    delivery::{self, clock},
    sandbox::{Sandbox, SandboxSettings, loopback},
    store::{Estate, Scope, Store},
    submission::{Origin, Submission, SubmissionId},
};
use tokio::sync::mpsc;

const CONTACTS: u32 = 1_000;
const POLICIES: [&str; 5] = [
    "arrays=all-or-nothing,duplicates=numbers",
    "arrays=all-or-nothing,duplicates=errors",
    "arrays=good-ones,duplicates=errors",
    "arrays=reorder,duplicates=existing",
    "arrays=first-only,duplicates=errors",
];

#[tokio::main]
async fn main() {
    println!("{CONTACTS} contacts, 50 of them duplicates, 60 requests a minute");
    let runs: Vec<_> = POLICIES.into_iter().map(|policy| tokio::spawn(run(policy))).collect();
    for run in runs {
        println!("{}", run.await.unwrap());
    }
}

async fn run(policy: &'static str) -> String {
    let taken = (0..CONTACTS).step_by(20);
    let seed = taken
        .map(|n| ["Mr".into(), "Jane".into(), "Roe".into(), format!("+49{}", number(n))])
        .collect();
    let settings =
        SandboxSettings { faults: policy.parse().unwrap(), seed, ..SandboxSettings::demo() };
    let ids = settings.clone();
    let sandbox = Sandbox::start(loopback(), settings).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let scope = Scope {
        profile: "bench".into(),
        estate: Estate::new("http://127.0.0.1", &ids.account_id, "st"),
        limit: 60,
        agent: "ada".into(),
        machine: "desk".into(),
    };
    let store = Store::open(&folder.path().join("store.db"), scope, clock::now()).await.unwrap();
    let submissions: Vec<_> = (0..CONTACTS).map(submission).collect();
    store.accept(&submissions, clock::now()).await.unwrap();
    let client = api::Client::new(api::ClientSettings {
        host: sandbox.host(),
        stream_id: ids.stream_id,
        account_id: ids.account_id,
        credential: api::Credential::Signed {
            client_id: ids.client_id,
            secret: ids.secret.into(),
            algorithm: api::Algorithm::Hs256,
            subject: "bench".into(),
            lifetime: Some(Duration::from_mins(5)),
        },
        ca_file: None,
        duplicate_phrases: Vec::new(),
        renewal: None,
        connect_timeout: Duration::from_secs(5),
        call_timeout: Duration::from_secs(10),
    });
    let begun = Instant::now();
    let (sender, mut updates) = mpsc::unbounded_channel();
    let options = delivery::WorkerSettings::default();
    let (_handle, _task) = delivery::spawn(store.clone(), client.unwrap(), options, sender);
    let counts = loop {
        updates.recv().await.unwrap();
        let counts = store.counts().await.unwrap();
        if counts.waiting() == 0 && store.lookups(1).await.unwrap().is_empty() {
            break counts;
        }
    };
    let requests = sandbox.requests();
    let creates = requests.iter().filter(|seen| seen.method == "POST").count();
    format!(
        "{policy:<42} {:>5} requests ({creates} creates, {} refused) in {:>4} s: {} created, {} duplicates",
        requests.len(),
        sandbox.refused(),
        begun.elapsed().as_secs(),
        counts.created,
        counts.duplicate,
    )
}

fn number(n: u32) -> String {
    format!("1511{n:07}")
}

fn submission(n: u32) -> Submission {
    let contact = Contact {
        salutation: Salutation::parse("Mr").unwrap(),
        first_name: Name::parse("John").unwrap(),
        last_name: Name::parse(&format!("Doe {n}")).unwrap(),
        phone: Phone::from_parts(Region::from_code("DE"), 49, &number(n)).unwrap(),
        extension: Extension::parse("+").unwrap(),
    };
    Submission {
        id: SubmissionId::fresh(),
        contact,
        origin: Origin::Import,
        submitted_at: Timestamp::now(),
        corrects: None,
    }
}
