//! Whether the terminal is dark or light, by asking it (OSC 11).
//!
//! An answer comes as if it were typed: crossterm makes keys of it, `Alt+]`, `1`, `1`, `;`
//! and so on. [`read`] knows it by that, also when it comes late over a slow line, so that
//! it never shows up as text in a field.

use std::io;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};

use crate::config::Environment;

/// An answer is not longer than `11;rgba:ffff/ffff/ffff/ffff`.
const LONGEST: usize = 40;
/// Terminals that answer, or pass the question by in silence. Others might show it.
const ANSWER: [&str; 14] = [
    "xterm",
    "tmux",
    "rxvt",
    "alacritty",
    "foot",
    "wezterm",
    "ghostty",
    "konsole",
    "kitty",
    "st-",
    "contour",
    "iterm",
    "mintty",
    "vte",
];

/// What the events so far are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Read {
    /// The beginning of an answer.
    More,
    /// An answer; whether the background is light, if it says so.
    Answer(Option<bool>),
    /// Something else.
    No,
}

/// Whether the terminal may be asked without it showing the question.
pub(super) fn may_ask(environment: &Environment) -> bool {
    let term = environment.get("TERM").unwrap_or_default();
    // Within tmux it is tmux that answers, whatever it calls itself.
    environment.get("TMUX").is_some() || ANSWER.iter().any(|known| term.starts_with(known))
}

/// What the events are, the first of which may begin an answer.
pub(super) fn read(events: &[io::Result<Event>]) -> Read {
    let mut text = String::new();
    let mut escaped = false;
    for (at, event) in events.iter().enumerate() {
        let Ok(Event::Key(KeyEvent { code, modifiers, .. })) = event else { return Read::No };
        let held = *modifiers - KeyModifiers::SHIFT;
        let alt = held == KeyModifiers::ALT;
        match code {
            KeyCode::Char(']') if at == 0 && alt => {}
            _ if at == 0 => return Read::No,
            KeyCode::Char('\\') if alt || escaped => return Read::Answer(is_light(&text)),
            KeyCode::Char('g') if held == KeyModifiers::CONTROL => {
                return Read::Answer(is_light(&text));
            }
            KeyCode::Esc if held.is_empty() => escaped = true,
            KeyCode::Char(letter) if held.is_empty() && !escaped => text.push(*letter),
            _ => return Read::No,
        }
    }
    if text.len() < LONGEST && is_beginning(&text) { Read::More } else { Read::No }
}

fn is_beginning(text: &str) -> bool {
    const START: &str = "11;";
    match text.strip_prefix(START) {
        None => START.starts_with(text),
        Some(rest) => rest.chars().all(|c| c.is_ascii_hexdigit() || "rgba:/#".contains(c)),
    }
}

/// "11;rgb:ffff/ffff/ffff", each with one to four digits.
fn is_light(text: &str) -> Option<bool> {
    let (kind, channels) = text.strip_prefix("11;")?.split_once(':')?;
    let channel = |digits: &str| {
        let most = 16_u32.checked_pow(u32::try_from(digits.len()).ok()?)?.checked_sub(1)?;
        let value = u32::from_str_radix(digits, 16).ok()?;
        (1..=4).contains(&digits.len()).then_some(value * 1000 / most.max(1))
    };
    let values: Vec<_> = channels.split('/').map(channel).collect::<Option<_>>()?;
    let [red, green, blue, ..] = values[..] else { return None };
    ["rgb", "rgba"].contains(&kind).then_some(red * 3 + green * 6 + blue > 5_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As crossterm reads the bytes.
    fn keys(text: &str) -> Vec<io::Result<Event>> {
        let mut events = Vec::new();
        let mut letters = text.chars();
        while let Some(letter) = letters.next() {
            let (code, modifiers) = match letter {
                '\x1b' => match letters.next() {
                    Some(next) => (KeyCode::Char(next), KeyModifiers::ALT),
                    None => (KeyCode::Esc, KeyModifiers::NONE),
                },
                '\x07' => (KeyCode::Char('g'), KeyModifiers::CONTROL),
                letter => (KeyCode::Char(letter), KeyModifiers::NONE),
            };
            events.push(Ok(Event::Key(KeyEvent::new(code, modifiers))));
        }
        events
    }

    #[test]
    fn an_answer_is_read_however_it_ends_and_however_many_digits_it_has() {
        for (text, light) in [
            ("\x1b]11;rgb:ffff/ffff/ffff\x07", true),
            ("\x1b]11;rgb:0000/0000/0000\x1b\\", false),
            ("\x1b]11;rgb:1d1d/2121/2727\x07", false),
            ("\x1b]11;rgb:fd/f6/e3\x07", true),
            ("\x1b]11;rgba:FFFF/FFFF/FFFF/FFFF\x07", true),
        ] {
            assert_eq!(read(&keys(text)), Read::Answer(Some(light)), "{text:?}");
            let events = keys(text);
            for end in 1..events.len() {
                assert_eq!(read(&events[..end]), Read::More, "{text:?} to {end}");
            }
        }
        let split = [keys("\x1b]11;rgb:ff/ff/ff"), keys("\x1b"), keys("\\")];
        assert_eq!(
            read(&split.into_iter().flatten().collect::<Vec<_>>()),
            Read::Answer(Some(true))
        );
        assert_eq!(read(&keys("\x1b]11;rgb:///\x07")), Read::Answer(None));
    }

    #[test]
    fn what_a_person_types_is_no_answer() {
        for text in ["]11;rgb", "\x1b]x", "\x1b]1x", "a", "\x1b[", "\x1b]11;zz"] {
            assert_eq!(read(&keys(text)), Read::No, "{text:?}");
        }
        let long = format!("\x1b]11;rgb:{}", "f".repeat(100));
        assert_eq!(read(&keys(&long)), Read::No);
    }

    #[test]
    fn only_terminals_that_know_the_question_are_asked() {
        let home = std::path::Path::new("/");
        let asks = |term: &str| may_ask(&Environment::only([("TERM", term)], home));
        assert!(asks("xterm-256color") && asks("tmux-256color") && asks("foot"));
        assert!(!asks("linux") && !asks("dumb") && !asks("screen") && !asks("vt220"));
        assert!(may_ask(&Environment::only([("TERM", "screen"), ("TMUX", "x")], home)));
    }
}
