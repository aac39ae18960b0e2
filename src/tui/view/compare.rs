//! A duplicate beside the existing contact: in columns where there is room, one under the
//! other where there is not; below them what can be done.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};

use super::{
    super::{
        App, cells,
        compare::{Compare, ComparedField, DuplicateChoice},
        theme::Theme,
    },
    overlay::window,
    put,
};

const LABEL: usize = 12;
const MARK: usize = 3;
/// From this many cells on, the contacts stand in columns.
const COLUMNS: usize = 56;
const WIDEST: usize = 96;

pub(super) fn draw(app: &App, compare: &Compare, area: Rect, buffer: &mut Buffer) {
    let room = usize::from(area.width).saturating_sub(4).min(WIDEST);
    let mut rows = heading(compare, room);
    let mut lines = compare.lines(&app.zone);
    if room < COLUMNS {
        // It may be low as well: what differs comes first.
        lines.sort_by_key(|line| !line.differs);
    }
    for line in lines {
        rows.extend(fields(app.theme, &line, room));
    }
    if rows.is_empty() {
        rows.push((unknown().to_owned(), Style::new()));
    }
    let choices = DuplicateChoice::ALL.map(|choice| {
        (choice, cells::fit(choice.words(), room.saturating_sub(2), app.theme.more()))
    });
    let wanted = (room, rows.len() + 1 + choices.len());
    let inside = window(app.theme, &title(compare), wanted, area, buffer);
    // What can be done matters most: where it is low, the fields give way.
    let fields = usize::from(inside.height).saturating_sub(choices.len());
    let mut y = 0;
    for (text, style) in rows.iter().take(fields.min(rows.len())) {
        put(buffer, inside, 0, y, text, *style);
        y += 1;
    }
    y += u16::from(fields > rows.len());
    for (choice, words) in &choices {
        let marked = *choice == compare.marked;
        let mark = if marked { app.theme.focus_mark() } else { " " };
        let style = if marked { app.theme.selected() } else { Style::new() };
        let x = put(buffer, inside, 0, y, mark, app.theme.label(true));
        put(buffer, inside, x + 1, y, words, style);
        y += 1;
    }
}

fn title(compare: &Compare) -> String {
    match compare.place() {
        (at, of @ 2..) => {
            format!(" Duplicate - existing contact {at} of {of}, Left and Right turn ")
        }
        (_, 0 | 1) => " Duplicate ".to_owned(),
    }
}

fn unknown() -> &'static str {
    "Nobody knows whose number it is (a deleted contact may hold it)."
}

fn heading(compare: &Compare, room: usize) -> Vec<(String, Style)> {
    if room < COLUMNS || compare.existing().is_none() {
        return Vec::new();
    }
    let half = half(room);
    vec![(
        format!("{:LABEL$}{:half$}{:MARK$}{}", "", "what was typed", "", "the existing contact"),
        Style::new(),
    )]
}

fn half(room: usize) -> usize {
    room.saturating_sub(LABEL + MARK) / 2
}

/// A field as one row, or as two where it is narrow.
fn fields(theme: Theme, line: &ComparedField, room: usize) -> Vec<(String, Style)> {
    let style = if line.differs { theme.warning() } else { Style::new() };
    let mark = if line.differs { theme.differs() } else { "" };
    let more = theme.more();
    let pad = |text: &str, cells: usize| {
        let text = cells::fit(text, cells, more);
        let blank = cells.saturating_sub(cells::width(&text));
        format!("{text}{}", " ".repeat(blank))
    };
    if room >= COLUMNS {
        let half = half(room);
        let text = format!(
            "{}{}{}{}",
            pad(line.label, LABEL),
            pad(&line.typed, half),
            pad(mark, MARK),
            cells::fit(&line.existing, half, more)
        );
        return vec![(text, style)];
    }
    // Where it is narrow only what differs is worth two rows.
    let rest = room.saturating_sub(LABEL);
    let first = format!("{}{}", pad(line.label, LABEL), cells::fit(&line.existing, rest, more));
    let mut rows = vec![(first, style)];
    if line.differs {
        let typed = format!(
            "{}{}",
            pad(&format!("{mark} typed"), LABEL),
            cells::fit(&line.typed, rest, more)
        );
        rows.push((typed, style));
    }
    rows
}
