//! The configuration: which files were read, which place each value came from, whether
//! it is whole, the form's look, variables that nobody reads; and the log.

use std::io::{self, Write};

use super::{
    permissions,
    report::{Area, DoctorReport},
};
use crate::{
    appearance,
    config::{AppearanceSettings, ConfigError, Environment, FileState, Inspection, Overrides},
    private::{
        journal::{Journal, Limits, Unwritten},
        ownership::Strictness::{Private, Unwritable},
    },
};

pub(super) fn check(
    report: &mut DoctorReport<impl Write>,
    found: &Inspection,
    environment: &Environment,
    overrides: &Overrides,
) -> io::Result<()> {
    files(report, found)?;
    report.ok("config.profile", format!("{} ({})", found.profile, found.chosen_by))?;
    for value in &found.values {
        let name = format!("config.{}", value.key);
        report.ok(&name, format!("{} ({})", value.shown, value.origin))?;
    }
    policy(report, found)?;
    match &found.data_dir {
        Some(folder) => {
            let folder = format!("{} ({})", folder.display(), found.data_dir_from);
            report.ok("config.data_dir", folder)?;
        }
        None => report.skipped("config.data_dir", "there is no home folder")?,
    }
    variables(report, found)?;
    verdict(report, found)?;
    look(report, environment, overrides)?;
    log(report, environment)
}

fn files(report: &mut DoctorReport<impl Write>, found: &Inspection) -> io::Result<()> {
    for (path, state) in &found.files {
        let shown = path.display();
        match state {
            FileState::Read => report.ok("config.file", format!("{shown} was read"))?,
            FileState::Absent => report.skipped("config.file", format!("{shown} is not there"))?,
            FileState::Broken(why) => {
                let advice = "correct it; until then nothing in it counts";
                report.problem(Area::Configuration, "config.file", why, advice)?;
            }
        }
        let mut paths = vec![(path.as_path(), Unwritable)];
        paths.extend(path.parent().map(|folder| (folder, Unwritable)));
        if *state != FileState::Absent {
            permissions::check(report, (Area::Configuration, "permissions.config"), &paths)?;
        }
    }
    Ok(())
}

fn verdict(report: &mut DoctorReport<impl Write>, found: &Inspection) -> io::Result<()> {
    let advice = match &found.verdict {
        Ok(_) => return report.ok("config", "complete"),
        Err(ConfigError::NoProfile { .. }) => "run `rolodesk setup`",
        Err(ConfigError::NoHome) => "set HOME, as a login does",
        Err(ConfigError::Locked(_)) => "leave it as the administrator's file has it",
        Err(
            ConfigError::File(_)
            | ConfigError::Usage(_)
            | ConfigError::Incomplete { .. }
            | ConfigError::Profile { .. },
        ) => "correct it, or run `rolodesk setup` to be asked for everything",
    };
    let why = found.verdict.as_ref().err().map(ToString::to_string).unwrap_or_default();
    report.problem(Area::Configuration, "config", why, advice)
}

/// What the administrator's file locks, and what it allows.
pub(super) fn policy(report: &mut DoctorReport<impl Write>, found: &Inspection) -> io::Result<()> {
    let policy = &found.policy;
    if !policy.locked.is_empty() {
        let keys: Vec<_> = policy.locked.keys().copied().collect();
        let detail = format!("{} (by {})", keys.join(", "), policy.file.display());
        report.ok("config.locked", detail)?;
    }
    if let Some(allow) = &policy.allow {
        let words: Vec<_> = allow.value.iter().map(|right| right.word()).collect();
        let words = if words.is_empty() { "nothing".to_owned() } else { words.join(", ") };
        report.ok("config.allow", format!("{words} ({})", allow.origin))?;
    }
    if let Some(longest) = &policy.max_token_lifetime {
        let detail = format!("{} s ({})", longest.value.as_secs(), longest.origin);
        report.ok("config.max_token_lifetime", detail)?;
    }
    if let Some(most) = &policy.max_requests_per_minute {
        let detail = format!("{} ({})", most.value, most.origin);
        report.ok("config.max_requests_per_minute", detail)?;
    }
    Ok(())
}

/// A misspelt variable is silently none: what it was meant to say does not count.
fn variables(report: &mut DoctorReport<impl Write>, found: &Inspection) -> io::Result<()> {
    for why in &found.unread {
        let advice = "correct its name or unset it; as it is nothing reads it";
        report.problem(Area::Configuration, "config.variable", why, advice)?;
    }
    Ok(())
}

/// Themes and keys, which only the form needs: it does not start with a mistake in them.
fn look(
    report: &mut DoctorReport<impl Write>,
    environment: &Environment,
    overrides: &Overrides,
) -> io::Result<()> {
    let Ok(written) = AppearanceSettings::load(environment, overrides) else {
        return report.skipped("config.look", "a configuration file cannot be read");
    };
    match appearance::resolve(&written, environment) {
        Ok(_) => report.ok("config.look", "themes and keys are right"),
        Err(why) => {
            let advice = "correct it; until then the form does not start";
            report.problem(Area::Configuration, "config.look", why.to_string(), advice)
        }
    }
}

fn log(report: &mut DoctorReport<impl Write>, environment: &Environment) -> io::Result<()> {
    let Some(path) = environment.log_file() else {
        return report.skipped("permissions.log", "there is no home folder");
    };
    let mut paths = vec![(path.as_path(), Private)];
    paths.extend(path.parent().map(|folder| (folder, Private)));
    permissions::check(report, (Area::Other, "permissions.log"), &paths)?;
    let unlimited = Limits { longest: u64::MAX, kept: 1 };
    if let Err(Unwritten::Refused(why)) = Journal::open(&path, unlimited) {
        let advice = "until then only doctor and what prints a text work";
        return report.problem(Area::Configuration, "permissions.log", why, advice);
    }
    if path.exists() {
        return Ok(());
    }
    let advice = "make its folder writable; rolodesk works without a log, but nobody can tell \
                  later what happened";
    let detail = format!("{} cannot be written", path.display());
    report.problem(Area::Other, "permissions.log", detail, advice)
}
