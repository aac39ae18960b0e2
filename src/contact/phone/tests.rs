//! Numbers typed the way people type them, and a large table of another implementation.

use proptest::prelude::*;

use super::*;

fn region(code: &str) -> Option<Region> {
    (!code.is_empty()).then(|| Region::from_code(code).unwrap())
}

fn valid(text: &str, code: &str) -> Phone {
    match Phone::parse(text, region(code)) {
        Reading::Valid(phone) => phone,
        other => panic!("{text:?} in {code:?}: {other:?}"),
    }
}

fn impossible(text: &str, code: &str) -> String {
    match Phone::parse(text, region(code)) {
        Reading::Impossible(why) => why,
        other => panic!("{text:?} in {code:?}: {other:?}"),
    }
}

fn unusual(text: &str, code: &str) -> String {
    match Phone::parse(text, region(code)) {
        Reading::Unusual(_, why) => why,
        other => panic!("{text:?} in {code:?}: {other:?}"),
    }
}

#[test]
fn one_number_has_one_e164_however_it_is_written() {
    for (text, code, e164) in [
        ("98765 43210", "IN", "+919876543210"),
        ("098765-43210", "IN", "+919876543210"),
        ("+91 98765 43210", "US", "+919876543210"),
        ("020 7183 8750", "GB", "+442071838750"),
        ("0044 20 7183 8750", "IN", "+442071838750"),
        ("+44 (0)20 7183 8750", "IN", "+442071838750"),
        ("011 44 20 7183 8750", "US", "+442071838750"),
        ("0011 44 20 7183 8750", "AU", "+442071838750"),
        ("00 44 20 7183 8750", "US", "+442071838750"),
        ("8 800 555-35-35", "RU", "+78005553535"),
        ("06 30 123 4567", "HU", "+36301234567"),
        ("+33 0 6 12 34 56 78", "FR", "+33612345678"),
        ("391 231 2312", "IT", "+393912312312"),
        ("011 15 2345 6789", "AR", "+5491123456789"),
        ("٩٨٧٦٥٤٣٢١٠", "IN", "+919876543210"),
        ("+800 1234 5678", "", "+80012345678"),
    ] {
        assert_eq!(valid(text, code).e164().as_str(), e164, "{text} in {code}");
    }
}

#[test]
fn leading_zeros_that_belong_to_a_number_are_kept() {
    for (text, code, national) in [
        ("+39 06 12345678", "", "0612345678"),
        ("06 12345678", "IT", "0612345678"),
        ("0461 234567", "IT", "0461234567"),
        ("+39 06 698 12345", "VA", "0669812345"),
    ] {
        assert_eq!(valid(text, code).national(), national, "{text}");
    }
}

#[test]
fn regions_that_share_a_code_do_not_change_a_number() {
    for sharers in
        [&["US", "CA", "JM"][..], &["GB", "JE", "IM"], &["IT", "VA"], &["RU", "KZ"], &["NO", "SJ"]]
    {
        let typed = example(region(sharers[0]).unwrap()).unwrap();
        let first = valid(&typed, sharers[0]);
        for sharer in &sharers[1..] {
            let read = valid(&first.international(), sharer);
            assert_eq!(read.e164(), first.e164());
            assert_eq!(read.region(), first.region(), "where it is assigned, not where chosen");
        }
    }
}

#[test]
fn what_is_wrong_is_said_the_way_a_person_would() {
    assert_eq!(unusual("98765432", "IN"), "2 digits short for India");
    assert_eq!(impossible("123", "US"), "7 digits short for United States");
    assert_eq!(unusual("7911 12345", "GB"), "1 digit short for United Kingdom");
    assert_eq!(impossible("415 555 01322", "US"), "1 digit too many for United States");
    assert_eq!(unusual("415 155 0132", "US"), "is not in the numbering plan of United States");
    assert_eq!(unusual("115 555 0132", "US"), "no number in United States starts with 1");
    assert!(impossible("+999 12345678", "IN").contains("calling code"));
    assert!(impossible("555 0132", "").contains("country"));
    assert!(impossible("98765x", "IN").contains("'x'"));
}

#[test]
fn a_number_that_names_its_country_is_split_into_both() {
    let gb = region("GB").unwrap();
    for text in ["+447400123456", "0044 7400 123456"] {
        assert_eq!(split_prefix(text, region("IN")), Some((gb, "07400 123456".into())), "{text}");
    }
    assert_eq!(split_prefix("+44 74", region("IN")).map(|it| it.0), Some(gb));
    assert_eq!(split_prefix("98765 43210", region("IN")), None);
    assert_eq!(split_prefix("+", region("IN")), None);
    assert_eq!(split_prefix("+80012345678", region("IN")), None, "no region has it");
}

#[test]
fn a_number_is_read_aloud_in_its_groups() {
    assert_eq!(
        valid("+44 7911 123456", "").read_aloud(),
        "plus four four · seven nine one one · one two three four five six"
    );
}

#[test]
fn every_region_has_an_example_that_reads_as_valid_there() {
    for region in Region::all() {
        let text = example(region).unwrap_or_else(|| panic!("{region} has no example"));
        let Reading::Valid(phone) = Phone::parse(&text, Some(region)) else {
            panic!("{text} in {region}")
        };
        assert_eq!(phone.calling_code(), region.calling_code());
    }
}

#[test]
fn the_platforms_extension_takes_prefixes_and_refuses_words() {
    assert_eq!(Extension::parse("  ").unwrap().as_str(), "+");
    assert_eq!(Extension::parse("+91").unwrap().as_str(), "+91");
    assert!(Extension::parse("ext").is_err() && Extension::parse("12345678901").is_err());
}

/// `tests/data/phones.csv` holds what Python's port of libphonenumber says.
#[test]
fn readings_agree_with_libphonenumber() {
    let table = include_str!("../../../tests/data/phones.csv");
    let (mut rows, mut wrong) = (0, Vec::new());
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let [text, code, verdict, e164] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        rows += 1;
        let (found, phone) = match Phone::parse(text, region(code)) {
            Reading::Valid(phone) => ("valid", Some(phone)),
            Reading::Unusual(phone, _) => ("possible", Some(phone)),
            Reading::Impossible(_) => ("impossible", None),
        };
        let found_e164 = phone.map(|it| it.e164().to_string()).unwrap_or_default();
        let same_number = verdict == "impossible" || found == "impossible" || found_e164 == e164;
        assert!(
            verdict != "valid" || found != "valid" || found_e164 == e164,
            "{text} in {code} became another number: {found_e164}, not {e164}"
        );
        if found != verdict || !same_number {
            wrong.push(format!("{text} in {code}: {found} {found_e164}, not {verdict} {e164}"));
        }
    }
    assert!(rows > 5_000, "{rows} rows");
    assert!(wrong.len() * 200 <= rows, "{} of {rows} differ:\n{}", wrong.len(), wrong.join("\n"));
}

proptest! {
    #[test]
    fn no_text_panics_and_a_number_holds_only_digits_that_were_typed(
        text in "[+0-9 ()./x#a-f٠-٩-]{0,24}", at in 0_usize..245,
    ) {
        let home = Region::all().nth(at);
        let _ = split_prefix(&text, home);
        if let Reading::Valid(phone) | Reading::Unusual(phone, _) = Phone::parse(&text, home) {
            let typed: String = spelling::read(&text).unwrap().digits;
            // Argentina's and Mexico's mobiles move a digit in front, as their plans say.
            if ![52, 54].contains(&phone.calling_code()) {
                prop_assert!(typed.ends_with(phone.national().trim_start_matches('0')) , "{typed} {phone:?}");
            }
            prop_assert!(phone.national().bytes().all(|b| b.is_ascii_digit()));
        }
    }

    #[test]
    fn reading_what_was_read_changes_nothing(at in 0_usize..245, tail in "[0-9]{6,10}") {
        let home = Region::all().nth(at);
        if let Reading::Valid(phone) = Phone::parse(&tail, home) {
            for text in [phone.international(), phone.e164().to_string()] {
                let Reading::Valid(again) = Phone::parse(&text, home) else { panic!("{text}") };
                prop_assert_eq!(again.e164(), phone.e164());
            }
        }
    }
}

#[test]
fn a_number_that_was_written_out_is_still_the_same_number() {
    let (written, read) = (valid("98765 43210", "IN"), valid("+91 98765 43210", "IN"));
    assert_eq!(written.international(), "+91 98765 43210");
    assert_eq!(written.international(), "+91 98765 43210", "as often as it is asked for");
    assert_eq!(written, read);
    assert_eq!(written.clone().international(), read.international());
}

#[test]
fn a_number_is_shown_as_it_was_once_written_unless_that_is_another() {
    let number = || Phone::from_parts(Region::from_code("IN"), 91, "9876543210").unwrap();
    let told = number().once_written("+91 9-876-543-210".into());
    assert_eq!(told.international(), "+91 9-876-543-210", "nothing is looked up");
    assert_eq!(told, number());
    for odd in
        ["", "+91 98765 43211", "91 98765 43210", "+91 98765 43210 x", "+91 98765\u{1b}43210"]
    {
        assert_eq!(number().once_written(odd.into()).international(), "+91 98765 43210", "{odd:?}");
    }
}
