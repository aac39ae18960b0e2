//! The form: fields with what is to be said about them, the number to read back, what
//! would be sent, the button, and the open list of countries.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
};

use crate::contact::{Field, Salutation, examples::Example};

use super::{
    super::{
        App,
        app::Pane,
        cells,
        form::{Focus, Form, Said},
        keymap::{Action, KeyScope},
        theme::Theme,
    },
    column, combo, field,
    form_plan::FormPlan,
    guide, known, layout,
    layout::{Class, ScreenParts},
    paint, put, put_right, read_back, verdict,
};

/// Draws the form; the answer is where the caret is.
pub(super) fn draw(app: &App, parts: &ScreenParts, buffer: &mut Buffer) -> Option<Position> {
    let theme = &app.theme;
    let area = parts.form;
    paint(buffer, area, theme.panel());
    let plan = FormPlan::of(app, parts);
    if parts.class == Class::Wide && theme.parted {
        for y in 0..area.height {
            put(buffer, area, area.width - 1, y, theme.glyphs.side, theme.line());
        }
    }
    let focused = app.pane == Pane::Form;
    if let Some(title) = plan.title {
        heading(app, title, focused, buffer);
    }
    let mut caret = None;
    for field in Field::ALL {
        caret = caret.or(field_row(app, &plan, field, buffer));
    }
    read_back::draw(theme, app.form.read_back(), &plan, buffer);
    said(app, &plan, buffer);
    known::draw(app, &plan, area, buffer);
    guide::draw(app, &plan, area, buffer);
    let pressed = button(app, &plan, buffer);
    caret.or(pressed).filter(|_| focused)
}

/// What the form is for, in as many words as fit.
fn heading(app: &App, line: Rect, focused: bool, buffer: &mut Buffer) {
    let theme = &app.theme;
    let storing = if app.is_storing() { ": storing" } else { "" };
    let [whole, short] = app.purpose().titles().map(|title| title + storing);
    let fits = cells::width(&whole) <= usize::from(line.width);
    let words = if fits { whole } else { short };
    put(buffer, line, 0, 0, &words, theme.label(focused));
}

/// Draws the open list of countries over everything; the answer is its caret.
pub(super) fn draw_list(app: &App, parts: &ScreenParts, buffer: &mut Buffer) -> Option<Position> {
    let picker = app.form.picker()?;
    let plan = FormPlan::of(app, parts);
    combo::draw(app, picker, &plan, list_area(parts), buffer)
}

/// What the list may hang over: the form, and the results below it.
pub(super) fn list_area(parts: &ScreenParts) -> Rect {
    let height = parts.body.bottom().saturating_sub(parts.form.y);
    Rect { height, ..parts.form }
}

fn has_focus(app: &App, focus: Focus) -> bool {
    app.pane == Pane::Form && app.form.focus() == focus
}

fn field_row(app: &App, plan: &FormPlan, of: Field, buffer: &mut Buffer) -> Option<Position> {
    let theme = &app.theme;
    let focused = has_focus(app, Focus::Field(of));
    let line = plan.line(of);
    if line.is_empty() {
        return None;
    }
    // The mark of the focus stands left of the labels.
    let whole = Rect { x: line.x - 2, width: line.width + 2, ..line };
    field::label(theme, whole, 2, of.label(), focused, buffer);
    let state = field::State { focused, flag: flag(app, of) };
    let caret = match of {
        Field::Salutation => salutations(app, plan, state, buffer),
        Field::Country => {
            let text = field::surface(theme, plan.surface(of), state, buffer);
            country(app, focused, text, buffer);
            Some(Position { x: text.x, y: text.y })
        }
        Field::FirstName | Field::LastName | Field::Phone | Field::Extension => {
            let text = field::surface(theme, plan.surface(of), state, buffer);
            text_field(app, of, focused, text, buffer)
        }
    };
    if plan.spaced
        && let Some(said) = app.form.said(of)
    {
        message(theme, &said, plan, row_below(line), buffer);
    }
    caret.filter(|_| focused)
}

fn row_below(line: Rect) -> Rect {
    Rect { y: line.y + 1, ..line }
}

/// The ink of what is to be read about a field, once it was left or submitted.
fn flag(app: &App, field: Field) -> Option<Style> {
    app.form.problem(field).map(|_| ink(&app.theme, field))
}

/// A number that is not whole yet is no error.
fn ink(theme: &Theme, field: Field) -> Style {
    match field {
        Field::Phone => theme.warning(),
        Field::Salutation
        | Field::FirstName
        | Field::LastName
        | Field::Country
        | Field::Extension => theme.error(),
    }
}

/// Under the value where it fits, further left where it does not.
fn message(theme: &Theme, said: &Said, plan: &FormPlan, line: Rect, buffer: &mut Buffer) {
    let style = if said.settled { ink(theme, said.field) } else { theme.muted() };
    let text = format!("{} {}", theme.glyphs.attention, said.text);
    let text = cells::fit_clauses(&text, usize::from(line.width), theme.glyphs.more);
    let value = plan.edge + 1 - line.x;
    let x = value.min(line.width.saturating_sub(column(cells::width(&text))));
    put(buffer, line, x, 0, &text, style);
}

fn text_field(
    app: &App,
    of: Field,
    focused: bool,
    text: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    let theme = &app.theme;
    let input = app.form.input(of)?;
    let (note, style) = note(app, of);
    let text = field::note(&note, style, text, buffer);
    if input.is_empty() && of == Field::Phone {
        let room = usize::from(text.width);
        let hint = match app.form.region().and_then(Example::of) {
            Some(example) => format!("e.g. {}", example.national),
            None => "with its +code".to_owned(),
        };
        put(buffer, text, 0, 0, &cells::fit(&hint, room, theme.glyphs.more), theme.faint());
    }
    field::editor(theme, input, text, focused, buffer)
}

/// The one short note at the right end of a field.
fn note(app: &App, field: Field) -> (String, Style) {
    let theme = &app.theme;
    if field == Field::Phone {
        return phone_note(&app.form, theme);
    }
    if field == Field::Extension && has_focus(app, Focus::Field(field)) {
        return ("dialing prefix".into(), theme.faint());
    }
    if app.form.is_guessed(field) {
        return ("pasted".into(), theme.faint());
    }
    (String::new(), Style::new())
}

fn phone_note(form: &Form, theme: &Theme) -> (String, Style) {
    let read = form.read_back();
    if read.is_empty() {
        return (String::new(), Style::new());
    }
    let settled = form.problem(Field::Phone).is_some();
    let style = if settled { theme.warning() } else { theme.faint() };
    let count = || format!("{} of {}", read.typed, read.expected());
    if form.is_valid_number() {
        (theme.glyphs.ready.into(), theme.good())
    } else if read.expected() > 0 && read.typed != read.expected() {
        (count(), style)
    } else if form.number().is_some() {
        ("not in use".into(), theme.warning())
    } else {
        (String::new(), Style::new())
    }
}

fn country(app: &App, focused: bool, text: Rect, buffer: &mut Buffer) {
    let theme = &app.theme;
    let Some(region) = app.form.region() else {
        let hint = cells::fit(
            "type a country, code or +code",
            usize::from(text.width).saturating_sub(2),
            theme.glyphs.more,
        );
        put(buffer, text, 0, 0, &hint, theme.faint());
        put_right(buffer, text, text.width, 0, theme.glyphs.open, theme.muted());
        return;
    };
    let note = format!("+{} {}", region.calling_code(), theme.glyphs.open);
    let right = put_right(buffer, text, text.width, 0, &note, theme.muted());
    let style = field::value(theme, focused);
    let name = put(buffer, text, 0, 0, region.code(), style) + 2;
    let room = usize::from(right.saturating_sub(name + 1));
    put(buffer, text, name, 0, &cells::fit(region.name(), room, theme.glyphs.more), style);
}

/// Where each salutation that fits stands: its place among all, the column of its edge, and
/// its width from there. The chosen one always shows.
fn shown_salutations(form: &Form, theme: &Theme, width: u16) -> Vec<(usize, u16, u16)> {
    let all: Vec<(usize, u16)> = form
        .salutations()
        .enumerate()
        .map(|(at, (each, chosen))| (at, column(cells::width(&option(theme, each, chosen)))))
        .collect();
    let chosen = form.salutations().position(|(_, chosen)| chosen).unwrap_or(0);
    // The first one from which on the chosen one still fits.
    let end = |from: usize| {
        all.iter().skip(from).take(chosen + 1 - from).map(|(_, text)| text + 3).sum::<u16>()
    };
    let from = (0..=chosen).find(|from| end(*from) <= width + 1).unwrap_or(chosen);
    let mut shown = Vec::new();
    let mut x = 0;
    for (at, text) in all.into_iter().skip(from) {
        if x + text + 2 > width && !shown.is_empty() {
            break;
        }
        shown.push((at, x, text + 2));
        x += text + 3;
    }
    shown
}

fn option(theme: &Theme, salutation: &Salutation, chosen: bool) -> String {
    let mark = if chosen { theme.glyphs.chosen } else { theme.glyphs.other };
    format!("{mark} {salutation}")
}

fn salutations(
    app: &App,
    plan: &FormPlan,
    state: field::State,
    buffer: &mut Buffer,
) -> Option<Position> {
    let theme = &app.theme;
    let area = plan.surface(Field::Salutation);
    let count = app.form.salutations().count();
    let shown = shown_salutations(&app.form, theme, area.width);
    let mut caret = None;
    for (salutation, chosen) in app.form.salutations().enumerate().filter_map(|(at, it)| {
        let place = shown.iter().find(|(nth, ..)| *nth == at)?;
        Some(((it.0, *place), it.1))
    }) {
        let (each, (_, x, width)) = salutation;
        let part = Rect { x: area.x + x, width, ..area }.intersection(area);
        let text = option(theme, each, chosen);
        if chosen {
            if theme.planes {
                paint(buffer, part, theme.field(state.focused));
                field::edge(theme, part, state, buffer);
            }
            put(buffer, part, 1, 0, &text, theme.strong());
            if state.focused {
                put(buffer, part, 1, 0, theme.glyphs.chosen, theme.accent());
            }
            caret = Some(Position { x: part.x + 1, y: part.y });
        } else {
            put(buffer, part, 1, 0, &text, theme.muted());
        }
    }
    if state.focused {
        let end = shown.last().map_or(0, |(_, x, width)| x + width);
        let hint = app.form.letters(shown.len() < count);
        let width = column(cells::width(&hint));
        if end + width + 2 <= area.width {
            put_right(buffer, area, area.width - 1, 0, &hint, theme.faint());
        }
    }
    caret
}

/// The salutation at a position.
pub(super) fn choice_at(app: &App, plan: &FormPlan, position: Position) -> Option<usize> {
    let area = plan.surface(Field::Salutation);
    let x = position.x.checked_sub(area.x)?;
    let shown = shown_salutations(&app.form, &app.theme, area.width);
    let found = shown.into_iter().find(|(_, from, width)| (*from..from + width).contains(&x));
    found.filter(|_| area.y == position.y).map(|(at, ..)| at)
}

/// What would be sent, or what stands in its way, on the form's one row for it.
fn said(app: &App, plan: &FormPlan, buffer: &mut Buffer) {
    let theme = &app.theme;
    let Some(line) = plan.verdict else { return };
    if !plan.spaced
        && let Some(said) = verdict::first_said(app)
    {
        match plan.class {
            Class::Side | Class::Stacked => message(theme, &said, plan, line, buffer),
            Class::Wide | Class::One => {
                let style = if said.settled { ink(theme, said.field) } else { theme.muted() };
                let text = format!("{} {}", theme.glyphs.attention, said.text);
                let room = usize::from(line.width);
                let text = cells::fit_clauses(&text, room, theme.glyphs.more);
                put(buffer, line, 0, 0, &text, style);
            }
        }
        return;
    }
    let x = match plan.class {
        Class::Side | Class::Stacked => plan.edge + 1 - line.x,
        Class::Wide | Class::One => 0,
    };
    let room = usize::from(line.width.saturating_sub(x));
    if let Some((text, style)) = verdict::verdict(app, room) {
        put(buffer, line, x, 0, &cells::fit_clauses(&text, room, theme.glyphs.more), style);
    } else if plan.class == Class::Wide && app.form.read_back().is_empty() {
        put(buffer, line, 0, 0, "The number shows here, to read back", theme.faint());
    }
}

fn button(app: &App, plan: &FormPlan, buffer: &mut Buffer) -> Option<Position> {
    let area = plan.button?;
    let theme = &app.theme;
    let key = app.look.keys.key(KeyScope::Form, Action::Submit);
    let focused = has_focus(app, Focus::Button);
    let warned = app.form.is_warned();
    let words = if app.look.keys.forbids(Action::Submit) {
        "Not allowed here".to_owned()
    } else {
        let verb = app.purpose().verb();
        let anyway = if warned { " anyway" } else { "" };
        format!("{verb}{anyway}  {key}")
    };
    let fill =
        if warned { Some(theme.warning()) } else { app.form.ready().map(|_| theme.accent()) };
    let caret = field::button(theme, &words, area, (fill, focused), buffer);
    focused.then_some(caret)
}

/// What is at a position of the form's area.
pub(super) fn plan_of(app: &App, parts: &layout::ScreenParts) -> FormPlan {
    FormPlan::of(app, parts)
}

/// The row that a field takes with what is said under it.
pub(super) fn field_at(plan: &FormPlan, position: Position) -> Option<Field> {
    Field::ALL.into_iter().find(|field| {
        let line = plan.line(*field);
        line.y == position.y && position.x >= line.x.saturating_sub(2) && position.x < line.right()
    })
}
