//! What lies under the mouse, by the same rules by which it was drawn.

use ratatui::layout::{Position, Rect};

use crate::{contact::Field, submission::SubmissionId};

use super::{
    super::{
        App,
        app::{Overlay, Pane},
        results::Filter,
    },
    banner, combo,
    entry_list::{self, ListItem},
    form,
    layout::{self, ScreenLayout, ScreenParts},
    palette,
    results::ResultsPlan,
    tabs,
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
    /// A tab of the results.
    Filter(Filter),
    Row(SubmissionId),
    Pane(Pane),
}

fn parts(app: &App, screen: Rect) -> Option<ScreenParts> {
    match layout::of(screen, banner::shows(app)) {
        ScreenLayout::Nothing | ScreenLayout::TooSmall => None,
        ScreenLayout::Parts(parts) => Some(parts),
    }
}

/// The row of the open list of actions at the position.
pub(in crate::tui) fn listed(app: &App, screen: Rect, position: Position) -> Option<usize> {
    match app.overlays.last() {
        Some(Overlay::Palette(list)) => {
            palette::row_at(&app.theme, list, parts(app, screen)?.body, position)
        }
        Some(
            Overlay::Help { .. }
            | Overlay::Details(_)
            | Overlay::Compare(_)
            | Overlay::Ask(_)
            | Overlay::Check(_)
            | Overlay::Lookup(_),
        )
        | None => None,
    }
}

/// What is at the position on a screen of this size, with nothing lying over it.
pub(in crate::tui) fn at(app: &App, screen: Rect, position: Position) -> Option<Hit> {
    let parts = parts(app, screen)?;
    let shows = |pane| parts.both() || app.pane == pane;
    if let Some(row) = listed_country(app, &parts, position) {
        return Some(Hit::Country(row));
    }
    if shows(Pane::Form) && parts.form.contains(position) {
        Some(in_form(app, &parts, position))
    } else if shows(Pane::Results) && parts.results.contains(position) {
        Some(in_results(app, &parts, position))
    } else {
        None
    }
}

fn listed_country(app: &App, parts: &ScreenParts, position: Position) -> Option<usize> {
    let picker = app.form.picker()?;
    combo::at(picker, &form::plan_of(app, parts), form::list_area(parts), position)
}

fn in_form(app: &App, parts: &ScreenParts, position: Position) -> Hit {
    let plan = form::plan_of(app, parts);
    if plan.button.is_some_and(|button| button.contains(position)) {
        return Hit::Button;
    }
    match form::field_at(&plan, position) {
        None => Hit::Pane(Pane::Form),
        Some(Field::Salutation) => {
            form::choice_at(app, &plan, position).map_or(Hit::Field(Field::Salutation), Hit::Choice)
        }
        Some(field) => Hit::Field(field),
    }
}

fn in_results(app: &App, parts: &ScreenParts, position: Position) -> Hit {
    let plan = ResultsPlan::of(app, parts);
    let pane = Hit::Pane(Pane::Results);
    if plan.tabs.contains(position) {
        let x = position.x - plan.tabs.x;
        return tabs::at(app, plan.tabs.width, x).map_or(pane, Hit::Filter);
    }
    if !plan.rows.contains(position) {
        return pane;
    }
    let (row, each) = (position.y - plan.rows.y, plan.shape.each());
    let items = entry_list::visible(app, plan.rows.height, each);
    let found = items.iter().find_map(|(y, item)| match item {
        ListItem::Row(entry) if (*y..y + each).contains(&row) => Some(entry.submission.id),
        ListItem::Row(_) | ListItem::Day(_) => None,
    });
    found.map_or(pane, Hit::Row)
}
