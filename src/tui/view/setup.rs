//! The form for a new profile: fields with what is wrong under each, what the platform
//! says, the button. What does not fit is scrolled; the field with the keyboard shows.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
};

use super::{
    super::{
        cells,
        keymap::{Action, KeyScope, Keymap},
        theme::Theme,
        welcome::{SetupFocus, SetupForm, TrialState, WelcomeHit},
    },
    column, field, first_row, paint, put,
};

/// The column of an input's edge.
const LABEL: u16 = 20;
/// Cells of the widest form.
const WIDEST: u16 = 92;
/// Where what is said under a field begins, when there is little room.
const NEAR: u16 = 3;
const NARROW: u16 = 58;
/// Lines of what the platform says while something else has the keyboard.
const LEAST_STATUS: u16 = 2;

/// One line of the form's upper part.
enum SetupLine {
    Stop(SetupFocus),
    /// What is to be said under the stop above.
    Said(String, Style),
}

/// Draws the form; the answer is where the caret is.
pub(super) fn draw(
    form: &SetupForm,
    theme: &Theme,
    keymap: &Keymap,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    paint(buffer, area, theme.panel());
    let inside = inside(area);
    if inside.y > area.y {
        let title = format!("Profile `{}`", form.profile);
        put(buffer, super::row(area, inside.y - area.y - 1), 3, 0, &title, theme.label(true));
    }
    let parts = SetupAreas::of(form, theme, inside);
    let mut caret = None;
    for (y, line) in (0..parts.rows.height).zip(parts.lines.iter().skip(parts.first)) {
        let row = Rect { y: parts.rows.y + y, height: 1, ..parts.rows };
        match line {
            SetupLine::Stop(stop) => caret = caret.or(stop_row(form, theme, *stop, row, buffer)),
            SetupLine::Said(text, style) => drop(put(buffer, row, indent(inside), 0, text, *style)),
        }
    }
    for (y, (text, style)) in (0..parts.status.height).zip(&parts.said) {
        put(buffer, parts.status, 2, y, text, *style);
    }
    let key = keymap.key(KeyScope::Setup, Action::Submit);
    let focused = form.focus == SetupFocus::Button;
    let fill = form.is_ready().then(|| theme.accent());
    let words = format!("Save  {key}");
    let at = field::button(theme, &words, parts.button, (fill, focused), buffer);
    caret.or_else(|| focused.then_some(at))
}

/// What the form's lines lie in, under its title where there is room for one.
fn inside(area: Rect) -> Rect {
    let top = if area.height >= 16 { 2 } else { 0 };
    let width = area.width.saturating_sub(3).min(WIDEST);
    let height = area.height.saturating_sub(top);
    Rect { x: area.x + 1, y: area.y + top, width, height }.intersection(area)
}

/// What is at a position of the form.
pub(super) fn hit(
    form: &SetupForm,
    theme: &Theme,
    area: Rect,
    position: Position,
) -> Option<WelcomeHit> {
    let parts = SetupAreas::of(form, theme, inside(area));
    if parts.button.contains(position) {
        return Some(WelcomeHit::Stop(SetupFocus::Button));
    }
    if !parts.rows.contains(position) {
        return None;
    }
    let at = parts.first + usize::from(position.y - parts.rows.y);
    match parts.lines.get(at)? {
        SetupLine::Said(..) => None,
        SetupLine::Stop(SetupFocus::Places) => {
            let x = position.x.checked_sub(parts.rows.x.saturating_add(LABEL));
            let room = usize::from(parts.rows.width.saturating_sub(LABEL));
            let place = x.and_then(|x| place_at(form, theme, room, x));
            Some(place.map_or(WelcomeHit::Stop(SetupFocus::Places), WelcomeHit::Place))
        }
        SetupLine::Stop(stop) => Some(WelcomeHit::Stop(*stop)),
    }
}

/// Where everything is.
struct SetupAreas {
    lines: Vec<SetupLine>,
    /// The first line that shows.
    first: usize,
    rows: Rect,
    said: Vec<(String, Style)>,
    status: Rect,
    button: Rect,
}

impl SetupAreas {
    fn of(form: &SetupForm, theme: &Theme, inside: Rect) -> Self {
        let lines =
            lines(form, theme, usize::from(inside.width.saturating_sub(indent(inside) + 1)));
        let mut said = status(form, theme, usize::from(inside.width.saturating_sub(2)));
        let above = inside.height.saturating_sub(1);
        let left = above.saturating_sub(column(lines.len()));
        let most = if form.focus == SetupFocus::Button { above } else { above / 2 };
        let height = column(said.len()).min(most.max(left)).max(LEAST_STATUS).min(above);
        if usize::from(height) < said.len() {
            said.truncate(usize::from(height));
            if let Some((last, _)) = said.last_mut() {
                let room = usize::from(inside.width.saturating_sub(2));
                *last =
                    cells::fit(&format!("{last} {}", theme.glyphs.more), room, theme.glyphs.more);
            }
        }
        // A blank line above what is said, where there is room for one.
        let rows = Rect { height: above - height, ..inside };
        let gap = u16::from(usize::from(rows.height) > lines.len());
        let top = inside.y.saturating_add(column(lines.len()).min(rows.height) + gap);
        let status = Rect { y: top, height, ..inside }.intersection(inside);
        let button = Rect {
            x: inside.x.saturating_add(2),
            y: top.saturating_add(height),
            width: inside.width.saturating_sub(2),
            height: 1,
        };
        let focus =
            lines.iter().position(|line| matches!(line, SetupLine::Stop(it) if *it == form.focus));
        let focus = focus.unwrap_or(lines.len());
        let first = first_row(focus, lines.len(), usize::from(rows.height));
        Self { first, lines, rows, said, status, button: button.intersection(inside) }
    }
}

fn indent(inside: Rect) -> u16 {
    if inside.width < NARROW { NEAR } else { LABEL }
}

fn lines(form: &SetupForm, theme: &Theme, room: usize) -> Vec<SetupLine> {
    let mut lines = Vec::new();
    for stop in form.stops().into_iter().filter(|stop| *stop != SetupFocus::Button) {
        lines.push(SetupLine::Stop(stop));
        let said = match stop {
            SetupFocus::Places => form.places.means(),
            SetupFocus::Field(_) | SetupFocus::Secret | SetupFocus::Named | SetupFocus::Button => {
                None
            }
        };
        let problem = form.problem(stop).map(|why| (format!("! {why}"), theme.error()));
        let said = said.map(|text| (text.to_owned(), theme.faint()));
        for (text, style) in problem.into_iter().chain(said) {
            let text = plain(theme, &text);
            lines.extend(cells::wrap(&text, room).into_iter().map(|it| SetupLine::Said(it, style)));
        }
    }
    lines
}

/// Sentences are written with an ellipsis that not every terminal shows.
fn plain(theme: &Theme, text: &str) -> String {
    if theme.glyphs.unicode { text.to_owned() } else { text.replace('…', theme.glyphs.more) }
}

/// How the platform stands to it, and what comes next.
fn status(form: &SetupForm, theme: &Theme, room: usize) -> Vec<(String, Style)> {
    let (text, style) = match form.trial.state() {
        TrialState::Open | TrialState::Checking | TrialState::Told(_) if form.saving => {
            ("Saving ...".to_owned(), theme.faint())
        }
        TrialState::Open => (
            "Once all is filled in, the platform is asked. Nothing is written before you save."
                .to_owned(),
            theme.faint(),
        ),
        TrialState::Checking if form.trial.is_wanted() => {
            ("Asking the platform; it is saved once it is accepted ...".to_owned(), theme.faint())
        }
        TrialState::Checking => ("Asking the platform ...".to_owned(), theme.faint()),
        TrialState::Told(verdict) if verdict.accepted => {
            let text = format!("{} {} Save writes {}", theme.glyphs.ready, verdict.text, form.path);
            (text, theme.good())
        }
        TrialState::Told(verdict) => {
            (format!("! {} Save keeps it all the same.", verdict.text), theme.error())
        }
    };
    let text = plain(theme, &text);
    let lines = text.lines().flat_map(|line| cells::wrap(line, room));
    lines.map(|line| (line, style)).collect()
}

fn stop_row(
    form: &SetupForm,
    theme: &Theme,
    stop: SetupFocus,
    row: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    let focused = form.focus == stop;
    field::label(theme, row, 2, label(form, stop), focused, buffer);
    let width = row.width.saturating_sub(LABEL);
    let part = Rect { x: row.x.saturating_add(LABEL), width, ..row }.intersection(row);
    if stop == SetupFocus::Places {
        return places(form, theme, focused, part, buffer).filter(|_| focused);
    }
    let flag = form.problem(stop).map(|_| theme.error());
    let text = field::surface(theme, part, field::State { focused, flag }, buffer);
    let caret = match stop {
        SetupFocus::Field(at) => {
            field::editor(theme, &form.fields.get(at)?.input, text, focused, buffer)
        }
        SetupFocus::Named => {
            field::editor(theme, &form.places.named()?.input, text, focused, buffer)
        }
        SetupFocus::Secret => secret(form, theme, text, buffer),
        SetupFocus::Places | SetupFocus::Button => None,
    };
    caret.filter(|_| focused)
}

fn label(form: &SetupForm, stop: SetupFocus) -> &'static str {
    match stop {
        SetupFocus::Field(at) => form.fields.get(at).map_or("", |field| field.asked.label),
        SetupFocus::Named => form.places.named().map_or("", |field| field.asked.label),
        SetupFocus::Secret => "Client secret",
        SetupFocus::Places => "Keep it in the",
        SetupFocus::Button => "",
    }
}

/// A mark for each character.
fn secret(form: &SetupForm, theme: &Theme, area: Rect, buffer: &mut Buffer) -> Option<Position> {
    let room = usize::from(area.width);
    if area.is_empty() {
        return None;
    }
    let from = (form.secret.caret() + 1).saturating_sub(room);
    let marks = form.secret.length().saturating_sub(from).min(room);
    put(buffer, area, 0, 0, &theme.glyphs.secret.repeat(marks), theme.strong());
    if form.secret.length() == 0 {
        let hint = match &form.kept {
            Some(place) => format!("as it is in {place}"),
            None => "typed unseen".to_owned(),
        };
        let hint = cells::fit(&hint, room, theme.glyphs.more);
        put(buffer, area, 0, 0, &hint, theme.faint());
    }
    Some(Position::new(area.x.saturating_add(column(form.secret.caret() - from)), area.y))
}

/// Each place in words, and which it is; only the chosen one where it is tight.
fn shown(form: &SetupForm, theme: &Theme, room: usize) -> Vec<(usize, String)> {
    let all: Vec<_> = form
        .places
        .there()
        .map(|(at, place)| {
            let chosen = at == form.places.chosen();
            let mark = if chosen { theme.glyphs.chosen } else { theme.glyphs.other };
            (at, format!("{mark} {}", place.word))
        })
        .collect();
    let width: usize = all.iter().map(|(_, text)| cells::width(text) + 2).sum();
    if width <= room + 2 {
        return all;
    }
    all.into_iter().filter(|(at, _)| *at == form.places.chosen()).collect()
}

fn places(
    form: &SetupForm,
    theme: &Theme,
    focused: bool,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    let mut x = 0;
    let mut caret = None;
    for (at, text) in shown(form, theme, usize::from(area.width)) {
        let chosen = at == form.places.chosen();
        if chosen {
            caret = Some(Position::new(area.x.saturating_add(x), area.y));
        }
        let style = match (chosen, focused) {
            (true, true) => theme.label(true),
            (true, false) => theme.strong(),
            (false, _) => theme.muted(),
        };
        x = put(buffer, area, x, 0, &text, style).saturating_add(2);
    }
    caret.filter(|caret| area.contains(*caret))
}

/// The place whose words stand at a column.
fn place_at(form: &SetupForm, theme: &Theme, room: usize, x: u16) -> Option<usize> {
    let mut left = 0;
    for (at, text) in shown(form, theme, room) {
        let right = left + column(cells::width(&text));
        if (left..right).contains(&x) {
            return Some(at);
        }
        left = right + 2;
    }
    None
}
