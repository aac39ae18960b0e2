//! Questions in plain text, one line each, without cursor tricks: for screen readers,
//! TERM=dumb and pipes. A secret is typed unseen; whatever ends the program meanwhile,
//! the terminal shows again what is typed.

use std::{
    io::{self, BufRead, IsTerminal as _, Write},
    sync::Mutex,
};

use anyhow::Result;
use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
};
use secrecy::{SecretString, zeroize::Zeroizing};

use crate::config::ConfigError;

/// Asks on one side and reads on the other.
#[derive(Debug)]
pub(super) struct Prompt<Input, Out> {
    pub(super) input: Input,
    pub(super) out: Out,
}

impl<Input: BufRead, Out: Write> Prompt<Input, Out> {
    /// Says something that is no question.
    pub(super) fn say(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{text}")
    }

    /// One answer; an empty one is `default`.
    ///
    /// # Errors
    /// When the input has ended: what was asked is then still open.
    pub(super) fn ask(&mut self, question: &str, default: &str) -> Result<String> {
        self.ask_script(question, default)?.ok_or_else(ended)
    }

    /// As [`Self::ask`], but `None` where a pipe has no more lines: a script may leave out
    /// what comes last.
    ///
    /// # Errors
    /// When a terminal's input has ended: whoever sits there wants to stop.
    pub(super) fn ask_script(&mut self, question: &str, default: &str) -> Result<Option<String>> {
        let hint = if default.is_empty() { String::new() } else { format!(" [{default}]") };
        write!(self.out, "{question}{hint}: ")?;
        self.out.flush()?;
        let mut line = Vec::new();
        if self.input.read_until(b'\n', &mut line)? == 0 {
            writeln!(self.out)?;
            return if io::stdin().is_terminal() { Err(ended()) } else { Ok(None) };
        }
        // What is not UTF-8 is refused by whoever checks the answer.
        let line = String::from_utf8_lossy(&line);
        let answer = line.trim();
        Ok(Some(if answer.is_empty() { default.to_owned() } else { answer.to_owned() }))
    }

    /// What one of these words stands for; its beginning will do. The first is the default.
    ///
    /// # Errors
    /// As [`Self::ask`].
    pub(super) fn choose<T: Copy>(&mut self, question: &str, choices: &[(&str, T)]) -> Result<T> {
        self.choose_script(question, choices)?.ok_or_else(ended)
    }

    /// As [`Self::choose`], but `None` where a pipe has no more lines.
    ///
    /// # Errors
    /// As [`Self::ask_script`].
    pub(super) fn choose_script<T: Copy>(
        &mut self,
        question: &str,
        choices: &[(&str, T)],
    ) -> Result<Option<T>> {
        let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
        let first = words.first().copied().unwrap_or_default();
        loop {
            let question = format!("{question} ({})", words.join("/"));
            let Some(answer) = self.ask_script(&question, first)? else { return Ok(None) };
            let answer = answer.to_lowercase();
            let mut meant = choices.iter().filter(|(word, _)| word.starts_with(&answer));
            if let (Some((_, choice)), None) = (meant.next(), meant.next()) {
                return Ok(Some(*choice));
            }
            self.say(&format!("Please answer with one of {}.", words.join(", ")))?;
        }
    }

    /// A secret: unseen on a terminal, a line on a pipe. Empty when there is none.
    ///
    /// # Errors
    /// As [`Self::ask`], and when the terminal cannot be told to show nothing.
    pub(super) fn secret(&mut self, question: &str) -> Result<SecretString> {
        write!(self.out, "{question}: ")?;
        self.out.flush()?;
        let mut line = Zeroizing::new(Vec::with_capacity(4096));
        if io::stdin().is_terminal() {
            let hidden = Hidden::begin()?;
            read_line(&mut line)?;
            drop(hidden);
        } else {
            self.input.read_until(b'\n', &mut line)?;
        }
        writeln!(self.out)?;
        if line.is_empty() {
            return Err(ended());
        }
        let text = std::str::from_utf8(&line)
            .map_err(|_| ConfigError::Usage("the secret is not text".into()))?;
        Ok(SecretString::from(text.trim()))
    }
}

/// What is told when the input ends too early.
pub(super) fn ended() -> anyhow::Error {
    ConfigError::Usage("the input ended before everything was answered".into()).into()
}

/// Past the standard library's buffer, which nobody wipes. A terminal gives one line at a
/// time, so nothing that was typed ahead is in that buffer.
fn read_line(line: &mut Zeroizing<Vec<u8>>) -> io::Result<()> {
    let mut piece = Zeroizing::new([0_u8; 1]);
    loop {
        match rustix::io::read(rustix::stdio::stdin(), &mut *piece) {
            Ok(0) => return Ok(()),
            Ok(_) => line.push(piece[0]),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        if piece[0] == b'\n' {
            return Ok(());
        }
    }
}

/// How the terminal was before it showed nothing.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

/// While this lives, the terminal shows nothing of what is typed.
struct Hidden;

impl Hidden {
    fn begin() -> io::Result<Self> {
        let before = tcgetattr(rustix::stdio::stdin())?;
        let mut hidden = before.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        // Suspended, the shell would get a terminal that shows nothing; a core dump would
        // hold the secret.
        for key in [SpecialCodeIndex::VSUSP, SpecialCodeIndex::VQUIT] {
            hidden.special_codes[key] = 0;
        }
        *BEFORE.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(before);
        tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, &hidden)?;
        Ok(Self)
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        show_again();
    }
}

/// Gives the terminal back as it was; does nothing where nothing is hidden.
pub(super) fn show_again() {
    let before = BEFORE.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
    if let Some(before) = before {
        // A terminal that is gone has nothing to show.
        let _ = tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, &before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prompt(input: &str) -> Prompt<&[u8], Vec<u8>> {
        Prompt { input: input.as_bytes(), out: Vec::new() }
    }

    #[test]
    fn an_empty_answer_is_the_default_and_blanks_around_one_are_nothing() {
        let mut prompt = prompt("\n  x y \r\nlast");
        assert_eq!(prompt.ask("A", "d").unwrap(), "d");
        assert_eq!(prompt.ask("B", "").unwrap(), "x y");
        assert_eq!(prompt.ask("C", "").unwrap(), "last");
        assert_eq!(String::from_utf8(prompt.out).unwrap(), "A [d]: B: C: ");
    }

    #[test]
    fn a_choice_may_be_abbreviated_and_is_asked_again_until_it_is_clear() {
        let mut prompt = prompt("x\nst\nSTOP\n\n");
        let choices = [("again", 1), ("store", 2), ("stop", 3)];
        assert_eq!(prompt.choose("Now?", &choices).unwrap(), 3);
        assert_eq!(prompt.choose("Now?", &choices).unwrap(), 1);
        let said = String::from_utf8(prompt.out).unwrap();
        assert_eq!(said.matches("Please answer with one of again, store, stop.").count(), 2);
    }

    #[test]
    fn input_that_ends_is_wrong_usage_and_no_empty_answer() {
        let error = prompt("").ask("A", "d").unwrap_err();
        assert!(error.is::<ConfigError>(), "{error}");
    }
}
