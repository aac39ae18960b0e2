//! Whose contact it is that the platform holds under our number: ours from an attempt
//! whose answer never came, or somebody else's. Pure.
//!
//! It is ours only if everything agrees: the names are the ones we sent, the platform
//! made it while one of our attempts could have, its maker is the one our contacts have,
//! nobody knew of it before we first sent ours, and no other submission already is that
//! contact. Anything less is "exists, same name": told, never claimed. Where the platform
//! does not say when it made a contact, its id may.

use std::ops::RangeInclusive;

use jiff::{SignedDuration, Timestamp};

use crate::{
    contact::Contact,
    submission::{Attempt, ContactId, Reason, Record, Status, Verb},
};

/// How far the platform's clock may be from ours when nobody has measured it.
const UNKNOWN_SKEW: SignedDuration = SignedDuration::from_mins(5);
/// What rounding and transport add when the difference is known.
const KNOWN_SKEW: SignedDuration = SignedDuration::from_secs(10);
/// The same where only the very request can speak for us.
const CLOSE: SignedDuration = SignedDuration::from_secs(3);
/// A platform may finish what it was sent this long after we stopped listening.
const AFTERMATH: SignedDuration = SignedDuration::from_secs(60);
/// A process that dies takes its request with it, by the deadline that it gave it at the
/// latest, or had let its claim run out before it sent anything: whenever that is noticed.
const LONGEST_REQUEST: SignedDuration = SignedDuration::from_mins(2);
/// Zones differ by quarters of an hour, and by no more than 14 hours from UTC.
const ZONE_STEP_S: i64 = 900;
const FURTHEST_ZONE_S: i64 = 14 * 3_600;

/// What is known beside the record itself.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// The platform's clock minus ours, when an answer's Date told.
    pub clock_offset: Option<SignedDuration>,
    /// The same as the times of contacts tell it, once one was surely ours: they may be of
    /// another clock than the Date, or be told in a zone that they do not name.
    pub told_offset: Option<SignedDuration>,
    /// When this is looked at.
    pub now: Option<Timestamp>,
    /// Who the platform says made contacts that are surely ours.
    pub our_maker: Maker,
    /// Whether the platform's ids tell when their contacts were made.
    pub id_clock: IdClock,
    /// The contacts that other submissions of this store already are.
    pub taken: Vec<ContactId>,
    /// The contacts that were known to have the number before it was first sent.
    pub known_before: Vec<ContactId>,
    /// On a floor, when it was typed. A request noted as begun then was under way at any time
    /// since: whoever sent it went away with what it knew.
    pub unsure_start: Option<Timestamp>,
    /// How far our own clock was set since a time that an attempt may have been noted by.
    pub steps: Vec<SignedDuration>,
}

impl Evidence {
    /// Whether another submission is that contact, or it was there before ours was sent.
    #[must_use]
    pub fn is_elses(&self, id: &ContactId) -> bool {
        self.taken.contains(id) || self.known_before.contains(id)
    }

    /// When the platform made it, as far as it says.
    fn made(&self, record: &Record) -> Option<Timestamp> {
        let by_id = || self.id_clock.made(record.id.as_ref()?);
        record.created_at.or_else(by_id)
    }

    /// The platform's time as our clock may have told it while an attempt was made: by the
    /// difference of the clocks, by what the times of other contacts tell of it, or by none, since
    /// a Date may be a gateway's; as our clock is now, or as it was before somebody set it.
    fn as_we_told(&self, made: Timestamp) -> impl Iterator<Item = Timestamp> {
        let offsets = [self.clock_offset, self.told_offset, Some(SignedDuration::ZERO)];
        let steps = std::iter::once(SignedDuration::ZERO).chain(self.steps.iter().copied());
        steps.flat_map(move |step| {
            offsets.into_iter().flatten().map(move |offset| shifted(shifted(made, -offset), -step))
        })
    }

    /// Whether the zone of a contact's time is not the one that it names, if it names any: nothing
    /// was made after now.
    fn is_of_some_zone(&self, record: &Record, made: Timestamp) -> bool {
        let latest = shifted(made, -self.clock_offset.unwrap_or_default() - UNKNOWN_SKEW);
        record.zoneless || self.now.is_some_and(|now| latest > now)
    }

    /// What a contact that is surely ours, made by a request of then, tells of the times that the
    /// platform tells.
    #[must_use]
    pub fn told_by(record: &Record, began: Timestamp) -> Option<SignedDuration> {
        Some(record.created_at.filter(|_| !record.zoneless)?.duration_since(began))
    }
}

/// Who the platform says makes the contacts that we create with this credential. It speaks
/// for or against us only while it has always been the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Maker {
    /// No answer has told yet.
    #[default]
    Unknown,
    /// All of ours were made by this one.
    Always(String),
    /// Ours were made by several.
    Varies,
}

impl Maker {
    /// What was stored.
    #[must_use]
    pub fn stored(text: Option<&str>) -> Self {
        match text {
            None => Self::Unknown,
            Some("") => Self::Varies,
            Some(maker) => Self::Always(maker.to_owned()),
        }
    }

    /// What to store.
    #[must_use]
    pub fn to_stored(&self) -> Option<&str> {
        match self {
            Self::Unknown => None,
            Self::Varies => Some(""),
            Self::Always(maker) => Some(maker),
        }
    }

    /// What is known once a contact that is surely ours was made by `maker`.
    #[must_use]
    pub fn with(&self, maker: &str) -> Self {
        match self {
            Self::Unknown => Self::Always(maker.to_owned()),
            Self::Always(known) if known == maker => self.clone(),
            Self::Always(_) | Self::Varies => Self::Varies,
        }
    }

    /// Whether a record made by `maker` speaks for us; `None` when it says nothing.
    fn speaks(&self, maker: Option<&str>) -> Option<bool> {
        match (self, maker) {
            (Self::Always(ours), Some(theirs)) => Some(ours == theirs),
            (Self::Unknown | Self::Varies, _) | (_, None) => None,
        }
    }
}

/// Whether the platform's ids begin with the seconds since 1970, as `MongoDB` makes them. What
/// looks like such an id is believed only after it was seen to be right about contacts that
/// are surely ours, each time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum IdClock {
    /// No contact of ours has told yet.
    #[default]
    Unknown,
    /// It was right each time.
    Tells,
    /// It was wrong once, or there is nothing to read.
    Silent,
}

impl IdClock {
    /// What was stored.
    #[must_use]
    pub fn stored(text: Option<&str>) -> Self {
        match text {
            None => Self::Unknown,
            Some("tells") => Self::Tells,
            Some(_) => Self::Silent,
        }
    }

    /// What to store.
    #[must_use]
    pub fn to_stored(self) -> Option<&'static str> {
        match self {
            Self::Unknown => None,
            Self::Tells => Some("tells"),
            Self::Silent => Some("silent"),
        }
    }

    /// What is known once a contact of ours was made with this id by a request of then, on a
    /// platform whose clock is that far from ours.
    #[must_use]
    pub fn with(
        self,
        id: &ContactId,
        began: Timestamp,
        ended: Timestamp,
        clock_offset: Option<SignedDuration>,
    ) -> Self {
        let span = span(began, Some(ended), UNKNOWN_SKEW, SignedDuration::ZERO);
        let offset = clock_offset.unwrap_or_default();
        let is_right = told_by(id).is_some_and(|made| span.contains(&shifted(made, -offset)));
        match (self, is_right) {
            (Self::Unknown | Self::Tells, true) => Self::Tells,
            (Self::Silent, _) | (_, false) => Self::Silent,
        }
    }

    fn made(self, id: &ContactId) -> Option<Timestamp> {
        match self {
            Self::Tells => told_by(id),
            Self::Unknown | Self::Silent => None,
        }
    }
}

/// The time in what looks like an `ObjectId`: 12 bytes, the first four of them seconds.
fn told_by(id: &ContactId) -> Option<Timestamp> {
    let is_one = id.0.len() == 24 && id.0.bytes().all(|it| it.is_ascii_hexdigit());
    let seconds = id.0.get(..8).filter(|_| is_one)?;
    Timestamp::from_second(i64::from_str_radix(seconds, 16).ok()?).ok()
}

/// Whether the contact that an answer shows as created was there before, or was made by
/// somebody else: a platform may answer with what it has.
#[must_use]
pub fn is_elses(record: &Record, began: Timestamp, ended: Timestamp, evidence: &Evidence) -> bool {
    if record.id.as_ref().is_some_and(|id| evidence.is_elses(id)) {
        return true;
    }
    match evidence.made(record) {
        // It was surely us, whoever is said to have made it and whatever zone that is told in.
        Some(made) => {
            let span = span(began, Some(ended), UNKNOWN_SKEW, SignedDuration::ZERO);
            let fits =
                |told: Timestamp| span.contains(&told) || fits_in_some_zone(told, began, ended);
            !(span.contains(&made) || evidence.as_we_told(made).any(fits))
        }
        None => evidence.our_maker.speaks(record.created_by.as_deref()) == Some(false),
    }
}

/// Reads the records that hold the contact's number; `None` when there are none.
#[must_use]
pub fn ownership(
    contact: &Contact,
    attempts: &[Attempt],
    records: &[Record],
    evidence: &Evidence,
) -> Option<Status> {
    if records.is_empty() {
        return None;
    }
    let ours = records.iter().find(|record| {
        could_be_ours(contact, record, evidence)
            && (fits_an_attempt(attempts, record, evidence)
                || was_made_by_a_replay(attempts, record, evidence))
    });
    if let Some(id) = ours.and_then(|record| record.id.clone()) {
        return Some(Status::Created { id, remark: None });
    }
    let same_name = records.iter().any(|record| has_our_names(contact, record));
    let owners = records.iter().map(Record::owner).collect();
    let remark = match (same_name, records.iter().all(|record| !record.active)) {
        (true, _) => Some(Reason::SameName),
        (false, true) => Some(Reason::InactiveHolder),
        (false, false) => None,
    };
    Some(Status::Duplicate { owners, remark })
}

fn could_be_ours(contact: &Contact, record: &Record, evidence: &Evidence) -> bool {
    let free = record.id.as_ref().is_some_and(|id| !evidence.is_elses(id));
    let maker_fits = evidence.our_maker.speaks(record.created_by.as_deref()) != Some(false);
    free && record.active && maker_fits && has_our_names(contact, record)
}

/// Whether the record is called as we called the contact.
#[must_use]
pub fn has_our_names(contact: &Contact, record: &Record) -> bool {
    let same = |ours: &str, theirs: &str| normalised_name(ours) == normalised_name(theirs);
    match (&record.first_name, &record.last_name) {
        (Some(first), Some(last)) => {
            same(contact.first_name.as_str(), first) && same(contact.last_name.as_str(), last)
        }
        _ => record.name().is_some_and(|name| same(&contact.full_name(), &name)),
    }
}

/// The platform may trim, fold blanks or recompose accents; it does not rename people.
fn normalised_name(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    name.nfc().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn fits_an_attempt(attempts: &[Attempt], record: &Record, evidence: &Evidence) -> bool {
    let mut unsettled = attempts.iter().filter(|attempt| attempt.may_have_created());
    let Some(made) = evidence.made(record) else {
        return unsettled.next().is_some();
    };
    let skew = evidence.clock_offset.map_or(UNKNOWN_SKEW, |_| KNOWN_SKEW);
    unsettled.any(|attempt| {
        let ended = ended(attempt, evidence);
        let span = span(attempt.started_at, ended, skew, AFTERMATH);
        let in_some_zone = |told| {
            let ended = ended.filter(|_| evidence.is_of_some_zone(record, made));
            ended.is_some_and(|ended| fits_in_some_zone(told, attempt.started_at, ended))
        };
        evidence.as_we_told(made).any(|told| span.contains(&told) || in_some_zone(told))
    })
}

/// When the request was over, if it is. By a clock that was set meanwhile it may seem to have
/// lasted for hours, or to have ended before it began.
fn ended(attempt: &Attempt, evidence: &Evidence) -> Option<Timestamp> {
    let noted = attempt.ended_at?;
    let latest = Some(attempt.started_at)
        .filter(|began| evidence.unsure_start != Some(*began))
        .map(|began| shifted(began, LONGEST_REQUEST));
    let noted = Some(noted).filter(|ended| *ended >= attempt.started_at);
    noted.into_iter().chain(latest).min()
}

/// Whether it was made during one of the requests themselves, by clocks that were compared. A
/// proxy that replays a request brings the answer that the number is taken, by the contact
/// which the first copy has just made.
fn was_made_by_a_replay(attempts: &[Attempt], record: &Record, evidence: &Evidence) -> bool {
    let offset = evidence.clock_offset.or(evidence.told_offset);
    let (Some(made), Some(_)) = (evidence.made(record), offset) else {
        return false;
    };
    let spoken_for = evidence.our_maker.speaks(record.created_by.as_deref()) == Some(true);
    attempts.iter().filter(|attempt| attempt.verb == Verb::Create).any(|attempt| {
        let (began, Some(ended)) = (attempt.started_at, ended(attempt, evidence)) else {
            return false;
        };
        let span = span(began, Some(ended), CLOSE, SignedDuration::ZERO);
        evidence.as_we_told(made).any(|told| {
            span.contains(&told)
                || (evidence.is_of_some_zone(record, made)
                    && spoken_for
                    && fits_in_some_zone(told, began, ended))
        })
    })
}

/// From when to when a request made then may have created its contact.
fn span(
    began: Timestamp,
    ended: Option<Timestamp>,
    skew: SignedDuration,
    aftermath: SignedDuration,
) -> RangeInclusive<Timestamp> {
    shifted(began, -skew)..=ended.map_or(Timestamp::MAX, |end| shifted(end, skew + aftermath))
}

/// Whether a time told in a zone that nobody names may lie within the request: then it
/// differs by quarters of an hour, give or take seconds.
fn fits_in_some_zone(made: Timestamp, began: Timestamp, ended: Timestamp) -> bool {
    let lasted = ended.duration_since(began).as_secs() + 2 * KNOWN_SKEW.as_secs();
    let since = made.duration_since(shifted(began, -KNOWN_SKEW)).as_secs();
    since.abs() <= FURTHEST_ZONE_S + lasted && since.rem_euclid(ZONE_STEP_S) <= lasted
}

fn shifted(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(if by.is_negative() { Timestamp::MIN } else { Timestamp::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{contact::parts::samples::named, submission::Outcome};

    fn contact() -> Contact {
        named("José", "Doe", "9876543210")
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).unwrap()
    }

    fn unanswered() -> Vec<Attempt> {
        let verb = Verb::Create;
        vec![Attempt { verb, started_at: at(0), ended_at: Some(at(30)), outcome: None }]
    }

    fn record(made: i64) -> Record {
        Record {
            id: Some(ContactId("63c7".into())),
            // As another system may write it: decomposed, with a stray blank.
            first_name: Some("Jose\u{301} ".into()),
            last_name: Some("Doe".into()),
            active: true,
            created_at: Some(at(made)),
            created_by: Some("u-1".into()),
            ..Record::default()
        }
    }

    fn judge(record: Record, evidence: &Evidence) -> Status {
        ownership(&contact(), &unanswered(), &[record], evidence).unwrap()
    }

    fn is_same_name(status: &Status) -> bool {
        matches!(status, Status::Duplicate { remark: Some(Reason::SameName), .. })
    }

    #[test]
    fn a_contact_made_while_our_attempt_was_unanswered_is_ours() {
        assert!(matches!(judge(record(2), &Evidence::default()), Status::Created { .. }));
    }

    #[test]
    fn one_made_before_our_attempt_or_long_after_it_is_not() {
        let measured = Evidence { clock_offset: Some(SignedDuration::ZERO), ..Evidence::default() };
        for made in [-60, 400] {
            assert!(is_same_name(&judge(record(made), &measured)), "made at {made}");
        }
        assert!(is_same_name(&judge(record(-3600), &Evidence::default())));
    }

    #[test]
    fn a_platform_clock_that_is_off_is_allowed_for() {
        let ahead =
            Evidence { clock_offset: Some(SignedDuration::from_hours(1)), ..Evidence::default() };
        assert!(matches!(judge(record(3602), &ahead), Status::Created { .. }));
        let gateways = judge(record(2), &ahead);
        assert!(matches!(gateways, Status::Created { .. }), "the Date is another clock's");
        assert!(is_same_name(&judge(record(1_800), &ahead)));
    }

    #[test]
    fn what_our_own_contacts_tell_of_the_platforms_times_counts_for_the_next() {
        let measured = Evidence { clock_offset: Some(SignedDuration::ZERO), ..Evidence::default() };
        let west = -8 * 3_600 + 2;
        assert!(is_same_name(&judge(record(west), &measured)));
        let told_offset = Evidence::told_by(&record(west + 5_000), at(5_000));
        assert_eq!(told_offset, Some(SignedDuration::from_secs(west)));
        let told = Evidence { told_offset, ..measured };
        assert!(matches!(judge(record(west), &told), Status::Created { .. }));
        assert!(is_same_name(&judge(record(west - 400), &told)));
        let zoneless = Record { zoneless: true, ..record(west) };
        assert_eq!(Evidence::told_by(&zoneless, at(0)), None, "its zone is not known anyway");
    }

    #[test]
    fn a_time_that_has_not_come_is_of_another_zone_than_it_says() {
        let measured = Evidence { clock_offset: Some(SignedDuration::ZERO), ..Evidence::default() };
        let now = Evidence { now: Some(at(60)), ..measured };
        let india = 19_800 + 2;
        assert!(matches!(judge(record(india), &now), Status::Created { .. }));
        assert!(is_same_name(&judge(record(india + 400), &now)));
        let west = -8 * 3_600 + 2;
        assert!(is_same_name(&judge(record(west), &now)), "that may well have been so");
    }

    #[test]
    fn another_maker_another_submission_or_an_inactive_record_leaves_doubt() {
        let other = Evidence { our_maker: Maker::Always("u-2".into()), ..Evidence::default() };
        assert!(is_same_name(&judge(record(2), &other)));
        let taken = Evidence { taken: vec![ContactId("63c7".into())], ..Evidence::default() };
        assert!(is_same_name(&judge(record(2), &taken)));
        let inactive = Record { active: false, ..record(2) };
        assert!(is_same_name(&judge(inactive, &Evidence::default())));
    }

    #[test]
    fn where_no_time_is_told_the_maker_alone_can_contradict_us() {
        let undated = || Record { created_at: None, ..record(2) };
        assert!(matches!(judge(undated(), &Evidence::default()), Status::Created { .. }));
        let other = Evidence { our_maker: Maker::Always("u-2".into()), ..Evidence::default() };
        assert!(is_same_name(&judge(undated(), &other)));
    }

    /// As a platform lists it that tells neither when nor by whom.
    fn silent(id: &str) -> Record {
        let id = Some(ContactId(id.into()));
        Record { id, created_at: None, created_by: None, ..record(2) }
    }

    #[test]
    fn on_a_platform_that_tells_nothing_ours_is_what_nobody_knew_before() {
        assert!(matches!(judge(silent("63c7"), &Evidence::default()), Status::Created { .. }));
        let known_before = vec![ContactId("63c7".into())];
        let known = || Evidence { known_before: known_before.clone(), ..Evidence::default() };
        assert!(is_same_name(&judge(silent("63c7"), &known())));
        assert!(matches!(judge(silent("63c8"), &known()), Status::Created { .. }));
        let both = [silent("63c7"), silent("63c8")];
        let judged = ownership(&contact(), &unanswered(), &both, &known());
        let Some(Status::Created { id, .. }) = judged else { panic!("{judged:?}") };
        assert_eq!(id.0, "63c8");
        assert!(is_elses(&silent("63c7"), at(0), at(1), &known()), "an answer that shows it");
    }

    /// An `ObjectId` made then.
    fn object_id(second: i64) -> String {
        format!("{:08x}1122334455660003", at(second).as_second())
    }

    #[test]
    fn an_id_that_tells_the_time_speaks_where_the_platform_does_not() {
        let tells = Evidence { id_clock: IdClock::Tells, ..Evidence::default() };
        assert!(matches!(judge(silent(&object_id(2)), &tells), Status::Created { .. }));
        for second in [-86_400, 7_200] {
            assert!(is_same_name(&judge(silent(&object_id(second)), &tells)));
        }
        let elses = |second| is_elses(&silent(&object_id(second)), at(0), at(1), &tells);
        assert!(elses(-86_400) && !elses(0));
        // Anything else is no time, and says nothing.
        for id in ["63c7", "c-000000000000000000001", "zzzzzzzz1122334455660003"] {
            assert!(matches!(judge(silent(id), &tells), Status::Created { .. }), "{id}");
        }
        let unproven = Evidence::default();
        assert!(matches!(judge(silent(&object_id(-86_400)), &unproven), Status::Created { .. }));
    }

    #[test]
    fn ids_are_believed_while_they_have_been_right_about_all_of_ours() {
        let seen = |clock: IdClock, id: &str, offset| {
            clock.with(&ContactId(id.into()), at(0), at(1), offset)
        };
        let right = seen(IdClock::Unknown, &object_id(1), None);
        assert_eq!(right, IdClock::Tells);
        assert_eq!(seen(right, &object_id(0), None), IdClock::Tells);
        let hour = SignedDuration::from_hours(1);
        assert_eq!(seen(right, &object_id(3_600), Some(hour)), IdClock::Tells, "its clock is off");
        for wrong in [&object_id(-90_000), "63c7", "aabbccddeeff001122334455"] {
            let silent = seen(right, wrong, None);
            assert_eq!(silent, IdClock::Silent, "{wrong}");
            assert_eq!(seen(silent, &object_id(1), None), IdClock::Silent, "for good");
        }
        for clock in [IdClock::Unknown, IdClock::Tells, IdClock::Silent] {
            assert_eq!(IdClock::stored(clock.to_stored()), clock);
        }
    }

    #[test]
    fn another_name_is_the_owner_and_nobody_is_unknown() {
        let other = Record { first_name: Some("Jane".into()), ..record(2) };
        let Status::Duplicate { owners, remark } = judge(other, &Evidence::default()) else {
            panic!("not a duplicate")
        };
        assert_eq!(owners[0].full_name.as_deref(), Some("Jane Doe"));
        assert_eq!(remark, None);
        assert_eq!(ownership(&contact(), &[], &[], &Evidence::default()), None);
    }

    #[test]
    fn without_an_unanswered_attempt_nothing_is_claimed() {
        let nothing = Evidence::default();
        let status = ownership(&contact(), &[], &[record(2)], &nothing).unwrap();
        assert!(is_same_name(&status));
    }

    #[test]
    fn a_maker_counts_only_while_it_has_been_the_same_for_all_of_ours() {
        let once = Maker::Unknown.with("u-2");
        assert_eq!(once, once.with("u-2"));
        let both = once.with("u-3");
        for maker in [Maker::Unknown, once.clone(), both.clone()] {
            assert_eq!(Maker::stored(maker.to_stored()), maker);
        }
        let judged = |our_maker| judge(record(2), &Evidence { our_maker, ..Evidence::default() });
        assert!(is_same_name(&judged(once)));
        assert!(matches!(judged(both), Status::Created { .. }));
    }

    #[test]
    fn a_replayed_request_is_known_by_the_time_its_first_copy_was_carried_out() {
        let taken = [Attempt {
            outcome: Some(Outcome::Duplicate { owner: None, words: String::new() }),
            ended_at: Some(at(1)),
            ..unanswered().remove(0)
        }];
        let measured =
            || Evidence { clock_offset: Some(SignedDuration::ZERO), ..Evidence::default() };
        let judged = |made, evidence: &Evidence| {
            ownership(&contact(), &taken, &[record(made)], evidence).unwrap()
        };
        assert!(matches!(judged(1, &measured()), Status::Created { .. }));
        assert!(is_same_name(&judged(30, &measured())));
        assert!(is_same_name(&judged(-60, &measured())));
        assert!(is_same_name(&judged(1, &Evidence::default())), "nobody compared the clocks");
    }

    #[test]
    fn a_replayed_request_is_known_after_one_that_was_not_answered_as_well() {
        let replayed = Attempt {
            started_at: at(900),
            ended_at: Some(at(901)),
            outcome: Some(Outcome::Duplicate { owner: None, words: String::new() }),
            ..unanswered().remove(0)
        };
        let both = [unanswered().remove(0), replayed];
        let measured = Evidence { clock_offset: Some(SignedDuration::ZERO), ..Evidence::default() };
        let judged = |made| ownership(&contact(), &both, &[record(made)], &measured).unwrap();
        // The clock was set forward by two hours under it.
        let stepped = [Attempt { ended_at: Some(at(7_200)), ..both[1].clone() }];
        let judged_then = |made| ownership(&contact(), &stepped, &[record(made)], &measured);
        assert!(is_same_name(&judged_then(3_600).unwrap()));
        for made in [2, 900] {
            assert!(matches!(judged(made), Status::Created { .. }), "made at {made}");
        }
        assert!(is_same_name(&judged(600)), "between the two");
    }

    #[test]
    fn a_clock_that_was_set_meanwhile_is_allowed_for() {
        // Noted by a clock that was an hour behind; it is right by now.
        let step = SignedDuration::from_hours(1);
        let right = || Evidence { clock_offset: Some(SignedDuration::ZERO), ..Evidence::default() };
        assert!(is_same_name(&judge(record(3_602), &right())));
        let stepped = Evidence { steps: vec![step], ..right() };
        assert!(matches!(judge(record(3_602), &stepped), Status::Created { .. }));
        assert!(is_same_name(&judge(record(7_200), &stepped)));
    }

    #[test]
    fn a_request_of_a_process_that_died_lasted_no_longer_than_one_may() {
        // Found dead by a clock that was set to two hours later meanwhile.
        let step = SignedDuration::from_hours(2);
        let noticed = at(7_200);
        let dead = [Attempt { ended_at: Some(noticed), ..unanswered().remove(0) }];
        let judged = |made, typed_at| {
            let evidence = Evidence {
                clock_offset: Some(-step),
                steps: vec![step],
                unsure_start: Some(typed_at),
                ..Evidence::default()
            };
            ownership(&contact(), &dead, &[record(made)], &evidence).unwrap()
        };
        assert!(matches!(judged(2, at(-1)), Status::Created { .. }));
        assert!(is_same_name(&judged(-400, at(-1))), "it was there before");
        let any_time_since = judged(-400, at(0));
        assert!(matches!(any_time_since, Status::Created { .. }), "nobody knows when it was sent");
    }

    #[test]
    fn a_request_that_seems_to_have_ended_before_it_began_is_ours_all_the_same() {
        // The clock was set back by an hour while it was under way.
        let step = -SignedDuration::from_hours(1);
        let attempts = [Attempt { ended_at: Some(at(-3_570)), ..unanswered().remove(0) }];
        let evidence = Evidence {
            clock_offset: Some(-step),
            steps: vec![step],
            unsure_start: Some(at(-1)),
            ..Evidence::default()
        };
        let judged = |made| ownership(&contact(), &attempts, &[record(made)], &evidence).unwrap();
        assert!(matches!(judged(2), Status::Created { .. }));
        assert!(is_same_name(&judged(-400)));
    }

    #[test]
    fn a_time_without_a_zone_fits_if_some_zone_makes_it_fit() {
        let zoneless = |made| Record { zoneless: true, ..record(made) };
        let india = 19_800 + 2;
        assert!(matches!(judge(zoneless(india), &Evidence::default()), Status::Created { .. }));
        assert!(is_same_name(&judge(record(india), &Evidence::default())), "its zone is named");
        assert!(is_same_name(&judge(zoneless(india + 400), &Evidence::default())));
        assert!(is_same_name(&judge(zoneless(-100 * 3_600), &Evidence::default())));
    }

    #[test]
    fn an_answer_that_shows_what_was_there_before_is_about_somebody_elses_contact() {
        let elses = |record: &Record, evidence| is_elses(record, at(0), at(1), evidence);
        let nothing = Evidence::default();
        assert!(!elses(&record(0), &nothing));
        assert!(!elses(&record(-19_800), &nothing), "told in another zone");
        assert!(elses(&record(-40 * 86_400), &nothing));
        assert!(elses(&record(-5_000), &nothing));
        let dateless = Record { created_at: None, ..record(0) };
        assert!(!elses(&dateless, &nothing));
        let others = Evidence { our_maker: Maker::Always("u-2".into()), ..Evidence::default() };
        assert!(elses(&dateless, &others));
        assert!(!elses(&record(0), &others), "made now: our maker has changed");
        let ours = Evidence { taken: vec![ContactId("63c7".into())], ..Evidence::default() };
        assert!(elses(&record(0), &ours), "another submission is that contact");
    }
}
