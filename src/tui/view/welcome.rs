//! The first screen: what this is, three choices, or the form in their place.

use ratatui::{
    Frame,
    buffer::Buffer,
    layout::{Position, Rect},
    style::Modifier,
};

use super::{
    super::{
        hints as all_hints,
        keymap::KeyScope,
        theme::Theme,
        welcome::{Over, Welcome, WelcomeChoice, WelcomeHit, WelcomePage},
    },
    column, hints,
    layout::{self, ScreenLayout},
    overlay, paint, palette, panel, put, row, setup, too_small,
};

const LOGO: [&str; 3] = [
    "█▀▄ █▀█ █   █▀█ █▀▄ █▀▀ █▀▀ █ █",
    "█▀▄ █ █ █   █ █ █ █ █▀  ▀▀█ █▀▄",
    "▀ ▀ ▀▀▀ ▀▀▀ ▀▀▀ ▀▀  ▀▀▀ ▀▀▀ ▀ ▀",
];
const WHAT: [&str; 2] = [
    "Type a customer and keep talking. The contact is stored here",
    "at once and created on the Kore.ai platform in the background.",
];
const SHORT: [&str; 2] = ["Type a customer, keep talking.", "Nothing typed is ever lost."];
/// The block that everything stands in where there is room, and its rows.
const BLOCK: (u16, u16) = (66, 15);
/// Cells from a choice's mark to its key and to its words.
const KEY: u16 = 2;
const WORDS: u16 = 7;

/// Draws the whole screen and puts the terminal's real cursor on the caret.
pub(in crate::tui) fn screen(welcome: &Welcome, frame: &mut Frame<'_>) {
    let area = frame.area();
    if let Some(caret) = draw(welcome, area, frame.buffer_mut()) {
        frame.set_cursor_position(caret);
    }
}

fn draw(welcome: &Welcome, area: Rect, buffer: &mut Buffer) -> Option<Position> {
    let theme = &welcome.theme;
    paint(buffer, area, theme.ground());
    let parts = match layout::of(area, false) {
        ScreenLayout::Nothing => return None,
        ScreenLayout::TooSmall => {
            too_small(area, buffer);
            return None;
        }
        ScreenLayout::Parts(parts) => parts,
    };
    let body = parts.body;
    paint(buffer, parts.header, theme.bar());
    let brand = theme.accent().add_modifier(Modifier::BOLD);
    let x = put(buffer, parts.header, 1, 0, "rolodesk", brand) + 2;
    let title = match welcome.page {
        WelcomePage::Choices => env!("CARGO_PKG_VERSION"),
        WelcomePage::Form => "a profile of your own",
    };
    put(buffer, parts.header, x, 0, title, theme.muted());
    let caret = match welcome.page {
        WelcomePage::Choices => choices(welcome, body, buffer),
        WelcomePage::Form => setup::draw(&welcome.form, theme, &welcome.look.keys, body, buffer),
    };
    last_line(welcome, parts.hints, buffer);
    match &welcome.over {
        None => caret,
        Some(Over::Help { scroll }) => {
            panel::dim(theme, body, buffer);
            overlay::draw_help(theme, &welcome.look.keys, *scroll, body, buffer);
            None
        }
        Some(Over::Palette(list)) => {
            panel::dim(theme, body, buffer);
            palette::draw(theme, list, body, buffer)
        }
    }
}

fn last_line(welcome: &Welcome, area: Rect, buffer: &mut Buffer) {
    let (theme, keys) = (&welcome.theme, &welcome.look.keys);
    match &welcome.notice {
        Some((tone, text)) => hints::said(theme, keys, (*tone, text), area, buffer),
        None => hints::line(theme, keys, &named(welcome), area, buffer),
    }
}

fn named(welcome: &Welcome) -> Vec<(String, &'static str)> {
    let (scope, fixed) = (welcome.scope(), all_hints::fixed(welcome.scope()));
    all_hints::named(&welcome.theme, &welcome.look.keys, scope, fixed.iter().copied())
}

/// Where the choices are: each takes a row, or two and a blank one.
struct Choices {
    area: Rect,
    roomy: bool,
    first: u16,
}

impl Choices {
    fn of(body: Rect) -> Self {
        let roomy = body.width >= BLOCK.0 + 8 && body.height >= BLOCK.1 + 5;
        if roomy {
            let x = body.x + (body.width - BLOCK.0) / 2;
            let y = body.y + ((body.height - BLOCK.1) / 2).saturating_sub(2);
            let area = Rect { x, y, width: BLOCK.0, height: body.bottom() - y };
            return Self { area, roomy, first: 8 };
        }
        let top = u16::from(body.height >= 14);
        let area = Rect {
            x: body.x + 2,
            y: body.y + top,
            width: body.width.saturating_sub(3),
            height: body.height - top,
        };
        Self { area, roomy, first: 3 }
    }

    fn step(&self) -> u16 {
        if self.roomy { 3 } else { 1 }
    }

    /// The rows of a choice, from its mark on.
    fn band(&self, at: usize) -> Rect {
        let line = row(self.area, self.first + column(at) * self.step());
        let height =
            if self.roomy && WelcomeChoice::ALL.get(at).is_some_and(|it| !means(*it).is_empty()) {
                2
            } else {
                1
            };
        Rect { x: line.x.saturating_sub(1), width: line.width + 2, height, ..line }
    }
}

fn choices(welcome: &Welcome, body: Rect, buffer: &mut Buffer) -> Option<Position> {
    let theme = &welcome.theme;
    let places = Choices::of(body);
    if places.roomy {
        if theme.glyphs.unicode {
            for (y, line) in (0..).zip(LOGO) {
                put(buffer, row(places.area, y), 0, 0, line, theme.accent());
            }
        }
        told(theme, &WHAT, 5, places.area, buffer);
    } else {
        told(theme, &SHORT, 0, places.area, buffer);
    }
    let mut caret = None;
    for (at, choice) in WelcomeChoice::ALL.into_iter().enumerate() {
        let band = places.band(at).intersection(body);
        let marked = at == welcome.marked;
        put(buffer, row(band, 0), WORDS, 0, word(choice), theme.strong());
        if places.roomy {
            let quiet = if marked { theme.text() } else { theme.muted() };
            put(buffer, row(band, 1), WORDS, 0, means(choice), quiet);
        }
        if marked {
            mark(theme, band, buffer);
            caret = Some(Position::new(band.x + KEY + 1, band.y));
        }
        let key = welcome.look.keys.key(KeyScope::Welcome, choice.action());
        hints::cap(theme, (&key, ""), row(band, 0), KEY, theme.text(), buffer);
    }
    caret.filter(|caret| body.contains(*caret))
}

/// The marked choice.
fn mark(theme: &Theme, band: Rect, buffer: &mut Buffer) {
    if theme.planes {
        paint(buffer, band, theme.selection());
        for y in 0..band.height {
            put(buffer, band, 0, y, theme.glyphs.bar, theme.accent());
        }
    } else {
        put(buffer, band, 0, 0, theme.glyphs.focus, theme.accent());
    }
}

fn told(theme: &Theme, lines: &[&str], top: u16, area: Rect, buffer: &mut Buffer) {
    for (y, line) in (top..).zip(lines) {
        put(buffer, row(area, y), 0, 0, line, theme.text());
    }
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
        WelcomeChoice::Demo => "a platform is built in; nothing leaves this computer",
        WelcomeChoice::SetUp => "your account's address, ids and secret: 5 fields",
        WelcomeChoice::Quit => "",
    }
}

/// What is at the position on a screen of this size.
pub(in crate::tui) fn hit(welcome: &Welcome, area: Rect, position: Position) -> Option<WelcomeHit> {
    let body = match layout::of(area, false) {
        ScreenLayout::Nothing | ScreenLayout::TooSmall => return None,
        ScreenLayout::Parts(parts) => parts.body,
    };
    match (&welcome.over, welcome.page) {
        (Some(Over::Palette(list)), _) => {
            let row = palette::row_at(&welcome.theme, list, body, position);
            Some(row.map_or(WelcomeHit::Beside, WelcomeHit::Listed))
        }
        (Some(Over::Help { .. }), _) => Some(WelcomeHit::Beside),
        (None, WelcomePage::Form) => setup::hit(&welcome.form, &welcome.theme, body, position),
        (None, WelcomePage::Choices) => {
            let places = Choices::of(body);
            let at = |at: &usize| places.band(*at).contains(position);
            let found = (0..WelcomeChoice::ALL.len()).find(at)?;
            WelcomeChoice::ALL.get(found).copied().map(WelcomeHit::Choice)
        }
    }
}
