//! A duplicate beside the contact that exists, as a page: what was typed, what is on the
//! platform, what differs, and the four ways to settle it.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style},
};

use super::{
    super::{
        App, cells,
        compare::{Compare, ComparedField, DuplicateChoice},
        keymap::{Action, KeyScope},
        theme::Theme,
    },
    column, hints, page, paint, put, put_fit, row,
};
use crate::contact::text::safe;

const TYPED: u16 = 13;
const MARK: u16 = 11;
const WORDS: u16 = 5;
const CONSEQUENCE: u16 = 29;
/// Below this height only what differs shows.
const WHOLE: u16 = 14;

/// Draws the page.
pub(super) fn draw(app: &App, compare: &Compare, area: Rect, buffer: &mut Buffer) {
    let theme = &app.theme;
    let name = match compare.place() {
        (at, of @ 2..) => format!("Duplicate, existing contact {at} of {of}"),
        (_, 0 | 1) => "Duplicate".to_owned(),
    };
    let inner = page::heading(theme, &app.look.keys, KeyScope::Compare, &name, area, buffer);
    // A band of colour begins a cell before the text and ends where the page does.
    let band = |y: u16| Rect { x: inner.x.saturating_sub(1), width: inner.width, ..row(inner, y) };
    let lines = shown(app, compare, inner.height);
    let choices = column(DuplicateChoice::ALL.len());
    let needed = 1 + 1 + column(lines.len()) + 1 + 1 + choices;
    let mut spare = inner.height.saturating_sub(needed);
    let mut gap = |least: u16| {
        let shows = spare >= least;
        spare -= u16::from(shows);
        u16::from(shows)
    };
    let mut y = gap(1);
    sentence(theme, compare, row(inner, y), buffer);
    y += 1 + gap(6);
    if !lines.is_empty() {
        head(theme, row(inner, y), band(y), buffer);
        y += 1;
    }
    let room = inner.height.saturating_sub(y + 2 + choices);
    for line in lines.iter().take(usize::from(room.max(1))) {
        field(theme, line, row(inner, y), band(y), buffer);
        y += 1;
    }
    y += u16::from(inner.height > y + 1 + choices);
    put(buffer, row(inner, y), 0, 0, "Which is right?", theme.muted());
    for choice in DuplicateChoice::ALL {
        y += 1;
        offer(app, compare, choice, band(y), buffer);
    }
}

/// The fields that show: where it is low only those that differ.
fn shown(app: &App, compare: &Compare, height: u16) -> Vec<ComparedField> {
    let mut lines = compare.lines(app.now, &app.zone);
    if height < WHOLE {
        lines.retain(|line| line.differs);
        lines.truncate(usize::from(height.saturating_sub(8)).max(1));
    }
    lines
}

fn sentence(theme: &Theme, compare: &Compare, line: Rect, buffer: &mut Buffer) {
    let number = compare.entry.submission.contact.phone.international();
    let rest = match compare.holder() {
        None => vec![
            " is taken, and nobody knows by whom (a deleted contact may hold it).".to_owned(),
            " is taken, nobody knows by whom.".to_owned(),
            " is taken".to_owned(),
        ],
        Some(name) => vec![
            format!(" is on the platform already, as {name}."),
            format!(" is {name} already"),
            format!(" is {name}"),
        ],
    };
    let x = put(buffer, line, 0, 0, &number, theme.strong());
    let room = line.width.saturating_sub(x);
    let fits = rest.iter().find(|text| column(cells::width(text)) <= room);
    let text = fits.or(rest.last()).map_or("", String::as_str);
    put_fit(buffer, line, (x, 0), text, (room, theme), theme.text());
}

fn half(line: Rect) -> u16 {
    line.width.saturating_sub(TYPED + 2) / 2
}

fn head(theme: &Theme, line: Rect, band: Rect, buffer: &mut Buffer) {
    paint(buffer, band, theme.panel());
    let [typed, existing] =
        if half(line) < 16 { ["Typed", "Exists"] } else { ["You typed", "On the platform"] };
    put(buffer, line, TYPED, 0, typed, theme.faint());
    put(buffer, line, TYPED + half(line), 0, existing, theme.faint());
    if !theme.planes {
        paint(buffer, band, Style::new().add_modifier(Modifier::UNDERLINED));
    }
}

fn field(theme: &Theme, compared: &ComparedField, line: Rect, band: Rect, buffer: &mut Buffer) {
    let half = half(line);
    let same = !compared.differs && compared.typed == compared.existing;
    if compared.differs {
        paint(buffer, band, theme.warning_row());
    }
    put(
        buffer,
        line,
        0,
        0,
        compared.label,
        if compared.differs { theme.text() } else { theme.muted() },
    );
    let bold = theme.warning().add_modifier(Modifier::BOLD);
    let (typed, existing) = match (compared.differs, same) {
        (true, _) => (bold, bold),
        (false, true) => (theme.text(), theme.faint()),
        (false, false) => (theme.text(), theme.text()),
    };
    if compared.differs {
        put(buffer, line, MARK, 0, theme.glyphs.differs, bold);
    }
    let words = if same { "same" } else { compared.existing.as_str() };
    let words = if theme.glyphs.unicode { words.to_owned() } else { words.replace('…', "~") };
    put_fit(buffer, line, (TYPED, 0), &compared.typed, (half.saturating_sub(1), theme), typed);
    let room = line.width.saturating_sub(TYPED + half);
    put_fit(buffer, line, (TYPED + half, 0), &words, (room, theme), existing);
}

fn offer(app: &App, compare: &Compare, choice: DuplicateChoice, band: Rect, buffer: &mut Buffer) {
    if app.look.keys.forbids(Action::Decide(choice)) {
        return;
    }
    let theme = &app.theme;
    let marked = choice == compare.marked;
    let key = app.look.keys.key(KeyScope::Compare, Action::Decide(choice));
    let (words, consequence) = told(compare, choice);
    let style = if marked { theme.strong() } else { theme.text() };
    let quiet = if marked { theme.text() } else { theme.muted() };
    put_fit(buffer, band, (1 + WORDS, 0), &words, (CONSEQUENCE - WORDS, theme), style);
    if band.width > CONSEQUENCE + 20 {
        put(buffer, band, 1 + CONSEQUENCE, 0, consequence, quiet);
    }
    if marked {
        paint(buffer, band, theme.selection());
        let mark = if theme.planes { theme.glyphs.bar } else { theme.glyphs.focus };
        put(buffer, band, 0, 0, mark, theme.accent());
    }
    let x = if theme.caps { 1 } else { 2 };
    hints::cap(theme, (&key, ""), band, x, style, buffer);
}

/// What a choice does, and what comes of it.
fn told(compare: &Compare, choice: DuplicateChoice) -> (String, &'static str) {
    let typed = safe(&compare.entry.submission.contact.full_name());
    match choice {
        DuplicateChoice::Keep => {
            let whose = compare.holder().unwrap_or_else(|| "what exists".into());
            (format!("Keep {whose}"), "nothing is sent")
        }
        DuplicateChoice::Update => (format!("Make it {typed}"), "changes it; asks first"),
        DuplicateChoice::Correct => ("My number is wrong".to_owned(), "back into the form"),
        DuplicateChoice::Drop => ("Drop what I typed".to_owned(), "asks first"),
    }
}
