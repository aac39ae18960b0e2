//! What was put aside, the newest last: nothing typed is ever overwritten. Ctrl+Z in an
//! empty form brings the newest back; at once again the one before it, with what came
//! back in between put where it was.

use crate::contact::{Draft, text::safe};

use super::{super::input::Edit, Form};

/// Kept at most; the oldest goes first.
const MOST: usize = 20;

/// Why something was put aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tui) enum Why {
    /// The form was cleared.
    Cleared,
    /// The contact that has the number was right.
    Kept,
    /// Another contact was taken into the form to be corrected.
    Corrected,
    /// It was typed while another contact could not be stored.
    NotStored,
    /// It was typed the last time.
    LastTime,
    /// A customer was looked up.
    LookedUp,
    /// Another program handed over a caller while something was typed.
    Caller,
    /// It came back from here and was left for the one before it.
    PassedBy,
}

/// A contact that was being typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::tui) struct Aside {
    pub(in crate::tui) draft: Draft,
    why: Why,
}

impl Aside {
    /// Why it waits: "what was cleared".
    pub(in crate::tui) fn what(&self) -> &'static str {
        match self.why {
            Why::Cleared => "what was cleared",
            Why::Kept => "what was not needed",
            Why::Corrected | Why::LookedUp => "what was put aside",
            Why::NotStored => "what was typed while storing failed",
            Why::LastTime => "what was typed the last time",
            Why::Caller => "the caller",
            Why::PassedBy => "what was passed by",
        }
    }

    /// By its name, else by its number.
    pub(in crate::tui) fn who(&self) -> String {
        let names = [self.draft.first_name.trim(), self.draft.last_name.trim()];
        let name = names.into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>().join(" ");
        match (name.is_empty(), self.draft.phone.trim()) {
            (false, _) => safe(&name),
            (true, "") => "what was typed".to_owned(),
            (true, phone) => safe(phone),
        }
    }

    /// In a few words: "Jane Roe, cleared".
    pub(in crate::tui) fn describe(&self) -> String {
        let why = match self.why {
            Why::Cleared => "cleared",
            Why::Kept => "not needed",
            Why::Corrected => "put aside for a correction",
            Why::NotStored => "typed while storing failed",
            Why::LastTime => "typed the last time",
            Why::LookedUp => "put aside for a customer looked up",
            Why::Caller => "a caller who was handed over",
            Why::PassedBy => "passed by",
        };
        format!("{}, {why}", self.who())
    }
}

impl Form {
    /// Clears the form, brings the profile's country back, and goes to the top.
    pub(in crate::tui) fn clear(&mut self) {
        self.clear_as(Why::Cleared);
    }

    /// The same, for another reason.
    pub(in crate::tui) fn clear_as(&mut self, why: Why) {
        self.keep_aside(why);
        self.empty();
    }

    /// Keeps a draft where Ctrl+Z in an empty form finds it.
    pub(in crate::tui) fn put_aside(&mut self, draft: Draft, why: Why) {
        self.aside.push(Aside { draft, why });
        if self.aside.len() > MOST {
            self.aside.remove(0);
        }
    }

    /// The newest of what was put aside.
    pub(in crate::tui) fn aside(&self) -> Option<&Aside> {
        self.aside.last()
    }

    /// What was typed while another contact could not be stored: nobody put it aside on purpose.
    pub(in crate::tui) fn refused(&self) -> impl Iterator<Item = Draft> {
        let refused = self.aside.iter().filter(|aside| aside.why == Why::NotStored);
        refused.map(|aside| aside.draft.clone())
    }

    /// The answer is what was put aside now: nothing of an empty form.
    pub(super) fn keep_aside(&mut self, why: Why) -> Option<&Aside> {
        if self.is_blank() {
            return None;
        }
        self.put_aside(self.draft(), why);
        self.aside()
    }

    /// Undoes; in an empty form, and right after that in one that came back unchanged,
    /// brings back what was put aside. The answer says what that is.
    pub(in crate::tui) fn undo_or_restore(&mut self) -> Option<String> {
        let draft = self.draft();
        // One undo takes a whole paste back.
        if let Some(pasted) = self.before_paste.take_if(|pasted| pasted.1 == draft) {
            *self = pasted.0;
            return None;
        }
        let came_back = self.returned.as_ref().is_some_and(|returned| *returned == draft);
        if !self.is_blank() && !came_back {
            self.edit(Edit::Undo);
            return None;
        }
        let aside = self.aside.pop()?;
        if came_back {
            // It is not lost: after the oldest it comes again.
            self.aside.insert(0, Aside { draft, why: Why::PassedBy });
        }
        let told = aside.describe();
        self.load(&aside.draft);
        self.returned = Some(self.draft());
        Some(told)
    }
}
