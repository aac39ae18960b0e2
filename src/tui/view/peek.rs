//! The selected row's whole remark under the list, where in the row it is often cut, and
//! what can be done with it.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::contact::text::safe;

use super::{
    super::{
        App,
        app::Pane,
        cells,
        keymap::{Action, KeyScope},
        row_keys, row_words,
    },
    hints, paint, put, row, rule,
};

/// From this height on there is room for name, number and keys.
const ROOMY: u16 = 24;
const WHOLE: u16 = 6;

/// Rows it takes of a pane of that height; none while the pane has not the keyboard or
/// nothing is selected.
pub(super) fn height(app: &App, pane: u16) -> u16 {
    if app.pane != Pane::Results || app.results.selected().is_none() {
        return 0;
    }
    if pane >= ROOMY { WHOLE } else { 1 }
}

/// Draws it.
pub(super) fn draw(app: &App, area: Rect, buffer: &mut Buffer) {
    let Some(entry) = app.results.selected().filter(|_| !area.is_empty()) else { return };
    let theme = &app.theme;
    let before = app.results.line().binary_search(&entry.submission.id).ok();
    let told = row_words::sentence(entry, &app.moment(before), app.results.made(entry));
    let (mark, _, style) = theme.status(entry);
    let fit =
        |text: &str, room: u16| cells::fit_clauses(text, usize::from(room), theme.glyphs.more);
    if area.height < WHOLE {
        paint(buffer, area, theme.panel());
        // What does not fit in a sentence may in a few words.
        let room = area.width.saturating_sub(4);
        let short = row_words::note(entry, &app.moment(before));
        let told =
            if cells::width(&told) > usize::from(room) && !short.is_empty() { short } else { told };
        put(buffer, row(area, 0), 1, 0, &fit(&format!("{mark} {told}"), room + 2), style);
        return;
    }
    let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    rule(buffer, inner, 0, theme);
    let contact = &entry.submission.contact;
    let name = fit(&safe(&contact.full_name()), inner.width.saturating_sub(24));
    let x = put(buffer, row(inner, 1), 2, 0, &name, theme.strong());
    put(buffer, row(inner, 1), x + 2, 0, &contact.phone.international(), theme.text());
    let lines = cells::wrap(&told, usize::from(inner.width.saturating_sub(3)));
    for (y, line) in (2..4).zip(&lines) {
        let line = if y == 3 && lines.len() > 2 {
            format!("{line} {}", theme.glyphs.more)
        } else {
            line.clone()
        };
        put(buffer, row(inner, y), 2, 0, &fit(&line, inner.width.saturating_sub(3)), style);
    }
    let line = row(inner, 4);
    let mut x = 2;
    let allowed = |(action, _): &(Action, _)| !app.look.keys.forbids(*action);
    for (action, word) in row_keys::beside(entry, app.results.whose()).into_iter().filter(allowed) {
        let key = app.look.keys.key(KeyScope::Results, action);
        let end = x + hints::cap_width(theme, &key, word);
        if end < line.width {
            x = hints::cap(theme, (&key, word), line, x, theme.muted(), buffer) + 2;
        }
    }
}
