//! What scopes and actions are called in the configuration.

use super::{Action, Binding, DuplicateChoice, Edit, Filter, KeyScope, Turn};

impl KeyScope {
    /// In reading order.
    pub(in crate::tui) const ALL: [Self; 18] = [
        Self::Everywhere,
        Self::Form,
        Self::Choice,
        Self::Country,
        Self::Picker,
        Self::Button,
        Self::Text,
        Self::Results,
        Self::Search,
        Self::Details,
        Self::Compare,
        Self::Confirm,
        Self::Check,
        Self::Lookup,
        Self::Palette,
        Self::Help,
        Self::Welcome,
        Self::Setup,
    ];

    pub(in crate::tui) fn name(self) -> &'static str {
        match self {
            Self::Everywhere => "everywhere",
            Self::Form => "form",
            Self::Choice => "salutation",
            Self::Country => "country",
            Self::Picker => "countries",
            Self::Button => "button",
            Self::Text => "text",
            Self::Results => "results",
            Self::Search => "search",
            Self::Details => "details",
            Self::Compare => "compare",
            Self::Confirm => "question",
            Self::Check => "check",
            Self::Lookup => "lookup",
            Self::Palette => "palette",
            Self::Help => "help",
            Self::Welcome => "welcome",
            Self::Setup => "setup",
        }
    }
}

impl Binding {
    /// Its name within its scope.
    pub(in crate::tui) fn name(&self) -> &'static str {
        match (self.scope, self.action) {
            // Moving Ctrl+S elsewhere must not take Space from the button.
            (KeyScope::Button, Action::Submit) => "press",
            // A letter tries a row again, and would be typed here.
            (KeyScope::Setup, Action::Retry) => "ask-again",
            (_, action) => action.name(),
        }
    }
}

impl Action {
    fn name(self) -> &'static str {
        match self {
            Self::Quit => "quit",
            Self::Interrupt => "interrupt",
            Self::Help => "help",
            Self::Palette => "palette",
            Self::Demo => "demo",
            Self::SetUp => "set-up",
            Self::ReadContacts => "read-contacts",
            Self::NextTheme => "next-theme",
            Self::ToggleMouse => "toggle-mouse",
            Self::Submit => "submit",
            Self::OtherPane => "other-pane",
            Self::Next => "next",
            Self::Previous => "previous",
            Self::Enter => "enter",
            Self::Clear => "clear",
            Self::UndoOrRestore => "undo",
            Self::ReadAloud => "read-aloud",
            Self::SwapNames => "swap-names",
            Self::FixCase => "fix-case",
            Self::NextOfPaste => "next-of-paste",
            Self::Send => "send",
            Self::FindCustomer => "find-customer",
            Self::KeepKnown => "keep-known",
            Self::UpdateKnown => "update-known",
            Self::NextNeeded => "next-needed",
            Self::MineToday => "mine-today",
            Self::ChoiceLeft => "previous-salutation",
            Self::ChoiceRight => "next-salutation",
            Self::Open => "open",
            Self::OpenEmpty => "open-empty",
            Self::Accept => "accept",
            Self::AcceptBack => "accept-back",
            Self::Close => "close",
            Self::Run => "run",
            Self::Up => "up",
            Self::Down => "down",
            Self::PageUp => "page-up",
            Self::PageDown => "page-down",
            Self::Top => "top",
            Self::Bottom => "bottom",
            Self::Show => "show",
            Self::EditRow => "edit",
            Self::Retry => "retry",
            Self::RetryGivenUp => "retry-given-up",
            Self::Discard => "discard",
            Self::DeleteContact => "delete-contact",
            Self::Compare => "compare",
            Self::Turn(Turn::Next) => "next-contact",
            Self::Turn(Turn::Previous) => "previous-contact",
            Self::DoMarked => "do-marked",
            Self::Decide(DuplicateChoice::Keep) => "keep",
            Self::Decide(DuplicateChoice::Update) => "update",
            Self::Decide(DuplicateChoice::Correct) => "correct",
            Self::Decide(DuplicateChoice::Drop) => "drop",
            Self::Copy => "copy",
            Self::CopyNumber => "copy-number",
            Self::Filter(Filter::Created) => "show-created",
            Self::Filter(Filter::Duplicate) => "show-duplicate",
            Self::Filter(Filter::Attention) => "show-attention",
            Self::Filter(Filter::Waiting) => "show-queued",
            Self::Filter(Filter::All) => "show-all",
            Self::Filter(Filter::Team) => "show-team",
            Self::Search => "search",
            Self::EndSearch => "end-search",
            Self::Suspend => "suspend",
            Self::Repaint => "repaint",
            Self::Yes => "yes",
            Self::No => "no",
            Self::Edit(edit) => edit_name(edit),
        }
    }
}

fn edit_name(edit: Edit) -> &'static str {
    match edit {
        Edit::Left => "left",
        Edit::Right => "right",
        Edit::WordLeft => "word-left",
        Edit::WordRight => "word-right",
        Edit::Home => "home",
        Edit::End => "end",
        Edit::SelectLeft => "select-left",
        Edit::SelectRight => "select-right",
        Edit::SelectHome => "select-home",
        Edit::SelectEnd => "select-end",
        Edit::DeleteBack => "delete-back",
        Edit::DeleteNext => "delete-next",
        Edit::DeleteWordBack => "delete-word-back",
        Edit::DeleteWordNext => "delete-word-next",
        Edit::KillHead => "cut-to-start",
        Edit::KillEnd => "cut-to-end",
        Edit::Yank => "yank",
        Edit::Cut => "cut",
        Edit::Undo => "undo",
        Edit::Redo => "redo",
    }
}
