//! What only root can try: files of another user, and an administrator's file in /etc, in a
//! mount namespace of its own. Where it cannot be tried, each test says so aloud; `.ci/run`
//! runs them as root.

use std::{
    fs,
    io::Write as _,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown},
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    cli::{Answer, Desk, ENOUGH},
    journeys::platform,
    trust::ADD,
};

const AGENT: u32 = 4321;
const SOMEBODY: u32 = 4322;

/// Whether this can be tried here; if not, says so where the test harness hides nothing.
fn can(what: &str, probe: &[&str]) -> bool {
    let is_root = fs::metadata("/proc/self").is_ok_and(|meta| meta.uid() == 0);
    let works = Command::new(probe[0]).args(&probe[1..]).output();
    let can = is_root && works.is_ok_and(|output| output.status.success());
    if !can {
        let _ =
            writeln!(std::io::stderr(), "\n!!! NOT TRIED: {what} needs root and {}\n", probe[0]);
        let required = std::env::var_os("ROLODESK_TESTS_AS_ROOT").is_some();
        assert!(!required, "ROLODESK_TESTS_AS_ROOT is set, and {what} cannot be tried");
    }
    can
}

fn can_be_somebody_else() -> bool {
    can("another user's files", &["setpriv", "--reuid=4321", "--clear-groups", "true"])
}

pub fn can_mount(what: &str) -> bool {
    can(what, &["unshare", "--mount", "true"])
}

/// An agent's home, and the program where the agent can run it.
struct Agent {
    desk: Desk,
    program: PathBuf,
}

impl Agent {
    fn new() -> Self {
        let desk = Desk::new();
        fs::set_permissions(desk.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let program = desk.path().join("rolodesk");
        fs::copy(env!("CARGO_BIN_EXE_rolodesk"), &program).unwrap();
        chown(desk.path(), Some(AGENT), Some(AGENT)).unwrap();
        Self { desk, program }
    }

    /// A file in the home, and the folders it needs, which are the agent's.
    fn file(&self, path: &str, text: &str, owner: (u32, u32), mode: u32) -> PathBuf {
        let mut folder = self.desk.path().to_owned();
        let path = Path::new(path);
        for part in path.parent().unwrap() {
            folder.push(part);
            let _ = fs::create_dir(&folder);
            chown(&folder, Some(AGENT), Some(AGENT)).unwrap();
        }
        let path = self.desk.path().join(path);
        fs::write(&path, text).unwrap();
        chown(&path, Some(owner.0), Some(owner.1)).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    fn command(&self, args: &[&str], env: &[(&str, &str)]) -> Command {
        let own = self.desk.command(&[], env);
        let mut command = Command::new("setpriv");
        let ids = [format!("--reuid={AGENT}"), format!("--regid={AGENT}")];
        command.args(ids).arg("--clear-groups").arg(&self.program).args(args).env_clear();
        command.envs(own.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.current_dir(self.desk.path());
        command
    }

    fn run(&self, args: &[&str], env: &[(&str, &str)]) -> Answer {
        self.command(args, env).output().unwrap().into()
    }
}

#[test]
fn what_belongs_to_another_user_is_refused_with_the_command_that_mends_it() {
    if !can_be_somebody_else() {
        return;
    }
    let somebody = (SOMEBODY, SOMEBODY);
    for path in [
        ".config/rolodesk/config.toml",
        ".local/share/rolodesk/store.db",
        ".local/state/rolodesk/rolodesk.log",
    ] {
        let agent = Agent::new();
        agent.run(&["status"], &ENOUGH).succeeds();
        let path = agent.file(path, "", somebody, 0o666);
        let cure = format!("sudo chown {AGENT} {}", path.display());
        agent.run(&["status"], &ENOUGH).fails(2, &["another user (uid 4322)", &cure]);
    }
    let agent = Agent::new();
    let config = "[profiles.acme]\nhost = \"https://a.b\"\nstream_id = \"s\"\naccount_id = \
                  \"a\"\nclient_id = \"c\"\nclient_secret = { file = \"key\" }\n";
    agent.file(".config/rolodesk/config.toml", config, (AGENT, AGENT), 0o600);
    let secret = "a secret of at least thirty-two characters";
    agent.file(".config/rolodesk/key", secret, (SOMEBODY, AGENT), 0o640);
    agent.run(&["token"], &[]).fails(2, &["another user", "sudo chown"]);
    agent.file(".config/rolodesk/key", secret, (0, AGENT), 0o640);
    agent.run(&["token"], &[]).succeeds();
    agent.file(".config/rolodesk/key", secret, (0, AGENT), 0o644);
    agent.run(&["token"], &[]).fails(2, &["others may read it"]);
}

#[test]
fn root_obeys_no_file_of_an_agent() {
    if !can_be_somebody_else() {
        return;
    }
    let desk = Desk::new().config("default_profile = \"x\"\n");
    let path = desk.path().join(".config/rolodesk/config.toml");
    chown(&path, Some(AGENT), None).unwrap();
    desk.run(&["status"], &ENOUGH).fails(2, &["uid 4321", "run: chown 0 "]);
}

#[test]
fn nobody_of_the_same_user_reads_the_memory_or_the_environment() {
    use std::io::{BufRead as _, BufReader};

    if !can_be_somebody_else() {
        return;
    }
    let agent = Agent::new();
    let mut command = agent.command(&["sandbox", "--listen", "127.0.0.1:0"], &[]);
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let memory = format!("/proc/{}/environ", child.id());
    let owner = fs::metadata(&memory).unwrap().uid();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(owner, 0, "{memory} is the agent's own");
}

/// Runs the program where this is /etc/rolodesk/config.toml, and nothing else is changed.
fn administered(desk: &Desk, policy: &str, args: &[&str], env: &[(&str, &str)]) -> Answer {
    let work = tempfile::tempdir().unwrap();
    for folder in ["real", "etc/rolodesk"] {
        fs::create_dir_all(work.path().join(folder)).unwrap();
    }
    for folder in ["", "etc", "etc/rolodesk"] {
        let path = work.path().join(folder);
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    fs::write(work.path().join("etc/rolodesk/config.toml"), policy).unwrap();
    let script = "mount --bind /etc real && ln -s $PWD/real/[!r]* $PWD/real/r[!o]* etc/ && mount \
                  --bind etc /etc && cd \"$HOME\" && exec \"$@\"";
    let own = desk.command(args, env);
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", script, "sh", env!("CARGO_BIN_EXE_rolodesk")]).args(args);
    command.env_clear().envs(own.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.current_dir(work.path()).output().unwrap().into()
}

#[test]
fn what_an_administrator_locks_nobody_sets_and_what_is_not_allowed_is_refused() {
    if !can_mount("an administrator's file") {
        return;
    }
    let (desk, platform) = (Desk::new(), platform());
    let [host, stream, account, client, secret, ..] = &platform.env[..] else { panic!() };
    let policy = format!(
        "locked = [\"host\", \"client_secret\"]\nallow = [\"create\"]\nmax_token_lifetime = \
         \"1m\"\n[profiles.acme]\nhost = \"{}\"\nstream_id = \"{}\"\naccount_id = \
         \"{}\"\nclient_id = \"{}\"\nclient_secret = {{ command = [\"echo\", \"{}\"] }}\n",
        host.1, stream.1, account.1, client.1, secret.1
    );
    let add = ["add", "--first-name", "Ada", "--last-name", "Tester", "--phone", "+447911123123"];
    let run = |args: &[&str], env: &[(&str, &str)]| administered(&desk, &policy, args, env);
    assert_eq!(run(&add, &[]).code, Some(0), "{:?}", run(&add, &[]));
    for (name, value) in [
        ("ROLODESK_HOST", "https://evil.example"),
        ("ROLODESK_CLIENT_SECRET", "mine"),
        ("ROLODESK_TOKEN", "mine"),
        ("ROLODESK_TOKEN_LIFETIME", "5m"),
    ] {
        run(&add, &[(name, value)]).fails(2, &[name, "locked", "/etc/rolodesk/config.toml"]);
    }
    let own = desk.path().join("own.toml");
    fs::write(&own, "[profiles.acme]\nhost = \"https://evil.example\"\n").unwrap();
    let own = own.display().to_string();
    run(&["--config", &own, "token"], &[]).fails(2, &["own.toml, line 2", "locked"]);
    run(&["token"], &[("ROLODESK_CONFIG", &own)]).fails(2, &["own.toml, line 2", "locked"]);
    run(&["results", "--format", "csv"], &[]).fails(2, &["`export` is not allowed", "line 2"]);
    run(&["import", "x.csv"], &[]).fails(2, &["`import` is not allowed"]);
    assert_eq!(run(&["results"], &[]).code, Some(0));
    let doctor = run(&["doctor"], &[]);
    assert!(doctor.out.contains("config.locked        client_secret, host, token"), "{doctor:?}");
    assert!(doctor.out.contains("(by /etc/rolodesk/config.toml)"), "{doctor:?}");
    assert_eq!(run(&["doctor", "--system"], &[]).code, Some(0));
    let setup = run(&["setup", "--from-env", "--non-interactive"], &[]);
    assert_eq!(setup.code, Some(0), "{setup:?}");
    let written = fs::read_to_string(desk.path().join(".config/rolodesk/config.toml")).unwrap();
    assert!(!written.contains("host"), "what is locked is not written: {written}");
    assert_eq!(run(&["token"], &[]).code, Some(0));
}

#[test]
fn until_a_mistake_in_the_policy_is_mended_nothing_is_allowed() {
    if !can_mount("an administrator's file") {
        return;
    }
    let desk = Desk::new();
    let policy = "locked = [\"host\"]\nallow = [\"creat\"]\n";
    for args in [&["token"][..], &["status"], &["sync"]] {
        let answer = administered(&desk, policy, args, &ENOUGH);
        answer.fails(2, &["/etc/rolodesk/config.toml, line 2", "did you mean `create`"]);
    }
    let doctor = administered(&desk, policy, &["doctor", "--system"], &[]);
    assert_eq!(doctor.code, Some(2));
    assert!(doctor.out.contains("line 2"), "{doctor:?}");
    let none = administered(&desk, "", &["status"], &ENOUGH);
    assert_eq!(none.code, Some(0), "{none:?}");
}

/// The folder of the log and the trail lies on a disk of eight pages, all taken; the store's
/// own disk has room.
#[test]
fn an_audit_trail_on_a_full_disk_is_told_and_the_contact_goes_out_all_the_same() {
    if !can_mount("an administrator's file") {
        return;
    }
    let (desk, platform) = (Desk::new(), platform());
    let env = platform.env_with(&[]);
    let state = desk.path().join(".local/state/rolodesk");
    fs::create_dir_all(&state).unwrap();
    let script = "mount -t tmpfs -o size=32k,mode=700 tmpfs \"$1\" && : >\"$1/audit.jsonl\" && \
                  chmod 600 \"$1/audit.jsonl\" && { cat /dev/zero >\"$1/filler\" 2>&-; shift; \
                  exec \"$@\"; }";
    let own = desk.command(&[], &env);
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", script, "sh"]).arg(&state);
    command.arg(env!("CARGO_BIN_EXE_rolodesk")).args(ADD);
    command.env_clear().envs(own.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let added: Answer = command.current_dir(desk.path()).output().unwrap().into();
    assert_eq!(added.code, Some(0), "{added:?}");
    assert!(added.out.contains("\"created\""), "{added:?}");
    assert!(added.err.contains("the audit trail cannot be written"), "{added:?}");
    desk.run(&["status", "--json"], &env).succeeds();
}
