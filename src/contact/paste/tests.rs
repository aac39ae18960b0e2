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

fn case(name: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/cases").join(name);
    std::fs::read_to_string(path).unwrap()
}

/// As the form would send it: names, E.164, salutation, title, notes.
fn read(text: &str, code: &str) -> [String; 6] {
    let home = Region::from_code(code);
    let found = recognise(text, home, &offered()).unwrap_or_else(|| panic!("nothing in {text:?}"));
    let region = found.region.as_deref().and_then(Region::from_code).or(home);
    let number = found.phone.as_deref().map(|text| match Phone::parse(text, region) {
        Reading::Valid(phone) => phone.e164().to_string(),
        other => format!("{other:?}"),
    });
    let told = |it: Option<String>| it.unwrap_or_default();
    [
        told(found.first_name),
        told(found.last_name),
        told(number),
        told(found.salutation),
        told(found.open_title),
        told(Note::sentence(&found.notes)),
    ]
}

#[test]
fn every_case_of_a_paste_gives_the_right_person_and_number() {
    for (file, code, first, last, e164, more) in [
        ("two_cards.vcf", "GB", "Maren", "Oduya", "+447911123123", "1 more person"),
        ("fax_first.vcf", "GB", "Maren", "Oduya", "+447911123123", ""),
        ("empty_tel_first.vcf", "GB", "Maren", "Oduya", "+442079460001", ""),
        ("sig_fax_first.txt", "GB", "Maren", "Oduya", "+447911123123", ""),
        ("qp_latin1_charset.vcf", "DE", "Jürgen", "Müller", "+491711234567", ""),
        ("base64_name.vcf", "DE", "Jürgen", "Müller", "+491711234567", ""),
        ("escaped_semicolon.vcf", "GB", "Maren", "Oduya;Belmonte", "+447911123123", ""),
        ("mecard.txt", "GB", "Maren", "Oduya", "+447911123123", ""),
        ("row_ms.tsv", "US", "Maren", "Oduya", "+14155550133", ""),
        ("sig_two_numbers.txt", "DE", "Maren", "Oduya", "+4930123456", "left out 654321"),
    ] {
        for text in [case(file), case(file).replace('\n', "\r")] {
            let [one, two, number, _, _, notes] = read(&text, code);
            assert_eq!([one.as_str(), &two, &number], [first, last, e164], "{file}: {notes}");
            assert!(notes.contains(more), "{file}: {notes}");
        }
    }
    assert_eq!(read(&case("two_cards.vcf"), "GB")[3], "Mrs");
    assert_eq!(read(&case("row_ms.tsv"), "US")[4], "Ms.");
}

#[test]
fn signatures_rows_and_labelled_lines_of_many_kinds_give_one_person() {
    for (text, code, wanted) in [
        (
            "Maren Oduya\nHead of Sales\nAcme Ltd\nT: 020 7946 0001\nM: 07911 123123\nF: 020 7946 0009",
            "GB",
            ["Maren", "Oduya", "+447911123123"],
        ),
        (
            "Jürgen Groß\nMuster GmbH\nTel.: 030 123456\nMobil: 0171 1234567\nFax: 030 123450",
            "DE",
            ["Jürgen", "Groß", "+491711234567"],
        ),
        (
            "Renée Dubois\nTél. : 01 23 45 67 89\nPortable : 06 12 34 56 78",
            "FR",
            ["Renée", "Dubois", "+33612345678"],
        ),
        (
            "Name: Maren Oduya\nPhone: 07911 123123\nCountry: United Kingdom",
            "US",
            ["Maren", "Oduya", "+447911123123"],
        ),
        (
            "Vorname: Ilse\nNachname: Quark\nTelefon: 0171 1234567\nLand: Deutschland",
            "US",
            ["Ilse", "Quark", "+491711234567"],
        ),
        (
            "Prénom : Renée\nNom : Dubois\nTéléphone : 06 12 34 56 78\nPays : France",
            "US",
            ["Renée", "Dubois", "+33612345678"],
        ),
        ("Maren Oduya (m) 07911 123123", "GB", ["Maren", "Oduya", "+447911123123"]),
        ("Maren Oduya 07911 123123 (mob)", "GB", ["Maren", "Oduya", "+447911123123"]),
        ("Dr. Maren Oduya, +44 7911 123123", "US", ["Maren", "Oduya", "+447911123123"]),
        ("Oduya, Maren\t07911 123123", "GB", ["Maren", "Oduya", "+447911123123"]),
        (
            "First name\tLast name\tMobile\nMaren\tOduya\t07911 123123",
            "GB",
            ["Maren", "Oduya", "+447911123123"],
        ),
        (
            "Maren Oduya\n+44 7911 123123\n\nTariq Belmonte\n+44 7911 123124",
            "GB",
            ["Maren", "Oduya", "+447911123123"],
        ),
        (
            "Maren\tOduya\t07911 123123\nTariq\tBelmonte\t07911 123124",
            "GB",
            ["Maren", "Oduya", "+447911123123"],
        ),
    ] {
        let [first, last, number, ..] = read(text, code);
        assert_eq!([first.as_str(), &last, &number], wanted, "{text:?}");
    }
    for text in [
        "Maren Oduya\n+44 7911 123123\n\nTariq Belmonte\n+44 7911 123124",
        "Maren\tOduya\t07911 123123\nTariq\tBelmonte\t07911 123124",
    ] {
        let guess = recognise(text, Region::from_code("GB"), &offered()).unwrap();
        assert_eq!(guess.others.len(), 1, "{text:?}");
        let [first, _, number, ..] = read(&guess.others[0], "GB");
        assert_eq!([first.as_str(), &number], ["Tariq", "+447911123124"]);
    }
}

#[test]
fn a_fax_is_not_taken_where_another_number_is_whatever_that_is_called() {
    for label in [
        "Office",
        "Work",
        "Direct",
        "Main",
        "Desk",
        "Home",
        "Business",
        "Switchboard",
        "Reception",
        "Front desk",
        "HQ",
        "Büro",
        "Geschäftlich",
        "Privat",
        "Zentrale",
        "Bureau",
        "Domicile",
        "Oficina",
        "Casa",
        "Direct line",
        "Firma",
        "Atelier",
    ] {
        for text in [
            format!("Maren Oduya\nFax: +1 415 555 0100\n{label}: +1 415 555-0133"),
            format!("Maren Oduya\n{label}: +1 415 555-0133\nFax: +1 415 555 0100"),
        ] {
            let [first, last, number, .., notes] = read(&text, "US");
            assert_eq!(
                [&*first, &*last, &*number, &*notes],
                ["Maren", "Oduya", "+14155550133", ""],
                "{text}"
            );
        }
    }
    let line = "Maren Oduya, Fax: +1 415 555 0100, Office: +1 415 555-0133";
    assert_eq!(read(line, "US")[..3], ["Maren", "Oduya", "+14155550133"]);
    for text in ["Dom Best +1 415 555-0133", "Best, Dom +1 415 555-0133"] {
        assert_eq!(read(text, "US")[..3], ["Dom", "Best", "+14155550133"], "{text}");
    }
    let two = "Maren Oduya\nFax: +1 415 555 0100\nTariq Belmonte\n+1 415 555 0133";
    assert_eq!(recognise(two, None, &offered()).unwrap().others.len(), 1);
}

#[test]
fn a_code_alone_in_its_cell_names_the_country_in_either_case() {
    let country = |text: &str| recognise(text, None, &offered()).unwrap().region;
    for (code, region, number) in [
        ("us", "US", "415 555 0132"),
        ("US", "US", "415 555 0132"),
        ("usa", "US", "415 555 0132"),
        ("gb", "GB", "020 7183 8750"),
        ("uk", "GB", "020 7183 8750"),
        ("de", "DE", "030 901820"),
        ("in", "IN", "98765 43210"),
        ("fr", "FR", "06 12 34 56 78"),
        ("it", "IT", "312 345 6789"),
        ("es", "ES", "612 345 678"),
        ("jp", "JP", "03 1234 5678"),
        ("ie", "IE", "085 012 3456"),
    ] {
        for text in [
            format!("Grace\tTester\t{code}\t{number}"),
            format!("grace\ttester\t{code}\t{number}"),
            format!("Grace Tester\t{code}\t{number}"),
            format!("Mrs\tGrace\tTester\t{code}\t{number}"),
            format!("Grace\tTester\t{number}\t{code}"),
            format!("Grace, Tester, {code}, {number}"),
        ] {
            let guess = recognise(&text, None, &offered()).unwrap();
            let names = (guess.first_name.as_deref(), guess.last_name.as_deref());
            assert_eq!(guess.region.as_deref(), Some(region), "{text:?}");
            assert!(names.0.is_some_and(|it| it.eq_ignore_ascii_case("grace")), "{text:?}");
            assert!(names.1.is_some_and(|it| it.eq_ignore_ascii_case("tester")), "{text:?}");
        }
    }
    for (text, last) in [
        ("Wei\tLi\t+86 138 0013 8000", "Li"),
        ("wei\tli\t+86 138 0013 8000", "li"),
        ("Mr\twei\tli\t+86 138 0013 8000", "li"),
        ("Mr\tWei\tLi\t+86 138 0013 8000", "Li"),
    ] {
        let guess = recognise(text, None, &offered()).unwrap();
        assert_eq!(guess.last_name.as_deref(), Some(last), "{text:?}");
        assert_eq!(country(text).as_deref(), Some("CN"), "{text:?}");
    }
}

#[test]
fn marks_that_nobody_sees_reach_no_field() {
    for (open, close) in [
        ("\u{202a}", "\u{202c}"),
        ("\u{202d}", "\u{202c}"),
        ("\u{2066}", "\u{2069}"),
        ("\u{2068}", "\u{2069}"),
        ("\u{200e}", "\u{200f}"),
        ("\u{200b}", "\u{200d}"),
        ("\u{feff}", "\u{2060}"),
    ] {
        for text in [
            format!("{open}+1 415 555 0187{close} Zoë Tester"),
            format!("{open} +1 415 555 0187 {close} Zoë Tester"),
            format!("Zoë Tester {open}+1 415 555 0187{close}"),
            format!("{open}Zoë{close}\t{open}Tester{close}\t{open}+1 415 555 0187{close}"),
            format!("{open}Zoë Tester{close}\n{open}+1 415 555 0187{close}"),
        ] {
            assert_eq!(read(&text, "US")[..3], ["Zoë", "Tester", "+14155550187"], "{text:?}");
        }
    }
    assert_eq!(clean("\u{200b}\u{2068}Zoë\u{2069}\u{feff}"), "Zoë");
    assert_eq!(clean("می\u{200c}خواهم"), "می\u{200c}خواهم");
}

#[test]
fn a_name_of_many_words_is_a_name_and_a_sentence_is_none() {
    let long = "María del Carmen Josefa Teresa de la Santísima Trinidad Isabel Antonia Luisa \
                Fernanda de Todos los Santos Quesada Montalbán";
    assert!(long.split_whitespace().count() >= 18);
    for text in [
        format!("{long} +34 612 345 678"),
        format!("{long}, +34 612 345 678"),
        format!("{long}\t+34 612 345 678"),
        format!("{long}\n+34 612 345 678"),
    ] {
        let [first, last, number, ..] = read(&text, "ES");
        assert_eq!(format!("{first} {last}"), long, "{text}");
        assert_eq!(number, "+34612345678", "{text}");
    }
    let sentence = "Please call Maren Oduya back about her order of yesterday +34 612 345 678";
    assert_eq!(guess(sentence), None);
}

proptest! {
    #[test]
    fn the_digits_and_names_of_a_paste_are_one_persons(
        at in 0_usize..6, other in 0_usize..6, title in "(Mr|Mrs|Ms|Dr|Herr|Frau)[.]? ", breaks in "(\n|\r|\n\n)",
    ) {
        prop_assume!(at != other);
        let people = [
            ("Maren", "Oduya", "+44 7911 123123"), ("Tariq", "Belmonte", "+44 7911 123124"),
            ("Ilse", "Quark", "+49 171 1234567"), ("Renée", "Dubois", "+33 6 12 34 56 78"),
            ("Jane", "van der Berg", "+31 6 12345678"), ("Pat", "O'Malley", "+353 85 123 4567"),
        ];
        let person = |at: usize| format!("{title}{} {}{breaks}{}", people[at].0, people[at].1, people[at].2);
        let text = format!("{}{breaks}{}", person(at), person(other));
        let [first, last, number, ..] = read(&text, "GB");
        let digits = people[at].2.replace(' ', "");
        prop_assert_eq!([first.as_str(), &last, &number], [people[at].0, people[at].1, &digits]);
    }
}
