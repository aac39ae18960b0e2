//! A window in the middle of the panes, for whatever lies over them.

use ratatui::{
    buffer::Buffer,
    layout::{Margin, Rect},
    widgets::{Clear, Widget as _},
};

use super::{super::theme::Theme, column, pane};

/// Draws an empty window with room for `wanted` columns and rows, as far as they fit;
/// the answer is its inside.
pub(super) fn window(
    theme: Theme,
    title: &str,
    wanted: (usize, usize),
    area: Rect,
    buffer: &mut Buffer,
) -> Rect {
    let whole = outside(wanted, area);
    Clear.render(whole, buffer);
    pane(theme, title, true, whole, buffer);
    inside(wanted, area)
}

/// A window's place in the middle of the area.
fn outside(wanted: (usize, usize), area: Rect) -> Rect {
    let width = column(wanted.0 + 4).min(area.width);
    let height = column(wanted.1 + 2).min(area.height);
    Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    }
}

/// The part of a window that text goes into.
pub(super) fn inside(wanted: (usize, usize), area: Rect) -> Rect {
    outside(wanted, area).inner(Margin { horizontal: 2, vertical: 1 })
}
