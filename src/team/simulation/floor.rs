//! Ways to the floor's store in memory, and what may happen on them: questions that are lost,
//! answers that are, servers that stall, what is carried out long after nobody waits for it, a
//! cable that is pulled, and a server that comes back as it was a while ago.

use std::{
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, sleep},
};

use super::{
    Adopted, Began, Bid, Bidder, FloorError, FloorRecord, Handed, Known, Mirrored, PlatformHealth,
    SeatRow, SlotEnd, SlotRequest, Standing, SubmissionId, Withdrawn, model::Model,
};
use crate::{
    delivery::{clock, simulation::dice::Dice},
    submission::Page,
    team::{
        FloorStore,
        floor::{Gate, Presence, Seat, Spent},
        postgres::DEADLINE,
    },
};

/// What goes wrong with one question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    None,
    Refused,
    LostBefore,
    LostAfter,
    StalledBefore,
    StalledAfter,
    /// Carried out when nobody waits for it any more.
    Late,
}

const TROUBLES: [Trouble; 6] = [
    Trouble::Refused,
    Trouble::LostBefore,
    Trouble::LostAfter,
    Trouble::StalledBefore,
    Trouble::StalledAfter,
    Trouble::Late,
];

/// A seat that reaches nothing, from then to then, in seconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut {
    pub(super) seat: usize,
    pub(super) from: u64,
    pub(super) to: u64,
}

/// What goes wrong with questions, and for how long.
#[derive(Debug, Clone)]
pub(super) struct Weather {
    pub(super) percent: u64,
    pub(super) lasts: Duration,
    pub(super) cuts: Vec<Cut>,
}

#[derive(Debug)]
struct State {
    model: Model,
    weather: Weather,
    dice: Dice,
    began: Instant,
}

/// The floor's store.
#[derive(Debug, Clone)]
pub(super) struct Floor(Arc<Mutex<State>>);

impl Floor {
    pub(super) fn new(weather: Weather, seed: u64) -> Self {
        let (model, dice, began) = (Model::default(), Dice::new(seed ^ 0xF100), Instant::now());
        Self(Arc::new(Mutex::new(State { model, weather, dice, began })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// What it is at this moment.
    pub(super) fn copy(&self) -> Model {
        self.state().model.clone()
    }

    /// It is again what it was, as a backup or a server that lagged has it.
    pub(super) fn restore(&self, model: Model) {
        self.state().model = model;
    }

    fn meets(&self, seat: usize) -> (Trouble, Duration, Duration) {
        let mut state = self.state();
        let (since, weather) = (state.began.elapsed(), state.weather.clone());
        let is_cut =
            |it: &Cut| it.seat == seat && since.as_secs() >= it.from && since.as_secs() < it.to;
        let trouble = if weather.cuts.iter().any(is_cut) {
            Trouble::Refused
        } else if since < weather.lasts && state.dice.happens(weather.percent) {
            state.dice.one_of(&TROUBLES)
        } else {
            Trouble::None
        };
        let mut ms = || Duration::from_millis(state.dice.roll(20));
        (trouble, ms(), ms())
    }
}

/// How many questions a process still asks before it is killed, at one of them.
#[derive(Debug)]
pub(super) struct Life {
    left: AtomicI64,
    over: Notify,
}

impl Life {
    /// Less than none is for ever.
    pub(super) fn of(steps: i64) -> Arc<Self> {
        Arc::new(Self { left: AtomicI64::new(steps), over: Notify::new() })
    }

    pub(super) async fn over(&self) {
        self.over.notified().await;
    }

    async fn step(&self) {
        match self.left.fetch_sub(1, Ordering::Relaxed) {
            1 => {
                self.over.notify_one();
                std::future::pending::<()>().await;
            }
            left if left > 1 => {}
            _ => self.left.store(-1, Ordering::Relaxed),
        }
    }
}

/// One connection of one process.
#[derive(Debug)]
pub(super) struct Door {
    pub(super) floor: Floor,
    pub(super) seat: usize,
    pub(super) life: Arc<Life>,
}

fn now() -> i64 {
    clock::simulated::true_time().as_millisecond()
}

fn lost() -> FloorError {
    FloorError::Lost("it was reset".into())
}

impl Door {
    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Model, i64) -> Result<T, FloorError> + Send + 'static,
    ) -> Result<T, FloorError> {
        let (trouble, there, back) = self.floor.meets(self.seat);
        sleep(there).await;
        self.life.step().await;
        match trouble {
            Trouble::None | Trouble::LostAfter | Trouble::StalledAfter => {}
            Trouble::Refused => {
                return Err(FloorError::Refused { host: "floor".into(), port: 5432 });
            }
            Trouble::LostBefore => return Err(lost()),
            Trouble::StalledBefore => {
                sleep(DEADLINE).await;
                return Err(FloorError::TimedOut);
            }
            Trouble::Late => {
                let floor = self.floor.clone();
                let late = Duration::from_millis(floor.state().dice.roll(35_000));
                tokio::spawn(async move {
                    sleep(late).await;
                    let _ = question(&mut floor.state().model, now());
                });
                sleep(DEADLINE).await;
                return Err(FloorError::TimedOut);
            }
        }
        let answer = question(&mut self.floor.state().model, now());
        self.life.step().await;
        match trouble {
            Trouble::LostAfter => return Err(lost()),
            Trouble::StalledAfter => {
                sleep(DEADLINE).await;
                return Err(FloorError::TimedOut);
            }
            Trouble::None
            | Trouble::Refused
            | Trouble::LostBefore
            | Trouble::StalledBefore
            | Trouble::Late => {}
        }
        sleep(back).await;
        answer
    }
}

impl FloorStore for Door {
    async fn gate(&self) -> Result<Gate, FloorError> {
        self.ask(|_, now_ms| {
            Ok(Gate { store: "floor".into(), version: 1, min_client: 1, closed: None, now_ms })
        })
        .await
    }

    async fn hand_over(&self, seat: &Seat, rows: &[SeatRow]) -> Result<Vec<Handed>, FloorError> {
        let (seat, rows) = (seat.id.clone(), rows.to_vec());
        self.ask(move |model, _| model.hand_over(&seat, &rows)).await
    }

    async fn mirror(&self, seat: &Seat, after: i64) -> Result<Vec<Mirrored>, FloorError> {
        let seat = seat.id.clone();
        self.ask(move |model, _| model.mirror(&seat, after)).await
    }

    async fn ask(&self, seat: &Seat, ids: &[SubmissionId]) -> Result<Vec<Mirrored>, FloorError> {
        let (seat, ids) = (seat.id.clone(), ids.to_vec());
        self.ask(move |model, _| model.ask(&seat, &ids)).await
    }

    async fn withdraw(
        &self,
        seat: &Seat,
        row: SubmissionId,
        revision: i64,
    ) -> Result<Withdrawn, FloorError> {
        let seat = seat.id.clone();
        self.ask(move |model, _| model.withdraw(&seat, row, revision)).await
    }

    async fn known(&self, seat: &Seat, numbers: &[String]) -> Result<Vec<Known>, FloorError> {
        let (seat, numbers) = (seat.id.clone(), numbers.to_vec());
        self.ask(move |model, _| model.known(&seat, &numbers)).await
    }

    /// Nobody here is a supervisor.
    async fn everybody(&self, _: &Seat, _: &Page) -> Result<Vec<SeatRow>, FloorError> {
        Err(FloorError::NoRights { user: "rolodesk_seat".into() })
    }

    async fn standing(&self, seat: &Seat) -> Result<Standing, FloorError> {
        let account = seat.account.clone();
        self.ask(move |model, now| model.standing(&account, now)).await
    }

    async fn attend(&self, _: &Seat, _: &Presence) -> Result<(), FloorError> {
        self.ask(|_, _| Ok(())).await
    }

    async fn bid(&self, bidder: &Bidder) -> Result<Bid, FloorError> {
        let bidder = bidder.clone();
        self.ask(move |model, now| Ok(model.bid(&bidder, now))).await
    }

    async fn give_back(&self, _: &str, process: &str, fence: i64) -> Result<(), FloorError> {
        let process = process.to_owned();
        self.ask(move |model, _| {
            model.give_back(&process, fence);
            Ok(())
        })
        .await
    }

    async fn spent(&self, _: &str, window_ms: i64) -> Result<Spent, FloorError> {
        self.ask(move |model, now_ms| {
            let (hold_until_ms, refusal) = model.waits()?;
            Ok(Spent { now_ms, slots: model.spent(window_ms, now_ms), hold_until_ms, refusal })
        })
        .await
    }

    async fn adopt(&self, _: &str, fence: i64, most: i64) -> Result<Vec<Adopted>, FloorError> {
        let most = usize::try_from(most).unwrap();
        self.ask(move |model, now| model.adopt(fence, most, now)).await
    }

    async fn sending_for(
        &self,
        _: &str,
        ids: &[SubmissionId],
    ) -> Result<Vec<(SubmissionId, i64)>, FloorError> {
        let ids = ids.to_vec();
        self.ask(move |model, now| Ok(model.sending_for(&ids, now))).await
    }

    async fn count_requests(&self, _: &str, ages: &[(i64, Option<i64>)]) -> Result<(), FloorError> {
        let ages = ages.to_vec();
        self.ask(move |model, now| {
            model.count_requests(&ages, now);
            Ok(())
        })
        .await
    }

    async fn created_with(
        &self,
        _: &str,
        fence: i64,
        numbers: &[String],
    ) -> Result<Vec<SeatRow>, FloorError> {
        let numbers = numbers.to_vec();
        self.ask(move |model, now| model.created_with(fence, &numbers, now)).await
    }

    async fn begin(
        &self,
        _: &str,
        fence: i64,
        said: i64,
        slot: &SlotRequest,
        rows: &[(SubmissionId, i64)],
    ) -> Result<Began, FloorError> {
        let (slot, rows) = (slot.clone(), rows.to_vec());
        self.ask(move |model, now| Ok(model.begin((fence, said), &slot, &rows, now))).await
    }

    async fn finish(&self, _: &str, slot: i64, end: &SlotEnd) -> Result<(), FloorError> {
        let end = end.clone();
        self.ask(move |model, now| {
            model.finish(slot, &end, now);
            Ok(())
        })
        .await
    }

    async fn see_platform(
        &self,
        _: &str,
        fence: i64,
        trouble: Option<&PlatformHealth>,
    ) -> Result<(), FloorError> {
        let trouble = trouble.cloned();
        self.ask(move |model, _| {
            model.see_platform(fence, trouble.as_ref());
            Ok(())
        })
        .await
    }

    async fn tell(
        &self,
        _: &str,
        fence: i64,
        said: i64,
        rows: &[SeatRow],
    ) -> Result<Vec<SubmissionId>, FloorError> {
        let rows = rows.to_vec();
        self.ask(move |model, _| Ok(model.tell((fence, said), &rows))).await
    }

    async fn learn(&self, _: &str, fence: i64, records: &[FloorRecord]) -> Result<(), FloorError> {
        let records = records.to_vec();
        self.ask(move |model, now| model.learn(fence, &records, now)).await
    }

    async fn directory(
        &self,
        _: &str,
        after: &str,
        most: i64,
    ) -> Result<Vec<FloorRecord>, FloorError> {
        let (after, most) = (after.to_owned(), usize::try_from(most).unwrap());
        self.ask(move |model, _| Ok(model.directory(&after, most))).await
    }

    async fn rest(&self) {}
}
