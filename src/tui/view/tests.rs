//! Whole screens at the moments that matter, and any size at all.

use crossterm::event::KeyCode;
use ratatui::{Terminal, backend::TestBackend, style::Color};

use super::{layout::Class, *};
use crate::{
    submission::{Budget, PlatformHealth, Refusal, RefusalCause, Update},
    tui::{
        Event, Setup,
        help::{self, HelpLine},
        input::{Edit, Input},
        keymap::Keymap,
        script::{Script, created, duplicate, look, queued, setup},
        theme::Depth,
    },
};

fn picture(script: &mut Script, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| script.app.view(frame)).unwrap();
    let buffer = terminal.backend().buffer().clone();
    let row = |y: u16| {
        let mut x = 0;
        let mut line = String::new();
        while x < width {
            let symbol = buffer[(x, y)].symbol();
            line.push_str(symbol);
            x += column(cells::width(symbol)).max(1);
        }
        line
    };
    (0..height).map(|y| row(y).trim_end().to_owned() + "\n").collect()
}

fn busy() -> Script {
    let mut script = Script::start();
    script.rows(vec![
        queued(3, "山田", "太郎", "9876543211", 4),
        duplicate(2, "Jane", "Roe", "9876543210", "John Doe"),
        created(1, "John", "Doe", "9876543210", "63c7c811aa00bb11cc22dd33"),
    ]);
    script.counts();
    script.budget(58, None);
    script.tab().type_text("John").tab().type_text("Doe").tab().tab().type_text("9876543210");
    script
}

#[test]
fn a_country_that_two_share_is_asked_about_in_the_open_list() {
    for (word, question, first) in [
        ("korea", "South Korea or North Korea?", "[KR  South"),
        ("congo", "Which congo? Mark one.", "[CD  Congo"),
    ] {
        for key in [KeyCode::Tab, KeyCode::Enter] {
            let mut script = Script::start();
            script.tab().tab().tab().type_text(word).key(key);
            let asked = picture(&mut script, 120, 30);
            assert!(asked.contains(question), "{asked}");
            script.key(KeyCode::Down).key(key);
            let taken = picture(&mut script, 120, 30);
            assert!(!taken.contains(question), "{taken}");
            assert!(taken.contains(first), "{taken}");
        }
    }
}

#[test]
fn a_problem_a_duplicate_and_an_unauthorised_platform_can_be_told_without_colour() {
    let mut script = Script::with(Setup { look: look(Depth::None, false), ..setup() });
    script.rows(vec![duplicate(2, "Jane", "Roe", "9876543210", "John Doe")]);
    script.counts();
    let words = "the client secret is wrong".to_owned();
    let refusal = Refusal { cause: RefusalCause::Credential, words };
    script.event(Event::Delivery(Update::PlatformHealth(PlatformHealth::Refused(refusal))));
    script.tab().type_text("John").tab().tab().tab().type_text("987").ctrl('s');
    let picture = picture(&mut script, 100, 16);
    assert!(picture.is_ascii(), "{picture}");
    insta::assert_snapshot!(picture);
}

#[test]
fn the_header_tells_a_wait_that_was_asked_for_and_another_tool_s_share() {
    let header = |budget: Budget, width| {
        let mut script = Script::start();
        script.event(Event::Delivery(Update::Budget(budget)));
        picture(&mut script, width, 24).lines().next().unwrap_or_default().to_owned()
    };
    let shared = Budget { limit: 30, left: 12, is_shared: true, ..Budget::default() };
    for width in [80, 120] {
        let line = header(shared, width);
        assert!(line.contains("12") && line.contains("another tool uses the minute"), "{line}");
    }
    let held_until = jiff::Timestamp::from_second(4_000_000_000).ok();
    let held = Budget { limit: 60, next_slot_at: held_until, held_until, ..Budget::default() };
    for (width, told) in [(120, "the platform asked us to wait until"), (80, "asked to wait until")]
    {
        let line = header(held, width);
        assert!(line.contains(told) && !line.contains("0 of 60"), "{line}");
    }
    assert!(header(held, 40).contains("wait until"));
}

#[test]
fn the_caret_stands_where_the_next_character_goes() {
    let mut script = Script::start();
    script.tab().type_text("山田").key(KeyCode::Left);
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    terminal.draw(|frame| script.app.view(frame)).unwrap();
    let home = {
        script.key(KeyCode::Home);
        let before = terminal.get_cursor_position().unwrap();
        terminal.draw(|frame| script.app.view(frame)).unwrap();
        before.x - terminal.get_cursor_position().unwrap().x
    };
    assert_eq!(home, 2);
}

#[test]
fn a_caret_at_the_end_of_a_long_text_stays_in_its_field() {
    let theme = Script::start().app.theme;
    let mut input = Input::new(&"山".repeat(500));
    for width in 0..12 {
        let area = Rect::new(3, 1, width, 1);
        let mut buffer = Buffer::empty(Rect::new(0, 0, 20, 3));
        let caret = field::editor(&theme, &input, area, true, &mut buffer);
        assert!(caret.is_none_or(|caret| area.contains(caret)), "{width}: {caret:?}");
        assert_eq!(caret.is_none(), width == 0);
    }
    input.edit(Edit::Home);
    let whole = Rect::new(0, 0, 5, 1);
    let mut buffer = Buffer::empty(whole);
    let caret = field::editor(&theme, &input, whole, true, &mut buffer);
    assert_eq!(caret, Some(Position::ORIGIN));
    assert_eq!(buffer[(0, 0)].symbol(), "山");
}

#[test]
fn every_part_draws_into_no_area_and_past_the_edge() {
    let script = busy();
    let app = &script.app;
    let mut buffer = Buffer::empty(Rect::new(0, 0, 10, 10));
    for area in [Rect::ZERO, Rect::new(0, 0, 1, 1), Rect::new(0, 0, 3, 9), Rect::new(7, 7, 9, 9)] {
        for class in [Class::Wide, Class::Side, Class::Stacked, Class::One] {
            let (header, banner, body, hints) = (area, area, area, area);
            let parts =
                ScreenParts { class, header, banner, body, form: area, results: area, hints };
            header::draw(app, area, &mut buffer);
            banner::draw(app, area, &mut buffer);
            hints::draw(app, &parts, page::is_full(app, &parts), &mut buffer);
            form::draw(app, &parts, &mut buffer);
            results::draw(app, &parts, &mut buffer);
            overlay::draw(app, area, &mut buffer, None);
        }
    }
}

/// Rows of every kind, and a contact being typed.
fn shift(theme: &str) -> Script {
    let mut look = look(Depth::True, true);
    look.themes.choose(theme).unwrap();
    let mut script = Script::with(Setup { look, ..setup() });
    script.rows(vec![
        queued(4, "Meera", "Iyer", "9898989898", 4),
        created(3, "Ngọc", "Ánh", "9123456780", "63c7c8f2aa00bb11cc22dd34"),
        duplicate(2, "Jane", "Roe", "9876543210", "John Doe"),
        created(1, "John", "Doe", "9876543210", "63c7c811aa00bb11cc22dd33"),
    ]);
    script.event(Event::Delivery(Update::PlatformHealth(PlatformHealth::Online)));
    script.counts();
    script.budget(56, None);
    script.tab().type_text("Amy").tab().type_text("Pond").tab().tab().type_text("98765 43299");
    script
}

fn drawn(script: &Script, width: u16, height: u16) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| script.app.view(frame)).unwrap();
    terminal.backend().buffer().clone()
}

#[test]
fn the_readmes_pictures_are_the_real_screen() {
    let dark = svg::Paper { ground: "#121419", text: "#e8ebf1" };
    let light = svg::Paper { ground: "#ffffff", text: "#24292f" };
    for (theme, paper, file) in [("dark", dark, "screen.svg"), ("light", light, "screen-light.svg")]
    {
        let picture = svg::svg(&drawn(&shift(theme), 118, 28), paper);
        let path = format!("{}/assets/{file}", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("UPDATE_PICTURES").is_some() {
            std::fs::write(&path, &picture).unwrap();
        }
        let current = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(current == picture, "run: UPDATE_PICTURES=1 cargo test picture");
    }
}

/// Every cell's colours and attributes beside its text, in runs: what a theme does to a
/// whole screen.
fn styles(buffer: &Buffer) -> String {
    let mut told = String::new();
    for y in 0..buffer.area.height {
        let mut x = 0;
        while x < buffer.area.width {
            let style = buffer[(x, y)].style();
            let mut text = String::new();
            while x < buffer.area.width && buffer[(x, y)].style() == style {
                let symbol = buffer[(x, y)].symbol();
                text.push_str(symbol);
                x += column(cells::width(symbol)).max(1);
            }
            told += &(name_of(style) + "|" + &text + "\n");
        }
        told.push('\n');
    }
    told.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

fn name_of(style: Style) -> String {
    let color = |color: Option<Color>| color.map_or_else(|| "-".into(), |it| it.to_string());
    let attributes = style.add_modifier.iter_names().map(|(name, _)| name.to_lowercase());
    let attributes = attributes.collect::<Vec<_>>().join(" ");
    format!("{:7} {:7} {attributes:9}", color(style.fg), color(style.bg))
}

#[test]
fn every_size_looks_right_in_dark_and_light() {
    for theme in ["dark", "light"] {
        for (width, height) in [(120, 32), (80, 24), (60, 18), (40, 12)] {
            let name = format!("{theme}_{width}x{height}");
            insta::assert_snapshot!(name, styles(&drawn(&shift(theme), width, height)));
        }
    }
}

#[test]
fn the_high_contrast_leaves_no_cell_in_the_terminals_own_colours() {
    let mut script = shift("high-contrast");
    script.key(KeyCode::F(6)).key(KeyCode::Enter);
    for cell in &drawn(&script, 80, 24).content {
        assert!(cell.fg != Color::Reset && cell.bg != Color::Reset, "{cell:?}");
    }
}

#[test]
fn without_colours_no_cell_has_one() {
    let script = Script::with(Setup { look: look(Depth::None, true), ..setup() });
    for cell in &drawn(&script, 80, 24).content {
        assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset));
    }
}

#[test]
fn the_readmes_table_of_keys_is_the_one_table() {
    let row = |line| match line {
        HelpLine::Heading(heading) => {
            format!("**{heading}**\n\n| Key | Does |\n| --- | --- |\n")
        }
        HelpLine::Key { keys, means } => format!("| {} | {means} |\n", keys.replace('|', "\\|")),
        HelpLine::Blank => "\n".to_owned(),
    };
    let table: String = help::lines(&Keymap::default()).into_iter().map(row).collect();
    let readme = include_str!("../../../README.md");
    assert!(readme.contains(table.trim()), "README.md must hold this table:\n{table}");
}

#[test]
fn text_is_written_letter_by_letter_as_if_it_were_taken_apart() {
    for text in ["plain", "e\u{301}x", "Ngo\u{323}c Trần", "ab山田c", "a\u{1b}b", "…", "", "abc…"]
    {
        for room in 0..8 {
            let area = Rect::new(0, 0, room, 1);
            let (mut fast, mut slow) = (Buffer::empty(area), Buffer::empty(area));
            let end = put(&mut fast, area, 0, 0, text, Style::default());
            let (whole, _) = if room == 0 {
                (0, 0)
            } else {
                slow.set_stringn(0, 0, text, usize::from(room), Style::default())
            };
            assert_eq!((fast, end), (slow, whole), "{text:?} in {room}");
        }
    }
}
