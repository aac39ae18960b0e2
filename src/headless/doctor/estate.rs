//! `doctor --probe`: asks whether it may, asks the platform, and tells what was found. The
//! lines name no host, account, number or person, so that they can be sent.

use std::io::{self, Write};

use anyhow::Result;

use super::report::{Area, DoctorReport};
use crate::{
    config::{Config, ConfigError},
    connect::{self, client},
    contact::{Contact, Extension, Name, Phone, Reading},
    delivery::{
        ArrayManner, EstateFacts, EstateProbe, MOST_REQUESTS, ProbeReport, ProbeStop, clock,
    },
    headless::{prompt::Prompt, sentences},
};

/// What `--probe` was given.
#[derive(Debug, Clone, Default)]
pub struct ProbeRequest {
    /// Four numbers that belong to nobody.
    pub numbers: Vec<String>,
    /// Whether it may without being asked.
    pub yes: bool,
}

/// Asks for leave and for the numbers, probes, and prints what was found.
///
/// # Errors
/// When a number cannot be one, nobody agrees, the secret or the store cannot be had, or
/// nothing can be printed.
pub(super) async fn check(
    report: &mut DoctorReport<impl Write>,
    config: &Config,
    request: &ProbeRequest,
) -> Result<()> {
    let contacts = agree(config, request)?;
    let store = connect::store_to_look(config, clock::now()).await?;
    let client = client(config).await?;
    let probed = EstateProbe::new(&store, &client, &contacts).run().await?;
    Ok(tell(report, &probed)?)
}

fn agree(config: &Config, request: &ProbeRequest) -> Result<[Contact; 4]> {
    let mut prompt = Prompt { input: io::stdin().lock(), out: io::stderr(), ends_lines: false };
    let mut numbers = request.numbers.clone();
    if !request.yes {
        prompt.say(&format!(
            "This creates contacts under four numbers on {}, account {}, sees how the platform\n\
             answers, and deletes them again: at most {MOST_REQUESTS} requests of the account's limit.",
            config.host, config.account_id
        ))?;
        let may = [("no", false), ("yes", true)];
        if !prompt.choose_script("Go on?", &may)?.unwrap_or(false) {
            return Err(ConfigError::Usage("nothing was asked of the platform".into()).into());
        }
    }
    while numbers.len() < 4 && !request.yes {
        let question = format!("Number {} of 4, which no contact has", numbers.len() + 1);
        let Some(number) = prompt.ask_script(&question, "")? else { break };
        numbers.push(number);
    }
    let phones =
        numbers.iter().map(|number| phone(config, number)).collect::<Result<Vec<_>, _>>()?;
    distinct(&phones)?;
    let wrong = |_| {
        let text = "--probe needs four numbers that no contact has: give --number four times";
        ConfigError::Usage(text.into())
    };
    let phones: [Phone; 4] = phones.try_into().map_err(wrong)?;
    let contacts = phones.into_iter().zip(["A", "B", "C", "D"]);
    let contacts: Result<Vec<_>> =
        contacts.map(|(phone, name)| contact(config, phone, name)).collect();
    contacts?.try_into().map_err(|_| wrong(Vec::new()).into())
}

fn phone(config: &Config, number: &str) -> Result<Phone, ConfigError> {
    match Phone::parse(number, config.default_region) {
        Reading::Valid(phone) | Reading::Unusual(phone, _) => Ok(phone),
        Reading::Impossible(why) => Err(ConfigError::Usage(format!("--number {number}: {why}"))),
    }
}

fn distinct(phones: &[Phone]) -> Result<(), ConfigError> {
    for (at, phone) in phones.iter().enumerate() {
        if phones[..at].iter().any(|other| other.e164() == phone.e164()) {
            let number = phone.e164();
            return Err(ConfigError::Usage(format!("--number {number} is given twice")));
        }
    }
    Ok(())
}

fn contact(config: &Config, phone: Phone, name: &str) -> Result<Contact> {
    let wrong = |why: String| ConfigError::Usage(why);
    Ok(Contact {
        salutation: config.salutations[0].clone(),
        first_name: Name::parse("Rolodesk").map_err(wrong)?,
        last_name: Name::parse(&format!("Probe {name}")).map_err(wrong)?,
        phone,
        extension: Extension::parse(config.extension.as_str()).map_err(wrong)?,
    })
}

fn tell(report: &mut DoctorReport<impl Write>, probed: &ProbeReport) -> io::Result<()> {
    let facts = &probed.facts;
    duplicate(report, facts)?;
    for refusal in &probed.refusals {
        report.ok("probe.answer", format!("HTTP {}: {}", refusal.status, refusal.body))?;
    }
    let arrays = facts.arrays.map(|manner| match manner {
        ArrayManner::Together => "succeed or fail together",
        ArrayManner::GoodOnes => "the good ones are created and shown",
        ArrayManner::GoodOnesUnsaid => "the good ones are created although the answer refuses",
        ArrayManner::FirstOnly => "only the first of an array is created",
        ArrayManner::Refused => "are not taken at all",
    });
    found(report, "probe.arrays", arrays)?;
    let list = facts.list.map(|list| {
        let says = |known: Option<bool>| match known {
            Some(true) => "honoured",
            Some(false) => "ignored",
            None => "not known",
        };
        let (limit, skip) = (says(list.takes_limit), says(list.takes_skip));
        format!("at most {} a page; limit {limit}, skip {skip}", list.page)
    });
    found(report, "probe.list", list.as_deref())?;
    let deleted = facts.deleted_holds_number.map(|holds| {
        if holds {
            "a deleted contact keeps its number"
        } else {
            "a deleted contact gives its number free"
        }
    });
    found(report, "probe.deleted", deleted)?;
    let limit = facts.limit_status.map(|status| format!("the limit answers HTTP {status}"));
    found(report, "probe.limit", limit.as_deref())?;
    if let Some(stop) = &probed.stopped {
        let (detail, advice) = why(stop);
        report.problem(Area::Other, "probe", detail, advice)?;
    }
    let requests = probed.requests;
    if !probed.unsure.is_empty() {
        let advice = "look for `Rolodesk Probe` in the console and delete it; a later probe with \
                      the same numbers does so where the list shows it";
        let detail = format!(
            "{} of the four numbers may have a contact of the probe: the platform did not say, and \
             its list did not show it",
            probed.unsure.len()
        );
        report.problem(Area::Other, "probe.unsure", detail, advice)?;
    }
    if probed.left.is_empty() {
        if !probed.unsure.is_empty() {
            return Ok(());
        }
        return report.ok("probe.cleanup", format!("nothing is left behind; {requests} requests"));
    }
    let left: Vec<_> = probed.left.iter().map(ToString::to_string).collect();
    let advice = "run `rolodesk doctor --probe` again later, or delete them in the console";
    let detail = format!("still on the platform: {}", left.join(", "));
    report.problem(Area::Other, "probe.cleanup", detail, advice)
}

fn duplicate(report: &mut DoctorReport<impl Write>, facts: &EstateFacts) -> io::Result<()> {
    let Some(status) = facts.duplicate_status else {
        return found(report, "probe.duplicate", None);
    };
    if facts.duplicate_is_understood == Some(false) {
        let detail = format!("HTTP {status}, which is not understood as \"this number is taken\"");
        let advice = "write words of the answer below into `duplicate_phrases`";
        return report.problem(Area::Configuration, "probe.duplicate", detail, advice);
    }
    let owner = if facts.names_owner == Some(true) { "names" } else { "does not name" };
    let numbers = match facts.names_numbers {
        Some(true) => ", and of an array the numbers that are taken",
        Some(false) => ", and of an array not which numbers are taken",
        None => "",
    };
    report.ok("probe.duplicate", format!("HTTP {status}; {owner} whose the number is{numbers}"))
}

fn found(report: &mut DoctorReport<impl Write>, check: &str, what: Option<&str>) -> io::Result<()> {
    match what {
        Some(what) => report.ok(check, what),
        None => report.skipped(check, "not found out"),
    }
}

fn why(stop: &ProbeStop) -> (String, &'static str) {
    match stop {
        ProbeStop::Taken(number) => (
            format!("number {number} of the four is taken already"),
            "give four numbers that no contact has",
        ),
        ProbeStop::Failed(failure) => (
            format!("the platform did not do what it was asked: {}", sentences::failure(failure)),
            "see the other checks; then try again",
        ),
        ProbeStop::NoSlot(ms) => {
            (format!("no request is left for {} s", ms / 1000 + 1), "try again then")
        }
        ProbeStop::Spent => {
            (format!("all {MOST_REQUESTS} requests are spent"), "try again in a minute")
        }
        ProbeStop::Store(error) => (error.to_string(), "see the check of the store"),
    }
}
