//! The results while there are none: what shows here, and what the statuses mean.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::submission::{Group, Whose};

use super::{
    super::{
        App, cells,
        keymap::{Action, KeyScope},
        results::Filter,
    },
    column, put, row,
};

const WHAT: &str = "What you submit shows here at once: stored on this computer first, sent in \
                    the background. Type the next one straight on.";
const WIDEST: u16 = 62;
const MEANINGS: [(Group, &str, &str); 4] = [
    (Group::Queued, "Queued", "stored, waits for its turn"),
    (Group::Created, "Created", "the platform has it"),
    (Group::Duplicate, "Duplicate", "the number is somebody's already"),
    (Group::Attention, "Attention", "somebody has to act"),
];

/// Draws it under the tabs.
pub(super) fn draw(app: &App, area: Rect, buffer: &mut Buffer) {
    let theme = &app.theme;
    if app.results.is_reading() {
        put(buffer, row(area, 1), 3, 0, "Looking ...", theme.muted());
        return;
    }
    if app.results.whose() == Whose::Everybody {
        put(buffer, row(area, 1), 3, 0, "Nothing of the floor to show.", theme.muted());
        return;
    }
    let narrowed = app.results.search().is_some()
        || app.results.filter() != Filter::All
        || app.results.is_mine_only();
    if narrowed {
        let key = app.look.keys.key(KeyScope::Results, Action::Close);
        let text = format!("Nothing matches; {key} shows everything.");
        put(buffer, row(area, 1), 3, 0, &text, theme.muted());
        return;
    }
    let width = usize::from(area.width.saturating_sub(5).min(WIDEST));
    let mut lines = cells::wrap(WHAT, width);
    if let Some(hint) = &app.demo {
        lines.push(String::new());
        lines.extend(cells::wrap(hint, width));
    }
    let height = column(lines.len()) + 3 + column(MEANINGS.len());
    let roomy = area.height >= 24;
    let top = if roomy { (area.height.saturating_sub(height) / 2).saturating_sub(1) } else { 1 };
    put(buffer, row(area, top), 3, 0, "Nothing yet", theme.strong());
    let mut y = top + if roomy { 2 } else { 1 };
    for line in &lines {
        put(buffer, row(area, y), 3, 0, line, theme.muted());
        y += 1;
    }
    y += 1;
    for (group, word, means) in MEANINGS {
        let (mark, style) = theme.group(group);
        put(buffer, row(area, y), 3, 0, &format!("{mark} {word}"), style);
        put(buffer, row(area, y), 17, 0, means, theme.muted());
        y += 1;
    }
}
