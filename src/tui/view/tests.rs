//! Whole screens at the moments that matter, and any size at all.

use crossterm::event::KeyCode;
use ratatui::{Terminal, backend::TestBackend};

use super::*;
use crate::{
    submission::{ContactId, Owner, PlatformHealth, Record, Refusal, RefusalCause, Status, Update},
    tui::{
        Event, Setup,
        help::{self, HelpLine},
        input::{Edit, Input},
        keymap::Keymap,
        script::{Script, created, duplicate, entry, look, number, queued, setup},
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
fn the_panes_stand_side_by_side_on_a_wide_screen() {
    insta::assert_snapshot!(picture(&mut busy(), 120, 32));
}

#[test]
fn both_panes_are_useful_in_80x24() {
    insta::assert_snapshot!(picture(&mut busy(), 80, 24));
}

#[test]
fn both_panes_fit_into_60x18() {
    insta::assert_snapshot!(picture(&mut busy(), 60, 18));
}

#[test]
fn the_smallest_screen_shows_the_whole_form() {
    insta::assert_snapshot!(picture(&mut busy(), 40, 12));
}

#[test]
fn a_problem_a_duplicate_and_an_unauthorised_platform_can_be_told_without_colour() {
    let mut script = Script::with(Setup { look: look(Depth::None, false), ..setup() });
    script.rows(vec![duplicate(2, "Jane", "Roe", "9876543210", "John Doe")]);
    script.counts();
    let words = "Invalid SDK credentials".to_owned();
    let refusal = Refusal { cause: RefusalCause::Credential, words };
    script.event(Event::Delivery(Update::PlatformHealth(PlatformHealth::Refused(refusal))));
    script.tab().type_text("John").tab().tab().tab().type_text("987").ctrl('s');
    let picture = picture(&mut script, 100, 16);
    assert!(picture.is_ascii(), "{picture}");
    insta::assert_snapshot!(picture);
}

#[test]
fn the_list_of_countries_lies_over_the_form() {
    let mut script = Script::start();
    script.tab().tab().tab().type_text("ger");
    insta::assert_snapshot!(picture(&mut script, 60, 12));
}

#[test]
fn details_show_over_the_panes() {
    let mut script = busy();
    script.key(KeyCode::F(6)).key(KeyCode::Down).key(KeyCode::Enter);
    insta::assert_snapshot!(picture(&mut script, 80, 24));
}

/// The comparison of a duplicate whose existing contact is known whole.
fn comparing() -> Script {
    let mut script = busy();
    let owner = Owner { id: Some(ContactId("63c7c8".into())), full_name: Some("Jane Roe".into()) };
    let status = Status::Duplicate { owners: vec![owner.clone()], remark: None };
    let row = entry(9, "John", "Doe", "9876543210", status);
    let known = Record {
        id: owner.id,
        salutation: Some("Mrs".into()),
        first_name: Some("Jane\u{1b}[31m".into()),
        last_name: Some("Roe".into()),
        e164: Some(number("+919876543210")),
        extension: Some("+".into()),
        ..Record::default()
    };
    script.deliver(row.clone()).key(KeyCode::F(6)).type_text("u");
    script.event(Event::Details { entry: row, attempts: vec![], existing: vec![known] });
    script
}

#[test]
fn a_duplicate_and_the_existing_contact_stand_side_by_side() {
    insta::assert_snapshot!(picture(&mut comparing(), 80, 24));
}

#[test]
fn a_duplicate_can_be_decided_on_the_smallest_screen() {
    insta::assert_snapshot!(picture(&mut comparing(), 40, 12));
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
    let mut input = Input::new(&"山".repeat(500));
    for width in 0..12 {
        let area = Rect::new(3, 1, width, 1);
        let mut buffer = Buffer::empty(Rect::new(0, 0, 20, 3));
        let caret = form::editor(&input, area, &mut buffer, Style::new());
        assert!(caret.is_none_or(|caret| area.contains(caret)), "{width}: {caret:?}");
        assert_eq!(caret.is_none(), width == 0);
    }
    input.edit(Edit::Home);
    let mut buffer = Buffer::empty(Rect::new(0, 0, 5, 1));
    let caret = form::editor(&input, buffer.area, &mut buffer, Style::new());
    assert_eq!(caret, Some(Position::ORIGIN));
    assert_eq!(buffer[(0, 0)].symbol(), "山");
}

#[test]
fn every_part_draws_into_no_area_and_past_the_edge() {
    let script = busy();
    for area in [Rect::ZERO, Rect::new(0, 0, 1, 1), Rect::new(0, 0, 3, 9), Rect::new(7, 7, 9, 9)] {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 10, 10));
        header::draw(&script.app, area, &mut buffer);
        header::hints(&script.app, area, &mut buffer);
        form::draw(&script.app, area, &mut buffer);
        results::draw(&script.app, area, &mut buffer);
        overlay::draw(&script.app, area, &mut buffer, None);
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
    let dark = svg::Paper { ground: "#1d2127", text: "#d7dae0" };
    let light = svg::Paper { ground: "#ffffff", text: "#24292f" };
    for (theme, paper, file) in [("dark", dark, "screen.svg"), ("light", light, "screen-light.svg")]
    {
        let picture = svg::svg(&drawn(&shift(theme), 118, 20), paper);
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
fn the_list_of_actions_lies_over_the_panes() {
    let mut script = busy();
    script.ctrl('p').type_text("filt");
    script.key(KeyCode::Backspace).key(KeyCode::Backspace).key(KeyCode::Backspace);
    script.key(KeyCode::Backspace).type_text("show");
    insta::assert_snapshot!(picture(&mut script, 80, 24));
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
