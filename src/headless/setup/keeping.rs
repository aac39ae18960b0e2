//! Where the secret goes: the keyring, or what the person chooses where it does not take
//! it. Nothing that was typed is lost to a place that fails.

use std::{
    io::{BufRead, Write},
    path::Path,
};

use crate::{
    config::{Inspection, secret::SecretSource},
    contact::text::safe,
    headless::prompt::{Prompt, ended},
    onboarding::{Answers, SecretStorage, Unsaved, confirm, keyring, present_source, save},
};
use anyhow::Result;

/// Keeps the secret and writes the profile, asking for another place while there is
/// trouble. False when the person gives up.
pub(super) async fn keep(
    prompt: &mut Prompt<impl BufRead, impl Write>,
    path: &Path,
    found: &Inspection,
    answers: &Answers,
) -> Result<bool> {
    let present = present_source(found).filter(|it| matches!(it, SecretSource::File(_))).cloned();
    let first = || present.unwrap_or_else(|| keyring(&answers.profile));
    let mut place = answers.secret.as_ref().map(|_| first());
    loop {
        match save(path, answers, place.as_ref(), found).await {
            Ok(kept) => {
                if let Some(place) = &kept {
                    prompt.say(&format!("The secret is in {}.", safe(&beside(path, place))))?;
                }
                return Ok(true);
            }
            Err(Unsaved::Secret(why)) => {
                prompt.say(&safe(&why))?;
                place = Some(other_place(prompt, answers, failed(place.as_ref())).await?);
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
fn beside(path: &Path, place: &SecretSource) -> String {
    match place {
        SecretSource::File(file) => SecretSource::File(path.with_file_name("").join(file)).place(),
        SecretSource::Keyring { .. }
        | SecretSource::Variable(_)
        | SecretSource::Command(_)
        | SecretSource::Given(_) => place.place(),
    }
}

/// In the order they are offered once the keyring has failed.
const PLACES: [SecretStorage; 4] =
    [SecretStorage::File, SecretStorage::Variable, SecretStorage::Command, SecretStorage::Keyring];

/// Which of the places has just failed.
fn failed(place: Option<&SecretSource>) -> Option<SecretStorage> {
    match place? {
        SecretSource::Keyring { .. } => Some(SecretStorage::Keyring),
        SecretSource::File(_) => Some(SecretStorage::File),
        SecretSource::Variable(_) => Some(SecretStorage::Variable),
        SecretSource::Command(_) => Some(SecretStorage::Command),
        SecretSource::Given(_) => None,
    }
}

/// Where the secret goes when the keyring does not take it. A script that names no place
/// gets the first one once; when that has failed there is no more to be done for it.
async fn other_place(
    prompt: &mut Prompt<impl BufRead, impl Write>,
    answers: &Answers,
    failed: Option<SecretStorage>,
) -> Result<SecretSource> {
    prompt.say("It can be kept elsewhere:")?;
    for place in PLACES {
        let again = if failed == Some(place) { "try again, " } else { "" };
        prompt.say(&format!("  {:<8}  {again}{}", place.word(), place.means()))?;
    }
    let choices = PLACES.map(|place| (place.word(), place));
    loop {
        let unsaid = (failed != Some(PLACES[0])).then_some(PLACES[0]);
        let place = prompt.choose_script("Where?", &choices)?.or(unsaid).ok_or_else(ended)?;
        let source = named(prompt, place, &answers.profile)?;
        match confirm(&source, answers).await {
            Ok(note) => {
                note.map_or(Ok(()), |note| prompt.say(&safe(&note)))?;
                return Ok(source);
            }
            Err(why) => prompt.say(&safe(&why))?,
        }
    }
}

/// The place in full, its name asked for where it has one.
fn named(
    prompt: &mut Prompt<impl BufRead, impl Write>,
    place: SecretStorage,
    profile: &str,
) -> Result<SecretSource> {
    let (question, default) = match place {
        SecretStorage::Keyring | SecretStorage::File => ("", ""),
        SecretStorage::Variable => ("Variable", "KORE_SECRET"),
        SecretStorage::Command => ("Command, such as pass show kore", ""),
    };
    loop {
        let answer =
            if question.is_empty() { String::new() } else { prompt.ask(question, default)? };
        match place.source(profile, &answer) {
            Ok(source) => return Ok(source),
            Err(why) => {
                let what = question.split(',').next().unwrap_or(question);
                prompt.say(&format!("{what}: {}", safe(&why)))?;
            }
        }
    }
}
