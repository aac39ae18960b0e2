//! The results pane over a store of 100 rows and one of 1,000,000, side by side: the first
//! frame, and each key until the rows it asks for are drawn; and the memory of both.
//!
//!     cargo bench --bench results
//!
//! Each step is the model's update, the page from the store if one is asked for, and the
//! frame. Machines are noisy: compare the columns of one run.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints its figures and stops where it fails"
)]

use std::{
    path::Path,
    time::{Duration, Instant},
};

use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyModifiers};
use jiff::Timestamp;
use ratatui::{Terminal, backend::TestBackend};
use rolodesk::{
    contact::{Addressing, Contact, Extension, Name, Phone, Region, Salutation},
    delivery::clock,
    store::{DirectoryStorage, Estate, Limits, Scope, Store},
    submission::{Origin, Submission, SubmissionId, Update},
    tui::{
        App, Appearance, At, Confirm, Effect, Event, Floor, Notify, ReadBackStyle, Setup,
        keymap::Keymap,
        theme::{Depth, Themes},
    },
};

const SMALL: u32 = 100;
const LARGE: u32 = 1_000_000;

/// What an agent does, and the keys of it; the median time of a key is told.
const STEPS: &[(&str, &str, usize)] = &[
    ("first frame", "", 1),
    ("row down", "j", 50),
    ("page down", "\x0e", 200),
    ("to the oldest row and back", "Gg", 9),
    ("filter: duplicates", "31", 9),
    ("filter: attention, 3 rows", "41", 9),
    ("search: a name in every 50th row", "/weber\x1b", 3),
    ("search: the oldest row's number", "/15110000000\x1b", 3),
    ("search: nobody", "/zzyzx\x1b", 3),
    ("search: a letter that nobody has", "/j\x1b", 9),
    ("search: digits that no number has", "/9999999\x1b", 3),
];

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let (small, few_due) = filled(&folder.path().join("small.db"), SMALL).await;
    let started = Instant::now();
    let (large, many_due) = filled(&folder.path().join("large.db"), LARGE).await;
    println!("{LARGE} rows stored in {:.0} s", started.elapsed().as_secs_f64());
    println!("what is due, of {SMALL} and of {LARGE} queued: {few_due:?}, {many_due:?}");
    let (few, few_kb) = run(&small).await;
    let (many, many_kb) = run(&large).await;
    println!("{:<34} {:>12} {:>12}", "a key until its rows are drawn", SMALL, LARGE);
    for ((name, few), (_, many)) in few.iter().zip(&many) {
        println!("{name:<34} {:>9.2} ms {:>9.2} ms", ms(*few), ms(*many));
    }
    println!("{:<34} {few_kb:>9} kB {many_kb:>9} kB", "memory it took");
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// The steps on one store: the median key of each, and by how much the process grew.
async fn run(store: &Store) -> (Vec<(&'static str, Duration)>, u64) {
    let before = resident_kb();
    let mut screen = Screen::new();
    let mut times = Vec::new();
    for (name, keys, times_each) in STEPS {
        let mut taken = Vec::new();
        if keys.is_empty() {
            taken.push(screen.event(store, Event::Delivery(Update::Reread)).await);
            screen.event(store, key('\x0f')).await;
        }
        for _ in 0..*times_each {
            for letter in keys.chars() {
                taken.push(screen.event(store, key(letter)).await);
            }
        }
        taken.sort_unstable();
        times.push((*name, taken[taken.len() / 2]));
    }
    (times, resident_kb().saturating_sub(before))
}

struct Screen {
    app: App,
    terminal: Terminal<TestBackend>,
}

impl Screen {
    fn new() -> Self {
        let app = App::new(Setup {
            profile: "bench".into(),
            host: "platform.kore.ai".into(),
            floor: Floor::default(),
            demo: None,
            addressing: Addressing::offering(vec![Salutation::parse("Mr").unwrap()]),
            region: Region::from_code("DE"),
            extension: "+".into(),
            confirm: Confirm::Off,
            look: Appearance {
                themes: Themes::new(Depth::True, true),
                keys: Keymap::default(),
                mouse: true,
                bell: false,
                mask_numbers: false,
                read_back: ReadBackStyle::Big,
                notify: Notify::Off,
            },
        });
        Self { app, terminal: Terminal::new(TestBackend::new(120, 40)).unwrap() }
    }

    async fn event(&mut self, store: &Store, event: Event) -> Duration {
        let started = Instant::now();
        let mut next = Some(event);
        while let Some(event) = next.take() {
            let at = At { now: Timestamp::now(), fresh: SubmissionId::fresh() };
            for effect in self.app.update(event, at) {
                if let Effect::Page(page) = effect {
                    let rows = store.page(&page).await.map_err(|error| error.to_string());
                    next = Some(Event::Page { page, rows });
                }
            }
            self.terminal.draw(|frame| self.app.view(frame)).unwrap();
        }
        started.elapsed()
    }
}

fn key(letter: char) -> Event {
    let (code, modifiers) = match letter {
        '\x0e' => (KeyCode::PageDown, KeyModifiers::NONE),
        '\x0f' => (KeyCode::F(6), KeyModifiers::NONE),
        '\x1b' => (KeyCode::Esc, KeyModifiers::NONE),
        letter => (KeyCode::Char(letter), KeyModifiers::NONE),
    };
    Event::Terminal(Input::Key(KeyEvent::new(code, modifiers)))
}

/// A store with so many rows: a hundredth are duplicates, three need someone.
async fn filled(path: &Path, rows: u32) -> (Store, Duration) {
    let scope = Scope {
        profile: "bench".into(),
        estate: Estate::new("https://platform.example", "a", "st"),
        limits: Limits::per_minute(60),
        directory: DirectoryStorage::OnDisk,
        agent: "ada".into(),
        machine: "desk".into(),
    };
    let store = Store::open(path, scope, clock::now()).await.unwrap();
    for start in (0..rows).step_by(10_000) {
        let part: Vec<_> = (start..rows.min(start + 10_000)).map(submission).collect();
        store.accept(&part, clock::now()).await.unwrap();
    }
    let looking = Instant::now();
    for _ in 0..100 {
        store.facts(clock::now()).await.unwrap();
    }
    let due = looking.elapsed() / 100;
    let other = rusqlite::Connection::open(path).unwrap();
    for settle in [
        "UPDATE outbox SET state = 'created', platform_id = id, settled_at = submitted_at",
        "UPDATE outbox SET state = 'duplicate', owners = '[]' WHERE e164 LIKE '%00'",
        "UPDATE outbox SET state = 'rejected', reason = 'salutation' WHERE id IN \
         (SELECT id FROM outbox WHERE e164 LIKE '%07' LIMIT 3)",
        "DELETE FROM tally",
        "INSERT INTO tally SELECT estate, state, origin, count(*) FROM outbox GROUP BY 1, 2, 3",
    ] {
        other.execute_batch(settle).unwrap();
    }
    drop(other);
    (store, due)
}

fn submission(n: u32) -> Submission {
    let last = if n.is_multiple_of(50) { "Weber" } else { "Nguyễn O'Brien" };
    let contact = Contact {
        salutation: Salutation::parse("Mr").unwrap(),
        first_name: Name::parse("Alex").unwrap(),
        last_name: Name::parse(last).unwrap(),
        phone: Phone::from_parts(Region::from_code("DE"), 49, &format!("1511{n:07}")).unwrap(),
        extension: Extension::parse("+").unwrap(),
    };
    let (id, submitted_at) = (SubmissionId::fresh(), Timestamp::now());
    Submission { id, contact, origin: Origin::Import, submitted_at, corrects: None }
}

fn resident_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
