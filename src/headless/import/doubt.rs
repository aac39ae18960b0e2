//! Names that would read otherwise in another encoding that the file may be in. Legacy
//! encodings have no mark: a wrong one gives other letters, not an error ("Jiøí" for
//! "Jiří"). Where the opinions differ on a name it is asked about, never sent.

use encoding_rs::Encoding;

use crate::contact::{Contact, Region, letters};

/// What the file is read as, and what else it may be.
#[derive(Debug, Clone)]
pub(super) struct Doubt {
    pub(super) read_as: &'static Encoding,
    pub(super) others: Vec<&'static Encoding>,
}

impl Doubt {
    /// What is doubtful about a row's names, in a sentence with the cure.
    pub(super) fn of(&self, contact: &Contact) -> Option<String> {
        let own = contact.phone.region().map(usual_encoding);
        [("First name", &contact.first_name), ("Last name", &contact.last_name)]
            .into_iter()
            .find_map(|(label, name)| {
                let name = name.as_str();
                if name.is_ascii() {
                    return None;
                }
                if is_torn(name) {
                    return Some(format!(
                        "{label}: `{name}` has letters that belong in no name; the file's \
                         encoding cannot be told, save it as UTF-8 or say --encoding (such as \
                         windows-1250 or macintosh)"
                    ));
                }
                let others = self.others.iter().copied().chain(own);
                let other = others.filter(|it| *it != self.read_as).find_map(|other| {
                    let read = self.read_in(name, other)?;
                    (read != name).then_some((other, read))
                })?;
                let (encoding, read) = other;
                Some(format!(
                    "{label}: may be `{name}` ({}) or `{read}` ({}); say --encoding, or save the \
                     file as UTF-8",
                    self.read_as.name(),
                    encoding.name()
                ))
            })
    }

    /// The name as another encoding reads its bytes, if it then is one.
    fn read_in(&self, name: &str, other: &'static Encoding) -> Option<String> {
        let (bytes, _, unmappable) = self.read_as.encode(name);
        let (read, failed) = other.decode_without_bom_handling(&bytes);
        let fits = !unmappable && !failed && !is_torn(&read) && letters::lost(&read).is_none();
        let letters = read.chars().all(|c| c.is_ascii() || c.is_alphabetic() || "’‘´".contains(c));
        (fits && letters).then(|| read.into_owned())
    }
}

/// A symbol inside a word, or a capital behind a small letter, beyond ASCII: what another
/// encoding's letters look like.
pub(super) fn is_torn(name: &str) -> bool {
    let letters: Vec<char> = name.chars().collect();
    letters.iter().enumerate().any(|(at, letter)| {
        if letter.is_ascii() {
            return false;
        }
        let before = at.checked_sub(1).map(|at| letters[at]);
        let after = letters.get(at + 1);
        let beside =
            before.is_some_and(char::is_alphabetic) || after.is_some_and(|it| it.is_alphabetic());
        let between =
            before.is_some_and(char::is_alphabetic) && after.is_some_and(|it| it.is_alphabetic());
        let mark = "’‘´`·‐‑".contains(*letter) && between;
        let symbol = !letter.is_alphanumeric() && !letter.is_whitespace() && !mark && beside;
        let inside =
            before.is_some_and(char::is_alphabetic) && after.is_some_and(|it| it.is_lowercase());
        let capital = letter.is_uppercase() && (before.is_some_and(char::is_lowercase) || inside);
        symbol || capital
    })
}

/// The legacy encoding that desktops of a region wrote.
pub(super) fn usual_encoding(region: Region) -> &'static Encoding {
    match region.code() {
        "CZ" | "SK" | "PL" | "HU" | "RO" | "HR" | "SI" | "BA" | "AL" | "MD" => {
            encoding_rs::WINDOWS_1250
        }
        "RU" | "UA" | "BY" | "BG" | "RS" | "MK" | "KZ" | "KG" | "TJ" | "MN" | "ME" => {
            encoding_rs::WINDOWS_1251
        }
        "GR" | "CY" => encoding_rs::WINDOWS_1253,
        "TR" | "AZ" => encoding_rs::WINDOWS_1254,
        "IL" => encoding_rs::WINDOWS_1255,
        "EE" | "LV" | "LT" => encoding_rs::WINDOWS_1257,
        "VN" => encoding_rs::WINDOWS_1258,
        "TH" => encoding_rs::WINDOWS_874,
        "JP" => encoding_rs::SHIFT_JIS,
        "CN" | "SG" => encoding_rs::GBK,
        "TW" | "HK" | "MO" => encoding_rs::BIG5,
        "KR" => encoding_rs::EUC_KR,
        "EG" | "SA" | "AE" | "IQ" | "JO" | "KW" | "LB" | "LY" | "MA" | "OM" | "QA" | "SD"
        | "SY" | "TN" | "YE" | "DZ" | "BH" | "PS" | "IR" | "PK" | "AF" => encoding_rs::WINDOWS_1256,
        _ => encoding_rs::WINDOWS_1252,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::Parts;

    fn contact(first: &str, region: &str, code: u16) -> Contact {
        let parts = Parts {
            salutation: "Mr".into(),
            first_name: first.into(),
            last_name: "X".into(),
            region: Some(region.into()),
            calling_code: code,
            national: "601123456".into(),
            written: None,
            extension: "+".into(),
        };
        Contact::try_from(parts).unwrap()
    }

    #[test]
    fn a_name_that_reads_otherwise_elsewhere_is_asked_about() {
        let doubt = Doubt { read_as: encoding_rs::WINDOWS_1252, others: Vec::new() };
        let told = doubt.of(&contact("Jiøí", "CZ", 420)).unwrap();
        assert!(
            told.contains("Jiøí") && told.contains("Jiří") && told.contains("--encoding"),
            "{told}"
        );
        assert_eq!(doubt.of(&contact("Jiøí", "DK", 45)), None);
        assert_eq!(doubt.of(&contact("Müller", "CZ", 420)), None, "the same letters in both");
        let others = vec![encoding_rs::WINDOWS_1250];
        let both = Doubt { read_as: encoding_rs::WINDOWS_1252, others };
        assert!(both.of(&contact("Vìra", "GB", 44)).is_some());
        assert!(doubt.of(&contact("JosŽ", "ES", 34)).unwrap().contains("belong in no name"));
    }

    #[test]
    fn letters_of_another_encoding_look_torn() {
        for name in ["JosŽ", "Nœ–ez", "Zo‘", "MŸller", "Jos‚", "Ren√©"] {
            assert!(is_torn(name) || name == "Zo‘", "{name}");
        }
        for name in ["José", "O’Brien", "Núñez", "ÖZGÜR", "Zoë", "D´Angelo", "Ægir", "山田"]
        {
            assert!(!is_torn(name), "{name}");
        }
    }
}
