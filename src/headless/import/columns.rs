//! Which column holds what: by the platform's own names, ours, the usual words for them
//! in a few languages, or as `--map` says. Nothing is guessed from the cells; what was
//! found is shown, and what is not clear is asked for.

use std::fmt::Write as _;

use crate::contact::{name::folded, text::safe};

/// What a column may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// Mr, Mrs, …
    Salutation,
    /// Given name.
    FirstName,
    /// Family name.
    LastName,
    /// Both in one.
    FullName,
    /// The phone number.
    Phone,
    /// The country's calling code, kept apart from the number.
    CallingCode,
    /// The country the number is read in.
    Region,
    /// The platform's dialing prefix.
    Extension,
}

/// A target, its name for `--map` and people, and the headers that mean it, best first:
/// the platform's own, ours, then usual words. All without case, blanks and marks.
struct Meaning {
    target: Target,
    field: &'static str,
    label: &'static str,
    exact: &'static [&'static str],
    usual: &'static [&'static str],
}

const MEANINGS: [Meaning; 8] = [
    Meaning {
        target: Target::Salutation,
        field: "salutation",
        label: "Salutation",
        exact: &["salutation"],
        usual: &["title", "honorific", "nameprefix", "prefix", "anrede", "tratamiento", "civilite"],
    },
    Meaning {
        target: Target::FirstName,
        field: "first_name",
        label: "First name",
        exact: &["firstname"],
        usual: &["first", "given", "givenname", "forename", "fname", "vorname", "prenom", "nombre"],
    },
    Meaning {
        target: Target::LastName,
        field: "last_name",
        label: "Last name",
        exact: &["lastname"],
        usual: &[
            "last",
            "surname",
            "family",
            "familyname",
            "secondname",
            "lname",
            "nachname",
            "nomdefamille",
            "apellido",
            "apellidos",
        ],
    },
    Meaning {
        target: Target::FullName,
        field: "name",
        label: "Name",
        exact: &["fullname", "name"],
        usual: &["contact", "contactname", "customer", "customername", "displayname"],
    },
    Meaning {
        target: Target::Phone,
        field: "phone",
        label: "Phone",
        exact: &["cellphonenumber", "phone", "phonenumber", "e164"],
        usual: &[
            "mobile",
            "mobilenumber",
            "mobilephone",
            "mobileno",
            "cell",
            "cellphone",
            "cellnumber",
            "phoneno",
            "tel",
            "telno",
            "telephone",
            "telephonenumber",
            "number",
            "contactnumber",
            "contactno",
            "msisdn",
            "whatsapp",
            "handy",
            "handynummer",
            "telefon",
            "telefonnummer",
            "telefono",
            "movil",
            "celular",
            "portable",
        ],
    },
    Meaning {
        target: Target::CallingCode,
        field: "calling_code",
        label: "Calling code",
        exact: &["cellphonecountrycode", "callingcode"],
        usual: &[
            "countrycode",
            "phonecountrycode",
            "countrycallingcode",
            "dialcode",
            "dialingcode",
            "diallingcode",
            "isdcode",
            "isd",
            "vorwahlland",
        ],
    },
    Meaning {
        target: Target::Region,
        field: "region",
        label: "Country",
        exact: &["region", "country"],
        usual: &[
            "countryregion",
            "countryname",
            "isocountry",
            "countryiso",
            "isocode",
            "land",
            "pays",
            "pais",
        ],
    },
    Meaning {
        target: Target::Extension,
        field: "extension",
        label: "Extension",
        exact: &["cellphoneextension", "dialingprefix"],
        usual: &["extension"],
    },
];

impl Target {
    /// The name used with `--map`.
    fn field(self) -> &'static str {
        self.meaning().field
    }

    /// What people read.
    pub(super) fn label(self) -> &'static str {
        self.meaning().label
    }

    fn meaning(self) -> &'static Meaning {
        &MEANINGS[self as usize]
    }

    /// Reads the left side of `--map field=Column`.
    fn named(text: &str) -> Option<Self> {
        let wanted = plain(text);
        let means = |meaning: &&Meaning| {
            plain(meaning.field) == wanted
                || meaning.exact.contains(&wanted.as_str())
                || meaning.usual.contains(&wanted.as_str())
        };
        MEANINGS.iter().find(means).map(|meaning| meaning.target)
    }
}

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

/// How well a header says what its column holds: 0 is best.
fn rank(meaning: &Meaning, header: &str) -> Option<usize> {
    let header = plain(header);
    let rank = |names: &[&str]| names.contains(&header.as_str());
    match () {
        () if rank(meaning.exact) => Some(0),
        () if rank(meaning.usual) => Some(1),
        () => None,
    }
}

/// How many of these headers are known; tells a right delimiter from a wrong one.
pub(super) fn known(header: &[String]) -> usize {
    let is_known = |cell: &&String| MEANINGS.iter().any(|it| rank(it, cell).is_some());
    header.iter().filter(is_known).count()
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
    meaning: &Meaning,
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

/// A header without case, accents, blanks and marks.
fn plain(text: &str) -> String {
    folded(text).chars().filter(|letter| letter.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(text: &str) -> Vec<String> {
        text.split(',').map(str::to_owned).collect()
    }

    fn find(text: &str, maps: &[&str]) -> Result<Columns, String> {
        let maps: Vec<Map> = maps.iter().map(|map| map.parse().unwrap()).collect();
        Columns::find(header(text), &maps)
    }

    fn found(text: &str, maps: &[&str]) -> String {
        let columns = find(text, maps).unwrap();
        let row = columns.header.clone();
        let told = MEANINGS.iter().map(|it| columns.cell(it.target, &row).to_owned());
        told.collect::<Vec<_>>().join("|")
    }

    #[test]
    fn the_targets_stand_in_the_tables_order() {
        for (at, meaning) in MEANINGS.iter().enumerate() {
            assert_eq!(meaning.target as usize, at);
            assert_eq!(Target::named(meaning.field), Some(meaning.target));
            let names = meaning.exact.iter().chain(meaning.usual);
            for name in names {
                assert_eq!(plain(name), **name);
                assert_eq!(Target::named(name), Some(meaning.target), "{name} is there twice");
            }
        }
    }

    #[test]
    fn the_platforms_names_ours_and_the_usual_ones_are_found_in_any_spelling() {
        for (text, wanted) in [
            (
                "firstName,lastName,salutation,cellPhoneNumber,cellPhoneCountryCode,cellPhoneExtension",
                "salutation|firstName|lastName||cellPhoneNumber|cellPhoneCountryCode||cellPhoneExtension",
            ),
            ("Title,First,Surname,Mobile,Country", "Title|First|Surname||Mobile||Country|"),
            ("VORNAME,Name,Telefon", "|VORNAME|Name||Telefon|||"),
            ("Name,Surname,Tel.", "|Name|Surname||Tel.|||"),
            ("Full Name,PHONE_NUMBER", "|||Full Name|PHONE_NUMBER|||"),
            (
                "status,e164,full_name,id,reason,existing_id,existing_full_name,submitted_at",
                "|||full_name|e164|||",
            ),
            ("Prénom,Nom de famille,Pays,Portable", "|Prénom|Nom de famille||Portable||Pays|"),
            ("first name,last name,Phone,Mobile", "|first name|last name||Phone|||"),
        ] {
            assert_eq!(found(text, &[]), wanted, "{text}");
        }
    }

    #[test]
    fn map_says_what_no_header_says_and_wins_over_all() {
        let told = found("A,B,Kontakt 1,phone", &["first_name=A", "surname=b", "phone=Kontakt 1"]);
        assert_eq!(told, "|A|B||Kontakt 1|||");
        let swapped = found("first,last,phone", &["first_name=last", "last_name=first"]);
        assert_eq!(swapped, "|last|first||phone|||");
    }

    #[test]
    fn what_is_missing_twice_or_unknown_is_told_with_what_there_is() {
        for (text, maps, told) in [
            ("first,last", &[][..], "hold the phone; its columns are `first`, `last`"),
            ("first,phone", &[], "--map last_name=Column"),
            ("a,phone", &[], "--map first_name=Column"),
            ("first,last,phone,Phone", &[], "give the others another name"),
            ("first,last,mobile,tel", &[], "choose with --map phone=mobile"),
            ("first,last,x,x", &["phone=x"], "has the column `x` 2 times"),
            (
                "first,last,phone",
                &["phone=Handy 2"],
                "no column `Handy 2`; its columns are `first`",
            ),
            ("first,last,phone", &["phone=phone", "mobile=last"], "`phone` twice"),
            ("John,Doe,+919876543210", &[], "looks like a contact"),
        ] {
            let error = find(text, maps).unwrap_err();
            assert!(error.contains(told), "{text}: {error}");
        }
        assert!("phon=x".parse::<Map>().unwrap_err().contains("there are salutation, first_name"));
        assert!("phone".parse::<Map>().unwrap_err().contains("field=Column"));
        assert!("phone= ".parse::<Map>().unwrap_err().contains("names no column"));
    }

    #[test]
    fn columns_nobody_needs_may_be_there_twice_and_are_named() {
        let columns = find("first,last,phone,Note,Note", &[]).unwrap();
        assert!(columns.shown().contains("not used:    `Note`, `Note`"), "{}", columns.shown());
    }

    #[test]
    fn an_extension_is_meant_only_by_the_platforms_word_or_by_map() {
        for (text, maps, meant) in [
            ("first,last,phone,cellPhoneExtension", &[][..], true),
            ("first,last,phone,Extension", &[], false),
            ("first,last,phone,Extension", &["extension=Extension"], true),
        ] {
            assert_eq!(find(text, maps).unwrap().extension_is_meant, meant, "{text}");
        }
    }
}
