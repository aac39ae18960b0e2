//! A window over the panes: a plane with an accent along its top, and under it the title.
//! Without planes it has a light frame. What lies below is taken back in tone.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Color, Modifier, Style},
};

use super::{super::theme::Theme, clear, put};

/// Rows of a window besides its contents: the top, the title, and one below.
pub(super) const AROUND: u16 = 3;

/// Takes back everything in the area, except what surfaces cannot tell apart.
pub(super) fn dim(theme: &Theme, area: Rect, buffer: &mut Buffer) {
    if !theme.planes {
        return;
    }
    let back = theme.ground().bg.unwrap_or(Color::Reset);
    let fore = theme.line().fg.unwrap_or(Color::Reset);
    for position in area.intersection(buffer.area).positions() {
        let cell = &mut buffer[position];
        cell.fg = fore;
        cell.bg = back;
        cell.modifier = Modifier::empty();
    }
}

/// A window's place: in the middle of the area, or `top` rows below its first.
pub(super) fn place((width, height): (u16, u16), top: Option<u16>, area: Rect) -> Rect {
    let width = width.min(area.width);
    let height = height.min(area.height);
    let y = top.unwrap_or((area.height - height) / 2).min(area.height - height);
    Rect { x: area.x + (area.width - width) / 2, y: area.y + y, width, height }
}

/// The part of a window that its contents go into.
pub(super) fn inside(theme: &Theme, window: Rect) -> Rect {
    // Without planes the title stands in the frame.
    let top = if theme.planes { 2 } else { 1 };
    Rect {
        x: window.x + 1,
        y: window.y + top,
        width: window.width.saturating_sub(2),
        height: window.height.saturating_sub(top + 1),
    }
    .intersection(window)
}

/// Draws an empty window; the answer is its inside.
pub(super) fn draw(theme: &Theme, title: &str, window: Rect, buffer: &mut Buffer) -> Rect {
    let plane = theme.text().patch(theme.overlay());
    clear(buffer, window, if theme.planes { plane } else { theme.ground() });
    if theme.planes {
        for x in 0..window.width {
            put(buffer, window, x, 0, theme.glyphs.top, theme.accent());
        }
        put(buffer, window, 3, 1, title, theme.label(true));
    } else {
        frame(theme, window, buffer);
        let bold = Style::new().add_modifier(Modifier::BOLD);
        put(buffer, window, 2, 0, &format!(" {title} "), bold);
    }
    inside(theme, window)
}

fn frame(theme: &Theme, window: Rect, buffer: &mut Buffer) {
    let (right, bottom) = (window.width.saturating_sub(1), window.height.saturating_sub(1));
    let line = theme.text();
    for x in 0..window.width {
        put(buffer, window, x, 0, theme.glyphs.rule, line);
        put(buffer, window, x, bottom, theme.glyphs.rule, line);
    }
    for y in 0..window.height {
        put(buffer, window, 0, y, theme.glyphs.side, line);
        put(buffer, window, right, y, theme.glyphs.side, line);
    }
    let corners = [(0, 0), (right, 0), (0, bottom), (right, bottom)];
    for ((x, y), corner) in corners.into_iter().zip(theme.glyphs.corners) {
        put(buffer, window, x, y, corner, line);
    }
}
