//! The delivery under simulated time: one seed, a virtual clock, the real policy, worker,
//! client and store, and a platform in memory behind [`crate::api::transport`].
//!
//! ```text
//!   dice(seed) -> schedule -> processes (killed at any step, two at once, stopped, restarted)
//!                          -> platform (faults, lagging lists, estates of every kind)
//!                          -> clock (runs as fast as nothing else is to be done; steps)
//!                after every second: is all that is told true? -> violation, with its seed
//! ```
//!
//! It holds that each accepted contact is on the platform exactly once or told as waiting or
//! as one that may exist; that every status told is true of the platform; that no 60 seconds
//! hold more requests than the limit; and that everything that can move ends.
//!
//! `cargo test` tries every fault at each of the first requests of every kind of estate, and
//! a kill after each step; random schedules are as many as `ROLODESK_SIMULATE` says (100 by
//! default): `ROLODESK_SIMULATE=100000 cargo test --lib simulation -- --nocapture`. One that
//! fails prints its seed; `ROLODESK_SEED` runs that one alone, `ROLODESK_FROM` those after one.

pub(crate) mod dice;
pub(crate) mod platform;
pub(crate) mod process;
pub(crate) mod truth;

use std::path::PathBuf;

use tempfile::TempDir;
use tokio::time::{Duration, Instant, sleep};
use uuid::Uuid;

use super::clock;
use crate::{
    contact::parts::samples::named,
    store::Store,
    submission::{Entry, Origin, Submission, SubmissionId},
};
use dice::Dice;
use platform::{
    CALL_TIMEOUT, DATES, Dates, Estate, FAULTS, Fault, IDS, Ids, LISTINGS, Listing, MAKERS, Makers,
    Platform, TAKEN, Taken, Weather,
};
use process::{LIMIT, Process};

/// Nothing that can move takes longer than this once the weather is fine.
pub(crate) const ENOUGH: Duration = Duration::from_mins(12);
/// By then the weather was fine for long enough that what cannot be settled says so.
pub(crate) const ENOUGH_TO_BE_TOLD: Duration = Duration::from_mins(7);

/// One run: what is entered, where, and what happens meanwhile.
#[derive(Debug, Clone)]
struct Schedule {
    seed: u64,
    estate: Estate,
    weather: Weather,
    /// Numbers to enter; one may be there twice.
    numbers: Vec<u64>,
    /// Steps until each of the first processes is killed.
    kills: Vec<i64>,
    /// A second process works beside the first.
    two: bool,
    /// How far the wall clock is set, and after how many seconds.
    steps: Vec<(u64, i64)>,
    /// The number that somebody else has already, under the same name.
    stranger: Option<u64>,
    /// The number that somebody else enters meanwhile, under another name, and after how many
    /// seconds.
    newcomer: Option<(u64, u64)>,
    /// Whether the list was read after that and before anything was entered.
    is_read: bool,
    /// The most contacts in one request.
    batch: u32,
    /// The most requests that all of it may cost.
    most_requests: usize,
}

impl Schedule {
    fn plain(estate: Estate, faults: Vec<Fault>) -> Self {
        Self {
            seed: 1,
            estate,
            weather: Weather::Planned(faults),
            numbers: vec![0],
            kills: Vec::new(),
            two: false,
            steps: Vec::new(),
            stranger: None,
            newcomer: None,
            is_read: false,
            batch: 3,
            most_requests: usize::MAX,
        }
    }

    fn random(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let estate = Estate::random(&mut dice);
        let weather = Weather::random(&mut dice);
        let numbers = (0..=dice.roll(5)).map(|n| if dice.happens(10) { 0 } else { n }).collect();
        let kills = (0..dice.roll(4)).map(|_| i64::try_from(dice.roll(120)).unwrap()).collect();
        let (two, is_read) = (dice.happens(40), dice.happens(50));
        // An estate that dates nothing cannot tell our contact from another's of the same name,
        // which nobody had seen before.
        let tells = estate.dates != Dates::Absent || is_read;
        let stranger = (dice.happens(20) && tells).then_some(0);
        let newcomer = dice.happens(20).then(|| (dice.roll(3), dice.roll(200)));
        let step = |dice: &mut Dice| {
            (dice.roll(120), dice.one_of(&[-3_600_000, -40_000, 40_000, 7_200_000]))
        };
        let steps = (0..dice.roll(3)).map(|_| step(&mut dice)).collect();
        let most_requests = usize::MAX;
        Self {
            seed,
            estate,
            weather,
            numbers,
            kills,
            two,
            steps,
            stranger,
            newcomer,
            is_read,
            batch: 3,
            most_requests,
        }
    }
}

/// Runs a schedule; the answer is what was violated.
fn run(schedule: impl FnOnce() -> Schedule) -> Result<(), String> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let folder = folder();
    runtime.unwrap().block_on(async {
        let schedule = schedule();
        clock::simulated::start(schedule.seed);
        let held = Simulation::new(&schedule, &folder).await.run(&schedule).await;
        clock::simulated::stop();
        held.map_err(|why| format!("{why}\n{schedule:#?}"))
    })
}

/// In memory where there is such a place: a store waits for its disk at every commit.
pub(crate) fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

struct Simulation {
    platform: Platform,
    path: PathBuf,
    store: Store,
    began: Instant,
}

impl Simulation {
    async fn new(schedule: &Schedule, folder: &TempDir) -> Self {
        let platform =
            Platform::new(schedule.estate, schedule.weather.clone(), schedule.seed, CALL_TIMEOUT);
        let path = folder.path().join("store.db");
        let store = process::open(&path).await;
        Self { platform, path, store, began: Instant::now() }
    }

    async fn run(mut self, schedule: &Schedule) -> Result<(), String> {
        if let Some(n) = schedule.stranger {
            self.platform.enters("John", &format!("Doe{n}"), &number(n));
            sleep(Duration::from_secs(400)).await;
            if schedule.is_read {
                self.store.learn(&self.platform.records(), clock::now()).await.unwrap();
            }
        }
        self.began = Instant::now();
        let accepted = self.accept(schedule).await;
        let mut kills = schedule.kills.iter().copied();
        let mut first =
            Process::start(&self.path, &self.platform, schedule.batch, kills.next()).await;
        let second = if schedule.two {
            Some(Process::start(&self.path, &self.platform, schedule.batch, None).await)
        } else {
            None
        };
        let mut steps = schedule.steps.clone();
        let mut newcomer = schedule.newcomer;
        let held = loop {
            sleep(Duration::from_secs(1)).await;
            let after = self.began.elapsed();
            steps.retain(|(at, by)| {
                let due = after.as_secs() >= *at;
                if due {
                    clock::simulated::step(*by);
                }
                !due
            });
            if let Some((n, _)) = newcomer.take_if(|(_, at)| after.as_secs() >= *at) {
                self.platform.enters("Jane", "Roe", &number(n));
            }
            if first.is_gone() {
                first =
                    Process::start(&self.path, &self.platform, schedule.batch, kills.next()).await;
            }
            let rows = truth::rows(&self.store).await;
            if rows.len() != accepted {
                break Err(format!("{accepted} were accepted, {} are there", rows.len()));
            }
            if let Some(why) = truth::violation(&rows, &self.platform) {
                break Err(format!("{why}\n{}", truth::attempts(&self.store, &rows).await));
            }
            if rows.iter().all(truth::is_settled) && self.is_quiet().await {
                break Ok(());
            }
            if after > patience(schedule) {
                break self.may_last(schedule, &rows);
            }
        };
        if schedule.seed.is_multiple_of(2) {
            first.quit().await;
        } else {
            first.kill().await;
        }
        if let Some(second) = second {
            second.quit().await;
        }
        held?;
        let most = self.platform.busiest_minute();
        if most > usize::try_from(LIMIT).unwrap() {
            return Err(format!("{most} requests in a minute of {LIMIT}"));
        }
        let requests = self.platform.requests();
        if requests > schedule.most_requests {
            return Err(format!("{requests} requests, not {}", schedule.most_requests));
        }
        let rows = truth::rows(&self.store).await;
        truth::violation(&rows, &self.platform).map_or(Ok(()), Err)
    }

    async fn accept(&self, schedule: &Schedule) -> usize {
        let submission = |(at, n): (usize, &u64)| Submission {
            id: SubmissionId(Uuid::from_u128((7 << 76) | (at as u128 + 1))),
            contact: named("John", &format!("Doe{n}"), &national(*n)),
            origin: if at % 2 == 0 { Origin::Form } else { Origin::Import },
            submitted_at: clock::now().wall,
            corrects: None,
        };
        let all: Vec<_> = schedule.numbers.iter().enumerate().map(submission).collect();
        self.store.accept(&all, clock::now()).await.unwrap();
        all.len()
    }

    async fn is_quiet(&self) -> bool {
        self.store.lookups(1).await.unwrap().is_empty()
    }

    /// An estate that does not tell enough leaves rows waiting, and says so.
    fn may_last(&self, schedule: &Schedule, rows: &[Entry]) -> Result<(), String> {
        let open: Vec<_> = rows.iter().filter(|row| !truth::is_settled(row)).collect();
        if schedule.estate.can_tell() {
            return Err(format!(
                "not settled after {} requests: {open:#?}",
                self.platform.requests()
            ));
        }
        // Of two with one number the later one waits for the other, whatever held it up before.
        let number = |row: &Entry| row.submission.contact.phone.e164();
        let waits_for_another = |row: &Entry| {
            open.iter().any(|it| it.submission.id < row.submission.id && number(it) == number(row))
        };
        let says_nothing =
            |row: &&&Entry| !row.may_exist() && row.attempts > 0 && !waits_for_another(row);
        let silent = open.iter().find(says_nothing);
        silent.map_or(Ok(()), |row| Err(format!("it waits without a word: {row:#?}")))
    }
}

fn patience(schedule: &Schedule) -> Duration {
    if schedule.estate.can_tell() { ENOUGH } else { ENOUGH_TO_BE_TOLD }
}

pub(crate) fn national(n: u64) -> String {
    format!("98765432{n:02}")
}

pub(crate) fn number(n: u64) -> String {
    format!("+91{}", national(n))
}

/// Runs the schedule of each seed that the environment asks for, or of the first so many.
#[track_caller]
pub(crate) fn each_seed(most: u64, run: impl Fn(u64) -> Result<(), String>) {
    let wanted = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (first, count) = match wanted("ROLODESK_SEED") {
        Some(seed) => (seed, 1),
        None => (wanted("ROLODESK_FROM").unwrap_or(0), wanted("ROLODESK_SIMULATE").unwrap_or(most)),
    };
    for seed in first..first + count {
        if let Err(why) = run(seed) {
            panic!("ROLODESK_SEED={seed} fails: {why}");
        }
    }
}

fn estates() -> impl Iterator<Item = Estate> {
    let all = LISTINGS.into_iter().flat_map(|listing| TAKEN.map(|taken| (listing, taken)));
    all.enumerate().map(|(at, (listing, taken))| Estate {
        listing,
        taken,
        dates: DATES[at % DATES.len()],
        makers: MAKERS[at / 2 % MAKERS.len()],
        ids: IDS[at / 3 % IDS.len()],
    })
}

#[track_caller]
fn holds(schedule: Schedule) {
    let told = format!("{schedule:?}");
    if let Err(why) = run(move || schedule) {
        panic!("{why}\nin {told}");
    }
}

#[test]
fn every_fault_at_each_of_the_first_requests_leaves_the_truth() {
    for estate in estates() {
        for fault in FAULTS {
            for before in 0..2 {
                let mut faults = vec![Fault::LostAfter; before];
                faults.push(fault);
                holds(Schedule::plain(estate, faults));
            }
        }
    }
}

#[test]
fn every_fault_in_a_row_leaves_the_truth() {
    let estate = Estate {
        listing: Listing::Lags,
        taken: Taken::Errors400,
        dates: Dates::Utc,
        makers: Makers::Same,
        ids: Ids::Counted,
    };
    for one in FAULTS {
        for other in FAULTS {
            holds(Schedule::plain(estate, vec![one, other]));
        }
    }
}

#[test]
fn a_kill_after_any_step_leaves_the_truth() {
    for fault in [Fault::None, Fault::LostAfter, Fault::Replayed] {
        for step in 0..40 {
            let estate = Estate {
                listing: LISTINGS[usize::try_from(step).unwrap() % LISTINGS.len()],
                taken: Taken::Errors400,
                dates: Dates::Utc,
                makers: Makers::Same,
                ids: Ids::Counted,
            };
            let plain = Schedule::plain(estate, vec![fault]);
            holds(Schedule { kills: vec![step, step + 3], two: step % 2 == 0, ..plain });
        }
    }
}

/// An answer tells how far the platform's clock is from ours as ours is by then, although it was
/// set while the request was under way.
#[test]
fn a_clock_that_is_set_behind_a_request_leaves_the_truth() {
    let estate = Estate {
        listing: Listing::Lags,
        taken: Taken::Errors400,
        dates: Dates::Utc,
        makers: Makers::Unnamed,
        ids: Ids::Timed,
    };
    for by in [-3_600_000, 7_200_000] {
        for second in 95..105 {
            holds(Schedule {
                seed: 63_141,
                weather: Weather::Bad { percent: 0, lasts: Duration::from_secs(48) },
                numbers: vec![0, 0],
                kills: vec![15],
                steps: vec![(second, by)],
                ..Schedule::plain(estate, Vec::new())
            });
        }
    }
}

/// On a platform that says neither when nor by whom: what the list showed before, or the
/// time in its ids, which a contact of ours has proved, speaks for the stranger.
#[test]
fn a_stranger_of_the_same_name_is_not_claimed_where_the_platform_dates_nothing() {
    for (ids, is_read) in [(Ids::Timed, false), (Ids::Counted, true)] {
        for fault in FAULTS {
            let estate = Estate {
                listing: Listing::Whole,
                taken: Taken::Errors400,
                dates: Dates::Absent,
                makers: Makers::Unnamed,
                ids,
            };
            holds(Schedule {
                numbers: vec![1, 0],
                stranger: Some(0),
                is_read,
                batch: 1,
                ..Schedule::plain(estate, vec![Fault::None, fault, fault])
            });
        }
    }
}

/// Two arrays, one of them cut: its contacts are among the newest that a list of forty shows,
/// or they go again together.
#[test]
fn a_cut_array_is_settled_without_asking_for_each_of_its_contacts() {
    let estate = Estate {
        listing: Listing::Whole,
        taken: Taken::Errors400,
        dates: Dates::Utc,
        makers: Makers::Same,
        ids: Ids::Counted,
    };
    for fault in [Fault::LostAfter, Fault::LostBefore, Fault::Cut] {
        for kill in [None, Some(6), Some(9), Some(12)] {
            holds(Schedule {
                numbers: (0..40).collect(),
                kills: kill.into_iter().collect(),
                batch: 20,
                most_requests: 16,
                ..Schedule::plain(estate, vec![fault])
            });
        }
    }
}

#[test]
fn random_schedules_leave_the_truth() {
    each_seed(100, |seed| run(|| Schedule::random(seed)));
}
