//! The form: fields with what is to be said beside them, the preview, the button, and
//! the open list of countries.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::{Modifier, Style},
};

use crate::contact::{Field, Region, phone, phone::Reading, text::safe};

use super::{
    super::{
        App,
        app::Pane,
        cells,
        form::Focus,
        input::Input,
        keymap::{Action, KeyScope},
        picker::Picker,
    },
    column, pane, put,
};

const LABEL: u16 = 13;
/// Cells of a field before the words beside it begin; a long text keeps them, a short
/// one gives them to long words.
const FIELD: usize = 16;
const LEAST_FIELD: usize = 6;

/// Draws the form; the answer is where the caret is.
pub(super) fn draw(app: &App, area: Rect, buffer: &mut Buffer) -> Option<Position> {
    let focused = app.pane == Pane::Form;
    let title = if app.is_storing() { " New contact: storing " } else { " New contact " };
    let inside = pane(app.theme, title, focused, area, buffer);
    let mut caret = None;
    for (row, field) in (0..).zip(Field::ALL) {
        let line = Rect { y: inside.y.saturating_add(row), height: 1, ..inside };
        let line = line.intersection(inside);
        caret = caret.or(field_row(app, field, line, buffer));
    }
    below(app, inside, buffer);
    if let Some(picker) = app.form.picker() {
        return list(app, picker, inside, buffer);
    }
    caret.filter(|_| focused)
}

fn field_row(app: &App, field: Field, line: Rect, buffer: &mut Buffer) -> Option<Position> {
    if line.is_empty() {
        return None;
    }
    let theme = app.theme;
    let focused = app.pane == Pane::Form && app.form.focus() == Focus::Field(field);
    if focused {
        put(buffer, line, 0, 0, theme.focus_mark(), theme.label(true));
    }
    put(buffer, line, 1, 0, field.label(), theme.label(focused));
    let rest = Rect { x: line.x + LABEL, width: line.width.saturating_sub(LABEL), ..line };
    let room = usize::from(rest.width);
    let (note, style) = note(app, field);
    let (content, note_room) = divide(app, field, room, cells::width(&note));
    let note = cells::fit(&note, note_room, theme.more());
    let x = column(room.saturating_sub(cells::width(&note)).min(content + 1));
    put(buffer, rest, x, 0, &note, style);
    let part = Rect { width: column(content), ..rest };
    match field {
        Field::Salutation => choices(app, part, buffer, focused),
        Field::Country => country(app.form.region(), part, buffer, focused, app),
        Field::FirstName | Field::LastName | Field::Phone | Field::Extension => {
            let input = app.form.input(field)?;
            return text_field(app, field, input, part, buffer).filter(|_| focused);
        }
    }
    focused.then_some(Position { x: part.x, y: part.y })
}

/// Shares a row between the field and the note beside it.
fn divide(app: &App, field: Field, room: usize, note: usize) -> (usize, usize) {
    let wanted = match field {
        Field::Salutation => {
            app.form.salutations().map(|(each, _)| cells::width(each.as_str()) + 7).sum::<usize>()
        }
        Field::Country => country_text(app.form.region()).map_or(0, |text| cells::width(&text)),
        Field::FirstName | Field::LastName | Field::Phone | Field::Extension => {
            app.form.input(field).map_or(0, |input| cells::width(input.text()) + 1)
        }
    };
    if note == 0 {
        return (room, 0);
    }
    let least = wanted.clamp(LEAST_FIELD, FIELD);
    let content = wanted.max(FIELD).min(room.saturating_sub(note + 1).max(least)).min(room);
    (content, room.saturating_sub(content + 1))
}

/// What is said beside a field: what is wrong, how the number reads, what was guessed.
fn note(app: &App, field: Field) -> (String, Style) {
    let theme = app.theme;
    if let Some(problem) = app.form.problem(field) {
        let style = if problem.can_override { theme.warning() } else { theme.error() };
        return (format!("! {}", problem.message), style);
    }
    if field == Field::Phone
        && let Some(reading) = app.form.reading()
    {
        return match reading {
            Reading::Valid(phone) => (format!("{} {}", theme.check(), phone.kind()), theme.good()),
            Reading::Unusual(_, why) => (format!("? {why}"), theme.warning()),
            Reading::Impossible(why) => (why, theme.faint()),
        };
    }
    if app.form.is_guessed(field) {
        return ("from the paste".into(), theme.faint());
    }
    (String::new(), Style::new())
}

fn choices(app: &App, area: Rect, buffer: &mut Buffer, focused: bool) {
    let mut x = 0;
    for (salutation, chosen) in app.form.salutations() {
        let style = match (chosen, focused) {
            (true, true) => app.theme.label(true),
            (true, false) => Style::new().add_modifier(Modifier::BOLD),
            (false, _) => Style::new(),
        };
        let text = format!("{} {}", app.theme.chosen(chosen), salutation);
        x = put(buffer, area, x, 0, &text, style).saturating_add(3);
    }
}

fn country_text(region: Option<Region>) -> Option<String> {
    region.map(|region| format!("{}  {}  +{}", region.code(), region.name(), region.calling_code()))
}

fn country(region: Option<Region>, area: Rect, buffer: &mut Buffer, focused: bool, app: &App) {
    let (text, style) = match country_text(region) {
        Some(text) => (text, app.theme.label(focused)),
        None => ("type a country, code or +code".into(), app.theme.faint()),
    };
    let text = cells::fit(&text, usize::from(area.width), app.theme.more());
    put(buffer, area, 0, 0, &text, style);
}

fn text_field(
    app: &App,
    field: Field,
    input: &Input,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    if input.is_empty() && field == Field::Phone {
        let example = app.form.region().and_then(phone::example);
        let text =
            example.map_or_else(|| "with its +code".into(), |example| format!("e.g. {example}"));
        put(
            buffer,
            area,
            0,
            0,
            &cells::fit(&text, usize::from(area.width), app.theme.more()),
            app.theme.faint(),
        );
    }
    editor(input, area, buffer, app.theme.selected())
}

/// Draws the part of the text around the caret; the answer is the caret's place.
pub(super) fn editor(
    input: &Input,
    area: Rect,
    buffer: &mut Buffer,
    marked: Style,
) -> Option<Position> {
    let room = usize::from(area.width);
    if area.is_empty() || room == 0 {
        return None;
    }
    let caret = input.caret();
    let from = (caret + 1).saturating_sub(room);
    if !input.is_empty() {
        put(buffer, area, 0, 0, &cells::window(input.text(), from, room), Style::new());
    }
    if let Some((start, end)) = input.selection() {
        let left = cells::width(&input.text()[..start]).max(from) - from;
        let right = cells::width(&input.text()[..end]).saturating_sub(from).min(room);
        let width = column(right.saturating_sub(left));
        let part = Rect { x: area.x.saturating_add(column(left)), width, ..area };
        buffer.set_style(part.intersection(area).intersection(buffer.area), marked);
    }
    Some(Position { x: area.x.saturating_add(column(caret - from)), y: area.y })
}

/// The lines under the fields: a blank one if there is room, the preview, the button.
fn below(app: &App, inside: Rect, buffer: &mut Buffer) {
    let theme = app.theme;
    let (first, lines) = preview_rows(app, inside);
    for (y, (text, style)) in (first..).zip(lines) {
        put(buffer, inside, 1, y, &text, style);
    }
    let Some(row) = button_row(app, inside) else { return };
    let key = app.look.keys.key(KeyScope::Form, Action::Submit);
    let button = format!("[ Submit  {key} ]");
    let focused = app.pane == Pane::Form && app.form.focus() == Focus::Button;
    let style = if focused { theme.selected() } else { theme.label(false) };
    let x = inside.width.saturating_sub(column(cells::width(&button))) / 2;
    put(buffer, inside, x, row, &button, style);
}

/// The preview's first row and the lines of it that fit.
fn preview_rows(app: &App, inside: Rect) -> (u16, Vec<(String, Style)>) {
    let fields = column(Field::ALL.len());
    let rest = inside.height.saturating_sub(fields);
    let gap = u16::from(rest >= 3);
    let mut lines = preview(app, usize::from(inside.width).saturating_sub(2));
    lines.truncate(usize::from(rest.saturating_sub(gap + 1)));
    (fields + gap, lines)
}

/// The button's row inside the form, when there is room for it.
pub(super) fn button_row(app: &App, inside: Rect) -> Option<u16> {
    let (first, lines) = preview_rows(app, inside);
    let row = first + column(lines.len()).max(1);
    (row < inside.height).then_some(row)
}

/// What would be sent, or what stands in its way, most urgent first.
fn preview(app: &App, room: usize) -> Vec<(String, Style)> {
    let theme = app.theme;
    let mut said = Vec::new();
    if let Focus::Field(field) = app.form.focus()
        && let Some(problem) = app.form.problem(field)
    {
        let key = app.look.keys.key(KeyScope::Form, Action::Submit);
        let again = if app.form.is_warned() {
            format!(" ({key} again submits it anyway)")
        } else {
            String::new()
        };
        said.push((format!("{field}: {}{again}", problem.message), theme.error()));
    }
    let owners = app.owners().into_iter().filter_map(crate::submission::Record::name);
    let owners = owners.map(|name| safe(&name)).collect::<Vec<_>>();
    if !owners.is_empty() {
        said.push((format!("already {}'s", owners.join(", ")), theme.warning()));
    }
    said.push(match (app.form.ready(), app.form.reading()) {
        (Some(contact), _) => {
            let (dot, phone) = (theme.dot(), contact.phone.international());
            let line =
                format!("{} {}{dot}{phone}{dot}ready", contact.salutation, contact.full_name());
            (line, theme.good())
        }
        (None, Some(Reading::Valid(phone))) => {
            let region = phone.region().map_or("international network", |region| region.name());
            let (dot, arrow) = (theme.dot(), theme.arrow());
            let line =
                format!("{arrow} {}{dot}{region}{dot}{}", phone.international(), phone.kind());
            (line, Style::new())
        }
        // Once it is a problem it is told above.
        (None, Some(Reading::Unusual(..) | Reading::Impossible(_)))
            if app.form.problem(Field::Phone).is_some() =>
        {
            (String::new(), Style::new())
        }
        (None, Some(Reading::Unusual(_, why) | Reading::Impossible(why))) => (why, theme.faint()),
        (None, None) if app.form.is_blank() && app.form.has_aside() => {
            let undo = app.look.keys.key(KeyScope::Form, Action::UndoOrRestore);
            (format!("{undo} brings the cleared contact back"), theme.faint())
        }
        (None, None) => (String::new(), Style::new()),
    });
    let wrapped = said.into_iter().flat_map(|(text, style)| {
        cells::wrap(&text, room).into_iter().map(move |line| (line, style))
    });
    wrapped.collect()
}

/// The open list under the country's row, or over it where there is no room below.
fn list(app: &App, picker: &Picker, inside: Rect, buffer: &mut Buffer) -> Option<Position> {
    let theme = app.theme;
    let (line, area) = list_areas(inside);
    if line.is_empty() {
        return None;
    }
    clear(line, buffer);
    let caret = editor(picker.query(), line, buffer, app.theme.selected());
    clear(area, buffer);
    if picker.found().is_empty() {
        put(buffer, area, 0, 0, "no country matches; Esc leaves it", theme.warning());
    }
    let height = usize::from(area.height);
    let first = first_row(picker.marked(), picker.found().len(), height);
    let rows = picker.found().iter().enumerate().skip(first).take(height);
    for (y, (at, region)) in (0..).zip(rows) {
        let marked = at == picker.marked();
        let mark = if marked { theme.focus_mark() } else { " " };
        let text = country_text(Some(*region)).unwrap_or_default();
        let text = cells::fit(&format!("{mark} {text}"), usize::from(area.width), theme.more());
        let style = if marked { app.theme.selected() } else { Style::new() };
        put(buffer, area, 0, y, &text, style);
    }
    caret
}

/// Where the list's query and its rows are.
fn list_areas(inside: Rect) -> (Rect, Rect) {
    let row = Field::ALL.iter().position(|field| *field == Field::Country).unwrap_or(0);
    let line = Rect {
        x: inside.x.saturating_add(LABEL),
        y: inside.y.saturating_add(column(row)),
        height: 1,
        width: inside.width.saturating_sub(LABEL),
    };
    let line = line.intersection(inside);
    let y = line.y.saturating_add(1);
    let rows = Rect { y, height: inside.bottom().saturating_sub(y), ..line };
    (line, rows.intersection(inside))
}

/// The row of the open list at a position.
pub(super) fn listed_at(picker: &Picker, inside: Rect, position: Position) -> Option<usize> {
    let (_, rows) = list_areas(inside);
    let first = first_row(picker.marked(), picker.found().len(), usize::from(rows.height));
    let row = first + usize::from(position.y.checked_sub(rows.y)?);
    (rows.contains(position) && row < picker.found().len()).then_some(row)
}

/// The salutation at a column of its row inside the form.
pub(super) fn choice_at(app: &App, inside: Rect, position: Position) -> Option<usize> {
    let mut left = inside.x.saturating_add(LABEL);
    for (at, (salutation, chosen)) in app.form.salutations().enumerate() {
        let text = format!("{} {salutation}", app.theme.chosen(chosen));
        let right = left.saturating_add(column(cells::width(&text)));
        if (left..right).contains(&position.x) {
            return Some(at);
        }
        left = right.saturating_add(3);
    }
    None
}

/// The first row to show so that the marked one is in the middle, as far as there are
/// rows. Made from the state alone, so that drawing needs no memory.
pub(super) fn first_row(marked: usize, count: usize, height: usize) -> usize {
    marked.saturating_sub(height / 2).min(count.saturating_sub(height))
}

fn clear(area: Rect, buffer: &mut Buffer) {
    let area = area.intersection(buffer.area);
    for position in area.positions() {
        buffer[position].reset();
    }
}
