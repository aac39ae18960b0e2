//! Which column holds what: by the platform's own names, ours, the usual words for them
//! in many languages, or as `--map` says; and by what its cells hold, for a header alone
//! does not make a column ("Title" may be full of jobs). What was found is shown, and what
//! is not clear is asked for. Several columns for numbers are an order of preference.

mod targets;

use std::fmt::Write as _;

use super::empty::is_nothing;
use crate::contact::{
    Addressing, Region,
    label::{self, Line},
    region::Named,
    text::safe,
};
use targets::{MEANINGS, Meaning, plain, rank};
pub(super) use targets::{Target, known};

/// One `--map field=Column`, or `--map field=` for a field that has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Map {
    target: Target,
    column: Option<String>,
}

impl std::str::FromStr for Map {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let fields = || MEANINGS.map(|meaning| meaning.field).join(", ");
        let Some((field, column)) = text.split_once('=') else {
            return Err(format!("write it as field=Column; the fields are {}", fields()));
        };
        let target = Target::named(field)
            .ok_or_else(|| format!("there is no field `{field}`; there are {}", fields()))?;
        let column = Some(column.to_owned()).filter(|column| !column.trim().is_empty());
        Ok(Self { target, column })
    }
}

/// A column for numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PhoneColumn {
    at: usize,
    line: Line,
    /// The column beside it whose cells say what kind of line it is, as Google's do.
    label_at: Option<usize>,
}

/// A number in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PhoneCell<'row> {
    pub(super) text: &'row str,
    pub(super) line: Line,
    pub(super) column: &'row str,
}

/// Where everything is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Columns {
    at: [Option<usize>; MEANINGS.len()],
    /// In the order of preference; the first is the target's own.
    phones: Vec<PhoneColumn>,
    /// Countries, the likeliest first.
    regions: Vec<usize>,
    /// The extension's column was named by the platform's word or by `--map`; any other
    /// column of that name may hold the numbers of desks.
    pub(super) extension_is_meant: bool,
    pub(super) header: Vec<String>,
}

impl Columns {
    /// Finds every column; `sample` is some of the rows.
    ///
    /// # Errors
    /// A sentence that says which column is missing, there twice or unknown, what there
    /// is, and what to do.
    pub(super) fn find(
        header: Vec<String>,
        maps: &[Map],
        sample: &[Vec<String>],
        addressing: &Addressing,
    ) -> Result<Self, String> {
        let (mut at, mut phones) = ([None; MEANINGS.len()], Vec::new());
        let mut off = [false; MEANINGS.len()];
        for map in maps {
            let slot = map.target as usize;
            let Some(column) = &map.column else {
                off[slot] = true;
                continue;
            };
            let found = named_column(&header, column)?;
            match (map.target, at[slot]) {
                (Target::Phone, _) => phones.push(found),
                (_, Some(_)) => {
                    return Err(format!("--map names the field `{}` twice", map.target.field()));
                }
                (_, None) => at[slot] = Some(found),
            }
        }
        at[Target::Phone as usize] = phones.first().copied();
        let mapped: Vec<usize> = at.iter().flatten().chain(&phones).copied().collect();
        let finder = Finder { header: &header, mapped: &mapped, sample, addressing };
        let is_mapped = at;
        for meaning in &MEANINGS {
            let slot = &mut at[meaning.target as usize];
            if slot.is_none() && !off[meaning.target as usize] {
                *slot = match meaning.target {
                    Target::Phone => {
                        phones = finder.phones()?;
                        phones.first().copied()
                    }
                    Target::Region => finder.regions().first().copied(),
                    Target::Salutation
                    | Target::FirstName
                    | Target::LastName
                    | Target::FullName
                    | Target::CallingCode
                    | Target::Extension => finder.best(meaning)?,
                };
            }
        }
        let regions = match (is_mapped[Target::Region as usize], at[Target::Region as usize]) {
            (Some(mapped), _) => vec![mapped],
            (None, Some(_)) => finder.regions(),
            (None, None) => Vec::new(),
        };
        let extension = at[Target::Extension as usize];
        let meant = |at: usize| rank(&MEANINGS[Target::Extension as usize], &header[at]) == Some(0);
        let extension_is_meant =
            is_mapped[Target::Extension as usize].is_some() || extension.is_some_and(meant);
        let phones = phones.into_iter().map(|at| phone_column(at, &header)).collect();
        let mut columns = Self { at, phones, regions, extension_is_meant, header };
        columns.settle_names();
        columns.check()?;
        Ok(columns)
    }

    /// "Name" beside "Surname" is the given name, beside "Vorname" the family name, and
    /// beside both it says nothing new.
    fn settle_names(&mut self) {
        let [first, last, full] =
            [Target::FirstName, Target::LastName, Target::FullName].map(|it| self.of(it));
        let spare = match (first, last) {
            (None, None) => return,
            (None, Some(_)) => Some(Target::FirstName),
            (Some(_), None) => Some(Target::LastName),
            (Some(_), Some(_)) => None,
        };
        if let Some(spare) = spare {
            self.at[spare as usize] = full;
        }
        self.at[Target::FullName as usize] = None;
    }

    fn check(&self) -> Result<(), String> {
        let has = |target: Target| self.of(target).is_some();
        let missing = if !has(Target::Phone) {
            Target::Phone
        } else if has(Target::FullName) || (has(Target::FirstName) && has(Target::LastName)) {
            return Ok(());
        } else if has(Target::FirstName) {
            Target::LastName
        } else {
            Target::FirstName
        };
        let looks_like_a_row =
            self.header.iter().any(|cell| cell.chars().filter(char::is_ascii_digit).count() >= 6);
        let hint = if looks_like_a_row && known(&self.header) == 0 {
            " The first row looks like a contact; put a row of column names above it"
        } else {
            ""
        };
        Err(format!(
            "has no column that is known to hold the {}; its columns are {}. Name it with --map \
             {}=Column.{hint}",
            missing.label().to_lowercase(),
            listed(&self.header),
            missing.field(),
        ))
    }

    fn of(&self, target: Target) -> Option<usize> {
        self.at[target as usize]
    }

    /// Whether any column holds it.
    pub(super) fn has(&self, target: Target) -> bool {
        self.of(target).is_some()
    }

    /// The row's cell, empty where there is none.
    pub(super) fn cell<'row>(&self, target: Target, cells: &'row [String]) -> &'row str {
        let cell = self.of(target).and_then(|at| cells.get(at)).map_or("", String::as_str);
        // "Null" and "None" are names; nowhere else do they say anything.
        let optional =
            matches!(target, Target::Salutation | Target::CallingCode | Target::Extension);
        if optional && is_nothing(cell) { "" } else { cell }
    }

    /// The row's numbers, the best to call first; a cell that means "nothing" is none.
    pub(super) fn numbers<'row>(&'row self, cells: &'row [String]) -> Vec<PhoneCell<'row>> {
        let cell = |at: usize| cells.get(at).map_or("", String::as_str);
        let mut found: Vec<PhoneCell> = self
            .phones
            .iter()
            .filter(|column| !is_nothing(cell(column.at)))
            .map(|column| PhoneCell {
                text: cell(column.at),
                line: match column.label_at.map(|at| label::line_of_type(cell(at))) {
                    None | Some(Line::Plain) => column.line,
                    Some(told) => told,
                },
                column: &self.header[column.at],
            })
            .collect();
        // Only what the cells beside them say changes the columns' own order.
        if self.phones.iter().any(|column| column.label_at.is_some()) {
            found.sort_by_key(|cell| cell.line);
        }
        let voice = found.iter().any(|cell| cell.line.is_voice());
        found.retain(|cell| !voice || cell.line.is_voice());
        found
    }

    /// How many columns for numbers there are.
    pub(super) fn phone_columns(&self) -> usize {
        self.phones.len()
    }

    /// The row's cells for countries that hold something.
    pub(super) fn countries<'row>(&self, cells: &'row [String]) -> Vec<&'row str> {
        let cell = |at: &usize| cells.get(*at).map_or("", String::as_str);
        self.regions.iter().map(cell).filter(|cell| !is_nothing(cell)).collect()
    }

    /// What was found, a line for each, and what is left out.
    pub(super) fn shown(&self) -> String {
        let mut text = String::new();
        let names = |columns: Vec<usize>| {
            let names = columns.iter().map(|at| format!("`{}`", safe(&self.header[*at])));
            names.collect::<Vec<_>>().join(", then ")
        };
        let phones: Vec<usize> = self.phones.iter().map(|column| column.at).collect();
        for meaning in &MEANINGS {
            let columns = match meaning.target {
                Target::Phone => phones.clone(),
                Target::Region => self.regions.clone(),
                Target::Salutation
                | Target::FirstName
                | Target::LastName
                | Target::FullName
                | Target::CallingCode
                | Target::Extension => self.of(meaning.target).into_iter().collect(),
            };
            if !columns.is_empty() {
                let _ = writeln!(text, "  {:<12} from {}", meaning.label, names(columns));
            }
        }
        let labels = self.phones.iter().filter_map(|column| column.label_at);
        let used: Vec<usize> = self
            .at
            .iter()
            .flatten()
            .chain(&phones)
            .chain(&self.regions)
            .copied()
            .chain(labels)
            .collect();
        let unused: Vec<_> = (0..self.header.len())
            .filter(|at| !used.contains(at) && !self.header[*at].trim().is_empty())
            .map(|at| self.header[at].clone())
            .collect();
        if !unused.is_empty() {
            let _ = writeln!(text, "  {:<12} {}", "not used:", listed(&unused));
        }
        text
    }
}

/// The column `--map` names: as it is written, else blind to case and marks.
fn named_column(header: &[String], column: &str) -> Result<usize, String> {
    let found = |same: &dyn Fn(&str) -> bool| -> Vec<usize> {
        (0..header.len()).filter(|at| same(&header[*at])).collect()
    };
    let mut columns = found(&|cell| cell.trim() == column.trim());
    if columns.is_empty() {
        columns = found(&|cell| plain(cell) == plain(column));
    }
    match columns[..] {
        [at] => Ok(at),
        [] => Err(format!("has no column `{column}`; its columns are {}", listed(header))),
        _ => Err(format!(
            "has the column `{column}` {} times; give the right one a name of its own",
            columns.len()
        )),
    }
}

/// A number's column, with the one beside it that says what kind of line it is.
fn phone_column(at: usize, header: &[String]) -> PhoneColumn {
    let stem = plain(&header[at]);
    let stem = ["value", "number", "wert"].iter().find_map(|end| stem.strip_suffix(end));
    let label_at = stem.filter(|it| it.ends_with(|c: char| c.is_ascii_digit())).and_then(|stem| {
        let names = ["label", "type", "typ"].map(|end| format!("{stem}{end}"));
        header.iter().position(|cell| names.contains(&plain(cell)))
    });
    PhoneColumn { at, line: label::line(&header[at]).unwrap_or(Line::Plain), label_at }
}

/// Looks for columns that nobody named.
struct Finder<'file> {
    header: &'file [String],
    mapped: &'file [usize],
    sample: &'file [Vec<String>],
    addressing: &'file Addressing,
}

impl Finder<'_> {
    /// The columns whose headers say that they hold this, with how well they say it, left out
    /// those whose cells say that they do not.
    fn ranked(&self, meaning: &Meaning) -> Vec<(usize, usize)> {
        (0..self.header.len())
            .filter(|at| !self.mapped.contains(at))
            .filter_map(|at| Some((rank(meaning, &self.header[at])?, at)))
            .filter(|(rank, at)| self.fits(meaning.target, *rank, *at))
            .collect()
    }

    /// Whether the cells may be what the header says. A column without cells may.
    fn fits(&self, target: Target, rank: usize, at: usize) -> bool {
        let mut cells = self
            .sample
            .iter()
            .filter_map(|row| row.get(at))
            .map(|cell| cell.trim())
            .filter(|cell| !is_nothing(cell))
            .peekable();
        if cells.peek().is_none() {
            return true;
        }
        let digits = |cell: &str| cell.chars().filter(|c| c.is_numeric()).count();
        match target {
            Target::Salutation => {
                rank == 0 || cells.any(|cell| self.addressing.read(cell).is_some())
            }
            // "Region" and "Land" are areas of sales too; a "Country" is meant as one.
            Target::Region => {
                plain(&self.header[at]) == "country"
                    || cells.any(|cell| Region::named(cell) != Named::Nothing)
            }
            Target::Phone => rank == 0 || cells.any(|cell| digits(cell) >= 5),
            Target::FullName => {
                rank == 0 || cells.any(|cell| cell.chars().any(char::is_alphabetic))
            }
            Target::FirstName | Target::LastName | Target::CallingCode | Target::Extension => true,
        }
    }

    /// Every column for numbers, the best to call first: the platform's own, a mobile, a
    /// preferred one, then the others from the left; a fax only where there is no other.
    fn phones(&self) -> Result<Vec<usize>, String> {
        let meaning = Target::Phone.meaning();
        let ranked = self.ranked(meaning);
        for (at, (_, column)) in ranked.iter().enumerate() {
            let name = plain(&self.header[*column]);
            if ranked[..at].iter().any(|(_, earlier)| plain(&self.header[*earlier]) == name) {
                let same: Vec<_> = ranked
                    .iter()
                    .map(|(_, at)| self.header[*at].clone())
                    .filter(|it| plain(it) == name)
                    .collect();
                let count = same.len();
                return Err(format!(
                    "has {count} columns that may hold the phone: {}; give the others another name",
                    listed(&same)
                ));
            }
        }
        let line = |at: usize| label::line(&self.header[at]).unwrap_or(Line::Plain);
        let order = |(rank, at): &(usize, usize)| {
            let platform = plain(&self.header[*at]) == "cellphonenumber";
            (!platform, line(*at), *rank, *at)
        };
        let mut columns = ranked;
        columns.sort_by_key(order);
        let voice = columns.iter().any(|(_, at)| line(*at).is_voice());
        columns.retain(|(_, at)| !voice || line(*at).is_voice());
        Ok(columns.into_iter().map(|(_, at)| at).collect())
    }

    /// Every column for countries: exact ones first, then those of an address at work.
    fn regions(&self) -> Vec<usize> {
        let mut columns = self.ranked(Target::Region.meaning());
        let work = |at: usize| label::line_of_type(&self.header[at]) != Line::Work;
        columns.sort_by_key(|(rank, at)| {
            (plain(&self.header[*at]) != "country", *rank, work(*at), *at)
        });
        columns.into_iter().map(|(_, at)| at).collect()
    }

    /// The one column whose header says best that it holds this.
    fn best(&self, meaning: &Meaning) -> Result<Option<usize>, String> {
        let ranked = self.ranked(meaning);
        let Some(top) = ranked.iter().map(|(rank, _)| *rank).min() else { return Ok(None) };
        let tops: Vec<_> = ranked.iter().filter(|(it, _)| *it == top).map(|(_, at)| *at).collect();
        if let [at] = tops[..] {
            return Ok(Some(at));
        }
        let names: Vec<_> = tops.iter().map(|at| self.header[*at].clone()).collect();
        let same = names.iter().all(|name| plain(name) == plain(&names[0]));
        let cure = if same {
            "give the others another name".to_owned()
        } else {
            format!("choose with --map {}={}", meaning.field, safe(&names[0]))
        };
        let (count, label) = (names.len(), meaning.label.to_lowercase());
        Err(format!("has {count} columns that may hold the {label}: {}; {cure}", listed(&names)))
    }
}

fn listed(columns: &[String]) -> String {
    const MOST: usize = 30;
    let shown =
        |column: &String| format!("`{}`", safe(column).chars().take(40).collect::<String>());
    let mut names: Vec<_> = columns.iter().take(MOST).map(shown).collect();
    if columns.len() > MOST {
        names.push(format!("and {} more", columns.len() - MOST));
    }
    names.join(", ")
}

#[cfg(test)]
mod tests;
