//! Which column holds what: by the platform's own names, ours, the usual words for them
//! in a few languages, or as `--map` says. Nothing is guessed from the cells; what was
//! found is shown, and what is not clear is asked for.

mod words;

use std::fmt::Write as _;

use crate::contact::text::safe;
use words::{HeaderMeaning, MEANINGS, plain, rank};
pub(super) use words::{Target, known};

/// One `--map field=Column`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Map {
    target: Target,
    column: String,
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
        if column.trim().is_empty() {
            return Err(format!("`{text}` names no column; write it as {field}=Column"));
        }
        Ok(Self { target, column: column.to_owned() })
    }
}

/// Where everything is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Columns {
    at: [Option<usize>; MEANINGS.len()],
    /// The extension's column was named by the platform's word or by `--map`; any other
    /// column of that name may hold the numbers of desks.
    pub(super) extension_is_meant: bool,
    pub(super) header: Vec<String>,
}

impl Columns {
    /// Finds every column.
    ///
    /// # Errors
    /// A sentence that says which column is missing, there twice or unknown, what there
    /// is, and what to do.
    pub(super) fn find(header: Vec<String>, maps: &[Map]) -> Result<Self, String> {
        let mut at = [None; MEANINGS.len()];
        for map in maps {
            let slot = &mut at[map.target as usize];
            if slot.is_some() {
                return Err(format!("--map names the field `{}` twice", map.target.field()));
            }
            *slot = Some(named_column(&header, map)?);
        }
        let mapped = at;
        for meaning in &MEANINGS {
            let slot = &mut at[meaning.target as usize];
            if slot.is_none() {
                *slot = best(&header, meaning, &mapped)?;
            }
        }
        let extension = at[Target::Extension as usize];
        let meant = |at: usize| rank(&MEANINGS[Target::Extension as usize], &header[at]) == Some(0);
        let extension_is_meant =
            mapped[Target::Extension as usize].is_some() || extension.is_some_and(meant);
        let mut columns = Self { at, extension_is_meant, header };
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
        self.of(target).and_then(|at| cells.get(at)).map_or("", String::as_str)
    }

    /// What was found, a line for each, and what is left out.
    pub(super) fn shown(&self) -> String {
        let mut text = String::new();
        for meaning in &MEANINGS {
            if let Some(at) = self.of(meaning.target) {
                let _ = writeln!(text, "  {:<12} from `{}`", meaning.label, safe(&self.header[at]));
            }
        }
        let used = |at: &usize| self.at.contains(&Some(*at));
        let unused: Vec<_> = (0..self.header.len())
            .filter(|at| !used(at) && !self.header[*at].trim().is_empty())
            .map(|at| self.header[at].clone())
            .collect();
        if !unused.is_empty() {
            let _ = writeln!(text, "  {:<12} {}", "not used:", listed(&unused));
        }
        text
    }
}

/// The column `--map` names: as it is written, else blind to case and marks.
fn named_column(header: &[String], map: &Map) -> Result<usize, String> {
    let found = |same: &dyn Fn(&str) -> bool| -> Vec<usize> {
        (0..header.len()).filter(|at| same(&header[*at])).collect()
    };
    let mut columns = found(&|cell| cell.trim() == map.column.trim());
    if columns.is_empty() {
        columns = found(&|cell| plain(cell) == plain(&map.column));
    }
    match columns[..] {
        [at] => Ok(at),
        [] => Err(format!("has no column `{}`; its columns are {}", map.column, listed(header))),
        _ => Err(format!(
            "has the column `{}` {} times; give the right one a name of its own",
            map.column,
            columns.len()
        )),
    }
}

/// The one column whose header says best that it holds this.
fn best(
    header: &[String],
    meaning: &HeaderMeaning,
    mapped: &[Option<usize>],
) -> Result<Option<usize>, String> {
    let free = |at: &usize| !mapped.contains(&Some(*at));
    let ranked: Vec<_> = (0..header.len())
        .filter(free)
        .filter_map(|at| Some((rank(meaning, &header[at])?, at)))
        .collect();
    let Some(top) = ranked.iter().map(|(rank, _)| *rank).min() else { return Ok(None) };
    let tops: Vec<_> = ranked.iter().filter(|(rank, _)| *rank == top).map(|(_, at)| *at).collect();
    if let [at] = tops[..] {
        return Ok(Some(at));
    }
    let names: Vec<_> = tops.iter().map(|at| header[*at].clone()).collect();
    let same = names.iter().all(|name| plain(name) == plain(&names[0]));
    let cure = if same {
        "give the others another name".to_owned()
    } else {
        format!("choose with --map {}={}", meaning.field, safe(&names[0]))
    };
    let (count, label) = (names.len(), meaning.label.to_lowercase());
    Err(format!("has {count} columns that may hold the {label}: {}; {cure}", listed(&names)))
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
