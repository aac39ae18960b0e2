//! The first line (who, where, how things stand) and the last (what the keys do).

use ratatui::{buffer::Buffer, layout::Rect, style::Style};

use crate::{
    contact::text::safe,
    submission::{Budget, PlatformHealth},
};

use super::{
    super::{
        App,
        app::Tone,
        cells,
        keymap::{Action, KeyScope},
        sentences,
        theme::Theme,
        time,
    },
    column, put,
};

/// Profile and host on the left; connection, budget and queue on the right, in fewer
/// words where it is tight.
pub(super) fn draw(app: &App, area: Rect, buffer: &mut Buffer) {
    let theme = app.theme;
    let demo = if app.demo.is_some() { " (demo)" } else { "" };
    let who = format!("rolodesk{}{}{demo}", theme.dash(), app.profile);
    let left = format!("{who}{}{}", theme.dot(), app.host);
    let room = usize::from(area.width).saturating_sub(3);
    let long = standing(app, true);
    let fits = cells::width(&left) + cells::width(&joined(app, &long)) + 2 <= room;
    let mut parts = if fits { long } else { standing(app, false) };
    // News is short-lived; only a trouble is worth as much.
    if app.news().is_some_and(|it| cells::width(it) + cells::width(&joined(app, &parts)) > room) {
        parts.retain(|_| {
            matches!(app.link, PlatformHealth::Offline(_) | PlatformHealth::Refused(_))
        });
        parts.truncate(1);
    }
    let right = cells::width(&joined(app, &parts));
    let left = if cells::width(&left) + right + 2 <= room { left } else { who };
    let mut x = column((room + 2).saturating_sub(right));
    let left = cells::fit(&left, usize::from(x).saturating_sub(2), theme.more());
    let (left, style) = match app.news() {
        Some(news) => {
            (cells::fit(news, usize::from(x).saturating_sub(2), theme.more()), theme.warning())
        }
        None => (left, theme.title(true)),
    };
    put(buffer, area, 1, 0, &left, style);
    for (index, (text, style)) in parts.iter().enumerate() {
        if index > 0 {
            x = put(buffer, area, x, 0, theme.dot(), Style::new());
        }
        x = put(buffer, area, x, 0, text, *style);
    }
}

fn joined(app: &App, parts: &[(String, Style)]) -> String {
    parts.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>().join(app.theme.dot())
}

fn standing(app: &App, long: bool) -> Vec<(String, Style)> {
    let theme = app.theme;
    let mut parts = Vec::new();
    match &app.link {
        PlatformHealth::Untried if long => {
            parts.push(("not connected yet".to_owned(), theme.faint()));
        }
        PlatformHealth::Untried => {}
        PlatformHealth::Online => parts.push(("online".to_owned(), theme.good())),
        PlatformHealth::Offline(_) => parts.push(("OFFLINE".to_owned(), theme.warning())),
        PlatformHealth::Refused(_) => parts.push(("NOT AUTHORISED".to_owned(), theme.error())),
    }
    if let Some(budget) = app.budget {
        parts.push(slots(app, budget, long));
        // It explains a number that the account's limit does not.
        if budget.is_shared && long {
            parts.push(("another tool uses the minute".to_owned(), theme.faint()));
        }
    }
    if let Some((read, total)) = app.reading {
        let of = total.map(|total| format!("/{total}")).unwrap_or_default();
        let what = if long { "reading contacts" } else { "reading" };
        parts.push((format!("{what} {read}{of}"), theme.faint()));
    }
    let waiting = app.results.counts().waiting();
    if waiting > 0 {
        parts.push((format!("{waiting} queued"), Style::new()));
    }
    parts
}

fn slots(app: &App, budget: Budget, long: bool) -> (String, Style) {
    if let Some(until) = budget.held_until.filter(|until| *until > app.now) {
        let told = if long { "the platform asked us to wait" } else { "asked to wait" };
        let soon =
            time::countdown(until, app.now).filter(|_| time::seconds_left(until, app.now) < 60);
        let when = soon.unwrap_or_else(|| format!("until {}", time::clock(until, &app.zone)));
        return (format!("{told} {when}"), app.theme.warning());
    }
    let next = budget.next_slot_at.and_then(|at| time::countdown(at, app.now));
    if let Some(left) = next.filter(|_| budget.left == 0) {
        return (format!("next slot in {left}"), app.theme.warning());
    }
    let minute = if long { " this minute" } else { "" };
    (format!("{}/{}{minute}", budget.left, budget.limit), Style::new())
}

/// The last line: a sentence for the agent if there is one, else what the keys do.
pub(super) fn hints(app: &App, area: Rect, buffer: &mut Buffer) {
    let theme = app.theme;
    let notice = app.notice.as_ref().map(|notice| (notice.tone, notice.text.clone()));
    if let Some((tone, text)) = notice.or_else(|| trouble(&app.link)) {
        said(theme, tone, &text, area, buffer);
        return;
    }
    let own = app
        .demo
        .as_ref()
        .map(|_| (app.look.keys.key(KeyScope::Everywhere, Action::SetUp), "set up a real profile"));
    let hints = app.look.keys.hints(app.scope(), &[]);
    hint_line(theme, own.into_iter().chain(hints), area, buffer);
}

/// A sentence in place of the keys.
pub(super) fn said(theme: Theme, tone: Tone, text: &str, area: Rect, buffer: &mut Buffer) {
    let style = match tone {
        Tone::Plain => Style::new(),
        Tone::Warning => theme.warning(),
        Tone::Error => theme.error(),
    };
    let text = cells::fit(text, usize::from(area.width).saturating_sub(2), theme.more());
    put(buffer, area, 1, 0, &text, style);
}

/// As many keys with their words as fit.
pub(super) fn hint_line(
    theme: Theme,
    hints: impl IntoIterator<Item = (String, &'static str)>,
    area: Rect,
    buffer: &mut Buffer,
) {
    let room = usize::from(area.width).saturating_sub(2);
    let mut line = String::new();
    for (key, word) in hints {
        let dot = if line.is_empty() { "" } else { theme.dot() };
        let entry = format!("{dot}{key} {word}");
        if cells::width(&line) + cells::width(&entry) <= room {
            line.push_str(&entry);
        }
    }
    put(buffer, area, 1, 0, &line, theme.faint());
}

fn trouble(link: &PlatformHealth) -> Option<(Tone, String)> {
    match link {
        PlatformHealth::Refused(refusal) => {
            Some((Tone::Error, format!("Not authorised: {}", safe(&sentences::refusal(refusal)))))
        }
        PlatformHealth::Untried | PlatformHealth::Online | PlatformHealth::Offline(_) => None,
    }
}
