//! One line under the header, only while somebody must act: the longest sentence that
//! fits, and the key that leads to the cure.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::submission::{AddressPart, PlatformHealth, RefusalCause};

use super::{
    super::{
        App, Floor, cells,
        keymap::{Action, KeyScope},
    },
    column, hints, paint, put,
};

/// Whether there is one.
pub(super) fn shows(app: &App) -> bool {
    match app.link {
        PlatformHealth::Refused(_) => true,
        PlatformHealth::Untried
        | PlatformHealth::Online
        | PlatformHealth::Offline(_)
        | PlatformHealth::Unattended => false,
    }
}

/// Draws it; nothing in no area.
pub(super) fn draw(app: &App, area: Rect, buffer: &mut Buffer) {
    let PlatformHealth::Refused(refusal) = &app.link else { return };
    if area.is_empty() {
        return;
    }
    let theme = &app.theme;
    let key = app.look.keys.key(KeyScope::Everywhere, Action::SetUp);
    let is_ours = app.floor != Floor::Seat;
    let word = if is_ours { "fix it" } else { "why" };
    let cap = hints::cap_width(theme, &key, word);
    let right = area.width.saturating_sub(cap + 1);
    let room = usize::from(right.saturating_sub(4));
    let what = if is_ours { what_refuses(refusal.cause) } else { THE_FLOORS };
    let sentences = sentences(what, app.results.counts().waiting());
    let fits = sentences.iter().find(|text| cells::width(text) <= room);
    let text = fits.or(sentences.last()).map_or("", String::as_str);
    put(buffer, area, 1, 0, theme.glyphs.attention, theme.error());
    put(buffer, area, 3, 0, &cells::fit(text, room, theme.glyphs.more), theme.text());
    if theme.planes {
        paint(buffer, area, theme.error_row());
    }
    hints::cap(theme, (&key, word), area, right, theme.muted(), buffer);
    if !theme.planes {
        paint(buffer, Rect { width: column(usize::from(area.width)), ..area }, theme.error_row());
    }
}

/// What a seat is told that sends nothing by itself, and can mend nothing.
const THE_FLOORS: (&str, &str) =
    ("The platform refuses whoever sends for the floor.", "The floor's sender is refused");

/// What stands between the queue and the platform: a sentence, and a few words of it.
fn what_refuses(cause: RefusalCause) -> (&'static str, &'static str) {
    match cause {
        RefusalCause::Credential => ("The platform refuses the secret.", "Secret refused"),
        RefusalCause::Clock { .. } => ("This machine's clock is wrong.", "Clock wrong"),
        RefusalCause::Address { part: AddressPart::StreamId } => (
            "Nobody answers there: check stream_id, and host with its path.",
            "Check stream_id, host",
        ),
        RefusalCause::Address { part: AddressPart::Host } => (
            "Nobody answers there: check host with its path, and stream_id.",
            "Check host, stream_id",
        ),
        RefusalCause::Address { part: AddressPart::Page } => {
            ("A page answers: sign in to the network, or check host.", "Sign in, or check host")
        }
    }
}

/// From the longest to the shortest.
fn sentences((long, short): (&str, &str), waiting: u64) -> Vec<String> {
    let waits = match waiting {
        0 => String::new(),
        1 => " 1 waits here, safe.".to_owned(),
        more => format!(" {more} wait here, safe."),
    };
    vec![
        format!("{long} What you submit waits here, safe; keep typing."),
        format!("{long}{waits}"),
        format!("{short}.{waits}"),
        short.to_owned(),
    ]
}
