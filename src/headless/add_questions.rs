//! A contact asked for line by line, in plain text: for screen readers and terminals that
//! cannot do more. A wrong answer is told and asked for again.

use std::io::{BufRead, Write};

use anyhow::Result;

use super::prompt::Prompt;
use crate::{
    config::Config,
    contact::{Draft, Field, Problem, Rules, text::safe},
};

/// Asks for every field, beginning with what it was `before`; a number outside its numbering
/// plan is asked about.
///
/// # Errors
/// When the input ends before the contact is whole.
pub(super) fn contact(
    config: &Config,
    before: &Draft,
    rules: &mut Rules,
    prompt: &mut Prompt<impl BufRead, impl Write>,
) -> Result<Draft> {
    let mut draft = before.clone();
    for field in Field::ALL {
        let was = text(&mut draft, field).clone();
        let default = if was.is_empty() { default(config, field) } else { was };
        loop {
            *text(&mut draft, field) = prompt.ask(&field.to_string(), &default)?;
            let Some(problem) = problem(&draft, rules, field) else { break };
            prompt.say(&format!("{field}: {}", safe(&problem.message)))?;
            if problem.can_override
                && prompt.choose("Send it all the same?", &[("no", false), ("yes", true)])?
            {
                rules.allow_unusual = true;
                break;
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

fn problem(draft: &Draft, rules: &Rules, field: Field) -> Option<Problem> {
    let problems = draft.parse(rules).err()?;
    problems.into_iter().find(|problem| problem.field == field)
}
