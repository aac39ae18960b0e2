//! The results: counts in the title, one row for each submission.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
};

use crate::{contact::text::safe, submission::Entry};

use super::{
    super::{
        App,
        app::Pane,
        cells,
        keymap::{Action, KeyScope},
        results::Filter,
        sentences, time,
    },
    column,
    form::{editor, first_row},
    pane, put,
};

const GAP: usize = 2;
const TIME: usize = 5;
const STATUS: usize = 9;
const LEAST_NAME: usize = 8;

/// Draws the results; the answer is the caret of the search line, if that has it.
pub(super) fn draw(app: &App, area: Rect, buffer: &mut Buffer) -> Option<Position> {
    let focused = app.pane == Pane::Results;
    let inside = pane(app.theme, &title(app, area.width), focused, area, buffer);
    if focused {
        selected_remark(app, area, buffer);
    }
    let Some(search) = app.results.search() else {
        rows(app, inside, buffer);
        return None;
    };
    let line = Rect { height: 1, ..inside }.intersection(inside);
    let end = put(buffer, line, 0, 0, "Search: ", app.theme.label(true));
    let field = Rect { x: line.x + end, width: line.width.saturating_sub(end), ..line };
    let caret = editor(search, field, buffer, app.theme.selected());
    let rest = Rect { y: inside.y + 1, height: inside.height.saturating_sub(1), ..inside };
    rows(app, rest.intersection(inside), buffer);
    caret.filter(|_| focused && app.results.is_searching())
}

/// Counts by filter, the active one in brackets: with their keys where there is room,
/// only the active one where it is tight.
pub(super) fn title(app: &App, width: u16) -> String {
    let counts = app.results.counts();
    let active = app.results.filter();
    let part = |(key, filter): (usize, Filter), keys: bool| {
        let key = if keys { format!("{key} ") } else { String::new() };
        let text = format!("{key}{} {}", filter.word(), filter.count(counts));
        if filter == active { format!("[{text}]") } else { text }
    };
    let list = |keys| {
        let parts = (1..).zip(Filter::ALL).map(|each| part(each, keys));
        format!(" Results{}{} ", app.theme.dash(), parts.collect::<Vec<_>>().join("  "))
    };
    let fits = |text: &String| cells::width(text) + 4 <= usize::from(width);
    let short =
        || format!(" Results{}{} {} ", app.theme.dash(), active.word(), active.count(counts));
    Some(list(true)).filter(fits).or_else(|| Some(list(false)).filter(fits)).unwrap_or_else(short)
}

/// The selected row's whole remark on the lower edge: in the row it is often cut.
fn selected_remark(app: &App, area: Rect, buffer: &mut Buffer) {
    let remark = app.results.selected().map(|entry| sentences::row(entry, app.holds_up(), app.now));
    if let Some(remark) = remark.filter(|remark| !remark.is_empty()) {
        let room = usize::from(area.width).saturating_sub(6);
        let remark = format!(" {} ", cells::fit(&remark, room, app.theme.more()));
        put(buffer, area, 2, area.height.saturating_sub(1), &remark, Style::new());
    }
}

fn rows(app: &App, area: Rect, buffer: &mut Buffer) {
    let shown = app.results.shown();
    if shown.is_empty() {
        let room = usize::from(area.width).saturating_sub(2);
        let text = nothing(app);
        let lines = text.lines().flat_map(|line| cells::wrap(line, room));
        for (y, line) in (0..).zip(lines) {
            put(buffer, area, 1, y, &line, app.theme.faint());
        }
        return;
    }
    let height = usize::from(area.height);
    let at = app.results.place(&shown);
    let selected = shown.get(at).map(|entry| entry.submission.id);
    let first = first_row(at, shown.len(), height);
    let visible = &shown[first..shown.len().min(first + height)];
    let columns = ColumnWidths::of(visible, usize::from(area.width));
    for (y, entry) in (0..).zip(visible) {
        let marked = app.pane == Pane::Results && Some(entry.submission.id) == selected;
        row(app, entry, &columns, marked, Rect { y: area.y + y, height: 1, ..area }, buffer);
    }
}

fn nothing(app: &App) -> String {
    if app.results.is_reading() {
        "Looking ...".into()
    } else if app.results.search().is_some() || app.results.filter() != Filter::All {
        let key = app.look.keys.key(KeyScope::Results, Action::Close);
        format!("Nothing matches; {key} shows everything.")
    } else {
        let demo = app.demo.as_ref().map(|hint| format!("\n{hint}")).unwrap_or_default();
        format!("No contacts yet: what you submit shows here.{demo}")
    }
}

/// Cells for each column. The time goes first when it is tight, then the remark.
struct ColumnWidths {
    time: usize,
    name: usize,
    phone: usize,
}

impl ColumnWidths {
    fn of(rows: &[&Entry], width: usize) -> Self {
        let widest = |text: fn(&Entry) -> String| {
            rows.iter().map(|entry| cells::width(&text(entry))).max().unwrap_or(0)
        };
        let phone = widest(phone).min(20);
        let time = if width >= 58 { TIME + GAP } else { 0 };
        let fixed = 1 + time + STATUS + GAP + phone + GAP;
        let rest = width.saturating_sub(fixed + GAP);
        let most = if rest > 30 { rest / 2 } else { rest }.max(LEAST_NAME);
        Self { time, name: widest(name).clamp(LEAST_NAME, most), phone }
    }
}

fn name(entry: &Entry) -> String {
    safe(&entry.submission.contact.full_name())
}

fn phone(entry: &Entry) -> String {
    entry.submission.contact.phone.international()
}

fn row(
    app: &App,
    entry: &Entry,
    columns: &ColumnWidths,
    marked: bool,
    line: Rect,
    buffer: &mut Buffer,
) {
    let theme = app.theme;
    if marked {
        put(buffer, line, 0, 0, theme.focus_mark(), theme.label(true));
    }
    let mut x = 1;
    let mut cell = |text: &str, width: usize, style: Style| {
        let text = cells::fit(text, width, theme.more());
        put(buffer, line, column(x), 0, &text, style);
        x += width + GAP;
    };
    if columns.time > 0 {
        cell(&time::clock(entry.submission.submitted_at, &app.zone), TIME, Style::new());
    }
    cell(entry.status.word(), STATUS, theme.status(entry.status.group()));
    cell(&name(entry), columns.name, Style::new());
    cell(&phone(entry), columns.phone, Style::new());
    let rest = usize::from(line.width).saturating_sub(x);
    let remark = cells::fit(&sentences::row(entry, app.holds_up(), app.now), rest, theme.more());
    put(buffer, line, column(x), 0, &remark, Style::new());
    if marked {
        buffer.set_style(line.intersection(buffer.area), app.theme.selected());
    }
}
