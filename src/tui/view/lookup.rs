//! The list of known customers: a query, who matches it, and a mark.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Modifier,
};

use crate::contact::{E164, Phone, phone::Reading};

use super::{
    super::{
        cells,
        lookup::{self, Lookup},
        theme::Theme,
    },
    column,
    combo::found_in,
    field, first_row, paint,
    panel::{self, AROUND},
    put, put_right, row,
};

const WIDTH: u16 = 66;
const ROWS: u16 = 10;

/// Draws the list; the answer is the caret of the query.
pub(super) fn draw(
    theme: &Theme,
    lookup: &Lookup,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    let width = WIDTH.min(area.width.saturating_sub(4));
    let window = panel::place((width, 2 + ROWS + AROUND), None, area);
    let inside = panel::draw(theme, "Known customers", window, buffer);
    let line = row(inside, 0);
    let surface = Rect { x: line.x + 1, width: line.width.saturating_sub(2), ..line };
    let state = field::State { focused: true, flag: None };
    let text = field::surface(theme, surface.intersection(line), state, buffer);
    let found = format!("{} found ", lookup.found().len());
    let text = field::note(&found, theme.faint(), text, buffer);
    let caret = field::editor(theme, lookup.query(), text, true, buffer);
    let list = Rect { y: inside.y + 2, height: inside.height.saturating_sub(2), ..inside };
    let list = list.intersection(inside);
    if lookup.found().is_empty() {
        let said = if lookup.is_answered() { "nobody is known by that" } else { "Looking ..." };
        put(buffer, row(list, 0), 4, 0, said, theme.muted());
    }
    let first = first_row(lookup.marked(), lookup.found().len(), usize::from(list.height));
    let shown = lookup.found().iter().enumerate().skip(first);
    for (y, (at, record)) in (0..list.height).zip(shown) {
        let line = row(list, y);
        let marked = at == lookup.marked();
        let number = record.e164.as_ref().map(spelt).unwrap_or_default();
        let right = line.width.saturating_sub(2);
        let end = put_right(buffer, line, right, 0, &number, theme.muted());
        let room = usize::from(end.saturating_sub(6));
        let name = cells::fit(&lookup::name(record), room, theme.glyphs.more);
        put(buffer, line, 4, 0, &name, if marked { theme.strong() } else { theme.text() });
        let (start, length) = found_in(&name, lookup.query().text().trim());
        if length > 0 {
            let x = 4 + column(cells::width(&name[..start]));
            let hit = theme.accent().add_modifier(Modifier::BOLD);
            put(buffer, line, x, 0, &name[start..start + length], hit);
        }
        if marked {
            let band = Rect { x: line.x + 1, width: line.width.saturating_sub(2), ..line };
            paint(buffer, band.intersection(line), theme.selection());
            let mark = if theme.planes { theme.glyphs.bar } else { theme.glyphs.focus };
            put(buffer, line, 1, 0, mark, theme.accent());
        }
    }
    caret
}

fn spelt(number: &E164) -> String {
    match Phone::parse(number.as_str(), None) {
        Reading::Valid(phone) | Reading::Unusual(phone, _) => phone.international(),
        Reading::Impossible(_) => number.to_string(),
    }
}
