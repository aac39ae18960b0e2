//! The database against a model of it in memory: the same random questions to both, the same
//! answers from both. The model has no clock: minutes pass for nobody in a schedule.

use std::collections::{BTreeMap, BTreeSet};

use rolodesk::{
    submission::SubmissionId,
    team::{
        floor::{Began, Bid, Fate, FloorError, SeatRow, SlotRequest, Withdrawn},
        postgres::Postgres,
    },
};

use super::{ACCOUNT, Floor, bidder, one_slot, row, seat};

const SCHEDULES: u32 = 200;
const STEPS: u32 = 40;
const LIMIT: usize = 2;
const SEATS: [&str; 3] = ["ann", "ben", "cem"];

#[derive(Clone)]
struct Kept {
    seat: usize,
    row: SeatRow,
    fence: i64,
    changed: i64,
}

/// What the database is to be.
#[derive(Default)]
struct Model {
    version: i64,
    fence: i64,
    sender: Option<usize>,
    slots: usize,
    rows: BTreeMap<SubmissionId, Kept>,
}

impl Model {
    fn hand_over(&mut self, seat: usize, row: &SeatRow) -> Fate {
        self.version += 1;
        let fate = match self.rows.get(&row.id) {
            Some(old) if old.row.revision >= row.revision => Fate::Known,
            Some(old) if old.row.state == "sending" => Fate::TooLate,
            Some(_) | None => Fate::Taken,
        };
        if fate == Fate::Taken {
            let new = Kept { seat, row: row.clone(), fence: 0, changed: self.version };
            self.rows.insert(row.id, new);
        }
        fate
    }

    fn withdraw(&mut self, seat: usize, id: SubmissionId, revision: i64) -> Withdrawn {
        self.version += 1;
        let version = self.version;
        match self.rows.get_mut(&id).filter(|it| it.seat == seat && it.row.revision <= revision) {
            None => Withdrawn::Unknown,
            Some(it) if ["sending", "created", "deleted"].contains(&it.row.state.as_str()) => {
                Withdrawn::TooLate
            }
            Some(it) => {
                (it.row.state, it.changed) = ("withdrawn".into(), version);
                Withdrawn::Done
            }
        }
    }

    fn bid(&mut self, process: usize) -> bool {
        if self.sender.is_none() {
            self.fence += 1;
            self.sender = Some(process);
        }
        self.sender == Some(process)
    }

    fn adopt(&mut self, fence: i64) -> Result<Vec<SubmissionId>, FloorError> {
        if self.sender.is_none() || fence != self.fence {
            return Err(FloorError::NotOurs);
        }
        let waits = ["queued", "unclear", "sending"];
        let due = self
            .rows
            .values_mut()
            .filter(|it| waits.contains(&it.row.state.as_str()) && it.fence != fence);
        let adopted = due.map(|it| {
            it.fence = fence;
            it.row.id
        });
        Ok(adopted.collect())
    }

    /// Whether it went; else what of it was taken back, or nothing at all.
    fn begin(&mut self, fence: i64, rows: &[(SubmissionId, i64)]) -> Result<(), Vec<SubmissionId>> {
        let is_gone = |(id, revision): &&(SubmissionId, i64)| {
            self.rows.get(id).is_none_or(|it| {
                it.row.revision != *revision || it.fence != fence || it.row.state == "withdrawn"
            })
        };
        let gone: Vec<_> = rows.iter().filter(is_gone).map(|(id, _)| *id).collect();
        if !gone.is_empty() || self.slots >= LIMIT {
            return Err(gone);
        }
        self.slots += 1;
        self.version += 1;
        for (id, _) in rows {
            let it = self.rows.get_mut(id).unwrap();
            (it.row.state, it.changed) = ("sending".into(), self.version);
        }
        Ok(())
    }

    fn tell(&mut self, fence: i64, told: &SeatRow) -> Vec<SubmissionId> {
        self.version += 1;
        let version = self.version;
        let mine = self.rows.get_mut(&told.id).filter(|it| {
            let is_news = told.state == "created" && it.row.state != "created";
            it.row.revision == told.revision
                && it.row.state != "withdrawn"
                && (it.fence == fence || is_news)
        });
        mine.into_iter()
            .map(|it| {
                (it.row.state, it.changed) = (told.state.clone(), version);
                it.row.document.clone_from(&told.document);
                told.id
            })
            .collect()
    }

    fn mirror(&self, seat: usize, after: i64) -> Vec<(i64, SeatRow)> {
        let mine = self.rows.values().filter(|it| it.seat == seat && it.changed > after);
        let mut mine: Vec<_> = mine.map(|it| (it.changed, it.row.clone())).collect();
        mine.sort_by_key(|(changed, row)| (*changed, row.id));
        mine
    }
}

/// Numbers that are the same in each run (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(most).unwrap()).unwrap()
    }
}

#[test]
fn the_server_does_what_the_model_does_on_two_hundred_schedules() {
    let Some(floor) = Floor::new() else { return };
    let (seats, sender) = (floor.as_role("rolodesk_seat"), floor.as_role("rolodesk_sender"));
    let mut seen = BTreeSet::new();
    for schedule in 0..SCHEDULES {
        floor.sql(
            "TRUNCATE rolodesk.handed, rolodesk.slot, rolodesk.seat; UPDATE rolodesk.account SET \
             version = 0, fence = 0, sender = NULL, lease_until = 0, rival = NULL, rival_until = 0",
        );
        let mut dice = Dice(u64::from(schedule) * 0x9E37_79B9 + 1);
        let mut model = Model::default();
        let mut known: Vec<(usize, SeatRow)> = Vec::new();
        for step in 0..STEPS {
            let what = floor.run(one_step(&seats, &sender, &mut model, &mut known, &mut dice));
            seen.insert(
                what.unwrap_or_else(|why| panic!("schedule {schedule}, step {step}: {why}")),
            );
        }
        for (number, name) in SEATS.iter().enumerate() {
            let found = floor.run(seats.mirror(&seat(name), 0)).unwrap();
            let found: Vec<_> = found.into_iter().map(|it| (it.changed, it.row)).collect();
            assert_eq!(found, model.mirror(number, 0), "schedule {schedule}");
        }
    }
    // A schedule in which nothing happens compares nothing.
    let all = ["taken", "known", "late", "done", "too late", "unknown", "won", "held", "gave back"];
    let more = ["adopted", "not ours", "went", "full", "taken back", "told", "not told", "read"];
    assert_eq!(seen, all.into_iter().chain(more).collect());
}

fn same<T: PartialEq + std::fmt::Debug>(server: &T, model: &T) -> Result<(), String> {
    if server == model {
        Ok(())
    } else {
        Err(format!("the server: {server:?}; the model: {model:?}"))
    }
}

/// One question to both; what it was, once they agree.
async fn one_step(
    seats: &Postgres,
    sender: &Postgres,
    model: &mut Model,
    known: &mut Vec<(usize, SeatRow)>,
    dice: &mut Dice,
) -> Result<&'static str, String> {
    let told = |error: FloorError| error.to_string();
    if known.is_empty() || dice.below(5) == 0 {
        let lane = ["form", "import", "change"][dice.below(3)];
        known.push((dice.below(3), row(u32::try_from(dice.below(4)).unwrap(), lane)));
    }
    let pick = dice.below(known.len());
    let (owner, row) = (known[pick].0, known[pick].1.clone());
    let fence = model.fence - i64::from(dice.below(6) == 0);
    match dice.below(9) {
        0 | 1 => {
            if dice.below(3) == 0 {
                known[pick].1.revision += 1;
            }
            let row = known[pick].1.clone();
            let rows = std::slice::from_ref(&row);
            let fate = seats.hand_over(&seat(SEATS[owner]), rows).await.map_err(told)?[0].fate;
            same(&fate, &model.hand_over(owner, &row))?;
            Ok(match fate {
                Fate::Taken => "taken",
                Fate::Known => "known",
                Fate::TooLate => "late",
            })
        }
        2 => {
            let by = dice.below(3);
            let done =
                seats.withdraw(&seat(SEATS[by]), row.id, row.revision).await.map_err(told)?;
            same(&done, &model.withdraw(by, row.id, row.revision))?;
            Ok(match done {
                Withdrawn::Done => "done",
                Withdrawn::TooLate => "too late",
                Withdrawn::Unknown => "unknown",
            })
        }
        3 => {
            let process = dice.below(2);
            let bid = sender.bid(&bidder(&process.to_string(), 0)).await.map_err(told)?;
            same(&matches!(bid, Bid::Won { .. }), &model.bid(process))?;
            if let Bid::Won { fence, .. } = bid {
                same(&fence, &model.fence)?;
                return Ok("won");
            }
            Ok("held")
        }
        4 => {
            let Some(process) = model.sender.filter(|_| dice.below(3) == 0) else {
                return Ok("read");
            };
            sender.give_back(ACCOUNT, &process.to_string(), model.fence).await.map_err(told)?;
            model.sender = None;
            Ok("gave back")
        }
        5 => {
            let adopted = sender.adopt(ACCOUNT, fence, 100).await;
            let adopted = adopted.map(|rows| rows.iter().map(|it| it.row.id).collect());
            let adopted: Result<BTreeSet<_>, _> = adopted;
            same(&adopted, &model.adopt(fence).map(|ids| ids.into_iter().collect()))?;
            Ok(if adopted.is_ok() { "adopted" } else { "not ours" })
        }
        6 => {
            let slot = SlotRequest { per_minute: i64::try_from(LIMIT).unwrap(), ..one_slot() };
            let rows = [(row.id, row.revision)];
            let began = sender.begin(ACCOUNT, fence, &slot, &rows).await.map_err(told)?;
            if model.sender.is_none() || fence != model.fence {
                same(&began, &Began::NotOurs)?;
                return Ok("not ours");
            }
            match (began, model.begin(fence, &rows)) {
                (Began::Go { .. }, Ok(())) => Ok("went"),
                (Began::Full { .. }, Err(gone)) if gone.is_empty() => Ok("full"),
                (Began::Withdrawn(ids), Err(gone)) if ids == gone => Ok("taken back"),
                (began, model) => Err(format!("the server: {began:?}; the model: {model:?}")),
            }
        }
        7 => {
            let state = ["created", "duplicate", "rejected", "queued", "unclear"][dice.below(5)];
            let document = format!("{{\"state\":\"{state}\"}}");
            let told_row = SeatRow { state: state.into(), document, ..row };
            let rows = std::slice::from_ref(&told_row);
            let recorded = sender.tell(ACCOUNT, fence, rows).await.map_err(told)?;
            same(&recorded, &model.tell(fence, &told_row))?;
            Ok(if recorded.is_empty() { "not told" } else { "told" })
        }
        _ => {
            let after = i64::try_from(dice.below(20)).unwrap();
            let page = seats.mirror(&seat(SEATS[owner]), after).await.map_err(told)?;
            let page: Vec<_> = page.into_iter().map(|it| (it.changed, it.row)).collect();
            same(&page, &model.mirror(owner, after))?;
            Ok("read")
        }
    }
}
