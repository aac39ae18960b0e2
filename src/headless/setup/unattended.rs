//! `setup --non-interactive`: a profile out of the environment, for whoever provisions many
//! machines. Nothing is asked, and nothing is written unless the platform accepts it.

use std::{
    io::{self, Write as _},
    path::Path,
};

use anyhow::Result;
use secrecy::SecretString;

use super::SetupRequest;
use crate::{
    config::{
        ConfigError, Environment, Inspection, Overrides, ValueOrigin, file::Profile,
        secret::SecretSource,
    },
    contact::text::safe,
    exit::Exit,
    onboarding::{
        Answers, Question, SecretStorage, TrialResult, Unsaved, keyring, present_source, save,
        try_out,
    },
};

/// Tries what there is, and keeps it unless it is only to be checked.
pub(super) async fn run(
    environment: &Environment,
    overrides: &Overrides,
    found: &Inspection,
    path: &Path,
    request: SetupRequest,
) -> Result<Exit> {
    let answers =
        if request.from_env { from_environment(environment, found)? } else { present(found)? };
    // What the environment answers takes nothing from the person's own file.
    let has_secret = !request.from_env && present_source(found).is_some();
    refuse_missing(&answers, has_secret, found, environment.system_config())?;
    let trial = try_out(&answers, environment, overrides).await;
    writeln!(io::stderr(), "{}", trial.sentence())?;
    match trial {
        TrialResult::Refused(_) => return Ok(Exit::NotAuthorised),
        TrialResult::Unknown(_) => return Ok(Exit::Failed),
        TrialResult::Accepted(_) if request.check => return Ok(Exit::Done),
        TrialResult::Accepted(_) => {}
    }
    keep(path, &answers, found).await?;
    writeln!(
        io::stdout(),
        "The profile `{}` is in {}",
        safe(&answers.profile),
        safe(&path.display().to_string())
    )?;
    Ok(Exit::Done)
}

/// What the environment answers.
///
/// # Errors
/// When a value cannot be read, or is a token where a secret belongs.
pub(super) fn from_environment(
    environment: &Environment,
    found: &Inspection,
) -> Result<Answers, ConfigError> {
    let set = |question: Question| {
        found.values.iter().find(|value| {
            value.key == question.key() && matches!(value.origin, ValueOrigin::Variable(_))
        })
    };
    let mut values = Vec::new();
    for question in Question::ALL {
        let Some(value) = set(question) else { continue };
        let read = question.read(&value.shown);
        let read = read.map_err(|why| ConfigError::Usage(format!("{}: {why}", value.origin)))?;
        values.push((question, read));
    }
    let secret = environment.get("ROLODESK_CLIENT_SECRET").map(SecretString::from);
    if secret.is_none() && environment.get("ROLODESK_TOKEN").is_some() {
        let why = "ROLODESK_TOKEN is a ready-made token, which is not kept; set \
                   ROLODESK_CLIENT_ID and ROLODESK_CLIENT_SECRET";
        return Err(ConfigError::Usage(why.to_owned()));
    }
    let beside = Profile::from_environment(environment).map_err(ConfigError::File)?;
    let beside = Profile { client_secret: None, token: None, ..beside };
    Ok(Answers { profile: found.profile.clone(), values, secret, beside })
}

/// What the configuration says at present.
fn present(found: &Inspection) -> Result<Answers, ConfigError> {
    let mut values = Vec::new();
    for question in Question::ALL {
        let Some(shown) = found.value(question.key()) else { continue };
        let wrong = |why| ConfigError::Usage(format!("`{}` {why}", question.key()));
        values.push((question, question.read(shown).map_err(wrong)?));
    }
    let (profile, beside) = (found.profile.clone(), Profile::default());
    Ok(Answers { profile, values, secret: None, beside })
}

/// Everything that nobody has answered, at once.
fn refuse_missing(
    answers: &Answers,
    has_secret: bool,
    found: &Inspection,
    system: &Path,
) -> Result<(), ConfigError> {
    // What the administrator's file says nobody has to say again.
    let is_of_system = |key: &str| {
        let value = found.values.iter().find(|value| value.key == key);
        value.is_some_and(
            |value| matches!(&value.origin, ValueOrigin::File { path, .. } if path == system),
        )
    };
    let known = |question: &Question| {
        let answered = answers.values.iter().any(|(it, _)| it == question);
        let has_default = matches!(question, Question::Algorithm | Question::Region);
        answered || has_default || is_of_system(question.key())
    };
    let missing = Question::ALL.into_iter().filter(|question| !known(question));
    let mut missing: Vec<_> = missing.map(Question::key).collect();
    if answers.secret.is_none() && !has_secret && !is_of_system("client_secret") {
        missing.push("client_secret");
    }
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<_> =
        missing.iter().map(|key| format!("ROLODESK_{}", key.to_uppercase())).collect();
    let why = format!("nothing says {}; set {}", missing.join(", "), names.join(", "));
    Err(ConfigError::Usage(why))
}

/// Into the keyring, or where there is none into a private file.
async fn keep(path: &Path, answers: &Answers, found: &Inspection) -> Result<()> {
    if answers.secret.is_none() {
        return written(save(path, answers, None, found).await);
    }
    let file = SecretStorage::File.source(&answers.profile, "").map_err(ConfigError::Usage)?;
    let present = present_source(found).filter(|it| matches!(it, SecretSource::File(_))).cloned();
    for place in [present.unwrap_or_else(|| keyring(&answers.profile)), file] {
        match save(path, answers, Some(&place), found).await {
            Err(Unsaved::Secret(why)) => writeln!(io::stderr(), "{}", safe(&why))?,
            kept => return written(kept),
        }
    }
    Err(ConfigError::File("the secret could not be kept; the configuration is as it was".into())
        .into())
}

fn written(kept: Result<Option<SecretSource>, Unsaved>) -> Result<()> {
    kept.map(drop).map_err(|unsaved| match unsaved {
        Unsaved::Secret(why) | Unsaved::File(why) => ConfigError::File(why).into(),
    })
}
