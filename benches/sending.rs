//! How fast contacts go out beside bare requests of the same client library, as many at once,
//! to the same server: one that answers after 20 ms, and one that answers at once.
//!
//!     cargo build --release && cargo bench --bench sending        (about a minute)
//!
//! One contact a request; counted is the time from the first request to the last, as the server
//! saw them. The program's own share is what a claim, a slot and an outcome cost on disk.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a benchmark prints its figures and stops where it fails"
)]

use std::{
    fmt::Write as _,
    fs,
    path::Path,
    process::{Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{Json, Router, extract::State};
use rolodesk::delivery::policy::MOST_IN_FLIGHT;
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinSet, time::sleep};

const CONTACTS: usize = 1_500;

/// What the server saw.
#[derive(Default)]
struct Seen {
    delay: Duration,
    next: AtomicU64,
    arrivals: Mutex<Vec<Instant>>,
}

impl Seen {
    /// Contacts a second, and begins anew.
    fn rate(&self) -> f64 {
        let arrivals = std::mem::take(&mut *self.arrivals.lock().unwrap());
        assert_eq!(arrivals.len(), CONTACTS);
        let took = arrivals[arrivals.len() - 1] - arrivals[0];
        (CONTACTS - 1) as f64 / took.as_secs_f64()
    }
}

async fn answer(State(seen): State<Arc<Seen>>, Json(mut body): Json<Value>) -> Json<Value> {
    seen.arrivals.lock().unwrap().push(Instant::now());
    sleep(seen.delay).await;
    for contact in body.as_array_mut().unwrap() {
        let id = seen.next.fetch_add(1, Ordering::Relaxed);
        contact["id"] = json!(format!("{id:024x}"));
        let phone = &contact["cellPhone"];
        let number = ["countryCode", "phoneNumber"].map(|part| phone[part].as_str().unwrap());
        contact["cellPhone"]["phoneNumber"] = json!(number.concat());
        contact["status"] = json!("ACTIVE");
    }
    Json(body)
}

fn number(at: usize) -> String {
    format!("98765{at:05}")
}

async fn bare(host: &str) {
    let client = reqwest::Client::new();
    let next = Arc::new(AtomicU64::new(0));
    let mut workers = JoinSet::new();
    for _ in 0..MOST_IN_FLIGHT {
        let (client, next, url) = (client.clone(), Arc::clone(&next), format!("{host}/contacts"));
        workers.spawn(async move {
            loop {
                let at = usize::try_from(next.fetch_add(1, Ordering::Relaxed)).unwrap();
                if at >= CONTACTS {
                    return;
                }
                let phone = json!({"countryCode": "+91", "phoneNumber": number(at)});
                let body = json!([{"firstName": "John", "lastName": "Doe", "cellPhone": phone}]);
                client.post(&url).json(&body).send().await.unwrap().bytes().await.unwrap();
            }
        });
    }
    while workers.join_next().await.is_some() {}
}

fn program(host: &str, home: &Path) {
    let mut rows = String::from("first name,last name,phone,region\n");
    for at in 0..CONTACTS {
        writeln!(rows, "John,Doe{at},{},IN", number(at)).unwrap();
    }
    fs::write(home.join("rows.csv"), rows).unwrap();
    let rolodesk = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/release/rolodesk");
    let status = Command::new(rolodesk)
        .args(["import", "rows.csv"])
        .current_dir(home)
        .env_clear()
        .env("HOME", home)
        .env("ROLODESK_HOST", host)
        .env("ROLODESK_STREAM_ID", "st-1")
        .env("ROLODESK_ACCOUNT_ID", "a-1")
        .env("ROLODESK_CLIENT_ID", "cs-1")
        .env("ROLODESK_CLIENT_SECRET", "for-benchmarks-only-0123456789abcdef")
        .env("ROLODESK_REQUESTS_PER_MINUTE", "10000")
        .env("ROLODESK_MAX_BATCH", "1")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "{status}");
}

#[tokio::main]
async fn main() {
    for (name, delay) in [("after 20 ms", 20), ("at once", 0)] {
        let seen = Arc::new(Seen { delay: Duration::from_millis(delay), ..Seen::default() });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().fallback(answer).with_state(Arc::clone(&seen));
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        let mut ratios = Vec::new();
        for _ in 0..3 {
            bare(&host).await;
            let bare = seen.rate();
            let home = tempfile::tempdir().unwrap();
            let (to, at) = (host.clone(), home.path().to_owned());
            tokio::task::spawn_blocking(move || program(&to, &at)).await.unwrap();
            let ours = seen.rate();
            println!("answered {name}: bare {bare:.0}/s, rolodesk {ours:.0}/s, {:.2}", ours / bare);
            ratios.push(ours / bare);
        }
        ratios.sort_by(f64::total_cmp);
        println!("answered {name}: {:.2} of bare requests (median)", ratios[1]);
    }
}
