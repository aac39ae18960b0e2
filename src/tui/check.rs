//! Before a contact goes out, where the profile asks for it: its number alone on the
//! screen, to be read back, or to be typed a second time without seeing the first.

use crate::{
    contact::{Contact, examples},
    submission::Change,
};

use super::{
    input::{Edit, Input},
    read_back::{ReadBack, Slot},
};

/// What the profile asks for before a contact is submitted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Confirm {
    /// Nothing.
    #[default]
    Off,
    /// The number alone on the screen; one key sends it.
    ReadBack,
    /// A number that was typed is typed a second time.
    Retype,
}

/// The open check.
#[derive(Debug, Clone)]
pub(super) struct Check {
    pub(super) contact: Contact,
    /// What it is to become of a contact that exists; none where it is to be created.
    pub(super) change: Option<Change>,
    pub(super) read: ReadBack,
    /// What is typed the second time; none where the number is only read back.
    again: Option<Input>,
    /// The second number, once it was another one.
    pub(super) other: Option<Vec<u8>>,
}

impl Check {
    /// Of a contact that is ready; `blind` when its number is to be typed again.
    pub(super) fn of(contact: Contact, read: ReadBack, blind: bool) -> Self {
        let again = blind.then(Input::default);
        Self { contact, change: None, read, again, other: None }
    }

    /// The same, of what a contact that exists is to become.
    pub(super) fn becoming(self, change: Option<Change>) -> Self {
        Self { change, ..self }
    }

    /// Whether the number is typed a second time, without seeing the first.
    pub(super) fn is_blind(&self) -> bool {
        self.again.is_some() && self.other.is_none()
    }

    /// How many digits were typed the second time.
    pub(super) fn typed(&self) -> usize {
        self.again.as_ref().map_or(0, |again| digits(again.text()).len())
    }

    pub(super) fn type_char(&mut self, c: char) {
        if let Some(again) = &mut self.again {
            if self.other.take().is_some() {
                *again = Input::default();
            }
            if c.is_ascii_digit() || "+ -()".contains(c) {
                again.type_char(c);
            }
        }
    }

    pub(super) fn edit(&mut self, edit: Edit) {
        if let Some(again) = &mut self.again {
            self.other = None;
            again.edit(edit);
        }
    }

    /// Whether it may go out: it was read back, or typed the same again. Else the second
    /// number is kept, to be shown beside the first.
    pub(super) fn passes(&mut self) -> bool {
        let Some(again) = &self.again else { return true };
        let second = digits(again.text());
        let first = digits(self.contact.phone.national());
        let dialled = second.strip_prefix(trunk(&self.contact).as_slice()).unwrap_or(&second);
        if second == first || dialled == first {
            return true;
        }
        self.other = Some(second);
        false
    }

    /// The digits of the first number.
    pub(super) fn first(&self) -> Vec<u8> {
        let slots = self.read.groups.iter().flatten();
        slots
            .filter_map(|slot| match slot {
                Slot::Digit(digit) => Some(*digit),
                Slot::Missing => None,
            })
            .collect()
    }
}

/// What is dialled at home before the number.
fn trunk(contact: &Contact) -> Vec<u8> {
    let example = contact.phone.region().and_then(examples::Example::of);
    digits(&example.map(examples::Example::trunk).unwrap_or_default())
}

fn digits(text: &str) -> Vec<u8> {
    text.chars().filter_map(|c| c.to_digit(10)).filter_map(|d| u8::try_from(d).ok()).collect()
}
