//! A floor under simulated time: real seats on their own stores, senders that are elected, the
//! real worker behind its gate, and a store of the floor in memory that is compared with a
//! server on two hundred schedules (tests/it/floor/model.rs).
//!
//! ```text
//!   dice(seed) -> schedule -> seats (killed at any question, cut off, quit, restarted)
//!                          -> floor (lost and late questions and answers, restored)
//!                          -> platform (as the simulation of one seat has it)
//!                after every second: is all that is told true? -> violation, with its seed
//! ```
//!
//! It holds what `delivery::simulation` holds, of everybody's rows together: each is created
//! exactly once or told, what a seat says of a settled row is true, no 60 seconds hold more
//! requests than the limit whoever sends, and everything that can move ends. A row that was
//! dropped at its seat is not on the platform unless somebody else says so.
//!
//! `ROLODESK_SIMULATE`, `ROLODESK_SEED` and `ROLODESK_FROM` as there:
//! `ROLODESK_SIMULATE=10000 cargo test --lib team::simulation -- --nocapture`.

mod floor;
mod model;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::PathBuf,
    sync::Arc,
};

use tokio::{
    sync::mpsc,
    task::JoinHandle,
    time::{Duration, Instant, sleep, timeout},
};
use uuid::Uuid;

use super::{
    floor::{
        Adopted, Began, Bid, Bidder, Fate, FloorError, FloorRecord, Handed, Known, Mirrored,
        SeatRow, SlotEnd, SlotRequest, SpentSlot, Standing, Withdrawn,
    },
    postgres::Address,
    row::shared_row,
    seat::{Duty, IDLE, REVISIT, work_on},
    sender::Sending,
};
use crate::{
    contact::parts::samples::named,
    delivery::{
        Handle, Inbox, WorkerSettings, clock,
        simulation::{
            ENOUGH, ENOUGH_TO_BE_TOLD,
            dice::Dice,
            each_seed, folder, national, number as platform_number,
            platform::{self, Estate, FLOOR_CALL_TIMEOUT, Platform},
            process::{LIMIT, client, scope},
            truth,
        },
    },
    store::{DirectoryStorage, SharedRow, Store},
    submission::{Entry, Origin, PlatformHealth, Seen, Submission, SubmissionId},
};
use floor::{Cut, Door, Floor, Life, Weather};

const AGENTS: [&str; 5] = ["ada", "ben", "cem", "dora", "eve"];
/// A process that was killed is started again after this long.
const RESTART: Duration = Duration::from_secs(2);

/// A row that is typed: where, its number, and after how many seconds.
#[derive(Debug, Clone, Copy)]
struct Typed {
    seat: usize,
    number: u64,
    after: u64,
    /// When it is dropped again, if it is.
    dropped: Option<u64>,
}

/// One run: who sits where, what is entered, and what happens meanwhile.
#[derive(Debug, Clone)]
struct Schedule {
    seed: u64,
    estate: Estate,
    platform: platform::Weather,
    floor: Weather,
    /// For each seat, whether it may send and with which priority.
    seats: Vec<Option<i64>>,
    typed: Vec<Typed>,
    /// Which seat is killed after how many questions more; the next of its processes lives on
    /// until the next of these.
    kills: Vec<(usize, i64)>,
    /// When the floor's store is copied, and when that copy is put in its place.
    restored: Option<(u64, u64)>,
}

impl Schedule {
    fn random(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let estate = Estate::random(&mut dice);
        let platform = platform::Weather::random(&mut dice);
        let count = dice.one_of(&[2, 5]);
        let may_send = |dice: &mut Dice, seat: usize| {
            (seat == 0 || dice.happens(60)).then(|| i64::from(dice.happens(20)))
        };
        let seats: Vec<_> = (0..count).map(|seat| may_send(&mut dice, seat)).collect();
        let seat = |dice: &mut Dice| usize::try_from(dice.roll(count as u64)).unwrap();
        let typed = (0..=dice.roll(7)).map(|number| {
            let number = if dice.happens(25) { 0 } else { number };
            let (seat, after) = (seat(&mut dice), dice.roll(60));
            let dropped = dice.happens(15).then(|| after + dice.roll(40));
            Typed { seat, number, after, dropped }
        });
        let typed = typed.collect();
        let kills = (0..dice.roll(4))
            .map(|_| (seat(&mut dice), 1 + i64::try_from(dice.roll(300)).unwrap()));
        let kills = kills.collect();
        let cut = |dice: &mut Dice| {
            let from = dice.roll(120);
            Cut { seat: seat(dice), from, to: from + dice.roll(60) }
        };
        let cuts = (0..dice.roll(3)).map(|_| cut(&mut dice)).collect();
        let lasts = Duration::from_secs(dice.roll(180));
        let floor = Weather { percent: dice.one_of(&[0, 2, 10, 30]), lasts, cuts };
        let copied = dice.roll(100);
        let restored = dice.happens(20).then(|| (copied, copied + dice.roll(60)));
        Self { seed, estate, platform, floor, seats, typed, kills, restored }
    }
}

/// A seat of the floor: its store, and the process that works on it while it lives.
struct SeatAt {
    number: usize,
    path: PathBuf,
    store: Store,
    process: Option<(Handle, JoinHandle<()>)>,
    died_at: Option<Instant>,
}

struct Simulation {
    platform: Platform,
    floor: Floor,
    seats: Vec<SeatAt>,
    accepted: BTreeSet<SubmissionId>,
    dropped: BTreeSet<SubmissionId>,
    /// Numbers of rows that said that they are or may be on the platform, and were dropped.
    knowingly: BTreeSet<u64>,
    began: Instant,
}

fn run(schedule: impl FnOnce() -> Schedule) -> Result<(), String> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let folder = folder();
    runtime.unwrap().block_on(async {
        let schedule = schedule();
        clock::simulated::start(schedule.seed);
        let held = Simulation::new(&schedule, folder.path()).await.run(&schedule).await;
        clock::simulated::stop();
        held.map_err(|why| format!("{why}\n{schedule:#?}"))
    })
}

impl Simulation {
    async fn new(schedule: &Schedule, folder: &std::path::Path) -> Self {
        let platform = Platform::new(
            schedule.estate,
            schedule.platform.clone(),
            schedule.seed,
            FLOOR_CALL_TIMEOUT,
        );
        let mut seats = Vec::new();
        for number in 0..schedule.seats.len() {
            let path = folder.join(format!("seat-{number}.db"));
            let store = open(&path, number).await;
            seats.push(SeatAt { number, path, store, process: None, died_at: None });
        }
        let floor = Floor::new(schedule.floor.clone(), schedule.seed);
        Self {
            platform,
            floor,
            seats,
            accepted: BTreeSet::new(),
            dropped: BTreeSet::new(),
            knowingly: BTreeSet::new(),
            began: Instant::now(),
        }
    }

    async fn run(mut self, schedule: &Schedule) -> Result<(), String> {
        let mut kills = schedule.kills.clone();
        let mut copy = None;
        let held = loop {
            let after = self.began.elapsed().as_secs();
            self.start_processes(schedule, &mut kills).await;
            self.type_and_drop(schedule, after).await;
            if let Some((copied, restored)) = schedule.restored {
                if after == copied {
                    copy = Some(self.floor.copy());
                }
                if let Some(model) = copy.take_if(|_| after >= restored) {
                    self.floor.restore(model);
                    self.platform.forget_requests();
                }
            }
            sleep(Duration::from_secs(1)).await;
            let rows = match self.rows().await {
                Ok(rows) => rows,
                Err(why) => break Err(why),
            };
            // What a restored floor says may be old for a while.
            if schedule.restored.is_none()
                && let Some(why) = truth::violation(&self.asked(&rows.told), &self.platform)
            {
                break Err(format!("{why}\n{}", self.story(&rows.told)));
            }
            let is_typed = schedule.typed.iter().all(|it| after > it.dropped.unwrap_or(it.after));
            if is_typed && rows.of_seats.iter().all(truth::is_settled) && self.is_quiet().await {
                break Ok(());
            }
            if self.began.elapsed() > patience(schedule) {
                break self.may_last(schedule, &rows);
            }
        };
        if schedule.restored.is_some() {
            // Who has nothing on its way hears of it by then.
            sleep(REVISIT + IDLE).await;
        }
        for seat in &mut self.seats {
            if let Some((handle, task)) = seat.process.take() {
                drop(handle);
                let _ = timeout(Duration::from_secs(20), task).await;
            }
        }
        held?;
        let most = self.platform.busiest_minute();
        if schedule.restored.is_none() && most > usize::try_from(LIMIT).unwrap() {
            return Err(format!("{most} requests in a minute of {LIMIT}"));
        }
        let rows = self.rows().await?;
        if let Some(why) = truth::violation(&self.asked(&rows.in_the_end), &self.platform) {
            return Err(format!("at the end: {why}\n{}", self.story(&rows.in_the_end)));
        }
        for number in self.platform.made_by_us() {
            let tells = |row: &Entry| {
                row.submission.contact.phone.e164().as_str() == number
                    && (row.status.created_id().is_some()
                        || row.may_exist()
                        || !truth::is_settled(row)
                        || truth::is_being_looked_for(row)
                        || !self.platform.tells_whose())
            };
            let is_known = self.knowingly.iter().any(|it| platform_number(*it) == number);
            if !is_known && !rows.in_the_end.iter().any(tells) {
                return Err(format!("nobody tells of {number}\n{}", self.story(&rows.in_the_end)));
            }
        }
        Ok(())
    }

    /// Starts what is not running, some seconds after it died.
    async fn start_processes(&mut self, schedule: &Schedule, kills: &mut Vec<(usize, i64)>) {
        for seat in &mut self.seats {
            if seat.process.as_ref().is_some_and(|(_, task)| task.is_finished()) {
                (seat.process, seat.died_at) = (None, Some(Instant::now()));
            }
            let rests = seat.died_at.is_some_and(|at| at.elapsed() < RESTART);
            if seat.process.is_some() || rests {
                continue;
            }
            let next = kills.iter().position(|(number, _)| *number == seat.number);
            let life = Life::of(next.map_or(-1, |at| kills.remove(at).1));
            let priority = schedule.seats[seat.number];
            let (floor, platform) = (self.floor.clone(), self.platform.clone());
            seat.process = Some(start(seat, floor, &platform, priority, life).await);
        }
    }

    async fn type_and_drop(&mut self, schedule: &Schedule, after: u64) {
        for (at, typed) in schedule.typed.iter().enumerate() {
            let seat = &self.seats[typed.seat];
            let id = SubmissionId(Uuid::from_u128((7 << 76) | (at as u128 + 1)));
            if typed.after == after {
                let submission = Submission {
                    id,
                    contact: named(
                        "John",
                        &format!("Doe{}", typed.number),
                        &national(typed.number),
                    ),
                    origin: if at % 3 == 0 { Origin::Import } else { Origin::Form },
                    submitted_at: clock::now().wall,
                    corrects: None,
                };
                seat.store.accept(&[submission], clock::now()).await.unwrap();
                self.accepted.insert(id);
                seat.process.iter().for_each(|(handle, _)| handle.nudge());
            }
            if typed.dropped == Some(after)
                && let Some((handle, _)) = &seat.process
                && let Ok(Some((row, _))) = seat.store.entry(id).await
            {
                self.dropped.insert(id);
                if row.may_exist() || truth::is_settled(&row) {
                    self.knowingly.insert(typed.number);
                }
                let seen = Seen { group: row.status.group(), may_exist: row.may_exist() };
                handle.discard(id, seen);
            }
        }
    }

    /// Every row as its seat tells it, and as it is told by whoever knows it best: its seat
    /// once it is settled there, before that the floor.
    async fn rows(&self) -> Result<Rows, String> {
        let mut of_seats = Vec::new();
        for seat in &self.seats {
            of_seats.extend(truth::rows(&seat.store).await);
        }
        let there: BTreeSet<_> = of_seats.iter().map(|row| row.submission.id).collect();
        let lost: Vec<_> = self.accepted.difference(&there).collect();
        if let Some(id) = lost.iter().find(|id| !self.dropped.contains(id)) {
            return Err(format!("{id} was accepted and is gone"));
        }
        let kept = self.floor.copy().rows;
        let is_withdrawn = |id: &SubmissionId| kept[id].row.state == "withdrawn";
        let handed = kept.values().cloned().map(|kept| {
            let row = shared_row(kept.row);
            // What is taken back is known by its document, until its seat hears of it.
            let document: serde_json::Value = serde_json::from_str(&row.document).unwrap();
            let state = Some(row.state.clone()).filter(|state| state != "withdrawn");
            let own = || document["row"]["state"].as_str().unwrap().to_owned();
            SharedRow { state: state.unwrap_or_else(own), ..row }
        });
        let shown = self.seats[0].store.shown(handed.collect()).await.unwrap();
        let floor: BTreeMap<_, _> = shown.into_iter().map(|row| (row.submission.id, row)).collect();
        let told = of_seats.iter().map(|row| match floor.get(&row.submission.id) {
            Some(shown) if !truth::is_settled(row) => shown.clone(),
            Some(_) | None => row.clone(),
        });
        // What a seat no longer shows the floor still knows, unless it was dropped in time.
        let is_gone =
            |it: &&Entry| !there.contains(&it.submission.id) && !is_withdrawn(&it.submission.id);
        let gone: Vec<_> = floor.values().filter(is_gone).collect();
        let told = told.chain(gone.iter().copied().cloned()).collect();
        let in_the_end = of_seats.iter().chain(gone).cloned().collect();
        Ok(Rows { told, in_the_end, of_seats, of_floor: floor.into_values().collect() })
    }

    /// The rows of whose numbers something is asked: of one whose row was dropped although it
    /// said that it may be on the platform, nobody can tell.
    fn asked(&self, rows: &[Entry]) -> Vec<Entry> {
        let numbers: Vec<_> = self.knowingly.iter().map(|it| platform_number(*it)).collect();
        let is_asked = |row: &&Entry| {
            let number = row.submission.contact.phone.e164();
            numbers.iter().all(|it| it != number.as_str())
        };
        rows.iter().filter(is_asked).cloned().collect()
    }

    /// Whether nobody's owner is looked for any more.
    async fn is_quiet(&self) -> bool {
        for seat in &self.seats {
            if !seat.store.lookups(1).await.unwrap().is_empty() {
                return false;
            }
        }
        true
    }

    /// What an estate does not tell may wait for ever, if it says so.
    fn may_last(&self, schedule: &Schedule, rows: &Rows) -> Result<(), String> {
        let is_open = |row: &&Entry| !truth::is_settled(row);
        let open: Vec<_> = rows.of_seats.iter().filter(is_open).cloned().collect();
        if schedule.estate.can_tell() {
            return Err(format!("not settled: {}", self.story(&open)));
        }
        let number = |row: &Entry| row.submission.contact.phone.e164();
        let waits_for_another = |row: &Entry| {
            let others = open.iter().chain(rows.of_floor.iter().filter(is_open));
            let mut others = others.filter(|it| it.submission.id != row.submission.id);
            others.any(|it| number(it) == number(row))
        };
        match open.iter().find(|row| !row.may_exist() && !waits_for_another(row)) {
            Some(row) => {
                Err(format!("it waits without a word: {}", self.story(std::slice::from_ref(row))))
            }
            None => Ok(()),
        }
    }

    /// What is known of rows, for whoever reads of a violation.
    fn story(&self, rows: &[Entry]) -> String {
        let one = |row: &Entry| {
            let (id, number) = (row.submission.id, row.submission.contact.phone.e164());
            format!("{id} {number} of {}: {:?}\n", row.agent, row.status)
        };
        let mut told: String = rows.iter().map(one).collect();
        for kept in self.floor.copy().rows.into_values() {
            let (row, fence, changed) = (kept.row, kept.fence, kept.changed);
            let _ = writeln!(
                told,
                "the floor's {} at {}: {}, fence {fence}, changed {changed}\n{}",
                row.id, row.revision, row.state, row.document
            );
        }
        told
    }
}

struct Rows {
    of_seats: Vec<Entry>,
    of_floor: Vec<Entry>,
    told: Vec<Entry>,
    /// Those of the seats, and those that no seat shows any more.
    in_the_end: Vec<Entry>,
}

fn patience(schedule: &Schedule) -> Duration {
    // A lease must run out, and a seat that was refused asks again ever more rarely.
    let enough = if schedule.estate.can_tell() { ENOUGH } else { ENOUGH_TO_BE_TOLD };
    enough + Duration::from_mins(3)
}

async fn open(path: &std::path::Path, seat: usize) -> Store {
    let scope = scope(AGENTS[seat], DirectoryStorage::OnDisk);
    Store::open_here(path, scope, clock::now()).await.unwrap()
}

async fn start(
    seat: &SeatAt,
    floor: Floor,
    platform: &Platform,
    priority: Option<i64>,
    life: Arc<Life>,
) -> (Handle, JoinHandle<()>) {
    let store = open(&seat.path, seat.number).await;
    let sending = priority.map(|priority| Sending {
        client: client(platform),
        settings: WorkerSettings { max_batch: 3, page_size: 3, ..WorkerSettings::default() },
        scope: scope(AGENTS[seat.number], DirectoryStorage::InMemory),
        priority,
    });
    let duty = Duty {
        // Nobody connects to it.
        address: Address {
            host: "floor".into(),
            port: 5432,
            database: "floor".into(),
            user: "rolodesk_seat".into(),
            password: None,
            ca_file: None,
            is_encrypted: false,
        },
        account: "https://platform.example a-1 st-1".into(),
        agent: AGENTS[seat.number].into(),
        machine: "desk".into(),
        sending,
    };
    let (updates, _) = mpsc::unbounded_channel();
    let (handle, inbox) = Inbox::new();
    let number = seat.number;
    let task = tokio::spawn(async move {
        let ends = Arc::clone(&life);
        let connect = move || Door { floor: floor.clone(), seat: number, life: life.clone() };
        tokio::select! {
            biased;
            () = ends.over() => {}
            () = work_on(connect, store, duty, updates, inbox) => {}
        }
    });
    (handle, task)
}

#[test]
fn random_floors_leave_the_truth() {
    each_seed(60, |seed| run(|| Schedule::random(seed)));
}
