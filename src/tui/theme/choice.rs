//! Which themes there are, built in and custom, and which one is in use.

use std::collections::BTreeMap;

use ratatui::style::Style;

use super::{Depth, Theme, ThemePart, nearest, spec};

/// The built-in themes; a test reads each of these files.
pub(super) const BUILT_IN: [(&str, &str); 3] = [
    ("dark", include_str!("../../../assets/themes/dark.toml")),
    ("light", include_str!("../../../assets/themes/light.toml")),
    ("high-contrast", include_str!("../../../assets/themes/high-contrast.toml")),
];

/// What the configuration says when the terminal's background is to decide.
const AUTO: &str = "auto";
/// What a custom theme may name besides parts: the theme it starts from.
const BASE: &str = "base";

/// A mistake in what was configured: the key, and a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The key it is about.
    pub key: String,
    /// What is wrong and what is allowed.
    pub problem: String,
}

/// All themes of this terminal, and the chosen one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Themes {
    list: Vec<(String, Theme)>,
    chosen: usize,
    /// Whether the terminal's background still decides.
    auto: bool,
    depth: Depth,
}

impl Themes {
    /// The built-in ones for a terminal with these colours and, or not, more than ASCII.
    #[must_use]
    pub fn new(depth: Depth, unicode: bool) -> Self {
        let list = BUILT_IN.map(|(name, file)| {
            let lines: BTreeMap<String, String> = toml::from_str(file).unwrap_or_default();
            let mut theme = Theme::plain(unicode);
            for (part, text) in &lines {
                if let (Some(part), Ok(style)) = (ThemePart::named(part), spec::parse(text)) {
                    theme.set(part, adapted(style, depth));
                }
            }
            (name.to_owned(), theme)
        });
        Self { list: list.into(), chosen: 0, auto: true, depth }
    }

    /// Adds a custom theme; what it does not name is as in its `base`, mostly `dark`.
    ///
    /// # Errors
    /// The key that names no part, or whose value cannot be read.
    pub fn add<'a>(
        &mut self,
        name: &str,
        lines: impl Iterator<Item = (&'a str, &'a str)> + Clone,
    ) -> Result<(), Mistake> {
        let mistake = |key: &str, problem| Mistake { key: key.to_owned(), problem };
        if name == AUTO || BUILT_IN.iter().any(|(built_in, _)| *built_in == name) {
            let problem = format!("`{name}` is built in; give yours another name");
            return Err(mistake(BASE, problem));
        }
        let base = lines.clone().find(|(key, _)| *key == BASE).map_or("dark", |(_, base)| base);
        let base = BUILT_IN.iter().position(|(built_in, _)| *built_in == base);
        let base = base.ok_or_else(|| {
            let names = BUILT_IN.map(|(name, _)| name).join(", ");
            mistake(BASE, format!("`base` may be {names}"))
        })?;
        let mut theme = self.list[base].1;
        for (key, text) in lines.filter(|(key, _)| *key != BASE) {
            let part = ThemePart::named(key).ok_or_else(|| mistake(key, unknown_part(key)))?;
            let style =
                spec::parse(text).map_err(|problem| mistake(key, format!("`{key}`: {problem}")))?;
            theme.set(part, adapted(style, self.depth));
        }
        self.list.push((name.to_owned(), theme));
        Ok(())
    }

    /// Takes the named theme; `auto` leaves it to the terminal's background.
    ///
    /// # Errors
    /// A sentence that lists what there is.
    pub fn choose(&mut self, name: &str) -> Result<(), String> {
        if name == AUTO {
            self.auto = true;
            return Ok(());
        }
        let found = self.list.iter().position(|(known, _)| known == name);
        self.chosen = found.ok_or_else(|| {
            let names = self.list.iter().map(|(name, _)| name.as_str());
            let names: Vec<_> = [AUTO].into_iter().chain(names).collect();
            match nearest(name, names.iter().copied()) {
                Some(near) => format!("there is no theme `{name}`; did you mean `{near}`?"),
                None => format!("there is no theme `{name}`; there are {}", names.join(", ")),
            }
        })?;
        self.auto = false;
        Ok(())
    }

    /// Whether the terminal's background is worth asking for.
    #[must_use]
    pub fn follow_background(&self) -> bool {
        self.auto && self.depth != Depth::None
    }

    /// The terminal told its background; true when that changes the theme.
    pub fn see_background(&mut self, light: bool) -> bool {
        let wanted = usize::from(light);
        let changes = self.follow_background() && self.chosen != wanted;
        if changes {
            self.chosen = wanted;
        }
        changes
    }

    /// The theme in use.
    pub(in crate::tui) fn current(&self) -> Theme {
        self.list[self.chosen].1
    }

    /// Goes on to the next theme; the answer is its name.
    pub(in crate::tui) fn next(&mut self) -> &str {
        self.auto = false;
        self.chosen = (self.chosen + 1) % self.list.len();
        &self.list[self.chosen].0
    }
}

fn adapted(style: Style, depth: Depth) -> Style {
    Style {
        fg: style.fg.and_then(|color| depth.nearest(color)),
        bg: style.bg.and_then(|color| depth.nearest(color)),
        ..style
    }
}

fn unknown_part(key: &str) -> String {
    let names = ThemePart::ALL.map(ThemePart::name);
    match nearest(key, names.into_iter()) {
        Some(near) => format!("a theme has no `{key}`; did you mean `{near}`?"),
        None => format!("a theme has no `{key}`; it has {} and {BASE}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use ratatui::style::{Color, Modifier};

    use super::*;

    fn lines(file: &str) -> BTreeMap<String, String> {
        toml::from_str(file).unwrap()
    }

    #[test]
    fn each_built_in_file_names_every_part_and_nothing_else() {
        for (name, file) in BUILT_IN {
            let lines = lines(file);
            for part in ThemePart::ALL {
                let text = lines.get(part.name()).unwrap_or_else(|| panic!("{name}: {part:?}"));
                spec::parse(text).unwrap_or_else(|why| panic!("{name}: {why}"));
            }
            assert_eq!(lines.len(), ThemePart::ALL.len(), "{name}");
        }
    }

    /// WCAG 2.1, 1.4.3: at least 4.5 to 1 for text; 7 to 1 for the high contrast.
    #[test]
    fn every_part_can_be_read_on_its_background() {
        for (name, grounds, least) in [
            ("dark", &[[0, 0, 0], [0x1d, 0x21, 0x27], [0x28, 0x28, 0x28]][..], 4.5),
            ("light", &[[255, 255, 255], [0xfa, 0xf6, 0xe8]], 4.5),
            ("high-contrast", &[[0, 0, 0]], 7.0),
        ] {
            let mut themes = Themes::new(Depth::True, true);
            themes.choose(name).unwrap();
            let theme = themes.current();
            for part in ThemePart::ALL {
                let style = theme.style(part);
                let Some(Color::Rgb(r, g, b)) = style.fg else { continue };
                let own = match style.bg {
                    Some(Color::Rgb(r, g, b)) => vec![[r, g, b]],
                    _ => grounds.to_vec(),
                };
                for ground in own {
                    let ratio = contrast([r, g, b], ground);
                    let wanted = if part == ThemePart::Border { 3.0 } else { least };
                    assert!(ratio >= wanted, "{name} {part:?} on {ground:?}: {ratio:.2}");
                }
            }
        }
    }

    fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
        let light = |color: [u8; 3]| {
            let [r, g, b] = color.map(|channel| {
                let c = f64::from(channel) / 255.0;
                if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
            });
            0.2126 * r + 0.7152 * g + 0.0722 * b
        };
        let (a, b) = (light(one), light(other));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn sixteen_colours_still_tell_the_states_apart() {
        for name in ["dark", "light"] {
            let mut themes = Themes::new(Depth::Sixteen, true);
            themes.choose(name).unwrap();
            let color = |part| themes.current().style(part).fg.unwrap();
            let told = [
                ThemePart::Good,
                ThemePart::Warning,
                ThemePart::Error,
                ThemePart::Queued,
                ThemePart::Sending,
            ];
            for (at, part) in told.iter().enumerate() {
                for other in &told[at + 1..] {
                    assert_ne!(color(*part), color(*other), "{name}: {part:?} {other:?}");
                }
            }
        }
    }

    #[test]
    fn without_colours_focus_error_and_selection_are_still_plain_to_see() {
        for (name, _) in BUILT_IN {
            let mut themes = Themes::new(Depth::None, true);
            themes.choose(name).unwrap();
            let theme = themes.current();
            for part in ThemePart::ALL {
                let style = theme.style(part);
                assert_eq!((style.fg, style.bg), (None, None), "{name} {part:?}");
            }
            assert!(theme.error().add_modifier.contains(Modifier::BOLD));
            assert!(theme.label(true).add_modifier.contains(Modifier::BOLD));
            assert!(theme.border(true).add_modifier.contains(Modifier::BOLD));
            assert!(theme.selected().add_modifier.contains(Modifier::REVERSED));
        }
    }

    #[test]
    fn a_custom_theme_lies_over_its_base() {
        let mut themes = Themes::new(Depth::True, true);
        let lines = [("base", "light"), ("focus", "#010203 underlined")];
        themes.add("mine", lines.into_iter()).unwrap();
        themes.choose("mine").unwrap();
        let theme = themes.current();
        assert_eq!(theme.style(ThemePart::Focus).fg, Some(Color::Rgb(1, 2, 3)));
        themes.choose("light").unwrap();
        assert_eq!(theme.style(ThemePart::Good), themes.current().style(ThemePart::Good));
    }

    #[test]
    fn a_mistake_names_its_key_and_what_was_likely_meant() {
        let mut themes = Themes::new(Depth::True, true);
        for (name, line, part) in [
            ("mine", ("focsu", "red"), "did you mean `focus`"),
            ("mine", ("focus", "rde"), "`rde` is no colour"),
            ("mine", ("base", "blue"), "dark, light, high-contrast"),
            ("light", ("focus", "red"), "is built in"),
        ] {
            let mistake = themes.add(name, [line].into_iter()).unwrap_err();
            assert!(mistake.problem.contains(part), "{}", mistake.problem);
        }
        assert!(themes.choose("drak").unwrap_err().contains("did you mean `dark`"));
        assert!(themes.choose("solarized").unwrap_err().contains("auto, dark, light"));
    }

    #[test]
    fn the_background_decides_only_until_somebody_chooses() {
        let mut themes = Themes::new(Depth::True, true);
        let dark = themes.current();
        assert!(themes.see_background(true));
        assert_ne!(themes.current(), dark);
        assert!(!themes.see_background(true));
        themes.choose("dark").unwrap();
        assert!(!themes.see_background(true));
        assert!(!Themes::new(Depth::None, true).see_background(true));
    }
}
