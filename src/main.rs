//! Parse the arguments, run what they ask for, turn the outcome into an exit code.

use std::{
    io::{self, Write as _},
    panic,
    process::ExitCode,
};

use rolodesk::{
    cli::Cli,
    config::{ConfigError, secret::SecretError},
    contact::text::safe,
    dispatch,
    exit::Exit,
    masking::tokens_masked,
    private,
};

fn main() -> ExitCode {
    private::process::keep_to_itself();
    let cli = match Cli::of_process() {
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
    match dispatch::run(cli) {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let wrongly_set_up = error.is::<ConfigError>() || error.is::<SecretError>();
            let exit = if wrongly_set_up { Exit::Usage } else { Exit::Failed };
            // With standard error closed as well there is nobody to tell.
            let full =
                if is_unwritten(&error) { "standard output cannot be written: " } else { "" };
            let words = tokens_masked(&safe(&format!("{full}{error:#}")));
            let _ = writeln!(io::stderr(), "rolodesk: {words}");
            ExitCode::from(exit.code())
        }
    }
}

/// A device without room, where nobody said more of it: files are named, output is not.
fn is_unwritten(error: &anyhow::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    let outermost = error.chain().next().and_then(|it| it.downcast_ref::<io::Error>());
    outermost.is_some_and(|error| {
        error.raw_os_error().is_some()
            && matches!(error.kind(), StorageFull | FileTooLarge | QuotaExceeded)
    })
}

/// Whoever read our output has seen enough.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
