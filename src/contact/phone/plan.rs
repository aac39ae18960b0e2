//! The numbering plans: the one place that knows the phone library.

use rlibphonenumber::{
    NumberLengthType, PHONE_NUMBER_UTIL as LIBRARY, PhoneNumber, PhoneNumberFormat,
    PhoneNumberType, Region as LibraryRegion, ValidationError,
    get_national_significant_number_owned,
};

use super::{Phone, Reading, Written, spelling::Spelt};
use crate::contact::region::Region;

/// An example of the region's mobile numbers, or of what it has, as written at home.
#[cfg(test)]
pub(in crate::contact) fn example(region: Region) -> Option<String> {
    let library = theirs(region)?;
    let of = |kind| LIBRARY.get_example_number_for_type_and_region(library, kind).ok();
    let number = of(PhoneNumberType::Mobile).or_else(|| of(PhoneNumberType::FixedLine))?;
    Some(phone(&number, Some(region))?.national_format())
}

/// The region a calling code is known for: US for 1, RU for 7.
#[must_use]
pub fn main_region(calling_code: u16) -> Option<Region> {
    ours(LIBRARY.get_region_for_country_code(i32::from(calling_code))?)
}

/// Reads a spelt number in the region's plan, or abroad if it says so.
pub(super) fn judge(spelt: &Spelt, region: Option<Region>) -> Reading {
    if let Some((phone, valid)) = read_abroad(spelt, region) {
        return if valid { Reading::Valid(phone) } else { possible(phone) };
    }
    let Some(home) = region else {
        let why = if spelt.plus { "has no calling code anybody uses" } else { NO_COUNTRY };
        return Reading::Impossible(why.into());
    };
    if spelt.plus {
        let start: String = spelt.digits.chars().take(3).collect();
        return Reading::Impossible(format!("no country has a calling code like +{start}"));
    }
    match parse(&spelt.digits, Some(home)) {
        Some(number) => {
            let Some(phone) = phone(&number, Some(home)) else {
                return Reading::Impossible(out_of_range(spelt, home));
            };
            if is_valid(&number) { Reading::Valid(phone) } else { possible(phone) }
        }
        None => Reading::Impossible(out_of_range(spelt, home)),
    }
}

const NO_COUNTRY: &str = "needs a country, or a + and the calling code in front";

/// Reads a number that names its country: with a plus, with 00, or with the prefix the
/// region dials abroad. Says whether it is in the plan.
pub(super) fn read_abroad(spelt: &Spelt, region: Option<Region>) -> Option<(Phone, bool)> {
    let abroad = |digits: &str| {
        let number = parse(&format!("+{digits}"), None)?;
        Some((phone(&number, region)?, is_valid(&number)))
    };
    // A "(0)" is dropped only where the library's own reading with it is no number: Italy
    // keeps its zero.
    let either = |digits: &str, without: Option<&str>| {
        let with = abroad(digits);
        if with.as_ref().is_some_and(|(_, valid)| *valid) {
            return with;
        }
        without.and_then(abroad).or(with)
    };
    let without = spelt.without_trunk.as_deref();
    if spelt.plus {
        return either(&spelt.digits, without);
    }
    if let Some(digits) = spelt.digits.strip_prefix("00").filter(|it| !it.starts_with('0')) {
        let read = either(digits, without.and_then(|it| it.strip_prefix("00")));
        // Where 00 is dialled abroad nothing else begins with it; elsewhere only a
        // number that really exists is taken for one from abroad.
        if read.as_ref().is_some_and(|(_, valid)| *valid) || dials_00(region) {
            return read;
        }
    }
    // The library knows 011, 0011, 810 and the rest; what it strips shows in the code.
    let home = region?;
    let number = parse(&spelt.digits, Some(home))?;
    let elsewhere = number.country_code != i32::from(home.calling_code());
    (elsewhere && is_valid(&number)).then(|| Some((phone(&number, region)?, true))).flatten()
}

/// Whether 00 is what the region dials before a calling code.
fn dials_00(region: Option<Region>) -> bool {
    // Asked through a number that exists: the library strips exactly its own prefixes.
    let Some(home) = region else { return true };
    parse("00442071838750", Some(home))
        .is_some_and(|number| number.country_code == 44 && number.national_number == 2_071_838_750)
}

fn parse(text: &str, region: Option<Region>) -> Option<PhoneNumber> {
    LIBRARY.parse(text, region.and_then(theirs)).ok()
}

fn is_valid(number: &PhoneNumber) -> bool {
    LIBRARY.is_valid_number(number)
}

/// Our number for the library's. Its region is the one it is assigned in; where that is
/// not known, the wanted one if it shares the calling code, else the code's main region.
fn phone(number: &PhoneNumber, wanted: Option<Region>) -> Option<Phone> {
    let calling_code = u16::try_from(number.country_code).ok()?;
    let assigned = LIBRARY.get_region_for_number(number);
    let sharer = wanted.filter(|region| region.calling_code() == calling_code);
    let region = match assigned {
        Some(region) => ours(region),
        None => sharer.or_else(|| main_region(calling_code)),
    };
    let national = get_national_significant_number_owned(number);
    Phone::from_parts(region, calling_code, &national)
}

fn number(phone: &Phone) -> Option<PhoneNumber> {
    parse(phone.e164().as_str(), None)
}

pub(super) fn international(phone: &Phone) -> String {
    let plain = || format!("+{} {}", phone.calling_code, phone.national);
    number(phone)
        .map_or_else(plain, |it| it.format_as(PhoneNumberFormat::International).into_owned())
}

pub(super) fn national(phone: &Phone) -> String {
    let plain = || phone.national.clone();
    number(phone).map_or_else(plain, |it| it.format_as(PhoneNumberFormat::National).into_owned())
}

pub(super) fn kind(phone: &Phone) -> &'static str {
    match number(phone).map(|it| it.get_type()) {
        Some(PhoneNumberType::Mobile) => "mobile",
        Some(PhoneNumberType::FixedLine) => "fixed line",
        Some(PhoneNumberType::FixedLineOrMobile) => "fixed line or mobile",
        Some(PhoneNumberType::TollFree) => "toll-free",
        Some(PhoneNumberType::PremiumRate) => "premium rate",
        Some(PhoneNumberType::SharedCost) => "shared cost",
        Some(PhoneNumberType::VoIP) => "VoIP",
        Some(PhoneNumberType::PersonalNumber) => "personal number",
        Some(PhoneNumberType::Pager) => "pager",
        Some(PhoneNumberType::UAN) => "company number",
        Some(PhoneNumberType::VoiceMail) => "voicemail",
        Some(PhoneNumberType::Unknown) | None => "unusual number",
    }
}

/// The verdict on a number that is not in the plan.
fn possible(phone: Phone) -> Reading {
    let place = place(&phone);
    let Some(number) = number(&phone) else {
        return Reading::Impossible(format!("is not a number of {place}"));
    };
    match LIBRARY.is_possible_number_with_reason(&number) {
        Ok(NumberLengthType::IsPossible) => {
            let why = seems_wrong(&phone, &place);
            Reading::Unusual(phone, why)
        }
        Ok(NumberLengthType::IsPossibleLocalOnly) => {
            Reading::Impossible("lacks its area code".into())
        }
        Err(ValidationError::TooShort) => Reading::Impossible(short(&phone, &place)),
        Err(ValidationError::TooLong) => Reading::Impossible(long(&phone, &place)),
        Err(ValidationError::InvalidLength) => Reading::Impossible(seems_wrong(&phone, &place)),
        Err(ValidationError::InvalidCountryCode) => {
            Reading::Impossible(format!("no country has the calling code +{}", phone.calling_code))
        }
    }
}

fn place(phone: &Phone) -> String {
    phone.region.map_or_else(|| format!("+{}", phone.calling_code), |it| it.name().to_owned())
}

fn digits(count: usize) -> String {
    if count == 1 { "1 digit".to_owned() } else { format!("{count} digits") }
}

/// How many digits a too short number lacks: those that make it one in the plan, else
/// those that the region's example has more.
fn short(phone: &Phone, place: &str) -> String {
    let usual = || {
        let library = theirs(phone.region?)?;
        let kind = PhoneNumberType::Mobile;
        let example = LIBRARY.get_example_number_for_type_and_region(library, kind).ok()?;
        let length = get_national_significant_number_owned(&example).len();
        length.checked_sub(phone.national.len()).filter(|lacking| *lacking > 0)
    };
    missing(phone).or_else(usual).map_or_else(
        || format!("is too short for {place}"),
        |lacking| format!("{} short for {place}", digits(lacking)),
    )
}

fn long(phone: &Phone, place: &str) -> String {
    match surplus(phone) {
        Some(surplus) => format!("{} too many for {place}", digits(surplus)),
        None => format!("is too long for {place}"),
    }
}

/// The likeliest reason why a number of a possible length is not in the plan.
fn seems_wrong(phone: &Phone, place: &str) -> String {
    if let Some(lacking) = missing(phone) {
        return format!("{} short for {place}", digits(lacking));
    }
    if let Some(surplus) = surplus(phone) {
        return format!("{} too many for {place}", digits(surplus));
    }
    let first: String = phone.national.chars().take(1).collect();
    if phone.region.is_some_and(|region| !anything_starts_with(region, &first)) {
        return format!("no number in {place} starts with {first}");
    }
    format!("is not in the numbering plan of {place}")
}

/// How many more digits make it a number in the plan: tried, not guessed.
fn missing(phone: &Phone) -> Option<usize> {
    (1..=6).find(|more| {
        fills(*more).any(|fill| is_in_plan(phone, &format!("{}{fill}", phone.national)))
    })
}

/// How many digits at its end are too many.
fn surplus(phone: &Phone) -> Option<usize> {
    let all = phone.national.len();
    (1..all.min(7)).find(|less| is_in_plan(phone, &phone.national[..all - less]))
}

fn fills(count: usize) -> impl Iterator<Item = String> {
    (0..10).map(move |digit: u8| digit.to_string().repeat(count))
}

fn is_in_plan(phone: &Phone, national: &str) -> bool {
    with_national(phone, national).is_some_and(|number| is_valid(&number))
}

fn with_national(phone: &Phone, national: &str) -> Option<PhoneNumber> {
    let number = parse(&format!("+{}{national}", phone.calling_code), None)?;
    // The library may strip a trunk prefix; then it is another number.
    (get_national_significant_number_owned(&number) == national).then_some(number)
}

/// Whether any number of the region begins with this digit: its examples of every kind,
/// and everything that can be tried quickly.
fn anything_starts_with(region: Region, first: &str) -> bool {
    const KINDS: [PhoneNumberType; 10] = [
        PhoneNumberType::FixedLine,
        PhoneNumberType::Mobile,
        PhoneNumberType::TollFree,
        PhoneNumberType::PremiumRate,
        PhoneNumberType::SharedCost,
        PhoneNumberType::VoIP,
        PhoneNumberType::PersonalNumber,
        PhoneNumberType::Pager,
        PhoneNumberType::UAN,
        PhoneNumberType::VoiceMail,
    ];
    let Some(library) = theirs(region) else { return true };
    let example = KINDS.iter().any(|kind| {
        LIBRARY
            .get_example_number_for_type_and_region(library, *kind)
            .is_ok_and(|it| get_national_significant_number_owned(&it).starts_with(first))
    });
    let any = Phone {
        region: Some(region),
        calling_code: region.calling_code(),
        national: first.into(),
        written: Written::default(),
    };
    example
        || (6..=9).any(|more| {
            fills(more).any(|fill| is_in_plan(&any, &format!("{first}{fill}")))
                || (0..10).any(|second: u8| {
                    ["0", "2", "5", "7"].iter().any(|fill| {
                        let fill = fill.repeat(more - 1);
                        is_in_plan(&any, &format!("{first}{second}{fill}"))
                    })
                })
        })
}

/// Why a number that the library cannot read at all is none.
fn out_of_range(spelt: &Spelt, home: Region) -> String {
    if spelt.digits.len() < 4 {
        format!("is too short for {}", home.name())
    } else {
        format!("is too long for {}", home.name())
    }
}

fn theirs(region: Region) -> Option<LibraryRegion> {
    LibraryRegion::from_code(region.code()).ok()
}

/// `None` for the library's "world" and "unknown".
fn ours(region: LibraryRegion) -> Option<Region> {
    Region::from_code(region.as_region_str().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_regions_is_the_metadatas_own() {
        for region in Region::all() {
            let library = theirs(region).unwrap();
            let code = LIBRARY.get_country_code_for_region(library);
            assert_eq!(code, Some(i32::from(region.calling_code())), "{region}");
        }
        assert_eq!(LIBRARY.get_supported_regions().count(), Region::all().count());
    }
}
