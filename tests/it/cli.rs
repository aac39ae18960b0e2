//! The built program as a shell sees it: standard output, standard error, exit code.
//! Nothing of the machine's environment reaches it but PATH, and its HOME is empty.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use crate::journeys::platform;

pub const ENOUGH: [(&str, &str); 5] = [
    ("ROLODESK_HOST", "https://platform.example"),
    ("ROLODESK_STREAM_ID", "st-1"),
    ("ROLODESK_ACCOUNT_ID", "a-1"),
    ("ROLODESK_CLIENT_ID", "cs-1"),
    ("ROLODESK_CLIENT_SECRET", "a secret of at least thirty-two characters"),
];

/// A home of its own, and the program in it.
pub struct Desk {
    home: tempfile::TempDir,
}

impl Desk {
    pub fn new() -> Self {
        Self { home: tempfile::tempdir().unwrap() }
    }

    pub fn config(self, text: &str) -> Self {
        let folder = self.home.path().join(".config/rolodesk");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("config.toml"), text).unwrap();
        self
    }

    pub fn path(&self) -> &Path {
        self.home.path()
    }

    pub fn command(&self, args: &[&str], env: &[(&str, &str)]) -> Command {
        self.program(env!("CARGO_BIN_EXE_rolodesk"), args, env)
    }

    fn program(&self, program: &str, args: &[&str], env: &[(&str, &str)]) -> Command {
        let mut command = Command::new(program);
        command.args(args).env_clear().env("HOME", self.path()).current_dir(self.path());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        // The keyring of whoever runs the tests is no place for their secrets.
        command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere");
        command.envs(env.iter().copied());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub fn run(&self, args: &[&str], env: &[(&str, &str)]) -> Answer {
        self.command(args, env).output().expect("the built program").into()
    }

    /// The same with lines typed into a pipe.
    pub fn typed(&self, args: &[&str], env: &[(&str, &str)], lines: &[&str]) -> Answer {
        let mut command = self.command(args, env);
        let mut child = command.stdin(Stdio::piped()).spawn().expect("the built program");
        let text = lines.join("\n") + "\n";
        // A program that has seen enough closes the pipe.
        let _ = child.stdin.take().unwrap().write_all(text.as_bytes());
        child.wait_with_output().unwrap().into()
    }
}

/// What a run printed and how it ended.
#[derive(Debug)]
pub struct Answer {
    pub out: String,
    pub err: String,
    pub code: Option<i32>,
}

impl From<Output> for Answer {
    fn from(output: Output) -> Self {
        Self {
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
            code: output.status.code(),
        }
    }
}

impl Answer {
    /// Ended with `code`, one sentence on standard error with these parts, no output.
    #[track_caller]
    pub fn fails(&self, code: i32, parts: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert!(self.out.is_empty(), "{self:?}");
        assert!(self.err.starts_with("rolodesk: ") && self.err.lines().count() == 1, "{self:?}");
        assert!(parts.iter().all(|part| self.err.contains(part)), "{parts:?} in {self:?}");
    }

    #[track_caller]
    pub fn succeeds(&self) -> &str {
        assert_eq!((self.code, self.err.as_str()), (Some(0), ""), "{self:?}");
        &self.out
    }
}

/// A profile with this line for its secret.
fn acme(secret: &str) -> String {
    format!(
        "[profiles.acme]\nhost = \"https://platform.example\"\nstream_id = \"st-1\"\naccount_id = \
         \"a-1\"\nclient_id = \"cs-1\"\n{secret}\n"
    )
}

#[test]
fn without_a_terminal_the_form_is_refused_with_what_works() {
    Desk::new().run(&[], &ENOUGH).fails(2, &["needs a terminal", "--help"]);
    Desk::new().run(&["--demo"], &[]).fails(2, &["needs a terminal"]);
}

#[test]
fn without_a_profile_the_ways_to_one_are_told() {
    let told = ["rolodesk --demo", ".config/rolodesk/config.toml", "ROLODESK_CLIENT_SECRET"];
    Desk::new().run(&["token"], &[]).fails(2, &told);
    Desk::new().run(&["status"], &ENOUGH[..4]).fails(2, &told);
}

#[test]
fn a_configuration_that_is_wrong_is_told_with_its_place() {
    let misspelt = acme("client_secret = { env = \"KORE\" }\nmax_bach = 7");
    let told = ["config.toml, line 7", "did you mean `max_batch`"];
    Desk::new().config(&misspelt).run(&["token"], &[]).fails(2, &told);
    let none = acme("client_secret = { env = \"KORE\" }\nmax_batch = 0");
    let told = ["config.toml, line 7", "`max_batch` is 0", "1 to 10000"];
    Desk::new().config(&none).run(&["token"], &[]).fails(2, &told);
    let http = [&ENOUGH[1..], &[("ROLODESK_HOST", "http://platform.example")]].concat();
    Desk::new().run(&["token"], &http).fails(2, &["https://"]);
    let number = [&ENOUGH[..], &[("ROLODESK_MAX_BATCH", "many")]].concat();
    Desk::new().run(&["token"], &number).fails(2, &["ROLODESK_MAX_BATCH", "many"]);
}

#[test]
fn a_file_or_a_profile_that_is_not_there_is_named() {
    let desk = Desk::new().config(&acme("client_secret = { env = \"KORE\" }"));
    let answer = desk.run(&["token", "--profile", "night"], &[]);
    answer.fails(2, &["profile `night`", "acme"]);
    desk.run(&["--config", "none.toml", "token"], &[]).fails(2, &["none.toml"]);
    desk.run(&["token"], &[("ROLODESK_CONFIG", "gone.toml")]).fails(2, &["gone.toml"]);
}

#[test]
fn a_secret_that_cannot_be_had_is_a_matter_of_configuration() {
    let unset = acme("client_secret = { env = \"KORE\" }");
    Desk::new().config(&unset).run(&["token"], &[]).fails(2, &["KORE", "not set"]);
    let clear = acme("client_secret = \"hunter2\"");
    let answer = Desk::new().config(&clear).run(&["token"], &[]);
    answer.fails(2, &["config.toml, line 6", "name where it is instead"]);
    assert!(!answer.err.contains("hunter2"));
    let failing = acme("client_secret = { command = [\"false\"] }");
    Desk::new().config(&failing).run(&["token"], &[]).fails(2, &["`false`", "failed"]);
}

#[cfg(unix)]
#[test]
fn a_secret_file_that_others_may_read_is_refused_until_it_is_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::new().config(&acme("client_secret = { file = \"secret\" }"));
    let path = desk.path().join(".config/rolodesk/secret");
    fs::write(&path, "a secret of at least thirty-two characters\n").unwrap();
    let mode = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    mode(0o640);
    desk.run(&["token"], &[]).fails(2, &["0640", "chmod 600", "secret"]);
    mode(0o600);
    desk.run(&["token"], &[]).succeeds();
}

#[test]
fn token_prints_a_fresh_token_and_nothing_else() {
    let desk = Desk::new();
    let first = desk.run(&["token"], &ENOUGH);
    let token = first.succeeds().strip_suffix('\n').expect("one line");
    assert_eq!(token.split('.').count(), 3, "{token}");
    assert!(!token.contains(char::is_whitespace));
    let second = desk.run(&["token"], &ENOUGH);
    assert_ne!(second.succeeds().trim_end(), token);
}

#[test]
fn status_tells_what_there_is_as_text_and_as_one_object() {
    let desk = Desk::new();
    let text = desk.run(&["status"], &ENOUGH);
    assert!(text.succeeds().contains("0 queued") && text.out.contains("60 of 60"), "{text:?}");
    let json = desk.run(&["status", "--json"], &ENOUGH);
    let report: serde_json::Value = serde_json::from_str(json.succeeds()).unwrap();
    assert_eq!(json.out.lines().count(), 1);
    assert_eq!((&report["queued"], &report["requests_left"]), (&0.into(), &60.into()));
}

#[test]
fn a_ready_made_token_is_printed_as_it_is() {
    let env = [&ENOUGH[..3], &[("ROLODESK_TOKEN", "aa.bb.cc")]].concat();
    assert_eq!(Desk::new().run(&["token"], &env).succeeds(), "aa.bb.cc\n");
}

#[cfg(unix)]
#[test]
fn the_log_is_private_and_holds_no_secret_at_its_loudest() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::new();
    let env = [&ENOUGH[..], &[("ROLODESK_LOG", "trace")]].concat();
    let answer = desk.run(&["token"], &env);
    let log = desk.path().join(".local/state/rolodesk/rolodesk.log");
    let text = fs::read_to_string(&log).unwrap();
    assert!(!text.contains(ENOUGH[4].1) && !text.contains(answer.succeeds().trim_end()));
    assert_eq!(fs::metadata(&log).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_log_filter_that_is_none_is_told() {
    let env = [&ENOUGH[..], &[("ROLODESK_LOG", "a=b=c")]].concat();
    Desk::new().run(&["token"], &env).fails(2, &["ROLODESK_LOG", "rolodesk=debug"]);
}

#[test]
fn wrong_usage_ends_with_2_and_says_what_is_possible() {
    for args in [
        &["--frobnicate"][..],
        &["frobnicate"],
        &["completions", "tcl"],
        &["sandbox", "--limit", "0"],
        &["--demo", "--profile", "x"],
    ] {
        let answer = Desk::new().run(args, &[]);
        assert_eq!(answer.code, Some(2), "{args:?} {answer:?}");
        assert!(answer.out.is_empty() && answer.err.contains("--help"), "{answer:?}");
    }
}

#[test]
fn every_command_has_a_help_with_two_examples() {
    for command in
        ["", "add", "status", "sync", "doctor", "setup", "token", "sandbox", "completions", "man"]
    {
        let args: Vec<_> = [command, "--help"].into_iter().filter(|it| !it.is_empty()).collect();
        let answer = Desk::new().run(&args, &[]);
        let (_, examples) = answer.succeeds().split_once("Examples:\n").expect("examples");
        let lines = examples.lines().take_while(|line| line.starts_with("  "));
        assert!(lines.filter(|line| line.contains("rolodesk")).count() >= 2, "{args:?}");
    }
}

/// The examples of a command's help, each on one line, without the words beside it.
fn examples(help: &str) -> Vec<String> {
    let (_, text) = help.split_once("Examples:\n").expect("examples");
    let text = text.replace("\\\n      ", "");
    let lines = text.lines().take_while(|line| line.starts_with("  ")).map(str::trim);
    lines.map(|line| line.split("    ").next().unwrap().to_owned()).collect()
}

#[test]
fn every_example_works_as_it_is_printed() {
    let (desk, platform) = (Desk::new(), platform());
    let folder = Path::new(env!("CARGO_BIN_EXE_rolodesk")).parent().unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let env = platform.env_with(&[("PATH", &path)]);
    let is_there = |program: &str| {
        Command::new("sh")
            .args(["-c", &format!("command -v {program}")])
            .output()
            .unwrap()
            .status
            .success()
    };
    let mut worked = 0;
    for command in ["add", "sync", "status", "doctor", "token", "completions", "man"] {
        for line in examples(desk.run(&[command, "--help"], &[]).succeeds()) {
            let others = ["bash", "jq", "curl", "man"].iter();
            let mut missing =
                others.filter(|it| line.contains(&format!("| {it} ")) || **it == "bash");
            // One waits for ever, the other for a yes.
            let waits = line.contains("--watch") || line.contains("--probe");
            if waits || missing.any(|it| !is_there(it)) {
                continue;
            }
            let shell = ["-o", "pipefail", "-c", &line];
            let output = desk.program("bash", &shell, &env).output().unwrap();
            assert!(output.status.success(), "{line}: {output:?}");
            assert!(!String::from_utf8_lossy(&output.stderr).contains("rolodesk:"), "{line}");
            worked += 1;
        }
    }
    assert!(worked >= 8, "only {worked} examples were tried");
}

#[test]
fn the_completions_and_the_manual_know_every_command() {
    let desk = Desk::new();
    for args in [&["man"][..], &["completions", "bash"], &["completions", "zsh"]] {
        let answer = desk.run(args, &[]);
        let text = answer.succeeds().to_lowercase();
        for command in ["status", "doctor", "setup", "token", "sandbox", "completions"] {
            assert!(text.contains(command), "{command} in {args:?}");
        }
    }
    let manual = desk.run(&["man"], &[]);
    assert!(manual.out.contains("latency=200ms") && manual.out.contains("ROLODESK_CONFIG"));
    for heading in [".SS EXAMPLES", ".SH FILES", ".SH NOTES"] {
        assert!(manual.out.contains(heading), "no {heading}: {}", manual.out);
    }
    assert!(!manual.out.contains("EXTRA"), "{}", manual.out);
}

#[test]
fn a_reader_that_leaves_early_is_no_failure() {
    let desk = Desk::new();
    let mut command = desk.command(&["man"], &[]);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let answer = Answer::from(command.stdout(writer).output().unwrap());
    answer.succeeds();
}

#[test]
fn the_sandbox_refuses_what_it_cannot_do() {
    let desk = Desk::new();
    desk.run(&["sandbox", "--fault", "gremlins=1"], &[]).fails(2, &["gremlins"]);
    desk.run(&["sandbox", "--fault", "drop=1"], &[]).fails(2, &["drop-before"]);
    desk.run(&["sandbox", "--listen", "0.0.0.0:0"], &[]).fails(2, &["this machine only"]);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    desk.run(&["sandbox", "--listen", &address], &[]).fails(1, &[&address, "in use"]);
    assert!(desk.run(&["sandbox", "--fault", "help"], &[]).succeeds().contains("latency"));
}

/// Ends when the test does.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_lines_the_sandbox_prints_are_a_whole_environment() {
    let desk = Desk::new();
    let args = ["sandbox", "--listen", "127.0.0.1:0", "--limit", "3"];
    let mut sandbox = Running(desk.command(&args, &[]).spawn().unwrap());
    let printed = BufReader::new(sandbox.0.stdout.take().unwrap());
    let mut env = Vec::new();
    for line in printed.lines() {
        let line = line.unwrap();
        let Some(assignment) = line.strip_prefix("export ") else { continue };
        let (name, value) = assignment.split_once('=').unwrap();
        env.push((name.to_owned(), value.to_owned()));
        if env.len() == ENOUGH.len() + 1 {
            break;
        }
    }
    // What waits in another profile must not go to a sandbox.
    assert!(env.contains(&("ROLODESK_PROFILE".to_owned(), "sandbox".to_owned())), "{env:?}");
    let env: Vec<_> = env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let ask = || answer_of(&env, desk.run(&["token"], &env).succeeds().trim_end());
    assert_eq!([ask(), ask(), ask()], [200; 3], "three requests are within the limit");
    assert_eq!(ask(), 429, "the fourth is not");
}

/// The status of a list request, made by hand.
fn answer_of(env: &[(&str, &str)], token: &str) -> u16 {
    let get = |wanted| env.iter().find(|(name, _)| *name == wanted).unwrap().1;
    let address = get("ROLODESK_HOST").strip_prefix("http://").unwrap();
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET /agentassist/api/v1/public/{}/contacts HTTP/1.1\r\nHost: {address}\r\nauth: \
         {token}\r\naccountId: {}\r\nConnection: close\r\n\r\n",
        get("ROLODESK_STREAM_ID"),
        get("ROLODESK_ACCOUNT_ID"),
    )
    .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text.split(' ').nth(1).unwrap().parse().unwrap()
}
