//! The built program under a pseudo-terminal: what it shows, what it is typed, how it
//! dies. Waits for text with a deadline; on failure the last screen is shown.

use std::{
    io::{Read as _, Write as _},
    num::NonZeroU16,
    path::Path,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use rustix::termios::{LocalModes, tcgetattr};

/// How long anything may take before a test gives up.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub const ENTER: &str = "\r";
pub const TAB: &str = "\t";
pub const CTRL_C: &str = "\x03";
pub const CTRL_Q: &str = "\x11";
pub const CTRL_S: &str = "\x13";

/// One run of the program.
pub struct Session {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn std::io::Write + Send>,
    seen: Arc<Mutex<Seen>>,
}

struct Seen {
    parser: vt100::Parser,
    raw: Vec<u8>,
}

/// The program's terminal, seen from beside it.
pub struct Tty(std::fs::File);

impl Tty {
    /// Waits until the terminal shows what is typed, or no longer does.
    #[track_caller]
    pub fn waits_for_echo(&self, shown: bool) {
        let deadline = Instant::now() + PATIENCE;
        let modes = || tcgetattr(&self.0).expect("a terminal").local_modes;
        while modes().contains(LocalModes::ECHO) != shown {
            assert!(Instant::now() < deadline, "what is typed is shown: {}", !shown);
            thread::park_timeout(Duration::from_millis(10));
        }
    }
}

/// How a session is started.
pub struct Start<'a> {
    program: &'a Path,
    args: Vec<&'a str>,
    env: Vec<(String, String)>,
    home: &'a Path,
    size: (u16, u16),
}

impl<'a> Start<'a> {
    /// With an empty environment but for HOME, TERM and PATH.
    pub fn new(home: &'a Path, args: &[&'a str]) -> Self {
        Self::program(Path::new(env!("CARGO_BIN_EXE_rolodesk")), home, args)
    }

    /// Another program than the built one.
    pub fn program(program: &'a Path, home: &'a Path, args: &[&'a str]) -> Self {
        Self { program, args: args.to_vec(), env: Vec::new(), home, size: (32, 120) }
    }

    pub fn env(mut self, env: impl IntoIterator<Item = (String, String)>) -> Self {
        self.env.extend(env);
        self
    }

    /// Columns by rows, as people say it.
    pub fn size(mut self, columns: u16, rows: u16) -> Self {
        self.size = (rows, columns);
        self
    }

    pub fn run(self) -> Session {
        let (rows, cols) = self.size;
        let size = PtySize { rows, cols, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(self.program);
        command.args(&self.args);
        command.env_clear();
        command.env("HOME", self.home);
        command.env("PATH", std::env::var("PATH").unwrap_or_default());
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.env("TZ", "UTC");
        command.cwd(self.home);
        for (name, value) in &self.env {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).expect("the built program");
        let seen = Arc::new(Mutex::new(Seen {
            parser: vt100::Parser::new(cells(rows), cells(cols), 0),
            raw: vec![],
        }));
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let sink = Arc::clone(&seen);
        thread::spawn(move || {
            let mut buffer = [0; 8192];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                let mut seen = sink.lock().unwrap();
                seen.parser.process(&buffer[..count]);
                seen.raw.extend_from_slice(&buffer[..count]);
            }
        });
        let writer = pair.master.take_writer().expect("a writer");
        Session { child, master: pair.master, writer, seen }
    }
}

impl Session {
    pub fn screen(&self) -> String {
        self.seen.lock().unwrap().parser.screen().contents()
    }

    /// Everything the program ever wrote.
    pub fn raw(&self) -> Vec<u8> {
        self.seen.lock().unwrap().raw.clone()
    }

    pub fn cursor(&self) -> (u16, u16) {
        self.seen.lock().unwrap().parser.screen().cursor_position()
    }

    /// The cell at a row and column: its text, colours and attributes.
    pub fn cell(&self, row: u16, column: u16) -> vt100::Cell {
        let seen = self.seen.lock().unwrap();
        seen.parser.screen().cell(row, column).expect("a cell").clone()
    }

    /// The row and column at which the text first stands.
    #[track_caller]
    pub fn place_of(&self, text: &str) -> (u16, u16) {
        let seen = self.seen.lock().unwrap();
        let screen = seen.parser.screen();
        let (_, width) = screen.size();
        for (row, line) in (0..).zip(screen.rows(0, width.get())) {
            if let Some(at) = line.find(text) {
                // Boxes and letters here are one cell wide.
                let column = line[..at].chars().count();
                return (row, u16::try_from(column).expect("a column"));
            }
        }
        panic!("no {text:?} in\n{}", screen.contents());
    }

    /// A press and release of the left button, as terminals send it in SGR coordinates.
    pub fn click(&mut self, row: u16, column: u16) -> &mut Self {
        let at = format!("{};{}", column + 1, row + 1);
        self.keys(&format!("\x1b[<0;{at}M\x1b[<0;{at}m"))
    }

    pub fn is_on_alternate_screen(&self) -> bool {
        self.seen.lock().unwrap().parser.screen().alternate_screen()
    }

    /// Waits until the last of the output is read: the main screen, with its cursor.
    #[track_caller]
    pub fn gives_the_terminal_back(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        let left = |seen: &Seen| {
            let screen = seen.parser.screen();
            !screen.alternate_screen() && !screen.hide_cursor()
        };
        while !left(&self.seen.lock().unwrap()) {
            assert!(Instant::now() < deadline, "the terminal stays taken:\n{}", self.screen());
            thread::park_timeout(Duration::from_millis(10));
        }
    }

    pub fn keys(&mut self, keys: &str) -> &mut Self {
        self.writer.write_all(keys.as_bytes()).expect("the program reads");
        self.writer.flush().expect("the program reads");
        self
    }

    /// A paste as terminals with bracketed paste send it.
    pub fn paste(&mut self, text: &str) -> &mut Self {
        self.keys(&format!("\x1b[200~{text}\x1b[201~"))
    }

    pub fn resize(&mut self, columns: u16, rows: u16) {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.seen.lock().unwrap().parser.screen_mut().set_size(cells(rows), cells(columns));
        self.master.resize(size).expect("resizes");
    }

    /// Waits until the screen holds `text`.
    #[track_caller]
    pub fn sees(&mut self, text: &str) -> &mut Self {
        self.wait_until(&format!("{text:?} on the screen"), |screen| screen.contains(text))
    }

    /// Waits until one line of the screen holds all of `parts`.
    #[track_caller]
    pub fn sees_line(&mut self, parts: &[&str]) -> &mut Self {
        self.wait_until(&format!("a line with {parts:?}"), |screen| {
            screen.lines().any(|line| parts.iter().all(|part| line.contains(part)))
        })
    }

    #[track_caller]
    pub fn wait_until(&mut self, what: &str, holds: impl Fn(&str) -> bool) -> &mut Self {
        let deadline = Instant::now() + PATIENCE;
        while !holds(&self.screen()) {
            assert!(Instant::now() < deadline, "no {what} in\n{}", self.screen());
            thread::yield_now();
            thread::park_timeout(Duration::from_millis(10));
        }
        self
    }

    /// The terminal itself, which keeps its modes after the program's end while this lives.
    pub fn tty(&self) -> Tty {
        let name = self.master.tty_name().expect("a name");
        Tty(std::fs::OpenOptions::new().read(true).write(true).open(name).expect("a terminal"))
    }

    pub fn pid(&self) -> u32 {
        self.child.process_id().expect("a running program")
    }

    /// Waits until the program is stopped, as the shell's suspend key does it.
    #[track_caller]
    pub fn wait_until_stopped(&mut self) {
        let stat = format!("/proc/{}/stat", self.pid());
        self.wait_until("a stopped program", |_| {
            let text = std::fs::read_to_string(&stat).unwrap_or_default();
            text.rsplit(')').next().is_some_and(|state| state.trim_start().starts_with('T'))
        });
    }

    /// Sends a signal by its name: "TERM", "HUP", "KILL".
    pub fn signal(&mut self, name: &str) {
        kill(name, &self.pid().to_string());
    }

    /// Sends a signal to the program and whatever it started, as a shell's `fg` does.
    pub fn signal_all(&mut self, name: &str) {
        kill(name, &format!("-{}", self.pid()));
    }

    /// Waits for the program's end.
    #[track_caller]
    pub fn ends(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status;
            }
            assert!(Instant::now() < deadline, "still running with\n{}", self.screen());
            thread::park_timeout(Duration::from_millis(10));
        }
    }
}

/// Sends a signal to a process, or to a group of them by its negative number.
pub fn kill(name: &str, target: &str) {
    let status = std::process::Command::new("kill")
        .args([&format!("-{name}"), "--", target])
        .status()
        .expect("kill runs");
    assert!(status.success(), "kill -{name} failed");
}

/// The emulator has at least one cell; the program may be told that there are none.
fn cells(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).unwrap_or(NonZeroU16::MIN)
}

/// User and system time of a process, in ticks of 10 ms (`proc_pid_stat(5)`); `None` once
/// it has ended.
pub fn processor_ticks(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<_> = stat.rsplit(')').next()?.split_whitespace().collect();
    let runs = fields.first().is_some_and(|state| *state != "Z");
    runs.then(|| Some(fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?))?
}

/// How often all threads of a process went to sleep by themselves (`proc_pid_status(5)`).
pub fn voluntary_switches(pid: u32) -> u64 {
    threads(pid)
        .iter()
        .map(|thread| {
            let status = std::fs::read_to_string(thread.join("status")).unwrap_or_default();
            let line = status.lines().find_map(|it| it.strip_prefix("voluntary_ctxt_switches:"));
            line.and_then(|count| count.trim().parse::<u64>().ok()).expect("a count")
        })
        .sum()
}

/// The folder of each thread of a process.
pub fn threads(pid: u32) -> Vec<std::path::PathBuf> {
    let folder = std::fs::read_dir(format!("/proc/{pid}/task")).expect("a running program");
    folder.map(|entry| entry.expect("a thread").path()).collect()
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
