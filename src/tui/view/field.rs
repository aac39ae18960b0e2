//! An input: its label, its edge cell, its surface, and one short note at the right end of
//! it. Without planes brackets stand where the edges are.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::{Modifier, Style},
};

use super::{
    super::{cells, input::Input, theme::Theme},
    column, paint, put, put_right,
};

/// How an input stands.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct State {
    pub(super) focused: bool,
    /// Something is to be read about it, in this ink.
    pub(super) flag: Option<Style>,
}

/// Writes the label at `x` of the row, with a mark before it where the keyboard is.
pub(super) fn label(
    theme: &Theme,
    line: Rect,
    x: u16,
    text: &str,
    focused: bool,
    buffer: &mut Buffer,
) {
    if focused {
        put(buffer, line, x.saturating_sub(2), 0, theme.glyphs.focus, theme.accent());
    }
    put(buffer, line, x, 0, text, theme.label(focused));
}

/// Draws edge and surface; the answer is the room for text on it.
pub(super) fn surface(theme: &Theme, area: Rect, state: State, buffer: &mut Buffer) -> Rect {
    if area.width < 3 || area.height == 0 {
        return Rect { width: 0, height: 0, ..area };
    }
    if theme.planes {
        paint(buffer, area, theme.field(state.focused));
    } else {
        put(buffer, area, area.width - 1, 0, "]", bracket(theme, state));
    }
    edge(theme, area, state, buffer);
    Rect { x: area.x + 1, width: area.width - 2, ..area }
}

/// Draws the edge cell alone.
pub(super) fn edge(theme: &Theme, area: Rect, state: State, buffer: &mut Buffer) {
    let (mark, style) = match (state.flag, state.focused) {
        _ if !theme.planes => ("[", bracket(theme, state)),
        (Some(flag), _) => (theme.glyphs.bar, flag),
        (None, true) => (theme.glyphs.bar, theme.accent()),
        (None, false) => (theme.glyphs.edge, theme.edge()),
    };
    put(buffer, area, 0, 0, mark, style);
}

fn bracket(theme: &Theme, state: State) -> Style {
    match state.flag {
        Some(flag) => flag.add_modifier(Modifier::BOLD),
        None if state.focused => theme.text().add_modifier(Modifier::BOLD),
        None => theme.text(),
    }
}

/// Writes a note at the right end of the surface; the answer is what is left for the text.
pub(super) fn note(text: &str, style: Style, area: Rect, buffer: &mut Buffer) -> Rect {
    if text.is_empty() {
        return area;
    }
    let width = column(cells::width(text));
    // A note that leaves no room for what is typed is none.
    if width + 8 > area.width {
        return area;
    }
    put_right(buffer, area, area.width, 0, text, style);
    Rect { width: area.width - width - 1, ..area }
}

/// How the value of an input is written.
pub(super) fn value(theme: &Theme, focused: bool) -> Style {
    if focused { theme.strong() } else { theme.text() }
}

/// Draws the part of the text around the caret; the answer is the caret's place.
pub(super) fn editor(
    theme: &Theme,
    input: &Input,
    area: Rect,
    focused: bool,
    buffer: &mut Buffer,
) -> Option<Position> {
    let room = usize::from(area.width);
    if area.is_empty() || room == 0 {
        return None;
    }
    let caret = input.caret();
    let from = (caret + 1).saturating_sub(room);
    if !input.is_empty() {
        let shown = cells::window(input.text(), from, room);
        put(buffer, area, 0, 0, &shown, value(theme, focused));
    }
    if let Some((start, end)) = input.selection() {
        let left = cells::width(&input.text()[..start]).max(from) - from;
        let right = cells::width(&input.text()[..end]).saturating_sub(from).min(room);
        let width = column(right.saturating_sub(left));
        let part = Rect { x: area.x.saturating_add(column(left)), width, ..area };
        paint(buffer, part.intersection(area), theme.selection());
    }
    Some(Position { x: area.x.saturating_add(column(caret - from)), y: area.y })
}

/// Draws a button over the whole area; the answer is its text's first cell.
pub(super) fn button(
    theme: &Theme,
    words: &str,
    area: Rect,
    (fill, focused): (Option<Style>, bool),
    buffer: &mut Buffer,
) -> Position {
    let framed = if !theme.planes {
        format!("[ {words} ]")
    } else if focused {
        format!("{} {words} {}", theme.glyphs.focus, theme.glyphs.closing)
    } else {
        words.to_owned()
    };
    let text = column(cells::width(&framed));
    let x = area.width.saturating_sub(text) / 2;
    let style = match fill {
        Some(fill) if theme.planes => theme.filled(fill),
        Some(fill) => theme.filled(fill),
        None if theme.planes => theme.muted(),
        None => theme.text(),
    };
    if theme.planes {
        paint(buffer, area, if fill.is_some() { style } else { theme.field(false) });
        if fill.is_none() {
            edge(theme, area, State { focused, flag: None }, buffer);
        }
    }
    let end = put(buffer, area, x, 0, &framed, style);
    if focused && !theme.planes {
        let part = Rect { x: area.x + x, width: end.saturating_sub(x), ..area };
        paint(buffer, part.intersection(area), Style::new().add_modifier(Modifier::REVERSED));
    }
    Position { x: area.x.saturating_add(x), y: area.y }
}
