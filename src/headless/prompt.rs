//! Questions in plain text, one line each, without cursor tricks: for screen readers,
//! TERM=dumb and pipes. A secret is typed unseen.

use std::io::{self, BufRead, IsTerminal as _, Write};

use anyhow::Result;
use secrecy::{SecretString, zeroize::Zeroizing};

use super::hidden;
use crate::config::ConfigError;

/// Asks on one side and reads on the other.
#[derive(Debug)]
pub(super) struct Prompt<Input, Out> {
    pub(super) input: Input,
    pub(super) out: Out,
    /// Whether a question is a line of its own: nobody's typing ends it.
    pub(super) ends_lines: bool,
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
        if self.ends_lines {
            writeln!(self.out)?;
        }
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
            hidden::read_line(&mut line)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn prompt(input: &str) -> Prompt<&[u8], Vec<u8>> {
        Prompt { input: input.as_bytes(), out: Vec::new(), ends_lines: false }
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
