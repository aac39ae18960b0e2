//! The words by which a column says what it holds.

use crate::contact::name::folded;

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

/// A target, its name for `--map` and people, and the headers that mean it, best first:
/// the platform's own, ours, then usual words. All without case, blanks and marks.
pub(super) struct HeaderMeaning {
    pub(super) target: Target,
    pub(super) field: &'static str,
    pub(super) label: &'static str,
    pub(super) exact: &'static [&'static str],
    pub(super) usual: &'static [&'static str],
}

pub(super) const MEANINGS: [HeaderMeaning; 8] = [
    HeaderMeaning {
        target: Target::Salutation,
        field: "salutation",
        label: "Salutation",
        exact: &["salutation"],
        usual: &["title", "honorific", "nameprefix", "prefix", "anrede", "tratamiento", "civilite"],
    },
    HeaderMeaning {
        target: Target::FirstName,
        field: "first_name",
        label: "First name",
        exact: &["firstname"],
        usual: &["first", "given", "givenname", "forename", "fname", "vorname", "prenom", "nombre"],
    },
    HeaderMeaning {
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
    HeaderMeaning {
        target: Target::FullName,
        field: "name",
        label: "Name",
        exact: &["fullname", "name"],
        usual: &["contact", "contactname", "customer", "customername", "displayname"],
    },
    HeaderMeaning {
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
    HeaderMeaning {
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
    HeaderMeaning {
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
    HeaderMeaning {
        target: Target::Extension,
        field: "extension",
        label: "Extension",
        exact: &["cellphoneextension", "dialingprefix"],
        usual: &["extension"],
    },
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

    pub(super) fn meaning(self) -> &'static HeaderMeaning {
        &MEANINGS[self as usize]
    }

    /// Reads the left side of `--map field=Column`.
    pub(super) fn named(text: &str) -> Option<Self> {
        let wanted = plain(text);
        let means = |meaning: &&HeaderMeaning| {
            plain(meaning.field) == wanted
                || meaning.exact.contains(&wanted.as_str())
                || meaning.usual.contains(&wanted.as_str())
        };
        MEANINGS.iter().find(means).map(|meaning| meaning.target)
    }
}

/// How well a header says what its column holds: 0 is best.
pub(super) fn rank(meaning: &HeaderMeaning, header: &str) -> Option<usize> {
    let header = plain(header);
    let rank = |names: &[&str]| names.contains(&header.as_str());
    match () {
        () if rank(meaning.exact) => Some(0),
        () if rank(meaning.usual) => Some(1),
        () => None,
    }
}

/// How many of these headers are known; tells a right delimiter from a wrong one.
pub(in crate::headless::import) fn known(header: &[String]) -> usize {
    let is_known = |cell: &&String| MEANINGS.iter().any(|it| rank(it, cell).is_some());
    header.iter().filter(is_known).count()
}

/// A header without case, accents, blanks and marks.
pub(super) fn plain(text: &str) -> String {
    folded(text).chars().filter(|letter| letter.is_alphanumeric()).collect()
}
