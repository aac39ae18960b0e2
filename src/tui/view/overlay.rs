//! What lies over the panes: the help, the details of a row, a question.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
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
    },
    column, compare, pane, put,
};
use crate::contact::text::safe;

const LABEL: usize = 12;

/// Draws the topmost overlay; false when there is none.
pub(super) fn draw(app: &App, area: Rect, buffer: &mut Buffer) -> bool {
    match app.overlays.last() {
        None => return false,
        Some(Overlay::Help { scroll }) => draw_help(app, *scroll, area, buffer),
        Some(Overlay::Details(details)) => draw_details(app, details, area, buffer),
        Some(Overlay::Compare(compare)) => compare::draw(app, compare, area, buffer),
        Some(Overlay::Ask(question)) => {
            ask(app, &safe(&question.question), area, buffer);
        }
    }
    true
}

pub(super) fn window(
    app: &App,
    title: &str,
    wanted: (usize, usize),
    area: Rect,
    buffer: &mut Buffer,
) -> Rect {
    let width = column(wanted.0 + 4).min(area.width);
    let height = column(wanted.1 + 2).min(area.height);
    let area = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    };
    Clear.render(area, buffer);
    let inside = pane(app.theme, title, true, area, buffer);
    Rect { x: inside.x + 1, width: inside.width.saturating_sub(2), ..inside }.intersection(inside)
}

fn draw_help(app: &App, scroll: usize, area: Rect, buffer: &mut Buffer) {
    let lines = help::lines();
    let inside = window(app, " Keys ", (76, lines.len()), area, buffer);
    let keys = 24.min(usize::from(inside.width) / 3);
    let scroll = scroll.min(lines.len().saturating_sub(usize::from(inside.height)));
    for (y, line) in (0..inside.height).zip(lines.iter().skip(scroll)) {
        match line {
            HelpLine::Heading(text) => {
                put(buffer, inside, 0, y, text, app.theme.label(true));
            }
            HelpLine::Key { keys: names, means } => {
                put(buffer, inside, 1, y, &cells::fit(names, keys, app.theme.more()), Style::new());
                put(buffer, inside, column(keys + 3), y, means, Style::new());
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
    let inside = window(app, " Details ", (text + LABEL, lines.len()), area, buffer);
    let scroll = details.scroll.min(lines.len().saturating_sub(usize::from(inside.height)));
    for (y, (label, value)) in (0..inside.height).zip(lines.iter().skip(scroll)) {
        put(buffer, inside, 0, y, label, app.theme.label(true));
        put(buffer, inside, column(LABEL), y, value, Style::new());
    }
}

fn ask(app: &App, question: &str, area: Rect, buffer: &mut Buffer) {
    let room = usize::from(area.width).saturating_sub(4);
    let mut lines = cells::wrap(question, room);
    lines.push(format!("y yes{}n no", app.theme.dot()));
    let width = lines.iter().map(|line| cells::width(line)).max().unwrap_or(0);
    let inside = window(app, " Sure? ", (width, lines.len()), area, buffer);
    for (y, line) in (0..inside.height).zip(&lines) {
        put(buffer, inside, 0, y, line, Style::new());
    }
}
