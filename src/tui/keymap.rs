//! The one table of keys. What a key does, the hint line and the help are all read
//! from it, so they cannot disagree.
//!
//! Every action has a way that needs no function key, no Alt, and neither Ctrl+S nor
//! Shift+Tab, because some terminals and multiplexers swallow each of these.

mod table;

use crossterm::event::{
    KeyCode::{self, BackTab, Backspace, Enter, Esc, Tab},
    KeyEvent, KeyModifiers,
};

use super::{compare::Choice, input::Edit};

pub(super) use table::TABLE;

/// Where the keyboard goes at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// Holds wherever nothing nearer takes the key.
    Everywhere,
    /// Any field of the form.
    Form,
    /// The row of salutations.
    Choice,
    /// The country while its list is closed.
    Country,
    /// The submit button.
    Button,
    /// A field with editable text.
    Text,
    /// The country's list while it is open.
    Picker,
    /// The list of results.
    Results,
    /// The search line of the results.
    Search,
    /// One result in full.
    Details,
    /// A duplicate beside the existing contact.
    Compare,
    /// A question.
    Confirm,
    /// The list of keys.
    Help,
}

impl Scope {
    /// This scope and what lies under it, nearest first.
    pub(super) fn chain(self) -> &'static [Self] {
        match self {
            Self::Everywhere => &[Self::Everywhere],
            Self::Form => &[Self::Form, Self::Everywhere],
            Self::Choice => &[Self::Choice, Self::Form, Self::Everywhere],
            Self::Country => &[Self::Country, Self::Form, Self::Everywhere],
            Self::Button => &[Self::Button, Self::Form, Self::Everywhere],
            Self::Text => &[Self::Text, Self::Form, Self::Everywhere],
            Self::Picker => &[Self::Picker, Self::Text, Self::Everywhere],
            Self::Results => &[Self::Results, Self::Everywhere],
            Self::Search => &[Self::Search, Self::Text, Self::Everywhere],
            Self::Details => &[Self::Details, Self::Everywhere],
            Self::Compare => &[Self::Compare, Self::Everywhere],
            Self::Confirm => &[Self::Confirm, Self::Everywhere],
            Self::Help => &[Self::Help, Self::Everywhere],
        }
    }

    /// The heading of its keys in the help.
    pub(super) fn heading(self) -> &'static str {
        match self {
            Self::Everywhere => "Everywhere",
            Self::Form => "In the form",
            Self::Choice => "Salutation",
            Self::Country => "Country",
            Self::Button => "Submit button",
            Self::Text => "Editing text",
            Self::Picker => "List of countries",
            Self::Results => "Results",
            Self::Search => "Searching",
            Self::Details => "Details",
            Self::Compare => "A duplicate and the existing contact",
            Self::Confirm => "Questions",
            Self::Help => "This help",
        }
    }
}

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Quit,
    Help,
    Submit,
    OtherPane,
    Next,
    Previous,
    Enter,
    Clear,
    UndoOrRestore,
    ReadAloud,
    ChoiceLeft,
    ChoiceRight,
    Open,
    OpenEmpty,
    Accept,
    AcceptBack,
    Close,
    Up,
    Down,
    PageUp,
    PageDown,
    Top,
    Bottom,
    Show,
    TakeBack,
    Retry,
    Discard,
    DeleteContact,
    Compare,
    Turn(Turn),
    DoMarked,
    Decide(Choice),
    Copy,
    CopyNumber,
    Filter(u8),
    Search,
    EndSearch,
    Suspend,
    Repaint,
    Yes,
    No,
    Edit(Edit),
}

/// Which of several existing contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    Next,
    Previous,
}

/// A key with its modifiers, as bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Chord(KeyCode, KeyModifiers);

/// One line of the table.
#[derive(Debug)]
pub(super) struct Binding {
    pub(super) scope: Scope,
    chords: &'static [Chord],
    pub(super) action: Action,
    /// The word in the hint line, for the few that belong there.
    hint: Option<&'static str>,
    /// What the help says.
    pub(super) help: &'static str,
}

const CTRL: KeyModifiers = KeyModifiers::CONTROL;
const ALT: KeyModifiers = KeyModifiers::ALT;
const SHIFT: KeyModifiers = KeyModifiers::SHIFT;

const fn plain(code: KeyCode) -> Chord {
    Chord(code, KeyModifiers::NONE)
}

const fn char(c: char) -> Chord {
    Chord(KeyCode::Char(c), KeyModifiers::NONE)
}

const fn ctrl(c: char) -> Chord {
    Chord(KeyCode::Char(c), CTRL)
}

const fn alt(c: char) -> Chord {
    Chord(KeyCode::Char(c), ALT)
}

/// What a key press means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A bound key.
    Action(Action),
    /// A character for whatever takes text.
    Char(char),
    /// Nothing.
    Nothing,
}

/// Reads a key press in a scope.
pub(super) fn resolve(scope: Scope, event: KeyEvent) -> Meaning {
    let chord = normalise(event);
    let bound = |scope: &Scope| {
        TABLE.iter().find(|binding| binding.scope == *scope && binding.chords.contains(&chord))
    };
    if let Some(binding) = scope.chain().iter().find_map(bound) {
        return Meaning::Action(binding.action);
    }
    match chord {
        Chord(KeyCode::Char(c), KeyModifiers::NONE) => Meaning::Char(c),
        _ => Meaning::Nothing,
    }
}

/// Terminals send one key in several ways. Shift is in the letter already; Shift+Tab is
/// `BackTab`; Ctrl+Alt and a character is what `AltGr` types; Ctrl+H, I, J, M are
/// Backspace, Tab and Enter by another name.
fn normalise(event: KeyEvent) -> Chord {
    let modifiers = event.modifiers & (CTRL | ALT | SHIFT);
    match event.code {
        Tab if modifiers.contains(SHIFT) => plain(BackTab),
        BackTab => plain(BackTab),
        KeyCode::Char('\n' | '\r') => plain(Enter),
        KeyCode::Char(c) if modifiers.contains(CTRL | ALT) => char(c),
        KeyCode::Char(c) if modifiers.contains(CTRL) => match c.to_ascii_lowercase() {
            'h' => plain(Backspace),
            'i' => plain(Tab),
            'j' | 'm' => plain(Enter),
            c => ctrl(c),
        },
        KeyCode::Char(c) if modifiers.contains(ALT) => alt(c.to_ascii_lowercase()),
        KeyCode::Char(c) => char(c),
        code @ (Enter | Esc) => plain(code),
        code => Chord(code, modifiers),
    }
}

/// The hint line's entries for a scope, nearest first: key and word.
pub(super) fn hints(scope: Scope) -> Vec<(String, &'static str)> {
    let of = |scope: &Scope| {
        let scope = *scope;
        TABLE.iter().filter(move |binding| binding.scope == scope)
    };
    let taken = |binding: &&Binding| resolves_to(scope, binding);
    let bindings = scope.chain().iter().flat_map(of).filter(taken);
    bindings.filter_map(|binding| Some((binding.chords.first()?.name(), binding.hint?))).collect()
}

/// Whether the binding's first key still means it, or a nearer scope took the key.
fn resolves_to(scope: Scope, binding: &Binding) -> bool {
    let Some(Chord(code, modifiers)) = binding.chords.first() else { return false };
    let meaning = resolve(scope, KeyEvent::new(*code, *modifiers));
    meaning == Meaning::Action(binding.action)
}

impl Binding {
    /// All its keys, as the help names them.
    pub(super) fn keys(&self) -> String {
        self.chords.iter().map(|chord| chord.name()).collect::<Vec<_>>().join(", ")
    }
}

impl Chord {
    fn name(self) -> String {
        let mut name = String::new();
        for (flag, word) in [(CTRL, "Ctrl+"), (ALT, "Alt+"), (SHIFT, "Shift+")] {
            if self.1.contains(flag) {
                name.push_str(word);
            }
        }
        match self.0 {
            KeyCode::Char(' ') => name.push_str("Space"),
            KeyCode::Char(c) if self.1.is_empty() => name.push(c),
            KeyCode::Char(c) => name.push(c.to_ascii_uppercase()),
            BackTab => name.push_str("Shift+Tab"),
            Esc => name.push_str("Esc"),
            code => name.push_str(&code.to_string()),
        }
        name
    }
}

#[cfg(test)]
mod tests {
    use std::mem::discriminant;

    use super::*;

    fn press(code: KeyCode, modifiers: KeyModifiers) -> KeyEvent {
        KeyEvent::new(code, modifiers)
    }

    #[test]
    fn both_spellings_of_shift_tab_go_back() {
        for event in [press(BackTab, KeyModifiers::NONE), press(BackTab, SHIFT), press(Tab, SHIFT)]
        {
            assert_eq!(resolve(Scope::Text, event), Meaning::Action(Action::Previous));
        }
    }

    #[test]
    fn altgr_types_its_character() {
        assert_eq!(resolve(Scope::Text, press(KeyCode::Char('@'), CTRL | ALT)), Meaning::Char('@'));
        assert_eq!(resolve(Scope::Text, press(KeyCode::Char('q'), CTRL | ALT)), Meaning::Char('q'));
    }

    #[test]
    fn control_letters_that_are_keys_by_another_name_act_as_those() {
        let of = |c| resolve(Scope::Text, press(KeyCode::Char(c), CTRL));
        assert_eq!(of('m'), Meaning::Action(Action::Enter));
        assert_eq!(of('j'), Meaning::Action(Action::Enter));
        assert_eq!(of('i'), Meaning::Action(Action::Next));
        assert_eq!(of('h'), Meaning::Action(Action::Edit(Edit::DeleteBack)));
    }

    #[test]
    fn quitting_works_in_every_scope() {
        for scope in TABLE.iter().map(|binding| binding.scope) {
            for c in ['c', 'q'] {
                let meaning = resolve(scope, press(KeyCode::Char(c), CTRL));
                assert_eq!(meaning, Meaning::Action(Action::Quit), "{scope:?}");
            }
        }
    }

    #[test]
    fn no_key_means_two_things_in_one_scope() {
        for (index, binding) in TABLE.iter().enumerate() {
            for other in &TABLE[index + 1..] {
                let clash = binding.chords.iter().any(|chord| other.chords.contains(chord));
                assert!(binding.scope != other.scope || !clash, "{binding:?} {other:?}");
            }
        }
    }

    #[test]
    fn no_action_hangs_on_a_function_key_alt_or_shift_tab_alone() {
        let fragile = |chord: &Chord| {
            matches!(chord.0, KeyCode::F(_) | BackTab)
                || chord.1.contains(ALT)
                || *chord == ctrl('s')
        };
        for binding in TABLE {
            let routes = TABLE.iter().filter(|other| {
                discriminant(&other.action) == discriminant(&binding.action)
                    || (binding.action == Action::Submit && other.action == Action::Enter)
                    || (binding.action == Action::AcceptBack && other.action == Action::Accept)
            });
            let sturdy = routes.flat_map(|other| other.chords).any(|chord| !fragile(chord));
            assert!(sturdy, "{binding:?}");
        }
    }

    #[test]
    fn hints_name_keys_the_way_people_do() {
        let hints = hints(Scope::Text);
        assert!(hints.contains(&("Tab".into(), "next")), "{hints:?}");
        assert!(hints.contains(&("Ctrl+S".into(), "submit")), "{hints:?}");
        assert!(hints.contains(&("F6".into(), "results")), "{hints:?}");
    }
}
