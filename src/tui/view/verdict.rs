//! What is to be said of the form in one line: what is wrong with it, whose the number is, or
//! that it can go out.

use ratatui::style::Style;

use crate::contact::Field;

use super::super::{
    App,
    app::Pane,
    cells,
    form::{Focus, Said},
    keymap::{Action, KeyScope},
};

/// What is to be said about the field with the keyboard, else about the first there is, which
/// is named: the caret does not stand there.
pub(super) fn first_said(app: &App) -> Option<Said> {
    let focused = match app.form.focus() {
        Focus::Field(field) => app.form.said(field),
        Focus::Button => None,
    };
    if app.pane == Pane::Form && focused.is_some() {
        return focused;
    }
    let all = || Field::ALL.into_iter().filter_map(|field| app.form.said(field));
    let said = focused.or_else(|| all().find(|said| said.settled))?;
    Some(Said { text: format!("{} {}", said.field.label(), said.text), ..said })
}

/// Whether it can go out, and whose number it is; what Ctrl+Z brings back is only named where
/// there is room for it.
pub(super) fn verdict(app: &App, room: usize) -> Option<(String, Style)> {
    let theme = &app.theme;
    if let Some(owner) = app.owner_name() {
        return Some((
            format!("{} already {owner}'s number", theme.glyphs.duplicate),
            theme.warning(),
        ));
    }
    if let Some(colleague) = app.colleague() {
        let text = format!("{} being entered by {colleague}", theme.glyphs.duplicate);
        return Some((text, theme.warning()));
    }
    if let Some(contact) = app.form.ready() {
        let (mark, preface) = (theme.glyphs.ready, app.purpose().preface());
        let text = format!("{mark} {preface}{} {}, ready", contact.salutation, contact.full_name());
        return Some((text, theme.good()));
    }
    let undo = || app.look.keys.key(KeyScope::Form, Action::UndoOrRestore);
    let waits = app.form.aside().filter(|_| app.form.is_blank());
    waits.map(|aside| {
        let named = format!("{} brings back {}", undo(), aside.what());
        let fits = cells::width(&named) <= room;
        (if fits { named } else { format!("{} brings it back", undo()) }, theme.muted())
    })
}

#[cfg(test)]
mod tests {
    use crossterm::event::{Event as Input, KeyCode};
    use ratatui::{Terminal, backend::TestBackend};

    use crate::tui::{Event, script::Script};

    fn shown(script: &mut Script, width: u16, height: u16) -> String {
        script.event(Event::Terminal(Input::Resize(width, height)));
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| script.app.view(frame)).unwrap();
        terminal.backend().to_string()
    }

    #[test]
    fn what_is_wrong_with_another_field_names_it_and_keeps_the_limit() {
        let mut script = Script::start();
        script.tab().paste(&"x".repeat(280)).tab().tab().tab();
        for (width, height) in [(80, 24), (60, 20), (40, 12)] {
            let shown = shown(&mut script, width, height);
            let told = "! First name may hold 255 characters";
            assert!(shown.contains(told), "{width}x{height}:\n{shown}");
        }
        script.key(KeyCode::BackTab).key(KeyCode::BackTab).key(KeyCode::BackTab);
        let shown = shown(&mut script, 80, 24);
        assert!(shown.contains("! may hold 255 characters"), "the caret is there:\n{shown}");
    }
}
