//! What is made of the command line's description: the manual page and the completions.

use std::io::{self, Write as _};

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::Cli;

/// Where everything is, for the manual page.
const FILES: &str = "\
.SH FILES
.TP
\\fI~/.config/rolodesk/config.toml\\fR
The configuration; over it lie the environment and the flags.
.TP
\\fI/etc/rolodesk/config.toml\\fR
An administrator's, for the whole machine; the one above lies over it key by key.
.TP
\\fI~/.local/share/rolodesk/\\fR
The store: what was typed, and what became of it.
.TP
\\fI~/.local/state/rolodesk/rolodesk.log\\fR
The log, and beside it the reports of panics. Neither holds a customer's data.
.TP
\\fI~/.local/state/rolodesk/audit.jsonl\\fR
Who did what when, without names and numbers.
";

/// What the shell reads to complete our commands.
#[must_use]
pub fn completions(shell: Shell) -> Vec<u8> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "rolodesk", &mut text);
    text
}

/// One page with all commands in it: it names no other page that nobody installed.
///
/// # Errors
/// Never in memory; whoever writes the parts may fail.
pub fn manual() -> io::Result<Vec<u8>> {
    let mut whole = Cli::command();
    whole.build();
    let page = clap_mangen::Man::new(whole.clone());
    let mut text = Vec::new();
    page.render_title(&mut text)?;
    page.render_name_section(&mut text)?;
    page.render_synopsis_section(&mut text)?;
    page.render_description_section(&mut text)?;
    page.render_options_section(&mut text)?;
    for command in whole.get_subcommands().filter(|it| it.get_name() != "help") {
        writeln!(text, ".SH \"ROLODESK {}\"", command.get_name().to_uppercase())?;
        let mut part = Vec::new();
        let shown = command.clone().mut_args(|arg| {
            let everywhere = arg.is_global_set();
            arg.hide(everywhere)
        });
        let own = clap_mangen::Man::new(shown);
        own.render_description_section(&mut part)?;
        own.render_synopsis_section(&mut part)?;
        own.render_options_section(&mut part)?;
        own.render_extra_section(&mut part)?;
        let part = String::from_utf8_lossy(&part).replace("\n.SH EXTRA", "\n.SH EXAMPLES");
        text.extend(part.replace("\n.SH", "\n.SS").bytes());
    }
    text.extend(FILES.bytes());
    let mut end = Vec::new();
    page.render_extra_section(&mut end)?;
    text.extend(String::from_utf8_lossy(&end).replace("\n.SH EXTRA", "\n.SH NOTES").bytes());
    page.render_version_section(&mut text)?;
    Ok(text)
}
