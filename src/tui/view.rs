//! Draws the model and changes nothing. Each part takes a buffer and an area and is
//! right at any size, none included; what does not fit is left out, least needed first.

mod compare;
mod form;
mod header;
mod hit;
mod layout;
mod overlay;
mod results;

use ratatui::{
    Frame,
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
    widgets::{Block, Widget as _},
};

use super::{App, app::Pane, cells, theme::Theme};
pub(super) use hit::{Hit, at as hit};
use layout::Screen;

/// Draws the whole screen and puts the terminal's real cursor on the caret, where input
/// methods and screen readers look for it.
pub(super) fn screen(app: &App, frame: &mut Frame<'_>) {
    let area = frame.area();
    if let Some(caret) = draw(app, area, frame.buffer_mut()) {
        frame.set_cursor_position(caret);
    }
}

fn draw(app: &App, area: Rect, buffer: &mut Buffer) -> Option<Position> {
    let (header_area, form_area, results_area, hints_area) = match layout::of(area) {
        Screen::Nothing => return None,
        Screen::TooSmall => {
            let text = format!("rolodesk needs 40x12, this is {}x{}", area.width, area.height);
            put(buffer, area, 0, 0, &text, Style::new());
            return None;
        }
        Screen::One { header, pane, hints } => match app.pane {
            Pane::Form => (header, Some(pane), None, hints),
            Pane::Results => (header, None, Some(pane), hints),
        },
        Screen::Two { header, form, results, hints } => (header, Some(form), Some(results), hints),
    };
    header::draw(app, header_area, buffer);
    let mut caret = form_area.and_then(|area| form::draw(app, area, buffer));
    if let Some(area) = results_area {
        caret = caret.or(results::draw(app, area, buffer));
    }
    header::hints(app, hints_area, buffer);
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(2), ..area };
    if overlay::draw(app, body, buffer) { None } else { caret }
}

/// A bordered box with a title; the answer is its inside.
fn pane(theme: Theme, title: &str, focused: bool, area: Rect, buffer: &mut Buffer) -> Rect {
    let block =
        Block::bordered().border_set(theme.border_set()).border_style(theme.border(focused));
    let inside = block.inner(area);
    block.render(area, buffer);
    let title = cells::fit(title, usize::from(area.width).saturating_sub(4), theme.more());
    put(buffer, area, 2, 0, &title, theme.title(focused));
    inside
}

/// Writes text into the area, `x` and `y` counted from its corner, cut at its right
/// edge; the answer is the column after it.
fn put(buffer: &mut Buffer, area: Rect, x: u16, y: u16, text: &str, style: Style) -> u16 {
    let area = area.intersection(buffer.area);
    if x >= area.width || y >= area.height {
        return x;
    }
    let room = usize::from(area.width - x);
    let (end, _) = buffer.set_stringn(area.x + x, area.y + y, text, room, style);
    end - area.x
}

/// A length in cells as a column; what is wider than any terminal is as wide as one.
fn column(cells: usize) -> u16 {
    u16::try_from(cells).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod svg;
#[cfg(test)]
mod tests;
