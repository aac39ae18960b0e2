//! The floor's database: what a seat and whoever sends wait for, beside it and 20 ms away, and
//! what 200 seats cost the server. It starts a PostgreSQL of its own.
//!
//!     cargo bench --bench floor
//!
//! The network is a proxy that lets each byte wait for half the way. Machines are noisy:
//! compare the columns of one run.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark prints its figures and stops where it fails"
)]

#[path = "../tests/it/cluster.rs"]
#[allow(dead_code, unreachable_pub, reason = "the tests use more of it")]
mod cluster;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicI64, Ordering},
    time::{Duration, Instant},
};

use cluster::{Cluster, alone};
use rolodesk::{
    submission::SubmissionId,
    team::{
        FloorStore as _,
        floor::{Began, Bid, Bidder, Seat, SeatRow, SlotEnd, SlotRequest},
        postgres::{Address, Postgres},
    },
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, UnixStream},
    sync::mpsc,
    time::{sleep, sleep_until},
};

const ACCOUNT: &str = "https://platform.example a-1 st-1";
const ROUNDS: usize = 21;
/// How long the server's processor time is watched.
const WATCHED: Duration = Duration::from_secs(15);

#[tokio::main]
async fn main() {
    let Some(cluster) = alone(&["max_connections = 260".into(), "fsync = on".into()]) else {
        return;
    };
    let owner = cluster.database();
    Postgres::new(owner.clone()).set_up(Some(ACCOUNT)).await.unwrap();
    for away in [0, 20] {
        let port = proxy(cluster.socket(), Duration::from_millis(away) / 2).await;
        let address = Address { host: "127.0.0.1".into(), port, ..owner.clone() };
        println!("{away} ms there and back:");
        waits(&address).await;
    }
    let seat = Address { user: "rolodesk_seat".into(), ..owner.clone() };
    let sender = Address { user: "rolodesk_sender".into(), ..owner };
    costs(&cluster, &seat, &sender, 0).await;
    costs(&cluster, &seat, &sender, 10).await;
}

/// A port behind which the database is further away.
async fn proxy(socket: &Path, half: Duration) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, socket) = (listener.local_addr().unwrap().port(), socket.join(".s.PGSQL.5432"));
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            client.set_nodelay(true).unwrap();
            let Ok(server) = UnixStream::connect(&socket).await else { continue };
            let ((read, write), (answers, questions)) = (client.into_split(), server.into_split());
            tokio::spawn(carry(read, questions, half));
            tokio::spawn(carry(answers, write, half));
        }
    });
    port
}

async fn carry(
    mut from: impl tokio::io::AsyncRead + Unpin + Send + 'static,
    mut to: impl tokio::io::AsyncWrite + Unpin,
    half: Duration,
) {
    let (sent, mut due) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut bytes = vec![0; 65_536];
        while let Ok(count @ 1..) = from.read(&mut bytes).await {
            if sent.send((tokio::time::Instant::now() + half, bytes[..count].to_vec())).is_err() {
                return;
            }
        }
    });
    while let Some((at, bytes)) = due.recv().await {
        if !half.is_zero() {
            sleep_until(at).await;
        }
        if to.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

fn seat(id: &str) -> Seat {
    Seat { account: ACCOUNT.into(), id: id.into() }
}

fn rows(count: u32) -> Vec<SeatRow> {
    let one = |number| SeatRow {
        id: SubmissionId::fresh(),
        revision: 0,
        agent: "jdoe".into(),
        machine: "desk".into(),
        e164: format!("+1415555{number:04}"),
        lane: "form".into(),
        state: "queued".into(),
        due_at: 0,
        document: format!("{{\"number\":{number},\"more\":\"{}\"}}", "x".repeat(600)),
        look_up: false,
    };
    (0..count).map(one).collect()
}

/// The number of the next word of whoever sends.
fn next_word() -> i64 {
    static SAID: AtomicI64 = AtomicI64::new(0);
    SAID.fetch_add(1, Ordering::Relaxed) + 1
}

fn bidder(process: &str) -> Bidder {
    Bidder {
        account: ACCOUNT.into(),
        process: process.into(),
        priority: 0,
        agent: "sync".into(),
        machine: "server".into(),
        minute_limit: 60,
    }
}

fn tell(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let (median, worst) = (times[times.len() / 2], times[times.len() - 1]);
    let ms = |it: Duration| it.as_secs_f64() * 1000.0;
    println!("  {what:<28} {:>8.1} ms in the median, {:>8.1} ms at most", ms(median), ms(worst));
}

/// How long each question takes.
async fn waits(address: &Address) {
    let seats = Postgres::new(Address { user: "rolodesk_seat".into(), ..address.clone() });
    let sender = Postgres::new(Address { user: "rolodesk_sender".into(), ..address.clone() });
    let process = SubmissionId::fresh().to_string();
    let Bid::Won { fence, .. } = sender.bid(&bidder(&process)).await.unwrap() else { panic!() };
    seats.gate().await.unwrap();
    for count in [1, 50, 500] {
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            let rows = rows(count);
            let start = Instant::now();
            seats.hand_over(&seat("bench"), &rows).await.unwrap();
            times.push(start.elapsed());
        }
        tell(&format!("hand-over of {count}"), times);
    }
    let (mut adopts, mut begins, mut tells) = (Vec::new(), Vec::new(), Vec::new());
    let slot = SlotRequest { class: "form".into(), per_minute: 10_000, per_hour: None };
    let mut cursor = 0;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let adopted = sender.adopt(ACCOUNT, fence, 50).await.unwrap();
        adopts.push(start.elapsed());
        let named: Vec<_> = adopted.iter().map(|it| (it.row.id, it.row.revision)).collect();
        let start = Instant::now();
        let Began::Go { slot } =
            sender.begin(ACCOUNT, fence, next_word(), &slot, &named).await.unwrap()
        else {
            panic!("a request did not begin")
        };
        begins.push(start.elapsed());
        sender.finish(ACCOUNT, slot, &SlotEnd::default()).await.unwrap();
        let created: Vec<_> =
            adopted.into_iter().map(|it| SeatRow { state: "created".into(), ..it.row }).collect();
        let start = Instant::now();
        sender.tell(ACCOUNT, fence, next_word(), &created).await.unwrap();
        tells.push(start.elapsed());
    }
    tell("claim of 50: adopt", adopts);
    tell("claim of 50: begin", begins);
    tell("telling 50", tells);
    let mut pages = Vec::new();
    loop {
        let start = Instant::now();
        let page = seats.mirror(&seat("bench"), cursor).await.unwrap();
        let Some(last) = page.last() else { break };
        cursor = last.changed;
        pages.push(start.elapsed());
    }
    tell("mirror of about 500", pages);
    let mut idle = Vec::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        seats.mirror(&seat("bench"), cursor).await.unwrap();
        idle.push(start.elapsed());
    }
    tell("mirror, nothing new", idle);
    sender.give_back(ACCOUNT, &process, fence).await.unwrap();
    // What the next round begins with.
    let rest = Postgres::new(Address { user: "owner".into(), ..address.clone() });
    rest.erase(&rolodesk::team::postgres::FloorErasure::OlderThan { age_ms: -60_000 }, false)
        .await
        .unwrap();
}

/// What 200 seats that look every second, and so many hand-overs a second, cost the server.
async fn costs(cluster: &Cluster, seat_address: &Address, sender: &Address, a_second: u32) {
    let sender = Postgres::new(sender.clone());
    let process = SubmissionId::fresh().to_string();
    let Bid::Won { fence, .. } = sender.bid(&bidder(&process)).await.unwrap() else { panic!() };
    let mut tasks = Vec::new();
    for number in 0..200_u32 {
        let store = Postgres::new(seat_address.clone());
        let id = format!("seat {number}");
        tasks.push(tokio::spawn(async move {
            sleep(Duration::from_millis(u64::from(number) * 5)).await;
            let mut cursor = 0;
            loop {
                let page = store.mirror(&seat(&id), cursor).await.unwrap();
                cursor = page.last().map_or(cursor, |last| last.changed);
                if number < a_second {
                    store.hand_over(&seat(&id), &rows(1)).await.unwrap();
                }
                sleep(Duration::from_secs(1)).await;
            }
        }));
    }
    tasks.push(tokio::spawn(async move {
        loop {
            let adopted = sender.adopt(ACCOUNT, fence, 50).await.unwrap();
            let told: Vec<_> = adopted
                .into_iter()
                .map(|it| SeatRow { state: "created".into(), ..it.row })
                .collect();
            if !told.is_empty() {
                sender.tell(ACCOUNT, fence, next_word(), &told).await.unwrap();
            }
            sleep(Duration::from_millis(250)).await;
            sender.bid(&bidder(&process)).await.unwrap();
        }
    }));
    sleep(Duration::from_secs(3)).await;
    let (before, start) = (cluster.processor_time(), Instant::now());
    sleep(WATCHED).await;
    let spent = cluster.processor_time().saturating_sub(before);
    let share = spent.as_secs_f64() / start.elapsed().as_secs_f64() * 100.0;
    let (own, seats) = cluster.memory_of_backends();
    println!(
        "200 seats that look each second, {a_second} hand-overs a second: {share:.1} % of a core; \
         {:.1} MB of its own for each of {seats} connections",
        f64::from(u32::try_from(own / 1024).unwrap()) / 1024.0 / f64::from(seats)
    );
    for task in tasks {
        task.abort();
    }
    sleep(Duration::from_millis(300)).await;
    Postgres::new(Address { user: "owner".into(), ..seat_address.clone() })
        .set_up(None)
        .await
        .unwrap();
    cluster
        .sql(&seat_address.database, "UPDATE rolodesk.account SET sender = NULL, lease_until = 0");
}

impl Cluster {
    /// The server's processes: the first, and its children.
    fn processes(&self) -> Vec<PathBuf> {
        let first = fs::read_to_string(self.socket().join("data/postmaster.pid")).unwrap();
        let first = first.lines().next().unwrap().to_owned();
        let children = fs::read_to_string(format!("/proc/{first}/task/{first}/children"));
        let children = children.unwrap_or_default();
        let all = std::iter::once(first.as_str()).chain(children.split_whitespace());
        all.map(|pid| Path::new("/proc").join(pid)).collect()
    }

    /// What they have used of the processor (proc(5): ticks of 10 ms).
    fn processor_time(&self) -> Duration {
        let ticks = |path: &PathBuf| -> u64 {
            let text = fs::read_to_string(path.join("stat")).unwrap_or_default();
            let fields = text.rsplit_once(')').map(|(_, rest)| rest.to_owned()).unwrap_or_default();
            let numbers = fields.split_whitespace().skip(11).take(2);
            numbers.filter_map(|it| it.parse::<u64>().ok()).sum()
        };
        Duration::from_millis(self.processes().iter().map(ticks).sum::<u64>() * 10)
    }

    /// What those that serve a connection have for themselves, in bytes, and how many they are.
    fn memory_of_backends(&self) -> (u64, u32) {
        let mut all = (0, 0);
        for path in self.processes() {
            let command = fs::read_to_string(path.join("cmdline")).unwrap_or_default();
            let status = fs::read_to_string(path.join("status")).unwrap_or_default();
            let own = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
            let own = own.and_then(|it| it.trim().trim_end_matches(" kB").parse::<u64>().ok());
            if let (true, Some(own)) = (command.contains("rolodesk_seat"), own) {
                all = (all.0 + own * 1024, all.1 + 1);
            }
        }
        all
    }
}
