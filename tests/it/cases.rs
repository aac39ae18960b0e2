//! Files as exports, scanners and people really write them, and who comes out of each:
//! `tests/data/cases`, people and numbers invented.

use std::{fs, path::PathBuf};

use serde_json::Value;

use super::headless::Desk;

fn case(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/cases").join(name);
    path.to_str().unwrap().to_owned()
}

/// A dry run's rows and its exit code.
fn dry(desk: &Desk, file: &str, region: &str) -> (Vec<Value>, i32) {
    let ran = desk.run(&["import", file, "--dry-run", "--json", "--region", region]);
    let mut rows = ran.rows();
    assert!(rows.pop().is_some(), "{file}: {}", ran.error);
    (rows, ran.code)
}

/// "status +e164 full name", and the reason.
fn told(row: &Value) -> (String, String) {
    let text = |key: &str| row[key].as_str().unwrap_or("-").to_owned();
    (format!("{} {} {}", text("status"), text("e164"), text("full_name")), text("reason"))
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table, a row a case")]
fn every_case_of_a_file_gives_the_right_person_and_number() {
    let desk = Desk::new("");
    for (file, region, rows) in [
        (
            "cp1250_czech.csv",
            "CZ",
            &[("valid +420601123456 Jiří Dvořák", ""), ("valid +420601123457 Věra Němcová", "")][..],
        ),
        (
            "macroman.csv",
            "ES",
            &[("valid +34612345678 José Núñez", ""), ("valid +491711234567 Zoë Müller", "")],
        ),
        (
            "mojibake_apostrophe.csv",
            "IE",
            &[
                ("valid +353851234567 Sean O’Malloy", "read Oâ€™Malloy as O’Malloy"),
                ("valid +33612345678 René Dubois", "read RenÃ© as René"),
            ],
        ),
        (
            "html_entities.csv",
            "IE",
            &[
                ("valid +353851234567 Sean O'Malloy", "O&#039;Malloy"),
                ("valid +33612345678 Ann & Bo Reyes", "&amp;"),
                ("valid +33612345679 Renée Dubois", "&eacute;"),
            ],
        ),
        (
            "two_numbers_DE.csv",
            "DE",
            &[
                ("valid +4930123456 Fna Person", "left out 654321"),
                ("valid +4930123456 Fnb Person", "left out 654323"),
                ("valid +4930123456 Fnc Person", "left out 57"),
            ],
        ),
        (
            "two_numbers_AT.csv",
            "AT",
            &[
                ("valid +436641234567 Fna Person", "left out 68"),
                ("valid +43512123456 Fnb Person", "left out 57"),
            ],
        ),
        (
            "channel_prefixes.csv",
            "GB",
            &[
                ("valid +447911123123 Fna Person", "`whatsapp:` round"),
                ("valid +447911123129 Fnb Person", "`callto:` round"),
                ("valid +447911123125 Fnc Person", ""),
                ("valid +447911123133 Fnd Person", "`(mob)` round"),
            ],
        ),
        (
            "google_multi.csv",
            "GB",
            &[
                ("valid +447911123123 Maren Oduya", ""),
                ("valid +447911123124 Tariq Belmonte", "left out 07911 123125"),
                ("valid +447911123126 Ilse Quark", ""),
            ],
        ),
        (
            "outlook_de.csv",
            "DE",
            &[
                ("valid +491711234567 Jürgen Strößner", "read Herr as Mr"),
                ("valid +491711234568 Ilse Quark", "read Frau as Mrs"),
            ],
        ),
        (
            "fr_headers.csv",
            "FR",
            &[
                ("valid +33612345678 Renée Dubois", "read M. as Mr"),
                ("valid +33612345679 Léa Petit", "read Mme as Mrs"),
            ],
        ),
        (
            "hubspot.csv",
            "GB",
            &[
                ("valid +447911123123 Maren Oduya", ""),
                ("valid +447911123124 Tariq Belmonte", "Mobile Phone Number"),
                ("valid +442079460003 Ilse Quark", ""),
            ],
        ),
        (
            "outlook_en.csv",
            "GB",
            &[
                ("valid +447911123124 Tariq Belmonte", ""),
                ("valid +442079460002 Ilse Quark", "Business Phone"),
                ("valid +447911123123 Maren Oduya", "Ms. is left out"),
            ],
        ),
        (
            "freshdesk.csv",
            "GB",
            &[("valid +447911123123 Maren Oduya", ""), ("valid +447911123124 Tariq Belmonte", "")],
        ),
        (
            "region_emea.csv",
            "GB",
            &[("valid +447911123123 Maren Oduya", ""), ("valid +447911123124 Tariq Belmonte", "")],
        ),
        (
            "nulls.csv",
            "GB",
            &[("valid +447911123123 Maren Null", ""), ("valid +447911123125 None Oduya", "")],
        ),
        ("contacts.vcf", "GB", &[("valid +447911123123 Maren Oduya", "")]),
        (
            "two_cards.vcf",
            "GB",
            &[("valid +447911123123 Maren Oduya", ""), ("valid +447911123124 Tariq Belmonte", "")],
        ),
        ("preamble.csv", "GB", &[("valid +447911123123 Maren Oduya", "")]),
        ("ctrl_z.csv", "GB", &[("valid +447911123123 Maren Oduya", "")]),
        (
            "names_given.csv",
            "GB",
            &[
                ("valid +447911100000 Maren Oduya", "Ms. is left out, Mr is the default"),
                ("valid +447911100001 Maren Oduya", "Dr. is left out"),
                ("valid +447911100002 Maren Oduya", "Jr."),
                ("valid +447911100003 Maren Oduya", "PhD"),
                ("valid +447911100004 Maren Oduya", "m@example.com"),
                ("invalid", "two people"),
            ],
        ),
    ] {
        let (found, code) = dry(&desk, &case(file), region);
        assert_eq!(found.len(), rows.len(), "{file}: {found:?}");
        let mut seen = Vec::new();
        for (row, (wanted, reason)) in found.iter().zip(rows) {
            let (told, why) = told(row);
            if wanted.starts_with("invalid") {
                assert_eq!(row["status"], "invalid", "{file}: {row}");
            } else if seen.contains(&row["e164"]) {
                // The same first number twice in the file: only the reading is of interest.
                assert_eq!(row["status"], "duplicate", "{file}: {row}");
            } else {
                assert_eq!(told, *wanted, "{file}: {row}");
            }
            seen.push(row["e164"].clone());
            assert!(why.contains(reason), "{file}: {row}");
        }
        let all_valid = found.iter().all(|row| row["status"] == "valid");
        assert_eq!(code == 0, all_valid, "{file}");
    }
}

#[test]
fn every_name_of_a_country_is_read_beside_a_whole_and_a_national_number() {
    let desk = Desk::new("");
    let text = fs::read_to_string(case("countries_given.csv")).unwrap();
    let names: Vec<&str> =
        text.lines().skip(1).map(|line| line.splitn(4, ',').nth(3).unwrap()).collect();
    let (found, _) = dry(&desk, &case("countries_given.csv"), "GB");
    assert!(found.iter().all(|row| row["status"] == "valid"), "{found:?}");
    let numbers = [
        ("5123 4567", "+85251234567"),
        ("07400 123456", "+447400123456"),
        ("291 1234", "+18682911234"),
        ("284 5678", "+17582845678"),
        ("415 555 0132", "+14155550132"),
        ("415 555 0133", "+14155550133"),
        ("010-2000-0000", "+821020000000"),
        ("07400 123457", "+447400123457"),
        ("0905 123 4567", "+639051234567"),
        ("0664 123456", "+43664123456"),
    ];
    let rows =
        names.iter().zip(numbers).map(|(name, (number, _))| format!("Pat,Roe,{number},{name}\n"));
    let text = "First name,Last name,Phone,Country\n".to_owned() + &rows.collect::<String>();
    let path = desk.home.path().join("national.csv");
    fs::write(&path, text).unwrap();
    let (found, _) = dry(&desk, path.to_str().unwrap(), "FR");
    for (row, (number, e164)) in found.iter().zip(numbers) {
        assert_eq!(row["e164"], e164, "{number}: {row}");
    }
}

#[test]
fn a_name_that_two_countries_share_is_refused_with_both_and_half_a_name_is_none() {
    let desk = Desk::new("");
    for (name, parts) in [
        ("Congo", &["CD", "CG"][..]),
        ("Korea", &["KR", "KP"]),
        ("Guinea", &["GN", "GW"]),
        ("See", &["no country"]),
        ("Great", &["no country"]),
        ("Republic", &["no country"]),
    ] {
        let path = desk.home.path().join("country.csv");
        fs::write(
            &path,
            format!("First name,Last name,Phone,Country\nPat,Roe,0812345678,{name}\n"),
        )
        .unwrap();
        let (rows, code) = dry(&desk, path.to_str().unwrap(), "GB");
        let (told, why) = told(&rows[0]);
        assert!(told.starts_with("invalid") && code == 4, "{name}: {told}");
        assert!(parts.iter().all(|part| why.contains(part)), "{name}: {why}");
        let arguments =
            ["add", "--first-name", "Pat", "--last-name", "Roe", "--phone", "0812345678"];
        let ran =
            desk.run(&[&arguments[..], &["--region", name, "--json", "--wait", "0"]].concat());
        assert_eq!(ran.code, 4, "{name}: {}", ran.out);
        assert_eq!(ran.rows()[0]["status"], "invalid", "{name}");
    }
    assert_eq!(desk.run(&["results", "--format", "json"]).out, "", "nothing is stored");
}

fn book(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/books").join(name);
    path.to_str().unwrap().to_owned()
}

#[test]
fn workbooks_are_read_as_they_are_stored_and_report_as_rows() {
    for name in ["contacts.xlsx", "contacts.xls", "contacts.ods"] {
        let desk = Desk::new("");
        let report = desk.home.path().join("report.csv");
        let report = report.to_str().unwrap();
        let ran =
            desk.run(&["import", &book(name), "--json", "--region", "GB", "--report", report]);
        let rows = ran.rows();
        let of = |number: u64| rows.iter().find(|row| row["row"] == number).unwrap().clone();
        assert_eq!(told(&of(1)).0, "created +447911123123 Maren Oduya", "{name}: {}", ran.out);
        assert_eq!(told(&of(2)).0, "created +491711234567 Jürgen Müller", "{name}");
        assert!(ran.error.contains("a workbook"), "{}", ran.error);
        let again = desk.run(&["import", report, "--json", "--region", "GB"]);
        assert_eq!(again.rows().last().unwrap()["summary"]["created"], 2, "{name}: {}", again.out);
    }
}

#[test]
fn a_workbook_or_card_that_cannot_be_read_is_told_in_a_sentence() {
    let desk = Desk::new("");
    let whole = fs::read(book("contacts.xlsx")).unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = desk.home.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    for (path, part) in [
        (book("encrypted.xlsx"), "is encrypted"),
        (file("half.xlsx", &whole[..whole.len() / 2]), "damaged workbook"),
        (file("none.xls", b"\xd0\xcf\x11\xe0nothing"), "damaged workbook"),
    ] {
        let ran = desk.run(&["import", &path, "--json"]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.error);
        assert!(ran.error.contains(part), "{}", ran.error);
    }
    let cut = file("cut.vcf", b"BEGIN:VCARD\nN:Oduya;Maren\nTEL:+447911123123\n");
    let (rows, _) = dry(&desk, &cut, "GB");
    assert!(told(&rows[0]).1.contains("no END:VCARD"), "{}", rows[0]);
    let html = "<html><table><tr><th>First name</th><th>Last name</th><th>Phone</th></tr><tr><td>Ren&eacute;e</td>\
                <td>Dubois</td><td>+33612345678</td></tr></table></html>";
    let (rows, _) = dry(&desk, &file("table.xls", html.as_bytes()), "FR");
    assert_eq!(told(&rows[0]).0, "valid +33612345678 Renée Dubois");
}

#[test]
fn a_footer_below_and_columns_that_are_none_do_not_stop_a_file() {
    let desk = Desk::new("");
    let path = desk.home.path().join("salesforce.csv");
    let text = "\"Salutation\",\"First Name\",\"Last Name\",\"Title\",\"Account Name\",\"Phone\",\"Mobile\",\"Fax\"\n\
                \"Ms.\",\"Maren\",\"Oduya\",\"Buyer\",\"Acme\",\"020 7946 0001\",\"07911 123123\",\"020 7946 0009\"\n\n\
                \"Contacts\"\n\"Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved.\"\n\
                \"Confidential Information - Do Not Distribute\"\n\"Generated By:  Pat Lee  11/25/2026\"\n";
    fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap();
    let (rows, code) = dry(&desk, path, "GB");
    assert_eq!((rows.len(), code), (1, 0), "{rows:?}");
    assert_eq!(told(&rows[0]).0, "valid +447911123123 Maren Oduya");
    let more = ["import", path, "--dry-run", "--json", "--region", "GB"];
    let ran = desk.run(
        &[&more[..], &["--map", "salutation=", "--map", "phone=Phone", "--map", "phone=Mobile"]]
            .concat(),
    );
    assert_eq!(ran.rows()[0]["e164"], "+442079460001", "{}", ran.error);
    let ran = desk.run(&[&more[..], &["--encoding", "klingon"]].concat());
    assert!(ran.code == 2 && ran.error.contains("klingon"), "{}", ran.error);
}
