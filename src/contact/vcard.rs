//! Cards: vCard 2.1 (Versit), 3.0 (RFC 2426) and 4.0 (RFC 6350), line by line.
//!
//! ```text
//!   lines -> unfolded (continued, quoted-printable) -> property (group, name, types, value)
//!         -> Card, one at a time, whatever is nested in it passed over
//! ```
//!
//! Memory is that of one property: pictures are cut, and of a card only what makes a
//! contact is kept. The crate `calcard` (0.3.14) was tried: it does not take a BASE64 `N`
//! apart, loses the number behind a nested `AGENT`, wants the whole file in memory and
//! brings chrono's time zones along; so the lines are read here, and quoted-printable,
//! base64 and character sets are left to the crates that know them.

use std::collections::HashMap;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use encoding_rs::{Encoding, UTF_8};

use super::label::{self, Line};

/// No more of a property is kept; pictures are longer.
const LONGEST_PROPERTY: usize = 64 * 1024;
/// The longest card, in bytes: with a large picture and more.
const LONGEST_CARD: usize = 16 << 20;
/// Nobody has more numbers.
const MOST_NUMBERS: usize = 20;

/// One number of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardNumber {
    /// As it was written.
    pub text: String,
    /// What kind of line it is.
    pub line: Line,
    /// Whether the card prefers it.
    pub preferred: bool,
}

/// What of a card makes a contact.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Card {
    /// The line it begins in, from 1.
    pub begins: u64,
    /// Titles, as the card keeps them apart.
    pub prefix: String,
    /// Given name.
    pub first: String,
    /// Family name.
    pub last: String,
    /// Behind the name.
    pub suffix: String,
    /// The whole name as it is shown.
    pub full_name: String,
    /// The company.
    pub organisation: String,
    /// Its numbers, the best to reach the person by first; none is empty.
    pub numbers: Vec<CardNumber>,
    /// The country of its first address that has one.
    pub country: String,
    /// Why it cannot be trusted: it has no end, or is far too long.
    pub fault: Option<String>,
}

/// Reads cards from lines.
#[derive(Debug, Default)]
pub struct Cards {
    card: Option<Card>,
    /// Cards inside the card, which are other people.
    nested: usize,
    length: usize,
    line: u64,
    property: String,
    /// The last property announced a card inside this one.
    agent: bool,
    /// Apple's labels by the group they belong to, and the groups of the numbers.
    labels: HashMap<String, String>,
    groups: Vec<Option<String>>,
}

/// Every card of a text; one that has no end is there with its fault.
#[must_use]
pub fn cards(text: &str) -> Vec<Card> {
    let mut reader = Cards::default();
    let mut found: Vec<Card> = text.split('\n').flat_map(|line| reader.line(line)).collect();
    found.extend(reader.finish());
    found
}

/// Whether a text or the start of a file is a card.
#[must_use]
pub fn is_card(start: &str) -> bool {
    start.lines().any(|line| line.trim().eq_ignore_ascii_case("BEGIN:VCARD"))
}

impl Cards {
    /// Takes in a line, with or without its end; the cards that are complete by it.
    pub fn line(&mut self, line: &str) -> Vec<Card> {
        self.line += 1;
        let line = line.trim_end_matches(['\r', '\n']);
        self.length += line.len();
        if self.continues(line) {
            return Vec::new();
        }
        let property = std::mem::replace(&mut self.property, cut(line).to_owned());
        self.property(&property).into_iter().collect()
    }

    /// The last card, at the end of the text.
    pub fn finish(&mut self) -> Option<Card> {
        let property = std::mem::take(&mut self.property);
        let done = self.property(&property);
        done.or_else(|| self.broken_off())
    }

    /// A folded line, or one behind a soft line break of quoted-printable.
    fn continues(&mut self, line: &str) -> bool {
        let soft = self.property.ends_with('=') && {
            let head = self.property.split(':').next().unwrap_or("");
            head.to_ascii_uppercase().contains("QUOTED-PRINTABLE")
        };
        let folded = line.starts_with([' ', '\t']) && !self.property.is_empty();
        if !soft && !folded {
            return false;
        }
        let room = LONGEST_PROPERTY.saturating_sub(self.property.len());
        let more = if soft { line.trim_start() } else { &line[1..] };
        if soft {
            self.property.pop();
        }
        if more.len() <= room {
            self.property.push_str(more);
        }
        true
    }

    fn property(&mut self, text: &str) -> Option<Card> {
        let property = Property::read(text)?;
        let (name, value) = (property.name.as_str(), property.raw.trim());
        let is_card = value.eq_ignore_ascii_case("VCARD");
        match (name, is_card) {
            ("BEGIN", true) if self.card.is_some() && self.agent => {
                self.nested += 1;
                self.agent = false;
                None
            }
            ("BEGIN", true) if self.nested > 0 => {
                self.nested += 1;
                None
            }
            ("BEGIN", true) => {
                let broken = self.broken_off();
                let begins = self.line.saturating_sub(1);
                self.card = Some(Card { begins, ..Card::default() });
                self.length = 0;
                broken
            }
            ("END", true) if self.nested > 0 => {
                self.nested -= 1;
                None
            }
            ("END", true) => self.complete(),
            _ if self.nested == 0 => {
                self.agent = name == "AGENT" && value.is_empty();
                self.keep(property);
                None
            }
            _ => None,
        }
    }

    fn broken_off(&mut self) -> Option<Card> {
        self.nested = 0;
        let mut card = self.complete()?;
        let begins = card.begins;
        card.fault = Some(format!(
            "is a card that begins in line {begins} and has no END:VCARD; it may be cut short"
        ));
        Some(card)
    }

    fn complete(&mut self) -> Option<Card> {
        let mut card = self.card.take()?;
        for (number, group) in card.numbers.iter_mut().zip(self.groups.drain(..)) {
            let label = group.and_then(|group| self.labels.get(&group));
            if let (Some(label), Line::Plain | Line::Other) = (label, number.line) {
                number.line = label::line_of_type(label);
            }
        }
        self.labels.clear();
        self.agent = false;
        // A stable sort: among equals the card's own order holds.
        card.numbers.sort_by_key(|number| match number.line {
            Line::Plain | Line::Work | Line::Home | Line::Other if number.preferred => {
                (Line::Preferred, false)
            }
            line => (line, !number.preferred),
        });
        if self.length > LONGEST_CARD {
            card.fault =
                Some(format!("is a card of {} MB; take its pictures out", self.length >> 20));
        }
        Some(card)
    }

    fn keep(&mut self, property: Property) {
        let Some(card) = &mut self.card else { return };
        match property.name.as_str() {
            "N" => {
                let mut parts = property.components().into_iter();
                let mut part = || parts.next().unwrap_or_default();
                (card.last, card.first) = (part(), part());
                // The platform has no place of its own for further given names.
                let further = part();
                if !further.is_empty() {
                    card.first = [card.first.as_str(), &further].join(" ");
                }
                (card.prefix, card.suffix) = (part(), part());
            }
            "FN" if card.full_name.is_empty() => card.full_name = property.text(),
            "ORG" if card.organisation.is_empty() => {
                card.organisation = property.components().into_iter().next().unwrap_or_default();
            }
            "ADR" if card.country.is_empty() => {
                card.country = property.components().into_iter().nth(6).unwrap_or_default();
            }
            "TEL" if card.numbers.len() < MOST_NUMBERS => {
                let text = property.text();
                if text.chars().any(char::is_numeric) {
                    let (line, preferred) = property.line();
                    card.numbers.push(CardNumber { text, line, preferred });
                    self.groups.push(property.group);
                }
            }
            "X-ABLABEL" => {
                let label = property.text();
                if let Some(group) = property.group {
                    self.labels.insert(group, label);
                }
            }
            _ => {}
        }
    }
}

fn cut(line: &str) -> &str {
    let mut end = line.len().min(LONGEST_PROPERTY);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    &line[..end]
}

/// One line of a card, unfolded.
#[derive(Debug)]
struct Property {
    group: Option<String>,
    name: String,
    parameters: Vec<(String, String)>,
    raw: String,
}

impl Property {
    fn read(text: &str) -> Option<Self> {
        let mut parts = Vec::new();
        let (mut part, mut quoted) = (String::new(), false);
        let mut value = None;
        for (at, letter) in text.char_indices() {
            match letter {
                '"' => quoted = !quoted,
                ';' if !quoted => parts.push(std::mem::take(&mut part)),
                ':' if !quoted => {
                    value = Some(text[at + 1..].to_owned());
                    break;
                }
                _ => part.push(letter),
            }
        }
        parts.push(part);
        let raw = value?;
        let mut parts = parts.into_iter();
        let name = parts.next()?.trim().to_ascii_uppercase();
        let (group, name) = match name.rsplit_once('.') {
            Some((group, name)) => (Some(group.to_owned()), name.to_owned()),
            None => (None, name),
        };
        let parameter = |text: String| match text.split_once('=') {
            Some((key, value)) => (key.trim().to_ascii_uppercase(), value.trim().to_owned()),
            // vCard 2.1 names the value alone.
            None => (String::new(), text.trim().to_owned()),
        };
        Some(Self { group, name, parameters: parts.map(parameter).collect(), raw })
    }

    fn has(&self, key: &str, value: &str) -> bool {
        self.parameters.iter().any(|(name, text)| {
            (name.is_empty() || name == key) && text.eq_ignore_ascii_case(value)
        })
    }

    /// The value with its transfer encoding and character set undone, its escapes left.
    fn decoded(&self) -> String {
        let raw = self.raw.trim();
        let bytes = if self.has("ENCODING", "QUOTED-PRINTABLE") {
            quoted_printable::decode(raw, quoted_printable::ParseMode::Robust).ok()
        } else if self.has("ENCODING", "BASE64") || self.has("ENCODING", "B") {
            let packed: String = raw.chars().filter(|c| !c.is_whitespace()).collect();
            BASE64_STANDARD.decode(packed).ok()
        } else {
            return raw.to_owned();
        };
        let Some(bytes) = bytes else { return raw.to_owned() };
        let charset = self.parameters.iter().find(|(key, _)| key == "CHARSET");
        let charset = charset.and_then(|(_, name)| Encoding::for_label(name.as_bytes()));
        // What is no letter in it comes out as U+FFFD, which is never sent.
        charset.unwrap_or(UTF_8).decode(&bytes).0.into_owned()
    }

    fn text(&self) -> String {
        let decoded = self.decoded();
        let uri = self.has("VALUE", "uri")
            || decoded.get(..4).is_some_and(|it| it.eq_ignore_ascii_case("tel:"));
        let text = unescaped(&decoded);
        let text = if uri {
            text.strip_prefix("tel:").or(text.strip_prefix("TEL:")).unwrap_or(&text).to_owned()
        } else {
            text
        };
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The parts between semicolons that are not escaped; of a list the words.
    fn components(&self) -> Vec<String> {
        let decoded = self.decoded();
        let (mut parts, mut part, mut escaped) = (Vec::new(), String::new(), false);
        for letter in decoded.chars() {
            match (escaped, letter) {
                (false, '\\') => escaped = true,
                (false, ';') => parts.push(std::mem::take(&mut part)),
                (false, ',') => part.push(' '),
                (false, _) => part.push(letter),
                (true, _) => {
                    push_escaped(&mut part, letter);
                    escaped = false;
                }
            }
        }
        parts.push(part);
        parts
            .into_iter()
            .map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect()
    }

    /// The kind of line its types name, and whether it is preferred.
    fn line(&self) -> (Line, bool) {
        let types = self.parameters.iter().filter(|(key, _)| key.is_empty() || key == "TYPE");
        let types = types.map(|(_, text)| text.as_str()).collect::<Vec<_>>().join(" ");
        let preferred = types.to_ascii_uppercase().split([' ', ',']).any(|it| it == "PREF")
            || self.parameters.iter().any(|(key, _)| key == "PREF");
        let others: String = types
            .split([' ', ','])
            .filter(|it| {
                !matches!(it.to_ascii_uppercase().as_str(), "PREF" | "VOICE" | "TEXT" | "MSG")
            })
            .collect::<Vec<_>>()
            .join(" ");
        (label::line_of_type(&others), preferred)
    }
}

fn unescaped(text: &str) -> String {
    let (mut plain, mut escaped) = (String::with_capacity(text.len()), false);
    for letter in text.chars() {
        match (escaped, letter) {
            (false, '\\') => escaped = true,
            (false, _) => plain.push(letter),
            (true, _) => {
                push_escaped(&mut plain, letter);
                escaped = false;
            }
        }
    }
    plain
}

/// What a backslash and a letter stand for; vCard 2.1 knows the semicolon alone.
fn push_escaped(text: &mut String, letter: char) {
    match letter {
        'n' | 'N' => text.push(' '),
        ';' | ',' | ':' | '\\' => text.push(letter),
        _ => {
            text.push('\\');
            text.push(letter);
        }
    }
}

/// A card of a QR code (a MECARD): `MECARD:N:Oduya,Maren;TEL:…;;`.
#[must_use]
pub fn mecard(text: &str) -> Option<Card> {
    let text = text.trim();
    let start = text.get(..7)?;
    let body = start.eq_ignore_ascii_case("MECARD:").then(|| &text[7..])?;
    let mut card = Card { begins: 1, ..Card::default() };
    let (mut fields, mut field, mut escaped) = (Vec::new(), String::new(), false);
    for letter in body.chars() {
        match (escaped, letter) {
            (false, '\\') => escaped = true,
            (false, ';') => fields.push(std::mem::take(&mut field)),
            (_, _) => {
                // An escaped comma is part of a name, not between two.
                field.push(if escaped && letter == ',' { '\u{201a}' } else { letter });
                escaped = false;
            }
        }
    }
    fields.push(field);
    for field in fields {
        let Some((name, value)) = field.split_once(':') else { continue };
        match name.trim().to_ascii_uppercase().as_str() {
            "N" => match value.split_once(',') {
                Some((last, first)) => {
                    let whole = |text: &str| text.replace('\u{201a}', ",").trim().to_owned();
                    (card.last, card.first) = (whole(last), whole(first));
                }
                None => value.trim().clone_into(&mut card.full_name),
            },
            "TEL" if value.chars().any(char::is_numeric) => {
                let text = value.trim().to_owned();
                card.numbers.push(CardNumber { text, line: Line::Plain, preferred: false });
            }
            _ => {}
        }
    }
    Some(card)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn one(lines: &[&str]) -> Card {
        let text = [&["BEGIN:VCARD"], lines, &["END:VCARD"]].concat().join("\r\n");
        let mut found = cards(&text);
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    }

    fn names(lines: &[&str]) -> (String, String) {
        let card = one(lines);
        (card.first, card.last)
    }

    #[test]
    fn names_are_read_in_every_version_and_encoding() {
        let further = names(&["N:Oduya;Maren;Ada;Dr.;"]);
        assert_eq!(further, ("Maren Ada".into(), "Oduya".into()));
        for lines in [
            &["N:Müller;Jürgen;;;"][..],
            &["N;CHARSET=UTF-8;ENCODING=BASE64:TcO8bGxlcjtKw7xyZ2Vu"],
            &["N;CHARSET=UTF-8;ENCODING=B:TcO8bGxl", " cjtKw7xyZ2Vu"],
            &["N;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:M=FCller;J=FCrgen"],
            &["N;ENCODING=QUOTED-PRINTABLE;CHARSET=windows-1252:M=FCller;J=FCrgen;;;"],
            &["N;QUOTED-PRINTABLE:M=C3=BCller;J=", "=C3=BCrgen;;;"],
            &["item1.N:Müller;Jürgen"],
            &["N;LANGUAGE=de;SORT-AS=\"Mueller;Jürgen:x\":Müller;Jürgen;;;"],
            &["N:Mül", " ler;Jürgen;;;"],
        ] {
            assert_eq!(names(lines), ("Jürgen".into(), "Müller".into()), "{lines:?}");
        }
        let wanted = ("Maren".into(), "Oduya;Belmonte".into());
        assert_eq!(names(&["N:Oduya\\;Belmonte;Maren;;;"]), wanted);
        assert_eq!(names(&["N:Oduya;Mary,Ann;;;"]).0, "Mary Ann");
        assert!(names(&["N;ENCODING=QUOTED-PRINTABLE:M=FCller;J=FCrgen"]).1.contains('\u{fffd}'));
    }

    #[test]
    fn a_mobile_comes_first_a_fax_last_and_an_empty_number_is_none() {
        for (lines, wanted) in [
            (&["TEL;TYPE=WORK,FAX:1", "TEL;TYPE=CELL:2"][..], "2 1"),
            (&["TEL;FAX;WORK:1", "TEL;CELL;PREF:2"], "2 1"),
            (&["TEL;TYPE=CELL:", "TEL;TYPE=WORK:2"], "2"),
            (&["TEL;TYPE=work:1", "TEL;TYPE=home;TYPE=pref:2"], "2 1"),
            (&["TEL;TYPE=PAGER:1", "TEL;TYPE=HOME:2"], "2 1"),
            (&["TEL;TYPE=\"voice,cell\";VALUE=uri:tel:2", "TEL;PREF=1;TYPE=work:1"], "2 1"),
            (&["item1.TEL:1", "item1.X-ABLabel:_$!<HomeFAX>!$_", "item2.TEL:2"], "2 1"),
            (&["item1.TEL:1", "item2.TEL:2", "item2.X-ABLabel:Handy"], "2 1"),
            (&["TEL;HOME:1", "TEL;WORK:2"], "2 1"),
            (&["TEL;VALUE=uri;TYPE=\"cell,pref\":tel:+44-7911;ext=5"], "+44-7911;ext=5"),
        ] {
            let numbers: Vec<_> = one(lines).numbers.into_iter().map(|it| it.text).collect();
            assert_eq!(numbers.join(" "), wanted, "{lines:?}");
        }
    }

    #[test]
    fn cards_are_never_mixed_not_with_the_next_nor_with_one_inside() {
        let text = "BEGIN:VCARD\nN:A;B\nTEL:1\nEND:VCARD\n\nBEGIN:VCARD\nN:C;D\nTEL:2\nEND:VCARD\n";
        let found = cards(text);
        assert_eq!((found[0].last.as_str(), found[1].last.as_str()), ("A", "C"));
        assert_eq!((found[0].begins, found[1].begins), (1, 6));
        for agent in [
            &["AGENT:", "BEGIN:VCARD", "N:Sec;Retary", "TEL:9", "END:VCARD"][..],
            &["AGENT:BEGIN:VCARD\\nN:Sec\\;Retary\\nTEL:9\\nEND:VCARD\\n"],
        ] {
            let card = one(&[&["N:Oduya;Maren"], agent, &["TEL;CELL:2"]].concat());
            assert_eq!((card.last.as_str(), card.numbers.len()), ("Oduya", 1), "{agent:?}");
            assert_eq!(card.numbers[0].text, "2");
        }
    }

    #[test]
    fn a_card_without_an_end_and_one_that_is_far_too_long_are_told() {
        let text = "BEGIN:VCARD\nN:A;B\nTEL:1\nBEGIN:VCARD\nN:C;D\nEND:VCARD\n";
        let found = cards(text);
        assert!(found[0].fault.as_deref().unwrap().contains("line 1 and has no END:VCARD"));
        assert_eq!((found[1].fault.as_ref(), found[1].last.as_str()), (None, "C"));
        assert!(cards("BEGIN:VCARD\nN:A;B\nTEL:1")[0].fault.is_some());
        let mut reader = Cards::default();
        reader.line("BEGIN:VCARD");
        reader.line("PHOTO;ENCODING=b:");
        for _ in 0..17 {
            reader.line(&format!(" {}", "A".repeat(1 << 20)));
        }
        assert!(reader.property.len() <= LONGEST_PROPERTY);
        let done: Vec<_> = ["END:VCARD", ""].iter().flat_map(|it| reader.line(it)).collect();
        assert!(done[0].fault.as_deref().unwrap().contains("17 MB"));
    }

    #[test]
    fn a_card_of_a_qr_code_keeps_its_fields_apart() {
        let card =
            mecard("MECARD:N:Oduya,Maren;ADR:1 High Street,Leeds;TEL:07911123123;;").unwrap();
        assert_eq!((card.first.as_str(), card.last.as_str()), ("Maren", "Oduya"));
        assert_eq!(card.numbers[0].text, "07911123123");
        assert_eq!(mecard("MECARD:N:Oduya\\;X,Maren;;").unwrap().last, "Oduya;X");
        assert_eq!(mecard("Maren"), None);
    }

    proptest! {
        #[test]
        fn no_lines_panic(text in "((BEGIN|END):VCARD|N:|TEL;|=|:|;|\\\\|\"|\\PC|\n| ){0,60}") {
            let _ = cards(&text);
            let _ = mecard(&text);
        }
    }
}
