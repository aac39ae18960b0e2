//! A floor's store in memory: what the database is to be. The simulator works on it, and the
//! tests of the database ask both the same questions. Time is passed in.

use std::collections::BTreeMap;

use super::{
    Adopted, Began, Bid, Bidder, Fate, FloorError, FloorRecord, Handed, Known, Mirrored,
    PlatformHealth, SeatRow, SlotEnd, SlotRequest, SpentSlot, Standing, SubmissionId, Withdrawn,
};

/// How long the lease is given for, and kept for somebody who should rather have it.
const LEASE_MS: i64 = 20_000;
const RIVAL_MS: i64 = 15_000;
/// A request is begun only while the lease lasts longer than that.
const MARGIN_MS: i64 = 11_000;
/// A request that nobody ended is over by then.
const LONGEST_MS: i64 = 60_000;
const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 3_600_000;
/// The most rows of one page of changes.
const PAGE: usize = 500;

/// A row that was handed over.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) seat: String,
    pub(super) row: SeatRow,
    pub(super) fence: i64,
    pub(super) changed: i64,
    said: i64,
    look_up: bool,
    /// Since when a request may have been under way of which nobody was told.
    sent_at: Option<i64>,
}

#[derive(Debug, Clone)]
struct Slot {
    class: String,
    taken_at: i64,
    over_at: Option<i64>,
    refused: bool,
}

impl Slot {
    /// Until when it is under way, as far as is known.
    fn ends(&self) -> i64 {
        self.over_at.unwrap_or(self.taken_at + LONGEST_MS)
    }
}

/// One account's part of the store.
#[derive(Debug, Clone, Default)]
pub(super) struct Model {
    pub(super) version: i64,
    pub(super) fence: i64,
    /// Somebody has bid for it once.
    pub(super) is_known: bool,
    pub(super) sender: Option<String>,
    lease_until: i64,
    priority: i64,
    by: (String, String),
    since: i64,
    rival: Option<String>,
    rival_priority: i64,
    rival_until: i64,
    hold_until: i64,
    refusal: Option<String>,
    trouble: Option<PlatformHealth>,
    minute_limit: i64,
    pub(super) rows: BTreeMap<SubmissionId, Kept>,
    slots: BTreeMap<i64, Slot>,
    last_slot: i64,
    directory: BTreeMap<String, FloorRecord>,
}

fn is_open(state: &str) -> bool {
    ["queued", "unclear", "sending"].contains(&state)
}

impl Model {
    fn enter(&self) -> Result<(), FloorError> {
        if self.is_known { Ok(()) } else { Err(FloorError::NoAccount) }
    }

    fn hold_lease(&self, fence: i64, margin: i64, now: i64) -> Result<(), FloorError> {
        let is_held = self.is_known && self.fence == fence && self.lease_until > now + margin;
        if is_held { Ok(()) } else { Err(FloorError::NotOurs) }
    }

    fn next_version(&mut self) -> i64 {
        self.version += 1;
        self.version
    }

    pub(super) fn hand_over(
        &mut self,
        seat: &str,
        rows: &[SeatRow],
    ) -> Result<Vec<Handed>, FloorError> {
        self.enter()?;
        if rows.iter().any(|row| self.rows.get(&row.id).is_some_and(|old| old.seat != seat)) {
            return Err(FloorError::NotOurRow);
        }
        let version = self.next_version();
        let one = |row: &SeatRow| {
            let fate = match self.rows.get(&row.id) {
                Some(old) if old.row.revision >= row.revision => Fate::Known,
                Some(old) if old.row.state == "sending" => Fate::TooLate,
                Some(_) | None => {
                    let kept = Kept {
                        seat: seat.to_owned(),
                        row: SeatRow { look_up: false, ..row.clone() },
                        fence: 0,
                        changed: version,
                        said: 0,
                        look_up: false,
                        sent_at: None,
                    };
                    self.rows.insert(row.id, kept);
                    Fate::Taken
                }
            };
            Handed { id: row.id, fate }
        };
        Ok(rows.iter().map(one).collect())
    }

    pub(super) fn mirror(&self, seat: &str, after: i64) -> Result<Vec<Mirrored>, FloorError> {
        self.enter()?;
        let mut all = self.of_seat(seat, |kept| kept.changed > after);
        if let Some(last) = all.get(PAGE - 1).map(|it| it.changed) {
            all.retain(|it| it.changed <= last);
        }
        Ok(all)
    }

    pub(super) fn ask(
        &self,
        seat: &str,
        ids: &[SubmissionId],
    ) -> Result<Vec<Mirrored>, FloorError> {
        self.enter()?;
        Ok(self.of_seat(seat, |kept| ids.contains(&kept.row.id)))
    }

    fn of_seat(&self, seat: &str, wanted: impl Fn(&Kept) -> bool) -> Vec<Mirrored> {
        let mine = self.rows.values().filter(|kept| kept.seat == seat && wanted(kept));
        let mut mine: Vec<_> =
            mine.map(|it| Mirrored { row: it.row.clone(), changed: it.changed }).collect();
        mine.sort_by_key(|it| (it.changed, it.row.id));
        mine
    }

    pub(super) fn withdraw(
        &mut self,
        seat: &str,
        id: SubmissionId,
        revision: i64,
    ) -> Result<Withdrawn, FloorError> {
        self.enter()?;
        let version = self.next_version();
        let mine = self.rows.get_mut(&id);
        Ok(match mine.filter(|it| it.seat == seat && it.row.revision <= revision) {
            None => Withdrawn::Unknown,
            Some(it) if !["queued", "unclear", "withdrawn"].contains(&it.row.state.as_str()) => {
                Withdrawn::TooLate
            }
            Some(it) => {
                (it.row.state, it.changed) = ("withdrawn".into(), version);
                Withdrawn::Done
            }
        })
    }

    pub(super) fn known(&self, seat: &str, numbers: &[String]) -> Result<Vec<Known>, FloorError> {
        self.enter()?;
        let mut known = Vec::new();
        for number in numbers {
            let listed = self.directory.values().filter(|it| it.e164 == *number);
            known.extend(listed.map(|it| Known {
                e164: number.clone(),
                record: it.record.clone(),
                colleague: None,
            }));
            let is_colleagues = |kept: &&Kept| {
                let state = kept.row.state.as_str();
                kept.row.e164 == *number
                    && kept.seat != seat
                    && kept.row.lane != "change"
                    && (is_open(state) || state == "created")
            };
            known.extend(self.rows.values().find(is_colleagues).map(|kept| Known {
                e164: number.clone(),
                record: None,
                colleague: Some((kept.row.agent.clone(), kept.row.state.clone())),
            }));
        }
        Ok(known)
    }

    /// How things stand, of the account of that name.
    pub(super) fn standing(&self, account: &str, now: i64) -> Result<Standing, FloorError> {
        self.enter()?;
        let spent = self
            .slots
            .values()
            .filter(|it| it.taken_at > now - MINUTE_MS - 600_000 && it.ends() > now - MINUTE_MS);
        let ends: Vec<_> = spent.map(Slot::ends).collect();
        let frees = ends.iter().min().map_or(0, |end| end + MINUTE_MS - now);
        let is_sent = self.sender.is_some() && self.lease_until > now;
        Ok(Standing {
            account: account.to_owned(),
            sender: is_sent.then(|| self.by.clone()),
            trouble: self.trouble.clone(),
            hold_ms: (self.hold_until - now).max(0),
            per_minute: self.minute_limit,
            used: i64::try_from(ends.len()).unwrap_or(i64::MAX),
            frees_ms: frees.max(0),
            version: self.version,
        })
    }

    pub(super) fn see_platform(&mut self, fence: i64, trouble: Option<&PlatformHealth>) {
        if self.is_known && self.fence == fence {
            self.trouble = trouble.cloned();
        }
    }

    pub(super) fn bid(&mut self, bidder: &Bidder, now: i64) -> Bid {
        self.is_known = true;
        let process = Some(bidder.process.clone());
        let is_ours = self.sender == process;
        let has_rival = self.rival != process
            && self.rival_until > now
            && self.rival_priority > bidder.priority;
        if has_rival || !(is_ours || self.sender.is_none() || self.lease_until <= now) {
            if !has_rival && bidder.priority > self.priority {
                self.rival = process;
                self.rival_priority = bidder.priority;
                self.rival_until = now + RIVAL_MS;
            }
            let (agent, machine) = self.by.clone();
            return Bid::Held { agent, machine, since_ms: self.since };
        }
        if !is_ours {
            self.fence += 1;
            self.since = now;
        }
        self.sender = process;
        self.by = (bidder.agent.clone(), bidder.machine.clone());
        (self.priority, self.minute_limit) = (bidder.priority, bidder.minute_limit);
        self.lease_until = now + LEASE_MS;
        (self.rival, self.rival_priority, self.rival_until) = (None, 0, 0);
        self.slots.retain(|_, slot| slot.taken_at >= now - 2 * HOUR_MS);
        Bid::Won { fence: self.fence, lease_ms: LEASE_MS }
    }

    pub(super) fn give_back(&mut self, process: &str, fence: i64) {
        if self.sender.as_deref() == Some(process) && self.fence == fence {
            (self.sender, self.lease_until) = (None, 0);
        }
    }

    pub(super) fn spent(&self, window_ms: i64, now: i64) -> Vec<SpentSlot> {
        let counts = |slot: &&Slot| {
            slot.taken_at > now - window_ms - 600_000 && slot.ends() > now - window_ms
        };
        let mut slots: Vec<_> = self.slots.values().filter(counts).collect();
        slots.sort_by_key(|slot| slot.taken_at);
        let one = |slot: &Slot| SpentSlot {
            class: slot.class.clone(),
            age_ms: now - slot.taken_at,
            over_age_ms: slot.over_at.map(|at| now - at),
            refused: slot.refused,
        };
        slots.into_iter().map(one).collect()
    }

    /// Until when the platform asked to wait, and what it said when it last refused.
    pub(super) fn waits(&self) -> Result<(i64, Option<String>), FloorError> {
        self.enter()?;
        Ok((self.hold_until, self.refusal.clone()))
    }

    pub(super) fn adopt(
        &mut self,
        fence: i64,
        most: usize,
        now: i64,
    ) -> Result<Vec<Adopted>, FloorError> {
        self.hold_lease(fence, 0, now)?;
        let due = self.rows.values().filter(|kept| {
            let is_due = is_open(&kept.row.state) && kept.row.due_at <= now;
            (is_due || kept.look_up) && kept.fence != fence
        });
        let mut turns: BTreeMap<(bool, &str), usize> = BTreeMap::new();
        let mut fair: Vec<_> = due
            .map(|kept| {
                let is_import = kept.row.lane == "import";
                let turn = turns.entry((is_import, &kept.seat)).or_default();
                *turn += 1;
                (is_import, if is_import { *turn } else { 0 }, kept.row.id)
            })
            .collect();
        fair.sort_unstable();
        fair.truncate(most);
        fair.sort_unstable_by_key(|(is_import, _, id)| (*is_import, *id));
        let take = |(_, _, id): (bool, usize, SubmissionId)| {
            let kept = self.rows.get_mut(&id)?;
            (kept.fence, kept.said) = (fence, 0);
            Some(Adopted { row: kept.row.clone(), seat: kept.seat.clone() })
        };
        Ok(fair.into_iter().filter_map(take).collect())
    }

    pub(super) fn sending_for(&self, ids: &[SubmissionId], now: i64) -> Vec<(SubmissionId, i64)> {
        let since = |id: &SubmissionId| Some((*id, now - self.rows.get(id)?.sent_at?));
        ids.iter().filter_map(since).collect()
    }

    pub(super) fn count_requests(&mut self, ages: &[(i64, Option<i64>)], now: i64) {
        for (age, over_age) in ages {
            self.last_slot += 1;
            let slot = Slot {
                class: "bulk".into(),
                taken_at: now - age,
                over_at: over_age.map(|age| now - age),
                refused: false,
            };
            self.slots.insert(self.last_slot, slot);
        }
    }

    /// The rows with these numbers that were created.
    pub(super) fn created_with(
        &self,
        fence: i64,
        numbers: &[String],
        now: i64,
    ) -> Result<Vec<SeatRow>, FloorError> {
        self.hold_lease(fence, 0, now)?;
        let mut created = Vec::new();
        for number in numbers {
            let with = self.rows.values().map(|kept| &kept.row);
            let with = with.filter(|row| row.e164 == *number && row.state == "created");
            created.extend(with.take(20).cloned());
        }
        Ok(created)
    }

    pub(super) fn begin(
        &mut self,
        (fence, said): (i64, i64),
        slot: &SlotRequest,
        rows: &[(SubmissionId, i64)],
        now: i64,
    ) -> Began {
        if self.hold_lease(fence, MARGIN_MS, now).is_err() {
            return Began::NotOurs;
        }
        let is_gone = |(id, revision): &&(SubmissionId, i64)| {
            self.rows.get(id).is_none_or(|kept| {
                kept.row.revision != *revision
                    || kept.fence != fence
                    || kept.row.state == "withdrawn"
                    || kept.said >= said
            })
        };
        let gone: Vec<_> = rows.iter().filter(is_gone).map(|(id, _)| *id).collect();
        if !gone.is_empty() {
            return Began::Withdrawn(gone);
        }
        if self.hold_until > now {
            return Began::Full { wait_ms: self.hold_until - now };
        }
        for (limit, window) in [(Some(slot.per_minute), MINUTE_MS), (slot.per_hour, HOUR_MS)] {
            let counted = self
                .slots
                .values()
                .filter(|it| it.taken_at > now - window - 600_000 && it.ends() > now - window);
            let ends: Vec<_> = counted.map(Slot::ends).collect();
            let is_full = limit
                .is_some_and(|limit| i64::try_from(ends.len()).is_ok_and(|used| used >= limit));
            if is_full {
                let frees = ends.into_iter().min().map_or(0, |end| end + window - now);
                return Began::Full { wait_ms: frees.max(1) };
            }
        }
        self.last_slot += 1;
        let class = slot.class.clone();
        let taken = Slot { class, taken_at: now, over_at: None, refused: false };
        self.slots.insert(self.last_slot, taken);
        let version = self.next_version();
        for (id, _) in rows {
            if let Some(kept) = self.rows.get_mut(id) {
                (kept.row.state, kept.changed) = ("sending".into(), version);
                (kept.said, kept.look_up) = (said, false);
                kept.sent_at.get_or_insert(now);
            }
        }
        Began::Go { slot: self.last_slot }
    }

    pub(super) fn finish(&mut self, slot: i64, end: &SlotEnd, now: i64) {
        if let Some(slot) = self.slots.get_mut(&slot) {
            slot.over_at.get_or_insert(now);
            slot.refused |= end.is_refused;
        }
        if self.is_known && (end.hold_ms > 0 || end.refusal.is_some()) {
            self.hold_until = self.hold_until.max(now + end.hold_ms);
            if end.refusal.is_some() {
                self.refusal.clone_from(&end.refusal);
            }
        }
    }

    pub(super) fn tell(
        &mut self,
        (fence, said): (i64, i64),
        told: &[SeatRow],
    ) -> Vec<SubmissionId> {
        if !self.is_known {
            return Vec::new();
        }
        let version = self.next_version();
        let mut recorded = Vec::new();
        for told in told {
            let is_theirs = |kept: &&mut Kept| {
                let is_news = told.state == "created" && kept.row.state != "created";
                kept.row.revision == told.revision
                    && kept.row.state != "withdrawn"
                    && ((kept.fence == fence && kept.said < said) || is_news)
            };
            if let Some(kept) = self.rows.get_mut(&told.id).filter(is_theirs) {
                kept.row.state.clone_from(&told.state);
                kept.row.document.clone_from(&told.document);
                (kept.row.due_at, kept.changed) = (told.due_at, version);
                (kept.said, kept.look_up) = (kept.said.max(said), told.look_up);
                kept.sent_at = None;
                recorded.push(told.id);
            }
        }
        recorded
    }

    pub(super) fn learn(
        &mut self,
        fence: i64,
        records: &[FloorRecord],
        now: i64,
    ) -> Result<(), FloorError> {
        self.hold_lease(fence, 0, now)?;
        self.next_version();
        for record in records {
            if record.record.is_some() {
                self.directory.insert(record.key.clone(), record.clone());
            } else {
                self.directory.remove(&record.key);
            }
        }
        Ok(())
    }

    pub(super) fn directory(&self, after: &str, most: usize) -> Vec<FloorRecord> {
        let behind = self.directory.iter().filter(|(key, _)| key.as_str() > after);
        behind.take(most).map(|(_, record)| record.clone()).collect()
    }
}
