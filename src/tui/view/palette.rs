//! The list of all actions: a query, what matches it under the headings of where it holds,
//! its keys as caps, and a mark.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Modifier,
};

use super::{
    super::{
        cells,
        palette::{Palette, PaletteItem},
        theme::Theme,
    },
    column,
    combo::found_in,
    field, first_row, hints, paint,
    panel::{self, AROUND},
    put, put_right, row,
};

const WIDTH: u16 = 66;
/// Below this height there are no headings.
const HEADED: u16 = 20;
const MOST: usize = 14;

/// One row of the list.
enum ListRow<'a> {
    Blank,
    Heading(&'static str),
    Item(usize, &'a PaletteItem),
}

/// Draws the list; the answer is the caret of the query.
pub(super) fn draw(
    theme: &Theme,
    palette: &Palette,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    let window = window(theme, palette, area);
    let inside = panel::draw(theme, "Actions", window, buffer);
    let line = row(inside, 0);
    let surface =
        Rect { x: line.x + 1, width: line.width.saturating_sub(2), ..line }.intersection(line);
    let state = field::State { focused: true, flag: None };
    let text = field::surface(theme, surface, state, buffer);
    let count = format!("{} actions ", palette.found().len());
    let text = field::note(&count, theme.faint(), text, buffer);
    let caret = field::editor(theme, palette.query(), text, true, buffer);
    let list = list(inside, area);
    if palette.found().len() == 0 {
        put(buffer, row(list, 0), 4, 0, "nothing is called so", theme.warning());
    }
    for (y, item) in (0..list.height).zip(shown(palette, list, area)) {
        draw_row(theme, palette, &item, row(list, y), buffer);
    }
    caret
}

fn window(theme: &Theme, palette: &Palette, area: Rect) -> Rect {
    let headed = area.height >= HEADED;
    let rows = column(rows(palette, headed).len().clamp(1, MOST));
    let gap = u16::from(headed);
    let title = u16::from(!theme.planes);
    let height = 1 + gap + rows + AROUND - title;
    let width = if area.width < WIDTH + 4 { area.width.saturating_sub(4) } else { WIDTH };
    panel::place((width, height), Some(if headed { 2 } else { 0 }), area)
}

fn list(inside: Rect, area: Rect) -> Rect {
    let top = if area.height >= HEADED { 2 } else { 1 };
    Rect { y: inside.y + top, height: inside.height.saturating_sub(top), ..inside }
        .intersection(inside)
}

/// What is found under its headings, in the order in which it was found.
fn rows(palette: &Palette, headed: bool) -> Vec<ListRow<'_>> {
    let mut rows = Vec::new();
    let mut last = None;
    for (at, item) in palette.found().enumerate() {
        let heading = item.heading();
        if headed && last != Some(heading) {
            if last.is_some() {
                rows.push(ListRow::Blank);
            }
            rows.push(ListRow::Heading(heading));
            last = Some(heading);
        }
        rows.push(ListRow::Item(at, item));
    }
    rows
}

/// The rows around the marked one.
fn shown(palette: &Palette, list: Rect, area: Rect) -> Vec<ListRow<'_>> {
    let rows = rows(palette, area.height >= HEADED);
    let marked = rows.iter().position(|row| match row {
        ListRow::Item(at, _) => *at == palette.marked(),
        ListRow::Blank | ListRow::Heading(_) => false,
    });
    let height = usize::from(list.height);
    let first = first_row(marked.unwrap_or(0), rows.len(), height);
    rows.into_iter().skip(first).take(height).collect()
}

fn draw_row(theme: &Theme, palette: &Palette, item: &ListRow<'_>, line: Rect, buffer: &mut Buffer) {
    let (at, item) = match item {
        ListRow::Blank => return,
        ListRow::Heading(heading) => {
            put(buffer, line, 2, 0, heading, theme.muted());
            return;
        }
        ListRow::Item(at, item) => (*at, item),
    };
    let marked = at == palette.marked();
    let band = Rect { x: line.x + 1, width: line.width.saturating_sub(2), ..line };
    let keys = cells::fit(&item.keys, usize::from(line.width) / 3, theme.glyphs.more);
    let caps = if keys.is_empty() { 0 } else { hints::cap_width(theme, &keys, "") };
    // A cap brings its own air.
    let air = if theme.caps { 7 } else { 9 };
    let room = usize::from(line.width.saturating_sub(caps + air));
    let means = cells::fit(&capital(item.means), room, theme.glyphs.more);
    put(buffer, line, 4, 0, &means, if marked { theme.strong() } else { theme.text() });
    let (start, length) = found_in(&means, palette.query().text().trim());
    if length > 0 {
        let x = 4 + column(cells::width(&means[..start]));
        let hit = theme.accent().add_modifier(Modifier::BOLD);
        put(buffer, line, x, 0, &means[start..start + length], hit);
    }
    if marked {
        paint(buffer, band.intersection(line), theme.selection());
        let mark = if theme.planes { theme.glyphs.bar } else { theme.glyphs.focus };
        put(buffer, line, 1, 0, mark, theme.accent());
    }
    if !keys.is_empty() {
        let right = line.width.saturating_sub(2);
        if theme.caps {
            hints::cap(theme, (&keys, ""), line, right.saturating_sub(caps), theme.text(), buffer);
        } else {
            put_right(buffer, line, right.saturating_sub(1), 0, &keys, theme.text());
        }
    }
}

/// As a sentence begins.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The action of the list at a position.
pub(super) fn row_at(
    theme: &Theme,
    palette: &Palette,
    area: Rect,
    position: Position,
) -> Option<usize> {
    let inside = panel::inside(theme, window(theme, palette, area));
    let list = list(inside, area);
    let row = usize::from(position.y.checked_sub(list.y)?);
    if !list.contains(position) {
        return None;
    }
    match shown(palette, list, area).get(row)? {
        ListRow::Item(at, _) => Some(*at),
        ListRow::Blank | ListRow::Heading(_) => None,
    }
}
