//! The database against the model of it on which floors are simulated: the same random
//! questions to both, the same answers from both. The database's clock is set by hand, so that
//! leases run out, minutes pass and waits end in a schedule of moments.

#[path = "../../../src/team/simulation/model.rs"]
mod store;

use std::collections::BTreeSet;

use rolodesk::{
    submission::{Failure, PlatformHealth, SubmissionId},
    team::{
        FloorStore as _,
        floor::{
            Adopted, Began, Bid, Bidder, Fate, FloorError, FloorRecord, Handed, Known, Mirrored,
            SeatRow, SlotEnd, SlotRequest, SpentSlot, Standing, Withdrawn,
        },
        postgres::Postgres,
    },
};

use self::store::Model;
use super::{ACCOUNT, Floor, bidder, one_slot, row, seat};

const SCHEDULES: u32 = 200;
const STEPS: u32 = 90;
const SEATS: [&str; 3] = ["ann", "ben", "cem"];

/// Numbers that are the same in each run (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(most).unwrap()).unwrap()
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

/// One schedule, at both.
struct Both<'a> {
    seats: &'a Postgres,
    sender: &'a Postgres,
    model: Model,
    dice: Dice,
    now: i64,
    said: i64,
    /// Rows that were typed, and where.
    typed: Vec<(usize, SeatRow)>,
    slots: Vec<i64>,
}

#[test]
fn the_server_does_what_the_model_does_on_two_hundred_schedules() {
    let Some(floor) = Floor::new() else { return };
    floor.sql(
        "CREATE TABLE rolodesk.by_hand (ms BIGINT NOT NULL); \
         INSERT INTO rolodesk.by_hand VALUES (0); \
         CREATE OR REPLACE FUNCTION rolodesk.now_ms() RETURNS BIGINT LANGUAGE SQL VOLATILE \
         AS $$ SELECT ms FROM rolodesk.by_hand $$",
    );
    let (seats, sender) = (floor.as_role("rolodesk_seat"), floor.as_role("rolodesk_sender"));
    let address = format!(
        "host={} port={} user=owner dbname={}",
        floor.owner.host, floor.owner.port, floor.owner.database
    );
    let (owner, connection) =
        floor.run(tokio_postgres::connect(&address, tokio_postgres::NoTls)).unwrap();
    floor.runtime.spawn(connection);
    let mut seen = BTreeSet::new();
    for schedule in 0..SCHEDULES {
        floor.sql(
            "TRUNCATE rolodesk.handed, rolodesk.slot, rolodesk.seat, rolodesk.directory, \
             rolodesk.account; ALTER SEQUENCE rolodesk.slot_id_seq RESTART",
        );
        let mut both = Both {
            seats: &seats,
            sender: &sender,
            model: Model::default(),
            dice: Dice(u64::from(schedule) * 0x9E37_79B9 + 1),
            now: 1_770_000_000_000,
            said: 0,
            typed: Vec::new(),
            slots: Vec::new(),
        };
        for step in 0..STEPS {
            let passes = both.dice.below(20);
            let passes = [10, 700, 5_500, 9_000, 21_000, 61_000].get(passes).copied().unwrap_or(0);
            both.now += passes;
            let set = format!("UPDATE rolodesk.by_hand SET ms = {}", both.now);
            floor.run(owner.batch_execute(&set)).unwrap();
            let what = floor.run(both.step());
            seen.insert(
                what.unwrap_or_else(|why| panic!("schedule {schedule}, step {step}: {why}")),
            );
        }
        for name in SEATS {
            let found = floor.run(seats.mirror(&seat(name), 0));
            assert_eq!(found, both.model.mirror(name, 0), "schedule {schedule}");
        }
    }
    // A schedule in which nothing happens compares nothing.
    let all = [
        "taken",
        "known",
        "late",
        "done",
        "too late",
        "unknown",
        "nobody's",
        "won",
        "held",
        "gave back",
        "adopted",
        "looked for",
        "not ours",
        "went",
        "full",
        "taken back",
        "told",
        "not told",
        "read",
        "listed",
        "learnt",
        "ended",
        "spent",
        "seen",
        "stood",
        "since",
        "counted",
        "created",
    ];
    assert_eq!(seen, BTreeSet::from(all));
}

fn same<T: PartialEq + std::fmt::Debug>(server: &T, model: &T) -> Result<(), String> {
    if server == model {
        Ok(())
    } else {
        Err(format!("the server: {server:?}; the model: {model:?}"))
    }
}

impl Both<'_> {
    /// One question to both; what it was, once they agree.
    async fn step(&mut self) -> Result<&'static str, String> {
        if self.typed.is_empty() || self.dice.below(5) == 0 {
            let lane = self.dice.one_of(&["form", "import", "change"]);
            let number = u32::try_from(self.dice.below(4)).unwrap();
            self.typed.push((self.dice.below(3), row(number, lane)));
        }
        // A word may arrive behind a later one, and a sender may be one of a while ago.
        self.said += 1;
        let said = self.said - i64::try_from(self.dice.below(5) / 4 * 6).unwrap();
        let fence = self.model.fence - i64::from(self.dice.below(6) == 0);
        // Mostly of the latest: what is done to a row one after the other is what matters.
        let pick = self.typed.len() - 1 - self.dice.below(self.typed.len().min(4));
        match self.dice.below(14) {
            0..3 => self.hand_over(pick).await,
            3 => self.withdraw(pick).await,
            4 | 5 => self.bid().await,
            6 => self.adopt(fence).await,
            7 | 8 => self.begin(pick, fence, said).await,
            9 => self.tell(pick, fence, said).await,
            10 => self.end_one().await,
            11 => self.learn(fence).await,
            12 => self.read(pick).await,
            _ => self.look(pick, fence).await,
        }
    }

    async fn hand_over(&mut self, pick: usize) -> Result<&'static str, String> {
        if self.dice.below(3) == 0 {
            self.typed[pick].1.revision += 1;
            self.typed[pick].1.due_at = self.dice.one_of(&[0, self.now + 5_000]);
        }
        let (owner, row) = self.typed[pick].clone();
        // Somebody else's row cannot be had.
        let by = if self.dice.below(8) == 0 { self.dice.below(3) } else { owner };
        let rows = std::slice::from_ref(&row);
        let handed = self.seats.hand_over(&seat(SEATS[by]), rows).await;
        same(&handed, &self.model.hand_over(SEATS[by], rows))?;
        Ok(match handed.map(|rows| rows[0].fate) {
            Ok(Fate::Taken) => {
                // Whoever handed it over first has it.
                self.typed[pick].0 = by;
                "taken"
            }
            Ok(Fate::Known) => "known",
            Ok(Fate::TooLate) => "late",
            Err(_) => "nobody's",
        })
    }

    async fn withdraw(&mut self, pick: usize) -> Result<&'static str, String> {
        let by = SEATS[self.dice.below(3)];
        let (id, revision) = (self.typed[pick].1.id, self.typed[pick].1.revision);
        let done = self.seats.withdraw(&seat(by), id, revision).await;
        same(&done, &self.model.withdraw(by, id, revision))?;
        Ok(match done {
            Ok(Withdrawn::Done) => "done",
            Ok(Withdrawn::TooLate) => "too late",
            Ok(Withdrawn::Unknown) => "unknown",
            Err(_) => "nobody's",
        })
    }

    async fn bid(&mut self) -> Result<&'static str, String> {
        if self.dice.below(4) == 0
            && let Some(process) = self.model.sender.clone()
        {
            let fence = self.model.fence;
            self.sender.give_back(ACCOUNT, &process, fence).await.map_err(|it| it.to_string())?;
            self.model.give_back(&process, fence);
            return Ok("gave back");
        }
        let (process, priority) = self.dice.one_of(&[("one", 0), ("two", 0), ("three", 5)]);
        let bidder = Bidder { agent: process.into(), ..bidder(process, priority) };
        let bid = self.sender.bid(&bidder).await.map_err(|it| it.to_string())?;
        same(&bid, &self.model.bid(&bidder, self.now))?;
        Ok(if matches!(bid, Bid::Won { .. }) { "won" } else { "held" })
    }

    async fn adopt(&mut self, fence: i64) -> Result<&'static str, String> {
        let most = self.dice.one_of(&[1, 2, 100]);
        let adopted = self.sender.adopt(ACCOUNT, fence, most).await;
        let most = usize::try_from(most).unwrap();
        same(&adopted, &self.model.adopt(fence, most, self.now))?;
        let is_settled = |it: &Adopted| it.row.state == "duplicate";
        Ok(match adopted {
            Ok(rows) if rows.iter().any(is_settled) => "looked for",
            Ok(_) => "adopted",
            Err(_) => "not ours",
        })
    }

    async fn begin(&mut self, pick: usize, fence: i64, said: i64) -> Result<&'static str, String> {
        let per_hour = self.dice.one_of(&[None, Some(2)]);
        let slot = SlotRequest { per_minute: 1, per_hour, ..one_slot() };
        let row = &self.typed[pick].1;
        let rows = [(row.id, row.revision)];
        let began = self.sender.begin(ACCOUNT, fence, said, &slot, &rows).await;
        let began = began.map_err(|it| it.to_string())?;
        same(&began, &self.model.begin((fence, said), &slot, &rows, self.now))?;
        Ok(match began {
            Began::Go { slot } => {
                self.slots.push(slot);
                "went"
            }
            Began::Full { .. } => "full",
            Began::Withdrawn(_) => "taken back",
            Began::NotOurs => "not ours",
        })
    }

    async fn tell(&mut self, pick: usize, fence: i64, said: i64) -> Result<&'static str, String> {
        let state = self.dice.one_of(&["created", "duplicate", "rejected", "queued", "unclear"]);
        let told = SeatRow {
            state: state.into(),
            document: format!("{{\"state\":\"{state}\"}}"),
            due_at: self.dice.one_of(&[0, self.now + 5_000]),
            look_up: state == "duplicate" && self.dice.below(2) == 0,
            ..self.typed[pick].1.clone()
        };
        let rows = std::slice::from_ref(&told);
        let recorded = self.sender.tell(ACCOUNT, fence, said, rows).await;
        let recorded = recorded.map_err(|it| it.to_string())?;
        same(&recorded, &self.model.tell((fence, said), rows))?;
        Ok(if recorded.is_empty() { "not told" } else { "told" })
    }

    async fn end_one(&mut self) -> Result<&'static str, String> {
        let Some(slot) = self.slots.pop() else { return Ok("read") };
        let end = SlotEnd {
            is_refused: self.dice.below(2) == 0,
            hold_ms: self.dice.one_of(&[0, 0, 3_000]),
            refusal: self.dice.one_of(&[None, Some("full")]).map(str::to_owned),
        };
        self.sender.finish(ACCOUNT, slot, &end).await.map_err(|it| it.to_string())?;
        self.model.finish(slot, &end, self.now);
        Ok("ended")
    }

    async fn learn(&mut self, fence: i64) -> Result<&'static str, String> {
        let number = self.dice.below(4);
        let record = (self.dice.below(4) > 0).then(|| serde_json::json!({ "name": number }));
        let e164 = format!("+1415555{number:04}");
        let records = [FloorRecord { key: format!("id-{number}"), e164, record }];
        let learnt = self.sender.learn(ACCOUNT, fence, &records).await;
        same(&learnt, &self.model.learn(fence, &records, self.now))?;
        Ok(if learnt.is_ok() { "learnt" } else { "not ours" })
    }

    async fn read(&mut self, pick: usize) -> Result<&'static str, String> {
        let name = SEATS[self.typed[pick].0];
        let after = i64::try_from(self.dice.below(20)).unwrap();
        let page = self.seats.mirror(&seat(name), after).await;
        same(&page, &self.model.mirror(name, after))?;
        let ids = [self.typed[pick].1.id];
        let row = self.seats.ask(&seat(name), &ids).await;
        same(&row, &self.model.ask(name, &ids))?;
        Ok("read")
    }

    async fn look(&mut self, pick: usize, fence: i64) -> Result<&'static str, String> {
        let numbers = [self.typed[pick].1.e164.clone()];
        match self.dice.below(8) {
            7 => {
                let age = self.dice.one_of(&[500, 30_000, 90_000]);
                let ages = [(age, Some(age / 2)), (age, None)];
                let counted = self.sender.count_requests(ACCOUNT, &ages).await;
                counted.map_err(|it| it.to_string())?;
                self.model.count_requests(&ages, self.now);
                Ok("counted")
            }
            6 => {
                let ids: Vec<_> = self.typed.iter().map(|typed| typed.1.id).collect();
                let mut since = self.sender.sending_for(ACCOUNT, &ids).await;
                let mut of_model = self.model.sending_for(&ids, self.now);
                if let Ok(since) = &mut since {
                    since.sort_unstable();
                }
                of_model.sort_unstable();
                same(&since, &Ok(of_model))?;
                Ok("since")
            }
            5 => {
                let trouble = PlatformHealth::Offline(Failure::unclear("cut"));
                let trouble = self.dice.one_of(&[None, Some(&trouble)]);
                // A term that is over is not heard.
                let seen = self.sender.see_platform(ACCOUNT, fence, trouble).await;
                seen.map_err(|it| it.to_string())?;
                self.model.see_platform(fence, trouble);
                Ok("seen")
            }
            4 => {
                let name = SEATS[self.typed[pick].0];
                let standing = self.seats.standing(&seat(name)).await;
                same(&standing, &self.model.standing(ACCOUNT, self.now))?;
                Ok("stood")
            }
            0 => {
                let spent = self.sender.spent(ACCOUNT, 60_000).await;
                let spent = spent.map(|it| (it.slots, (it.hold_until_ms, it.refusal)));
                let slots = self.model.spent(60_000, self.now);
                same(&spent, &self.model.waits().map(|waits| (slots, waits)))?;
                Ok("spent")
            }
            1 => {
                let listed = self.sender.directory(ACCOUNT, "id-0", 2).await;
                let listed = listed.map_err(|it| it.to_string())?;
                same(&listed, &self.model.directory("id-0", 2))?;
                Ok("listed")
            }
            2 => {
                let name = SEATS[self.typed[pick].0];
                let known = self.seats.known(&seat(name), &numbers).await;
                same(&known, &self.model.known(name, &numbers))?;
                Ok("listed")
            }
            _ => {
                let created = self.sender.created_with(ACCOUNT, fence, &numbers).await;
                same(&created, &self.model.created_with(fence, &numbers, self.now))?;
                Ok(if created.is_ok() { "created" } else { "not ours" })
            }
        }
    }
}
