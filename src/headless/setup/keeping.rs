//! Where the secret goes: the keyring, or what the person chooses where it does not take
//! it. Nothing that was typed is lost to a place that fails.

use std::{
    io::{BufRead, Write},
    path::Path,
};

use anyhow::Result;
use secrecy::{ExposeSecret as _, SecretString};

use super::present_source;
use crate::{
    config::{Inspection, secret::Source},
    contact::text::safe,
    headless::prompt::Prompt,
    run::profile::{Answers, Unsaved, keyring, save},
};

/// Keeps the secret and writes the profile, asking for another place while there is
/// trouble. False when the person gives up.
pub(super) async fn keep(
    prompt: &mut Prompt<impl BufRead, impl Write>,
    path: &Path,
    found: &Inspection,
    answers: &Answers,
) -> Result<bool> {
    let present = present_source(found).filter(|it| matches!(it, Source::File(_))).cloned();
    let first = || present.unwrap_or_else(|| keyring(&answers.profile));
    let mut place = answers.secret.as_ref().map(|_| first());
    loop {
        match save(path, answers, place.as_ref(), found).await {
            Ok(()) => {
                if let Some(place) = &place {
                    prompt.say(&format!("The secret is in {}.", safe(&beside(path, place))))?;
                }
                return Ok(true);
            }
            Err(Unsaved::Secret(why)) => {
                prompt.say(&safe(&why))?;
                place = Some(other_place(prompt, answers).await?);
            }
            Err(Unsaved::File(why)) => {
                prompt.say(&safe(&why))?;
                if prompt.choose("Try again, or stop?", &[("again", false), ("stop", true)])? {
                    return Ok(false);
                }
            }
        }
    }
}

/// A place in full: a relative file is beside the configuration.
fn beside(path: &Path, place: &Source) -> String {
    match place {
        Source::File(file) => Source::File(path.with_file_name("").join(file)).place(),
        Source::Keyring { .. } | Source::Variable(_) | Source::Command(_) | Source::Given(_) => {
            place.place()
        }
    }
}

/// Where a secret can be kept.
#[derive(Clone, Copy)]
enum Place {
    File,
    Variable,
    Command,
    Keyring,
}

const PLACES: [(&str, Place); 4] = [
    ("file", Place::File),
    ("variable", Place::Variable),
    ("command", Place::Command),
    ("keyring", Place::Keyring),
];

/// Where the secret goes when the keyring does not take it.
async fn other_place(
    prompt: &mut Prompt<impl BufRead, impl Write>,
    answers: &Answers,
) -> Result<Source> {
    prompt.say(
        "It can be kept elsewhere:\n  file      beside the configuration, for your eyes only\n  \
         variable  in the environment, where you set it\n  command   where a password manager \
         prints it\n  keyring   tried again, once it is unlocked",
    )?;
    loop {
        let source = match prompt.choose("Where?", &PLACES)? {
            Place::File => return Ok(Source::File(file_name(&answers.profile).into())),
            Place::Keyring => return Ok(keyring(&answers.profile)),
            Place::Variable => Source::Variable(variable(prompt)?),
            Place::Command => Source::Command(command(prompt)?),
        };
        match (source.resolve(Path::new("")).await, &source) {
            (Ok(there), _) if Some(there.expose_secret()) == typed(answers) => return Ok(source),
            (Ok(_), _) => {
                let place = source.place();
                prompt.say(&format!("{} holds another secret.", safe(&place)))?;
            }
            (Err(_), Source::Variable(name)) => {
                prompt.say(&format!("Set {name} before you start rolodesk."))?;
                return Ok(source);
            }
            (Err(error), _) => prompt.say(&safe(&error.to_string()))?,
        }
    }
}

fn typed(answers: &Answers) -> Option<&str> {
    answers.secret.as_ref().map(SecretString::expose_secret)
}

/// A profile's name as a file's.
fn file_name(profile: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '_' };
    format!("{}.secret", profile.chars().map(plain).collect::<String>())
}

fn variable(prompt: &mut Prompt<impl BufRead, impl Write>) -> Result<String> {
    loop {
        let name = prompt.ask("Variable", "KORE_SECRET")?;
        let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        if name.chars().all(plain) && !name.starts_with(|it: char| it.is_ascii_digit()) {
            return Ok(name);
        }
        prompt.say("Variable: its name has letters, digits and _ only")?;
    }
}

fn command(prompt: &mut Prompt<impl BufRead, impl Write>) -> Result<Vec<String>> {
    loop {
        let line = prompt.ask("Command, such as pass show kore", "")?;
        let words: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
        if words.is_empty() {
            prompt.say("Command: is needed")?;
        } else if line.contains(['"', '\'', '\\', '|', '$', '>']) {
            prompt.say("Command: no shell reads it; write words without quotes, or a script")?;
        } else {
            return Ok(words);
        }
    }
}
