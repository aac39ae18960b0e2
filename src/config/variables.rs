//! Environment variables that have our prefix and that nobody reads: most likely a name
//! was misspelt, and what it was meant to say does not count.

use super::{
    Environment,
    keys::{KEYS, likely, variable},
};

const PREFIX: &str = "ROLODESK_";

/// What is read beside the keys of a profile.
const BESIDE: [&str; 5] = ["CONFIG", "PROFILE", "DATA_DIR", "LOG", "AGENT"];

/// A sentence for each of them, by name. A value is never repeated: it may be a secret.
pub(super) fn unread(environment: &Environment) -> Vec<String> {
    let keys = KEYS.map(variable);
    let keys = keys.iter().filter_map(|name| name.strip_prefix(PREFIX));
    let known: Vec<_> = keys.chain(BESIDE).collect();
    let ours = environment.names().filter_map(|name| name.strip_prefix(PREFIX));
    let mut unread: Vec<_> = ours.filter(|name| !known.contains(name)).collect();
    unread.sort_unstable();
    unread.into_iter().map(|name| sentence(name, &known)).collect()
}

fn sentence(name: &str, known: &[&str]) -> String {
    match likely(name, known) {
        Some(meant) => {
            format!("there is no variable {PREFIX}{name}; did you mean {PREFIX}{meant}?")
        }
        None => format!(
            "there is no variable {PREFIX}{name}; behind {PREFIX} there may be {}",
            known.join(", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn told(names: &[&str]) -> Vec<String> {
        let variables = names.iter().map(|name| (*name, "hunter2"));
        unread(&Environment::only(variables, Path::new("/home/a")))
    }

    #[test]
    fn a_misspelt_variable_is_told_with_what_was_likely_meant_and_without_its_value() {
        let told = told(&["ROLODESK_STEAM_ID", "ROLODESK_HOTS", "ROLODESK_COLOUR_OF_KEYS", "PATH"]);
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told[0].contains("behind ROLODESK_ there may be HOST, STREAM_ID"), "{told:?}");
        assert!(told[1].ends_with("ROLODESK_HOTS; did you mean ROLODESK_HOST?"), "{told:?}");
        assert!(told[2].contains("did you mean ROLODESK_STREAM_ID?"), "{told:?}");
        assert!(!told.concat().contains("hunter2"));
    }

    #[test]
    fn every_variable_that_is_read_is_known_and_an_empty_one_is_none() {
        let keys = KEYS.map(variable);
        let beside = BESIDE.map(|name| format!("ROLODESK_{name}"));
        let names: Vec<_> = keys.iter().chain(&beside).map(String::as_str).collect();
        assert_eq!(told(&names), Vec::<String>::new());
        let empty = Environment::only([("ROLODESK_HOTS", "")], Path::new("/home/a"));
        assert_eq!(unread(&empty), Vec::<String>::new());
    }
}
