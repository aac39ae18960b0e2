//! Draws the model and changes nothing. Each part takes a buffer and an area and is
//! right at any size, none included; what does not fit is left out, least needed first.

mod compare;
mod form;
mod header;
mod hit;
mod layout;
mod overlay;
mod palette;
mod results;
mod setup;
mod welcome;

use ratatui::{
    Frame,
    buffer::Buffer,
    layout::{Position, Rect},
    style::{Color, Style},
    widgets::{Block, Widget as _},
};

use super::{App, app::Pane, cells, theme::Theme};
pub(super) use hit::{Hit, at as hit, listed};
use layout::ScreenLayout;
pub(super) use welcome::{hit as welcome_hit, screen as welcome};

/// Draws the whole screen and puts the terminal's real cursor on the caret, where input
/// methods and screen readers look for it.
pub(super) fn screen(app: &App, frame: &mut Frame<'_>) {
    let area = frame.area();
    let caret = draw(app, area, frame.buffer_mut());
    ground(app.theme, frame.buffer_mut());
    if let Some(caret) = caret {
        frame.set_cursor_position(caret);
    }
}

fn draw(app: &App, area: Rect, buffer: &mut Buffer) -> Option<Position> {
    let (header_area, form_area, results_area, hints_area) = match layout::of(area) {
        ScreenLayout::Nothing => return None,
        ScreenLayout::TooSmall => {
            too_small(area, buffer);
            return None;
        }
        ScreenLayout::One { header, pane, hints } => match app.pane {
            Pane::Form => (header, Some(pane), None, hints),
            Pane::Results => (header, None, Some(pane), hints),
        },
        ScreenLayout::Two { header, form, results, hints } => {
            (header, Some(form), Some(results), hints)
        }
    };
    header::draw(app, header_area, buffer);
    let mut caret = form_area.and_then(|area| form::draw(app, area, buffer));
    if let Some(area) = results_area {
        caret = caret.or(results::draw(app, area, buffer));
    }
    header::hints(app, hints_area, buffer);
    overlay::draw(app, layout::body(area), buffer, caret)
}

/// The size that is needed.
fn too_small(area: Rect, buffer: &mut Buffer) {
    let text = format!("rolodesk needs 40x12, this is {}x{}", area.width, area.height);
    for (y, line) in (0..).zip(cells::wrap(&text, usize::from(area.width))) {
        put(buffer, area, 0, y, &line, Style::new());
    }
}

/// Where a theme says what everything is drawn on, nothing is left in the terminal's own
/// colours.
fn ground(theme: Theme, buffer: &mut Buffer) {
    let Style { fg, bg, .. } = theme.text();
    for cell in &mut buffer.content {
        if cell.fg == Color::Reset {
            cell.fg = fg.unwrap_or(Color::Reset);
        }
        if cell.bg == Color::Reset {
            cell.bg = bg.unwrap_or(Color::Reset);
        }
    }
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

/// What a box's border leaves.
fn inner(area: Rect) -> Rect {
    Rect {
        x: area.x.saturating_add(1),
        y: area.y.saturating_add(1),
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(2),
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
