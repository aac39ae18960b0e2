//! How a theme's line is written: `#ff7a85 on black bold underlined`.

use ratatui::style::{Color, Modifier, Style};

/// The sixteen names, as terminals number them.
const NAMES: [(&str, Color); 17] = [
    ("default", Color::Reset),
    ("black", Color::Black),
    ("red", Color::Red),
    ("green", Color::Green),
    ("yellow", Color::Yellow),
    ("blue", Color::Blue),
    ("magenta", Color::Magenta),
    ("cyan", Color::Cyan),
    ("gray", Color::Gray),
    ("dark-gray", Color::DarkGray),
    ("light-red", Color::LightRed),
    ("light-green", Color::LightGreen),
    ("light-yellow", Color::LightYellow),
    ("light-blue", Color::LightBlue),
    ("light-magenta", Color::LightMagenta),
    ("light-cyan", Color::LightCyan),
    ("white", Color::White),
];

const ATTRIBUTES: [(&str, Modifier); 5] = [
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("italic", Modifier::ITALIC),
    ("underlined", Modifier::UNDERLINED),
    ("reversed", Modifier::REVERSED),
];

/// Reads what a part is drawn with.
///
/// # Errors
/// A sentence with the word that is wrong and what may stand there.
pub(super) fn parse(text: &str) -> Result<Style, String> {
    let mut style = Style::new();
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        let lower = word.to_ascii_lowercase();
        if lower == "on" {
            let back = words.next().ok_or("`on` needs a colour behind it")?;
            style.bg = Some(color(back)?);
        } else if let Some((_, attribute)) = ATTRIBUTES.iter().find(|(name, _)| *name == lower) {
            style = style.add_modifier(*attribute);
        } else if style.fg.is_some() {
            return Err(format!("`{word}` is one colour too many; write `on` before a background"));
        } else {
            style.fg = Some(color(word)?);
        }
    }
    Ok(style)
}

fn color(word: &str) -> Result<Color, String> {
    let lower = word.to_ascii_lowercase().replace("grey", "gray").replace('_', "-");
    let digits = lower.strip_prefix('#').filter(|it| it.len() == 6 && it.is_ascii());
    let channel = |from: usize| {
        let pair = digits?.get(from..from + 2)?;
        u8::from_str_radix(pair, 16).ok()
    };
    let rgb = || Some(Color::Rgb(channel(0)?, channel(2)?, channel(4)?));
    let named = || NAMES.iter().find(|(name, _)| *name == lower).map(|(_, color)| *color);
    let index = || lower.parse().ok().map(Color::Indexed);
    named().or_else(rgb).or_else(index).ok_or_else(|| {
        let known = NAMES.map(|(name, _)| name).join(", ");
        format!("`{word}` is no colour; write #rrggbb, a number from 0 to 255, or {known}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_backgrounds_and_attributes_are_read() {
        let wanted = Style::new().fg(Color::Rgb(255, 122, 133)).bg(Color::Black);
        assert_eq!(parse("#FF7A85 on black"), Ok(wanted));
        assert_eq!(
            parse("208 bold reversed"),
            Ok(Style::new().fg(Color::Indexed(208)).bold().reversed())
        );
        assert_eq!(parse("dark-grey"), Ok(Style::new().fg(Color::DarkGray)));
        assert_eq!(parse("on blue"), Ok(Style::new().bg(Color::Blue)));
        assert_eq!(parse(""), Ok(Style::new()));
    }

    #[test]
    fn a_word_that_is_none_is_told_with_what_may_stand_there() {
        for (text, part) in [
            ("purpel", "`purpel` is no colour"),
            ("#ff00", "#rrggbb"),
            ("#ff00zz", "no colour"),
            ("#äöü", "no colour"),
            ("256", "0 to 255"),
            ("red blue", "one colour too many"),
            ("red on", "needs a colour"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
