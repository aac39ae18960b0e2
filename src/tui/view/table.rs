//! The results as a table: a head and a row for each contact; where it is narrow, entries
//! of two rows. The columns depend on the pane's width alone, so that scrolling never
//! shifts them.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style},
};

use crate::{contact::text::safe, submission::Entry};

use super::{
    super::{
        App,
        app::Pane,
        cells,
        row_words::{self, Moment},
        theme::Theme,
        time,
    },
    column,
    entry_list::{self, ListItem},
    first_row, paint, put, put_right, row,
};

const MARK: u16 = 2;
const WHEN: u16 = 5;
const STATUS: u16 = 11;
const NUMBER: u16 = 16;
const GAP: u16 = 2;
const NAMES: (u16, u16) = (13, 26);
const LEAST_NOTE: u16 = 12;
/// Below this width an entry takes two rows.
const ONE_ROW: u16 = 46;

/// How the results are drawn at a width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Table(ColumnWidths),
    Entries,
}

impl Shape {
    pub(super) fn of(width: u16) -> Self {
        if width < ONE_ROW { Self::Entries } else { Self::Table(ColumnWidths::of(width)) }
    }

    /// Rows of one entry.
    pub(super) fn each(self) -> u16 {
        match self {
            Self::Table(_) => 1,
            Self::Entries => 2,
        }
    }

    /// Rows of the head.
    pub(super) fn head(self) -> u16 {
        match self {
            Self::Table(_) => 1,
            Self::Entries => 0,
        }
    }
}

/// Where the columns are. When gives way first, then the note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ColumnWidths {
    when: bool,
    name: u16,
    note: Option<u16>,
}

impl ColumnWidths {
    fn of(width: u16) -> Self {
        // The last column is the scroll bar's.
        let fixed = 1 + MARK + STATUS + GAP + GAP + NUMBER;
        let rest = |when: bool, note: bool| {
            let when = if when { WHEN + GAP } else { 0 };
            let note = if note { GAP } else { 0 };
            width.checked_sub(fixed + when + note)
        };
        let least = |when, note: bool| {
            let needed = NAMES.0 + if note { LEAST_NOTE } else { 0 };
            rest(when, note).filter(|rest| *rest >= needed)
        };
        for when in [true, false] {
            if let Some(rest) = least(when, true) {
                let name = rest.div_ceil(2).clamp(NAMES.0, NAMES.1);
                return Self { when, name, note: Some(rest - name) };
            }
        }
        let when = least(true, false).is_some();
        let rest = rest(when, false).unwrap_or(NAMES.0);
        Self { when, name: rest.min(NAMES.1), note: None }
    }

    fn status(self) -> u16 {
        MARK + if self.when { WHEN + GAP } else { 0 }
    }

    fn name(self) -> u16 {
        self.status() + STATUS + GAP
    }

    fn number(self) -> u16 {
        self.name() + self.name + GAP
    }

    fn note(self) -> u16 {
        self.number() + NUMBER + GAP
    }
}

/// Draws the head.
pub(super) fn head(theme: &Theme, columns: ColumnWidths, area: Rect, buffer: &mut Buffer) {
    paint(buffer, area, theme.panel());
    let style = theme.faint();
    if columns.when {
        put(buffer, area, MARK, 0, "When", style);
    }
    put(buffer, area, columns.status() + 2, 0, "Status", style);
    put(buffer, area, columns.name(), 0, "Name", style);
    put(buffer, area, columns.number(), 0, "Number", style);
    if columns.note.is_some() {
        put(buffer, area, columns.note(), 0, "Note", style);
    }
    if !theme.planes {
        let line = Rect { width: area.width.saturating_sub(1), ..area };
        paint(buffer, line, Style::new().add_modifier(Modifier::UNDERLINED));
    }
}

/// Draws the rows that show, and the scroll bar if there are more.
pub(super) fn rows(app: &App, shape: Shape, area: Rect, buffer: &mut Buffer) {
    let each = shape.each();
    let selected = app.results.selected().map(|entry| entry.submission.id);
    let line = app.results.line();
    for (y, item) in entry_list::visible(app, area.height, each) {
        let at = Rect { y: area.y + y, height: each, ..area }.intersection(area);
        match item {
            ListItem::Day(day) => day_line(&app.theme, &day, at, buffer),
            ListItem::Row(entry) => {
                let id = entry.submission.id;
                let marked = app.pane == Pane::Results && Some(id) == selected;
                let before = line.binary_search(&id).ok();
                let moment = app.moment(before);
                let drawn = DrawnRow { theme: &app.theme, entry, moment, marked };
                match shape {
                    Shape::Table(columns) => drawn.table(columns, at, buffer),
                    Shape::Entries => drawn.entry(at, buffer),
                }
            }
        }
    }
    if entry_list::overflows(app, area.height, each) {
        scroll_bar(app, area, buffer);
    }
}

fn day_line(theme: &Theme, day: &str, area: Rect, buffer: &mut Buffer) {
    let line = row(area, 0);
    let end = line.width.saturating_sub(1);
    for x in MARK..end {
        put(buffer, line, x, 0, theme.glyphs.rule, theme.line());
    }
    put(buffer, line, MARK + 2, 0, &format!(" {day} "), theme.muted());
}

struct DrawnRow<'a> {
    theme: &'a Theme,
    entry: &'a Entry,
    moment: Moment<'a>,
    marked: bool,
}

impl DrawnRow<'_> {
    fn table(&self, columns: ColumnWidths, area: Rect, buffer: &mut Buffer) {
        if columns.when {
            let when = time::when(self.submitted(), self.moment.now, self.moment.zone);
            put_right(buffer, area, MARK + WHEN, 0, &when, self.quiet());
        }
        self.status(columns.status(), area, buffer);
        self.name(columns.name(), columns.name, area, buffer);
        let note = columns.note.map(|room| {
            let note = row_words::note(self.entry, &self.moment);
            cells::fit(&note, usize::from(room), self.theme.glyphs.more)
        });
        // A long number goes on where nothing follows it, and into the gap where something does.
        let end = match &note {
            Some(note) if !note.is_empty() => columns.note() - 1,
            Some(_) | None => area.width.saturating_sub(1),
        };
        let room = end.saturating_sub(columns.number());
        self.number(columns.number(), room, area, buffer);
        put(buffer, area, columns.note(), 0, &note.unwrap_or_default(), self.quiet());
        self.select(area, buffer);
    }

    /// Status and name, and under them time and number.
    fn entry(&self, area: Rect, buffer: &mut Buffer) {
        const NAME: u16 = MARK + STATUS + GAP;
        let (first, second) = (row(area, 0), row(area, 1));
        self.status(MARK, first, buffer);
        self.name(NAME, area.width.saturating_sub(NAME + 1), first, buffer);
        let when = time::when(self.submitted(), self.moment.now, self.moment.zone);
        put(buffer, second, MARK + 2, 0, &when, self.quiet());
        self.number(NAME, area.width.saturating_sub(NAME + 1), second, buffer);
        self.select(area, buffer);
    }

    fn submitted(&self) -> jiff::Timestamp {
        self.entry.submission.submitted_at
    }

    /// Times and notes are quiet, except in the selected row.
    fn quiet(&self) -> Style {
        if self.marked { self.theme.text() } else { self.theme.muted() }
    }

    fn status(&self, x: u16, area: Rect, buffer: &mut Buffer) {
        let (mark, word, style) = self.theme.status(self.entry);
        put(buffer, area, x, 0, mark, style);
        put(buffer, area, x + 2, 0, word, style);
    }

    fn name(&self, x: u16, room: u16, area: Rect, buffer: &mut Buffer) {
        let name = safe(&self.entry.submission.contact.full_name());
        let name = cells::fit(&name, usize::from(room), self.theme.glyphs.more);
        let style = if self.marked { self.theme.strong() } else { self.theme.text() };
        put(buffer, area, x, 0, &name, style);
    }

    fn number(&self, x: u16, room: u16, area: Rect, buffer: &mut Buffer) {
        let number = self.entry.submission.contact.phone.international();
        let number = cells::fit(&number, usize::from(room), self.theme.glyphs.more);
        put(buffer, area, x, 0, &number, self.theme.text());
    }

    /// Laid over what is written; without surfaces a mark tells it as well.
    fn select(&self, area: Rect, buffer: &mut Buffer) {
        if !self.marked {
            return;
        }
        let theme = self.theme;
        let area =
            if theme.planes { area } else { Rect { width: area.width.saturating_sub(1), ..area } };
        let mark = if theme.planes { theme.glyphs.bar } else { theme.glyphs.focus };
        paint(buffer, area, theme.selection());
        for y in 0..area.height {
            put(buffer, area, 0, y, mark, if theme.planes { theme.accent() } else { Style::new() });
        }
    }
}

/// How much of the rows at hand shows, and where among them.
fn scroll_bar(app: &App, area: Rect, buffer: &mut Buffer) {
    let theme = &app.theme;
    let shown = app.results.shown();
    let (count, height) = (shown.len().max(1), usize::from(area.height));
    let length = (height * height / count).clamp(1, height.max(1));
    let first = first_row(app.results.place(&shown), count, height);
    let free = height.saturating_sub(length);
    let from = (first * free).checked_div(count.saturating_sub(height)).unwrap_or(0).min(free);
    let x = area.width.saturating_sub(1);
    for y in from..from + length {
        put(buffer, area, x, column(y), theme.glyphs.scroll, theme.edge());
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyCode;
    use ratatui::{Terminal, backend::TestBackend};

    use super::*;
    use crate::{
        contact::{Phone, Reading},
        tui::script::{Script, created, duplicate},
    };

    fn table(width: u16) -> ColumnWidths {
        ColumnWidths::of(width)
    }

    #[test]
    fn when_gives_way_first_then_the_note() {
        assert_eq!(table(78), ColumnWidths { when: true, name: 18, note: Some(17) });
        assert_eq!(table(72), ColumnWidths { when: true, name: 15, note: Some(14) });
        assert_eq!(table(102), ColumnWidths { when: true, name: 26, note: Some(33) });
        assert_eq!(table(58), ColumnWidths { when: true, name: 17, note: None });
        assert_eq!(table(52), ColumnWidths { when: false, name: 18, note: None });
    }

    #[test]
    fn a_long_number_shows_whole_where_the_note_leaves_room() {
        let Reading::Valid(phone) = Phone::parse("+8613800138000", None) else { panic!() };
        let mut noted = duplicate(1, "Wei", "Li", "9876543210", "Bartholomew Alexander Roe");
        let mut bare = created(2, "Wei", "Li", "9876543210", "63c7");
        for row in [&mut noted, &mut bare] {
            row.submission.contact.phone = phone.clone();
        }
        let mut script = Script::start();
        script.rows(vec![bare, noted]).key(KeyCode::F(6));
        for (width, height) in [(120, 32), (80, 24), (40, 12)] {
            let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
            terminal.draw(|frame| script.app.view(frame)).unwrap();
            let shown = terminal.backend().to_string();
            let rows = shown.lines().filter(|line| line.contains("+86 138 0013 8000 "));
            // Under the list a wide screen shows the selected one once more.
            let expected = if width == 120 { 3 } else { 2 };
            assert_eq!(rows.count(), expected, "{width}:\n{shown}");
        }
    }

    #[test]
    fn every_column_fits_into_every_width() {
        for width in ONE_ROW..300 {
            let columns = table(width);
            let end = match columns.note {
                Some(note) => columns.note() + note,
                None => columns.number() + NUMBER,
            };
            assert!(end < width, "{width}: {columns:?}");
        }
        assert_eq!(Shape::of(ONE_ROW - 1), Shape::Entries);
    }
}
