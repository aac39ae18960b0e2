//! What is to be said of the form in one line: what is wrong with it, whose the number is, or
//! that it can go out.

use ratatui::style::Style;

use crate::contact::Field;

use super::super::{
    App,
    form::{Focus, Said},
    keymap::{Action, KeyScope},
};

/// What is to be said about the field with the keyboard, else about the first there is.
pub(super) fn first_said(app: &App) -> Option<Said> {
    let focused = match app.form.focus() {
        Focus::Field(field) => app.form.said(field),
        Focus::Button => None,
    };
    let settled = || Field::ALL.into_iter().filter_map(|field| app.form.said(field));
    focused.or_else(|| settled().find(|said| said.settled))
}

/// Whether it can go out, and whose number it is.
pub(super) fn verdict(app: &App) -> Option<(String, Style)> {
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
    waits.map(|aside| (format!("{} brings back {}", undo(), aside.what()), theme.muted()))
}
