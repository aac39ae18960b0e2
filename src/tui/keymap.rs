//! The one table of keys. What a key does, the hint line and the help are all read
//! from it, so they cannot disagree.
//!
//! Every action has a way that needs no function key, no Alt, and neither Ctrl+S nor
//! Shift+Tab, because some terminals and multiplexers swallow each of these.

mod bindings;
mod chord;
mod custom;
mod names;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{compare::DuplicateChoice, input::Edit, results::Filter};

pub(super) use bindings::TABLE;
pub(super) use chord::Chord;

/// The key that closes what lies on top.
pub(super) const ESC: KeyEvent = KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE);

/// Where the keyboard goes at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyScope {
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
    /// The number before it goes out.
    Check,
    /// The list of known customers.
    Lookup,
    /// The list of everything that can be done.
    Palette,
    /// The list of keys.
    Help,
    /// The first screen without a profile.
    Welcome,
    /// The form for a new profile.
    Setup,
}

impl KeyScope {
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
            Self::Check => &[Self::Check, Self::Text, Self::Everywhere],
            Self::Lookup => &[Self::Lookup, Self::Text, Self::Everywhere],
            Self::Palette => &[Self::Palette, Self::Text, Self::Everywhere],
            Self::Help => &[Self::Help, Self::Everywhere],
            Self::Welcome => &[Self::Welcome, Self::Everywhere],
            Self::Setup => &[Self::Setup, Self::Text, Self::Everywhere],
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
            Self::Check => "Before it goes out",
            Self::Lookup => "Known customers",
            Self::Palette => "All actions",
            Self::Help => "This help",
            Self::Welcome => "Without a profile",
            Self::Setup => "Setting up a profile",
        }
    }

    /// Whether characters are text there.
    fn types(self) -> bool {
        match self {
            Self::Text
            | Self::Picker
            | Self::Search
            | Self::Palette
            | Self::Setup
            | Self::Check
            | Self::Lookup => true,
            Self::Everywhere
            | Self::Form
            | Self::Choice
            | Self::Country
            | Self::Button
            | Self::Results
            | Self::Details
            | Self::Compare
            | Self::Confirm
            | Self::Help
            | Self::Welcome => false,
        }
    }
}

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Quit,
    Interrupt,
    Help,
    Palette,
    Demo,
    SetUp,
    ReadContacts,
    NextTheme,
    ToggleMouse,
    Submit,
    OtherPane,
    Next,
    Previous,
    Enter,
    Clear,
    UndoOrRestore,
    ReadAloud,
    SwapNames,
    FixCase,
    NextOfPaste,
    Send,
    FindCustomer,
    KeepKnown,
    UpdateKnown,
    NextNeeded,
    MineToday,
    ChoiceLeft,
    ChoiceRight,
    Open,
    OpenEmpty,
    Accept,
    AcceptBack,
    Close,
    Run,
    Up,
    Down,
    PageUp,
    PageDown,
    Top,
    Bottom,
    Show,
    EditRow,
    Retry,
    RetryGivenUp,
    Discard,
    DeleteContact,
    Compare,
    Turn(Turn),
    DoMarked,
    Decide(DuplicateChoice),
    Copy,
    CopyNumber,
    Filter(Filter),
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

/// One line of the table.
#[derive(Debug)]
pub(super) struct Binding {
    pub(super) scope: KeyScope,
    chords: &'static [Chord],
    pub(super) action: Action,
    /// What the help says.
    pub(super) help: &'static str,
}

/// What a key press means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyMeaning {
    /// A bound key.
    Action(Action),
    /// A character for whatever takes text.
    Char(char),
    /// Nothing.
    Nothing,
}

/// The keys in use: the table's, or the person's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap {
    /// For each line of the table.
    chords: Vec<Vec<Chord>>,
    /// What may not be done here: no key, no hint and no list has it.
    forbidden: Vec<Deed>,
}

/// Something that can be forbidden as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// New contacts.
    Create,
    /// Contacts of the platform changed.
    Update,
    /// Contacts deleted on the platform.
    Delete,
    /// Anything put into the clipboard.
    Copy,
}

impl Deed {
    /// Which deed an action is, if it is one.
    fn of(action: Action) -> Option<Self> {
        match action {
            Action::Submit
            | Action::Send
            | Action::EditRow
            | Action::Decide(DuplicateChoice::Correct) => Some(Self::Create),
            Action::UpdateKnown | Action::Decide(DuplicateChoice::Update) => Some(Self::Update),
            Action::DeleteContact => Some(Self::Delete),
            Action::Copy | Action::CopyNumber => Some(Self::Copy),
            Action::Quit
            | Action::Interrupt
            | Action::FindCustomer
            | Action::KeepKnown
            | Action::NextNeeded
            | Action::MineToday
            | Action::Help
            | Action::Palette
            | Action::Demo
            | Action::SetUp
            | Action::ReadContacts
            | Action::NextTheme
            | Action::ToggleMouse
            | Action::OtherPane
            | Action::Next
            | Action::Previous
            | Action::Enter
            | Action::Clear
            | Action::UndoOrRestore
            | Action::ReadAloud
            | Action::SwapNames
            | Action::FixCase
            | Action::NextOfPaste
            | Action::ChoiceLeft
            | Action::ChoiceRight
            | Action::Open
            | Action::OpenEmpty
            | Action::Accept
            | Action::AcceptBack
            | Action::Close
            | Action::Run
            | Action::Up
            | Action::Down
            | Action::PageUp
            | Action::PageDown
            | Action::Top
            | Action::Bottom
            | Action::Show
            | Action::Retry
            | Action::RetryGivenUp
            | Action::Discard
            | Action::Compare
            | Action::Turn(_)
            | Action::DoMarked
            | Action::Decide(_)
            | Action::Filter(_)
            | Action::Search
            | Action::EndSearch
            | Action::Suspend
            | Action::Repaint
            | Action::Yes
            | Action::No
            | Action::Edit(_) => None,
        }
    }
}

impl Default for Keymap {
    fn default() -> Self {
        Self {
            chords: TABLE.iter().map(|binding| binding.chords.to_vec()).collect(),
            forbidden: Vec::new(),
        }
    }
}

impl Keymap {
    /// From now on this may not be done.
    pub fn forbid(&mut self, deed: Deed) {
        self.forbidden.push(deed);
    }

    /// Whether an action may not be done.
    pub(super) fn forbids(&self, action: Action) -> bool {
        Deed::of(action).is_some_and(|deed| self.forbidden.contains(&deed))
    }

    /// Reads a key press in a scope.
    pub(super) fn resolve(&self, scope: KeyScope, event: KeyEvent) -> KeyMeaning {
        let chord = Chord::of(event);
        match (self.action(scope, chord), chord) {
            (Some(action), _) => KeyMeaning::Action(action),
            (None, Chord(KeyCode::Char(c), KeyModifiers::NONE)) => KeyMeaning::Char(c),
            (None, _) => KeyMeaning::Nothing,
        }
    }

    /// Esc and a key pressed right after it come as one key with Alt. Where Esc closes what
    /// lies on top, and nobody gave the two together a meaning, they are two keys, the
    /// second of which this is.
    pub(super) fn after_esc(&self, scope: KeyScope, key: KeyEvent) -> Option<KeyEvent> {
        let closes = match self.resolve(scope, ESC) {
            KeyMeaning::Action(Action::Close) => scope != KeyScope::Results,
            KeyMeaning::Action(action) => action == Action::No,
            KeyMeaning::Char(_) | KeyMeaning::Nothing => false,
        };
        let KeyCode::Char(c) = key.code else { return None };
        let with = key.modifiers - KeyModifiers::SHIFT;
        let own = if with == KeyModifiers::ALT {
            self.resolve(scope, key) != KeyMeaning::Nothing
        } else {
            // AltGr types with Ctrl and Alt, but no plain letters.
            with != KeyModifiers::ALT | KeyModifiers::CONTROL
                || scope.types()
                || !c.is_ascii_lowercase()
        };
        let modifiers = key.modifiers - KeyModifiers::ALT;
        (closes && !own).then_some(KeyEvent { modifiers, ..key })
    }

    fn action(&self, scope: KeyScope, chord: Chord) -> Option<Action> {
        let bound = |scope: &KeyScope| {
            let mut rows = self.bindings(*scope);
            rows.find(|(_, chords)| chords.contains(&chord)).map(|(binding, _)| binding.action)
        };
        scope.chain().iter().find_map(bound)
    }

    /// The lines of a scope with the keys in use.
    pub(super) fn bindings(
        &self,
        scope: KeyScope,
    ) -> impl Iterator<Item = (&'static Binding, &[Chord])> {
        let rows = TABLE.iter().zip(self.chords.iter().map(Vec::as_slice));
        let shown =
            move |binding: &Binding| binding.scope == scope && !self.forbids(binding.action);
        rows.filter(move |(binding, _)| shown(binding))
    }

    /// The first key that does the action in a scope, if one does: a nearer scope may have
    /// taken it.
    pub(super) fn reached(&self, scope: KeyScope, action: Action) -> Option<String> {
        let bindings = scope.chain().iter().flat_map(|scope| self.bindings(*scope));
        let mut chords =
            bindings.filter(|(it, _)| it.action == action).flat_map(|(_, chords)| chords);
        chords.find(|chord| self.action(scope, **chord) == Some(action)).map(|it| it.name())
    }

    /// The first key that means the action in a scope, as sentences name it.
    pub(super) fn key(&self, scope: KeyScope, action: Action) -> String {
        let mut bindings = scope.chain().iter().flat_map(|scope| self.bindings(*scope));
        let chords = bindings.find(|(it, chords)| it.action == action && !chords.is_empty());
        chords.map_or_else(|| self.palette(), |(_, chords)| chords[0].name())
    }

    /// What is said of an action without a key.
    fn palette(&self) -> String {
        let mut bindings = self.bindings(KeyScope::Everywhere);
        let key = bindings.find(|(binding, _)| binding.action == Action::Palette);
        key.and_then(|(_, chords)| chords.first()).map_or_else(|| "no key".into(), |it| it.name())
    }

    /// All of a line's keys, as the help names them.
    pub(super) fn keys(&self, chords: &[Chord]) -> String {
        if chords.is_empty() {
            return format!("({})", self.palette());
        }
        chords.iter().map(|chord| chord.name()).collect::<Vec<_>>().join(", ")
    }
}

/// What a key does in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyContext {
    /// The place in words.
    pub heading: &'static str,
    /// What the key does there, in words.
    pub means: &'static str,
    /// What the configuration calls that.
    pub name: String,
}

/// What a key does, in each place where it does something.
#[must_use]
pub fn places(keymap: &Keymap, event: KeyEvent) -> Vec<KeyContext> {
    let chord = Chord::of(event);
    let told = |scope: KeyScope| {
        let mut rows = keymap.bindings(scope);
        let (binding, _) = rows.find(|(_, chords)| chords.contains(&chord))?;
        let name = format!("{}.{}", scope.name(), binding.name());
        Some(KeyContext { heading: scope.heading(), means: binding.help, name })
    };
    KeyScope::ALL.into_iter().filter_map(told).collect()
}

/// The character a key types where text is typed.
#[must_use]
pub fn typed(event: KeyEvent) -> Option<char> {
    match Chord::of(event) {
        Chord(KeyCode::Char(letter), KeyModifiers::NONE) => Some(letter),
        Chord(..) => None,
    }
}

/// A key press as people write it, or the character it types.
#[must_use]
pub fn name(event: KeyEvent) -> String {
    Chord::of(event).name()
}

#[cfg(test)]
mod tests {
    use std::mem::discriminant;

    use crossterm::event::KeyCode::{BackTab, Tab};

    use super::{
        chord::{ALT, CTRL, SHIFT, ctrl},
        *,
    };
    use crate::tui::{
        hints,
        theme::{Depth, Themes},
    };

    fn resolve(scope: KeyScope, event: KeyEvent) -> KeyMeaning {
        Keymap::default().resolve(scope, event)
    }

    fn press(code: KeyCode, modifiers: KeyModifiers) -> KeyEvent {
        KeyEvent::new(code, modifiers)
    }

    #[test]
    fn what_is_forbidden_has_no_key_no_hint_and_no_line_in_the_lists() {
        let mut keymap = Keymap::default();
        let deeds = [Deed::Create, Deed::Update, Deed::Delete, Deed::Copy];
        let acts = |keymap: &Keymap| {
            let all = KeyScope::ALL.into_iter().flat_map(|scope| keymap.bindings(scope));
            all.filter(|(binding, _)| Deed::of(binding.action).is_some()).count()
        };
        assert!(acts(&keymap) >= 6, "{}", acts(&keymap));
        for deed in deeds {
            keymap.forbid(deed);
        }
        assert_eq!(acts(&keymap), 0);
        let delete = KeyEvent::new(KeyCode::Char('D'), KeyModifiers::SHIFT);
        assert!(!matches!(keymap.resolve(KeyScope::Results, delete), KeyMeaning::Action(_)));
        let theme = Themes::new(Depth::True, true).current();
        let text = KeyScope::Text;
        let hints = hints::named(&theme, &keymap, text, hints::fixed(text).iter().copied());
        assert!(!hints.iter().any(|(_, word)| *word == "submit"), "{hints:?}");
    }

    #[test]
    fn both_spellings_of_shift_tab_go_back() {
        for event in [press(BackTab, KeyModifiers::NONE), press(BackTab, SHIFT), press(Tab, SHIFT)]
        {
            assert_eq!(resolve(KeyScope::Text, event), KeyMeaning::Action(Action::Previous));
        }
    }

    #[test]
    fn altgr_types_its_character() {
        assert_eq!(
            resolve(KeyScope::Text, press(KeyCode::Char('@'), CTRL | ALT)),
            KeyMeaning::Char('@')
        );
        assert_eq!(
            resolve(KeyScope::Text, press(KeyCode::Char('q'), CTRL | ALT)),
            KeyMeaning::Char('q')
        );
    }

    #[test]
    fn control_letters_that_are_keys_by_another_name_act_as_those() {
        let of = |c| resolve(KeyScope::Text, press(KeyCode::Char(c), CTRL));
        assert_eq!(of('m'), KeyMeaning::Action(Action::Enter));
        assert_eq!(of('j'), KeyMeaning::Action(Action::Enter));
        assert_eq!(of('i'), KeyMeaning::Action(Action::Next));
        assert_eq!(of('h'), KeyMeaning::Action(Action::Edit(Edit::DeleteBack)));
    }

    #[test]
    fn quitting_works_in_every_scope() {
        for scope in TABLE.iter().map(|binding| binding.scope) {
            for (c, action) in [('c', Action::Interrupt), ('q', Action::Quit)] {
                let meaning = resolve(scope, press(KeyCode::Char(c), CTRL));
                assert_eq!(meaning, KeyMeaning::Action(action), "{scope:?}");
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
        for binding in TABLE.iter().filter(|binding| !binding.chords.is_empty()) {
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
    fn no_name_means_two_lines_of_one_scope() {
        for (index, binding) in TABLE.iter().enumerate() {
            let same =
                |other: &&Binding| other.scope == binding.scope && other.name() == binding.name();
            assert_eq!(TABLE[index..].iter().filter(same).count(), 1, "{}", binding.name());
        }
    }

    #[test]
    fn one_key_opens_the_list_of_all_actions_in_every_scope() {
        for scope in KeyScope::ALL.into_iter().filter(|scope| *scope != KeyScope::Palette) {
            let meaning = resolve(scope, press(KeyCode::Char('p'), CTRL));
            assert_eq!(meaning, KeyMeaning::Action(Action::Palette), "{scope:?}");
        }
    }

    #[test]
    fn hints_name_keys_the_way_people_do() {
        let key = |action| Keymap::default().reached(KeyScope::Text, action);
        assert_eq!(key(Action::Next).as_deref(), Some("Tab"));
        assert_eq!(key(Action::Submit).as_deref(), Some("Ctrl+S"));
        assert_eq!(key(Action::OtherPane).as_deref(), Some("F6"));
    }
}
