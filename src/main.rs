//! Parse the arguments, run what they ask for, turn the outcome into an exit code.

use std::{
    io::{self, Write as _},
    panic,
    process::ExitCode,
    time::Duration,
};

use anyhow::Result;
use clap::{CommandFactory as _, Parser as _};
use jiff::{Span, Timestamp};
use rolodesk::{
    appearance,
    cli::{self, Add, Cli, Command, Import, TeamAction},
    config::{
        AppearanceSettings, Config, ConfigError, Environment, Overrides, Right, secret::SecretError,
    },
    contact::{Draft, text::safe},
    demo::Demo,
    exit::Exit,
    headless, local_time, logging,
    masking::tokens_masked,
    private, run,
    sandbox::faults,
};

fn main() -> ExitCode {
    private::process::keep_to_itself();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return refuse(&error),
    };
    // The panic's hook has told it, once the terminal was given back.
    panic::catch_unwind(|| run(cli)).unwrap_or_else(|_| ExitCode::from(Exit::Failed.code()))
}

/// Says what is wrong with the command line. It repeats what was typed, which may be
/// somebody else's text: as harmless as any other.
fn refuse(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        error.exit();
    }
    for line in error.to_string().lines() {
        // With standard error closed as well there is nobody to tell.
        let _ = writeln!(io::stderr(), "{}", safe(line));
    }
    ExitCode::from(Exit::Usage.code())
}

fn run(cli: Cli) -> ExitCode {
    // One thread waits for everything; the store has its own. What still runs when it ends is
    // dropped on it, so that the store is closed before the process is gone.
    let outcome = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        // Threads for what blocks are rarely needed and go at once: one that rests is memory.
        .thread_keep_alive(Duration::from_millis(100))
        .build()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| {
            let outcome = runtime.block_on(start(cli));
            // A library that still reads a terminal must not keep us.
            runtime.shutdown_background();
            outcome
        });
    match outcome {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let wrongly_set_up = error.is::<ConfigError>() || error.is::<SecretError>();
            let exit = if wrongly_set_up { Exit::Usage } else { Exit::Failed };
            // With standard error closed as well there is nobody to tell.
            let words = tokens_masked(&safe(&format!("{error:#}")));
            let _ = writeln!(io::stderr(), "rolodesk: {words}");
            ExitCode::from(exit.code())
        }
    }
}

/// What there is without a command: the demo, the form, or the same in plain lines.
async fn form(
    demo: Option<&[String]>,
    is_plain: bool,
    look: impl FnOnce() -> Result<appearance::Appearance, ConfigError>,
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
        (Some(faults), false) => run::demo(look()?, environment, overrides, faults).await,
        (None, false) => match Config::load(environment, overrides) {
            Err(ConfigError::NoProfile { .. }) => {
                run::welcome(look()?, environment, overrides).await
            }
            config => run::form(config?, look()?, environment, overrides).await,
        },
    }
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
    let look = || {
        AppearanceSettings::load(&environment, &overrides)
            .and_then(|written| appearance::resolve(&written, &environment))
    };
    let asked = environment.get("ACCESSIBLE").unwrap_or_default();
    let is_plain = cli.plain || !matches!(asked.as_str(), "" | "0");
    match cli.command {
        None => {
            let demo = cli.demo.then_some(cli.faults.as_slice());
            form(demo, is_plain, look, &environment, &overrides).await
        }
        Some(Command::Keys) if !run::has_terminal() => {
            let why = "`rolodesk keys` needs a terminal on standard input and output";
            Err(ConfigError::Usage(why.into()).into())
        }
        Some(Command::Keys) => run::tell_keys(&look()?).await,
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
        Some(Command::Completions { shell }) => completions(shell),
        Some(Command::Man) => {
            io::stdout().write_all(&manual()?)?;
            Ok(Exit::Done)
        }
    }
}

/// Whether a command works without a log.
fn is_telling(command: Option<&Command>) -> bool {
    matches!(
        command,
        Some(Command::Doctor { .. } | Command::Completions { .. } | Command::Man | Command::Keys)
    )
}

/// Where everything is, for the manual page.
const FILES: &str = "\
.SH FILES
.TP
\\fI~/.config/rolodesk/config.toml\\fR
The configuration; over it lie the environment and the flags.
.TP
\\fI/etc/rolodesk/config.toml\\fR
An administrator's, for the whole machine; the one above lies over it key by key.
.TP
\\fI~/.local/share/rolodesk/\\fR
The store: what was typed, and what became of it.
.TP
\\fI~/.local/state/rolodesk/rolodesk.log\\fR
The log, and beside it the reports of panics. Neither holds a customer's data.
.TP
\\fI~/.local/state/rolodesk/audit.jsonl\\fR
Who did what when, without names and numbers.
";

/// What the shell reads to complete our commands.
fn completions(shell: clap_complete::Shell) -> Result<Exit> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "rolodesk", &mut text);
    io::stdout().write_all(&text)?;
    Ok(Exit::Done)
}

/// One page with all commands in it: it names no other page that nobody installed.
fn manual() -> io::Result<Vec<u8>> {
    let mut whole = Cli::command();
    whole.build();
    let page = clap_mangen::Man::new(whole.clone());
    let mut text = Vec::new();
    page.render_title(&mut text)?;
    page.render_name_section(&mut text)?;
    page.render_synopsis_section(&mut text)?;
    page.render_description_section(&mut text)?;
    page.render_options_section(&mut text)?;
    for command in whole.get_subcommands().filter(|it| it.get_name() != "help") {
        writeln!(text, ".SH \"ROLODESK {}\"", command.get_name().to_uppercase())?;
        let mut part = Vec::new();
        let shown = command.clone().mut_args(|arg| {
            let everywhere = arg.is_global_set();
            arg.hide(everywhere)
        });
        let own = clap_mangen::Man::new(shown);
        own.render_description_section(&mut part)?;
        own.render_synopsis_section(&mut part)?;
        own.render_options_section(&mut part)?;
        own.render_extra_section(&mut part)?;
        let part = String::from_utf8_lossy(&part).replace("\n.SH EXTRA", "\n.SH EXAMPLES");
        text.extend(part.replace("\n.SH", "\n.SS").bytes());
    }
    text.extend(FILES.bytes());
    let mut end = Vec::new();
    page.render_extra_section(&mut end)?;
    text.extend(String::from_utf8_lossy(&end).replace("\n.SH EXTRA", "\n.SH NOTES").bytes());
    page.render_version_section(&mut text)?;
    Ok(text)
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

/// Whoever read our output has seen enough.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
