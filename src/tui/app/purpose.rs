//! What submitting the form does: a contact is created, one on the platform is changed, or a
//! row that was taken back is sent in the place of what it was.

use crate::{contact::text::safe, submission::Entry};

use super::{App, is_correction};

/// What becomes of the form's contact once it is submitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tui) enum Purpose<'a> {
    Create,
    /// The contact that this row created on the platform.
    Change(&'a Entry),
    /// This row, which has created nothing.
    Correct(&'a Entry),
}

impl Purpose<'_> {
    /// "Submit", on the button.
    pub(in crate::tui) fn verb(self) -> &'static str {
        match self {
            Self::Create => "Submit",
            Self::Change(_) => "Change",
            Self::Correct(_) => "Correct",
        }
    }

    /// The same among the keys.
    pub(in crate::tui) fn hint(self) -> &'static str {
        match self {
            Self::Create => "submit",
            Self::Change(_) => "change",
            Self::Correct(_) => "correct",
        }
    }

    /// What the form is headed by: whom it is about, and shorter.
    pub(in crate::tui) fn titles(self) -> [String; 2] {
        let about = |verb: &str, row: &Entry| {
            let name = safe(&row.submission.contact.full_name());
            [format!("{verb} {name}"), format!("{verb} contact")]
        };
        match self {
            Self::Create => ["New contact".to_owned(), "New contact".to_owned()],
            Self::Change(row) | Self::Correct(row) => about(self.verb(), row),
        }
    }

    /// What stands before the contact that is ready; nothing where that is a new one.
    pub(in crate::tui) fn preface(self) -> &'static str {
        match self {
            Self::Create => "",
            Self::Change(_) => "Change: ",
            Self::Correct(_) => "Correction: ",
        }
    }
}

impl App {
    /// What submitting would do with what is in the form now.
    pub(in crate::tui) fn purpose(&self) -> Purpose<'_> {
        let row = self.correcting.as_ref().filter(|row| self.is_still(row));
        match row {
            None => Purpose::Create,
            Some(row) if row.status.created_id().is_some() => Purpose::Change(row),
            Some(row) => Purpose::Correct(row),
        }
    }

    /// Whether the form holds that row's contact with something mended, and nobody else. What
    /// is half typed is judged by the number and the names it would be judged by later.
    fn is_still(&self, row: &Entry) -> bool {
        let before = &row.submission.contact;
        if let Some(contact) = self.form.ready() {
            return is_correction(before, contact);
        }
        let draft = self.form.draft();
        let named = [&draft.first_name, &draft.last_name].map(|name| name.trim()).join(" ");
        let number = self.form.number().map(crate::contact::Phone::e164);
        named == before.full_name() || number == Some(before.phone.e164())
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::{Event as Input, KeyCode};
    use ratatui::{Terminal, backend::TestBackend};

    use crate::{
        submission::Entry,
        tui::{
            Event,
            script::{Script, created, queued},
        },
    };

    const SIZES: [(u16, u16); 3] = [(120, 32), (80, 24), (40, 12)];

    fn editing(row: Entry, (width, height): (u16, u16)) -> Script {
        let mut script = Script::start();
        script.event(Event::Terminal(Input::Resize(width, height)));
        script.rows(vec![row]).key(KeyCode::F(6)).type_text("e").wait(10_000);
        script
    }

    fn shown(script: &Script, (width, height): (u16, u16)) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| script.app.view(frame)).unwrap();
        terminal.backend().to_string()
    }

    #[test]
    fn a_form_that_changes_a_contact_says_so_in_title_verdict_and_button() {
        for size in SIZES {
            let mut script = editing(created(1, "Tom", "Bekker", "9876543210", "63c7"), size);
            script.tab().type_text("my");
            let shown = shown(&script, size);
            for words in ["Change Tom Bekker", "Change: Mr Tommy Bekker", "Change  Ctrl+S"] {
                assert!(shown.contains(words), "{words} at {size:?}:\n{shown}");
            }
            assert!(!shown.contains("Submit"), "{shown}");
        }
    }

    #[test]
    fn a_form_that_corrects_a_waiting_row_says_so() {
        for size in SIZES {
            let script = editing(queued(1, "Tom", "Bekker", "9876543210", 60), size);
            let shown = shown(&script, size);
            for words in ["Correct Tom Bekker", "Correction: Mr Tom Bekker", "Correct  Ctrl+S"] {
                assert!(shown.contains(words), "{words} at {size:?}:\n{shown}");
            }
        }
    }

    #[test]
    fn somebody_else_typed_over_it_is_a_new_contact_again() {
        for size in SIZES {
            let mut script = editing(created(1, "Tom", "Bekker", "9876543210", "63c7"), size);
            script.ctrl('l').wait(10_000);
            let shown = shown(&script, size);
            assert!(!shown.contains("Change") && shown.contains("Submit"), "{shown}");
        }
    }

    #[test]
    fn a_long_name_gives_way_to_the_word_contact() {
        let long = "Bartholomew-Alexander-Maximilian-Konstantin";
        let script = editing(created(1, long, "Bekker", "9876543210", "63c7"), (80, 24));
        let shown = shown(&script, (80, 24));
        assert!(shown.contains("Change contact"), "{shown}");
    }
}
