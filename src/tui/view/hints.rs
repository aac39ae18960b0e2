//! The last line: what the keys do here and now, as caps with words, or a sentence for the
//! agent in their place.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style},
};

use super::{
    super::{
        App,
        app::{Pane, Tone},
        cells,
        keymap::{Action, KeyScope, Keymap},
        theme::Theme,
    },
    clear, column,
    layout::{Class, ScreenParts},
    paint, put, verdict,
};

/// Blank cells between two keys, and before the last one.
const GAP: u16 = 2;
/// Lines that a sentence may take.
const MOST_LINES: usize = 4;

/// Draws the line; `is_full` is whether the row above it is needed as well.
pub(super) fn draw(app: &App, parts: &ScreenParts, is_full: bool, buffer: &mut Buffer) {
    let area = parts.hints;
    let theme = &app.theme;
    if let Some((tone, text)) = app.notice.as_ref().map(|it| (it.tone, it.text.as_str())) {
        if is_full {
            on_one_line(theme, (tone, text), area, buffer);
        } else {
            said(theme, &app.look.keys, (tone, text), area, buffer);
        }
    } else if let Some(text) = in_place_of_the_form(app, parts) {
        said(theme, &app.look.keys, (Tone::Warning, &text), area, buffer);
    } else {
        line(theme, &app.look.keys, &app.hints(), area, buffer);
    }
}

/// What the form has no row of its own for.
fn in_place_of_the_form(app: &App, parts: &ScreenParts) -> Option<String> {
    let rowless = parts.class == Class::Stacked && parts.form.height < 8;
    if !rowless || app.pane != Pane::Form || !app.overlays.is_empty() {
        return None;
    }
    let mark = app.theme.glyphs.attention;
    match verdict::first_said(app).filter(|said| said.settled) {
        Some(said) => Some(format!("{mark} {}", said.text)),
        None => verdict::verdict(app, usize::MAX).filter(|_| app.is_taken()).map(|(text, _)| text),
    }
}

/// A sentence where each row above is needed.
fn on_one_line(theme: &Theme, (tone, text): (Tone, &str), area: Rect, buffer: &mut Buffer) {
    clear(buffer, area, theme.ground().patch(theme.bar()));
    let room = usize::from(area.width.saturating_sub(2));
    put(buffer, area, 1, 0, &cells::fit_clauses(text, room, theme.glyphs.more), ink(theme, tone));
}

fn ink(theme: &Theme, tone: Tone) -> Style {
    match tone {
        Tone::Plain => theme.good(),
        Tone::Warning => theme.warning(),
        Tone::Error => theme.error(),
    }
}

/// A sentence in place of the keys; the last key stays where there is room for it. What
/// does not fit on the line goes on above it, so that every sentence can be read whole.
pub(super) fn said(
    theme: &Theme,
    keymap: &Keymap,
    (tone, text): (Tone, &str),
    area: Rect,
    buffer: &mut Buffer,
) {
    let style = ink(theme, tone);
    let last = last(theme, keymap, area);
    let beside = last.saturating_sub(GAP);
    let whole = area.width.saturating_sub(2);
    // On a narrow screen the sentence matters more than the key.
    let alone = area.width < 60 && column(cells::width(text)) > beside;
    let room = if alone { whole } else { beside };
    let mut lines = cells::wrap(text, usize::from(room));
    lines.truncate(MOST_LINES);
    let above = column(lines.len().saturating_sub(1)).min(area.y);
    let block = Rect { y: area.y - above, height: area.height + above, ..area };
    clear(buffer, block, theme.ground().patch(theme.bar()));
    for (y, line) in (0..block.height).zip(&lines) {
        put(buffer, block, 1, y, line, style);
    }
    if !alone {
        draw_last(theme, keymap, area, buffer);
    }
}

/// As many keys with their words as fit, and the last one at the right end.
pub(super) fn line(
    theme: &Theme,
    keymap: &Keymap,
    hints: &[(String, &'static str)],
    area: Rect,
    buffer: &mut Buffer,
) {
    paint(buffer, area, theme.bar());
    let last = last(theme, keymap, area);
    let mut x = 1;
    for (key, word) in hints {
        let end = x + cap_width(theme, key, word);
        if end + GAP <= last {
            cap(theme, (key, word), area, x, theme.muted(), buffer);
            x = end + GAP;
        }
    }
    draw_last(theme, keymap, area, buffer);
}

const HELP: &str = "keys";

fn last(theme: &Theme, keymap: &Keymap, area: Rect) -> u16 {
    let key = keymap.key(KeyScope::Everywhere, Action::Help);
    area.width.saturating_sub(1 + cap_width(theme, &key, HELP))
}

fn draw_last(theme: &Theme, keymap: &Keymap, area: Rect, buffer: &mut Buffer) {
    let key = keymap.key(KeyScope::Everywhere, Action::Help);
    cap(theme, (&key, HELP), area, last(theme, keymap, area), theme.muted(), buffer);
}

/// The cells of a key with its word.
pub(super) fn cap_width(theme: &Theme, key: &str, word: &str) -> u16 {
    let cap = column(cells::width(key)) + if theme.caps { 2 } else { 0 };
    let gap = u16::from(!word.is_empty());
    cap + gap + column(cells::width(word))
}

/// Draws a key's cap at a column and its word behind it; the answer is the column after.
pub(super) fn cap(
    theme: &Theme,
    (key, word): (&str, &str),
    area: Rect,
    x: u16,
    style: Style,
    buffer: &mut Buffer,
) -> u16 {
    let end = if theme.caps {
        let end = x + column(cells::width(key)) + 2;
        let width = end.min(area.width).saturating_sub(x);
        let plane = Rect { x: area.x.saturating_add(x), width, height: 1, ..area };
        paint(buffer, plane.intersection(area), theme.key());
        put(buffer, area, x + 1, 0, key, theme.text());
        end
    } else {
        put(buffer, area, x, 0, key, Style::new().add_modifier(Modifier::BOLD))
    };
    if word.is_empty() {
        return end;
    }
    put(buffer, area, end + 1, 0, word, style)
}
