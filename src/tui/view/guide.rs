//! The demo's guide: a minute's walk through a contact, a duplicate and its settlement, in
//! the form's empty corner. It takes no key and covers no field.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    super::{
        App, cells,
        keymap::{Action, KeyScope},
    },
    form_plan::FormPlan,
    layout::Class,
    put, row,
};

/// Draws the step that comes next, where there are rows to spare.
pub(super) fn draw(app: &App, plan: &FormPlan, area: Rect, buffer: &mut Buffer) {
    let Some(hint) = app.demo.as_deref().filter(|_| plan.class == Class::Wide) else { return };
    let free = plan.free_rows(area);
    if free.height < 4 || !app.owners().is_empty() {
        return;
    }
    let theme = &app.theme;
    let (step, words) = step(app, hint);
    put(buffer, row(free, 0), 0, 0, &format!("Guide {step} of 4"), theme.label(true));
    for (y, line) in (1..free.height).zip(cells::wrap(&words, usize::from(free.width))) {
        put(buffer, row(free, y), 0, 0, &line, theme.muted());
    }
}

fn step(app: &App, hint: &str) -> (u8, String) {
    let key = |scope, action| app.look.keys.key(scope, action);
    let submit = key(KeyScope::Form, Action::Submit);
    let counts = app.results.counts();
    if app.results.needs_you() > 0 {
        let next = key(KeyScope::Form, Action::NextNeeded);
        let compare = key(KeyScope::Results, Action::Compare);
        return (
            3,
            format!("{next} goes to the row that needs you; {compare} shows both contacts."),
        );
    }
    if counts.duplicate > 0 || counts.deleted > 0 {
        let real = key(KeyScope::Form, Action::SetUp);
        return (4, format!("That is all there is to it. {real} sets up a profile of your own."));
    }
    if counts.all() > 0 {
        return (2, format!("Now somebody whose number is taken. {hint}"));
    }
    (1, format!("Type two names and a number, Tab between them; {submit} submits."))
}
