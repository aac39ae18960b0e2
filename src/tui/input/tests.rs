//! Editing, step by step.

use proptest::prelude::*;

use super::*;

fn typed(text: &str) -> Input {
    let mut input = Input::default();
    text.chars().for_each(|c| input.type_char(c));
    input
}

#[test]
fn the_caret_is_measured_in_cells() {
    let mut input = typed("山田");
    assert_eq!(input.caret(), 4);
    input.edit(Edit::Left);
    assert_eq!(input.caret(), 2);
}

#[test]
fn a_joined_emoji_is_one_step_and_one_deletion() {
    let mut input = typed("a👩‍👩‍👧");
    input.edit(Edit::Left);
    assert_eq!(input.caret(), 1);
    input.edit(Edit::End);
    input.edit(Edit::DeleteBack);
    assert_eq!(input.text(), "a");
}

#[test]
fn a_letter_with_a_combining_mark_is_deleted_whole() {
    let mut input = typed("Jose\u{301}");
    input.edit(Edit::DeleteBack);
    assert_eq!(input.text(), "Jos");
}

#[test]
fn correcting_the_middle_keeps_the_rest() {
    let mut input = typed("山太郎");
    input.edit(Edit::Home);
    input.edit(Edit::Right);
    input.type_char('田');
    assert_eq!(input.text(), "山田太郎");
}

#[test]
fn undo_takes_back_a_run_of_typing_and_redo_brings_it_again() {
    let mut input = typed("John Doe");
    input.edit(Edit::Undo);
    assert_eq!(input.text(), "John ");
    input.edit(Edit::Redo);
    assert_eq!(input.text(), "John Doe");
    input.edit(Edit::KillHead);
    assert_eq!(input.text(), "");
    input.edit(Edit::Undo);
    assert_eq!(input.text(), "John Doe");
}

#[test]
fn what_was_killed_can_be_yanked_and_a_backspace_does_not_change_that() {
    let mut input = typed("John Doe");
    input.edit(Edit::DeleteWordBack);
    assert_eq!(input.text(), "John ");
    input.edit(Edit::DeleteBack);
    input.edit(Edit::Yank);
    assert_eq!(input.text(), "JohnDoe");
}

#[test]
fn typing_over_a_selection_replaces_it() {
    let mut input = typed("Jo");
    input.edit(Edit::SelectHome);
    assert_eq!(input.selection(), Some((0, 2)));
    input.type_char('X');
    assert_eq!(input.text(), "X");
}

#[test]
fn pasted_line_breaks_and_tabs_become_blanks() {
    let mut input = Input::default();
    assert!(input.insert("John\r\n\tDoe\n\u{1b}\0"));
    assert_eq!(input.text(), "John Doe");
}

#[test]
fn a_huge_paste_is_cut_and_said_so() {
    let mut input = Input::default();
    assert!(!input.insert(&"x".repeat(1_000_000)));
    assert_eq!(input.text().len(), LONGEST);
}

proptest! {
    #[test]
    fn the_caret_stays_inside_the_text_whatever_is_done(
        text in ".{0,12}", edits in prop::collection::vec(0..20_usize, 0..30),
    ) {
        const ALL: [Edit; 20] = [
            Edit::Left, Edit::Right, Edit::WordLeft, Edit::WordRight, Edit::Home, Edit::End,
            Edit::SelectLeft, Edit::SelectRight, Edit::SelectHome, Edit::SelectEnd,
            Edit::DeleteBack, Edit::DeleteNext, Edit::DeleteWordBack, Edit::DeleteWordNext,
            Edit::KillHead, Edit::KillEnd, Edit::Yank, Edit::Cut, Edit::Undo, Edit::Redo,
        ];
        let mut input = typed(&text);
        for edit in edits {
            input.edit(ALL[edit]);
            prop_assert!(input.caret() <= cells::width(input.text()));
            prop_assert_eq!(input.area.lines().len(), 1);
        }
    }
}
