//! Whose contact it is that the platform holds under our number: ours from an attempt
//! whose answer never came, or somebody else's. Pure.
//!
//! It is ours only if everything agrees: the names are the ones we sent, the platform
//! made it while one of our attempts could have, its maker is the one our contacts have,
//! and no other submission already is that contact. Anything less is "exists, same
//! name": told, never claimed.

use jiff::{SignedDuration, Timestamp};

use crate::{
    contact::Contact,
    submission::{Attempt, ContactId, Reason, Record, Status},
};

/// How far the platform's clock may be from ours when nobody has measured it.
const UNKNOWN_SKEW: SignedDuration = SignedDuration::from_mins(5);
/// What rounding and transport add when the difference is known.
const KNOWN_SKEW: SignedDuration = SignedDuration::from_secs(10);
/// A platform may finish what it was sent this long after we stopped listening.
const AFTERMATH: SignedDuration = SignedDuration::from_secs(60);

/// What is known beside the record itself.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// The platform's clock minus ours, when an answer's Date told.
    pub clock_offset: Option<SignedDuration>,
    /// Who the platform says made contacts that are surely ours.
    pub our_maker: Option<String>,
    /// The contacts that other submissions of this store already are.
    pub taken: Vec<ContactId>,
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
    let ours = records.iter().find(|record| is_ours(contact, attempts, record, evidence));
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

fn is_ours(contact: &Contact, attempts: &[Attempt], record: &Record, evidence: &Evidence) -> bool {
    let free = record.id.as_ref().is_some_and(|id| !evidence.taken.contains(id));
    let maker_fits = match (&evidence.our_maker, &record.created_by) {
        (Some(ours), Some(theirs)) => ours == theirs,
        (None, _) | (_, None) => true,
    };
    free && record.active
        && maker_fits
        && has_our_names(contact, record)
        && fits_an_attempt(attempts, record, evidence)
}

fn has_our_names(contact: &Contact, record: &Record) -> bool {
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
    let unsettled = |attempt: &&Attempt| attempt.may_have_created();
    if record.undated {
        // It may contradict us: only its maker can speak for us then.
        return evidence.our_maker.is_some()
            && evidence.our_maker == record.created_by
            && attempts.iter().any(|attempt| unsettled(&attempt));
    }
    let Some(made) = record.created_at else {
        return attempts.iter().any(|attempt| unsettled(&attempt));
    };
    let (offset, skew) = match evidence.clock_offset {
        Some(offset) => (offset, KNOWN_SKEW),
        None => (SignedDuration::ZERO, UNKNOWN_SKEW),
    };
    let made = shifted(made, -offset);
    attempts.iter().filter(unsettled).any(|attempt| {
        let from = shifted(attempt.started_at, -skew);
        let until = attempt.ended_at.map_or(Timestamp::MAX, |end| shifted(end, skew + AFTERMATH));
        (from..=until).contains(&made)
    })
}

fn shifted(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(if by.is_negative() { Timestamp::MIN } else { Timestamp::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{contact::parts::samples::named, submission::Verb};

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
        assert!(is_same_name(&judge(record(2), &ahead)));
    }

    #[test]
    fn another_maker_another_submission_or_an_inactive_record_leaves_doubt() {
        let other = Evidence { our_maker: Some("u-2".into()), ..Evidence::default() };
        assert!(is_same_name(&judge(record(2), &other)));
        let taken = Evidence { taken: vec![ContactId("63c7".into())], ..Evidence::default() };
        assert!(is_same_name(&judge(record(2), &taken)));
        let inactive = Record { active: false, ..record(2) };
        assert!(is_same_name(&judge(inactive, &Evidence::default())));
    }

    #[test]
    fn a_time_that_cannot_be_read_leaves_it_to_the_maker() {
        let undated = || Record { created_at: None, undated: true, ..record(2) };
        assert!(is_same_name(&judge(undated(), &Evidence::default())));
        let ours = Evidence { our_maker: Some("u-1".into()), ..Evidence::default() };
        assert!(matches!(judge(undated(), &ours), Status::Created { .. }));
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
        let status = ownership(&contact(), &[], &[record(2)], &Evidence::default()).unwrap();
        assert!(is_same_name(&status));
    }
}
