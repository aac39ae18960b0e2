//! Everything that can be done at the moment, to be found by typing some letters of it.

use std::cmp::Reverse;

use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{AtomKind, CaseMatching, Normalization, Pattern},
};

use super::{
    input::{Edit, Input},
    keymap::{Action, KeyScope, Keymap},
};

/// One thing that can be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PaletteItem {
    /// Where it holds.
    pub(super) scope: KeyScope,
    pub(super) action: Action,
    /// What the configuration calls it.
    pub(super) name: &'static str,
    /// What it does, in words.
    pub(super) means: &'static str,
    /// Its keys, as people write them.
    pub(super) keys: String,
}

/// The open list.
#[derive(Debug, Clone)]
pub(super) struct Palette {
    query: Input,
    entries: Vec<PaletteItem>,
    found: Vec<usize>,
    marked: usize,
}

impl Palette {
    /// What can be done in `under` and whatever lies below it, and in the other pane.
    pub(super) fn open(keymap: &Keymap, under: KeyScope) -> Self {
        let mut entries: Vec<PaletteItem> = Vec::new();
        let mut scopes = under.chain().to_vec();
        scopes.extend(beside(under));
        // What is always there first; moves of the caret are the least worth listing.
        scopes.sort_by_key(|scope| match scope {
            KeyScope::Everywhere => 0,
            KeyScope::Text => 2,
            _ => 1,
        });
        for scope in scopes {
            for (binding, chords) in keymap.bindings(scope) {
                let listed = |entry: &PaletteItem| entry.action == binding.action;
                if binding.action == Action::Palette || entries.iter().any(listed) {
                    continue;
                }
                let keys = if chords.is_empty() { String::new() } else { keymap.keys(chords) };
                let (action, name, means) = (binding.action, binding.name(), binding.help);
                entries.push(PaletteItem { scope, action, name, means, keys });
            }
        }
        let mut palette = Self { query: Input::default(), entries, found: Vec::new(), marked: 0 };
        palette.search();
        palette
    }

    pub(super) fn query(&self) -> &Input {
        &self.query
    }

    /// What matches, best first.
    pub(super) fn found(&self) -> impl ExactSizeIterator<Item = &PaletteItem> {
        self.found.iter().map(|at| &self.entries[*at])
    }

    pub(super) fn marked(&self) -> usize {
        self.marked
    }

    /// What Enter would do.
    pub(super) fn choice(&self) -> Option<&PaletteItem> {
        self.found().nth(self.marked)
    }

    pub(super) fn mark(&mut self, row: usize) {
        self.marked = row.min(self.found.len().saturating_sub(1));
    }

    pub(super) fn move_by(&mut self, rows: isize) {
        self.mark(self.marked.saturating_add_signed(rows));
    }

    /// Changes the query.
    pub(super) fn change(&mut self, change: impl FnOnce(&mut Input)) {
        let before = self.query.text().to_owned();
        change(&mut self.query);
        if before != self.query.text() {
            self.search();
        }
    }

    pub(super) fn edit(&mut self, edit: Edit) {
        self.change(|query| query.edit(edit));
    }

    /// Words found as they are go before letters that are only found in this order.
    fn search(&mut self) {
        self.marked = 0;
        self.found = self.matching(AtomKind::Substring);
        if self.found.is_empty() {
            self.found = self.matching(AtomKind::Fuzzy);
        }
    }

    fn matching(&self, kind: AtomKind) -> Vec<usize> {
        let query = self.query.text();
        let pattern = Pattern::new(query, CaseMatching::Ignore, Normalization::Smart, kind);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut letters = Vec::new();
        let mut score = |entry: &PaletteItem| {
            let PaletteItem { scope, name, means, keys, .. } = entry;
            let text = format!("{means} {} {keys} {name}", scope.heading());
            pattern.score(Utf32Str::new(&text, &mut letters), &mut matcher)
        };
        let scored = self.entries.iter().enumerate();
        let mut scored: Vec<_> =
            scored.filter_map(|(at, entry)| Some((Reverse(score(entry)?), at))).collect();
        scored.sort_unstable();
        scored.into_iter().map(|(_, at)| at).collect()
    }
}

/// The other pane, whose actions are listed too.
fn beside(under: KeyScope) -> Option<KeyScope> {
    match under {
        KeyScope::Form
        | KeyScope::Choice
        | KeyScope::Country
        | KeyScope::Button
        | KeyScope::Text => Some(KeyScope::Results),
        KeyScope::Results => Some(KeyScope::Form),
        KeyScope::Everywhere
        | KeyScope::Picker
        | KeyScope::Search
        | KeyScope::Details
        | KeyScope::Compare
        | KeyScope::Confirm
        | KeyScope::Palette
        | KeyScope::Help
        | KeyScope::Welcome
        | KeyScope::Setup => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::keymap::TABLE, *};

    fn palette(under: KeyScope) -> Palette {
        Palette::open(&Keymap::default(), under)
    }

    #[test]
    fn every_action_of_the_table_is_listed_from_the_form_or_the_results() {
        use KeyScope::{Choice, Compare, Country, Results, Search, Setup, Text, Welcome};
        let mut listed: Vec<_> = [Text, Choice, Country, Results, Search, Compare, Welcome, Setup]
            .into_iter()
            .flat_map(|scope| palette(scope).entries)
            .map(|entry| entry.action)
            .collect();
        // These belong to a list or a question.
        listed.extend([Action::Accept, Action::AcceptBack, Action::Palette, Action::Run]);
        listed.extend([Action::Yes, Action::No]);
        for binding in TABLE {
            assert!(listed.contains(&binding.action), "{binding:?}");
        }
    }

    #[test]
    fn some_letters_of_it_find_an_action_and_its_key() {
        let mut palette = palette(KeyScope::Text);
        palette.change(|query| assert!(query.insert("dupl only")));
        let choice = palette.choice().unwrap();
        assert_eq!((choice.action, choice.keys.as_str()), (Action::Filter(3), "3"));
        assert_eq!(choice.scope, KeyScope::Results);
    }

    #[test]
    fn an_action_is_found_by_what_the_configuration_calls_it_and_by_nothing_far_fetched() {
        let mut palette = palette(KeyScope::Text);
        palette.change(|query| assert!(query.insert("theme")));
        let found: Vec<_> = palette.found().map(|entry| entry.action).collect();
        assert_eq!(found, [Action::NextTheme]);
        palette.change(|query| query.edit(Edit::KillHead));
        palette.change(|query| assert!(query.insert("shwdup")));
        assert_eq!(palette.choice().unwrap().action, Action::Filter(3));
    }

    #[test]
    fn no_action_is_listed_twice() {
        for scope in [KeyScope::Text, KeyScope::Results, KeyScope::Details, KeyScope::Picker] {
            let entries = palette(scope).entries;
            for (at, entry) in entries.iter().enumerate() {
                let rest = &entries[at + 1..];
                assert!(!rest.iter().any(|other| other.action == entry.action), "{entry:?}");
            }
        }
    }

    #[test]
    fn the_mark_stays_on_what_is_found() {
        let mut palette = palette(KeyScope::Text);
        palette.move_by(isize::MAX);
        assert_eq!(palette.marked() + 1, palette.found().len());
        palette.change(|query| assert!(query.insert("zzzz")));
        palette.move_by(1);
        assert_eq!((palette.choice(), palette.marked()), (None, 0));
    }
}
