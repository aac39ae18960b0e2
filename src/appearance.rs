//! The configuration's theme, keys, mouse and bell made into the terminal's, with the
//! place of a mistake.

use crate::{
    config::{self, Config, ConfigError, Environment, Right, Setting, ValueOrigin},
    tui::{
        Notify, ReadBackStyle,
        keymap::{Deed, Keymap},
        theme::{Depth, Mistake, Themes},
    },
};

pub use crate::tui::Appearance;

/// Checks themes and keys against what there is.
///
/// # Errors
/// File and line of the mistake, what is wrong and what is allowed.
pub fn resolve(
    written: &config::AppearanceSettings,
    environment: &Environment,
) -> Result<Appearance, ConfigError> {
    Ok(Appearance {
        themes: themes(written, environment)?,
        keys: keys(written)?,
        read_back: match written.read_back.unwrap_or_default() {
            config::ReadBackSetting::Big => ReadBackStyle::Big,
            config::ReadBackSetting::Spaced => ReadBackStyle::Spaced,
        },
        notify: match written.notify.unwrap_or_default() {
            config::NotifySetting::Off => Notify::Off,
            config::NotifySetting::Bell => Notify::Bell,
            config::NotifySetting::Desktop => Notify::Desktop,
        },
        mouse: written.mouse.unwrap_or(true),
        bell: written.bell.unwrap_or(false),
        // A profile's to say: `restrict`.
        mask_numbers: false,
    })
}

/// Takes out of the keys whatever the configuration does not allow, and off the screen what
/// visitors may not read.
pub fn restrict(look: &mut Appearance, config: &Config) {
    look.mask_numbers = config.mask_numbers;
    if config.mask_numbers {
        // Large, it would be read from across the room.
        look.read_back = ReadBackStyle::Spaced;
    }
    let forbidden = Right::ALL.into_iter().filter(|right| !config.policy.allows(*right));
    for right in forbidden.chain((!config.clipboard).then_some(Right::Copy)) {
        match right {
            Right::Create => look.keys.forbid(Deed::Create),
            Right::Update => look.keys.forbid(Deed::Update),
            Right::Delete => look.keys.forbid(Deed::Delete),
            Right::Copy => look.keys.forbid(Deed::Copy),
            // The form has neither.
            Right::Import | Right::Export => {}
        }
    }
}

fn themes(
    written: &config::AppearanceSettings,
    environment: &Environment,
) -> Result<Themes, ConfigError> {
    let variable = |name| environment.get(name).unwrap_or_default();
    let no_color = environment.get("NO_COLOR").is_some();
    let depth = Depth::of(&variable("TERM"), &variable("COLORTERM"), no_color);
    let mut themes = Themes::new(depth, environment.is_utf8());
    for (name, lines) in &written.themes {
        let pairs = lines.iter().map(|(key, line)| (key.as_str(), line.value.as_str()));
        themes.add(name, pairs).map_err(|Mistake { key, problem }| {
            let origin = lines.get(&key).or_else(|| lines.values().next());
            at(origin.map(|line| &line.origin), &format!("theme `{name}`: {problem}"))
        })?;
    }
    if let Some(light) = told_background(environment) {
        themes.see_background(light);
    }
    if let Some(Setting { value, origin }) = &written.theme {
        themes.choose(value).map_err(|problem| at(Some(origin), &problem))?;
    }
    Ok(themes)
}

fn keys(written: &config::AppearanceSettings) -> Result<Keymap, ConfigError> {
    let wanted = written.keys.iter().map(|(name, keys)| (name.as_str(), keys.value.as_slice()));
    Keymap::custom(wanted).map_err(|Mistake { key, problem }| {
        at(written.keys.get(&key).map(|keys| &keys.origin), &problem)
    })
}

/// What COLORFGBG says, as rxvt and its followers set it: `foreground;background`.
fn told_background(environment: &Environment) -> Option<bool> {
    let value = environment.get("COLORFGBG")?;
    let background: u8 = value.rsplit(';').next()?.parse().ok()?;
    Some(background == 7 || (9..=15).contains(&background))
}

fn at(origin: Option<&ValueOrigin>, problem: &str) -> ConfigError {
    ConfigError::File(match origin {
        Some(origin) => format!("{origin}: {problem}"),
        None => problem.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::config::Overrides;

    fn read(text: &str) -> Result<Appearance, String> {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("config.toml");
        fs::write(&path, text).unwrap();
        let variables = [("ROLODESK_CONFIG", path.to_str().unwrap()), ("TERM", "xterm-256color")];
        let environment = Environment::only(variables, home.path());
        let written = config::AppearanceSettings::load(&environment, &Overrides::default());
        resolve(&written.map_err(|error| error.to_string())?, &environment)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn without_a_word_about_it_everything_is_built_in() {
        let look = read("").unwrap();
        assert!(look.mouse && !look.bell && look.themes.follow_background());
        assert_eq!(look.keys, Keymap::default());
    }

    #[test]
    fn the_annotated_example_looks_as_if_nothing_was_configured_and_explains_every_part() {
        let text = include_str!("../assets/config.toml");
        let look = read(text).unwrap();
        assert_eq!(look.keys, Keymap::default());
        assert!(look.mouse && !look.bell && look.themes.follow_background());
        read(&text.replace("theme = \"auto\"", "theme = \"mine\"")).unwrap();
        for part in ["panel", "selection", "border", "accent", "faint", "queued", "digits"] {
            assert!(text.contains(part), "{part} is not explained");
        }
    }

    #[test]
    fn a_mistake_in_theme_or_keys_is_told_with_file_and_line() {
        for (text, parts) in [
            ("\ntheme = \"drak\"\n", &["config.toml, line 2", "did you mean `dark`"][..]),
            ("[themes.mine]\nfocus = \"red\"\nerorr = \"red\"\n", &["line 3", "`error`"]),
            ("[themes.mine]\nfocus = \"rde\"\n", &["line 2", "theme `mine`", "no colour"]),
            ("[themes.dark]\nfocus = \"red\"\n", &["line 2", "built in"]),
            ("[keys]\n\nsumbit = \"f2\"\n", &["line 3", "did you mean `submit`"]),
            ("[keys]\nresults.retry = \"d\"\n", &["line 2", "`results.discard`"]),
        ] {
            let error = read(text).unwrap_err();
            assert!(parts.iter().all(|part| error.contains(part)), "{error}");
        }
    }

    #[test]
    fn what_the_policy_or_a_switch_forbids_has_no_key() {
        let home = tempfile::tempdir().unwrap();
        let system = home.path().join("etc/rolodesk/config.toml");
        fs::create_dir_all(system.parent().unwrap()).unwrap();
        fs::write(system, "allow = [\"create\", \"copy\"]\n").unwrap();
        let variables = [
            ("ROLODESK_HOST", "https://a.b"),
            ("ROLODESK_STREAM_ID", "s"),
            ("ROLODESK_ACCOUNT_ID", "a"),
            ("ROLODESK_TOKEN", "t"),
            ("ROLODESK_CLIPBOARD", "false"),
        ];
        let environment = Environment::only(variables, home.path());
        let config = Config::load(&environment, &Overrides::default()).unwrap();
        let (mut look, mut expected) = (read("").unwrap(), Keymap::default());
        restrict(&mut look, &config);
        for deed in [Deed::Update, Deed::Delete, Deed::Copy] {
            expected.forbid(deed);
        }
        assert_eq!(look.keys, expected);
    }

    #[test]
    fn colorfgbg_is_understood() {
        let home = std::path::Path::new("/");
        for (value, light) in [
            ("15;0", Some(false)),
            ("0;15", Some(true)),
            ("0;default;7", Some(true)),
            ("0;8", Some(false)),
            ("default;default", None),
            ("", None),
        ] {
            assert_eq!(
                told_background(&Environment::only([("COLORFGBG", value)], home)),
                light,
                "{value}"
            );
        }
    }
}
