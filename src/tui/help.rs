//! The help: the whole key table in words, grouped by where the keys hold.

use super::keymap::{Scope, TABLE};

/// One line of the help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum HelpLine {
    Heading(&'static str),
    Key { keys: String, means: &'static str },
    Blank,
}

const ORDER: [Scope; 13] = [
    Scope::Everywhere,
    Scope::Form,
    Scope::Choice,
    Scope::Country,
    Scope::Picker,
    Scope::Button,
    Scope::Text,
    Scope::Results,
    Scope::Search,
    Scope::Details,
    Scope::Compare,
    Scope::Confirm,
    Scope::Help,
];

/// Every line, in reading order.
pub(super) fn lines() -> Vec<HelpLine> {
    ORDER.into_iter().flat_map(section).collect()
}

fn section(scope: Scope) -> Vec<HelpLine> {
    let bindings = TABLE.iter().filter(|binding| binding.scope == scope);
    let mut lines = vec![HelpLine::Heading(scope.heading())];
    lines.extend(bindings.map(|b| HelpLine::Key { keys: b.keys(), means: b.help }));
    lines.push(HelpLine::Blank);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_binding_is_in_the_help() {
        let told = lines().iter().filter(|line| matches!(line, HelpLine::Key { .. })).count();
        assert_eq!(told, TABLE.len());
    }
}
