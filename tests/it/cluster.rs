//! A PostgreSQL of the tests' own: made when the first of them needs it, reached through a
//! socket in a temporary folder, gone with the last. The server does not run as root, so
//! root starts it as another user.

use std::{
    fs,
    io::{Read as _, Write as _},
    os::unix::{
        fs::{PermissionsExt as _, chown},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex, Once, Weak,
        atomic::{AtomicU32, Ordering},
    },
};

use rolodesk::team::postgres::Address;
use tempfile::TempDir;

/// A server that runs.
pub struct Cluster {
    programs: PathBuf,
    folder: TempDir,
    user: Option<(u32, u32)>,
    port: u16,
    databases: AtomicU32,
}

static SAID: Once = Once::new();
static SHARED: Mutex<Weak<Cluster>> = Mutex::new(Weak::new());

/// The server all tests share; `None`, said once in a line, where there is none to start.
pub fn shared() -> Option<Arc<Cluster>> {
    let mut shared = SHARED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(cluster) = shared.upgrade() {
        return Some(cluster);
    }
    let cluster = Arc::new(alone(&[])?);
    *shared = Arc::downgrade(&cluster);
    Some(cluster)
}

/// Says once in a line what is not tried here, past what the test runner keeps to itself.
pub fn not_tried(what: &str) {
    let line = format!("NOT TRIED: {what}\n");
    SAID.call_once(|| std::io::stderr().write_all(line.as_bytes()).unwrap());
}

/// A port that nobody listens at.
pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// One of a test's own, with further settings.
pub fn alone(settings: &[String]) -> Option<Cluster> {
    alone_on(5432, settings)
}

/// The same with another port, for one that listens on the network.
pub fn alone_on(port: u16, settings: &[String]) -> Option<Cluster> {
    Some(Cluster::start(programs_here()?, port, settings))
}

/// The server's programs; `None`, said once in a line, where there are none.
pub fn programs_here() -> Option<PathBuf> {
    let found = programs();
    if found.is_none() {
        let required = std::env::var("ROLODESK_REQUIRE_POSTGRES").is_ok_and(|it| it == "1");
        assert!(!required, "ROLODESK_REQUIRE_POSTGRES=1, and no PostgreSQL server is installed");
        not_tried("the floor's store; install PostgreSQL's server for it");
    }
    found
}

/// Where initdb and postgres are: beside `pg_config`'s other programs, or as Debian has them.
fn programs() -> Option<PathBuf> {
    let told = Command::new("pg_config").arg("--bindir").output().ok();
    let told = told.and_then(|it| String::from_utf8(it.stdout).ok());
    let told = told.map(|path| PathBuf::from(path.trim()));
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut places: Vec<_> = versions.map(|version| version.path().join("bin")).collect();
    places.sort();
    let mut places = told.into_iter().chain(places.into_iter().rev());
    places.find(|place| place.join("initdb").exists() && place.join("postgres").exists())
}

/// Whom root starts the server as.
pub fn other_user() -> Option<(u32, u32)> {
    if !rustix::process::getuid().is_root() {
        return None;
    }
    let accounts = fs::read_to_string("/etc/passwd").unwrap();
    let found = ["postgres", "nobody"].iter().find_map(|name| {
        let mut parts =
            accounts.lines().find(|line| line.split(':').next() == Some(name))?.split(':').skip(2);
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    });
    Some(found.expect("a user beside root"))
}

impl Cluster {
    fn start(programs: PathBuf, port: u16, settings: &[String]) -> Self {
        let folder = tempfile::Builder::new().prefix("pg").tempdir_in("/tmp").unwrap();
        let user = other_user();
        if let Some((uid, gid)) = user {
            chown(folder.path(), Some(uid), Some(gid)).unwrap();
        }
        let cluster = Self { programs, folder, user, port, databases: AtomicU32::new(0) };
        let data = cluster.data();
        let made = cluster
            .program("initdb")
            .arg("-D")
            .arg(&data)
            .args(["-U", "owner", "-A", "trust", "--no-sync", "--locale=C.UTF-8", "-E", "UTF8"])
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let mut text = format!(
            "listen_addresses = ''\nport = {port}\nunix_socket_directories = '{}'\nfsync = off\n\
             max_connections = 60\nlogging_collector = off\n",
            cluster.socket().display()
        );
        for setting in settings {
            text.push_str(setting);
            text.push('\n');
        }
        cluster.write("postgresql.auto.conf", &text);
        cluster.run();
        cluster
    }

    /// Starts the server, or starts it again.
    pub fn run(&self) {
        self.control(&["start", "-w", "-t", "30", "-l"], Some(self.folder.path().join("log")));
    }

    /// Stops it as a power failure would.
    pub fn crash(&self) {
        self.control(&["stop", "-m", "immediate", "-w"], None);
    }

    fn control(&self, arguments: &[&str], last: Option<PathBuf>) {
        let mut command = self.program("pg_ctl");
        command.arg("-D").arg(self.data()).args(arguments).args(last);
        let said = self.folder.path().join("said");
        let file = fs::File::create(&said).unwrap();
        // Into a file: the server it starts would keep a pipe open.
        let status = command.stdout(file).stderr(Stdio::null()).status().unwrap();
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        let said = fs::read_to_string(said).unwrap_or_default();
        assert!(status.success(), "pg_ctl {arguments:?}: {status}\n{said}\n{log}");
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        self.as_its_user(&mut command);
        command
    }

    /// Has a program run as the server's own user.
    pub fn as_its_user(&self, command: &mut Command) {
        command.current_dir("/tmp").stdin(Stdio::null());
        if let Some((uid, gid)) = self.user {
            command.gid(gid).uid(uid);
        }
    }

    /// Writes a file of the server's.
    fn write(&self, name: &str, text: &str) {
        let path = self.data().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        if let Some((uid, gid)) = self.user {
            chown(&path, Some(uid), Some(gid)).unwrap();
        }
    }

    /// Speaks TLS with this certificate from now on.
    pub fn use_certificate(&self, certificate: &str, key: &str) {
        self.write("server.crt", certificate);
        self.write("server.key", key);
        self.sql("postgres", "ALTER SYSTEM SET ssl = on");
        self.control(&["reload"], None);
        let mut is_on = String::new();
        while is_on != "on" {
            is_on = self.sql("postgres", "SHOW ssl");
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The folder its socket is in.
    pub fn socket(&self) -> &Path {
        self.folder.path()
    }

    /// A database of its own, empty, and its address as the owner.
    pub fn database(&self) -> Address {
        self.database_with("")
    }

    /// The same, made with this as well: its locale, say.
    pub fn database_with(&self, more: &str) -> Address {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("floor_{number}");
        self.sql("postgres", &format!("CREATE DATABASE {name} TEMPLATE template0 {more}"));
        self.address(&name, "owner")
    }

    /// The address of a database as a role.
    pub fn address(&self, database: &str, user: &str) -> Address {
        Address {
            host: self.socket().to_str().unwrap().to_owned(),
            port: self.port,
            database: database.to_owned(),
            user: user.to_owned(),
            password: None,
            ca_file: None,
            is_encrypted: false,
        }
    }

    /// Asks everybody but the owner for a password from now on.
    pub fn demand_passwords(&self) {
        let rules = "local all owner trust\nlocal all all scram-sha-256\n";
        self.write("pg_hba.conf", rules);
        self.control(&["reload"], None);
    }

    /// What the server wrote about itself.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// Takes the lock of `account` in a transaction that is never ended.
    pub fn hold_lock(&self, database: &str, role: &str, account: &str) -> Holder {
        let mut command = self.program("psql");
        command.args(["-X", "-A", "-t", "-q", "-U", role, "-d", database, "-h"]);
        let pipes = command.arg(self.socket()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut holder = Holder(pipes.spawn().unwrap());
        let held = format!(
            "BEGIN; SELECT won FROM rolodesk.bid('{account}', 'holder', 0, '', '', 60, 1);\n"
        );
        holder.0.stdin.as_mut().unwrap().write_all(held.as_bytes()).unwrap();
        let mut said = [0];
        holder.0.stdout.as_mut().unwrap().read_exact(&mut said).unwrap();
        assert_eq!(&said, b"t");
        holder
    }

    /// What a statement says as the owner: its rows, with `|` between the columns.
    pub fn sql(&self, database: &str, statement: &str) -> String {
        self.try_sql(database, "owner", statement)
            .unwrap_or_else(|why| panic!("{statement}: {why}"))
    }

    /// The same as anybody, or what the server says against it.
    pub fn try_sql(&self, database: &str, user: &str, statement: &str) -> Result<String, String> {
        let mut command = self.program("psql");
        command.args(["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-U", user, "-d", database]);
        command.args(["-p", &self.port.to_string()]);
        let said = command.arg("-h").arg(self.socket()).args(["-c", statement]).output().unwrap();
        if said.status.success() {
            return Ok(String::from_utf8(said.stdout).unwrap().trim().to_owned());
        }
        Err(String::from_utf8(said.stderr).unwrap())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let mut command = self.program("pg_ctl");
        command.arg("-D").arg(self.data()).args(["stop", "-m", "immediate", "-w"]);
        let _ = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}

/// A client that took the account's lock and says nothing more.
pub struct Holder(Child);

impl Drop for Holder {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
