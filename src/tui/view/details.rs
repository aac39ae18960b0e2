//! One result in full, as a page: how it stands and why, the facts, what happened, and
//! what can be done about it. Blank rows give way first; what does not fit scrolls.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};

use super::{
    super::{
        App, cells,
        detail::{Details, Happening},
        keymap::{Action, KeyScope},
        row_keys, row_words,
        theme::Theme,
        time,
    },
    column, hints, page, put, put_right, row,
};
use crate::contact::text::safe;

const LABEL: u16 = 12;
const TIME: u16 = 10;
/// Cells between one key's word and the next key.
const KEY_GAP: u16 = 2;

/// A row of the page.
enum PageRow {
    Blank,
    Text(Vec<(u16, String, Style)>),
    Keys(Vec<(String, &'static str)>),
}

/// Draws the page.
pub(super) fn draw(app: &App, details: &Details, area: Rect, buffer: &mut Buffer) {
    let theme = &app.theme;
    let name = safe(&details.entry.submission.contact.full_name());
    let inner = page::heading(theme, &app.look.keys, KeyScope::Details, &name, area, buffer);
    let whose = app.results.whose();
    let keys = |offers| keys(app, offers, inner.width);
    let in_full = keys(row_keys::in_full(&details.entry, whose));
    let mut rows = rows(app, details, inner, in_full.len());
    if rows.len() + 1 + in_full.len() <= usize::from(inner.height) {
        rows.push(PageRow::Blank);
        rows.extend(in_full);
        scrolled(theme, &rows, 0, inner, buffer);
        return;
    }
    // What can be done never scrolls out of sight.
    let keys =
        if in_full.len() > 1 { keys(row_keys::in_short(&details.entry, whose)) } else { in_full };
    let height = inner.height.saturating_sub(column(keys.len()));
    let body = Rect { height, ..inner };
    let last = Rect { y: body.bottom(), height: inner.height - height, ..inner };
    scrolled(theme, &rows, details.scroll, body, buffer);
    scrolled(theme, &keys, 0, last, buffer);
}

/// As many rows as there is room for, with a mark where there are others.
fn scrolled(theme: &Theme, rows: &[PageRow], scroll: usize, area: Rect, buffer: &mut Buffer) {
    let height = usize::from(area.height);
    let scroll = scroll.min(rows.len().saturating_sub(height));
    for (y, page_row) in (0..area.height).zip(rows.iter().skip(scroll)) {
        page_row.draw(theme, row(area, y), buffer);
    }
    if rows.len() > height {
        let end = rows.len() - scroll <= height;
        let mark = if end { theme.glyphs.scroll } else { theme.glyphs.open };
        let last = row(area, area.height.saturating_sub(1));
        put_right(buffer, last, area.width, 0, mark, theme.edge());
    }
}

impl PageRow {
    fn draw(&self, theme: &Theme, line: Rect, buffer: &mut Buffer) {
        match self {
            Self::Blank => {}
            Self::Text(pieces) => {
                for (x, text, style) in pieces {
                    let room = usize::from(line.width.saturating_sub(*x));
                    let text = cells::fit(text, room, theme.glyphs.more);
                    put(buffer, line, *x, 0, &text, *style);
                }
            }
            Self::Keys(keys) => {
                let mut x = 0;
                for (key, word) in keys {
                    x = hints::cap(theme, (key, word), line, x, theme.muted(), buffer) + KEY_GAP;
                }
            }
        }
    }
}

/// All but what can be done about it, which takes as many rows as are told.
fn rows(app: &App, details: &Details, area: Rect, keys: usize) -> Vec<PageRow> {
    let theme = &app.theme;
    let mut status = status(app, details, area.width);
    let facts: Vec<_> = details
        .facts(app.now, &app.zone)
        .into_iter()
        .map(|(label, text)| {
            let text = text.replace(" · ", theme.glyphs.dot).replace('–', theme.glyphs.none);
            PageRow::Text(vec![(0, label.to_owned(), theme.muted()), (LABEL, text, theme.text())])
        })
        .collect();
    let happened: Vec<_> = details.happened().into_iter().map(|it| happening(app, &it)).collect();
    let heading = PageRow::Text(vec![(0, "What happened".to_owned(), theme.muted())]);
    let whole = status.len() + facts.len() + happened.len() + keys + 3;
    let spare = usize::from(area.height).saturating_sub(whole);
    let mut rows = Vec::new();
    let blank = |rows: &mut Vec<PageRow>, shows: bool| {
        if shows {
            rows.push(PageRow::Blank);
        }
    };
    blank(&mut rows, spare >= 4);
    rows.append(&mut status);
    blank(&mut rows, spare >= 3);
    rows.extend(facts);
    rows.push(PageRow::Blank);
    rows.push(heading);
    rows.extend(happened);
    rows
}

/// Mark, word and reason; the reason on rows of its own where it does not fit beside.
fn status(app: &App, details: &Details, width: u16) -> Vec<PageRow> {
    let theme = &app.theme;
    let entry = &details.entry;
    let (mark, word, style) = theme.status(entry);
    let word = format!("{mark} {word}");
    let reason = row_words::sentence(entry, &app.moment(None), app.results.made(entry));
    let x = column(cells::width(&word)) + 2;
    if x + column(cells::width(&reason)) <= width {
        return vec![PageRow::Text(vec![(0, word, style), (x, reason, theme.text())])];
    }
    let lines = cells::wrap(&reason, usize::from(width));
    let reason = lines.into_iter().map(|line| PageRow::Text(vec![(0, line, theme.text())]));
    [PageRow::Text(vec![(0, word, style)])].into_iter().chain(reason).collect()
}

fn happening(app: &App, happening: &Happening) -> PageRow {
    let theme = &app.theme;
    let mut pieces = Vec::new();
    if let Some(at) = happening.at {
        pieces.push((0, time::clock_to_the_second(at, &app.zone), theme.muted()));
        let unclear = (theme.glyphs.unclear, theme.warning());
        let (mark, style) = happening.mark.map_or(unclear, |group| theme.group(group));
        pieces.push((TIME, mark.to_owned(), style));
    }
    pieces.push((TIME + 2, happening.text.clone(), theme.text()));
    PageRow::Text(pieces)
}

/// What can be done about it, in as many rows as that takes.
fn keys(app: &App, offers: Vec<(Action, &'static str)>, width: u16) -> Vec<PageRow> {
    let allowed = |(action, _): &(Action, _)| !app.look.keys.forbids(*action);
    let (mut rows, mut row, mut end) = (Vec::new(), Vec::new(), 0);
    for (action, word) in offers.into_iter().filter(allowed) {
        let key = app.look.keys.key(KeyScope::Details, action);
        let cap = hints::cap_width(&app.theme, &key, word);
        if !row.is_empty() && end + cap > width {
            rows.push(std::mem::take(&mut row));
            end = 0;
        }
        end += cap + KEY_GAP;
        row.push((key, word));
    }
    rows.push(row);
    rows.into_iter().map(PageRow::Keys).collect()
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyCode;
    use ratatui::{Terminal, backend::TestBackend};

    use crate::tui::{
        Event,
        script::{Script, duplicate},
    };

    #[test]
    fn everything_that_can_be_done_is_offered_whatever_the_width() {
        for (width, height) in [(160, 40), (120, 32), (80, 24), (60, 18)] {
            let mut script = Script::start();
            script.rows(vec![duplicate(1, "Ada", "Tester", "9876543210", "Jane Roe")]);
            script.key(KeyCode::F(6)).key(KeyCode::Enter);
            let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
            terminal.draw(|frame| script.app.view(frame)).unwrap();
            let shown = terminal.backend().to_string();
            for word in ["compare with", "correct and send again", "try again", "drop it"] {
                assert!(shown.contains(word), "{word} at {width}:\n{shown}");
            }
        }
    }

    #[test]
    fn on_the_smallest_screen_it_is_offered_in_short_under_a_notice_too() {
        let mut script = Script::start();
        script.rows(vec![duplicate(1, "Ada", "Tester", "9876543210", "Jane Roe")]);
        script.key(KeyCode::F(6)).key(KeyCode::Enter);
        let notice = "The clock of this computer is wrong, and so nothing goes out";
        script.event(Event::Notice(notice.into()));
        let mut terminal = Terminal::new(TestBackend::new(40, 12)).unwrap();
        terminal.draw(|frame| script.app.view(frame)).unwrap();
        let shown = terminal.backend().to_string();
        for word in ["u compare", "e correct", "r retry", "d drop"] {
            assert!(shown.contains(word), "{word}:\n{shown}");
        }
    }
}
