//! `rolodesk keys`: what this terminal sends for each key that is pressed, and what that
//! does where. For the key that "does not work": a terminal or multiplexer that keeps it
//! for itself sends nothing, and that is seen here.

use std::io::{self, Write as _};

use anyhow::{Context as _, Result};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::{keyboard, watchdog};
use crate::{
    exit::Exit,
    tui::{
        self, Appearance,
        keymap::{self, KeyContext, Keymap},
        terminal::RawLine,
    },
};

/// Tells each key until Ctrl+C, or Esc twice.
///
/// # Errors
/// When the terminal cannot be taken, read or written.
pub async fn tell_keys(look: &Appearance) -> Result<Exit> {
    let mut asked_to_leave = watchdog::listen()?;
    let mut out = io::stdout();
    writeln!(out, "Press keys to see what arrives for each; Ctrl+C, or Esc twice, ends.")?;
    let line = RawLine::take().context("cannot take over the terminal")?;
    let mut keys = keyboard::read(keyboard::Terminal::default());
    let mut escapes = 0;
    let exit = loop {
        let event = tokio::select! {
            biased;
            Some(asked) = asked_to_leave.recv() => break asked.exit(),
            event = keys.recv() => event.transpose().context("the terminal cannot be read")?,
        };
        let Some(event) = event else { break Exit::Failed };
        let tui::Event::Terminal(event) = event else { continue };
        for told in told(&look.keys, &event) {
            // Raw mode: nobody turns a line feed into a new line.
            write!(out, "{told}\r\n")?;
        }
        out.flush()?;
        escapes = if is(&event, KeyCode::Esc, KeyModifiers::NONE) { escapes + 1 } else { 0 };
        if escapes == 2 || is(&event, KeyCode::Char('c'), KeyModifiers::CONTROL) {
            break Exit::Done;
        }
    };
    drop(line);
    Ok(exit)
}

fn is(event: &Event, wanted: KeyCode, with: KeyModifiers) -> bool {
    matches!(event, Event::Key(KeyEvent { code, modifiers, kind: KeyEventKind::Press, .. })
        if *code == wanted && *modifiers == with)
}

/// The lines that tell an event; none for what is no key.
fn told(keymap: &Keymap, event: &Event) -> Vec<String> {
    match event {
        Event::Key(key) => told_key(keymap, *key),
        Event::Paste(text) => {
            vec![format!("a paste of {} characters, marked as one", text.chars().count())]
        }
        Event::Resize(columns, rows) => vec![format!("a new size: {columns}x{rows}")],
        Event::Mouse(_) | Event::FocusGained | Event::FocusLost => Vec::new(),
    }
}

fn told_key(keymap: &Keymap, key: KeyEvent) -> Vec<String> {
    let name = keymap::name(key);
    let how = match key.kind {
        KeyEventKind::Press => "",
        KeyEventKind::Repeat => " (repeated)",
        KeyEventKind::Release => " (released; does nothing)",
    };
    let sent = sent(key).filter(|sent| *sent != name);
    let sent = sent.map(|sent| format!(" (sent as {sent})")).unwrap_or_default();
    let mut lines = vec![format!("{name}{sent}{how}")];
    let places = keymap::places(keymap, key);
    let told =
        |place: &KeyContext| format!("    {}: {} ({})", place.heading, place.means, place.name);
    lines.extend(places.iter().map(told));
    let types = keymap::typed(key).map(|letter| format!("types {letter}"));
    let otherwise = types.or_else(|| places.is_empty().then(|| "does nothing".into()));
    lines.extend(otherwise.map(|otherwise| format!("    where text is typed: {otherwise}")));
    lines
}

/// The key as it came, before one name was made of its several spellings; `None` where
/// that says nothing more.
fn sent(key: KeyEvent) -> Option<String> {
    let words = [
        (KeyModifiers::CONTROL, "Ctrl+"),
        (KeyModifiers::ALT, "Alt+"),
        (KeyModifiers::SHIFT, "Shift+"),
        (KeyModifiers::SUPER, "Super+"),
    ];
    let held = words.iter().filter(|(flag, _)| key.modifiers.contains(*flag));
    let mut name: String = held.map(|(_, word)| *word).collect();
    match key.code {
        // Shift is in the letter already.
        KeyCode::Char(_) if (key.modifiers - KeyModifiers::SHIFT).is_empty() => return None,
        KeyCode::BackTab | KeyCode::Esc | KeyCode::Char(' ') => return None,
        KeyCode::Char(letter) => name.extend(letter.to_uppercase()),
        code => name.push_str(&code.to_string()),
    }
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told_of(code: KeyCode, modifiers: KeyModifiers) -> String {
        told_key(&Keymap::default(), KeyEvent::new(code, modifiers)).join("\n")
    }

    #[test]
    fn a_key_is_told_with_what_it_does_in_each_place() {
        let told = told_of(KeyCode::Char('r'), KeyModifiers::NONE);
        assert!(told.starts_with("r\n"), "{told}");
        assert!(told.contains("Results: try again now (results.retry)"), "{told}");
        assert!(told.contains("where text is typed: types r"), "{told}");
    }

    #[test]
    fn a_key_that_arrives_as_another_is_told_as_both() {
        let told = told_of(KeyCode::Char('m'), KeyModifiers::CONTROL);
        assert!(told.starts_with("Enter (sent as Ctrl+M)"), "{told}");
        let told = told_of(KeyCode::Char('@'), KeyModifiers::CONTROL | KeyModifiers::ALT);
        assert!(told.starts_with("@ (sent as Ctrl+Alt+@)") && told.contains("types @"), "{told}");
        let told = told_of(KeyCode::BackTab, KeyModifiers::SHIFT);
        assert!(told.starts_with("Shift+Tab\n"), "{told}");
    }

    #[test]
    fn a_key_without_a_meaning_says_so() {
        assert!(told_of(KeyCode::F(12), KeyModifiers::NONE).contains("does nothing"));
    }
}
