//! Rows as people and programs write them, and what becomes of each.

use super::*;
use crate::contact::Salutation;

fn addressing() -> Addressing {
    Addressing::offering(["Mr", "Mrs"].map(|it| Salutation::parse(it).unwrap()).to_vec())
}

fn judge(header: &str, region: &str) -> Judge {
    let header = header.split(',').map(str::to_owned).collect();
    Judge {
        columns: Columns::find(header, &[], &[], &addressing()).unwrap(),
        addressing: addressing(),
        doubt: None,
        region: Region::from_code(region),
        extension: Extension::parse("+").unwrap(),
    }
}

fn row(judge: &Judge, cells: &str) -> Judged {
    judge.row(&cells.split(',').map(str::to_owned).collect::<Vec<_>>())
}

/// "valid +91… Mr John|Doe +", "unusual …" or the sentence.
fn verdict(judge: &Judge, cells: &str) -> String {
    let told = |word: &str, contact: &Contact| {
        let Contact { salutation, first_name, last_name, phone, extension } = contact;
        format!("{word} {} {salutation} {first_name}|{last_name} {extension}", phone.e164())
    };
    match row(judge, cells).verdict {
        RowVerdict::Valid(contact) => told("valid", &contact),
        RowVerdict::Unusual(contact, why) => format!("{}: {why}", told("unusual", &contact)),
        RowVerdict::Repeated(..) => unreachable!("one row repeats nothing"),
        RowVerdict::Invalid(why) => why,
    }
}

#[test]
fn the_platforms_own_columns_make_a_contact() {
    let judge = judge(
        "firstName,lastName,salutation,cellPhoneNumber,cellPhoneCountryCode,cellPhoneExtension",
        "",
    );
    for (cells, wanted) in [
        ("Jane,Roe,mrs.,9876543210,+91,+", "valid +919876543210 Mrs Jane|Roe +"),
        ("Jane,Roe,,09876543210,91,91", "valid +919876543210 Mr Jane|Roe 91"),
        ("Jane,Roe,Mr,+919876543210,+91,", "valid +919876543210 Mr Jane|Roe +"),
        ("Jane,Roe,Mr,0612345678,+39,", "valid +390612345678 Mr Jane|Roe +"),
        ("Jane,Roe,Mr,12345678,+800,", "valid +80012345678 Mr Jane|Roe +"),
        ("Jane,Roe,Mr,876 555 1234,+1,", "unusual"),
        ("Jane,Roe,Mr,9876543210,IN,", "valid +919876543210 Mr Jane|Roe +"),
        (
            "Jane,Roe,Mr,+447400123456,+91,",
            "Phone: is a number of +44, but its calling code is +91",
        ),
        ("Jane,Roe,Mr,9876543210,ninety,", "Calling code: `ninety` is none"),
        ("Jane,Roe,Dr,9876543210,+91,", "valid +919876543210 Mr Jane|Roe +"),
        ("Jane,Roe,Herr,9876543210,+91,", "valid +919876543210 Mr Jane|Roe +"),
        ("Jane,Roe,Buyer,9876543210,+91,", "Salutation: must be Mr or Mrs"),
    ] {
        let told = verdict(&judge, cells);
        assert!(told.starts_with(wanted) || wanted == "unusual", "{cells}: {told}");
    }
}

#[test]
fn a_national_number_is_read_in_the_rows_country_or_the_default_one() {
    let judge = judge("first,last,phone,country", "IN");
    for (cells, wanted) in [
        ("A,B,98765 43210,", "valid +919876543210"),
        ("A,B,020 7183 8750,United Kingdom", "valid +442071838750"),
        ("A,B,2071838750,gb", "valid +442071838750"),
        ("A,B,06 12345678,Italy", "valid +390612345678"),
        ("A,B,+44 (0)20 7183 8750,", "valid +442071838750"),
        ("A,B,0044 20 7183 8750,", "valid +442071838750"),
        ("A,B,919876543210,", "valid +919876543210"),
        ("A,B,98765 43210,Atlantis", "Country: `Atlantis` is no country"),
        ("A,B,98765,", "Phone: "),
    ] {
        let told = verdict(&judge, cells);
        assert!(told.starts_with(wanted), "{cells}: {told}");
    }
}

#[test]
fn a_lost_zero_or_plus_is_told_where_it_matters() {
    let judge = judge("first,last,phone,country", "");
    let told = verdict(&judge, "A,B,612345678,IT");
    assert!(told.contains("with a 0 in front"), "{told}");
    let told = verdict(&judge, "A,B,442071838750,IN");
    assert!(told.contains("with a + in front"), "{told}");
    let told = verdict(&judge, "A,B,442071838750,");
    assert!(told.contains("needs a country") && told.contains("with a + in front"), "{told}");
}

#[test]
fn digits_that_may_begin_with_an_area_or_a_calling_code_are_asked_about() {
    let judge = judge("first,last,phone", "DE");
    let told = verdict(&judge, "A,B,49421123456");
    assert!(told.contains("may be +49 ") && told.contains(" or +49 "), "{told}");
    assert!(verdict(&judge, "A,B,4915112345678").starts_with("unusual +494915112345678"));
    assert!(verdict(&judge, "A,B,015112345678").starts_with("valid +4915112345678"));
}

#[test]
fn whole_names_are_split_and_it_is_said_when_a_person_should_look() {
    let judge = judge("Name,Mobile", "IN");
    assert!(verdict(&judge, "Mrs Jane Roe,9876543210").contains("Mrs Jane|Roe"));
    let long = row(&judge, "Ludwig van Beethoven,9876543210");
    assert_eq!(long.full_name, "Ludwig van Beethoven");
    let note = Note::sentence(&long.notes);
    assert_eq!(note.as_deref(), Some("Name: read as `Ludwig` and `van Beethoven`"));
    assert_eq!(verdict(&judge, "Cher,9876543210"), "Last name: is needed");
}

#[test]
fn every_problem_of_a_row_is_told_at_once() {
    let judge = judge("first,last,phone,extension", "IN");
    let told = verdict(&judge, ",\u{fffd},9.19877E+11,1234,more");
    for part in ["5 cells", "First name: is needed", "Last name: ", "lost digits", "dialing"] {
        assert!(told.contains(part), "{part} in {told}");
    }
    assert!(verdict(&judge, "John\nJack,Doe,9876543210,").contains("line break"));
}

#[test]
fn a_desks_extension_behind_a_number_is_not_sent_and_that_is_said() {
    let judge = judge("first,last,phone,extension", "IN");
    let judged = row(&judge, "A,B,+1 415 555 0132 x12,+");
    assert!(Note::sentence(&judged.notes).unwrap().contains("extension 12"));
    assert!(verdict(&judge, "A,B,+1 415 555 0132 x12,+").starts_with("valid +14155550132"));
}
