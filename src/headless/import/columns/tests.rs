//! Headers as they come, and which column is taken for what.

use super::*;
use crate::contact::Salutation;

fn header(text: &str) -> Vec<String> {
    text.split(',').map(str::to_owned).collect()
}

fn find(text: &str, maps: &[&str]) -> Result<Columns, String> {
    let maps: Vec<Map> = maps.iter().map(|map| map.parse().unwrap()).collect();
    let salutations = ["Mr", "Mrs"].map(|it| Salutation::parse(it).unwrap()).to_vec();
    Columns::find(header(text), &maps, &[], &Addressing::offering(salutations))
}

fn found(text: &str, maps: &[&str]) -> String {
    let columns = find(text, maps).unwrap();
    let row = columns.header.clone();
    let told = MEANINGS.iter().map(|it| columns.cell(it.target, &row).to_owned());
    told.collect::<Vec<_>>().join("|")
}

#[test]
fn the_targets_stand_in_the_tables_order() {
    for (at, meaning) in MEANINGS.iter().enumerate() {
        assert_eq!(meaning.target as usize, at);
        assert_eq!(Target::named(meaning.field), Some(meaning.target));
        for name in meaning.exact {
            assert_eq!(plain(name), **name);
            assert_eq!(Target::named(name), Some(meaning.target), "{name} is there twice");
        }
    }
}

#[test]
fn the_platforms_names_ours_and_the_usual_ones_are_found_in_any_spelling() {
    for (text, wanted) in [
        (
            "firstName,lastName,salutation,cellPhoneNumber,cellPhoneCountryCode,cellPhoneExtension",
            "salutation|firstName|lastName||cellPhoneNumber|cellPhoneCountryCode||cellPhoneExtension",
        ),
        ("Title,First,Surname,Mobile,Country", "Title|First|Surname||Mobile||Country|"),
        ("VORNAME,Name,Telefon", "|VORNAME|Name||Telefon|||"),
        ("Name,Surname,Tel.", "|Name|Surname||Tel.|||"),
        ("Full Name,PHONE_NUMBER", "|||Full Name|PHONE_NUMBER|||"),
        (
            "status,e164,full_name,id,reason,existing_id,existing_full_name,submitted_at",
            "|||full_name|e164|||",
        ),
        ("Prénom,Nom de famille,Pays,Portable", "|Prénom|Nom de famille||Portable||Pays|"),
        ("first name,last name,Phone,Mobile", "|first name|last name||Mobile|||"),
    ] {
        assert_eq!(found(text, &[]), wanted, "{text}");
    }
}

#[test]
fn map_says_what_no_header_says_and_wins_over_all() {
    let told = found("A,B,Kontakt 1,phone", &["first_name=A", "surname=b", "phone=Kontakt 1"]);
    assert_eq!(told, "|A|B||Kontakt 1|||");
    let swapped = found("first,last,phone", &["first_name=last", "last_name=first"]);
    assert_eq!(swapped, "|last|first||phone|||");
}

#[test]
fn what_is_missing_twice_or_unknown_is_told_with_what_there_is() {
    for (text, maps, told) in [
        ("first,last", &[][..], "hold the phone; its columns are `first`, `last`"),
        ("first,phone", &[], "--map last_name=Column"),
        ("a,phone", &[], "--map first_name=Column"),
        ("first,last,phone,Phone", &[], "give the others another name"),
        ("first,last,x,x", &["phone=x"], "has the column `x` 2 times"),
        ("first,last,phone", &["phone=Handy 2"], "no column `Handy 2`; its columns are `first`"),
        ("first,last,phone", &["first_name=first", "first_name=last"], "`first_name` twice"),
        ("John,Doe,+919876543210", &[], "looks like a contact"),
    ] {
        let error = find(text, maps).unwrap_err();
        assert!(error.contains(told), "{text}: {error}");
    }
    assert!("phon=x".parse::<Map>().unwrap_err().contains("there are salutation, first_name"));
    assert!("phone".parse::<Map>().unwrap_err().contains("field=Column"));
    let none = find("first,last,phone,Title", &["salutation="]).unwrap();
    assert!(!none.has(Target::Salutation), "a field may have no column");
}

#[test]
fn columns_nobody_needs_may_be_there_twice_and_are_named() {
    let columns = find("first,last,phone,Note,Note", &[]).unwrap();
    assert!(columns.shown().contains("not used:    `Note`, `Note`"), "{}", columns.shown());
}

#[test]
fn an_extension_is_meant_only_by_the_platforms_word_or_by_map() {
    for (text, maps, meant) in [
        ("first,last,phone,cellPhoneExtension", &[][..], true),
        ("first,last,phone,Extension", &[], false),
        ("first,last,phone,Extension", &["extension=Extension"], true),
    ] {
        assert_eq!(find(text, maps).unwrap().extension_is_meant, meant, "{text}");
    }
}
