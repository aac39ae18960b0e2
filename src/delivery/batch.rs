//! What one answer means for each contact of a request.
//!
//! Whether the platform takes an array whole or in parts is not documented, so nothing
//! is assumed: a returned contact is matched to its request by E.164, and whatever is
//! left over goes again, in smaller company, until an answer speaks of it alone:
//!
//! ```text
//!   array of n --- all returned ----------------> Created
//!             |--- some returned ---------------> Created, the rest alone next
//!             |--- refused, naming numbers -----> Duplicate, the rest again
//!             '--- refused or failed otherwise -> all again, n/2 at most together
//! ```
//!
//! A contact that an answer left out and that is then created alone proves that this
//! platform loses contacts from arrays; see [`proves_loss`].

use crate::{
    api::Reply,
    contact::{Contact, name::folded},
    submission::{Attempt, BatchAnswer, Doubt, Failure, FailureKind, Outcome, Record},
};

/// One contact's share of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// What came of it.
    pub outcome: Outcome,
    /// The largest array it may be part of from now on; `None` leaves that as it is.
    pub array_cap: Option<u32>,
    /// Whether it was refused, alone or with the whole array.
    pub is_refused: bool,
}

impl Share {
    fn of(outcome: Outcome) -> Self {
        let is_refused = match &outcome {
            Outcome::Duplicate { .. } => true,
            Outcome::Failure(failure) => {
                matches!(
                    failure.kind,
                    FailureKind::Rejected | FailureKind::Unexplained | FailureKind::Conflict
                )
            }
            Outcome::Unsettled { batch, .. } => match batch {
                BatchAnswer::Refused | BatchAnswer::DuplicateUnnamed => true,
                BatchAnswer::LeftOut | BatchAnswer::OthersDuplicate | BatchAnswer::Quoted => false,
            },
            Outcome::Created(_) | Outcome::Changed(_) => false,
        };
        Self { outcome, array_cap: None, is_refused }
    }

    fn alone_from_now_on(outcome: Outcome) -> Self {
        Self { array_cap: Some(1), ..Self::of(outcome) }
    }
}

/// Reads `reply` for each of `contacts`, in their order.
#[must_use]
pub fn share(contacts: &[&Contact], reply: &Reply) -> Vec<Share> {
    match (contacts, reply) {
        ([contact], _) => vec![Share::of(alone(contact, reply))],
        (_, Reply::Created(records)) => returned(contacts, records),
        (_, Reply::Duplicate { numbers, words, .. }) => refused(contacts, numbers, words),
        (_, Reply::Failure(failure)) => match failure.kind {
            FailureKind::Rejected | FailureKind::Unexplained | FailureKind::Conflict => {
                all(contacts, &unsettled(BatchAnswer::Refused, &failure.words))
            }
            FailureKind::Failed | FailureKind::Unclear { .. } => {
                halves(contacts, &failure.clone().into())
            }
            FailureKind::Unauthorised
            | FailureKind::Limited { .. }
            | FailureKind::Unreached
            | FailureKind::Missing
            | FailureKind::Misaddressed { .. } => all(contacts, &failure.clone().into()),
        },
    }
}

/// Whether this outcome shows that an array lost the contact: an array's answer left it
/// out, and alone it was created.
#[must_use]
pub fn proves_loss(earlier: &[Attempt], outcome: &Outcome) -> bool {
    let omitted = |attempt: &Attempt| {
        matches!(attempt.outcome, Some(Outcome::Unsettled { batch: BatchAnswer::LeftOut, .. }))
    };
    matches!(outcome, Outcome::Created(_)) && earlier.last().is_some_and(omitted)
}

fn alone(contact: &Contact, reply: &Reply) -> Outcome {
    match reply {
        Reply::Created(records) => match find(contact, records) {
            Some(record) if names_another(contact, record) => somebody_else(),
            Some(record) => Outcome::Created(record.clone()),
            None => match records.as_slice() {
                // One contact asked for, one made, and nothing speaks of another.
                [record] if record.e164.is_none() && !names_another(contact, record) => {
                    Outcome::Created(record.clone())
                }
                [record] if record.e164.is_none() => somebody_else(),
                _ => Failure::from(Doubt::OtherNumber).into(),
            },
        },
        Reply::Duplicate { owner, words, .. } => {
            Outcome::Duplicate { owner: owner.clone(), words: words.clone() }
        }
        Reply::Failure(failure) => failure.clone().into(),
    }
}

fn find<'a>(contact: &Contact, records: &'a [Record]) -> Option<&'a Record> {
    let number = contact.phone.e164();
    records.iter().find(|record| record.e164.as_ref() == Some(&number))
}

/// Whether the record is called by a name that is not ours: then it is the contact that held
/// the number before, however the answer calls that. The platform may turn the parts round,
/// add a title, leave a part out or cut the end off; it does not put in another name.
fn names_another(contact: &Contact, record: &Record) -> bool {
    let words = |name: &str| -> Vec<String> {
        let folded = folded(name);
        let words = folded.split(|letter: char| !letter.is_alphanumeric());
        words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    let ours = words(&contact.full_name());
    let theirs = words(&record.name().unwrap_or_default());
    let among = |some: &[String], all: &[String]| some.iter().all(|word| all.contains(word));
    let is_cut = ours.concat().starts_with(&theirs.concat());
    !(is_cut || among(&theirs, &ours) || among(&ours, &theirs))
}

fn somebody_else() -> Outcome {
    Failure::from(Doubt::OtherName).into()
}

fn returned(contacts: &[&Contact], records: &[Record]) -> Vec<Share> {
    let left_out = unsettled(BatchAnswer::LeftOut, "");
    let share = |contact: &&Contact| match find(contact, records) {
        Some(record) if names_another(contact, record) => Share::alone_from_now_on(somebody_else()),
        Some(record) => Share::of(Outcome::Created(record.clone())),
        None => Share::alone_from_now_on(left_out.clone()),
    };
    contacts.iter().map(share).collect()
}

fn refused(contacts: &[&Contact], numbers: &[String], words: &str) -> Vec<Share> {
    let named = |contact: &&Contact| numbers.iter().any(|number| is_number_of(contact, number));
    let first = contacts.iter().take_while(|it| named(it)).count();
    let all_named = contacts.iter().filter(|it| named(it)).count();
    // An answer that names nobody, or that echoes the array, whole or cut off, tells nothing.
    if first == all_named {
        return all(contacts, &unsettled(BatchAnswer::DuplicateUnnamed, words));
    }
    // Whether the others were created beside the refused ones is not known.
    let rest = unsettled(BatchAnswer::OthersDuplicate, words);
    let share = |contact: &&Contact| {
        Share::of(if named(contact) {
            Outcome::Duplicate { owner: None, words: words.to_owned() }
        } else {
            rest.clone()
        })
    };
    contacts.iter().map(share).collect()
}

/// Whether a run of digits is the contact's number, whole or national.
fn is_number_of(contact: &Contact, digits: &str) -> bool {
    let phone = &contact.phone;
    phone.e164().as_str().strip_prefix('+') == Some(digits)
        || phone.national() == digits
        || phone.national() == digits.trim_start_matches('0')
}

fn all(contacts: &[&Contact], outcome: &Outcome) -> Vec<Share> {
    contacts.iter().map(|_| Share::of(outcome.clone())).collect()
}

/// What failed whole is tried in smaller arrays: the platform may not bear so large a one.
fn halves(contacts: &[&Contact], outcome: &Outcome) -> Vec<Share> {
    let half = u32::try_from(contacts.len() / 2).unwrap_or(u32::MAX).max(1);
    let share = |_| Share { array_cap: Some(half), ..Share::of(outcome.clone()) };
    contacts.iter().map(share).collect()
}

fn unsettled(batch: BatchAnswer, words: &str) -> Outcome {
    Outcome::Unsettled { batch, words: words.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        contact::{E164, parts::samples::john},
        submission::{ContactId, Verb},
    };

    fn record(number: Option<&str>) -> Record {
        Record {
            id: Some(ContactId("63c7c811aa00000000000001".into())),
            e164: number.and_then(E164::from_canonical),
            ..Record::default()
        }
    }

    fn share_all(numbers: &[&str], reply: &Reply) -> Vec<Share> {
        let contacts: Vec<_> = numbers.iter().map(|number| john(number)).collect();
        let shares = share(&contacts.iter().collect::<Vec<_>>(), reply);
        assert_eq!(shares.len(), numbers.len(), "each has its share");
        shares
    }

    const NUMBERS: [&str; 4] = ["9876543210", "9876543211", "9876543212", "9876543213"];

    #[test]
    fn a_reordered_answer_is_matched_by_number() {
        let records: Vec<_> =
            NUMBERS.iter().rev().map(|number| record(Some(&format!("+91{number}")))).collect();
        for (number, share) in NUMBERS.iter().zip(share_all(&NUMBERS, &Reply::Created(records))) {
            let Outcome::Created(record) = share.outcome else { panic!("{share:?}") };
            assert_eq!(record.e164.unwrap().as_str(), format!("+91{number}"));
        }
    }

    #[test]
    fn a_contact_without_a_number_is_ours_only_under_our_name() {
        let named = |full_name: Option<&str>| {
            let record = Record { full_name: full_name.map(str::to_owned), ..record(None) };
            let outcome = share_all(&NUMBERS[..1], &Reply::Created(vec![record])).remove(0).outcome;
            matches!(outcome, Outcome::Created(_))
        };
        assert!(named(None) && named(Some("John Doe")) && !named(Some("Jane Roe")));
    }

    #[test]
    fn whatever_an_array_leaves_out_goes_again_alone() {
        let reply = Reply::Created(vec![record(Some("+919876543211"))]);
        let shares = share_all(&NUMBERS, &reply);
        assert!(matches!(shares[1].outcome, Outcome::Created(_)));
        for left in [0, 2, 3] {
            assert!(matches!(
                shares[left].outcome,
                Outcome::Unsettled { batch: BatchAnswer::LeftOut, .. }
            ));
            assert_eq!(shares[left].array_cap, Some(1));
        }
    }

    #[test]
    fn numbers_the_refusal_names_are_the_duplicates_and_the_rest_go_again() {
        for spelling in ["919876543212", "9876543212", "09876543212"] {
            let numbers = vec![spelling.to_owned()];
            let reply = Reply::Duplicate { numbers, owner: None, words: "exists".into() };
            let shares = share_all(&NUMBERS, &reply);
            assert!(matches!(shares[2].outcome, Outcome::Duplicate { .. }), "{spelling}");
            assert!(matches!(
                shares[0].outcome,
                Outcome::Unsettled { batch: BatchAnswer::OthersDuplicate, .. }
            ));
            assert_eq!(shares[0].array_cap, None, "the rest may go together again");
        }
    }

    #[test]
    fn a_refusal_that_echoes_the_whole_array_tells_nothing() {
        let numbers = NUMBERS.iter().map(|number| (*number).to_owned()).collect();
        let reply = Reply::Duplicate { numbers, owner: None, words: "exists".into() };
        for share in share_all(&NUMBERS, &reply) {
            assert!(share.is_refused && share.array_cap.is_none());
        }
    }

    #[test]
    fn a_refusal_that_names_nobody_makes_all_of_them_suspects() {
        let reply = Reply::Duplicate { numbers: vec![], owner: None, words: "exists".into() };
        for share in share_all(&NUMBERS, &reply) {
            assert!(matches!(
                share.outcome,
                Outcome::Unsettled { batch: BatchAnswer::DuplicateUnnamed, .. }
            ));
            assert!(share.is_refused && share.array_cap.is_none());
        }
    }

    #[test]
    fn an_array_that_failed_or_was_cut_short_is_tried_in_halves_and_nobody_is_suspected() {
        for failure in [Failure::new(FailureKind::Failed, "504"), Failure::unclear("cut short")] {
            for share in share_all(&NUMBERS, &failure.into()) {
                assert!(!share.is_refused && share.array_cap == Some(2));
            }
        }
    }

    #[test]
    fn one_bad_contact_does_not_condemn_its_array() {
        let reply: Reply =
            Failure::new(FailureKind::Rejected, "salutation must be Mr or Mrs").into();
        assert!(share_all(&NUMBERS, &reply).iter().all(|share| share.is_refused));
        let [alone] = &share_all(&NUMBERS[..1], &reply)[..] else { panic!() };
        assert!(matches!(
            alone.outcome,
            Outcome::Failure(Failure { kind: FailureKind::Rejected, .. })
        ));
    }

    #[test]
    fn an_answer_about_another_number_is_never_taken_for_ours() {
        let reply = Reply::Created(vec![record(Some("+14155550132"))]);
        let [share] = &share_all(&NUMBERS[..1], &reply)[..] else { panic!() };
        assert!(matches!(
            share.outcome,
            Outcome::Failure(Failure { kind: FailureKind::Unclear { .. }, .. })
        ));
        let silent = Reply::Created(vec![record(None)]);
        let [share] = &share_all(&NUMBERS[..1], &silent)[..] else { panic!() };
        assert!(matches!(share.outcome, Outcome::Created(_)));
    }

    #[test]
    fn a_contact_of_another_name_is_never_taken_for_ours_and_one_written_otherwise_is() {
        let named = |name: &str| {
            let record = record(Some("+919876543210"));
            Reply::Created(vec![Record { full_name: Some(name.into()), ..record }])
        };
        for (name, is_ours) in [
            ("DOE, John", true),
            ("Jöhn", true),
            ("Mr John Doe", true),
            ("John Do", true),
            ("Jane Roe", false),
            ("Jane Doe", false),
        ] {
            for sent in [&NUMBERS[..1], &NUMBERS] {
                let share = share_all(sent, &named(name)).remove(0);
                assert_eq!(matches!(share.outcome, Outcome::Created(_)), is_ours, "{name}");
                assert!(is_ours || sent.len() == 1 || share.array_cap == Some(1), "{name}");
            }
        }
    }

    #[test]
    fn an_array_is_proved_lossy_by_a_contact_it_left_out_and_that_is_then_created() {
        let attempt = |batch| Attempt {
            verb: Verb::Create,
            started_at: jiff::Timestamp::UNIX_EPOCH,
            ended_at: None,
            outcome: Some(unsettled(batch, "")),
        };
        let created = Outcome::Created(record(None));
        assert!(proves_loss(&[attempt(BatchAnswer::LeftOut)], &created));
        assert!(!proves_loss(&[attempt(BatchAnswer::Refused)], &created));
        let taken = Outcome::Duplicate { owner: None, words: String::new() };
        assert!(!proves_loss(&[attempt(BatchAnswer::LeftOut)], &taken), "it was refused, not lost");
    }
}
