//! The results: tabs with counts, a head, one row for each submission, and under them the
//! selected one's remark.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::{
    super::App,
    empty,
    layout::{Class, ScreenParts},
    peek, row,
    table::{self, Shape},
    tabs,
};

/// Where the parts of the pane are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ResultsPlan {
    pub(super) tabs: Rect,
    head: Rect,
    pub(super) rows: Rect,
    peek: Rect,
    pub(super) shape: Shape,
    stacked: bool,
}

impl ResultsPlan {
    pub(super) fn of(app: &App, parts: &ScreenParts) -> Self {
        let pane = parts.results;
        let wide = parts.class == Class::Wide;
        // Beside the form the tabs stand on the row of the form's title.
        let top = u16::from(wide && pane.height >= 20);
        let tabs = row(pane, top);
        let inner = Rect { x: pane.x + 1, width: pane.width.saturating_sub(2), ..pane };
        let inner = inner.intersection(pane);
        let shape = Shape::of(inner.width);
        let head_y = top + 1 + u16::from(wide && pane.height >= 25);
        let head = Rect { height: shape.head(), ..row(inner, head_y) }.intersection(inner);
        let first = head_y + shape.head();
        let peek_height = peek::height(app, pane.height).min(pane.height.saturating_sub(first + 1));
        let height = pane.height.saturating_sub(first + peek_height);
        let rows = Rect { y: inner.y + first, height, ..inner }.intersection(inner);
        let peek = Rect { y: rows.bottom(), height: peek_height, ..pane }.intersection(pane);
        Self { tabs, head, rows, peek, shape, stacked: !wide }
    }
}

/// Draws the results; the answer is the caret of the search line, if that has it.
pub(super) fn draw(app: &App, parts: &ScreenParts, buffer: &mut Buffer) -> Option<Position> {
    let plan = ResultsPlan::of(app, parts);
    let caret = tabs::draw(app, plan.tabs, plan.stacked, buffer);
    if app.results.shown().is_empty() {
        let below = Rect {
            y: plan.tabs.bottom(),
            height: parts.results.bottom().saturating_sub(plan.tabs.bottom()),
            ..parts.results
        };
        empty::draw(
            app,
            Rect { x: below.x + 1, width: below.width.saturating_sub(1), ..below },
            buffer,
        );
        return caret;
    }
    if let Shape::Table(columns) = plan.shape {
        table::head(&app.theme, columns, plan.head, buffer);
    }
    table::rows(app, plan.shape, plan.rows, buffer);
    peek::draw(app, plan.peek, buffer);
    caret
}
