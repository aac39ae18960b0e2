//! The agent's clipboard, over whatever lies between: OSC 52 reaches it through SSH, and
//! `tmux` is told besides, because as it comes it keeps that sequence to itself.
//! <https://invisible-island.net/xterm/ctlseqs/ctlseqs.html> (Ps = 52)

use std::{
    io::{self, Write},
    process::{Command, Stdio},
};

use crossterm::{Command as _, clipboard::CopyToClipboard};

/// Terminals refuse more than some kilobytes; ids and numbers are far shorter.
pub const LONGEST: usize = 4 * 1024;

/// What the terminal runs in, as its environment tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inside {
    /// Nothing, or something that lets sequences through.
    Nothing,
    /// tmux (TMUX is set).
    Tmux,
    /// GNU screen (STY is set).
    Screen,
}

/// Writes the sequence that puts `text` on the terminal's clipboard.
///
/// # Errors
/// When the terminal cannot be written to.
pub fn write(out: &mut impl Write, text: &str, inside: Inside) -> io::Result<()> {
    let mut sequence = String::new();
    CopyToClipboard::to_clipboard_from(text).write_ansi(&mut sequence).map_err(io::Error::other)?;
    match inside {
        Inside::Nothing | Inside::Tmux => out.write_all(sequence.as_bytes())?,
        // screen hands on what is wrapped into a device control string.
        Inside::Screen => write!(out, "\x1bP{sequence}\x1b\\")?,
    }
    out.flush()
}

/// Puts `text` into tmux's newest buffer, and by `-w` on the clipboard of the terminal
/// around it. May take as long as tmux does: not for the drawing thread. False when there
/// is no such tmux.
#[must_use]
pub fn tell_tmux(text: &str) -> bool {
    let started = Command::new("tmux")
        .args(["load-buffer", "-w", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut tmux) = started else { return false };
    // Closed when it is dropped, which is how tmux knows the end.
    let written = tmux.stdin.take().map(|mut pipe| pipe.write_all(text.as_bytes()));
    matches!(written, Some(Ok(()))) & tmux.wait().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(inside: Inside) -> String {
        let mut out = Vec::new();
        write(&mut out, "63c7", inside).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_text_goes_to_the_clipboard_in_base64() {
        assert_eq!(written(Inside::Nothing), "\x1b]52;c;NjNjNw==\x1b\\");
    }

    #[test]
    fn screen_gets_it_wrapped() {
        assert!(written(Inside::Screen).starts_with("\x1bP\x1b]52;c;"));
    }
}
