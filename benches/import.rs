//! How fast 100,000 rows of a CSV file are judged and stored, and how much memory that
//! takes. How fast they are sent is the platform's limit, not ours.
//!
//!     cargo bench --bench import
//!
//! The store is asked from outside how far the import is: its first rows mark the end of
//! the judging, its last the end of the storing. Nothing listens on the platform's port.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints its figures and stops where it fails"
)]

use std::{
    fs::{self, File},
    io::{BufWriter, Write as _},
    path::Path,
    time::{Duration, Instant},
};

use rolodesk::{
    config::{Config, Environment, Overrides},
    connect::scope,
    delivery::clock,
    headless::import::{self, ImportRequest},
    store::Store,
};

const ROWS: u32 = 100_000;

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rows.csv");
    write_rows(&file);
    let size = fs::metadata(&file).unwrap().len();
    println!("{ROWS} rows, {} kB; {} kB in use before", size / 1024, peak_kb());
    let config = config(folder.path());
    let store = Store::open(&config.store_path(), scope(&config), clock::now()).await.unwrap();

    let begun = Instant::now();
    let request = ImportRequest { file: file.clone(), ..ImportRequest::default() };
    let own = config.clone();
    let import = tokio::spawn(async move { import::run(&own, request).await });
    until(&store, 1).await;
    let judged = begun.elapsed();
    let storing = Instant::now();
    until(&store, u64::from(ROWS)).await;
    let stored = storing.elapsed();
    import.abort();
    let peak = peak_kb();
    println!("judged  {:>8.0} rows a second", f64::from(ROWS) / judged.as_secs_f64());
    println!("stored  {:>8.0} rows a second", f64::from(ROWS) / stored.as_secs_f64());
    println!("memory  {peak:>8} kB at the most");

    let begun = Instant::now();
    let request = ImportRequest { file, dry_run: true, ..ImportRequest::default() };
    // Its rows are all known by now; each is a line that nobody here wants to read.
    let request = ImportRequest { report: Some(folder.path().join("report.csv")), ..request };
    import::run(&config, request).await.unwrap();
    let known = begun.elapsed();
    println!("judged, found to be known, reported: {:.1} s", known.as_secs_f64());
    println!("memory  {:>8} kB at the most", peak_kb());
}

/// Numbers of several countries, some national, and a column nobody needs.
fn write_rows(path: &Path) {
    let mut out = BufWriter::new(File::create(path).unwrap());
    writeln!(out, "Title,First,Surname,Mobile,Country,Note").unwrap();
    for n in 0..ROWS {
        let phone = match n % 4 {
            0 => format!("{},India", 9_800_000_000_u64 + u64::from(n)),
            1 => format!("+1 201 5{:06},", 50_000 + n),
            2 => format!("07400 {n:06},United Kingdom"),
            _ => format!("'+49 151 1{n:07},"),
        };
        writeln!(out, "Mr,\"Ada {n}\",Tester,{phone},\"asked to call back, later\"").unwrap();
    }
}

fn config(folder: &Path) -> Config {
    let variables = vec![
        ("ROLODESK_HOST", "http://127.0.0.1:9".to_owned()),
        ("ROLODESK_STREAM_ID", "st-1".to_owned()),
        ("ROLODESK_ACCOUNT_ID", "a-1".to_owned()),
        ("ROLODESK_CLIENT_ID", "cs-1".to_owned()),
        ("ROLODESK_CLIENT_SECRET", "a secret of at least thirty-two characters".to_owned()),
    ];
    Config::load(&Environment::only(variables, folder), &Overrides::default()).unwrap()
}

async fn until(store: &Store, rows: u64) {
    while store.counts().await.unwrap().all() < rows {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The most memory the process ever had (Linux, proc(5)); 0 elsewhere.
fn peak_kb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}
