//! Keys of the person's own: the table with other keys for some actions, checked before
//! the screen opens, so that no key silently does nothing or something else.

use super::{Action, Binding, Chord, KeyScope, Keymap, TABLE};
use crate::tui::theme::{Mistake, nearest};

impl Keymap {
    /// The table with these actions' keys in place of its own. An action is named alone,
    /// for everywhere it is bound, or with its scope: `retry`, `results.retry`.
    ///
    /// # Errors
    /// The first name that is none, key that is none, or clash.
    pub fn custom<'a>(
        wanted: impl Iterator<Item = (&'a str, &'a [String])> + Clone,
    ) -> Result<Self, Mistake> {
        let mut keymap = Self::default();
        let mut own = vec![None; TABLE.len()];
        // A name with its scope goes before one without, whatever their order.
        let (scoped, broad): (Vec<_>, Vec<_>) = wanted.partition(|(name, _)| name.contains('.'));
        for (name, texts) in broad.into_iter().chain(scoped) {
            let mistake = |problem| Mistake { key: name.to_owned(), problem };
            let rows = rows(name).map_err(mistake)?;
            let chords = texts.iter().map(|text| Chord::parse(text)).collect::<Result<Vec<_>, _>>();
            let chords = chords.map_err(|problem| mistake(format!("`{name}`: {problem}")))?;
            for row in rows {
                keymap.chords[row].clone_from(&chords);
                own[row] = Some(name);
            }
        }
        if own.iter().all(Option::is_none) {
            return Ok(keymap);
        }
        let mine = |row: usize| own[row].map(str::to_owned);
        for row in (0..TABLE.len()).filter(|row| own[*row].is_some()) {
            keymap.check_row(row).map_err(|problem| {
                let key = mine(row).unwrap_or_default();
                Mistake { key, problem }
            })?;
        }
        keymap.check_quit().map_err(|problem| {
            let blamed = (0..TABLE.len()).find(|row| own[*row].is_some());
            Mistake { key: blamed.and_then(mine).unwrap_or_default(), problem }
        })?;
        Ok(keymap)
    }

    /// Whether each key of the row reaches its action wherever the row holds.
    fn check_row(&self, row: usize) -> Result<(), String> {
        let binding = &TABLE[row];
        let named = |at: usize| format!("{}.{}", TABLE[at].scope.name(), TABLE[at].name());
        let mut seen = Vec::new();
        for chord in &self.chords[row] {
            let key = chord.name();
            if seen.contains(chord) {
                return Err(format!("`{}` has {key} twice", named(row)));
            }
            seen.push(*chord);
            for scope in KeyScope::ALL.iter().filter(|it| it.chain().contains(&binding.scope)) {
                if chord.types() && scope.types() {
                    return Err(format!(
                        "`{}` cannot be {key}: it types a character in {}; name another key, or \
                         the scope, such as results.{}",
                        named(row),
                        scope.heading().to_lowercase(),
                        binding.name()
                    ));
                }
                let nearer = scope.chain().iter().take_while(|it| **it != binding.scope);
                let rivals = nearer.chain([&binding.scope]);
                let taken = rivals
                    .flat_map(|it| self.rows_of(*it))
                    .find(|other| *other != row && self.chords[*other].contains(chord));
                if let Some(other) = taken.filter(|other| TABLE[*other].action != binding.action) {
                    return Err(format!(
                        "{key} means both `{}` and `{}`; give one of them another key",
                        named(row),
                        named(other)
                    ));
                }
            }
        }
        Ok(())
    }

    /// Nobody may lock themselves in.
    fn check_quit(&self) -> Result<(), String> {
        for (action, word) in [(Action::Quit, "quit"), (Action::Submit, "submit")] {
            let bound = |row: &usize| TABLE[*row].action == action;
            let reached = self.rows_of(KeyScope::Everywhere).filter(bound);
            if reached.flat_map(|row| &self.chords[row]).next().is_none() {
                return Err(format!("`everywhere.{word}` needs at least one key"));
            }
        }
        let locked = KeyScope::ALL.into_iter().find(|scope| {
            let quits = |chord: &Chord| self.action(*scope, *chord) == Some(Action::Quit);
            !self.chords.iter().flatten().any(quits)
        });
        match locked {
            Some(scope) => Err(format!("no key quits from {}", scope.heading().to_lowercase())),
            None => Ok(()),
        }
    }

    fn rows_of(&self, scope: KeyScope) -> impl Iterator<Item = usize> {
        (0..self.chords.len()).filter(move |row| TABLE[*row].scope == scope)
    }
}

/// The rows of the table that a name means.
fn rows(name: &str) -> Result<Vec<usize>, String> {
    let (scope, action) = match name.split_once('.') {
        Some((scope, action)) => (Some(scope), action),
        None => (None, name),
    };
    if let Some(scope) = scope.filter(|scope| !KeyScope::ALL.iter().any(|it| it.name() == *scope)) {
        let names = KeyScope::ALL.map(KeyScope::name);
        return Err(match nearest(scope, names.into_iter()) {
            Some(near) => format!("there are no keys in `{scope}`; did you mean `{near}`?"),
            None => format!("there are no keys in `{scope}`; there are {}", names.join(", ")),
        });
    }
    let fits = |row: &usize| {
        let binding = &TABLE[*row];
        binding.name() == action && scope.is_none_or(|scope| binding.scope.name() == scope)
    };
    let found: Vec<_> = (0..TABLE.len()).filter(fits).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let known = TABLE.iter().filter(|it| scope.is_none_or(|scope| it.scope.name() == scope));
    Err(match nearest(action, known.map(Binding::name)) {
        Some(near) => format!("there is no action `{name}`; did you mean `{near}`?"),
        None => format!("there is no action `{name}`; F1 in the form shows what there is"),
    })
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

    use super::{super::KeyMeaning, *};

    fn custom(wanted: &[(&str, &[&str])]) -> Result<Keymap, Mistake> {
        let owned: Vec<(&str, Vec<String>)> = wanted
            .iter()
            .map(|(name, keys)| (*name, keys.iter().map(|key| (*key).to_owned()).collect()))
            .collect();
        Keymap::custom(owned.iter().map(|(name, keys)| (*name, keys.as_slice())))
    }

    #[test]
    fn the_table_itself_lets_everybody_out() {
        assert_eq!(Keymap::default().check_quit(), Ok(()));
    }

    fn press(keymap: &Keymap, scope: KeyScope, code: KeyCode) -> KeyMeaning {
        keymap.resolve(scope, KeyEvent::new(code, KeyModifiers::NONE))
    }

    #[test]
    fn a_key_of_ones_own_replaces_the_tables() {
        let keymap = custom(&[("submit", &["f2", "ctrl-s"]), ("results.retry", &["x"])]).unwrap();
        let meaning = |scope, code| press(&keymap, scope, code);
        assert_eq!(meaning(KeyScope::Text, KeyCode::F(2)), KeyMeaning::Action(Action::Submit));
        assert_eq!(
            meaning(KeyScope::Results, KeyCode::Char('x')),
            KeyMeaning::Action(Action::Retry)
        );
        assert_eq!(meaning(KeyScope::Results, KeyCode::Char('r')), KeyMeaning::Char('r'));
        assert_eq!(
            meaning(KeyScope::Details, KeyCode::Char('r')),
            KeyMeaning::Action(Action::Retry)
        );
        assert_eq!(
            meaning(KeyScope::Button, KeyCode::Char(' ')),
            KeyMeaning::Action(Action::Submit)
        );
        assert_eq!(keymap.reached(KeyScope::Text, Action::Submit).as_deref(), Some("F2"));
    }

    #[test]
    fn a_name_without_a_scope_means_everywhere_and_one_with_it_goes_before() {
        let keymap = custom(&[("results.retry", &["x"]), ("retry", &["t"])]).unwrap();
        let meaning = |scope, c| press(&keymap, scope, KeyCode::Char(c));
        assert_eq!(meaning(KeyScope::Results, 'x'), KeyMeaning::Action(Action::Retry));
        assert_eq!(meaning(KeyScope::Details, 't'), KeyMeaning::Action(Action::Retry));
    }

    #[test]
    fn mistakes_are_found_before_the_screen_opens() {
        for (wanted, part) in [
            (("submitt", &["f2"][..]), "did you mean `submit`"),
            (("frobnicate", &["f2"]), "no action `frobnicate`"),
            (("resluts.retry", &["x"]), "did you mean `results`"),
            (("results.retyr", &["x"]), "did you mean `retry`"),
            (("submit", &["ctrl-shift-s"]), "without shift"),
            (("submit", &["f99"]), "`f99` is no key"),
            (("results.retry", &["d"]), "`results.retry` and `results.discard`"),
            // It would be shadowed where a nearer scope has the key.
            (("palette", &["ctrl-k"]), "`text.cut-to-end`"),
            (("submit", &["ctrl-l"]), "`form.clear`"),
            (("submit", &["f6"]), "other-pane`"),
            (("submit", &["f2", "F2"]), "twice"),
            // A letter cannot act where letters are typed.
            (("submit", &["s"]), "types a character"),
            (("close", &["x"]), "types a character"),
            (("quit", &[]), "at least one key"),
            (("submit", &[]), "at least one key"),
        ] {
            let mistake = custom(&[wanted]).unwrap_err();
            assert!(mistake.problem.contains(part), "{wanted:?}: {}", mistake.problem);
            assert_eq!(mistake.key, wanted.0);
        }
    }

    #[test]
    fn two_actions_can_change_places() {
        let keymap = custom(&[("results.retry", &["d"]), ("results.discard", &["r"])]).unwrap();
        let meaning = |c| press(&keymap, KeyScope::Results, KeyCode::Char(c));
        assert_eq!(meaning('d'), KeyMeaning::Action(Action::Retry));
        assert_eq!(meaning('r'), KeyMeaning::Action(Action::Discard));
    }

    #[test]
    fn an_action_can_be_left_without_a_key() {
        let keymap = custom(&[("results.discard", &[])]).unwrap();
        assert_eq!(press(&keymap, KeyScope::Results, KeyCode::Char('d')), KeyMeaning::Char('d'));
    }
}
