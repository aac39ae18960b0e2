//! How the form looks and what its keys do, as the files say it: themes, keys, mouse and
//! bell. Only the shape is checked here; which colours and actions exist is the
//! terminal's to know. Each value keeps its place, so that a mistake found there is told
//! with its line all the same.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::de::{DeTable, DeValue};

use super::{ConfigError, Environment, Overrides, ValueOrigin, layers::Layers, origin::Setting};

/// How the number to read back is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReadBackSetting {
    /// In large digits, where there is room.
    #[default]
    Big,
    /// In one row, with blanks between the digits.
    Spaced,
}

/// How the agent is called while another window has the keyboard.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NotifySetting {
    /// Not at all.
    #[default]
    Off,
    /// By the terminal's bell.
    Bell,
    /// By a notification of the terminal.
    Desktop,
}

/// The part of the configuration that no profile has: it is about the person, not about
/// the platform.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AppearanceSettings {
    /// The theme's name.
    pub theme: Option<Setting<String>>,
    /// Custom themes: what each part of the screen is drawn with.
    pub themes: BTreeMap<String, BTreeMap<String, Setting<String>>>,
    /// Keys by action, or by scope, dot and action.
    pub keys: BTreeMap<String, Setting<Vec<String>>>,
    /// How large the number to read back is.
    pub read_back: Option<ReadBackSetting>,
    /// How the agent is called while elsewhere.
    pub notify: Option<NotifySetting>,
    /// Whether clicks and the wheel are for the program.
    pub mouse: Option<bool>,
    /// Whether a problem found while typing rings the terminal's bell.
    pub bell: Option<bool>,
}

impl AppearanceSettings {
    /// Reads it from the same files as the profiles.
    ///
    /// # Errors
    /// As [`super::Config::load`], for what is wrong in the files.
    pub fn load(environment: &Environment, overrides: &Overrides) -> Result<Self, ConfigError> {
        Ok(Layers::read(environment, overrides, true)?.merged.look)
    }

    /// Finds themes and keys in a file whose types were checked; `at` tells a byte's place.
    ///
    /// # Errors
    /// Place and sentence for a key that is no list of strings.
    pub(super) fn find(
        &mut self,
        table: &DeTable<'_>,
        at: &dyn Fn(usize) -> ValueOrigin,
    ) -> Result<(), String> {
        for (key, value) in table {
            let inner = value.get_ref().as_table();
            match (key.get_ref().as_ref(), inner) {
                ("theme", _) => {
                    let name = value.get_ref().as_str().map(str::to_owned);
                    let origin = at(key.span().start);
                    self.theme = name.map(|value| Setting { value, origin });
                }
                ("themes", Some(themes)) => self.find_themes(themes, at),
                ("keys", Some(keys)) => self.find_keys("", keys, at)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn find_themes(&mut self, themes: &DeTable<'_>, at: &dyn Fn(usize) -> ValueOrigin) {
        for (name, theme) in themes {
            let parts = theme.get_ref().as_table().into_iter().flatten();
            let parts = parts.filter_map(|(part, value)| {
                let value = value.get_ref().as_str()?.to_owned();
                let origin = at(part.span().start);
                Some((part.get_ref().to_string(), Setting { value, origin }))
            });
            self.themes.insert(name.get_ref().to_string(), parts.collect());
        }
    }

    fn find_keys(
        &mut self,
        scope: &str,
        keys: &DeTable<'_>,
        at: &dyn Fn(usize) -> ValueOrigin,
    ) -> Result<(), String> {
        for (key, value) in keys {
            let name = format!("{scope}{}", key.get_ref());
            let origin = at(key.span().start);
            if let Some(inner) = value.get_ref().as_table() {
                self.find_keys(&format!("{name}."), inner, at)?;
                continue;
            }
            let Some(value) = texts(value.get_ref()) else {
                return Err(format!(
                    "{origin}: `{name}` must be a list of keys, such as [\"ctrl-s\", \"f2\"]"
                ));
            };
            self.keys.insert(name, Setting { value, origin });
        }
        Ok(())
    }

    /// Takes out what is not wanted; themes of one's own are no setting.
    pub(super) fn keep(&mut self, wanted: impl Fn(&str) -> bool) {
        self.theme = self.theme.take().filter(|_| wanted("theme"));
        self.mouse = self.mouse.filter(|_| wanted("mouse"));
        self.bell = self.bell.filter(|_| wanted("bell"));
        if !wanted("keys") {
            self.keys.clear();
        }
    }

    /// Lays another file's over this one, key by key.
    pub(super) fn overlay(&mut self, over: Self) {
        self.theme = over.theme.or(self.theme.take());
        self.read_back = over.read_back.or(self.read_back);
        self.notify = over.notify.or(self.notify);
        self.mouse = over.mouse.or(self.mouse);
        self.bell = over.bell.or(self.bell);
        self.keys.extend(over.keys);
        for (name, parts) in over.themes {
            self.themes.entry(name).or_default().extend(parts);
        }
    }
}

/// One key, or a list of them.
fn texts(value: &DeValue<'_>) -> Option<Vec<String>> {
    if let Some(text) = value.as_str() {
        return Some(vec![text.to_owned()]);
    }
    let list = value.as_array()?.iter();
    list.map(|each| each.get_ref().as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{super::file::File, *};

    fn read(text: &str) -> Result<AppearanceSettings, String> {
        File::parse(Path::new("config.toml"), text).map(|file| file.look)
    }

    #[test]
    fn themes_and_keys_keep_their_lines() {
        let look = read(
            "theme = \"mine\"\nmouse = false\n[keys]\nsubmit = \"f2\"\nresults.retry = [\"x\"]\n\
             [themes.mine]\nfocus = \"#ff0000\"\n",
        )
        .unwrap();
        assert_eq!(look.theme.unwrap().value, "mine");
        assert_eq!((look.mouse, look.bell), (Some(false), None));
        assert_eq!(look.keys["submit"].value, ["f2"]);
        assert_eq!(look.keys["results.retry"].value, ["x"]);
        assert_eq!(look.keys["results.retry"].origin.to_string(), "config.toml, line 5");
        assert_eq!(look.themes["mine"]["focus"].origin.to_string(), "config.toml, line 7");
    }

    #[test]
    fn a_wrong_shape_is_told_with_its_line() {
        for (text, parts) in [
            ("\nmouse = \"no\"\n", &["line 2", "`mouse` must be true or false"][..]),
            ("theme = 7\n", &["line 1", "`theme` must be a string"]),
            ("[keys]\nsubmit = 7\n", &["line 2", "`submit` must be a list of keys"]),
            ("[keys]\nresults.retry = [7]\n", &["line 2", "`results.retry` must be a list"]),
            ("[themes.mine]\nfocus = 7\n", &["line 2", "`focus` must be a string"]),
            ("[themes]\nmine = \"x\"\n", &["line 2", "`mine` must be"]),
            ("thme = \"x\"\n", &["line 1", "did you mean `theme`"]),
        ] {
            let error = read(text).unwrap_err();
            assert!(parts.iter().all(|part| error.contains(part)), "{error}");
        }
    }

    #[test]
    fn a_users_file_lies_over_the_administrators_key_by_key() {
        let mut below = read(
            "theme = \"light\"\nbell = true\n[keys]\nsubmit = \"f2\"\nquit = \"f10\"\n\
             [themes.mine]\nfocus = \"red\"\nerror = \"red\"\n",
        )
        .unwrap();
        let over = read("theme = \"mine\"\nkeys.quit = \"f9\"\nthemes.mine.focus = \"blue\"\n");
        below.overlay(over.unwrap());
        assert_eq!(below.theme.unwrap().value, "mine");
        assert_eq!(below.bell, Some(true));
        assert_eq!(below.keys["submit"].value, ["f2"]);
        assert_eq!(below.keys["quit"].value, ["f9"]);
        assert_eq!(below.themes["mine"]["focus"].value, "blue");
        assert_eq!(below.themes["mine"]["error"].value, "red");
    }
}
