//! A field of text with what is asked for in it.

use crate::{
    contact::text::safe,
    tui::{
        input::{Edit, Input},
        welcome::message::SetupQuestion,
    },
};

#[derive(Debug)]
pub(in crate::tui) struct SetupField {
    pub(in crate::tui) asked: SetupQuestion,
    pub(in crate::tui) input: Input,
    pub(in crate::tui) problem: Option<String>,
    /// Still the value that nobody has set.
    untouched: bool,
}

impl SetupField {
    pub(super) fn new(asked: SetupQuestion) -> Self {
        Self { input: Input::new(&asked.value), untouched: asked.is_default, asked, problem: None }
    }

    /// Gets the keyboard. What nobody has chosen is selected, so that typing replaces it.
    pub(super) fn enter(&mut self) {
        if self.untouched {
            self.input.edit(Edit::Home);
            self.input.edit(Edit::SelectEnd);
        }
    }

    /// Loses the keyboard: nothing stays selected.
    pub(super) fn leave(&mut self) {
        if self.untouched {
            self.input.edit(Edit::End);
        }
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

    /// A problem that was told goes with its cause; what was looked after stays.
    pub(super) fn changed(&mut self) {
        self.untouched = false;
        if self.problem.is_some() {
            self.problem = self.value().err().map(|why| safe(&why));
        }
    }
}
