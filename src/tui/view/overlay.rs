//! What lies over the panes: the help, the details of a row, a question.

use ratatui::{
    buffer::Buffer,
    layout::{Margin, Position, Rect},
    style::Style,
    widgets::{Clear, Widget as _},
};

use super::{
    super::{
        App,
        app::Overlay,
        cells,
        detail::Details,
        help::{self, HelpLine},
        keymap::{Action, KeyScope, Keymap},
        theme::Theme,
    },
    column, compare, palette, pane, put,
};
use crate::contact::text::safe;

const LABEL: usize = 12;

/// Draws the topmost overlay. The answer is where the caret is: `under` while nothing
/// lies over it.
pub(super) fn draw(
    app: &App,
    area: Rect,
    buffer: &mut Buffer,
    under: Option<Position>,
) -> Option<Position> {
    match app.overlays.last() {
        None => return under,
        Some(Overlay::Palette(list)) => return palette::draw(app.theme, list, area, buffer),
        Some(Overlay::Help { scroll }) => {
            draw_help(app.theme, &app.look.keys, *scroll, area, buffer);
        }
        Some(Overlay::Details(details)) => draw_details(app, details, area, buffer),
        Some(Overlay::Compare(compare)) => compare::draw(app, compare, area, buffer),
        Some(Overlay::Ask(question)) => {
            ask(app, &safe(&question.question), area, buffer);
        }
    }
    None
}

/// Draws an empty window with room for `wanted` columns and rows, as far as they fit;
/// the answer is its inside.
pub(super) fn window(
    theme: Theme,
    title: &str,
    wanted: (usize, usize),
    area: Rect,
    buffer: &mut Buffer,
) -> Rect {
    let whole = outside(wanted, area);
    Clear.render(whole, buffer);
    pane(theme, title, true, whole, buffer);
    inside(wanted, area)
}

/// A window's place in the middle of the area.
fn outside(wanted: (usize, usize), area: Rect) -> Rect {
    let width = column(wanted.0 + 4).min(area.width);
    let height = column(wanted.1 + 2).min(area.height);
    Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    }
}

/// The part of a window that text goes into.
pub(super) fn inside(wanted: (usize, usize), area: Rect) -> Rect {
    outside(wanted, area).inner(Margin { horizontal: 2, vertical: 1 })
}

/// Draws the list of keys.
pub(super) fn draw_help(
    theme: Theme,
    keymap: &Keymap,
    scroll: usize,
    area: Rect,
    buffer: &mut Buffer,
) {
    let lines = help::lines(keymap);
    let inside = window(theme, " Keys ", (76, lines.len()), area, buffer);
    let keys = 24.min(usize::from(inside.width) / 3);
    let scroll = scroll.min(lines.len().saturating_sub(usize::from(inside.height)));
    for (y, line) in (0..inside.height).zip(lines.iter().skip(scroll)) {
        match line {
            HelpLine::Heading(text) => {
                put(buffer, inside, 0, y, text, theme.label(true));
            }
            HelpLine::Key { keys: names, means } => {
                put(buffer, inside, 1, y, &cells::fit(names, keys, theme.more()), Style::new());
                let room = usize::from(inside.width).saturating_sub(keys + 3);
                let means = cells::fit(means, room, theme.more());
                put(buffer, inside, column(keys + 3), y, &means, Style::new());
            }
            HelpLine::Blank => {}
        }
    }
}

fn draw_details(app: &App, details: &Details, area: Rect, buffer: &mut Buffer) {
    let text = usize::from(area.width).saturating_sub(4).min(96).saturating_sub(LABEL);
    let mut lines = Vec::new();
    for (label, value) in details.lines(app.now, &app.zone) {
        let mut label = Some(label);
        for part in cells::wrap(&value, text) {
            lines.push((label.take().unwrap_or_default(), part));
        }
    }
    let inside = window(app.theme, " Details ", (text + LABEL, lines.len()), area, buffer);
    let scroll = details.scroll.min(lines.len().saturating_sub(usize::from(inside.height)));
    for (y, (label, value)) in (0..inside.height).zip(lines.iter().skip(scroll)) {
        put(buffer, inside, 0, y, label, app.theme.label(true));
        put(buffer, inside, column(LABEL), y, value, Style::new());
    }
}

fn ask(app: &App, question: &str, area: Rect, buffer: &mut Buffer) {
    let room = usize::from(area.width).saturating_sub(4);
    let mut lines = cells::wrap(question, room);
    let [yes, no] = [Action::Yes, Action::No].map(|it| app.look.keys.key(KeyScope::Confirm, it));
    lines.push(format!("{yes} yes{}{no} no", app.theme.dot()));
    let width = lines.iter().map(|line| cells::width(line)).max().unwrap_or(0);
    let inside = window(app.theme, " Sure? ", (width, lines.len()), area, buffer);
    for (y, line) in (0..inside.height).zip(&lines) {
        put(buffer, inside, 0, y, line, Style::new());
    }
}
