//! Which rows of the results are on the screen, and where: around the selection, with a
//! line between days.

use crate::submission::Entry;

use super::{
    super::{App, time},
    first_row,
};

/// One line, or two, of the list.
#[derive(Debug)]
pub(super) enum ListItem<'a> {
    /// The rows below it are of this day.
    Day(String),
    Row(&'a Entry),
}

/// What shows in `height` rows when each entry takes `each` of them: the row of the list
/// that an item begins at, and the item.
pub(super) fn visible(app: &App, height: u16, each: u16) -> Vec<(u16, ListItem<'_>)> {
    let shown = app.results.shown();
    let selected = app.results.place(&shown);
    let fit = usize::from(height / each.max(1));
    let mut first = first_row(selected, shown.len(), fit);
    // Lines between days push rows down; the selected one has to show.
    loop {
        let items = laid(app, &shown, first, height, each);
        let in_sight = items.iter().any(|(y, item)| match item {
            ListItem::Row(entry) => {
                Some(entry.submission.id) == shown.get(selected).map(|it| it.submission.id)
                    && y + each <= height
            }
            ListItem::Day(_) => false,
        });
        if in_sight || first >= selected {
            return items;
        }
        first += 1;
    }
}

fn laid<'a>(
    app: &App,
    shown: &[&'a Entry],
    first: usize,
    height: u16,
    each: u16,
) -> Vec<(u16, ListItem<'a>)> {
    let mut items = Vec::new();
    let mut y = 0;
    // The first row of all is of today, or says in its line what it is of.
    let mut before = match first {
        0 => app.now,
        first => shown[first - 1].submission.submitted_at,
    };
    for entry in shown.iter().skip(first) {
        let at = entry.submission.submitted_at;
        if y < height && !time::same_day(at, before, &app.zone) && at < app.now {
            items.push((y, ListItem::Day(time::day(at, app.now, &app.zone))));
            y += 1;
        }
        before = at;
        if y + each > height {
            break;
        }
        items.push((y, ListItem::Row(entry)));
        y += each;
    }
    items
}

/// Whether there are more rows than `height` shows.
pub(super) fn overflows(app: &App, height: u16, each: u16) -> bool {
    let rows = app.results.shown().len().saturating_mul(usize::from(each.max(1)));
    rows > usize::from(height)
}
