//! Where the form's parts are at a size. What gives way, in this order: blank rows, the
//! rule, big digits for spaced ones, the verdict, the button. The fields never.

use ratatui::layout::Rect;

use crate::contact::Field;

use super::{
    super::{App, app::Purpose, appearance::ReadBackStyle, read_back::ReadBack},
    column,
    digits::{HEIGHT, Lines},
    layout::{Class, ScreenParts},
};

/// Where the number is read back, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Number {
    Big {
        area: Rect,
        lines: Lines,
        /// Rows between two lines of it.
        apart: u16,
    },
    Spaced(Rect),
}

/// The parts, all counted in cells of the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FormPlan {
    pub(super) class: Class,
    /// What the fields lie in: from the labels to the surfaces' right ends.
    pub(super) inner: Rect,
    /// The column of an input's edge.
    pub(super) edge: u16,
    pub(super) title: Option<Rect>,
    pub(super) fields: [Rect; 6],
    /// Whether the row under each field is free for what is to be said about it.
    pub(super) spaced: bool,
    /// The heading over the number, as a rule or as words beside the form's title.
    pub(super) heading: Option<Rect>,
    pub(super) number: Option<Number>,
    /// The one row for what is to be said, ready or not.
    pub(super) verdict: Option<Rect>,
    pub(super) button: Option<Rect>,
}

impl Number {
    fn area(&self) -> Rect {
        match self {
            Self::Big { area, .. } | Self::Spaced(area) => *area,
        }
    }
}

impl FormPlan {
    /// Lays the form out.
    pub(super) fn of(app: &App, parts: &ScreenParts) -> Self {
        let read = app.form.read_back();
        let big = app.look.read_back == ReadBackStyle::Big && app.theme.glyphs.unicode;
        let area = match parts.class {
            // The last column is the rule's between the panes.
            Class::Wide if app.theme.parted => {
                Rect { width: parts.form.width.saturating_sub(1), ..parts.form }
            }
            Class::Wide | Class::Side | Class::Stacked | Class::One => parts.form,
        };
        match parts.class {
            Class::Wide | Class::One => {
                let plan = flow(parts.class, area, read, big);
                if app.purpose() == Purpose::Create { plan } else { plan.titled() }
            }
            Class::Side => side(area, read, big),
            Class::Stacked => stacked(area),
        }
    }

    /// With a title below the fields where there is none above them: what is not as usual has
    /// to be said, and no field moves for it.
    fn titled(mut self) -> Self {
        let below = self.fields[5].bottom();
        let next = self.heading.or(self.number.as_ref().map(Number::area));
        let free = next.filter(|next| next.y > below).map(|_| Rect { y: below, ..self.fields[5] });
        self.title = self.title.or(free);
        self
    }

    /// The surface of a field, from its edge on.
    pub(super) fn surface(&self, field: Field) -> Rect {
        let line = self.line(field);
        let width = line.right().saturating_sub(self.edge);
        Rect { x: self.edge, width, ..line }.intersection(line)
    }

    /// The rows under what the form shows: its empty corner.
    pub(super) fn free_rows(&self, area: Rect) -> Rect {
        let last = self.button.map_or(self.inner.y, Rect::bottom);
        let y = last + 1;
        Rect { y, height: area.bottom().saturating_sub(y + 1), ..super::row(self.inner, 0) }
    }

    /// The whole row of a field, from its label on.
    pub(super) fn line(&self, field: Field) -> Rect {
        let at = Field::ALL.iter().position(|it| *it == field).unwrap_or(0);
        self.fields[at]
    }
}

/// The lines of big digits that the longer of what is typed and the region's example takes.
fn digit_lines(read: &ReadBack, width: u16) -> Option<(Lines, usize)> {
    let lengths: Vec<usize> = read.groups.iter().map(Vec::len).collect();
    let lines = Lines::of(&lengths, usize::from(width))?;
    let usual = Lines::of(&read.usual, usize::from(width)).map_or(0, |usual| usual.count());
    let most = usual.max(lines.count()).max(1);
    (most <= 2).then_some((lines, most))
}

/// One way to lay a form out from top to bottom, in rows.
#[expect(clippy::struct_excessive_bools, reason = "each is a thing that shows or gives way")]
struct Flow {
    /// The title's row.
    title: Option<u16>,
    fields: u16,
    step: u16,
    /// Blank rows between the last field and what follows.
    after: u16,
    rule: bool,
    /// A blank row around the digits.
    airy: bool,
    big: bool,
    verdict: bool,
    button: bool,
}

/// From the richest to the poorest.
fn flows(title: bool) -> Vec<Flow> {
    let compact = Flow {
        title: None,
        fields: 0,
        step: 1,
        after: 1,
        rule: false,
        airy: false,
        big: false,
        verdict: true,
        button: true,
    };
    let mut all = vec![
        Flow { title: Some(1), fields: 3, step: 2, rule: true, airy: true, big: true, ..compact },
        Flow { title: Some(1), fields: 2, rule: true, airy: true, big: true, ..compact },
        Flow { title: Some(0), fields: 1, rule: true, big: true, ..compact },
        Flow { title: Some(0), fields: 1, big: true, ..compact },
        Flow { title: Some(1), fields: 3, step: 2, rule: true, airy: true, ..compact },
        Flow { title: Some(1), fields: 2, rule: true, airy: true, ..compact },
        Flow { title: Some(0), fields: 1, rule: true, ..compact },
        Flow { title: Some(0), fields: 1, ..compact },
    ];
    all.retain(|flow| title || flow.title.is_none());
    if !title {
        all.push(Flow { fields: 0, rule: true, airy: true, big: true, ..compact });
        all.push(Flow { fields: 0, big: true, ..compact });
    }
    all.extend([
        Flow { ..compact },
        Flow { after: 0, ..compact },
        Flow { after: 0, verdict: false, ..compact },
        Flow { after: 0, verdict: false, button: false, ..compact },
    ]);
    all
}

/// From top to bottom: the form beside the results, and the form alone.
fn flow(class: Class, area: Rect, read: &ReadBack, big: bool) -> FormPlan {
    let narrow = class == Class::One && area.width < 60;
    let (left, label, margin) = if narrow { (2, 11, 3) } else { (3, 12, 5) };
    let inner =
        Rect { x: area.x.saturating_add(left), width: area.width.saturating_sub(margin), ..area }
            .intersection(area);
    let digits = digit_lines(read, inner.width).filter(|_| big);
    let mut chosen = None;
    for flow in flows(!narrow) {
        if flow.big && digits.is_none() {
            continue;
        }
        let lines = digits.as_ref().map_or(1, |(_, most)| column(*most));
        let height = flow.height(lines);
        let roomy = flow.step == 1 || area.height >= 25;
        if height <= area.height && roomy {
            chosen = Some(flow);
            break;
        }
    }
    let bare = Flow {
        title: None,
        fields: 0,
        step: 1,
        after: 0,
        rule: false,
        airy: false,
        big: false,
        verdict: false,
        button: false,
    };
    let flow = chosen.unwrap_or(bare);
    flow.plan(class, inner, label, digits)
}

impl Flow {
    fn last_field(&self) -> u16 {
        self.fields + 5 * self.step
    }

    fn rows(&self, lines: u16) -> Rows {
        let mut y = self.last_field() + 1 + self.after;
        let heading = self.rule.then_some(y);
        y += u16::from(self.rule) + u16::from(self.airy && self.rule);
        let number = y;
        let height = if self.big { lines * HEIGHT + lines.saturating_sub(1) } else { 1 };
        y += height + u16::from(self.airy);
        let verdict = self.verdict.then_some(y);
        y += u16::from(self.verdict) + u16::from(self.airy);
        let button = self.button.then_some(y);
        Rows { heading, number, height, verdict, button, end: y + u16::from(self.button) }
    }

    fn height(&self, lines: u16) -> u16 {
        self.rows(lines).end
    }

    fn plan(
        &self,
        class: Class,
        inner: Rect,
        label: u16,
        digits: Option<(Lines, usize)>,
    ) -> FormPlan {
        let most = digits.as_ref().map_or(1, |(_, most)| column(*most));
        let rows = self.rows(most);
        let at = |y: u16| super::row(inner, y);
        let area = Rect { y: inner.y.saturating_add(rows.number), height: rows.height, ..inner }
            .intersection(inner);
        let number = match digits {
            Some((lines, _)) if self.big => Some(Number::Big { area, lines, apart: 1 }),
            Some(_) | None => Some(Number::Spaced(area)),
        };
        FormPlan {
            class,
            inner,
            edge: inner.x.saturating_add(label),
            title: self.title.map(at),
            fields: [0, 1, 2, 3, 4, 5].map(|nth| at(self.fields + nth * self.step)),
            spaced: self.step > 1,
            heading: rows.heading.map(at),
            number: number.filter(|_| !area.is_empty()),
            verdict: rows.verdict.map(at),
            button: rows.button.map(at),
        }
    }
}

struct Rows {
    heading: Option<u16>,
    number: u16,
    height: u16,
    verdict: Option<u16>,
    button: Option<u16>,
    end: u16,
}

/// The fields on the left, the number at their side.
fn side(area: Rect, read: &ReadBack, big: bool) -> FormPlan {
    const FIELDS: u16 = 44;
    let inner = Rect { x: area.x + 3, width: FIELDS, ..area }.intersection(area);
    let x = area.x + 3 + FIELDS + 2;
    let width = area.right().saturating_sub(x + 1);
    let aside = Rect { x, width, ..area }.intersection(area);
    let low = area.height < 9;
    let digits = digit_lines(read, aside.width).filter(|_| big);
    let apart = u16::from(!low);
    let number = match digits {
        Some((lines, _)) => {
            let below = Rect { y: aside.y + 1, height: lines.height(apart), ..aside };
            Number::Big { area: below.intersection(aside), lines, apart }
        }
        None => Number::Spaced(super::row(aside, 2)),
    };
    FormPlan {
        class: Class::Side,
        inner,
        edge: inner.x + 12,
        title: Some(super::row(inner, 0)),
        fields: [1, 2, 3, 4, 5, 6].map(|y| super::row(inner, y)),
        spaced: false,
        heading: Some(super::row(aside, 0)),
        number: Some(number),
        verdict: Some(super::row(inner, 7)),
        button: Some(super::row(aside, area.height.saturating_sub(1))),
    }
}

/// The number and the button on one row under the fields.
fn stacked(area: Rect) -> FormPlan {
    const BUTTON: u16 = 19;
    let inner = Rect { x: area.x + 3, width: area.width.saturating_sub(5), ..area };
    let inner = inner.intersection(area);
    let last = super::row(inner, area.height.saturating_sub(1));
    let button = Rect { x: last.right().saturating_sub(BUTTON), width: BUTTON, ..last };
    let number = Rect { width: last.width.saturating_sub(BUTTON + 1), ..last };
    let verdict = (area.height > 7).then(|| super::row(inner, 6));
    FormPlan {
        class: Class::Stacked,
        inner,
        edge: inner.x + 12,
        title: None,
        fields: [0, 1, 2, 3, 4, 5].map(|y| super::row(inner, y)),
        spaced: false,
        heading: None,
        number: Some(Number::Spaced(number)),
        verdict,
        button: Some(button.intersection(last)),
    }
}
