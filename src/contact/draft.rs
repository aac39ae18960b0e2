//! What was typed, and what is wrong with it.

use super::{
    Contact, Extension, Field, Name, Phone, Region, Salutation, phone::Reading, region::Named,
    text::safe,
};

/// The form as typed: plain text, nothing checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Draft {
    /// One of the offered salutations.
    pub salutation: String,
    /// Given name as typed.
    pub first_name: String,
    /// Family name as typed.
    pub last_name: String,
    /// ISO code or English name of the chosen region; empty when none is chosen.
    pub region: String,
    /// The number as typed, in any usual spelling.
    pub phone: String,
    /// The platform's dialing prefix as typed.
    pub extension: String,
}

/// What a draft is judged by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// The salutations offered; never empty.
    pub salutations: Vec<Salutation>,
    /// Whether a number that is possible but not in the numbering plan may pass.
    pub allow_unusual: bool,
}

/// One thing wrong with one field, in the words the agent reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub field: Field,
    /// What is wrong, to be read after the field's label: "2 digits short for India".
    pub message: String,
    /// True when a second submit may send it all the same.
    pub can_override: bool,
}

impl Draft {
    /// Reads the draft into a contact.
    ///
    /// # Errors
    /// Every problem at once, in the order of the fields; never empty.
    pub fn parse(&self, rules: &Rules) -> Result<Contact, Vec<Problem>> {
        let salutation =
            at(Field::Salutation, Salutation::choose(&self.salutation, &rules.salutations));
        let first_name = at(Field::FirstName, Name::typed(&self.first_name));
        let last_name = at(Field::LastName, Name::typed(&self.last_name));
        let region = at(Field::Country, self.region());
        let phone = match &region {
            // A number cannot be judged in a country that is itself in question, unless it
            // names its own.
            Err(_) if !self.names_its_country() => None,
            region => Some(self.phone(region.as_ref().ok().copied().flatten(), rules)),
        };
        let extension = at(Field::Extension, Extension::parse(&self.extension));
        match (salutation, first_name, last_name, region, phone, extension) {
            (
                Ok(salutation),
                Ok(first_name),
                Ok(last_name),
                Ok(_),
                Some(Ok(phone)),
                Ok(extension),
            ) => Ok(Contact { salutation, first_name, last_name, phone, extension }),
            (salutation, first_name, last_name, region, phone, extension) => Err([
                salutation.err(),
                first_name.err(),
                last_name.err(),
                region.err(),
                phone.and_then(Result::err),
                extension.err(),
            ]
            .into_iter()
            .flatten()
            .collect()),
        }
    }

    /// Each field that is filled in, with its label, to be read in a terminal.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let Self { salutation, first_name, last_name, region, phone, extension } = self;
        let texts = [salutation, first_name, last_name, region, phone, extension];
        let filled = Field::ALL.iter().zip(texts).filter(|(_, text)| !text.is_empty());
        filled.map(|(field, text)| format!("  {:<10}  {}", field.label(), safe(text))).collect()
    }

    fn region(&self) -> Result<Option<Region>, String> {
        if self.region.trim().is_empty() {
            return Ok(None);
        }
        match Region::named(&self.region) {
            Named::One(region) => Ok(Some(region)),
            Named::Several(regions) => {
                Err(format!("may be {}; write which", Named::choices(&regions)))
            }
            Named::Nothing => Err("is not a country; type a part of its name or its code".into()),
        }
    }

    fn names_its_country(&self) -> bool {
        self.phone.trim_start().starts_with(['+', '\u{ff0b}'])
    }

    fn phone(&self, region: Option<Region>, rules: &Rules) -> Result<Phone, Problem> {
        let problem =
            |message, can_override| Err(Problem { field: Field::Phone, message, can_override });
        match Phone::parse(&self.phone, region) {
            Reading::Valid(phone) => Ok(phone),
            Reading::Unusual(phone, _) if rules.allow_unusual => Ok(phone),
            Reading::Unusual(_, why) => problem(why, true),
            Reading::Impossible(why) => problem(why, false),
        }
    }
}

fn at<T>(field: Field, read: Result<T, String>) -> Result<T, Problem> {
    read.map_err(|message| Problem { field, message, can_override: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Rules {
        let salutations = ["Mr", "Mrs"].iter().map(|it| Salutation::parse(it).unwrap()).collect();
        Rules { salutations, allow_unusual: false }
    }

    fn draft() -> Draft {
        Draft {
            salutation: "mrs".into(),
            first_name: " Ngọc  Ánh ".into(),
            last_name: "O'Brien".into(),
            region: "Italy".into(),
            phone: "06 12345678".into(),
            extension: String::new(),
        }
    }

    #[test]
    fn a_good_draft_becomes_a_contact() {
        let contact = draft().parse(&rules()).unwrap();
        assert_eq!(contact.salutation.as_str(), "Mrs");
        assert_eq!(contact.full_name(), "Ngọc Ánh O'Brien");
        assert_eq!(contact.phone.national(), "0612345678");
        assert_eq!(contact.extension.as_str(), "+");
    }

    #[test]
    fn every_problem_is_told_at_once_in_the_order_of_the_fields() {
        let problems = Draft { extension: "abc".into(), ..Draft::default() }.parse(&rules());
        let fields: Vec<_> = problems.unwrap_err().iter().map(|it| it.field).collect();
        assert_eq!(
            fields,
            [Field::Salutation, Field::FirstName, Field::LastName, Field::Phone, Field::Extension]
        );
    }

    #[test]
    fn an_unusual_number_passes_only_when_asked_for() {
        let odd = Draft { region: "US".into(), phone: "415 155 0132".into(), ..draft() };
        let problems = odd.parse(&rules()).unwrap_err();
        assert!(problems.len() == 1 && problems[0].can_override);
        assert!(odd.parse(&Rules { allow_unusual: true, ..rules() }).is_ok());
    }

    #[test]
    fn a_country_nobody_knows_is_said_so_and_a_number_with_a_plus_does_without() {
        let nowhere = Draft { region: "Atlantis".into(), ..draft() };
        let problems = nowhere.parse(&rules()).unwrap_err();
        assert_eq!(problems.iter().map(|it| it.field).collect::<Vec<_>>(), [Field::Country]);
        let none = Draft { region: String::new(), phone: "+39 06 12345678".into(), ..draft() };
        assert!(none.parse(&rules()).is_ok());
    }
}
