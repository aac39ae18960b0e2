//! The help: the whole key table in words, grouped by where the keys hold.

use super::keymap::{Binding, Chord, KeyScope, Keymap};

/// One line of the help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum HelpLine {
    Heading(&'static str),
    Key { keys: String, means: &'static str },
    Blank,
}

/// Every line, in reading order, with the keys in use.
pub(super) fn lines(keymap: &Keymap) -> Vec<HelpLine> {
    KeyScope::ALL.into_iter().flat_map(|scope| section(keymap, scope)).collect()
}

/// The first line about the keys of a place.
pub(super) fn place_of(keymap: &Keymap, scope: KeyScope) -> usize {
    let own = match scope {
        KeyScope::Choice | KeyScope::Country | KeyScope::Button | KeyScope::Text => KeyScope::Form,
        KeyScope::Everywhere
        | KeyScope::Form
        | KeyScope::Picker
        | KeyScope::Results
        | KeyScope::Search
        | KeyScope::Details
        | KeyScope::Compare
        | KeyScope::Confirm
        | KeyScope::Check
        | KeyScope::Lookup
        | KeyScope::Palette
        | KeyScope::Help
        | KeyScope::Welcome
        | KeyScope::Setup => scope,
    };
    let heading = HelpLine::Heading(own.heading());
    lines(keymap).iter().position(|line| *line == heading).unwrap_or(0)
}

fn section(keymap: &Keymap, scope: KeyScope) -> Vec<HelpLine> {
    let key = |(binding, chords): (&Binding, &[Chord])| HelpLine::Key {
        keys: keymap.keys(chords),
        means: binding.help,
    };
    let mut lines = vec![HelpLine::Heading(scope.heading())];
    lines.extend(keymap.bindings(scope).map(key));
    lines.push(HelpLine::Blank);
    lines
}

#[cfg(test)]
mod tests {
    use super::{super::keymap::TABLE, *};

    #[test]
    fn every_binding_is_in_the_help() {
        let told = lines(&Keymap::default())
            .iter()
            .filter(|line| matches!(line, HelpLine::Key { .. }))
            .count();
        assert_eq!(told, TABLE.len());
    }
}
