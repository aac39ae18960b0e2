//! The first screen: what this is, three choices, or the form in their place.

use ratatui::{
    Frame,
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
};

use super::{
    super::{
        cells,
        keymap::{Action, KeyScope},
        welcome::{Over, Welcome, WelcomeChoice, WelcomeHit, WelcomePage},
    },
    column, ground, header,
    layout::{self, ScreenLayout},
    overlay, palette, pane, put, setup, too_small,
};

const WHAT: &str = "Type a customer, keep talking: the contact is created on the Kore.ai platform \
                    in the background, and what was typed is never lost.";
const MARGIN: u16 = 2;
/// Mark, key and a choice's words, where they are told beside it.
const WORDS: usize = 24;

/// Draws the whole screen and puts the terminal's real cursor on the caret.
pub(in crate::tui) fn screen(welcome: &Welcome, frame: &mut Frame<'_>) {
    let area = frame.area();
    let caret = draw(welcome, area, frame.buffer_mut());
    ground(welcome.theme, frame.buffer_mut());
    if let Some(caret) = caret {
        frame.set_cursor_position(caret);
    }
}

fn draw(welcome: &Welcome, area: Rect, buffer: &mut Buffer) -> Option<Position> {
    match layout::of(area) {
        ScreenLayout::Nothing => return None,
        ScreenLayout::TooSmall => {
            too_small(area, buffer);
            return None;
        }
        ScreenLayout::One { .. } | ScreenLayout::Two { .. } => {}
    }
    let theme = welcome.theme;
    let (top, body, bottom) = parts(area);
    let title = match welcome.page {
        WelcomePage::Choices => format!("rolodesk{}{}", theme.dash(), env!("CARGO_PKG_VERSION")),
        WelcomePage::Form => format!("rolodesk{}a profile of your own", theme.dash()),
    };
    put(buffer, top, 1, 0, &title, theme.title(true));
    let caret = match welcome.page {
        WelcomePage::Choices => choices(welcome, body, buffer),
        WelcomePage::Form => setup::draw(&welcome.form, theme, &welcome.look.keys, body, buffer),
    };
    last_line(welcome, bottom, buffer);
    match &welcome.over {
        None => caret,
        Some(Over::Help { scroll }) => {
            overlay::draw_help(theme, &welcome.look.keys, *scroll, body, buffer);
            None
        }
        Some(Over::Palette(list)) => palette::draw(theme, list, body, buffer),
    }
}

fn last_line(welcome: &Welcome, area: Rect, buffer: &mut Buffer) {
    if let Some((tone, text)) = &welcome.notice {
        header::said(welcome.theme, *tone, text, area, buffer);
        return;
    }
    let nothing_yet: &[Action] = match welcome.page {
        WelcomePage::Choices => &[Action::Submit],
        WelcomePage::Form => &[],
    };
    let hints = welcome.look.keys.hints(welcome.scope(), nothing_yet);
    header::hint_line(welcome.theme, hints, area, buffer);
}

/// The first line, the last, and what is between.
fn parts(area: Rect) -> (Rect, Rect, Rect) {
    let last = area.y.saturating_add(area.height.saturating_sub(1));
    (Rect { height: 1, ..area }, layout::body(area), Rect { y: last, height: 1, ..area })
}

fn choices(welcome: &Welcome, body: Rect, buffer: &mut Buffer) -> Option<Position> {
    let theme = welcome.theme;
    let inside = pane(theme, " Welcome ", true, body, buffer);
    let (text, first) = told(inside);
    for (y, line) in (0..).zip(&text) {
        put(buffer, inside, MARGIN, y + gap(inside), line, Style::new());
    }
    let mut caret = None;
    for (at, choice) in WelcomeChoice::ALL.into_iter().enumerate() {
        let y = first + column(at) * step(inside);
        let marked = at == welcome.marked;
        let key = welcome.look.keys.key(KeyScope::Welcome, choice.action());
        let mark = if marked { theme.focus_mark() } else { " " };
        let words = format!("{mark} {key}  {}", word(choice));
        let end = put(buffer, inside, MARGIN, y, &words, theme.label(marked));
        let room = usize::from(inside.width.saturating_sub(MARGIN)).saturating_sub(WORDS + 2);
        if cells::width(means(choice)) <= room {
            let x = column(WORDS).saturating_add(MARGIN).max(end);
            put(buffer, inside, x, y, means(choice), theme.faint());
        }
        if marked {
            caret = Some(Position::new(inside.x + MARGIN, inside.y.saturating_add(y)));
        }
    }
    caret.filter(|caret| inside.contains(*caret))
}

/// What rolodesk is, and the row of the first choice under it.
fn told(inside: Rect) -> (Vec<String>, u16) {
    let room = usize::from(inside.width.saturating_sub(MARGIN * 2)).min(72);
    let text = cells::wrap(WHAT, room);
    let first = gap(inside) + column(text.len()) + 1;
    (text, first)
}

fn gap(inside: Rect) -> u16 {
    u16::from(inside.height >= 12)
}

/// Rows from one choice to the next.
fn step(inside: Rect) -> u16 {
    1 + gap(inside)
}

fn word(choice: WelcomeChoice) -> &'static str {
    match choice {
        WelcomeChoice::Demo => "Try the demo",
        WelcomeChoice::SetUp => "Set up a profile",
        WelcomeChoice::Quit => "Quit",
    }
}

fn means(choice: WelcomeChoice) -> &'static str {
    match choice {
        WelcomeChoice::Demo => "its platform is built in; nothing goes out",
        WelcomeChoice::SetUp => "your account's address, ids and secret",
        WelcomeChoice::Quit => "",
    }
}

/// What is at the position on a screen of this size.
pub(in crate::tui) fn hit(welcome: &Welcome, area: Rect, position: Position) -> Option<WelcomeHit> {
    match layout::of(area) {
        ScreenLayout::Nothing | ScreenLayout::TooSmall => return None,
        ScreenLayout::One { .. } | ScreenLayout::Two { .. } => {}
    }
    let (_, body, _) = parts(area);
    match (&welcome.over, welcome.page) {
        (Some(Over::Palette(list)), _) => Some(
            palette::row_at(list, body, position).map_or(WelcomeHit::Beside, WelcomeHit::Listed),
        ),
        (Some(Over::Help { .. }), _) => Some(WelcomeHit::Beside),
        (None, WelcomePage::Form) => setup::hit(&welcome.form, welcome.theme, body, position),
        (None, WelcomePage::Choices) => {
            let inside = super::inner(body);
            let (_, first) = told(inside);
            let row = position.y.checked_sub(inside.y.saturating_add(first))?;
            let fits = inside.contains(position) && row % step(inside) == 0;
            let at = usize::from(row / step(inside));
            WelcomeChoice::ALL.get(at).filter(|_| fits).copied().map(WelcomeHit::Choice)
        }
    }
}
