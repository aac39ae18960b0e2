//! The filters of the results as tabs with their counts, or the search line in their place.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::{Modifier, Style},
};

use super::{
    super::{App, Floor, app::Pane, cells, input::Input, results::Filter, theme::Theme},
    column, field, paint, put, rule,
};
use crate::submission::Whose;

/// Cells from the end of one tab's text to the next one's.
const GAP: u16 = 3;
/// The same where one tab more has to fit.
const TIGHT: u16 = 2;
/// Cells of the search field.
const SEARCH: u16 = 34;

/// One tab: where its text begins in the row, the text, and which filter it is.
struct Tab {
    x: u16,
    filter: Filter,
    key: String,
    word: String,
    /// Nothing where it is not known.
    count: String,
}

impl Tab {
    fn width(&self) -> u16 {
        let gaps = u16::from(!self.key.is_empty()) + u16::from(!self.count.is_empty());
        column(cells::width(&self.key) + cells::width(&self.word) + self.count.len()) + gaps
    }
}

/// Draws the row; the answer is the caret of the search line, if that has it.
pub(super) fn draw(app: &App, area: Rect, stacked: bool, buffer: &mut Buffer) -> Option<Position> {
    let ruled = stacked && app.theme.parted;
    if ruled {
        rule(buffer, area, 0, &app.theme);
    }
    if let Some(search) = app.results.search() {
        return search_line(app, search, area, buffer);
    }
    for tab in tabs(app, area.width) {
        draw_tab(app, &tab, ruled, area, buffer);
    }
    None
}

fn search_line(app: &App, search: &Input, area: Rect, buffer: &mut Buffer) -> Option<Position> {
    let theme = &app.theme;
    let focused = app.pane == Pane::Results && app.results.is_searching();
    super::clear(buffer, area, theme.ground());
    put(buffer, area, 1, 0, "/", theme.label(true));
    let width = SEARCH.min(area.width.saturating_sub(4 + 12));
    let surface = Rect { x: area.x + 3, width, ..area }.intersection(area);
    let state = field::State { focused, flag: None };
    let text = field::surface(theme, surface, state, buffer);
    let caret = field::editor(theme, search, text, focused, buffer);
    let (found, whole) = (app.results.found(), app.results.filter().count(&app.counts()));
    let more = if app.results.finds_more() { "+" } else { "" };
    let whole = whole.map_or_else(String::new, |whole| format!(" of {whole}"));
    put(buffer, area, 3 + width + 1, 0, &format!("{found}{more}{whole}"), theme.muted());
    caret.filter(|_| focused)
}

/// With number keys, without, or the active one in words and of the others a mark.
fn tabs(app: &App, width: u16) -> Vec<Tab> {
    let counts = app.counts();
    let active = app.results.filter();
    let mine = app.results.is_mine_only();
    // Whoever sends may see everybody's rows; on another seat the key says what it takes.
    let shown = |filter: Filter| {
        filter.whose() == Whose::Ours || filter == active || app.floor == Floor::Sender
    };
    let list = |keys: bool, words: bool, gap: u16| {
        let mut x = 2;
        let mut all = Vec::new();
        for (nth, filter) in (1..).zip(Filter::ALL).filter(|(_, filter)| shown(*filter)) {
            let key = if keys { nth.to_string() } else { String::new() };
            let word = if words || filter == active {
                filter.word().to_owned()
            } else {
                mark(&app.theme, filter).to_owned()
            };
            let word =
                if filter == Filter::All && mine { format!("{word} mine today") } else { word };
            let count = filter.count(&counts).map_or_else(String::new, |it| it.to_string());
            let tab = Tab { x, filter, key, word, count };
            x += tab.width() + gap;
            all.push(tab);
        }
        all
    };
    let fits = |tabs: &Vec<Tab>| tabs.last().is_none_or(|tab| tab.x + tab.width() < width);
    let shapes = [(true, true), (false, true), (false, false)];
    let gaps: &[u16] = if shown(Filter::Team) { &[GAP, TIGHT] } else { &[GAP] };
    let each = |(keys, words)| gaps.iter().map(move |gap| (keys, words, *gap));
    let mut lists =
        shapes.into_iter().flat_map(each).map(|(keys, words, gap)| list(keys, words, gap));
    lists.find(fits).unwrap_or_else(|| list(false, false, TIGHT))
}

/// The mark of a filter's status; what is of any status has none.
fn mark(theme: &Theme, filter: Filter) -> &'static str {
    match filter {
        Filter::All => "All",
        Filter::Created => theme.glyphs.created,
        Filter::Duplicate => theme.glyphs.duplicate,
        Filter::Attention => theme.glyphs.attention,
        Filter::Waiting => theme.glyphs.queued,
        Filter::Team => "Team",
    }
}

/// The colour of a filter's mark.
fn ink(theme: &Theme, filter: Filter) -> Style {
    match filter {
        Filter::All | Filter::Team => theme.muted(),
        Filter::Created => theme.good(),
        Filter::Duplicate => theme.warning(),
        Filter::Attention => theme.error(),
        Filter::Waiting => theme.queued(),
    }
}

fn draw_tab(app: &App, tab: &Tab, ruled: bool, area: Rect, buffer: &mut Buffer) {
    let theme = &app.theme;
    let active = tab.filter == app.results.filter();
    let plane = Rect { x: area.x + tab.x - 1, width: tab.width() + 2, ..area };
    if active && theme.tabs {
        super::clear(buffer, plane.intersection(area), theme.ground().patch(theme.marked()));
    }
    let bare = !theme.tabs;
    if bare {
        let [left, right] = if active { ["[", "]"] } else { [" ", " "] };
        let bold = theme.strong();
        put(buffer, area, tab.x - 1, 0, left, bold);
        put(buffer, area, tab.x + tab.width(), 0, right, bold);
    }
    let mut x = tab.x;
    if !tab.key.is_empty() {
        x = gap(put(buffer, area, x, 0, &tab.key, key_ink(theme, active)), ruled, area, buffer);
    }
    let is_word = matches!(tab.filter, Filter::All | Filter::Team);
    let in_words = is_word || tab.word != mark(theme, tab.filter);
    let style = match (active, in_words) {
        (true, _) if app.pane == Pane::Results => theme.label(true),
        (true, _) => theme.strong(),
        (false, true) => theme.muted(),
        (false, false) => ink(theme, tab.filter),
    };
    x = gap(put(buffer, area, x, 0, &tab.word, style), ruled, area, buffer);
    let count = match tab.filter {
        _ if active => theme.strong(),
        Filter::Duplicate | Filter::Attention if tab.count != "0" => {
            ink(theme, tab.filter).add_modifier(Modifier::BOLD)
        }
        Filter::All
        | Filter::Created
        | Filter::Duplicate
        | Filter::Attention
        | Filter::Waiting
        | Filter::Team => theme.muted(),
    };
    put(buffer, area, x, 0, &tab.count, count);
    if active && theme.tabs {
        paint(buffer, plane.intersection(area), theme.marked());
    }
}

fn key_ink(theme: &Theme, active: bool) -> Style {
    if active && !theme.tabs { theme.strong() } else { theme.faint() }
}

/// The blank within a tab, also where a rule lies under the row.
fn gap(x: u16, ruled: bool, area: Rect, buffer: &mut Buffer) -> u16 {
    if ruled {
        put(buffer, area, x, 0, " ", Style::new());
    }
    x + 1
}

/// The filter whose tab is at a column of the row.
pub(super) fn at(app: &App, width: u16, x: u16) -> Option<Filter> {
    if app.results.search().is_some() {
        return None;
    }
    let tabs = tabs(app, width);
    tabs.iter().find(|tab| (tab.x - 1..=tab.x + tab.width()).contains(&x)).map(|tab| tab.filter)
}
