//! What the keys do here and now: the few worth a place in the last line. The keys
//! themselves are read from the one table, so hints and keys cannot disagree.

use super::{
    keymap::{Action, KeyScope, Keymap},
    theme::Theme,
};

/// One entry of the last line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hint {
    /// The action's first key, and a word for it.
    Key(Action, &'static str),
    /// The keys that move a mark.
    Arrows(&'static str),
    /// The number keys of the filters.
    Filters(&'static str, &'static str),
}

use Hint::{Arrows, Filters, Key};

/// For places where the same holds whatever they show.
pub(super) fn fixed(scope: KeyScope) -> &'static [Hint] {
    match scope {
        KeyScope::Everywhere => &[Key(Action::Submit, "submit"), Key(Action::Palette, "actions")],
        KeyScope::Form
        | KeyScope::Choice
        | KeyScope::Country
        | KeyScope::Button
        | KeyScope::Text => &[
            Key(Action::Next, "next"),
            Key(Action::Submit, "submit"),
            Key(Action::OtherPane, "results"),
            Key(Action::Clear, "clear"),
            Key(Action::Palette, "actions"),
        ],
        KeyScope::Picker => &[
            Key(Action::Accept, "take"),
            Arrows("move"),
            Key(Action::Close, "leave"),
            Key(Action::Submit, "submit"),
        ],
        KeyScope::Results => &[
            Key(Action::Show, "details"),
            Key(Action::Search, "search"),
            Filters("1-5", "filter"),
            Key(Action::OtherPane, "form"),
            Key(Action::Palette, "actions"),
        ],
        KeyScope::Search => {
            &[Key(Action::EndSearch, "to the rows"), Key(Action::Close, "end search")]
        }
        KeyScope::Details => &[Key(Action::Close, "back")],
        KeyScope::Compare => &[
            Key(Action::DoMarked, "do it"),
            Arrows("move"),
            Key(Action::Copy, "copy id"),
            Key(Action::Close, "back"),
        ],
        KeyScope::Confirm => &[Key(Action::Yes, "yes"), Key(Action::No, "no")],
        KeyScope::Lookup => {
            &[Key(Action::Accept, "take"), Arrows("move"), Key(Action::Close, "leave")]
        }
        KeyScope::Check => &[Key(Action::Send, "send it"), Key(Action::Close, "back")],
        KeyScope::Palette => {
            &[Key(Action::Run, "do it"), Arrows("move"), Key(Action::Close, "close")]
        }
        KeyScope::Help => &[Arrows("scroll"), Key(Action::Close, "close")],
        KeyScope::Welcome => &[Key(Action::DoMarked, "choose"), Arrows("move")],
        KeyScope::Setup => {
            &[Key(Action::Next, "next"), Key(Action::Submit, "save"), Key(Action::Close, "back")]
        }
    }
}

/// As they are shown: keys of these names, and words. What has no key there is left out.
pub(super) fn named(
    theme: &Theme,
    keymap: &Keymap,
    scope: KeyScope,
    hints: impl IntoIterator<Item = Hint>,
) -> Vec<(String, &'static str)> {
    let name = |hint: Hint| match hint {
        Key(action, word) => keymap.reached(scope, action).map(|key| (key, word)),
        Arrows(word) => Some((theme.glyphs.arrows.to_owned(), word)),
        Filters(keys, word) => Some((keys.to_owned(), word)),
    };
    hints.into_iter().filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::theme::{Depth, Themes};

    #[test]
    fn every_hint_names_a_key_that_does_it_there() {
        let theme = Themes::new(Depth::True, true).current();
        for scope in KeyScope::ALL {
            for hint in fixed(scope) {
                let named = named(&theme, &Keymap::default(), scope, [*hint]);
                assert_eq!(named.len(), 1, "{scope:?} {hint:?}");
            }
        }
    }
}
