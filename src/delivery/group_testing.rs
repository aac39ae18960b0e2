//! Which waiting contacts share the next array. Pure.
//!
//! Where the platform refuses an array whole and names no number, an answer tells one bit:
//! "none of these is taken" or "at least one is". Finding the taken ones among many is then
//! adaptive group testing: with a share p of taken numbers no procedure settles more than
//! 1/H(p) contacts a request (H is the binary entropy), and the nested one below comes close
//! (M. Sobel and P. A. Groll, "Group testing to eliminate efficiently all defectives in a
//! binomial sample", Bell System Technical Journal 38, 1959):
//!
//! ```text
//!   nobody suspected --- an array of about ln 2 / p --- created
//!                                                  '--- refused: its contacts are suspects
//!   suspects of one array --- about half of them --- created: a culprit is among the others
//!                                               '--- refused: these are the suspects now, and
//!                                                    nothing is known of the others any more
//!   one suspect left, or a number that is listed already --- alone
//! ```
//!
//! What is asked last is always asked alone: no contact is told to be taken by inference.
//! A wrong suspicion costs requests, never the truth, so what an array's answer left open
//! is enough to go on from after a crash.

use crate::{
    store::{Candidate, Slot},
    submission::SubmissionId,
};

/// Contacts whose fate is remembered; older ones fade.
const MEMORY: f64 = 400.0;
/// What is believed before anything is known: half a taken number among forty.
const PRIOR_TAKEN: f64 = 0.5;
const PRIOR_ALL: f64 = 40.0;

/// How many of the contacts that nothing was known of turned out to be taken, lately.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct DuplicateRate {
    created: f64,
    taken: f64,
}

impl DuplicateRate {
    /// Takes in what came of some contacts.
    #[must_use]
    pub fn after(self, created: u32, taken: u32) -> Self {
        let (created, taken) = (self.created + f64::from(created), self.taken + f64::from(taken));
        let fade = (MEMORY / (created + taken)).min(1.0);
        Self { created: created * fade, taken: taken * fade }
    }

    /// The share of taken numbers to reckon with, never 0 and never 1.
    #[must_use]
    pub fn share(self) -> f64 {
        (self.taken + PRIOR_TAKEN) / (self.created + self.taken + PRIOR_ALL)
    }

    /// As the store keeps it.
    #[must_use]
    pub fn to_text(self) -> String {
        format!("{:.2} {:.2}", self.created, self.taken)
    }

    /// Reads what the store kept; what cannot be read is as if nothing was known.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        let count =
            |text: &str| text.parse().ok().filter(|count: &f64| (0.0..=MEMORY).contains(count));
        let counts = text
            .split_once(' ')
            .and_then(|(created, taken)| Some((count(created)?, count(taken)?)));
        counts.map(|(created, taken)| Self { created, taken }).unwrap_or_default()
    }
}

/// How a platform that refuses an array speaks of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Refusal {
    /// It names no number, as far as is known: the taken one must be searched for.
    #[default]
    Silent,
    /// It names taken numbers: the larger the array, the more one answer tells.
    Names,
}

/// How arrays are put together for one platform.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Planner {
    /// The most contacts in one array.
    pub most: u32,
    /// The most of those that nothing speaks against: one while there are requests enough.
    pub most_unsuspected: u32,
    /// How many numbers are taken.
    pub rate: DuplicateRate,
    /// How it refuses.
    pub refusal: Refusal,
}

impl Planner {
    /// The contacts of the next request, from those that wait, most urgent first. Suspects of
    /// an array in `under_way`, part of which is being asked for now, wait for that answer.
    #[must_use]
    pub fn choose(&self, waiting: &[Candidate], under_way: &[Slot]) -> Vec<SubmissionId> {
        let is_free = |row: &&Candidate| row.suspect_of.is_none_or(|it| !under_way.contains(&it));
        let Some(first) = waiting.iter().find(is_free) else { return Vec::new() };
        if first.goes_alone() {
            return vec![first.id];
        }
        let alike = |row: &&Candidate| row.suspect_of == first.suspect_of;
        let group: Vec<_> = waiting.iter().filter(alike).collect();
        // The likeliest culprit among suspects is asked for before its company.
        if let Some(listed) = group.iter().find(|row| first.suspect_of.is_some() && row.is_listed) {
            return vec![listed.id];
        }
        let share = self.rate.share();
        let size = match (first.suspect_of, self.refusal) {
            (Some(_), _) => part_of_suspects(group.len(), share).min(as_size(self.most)),
            (None, Refusal::Silent) => array_size(share).min(as_size(self.most_unsuspected)),
            (None, Refusal::Names) => as_size(self.most_unsuspected),
        };
        together(&group, size)
    }
}

fn together(group: &[&Candidate], size: usize) -> Vec<SubmissionId> {
    let mut room = size;
    let mut chosen: Vec<&Candidate> = Vec::new();
    for row in group.iter().filter(|row| !row.goes_alone()) {
        let cap = row.array_cap.map_or(usize::MAX, as_size);
        let twice = chosen.iter().any(|other| other.number == row.number);
        if twice || chosen.len() >= room.min(cap) {
            continue;
        }
        room = room.min(cap);
        chosen.push(row);
    }
    chosen.into_iter().map(|row| row.id).collect()
}

impl Candidate {
    fn goes_alone(&self) -> bool {
        self.is_listed || self.array_cap.is_some_and(|cap| cap <= 1)
    }
}

fn as_size(most: u32) -> usize {
    usize::try_from(most).unwrap_or(usize::MAX).max(1)
}

/// The array that tells most when a share `p` of the numbers is taken: about ln 2 / p, and one
/// alone from 38 % on (the smallest k with q^k + q^(k+1) <= 1, q = 1 - p).
fn array_size(p: f64) -> usize {
    let q = 1.0 - p;
    rounded(q.ln_1p() / -q.ln(), f64::ceil).max(1)
}

/// How many of `suspects`, among which at least one is taken, to ask for next: as many as are
/// clean with a chance of one half.
fn part_of_suspects(suspects: usize, p: f64) -> usize {
    let q = 1.0 - p;
    let all = f64::from(u32::try_from(suspects).unwrap_or(u32::MAX));
    let half = f64::midpoint(1.0, q.powf(all)).ln() / q.ln();
    rounded(half, f64::round).clamp(1, suspects.saturating_sub(1).max(1))
}

/// A size from a number that may be anything.
fn rounded(size: f64, how: fn(f64) -> f64) -> usize {
    const MOST: f64 = 10_000.0;
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to what both hold"
    )]
    let whole = how(size).clamp(0.0, MOST) as usize;
    whole
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;
    use crate::contact::E164;

    /// A platform that refuses an array whole, and a worker that has so many requests under
    /// way at once; what the store does with an answer is done here in its words.
    struct Estate {
        waiting: Vec<Candidate>,
        taken: HashSet<SubmissionId>,
        planner: Planner,
        requests: usize,
        settled: Vec<(SubmissionId, bool)>,
    }

    fn candidate(n: u64) -> Candidate {
        Candidate {
            id: SubmissionId::fresh(),
            number: E164::from_canonical(&format!("+4915{n:09}")).unwrap(),
            suspect_of: None,
            array_cap: None,
            is_listed: false,
            refused_at: None,
        }
    }

    fn planner(most: u32) -> Planner {
        let rate = DuplicateRate::default();
        Planner { most, most_unsuspected: most, rate, refusal: Refusal::Silent }
    }

    impl Estate {
        fn new(is_taken: &[bool], most: u32) -> Self {
            let waiting: Vec<_> = (0..).zip(is_taken).map(|(n, _)| candidate(n)).collect();
            let taken = waiting.iter().zip(is_taken).filter(|(_, taken)| **taken);
            Self {
                taken: taken.map(|(row, _)| row.id).collect(),
                waiting,
                planner: planner(most),
                requests: 0,
                settled: Vec::new(),
            }
        }

        /// Sends until nothing waits; every request under way is answered before the next.
        fn run(mut self, at_once: usize) -> Self {
            while !self.waiting.is_empty() {
                let mut under_way: Vec<(Vec<SubmissionId>, Option<Slot>)> = Vec::new();
                while under_way.len() < at_once {
                    let sent: HashSet<_> = under_way.iter().flat_map(|(ids, _)| ids).collect();
                    let unsent = self.waiting.iter().filter(|row| !sent.contains(&row.id));
                    // As the store does, only the most urgent are looked at.
                    let left: Vec<_> =
                        unsent.take(6 * as_size(self.planner.most)).cloned().collect();
                    let searched: Vec<_> =
                        under_way.iter().filter_map(|(_, array)| *array).collect();
                    let chosen = self.planner.choose(&left, &searched);
                    let Some(first) = chosen.first() else { break };
                    assert!(chosen.len() <= as_size(self.planner.most));
                    let group = self.group_of(*first);
                    assert!(
                        chosen.iter().all(|id| self.group_of(*id) == group),
                        "one array's suspects"
                    );
                    under_way.push((chosen, group));
                }
                assert!(!under_way.is_empty(), "something always moves");
                for (ids, group) in under_way {
                    self.answer(&ids, group);
                }
            }
            self
        }

        fn group_of(&self, id: SubmissionId) -> Option<Slot> {
            self.waiting.iter().find(|row| row.id == id).unwrap().suspect_of
        }

        fn answer(&mut self, ids: &[SubmissionId], group: Option<Slot>) {
            self.requests += 1;
            let taken = ids.iter().filter(|id| self.taken.contains(id)).count();
            if taken == 0 || ids.len() == 1 {
                self.settled.extend(ids.iter().map(|id| (*id, taken > 0)));
                self.waiting.retain(|row| !ids.contains(&row.id));
                let count = u32::try_from(taken).unwrap();
                let made = u32::try_from(ids.len()).unwrap() - count;
                self.planner.rate = self.planner.rate.after(made, count);
            }
            if taken > 0 {
                for row in &mut self.waiting {
                    let suspect = ids.contains(&row.id);
                    if suspect {
                        row.suspect_of = Some(Slot(i64::try_from(self.requests).unwrap()));
                    } else if group.is_some() && row.suspect_of == group {
                        row.suspect_of = None;
                    }
                }
            }
        }
    }

    /// That share of taken numbers, dealt by the same dice for the same seed.
    fn dealt(p: f64, count: usize, seed: u64) -> Vec<bool> {
        let mut state = seed;
        let mut below = |most: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).unwrap() % most
        };
        let mut taken = vec![false; count];
        taken[..rounded(p * f64::from(u32::try_from(count).unwrap()), f64::round)].fill(true);
        for at in (1..count).rev() {
            taken.swap(at, below(at + 1));
        }
        taken
    }

    fn entropy(p: f64) -> f64 {
        -p * p.log2() - (1.0 - p) * (1.0 - p).log2()
    }

    /// Contacts a request, beside what no procedure can exceed.
    fn efficiency(p: f64, most: u32, at_once: usize) -> f64 {
        let count = 2_000;
        let runs: Vec<f64> = (1..=2)
            .map(|seed| {
                let estate = Estate::new(&dealt(p, count, seed), most).run(at_once);
                f64::from(u32::try_from(count).unwrap()) * entropy(p)
                    / f64::from(u32::try_from(estate.requests).unwrap())
            })
            .collect();
        runs.iter().sum::<f64>() / 2.0
    }

    #[test]
    fn contacts_are_settled_near_the_limit_of_information() {
        for p in [0.005, 0.01, 0.05, 0.1] {
            for (most, at_once) in [(50, 4), (200, 1)] {
                let reached = efficiency(p, most, at_once);
                println!("p {p}, {most} in an array, {at_once} at once: {reached:.2} of the bound");
                assert!(reached >= 0.8, "p {p} most {most} at once {at_once}: {reached}");
            }
        }
    }

    #[test]
    fn a_file_imported_twice_costs_hardly_more_than_one_request_a_contact() {
        let estate = Estate::new(&[true; 1_000], 50).run(4);
        assert!(estate.requests < 1_100, "{}", estate.requests);
    }

    #[test]
    fn one_taken_number_among_fifty_is_found_in_the_steps_of_a_binary_search() {
        for culprit in [0, 17, 49] {
            let mut taken = [false; 50];
            taken[culprit] = true;
            let estate = Estate::new(&taken, 50).run(1);
            assert!(estate.requests <= 12, "{} for the one at {culprit}", estate.requests);
        }
    }

    #[test]
    fn a_number_that_is_listed_goes_alone_and_spoils_no_array() {
        let mut waiting: Vec<_> = (0..20).map(candidate).collect();
        waiting[3].is_listed = true;
        let chosen = planner(50).choose(&waiting, &[]);
        assert_eq!(chosen.len(), 19);
        assert!(!chosen.contains(&waiting[3].id));
        assert_eq!(planner(50).choose(&waiting[3..], &[]), [waiting[3].id]);
        for row in &mut waiting {
            row.suspect_of = Some(Slot(1));
        }
        assert_eq!(planner(50).choose(&waiting, &[]), [waiting[3].id], "the likeliest culprit");
    }

    #[test]
    fn suspects_wait_while_some_of_their_array_are_asked_for() {
        let suspect = |n| Candidate { suspect_of: Some(Slot(7)), ..candidate(n) };
        let waiting = [suspect(1), suspect(2), candidate(3)];
        assert_eq!(planner(50).choose(&waiting, &[Slot(7)]), [waiting[2].id]);
        assert!(planner(50).choose(&waiting[..2], &[Slot(7)]).is_empty());
    }

    #[test]
    fn an_array_holds_no_number_twice_and_is_no_larger_than_its_most_careful_contact_allows() {
        let careful = Candidate { array_cap: Some(2), ..candidate(1) };
        let waiting = [careful.clone(), candidate(2), candidate(2), candidate(3)];
        assert_eq!(planner(50).choose(&waiting, &[]), [waiting[0].id, waiting[1].id]);
        let waiting = [candidate(2), candidate(2), candidate(3), careful];
        assert_eq!(planner(50).choose(&waiting, &[]), [waiting[0].id, waiting[2].id]);
    }

    #[test]
    fn where_refusals_name_numbers_arrays_are_as_large_as_they_may_be() {
        let waiting: Vec<_> = (0..80).map(candidate).collect();
        let rate = DuplicateRate::default().after(50, 150);
        let named = Planner { refusal: Refusal::Names, rate, ..planner(50) };
        assert_eq!(named.choose(&waiting, &[]).len(), 50);
        assert_eq!(Planner { rate, ..planner(50) }.choose(&waiting, &[]).len(), 1);
    }

    #[test]
    fn what_was_learned_of_the_rate_is_read_back_and_nonsense_is_nothing() {
        let rate = DuplicateRate::default().after(300, 200);
        let read = DuplicateRate::from_text(&rate.to_text());
        assert!((read.share() - rate.share()).abs() < 1e-3);
        for nonsense in ["", "x y", "-1 5", "1", "NaN 1", "1e300 1"] {
            assert_eq!(DuplicateRate::from_text(nonsense), DuplicateRate::default());
        }
    }

    proptest! {
        /// However the taken numbers lie: every contact is told, each rightly.
        #[test]
        fn every_contact_is_settled_once_and_rightly(
            taken in prop::collection::vec(prop::bool::weighted(0.2), 1..120),
            most in 1_u32..60,
            at_once in 1_usize..5,
        ) {
            let mut estate = Estate::new(&taken, most).run(at_once);
            prop_assert!(estate.requests <= 3 * taken.len() + 10);
            estate.settled.sort_unstable();
            prop_assert_eq!(estate.settled.len(), taken.len());
            for (id, told) in &estate.settled {
                prop_assert_eq!(*told, estate.taken.contains(id));
            }
        }
    }
}
