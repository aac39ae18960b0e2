//! What lies over the panes: the help, the list of actions, a question.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::{
    super::{
        App,
        app::{Ask, Overlay},
        cells,
        help::{self, HelpLine},
        keymap::{Action, KeyScope, Keymap},
        theme::Theme,
    },
    check, column, hints, lookup, palette,
    panel::{self, AROUND},
    put, put_fit, row,
};

/// Cells between a question's text and its window's edge, on each side.
const MARGIN: u16 = 3;
const HELP_WIDTH: u16 = 84;

/// Draws the topmost overlay. The answer is where the caret is: `under` while nothing
/// lies over it.
pub(super) fn draw(
    app: &App,
    area: Rect,
    buffer: &mut Buffer,
    under: Option<Position>,
) -> Option<Position> {
    let theme = &app.theme;
    match app.overlays.last() {
        None => return under,
        // These are pages, drawn in the results' place.
        Some(Overlay::Details(_) | Overlay::Compare(_)) => {}
        Some(Overlay::Palette(list)) => {
            panel::dim(theme, area, buffer);
            return palette::draw(theme, list, area, buffer);
        }
        Some(Overlay::Lookup(list)) => {
            panel::dim(theme, area, buffer);
            return lookup::draw(theme, list, area, buffer);
        }
        Some(Overlay::Check(check)) => {
            panel::dim(theme, area, buffer);
            return check::draw(app, check, area, buffer);
        }
        Some(Overlay::Help { scroll }) => {
            panel::dim(theme, area, buffer);
            draw_help(theme, &app.look.keys, *scroll, area, buffer);
        }
        Some(Overlay::Ask(ask)) => {
            panel::dim(theme, area, buffer);
            question(app, ask, area, buffer);
        }
    }
    None
}

/// Draws the list of keys.
pub(super) fn draw_help(
    theme: &Theme,
    keymap: &Keymap,
    scroll: usize,
    area: Rect,
    buffer: &mut Buffer,
) {
    let lines = help::lines(keymap);
    let height = column(lines.len()).saturating_add(AROUND);
    let window = panel::place((HELP_WIDTH, height), None, area);
    let inside = panel::draw(theme, "Keys", window, buffer);
    let keys = 26.min(inside.width / 3);
    let scroll = scroll.min(lines.len().saturating_sub(usize::from(inside.height)));
    for (y, line) in (0..inside.height).zip(lines.iter().skip(scroll)) {
        let line_area = row(inside, y);
        match line {
            HelpLine::Heading(text) => {
                put(buffer, line_area, 2, 0, text, theme.label(true));
            }
            HelpLine::Key { keys: names, means } => {
                put_fit(buffer, line_area, (2, 0), names, (keys, theme), theme.strong());
                let room = inside.width.saturating_sub(keys + 5);
                put_fit(buffer, line_area, (keys + 4, 0), means, (room, theme), theme.text());
            }
            HelpLine::Blank => {}
        }
    }
}

/// What is asked, about whom, what comes of it, and the two keys.
fn question(app: &App, ask: &Ask, area: Rect, buffer: &mut Buffer) {
    let theme = &app.theme;
    let room = usize::from(area.width.saturating_sub(2 * MARGIN)).min(60);
    let about = cells::wrap(&ask.about, room);
    let consequence = cells::wrap(&ask.consequence, room);
    let [yes, no] = [Action::Yes, Action::No].map(|it| app.look.keys.key(KeyScope::Confirm, it));
    let keys = 4 + hints::cap_width(theme, &yes, ask.yes) + hints::cap_width(theme, &no, ask.no);
    let texts = about.iter().chain(&consequence).map(|line| cells::width(line));
    let widest = texts.chain([cells::width(&ask.question), usize::from(keys)]).max().unwrap_or(0);
    let rows = column(about.len() + consequence.len());
    let titles = cells::wrap(&ask.question, room);
    let extra = column(titles.len().saturating_sub(1));
    let size = (column(widest.min(room)) + 2 * MARGIN, rows + extra + 3 + AROUND);
    let window = panel::place(size, None, area);
    let title = titles.first().map_or("", String::as_str);
    let inside = panel::draw(theme, title, window, buffer);
    let x = MARGIN - 1;
    let mut y = 0;
    for line in titles.iter().skip(1) {
        put(buffer, row(inside, y), x, 0, line, theme.label(true));
        y += 1;
    }
    y += 1;
    for line in &about {
        put(buffer, row(inside, y), x, 0, line, theme.strong());
        y += 1;
    }
    for line in &consequence {
        put(buffer, row(inside, y), x, 0, line, theme.muted());
        y += 1;
    }
    let line = row(inside, y + 1);
    let end = hints::cap(theme, (&yes, ask.yes), line, x, theme.text(), buffer);
    hints::cap(theme, (&no, ask.no), line, end + 2, theme.text(), buffer);
}
