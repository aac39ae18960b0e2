//! What was changed or left out between a paste or a file and a contact, each with its
//! facts; the sentence for people is made here alone.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One thing that was changed, chosen or left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Note {
    /// Others were in it; only one person is taken.
    MorePeople {
        /// How many others.
        count: usize,
    },
    /// Several numbers stood in one place, or in several columns.
    MoreNumbers {
        /// The one that is taken, as it was written.
        taken: String,
        /// Those that are not.
        left: Vec<String>,
    },
    /// The number is from this column, one of several for numbers.
    FromColumn {
        /// The column's name.
        column: String,
    },
    /// A word round the number: "whatsapp:", "(mob)".
    Around {
        /// As it was written.
        text: String,
    },
    /// A desk's extension behind the number.
    DeskExtension {
        /// Its digits.
        digits: String,
    },
    /// A title means one of the salutations offered.
    TitleRead {
        /// As it was written.
        title: String,
        /// What it is taken for.
        salutation: String,
    },
    /// A title is left out; the salutation is what is taken where nothing is said, if
    /// anything is.
    TitleLeft {
        /// As it was written.
        title: String,
        /// The default.
        salutation: Option<String>,
    },
    /// A suffix behind the name is left out.
    SuffixLeft {
        /// As it was written.
        suffix: String,
    },
    /// An address or a remark in the name is left out.
    BesideName {
        /// As it was written.
        text: String,
    },
    /// A whole name was taken apart.
    NameSplit {
        /// Given name.
        first: String,
        /// Family name.
        last: String,
    },
    /// A value was mended.
    Mended {
        /// What it is, for people.
        label: String,
        /// As it was.
        from: String,
        /// As it is read.
        to: String,
    },
    /// A cell for the country holds none; the number names its own.
    NoCountry {
        /// As it was written.
        text: String,
    },
    /// Several columns for countries differ; the number is read in this one.
    CountryTaken {
        /// Its English name.
        name: String,
    },
}

impl Note {
    /// The word by which programs know it.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::MorePeople { .. } => "more_people",
            Self::MoreNumbers { .. } => "more_numbers",
            Self::FromColumn { .. } => "from_column",
            Self::Around { .. } => "around",
            Self::DeskExtension { .. } => "desk_extension",
            Self::TitleRead { .. } => "title_read",
            Self::TitleLeft { .. } => "title_left",
            Self::SuffixLeft { .. } => "suffix_left",
            Self::BesideName { .. } => "beside_name",
            Self::NameSplit { .. } => "name_split",
            Self::Mended { .. } => "mended",
            Self::NoCountry { .. } => "no_country",
            Self::CountryTaken { .. } => "country_taken",
        }
    }

    /// Several notes in one line.
    #[must_use]
    pub fn sentence(notes: &[Self]) -> Option<String> {
        let told: Vec<_> = notes.iter().map(ToString::to_string).collect();
        (!told.is_empty()).then(|| told.join("; "))
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MorePeople { count: 1 } => write!(f, "1 more person in it is left out"),
            Self::MorePeople { count } => write!(f, "{count} more people in it are left out"),
            Self::MoreNumbers { taken, left } => {
                write!(f, "Phone: took {taken}; left out {}", left.join(", "))
            }
            Self::FromColumn { column } => write!(f, "Phone: from the column `{column}`"),
            Self::Around { text } => write!(f, "Phone: `{text}` round the number is left out"),
            Self::DeskExtension { digits } => {
                write!(f, "Phone: the extension {digits} behind it is not sent")
            }
            Self::TitleRead { title, salutation } => {
                write!(f, "Salutation: read {title} as {salutation}")
            }
            Self::TitleLeft { title, salutation: Some(salutation) } => {
                write!(f, "Salutation: {title} is left out, {salutation} is the default")
            }
            Self::TitleLeft { title, salutation: None } => {
                write!(f, "Salutation: {title} is left out, choose one")
            }
            Self::SuffixLeft { suffix } => write!(f, "Last name: {suffix} behind it is left out"),
            Self::BesideName { text } => write!(f, "Name: `{text}` is left out"),
            Self::NameSplit { first, last } => write!(f, "Name: read as `{first}` and `{last}`"),
            Self::Mended { label, from, to } => write!(f, "{label}: read {from} as {to}"),
            Self::NoCountry { text } => {
                write!(f, "Country: `{text}` is no country; the number has its own")
            }
            Self::CountryTaken { name } => write!(f, "Country: the number is read in {name}"),
        }
    }
}
