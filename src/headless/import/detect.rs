//! Which legacy encoding a file is in: what `chardetng` makes of its letters, what desktops
//! of the account's country wrote, and whether the outcome makes words at all. Where these
//! differ the file is read one way and each name that would read otherwise is asked about
//! ([`super::doubt`]): `chardetng` alone is right about whole pages, not about two names.

use std::io::{self, BufRead as _, BufReader, Read};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, MACINTOSH};

use super::doubt::{Doubt, is_torn, usual_encoding};
use crate::contact::Region;

/// Lines with letters beyond ASCII that are looked at word by word.
const MOST_LINES: usize = 500;

/// Judges all of `bytes`.
///
/// # Errors
/// When the file fails.
pub(super) fn detect(bytes: impl Read, region: Option<Region>) -> io::Result<Doubt> {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let mut reader = BufReader::new(bytes);
    let (mut line, mut foreign) = (Vec::new(), Vec::new());
    while reader.by_ref().take(1 << 18).read_until(b'\n', &mut line)? > 0 {
        if !line.is_ascii() {
            detector.feed(&line, false);
            if foreign.len() < MOST_LINES {
                foreign.push(line.clone());
            }
        }
        line.clear();
    }
    detector.feed(b"", true);
    let neutral = detector.guess(None, Utf8Detection::Deny);
    let (mut opinions, mut read_as) = (vec![neutral], neutral);
    if let Some(region) = region {
        let domain = region.code().to_lowercase();
        let local = detector.guess(Some(domain.as_bytes()), Utf8Detection::Deny);
        let usual = usual_encoding(region);
        opinions.extend([local, usual]);
        if local == usual {
            read_as = usual;
        }
    }
    let makes_words = |encoding: &'static Encoding| {
        foreign.iter().all(|line| {
            let (text, failed) = encoding.decode_without_bom_handling(line);
            !failed && !text.split(|c: char| c == ',' || c == ';' || c.is_whitespace()).any(is_torn)
        })
    };
    // Nobody detects the encoding of old Macintoshes; it shows in symbols inside words.
    if !makes_words(read_as) && makes_words(MACINTOSH) {
        return Ok(Doubt { read_as: MACINTOSH, others: Vec::new() });
    }
    opinions.retain(|opinion| *opinion != read_as);
    Ok(Doubt { read_as, others: opinions })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, encoding: &'static Encoding, region: &str) -> Doubt {
        let (bytes, _, _) = encoding.encode(text);
        detect(&bytes[..], Region::from_code(region)).unwrap()
    }

    #[test]
    fn legacy_encodings_are_told_where_country_and_letters_agree() {
        for (text, encoding, region) in [
            ("Jiří,Dvořák\nVěra,Němcová\n", encoding_rs::WINDOWS_1250, "CZ"),
            ("Jürgen,Müller\n", encoding_rs::WINDOWS_1252, "DE"),
            ("Hélène,Lefèvre\n", encoding_rs::WINDOWS_1252, "FR"),
            ("Иван,Петров\n", encoding_rs::WINDOWS_1251, "RU"),
            ("山田,太郎\n", encoding_rs::SHIFT_JIS, "JP"),
            ("José,Núñez\nZoë,Müller\n", MACINTOSH, "ES"),
        ] {
            let doubt = read(text, encoding, region);
            assert_eq!(doubt.read_as, encoding, "{text}");
        }
    }

    #[test]
    fn a_country_that_does_not_write_so_leaves_a_doubt() {
        let doubt = read("Jiří,Dvořák\nVěra,Němcová\n", encoding_rs::WINDOWS_1250, "GB");
        assert!(
            doubt.read_as == encoding_rs::WINDOWS_1250
                || doubt.others.contains(&encoding_rs::WINDOWS_1250)
        );
        assert!(
            doubt.read_as == encoding_rs::WINDOWS_1252
                || doubt.others.contains(&encoding_rs::WINDOWS_1252)
        );
    }
}
