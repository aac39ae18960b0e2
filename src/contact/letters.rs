//! Letters that were damaged on the way to us: mended where only one thing can have been
//! meant, refused where letters are gone.
//!
//! Two kinds come back whole: UTF-8 that a program took for a legacy encoding
//! (`RenÃ©`, `MichaĹ‚`), as long as every odd pair in the text is one, and entities of HTML
//! (`O&#039;Malloy`), which the crate `html5gum` knows by name (all 2,231 of the standard). U+FFFD, `=C3=BC`, `\u00fc` and what is left of an entity are not guessed at.

use std::{borrow::Cow, fmt, io::Read};

use encoding_rs::{Encoding, MACINTOSH, WINDOWS_1250, WINDOWS_1252};
use html5gum::{Error, IoReader, Token, Tokenizer};

/// How often text is misread in a row: `Ã\u{83}Â©` was twice.
const MOST_TIMES: usize = 3;

/// Why a text cannot be mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// U+FFFD stands where a letter was.
    Replaced,
    /// It was read in a wrong encoding, and not all of it can be turned back.
    Misread,
    /// An entity or escape that is none we know.
    Escape,
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Replaced => "holds a letter that was lost (U+FFFD); type it again",
            Self::Misread => "holds letters that were lost in a wrong encoding; type them again",
            Self::Escape => "holds an escape in place of a letter; type the letter",
        })
    }
}

/// The text as it was meant: borrowed where nothing had to be done.
///
/// # Errors
/// What is lost.
pub fn mended(text: &str) -> Result<Cow<'_, str>, Lost> {
    if text.is_ascii() && !text.contains(['&', '\\', '=', '%']) {
        return Ok(Cow::Borrowed(text));
    }
    let mut whole = Cow::Borrowed(text);
    for _ in 0..MOST_TIMES {
        let next = without_entities(&whole).or_else(|| reread(&whole, MOST_TIMES));
        let Some(next) = next else { break };
        whole = Cow::Owned(next);
    }
    match lost(&whole) {
        Some(lost) => Err(lost),
        None => Ok(whole),
    }
}

/// What of a text is damaged for good, as far as can be told.
#[must_use]
pub fn lost(text: &str) -> Option<Lost> {
    if text.contains('\u{fffd}') {
        return Some(Lost::Replaced);
    }
    if is_misread(text) {
        return Some(Lost::Misread);
    }
    holds_escape(text).then_some(Lost::Escape)
}

fn without_entities(text: &str) -> Option<String> {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, from) = rest.split_at(at);
        decoded.push_str(before);
        let entity = entity(from).unwrap_or("&");
        decoded.push_str(&meaning(entity).unwrap_or_else(|| entity.to_owned()));
        rest = &from[entity.len()..];
    }
    decoded.push_str(rest);
    (decoded != text && !decoded.contains(char::is_control)).then_some(decoded)
}

/// What a text that begins with `&` begins with, if it may be an entity: `&eacute;`, `&#233;`.
fn entity(text: &str) -> Option<&str> {
    let end = text.find(';')?;
    let name = text.get(1..end)?;
    let is_one = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '#');
    is_one.then_some(&text[..=end])
}

/// The characters an entity stands for, by the table that HTML files are read with.
fn meaning(entity: &str) -> Option<String> {
    let mut told = String::new();
    // Read as files are: the table and what walks it are in the program once.
    let mut bytes = entity.as_bytes();
    let text: &mut dyn Read = &mut bytes;
    for token in Tokenizer::new(IoReader::new(text)) {
        match token {
            Ok(Token::String(text)) => told.push_str(std::str::from_utf8(&text).ok()?),
            // What Windows has where others have controls is what was meant.
            Ok(Token::Error(error)) if *error == Error::ControlCharacterReference => {}
            Ok(Token::Error(_)) => return None,
            _ => {}
        }
    }
    (told != entity).then_some(told)
}

/// Turns back UTF-8 that was read as another encoding, if all of the text can be.
fn reread(text: &str, times: usize) -> Option<String> {
    if text.is_ascii() || times == 0 {
        return None;
    }
    let meant = |bytes: &[u8]| {
        let meant = std::str::from_utf8(bytes).ok()?;
        let whole = is_plausible(meant) && has_odd_pair(text);
        if whole { Some(meant.to_owned()) } else { reread(meant, times - 1) }
    };
    let read_as = |encoding: &'static Encoding| {
        let (bytes, _, unmappable) = encoding.encode(text);
        meant(&bytes).filter(|_| !unmappable)
    };
    // ISO 8859-1 has controls where the others have symbols.
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    bytes
        .and_then(|bytes| meant(&bytes))
        .or_else(|| [WINDOWS_1252, WINDOWS_1250, MACINTOSH].into_iter().find_map(read_as))
}

/// Letters of one script, and the marks that names have.
fn is_plausible(text: &str) -> bool {
    let latin = |c: char| {
        matches!(c, '\u{c0}'..='\u{17f}' | '\u{1a0}'..='\u{1b0}' | '\u{218}'..='\u{21b}'
            | '\u{1e00}'..='\u{1eff}' | '‘' | '’' | '“' | '”' | '–' | '—' | '´' | '·' | 'ª' | 'º')
    };
    let other = |c: char| c.is_alphabetic() && u32::from(c) >= 0x370;
    let ascii_letters = text.chars().any(|c| c.is_ascii_alphabetic());
    text.chars()
        .all(|c| c.is_ascii() && !c.is_ascii_control() || latin(c) || (other(c) && !ascii_letters))
}

/// Small letters, or a symbol behind a capital, which is in no name: not a name in capitals.
fn has_odd_pair(text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    // Two capitals may stand together in a name that is all capitals: "ZIÓŁKOWSKI".
    text.chars().any(|c| c.is_ascii_lowercase())
        || letters.windows(2).any(|pair| {
            let foreign = !pair[1].is_ascii();
            let symbol = foreign && !pair[1].is_alphabetic() && !pair[0].is_ascii();
            let capital = foreign && pair[1].is_uppercase() && pair[0].is_lowercase();
            symbol || capital
        })
        || letters.first().is_some_and(|first| !first.is_ascii() && !first.is_alphabetic())
}

/// What [`reread`] could not turn back: a capital A with a tilde, a circumflex or the like,
/// and a symbol behind it.
fn is_misread(text: &str) -> bool {
    let symbol = |c: char| matches!(c, '\u{80}'..='\u{bf}' | '€' | '‚'..='‡' | '‰' | '‹' | '›' | '•' | '…' | '™' | '˜' | 'ˆ' | '�');
    let letters: Vec<char> = text.chars().collect();
    let pair = |pair: &[char]| {
        matches!(pair[0], 'Ã' | 'Â' | 'Ä' | 'Å' | 'Ĺ' | 'Ă' | 'â' | '√') && symbol(pair[1])
    };
    // `GiovannÃ ` lost the hard blank that was the second half of its last letter.
    let torn = |pair: &[char]| pair[0].is_lowercase() && matches!(pair[1], 'Ã' | 'Â');
    letters.windows(2).any(pair) || letters.windows(2).any(torn)
}

fn holds_escape(text: &str) -> bool {
    let after = |mark: &str, fits: &dyn Fn(&str) -> bool| {
        text.match_indices(mark).any(|(at, _)| fits(&text[at + mark.len()..]))
    };
    let hex = |rest: &str, count: usize| {
        rest.len() >= count && rest.bytes().take(count).all(|byte| byte.is_ascii_hexdigit())
    };
    let entity = |rest: &str| {
        let name = rest.split(';').next().unwrap_or("");
        rest.contains(';')
            && !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'#')
            || rest.starts_with('#') && rest[1..].starts_with(|c: char| c.is_ascii_digit())
    };
    after("&", &entity)
        || after("\\u", &|rest| hex(rest, 4))
        || after("\\x", &|rest| hex(rest, 2))
        || after("=", &|rest| hex(rest, 2))
        || after("%", &|rest| hex(rest, 2))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_was_meant_comes_back_where_it_is_certain() {
        for (damaged, meant) in [
            ("RenÃ©", "René"),
            ("Oâ€™Malloy", "O’Malloy"),
            ("MichaĹ‚", "Michał"),
            ("WĂłjcik", "Wójcik"),
            ("DvoÅ™Ã¡k", "Dvořák"),
            ("Å\u{81}ukasz", "Łukasz"),
            ("Ren√©", "René"),
            ("RenÃ\u{83}Â©", "René"),
            ("RenÃƒÂ©", "René"),
            ("O&#039;Malloy", "O'Malloy"),
            ("O&#39;Malloy", "O'Malloy"),
            ("O&#146;Malloy", "O’Malloy"),
            ("O&#x27;Malloy", "O'Malloy"),
            ("O&apos;Malloy", "O'Malloy"),
            ("Ann &amp; Bo", "Ann & Bo"),
            ("Ren&eacute;e", "Renée"),
            ("Ren&amp;eacute;e", "Renée"),
            ("O&amp;#039;Malloy", "O'Malloy"),
            ("RENÃ‰E", "RENÉE"),
            ("Ð˜Ð²Ð°Ð½", "Иван"),
        ] {
            assert_eq!(mended(damaged).as_deref(), Ok(meant), "{damaged}");
        }
    }

    #[test]
    fn names_that_only_look_odd_stay_as_they_are() {
        for name in [
            "Müller",
            "JOÃO",
            "Ân",
            "Ãlvaro",
            "'t Hooft",
            "É",
            "Nguyễn",
            "Ann & Bo",
            "Smith & Sons",
            "ZIÓŁKOWSKI",
            "BĂŞESCU",
            "JOSÉ’S",
            "Ĺubomír",
            "Иван",
            "山田",
            "Zoë",
            "Ångström",
            "Ægir",
            "Łukasz",
            "Šárka",
            "Žižek",
            "D’Angelo",
            "O’Brien",
            "Ørsted",
            "İbrahim",
            "Ñandú",
        ] {
            assert_eq!(mended(name).as_deref(), Ok(name), "{name}");
        }
    }

    #[test]
    fn what_is_gone_is_told() {
        for (text, lost) in [
            ("J\u{fffd}rgen", Lost::Replaced),
            ("M&uumlller&foo;", Lost::Escape),
            ("M=C3=BCller", Lost::Escape),
            ("M\\u00fcller", Lost::Escape),
            ("M%C3%BCller", Lost::Escape),
            ("GiovannÃ ", Lost::Misread),
            ("Â\u{a0}Doe", Lost::Misread),
        ] {
            assert_eq!(mended(text), Err(lost), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_latin_name_misread_once_comes_back_or_is_refused(
            name in "[A-Z][a-z]{1,4}[éèüößñçãøåčřšžłąęőűșțâîëïôû’]{1,2}[a-z]{0,4}",
            mac in any::<bool>(),
        ) {
            let encoding = if mac { WINDOWS_1250 } else { WINDOWS_1252 };
            let (misread, _, failed) = encoding.decode(name.as_bytes());
            prop_assume!(!failed);
            match mended(&misread) {
                Ok(meant) => prop_assert_eq!(meant.as_ref(), name.as_str()),
                Err(Lost::Misread | Lost::Replaced | Lost::Escape) => {}
            }
        }

        #[test]
        fn mending_twice_changes_nothing(text in "\\PC{0,12}") {
            if let Ok(once) = mended(&text) {
                let once = once.into_owned();
                let twice = mended(&once);
                prop_assert!(twice.is_err() || twice.as_deref() == Ok(&once) || text.contains('&'), "{once}");
            }
        }
    }
}
