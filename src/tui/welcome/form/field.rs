//! A field of text with what is asked for in it.

use crate::{
    contact::text::safe,
    tui::{input::Input, welcome::message::Asked},
};

#[derive(Debug)]
pub(in crate::tui) struct Field {
    pub(in crate::tui) asked: Asked,
    pub(in crate::tui) input: Input,
    pub(in crate::tui) problem: Option<String>,
}

impl Field {
    pub(super) fn new(asked: Asked) -> Self {
        Self { input: Input::new(&asked.value), asked, problem: None }
    }

    pub(super) fn value(&self) -> Result<String, String> {
        (self.asked.read)(self.input.text())
    }

    /// What the text says of the next field.
    pub(super) fn also(&self) -> Option<String> {
        (self.asked.also)(self.input.text())
    }

    /// Takes the text as it was meant, or says what is wrong with it.
    pub(super) fn check(&mut self) {
        match self.value() {
            Ok(value) => {
                self.input.replace(&value);
                self.problem = None;
            }
            Err(why) => self.problem = Some(safe(&why)),
        }
    }

    /// A problem that was told goes with its cause.
    pub(super) fn changed(&mut self) {
        if self.problem.is_some() {
            self.problem = self.value().err().map(|why| safe(&why));
        }
    }
}
