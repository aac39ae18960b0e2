//! Draws the model and changes nothing. Each part takes a buffer and an area and is
//! right at any size, none included; what does not fit is left out, least needed first.
//!
//! Everything lies on planes of slightly different tone; the one frame is the edge cell at
//! the left of whatever takes input. Where the terminal has no planes, brackets and rules
//! stand in the same cells.

mod banner;
mod check;
mod combo;
mod compare;
mod details;
mod digits;
mod empty;
mod entry_list;
mod field;
mod form;
mod form_plan;
mod guide;
mod header;
mod hints;
mod hit;
mod known;
mod layout;
mod lookup;
mod numbers;
mod overlay;
mod page;
mod palette;
mod panel;
mod peek;
mod read_back;
mod results;
mod setup;
mod table;
mod tabs;
mod verdict;
mod welcome;

use ratatui::{
    Frame,
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
};

use super::{
    App,
    app::{Overlay, Pane},
    cells,
    theme::Theme,
};
pub(super) use hit::{Hit, at as hit, listed};
use layout::{ScreenLayout, ScreenParts};
pub(super) use welcome::{hit as welcome_hit, screen as welcome};

/// Draws the whole screen and puts the terminal's real cursor on the caret, where input
/// methods and screen readers look for it.
pub(super) fn screen(app: &App, frame: &mut Frame<'_>) {
    let area = frame.area();
    let caret = draw(app, area, frame.buffer_mut());
    if app.look.mask_numbers {
        let typed = typed_digits(app);
        numbers::mask(frame.buffer_mut(), |digits| typed.iter().any(|own| own == digits));
    }
    if let Some(caret) = caret {
        frame.set_cursor_position(caret);
    }
}

/// The digits of the number in the form, as it is typed and as it is read back.
fn typed_digits(app: &App) -> Vec<String> {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let number = app.form.number();
    let read = number
        .iter()
        .flat_map(|phone| [digits(&phone.international()), digits(&phone.national_format())]);
    read.chain([digits(&app.form.draft().phone)]).collect()
}

fn draw(app: &App, area: Rect, buffer: &mut Buffer) -> Option<Position> {
    let theme = &app.theme;
    paint(buffer, area, theme.ground());
    let parts = match layout::of(area, banner::shows(app)) {
        ScreenLayout::Nothing => return None,
        ScreenLayout::TooSmall => {
            too_small(area, buffer);
            return None;
        }
        ScreenLayout::Parts(parts) => parts,
    };
    header::draw(app, parts.header, buffer);
    banner::draw(app, parts.banner, buffer);
    let caret = panes(app, &parts, buffer);
    hints::draw(app, &parts, page::is_full(app, &parts), buffer);
    overlay::draw(app, parts.body, buffer, caret)
}

/// The form, the results, and the page of one of them.
fn panes(app: &App, parts: &ScreenParts, buffer: &mut Buffer) -> Option<Position> {
    let page = page::of(app);
    let covered = page.is_some() && parts.page() == parts.body;
    let mut caret = None;
    let form_shows = parts.both() || (page.is_none() && app.pane == Pane::Form);
    if form_shows && !covered {
        caret = form::draw(app, parts, buffer);
    }
    match page {
        Some(Overlay::Details(details)) => details::draw(app, details, parts.page(), buffer),
        Some(Overlay::Compare(compare)) => compare::draw(app, compare, parts.page(), buffer),
        None if parts.both() || app.pane == Pane::Results => {
            caret = caret.or(results::draw(app, parts, buffer));
        }
        Some(
            Overlay::Help { .. }
            | Overlay::Ask(_)
            | Overlay::Palette(_)
            | Overlay::Check(_)
            | Overlay::Lookup(_),
        )
        | None => {}
    }
    if app.pane == Pane::Form && !covered {
        form::draw_list(app, parts, buffer).or(caret)
    } else {
        caret
    }
}

/// The size that is needed.
fn too_small(area: Rect, buffer: &mut Buffer) {
    let text = format!("rolodesk needs 40x12, this is {}x{}", area.width, area.height);
    for (y, line) in (0..).zip(cells::wrap(&text, usize::from(area.width))) {
        put(buffer, area, 0, y, &line, Style::new());
    }
}

/// Writes text into the area, `x` and `y` counted from its corner, cut at its right
/// edge; the answer is the column after it.
fn put(buffer: &mut Buffer, area: Rect, x: u16, y: u16, text: &str, style: Style) -> u16 {
    let area = area.intersection(buffer.area);
    if x >= area.width || y >= area.height {
        return x;
    }
    let room = usize::from(area.width - x);
    let plain = cells::plain(text);
    // The last of them may be one with a mark that follows.
    let plain = if plain < text.len() { plain.saturating_sub(1) } else { plain }.min(room);
    let at = put_ascii(buffer, (area.x + x, area.y + y), &text[..plain], style);
    if plain == text.len() || plain == room {
        return at - area.x;
    }
    let (end, _) = buffer.set_stringn(at, area.y + y, &text[plain..], room - plain, style);
    end - area.x
}

/// As [`put`] for letters of one cell each, which need not be taken apart.
fn put_ascii(buffer: &mut Buffer, (x, y): (u16, u16), text: &str, style: Style) -> u16 {
    let start = buffer.index_of(x, y);
    for (cell, letter) in buffer.content[start..].iter_mut().zip(text.chars()) {
        cell.set_char(letter).set_style(style);
    }
    x + column(text.len())
}

/// Writes text that ends before column `right` of the area; the answer is where it begins.
fn put_right(buffer: &mut Buffer, area: Rect, right: u16, y: u16, text: &str, style: Style) -> u16 {
    let x = right.saturating_sub(column(cells::width(text)));
    put(buffer, area, x, y, text, style);
    x
}

/// Writes text, cut with its mark to `room` cells; the answer is the column after it.
fn put_fit(
    buffer: &mut Buffer,
    area: Rect,
    (x, y): (u16, u16),
    text: &str,
    (room, theme): (u16, &Theme),
    style: Style,
) -> u16 {
    let text = cells::fit(text, usize::from(room), theme.glyphs.more);
    put(buffer, area, x, y, &text, style)
}

/// Lays a plane under an area, or over what is written there.
fn paint(buffer: &mut Buffer, area: Rect, style: Style) {
    if style == Style::default() {
        return;
    }
    buffer.set_style(area.intersection(buffer.area), style);
}

/// One row of an area, counted from its top.
fn row(area: Rect, y: u16) -> Rect {
    Rect { y: area.y.saturating_add(y), height: 1, ..area }.intersection(area)
}

/// Takes everything off an area.
fn clear(buffer: &mut Buffer, area: Rect, style: Style) {
    let area = area.intersection(buffer.area);
    for position in area.positions() {
        buffer[position].reset();
    }
    buffer.set_style(area, style);
}

/// A rule along a row.
fn rule(buffer: &mut Buffer, area: Rect, y: u16, theme: &Theme) {
    for position in row(area, y).intersection(buffer.area).positions() {
        buffer[position].set_symbol(theme.glyphs.rule).set_style(theme.line());
    }
}

/// A length in cells as a column; what is wider than any terminal is as wide as one.
fn column(cells: usize) -> u16 {
    u16::try_from(cells).unwrap_or(u16::MAX)
}

/// The first row to show so that the marked one is in the middle, as far as there are
/// rows. Made from the state alone, so that drawing needs no memory.
fn first_row(marked: usize, count: usize, height: usize) -> usize {
    marked.saturating_sub(height / 2).min(count.saturating_sub(height))
}

#[cfg(test)]
mod moments;
#[cfg(test)]
mod svg;
#[cfg(test)]
mod tests;
