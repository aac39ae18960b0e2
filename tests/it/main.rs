//! Everything that needs a socket, a file, a process or a terminal.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    unreachable_pub,
    reason = "a test fails by panicking, and nothing here is a library"
)]

/// The client against a server that only repeats bytes.
mod api;
/// The arrows between the modules, read from their sources.
mod architecture;
/// What only root can try: other users' files, an administrator's file.
mod as_root;
/// The commands as a shell sees them: output, errors, exit codes.
mod cases;
/// The imports between the files, read from their sources: no circles.
mod circles;
mod cli;
/// A PostgreSQL of the tests' own.
mod cluster;
/// The delivery between a real store and the sandbox: faults, limits, arrays, crashes.
mod delivery;
/// `doctor` with each thing broken in turn.
mod doctor;
/// Duplicates acted on, contacts deleted, the directory read.
mod duplicates;
/// The platform asked about itself, under each of the sandbox's policies.
mod estate;
/// A store that the first release wrote, read by this one.
mod first_release;
/// The first start without a profile, in a pseudo-terminal.
mod first_run;
/// The floor's store on a real PostgreSQL.
mod floor;
/// The commands for scripts, against the sandbox.
mod headless;
/// Names from the platform that hold escape sequences.
mod hostile;
/// What a form that nobody uses costs, and what comes before its first picture.
mod idle;
/// `import` with files of every kind, against the sandbox and its faults.
mod import;
/// The built program, end to end, under a pseudo-terminal.
mod journeys;
/// A panic gives the terminal back.
mod panics;
/// `--plain`: the whole job in plain lines.
mod plain;
/// Secrets: in no output, log or file, and what becomes of keyrings that fail.
mod secrets;
/// `setup`, on a pipe and typed at a terminal.
mod setup;
/// The durable store on real files: restarts, several processes, clocks, damage.
mod shift;
mod store;
/// Whose rows these are: carried over, held, followed.
mod store_estate;
/// The file under the store: put back, moved away, copied, on another machine's disk.
mod store_file;
/// Rows that a floor has.
mod store_shared;
/// A store that fails while the program works with it.
mod store_trouble;
/// Servers that misbehave, and certificates that are wrong.
mod stub;
/// The pseudo-terminal the journeys run in.
mod terminal;
/// Secrets in answers, files of others, links, proxies, provisioning.
mod trust;
/// The terminal's life: ways out, sizes, colours, keys and mouse of the built program.
mod ways_out;
