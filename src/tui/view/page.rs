//! A page in the results' place: where one is, and the way back.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    super::{
        App,
        app::Overlay,
        cells,
        keymap::{Action, KeyScope, Keymap},
        theme::Theme,
    },
    hints,
    layout::ScreenParts,
    put, row,
};

/// From this height on a blank row lies above the heading.
const ROOMY: u16 = 24;

/// Below this height a page may need each of its rows.
const LOW: u16 = 18;

/// The page that shows, if one does; a question or a list may lie over it.
pub(super) fn of(app: &App) -> Option<&Overlay> {
    app.overlays.iter().rev().find(|overlay| match overlay {
        Overlay::Details(_) | Overlay::Compare(_) => true,
        Overlay::Help { .. }
        | Overlay::Ask(_)
        | Overlay::Palette(_)
        | Overlay::Check(_)
        | Overlay::Lookup(_) => false,
    })
}

/// Whether a page shows that may need each row there is.
pub(super) fn is_full(app: &App, parts: &ScreenParts) -> bool {
    parts.page().height < LOW && of(app).is_some()
}

/// Draws the heading; the answer is the room under it, from the text's column on.
pub(super) fn heading(
    theme: &Theme,
    keymap: &Keymap,
    scope: KeyScope,
    name: &str,
    area: Rect,
    buffer: &mut Buffer,
) -> Rect {
    let top = u16::from(area.height >= ROOMY);
    let line = row(area, top);
    let key = keymap.key(scope, Action::Close);
    let right = area.width.saturating_sub(4 + hints::cap_width(theme, &key, "back"));
    let x = put(buffer, line, 3, 0, "Results ", theme.muted());
    let x = put(buffer, line, x, 0, theme.glyphs.focus, theme.muted()) + 1;
    let room = usize::from(right.saturating_sub(x + 1));
    put(buffer, line, x, 0, &cells::fit(name, room, theme.glyphs.more), theme.label(true));
    hints::cap(theme, (&key, "back"), line, right, theme.muted(), buffer);
    let y = line.y + 1;
    Rect {
        x: area.x + 3,
        y,
        width: area.width.saturating_sub(4),
        height: area.bottom().saturating_sub(y),
    }
    .intersection(area)
}
