//! The number alone on the screen: to be read back before it goes out, or the digits of a
//! second typing beside those of the first.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Modifier,
};

use super::{
    super::{
        App, cells,
        check::Check,
        keymap::{Action, KeyScope},
        theme::Theme,
    },
    column,
    digits::Lines,
    hints,
    panel::{self, AROUND},
    put, read_back, row,
};
use crate::contact::text::safe;

const WIDTH: u16 = 60;
/// Rows besides the number: a blank one, the name, two blank ones and the keys.
const OTHERS: u16 = 6;

/// Draws the check over everything; the answer is the caret where something is typed.
pub(super) fn draw(app: &App, check: &Check, area: Rect, buffer: &mut Buffer) -> Option<Position> {
    let theme = &app.theme;
    let width = WIDTH.min(area.width);
    let lengths: Vec<usize> = check.read.groups.iter().map(Vec::len).collect();
    let lines = Lines::of(&lengths, usize::from(width.saturating_sub(6)));
    let big =
        lines.filter(|it| theme.glyphs.unicode && it.height(1) + OTHERS + AROUND <= area.height);
    let height = big.as_ref().map_or(2, |lines| lines.height(1)) + OTHERS + AROUND;
    let window = panel::place((width, height), None, area);
    let title = if check.is_blind() { "Type the number again" } else { "Read it back" };
    let inside = panel::draw(theme, title, window, buffer);
    let text = Rect { x: inside.x + 2, width: inside.width.saturating_sub(4), ..inside };
    let text = text.intersection(inside);
    let contact = &check.contact;
    let who = safe(&format!("{} {}", contact.salutation, contact.full_name()));
    let who = cells::fit(&who, usize::from(text.width), theme.glyphs.more);
    put(buffer, row(text, 1), 0, 0, &who, theme.strong());
    let number = Rect { y: text.y + 3, height: text.height.saturating_sub(5), ..text };
    let number = number.intersection(text);
    let caret = match (&check.other, check.is_blind(), big) {
        (Some(other), ..) => {
            differing(theme, &check.first(), other, number, buffer);
            None
        }
        (None, true, _) => Some(blind(theme, check, row(number, 0), buffer)),
        (None, false, Some(lines)) => {
            read_back::big(theme, &check.read, &lines, 1, number, buffer);
            None
        }
        (None, false, None) => {
            read_back::spaced(theme, &check.read, row(number, 0), buffer);
            None
        }
    };
    let keys = [(Action::Send, "send it"), (Action::Close, "back to the form")];
    let mut x = 0;
    let last = row(text, text.height.saturating_sub(1));
    for (action, word) in keys {
        let key = app.look.keys.key(KeyScope::Check, action);
        x = hints::cap(theme, (&key, word), last, x, theme.muted(), buffer) + 2;
    }
    caret
}

/// A mark for each digit that was typed.
fn blind(theme: &Theme, check: &Check, line: Rect, buffer: &mut Buffer) -> Position {
    let mut x = put(buffer, line, 0, 0, &check.read.code, theme.muted()) + 2;
    for _ in 0..check.typed() {
        x = put(buffer, line, x, 0, theme.glyphs.secret, theme.strong()) + 1;
    }
    Position::new(line.x.saturating_add(x), line.y)
}

/// Both numbers, one under the other, and which of their digits differ.
fn differing(theme: &Theme, first: &[u8], second: &[u8], area: Rect, buffer: &mut Buffer) {
    let label = 12;
    for (y, (name, digits)) in (0..).zip([("First", first), ("Second", second)]) {
        let line = row(area, y);
        put(buffer, line, 0, 0, name, theme.muted());
        for (at, digit) in digits.iter().enumerate() {
            let same = first.get(at) == second.get(at);
            let bold = theme.warning().add_modifier(Modifier::BOLD);
            let style = if same { theme.text() } else { bold };
            put(buffer, line, label + column(at) * 2, 0, &digit.to_string(), style);
        }
    }
    for at in 0..first.len().max(second.len()) {
        if first.get(at) != second.get(at) {
            let x = label + column(at) * 2;
            put(buffer, row(area, 2), x, 0, theme.glyphs.differs, theme.warning());
        }
    }
}
