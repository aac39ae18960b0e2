//! The table itself.

use crossterm::event::{
    KeyCode::{
        self, BackTab, Backspace, Delete, Down, End, Enter, Esc, F, Home, Left, PageDown, PageUp,
        Right, Tab, Up,
    },
    KeyModifiers,
};

use super::{
    super::{compare::DuplicateChoice, input::Edit},
    Action as A, Action, Binding, KeyScope as S, KeyScope, Turn,
    chord::{ALT, CTRL, Chord, SHIFT, alt, char, ctrl, plain},
};

const fn with(code: KeyCode, modifiers: KeyModifiers) -> Chord {
    Chord(code, modifiers)
}

const fn bind(
    scope: KeyScope,
    chords: &'static [Chord],
    action: Action,
    hint: Option<&'static str>,
    help: &'static str,
) -> Binding {
    Binding { scope, chords, action, hint, help }
}

/// Every key there is. Within a scope the order is the order of hints and help.
#[rustfmt::skip]
pub(in crate::tui) static TABLE: &[Binding] = &[
    bind(S::Picker, &[plain(Up)], A::Up, None, "previous country"),
    bind(S::Picker, &[plain(Down), ctrl('n')], A::Down, Some("next"), "next country"),
    bind(S::Picker, &[plain(PageUp)], A::PageUp, None, "ten up"),
    bind(S::Picker, &[plain(PageDown)], A::PageDown, None, "ten down"),
    bind(S::Picker, &[plain(Enter), plain(Tab)], A::Accept, Some("take it"), "take the marked country"),
    bind(S::Picker, &[plain(BackTab)], A::AcceptBack, None, "take it and go back"),
    bind(S::Picker, &[plain(Esc)], A::Close, Some("leave it"), "close the list, change nothing"),

    bind(S::Choice, &[plain(Left)], A::ChoiceLeft, None, "previous salutation"),
    bind(S::Choice, &[plain(Right), char(' ')], A::ChoiceRight, Some("choose"), "next salutation (or type m, r)"),
    bind(S::Country, &[char(' '), with(Down, ALT), plain(F(4))], A::Open, Some("choose"), "open the list (or just type)"),
    bind(S::Country, &[plain(Backspace), plain(Delete)], A::OpenEmpty, None, "open the list, empty"),
    bind(S::Button, &[char(' ')], A::Submit, None, "submit"),

    bind(S::Form, &[plain(Tab), plain(Down), ctrl('n')], A::Next, Some("next"), "next field"),
    bind(S::Form, &[plain(BackTab), plain(Up)], A::Previous, None, "previous field"),
    bind(S::Form, &[plain(Enter)], A::Enter, None, "next field; on the last one and the button: submit"),
    bind(S::Form, &[plain(F(6)), ctrl('o')], A::OtherPane, Some("results"), "to the results"),
    bind(S::Form, &[ctrl('l')], A::Clear, None, "clear the form; in an empty form, bring it back"),
    bind(S::Form, &[ctrl('z')], A::UndoOrRestore, None, "undo; in an empty form, bring the cleared text back"),
    bind(S::Form, &[ctrl('b')], A::ReadAloud, None, "show the number as it is read aloud"),

    bind(S::Text, &[plain(Left)], A::Edit(Edit::Left), None, "left"),
    bind(S::Text, &[plain(Right), ctrl('f')], A::Edit(Edit::Right), None, "right"),
    bind(S::Text, &[with(Left, CTRL), with(Left, ALT), alt('b')], A::Edit(Edit::WordLeft), None, "a word left"),
    bind(S::Text, &[with(Right, CTRL), with(Right, ALT), alt('f')], A::Edit(Edit::WordRight), None, "a word right"),
    bind(S::Text, &[plain(Home), ctrl('a')], A::Edit(Edit::Home), None, "to the start"),
    bind(S::Text, &[plain(End), ctrl('e')], A::Edit(Edit::End), None, "to the end"),
    bind(S::Text, &[with(Left, SHIFT)], A::Edit(Edit::SelectLeft), None, "select to the left"),
    bind(S::Text, &[with(Right, SHIFT)], A::Edit(Edit::SelectRight), None, "select to the right"),
    bind(S::Text, &[with(Home, SHIFT)], A::Edit(Edit::SelectHome), None, "select to the start"),
    bind(S::Text, &[with(End, SHIFT)], A::Edit(Edit::SelectEnd), None, "select to the end"),
    bind(S::Text, &[plain(Backspace), with(Backspace, SHIFT)], A::Edit(Edit::DeleteBack), None, "delete before the caret"),
    bind(S::Text, &[plain(Delete), ctrl('d')], A::Edit(Edit::DeleteNext), None, "delete after the caret"),
    bind(S::Text, &[ctrl('w'), with(Backspace, ALT), with(Backspace, CTRL)], A::Edit(Edit::DeleteWordBack), None, "delete the word before"),
    bind(S::Text, &[alt('d'), with(Delete, CTRL)], A::Edit(Edit::DeleteWordNext), None, "delete the word after"),
    bind(S::Text, &[ctrl('u')], A::Edit(Edit::KillHead), None, "cut to the start"),
    bind(S::Text, &[ctrl('k')], A::Edit(Edit::KillEnd), None, "cut to the end"),
    bind(S::Text, &[ctrl('x')], A::Edit(Edit::Cut), None, "cut the selection"),
    bind(S::Text, &[ctrl('y')], A::Edit(Edit::Yank), None, "insert what was cut"),
    bind(S::Text, &[ctrl('r'), alt('z')], A::Edit(Edit::Redo), None, "redo"),

    bind(S::Results, &[plain(Up), char('k')], A::Up, None, "row up"),
    bind(S::Results, &[plain(Down), char('j'), ctrl('n')], A::Down, None, "row down"),
    bind(S::Results, &[plain(PageUp)], A::PageUp, None, "ten rows up"),
    bind(S::Results, &[plain(PageDown)], A::PageDown, None, "ten rows down"),
    bind(S::Results, &[plain(Home), char('g')], A::Top, None, "newest row"),
    bind(S::Results, &[plain(End), char('G')], A::Bottom, None, "oldest row"),
    bind(S::Results, &[plain(Enter)], A::Show, Some("details"), "details of the row"),
    bind(S::Results, &[char('e')], A::EditRow, Some("edit"), "take the row into the form, to correct and send again"),
    bind(S::Results, &[char('r')], A::Retry, Some("retry"), "try again now"),
    bind(S::Results, &[char('d'), plain(Delete)], A::Discard, Some("discard"), "discard the row, or call off its change (asks first)"),
    bind(S::Results, &[char('u')], A::Compare, Some("whose"), "a duplicate beside the existing contact, and what to do"),
    bind(S::Results, &[char('D')], A::DeleteContact, None, "delete the created contact on the platform (asks first)"),
    bind(S::Results, &[char('y')], A::Copy, Some("copy"), "copy the id, or the number while there is none"),
    bind(S::Results, &[char('Y')], A::CopyNumber, None, "copy the number"),
    bind(S::Results, &[char('1')], A::Filter(1), None, "show all"),
    bind(S::Results, &[char('2')], A::Filter(2), None, "show Created only"),
    bind(S::Results, &[char('3')], A::Filter(3), None, "show Duplicate only"),
    bind(S::Results, &[char('4')], A::Filter(4), None, "show Attention only"),
    bind(S::Results, &[char('5')], A::Filter(5), None, "show what is Queued, Sending or Unclear only"),
    bind(S::Results, &[char('/'), ctrl('f')], A::Search, Some("search"), "search names and numbers"),
    bind(S::Results, &[plain(Esc)], A::Close, None, "end search and filter, then back to the form"),
    bind(S::Results, &[plain(Tab), plain(BackTab)], A::OtherPane, Some("form"), "back to the form"),
    bind(S::Results, &[char('?')], A::Help, None, "the keys"),
    bind(S::Results, &[ctrl('z')], A::Suspend, None, "suspend to the shell"),
    bind(S::Results, &[ctrl('l')], A::Repaint, None, "draw the screen anew"),

    bind(S::Search, &[plain(Enter), plain(Down), plain(Tab)], A::EndSearch, Some("to the rows"), "keep the search, go to the rows"),
    bind(S::Search, &[plain(Esc)], A::Close, Some("end search"), "end the search"),
    bind(S::Search, &[ctrl('z')], A::Edit(Edit::Undo), None, "undo"),

    bind(S::Details, &[plain(Up), char('k')], A::Up, None, "scroll up"),
    bind(S::Details, &[plain(Down), char('j'), ctrl('n')], A::Down, None, "scroll down"),
    bind(S::Details, &[plain(PageUp)], A::PageUp, None, "ten lines up"),
    bind(S::Details, &[plain(PageDown), char(' ')], A::PageDown, None, "ten lines down"),
    bind(S::Details, &[char('e')], A::EditRow, Some("edit"), "take the row into the form"),
    bind(S::Details, &[char('r')], A::Retry, Some("retry"), "try again now"),
    bind(S::Details, &[char('d'), plain(Delete)], A::Discard, Some("discard"), "discard (asks first)"),
    bind(S::Details, &[char('u')], A::Compare, None, "a duplicate beside the existing contact, and what to do"),
    bind(S::Details, &[char('D')], A::DeleteContact, None, "delete the created contact on the platform (asks first)"),
    bind(S::Details, &[char('y')], A::Copy, Some("copy"), "copy the id, or the number while there is none"),
    bind(S::Details, &[char('Y')], A::CopyNumber, None, "copy the number"),
    bind(S::Details, &[plain(Esc), plain(Enter), char('q')], A::Close, Some("close"), "close"),

    bind(S::Compare, &[char('k')], A::Decide(DuplicateChoice::Keep), Some("keep"), "keep the existing contact, done"),
    bind(S::Compare, &[char('u')], A::Decide(DuplicateChoice::Update), Some("update it"), "update it with what was typed (asks first)"),
    bind(S::Compare, &[char('e')], A::Decide(DuplicateChoice::Correct), Some("correct mine"), "correct my number and send again"),
    bind(S::Compare, &[char('d'), plain(Delete)], A::Decide(DuplicateChoice::Drop), Some("drop mine"), "drop mine (asks first)"),
    bind(S::Compare, &[plain(Up)], A::Up, None, "mark the choice above"),
    bind(S::Compare, &[plain(Down), plain(Tab)], A::Down, None, "mark the choice below"),
    bind(S::Compare, &[plain(Enter)], A::DoMarked, None, "do what is marked"),
    bind(S::Compare, &[plain(Right), char('n')], A::Turn(Turn::Next), None, "the next of several existing contacts"),
    bind(S::Compare, &[plain(Left), char('p')], A::Turn(Turn::Previous), None, "the one before"),
    bind(S::Compare, &[char('y')], A::Copy, None, "copy the existing contact's id"),
    bind(S::Compare, &[plain(Esc), char('q')], A::Close, Some("close"), "close, decide later"),

    bind(S::Confirm, &[char('y')], A::Yes, Some("yes"), "yes"),
    bind(S::Confirm, &[char('n'), plain(Esc)], A::No, Some("no"), "no"),

    bind(S::Palette, &[plain(Up)], A::Up, None, "action before"),
    bind(S::Palette, &[plain(Down), ctrl('n')], A::Down, None, "action after"),
    bind(S::Palette, &[plain(PageUp)], A::PageUp, None, "ten up"),
    bind(S::Palette, &[plain(PageDown)], A::PageDown, None, "ten down"),
    bind(S::Palette, &[plain(Enter)], A::Run, Some("do it"), "do it"),
    bind(S::Palette, &[plain(Esc), ctrl('p')], A::Close, Some("leave it"), "leave it"),
    bind(S::Palette, &[ctrl('z')], A::Edit(Edit::Undo), None, "undo"),

    bind(S::Help, &[plain(Up), char('k')], A::Up, None, "scroll up"),
    bind(S::Help, &[plain(Down), char('j'), ctrl('n')], A::Down, Some("scroll"), "scroll down"),
    bind(S::Help, &[plain(PageUp)], A::PageUp, None, "ten lines up"),
    bind(S::Help, &[plain(PageDown), char(' ')], A::PageDown, None, "ten lines down"),
    bind(S::Help, &[plain(Esc), plain(Enter), char('q'), char('?'), plain(F(1)), ctrl('g')], A::Close, Some("close"), "close"),

    bind(S::Welcome, &[char('d')], A::Demo, Some("demo"), "try the demo"),
    bind(S::Welcome, &[char('s')], A::SetUp, Some("set up"), "set up a profile"),
    bind(S::Welcome, &[plain(Up), char('k'), plain(BackTab)], A::Up, None, "mark the choice above"),
    bind(S::Welcome, &[plain(Down), char('j'), ctrl('n'), plain(Tab)], A::Down, None, "mark the choice below"),
    bind(S::Welcome, &[plain(Enter), char(' ')], A::DoMarked, None, "do what is marked"),
    bind(S::Welcome, &[char('q'), plain(Esc)], A::Quit, Some("quit"), "quit"),
    bind(S::Welcome, &[char('?')], A::Help, None, "the keys"),
    bind(S::Welcome, &[ctrl('z')], A::Suspend, None, "suspend to the shell"),
    bind(S::Welcome, &[ctrl('l')], A::Repaint, None, "draw the screen anew"),

    bind(S::Setup, &[plain(Tab), plain(Down), ctrl('n')], A::Next, Some("next"), "next field; the one left is checked"),
    bind(S::Setup, &[plain(BackTab), plain(Up)], A::Previous, None, "previous field"),
    bind(S::Setup, &[plain(Enter)], A::Enter, None, "next field; on the button: save"),
    bind(S::Setup, &[ctrl('s')], A::Submit, Some("save"), "check and save the profile"),
    bind(S::Setup, &[ctrl('r')], A::Retry, None, "ask the platform again"),
    bind(S::Setup, &[plain(Esc)], A::Close, Some("back"), "back to the first screen; what is typed stays"),
    bind(S::Setup, &[ctrl('z')], A::Edit(Edit::Undo), None, "undo"),

    bind(S::Everywhere, &[ctrl('s')], A::Submit, Some("submit"), "submit the form"),
    bind(S::Everywhere, &[plain(F(6)), ctrl('o')], A::OtherPane, None, "between form and results"),
    bind(S::Everywhere, &[plain(F(1)), ctrl('g')], A::Help, Some("help"), "the keys"),
    bind(S::Everywhere, &[ctrl('q'), ctrl('c')], A::Quit, Some("quit"), "quit; nothing is lost"),
    bind(S::Everywhere, &[ctrl('p')], A::Palette, Some("actions"), "everything that can be done, to choose from"),
    bind(S::Everywhere, &[ctrl('t')], A::SetUp, None, "from the demo to a profile of your own"),
    bind(S::Everywhere, &[], A::ReadContacts, None, "read the platform's contacts, or stop reading them"),
    bind(S::Everywhere, &[], A::NextTheme, None, "other colours"),
    bind(S::Everywhere, &[], A::ToggleMouse, None, "mouse for the program or for the terminal"),
];
