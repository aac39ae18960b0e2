//! A contact asked for line by line, in plain text: for screen readers and terminals that
//! cannot do more. A wrong answer is told and asked for again.

use std::io::{BufRead, Write};

use anyhow::{Result, bail};

use crate::{
    config::Config,
    contact::{Draft, Field, Rules},
};

/// Asks on `out`, reads from `input`.
///
/// # Errors
/// When the input ends before the contact is whole.
pub(super) fn contact(
    config: &Config,
    rules: &Rules,
    input: &mut impl BufRead,
    out: &mut impl Write,
) -> Result<Draft> {
    let mut draft = Draft::default();
    for field in Field::ALL {
        loop {
            let default = default(config, field);
            let hint = if default.is_empty() { default.clone() } else { format!(" [{default}]") };
            write!(out, "{field}{hint}: ")?;
            out.flush()?;
            let mut line = String::new();
            if input.read_line(&mut line)? == 0 {
                bail!("the input ended before the contact was whole; nothing was stored");
            }
            let answer = line.trim();
            let answer = if answer.is_empty() { default } else { answer.to_owned() };
            *text(&mut draft, field) = answer;
            match problem(&draft, rules, field) {
                None => break,
                Some(message) => writeln!(out, "{field}: {message}")?,
            }
        }
    }
    Ok(draft)
}

fn default(config: &Config, field: Field) -> String {
    match field {
        Field::Salutation => config.salutations.first().map(ToString::to_string),
        Field::Country => config.default_region.map(|region| region.code().to_owned()),
        Field::Extension => Some(config.extension.to_string()),
        Field::FirstName | Field::LastName | Field::Phone => None,
    }
    .unwrap_or_default()
}

fn text(draft: &mut Draft, field: Field) -> &mut String {
    match field {
        Field::Salutation => &mut draft.salutation,
        Field::FirstName => &mut draft.first_name,
        Field::LastName => &mut draft.last_name,
        Field::Country => &mut draft.region,
        Field::Phone => &mut draft.phone,
        Field::Extension => &mut draft.extension,
    }
}

fn problem(draft: &Draft, rules: &Rules, field: Field) -> Option<String> {
    let problems = draft.parse(rules).err()?;
    problems.into_iter().find(|problem| problem.field == field).map(|problem| problem.message)
}
