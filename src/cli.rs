//! What can be typed on the command line: types, and what is printed of them.

pub mod manual;

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand};

use crate::config::Overrides;

/// Type a customer, keep talking: the contact is created on Kore.ai in the background.
#[derive(Debug, Default, Parser)]
#[command(
    name = "rolodesk",
    version,
    after_help = "Examples:\n  rolodesk --demo            try it against a built-in sandbox\n  \
                  rolodesk --profile night   the form, with another profile\n\n\
                  The configuration is ~/.config/rolodesk/config.toml over \
                  /etc/rolodesk/config.toml.\nEnvironment: ROLODESK_CONFIG, ROLODESK_PROFILE, \
                  ROLODESK_DATA_DIR, ROLODESK_LOG,\nROLODESK_CLIENT_SECRET, ROLODESK_TOKEN, and \
                  ROLODESK_ with the name of any key of a\nprofile in capitals (ROLODESK_HOST, \
                  ROLODESK_STREAM_ID, …).\n\nExit codes: 0 done, 1 unexpected failure, 2 usage \
                  or configuration, 3 not authorised,\n4 done with duplicates or rejections, 5 \
                  stored but not delivered yet."
)]
pub struct Cli {
    /// What to do; without it, the form, which offers demo and setup on the first run.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The form against the built-in sandbox, in a store that is thrown away.
    #[arg(long, conflicts_with_all = ["config", "profile", "data_dir"])]
    pub demo: bool,
    /// How the demo's platform misbehaves, as for `sandbox`: `--fault reject=0.3`; `help` lists.
    #[arg(long = "fault", value_name = "FAULT", requires = "demo")]
    pub faults: Vec<String>,
    /// Plain lines and numbered choices, for screen readers (also ACCESSIBLE=1).
    #[arg(long)]
    pub plain: bool,
    /// Where to read the configuration and keep the store.
    #[command(flatten)]
    pub place: GlobalFlags,
}

impl Cli {
    /// What this process was started with. Nothing at all is the form, which is opened forty
    /// times a day: for that, none of what might be typed is put together.
    ///
    /// # Errors
    /// What is wrong with it, or what was asked for instead: help, the version.
    pub fn of_process() -> Result<Self, clap::Error> {
        if std::env::args_os().len() == 1 { Ok(Self::default()) } else { Self::try_parse() }
    }
}

/// Flags that every command takes.
#[derive(Debug, Default, Clone, Args)]
pub struct GlobalFlags {
    /// Another configuration file.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Another profile of it.
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// Another folder for the store.
    #[arg(long, global = true, value_name = "FOLDER")]
    pub data_dir: Option<PathBuf>,
}

impl From<GlobalFlags> for Overrides {
    fn from(place: GlobalFlags) -> Self {
        Self { config: place.config, profile: place.profile, data_dir: place.data_dir }
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Add one contact; without fields, asks line by line.
    #[command(
        after_help = "Examples:\n  rolodesk add --first-name John --last-name Doe --phone '+91 \
                      98765 43210'\n  rolodesk add --json --wait 60 --salutation Mrs --first-name \
                      Ada \\\n      --last-name Tester --region US --phone 4155550132"
    )]
    Add(Add),
    /// Hand a caller to the form that is open, for a softphone or a shell alias.
    #[cfg(unix)]
    #[command(
        after_help = "Examples:\n  rolodesk fill --phone '+1 415 555 0132'\n  rolodesk fill --profile \
                      night --phone 4155550132 --country US --first-name Ada\n\nIt goes into the \
                      form that was opened last, of that profile if one is named, and never over\n\
                      something that is typed: then it waits, and Ctrl+Z in the empty form brings \
                      it. The form\nlistens on a socket in $XDG_RUNTIME_DIR/rolodesk, which only \
                      its user can reach."
    )]
    Fill(Fill),
    /// The rows of a CSV file, each told what became of it.
    #[command(
        after_help = "Examples:\n  rolodesk import customers.csv --region IN --dry-run\n  rolodesk \
                      import customers.csv --region IN --report done.csv\n  xlsx2csv book.xlsx | \
                      rolodesk import - --map phone='Mobile 2' --json\n\nThe first row names the \
                      columns: firstName, lastName, salutation, cellPhoneNumber,\n\
                      cellPhoneCountryCode, cellPhoneExtension, region, or the usual words (First, \
                      Surname,\nName, Title, Mobile, Country). Encoding and separator are found \
                      out and said. Every row\nis judged before any is stored; the same file can \
                      be run again and makes nothing twice.\n\nFields for --map: salutation, \
                      first_name, last_name, name, phone, calling_code, region,\nextension. Ctrl+C \
                      stops sending; what is stored stays queued (exit code 5, also when\nother \
                      rows failed)."
    )]
    Import(Import),
    /// What became of what was submitted, newest first.
    #[command(
        after_help = "Examples:\n  rolodesk results --since 8h --status duplicate\n  rolodesk \
                      results --format csv > shift.csv"
    )]
    Results {
        /// Only this status.
        #[arg(long, value_parser = ["queued", "sending", "created", "duplicate", "rejected", "attention", "deleted"])]
        status: Option<String>,
        /// Only what this agent typed.
        #[arg(long, value_name = "NAME")]
        agent: Option<String>,
        /// Only what was submitted in this time: 30m, 8h, 2d.
        #[arg(long, value_name = "SPAN")]
        since: Option<String>,
        /// How to print it.
        #[arg(long, value_enum, default_value_t)]
        format: FormatArg,
        /// Into a file that only you may read, in the place of standard output.
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// The platform's contacts as far as they are known, by name.
    #[command(after_help = "Examples:\n  rolodesk contacts --refresh    read the platform's list \
                      first\n  rolodesk contacts --search roe --format csv\n\nThe form keeps \
                      the list fresh by itself while there is nothing else to do.")]
    Contacts {
        /// Read the platform's whole list first, as fast as the limit allows.
        #[arg(long)]
        refresh: bool,
        /// Only names or numbers holding this text.
        #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
        search: Option<String>,
        /// How to print them.
        #[arg(long, value_enum, default_value_t)]
        format: FormatArg,
        /// Into a file that only you may read, in the place of standard output.
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Erase a person, or what is old, from this machine's store; the platform keeps what it has.
    #[command(after_help = PURGE_HELP)]
    #[command(group = clap::ArgGroup::new("whom").required(true).args(["number", "name", "older_than"]))]
    Purge {
        /// Whoever has this number, in any usual spelling.
        #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
        number: Option<String>,
        /// Whoever is called so: the whole name.
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// What was submitted, or last seen on the platform, longer ago than this: 30d, 12w.
        #[arg(long, value_name = "SPAN")]
        older_than: Option<String>,
        /// The country a national number is read in: a code or an English name.
        #[arg(long, value_name = "COUNTRY", requires = "number")]
        region: Option<String>,
        /// Only say what would be removed.
        #[arg(long)]
        dry_run: bool,
        /// One JSON object instead of a sentence.
        #[arg(long)]
        json: bool,
    },
    /// Deliver what is queued.
    #[command(
        after_help = "Examples:\n  rolodesk sync\n  rolodesk sync --watch    keep delivering what \
                      others queue"
    )]
    Sync {
        /// Go on until Ctrl+C.
        #[arg(long)]
        watch: bool,
    },
    /// Send again what was given up after a day of trying, or the rows that are named.
    #[command(
        after_help = "Examples:\n  rolodesk retry                       what was given up\n  \
                      rolodesk retry --status rejected     after the platform was mended\n  \
                      rolodesk retry +14155550132          one row, by its number or its \
                      `submission`\n\nIt then delivers as `sync` does. A contact that may be on \
                      the platform already is\nlooked up and never made twice."
    )]
    Retry {
        /// Only this status; without it, and without --all or IDs, attention.
        #[arg(long, value_parser = ["attention", "rejected", "duplicate", "queued"], conflicts_with_all = ["all", "ids"])]
        status: Option<String>,
        /// All that wait, were rejected or were given up.
        #[arg(long, conflicts_with = "ids")]
        all: bool,
        /// These rows: `submission` of `results --format json`, or a number.
        #[arg(value_name = "ID", allow_hyphen_values = true)]
        ids: Vec<String>,
    },
    /// What waits, since when and why, and what is left of the account's requests.
    #[command(after_help = "Examples:\n  rolodesk status\n  rolodesk status --json | jq .queued")]
    Status {
        /// One JSON object instead of text.
        #[arg(long)]
        json: bool,
    },
    /// The database that a floor shares: make it, bring it up to date, look at it.
    #[command(after_help = TEAM_HELP)]
    Team {
        /// What to do.
        #[command(subcommand)]
        action: TeamAction,
    },
    /// A copy of the store, made while others work on it.
    #[command(after_help = BACKUP_HELP)]
    Backup {
        /// Where to; never over a file that is there.
        file: PathBuf,
    },
    /// Ask for a profile line by line, try it on the platform and write it.
    #[command(after_help = SETUP_HELP)]
    Setup {
        /// Answer from the `ROLODESK_`… variables; only what is missing is asked.
        #[arg(long)]
        from_env: bool,
        /// Ask nothing: what is missing is an error.
        #[arg(long)]
        non_interactive: bool,
        /// Only try the answers on the platform; nothing is written.
        #[arg(long)]
        check: bool,
    },
    /// Check everything rolodesk depends on, and say what to do.
    #[command(after_help = DOCTOR_HELP)]
    Doctor {
        /// Find out how the platform treats duplicates, arrays, deleted contacts and the list,
        /// with four contacts of its own that it deletes again.
        #[arg(long)]
        probe: bool,
        /// A number that no contact has, for --probe; four of them.
        #[arg(
            long = "number",
            value_name = "NUMBER",
            requires = "probe",
            allow_hyphen_values = true
        )]
        numbers: Vec<String>,
        /// Probe without asking first.
        #[arg(long, requires = "probe")]
        yes: bool,
        /// One JSON object per check instead of text.
        #[arg(long)]
        json: bool,
        /// Check the administrator's file alone, as whoever writes it.
        #[arg(long)]
        system: bool,
        /// Write all that helps to find a fault into a file, without secrets and personal data.
        #[arg(long, value_name = "FILE", conflicts_with = "system")]
        bundle: Option<PathBuf>,
    },
    /// A platform in miniature on this machine, for training and tests.
    #[command(
        after_help = "Examples:\n  rolodesk sandbox --listen 127.0.0.1:8099\n  rolodesk sandbox \
                      --fault latency=200ms..2s --fault drop-after=0.1\n\nFor training: start it \
                      in one terminal, copy the lines it prints into another and start\n`rolodesk` \
                      there. Give it faults to show what agents see when the network or the\n\
                      platform is having a bad day; nothing that is typed leaves the machine. \
                      `--fault help`\nlists the faults."
    )]
    Sandbox {
        /// Where to listen; only this machine.
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8099")]
        listen: SocketAddr,
        /// Misbehave: name=value, as often as wanted; `help` lists them.
        #[arg(long = "fault", value_name = "FAULT")]
        faults: Vec<String>,
        /// Requests it takes in any 60 seconds; the platform's own limit is 60.
        #[arg(long, value_name = "N", default_value_t = 60,
              value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
    },
    /// What this terminal sends for each key pressed, and what the key does where.
    #[command(after_help = "Examples:\n  rolodesk keys    for a key that does not work: nothing \
                            printed means that\n                   the terminal keeps it for \
                            itself. Ctrl+C, or Esc twice, ends.")]
    Keys,
    /// A fresh token of the profile, for use with other tools.
    #[command(after_help = TOKEN_HELP)]
    Token,
    /// The completions for a shell.
    #[command(after_help = COMPLETIONS_HELP)]
    Completions {
        /// bash, elvish, fish, powershell or zsh.
        shell: clap_complete::Shell,
    },
    /// The manual page.
    #[command(after_help = "Examples:\n  rolodesk man > rolodesk.1\n  rolodesk man | man -l -")]
    Man,
}

/// What is asked of the database a floor shares.
#[derive(Debug, Subcommand)]
pub enum TeamAction {
    /// Make tables, roles and rights, as the database's owner; again does no harm.
    Setup {
        /// Only print the SQL.
        #[arg(long)]
        print: bool,
    },
    /// Bring tables of an earlier version up to date, while seats work.
    Upgrade {
        /// Only print the SQL.
        #[arg(long)]
        print: bool,
    },
    /// Who is there, who sends since when, what waits, what is left of the minute.
    Status {
        /// One JSON object instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Contacts per agent.
    Report {
        /// Handed over since then: 30m, 8h, 2d.
        #[arg(long, value_name = "TIME", default_value = "8h")]
        since: String,
        /// Of this agent alone.
        #[arg(long, value_name = "NAME")]
        agent: Option<String>,
        /// One JSON object per agent instead of a table.
        #[arg(long)]
        json: bool,
    },
}

/// The fields of one contact.
#[derive(Debug, Args)]
pub struct Add {
    /// Mr, Mrs, or what the configuration offers.
    #[arg(long, value_name = "TEXT")]
    pub salutation: Option<String>,
    /// Given name.
    #[arg(long, value_name = "TEXT")]
    pub first_name: Option<String>,
    /// Family name.
    #[arg(long, value_name = "TEXT")]
    pub last_name: Option<String>,
    /// The number, in any usual spelling.
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    pub phone: Option<String>,
    /// The country a national number is read in: a code or an English name.
    #[arg(long, value_name = "COUNTRY")]
    pub region: Option<String>,
    /// The platform's dialing prefix.
    #[arg(long, value_name = "TEXT")]
    pub extension: Option<String>,
    /// Send a number that is possible but not in its numbering plan.
    #[arg(long)]
    pub allow_unusual: bool,
    /// One JSON object instead of a sentence.
    #[arg(long)]
    pub json: bool,
    /// How many seconds to wait for the delivery.
    #[arg(long, value_name = "SECONDS", default_value_t = 15)]
    pub wait: u64,
}

/// What is known of a caller.
#[cfg(unix)]
#[derive(Debug, Args)]
pub struct Fill {
    /// The number, in any usual spelling.
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    pub phone: Option<String>,
    /// Given name.
    #[arg(long, value_name = "TEXT")]
    pub first_name: Option<String>,
    /// Family name.
    #[arg(long, value_name = "TEXT")]
    pub last_name: Option<String>,
    /// Mr, Mrs, or what the configuration offers.
    #[arg(long, value_name = "TEXT")]
    pub salutation: Option<String>,
    /// The country a national number is read in: a code or an English name.
    #[arg(long, value_name = "COUNTRY", visible_alias = "country")]
    pub region: Option<String>,
    /// The platform's dialing prefix.
    #[arg(long, value_name = "TEXT")]
    pub extension: Option<String>,
}

/// What is imported, and how.
#[derive(Debug, Args)]
pub struct Import {
    /// A CSV file, workbook (.xlsx, .xls, .ods) or vCard file; - is standard input.
    pub file: PathBuf,
    /// Which column holds a field, where its name does not say so.
    /// Given again for phone, the columns are an order of preference; FIELD= alone says that
    /// no column holds the field.
    #[arg(long = "map", value_name = "FIELD=COLUMN")]
    pub maps: Vec<String>,
    /// The encoding of the file, where it cannot be told: windows-1250, macintosh, …
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,
    /// The country national numbers are read in: a code or an English name.
    #[arg(long, value_name = "COUNTRY")]
    pub region: Option<String>,
    /// Only say what would become of each row; nothing is stored or sent.
    #[arg(long)]
    pub dry_run: bool,
    /// Write the file again, with what became of each row.
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Send numbers that are possible but not in their numbering plan.
    #[arg(long)]
    pub allow_unusual: bool,
    /// One JSON object for each row and one for the sum, instead of sentences.
    #[arg(long)]
    pub json: bool,
}

/// How rows are printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum FormatArg {
    /// Aligned columns.
    #[default]
    Table,
    /// One object per line.
    Json,
    /// Comma-separated, with a header.
    Csv,
}

const BACKUP_HELP: &str = "Examples:
  rolodesk backup ~/backups/rolodesk-monday.db

The copy holds everything that was accepted by then, in one file that only its owner may
read. To go back to it: end every rolodesk, move store.db, store.db-wal and store.db-shm out of
the data folder, and put the copy there as store.db.";

const TEAM_HELP: &str = "Examples:
  ROLODESK_TEAM_URL=postgres://owner@db.acme.example/rolodesk rolodesk team setup
  rolodesk team setup --print | less      what a DBA may want to read first
  rolodesk team status
  rolodesk team report --since 8h --agent jdoe

They connect as the profile's `team` or ROLODESK_TEAM_URL says, as the database's owner; seats and
whoever sends have roles of their own (rolodesk_seat, rolodesk_sender), which may not look
at it.

Exit codes: 0 done, 2 the address, the certificate, or what the database holds is wrong, 3 the
database refuses the role, 1 anything else.";

const SETUP_HELP: &str = "Examples:
  rolodesk setup
  rolodesk setup --profile night
  rolodesk setup --from-env --non-interactive            for provisioning: ROLODESK_HOST,
                      ROLODESK_STREAM_ID, … ROLODESK_CLIENT_SECRET become the profile
  rolodesk setup --from-env --non-interactive --check    only try them

An address pasted from the console is read for what it holds. The secret is typed unseen and
goes into the desktop's keyring; where there is none, into a private file, or it stays where
a variable or a command has it. Other profiles and comments in the file stay as they are.

Exit codes with --non-interactive or --check: 0 the platform accepts it (and it is written),
2 something is missing or wrong, 3 the platform refuses us, 1 nobody can say.";

const DOCTOR_HELP: &str = r#"Examples:
  rolodesk doctor
  rolodesk doctor --json | grep -v '"status":"ok"'
  rolodesk doctor --bundle fault.txt      for whoever helps: no secrets, no personal data
  rolodesk doctor --system                /etc/rolodesk/config.toml alone
  rolodesk doctor --probe --number +12025550101 --number +12025550102 \
      --number +12025550103 --number +12025550104

With --json each line has "check", "status" (ok, problem or skipped), "detail" and "advice".
The checks:
  config.file         each configuration file and whether it was read
  config.profile, config.data_dir, and config.KEY for each key that is set, with its place;
                      of a secret only where it is
  config.locked, config.allow, config.max_…   what the administrator's file says of everybody
  config              whether all of it together can be used
  permissions.config, permissions.secret, permissions.log, permissions.data, permissions.store
  store, store.integrity, store.rows, store.waiting, disk
  secret              whether it can be had
  proxy, dns, connection, tls
  clock               this machine's against the platform's
  token               whether the platform accepts us
  list                whether it answers with its list: the app's scope
  limit               what is left of the account's requests
  team                the floor's database, where the profile has one: reached, how far away
  team.tls, team.clock, team.version, team.rights, team.sender
  probe.duplicate, probe.answer, probe.arrays, probe.list, probe.deleted, probe.limit,
  probe.cleanup       only with --probe: how the platform treats contacts. These lines name no
                      host, account, number or person and may be sent to whoever helps
  summary             how many checks were ok, problems and skipped

It asks the platform for one page of its list, within the account's limit, and changes
nothing there.

Exit codes: 0 all is well, 2 configuration or secret, 3 not authorised, 1 anything else."#;

const PURGE_HELP: &str = "Examples:
  rolodesk purge --number '+44 7911 123123' --dry-run
  rolodesk purge --name 'Ada Tester'
  rolodesk purge --older-than 30d

Removed are the rows with their attempts, what is known of the platform's list, a half-typed
contact that names the person, mentions in other rows, and each store.db.before-N whole. It
asks nothing and touches nothing on the platform; its list is read again from there. Rows that
are not settled stay (exit code 4). `keep_days` in the configuration does the last by itself.";

const TOKEN_HELP: &str = r#"Examples:
  rolodesk token
  rolodesk token | sed 's/^/auth: /' | curl -H @- -H "accountId: $ROLODESK_ACCOUNT_ID" \
      "$ROLODESK_HOST/agentassist/api/v1/public/$ROLODESK_STREAM_ID/contacts"

Whoever has it may act as the app until it expires (token_lifetime). Passed on through a pipe
it shows up in no list of processes. Requests made with other tools count against the
account's limit, and rolodesk does not know of them."#;

const COMPLETIONS_HELP: &str = "Examples:
  source <(rolodesk completions bash)    for this shell; in ~/.bashrc for every one
  mkdir -p ~/.zfunc && rolodesk completions zsh > ~/.zfunc/_rolodesk";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_typed_is_what_is_read_from_nothing() {
        let read = Cli::try_parse_from(["rolodesk"]).unwrap();
        assert_eq!(format!("{read:?}"), format!("{:?}", Cli::default()));
    }
}
