//! Rows of a spreadsheet or of a CSV file, with or without the row of column names.

use super::{Found, Person, is_number};
use crate::contact::{
    Region,
    label::{self, Label, Line},
    region::Named,
};

/// The first row's person and the other rows; `None` when the text is no row.
pub(super) fn people(text: &str, current: Option<Region>) -> Option<(Person, Vec<String>)> {
    let mark = mark_of(text)?;
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let header: Vec<Option<Label>> =
        cells(lines.first()?, mark).iter().map(|cell| label::read(cell)).collect();
    let is_header = lines.len() > 1
        && header.iter().flatten().count() > 1
        && !cells(lines[0], mark).iter().any(|cell| is_number(cell));
    let rows = if is_header { &lines[1..] } else { &lines[..] };
    let mut people = rows.iter().filter_map(|row| {
        let cells = cells(row, mark);
        let person = if is_header { by_header(&cells, &header) } else { by_cells(&cells, current) };
        (!person.is_empty()).then_some((person, *row))
    });
    let (first, _) = people.next()?;
    let others = people
        .map(|(_, row)| if is_header { format!("{}\n{row}", lines[0]) } else { row.to_owned() });
    Some((first, others.collect()))
}

/// What parts the cells: tabs, or in every line at least two of the same mark.
fn mark_of(text: &str) -> Option<char> {
    if text.contains('\t') {
        return Some('\t');
    }
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    [';', '|', ',']
        .into_iter()
        .find(|mark| !lines.is_empty() && lines.iter().all(|line| line.matches(*mark).count() > 1))
}

fn cells(line: &str, mark: char) -> Vec<String> {
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    for letter in line.chars() {
        match letter {
            '"' => quoted = !quoted,
            _ if letter == mark && !quoted => cells.push(std::mem::take(&mut cell)),
            _ => cell.push(letter),
        }
    }
    cells.push(cell);
    cells.into_iter().map(|cell| cell.trim().to_owned()).collect()
}

fn by_header(cells: &[String], header: &[Option<Label>]) -> Person {
    let mut person = Person::default();
    let named = header.contains(&Some(Label::FirstName)) || header.contains(&Some(Label::LastName));
    for (cell, label) in cells.iter().zip(header).filter(|(cell, _)| !cell.is_empty()) {
        let set = |slot: &mut Option<String>| {
            slot.get_or_insert_with(|| cell.clone());
        };
        match label {
            Some(Label::Salutation) => person.titles.push(cell.clone()),
            Some(Label::FirstName) => set(&mut person.first),
            Some(Label::LastName) => set(&mut person.last),
            // "Nom" beside "Prénom" is the family name.
            Some(Label::FullName) if named => {
                let first = header.contains(&Some(Label::FirstName));
                set(if first { &mut person.last } else { &mut person.first });
            }
            Some(Label::FullName) => set(&mut person.full),
            Some(Label::Country) => set(&mut person.country),
            Some(Label::Number(line)) if cell.chars().any(char::is_numeric) => {
                person.numbers.push(Found { text: cell.clone(), line: *line });
            }
            Some(Label::Number(_) | Label::Elsewhere) | None => {}
        }
    }
    person
}

/// Cells without names: each says by itself what it is; the first words are the name.
fn by_cells(cells: &[String], current: Option<Region>) -> Person {
    let mut person = Person::default();
    let mut names: Vec<&String> = Vec::new();
    let filled: Vec<&String> = cells.iter().filter(|cell| !cell.is_empty()).collect();
    for (at, cell) in filled.iter().enumerate() {
        let labelled = label::in_front(cell);
        if is_number(cell) && super::prose::numbers(cell, current).is_some() {
            let line = match labelled {
                Some((Label::Number(line), _)) => line,
                Some(_) | None => Line::Plain,
            };
            person.numbers.push(Found { text: (*cell).clone(), line });
        } else if at > 0
            && person.country.is_none()
            && (is_country(cell) || is_code_of_any_case(cell, &names, !person.numbers.is_empty()))
        {
            person.country = Some((*cell).clone());
        } else if (super::prose::is_name(cell) || super::prose::is_long_name(cell))
            && (names.is_empty() || (names.len() < 3 && person.numbers.is_empty()))
        {
            names.push(cell);
        }
    }
    let whole = |name: &String| name.contains(char::is_whitespace);
    match names[..] {
        [] => {}
        // A title has a cell of its own.
        [title, first, last, ..] if super::prose::is_title(title) => {
            person.titles.push(title.clone());
            (person.first, person.last) = (Some(first.clone()), Some(last.clone()));
        }
        [title, full] if super::prose::is_title(title) => {
            person.titles.push(title.clone());
            person.full = Some(full.clone());
        }
        [full] => person.full = Some(full.clone()),
        // "Maren Oduya, Support, +44 …": the second cell is no family name of a whole name.
        [first, last, ..] if whole(first) && !whole(last) && filled.len() > 3 => {
            let job = super::prose::is_job(last);
            if job {
                person.full = Some(first.clone());
            } else {
                (person.first, person.last) = (Some(first.clone()), Some(last.clone()));
            }
        }
        [first, last, ..] => {
            if super::prose::is_job(last) {
                person.full = Some(first.clone());
            } else {
                (person.first, person.last) = (Some(first.clone()), Some(last.clone()));
            }
        }
    }
    person
}

/// A country's name, or a code in capitals; a cell of words is no code.
fn is_country(cell: &str) -> bool {
    let code = (2..=3).contains(&cell.len()) && cell.bytes().all(|b| b.is_ascii_uppercase());
    (code || cell.chars().count() > 3) && Region::named(cell) != Named::Nothing
}

/// A code as hands type it: "us", "gbr". Names are as short ("Li", "Ng", "Guy"), so it is one
/// only where the name is complete, or is written with capitals and this is not.
fn is_code_of_any_case(cell: &str, names: &[&String], behind_number: bool) -> bool {
    if !(2..=3).contains(&cell.len()) || Region::find(cell).is_none() {
        return false;
    }
    let of_person: Vec<_> = names.iter().filter(|name| !super::prose::is_title(name)).collect();
    let words = of_person.iter().flat_map(|name| name.split_whitespace()).count();
    let complete = (behind_number && words > 0) || words > 1;
    let small = cell.bytes().all(|byte| byte.is_ascii_lowercase());
    let capitals = of_person.iter().any(|name| name.starts_with(char::is_uppercase));
    complete || (small && cell.len() == 2 && capitals)
}
