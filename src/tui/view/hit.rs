//! What lies under the mouse, by the same rules by which it was drawn.

use ratatui::layout::{Position, Rect};

use crate::{contact::Field, submission::SubmissionId};

use super::{
    super::{App, app::Pane},
    form::{button_row, first_row},
    layout::{self, Screen},
};

/// A place worth clicking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tui) enum Hit {
    Field(Field),
    Button,
    Row(SubmissionId),
    Pane(Pane),
}

/// What is at the position on a screen of this size.
pub(in crate::tui) fn at(app: &App, screen: Rect, position: Position) -> Option<Hit> {
    let (form, results) = match layout::of(screen) {
        Screen::Nothing | Screen::TooSmall => return None,
        Screen::One { pane, .. } => match app.pane {
            Pane::Form => (pane, Rect::ZERO),
            Pane::Results => (Rect::ZERO, pane),
        },
        Screen::Two { form, results, .. } => (form, results),
    };
    if form.contains(position) {
        Some(in_form(app, form, position))
    } else if results.contains(position) {
        Some(in_results(app, results, position))
    } else {
        None
    }
}

fn in_form(app: &App, area: Rect, position: Position) -> Hit {
    let inside = inner(area);
    let row = position.y.saturating_sub(inside.y);
    if !inside.contains(position) {
        return Hit::Pane(Pane::Form);
    }
    if button_row(app, inside) == Some(row) {
        return Hit::Button;
    }
    Field::ALL.get(usize::from(row)).map_or(Hit::Pane(Pane::Form), |field| Hit::Field(*field))
}

fn in_results(app: &App, area: Rect, position: Position) -> Hit {
    let inside = inner(area);
    let searching = u16::from(app.results.search().is_some());
    let Some(row) = position.y.checked_sub(inside.y.saturating_add(searching)) else {
        return Hit::Pane(Pane::Results);
    };
    let shown = app.results.shown();
    let height = usize::from(inside.height.saturating_sub(searching));
    let first = first_row(app.results.place(&shown), shown.len(), height);
    let entry = shown.get(first + usize::from(row)).filter(|_| usize::from(row) < height);
    entry.map_or(Hit::Pane(Pane::Results), |entry| Hit::Row(entry.submission.id))
}

fn inner(area: Rect) -> Rect {
    Rect {
        x: area.x.saturating_add(1),
        y: area.y.saturating_add(1),
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(2),
    }
}
