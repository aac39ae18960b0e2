//! What a column may hold, and which headers say so: the platform's own names and ours
//! first, then what [`crate::contact::label`] knows.

pub(super) use crate::contact::label::plain;
use crate::contact::label::{self, Label};

/// What a column may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::headless::import) enum Target {
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

/// A target, its name for `--map` and people, and the headers that mean it without doubt,
/// all without case, blanks and marks.
pub(super) struct Meaning {
    pub(super) target: Target,
    pub(super) field: &'static str,
    pub(super) label: &'static str,
    pub(super) exact: &'static [&'static str],
}

pub(super) const MEANINGS: [Meaning; 8] = [
    Meaning {
        target: Target::Salutation,
        field: "salutation",
        label: "Salutation",
        exact: &["salutation"],
    },
    Meaning {
        target: Target::FirstName,
        field: "first_name",
        label: "First name",
        exact: &["firstname"],
    },
    Meaning {
        target: Target::LastName,
        field: "last_name",
        label: "Last name",
        exact: &["lastname"],
    },
    Meaning {
        target: Target::FullName,
        field: "name",
        label: "Name",
        exact: &["fullname", "name"],
    },
    Meaning {
        target: Target::Phone,
        field: "phone",
        label: "Phone",
        exact: &["cellphonenumber", "phone", "phonenumber", "e164"],
    },
    Meaning {
        target: Target::CallingCode,
        field: "calling_code",
        label: "Calling code",
        exact: &["cellphonecountrycode", "callingcode"],
    },
    Meaning {
        target: Target::Region,
        field: "region",
        label: "Country",
        exact: &["region", "country"],
    },
    Meaning {
        target: Target::Extension,
        field: "extension",
        label: "Extension",
        exact: &["cellphoneextension", "dialingprefix"],
    },
];

const CALLING_CODES: [&str; 9] = [
    "countrycode",
    "phonecountrycode",
    "countrycallingcode",
    "dialcode",
    "dialingcode",
    "diallingcode",
    "isdcode",
    "isd",
    "vorwahlland",
];

impl Target {
    /// The name used with `--map`.
    pub(super) fn field(self) -> &'static str {
        self.meaning().field
    }

    /// What people read.
    pub(in crate::headless::import) fn label(self) -> &'static str {
        self.meaning().label
    }

    pub(super) fn meaning(self) -> &'static Meaning {
        &MEANINGS[self as usize]
    }

    /// Reads the left side of `--map field=Column`.
    pub(super) fn named(text: &str) -> Option<Self> {
        let wanted = plain(text);
        let means = |meaning: &&Meaning| {
            plain(meaning.field) == wanted || meaning.exact.contains(&wanted.as_str())
        };
        MEANINGS.iter().find(means).map(|meaning| meaning.target).or_else(|| of_header(text))
    }
}

/// What a header that is nobody's exact name says.
fn of_header(header: &str) -> Option<Target> {
    let joined = plain(header);
    if CALLING_CODES.contains(&joined.as_str()) {
        return Some(Target::CallingCode);
    }
    if joined == "extension" {
        return Some(Target::Extension);
    }
    match label::read(header)? {
        Label::Salutation => Some(Target::Salutation),
        Label::FirstName => Some(Target::FirstName),
        Label::LastName => Some(Target::LastName),
        Label::FullName => Some(Target::FullName),
        Label::Number(_) => Some(Target::Phone),
        Label::Country => Some(Target::Region),
        Label::Elsewhere => None,
    }
}

/// How well a header says what its column holds: 0 is best.
pub(super) fn rank(meaning: &Meaning, header: &str) -> Option<usize> {
    if meaning.exact.contains(&plain(header).as_str()) {
        return Some(0);
    }
    (of_header(header) == Some(meaning.target)).then_some(1)
}

/// How many of these headers are known; tells a right delimiter from a wrong one.
pub(in crate::headless::import) fn known(header: &[String]) -> usize {
    let is_known = |cell: &&String| MEANINGS.iter().any(|it| rank(it, cell).is_some());
    header.iter().filter(is_known).count()
}
