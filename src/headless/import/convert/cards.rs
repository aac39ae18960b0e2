//! Cards to rows: a row for each, with columns that say what they are in our own words.

use std::io::{self, BufRead as _, BufReader, Read};

use super::RowWriter;
use crate::contact::{
    Addressing,
    full_name::{self, WholeName},
    label::Line,
    vcard::{Card, Cards},
};

/// The column that says why a card cannot be trusted.
pub(super) const FAULTS: usize = 6;
/// Numbers of a card that get columns of their own.
const NUMBERS: usize = 6;
/// No more of a line is kept; pictures in one line are longer.
const LONGEST_LINE: u64 = 128 * 1024;

/// Writes a row for each card.
///
/// # Errors
/// When the file fails, or holds a card that cannot be trusted.
pub(super) fn rows(text: impl Read, rows: &mut RowWriter) -> io::Result<String> {
    let mut header: Vec<String> =
        ["Name Prefix", "First Name", "Last Name", "Name Suffix", "Company", "Country", "Fault"]
            .map(str::to_owned)
            .to_vec();
    for number in 1..=NUMBERS {
        header.push(format!("Phone {number} - Label"));
        header.push(format!("Phone {number} - Value"));
    }
    rows.row(&header)?;
    let mut reader = BufReader::new(text);
    let mut cards = Cards::default();
    let (mut line, mut count) = (Vec::new(), 0_u64);
    while reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)? > 0 {
        if !line.ends_with(b"\n") {
            // The rest of a very long line says nothing of a person.
            skip_line(&mut reader)?;
        }
        for card in cards.line(&String::from_utf8_lossy(&line)) {
            count += 1;
            rows.row(&cells(&card))?;
        }
        line.clear();
    }
    if let Some(card) = cards.finish() {
        count += 1;
        rows.row(&cells(&card))?;
    }
    let cards = if count == 1 { "card" } else { "cards" };
    Ok(format!("{count} vCard {cards}"))
}

fn skip_line(reader: &mut impl io::BufRead) -> io::Result<()> {
    loop {
        let ready = reader.fill_buf()?;
        let end = ready.iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(ready.len(), |at| at + 1);
        if taken == 0 {
            return Ok(());
        }
        reader.consume(taken);
        if end.is_some() {
            return Ok(());
        }
    }
}

fn cells(card: &Card) -> Vec<String> {
    let apart = !(card.first.is_empty() && card.last.is_empty());
    // Without a name of its own a card is a company's, or has it whole.
    let (first, last) = if apart { (card.first.clone(), card.last.clone()) } else { whole(card) };
    let mut cells = vec![
        card.prefix.clone(),
        first,
        last,
        card.suffix.clone(),
        card.organisation.clone(),
        card.country.clone(),
        card.fault.clone().unwrap_or_default(),
    ];
    for number in card.numbers.iter().take(NUMBERS) {
        cells.push(word(number.line).to_owned());
        cells.push(number.text.clone());
    }
    cells.resize(7 + 2 * NUMBERS, String::new());
    cells
}

/// A name in one piece taken apart; a company's stays whole, and is refused as any other.
fn whole(card: &Card) -> (String, String) {
    let name = &card.full_name;
    let company = name.eq_ignore_ascii_case(&card.organisation);
    match full_name::split(name, &Addressing::offering(Vec::new())) {
        Ok(WholeName { titles, first: Some(first), last: Some(last), .. }) if !company => {
            ([titles, vec![first]].concat().join(" "), last)
        }
        Ok(_) | Err(_) => (String::new(), name.clone()),
    }
}

fn word(line: Line) -> &'static str {
    match line {
        Line::Mobile => "Mobile",
        Line::Preferred => "Main",
        Line::Plain => "",
        Line::Work => "Work",
        Line::Home => "Home",
        Line::Other => "Other",
        Line::Fax => "Fax",
        Line::Pager => "Pager",
    }
}
