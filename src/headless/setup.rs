//! `setup`: asks for a profile line by line, tries it on the platform, writes it. What
//! is asked and written is decided in [`crate::onboarding`]; this only talks.

mod keeping;
mod unattended;

use std::{
    io::{self, BufRead, Write},
    path::Path,
    thread,
};

use anyhow::Result;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::{runtime::Builder, sync::oneshot};

use keeping::keep;

use super::{
    hidden::show_again,
    prompt::{Prompt, ended},
};
use crate::{
    config::{
        ConfigError, Environment, FileState, Inspection, Overrides, ValueOrigin, file::Profile,
    },
    contact::text::safe,
    exit::Exit,
    onboarding::{Answers, Question, TrialResult, present_source, stream_in, target, try_out},
    signals::Signals,
};

/// How the answers come about, and what becomes of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SetupRequest {
    /// What the environment says is not asked.
    pub from_env: bool,
    /// Nothing is asked.
    pub non_interactive: bool,
    /// Nothing is written.
    pub check: bool,
}

/// Asks, tries and writes.
///
/// # Errors
/// When the input ends or the present configuration cannot be read; then nothing is
/// written.
pub async fn run(
    environment: &Environment,
    overrides: &Overrides,
    request: SetupRequest,
) -> Result<Exit> {
    let found = Inspection::of(environment, overrides);
    let path = target(environment, overrides)?;
    refuse_broken(&found, &path)?;
    if request.non_interactive {
        return unattended::run(environment, overrides, &found, &path, request).await;
    }
    let _watch = Watch::begin()?;
    let mut prompt = Prompt { input: io::stdin().lock(), out: io::stderr(), ends_lines: false };
    prompt.say(&format!(
        "This writes the profile `{}` into {}.\nEnter keeps what stands in brackets; Ctrl+C \
         stops.\n",
        safe(&found.profile),
        safe(&path.display().to_string())
    ))?;
    let mut answers = Answers {
        profile: found.profile.clone(),
        values: Vec::new(),
        secret: None,
        beside: Profile::default(),
    };
    let mut settled = Vec::new();
    if request.from_env {
        let given = unattended::from_environment(environment, &found)?;
        settled = given.values.iter().map(|(question, _)| *question).collect();
        answers = given;
    }
    loop {
        questions(&mut prompt, &found, &mut answers, &settled)?;
        // Answering again means answering everything.
        settled.clear();
        prompt.say("\nAsking the platform …")?;
        let trial = try_out(&answers, environment, overrides).await;
        let unconfirmed = tell(&mut prompt, &trial)?;
        if request.check {
            return Ok(unconfirmed.unwrap_or(Exit::Done));
        }
        let Some(exit) = unconfirmed else { break };
        let next = prompt.choose_script("Answer again, save it all the same, or stop?", &NEXT)?;
        // A script that says no more has nothing better to try.
        match next.unwrap_or(SetupNext::Stop) {
            SetupNext::Again => {}
            SetupNext::Save => break,
            SetupNext::Stop => {
                prompt.say("The configuration is as it was.")?;
                return Ok(exit);
            }
        }
    }
    if !keep(&mut prompt, &path, &found, &answers).await? {
        return Ok(Exit::Failed);
    }
    writeln!(
        io::stdout(),
        "The profile `{}` is in {}",
        safe(&answers.profile),
        safe(&path.display().to_string())
    )?;
    note_variables(&mut prompt, &found)?;
    Ok(Exit::Done)
}

/// What to do with answers that the platform does not confirm.
#[derive(Clone, Copy)]
enum SetupNext {
    Again,
    Save,
    Stop,
}

const NEXT: [(&str, SetupNext); 3] =
    [("again", SetupNext::Again), ("save", SetupNext::Save), ("stop", SetupNext::Stop)];

/// A file that is broken cannot be edited, and what is typed must not be lost to it.
fn refuse_broken(found: &Inspection, path: &Path) -> Result<(), ConfigError> {
    for (file, state) in &found.files {
        match state {
            // A file that was named and is not there is about to be made.
            FileState::Broken(why) if file.exists() || file != path => {
                return Err(ConfigError::File(why.clone()));
            }
            FileState::Broken(_) | FileState::Absent | FileState::Read => {}
        }
    }
    Ok(())
}

/// Asks for everything anew but what is settled, what was answered before being offered.
fn questions(
    prompt: &mut Prompt<impl BufRead, impl Write>,
    found: &Inspection,
    answers: &mut Answers,
    settled: &[Question],
) -> Result<()> {
    let before = std::mem::take(&mut answers.values);
    let (first, last) = Question::ALL.split_at(Question::BEFORE_SECRET);
    answers.values.extend(values(prompt, found, &before, (first, settled))?);
    let is_given = !settled.is_empty() && answers.secret.is_some();
    if !is_given && let Some(secret) = secret(prompt, found, answers.secret.is_some())? {
        answers.secret = Some(secret);
    }
    answers.values.extend(values(prompt, found, &before, (last, settled))?);
    Ok(())
}

fn values(
    prompt: &mut Prompt<impl BufRead, impl Write>,
    found: &Inspection,
    before: &[(Question, String)],
    (questions, settled): (&[Question], &[Question]),
) -> Result<Vec<(Question, String)>> {
    let mut stream = None;
    let mut values = Vec::new();
    for &question in questions {
        let told = before.iter().find(|(asked, _)| *asked == question).map(|it| it.1.clone());
        let pasted = stream.clone().filter(|_| question == Question::Stream);
        let present = || found.value(question.key()).map(safe);
        let default = pasted.or(told).or_else(present);
        let default = default.unwrap_or_else(|| question.default().to_owned());
        // What is locked is not a person's to answer.
        if settled.contains(&question) || found.policy.locks(question.key()) {
            values.push((question, default));
            continue;
        }
        let value = loop {
            let Some(text) = prompt.ask_script(question.label(), &default)? else {
                // Nobody is there to be asked again.
                break question.read(&default).map_err(|_| ended())?;
            };
            match question.read(&text) {
                Ok(value) => {
                    if question == Question::Host {
                        stream = stream_in(&text);
                    }
                    break value;
                }
                Err(why) => prompt.say(&format!("{}: {}", question.label(), safe(&why)))?,
            }
        };
        values.push((question, value));
    }
    Ok(values)
}

/// The secret, or `None` to keep the present one.
fn secret(
    prompt: &mut Prompt<impl BufRead, impl Write>,
    found: &Inspection,
    typed_before: bool,
) -> Result<Option<SecretString>> {
    let present = present_source(found).map(|source| format!("as it is in {}", source.place()));
    let present = if typed_before { Some("as typed before".to_owned()) } else { present };
    let hint = present.as_ref().map(|it| format!(" [{it}]")).unwrap_or_default();
    loop {
        let secret = prompt.secret(&format!("Client secret, typed unseen{hint}"))?;
        match (secret.expose_secret().is_empty(), &present) {
            (false, _) => return Ok(Some(secret)),
            (true, Some(_)) => return Ok(None),
            (true, None) => prompt.say("Client secret: is needed; the console shows it once")?,
        }
    }
}

/// Says what the platform said; the exit code of stopping here unless it accepts us.
fn tell(
    prompt: &mut Prompt<impl BufRead, impl Write>,
    trial: &TrialResult,
) -> io::Result<Option<Exit>> {
    prompt.say(&trial.sentence())?;
    Ok(match trial {
        TrialResult::Accepted(_) => None,
        TrialResult::Refused(_) => Some(Exit::NotAuthorised),
        TrialResult::Unknown(_) => Some(Exit::Failed),
    })
}

/// The environment lies over the file: whoever wonders later is told now.
fn note_variables(
    prompt: &mut Prompt<impl BufRead, impl Write>,
    found: &Inspection,
) -> io::Result<()> {
    let set: Vec<_> = found
        .values
        .iter()
        .filter_map(|value| match &value.origin {
            ValueOrigin::Variable(name) => Some(name.as_str()),
            ValueOrigin::File { .. } | ValueOrigin::Flag(_) | ValueOrigin::Default => None,
        })
        .collect();
    if set.is_empty() {
        return Ok(());
    }
    prompt.say(&format!("Set in the environment, and over the file: {}", set.join(", ")))
}

/// Gives the terminal back when a signal ends the program. It waits on a thread of its own:
/// the questions are read on the one that everything else waits on.
struct Watch {
    _until_dropped: oneshot::Sender<()>,
}

impl Watch {
    fn begin() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_io().build()?;
        let mut signals = {
            let _entered = runtime.enter();
            Signals::listen()?
        };
        let (until_dropped, dropped) = oneshot::channel();
        thread::Builder::new().name("signals".into()).spawn(move || {
            runtime.block_on(async move {
                tokio::select! {
                    asked = signals.next() => leave(asked.exit()),
                    _ = dropped => {}
                }
            });
        })?;
        Ok(Self { _until_dropped: until_dropped })
    }
}

fn leave(exit: Exit) {
    show_again();
    // The question's line ends here; with standard error gone nobody sees it.
    let _ = writeln!(io::stderr());
    std::process::exit(i32::from(exit.code()));
}
