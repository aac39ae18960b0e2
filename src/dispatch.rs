//! From a parsed command line to what carries it out.
//!
//! All of it is compiled here, once: what the binary itself awaited would be compiled into it a
//! second time.

use std::{
    io::{self, Write as _},
    time::Duration,
};

use anyhow::Result;
use jiff::{Span, Timestamp};

use crate::{
    appearance,
    cli::{self, Add, Cli, Command, Import, TeamAction, manual},
    config::{AppearanceSettings, Config, ConfigError, Environment, Overrides, Right},
    contact::Draft,
    demo::Demo,
    exit::Exit,
    headless, local_time, logging, run,
    sandbox::faults,
    signals,
};

/// Does what the command line asks for.
///
/// # Errors
/// What keeps it from being done, in words.
pub fn run(cli: Cli) -> Result<Exit> {
    signals::survive_full_files();
    // One thread waits for everything; the store has its own. What still runs when it ends is
    // dropped on it, so that the store is closed before the process is gone.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        // Threads for what blocks are rarely needed and go at once: one that rests is memory.
        .thread_keep_alive(Duration::from_millis(100))
        .build()?;
    let outcome = runtime.block_on(start(cli));
    // A library that still reads a terminal must not keep us.
    runtime.shutdown_background();
    outcome
}

/// What there is without a command: the demo, the form, or the same in plain lines.
async fn form(
    demo: Option<&[String]>,
    is_plain: bool,
    environment: &Environment,
    overrides: &Overrides,
) -> Result<Exit> {
    if demo.is_some_and(|faults| faults.iter().any(|fault| fault == "help")) {
        writeln!(io::stdout(), "{}", faults::help())?;
        return Ok(Exit::Done);
    }
    let faults = demo.map(faults::together).transpose().map_err(ConfigError::Usage)?;
    match (faults, is_plain) {
        (Some(faults), true) => headless::plain::run(&Demo::start(faults)?.config, true).await,
        (None, true) => headless::plain::run(&Config::load(environment, overrides)?, false).await,
        (_, false) if !run::has_terminal() => {
            let why = "the form needs a terminal on standard input and output; `--plain` needs \
                       none, and `rolodesk --help` says what else works without one";
            Err(ConfigError::Usage(why.into()).into())
        }
        (Some(faults), false) => {
            run::demo(look(environment, overrides)?, environment, overrides, faults).await
        }
        (None, false) => {
            let (config, written) = Config::load_with_look(environment, overrides)?;
            let look = || appearance::resolve(&written, environment);
            match config {
                Err(ConfigError::NoProfile { .. }) => {
                    run::welcome(look()?, environment, overrides).await
                }
                config => run::form(config?, look()?, environment, overrides).await,
            }
        }
    }
}

fn look(
    environment: &Environment,
    overrides: &Overrides,
) -> Result<appearance::Appearance, ConfigError> {
    appearance::resolve(&AppearanceSettings::load(environment, overrides)?, environment)
}

async fn start(cli: Cli) -> Result<Exit> {
    let environment = Environment::of_process();
    run::report_panics(&environment);
    let log = logging::start(&environment).map_err(ConfigError::Usage);
    // What only tells something has no need of a log, and doctor tells what is wrong with it.
    if !is_telling(cli.command.as_ref()) {
        log?;
    }
    let overrides = Overrides::from(cli.place);
    let config = || Config::load(&environment, &overrides);
    let permitted = |right| {
        let config = config()?;
        config.policy.require(right)?;
        Ok::<_, ConfigError>(config)
    };
    // A table on the screen is looked at; anything else is taken elsewhere.
    let printed_to = |format, to_file: bool| match format {
        cli::FormatArg::Table if !to_file => config(),
        cli::FormatArg::Table | cli::FormatArg::Json | cli::FormatArg::Csv => {
            permitted(Right::Export)
        }
    };
    let asked = environment.get("ACCESSIBLE").unwrap_or_default();
    let is_plain = cli.plain || !matches!(asked.as_str(), "" | "0");
    match cli.command {
        None => {
            let demo = cli.demo.then_some(cli.faults.as_slice());
            form(demo, is_plain, &environment, &overrides).await
        }
        Some(Command::Keys) if !run::has_terminal() => {
            let why = "`rolodesk keys` needs a terminal on standard input and output";
            Err(ConfigError::Usage(why.into()).into())
        }
        Some(Command::Keys) => run::tell_keys(&look(&environment, &overrides)?).await,
        Some(Command::Add(add)) => {
            headless::add::run(&permitted(Right::Create)?, request(add)).await
        }
        #[cfg(unix)]
        Some(Command::Fill(fill)) => {
            headless::fill::run(&environment, &overrides, &caller(fill)).await
        }
        Some(Command::Import(import)) => {
            let request = imported(import)?;
            headless::import::run(&permitted(Right::Import)?, request).await
        }
        Some(Command::Results { status, agent, since, format, output }) => {
            let since = since.as_deref().map(|span| ago("--since", span)).transpose()?;
            let config = printed_to(format, output.is_some())?;
            let format = printed(format);
            let wanted = headless::results::ResultsRequest { status, agent, since, format, output };
            headless::results::run(&config, &wanted).await
        }
        Some(Command::Contacts { refresh, search, format, output }) => {
            let config = printed_to(format, output.is_some())?;
            let format = printed(format);
            let wanted = headless::contacts::ContactsRequest { refresh, search, format, output };
            headless::contacts::run(&config, &wanted).await
        }
        Some(Command::Purge { number, name, older_than, region, dry_run, json }) => {
            let before = older_than.as_deref().map(|span| ago("--older-than", span)).transpose()?;
            let request =
                headless::purge::PurgeRequest { number, region, name, before, dry_run, json };
            headless::purge::run(&config()?, &request).await
        }
        Some(Command::Sync { watch }) => headless::sync::run(&config()?, watch).await,
        Some(Command::Retry { status, all, ids }) => {
            let wanted = headless::retry::RetryRequest { status, all, ids };
            headless::retry::run(&config()?, &wanted).await
        }
        Some(Command::Status { json }) => headless::status::run(&config()?, json).await,
        Some(Command::Team { action }) => on_team(action, config).await,
        Some(Command::Backup { file }) => {
            headless::backup::run(&environment, &overrides, file).await
        }
        Some(Command::Setup { from_env, non_interactive, check }) => {
            let request = headless::setup::SetupRequest { from_env, non_interactive, check };
            headless::setup::run(&environment, &overrides, request).await
        }
        Some(Command::Doctor { json, system, bundle, probe, numbers, yes }) => {
            let probe = probe.then_some(headless::doctor::ProbeRequest { numbers, yes });
            let request = headless::doctor::DoctorRequest { json, system, bundle, probe };
            headless::doctor::run(&environment, &overrides, &request).await
        }
        Some(Command::Sandbox { listen, faults, limit }) => {
            headless::sandbox::run(listen, &faults, limit).await
        }
        Some(Command::Token) => headless::token::run(&config()?).await,
        Some(Command::Completions { shell }) => print(&manual::completions(shell)),
        Some(Command::Man) => print(&manual::manual()?),
    }
}

fn print(text: &[u8]) -> Result<Exit> {
    io::stdout().write_all(text)?;
    Ok(Exit::Done)
}

/// Whether a command works without a log.
fn is_telling(command: Option<&Command>) -> bool {
    matches!(
        command,
        Some(Command::Doctor { .. } | Command::Completions { .. } | Command::Man | Command::Keys)
    )
}

fn request(add: Add) -> headless::add::AddRequest {
    let text = Option::unwrap_or_default;
    let draft = Draft {
        salutation: text(add.salutation),
        first_name: text(add.first_name),
        last_name: text(add.last_name),
        region: text(add.region),
        phone: text(add.phone),
        extension: text(add.extension),
    };
    let wait = Duration::from_secs(add.wait);
    headless::add::AddRequest { draft, allow_unusual: add.allow_unusual, json: add.json, wait }
}

#[cfg(unix)]
fn caller(fill: cli::Fill) -> Draft {
    let text = Option::unwrap_or_default;
    Draft {
        salutation: text(fill.salutation),
        first_name: text(fill.first_name),
        last_name: text(fill.last_name),
        region: text(fill.region),
        phone: text(fill.phone),
        extension: text(fill.extension),
    }
}

fn imported(import: Import) -> Result<headless::import::ImportRequest, ConfigError> {
    let read =
        |map: &String| map.parse().map_err(|why| ConfigError::Usage(format!("--map {map}: {why}")));
    Ok(headless::import::ImportRequest {
        maps: import.maps.iter().map(read).collect::<Result<_, _>>()?,
        file: import.file,
        region: import.region,
        encoding: import.encoding,
        dry_run: import.dry_run,
        report: import.report,
        allow_unusual: import.allow_unusual,
        json: import.json,
    })
}

async fn on_team(
    action: TeamAction,
    config: impl FnOnce() -> Result<Config, ConfigError>,
) -> Result<Exit> {
    use headless::team::{TeamRequest, print, run};

    let request = match action {
        // It needs no database.
        TeamAction::Setup { print: true } | TeamAction::Upgrade { print: true } => return print(),
        TeamAction::Setup { print: false } => TeamRequest::Setup,
        TeamAction::Upgrade { print: false } => TeamRequest::Upgrade,
        TeamAction::Status { json } => TeamRequest::Status { json },
        TeamAction::Report { since, agent, json } => {
            TeamRequest::Report { since: ago("--since", &since)?, agent, json }
        }
    };
    run(&config()?, &request).await
}

fn printed(format: cli::FormatArg) -> headless::output::Format {
    match format {
        cli::FormatArg::Table => headless::output::Format::Table,
        cli::FormatArg::Json => headless::output::Format::Json,
        cli::FormatArg::Csv => headless::output::Format::Csv,
    }
}

/// The time that was "8h" or "2d" ago.
fn ago(flag: &str, span: &str) -> Result<Timestamp, ConfigError> {
    let wrong =
        || ConfigError::Usage(format!("{flag} is `{span}`; write a time such as 30m, 8h or 2d"));
    let parsed: Span = span.parse().map_err(|_| wrong())?;
    let now = Timestamp::now().to_zoned(local_time::zone());
    let then = now.checked_sub(parsed.abs()).map_err(|_| wrong())?;
    Ok(then.timestamp())
}
