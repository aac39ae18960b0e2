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
