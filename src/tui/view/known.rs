//! Whose number it is already, beside what was typed and before it is sent: the contact
//! that exists, what differs, and what can be done about it right there.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    super::{
        App, cells,
        keymap::{Action, KeyScope},
    },
    form_plan::FormPlan,
    hints,
    layout::Class,
    put, put_fit, row,
};
use crate::contact::text::safe;

/// Draws it where the form has rows to spare.
pub(super) fn draw(app: &App, plan: &FormPlan, area: Rect, buffer: &mut Buffer) {
    let Some(owner) = app.owners().into_iter().next() else { return };
    let theme = &app.theme;
    let free = match plan.class {
        Class::Wide | Class::One => plan.free_rows(area),
        Class::Side | Class::Stacked => return,
    };
    if free.height < 2 {
        return;
    }
    let name = owner.name().map(|name| safe(&name)).unwrap_or_default();
    let salutation = owner.salutation.as_deref().map(safe).unwrap_or_default();
    let who = format!("{salutation} {name}");
    let x = put(buffer, row(free, 0), 0, 0, "On the platform  ", theme.muted());
    let room = free.width.saturating_sub(x);
    put_fit(buffer, row(free, 0), (x, 0), who.trim(), (room, theme), theme.strong());
    let keys = &app.look.keys;
    let typed = app.form.ready().map(|contact| safe(&contact.full_name()));
    let change = typed.map_or("change it into what you type".into(), |it| format!("make it {it}"));
    let choices =
        [(Action::KeepKnown, "keep it, send nothing".to_owned()), (Action::UpdateKnown, change)];
    let allowed = choices.into_iter().filter(|(action, _)| !keys.forbids(*action));
    for (y, (action, words)) in (1..).zip(allowed) {
        let key = keys.key(KeyScope::Form, action);
        let room = free.width.saturating_sub(hints::cap_width(theme, &key, "") + 1);
        let words = cells::fit(&words, usize::from(room), theme.glyphs.more);
        hints::cap(theme, (&key, &words), row(free, y), 0, theme.muted(), buffer);
    }
}
