//! The list of all actions: a query, what matches it with its keys, and a mark.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
};

use super::{
    super::{cells, palette::Palette, theme::Theme},
    column,
    form::{editor, first_row},
    panel::{inside, window},
    put,
};

const WIDTH: usize = 72;
const HEIGHT: usize = 20;

/// Draws the list; the answer is the caret of the query.
pub(super) fn draw(
    theme: Theme,
    palette: &Palette,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    let inside = window(theme, " All actions ", (WIDTH, HEIGHT), area, buffer);
    let line = Rect { height: 1, ..inside }.intersection(inside);
    let end = put(buffer, line, 0, 0, &format!("{} ", theme.focus_mark()), theme.label(true));
    let field = Rect { x: line.x + end, width: line.width.saturating_sub(end), ..line };
    let caret = editor(palette.query(), field, buffer, theme.selected());
    let list = list(inside);
    if palette.found().len() == 0 {
        put(buffer, list, 0, 0, "nothing is called so", theme.warning());
    }
    let first = first_row(palette.marked(), palette.found().len(), usize::from(list.height));
    let shown = palette.found().enumerate().skip(first);
    for (y, (at, entry)) in (0..list.height).zip(shown) {
        let marked = at == palette.marked();
        let row = Rect { y: list.y + y, height: 1, ..list };
        let keys = cells::fit(&entry.keys, usize::from(row.width) / 2, theme.more());
        let room = usize::from(row.width).saturating_sub(cells::width(&keys) + 1);
        let mark = if marked { theme.focus_mark() } else { " " };
        let text = format!("{mark} {}: {}", entry.scope.heading(), entry.means);
        put(buffer, row, 0, 0, &cells::fit(&text, room, theme.more()), Style::new());
        let x = row.width.saturating_sub(column(cells::width(&keys)));
        put(buffer, row, x, 0, &keys, theme.faint());
        if marked {
            buffer.set_style(row.intersection(buffer.area), theme.selected());
        }
    }
    caret
}

/// The row of the list at a position.
pub(super) fn row_at(palette: &Palette, area: Rect, position: Position) -> Option<usize> {
    let list = list(inside((WIDTH, HEIGHT), area));
    let first = first_row(palette.marked(), palette.found().len(), usize::from(list.height));
    let row = first + usize::from(position.y.checked_sub(list.y)?);
    (list.contains(position) && row < palette.found().len()).then_some(row)
}

fn list(inside: Rect) -> Rect {
    let height = inside.height.saturating_sub(1);
    Rect { y: inside.y.saturating_add(1), height, ..inside }.intersection(inside)
}
