//! The open list of countries: its query on the field's surface, what it finds below, or
//! above where there is no room.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Modifier,
};

use crate::contact::{Field, Region};

use super::{
    super::{
        App, cells,
        keymap::{Action, KeyScope, Keymap},
        picker::Picker,
        theme::Theme,
    },
    clear, column, field, first_row,
    form_plan::FormPlan,
    hints, paint, put, put_right,
};

/// Rows of countries that a list has at most, and at least if it is to open downward.
const MOST: u16 = 10;
const LEAST: u16 = 5;
/// Cells before a country's name.
const NAME: u16 = 4;

/// Draws the open list over the form; the answer is the caret of its query.
pub(super) fn draw(
    app: &App,
    picker: &Picker,
    plan: &FormPlan,
    within: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    let theme = &app.theme;
    let surface = plan.surface(Field::Country);
    let state = field::State { focused: true, flag: None };
    clear(buffer, surface, theme.field(true));
    let text = field::surface(theme, surface, state, buffer);
    let found = format!("{} found", picker.found().len());
    let text = field::note(&found, theme.faint(), text, buffer);
    let caret = field::editor(theme, picker.query(), text, true, buffer);
    let list = area(picker, surface, within);
    clear(buffer, list, theme.text().patch(theme.overlay()));
    rows(theme, picker, rows_area(list), buffer);
    match picker.asked() {
        Some((name, regions)) => ask(theme, &name, &regions, list, buffer),
        None => keys(theme, &app.look.keys, list, buffer),
    }
    caret
}

/// Where the rows and, under them, the keys are.
fn area(picker: &Picker, surface: Rect, within: Rect) -> Rect {
    let below = within.bottom().saturating_sub(surface.bottom());
    let above = surface.y.saturating_sub(within.y);
    let wanted = column(picker.found().len()).clamp(1, MOST) + 1;
    let up = below < wanted.min(LEAST) && above > below;
    let height = wanted.min(if up { above } else { below });
    let y = if up { surface.y - height } else { surface.bottom() };
    Rect { y, height, ..surface }
}

fn rows_area(list: Rect) -> Rect {
    Rect { height: list.height.saturating_sub(1), ..list }
}

fn rows(theme: &Theme, picker: &Picker, area: Rect, buffer: &mut Buffer) {
    let height = usize::from(area.height);
    let first = first_row(picker.marked(), picker.found().len(), height);
    let found = picker.found().iter().enumerate().skip(first);
    for (y, (at, region)) in (0..area.height).zip(found) {
        let line = super::row(area, y);
        let marked = picker.is_marked(at);
        country(theme, *region, picker.query().text(), marked, line, buffer);
        if marked {
            paint(buffer, line, theme.selection());
        }
        let mark = if marked { theme.glyphs.bar } else { theme.glyphs.edge };
        put(buffer, line, 0, 0, mark, theme.accent());
    }
    if picker.found().is_empty() {
        put(buffer, super::row(area, 0), 1, 0, "no country matches", theme.warning());
        put(buffer, super::row(area, 0), 0, 0, theme.glyphs.edge, theme.accent());
    }
}

fn country(
    theme: &Theme,
    region: Region,
    query: &str,
    marked: bool,
    line: Rect,
    buffer: &mut Buffer,
) {
    let code = format!("+{}", region.calling_code());
    let right = put_right(buffer, line, line.width.saturating_sub(1), 0, &code, theme.muted());
    put(buffer, line, 1, 0, region.code(), theme.muted());
    let room = usize::from(right.saturating_sub(NAME + 2));
    let name = cells::fit(region.name(), room, theme.glyphs.more);
    let style = if marked { theme.strong() } else { theme.text() };
    put(buffer, line, 1 + NAME, 0, &name, style);
    // The letters that were searched for.
    let (start, length) = found_in(&name, query.trim());
    if length > 0 {
        let x = 1 + NAME + column(cells::width(&name[..start]));
        let hit = theme.accent().add_modifier(Modifier::BOLD);
        put(buffer, line, x, 0, &name[start..start + length], hit);
    }
}

/// Where a query stands in a text, whatever the case: its first byte and its length.
pub(super) fn found_in(text: &str, query: &str) -> (usize, usize) {
    let same = |from: usize| {
        text.get(from..from + query.len()).is_some_and(|part| part.eq_ignore_ascii_case(query))
    };
    let start = (0..text.len()).find(|from| !query.is_empty() && same(*from));
    start.map_or((0, 0), |start| (start, query.len()))
}

/// Which of those that share the name is meant, where the keys stood. The rows above bear
/// their names; a narrow list does not repeat them.
fn ask(theme: &Theme, name: &str, regions: &[Region], list: Rect, buffer: &mut Buffer) {
    let line = super::row(list, list.height.saturating_sub(1));
    put(buffer, line, 0, 0, theme.glyphs.edge, theme.accent());
    let room = usize::from(line.width.saturating_sub(1));
    let names: Vec<_> = regions.iter().map(|region| region.name()).collect();
    let long = format!("{}?", names.join(" or "));
    let question =
        if cells::width(&long) <= room { long } else { format!("Which {name}? Mark one.") };
    put(buffer, line, 1, 0, &cells::fit(&question, room, theme.glyphs.more), theme.warning());
}

fn keys(theme: &Theme, keymap: &Keymap, list: Rect, buffer: &mut Buffer) {
    let line = super::row(list, list.height.saturating_sub(1));
    put(buffer, line, 0, 0, theme.glyphs.edge, theme.accent());
    let words = [(Action::Accept, "take"), (Action::Close, "leave")];
    let mut x = 1;
    for (action, word) in words {
        let key = keymap.key(KeyScope::Picker, action);
        x = hints::cap(theme, (&key, word), line, x, theme.muted(), buffer) + 1;
    }
}

/// The row of the open list at a position.
pub(super) fn at(
    picker: &Picker,
    plan: &FormPlan,
    within: Rect,
    position: Position,
) -> Option<usize> {
    let rows = rows_area(area(picker, plan.surface(Field::Country), within));
    let first = first_row(picker.marked(), picker.found().len(), usize::from(rows.height));
    let row = first + usize::from(position.y.checked_sub(rows.y)?);
    (rows.contains(position) && row < picker.found().len()).then_some(row)
}
