//! What is drawn on its way to the terminal: a frame at a time, and the sixteen colours in
//! the codes that terminals with no more than these know. crossterm writes them as the
//! first of 256 (`38;5;1`), which an older terminal reads as "blink".

use std::{
    cell::Cell,
    io::{self, Stdout, Write},
    mem,
    rc::Rc,
};

use super::known::Known;

/// Whether a frame is being drawn: the library flushes three times on the way, and each
/// would be a write of its own.
pub(super) type Drawing = Rc<Cell<bool>>;

/// Standard output, written when a frame is whole.
#[derive(Debug)]
pub(super) struct Ink<W: Write = Stdout> {
    out: W,
    held: Vec<u8>,
    drawing: Drawing,
    known: Known,
}

impl<W: Write> Ink<W> {
    pub(super) fn new(out: W, drawing: Drawing) -> Self {
        Self { out, held: Vec::new(), drawing, known: Known::default() }
    }
}

impl<W: Write> Write for Ink<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.drawing.get() || self.held.is_empty() {
            return Ok(());
        }
        let frame = self.known.less(&rewritten(&mem::take(&mut self.held)));
        self.out.write_all(&frame)?;
        self.out.flush()
    }
}

/// The bytes with each `ESC [ … m` in the older codes where there are such.
fn rewritten(bytes: &[u8]) -> Vec<u8> {
    const START: &[u8] = b"\x1b[";
    let mut result = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest.windows(START.len()).position(|it| it == START) {
        let (before, from) = rest.split_at(at);
        result.extend_from_slice(before);
        let codes = &from[START.len()..];
        let length = codes.iter().take_while(|it| it.is_ascii_digit() || **it == b';').count();
        let (codes, after) = codes.split_at(length);
        let (Some(b'm'), Ok(codes)) = (after.first(), str::from_utf8(codes)) else {
            result.extend_from_slice(START);
            rest = &from[START.len()..];
            continue;
        };
        // Nothing left would mean "reset everything".
        if let Some(codes) = older(codes) {
            result.extend_from_slice(START);
            result.extend_from_slice(codes.as_bytes());
            result.push(b'm');
        }
        rest = &after[1..];
    }
    result.extend_from_slice(rest);
    result
}

/// The codes of one sequence; `None` when the terminal need not be told anything.
fn older(codes: &str) -> Option<String> {
    let parts: Vec<_> = codes.split(';').collect();
    let mut kept = Vec::new();
    let mut rest = parts.as_slice();
    while let [code, after @ ..] = rest {
        rest = after;
        match (*code, after) {
            ("38" | "48", ["5", index, after @ ..]) => {
                let base = if *code == "38" { 30 } else { 40 };
                kept.push(match index.parse::<u8>() {
                    Ok(index @ 0..8) => (base + index).to_string(),
                    Ok(index @ 8..16) => (base + 52 + index).to_string(),
                    _ => format!("{code};5;{index}"),
                });
                rest = after;
            }
            ("38" | "48", ["2", r, g, b, after @ ..]) => {
                kept.push(format!("{code};2;{r};{g};{b}"));
                rest = after;
            }
            // The colour of an underline is never set, so it need not be undone.
            ("59", _) => {}
            (code, _) => kept.push(code.to_owned()),
        }
    }
    (!kept.is_empty()).then(|| kept.join(";"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        String::from_utf8(rewritten(text.as_bytes())).unwrap()
    }

    #[test]
    fn the_sixteen_are_written_in_their_own_codes() {
        assert_eq!(told("\x1b[38;5;1mx\x1b[48;5;15my"), "\x1b[31mx\x1b[107my");
        assert_eq!(told("\x1b[38;5;14;48;5;0m"), "\x1b[96;40m");
        assert_eq!(told("\x1b[38;5;8m"), "\x1b[90m");
    }

    #[test]
    fn a_frame_is_written_whole() {
        let (mut out, drawing) = (Vec::new(), Drawing::default());
        let mut ink = Ink::new(&mut out, Rc::clone(&drawing));
        drawing.set(true);
        for part in ["a", "b"] {
            ink.write_all(part.as_bytes()).unwrap();
            ink.flush().unwrap();
        }
        assert!(ink.out.is_empty(), "it is not whole yet");
        drawing.set(false);
        ink.flush().unwrap();
        assert_eq!(out, b"ab");
    }

    #[test]
    fn everything_else_stays_as_it_is() {
        for text in [
            "\x1b[38;5;208m",
            "\x1b[38;2;5;1;2m",
            "\x1b[38;2;38;5;1;48;5;208m",
            "\x1b[0m",
            "\x1b[39;49m",
            "\x1b[1m山田\x1b[2J\x1b[12;5H",
            "\x1b[?25h",
            "\x1b[38;5;",
            "\x1b[",
            "38;5;1m",
        ] {
            assert_eq!(told(text), text);
        }
        assert_eq!(told("\x1b[m"), "\x1b[m");
        assert_eq!(told("a\x1b[59mb"), "ab");
    }
}
