//! Everything that can be done at the moment, to be found by typing some letters of it.

use std::cmp::Reverse;

use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{AtomKind, CaseMatching, Normalization, Pattern},
};

use super::{
    input::{Edit, Input},
    keymap::{Action, KeyScope, Keymap},
    row_keys,
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

impl PaletteItem {
    /// What it is listed under.
    pub(super) fn heading(&self) -> &'static str {
        if row_keys::is_about_a_row(self.action) { "This row" } else { self.scope.heading() }
    }
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
    /// What can be done in `under` and whatever lies below it, and in the other pane, as far as
    /// it `fits` how things stand.
    pub(super) fn open(keymap: &Keymap, under: KeyScope, fits: impl Fn(Action) -> bool) -> Self {
        let mut entries: Vec<PaletteItem> = Vec::new();
        let mut scopes = under.chain().to_vec();
        scopes.extend(beside(under));
        // What fits here first; moves of the caret are the least worth listing.
        scopes.sort_by_key(|scope| match scope {
            KeyScope::Text => 2,
            KeyScope::Everywhere => 1,
            KeyScope::Form
            | KeyScope::Choice
            | KeyScope::Country
            | KeyScope::Button
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
            | KeyScope::Setup => 0,
        });
        for scope in scopes {
            for (binding, chords) in keymap.bindings(scope) {
                let listed = |entry: &PaletteItem| entry.action == binding.action;
                let fits = fits(binding.action) && binding.action != Action::Palette;
                if !fits || entries.iter().any(listed) {
                    continue;
                }
                let keys = if chords.is_empty() { String::new() } else { keymap.keys(chords) };
                let (action, name, means) = (binding.action, binding.name(), binding.help);
                entries.push(PaletteItem { scope, action, name, means, keys });
            }
        }
        // What can be done with the row stands together, and before the rest of its pane.
        entries.sort_by_key(|item| !(under == item.scope && row_keys::is_about_a_row(item.action)));
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
        let best: Vec<usize> = scored.into_iter().map(|(_, at)| at).collect();
        self.together(&best)
    }

    /// What stands under one heading together, in the order in which the headings come.
    fn together(&self, best: &[usize]) -> Vec<usize> {
        let heading = |at: usize| self.entries[at].heading();
        let first = |at: usize| best.iter().position(|other| heading(*other) == heading(at));
        let mut found = best.to_vec();
        found.sort_by_key(|at| first(*at));
        found
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
        | KeyScope::Check
        | KeyScope::Lookup
        | KeyScope::Palette
        | KeyScope::Help
        | KeyScope::Welcome
        | KeyScope::Setup => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            keymap::TABLE,
            results::Filter,
            script::{created, duplicate},
        },
        *,
    };
    use crate::submission::{Entry, Whose};

    /// What one of our rows, if there is any, can be asked for.
    fn on_row(row: Option<&Entry>) -> impl Fn(Action) -> bool {
        move |action| row_keys::fits(action, row, Whose::Ours)
    }

    fn palette(under: KeyScope) -> Palette {
        Palette::open(&Keymap::default(), under, on_row(None))
    }

    #[test]
    fn only_what_a_row_can_be_asked_for_is_listed_and_it_comes_first() {
        let row = created(1, "A", "B", "9876543210", "63c7");
        let palette = Palette::open(&Keymap::default(), KeyScope::Results, on_row(Some(&row)));
        let actions: Vec<_> = palette.entries.iter().map(|entry| entry.action).collect();
        assert!(!actions.contains(&Action::Compare) && !actions.contains(&Action::Retry));
        assert!(actions.contains(&Action::DeleteContact));
        assert_eq!(palette.found().next().unwrap().heading(), "This row");
    }

    #[test]
    fn every_action_of_the_table_is_listed_from_the_form_or_the_results() {
        use KeyScope::{Choice, Compare, Country, Results, Search, Setup, Text, Welcome};
        let mut listed: Vec<_> = [Text, Choice, Country, Results, Search, Compare, Welcome, Setup]
            .into_iter()
            .flat_map(|scope| palette(scope).entries)
            .map(|entry| entry.action)
            .collect();
        let rows = [
            duplicate(1, "A", "B", "9876543210", "Jane Roe"),
            created(1, "A", "B", "9876543210", "63c7"),
        ];
        for row in &rows {
            let here = Palette::open(&Keymap::default(), Results, on_row(Some(row)));
            listed.extend(here.entries.into_iter().map(|entry| entry.action));
        }
        // These belong to a list or a question.
        listed.extend([Action::Accept, Action::AcceptBack, Action::Palette, Action::Run]);
        listed.extend([Action::Yes, Action::No, Action::Send]);
        for binding in TABLE {
            assert!(listed.contains(&binding.action), "{binding:?}");
        }
    }

    #[test]
    fn some_letters_of_it_find_an_action_and_its_key() {
        let mut palette = palette(KeyScope::Text);
        palette.change(|query| assert!(query.insert("dupl only")));
        let choice = palette.choice().unwrap();
        assert_eq!((choice.action, choice.keys.as_str()), (Action::Filter(Filter::Duplicate), "3"));
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
        assert_eq!(palette.choice().unwrap().action, Action::Filter(Filter::Duplicate));
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
