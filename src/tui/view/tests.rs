//! Whole screens at the moments that matter, and any size at all.

use ratatui::{Terminal, backend::TestBackend};

use crate::tui::script::{Script, created, duplicate, queued};

fn picture(script: &mut Script, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| script.app.view(frame)).unwrap();
    let buffer = terminal.backend().buffer().clone();
    let row = |y: u16| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>();
    (0..height).map(|y| row(y).trim_end().to_owned() + "\n").collect()
}

fn busy() -> Script {
    let mut script = Script::start();
    script.deliver(created(1, "John", "Doe", "9876543210", "63c7c811aa00bb11cc22dd33"));
    script.deliver(duplicate(2, "Jane", "Roe", "9876543210", "John Doe"));
    script.deliver(queued(3, "山田", "太郎", "9876543211", 4));
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
