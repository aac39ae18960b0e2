//! A duplicate beside the contact that exists, as a page: what was typed, what is on the
//! platform, what differs, and the four ways to settle it.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style},
};

use super::{
    super::{
        App, cells,
        compare::{Compare, ComparedField, DuplicateChoice},
        keymap::{Action, KeyScope},
        theme::Theme,
    },
    column, hints, page, paint, put, put_fit, row,
};
use crate::contact::text::safe;

const TYPED: u16 = 13;
const MARK: u16 = 11;
const WORDS: u16 = 5;
const CONSEQUENCE: u16 = 29;
/// Below this height only what differs shows.
const WHOLE: u16 = 14;

/// Draws the page.
pub(super) fn draw(app: &App, compare: &Compare, area: Rect, buffer: &mut Buffer) {
    let theme = &app.theme;
    let name = match compare.place() {
        (at, of @ 2..) => format!("Duplicate, existing contact {at} of {of}"),
        (_, 0 | 1) => "Duplicate".to_owned(),
    };
    let inner = page::heading(theme, &app.look.keys, KeyScope::Compare, &name, area, buffer);
    // A band of colour begins a cell before the text and ends where the page does.
    let band = |y: u16| Rect { x: inner.x.saturating_sub(1), width: inner.width, ..row(inner, y) };
    let choices: Vec<_> = DuplicateChoice::ALL
        .into_iter()
        .filter(|choice| !app.look.keys.forbids(Action::Decide(*choice)))
        .collect();
    let lines = shown(app, compare, inner.height);
    let plan = Rows::of(inner.height, lines.len(), choices.len());
    let mut y = u16::from(plan.first_gap);
    if plan.sentence {
        sentence(theme, compare, row(inner, y), buffer);
        y += 1 + u16::from(plan.gap);
    }
    if plan.head {
        head(theme, row(inner, y), band(y), buffer);
        y += 1;
    }
    for line in lines.iter().take(plan.lines) {
        field(theme, line, row(inner, y), band(y), buffer);
        y += 1;
    }
    if plan.lines < lines.len() {
        let more = format!("{} more differ", lines.len() - plan.lines);
        put(buffer, row(inner, y), 0, 0, &more, theme.warning());
        y += 1;
    }
    y += u16::from(plan.last_gap);
    if plan.question {
        put(buffer, row(inner, y), 0, 0, "Which is right?", theme.muted());
        y += 1;
    }
    for (y, choice) in (y..).zip(choices) {
        offer(app, compare, choice, band(y), buffer);
    }
}

/// The fields that show: where it is low only those that differ.
fn shown(app: &App, compare: &Compare, height: u16) -> Vec<ComparedField> {
    let mut lines = compare.lines(app.now, &app.zone);
    if height < WHOLE {
        lines.retain(|line| line.differs);
    }
    lines
}

/// Which rows there is room for. The choices always show; blank rows give way first, then the
/// question, what both are, what stands over them, and at last fields.
#[expect(clippy::struct_excessive_bools, reason = "each is a row that shows or gives way")]
struct Rows {
    first_gap: bool,
    sentence: bool,
    gap: bool,
    head: bool,
    lines: usize,
    last_gap: bool,
    question: bool,
}

impl Rows {
    fn of(height: u16, lines: usize, choices: usize) -> Self {
        let room = usize::from(height).saturating_sub(choices);
        let mut spare = room.saturating_sub(lines);
        let mut takes = |least: usize| {
            let shows = spare >= least;
            spare -= usize::from(shows);
            shows
        };
        let head = lines > 0 && takes(1);
        let sentence = takes(1);
        let question = takes(1);
        let last_gap = takes(1);
        let first_gap = takes(1);
        let gap = takes(6);
        // What is left out is counted on a row of its own.
        let lines = if lines > room { room.saturating_sub(1) } else { lines };
        Self { first_gap, sentence, gap, head, lines, last_gap, question }
    }
}

fn sentence(theme: &Theme, compare: &Compare, line: Rect, buffer: &mut Buffer) {
    let number = compare.entry.submission.contact.phone.international();
    let rest = match compare.holder() {
        None => vec![
            " is taken, and nobody knows by whom (a deleted contact may hold it).".to_owned(),
            " is taken, nobody knows by whom.".to_owned(),
            " is taken".to_owned(),
        ],
        Some(name) => vec![
            format!(" is on the platform already, as {name}."),
            format!(" is {name} already"),
            format!(" is {name}"),
        ],
    };
    let x = put(buffer, line, 0, 0, &number, theme.strong());
    let room = line.width.saturating_sub(x);
    let fits = rest.iter().find(|text| column(cells::width(text)) <= room);
    let text = fits.or(rest.last()).map_or("", String::as_str);
    put_fit(buffer, line, (x, 0), text, (room, theme), theme.text());
}

fn half(line: Rect) -> u16 {
    line.width.saturating_sub(TYPED + 2) / 2
}

fn head(theme: &Theme, line: Rect, band: Rect, buffer: &mut Buffer) {
    paint(buffer, band, theme.panel());
    let [typed, existing] =
        if half(line) < 16 { ["Typed", "Exists"] } else { ["You typed", "On the platform"] };
    put(buffer, line, TYPED, 0, typed, theme.faint());
    put(buffer, line, TYPED + half(line), 0, existing, theme.faint());
    if !theme.planes {
        paint(buffer, band, Style::new().add_modifier(Modifier::UNDERLINED));
    }
}

fn field(theme: &Theme, compared: &ComparedField, line: Rect, band: Rect, buffer: &mut Buffer) {
    let half = half(line);
    let same = !compared.differs && compared.typed == compared.existing;
    if compared.differs {
        paint(buffer, band, theme.warning_row());
    }
    put(
        buffer,
        line,
        0,
        0,
        compared.label,
        if compared.differs { theme.text() } else { theme.muted() },
    );
    let bold = theme.warning().add_modifier(Modifier::BOLD);
    let (typed, existing) = match (compared.differs, same) {
        (true, _) => (bold, bold),
        (false, true) => (theme.text(), theme.faint()),
        (false, false) => (theme.text(), theme.text()),
    };
    if compared.differs {
        put(buffer, line, MARK, 0, theme.glyphs.differs, bold);
    }
    let words = if same { "same" } else { compared.existing.as_str() };
    let words = if theme.glyphs.unicode { words.to_owned() } else { words.replace('…', "~") };
    put_fit(buffer, line, (TYPED, 0), &compared.typed, (half.saturating_sub(1), theme), typed);
    let room = line.width.saturating_sub(TYPED + half);
    put_fit(buffer, line, (TYPED + half, 0), &words, (room, theme), existing);
}

fn offer(app: &App, compare: &Compare, choice: DuplicateChoice, band: Rect, buffer: &mut Buffer) {
    let theme = &app.theme;
    let marked = choice == compare.marked;
    let key = app.look.keys.key(KeyScope::Compare, Action::Decide(choice));
    let (words, consequence) = told(compare, choice);
    let style = if marked { theme.strong() } else { theme.text() };
    let quiet = if marked { theme.text() } else { theme.muted() };
    put_fit(buffer, band, (1 + WORDS, 0), &words, (CONSEQUENCE - WORDS, theme), style);
    if band.width > CONSEQUENCE + 20 {
        put(buffer, band, 1 + CONSEQUENCE, 0, consequence, quiet);
    }
    if marked {
        paint(buffer, band, theme.selection());
        let mark = if theme.planes { theme.glyphs.bar } else { theme.glyphs.focus };
        put(buffer, band, 0, 0, mark, theme.accent());
    }
    let x = if theme.caps { 1 } else { 2 };
    hints::cap(theme, (&key, ""), band, x, style, buffer);
}

/// What a choice does, and what comes of it.
fn told(compare: &Compare, choice: DuplicateChoice) -> (String, &'static str) {
    let typed = safe(&compare.entry.submission.contact.full_name());
    match choice {
        DuplicateChoice::Keep => {
            let whose = compare.holder().unwrap_or_else(|| "what exists".into());
            (format!("Keep {whose}"), "nothing is sent")
        }
        DuplicateChoice::Update => (format!("Make it {typed}"), "changes it; asks first"),
        DuplicateChoice::Correct => ("My number is wrong".to_owned(), "back into the form"),
        DuplicateChoice::Drop => ("Drop what I typed".to_owned(), "asks first"),
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::{Event as Input, KeyCode};
    use ratatui::{Terminal, backend::TestBackend};

    use super::*;
    use crate::{
        contact::E164,
        submission::{ContactId, Owner, Record, Status},
        tui::{
            Event,
            script::{Script, entry},
        },
    };

    /// A duplicate that differs in both names, the salutation and the extension.
    fn comparing(width: u16, height: u16) -> Script {
        let mut script = Script::start();
        script.event(Event::Terminal(Input::Resize(width, height)));
        let its = ContactId("6b07".into());
        let full_name = Some("Grace Roe".to_owned());
        let owners = vec![Owner { id: Some(its.clone()), full_name }];
        let status = Status::Duplicate { owners, remark: None };
        let row = entry(1, "Ada", "Tester", "9876543210", status);
        let known = Record {
            id: Some(its),
            salutation: Some("Mrs".into()),
            first_name: Some("Grace".into()),
            last_name: Some("Roe".into()),
            extension: Some("77".into()),
            e164: Some(E164::from_canonical("+919876543210").unwrap()),
            ..Record::default()
        };
        script.rows(vec![row.clone()]).key(KeyCode::F(6)).type_text("u");
        script.event(Event::Details { entry: row, attempts: vec![], existing: vec![known] });
        script
    }

    fn shown(script: &Script, width: u16, height: u16) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| script.app.view(frame)).unwrap();
        terminal.backend().to_string()
    }

    #[test]
    fn every_difference_and_every_choice_shows_at_every_size_under_a_notice_too() {
        for (width, height) in [(120, 32), (80, 24), (60, 18), (40, 12)] {
            let mut script = comparing(width, height);
            for notice in ["", "The clock of this computer is wrong, and so nothing goes out"] {
                if !notice.is_empty() {
                    script.event(Event::Notice(notice.to_owned()));
                }
                let shown = shown(&script, width, height);
                let fields = ["Salutation ≠", "First name ≠", "Last name  ≠", "Extension  ≠"];
                let choices = ["Keep Grace Roe", "Make it", "My number is", "Drop what I typed"];
                for words in fields.into_iter().chain(choices) {
                    assert!(shown.contains(words), "{words} at {width}:\n{shown}");
                }
            }
        }
    }

    #[test]
    fn what_there_is_no_room_for_is_counted() {
        let rows = Rows::of(7, 5, 4);
        assert_eq!((rows.lines, rows.head, rows.sentence, rows.question), (2, false, false, false));
        let rows = Rows::of(9, 4, 4);
        assert_eq!((rows.lines, rows.head, rows.sentence), (4, true, false));
        let rows = Rows::of(9, 1, 4);
        assert!(rows.head && rows.sentence && rows.question && rows.last_gap);
    }
}
