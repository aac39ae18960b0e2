//! Which themes there are, built in and custom, and which one is in use.

use std::collections::BTreeMap;

use ratatui::style::{Color, Style};

use super::{Depth, Theme, ThemePart, nearest, spec};

/// The built-in themes; a test reads each of these files.
pub(super) const BUILT_IN: [(&str, &str); 5] = [
    ("dark", include_str!("../../../assets/themes/dark.toml")),
    ("light", include_str!("../../../assets/themes/light.toml")),
    ("high-contrast", include_str!("../../../assets/themes/high-contrast.toml")),
    ("terminal", include_str!("../../../assets/themes/terminal.toml")),
    ("terminal-light", include_str!("../../../assets/themes/terminal-light.toml")),
];
const DARK: usize = 0;
const LIGHT: usize = 1;
const TERMINAL: usize = 3;
const TERMINAL_LIGHT: usize = 4;

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

/// All themes of this terminal, and the chosen one. A built-in one is read when it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Themes {
    custom: Vec<(String, Theme)>,
    /// Which of the built-in ones and, after them, the custom ones.
    chosen: usize,
    /// The themes for a dark and a light background, while that still decides.
    follows: Option<[usize; 2]>,
    depth: Depth,
    unicode: bool,
}

impl Themes {
    /// The built-in ones for a terminal with these colours and, or not, more than ASCII.
    #[must_use]
    pub fn new(depth: Depth, unicode: bool) -> Self {
        let follows = own_ground(depth);
        Self { custom: Vec::new(), chosen: follows[0], follows: Some(follows), depth, unicode }
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        let custom = self.custom.iter().map(|(name, _)| name.as_str());
        BUILT_IN.into_iter().map(|(name, _)| name).chain(custom)
    }

    fn theme(&self, at: usize) -> Theme {
        let Some((_, file)) = BUILT_IN.get(at) else { return self.custom[at - BUILT_IN.len()].1 };
        let lines: BTreeMap<String, String> = toml::from_str(file).unwrap_or_default();
        let mut theme = Theme::plain(self.unicode);
        for (part, text) in &lines {
            if let (Some(part), Ok(style)) = (ThemePart::named(part), spec::parse(text)) {
                theme.set(part, adapted(part, style, self.depth, self.unicode));
            }
        }
        theme.measured()
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
        let mut theme = self.theme(base);
        let ground = lines.clone().any(|(key, _)| key == "ground");
        for (key, text) in lines.filter(|(key, _)| *key != BASE) {
            let part = ThemePart::named(key).ok_or_else(|| mistake(key, unknown_part(key)))?;
            let style =
                spec::parse(text).map_err(|problem| mistake(key, format!("`{key}`: {problem}")))?;
            let style = adapted(part, style, self.depth, self.unicode);
            theme.set(part, style);
            // In 0.1.0 the text said what everything lies on.
            if part == ThemePart::Text && !ground && style.bg.is_some() {
                theme.set(ThemePart::Ground, Style { bg: style.bg, ..Style::new() });
            }
        }
        self.custom.push((name.to_owned(), theme.measured()));
        Ok(())
    }

    /// Takes the named theme; `auto` leaves it to the terminal's background, and
    /// `terminal` which of its two it is.
    ///
    /// # Errors
    /// A sentence that lists what there is.
    pub fn choose(&mut self, name: &str) -> Result<(), String> {
        if name == AUTO {
            self.follow(own_ground(self.depth));
            return Ok(());
        }
        let found = self.names().position(|known| known == name);
        let found = found.ok_or_else(|| {
            let names: Vec<_> = [AUTO].into_iter().chain(self.names()).collect();
            match nearest(name, names.iter().copied()) {
                Some(near) => format!("there is no theme `{name}`; did you mean `{near}`?"),
                None => format!("there is no theme `{name}`; there are {}", names.join(", ")),
            }
        })?;
        if found == TERMINAL {
            self.follow([TERMINAL, TERMINAL_LIGHT]);
        } else {
            (self.chosen, self.follows) = (found, None);
        }
        Ok(())
    }

    /// Lets the background decide between two; what it is known to be stays.
    fn follow(&mut self, pair: [usize; 2]) {
        let light = [LIGHT, TERMINAL_LIGHT].contains(&self.chosen);
        (self.chosen, self.follows) = (pair[usize::from(light)], Some(pair));
    }

    /// Whether the terminal's background is worth asking for.
    #[must_use]
    pub fn follow_background(&self) -> bool {
        self.follows.is_some() && self.depth != Depth::None
    }

    /// The terminal told its background; true when that changes the theme.
    pub fn see_background(&mut self, light: bool) -> bool {
        let Some(pair) = self.follows.filter(|_| self.follow_background()) else { return false };
        let wanted = pair[usize::from(light)];
        let changes = self.chosen != wanted;
        self.chosen = wanted;
        changes
    }

    /// The theme in use.
    pub(in crate::tui) fn current(&self) -> Theme {
        self.theme(self.chosen)
    }

    /// Goes on to the next theme; the answer is its name.
    pub(in crate::tui) fn next(&mut self) -> &str {
        self.follows = None;
        self.chosen = (self.chosen + 1) % (BUILT_IN.len() + self.custom.len());
        self.names().nth(self.chosen).unwrap_or_default()
    }
}

/// Dark and light paint their own ground only where every colour is what it says.
fn own_ground(depth: Depth) -> [usize; 2] {
    match depth {
        Depth::True => [DARK, LIGHT],
        Depth::None | Depth::Sixteen | Depth::Indexed => [TERMINAL, TERMINAL_LIGHT],
    }
}

/// What the terminal has for it. Sixteen colours are too few for planes, and letters in
/// brackets are no surfaces; a colour that somebody names as one of the sixteen stays.
fn adapted(part: ThemePart, style: Style, depth: Depth, unicode: bool) -> Style {
    let named = |color: &Color| !matches!(color, Color::Rgb(..) | Color::Indexed(_));
    let keeps = |color: &Color| !(depth == Depth::Sixteen && part.is_neutral()) || named(color);
    let surface = |color: &Color| !part.is_plane() || unicode || named(color);
    let there = |color: Option<Color>| color.filter(keeps).filter(surface);
    Style {
        fg: there(style.fg).and_then(|color| depth.nearest(color)),
        bg: there(style.bg).and_then(|color| depth.nearest(color)),
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
mod tests;
