//! The number to read back, as large as there is room for.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style},
};

use super::{
    super::{
        cells,
        read_back::{ReadBack, Slot},
        theme::Theme,
    },
    digits::{self, Lines},
    form_plan::{FormPlan, Number},
    layout::Class,
    put, row, rule,
};

/// Draws heading and number of the form.
pub(super) fn draw(theme: &Theme, read: &ReadBack, plan: &FormPlan, buffer: &mut Buffer) {
    if let Some(area) = plan.heading {
        let room = usize::from(area.width);
        match plan.class {
            Class::Wide | Class::One => {
                ruled(theme, &heading(theme, read, room - 4.min(room), true), area, buffer);
            }
            Class::Side | Class::Stacked => {
                put(buffer, area, 0, 0, &heading(theme, read, room, false), theme.muted());
            }
        }
    }
    match &plan.number {
        None => {}
        // Below stands that it shows here.
        Some(Number::Spaced(_)) if read.is_empty() && plan.class == Class::Wide => {}
        Some(Number::Spaced(area))
            if read.is_empty() && (theme.glyphs.unicode || plan.class != Class::Side) =>
        {
            put(buffer, *area, 0, 0, "The number to read back shows here", theme.faint());
        }
        Some(Number::Spaced(area)) => spaced(theme, read, *area, buffer),
        // Beside the fields the slots of a number that nobody has begun would stand alone.
        Some(Number::Big { area, .. }) if read.is_empty() && plan.class == Class::Side => {
            for (y, line) in (1..).zip(["The number shows here,", "large, to read back."]) {
                put(buffer, *area, 0, y, line, theme.faint());
            }
        }
        Some(Number::Big { area, lines, apart }) => big(theme, read, lines, *apart, *area, buffer),
    }
}

/// The number in big digits.
pub(super) fn big(
    theme: &Theme,
    read: &ReadBack,
    lines: &Lines,
    apart: u16,
    area: Rect,
    buffer: &mut Buffer,
) {
    let places: Vec<Slot> = read.groups.iter().flatten().copied().collect();
    digits::draw(theme, &places, lines, apart, area, buffer);
}

/// "Read back · +91 India · mobile", in as many words as fit.
fn heading(theme: &Theme, read: &ReadBack, room: usize, named: bool) -> String {
    const WORDS: &str = "Read back";
    if read.is_empty() || read.code.is_empty() {
        return WORDS.to_owned();
    }
    let dot = theme.glyphs.dot;
    // A plan that does not part fixed lines from mobiles says nothing with both.
    let kind = read.kind.filter(|kind| !kind.contains(" or "));
    let kind = kind.map(|kind| format!("{dot}{kind}")).unwrap_or_default();
    let region = read.region.filter(|_| named);
    let name = region.map(|region| format!(" {}", region.name())).unwrap_or_default();
    let code = region.map(|region| format!(" {}", region.code())).unwrap_or_default();
    let told = |place: &str, kind: &str| format!("{WORDS}{dot}{}{place}{kind}", read.code);
    let ways = [told(&name, &kind), told(&code, &kind), told(&name, ""), told("", "")];
    let fits = ways.into_iter().find(|way| cells::width(way) <= room);
    fits.unwrap_or_else(|| WORDS.to_owned())
}

fn ruled(theme: &Theme, words: &str, area: Rect, buffer: &mut Buffer) {
    rule(buffer, area, 0, theme);
    put(buffer, row(area, 0), 2, 0, &format!(" {words} "), theme.muted());
}

/// The number in bold digits with blanks between them, on one row.
pub(super) fn spaced(theme: &Theme, read: &ReadBack, area: Rect, buffer: &mut Buffer) {
    let digits: usize = read.groups.iter().map(Vec::len).sum();
    let code = if read.code.is_empty() { 0 } else { read.code.len() + 2 };
    let roomy = code + digits * 2 + read.groups.len() <= usize::from(area.width);
    let mut x = if code > 0 { put(buffer, area, 0, 0, &read.code, theme.muted()) + 2 } else { 0 };
    for group in &read.groups {
        for slot in group {
            x = place(theme, *slot, x, area, buffer) + u16::from(roomy);
        }
        x += 1;
    }
}

fn place(theme: &Theme, slot: Slot, x: u16, area: Rect, buffer: &mut Buffer) -> u16 {
    match slot {
        Slot::Digit(digit) => {
            const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
            let text = DIGITS.get(usize::from(digit)).unwrap_or(&"");
            put(buffer, area, x, 0, text, theme.digits().add_modifier(Modifier::BOLD))
        }
        Slot::Missing => put(buffer, area, x, 0, "_", Style::new().patch(theme.edge())),
    }
}
