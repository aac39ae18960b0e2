//! The whole program under a pseudo-terminal beside a floor: an empty form of the same
//! libraries, which is this very file. First frame, processor, memory, keys and idling, as
//! ratios of one run, because machines differ and a busy one is slower for both.
//!
//!     cargo bench --bench whole            (about a minute; Linux)
//!
//! `processor` is what the scheduler counted until nothing moved any more; `a key` is from
//! the write to the terminal until the screen shows the letter.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::type_complexity,
    reason = "a benchmark prints its figures and stops where it fails"
)]

use std::{
    env, fs,
    io::{Read as _, Write},
    path::Path,
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

use crossterm::event::{self, Event, KeyCode};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use ratatui::widgets::{Block, Paragraph};

const FLOOR: &str = "ROLODESK_BENCH_FLOOR";
const ROUNDS: usize = 15;
const IDLE: Duration = Duration::from_secs(5);
const KEYS: &str = "abcdefghijklmnopqrstuvwxy";
const SIZE: PtySize = PtySize { rows: 40, cols: 120, pixel_width: 0, pixel_height: 0 };
/// Nothing moved for this long.
const SETTLED: Duration = Duration::from_millis(400);

fn main() {
    if env::var_os(FLOOR).is_some() {
        return floor();
    }
    let floor = env::current_exe().unwrap();
    let programs = [floor.as_path(), Path::new(env!("CARGO_BIN_EXE_rolodesk"))];
    let mut rounds = [Vec::new(), Vec::new()];
    for round in 0..ROUNDS {
        for (program, figures) in programs.iter().zip(&mut rounds) {
            figures.push(measure(program, round == 0));
        }
    }
    println!("{:<28}{:>12}{:>12}{:>9}", "", "floor", "rolodesk", "ratio");
    let rows: [(&str, fn(&Figures) -> f64); 9] = [
        ("first frame, ms", |it| it.first_frame.as_secs_f64() * 1e3),
        ("processor until settled, ms", |it| it.processor.as_secs_f64() * 1e3),
        ("a key, ms", |it| it.key.as_secs_f64() * 1e3),
        ("processor a key, ms", |it| it.processor_a_key.as_secs_f64() * 1e3),
        ("bytes a key", |it| it.bytes_a_key),
        ("own memory, kB", |it| it.anonymous),
        ("memory, kB", |it| it.resident),
        ("threads", |it| it.threads),
        ("idle 5 s, wake-ups + bytes", |it| it.idle),
    ];
    for (name, figure) in rows {
        let [floor, ours] = rounds.each_ref().map(|all| median(all.iter().map(figure)));
        let ratio = if floor > 0.0 { format!("x{:.2}", ours / floor) } else { String::new() };
        println!("{name:<28}{floor:>12.2}{ours:>12.2}{ratio:>9}");
    }
    added();
}

/// What `add --json` costs in all, against a platform that is not there.
fn added() {
    let home = tempfile::tempdir().unwrap();
    let spent = || {
        let usage = fs::read_to_string("/proc/self/stat").unwrap();
        let fields: Vec<_> = usage.rsplit(')').next().unwrap().split_whitespace().collect();
        // Of children that were waited for: user and system time, in ticks of 10 ms.
        fields[13].parse::<f64>().unwrap() + fields[14].parse::<f64>().unwrap()
    };
    let (before, runs) = (spent(), 40);
    for number in 0..runs {
        let phone = format!("+91987654{:04}", 3210 + number);
        let fields = ["--first-name", "Ada", "--last-name", "Tester", "--phone", &phone];
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_rolodesk"));
        command.args(["add", "--json", "--wait", "0"]).args(fields).env_clear();
        command.envs(variables(home.path())).output().unwrap();
    }
    println!("add --json: {:.1} ms of processor time", (spent() - before) * 10.0 / f64::from(runs));
}

/// What one run of a program cost.
struct Figures {
    first_frame: Duration,
    processor: Duration,
    key: Duration,
    processor_a_key: Duration,
    bytes_a_key: f64,
    anonymous: f64,
    resident: f64,
    threads: f64,
    idle: f64,
}

fn measure(program: &Path, idles: bool) -> Figures {
    let home = tempfile::tempdir().unwrap();
    let begun = Instant::now();
    let mut run = Run::start(program, home.path());
    let first_frame = run.until("First name") - begun;
    run.settles();
    let processor = run.processor();
    run.writer.write_all(b"\t").unwrap();
    run.settles();
    let (resting, typed) = (run.processor(), run.typed());
    let mut keys = Vec::new();
    for end in 1..=KEYS.len() {
        // At another moment of whatever ticks each time.
        run.read_for(Duration::from_millis(7 + end as u64 * 3 % 11));
        let begun = Instant::now();
        run.writer.write_all(&KEYS.as_bytes()[end - 1..end]).unwrap();
        keys.push((run.until(&KEYS[..end]) - begun).as_secs_f64());
    }
    run.settles();
    let count = u32::try_from(KEYS.len()).unwrap();
    let status = run.status();
    let idle = if idles { run.idle() } else { 0 };
    Figures {
        first_frame,
        processor,
        key: Duration::from_secs_f64(median(keys)),
        processor_a_key: run.processor().checked_sub(resting).unwrap() / count,
        bytes_a_key: (run.typed() - typed) as f64 / f64::from(count),
        anonymous: field(&status, "RssAnon"),
        resident: field(&status, "VmRSS"),
        threads: field(&status, "Threads"),
        idle: idle as f64,
    }
}

/// A program in its terminal.
struct Run {
    child: Box<dyn Child + Send + Sync>,
    _master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    output: Receiver<(Instant, Vec<u8>)>,
    screen: vt100::Parser,
    bytes: usize,
}

impl Run {
    fn start(program: &Path, home: &Path) -> Self {
        let pair = native_pty_system().openpty(SIZE).unwrap();
        let mut command = CommandBuilder::new(program);
        command.env_clear();
        for (name, value) in variables(home) {
            command.env(name, value);
        }
        command.env(FLOOR, "1");
        let child = pair.slave.spawn_command(command).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (sends, output) = mpsc::channel();
        thread::spawn(move || {
            let mut piece = [0; 16_384];
            while let Ok(count @ 1..) = reader.read(&mut piece) {
                if sends.send((Instant::now(), piece[..count].to_vec())).is_err() {
                    return;
                }
            }
        });
        let (rows, columns) = (SIZE.rows.try_into().unwrap(), SIZE.cols.try_into().unwrap());
        let screen = vt100::Parser::new(rows, columns, 0);
        let writer = pair.master.take_writer().unwrap();
        Self { child, _master: pair.master, writer, output, screen, bytes: 0 }
    }

    fn typed(&self) -> usize {
        self.bytes
    }

    fn take(&mut self, wait: Duration) -> Option<Instant> {
        let (at, piece) = self.output.recv_timeout(wait).ok()?;
        self.bytes += piece.len();
        self.screen.process(&piece);
        Some(at)
    }

    /// When the piece arrived that made the screen hold `text`.
    fn until(&mut self, text: &str) -> Instant {
        loop {
            let at = self.take(Duration::from_secs(10)).expect("the program shows something");
            if self.screen.screen().contents().contains(text) {
                return at;
            }
        }
    }

    fn read_for(&mut self, time: Duration) {
        let end = Instant::now() + time;
        while let Some(left) = end.checked_duration_since(Instant::now()) {
            self.take(left);
        }
    }

    fn settles(&mut self) {
        while self.take(SETTLED).is_some() {}
    }

    fn tasks(&self) -> Vec<std::path::PathBuf> {
        let pid = self.child.process_id().unwrap();
        let tasks = fs::read_dir(format!("/proc/{pid}/task")).unwrap();
        tasks.map(|task| task.unwrap().path()).collect()
    }

    /// Time on a processor by all threads that live (`proc_pid_schedstat(5)`).
    fn processor(&self) -> Duration {
        let spent = |task: &std::path::PathBuf| {
            let text = fs::read_to_string(task.join("schedstat")).unwrap_or_default();
            text.split(' ').next().and_then(|it| it.parse().ok()).unwrap_or(0)
        };
        Duration::from_nanos(self.tasks().iter().map(spent).sum())
    }

    fn status(&self) -> String {
        fs::read_to_string(format!("/proc/{}/status", self.child.process_id().unwrap())).unwrap()
    }

    /// Wake-ups and bytes while nobody does anything.
    fn idle(&mut self) -> usize {
        let woken = |run: &Self| {
            let of = |task: &std::path::PathBuf| {
                let status = fs::read_to_string(task.join("status")).unwrap_or_default();
                field(&status, "voluntary_ctxt_switches") as usize
            };
            run.tasks().iter().map(of).sum::<usize>()
        };
        let before = woken(self) + self.bytes;
        self.read_for(IDLE);
        woken(self) + self.bytes - before
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn variables(home: &Path) -> Vec<(&'static str, String)> {
    let secret = "for-benchmarks-only-0123456789abcdef";
    [
        ("HOME", home.to_str().unwrap()),
        ("TERM", "xterm-256color"),
        ("LANG", "C.UTF-8"),
        ("ROLODESK_HOST", "http://127.0.0.1:9"),
        ("ROLODESK_STREAM_ID", "st-x"),
        ("ROLODESK_ACCOUNT_ID", "a"),
        ("ROLODESK_CLIENT_ID", "c"),
        ("ROLODESK_CLIENT_SECRET", secret),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into()
}

/// The number behind a name in a file of /proc.
fn field(status: &str, name: &str) -> f64 {
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0.0)
}

fn median(figures: impl IntoIterator<Item = f64>) -> f64 {
    let mut all: Vec<_> = figures.into_iter().collect();
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

/// An empty form: what the libraries cost by themselves.
fn floor() {
    let mut terminal = ratatui::init();
    let mut text = String::new();
    loop {
        terminal
            .draw(|frame| {
                let form = Paragraph::new(format!("First name  {text}"));
                frame.render_widget(form.block(Block::bordered()), frame.area());
            })
            .unwrap();
        match event::read().unwrap() {
            Event::Key(key) if key.code == KeyCode::Esc => break,
            Event::Key(key) => text.extend(key.code.as_char().filter(|c| !c.is_control())),
            _ => {}
        }
    }
    ratatui::restore();
}
