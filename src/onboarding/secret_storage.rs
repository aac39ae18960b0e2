//! Where a profile's secret can be kept, and whether a place the person named really
//! holds it.

use std::path::Path;

use secrecy::{ExposeSecret as _, SecretString};

use super::{Answers, keyring, sentence};
use crate::config::secret::SecretSource;

/// Where a secret can be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretStorage {
    /// The desktop's secret service.
    Keyring,
    /// A file beside the configuration.
    File,
    /// The environment.
    Variable,
    /// What a password manager prints.
    Command,
}

impl SecretStorage {
    /// Every place, the best first.
    pub const ALL: [Self; 4] = [Self::Keyring, Self::File, Self::Variable, Self::Command];

    /// What it is called.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Keyring => "keyring",
            Self::File => "file",
            Self::Variable => "variable",
            Self::Command => "command",
        }
    }

    /// What it means to keep a secret there.
    #[must_use]
    pub fn means(self) -> &'static str {
        match self {
            Self::Keyring => "in the desktop's keyring, while it is unlocked",
            Self::File => "beside the configuration, for your eyes only",
            Self::Variable => "in the environment, where you set it",
            Self::Command => "where a password manager prints it",
        }
    }

    /// The place in full. `named` is read where a name belongs to it: of a variable, or a
    /// command's words.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the name.
    pub fn source(self, profile: &str, named: &str) -> Result<SecretSource, String> {
        match self {
            Self::Keyring => Ok(keyring(profile)),
            Self::File => Ok(SecretSource::File(file_name(profile).into())),
            Self::Variable => variable(named).map(SecretSource::Variable),
            Self::Command => command(named).map(SecretSource::Command),
        }
    }
}

/// Makes sure that the secret will be had from `place`. What comes back is to be told.
///
/// # Errors
/// A sentence: it holds another secret, or none can be had from it.
pub async fn confirm(place: &SecretSource, answers: &Answers) -> Result<Option<String>, String> {
    match place {
        SecretSource::Keyring { .. } | SecretSource::File(_) | SecretSource::Given(_) => {
            return Ok(None);
        }
        SecretSource::Variable(_) | SecretSource::Command(_) => {}
    }
    let typed = answers.secret.as_ref().map(SecretString::expose_secret);
    match (place.resolve(Path::new("")).await, place) {
        (Ok(there), _) if Some(there.expose_secret()) == typed => Ok(None),
        (Ok(_), _) => Err(sentence(&format!("{} holds another secret.", place.place()))),
        (Err(_), SecretSource::Variable(name)) => {
            Ok(Some(format!("Set {name} before you start rolodesk.")))
        }
        (Err(error), _) => Err(sentence(&error.to_string())),
    }
}

/// A profile's name as a file's.
fn file_name(profile: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '_' };
    format!("{}.secret", profile.chars().map(plain).collect::<String>())
}

fn variable(name: &str) -> Result<String, String> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let name = name.trim();
    if name.is_empty() {
        return Err("is needed: the variable's name, such as KORE_SECRET".into());
    }
    if name.chars().all(plain) && !name.starts_with(|it: char| it.is_ascii_digit()) {
        return Ok(name.to_owned());
    }
    Err("its name has letters, digits and _ only".into())
}

fn command(line: &str) -> Result<Vec<String>, String> {
    let words: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
    if words.is_empty() {
        Err("is needed, such as: pass show kore".into())
    } else if line.contains(['"', '\'', '\\', '|', '$', '>']) {
        Err("no shell reads it; write words without quotes, or a script".into())
    } else {
        Ok(words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profiles_name_never_leads_its_secret_out_of_the_folder() {
        let file = SecretStorage::File.source("../a b/ü", "").unwrap();
        assert_eq!(file.place(), "the file ___a_b__.secret");
    }

    #[test]
    fn a_name_that_is_none_is_told_with_what_is_wanted() {
        for (place, named, part) in [
            (SecretStorage::Variable, " ", "KORE_SECRET"),
            (SecretStorage::Variable, "1X", "letters, digits and _"),
            (SecretStorage::Variable, "A-B", "letters, digits and _"),
            (SecretStorage::Command, "", "pass show kore"),
            (SecretStorage::Command, "pass | head", "no shell reads it"),
        ] {
            let error = place.source("acme", named).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
        let command = SecretStorage::Command.source("acme", " pass  show kore ").unwrap();
        assert!(
            matches!(command, SecretSource::Command(words) if words == ["pass", "show", "kore"])
        );
    }
}
