//! What lies under the mouse, by the same rules by which it was drawn.

use ratatui::layout::{Position, Rect};

use crate::{contact::Field, submission::SubmissionId};

use super::{
    super::{
        App,
        app::{Overlay, Pane},
        cells,
        results::Filter,
    },
    column,
    form::{button_row, choice_at, first_row, listed_at},
    inner,
    layout::{self, ScreenLayout},
    palette, results,
};

/// A place worth clicking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tui) enum Hit {
    Field(Field),
    /// The nth salutation.
    Choice(usize),
    /// The nth country of the open list.
    Country(usize),
    Button,
    /// The filter with this number key.
    Filter(u8),
    Row(SubmissionId),
    Pane(Pane),
}

/// The row of the open list of actions at the position.
pub(in crate::tui) fn listed(app: &App, screen: Rect, position: Position) -> Option<usize> {
    match app.overlays.last() {
        Some(Overlay::Palette(list)) => palette::row_at(list, layout::body(screen), position),
        Some(
            Overlay::Help { .. } | Overlay::Details(_) | Overlay::Compare(_) | Overlay::Ask(_),
        )
        | None => None,
    }
}

/// What is at the position on a screen of this size, with nothing lying over it.
pub(in crate::tui) fn at(app: &App, screen: Rect, position: Position) -> Option<Hit> {
    let (form, results) = match layout::of(screen) {
        ScreenLayout::Nothing | ScreenLayout::TooSmall => return None,
        ScreenLayout::One { pane, .. } => match app.pane {
            Pane::Form => (pane, Rect::ZERO),
            Pane::Results => (Rect::ZERO, pane),
        },
        ScreenLayout::Two { form, results, .. } => (form, results),
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
    if let Some(row) = app.form.picker().and_then(|it| listed_at(it, inside, position)) {
        return Hit::Country(row);
    }
    if button_row(app, inside) == Some(row) {
        return Hit::Button;
    }
    match Field::ALL.get(usize::from(row)) {
        None => Hit::Pane(Pane::Form),
        Some(Field::Salutation) => {
            choice_at(app, inside, position).map_or(Hit::Field(Field::Salutation), Hit::Choice)
        }
        Some(field) => Hit::Field(*field),
    }
}

fn in_results(app: &App, area: Rect, position: Position) -> Hit {
    if position.y == area.y {
        let title = results::title(app, area.width);
        let x = position.x.saturating_sub(area.x.saturating_add(2));
        return filter_at(&title, x).map_or(Hit::Pane(Pane::Results), Hit::Filter);
    }
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

/// The filter whose word stands at a column of the title; its parts are two blanks apart.
fn filter_at(title: &str, x: u16) -> Option<u8> {
    let mut left = 0;
    for part in title.split("  ") {
        let right = left + column(cells::width(part));
        if (left..right).contains(&x) {
            return (1..).zip(Filter::ALL).find(|(_, it)| part.contains(it.word())).map(|it| it.0);
        }
        left = right + 2;
    }
    None
}
