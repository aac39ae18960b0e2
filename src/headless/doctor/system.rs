//! `doctor --system`: the administrator's file alone, as whoever writes it needs it: its
//! mistakes, who may write it, what it locks and allows, and each profile in it.

use std::io::{self, Write};

use super::{
    permissions,
    report::{Area, DoctorReport},
    settings,
};
use crate::{
    appearance,
    config::{AppearanceSettings, Environment, Inspection, Overrides, system_file},
    private::ownership::Strictness::{Private, Unwritable},
};

pub(super) fn check(
    report: &mut DoctorReport<impl Write>,
    environment: &Environment,
) -> io::Result<()> {
    let path = environment.system_config();
    let shown = path.display();
    let file = match system_file(environment) {
        Ok(Some(file)) => file,
        Ok(None) => {
            let detail = format!("{shown} is not there: nothing is locked, everything allowed");
            return report.skipped("config.file", detail);
        }
        Err(why) => {
            let advice = "correct it; until then nothing works for anybody on this machine";
            return report.problem(Area::Configuration, "config.file", why, advice);
        }
    };
    report.ok("config.file", format!("{shown} was read"))?;
    let mut paths = vec![(path, Unwritable)];
    paths.extend(path.parent().map(|folder| (folder, Unwritable)));
    permissions::check(report, (Area::Configuration, "permissions.config"), &paths)?;
    // Nobody's own file and variables: what everybody has in common.
    let alone = environment.system_alone();
    let flags = |profile| Overrides { config: Some(path.to_owned()), profile, data_dir: None };
    let common = Inspection::of(&alone, &flags(None));
    settings::policy(report, &common)?;
    look(report, &alone, &flags(None))?;
    for name in file.profiles.keys() {
        profile(report, name, &Inspection::of(&alone, &flags(Some(name.clone()))))?;
    }
    Ok(())
}

/// A person's own layers may complete it; what it does say has to be right.
fn profile(
    report: &mut DoctorReport<impl Write>,
    name: &str,
    found: &Inspection,
) -> io::Result<()> {
    let check = format!("config.profiles.{name}");
    match &found.verdict {
        Ok(_) => report.ok(&check, "complete")?,
        Err(error) if error.is_missing() => {
            report.ok(&check, format!("left to people to complete: {error}"))?;
        }
        Err(error) => {
            let advice = "correct it; until then nobody can use this profile";
            report.problem(Area::Configuration, &check, error.to_string(), advice)?;
        }
    }
    for (_, path) in found.secret_files.iter().filter(|(holder, _)| holder == name) {
        let check = (Area::Configuration, "permissions.secret");
        permissions::check(report, check, &[(path, Private)])?;
    }
    Ok(())
}

fn look(
    report: &mut DoctorReport<impl Write>,
    environment: &Environment,
    flags: &Overrides,
) -> io::Result<()> {
    let read = AppearanceSettings::load(environment, flags);
    match read.and_then(|written| appearance::resolve(&written, environment)) {
        Ok(_) => report.ok("config.look", "themes and keys are right"),
        Err(why) => {
            let advice = "correct it; until then the form starts for nobody";
            report.problem(Area::Configuration, "config.look", why.to_string(), advice)
        }
    }
}
