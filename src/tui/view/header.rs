//! The first line: who and where on the left, how things stand on the right. It is never
//! replaced by anything; where it is tight, the least needed gives way.

use jiff::Timestamp;
use ratatui::{buffer::Buffer, layout::Rect, style::Modifier, style::Style};

use crate::submission::{Budget, PlatformHealth};

use super::{
    super::{App, Floor, cells, theme::Theme, time},
    column, paint, put,
};

/// From this width on the gauge is long, and the budget is told in words.
const LONG_GAUGE: u16 = 100;
const IN_WORDS: u16 = 116;
/// Below this width there is no gauge.
const GAUGE: u16 = 60;
/// From this width on it says why the limit is lower than the account's.
const SHARED: u16 = 80;
const ANOTHER_TOOL: &str = "another tool uses the minute";

/// A part of the line that may give way. Its cells besides the gap before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum HeaderPart {
    Host,
    Profile,
    Gauge,
    Reading,
    Queued,
    Brand,
    /// "next in 0:23" as it is, and not "0:23".
    Words,
}

/// In the order in which they give way.
const GIVE_WAY: [HeaderPart; 7] = [
    HeaderPart::Host,
    HeaderPart::Profile,
    HeaderPart::Gauge,
    HeaderPart::Reading,
    HeaderPart::Queued,
    HeaderPart::Brand,
    HeaderPart::Words,
];

/// Draws the line.
pub(super) fn draw(app: &App, area: Rect, buffer: &mut Buffer) {
    paint(buffer, area, app.theme.bar());
    let line = HeaderLine { app, width: area.width };
    let shown = line.fitting();
    line.left(&shown, area, buffer);
    line.right(&shown, area, buffer);
}

struct HeaderLine<'a> {
    app: &'a App,
    width: u16,
}

/// Pieces of text side by side, the gap before each, and its ink.
type Pieces = Vec<(u16, String, Style)>;

impl HeaderLine<'_> {
    /// What shows: as much as there is room for, the least needed left out first, and put
    /// back where leaving out something else has made room for it.
    fn fitting(&self) -> Vec<HeaderPart> {
        let mut shown = GIVE_WAY.to_vec();
        let mut dropped = Vec::new();
        for part in GIVE_WAY {
            if self.fits(&shown) {
                break;
            }
            shown.retain(|it| *it != part);
            dropped.push(part);
        }
        for part in dropped.into_iter().rev() {
            shown.push(part);
            let alone = part == HeaderPart::Host && !shown.contains(&HeaderPart::Profile);
            if alone || !self.fits(&shown) {
                shown.pop();
            }
        }
        shown
    }

    fn fits(&self, shown: &[HeaderPart]) -> bool {
        let left = self.left_pieces(shown);
        let right = self.right_pieces(shown);
        let gap = u16::from(!left.is_empty());
        1 + width(&left) + gap + width(&right) < self.width
    }

    fn left_pieces(&self, shown: &[HeaderPart]) -> Pieces {
        let app = self.app;
        let mut pieces = Vec::new();
        if shown.contains(&HeaderPart::Brand) {
            let style = app.theme.accent().add_modifier(Modifier::BOLD);
            pieces.push((0, "rolodesk".to_owned(), style));
        }
        if shown.contains(&HeaderPart::Profile) {
            let host = if shown.contains(&HeaderPart::Host) {
                format!("{}{}", app.theme.glyphs.dot, app.host)
            } else {
                String::new()
            };
            let gap = if pieces.is_empty() { 0 } else { 2 };
            pieces.push((gap, format!("{}{host}", app.profile), app.theme.muted()));
        }
        pieces
    }

    fn right_pieces(&self, shown: &[HeaderPart]) -> Pieces {
        let app = self.app;
        let theme = &app.theme;
        let mut pieces = Vec::new();
        if let Some(budget) = self.budget_shown() {
            let words = shown.contains(&HeaderPart::Words);
            let (text, style) = self.budget(budget, words);
            let gauge = shown.contains(&HeaderPart::Gauge) && self.width >= GAUGE;
            if gauge {
                pieces.push((0, theme.glyphs.gauge.repeat(usize::from(self.gauge_width())), style));
            }
            pieces.push((u16::from(gauge), text, style));
        }
        if let Some((read, total)) = app.reading.filter(|_| shown.contains(&HeaderPart::Reading)) {
            let of = total.map(|total| format!("/{total}")).unwrap_or_default();
            pieces.push((2, format!("reading {read}{of}"), theme.muted()));
        }
        let waiting = app.results.counts().waiting();
        if waiting > 0 && shown.contains(&HeaderPart::Queued) && app.is_held_up() {
            pieces.push((2, format!("{waiting} queued"), theme.queued()));
        }
        let needed = app.results.needs_you();
        if needed > 0 {
            let word = if needed == 1 { "needs" } else { "need" };
            pieces.push((2, format!("{needed} {word} you"), theme.warning()));
        }
        let (mark, word, style) = state(app);
        pieces.push((2, format!("{mark} {word}"), style));
        if let Some(first) = pieces.first_mut() {
            first.0 = 0;
        }
        pieces
    }

    /// What a floor has left is told to those who wait for it.
    fn budget_shown(&self) -> Option<Budget> {
        let app = self.app;
        let is_fresh = app.floor == Floor::Alone || app.results.counts().waiting() > 0;
        app.budget.filter(|_| is_fresh)
    }

    fn budget(&self, budget: Budget, words: bool) -> (String, Style) {
        let theme = &self.app.theme;
        let Budget { limit, left, next_slot_at, is_shared, held_until } = budget;
        if let Some(until) = held_until.filter(|until| *until > self.app.now) {
            return (self.wait(until, words), theme.warning());
        }
        if let Some(next) = next_slot_at.filter(|_| left == 0) {
            let time = time::minutes_left(next, self.app.now);
            let text = if words { format!("next in {time}") } else { time };
            return (text, theme.warning());
        }
        let style = if left * 4 <= limit { theme.warning() } else { theme.muted() };
        let shared = is_shared && words && self.width >= SHARED;
        let text = match self.width {
            IN_WORDS.. if shared => format!("{left} of {limit} left, {ANOTHER_TOOL}"),
            _ if shared => format!("{left} left, {ANOTHER_TOOL}"),
            IN_WORDS.. => format!("{left} of {limit} left this minute"),
            GAUGE..IN_WORDS => format!("{left} left"),
            0..GAUGE => format!("{left}/{limit}"),
        };
        (text, style)
    }

    /// A wait that was asked for is told as one, not as requests that are used up.
    fn wait(&self, until: Timestamp, words: bool) -> String {
        let left = time::seconds_left(until, self.app.now);
        let when = if left < 60 {
            format!("{left} s")
        } else {
            format!("until {}", time::clock(until, &self.app.zone))
        };
        match self.width {
            IN_WORDS.. if words => format!("the platform asked us to wait {when}"),
            GAUGE.. if words => format!("asked to wait {when}"),
            _ => format!("wait {when}"),
        }
    }

    fn gauge_width(&self) -> u16 {
        if self.width >= LONG_GAUGE { 10 } else { 6 }
    }

    fn left(&self, shown: &[HeaderPart], area: Rect, buffer: &mut Buffer) {
        let mut x = 1;
        for (gap, text, style) in self.left_pieces(shown) {
            x = put(buffer, area, x + gap, 0, &text, style);
        }
    }

    fn right(&self, shown: &[HeaderPart], area: Rect, buffer: &mut Buffer) {
        let pieces = self.right_pieces(shown);
        let mut x = self.width.saturating_sub(1 + width(&pieces));
        if let Some(budget) = self.budget_shown()
            && shown.contains(&HeaderPart::Gauge)
            && self.width >= GAUGE
        {
            self.gauge(budget, Rect { x: area.x + x, width: self.gauge_width(), ..area }, buffer);
            x += self.gauge_width();
        }
        let gauge = self.app.theme.glyphs.gauge;
        for (gap, text, style) in pieces.into_iter().filter(|(_, text, _)| !text.starts_with(gauge))
        {
            x = put(buffer, area, x + gap, 0, &text, style);
        }
    }

    /// A cell for each part of the budget that is left, one at least while any is.
    fn gauge(&self, budget: Budget, area: Rect, buffer: &mut Buffer) {
        let theme = &self.app.theme;
        let (_, style) = self.budget(budget, true);
        let cells = u32::from(area.width);
        let filled = (budget.left * cells).checked_div(budget.limit).unwrap_or(0);
        let filled = filled.clamp(u32::from(budget.left > 0), cells);
        for at in 0..area.width {
            if u32::from(at) < filled {
                put(buffer, area, at, 0, theme.glyphs.gauge, style);
            } else {
                put(buffer, area, at, 0, spent(theme), theme.line());
            }
        }
    }
}

/// An empty cell of the gauge, which colour alone does not tell.
fn spent(theme: &Theme) -> &'static str {
    match (theme.planes, theme.glyphs.unicode) {
        (true, _) | (false, false) => theme.glyphs.spent,
        (false, true) => "·",
    }
}

fn width(pieces: &[(u16, String, Style)]) -> u16 {
    pieces.iter().map(|(gap, text, _)| gap + column(cells::width(text))).sum()
}

/// How the platform stands to us: a mark, a word and its ink.
fn state(app: &App) -> (&'static str, &'static str, Style) {
    let theme = &app.theme;
    match &app.link {
        PlatformHealth::Refused(_) => (theme.glyphs.refused, "REFUSED", theme.error()),
        PlatformHealth::Offline(_) => (theme.glyphs.offline, "OFFLINE", theme.warning()),
        PlatformHealth::Unattended => (theme.glyphs.offline, "NO SENDER", theme.warning()),
        PlatformHealth::Online | PlatformHealth::Untried if app.demo.is_some() => {
            (theme.glyphs.online, "demo", theme.text())
        }
        PlatformHealth::Online => (theme.glyphs.online, "online", theme.good()),
        PlatformHealth::Untried => (theme.glyphs.offline, "not asked yet", theme.muted()),
    }
}
